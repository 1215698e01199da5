/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pacing of a path in nanoseconds: RFC 9002 section 7.7.
 */
#ifndef _TQUIC_CORE_PACER_H
#define _TQUIC_CORE_PACER_H

#include "core.h"

/* Timers fire late; what they were late by, up to this, is made up for. */
#define TQUIC_PACER_SLACK	(2 * TQUIC_NS_PER_MS)
/* A train is at most what the rate carries in this time... */
#define TQUIC_PACER_TRAIN_NS	TQUIC_NS_PER_MS
/* ...and at most what one UDP GSO send takes. */
#define TQUIC_PACER_TRAIN_MAX	65000

/**
 * struct tquic_pacer - when a path may send next
 * @rate: bytes per second; 0 = unpaced
 * @next: when the next train may leave
 *
 * A clock that runs ahead by the serialisation time of what was sent, at most
 * TQUIC_PACER_SLACK behind the real one.
 */
struct tquic_pacer {
	u64 rate;
	tquic_time_t next;
};

void tquic_pacer_init(struct tquic_pacer *pacer, tquic_time_t now);
void tquic_pacer_set_rate(struct tquic_pacer *pacer, tquic_time_t now,
			  u64 rate);
void tquic_pacer_sent(struct tquic_pacer *pacer, tquic_time_t now, u64 bytes);
u64 tquic_pacer_train(const struct tquic_pacer *pacer, u32 mds);

static inline bool tquic_pacer_ready(const struct tquic_pacer *pacer,
				     tquic_time_t now)
{
	return pacer->next <= now;
}

#endif /* _TQUIC_CORE_PACER_H */
