// SPDX-License-Identifier: GPL-2.0
/*
 * Receive credit of a connection and its streams, within one memory budget.
 *
 * The connection's window bounds what all streams together may hold.  Each
 * stream gets a share of what the others leave: with a fixed bound either a
 * lone stream could not fill the links, or a few whose readers have stopped
 * would eat the window of all.
 */
#include "conn_priv.h"

/* streams count as busy for one to two of these after they received */
#define TQUIC_CREDIT_INTERVAL	(250 * TQUIC_NS_PER_MS)
/* a lone stream leaves this part to those that come after it */
#define TQUIC_CREDIT_RESERVE	16
/* what a new stream, and a new connection, may use before it is measured */
#define TQUIC_CREDIT_STREAM	16
#define TQUIC_CREDIT_CONN	4
#define TQUIC_CREDIT_LEAST	(256 << 10)

/**
 * tquic_conn_set_credit - announce credit for streams that suits a budget
 * @tp: transport parameters to be announced
 * @budget: bytes of memory for received data
 */
void tquic_conn_set_credit(struct tquic_tparams *tp, u64 budget)
{
	u64 least = min_t(u64, budget / 2, TQUIC_CREDIT_LEAST);
	u64 stream = max(budget / TQUIC_CREDIT_STREAM, least);

	tp->initial_max_data = max(budget / TQUIC_CREDIT_CONN,
				   min_t(u64, budget,
					 2 * TQUIC_CREDIT_LEAST));
	tp->initial_max_stream_data_bidi_local = stream;
	tp->initial_max_stream_data_bidi_remote = stream;
	tp->initial_max_stream_data_uni = stream;
	tp->present |= BIT(TQUIC_TPARAM_INITIAL_MAX_DATA) |
		       BIT(TQUIC_TPARAM_INITIAL_MAX_STREAM_DATA_BIDI_LOCAL) |
		       BIT(TQUIC_TPARAM_INITIAL_MAX_STREAM_DATA_BIDI_REMOTE) |
		       BIT(TQUIC_TPARAM_INITIAL_MAX_STREAM_DATA_UNI);
}

/* Counts the streams that receive at present. */
static u32 tquic_credit_busy(struct tquic_streams *set, struct tquic_stream *s,
			     tquic_time_t now)
{
	u64 time = now - set->busy_since;

	if (time >= TQUIC_CREDIT_INTERVAL) {
		set->busy_before = time < 2 * TQUIC_CREDIT_INTERVAL ?
				   set->busy : 0;
		set->busy = 0;
		set->busy_no++;
		set->busy_since = now;
	}
	if (s->busy_no != set->busy_no) {
		s->busy_no = set->busy_no;
		set->busy++;
	}
	return max(set->busy, set->busy_before);
}

/* What of the budget a stream may use. */
static u64 tquic_credit_share(const struct tquic_conn *conn,
			      const struct tquic_stream *s, u32 busy)
{
	u64 others = tquic_flow_rx_unread(&conn->rx) -
		     tquic_flow_rx_unread(&s->rx);
	u64 left = conn->rx.window_max - min(others, conn->rx.window_max);

	return busy > 1 ? left / 2 : left - left / TQUIC_CREDIT_RESERVE;
}

static void tquic_credit_check(struct tquic_conn *conn, struct tquic_stream *s,
			       u32 busy)
{
	s->rx.share = tquic_credit_share(conn, s, busy);
	if (s->recv == TQUIC_STREAM_R_RECV && !s->stopped &&
	    tquic_flow_rx_due(&s->rx)) {
		s->pending |= TQUIC_STREAM_P_MAX_DATA;
		tquic_streams_wake(&conn->streams, s);
	}
}

/**
 * tquic_credit_received - a stream received new data
 * @conn: connection
 * @s: stream
 * @now: present time
 *
 * One that begins in a connection at full speed needs a window to match before
 * its reader is measured.
 */
void tquic_credit_received(struct tquic_conn *conn, struct tquic_stream *s,
			   tquic_time_t now)
{
	u32 busy = tquic_credit_busy(&conn->streams, s, now);

	if (!s->rx.consumed)
		tquic_flow_rx_widen(&s->rx, 2 * conn->rx.rate);
	tquic_credit_check(conn, s, busy);
}

/* Bytes of streams that nobody holds any more. */
void tquic_credit_took(struct tquic_conn *conn, u64 bytes, tquic_time_t now)
{
	if (!bytes)
		return;
	tquic_flow_rx_consume(&conn->rx, bytes, now, tquic_conn_delay(conn));
	if (tquic_flow_rx_due(&conn->rx))
		conn->control |= TQUIC_CONN_C_MAX_DATA;
}

/**
 * tquic_credit_read - a stream's reader took data
 * @conn: connection
 * @s: stream, whose own account knows
 * @bytes: how much
 * @now: present time
 */
void tquic_credit_read(struct tquic_conn *conn, struct tquic_stream *s,
		       u64 bytes, tquic_time_t now)
{
	struct tquic_streams *set = &conn->streams;

	tquic_credit_took(conn, bytes, now);
	tquic_credit_check(conn, s, max(set->busy, set->busy_before));
}
