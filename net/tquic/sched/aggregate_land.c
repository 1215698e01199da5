// SPDX-License-Identifier: GPL-2.0
/*
 * Arrival model: when bytes land, and how many others land before.
 *
 * A path that may send now lands its bytes after its one-way delay.  One whose
 * window or pacer is exhausted waits first.  From then on bytes land at the
 * rate of the path.  So by the time that a byte on a slow path lands, every
 * faster path f has landed rate_f * (land_slow - land_f) bytes, and the byte
 * that the slow path should take is the one behind all of these: it comes just
 * in time (DAPS 2014, STTF 2019).  If as many are not waiting, or the
 * peer has no room for them, the slow path has nothing to win, which is what
 * BLEST (2016) and ECF (2017) approximate.
 */
#include "aggregate.h"

static u64 tquic_agg_wait(const struct tquic_sched_view *view, tquic_time_t now)
{
	u64 wait = view->ready_at > now ? view->ready_at - now : 0, over;

	if (view->window >= view->mds)
		return wait;
	/* acknowledgments make room as fast as the path delivers */
	over = view->in_flight + view->mds - min(view->cwnd, view->in_flight);
	if (!view->rate)
		return max(wait, view->srtt);
	return max(wait, mul_u64_u64_div_u64(over, TQUIC_NS_PER_SEC,
					     view->rate));
}

/*
 * What was measured is old when little was sent since, and also when much was:
 * the queue that our own bytes make is no longer than those in flight, and no
 * shorter than what of them the path does not hold without one.
 */
static u64 tquic_agg_delay(const struct tquic_sched_view *view, u64 owd)
{
	u64 most, least;

	if (!view->rate)
		return owd;
	most = mul_u64_u64_div_u64(view->in_flight, TQUIC_NS_PER_SEC,
				   view->rate);
	least = most > view->min_rtt ? most - view->min_rtt : 0;
	if (owd <= view->owd_min + least)
		return view->owd_min + least;
	return min(owd, view->owd_min + most);
}

/* The time that the path takes for the shortest train. */
static u64 tquic_agg_train(const struct tquic_sched_view *view)
{
	if (!view->rate)
		return 0;
	return mul_u64_u64_div_u64(2 * view->mds, TQUIC_NS_PER_SEC,
				   view->rate);
}

static void tquic_agg_leg(const struct tquic_sched_view *view, unsigned int i,
			  const struct tquic_sched_req *req,
			  struct tquic_agg_leg *leg)
{
	u64 high = max(view->owd, view->owd_p75);
	u64 wait = tquic_agg_wait(view, req->now);

	leg->view = i;
	leg->land = tquic_agg_delay(view, view->owd) + wait;
	leg->late = tquic_agg_delay(view, high) + wait + TQUIC_AGG_BAND +
		    tquic_agg_train(view);
	if (view->metered)
		leg->late += TQUIC_AGG_METERED;
	leg->rate = view->rate;
	leg->open = tquic_sched_open(view, req->now);
}

/**
 * tquic_agg_legs - order the paths by when they land
 * @views: paths
 * @count: how many
 * @req: the request
 * @legs: filled, the one that lands first before the others
 *
 * Return: how many take part.
 */
unsigned int tquic_agg_legs(const struct tquic_sched_view *views,
			    unsigned int count,
			    const struct tquic_sched_req *req,
			    struct tquic_agg_leg *legs)
{
	struct tquic_agg_leg leg;
	unsigned int i, j, n = 0;

	for (i = 0; i < count; i++) {
		if (!tquic_agg_in_use(views, count, i))
			continue;
		tquic_agg_leg(&views[i], i, req, &leg);
		for (j = n++; j && legs[j - 1].late > leg.late; j--)
			legs[j] = legs[j - 1];
		legs[j] = leg;
	}
	return n;
}

/**
 * tquic_agg_skip - bytes that others land before a path lands one
 * @legs: paths
 * @n: how many
 * @who: the path
 *
 * The path is taken to be late and the others to be in time.
 *
 * Return: bytes.
 */
u64 tquic_agg_skip(const struct tquic_agg_leg *legs, unsigned int n,
		   unsigned int who)
{
	u64 skip = 0;
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (i == who || legs[i].land >= legs[who].late)
			continue;
		skip += mul_u64_u64_div_u64(legs[i].rate,
					    legs[who].late - legs[i].land,
					    TQUIC_NS_PER_SEC);
	}
	return skip;
}
