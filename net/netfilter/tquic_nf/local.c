// SPDX-License-Identifier: GPL-2.0
/*
 * Routes to this host for packets that are addressed to another.
 *
 * A packet that has a route before the routing decision keeps it, so captured
 * packets need neither a mark nor a rule nor a local route of the
 * administrator's.
 */
#include <linux/inetdevice.h>
#include <net/addrconf.h>
#include <net/dst_metadata.h>
#include <net/ip6_route.h>
#include <net/netfilter/nf_tproxy.h>
#include <net/route.h>

#include "local.h"

/*
 * Delivery of a list takes the route of one packet as a hint for the next one
 * with the same destination, which may not be captured.  Packets whose route
 * depends on more than the destination are marked so, and give no hint.
 */
static void tquic_nf_local_no_hint(struct sk_buff *skb, u8 family)
{
	if (family == NFPROTO_IPV4)
		IPCB(skb)->flags |= IPSKB_MULTIPATH;
	else
		IP6CB(skb)->flags |= IP6SKB_MULTIPATH;
}

static bool tquic_nf_local_spares4(struct net *net, __be32 daddr)
{
	return ipv4_is_multicast(daddr) || ipv4_is_lbcast(daddr) ||
	       ipv4_is_zeronet(daddr) || ipv4_is_loopback(daddr) ||
	       ipv4_is_linklocal_169(daddr) ||
	       inet_addr_type(net, daddr) != RTN_UNICAST;
}

static bool tquic_nf_local_spares6(struct net *net,
				   const struct in6_addr *daddr)
{
	int type = ipv6_addr_type(daddr);

	return !(type & IPV6_ADDR_UNICAST) || type & IPV6_ADDR_LOOPBACK ||
	       type & IPV6_ADDR_LINKLOCAL ||
	       ipv6_chk_addr(net, daddr, NULL, 0);
}

/**
 * tquic_nf_local_spares - whether a destination is never captured
 * @net: namespace
 * @flow: addresses of the packet
 *
 * What is local to the host or to a link stays: a rule for everything must not
 * lock the administrator out.
 *
 * Return: true if so.
 */
bool tquic_nf_local_spares(struct net *net, const struct tquic_nf_flow *flow)
{
	if (flow->family == NFPROTO_IPV4)
		return tquic_nf_local_spares4(net, flow->daddr.ip);
	return tquic_nf_local_spares6(net, &flow->daddr.in6);
}

/* The route of a packet to an address of its device, sources checked. */
static bool tquic_nf_local_input4(struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	__be32 laddr = nf_tproxy_laddr4(skb, 0, iph->daddr);

	if (laddr == iph->daddr)
		return false;
	if (ip_route_input_noref(skb, laddr, iph->saddr, ip4h_dscp(iph),
				 skb->dev))
		return false;
	if (skb_rtable(skb)->rt_type == RTN_LOCAL)
		return skb_dst_force(skb);
	skb_dst_drop(skb);
	return false;
}

static bool tquic_nf_local_input6(struct net *net, struct sk_buff *skb)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);
	struct in6_addr any = {};
	struct flowi6 fl6 = {
		.flowi6_iif = skb->dev->ifindex,
		.daddr = *nf_tproxy_laddr6(skb, &any, &ip6h->daddr),
		.saddr = ip6h->saddr,
		.flowi6_proto = ip6h->nexthdr,
		.flowi6_mark = skb->mark,
	};
	struct dst_entry *dst;

	if (ipv6_addr_equal(&fl6.daddr, &ip6h->daddr))
		return false;
	dst = ip6_route_input_lookup(net, skb->dev, &fl6, skb,
				     RT6_LOOKUP_F_HAS_SADDR);
	if (dst->error || !(dst_rt6_info(dst)->rt6i_flags & RTF_LOCAL)) {
		dst_release(dst);
		return false;
	}
	skb_dst_set(skb, dst);
	return true;
}

/**
 * tquic_nf_local_input - let a packet that came in be delivered here
 * @pkt: packet, before the routing decision
 *
 * Return: false when there is no such route, because the device has no address
 * or the source is not allowed there; the packet is as before.
 */
bool tquic_nf_local_input(const struct nft_pktinfo *pkt)
{
	struct sk_buff *skb = pkt->skb;

	skb_dst_drop(skb);
	if (nft_pf(pkt) == NFPROTO_IPV4) {
		if (!tquic_nf_local_input4(skb))
			return false;
	} else if (!tquic_nf_local_input6(nft_net(pkt), skb)) {
		return false;
	}
	tquic_nf_local_no_hint(skb, nft_pf(pkt));
	return true;
}

static struct dst_entry *tquic_nf_local_loop4(struct net *net)
{
	struct flowi4 fl4 = {
		.flowi4_oif = net->loopback_dev->ifindex,
		.daddr = htonl(INADDR_LOOPBACK),
		.saddr = htonl(INADDR_LOOPBACK),
	};
	struct rtable *rt = ip_route_output_key(net, &fl4);

	if (IS_ERR(rt))
		return NULL;
	return &rt->dst;
}

static struct dst_entry *tquic_nf_local_loop6(struct net *net)
{
	struct flowi6 fl6 = {
		.flowi6_oif = net->loopback_dev->ifindex,
		.daddr = in6addr_loopback,
		.saddr = in6addr_loopback,
	};
	struct dst_entry *dst = ip6_route_output(net, NULL, &fl6);

	if (dst->error) {
		dst_release(dst);
		return NULL;
	}
	return dst;
}

/**
 * tquic_nf_local_loop - let a packet of this host come back to it
 * @pkt: packet on its way out
 *
 * The loopback device keeps the route, which delivers the packet when it is
 * received there.
 *
 * Return: false when there is no such route; the packet is as before.
 */
bool tquic_nf_local_loop(const struct nft_pktinfo *pkt)
{
	struct net *net = nft_net(pkt);
	struct dst_entry *dst;

	if (nft_pf(pkt) == NFPROTO_IPV4)
		dst = tquic_nf_local_loop4(net);
	else
		dst = tquic_nf_local_loop6(net);
	if (!dst)
		return false;
	skb_dst_drop(pkt->skb);
	skb_dst_set(pkt->skb, dst);
	return true;
}
