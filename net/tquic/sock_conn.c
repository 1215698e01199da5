// SPDX-License-Identifier: GPL-2.0
/*
 * What the sockets of a connection share, and what its session tells them.
 */
#include <linux/slab.h>

#include "core/conn.h"
#include "sock.h"

struct tquic_sock_conn *tquic_sock_conn_new(gfp_t gfp)
{
	struct tquic_sock_conn *conn = kzalloc_obj(*conn, gfp);

	if (!conn)
		return NULL;
	refcount_set(&conn->ref, 1);
	INIT_LIST_HEAD(&conn->socks);
	INIT_LIST_HEAD(&conn->pending);
	INIT_LIST_HEAD(&conn->accept);
	init_waitqueue_head(&conn->wait);
	conn->close.app = 1;
	return conn;
}

/**
 * tquic_sock_conn_drop - a socket uses a connection no more
 * @conn: connection, without that socket
 * @linger: ns that data may still take, 0 to give it up
 *
 * With the last one it closes.  No lock is held.
 */
void tquic_sock_conn_drop(struct tquic_sock_conn *conn, u64 linger)
{
	if (!refcount_dec_and_test(&conn->ref))
		return;
	if (conn->sess)
		tquic_sess_detach(conn->sess, conn->close.code,
				  conn->close.app, linger);
	kfree(conn);
}

static bool tquic_sock_may_send(const struct tquic_stream *s)
{
	return (s->send == TQUIC_STREAM_S_READY ||
		s->send == TQUIC_STREAM_S_SEND) && !s->fin;
}

static bool tquic_sock_may_recv(const struct tquic_stream *s)
{
	return s->recv == TQUIC_STREAM_R_RECV ||
	       s->recv == TQUIC_STREAM_R_SIZE_KNOWN ||
	       s->recv == TQUIC_STREAM_R_DATA_RECVD;
}

/* What may wait to be sent: two round trips of it, if nobody said otherwise. */
static u64 tquic_sock_limit(const struct tquic_sock *tq)
{
	const struct tquic_sock_conn *conn = tq->conn;
	struct tquic_net *tn = conn->sess->tn;
	u64 limit = READ_ONCE(tq->inet.sk.sk_sndbuf), sum = 0;
	struct tquic_path *path;

	if (tq->inet.sk.sk_userlocks & SOCK_SNDBUF_LOCK)
		return limit;
	list_for_each_entry(path, &conn->sess->core->paths, node)
		if (path->cc)
			sum += path->cc->cwnd;
	return max(limit, min(2 * sum, READ_ONCE(tn->config.wmem_max)));
}

static u32 tquic_sock_stream_flags(const struct tquic_stream *s)
{
	u32 flags = TQUIC_SOCK_F_STREAM;

	switch (s->recv) {
	case TQUIC_STREAM_R_DATA_RECVD:
	case TQUIC_STREAM_R_DATA_READ:
		flags |= TQUIC_SOCK_F_END;
		break;
	case TQUIC_STREAM_R_RESET_RECVD:
	case TQUIC_STREAM_R_RESET_READ:
		flags |= TQUIC_SOCK_F_RESET;
		break;
	default:
		break;
	}
	return flags;
}

/* A larger or smaller SO_RCVBUF bounds what the peer may send. */
static void tquic_sock_window(struct tquic_sock *tq, struct tquic_stream *s)
{
	u32 rcvbuf = READ_ONCE(tq->inet.sk.sk_rcvbuf);

	if (!(tq->inet.sk.sk_userlocks & SOCK_RCVBUF_LOCK) ||
	    rcvbuf == tq->rcvbuf)
		return;
	tq->rcvbuf = rcvbuf;
	s->rx.window_max = max_t(u64, rcvbuf, s->rx.window);
}

/* What concerns the connection's own socket. */
static u32 tquic_sock_main_flags(const struct tquic_sock *tq)
{
	const struct tquic_sock_conn *conn = tq->conn;
	const struct tquic_conn *core = conn->sess->core;
	u32 flags = 0;

	if (!list_empty(&conn->pending))
		flags |= TQUIC_SOCK_F_NEW;
	if (!tq->opts.dgrams)
		return flags;
	if (!list_empty(&core->dgram_rx.queue))
		flags |= TQUIC_SOCK_F_DGRAM;
	if (!conn->default_stream && tquic_dgramq_roomy(&core->dgrams))
		flags |= TQUIC_SOCK_F_ROOM;
	return flags;
}

/**
 * tquic_sock_publish - have everybody see what has become of a socket
 * @tq: socket of a connection; the session's lock is held
 */
void tquic_sock_publish(struct tquic_sock *tq)
{
	struct tquic_sock_conn *conn = tq->conn;
	struct sock *sk = tquic_sock_sk(tq);
	struct tquic_stream *s = tq->stream;
	u32 flags = tq->flags & (TQUIC_SOCK_F_CLOSED | TQUIC_SOCK_F_STOPPED |
				 TQUIC_SOCK_F_DEAF);
	u8 shut = sk->sk_shutdown;

	if (s) {
		tquic_sock_window(tq, s);
		flags |= tquic_sock_stream_flags(s);
		/* how the peer ends what nobody reads is nobody's business */
		if (flags & TQUIC_SOCK_F_DEAF)
			flags &= ~TQUIC_SOCK_F_RESET;
		WRITE_ONCE(tq->inq, tquic_reasm_readable(&s->in));
		WRITE_ONCE(tq->outq, tquic_sendq_queued(&s->q));
		WRITE_ONCE(tq->charge, tquic_sendq_queued(&s->q) +
			   s->q.count * TQUIC_SOCK_PIECE);
		if (!tquic_sock_may_send(s))
			shut |= SEND_SHUTDOWN;
		if (!tquic_sock_may_recv(s) || (flags & TQUIC_SOCK_F_END))
			shut |= RCV_SHUTDOWN;
	}
	if (conn->main == tq)
		flags |= tquic_sock_main_flags(tq);
	WRITE_ONCE(tq->limit, tquic_sock_limit(tq));
	WRITE_ONCE(tq->flags, flags);
	WRITE_ONCE(sk->sk_shutdown, shut);
}

/* Who waits for room is woken once there is as much as poll() calls room. */
static void tquic_sock_room(struct tquic_sock *tq)
{
	struct sock *sk = tquic_sock_sk(tq);

	/* pairs with the barrier in tquic_sock_poll() */
	smp_mb();
	if (!READ_ONCE(tq->nospace))
		return;
	if (!tquic_sock_writable(tq) && !(sk->sk_shutdown & SEND_SHUTDOWN))
		return;
	WRITE_ONCE(tq->nospace, false);
	sk->sk_write_space(sk);
}

/* Publishes, and wakes whom it concerns; session's lock held. */
static void tquic_sock_tell(struct tquic_sock *tq, unsigned int news)
{
	const u32 ends = TQUIC_SOCK_F_END | TQUIC_SOCK_F_RESET |
			 TQUIC_SOCK_F_NEW | TQUIC_SOCK_F_DGRAM;
	struct sock *sk = tquic_sock_sk(tq);
	u8 shut = sk->sk_shutdown;

	if (news & TQUIC_STREAM_N_STOPPED)
		WRITE_ONCE(tq->flags, tq->flags | TQUIC_SOCK_F_STOPPED);
	tquic_sock_publish(tq);
	if (shut != sk->sk_shutdown)
		sk->sk_state_change(sk);
	if (news & TQUIC_STREAM_N_READABLE &&
	    (tq->flags & ends || tq->inq >= READ_ONCE(sk->sk_rcvlowat)))
		sk->sk_data_ready(sk);
	tquic_sock_room(tq);
}

/**
 * tquic_sock_attach - give a socket its stream
 * @tq: socket of a connection; the session's lock is held
 * @s: stream that nobody has
 */
void tquic_sock_attach(struct tquic_sock *tq, struct tquic_stream *s)
{
	struct tquic_conn *core = tq->conn->sess->core;
	u8 shut = tquic_sock_sk(tq)->sk_shutdown;

	list_del_init(&s->event);
	s->owner = tq;
	tq->stream = s;
	/* what was shut down before there was a stream */
	if (shut & SEND_SHUTDOWN && tquic_sock_may_send(s))
		tquic_conn_write(core, s, NULL, 0, 0, true, GFP_KERNEL);
	if (shut & RCV_SHUTDOWN)
		tquic_conn_stop(core, s, 0, ktime_get_ns());
	tquic_sock_tell(tq, s->news | TQUIC_STREAM_N_READABLE);
	s->news = 0;
}

/**
 * tquic_sock_refuse - a stream of the peer's that nobody wants
 * @conn: connection; the session's lock is held
 * @s: stream; is gone afterwards
 */
void tquic_sock_refuse(struct tquic_sock_conn *conn, struct tquic_stream *s)
{
	struct tquic_conn *core = conn->sess->core;
	u64 now = ktime_get_ns();

	s->owner = NULL;
	tquic_conn_stop(core, s, 0, now);
	tquic_conn_reset(core, s, 0);
	tquic_conn_release(core, s, now, GFP_KERNEL);
}

/* A stream that the peer has opened. */
static void tquic_sock_arrive(struct tquic_sock_conn *conn,
			      struct tquic_stream *s)
{
	struct tquic_sock *main = conn->main;

	if (main && conn->default_stream && conn->sess->core->server &&
	    !main->stream && !(s->id & TQUIC_STREAM_UNI)) {
		tquic_sock_attach(main, s);
		return;
	}
	if (!main || !conn->backlog) {
		tquic_sock_refuse(conn, s);
		return;
	}
	list_move_tail(&s->event, &conn->pending);
	tquic_sock_tell(main, 0);
	main->inet.sk.sk_data_ready(&main->inet.sk);
}

/**
 * tquic_sock_conn_open - open the default stream
 * @conn: connection; the session's lock is held
 *
 * The peer hears of it at once: it may be the one who speaks first.  When it
 * allows no stream, this is tried again once it does.
 */
void tquic_sock_conn_open(struct tquic_sock_conn *conn)
{
	struct tquic_conn *core = conn->sess->core;
	struct tquic_sock *main = conn->main;
	struct tquic_stream *s;

	if (!main || main->stream || core->server || !conn->default_stream)
		return;
	s = tquic_conn_open(core, false, ktime_get_ns(), GFP_KERNEL);
	if (!s)
		return;
	tquic_conn_greet(core, s);
	tquic_sock_attach(main, s);
}

/**
 * tquic_sock_conn_news - deal with what has happened to streams
 * @conn: connection; the session's lock is held
 */
void tquic_sock_conn_news(struct tquic_sock_conn *conn)
{
	struct tquic_conn *core = conn->sess->core;
	struct tquic_stream *s, *next;
	unsigned int news;

	list_for_each_entry_safe(s, next, &core->streams.event, event) {
		/* the core's own affair */
		if (s->released)
			continue;
		list_del_init(&s->event);
		if (!s->owner) {
			tquic_sock_arrive(conn, s);
			continue;
		}
		news = s->news;
		s->news = 0;
		tquic_sock_tell(s->owner, news);
	}
	wake_up_interruptible_all(&conn->wait);
}

/* A session is resumed: who connected with MSG_FASTOPEN may write. */
static void tquic_sock_on_early(struct tquic_sess *sess)
{
	struct tquic_sock_conn *conn = sess->owner;
	struct sock *sk;

	if (!conn || !conn->main || !conn->early)
		return;
	sk = tquic_sock_sk(conn->main);
	tquic_sock_conn_open(conn);
	sk->sk_state_change(sk);
	sk->sk_write_space(sk);
}

static void tquic_sock_on_established(struct tquic_sess *sess)
{
	struct tquic_sock_conn *conn = sess->owner;
	struct sock *sk;

	if (!conn || !conn->main)
		return;
	sk = tquic_sock_sk(conn->main);
	tquic_sock_names(conn->main);
	tquic_sock_conn_open(conn);
	tquic_sock_publish(conn->main);
	inet_sk_set_state(sk, TCP_ESTABLISHED);
	sk->sk_state_change(sk);
	sk->sk_write_space(sk);
}

static void tquic_sock_on_streams(struct tquic_sess *sess)
{
	struct tquic_sock_conn *conn = sess->owner;

	if (!conn)
		return;
	if (sess->core->tls_done)
		tquic_sock_conn_open(conn);
	tquic_sock_conn_news(conn);
}

static void tquic_sock_on_dgrams(struct tquic_sess *sess)
{
	struct tquic_sock_conn *conn = sess->owner;

	if (!conn || !conn->main)
		return;
	tquic_sock_publish(conn->main);
	if (conn->main->flags & TQUIC_SOCK_F_DGRAM)
		conn->main->inet.sk.sk_data_ready(&conn->main->inet.sk);
	/* who waits with a datagram does not care for room in the stream */
	if (tquic_dgramq_roomy(&sess->core->dgrams))
		conn->main->inet.sk.sk_write_space(&conn->main->inet.sk);
}

/*
 * What a socket has to be told of the end: nothing, if its stream had come to
 * its own.  Data that does not end with FIN is not all there is.
 */
static int tquic_sock_closed_err(const struct tquic_sock *tq, int err)
{
	const u32 over = TQUIC_SOCK_F_END | TQUIC_SOCK_F_DEAF;

	if (err)
		return -err;
	if (!(tq->flags & TQUIC_SOCK_F_STREAM))
		return tq->inet.sk.sk_state == TCP_SYN_SENT ? ECONNABORTED : 0;
	return tq->flags & over && !tq->outq ? 0 : ECONNRESET;
}

static void tquic_sock_closed(struct tquic_sock *tq, int err)
{
	struct sock *sk = tquic_sock_sk(tq);

	tquic_sock_publish(tq);
	WRITE_ONCE(tq->flags, tq->flags | TQUIC_SOCK_F_CLOSED);
	err = tquic_sock_closed_err(tq, err);
	if (err)
		WRITE_ONCE(sk->sk_err, err);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	inet_sk_set_state(sk, TCP_CLOSE);
	if (err)
		sk_error_report(sk);
	sk->sk_state_change(sk);
}

static void tquic_sock_on_closed(struct tquic_sess *sess)
{
	struct tquic_sock_conn *conn = sess->owner;
	struct tquic_sock *tq;

	if (!conn)
		return;
	list_for_each_entry(tq, &conn->socks, node)
		tquic_sock_closed(tq, sess->err);
	wake_up_interruptible_all(&conn->wait);
}

const struct tquic_sess_ops tquic_sock_sess_ops = {
	.socket = true,
	.early = tquic_sock_on_early,
	.established = tquic_sock_on_established,
	.streams = tquic_sock_on_streams,
	.dgrams = tquic_sock_on_dgrams,
	.closed = tquic_sock_on_closed,
};

/**
 * tquic_sock_conn_join - a socket becomes one of a connection
 * @conn: connection; the session's lock is held; @tq brings a reference
 * @tq: socket; its lock is held, or nobody else knows it
 * @s: its stream, or NULL
 */
void tquic_sock_conn_join(struct tquic_sock_conn *conn, struct tquic_sock *tq,
			  struct tquic_stream *s)
{
	tq->conn = conn;
	tq->flags = 0;
	list_add_tail(&tq->node, &conn->socks);
	if (s)
		tquic_sock_attach(tq, s);
	else
		tquic_sock_publish(tq);
	if (conn->sess->core->state >= TQUIC_CONN_CLOSING)
		tquic_sock_closed(tq, conn->sess->err);
}

static void tquic_sock_end_stream(struct tquic_sock *tq, u64 linger)
{
	struct tquic_conn *core = tq->conn->sess->core;
	struct tquic_stream *s = tq->stream;
	u64 now = ktime_get_ns();

	if (!s)
		return;
	if (!linger)
		tquic_conn_reset(core, s, 0);
	else if (tquic_sock_may_send(s))
		tquic_conn_write(core, s, NULL, 0, 0, true, GFP_KERNEL);
	tquic_conn_stop(core, s, 0, now);
	s->owner = NULL;
	tq->stream = NULL;
	tquic_conn_release(core, s, now, GFP_KERNEL);
}

/**
 * tquic_sock_conn_leave - a socket lets go of its connection
 * @tq: socket; its lock is held; it may have no connection
 * @linger: ns that data may still take, 0 to give it up
 */
void tquic_sock_conn_leave(struct tquic_sock *tq, u64 linger)
{
	struct tquic_sock_conn *conn = tq->conn;
	struct tquic_stream *s, *next;

	if (!conn)
		return;
	tquic_sess_lock(conn->sess);
	tquic_sock_end_stream(tq, linger);
	list_del_init(&tq->node);
	if (conn->main == tq) {
		conn->main = NULL;
		list_for_each_entry_safe(s, next, &conn->pending, event)
			tquic_sock_refuse(conn, s);
	}
	tquic_sess_unlock(conn->sess);
	tq->conn = NULL;
	tquic_sock_conn_drop(conn, linger);
}
