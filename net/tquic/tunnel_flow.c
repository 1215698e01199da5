// SPDX-License-Identifier: GPL-2.0
/* Flows by addresses, and claims of the firewall. */
#include <linux/jhash.h>
#include <linux/slab.h>

#include "tunnel_priv.h"

static const struct rhashtable_params tquic_flow_params = {
	.head_offset = offsetof(struct tquic_tun_flow, node),
	.key_offset = offsetof(struct tquic_tun_flow, key),
	.key_len = sizeof(struct tquic_nf_flow),
	.automatic_shrinking = true,
};

struct tquic_tun_flow *tquic_tun_flow_get(struct tquic_tun_flow *flow)
{
	refcount_inc(&flow->ref);
	return flow;
}

/**
 * tquic_tun_flow_put - let go of a flow
 * @flow: flow
 *
 * Context: any.
 */
void tquic_tun_flow_put(struct tquic_tun_flow *flow)
{
	struct tquic_tun_net *tt = flow->tunnel->tt;

	if (!refcount_dec_and_test(&flow->ref))
		return;
	if (flow->link)
		tquic_tun_link_put(flow->link);
	tquic_tun_put(flow->tunnel);
	kfree_rcu(flow, rcu);
	if (atomic_dec_and_test(&tt->live))
		wake_up_var(&tt->live);
}

/**
 * tquic_tun_flow_new - a flow
 * @tunnel: that it is of
 * @key: addresses; unused bytes are 0
 * @class: enum nft_tquic_classes, or TQUIC_NF_CLASS_ANY
 * @gfp: allocation flags
 *
 * Context: any.
 * Return: the flow, claimed, with a reference for the caller; NULL without
 * memory.
 */
struct tquic_tun_flow *tquic_tun_flow_new(struct tquic_tunnel *tunnel,
					  const struct tquic_nf_flow *key,
					  int class, gfp_t gfp)
{
	struct tquic_tun_flow *flow = kzalloc_obj(*flow, gfp);

	if (!flow)
		return NULL;
	flow->key = *key;
	flow->class = class;
	flow->seen = jiffies;
	refcount_set(&flow->ref, 1);
	flow->tunnel = tquic_tun_get(tunnel);
	INIT_LIST_HEAD(&flow->list);
	if (key->protocol == IPPROTO_TCP) {
		INIT_WORK(&flow->work, tquic_tun_tcp_work);
		INIT_DELAYED_WORK(&flow->later, tquic_tun_tcp_on_later);
		INIT_LIST_HEAD(&flow->turn[TQUIC_TUN_UP].node);
		INIT_LIST_HEAD(&flow->turn[TQUIC_TUN_DOWN].node);
	}
	atomic_inc(&tunnel->tt->live);
	return flow;
}

/**
 * tquic_tun_flow_find - a flow of a gateway's by addresses
 * @tt: namespace
 * @key: addresses; unused bytes are 0
 *
 * Context: RCU.
 * Return: it, or NULL; no reference is taken.
 */
struct tquic_tun_flow *tquic_tun_flow_find(struct tquic_tun_net *tt,
					   const struct tquic_nf_flow *key)
{
	return rhashtable_lookup(&tt->flows, key, tquic_flow_params);
}

/**
 * tquic_tun_flow_hash - let a flow be found
 * @flow: flow that is not in the table, which gets a reference
 *
 * Context: any.
 * Return: 0, -EEXIST, or what the table says.
 */
int tquic_tun_flow_hash(struct tquic_tun_flow *flow)
{
	struct tquic_tun_net *tt = flow->tunnel->tt;
	int err;

	tquic_tun_flow_get(flow);
	set_bit(TQUIC_TUN_F_HASHED, &flow->flags);
	err = rhashtable_lookup_insert_fast(&tt->flows, &flow->node,
					    tquic_flow_params);
	if (err) {
		clear_bit(TQUIC_TUN_F_HASHED, &flow->flags);
		tquic_tun_flow_put(flow);
	}
	return err;
}

/**
 * tquic_tun_flow_unhash - let a flow not be found any more
 * @flow: flow; it need not be in the table
 *
 * Context: any.
 */
void tquic_tun_flow_unhash(struct tquic_tun_flow *flow)
{
	struct tquic_tun_net *tt = flow->tunnel->tt;

	if (!test_and_clear_bit(TQUIC_TUN_F_HASHED, &flow->flags))
		return;
	rhashtable_remove_fast(&tt->flows, &flow->node, tquic_flow_params);
	if (test_and_clear_bit(TQUIC_TUN_F_CLAIM, &flow->flags))
		atomic_dec(&flow->tunnel->claimed);
	tquic_tun_flow_put(flow);
}

/**
 * tquic_tun_flow_leave - a flow is not one of its link's any more
 * @flow: flow with a link, which it goes on referring to
 *
 * To be called once.  Context: any.
 */
void tquic_tun_flow_leave(struct tquic_tun_flow *flow)
{
	struct tquic_tun_link *link = flow->link;
	bool listed;

	atomic_dec(flow->key.protocol == IPPROTO_TCP ? &link->tcp_flows :
						       &link->udp_flows);
	atomic64_add(flow->tx_bytes, &link->tx_bytes);
	atomic64_add(flow->rx_bytes, &link->rx_bytes);
	spin_lock_bh(&link->lock);
	listed = !list_empty(&flow->list);
	list_del_init(&flow->list);
	spin_unlock_bh(&link->lock);
	if (listed)
		tquic_tun_flow_put(flow);
}

/**
 * tquic_tun_flow_claim - the firewall gives a flow to a tunnel
 * @tunnel: gateway's
 * @key: addresses
 * @class: that the rule says, or TQUIC_NF_CLASS_ANY
 *
 * Context: softirq.
 * Return: 0, -ENOSPC, -ENOMEM, -EEXIST.
 */
int tquic_tun_flow_claim(struct tquic_tunnel *tunnel,
			 const struct tquic_nf_flow *key, int class)
{
	struct tquic_tun_flow *flow;
	int err;

	if (atomic_inc_return(&tunnel->claimed) > tunnel->config.flows) {
		atomic_dec(&tunnel->claimed);
		atomic_inc(&tunnel->refused);
		return -ENOSPC;
	}
	flow = tquic_tun_flow_new(tunnel, key, class, GFP_ATOMIC);
	err = -ENOMEM;
	if (flow) {
		__set_bit(TQUIC_TUN_F_CLAIM, &flow->flags);
		err = tquic_tun_flow_hash(flow);
		tquic_tun_flow_put(flow);
	}
	if (err)
		atomic_dec(&tunnel->claimed);
	return err;
}

/**
 * tquic_tun_flow_attach - a claimed flow gets its tunnel's link
 * @flow: flow of a gateway
 *
 * Whoever comes first does it: the others find the link there, or none while
 * that is being done.  Where there is none the flow is forgotten: what comes
 * next may be claimed anew.
 * Context: softirq or process.
 * Return: whether it has a link.
 */
bool tquic_tun_flow_attach(struct tquic_tun_flow *flow)
{
	struct tquic_tun_link *link;
	bool ok;

	if (!test_and_clear_bit(TQUIC_TUN_F_CLAIM, &flow->flags))
		/* pairs with tquic_tun_link_take() */
		return smp_load_acquire(&flow->link);
	atomic_dec(&flow->tunnel->claimed);
	rcu_read_lock();
	link = rcu_dereference(flow->tunnel->link);
	ok = link && tquic_tun_link_take(link, flow);
	rcu_read_unlock();
	if (!ok)
		tquic_tun_flow_unhash(flow);
	return ok;
}

/* Classes are numbered alike in rules and in the core. */
static_assert((int)NFT_TQUIC_CLASS_REALTIME == TQUIC_STREAM_REALTIME);
static_assert((int)NFT_TQUIC_CLASS_INTERACTIVE == TQUIC_STREAM_INTERACTIVE);
static_assert((int)NFT_TQUIC_CLASS_BULK == TQUIC_STREAM_BULK);
static_assert((int)NFT_TQUIC_CLASS_BACKGROUND == TQUIC_STREAM_BACKGROUND);

/* DSCPs of RFC 4594 and RFC 8622; others are told by their behaviour. */
static enum tquic_stream_class tquic_flow_by_dscp(u8 dscp)
{
	switch (dscp) {
	case 46: /* EF */
	case 44: /* VOICE-ADMIT */
	case 40: /* CS5 */
		return TQUIC_STREAM_REALTIME;
	case 34: /* AF41 to AF43, CS4: conferences, games */
	case 36:
	case 38:
	case 32:
	case 18: /* AF21 to AF23: transactions */
	case 20:
	case 22:
	case 16: /* CS2: ssh */
	case 48: /* CS6: routing */
		return TQUIC_STREAM_INTERACTIVE;
	case 8: /* CS1 */
	case 1: /* LE */
		return TQUIC_STREAM_BACKGROUND;
	default:
		return TQUIC_STREAM_BULK;
	}
}

/**
 * tquic_tun_flow_class - how a flow is served
 * @flow: flow
 *
 * Return: what the rule said, else what its DSCP does.
 */
enum tquic_stream_class tquic_tun_flow_class(const struct tquic_tun_flow *flow)
{
	if (flow->class >= 0 && flow->class < TQUIC_STREAM_CLASSES)
		return flow->class;
	return tquic_flow_by_dscp(flow->dscp);
}

void tquic_tun_flow_dest(const struct tquic_tun_flow *flow,
			 struct tquic_dest *dest)
{
	const struct tquic_nf_flow *key = &flow->key;

	*dest = (struct tquic_dest){
		.v6 = key->family == NFPROTO_IPV6,
		.class = tquic_tun_flow_class(flow),
		.dscp = flow->dscp,
		.sport = ntohs(key->sport),
		.dport = ntohs(key->dport),
	};
	memcpy(dest->src, &key->saddr, dest->v6 ? 16 : 4);
	memcpy(dest->dst, &key->daddr, dest->v6 ? 16 : 4);
}

void tquic_tun_flow_key(const struct tquic_dest *dest, u8 protocol,
			struct tquic_nf_flow *key)
{
	/* and what is between the fields: it is hashed */
	memset(key, 0, sizeof(*key));
	key->sport = htons(dest->sport);
	key->dport = htons(dest->dport);
	key->family = dest->v6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
	key->protocol = protocol;
	memcpy(&key->saddr, dest->src, dest->v6 ? 16 : 4);
	memcpy(&key->daddr, dest->dst, dest->v6 ? 16 : 4);
}

static void tquic_flow_look(struct tquic_tun_flow *flow)
{
	if (test_bit(TQUIC_TUN_F_CLAIM, &flow->flags)) {
		if (time_after(jiffies, READ_ONCE(flow->seen) +
			       TQUIC_TUN_CLAIM_TIME))
			tquic_tun_flow_unhash(flow);
	} else if (flow->key.protocol != IPPROTO_TCP &&
		   /* or its first datagram is just giving it one */
		   smp_load_acquire(&flow->link) && tquic_tun_udp_idle(flow)) {
		tquic_tun_udp_end(flow, true);
	}
}

/* tt->gc: flows that nothing was heard of for long */
static void tquic_flow_gc(struct work_struct *work)
{
	struct tquic_tun_net *tt = container_of(to_delayed_work(work),
						struct tquic_tun_net, gc);
	struct rhashtable_iter iter;
	struct tquic_tun_flow *flow;

	rhashtable_walk_enter(&tt->flows, &iter);
	rhashtable_walk_start(&iter);
	while ((flow = rhashtable_walk_next(&iter))) {
		/* what a resize has hidden is looked at the next time */
		if (IS_ERR(flow))
			continue;
		if (!refcount_inc_not_zero(&flow->ref))
			continue;
		rhashtable_walk_stop(&iter);
		tquic_flow_look(flow);
		tquic_tun_flow_put(flow);
		cond_resched();
		rhashtable_walk_start(&iter);
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	queue_delayed_work(tquic_tun_wq, &tt->gc, TQUIC_TUN_GC);
}

/* tquic_tun_listen_get() and tquic_tun_listen_put() say from when to when. */
void tquic_tun_flows_start(struct tquic_tun_net *tt)
{
	queue_delayed_work(tquic_tun_wq, &tt->gc, TQUIC_TUN_GC);
}

void tquic_tun_flows_stop(struct tquic_tun_net *tt)
{
	cancel_delayed_work_sync(&tt->gc);
}

/**
 * tquic_tun_flows_forget - claims of a tunnel that goes
 * @tunnel: gateway's, which nobody finds any more
 *
 * Context: process.
 */
void tquic_tun_flows_forget(struct tquic_tunnel *tunnel)
{
	struct tquic_tun_net *tt = tunnel->tt;
	struct rhashtable_iter iter;
	struct tquic_tun_flow *flow;

	rhashtable_walk_enter(&tt->flows, &iter);
	rhashtable_walk_start(&iter);
	while ((flow = rhashtable_walk_next(&iter))) {
		if (IS_ERR(flow))
			continue;
		if (flow->tunnel == tunnel &&
		    test_bit(TQUIC_TUN_F_CLAIM, &flow->flags))
			tquic_tun_flow_unhash(flow);
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
}

int tquic_tun_flows_init(struct tquic_tun_net *tt)
{
	INIT_DELAYED_WORK(&tt->gc, tquic_flow_gc);
	return rhashtable_init(&tt->flows, &tquic_flow_params);
}

void tquic_tun_flows_exit(struct tquic_tun_net *tt)
{
	rhashtable_destroy(&tt->flows);
}
