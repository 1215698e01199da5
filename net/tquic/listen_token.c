// SPDX-License-Identifier: GPL-2.0
/*
 * Tokens that prove addresses, and Retry packets: RFC 9000 section 8.1.
 *
 * A token is sealed by XChaCha20-Poly1305, whose nonce is long enough to be
 * drawn at random for ever.  The key is made from that of the stateless reset
 * tokens and lives as long.
 */
#include <crypto/chacha20poly1305.h>
#include <linux/random.h>

#include "demux.h"
#include "listen_priv.h"

/**
 * tquic_token_key - make the key of a namespace
 * @tn: namespace
 */
void tquic_token_key(struct tquic_net *tn)
{
	u8 *key = tn->listen.token_key;

	BUILD_BUG_ON(TQUIC_LISTEN_KEY != 2 * TQUIC_DEMUX_SECRET_LEN);
	BUILD_BUG_ON(TQUIC_LISTEN_KEY != CHACHA20POLY1305_KEY_SIZE);
	BUILD_BUG_ON(TQUIC_LISTEN_NONCE != XCHACHA20POLY1305_NONCE_SIZE);
	tquic_demux_secret(&tn->demux, "token, first half", key);
	tquic_demux_secret(&tn->demux, "token, second half",
			   key + TQUIC_DEMUX_SECRET_LEN);
}

static u32 tquic_token_seal(const struct tquic_listen_net *ln,
			    struct tquic_token *token, u8 *out)
{
	u8 plain[TQUIC_TOKEN_PLAIN_MAX];
	struct tquic_wr wr = tquic_wr_init(plain, sizeof(plain));

	/* goes on over reboots, unlike the connections' clock */
	token->issued = ktime_get_real_ns();
	if (!tquic_token_write(&wr, token))
		return 0;
	get_random_bytes(out, TQUIC_LISTEN_NONCE);
	xchacha20poly1305_encrypt(out + TQUIC_LISTEN_NONCE, plain,
				  wr.ptr - plain, NULL, 0, out, ln->token_key);
	return TQUIC_LISTEN_NONCE + (wr.ptr - plain) + TQUIC_PKT_TAG_LEN;
}

static bool tquic_token_open(const struct tquic_listen_net *ln, const u8 *data,
			     size_t len, struct tquic_token *token)
{
	u8 plain[TQUIC_TOKEN_PLAIN_MAX];

	if (len <= TQUIC_LISTEN_NONCE + TQUIC_PKT_TAG_LEN ||
	    len > TQUIC_LISTEN_TOKEN)
		return false;
	len -= TQUIC_LISTEN_NONCE;
	return xchacha20poly1305_decrypt(plain, data + TQUIC_LISTEN_NONCE, len,
					 NULL, 0, data, ln->token_key) &&
	       tquic_token_read(plain, len - TQUIC_PKT_TAG_LEN, token);
}

/**
 * tquic_token_judge - what the token of an Initial packet is worth
 * @tn: namespace
 * @pkt: packet
 * @tuple: its addresses
 * @token: filled if it can be read
 *
 * Context: the listeners' work.
 * Return: see enum tquic_token_verdict.
 */
enum tquic_token_verdict
tquic_token_judge(struct tquic_net *tn,
		  const struct tquic_pkt *pkt, const struct tquic_tuple *tuple,
		  struct tquic_token *token)
{
	struct tquic_cid dcid = { .len = pkt->dcid_len };
	struct tquic_token_seen seen = {
		.now = ktime_get_real_ns(),
		.version = pkt->version,
		.tuple = tuple,
		.dcid = &dcid,
		.retry_life = TQUIC_TOKEN_RETRY_LIFE,
		.new_life = TQUIC_TOKEN_NEW_LIFE,
	};

	enum tquic_token_verdict verdict;

	memcpy(dcid.id, pkt->dcid, dcid.len);
	if (!pkt->token_len ||
	    !tquic_token_open(&tn->listen, pkt->token, pkt->token_len, token))
		return TQUIC_TOKEN_IGNORE;
	verdict = tquic_token_check(token, &seen);
	if (verdict != TQUIC_TOKEN_VALID || token->kind != TQUIC_TOKEN_NEW)
		return verdict;
	if (!tquic_once_take(&tn->listen.once, pkt->token, token->issued)) {
		TQUIC_MIB_INC(tn, TOKEN_AGAIN);
		return TQUIC_TOKEN_IGNORE;
	}
	TQUIC_MIB_INC(tn, TOKEN_TAKEN);
	return verdict;
}

/**
 * tquic_token_retry - write a Retry packet
 * @ln: listeners of the namespace
 * @pkt: a client's Initial packet without a token of use
 * @tuple: its addresses
 * @out: where to
 * @room: bytes at @out
 *
 * Return: bytes written, 0 when it cannot be.
 */
u32 tquic_token_retry(const struct tquic_listen_net *ln,
		      const struct tquic_pkt *pkt,
		      const struct tquic_tuple *tuple, u8 *out, u32 room)
{
	struct tquic_token token = {
		.kind = TQUIC_TOKEN_RETRY,
		.version = pkt->version,
		.port = tuple->remote_port,
		.odcid.len = pkt->dcid_len,
		.rscid.len = TQUIC_CID_LEN,
	};
	struct tquic_wr wr = tquic_wr_init(out, room - TQUIC_PKT_TAG_LEN);
	u8 sealed[TQUIC_LISTEN_TOKEN];
	u32 len;

	memcpy(token.addr, tuple->remote, sizeof(token.addr));
	memcpy(token.odcid.id, pkt->dcid, pkt->dcid_len);
	get_random_bytes(token.rscid.id, token.rscid.len);
	len = tquic_token_seal(ln, &token, sealed);
	if (!len || !tquic_retry_build(&wr, pkt, token.rscid.id,
				       token.rscid.len, sealed, len, *sealed))
		return 0;
	if (tquic_aead_retry_tag(pkt->version, pkt->dcid, pkt->dcid_len, out,
				 wr.ptr - out, wr.ptr))
		return 0;
	return wr.ptr - out + TQUIC_PKT_TAG_LEN;
}

/**
 * tquic_listen_token - a token for a client's next connection
 * @tn: namespace
 * @core: connection of a server
 * @out: TQUIC_TOKEN_MAX bytes
 *
 * Return: bytes of it, 0 when there is none to be given.
 */
u32 tquic_listen_token(struct tquic_net *tn, const struct tquic_conn *core,
		       u8 *out)
{
	struct tquic_path *path = tquic_conn_path(core, 0);
	struct tquic_token token = {
		.kind = TQUIC_TOKEN_NEW,
		.version = core->version,
	};

	BUILD_BUG_ON(TQUIC_LISTEN_TOKEN > TQUIC_TOKEN_MAX);
	if (!path)
		return 0;
	memcpy(token.addr, path->tuple.remote, sizeof(token.addr));
	return tquic_token_seal(&tn->listen, &token, out);
}
