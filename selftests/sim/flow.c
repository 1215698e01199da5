// SPDX-License-Identifier: GPL-2.0
#include "world.h"

/* so long nothing may happen at the end of a run, on legs that work */
#define STALL		(10 * SEC)

static const struct flow_ops *const kinds[] = {
	[FLOW_BULK] = &app_bulk, [FLOW_CBR] = &app_cbr,
	[FLOW_BURST] = &app_burst, [FLOW_RPC] = &app_rpc,
	[FLOW_WEB] = &app_web, [FLOW_VIDEO] = &app_video,
	[FLOW_RTP] = &app_rtp, [FLOW_INNER] = &app_inner,
};

static void tick(struct ev *ev)
{
	struct flow *f = container_of(ev, struct flow, timer);

	f->ops->tick(f);
}

static void flow_init(struct world *w, int i, u8 dir)
{
	struct flow *f = &w->flows[w->nflows];
	struct result *r = w->result;
	struct flow_result *res = &r->flows[w->nflows];

	*f = (struct flow){
		.w = w, .conf = &w->sc->flows[i], .dir = dir, .res = res,
		.number = w->nflows, .last = NEVER, .timer.fn = tick,
		.ops = kinds[w->sc->flows[i].kind],
	};
	if (f->ops->state_size)
		f->state = xalloc(f->ops->state_size);
	*res = (struct flow_result){ .flow = i, .dir = dir, .done_at = NEVER,
				      .first_at = NEVER };
	series_init(&res->series, w->sc->duration);
	res->gaps = xalloc(r->nmarks * sizeof(*res->gaps));
	r->nflows = ++w->nflows;
}

void flows_init(struct world *w)
{
	const struct flow_conf *conf;
	int i, d, n = 0;
	u64 k;

	streams_init(w);
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

/* All of it has come.  When nothing else goes on, the run is over. */
void flow_done(struct flow *f)
{
	struct world *w = f->w;
	int i;

	if (f->res->done_at == NEVER)
		f->res->done_at = flow_now(f) - f->began;
	for (i = 0; i < w->nflows; i++)
		if (!scene_endless(w->flows[i].conf) ||
		    w->flows[i].res->done_at == NEVER)
			return;
	w->over = true;
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
	series_add(&res->series, t, bytes);
}

/* ns from the start of bulk */
u64 flow_now(const struct flow *f)
{
	return f->w->q.now - f->w->t0;
}

struct end *flow_sender(const struct flow *f)
{
	return &f->w->end[f->dir];
}

/* The flow's timer fires after that time. */
void flow_after(struct flow *f, u64 ns)
{
	ev_set(&f->w->q, &f->timer, f->w->q.now + ns);
}

void flow_start(struct flow *f)
{
	if (f->running)
		return;
	f->running = true;
	f->began = f->w->q.now - f->w->t0;
	if (f->conf->datagram)
		datagram_open(f);
	f->ops->start(f);
}

void flow_stop(struct flow *f)
{
	if (!f->running)
		return;
	f->running = false;
	ev_cancel(&f->w->q, &f->timer);
	if (f->ops->stop)
		f->ops->stop(f);
}

void flows_finish(struct world *w)
{
	struct flow *f;
	u64 from;
	int i;

	for (i = 0; i < w->nflows; i++) {
		f = &w->flows[i];
		if (!f->running || f->res->done_at != NEVER)
			continue;
		from = f->last == NEVER ? f->began : f->last;
		note_gap(f, from, flow_now(f));
		if (f->conf->kind == FLOW_BULK && !f->conf->unread &&
		    w->started && flow_now(f) - from > STALL && legs_work(w))
			world_fail(w, "stalled", from);
	}
}

void flows_free(struct world *w)
{
	int i;

	streams_free(w);
	for (i = 0; i < w->nflows; i++) {
		ev_cancel(&w->q, &w->flows[i].timer);
		if (w->flows[i].ops->done)
			w->flows[i].ops->done(&w->flows[i]);
		free(w->flows[i].state);
	}
	free(w->flows);
}
