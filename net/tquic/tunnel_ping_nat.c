// SPDX-License-Identifier: GPL-2.0
/*
 * Server: echo requests leave with identifiers of the namespace's own, so that
 * two clients, or two hosts behind one, may use the same.
 */
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "tunnel_nat.h"
#include "tunnel_ping.h"

/**
 * tquic_tun_pings_get - a server needs the sockets
 * @tt: namespace; its lock is held
 *
 * Return: 0 or -errno.
 */
int tquic_tun_pings_get(struct tquic_tun_net *tt)
{
	struct tquic_tun_pings *pings = tt->pings;
	int err;

	lockdep_assert_held(&tt->lock);
	if (pings) {
		pings->users++;
		return 0;
	}
	pings = kzalloc_obj(*pings, GFP_KERNEL);
	if (!pings)
		return -ENOMEM;
	pings->users = 1;
	xa_init_flags(&pings->flows, XA_FLAGS_ALLOC1);
	pings->next = get_random_u16();
	err = tquic_tun_ping_socks_open(pings, tt->net);
	if (err) {
		kfree(pings);
		return err;
	}
	tt->pings = pings;
	return 0;
}

/**
 * tquic_tun_pings_put - a server's flows have ended
 * @tt: namespace; its lock is held
 */
void tquic_tun_pings_put(struct tquic_tun_net *tt)
{
	struct tquic_tun_pings *pings = tt->pings;

	lockdep_assert_held(&tt->lock);
	if (--pings->users)
		return;
	tt->pings = NULL;
	tquic_tun_ping_socks_close(pings);
	xa_destroy(&pings->flows);
	kfree(pings);
}

/* An identifier for a flow: 0 or -errno. */
static int tquic_ping_bind(struct tquic_tun_flow *flow)
{
	struct tquic_tun_pings *pings = flow->tunnel->tt->pings;
	struct tquic_tun_link *link = flow->link;
	u32 id;
	int err;

	if (flow->out_port)
		return 0;
	if (link->pings >= TQUIC_TUN_PINGS)
		return -ENOSPC;
	/* who finds it is told by the address, too */
	err = xa_alloc_cyclic(&pings->flows, &id, tquic_tun_flow_get(flow),
			      XA_LIMIT(1, U16_MAX), &pings->next, GFP_KERNEL);
	if (err < 0) {
		tquic_tun_flow_put(flow);
		return err;
	}
	link->pings++;
	WRITE_ONCE(flow->out_port, id);
	return 0;
}

/**
 * tquic_tun_ping_release - a flow ends
 * @flow: server's; it need not have an identifier
 *
 * To be called once.  Context: the link's work, or after it.
 */
void tquic_tun_ping_release(struct tquic_tun_flow *flow)
{
	if (!flow->out_port)
		return;
	xa_erase(&flow->tunnel->tt->pings->flows, flow->out_port);
	flow->link->pings--;
	tquic_tun_flow_put(flow);
}

/**
 * tquic_tun_ping_send - an echo request of a client's goes out
 * @flow: flow
 * @pkt: payload
 * @skip: where it begins
 *
 * Context: the link's work, no lock is held.
 */
void tquic_tun_ping_send(struct tquic_tun_flow *flow,
			 const struct tquic_dflow_pkt *pkt, u32 skip)
{
	struct tquic_tun_link *link = flow->link;
	u32 len = pkt->len - skip;
	int err;

	if (tquic_ping_bind(flow)) {
		TQUIC_TUN_INC(flow->tunnel, TUN_NO_PORT);
		tquic_tun_udp_end(flow, true);
		return;
	}
	if (!tquic_tun_nat_police(link, &link->ping,
				  max_t(u32, len, TQUIC_TUN_PING_LEAST)) ||
	    !tquic_tun_nat_police(link, &link->up, len))
		return;
	err = tquic_tun_ping_sock_send(flow->tunnel->tt->pings, flow, pkt,
				       skip);
	if (err)
		tquic_tun_nat_failed(flow, err);
}

static struct tquic_tun_flow *
tquic_ping_find(struct tquic_tun_pings *pings, u8 family,
		const struct tquic_tun_ping_got *got)
{
	struct tquic_tun_flow *flow = xa_load(&pings->flows, ntohs(got->id));

	if (!flow || flow->key.family != family ||
	    memcmp(&flow->key.daddr, &got->peer, sizeof(got->peer)))
		return NULL;
	return tquic_tun_udp_get(flow);
}

void tquic_tun_ping_arrived(struct tquic_tun_pings *pings, struct sk_buff *skb,
			    u8 family, const struct tquic_tun_ping_got *got)
{
	struct tquic_tun_flow *flow;

	rcu_read_lock();
	flow = tquic_ping_find(pings, family, got);
	rcu_read_unlock();
	if (!flow)
		goto drop;
	if (!got->reply) {
		tquic_tun_udp_give_icmp(flow, got->type, got->code, got->mtu);
		goto put;
	}
	if (!tquic_tun_nat_police(flow->link, &flow->link->down, skb->len) ||
	    !pskb_pull(skb, got->off))
		goto put;
	tquic_tun_udp_strip(skb);
	tquic_tun_udp_give(flow->link, flow, skb, TQUIC_DEST_DATA);
	return;

put:
	tquic_tun_flow_put(flow);
drop:
	kfree_skb(skb);
}
