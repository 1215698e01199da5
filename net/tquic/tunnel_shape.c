// SPDX-License-Identifier: GPL-2.0
/*
 * Server: a client's TCP flows keep to its rate, and share it.
 *
 * A flow asks before it moves bytes.  While there are tokens and nobody waits,
 * it has what it wants of them.  Otherwise it queues up, once for each
 * direction; as tokens come, a turn goes to whoever is first, who then has to
 * queue up again.  So flows that want more than there is get the same, however
 * many events they have, and nobody runs while there is nothing.
 *
 * Datagrams do not wait: they are dropped when there are too many.  While flows
 * wait they may have as much as flows get, so that neither takes it all.
 */
#include <linux/math64.h>

#include "tunnel_priv.h"

/* a turn, in bytes: two packets at least */
#define TQUIC_SHAPE_LEAST	3000
#define TQUIC_SHAPE_MOST	(64 << 10)

/* What passes in a 128th of a second. */
static u64 tquic_shape_turn(u64 rate)
{
	return clamp_t(u64, rate >> 7, TQUIC_SHAPE_LEAST, TQUIC_SHAPE_MOST);
}

static struct tquic_tun_bucket *tquic_shape_bucket(struct tquic_tun_link *link,
						   unsigned int way)
{
	return way == TQUIC_TUN_UP ? &link->up : &link->down;
}

/* When there are tokens for the one who waits; link->lock is held. */
static void tquic_shape_arm(struct tquic_tun_link *link,
			    const struct tquic_tun_bucket *b)
{
	s64 lack = (s64)tquic_shape_turn(b->rate) - b->tokens;
	unsigned long delay = 1;

	if (b->rate && lack > 0)
		delay += nsecs_to_jiffies(mul_u64_u64_div_u64(lack,
							      NSEC_PER_SEC,
							      b->rate));
	tquic_tun_link_get(link);
	if (!queue_delayed_work(tquic_tun_wq, &link->refill,
				min_t(unsigned long, delay, HZ)))
		tquic_tun_link_put(link);
}

/* link->lock is held. */
static u32 tquic_shape_take(struct tquic_tun_link *link,
			    struct tquic_tun_turn *turn,
			    struct tquic_tun_queue *q,
			    struct tquic_tun_bucket *b, u32 want)
{
	u64 room, most;

	if (turn->granted) {
		most = min(turn->granted, want);
		b->tokens += turn->granted - most;
		turn->granted = 0;
		return most;
	}
	if (!list_empty(&turn->node))
		return 0;
	room = tquic_tun_bucket_room(b, ktime_get_ns());
	most = tquic_shape_turn(b->rate);
	/* crumbs would be sent in packets of their own */
	if (list_empty(&q->turns) && room >= min_t(u64, want, most)) {
		want = min_t(u64, want, room);
		tquic_tun_bucket_take(b, want);
		return want;
	}
	list_add_tail(&turn->node, &q->turns);
	tquic_shape_arm(link, b);
	return 0;
}

/**
 * tquic_tun_shape_ask - may a flow move bytes
 * @flow: TCP flow, OPEN; called by its work
 * @way: TQUIC_TUN_UP or TQUIC_TUN_DOWN
 * @want: how many there are, not 0
 *
 * Return: how many may go now, of which tquic_tun_shape_used() is to be told;
 * 0 when its work will run again as soon as it is its turn.
 */
u32 tquic_tun_shape_ask(struct tquic_tun_flow *flow, unsigned int way, u32 want)
{
	struct tquic_tun_link *link = flow->link;
	struct tquic_tun_bucket *b = tquic_shape_bucket(link, way);
	struct tquic_tun_turn *turn = &flow->turn[way];
	u32 granted;

	if (!READ_ONCE(b->rate))
		return want;
	spin_lock_bh(&link->lock);
	granted = b->rate ? tquic_shape_take(link, turn, &link->queue[way], b,
					     want) : want;
	spin_unlock_bh(&link->lock);
	return granted;
}

/**
 * tquic_tun_shape_used - what became of it
 * @flow: TCP flow
 * @way: as when it asked
 * @granted: what it was told
 * @used: what it has moved; may be more
 */
void tquic_tun_shape_used(struct tquic_tun_flow *flow, unsigned int way,
			  u32 granted, u32 used)
{
	struct tquic_tun_link *link = flow->link;
	struct tquic_tun_bucket *b = tquic_shape_bucket(link, way);

	if (!READ_ONCE(b->rate) || granted == used)
		return;
	spin_lock_bh(&link->lock);
	if (b->rate)
		b->tokens += (s64)granted - used;
	spin_unlock_bh(&link->lock);
}

/**
 * tquic_tun_shape_leave - a flow has no more to move
 * @flow: TCP flow with a link
 */
void tquic_tun_shape_leave(struct tquic_tun_flow *flow)
{
	struct tquic_tun_link *link = flow->link;
	struct tquic_tun_bucket *b;
	unsigned int way;

	spin_lock_bh(&link->lock);
	for (way = 0; way < TQUIC_TUN_WAYS; way++) {
		b = tquic_shape_bucket(link, way);
		list_del_init(&flow->turn[way].node);
		if (b->rate)
			b->tokens += flow->turn[way].granted;
		flow->turn[way].granted = 0;
	}
	spin_unlock_bh(&link->lock);
}

/**
 * tquic_tun_shape_police - may a datagram pass
 * @link: client's
 * @b: one of its buckets
 * @len: bytes, which are taken if it may
 *
 * Context: any.
 * Return: whether it may.
 */
bool tquic_tun_shape_police(struct tquic_tun_link *link,
			    struct tquic_tun_bucket *b, u32 len)
{
	struct tquic_tun_queue *q = NULL;
	bool ok;

	if (!READ_ONCE(b->rate))
		return true;
	if (b == &link->up)
		q = &link->queue[TQUIC_TUN_UP];
	else if (b == &link->down)
		q = &link->queue[TQUIC_TUN_DOWN];
	spin_lock_bh(&link->lock);
	if (q && !list_empty(&q->turns)) {
		ok = q->datagrams;
		q->datagrams -= min(q->datagrams, len);
	} else {
		ok = tquic_tun_bucket_room(b, ktime_get_ns());
	}
	if (ok)
		tquic_tun_bucket_take(b, len);
	spin_unlock_bh(&link->lock);
	return ok;
}

/* Turns for those who wait; link->lock is held. */
static void tquic_shape_serve(struct tquic_tun_link *link, unsigned int way)
{
	struct tquic_tun_bucket *b = tquic_shape_bucket(link, way);
	struct tquic_tun_queue *q = &link->queue[way];
	u64 room, most = tquic_shape_turn(b->rate);
	struct tquic_tun_flow *flow;
	struct tquic_tun_turn *turn;

	while (!list_empty(&q->turns)) {
		room = tquic_tun_bucket_room(b, ktime_get_ns());
		if (room < most)
			break;
		/* who waits alone has all of it */
		if (!list_is_singular(&q->turns))
			room = most;
		turn = list_first_entry(&q->turns, struct tquic_tun_turn, node);
		list_del_init(&turn->node);
		turn->granted = min_t(u64, room, TQUIC_SHAPE_MOST);
		tquic_tun_bucket_take(b, turn->granted);
		q->datagrams = min_t(u64, q->datagrams + most, 4 * most);
		flow = way == TQUIC_TUN_UP ?
		       container_of(turn, struct tquic_tun_flow,
				    turn[TQUIC_TUN_UP]) :
		       container_of(turn, struct tquic_tun_flow,
				    turn[TQUIC_TUN_DOWN]);
		tquic_tun_tcp_kick(flow);
	}
	if (!list_empty(&q->turns))
		tquic_shape_arm(link, b);
}

static void tquic_shape_refill(struct work_struct *work)
{
	struct tquic_tun_link *link = container_of(to_delayed_work(work),
						   struct tquic_tun_link,
						   refill);
	unsigned int way;

	spin_lock_bh(&link->lock);
	for (way = 0; way < TQUIC_TUN_WAYS; way++)
		tquic_shape_serve(link, way);
	spin_unlock_bh(&link->lock);
	tquic_tun_link_put(link);
}

/**
 * tquic_tun_shape_set - the rate of a client
 * @link: its session; its lock is held, or nobody knows it yet
 * @rate: bytes a second, 0 for no limit
 *
 * Those who wait are looked at soon, by the new rate.
 */
void tquic_tun_shape_set(struct tquic_tun_link *link, u64 rate)
{
	u64 now = ktime_get_ns();
	unsigned int way;

	for (way = 0; way < TQUIC_TUN_WAYS; way++) {
		tquic_tun_bucket_set(tquic_shape_bucket(link, way), rate, now);
		if (!list_empty(&link->queue[way].turns))
			tquic_shape_arm(link, tquic_shape_bucket(link, way));
	}
}

void tquic_tun_shape_init(struct tquic_tun_link *link)
{
	unsigned int way;

	for (way = 0; way < TQUIC_TUN_WAYS; way++)
		INIT_LIST_HEAD(&link->queue[way].turns);
	INIT_DELAYED_WORK(&link->refill, tquic_shape_refill);
}

/* The link is at its end; its flows leave by themselves. */
void tquic_tun_shape_exit(struct tquic_tun_link *link)
{
	if (cancel_delayed_work_sync(&link->refill))
		tquic_tun_link_put(link);
}
