// SPDX-License-Identifier: GPL-2.0
/*
 * One-way delay of paths, relative to each other.
 */
#include "owd.h"

#define TQUIC_OWD_MASK	(BIT_ULL(TQUIC_OWD_BITS) - 1)
/* us; a peer that moves its clock further than that is making it up */
#define TQUIC_OWD_MAX	BIT_ULL(40)

/**
 * tquic_owd_clock_init - begin a connection
 * @clock: what its paths have in common
 * @now: present time
 */
void tquic_owd_clock_init(struct tquic_owd_clock *clock, tquic_time_t now)
{
	*clock = (struct tquic_owd_clock){ .epoch = now };
}

/**
 * tquic_owd_stamp - a time as it crosses the wire
 * @clock: of the connection
 * @at: the time
 *
 * It counts from the beginning of the connection, so that it tells nobody how
 * long this host has been up.
 *
 * Return: us, modulo 2^30.
 */
u32 tquic_owd_stamp(const struct tquic_owd_clock *clock, tquic_time_t at)
{
	/* a packet may have come before its connection was made of it */
	if (at <= clock->epoch)
		return 0;
	return div_u64(at - clock->epoch, TQUIC_NS_PER_US) & TQUIC_OWD_MASK;
}

/**
 * tquic_owd_unwrap - arrival less departure of a packet
 * @clock: of the connection
 * @sent: when it was sent, by our clock
 * @stamp: when it arrived, by the peer's, as it crossed the wire
 * @diff: filled: us
 *
 * The nearest to the one before, so the wire's clock may wrap at will.
 *
 * Return: false when it is so far from the one before that the clocks have
 * nothing to do with what they showed then: all samples so far are worthless.
 */
bool tquic_owd_unwrap(struct tquic_owd_clock *clock, tquic_time_t sent,
		      u32 stamp, s64 *diff)
{
	u64 raw = stamp - tquic_owd_stamp(clock, sent) - (u64)clock->last;
	s64 step = raw & TQUIC_OWD_MASK;
	bool usual;

	if (step > (s64)(TQUIC_OWD_MASK / 2))
		step -= TQUIC_OWD_MASK + 1;
	clock->last += step;
	usual = !clock->valid ||
		(step <= TQUIC_OWD_STEP && step >= -TQUIC_OWD_STEP);
	if (clock->last > (s64)TQUIC_OWD_MAX ||
	    clock->last < -(s64)TQUIC_OWD_MAX) {
		clock->last = 0;
		usual = false;
	}
	clock->valid = true;
	*diff = clock->last;
	return usual;
}

/**
 * tquic_owd_init - begin a path, or begin again at another address
 * @owd: its delay
 */
void tquic_owd_init(struct tquic_owd *owd)
{
	owd->newest = TQUIC_TIME_NEVER;
	owd->count = 0;
	owd->next = 0;
}

static unsigned int tquic_owd_find(const struct tquic_owd *owd, s64 diff)
{
	unsigned int i;

	for (i = 0; i < owd->count && owd->sorted[i] < diff; i++)
		;
	return i;
}

/* The oldest sample makes room. */
static void tquic_owd_drop(struct tquic_owd *owd)
{
	unsigned int i = tquic_owd_find(owd, owd->ring[owd->next]);

	owd->count--;
	memmove(owd->sorted + i, owd->sorted + i + 1,
		(owd->count - i) * sizeof(owd->sorted[0]));
}

static void tquic_owd_put(struct tquic_owd *owd, s64 diff)
{
	unsigned int i;

	if (owd->count == TQUIC_OWD_SAMPLES)
		tquic_owd_drop(owd);
	i = tquic_owd_find(owd, diff);
	memmove(owd->sorted + i + 1, owd->sorted + i,
		(owd->count - i) * sizeof(owd->sorted[0]));
	owd->sorted[i] = diff;
	owd->ring[owd->next] = diff;
	owd->next = (owd->next + 1) % TQUIC_OWD_SAMPLES;
	owd->count++;
}

static void tquic_owd_first(struct tquic_owd *owd, tquic_time_t now, s64 diff)
{
	tquic_owd_init(owd);
	owd->half_at = now;
	owd->min[0] = diff;
	owd->min[1] = diff;
	owd->smoothed = diff;
	owd->ring_at = now;
	tquic_owd_put(owd, diff);
}

/**
 * tquic_owd_sample - the arrival of a packet was told
 * @owd: delay of its path
 * @now: present time
 * @diff: from tquic_owd_unwrap()
 * @srtt: of the path, ns
 *
 * Only differences of samples are computed with, so that an offset of the
 * clocks changes nothing, not even the rounding.
 */
void tquic_owd_sample(struct tquic_owd *owd, tquic_time_t now, s64 diff,
		      u64 srtt)
{
	u64 spacing = max_t(u64, srtt / 8, TQUIC_OWD_SPACING);

	if (!tquic_owd_fresh(owd, now)) {
		tquic_owd_first(owd, now, diff);
		owd->newest = now;
		return;
	}
	owd->newest = now;
	if (now - owd->half_at >= TQUIC_OWD_HALF) {
		owd->min[1] = now - owd->half_at < 2 * TQUIC_OWD_HALF ?
			      owd->min[0] : diff;
		owd->min[0] = diff;
		owd->half_at = now;
	}
	owd->min[0] = min(owd->min[0], diff);
	owd->smoothed += (diff - owd->smoothed) / 8;
	if (now - owd->ring_at < spacing)
		return;
	owd->ring_at = now;
	tquic_owd_put(owd, diff);
}

static u64 tquic_owd_scale(const struct tquic_owd_clock *clock, s64 diff)
{
	return clamp_t(s64, diff - clock->zero, 0, TQUIC_OWD_STEP) *
	       TQUIC_NS_PER_US;
}

/**
 * tquic_owd_read - estimates of a path
 * @owd: its delay; there was a sample
 * @clock: of the connection
 * @est: filled
 */
void tquic_owd_read(const struct tquic_owd *owd,
		    const struct tquic_owd_clock *clock,
		    struct tquic_owd_est *est)
{
	unsigned int last = owd->count - 1;

	est->min = tquic_owd_scale(clock, tquic_owd_min(owd));
	est->smoothed = tquic_owd_scale(clock, owd->smoothed);
	est->p75 = tquic_owd_scale(clock, owd->sorted[(3 * last + 2) / 4]);
	est->p90 = tquic_owd_scale(clock, owd->sorted[(9 * last + 5) / 10]);
}
