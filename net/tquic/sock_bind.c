// SPDX-License-Identifier: GPL-2.0
/*
 * Ports of sockets.  A bound socket holds a UDP socket, which keeps the port
 * from everybody else; UDP sockets being shared within this module, the table
 * here keeps TQUIC sockets from each other, by the rules of TCP.
 */
#include <linux/hash.h>

#include "sock.h"

#define TQUIC_BIND_BITS	8

static DEFINE_SPINLOCK(tquic_bind_lock);
static DEFINE_HASHTABLE(tquic_bind_table, TQUIC_BIND_BITS);

/**
 * tquic_sock_address - what a socket is, or would be, bound to
 * @sk: socket
 * @key: answer; the port is not filled in
 */
void tquic_sock_address(struct sock *sk, struct tquic_udp_key *key)
{
	struct in6_addr in6 = {};

	*key = (struct tquic_udp_key){ .dev = sk->sk_bound_dev_if };
	key->v4 = sk->sk_family == PF_INET;
	if (key->v4) {
		if (inet_sk(sk)->inet_rcv_saddr)
			ipv6_addr_set_v4mapped(inet_sk(sk)->inet_rcv_saddr,
					       &in6);
	} else {
#if IS_ENABLED(CONFIG_IPV6)
		in6 = sk->sk_v6_rcv_saddr;
#endif
		key->v6only = ipv6_only_sock(sk);
		key->v4 = ipv6_addr_v4mapped(&in6);
	}
	memcpy(key->local, &in6, sizeof(key->local));
}

/* Is there an address that both would receive on. */
static bool tquic_bind_overlap(const struct tquic_udp_key *a,
			       const struct tquic_udp_key *b)
{
	static const u8 any[16];
	bool any_a = !memcmp(a->local, any, sizeof(any));
	bool any_b = !memcmp(b->local, any, sizeof(any));

	if (a->dev && b->dev && a->dev != b->dev)
		return false;
	if (any_a && any_b)
		return a->v4 == b->v4 || !(a->v4 ? b->v6only : a->v6only);
	if (any_a)
		return a->v4 == b->v4 || (!a->v4 && !a->v6only);
	if (any_b)
		return a->v4 == b->v4 || (!b->v4 && !b->v6only);
	return !memcmp(a->local, b->local, sizeof(a->local));
}

static bool tquic_bind_shared(struct sock *a, struct sock *b, bool listen)
{
	if (a->sk_reuseport && b->sk_reuseport &&
	    uid_eq(sock_net_uid(sock_net(a), a), sock_net_uid(sock_net(b), b)))
		return true;
	return a->sk_reuse && b->sk_reuse && !listen &&
	       b->sk_state != TCP_LISTEN;
}

/*
 * Is somebody in the way of @tq, which is to listen or only to be bound.  With
 * @listen only those count that listen, too: the others were looked at before.
 */
static bool tquic_bind_conflict(struct tquic_sock *tq,
				const struct tquic_udp_key *key, bool listen)
{
	struct sock *sk = tquic_sock_sk(tq), *other;
	struct tquic_sock *it;

	lockdep_assert_held(&tquic_bind_lock);
	hash_for_each_possible(tquic_bind_table, it, bind_node, key->port) {
		other = tquic_sock_sk(it);
		if (it == tq || it->bind_key.port != key->port ||
		    !net_eq(sock_net(sk), sock_net(other)))
			continue;
		if (listen && other->sk_state != TCP_LISTEN)
			continue;
		if (tquic_bind_overlap(&it->bind_key, key) &&
		    !tquic_bind_shared(sk, other, listen))
			return true;
	}
	return false;
}

static int tquic_bind_enter(struct tquic_sock *tq,
			    const struct tquic_udp_key *key)
{
	int err = 0;

	spin_lock_bh(&tquic_bind_lock);
	if (tquic_bind_conflict(tq, key, false)) {
		err = -EADDRINUSE;
	} else {
		tq->bind_key = *key;
		hash_add(tquic_bind_table, &tq->bind_node, key->port);
	}
	spin_unlock_bh(&tquic_bind_lock);
	return err;
}

/**
 * tquic_sock_get_port - reserve a port: called by bind()
 * @sk: socket with its local address; its lock is held
 * @snum: port, 0 for any
 *
 * Return: 0; -EADDRINUSE; what binding a UDP socket says.
 */
int tquic_sock_get_port(struct sock *sk, unsigned short snum)
{
	struct tquic_sock *tq = tquic_sk(sk);
	struct tquic_udp_key key;
	struct tquic_udp *udp;
	int err;

	tquic_sock_address(sk, &key);
	key.port = snum;
	udp = tquic_udp_open(sock_net(sk), &key);
	if (IS_ERR(udp))
		return PTR_ERR(udp);
	key.port = udp->key.port;
	err = tquic_bind_enter(tq, &key);
	if (err) {
		tquic_udp_put(udp);
		return err;
	}
	tq->udp = udp;
	inet_sk(sk)->inet_num = key.port;
	return 0;
}

/* The opposite; the socket may be bound to nothing. */
void tquic_sock_put_port(struct sock *sk)
{
	struct tquic_sock *tq = tquic_sk(sk);

	spin_lock_bh(&tquic_bind_lock);
	hash_del(&tq->bind_node);
	spin_unlock_bh(&tquic_bind_lock);
	if (tq->udp)
		tquic_udp_put(tq->udp);
	tq->udp = NULL;
	inet_sk(sk)->inet_num = 0;
}

/**
 * tquic_sock_rebind - have what the options say now
 * @tq: bound socket; its lock is held
 *
 * SO_BINDTODEVICE and IPV6_V6ONLY may come after bind().
 *
 * Return: 0; -EADDRINUSE; what binding a UDP socket says.  On failure the
 * socket is not bound any more.
 */
int tquic_sock_rebind(struct tquic_sock *tq)
{
	struct sock *sk = tquic_sock_sk(tq);
	u16 port = inet_sk(sk)->inet_num;
	struct tquic_udp_key key;

	tquic_sock_address(sk, &key);
	if (tq->udp && key.dev == tq->bind_key.dev &&
	    key.v6only == tq->bind_key.v6only)
		return 0;
	tquic_sock_put_port(sk);
	return tquic_sock_get_port(sk, port);
}

/**
 * tquic_sock_may_listen - begin to listen, unless somebody else does
 * @tq: bound socket; its lock is held
 *
 * Return: whether the state is TCP_LISTEN now.
 */
bool tquic_sock_may_listen(struct tquic_sock *tq)
{
	bool may;

	spin_lock_bh(&tquic_bind_lock);
	may = !tquic_bind_conflict(tq, &tq->bind_key, true);
	if (may)
		inet_sk_set_state(tquic_sock_sk(tq), TCP_LISTEN);
	spin_unlock_bh(&tquic_bind_lock);
	return may;
}
