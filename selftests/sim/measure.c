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
#define DIP_WINDOW	SEC
#define DIP_SPAN	(10 * SEC)
#define DIP_BEFORE	(5 * SEC)

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

/* Bits per second of what had a size; 0 when it did not end. */
static double of_size(const struct metric *m, const struct result *r)
{
	double bytes = 0;
	u64 latest = 0;
	int i;

	for (i = 0; i < r->nflows; i++) {
		if (!metric_concerns(m, &r->flows[i]))
			continue;
		bytes += r->flows[i].bytes;
		latest = max(latest, r->flows[i].done_at);
	}
	return latest == NEVER || !latest ? 0 : bytes * 8e9 / latest;
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
	if (m->cross < 0 && sc->flows[m->flow].size &&
	    scene_endless(&sc->flows[m->flow]))
		return steady ? NAN : of_size(m, r);
	for (i = 0; i < r->nflows; i++)
		if (metric_concerns(m, &r->flows[i]))
			bytes += steady ? r->flows[i].steady :
					  r->flows[i].bytes;
	if (m->cross >= 0)
		bytes = steady ? r->cross[m->cross].steady :
				 r->cross[m->cross].bytes;
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
		if (metric_concerns(m, &r->flows[i]))
			for (k = from / s->bin; k < min_t(u64, to / s->bin,
							  s->count); k++)
				sum += s->bytes[k];
	}
	return sum;
}

/* From the event up to the next one, or the whole run. */
void metric_span(const struct metric *m, const struct result *r, u64 *from,
		 u64 *to)
{
	int i;

	*from = m->at == NEVER ? 0 : m->at;
	*to = r->sc->duration;
	for (i = r->nmarks - 1; i >= 0 && m->at != NEVER; i--)
		if (r->marks[i] > m->at)
			*to = r->marks[i];
}

static double gap(const struct metric *m, const struct result *r)
{
	u64 longest = 0;
	int i, k;

	for (i = 0; i < r->nflows; i++)
		for (k = 0; metric_concerns(m, &r->flows[i]) && k < r->nmarks;
		     k++)
			if (m->at == NEVER || r->marks[k] == m->at)
				longest = max(longest, r->flows[i].gaps[k]);
	return longest / 1e9;
}

static double rise(const struct metric *m, const struct result *r)
{
	u64 bin = r->flows[0].series.bin, from, to, t, window;
	double target;

	metric_span(m, r, &from, &to);
	if (m->at == NEVER) {
		from = r->sc->flows[m->flow].start;
		t = r->sc->steady;
	} else {
		t = from + (to - from) / 2;
	}
	target = bytes_between(m, r, t, to) / (to - t);
	window = max(RISE_WINDOW, bin);
	for (t = from; t + window <= to; t += bin)
		if (bytes_between(m, r, t, t + window) >=
		    0.9 * target * window)
			return (t - from) / 1e9;
	return METRIC_NEVER;
}

/* The worst second after an event, compared with the five before it. */
static double dip(const struct metric *m, const struct result *r)
{
	u64 bin = r->flows[0].series.bin, from, to, t, before;
	double least = INFINITY, mean;

	metric_span(m, r, &from, &to);
	if (m->at == NEVER)
		return NAN;
	before = from > DIP_BEFORE ? from - DIP_BEFORE : 0;
	mean = bytes_between(m, r, before, from) / (from - before);
	to = min(to, from + DIP_SPAN);
	for (t = from; t + DIP_WINDOW <= to; t += bin)
		least = fmin(least, bytes_between(m, r, t, t + DIP_WINDOW));
	return least / DIP_WINDOW / mean;
}

static double sum_dirs(const u64 *by_dir, u8 dirs)
{
	return (dirs & BIT(UP) ? by_dir[UP] : 0) +
	       (dirs & BIT(DOWN) ? by_dir[DOWN] : 0);
}

/* Shares of what was sent for the first time. */
static double again(const struct metric *m, const struct result *r)
{
	double fresh = sum_dirs(r->fresh, m->dirs);
	double copies = sum_dirs(r->copies, m->dirs);
	double all = sum_dirs(r->payload, m->dirs) - fresh;

	if (fresh <= 0)
		return 0;
	/* what is left for another leg counts as sent: at the end it may not */
	all = fmax(all, copies);
	if (m->base == BASE_COPIES)
		return copies / fresh;
	return (m->base == BASE_EXTRA ? all : all - copies) / fresh;
}

/* Bytes of flows that had an end and did not reach it. */
static double mismatch(const struct metric *m, const struct result *r)
{
	const struct flow_conf *conf;
	double missing = 0;
	int i;

	for (i = 0; i < r->nflows; i++) {
		conf = &r->sc->flows[r->flows[i].flow];
		if (conf->kind == FLOW_BULK && conf->size)
			missing += conf->size - r->flows[i].bytes;
	}
	return missing;
}

/* Jain's index over the copies of a flow. */
static double jain(const struct metric *m, const struct result *r)
{
	double sum = 0, squares = 0, x;
	int i, n = 0;

	for (i = 0; i < r->nflows; i++) {
		if (!metric_concerns(m, &r->flows[i]))
			continue;
		x = r->flows[i].steady;
		sum += x;
		squares += x * x;
		n++;
	}
	return squares > 0 ? sum * sum / (n * squares) : 0;
}

static double of_whole(const struct metric *m, const struct result *r)
{
	switch (m->base) {
	case BASE_MEMORY:
		return r->memory;
	case BASE_STATE:
		return r->outstanding ?
		       (double)r->state / r->outstanding : 0;
	case BASE_COST:
		return r->packets ? (double)r->cost / r->packets : 0;
	case BASE_COLLAPSES:
		return r->collapses;
	case BASE_EVENTS:
		return r->events;
	default:
		return NAN;
	}
}

static double value_in(const struct metric *m, const struct result *r)
{
	if (*r->failed && m->base != BASE_EVENTS)
		return metric_more_is_better(m) ? 0 : METRIC_NEVER;
	switch (m->base) {
	case BASE_GOODPUT:
	case BASE_STEADY:
		return rate(m, r);
	case BASE_DIP:
		return dip(m, r);
	case BASE_GAP:
		return gap(m, r);
	case BASE_RISE:
		return rise(m, r);
	case BASE_RESENT:
	case BASE_EXTRA:
		return again(m, r);
	case BASE_COPIES:
		return m->leg < 0 ? again(m, r) : measure_leg(m, r);
	case BASE_MISMATCH:
		return mismatch(m, r);
	case BASE_JAIN:
		return jain(m, r);
	default:
		break;
	}
	if (m->base >= BASE_MEMORY)
		return of_whole(m, r);
	if (m->base >= BASE_QUEUE || m->base == BASE_SHARE)
		return measure_leg(m, r);
	if (m->base >= BASE_DONE || m->base == BASE_RATE)
		return measure_messages(m, r);
	return NAN;
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

static double measure(const struct metric *m, const struct result *bond,
		      struct result *const *alone, const double *by_leg)
{
	switch (m->ratio) {
	case RATIO_OUTSIDE:
		return NAN;
	case RATIO_CEILING:
		return value_in(m, bond) / ceiling(m, bond);
	case RATIO_ALONE:
		return by_leg[m->leg];
	case RATIO_FLOOR:
		return by_leg[m->leg] /
		       leg_ceiling(bond->sc, m->leg, m->dirs);
	default:
		return m->base == BASE_WINDOW5 ? window5(m, bond, alone) :
						 value_in(m, bond);
	}
}

/* @alone: results by leg, NULL when they were not asked for. */
void metrics_measure(const struct metrics *ms, const struct result *bond,
		     struct result *const *alone, struct values *v)
{
	int i, leg;

	*v = (struct values){ .seed = bond->seed, .digest = bond->digest,
			      .events = bond->events };
	snprintf(v->failed, sizeof(v->failed), "%s", bond->failed);
	for (i = 0; i < ms->count; i++) {
		for (leg = 0; alone && leg < ms->sc->nlegs; leg++)
			v->alone[i][leg] = value_in(&ms->metric[i],
						    alone[leg]);
		v->value[i] = measure(&ms->metric[i], bond, alone,
				      v->alone[i]);
	}
	for (leg = 0; alone && leg < ms->sc->nlegs; leg++) {
		v->events += alone[leg]->events;
		if (*alone[leg]->failed)
			snprintf(v->alone_failed, sizeof(v->alone_failed),
				 "%s alone: %.80s", ms->sc->legs[leg].name,
				 alone[leg]->failed);
	}
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
	bool more;

	for (i = 0; i < ms->count; i++) {
		enum ratio ratio = ms->metric[i].ratio;

		if (ratio < RATIO_BEST || ratio > RATIO_EBEN)
			continue;
		more = metric_more_is_better(&ms->metric[i]);
		best = more ? 0 : INFINITY;
		sum = 0;
		for (leg = 0; leg < ms->sc->nlegs; leg++) {
			mean = 0;
			for (k = 0; k < runs; k++)
				mean += v[k].alone[i][leg] / runs;
			best = more ? fmax(best, mean) : fmin(best, mean);
			sum += mean;
		}
		for (k = 0; k < runs; k++)
			v[k].value[i] = relate(ratio, v[k].value[i], best,
					       sum);
	}
}
