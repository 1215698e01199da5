// SPDX-License-Identifier: GPL-2.0
/*
 * Queueing disciplines: drop-tail, CoDel (RFC 8289), FQ-CoDel (RFC 8290).
 */
#include "world.h"

#define TARGET		(5 * MS)
#define INTERVAL	(100 * MS)
#define QUANTUM		1514

void qdisc_init(struct server *s)
{
	INIT_LIST_HEAD(&s->fresh);
	INIT_LIST_HEAD(&s->old);
}

static bool full(const struct server *s, const struct pkt *p)
{
	if (s->conf->queue.unit == LIMIT_PACKETS)
		return s->count >= s->limit;
	return s->bytes + p->size > s->limit;
}

static bool capable(const struct pkt *p)
{
	return p->ecn != TQUIC_ECN_NOT_ECT;
}

static struct lane *lane_of(struct server *s, const struct pkt *p)
{
	return &s->lane[s->conf->qdisc == QDISC_FQ_CODEL ?
			p->flow % SERVER_FLOWS : 0];
}

static struct pkt *take(struct server *s, struct lane *lane)
{
	struct pkt *p = pkt_take(&lane->list);

	if (p) {
		s->count--;
		s->bytes -= p->size;
	}
	return p;
}

/* RFC 8290 section 4.1: the flow that takes the most loses at its head. */
static void drop_from_fattest(struct server *s)
{
	struct lane *fattest = s->lane;
	int i;

	for (i = 1; i < SERVER_FLOWS; i++)
		if (s->lane[i].list.bytes > fattest->list.bytes)
			fattest = &s->lane[i];
	link_lose(take(s, fattest), LOG_FULL);
}

/* Takes a packet in, or loses it or another. */
void qdisc_put(struct server *s, struct pkt *p)
{
	struct lane *lane = lane_of(s, p);

	if (s->conf->qdisc == QDISC_FQ_CODEL) {
		while (s->count && full(s, p))
			drop_from_fattest(s);
	} else if (s->serving && full(s, p)) {
		link_lose(p, LOG_FULL);
		return;
	}
	/* with marks, drop-tail warns when half of it is used */
	if (s->conf->qdisc == QDISC_FIFO && s->conf->ecn == ECN_MARK &&
	    capable(p) && 2 * (s->conf->queue.unit == LIMIT_PACKETS ?
			       s->count : s->bytes) > s->limit)
		p->ecn = TQUIC_ECN_CE;
	pkt_append(&lane->list, p);
	s->count++;
	s->bytes += p->size;
	if (s->conf->qdisc != QDISC_FQ_CODEL || lane->listed)
		return;
	lane->listed = true;
	lane->deficit = QUANTUM;
	list_add_tail(&lane->node, &s->fresh);
}

static u64 control_law(u64 t, u32 count)
{
	return t + div_u64(INTERVAL << 16, int_sqrt64((u64)count << 32));
}

/* Has the delay been too long for an interval? */
static bool too_long(struct server *s, struct lane *lane, const struct pkt *p)
{
	u64 now = s->w->q.now;

	if (!p || now - p->queued < TARGET || lane->list.bytes <= QUANTUM) {
		lane->codel.first_above = 0;
		return false;
	}
	if (!lane->codel.first_above) {
		lane->codel.first_above = now + INTERVAL;
		return false;
	}
	return now >= lane->codel.first_above;
}

/* Drops a packet, or marks it and keeps it; answers which is next. */
static struct pkt *punish(struct server *s, struct lane *lane, struct pkt *p,
			  bool *marked)
{
	*marked = s->conf->ecn == ECN_MARK && capable(p);
	if (*marked) {
		p->ecn = TQUIC_ECN_CE;
		return p;
	}
	link_lose(p, LOG_AQM);
	return take(s, lane);
}

static struct pkt *codel_dropping(struct server *s, struct lane *lane,
				  struct pkt *p, bool bad)
{
	struct codel *c = &lane->codel;
	u64 now = s->w->q.now;
	bool marked = false;

	if (!bad)
		c->dropping = false;
	while (c->dropping && now >= c->drop_next && !marked) {
		c->count++;
		p = punish(s, lane, p, &marked);
		if (!marked && !too_long(s, lane, p))
			c->dropping = false;
		else
			c->drop_next = control_law(c->drop_next, c->count);
	}
	return p;
}

static struct pkt *codel_get(struct server *s, struct lane *lane)
{
	struct pkt *p = take(s, lane);
	struct codel *c = &lane->codel;
	u64 now = s->w->q.now;
	bool bad, marked;
	u32 delta;

	if (!p) {
		c->dropping = false;
		return NULL;
	}
	bad = too_long(s, lane, p);
	if (c->dropping)
		return codel_dropping(s, lane, p, bad);
	if (!bad)
		return p;
	p = punish(s, lane, p, &marked);
	if (!marked)
		too_long(s, lane, p);
	c->dropping = true;
	delta = c->count - c->last_count;
	c->count = delta > 1 && now < c->drop_next + 16 * INTERVAL ? delta : 1;
	c->last_count = c->count;
	c->drop_next = control_law(now, c->count);
	return p;
}

/* RFC 8290 section 4.2 */
static struct pkt *fq_get(struct server *s)
{
	struct lane *lane;
	struct pkt *p;
	bool fresh;

	for (;;) {
		fresh = !list_empty(&s->fresh);
		if (!fresh && list_empty(&s->old))
			return NULL;
		lane = list_first_entry(fresh ? &s->fresh : &s->old,
					struct lane, node);
		if (lane->deficit <= 0) {
			lane->deficit += QUANTUM;
			list_move_tail(&lane->node, &s->old);
			continue;
		}
		p = codel_get(s, lane);
		if (p) {
			lane->deficit -= p->size;
			return p;
		}
		if (fresh && !list_empty(&s->old)) {
			list_move_tail(&lane->node, &s->old);
			continue;
		}
		list_del_init(&lane->node);
		lane->listed = false;
	}
}

/* The packet that is served next, NULL when nothing waits. */
struct pkt *qdisc_get(struct server *s)
{
	switch (s->conf->qdisc) {
	case QDISC_FQ_CODEL:
		return fq_get(s);
	case QDISC_CODEL:
		return codel_get(s, s->lane);
	default:
		return take(s, s->lane);
	}
}
