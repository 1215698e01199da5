// SPDX-License-Identifier: GPL-2.0
/*
 * What UDP sockets receive: packets, as aggregates of GRO, and ICMP errors.
 *
 * The kernel cuts aggregates apart before it hands them to an encapsulation
 * socket, so these are plain ones, whose queue is emptied in sk_data_ready().
 */
#include <linux/errqueue.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/ktime.h>
#include <linux/udp.h>
#include <net/inet_ecn.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <net/udp.h>

#include "net.h"
#include "udp.h"

/* buffers and errors that one softirq takes; the others wait for a work item */
#define TQUIC_UDP_BUDGET	64

static bool tquic_udp_is_v4(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IP);
}

static void tquic_udp_fill_cb(struct tquic_udp *udp, struct sk_buff *skb,
			      u64 now)
{
	struct tquic_udp_cb *cb = (struct tquic_udp_cb *)skb->cb;
	const struct ipv6hdr *ip6h;
	u32 dev = udp->key.dev;
	u8 tos;

	BUILD_BUG_ON(sizeof(*cb) > sizeof(skb->cb));
	if (tquic_udp_is_v4(skb)) {
		tos = ip_hdr(skb)->tos;
	} else {
		ip6h = ipv6_hdr(skb);
		tos = ipv6_get_dsfield(ip6h);
		/* such an address means nothing without its link */
		if (ipv6_addr_type(&ip6h->saddr) & IPV6_ADDR_LINKLOCAL)
			dev = skb->skb_iif;
	}
	cb->arrived = now;
	cb->udp = udp;
	cb->dev = dev;
	cb->ecn = tos & INET_ECN_MASK;
}

static unsigned int tquic_udp_datagrams(const struct sk_buff *skb)
{
	return skb_is_gso(skb) ?
	       DIV_ROUND_UP(skb->len, skb_shinfo(skb)->gso_size) : 1;
}

static void tquic_udp_deliver(struct tquic_udp *udp, struct sk_buff *skb,
			      u64 now)
{
	struct tquic_net *tn = tquic_net(udp->net);

	/* what has no AEAD is protected by nothing else */
	if (!skb_csum_unnecessary(skb) && __skb_checksum_complete(skb)) {
		TQUIC_MIB_INC(tn, IN_CHECKSUM);
		kfree_skb(skb);
		return;
	}
	/* UDP has used the word for something else */
	skb->dev = NULL;
	skb_orphan(skb);
	skb_dst_drop(skb);
	nf_reset_ct(skb);
	skb_ext_reset(skb);
	tquic_udp_fill_cb(udp, skb, now);
	TQUIC_MIB_ADD(tn, IN_DATAGRAMS, tquic_udp_datagrams(skb));
	TQUIC_MIB_ADD(tn, IN_BYTES, skb->len);
	udp->un->rx(udp, skb);
}

/*
 * With bottom halves disabled and a reference.  Return: false if there may be
 * more.
 */
static bool tquic_udp_drain(struct tquic_udp *udp)
{
	u64 now = ktime_get_ns();
	struct sk_buff *skb;
	int i, err, off;

	for (i = 0; i < TQUIC_UDP_BUDGET; i++) {
		off = 0;
		err = 0;
		skb = __skb_recv_udp(udp->sock->sk, MSG_DONTWAIT, &off, &err);
		if (skb)
			tquic_udp_deliver(udp, skb, now);
		else if (err == -EAGAIN)
			return true;
		/* else an ICMP error, which the error queue tells more about */
	}
	return false;
}

static void tquic_udp_more(struct work_struct *work)
{
	struct tquic_udp *udp = container_of(work, struct tquic_udp, more);
	bool done;

	do {
		local_bh_disable();
		done = tquic_udp_drain(udp);
		local_bh_enable();
		cond_resched();
		/* a flood does not keep a socket that nobody uses any more */
	} while (!done && refcount_read(&udp->ref) > 1);
	tquic_udp_put(udp);
}

/*
 * Under RCU.  Without a reference there is nobody whom packets could be for,
 * and the socket is about to be closed.
 */
static struct tquic_udp *tquic_udp_of(const struct sock *sk)
{
	struct tquic_udp *udp = rcu_dereference_sk_user_data(sk);

	return udp && refcount_inc_not_zero(&udp->ref) ? udp : NULL;
}

static void tquic_udp_data_ready(struct sock *sk)
{
	struct tquic_udp *udp;

	rcu_read_lock();
	udp = tquic_udp_of(sk);
	if (udp) {
		local_bh_disable();
		/* a work item that is queued has a reference of its own */
		if (tquic_udp_drain(udp) ||
		    !queue_work(tquic_udp_wq, &udp->more))
			tquic_udp_put(udp);
		local_bh_enable();
	}
	rcu_read_unlock();
}

static void tquic_udp_map4(u8 *to, __be32 addr)
{
	memset(to, 0, 10);
	memset(to + 10, 0xff, 2);
	memcpy(to + 12, &addr, sizeof(addr));
}

/* Return: the MTU that an ICMP message names, 0 for none. */
static u32 tquic_udp_icmp_mtu(const struct sock_extended_err *ee)
{
	return ee->ee_errno == EMSGSIZE ? ee->ee_info : 0;
}

/*
 * The header of what we sent is in the message; IP has looked that it is there
 * and that the ports are ours.
 */
static void tquic_udp_icmp(struct tquic_udp *udp, const struct sk_buff *skb)
{
	const struct sock_exterr_skb *serr = SKB_EXT_ERR(skb);
	const u8 *daddr = skb_network_header(skb) + serr->addr_offset;
	struct tquic_tuple tuple = {
		.local_port = udp->key.port,
		.remote_port = ntohs(serr->port),
		.dev = udp->key.dev,
	};
	const struct in6_addr *a;

	switch (serr->ee.ee_origin) {
	case SO_EE_ORIGIN_ICMP:
		tquic_udp_map4(tuple.remote, *(const __be32 *)daddr);
		tquic_udp_map4(tuple.local, *((const __be32 *)daddr - 1));
		break;
	case SO_EE_ORIGIN_ICMP6:
		a = (const struct in6_addr *)daddr;
		memcpy(tuple.remote, a, sizeof(*a));
		memcpy(tuple.local, a - 1, sizeof(*a));
		break;
	default:
		return;
	}
	TQUIC_MIB_INC(tquic_net(udp->net), ICMP_IN);
	udp->un->icmp(udp, &tuple, -(int)serr->ee.ee_errno,
		      tquic_udp_icmp_mtu(&serr->ee));
}

static void tquic_udp_error_report(struct sock *sk)
{
	struct tquic_udp *udp;
	struct sk_buff *skb;
	int i;

	/* the queue says it all */
	sock_error(sk);
	rcu_read_lock();
	udp = tquic_udp_of(sk);
	if (udp) {
		local_bh_disable();
		for (i = 0; i < TQUIC_UDP_BUDGET; i++) {
			skb = skb_dequeue(&sk->sk_error_queue);
			if (!skb)
				break;
			tquic_udp_icmp(udp, skb);
			kfree_skb(skb);
		}
		local_bh_enable();
		tquic_udp_put(udp);
	}
	rcu_read_unlock();
}

/**
 * tquic_udp_is_outer - whether connections run over a socket
 * @sk: socket
 *
 * Context: any.
 * Return: true for one of the engine's.
 */
bool tquic_udp_is_outer(const struct sock *sk)
{
	return READ_ONCE(sk->sk_data_ready) == tquic_udp_data_ready;
}

/**
 * tquic_udp_hook - take over what a socket receives
 * @udp: socket, not yet bound
 */
void tquic_udp_hook(struct tquic_udp *udp)
{
	struct sock *sk = udp->sock->sk;

	INIT_WORK(&udp->more, tquic_udp_more);
	write_lock_bh(&sk->sk_callback_lock);
	udp->data_ready = sk->sk_data_ready;
	udp->error_report = sk->sk_error_report;
	sk->sk_data_ready = tquic_udp_data_ready;
	sk->sk_error_report = tquic_udp_error_report;
	rcu_assign_sk_user_data(sk, udp);
	write_unlock_bh(&sk->sk_callback_lock);
}

/**
 * tquic_udp_unhook - let a socket go
 * @udp: socket without users
 */
void tquic_udp_unhook(struct tquic_udp *udp)
{
	struct sock *sk = udp->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	if (udp->data_ready) {
		sk->sk_data_ready = udp->data_ready;
		sk->sk_error_report = udp->error_report;
	}
	rcu_assign_sk_user_data(sk, NULL);
	write_unlock_bh(&sk->sk_callback_lock);
}

/**
 * tquic_udp_tuple - addresses of a packet that was received
 * @skb: the packet, with struct tquic_udp_cb
 * @tuple: answer; local is our side
 *
 * Context: any.
 */
void tquic_udp_tuple(const struct sk_buff *skb, struct tquic_tuple *tuple)
{
	const struct tquic_udp_cb *cb = (const struct tquic_udp_cb *)skb->cb;
	const struct udphdr *uh = udp_hdr(skb);

	if (tquic_udp_is_v4(skb)) {
		tquic_udp_map4(tuple->local, ip_hdr(skb)->daddr);
		tquic_udp_map4(tuple->remote, ip_hdr(skb)->saddr);
	} else {
		memcpy(tuple->local, &ipv6_hdr(skb)->daddr, 16);
		memcpy(tuple->remote, &ipv6_hdr(skb)->saddr, 16);
	}
	tuple->local_port = ntohs(uh->dest);
	tuple->remote_port = ntohs(uh->source);
	tuple->dev = cb->dev;
}
