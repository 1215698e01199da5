// SPDX-License-Identifier: GPL-2.0
/*
 * What TLS says and is told: handshake bytes, progress, transport parameters.
 */
#include "conn_priv.h"

/**
 * tquic_conn_crypto_write - handshake bytes for the peer
 * @conn: connection
 * @type: level, as the packet type that carries it
 * @handle: buffer
 * @pos: where the bytes begin in it
 * @len: how many
 * @gfp: allocation flags
 *
 * Return: 0; -EPIPE when the level's keys are gone; -ENOMEM.
 */
int tquic_conn_crypto_write(struct tquic_conn *conn, enum tquic_pkt_type type,
			    void *handle, u32 pos, u32 len, gfp_t gfp)
{
	unsigned int level = tquic_conn_level(type);

	if (level < 2 && !conn->early[level].live)
		return -EPIPE;
	return tquic_sendq_append(&conn->crypto[level].tx, handle, pos, len,
				  gfp);
}

/* Handshake bytes from the peer, to be read and consumed by the caller. */
struct tquic_reasm *tquic_conn_crypto_in(struct tquic_conn *conn,
					 enum tquic_pkt_type type)
{
	return &conn->crypto[tquic_conn_level(type)].rx;
}

/**
 * tquic_conn_read_level - TLS reads handshake bytes at a level from now on
 * @conn: connection
 * @type: level, as the packet type that carries it
 * @now: present time
 *
 * To be called when TLS gives the keys to open packets of that level with: then
 * nothing may be left, or come later, at a lower one (RFC 9001 section 4.1.3).
 *
 * Return: 0; -EPROTO with the connection closing.
 */
int tquic_conn_read_level(struct tquic_conn *conn, enum tquic_pkt_type type,
			  tquic_time_t now)
{
	unsigned int level = tquic_conn_level(type);
	struct tquic_close close;

	while (level--) {
		conn->crypto[level].complete = true;
		if (!conn->crypto[level].rx.count)
			continue;
		tquic_close_set(&close, TQUIC_PROTOCOL_VIOLATION,
				TQUIC_FRAME_CRYPTO, "bytes that TLS left");
		tquic_conn_fail(conn, now, &close);
		return -EPROTO;
	}
	return 0;
}

/* RFC 9001 section 4.1.2 */
void tquic_conn_confirm(struct tquic_conn *conn)
{
	if (conn->confirmed)
		return;
	conn->confirmed = true;
	conn->events |= TQUIC_CONN_E_CONFIRMED | TQUIC_CONN_E_CIDS;
	tquic_conn_mtu_start(conn, tquic_conn_first_path(conn));
	tquic_conn_drop_keys(conn, TQUIC_PKT_INITIAL);
	tquic_conn_drop_keys(conn, TQUIC_PKT_HANDSHAKE);
}

/**
 * tquic_conn_tls_done - TLS has finished
 * @conn: connection
 * @now: present time
 *
 * For a server that confirms the handshake, and the client is told.
 */
void tquic_conn_tls_done(struct tquic_conn *conn, tquic_time_t now)
{
	struct tquic_close close;

	if (conn->tls_done || conn->state != TQUIC_CONN_HANDSHAKE)
		return;
	if (!conn->have_theirs) {
		/* RFC 9001 section 8.2: missing_extension */
		tquic_close_set(&close, TQUIC_CRYPTO_ERROR + 109, 0,
				"no transport parameters");
		tquic_conn_fail(conn, now, &close);
		return;
	}
	conn->tls_done = true;
	conn->state = TQUIC_CONN_ESTABLISHED;
	conn->handshake_at = TQUIC_TIME_NEVER;
	tquic_conn_touch_idle(conn, now);
	if (!conn->server)
		return;
	conn->control |= TQUIC_CONN_C_DONE;
	tquic_conn_confirm(conn);
}

static int tquic_conn_check_tparams(struct tquic_conn *conn,
				    const struct tquic_tparams *tp,
				    struct tquic_close *close)
{
	struct tquic_tparam_seen seen = {
		.original_dcid = &conn->odcid,
		.initial_scid = &conn->peer_scid,
		.retry_scid = conn->retried ? &conn->retry_scid : NULL,
	};
	int err;

	err = tquic_tparam_check_cids(tp, &seen, !conn->server, close);
	if (!err)
		err = tquic_version_negotiate(conn, tp, close);
	if (!err)
		err = tquic_tparam_check_ack_delay(tp, close);
	if (err || !(tp->present & BIT(TQUIC_TPARAM_INITIAL_MAX_PATH_ID)))
		return err;
	return tquic_tparam_check_multipath(tp, conn->config.scid->cid.len,
					    conn->peer_scid.len, close);
}

static void tquic_conn_apply_tparams(struct tquic_conn *conn, tquic_time_t now)
{
	const struct tquic_tparams *tp = &conn->theirs;
	struct tquic_path *path = tquic_conn_first_path(conn);
	u64 idle = min(tp->max_idle_timeout, U64_MAX / TQUIC_NS_PER_MS) *
		   TQUIC_NS_PER_MS;

	conn->multipath = tp->present & conn->ours.present &
			  BIT(TQUIC_TPARAM_INITIAL_MAX_PATH_ID);
	tquic_conn_ask_init(conn);
	conn->times = conn->multipath && tp->present & conn->ours.present &
					 BIT(TQUIC_TPARAM_RECEIVE_TIMES);
	tquic_early_credit(conn);
	tquic_cid_set_peer(&conn->cids, tp->active_cid_limit,
			   conn->multipath ? tp->initial_max_path_id : 0);
	if (conn->multipath)
		tquic_cid_raise_max_path(&conn->cids,
					 conn->ours.initial_max_path_id);
	if (tp->present & BIT(TQUIC_TPARAM_STATELESS_RESET_TOKEN))
		tquic_cid_peer_set_token(&conn->cids,
					 tp->stateless_reset_token);
	path->mds = min(path->mds, tquic_conn_mds(conn));
	/* RFC 9000 section 10.1: the lower of those that are not zero */
	if (idle && (!conn->idle || idle < conn->idle))
		conn->idle = idle;
	tquic_conn_touch_idle(conn, now);
}

/**
 * tquic_conn_peer_tparams - TLS delivered the peer's transport parameters
 * @conn: connection
 * @buf: extension data
 * @len: bytes of it
 * @now: present time
 * @gfp: allocation flags
 *
 * Return: 0; -EPROTO with the connection closing.
 */
int tquic_conn_peer_tparams(struct tquic_conn *conn, const void *buf,
			    size_t len, tquic_time_t now, gfp_t gfp)
{
	struct tquic_tparams tp;
	struct tquic_close close;
	int err;

	err = tquic_tparam_parse(&tp, buf, len, !conn->server, &close);
	if (!err)
		err = tquic_conn_check_tparams(conn, &tp, &close);
	if (!err)
		err = tquic_early_tparams(conn, &tp, &close);
	if (!err)
		err = tquic_move_tparams(conn, &tp, gfp, &close);
	if (err) {
		tquic_conn_fail(conn, now, &close);
		return err;
	}
	conn->theirs = tp;
	conn->have_theirs = true;
	tquic_conn_apply_tparams(conn, now);
	conn->events |= TQUIC_CONN_E_CIDS;
	return 0;
}
