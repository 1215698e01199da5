// SPDX-License-Identifier: GPL-2.0
/*
 * One stream: RFC 9000 sections 2 and 3.
 */
#include "frame.h"
#include "stream.h"

/**
 * tquic_stream_new - make a stream
 * @config: see struct tquic_stream_config
 * @now: present time
 * @gfp: allocation flags
 *
 * Return: the stream, NULL without memory.
 */
struct tquic_stream *tquic_stream_new(const struct tquic_stream_config *config,
				      tquic_time_t now, gfp_t gfp)
{
	struct tquic_stream *s = kzalloc_obj(*s, gfp);

	if (!s)
		return NULL;
	s->id = config->id;
	INIT_LIST_HEAD(&s->ready);
	INIT_LIST_HEAD(&s->control);
	INIT_LIST_HEAD(&s->event);
	RB_CLEAR_NODE(&s->node);
	s->class = TQUIC_STREAM_BULK;
	s->final_size = U64_MAX;
	tquic_sendq_init(&s->q, config->ops);
	tquic_reasm_init(&s->in, config->ops);
	if (config->sends) {
		s->send = TQUIC_STREAM_S_READY;
		tquic_flow_tx_init(&s->tx, config->tx_limit);
	}
	if (config->receives) {
		s->recv = TQUIC_STREAM_R_RECV;
		tquic_flow_rx_init(&s->rx, config->window, config->window_max,
				   now);
	}
	return s;
}

/**
 * tquic_stream_free - free a stream that no list and no packet knows any more
 * @s: stream
 */
void tquic_stream_free(struct tquic_stream *s)
{
	tquic_sendq_free(&s->q);
	tquic_reasm_free(&s->in);
	kfree(s);
}

/**
 * tquic_stream_closed - have both parts reached a terminal state
 * @s: stream
 *
 * RFC 9000 section 3.4.  It counts against the stream limit until then.
 *
 * Return: whether they have.
 */
bool tquic_stream_closed(const struct tquic_stream *s)
{
	return (s->send == TQUIC_STREAM_S_NONE ||
		s->send == TQUIC_STREAM_S_DATA_RECVD ||
		s->send == TQUIC_STREAM_S_RESET_RECVD) &&
	       (s->recv == TQUIC_STREAM_R_NONE ||
		s->recv == TQUIC_STREAM_R_DATA_READ ||
		s->recv == TQUIC_STREAM_R_RESET_READ);
}

static bool tquic_stream_may_send(const struct tquic_stream *s)
{
	return s->send == TQUIC_STREAM_S_READY ||
	       s->send == TQUIC_STREAM_S_SEND;
}

/**
 * tquic_stream_write - queue data
 * @s: stream
 * @handle: buffer
 * @pos: where the data begin in it
 * @len: bytes, at least 1
 * @gfp: allocation flags
 *
 * Return: 0; -EPIPE when the stream was finished or reset; -EFBIG beyond the
 * largest offset; -ENOMEM.
 */
int tquic_stream_write(struct tquic_stream *s, void *handle, u32 pos, u32 len,
		       gfp_t gfp)
{
	if (!tquic_stream_may_send(s) || s->fin)
		return -EPIPE;
	if (len > TQUIC_VARINT_MAX - s->q.end)
		return -EFBIG;
	return tquic_sendq_append(&s->q, handle, pos, len, gfp);
}

/**
 * tquic_stream_finish - no more data follows
 * @s: stream
 *
 * Return: 0, or -EPIPE when the stream was finished or reset before.
 */
int tquic_stream_finish(struct tquic_stream *s)
{
	if (!tquic_stream_may_send(s) || s->fin)
		return -EPIPE;
	s->fin = true;
	return 0;
}

/**
 * tquic_stream_greet - let the peer know of the stream
 * @s: stream that we opened
 *
 * An empty frame opens it (RFC 9000 section 2.2), so that a peer which speaks
 * first has where to speak.  It is repeated until something has arrived.
 */
void tquic_stream_greet(struct tquic_stream *s)
{
	if (tquic_stream_may_send(s) && !s->q.next)
		s->hello = true;
}

/**
 * tquic_stream_reset - give the sending part up
 * @s: stream
 * @code: application error code
 *
 * Nothing happens once all data has arrived, or after an earlier reset.  The
 * final size is what was sent (RFC 9000 section 4.5).
 */
void tquic_stream_reset(struct tquic_stream *s, u64 code)
{
	if (!tquic_stream_may_send(s) && s->send != TQUIC_STREAM_S_DATA_SENT)
		return;
	s->send = TQUIC_STREAM_S_RESET_SENT;
	s->reset_code = code;
	s->pending |= TQUIC_STREAM_P_RESET;
	s->pending &= ~TQUIC_STREAM_P_BLOCKED;
	tquic_sendq_free(&s->q);
}

/**
 * tquic_stream_restart - the peer has never heard of the stream
 * @s: stream that we opened
 * @limit: credit of the peer
 *
 * What was sent was early data that it rejected: RFC 9001 section 4.6.2.
 */
void tquic_stream_restart(struct tquic_stream *s, u64 limit)
{
	tquic_flow_tx_init(&s->tx, limit);
	s->pending &= ~TQUIC_STREAM_P_BLOCKED;
	s->fin_sent = false;
	if (s->send == TQUIC_STREAM_S_RESET_SENT)
		return;
	s->hello = s->send == TQUIC_STREAM_S_SEND && !s->q.end;
	s->send = TQUIC_STREAM_S_READY;
	tquic_sendq_restart(&s->q);
}

/**
 * tquic_stream_waiting - how much could be sent now
 * @s: stream
 * @due: bytes that are below what was sent, and so need no credit
 * @fresh: bytes above it, within the stream's credit
 * @open: what that credit allows above it, written yet or not
 */
void tquic_stream_waiting(const struct tquic_stream *s, u64 *due, u64 *fresh,
			  u64 *open)
{
	*due = 0;
	*fresh = 0;
	*open = 0;
	if (!tquic_stream_may_send(s) && s->send != TQUIC_STREAM_S_DATA_SENT)
		return;
	*due = tquic_due_bytes(&s->q.due);
	if (s->tx.limit > s->q.next)
		*open = s->tx.limit - s->q.next;
	*fresh = min(*open, s->q.end - s->q.next);
}

/**
 * tquic_stream_wants - what the next STREAM frame should carry
 * @s: stream
 * @conn_room: credit of the connection, for bytes never sent before
 * @skip: bytes that are left to paths which land them sooner
 * @max: most bytes of data
 * @piece: answer
 *
 * Return: whether there is anything to send.
 */
bool tquic_stream_wants(const struct tquic_stream *s, u64 conn_room, u64 skip,
			u32 max, struct tquic_stream_piece *piece)
{
	u64 limit = min(s->tx.limit, s->tx.used + conn_room);
	bool fin_due = s->fin && !s->fin_sent && !s->fin_acked;

	if (!tquic_stream_may_send(s) && s->send != TQUIC_STREAM_S_DATA_SENT)
		return false;
	piece->fin = false;
	if (tquic_sendq_peek(&s->q, limit, skip, max, &piece->data)) {
		piece->fin = s->fin &&
			     piece->data.off + piece->data.len == s->q.end;
		return true;
	}
	if (s->hello && !s->fin && !s->q.next) {
		piece->data = (struct tquic_sendq_piece){};
		return true;
	}
	if (!fin_due || skip || s->q.next < s->q.end)
		return false;
	piece->data = (struct tquic_sendq_piece){ .off = s->q.end };
	piece->fin = true;
	return true;
}

/**
 * tquic_stream_take - a frame with that piece was put into a packet
 * @s: stream
 * @piece: from tquic_stream_wants(), possibly with fewer bytes and then
 *	without FIN
 * @fresh: bytes that were never sent before: the connection's credit pays
 * @gfp: allocation flags
 *
 * Return: 0, or -ENOMEM: nothing was taken and the frame must not go out.
 */
int tquic_stream_take(struct tquic_stream *s,
		      const struct tquic_stream_piece *piece, u64 *fresh,
		      gfp_t gfp)
{
	u64 end = piece->data.off + piece->data.len;

	*fresh = 0;
	if (piece->data.len && tquic_sendq_take(&s->q, &piece->data, gfp))
		return -ENOMEM;
	s->hello = false;
	if (end > s->tx.used) {
		*fresh = end - s->tx.used;
		s->tx.used = end;
	}
	if (s->send == TQUIC_STREAM_S_READY)
		s->send = TQUIC_STREAM_S_SEND;
	if (piece->fin) {
		s->fin_sent = true;
		s->send = TQUIC_STREAM_S_DATA_SENT;
	}
	return 0;
}

/**
 * tquic_stream_acked - a STREAM frame has arrived
 * @s: stream
 * @off: offset of its data
 * @len: bytes
 * @fin: it carried FIN
 * @gfp: allocation flags
 *
 * Return: bytes by which the send buffer got shorter.
 */
u64 tquic_stream_acked(struct tquic_stream *s, u64 off, u64 len, bool fin,
		       gfp_t gfp)
{
	u64 freed;

	if (!tquic_stream_may_send(s) && s->send != TQUIC_STREAM_S_DATA_SENT)
		return 0;
	freed = tquic_sendq_acked(&s->q, off, len, gfp);
	if (fin)
		s->fin_acked = true;
	if (s->fin_acked && tquic_sendq_done(&s->q))
		s->send = TQUIC_STREAM_S_DATA_RECVD;
	return freed;
}

/**
 * tquic_stream_lost - a STREAM frame is to be sent again
 * @s: stream
 * @off: offset of its data
 * @len: bytes
 * @fin: it carried FIN
 * @gfp: allocation flags
 */
void tquic_stream_lost(struct tquic_stream *s, u64 off, u64 len, bool fin,
		       gfp_t gfp)
{
	if (!tquic_stream_may_send(s) && s->send != TQUIC_STREAM_S_DATA_SENT)
		return;
	tquic_sendq_lost(&s->q, off, len, gfp);
	if (fin)
		s->fin_sent = false;
	else if (!len)
		tquic_stream_greet(s);
}

/* RESET_STREAM has arrived. */
void tquic_stream_reset_acked(struct tquic_stream *s)
{
	if (s->send == TQUIC_STREAM_S_RESET_SENT)
		s->send = TQUIC_STREAM_S_RESET_RECVD;
	s->pending &= ~TQUIC_STREAM_P_RESET;
}

/* RESET_STREAM was lost: RFC 9000 section 13.3. */
void tquic_stream_reset_lost(struct tquic_stream *s)
{
	if (s->send == TQUIC_STREAM_S_RESET_SENT)
		s->pending |= TQUIC_STREAM_P_RESET;
}

/* STOP_SENDING was lost: pointless once all has arrived. */
void tquic_stream_stop_lost(struct tquic_stream *s)
{
	if (s->recv == TQUIC_STREAM_R_RECV ||
	    s->recv == TQUIC_STREAM_R_SIZE_KNOWN)
		s->pending |= TQUIC_STREAM_P_STOP;
}

/**
 * tquic_stream_recv_stop - the peer does not want the rest
 * @s: stream with a sending part
 * @code: its application error code, which the reset repeats
 *
 * RFC 9000 section 3.5.
 */
void tquic_stream_recv_stop(struct tquic_stream *s, u64 code)
{
	tquic_stream_reset(s, code);
}

/* RFC 9000 section 4.5: the end, once known, does not move. */
static int tquic_stream_check_size(const struct tquic_stream *s, u64 end,
				   bool fin, u64 type,
				   struct tquic_close *close)
{
	if (s->final_size != U64_MAX &&
	    (end > s->final_size || (fin && end != s->final_size)))
		return tquic_close_set(close, TQUIC_FINAL_SIZE_ERROR, type,
				       "final size changed");
	if (fin && end < s->rx.received)
		return tquic_close_set(close, TQUIC_FINAL_SIZE_ERROR, type,
				       "final size below received data");
	return 0;
}

/* Accounts for offsets up to @end. */
static int tquic_stream_reach(struct tquic_stream *s, u64 end, u64 type,
			      u64 *fresh, struct tquic_close *close)
{
	u64 received = s->rx.received;

	if (!tquic_flow_rx_reach(&s->rx, end))
		return tquic_close_set(close, TQUIC_FLOW_CONTROL_ERROR, type,
				       "beyond the stream's limit");
	*fresh = s->rx.received - received;
	return 0;
}

/* The receiving part after data came or were read. */
static void tquic_stream_settle(struct tquic_stream *s)
{
	if (s->recv == TQUIC_STREAM_R_RECV && s->final_size != U64_MAX)
		s->recv = TQUIC_STREAM_R_SIZE_KNOWN;
	/* nobody will read the rest, so nobody waits for it */
	if (s->recv == TQUIC_STREAM_R_SIZE_KNOWN && s->stopped) {
		s->recv = TQUIC_STREAM_R_DATA_READ;
		s->pending &= ~TQUIC_STREAM_P_STOP;
	}
	if (s->recv == TQUIC_STREAM_R_SIZE_KNOWN &&
	    s->in.ready == s->final_size) {
		s->recv = TQUIC_STREAM_R_DATA_RECVD;
		s->pending &= ~TQUIC_STREAM_P_MAX_DATA;
	}
	if (s->recv == TQUIC_STREAM_R_DATA_RECVD && tquic_stream_at_end(s))
		s->recv = TQUIC_STREAM_R_DATA_READ;
}

/**
 * tquic_stream_recv - a STREAM frame was received
 * @s: stream with a receiving part
 * @off: offset of its data; @off + @len is at most TQUIC_VARINT_MAX
 * @handle: buffer
 * @pos: where the data begin in it
 * @len: bytes, may be 0
 * @fin: the stream ends behind them
 * @fresh: bytes by which the highest offset grew, which the connection's
 *	account has to bear; with @s->stopped they are thrown away at once
 * @close: filled on a protocol error
 * @gfp: allocation flags
 *
 * Return: 0; -EPROTO; -ENOMEM: the packet must not be acknowledged.
 */
int tquic_stream_recv(struct tquic_stream *s, u64 off, void *handle, u32 pos,
		      u32 len, bool fin, u64 *fresh, struct tquic_close *close,
		      gfp_t gfp)
{
	u64 end = off + len;
	int err;

	*fresh = 0;
	err = tquic_stream_check_size(s, end, fin, TQUIC_FRAME_STREAM, close);
	if (!err)
		err = tquic_stream_reach(s, end, TQUIC_FRAME_STREAM, fresh,
					 close);
	if (err)
		return err;
	if (s->recv != TQUIC_STREAM_R_RECV &&
	    s->recv != TQUIC_STREAM_R_SIZE_KNOWN)
		return 0;
	if (fin)
		s->final_size = end;
	if (s->stopped)
		s->rx.consumed = s->rx.received;
	else if (len)
		err = tquic_reasm_insert(&s->in, off, handle, pos, len, gfp);
	tquic_stream_settle(s);
	return err;
}

/**
 * tquic_stream_recv_reset - RESET_STREAM was received
 * @s: stream with a receiving part
 * @code: the peer's application error code
 * @final_size: where the stream ends
 * @fresh: bytes by which the highest offset grew
 * @unread: bytes received, @fresh included, that nobody will read any more
 * @close: filled on a protocol error
 *
 * Return: 0 or -EPROTO.
 */
int tquic_stream_recv_reset(struct tquic_stream *s, u64 code, u64 final_size,
			    u64 *fresh, u64 *unread,
			    struct tquic_close *close)
{
	int err;

	*fresh = 0;
	*unread = 0;
	err = tquic_stream_check_size(s, final_size, true,
				      TQUIC_FRAME_RESET_STREAM, close);
	if (!err)
		err = tquic_stream_reach(s, final_size,
					 TQUIC_FRAME_RESET_STREAM, fresh,
					 close);
	if (err)
		return err;
	s->final_size = final_size;
	/* all data is there: RFC 9000 section 3.2 lets the reader have it */
	if (s->recv != TQUIC_STREAM_R_RECV &&
	    s->recv != TQUIC_STREAM_R_SIZE_KNOWN)
		return 0;
	*unread = final_size - s->rx.consumed;
	s->rx.consumed = final_size;
	s->peer_code = code;
	s->recv = TQUIC_STREAM_R_RESET_RECVD;
	s->pending &= ~(TQUIC_STREAM_P_STOP | TQUIC_STREAM_P_MAX_DATA);
	tquic_reasm_free(&s->in);
	return 0;
}

/**
 * tquic_stream_read - the application read data
 * @s: stream
 * @len: bytes, at most tquic_reasm_readable(); 0 to learn of the end
 * @now: present time
 * @delay: see tquic_flow_rx_consume()
 */
void tquic_stream_read(struct tquic_stream *s, u64 len, tquic_time_t now,
		       u64 delay)
{
	tquic_reasm_consume(&s->in, len);
	tquic_flow_rx_consume(&s->rx, len, now, delay);
	if (s->recv == TQUIC_STREAM_R_RECV && tquic_flow_rx_due(&s->rx))
		s->pending |= TQUIC_STREAM_P_MAX_DATA;
	tquic_stream_settle(s);
}

/* The application learnt of the peer's reset. */
void tquic_stream_read_reset(struct tquic_stream *s)
{
	if (s->recv == TQUIC_STREAM_R_RESET_RECVD)
		s->recv = TQUIC_STREAM_R_RESET_READ;
}

/**
 * tquic_stream_stop - the application does not want the rest
 * @s: stream with a receiving part
 * @code: application error code
 *
 * Return: bytes thrown away, for the connection's account.
 */
u64 tquic_stream_stop(struct tquic_stream *s, u64 code)
{
	u64 unread;

	tquic_stream_read_reset(s);
	if (s->stopped || (s->recv != TQUIC_STREAM_R_RECV &&
			   s->recv != TQUIC_STREAM_R_SIZE_KNOWN &&
			   s->recv != TQUIC_STREAM_R_DATA_RECVD))
		return 0;
	if (s->recv == TQUIC_STREAM_R_RECV) {
		s->stop_code = code;
		s->pending |= TQUIC_STREAM_P_STOP;
		s->pending &= ~TQUIC_STREAM_P_MAX_DATA;
	}
	if (s->recv == TQUIC_STREAM_R_DATA_RECVD)
		s->recv = TQUIC_STREAM_R_DATA_READ;
	s->stopped = true;
	unread = s->rx.received - s->rx.consumed;
	s->rx.consumed = s->rx.received;
	tquic_reasm_free(&s->in);
	tquic_stream_settle(s);
	return unread;
}
