// SPDX-License-Identifier: GPL-2.0
#include "world.h"

static const struct flow_ops *const kinds[] = {
	[FLOW_BULK] = &app_bulk,
};

static void series_init(struct series *s, u64 duration)
{
	s->bin = max(10 * MS, div_u64(duration, 200000));
	s->count = div64_u64(duration, s->bin) + 1;
	s->bytes = xalloc(s->count * sizeof(*s->bytes));
}

static void flow_init(struct world *w, int i, u8 dir)
{
	struct flow *f = &w->flows[w->nflows];
	struct result *r = w->result;
	struct flow_result *res = &r->flows[w->nflows++];

	*f = (struct flow){
		.w = w, .conf = &w->sc->flows[i], .dir = dir, .res = res,
		.ops = kinds[w->sc->flows[i].kind], .last = NEVER,
	};
	INIT_LIST_HEAD(&f->hungry);
	*res = (struct flow_result){ .flow = i, .dir = dir, .done_at = NEVER };
	series_init(&res->series, w->sc->duration);
	res->gaps = xalloc(r->nmarks * sizeof(*res->gaps));
	r->nflows = w->nflows;
}

void flows_init(struct world *w)
{
	const struct flow_conf *conf;
	int i, d, n = 0;
	u64 k;

	INIT_LIST_HEAD(&w->hungry[UP]);
	INIT_LIST_HEAD(&w->hungry[DOWN]);
	for (i = 0; i < w->sc->nflows; i++)
		n += 2 * w->sc->flows[i].count;
	w->flows = xalloc(n * sizeof(*w->flows));
	w->result->flows = xalloc(n * sizeof(*w->result->flows));
	for (i = 0; i < w->sc->nflows; i++) {
		conf = &w->sc->flows[i];
		for (k = 0; k < conf->count; k++)
			for (d = 0; d < 2; d++)
				if (conf->dirs & BIT(d))
					flow_init(w, i, d);
	}
}

/* A span without a byte, as each event's aftermath sees it. */
static void note_gap(struct flow *f, u64 from, u64 to)
{
	const struct result *r = f->w->result;
	int i;

	for (i = r->nmarks - 1; i >= 0; i--) {
		u64 end = i + 1 < r->nmarks ? r->marks[i + 1] : NEVER;

		if (r->marks[i] >= to)
			continue;
		if (end <= from)
			break;
		f->res->gaps[i] = max(f->res->gaps[i], min(to, end) - from);
	}
}

/* Bytes came in order. */
void flow_count(struct flow *f, u32 bytes)
{
	struct flow_result *res = f->res;
	struct world *w = f->w;
	u64 t = w->q.now - w->t0;

	if (!bytes || w->q.now > w->ends_at)
		return;
	if (f->last != NEVER && t - f->last > MS)
		note_gap(f, f->last, t);
	f->last = t;
	res->bytes += bytes;
	if (t >= w->sc->steady)
		res->steady += bytes;
	res->series.bytes[div64_u64(t, res->series.bin)] += bytes;
}

/* The senders at an end whose backlogs may have run low. */
void flows_refill(struct world *w, struct end *end)
{
	struct flow *f, *next;

	end->payload += end->fresh;
	end->fresh = 0;
	list_for_each_entry_safe(f, next, &w->hungry[end->who], hungry)
		f->ops->refill(f);
}

void flow_start(struct flow *f)
{
	if (f->running)
		return;
	f->running = true;
	f->began = f->w->q.now - f->w->t0;
	f->ops->start(f);
	end_kick(&f->w->end[f->dir]);
}

void flow_stop(struct flow *f)
{
	if (!f->running)
		return;
	f->running = false;
	f->ops->stop(f);
	list_del_init(&f->hungry);
	end_kick(&f->w->end[f->dir]);
}

void flows_finish(struct world *w)
{
	struct flow *f;
	int i;

	for (i = 0; i < w->nflows; i++) {
		f = &w->flows[i];
		if (f->running)
			note_gap(f, f->last == NEVER ? f->began : f->last,
				 w->q.now - w->t0);
	}
}

void flows_free(struct world *w)
{
	streams_free(w);
	free(w->flows);
}

void result_free(struct result *r)
{
	int i;

	for (i = 0; i < r->nflows; i++) {
		free(r->flows[i].series.bytes);
		free(r->flows[i].gaps);
	}
	free(r->flows);
	free(r->marks);
	free(r);
}
