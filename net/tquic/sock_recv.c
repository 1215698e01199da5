// SPDX-License-Identifier: GPL-2.0
/*
 * recvmsg(): straight from where the connection put what it received.
 *
 * A few pieces at a time are looked at under the session's lock, copied without
 * it, and counted as read under it.  The socket's lock, held all the time,
 * keeps other readers away.
 */
#include <linux/sched/signal.h>
#include <linux/uio.h>

#include "core/conn.h"
#include "sock.h"

#define TQUIC_RECV_PIECES	16

/**
 * struct tquic_recv - what is being read
 * @count: pieces
 * @read: bytes copied that the connection has not been told of
 * @piece: where they are, each with a reference
 */
struct tquic_recv {
	u32 count;
	u64 read;
	struct {
		void *handle;
		u32 pos;
		u32 len;
	} piece[TQUIC_RECV_PIECES];
};

/* Looks at what can be read, from @skip bytes on, up to @max bytes. */
static void tquic_recv_look(struct tquic_recv *r, const struct tquic_stream *s,
			    u64 skip, size_t max)
{
	u64 off = s->in.read + skip, ready = s->in.ready;
	const struct tquic_reasm_seg *seg = tquic_reasm_peek(&s->in);
	struct rb_node *node = seg ? (struct rb_node *)&seg->node : NULL;
	u32 cut;

	for (; node && max && r->count < TQUIC_RECV_PIECES;
	     node = rb_next(node)) {
		seg = rb_entry(node, struct tquic_reasm_seg, node);
		if (seg->off >= ready)
			break;
		if (seg->off + seg->len <= off)
			continue;
		cut = off - seg->off;
		r->piece[r->count].handle = seg->handle;
		r->piece[r->count].pos = seg->pos + cut;
		r->piece[r->count].len = min_t(size_t, seg->len - cut, max);
		tquic_buf_get(seg->handle);
		off += r->piece[r->count].len;
		max -= r->piece[r->count].len;
		r->count++;
	}
}

/* Tells the connection what was read, and looks at what comes next. */
static void tquic_recv_step(struct tquic_sock *tq, struct tquic_recv *r,
			    u64 skip, size_t max)
{
	struct tquic_sess *sess = tq->conn->sess;
	bool told = r->read;
	struct tquic_stream *s;

	r->count = 0;
	tquic_sess_lock(sess);
	s = tq->stream;
	if (s) {
		if (r->read)
			tquic_conn_read(sess->core, s, r->read,
					ktime_get_ns());
		tquic_recv_look(r, s, skip, max);
		tquic_sock_publish(tq);
	}
	r->read = 0;
	/* to look changes nothing that the peer has to know */
	if (told)
		tquic_sess_unlock(sess);
	else
		tquic_sess_unlock_quiet(sess);
}

/* Copies the pieces, up to the first that cannot be; bytes or -EFAULT. */
static ssize_t tquic_recv_copy(struct tquic_recv *r, struct msghdr *msg,
			       int flags)
{
	ssize_t done = 0;
	int err = 0;
	u32 i;

	for (i = 0; i < r->count; i++) {
		if (!err && !(flags & MSG_TRUNC))
			err = tquic_buf_to_iter(r->piece[i].handle,
						r->piece[i].pos,
						&msg->msg_iter,
						r->piece[i].len);
		if (!err)
			done += r->piece[i].len;
		tquic_buf_put(r->piece[i].handle);
	}
	return done ?: err;
}

/* Reads what is there; bytes, 0 for nothing at present, or -errno. */
static ssize_t tquic_recv_some(struct tquic_sock *tq, struct msghdr *msg,
			       size_t len, int flags, u64 skip)
{
	struct tquic_recv r = {};
	ssize_t n, done = 0;

	if (!tq->conn)
		return 0;
	while (done < len) {
		tquic_recv_step(tq, &r, flags & MSG_PEEK ? skip + done : 0,
				len - done);
		if (!r.count)
			return done;
		n = tquic_recv_copy(&r, msg, flags);
		if (n < 0)
			return done ?: n;
		done += n;
		if (!(flags & MSG_PEEK))
			r.read = n;
	}
	if (r.read)
		tquic_recv_step(tq, &r, 0, 0);
	return done;
}

/* Does the stream end here; with what: 1 FIN, -errno, 0 it does not. */
static int tquic_recv_end(struct sock *sk)
{
	struct tquic_sock *tq = tquic_sk(sk);
	u32 flags = tquic_sock_flags(tq);

	if (tq->kind == TQUIC_SOCK_LISTENER || tq->kind == TQUIC_SOCK_FRESH)
		return -ENOTCONN;
	if (flags & TQUIC_SOCK_F_RESET)
		return -ECONNRESET;
	if (flags & TQUIC_SOCK_F_END)
		return 1;
	if (READ_ONCE(sk->sk_err))
		return sock_error(sk) ?: 1;
	if (READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN)
		return 1;
	/* only datagrams come here */
	if (tq->conn && !tq->conn->default_stream && tq->conn->main == tq &&
	    !tq->opts.dgrams)
		return -EOPNOTSUPP;
	return 0;
}

static int tquic_recv_wait(struct sock *sk, long *timeo, u64 seen)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	struct tquic_sock *tq = tquic_sk(sk);

	if (!*timeo)
		return -EAGAIN;
	if (signal_pending(current))
		return sock_intr_errno(*timeo);
	add_wait_queue(sk_sleep(sk), &wait);
	sk_wait_event(sk, timeo, READ_ONCE(tq->inq) > seen ||
		      tquic_sock_flags(tq) & TQUIC_SOCK_F_DGRAM ||
		      READ_ONCE(sk->sk_err) ||
		      READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN, &wait);
	remove_wait_queue(sk_sleep(sk), &wait);
	return 0;
}

static bool tquic_recv_dgrams(const struct tquic_sock *tq,
			      const struct msghdr *msg)
{
	return tquic_sock_flags(tq) & TQUIC_SOCK_F_DGRAM &&
	       msg->msg_controllen >=
	       CMSG_SPACE(sizeof(struct tquic_datagram));
}

static ssize_t tquic_recv_stream(struct sock *sk, struct msghdr *msg,
				 size_t len, int flags)
{
	long timeo = sock_rcvtimeo(sk, flags & MSG_DONTWAIT);
	int err, target = sock_rcvlowat(sk, flags & MSG_WAITALL, len);
	struct tquic_sock *tq = tquic_sk(sk);
	ssize_t n, done = 0;

	for (;;) {
		if (!done && tquic_recv_dgrams(tq, msg))
			return tquic_sock_dgram_recv(tq, msg, len, flags);
		n = tquic_recv_some(tq, msg, len - done, flags, done);
		if (n < 0)
			return done ?: n;
		done += n;
		if (done >= target)
			return done;
		err = tquic_recv_end(sk);
		if (err)
			return done || err > 0 ? done : err;
		err = tquic_recv_wait(sk, &timeo,
				      flags & MSG_PEEK ? done : 0);
		if (err)
			return done ?: err;
	}
}

/* The application has seen that the peer reset the stream. */
static void tquic_recv_reset_seen(struct tquic_sock *tq)
{
	tquic_sess_lock(tq->conn->sess);
	if (tq->stream)
		tquic_stream_read_reset(tq->stream);
	tquic_sess_unlock(tq->conn->sess);
}

/* proto_ops.recvmsg */
int tquic_sock_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
		       int flags)
{
	struct sock *sk = sock->sk;
	ssize_t ret;

	/* there is neither urgent data nor a queue of errors */
	if (flags & (MSG_OOB | MSG_ERRQUEUE))
		return -EOPNOTSUPP;
	len = min_t(size_t, len, INT_MAX);
	lock_sock(sk);
	ret = tquic_recv_stream(sk, msg, len, flags);
	if (ret == -ECONNRESET && tquic_sk(sk)->conn)
		tquic_recv_reset_seen(tquic_sk(sk));
	release_sock(sk);
	return ret;
}
