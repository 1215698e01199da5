// SPDX-License-Identifier: GPL-2.0
/*
 * What received frames do.
 */
#include "conn_priv.h"

/**
 * struct tquic_conn_in - a frame that is being processed
 * @conn: connection
 * @path: path that its packet came on
 * @rx: its packet
 * @f: the frame
 * @close: filled on a protocol error
 * @gfp: allocation flags
 */
struct tquic_conn_in {
	struct tquic_conn *conn;
	struct tquic_path *path;
	const struct tquic_rx *rx;
	const struct tquic_frame *f;
	struct tquic_close *close;
	gfp_t gfp;
};

static int tquic_conn_violation(struct tquic_conn_in *in, u64 code,
				const char *why)
{
	return tquic_close_set(in->close, code, in->f->type, why);
}

/* Where in the packet's buffer a frame's payload begins. */
static u32 tquic_conn_in_pos(const struct tquic_conn_in *in)
{
	return in->rx->pos + (u32)(in->f->data - in->rx->payload);
}

static int tquic_conn_in_ack(struct tquic_conn_in *in)
{
	struct tquic_conn *conn = in->conn;
	struct tquic_space *space;
	struct tquic_path *path;
	int ret;

	if (in->rx->type != TQUIC_PKT_1RTT) {
		space = &conn->early[tquic_conn_early(in->rx->type)];
	} else {
		ret = tquic_cid_path_check(&conn->cids, in->f, in->close);
		if (ret <= 0)
			return ret;
		path = tquic_conn_path(conn, in->f->path_id);
		if (!path)
			return tquic_conn_violation(in,
						    TQUIC_PROTOCOL_VIOLATION,
						    "path was never used");
		space = &path->space;
		if (tquic_keys_ack_is_stale(conn, path, in->rx,
					    in->f->ack.largest))
			return tquic_conn_violation(in, TQUIC_KEY_UPDATE_ERROR,
						    "keys were not updated");
	}
	return tquic_conn_recv_ack(conn, space, in->path, in->f, in->rx->now,
				   in->close);
}

static int tquic_conn_in_crypto(struct tquic_conn_in *in)
{
	struct tquic_crypto *c;
	u64 end = in->f->crypto.offset + in->f->len, held;
	int err;

	c = &in->conn->crypto[tquic_conn_level(in->rx->type)];
	held = c->rx.held;
	if (end > c->rx.read + TQUIC_CONN_CRYPTO_MAX)
		return tquic_conn_violation(in, TQUIC_CRYPTO_BUFFER_EXCEEDED,
					    "too far ahead");
	if (c->complete && end > c->rx.read)
		return tquic_conn_violation(in, TQUIC_PROTOCOL_VIOLATION,
					    "level is complete");
	if (in->rx->type == TQUIC_PKT_INITIAL)
		tquic_version_crypto(in->conn);
	err = tquic_reasm_insert(&c->rx, in->f->crypto.offset, in->rx->handle,
				 tquic_conn_in_pos(in), in->f->len, in->gfp);
	in->conn->news |= c->rx.held != held;
	if (!err && tquic_reasm_readable(&c->rx))
		in->conn->events |= TQUIC_CONN_E_CRYPTO;
	return err;
}

static int tquic_conn_in_new_token(struct tquic_conn_in *in)
{
	return tquic_conn_in_token(in->conn, in->f, in->gfp);
}

/* The connection's account for bytes of streams. */
static int tquic_conn_in_fresh(struct tquic_conn_in *in, u64 fresh)
{
	if (fresh && !tquic_flow_rx_reach(&in->conn->rx,
					  in->conn->rx.received + fresh))
		return tquic_conn_violation(in, TQUIC_FLOW_CONTROL_ERROR,
					    "beyond the connection's limit");
	return 0;
}

static int tquic_conn_in_lookup(struct tquic_conn_in *in, u64 id,
				bool peer_sends, struct tquic_stream **s)
{
	return tquic_streams_lookup(&in->conn->streams, id, peer_sends,
				    in->f->type, in->rx->now, s, in->close,
				    in->gfp);
}

static int tquic_conn_in_stream(struct tquic_conn_in *in)
{
	const struct tquic_frame *f = in->f;
	struct tquic_stream *s;
	u64 fresh, before;
	bool known;
	int err;

	err = tquic_conn_in_lookup(in, f->stream.id, true, &s);
	if (err || !s)
		return err;
	known = s->final_size != U64_MAX;
	before = s->in.held + known;
	err = tquic_stream_recv(s, f->stream.offset, in->rx->handle,
				tquic_conn_in_pos(in), f->len,
				f->type & TQUIC_FRAME_STREAM_FIN, &fresh,
				in->close, in->gfp);
	if (err == -EPROTO)
		return err;
	if (tquic_conn_in_fresh(in, fresh))
		return -EPROTO;
	known = s->final_size != U64_MAX;
	if (fresh || s->in.held + known != before)
		in->conn->news = true;
	else if (f->len)
		tquic_conn_reply_repeated(in->conn, in->path, in->rx->now);
	if (s->stopped)
		tquic_credit_took(in->conn, fresh, in->rx->now);
	else if (fresh)
		tquic_credit_received(in->conn, s, in->rx->now);
	if (s->stopped)
		return err;
	if (tquic_reasm_readable(&s->in) || tquic_stream_at_end(s))
		tquic_streams_tell(&in->conn->streams, s,
				   TQUIC_STREAM_N_READABLE);
	return err;
}

static int tquic_conn_in_reset(struct tquic_conn_in *in)
{
	const struct tquic_frame *f = in->f;
	struct tquic_stream *s;
	u64 fresh, unread;
	int err;

	err = tquic_conn_in_lookup(in, f->reset_stream.id, true, &s);
	if (err || !s)
		return err;
	err = tquic_stream_recv_reset(s, f->reset_stream.code,
				      f->reset_stream.final_size, &fresh,
				      &unread, in->close);
	if (err || tquic_conn_in_fresh(in, fresh))
		return -EPROTO;
	tquic_credit_took(in->conn, unread, in->rx->now);
	tquic_streams_tell(&in->conn->streams, s, TQUIC_STREAM_N_READABLE);
	return 0;
}

static int tquic_conn_in_stop(struct tquic_conn_in *in)
{
	struct tquic_stream *s;
	int err;

	err = tquic_conn_in_lookup(in, in->f->stop_sending.id, false, &s);
	if (err || !s)
		return err;
	tquic_stream_recv_stop(s, in->f->stop_sending.code);
	tquic_streams_wake(&in->conn->streams, s);
	tquic_streams_tell(&in->conn->streams, s, TQUIC_STREAM_N_STOPPED);
	return 0;
}

static int tquic_conn_in_max_data(struct tquic_conn_in *in)
{
	if (tquic_flow_tx_raise(&in->conn->tx, in->f->max_data.max))
		tquic_streams_feed(&in->conn->streams);
	return 0;
}

static int tquic_conn_in_max_stream_data(struct tquic_conn_in *in)
{
	struct tquic_stream *s;
	int err;

	err = tquic_conn_in_lookup(in, in->f->max_stream_data.id, false, &s);
	if (err || !s)
		return err;
	if (tquic_flow_tx_raise(&s->tx, in->f->max_stream_data.max))
		tquic_streams_wake(&in->conn->streams, s);
	return 0;
}

static int tquic_conn_in_max_streams(struct tquic_conn_in *in)
{
	bool uni = in->f->type == TQUIC_FRAME_MAX_STREAMS_UNI;

	if (in->f->max_streams.max > in->conn->streams.open[uni].limit)
		in->conn->events |= TQUIC_CONN_E_STREAMS;
	tquic_streams_allow(&in->conn->streams, uni, in->f->max_streams.max);
	return 0;
}

static int tquic_conn_in_stream_blocked(struct tquic_conn_in *in)
{
	struct tquic_stream *s;

	return tquic_conn_in_lookup(in, in->f->stream_data_blocked.id, true,
				    &s);
}

static int tquic_conn_in_new_cid(struct tquic_conn_in *in)
{
	struct tquic_conn *conn = in->conn;
	struct tquic_path *path;
	int ret;

	ret = tquic_cid_path_check(&conn->cids, in->f, in->close);
	if (ret <= 0)
		return ret;
	ret = tquic_cid_peer_recv(&conn->cids, in->f, in->gfp, in->close);
	if (ret < 0)
		return ret;
	path = tquic_conn_path(conn, in->f->path_id);
	/* the one in use was retired, or there was none so far */
	if (path && path->state != TQUIC_PATH_CLOSING &&
	    (!path->has_dcid ||
	     !tquic_cid_peer_find(&conn->cids, path->id, path->dcid_seq)))
		tquic_conn_take_dcid(conn, path);
	return 0;
}

static int tquic_conn_in_retire_cid(struct tquic_conn_in *in)
{
	struct tquic_conn *conn = in->conn;
	u64 expire = in->rx->now + 3 * tquic_conn_max_pto(conn);
	int ret;

	ret = tquic_cid_path_check(&conn->cids, in->f, in->close);
	if (ret <= 0)
		return ret;
	conn->events |= TQUIC_CONN_E_CIDS;
	return tquic_cid_local_recv_retire(&conn->cids, in->f, in->rx->via,
					   expire, in->close);
}

static int tquic_conn_in_challenge(struct tquic_conn_in *in)
{
	if (!tquic_tuple_eq(&in->path->tuple, in->rx->tuple)) {
		tquic_aside_respond(in->conn, in->path, in->rx, in->f->probe);
		return 0;
	}
	memcpy(in->path->response, in->f->probe, TQUIC_PATH_PROBE_LEN);
	in->path->pending |= TQUIC_PATH_P_RESPONSE;
	return 0;
}

static int tquic_conn_in_response(struct tquic_conn_in *in)
{
	struct tquic_path *path;

	list_for_each_entry(path, &in->conn->paths, node) {
		if (tquic_move_answer(in->conn, path, in->f->probe,
				      in->rx->now))
			return 0;
		if (!tquic_path_check_answer(path, in->f->probe))
			continue;
		tquic_move_settled(in->conn, path);
		tquic_conn_mtu_start(in->conn, path);
		in->conn->events |= TQUIC_CONN_E_PATHS;
		return 0;
	}
	return 0;
}

static int tquic_conn_in_close(struct tquic_conn_in *in)
{
	tquic_conn_closed_by_peer(in->conn, in->f, in->rx->now);
	return 0;
}

static int tquic_conn_in_done(struct tquic_conn_in *in)
{
	tquic_conn_confirm(in->conn);
	return 0;
}

static int tquic_conn_in_abandon(struct tquic_conn_in *in)
{
	struct tquic_conn *conn = in->conn;
	struct tquic_path *path;
	int ret;

	ret = tquic_cid_path_check(&conn->cids, in->f, in->close);
	if (ret <= 0)
		return ret;
	path = tquic_conn_path(conn, in->f->path_id);
	/* it was never heard of here, but an answer is due all the same */
	if (!path)
		path = tquic_conn_add_path(conn, in->f->path_id, in->rx->tuple,
					   false, in->rx->now, in->gfp);
	if (!path)
		return -ENOMEM;
	tquic_conn_path_dead(conn, path, in->f->path_abandon.code,
			     in->rx->now, in->gfp);
	if (path->state != TQUIC_PATH_CLOSING)
		return -ENOMEM;
	path->abandon_recv = true;
	if (path->abandon_sent && path->delete_at == TQUIC_TIME_NEVER)
		path->delete_at = in->rx->now + 3 * tquic_conn_max_pto(conn);
	return 0;
}

static int tquic_conn_in_status(struct tquic_conn_in *in)
{
	struct tquic_conn *conn = in->conn;
	struct tquic_path *path;
	int ret;

	ret = tquic_cid_path_check(&conn->cids, in->f, in->close);
	if (ret <= 0)
		return ret;
	path = tquic_conn_path(conn, in->f->path_id);
	if (path && tquic_path_recv_status(path, in->f->type ==
					   TQUIC_FRAME_PATH_STATUS_BACKUP,
					   in->f->path_status.seq))
		conn->events |= TQUIC_CONN_E_PATHS;
	return 0;
}

static int tquic_conn_in_max_path_id(struct tquic_conn_in *in)
{
	in->conn->events |= TQUIC_CONN_E_CIDS | TQUIC_CONN_E_PATHS;
	return tquic_cid_recv_max_path(&in->conn->cids, in->f, in->close);
}

static int tquic_conn_in_path_check(struct tquic_conn_in *in)
{
	return min(tquic_cid_path_check(&in->conn->cids, in->f, in->close), 0);
}

static int tquic_conn_in_cids_blocked(struct tquic_conn_in *in)
{
	int ret = tquic_cid_path_check(&in->conn->cids, in->f, in->close);

	if (ret <= 0)
		return ret;
	in->conn->events |= TQUIC_CONN_E_CIDS;
	return tquic_cid_local_recv_blocked(&in->conn->cids, in->f, in->close);
}

static int tquic_conn_in_time(struct tquic_conn_in *in)
{
	struct tquic_conn *conn = in->conn;
	int ret;

	ret = tquic_cid_path_check(&conn->cids, in->f, in->close);
	if (ret <= 0)
		return ret;
	/* of the acknowledgment that follows */
	conn->told = in->f->receive_time.time;
	conn->told_path = in->f->path_id;
	return 0;
}

static int tquic_conn_in_dgram(struct tquic_conn_in *in)
{
	tquic_dgram_received(in->conn, in->path, in->rx, in->f, in->gfp);
	return 0;
}

static int tquic_conn_in_ask(struct tquic_conn_in *in)
{
	return tquic_conn_recv_ask(in->conn, in->f, in->close);
}

static int tquic_conn_in_immediate(struct tquic_conn_in *in)
{
	tquic_conn_reply_unheard(in->conn, in->path, in->rx->now);
	return 0;
}

static int tquic_conn_in_nothing(struct tquic_conn_in *in)
{
	(void)in;
	return 0;
}

typedef int (*tquic_conn_handler)(struct tquic_conn_in *in);

/* By frame type up to this one; the rest is a switch of its own. */
static const tquic_conn_handler tquic_conn_handlers[] = {
	[TQUIC_FRAME_PADDING] = tquic_conn_in_nothing,
	[TQUIC_FRAME_PING] = tquic_conn_in_nothing,
	[TQUIC_FRAME_ACK] = tquic_conn_in_ack,
	[TQUIC_FRAME_ACK_ECN] = tquic_conn_in_ack,
	[TQUIC_FRAME_RESET_STREAM] = tquic_conn_in_reset,
	[TQUIC_FRAME_STOP_SENDING] = tquic_conn_in_stop,
	[TQUIC_FRAME_CRYPTO] = tquic_conn_in_crypto,
	[TQUIC_FRAME_NEW_TOKEN] = tquic_conn_in_new_token,
	[TQUIC_FRAME_STREAM ... TQUIC_FRAME_STREAM_LAST] =
		tquic_conn_in_stream,
	[TQUIC_FRAME_MAX_DATA] = tquic_conn_in_max_data,
	[TQUIC_FRAME_MAX_STREAM_DATA] = tquic_conn_in_max_stream_data,
	[TQUIC_FRAME_MAX_STREAMS_BIDI] = tquic_conn_in_max_streams,
	[TQUIC_FRAME_MAX_STREAMS_UNI] = tquic_conn_in_max_streams,
	[TQUIC_FRAME_DATA_BLOCKED] = tquic_conn_in_nothing,
	[TQUIC_FRAME_STREAM_DATA_BLOCKED] = tquic_conn_in_stream_blocked,
	[TQUIC_FRAME_STREAMS_BLOCKED_BIDI] = tquic_conn_in_nothing,
	[TQUIC_FRAME_STREAMS_BLOCKED_UNI] = tquic_conn_in_nothing,
	[TQUIC_FRAME_NEW_CONNECTION_ID] = tquic_conn_in_new_cid,
	[TQUIC_FRAME_RETIRE_CONNECTION_ID] = tquic_conn_in_retire_cid,
	[TQUIC_FRAME_PATH_CHALLENGE] = tquic_conn_in_challenge,
	[TQUIC_FRAME_PATH_RESPONSE] = tquic_conn_in_response,
	[TQUIC_FRAME_CONNECTION_CLOSE] = tquic_conn_in_close,
	[TQUIC_FRAME_CONNECTION_CLOSE_APP] = tquic_conn_in_close,
	[TQUIC_FRAME_HANDSHAKE_DONE] = tquic_conn_in_done,
	[TQUIC_FRAME_DATAGRAM] = tquic_conn_in_dgram,
	[TQUIC_FRAME_DATAGRAM_LEN] = tquic_conn_in_dgram,
	[TQUIC_FRAME_IMMEDIATE_ACK] = tquic_conn_in_immediate,
	[TQUIC_FRAME_PATH_ACK] = tquic_conn_in_ack,
	[TQUIC_FRAME_PATH_ACK_ECN] = tquic_conn_in_ack,
};

static int tquic_conn_in_path_frame(struct tquic_conn_in *in)
{
	switch (in->f->type) {
	case TQUIC_FRAME_ACK_FREQUENCY:
		return tquic_conn_in_ask(in);
	case TQUIC_FRAME_RECEIVE_TIME:
		return tquic_conn_in_time(in);
	case TQUIC_FRAME_PATH_ABANDON:
		return tquic_conn_in_abandon(in);
	case TQUIC_FRAME_PATH_STATUS_BACKUP:
	case TQUIC_FRAME_PATH_STATUS_AVAILABLE:
		return tquic_conn_in_status(in);
	case TQUIC_FRAME_PATH_NEW_CONNECTION_ID:
		return tquic_conn_in_new_cid(in);
	case TQUIC_FRAME_PATH_RETIRE_CONNECTION_ID:
		return tquic_conn_in_retire_cid(in);
	case TQUIC_FRAME_MAX_PATH_ID:
		return tquic_conn_in_max_path_id(in);
	case TQUIC_FRAME_PATH_CIDS_BLOCKED:
		return tquic_conn_in_cids_blocked(in);
	default:
		return tquic_conn_in_path_check(in);
	}
}

/**
 * tquic_conn_frame - let a frame have its effect
 * @conn: connection
 * @path: path that its packet came on
 * @rx: its packet
 * @f: the frame, decoded and so legal by itself
 * @close: filled on a protocol error
 * @gfp: allocation flags
 *
 * Effects can be had twice without harm: a packet of which one frame failed for
 * want of memory is not acknowledged, and comes again.
 *
 * Return: 0, -EPROTO or -ENOMEM.
 */
int tquic_conn_frame(struct tquic_conn *conn, struct tquic_path *path,
		     const struct tquic_rx *rx, const struct tquic_frame *f,
		     struct tquic_close *close, gfp_t gfp)
{
	struct tquic_conn_in in = {
		.conn = conn,
		.path = path,
		.rx = rx,
		.f = f,
		.close = close,
		.gfp = gfp,
	};

	if (f->type < ARRAY_SIZE(tquic_conn_handlers) &&
	    tquic_conn_handlers[f->type])
		return tquic_conn_handlers[f->type](&in);
	return tquic_conn_in_path_frame(&in);
}
