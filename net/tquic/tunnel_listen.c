// SPDX-License-Identifier: GPL-2.0
/*
 * The gateway's transparent sockets: captured packets are given to them, though
 * they are addressed to somebody else.
 *
 * They are bound to a loopback address, so nothing else ever comes to them.
 */
#include <linux/net.h>
#include <net/inet_connection_sock.h>
#include <net/ipv6.h>
#include <net/udp_tunnel.h>

#include "tunnel_priv.h"

#define TQUIC_TUN_ACCEPT_BACKLOG	4096
/* connections that are accepted before others have their turn */
#define TQUIC_TUN_ACCEPT_BATCH		64

static bool tquic_listen_is_v6(unsigned int kind)
{
	return kind == TQUIC_TUN_TCP6 || kind == TQUIC_TUN_UDP6;
}

static bool tquic_listen_is_tcp(unsigned int kind)
{
	return kind == TQUIC_TUN_TCP4 || kind == TQUIC_TUN_TCP6;
}

static void tquic_listen_ready(struct sock *sk)
{
	struct tquic_tun_net *tt;

	read_lock_bh(&sk->sk_callback_lock);
	tt = __rcu_dereference_sk_user_data_with_flags(sk, 0);
	/* a connection that nobody accepted yet has inherited the callback */
	if (sk->sk_state == TCP_LISTEN && tt)
		queue_work(tquic_tun_wq, &tt->accept);
	read_unlock_bh(&sk->sk_callback_lock);
}

static int tquic_listen_bind(struct socket *sock, bool v6)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct sockaddr_in6 sin6 = {
		.sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};

	if (v6)
		return kernel_bind(sock, (void *)&sin6, sizeof(sin6));
	return kernel_bind(sock, (void *)&sin, sizeof(sin));
}

static int tquic_listen_tcp(struct tquic_tun_net *tt, struct socket *sock)
{
	struct sock *sk = sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	tt->data_ready = sk->sk_data_ready;
	sk->sk_data_ready = tquic_listen_ready;
	__rcu_assign_sk_user_data_with_flags(sk, tt, SK_USER_DATA_NOCOPY);
	write_unlock_bh(&sk->sk_callback_lock);
	return kernel_listen(sock, TQUIC_TUN_ACCEPT_BACKLOG);
}

static void tquic_listen_udp(struct tquic_tun_net *tt, struct socket *sock)
{
	struct udp_tunnel_sock_cfg cfg = {
		.sk_user_data = tt,
		.encap_type = 1,
		.encap_rcv = tquic_tun_udp_captured,
	};

	setup_udp_tunnel_sock(tt->net, sock->sk, &cfg);
}

static int tquic_listen_setup(struct tquic_tun_net *tt, unsigned int kind,
			      struct socket *sock)
{
	bool v6 = tquic_listen_is_v6(kind);
	int err;

	if (v6) {
		err = ip6_sock_set_v6only(sock->sk);
		if (err)
			return err;
	}
	inet_set_bit(TRANSPARENT, sock->sk);
	err = tquic_listen_bind(sock, v6);
	if (err)
		return err;
	if (tquic_listen_is_tcp(kind))
		return tquic_listen_tcp(tt, sock);
	tquic_listen_udp(tt, sock);
	return 0;
}

static int tquic_listen_make(struct tquic_tun_net *tt, unsigned int kind)
{
	bool tcp = tquic_listen_is_tcp(kind);
	struct socket *sock;
	int err;

	err = sock_create_kern(tt->net,
			       tquic_listen_is_v6(kind) ? AF_INET6 : AF_INET,
			       tcp ? SOCK_STREAM : SOCK_DGRAM,
			       tcp ? IPPROTO_TCP : IPPROTO_UDP, &sock);
	/* a host may live without IPv6, or without ::1 */
	if (err)
		return tquic_listen_is_v6(kind) ? 0 : err;
	err = tquic_listen_setup(tt, kind, sock);
	if (err) {
		sock_release(sock);
		return tquic_listen_is_v6(kind) && err == -EADDRNOTAVAIL ?
		       0 : err;
	}
	tt->socks[kind] = sock;
	rcu_assign_pointer(tt->sks[kind], sock->sk);
	return 0;
}

/* tt->accept: whatever has come to the listeners */
static void tquic_listen_take(struct work_struct *work)
{
	struct tquic_tun_net *tt = container_of(work, struct tquic_tun_net,
						accept);
	unsigned int kind, budget = TQUIC_TUN_ACCEPT_BATCH;
	struct socket *sock;

	for (kind = 0; kind < TQUIC_TUN_SOCKS; kind++) {
		if (!tquic_listen_is_tcp(kind) || !tt->socks[kind])
			continue;
		while (budget && !kernel_accept(tt->socks[kind], &sock,
						O_NONBLOCK)) {
			tquic_tun_tcp_accepted(tt, sock);
			budget--;
		}
	}
	if (!budget)
		queue_work(tquic_tun_wq, &tt->accept);
}

static void tquic_listen_quiet(struct tquic_tun_net *tt, unsigned int kind)
{
	struct sock *sk = tt->socks[kind]->sk;

	write_lock_bh(&sk->sk_callback_lock);
	if (tquic_listen_is_tcp(kind))
		sk->sk_data_ready = tt->data_ready;
	rcu_assign_sk_user_data(sk, NULL);
	write_unlock_bh(&sk->sk_callback_lock);
}

static void tquic_listen_close(struct tquic_tun_net *tt)
{
	unsigned int kind;

	for (kind = 0; kind < TQUIC_TUN_SOCKS; kind++) {
		RCU_INIT_POINTER(tt->sks[kind], NULL);
		if (tt->socks[kind])
			tquic_listen_quiet(tt, kind);
	}
	/* the packet path gives them nothing more */
	synchronize_net();
	cancel_work_sync(&tt->accept);
	for (kind = 0; kind < TQUIC_TUN_SOCKS; kind++) {
		if (!tt->socks[kind])
			continue;
		sock_release(tt->socks[kind]);
		tt->socks[kind] = NULL;
	}
}

/**
 * tquic_tun_listen_get - a gateway's tunnel needs the sockets
 * @tt: namespace; its lock is held
 *
 * Return: 0 or -errno.
 */
int tquic_tun_listen_get(struct tquic_tun_net *tt)
{
	unsigned int kind;
	int err;

	lockdep_assert_held(&tt->lock);
	if (tt->users++)
		return 0;
	INIT_WORK(&tt->accept, tquic_listen_take);
	for (kind = 0; kind < TQUIC_TUN_SOCKS; kind++) {
		err = tquic_listen_make(tt, kind);
		if (err) {
			tquic_listen_close(tt);
			tt->users--;
			return err;
		}
	}
	tquic_tun_flows_start(tt);
	return 0;
}

void tquic_tun_listen_put(struct tquic_tun_net *tt)
{
	lockdep_assert_held(&tt->lock);
	if (--tt->users)
		return;
	tquic_listen_close(tt);
	tquic_tun_flows_stop(tt);
}
