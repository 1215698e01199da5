// SPDX-License-Identifier: GPL-2.0
/* Streams with sockets of their own. */
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/sched/signal.h>

#include "core/conn.h"
#include "sock.h"

#define TQUIC_STREAM_F_ALL	(TQUIC_STREAM_F_UNI | TQUIC_STREAM_F_CLOEXEC | \
				 TQUIC_STREAM_F_NONBLOCK)

/* A socket without a stream, on the connection of @sk, whose lock is held. */
static struct sock *tquic_stream_sock(struct sock *sk, struct socket *newsock,
				      bool kern)
{
	struct sock *child = tquic_sock_child(sk, newsock, kern);
	struct inet_sock *inet, *from = inet_sk(sk);

	if (!child)
		return NULL;
	inet = inet_sk(child);
	inet->inet_saddr = from->inet_saddr;
	inet->inet_rcv_saddr = from->inet_rcv_saddr;
	inet->inet_daddr = from->inet_daddr;
	inet->inet_num = from->inet_num;
	inet->inet_sport = from->inet_sport;
	inet->inet_dport = from->inet_dport;
#if IS_ENABLED(CONFIG_IPV6)
	child->sk_v6_rcv_saddr = sk->sk_v6_rcv_saddr;
	child->sk_v6_daddr = sk->sk_v6_daddr;
	if (inet6_sk(child))
		inet6_sk(child)->saddr = inet6_sk(sk)->saddr;
#endif
	tquic_sk(child)->kind = TQUIC_SOCK_STREAM;
	return child;
}

/* The stream is there: nothing can fail any more; session's lock held. */
static void tquic_stream_join(struct tquic_sock_conn *conn, struct sock *child,
			      struct tquic_stream *s)
{
	refcount_inc(&conn->ref);
	inet_sk_set_state(child, TCP_ESTABLISHED);
	tquic_sock_conn_join(conn, tquic_sk(child), s);
}

/* Opens a stream for @child; -EAGAIN when the peer allows no more now. */
static int tquic_stream_open(struct tquic_sock_conn *conn, struct sock *child,
			     bool uni)
{
	struct tquic_conn *core = conn->sess->core;
	struct tquic_stream *s;
	int err = 0;

	tquic_sess_lock(conn->sess);
	if (core->state != TQUIC_CONN_ESTABLISHED &&
	    !(core->state == TQUIC_CONN_HANDSHAKE && core->tls_done)) {
		err = core->state == TQUIC_CONN_HANDSHAKE ? -ENOTCONN : -EPIPE;
		goto out;
	}
	s = tquic_conn_open(core, uni, ktime_get_ns(), GFP_KERNEL);
	if (s)
		tquic_stream_join(conn, child, s);
	else
		err = tquic_flow_tx_room(&core->streams.open[uni]) ? -ENOMEM :
								     -EAGAIN;
out:
	tquic_sess_unlock(conn->sess);
	return err;
}

/* Opens a stream, and waits until it may; the lock of @sk is held. */
static int tquic_stream_open_wait(struct sock *sk, struct sock *child,
				  bool uni, long timeo)
{
	struct tquic_sock_conn *conn = tquic_sk(sk)->conn;
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	int err;

	/* the connection stays while this waits, whatever becomes of @sk */
	refcount_inc(&conn->ref);
	add_wait_queue(&conn->wait, &wait);
	for (;;) {
		err = tquic_stream_open(conn, child, uni);
		if (err != -EAGAIN || !timeo)
			break;
		if (signal_pending(current)) {
			err = sock_intr_errno(timeo);
			break;
		}
		release_sock(sk);
		timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, timeo);
		lock_sock(sk);
	}
	remove_wait_queue(&conn->wait, &wait);
	tquic_sock_conn_drop(conn, 0);
	return err;
}

static struct file *tquic_stream_file(struct socket *sock, unsigned long flags)
{
	int mode = flags & TQUIC_STREAM_F_NONBLOCK ? O_NONBLOCK : 0;
	struct socket *newsock;
	int err;

	err = sock_create_lite(sock->sk->sk_family, SOCK_STREAM, IPPROTO_TQUIC,
			       &newsock);
	if (err)
		return ERR_PTR(err);
	newsock->ops = sock->ops;
	newsock->state = SS_CONNECTED;
	/* sock_release() gives it back */
	__module_get(newsock->ops->owner);
	return sock_alloc_file(newsock, mode, NULL);
}

/**
 * tquic_sock_new_stream - TQUIC_NEW_STREAM
 * @sock: connection or stream
 * @flags: TQUIC_STREAM_F_*
 *
 * Return: a file descriptor; -EINVAL for unknown flags; -ENOTCONN; -EPIPE when
 * the connection is over; -EAGAIN when the peer allows no more streams now and
 * the socket does not block; -EMFILE and others.
 */
int tquic_sock_new_stream(struct socket *sock, unsigned long flags)
{
	bool block = !(sock->file && sock->file->f_flags & O_NONBLOCK);
	struct sock *sk = sock->sk, *child;
	struct file *file;
	int fd, err;

	if (flags & ~(unsigned long)TQUIC_STREAM_F_ALL)
		return -EINVAL;
	fd = get_unused_fd_flags(flags & TQUIC_STREAM_F_CLOEXEC ? O_CLOEXEC :
								  0);
	if (fd < 0)
		return fd;
	file = tquic_stream_file(sock, flags);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	lock_sock(sk);
	child = NULL;
	err = -ENOTCONN;
	if (tquic_sk(sk)->kind >= TQUIC_SOCK_CONN) {
		err = -ENOMEM;
		child = tquic_stream_sock(sk, sock_from_file(file), false);
	}
	if (child)
		err = tquic_stream_open_wait(sk, child,
					     flags & TQUIC_STREAM_F_UNI,
					     sock_sndtimeo(sk, !block));
	release_sock(sk);
	if (err) {
		put_unused_fd(fd);
		fput(file);
		return err;
	}
	fd_install(fd, file);
	return fd;
}

/**
 * tquic_sock_listen_streams - let the peer open streams
 * @tq: connection socket; its lock is held
 * @backlog: how many it may have open at a time, of either kind
 *
 * Return: 0, or -ENOTCONN when the connection is not established.
 */
int tquic_sock_listen_streams(struct tquic_sock *tq, int backlog)
{
	struct tquic_sock_conn *conn = tq->conn;
	u32 credit = min(backlog, TQUIC_SOCK_BACKLOG_MAX);
	struct tquic_conn *core;

	if (tquic_sock_sk(tq)->sk_state != TCP_ESTABLISHED)
		return -ENOTCONN;
	tquic_sess_lock(conn->sess);
	core = conn->sess->core;
	conn->backlog = max(conn->backlog, credit);
	tquic_conn_allow(core, false,
			 credit + (core->server && conn->default_stream));
	tquic_conn_allow(core, true, credit);
	tquic_sess_unlock(conn->sess);
	return 0;
}

static bool tquic_stream_there(struct tquic_sock *tq)
{
	return tquic_sock_flags(tq) & TQUIC_SOCK_F_NEW;
}

static void tquic_stream_hand(struct tquic_sock *tq, struct sock *child)
{
	struct tquic_sock_conn *conn = tq->conn;
	struct tquic_stream *s;

	tquic_sess_lock(conn->sess);
	s = list_first_entry_or_null(&conn->pending, struct tquic_stream,
				     event);
	if (s) {
		list_del_init(&s->event);
		tquic_stream_join(conn, child, s);
	}
	tquic_sock_publish(tq);
	tquic_sess_unlock(conn->sess);
}

/* accept() on a connection socket; its lock is held. */
int tquic_sock_accept_stream(struct sock *sk, struct socket *newsock,
			     struct proto_accept_arg *arg)
{
	long timeo = sock_rcvtimeo(sk, arg->flags & O_NONBLOCK);
	struct tquic_sock *tq = tquic_sk(sk);
	struct sock *child;
	int err;

	if (!tq->conn || !READ_ONCE(tq->conn->backlog))
		return -EINVAL;
	err = tquic_sock_wait_accept(sk, tq, tquic_stream_there, &timeo);
	if (err)
		return err;
	child = tquic_stream_sock(sk, newsock, arg->kern);
	if (!child)
		return -ENOMEM;
	newsock->state = SS_CONNECTED;
	/* nobody else takes one: that needs the lock of @sk */
	tquic_stream_hand(tq, child);
	return 0;
}
