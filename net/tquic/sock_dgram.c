// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams on connection sockets: RFC 9221.  A control message tells them
 * from the bytes of the stream, both ways.
 */
#include <linux/uio.h>

#include "core/conn.h"
#include "core/pmtu.h"
#include "sock.h"

/* beyond what any path carries */
#define TQUIC_SOCK_DGRAM_MAX	TQUIC_PMTU_MAX

/**
 * tquic_sock_dgram_cmsg - is the message a datagram
 * @msg: message
 * @dgram: how it is to be sent
 *
 * Return: 1 for a datagram, 0 for none, -EINVAL for what makes no sense.
 */
int tquic_sock_dgram_cmsg(struct msghdr *msg, struct tquic_datagram *dgram)
{
	struct cmsghdr *cmsg;
	int found = 0;

	for_each_cmsghdr(cmsg, msg) {
		if (!CMSG_OK(msg, cmsg))
			return -EINVAL;
		if (cmsg->cmsg_level != SOL_TQUIC)
			continue;
		if (cmsg->cmsg_type != TQUIC_CMSG_DATAGRAM || found ||
		    cmsg->cmsg_len != CMSG_LEN(sizeof(*dgram)))
			return -EINVAL;
		memcpy(dgram, CMSG_DATA(cmsg), sizeof(*dgram));
		if (dgram->flags || dgram->class > TQUIC_CLASS_BACKGROUND)
			return -EINVAL;
		found = 1;
	}
	return found;
}

static int tquic_sock_dgram_queue(struct tquic_sock *tq, void *handle,
				  u32 pos, u32 len, u8 class, u64 deadline,
				  bool more)
{
	struct tquic_sess *sess = tq->conn->sess;
	struct tquic_dgram_req req = {
		.handle = handle,
		.pos = pos,
		.len = len,
		.deadline = deadline,
	};
	int err;

	tquic_sess_lock(sess);
	err = tquic_conn_dgram_send(sess->core, NULL, class, &req,
				    ktime_get_ns(), GFP_KERNEL);
	if (more && !err)
		tquic_sess_unlock_more(sess);
	else
		tquic_sess_unlock(sess);
	return err;
}

/* Waits for room; 0, or -errno. */
static int tquic_sock_dgram_wait(struct sock *sk, long *timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	struct tquic_sock *tq = tquic_sk(sk);

	if (!*timeo)
		return -EAGAIN;
	if (signal_pending(current))
		return sock_intr_errno(*timeo);
	add_wait_queue(sk_sleep(sk), &wait);
	WRITE_ONCE(tq->nospace, true);
	release_sock(sk);
	*timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, *timeo);
	lock_sock(sk);
	remove_wait_queue(sk_sleep(sk), &wait);
	return 0;
}

static int tquic_sock_dgram_ready(struct sock *sk)
{
	struct tquic_sock *tq = tquic_sk(sk);

	if (tq->kind == TQUIC_SOCK_STREAM)
		return -EOPNOTSUPP;
	if (READ_ONCE(sk->sk_err))
		return sock_error(sk) ?: -EPIPE;
	if (tq->kind != TQUIC_SOCK_CONN)
		return -ENOTCONN;
	if (tquic_sock_flags(tq) & TQUIC_SOCK_F_CLOSED)
		return -EPIPE;
	return READ_ONCE(sk->sk_state) == TCP_SYN_SENT ? -ENOTCONN : 0;
}

/**
 * tquic_sock_dgram_send - send a datagram
 * @tq: socket; its lock is held
 * @msg: payload
 * @len: bytes of it
 * @dgram: what the control message says
 *
 * Return: @len; -EMSGSIZE when no path carries as much; -EOPNOTSUPP when the
 * peer takes no datagrams; other -errno.
 */
int tquic_sock_dgram_send(struct tquic_sock *tq, struct msghdr *msg,
			  size_t len, const struct tquic_datagram *dgram)
{
	/* sendmmsg() says so of all but the last */
	bool more = msg->msg_flags & (MSG_BATCH | MSG_MORE);
	struct sock *sk = tquic_sock_sk(tq);
	long timeo = sock_sndtimeo(sk, msg->msg_flags & MSG_DONTWAIT);
	struct page_frag *frag = &sk->sk_frag;
	u64 deadline = TQUIC_TIME_NEVER;
	int err;

	/* from now on, however long it has to wait for room */
	if (dgram->deadline_ms) {
		deadline = ktime_get_ns() +
			   (u64)dgram->deadline_ms * NSEC_PER_MSEC;
		timeo = min_t(long, timeo,
			      msecs_to_jiffies(dgram->deadline_ms));
	}
	err = tquic_sock_dgram_ready(sk);
	if (err)
		return sk_stream_error(sk, msg->msg_flags, err);
	if (len > TQUIC_SOCK_DGRAM_MAX)
		return -EMSGSIZE;
	if (len > frag->size || !frag->page)
		frag->offset = frag->size;
	if (!skb_page_frag_refill(max_t(u32, len, 32), frag,
				  sk->sk_allocation) ||
	    frag->size - frag->offset < len)
		return -ENOBUFS;
	if (copy_page_from_iter(frag->page, frag->offset, len,
				&msg->msg_iter) != len)
		return -EFAULT;
	do {
		err = tquic_sock_dgram_queue(tq, tquic_buf_page(frag->page),
					     frag->offset, len, dgram->class,
					     deadline, more);
		if (err != -ENOBUFS)
			break;
		err = tquic_sock_dgram_wait(sk, &timeo) ?:
		      tquic_sock_dgram_ready(sk);
	} while (!err);
	if (!err)
		frag->offset += len;
	return err ?: len;
}

/* Takes the oldest one, or looks at it; false when there is none. */
static bool tquic_sock_dgram_take(struct tquic_sock *tq, bool peek,
				  struct tquic_dgram_in *in)
{
	struct tquic_conn *core = tq->conn->sess->core;
	struct tquic_dgram_in *first;
	bool found;

	tquic_sess_lock(tq->conn->sess);
	if (peek) {
		first = list_first_entry_or_null(&core->dgram_rx.queue,
						 struct tquic_dgram_in, node);
		found = first;
		if (found) {
			*in = *first;
			tquic_buf_get(in->handle);
		}
	} else {
		found = tquic_conn_dgram_next(core, in);
	}
	tquic_sock_publish(tq);
	tquic_sess_unlock_quiet(tq->conn->sess);
	return found;
}

/**
 * tquic_sock_dgram_recv - receive a datagram
 * @tq: connection socket; its lock is held
 * @msg: where it goes, with a control message
 * @len: room
 * @flags: MSG_*
 *
 * What does not fit is cut off, which MSG_TRUNC tells, as in UDP.
 *
 * Return: bytes, with MSG_TRUNC in @flags all there were; -EAGAIN when another
 * reader was quicker; -EFAULT.
 */
int tquic_sock_dgram_recv(struct tquic_sock *tq, struct msghdr *msg,
			  size_t len, int flags)
{
	struct tquic_datagram dgram = {};
	struct tquic_dgram_in in;
	int err = 0, n;

	if (!tquic_sock_dgram_take(tq, flags & MSG_PEEK, &in))
		return -EAGAIN;
	n = min_t(size_t, in.len, len);
	if (n)
		err = tquic_buf_to_iter(in.handle, in.pos, &msg->msg_iter, n);
	tquic_buf_put(in.handle);
	if (err)
		return err;
	dgram.path_id = in.path_id;
	put_cmsg(msg, SOL_TQUIC, TQUIC_CMSG_DATAGRAM, sizeof(dgram), &dgram);
	msg->msg_flags |= MSG_EOR;
	if (n < in.len)
		msg->msg_flags |= MSG_TRUNC;
	return flags & MSG_TRUNC ? in.len : n;
}
