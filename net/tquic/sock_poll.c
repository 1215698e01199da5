// SPDX-License-Identifier: GPL-2.0
/* poll() and ioctl(). */
#include <asm/ioctls.h>
#include <linux/poll.h>
#include <linux/sockios.h>
#include <linux/uaccess.h>
#include <net/inet_common.h>
#include <net/ipv6.h>

#include "sock.h"

static bool tquic_poll_readable(const struct tquic_sock *tq)
{
	const struct sock *sk = &tq->inet.sk;
	u64 inq = READ_ONCE(tq->inq);

	return inq && inq >= sock_rcvlowat(sk, 0, INT_MAX);
}

/* What was published of a connection or a stream. */
static __poll_t tquic_poll_state(struct tquic_sock *tq)
{
	struct sock *sk = tquic_sock_sk(tq);
	u32 flags = tquic_sock_flags(tq);
	u8 shut = READ_ONCE(sk->sk_shutdown);
	__poll_t mask = 0;

	if (READ_ONCE(sk->sk_err) || flags & TQUIC_SOCK_F_RESET)
		mask |= EPOLLERR;
	if (shut == SHUTDOWN_MASK || READ_ONCE(sk->sk_state) == TCP_CLOSE)
		mask |= EPOLLHUP;
	if (shut & RCV_SHUTDOWN)
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	/* with a stream early data can be written */
	if (READ_ONCE(sk->sk_state) == TCP_SYN_SENT &&
	    !(flags & TQUIC_SOCK_F_STREAM))
		return mask;
	if (tquic_poll_readable(tq))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (flags & TQUIC_SOCK_F_DGRAM)
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLPRI;
	if (flags & TQUIC_SOCK_F_NEW)
		mask |= EPOLLRDBAND;
	if (shut & SEND_SHUTDOWN || tquic_sock_writable(tq))
		mask |= EPOLLOUT | EPOLLWRNORM;
	return mask;
}

/* proto_ops.poll */
__poll_t tquic_sock_poll(struct file *file, struct socket *sock,
			 poll_table *wait)
{
	struct sock *sk = sock->sk;
	struct tquic_sock *tq = tquic_sk(sk);
	__poll_t mask;

	sock_poll_wait(file, sock, wait);
	if (READ_ONCE(sk->sk_state) == TCP_LISTEN)
		return list_empty_careful(&tq->accept_q) ? 0 :
		       EPOLLIN | EPOLLRDNORM;
	mask = tquic_poll_state(tq);
	if (mask & EPOLLOUT || READ_ONCE(sk->sk_state) == TCP_CLOSE)
		return mask | EPOLLOUT | EPOLLWRNORM;
	WRITE_ONCE(tq->nospace, true);
	/* pairs with the barrier in tquic_sock_room() */
	smp_mb();
	return tquic_poll_state(tq);
}

static int tquic_sock_queued(struct sock *sk, unsigned int cmd, int *queued)
{
	struct tquic_sock *tq = tquic_sk(sk);
	u64 bytes = READ_ONCE(tq->inq);

	if (READ_ONCE(sk->sk_state) == TCP_LISTEN)
		return -EINVAL;
	if (cmd != SIOCINQ)
		bytes = READ_ONCE(tq->outq) + READ_ONCE(tq->cork_len);
	*queued = min_t(u64, bytes, INT_MAX);
	return 0;
}

/* proto_ops.ioctl */
int tquic_sock_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	struct sock *sk = sock->sk;
	int queued, err;

	switch (cmd) {
	case TQUIC_NEW_STREAM:
		return tquic_sock_new_stream(sock, arg);
	case SIOCINQ:
	case SIOCOUTQ:
		err = tquic_sock_queued(sk, cmd, &queued);
		return err ?: put_user(queued, (int __user *)arg);
	default:
		break;
	}
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == PF_INET6)
		return inet6_ioctl(sock, cmd, arg);
#endif
	return inet_ioctl(sock, cmd, arg);
}
