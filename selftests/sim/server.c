// SPDX-License-Identifier: GPL-2.0
#include "world.h"

/* packets that wait less show that a queue has settled after a step */
#define SETTLED		(20 * MS)

static void serve(struct server *s);

/* The medium is free: whoever waits and is first in turn sends. */
static void next_turn(struct medium *m)
{
	struct server *s;

	m->busy = false;
	list_for_each_entry(s, &m->turn, air)
		if (s->count) {
			list_move_tail(&s->air, &m->turn);
			serve(s);
			return;
		}
}

static void note_wait(struct server *s, const struct pkt *p)
{
	u64 wait = s->w->q.now - p->queued;

	if (!s->live || !s->owner || p->link != s->owner)
		return;
	link_note_wait(s->owner, wait);
	if (s->settling && wait <= SETTLED && p->queued >= s->step_at) {
		s->settling = false;
		s->settle = max(s->settle, s->w->q.now - s->step_at);
	}
}

static void done(struct ev *ev)
{
	struct server *s = container_of(ev, struct server, done);
	struct pkt *p = s->serving;

	s->serving = NULL;
	if (s->medium)
		next_turn(s->medium);
	else
		serve(s);
	link_served(p);
}

/* When the packet that is served from now on has left. */
static u64 done_at(struct server *s, u32 size)
{
	u64 now = s->w->q.now, t = now, rate;

	if (s->live && s->conf->trace)
		return vary_trace_done(s, size);
	if (s->live)
		t = s->w->t0 + vary_hole_end(s->conf, s->key, now - s->w->t0);
	rate = vary_rate(s, t);
	return t + div64_u64(8ULL * size * SEC + rate - 1, rate);
}

static void serve(struct server *s)
{
	struct pkt *p;

	if (s->serving || (s->medium && s->medium->busy))
		return;
	p = qdisc_get(s);
	if (!p)
		return;
	note_wait(s, p);
	s->serving = p;
	if (s->medium)
		s->medium->busy = true;
	ev_set(&s->w->q, &s->done, done_at(s, p->size));
}

/* Does the token bucket let it pass: the generic cell rate algorithm. */
static bool conforms(struct server *s, const struct pkt *p)
{
	const struct link_conf *c = s->conf;
	u64 now = s->w->q.now, tat = max(s->tat, now);

	if (!c->police || !s->live)
		return true;
	tat += div64_u64(8ULL * p->size * SEC, c->police);
	if (tat - now > mul_u64_u64_div_u64(8 * c->police_burst, SEC,
					    c->police))
		return false;
	s->tat = tat;
	return true;
}

/* Has the rate fallen since it was last looked at? */
static void watch_step(struct server *s)
{
	const struct link_conf *c = s->conf;
	u64 now = s->w->q.now, i, at;

	if (!s->live || c->nsteps < 2)
		return;
	i = div64_u64(now - s->w->t0, c->step);
	at = s->w->t0 + i * c->step;
	if (!i || at <= s->step_at)
		return;
	s->step_at = at;
	s->settling = c->steps[i % c->nsteps] <
		      c->steps[(i - 1) % c->nsteps];
}

/* A packet comes: it will be served, or lost. */
void server_enter(struct server *s, struct pkt *p)
{
	p->queued = s->w->q.now;
	watch_step(s);
	if (!conforms(s, p)) {
		link_lose(p, LOG_POLICED);
		return;
	}
	qdisc_put(s, p);
	serve(s);
}

/* Bytes or packets that the queue holds. */
static u64 limit_of(const struct server *s, const struct link_conf *conf,
		    u64 base)
{
	u64 value = conf->queue.value, rate = conf->rate, mean = 0;
	u64 least = 2 * (conf->mtu + s->w->sc->header);
	u32 i;

	for (i = 0; i < conf->nsteps; i++)
		mean += div_u64(conf->steps[i], conf->nsteps);
	rate = mean ?: rate;
	switch (conf->queue.unit) {
	case LIMIT_PACKETS:
		return max(value, 1ULL);
	case LIMIT_BYTES:
		return max(value, least);
	case LIMIT_TIME:
		return max(mul_u64_u64_div_u64(rate, value, 8 * SEC), least);
	default:
		return max(mul_u64_u64_div_u64(rate, div_u64(value * base,
							     1000),
					       8 * SEC), least);
	}
}

void server_init(struct server *s, struct world *w, u64 key,
		 struct link *owner)
{
	*s = (struct server){ .w = w, .key = key, .owner = owner,
			      .done.fn = done };
	INIT_LIST_HEAD(&s->air);
	qdisc_init(s);
}

/* @base: delay of both directions; @medium: shared with others, or NULL. */
void server_configure(struct server *s, const struct link_conf *conf,
		      u64 base, struct medium *medium)
{
	if (s->live && s->conf->rate > conf->rate) {
		s->step_at = s->w->q.now;
		s->settling = true;
	}
	s->conf = conf;
	s->limit = limit_of(s, conf, base);
	if (s->medium == medium)
		return;
	CHECK(!s->medium);
	s->medium = medium;
	list_add_tail(&s->air, &medium->turn);
}

void server_purge(struct server *s)
{
	struct pkt *p;
	int i;

	for (i = 0; i < SERVER_FLOWS; i++)
		while ((p = pkt_take(&s->lane[i].list))) {
			s->count--;
			s->bytes -= p->size;
			link_lose(p, LOG_DOWN);
		}
}

/* At the end of a run: what is inside has not been lost, but is forgotten. */
void server_free(struct server *s)
{
	struct pkt *p;
	int i;

	ev_cancel(&s->w->q, &s->done);
	for (i = 0; i < SERVER_FLOWS; i++)
		while ((p = pkt_take(&s->lane[i].list))) {
			s->count--;
			s->bytes -= p->size;
			p->link->inside -= p->stage != 0;
			pkt_put(p);
		}
	CHECK(!s->count && !s->bytes);
	if (!s->serving)
		return;
	s->serving->link->inside -= s->serving->stage != 0;
	pkt_put(s->serving);
}
