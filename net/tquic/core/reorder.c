// SPDX-License-Identifier: GPL-2.0
/*
 * Putting the packets of one flow, sent over several legs, into order again.
 */
#include "reorder.h"

/**
 * tquic_reorder_init - begin a flow
 * @r: flow
 * @first: sequence number to begin with
 * @hold: the longest that a packet may be held, at most TQUIC_REORDER_HOLD_MAX
 */
void tquic_reorder_init(struct tquic_reorder *r, u64 first, u64 hold)
{
	*r = (struct tquic_reorder){
		.held = RB_ROOT,
		.next = first,
		.top = first,
		.hold = min_t(u64, hold, TQUIC_REORDER_HOLD_MAX),
	};
	INIT_LIST_HEAD(&r->order);
	tquic_range_init(&r->missing, TQUIC_REORDER_RANGES);
}

/* Ends a flow that holds nothing any more. */
void tquic_reorder_free(struct tquic_reorder *r)
{
	tquic_range_free(&r->missing);
}

static struct tquic_reorder_item *
tquic_reorder_item(const struct rb_node *node)
{
	return rb_entry(node, struct tquic_reorder_item, node);
}

static struct tquic_reorder_item *
tquic_reorder_lowest(const struct tquic_reorder *r)
{
	struct rb_node *node = rb_first(&r->held);

	return node ? tquic_reorder_item(node) : NULL;
}

/**
 * tquic_reorder_had - did a packet arrive before
 * @r: flow
 * @seq: sequence number
 *
 * Return: whether it did, or is so old that this is forgotten.
 */
bool tquic_reorder_had(const struct tquic_reorder *r, u64 seq)
{
	const struct rb_node *node = r->held.rb_node;
	const struct tquic_reorder_item *item;

	if (seq < r->next)
		return !tquic_range_contains(&r->missing, seq, seq);
	while (node) {
		item = tquic_reorder_item(node);
		if (item->seq == seq)
			return true;
		node = seq < item->seq ? node->rb_left : node->rb_right;
	}
	return false;
}

/* The packet held longest. */
static struct tquic_reorder_item *
tquic_reorder_oldest(const struct tquic_reorder *r)
{
	if (list_empty(&r->order))
		return NULL;
	return list_first_entry(&r->order, struct tquic_reorder_item, link);
}

static u64 tquic_reorder_most(const struct tquic_reorder_late *late)
{
	u64 most = max(late->most[0], late->most[1]);

	return most + most / 4 + TQUIC_REORDER_SLACK;
}

/**
 * tquic_reorder_wait - how long a packet is waited for
 * @r: flow
 *
 * Return: ns from the arrival of a later one on.
 */
u64 tquic_reorder_wait(const struct tquic_reorder *r)
{
	if (r->late.samples < TQUIC_REORDER_SAMPLES)
		return r->hold;
	return min(tquic_reorder_most(&r->late), r->hold);
}

/* How long a packet is waited for that is known to be lost. */
static u64 tquic_reorder_wait_again(const struct tquic_reorder *r)
{
	/* when nothing came again of late, nothing will */
	if (!r->patient || !(r->again.most[0] | r->again.most[1]))
		return 0;
	return min(tquic_reorder_most(&r->again), r->hold);
}

static void tquic_reorder_turn(struct tquic_reorder_late *late,
			       tquic_time_t now)
{
	u64 time = now - late->since;

	if (time < TQUIC_REORDER_EPOCH)
		return;
	late->most[1] = time < 2 * TQUIC_REORDER_EPOCH ? late->most[0] : 0;
	late->most[0] = 0;
	late->since = now;
}

/* A packet came @time ns after a later one. */
static void tquic_reorder_sample(struct tquic_reorder_late *late,
				 tquic_time_t now, u64 time)
{
	tquic_reorder_turn(late, now);
	late->most[0] = max(late->most[0], time);
	late->samples = min(late->samples + 1, TQUIC_REORDER_SAMPLES);
}

static void tquic_reorder_note_leg(struct tquic_reorder *r, u64 seq,
				   const struct tquic_reorder_in *in)
{
	struct tquic_reorder_leg *leg, *old = &r->legs[0];
	unsigned int i;

	for (i = 0; i < r->nlegs; i++) {
		leg = &r->legs[i];
		if (leg->id == in->leg)
			goto found;
		if (leg->time < old->time)
			old = leg;
	}
	leg = r->nlegs < TQUIC_REORDER_LEGS ? &r->legs[r->nlegs++] : old;
	leg->id = in->leg;
	leg->next = 0;
found:
	leg->time = in->now;
	leg->next = max(leg->next, seq + 1);
}

/*
 * All legs in use have delivered what is at or beyond the answer.  In use are
 * as many as the sender says, those heard of last.
 */
static u64 tquic_reorder_floor(const struct tquic_reorder *r)
{
	unsigned int need = r->others + 1, used = 0, best, i;
	u64 floor = U64_MAX;

	if (need > r->nlegs)
		return 0;
	for (; need; need--) {
		best = TQUIC_REORDER_LEGS;
		for (i = 0; i < r->nlegs; i++)
			if (!(used & BIT(i)) &&
			    (best == TQUIC_REORDER_LEGS ||
			     r->legs[i].time > r->legs[best].time))
				best = i;
		used |= BIT(best);
		floor = min(floor, r->legs[best].next);
	}
	return floor;
}

static void tquic_reorder_release(struct tquic_reorder *r,
				  struct tquic_reorder_item *item,
				  struct list_head *out)
{
	rb_erase(&item->node, &r->held);
	list_move_tail(&item->link, out);
	r->count--;
	r->next = item->seq + 1;
}

/* The hole below a packet stays. */
static void tquic_reorder_give_up(struct tquic_reorder *r, u64 end,
				  u64 *counter, gfp_t gfp)
{
	*counter += end - r->next;
	r->gap_first = r->next;
	r->gap_end = end;
	r->gap_time = tquic_reorder_oldest(r)->time;
	/* what is not remembered counts as a repetition if it comes at last */
	tquic_range_insert(&r->missing, r->next, end - 1, gfp);
}

/* Releases what is in order, and what lies below @floor. */
static void tquic_reorder_advance(struct tquic_reorder *r, u64 floor,
				  u64 *counter, struct list_head *out,
				  gfp_t gfp)
{
	struct tquic_reorder_item *item;

	while ((item = tquic_reorder_lowest(r))) {
		if (item->seq != r->next) {
			if (item->seq >= floor)
				return;
			tquic_reorder_give_up(r, item->seq, counter, gfp);
		}
		tquic_reorder_release(r, item, out);
	}
}

/* What came before this is here, or will not come by itself. */
static u64 tquic_reorder_settled(const struct tquic_reorder *r)
{
	return r->others ? tquic_reorder_floor(r) : r->top;
}

/* Puts a packet in its place, and learns how late it is. */
static void tquic_reorder_hold(struct tquic_reorder *r,
			       struct tquic_reorder_item *item, bool again)
{
	struct rb_node **link = &r->held.rb_node, *parent = NULL;
	struct tquic_reorder_item *at, *after = NULL;

	while (*link) {
		parent = *link;
		at = tquic_reorder_item(parent);
		if (item->seq < at->seq) {
			after = at;
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
		}
	}
	rb_link_node(&item->node, parent, link);
	rb_insert_color(&item->node, &r->held);
	list_add_tail(&item->link, &r->order);
	r->count++;
	if (after)
		tquic_reorder_sample(again ? &r->again : &r->late, item->time,
				     item->time - after->time);
}

/* A packet that was given up; nothing is gained by dropping it. */
static void tquic_reorder_late(struct tquic_reorder *r,
			       struct tquic_reorder_item *item,
			       const struct tquic_reorder_in *in,
			       struct list_head *out)
{
	r->too_late++;
	if (item->seq >= r->gap_first && item->seq < r->gap_end)
		tquic_reorder_sample(in->again ? &r->again : &r->late, in->now,
				     in->now - r->gap_time);
	/* otherwise it will be told from another of its kind no more */
	tquic_range_remove(&r->missing, item->seq, item->seq, in->gfp);
	list_add_tail(&item->link, out);
}

/**
 * tquic_reorder_push - a packet arrived
 * @r: flow
 * @item: packet with its sequence number
 * @in: how it came
 * @out: packets that are released are added here, in order; maybe @item
 *
 * Return: false when it arrived before; then it was not taken.
 */
bool tquic_reorder_push(struct tquic_reorder *r,
			struct tquic_reorder_item *item,
			const struct tquic_reorder_in *in,
			struct list_head *out)
{
	item->time = in->now;
	if (!in->again)
		tquic_reorder_note_leg(r, item->seq, in);
	if (tquic_reorder_had(r, item->seq))
		return false;
	if (item->seq < r->next) {
		tquic_reorder_late(r, item, in, out);
		return true;
	}
	tquic_reorder_hold(r, item, in->again);
	if (item->seq >= r->top) {
		r->top = item->seq + 1;
		r->others = in->others;
	}
	tquic_reorder_turn(&r->again, in->now);
	tquic_reorder_advance(r, tquic_reorder_wait_again(r) ? 0 :
			      tquic_reorder_settled(r), &r->lost, out,
			      in->gfp);
	return true;
}

/**
 * tquic_reorder_timeout - time has passed
 * @r: flow
 * @now: present time
 * @out: packets that are released are added here, in order
 * @gfp: allocation flags
 */
void tquic_reorder_timeout(struct tquic_reorder *r, tquic_time_t now,
			   struct list_head *out, gfp_t gfp)
{
	struct tquic_reorder_item *oldest;

	while (tquic_reorder_deadline(r) <= now) {
		oldest = tquic_reorder_oldest(r);
		tquic_reorder_advance(r, oldest->seq + 1, &r->expired, out,
				      gfp);
	}
}

/* Releases all that is held. */
void tquic_reorder_flush(struct tquic_reorder *r, struct list_head *out)
{
	tquic_reorder_advance(r, U64_MAX, &r->expired, out, GFP_ATOMIC);
}

/**
 * tquic_reorder_deadline - when to call tquic_reorder_timeout()
 * @r: flow
 *
 * Return: a time, TQUIC_TIME_NEVER when nothing is held.
 */
tquic_time_t tquic_reorder_deadline(const struct tquic_reorder *r)
{
	const struct tquic_reorder_item *oldest = tquic_reorder_oldest(r);
	u64 again = tquic_reorder_wait_again(r);

	if (!oldest)
		return TQUIC_TIME_NEVER;
	if (again && tquic_reorder_lowest(r)->seq < tquic_reorder_settled(r))
		return oldest->time + again;
	return oldest->time + max(tquic_reorder_wait(r), again);
}
