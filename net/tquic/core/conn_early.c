// SPDX-License-Identifier: GPL-2.0
/*
 * Early data, in 0-RTT packets: RFC 9000 section 7.4.1, RFC 9001 sections 4.6
 * and 5.6.
 *
 * A client goes by what the server announced the last time until it hears
 * better.  The packets count in the space of path 0, and are acknowledged as
 * 1-RTT packets are.
 */
#include "conn_priv.h"

/* What a client may send is known: from the server, or from memory. */
void tquic_early_credit(struct tquic_conn *conn)
{
	const struct tquic_tparams *tp = &conn->theirs;
	struct tquic_streams_credit theirs = {
		.bidi_local = tp->initial_max_stream_data_bidi_local,
		.bidi_remote = tp->initial_max_stream_data_bidi_remote,
		.uni = tp->initial_max_stream_data_uni,
	};

	tquic_streams_peer(&conn->streams, &theirs,
			   tp->initial_max_streams_bidi,
			   tp->initial_max_streams_uni);
	if (tquic_flow_tx_raise(&conn->tx, tp->initial_max_data))
		tquic_streams_feed(&conn->streams);
}

/**
 * tquic_conn_early_start - a client offers early data
 * @conn: connection, before it has heard of the server
 * @remembered: parameters of the server in the connection that the ticket is
 *	from
 *
 * Streams can be opened and written from now on, and go out as soon as
 * tquic_conn_keys() brings 0-RTT keys.
 *
 * Return: 0 or -EINVAL.
 */
int tquic_conn_early_start(struct tquic_conn *conn,
			   const struct tquic_tparams *remembered)
{
	if (conn->server || conn->heard ||
	    conn->state != TQUIC_CONN_HANDSHAKE)
		return -EINVAL;
	tquic_tparam_remember(&conn->theirs, remembered);
	conn->remembered = conn->theirs;
	conn->early_data = TQUIC_EARLY_OFFERED;
	tquic_early_credit(conn);
	return 0;
}

/**
 * tquic_conn_early_fits - may a server accept early data
 * @conn: connection
 * @remembered: what it announced in the connection that the ticket is from
 *
 * Return: whether no limit is lower now, as RFC 9000 section 7.4.1 demands.
 */
bool tquic_conn_early_fits(const struct tquic_conn *conn,
			   const struct tquic_tparams *remembered)
{
	struct tquic_close close;

	return !tquic_tparam_check_0rtt(remembered, &conn->ours, &close);
}

/* 0-RTT keys have served. */
void tquic_early_drop_keys(struct tquic_conn *conn)
{
	if (conn->dropped_keys & BIT(TQUIC_PKT_0RTT))
		return;
	conn->early_until = TQUIC_TIME_NEVER;
	conn->tx_keys &= ~BIT(TQUIC_PKT_0RTT);
	conn->dropped_keys |= BIT(TQUIC_PKT_0RTT);
	conn->events |= TQUIC_CONN_E_KEYS;
}

/* Nothing of it arrived, and nothing that it went by holds. */
static void tquic_early_reject(struct tquic_conn *conn)
{
	struct tquic_path *path = tquic_conn_first_path(conn);

	conn->early_data = TQUIC_EARLY_REJECTED;
	conn->events |= TQUIC_CONN_E_REJECTED;
	tquic_early_drop_keys(conn);
	tquic_loss_void(&path->space.loss);
	tquic_tparam_init(&conn->theirs);
	tquic_streams_restart(&conn->streams);
	tquic_flow_tx_init(&conn->tx, 0);
}

/**
 * tquic_conn_early_result - TLS knows what becomes of early data
 * @conn: connection
 * @accepted: whether the server accepts it
 *
 * On a client: before the server's transport parameters and the 1-RTT keys are
 * handed in, or it counts as rejected.  All that was sent is sent again then,
 * in 1-RTT packets, unless the application resets its streams.  On a server:
 * before 0-RTT packets are handed in.
 */
void tquic_conn_early_result(struct tquic_conn *conn, bool accepted)
{
	if (conn->server) {
		conn->early_data = accepted ? TQUIC_EARLY_ACCEPTED :
					      TQUIC_EARLY_REJECTED;
		if (!accepted)
			tquic_early_drop_keys(conn);
		return;
	}
	if (conn->early_data != TQUIC_EARLY_OFFERED)
		return;
	if (accepted)
		conn->early_data = TQUIC_EARLY_ACCEPTED;
	else
		tquic_early_reject(conn);
}

/**
 * tquic_early_tparams - the server's new transport parameters are there
 * @conn: connection
 * @tp: parameters
 * @close: filled on error
 *
 * What they raise is not for 0-RTT packets, so there are no more of these.
 *
 * Return: 0, or -EPROTO when they are lower than what was remembered.
 */
int tquic_early_tparams(struct tquic_conn *conn,
			const struct tquic_tparams *tp,
			struct tquic_close *close)
{
	if (conn->server || !conn->early_data)
		return 0;
	tquic_conn_early_result(conn, false);
	tquic_early_drop_keys(conn);
	if (conn->early_data != TQUIC_EARLY_ACCEPTED)
		return 0;
	return tquic_tparam_check_0rtt(&conn->remembered, tp, close);
}

/* RFC 9001 sections 4.9.3 and 5.6: a client needs 0-RTT keys no more. */
void tquic_early_end(struct tquic_conn *conn)
{
	if (conn->server || !conn->early_data)
		return;
	tquic_conn_early_result(conn, false);
	tquic_early_drop_keys(conn);
}

/**
 * tquic_early_recv - an early packet, or the first that is none
 * @conn: connection
 * @rx: 0-RTT or 1-RTT packet
 *
 * Return: TQUIC_DROP_NONE, or why it is not taken.
 */
enum tquic_drop tquic_early_recv(struct tquic_conn *conn,
				 const struct tquic_rx *rx)
{
	if (rx->type == TQUIC_PKT_0RTT) {
		if (!conn->server)
			return TQUIC_DROP_ROLE;
		return conn->early_data != TQUIC_EARLY_ACCEPTED ||
		       conn->dropped_keys & BIT(TQUIC_PKT_0RTT) ?
		       TQUIC_DROP_KEYS : TQUIC_DROP_NONE;
	}
	/* RFC 9001 section 4.9.3: late ones may still come for a while */
	if (conn->server && conn->early_data == TQUIC_EARLY_ACCEPTED &&
	    conn->early_until == TQUIC_TIME_NEVER &&
	    !(conn->dropped_keys & BIT(TQUIC_PKT_0RTT)))
		conn->early_until = rx->now + 3 * tquic_conn_max_pto(conn);
	return TQUIC_DROP_NONE;
}
