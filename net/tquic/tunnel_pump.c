// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes of a TCP flow, from its socket to its stream and back.
 *
 * Neither way copies them: what TCP has received is cloned and given to the
 * core, which keeps it until it has arrived; what came in the stream goes into
 * TCP's queue as fragments of the packets that it came in.  The stream is told
 * that bytes were read when TCP has taken them, so whoever is slow is waited
 * for all the way to the sender.
 */
#include <linux/math64.h>
#include <linux/net.h>
#include <linux/uio.h>
#include <net/tcp.h>

#include "tunnel_priv.h"

/* pieces that are moved at a time, each way, and how often in one go */
#define TQUIC_PUMP_PIECES	32
#define TQUIC_PUMP_ROUNDS	8
/* bytes of a flow that may wait, whatever others have; shared when the flows
 * are many, down to a packet or two each
 */
#define TQUIC_PUMP_MOST		(64 << 10)
#define TQUIC_PUMP_LEAST	(4 << 10)
/* jiffies until memory is asked for again */
#define TQUIC_PUMP_NOMEM	(HZ / 50)
/* and before anything is known of the paths */
#define TQUIC_PUMP_START	(256 << 10)
/* data that is so much smaller than its memory is copied, or it would pin it */
#define TQUIC_PUMP_WASTE	4

/**
 * struct tquic_pump_piece - bytes in a buffer
 * @handle: buffer, a reference
 * @pos: where they begin
 * @len: how many
 */
struct tquic_pump_piece {
	void *handle;
	u32 pos;
	u32 len;
};

/**
 * struct tquic_pump_way - one direction
 * @count: pieces
 * @bytes: in all of them
 * @end: nothing follows
 * @piece: the pieces
 */
struct tquic_pump_way {
	u32 count;
	u32 bytes;
	bool end;
	struct tquic_pump_piece piece[TQUIC_PUMP_PIECES];
};

/**
 * struct tquic_pump - a round
 * @flow: flow
 * @room: bytes that the stream takes
 * @strict: and no more, not even what is left of a packet
 * @nomem: an allocation failed
 * @in: from the socket
 * @out: from the stream
 */
struct tquic_pump {
	struct tquic_tun_flow *flow;
	u32 room;
	bool strict;
	bool nomem;
	struct tquic_pump_way in;
	struct tquic_pump_way out;
};

static void tquic_pump_add(struct tquic_pump_way *way, void *handle, u32 pos,
			   u32 len)
{
	way->piece[way->count++] =
		(struct tquic_pump_piece){ handle, pos, len };
	way->bytes += len;
}

static void tquic_pump_put(struct tquic_pump_way *way)
{
	u32 i;

	for (i = 0; i < way->count; i++)
		tquic_buf_put(way->piece[i].handle);
	way->count = 0;
	way->bytes = 0;
}

/*
 * What may still be given to the stream.  A flow may have as much as is free,
 * so that many share what there is and one gets most of it, but not more than
 * two round trips' worth.
 */
static u32 tquic_pump_room(const struct tquic_tun_flow *flow)
{
	const struct tquic_tun_link *link = flow->link;
	u64 max = READ_ONCE(link->sess->tn->config.wmem_max);
	u64 used = atomic64_read(&link->queued);
	u64 limit = used < max ? max - used : 0;
	u64 share = div_u64(max, max(atomic_read(&link->tcp_flows), 1));

	limit = min_t(u64, limit, READ_ONCE(link->window));
	limit = max_t(u64, limit,
		      clamp_t(u64, share, TQUIC_PUMP_LEAST, TQUIC_PUMP_MOST));
	return limit > flow->queued ? limit - flow->queued : 0;
}

/* Little data in much memory, into memory of the socket's. */
static bool tquic_pump_copy(struct tquic_pump *p, struct sk_buff *skb,
			    u32 off, u32 len)
{
	struct sock *sk = p->flow->sock->sk;
	struct page_frag *frag = &sk->sk_frag;

	if (!skb_page_frag_refill(len, frag, GFP_KERNEL) ||
	    skb_copy_bits(skb, off, page_address(frag->page) + frag->offset,
			  len))
		return false;
	get_page(frag->page);
	tquic_pump_add(&p->in, tquic_buf_page(frag->page), frag->offset, len);
	frag->offset += len;
	return true;
}

/* sk_read_actor_t: all of an skb, unless that is more than a client may */
static int tquic_pump_actor(read_descriptor_t *desc, struct sk_buff *skb,
			    unsigned int off, size_t len)
{
	struct tquic_pump *p = desc->arg.data;
	struct sk_buff *clone;

	if (p->in.count == TQUIC_PUMP_PIECES || p->in.bytes >= p->room)
		return 0;
	if (p->strict)
		len = min_t(size_t, len, p->room - p->in.bytes);
	if (len <= PAGE_SIZE && skb->truesize > TQUIC_PUMP_WASTE * len) {
		if (tquic_pump_copy(p, skb, off, len))
			return len;
		p->nomem = true;
		return 0;
	}
	/* TCP frees its own as if nobody else could have a reference */
	clone = skb_clone(skb, GFP_KERNEL);
	if (!clone) {
		p->nomem = true;
		return 0;
	}
	tquic_pump_add(&p->in, tquic_buf_skb(clone), off, len);
	return len;
}

static void tquic_pump_read(struct tquic_pump *p)
{
	struct tquic_tun_flow *flow = p->flow;
	struct sock *sk = flow->sock->sk;
	read_descriptor_t desc = { .arg.data = p, .count = 1 };
	u32 want, room = 0;

	if (test_bit(TQUIC_TUN_F_EOF, &flow->flags))
		return;
	lock_sock(sk);
	/*
	 * Urgent data is data (RFC 6093 section 3), and tcp_read_sock() would
	 * stop in front of it for good.
	 */
	WRITE_ONCE(tcp_sk(sk)->urg_data, 0);
	want = min_t(u32, tquic_pump_room(flow), tcp_inq(sk));
	if (want)
		room = tquic_tun_shape_ask(flow, TQUIC_TUN_DOWN, want);
	p->room = room;
	p->strict = room < want;
	/* without room, too: it may be FIN that waits */
	tcp_read_sock(sk, &desc, tquic_pump_actor);
	if (room)
		tquic_tun_shape_used(flow, TQUIC_TUN_DOWN, room, p->in.bytes);
	/* SOCK_DONE: the host's FIN, which a reset is not */
	p->in.end = sock_flag(sk, SOCK_DONE) &&
		    skb_queue_empty(&sk->sk_receive_queue);
	release_sock(sk);
}

/* Gives what was read to the stream; the session's lock is held. */
static int tquic_pump_write(struct tquic_pump *p, struct tquic_stream *s)
{
	struct tquic_conn *core = p->flow->link->sess->core;
	struct tquic_pump_piece *piece;
	int err;
	u32 i;

	for (i = 0; i < p->in.count; i++) {
		piece = &p->in.piece[i];
		err = tquic_conn_write(core, s, piece->handle, piece->pos,
				       piece->len, false, GFP_KERNEL);
		if (err)
			return err;
		p->flow->tx_bytes += piece->len;
	}
	if (!p->in.end || test_bit(TQUIC_TUN_F_EOF, &p->flow->flags))
		return 0;
	err = tquic_conn_write(core, s, NULL, 0, 0, true, GFP_KERNEL);
	if (!err)
		set_bit(TQUIC_TUN_F_EOF, &p->flow->flags);
	return err;
}

/* What can be read of the stream; the session's lock is held. */
static void tquic_pump_look(struct tquic_pump_way *out,
			    const struct tquic_stream *s)
{
	const struct tquic_reasm_seg *seg = tquic_reasm_peek(&s->in);
	struct rb_node *node = seg ? (struct rb_node *)&seg->node : NULL;

	for (; node && out->count < TQUIC_PUMP_PIECES; node = rb_next(node)) {
		seg = rb_entry(node, struct tquic_reasm_seg, node);
		if (seg->off >= s->in.ready)
			return;
		tquic_buf_get(seg->handle);
		tquic_pump_add(out, seg->handle, seg->pos, seg->len);
	}
	out->end = !node && (s->recv == TQUIC_STREAM_R_DATA_RECVD ||
			     s->recv == TQUIC_STREAM_R_DATA_READ);
}

/* The server's answer is one byte in front of the data, and it is 0. */
static void tquic_pump_answer(struct tquic_tun_flow *flow,
			      struct tquic_stream *s)
{
	const struct tquic_reasm_seg *seg = tquic_reasm_peek(&s->in);
	u8 status;

	if (test_bit(TQUIC_TUN_F_ANSWERED, &flow->flags))
		return;
	if (!seg) {
		/* it has ended without one */
		if (s->recv == TQUIC_STREAM_R_DATA_RECVD ||
		    s->recv == TQUIC_STREAM_R_DATA_READ)
			tquic_tun_tcp_abort(flow, TQUIC_TUN_E_MALFORMED);
		return;
	}
	if (tquic_buf_read(seg->handle, seg->pos, &status, 1) || status) {
		tquic_tun_tcp_abort(flow, TQUIC_TUN_E_MALFORMED);
		return;
	}
	set_bit(TQUIC_TUN_F_ANSWERED, &flow->flags);
	tquic_conn_read(flow->link->sess->core, s, 1, ktime_get_ns());
}

/*
 * Two round trips of the longest path, at the rate of all: a path is worth
 * using only if those that are faster could not carry all that waits before it
 * does.  The session's lock is held.
 */
static void tquic_pump_window(struct tquic_tun_link *link)
{
	u64 rtt, rate = 0, longest = 1, window;
	struct tquic_path *path;

	list_for_each_entry(path, &link->sess->core->paths, node) {
		if (!path->cc || !tquic_path_usable(path))
			continue;
		rtt = max(path->rtt.smoothed, 1ULL);
		rate += mul_u64_u64_div_u64(path->cc->cwnd, NSEC_PER_SEC, rtt);
		longest = max(longest, rtt);
	}
	window = mul_u64_u64_div_u64(2 * rate, longest, NSEC_PER_SEC);
	WRITE_ONCE(link->window, max_t(u64, window, TQUIC_PUMP_START));
}

static void tquic_pump_account(struct tquic_tun_flow *flow, u64 queued)
{
	atomic64_add(queued - flow->queued, &flow->link->queued);
	flow->queued = queued;
}

/* The peer has given up; the session's lock is held. */
static bool tquic_pump_is_reset(struct tquic_stream *s)
{
	bool stopped = s->news & TQUIC_STREAM_N_STOPPED;

	s->news = 0;
	return stopped || s->recv == TQUIC_STREAM_R_RESET_RECVD ||
	       s->recv == TQUIC_STREAM_R_RESET_READ;
}

bool tquic_tun_pump_is_gone(struct tquic_tun_flow *flow)
{
	struct tquic_sess *sess = flow->link->sess;
	bool gone;

	tquic_sess_lock(sess);
	gone = tquic_pump_is_reset(flow->stream);
	tquic_sess_unlock_quiet(sess);
	return gone;
}

/* Everything that needs the session's lock, at once. */
static void tquic_pump_exchange(struct tquic_pump *p)
{
	struct tquic_tun_flow *flow = p->flow;
	struct tquic_sess *sess = flow->link->sess;
	struct tquic_stream *s = flow->stream;

	tquic_sess_lock(sess);
	if (flow->unread)
		tquic_conn_read(sess->core, s, flow->unread, ktime_get_ns());
	flow->unread = 0;
	if (tquic_pump_is_reset(s))
		tquic_tun_tcp_abort(flow, TQUIC_TUN_E_RESET);
	else if (tquic_pump_write(p, s))
		tquic_tun_tcp_abort(flow, TQUIC_TUN_E_NO_ROOM);
	tquic_pump_answer(flow, s);
	if (test_bit(TQUIC_TUN_F_ANSWERED, &flow->flags))
		tquic_pump_look(&p->out, s);
	tquic_pump_account(flow, tquic_sendq_queued(&s->q));
	tquic_pump_window(flow->link);
	tquic_sess_unlock(sess);
	tquic_pump_put(&p->in);
}

static int tquic_pump_send_page(struct sock *sk,
				const struct tquic_pump_piece *piece)
{
	struct page *page = tquic_buf_to_page(piece->handle);
	struct bio_vec bvec;
	struct msghdr msg = {
		.msg_flags = MSG_SPLICE_PAGES | MSG_DONTWAIT | MSG_NOSIGNAL,
	};

	bvec_set_page(&bvec, folio_page(page_folio(page),
					piece->pos / PAGE_SIZE),
		      piece->len, piece->pos % PAGE_SIZE);
	iov_iter_bvec(&msg.msg_iter, ITER_SOURCE, &bvec, 1, piece->len);
	return tcp_sendmsg_locked(sk, &msg, piece->len);
}

static int tquic_pump_send_skb(struct sock *sk,
			       const struct tquic_pump_piece *piece)
{
	return skb_send_sock_locked(sk, tquic_buf_to_skb(piece->handle),
				    piece->pos, piece->len);
}

/* Bytes of @max that the socket took; less when it is full. */
static int tquic_pump_send(struct tquic_pump *p, u32 max)
{
	struct sock *sk = p->flow->sock->sk;
	struct tquic_pump_piece *piece;
	u32 i, done = 0;
	int n = 0;

	lock_sock(sk);
	for (i = 0; i < p->out.count && done < max; i++) {
		piece = &p->out.piece[i];
		piece->len = min(piece->len, max - done);
		if (tquic_buf_is_skb(piece->handle))
			n = tquic_pump_send_skb(sk, piece);
		else
			n = tquic_pump_send_page(sk, piece);
		if (n > 0)
			done += n;
		if (n < (int)piece->len)
			break;
	}
	/* with nothing on its way no acknowledgment makes room, or tells */
	if (!done && tcp_rtx_and_write_queues_empty(sk))
		p->nomem = true;
	release_sock(sk);
	return n < 0 && n != -EAGAIN && n != -ENOMEM ? n : (int)done;
}

/* Gives the socket what can be read. */
static void tquic_pump_deliver(struct tquic_pump *p)
{
	struct tquic_tun_flow *flow = p->flow;
	u32 bytes = p->out.bytes, may = 0;
	int n = 0;

	if (bytes)
		may = tquic_tun_shape_ask(flow, TQUIC_TUN_UP, bytes);
	if (may) {
		n = tquic_pump_send(p, may);
		tquic_tun_shape_used(flow, TQUIC_TUN_UP, may, max(n, 0));
	}
	tquic_pump_put(&p->out);
	if (n < 0) {
		tquic_tun_tcp_abort(flow, TQUIC_TUN_E_RESET);
		return;
	}
	flow->unread = n;
	flow->rx_bytes += n;
	if (n == bytes && p->out.end &&
	    !test_and_set_bit(TQUIC_TUN_F_SHUT, &flow->flags))
		kernel_sock_shutdown(flow->sock, SHUT_WR);
}

/**
 * tquic_tun_pump - move what there is
 * @flow: TCP flow, OPEN; called by its work
 *
 * Return: true when there is more to be moved.
 */
bool tquic_tun_pump(struct tquic_tun_flow *flow)
{
	struct tquic_pump p = { .flow = flow };
	unsigned int round;
	bool moved, full;

	for (round = 0; round < TQUIC_PUMP_ROUNDS; round++) {
		p.out.end = false;
		full = !tquic_pump_room(flow);
		tquic_pump_read(&p);
		moved = p.in.count;
		tquic_pump_exchange(&p);
		if (test_bit(TQUIC_TUN_F_ABORT, &flow->flags))
			break;
		tquic_pump_deliver(&p);
		/*
		 * Who is blocked one way may go on the other; and the core
		 * hears in the next round of what the socket took.
		 */
		if (moved || flow->unread)
			continue;
		/*
		 * The stream was full as far as was known.  What has arrived
		 * since may be all there was, and nobody tells of it again.
		 */
		if (full && tquic_pump_room(flow))
			continue;
		if (p.nomem)
			tquic_tun_tcp_later(flow, TQUIC_PUMP_NOMEM);
		return false;
	}
	tquic_pump_put(&p.out);
	return true;
}

/**
 * tquic_tun_pump_drop - the stream of a flow is gone
 * @flow: TCP flow
 */
void tquic_tun_pump_drop(struct tquic_tun_flow *flow)
{
	tquic_pump_account(flow, 0);
}
