// SPDX-License-Identifier: GPL-2.0
/*
 * Received packets of one packet number space and their acknowledgment.
 */
#include "ackq.h"
#include "frame.h"

/**
 * tquic_ackq_init - begin a packet number space
 * @q: the space
 * @ranges: how many runs of packet numbers to remember, TQUIC_ACKQ_RANGES
 *	unless there is a reason
 * @max_delay: the max_ack_delay that the peer was told, ns; 0 in the Initial
 *	and Handshake spaces, where everything is acknowledged at once
 * @exponent: ack_delay_exponent that the peer was told
 */
void tquic_ackq_init(struct tquic_ackq *q, u32 ranges, tquic_time_t max_delay,
		     u8 exponent)
{
	*q = (struct tquic_ackq){
		.late = U64_MAX,
		.max_delay = max_delay,
		.exponent = exponent,
	};
	tquic_range_init(&q->seen, ranges);
	tquic_ackq_tune(q, TQUIC_ACKQ_TOLERANCE, TQUIC_ACKQ_REORDER, max_delay);
}

/**
 * tquic_ackq_free - give the memory back
 * @q: the space; not to be used until the next tquic_ackq_init()
 */
void tquic_ackq_free(struct tquic_ackq *q)
{
	tquic_range_free(&q->seen);
}

/**
 * tquic_ackq_tune - trade the number of acknowledgments for their promptness
 * @q: the space
 * @tolerance: so many ack-eliciting packets are acknowledged at once, at least
 *	1.  Up to about 32 once the peer's rate is steady.
 * @reorder: a packet that arrives so many numbers out of order is acknowledged
 *	at once; 0 for never
 * @delay: longest wait of a single packet, ns; an eighth of the round trip is
 *	good.  No more than what the peer was told.
 *
 * Holds for packets that wait already.
 */
void tquic_ackq_tune(struct tquic_ackq *q, u32 tolerance, u32 reorder,
		     tquic_time_t delay)
{
	q->tolerance = tolerance;
	q->reorder = reorder;
	q->delay = min(delay, q->max_delay);
}

/**
 * tquic_ackq_check - may a packet be processed
 * @q: the space
 * @pn: its number
 * @gfp: how to allocate what tquic_ackq_record() will need
 *
 * Asked when the packet was opened, before its frames have any effect; only
 * when all had their effect is it recorded, since it must not be acknowledged
 * sooner (RFC 9000 section 13.1).
 *
 * Return: 0; -EEXIST when it was received before or may have been; -ENOMEM.
 * In the last two cases the packet is dropped.
 */
int tquic_ackq_check(struct tquic_ackq *q, u64 pn, gfp_t gfp)
{
	if (tquic_range_stale(&q->seen, pn)) {
		q->duplicates++;
		return -EEXIST;
	}
	return tquic_range_reserve(&q->seen, 1, gfp);
}

static void count_ecn(struct tquic_ecn_counts *counts, enum tquic_ecn_mark ecn)
{
	switch (ecn) {
	case TQUIC_ECN_NOT_ECT:
		break;
	case TQUIC_ECN_ECT1:
		counts->ect1++;
		break;
	case TQUIC_ECN_ECT0:
		counts->ect0++;
		break;
	case TQUIC_ECN_CE:
		counts->ce++;
		break;
	}
}

/*
 * Whether the order of arrival is worth telling the peer at once: an
 * ack-eliciting packet comes far behind a higher one, or it is the highest and
 * a number is missing far below it of which the newest acknowledgment could
 * not make the peer suspicious yet.
 */
static bool out_of_order(const struct tquic_ackq *q, u64 pn)
{
	u64 missing = 0;

	if (!q->reorder)
		return false;
	if (pn < q->eliciting_end)
		return q->eliciting_end - 1 - pn >= q->reorder;
	if (q->reported > q->reorder)
		missing = q->reported - q->reorder;
	missing = tquic_range_gap(&q->seen, max(missing, q->seen.floor));
	return missing < pn && pn - missing >= q->reorder;
}

static void record_eliciting(struct tquic_ackq *q, u64 pn, tquic_time_t now,
			     enum tquic_ecn_mark ecn, unsigned int flags)
{
	q->repeats = flags & TQUIC_ACKQ_REPEAT ? q->repeats + 1 : 0;
	if (!q->pending)
		q->since = now;
	q->pending++;
	if (ecn == TQUIC_ECN_CE || out_of_order(q, pn))
		q->urgent = true;
	q->eliciting_end = max(q->eliciting_end, pn + 1);
}

/**
 * tquic_ackq_record - a packet was processed and is to be acknowledged
 * @q: the space
 * @pn: its number, for which tquic_ackq_check() just said 0
 * @now: when it was received, ns
 * @ecn: mark in its IP header
 * @flags: enum tquic_ackq_flag
 *
 * Return: 0, or -ENOMEM with nothing recorded, which cannot happen right after
 * tquic_ackq_check().
 */
int tquic_ackq_record(struct tquic_ackq *q, u64 pn, tquic_time_t now,
		      enum tquic_ecn_mark ecn, unsigned int flags)
{
	int err = tquic_range_insert(&q->seen, pn, pn, GFP_NOWAIT);

	if (err)
		return err;
	if (pn + 1 == tquic_ackq_next(q))
		q->largest_time = now;
	if (pn < q->reported) {
		q->late = min(q->late, pn);
		q->late_serial = q->serial;
		q->settled = min(q->settled, pn);
	}
	count_ecn(&q->ecn, ecn);
	if (flags & TQUIC_ACKQ_ELICITING)
		record_eliciting(q, pn, now, ecn, flags);
	return 0;
}

/**
 * tquic_ackq_deadline - when must an acknowledgment be sent
 * @q: the space
 *
 * While @q->pending is not 0, whatever else is sent should take it along.
 *
 * Return: a time, in the past when it is due at once; TQUIC_TIME_NEVER when
 * nothing that was received asks for one.
 */
tquic_time_t tquic_ackq_deadline(const struct tquic_ackq *q)
{
	if (!q->pending)
		return TQUIC_TIME_NEVER;
	if (q->urgent || q->pending >= q->tolerance)
		return q->since;
	return q->since + q->delay;
}

/**
 * tquic_ackq_again - what was written last has to be sent once more
 * @q: the space
 * @now: present time, ns
 *
 * For a frame that did not leave this host, and for one that is to take another
 * path because the peer seems not to hear.  Where nothing was received there is
 * none, and none is due.
 */
void tquic_ackq_again(struct tquic_ackq *q, tquic_time_t now)
{
	if (!q->seen.top)
		return;
	if (!q->pending) {
		q->pending = 1;
		q->since = now;
	}
	q->urgent = true;
}

/* lowest number of a range that a frame mentions */
static u64 told_first(const struct tquic_ackq *q, const struct tquic_range *r)
{
	return clamp(q->settled, r->first, r->last);
}

/*
 * Everything up to the first range.  Returns where the range count goes, NULL
 * when it does not fit.
 */
static u8 *write_head(const struct tquic_ackq *q, struct tquic_wr *wr,
		      u64 path_id, bool ecn, tquic_time_t now)
{
	const struct tquic_range *top = q->seen.top;
	tquic_time_t delay = 0;
	u8 *count;

	if (now > q->largest_time)
		delay = now - q->largest_time;
	if (path_id == TQUIC_ACKQ_NO_PATH) {
		tquic_wr_u8(wr, TQUIC_FRAME_ACK + ecn);
	} else {
		tquic_wr_u8(wr, TQUIC_FRAME_PATH_ACK + ecn);
		tquic_wr_varint(wr, path_id);
	}
	tquic_wr_varint(wr, top->last);
	tquic_wr_varint(wr, tquic_frame_ack_delay_encode(delay, q->exponent));
	count = tquic_wr_reserve(wr, 1);
	tquic_wr_varint(wr, top->last - told_first(q, top));
	return wr->err ? NULL : count;
}

/*
 * Further ranges, newest first, as long as they fit.  Returns whether all that
 * is not settled was written.
 */
static bool write_ranges(const struct tquic_ackq *q, struct tquic_wr *wr,
			 u8 *count)
{
	const struct tquic_range *r = q->seen.top;
	u64 prev = r->first;

	*count = 0;
	while ((r = tquic_range_prev(r)) && r->last >= q->settled) {
		if (*count == TQUIC_ACKQ_FRAME_RANGES - 1 ||
		    !tquic_frame_ack_put_range(wr, prev, told_first(q, r),
					       r->last))
			return false;
		prev = r->first;
		++*count;
	}
	return true;
}

static unsigned int ecn_len(const struct tquic_ecn_counts *c)
{
	if (!c->ect0 && !c->ect1 && !c->ce)
		return 0;
	return tquic_varint_len(c->ect0) + tquic_varint_len(c->ect1) +
	       tquic_varint_len(c->ce);
}

/**
 * tquic_ackq_write - acknowledge what was received, in a frame
 * @q: the space
 * @wr: where to; left alone when the frame does not fit
 * @path_id: for a PATH_ACK frame, else TQUIC_ACKQ_NO_PATH for an ACK frame
 * @now: present time, ns
 * @mark: filled: to be kept with the packet that carries the frame
 *
 * When not all ranges fit, the oldest are left out; they may get their chance
 * in a later frame.  With the frame written, nothing is pending.
 *
 * Return: whether a frame was written: not when nothing was received or the
 * room is too small for a single range.
 */
bool tquic_ackq_write(struct tquic_ackq *q, struct tquic_wr *wr, u64 path_id,
		      tquic_time_t now, struct tquic_ackq_mark *mark)
{
	unsigned int tail = ecn_len(&q->ecn);
	struct tquic_wr w = *wr;
	u8 *count;
	bool all;

	if (!q->seen.top || tquic_wr_room(wr) < tail)
		return false;
	w.end -= tail;
	count = write_head(q, &w, path_id, tail, now);
	if (!count)
		return false;
	all = write_ranges(q, &w, count);
	w.end = wr->end;
	if (tail) {
		tquic_wr_varint(&w, q->ecn.ect0);
		tquic_wr_varint(&w, q->ecn.ect1);
		tquic_wr_varint(&w, q->ecn.ce);
	}
	*wr = w;
	q->frame_ranges = *count + 1;
	q->reported = tquic_ackq_next(q);
	q->pending = 0;
	q->urgent = false;
	mark->end = all ? q->reported : 0;
	mark->serial = ++q->serial;
	return true;
}

/**
 * tquic_ackq_acked - a packet that carried one of our frames was acknowledged
 * @q: the space
 * @mark: as tquic_ackq_write() filled it
 *
 * What the frame told need not be told again.  Packets that arrived behind it
 * since were not in it and are told until a frame with them is acknowledged.
 */
void tquic_ackq_acked(struct tquic_ackq *q, const struct tquic_ackq_mark *mark)
{
	u64 end = mark->end;

	q->repeats = 0;
	if (!end)
		return;
	if (mark->serial > q->late_serial)
		q->late = U64_MAX;
	q->settled = max(q->settled, min(end, q->late));
}
