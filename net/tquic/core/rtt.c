// SPDX-License-Identifier: GPL-2.0
/*
 * Round-trip time of a path: RFC 9002 section 5.
 */
#include "rtt.h"

/* A peer that answers after a minute is judged by timers, not by averages:
 * the bound keeps every sum of a few RTTs far from overflow.
 */
#define TQUIC_RTT_MAX	(60 * TQUIC_NS_PER_SEC)

/**
 * tquic_rtt_init - start an estimator
 * @rtt: estimator
 * @initial: RTT to assume before the first sample, ns (RFC 9002 section 6.2.2)
 */
void tquic_rtt_init(struct tquic_rtt *rtt, u64 initial)
{
	*rtt = (struct tquic_rtt){
		.smoothed = initial,
		.var = initial / 2,
		.first_sample = TQUIC_TIME_NEVER,
	};
}

/**
 * tquic_rtt_sample - take a sample
 * @rtt: estimator
 * @now: present time
 * @sample: time from sending the largest newly acknowledged packet to now, ns
 * @ack_delay: what the peer says it held the acknowledgment back, ns; the
 *	caller has bounded it by the peer's max_ack_delay where RFC 9002
 *	section 5.3 asks for it, and passes 0 in the Initial space
 */
void tquic_rtt_sample(struct tquic_rtt *rtt, tquic_time_t now, u64 sample,
		      u64 ack_delay)
{
	u64 diff;

	sample = clamp_t(u64, sample, 1, TQUIC_RTT_MAX);
	rtt->latest = sample;
	rtt->adjusted = sample;
	if (!tquic_rtt_valid(rtt)) {
		rtt->first_sample = now;
		rtt->min = sample;
		rtt->smoothed = sample;
		rtt->var = sample / 2;
		return;
	}
	if (!rtt->min || sample < rtt->min)
		rtt->min = sample;
	if (ack_delay <= sample && sample - ack_delay >= rtt->min)
		rtt->adjusted -= ack_delay;
	diff = rtt->adjusted > rtt->smoothed ? rtt->adjusted - rtt->smoothed :
					       rtt->smoothed - rtt->adjusted;
	rtt->var = (3 * rtt->var + diff) / 4;
	rtt->smoothed = (7 * rtt->smoothed + rtt->adjusted) / 8;
}

/**
 * tquic_rtt_restart - forget the minimum
 * @rtt: estimator
 *
 * The next sample becomes the minimum: after persistent congestion (RFC 9002
 * section 5.2) and when acknowledgments change the path they come back on.
 */
void tquic_rtt_restart(struct tquic_rtt *rtt)
{
	rtt->min = 0;
}

/**
 * tquic_rtt_pto - probe timeout without back-off, RFC 9002 section 6.2.1
 * @rtt: estimator
 * @max_ack_delay: the peer's, ns; 0 in the Initial and Handshake spaces
 *
 * Return: ns.
 */
u64 tquic_rtt_pto(const struct tquic_rtt *rtt, u64 max_ack_delay)
{
	return rtt->smoothed + max_t(u64, 4 * rtt->var, TQUIC_RTT_GRANULARITY) +
	       max_ack_delay;
}
