// SPDX-License-Identifier: GPL-2.0
/*
 * Packets in.
 *
 *   rx queue -> batch: headers freed of protection      without the lock
 *            -> numbers expanded, keys chosen           with it
 *            -> opened                                  without
 *            -> the core                                with
 *
 * Only the session's work receives, so that batches come one after the other.
 */
#include "scratch.h"
#include "sess_rx.h"

static struct kmem_cache *tquic_rx_cache;

/* place in struct tquic_rx_ctx hp; Initial keys are there for both versions */
static unsigned int tquic_rx_hp_no(enum tquic_pkt_type type, u32 version)
{
	return type == TQUIC_PKT_INITIAL && version == TQUIC_VERSION_2 ?
	       TQUIC_SESS_LEVELS : type;
}

/* The skb is gone, whoever freed it. */
static void tquic_rx_destructor(struct sk_buff *skb)
{
	struct tquic_rx_cb *cb = tquic_rx_cb(skb);

	tquic_net_uncharge(cb->tn, cb->charged);
}

/* Accounts an skb for as long as it lives. */
void tquic_rx_own(struct tquic_net *tn, struct sk_buff *skb)
{
	struct tquic_rx_cb *cb = tquic_rx_cb(skb);

	cb->tn = tn;
	cb->charged = skb->truesize;
	skb->destructor = tquic_rx_destructor;
}

static void tquic_rx_release(struct sk_buff *skb)
{
	tquic_udp_put(tquic_rx_cb(skb)->udp.udp);
}

/**
 * tquic_sess_rx - an aggregate was received
 * @sess: session
 * @skb: consumed; its cb is struct tquic_udp_cb
 *
 * Context: softirq or process context.
 */
void tquic_sess_rx(struct tquic_sess *sess, struct sk_buff *skb)
{
	struct tquic_rx_cb *cb = tquic_rx_cb(skb);
	struct tquic_net *tn = sess->tn;

	if (READ_ONCE(sess->dead))
		goto drop;
	if (atomic_add_return(skb->truesize, &sess->rxq_bytes) >
	    TQUIC_SESS_RXQ_MAX) {
		TQUIC_MIB_INC(tn, IN_QUEUE_FULL);
		goto uncount;
	}
	if (!tquic_net_charge(tn, skb->truesize)) {
		TQUIC_MIB_INC(tn, IN_NO_MEM);
		goto uncount;
	}
	tquic_rx_own(tn, skb);
	cb->kept = false;
	tquic_udp_get(cb->udp.udp);
	skb_queue_tail(&sess->rxq, skb);
	tquic_sess_kick(sess);
	return;

uncount:
	atomic_sub(skb->truesize, &sess->rxq_bytes);
drop:
	kfree_skb(skb);
}

static void tquic_rx_purge_queue(struct sk_buff_head *queue)
{
	struct sk_buff *skb;

	while ((skb = skb_dequeue(queue))) {
		tquic_rx_release(skb);
		kfree_skb(skb);
	}
}

/* Nobody receives any more. */
void tquic_sess_rx_purge(struct tquic_sess *sess)
{
	tquic_rx_purge_queue(&sess->rxq);
	tquic_rx_purge_queue(&sess->early);
}

static void tquic_rx_snapshot(struct tquic_rx_ctx *ctx)
{
	struct tquic_sess *sess = ctx->sess;
	struct tquic_sess_key *key;
	unsigned int i;

	ctx->tls_done = sess->core->tls_done;
	for (i = 0; i <= TQUIC_SESS_LEVELS; i++) {
		key = i < TQUIC_SESS_LEVELS ?
		      tquic_sess_rx_hp(sess, i, TQUIC_VERSION_1) :
		      tquic_sess_rx_hp(sess, TQUIC_PKT_INITIAL,
				       TQUIC_VERSION_2);
		ctx->hp[i] = key ? tquic_hp_key_get(key->hp) : NULL;
	}
}

static void tquic_rx_forget(struct tquic_rx_ctx *ctx)
{
	unsigned int i;

	for (i = 0; i <= TQUIC_SESS_LEVELS; i++)
		tquic_hp_key_put(ctx->hp[i]);
}

/* Notes how an skb came, and takes over its reference of the socket. */
static void tquic_rx_note(struct tquic_rx_ctx *ctx, struct sk_buff *skb,
			  unsigned int no)
{
	struct tquic_rx_cb *cb = tquic_rx_cb(skb);
	struct tquic_rx_skb *info = &ctx->skb[no];

	if (cb->kept)
		memcpy(&info->tuple, skb->head, sizeof(info->tuple));
	else
		tquic_udp_tuple(skb, &info->tuple);
	info->now = cb->udp.arrived;
	info->udp = cb->udp.udp;
	info->ecn = cb->udp.ecn;
}

/* Packets without keys: RFC 9001 section 5.7 for those of 1-RTT. */
static bool tquic_rx_openable(const struct tquic_rx_ctx *ctx,
			      const struct tquic_pkt *pkt)
{
	return ctx->hp[tquic_rx_hp_no(pkt->type, pkt->version)] &&
	       (pkt->type != TQUIC_PKT_1RTT || ctx->tls_done);
}

/* Adds a packet to the batch; -ENOSPC when it is full. */
static int tquic_rx_add(struct tquic_rx_ctx *ctx, const struct tquic_pkt *pkt,
			u32 off, u32 dgram_len)
{
	struct tquic_rx_pkt *info;
	int i;

	i = tquic_open_packet(ctx->batch,
			      ctx->hp[tquic_rx_hp_no(pkt->type, pkt->version)],
			      off, pkt->len, pkt->pn_off);
	if (i == -ENOSPC)
		return i;
	if (i < 0) {
		TQUIC_MIB_DROP(ctx->sess->tn, TQUIC_DROP_SAMPLE);
		return 0;
	}
	info = &ctx->pkt[i];
	*info = (struct tquic_rx_pkt){
		.dgram_len = dgram_len,
		.version = pkt->version,
		.type = pkt->type,
		.alone = pkt->type == TQUIC_PKT_1RTT && dgram_len == pkt->len,
	};
	return 0;
}

/* What is rare, and taken one by one. */
static void tquic_rx_odd(struct tquic_rx_ctx *ctx, const struct sk_buff *skb,
			 const struct tquic_pkt *pkt, u32 dgram_len)
{
	struct tquic_rx_skb *info = &ctx->skb[ctx->batch->nr_skbs - 1];
	struct tquic_sess *sess = ctx->sess;
	struct tquic_rx rx = {
		.now = info->now,
		.tuple = &info->tuple,
		.dgram_len = dgram_len,
	};

	mutex_lock(&sess->lock);
	if (pkt->type < TQUIC_SESS_LEVELS &&
	    sess->core->dropped_keys & BIT(pkt->type)) {
		TQUIC_MIB_DROP(sess->tn, TQUIC_DROP_KEYS);
		goto unlock;
	}
	switch (pkt->type) {
	case TQUIC_PKT_RETRY:
		tquic_sess_odd_retry(sess, pkt, info->now);
		break;
	case TQUIC_PKT_VN:
		tquic_sess_odd_vn(sess, pkt);
		break;
	default:
		tquic_conn_unopened(sess->core, &rx, false);
		tquic_sess_odd_keep(sess, skb, &info->tuple, pkt->ptr,
				    pkt->len);
	}
unlock:
	mutex_unlock(&sess->lock);
}

/* A datagram of a buffer in one piece. */
static int tquic_rx_walk(struct tquic_rx_ctx *ctx, const struct sk_buff *skb,
			 u32 off, u32 len, u32 dgram_len)
{
	/* one that was kept has passed the check of its datagram's size */
	u32 size = tquic_rx_cb(skb)->kept ? TQUIC_DGRAM_MIN : len;
	struct tquic_sess *sess = ctx->sess;
	struct tquic_pkt_walk walk;
	enum tquic_drop drop;
	struct tquic_pkt pkt;
	int err = 0;

	tquic_pkt_walk_init(&walk, skb->data + off, len, TQUIC_CID_LEN, false);
	while (!err && tquic_pkt_next(&walk, &pkt, &drop)) {
		if (!drop)
			drop = tquic_pkt_check_role(&pkt, size,
						    sess->core->server);
		if (drop)
			TQUIC_MIB_DROP(sess->tn, drop);
		else if (pkt.type >= TQUIC_SESS_LEVELS ||
			 pkt.type == TQUIC_PKT_RETRY ||
			 !tquic_rx_openable(ctx, &pkt))
			tquic_rx_odd(ctx, skb, &pkt, dgram_len);
		else
			err = tquic_rx_add(ctx, &pkt, pkt.ptr - skb->data,
					   dgram_len);
		dgram_len = 0;
	}
	return err;
}

/* A datagram with nothing but a short header in front of it. */
static int tquic_rx_short(struct tquic_rx_ctx *ctx, const struct sk_buff *skb,
			  u32 off, u32 len, u32 dgram_len, u8 first)
{
	struct tquic_pkt pkt = {
		.len = len,
		.pn_off = 1 + TQUIC_CID_LEN,
		.type = TQUIC_PKT_1RTT,
	};

	if (!(first & TQUIC_PKT_FIXED)) {
		TQUIC_MIB_DROP(ctx->sess->tn, TQUIC_DROP_FIXED_BIT);
		return 0;
	}
	if (tquic_rx_openable(ctx, &pkt))
		return tquic_rx_add(ctx, &pkt, off, dgram_len);
	return tquic_rx_walk(ctx, skb, off, len, dgram_len);
}

/* Adds one datagram of a buffer; -ENOSPC when the batch is full. */
static int tquic_rx_dgram(struct tquic_rx_ctx *ctx, const struct sk_buff *skb,
			  u32 off, u32 len)
{
	u32 dgram_len = tquic_rx_cb(skb)->kept ? 0 : len;
	u8 first;

	if (skb_copy_bits(skb, off, &first, 1))
		return 0;
	if (!(first & TQUIC_INV_LONG))
		return tquic_rx_short(ctx, skb, off, len, dgram_len, first);
	return tquic_rx_walk(ctx, skb, off, len, dgram_len);
}

/*
 * Whether a buffer has to be in one piece, which it must be before it enters
 * the batch: what is parsed by tquic_rx_walk(), so all but short headers with
 * keys.
 */
static bool tquic_rx_wants_linear(const struct tquic_rx_ctx *ctx,
				  const struct sk_buff *skb, u32 size)
{
	const struct tquic_pkt pkt = { .type = TQUIC_PKT_1RTT };
	u32 off;
	u8 first;

	if (!tquic_rx_openable(ctx, &pkt))
		return true;

	for (off = 0; off < skb->len; off += size)
		if (!skb_copy_bits(skb, off, &first, 1) &&
		    first & TQUIC_INV_LONG)
			return true;
	return false;
}

/*
 * Adds a buffer to the batch, which takes it over.  One that does not fit any
 * more waits for the next; returns false then.
 */
static bool tquic_rx_buffer(struct tquic_rx_ctx *ctx, struct sk_buff *skb)
{
	u32 size = skb_shinfo(skb)->gso_size ?: skb->len;
	struct tquic_aead_batch *b = ctx->batch;
	u32 off, n;
	int no;

	n = size ? DIV_ROUND_UP(skb->len, size) : 0;
	if (!n || n > TQUIC_RX_MAX)
		goto bad;
	/* packets of a coalesced datagram take room, too: see -ENOSPC below */
	if (b->n && b->n + n > TQUIC_RX_MAX)
		return false;
	if (skb_is_nonlinear(skb) && tquic_rx_wants_linear(ctx, skb, size) &&
	    skb_linearize(skb))
		goto bad;
	no = tquic_open_skb(b, skb);
	if (no == -ENOSPC)
		return false;
	if (no < 0)
		goto bad;
	tquic_rx_note(ctx, skb, no);
	for (off = 0; off < skb->len; off += size)
		if (tquic_rx_dgram(ctx, skb, off, min(size, skb->len - off)))
			TQUIC_MIB_INC(ctx->sess->tn, IN_NO_MEM);
	return true;

bad:
	TQUIC_MIB_INC(ctx->sess->tn, IN_BAD);
	tquic_rx_release(skb);
	kfree_skb(skb);
	return true;
}

/* Packets that came early are first, then those of the queue. */
static void tquic_rx_gather(struct tquic_rx_ctx *ctx,
			    struct sk_buff_head *early)
{
	struct tquic_sess *sess = ctx->sess;
	struct sk_buff *skb;
	u32 charged;

	while ((skb = __skb_dequeue(early)))
		if (!tquic_rx_buffer(ctx, skb)) {
			__skb_queue_head(early, skb);
			return;
		}
	while ((skb = skb_dequeue(&sess->rxq))) {
		charged = tquic_rx_cb(skb)->charged;
		if (!tquic_rx_buffer(ctx, skb)) {
			skb_queue_head(&sess->rxq, skb);
			return;
		}
		atomic_sub(charged, &sess->rxq_bytes);
	}
}

/* A token is read before its packet is opened into another buffer. */
static void tquic_rx_tokens(struct tquic_rx_ctx *ctx)
{
	struct tquic_aead_batch *b = ctx->batch;
	unsigned int i;

	for (i = 0; i < b->n; i++)
		if (ctx->pkt[i].alone &&
		    skb_copy_bits(b->skb[b->op[i].skb].skb, b->op[i].off +
				  b->op[i].len - TQUIC_RESET_TOKEN_LEN,
				  ctx->pkt[i].token, TQUIC_RESET_TOKEN_LEN))
			ctx->pkt[i].alone = false;
}

static void tquic_rx_opened(struct tquic_aead_batch *b, void *arg)
{
	struct tquic_rx_ctx *ctx = arg;

	complete(&ctx->done);
}

static void tquic_rx_count(struct tquic_rx_ctx *ctx)
{
	const struct tquic_aead_stats *stats = &ctx->batch->stats;
	struct tquic_net *tn = ctx->sess->tn;

	TQUIC_MIB_ADD(tn, IN_PACKETS, stats->in_place + stats->copied);
	if (stats->bad)
		TQUIC_MIB_ADD(tn, IN_BAD, stats->bad);
	if (stats->copied)
		TQUIC_MIB_ADD(tn, COPIED, stats->copied);
	if (stats->async)
		TQUIC_MIB_ADD(tn, ASYNC_CRYPTO, stats->async);
}

/* The lock is held at both ends, and dropped in between. */
static void tquic_rx_batch(struct tquic_rx_ctx *ctx,
			   struct sk_buff_head *early)
{
	struct tquic_aead_batch *b = ctx->batch;
	struct tquic_sess *sess = ctx->sess;
	unsigned int i;

	tquic_rx_snapshot(ctx);
	mutex_unlock(&sess->lock);
	tquic_rx_gather(ctx, early);
	if (b->n) {
		tquic_open_unprotect(b);
		tquic_rx_tokens(ctx);
		mutex_lock(&sess->lock);
		tquic_rx_choose_keys(ctx);
		mutex_unlock(&sess->lock);
		init_completion(&ctx->done);
		tquic_open_submit(b, tquic_rx_opened, ctx);
		wait_for_completion(&ctx->done);
		tquic_rx_count(ctx);
	}
	mutex_lock(&sess->lock);
	if (b->n)
		tquic_rx_enter(ctx);
	for (i = 0; i < b->nr_skbs; i++)
		tquic_udp_put(ctx->skb[i].udp);
	tquic_rx_forget(ctx);
}

bool tquic_sess_rx_waits(const struct tquic_sess *sess)
{
	return !skb_queue_empty_lockless(&sess->rxq) ||
	       (!skb_queue_empty(&sess->early) &&
		test_bit(TQUIC_SESS_F_REPLAY, &sess->flags));
}

/**
 * tquic_sess_rx_some - receive a batch
 * @sess: session, not dead; the lock is held, dropped, and taken again
 *
 * Return: whether there was anything.
 */
bool tquic_sess_rx_some(struct tquic_sess *sess)
{
	struct sk_buff_head early;
	struct tquic_rx_ctx *ctx;
	bool replay;

	replay = !skb_queue_empty(&sess->early) &&
		 test_and_clear_bit(TQUIC_SESS_F_REPLAY, &sess->flags);
	if (skb_queue_empty_lockless(&sess->rxq) && !replay)
		return false;
	ctx = kmem_cache_alloc(tquic_rx_cache, GFP_KERNEL);
	if (!ctx)
		return false;
	ctx->sess = sess;
	ctx->dcid_len = U8_MAX;
	ctx->cid = NULL;
	ctx->batch = tquic_aead_batch_alloc(GFP_KERNEL);
	if (!ctx->batch) {
		kmem_cache_free(tquic_rx_cache, ctx);
		return false;
	}
	__skb_queue_head_init(&early);
	if (replay)
		skb_queue_splice_tail_init(&sess->early, &early);
	tquic_rx_batch(ctx, &early);
	/* what did not fit comes first the next time */
	if (!skb_queue_empty(&early)) {
		skb_queue_splice(&early, &sess->early);
		set_bit(TQUIC_SESS_F_REPLAY, &sess->flags);
	}
	tquic_aead_batch_free(ctx->batch);
	kmem_cache_free(tquic_rx_cache, ctx);
	return true;
}

int __init tquic_sess_rx_init(void)
{
	tquic_rx_cache = tquic_scratch_cache("tquic_rx",
					     sizeof(struct tquic_rx_ctx));
	return tquic_rx_cache ? 0 : -ENOMEM;
}

void tquic_sess_rx_exit(void)
{
	kmem_cache_destroy(tquic_rx_cache);
}
