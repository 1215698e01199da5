// SPDX-License-Identifier: GPL-2.0
/*
 * Server: the raw sockets that echo requests leave by.
 *
 * Ping sockets would do, but the administrator says who may have these, and it
 * is nobody unless he does.  A raw socket gets a copy of all ICMP that comes to
 * the host: what is not of interest is filtered out, and what is left is looked
 * at where it arrives, so nothing waits in a queue.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/mm.h>
#include <linux/net.h>
#include <linux/uio.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/sock.h>

#include "tunnel_ping.h"

/* What is quoted of a request of ours, behind an error's header. */
static bool tquic_ping_quoted4(const struct sk_buff *skb, u32 off,
			       struct tquic_tun_ping_got *got)
{
	struct icmphdr _ih, *ih;
	struct iphdr _iph, *iph;

	iph = skb_header_pointer(skb, off, sizeof(_iph), &_iph);
	if (!iph || iph->version != 4 || iph->ihl < sizeof(*iph) / 4 ||
	    iph->protocol != IPPROTO_ICMP ||
	    iph->frag_off & htons(IP_OFFSET))
		return false;
	ih = skb_header_pointer(skb, off + iph->ihl * 4, sizeof(_ih), &_ih);
	if (!ih || ih->type != ICMP_ECHO)
		return false;
	got->peer.ip = iph->daddr;
	got->id = ih->un.echo.id;
	return true;
}

/* @skb is at its IP header; nobody has looked at the checksum yet. */
static bool tquic_ping_parse4(const struct sk_buff *skb,
			      struct tquic_tun_ping_got *got)
{
	u32 off = ip_hdrlen(skb);
	struct icmphdr _ih, *ih;

	ih = skb_header_pointer(skb, off, sizeof(_ih), &_ih);
	if (!ih || csum_fold(skb_checksum(skb, off, skb->len - off, 0)))
		return false;
	if (ih->type == ICMP_ECHOREPLY) {
		got->reply = true;
		got->peer.ip = ip_hdr(skb)->saddr;
		got->id = ih->un.echo.id;
		got->off = off + TQUIC_TUN_PING_HEAD;
		return true;
	}
	got->type = ih->type;
	got->code = ih->code;
	if (ih->type == ICMP_DEST_UNREACH && ih->code == ICMP_FRAG_NEEDED)
		got->mtu = ntohs(ih->un.frag.mtu);
	return tquic_ping_quoted4(skb, off + sizeof(*ih), got);
}

#if IS_ENABLED(CONFIG_IPV6)
static bool tquic_ping_quoted6(const struct sk_buff *skb, u32 off,
			       struct tquic_tun_ping_got *got)
{
	struct ipv6hdr _ip6h, *ip6h;
	struct icmp6hdr _ih, *ih;

	ip6h = skb_header_pointer(skb, off, sizeof(_ip6h), &_ip6h);
	if (!ip6h || ip6h->nexthdr != IPPROTO_ICMPV6)
		return false;
	ih = skb_header_pointer(skb, off + sizeof(*ip6h), sizeof(_ih), &_ih);
	if (!ih || ih->icmp6_type != ICMPV6_ECHO_REQUEST)
		return false;
	got->peer.in6 = ip6h->daddr;
	got->id = ih->icmp6_identifier;
	return true;
}

/* @skb is at its ICMP header; the socket has seen that the checksum is right */
static bool tquic_ping_parse6(const struct sk_buff *skb,
			      struct tquic_tun_ping_got *got)
{
	struct icmp6hdr _ih, *ih;

	ih = skb_header_pointer(skb, 0, sizeof(_ih), &_ih);
	if (!ih)
		return false;
	if (ih->icmp6_type == ICMPV6_ECHO_REPLY) {
		got->reply = true;
		got->peer.in6 = ipv6_hdr(skb)->saddr;
		got->id = ih->icmp6_identifier;
		got->off = TQUIC_TUN_PING_HEAD;
		return true;
	}
	got->type = ih->icmp6_type;
	got->code = ih->icmp6_code;
	if (ih->icmp6_type == ICMPV6_PKT_TOOBIG)
		got->mtu = min_t(u32, ntohl(ih->icmp6_mtu), U16_MAX);
	return tquic_ping_quoted6(skb, sizeof(*ih), got);
}
#else
static bool tquic_ping_parse6(const struct sk_buff *skb,
			      struct tquic_tun_ping_got *got)
{
	return false;
}
#endif

static void tquic_ping_take(struct tquic_tun_pings *pings, struct sk_buff *skb,
			    bool v4)
{
	struct tquic_tun_ping_got got = {};

	if (v4 ? tquic_ping_parse4(skb, &got) : tquic_ping_parse6(skb, &got))
		tquic_tun_ping_arrived(pings, skb,
				       v4 ? NFPROTO_IPV4 : NFPROTO_IPV6, &got);
	else
		kfree_skb(skb);
}

/* sk_data_ready: softirq */
static void tquic_ping_ready(struct sock *sk)
{
	struct tquic_tun_pings *pings;
	struct sk_buff *skb;

	read_lock_bh(&sk->sk_callback_lock);
	pings = __rcu_dereference_sk_user_data_with_flags(sk, 0);
	while (pings && (skb = skb_dequeue(&sk->sk_receive_queue)))
		tquic_ping_take(pings, skb, sk->sk_family == AF_INET);
	read_unlock_bh(&sk->sk_callback_lock);
}

/*
 * Only answers, and errors of the kinds that LAN hosts are told of.  Packets
 * are cut where the way needs that, as those of tquic_tun_nat_sock_open().
 */
static int tquic_ping_setup4(struct socket *sock)
{
	struct icmp_filter only = {
		.data = ~(1U << ICMP_ECHOREPLY | 1U << ICMP_DEST_UNREACH |
			  1U << ICMP_TIME_EXCEEDED),
	};
	int cut = IP_PMTUDISC_DONT;

	return sock->ops->setsockopt(sock, SOL_RAW, ICMP_FILTER,
				     KERNEL_SOCKPTR(&only), sizeof(only)) ?:
	       sock->ops->setsockopt(sock, SOL_IP, IP_MTU_DISCOVER,
				     KERNEL_SOCKPTR(&cut), sizeof(cut));
}

static int tquic_ping_setup6(struct socket *sock)
{
	struct icmp6_filter only;

	memset(&only, 0xff, sizeof(only));
	only.data[0] &= ~(1U << ICMPV6_DEST_UNREACH | 1U << ICMPV6_PKT_TOOBIG |
			  1U << ICMPV6_TIME_EXCEED);
	only.data[ICMPV6_ECHO_REPLY / 32] &= ~(1U << ICMPV6_ECHO_REPLY % 32);
	return sock->ops->setsockopt(sock, SOL_ICMPV6, ICMPV6_FILTER,
				     KERNEL_SOCKPTR(&only), sizeof(only));
}

static int tquic_ping_open(struct tquic_tun_pings *pings, struct net *net,
			   bool v4)
{
	struct socket *sock;
	struct sock *sk;
	int err;

	err = sock_create_kern(net, v4 ? AF_INET : AF_INET6, SOCK_RAW,
			       v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6, &sock);
	if (err)
		return err;
	err = v4 ? tquic_ping_setup4(sock) : tquic_ping_setup6(sock);
	if (err) {
		sock_release(sock);
		return err;
	}
	sk = sock->sk;
	write_lock_bh(&sk->sk_callback_lock);
	__rcu_assign_sk_user_data_with_flags(sk, pings, SK_USER_DATA_NOCOPY);
	sk->sk_data_ready = tquic_ping_ready;
	write_unlock_bh(&sk->sk_callback_lock);
	pings->socks[!v4] = sock;
	return 0;
}

int tquic_tun_ping_socks_open(struct tquic_tun_pings *pings, struct net *net)
{
	int err = tquic_ping_open(pings, net, true);

	if (err)
		return err;
	/* a host may live without IPv6 */
	err = tquic_ping_open(pings, net, false);
	if (!err || err == -EAFNOSUPPORT)
		return 0;
	tquic_tun_ping_socks_close(pings);
	return err;
}

/* No callback runs, or will, when this returns. */
void tquic_tun_ping_socks_close(struct tquic_tun_pings *pings)
{
	struct sock *sk;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pings->socks); i++) {
		if (!pings->socks[i])
			continue;
		sk = pings->socks[i]->sk;
		write_lock_bh(&sk->sk_callback_lock);
		rcu_assign_sk_user_data(sk, NULL);
		write_unlock_bh(&sk->sk_callback_lock);
	}
	for (i = 0; i < ARRAY_SIZE(pings->socks); i++)
		if (pings->socks[i])
			sock_release(pings->socks[i]);
	/* who has found a socket before calls what is in this module's text */
	synchronize_net();
}

static void tquic_ping_addr(struct msghdr *msg, struct sockaddr_storage *to,
			    const struct tquic_nf_flow *key)
{
	msg->msg_name = to;
	if (key->family == NFPROTO_IPV4) {
		*(struct sockaddr_in *)to = (struct sockaddr_in){
			.sin_family = AF_INET,
			.sin_addr.s_addr = key->daddr.ip,
		};
		msg->msg_namelen = sizeof(struct sockaddr_in);
	} else {
		*(struct sockaddr_in6 *)to = (struct sockaddr_in6){
			.sin6_family = AF_INET6,
			.sin6_addr = key->daddr.in6,
		};
		msg->msg_namelen = sizeof(struct sockaddr_in6);
	}
}

/* Of IPv6 the socket makes the checksum. */
static void tquic_ping_request(u8 *p, u32 len, const struct tquic_tun_flow *f)
{
	__be16 id = htons(f->out_port);
	__sum16 sum;

	memset(p, 0, TQUIC_TUN_PING_HEAD);
	memcpy(p + 4, &id, sizeof(id));
	if (f->key.family == NFPROTO_IPV4) {
		p[0] = ICMP_ECHO;
		sum = ip_compute_csum(p, len);
		memcpy(p + 2, &sum, sizeof(sum));
	} else {
		p[0] = ICMPV6_ECHO_REQUEST;
	}
}

int tquic_tun_ping_sock_send(struct tquic_tun_pings *pings,
			     const struct tquic_tun_flow *flow,
			     const struct tquic_dflow_pkt *pkt, u32 skip)
{
	struct socket *sock = pings->socks[flow->key.family != NFPROTO_IPV4];
	u32 len = pkt->len - skip + TQUIC_TUN_PING_HEAD;
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT };
	struct sockaddr_storage to;
	struct kvec vec;
	int err;

	if (!sock)
		return -ENETUNREACH;
	vec.iov_len = len;
	vec.iov_base = kvmalloc(len, GFP_KERNEL);
	if (!vec.iov_base)
		return -ENOMEM;
	err = tquic_tun_udp_copy(pkt, skip,
				 vec.iov_base + TQUIC_TUN_PING_HEAD);
	if (!err) {
		tquic_ping_request(vec.iov_base, len, flow);
		tquic_ping_addr(&msg, &to, &flow->key);
		err = kernel_sendmsg(sock, &msg, &vec, 1, len);
	}
	kvfree(vec.iov_base);
	return min(err, 0);
}
