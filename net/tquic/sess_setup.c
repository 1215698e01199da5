// SPDX-License-Identifier: GPL-2.0
/* How a session begins, and what is left of it in the end. */
#include <linux/module.h>
#include <linux/random.h>
#include <linux/wait_bit.h>

#include "core/dflow.h"
#include "hs.h"
#include "listen.h"
#include "registry.h"
#include "sess_priv.h"

#define TQUIC_SETUP_CIDS	4	/* active connection IDs per path */
/* IPv6 and UDP headers */
#define TQUIC_SETUP_OVERHEAD	48
/* what a jumbo frame carries; larger datagrams gain nothing with GSO */
#define TQUIC_SETUP_MDS_MAX	8952
#define TQUIC_SETUP_DGRAM_MAX	65535

/* of the exact size: the general ones would leave half as much again unused */
static struct kmem_cache *tquic_setup_cache;

static enum hrtimer_restart tquic_setup_timer(struct hrtimer *timer)
{
	struct tquic_sess *sess = container_of(timer, struct tquic_sess, timer);

	tquic_sess_kick(sess);
	return HRTIMER_NORESTART;
}

/* What we announce. */
static void tquic_setup_tparams(const struct tquic_sess_config *config,
				struct tquic_tparams *tp)
{
	static const enum tquic_tparam_index present[] = {
		TQUIC_TPARAM_INITIAL_MAX_STREAMS_BIDI,
		TQUIC_TPARAM_INITIAL_MAX_STREAMS_UNI,
		TQUIC_TPARAM_ACTIVE_CID_LIMIT,
		TQUIC_TPARAM_VERSION_INFORMATION,
	};
	unsigned int i;

	tquic_tparam_init(tp);
	tquic_conn_set_credit(tp, config->rmem);
	tp->initial_max_streams_bidi = config->streams;
	tp->initial_max_streams_uni = config->streams_uni;
	tp->active_cid_limit = TQUIC_SETUP_CIDS;
	tp->versions.available[0] = TQUIC_VERSION_1;
	tp->versions.available[1] = TQUIC_VERSION_2;
	tp->versions.count = 2;
	for (i = 0; i < ARRAY_SIZE(present); i++)
		tquic_tparam_set(tp, present[i]);
	if (config->idle_timeout) {
		tp->max_idle_timeout = config->idle_timeout;
		tquic_tparam_set(tp, TQUIC_TPARAM_MAX_IDLE_TIMEOUT);
	}
	if (config->dgrams) {
		tp->max_datagram_frame_size = TQUIC_SETUP_DGRAM_MAX;
		tquic_tparam_set(tp, TQUIC_TPARAM_MAX_DATAGRAM_FRAME_SIZE);
	}
	if (config->paths > 1) {
		tp->initial_max_path_id = min_t(u8, config->paths,
						TQUIC_CONN_PATHS_MAX) - 1;
		tquic_tparam_set(tp, TQUIC_TPARAM_INITIAL_MAX_PATH_ID);
	}
	tp->grease.id = tquic_tparam_grease_id(get_random_u64());
	tp->grease.len = get_random_u32_below(TQUIC_TPARAM_GREASE_MAX);
}

static void tquic_setup_conn(struct tquic_sess *sess,
			     const struct tquic_sess_start *start,
			     struct tquic_conn_config *c)
{
	const struct tquic_net_config *nc = &sess->tn->config;
	const struct tquic_sess_config *config = &sess->config;

	*c = (struct tquic_conn_config){
		.server = start->server,
		.version = start->version,
		.vn_reacted = start->vn_reacted,
		.odcid = &start->odcid,
		.retry_scid = start->retry_scid,
		.dcid = &start->dcid,
		.token = start->token,
		.token_len = start->token_len,
		.tuple = &start->tuple,
		.validated = start->validated,
		.buf_ops = &tquic_buf_ops,
		.cc_ops = sess->cc_ops,
		.sched_ops = sess->sched_ops,
		.handshake_timeout = config->handshake_timeout *
				     TQUIC_NS_PER_MS,
		.initial_rtt = READ_ONCE(nc->initial_rtt) * TQUIC_NS_PER_MS,
		.mds = TQUIC_DGRAM_MIN,
		.mds_max = clamp_t(u32, start->mtu, TQUIC_DGRAM_MIN +
				   TQUIC_SETUP_OVERHEAD, TQUIC_SETUP_MDS_MAX +
				   TQUIC_SETUP_OVERHEAD) - TQUIC_SETUP_OVERHEAD,
		.window_max = config->rmem,
		.stream_window_max = config->rmem,
		.ecn = READ_ONCE(nc->ecn_enabled),
		.grease = true,
		.probe.first = READ_ONCE(nc->probe_interval) *
			       TQUIC_NS_PER_MS,
		.probe.keepalive = TQUIC_PROBE_RARE,
		.failover_timeout = READ_ONCE(nc->failover_timeout) *
				    TQUIC_NS_PER_MS,
		.seed = get_random_u64(),
	};
}

/* The connection itself, and the first connection ID that leads to it. */
static int tquic_setup_core(struct tquic_sess *sess,
			    const struct tquic_sess_start *start)
{
	struct tquic_conn_config c;
	struct tquic_demux_cid *cid;
	struct tquic_tparams tp;

	cid = tquic_demux_issue(sess, GFP_KERNEL);
	if (!cid)
		return -ENOMEM;
	tquic_setup_tparams(&sess->config, &tp);
	if (start->server) {
		memcpy(tp.stateless_reset_token, cid->local.token,
		       TQUIC_RESET_TOKEN_LEN);
		tquic_tparam_set(&tp, TQUIC_TPARAM_STATELESS_RESET_TOKEN);
	}
	tquic_setup_conn(sess, start, &c);
	c.tparams = &tp;
	c.scid = &cid->local;
	sess->core = tquic_conn_new(&c, ktime_get_ns(), GFP_KERNEL);
	if (!sess->core) {
		tquic_demux_drop(&sess->tn->demux, cid);
		return -ENOMEM;
	}
	return 0;
}

/* All that is needed to speak; on failure tquic_sess_finish() cleans up. */
static int tquic_setup_body(struct tquic_sess *sess,
			    const struct tquic_sess_start *start)
{
	u8 entropy[TQUIC_CONN_ENTROPY];
	int err;

	sess->cc_ops = *sess->config.cc ? tquic_cc_find(sess->config.cc) :
					  tquic_net_cc(sess->tn);
	sess->sched_ops = *sess->config.sched ?
			  tquic_sched_find(sess->config.sched) :
			  tquic_net_sched(sess->tn);
	if (!sess->cc_ops || !sess->sched_ops)
		return -ENOENT;
	err = tquic_setup_core(sess, start);
	if (err)
		return err;
	sess->levels = kzalloc_obj(*sess->levels, GFP_KERNEL);
	if (!sess->levels)
		return -ENOMEM;
	get_random_bytes(entropy, sizeof(entropy));
	tquic_conn_add_entropy(sess->core, entropy, sizeof(entropy));
	memzero_explicit(entropy, sizeof(entropy));
	sess->core->events |= TQUIC_CONN_E_INITIAL;
	tquic_sess_keys_initial(sess);
	if (sess->core->events & TQUIC_CONN_E_INITIAL)
		return -ENOMEM;
	if (!tquic_sess_route_add(sess, 0, &start->tuple, start->udp))
		return -ENOMEM;
	if (!start->server)
		return 0;
	if (start->listener) {
		sess->listener = tquic_listener_get(start->listener);
		atomic_inc(&sess->listener->half_open);
		atomic_inc(&sess->tn->listen.half_open);
	}
	/* from now on the client's packets come here */
	sess->alias = tquic_demux_alias(sess, &start->alias, GFP_KERNEL);
	return sess->alias ? 0 : -ENOMEM;
}

static int tquic_setup_join(struct tquic_sess *sess)
{
	struct tquic_net *tn = sess->tn;
	int err;

	err = xa_alloc_cyclic(&tn->by_id, &sess->id, sess,
			      XA_LIMIT(1, INT_MAX), &tn->next_id, GFP_KERNEL);
	if (err < 0)
		return err;
	spin_lock_bh(&tn->lock);
	/* see tquic_net_exit() */
	err = tn->closing ? -ENONET : 0;
	if (!err) {
		list_add_tail(&sess->node, &tn->sessions);
		WRITE_ONCE(tn->nr_sessions, tn->nr_sessions + 1);
	}
	spin_unlock_bh(&tn->lock);
	return err;
}

static void tquic_setup_leave(struct tquic_sess *sess)
{
	struct tquic_net *tn = sess->tn;

	if (sess->id)
		xa_erase(&tn->by_id, sess->id);
	spin_lock_bh(&tn->lock);
	if (!list_empty(&sess->node)) {
		list_del_init(&sess->node);
		WRITE_ONCE(tn->nr_sessions, tn->nr_sessions - 1);
	}
	spin_unlock_bh(&tn->lock);
}

static void tquic_setup_free(struct work_struct *work)
{
	struct tquic_sess *sess = container_of(to_rcu_work(work),
					       struct tquic_sess, free);
	struct tquic_net *tn = sess->tn;

	tquic_sess_rx_purge(sess);
	if (sess->core) {
		tquic_conn_end(sess->core);
		if (sess->dflows)
			tquic_dflows_free(sess->dflows);
		tquic_conn_free(sess->core);
	}
	tquic_cc_put(sess->cc_ops);
	tquic_sched_put(sess->sched_ops);
	if (sess->config.cred)
		tquic_cred_put(sess->config.cred);
	mutex_destroy(&sess->lock);
	kfree(sess->seen);
	kfree(sess->failed);
	kfree(sess->identity);
	memzero_explicit(sess, sizeof(*sess));
	kmem_cache_free(tquic_setup_cache, sess);
	if (atomic_dec_and_test(&tn->exist))
		wake_up_var(&tn->exist);
	/* this work's queue is emptied before the module goes */
	module_put(THIS_MODULE);
}

static struct tquic_sess *tquic_setup_alloc(struct tquic_net *tn,
					    const struct tquic_sess_config *c)
{
	struct tquic_sess *sess;

	sess = kmem_cache_zalloc(tquic_setup_cache, GFP_KERNEL);
	if (!sess)
		return NULL;
	__module_get(THIS_MODULE);
	atomic_inc(&tn->exist);
	refcount_set(&sess->ref, 1);
	sess->tn = tn;
	mutex_init(&sess->lock);
	sess->config = *c;
	/* the first route has the reference */
	sess->config.udp = NULL;
	sess->config.paths = min_t(u32, c->paths,
				   READ_ONCE(tn->config.max_paths));
	if (c->cred)
		tquic_cred_get(c->cred);
	sess->ops = c->ops;
	sess->owner = c->owner;
	INIT_LIST_HEAD(&sess->node);
	INIT_LIST_HEAD(&sess->routes);
	INIT_LIST_HEAD(&sess->resets);
	skb_queue_head_init(&sess->rxq);
	skb_queue_head_init(&sess->early);
	spin_lock_init(&sess->odd_lock);
	sess->timer_at = TQUIC_TIME_NEVER;
	hrtimer_setup(&sess->timer, tquic_setup_timer, CLOCK_MONOTONIC,
		      HRTIMER_MODE_ABS_SOFT);
	INIT_WORK(&sess->work, tquic_sess_work);
	INIT_RCU_WORK(&sess->free, tquic_setup_free);
	return sess;
}

/**
 * tquic_sess_new - make a session
 * @tn: namespace
 * @config: see there
 * @start: see there
 *
 * Context: process context.
 * Return: a session that is alive, with a reference for the caller; -ENOENT for
 * an unknown algorithm, -ENOPROTOOPT when connections are disabled, -EUSERS
 * with as many connections as there may be, -ENOBUFS when they hold too much
 * memory, -ENONET, -ENOMEM.
 */
struct tquic_sess *tquic_sess_new(struct tquic_net *tn,
				  const struct tquic_sess_config *config,
				  const struct tquic_sess_start *start)
{
	struct tquic_sess *sess;
	int err;

	if (!READ_ONCE(tn->config.enabled))
		return ERR_PTR(-ENOPROTOOPT);
	if (READ_ONCE(tn->nr_sessions) >= READ_ONCE(tn->config.conns_max)) {
		TQUIC_MIB_INC(tn, CONNS_FULL);
		return ERR_PTR(-EUSERS);
	}
	if (atomic64_read(&tn->held) >= READ_ONCE(tn->config.mem_max))
		return ERR_PTR(-ENOBUFS);
	sess = tquic_setup_alloc(tn, config);
	if (!sess)
		return ERR_PTR(-ENOMEM);
	tquic_sess_get(sess);
	mutex_lock(&sess->lock);
	err = tquic_setup_body(sess, start);
	if (!err)
		err = tquic_setup_join(sess);
	if (err)
		tquic_sess_finish(sess);
	mutex_unlock(&sess->lock);
	if (err) {
		tquic_sess_put(sess);
		return ERR_PTR(err);
	}
	return sess;
}

/* Connection IDs that the peer has done with. */
void tquic_sess_reap(struct tquic_sess *sess, u64 now)
{
	struct tquic_cid_local *cid;

	while ((cid = tquic_cid_local_reap(&sess->core->cids, now)))
		tquic_demux_drop(&sess->tn->demux,
				 container_of(cid, struct tquic_demux_cid,
					      local));
}

/**
 * tquic_sess_finish - it is dead now
 * @sess: session; the lock is held, and a reference besides that of being alive
 *
 * Nothing leads to it any more but references that somebody has.  What was
 * received can still be read.
 */
void tquic_sess_finish(struct tquic_sess *sess)
{
	if (sess->dead)
		return;
	/* see tquic_sess_rx() */
	WRITE_ONCE(sess->dead, true);
	hrtimer_cancel(&sess->timer);
	if (sess->core) {
		tquic_cid_exit(&sess->core->cids);
		tquic_sess_reap(sess, TQUIC_TIME_NEVER);
	}
	if (sess->alias)
		tquic_demux_drop(&sess->tn->demux, sess->alias);
	sess->alias = NULL;
	tquic_sess_routes_free(sess);
	tquic_sess_resets_free(sess);
	tquic_sess_keys_free(sess);
	if (sess->hs)
		tquic_hs_drop(sess->hs);
	sess->hs = NULL;
	tquic_listen_over(sess);
	tquic_setup_leave(sess);
	tquic_sess_put(sess);
}

int __init tquic_sess_init(void)
{
	tquic_setup_cache = KMEM_CACHE(tquic_sess, 0);
	return tquic_setup_cache ? 0 : -ENOMEM;
}

void tquic_sess_exit(void)
{
	kmem_cache_destroy(tquic_setup_cache);
}
