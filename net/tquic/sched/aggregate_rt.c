// SPDX-License-Identifier: GPL-2.0
/*
 * Which path carries real time: the one of the lowest delay that nine packets
 * of ten keep to, unless the present one is nearly as good.
 */
#include "aggregate.h"

/* how much better another path has to be, per cent of the one-way delay */
#define TQUIC_AGG_RT_MARGIN	20

static u64 tquic_agg_rt_margin(const struct tquic_sched_view *view)
{
	return max_t(u64, TQUIC_AGG_BAND,
		     view->srtt / 2 * TQUIC_AGG_RT_MARGIN / 100);
}

/* Acknowledgments must not be overdue; a datagram must fit. */
static bool tquic_agg_rt_fit(const struct tquic_sched_view *views,
			     unsigned int count,
			     const struct tquic_sched_req *req, unsigned int i)
{
	const struct tquic_sched_view *view = &views[i];

	return tquic_agg_in_use(views, count, i) && !view->suspect &&
	       max(view->window, view->urgent) >= view->mds &&
	       view->ready_at <= req->now + TQUIC_AGG_DEBT;
}

/**
 * tquic_agg_realtime - choose the path for real time
 * @agg: state
 * @views: paths
 * @count: how many
 * @req: the request
 *
 * Return: index of the path, TQUIC_SCHED_NONE for none.
 */
int tquic_agg_realtime(struct tquic_agg *agg,
		       const struct tquic_sched_view *views,
		       unsigned int count, const struct tquic_sched_req *req)
{
	int best = TQUIC_SCHED_NONE, present = TQUIC_SCHED_NONE;
	unsigned int i;

	/* it was granted what there is already */
	if (req->tried)
		return TQUIC_SCHED_NONE;
	for (i = 0; i < count; i++) {
		if (!tquic_agg_rt_fit(views, count, req, i))
			continue;
		if (agg->rt_used && views[i].id == agg->rt)
			present = i;
		if (best == TQUIC_SCHED_NONE ||
		    views[i].owd_p90 < views[best].owd_p90)
			best = i;
	}
	if (best == TQUIC_SCHED_NONE)
		return best;
	if (present != TQUIC_SCHED_NONE &&
	    views[present].owd_p90 <= views[best].owd_p90 +
				      tquic_agg_rt_margin(&views[present]))
		best = present;
	agg->rt = views[best].id;
	agg->rt_used = true;
	return best;
}
