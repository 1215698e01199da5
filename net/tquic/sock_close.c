// SPDX-License-Identifier: GPL-2.0
/* shutdown() and close(). */
#include <linux/sched/signal.h>

#include "core/conn.h"
#include "sock.h"

static void tquic_close_halves(struct tquic_sock *tq, int how)
{
	struct tquic_sess *sess = tq->conn->sess;
	struct sock *sk = tquic_sock_sk(tq);

	if (how & SEND_SHUTDOWN)
		tquic_sock_uncork(tq);
	tquic_sess_lock(sess);
	if (tq->stream && how & SEND_SHUTDOWN)
		tquic_conn_write(sess->core, tq->stream, NULL, 0, 0, true,
				 GFP_KERNEL);
	if (tq->stream && how & RCV_SHUTDOWN)
		tquic_conn_stop(sess->core, tq->stream, 0, ktime_get_ns());
	if (how & RCV_SHUTDOWN)
		WRITE_ONCE(tq->flags, tq->flags | TQUIC_SOCK_F_DEAF);
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | how);
	tquic_sock_publish(tq);
	tquic_sess_unlock(sess);
}

static int tquic_close_some(struct tquic_sock *tq, int how)
{
	struct sock *sk = tquic_sock_sk(tq);

	switch (tq->kind) {
	case TQUIC_SOCK_LISTENER:
		if (how & RCV_SHUTDOWN)
			tquic_sock_listen_end(tq);
		return 0;
	case TQUIC_SOCK_CONN:
	case TQUIC_SOCK_STREAM:
		if (tquic_sock_flags(tq) & TQUIC_SOCK_F_CLOSED ||
		    sk->sk_state == TCP_SYN_SENT)
			return -ENOTCONN;
		tquic_close_halves(tq, how);
		return 0;
	default:
		return -ENOTCONN;
	}
}

/* proto_ops.shutdown */
int tquic_sock_shutdown(struct socket *sock, int how)
{
	struct sock *sk = sock->sk;
	int err;

	/* SHUT_RD, SHUT_WR, SHUT_RDWR become bits */
	how++;
	if (how & ~SHUTDOWN_MASK || !how)
		return -EINVAL;
	lock_sock(sk);
	err = tquic_close_some(tquic_sk(sk), how);
	/* wake whoever waits in poll() or accept() */
	sk->sk_state_change(sk);
	release_sock(sk);
	return err;
}

/* SO_LINGER: until all has arrived, or time is up. */
static void tquic_close_wait(struct tquic_sock *tq, long timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	struct sock *sk = tquic_sock_sk(tq);

	add_wait_queue(sk_sleep(sk), &wait);
	while (READ_ONCE(tq->outq) && timeo && !signal_pending(current) &&
	       !(tquic_sock_flags(tq) & TQUIC_SOCK_F_CLOSED)) {
		WRITE_ONCE(tq->nospace, true);
		release_sock(sk);
		timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, timeo);
		lock_sock(sk);
	}
	remove_wait_queue(sk_sleep(sk), &wait);
}

/**
 * tquic_sock_close - the last file descriptor is closed: proto.close
 * @sk: socket
 * @timeout: jiffies to wait by SO_LINGER
 *
 * What was written still goes out, in the background without SO_LINGER; with a
 * linger time of 0 it is given up, and the peer's reader is told.
 */
void tquic_sock_close(struct sock *sk, long timeout)
{
	struct tquic_sock *tq = tquic_sk(sk);
	u64 linger = TQUIC_SOCK_LINGER;

	lock_sock(sk);
	if ((sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime) ||
	    (sk->sk_state == TCP_SYN_SENT &&
	     !(tquic_sock_flags(tq) & TQUIC_SOCK_F_STREAM)))
		linger = 0;
	tquic_sock_cork_stop(tq);
	if (linger)
		tquic_sock_uncork(tq);
	if (tq->kind == TQUIC_SOCK_LISTENER)
		tquic_sock_listen_end(tq);
	if (tq->kind >= TQUIC_SOCK_CONN && linger && timeout) {
		tquic_close_halves(tq, SEND_SHUTDOWN);
		tquic_close_wait(tq, timeout);
	}
	tquic_sock_conn_leave(tq, linger);
	/* frees what was kept back, without a connection */
	tquic_sock_uncork(tq);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	inet_sk_set_state(sk, TCP_CLOSE);
	release_sock(sk);
	sk_common_release(sk);
}
