/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who we are and whom we trust: what the handshake agent is told.  Immutable
 * once it is shared; a socket that changes an option makes another one.
 */
#ifndef _TQUIC_CRED_H
#define _TQUIC_CRED_H

#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/uidgid.h>

/**
 * struct tquic_cred - credentials and what is negotiated by TLS
 * @ref: users
 * @uid: who made them: the agent reads no keys for him that are another's
 * @auth: enum tquic_auth
 * @early: 0-RTT may be offered or accepted
 * @cipher: TLS code point, 0 for any
 * @psk_key: serial of a key, 0 for none
 * @certificate: likewise
 * @private_key: likewise
 * @alpn_len: bytes of @alpn
 * @alpn: as in TLS: length, name, ...
 * @peername: whom a client wants to meet: SNI and name in the certificate
 * @identity: PSK identity: a client's own; a server takes any that the agent
 *	knows when it is empty
 * @profile: section of the agent's file, empty for the default
 */
struct tquic_cred {
	refcount_t ref;
	kuid_t uid;
	u8 auth;
	bool early;
	u16 cipher;
	s32 psk_key;
	s32 certificate;
	s32 private_key;
	u16 alpn_len;
	u8 alpn[256];
	char peername[256];
	char identity[256];
	char profile[64];
};

struct tquic_cred *tquic_cred_new(gfp_t gfp);
struct tquic_cred *tquic_cred_copy(const struct tquic_cred *from, gfp_t gfp);
struct tquic_cred *tquic_cred_get(struct tquic_cred *cred);
void tquic_cred_put(struct tquic_cred *cred);

#endif /* _TQUIC_CRED_H */
