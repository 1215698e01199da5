// SPDX-License-Identifier: GPL-2.0
/*
 * Gateway: datagrams to LAN hosts, or to this host's own sockets, from whom
 * they talk to.
 *
 * The packet belongs to the tunnel's transparent socket: by that the firewall's
 * output hook knows it as an answer.  It passes the namespace's routing and its
 * output chains like anything that this host sends, and conntrack takes it for
 * the reply that it is.  One that is too long for the LAN is fragmented.
 */
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/addrconf.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/udp.h>

#include "tunnel_udp.h"

#define TQUIC_EMIT_TTL		64
#define TQUIC_EMIT_HEADROOM	(MAX_HEADER + sizeof(struct ipv6hdr) + \
				 sizeof(struct udphdr))

static bool tquic_emit_allows4(struct net *net, const struct tquic_nf_flow *key)
{
	__be32 src = key->daddr.ip;

	return inet_addr_type(net, key->saddr.ip) == RTN_UNICAST &&
	       !ipv4_is_loopback(key->saddr.ip) &&
	       !ipv4_is_loopback(src) && !ipv4_is_multicast(src) &&
	       !ipv4_is_lbcast(src) && !ipv4_is_zeronet(src);
}

static bool tquic_emit_allows6(struct net *net, const struct tquic_nf_flow *key)
{
#if IS_ENABLED(CONFIG_IPV6)
	const int odd = IPV6_ADDR_LOOPBACK | IPV6_ADDR_LINKLOCAL;
	int src = ipv6_addr_type(&key->daddr.in6);
	int dst = ipv6_addr_type(&key->saddr.in6);

	return src & IPV6_ADDR_UNICAST && !(src & odd) &&
	       dst & IPV6_ADDR_UNICAST && !(dst & odd) &&
	       !ipv6_chk_addr(net, &key->saddr.in6, NULL, 0);
#else
	return false;
#endif
}

/**
 * tquic_tun_emit_allowed - may the server open a flow
 * @net: namespace
 * @key: addresses, as the LAN host sees them
 *
 * It may reach hosts behind this one: those have sent something from there, or
 * it forwards a port.  Not this host itself.
 *
 * Return: whether it may.
 */
bool tquic_tun_emit_allowed(struct net *net, const struct tquic_nf_flow *key)
{
	return key->family == NFPROTO_IPV4 ? tquic_emit_allows4(net, key) :
					     tquic_emit_allows6(net, key);
}

/* Owned by the transparent socket; NULL without memory, or that socket. */
static struct sk_buff *tquic_emit_skb(const struct tquic_tun_flow *flow,
				      u32 len)
{
	struct tquic_tun_net *tt = tquic_tun_net(flow->tunnel->net);
	struct sk_buff *skb;
	struct sock *sk;

	skb = alloc_skb(TQUIC_EMIT_HEADROOM + len, GFP_KERNEL | __GFP_NOWARN);
	if (!skb)
		return NULL;
	skb_reserve(skb, TQUIC_EMIT_HEADROOM);
	rcu_read_lock();
	sk = rcu_dereference(tt->sks[flow->key.family == NFPROTO_IPV4 ?
				     TQUIC_TUN_UDP4 : TQUIC_TUN_UDP6]);
	if (sk)
		skb_set_owner_w(skb, sk);
	rcu_read_unlock();
	if (sk)
		return skb;
	kfree_skb(skb);
	return NULL;
}

static void tquic_emit_udp(struct sk_buff *skb, const struct tquic_nf_flow *key)
{
	struct udphdr *uh = __skb_push(skb, sizeof(*uh));

	skb_reset_transport_header(skb);
	uh->source = key->dport;
	uh->dest = key->sport;
	uh->len = htons(skb->len);
	uh->check = 0;
	if (key->family == NFPROTO_IPV4)
		udp_set_csum(false, skb, key->daddr.ip, key->saddr.ip,
			     skb->len);
	else
		udp6_set_csum(false, skb, &key->daddr.in6, &key->saddr.in6,
			      skb->len);
}

static void tquic_emit_head(struct sk_buff *skb,
			    const struct tquic_nf_flow *key)
{
	if (tquic_nf_flow_is_ping(key))
		tquic_tun_ping_head(skb, key);
	else
		tquic_emit_udp(skb, key);
}

/* With bottom halves disabled. */
static int tquic_emit_out4(struct tquic_tun_flow *flow, struct sk_buff *skb)
{
	const struct tquic_nf_flow *key = &flow->key;
	struct net *net = flow->tunnel->net;
	struct flowi4 fl4 = {
		.flowi4_proto = key->protocol,
		.flowi4_flags = FLOWI_FLAG_ANYSRC,
		.saddr = key->daddr.ip,
		.daddr = key->saddr.ip,
		.fl4_sport = key->dport,
		.fl4_dport = key->sport,
	};
	struct rtable *rt;
	struct iphdr *iph;

	rt = ip_route_output_flow(net, &fl4, NULL);
	if (IS_ERR(rt)) {
		kfree_skb(skb);
		return PTR_ERR(rt);
	}
	tquic_emit_head(skb, key);
	iph = __skb_push(skb, sizeof(*iph));
	skb_reset_network_header(skb);
	*iph = (struct iphdr) {
		.version = 4,
		.ihl = sizeof(*iph) / 4,
		.tos = flow->dscp << 2,
		.ttl = TQUIC_EMIT_TTL,
		.protocol = key->protocol,
		.saddr = fl4.saddr,
		.daddr = fl4.daddr,
	};
	/* it may be fragmented */
	__ip_select_ident(net, iph, 1);
	skb->protocol = htons(ETH_P_IP);
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	skb_dst_set(skb, &rt->dst);
	return ip_local_out(net, skb->sk, skb);
}

#if IS_ENABLED(CONFIG_IPV6)
static int tquic_emit_out6(struct tquic_tun_flow *flow, struct sk_buff *skb)
{
	const struct tquic_nf_flow *key = &flow->key;
	struct net *net = flow->tunnel->net;
	struct flowi6 fl6 = {
		.flowi6_proto = key->protocol,
		.flowi6_flags = FLOWI_FLAG_ANYSRC,
		.saddr = key->daddr.in6,
		.daddr = key->saddr.in6,
		.fl6_sport = key->dport,
		.fl6_dport = key->sport,
	};
	struct dst_entry *dst;
	struct ipv6hdr *ip6h;

	dst = ip6_dst_lookup_flow(net, NULL, &fl6, NULL);
	if (IS_ERR(dst)) {
		kfree_skb(skb);
		return PTR_ERR(dst);
	}
	tquic_emit_head(skb, key);
	ip6h = __skb_push(skb, sizeof(*ip6h));
	skb_reset_network_header(skb);
	ip6_flow_hdr(ip6h, flow->dscp << 2, 0);
	ip6h->payload_len = 0;
	ip6h->nexthdr = key->protocol;
	ip6h->hop_limit = TQUIC_EMIT_TTL;
	ip6h->saddr = fl6.saddr;
	ip6h->daddr = fl6.daddr;
	skb->protocol = htons(ETH_P_IPV6);
	/* whoever sends may fragment, which is this host */
	skb->ignore_df = 1;
	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	skb_dst_set(skb, dst);
	return ip6_local_out(net, skb->sk, skb);
}
#else
static int tquic_emit_out6(struct tquic_tun_flow *flow, struct sk_buff *skb)
{
	kfree_skb(skb);
	return -EAFNOSUPPORT;
}
#endif

/**
 * tquic_tun_emit - a payload of the peer goes to its LAN host
 * @flow: flow
 * @pkt: payload
 * @skip: where it begins
 *
 * Context: process.
 */
void tquic_tun_emit(struct tquic_tun_flow *flow,
		    const struct tquic_dflow_pkt *pkt, u32 skip)
{
	bool v4 = flow->key.family == NFPROTO_IPV4;
	u32 len = pkt->len - skip;
	struct sk_buff *skb;
	int err = -EMSGSIZE;

	if (len <= TQUIC_TUN_UDP_MAX - (v4 ? sizeof(struct iphdr) : 0)) {
		skb = tquic_emit_skb(flow, len);
		err = skb ? tquic_tun_udp_copy(pkt, skip, skb_put(skb, len)) :
			    -ENOBUFS;
		if (err) {
			kfree_skb(skb);
		} else {
			local_bh_disable();
			err = v4 ? tquic_emit_out4(flow, skb) :
				   tquic_emit_out6(flow, skb);
			local_bh_enable();
			err = net_xmit_eval(err);
		}
	}
	if (err)
		TQUIC_TUN_INC(flow->tunnel, TUN_EMIT_FAILED);
}
