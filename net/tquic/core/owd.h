/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One-way delay of paths, relative to each other.
 *
 * The peer tells when packets arrived by its own clock (RECEIVE_TIME, see
 * Documentation/networking/tquic-wire.rst).  Arrival less departure is a
 * path's delay plus the offset between two clocks.  The offset is the same on
 * all paths, so differences between paths are right whatever it is; only their
 * common origin is a guess.
 */
#ifndef _TQUIC_CORE_OWD_H
#define _TQUIC_CORE_OWD_H

#include "core.h"

/* the clock that crosses the wire: us, modulo 2^30 */
#define TQUIC_OWD_BITS		30
/* samples of which quantiles are taken, and how far apart they are at least */
#define TQUIC_OWD_SAMPLES	32
#define TQUIC_OWD_SPACING	(20 * TQUIC_NS_PER_MS)
/* the minimum is one of the last 5 to 10 s */
#define TQUIC_OWD_HALF		(5 * TQUIC_NS_PER_SEC)
/*
 * What is older says nothing any more.  Two clocks drift apart by 100 ppm at
 * most: 3 ms in that time.
 */
#define TQUIC_OWD_STALE		(30 * TQUIC_NS_PER_SEC)
/* us; no path delays that long: somebody's clock was set or stood still */
#define TQUIC_OWD_STEP		60000000

/**
 * struct tquic_owd_clock - what the delays of a connection have in common
 * @epoch: when our clock for the wire showed 0
 * @last: newest arrival less departure on any path, us, unwrapped
 * @zero: taken off all delays, us, so that they are likely to be right
 * @valid: there was a sample
 */
struct tquic_owd_clock {
	tquic_time_t epoch;
	s64 last;
	s64 zero;
	bool valid;
};

/**
 * struct tquic_owd - delay of one path, from us to the peer
 * @told: delay of the packet that the present acknowledgment is about, ns and
 *	an unknown constant; 0 for none
 * @newest: when the newest sample was taken, TQUIC_TIME_NEVER before the first
 * @half_at: when the present half of the window of the minimum began
 * @min: smallest sample of this half, us, and of the one before
 * @smoothed: exponentially weighted average, us
 * @ring_at: when a sample was last put into @ring
 * @ring: samples for quantiles, us, in order of arrival
 * @sorted: the same by size
 * @count: how many
 * @next: place in @ring of the next
 */
struct tquic_owd {
	u64 told;
	tquic_time_t newest;
	tquic_time_t half_at;
	s64 min[2];
	s64 smoothed;
	tquic_time_t ring_at;
	s64 ring[TQUIC_OWD_SAMPLES];
	s64 sorted[TQUIC_OWD_SAMPLES];
	u8 count;
	u8 next;
};

/**
 * struct tquic_owd_est - one-way delay of a path, ns
 * @min: without queues
 * @smoothed: on average
 * @p75: three of four packets are not slower
 * @p90: nine of ten are not
 */
struct tquic_owd_est {
	u64 min;
	u64 smoothed;
	u64 p75;
	u64 p90;
};

void tquic_owd_clock_init(struct tquic_owd_clock *clock, tquic_time_t now);
u32 tquic_owd_stamp(const struct tquic_owd_clock *clock, tquic_time_t at);
bool tquic_owd_unwrap(struct tquic_owd_clock *clock, tquic_time_t sent,
		      u32 stamp, s64 *diff);

void tquic_owd_init(struct tquic_owd *owd);
void tquic_owd_sample(struct tquic_owd *owd, tquic_time_t now, s64 diff,
		      u64 srtt);
void tquic_owd_read(const struct tquic_owd *owd,
		    const struct tquic_owd_clock *clock,
		    struct tquic_owd_est *est);

/* has there been a sample that still says something */
static inline bool tquic_owd_fresh(const struct tquic_owd *owd,
				   tquic_time_t now)
{
	return owd->newest != TQUIC_TIME_NEVER &&
	       now < owd->newest + TQUIC_OWD_STALE;
}

/* smallest arrival less departure of the window, us; there was a sample */
static inline s64 tquic_owd_min(const struct tquic_owd *owd)
{
	return min(owd->min[0], owd->min[1]);
}

#endif /* _TQUIC_CORE_OWD_H */
