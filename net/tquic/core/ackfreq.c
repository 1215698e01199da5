// SPDX-License-Identifier: GPL-2.0
/*
 * How many packets an acknowledgment may wait for.
 */
#include "ackfreq.h"

/* a round lasts a round trip, but not less than what timers resolve */
#define TQUIC_ACKFREQ_ROUND	(4 * TQUIC_NS_PER_MS)
/* rounds of silence after which the sender begins anew */
#define TQUIC_ACKFREQ_IDLE	16

/*
 * Growth by a quarter in a round is what tells start-up from steady sending; a
 * rate that was steady and doubles is taken for a start-up again.
 */
static void tquic_ackfreq_judge(struct tquic_ackfreq *f, u32 packets)
{
	bool steady = f->flat == TQUIC_ACKFREQ_FLAT;

	f->last = packets;
	if (packets > f->full + (steady ? f->full : f->full / 4)) {
		f->flat = 0;
		f->full = packets;
	} else if (!steady) {
		f->flat++;
	} else {
		f->full = max(packets, f->full - f->full / 8);
	}
}

/**
 * tquic_ackfreq_packet - an ack-eliciting packet was received
 * @f: rate of its path
 * @now: when
 * @rtt: of the path, ns
 *
 * Return: whether a round ended, and tquic_ackfreq_tune() has news.
 */
bool tquic_ackfreq_packet(struct tquic_ackfreq *f, tquic_time_t now, u64 rtt)
{
	u64 round = max_t(u64, rtt, TQUIC_ACKFREQ_ROUND);
	u64 passed = now - f->round_at;

	f->packets++;
	/* packets of a batch need not come in the order of their times */
	if (now < f->round_at || passed < round)
		return false;
	if (passed > TQUIC_ACKFREQ_IDLE * round)
		*f = (struct tquic_ackfreq){ .packets = 1 };
	else
		tquic_ackfreq_judge(f, div64_u64(f->packets * rtt, passed));
	f->round_at = now;
	f->packets = 0;
	return true;
}

static u32 tquic_ackfreq_tolerance(const struct tquic_ackfreq *f)
{
	u32 cheap = min(f->last / TQUIC_ACKFREQ_LEAST, TQUIC_ACKFREQ_CHEAP);
	u32 want = f->last / TQUIC_ACKFREQ_GROWING;

	if (f->flat == TQUIC_ACKFREQ_FLAT)
		want = max(f->last / TQUIC_ACKFREQ_STEADY, cheap);
	return clamp_t(u32, want, TQUIC_ACKQ_TOLERANCE, TQUIC_ACKFREQ_MAX);
}

/*
 * An eighth of a round trip; longer where that saves something: on a slow path
 * until there are two packets, on a short one a quarter.
 */
static u64 tquic_ackfreq_delay(const struct tquic_ackfreq *f, u64 rtt)
{
	u64 gap = div_u64(rtt, max(f->last, 1U));

	return max3(rtt / TQUIC_ACKFREQ_STEADY, 2 * gap,
		    min_t(u64, rtt / TQUIC_ACKFREQ_LEAST,
			  TQUIC_ACKFREQ_DELAY));
}

/**
 * tquic_ackfreq_tune - apply what is known
 * @f: rate of a path
 * @limits: what the peer asked for
 * @rtt: of the path, ns
 * @q: packets received on it
 */
void tquic_ackfreq_tune(const struct tquic_ackfreq *f,
			const struct tquic_ackfreq_limits *limits, u64 rtt,
			struct tquic_ackq *q)
{
	tquic_ackq_tune(q, min(tquic_ackfreq_tolerance(f), limits->tolerance),
			limits->reorder,
			min(tquic_ackfreq_delay(f, rtt), limits->delay));
}
