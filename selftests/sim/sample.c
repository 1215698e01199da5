// SPDX-License-Identifier: GPL-2.0
#include "alloc.h"
#include "world.h"

#define PERIOD		(100 * MS)

/* The end that sends bulk. */
static struct end *sender(struct world *w)
{
	int i;

	for (i = 0; i < w->nflows; i++)
		if (w->flows[i].conf->kind == FLOW_BULK ||
		    w->flows[i].conf->kind == FLOW_INNER)
			return &w->end[w->flows[i].dir];
	return &w->end[w->sc->dir];
}

static u64 srtt_of(struct world *w, const struct leg *leg)
{
	const struct tquic_path *path;

	if (!leg->opened)
		return 0;
	path = tquic_conn_path(sender(w)->conn, leg->path_id);
	return path && path->validated ? path->rtt.smoothed : 0;
}

static u64 outstanding(const struct end *end)
{
	const struct tquic_path *path;
	u64 sum = 0;

	list_for_each_entry(path, &end->conn->paths, node)
		sum += path->space.loss.sent.outstanding;
	return sum;
}

/* Stream bytes that wait for their reader, or for bytes before them. */
static u64 unread(const struct end *end)
{
	return end->conn->rx.received - end->conn->rx.consumed;
}

static void sample(struct ev *ev)
{
	struct world *w = container_of(ev, struct world, sample);
	struct result *r = w->result;
	u64 srtt, count;
	int i;

	ev_set(&w->q, ev, w->q.now + PERIOD);
	for (i = 0; i < w->sc->nlegs; i++) {
		srtt = srtt_of(w, &w->leg[i]);
		r->leg[i].srtt_sum += srtt;
		r->leg[i].srtt_count += srtt != 0;
	}
	r->memory = max(r->memory, alloc_held + unread(&w->end[UP]) +
				   unread(&w->end[DOWN]));
	count = outstanding(&w->end[UP]) + outstanding(&w->end[DOWN]);
	if (count > r->outstanding) {
		r->outstanding = count;
		r->state = alloc_held - min(alloc_held, w->held);
	}
}

/* What a leg carries towards the receiver of bulk. */
static void watch(struct world *w, int leg)
{
	struct series *s = &w->result->leg[leg].carried;

	series_init(s, w->sc->duration);
	w->leg[leg].link[sender(w)->who].carried = s;
}

/* Bulk begins. */
void sample_start(struct world *w)
{
	struct result *r = w->result;
	int i;

	w->sample.fn = sample;
	w->held = alloc_held;
	ev_set(&w->q, &w->sample, w->q.now + PERIOD);
	for (i = 0; i < w->sc->nlegs; i++) {
		r->leg[i].srtt = xalloc(r->nmarks * sizeof(u64));
		if (w->sc->legs[i].link[DOWN].freeze)
			watch(w, i);
	}
}

/* Something is about to be done: how were things just before? */
void sample_mark(struct world *w)
{
	struct result *r = w->result;
	int i, k;

	for (k = 0; k < r->nmarks; k++)
		if (r->marks[k] == w->q.now - w->t0)
			break;
	for (i = 0; i < w->sc->nlegs && k < r->nmarks; i++)
		if (!r->leg[i].srtt[k])
			r->leg[i].srtt[k] = srtt_of(w, &w->leg[i]);
}
