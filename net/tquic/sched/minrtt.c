// SPDX-License-Identifier: GPL-2.0
/*
 * Lowest round-trip time first.
 *
 * Two paths of nearly the same delay would take turns at every sample; the one
 * used last is kept while it is within a tolerance band of the best.
 */
#include "minrtt.h"

/* the band: an eighth of the best RTT, at least 1 ms */
static u64 tquic_minrtt_band(u64 srtt)
{
	return max_t(u64, srtt / 8, TQUIC_NS_PER_MS);
}

static bool tquic_minrtt_open(const struct tquic_sched_view *views,
			      const struct tquic_sched_req *req,
			      unsigned int i, bool backup)
{
	return views[i].backup == backup && !tquic_sched_tried(req, i) &&
	       tquic_sched_open(&views[i], req->now);
}

static int tquic_minrtt_best(const struct tquic_sched_view *views,
			     unsigned int count,
			     const struct tquic_sched_req *req, bool backup)
{
	int best = TQUIC_SCHED_NONE;
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (!tquic_minrtt_open(views, req, i, backup))
			continue;
		if (best == TQUIC_SCHED_NONE ||
		    views[i].srtt < views[best].srtt)
			best = i;
	}
	return best;
}

static bool tquic_minrtt_any(const struct tquic_sched_view *views,
			     unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (!views[i].backup)
			return true;
	return false;
}

static int tquic_minrtt_select(void *priv, const struct tquic_sched_view *views,
			       unsigned int count,
			       const struct tquic_sched_req *req,
			       struct tquic_sched_grant *grant,
			       tquic_time_t *wake)
{
	struct tquic_minrtt *state = priv;
	bool backup = !tquic_minrtt_any(views, count);
	unsigned int i;
	int best;

	best = tquic_minrtt_best(views, count, req, backup);
	if (best == TQUIC_SCHED_NONE)
		return best;
	for (i = 0; i < count; i++) {
		if (!state->used || views[i].id != state->last ||
		    !tquic_minrtt_open(views, req, i, backup))
			continue;
		if (views[i].srtt <= views[best].srtt +
				     tquic_minrtt_band(views[best].srtt))
			best = i;
	}
	state->used = true;
	state->last = views[best].id;
	return best;
}

const struct tquic_sched_ops tquic_minrtt_ops = {
	.name = "minrtt",
	.priv_size = sizeof(struct tquic_minrtt),
	.select = tquic_minrtt_select,
};
