// SPDX-License-Identifier: GPL-2.0
/* Life of listeners, and what they keep of packets until somebody has time. */
#include <linux/export.h>
#include <linux/module.h>
#include <linux/rculist.h>

#include "listen_priv.h"
#include "sess_priv.h"

/* set up after the table of connection IDs, whose key it shares */
void tquic_listen_net_init(struct tquic_listen_net *ln)
{
	spin_lock_init(&ln->lock);
	INIT_HLIST_HEAD(&ln->listeners);
	atomic_set(&ln->half_open, 0);
	skb_queue_head_init(&ln->tokens);
	skb_queue_head_init(&ln->queue);
	skb_queue_head_init(&ln->strays);
	atomic_set(&ln->mem, 0);
	INIT_WORK(&ln->work, tquic_listen_work);
	ln->answers = TQUIC_LISTEN_ANSWERS;
	ln->refilled = ktime_get_ns();
	tquic_once_init(&ln->once);
	tquic_token_key(container_of(ln, struct tquic_net, listen));
}

/* After the sessions and before the sockets: see tquic_main_net_exit(). */
void tquic_listen_net_exit(struct tquic_listen_net *ln)
{
	WARN_ON_ONCE(!hlist_empty(&ln->listeners));
	cancel_work_sync(&ln->work);
	tquic_listen_purge(&ln->tokens);
	tquic_listen_purge(&ln->queue);
	tquic_listen_purge(&ln->strays);
	tquic_once_exit(&ln->once);
	memzero_explicit(ln->token_key, sizeof(ln->token_key));
}

struct tquic_listener *tquic_listener_get(struct tquic_listener *l)
{
	refcount_inc(&l->ref);
	return l;
}

static void tquic_listener_free(struct rcu_head *rcu)
{
	kfree(container_of(rcu, struct tquic_listener, rcu));
}

void tquic_listener_put(struct tquic_listener *l)
{
	if (!refcount_dec_and_test(&l->ref))
		return;
	tquic_udp_put(l->udp);
	call_rcu(&l->rcu, tquic_listener_free);
	module_put(THIS_MODULE);
}

void tquic_listen_set_backlog(struct tquic_listener *l, u32 backlog)
{
	const struct tquic_net_config *config = &tquic_net(l->net)->config;

	WRITE_ONCE(l->backlog, min(backlog, READ_ONCE(config->backlog_max)));
}

/**
 * tquic_listen_start - take clients
 * @net: namespace
 * @key: where
 * @ops: operations of who listens
 * @owner: first of all, theirs
 * @backlog: sessions that may wait to be accepted
 *
 * Context: process context.
 * Return: a listener; -EADDRINUSE and others of tquic_udp_open(), -ENOMEM.
 */
struct tquic_listener *tquic_listen_start(struct net *net,
					  const struct tquic_udp_key *key,
					  const struct tquic_listen_ops *ops,
					  void *owner, u32 backlog)
{
	struct tquic_net *tn = tquic_net(net);
	struct tquic_listener *l;
	struct tquic_udp *udp;

	l = kzalloc_obj(*l, GFP_KERNEL);
	if (!l)
		return ERR_PTR(-ENOMEM);
	udp = tquic_udp_open(net, key);
	if (IS_ERR(udp)) {
		kfree(l);
		return ERR_CAST(udp);
	}
	__module_get(THIS_MODULE);
	refcount_set(&l->ref, 1);
	mutex_init(&l->lock);
	l->net = net;
	l->udp = udp;
	l->ops = ops;
	l->owner = owner;
	tquic_listen_set_backlog(l, backlog);
	spin_lock_bh(&tn->listen.lock);
	hlist_add_head_rcu(&l->node, &tn->listen.listeners);
	spin_unlock_bh(&tn->listen.lock);
	return l;
}
EXPORT_SYMBOL_GPL(tquic_listen_start);

/* Sessions that the user was not given yet end, without telling it. */
static void tquic_listen_abandon(struct tquic_listener *l)
{
	struct tquic_net *tn = tquic_net(l->net);
	struct tquic_sess *sess;
	unsigned long id;

	rcu_read_lock();
	xa_for_each(&tn->by_id, id, sess) {
		if (READ_ONCE(sess->listener) != l ||
		    !tquic_sess_get_maybe_zero(sess))
			continue;
		rcu_read_unlock();
		tquic_sess_lock(sess);
		if (sess->listener == l && !sess->dead) {
			sess->ops = NULL;
			sess->owner = NULL;
			tquic_conn_close(sess->core, TQUIC_CONNECTION_REFUSED,
					 false, "nobody listens",
					 ktime_get_ns());
		}
		tquic_sess_unlock(sess);
		tquic_sess_put(sess);
		rcu_read_lock();
	}
	rcu_read_unlock();
}

/**
 * tquic_listen_stop - take no more clients
 * @l: listener; its user's reference is given back
 *
 * No callback runs any more when this returns.  Sessions that were handed over
 * are not affected.
 *
 * Context: process context, holding nothing that the operations wait for.
 */
void tquic_listen_stop(struct tquic_listener *l)
{
	struct tquic_listen_net *ln = &tquic_net(l->net)->listen;

	spin_lock_bh(&ln->lock);
	hlist_del_init_rcu(&l->node);
	spin_unlock_bh(&ln->lock);
	mutex_lock(&l->lock);
	l->dead = true;
	mutex_unlock(&l->lock);
	tquic_listen_abandon(l);
	tquic_listener_put(l);
}
EXPORT_SYMBOL_GPL(tquic_listen_stop);

/* Takes one out that can be stopped, with a reference; NULL for none. */
static struct tquic_listener *tquic_listen_take(struct tquic_listen_net *ln)
{
	struct tquic_listener *l;

	spin_lock_bh(&ln->lock);
	hlist_for_each_entry(l, &ln->listeners, node)
		if (l->ops->flushed)
			break;
	if (l) {
		hlist_del_init_rcu(&l->node);
		tquic_listener_get(l);
	}
	spin_unlock_bh(&ln->lock);
	return l;
}

/**
 * tquic_listen_flush - stop the listeners of a namespace
 * @tn: namespace
 *
 * Their users are told, and still have them to let go of.
 *
 * Context: process context.
 */
void tquic_listen_flush(struct tquic_net *tn)
{
	struct tquic_listener *l;

	while ((l = tquic_listen_take(&tn->listen))) {
		mutex_lock(&l->lock);
		if (!l->dead) {
			WRITE_ONCE(l->dead, true);
			l->ops->flushed(l);
		}
		mutex_unlock(&l->lock);
		tquic_listen_abandon(l);
		tquic_listener_put(l);
	}
}

static bool tquic_listen_wanted(struct tquic_listen_net *ln,
				const struct tquic_udp *udp)
{
	struct tquic_listener *l;

	hlist_for_each_entry_rcu(l, &ln->listeners, node)
		if (l->udp == udp)
			return true;
	return false;
}

/* Whether an Initial packet has a token, as far as one can tell at once. */
static bool tquic_listen_has_token(const struct sk_buff *skb)
{
	u8 buf[1 + 4 + 2 * (1 + TQUIC_PKT_CID_MAX) + 1];
	const u8 *p;
	u32 at;

	/* a client's first datagram is longer than that */
	p = skb_header_pointer(skb, 0, sizeof(buf), buf);
	if (!p || p[5] > TQUIC_PKT_CID_MAX)
		return false;
	at = 6 + p[5];
	return p[at] <= TQUIC_PKT_CID_MAX && p[at + 1 + p[at]];
}

/*
 * A client's first datagram is of full size.  What is shorter, or has a short
 * header, may be for a connection that is forgotten.
 */
static struct sk_buff_head *tquic_listen_queue(struct tquic_listen_net *ln,
					       const struct sk_buff *skb,
					       u32 *most)
{
	u8 first;

	if (skb_copy_bits(skb, 0, &first, 1))
		return NULL;
	if (!(first & TQUIC_INV_LONG)) {
		*most = TQUIC_LISTEN_STRAYS;
		return &ln->strays;
	}
	*most = TQUIC_LISTEN_QUEUE;
	if (skb->len < TQUIC_DGRAM_MIN)
		return NULL;
	return tquic_listen_has_token(skb) ? &ln->tokens : &ln->queue;
}

/* The bounds may be passed by as many packets as there are CPUs. */
static bool tquic_listen_fits(struct tquic_listen_net *ln,
			      const struct sk_buff_head *queue, u32 most,
			      unsigned int mem)
{
	if (skb_queue_len_lockless(queue) >= most)
		return false;
	if (atomic_add_return(mem, &ln->mem) <= TQUIC_LISTEN_MEM)
		return true;
	atomic_sub(mem, &ln->mem);
	return false;
}

/**
 * tquic_listen_rx - a packet of no session
 * @udp: socket
 * @skb: consumed
 *
 * It waits for a work item, so that clients who come, however many, take the
 * time of one process and none of those who are there.
 *
 * Context: softirq, under RCU.
 */
void tquic_listen_rx(struct tquic_udp *udp, struct sk_buff *skb)
{
	struct tquic_net *tn = tquic_net(udp->net);
	struct tquic_listen_net *ln = &tn->listen;
	struct sk_buff_head *queue;
	u32 most;

	queue = tquic_listen_wanted(ln, udp) ?
		tquic_listen_queue(ln, skb, &most) : NULL;
	if (!queue) {
		TQUIC_MIB_INC(tn, IN_NO_CONN);
		kfree_skb(skb);
		return;
	}
	if (!tquic_listen_fits(ln, queue, most, skb->truesize)) {
		TQUIC_MIB_INC(tn, IN_STRAYS_FULL);
		kfree_skb(skb);
		return;
	}
	tquic_udp_get(udp);
	tquic_rx_cb(skb)->udp.udp = udp;
	skb_queue_tail(queue, skb);
	queue_work(tquic_wq, &ln->work);
}

/**
 * tquic_listen_over - the handshake is over, in whatever way
 * @sess: session; the lock is held
 */
void tquic_listen_over(struct tquic_sess *sess)
{
	struct tquic_listener *l = sess->listener;

	if (!l)
		return;
	WRITE_ONCE(sess->listener, NULL);
	atomic_dec(&l->half_open);
	atomic_dec(&sess->tn->listen.half_open);
	tquic_listener_put(l);
}

static int tquic_listen_hand(struct tquic_listener *l, struct tquic_sess *sess)
{
	int err = -ECONNABORTED;

	tquic_sess_get(sess);
	mutex_lock(&l->lock);
	if (!l->dead)
		err = l->ops->accept(l, sess);
	mutex_unlock(&l->lock);
	if (err)
		tquic_sess_put(sess);
	return err;
}

/**
 * tquic_listen_accept - the handshake is done: the session is the user's now
 * @sess: session; the lock is not held
 *
 * Context: process context.
 */
void tquic_listen_accept(struct tquic_sess *sess)
{
	struct tquic_listener *l;

	mutex_lock(&sess->lock);
	l = sess->listener;
	if (l)
		tquic_listener_get(l);
	tquic_listen_over(sess);
	mutex_unlock(&sess->lock);
	if (!l)
		return;
	if (tquic_listen_hand(l, sess)) {
		tquic_sess_lock(sess);
		sess->ops = NULL;
		if (!sess->dead)
			tquic_conn_close(sess->core, TQUIC_CONNECTION_REFUSED,
					 false, "not accepted",
					 ktime_get_ns());
		tquic_sess_unlock(sess);
	}
	tquic_listener_put(l);
}
