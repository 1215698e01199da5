// SPDX-License-Identifier: GPL-2.0
#include "world.h"

#define SEGMENT		1448
#define ACK_SIZE	66
/* flows of a queue: those of the legs come first */
#define FIRST_FLOW	16

static struct cross *by_tcp(struct tcp *t)
{
	return container_of(t, struct cross, tcp);
}

static void count(struct cross *c, u64 bytes)
{
	struct cross_result *r = &c->w->result->cross[c->number];

	r->bytes += bytes;
	if (c->w->q.now - c->w->t0 >= c->w->sc->steady)
		r->steady += bytes;
}

static void send(struct cross *c, struct link *link, struct sink *sink,
		 u32 size, u64 tag)
{
	struct pkt *p = pkt_new_bare();

	p->size = size;
	p->len = 0;
	p->ecn = TQUIC_ECN_NOT_ECT;
	p->sink = sink;
	p->tag = tag;
	p->flow = FIRST_FLOW + (c - c->w->cross);
	link_enter(link, p);
}

static u32 full_size(const struct cross *c)
{
	return c->w->sc->mtu + c->w->sc->header;
}

static void send_segment(struct tcp *t, u64 tx)
{
	struct cross *c = by_tcp(t);

	send(c, &c->data, &c->sink[0], full_size(c), tx);
}

static void send_ack(struct tcp *t, u64 word)
{
	struct cross *c = by_tcp(t);

	send(c, &c->acks, &c->sink[1], ACK_SIZE, word);
}

static void in_order(struct tcp *t, u64 segments)
{
	count(by_tcp(t), segments * SEGMENT);
}

static const struct tcp_ops ops = {
	.data = send_segment,
	.ack = send_ack,
	.in_order = in_order,
};

static bool adapts(const struct cross *c)
{
	return c->conf->kind <= CROSS_BBR;
}

static void take_data(struct sink *sink, struct pkt *p)
{
	struct cross *c = container_of(sink, struct cross, sink[0]);
	u64 tag = p->tag;
	u32 size = p->size;

	pkt_put(p);
	if (adapts(c))
		tcp_take_data(&c->tcp, tag);
	else
		count(c, size);
}

static void take_ack(struct sink *sink, struct pkt *p)
{
	struct cross *c = container_of(sink, struct cross, sink[1]);
	u64 tag = p->tag;

	pkt_put(p);
	tcp_take_ack(&c->tcp, tag);
}

static void stream_on(struct cross *c)
{
	u64 now = c->w->q.now;

	if (c->conf->kind == CROSS_ONOFF && now >= c->until) {
		ev_set(&c->w->q, &c->timer, c->until + c->conf->off);
		c->until += c->conf->off + c->conf->on;
		return;
	}
	send(c, &c->data, &c->sink[0], full_size(c), 0);
	ev_set(&c->w->q, &c->timer, now +
	       div64_u64(8ULL * full_size(c) * SEC, c->conf->rate));
}

static void tick(struct ev *ev)
{
	struct cross *c = container_of(ev, struct cross, timer);
	u64 stop = c->conf->stop;

	if (stop != NEVER && c->w->q.now >= c->w->t0 + stop) {
		tcp_stop(&c->tcp);
		return;
	}
	if (!adapts(c)) {
		if (!c->begun)
			c->until = c->w->q.now + c->conf->on;
		c->begun = true;
		stream_on(c);
		return;
	}
	tcp_start(&c->tcp);
	ev_set(&c->w->q, ev, stop == NEVER ? NEVER : c->w->t0 + stop);
}

static void find_way(struct world *w, struct cross *c)
{
	const struct cross_conf *conf = c->conf;
	u64 rtt = conf->rtt ?: 40 * MS;
	struct leg *leg;

	if (conf->leg >= 0) {
		leg = &w->leg[conf->leg];
		c->data.server = leg->link[conf->dir].server;
		c->data.via = leg->link[conf->dir].via;
		if (!conf->rtt)
			rtt = leg->conf.link[UP].delay +
			      leg->conf.link[DOWN].delay;
	} else {
		c->data.server = &w->shared[conf->shared].server[conf->dir];
	}
	c->way = (struct link_conf){ .delay = rtt / 2, .mtu = U32_MAX / 2 };
	c->data.conf = &c->way;
	c->acks.conf = &c->way;
}

static void init_one(struct world *w, int i)
{
	static const enum tcp_kind kinds[] = {
		[CROSS_RENO] = TCP_RENO, [CROSS_CUBIC] = TCP_CUBIC,
		[CROSS_BBR] = TCP_BBR,
	};
	u32 id = 2 * (w->sc->nlegs + w->ncross);
	struct cross *c = &w->cross[w->ncross++];

	c->w = w;
	c->conf = &w->sc->cross[i];
	c->number = i;
	c->timer.fn = tick;
	c->sink[0].take = take_data;
	c->sink[1].take = take_ack;
	link_init(&c->data, w, c->conf->name, id, c->conf->dir, 0);
	link_init(&c->acks, w, c->conf->name, id + 1, !c->conf->dir, 0);
	find_way(w, c);
	if (adapts(c))
		tcp_init(&c->tcp, w, &ops, kinds[c->conf->kind]);
}

void cross_init(struct world *w)
{
	int i, n = 0;
	u64 k;

	for (i = 0; i < w->sc->ncross; i++)
		n += w->sc->cross[i].count;
	w->cross = xalloc(n * sizeof(*w->cross));
	for (i = 0; i < w->sc->ncross; i++)
		for (k = 0; k < w->sc->cross[i].count; k++)
			init_one(w, i);
}

/* Bulk begins: others do at their time, though not at exactly the same. */
void cross_start(struct world *w)
{
	struct cross *c;
	int i;

	for (i = 0; i < w->ncross; i++) {
		c = &w->cross[i];
		c->data.live = true;
		c->acks.live = true;
		ev_set(&w->q, &c->timer, w->t0 + c->conf->start +
		       draw_below(w->seed ^ hash_text(c->conf->name), i,
				  100 * MS));
	}
}

struct link *cross_link(struct world *w, u32 id)
{
	struct cross *c = &w->cross[id / 2];

	return id % 2 ? &c->acks : &c->data;
}

void cross_audit(struct world *w)
{
	int i;

	for (i = 0; i < w->ncross; i++) {
		link_audit(&w->cross[i].data);
		link_audit(&w->cross[i].acks);
	}
}

/* After the servers. */
void cross_free(struct world *w)
{
	struct cross *c;
	int i;

	for (i = 0; i < w->ncross; i++) {
		c = &w->cross[i];
		link_free(&c->data);
		link_free(&c->acks);
		ev_cancel(&w->q, &c->timer);
		if (adapts(c))
			tcp_free(&c->tcp);
	}
	free(w->cross);
}
