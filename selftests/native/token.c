// SPDX-License-Identifier: GPL-2.0
#include <gnutls/crypto.h>
#include <time.h>

#include "demux.h"
#include "keys.h"
#include "log.h"
#include "token.h"

/* Of a clock that goes on when the server is restarted. */
static u64 tn_token_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * TQUIC_NS_PER_SEC + ts.tv_nsec;
}

static gnutls_aead_cipher_hd_t tn_token_cipher(const struct tn_demux *demux)
{
	static const char label[] = "token";
	gnutls_aead_cipher_hd_t aead;
	u8 key[32];
	gnutls_datum_t datum = { key, sizeof(key) };

	gnutls_hmac_fast(GNUTLS_MAC_SHA256, demux->key, sizeof(demux->key),
			 label, sizeof(label), key);
	if (gnutls_aead_cipher_init(&aead, GNUTLS_CIPHER_AES_256_GCM, &datum))
		tn_die("no cipher for tokens");
	return aead;
}

/**
 * tn_token_seal - make a token that only we can read
 * @demux: has the key
 * @token: what it says; @issued is filled in
 * @out: TN_TOKEN_MAX bytes
 *
 * Return: bytes of it.
 */
u32 tn_token_seal(const struct tn_demux *demux, struct tquic_token *token,
		  u8 *out)
{
	gnutls_aead_cipher_hd_t aead = tn_token_cipher(demux);
	u8 plain[TQUIC_TOKEN_PLAIN_MAX];
	struct tquic_wr wr = tquic_wr_init(plain, sizeof(plain));
	size_t len = TN_TOKEN_MAX - TN_TOKEN_NONCE;

	token->issued = tn_token_clock();
	gnutls_rnd(GNUTLS_RND_NONCE, out, TN_TOKEN_NONCE);
	if (!tquic_token_write(&wr, token) ||
	    gnutls_aead_cipher_encrypt(aead, out, TN_TOKEN_NONCE, NULL, 0,
				       TQUIC_PKT_TAG_LEN, plain,
				       wr.ptr - plain, out + TN_TOKEN_NONCE,
				       &len))
		tn_die("a token cannot be sealed");
	gnutls_aead_cipher_deinit(aead);
	return TN_TOKEN_NONCE + len;
}

static bool tn_token_open(const struct tn_demux *demux, const u8 *data,
			  size_t len, struct tquic_token *token)
{
	gnutls_aead_cipher_hd_t aead;
	u8 plain[TN_TOKEN_MAX];
	size_t out = sizeof(plain);
	int err;

	if (len <= TN_TOKEN_NONCE || len > TN_TOKEN_MAX)
		return false;
	aead = tn_token_cipher(demux);
	err = gnutls_aead_cipher_decrypt(aead, data, TN_TOKEN_NONCE, NULL, 0,
					 TQUIC_PKT_TAG_LEN,
					 data + TN_TOKEN_NONCE,
					 len - TN_TOKEN_NONCE, plain, &out);
	gnutls_aead_cipher_deinit(aead);
	return !err && tquic_token_read(plain, out, token);
}

/**
 * tn_token_judge - what the token of an Initial packet is worth
 * @demux: has the key
 * @pkt: packet
 * @tuple: its addresses
 * @token: filled if it can be read
 *
 * Return: see enum tquic_token_verdict.
 */
enum tquic_token_verdict tn_token_judge(const struct tn_demux *demux,
					const struct tquic_pkt *pkt,
					const struct tquic_tuple *tuple,
					struct tquic_token *token)
{
	struct tquic_cid dcid = { .len = pkt->dcid_len };
	struct tquic_token_seen seen = {
		.now = tn_token_clock(),
		.version = pkt->version,
		.tuple = tuple,
		.dcid = &dcid,
		.retry_life = TQUIC_TOKEN_RETRY_LIFE,
		.new_life = TQUIC_TOKEN_NEW_LIFE,
	};

	memcpy(dcid.id, pkt->dcid, dcid.len);
	if (!pkt->token_len ||
	    !tn_token_open(demux, pkt->token, pkt->token_len, token))
		return TQUIC_TOKEN_IGNORE;
	return tquic_token_check(token, &seen);
}

/**
 * tn_token_retry - write a Retry packet
 * @demux: has the key
 * @pkt: a client's Initial packet without a token of use
 * @tuple: its addresses
 * @out: where to
 * @room: bytes at @out
 *
 * Return: bytes written.
 */
u32 tn_token_retry(const struct tn_demux *demux, const struct tquic_pkt *pkt,
		   const struct tquic_tuple *tuple, u8 *out, u32 room)
{
	struct tquic_token token = {
		.kind = TQUIC_TOKEN_RETRY,
		.version = pkt->version,
		.port = tuple->remote_port,
		.odcid.len = pkt->dcid_len,
		.rscid.len = TN_CID_LEN,
	};
	u8 sealed[TN_TOKEN_MAX], pseudo[1024];
	struct tquic_wr wr = tquic_wr_init(out, room - TQUIC_PKT_TAG_LEN);
	struct tquic_wr all = tquic_wr_init(pseudo, sizeof(pseudo));
	u32 len;

	memcpy(token.addr, tuple->remote, sizeof(token.addr));
	memcpy(token.odcid.id, pkt->dcid, pkt->dcid_len);
	gnutls_rnd(GNUTLS_RND_RANDOM, token.rscid.id, token.rscid.len);
	len = tn_token_seal(demux, &token, sealed);
	if (!tquic_retry_build(&wr, pkt, token.rscid.id, token.rscid.len,
			       sealed, len, *sealed) ||
	    !tquic_retry_pseudo(&all, pkt->dcid, pkt->dcid_len, out,
				wr.ptr - out))
		tn_die("a Retry packet does not fit");
	tn_key_retry_tag(pkt->version, pseudo, all.ptr - pseudo, wr.ptr);
	return wr.ptr - out + TQUIC_PKT_TAG_LEN;
}
