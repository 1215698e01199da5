// SPDX-License-Identifier: GPL-2.0
/* What users are shown of a session, and its algorithms. */
#include <linux/export.h>
#include <linux/ktime.h>

#include "registry.h"
#include "sess.h"
#include "sess_info.h"

/* the numbers of the core are those of user space */
static_assert((int)TQUIC_CONN_HANDSHAKE == (int)TQUIC_STATE_HANDSHAKE);
static_assert((int)TQUIC_CONN_ESTABLISHED == (int)TQUIC_STATE_ESTABLISHED);
static_assert((int)TQUIC_CONN_CLOSING == (int)TQUIC_STATE_CLOSING);
static_assert((int)TQUIC_CONN_DRAINING == (int)TQUIC_STATE_DRAINING);
static_assert((int)TQUIC_CONN_CLOSED == (int)TQUIC_STATE_CLOSED);
static_assert((int)TQUIC_PATH_OPENING == (int)TQUIC_PATH_STATE_OPENING);
static_assert((int)TQUIC_PATH_ACTIVE == (int)TQUIC_PATH_STATE_ACTIVE);
static_assert((int)TQUIC_PATH_CLOSING == (int)TQUIC_PATH_STATE_CLOSING);

static u32 tquic_info_us(u64 ns)
{
	return min_t(u64, div_u64(ns, NSEC_PER_USEC), U32_MAX);
}

static u32 tquic_info_flags(const struct tquic_sess *sess)
{
	const struct tquic_conn *core = sess->core;

	return (core->server ? TQUIC_INFO_F_SERVER : 0) |
	       (core->multipath ? TQUIC_INFO_F_MULTIPATH : 0) |
	       (core->early_data == TQUIC_EARLY_ACCEPTED ?
		TQUIC_INFO_F_EARLY : 0) |
	       (test_bit(TQUIC_SESS_F_RESUMED, &sess->flags) ?
		TQUIC_INFO_F_RESUMED : 0) |
	       (core->retried || tquic_tparam_has(&core->ours,
						  TQUIC_TPARAM_RETRY_SCID) ?
		TQUIC_INFO_F_RETRIED : 0) |
	       (core->confirmed ? TQUIC_INFO_F_CONFIRMED : 0);
}

static void tquic_info_paths(const struct tquic_conn *core,
			     struct tquic_info *info)
{
	const struct tquic_path *path;
	u64 best = U64_MAX;

	list_for_each_entry(path, &core->paths, node) {
		if (!tquic_path_usable(path))
			continue;
		info->paths_usable++;
		if (tquic_rtt_valid(&path->rtt))
			best = min(best, path->rtt.smoothed);
	}
	info->paths = core->npaths;
	info->srtt_us = best == U64_MAX ? 0 : tquic_info_us(best);
}

static void tquic_info_sums(const struct tquic_conn *core,
			    struct tquic_info *info)
{
	struct tquic_conn_totals sum;

	tquic_conn_totals(core, &sum);
	info->sent_bytes = sum.sent_bytes;
	info->received_bytes = sum.recv_bytes;
	info->sent_packets = sum.sent_packets;
	info->received_packets = sum.recv_packets;
	info->lost_packets = sum.lost_packets;
	info->delivered_bytes = core->in_order;
}

/**
 * tquic_sess_fill_info - show a connection
 * @sess: session; the lock is held
 * @info: all of it is written
 */
void tquic_sess_fill_info(struct tquic_sess *sess, struct tquic_info *info)
{
	const struct tquic_aead_suite *suite = sess->tx_gens[0].secret.suite;
	const struct tquic_conn *core = sess->core;

	memset(info, 0, sizeof(*info));
	info->conn_id = sess->id;
	info->state = sess->dead ? TQUIC_STATE_CLOSED : core->state;
	info->version = core->version;
	info->cipher = suite ? suite->id : 0;
	info->streams = core->streams.count;
	info->flags = tquic_info_flags(sess);
	info->alert = sess->alert;
	tquic_info_paths(core, info);
	tquic_info_sums(core, info);
	strscpy(info->alpn, sess->alpn);
	strscpy(info->identity, tquic_sess_identity(sess));
	strscpy(info->error, sess->error);
	strscpy(info->scheduler, core->config.sched_ops->name);
	strscpy(info->congestion, core->config.cc_ops->name);
}
EXPORT_SYMBOL_GPL(tquic_sess_fill_info);

static u32 tquic_info_path_flags(const struct tquic_path *path)
{
	return (path->validated ? TQUIC_PATH_F_VALIDATED : 0) |
	       (path->backup ? TQUIC_PATH_F_BACKUP : 0) |
	       (path->peer_backup ? TQUIC_PATH_F_PEER_BACKUP : 0) |
	       (path->suspect ? TQUIC_PATH_F_SUSPECT : 0) |
	       (path->failed ? TQUIC_PATH_F_FAILED : 0) |
	       (path->down ? TQUIC_PATH_F_DOWN : 0) |
	       (path->metered ? TQUIC_PATH_F_METERED : 0);
}

/**
 * tquic_sess_show_path - show a path
 * @path: path; the lock of its session is held
 * @info: all of it is written
 */
void tquic_sess_show_path(const struct tquic_path *path,
			  struct tquic_path_info *info)
{
	const struct tquic_rtt *rtt = &path->rtt;

	memset(info, 0, sizeof(*info));
	info->id = path->id;
	info->state = path->state;
	info->flags = tquic_info_path_flags(path);
	info->dev = path->tuple.dev;
	memcpy(info->local, path->tuple.local, sizeof(info->local));
	memcpy(info->remote, path->tuple.remote, sizeof(info->remote));
	info->local_port = path->tuple.local_port;
	info->remote_port = path->tuple.remote_port;
	info->mtu = path->mds;
	/* before the first sample these are assumptions */
	if (tquic_rtt_valid(rtt)) {
		info->srtt_us = tquic_info_us(rtt->smoothed);
		info->min_rtt_us = tquic_info_us(rtt->min);
		info->rttvar_us = tquic_info_us(rtt->var);
	}
	info->cwnd = path->cc->cwnd;
	info->in_flight = path->in_flight;
	info->pacing_rate = path->pacer.rate;
	info->delivery_rate = path->rate.recent;
	info->sent_bytes = path->sent_bytes;
	info->received_bytes = path->recv_bytes;
	info->lost_packets = path->lost_packets;
}

/**
 * tquic_sess_fill_path - show a path by its number
 * @sess: session; the lock is held
 * @path_id: path
 * @info: all of it is written when there is such a path
 *
 * Return: 0, or -ENOENT.
 */
int tquic_sess_fill_path(struct tquic_sess *sess, u32 path_id,
			 struct tquic_path_info *info)
{
	const struct tquic_path *path = tquic_conn_path(sess->core, path_id);

	if (!path)
		return -ENOENT;
	tquic_sess_show_path(path, info);
	return 0;
}
EXPORT_SYMBOL_GPL(tquic_sess_fill_path);

/**
 * tquic_sess_set_sched - schedule by other rules from now on
 * @sess: session; the lock is held
 * @ops: scheduler, with a reference of the caller's
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int tquic_sess_set_sched(struct tquic_sess *sess,
			 const struct tquic_sched_ops *ops)
{
	int err;

	lockdep_assert_held(&sess->lock);
	err = tquic_conn_set_sched(sess->core, ops, GFP_KERNEL);
	if (err)
		return err;
	tquic_sched_get(ops);
	tquic_sched_put(sess->sched_ops);
	sess->sched_ops = ops;
	return 0;
}
EXPORT_SYMBOL_GPL(tquic_sess_set_sched);

/**
 * tquic_sess_set_cc - control congestion by another algorithm from now on
 * @sess: session; the lock is held
 * @ops: algorithm, with a reference of the caller's
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int tquic_sess_set_cc(struct tquic_sess *sess,
		      const struct tquic_cc_ops *ops)
{
	int err;

	lockdep_assert_held(&sess->lock);
	err = tquic_conn_set_cc(sess->core, ops, ktime_get_ns(), GFP_KERNEL);
	if (err)
		return err;
	tquic_cc_get(ops);
	tquic_cc_put(sess->cc_ops);
	sess->cc_ops = ops;
	return 0;
}
EXPORT_SYMBOL_GPL(tquic_sess_set_cc);
