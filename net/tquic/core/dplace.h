/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which legs a bulk flow of datagrams uses.
 *
 * Whoever sends through a tunnel takes reordering and jumps of delay for
 * congestion.  So a flow stays on one leg; only when that has been too small
 * for it for a while is it spread, and only over legs that land their packets
 * at nearly the same time: the receiver holds back what the faster ones
 * deliver, which makes all of them as slow as the slowest.
 *
 *   one leg --full for a second, a near leg has room--> spread
 *      ^                                                   |
 *      +--too far apart, or the best would do, for a second-+
 *
 * Flows that share a full leg are moved apart before any of them is spread.
 */
#ifndef _TQUIC_CORE_DPLACE_H
#define _TQUIC_CORE_DPLACE_H

#include "core.h"

#define TQUIC_DPLACE_LEGS	16
#define TQUIC_DPLACE_NONE	TQUIC_DPLACE_LEGS
/* flows and legs are judged over as long */
#define TQUIC_DPLACE_INTERVAL	(200 * TQUIC_NS_PER_MS)
/* intervals in a row before a flow is spread, moved, or gathered again */
#define TQUIC_DPLACE_PATIENCE	5
/* per cent of its leg's rate at which a flow fills it */
#define TQUIC_DPLACE_FULL	90
/* per cent of the fastest leg's RTT that others may land later */
#define TQUIC_DPLACE_NEAR	80
/* what waits longer for its leg waits because the leg is full */
#define TQUIC_DPLACE_WAIT	(5 * TQUIC_NS_PER_MS)
/* a flow that pauses as long begins anew */
#define TQUIC_DPLACE_PAUSE	TQUIC_NS_PER_SEC

/**
 * struct tquic_dplace_leg - a leg as placement sees it
 * @usable: it may carry datagrams
 * @spare: bytes on it cost nothing
 * @owd: one-way delay now, ns; only differences mean something
 * @owd_min: likewise, without queues
 * @srtt: smoothed RTT, ns
 * @rate: what it delivers, bytes per second
 * @sent: bytes of bulk flows sent on it in this interval
 * @waited: those of them that had to wait for it
 * @load: bytes of bulk flows per second in the interval before
 * @full: most of them had to wait
 */
struct tquic_dplace_leg {
	bool usable;
	bool spare;
	s64 owd;
	s64 owd_min;
	u64 srtt;
	u64 rate;
	u64 sent;
	u64 waited;
	u64 load;
	bool full;
};

/**
 * struct tquic_dplace - the legs of a connection
 * @legs: by number
 * @since: when the present interval began
 * @moved_at: when a flow was last moved
 */
struct tquic_dplace {
	struct tquic_dplace_leg legs[TQUIC_DPLACE_LEGS];
	tquic_time_t since;
	tquic_time_t moved_at;
};

/**
 * struct tquic_dplace_flow - where a flow is
 * @leg: best leg; the only one without @spread
 * @spread: bit per leg that it is spread over, 0 for not
 * @since: when the present interval began
 * @last: when something was last sent
 * @sent: bytes sent in this interval
 * @waited: those of them that had to wait for their leg
 * @rate: bytes per second in the interval before
 * @full: intervals in a row in which it filled its leg
 * @lax: intervals in a row in which it should not have been spread
 */
struct tquic_dplace_flow {
	u8 leg;
	u16 spread;
	tquic_time_t since;
	tquic_time_t last;
	u64 sent;
	u64 waited;
	u64 rate;
	u8 full;
	u8 lax;
};

void tquic_dplace_flow_init(struct tquic_dplace_flow *flow);
void tquic_dplace_sent(struct tquic_dplace *place,
		       struct tquic_dplace_flow *flow, unsigned int leg,
		       u32 bytes, u64 waited);
bool tquic_dplace_review(struct tquic_dplace *place,
			 struct tquic_dplace_flow *flow, tquic_time_t now);
bool tquic_dplace_near(const struct tquic_dplace *place, unsigned int a,
		       unsigned int b);

#endif /* _TQUIC_CORE_DPLACE_H */
