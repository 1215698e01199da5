// SPDX-License-Identifier: GPL-2.0
/*
 * One-way delays of the paths of a connection.
 */
#include "conn_priv.h"

/* us; makes any difference of clocks positive */
#define TQUIC_OWD_BIAS	((s64)BIT_ULL(41))

/*
 * Where zero is.  A path's delay lies between nothing and its RTT, which bounds
 * the offset of the clocks from both sides; of all paths the narrowest bounds
 * count, and their middle is taken.  A single path gets half its RTT so.
 */
static void tquic_conn_owd_zero(struct tquic_conn *conn, tquic_time_t now)
{
	const struct tquic_path *path;
	s64 low = S64_MIN, high = S64_MAX, least;

	list_for_each_entry(path, &conn->paths, node) {
		if (!tquic_owd_fresh(&path->owd, now))
			continue;
		least = tquic_owd_min(&path->owd);
		high = min(high, least);
		least -= div_u64(path->rtt.min, TQUIC_NS_PER_US);
		low = max(low, least);
	}
	conn->clock.zero = low + (high - low) / 2;
}

/**
 * tquic_conn_owd_sample - the largest packet of an acknowledgment is news
 * @conn: connection, that was told when it arrived or not
 * @path: its path
 * @sent: when it was sent
 * @now: present time
 *
 * Return: its delay in ns and an unknown constant, the same for all packets of
 * all paths as long as clocks are not set; 0 when nothing was told.
 */
u64 tquic_conn_owd_sample(struct tquic_conn *conn, struct tquic_path *path,
			  tquic_time_t sent, tquic_time_t now)
{
	struct tquic_path *other;
	s64 diff;

	if (conn->told == U32_MAX || conn->told_path != path->id)
		return 0;
	if (!tquic_owd_unwrap(&conn->clock, sent, conn->told, &diff))
		list_for_each_entry(other, &conn->paths, node)
			tquic_owd_init(&other->owd);
	conn->told = U32_MAX;
	tquic_owd_sample(&path->owd, now, diff, path->rtt.smoothed);
	tquic_conn_owd_zero(conn, now);
	return (u64)(diff + TQUIC_OWD_BIAS) * TQUIC_NS_PER_US;
}

/**
 * tquic_conn_owd - one-way delay of a path, to be compared with others
 * @conn: connection
 * @path: path
 * @now: present time
 * @est: filled
 *
 * Without times of receipt it is half of the RTT without queues, and queues are
 * taken to be ours.
 */
void tquic_conn_owd(const struct tquic_conn *conn,
		    const struct tquic_path *path, tquic_time_t now,
		    struct tquic_owd_est *est)
{
	const struct tquic_rtt *rtt = &path->rtt;
	u64 min_rtt = rtt->min ?: rtt->smoothed;

	if (tquic_owd_fresh(&path->owd, now)) {
		tquic_owd_read(&path->owd, &conn->clock, est);
		return;
	}
	est->min = min_rtt / 2;
	est->smoothed = est->min;
	if (rtt->smoothed > min_rtt)
		est->smoothed += rtt->smoothed - min_rtt;
	est->p75 = est->smoothed + rtt->var;
	est->p90 = est->smoothed + 2 * rtt->var;
}
