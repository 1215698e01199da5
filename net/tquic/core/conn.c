// SPDX-License-Identifier: GPL-2.0
/*
 * Life of a connection: creation, handshake facts, timers of the whole, end.
 */
#include "conn_priv.h"

static void tquic_conn_init_streams(struct tquic_conn *conn, tquic_time_t now)
{
	const struct tquic_tparams *tp = &conn->ours;
	struct tquic_streams_credit ours = {
		.bidi_local = tp->initial_max_stream_data_bidi_local,
		.bidi_remote = tp->initial_max_stream_data_bidi_remote,
		.uni = tp->initial_max_stream_data_uni,
	};

	tquic_streams_init(&conn->streams, conn->config.buf_ops, conn->server,
			   &ours, conn->config.stream_window_max);
	tquic_streams_grant(&conn->streams, false,
			    tp->initial_max_streams_bidi, now);
	tquic_streams_grant(&conn->streams, true, tp->initial_max_streams_uni,
			    now);
	tquic_flow_tx_init(&conn->tx, 0);
	tquic_flow_rx_init(&conn->rx, tp->initial_max_data,
			   conn->config.window_max, now);
}

static void tquic_conn_init_tparams(struct tquic_conn *conn)
{
	const struct tquic_conn_config *config = &conn->config;
	struct tquic_tparams *tp = &conn->ours;

	*tp = *config->tparams;
	tp->initial_scid = config->scid->cid;
	tp->present |= BIT(TQUIC_TPARAM_INITIAL_SCID);
	if (conn->server) {
		tp->original_dcid = *config->odcid;
		tp->present |= BIT(TQUIC_TPARAM_ORIGINAL_DCID);
	}
}

/* Path 0, its early spaces, and the connection IDs of the handshake. */
static int tquic_conn_init_path(struct tquic_conn *conn, tquic_time_t now,
				gfp_t gfp)
{
	const struct tquic_conn_config *config = &conn->config;
	struct tquic_path *path;
	unsigned int i;
	int err;

	path = tquic_conn_add_path(conn, 0, config->tuple,
				   !conn->server || config->validated, now,
				   gfp);
	if (!path)
		return -ENOMEM;
	path->state = TQUIC_PATH_ACTIVE;
	for (i = 0; i < 2; i++)
		tquic_space_init(&conn->early[i], conn, path, i ?
				 TQUIC_PKT_HANDSHAKE : TQUIC_PKT_INITIAL, 0, 0,
				 &tquic_conn_loss_ops);
	err = tquic_cid_local_issue(&conn->cids, 0, config->scid, true, gfp);
	if (err)
		return err;
	path->has_dcid = true;
	path->dcid = conn->first_dcid;
	if (!conn->server)
		return 0;
	path->dcid = *config->dcid;
	return tquic_cid_peer_init(&conn->cids, config->dcid->id,
				   config->dcid->len, gfp);
}

/**
 * tquic_conn_new - make a connection
 * @config: see struct tquic_conn_config; what it points to is copied, but for
 *	operations and @config->scid
 * @now: present time
 * @gfp: allocation flags
 *
 * Return: the connection, NULL without memory.
 */
struct tquic_conn *tquic_conn_new(const struct tquic_conn_config *config,
				  tquic_time_t now, gfp_t gfp)
{
	struct tquic_conn *conn = kzalloc_obj(*conn, gfp);
	unsigned int i;

	if (!conn)
		return NULL;
	conn->config = *config;
	conn->server = config->server;
	conn->version = config->version;
	conn->draws = config->seed;
	conn->odcid = *config->odcid;
	conn->first_dcid = *config->odcid;
	/* Initial keys are made of that ID: RFC 9001 section 5.2 */
	conn->tx_keys = BIT(TQUIC_PKT_INITIAL);
	conn->idle_at = TQUIC_TIME_NEVER;
	conn->close_at = TQUIC_TIME_NEVER;
	conn->sched_wake = TQUIC_TIME_NEVER;
	INIT_LIST_HEAD(&conn->paths);
	tquic_conn_init_tparams(conn);
	tquic_tparam_init(&conn->theirs);
	tquic_conn_init_streams(conn, now);
	for (i = 0; i < 3; i++) {
		tquic_sendq_init(&conn->crypto[i].tx, config->buf_ops);
		tquic_reasm_init(&conn->crypto[i].rx, config->buf_ops);
	}
	tquic_cid_init(&conn->cids, conn->ours.active_cid_limit);
	conn->sched = kzalloc(max_t(size_t, config->sched_ops->priv_size, 1),
			      gfp);
	if (!conn->sched || tquic_conn_init_path(conn, now, gfp)) {
		tquic_conn_end(conn);
		tquic_conn_free(conn);
		return NULL;
	}
	conn->idle = conn->ours.max_idle_timeout * TQUIC_NS_PER_MS;
	tquic_conn_touch_idle(conn, now);
	return conn;
}

/**
 * tquic_conn_end - take a connection apart
 * @conn: connection
 *
 * The caller then takes its connection IDs back, by tquic_cid_local_reap() with
 * TQUIC_TIME_NEVER, and calls tquic_conn_free().
 */
void tquic_conn_end(struct tquic_conn *conn)
{
	struct tquic_path *path, *next;
	unsigned int i;

	for (i = 0; i < 2; i++)
		if (conn->early[i].path)
			tquic_space_free(&conn->early[i]);
	list_for_each_entry_safe(path, next, &conn->paths, node) {
		list_del(&path->node);
		tquic_path_free(path);
	}
	conn->npaths = 0;
	tquic_streams_free(&conn->streams);
	for (i = 0; i < 3; i++) {
		tquic_sendq_free(&conn->crypto[i].tx);
		tquic_reasm_free(&conn->crypto[i].rx);
	}
	tquic_cid_exit(&conn->cids);
	conn->state = TQUIC_CONN_CLOSED;
}

/* After tquic_conn_end(). */
void tquic_conn_free(struct tquic_conn *conn)
{
	kfree(conn->sched);
	memzero_explicit(conn->entropy, sizeof(conn->entropy));
	kfree(conn);
}

/**
 * tquic_conn_add_entropy - hand in unpredictable bytes
 * @conn: connection
 * @bytes: from a generator fit for keys; path challenges are made of them
 * @len: how many; what does not fit is left out
 */
void tquic_conn_add_entropy(struct tquic_conn *conn, const u8 *bytes,
			    unsigned int len)
{
	len = min_t(unsigned int, len,
		    TQUIC_CONN_ENTROPY - conn->entropy_left);
	memcpy(conn->entropy + conn->entropy_left, bytes, len);
	conn->entropy_left += len;
	conn->events &= ~TQUIC_CONN_E_ENTROPY;
}

/* Takes @len unpredictable bytes; false when there are not enough. */
bool tquic_conn_draw(struct tquic_conn *conn, u8 *bytes, unsigned int len)
{
	if (conn->entropy_left < TQUIC_CONN_ENTROPY / 2)
		conn->events |= TQUIC_CONN_E_ENTROPY;
	if (conn->entropy_left < len)
		return false;
	conn->entropy_left -= len;
	memcpy(bytes, conn->entropy + conn->entropy_left, len);
	memzero_explicit(conn->entropy + conn->entropy_left, len);
	return true;
}

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
 * tquic_conn_keys - packets of a type can be sealed from now on
 * @conn: connection
 * @type: which
 */
void tquic_conn_keys(struct tquic_conn *conn, enum tquic_pkt_type type)
{
	conn->tx_keys |= BIT(type);
}

/* Initial or Handshake keys have served: RFC 9001 section 4.9. */
void tquic_conn_drop_keys(struct tquic_conn *conn, enum tquic_pkt_type type)
{
	unsigned int i = tquic_conn_early(type);

	if (!conn->early[i].live)
		return;
	conn->early[i].path->pto_count = 0;
	tquic_space_free(&conn->early[i]);
	tquic_sendq_free(&conn->crypto[i].tx);
	tquic_reasm_free(&conn->crypto[i].rx);
	conn->tx_keys &= ~BIT(type);
	conn->dropped_keys |= BIT(type);
	conn->events |= TQUIC_CONN_E_KEYS;
}

/* RFC 9001 section 4.1.2 */
void tquic_conn_confirm(struct tquic_conn *conn)
{
	if (conn->confirmed)
		return;
	conn->confirmed = true;
	conn->events |= TQUIC_CONN_E_CONFIRMED | TQUIC_CONN_E_CIDS;
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
	if (conn->tls_done || conn->state != TQUIC_CONN_HANDSHAKE)
		return;
	conn->tls_done = true;
	conn->state = TQUIC_CONN_ESTABLISHED;
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
	struct tquic_path *path = tquic_conn_first_path(conn);
	struct tquic_tparam_seen seen = {
		.original_dcid = &conn->odcid,
		.initial_scid = &path->dcid,
	};
	int err;

	err = tquic_tparam_check_cids(tp, &seen, !conn->server, close);
	if (err || !(tp->present & BIT(TQUIC_TPARAM_INITIAL_MAX_PATH_ID)))
		return err;
	return tquic_tparam_check_multipath(tp, conn->config.scid->cid.len,
					    path->dcid.len, close);
}

static void tquic_conn_apply_tparams(struct tquic_conn *conn, tquic_time_t now)
{
	const struct tquic_tparams *tp = &conn->theirs;
	struct tquic_streams_credit theirs = {
		.bidi_local = tp->initial_max_stream_data_bidi_local,
		.bidi_remote = tp->initial_max_stream_data_bidi_remote,
		.uni = tp->initial_max_stream_data_uni,
	};
	u64 idle = min(tp->max_idle_timeout, U64_MAX / TQUIC_NS_PER_MS) *
		   TQUIC_NS_PER_MS;

	conn->multipath = tp->present & conn->ours.present &
			  BIT(TQUIC_TPARAM_INITIAL_MAX_PATH_ID);
	tquic_streams_peer(&conn->streams, &theirs,
			   tp->initial_max_streams_bidi,
			   tp->initial_max_streams_uni);
	tquic_flow_tx_raise(&conn->tx, tp->initial_max_data);
	tquic_cid_set_peer(&conn->cids, tp->active_cid_limit,
			   conn->multipath ? tp->initial_max_path_id : 0);
	if (conn->multipath)
		tquic_cid_raise_max_path(&conn->cids,
					 conn->ours.initial_max_path_id);
	if (tp->present & BIT(TQUIC_TPARAM_STATELESS_RESET_TOKEN))
		tquic_cid_peer_set_token(&conn->cids,
					 tp->stateless_reset_token);
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
	struct tquic_close close;
	int err;

	err = tquic_tparam_parse(&conn->theirs, buf, len, !conn->server,
				 &close);
	if (!err)
		err = tquic_conn_check_tparams(conn, &conn->theirs, &close);
	if (err) {
		tquic_conn_fail(conn, now, &close);
		return err;
	}
	conn->have_theirs = true;
	tquic_conn_apply_tparams(conn, now);
	conn->events |= TQUIC_CONN_E_CIDS;
	return 0;
}

/**
 * tquic_conn_key_update - use the next keys: RFC 9001 section 6
 * @conn: connection
 *
 * Return: 0; -EAGAIN before the handshake is confirmed, or a packet with the
 * present keys was acknowledged.
 */
int tquic_conn_key_update(struct tquic_conn *conn)
{
	if (!conn->confirmed || !conn->phase_acked)
		return -EAGAIN;
	conn->key_phase = !conn->key_phase;
	conn->phase_acked = false;
	return 0;
}

/* The longest probe timeout of all paths: timers of the whole hang on it. */
u64 tquic_conn_max_pto(const struct tquic_conn *conn)
{
	const struct tquic_path *path;
	u64 pto = 0;

	list_for_each_entry(path, &conn->paths, node)
		pto = max(pto, tquic_rtt_pto(&path->rtt,
					     tquic_conn_ack_delay(conn)));
	return pto;
}

/*
 * How long credit takes to turn into data in order, on idle links: the slowest
 * path's shortest RTT (see tquic_flow_rx_consume()).
 */
u64 tquic_conn_delay(const struct tquic_conn *conn)
{
	const struct tquic_path *path;
	u64 delay = TQUIC_NS_PER_MS;

	list_for_each_entry(path, &conn->paths, node)
		if (path->validated)
			delay = max(delay, path->rtt.min ?: path->rtt.smoothed);
	return delay;
}

/* RFC 9000 section 10.1 */
void tquic_conn_touch_idle(struct tquic_conn *conn, tquic_time_t now)
{
	conn->idle_at = TQUIC_TIME_NEVER;
	if (conn->idle)
		conn->idle_at = now + max(conn->idle,
					  3 * tquic_conn_max_pto(conn));
}

static void tquic_conn_to_closing(struct tquic_conn *conn, tquic_time_t now)
{
	conn->state = TQUIC_CONN_CLOSING;
	conn->close_due = true;
	conn->close_at = now + 3 * tquic_conn_max_pto(conn);
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
