// SPDX-License-Identifier: GPL-2.0
/*
 * What is there to be sent, now and while a slow path's bytes are on their way.
 *
 * An application that keeps a bounded amount queued never has as much waiting
 * as faster paths carry in the time by which a slow one lands later.  It adds
 * as it goes: what it wrote of late, while some of it always waited, is what it
 * will write.  One that wrote everything at once and is done adds nothing.
 */
#include "aggregate.h"

/* behind this much of what waits a path takes the end of it, at least */
#define TQUIC_AGG_END		65536

/**
 * tquic_agg_supply_watch - bytes wait
 * @supply: what is known
 * @req: the request
 */
void tquic_agg_supply_watch(struct tquic_agg_supply *supply,
			    const struct tquic_sched_req *req)
{
	u64 span = req->now - supply->at;

	/* whoever ran dry does not keep bytes waiting */
	if (req->since != supply->since) {
		*supply = (struct tquic_agg_supply){
			.at = req->now,
			.since = req->since,
			.written = req->written,
		};
		return;
	}
	if (span < TQUIC_AGG_EPOCH)
		return;
	supply->rate[1] = supply->rate[0];
	supply->rate[0] = mul_u64_u64_div_u64(req->written - supply->written,
					      TQUIC_NS_PER_SEC, span);
	supply->at = req->now;
	supply->written = req->written;
}

/* Bytes that will have been written in @ns from now. */
u64 tquic_agg_supply(const struct tquic_agg_supply *supply, u64 ns)
{
	if (!supply->rate[1])
		return 0;
	return mul_u64_u64_div_u64(supply->rate[0] / 2 + supply->rate[1] / 2,
				   ns, TQUIC_NS_PER_SEC);
}

/**
 * tquic_agg_reach - will there be bytes behind those that are left out
 * @supply: what is known
 * @req: the request
 * @ahead: how much later than on the first path they land, ns
 * @skip: bytes left out; shortened to what is there already
 *
 * Credit does not grow by itself: what comes back for bytes that are on their
 * way is what the faster paths need meanwhile.
 *
 * Return: whether there will.
 */
bool tquic_agg_reach(const struct tquic_agg_supply *supply,
		     const struct tquic_sched_req *req, u64 ahead, u64 *skip)
{
	u64 room = min(req->open, req->credit);
	u64 there = req->due + min(req->fresh, room);

	if (*skip < there)
		return true;
	if (*skip >= req->due + min(req->fresh + tquic_agg_supply(supply,
								  ahead), room))
		return false;
	*skip = there > TQUIC_AGG_END ? there - TQUIC_AGG_END : 0;
	return there;
}
