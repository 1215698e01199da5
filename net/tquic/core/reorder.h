/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Putting the packets of one flow, sent over several legs, into order again.
 *
 * A packet that arrives behind a hole is held until the hole is filled, or
 * known to stay: each leg keeps the order of what is sent on it, so a packet is
 * lost once every leg in use has delivered a later one (RFC 1990 section 4.1).
 * When some leg is silent a timer decides, which follows the lateness that was
 * measured; and no packet is ever held longer than the flow allows.
 *
 * A flow that uses one leg only is not held at all.
 *
 * Where the sender repeats what was lost, a loss is waited for as well, as long
 * as repetitions took to come: who sends in order for a reason, as TCP does,
 * takes a hole for congestion.
 */
#ifndef _TQUIC_CORE_REORDER_H
#define _TQUIC_CORE_REORDER_H

#include "range.h"

#define TQUIC_REORDER_LEGS	8
/* the longest that any packet is held */
#define TQUIC_REORDER_HOLD_MAX	(600 * TQUIC_NS_PER_MS)
/* ranges of numbers given up that are remembered, in case they come late */
#define TQUIC_REORDER_RANGES	32
/* what is measured counts for one to two of these */
#define TQUIC_REORDER_EPOCH	(2 * TQUIC_NS_PER_SEC)
/* before there were so many measurements, patience has the flow's bound */
#define TQUIC_REORDER_SAMPLES	8
/* added to what was measured before a hole is given up by time */
#define TQUIC_REORDER_SLACK	TQUIC_NS_PER_MS

/**
 * struct tquic_reorder_item - a packet
 * @node: while held: place by @seq
 * @link: while held: place by arrival; afterwards in the list of those that are
 *	released
 * @seq: sequence number
 * @time: when it arrived
 */
struct tquic_reorder_item {
	struct rb_node node;
	struct list_head link;
	u64 seq;
	tquic_time_t time;
};

/**
 * struct tquic_reorder_leg - what came by one leg
 * @id: which
 * @next: one past the highest sequence number
 * @time: when something last came
 */
struct tquic_reorder_leg {
	u32 id;
	u64 next;
	tquic_time_t time;
};

/**
 * struct tquic_reorder_in - how a packet came
 * @now: present time
 * @leg: by which leg
 * @others: how many other legs may still carry packets sent before it
 * @again: it was sent before: its lateness tells nothing of the legs
 * @gfp: allocation flags
 */
struct tquic_reorder_in {
	tquic_time_t now;
	u32 leg;
	u8 others;
	bool again;
	gfp_t gfp;
};

/**
 * struct tquic_reorder_late - how late packets of a kind come
 * @most: ns: the most in the present interval and in the one before
 * @since: when the present interval began
 * @samples: how many there were, up to TQUIC_REORDER_SAMPLES
 */
struct tquic_reorder_late {
	u64 most[2];
	tquic_time_t since;
	u8 samples;
};

/**
 * struct tquic_reorder - one flow
 * @held: packets by sequence number
 * @order: the same, by arrival
 * @count: how many
 * @next: lowest sequence number that is neither released nor given up
 * @missing: below it: those given up
 * @top: one past the highest sequence number received
 * @others: what the packet before @top said of other legs
 * @hold: the longest that a packet may be held, ns
 * @patient: losses are waited for
 * @late: how late packets came that took a slower leg
 * @again: how late repetitions came
 * @gap_first: of the hole that was given up last, the first number
 * @gap_end: one past its last number
 * @gap_time: when that hole was first seen
 * @legs: legs that packets came by
 * @nlegs: entries in @legs
 * @lost: counter: sequence numbers given up because all legs went past
 * @expired: counter: those given up by time
 * @too_late: counter: packets that came after they were given up
 */
struct tquic_reorder {
	struct rb_root held;
	struct list_head order;
	u32 count;
	u64 next;
	struct tquic_range_set missing;
	u64 top;
	u8 others;
	u64 hold;
	bool patient;
	struct tquic_reorder_late late;
	struct tquic_reorder_late again;
	u64 gap_first;
	u64 gap_end;
	tquic_time_t gap_time;
	struct tquic_reorder_leg legs[TQUIC_REORDER_LEGS];
	u8 nlegs;
	u64 lost;
	u64 expired;
	u64 too_late;
};

void tquic_reorder_init(struct tquic_reorder *r, u64 first, u64 hold);
void tquic_reorder_free(struct tquic_reorder *r);
bool tquic_reorder_had(const struct tquic_reorder *r, u64 seq);
bool tquic_reorder_push(struct tquic_reorder *r,
			struct tquic_reorder_item *item,
			const struct tquic_reorder_in *in,
			struct list_head *out);
void tquic_reorder_timeout(struct tquic_reorder *r, tquic_time_t now,
			   struct list_head *out, gfp_t gfp);
void tquic_reorder_flush(struct tquic_reorder *r, struct list_head *out);
u64 tquic_reorder_wait(const struct tquic_reorder *r);
tquic_time_t tquic_reorder_deadline(const struct tquic_reorder *r);

#endif /* _TQUIC_CORE_REORDER_H */
