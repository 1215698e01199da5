/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Address validation tokens: RFC 9000 sections 8.1.1 to 8.1.4.
 *
 * What a server wants to be told again when a client comes back with a token.
 * The caller seals the bytes, with a key that only servers know and a nonce, so
 * that nobody can make or read one, and no two are alike.
 */
#ifndef _TQUIC_CORE_TOKEN_H
#define _TQUIC_CORE_TOKEN_H

#include "cid.h"
#include "tuple.h"

/* Tokens that a client brings back; longer ones leave too little room. */
#define TQUIC_TOKEN_MAX		1024
/* What tquic_token_write() needs at most. */
#define TQUIC_TOKEN_PLAIN_MAX	(1 + 4 + 8 + 16 + 2 + \
				 2 * (1 + TQUIC_PKT_CID_MAX))

/* How long tokens are good for, unless the server decides otherwise. */
#define TQUIC_TOKEN_RETRY_LIFE	(30 * TQUIC_NS_PER_SEC)
#define TQUIC_TOKEN_NEW_LIFE	(7 * 86400 * TQUIC_NS_PER_SEC)

/**
 * enum tquic_token_kind - where a token comes from
 * @TQUIC_TOKEN_RETRY: a Retry packet: for the same attempt, at once
 * @TQUIC_TOKEN_NEW: a NEW_TOKEN frame: for a later connection
 */
enum tquic_token_kind {
	TQUIC_TOKEN_RETRY = 1,
	TQUIC_TOKEN_NEW,
};

/**
 * struct tquic_token - what a token says
 * @kind: enum tquic_token_kind
 * @version: QUIC version of the connection that it is from: RFC 9369 section 5
 * @issued: when it was made, ns; of a clock that the servers share, and that
 *	goes on when they restart
 * @addr: the client's address
 * @port: its port; Retry only, since the next connection has another
 * @odcid: destination of the client's first Initial; Retry only
 * @rscid: connection ID that the Retry gave; Retry only
 */
struct tquic_token {
	enum tquic_token_kind kind;
	u32 version;
	u64 issued;
	u8 addr[16];
	u16 port;
	struct tquic_cid odcid;
	struct tquic_cid rscid;
};

/**
 * enum tquic_token_verdict - what a token is worth
 * @TQUIC_TOKEN_IGNORE: nothing: as if the client had come without
 * @TQUIC_TOKEN_VALID: it proves the client's address
 * @TQUIC_TOKEN_REFUSE: it is from a Retry, so another Retry would not help: the
 *	attempt should be ended with INVALID_TOKEN
 */
enum tquic_token_verdict {
	TQUIC_TOKEN_IGNORE,
	TQUIC_TOKEN_VALID,
	TQUIC_TOKEN_REFUSE,
};

/**
 * struct tquic_token_seen - the Initial packet that a token came in
 * @now: present time, of the clock that @issued is from
 * @version: of its header
 * @tuple: its addresses
 * @dcid: its destination connection ID
 * @retry_life: how long a token from a Retry is good for, ns
 * @new_life: likewise from NEW_TOKEN
 */
struct tquic_token_seen {
	u64 now;
	u32 version;
	const struct tquic_tuple *tuple;
	const struct tquic_cid *dcid;
	u64 retry_life;
	u64 new_life;
};

bool tquic_token_write(struct tquic_wr *wr, const struct tquic_token *token);
bool tquic_token_read(const void *buf, size_t len, struct tquic_token *token);
enum tquic_token_verdict
tquic_token_check(const struct tquic_token *token,
		  const struct tquic_token_seen *seen);

#endif /* _TQUIC_CORE_TOKEN_H */
