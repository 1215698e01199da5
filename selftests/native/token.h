/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Address validation by a server that keeps no state: RFC 9000 section 8.1.
 */
#ifndef _TQUIC_NATIVE_TOKEN_H
#define _TQUIC_NATIVE_TOKEN_H

#include "core/token.h"

#define TN_TOKEN_NONCE	12
#define TN_TOKEN_MAX	(TN_TOKEN_NONCE + TQUIC_TOKEN_PLAIN_MAX + \
			 TQUIC_PKT_TAG_LEN)

struct tn_demux;

u32 tn_token_seal(const struct tn_demux *demux, struct tquic_token *token,
		  u8 *out);
enum tquic_token_verdict tn_token_judge(const struct tn_demux *demux,
					const struct tquic_pkt *pkt,
					const struct tquic_tuple *tuple,
					struct tquic_token *token);
u32 tn_token_retry(const struct tn_demux *demux, const struct tquic_pkt *pkt,
		   const struct tquic_tuple *tuple, u8 *out, u32 room);

#endif /* _TQUIC_NATIVE_TOKEN_H */
