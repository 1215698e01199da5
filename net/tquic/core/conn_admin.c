// SPDX-License-Identifier: GPL-2.0
/*
 * What management asks of a connection that is running: sums over its paths,
 * and other algorithms than it started with.
 */
#include "conn_priv.h"

/**
 * tquic_conn_add_totals - add what a path has counted
 * @t: sums
 * @path: path
 */
void tquic_conn_add_totals(struct tquic_conn_totals *t,
			   const struct tquic_path *path)
{
	t->sent_bytes += path->sent_bytes;
	t->recv_bytes += path->recv_bytes;
	t->sent_packets += path->sent_packets;
	t->recv_packets += path->recv_packets;
	t->lost_packets += path->lost_packets;
}

/**
 * tquic_conn_totals - sums over all paths, those included that are gone
 * @conn: connection
 * @t: sums
 */
void tquic_conn_totals(const struct tquic_conn *conn,
		       struct tquic_conn_totals *t)
{
	const struct tquic_path *path;

	*t = conn->gone;
	list_for_each_entry(path, &conn->paths, node)
		tquic_conn_add_totals(t, path);
}

/**
 * tquic_conn_set_sched - schedule by other rules from now on
 * @conn: connection
 * @ops: scheduler; stays valid as long as the connection
 * @gfp: allocation flags
 *
 * Return: 0, or -ENOMEM: nothing has changed.
 */
int tquic_conn_set_sched(struct tquic_conn *conn,
			 const struct tquic_sched_ops *ops, gfp_t gfp)
{
	void *sched = kzalloc(max_t(size_t, ops->priv_size, 1), gfp);

	if (!sched)
		return -ENOMEM;
	kfree(conn->sched);
	conn->sched = sched;
	conn->config.sched_ops = ops;
	/* when the one before wanted to be asked says nothing about this one */
	conn->sched_wake = TQUIC_TIME_NEVER;
	return 0;
}

/* A controller that goes on where the path's present one is. */
static struct tquic_cc *tquic_admin_cc(const struct tquic_path *path,
				       const struct tquic_cc_ops *ops,
				       tquic_time_t now, gfp_t gfp)
{
	const struct tquic_cc *old = path->cc;
	const struct tquic_cc_config config = {
		.mds = old->mds,
		.initial_rtt = old->srtt,
		.seed = old->rng,
		.group = old->group,
	};
	struct tquic_cc *cc = tquic_cc_new(ops, &config, now, gfp);

	if (!cc)
		return NULL;
	cc->initial_rtt = old->initial_rtt;
	cc->min_rtt = old->min_rtt;
	cc->cwnd = old->cwnd;
	cc->ssthresh = old->ssthresh;
	return cc;
}

/**
 * tquic_conn_set_cc - control congestion by another algorithm from now on
 * @conn: connection
 * @ops: algorithm; stays valid as long as the connection
 * @now: present time
 * @gfp: allocation flags
 *
 * Window and RTT of each path are taken over, so that nothing stalls and
 * nothing bursts; what else was learnt is not.
 *
 * Return: 0, or -ENOMEM: nothing has changed.
 */
int tquic_conn_set_cc(struct tquic_conn *conn, const struct tquic_cc_ops *ops,
		      tquic_time_t now, gfp_t gfp)
{
	struct tquic_cc *made[TQUIC_CONN_PATHS_MAX];
	struct tquic_path *path;
	unsigned int n = 0;

	list_for_each_entry(path, &conn->paths, node) {
		made[n] = tquic_admin_cc(path, ops, now, gfp);
		if (!made[n])
			goto err;
		n++;
	}
	n = 0;
	list_for_each_entry(path, &conn->paths, node) {
		tquic_cc_free(path->cc);
		path->cc = made[n++];
	}
	conn->config.cc_ops = ops;
	return 0;

err:
	while (n--)
		tquic_cc_free(made[n]);
	return -ENOMEM;
}
