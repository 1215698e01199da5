/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a client remembers of a server from one connection to the next.
 */
#ifndef _TQUIC_NATIVE_SESSION_H
#define _TQUIC_NATIVE_SESSION_H

#include "core/token.h"

#define TN_SESSION_TICKET	8192
#define TN_SESSION_TPARAMS	1024

/**
 * struct tn_session - a session
 * @version: QUIC version that it is from
 * @ticket_len: bytes of @ticket
 * @tparams_len: bytes of @tparams
 * @token_len: bytes of @token
 * @ticket: GnuTLS's session data
 * @tparams: the server's transport parameters, as they came
 * @token: from NEW_TOKEN
 */
struct tn_session {
	u32 version;
	u32 ticket_len;
	u32 tparams_len;
	u32 token_len;
	u8 ticket[TN_SESSION_TICKET];
	u8 tparams[TN_SESSION_TPARAMS];
	u8 token[TQUIC_TOKEN_MAX];
};

/* a file without a session is as none */
void tn_session_load(struct tn_session *session, const char *name);
void tn_session_save(const struct tn_session *session, const char *name);

#endif /* _TQUIC_NATIVE_SESSION_H */
