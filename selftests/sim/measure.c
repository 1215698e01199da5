// SPDX-License-Identifier: GPL-2.0
/*
 * Values of metrics.  Floating point is allowed here: nothing happens any more.
 */
#include <math.h>

#include "metric.h"

/* headers of QUIC and of a STREAM frame, and the tag */
#define QUIC_OVERHEAD	(1 + 8 + 2 + 9 + 16)
/* over which a rate is looked at when it is asked when it was reached */
#define RISE_WINDOW	(500 * MS)
#define WINDOW5		(5 * SEC)
#define WINDOW5_STEP	(100 * MS)

static bool concerns(const struct metric *m, const struct flow_result *f)
{
	return f->flow == m->flow && m->dirs & BIT(f->dir);
}

static double in_seconds(u64 ns)
{
	return ns == NEVER ? METRIC_NEVER : ns / 1e9;
}

/* Bits per second that a leg could bring to the application. */
static double leg_ceiling(const struct scene *sc, int leg, u8 dirs)
{
	const struct link_conf *c;
	double sum = 0, frame, mtu;
	int d;

	for (d = 0; d < 2; d++) {
		c = &sc->legs[leg].link[d];
		mtu = min_t(u64, sc->mtu, c->mtu);
		frame = mtu + sc->header;
		if (dirs & BIT(d))
			sum += scene_mean_rate(sc, c) *
			       (1 - c->loss / 1e9) * (1 - c->burst / 1e9) *
			       (1 - c->common / 1e9) *
			       (mtu - (scene_overhead(sc) - sc->header) -
				QUIC_OVERHEAD) / frame;
	}
	return sum;
}

static double ceiling(const struct metric *m, const struct result *r)
{
	double sum = 0;
	int i;

	for (i = 0; i < r->sc->nlegs; i++)
		if (r->alone < 0 || r->alone == i)
			sum += leg_ceiling(r->sc, i, m->dirs);
	return sum;
}

/* Bits per second of the whole run, or of the steady window. */
static double rate(const struct metric *m, const struct result *r)
{
	bool steady = m->base == BASE_STEADY;
	const struct scene *sc = r->sc;
	u64 bytes = 0, span;
	int i;

	if (*r->failed)
		return 0;
	for (i = 0; i < r->nflows; i++)
		if (concerns(m, &r->flows[i]))
			bytes += steady ? r->flows[i].steady :
					  r->flows[i].bytes;
	span = sc->duration - (steady ? sc->steady : 0);
	return bytes * 8e9 / span;
}

static double bytes_between(const struct metric *m, const struct result *r,
			    u64 from, u64 to)
{
	const struct series *s;
	double sum = 0;
	u64 k;
	int i;

	for (i = 0; i < r->nflows; i++) {
		s = &r->flows[i].series;
		if (concerns(m, &r->flows[i]))
			for (k = from / s->bin; k < min_t(u64, to / s->bin,
							  s->count); k++)
				sum += s->bytes[k];
	}
	return sum;
}

/* The event before the next one, and when that is. */
static void span_after(const struct metric *m, const struct result *r,
		       u64 *from, u64 *to)
{
	int i;

	*from = m->at;
	*to = r->sc->duration;
	for (i = r->nmarks - 1; i >= 0; i--)
		if (r->marks[i] > m->at)
			*to = r->marks[i];
}

static double gap(const struct metric *m, const struct result *r)
{
	u64 longest = 0;
	int i, k;

	if (*r->failed)
		return METRIC_NEVER;
	for (i = 0; i < r->nflows; i++)
		for (k = 0; concerns(m, &r->flows[i]) && k < r->nmarks; k++)
			if (m->at == NEVER || r->marks[k] == m->at)
				longest = max(longest, r->flows[i].gaps[k]);
	return longest / 1e9;
}

static double rise(const struct metric *m, const struct result *r)
{
	u64 bin = r->flows[0].series.bin, from, to, t, window;
	double target;

	if (*r->failed)
		return METRIC_NEVER;
	if (m->at == NEVER) {
		from = r->sc->flows[m->flow].start;
		to = r->sc->duration;
		target = bytes_between(m, r, r->sc->steady, to) /
			 (to - r->sc->steady);
	} else {
		span_after(m, r, &from, &to);
		t = from + (to - from) / 2;
		target = bytes_between(m, r, t, to) / (to - t);
	}
	window = max(RISE_WINDOW, bin);
	for (t = from; t + window <= to; t += bin)
		if (bytes_between(m, r, t, t + window) >=
		    0.9 * target * window)
			return (t - from) / 1e9;
	return METRIC_NEVER;
}

static double done(const struct metric *m, const struct result *r)
{
	u64 latest = 0;
	int i;

	for (i = 0; i < r->nflows; i++)
		if (concerns(m, &r->flows[i]))
			latest = max(latest, r->flows[i].done_at);
	return in_seconds(latest);
}

static double resent(const struct metric *m, const struct result *r)
{
	double sent = 0, fresh = 0;
	int d;

	for (d = 0; d < 2; d++) {
		if (!(m->dirs & BIT(d)))
			continue;
		sent += r->payload[d];
		fresh += r->fresh[d];
	}
	return fresh > 0 ? (sent - fresh) / fresh : 0;
}

static double share(const struct metric *m, const struct result *r)
{
	double mine = 0, all = 0;
	int i, d;

	for (i = 0; i < r->sc->nlegs; i++)
		for (d = 0; d < 2; d++) {
			if (!(m->dirs & BIT(d)))
				continue;
			all += r->link[i][d].out_bytes;
			if (i == m->leg)
				mine += r->link[i][d].out_bytes;
		}
	return all > 0 ? mine / all : 0;
}

static double value_in(const struct metric *m, const struct result *r)
{
	switch (m->base) {
	case BASE_GOODPUT:
	case BASE_STEADY:
	case BASE_ALONE:
	case BASE_FLOOR:
		return rate(m, r);
	case BASE_GAP:
		return gap(m, r);
	case BASE_RISE:
		return rise(m, r);
	case BASE_RESENT:
		return resent(m, r);
	case BASE_DONE:
		return done(m, r);
	case BASE_SHARE:
		return share(m, r);
	case BASE_MEMORY:
		return r->memory;
	case BASE_EVENTS:
		return r->events;
	default:
		return NAN;
	}
}

/* The worst five seconds, compared with what the best leg did meanwhile. */
static double window5(const struct metric *m, const struct result *bond,
		      struct result *const *alone)
{
	double worst = INFINITY, most = 0, mine, other;
	struct result *best = NULL;
	u64 t;
	int i;

	if (*bond->failed)
		return 0;
	for (i = 0; i < bond->sc->nlegs; i++) {
		other = bytes_between(m, alone[i], 0, bond->sc->duration);
		if (!best || other > most) {
			best = alone[i];
			most = other;
		}
	}
	for (t = WINDOW5; t + WINDOW5 <= bond->sc->duration;
	     t += WINDOW5_STEP) {
		mine = bytes_between(m, bond, t, t + WINDOW5);
		other = bytes_between(m, best, t, t + WINDOW5);
		if (other > 0)
			worst = fmin(worst, mine / other);
	}
	return isinf(worst) ? NAN : worst;
}

/* @alone: results by leg, NULL when they were not asked for. */
void metrics_measure(const struct metrics *ms, const struct result *bond,
		     struct result *const *alone, struct values *v)
{
	const struct metric *m;
	int i, leg;

	*v = (struct values){ .seed = bond->seed, .digest = bond->digest,
			      .events = bond->events };
	snprintf(v->failed, sizeof(v->failed), "%s", bond->failed);
	for (i = 0; i < ms->count; i++) {
		m = &ms->metric[i];
		v->value[i] = value_in(m, bond);
		if (m->ratio == RATIO_CEILING)
			v->value[i] /= ceiling(m, bond);
		for (leg = 0; alone && leg < ms->sc->nlegs; leg++)
			v->alone[i][leg] = value_in(m, alone[leg]);
		if (m->base == BASE_WINDOW5)
			v->value[i] = window5(m, bond, alone);
		if (m->base == BASE_ALONE || m->base == BASE_FLOOR)
			v->value[i] = v->alone[i][m->leg];
		if (m->base == BASE_FLOOR)
			v->value[i] /= leg_ceiling(ms->sc, m->leg, m->dirs);
	}
	for (leg = 0; alone && leg < ms->sc->nlegs; leg++)
		v->events += alone[leg]->events;
	for (leg = 0; alone && leg < ms->sc->nlegs; leg++)
		if (*alone[leg]->failed)
			snprintf(v->alone_failed, sizeof(v->alone_failed),
				 "%s alone: %.80s", ms->sc->legs[leg].name,
				 alone[leg]->failed);
}

static double relate(enum ratio ratio, double mine, double best, double sum)
{
	if (ratio == RATIO_BEST)
		return mine / best;
	if (ratio == RATIO_SUM)
		return mine / sum;
	return mine >= best ? (mine - best) / (sum - best) :
			      (mine - best) / best;
}

/* Best and sum are means over all runs, so these values come last. */
void metrics_relate(const struct metrics *ms, struct values *v, int runs)
{
	double best, sum, mean;
	int i, leg, k;

	for (i = 0; i < ms->count; i++) {
		enum ratio ratio = ms->metric[i].ratio;

		if (ratio == RATIO_NONE || ratio == RATIO_CEILING)
			continue;
		best = 0;
		sum = 0;
		for (leg = 0; leg < ms->sc->nlegs; leg++) {
			mean = 0;
			for (k = 0; k < runs; k++)
				mean += v[k].alone[i][leg] / runs;
			best = fmax(best, mean);
			sum += mean;
		}
		for (k = 0; k < runs; k++)
			v[k].value[i] = relate(ratio, v[k].value[i], best,
					       sum);
	}
}
