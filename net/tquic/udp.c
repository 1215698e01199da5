// SPDX-License-Identifier: GPL-2.0
/*
 * The UDP sockets of a namespace: made, shared, closed.
 *
 * They are kernel sockets: a namespace that goes is not held up by them, it
 * waits in tquic_udp_net_exit() until its connections have let go of them.
 *
 * One port may be bound several times, with different addresses or devices, or
 * with any address and a certain one.  The kernel allows the latter among
 * sockets with SO_REUSEADDR, and would then allow it to anybody who has set
 * that, too.  So ours have it only while one of ours is being bound.
 */
#include <linux/err.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/udp.h>
#include <linux/wait_bit.h>
#include <net/ipv6.h>
#include <net/sock.h>

#include "net.h"
#include "udp.h"

/* bytes that may wait; softirq empties the queue as long as it keeps up */
#define TQUIC_UDP_RCVBUF	(8 << 20)

struct workqueue_struct *tquic_udp_wq;

static int tquic_udp_set(struct tquic_udp *udp, int level, int name, int value)
{
	return udp->sock->ops->setsockopt(udp->sock, level, name,
					  KERNEL_SOCKPTR(&value),
					  sizeof(value));
}

/*
 * Packets are as long as path MTU discovery made them and are never cut (RFC
 * 9000 section 14); what routers say about it is told to the connection and
 * does not change the route, as anybody may say it.
 */
static int tquic_udp_options(struct tquic_udp *udp)
{
	bool v4 = udp->key.v4;
	int err;

	err = tquic_udp_set(udp, SOL_UDP, UDP_GRO, 1) ?:
	      tquic_udp_set(udp, SOL_IP, IP_RECVERR, 1) ?:
	      tquic_udp_set(udp, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
	if (err || v4)
		return err;
	return tquic_udp_set(udp, SOL_IPV6, IPV6_V6ONLY, udp->key.v6only) ?:
	       tquic_udp_set(udp, SOL_IPV6, IPV6_RECVERR, 1) ?:
	       tquic_udp_set(udp, SOL_IPV6, IPV6_MTU_DISCOVER,
			     IPV6_PMTUDISC_PROBE);
}

static int tquic_udp_bind(struct tquic_udp *udp)
{
	const struct tquic_udp_key *key = &udp->key;
	union {
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} a = {};
	int len;

	if (key->v4) {
		a.in.sin_family = AF_INET;
		a.in.sin_port = htons(key->port);
		memcpy(&a.in.sin_addr, key->local + 12, 4);
		len = sizeof(a.in);
	} else {
		a.in6.sin6_family = AF_INET6;
		a.in6.sin6_port = htons(key->port);
		memcpy(&a.in6.sin6_addr, key->local, 16);
		a.in6.sin6_scope_id = key->dev;
		len = sizeof(a.in6);
	}
	return kernel_bind(udp->sock, (struct sockaddr_unsized *)&a, len);
}

/* Under the lock. */
static void tquic_udp_reuse(struct tquic_udp_net *un, unsigned char reuse)
{
	struct tquic_udp *udp;

	list_for_each_entry(udp, &un->sockets, node)
		udp->sock->sk->sk_reuse = reuse;
}

/* Under the lock, @udp is in the list. */
static int tquic_udp_setup(struct tquic_udp *udp)
{
	struct sock *sk = udp->sock->sk;
	int err;

	lock_sock(sk);
	sk->sk_userlocks |= SOCK_RCVBUF_LOCK;
	WRITE_ONCE(sk->sk_rcvbuf, TQUIC_UDP_RCVBUF);
	release_sock(sk);

	err = tquic_udp_options(udp);
	if (!err && udp->key.dev)
		err = sock_bindtoindex(sk, udp->key.dev, true);
	if (err)
		return err;
	/* what comes from here on is ours to take */
	tquic_udp_hook(udp);
	/* a free port has no other socket, however many we have */
	if (udp->key.port)
		tquic_udp_reuse(udp->un, SK_CAN_REUSE);
	err = tquic_udp_bind(udp);
	if (udp->key.port)
		tquic_udp_reuse(udp->un, SK_NO_REUSE);
	if (err)
		return err;
	udp->key.port = ntohs(inet_sk(sk)->inet_sport);
	return 0;
}

/* The callbacks may still look at the struct, until a grace period is over. */
static void tquic_udp_free(struct tquic_udp *udp)
{
	struct tquic_udp_net *un = udp->un;

	if (udp->sock) {
		tquic_udp_unhook(udp);
		sock_release(udp->sock);
	}
	kfree_rcu(udp, rcu);
	if (atomic_dec_and_test(&un->nr))
		wake_up_var(&un->nr);
}

static void tquic_udp_close(struct work_struct *work)
{
	struct tquic_udp *udp = container_of(work, struct tquic_udp, close);

	mutex_lock(&udp->un->lock);
	list_del(&udp->node);
	mutex_unlock(&udp->un->lock);
	tquic_udp_free(udp);
}

/* Under the lock. */
static struct tquic_udp *tquic_udp_make(struct tquic_udp_net *un,
					struct net *net,
					const struct tquic_udp_key *key)
{
	struct tquic_udp *udp = kzalloc_obj(*udp, GFP_KERNEL);
	int err;

	if (!udp)
		return ERR_PTR(-ENOMEM);
	refcount_set(&udp->ref, 1);
	udp->un = un;
	udp->net = net;
	udp->key = *key;
	INIT_WORK(&udp->close, tquic_udp_close);
	atomic_inc(&un->nr);
	err = sock_create_kern(net, key->v4 ? AF_INET : AF_INET6, SOCK_DGRAM,
			       IPPROTO_UDP, &udp->sock);
	if (err) {
		udp->sock = NULL;
		tquic_udp_free(udp);
		return ERR_PTR(err);
	}
	list_add_tail(&udp->node, &un->sockets);
	err = tquic_udp_setup(udp);
	if (err) {
		list_del(&udp->node);
		tquic_udp_free(udp);
		return ERR_PTR(err);
	}
	return udp;
}

static bool tquic_udp_key_eq(const struct tquic_udp_key *a,
			     const struct tquic_udp_key *b)
{
	return !memcmp(a->local, b->local, sizeof(a->local)) &&
	       a->port == b->port && a->dev == b->dev && a->v4 == b->v4 &&
	       a->v6only == b->v6only;
}

/* Under the lock. */
static struct tquic_udp *tquic_udp_find(struct tquic_udp_net *un,
					const struct tquic_udp_key *key)
{
	struct tquic_udp *udp;

	list_for_each_entry(udp, &un->sockets, node)
		if (tquic_udp_key_eq(&udp->key, key) &&
		    refcount_inc_not_zero(&udp->ref))
			return udp;
	return NULL;
}

/**
 * tquic_udp_open - get a socket
 * @net: namespace
 * @key: what it is bound to
 *
 * Context: process context, may sleep.
 * Return: a socket that is there already, or a new one, with a reference;
 * ERR_PTR(-EADDRINUSE) and what else binding answers.
 */
struct tquic_udp *tquic_udp_open(struct net *net,
				 const struct tquic_udp_key *key)
{
	struct tquic_udp_net *un = &tquic_net(net)->udp;
	struct tquic_udp *udp;

	mutex_lock(&un->lock);
	udp = key->port ? tquic_udp_find(un, key) : NULL;
	if (!udp)
		udp = tquic_udp_make(un, net, key);
	mutex_unlock(&un->lock);
	return udp;
}

struct tquic_udp *tquic_udp_get(struct tquic_udp *udp)
{
	refcount_inc(&udp->ref);
	return udp;
}

/**
 * tquic_udp_put - give a reference back
 * @udp: socket, or NULL; the last one closes it, a little later
 *
 * Context: any.
 */
void tquic_udp_put(struct tquic_udp *udp)
{
	if (udp && refcount_dec_and_test(&udp->ref))
		queue_work(tquic_udp_wq, &udp->close);
}

void tquic_udp_net_init(struct tquic_udp_net *un)
{
	mutex_init(&un->lock);
	INIT_LIST_HEAD(&un->sockets);
	atomic_set(&un->nr, 0);
}

/**
 * tquic_udp_net_exit - wait until all sockets are closed
 * @un: sockets of a namespace, all of whose users have let go or are about to
 *
 * Context: process context, sleeps.
 */
void tquic_udp_net_exit(struct tquic_udp_net *un)
{
	wait_var_event(&un->nr, !atomic_read(&un->nr));
}

int __init tquic_udp_init(void)
{
	tquic_udp_wq = alloc_workqueue("tquic_udp", WQ_UNBOUND, 0);
	return tquic_udp_wq ? 0 : -ENOMEM;
}

/**
 * tquic_udp_exit - the module goes; so have all namespaces
 */
void tquic_udp_exit(void)
{
	destroy_workqueue(tquic_udp_wq);
}
