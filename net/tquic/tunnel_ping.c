// SPDX-License-Identifier: GPL-2.0
/* Gateway: echo requests of LAN hosts, and the answers. */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/ip6_checksum.h>

#include "tunnel_ping.h"

/**
 * tquic_tun_ping_captured - an echo request of a LAN host, or of this host
 * @net: namespace
 * @key: its flow, which was claimed
 * @skb: packet, at its IP header; consumed
 * @thoff: where ICMP begins
 *
 * Context: packet path, under RCU; the checksum is right.
 */
void tquic_tun_ping_captured(struct net *net, const struct tquic_nf_flow *key,
			     struct sk_buff *skb, unsigned int thoff)
{
	struct tquic_tun_net *tt = tquic_tun_net(net);
	struct tquic_tun_flow *flow;

	flow = tquic_tun_udp_get(tquic_tun_flow_find(tt, key));
	if (!flow) {
		TQUIC_MIB_INC(tquic_net(net), TUN_NO_FLOW);
		kfree_skb(skb);
		return;
	}
	if (!tquic_tun_udp_attach(flow, skb) ||
	    !pskb_pull(skb, thoff + TQUIC_TUN_PING_HEAD)) {
		tquic_tun_flow_put(flow);
		kfree_skb(skb);
		return;
	}
	tquic_tun_udp_strip(skb);
	tquic_tun_udp_give(flow->link, flow, skb, TQUIC_DEST_DATA);
}

/**
 * tquic_tun_ping_head - make an answer of a payload
 * @skb: payload of the peer's; all of it is in the linear part
 * @key: flow
 */
void tquic_tun_ping_head(struct sk_buff *skb, const struct tquic_nf_flow *key)
{
	u8 *p = __skb_push(skb, TQUIC_TUN_PING_HEAD);
	__sum16 sum;

	skb_reset_transport_header(skb);
	memset(p, 0, TQUIC_TUN_PING_HEAD);
	memcpy(p + 4, &key->sport, sizeof(key->sport));
	if (key->protocol == IPPROTO_ICMP) {
		p[0] = ICMP_ECHOREPLY;
		sum = csum_fold(csum_partial(p, skb->len, 0));
	} else {
		p[0] = ICMPV6_ECHO_REPLY;
		sum = csum_ipv6_magic(&key->daddr.in6, &key->saddr.in6,
				      skb->len, IPPROTO_ICMPV6,
				      csum_partial(p, skb->len, 0));
	}
	memcpy(p + 2, &sum, sizeof(sum));
}
