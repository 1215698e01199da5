/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Round-trip time of a path: RFC 9002 section 5.
 */
#ifndef _TQUIC_CORE_RTT_H
#define _TQUIC_CORE_RTT_H

#include "core.h"

/* RFC 9002 section 6.1.2: what timers are assumed to resolve */
#define TQUIC_RTT_GRANULARITY	TQUIC_NS_PER_MS

/**
 * struct tquic_rtt - RTT estimator of a path
 * @latest: newest sample, ns, ack delay included
 * @adjusted: the same without ack delay, as far as that is believed
 * @min: smallest sample since the start or since the last tquic_rtt_restart(),
 *	ns; 0 before the first sample
 * @smoothed: exponentially weighted average, ns; the initial RTT before the
 *	first sample
 * @var: mean deviation, ns
 * @first_sample: when the first sample was taken, TQUIC_TIME_NEVER before;
 *	persistent congestion looks at it (RFC 9002 section 7.6.2)
 */
struct tquic_rtt {
	u64 latest;
	u64 adjusted;
	u64 min;
	u64 smoothed;
	u64 var;
	tquic_time_t first_sample;
};

void tquic_rtt_init(struct tquic_rtt *rtt, u64 initial);
void tquic_rtt_sample(struct tquic_rtt *rtt, tquic_time_t now, u64 sample,
		      u64 ack_delay);
void tquic_rtt_restart(struct tquic_rtt *rtt);
u64 tquic_rtt_pto(const struct tquic_rtt *rtt, u64 max_ack_delay);

static inline bool tquic_rtt_valid(const struct tquic_rtt *rtt)
{
	return rtt->first_sample != TQUIC_TIME_NEVER;
}

#endif /* _TQUIC_CORE_RTT_H */
