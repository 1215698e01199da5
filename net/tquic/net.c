// SPDX-License-Identifier: GPL-2.0
/* The connections of a network namespace. */
#include <linux/export.h>
#include <linux/wait_bit.h>

#include "sess_priv.h"

unsigned int tquic_net_id;
EXPORT_SYMBOL_GPL(tquic_net_id);
struct workqueue_struct *tquic_wq;
const struct tquic_sess_watch *tquic_sess_watch;

/* What the sysctls begin with. */
static const struct tquic_net_config tquic_net_defaults = {
	.enabled = 1,
	.ecn_enabled = 0,
	.mem_max = 256ULL << 20,
	.conns_max = 65536,
	.half_open_max = 4096,
	.retry_threshold = 256,
	.backlog_max = 4096,
	.wmem_max = 16ULL << 20,
	.rmem_max = 16ULL << 20,
	.max_paths = 8,
	.initial_rtt = 100,
	.idle_timeout = 30000,
	.handshake_timeout = 10000,
	.probe_interval = 1000,
	.udp_timeout = 30 * 1000,
	.udp_timeout_stream = 120 * 1000,
	.failover_timeout = 3000,
};

int tquic_net_init(struct tquic_net *tn)
{
	int err;

	tn->config = tquic_net_defaults;
	spin_lock_init(&tn->lock);
	spin_lock_init(&tn->peers_lock);
	tquic_net_algo_init(tn);
	tquic_kept_init(&tn->kept);
	INIT_LIST_HEAD(&tn->sessions);
	xa_init_flags(&tn->by_id, XA_FLAGS_ALLOC1);
	err = rhashtable_init(&tn->peers, &tquic_peer_params);
	if (err)
		return err;
	err = rhashtable_init(&tn->resets, &tquic_reset_params);
	if (err)
		rhashtable_destroy(&tn->peers);
	return err;
}

/* Each session closes at once; none is made any more. */
static void tquic_net_abort(struct tquic_net *tn)
{
	struct tquic_sess *sess;

	spin_lock_bh(&tn->lock);
	tn->closing = true;
	list_for_each_entry(sess, &tn->sessions, node) {
		set_bit(TQUIC_SESS_F_ABORT, &sess->flags);
		tquic_sess_kick(sess);
	}
	spin_unlock_bh(&tn->lock);
}

/**
 * tquic_net_exit - the namespace goes
 * @tn: namespace
 *
 * Closes all that is open and waits until nothing is left of it: users have let
 * go of their sessions before, as they hold the namespace or end with it.
 *
 * Context: process context.
 */
void tquic_net_exit(struct tquic_net *tn)
{
	tquic_net_abort(tn);
	wait_var_event(&tn->exist, !atomic_read(&tn->exist));
	rhashtable_destroy(&tn->peers);
	rhashtable_destroy(&tn->resets);
	xa_destroy(&tn->by_id);
	tquic_kept_exit(&tn->kept);
	tquic_net_algo_exit(tn);
}

/**
 * tquic_sess_find - a session by its number
 * @net: namespace
 * @id: number
 *
 * Return: the session with a reference for the caller, or NULL.
 */
struct tquic_sess *tquic_sess_find(struct net *net, u32 id)
{
	struct tquic_net *tn = tquic_net(net);
	struct tquic_sess *sess;

	rcu_read_lock();
	sess = xa_load(&tn->by_id, id);
	if (sess && !tquic_sess_get_maybe_zero(sess))
		sess = NULL;
	rcu_read_unlock();
	return sess;
}
