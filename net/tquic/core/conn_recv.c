// SPDX-License-Identifier: GPL-2.0
/*
 * Packets in.
 */
#include "conn_priv.h"

/**
 * struct tquic_conn_heap - what the frames of a packet amount to
 * @eliciting: it asks for an acknowledgment
 * @data: it has stream data or handshake bytes
 * @news: it has anything eliciting else, but for PING
 * @probing: it has nothing but probing frames (RFC 9000 section 9.1)
 */
struct tquic_conn_heap {
	bool eliciting;
	bool data;
	bool news;
	bool probing;
};

/* What a frame makes of its packet, but for the news in its data. */
static void tquic_conn_weigh(struct tquic_conn_heap *heap, u64 type)
{
	u16 flags = tquic_frame_attr(type)->flags;
	bool eliciting = flags & TQUIC_FRAME_F_ELICITS;

	heap->eliciting |= eliciting;
	heap->probing &= !!(flags & TQUIC_FRAME_F_PROBING);
	if (tquic_frame_is_stream(type) || type == TQUIC_FRAME_CRYPTO)
		heap->data = true;
	else if (type != TQUIC_FRAME_PING && type != TQUIC_FRAME_IMMEDIATE_ACK)
		heap->news |= eliciting;
}

/* What has been agreed on about frames. */
void tquic_conn_frame_ctx(const struct tquic_conn *conn,
			  enum tquic_pkt_type type, struct tquic_frame_ctx *ctx)
{
	*ctx = (struct tquic_frame_ctx){
		.max_datagram = conn->ours.max_datagram_frame_size,
		.pkt = type,
		.server = conn->server,
		.multipath = conn->multipath,
		.ack_frequency = tquic_tparam_has(&conn->ours,
						  TQUIC_TPARAM_MIN_ACK_DELAY),
		.receive_times = conn->times,
	};
}

static int tquic_conn_frames(struct tquic_conn *conn, struct tquic_path *path,
			     const struct tquic_rx *rx,
			     struct tquic_conn_heap *heap,
			     struct tquic_close *close, gfp_t gfp)
{
	struct tquic_rd rd = tquic_rd_init(rx->payload, rx->len);
	struct tquic_frame_ctx ctx;
	struct tquic_frame f;
	int err;

	tquic_conn_frame_ctx(conn, rx->type, &ctx);
	*heap = (struct tquic_conn_heap){ .probing = true };
	conn->news = false;
	conn->told = U32_MAX;
	err = tquic_frame_check_payload(&rd, close);
	while (!err && tquic_rd_left(&rd)) {
		err = tquic_frame_decode(&rd, &f, &ctx, close);
		if (err)
			return err;
		tquic_conn_weigh(heap, f.type);
		err = tquic_conn_frame(conn, path, rx, &f, close, gfp);
		if (conn->state > TQUIC_CONN_ESTABLISHED)
			return err;
	}
	heap->news |= conn->news;
	return err;
}

/* It is to be acknowledged. */
static void tquic_conn_record(struct tquic_conn *conn, struct tquic_path *path,
			      struct tquic_space *space,
			      const struct tquic_rx *rx,
			      const struct tquic_conn_heap *heap)
{
	unsigned int flags = heap->eliciting ? TQUIC_ACKQ_ELICITING : 0;

	/* a lone PING says nothing of what the peer heard */
	if (heap->data && !heap->news)
		flags |= TQUIC_ACKQ_REPEAT;
	tquic_ackq_record(&space->ackq, rx->pn, rx->now, rx->ecn, flags);
	if (heap->eliciting && rx->type == TQUIC_PKT_1RTT)
		tquic_conn_reply(conn, path, rx->now);
}

/* The client learns the ID that the server chose: RFC 9000 section 7.2. */
static enum tquic_drop tquic_conn_learn_scid(struct tquic_conn *conn,
					     const struct tquic_rx *rx,
					     gfp_t gfp)
{
	struct tquic_path *path = tquic_conn_first_path(conn);

	if (rx->type == TQUIC_PKT_1RTT || !rx->scid)
		return TQUIC_DROP_NONE;
	if (conn->server || conn->heard)
		return tquic_inv_cid_eq(rx->scid->id, rx->scid->len,
					conn->peer_scid.id,
					conn->peer_scid.len) ?
		       TQUIC_DROP_NONE : TQUIC_DROP_SCID;
	if (rx->type != TQUIC_PKT_INITIAL)
		return TQUIC_DROP_KEYS;
	if (tquic_cid_peer_init(&conn->cids, rx->scid->id, rx->scid->len, gfp))
		return TQUIC_DROP_MEMORY;
	conn->heard = true;
	conn->peer_scid = *rx->scid;
	path->dcid = *rx->scid;
	path->dcid_seq = 0;
	return TQUIC_DROP_NONE;
}

static struct tquic_space *tquic_conn_rx_space(struct tquic_conn *conn,
					       struct tquic_path *path,
					       enum tquic_pkt_type type)
{
	if (type == TQUIC_PKT_INITIAL || type == TQUIC_PKT_HANDSHAKE)
		return &conn->early[tquic_conn_early(type)];
	return &path->space;
}

/*
 * A path ID that the client begins to use: multipath-21 section 3.1.  The
 * packet was opened, so it is the client's.
 */
static struct tquic_path *tquic_conn_accept_path(struct tquic_conn *conn,
						 const struct tquic_rx *rx,
						 gfp_t gfp)
{
	struct tquic_path *path;

	if (!conn->server || !conn->multipath || !conn->confirmed ||
	    rx->type != TQUIC_PKT_1RTT || !rx->via || rx->via->expire !=
	    TQUIC_TIME_NEVER)
		return NULL;
	path = tquic_conn_add_path(conn, rx->path_id, rx->tuple, false,
				   rx->now, gfp);
	if (!path)
		return NULL;
	tquic_conn_take_dcid(conn, path);
	tquic_path_check_start(path, rx->now);
	return path;
}

/* Where the peer's packets come from: RFC 9000 section 9.3. */
static void tquic_conn_address(struct tquic_conn *conn, struct tquic_path *path,
			       const struct tquic_rx *rx, bool newest,
			       bool probing)
{
	path->last_rx = rx->now;
	if (path->spins && newest && rx->type == TQUIC_PKT_1RTT)
		path->spin = rx->spin != !conn->server;
	tquic_conn_probe_hint(conn, path, rx->now);
	if (!newest)
		return;
	if (!tquic_tuple_eq(&path->tuple, rx->tuple)) {
		if (!probing && conn->server)
			tquic_move_seen(conn, path, rx);
	} else if (rx->via) {
		path->via_seq = rx->via->seq;
	}
}

/* What the type of an opened packet proves. */
static void tquic_conn_progress(struct tquic_conn *conn,
				struct tquic_path *path,
				const struct tquic_rx *rx)
{
	if (conn->server && rx->type == TQUIC_PKT_HANDSHAKE) {
		/* RFC 9000 section 8.1, RFC 9001 section 4.9.1 */
		path->validated = true;
		tquic_conn_drop_keys(conn, TQUIC_PKT_INITIAL);
	}
}

static enum tquic_drop tquic_conn_refuse(struct tquic_conn *conn, int err,
					 const struct tquic_rx *rx,
					 const struct tquic_close *close)
{
	if (err == -ENOMEM)
		return TQUIC_DROP_MEMORY;
	tquic_conn_fail(conn, rx->now, close);
	return TQUIC_DROP_PROTOCOL;
}

static enum tquic_drop tquic_conn_recv_on(struct tquic_conn *conn,
					  struct tquic_path *path,
					  const struct tquic_rx *rx, gfp_t gfp)
{
	struct tquic_space *space = tquic_conn_rx_space(conn, path, rx->type);
	struct tquic_conn_heap heap;
	struct tquic_close close;
	bool newest;
	int err;

	if (!space->live)
		return TQUIC_DROP_SPACE;
	err = tquic_ackq_check(&space->ackq, rx->pn, gfp);
	if (err)
		return err == -EEXIST ? TQUIC_DROP_DUPLICATE :
					TQUIC_DROP_MEMORY;
	newest = rx->pn >= tquic_ackq_next(&space->ackq);
	if (rx->type == TQUIC_PKT_1RTT) {
		err = tquic_keys_recv(conn, path, rx, &close);
		if (err == -ESTALE)
			return TQUIC_DROP_KEYS;
		if (err)
			return tquic_conn_refuse(conn, err, rx, &close);
	}
	tquic_conn_progress(conn, path, rx);
	if (rx->via)
		tquic_cid_local_use(&conn->cids, rx->via);
	err = tquic_conn_frames(conn, path, rx, &heap, &close, gfp);
	if (err)
		return tquic_conn_refuse(conn, err, rx, &close);
	if (conn->state > TQUIC_CONN_ESTABLISHED)
		return TQUIC_DROP_NONE;
	/* confirming the handshake may have ended the space */
	if (space->live)
		tquic_conn_record(conn, path, space, rx, &heap);
	tquic_conn_address(conn, path, rx, newest, heap.probing);
	conn->idle_armed = false;
	tquic_conn_touch_idle(conn, rx->now);
	tquic_conn_review_streams(conn);
	return TQUIC_DROP_NONE;
}

/*
 * Addresses that are not the path's: nobody moves before the handshake is
 * confirmed, and clients hear their servers from where they expect them, which
 * is where they want to go to or come from (RFC 9000 section 9).
 */
static bool tquic_conn_admits(const struct tquic_conn *conn,
			      const struct tquic_path *path,
			      const struct tquic_tuple *tuple)
{
	if (!conn->confirmed)
		return false;
	return conn->server ||
	       (path->aside.known &&
		tquic_tuple_eq(&path->aside.tuple, tuple)) ||
	       (path->left && tquic_tuple_eq(&path->old_tuple, tuple));
}

/**
 * tquic_conn_recv - a packet was opened
 * @conn: connection
 * @rx: see struct tquic_rx; packets may come late and in any order
 * @gfp: allocation flags
 *
 * Return: TQUIC_DROP_NONE, or why it had no effect.
 */
enum tquic_drop tquic_conn_recv(struct tquic_conn *conn,
				const struct tquic_rx *rx, gfp_t gfp)
{
	struct tquic_path *path;
	enum tquic_drop drop;

	if (conn->state > TQUIC_CONN_ESTABLISHED)
		return tquic_conn_recv_late(conn, rx);
	drop = tquic_version_recv(conn, rx);
	if (!drop)
		drop = tquic_conn_learn_scid(conn, rx, gfp);
	if (drop)
		return drop;
	path = tquic_conn_path(conn, rx->path_id);
	if (!path)
		path = tquic_conn_accept_path(conn, rx, gfp);
	if (!path)
		return TQUIC_DROP_PATH;
	if (tquic_tuple_eq(&path->tuple, rx->tuple))
		tquic_path_credit(path, rx->dgram_len);
	else if (!tquic_conn_admits(conn, path, rx->tuple))
		return TQUIC_DROP_ADDRESS;
	/* RFC 9001 section 5.7 */
	if (rx->type == TQUIC_PKT_1RTT && !conn->tls_done)
		return TQUIC_DROP_KEYS;
	if (rx->type == TQUIC_PKT_1RTT || rx->type == TQUIC_PKT_0RTT) {
		drop = tquic_early_recv(conn, rx);
		if (drop)
			return drop;
	}
	path->recv_packets++;
	return tquic_conn_recv_on(conn, path, rx, gfp);
}
