// SPDX-License-Identifier: GPL-2.0
/*
 * Mappings of a server: what goes through them.
 *
 * Hairpins: a datagram from behind a client to one of the client's own mappings
 * is handed over here, as from the sender's mapping (RFC 4787 section 6).  It
 * does not pass the host's stack, whose rules for what comes from outside have
 * no say in it, and clients cannot reach each other's mappings in this way:
 * to them these are ports of the server, where they may not go.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/inetdevice.h>
#include <net/addrconf.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "tunnel_nat.h"

/* Takes @len bytes, or says that they are too many now. */
bool tquic_tun_nat_police(struct tquic_tun_link *link,
			  struct tquic_tun_bucket *bucket, u32 len)
{
	bool ok = tquic_tun_shape_police(link, bucket, len);

	if (!ok)
		TQUIC_TUN_INC(link->tunnel, TUN_POLICED);
	return ok;
}

/**
 * tquic_tun_nat_arrived - somebody has sent something to a mapping
 * @nat: mapping
 * @skb: payload; consumed
 * @addr: sender
 * @port: its port
 * @dscp: of the packet
 *
 * Context: any, under RCU.
 */
void tquic_tun_nat_arrived(struct tquic_tun_nat *nat, struct sk_buff *skb,
			   const union nf_inet_addr *addr, __be16 port, u8 dscp)
{
	struct tquic_tun_link *link = nat->link;
	struct tquic_tun_flow *flow;

	if (!tquic_tun_nat_police(link, &link->down, skb->len)) {
		kfree_skb(skb);
		return;
	}
	flow = tquic_tun_nat_flow(nat, addr, port, dscp);
	if (!flow) {
		TQUIC_TUN_INC(link->tunnel, TUN_NO_ROOM);
		kfree_skb(skb);
		return;
	}
	tquic_tun_udp_give(link, flow, skb, TQUIC_DEST_DATA);
}

static bool tquic_nat_is_local(struct net *net, const struct tquic_nf_flow *key)
{
	if (key->family == NFPROTO_IPV4)
		return !ipv4_is_loopback(key->daddr.ip) &&
		       inet_addr_type(net, key->daddr.ip) == RTN_LOCAL;
#if IS_ENABLED(CONFIG_IPV6)
	return !ipv6_addr_loopback(&key->daddr.in6) &&
	       ipv6_chk_addr(net, &key->daddr.in6, NULL, 0);
#else
	return false;
#endif
}

/**
 * tquic_tun_nat_is_hairpin - does a flow lead to a mapping of its own client
 * @link: the client's; of a gateway, too
 * @key: addresses of the flow
 *
 * Return: whether it does.
 */
bool tquic_tun_nat_is_hairpin(struct tquic_tun_link *link,
			      const struct tquic_nf_flow *key)
{
	bool found;

	if (!link->nats || key->protocol != IPPROTO_UDP ||
	    !tquic_nat_is_local(link->tunnel->net, key))
		return false;
	rcu_read_lock();
	found = tquic_tun_nat_by_out(link, key->family, key->dport);
	rcu_read_unlock();
	return found;
}

static void tquic_nat_hairpin(struct tquic_tun_flow *flow,
			      const struct tquic_dflow_pkt *pkt, u32 skip)
{
	struct tquic_tun_link *link = flow->link;
	u32 len = pkt->len - skip;
	struct tquic_tun_nat *nat;
	struct sk_buff *skb;

	skb = alloc_skb(TQUIC_TUN_UDP_HEAD + len, GFP_KERNEL | __GFP_NOWARN);
	if (!skb) {
		TQUIC_TUN_INC(link->tunnel, TUN_NO_ROOM);
		return;
	}
	skb_reserve(skb, TQUIC_TUN_UDP_HEAD);
	if (tquic_tun_udp_copy(pkt, skip, skb_put(skb, len))) {
		kfree_skb(skb);
		return;
	}
	rcu_read_lock();
	nat = tquic_tun_nat_by_out(link, flow->key.family, flow->key.dport);
	if (nat) {
		tquic_tun_nat_arrived(nat, skb, &flow->key.daddr,
				      flow->nat->out.port, flow->dscp);
	} else {
		/* the mapping went */
		TQUIC_TUN_INC(link->tunnel, TUN_NO_FLOW);
		kfree_skb(skb);
	}
	rcu_read_unlock();
}

/* What routing says is told to the LAN host as a router would. */
void tquic_tun_nat_failed(struct tquic_tun_flow *flow, int err)
{
	TQUIC_TUN_INC(flow->tunnel, TUN_SEND_FAILED);
	if (err != -ENETUNREACH && err != -EHOSTUNREACH)
		return;
	if (flow->key.family == NFPROTO_IPV4)
		tquic_tun_udp_give_icmp(flow, ICMP_DEST_UNREACH,
					ICMP_NET_UNREACH, 0);
	else
		tquic_tun_udp_give_icmp(flow, ICMPV6_DEST_UNREACH,
					ICMPV6_NOROUTE, 0);
}

/**
 * tquic_tun_nat_send - a client's payload goes out
 * @flow: flow with a mapping
 * @pkt: payload
 * @skip: where it begins
 *
 * Context: process.
 */
void tquic_tun_nat_send(struct tquic_tun_flow *flow,
			const struct tquic_dflow_pkt *pkt, u32 skip)
{
	struct tquic_tun_link *link = flow->link;
	int err;

	if (!tquic_tun_nat_police(link, &link->up, pkt->len - skip))
		return;
	if (test_bit(TQUIC_TUN_F_HAIRPIN, &flow->flags)) {
		tquic_nat_hairpin(flow, pkt, skip);
		return;
	}
	err = tquic_tun_nat_sock_send(flow, pkt, skip);
	if (err)
		tquic_tun_nat_failed(flow, err);
}
