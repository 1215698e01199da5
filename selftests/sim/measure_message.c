// SPDX-License-Identifier: GPL-2.0
/*
 * Metrics of messages, requests and frames.
 */
#include <math.h>

#include "metric.h"

/* headers in front of a message's payload, and the tag */
#define MESSAGE_OVERHEAD	(1 + 8 + 2 + 16 + 9)
/* what was sent later may still be on its way when the run ends */
#define UNDER_WAY		SEC
#define MOVES_SPAN		(10 * SEC)

/**
 * struct pool - values of several flows
 * @value: array
 * @count: how many
 * @room: size
 */
struct pool {
	double *value;
	u32 count;
	u32 room;
};

static void pour(struct pool *p, double value)
{
	if (p->count == p->room) {
		p->room = p->room ? 2 * p->room : 1024;
		p->value = xgrow(p->value, p->room * sizeof(*p->value));
	}
	p->value[p->count++] = value;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The share of values that is asked for, or their mean; empties the pool. */
static double drain(struct pool *p, u32 share)
{
	double result = NAN, sum = 0;
	u32 i;

	if (share == SHARE_MEAN) {
		for (i = 0; i < p->count; i++)
			sum += p->value[i];
		result = sum / p->count;
	} else if (p->count) {
		qsort(p->value, p->count, sizeof(*p->value), compare);
		i = ((u64)p->count * share + 999) / 1000;
		result = p->value[max(i, 1U) - 1];
	}
	free(p->value);
	return result;
}

/* The least that a message takes from end to end: the best leg, idle. */
static double idle_delay(const struct scene *sc, const struct flow_conf *conf,
			 u8 dir, u32 size)
{
	double best = INFINITY, sum, bits;
	const struct link_conf *c;
	int i, d;

	size = min_t(u32, size, sc->mtu);
	bits = 8.0 * (size + MESSAGE_OVERHEAD + scene_overhead(sc));
	for (i = 0; i < sc->nlegs; i++) {
		sum = 0;
		for (d = 0; d < 2; d++) {
			c = &sc->legs[i].link[d];
			if (d != dir && conf->kind != FLOW_RPC)
				continue;
			sum += c->delay / 1e9;
			if (c->rate)
				sum += bits / c->rate;
		}
		best = fmin(best, sum);
	}
	return best;
}

/* How long it took, or has taken so far. */
static double took(const struct result *r, const struct message *msg,
		   bool first)
{
	u64 at = first ? msg->first : msg->got;

	return ((at == NEVER ? r->sc->duration : at) - msg->sent) / 1e9;
}

static bool in_run(const struct result *r, const struct message *msg)
{
	return msg->sent + UNDER_WAY <= r->sc->duration;
}

static double delays(const struct metric *m, const struct result *r)
{
	const struct flow_conf *conf = &r->sc->flows[m->flow];
	bool first = m->base == BASE_FIRST;
	const struct message *msg;
	struct pool p = {};
	double less;
	int i;
	u32 k;

	for (i = 0; i < r->nflows; i++) {
		if (!metric_concerns(m, &r->flows[i]))
			continue;
		less = m->base == BASE_ADDED ?
		       idle_delay(r->sc, conf, r->flows[i].dir,
				  conf->size) : 0;
		for (k = 0; k < r->flows[i].messages.count; k++) {
			msg = &r->flows[i].messages.msg[k];
			if (m->size && msg->size != m->size)
				continue;
			/* lost datagrams are counted elsewhere */
			if (msg->got == NEVER &&
			    (conf->datagram || !in_run(r, msg)))
				continue;
			pour(&p, took(r, msg, first) - less);
		}
	}
	return drain(&p, m->share);
}

static double ipdv(const struct metric *m, const struct result *r)
{
	const struct message *msg;
	struct pool p = {};
	double last, now;
	int i;
	u32 k;

	for (i = 0; i < r->nflows; i++) {
		last = NAN;
		if (!metric_concerns(m, &r->flows[i]))
			continue;
		for (k = 0; k < r->flows[i].messages.count; k++) {
			msg = &r->flows[i].messages.msg[k];
			if (msg->got == NEVER)
				continue;
			now = took(r, msg, false);
			if (!isnan(last))
				pour(&p, fabs(now - last));
			last = now;
		}
	}
	return drain(&p, m->share);
}

/* Messages of a span of time that never came, and the longest run of them. */
static void losses(const struct messages *ms, const struct result *r, u64 from,
		   u64 to, double *sent, double *lost, double *run)
{
	double now = 0;
	u32 k;

	for (k = 0; k < ms->count; k++) {
		if (ms->msg[k].sent < from || ms->msg[k].sent >= to ||
		    !in_run(r, &ms->msg[k]))
			continue;
		++*sent;
		if (ms->msg[k].got != NEVER) {
			now = 0;
			continue;
		}
		++*lost;
		*run = fmax(*run, ++now);
	}
}

static double loss(const struct metric *m, const struct result *r)
{
	double sent = 0, lost = 0, run = 0;
	u64 from, to;
	int i;

	metric_span(m, r, &from, &to);
	/* what was on its way at the event counts */
	if (m->at != NEVER)
		from -= min(from, UNDER_WAY);
	for (i = 0; i < r->nflows; i++)
		if (metric_concerns(m, &r->flows[i]))
			losses(&r->flows[i].messages, r, from, to, &sent,
			       &lost, &run);
	if (m->base == BASE_RUN)
		return run;
	if (m->base == BASE_LOSTN)
		return lost;
	return sent > 0 ? lost / sent : 0;
}

/* Most changes from one leg to another within ten seconds. */
static double moves(const struct metric *m, const struct result *r)
{
	const struct message *msg;
	u32 i, k, first, count, most = 0;
	u64 *at;
	int last;

	for (i = 0; i < r->nflows; i++) {
		if (!metric_concerns(m, &r->flows[i]))
			continue;
		at = xalloc(r->flows[i].messages.count * sizeof(*at));
		last = -1;
		first = 0;
		count = 0;
		for (k = 0; k < r->flows[i].messages.count; k++) {
			msg = &r->flows[i].messages.msg[k];
			if (msg->got == NEVER || msg->leg == U8_MAX)
				continue;
			if (last >= 0 && msg->leg != last)
				at[count++] = msg->sent;
			last = msg->leg;
			while (first < count &&
			       at[first] + MOVES_SPAN < msg->sent)
				first++;
			most = max(most, count - first);
		}
		free(at);
	}
	return most;
}

static double odd_ones(const struct metric *m, const struct result *r)
{
	double odd = 0, all = 0;
	u32 k;
	int i;

	for (i = 0; i < r->nflows; i++) {
		const struct messages *ms = &r->flows[i].messages;

		if (!metric_concerns(m, &r->flows[i]))
			continue;
		all += ms->count;
		if (m->base == BASE_DISORDER)
			odd += ms->late;
		for (k = 0; m->base == BASE_DUPLICATES && k < ms->count; k++)
			odd += ms->msg[k].copies > 1;
	}
	return all > 0 ? odd / all : 0;
}

static double stalls(const struct metric *m, const struct result *r)
{
	double sum = 0;
	int i;

	for (i = 0; i < r->nflows; i++)
		if (metric_concerns(m, &r->flows[i]))
			sum += r->flows[i].stalls;
	if (m->base == BASE_FREEZES)
		sum *= 600e9 / r->sc->duration;
	return sum;
}

/* Of transfers that end, and of players that begin: the last of them. */
static double once(const struct metric *m, const struct result *r)
{
	u64 latest = 0, at;
	int i;

	for (i = 0; i < r->nflows; i++) {
		if (!metric_concerns(m, &r->flows[i]))
			continue;
		at = m->base == BASE_FIRST ? r->flows[i].first_at :
					     r->flows[i].done_at;
		latest = max(latest, at);
	}
	return latest == NEVER ? METRIC_NEVER : latest / 1e9;
}

static double offered(const struct metric *m, const struct result *r)
{
	double sum = 0;
	int i;

	for (i = 0; i < r->nflows; i++)
		if (metric_concerns(m, &r->flows[i]))
			sum += r->flows[i].offered;
	return sum * 8e9 / r->sc->duration;
}

double measure_messages(const struct metric *m, const struct result *r)
{
	enum flow_kind kind = r->sc->flows[m->flow].kind;

	switch (m->base) {
	case BASE_RATE:
		return offered(m, r);
	case BASE_DONE:
		if (kind == FLOW_BULK || kind == FLOW_INNER)
			return once(m, r);
		return delays(m, r);
	case BASE_FIRST:
		return kind == FLOW_VIDEO ? once(m, r) : delays(m, r);
	case BASE_ADDED:
	case BASE_DELAY:
	case BASE_FRAME:
		return delays(m, r);
	case BASE_IPDV:
		return ipdv(m, r);
	case BASE_LOST:
	case BASE_LOSTN:
	case BASE_RUN:
		return loss(m, r);
	case BASE_MOVES:
		return moves(m, r);
	case BASE_DISORDER:
	case BASE_DUPLICATES:
		return odd_ones(m, r);
	default:
		return stalls(m, r);
	}
}
