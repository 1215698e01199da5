// SPDX-License-Identifier: GPL-2.0
/*
 * Metrics of legs.
 */
#include <math.h>

#include "metric.h"
#include "server.h"

/* what a leg carried before a freeze is taken from a span of this length */
#define THAW_BEFORE	(2 * SEC)
/* and what it carries after it, from windows of this length */
#define THAW_WINDOW	(100 * MS)

/* The worse direction of those in which bulk goes. */
static double queue(const struct metric *m, const struct leg_result *leg)
{
	u64 worst = 0;
	int d;

	for (d = 0; d < 2; d++)
		if (m->dirs & BIT(d))
			worst = max(worst,
				    histogram_share(&leg->link[d].wait,
						    m->share));
	return worst / 1e9;
}

static double share(const struct metric *m, const struct result *r)
{
	double mine = 0, all = 0;
	int i, d;

	for (i = 0; i < r->sc->nlegs; i++)
		for (d = 0; d < 2; d++) {
			if (!(m->dirs & BIT(d)))
				continue;
			all += r->leg[i].link[d].out_bytes;
			if (i == m->leg)
				mine += r->leg[i].link[d].out_bytes;
		}
	return all > 0 ? mine / all : 0;
}

/* What packets without payload take of the way back. */
static double acks(const struct metric *m, const struct result *r)
{
	const struct leg_conf *conf = &r->sc->legs[m->leg];
	double most = 0;
	u64 rate;
	int d;

	for (d = 0; d < 2; d++) {
		rate = scene_mean_rate(r->sc, &conf->link[d]);
		if (m->dirs & BIT(!d) && rate)
			most = fmax(most, r->leg[m->leg].acks[d] * 8e9 / rate /
					  r->sc->duration);
	}
	return most;
}

static double srtt(const struct metric *m, const struct result *r)
{
	const struct leg_result *leg = &r->leg[m->leg];
	int i;

	if (m->at == NEVER)
		return leg->srtt_count ?
		       leg->srtt_sum / 1e9 / leg->srtt_count : NAN;
	for (i = 0; i < r->nmarks; i++)
		if (r->marks[i] == m->at)
			return leg->srtt[i] / 1e9;
	return NAN;
}

static double carried(const struct series *s, u64 from, u64 to)
{
	double sum = 0;
	u64 k;

	for (k = from / s->bin; k < min_t(u64, to / s->bin, s->count); k++)
		sum += s->bytes[k];
	return sum / (to - from);
}

/* Longest time from the end of a freeze to nine tenths of the rate before. */
static double thaw(const struct metric *m, const struct result *r)
{
	const struct leg_result *leg = &r->leg[m->leg];
	const struct link_conf *c = &r->sc->legs[m->leg].link[DOWN];
	const struct series *s = &leg->carried;
	u64 key = leg->link[DOWN].leg_key, from = 0, end, t;
	double worst = 0, before;

	if (!c->freeze || !s->bytes)
		return NAN;
	for (from = THAW_BEFORE; from + SEC < r->sc->duration; from += MS) {
		end = vary_thaw(c, key, from);
		if (end == from)
			continue;
		before = carried(s, from - THAW_BEFORE, from);
		/* what had piled up comes at once; after that it counts */
		for (t = end + s->bin; t + THAW_WINDOW < r->sc->duration;
		     t += s->bin)
			if (carried(s, t, t + THAW_WINDOW) >= 0.9 * before)
				break;
		worst = fmax(worst, (t - end) / 1e9);
		from = end;
	}
	return worst;
}

double measure_leg(const struct metric *m, const struct result *r)
{
	const struct leg_result *leg = &r->leg[m->leg];

	switch (m->base) {
	case BASE_SHARE:
		return share(m, r);
	case BASE_QUEUE:
		return queue(m, leg);
	case BASE_ACKS:
		return acks(m, r);
	case BASE_BYTES:
		return leg->link[UP].out_bytes + leg->link[DOWN].out_bytes;
	case BASE_SETTLE:
		return max(leg->link[UP].settle, leg->link[DOWN].settle) / 1e9;
	case BASE_THAW:
		return thaw(m, r);
	case BASE_SRTT:
		return srtt(m, r);
	default:
		return NAN;
	}
}
