// SPDX-License-Identifier: GPL-2.0
/*
 * Gateway: ICMP errors to LAN hosts about what became of their datagrams.
 *
 * This host says so as a router on the way would, quoting the beginning of what
 * was sent; so the stack limits the rate, and picks the source.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/icmp.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "tunnel_udp.h"

static void tquic_icmp_quote_udp(struct udphdr *uh,
				 const struct tquic_nf_flow *key)
{
	uh->source = key->sport;
	uh->dest = key->dport;
	uh->len = htons(sizeof(*uh));
}

/* By the identifier it is known whose it was. */
static void tquic_icmp_quote_ping(struct icmphdr *ih,
				  const struct tquic_nf_flow *key)
{
	ih->type = ntohs(key->dport) >> 8;
	ih->un.echo.id = key->sport;
}

static_assert(sizeof(struct udphdr) == sizeof(struct icmphdr));

/* The headers of a datagram of the flow's, without payload. */
static struct sk_buff *tquic_icmp_quote(const struct tquic_nf_flow *key)
{
	struct sk_buff *skb;
	void *head;

	skb = alloc_skb(MAX_HEADER + sizeof(struct ipv6hdr) +
			sizeof(struct udphdr),
			GFP_KERNEL | __GFP_NOWARN);
	if (!skb)
		return NULL;
	skb_reserve(skb, MAX_HEADER + sizeof(struct ipv6hdr));
	skb_reset_transport_header(skb);
	head = skb_put_zero(skb, sizeof(struct udphdr));
	if (tquic_nf_flow_is_ping(key))
		tquic_icmp_quote_ping(head, key);
	else
		tquic_icmp_quote_udp(head, key);
	return skb;
}

/*
 * The stack takes the destination of what is quoted for its own when the route
 * is a local one, as it is back to this host's own sockets.
 */
static struct rtable *tquic_icmp_route4(struct net *net,
					const struct tquic_nf_flow *key)
{
	struct flowi4 fl4 = { .daddr = key->saddr.ip };
	struct rtable *rt;

	rt = ip_route_output_flow(net, &fl4, NULL);
	if (IS_ERR(rt) || !(rt->rt_flags & RTCF_LOCAL))
		return rt;
	ip_rt_put(rt);
	fl4 = (struct flowi4){ .daddr = key->daddr.ip };
	return ip_route_output_flow(net, &fl4, NULL);
}

static void tquic_icmp_send4(struct net *net, const struct tquic_nf_flow *key,
			     struct sk_buff *skb, u8 type, u8 code, u16 mtu)
{
	struct rtable *rt = tquic_icmp_route4(net, key);
	struct iphdr *iph;

	if (IS_ERR(rt))
		return;
	iph = __skb_push(skb, sizeof(*iph));
	skb_reset_network_header(skb);
	*iph = (struct iphdr) {
		.version = 4,
		.ihl = sizeof(*iph) / 4,
		.tot_len = htons(skb->len),
		.ttl = 1,
		.protocol = key->protocol,
		.saddr = key->saddr.ip,
		.daddr = key->daddr.ip,
	};
	ip_send_check(iph);
	skb->protocol = htons(ETH_P_IP);
	skb->dev = dst_dev(&rt->dst);
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	skb_dst_set(skb, &rt->dst);
	icmp_send(skb, type, code, htonl(mtu));
}

#if IS_ENABLED(CONFIG_IPV6)
static void tquic_icmp_send6(struct net *net, const struct tquic_nf_flow *key,
			     struct sk_buff *skb, u8 type, u8 code, u16 mtu)
{
	struct flowi6 fl6 = { .daddr = key->saddr.in6 };
	struct dst_entry *dst;
	struct ipv6hdr *ip6h;

	dst = ip6_dst_lookup_flow(net, NULL, &fl6, NULL);
	if (IS_ERR(dst))
		return;
	ip6h = __skb_push(skb, sizeof(*ip6h));
	skb_reset_network_header(skb);
	ip6_flow_hdr(ip6h, 0, 0);
	ip6h->payload_len = htons(sizeof(struct udphdr));
	ip6h->nexthdr = key->protocol;
	ip6h->hop_limit = 1;
	ip6h->saddr = key->saddr.in6;
	ip6h->daddr = key->daddr.in6;
	skb->protocol = htons(ETH_P_IPV6);
	skb->dev = dst_dev(dst);
	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	skb_dst_set(skb, dst);
	icmpv6_send(skb, type, code, mtu);
}
#else
static void tquic_icmp_send6(struct net *net, const struct tquic_nf_flow *key,
			     struct sk_buff *skb, u8 type, u8 code, u16 mtu)
{
}
#endif

/* Errors, and nothing that would change a host's routes. */
static bool tquic_icmp_known(bool v4, u8 type, u8 code)
{
	if (v4)
		return (type == ICMP_DEST_UNREACH && code <= NR_ICMP_UNREACH) ||
		       type == ICMP_TIME_EXCEEDED;
	return type == ICMPV6_DEST_UNREACH || type == ICMPV6_PKT_TOOBIG ||
	       type == ICMPV6_TIME_EXCEED;
}

/**
 * tquic_tun_emit_icmp - tell a LAN host what became of a datagram
 * @flow: flow
 * @type: ICMP type of the flow's family
 * @code: ICMP code
 * @mtu: with the type or code that has one
 *
 * Context: process.
 */
void tquic_tun_emit_icmp(struct tquic_tun_flow *flow, u8 type, u8 code,
			 u16 mtu)
{
	bool v4 = flow->key.family == NFPROTO_IPV4;
	struct net *net = flow->tunnel->net;
	struct sk_buff *skb;

	if (!tquic_icmp_known(v4, type, code)) {
		TQUIC_TUN_INC(flow->tunnel, TUN_MALFORMED);
		return;
	}
	skb = tquic_icmp_quote(&flow->key);
	if (!skb)
		return;
	local_bh_disable();
	if (v4)
		tquic_icmp_send4(net, &flow->key, skb, type, code, mtu);
	else
		tquic_icmp_send6(net, &flow->key, skb, type, code, mtu);
	local_bh_enable();
	consume_skb(skb);
}
