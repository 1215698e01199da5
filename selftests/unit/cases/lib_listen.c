// SPDX-License-Identifier: GPL-2.0
#include "lib_listen.h"
#include "tap.h"

struct ll ll;

/* "Seals" a token. */
u32 ll_token(const struct tquic_token *token, u8 *buf)
{
	struct tquic_wr wr = tquic_wr_init(buf, TQUIC_TOKEN_PLAIN_MAX);

	TQ_ASSERT(tquic_token_write(&wr, token));
	return wr.ptr - buf;
}

/* The integrity tag of a Retry: a sum of what the real one covers. */
static void retry_tag(const struct tquic_cid *odcid, const u8 *retry, u32 len,
		      u8 *tag)
{
	u8 pseudo[2048];
	struct tquic_wr wr = tquic_wr_init(pseudo, sizeof(pseudo));
	const u8 *p;

	TQ_ASSERT(tquic_retry_pseudo(&wr, odcid->id, odcid->len, retry, len));
	memset(tag, 0, TQUIC_PKT_TAG_LEN);
	for (p = pseudo; p < wr.ptr; p++)
		tag[(p - pseudo) % TQUIC_PKT_TAG_LEN] += *p;
}

void ll_retry(struct lp *lp, const struct tquic_pkt *initial,
	      const struct tquic_tuple *tuple)
{
	struct tquic_token token = {
		.kind = TQUIC_TOKEN_RETRY,
		.version = initial->version,
		.issued = lp->now,
		.port = tuple->remote_port,
		.odcid.len = initial->dcid_len,
		.rscid.len = 8,
	};
	u8 sealed[TQUIC_TOKEN_PLAIN_MAX], out[512];
	struct tquic_wr wr = tquic_wr_init(out, sizeof(out));
	struct tquic_cid odcid;

	memcpy(token.addr, tuple->remote, sizeof(token.addr));
	memcpy(token.odcid.id, initial->dcid, initial->dcid_len);
	odcid = token.odcid;
	tq_rand_bytes(token.rscid.id, token.rscid.len);
	ll.rscid = token.rscid;
	TQ_ASSERT(tquic_retry_build(&wr, initial, token.rscid.id,
				    token.rscid.len, sealed,
				    ll_token(&token, sealed), 0));
	retry_tag(&odcid, out, wr.ptr - out, wr.ptr);
	*wr.ptr ^= ll.bad_tag;
	ll.retries++;
	lp_say(lp, 1, tuple, out, wr.ptr - out + TQUIC_PKT_TAG_LEN);
}

void ll_vn(struct lp *lp, const struct tquic_pkt *initial,
	   const struct tquic_tuple *tuple, const u32 *versions,
	   unsigned int count)
{
	u8 out[512];
	struct tquic_wr wr = tquic_wr_init(out, sizeof(out));

	TQ_ASSERT(tquic_vn_build(&wr, initial, versions, count, 0));
	ll.vns++;
	lp_say(lp, 1, tuple, out, wr.ptr - out);
}

/* What a token in an Initial is worth. */
static enum tquic_token_verdict judge(const struct lp *lp,
				      const struct tquic_pkt *pkt,
				      const struct tquic_tuple *tuple,
				      struct tquic_token *token)
{
	struct tquic_cid dcid = { .len = pkt->dcid_len };
	struct tquic_token_seen seen = {
		.now = lp->now,
		.version = pkt->version,
		.tuple = tuple,
		.dcid = &dcid,
		.retry_life = ll.life,
		.new_life = TQUIC_TOKEN_NEW_LIFE,
	};

	memcpy(dcid.id, pkt->dcid, dcid.len);
	if (!pkt->token_len ||
	    !tquic_token_read(pkt->token, pkt->token_len, token))
		return TQUIC_TOKEN_IGNORE;
	return tquic_token_check(token, &seen);
}

/* The server has no connection yet. */
static bool server(struct lp *lp, const struct tquic_pkt *pkt,
		   enum tquic_drop drop, u32 dgram_len,
		   const struct tquic_tuple *tuple)
{
	const struct tquic_tparam_versions *v = &ll.config.versions[1];
	static const u32 v1 = TQUIC_VERSION_1;
	struct lp_config config = ll.config;
	struct tquic_cid odcid = { .len = pkt->dcid_len };
	enum tquic_token_verdict verdict;
	struct tquic_token token = {};

	if (tquic_vn_due(pkt, dgram_len, v->count ? v->available : &v1,
			 v->count ?: 1)) {
		ll_vn(lp, pkt, tuple, v->count ? v->available : &v1,
		      v->count ?: 1);
		return true;
	}
	if (drop || pkt->type != TQUIC_PKT_INITIAL ||
	    tquic_pkt_check_role(pkt, dgram_len, true))
		return true;
	verdict = judge(lp, pkt, tuple, &token);
	if (verdict == TQUIC_TOKEN_REFUSE) {
		ll.refused++;
		return true;
	}
	if (ll.retry && verdict == TQUIC_TOKEN_IGNORE) {
		ll_retry(lp, pkt, tuple);
		return true;
	}
	memcpy(odcid.id, pkt->dcid, odcid.len);
	config.version = pkt->version;
	config.validated = verdict == TQUIC_TOKEN_VALID;
	if (config.validated && token.kind == TQUIC_TOKEN_RETRY) {
		odcid = token.odcid;
		config.retry_scid = &token.rscid;
	}
	TQ_ASSERT(lp_make(lp, &config, 1, &odcid));
	if (ll.spoil)
		ll.spoil(&lp->end[1].conn->ours);
	ll.accepted++;
	return false;
}

/* The version is another: start again. */
static void again(struct lp *lp)
{
	struct lp_config config = ll.config;
	struct tquic_cid odcid = { .len = 8 };

	config.version = lp->end[0].conn->vn_version;
	config.vn_reacted = true;
	lp_unmake(lp, 0);
	tq_rand_bytes(odcid.id, odcid.len);
	TQ_ASSERT(lp_make(lp, &config, 0, &odcid));
}

static bool client(struct lp *lp, const struct tquic_pkt *pkt,
		   enum tquic_drop drop)
{
	struct tquic_conn *conn = lp->end[0].conn;
	u8 tag[TQUIC_PKT_TAG_LEN];

	if (drop || (pkt->type != TQUIC_PKT_VN &&
		     pkt->type != TQUIC_PKT_RETRY))
		return false;
	if (pkt->type == TQUIC_PKT_VN) {
		drop = tquic_conn_recv_vn(conn, pkt);
		if (!drop && conn->vn_version)
			again(lp);
	} else {
		drop = tquic_conn_retry_check(conn, pkt);
		retry_tag(&conn->odcid, pkt->ptr,
			  tquic_retry_tag(pkt) - pkt->ptr, tag);
		if (!drop && memcmp(tag, tquic_retry_tag(pkt), sizeof(tag)))
			return true;
		if (!drop)
			drop = tquic_conn_retry(conn, pkt, lp->now,
						GFP_KERNEL);
	}
	ll.drops[drop]++;
	return true;
}

static bool stateless(struct lp *lp, unsigned int to,
		      const struct tquic_pkt *pkt, enum tquic_drop drop,
		      u32 dgram_len, const struct tquic_tuple *tuple)
{
	if (!to)
		return client(lp, pkt, drop);
	return !lp->end[1].conn && server(lp, pkt, drop, dgram_len, tuple);
}

void ll_start(struct lp *lp, const struct lp_config *config, bool retry)
{
	ll = (struct ll){
		.config = *config, .retry = retry,
		.life = TQUIC_TOKEN_RETRY_LIFE,
	};
	ll.config.listen = true;
	lp_start(lp, &ll.config);
	ll.odcid = lp->end[0].conn->odcid;
	lp->stateless = stateless;
}
