/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Received packets of one packet number space: Initial, Handshake, or 1-RTT of
 * one path ID.  Finds duplicates, says when an acknowledgment is due, writes
 * it, and forgets what the peer knows to have arrived.
 *
 * RFC 9000 sections 13.2, 13.4.1 and 19.3, multipath-21 section 4.1.
 */
#ifndef _TQUIC_CORE_ACKQ_H
#define _TQUIC_CORE_ACKQ_H

#include "ecn.h"
#include "range.h"
#include "varint.h"

/*
 * How many runs of packet numbers are remembered.  Every lost packet leaves a
 * hole for ever, since its number is not used again, so on a lossy path this
 * is how many losses a late packet may lie behind and still be taken: at 1 %
 * loss 25000 packets.  A peer that skips every other number makes us hold 16
 * KiB for a path.
 */
#define TQUIC_ACKQ_RANGES	256

/*
 * Most runs in a frame: what keeps the range count a single byte, and a frame
 * well within a packet.
 */
#define TQUIC_ACKQ_FRAME_RANGES	64

/* runs in a frame from which it is worth a PING to have it acknowledged */
#define TQUIC_ACKQ_PING_RANGES	8

#define TQUIC_ACKQ_TOLERANCE	2	/* RFC 9000 section 13.2.2 */
#define TQUIC_ACKQ_REORDER	1	/* RFC 9000 section 13.2.1 */

/* for tquic_ackq_write(): an ACK frame, as there is no PATH_ACK */
#define TQUIC_ACKQ_NO_PATH	U64_MAX

/**
 * enum tquic_ackq_flag - what a received packet contained
 * @TQUIC_ACKQ_ELICITING: a frame that has to be acknowledged
 * @TQUIC_ACKQ_REPEAT: nothing but what had been received and acknowledged
 *	before: the peer does not seem to hear the acknowledgments
 */
enum tquic_ackq_flag {
	TQUIC_ACKQ_ELICITING	= 0x1,
	TQUIC_ACKQ_REPEAT	= 0x2,
};

/**
 * struct tquic_ackq_mark - what to remember of an ACK frame that was sent
 * @end: if all that was due was in the frame: one above the largest packet
 *	number acknowledged; otherwise 0
 * @serial: how many frames of this space were written up to this one
 *
 * Kept with the packet that carries the frame and handed back when that packet
 * is acknowledged.
 */
struct tquic_ackq_mark {
	u64 end;
	u64 serial;
};

/**
 * struct tquic_ackq - received packets of one packet number space
 * @seen: packet numbers received; those below its floor count as received
 * @settled: of the packets below this number the peer knows which arrived
 * @reported: one above the largest number acknowledged so far, 0 for none
 * @eliciting_end: one above the largest ack-eliciting number, 0 for none
 * @late: lowest number that came after a higher one had been reported and is
 *	not settled, U64_MAX for none
 * @late_serial: @serial when the newest of those came
 * @serial: ACK frames written
 * @largest_time: when the largest packet number arrived, ns
 * @since: when the first of the @pending packets arrived, ns
 * @delay: how long an acknowledgment may wait for company now, ns
 * @max_delay: how long it may wait at most, ns: what the peer was told; 0 in
 *	the Initial and Handshake spaces
 * @ecn: packets received with a mark
 * @duplicates: packets refused because they had been received or forgotten
 * @tolerance: so many ack-eliciting packets are acknowledged at once
 * @reorder: a packet that arrives so many numbers out of order is acknowledged
 *	at once; 0 for never
 * @pending: ack-eliciting packets not acknowledged
 * @repeats: ack-eliciting packets in a row with TQUIC_ACKQ_REPEAT
 * @frame_ranges: ranges in the newest ACK frame
 * @exponent: ack_delay_exponent that the peer was told
 * @urgent: the acknowledgment must not wait
 */
struct tquic_ackq {
	struct tquic_range_set seen;
	u64 settled;
	u64 reported;
	u64 eliciting_end;
	u64 late;
	u64 late_serial;
	u64 serial;
	tquic_time_t largest_time;
	tquic_time_t since;
	tquic_time_t delay;
	tquic_time_t max_delay;
	struct tquic_ecn_counts ecn;
	u64 duplicates;
	u32 tolerance;
	u32 reorder;
	u32 pending;
	u32 repeats;
	u8 frame_ranges;
	u8 exponent;
	bool urgent;
};

void tquic_ackq_init(struct tquic_ackq *q, u32 ranges, tquic_time_t max_delay,
		     u8 exponent);
void tquic_ackq_free(struct tquic_ackq *q);
void tquic_ackq_tune(struct tquic_ackq *q, u32 tolerance, u32 reorder,
		     tquic_time_t delay);

int tquic_ackq_check(struct tquic_ackq *q, u64 pn, gfp_t gfp);
int tquic_ackq_record(struct tquic_ackq *q, u64 pn, tquic_time_t now,
		      enum tquic_ecn_mark ecn, unsigned int flags);

tquic_time_t tquic_ackq_deadline(const struct tquic_ackq *q);
bool tquic_ackq_write(struct tquic_ackq *q, struct tquic_wr *wr, u64 path_id,
		      tquic_time_t now, struct tquic_ackq_mark *mark);
void tquic_ackq_again(struct tquic_ackq *q, tquic_time_t now);
void tquic_ackq_acked(struct tquic_ackq *q,
		      const struct tquic_ackq_mark *mark);

/* one above the largest packet number received, 0 when there was none */
static inline u64 tquic_ackq_next(const struct tquic_ackq *q)
{
	return q->seen.top ? q->seen.top->last + 1 : 0;
}

/*
 * Frames grow while none is acknowledged, which never happens to an endpoint
 * that sends nothing else (RFC 9000 section 13.2.4): send a PING along, at
 * most once in a round trip.
 */
static inline bool tquic_ackq_wants_ping(const struct tquic_ackq *q)
{
	return q->frame_ranges >= TQUIC_ACKQ_PING_RANGES;
}

#endif /* _TQUIC_CORE_ACKQ_H */
