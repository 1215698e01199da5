/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TLS 1.3 by GnuTLS, as QUIC wants it: RFC 9001 section 4.
 */
#ifndef _TQUIC_NATIVE_TLS_H
#define _TQUIC_NATIVE_TLS_H

#include <gnutls/gnutls.h>

#include "core/pkt.h"

/**
 * struct tn_tls_config - what sessions start from
 * @server: which end
 * @alpn: protocol, the only one that is spoken
 * @ciphers: part of a priority string that names ciphers, or NULL for all
 * @cert: certificate file of a server; of a client, the one to trust, or NULL
 *	to trust any
 * @key: its key's file
 * @name: name of the server, as the client expects it
 * @early: 0-RTT is offered, or accepted
 */
struct tn_tls_config {
	bool server;
	const char *alpn;
	const char *ciphers;
	const char *cert;
	const char *key;
	const char *name;
	bool early;
};

/**
 * struct tn_tls_ctx - what sessions share
 * @config: configuration
 * @priority: compiled
 * @cred: certificates
 * @ticket_key: of session tickets
 * @replay: of early data, at a server
 * @db: its memory
 * @resume: a client's session of earlier, empty without
 */
struct tn_tls_ctx {
	struct tn_tls_config config;
	gnutls_priority_t priority;
	gnutls_certificate_credentials_t cred;
	gnutls_datum_t ticket_key;
	gnutls_anti_replay_t replay;
	struct tn_tls_seen *db;
	gnutls_datum_t resume;
};

/**
 * struct tn_tls_ops - what a session tells
 * @secret: secrets of a level; NULL for a direction without
 * @crypto: bytes for the peer
 * @announce: writes our transport parameters, returns how many bytes; a
 *	server's after the peer's are known
 * @tparams: the peer's transport parameters; returns whether they will do
 * @ticket: a ticket came, the session can be saved
 */
struct tn_tls_ops {
	void (*secret)(void *arg, enum tquic_pkt_type type,
		       gnutls_cipher_algorithm_t cipher, const u8 *rx,
		       const u8 *tx, size_t len);
	void (*crypto)(void *arg, enum tquic_pkt_type type, const u8 *data,
		       size_t len);
	size_t (*announce)(void *arg, u8 *buf, size_t room);
	bool (*tparams)(void *arg, const u8 *data, size_t len);
	void (*ticket)(void *arg, const gnutls_datum_t *session);
};

/**
 * struct tn_tls - a session
 * @ctx: what it shares with others
 * @session: GnuTLS's
 * @ops: where to tell
 * @arg: for them
 * @alert: TLS alert that ends the connection
 * @failed: there is one
 * @done: the handshake is complete
 */
struct tn_tls {
	struct tn_tls_ctx *ctx;
	gnutls_session_t session;
	const struct tn_tls_ops *ops;
	void *arg;
	u8 alert;
	bool failed;
	bool done;
};

void tn_tls_ctx_init(struct tn_tls_ctx *ctx,
		     const struct tn_tls_config *config);
void tn_tls_ctx_resume(struct tn_tls_ctx *ctx, const u8 *data,
		       unsigned int len);
void tn_tls_ctx_exit(struct tn_tls_ctx *ctx);

void tn_tls_init(struct tn_tls *tls, struct tn_tls_ctx *ctx,
		 const struct tn_tls_ops *ops, void *arg);
void tn_tls_exit(struct tn_tls *tls);
void tn_tls_start(struct tn_tls *tls);
void tn_tls_hear(struct tn_tls *tls, enum tquic_pkt_type type, const u8 *data,
		 size_t len);
const char *tn_tls_suite(const struct tn_tls *tls);
bool tn_tls_resumed(const struct tn_tls *tls);
bool tn_tls_early(const struct tn_tls *tls);

#endif /* _TQUIC_NATIVE_TLS_H */
