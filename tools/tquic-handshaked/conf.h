/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /etc/tquic/handshaked.conf: the agent's own settings in [agent], and
 * profiles, which are all other sections.  Loaded as a whole and immutable
 * then: a reload makes another one, and handshakes keep what they began with.
 */
#ifndef _TQUIC_HANDSHAKED_CONF_H
#define _TQUIC_HANDSHAKED_CONF_H

#include <gnutls/gnutls.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "psk.h"

#define TH_CONF_FILE		"/etc/tquic/handshaked.conf"
#define TH_CONF_DEFAULT		"default"
/* keys of tquicd(8), which replaces the file whenever it likes */
#define TH_CONF_TQUICD		"tquicd"
#define TH_CONF_TQUICD_PSK	"/run/tquicd/psk"
#define TH_CONF_NAME_MAX	63
#define TH_CONF_USERS_MAX	32
#define TH_CONF_PROFILES_MAX	1024
/* bytes of what GnuTLS makes session ticket keys from */
#define TH_CONF_TICKET_KEY	64

#define TH_PEM			GNUTLS_X509_FMT_PEM
#define TH_DER			GNUTLS_X509_FMT_DER

enum th_conf_clients {
	TH_CONF_CLIENTS_NONE,	/* they show no certificate */
	TH_CONF_CLIENTS_ASK,	/* they may */
	TH_CONF_CLIENTS_REQUIRE, /* they have to */
};

/**
 * struct th_profile - who we are and whom we trust
 * @next: in the file
 * @name: section
 * @psk: file or directory of keys
 * @certificate: file with the own certificate and its chain
 * @private_key: its key's file
 * @ca: file of whom to trust, NULL for the system's
 * @public_key: file with the own raw public key, with @private_key
 * @trusted_keys: file of peers' raw public keys
 * @ciphers: names, as in a priority string
 * @groups: likewise
 * @clients: whether a server asks for certificates
 * @tickets: sessions may be resumed
 * @early: 0-RTT may be offered and accepted, with a socket that asks for it
 * @foreign: handshakes of other network namespaces may use it
 * @users: whose sockets may use it; any without
 * @nr_users: how many
 * @store: what @psk holds
 * @x509: certificates, what GnuTLS makes of them
 * @raw: raw public keys, likewise
 * @trusted: keys that @trusted_keys holds, DER
 * @nr_trusted: how many
 * @ticket_key: seals a server's tickets
 */
struct th_profile {
	struct th_profile *next;
	char name[TH_CONF_NAME_MAX + 1];
	char *psk;
	char *certificate;
	char *private_key;
	char *ca;
	char *public_key;
	char *trusted_keys;
	char *ciphers;
	char *groups;
	enum th_conf_clients clients;
	bool tickets;
	bool early;
	bool foreign;
	uid_t users[TH_CONF_USERS_MAX];
	unsigned int nr_users;
	struct th_psk_store store;
	gnutls_certificate_credentials_t x509;
	gnutls_certificate_credentials_t raw;
	gnutls_datum_t *trusted;
	unsigned int nr_trusted;
	unsigned char ticket_key[TH_CONF_TICKET_KEY];
};

/**
 * struct th_stamp - tells whether a file is the one that it was
 * @inode: number, 0 if there was none
 * @changed: when
 */
struct th_stamp {
	ino_t inode;
	struct timespec changed;
};

/**
 * struct th_conf - a configuration
 * @refs: users
 * @profiles: at least the one that is called "default"
 * @nr_profiles: how many
 * @stamp: what was known of TH_CONF_TQUICD_PSK when it was read
 * @workers: threads, 0 for one per processor
 * @linger: seconds that a client waits for tickets
 * @state_dir: where tickets are kept, NULL for nowhere
 * @keylog: file for secrets (SSLKEYLOGFILE), NULL for none
 */
struct th_conf {
	atomic_uint refs;
	struct th_profile *profiles;
	unsigned int nr_profiles;
	struct th_stamp stamp;
	unsigned int workers;
	unsigned int linger;
	char *state_dir;
	char *keylog;
};

/* NULL with every error logged; a file that is not there is an empty one */
struct th_conf *th_conf_load(const char *path, bool must_exist);
struct th_conf *th_conf_get(struct th_conf *conf);
void th_conf_put(struct th_conf *conf);
/* whether tquicd's keys are others now; says so once */
bool th_conf_stale(struct th_conf *conf);
/* by name, "" for the default; NULL if there is none */
struct th_profile *th_conf_find(const struct th_conf *conf, const char *name);

/* profile.c: what the files of a profile hold */
bool th_profile_load(struct th_profile *profile, const struct th_conf *conf,
		     const char *path);
void th_profile_free(struct th_profile *profile);

#endif /* _TQUIC_HANDSHAKED_CONF_H */
