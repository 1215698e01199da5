/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Aggregate: all paths together, none slower than the best alone.
 */
#ifndef _TQUIC_SCHED_AGGREGATE_H
#define _TQUIC_SCHED_AGGREGATE_H

#include "../core/sched.h"

/*
 * A path is taken instead of another only if it wins by this: what is known of
 * delays is no better, and two paths that take turns reorder.
 */
#define TQUIC_AGG_BAND		TQUIC_NS_PER_MS
/* a metered path is worth using when others would take as much longer */
#define TQUIC_AGG_METERED	(250 * TQUIC_NS_PER_MS)
/* real time may run ahead of the pacer by as much */
#define TQUIC_AGG_DEBT		(20 * TQUIC_NS_PER_MS)

/* how long writing is watched to know the pace of the applications */
#define TQUIC_AGG_EPOCH		(400 * TQUIC_NS_PER_MS)

/**
 * struct tquic_agg_supply - how fast applications write while bytes wait
 * @at: when the present epoch began
 * @since: when the bytes began to wait that it is about
 * @written: counter at @at
 * @rate: bytes per second of the last whole epoch, and of the one before
 */
struct tquic_agg_supply {
	tquic_time_t at;
	tquic_time_t since;
	u64 written;
	u64 rate[2];
};

/**
 * struct tquic_agg_leg - what a path is good for
 * @view: index of the path
 * @land: when the next byte lands that it could send, ns from now plus what all
 *	paths have in common
 * @late: the same, if the path is slow for once
 * @rate: bytes per second that follow
 * @open: it could send now
 */
struct tquic_agg_leg {
	unsigned int view;
	u64 land;
	u64 late;
	u64 rate;
	bool open;
};

/**
 * struct tquic_agg - state per connection
 * @rt: ID of the path that carries real time
 * @rt_used: there is one
 * @supply: what applications add to the bytes that wait
 */
struct tquic_agg {
	u32 rt;
	bool rt_used;
	struct tquic_agg_supply supply;
};

/* aggregate_land.c */
unsigned int tquic_agg_legs(const struct tquic_sched_view *views,
			    unsigned int count,
			    const struct tquic_sched_req *req,
			    struct tquic_agg_leg *legs);
u64 tquic_agg_skip(const struct tquic_agg_leg *legs, unsigned int n,
		   unsigned int who);

/* aggregate_supply.c */
void tquic_agg_supply_watch(struct tquic_agg_supply *supply,
			    const struct tquic_sched_req *req);
u64 tquic_agg_supply(const struct tquic_agg_supply *supply, u64 ns);
bool tquic_agg_reach(const struct tquic_agg_supply *supply,
		     const struct tquic_sched_req *req, u64 ahead, u64 *skip);

/* aggregate_rt.c */
int tquic_agg_realtime(struct tquic_agg *agg,
		       const struct tquic_sched_view *views,
		       unsigned int count, const struct tquic_sched_req *req);

/* aggregate.c */
bool tquic_agg_in_use(const struct tquic_sched_view *views, unsigned int count,
		      unsigned int i);

extern const struct tquic_sched_ops tquic_aggregate_ops;

#endif /* _TQUIC_SCHED_AGGREGATE_H */
