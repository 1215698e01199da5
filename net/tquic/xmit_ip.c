// SPDX-License-Identifier: GPL-2.0
/*
 * UDP and IP headers, and routes.
 *
 * Built here rather than by the helpers for tunnels, which keep to themselves
 * whether the local queue discipline has dropped the packet.
 */
#include <linux/err.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/addrconf.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/sock.h>
#include <net/udp.h>

#include "udp.h"
#include "xmit.h"

static __be32 tquic_xmit_addr4(const u8 *addr)
{
	__be32 a;

	memcpy(&a, addr + 12, sizeof(a));
	return a;
}

/**
 * tquic_xmit_route4 - find the way of an IPv4 path
 * @net: namespace
 * @tuple: path; its local address may be 0
 * @fl4: answer: the source address is in it
 *
 * Context: process context or softirq.
 * Return: route with a reference, or ERR_PTR().
 */
struct rtable *tquic_xmit_route4(struct net *net,
				 const struct tquic_tuple *tuple,
				 struct flowi4 *fl4)
{
	*fl4 = (struct flowi4) {
		.flowi4_proto = IPPROTO_UDP,
		.flowi4_oif = tuple->dev,
		.daddr = tquic_xmit_addr4(tuple->remote),
		.saddr = tquic_xmit_addr4(tuple->local),
		.fl4_sport = htons(tuple->local_port),
		.fl4_dport = htons(tuple->remote_port),
	};
	return ip_route_output_flow(net, fl4, NULL);
}

static struct udphdr *tquic_xmit_udp(struct sk_buff *skb,
				     const struct tquic_tuple *tuple)
{
	struct udphdr *uh = __skb_push(skb, sizeof(*uh));

	skb_reset_transport_header(skb);
	uh->source = htons(tuple->local_port);
	uh->dest = htons(tuple->remote_port);
	uh->len = htons(skb->len);
	uh->check = 0;
	if (skb_is_gso(skb)) {
		/* the sum of the pseudo header is set for a train as a whole;
		 * each packet is summed up where the train is cut
		 */
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb->csum_start = skb_transport_header(skb) - skb->head;
		skb->csum_offset = offsetof(struct udphdr, check);
	}
	return uh;
}

/**
 * tquic_xmit_out4 - put headers in front of a UDP payload and send it
 * @skb: payload, or a train of payloads; with TQUIC_XMIT_HEADROOM, charged to
 *	a sock of the namespace; consumed
 * @rt: route; the reference is taken over
 * @saddr: source address
 * @tuple: ports and destination
 * @ecn: mark
 *
 * Never fragmented, here or on the way (RFC 9000 section 14).  As nobody puts
 * it together again, it needs no identification (RFC 6864 section 4.1).
 *
 * Context: with bottom halves disabled.
 * Return: NET_XMIT_*, or -errno.
 */
int tquic_xmit_out4(struct sk_buff *skb, struct rtable *rt, __be32 saddr,
		    const struct tquic_tuple *tuple, u8 ecn)
{
	__be32 daddr = tquic_xmit_addr4(tuple->remote);
	struct iphdr *iph;

	tquic_xmit_udp(skb, tuple);
	udp_set_csum(false, skb, saddr, daddr, skb->len);

	iph = __skb_push(skb, sizeof(*iph));
	skb_reset_network_header(skb);
	*iph = (struct iphdr) {
		.version = 4,
		.ihl = sizeof(*iph) / 4,
		.tos = ecn,
		.frag_off = htons(IP_DF),
		.ttl = ip4_dst_hoplimit(&rt->dst),
		.protocol = IPPROTO_UDP,
		.saddr = saddr,
		.daddr = daddr,
	};
	skb->protocol = htons(ETH_P_IP);
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	skb_dst_set(skb, &rt->dst);
	return ip_local_out(sock_net(skb->sk), skb->sk, skb);
}

#if IS_ENABLED(CONFIG_IPV6)
/**
 * tquic_xmit_route6 - find the way of an IPv6 path
 * @net: namespace
 * @tuple: path; its local address may be 0
 * @fl6: answer: the source address is in it
 *
 * Context: process context or softirq.
 * Return: route with a reference, or ERR_PTR().
 */
struct dst_entry *tquic_xmit_route6(struct net *net,
				    const struct tquic_tuple *tuple,
				    struct flowi6 *fl6)
{
	*fl6 = (struct flowi6) {
		.flowi6_proto = IPPROTO_UDP,
		.flowi6_oif = tuple->dev,
		.fl6_sport = htons(tuple->local_port),
		.fl6_dport = htons(tuple->remote_port),
	};
	memcpy(&fl6->daddr, tuple->remote, sizeof(fl6->daddr));
	memcpy(&fl6->saddr, tuple->local, sizeof(fl6->saddr));
	return ip6_dst_lookup_flow(net, NULL, fl6, NULL);
}

/**
 * tquic_xmit_out6 - as tquic_xmit_out4(), for IPv6
 * @skb: payload; consumed
 * @dst: route; the reference is taken over
 * @saddr: source address
 * @tuple: ports and destination
 * @ecn: mark
 * @label: flow label
 *
 * Context: with bottom halves disabled.
 * Return: NET_XMIT_*, or -errno.
 */
int tquic_xmit_out6(struct sk_buff *skb, struct dst_entry *dst,
		    const struct in6_addr *saddr,
		    const struct tquic_tuple *tuple, u8 ecn, __be32 label)
{
	struct in6_addr daddr;
	struct ipv6hdr *ip6h;

	memcpy(&daddr, tuple->remote, sizeof(daddr));
	tquic_xmit_udp(skb, tuple);
	udp6_set_csum(false, skb, saddr, &daddr, skb->len);

	ip6h = __skb_push(skb, sizeof(*ip6h));
	skb_reset_network_header(skb);
	ip6_flow_hdr(ip6h, ecn, label);
	ip6h->payload_len = 0;
	ip6h->nexthdr = IPPROTO_UDP;
	ip6h->hop_limit = ip6_dst_hoplimit(dst);
	ip6h->saddr = *saddr;
	ip6h->daddr = daddr;
	skb->protocol = htons(ETH_P_IPV6);
	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	skb_dst_set(skb, dst);
	return ip6_local_out(sock_net(skb->sk), skb->sk, skb);
}
#else
struct dst_entry *tquic_xmit_route6(struct net *net,
				    const struct tquic_tuple *tuple,
				    struct flowi6 *fl6)
{
	return ERR_PTR(-EAFNOSUPPORT);
}

int tquic_xmit_out6(struct sk_buff *skb, struct dst_entry *dst,
		    const struct in6_addr *saddr,
		    const struct tquic_tuple *tuple, u8 ecn, __be32 label)
{
	/* there is no route that could lead here */
	dst_release(dst);
	kfree_skb(skb);
	return -EAFNOSUPPORT;
}
#endif

static int tquic_xmit_plain_skb(struct net *net, struct sk_buff *skb,
				const struct tquic_tuple *tuple)
{
	struct dst_entry *dst;
	struct flowi4 fl4;
	struct flowi6 fl6;
	struct rtable *rt;

	if (tquic_tuple_is_ipv4(tuple)) {
		rt = tquic_xmit_route4(net, tuple, &fl4);
		if (!IS_ERR(rt))
			return tquic_xmit_out4(skb, rt, fl4.saddr, tuple, 0);
		kfree_skb(skb);
		return PTR_ERR(rt);
	}
	dst = tquic_xmit_route6(net, tuple, &fl6);
	if (!IS_ERR(dst))
		return tquic_xmit_out6(skb, dst, &fl6.saddr, tuple, 0, 0);
	kfree_skb(skb);
	return PTR_ERR(dst);
}

/**
 * tquic_xmit_plain - send a datagram of no connection
 * @udp: socket that the question came in by
 * @tuple: its addresses, from our side
 * @data: UDP payload
 * @len: bytes of it
 *
 * Context: process context or softirq.
 * Return: 0 or -errno.
 */
int tquic_xmit_plain(struct tquic_udp *udp, const struct tquic_tuple *tuple,
		     const void *data, unsigned int len)
{
	struct sk_buff *skb;
	int err;

	skb = alloc_skb(TQUIC_XMIT_HEADROOM + len, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return -ENOMEM;
	skb_reserve(skb, TQUIC_XMIT_HEADROOM);
	skb_put_data(skb, data, len);
	/* bounds what a flood of questions can put into the local queue */
	skb_set_owner_w(skb, udp->sock->sk);
	local_bh_disable();
	err = tquic_xmit_plain_skb(udp->net, skb, tuple);
	local_bh_enable();
	return net_xmit_errno(err);
}

static u32 tquic_xmit_mtu(const struct dst_entry *dst)
{
	u32 mtu = READ_ONCE(dst_dev(dst)->mtu);
	u32 metric = dst_metric_raw(dst, RTAX_MTU);

	return metric ? min(mtu, metric) : mtu;
}

/**
 * tquic_xmit_route - the source address that a route has
 * @net: namespace
 * @tuple: destination, device, and local address, which is set if it is 0
 * @mtu: answer: of the device, or less if the route says so
 *
 * Context: process context or softirq.
 * Return: 0, or -errno when there is no route.
 */
int tquic_xmit_route(struct net *net, struct tquic_tuple *tuple, u32 *mtu)
{
	struct dst_entry *dst;
	struct flowi4 fl4;
	struct flowi6 fl6;
	struct rtable *rt;

	if (tquic_tuple_is_ipv4(tuple)) {
		rt = tquic_xmit_route4(net, tuple, &fl4);
		if (IS_ERR(rt))
			return PTR_ERR(rt);
		dst = &rt->dst;
		memcpy(tuple->local, tuple->remote, 12);
		memcpy(tuple->local + 12, &fl4.saddr, sizeof(fl4.saddr));
	} else {
		dst = tquic_xmit_route6(net, tuple, &fl6);
		if (IS_ERR(dst))
			return PTR_ERR(dst);
		memcpy(tuple->local, &fl6.saddr, sizeof(fl6.saddr));
	}
	*mtu = tquic_xmit_mtu(dst);
	dst_release(dst);
	return 0;
}
