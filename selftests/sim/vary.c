// SPDX-License-Identifier: GPL-2.0
/*
 * What links do as time passes: functions of the draw key and of the time since
 * bulk began.
 */
#include "world.h"

u64 vary_rate(const struct server *s, u64 now)
{
	const struct link_conf *c = s->conf;

	if (!c->nsteps || !s->live)
		return c->rate;
	return c->steps[div64_u64(now - s->w->t0, c->step) % c->nsteps];
}

/* When line @i of the trace, counted over all repetitions, allows a packet. */
static u64 trace_at(const struct server *s, u64 i)
{
	const struct trace *t = s->conf->trace;
	u64 round = div_u64(i, t->count);

	return s->w->t0 + round * t->period + t->at[i - round * t->count];
}

/* The first line from @now on. */
static u64 trace_from(const struct server *s, u64 now)
{
	const struct trace *t = s->conf->trace;
	u64 round = div64_u64(now - s->w->t0, t->period);
	u64 at = now - s->w->t0 - round * t->period;
	u32 low = 0, high = t->count, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (t->at[mid] < at)
			low = mid + 1;
		else
			high = mid;
	}
	return round * t->count + low;
}

/* When a packet has left that begins now, where a trace says so. */
u64 vary_trace_done(struct server *s, u32 size)
{
	const u32 quantum = 1500 + s->w->sc->header;
	u64 now = s->w->q.now;

	if (!s->left || trace_at(s, s->opportunity) < now) {
		s->opportunity = max(s->opportunity + 1, trace_from(s, now));
		s->left = quantum;
	}
	while (size > s->left) {
		size -= s->left;
		s->opportunity++;
		s->left = quantum;
	}
	s->left -= size;
	return max(trace_at(s, s->opportunity), now);
}

/* End of the hole in a satellite's slots that @t falls into, else @t. */
u64 vary_hole_end(const struct link_conf *c, u64 key, u64 t)
{
	u64 k, end;

	if (!c->orbit || t < c->orbit)
		return t;
	k = div64_u64(t, c->orbit);
	end = k * c->orbit + draw_span(draw_key(key, DRAW_ORBIT_LEN), k,
				       c->orbit_min, c->orbit_max);
	return max(t, end);
}

s64 vary_orbit_delay(const struct link_conf *c, u64 key, u64 t)
{
	u64 k = c->orbit ? div64_u64(t, c->orbit) : 0;

	if (!k)
		return 0;
	return (s64)draw_span(draw_key(key, DRAW_ORBIT), k, 0,
			      2 * c->orbit_step) - (s64)c->orbit_step;
}

/*
 * When what would arrive at @t does: at the end of the freeze that this falls
 * into.  The k-th is within a quarter of the interval around its multiple.
 */
u64 vary_thaw(const struct link_conf *c, u64 key, u64 t)
{
	u64 k, from;

	if (!c->freeze || t < c->freeze / 2)
		return t;
	k = div64_u64(t + c->freeze / 2, c->freeze);
	from = k * c->freeze - c->freeze / 4 +
	       draw_span(draw_key(key, DRAW_FREEZE), k, 0, c->freeze / 4);
	if (t < from)
		return t;
	return max(t, from + draw_span(draw_key(key, DRAW_FREEZE_LEN), k,
				       c->freeze_min, c->freeze_max));
}

/*
 * Jitter never falls faster than time passes, so packets stay in order:
 * straight lines between random points.
 */
u64 vary_jitter(const struct link_conf *c, u64 key, u64 t)
{
	u64 mean = c->jitter, grid = max(4 * mean, 5 * MS), i, from, to;

	if (!mean)
		return 0;
	key = draw_key(key, DRAW_JITTER);
	i = div64_u64(t, grid);
	t -= i * grid;
	from = draw_span(key, i, 0, 2 * mean);
	to = draw_span(key, i + 1, 0, 2 * mean);
	return div64_u64(from * (grid - t) + to * t, grid);
}
