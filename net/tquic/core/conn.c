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
	/* of use only where there are paths to be compared */
	if (tquic_tparam_has(tp, TQUIC_TPARAM_INITIAL_MAX_PATH_ID))
		tquic_tparam_set(tp, TQUIC_TPARAM_RECEIVE_TIMES);
	tp->min_ack_delay = TQUIC_CONN_MIN_ACK_DELAY;
	if (tp->max_ack_delay * 1000 >= TQUIC_CONN_MIN_ACK_DELAY)
		tquic_tparam_set(tp, TQUIC_TPARAM_MIN_ACK_DELAY);
	tp->initial_scid = config->scid->cid;
	tp->present |= BIT(TQUIC_TPARAM_INITIAL_SCID);
	if (conn->server) {
		tp->original_dcid = *config->odcid;
		tp->present |= BIT(TQUIC_TPARAM_ORIGINAL_DCID);
	}
	if (config->preferred_scid) {
		tp->preferred_address.cid = config->preferred_scid->cid;
		memcpy(tp->preferred_address.token,
		       config->preferred_scid->token, TQUIC_RESET_TOKEN_LEN);
		tquic_tparam_set(tp, TQUIC_TPARAM_PREFERRED_ADDRESS);
	}
	if (config->retry_scid) {
		tp->retry_scid = *config->retry_scid;
		tp->present |= BIT(TQUIC_TPARAM_RETRY_SCID);
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
	memcpy(conn->first_remote, config->tuple->remote,
	       sizeof(conn->first_remote));
	conn->early = kcalloc(2, sizeof(*conn->early), gfp);
	if (!conn->early)
		return -ENOMEM;
	for (i = 0; i < 2; i++)
		tquic_space_init(&conn->early[i], conn, path, i ?
				 TQUIC_PKT_HANDSHAKE : TQUIC_PKT_INITIAL, 0, 0,
				 &tquic_conn_loss_ops);
	err = tquic_cid_local_issue(&conn->cids, 0, config->scid, true, gfp);
	if (!err && config->preferred_scid)
		err = tquic_cid_local_issue(&conn->cids, 0,
					    config->preferred_scid, true, gfp);
	if (err)
		return err;
	path->has_dcid = true;
	path->dcid = conn->initial_dcid;
	if (!conn->server)
		return 0;
	path->dcid = *config->dcid;
	conn->peer_scid = *config->dcid;
	return tquic_cid_peer_init(&conn->cids, config->dcid->id,
				   config->dcid->len, gfp);
}

/* What Initial and Handshake packets find once their keys are gone. */
static const struct tquic_space tquic_conn_no_early[2];

/*
 * The handshake is over: nobody needs its spaces any more.  Whoever looks at
 * them asks first whether they are live.
 */
void tquic_conn_shed(struct tquic_conn *conn)
{
	if (conn->early != tquic_conn_no_early)
		kfree(conn->early);
	conn->early = (struct tquic_space *)tquic_conn_no_early;
}

/**
 * tquic_conn_new - make a connection
 * @config: see struct tquic_conn_config; what it points to is copied, but for
 *	operations and @config->scid
 * @now: present time
 * @gfp: allocation flags
 *
 * Return: the connection, NULL without memory or with a first destination that
 * is too short.
 */
struct tquic_conn *tquic_conn_new(const struct tquic_conn_config *config,
				  tquic_time_t now, gfp_t gfp)
{
	struct tquic_conn *conn;
	unsigned int i;

	/* RFC 9000 section 7.2 */
	if (!config->server && config->odcid->len < TQUIC_CONN_ODCID_MIN)
		return NULL;
	conn = kzalloc_obj(*conn, gfp);
	if (!conn)
		return NULL;
	conn->config = *config;
	conn->server = config->server;
	conn->draws = config->seed;
	conn->odcid = *config->odcid;
	conn->initial_dcid = config->retry_scid ? *config->retry_scid :
						  *config->odcid;
	/* Initial keys are made of that ID: RFC 9001 section 5.2 */
	conn->tx_keys = BIT(TQUIC_PKT_INITIAL);
	tquic_keys_init(&conn->keys);
	conn->idle_at = TQUIC_TIME_NEVER;
	conn->close_at = TQUIC_TIME_NEVER;
	conn->early_until = TQUIC_TIME_NEVER;
	conn->handshake_at = config->handshake_timeout ?
			     now + config->handshake_timeout : TQUIC_TIME_NEVER;
	conn->sched_wake = TQUIC_TIME_NEVER;
	conn->waiting = TQUIC_TIME_NEVER;
	INIT_LIST_HEAD(&conn->paths);
	tquic_owd_clock_init(&conn->clock, now);
	tquic_conn_init_tparams(conn);
	tquic_version_init(conn);
	tquic_tparam_init(&conn->theirs);
	tquic_conn_init_streams(conn, now);
	tquic_dgram_init(conn);
	for (i = 0; i < 3; i++) {
		tquic_sendq_init(&conn->crypto[i].tx, config->buf_ops);
		tquic_reasm_init(&conn->crypto[i].rx, config->buf_ops);
	}
	tquic_cid_init(&conn->cids, conn->ours.active_cid_limit);
	conn->sched = kzalloc(max_t(size_t, config->sched_ops->priv_size, 1),
			      gfp);
	if (!conn->sched || tquic_conn_init_path(conn, now, gfp) ||
	    tquic_conn_set_token(conn, config->token, config->token_len, gfp)) {
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

	for (i = 0; i < 2 && conn->early; i++)
		if (conn->early[i].live)
			tquic_space_free(&conn->early[i]);
	tquic_conn_shed(conn);
	list_for_each_entry_safe(path, next, &conn->paths, node) {
		list_del(&path->node);
		tquic_path_free(path);
	}
	conn->npaths = 0;
	tquic_conn_free_tokens(conn);
	tquic_streams_free(&conn->streams);
	tquic_dgram_end(conn);
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
	kfree(conn->choice);
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
