// SPDX-License-Identifier: GPL-2.0
/* connect(): what a connection is made with, and waiting for it. */
#include <linux/sched/signal.h>
#include <net/inet_common.h>
#include <net/ipv6.h>

#include "core/cc.h"
#include "core/sched.h"
#include "sock.h"
#include "sock_connect.h"

/**
 * tquic_sock_config - what the socket's connections start from
 * @tq: socket
 * @config: answer; holds no reference but the socket's own
 *
 * Return: 0 or -ENOMEM.
 */
int tquic_sock_config(struct tquic_sock *tq, struct tquic_sess_config *config)
{
	struct sock *sk = tquic_sock_sk(tq);
	struct tquic_net *tn = tquic_net(sock_net(sk));
	const struct tquic_sock_opts *opts = &tq->opts;

	if (!tq->opts.cred) {
		tq->opts.cred = tquic_cred_new(GFP_KERNEL);
		if (!tq->opts.cred)
			return -ENOMEM;
	}
	*config = (struct tquic_sess_config){
		.ops = &tquic_sock_sess_ops,
		.cred = opts->cred,
		.version = opts->version,
		.wmem = READ_ONCE(tn->config.wmem_max),
		.rmem = READ_ONCE(tn->config.rmem_max),
		.idle_timeout = READ_ONCE(tn->config.idle_timeout),
		.handshake_timeout = READ_ONCE(tn->config.handshake_timeout),
		.paths = opts->paths,
		.streams = opts->streams,
		.streams_uni = opts->streams,
		.dgrams = opts->dgrams,
		.early = opts->cred->early,
		.eager = opts->cred->early,
	};
	if (sk->sk_userlocks & SOCK_RCVBUF_LOCK)
		config->rmem = min_t(u64, config->rmem, sk->sk_rcvbuf);
	if (opts->idle_timeout != U32_MAX)
		config->idle_timeout = opts->idle_timeout;
	if (opts->congestion)
		strscpy(config->cc, opts->congestion->name);
	if (opts->scheduler)
		strscpy(config->sched, opts->scheduler->name);
	return 0;
}

static int tquic_sock_addr4(const struct sockaddr_in *in, int len,
			    struct tquic_tuple *tuple)
{
	if (len < sizeof(*in))
		return -EINVAL;
	if (in->sin_family != AF_INET)
		return -EAFNOSUPPORT;
	ipv6_addr_set_v4mapped(in->sin_addr.s_addr,
			       (struct in6_addr *)tuple->remote);
	tuple->remote_port = ntohs(in->sin_port);
	return 0;
}

static int tquic_sock_addr6(struct sock *sk, const struct sockaddr_in6 *in6,
			    int len, struct tquic_tuple *tuple)
{
	if (len < SIN6_LEN_RFC2133)
		return -EINVAL;
	if (in6->sin6_family == AF_INET && !ipv6_only_sock(sk))
		return tquic_sock_addr4((const void *)in6, len, tuple);
	if (in6->sin6_family != AF_INET6)
		return -EAFNOSUPPORT;
	if (ipv6_addr_v4mapped(&in6->sin6_addr) && ipv6_only_sock(sk))
		return -ENETUNREACH;
	memcpy(tuple->remote, &in6->sin6_addr, sizeof(tuple->remote));
	tuple->remote_port = ntohs(in6->sin6_port);
	if (!__ipv6_addr_needs_scope_id(ipv6_addr_type(&in6->sin6_addr)))
		return 0;
	if (len < sizeof(*in6) || !(in6->sin6_scope_id ?: tuple->dev))
		return -EINVAL;
	if (tuple->dev && in6->sin6_scope_id &&
	    in6->sin6_scope_id != tuple->dev)
		return -EINVAL;
	if (in6->sin6_scope_id)
		tuple->dev = in6->sin6_scope_id;
	return 0;
}

/* Whom a multicast or broadcast address would mean, nobody can tell. */
static bool tquic_sock_one_host(struct net *net, const struct tquic_tuple *t)
{
	const struct in6_addr *in6 = (const void *)t->remote;
	__be32 in4 = in6->s6_addr32[3];

	if (ipv6_addr_v4mapped(in6))
		return !ipv4_is_multicast(in4) && !ipv4_is_lbcast(in4);
	return !ipv6_addr_is_multicast(in6);
}

static int tquic_sock_tuple(struct tquic_sock *tq, const void *addr, int len,
			    struct tquic_tuple *tuple)
{
	struct sock *sk = tquic_sock_sk(tq);
	struct in6_addr *remote = (struct in6_addr *)tuple->remote;
	struct tquic_udp_key key;
	int err;

	tquic_sock_address(sk, &key);
	*tuple = (struct tquic_tuple){ .dev = key.dev };
	memcpy(tuple->local, key.local, sizeof(tuple->local));
	tuple->local_port = inet_sk(sk)->inet_num;
	if (sk->sk_family == PF_INET)
		err = tquic_sock_addr4(addr, len, tuple);
	else
		err = tquic_sock_addr6(sk, addr, len, tuple);
	if (err)
		return err;
	/* to nobody in particular is to ourselves, as in TCP */
	if (ipv6_addr_any(remote))
		*remote = in6addr_loopback;
	else if (ipv6_addr_v4mapped(remote) && !remote->s6_addr32[3])
		remote->s6_addr32[3] = htonl(INADDR_LOOPBACK);
	if (!tquic_sock_one_host(sock_net(sk), tuple))
		return -ENETUNREACH;
	return tuple->remote_port ? 0 : -EADDRNOTAVAIL;
}

static int tquic_sock_start(struct tquic_sock *tq, const void *addr, int len,
			    bool early)
{
	struct sock *sk = tquic_sock_sk(tq);
	struct tquic_sess_config config;
	struct tquic_sock_conn *conn;
	struct tquic_tuple tuple;
	struct tquic_sess *sess;
	int err;

	if (tq->udp) {
		err = tquic_sock_rebind(tq);
		if (err)
			return err;
	}
	err = tquic_sock_tuple(tq, addr, len, &tuple);
	if (err)
		return err;
	err = tquic_sock_config(tq, &config);
	if (err)
		return err;
	conn = tquic_sock_conn_new(GFP_KERNEL);
	if (!conn)
		return -ENOMEM;
	conn->default_stream = tq->opts.default_stream;
	conn->backlog = tq->opts.streams;
	conn->early = early;
	conn->main = tq;
	config.udp = tq->udp;
	/* what failed before was kept for TQUIC_INFO */
	tquic_sock_conn_leave(tq, 0);
	WRITE_ONCE(sk->sk_shutdown, 0);
	WRITE_ONCE(sk->sk_err, 0);
	sess = tquic_sess_connect(sock_net(sk), &config, &tuple);
	if (IS_ERR(sess)) {
		kfree(conn);
		return PTR_ERR(sess);
	}
	/* what happened before it had an owner is looked at here */
	tquic_sess_lock(sess);
	conn->sess = sess;
	sess->owner = conn;
	inet_sk_set_state(sk, TCP_SYN_SENT);
	tquic_sock_conn_join(conn, tq, NULL);
	tquic_sock_names(tq);
	if (sess->core->early_data == TQUIC_EARLY_OFFERED)
		sess->ops->early(sess);
	if (sess->core->tls_done && sk->sk_state == TCP_SYN_SENT)
		sess->ops->established(sess);
	tquic_sess_unlock(sess);
	tq->kind = TQUIC_SOCK_CONN;
	return 0;
}

/* Until the handshake is over, or @enough of TQUIC_SOCK_F_* there. */
static int tquic_sock_wait_connect(struct sock *sk, long timeo, u32 enough)
{
	const struct tquic_sock *tq = tquic_sk(sk);
	DEFINE_WAIT_FUNC(wait, woken_wake_function);

	add_wait_queue(sk_sleep(sk), &wait);
	while (READ_ONCE(sk->sk_state) == TCP_SYN_SENT && timeo &&
	       !(tquic_sock_flags(tq) & enough) && !signal_pending(current)) {
		release_sock(sk);
		timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, timeo);
		lock_sock(sk);
	}
	remove_wait_queue(sk_sleep(sk), &wait);
	if (READ_ONCE(sk->sk_state) != TCP_SYN_SENT ||
	    tquic_sock_flags(tq) & enough)
		return 0;
	return timeo ? sock_intr_errno(timeo) : -EINPROGRESS;
}

/* The handshake is over: how. */
static int tquic_sock_connected(struct socket *sock, struct sock *sk)
{
	struct tquic_sock *tq = tquic_sk(sk);

	if (sk->sk_state == TCP_ESTABLISHED) {
		sock->state = SS_CONNECTED;
		return 0;
	}
	sock->state = SS_UNCONNECTED;
	tq->kind = TQUIC_SOCK_FRESH;
	return sock_error(sk) ?: -ECONNABORTED;
}

static int tquic_sock_disconnect(struct socket *sock, struct sock *sk)
{
	struct tquic_sock *tq = tquic_sk(sk);

	if (tq->kind == TQUIC_SOCK_LISTENER)
		tquic_sock_listen_end(tq);
	if (tq->kind == TQUIC_SOCK_STREAM)
		return -EOPNOTSUPP;
	tquic_sock_conn_leave(tq, 0);
	inet_sk_set_state(sk, TCP_CLOSE);
	WRITE_ONCE(sk->sk_shutdown, 0);
	WRITE_ONCE(sk->sk_err, 0);
	tq->flags = 0;
	tq->kind = TQUIC_SOCK_FRESH;
	sock->state = SS_UNCONNECTED;
	inet_sk(sk)->inet_dport = 0;
	return 0;
}

static int tquic_sock_connect_locked(struct socket *sock, struct sock *sk,
				     const void *addr, int len, int flags)
{
	struct tquic_sock *tq = tquic_sk(sk);
	long timeo = sock_sndtimeo(sk, flags & O_NONBLOCK);
	int err;

	switch (sock->state) {
	case SS_CONNECTED:
		return -EISCONN;
	case SS_CONNECTING:
		/* whoever asks again after EINPROGRESS learns of the result */
		if (sk->sk_state != TCP_SYN_SENT)
			return tquic_sock_connected(sock, sk);
		if (!timeo)
			return -EALREADY;
		break;
	case SS_UNCONNECTED:
		if (tq->kind != TQUIC_SOCK_FRESH)
			return -EISCONN;
		err = tquic_sock_start(tq, addr, len, false);
		if (err)
			return err;
		sock->state = SS_CONNECTING;
		if (!timeo && sk->sk_state == TCP_SYN_SENT)
			return -EINPROGRESS;
		break;
	default:
		return -EINVAL;
	}
	err = tquic_sock_wait_connect(sk, timeo, 0);
	return err ?: tquic_sock_connected(sock, sk);
}

/* Early data is asked for, as by TQUIC_EARLY_DATA. */
static int tquic_sock_want_early(struct tquic_sock *tq)
{
	struct tquic_cred *cred = tq->opts.cred;

	if (cred && cred->early)
		return 0;
	cred = cred ? tquic_cred_copy(cred, GFP_KERNEL) :
		      tquic_cred_new(GFP_KERNEL);
	if (!cred)
		return -ENOMEM;
	cred->early = true;
	tquic_cred_put(tq->opts.cred);
	tq->opts.cred = cred;
	return 0;
}

/**
 * tquic_sock_fastopen - sendmsg() with MSG_FASTOPEN: connect, and write early
 * @sock: socket, which is locked
 * @msg: whom to connect to, and the flags
 *
 * Waits until something can be written, which is at once when a session is
 * resumed with early data, else when the handshake is done.
 *
 * Return: 0; -EINPROGRESS when it does not block and the connection is begun;
 * -EALREADY when it was; -EDESTADDRREQ; what connect() fails with.
 */
int tquic_sock_fastopen(struct socket *sock, const struct msghdr *msg)
{
	struct sock *sk = sock->sk;
	struct tquic_sock *tq = tquic_sk(sk);
	long timeo = sock_sndtimeo(sk, msg->msg_flags & MSG_DONTWAIT);
	int err;

	if (!msg->msg_name)
		return -EDESTADDRREQ;
	if (!tq->opts.default_stream)
		return -EOPNOTSUPP;
	if (sk->sk_state == TCP_ESTABLISHED ||
	    (sock->state == SS_UNCONNECTED && tq->kind != TQUIC_SOCK_FRESH))
		return -EISCONN;
	if (sock->state == SS_UNCONNECTED) {
		err = tquic_sock_want_early(tq) ?:
		      tquic_sock_start(tq, msg->msg_name, msg->msg_namelen,
				       true);
		if (err)
			return err;
		sock->state = SS_CONNECTING;
	} else if (!timeo) {
		return -EALREADY;
	}
	err = tquic_sock_wait_connect(sk, timeo, TQUIC_SOCK_F_STREAM);
	if (err || sk->sk_state == TCP_SYN_SENT)
		return err;
	return tquic_sock_connected(sock, sk);
}

/* proto_ops.connect */
int tquic_sock_connect(struct socket *sock, struct sockaddr_unsized *addr,
		       int addr_len, int flags)
{
	const struct sockaddr *sa = (const void *)addr;
	struct sock *sk = sock->sk;
	int err;

	if (addr_len < sizeof(sa->sa_family))
		return -EINVAL;
	lock_sock(sk);
	if (sa->sa_family == AF_UNSPEC)
		err = tquic_sock_disconnect(sock, sk);
	else
		err = tquic_sock_connect_locked(sock, sk, addr, addr_len,
						flags);
	release_sock(sk);
	return err;
}
