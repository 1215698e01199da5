/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TLS 1.3 as QUIC wants it (RFC 9001 section 4), by GnuTLS: handshake bytes in,
 * messages of uapi/linux/tquic_hs.h out.  It knows no file and no netlink.
 */
#ifndef _TQUIC_HANDSHAKED_TLS_H
#define _TQUIC_HANDSHAKED_TLS_H

#include <gnutls/gnutls.h>
#include <linux/tquic.h>
#include <linux/tquic_hs.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "conf.h"
#include "log.h"
#include "ticket.h"

/**
 * struct th_request - what the kernel wants
 * @token: name of the handshake
 * @fd: its file
 * @server: which end we are
 * @early: 0-RTT is allowed
 * @foreign: the connection is in another network namespace
 * @auth: enum tquic_auth
 * @cipher: TLS code point, 0 for any
 * @version: of QUIC, of the first packet
 * @timeout: ms
 * @uid: whose connection it is
 * @psk_key: serial of a key, 0 for none
 * @certificate: likewise
 * @private_key: likewise
 * @remote: address of the peer, IPv6 or IPv4-mapped
 * @remote_port: port of the peer
 * @alpn_len: bytes of @alpn
 * @alpn: protocols as in TLS: length, name, ...
 * @peername: whom a client wants to meet
 * @identity: of a PSK
 * @profile: section of the configuration
 */
struct th_request {
	__u32 token;
	int fd;
	bool server;
	bool early;
	bool foreign;
	__u32 auth;
	__u32 cipher;
	__u32 version;
	__u32 timeout;
	__u32 uid;
	__s32 psk_key;
	__s32 certificate;
	__s32 private_key;
	__u8 remote[16];
	__u16 remote_port;
	__u16 alpn_len;
	__u8 alpn[256];
	char peername[TQUIC_PEERNAME_MAX + 1];
	char identity[TQUIC_IDENTITY_MAX + 1];
	char profile[TQUIC_PROFILE_MAX + 1];
};

/**
 * struct th_tls_ops - whom TLS talks to
 * @emit: a message for the kernel
 * @announce: our transport parameters; what was emitted is known to the kernel
 *	by then; bytes or -errno
 */
struct th_tls_ops {
	void (*emit)(void *arg, enum tquic_hs_type type,
		     enum tquic_hs_level level, const void *data, size_t len);
	int (*announce)(void *arg, void *buf, size_t room);
};

/* ways to prove who one is, as bits */
#define TH_TLS_PSK	1U
#define TH_TLS_X509	2U
#define TH_TLS_RAW	4U

/**
 * struct th_tls - a handshake
 * @request: what is wanted
 * @conf: configuration, a reference
 * @profile: of that
 * @ops: see there
 * @arg: for them
 * @session: GnuTLS's
 * @priority: ciphers and so on
 * @methods: TH_TLS_*
 * @verify: the peer's certificate counts
 * @psk_client: a client's key
 * @psk_server: a server's, asked when one is wanted
 * @own: certificate of the connection's own, from keys
 * @psk: key of the connection's own, @psk.len 0 for none
 * @ticket: what is resumed, NULL for nothing
 * @ticket_name: of sessions with this peer
 * @ticket_key: seals a server's tickets
 * @address: of the peer, as text
 * @tparams: the peer's transport parameters
 * @tparams_len: bytes of these
 * @tparams_due: the kernel does not know them yet
 * @early: early data was accepted
 * @ticketing: sessions may be resumed
 * @resumed: an earlier session was resumed
 * @done: TLS has finished
 * @failed: it is over
 * @alert: TLS alert for the peer, when @failed
 * @status: errno for the user, 0 when @alert tells
 * @tickets: how many came
 * @text: reason, when @failed
 * @identity: who the peer is
 */
struct th_tls {
	struct th_request request;
	struct th_conf *conf;
	struct th_profile *profile;
	const struct th_tls_ops *ops;
	void *arg;
	gnutls_session_t session;
	gnutls_priority_t priority;
	unsigned int methods;
	bool verify;
	gnutls_psk_client_credentials_t psk_client;
	gnutls_psk_server_credentials_t psk_server;
	gnutls_certificate_credentials_t own;
	struct th_psk psk;
	struct th_ticket *ticket;
	unsigned char ticket_name[TH_TICKET_NAME];
	unsigned char ticket_key[TH_CONF_TICKET_KEY];
	char address[64];
	__u8 tparams[TH_TICKET_TPARAMS_MAX];
	size_t tparams_len;
	bool tparams_due;
	bool early;
	bool ticketing;
	bool resumed;
	bool done;
	bool failed;
	__u8 alert;
	int status;
	unsigned int tickets;
	char text[128];
	char identity[TQUIC_IDENTITY_MAX + 1];
};

/* false when it cannot begin: @status and @text tell; th_tls_exit() always */
bool th_tls_init(struct th_tls *tls, struct th_conf *conf,
		 const struct th_request *request,
		 const struct th_tls_ops *ops, void *arg);
void th_tls_exit(struct th_tls *tls);
/* a client's first flight */
void th_tls_start(struct th_tls *tls);
/* handshake bytes came, in order, cut anywhere */
void th_tls_hear(struct th_tls *tls, enum tquic_hs_level level,
		 const void *data, size_t len);

/* among the files of this part */
__printf(4, 5)
bool th_tls_fail(struct th_tls *tls, int status, __u8 alert,
		 const char *format, ...);
/* tls_setup.c */
bool th_tls_setup(struct th_tls *tls);
/* tls_cred.c */
bool th_tls_cred(struct th_tls *tls);
const struct th_psk *th_tls_cred_find_psk(const struct th_tls *tls,
					  const char *identity, size_t len);
/* tls_peer.c: a callback of GnuTLS's, and what is known at the end */
int th_tls_verify(gnutls_session_t session);
bool th_tls_peer(struct th_tls *tls);
/* tls_ticket.c */
void th_tls_ticket_setup(struct th_tls *tls);
void th_tls_ticket_came(struct th_tls *tls);

#endif /* _TQUIC_HANDSHAKED_TLS_H */
