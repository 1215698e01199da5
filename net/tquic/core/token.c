// SPDX-License-Identifier: GPL-2.0
/*
 * Address validation tokens.
 */
#include "token.h"

static void tquic_token_write_cid(struct tquic_wr *wr,
				  const struct tquic_cid *cid)
{
	tquic_wr_u8(wr, cid->len);
	tquic_wr_bytes(wr, cid->id, cid->len);
}

/**
 * tquic_token_write - write what is to be sealed
 * @wr: where to, TQUIC_TOKEN_PLAIN_MAX bytes always suffice
 * @token: what the token says
 *
 * Return: false, with @wr in error, when there is no room.
 */
bool tquic_token_write(struct tquic_wr *wr, const struct tquic_token *token)
{
	tquic_wr_u8(wr, token->kind);
	tquic_wr_u32(wr, token->version);
	tquic_wr_u32(wr, token->issued >> 32);
	tquic_wr_u32(wr, token->issued);
	tquic_wr_bytes(wr, token->addr, sizeof(token->addr));
	if (token->kind == TQUIC_TOKEN_RETRY) {
		tquic_wr_u16(wr, token->port);
		tquic_token_write_cid(wr, &token->odcid);
		tquic_token_write_cid(wr, &token->rscid);
	}
	return !wr->err;
}

static void tquic_token_read_cid(struct tquic_rd *rd, struct tquic_cid *cid)
{
	cid->len = tquic_rd_u8(rd);
	if (cid->len > TQUIC_PKT_CID_MAX)
		rd->err = true;
	tquic_rd_copy(rd, cid->id, cid->len);
}

/**
 * tquic_token_read - read what was sealed
 * @buf: token, opened
 * @len: bytes of it
 * @token: filled
 *
 * Return: false when it is not one of ours after all.
 */
bool tquic_token_read(const void *buf, size_t len, struct tquic_token *token)
{
	struct tquic_rd rd = tquic_rd_init(buf, len);

	*token = (struct tquic_token){};
	token->kind = tquic_rd_u8(&rd);
	token->version = tquic_rd_u32(&rd);
	token->issued = (u64)tquic_rd_u32(&rd) << 32;
	token->issued |= tquic_rd_u32(&rd);
	tquic_rd_copy(&rd, token->addr, sizeof(token->addr));
	if (token->kind == TQUIC_TOKEN_RETRY) {
		token->port = tquic_rd_u16(&rd);
		tquic_token_read_cid(&rd, &token->odcid);
		tquic_token_read_cid(&rd, &token->rscid);
	} else if (token->kind != TQUIC_TOKEN_NEW) {
		return false;
	}
	return !rd.err && !tquic_rd_left(&rd);
}

/**
 * tquic_token_check - judge a token
 * @token: what it says
 * @seen: the packet that it came in
 *
 * A token that does not open, or does not read, is to be ignored like one that
 * is missing.  That a token is used only once is for the caller to see to
 * (RFC 9000 section 8.1.4).
 *
 * Return: enum tquic_token_verdict.
 */
enum tquic_token_verdict
tquic_token_check(const struct tquic_token *token,
		  const struct tquic_token_seen *seen)
{
	const struct tquic_tuple *tuple = seen->tuple;
	bool retry = token->kind == TQUIC_TOKEN_RETRY;
	bool good;

	good = token->version == seen->version && token->issued <= seen->now &&
	       seen->now - token->issued <= (retry ? seen->retry_life :
						     seen->new_life) &&
	       !memcmp(token->addr, tuple->remote, sizeof(token->addr));
	if (!retry)
		return good ? TQUIC_TOKEN_VALID : TQUIC_TOKEN_IGNORE;
	good = good && token->port == tuple->remote_port &&
	       tquic_inv_cid_eq(token->rscid.id, token->rscid.len,
				seen->dcid->id, seen->dcid->len);
	return good ? TQUIC_TOKEN_VALID : TQUIC_TOKEN_REFUSE;
}
