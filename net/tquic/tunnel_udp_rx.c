// SPDX-License-Identifier: GPL-2.0
/*
 * UDP flows: payloads of the peer, what they are and whom they are for.
 *
 * What is bounded: flows by the link's maximum, answers to numbers that are not
 * known by TQUIC_TUN_UDP_TOLD, and what waits by the core.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>

#include "tunnel_ping.h"

/* Copies bytes of a payload.  Return: 0 or -EFAULT. */
static int tquic_tun_udp_read(const struct tquic_dflow_pkt *pkt, u32 from,
			      u32 len, u8 *to)
{
	const struct tquic_dflow_piece *p;
	u32 skip, n;
	int err;

	for (p = pkt->first; p && len; p = p->next) {
		if (p->off + p->len <= from)
			continue;
		skip = from - p->off;
		n = min(p->len - skip, len);
		err = tquic_buf_read(p->handle, p->pos + skip, to, n);
		if (err)
			return err;
		to += n;
		from += n;
		len -= n;
	}
	return len ? -EFAULT : 0;
}

int tquic_tun_udp_copy(const struct tquic_dflow_pkt *pkt, u32 skip, void *to)
{
	return tquic_tun_udp_read(pkt, skip, pkt->len - skip, to);
}

/* Echo requests are the only ones of that kind. */
static bool tquic_tun_udp_asks(const struct tquic_nf_flow *key)
{
	u8 type = key->family == NFPROTO_IPV4 ? ICMP_ECHO :
						ICMPV6_ECHO_REQUEST;

	return key->dport == htons(type << 8);
}

/* Whether a flow may be opened by the peer. */
static bool tquic_tun_udp_allowed(struct tquic_tun_link *link,
				  const struct tquic_nf_flow *key)
{
	if (tquic_nf_flow_is_ping(key))
		return link->server && tquic_tun_udp_asks(key) &&
		       !tquic_tun_policy_check(link, key);
	if (!key->sport || !key->dport)
		return false;
	if (!link->server)
		return tquic_tun_emit_allowed(link->tunnel->net, key);
	return tquic_tun_nat_is_hairpin(link, key) ||
	       !tquic_tun_policy_check(link, key);
}

/* Tells the peer that its flow is not to be; its LAN host hears of it. */
static void tquic_tun_udp_refuse(struct tquic_tun_link *link,
				 struct tquic_dflow *dflow, bool v6, u64 now)
{
	const u8 icmp[1 + TQUIC_TUN_UDP_ICMP] = {
		TQUIC_DEST_ICMP,
		v6 ? ICMPV6_DEST_UNREACH : ICMP_DEST_UNREACH,
		v6 ? ICMPV6_ADM_PROHIBITED : ICMP_PKT_FILTERED,
	};

	tquic_tun_udp_bye(link, dflow, icmp, sizeof(icmp), now);
}

static struct tquic_tun_flow *
tquic_tun_udp_make(struct tquic_tun_link *link, struct tquic_dflow *dflow,
		   const struct tquic_nf_flow *key,
		   const struct tquic_dest *dest)
{
	struct tquic_tun_flow *flow;
	int class = dest->class;

	/* what nobody has said anything about is called bulk */
	if (class == TQUIC_STREAM_BULK && !dest->dscp)
		class = TQUIC_NF_CLASS_ANY;
	flow = tquic_tun_flow_new(link->tunnel, key, class, GFP_KERNEL);
	if (!flow)
		return NULL;
	flow->dscp = dest->dscp;
	set_bit(TQUIC_TUN_F_KNOWN, &flow->flags);
	if (tquic_tun_nat_is_hairpin(link, key))
		set_bit(TQUIC_TUN_F_HAIRPIN, &flow->flags);
	if (!tquic_tun_link_take(link, flow)) {
		tquic_tun_flow_put(flow);
		return NULL;
	}
	/* it is fresh, so this takes it over and cannot fail */
	tquic_dflow_open(link->dflows, dflow->id, tquic_tun_udp_class(flow),
			 GFP_KERNEL);
	tquic_tun_udp_join(flow, dflow);
	return flow;
}

/*
 * The peer opens a flow.  The LAN host may have opened the same at this end
 * just now: then it has two, of which its own datagrams take the one that is in
 * the table.
 */
static struct tquic_tun_flow *
tquic_tun_udp_accept(struct tquic_tun_link *link, struct tquic_dflow *dflow,
		     const struct tquic_dest *dest, u8 kind, u64 now)
{
	struct tquic_tun_flow *flow;
	struct tquic_nf_flow key;
	u8 protocol = IPPROTO_UDP;

	if (kind == TQUIC_DEST_PING)
		protocol = dest->v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	tquic_tun_flow_key(dest, protocol, &key);
	if ((dflow->id & 1) == link->server) {
		/* numbers of this kind are ours to give */
		TQUIC_TUN_INC(link->tunnel, TUN_MALFORMED);
		tquic_dflow_close(link->dflows, dflow);
		return NULL;
	}
	if (!tquic_tun_udp_allowed(link, &key)) {
		TQUIC_TUN_INC(link->tunnel, TUN_DENIED);
		tquic_tun_udp_refuse(link, dflow, dest->v6, now);
		return NULL;
	}
	flow = tquic_tun_udp_make(link, dflow, &key, dest);
	if (!flow) {
		TQUIC_TUN_INC(link->tunnel, TUN_NO_ROOM);
		tquic_tun_udp_refuse(link, dflow, dest->v6, now);
		return NULL;
	}
	if (!link->server)
		tquic_tun_flow_hash(flow);
	return flow;
}

/* The peer does not know a number of ours any more: it gets a new one. */
static void tquic_tun_udp_forgotten(struct tquic_tun_link *link,
				    struct tquic_tun_flow *flow, u64 now)
{
	tquic_tun_udp_part(flow, false, now);
	clear_bit(TQUIC_TUN_F_KNOWN, &flow->flags);
}

/* Data of a flow that we do not know. */
static void tquic_tun_udp_stranger(struct tquic_tun_link *link,
				   struct tquic_dflow *dflow, u64 now)
{
	static const u8 gone = TQUIC_DEST_GONE;

	TQUIC_TUN_INC(link->tunnel, TUN_NO_FLOW);
	tquic_tun_udp_bye(link, dflow, &gone, 1, now);
}

static void tquic_tun_udp_malformed(struct tquic_tun_link *link,
				    struct tquic_dflow *dflow)
{
	TQUIC_TUN_INC(link->tunnel, TUN_MALFORMED);
	/* nobody else would close it */
	if (!tquic_tun_udp_flow(dflow) && dflow->fresh)
		tquic_dflow_close(link->dflows, dflow);
}

/* Kinds that say something of a flow that there is.  Return: to deliver it. */
static bool tquic_tun_udp_known(struct tquic_tun_link *link,
				struct tquic_tun_flow *flow, u8 kind, u32 len,
				u64 now)
{
	if (kind != TQUIC_DEST_GONE)
		set_bit(TQUIC_TUN_F_KNOWN, &flow->flags);
	switch (kind) {
	case TQUIC_DEST_OPEN:
	case TQUIC_DEST_PING:
		set_bit(TQUIC_TUN_F_CONFIRM, &flow->flags);
		return true;
	case TQUIC_DEST_DATA:
		return true;
	case TQUIC_DEST_ICMP:
		if (len != 1 + TQUIC_TUN_UDP_ICMP)
			TQUIC_TUN_INC(link->tunnel, TUN_MALFORMED);
		return !link->server && len == 1 + TQUIC_TUN_UDP_ICMP;
	case TQUIC_DEST_GONE:
		if ((flow->dflow->id & 1) != link->server)
			return true;
		tquic_tun_udp_forgotten(link, flow, now);
		return false;
	default:
		return false;
	}
}

struct tquic_tun_flow *tquic_tun_udp_receive(struct tquic_tun_link *link,
					     struct tquic_dflow_pkt *pkt,
					     u64 now)
{
	struct tquic_dflow *dflow = pkt->flow;
	u8 head[TQUIC_TUN_UDP_HEAD];
	struct tquic_tun_flow *flow;
	struct tquic_dest dest;
	u32 n;

	lockdep_assert_held(&link->sess->lock);
	/* it ended while this was held back, or the peer was told already */
	flow = tquic_tun_udp_flow(dflow);
	if (dflow->closed || (!flow && !dflow->fresh))
		return NULL;
	n = min_t(u32, pkt->len, sizeof(head));
	if (!n || tquic_tun_udp_read(pkt, 0, n, head) ||
	    head[0] >= TQUIC_DEST_KINDS ||
	    (tquic_tun_opens(head[0]) &&
	     tquic_dest_parse(head + 1, n - 1, &dest) <= 0)) {
		tquic_tun_udp_malformed(link, dflow);
		return NULL;
	}
	if (!flow && tquic_tun_opens(head[0]))
		flow = tquic_tun_udp_accept(link, dflow, &dest, head[0], now);
	else if (flow)
		flow = tquic_tun_udp_known(link, flow, head[0], pkt->len,
					   now) ?
		       tquic_tun_flow_get(flow) : NULL;
	else if (head[0] == TQUIC_DEST_DATA)
		tquic_tun_udp_stranger(link, dflow, now);
	else
		tquic_dflow_close(link->dflows, dflow);
	return flow;
}

static void tquic_tun_udp_icmp(struct tquic_tun_flow *flow,
			       const struct tquic_dflow_pkt *pkt)
{
	u8 icmp[TQUIC_TUN_UDP_ICMP];

	if (!tquic_tun_udp_copy(pkt, 1, icmp))
		tquic_tun_emit_icmp(flow, icmp[0], icmp[1],
				    get_unaligned_be16(icmp + 2));
}

/* Server: the first one makes the mapping. */
static void tquic_tun_udp_leave(struct tquic_tun_flow *flow,
				const struct tquic_dflow_pkt *pkt, u32 skip)
{
	if (!flow->nat && tquic_tun_nat_bind(flow)) {
		TQUIC_TUN_INC(flow->tunnel, TUN_NO_PORT);
		tquic_tun_udp_end(flow, true);
		return;
	}
	tquic_tun_nat_send(flow, pkt, skip);
}

static void tquic_tun_udp_data(struct tquic_tun_flow *flow,
			       const struct tquic_dflow_pkt *pkt, u32 skip)
{
	if (tquic_nf_flow_is_ping(&flow->key) &&
	    pkt->len - skip < TQUIC_TUN_PING_MIN) {
		TQUIC_TUN_INC(flow->tunnel, TUN_MALFORMED);
		return;
	}
	WRITE_ONCE(flow->seen, jiffies);
	WRITE_ONCE(flow->rx_bytes, flow->rx_bytes + pkt->len - skip);
	if (flow->link->server && tquic_nf_flow_is_ping(&flow->key))
		tquic_tun_ping_send(flow, pkt, skip);
	else if (flow->link->server)
		tquic_tun_udp_leave(flow, pkt, skip);
	else
		tquic_tun_emit(flow, pkt, skip);
}

void tquic_tun_udp_deliver(const struct tquic_tun_udp_got *got)
{
	struct tquic_tun_flow *flow = got->flow;
	u32 skip = 1;
	u8 kind;

	/*
	 * An earlier payload of this batch may have ended it, and with it its
	 * hold of a mapping, which nothing ends meanwhile but this work.  The
	 * payload has been read before, so that cannot fail.
	 */
	if (READ_ONCE(flow->stage) != TQUIC_TUN_OVER &&
	    !tquic_tun_udp_read(got->pkt, 0, 1, &kind)) {
		if (tquic_tun_opens(kind))
			skip += flow->key.family == NFPROTO_IPV6 ?
				TQUIC_DEST_LEN6 : TQUIC_DEST_LEN4;
		if (kind == TQUIC_DEST_ICMP)
			tquic_tun_udp_icmp(flow, got->pkt);
		else if (kind == TQUIC_DEST_GONE)
			tquic_tun_udp_end(flow, false);
		else if (skip <= got->pkt->len)
			tquic_tun_udp_data(flow, got->pkt, skip);
	}
	tquic_tun_flow_put(flow);
}
