// SPDX-License-Identifier: GPL-2.0
/*
 * How a connection ends: RFC 9000 section 10.
 */
#include "conn_build.h"

static void tquic_conn_to_closing(struct tquic_conn *conn, tquic_time_t now)
{
	conn->state = TQUIC_CONN_CLOSING;
	conn->why = TQUIC_CONN_WHY_LOCAL;
	conn->close_due = true;
	conn->close_at = now + 3 * tquic_conn_max_pto(conn);
	conn->events |= TQUIC_CONN_E_CLOSED;
}

/* The end, without a word. */
void tquic_conn_vanish(struct tquic_conn *conn, enum tquic_conn_why why)
{
	conn->state = TQUIC_CONN_CLOSED;
	conn->why = why;
	conn->events |= TQUIC_CONN_E_CLOSED;
}

/* We found something that ends the connection: RFC 9000 section 10.2. */
void tquic_conn_fail(struct tquic_conn *conn, tquic_time_t now,
		     const struct tquic_close *close)
{
	if (conn->state > TQUIC_CONN_ESTABLISHED)
		return;
	conn->close = *close;
	conn->close_app = false;
	tquic_conn_to_closing(conn, now);
}

/**
 * tquic_conn_close - end the connection
 * @conn: connection
 * @code: error code
 * @app: it is an application's
 * @reason: constant text, or NULL
 * @now: present time
 *
 * Return to the caller at once; tquic_conn_plan() says goodbye and
 * TQUIC_CONN_CLOSED is reached after three probe timeouts.
 */
void tquic_conn_close(struct tquic_conn *conn, u64 code, bool app,
		      const char *reason, tquic_time_t now)
{
	if (conn->state > TQUIC_CONN_ESTABLISHED)
		return;
	tquic_close_set(&conn->close, code, 0, reason ?: "");
	conn->close_app = app;
	tquic_conn_to_closing(conn, now);
}

static void tquic_conn_to_draining(struct tquic_conn *conn,
				   enum tquic_conn_why why, tquic_time_t now)
{
	conn->state = TQUIC_CONN_DRAINING;
	conn->why = why;
	conn->close_due = false;
	conn->close_at = now + 3 * tquic_conn_max_pto(conn);
	conn->events |= TQUIC_CONN_E_CLOSED;
}

/* CONNECTION_CLOSE was received: RFC 9000 section 10.2.2. */
void tquic_conn_closed_by_peer(struct tquic_conn *conn,
			       const struct tquic_frame *f, tquic_time_t now)
{
	conn->remote_app = f->type == TQUIC_FRAME_CONNECTION_CLOSE_APP;
	tquic_close_set(&conn->remote_close, f->close.code,
			conn->remote_app ? 0 : f->close.frame_type,
			"closed by the peer");
	conn->remote_reason_len = min_t(u64, f->len, TQUIC_CONN_REASON);
	memcpy(conn->remote_reason, f->data, conn->remote_reason_len);
	tquic_conn_to_draining(conn, TQUIC_CONN_WHY_REMOTE, now);
}

/**
 * tquic_conn_recv_reset - a datagram might be a stateless reset
 * @conn: connection that packets to the sender of the datagram belong to
 * @token: what tquic_reset_token() found in it
 * @now: present time
 *
 * To be asked when its first packet could not be attributed or opened.  Nothing
 * is sent any more if it is one: RFC 9000 section 10.3.1.
 *
 * Return: whether it is.
 */
bool tquic_conn_recv_reset(struct tquic_conn *conn, const u8 *token,
			   tquic_time_t now)
{
	if (!tquic_cid_peer_is_reset(&conn->cids, token))
		return false;
	if (conn->state < TQUIC_CONN_DRAINING)
		tquic_conn_to_draining(conn, TQUIC_CONN_WHY_RESET, now);
	return true;
}

/* Is there a CONNECTION_CLOSE in a packet that comes while we are closing. */
static bool tquic_conn_finds_close(const struct tquic_conn *conn,
				   const struct tquic_rx *rx,
				   struct tquic_frame *f)
{
	struct tquic_rd rd = tquic_rd_init(rx->payload, rx->len);
	struct tquic_frame_ctx ctx;
	struct tquic_close close;

	tquic_conn_frame_ctx(conn, rx->type, &ctx);
	while (tquic_rd_left(&rd)) {
		if (tquic_frame_decode(&rd, f, &ctx, &close))
			return false;
		if (f->type == TQUIC_FRAME_CONNECTION_CLOSE ||
		    f->type == TQUIC_FRAME_CONNECTION_CLOSE_APP)
			return true;
	}
	return false;
}

/*
 * Answered ever more rarely, where it came from, and no more once the peer says
 * goodbye, too: RFC 9000 section 10.2.1.
 */
enum tquic_drop tquic_conn_recv_late(struct tquic_conn *conn,
				     const struct tquic_rx *rx)
{
	struct tquic_path *path = tquic_conn_path(conn, rx->path_id);
	struct tquic_frame f;

	if (conn->state != TQUIC_CONN_CLOSING)
		return TQUIC_DROP_CLOSED;
	if (path && tquic_tuple_eq(&path->tuple, rx->tuple))
		tquic_path_credit(path, rx->dgram_len);
	if (tquic_conn_finds_close(conn, rx, &f)) {
		conn->state = TQUIC_CONN_DRAINING;
		conn->close_due = false;
	} else if (is_power_of_2(++conn->close_rx)) {
		conn->close_due = true;
		conn->close_path = rx->path_id;
	}
	return TQUIC_DROP_CLOSED;
}

static void tquic_plan_close_frame(const struct tquic_conn *conn,
				   enum tquic_pkt_type type,
				   struct tquic_frame *f)
{
	const struct tquic_close *close = &conn->close;

	*f = (struct tquic_frame){
		.type = conn->close_app ? TQUIC_FRAME_CONNECTION_CLOSE_APP :
					  TQUIC_FRAME_CONNECTION_CLOSE,
		.data = (const u8 *)close->reason,
		.len = strlen(close->reason),
	};
	f->close.code = close->code;
	f->close.frame_type = conn->close_app ? 0 : close->frame_type;
	if (!conn->close_app || type == TQUIC_PKT_1RTT)
		return;
	/* RFC 9000 section 10.2.3: not before the peer is authenticated */
	f->type = TQUIC_FRAME_CONNECTION_CLOSE;
	f->close.code = TQUIC_APPLICATION_ERROR;
	f->len = 0;
}

/* @fill: to the size that a client's Initial needs */
static void tquic_plan_close_pkt(struct tquic_space *space,
				 struct tquic_plan *plan, u32 room, bool fill,
				 tquic_time_t now, gfp_t gfp)
{
	struct tquic_conn *conn = space->conn;
	struct tquic_frame f;
	struct tquic_build b;
	u32 used;

	tquic_plan_builder(&b, conn, space->path, space, plan, now, gfp);
	if (!tquic_build_begin(&b, space->type, room - plan->bytes,
			       plan->npkts))
		return;
	tquic_plan_close_frame(conn, space->type, &f);
	/* rather without words than not at all */
	if (!tquic_build_frame(&b, &f, NULL)) {
		f.len = 0;
		tquic_build_frame(&b, &f, NULL);
	}
	used = b.built.hdr_len + b.payload + TQUIC_PKT_TAG_LEN + plan->bytes;
	if (fill && used < TQUIC_DGRAM_MIN)
		tquic_build_pad(&b, min(TQUIC_DGRAM_MIN - used, b.room));
	tquic_build_end(&b);
}

static struct tquic_path *tquic_plan_close_path(const struct tquic_conn *conn)
{
	struct tquic_path *path = tquic_conn_path(conn, conn->close_path);

	if (path && conn->close_rx && path->has_dcid)
		return path;
	list_for_each_entry(path, &conn->paths, node)
		if (tquic_conn_eligible(conn, path))
			return path;
	return tquic_conn_first_path(conn);
}

/* Spaces that packets can be sealed in, in the order of their levels. */
static unsigned int tquic_plan_close_spaces(struct tquic_conn *conn,
					    struct tquic_path *path,
					    struct tquic_space **spaces)
{
	unsigned int i, n = 0;

	for (i = 0; i < 2 && !path->id; i++)
		if (conn->early[i].live &&
		    conn->tx_keys & BIT(conn->early[i].type))
			spaces[n++] = &conn->early[i];
	if (conn->tx_keys & BIT(TQUIC_PKT_1RTT) && path->has_dcid)
		spaces[n++] = &path->space;
	return n;
}

/*
 * CONNECTION_CLOSE with every key that the peer may have, since it is not known
 * which it has: RFC 9000 section 10.2.3.
 */
bool tquic_plan_close(struct tquic_conn *conn, tquic_time_t now,
		      struct tquic_plan *plan, gfp_t gfp)
{
	struct tquic_path *path = tquic_plan_close_path(conn);
	struct tquic_space *spaces[3];
	unsigned int n = tquic_plan_close_spaces(conn, path, spaces), i;
	bool fill = n && spaces[0]->type == TQUIC_PKT_INITIAL && !conn->server;
	u32 room = min_t(u64, path->mds, tquic_path_allowance(path));

	tquic_plan_reset(plan, path);
	for (i = 0; i < n; i++)
		tquic_plan_close_pkt(spaces[i], plan, room, fill && i + 1 == n,
				     now, gfp);
	/* what could not be said is said when the peer speaks again */
	conn->close_due = false;
	return plan->npkts;
}
