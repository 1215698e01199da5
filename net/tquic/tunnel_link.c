// SPDX-License-Identifier: GPL-2.0
/* A session of a tunnel and its flows. */
#include <linux/cpumask.h>
#include <linux/sched/isolation.h>
#include <linux/slab.h>

#include "pm.h"
#include "tunnel_ping.h"

/* bytes of a flow that may wait before anything is known of the paths */
#define TQUIC_TUN_WINDOW	(256 << 10)
/* between looks at what uplinks there are, jiffies */
#define TQUIC_TUN_PATHS		HZ

struct tquic_tun_link *tquic_tun_link_get(struct tquic_tun_link *link)
{
	refcount_inc(&link->ref);
	return link;
}

static void tquic_link_free(struct work_struct *work)
{
	struct tquic_tun_link *link = container_of(to_rcu_work(work),
						   struct tquic_tun_link,
						   free);
	struct tquic_tunnel *tunnel = link->tunnel;

	tquic_sess_put(link->sess);
	tquic_tun_nat_link_free(link);
	kfree(link);
	tquic_tun_put(tunnel);
}

/**
 * tquic_tun_link_put - let go of a link
 * @link: link
 *
 * Context: any.
 */
void tquic_tun_link_put(struct tquic_tun_link *link)
{
	if (refcount_dec_and_test(&link->ref))
		queue_rcu_work(tquic_tun_wq, &link->free);
}

/* Have a work item run, which holds a reference while it is queued. */
static void tquic_link_queue(struct tquic_tun_link *link,
			     struct work_struct *work)
{
	tquic_tun_link_get(link);
	if (!queue_work(tquic_tun_wq, work))
		tquic_tun_link_put(link);
}

/* CPUs that are not kept free for something else, in turn. */
static unsigned int tquic_link_pick_cpu(void)
{
	const struct cpumask *mask;
	static atomic_t turn;
	unsigned int n, cpu;

	rcu_read_lock();
	mask = housekeeping_cpumask(HK_TYPE_DOMAIN);
	n = cpumask_weight_and(cpu_online_mask, mask);
	cpu = n ? cpumask_nth_and((u32)atomic_inc_return(&turn) % n,
				  cpu_online_mask, mask) : nr_cpu_ids;
	rcu_read_unlock();
	/* some went offline just now, or there is none of that kind */
	return cpu < nr_cpu_ids ? cpu : raw_smp_processor_id();
}

/*
 * Work that is queued on a CPU that goes offline runs on another one; from the
 * next time on it has a CPU of its own again.
 */
static unsigned int tquic_link_cpu(struct tquic_tun_link *link)
{
	unsigned int cpu = READ_ONCE(link->cpu);

	if (likely(cpu_online(cpu)))
		return cpu;
	cpu = tquic_link_pick_cpu();
	WRITE_ONCE(link->cpu, cpu);
	return cpu;
}

void tquic_tun_link_kick(struct tquic_tun_link *link)
{
	tquic_tun_link_get(link);
	if (!queue_work_on(tquic_link_cpu(link), tquic_tun_link_wq,
			   &link->work))
		tquic_tun_link_put(link);
}

static void tquic_link_on_timer(struct work_struct *work)
{
	struct tquic_tun_link *link = container_of(to_delayed_work(work),
						   struct tquic_tun_link,
						   timer);

	tquic_tun_link_kick(link);
	tquic_tun_link_put(link);
}

/**
 * tquic_tun_link_wake_at - have its work run at a time
 * @link: link
 * @at: ns, as of ktime_get_ns()
 * @now: likewise
 */
void tquic_tun_link_wake_at(struct tquic_tun_link *link, u64 at, u64 now)
{
	unsigned long delay = at > now ? nsecs_to_jiffies(at - now) + 1 : 0;

	tquic_tun_link_get(link);
	if (mod_delayed_work(tquic_tun_wq, &link->timer, delay))
		tquic_tun_link_put(link);
}

static void tquic_link_work(struct work_struct *work)
{
	struct tquic_tun_link *link = container_of(work, struct tquic_tun_link,
						   work);

	if (!READ_ONCE(link->gone) && tquic_tun_udp_run(link))
		tquic_tun_link_kick(link);
	tquic_tun_link_put(link);
}

/* link->paths */
static void tquic_link_on_paths(struct work_struct *work)
{
	struct tquic_tun_link *link = container_of(to_delayed_work(work),
						   struct tquic_tun_link,
						   paths);
	struct tquic_net *tn = link->sess->tn;

	if (READ_ONCE(tn->config.path_manager) == TQUIC_PM_KERNEL) {
		tquic_sess_lock(link->sess);
		tquic_pm_review(link->sess);
		tquic_sess_unlock(link->sess);
	}
	if (READ_ONCE(link->gone) ||
	    !queue_delayed_work(tquic_tun_wq, &link->paths, TQUIC_TUN_PATHS))
		tquic_tun_link_put(link);
}

/* What the session told, where the tunnel's lock can be taken. */
static void tquic_link_news(struct work_struct *work)
{
	struct tquic_tun_link *link = container_of(work, struct tquic_tun_link,
						   news);
	struct tquic_tunnel *tunnel = link->tunnel;

	mutex_lock(&tunnel->lock);
	if (!link->server && READ_ONCE(link->up_now))
		tquic_tun_client_up(link);
	if (READ_ONCE(link->over)) {
		if (link->server)
			tquic_tun_server_over(link);
		else
			tquic_tun_client_over(link);
	}
	mutex_unlock(&tunnel->lock);
	tquic_tun_link_put(link);
}

/* The session's lock is held. */
static void tquic_link_ready(struct tquic_tun_link *link)
{
	link->up_since = ktime_get_ns();
	WRITE_ONCE(link->up_now, true);
	tquic_link_queue(link, &link->news);
	if (link->server)
		return;
	tquic_tun_link_get(link);
	if (!queue_delayed_work(tquic_tun_wq, &link->paths, 0))
		tquic_tun_link_put(link);
}

static void tquic_link_on_established(struct tquic_sess *sess)
{
	if (sess->owner)
		tquic_link_ready(sess->owner);
}

static void tquic_link_stream(struct tquic_tun_link *link,
			      struct tquic_stream *s)
{
	if (s->owner)
		tquic_tun_tcp_kick(s->owner);
	else
		tquic_tun_tcp_arrived(link, s);
}

static void tquic_link_on_streams(struct tquic_sess *sess)
{
	struct tquic_tun_link *link = sess->owner;
	struct tquic_stream *s, *next;

	if (!link)
		return;
	list_for_each_entry_safe(s, next, &sess->core->streams.event, event) {
		/* the core's own affair */
		if (s->released)
			continue;
		list_del_init(&s->event);
		tquic_link_stream(link, s);
	}
}

static void tquic_link_on_dgrams(struct tquic_sess *sess)
{
	if (sess->owner)
		tquic_tun_link_kick(sess->owner);
}

static void tquic_link_on_closed(struct tquic_sess *sess)
{
	struct tquic_tun_link *link = sess->owner;

	if (!link)
		return;
	link->err = sess->err;
	WRITE_ONCE(link->over, true);
	tquic_link_queue(link, &link->news);
}

const struct tquic_sess_ops tquic_tun_sess_ops = {
	.established = tquic_link_on_established,
	.streams = tquic_link_on_streams,
	.dgrams = tquic_link_on_dgrams,
	.closed = tquic_link_on_closed,
};

/**
 * tquic_tun_link_new - a session for a tunnel
 * @tunnel: tunnel
 * @sess: session, with operations of ours and without an owner; on success its
 *	reference is the link's
 *
 * Context: process; nothing happens with it before tquic_tun_link_begin().
 * Return: the link, with a reference for the tunnel, or ERR_PTR(-ENOMEM).
 */
struct tquic_tun_link *tquic_tun_link_new(struct tquic_tunnel *tunnel,
					  struct tquic_sess *sess)
{
	struct tquic_tun_link *link = kzalloc_obj(*link, GFP_KERNEL);

	if (!link)
		return ERR_PTR(-ENOMEM);
	if (tunnel->config.server && tquic_tun_nat_link_init(link))
		goto err_free;
	tquic_sess_lock(sess);
	sess->dflows = tquic_dflows_new(sess->core, true, GFP_KERNEL);
	tquic_sess_unlock(sess);
	if (!sess->dflows)
		goto err_nat;
	link->dflows = sess->dflows;
	refcount_set(&link->ref, 1);
	link->tunnel = tquic_tun_get(tunnel);
	/* one until it is detached, one for flows that outlive that */
	link->sess = tquic_sess_get(sess);
	link->server = tunnel->config.server;
	link->next_id = link->server;
	link->max = tunnel->config.flows;
	link->window = TQUIC_TUN_WINDOW;
	link->cpu = tquic_link_pick_cpu();
	tquic_tun_bucket_set(&link->ping, TQUIC_TUN_PING_RATE, ktime_get_ns());
	spin_lock_init(&link->lock);
	INIT_LIST_HEAD(&link->flows);
	skb_queue_head_init(&link->in);
	INIT_WORK(&link->work, tquic_link_work);
	INIT_WORK(&link->news, tquic_link_news);
	INIT_DELAYED_WORK(&link->timer, tquic_link_on_timer);
	INIT_DELAYED_WORK(&link->paths, tquic_link_on_paths);
	INIT_RCU_WORK(&link->free, tquic_link_free);
	tquic_tun_shape_init(link);
	return link;

err_nat:
	tquic_tun_nat_link_free(link);
err_free:
	kfree(link);
	return ERR_PTR(-ENOMEM);
}

/**
 * tquic_tun_link_begin - have its session tell it of everything
 * @link: as made; what happened before is looked at here
 */
void tquic_tun_link_begin(struct tquic_tun_link *link)
{
	struct tquic_sess *sess = link->sess;

	tquic_sess_lock(sess);
	sess->owner = link;
	if (sess->told) {
		tquic_link_on_closed(sess);
	} else if (sess->core->tls_done) {
		tquic_link_ready(link);
		tquic_link_on_streams(sess);
	}
	tquic_sess_unlock(sess);
	tquic_tun_link_kick(link);
}

/**
 * tquic_tun_link_take - a flow becomes one of a link's
 * @link: link
 * @flow: flow; nobody else gives it a link; the list gets a reference
 *
 * Context: any.
 * Return: false when there are too many, or the link is at its end.
 */
bool tquic_tun_link_take(struct tquic_tun_link *link,
			 struct tquic_tun_flow *flow)
{
	bool tcp = flow->key.protocol == IPPROTO_TCP;
	bool ok;

	spin_lock_bh(&link->lock);
	ok = !link->gone && atomic_read(&link->tcp_flows) +
			    atomic_read(&link->udp_flows) +
			    atomic_read(&link->ending) < link->max;
	if (ok) {
		atomic_inc(tcp ? &link->tcp_flows : &link->udp_flows);
		/* pairs with tquic_tun_flow_attach() */
		smp_store_release(&flow->link, tquic_tun_link_get(link));
		list_add_tail(&flow->list, &link->flows);
		tquic_tun_flow_get(flow);
	}
	spin_unlock_bh(&link->lock);
	if (!ok)
		atomic_inc(&link->refused);
	return ok;
}

static struct tquic_tun_flow *tquic_link_first(struct tquic_tun_link *link)
{
	struct tquic_tun_flow *flow;

	spin_lock_bh(&link->lock);
	flow = list_first_entry_or_null(&link->flows, struct tquic_tun_flow,
					list);
	if (flow) {
		list_del_init(&flow->list);
		tquic_tun_flow_get(flow);
	}
	spin_unlock_bh(&link->lock);
	return flow;
}

static void tquic_link_end_flows(struct tquic_tun_link *link, u64 code)
{
	struct tquic_tun_flow *flow;

	while ((flow = tquic_link_first(link))) {
		if (flow->key.protocol == IPPROTO_TCP)
			tquic_tun_tcp_abort(flow, code);
		else
			tquic_tun_udp_end(flow, false);
		/* of the list */
		tquic_tun_flow_put(flow);
		tquic_tun_flow_put(flow);
	}
}

static void tquic_link_purge(struct tquic_tun_link *link)
{
	struct sk_buff *skb;

	while ((skb = skb_dequeue(&link->in))) {
		tquic_tun_flow_put(((struct tquic_tun_cb *)skb->cb)->flow);
		kfree_skb(skb);
	}
	tquic_sess_lock(link->sess);
	link->dflows = NULL;
	tquic_sess_unlock(link->sess);
}

/**
 * tquic_tun_link_end - the end of a link
 * @link: link that its tunnel does not know any more
 * @code: why its flows are reset
 *
 * TCP flows end by their own work, which refers to the session until then.
 * Context: process; the tunnel's lock is held.
 */
void tquic_tun_link_end(struct tquic_tun_link *link, u64 code)
{
	spin_lock_bh(&link->lock);
	link->gone = true;
	spin_unlock_bh(&link->lock);
	if (cancel_delayed_work_sync(&link->paths))
		tquic_tun_link_put(link);
	/* the work sets the timer; what that queues then does nothing */
	if (cancel_work_sync(&link->work))
		tquic_tun_link_put(link);
	if (cancel_delayed_work_sync(&link->timer))
		tquic_tun_link_put(link);
	tquic_link_end_flows(link, code);
	tquic_tun_shape_exit(link);
	if (link->server)
		tquic_tun_nat_link_end(link);
	tquic_link_purge(link);
	tquic_sess_detach(link->sess, 0, true, 0);
}
