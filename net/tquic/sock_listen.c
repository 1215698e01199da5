// SPDX-License-Identifier: GPL-2.0
/* listen() and accept(): connections whose handshake is done. */
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "core/conn.h"
#include "sock.h"

/* Runs without the socket's lock: the options do not change any more. */
static int tquic_sock_incoming(struct tquic_listener *l,
			       struct tquic_sess_config *config)
{
	struct tquic_sock *tq = l->owner;
	int err;

	err = tquic_sock_config(tq, config);
	config->streams += tq->opts.default_stream;
	return err;
}

/* A session for the queue; its lock is not held, its reference comes along. */
static int tquic_sock_handed(struct tquic_listener *l,
			     struct tquic_sess *sess)
{
	struct tquic_sock *tq = l->owner;
	struct tquic_sock_conn *conn;
	struct sock *sk = tquic_sock_sk(tq);

	conn = tquic_sock_conn_new(GFP_KERNEL);
	if (!conn)
		return -ENOMEM;
	conn->sess = sess;
	conn->default_stream = tq->opts.default_stream;
	conn->backlog = tq->opts.streams;
	spin_lock(&tq->accept_lock);
	list_add_tail(&conn->accept, &tq->accept_q);
	WRITE_ONCE(sk->sk_ack_backlog, sk->sk_ack_backlog + 1);
	spin_unlock(&tq->accept_lock);
	atomic_inc(&l->pending);
	sk->sk_data_ready(sk);
	return 0;
}

/* The listener's lock is held: the socket lets go of it before it goes. */
static void tquic_sock_flushed(struct tquic_listener *l)
{
	struct sock *sk = tquic_sock_sk(l->owner);

	WRITE_ONCE(sk->sk_err, ECONNABORTED);
	sk_error_report(sk);
	/* all that wait, where the former wakes one */
	sk->sk_state_change(sk);
}

static const struct tquic_listen_ops tquic_sock_listen_ops = {
	.incoming = tquic_sock_incoming,
	.accept = tquic_sock_handed,
	.flushed = tquic_sock_flushed,
};

static int tquic_sock_listen_start(struct tquic_sock *tq, int backlog)
{
	struct sock *sk = tquic_sock_sk(tq);
	struct tquic_sess_config config;
	struct tquic_listener *l;
	int err;

	if (tq->udp)
		err = tquic_sock_rebind(tq);
	else
		err = tquic_sock_get_port(sk, 0);
	if (err)
		return err;
	inet_sk(sk)->inet_sport = htons(inet_sk(sk)->inet_num);
	/* credentials are made here, where the lock is held */
	err = tquic_sock_config(tq, &config);
	if (err)
		return err;
	if (!tquic_sock_may_listen(tq))
		return -EADDRINUSE;
	l = tquic_listen_start(sock_net(sk), &tq->udp->key,
			       &tquic_sock_listen_ops, tq, backlog);
	if (IS_ERR(l)) {
		inet_sk_set_state(sk, TCP_CLOSE);
		return PTR_ERR(l);
	}
	l->retry = tq->opts.retry;
	tq->listener = l;
	tq->kind = TQUIC_SOCK_LISTENER;
	return 0;
}

/* proto_ops.listen */
int tquic_sock_listen(struct socket *sock, int backlog)
{
	struct sock *sk = sock->sk;
	struct tquic_sock *tq = tquic_sk(sk);
	int err = 0;

	lock_sock(sk);
	backlog = max(backlog, 1);
	switch (tq->kind) {
	case TQUIC_SOCK_FRESH:
		err = tquic_sock_listen_start(tq, backlog);
		break;
	case TQUIC_SOCK_LISTENER:
		tquic_listen_set_backlog(tq->listener, backlog);
		break;
	case TQUIC_SOCK_CONN:
		err = tquic_sock_listen_streams(tq, backlog);
		break;
	default:
		err = -EOPNOTSUPP;
	}
	if (!err)
		WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
	release_sock(sk);
	return err;
}

static struct tquic_sock_conn *tquic_listen_dequeue(struct tquic_sock *tq)
{
	struct sock *sk = tquic_sock_sk(tq);
	struct tquic_sock_conn *conn;

	spin_lock(&tq->accept_lock);
	conn = list_first_entry_or_null(&tq->accept_q, struct tquic_sock_conn,
					accept);
	if (conn) {
		list_del_init(&conn->accept);
		WRITE_ONCE(sk->sk_ack_backlog, sk->sk_ack_backlog - 1);
	}
	spin_unlock(&tq->accept_lock);
	if (conn)
		atomic_dec(&tq->listener->pending);
	return conn;
}

/**
 * tquic_sock_listen_end - stop listening
 * @tq: listener; its lock is held, which no callback takes
 *
 * Connections that nobody accepted are closed.
 */
void tquic_sock_listen_end(struct tquic_sock *tq)
{
	struct tquic_sock_conn *conn;

	tquic_listen_stop(tq->listener);
	while ((conn = tquic_listen_dequeue(tq)))
		tquic_sock_conn_drop(conn, 0);
	tq->listener = NULL;
	tq->kind = TQUIC_SOCK_FRESH;
	inet_sk_set_state(tquic_sock_sk(tq), TCP_CLOSE);
}

/**
 * tquic_sock_wait_accept - wait until there is somebody to accept
 * @sk: socket; its lock is held
 * @tq: the same
 * @there: whether there is
 * @timeo: time left
 *
 * Return: 0; -EAGAIN; -EINTR or -ERESTARTSYS; -EINVAL when the socket does not
 * listen any more; -ECONNABORTED when the connection is over.
 */
int tquic_sock_wait_accept(struct sock *sk, struct tquic_sock *tq,
			   bool (*there)(struct tquic_sock *tq), long *timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	u8 kind = tq->kind;
	int err = 0;

	add_wait_queue_exclusive(sk_sleep(sk), &wait);
	while (!there(tq)) {
		if (tq->kind != kind || (kind == TQUIC_SOCK_LISTENER &&
					 READ_ONCE(tq->listener->dead)))
			err = -EINVAL;
		else if (tquic_sock_flags(tq) & TQUIC_SOCK_F_CLOSED)
			err = -ECONNABORTED;
		else if (!*timeo)
			err = -EAGAIN;
		else if (signal_pending(current))
			err = sock_intr_errno(*timeo);
		if (err)
			break;
		release_sock(sk);
		*timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, *timeo);
		lock_sock(sk);
	}
	remove_wait_queue(sk_sleep(sk), &wait);
	return err;
}

static bool tquic_listen_there(struct tquic_sock *tq)
{
	return !list_empty_careful(&tq->accept_q);
}

/* Makes a socket of a connection from the queue. */
static int tquic_listen_graft(struct sock *parent, struct socket *newsock,
			      struct tquic_sock_conn *conn, bool kern)
{
	struct tquic_sock *tq;
	struct sock *sk;

	sk = tquic_sock_child(parent, newsock, kern);
	if (!sk) {
		tquic_sock_conn_drop(conn, 0);
		return -ENOMEM;
	}
	tq = tquic_sk(sk);
	tq->kind = TQUIC_SOCK_CONN;
	inet_sk_set_state(sk, TCP_ESTABLISHED);
	tquic_sess_lock(conn->sess);
	conn->main = tq;
	conn->sess->owner = conn;
	tquic_sock_conn_join(conn, tq, NULL);
	tquic_sock_names(tq);
	/* what came before it was accepted */
	tquic_sock_conn_news(conn);
	tquic_sess_unlock(conn->sess);
	newsock->state = SS_CONNECTED;
	return 0;
}

static int tquic_sock_accept_conn(struct sock *sk, struct socket *newsock,
				  struct proto_accept_arg *arg)
{
	long timeo = sock_rcvtimeo(sk, arg->flags & O_NONBLOCK);
	struct tquic_sock *tq = tquic_sk(sk);
	struct tquic_sock_conn *conn;
	int err;

	err = tquic_sock_wait_accept(sk, tq, tquic_listen_there, &timeo);
	if (err)
		return err;
	conn = tquic_listen_dequeue(tq);
	return tquic_listen_graft(sk, newsock, conn, arg->kern);
}

/* proto_ops.accept */
int tquic_sock_accept(struct socket *sock, struct socket *newsock,
		      struct proto_accept_arg *arg)
{
	struct sock *sk = sock->sk;
	int err;

	lock_sock(sk);
	switch (tquic_sk(sk)->kind) {
	case TQUIC_SOCK_LISTENER:
		err = tquic_sock_accept_conn(sk, newsock, arg);
		break;
	case TQUIC_SOCK_CONN:
		err = tquic_sock_accept_stream(sk, newsock, arg);
		break;
	case TQUIC_SOCK_STREAM:
		err = -EOPNOTSUPP;
		break;
	default:
		err = -EINVAL;
	}
	release_sock(sk);
	return err;
}
