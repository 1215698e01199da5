// SPDX-License-Identifier: GPL-2.0
/* Sockets: what the kernel is told of them, and how they begin. */
#include <linux/module.h>
#include <linux/workqueue.h>
#include <net/inet_common.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/protocol.h>
#include <net/transp_v6.h>

#include "registry.h"
#include "sock.h"
#include "sock_connect.h"

struct workqueue_struct *tquic_sock_wq;

static int tquic_sock_init(struct sock *sk)
{
	struct tquic_sock *tq = tquic_sk(sk);

	/* what SO_PROTOCOL answers, whichever number it was made by */
	sk->sk_protocol = IPPROTO_TQUIC;
	sk->sk_allocation = GFP_KERNEL_ACCOUNT;
	tq->kind = TQUIC_SOCK_FRESH;
	tq->opts.idle_timeout = U32_MAX;
	tq->opts.paths = TQUIC_CONN_PATHS_MAX;
	tq->opts.default_stream = true;
	INIT_HLIST_NODE(&tq->bind_node);
	INIT_LIST_HEAD(&tq->node);
	spin_lock_init(&tq->accept_lock);
	INIT_LIST_HEAD(&tq->accept_q);
	tquic_sock_cork_init(tq);
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, 1);
	return 0;
}

static void tquic_sock_destroy(struct sock *sk)
{
	struct tquic_sock_opts *opts = &tquic_sk(sk)->opts;

	tquic_cred_put(opts->cred);
	tquic_cc_put(opts->congestion);
	tquic_sched_put(opts->scheduler);
	*opts = (struct tquic_sock_opts){};
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, -1);
}

static void tquic_sock_unhash(struct sock *sk)
{
	tquic_sock_put_port(sk);
}

#define TQUIC_SOCK_PROTO						\
	.owner = THIS_MODULE,						\
	.init = tquic_sock_init,					\
	.destroy = tquic_sock_destroy,					\
	.close = tquic_sock_close,					\
	.unhash = tquic_sock_unhash,					\
	.get_port = tquic_sock_get_port,				\
	.put_port = tquic_sock_put_port,				\
	.setsockopt = tquic_sock_setsockopt,				\
	.getsockopt = tquic_sock_getsockopt,				\
	.no_autobind = true

static struct proto tquic_prot = {
	.name = "TQUIC",
	TQUIC_SOCK_PROTO,
	.obj_size = sizeof(struct tquic_sock),
};

#define TQUIC_SOCK_OPS							\
	.owner = THIS_MODULE,						\
	.connect = tquic_sock_connect,					\
	.socketpair = sock_no_socketpair,				\
	.accept = tquic_sock_accept,					\
	.poll = tquic_sock_poll,					\
	.ioctl = tquic_sock_ioctl,					\
	.gettstamp = sock_gettstamp,					\
	.listen = tquic_sock_listen,					\
	.shutdown = tquic_sock_shutdown,				\
	.setsockopt = sock_common_setsockopt,				\
	.getsockopt = sock_common_getsockopt,				\
	.sendmsg = tquic_sock_sendmsg,					\
	.recvmsg = tquic_sock_recvmsg,					\
	.mmap = sock_no_mmap

static const struct proto_ops tquic_ops = {
	.family = PF_INET,
	TQUIC_SOCK_OPS,
	.release = inet_release,
	.bind = inet_bind,
	.getname = inet_getname,
};

static struct inet_protosw tquic_protosw = {
	.type = SOCK_STREAM,
	.protocol = IPPROTO_TQUIC_REAL,
	.prot = &tquic_prot,
	.ops = &tquic_ops,
};

#if IS_ENABLED(CONFIG_IPV6)
static struct proto tquic6_prot = {
	.name = "TQUICv6",
	TQUIC_SOCK_PROTO,
	.obj_size = sizeof(struct tquic6_sock),
	.ipv6_pinfo_offset = offsetof(struct tquic6_sock, inet6),
};

static const struct proto_ops tquic6_ops = {
	.family = PF_INET6,
	TQUIC_SOCK_OPS,
	.release = inet6_release,
	.bind = inet6_bind,
	.getname = inet6_getname,
#ifdef CONFIG_COMPAT
	.compat_ioctl = inet6_compat_ioctl,
#endif
};

static struct inet_protosw tquic6_protosw = {
	.type = SOCK_STREAM,
	.protocol = IPPROTO_TQUIC_REAL,
	.prot = &tquic6_prot,
	.ops = &tquic6_ops,
};

static int tquic_sock_register6(void)
{
	int err = proto_register(&tquic6_prot, 1);

	if (err)
		return err;
	err = inet6_register_protosw(&tquic6_protosw);
	if (err)
		proto_unregister(&tquic6_prot);
	return err;
}

static void tquic_sock_unregister6(void)
{
	inet6_unregister_protosw(&tquic6_protosw);
	proto_unregister(&tquic6_prot);
}

static void tquic_sock_init6(struct sock *sk, const struct sock *parent)
{
	struct ipv6_pinfo *np;

	if (sk->sk_family != PF_INET6)
		return;
	np = (void *)((u8 *)sk + sk->sk_prot->ipv6_pinfo_offset);
	inet_sk(sk)->pinet6 = np;
	np->hop_limit = -1;
	np->mcast_hops = IPV6_DEFAULT_MCASTHOPS;
	np->pmtudisc = IPV6_PMTUDISC_WANT;
	sk->sk_destruct = inet6_sock_destruct;
	sk->sk_ipv6only = parent->sk_ipv6only;
}
#else
static int tquic_sock_register6(void)
{
	return 0;
}

static void tquic_sock_unregister6(void)
{
}

static void tquic_sock_init6(struct sock *sk, const struct sock *parent)
{
}
#endif

/* What a socket that comes from another one takes over from it. */
static void tquic_sock_inherit(struct sock *sk, const struct sock *parent)
{
	const u32 locks = SOCK_SNDBUF_LOCK | SOCK_RCVBUF_LOCK;

	sk->sk_rcvbuf = parent->sk_rcvbuf;
	sk->sk_sndbuf = parent->sk_sndbuf;
	sk->sk_userlocks = parent->sk_userlocks & locks;
	sk->sk_rcvlowat = parent->sk_rcvlowat;
	sk->sk_rcvtimeo = parent->sk_rcvtimeo;
	sk->sk_sndtimeo = parent->sk_sndtimeo;
	sk->sk_lingertime = parent->sk_lingertime;
	if (sock_flag(parent, SOCK_LINGER))
		sock_set_flag(sk, SOCK_LINGER);
	if (sock_flag(parent, SOCK_KEEPOPEN))
		sock_set_flag(sk, SOCK_KEEPOPEN);
	sk->sk_priority = parent->sk_priority;
	sk->sk_mark = parent->sk_mark;
	sk->sk_reuse = parent->sk_reuse;
	sk->sk_reuseport = parent->sk_reuseport;
	sk->sk_bound_dev_if = parent->sk_bound_dev_if;
	inet_sk(sk)->tos = inet_sk(parent)->tos;
}

/**
 * tquic_sock_child - make a socket of the same kind as another
 * @parent: that one; its lock is held
 * @sock: what it is for, without a struct sock so far
 * @kern: it belongs to the kernel
 *
 * Return: the socket with one reference, grafted to @sock; NULL without memory.
 */
struct sock *tquic_sock_child(struct sock *parent, struct socket *sock,
			      int kern)
{
	struct tquic_sock *from = tquic_sk(parent), *tq;
	struct inet_sock *inet;
	struct sock *sk;

	sk = sk_alloc(sock_net(parent), parent->sk_family, GFP_KERNEL,
		      parent->sk_prot, kern);
	if (!sk)
		return NULL;
	sock_init_data(sock, sk);
	inet = inet_sk(sk);
	inet->pmtudisc = inet_sk(parent)->pmtudisc;
	inet->uc_ttl = -1;
	inet->mc_ttl = 1;
	sk->sk_destruct = inet_sock_destruct;
	tquic_sock_init6(sk, parent);
	tquic_sock_init(sk);
	tquic_sock_inherit(sk, parent);
	tq = tquic_sk(sk);
	tq->opts = from->opts;
	if (tq->opts.cred)
		tquic_cred_get(tq->opts.cred);
	tquic_cc_get(tq->opts.congestion);
	tquic_sched_get(tq->opts.scheduler);
	security_sock_graft(sk, sock);
	return sk;
}

static void tquic_sock_name(struct sock *sk, const u8 *addr, bool local)
{
	const struct in6_addr *in6 = (const void *)addr;
	__be32 in4 = ipv6_addr_v4mapped(in6) ? in6->s6_addr32[3] : 0;
	struct inet_sock *inet = inet_sk(sk);

	if (local) {
		inet->inet_saddr = in4;
		inet->inet_rcv_saddr = in4;
	} else {
		inet->inet_daddr = in4;
	}
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family != PF_INET6)
		return;
	if (local) {
		inet6_sk(sk)->saddr = *in6;
		sk->sk_v6_rcv_saddr = *in6;
	} else {
		sk->sk_v6_daddr = *in6;
	}
#endif
}

/**
 * tquic_sock_names - addresses of a connection, for getsockname() and others
 * @tq: socket of a connection; both locks are held
 *
 * Those of the path that it began with, for the life of the socket.
 */
void tquic_sock_names(struct tquic_sock *tq)
{
	struct sock *sk = tquic_sock_sk(tq);
	struct tquic_conn *core = tq->conn->sess->core;
	struct inet_sock *inet = inet_sk(sk);
	const struct tquic_tuple *tuple;
	struct tquic_path *path;

	path = list_first_entry_or_null(&core->paths, struct tquic_path, node);
	if (!path)
		return;
	tuple = &path->tuple;
	tquic_sock_name(sk, tuple->local, true);
	tquic_sock_name(sk, tuple->remote, false);
	inet->inet_num = tuple->local_port;
	inet->inet_sport = htons(tuple->local_port);
	inet->inet_dport = htons(tuple->remote_port);
}

int tquic_sock_register(void)
{
	int err = -ENOMEM;

	tquic_sock_wq = alloc_workqueue("tquic_sock", WQ_UNBOUND, 0);
	if (!tquic_sock_wq)
		return err;
	err = proto_register(&tquic_prot, 1);
	if (err)
		goto err_wq;
	err = tquic_sock_register6();
	if (err)
		goto err_proto;
	inet_register_protosw(&tquic_protosw);
	return 0;

err_proto:
	proto_unregister(&tquic_prot);
err_wq:
	destroy_workqueue(tquic_sock_wq);
	return err;
}

/* There are no sockets any more: each holds a reference of the module. */
void tquic_sock_unregister(void)
{
	inet_unregister_protosw(&tquic_protosw);
	tquic_sock_unregister6();
	proto_unregister(&tquic_prot);
	/* the last work of a socket may be on its way out */
	destroy_workqueue(tquic_sock_wq);
}

/* socket() with the registered number loads the module */
MODULE_ALIAS_NET_PF_PROTO_TYPE(PF_INET, 259, SOCK_STREAM);
MODULE_ALIAS_NET_PF_PROTO_TYPE(PF_INET6, 259, SOCK_STREAM);
