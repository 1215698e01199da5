// SPDX-License-Identifier: GPL-2.0
/*
 * Mappings of a server: their sockets.
 *
 * A socket is bound to a port and any address, so that routing says where from
 * it sends.  What it receives does not get as far as its queue.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/mm.h>
#include <linux/net.h>
#include <linux/uio.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <net/udp_tunnel.h>

#include "tunnel_nat.h"

/* pieces of a payload that go out without being put together */
#define TQUIC_NAT_PIECES	8

static bool tquic_nat_v4(const struct tquic_tun_nat *nat)
{
	return nat->src.family == NFPROTO_IPV4;
}

/* encap_rcv: softirq, under RCU; the checksum is right */
static int tquic_nat_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct tquic_tun_nat *nat = rcu_dereference_sk_user_data(sk);
	struct tquic_nf_flow key;
	u8 dscp;

	if (!nat) {
		kfree_skb(skb);
		return 0;
	}
	tquic_tun_udp_key(skb, &key);
	dscp = tquic_tun_udp_dscp(skb);
	__skb_pull(skb, sizeof(struct udphdr));
	tquic_tun_udp_strip(skb);
	tquic_tun_nat_arrived(nat, skb, &key.saddr, key.sport, dscp);
	return 0;
}

/*
 * encap_err_rcv: softirq, under RCU.  The packet is at the IP header of what
 * was sent, of which IP has looked that it is there and ours.
 */
static void tquic_nat_err(struct sock *sk, struct sk_buff *skb, int err,
			  __be16 port, u32 info, u8 *payload)
{
	struct tquic_tun_nat *nat = rcu_dereference_sk_user_data(sk);
	union nf_inet_addr addr = {};
	struct tquic_tun_flow *flow;
	u8 type, code;

	if (!nat)
		return;
	if (tquic_nat_v4(nat)) {
		addr.ip = ((const struct iphdr *)skb->data)->daddr;
		type = icmp_hdr(skb)->type;
		code = icmp_hdr(skb)->code;
	} else {
		addr.in6 = ((const struct ipv6hdr *)skb->data)->daddr;
		type = icmp6_hdr(skb)->icmp6_type;
		code = icmp6_hdr(skb)->icmp6_code;
	}
	flow = tquic_tun_nat_find(nat, &addr, port);
	if (!flow)
		return;
	if (READ_ONCE(flow->link))
		tquic_tun_udp_give_icmp(flow, type, code, info);
	tquic_tun_flow_put(flow);
}

static int tquic_nat_set(struct tquic_tun_nat *nat, int level, int name,
			 int value)
{
	return nat->sock->ops->setsockopt(nat->sock, level, name,
					  KERNEL_SOCKPTR(&value),
					  sizeof(value));
}

/**
 * tquic_tun_nat_sock_open - make the socket of a mapping
 * @nat: mapping that nobody knows yet
 *
 * Packets are cut where the way needs that: the LAN host's wish that they are
 * not was for another network.
 *
 * Return: 0 or -errno.
 */
int tquic_tun_nat_sock_open(struct tquic_tun_nat *nat)
{
	struct net *net = nat->link->tunnel->net;
	struct udp_tunnel_sock_cfg cfg = {
		.sk_user_data = nat,
		.encap_type = 1,
		.encap_rcv = tquic_nat_rcv,
		.encap_err_rcv = tquic_nat_err,
	};
	int err;

	err = sock_create_kern(net, tquic_nat_v4(nat) ? AF_INET : AF_INET6,
			       SOCK_DGRAM, IPPROTO_UDP, &nat->sock);
	if (err) {
		nat->sock = NULL;
		return err;
	}
	err = tquic_nat_v4(nat) ?
	      tquic_nat_set(nat, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT) :
	      tquic_nat_set(nat, SOL_IPV6, IPV6_V6ONLY, 1);
	if (err)
		return err;
	setup_udp_tunnel_sock(net, nat->sock->sk, &cfg);
	return 0;
}

int tquic_tun_nat_sock_bind(struct tquic_tun_nat *nat, u16 port)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET, .sin_port = htons(port),
	};
	struct sockaddr_in6 in6 = {
		.sin6_family = AF_INET6, .sin6_port = htons(port),
	};
	int err;

	if (tquic_nat_v4(nat))
		err = kernel_bind(nat->sock, (struct sockaddr_unsized *)&in,
				  sizeof(in));
	else
		err = kernel_bind(nat->sock, (struct sockaddr_unsized *)&in6,
				  sizeof(in6));
	if (!err)
		nat->out.port = inet_sk(nat->sock->sk)->inet_sport;
	return err;
}

/* Its callbacks may be running, and look at the mapping for a grace period. */
void tquic_tun_nat_sock_close(struct tquic_tun_nat *nat)
{
	if (!nat->sock)
		return;
	rcu_assign_sk_user_data(nat->sock->sk, NULL);
	sock_release(nat->sock);
}

/**
 * struct tquic_nat_out - what sendmsg takes
 * @msg: message
 * @addr: destination
 * @ctl: DSCP
 * @flat: payload that had to be put together, or NULL
 * @vec: payload
 * @count: of @vec
 */
struct tquic_nat_out {
	struct msghdr msg;
	union {
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} addr;
	u8 ctl[CMSG_SPACE(sizeof(int))] __aligned(sizeof(size_t));
	void *flat;
	struct kvec vec[TQUIC_NAT_PIECES];
	unsigned int count;
};

static void tquic_nat_out_addr(struct tquic_nat_out *out,
			       const struct tquic_nf_flow *key)
{
	if (key->family == NFPROTO_IPV4) {
		out->addr.in = (struct sockaddr_in){
			.sin_family = AF_INET,
			.sin_port = key->dport,
			.sin_addr.s_addr = key->daddr.ip,
		};
		out->msg.msg_namelen = sizeof(out->addr.in);
	} else {
		out->addr.in6 = (struct sockaddr_in6){
			.sin6_family = AF_INET6,
			.sin6_port = key->dport,
			.sin6_addr = key->daddr.in6,
		};
		out->msg.msg_namelen = sizeof(out->addr.in6);
	}
	out->msg.msg_name = &out->addr;
}

static void tquic_nat_out_dscp(struct tquic_nat_out *out, bool v4, u8 dscp)
{
	struct cmsghdr *cmsg = (struct cmsghdr *)out->ctl;

	if (!dscp)
		return;
	cmsg->cmsg_level = v4 ? SOL_IP : SOL_IPV6;
	cmsg->cmsg_type = v4 ? IP_TOS : IPV6_TCLASS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	*(int *)CMSG_DATA(cmsg) = dscp << 2;
	out->msg.msg_control = cmsg;
	out->msg.msg_controllen = sizeof(out->ctl);
}

/* The pieces where they are; false if that is not possible. */
static bool tquic_nat_out_pieces(struct tquic_nat_out *out,
				 const struct tquic_dflow_pkt *pkt, u32 skip)
{
	const struct tquic_dflow_piece *p;
	const u8 *data;
	u32 cut;

	for (p = pkt->first; p; p = p->next) {
		if (p->off + p->len <= skip)
			continue;
		if (out->count == TQUIC_NAT_PIECES)
			return false;
		cut = skip > p->off ? skip - p->off : 0;
		data = tquic_buf_linear(p->handle, p->pos + cut, p->len - cut);
		if (!data)
			return false;
		out->vec[out->count].iov_base = (void *)data;
		out->vec[out->count++].iov_len = p->len - cut;
	}
	return true;
}

static int tquic_nat_out_payload(struct tquic_nat_out *out,
				 const struct tquic_dflow_pkt *pkt, u32 skip)
{
	if (tquic_nat_out_pieces(out, pkt, skip))
		return 0;
	out->flat = kvmalloc(pkt->len - skip, GFP_KERNEL);
	if (!out->flat)
		return -ENOMEM;
	out->vec[0].iov_base = out->flat;
	out->vec[0].iov_len = pkt->len - skip;
	out->count = 1;
	return tquic_tun_udp_copy(pkt, skip, out->flat);
}

/**
 * tquic_tun_nat_sock_send - send a payload by a flow's mapping
 * @flow: flow with a mapping
 * @pkt: payload
 * @skip: where it begins
 *
 * Context: process.
 * Return: 0 or -errno.
 */
int tquic_tun_nat_sock_send(struct tquic_tun_flow *flow,
			    const struct tquic_dflow_pkt *pkt, u32 skip)
{
	struct tquic_nat_out out = { .msg.msg_flags = MSG_DONTWAIT };
	u32 len = pkt->len - skip;
	int err;

	tquic_nat_out_addr(&out, &flow->key);
	tquic_nat_out_dscp(&out, tquic_nat_v4(flow->nat), flow->dscp);
	err = tquic_nat_out_payload(&out, pkt, skip);
	if (!err)
		err = kernel_sendmsg(flow->nat->sock, &out.msg, out.vec,
				     out.count, len);
	kvfree(out.flat);
	return min(err, 0);
}
