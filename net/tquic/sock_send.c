// SPDX-License-Identifier: GPL-2.0
/*
 * sendmsg(): into pages of the socket, or by reference to the caller's.
 *
 * Bytes are copied with only the socket's lock, then given to the connection
 * in a batch.  What is by reference has at least half a page to show for it, so
 * that little data does not pin much memory; so what waits is charged by its
 * bytes, and by what describing it takes.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/uio.h>

#include "core/conn.h"
#include "sock.h"

/* pieces, and bytes, that are given to the connection at a time */
#define TQUIC_SEND_PIECES	16
#define TQUIC_SEND_BATCH	(256 << 10)
/* less than half of it is copied */
#define TQUIC_SEND_REF_MIN	(PAGE_SIZE / 2)
/* MSG_MORE keeps this many bytes back at most, and not for longer */
#define TQUIC_SEND_CORK		1024
#define TQUIC_SEND_CORK_TIME	(HZ / 5)

/**
 * struct tquic_send_piece - bytes to be written
 * @page: folio's first page, a reference
 * @pos: where they begin in it
 * @len: how many
 */
struct tquic_send_piece {
	struct page *page;
	u32 pos;
	u32 len;
};

/**
 * struct tquic_send - a batch
 * @count: pieces
 * @bytes: in all of them
 * @piece: the pieces
 */
struct tquic_send {
	u32 count;
	u32 bytes;
	struct tquic_send_piece piece[TQUIC_SEND_PIECES];
};

static void tquic_send_add(struct tquic_send *b, struct page *page, u32 pos,
			   u32 len)
{
	struct tquic_send_piece *last;

	b->bytes += len;
	if (b->count) {
		last = &b->piece[b->count - 1];
		if (last->page == page && last->pos + last->len == pos) {
			last->len += len;
			return;
		}
	}
	get_page(page);
	b->piece[b->count++] = (struct tquic_send_piece){ page, pos, len };
}

/* Copies up to @max bytes; returns how many, or -errno. */
static int tquic_send_copy(struct sock *sk, struct tquic_send *b,
			   struct iov_iter *from, u32 max)
{
	struct page_frag *frag = &sk->sk_frag;
	u32 len, got;

	if (!skb_page_frag_refill(32, frag, sk->sk_allocation))
		return -ENOMEM;
	len = min(max, frag->size - frag->offset);
	got = copy_page_from_iter(frag->page, frag->offset, len, from);
	if (!got)
		return -EFAULT;
	tquic_send_add(b, frag->page, frag->offset, got);
	frag->offset += got;
	return got;
}

/* MSG_SPLICE_PAGES: one piece of a page; returns its bytes, or -errno. */
static int tquic_send_ref(struct sock *sk, struct tquic_send *b,
			  struct iov_iter *from, u32 max)
{
	struct page *page, **pages = &page;
	struct folio *folio;
	size_t off;
	ssize_t len;

	len = iov_iter_single_seg_count(from);
	if (len < TQUIC_SEND_REF_MIN)
		return tquic_send_copy(sk, b, from, min_t(u32, max, len));
	len = iov_iter_extract_pages(from, &pages, max, 1, 0, &off);
	if (len <= 0)
		return len ?: -EIO;
	if (sendpage_ok(page) && len >= TQUIC_SEND_REF_MIN) {
		folio = page_folio(page);
		tquic_send_add(b, &folio->page,
			       folio_page_idx(folio, page) * PAGE_SIZE + off,
			       len);
		return len;
	}
	iov_iter_revert(from, len);
	return tquic_send_copy(sk, b, from, len);
}

static int tquic_send_gather(struct sock *sk, struct tquic_send *b,
			     struct msghdr *msg, u32 max)
{
	int n = 0;

	while (b->bytes < max && b->count < TQUIC_SEND_PIECES &&
	       msg_data_left(msg)) {
		if (msg->msg_flags & MSG_SPLICE_PAGES)
			n = tquic_send_ref(sk, b, &msg->msg_iter,
					   max - b->bytes);
		else
			n = tquic_send_copy(sk, b, &msg->msg_iter,
					    min_t(size_t, max - b->bytes,
						  msg_data_left(msg)));
		if (n < 0)
			break;
	}
	return b->bytes ? 0 : n;
}

/* Gives a batch to the connection; bytes that it took, or -errno. */
static int tquic_send_write(struct tquic_sock *tq, struct tquic_send *b)
{
	struct tquic_sess *sess = tq->conn->sess;
	struct tquic_send_piece *p;
	int err = -EPIPE, done = 0;
	u32 i;

	tquic_sess_lock(sess);
	for (i = 0; i < b->count; i++) {
		p = &b->piece[i];
		if (!tq->stream || tq->flags & TQUIC_SOCK_F_CLOSED)
			break;
		err = tquic_conn_write(sess->core, tq->stream,
				       tquic_buf_page(p->page), p->pos,
				       p->len, false, GFP_KERNEL);
		if (err)
			break;
		done += p->len;
	}
	tquic_sock_publish(tq);
	tquic_sess_unlock(sess);
	for (i = 0; i < b->count; i++)
		put_page(b->piece[i].page);
	return done ?: err;
}

/**
 * tquic_sock_uncork - send what MSG_MORE kept back
 * @tq: socket of a connection; its lock is held
 */
void tquic_sock_uncork(struct tquic_sock *tq)
{
	struct tquic_send b = { .count = 1, .bytes = tq->cork_len };

	if (!tq->cork_len)
		return;
	b.piece[0] = (struct tquic_send_piece){ tq->cork_page, tq->cork,
						tq->cork_len };
	tq->cork_len = 0;
	tq->cork_page = NULL;
	if (tq->conn)
		tquic_send_write(tq, &b);
	else
		put_page(b.piece[0].page);
}

/*
 * Keeps a little back for what follows, unless something waits anyway.  It is
 * taken up by tquic_send_resume() or sent by the work.
 */
static bool tquic_send_keep(struct tquic_sock *tq, struct tquic_send *b)
{
	struct tquic_send_piece *p = &b->piece[0];

	if (b->count != 1 || b->bytes > TQUIC_SEND_CORK)
		return false;
	tq->cork_page = p->page;
	tq->cork = p->pos;
	tq->cork_len = p->len;
	if (queue_delayed_work(tquic_sock_wq, &tq->cork_work,
			       TQUIC_SEND_CORK_TIME))
		sock_hold(tquic_sock_sk(tq));
	return true;
}

static void tquic_send_resume(struct tquic_sock *tq, struct tquic_send *b)
{
	b->count = 0;
	b->bytes = 0;
	if (!tq->cork_len)
		return;
	b->piece[0] = (struct tquic_send_piece){ tq->cork_page, tq->cork,
						 tq->cork_len };
	b->count = 1;
	b->bytes = tq->cork_len;
	tq->cork_len = 0;
	tq->cork_page = NULL;
}

static void tquic_send_cork_work(struct work_struct *work)
{
	struct tquic_sock *tq = container_of(to_delayed_work(work),
					     struct tquic_sock, cork_work);
	struct sock *sk = tquic_sock_sk(tq);

	lock_sock(sk);
	tquic_sock_uncork(tq);
	release_sock(sk);
	sock_put(sk);
}

void tquic_sock_cork_init(struct tquic_sock *tq)
{
	INIT_DELAYED_WORK(&tq->cork_work, tquic_send_cork_work);
}

/* The socket goes; its lock is held, so the work is not waited for. */
void tquic_sock_cork_stop(struct tquic_sock *tq)
{
	if (cancel_delayed_work(&tq->cork_work))
		sock_put(tquic_sock_sk(tq));
}

/* Why nothing can be written, 0 if something can, or could later. */
static int tquic_send_error(struct sock *sk)
{
	struct tquic_sock *tq = tquic_sk(sk);

	if (READ_ONCE(sk->sk_err))
		return sock_error(sk) ?: -EPIPE;
	if (tq->kind == TQUIC_SOCK_LISTENER)
		return -ENOTCONN;
	if (tq->kind == TQUIC_SOCK_FRESH)
		return tq->conn ? -EPIPE : -ENOTCONN;
	if (READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN)
		return -EPIPE;
	if (tq->conn && !tq->conn->default_stream && tq->conn->main == tq)
		return -EOPNOTSUPP;
	return 0;
}

static int tquic_send_wait(struct sock *sk, long *timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	struct tquic_sock *tq = tquic_sk(sk);

	if (!*timeo)
		return -EAGAIN;
	add_wait_queue(sk_sleep(sk), &wait);
	WRITE_ONCE(tq->nospace, true);
	/* pairs with the barrier in tquic_sock_room() */
	smp_mb();
	sk_wait_event(sk, timeo, tquic_sock_writable(tq) ||
		      READ_ONCE(sk->sk_err) ||
		      READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN, &wait);
	remove_wait_queue(sk_sleep(sk), &wait);
	return signal_pending(current) ? sock_intr_errno(*timeo) : 0;
}

static bool tquic_send_room(const struct tquic_sock *tq, u32 *room)
{
	u64 charge = READ_ONCE(tq->charge), limit = READ_ONCE(tq->limit);

	if (!(tquic_sock_flags(tq) & TQUIC_SOCK_F_STREAM) || charge >= limit)
		return false;
	*room = min_t(u64, limit - charge, TQUIC_SEND_BATCH);
	return true;
}

/* One batch; bytes of the message that went, or -errno. */
static int tquic_send_batch(struct sock *sk, struct msghdr *msg, u32 room)
{
	struct tquic_sock *tq = tquic_sk(sk);
	size_t left = msg_data_left(msg);
	struct tquic_send b;
	int err, lost;

	tquic_send_resume(tq, &b);
	err = tquic_send_gather(sk, &b, msg, b.bytes + room);
	if (err)
		return err;
	left -= msg_data_left(msg);
	if (msg->msg_flags & MSG_MORE && !msg_data_left(msg) &&
	    !READ_ONCE(tq->outq) && tquic_send_keep(tq, &b))
		return left;
	err = tquic_send_write(tq, &b);
	if (err < 0)
		return err;
	/* the rest of the batch was taken from the caller in vain */
	lost = min_t(int, b.bytes - err, left);
	iov_iter_revert(&msg->msg_iter, lost);
	return left - lost;
}

static int tquic_send_stream(struct sock *sk, struct msghdr *msg)
{
	long timeo = sock_sndtimeo(sk, msg->msg_flags & MSG_DONTWAIT);
	struct tquic_sock *tq = tquic_sk(sk);
	int err = 0, sent = 0, n;
	u32 room;

	while (msg_data_left(msg)) {
		err = tquic_send_error(sk);
		if (err)
			break;
		if (!tquic_send_room(tq, &room)) {
			err = tquic_send_wait(sk, &timeo);
			if (err)
				break;
			continue;
		}
		n = tquic_send_batch(sk, msg, room);
		if (n < 0) {
			err = n;
			break;
		}
		sent += n;
	}
	if (!sent && !err)
		err = tquic_send_error(sk);
	/* what was taken is told; the error comes with the next call */
	return sent ?: sk_stream_error(sk, msg->msg_flags, err);
}

/* proto_ops.sendmsg */
int tquic_sock_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	/* to ignore one of these would be to promise what is not kept */
	const u32 refused = MSG_OOB | MSG_ZEROCOPY | MSG_ERRQUEUE;
	struct tquic_datagram dgram;
	struct sock *sk = sock->sk;
	int ret;

	if (msg->msg_flags & refused)
		return -EOPNOTSUPP;
	if (len > INT_MAX)
		return -EMSGSIZE;
	ret = tquic_sock_dgram_cmsg(msg, &dgram);
	if (ret < 0)
		return ret;
	if (ret && msg->msg_flags & MSG_FASTOPEN)
		return -EOPNOTSUPP;
	lock_sock(sk);
	if (ret)
		ret = tquic_sock_dgram_send(tquic_sk(sk), msg, len, &dgram);
	else if (msg->msg_flags & MSG_FASTOPEN)
		ret = tquic_sock_fastopen(sock, msg) ?:
		      tquic_send_stream(sk, msg);
	else
		ret = tquic_send_stream(sk, msg);
	release_sock(sk);
	return ret;
}
