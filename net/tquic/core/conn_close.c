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

/* CONNECTION_CLOSE was received: RFC 9000 section 10.2.2. */
void tquic_conn_closed_by_peer(struct tquic_conn *conn,
			       const struct tquic_frame *f, tquic_time_t now)
{
	conn->remote_app = f->type == TQUIC_FRAME_CONNECTION_CLOSE_APP;
	tquic_close_set(&conn->remote_close, f->close.code,
			conn->remote_app ? 0 : f->close.frame_type,
			"closed by the peer");
	conn->state = TQUIC_CONN_DRAINING;
	conn->why = TQUIC_CONN_WHY_REMOTE;
	conn->close_due = false;
	conn->close_at = now + 3 * tquic_conn_max_pto(conn);
	conn->events |= TQUIC_CONN_E_CLOSED;
}

/* RFC 9000 section 10.2.1: answered ever more rarely. */
enum tquic_drop tquic_conn_recv_late(struct tquic_conn *conn)
{
	if (conn->state == TQUIC_CONN_CLOSING &&
	    is_power_of_2(++conn->close_rx))
		conn->close_due = true;
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

static bool tquic_plan_close_pkt(struct tquic_conn *conn,
				 struct tquic_path *path,
				 struct tquic_space *space,
				 struct tquic_plan *plan, u32 room,
				 tquic_time_t now, gfp_t gfp)
{
	struct tquic_frame f;
	struct tquic_build b;
	u32 used;

	tquic_plan_builder(&b, conn, path, space, plan, now, gfp);
	if (!tquic_build_begin(&b, space->type, room, plan->npkts))
		return false;
	tquic_plan_close_frame(conn, space->type, &f);
	tquic_build_frame(&b, &f, NULL);
	used = b.built.hdr_len + b.payload + TQUIC_PKT_TAG_LEN + plan->bytes;
	if (space->type == TQUIC_PKT_INITIAL && !conn->server &&
	    used < TQUIC_DGRAM_MIN)
		tquic_build_pad(&b, min(TQUIC_DGRAM_MIN - used, b.room));
	return tquic_build_end(&b);
}

/*
 * CONNECTION_CLOSE with every key that the peer may have, since it is not known
 * which it has: RFC 9000 section 10.2.3.
 */
bool tquic_plan_close(struct tquic_conn *conn, tquic_time_t now,
		      struct tquic_plan *plan, gfp_t gfp)
{
	struct tquic_path *path;
	unsigned int i;
	u32 room;

	conn->close_due = false;
	list_for_each_entry(path, &conn->paths, node)
		if (tquic_conn_eligible(conn, path))
			break;
	if (list_entry_is_head(path, &conn->paths, node))
		path = tquic_conn_first_path(conn);
	tquic_plan_reset(plan, path);
	room = min_t(u64, path->mds, tquic_path_allowance(path));
	for (i = 0; i < 2 && !path->id; i++)
		if (conn->early[i].live &&
		    conn->tx_keys & BIT(conn->early[i].type))
			tquic_plan_close_pkt(conn, path, &conn->early[i], plan,
					     room - plan->bytes, now, gfp);
	if (conn->tx_keys & BIT(TQUIC_PKT_1RTT) && path->has_dcid)
		tquic_plan_close_pkt(conn, path, &path->space, plan,
				     room - plan->bytes, now, gfp);
	return plan->npkts;
}
