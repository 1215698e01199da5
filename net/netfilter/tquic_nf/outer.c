// SPDX-License-Identifier: GPL-2.0
/*
 * Outer packets: QUIC over UDP.  Of a connection that ends on this host the
 * engine knows everything.  Of one that passes by, an observer can know what
 * all versions have in common (RFC 8999) and the packet types of those that it
 * knows; a short header tells nothing, not even that it is QUIC.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <linux/unaligned.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "tquic_nf.h"
#include "../../tquic/core/inv.h"

#define TQUIC_NF_V1		0x00000001	/* RFC 9000 */
#define TQUIC_NF_V2		0x6b3343cf	/* RFC 9369 */
#define TQUIC_NF_CID_MAX	20		/* of both, RFC 9000 17.2 */
#define TQUIC_NF_FIXED		0x40
/* Initial's code point is the next one in version 2, RFC 9369 3.2 */
#define TQUIC_NF_V1_INITIAL	0
#define TQUIC_NF_V2_INITIAL	1
/* a client's first datagram is padded, RFC 9000 14.1 */
#define TQUIC_NF_INITIAL_MIN	1200

static bool tquic_nf_flow_ports(const struct nft_pktinfo *pkt,
				struct tquic_nf_flow *flow)
{
	struct udphdr _uh, *uh;

	uh = skb_header_pointer(pkt->skb, nft_thoff(pkt), sizeof(_uh), &_uh);
	if (!uh)
		return false;
	flow->sport = uh->source;
	flow->dport = uh->dest;
	return true;
}

/* Echo requests, and nothing else: IPv6 needs its ICMP. */
static bool tquic_nf_flow_ping(const struct nft_pktinfo *pkt,
			       struct tquic_nf_flow *flow)
{
	bool v4 = flow->protocol == IPPROTO_ICMP;
	u8 family = v4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
	struct icmphdr _ih, *ih;

	if (flow->family != family)
		return false;
	ih = skb_header_pointer(pkt->skb, nft_thoff(pkt), sizeof(_ih), &_ih);
	if (!ih || ih->code ||
	    ih->type != (v4 ? ICMP_ECHO : ICMPV6_ECHO_REQUEST))
		return false;
	flow->sport = ih->un.echo.id;
	flow->dport = htons(ih->type << 8);
	return true;
}

/**
 * tquic_nf_flow_get - addresses and ports of a packet
 * @pkt: packet
 * @flow: result
 *
 * Return: false if it is neither TCP nor UDP nor an echo request, or no first
 * fragment.
 */
bool tquic_nf_flow_get(const struct nft_pktinfo *pkt,
		       struct tquic_nf_flow *flow)
{
	const struct sk_buff *skb = pkt->skb;
	bool ok;

	if (!(pkt->flags & NFT_PKTINFO_L4PROTO) || pkt->fragoff)
		return false;
	memset(flow, 0, sizeof(*flow));
	flow->family = nft_pf(pkt);
	flow->protocol = pkt->tprot;
	switch (flow->protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
		ok = tquic_nf_flow_ports(pkt, flow);
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		ok = tquic_nf_flow_ping(pkt, flow);
		break;
	default:
		return false;
	}
	if (!ok)
		return false;
	switch (flow->family) {
	case NFPROTO_IPV4:
		flow->saddr.ip = ip_hdr(skb)->saddr;
		flow->daddr.ip = ip_hdr(skb)->daddr;
		return true;
	case NFPROTO_IPV6:
		flow->saddr.in6 = ipv6_hdr(skb)->saddr;
		flow->daddr.in6 = ipv6_hdr(skb)->daddr;
		return true;
	}
	return false;
}

static bool tquic_nf_outer_known(u32 version)
{
	return version == TQUIC_NF_V1 || version == TQUIC_NF_V2;
}

/* State of a packet with a long header. */
static u8 tquic_nf_outer_long(const struct tquic_inv *inv, u8 first,
			      unsigned int len)
{
	u8 initial = inv->version == TQUIC_NF_V2 ? TQUIC_NF_V2_INITIAL :
						   TQUIC_NF_V1_INITIAL;

	if (tquic_inv_is_vn(inv))
		return NFT_TQUIC_STATE_HANDSHAKE;
	if (!tquic_nf_outer_known(inv->version))
		return NFT_TQUIC_STATE_UNTRACKED;
	if (!(first & TQUIC_NF_FIXED) || inv->dcid_len > TQUIC_NF_CID_MAX ||
	    inv->scid_len > TQUIC_NF_CID_MAX)
		return NFT_TQUIC_STATE_INVALID;
	/*
	 * A server's Initial is answered to the connection ID that the client
	 * chose, which may be short; a client's first one is random and of 8
	 * bytes at least (RFC 9000 7.2).
	 */
	if ((first >> 4 & 3) == initial && inv->dcid_len >= 8 &&
	    len >= TQUIC_NF_INITIAL_MIN)
		return NFT_TQUIC_STATE_NEW;
	return NFT_TQUIC_STATE_HANDSHAKE;
}

/* What the packet alone tells. */
static bool tquic_nf_outer_observe(const u8 *data, unsigned int have,
				   unsigned int len, struct tquic_nf_info *info)
{
	struct tquic_inv inv;
	u32 version;

	if (!tquic_inv_parse(data, have, 0, &inv)) {
		if (have < 1 + sizeof(version))
			return false;
		/* @have suffices for the connection IDs of known versions */
		version = get_unaligned_be32(data + 1);
		info->state = NFT_TQUIC_STATE_INVALID;
		return tquic_nf_outer_known(version);
	}
	if (inv.is_long) {
		info->state = tquic_nf_outer_long(&inv, data[0], len);
		return true;
	}
	if (!(data[0] & TQUIC_NF_FIXED))
		return false;
	info->state = NFT_TQUIC_STATE_UNTRACKED;
	return true;
}

/**
 * tquic_nf_outer - what an outer packet tells
 * @pkt: packet
 * @flow: its addresses and ports
 * @info: result
 *
 * Return: false if it does not look like QUIC.
 */
bool tquic_nf_outer(const struct nft_pktinfo *pkt,
		    const struct tquic_nf_flow *flow,
		    struct tquic_nf_info *info)
{
	const struct tquic_nf_ops *ops = rcu_dereference(tquic_nf_ops);
	unsigned int off = nft_thoff(pkt) + sizeof(struct udphdr);
	u8 buf[1 + 4 + 2 * (1 + TQUIC_NF_CID_MAX)];
	unsigned int have, len;
	const u8 *data;

	if (flow->protocol != IPPROTO_UDP || pkt->skb->len <= off)
		return false;
	len = pkt->skb->len - off;
	have = min_t(unsigned int, len, sizeof(buf));
	data = skb_header_pointer(pkt->skb, off, have, buf);
	if (!data)
		return false;
	if (ops && ops->outer(nft_net(pkt), flow, data, have,
			      nft_hook(pkt) == NF_INET_PRE_ROUTING ||
			      nft_hook(pkt) == NF_INET_LOCAL_IN, info))
		return true;
	return tquic_nf_outer_observe(data, have, len, info);
}
