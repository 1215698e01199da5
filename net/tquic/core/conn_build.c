// SPDX-License-Identifier: GPL-2.0
/*
 * Building one packet of a plan.
 */
#include "conn_build.h"

/* A long header's Length field is reserved at two bytes: 16383 is enough. */
#define TQUIC_BUILD_LENGTH	2
/* Packets between two numbers that are left out: one acknowledgment each. */
#define TQUIC_BUILD_SKIP_MIN	256
#define TQUIC_BUILD_SKIP_SPAN	1024

static void tquic_build_header(const struct tquic_build *b,
			       enum tquic_pkt_type type,
			       struct tquic_pkt_hdr *hdr)
{
	const struct tquic_conn *conn = b->conn;
	u64 largest = b->space->loss.largest_acked;
	u64 pn = b->space->loss.sent.next;

	*hdr = (struct tquic_pkt_hdr){
		.dcid = b->dcid->id,
		.dcid_len = b->dcid->len,
		.scid = conn->ours.initial_scid.id,
		.scid_len = conn->ours.initial_scid.len,
		.pn = pn,
		.pn_len = tquic_pkt_pn_len(pn, largest == TQUIC_SENT_NONE ?
					   TQUIC_PN_NONE : largest),
		.len_size = TQUIC_BUILD_LENGTH,
		.version = type == TQUIC_PKT_0RTT ? conn->first_version :
						    conn->version,
		.type = type,
		.spin = b->path->spin,
		.key_phase = type == TQUIC_PKT_1RTT && conn->keys.tx & 1,
	};
	if (type == TQUIC_PKT_1RTT && conn->config.grease &&
	    tquic_tparam_has(&conn->theirs, TQUIC_TPARAM_GREASE_QUIC_BIT))
		hdr->greased = tquic_conn_random(b->conn) >> 63;
	if (type != TQUIC_PKT_INITIAL)
		return;
	hdr->token = conn->token;
	hdr->token_len = conn->token_len;
}

/*
 * Now and then a number is left out: a peer that acknowledges it acknowledges
 * what it has not seen (RFC 9000 section 21.4).
 */
static void tquic_build_skip(struct tquic_build *b)
{
	struct tquic_path *path = b->path;
	struct tquic_sent_pkt *pkt;
	bool armed = path->skips;
	u8 draw[2];

	if (path->skip_in) {
		path->skip_in--;
		return;
	}
	if (!tquic_conn_draw(b->conn, draw, sizeof(draw)))
		return;
	path->skip_in = TQUIC_BUILD_SKIP_MIN +
			get_unaligned_be16(draw) % TQUIC_BUILD_SKIP_SPAN;
	path->skips = true;
	if (!armed)
		return;
	pkt = tquic_sent_peek(&b->space->loss.sent, b->gfp);
	if (!pkt)
		return;
	pkt->time = b->now;
	pkt->size = 0;
	pkt->flags = TQUIC_SENT_SKIPPED;
	tquic_loss_push(&b->space->loss, pkt);
}

/**
 * tquic_build_begin - begin a packet
 * @b: with conn, path, space, plan, now, gfp and window set
 * @type: packet type
 * @room: bytes that the packet may have
 * @joined: it shares a datagram with the one before
 *
 * Return: false when the plan is full, memory is short, or the room too small.
 */
bool tquic_build_begin(struct tquic_build *b, enum tquic_pkt_type type,
		       u32 room, bool joined)
{
	struct tquic_plan *plan = b->plan;
	struct tquic_pkt_hdr hdr;
	struct tquic_wr wr;

	/* RFC 9000 section 12.3 */
	if (b->space->loss.sent.next >= TQUIC_PN_MAX) {
		tquic_conn_vanish(b->conn, TQUIC_CONN_WHY_NUMBERS);
		return false;
	}
	if (plan->npkts == TQUIC_PLAN_PKTS ||
	    (type == TQUIC_PKT_1RTT && tquic_keys_worn(b->conn)))
		return false;
	if (type == TQUIC_PKT_1RTT)
		tquic_build_skip(b);
	b->sent = tquic_sent_peek(&b->space->loss.sent, b->gfp);
	if (!b->sent)
		return false;
	tquic_build_header(b, type, &hdr);
	wr = tquic_wr_init(plan->arena + plan->used,
			   TQUIC_PLAN_ARENA - plan->used);
	if (!tquic_pkt_build(&wr, &hdr, &b->built) ||
	    b->built.hdr_len + TQUIC_PKT_TAG_LEN + TQUIC_PN_LEN_MAX > room)
		return false;
	b->arena = plan->used;
	b->pkt = &plan->pkts[plan->npkts];
	*b->pkt = (struct tquic_plan_pkt){
		.pn = hdr.pn,
		.type = type,
		.version = hdr.version,
		.hdr = plan->used,
		.hdr_len = b->built.hdr_len,
		.pn_off = b->built.pn_off,
		.seg = plan->nsegs,
		.joined = joined,
		.gen = type == TQUIC_PKT_1RTT ? b->conn->keys.tx : 0,
	};
	plan->used += b->built.hdr_len;
	b->room = room - b->built.hdr_len - TQUIC_PKT_TAG_LEN;
	b->payload = 0;
	b->flags = 0;
	b->full = false;
	return true;
}

static struct tquic_plan_seg *tquic_build_seg(struct tquic_build *b)
{
	struct tquic_plan *plan = b->plan;

	if (plan->nsegs == TQUIC_PLAN_SEGS) {
		b->full = true;
		return NULL;
	}
	b->pkt->nsegs++;
	return &plan->segs[plan->nsegs++];
}

/* Claims arena bytes as payload; they join the segment before if they can. */
static u8 *tquic_build_bytes(struct tquic_build *b, u32 len)
{
	struct tquic_plan *plan = b->plan;
	struct tquic_plan_seg *seg;
	u8 *p = plan->arena + plan->used;

	if (len > b->room || len > TQUIC_PLAN_ARENA - plan->used) {
		b->full = true;
		return NULL;
	}
	seg = b->pkt->nsegs ? &plan->segs[plan->nsegs - 1] : NULL;
	if (!seg || seg->handle || seg->pos + seg->len != plan->used) {
		seg = tquic_build_seg(b);
		if (!seg)
			return NULL;
		*seg = (struct tquic_plan_seg){ .pos = plan->used };
	}
	seg->len += len;
	plan->used += len;
	b->room -= len;
	b->payload += len;
	return p;
}

/* Gives back the bytes claimed last. */
static void tquic_build_unclaim(struct tquic_build *b, u32 len)
{
	struct tquic_plan *plan = b->plan;

	plan->segs[plan->nsegs - 1].len -= len;
	if (!plan->segs[plan->nsegs - 1].len) {
		plan->nsegs--;
		b->pkt->nsegs--;
	}
	plan->used -= len;
	b->room += len;
	b->payload -= len;
}

static void tquic_build_note(struct tquic_build *b, u64 type)
{
	u16 flags = tquic_frame_attr(type)->flags;

	if (flags & TQUIC_FRAME_F_ELICITS)
		b->flags |= TQUIC_SENT_ELICITING;
	if (flags & TQUIC_FRAME_F_IN_FLIGHT)
		b->flags |= TQUIC_SENT_IN_FLIGHT;
}

static bool tquic_build_rec(struct tquic_build *b,
			    const struct tquic_sent_rec *rec)
{
	if (!rec || !tquic_sent_rec(b->sent, rec, b->gfp))
		return true;
	b->full = true;
	return false;
}

/* RFC 9000 section 12.5: not every frame may be in a 0-RTT packet. */
static bool tquic_build_admits(const struct tquic_build *b,
			       const struct tquic_frame *f)
{
	return b->pkt->type != TQUIC_PKT_0RTT ||
	       tquic_frame_attr(f->type)->pkts & BIT(TQUIC_PKT_0RTT);
}

/**
 * tquic_build_frame - add a frame without payload by reference
 * @b: packet
 * @f: frame
 * @rec: what to remember of it, NULL for nothing
 *
 * Return: whether it fitted.
 */
bool tquic_build_frame(struct tquic_build *b, const struct tquic_frame *f,
		       const struct tquic_sent_rec *rec)
{
	u64 len = tquic_frame_len(f);
	struct tquic_wr wr;
	u8 *p;

	if (!len || len > b->room || !tquic_build_admits(b, f))
		return false;
	p = tquic_build_bytes(b, len);
	if (!p)
		return false;
	wr = tquic_wr_init(p, len);
	tquic_frame_encode(&wr, f);
	if (!tquic_build_rec(b, rec)) {
		tquic_build_unclaim(b, len);
		return false;
	}
	tquic_build_note(b, f->type);
	return true;
}

/**
 * tquic_build_data - add a frame whose payload is named by reference
 * @b: packet
 * @f: STREAM or CRYPTO frame, with the length of the payload
 * @q: queue that holds the payload
 * @off: its offset there
 * @rec: what to remember of it
 *
 * Return: whether it fitted; if not, nothing was taken.
 */
bool tquic_build_data(struct tquic_build *b, const struct tquic_frame *f,
		      const struct tquic_sendq *q, u64 off,
		      const struct tquic_sent_rec *rec)
{
	u32 hdr_len = tquic_frame_hdr_len(f), left = f->len, n;
	struct tquic_sendq_chunk part;
	struct tquic_plan_seg *seg;
	struct tquic_wr wr;
	u16 nsegs;
	u8 *p;

	if (!hdr_len || hdr_len + left > b->room || !tquic_build_admits(b, f))
		return false;
	p = tquic_build_bytes(b, hdr_len);
	if (!p)
		return false;
	wr = tquic_wr_init(p, hdr_len);
	tquic_frame_encode_hdr(&wr, f);
	nsegs = b->plan->nsegs;
	for (; left; left -= n, off += n) {
		n = tquic_sendq_map(q, off, left, &part);
		seg = tquic_build_seg(b);
		if (!seg)
			goto undo;
		seg->handle = part.handle;
		seg->pos = part.pos;
		seg->len = n;
		q->ops->get(part.handle);
	}
	if (!tquic_build_rec(b, rec))
		goto undo;
	b->room -= f->len;
	b->payload += f->len;
	tquic_build_note(b, f->type);
	tquic_probe_busy(&b->path->probe);
	return true;

undo:
	while (b->plan->nsegs > nsegs) {
		q->ops->put(b->plan->segs[--b->plan->nsegs].handle);
		b->pkt->nsegs--;
	}
	tquic_build_unclaim(b, hdr_len);
	return false;
}

/* When the largest packet of the acknowledgment that follows arrived. */
static void tquic_build_time(struct tquic_build *b,
			     const struct tquic_space *about)
{
	struct tquic_frame f = {
		.type = TQUIC_FRAME_RECEIVE_TIME,
		.path_id = about->path->id,
		.receive_time = {
			.time = tquic_owd_stamp(&b->conn->clock,
						about->ackq.largest_time),
		},
	};

	tquic_build_frame(b, &f, NULL);
}

/**
 * tquic_build_payload - add a frame whose payload is one piece of a buffer
 * @b: packet
 * @f: DATAGRAM frame, with the length of all its payload
 * @head: bytes of payload that stand before the piece
 * @head_len: how many
 * @payload: the piece, maybe empty
 * @rec: what to remember of it, NULL for nothing
 *
 * Return: whether it fitted; if not, nothing was taken.
 */
bool tquic_build_payload(struct tquic_build *b, const struct tquic_frame *f,
			 const u8 *head, u32 head_len,
			 const struct tquic_plan_seg *payload,
			 const struct tquic_sent_rec *rec)
{
	u32 hdr_len = tquic_frame_hdr_len(f), len = hdr_len + head_len;
	struct tquic_plan_seg *seg = NULL;
	struct tquic_wr wr;
	u8 *p;

	if (!hdr_len || len + payload->len > b->room)
		return false;
	p = tquic_build_bytes(b, len);
	if (!p)
		return false;
	wr = tquic_wr_init(p, len);
	tquic_frame_encode_hdr(&wr, f);
	tquic_wr_bytes(&wr, head, head_len);
	if (payload->len) {
		seg = tquic_build_seg(b);
		if (!seg)
			goto undo;
		*seg = *payload;
	}
	if (!tquic_build_rec(b, rec))
		goto undo;
	if (seg)
		b->conn->config.buf_ops->get(seg->handle);
	b->room -= payload->len;
	b->payload += payload->len;
	tquic_build_note(b, f->type);
	return true;

undo:
	if (seg) {
		b->plan->nsegs--;
		b->pkt->nsegs--;
	}
	tquic_build_unclaim(b, len);
	return false;
}

/**
 * tquic_build_ack - acknowledge what a space received
 * @b: packet
 * @about: space, of the same type as the packet's
 *
 * Return: whether there was something, and it fitted.
 */
bool tquic_build_ack(struct tquic_build *b, struct tquic_space *about)
{
	struct tquic_sent_rec rec = { .kind = TQUIC_SENT_ACK };
	struct tquic_plan *plan = b->plan;
	u64 path_id = TQUIC_ACKQ_NO_PATH;
	struct tquic_ackq_mark mark;
	struct tquic_wr wr;
	u8 *start;

	/* after the handshake always by PATH_ACK: multipath-21 section 4.1 */
	if (about->type == TQUIC_PKT_1RTT && b->conn->multipath &&
	    b->conn->confirmed)
		path_id = about->path->id;
	if (b->conn->times && path_id != TQUIC_ACKQ_NO_PATH &&
	    about->ackq.reported < tquic_ackq_next(&about->ackq))
		tquic_build_time(b, about);
	start = plan->arena + plan->used;
	wr = tquic_wr_init(start, min_t(u32, b->room,
					TQUIC_PLAN_ARENA - plan->used));
	if (!tquic_ackq_write(&about->ackq, &wr, path_id, b->now, &mark))
		return false;
	if (!tquic_build_bytes(b, wr.ptr - start)) {
		tquic_ackq_again(&about->ackq, b->now);
		return false;
	}
	rec.off = mark.end;
	rec.ptr = (void *)(uintptr_t)mark.serial;
	rec.arg = about->path->id;
	/* without the record ranges are told longer than needed: no harm */
	tquic_build_rec(b, &rec);
	if (about->type == TQUIC_PKT_1RTT)
		b->conn->keys.answered = true;
	return true;
}

/* PADDING, which makes a packet count as in flight. */
void tquic_build_pad(struct tquic_build *b, u32 bytes)
{
	u8 *p = tquic_build_bytes(b, bytes);

	if (!p)
		return;
	memset(p, 0, bytes);
	b->flags |= TQUIC_SENT_IN_FLIGHT;
}

/* Nothing came together: the number is not spent. */
void tquic_build_cancel(struct tquic_build *b)
{
	struct tquic_plan *plan = b->plan;
	struct tquic_plan_seg *seg;

	while (plan->nsegs > b->pkt->seg) {
		seg = &plan->segs[--plan->nsegs];
		if (seg->handle)
			b->conn->config.buf_ops->put(seg->handle);
	}
	plan->used = b->arena;
}

/* A sample must be there for header protection: RFC 9001 section 5.4.2. */
static void tquic_build_fill(struct tquic_build *b)
{
	unsigned int pn_len = b->built.hdr_len - b->built.pn_off;
	u32 least = tquic_pkt_payload_min(pn_len);

	if (b->payload < least)
		tquic_build_pad(b, least - b->payload);
}

/**
 * tquic_build_end - the packet is complete
 * @b: packet
 *
 * Spends its number.
 *
 * Return: false when it is empty, and gone.
 */
bool tquic_build_end(struct tquic_build *b)
{
	struct tquic_path *path = b->path;

	if (!b->payload) {
		tquic_build_cancel(b);
		return false;
	}
	tquic_build_fill(b);
	tquic_pkt_set_length(&b->built, b->payload + TQUIC_PKT_TAG_LEN);
	b->pkt->size = b->built.hdr_len + b->payload + TQUIC_PKT_TAG_LEN;
	b->plan->bytes += b->pkt->size;
	b->plan->npkts++;

	b->sent->time = b->now;
	b->sent->size = b->pkt->size;
	b->sent->flags = b->flags;
	if (b->pkt->type == TQUIC_PKT_1RTT)
		tquic_keys_seal(b->conn, path, b->pkt->pn);
	if (b->plan->ecn != TQUIC_ECN_NOT_ECT) {
		b->sent->flags |= TQUIC_SENT_ECT;
		tquic_ecn_sent(&path->ecn);
	}
	if (b->flags & TQUIC_SENT_IN_FLIGHT) {
		if (!path->in_flight && path->cc->ops->on_idle_restart)
			path->cc->ops->on_idle_restart(path->cc, b->now,
						       b->now - path->last_tx);
		tquic_rate_sent(&path->rate, b->sent, path->in_flight);
		path->in_flight += b->pkt->size;
		if (path->cc->ops->on_sent)
			path->cc->ops->on_sent(path->cc, b->now, b->pkt->size,
					       path->in_flight);
	}
	/* RFC 9000 section 10.1: the first since something was received */
	if (b->flags & TQUIC_SENT_ELICITING && !b->conn->idle_armed) {
		b->conn->idle_armed = true;
		tquic_conn_touch_idle(b->conn, b->now);
	}
	tquic_path_sent(path, b->now, b->pkt->size);
	tquic_loss_push(&b->space->loss, b->sent);
	return true;
}
