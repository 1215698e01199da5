// SPDX-License-Identifier: GPL-2.0
/* Packets on their way into the core: before and after they are opened. */
#include <linux/gfp.h>

#include "sess_rx.h"

/* What a connection ID leads to, if it is this session's. */
static struct tquic_demux_cid *tquic_rx_find(struct tquic_rx_ctx *ctx,
					     const u8 *id, u8 len)
{
	struct tquic_demux_cid *cid = NULL;
	struct tquic_sess *sess;

	if (len == ctx->dcid_len && !memcmp(id, ctx->dcid, len))
		return ctx->cid;
	if (len > sizeof(ctx->dcid))
		return NULL;
	rcu_read_lock();
	sess = tquic_demux_find(&ctx->sess->tn->demux, id, len, &cid);
	rcu_read_unlock();
	if (sess)
		tquic_sess_put(sess);
	if (sess != ctx->sess)
		cid = NULL;
	memcpy(ctx->dcid, id, len);
	ctx->dcid_len = len;
	ctx->cid = cid;
	return cid;
}

/* The header was parsed before, so its lengths are right. */
static struct tquic_demux_cid *tquic_rx_cid(struct tquic_rx_ctx *ctx,
					    unsigned int i)
{
	const u8 *hdr = ctx->batch->op[i].hdr;
	struct tquic_demux_cid *cid;

	if (ctx->pkt[i].type == TQUIC_PKT_1RTT)
		cid = tquic_rx_find(ctx, hdr + 1, TQUIC_CID_LEN);
	else
		cid = tquic_rx_find(ctx, hdr + 6, hdr[5]);
	/* what the client chose is for its first flight */
	if (cid && cid->alias && ctx->pkt[i].type != TQUIC_PKT_INITIAL &&
	    ctx->pkt[i].type != TQUIC_PKT_0RTT)
		return NULL;
	return cid;
}

static void tquic_rx_scid(const u8 *hdr, struct tquic_cid *scid)
{
	const u8 *p = hdr + 6 + hdr[5];

	scid->len = min_t(u8, *p, sizeof(scid->id));
	memcpy(scid->id, p + 1, scid->len);
}

/* The packet number that is expected next, which short ones are told by. */
static u64 tquic_rx_expected(const struct tquic_conn *core, u32 path_id,
			     enum tquic_pkt_type type)
{
	const struct tquic_space *space;
	const struct tquic_path *path;

	if (type == TQUIC_PKT_INITIAL || type == TQUIC_PKT_HANDSHAKE) {
		space = &core->early[type == TQUIC_PKT_HANDSHAKE];
	} else {
		path = tquic_conn_path(core, path_id);
		if (!path)
			return 0;
		space = &path->space;
	}
	return space->live ? tquic_ackq_next(&space->ackq) : 0;
}

static void tquic_rx_choose(struct tquic_rx_ctx *ctx, unsigned int i)
{
	struct tquic_aead_op *op = &ctx->batch->op[i];
	struct tquic_conn *core = ctx->sess->core;
	struct tquic_rx_pkt *pkt = &ctx->pkt[i];
	struct tquic_demux_cid *cid;
	struct tquic_sess_key *key;
	u32 path_id;
	u64 pn;

	cid = tquic_rx_cid(ctx, i);
	pkt->ours = cid;
	if (!cid || op->err)
		return;
	path_id = cid->alias ? 0 : cid->local.path_id;
	pn = tquic_pkt_pn_decode(tquic_rx_expected(core, path_id, pkt->type),
				 op->pn_trunc, op->pn_len);
	if (pkt->type == TQUIC_PKT_1RTT)
		pkt->gen = tquic_conn_rx_gen(core, path_id, pn,
					     tquic_pkt_key_phase(op->hdr[0]));
	key = tquic_sess_rx_key(ctx->sess, pkt->type, pkt->version, pkt->gen);
	if (key)
		tquic_open_key(ctx->batch, i, key->key, path_id, pn);
}

/**
 * tquic_rx_choose_keys - expand packet numbers and choose keys
 * @ctx: batch, free of header protection; the session's lock is held
 */
void tquic_rx_choose_keys(struct tquic_rx_ctx *ctx)
{
	unsigned int i;

	ctx->dcid_len = U8_MAX;
	for (i = 0; i < ctx->batch->n; i++)
		tquic_rx_choose(ctx, i);
}

/*
 * The payload of a packet that lies in several pieces, put together.  Fails
 * with an answer of NULL.
 */
static void *tquic_rx_join(void *handle, u32 pos, u32 len)
{
	struct page *page;

	page = alloc_pages(GFP_KERNEL | __GFP_COMP | __GFP_NOWARN,
			   get_order(len));
	if (!page)
		return NULL;
	if (tquic_buf_read(handle, pos, page_address(page), len)) {
		put_page(page);
		return NULL;
	}
	return tquic_buf_page(page);
}

/* The core's answer to an opened packet; @rx lacks its payload only. */
static enum tquic_drop tquic_rx_take(struct tquic_sess *sess,
				     struct tquic_rx *rx)
{
	enum tquic_drop drop;
	void *joined;

	rx->payload = tquic_buf_linear(rx->handle, rx->pos, rx->len);
	if (rx->payload)
		return tquic_conn_recv(sess->core, rx, GFP_KERNEL);
	joined = tquic_rx_join(rx->handle, rx->pos, rx->len);
	if (!joined)
		return TQUIC_DROP_MEMORY;
	rx->handle = joined;
	rx->pos = 0;
	rx->payload = page_address(tquic_buf_to_page(joined));
	drop = tquic_conn_recv(sess->core, rx, GFP_KERNEL);
	tquic_buf_put(joined);
	return drop;
}

static void tquic_rx_failed(struct tquic_rx_ctx *ctx, unsigned int i,
			    const struct tquic_rx *rx)
{
	const struct tquic_aead_op *op = &ctx->batch->op[i];
	struct tquic_sess *sess = ctx->sess;

	if (ctx->pkt[i].ours)
		tquic_conn_unopened(sess->core, rx, op->err == -EBADMSG);
	if (ctx->pkt[i].alone)
		tquic_sess_odd_reset(sess, ctx->pkt[i].token, rx->now);
}

/* An answer goes back the way that the packet came. */
static void tquic_rx_route(struct tquic_rx_ctx *ctx, const struct tquic_rx *rx,
			   struct tquic_udp *udp)
{
	if (!tquic_sess_route(ctx->sess, rx->path_id, rx->tuple))
		tquic_sess_route_add(ctx->sess, rx->path_id, rx->tuple, udp);
}

static void tquic_rx_enter_one(struct tquic_rx_ctx *ctx, unsigned int i)
{
	const struct tquic_aead_op *op = &ctx->batch->op[i];
	const struct tquic_rx_skb *how = &ctx->skb[op->skb];
	const struct tquic_rx_pkt *pkt = &ctx->pkt[i];
	struct tquic_sess *sess = ctx->sess;
	struct tquic_rx rx = {
		.now = how->now,
		.path_id = op->path_id,
		.type = pkt->type,
		.pn = op->pn,
		.version = pkt->version,
		.gen = pkt->gen,
		.spin = tquic_pkt_spin(op->hdr[0]),
		.tuple = &how->tuple,
		.ecn = how->ecn,
		.dgram_len = pkt->dgram_len,
	};
	struct tquic_demux_cid *cid = tquic_rx_cid(ctx, i);
	struct tquic_close close;
	enum tquic_drop drop;
	struct tquic_cid scid;

	if (op->err || !cid) {
		tquic_rx_failed(ctx, i, &rx);
		return;
	}
	rx.via = cid->alias ? NULL : &cid->local;
	if (pkt->type != TQUIC_PKT_1RTT) {
		tquic_rx_scid(op->hdr, &scid);
		rx.scid = &scid;
	}
	if (tquic_pkt_check_opened(op->hdr[0], &close)) {
		tquic_conn_close(sess->core, close.code, false, close.reason,
				 rx.now);
		return;
	}
	rx.handle = tquic_buf_skb(ctx->batch->skb[op->skb].skb);
	rx.pos = tquic_open_payload_off(op);
	rx.len = tquic_open_payload_len(op);
	tquic_rx_route(ctx, &rx, how->udp);
	drop = tquic_rx_take(sess, &rx);
	if (drop)
		TQUIC_MIB_DROP(sess->tn, drop);
}

/* Copies that packets were opened into count as much as what was received. */
static void tquic_rx_recharge(struct tquic_rx_ctx *ctx)
{
	struct tquic_net *tn = ctx->sess->tn;
	struct sk_buff *skb;
	unsigned int i;

	for (i = 0; i < ctx->batch->nr_skbs; i++) {
		skb = ctx->batch->skb[i].skb;
		if (skb->destructor)
			continue;
		atomic64_add(skb->truesize, &tn->held);
		tquic_rx_own(tn, skb);
	}
}

/**
 * tquic_rx_enter - opened packets enter the core
 * @ctx: batch; the session's lock is held
 */
void tquic_rx_enter(struct tquic_rx_ctx *ctx)
{
	unsigned int i;

	tquic_rx_recharge(ctx);
	/* IDs may have gone while the lock was not held */
	ctx->dcid_len = U8_MAX;
	for (i = 0; i < ctx->batch->n && !ctx->sess->dead; i++)
		tquic_rx_enter_one(ctx, i);
}
