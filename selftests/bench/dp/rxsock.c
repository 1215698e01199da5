// SPDX-License-Identifier: GPL-2.0
/*
 * Receiving on a UDP port, in the way that the engine is meant to and in two
 * ways that it is compared with.
 *
 * DP_GSO: a plain socket with UDP_GRO.  Aggregates of many packets come out of
 * its queue as they came in.
 * DP_ENCAP: an encapsulation socket, as tunnels use it.  The kernel cuts
 * aggregates apart before they reach encap_rcv.
 * DP_SINGLE: a plain socket without UDP_GRO.
 */
#include <linux/udp.h>
#include <net/sock.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

#include "opts.h"
#include "rxsock.h"

/* any value that is not in use: it only has to be there */
#define DP_ENCAP_TYPE	1

static void dp_data_ready(struct sock *sk)
{
	struct dp_rxsock *rs;

	rcu_read_lock();
	rs = rcu_dereference_sk_user_data(sk);
	if (rs)
		rs->kick(rs->arg);
	rcu_read_unlock();
}

static int dp_encap_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct dp_rxsock *rs = rcu_dereference_sk_user_data(sk);

	if (!rs || !pskb_may_pull(skb, sizeof(struct udphdr)) ||
	    skb_queue_len_lockless(&rs->queue) >= rs->limit) {
		kfree_skb(skb);
		return 0;
	}
	__skb_pull(skb, sizeof(struct udphdr));
	/* the route is only good until the end of the softirq */
	skb_dst_drop(skb);
	skb_queue_tail(&rs->queue, skb);
	rs->kick(rs->arg);
	return 0;
}

static int dp_rxsock_setup(struct dp_rxsock *rs, unsigned int mode)
{
	struct socket *sock = rs->sock;
	struct sock *sk = sock->sk;
	int one = 1;

	if (mode == DP_ENCAP) {
		struct udp_tunnel_sock_cfg cfg = {
			.sk_user_data = rs,
			.encap_type = DP_ENCAP_TYPE,
			.encap_rcv = dp_encap_rcv,
		};

		rs->encap = true;
		setup_udp_tunnel_sock(sock_net(sk), sk, &cfg);
		return 0;
	}

	write_lock_bh(&sk->sk_callback_lock);
	rs->data_ready = sk->sk_data_ready;
	sk->sk_data_ready = dp_data_ready;
	rcu_assign_sk_user_data(sk, rs);
	write_unlock_bh(&sk->sk_callback_lock);

	if (mode != DP_GSO)
		return 0;
	return sock->ops->setsockopt(sock, SOL_UDP, UDP_GRO,
				     KERNEL_SOCKPTR(&one), sizeof(one));
}

/**
 * dp_rxsock_open - bind a port and start to receive
 * @rs: socket; @rs->kick and @rs->arg are set
 * @net: namespace
 * @port: UDP port
 * @mode: enum dp_mode
 * @window: bytes that the sender may have under way
 *
 * Return: 0 or -errno.
 */
int dp_rxsock_open(struct dp_rxsock *rs, struct net *net, u16 port,
		   unsigned int mode, unsigned int window)
{
	struct udp_port_cfg cfg = {
		.family = AF_INET,
		.local_udp_port = htons(port),
		.use_udp_checksums = true,
	};
	int err;

	skb_queue_head_init(&rs->queue);
	/* each packet takes a page at most, and the window is never overrun */
	rs->limit = window / 64;
	err = udp_sock_create(net, &cfg, &rs->sock);
	if (err)
		return err;

	/* The window bounds what may wait here, in bytes of the stream.  A
	 * small packet in a buffer of its own costs several times its size.
	 */
	lock_sock(rs->sock->sk);
	rs->sock->sk->sk_userlocks |= SOCK_RCVBUF_LOCK;
	WRITE_ONCE(rs->sock->sk->sk_rcvbuf, min(window, INT_MAX / 16U) * 8);
	release_sock(rs->sock->sk);

	err = dp_rxsock_setup(rs, mode);
	if (err) {
		dp_rxsock_quiet(rs);
		dp_rxsock_close(rs);
	}
	return err;
}

/**
 * dp_rxsock_quiet - no more kicks
 * @rs: socket
 *
 * After this no kick is running and none will come.
 */
void dp_rxsock_quiet(struct dp_rxsock *rs)
{
	struct sock *sk = rs->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	if (rs->data_ready)
		sk->sk_data_ready = rs->data_ready;
	rcu_assign_sk_user_data(sk, NULL);
	write_unlock_bh(&sk->sk_callback_lock);
	/* callbacks run under RCU */
	synchronize_rcu();
}

/**
 * dp_rxsock_close - close the port
 * @rs: socket, quiet
 */
void dp_rxsock_close(struct dp_rxsock *rs)
{
	kernel_sock_shutdown(rs->sock, SHUT_RDWR);
	sock_release(rs->sock);
	skb_queue_purge(&rs->queue);
}

/**
 * dp_rxsock_next - take the next buffer
 * @rs: socket; one caller at a time
 *
 * Return: a buffer that begins with the UDP payload, or NULL.
 */
struct sk_buff *dp_rxsock_next(struct dp_rxsock *rs)
{
	int err, off = 0;

	if (rs->encap)
		return skb_dequeue(&rs->queue);
	/* The UDP checksum may not have been verified yet.  The AEAD's tag
	 * covers more and is looked at anyway.
	 */
	return __skb_recv_udp(rs->sock->sk, MSG_DONTWAIT, &off, &err);
}
