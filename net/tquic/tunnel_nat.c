// SPDX-License-Identifier: GPL-2.0
/* Mappings of a server: who has which, and flows through them. */
#include <linux/slab.h>
#include <linux/wait_bit.h>
#include <net/ipv6.h>

#include "tunnel_nat.h"

/* ports of the client's range that are tried */
#define TQUIC_TUN_NAT_TRIES	256

static const struct rhashtable_params tquic_nat_src_params = {
	.head_offset = offsetof(struct tquic_tun_nat, src_node),
	.key_offset = offsetof(struct tquic_tun_nat, src),
	.key_len = sizeof(struct tquic_tun_nat_src),
	.automatic_shrinking = true,
};

static const struct rhashtable_params tquic_nat_out_params = {
	.head_offset = offsetof(struct tquic_tun_nat, out_node),
	.key_offset = offsetof(struct tquic_tun_nat, out),
	.key_len = sizeof(struct tquic_tun_nat_out),
	.automatic_shrinking = true,
};

static const struct rhashtable_params tquic_nat_flow_params = {
	.head_offset = offsetof(struct tquic_tun_flow, node),
	.key_offset = offsetof(struct tquic_tun_flow, key),
	.key_len = sizeof(struct tquic_nf_flow),
	.automatic_shrinking = true,
};

/**
 * tquic_tun_nat_link_init - a server's link comes
 * @link: link
 *
 * Return: 0 or -ENOMEM.
 */
int tquic_tun_nat_link_init(struct tquic_tun_link *link)
{
	struct tquic_tun_nats *nats = kzalloc_obj(*nats, GFP_KERNEL);

	if (!nats)
		return -ENOMEM;
	if (rhashtable_init(&nats->by_src, &tquic_nat_src_params))
		goto err_src;
	if (rhashtable_init(&nats->by_out, &tquic_nat_out_params))
		goto err_out;
	if (rhashtable_init(&nats->flows, &tquic_nat_flow_params))
		goto err_flows;
	link->nats = nats;
	return 0;

err_flows:
	rhashtable_destroy(&nats->by_out);
err_out:
	rhashtable_destroy(&nats->by_src);
err_src:
	kfree(nats);
	return -ENOMEM;
}

/**
 * tquic_tun_nat_link_free - nobody has a link any more
 * @link: link; of a gateway, too
 *
 * Context: process, after a grace period.
 */
void tquic_tun_nat_link_free(struct tquic_tun_link *link)
{
	struct tquic_tun_nats *nats = link->nats;

	if (!nats)
		return;
	rhashtable_destroy(&nats->flows);
	rhashtable_destroy(&nats->by_out);
	rhashtable_destroy(&nats->by_src);
	kfree(nats);
}

struct tquic_tun_nat *tquic_tun_nat_by_out(struct tquic_tun_link *link,
					   u8 family, __be16 port)
{
	const struct tquic_tun_nat_out key = { .port = port, .family = family };

	return rhashtable_lookup(&link->nats->by_out, &key,
				 tquic_nat_out_params);
}

/* Its user's from now on; NULL when there is none. */
static struct tquic_tun_nat *
tquic_nat_use(struct tquic_tun_link *link, const struct tquic_tun_nat_src *src)
{
	struct tquic_tun_nat *nat;

	spin_lock_bh(&link->lock);
	nat = rhashtable_lookup_fast(&link->nats->by_src, src,
				     tquic_nat_src_params);
	if (nat)
		nat->users++;
	spin_unlock_bh(&link->lock);
	return nat;
}

static int tquic_nat_insert(struct tquic_tun_nat *nat)
{
	struct tquic_tun_nats *nats = nat->link->nats;
	int err;

	spin_lock_bh(&nat->link->lock);
	err = nat->link->gone ? -ENOTCONN :
	      rhashtable_lookup_insert_fast(&nats->by_src, &nat->src_node,
					    tquic_nat_src_params);
	if (!err) {
		err = rhashtable_lookup_insert_fast(&nats->by_out,
						    &nat->out_node,
						    tquic_nat_out_params);
		if (err)
			rhashtable_remove_fast(&nats->by_src, &nat->src_node,
					       tquic_nat_src_params);
	}
	if (!err)
		nat->users = 1;
	spin_unlock_bh(&nat->link->lock);
	return err;
}

/* @port in host byte order, 0 for a free one of the client's range. */
static int tquic_nat_place(struct tquic_tun_nat *nat, u16 port)
{
	int err = -EADDRINUSE, i;

	if (port)
		return tquic_tun_nat_sock_bind(nat, port);
	for (i = 0; i < TQUIC_TUN_NAT_TRIES && err == -EADDRINUSE; i++)
		err = tquic_tun_nat_sock_bind(nat,
					      tquic_tun_policy_port(nat->link));
	return err;
}

static void tquic_nat_free(struct tquic_tun_nat *nat)
{
	struct tquic_tun_nats *nats = nat->link->nats;

	tquic_tun_nat_sock_close(nat);
	if (atomic_dec_and_test(&nats->open))
		wake_up_var(&nats->open);
	tquic_tun_link_put(nat->link);
	kfree_rcu(nat, rcu);
}

static void tquic_nat_close(struct work_struct *work)
{
	tquic_nat_free(container_of(work, struct tquic_tun_nat, close));
}

static struct tquic_tun_nat *
tquic_nat_make(struct tquic_tun_link *link, const struct tquic_tun_nat_src *src,
	       u16 port)
{
	struct tquic_tun_nat *nat = kzalloc_obj(*nat, GFP_KERNEL);
	int err;

	if (!nat)
		return ERR_PTR(-ENOMEM);
	nat->link = tquic_tun_link_get(link);
	atomic_inc(&link->nats->open);
	nat->src = *src;
	nat->out.family = src->family;
	INIT_WORK(&nat->close, tquic_nat_close);
	err = tquic_tun_nat_sock_open(nat) ?: tquic_nat_place(nat, port) ?:
	      tquic_nat_insert(nat);
	if (!err)
		return nat;
	tquic_nat_free(nat);
	return ERR_PTR(err);
}

static struct tquic_tun_nat *
tquic_nat_get(struct tquic_tun_link *link, const struct tquic_tun_nat_src *src,
	      u16 port)
{
	struct tquic_tun_nat *nat = tquic_nat_use(link, src);

	if (!nat)
		nat = tquic_nat_make(link, src, port);
	/* a forward for it came in between */
	if (nat == ERR_PTR(-EEXIST))
		nat = tquic_nat_use(link, src) ?: nat;
	return nat;
}

/* A user less.  Any context. */
static void tquic_nat_put(struct tquic_tun_nat *nat)
{
	struct tquic_tun_link *link = nat->link;
	bool last;

	spin_lock_bh(&link->lock);
	last = !--nat->users;
	if (last) {
		rhashtable_remove_fast(&link->nats->by_out, &nat->out_node,
				       tquic_nat_out_params);
		rhashtable_remove_fast(&link->nats->by_src, &nat->src_node,
				       tquic_nat_src_params);
	}
	spin_unlock_bh(&link->lock);
	if (last)
		/* not behind work that waits for the lock of a tunnel, whose
		 * holder may wait for this: tquic_tun_nat_link_end()
		 */
		queue_work(tquic_tun_link_wq, &nat->close);
}

/*
 * A flow can be found by what comes back.  The LAN host and the stranger may
 * each have opened it at the same time: then it is found under the one that was
 * first.
 */
static void tquic_nat_hash(struct tquic_tun_flow *flow)
{
	tquic_tun_flow_get(flow);
	if (rhashtable_lookup_insert_fast(&flow->nat->link->nats->flows,
					  &flow->node, tquic_nat_flow_params))
		tquic_tun_flow_put(flow);
	else
		set_bit(TQUIC_TUN_F_NATTED, &flow->flags);
}

/**
 * tquic_tun_nat_bind - give a flow its mapping
 * @flow: flow without one
 *
 * Context: the link's work.
 * Return: 0, -EADDRINUSE when all of the range is taken, other -errno.
 */
int tquic_tun_nat_bind(struct tquic_tun_flow *flow)
{
	struct tquic_tun_nat_src src = {
		.addr = flow->key.saddr,
		.port = flow->key.sport,
		.family = flow->key.family,
	};
	struct tquic_tun_nat *nat = tquic_nat_get(flow->link, &src, 0);

	if (IS_ERR(nat))
		return PTR_ERR(nat);
	flow->nat = nat;
	WRITE_ONCE(flow->out_port, ntohs(nat->out.port));
	tquic_nat_hash(flow);
	return 0;
}

/**
 * tquic_tun_nat_release - a flow ends
 * @flow: flow; it need not have a mapping
 *
 * To be called once.  Context: process.
 */
void tquic_tun_nat_release(struct tquic_tun_flow *flow)
{
	struct tquic_tun_nat *nat = flow->nat;

	if (!nat)
		return;
	if (test_bit(TQUIC_TUN_F_STRANGER, &flow->flags)) {
		spin_lock_bh(&nat->link->lock);
		nat->strangers--;
		nat->link->nats->strangers--;
		spin_unlock_bh(&nat->link->lock);
	}
	if (test_and_clear_bit(TQUIC_TUN_F_NATTED, &flow->flags)) {
		rhashtable_remove_fast(&nat->link->nats->flows, &flow->node,
				       tquic_nat_flow_params);
		tquic_tun_flow_put(flow);
	}
	tquic_nat_put(nat);
}

static void tquic_nat_key(const struct tquic_tun_nat *nat,
			  const union nf_inet_addr *addr, __be16 port,
			  struct tquic_nf_flow *key)
{
	memset(key, 0, sizeof(*key));
	key->saddr = nat->src.addr;
	key->sport = nat->src.port;
	key->daddr = *addr;
	key->dport = port;
	key->family = nat->src.family;
	key->protocol = IPPROTO_UDP;
}

struct tquic_tun_flow *tquic_tun_nat_find(struct tquic_tun_nat *nat,
					  const union nf_inet_addr *addr,
					  __be16 port)
{
	struct tquic_nf_flow key;

	tquic_nat_key(nat, addr, port, &key);
	return tquic_tun_udp_get(rhashtable_lookup(&nat->link->nats->flows,
						   &key,
						   tquic_nat_flow_params));
}

/*
 * A stranger is a user of the mapping, unless that is about to go.  Anybody can
 * send to a port with any source address, so strangers get no more than half of
 * the link's flows: the client's own have the rest.
 */
static bool tquic_nat_admit(struct tquic_tun_nat *nat)
{
	struct tquic_tun_link *link = nat->link;
	bool ok;

	spin_lock_bh(&link->lock);
	ok = nat->users && !link->gone &&
	     link->nats->strangers < link->max / 2 &&
	     (nat->forward || nat->strangers < TQUIC_TUN_NAT_STRANGERS);
	if (ok) {
		nat->users++;
		nat->strangers++;
		link->nats->strangers++;
	}
	spin_unlock_bh(&link->lock);
	return ok;
}

/* It can be found before it is the link's, and not be used until then. */
static struct tquic_tun_flow *
tquic_nat_stranger(struct tquic_tun_nat *nat, const struct tquic_nf_flow *key,
		   u8 dscp)
{
	struct tquic_tun_link *link = nat->link;
	struct tquic_tun_flow *flow;

	flow = tquic_tun_flow_new(link->tunnel, key, TQUIC_NF_CLASS_ANY,
				  GFP_ATOMIC | __GFP_NOWARN);
	if (!flow || !tquic_nat_admit(nat)) {
		if (flow)
			tquic_tun_flow_put(flow);
		return NULL;
	}
	flow->dscp = dscp;
	__set_bit(TQUIC_TUN_F_STRANGER, &flow->flags);
	flow->nat = nat;
	flow->out_port = ntohs(nat->out.port);
	tquic_nat_hash(flow);
	if (tquic_tun_link_take(link, flow))
		return flow;
	tquic_tun_nat_release(flow);
	tquic_tun_flow_put(flow);
	return NULL;
}

struct tquic_tun_flow *tquic_tun_nat_flow(struct tquic_tun_nat *nat,
					  const union nf_inet_addr *addr,
					  __be16 port, u8 dscp)
{
	struct tquic_tun_flow *flow;
	struct tquic_nf_flow key;

	flow = tquic_tun_nat_find(nat, addr, port);
	if (!flow) {
		tquic_nat_key(nat, addr, port, &key);
		return tquic_nat_stranger(nat, &key, dscp);
	}
	if (READ_ONCE(flow->link))
		return flow;
	/* another CPU is about to */
	tquic_tun_flow_put(flow);
	return NULL;
}

static void tquic_nat_of_forward(const struct tquic_tunnel_forward *fwd,
				 struct tquic_tun_nat_src *src)
{
	memset(src, 0, sizeof(*src));
	src->port = htons(fwd->to_port);
	if (ipv6_addr_v4mapped(&fwd->to)) {
		src->family = NFPROTO_IPV4;
		src->addr.ip = fwd->to.s6_addr32[3];
	} else {
		src->family = NFPROTO_IPV6;
		src->addr.in6 = fwd->to;
	}
}

/* Return: whether that changed anything. */
static bool tquic_nat_set_forward(struct tquic_tun_nat *nat, bool on)
{
	bool changed;

	spin_lock_bh(&nat->link->lock);
	changed = nat->forward != on;
	nat->forward = on;
	spin_unlock_bh(&nat->link->lock);
	return changed;
}

/**
 * tquic_tun_nat_forward - lead a port into a client's LAN
 * @link: the client's
 * @fwd: which, and where to
 *
 * A mapping that has nobody else.  Its host's own datagrams leave by it, too.
 *
 * Context: process.
 * Return: 0; -EADDRINUSE; -EEXIST when the host has another port already;
 * other -errno.
 */
int tquic_tun_nat_forward(struct tquic_tun_link *link,
			  const struct tquic_tunnel_forward *fwd)
{
	struct tquic_tun_nat_src src;
	struct tquic_tun_nat *nat;

	tquic_nat_of_forward(fwd, &src);
	nat = tquic_nat_get(link, &src, fwd->port);
	if (IS_ERR(nat))
		return PTR_ERR(nat);
	if (nat->out.port == htons(fwd->port) &&
	    tquic_nat_set_forward(nat, true))
		return 0;
	tquic_nat_put(nat);
	return -EEXIST;
}

/**
 * tquic_tun_nat_unforward - undo tquic_tun_nat_forward()
 * @link: the client's
 * @fwd: which
 *
 * Context: process.
 */
void tquic_tun_nat_unforward(struct tquic_tun_link *link,
			     const struct tquic_tunnel_forward *fwd)
{
	struct tquic_tun_nat_src src;
	struct tquic_tun_nat *nat;

	tquic_nat_of_forward(fwd, &src);
	nat = tquic_nat_use(link, &src);
	if (!nat)
		return;
	if (nat->out.port == htons(fwd->port) &&
	    tquic_nat_set_forward(nat, false))
		tquic_nat_put(nat);
	tquic_nat_put(nat);
}

/**
 * tquic_tun_nat_link_end - a server's link ends
 * @link: link, whose flows have ended
 *
 * Context: process.
 */
void tquic_tun_nat_link_end(struct tquic_tun_link *link)
{
	struct rhashtable_iter iter;
	struct tquic_tun_nat *nat;

	rhashtable_walk_enter(&link->nats->by_src, &iter);
	rhashtable_walk_start(&iter);
	/* after a resize some are seen again */
	while ((nat = rhashtable_walk_next(&iter)))
		if (!IS_ERR(nat) && tquic_nat_set_forward(nat, false))
			tquic_nat_put(nat);
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	/* so that the client's next session has their ports */
	wait_var_event(&link->nats->open, !atomic_read(&link->nats->open));
}

/**
 * tquic_tun_nat_sweep - end flows whose first datagram found no room
 * @link: a server's
 *
 * They have no flow of datagrams, where others are looked for.
 *
 * Context: the link's work, no lock is held.
 */
void tquic_tun_nat_sweep(struct tquic_tun_link *link)
{
	struct rhashtable_iter iter;
	struct tquic_tun_flow *flow;

	rhashtable_walk_enter(&link->nats->flows, &iter);
	rhashtable_walk_start(&iter);
	while ((flow = rhashtable_walk_next(&iter))) {
		if (IS_ERR(flow) || READ_ONCE(flow->dflow) ||
		    !READ_ONCE(flow->link) || !tquic_tun_udp_idle(flow) ||
		    !refcount_inc_not_zero(&flow->ref))
			continue;
		rhashtable_walk_stop(&iter);
		tquic_tun_udp_end(flow, false);
		tquic_tun_flow_put(flow);
		rhashtable_walk_start(&iter);
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
}
