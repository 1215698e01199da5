// SPDX-License-Identifier: GPL-2.0
/*
 * Which legs a bulk flow of datagrams uses.
 */
#include "dplace.h"

/* a leg is full when more of what is sent on it, per cent, had to wait */
#define TQUIC_DPLACE_WAITS	50
/* a flow that has less of a leg's load, per cent, is moved, not spread */
#define TQUIC_DPLACE_LION	60
/* a flow that fills less of its best leg, per cent, needs no other */
#define TQUIC_DPLACE_ENOUGH	80

void tquic_dplace_flow_init(struct tquic_dplace_flow *flow)
{
	*flow = (struct tquic_dplace_flow){ .leg = TQUIC_DPLACE_NONE };
}

/**
 * tquic_dplace_sent - a bulk flow sent something
 * @place: legs
 * @flow: flow
 * @leg: on which
 * @bytes: how much, with what stands around it in the packet
 * @waited: ns from when it was queued
 */
void tquic_dplace_sent(struct tquic_dplace *place,
		       struct tquic_dplace_flow *flow, unsigned int leg,
		       u32 bytes, u64 waited)
{
	place->legs[leg].sent += bytes;
	flow->sent += bytes;
	if (waited <= TQUIC_DPLACE_WAIT)
		return;
	place->legs[leg].waited += bytes;
	flow->waited += bytes;
}

static u64 tquic_dplace_per_second(u64 bytes, u64 time)
{
	return mul_u64_u64_div_u64(bytes, TQUIC_NS_PER_SEC, time);
}

static bool tquic_dplace_fills(u64 rate, u64 of, unsigned int percent)
{
	return rate * 100 >= of * percent;
}

/* Begins a new interval for the legs when the present one is over. */
static void tquic_dplace_tick(struct tquic_dplace *place, tquic_time_t now)
{
	u64 time = now - place->since;
	struct tquic_dplace_leg *leg;
	unsigned int i;

	if (time < TQUIC_DPLACE_INTERVAL)
		return;
	for (i = 0; i < TQUIC_DPLACE_LEGS; i++) {
		leg = &place->legs[i];
		leg->load = tquic_dplace_per_second(leg->sent, time);
		leg->full = leg->sent &&
			    tquic_dplace_fills(leg->waited, leg->sent,
					       TQUIC_DPLACE_WAITS);
		leg->sent = 0;
		leg->waited = 0;
	}
	place->since = now;
}

/**
 * tquic_dplace_near - do two legs land packets at nearly the same time
 * @place: legs
 * @a: one
 * @b: the other
 *
 * Return: whether spreading a flow over both costs less than it brings.
 */
bool tquic_dplace_near(const struct tquic_dplace *place, unsigned int a,
		       unsigned int b)
{
	const struct tquic_dplace_leg *fast = &place->legs[a];
	const struct tquic_dplace_leg *slow = &place->legs[b];

	if (fast->owd_min > slow->owd_min)
		swap(fast, slow);
	return (u64)(slow->owd_min - fast->owd_min) * 100 <=
	       fast->srtt * TQUIC_DPLACE_NEAR;
}

/* Leg for a flow of which nothing is known: where it lands first. */
static u8 tquic_dplace_first(const struct tquic_dplace *place)
{
	const struct tquic_dplace_leg *leg, *best = NULL;
	unsigned int i;

	for (i = 0; i < TQUIC_DPLACE_LEGS; i++) {
		leg = &place->legs[i];
		if (!leg->usable)
			continue;
		if (!best || leg->full < best->full ||
		    (leg->full == best->full && leg->owd < best->owd))
			best = leg;
	}
	return best ? best - place->legs : TQUIC_DPLACE_NONE;
}

/* Legs that a flow may be spread over: its own, and those near to all. */
static u16 tquic_dplace_mask(const struct tquic_dplace *place, unsigned int leg)
{
	unsigned int i, j;
	u16 mask = BIT(leg);

	for (i = 0; i < TQUIC_DPLACE_LEGS; i++) {
		if (!place->legs[i].usable || !place->legs[i].spare)
			continue;
		for (j = 0; j < TQUIC_DPLACE_LEGS; j++)
			if (mask & BIT(j) && !tquic_dplace_near(place, i, j))
				break;
		if (j == TQUIC_DPLACE_LEGS)
			mask |= BIT(i);
	}
	return mask;
}

/*
 * Another leg that has room for the flow: one on which nobody waits.  What it
 * could carry is not known before it is tried.
 */
static u8 tquic_dplace_roomy(const struct tquic_dplace *place,
			     const struct tquic_dplace_flow *flow)
{
	const struct tquic_dplace_leg *leg;
	u8 best = TQUIC_DPLACE_NONE;
	unsigned int i;

	for (i = 0; i < TQUIC_DPLACE_LEGS; i++) {
		leg = &place->legs[i];
		if (i == flow->leg || !leg->usable || !leg->spare || leg->full)
			continue;
		if (best == TQUIC_DPLACE_NONE ||
		    leg->owd < place->legs[best].owd)
			best = i;
	}
	return best;
}

/* A flow on one leg that was too small for it for a while. */
static bool tquic_dplace_relieve(struct tquic_dplace *place,
				 struct tquic_dplace_flow *flow,
				 tquic_time_t now)
{
	const struct tquic_dplace_leg *leg = &place->legs[flow->leg];
	u16 mask;
	u8 to;

	if (flow->full < TQUIC_DPLACE_PATIENCE)
		return false;
	if (!tquic_dplace_fills(flow->rate, leg->load, TQUIC_DPLACE_LION)) {
		/* one at a time, and see what comes of it */
		to = tquic_dplace_roomy(place, flow);
		if (to == TQUIC_DPLACE_NONE ||
		    now - place->moved_at < 2 * TQUIC_DPLACE_INTERVAL)
			return false;
		place->moved_at = now;
		flow->leg = to;
		flow->full = 0;
		return true;
	}
	mask = tquic_dplace_mask(place, flow->leg);
	if (mask == BIT(flow->leg))
		return false;
	flow->spread = mask;
	flow->full = 0;
	flow->lax = 0;
	return true;
}

/* A flow that is spread. */
static bool tquic_dplace_gather(const struct tquic_dplace *place,
				struct tquic_dplace_flow *flow)
{
	u16 mask = tquic_dplace_mask(place, flow->leg);
	bool enough = !flow->full &&
		      !tquic_dplace_fills(flow->rate,
					  place->legs[flow->leg].rate,
					  TQUIC_DPLACE_ENOUGH);

	if (mask == flow->spread && !enough) {
		flow->lax = 0;
		return false;
	}
	if (++flow->lax < TQUIC_DPLACE_PATIENCE)
		return false;
	flow->lax = 0;
	flow->spread = enough || mask == BIT(flow->leg) ? 0 : mask;
	return true;
}

/* The interval of a flow is over: did it fill its leg. */
static void tquic_dplace_sum(const struct tquic_dplace *place,
			     struct tquic_dplace_flow *flow, u64 time)
{
	const struct tquic_dplace_leg *leg = &place->legs[flow->leg];
	bool full;

	flow->rate = tquic_dplace_per_second(flow->sent, time);
	/* a leg's rate is an estimate, that others are before us is a fact */
	full = tquic_dplace_fills(max(flow->rate, leg->load), leg->rate,
				  TQUIC_DPLACE_FULL) ||
	       (flow->sent && tquic_dplace_fills(flow->waited, flow->sent,
						 TQUIC_DPLACE_FULL));
	flow->full = full ? min(flow->full + 1, TQUIC_DPLACE_PATIENCE) : 0;
	flow->sent = 0;
	flow->waited = 0;
}

/**
 * tquic_dplace_review - say where a flow sends from now on
 * @place: legs, as they are now
 * @flow: flow, which has something to send
 * @now: present time
 *
 * Return: whether @flow->leg or @flow->spread has changed.
 */
bool tquic_dplace_review(struct tquic_dplace *place,
			 struct tquic_dplace_flow *flow, tquic_time_t now)
{
	u64 time = now - flow->since;
	bool pause = now - flow->last >= TQUIC_DPLACE_PAUSE;

	tquic_dplace_tick(place, now);
	flow->last = now;
	if (flow->leg == TQUIC_DPLACE_NONE || pause ||
	    !place->legs[flow->leg].usable) {
		tquic_dplace_flow_init(flow);
		flow->leg = tquic_dplace_first(place);
		flow->since = now;
		flow->last = now;
		return true;
	}
	if (time < TQUIC_DPLACE_INTERVAL)
		return false;
	tquic_dplace_sum(place, flow, time);
	flow->since = now;
	return flow->spread ? tquic_dplace_gather(place, flow) :
			      tquic_dplace_relieve(place, flow, now);
}
