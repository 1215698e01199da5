// SPDX-License-Identifier: GPL-2.0
/* How a session ends: told to its user, or after its user. */
#include <linux/export.h>

#include "hs.h"
#include "sess_priv.h"

static int tquic_end_remote(const struct tquic_conn *core)
{
	u64 code = core->remote_close.code;

	if (!code)
		return core->tls_done ? 0 : -ECONNRESET;
	if (!core->remote_app && code == TQUIC_CONNECTION_REFUSED)
		return -ECONNREFUSED;
	if (!core->remote_app && !core->tls_done &&
	    code - TQUIC_CRYPTO_ERROR <= U8_MAX)
		return tquic_hs_errno(code - TQUIC_CRYPTO_ERROR);
	return -ECONNRESET;
}

/* What the user of the connection gets to see. */
static int tquic_end_errno(const struct tquic_conn *core)
{
	switch (core->why) {
	case TQUIC_CONN_WHY_LOCAL:
		return core->close_app || !core->close.code ? 0 :
		       -ECONNABORTED;
	case TQUIC_CONN_WHY_REMOTE:
		return tquic_end_remote(core);
	case TQUIC_CONN_WHY_IDLE:
	case TQUIC_CONN_WHY_HANDSHAKE:
		return -ETIMEDOUT;
	case TQUIC_CONN_WHY_PATH:
		return -EHOSTUNREACH;
	case TQUIC_CONN_WHY_VERSION:
		return -EPROTONOSUPPORT;
	default:
		return -ECONNRESET;
	}
}

/* The connection is over, or about to be: once, to whom it concerns. */
void tquic_sess_tell_end(struct tquic_sess *sess)
{
	struct tquic_conn *core = sess->core;

	core->events &= ~TQUIC_CONN_E_CLOSED;
	if (sess->told)
		return;
	sess->told = true;
	if (core->why == TQUIC_CONN_WHY_RESET)
		TQUIC_MIB_INC(sess->tn, RESET_RECEIVED);
	if (!core->tls_done)
		TQUIC_MIB_INC(sess->tn, HANDSHAKE_FAILED);
	if (!sess->err)
		sess->err = tquic_end_errno(core);
	if (sess->hs)
		tquic_hs_wake(sess->hs);
	if (tquic_sess_watch)
		tquic_sess_watch->conn(sess, true);
	if (sess->ops && sess->ops->closed)
		sess->ops->closed(sess);
}

static bool tquic_end_quiet(const struct tquic_conn *core)
{
	const struct tquic_path *path;
	struct tquic_streams_sum sum;

	tquic_streams_sum(&core->streams, &sum);
	if (sum.due || sum.fresh || core->dgrams.bytes ||
	    tquic_streams_starved(&core->streams))
		return false;
	list_for_each_entry(path, &core->paths, node)
		if (path->in_flight)
			return false;
	return true;
}

/*
 * Whether all that was written has arrived.  The streams are looked through
 * only when nothing is to be sent and nothing is on its way.
 */
static bool tquic_end_drained(const struct tquic_conn *core)
{
	const struct tquic_stream *s;
	struct rb_node *node;

	if (!tquic_end_quiet(core))
		return false;
	for (node = rb_first(&core->streams.root); node; node = rb_next(node)) {
		s = rb_entry(node, struct tquic_stream, node);
		if (s->send != TQUIC_STREAM_S_RESET_SENT &&
		    s->send != TQUIC_STREAM_S_RESET_RECVD &&
		    (!tquic_sendq_done(&s->q) || (s->fin && !s->fin_acked)))
			return false;
	}
	return true;
}

/**
 * tquic_sess_check_bye - close a connection that nobody uses
 * @sess: session; the lock is held
 * @now: present time
 */
void tquic_sess_check_bye(struct tquic_sess *sess, u64 now)
{
	const struct tquic_sess_bye *bye = &sess->bye;

	if (!bye->set || sess->core->state > TQUIC_CONN_ESTABLISHED)
		return;
	/* before the handshake is done only early data is worth waiting for */
	if (bye->at <= now ||
	    (sess->core->state == TQUIC_CONN_HANDSHAKE ?
	     !sess->core->early_data : tquic_end_drained(sess->core)))
		tquic_conn_close(sess->core, bye->code, bye->app, NULL, now);
}

/**
 * tquic_sess_detach - the user lets go of the session and of its reference
 * @sess: session
 * @code: error code to close with
 * @app: it is an application's
 * @linger: ns that may pass until what was written has arrived
 *
 * No callback runs any more when this returns.
 *
 * Context: process context.
 */
void tquic_sess_detach(struct tquic_sess *sess, u64 code, bool app, u64 linger)
{
	u64 now = ktime_get_ns();

	tquic_sess_lock(sess);
	sess->ops = NULL;
	sess->owner = NULL;
	sess->bye = (struct tquic_sess_bye){
		.set = true,
		.app = app,
		.code = code,
		.at = linger > U64_MAX - now ? U64_MAX : now + linger,
	};
	tquic_sess_unlock(sess);
	tquic_sess_put(sess);
}
EXPORT_SYMBOL_GPL(tquic_sess_detach);
