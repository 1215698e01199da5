// SPDX-License-Identifier: GPL-2.0
/*
 * Flows of datagrams, receiving: joining pieces, telling repetitions, order.
 *
 * Every list here is bounded: flows by their number, what is held or incomplete
 * by memory over all flows, pieces per payload, sequence numbers given up by
 * ranges.
 */
#include "dflow.h"

/* sequence numbers begin here inside, so that there is room below the first */
#define TQUIC_DFLOW_SEQ_FIRST	BIT_ULL(TQUIC_DFLOW_SEQ_BITS)

/* How long packets of a class may be held back at most, ns. */
static const u64 tquic_dflow_holds[TQUIC_STREAM_CLASSES] = {
	[TQUIC_STREAM_REALTIME] = 30 * TQUIC_NS_PER_MS,
	[TQUIC_STREAM_INTERACTIVE] = 100 * TQUIC_NS_PER_MS,
	[TQUIC_STREAM_BULK] = TQUIC_REORDER_HOLD_MAX,
	[TQUIC_STREAM_BACKGROUND] = TQUIC_REORDER_HOLD_MAX,
};

/* Begins the receiving part. */
void tquic_dflow_rx_init(struct tquic_dflow_rx *rx)
{
	*rx = (struct tquic_dflow_rx){ .parts = RB_ROOT };
	tquic_reorder_init(&rx->order, TQUIC_DFLOW_SEQ_FIRST,
			   TQUIC_REORDER_HOLD_MAX);
}

static u64 tquic_dflow_cost(const struct tquic_dflow_pkt *pkt)
{
	return pkt->got + sizeof(*pkt) +
	       pkt->count * sizeof(struct tquic_dflow_piece);
}

/* The flow's place among those that wait for time to pass. */
static void tquic_dflow_reschedule(struct tquic_dflows *set,
				   struct tquic_dflow *flow)
{
	tquic_time_t at = tquic_reorder_deadline(&flow->rx.order);
	struct rb_node **link = &set->due.rb_root.rb_node, *parent = NULL;
	bool leftmost = true;

	if (at == flow->due_at)
		return;
	if (flow->due_at != TQUIC_TIME_NEVER)
		rb_erase_cached(&flow->due, &set->due);
	flow->due_at = at;
	if (at == TQUIC_TIME_NEVER)
		return;
	while (*link) {
		parent = *link;
		if (at < rb_entry(parent, struct tquic_dflow, due)->due_at) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			leftmost = false;
		}
	}
	rb_link_node(&flow->due, parent, link);
	rb_insert_color_cached(&flow->due, &set->due, leftmost);
}

/* Payloads that their order has released are to be delivered. */
static void tquic_dflow_deliver(struct tquic_dflows *set,
				struct tquic_dflow *flow,
				struct list_head *out)
{
	struct tquic_dflow_pkt *pkt;

	list_for_each_entry(pkt, out, item.link) {
		set->held -= tquic_dflow_cost(pkt);
		set->stats.received++;
		flow->ready++;
	}
	list_splice_tail_init(out, &set->out);
	tquic_dflow_reschedule(set, flow);
}

/* A payload that is given up. */
static void tquic_dflow_discard(struct tquic_dflows *set,
				struct tquic_dflow_pkt *pkt)
{
	set->held -= tquic_dflow_cost(pkt);
	pkt->flow->ready++;
	tquic_dflow_pkt_free(set, pkt);
}

static void tquic_dflow_part_del(struct tquic_dflow_pkt *pkt)
{
	rb_erase(&pkt->part, &pkt->flow->rx.parts);
	list_del(&pkt->age);
}

/* The receiving part ends. */
void tquic_dflow_rx_end(struct tquic_dflows *set, struct tquic_dflow *flow)
{
	struct tquic_dflow_pkt *pkt, *next;
	struct rb_node *node;
	LIST_HEAD(out);

	tquic_reorder_flush(&flow->rx.order, &out);
	list_for_each_entry_safe(pkt, next, &out, item.link)
		tquic_dflow_discard(set, pkt);
	while ((node = rb_first(&flow->rx.parts))) {
		pkt = rb_entry(node, struct tquic_dflow_pkt, part);
		tquic_dflow_part_del(pkt);
		tquic_dflow_discard(set, pkt);
	}
	tquic_reorder_free(&flow->rx.order);
	tquic_dflow_reschedule(set, flow);
}

/* Gives up what is oldest while all of it together takes too much. */
static void tquic_dflow_shrink(struct tquic_dflows *set)
{
	struct tquic_dflow *flow;
	struct tquic_dflow_pkt *pkt;
	struct rb_node *node;
	LIST_HEAD(out);

	while (set->held > set->held_max) {
		set->stats.crowded++;
		node = rb_first_cached(&set->due);
		if (node) {
			flow = rb_entry(node, struct tquic_dflow, due);
			tquic_reorder_flush(&flow->rx.order, &out);
			tquic_dflow_deliver(set, flow, &out);
			continue;
		}
		pkt = list_first_entry(&set->parts, struct tquic_dflow_pkt,
				       age);
		tquic_dflow_part_del(pkt);
		tquic_dflow_discard(set, pkt);
	}
}

/* What time has decided. */
void tquic_dflow_rx_timeout(struct tquic_dflows *set, tquic_time_t now)
{
	struct tquic_dflow *flow;
	struct tquic_dflow_pkt *pkt;
	struct rb_node *node;
	LIST_HEAD(out);

	while ((node = rb_first_cached(&set->due))) {
		flow = rb_entry(node, struct tquic_dflow, due);
		if (flow->due_at > now)
			break;
		tquic_reorder_timeout(&flow->rx.order, now, &out, GFP_ATOMIC);
		tquic_dflow_deliver(set, flow, &out);
	}
	while (!list_empty(&set->parts)) {
		pkt = list_first_entry(&set->parts, struct tquic_dflow_pkt,
				       age);
		if (pkt->item.time + TQUIC_DFLOW_JOIN > now)
			break;
		set->stats.incomplete++;
		tquic_dflow_part_del(pkt);
		tquic_dflow_discard(set, pkt);
	}
}

/* The sequence number that is meant: the nearest to the highest so far. */
static u64 tquic_dflow_expand(struct tquic_dflow_rx *rx, u32 seq)
{
	u64 half = BIT_ULL(TQUIC_DFLOW_SEQ_BITS - 1), near = rx->order.top;
	u64 full = (near & ~(2 * half - 1)) | seq;

	if (!rx->started) {
		rx->started = true;
		rx->order.next = full;
		rx->order.top = full;
		return full;
	}
	if (full + half <= near)
		return full + 2 * half;
	if (full > near + half && full >= 2 * half)
		return full - 2 * half;
	return full;
}

static struct tquic_dflow_pkt *
tquic_dflow_new_pkt(struct tquic_dflows *set, struct tquic_dflow *flow, u64 seq,
		    tquic_time_t now, gfp_t gfp)
{
	struct tquic_dflow_pkt *pkt = kzalloc_obj(*pkt, gfp);

	if (!pkt) {
		set->stats.nomem++;
		return NULL;
	}
	pkt->flow = flow;
	pkt->item.seq = seq;
	pkt->item.time = now;
	return pkt;
}

/* A payload is complete. */
static void tquic_dflow_arrive(struct tquic_dflows *set,
			       struct tquic_dflow_pkt *pkt, tquic_time_t now,
			       gfp_t gfp)
{
	struct tquic_dflow *flow = pkt->flow;
	struct tquic_reorder_in in = {
		.now = now,
		.leg = pkt->path_id,
		.others = pkt->others,
		.again = pkt->again,
		.gfp = gfp,
	};
	LIST_HEAD(out);

	flow->rx.order.hold = tquic_dflow_holds[pkt->class];
	flow->rx.order.patient = pkt->class > TQUIC_STREAM_INTERACTIVE;
	if (!tquic_reorder_push(&flow->rx.order, &pkt->item, &in, &out)) {
		set->stats.duplicates++;
		tquic_dflow_discard(set, pkt);
	}
	tquic_dflow_deliver(set, flow, &out);
}

static struct tquic_dflow_pkt *tquic_dflow_part_find(struct tquic_dflow *flow,
						     u64 seq,
						     struct rb_node **parent,
						     struct rb_node ***link)
{
	struct tquic_dflow_pkt *pkt;

	*parent = NULL;
	*link = &flow->rx.parts.rb_node;
	while (**link) {
		*parent = **link;
		pkt = rb_entry(*parent, struct tquic_dflow_pkt, part);
		if (pkt->item.seq == seq)
			return pkt;
		*link = seq < pkt->item.seq ? &(*parent)->rb_left :
					      &(*parent)->rb_right;
	}
	return NULL;
}

/* The payload that a piece belongs to. */
static struct tquic_dflow_pkt *tquic_dflow_part(struct tquic_dflows *set,
						struct tquic_dflow *flow,
						u64 seq, tquic_time_t now,
						gfp_t gfp)
{
	struct rb_node *parent, **link;
	struct tquic_dflow_pkt *pkt;

	pkt = tquic_dflow_part_find(flow, seq, &parent, &link);
	if (pkt)
		return pkt;
	if (tquic_reorder_had(&flow->rx.order, seq)) {
		set->stats.duplicates++;
		return NULL;
	}
	pkt = tquic_dflow_new_pkt(set, flow, seq, now, gfp);
	if (!pkt)
		return NULL;
	rb_link_node(&pkt->part, parent, link);
	rb_insert_color(&pkt->part, &flow->rx.parts);
	list_add_tail(&pkt->age, &set->parts);
	set->held += sizeof(*pkt);
	return pkt;
}

/* Does a piece agree with what is known of the payload's length. */
static bool tquic_dflow_piece_sound(const struct tquic_dflow_pkt *pkt,
				    const struct tquic_dflow_piece *what,
				    bool more)
{
	const struct tquic_dflow_piece *piece;
	u32 end = what->off + what->len;

	if (pkt->len)
		return more ? end < pkt->len : end == pkt->len;
	for (piece = pkt->first; piece && !more; piece = piece->next)
		if (piece->off + piece->len > end)
			return false;
	return true;
}

/* Inserts @what, which overlaps nothing, at @link. */
static bool tquic_dflow_piece_insert(struct tquic_dflows *set,
				     struct tquic_dflow_pkt *pkt,
				     const struct tquic_dflow_piece *what,
				     struct tquic_dflow_piece **link, gfp_t gfp)
{
	struct tquic_dflow_piece *piece = &pkt->piece;

	if (pkt->count >= TQUIC_DFLOW_PIECES_MAX)
		return false;
	if (pkt->count) {
		piece = kmalloc_obj(*piece, gfp);
		if (!piece) {
			set->stats.nomem++;
			return false;
		}
	}
	*piece = *what;
	piece->next = *link;
	*link = piece;
	pkt->count++;
	pkt->got += what->len;
	set->held += what->len + sizeof(*piece);
	set->conn->config.buf_ops->get(what->handle);
	return true;
}

/* Adds those bytes of @what that are not there yet; false for none. */
static bool tquic_dflow_piece_add(struct tquic_dflows *set,
				  struct tquic_dflow_pkt *pkt,
				  const struct tquic_dflow_piece *what,
				  gfp_t gfp)
{
	struct tquic_dflow_piece **link = &pkt->first, *next, part = *what;
	u32 off = what->off, end = what->off + what->len, till;
	bool any = false;

	for (; off < end; link = &(*link)->next) {
		next = *link;
		till = next ? clamp(next->off, off, end) : end;
		if (off < till) {
			part.off = off;
			part.pos = what->pos + off - what->off;
			part.len = till - off;
			if (!tquic_dflow_piece_insert(set, pkt, &part, link,
						      gfp))
				return any;
			any = true;
			off = till;
		} else if (next) {
			off = max(off, next->off + next->len);
		}
	}
	return any;
}

/**
 * struct tquic_dflow_in - a datagram on its way in
 * @hdr: its header
 * @seq: sequence number in full
 * @piece: its payload
 * @path_id: path that it came on
 * @now: present time
 * @gfp: allocation flags
 */
struct tquic_dflow_in {
	struct tquic_dflow_hdr hdr;
	u64 seq;
	struct tquic_dflow_piece piece;
	u32 path_id;
	tquic_time_t now;
	gfp_t gfp;
};

static void tquic_dflow_note(struct tquic_dflow_pkt *pkt,
			     const struct tquic_dflow_in *in)
{
	pkt->path_id = in->path_id;
	pkt->others = in->hdr.others;
	pkt->class = in->hdr.class;
	pkt->again |= in->hdr.again;
}

/* A piece of a payload. */
static void tquic_dflow_join(struct tquic_dflows *set, struct tquic_dflow *flow,
			     const struct tquic_dflow_in *in)
{
	struct tquic_dflow_pkt *pkt;

	pkt = tquic_dflow_part(set, flow, in->seq, in->now, in->gfp);
	if (!pkt)
		return;
	if (!tquic_dflow_piece_sound(pkt, &in->piece, in->hdr.more)) {
		set->stats.malformed++;
	} else if (tquic_dflow_piece_add(set, pkt, &in->piece, in->gfp)) {
		tquic_dflow_note(pkt, in);
		if (!in->hdr.more)
			pkt->len = in->piece.off + in->piece.len;
	} else {
		set->stats.duplicates++;
	}
	if (!pkt->count) {
		tquic_dflow_part_del(pkt);
		tquic_dflow_discard(set, pkt);
	} else if (pkt->len && pkt->got == pkt->len) {
		tquic_dflow_part_del(pkt);
		tquic_dflow_arrive(set, pkt, in->now, in->gfp);
	}
}

/* A payload in one piece. */
static void tquic_dflow_whole(struct tquic_dflows *set,
			      struct tquic_dflow *flow,
			      const struct tquic_dflow_in *in)
{
	struct tquic_dflow_pkt *pkt;

	pkt = tquic_dflow_new_pkt(set, flow, in->seq, in->now, in->gfp);
	if (!pkt)
		return;
	tquic_dflow_piece_insert(set, pkt, &in->piece, &pkt->first, in->gfp);
	set->held += sizeof(*pkt);
	pkt->len = in->piece.len;
	tquic_dflow_note(pkt, in);
	tquic_dflow_arrive(set, pkt, in->now, in->gfp);
}

/* The flow that a datagram belongs to. */
static struct tquic_dflow *tquic_dflow_of(struct tquic_dflows *set,
					  const struct tquic_dflow_hdr *hdr,
					  gfp_t gfp)
{
	struct tquic_dflow *flow = tquic_dflow_find(set, hdr->id);

	if (flow || !set->accept)
		return flow;
	flow = tquic_dflow_make(set, hdr->id, TQUIC_DFLOW_AUTO, gfp);
	if (flow)
		flow->fresh = true;
	return flow;
}

/* A datagram was received. */
void tquic_dflow_rx_recv(void *owner, u32 path_id, void *handle, u32 pos,
			 u32 len, const u8 *data, tquic_time_t now, gfp_t gfp)
{
	struct tquic_rd rd = tquic_rd_init(data, len);
	struct tquic_dflow_in in = {
		.path_id = path_id, .now = now, .gfp = gfp,
	};
	struct tquic_dflows *set = owner;
	struct tquic_dflow *flow;

	if (!tquic_dflow_hdr_parse(&rd, &in.hdr)) {
		set->stats.malformed++;
		return;
	}
	flow = tquic_dflow_of(set, &in.hdr, gfp);
	if (!flow) {
		set->stats.strange++;
		return;
	}
	in.seq = tquic_dflow_expand(&flow->rx, in.hdr.seq);
	in.piece = (struct tquic_dflow_piece){
		.handle = handle,
		.pos = pos + (u32)(rd.ptr - data),
		.len = tquic_rd_left(&rd),
		.off = in.hdr.off,
	};
	if (in.hdr.split)
		tquic_dflow_join(set, flow, &in);
	else
		tquic_dflow_whole(set, flow, &in);
	tquic_dflow_shrink(set);
}
