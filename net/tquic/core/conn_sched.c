// SPDX-License-Identifier: GPL-2.0
/*
 * What a scheduler is told, and what becomes of its answer.
 */
#include "conn_build.h"

/**
 * tquic_choice_grow - make room for another path
 * @conn: connection
 * @paths: paths that it is going to have
 * @gfp: allocation flags
 *
 * Most connections have one path, and a path takes much room here.
 *
 * Return: 0 or -ENOMEM.
 */
int tquic_choice_grow(struct tquic_conn *conn, u32 paths, gfp_t gfp)
{
	struct tquic_choice *old = conn->choice, *new;

	if (old && old->room >= paths)
		return 0;
	paths = roundup_pow_of_two(paths);
	new = krealloc(old, struct_size(new, views, paths), gfp);
	if (!new)
		return -ENOMEM;
	/* whoever looks before the next question sees the last one */
	if (!old)
		new->count = 0;
	new->room = paths;
	conn->choice = new;
	return 0;
}

static void tquic_choice_delay(const struct tquic_conn *conn,
			       const struct tquic_path *path,
			       struct tquic_sched_view *view)
{
	struct tquic_owd_est est;

	tquic_conn_owd(conn, path, conn->choice->req.now, &est);
	view->owd_min = est.min;
	view->owd = est.smoothed;
	view->owd_p75 = est.p75;
	view->owd_p90 = est.p90;
}

/* What the path carries in the long run, as congestion control has it. */
static u64 tquic_choice_rate(const struct tquic_path *path)
{
	u64 rate = mul_u64_u64_div_u64(path->cc->cwnd, TQUIC_NS_PER_SEC,
				       max(path->rtt.smoothed, 1ULL));

	return path->pacer.rate ? min(rate, path->pacer.rate) : rate;
}

static void tquic_choice_view(const struct tquic_conn *conn,
			      const struct tquic_path *path,
			      struct tquic_sched_view *view)
{
	*view = (struct tquic_sched_view){
		.id = path->id,
		.srtt = path->rtt.smoothed,
		.rttvar = path->rtt.var,
		.min_rtt = path->rtt.min,
		.rate = tquic_choice_rate(path),
		.delivered = path->rate.delivered,
		.lost = path->rate.lost,
		.window = tquic_path_window(path),
		.urgent = tquic_path_urgent(path, conn->choice->req.now),
		.cwnd = path->cc->cwnd,
		.in_flight = path->in_flight,
		.ready_at = path->pacer.next,
		.mds = path->mds,
		.backup = path->peer_backup || path->backup,
		.metered = path->metered,
		.suspect = path->suspect || path->pto_count,
		.limited = path->rate.limited_until,
	};
	tquic_choice_delay(conn, path, view);
}

/**
 * tquic_choice_init - look at the paths
 * @conn: connection
 * @now: present time
 */
void tquic_choice_init(struct tquic_conn *conn, tquic_time_t now)
{
	struct tquic_choice *choice = conn->choice;
	struct tquic_streams_sum sum;
	struct tquic_path *path;

	tquic_streams_sum(&conn->streams, &sum);
	if (!sum.due && !sum.fresh)
		conn->waiting = TQUIC_TIME_NEVER;
	else if (conn->waiting == TQUIC_TIME_NEVER)
		conn->waiting = now;
	choice->count = 0;
	choice->req = (struct tquic_sched_req){
		.now = now,
		.due = sum.due,
		.fresh = sum.fresh,
		.open = sum.open,
		.credit = tquic_flow_tx_room(&conn->tx),
		.written = conn->written,
		.since = conn->waiting,
		.budget = conn->tx.limit - min(conn->in_order, conn->tx.limit),
		.progress = conn->in_order,
	};
	list_for_each_entry(path, &conn->paths, node) {
		if (!tquic_conn_eligible(conn, path))
			continue;
		tquic_choice_view(conn, path, &choice->views[choice->count]);
		choice->paths[choice->count++] = path;
	}
}

/**
 * tquic_choice_class - ask for a class, from all paths
 * @conn: connection, after tquic_choice_init()
 * @class: the most urgent that waits
 * @dgrams: there are datagrams
 */
void tquic_choice_class(struct tquic_conn *conn, u8 class, bool dgrams)
{
	conn->choice->req.class = class;
	conn->choice->req.dgram = dgrams;
	conn->choice->req.tried = 0;
}

/**
 * tquic_choice_next - ask the scheduler
 * @conn: connection, after tquic_choice_class()
 *
 * Each path is named once at most.
 *
 * Return: the path that sends next, with the grant in @conn->choice; NULL for
 * none.
 */
struct tquic_path *tquic_choice_next(struct tquic_conn *conn)
{
	struct tquic_choice *choice = conn->choice;
	int i;

	if (!choice->count)
		return NULL;
	choice->grant = (struct tquic_sched_grant){};
	i = conn->config.sched_ops->select(conn->sched, choice->views,
					   choice->count, &choice->req,
					   &choice->grant, &conn->sched_wake);
	if (i == TQUIC_SCHED_NONE)
		return NULL;
	choice->req.tried |= BIT(i);
	return choice->paths[i];
}

/**
 * tquic_choice_control - who carries control frames
 * @conn: connection, after tquic_choice_init()
 *
 * They are few and small: the pacer does not matter.
 *
 * Return: the path that lands first of those with a window, NULL for none.
 */
struct tquic_path *tquic_choice_control(const struct tquic_conn *conn)
{
	const struct tquic_choice *choice = conn->choice;
	int best = TQUIC_SCHED_NONE;
	unsigned int i;

	for (i = 0; i < choice->count; i++) {
		if (choice->views[i].window < choice->views[i].mds)
			continue;
		if (best == TQUIC_SCHED_NONE ||
		    choice->views[i].owd < choice->views[best].owd)
			best = i;
	}
	return best == TQUIC_SCHED_NONE ? NULL : choice->paths[best];
}
