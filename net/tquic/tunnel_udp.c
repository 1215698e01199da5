// SPDX-License-Identifier: GPL-2.0
/*
 * UDP flows: from sockets into the session, and the work of a link.
 *
 *   softirq: a LAN host's datagram, an answer --> link->in --\
 *   session: datagrams have arrived --------------------------> link's work
 *   timer: somebody has waited long enough -------------------/
 *
 * The work takes a batch of both directions under one lock of the session.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/dsfield.h>

#include "tunnel_udp.h"

/**
 * tquic_tun_udp_key - addresses of a datagram
 * @skb: datagram as a UDP socket gets it
 * @key: answer, unused bytes 0
 */
void tquic_tun_udp_key(const struct sk_buff *skb, struct tquic_nf_flow *key)
{
	const struct udphdr *uh = udp_hdr(skb);

	memset(key, 0, sizeof(*key));
	key->protocol = IPPROTO_UDP;
	key->sport = uh->source;
	key->dport = uh->dest;
	if (skb->protocol == htons(ETH_P_IP)) {
		key->family = NFPROTO_IPV4;
		key->saddr.ip = ip_hdr(skb)->saddr;
		key->daddr.ip = ip_hdr(skb)->daddr;
	} else {
		key->family = NFPROTO_IPV6;
		key->saddr.in6 = ipv6_hdr(skb)->saddr;
		key->daddr.in6 = ipv6_hdr(skb)->daddr;
	}
}

u8 tquic_tun_udp_dscp(const struct sk_buff *skb)
{
	return (skb->protocol == htons(ETH_P_IP) ?
		ipv4_get_dsfield(ip_hdr(skb)) :
		ipv6_get_dsfield(ipv6_hdr(skb))) >> 2;
}

/**
 * tquic_tun_udp_strip - leave nothing of a packet but its payload
 * @skb: packet, at its payload
 */
void tquic_tun_udp_strip(struct sk_buff *skb)
{
	skb->ip_summed = CHECKSUM_NONE;
	skb->dev = NULL;
	skb_orphan(skb);
	skb_dst_drop(skb);
	nf_reset_ct(skb);
	skb_ext_reset(skb);
}

/**
 * tquic_tun_udp_get - hold a flow that was found under RCU
 * @flow: flow, or NULL
 *
 * Return: the flow; NULL if there is none, or it is being freed.
 */
struct tquic_tun_flow *tquic_tun_udp_get(struct tquic_tun_flow *flow)
{
	return flow && refcount_inc_not_zero(&flow->ref) ? flow : NULL;
}

/* A flow that was claimed gets its link with its first datagram. */
bool tquic_tun_udp_attach(struct tquic_tun_flow *flow,
			  const struct sk_buff *skb)
{
	/* pairs with tquic_tun_link_take() */
	if (smp_load_acquire(&flow->link))
		return true;
	flow->dscp = tquic_tun_udp_dscp(skb);
	if (tquic_tun_flow_attach(flow))
		return true;
	TQUIC_TUN_INC(flow->tunnel, TUN_NO_LINK);
	return false;
}

/**
 * tquic_tun_udp_captured - a datagram of a LAN host's, or of this host's own
 * @sk: transparent socket that it was assigned to
 * @skb: datagram, with the addresses that it was sent with
 *
 * Context: softirq, under RCU; the checksum is right.
 * Return: 0: it is consumed.
 */
int tquic_tun_udp_captured(struct sock *sk, struct sk_buff *skb)
{
	struct tquic_tun_net *tt = tquic_tun_net(sock_net(sk));
	struct tquic_tun_flow *flow;
	struct tquic_nf_flow key;

	tquic_tun_udp_key(skb, &key);
	flow = tquic_tun_udp_get(tquic_tun_flow_find(tt, &key));
	if (!flow) {
		/* nobody claimed it: it was sent to the socket's own port */
		TQUIC_MIB_INC(tquic_net(tt->net), TUN_NO_FLOW);
		kfree_skb(skb);
		return 0;
	}
	if (!tquic_tun_udp_attach(flow, skb)) {
		tquic_tun_flow_put(flow);
		kfree_skb(skb);
		return 0;
	}
	__skb_pull(skb, sizeof(struct udphdr));
	tquic_tun_udp_strip(skb);
	tquic_tun_udp_give(flow->link, flow, skb, TQUIC_DEST_DATA);
	return 0;
}

/*
 * A link is marked as gone before its queue is purged, so nothing can be queued
 * that nobody takes.
 */
static bool tquic_tun_udp_queue(struct tquic_tun_link *link,
				struct sk_buff *skb)
{
	bool ok;

	spin_lock_bh(&link->in.lock);
	ok = !READ_ONCE(link->gone) &&
	     skb_queue_len(&link->in) < TQUIC_TUN_BACKLOG &&
	     link->in_bytes + skb->truesize <= TQUIC_TUN_UDP_BYTES;
	if (ok) {
		link->in_bytes += skb->truesize;
		__skb_queue_tail(&link->in, skb);
	}
	spin_unlock_bh(&link->in.lock);
	return ok;
}

/**
 * tquic_tun_udp_give - give a payload to a link's work
 * @link: link of the flow
 * @flow: flow; the reference is taken over
 * @skb: payload; consumed
 * @kind: enum tquic_dest_kind
 *
 * Context: any.
 */
void tquic_tun_udp_give(struct tquic_tun_link *link,
			struct tquic_tun_flow *flow, struct sk_buff *skb,
			u8 kind)
{
	struct tquic_tun_cb *cb = (struct tquic_tun_cb *)skb->cb;

	BUILD_BUG_ON(sizeof(*cb) > sizeof(skb->cb));
	WRITE_ONCE(flow->seen, jiffies);
	cb->flow = flow;
	cb->kind = kind;
	if (tquic_tun_udp_queue(link, skb)) {
		tquic_tun_link_kick(link);
		return;
	}
	TQUIC_TUN_INC(flow->tunnel, TUN_QUEUE_FULL);
	tquic_tun_flow_put(flow);
	kfree_skb(skb);
}

/**
 * tquic_tun_udp_give_icmp - tell the peer what became of a payload
 * @flow: flow
 * @type: ICMP type of the flow's family
 * @code: ICMP code
 * @mtu: with the type or code that has one
 *
 * Context: any.
 */
void tquic_tun_udp_give_icmp(struct tquic_tun_flow *flow, u8 type, u8 code,
			     u32 mtu)
{
	struct sk_buff *skb;
	u8 *p;

	skb = alloc_skb(TQUIC_TUN_UDP_HEAD + TQUIC_TUN_UDP_ICMP,
			GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return;
	skb_reserve(skb, TQUIC_TUN_UDP_HEAD);
	p = skb_put(skb, TQUIC_TUN_UDP_ICMP);
	p[0] = type;
	p[1] = code;
	put_unaligned_be16(min_t(u32, mtu, U16_MAX), p + 2);
	tquic_tun_udp_give(flow->link, tquic_tun_flow_get(flow), skb,
			   TQUIC_DEST_ICMP);
}

/**
 * tquic_tun_udp_class - how the datagrams of a flow are served
 * @flow: flow
 *
 * Return: enum tquic_stream_class; TQUIC_DFLOW_AUTO when neither a rule nor the
 * sender says anything.
 */
unsigned int tquic_tun_udp_class(const struct tquic_tun_flow *flow)
{
	if (flow->class == TQUIC_NF_CLASS_ANY && !flow->dscp)
		return TQUIC_DFLOW_AUTO;
	return tquic_tun_flow_class(flow);
}

/**
 * tquic_tun_udp_join - a flow has its flow of datagrams
 * @flow: flow
 * @dflow: as opened
 *
 * Context: the session's lock is held.
 */
void tquic_tun_udp_join(struct tquic_tun_flow *flow, struct tquic_dflow *dflow)
{
	flow->dflow = dflow;
	WRITE_ONCE(flow->id, dflow->id);
	dflow->user = tquic_tun_flow_get(flow);
	flow->stage = TQUIC_TUN_OPEN;
}

static int tquic_tun_udp_open(struct tquic_tun_link *link,
			      struct tquic_tun_flow *flow)
{
	struct tquic_dflow *dflow;

	if (flow->dflow)
		return 0;
	/* it ended after this was queued */
	if (flow->stage == TQUIC_TUN_OVER)
		return -ENOENT;
	dflow = tquic_dflow_open(link->dflows, link->next_id,
				 tquic_tun_udp_class(flow), GFP_KERNEL);
	if (!dflow)
		return -ENOBUFS;
	link->next_id += 2;
	tquic_tun_udp_join(flow, dflow);
	return 0;
}

/* Kind and Destination: in the place of the headers that were stripped. */
static int tquic_tun_udp_head(const struct tquic_tun_flow *flow,
			      struct sk_buff *skb, u8 kind)
{
	u8 head[TQUIC_TUN_UDP_HEAD];
	struct tquic_dest dest;
	u32 n = 1;
	int err;

	if (kind == TQUIC_DEST_DATA &&
	    !test_bit(TQUIC_TUN_F_KNOWN, &flow->flags)) {
		kind = tquic_nf_flow_is_ping(&flow->key) ? TQUIC_DEST_PING :
							   TQUIC_DEST_OPEN;
		tquic_tun_flow_dest(flow, &dest);
		n += tquic_dest_write(head + 1, &dest);
	}
	head[0] = kind;
	err = skb_cow_head(skb, n);
	if (!err)
		memcpy(__skb_push(skb, n), head, n);
	return err;
}

/* The session's lock is held. */
static void tquic_tun_udp_send(struct tquic_tun_link *link, struct sk_buff *skb,
			       u64 now)
{
	const struct tquic_tun_cb *cb = (const struct tquic_tun_cb *)skb->cb;
	struct tquic_tun_flow *flow = cb->flow;
	u32 len = skb->len;
	u8 kind = cb->kind;
	int err;

	err = tquic_tun_udp_open(link, flow) ?:
	      tquic_tun_udp_head(flow, skb, kind) ?:
	      tquic_dflow_send(link->dflows, flow->dflow, tquic_buf_skb(skb),
			       0, skb->len, now, GFP_KERNEL);
	if (err)
		TQUIC_TUN_INC(link->tunnel, TUN_OUT_DROPPED);
	else if (kind == TQUIC_DEST_DATA)
		WRITE_ONCE(flow->tx_bytes, flow->tx_bytes + len);
	consume_skb(skb);
	tquic_tun_flow_put(flow);
}

/**
 * tquic_tun_udp_tell - send the peer something of our own
 * @link: link
 * @dflow: flow of datagrams
 * @data: payload, its kind first
 * @len: bytes
 * @now: present time
 *
 * Context: the session's lock is held.
 * Return: 0 or -errno.
 */
int tquic_tun_udp_tell(struct tquic_tun_link *link, struct tquic_dflow *dflow,
		       const u8 *data, u32 len, u64 now)
{
	void *handle;
	u32 pos;
	int err;

	handle = tquic_buf_copy(data, len, &pos, GFP_KERNEL);
	if (!handle)
		return -ENOMEM;
	err = tquic_dflow_send(link->dflows, dflow, handle, pos, len, now,
			       GFP_KERNEL);
	tquic_buf_put(handle);
	return err;
}

/* What waits; true when there is more than one turn takes. */
static bool tquic_tun_udp_take(struct tquic_tun_link *link,
			       struct sk_buff_head *to)
{
	struct sk_buff *skb;
	bool more;

	__skb_queue_head_init(to);
	spin_lock_bh(&link->in.lock);
	while (skb_queue_len(to) < TQUIC_TUN_UDP_OUT) {
		skb = __skb_dequeue(&link->in);
		if (!skb)
			break;
		link->in_bytes -= skb->truesize;
		__skb_queue_tail(to, skb);
	}
	more = !skb_queue_empty(&link->in);
	spin_unlock_bh(&link->in.lock);
	return more;
}

/* Once for all OPENs of a batch; the answer itself says it, too. */
static void tquic_tun_udp_confirm(struct tquic_tun_link *link,
				  struct tquic_tun_flow *flow, u64 now)
{
	static const u8 known = TQUIC_DEST_KNOWN;

	if (test_and_clear_bit(TQUIC_TUN_F_CONFIRM, &flow->flags) &&
	    flow->dflow)
		tquic_tun_udp_tell(link, flow->dflow, &known, 1, now);
}

/* The session's lock is held.  Return: payloads in @got. */
static u32 tquic_tun_udp_collect(struct tquic_tun_link *link,
				 struct tquic_tun_udp_got *got, u64 now)
{
	struct tquic_dflow_pkt *pkt;
	u32 n = 0, i;

	tquic_dflows_timeout(link->dflows, now);
	while (n < TQUIC_TUN_UDP_IN) {
		pkt = tquic_dflows_next(link->dflows);
		if (!pkt)
			break;
		got[n].pkt = pkt;
		got[n].flow = tquic_tun_udp_receive(link, pkt, now);
		if (got[n].flow)
			n++;
		else
			tquic_dflow_pkt_free(link->dflows, pkt);
	}
	for (i = 0; i < n; i++)
		tquic_tun_udp_confirm(link, got[i].flow, now);
	return n;
}

/* When the work has to run again though nothing comes. */
static u64 tquic_tun_udp_due(struct tquic_tun_link *link, u64 now)
{
	u64 at = tquic_dflows_deadline(link->dflows);

	lockdep_assert_held(&link->sess->lock);
	/* some flows have no flow of datagrams: tquic_tun_nat_sweep() */
	if (!link->dflows->count && !atomic_read(&link->udp_flows))
		link->sweep_at = 0;
	else if (!link->sweep_at)
		link->sweep_at = now + TQUIC_TUN_UDP_SWEEP;
	return link->sweep_at ? min(at, link->sweep_at) : at;
}

static void tquic_tun_udp_free(struct tquic_tun_link *link,
			       const struct tquic_tun_udp_got *got, u32 n)
{
	u64 now, at;
	u32 i;

	tquic_sess_lock(link->sess);
	for (i = 0; i < n; i++)
		tquic_dflow_pkt_free(link->dflows, got[i].pkt);
	now = ktime_get_ns();
	at = tquic_tun_udp_due(link, now);
	tquic_sess_unlock(link->sess);
	if (at != TQUIC_TIME_NEVER)
		tquic_tun_link_wake_at(link, at, now);
}

/**
 * tquic_tun_udp_run - datagrams of a link, both ways
 * @link: link that is not at its end
 *
 * Context: the link's work, no lock is held.
 * Return: whether there is more to do.
 */
bool tquic_tun_udp_run(struct tquic_tun_link *link)
{
	struct tquic_tun_udp_got got[TQUIC_TUN_UDP_IN];
	struct sk_buff_head in;
	struct sk_buff *skb;
	bool more, sweep;
	u32 n, i;
	u64 now;

	more = tquic_tun_udp_take(link, &in);
	tquic_sess_lock(link->sess);
	now = ktime_get_ns();
	while ((skb = __skb_dequeue(&in)))
		tquic_tun_udp_send(link, skb, now);
	n = tquic_tun_udp_collect(link, got, now);
	sweep = link->sweep_at && link->sweep_at <= now;
	tquic_sess_unlock(link->sess);
	for (i = 0; i < n; i++)
		tquic_tun_udp_deliver(&got[i]);
	if (sweep)
		tquic_tun_udp_sweep(link);
	tquic_tun_udp_free(link, got, n);
	return more || n == TQUIC_TUN_UDP_IN;
}
