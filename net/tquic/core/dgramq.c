// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams on their way to the peer: RFC 9221.
 */
#include "dgramq.h"

/* flags that are news to an owner */
#define TQUIC_DGRAM_FATES (TQUIC_DGRAM_F_LOST | TQUIC_DGRAM_F_EXPIRED | \
			   TQUIC_DGRAM_F_ACKED | TQUIC_DGRAM_F_DROPPED)

/**
 * tquic_dgramq_init - start without datagrams
 * @q: queues
 * @buf_ops: references to payload
 * @limit: bytes of memory that waiting datagrams may take
 */
void tquic_dgramq_init(struct tquic_dgramq *q,
		       const struct tquic_buf_ops *buf_ops, u64 limit)
{
	*q = (struct tquic_dgramq){
		.buf_ops = buf_ops,
		.limit = limit,
	};
	INIT_LIST_HEAD(&q->news);
}

/**
 * tquic_dgram_flow_init - begin a flow
 * @flow: flow
 * @class: how urgent it is
 */
void tquic_dgram_flow_init(struct tquic_dgram_flow *flow,
			   enum tquic_stream_class class)
{
	*flow = (struct tquic_dgram_flow){
		.class = class,
		.leg = TQUIC_DGRAM_ANY,
		.legs = U16_MAX,
		.deficit = TQUIC_DGRAM_QUANTUM,
	};
	INIT_LIST_HEAD(&flow->ready);
	INIT_LIST_HEAD(&flow->queue);
}

/* The first datagram is to be sent. */
static int tquic_dgramq_lists(struct tquic_dgramq *q, gfp_t gfp)
{
	struct tquic_dgram_lists *lists;
	unsigned int class, leg;

	if (q->lists)
		return 0;
	lists = kzalloc_obj(*lists, gfp);
	if (!lists)
		return -ENOMEM;
	for (class = 0; class < TQUIC_STREAM_CLASSES; class++) {
		for (leg = 0; leg <= TQUIC_DGRAM_LEGS; leg++)
			INIT_LIST_HEAD(&lists->ready[class][leg]);
		for (leg = 0; leg < TQUIC_DGRAM_LEGS; leg++)
			INIT_LIST_HEAD(&lists->bound[class][leg]);
		tquic_dgram_flow_init(&lists->own[class], class);
	}
	q->lists = lists;
	return 0;
}

/**
 * tquic_dgramq_own - flow of datagrams that belong to none
 * @q: queues
 * @class: how urgent they are
 * @gfp: allocation flags
 *
 * Return: the flow, NULL without memory.
 */
struct tquic_dgram_flow *tquic_dgramq_own(struct tquic_dgramq *q,
					  enum tquic_stream_class class,
					  gfp_t gfp)
{
	return tquic_dgramq_lists(q, gfp) ? NULL : &q->lists->own[class];
}

static u64 tquic_dgram_cost(const struct tquic_dgram *d)
{
	return d->len + sizeof(*d);
}

/* A flow takes its place among those that have something to send. */
static void tquic_dgramq_enlist(struct tquic_dgramq *q,
				struct tquic_dgram_flow *flow)
{
	list_add_tail(&flow->ready, &q->lists->ready[flow->class][flow->leg]);
	q->waiting[flow->class]++;
}

static void tquic_dgramq_delist(struct tquic_dgramq *q,
				struct tquic_dgram_flow *flow)
{
	list_del_init(&flow->ready);
	q->waiting[flow->class]--;
}

/* The datagram leaves the place where it waits. */
static void tquic_dgramq_unlink(struct tquic_dgramq *q, struct tquic_dgram *d)
{
	struct tquic_dgram_flow *flow = d->flow;

	list_del_init(&d->node);
	if (d->where == TQUIC_DGRAM_QUEUED) {
		flow->bytes -= d->to - d->from;
		flow->held -= tquic_dgram_cost(d);
		if (list_empty(&flow->queue))
			tquic_dgramq_delist(q, flow);
	} else if (d->where == TQUIC_DGRAM_BOUND) {
		q->waiting[d->class]--;
	}
	if (d->where != TQUIC_DGRAM_NEWS) {
		q->bytes -= d->to - d->from;
		q->held -= tquic_dgram_cost(d);
	}
	d->where = TQUIC_DGRAM_NOWHERE;
}

static void tquic_dgramq_drop(struct tquic_dgramq *q, struct tquic_dgram *d)
{
	d->flow->refs--;
	if (q->ops && q->ops->gone)
		q->ops->gone(q->owner, d);
	q->buf_ops->put(d->handle);
	kfree(d);
}

/* Tells the owner, or forgets, what waits for nothing. */
static void tquic_dgramq_settle(struct tquic_dgramq *q, struct tquic_dgram *d)
{
	if (d->where != TQUIC_DGRAM_NOWHERE)
		return;
	if (d->flags & TQUIC_DGRAM_F_NOTIFY &&
	    (d->flags & TQUIC_DGRAM_FATES) != d->told) {
		list_add_tail(&d->node, &q->news);
		d->where = TQUIC_DGRAM_NEWS;
	} else if (!d->refs) {
		tquic_dgramq_drop(q, d);
	}
}

/* It will not be sent, for a reason in @flag. */
static void tquic_dgramq_give_up(struct tquic_dgramq *q, struct tquic_dgram *d,
				 u16 flag)
{
	tquic_dgramq_unlink(q, d);
	d->flags |= flag;
	tquic_dgramq_settle(q, d);
}

static void tquic_dgramq_clear(struct tquic_dgramq *q, struct list_head *list)
{
	struct tquic_dgram *d, *next;

	list_for_each_entry_safe(d, next, list, node) {
		tquic_dgramq_unlink(q, d);
		tquic_dgramq_drop(q, d);
	}
}

/**
 * tquic_dgramq_free - let go of everything
 * @q: queues; no sent packet may refer to a datagram any more
 */
void tquic_dgramq_free(struct tquic_dgramq *q)
{
	struct tquic_dgram_lists *lists = q->lists;
	struct tquic_dgram_flow *flow, *next;
	unsigned int class, leg;

	for (class = 0; class < TQUIC_STREAM_CLASSES && lists; class++) {
		for (leg = 0; leg <= TQUIC_DGRAM_LEGS; leg++)
			list_for_each_entry_safe(flow, next,
						 &lists->ready[class][leg],
						 ready)
				tquic_dgramq_clear(q, &flow->queue);
		for (leg = 0; leg < TQUIC_DGRAM_LEGS; leg++)
			tquic_dgramq_clear(q, &lists->bound[class][leg]);
	}
	tquic_dgramq_clear(q, &q->news);
	kfree(lists);
	q->lists = NULL;
}

/**
 * tquic_dgram_flow_end - what a flow still wanted to send is dropped
 * @q: queues
 * @flow: flow, to be freed once @flow->refs is 0
 */
void tquic_dgram_flow_end(struct tquic_dgramq *q,
			  struct tquic_dgram_flow *flow)
{
	struct tquic_dgram *d, *next;

	list_for_each_entry_safe(d, next, &flow->queue, node)
		tquic_dgramq_give_up(q, d, TQUIC_DGRAM_F_DROPPED);
}

/**
 * tquic_dgram_flow_set_class - a flow is more or less urgent from now on
 * @q: queues
 * @flow: flow
 * @class: how urgent; what it has queued follows, in order
 */
void tquic_dgram_flow_set_class(struct tquic_dgramq *q,
				struct tquic_dgram_flow *flow,
				enum tquic_stream_class class)
{
	bool waits = !list_empty(&flow->ready);

	if (flow->class == class)
		return;
	if (waits)
		tquic_dgramq_delist(q, flow);
	flow->class = class;
	if (waits)
		tquic_dgramq_enlist(q, flow);
}

/**
 * tquic_dgram_flow_bind - say where a flow may send
 * @q: queues
 * @flow: flow
 * @leg: on this leg, or TQUIC_DGRAM_ANY
 * @legs: in the latter case: on any of these.  A mask that leaves out usable
 *	legs is for a few flows: they are passed over one by one.
 */
void tquic_dgram_flow_bind(struct tquic_dgramq *q,
			   struct tquic_dgram_flow *flow, unsigned int leg,
			   u16 legs)
{
	bool waits = !list_empty(&flow->ready);

	flow->legs = legs;
	if (flow->leg == leg)
		return;
	if (waits)
		tquic_dgramq_delist(q, flow);
	flow->leg = leg;
	if (waits)
		tquic_dgramq_enlist(q, flow);
}

/* Is there room for another datagram of the flow. */
static bool tquic_dgramq_room(const struct tquic_dgramq *q,
			      const struct tquic_dgram_flow *flow, u32 len)
{
	u64 cost = len + sizeof(struct tquic_dgram), limit = q->limit;

	if (flow->class > TQUIC_STREAM_INTERACTIVE)
		limit -= limit / 4;
	return q->held + cost <= limit && flow->held + cost <= q->limit / 2;
}

/*
 * Makes room.  What is old is worth less than what is new to those who cannot
 * wait; the others learn of congestion by losing what comes last.
 */
static bool tquic_dgramq_make_room(struct tquic_dgramq *q,
				   struct tquic_dgram_flow *flow, u32 len)
{
	struct tquic_dgram *d;

	if (tquic_dgramq_room(q, flow, len))
		return true;
	q->stats.full++;
	if (flow->class > TQUIC_STREAM_INTERACTIVE ||
	    list_empty(&flow->queue))
		return false;
	d = list_first_entry(&flow->queue, struct tquic_dgram, node);
	tquic_dgramq_give_up(q, d, TQUIC_DGRAM_F_DROPPED);
	return tquic_dgramq_room(q, flow, len);
}

/**
 * tquic_dgramq_roomy - may whoever waits for room go on
 * @q: queues
 *
 * Return: whether so little is taken that a flow of any class finds room.
 */
bool tquic_dgramq_roomy(const struct tquic_dgramq *q)
{
	return q->held < q->limit / 4;
}

/**
 * tquic_dgramq_relieved - has room come back
 * @q: queues
 *
 * Return: true once, when there is room again after there was little.
 */
bool tquic_dgramq_relieved(struct tquic_dgramq *q)
{
	if (!q->crowded || !tquic_dgramq_roomy(q))
		return false;
	q->crowded = false;
	return true;
}

/**
 * tquic_dgramq_add - queue a datagram
 * @q: queues
 * @flow: flow that it belongs to
 * @req: what it is
 * @now: present time
 * @err: -ETIME when its deadline has passed, -ENOBUFS without room, -ENOMEM
 * @gfp: allocation flags
 *
 * Return: the datagram, NULL with @err set.  It may be gone after the next
 * call.
 */
struct tquic_dgram *tquic_dgramq_add(struct tquic_dgramq *q,
				     struct tquic_dgram_flow *flow,
				     const struct tquic_dgram_req *req,
				     tquic_time_t now, int *err, gfp_t gfp)
{
	struct tquic_dgram *d;

	if (req->deadline <= now) {
		q->stats.late++;
		*err = -ETIME;
		return NULL;
	}
	if (!tquic_dgramq_make_room(q, flow, req->len)) {
		*err = -ENOBUFS;
		return NULL;
	}
	d = tquic_dgramq_lists(q, gfp) ? NULL : kzalloc_obj(*d, gfp);
	if (!d) {
		*err = -ENOMEM;
		return NULL;
	}
	d->flow = flow;
	d->handle = req->handle;
	d->pos = req->pos;
	d->len = req->len;
	d->to = req->len;
	d->deadline = req->deadline;
	d->cookie = req->cookie;
	d->flags = req->flags;
	d->class = flow->class;
	d->leg = TQUIC_DGRAM_ANY;
	d->where = TQUIC_DGRAM_QUEUED;
	q->buf_ops->get(d->handle);
	if (list_empty(&flow->ready))
		tquic_dgramq_enlist(q, flow);
	list_add_tail(&d->node, &flow->queue);
	flow->refs++;
	flow->bytes += d->len;
	flow->held += tquic_dgram_cost(d);
	q->bytes += d->len;
	q->held += tquic_dgram_cost(d);
	q->crowded |= !tquic_dgramq_roomy(q);
	q->stats.queued++;
	return d;
}

/* What waits already waits for these bytes, too. */
static void tquic_dgramq_widen(struct tquic_dgramq *q, struct tquic_dgram *d,
			       u32 from, u32 to)
{
	u32 more = d->from - min(d->from, from) + max(d->to, to) - d->to;

	d->from = min(d->from, from);
	d->to = max(d->to, to);
	q->bytes += more;
	if (d->where == TQUIC_DGRAM_QUEUED)
		d->flow->bytes += more;
}

/**
 * tquic_dgramq_bind - let a leg carry a datagram, ahead of its flow
 * @q: queues
 * @d: datagram
 * @leg: leg
 * @why: enum tquic_dgram_why
 * @from: first byte to be sent
 * @to: one past the last
 *
 * Bytes between these and others that wait already are sent as well.
 */
void tquic_dgramq_bind(struct tquic_dgramq *q, struct tquic_dgram *d,
		       unsigned int leg, enum tquic_dgram_why why, u32 from,
		       u32 to)
{
	if (d->flags & (TQUIC_DGRAM_F_ACKED | TQUIC_DGRAM_F_DROPPED) ||
	    d->where == TQUIC_DGRAM_NEWS)
		return;
	if (d->where != TQUIC_DGRAM_NOWHERE && why != TQUIC_DGRAM_FIRST) {
		tquic_dgramq_widen(q, d, from, to);
		return;
	}
	if (d->where != TQUIC_DGRAM_NOWHERE)
		tquic_dgramq_unlink(q, d);
	d->from = from;
	d->to = to;
	d->leg = leg;
	d->why = why;
	d->where = TQUIC_DGRAM_BOUND;
	list_add_tail(&d->node, &q->lists->bound[d->class][leg]);
	q->waiting[d->class]++;
	q->bytes += to - from;
	q->held += tquic_dgram_cost(d);
}

/*
 * May a class use a leg for what is not bound to it: the upper two go where
 * they are quick, or wait for that.
 */
static bool tquic_dgramq_open(unsigned int class, bool quick)
{
	return quick || class > TQUIC_STREAM_INTERACTIVE;
}

/* First flow of a list that may send on the leg. */
static struct tquic_dgram_flow *
tquic_dgramq_first(const struct tquic_dgramq *q, const struct list_head *list,
		   unsigned int leg)
{
	struct tquic_dgram_flow *flow;

	list_for_each_entry(flow, list, ready)
		if (flow->leg != TQUIC_DGRAM_ANY || flow->legs & BIT(leg) ||
		    !(flow->legs & q->usable))
			return flow;
	return NULL;
}

/* Flow of a class whose turn it is on a leg. */
static struct tquic_dgram_flow *
tquic_dgramq_flow(const struct tquic_dgramq *q, unsigned int class,
		  unsigned int leg, bool quick)
{
	bool open = tquic_dgramq_open(class, quick);
	const struct list_head *lists = q->lists->ready[class];
	struct tquic_dgram_flow *flow = NULL;
	unsigned int i, other;

	for (i = 0; i < 2 && !flow; i++) {
		if ((q->flip[class] + i) & 1)
			flow = tquic_dgramq_first(q, &lists[leg], leg);
		else if (open)
			flow = tquic_dgramq_first(q, &lists[TQUIC_DGRAM_ANY],
						  leg);
	}
	if (!open)
		return flow;
	/* those whose leg is of no use at present */
	for (other = 0; other < TQUIC_DGRAM_LEGS && !flow; other++)
		if (!(q->usable & BIT(other)))
			flow = tquic_dgramq_first(q, &lists[other], leg);
	return flow;
}

/* Datagram of a class that is bound to a leg, or to one of no use. */
static struct tquic_dgram *
tquic_dgramq_single(const struct tquic_dgramq *q, unsigned int class,
		    unsigned int leg, bool quick)
{
	const struct list_head *lists = q->lists->bound[class];
	unsigned int other;

	if (!list_empty(&lists[leg]))
		return list_first_entry(&lists[leg], struct tquic_dgram, node);
	if (!tquic_dgramq_open(class, quick))
		return NULL;
	for (other = 0; other < TQUIC_DGRAM_LEGS; other++)
		if (!(q->usable & BIT(other)) && !list_empty(&lists[other]))
			return list_first_entry(&lists[other],
						struct tquic_dgram, node);
	return NULL;
}

/* Next datagram of a class for a leg; those that come too late are dropped. */
static struct tquic_dgram *
tquic_dgramq_pick(struct tquic_dgramq *q, unsigned int class, unsigned int leg,
		  bool quick, tquic_time_t now)
{
	struct tquic_dgram_flow *flow;
	struct tquic_dgram *d;

	while (q->waiting[class]) {
		d = tquic_dgramq_single(q, class, leg, quick);
		if (!d) {
			flow = tquic_dgramq_flow(q, class, leg, quick);
			if (!flow)
				return NULL;
			d = list_first_entry(&flow->queue, struct tquic_dgram,
					     node);
		}
		if (d->deadline > now)
			return d;
		if (d->flags & TQUIC_DGRAM_F_SENT)
			q->stats.lost += d->why == TQUIC_DGRAM_AGAIN;
		else
			q->stats.expired++;
		tquic_dgramq_give_up(q, d, TQUIC_DGRAM_F_EXPIRED);
	}
	return NULL;
}

/**
 * tquic_dgramq_next - what should go out next on a leg
 * @q: queues
 * @leg: leg
 * @quick: it is the one for what must not wait
 * @classes: bit per class that may be sent
 * @now: present time
 *
 * Return: a datagram, of which bytes @from to @to are to be sent; NULL for
 * none.
 */
struct tquic_dgram *tquic_dgramq_next(struct tquic_dgramq *q, unsigned int leg,
				      bool quick, unsigned int classes,
				      tquic_time_t now)
{
	bool turn = q->turns >= TQUIC_DGRAM_BACKGROUND_TURN;
	struct tquic_dgram *d = NULL;
	unsigned int class;

	if (turn && classes & BIT(TQUIC_STREAM_BACKGROUND))
		d = tquic_dgramq_pick(q, TQUIC_STREAM_BACKGROUND, leg, quick,
				      now);
	for (class = 0; class < TQUIC_STREAM_CLASSES && !d; class++)
		if (classes & BIT(class))
			d = tquic_dgramq_pick(q, class, leg, quick, now);
	return d;
}

/**
 * tquic_dgramq_classes - classes that have something for a leg
 * @q: queues
 * @leg: leg
 * @quick: it may be the one for what must not wait
 *
 * Return: bit per class; what comes too late counts.
 */
unsigned int tquic_dgramq_classes(const struct tquic_dgramq *q,
				  unsigned int leg, bool quick)
{
	unsigned int class, classes = 0;

	for (class = 0; class < TQUIC_STREAM_CLASSES; class++)
		if (q->waiting[class] &&
		    (tquic_dgramq_single(q, class, leg, quick) ||
		     tquic_dgramq_flow(q, class, leg, quick)))
			classes |= BIT(class);
	return classes;
}

/* Deficit round robin within the class (Shreedhar and Varghese, 1995). */
static void tquic_dgramq_charge(struct tquic_dgramq *q,
				struct tquic_dgram_flow *flow, u32 bytes)
{
	/* none goes for free, however empty */
	flow->deficit -= bytes + 64;
	if (flow->class == TQUIC_STREAM_BACKGROUND)
		q->turns = 0;
	else
		q->turns++;
	if (flow->deficit > 0)
		return;
	flow->deficit += TQUIC_DGRAM_QUANTUM;
	q->flip[flow->class]++;
	if (!list_empty(&flow->ready))
		list_move_tail(&flow->ready,
			       &q->lists->ready[flow->class][flow->leg]);
}

static void tquic_dgramq_count(struct tquic_dgramq *q,
			       const struct tquic_dgram *d, u32 bytes)
{
	if (d->why == TQUIC_DGRAM_COPY) {
		q->stats.copied_bytes += bytes;
		q->stats.copies += d->from == d->to;
	} else if (d->why == TQUIC_DGRAM_AGAIN) {
		q->stats.resent_bytes += bytes;
		q->stats.resent += d->from == d->to;
	}
}

/**
 * tquic_dgramq_took - bytes of a datagram go out
 * @q: queues
 * @d: from tquic_dgramq_next(); may be gone afterwards unless it has references
 * @leg: on which leg
 * @bytes: how many from @d->from on
 */
void tquic_dgramq_took(struct tquic_dgramq *q, struct tquic_dgram *d,
		       unsigned int leg, u32 bytes)
{
	struct tquic_dgram_flow *flow = d->flow;

	d->from += bytes;
	q->bytes -= bytes;
	if (d->where == TQUIC_DGRAM_QUEUED)
		flow->bytes -= bytes;
	else
		tquic_dgramq_count(q, d, bytes);
	if (d->from == d->to) {
		tquic_dgramq_unlink(q, d);
		d->leg = leg;
		if (!(d->flags & TQUIC_DGRAM_F_SENT))
			q->stats.sent++;
		d->flags |= TQUIC_DGRAM_F_SENT;
	}
	tquic_dgramq_charge(q, flow, bytes);
	tquic_dgramq_settle(q, d);
}

/* No path can carry the datagram any more. */
void tquic_dgramq_refuse(struct tquic_dgramq *q, struct tquic_dgram *d)
{
	q->stats.too_big++;
	tquic_dgramq_give_up(q, d, TQUIC_DGRAM_F_DROPPED);
}

/**
 * tquic_dgramq_acked - bytes of a datagram have arrived
 * @q: queues
 * @d: datagram
 * @from: first of them
 * @to: one past the last
 */
void tquic_dgramq_acked(struct tquic_dgramq *q, struct tquic_dgram *d,
			u32 from, u32 to)
{
	if (d->got_from == d->got_to) {
		d->got_from = from;
		d->got_to = to;
	} else if (from <= d->got_to && to >= d->got_from) {
		d->got_from = min(d->got_from, from);
		d->got_to = max(d->got_to, to);
	}
	if (d->flags & TQUIC_DGRAM_F_ACKED || d->got_from ||
	    d->got_to != d->len)
		return;
	d->flags |= TQUIC_DGRAM_F_ACKED;
	q->stats.acked++;
	/* a copy, or a repetition, that is not needed any more */
	if (d->where == TQUIC_DGRAM_QUEUED || d->where == TQUIC_DGRAM_BOUND)
		tquic_dgramq_unlink(q, d);
	tquic_dgramq_settle(q, d);
}

/* Some of the datagram was declared lost, and will not be sent again. */
void tquic_dgramq_lost(struct tquic_dgramq *q, struct tquic_dgram *d)
{
	if (!(d->flags & (TQUIC_DGRAM_F_LOST | TQUIC_DGRAM_F_ACKED)))
		q->stats.lost++;
	d->flags |= TQUIC_DGRAM_F_LOST;
	tquic_dgramq_settle(q, d);
}

/* A sent packet with a record of the datagram is forgotten. */
void tquic_dgramq_unref(struct tquic_dgramq *q, struct tquic_dgram *d)
{
	d->refs--;
	d->out = min(d->out, d->refs);
	tquic_dgramq_settle(q, d);
}

/**
 * tquic_dgramq_news - a datagram of which something became known
 * @q: queues
 *
 * Return: a datagram, whose flags tell what; to be given back by
 * tquic_dgramq_told().  NULL for none.
 */
struct tquic_dgram *tquic_dgramq_news(struct tquic_dgramq *q)
{
	return list_first_entry_or_null(&q->news, struct tquic_dgram, node);
}

/* The owner knows; there may be news of the same datagram later. */
void tquic_dgramq_told(struct tquic_dgramq *q, struct tquic_dgram *d)
{
	tquic_dgramq_unlink(q, d);
	d->told = d->flags & TQUIC_DGRAM_FATES;
	tquic_dgramq_settle(q, d);
}
