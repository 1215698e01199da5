// SPDX-License-Identifier: GPL-2.0
/*
 * Aggregate: all paths together, none slower than the best alone.
 */
#include "../core/stream.h"
#include "aggregate.h"

/* Paths kept in reserve are used when there are no others. */
bool tquic_agg_in_use(const struct tquic_sched_view *views, unsigned int count,
		      unsigned int i)
{
	unsigned int j;

	if (!views[i].backup)
		return true;
	for (j = 0; j < count; j++)
		if (!views[j].backup)
			return false;
	return true;
}

/*
 * The path that lands first is asked first; each takes what is due when its
 * slot lands, and none what another lands sooner.
 */
static int tquic_agg_bulk(struct tquic_agg *agg,
			  const struct tquic_sched_view *views,
			  unsigned int count, const struct tquic_sched_req *req,
			  struct tquic_sched_grant *grant)
{
	struct tquic_agg_leg legs[TQUIC_SCHED_PATHS_MAX];
	unsigned int n = tquic_agg_legs(views, count, req, legs), i;

	for (i = 0; i < n; i++) {
		if (!legs[i].open || tquic_sched_tried(req, legs[i].view))
			continue;
		grant->skip = i ? tquic_agg_skip(legs, n, i) : 0;
		grant->late = legs[i].late - legs[0].late;
		if (req->dgram || !grant->skip ||
		    tquic_agg_reach(&agg->supply, req, grant->late,
				    &grant->skip))
			return legs[i].view;
	}
	return TQUIC_SCHED_NONE;
}

static int tquic_agg_select(void *priv, const struct tquic_sched_view *views,
			    unsigned int count,
			    const struct tquic_sched_req *req,
			    struct tquic_sched_grant *grant, tquic_time_t *wake)
{
	struct tquic_agg *agg = priv;

	if (req->class == TQUIC_STREAM_REALTIME)
		return tquic_agg_realtime(agg, views, count, req);
	tquic_agg_supply_watch(&agg->supply, req);
	return tquic_agg_bulk(agg, views, count, req, grant);
}

const struct tquic_sched_ops tquic_aggregate_ops = {
	.name = "aggregate",
	.priv_size = sizeof(struct tquic_agg),
	.select = tquic_agg_select,
};
