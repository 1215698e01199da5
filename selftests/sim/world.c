// SPDX-License-Identifier: GPL-2.0
#include "alloc.h"
#include "cost.h"
#include "world.h"

/* how long a handshake and the proof of all paths may take */
#define SETUP_MAX	(60 * SEC)
/* calm before the start, so that all measurements of idle links are done */
#define SETTLE		(500 * MS)
/* how often an end may be called while time stands still */
#define STILL_MAX	100000

/**
 * struct act_at - something that is done
 * @ev: event
 * @w: world
 * @conf: what
 * @flow: start or stop of this one, when @conf is NULL
 * @stop: stop it
 */
struct act_at {
	struct ev ev;
	struct world *w;
	const struct event_conf *conf;
	struct flow *flow;
	bool stop;
};

struct link *world_link(struct world *w, u32 id)
{
	if (id >= 2 * w->sc->nlegs)
		return cross_link(w, id - 2 * w->sc->nlegs);
	return &w->leg[id / 2].link[id % 2];
}

/* The run counts as nothing. @at: since when, from the start of bulk. */
void world_fail(struct world *w, const char *what, u64 at)
{
	if (*w->result->failed)
		return;
	w->over = true;
	snprintf(w->result->failed, sizeof(w->result->failed),
		 "%.90s at %llu ms", what, div_u64(at, MS));
	log_note(w, "failed: %s", w->result->failed);
}

/* The connection is over, which no scenario asks for. */
void world_closed(struct world *w, struct end *end)
{
	const struct tquic_conn *conn = end->conn;
	const struct tquic_close *close;
	char text[120];

	if (end->closed)
		return;
	end->closed = true;
	close = conn->state == TQUIC_CONN_DRAINING ? &conn->remote_close :
						     &conn->close;
	snprintf(text, sizeof(text), "%s, code 0x%llx %s,",
		 end->who == UP ? "client closed" : "server closed",
		 close->code,
		 close->code || conn->state != TQUIC_CONN_CLOSED ?
		 (close->reason ?: "") : "idle timeout");
	world_fail(w, text, w->q.now - w->t0);
}

/* An end was called by its timer: does time go on? */
void world_tick(struct world *w, struct end *end)
{
	if (w->still_at != w->q.now) {
		w->still_at = w->q.now;
		w->still[UP] = 0;
		w->still[DOWN] = 0;
	}
	if (++w->still[end->who] > STILL_MAX)
		bug("the %s's deadline at %llu ns is never dealt with",
		    end->who == UP ? "client" : "server", w->q.now);
}

static void act_on_leg(struct world *w, const struct event_conf *e)
{
	struct leg *leg = &w->leg[e->leg];
	int d;

	if (!leg->used)
		return;
	log_note(w, "leg %s event %d", leg->conf.name, e->act);
	switch (e->act) {
	case ACT_DOWN:
		leg_down(leg);
		break;
	case ACT_UP:
	case ACT_ADD:
		leg_up(leg);
		break;
	case ACT_REMOVE:
		leg_remove(leg);
		break;
	case ACT_REBIND:
		leg->port++;
		break;
	case ACT_SET:
		scene_change_leg(w->sc, &leg->conf, e);
		leg_changed(leg);
		break;
	default:
		for (d = 0; d < 2; d++)
			if (e->dirs & BIT(d))
				leg->link[d].silent = e->act == ACT_SILENT;
	}
}

static void act(struct ev *ev)
{
	struct act_at *a = container_of(ev, struct act_at, ev);
	struct world *w = a->w;
	int i;

	sample_mark(w);
	if (!a->conf) {
		(a->stop ? flow_stop : flow_start)(a->flow);
		return;
	}
	if (a->conf->every)
		ev_set(&w->q, ev, w->q.now + a->conf->every);
	if (a->conf->leg >= 0) {
		act_on_leg(w, a->conf);
		return;
	}
	for (i = 0; i < w->nflows; i++)
		if (w->flows[i].conf == &w->sc->flows[a->conf->flow])
			(a->conf->act == ACT_STOP ? flow_stop : flow_start)
				(&w->flows[i]);
}

static void plan_act(struct world *w, u64 at, const struct event_conf *conf,
		     struct flow *flow, bool stop)
{
	struct act_at *a = &w->acts[w->nacts++];

	if (at == NEVER)
		return;
	*a = (struct act_at){ .ev.fn = act, .w = w, .conf = conf,
			      .flow = flow, .stop = stop };
	ev_set(&w->q, &a->ev, w->t0 + at);
}

static void plan_acts(struct world *w)
{
	const struct event_conf *e;
	int i, n = 0;

	for (e = w->sc->events; e; e = e->next)
		n++;
	w->acts = xalloc((n + 2 * w->nflows) * sizeof(*w->acts));
	for (e = w->sc->events; e; e = e->next)
		plan_act(w, e->at, e, NULL, false);
	for (i = 0; i < w->nflows; i++) {
		plan_act(w, w->flows[i].conf->start, NULL, &w->flows[i],
			 false);
		plan_act(w, w->flows[i].conf->stop, NULL, &w->flows[i], true);
	}
}

/* Bulk begins once every path was proven and the links have calmed down. */
static void begin(struct ev *ev)
{
	struct world *w = container_of(ev, struct world, begin);
	u64 settle = SETTLE;
	int i;

	if (w->started)
		return;
	if (w->t0) {
		w->started = true;
		w->ends_at = w->t0 + w->sc->duration;
		w->carried[UP] = 0;
		w->carried[DOWN] = 0;
		legs_live(w);
		plan_acts(w);
		cross_start(w);
		sample_start(w);
		return;
	}
	if (w->q.now > SETUP_MAX) {
		world_fail(w, "the handshake, or a path, not there", w->q.now);
		return;
	}
	if (!w->end[UP].conn->confirmed || !w->end[DOWN].conn->confirmed ||
	    !legs_ready(w)) {
		ev_set(&w->q, ev, w->q.now + MS);
		return;
	}
	for (i = 0; i < w->sc->nlegs; i++)
		settle = max(settle, 4 * (w->leg[i].conf.link[UP].delay +
				      w->leg[i].conf.link[DOWN].delay));
	w->t0 = w->q.now + settle;
	ev_set(&w->q, ev, w->t0);
}

static int compare_marks(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/* Times of events, for what is measured after each. */
static void find_marks(const struct scene *sc, struct result *r)
{
	const struct event_conf *e;
	int n = 1, i, j;
	u64 at;

	for (e = sc->events; e; e = e->next)
		n += e->at < sc->duration ? 1 + (e->every ?
		     div64_u64(sc->duration - e->at, e->every) : 0) : 0;
	r->marks = xalloc(n * sizeof(*r->marks));
	r->marks[r->nmarks++] = 0;
	for (e = sc->events; e; e = e->next)
		for (at = e->at; at < sc->duration; at += e->every) {
			r->marks[r->nmarks++] = at;
			if (!e->every)
				break;
		}
	qsort(r->marks, r->nmarks, sizeof(*r->marks), compare_marks);
	for (i = 1, j = 1; i < r->nmarks; i++)
		if (r->marks[i] != r->marks[j - 1])
			r->marks[j++] = r->marks[i];
	r->nmarks = j;
}

/* Nothing came out of the connection that the links did not carry. */
static void audit(struct world *w)
{
	u64 got[2] = {};
	int i;

	for (i = 0; i < w->nflows; i++)
		got[w->flows[i].dir] += w->flows[i].res->bytes;
	CHECK(got[UP] <= w->carried[UP]);
	CHECK(got[DOWN] <= w->carried[DOWN]);
}

static struct link_stats link_result(const struct leg *leg, int dir)
{
	struct link_stats stats = leg->link[dir].stats;

	stats.leg_key = leg->server[dir].key;
	stats.settle = leg->server[dir].settle;
	return stats;
}

/*
 * Stream bytes that were sent again although they were not declared lost, by
 * the number of packets that were, and copies of datagrams.
 */
static u64 copies(const struct end *end, u64 again)
{
	const struct tquic_path *path;
	u64 lost = 0;

	list_for_each_entry(path, &end->conn->paths, node)
		lost += path->lost_packets * path->mds;
	return again - min(lost, again) +
	       end->conn->dgrams.stats.copied_bytes;
}

static void collect(struct world *w)
{
	struct result *r = w->result;
	int i, d;

	flows_finish(w);
	audit(w);
	r->cost = cost_stop();
	r->collapses = algo_collapses;
	r->digest = w->log.digest;
	r->events = w->events;
	r->memory = max(r->memory, alloc_most);
	for (i = 0; i < w->sc->nlegs; i++)
		for (d = 0; d < 2; d++)
			r->leg[i].link[d] = link_result(&w->leg[i], d);
	for (d = 0; d < 2; d++) {
		r->payload[d] = w->end[d].payload + w->end[d].fresh;
		r->fresh[d] = w->end[d].conn->tx.used;
		r->copies[d] = copies(&w->end[d], r->payload[d] -
				      min(r->fresh[d], r->payload[d]));
		r->packets += w->end[d].packets;
	}
}

/* One run. @alone: the only leg that there is, or -1. */
struct result *world_run(const struct scene *sc, u64 seed, int alone,
			 FILE *log, FILE *qlog)
{
	struct world *w = xalloc(sizeof(*w));
	struct result *r = xalloc(sizeof(*r));

	snprintf(bug_context, sizeof(bug_context),
		 "%s --only %s --seed %llu%s%s", sc->file, sc->name, seed,
		 alone < 0 ? "" : " alone ",
		 alone < 0 ? "" : sc->legs[alone].name);
	alloc_restart();
	cost_start();
	algo_collapses = 0;
	*r = (struct result){ .sc = sc, .seed = seed, .alone = alone };
	find_marks(sc, r);
	w->sc = sc;
	w->seed = mix(seed + 1);
	w->result = r;
	w->log.file = log;
	qlog_start(w, qlog);
	w->ends_at = SETUP_MAX + 10 * SEC;
	w->begin.fn = begin;
	flows_init(w);
	shared_init(w);
	legs_init(w, alone);
	cross_init(w);
	host_init(w, UP);
	host_init(w, DOWN);
	end_start(w);
	ev_set(&w->q, &w->begin, MS);
	while (!w->over && ev_next(&w->q, w->ends_at))
		;
	collect(w);
	cross_audit(w);
	host_free(&w->host[UP]);
	host_free(&w->host[DOWN]);
	legs_free(w);
	cross_free(w);
	end_free(&w->end[UP]);
	end_free(&w->end[DOWN]);
	ev_cancel(&w->q, &w->sample);
	flows_free(w);
	ev_free(&w->q);
	free(w->acts);
	free(w);
	CHECK(!pkt_live);
	return r;
}
