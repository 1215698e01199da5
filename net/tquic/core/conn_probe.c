// SPDX-License-Identifier: GPL-2.0
/*
 * Whether paths still work: suspicion, probing, return.
 *
 *   good --silence, or a probe timeout--> suspect --failover_timeout--> failed
 *     ^                                      |                            |
 *     +----an acknowledgment-----------------+----------------------------+
 *
 * A suspect path carries no new data while another is good, and what is on its
 * way there is offered to the others.  It is probed until it answers or is
 * abandoned.  A failed one differs in name only: whoever manages paths is told.
 */
#include "conn_priv.h"

/* a packet from a path that does not answer is worth a probe, but not each */
#define TQUIC_PROBE_HINT	(20 * TQUIC_NS_PER_MS)

/**
 * tquic_conn_suspect - an answer on a path is overdue
 * @conn: connection
 * @path: path
 * @now: present time
 */
void tquic_conn_suspect(struct tquic_conn *conn, struct tquic_path *path,
			tquic_time_t now)
{
	tquic_probe_lose(&path->probe, now);
	conn->events |= TQUIC_CONN_E_PATHS;
}

/**
 * tquic_conn_trust - the path answered
 * @conn: connection
 * @path: path
 *
 * What was sent before its link went down may be acknowledged afterwards, on
 * another path.
 */
void tquic_conn_trust(struct tquic_conn *conn, struct tquic_path *path)
{
	if (path->down)
		return;
	path->pto_count = 0;
	path->suspect = false;
	path->failed = false;
	if (!tquic_probe_is_lost(&path->probe))
		return;
	tquic_probe_find(&path->probe);
	path->pending &= ~TQUIC_PATH_P_PROBE;
	conn->events |= TQUIC_CONN_E_PATHS;
}

static bool tquic_probe_possible(const struct tquic_conn *conn,
				 const struct tquic_path *path)
{
	return conn->confirmed && path->state == TQUIC_PATH_ACTIVE &&
	       !path->down && path->has_dcid && path->validated &&
	       !(path->pending & TQUIC_PATH_P_PROBE);
}

/*
 * Nothing else asks for an answer.  Who knows nothing of multipath gets probe
 * timeouts only, at the pace of RFC 9002.
 */
static bool tquic_probe_matters(const struct tquic_conn *conn,
				const struct tquic_path *path)
{
	if (!tquic_probe_possible(conn, path))
		return false;
	if (tquic_probe_is_lost(&path->probe))
		return conn->multipath;
	return !path->space.loss.eliciting;
}

static tquic_time_t tquic_probe_due(const struct tquic_conn *conn,
				    const struct tquic_path *path)
{
	if (!tquic_probe_matters(conn, path))
		return TQUIC_TIME_NEVER;
	return tquic_probe_at(&path->probe, &conn->config.probe,
			      min(path->last_rx, path->last_tx));
}

static tquic_time_t tquic_probe_fails_at(const struct tquic_conn *conn,
					 const struct tquic_path *path)
{
	if (path->failed || !tquic_probe_is_lost(&path->probe) ||
	    !conn->config.failover_timeout ||
	    path->state == TQUIC_PATH_CLOSING)
		return TQUIC_TIME_NEVER;
	return path->probe.lost_at + conn->config.failover_timeout;
}

/**
 * tquic_conn_probe_at - when to probe a path, or to declare it failed
 * @conn: connection
 * @path: path
 *
 * Return: TQUIC_TIME_NEVER for not at all.
 */
tquic_time_t tquic_conn_probe_at(const struct tquic_conn *conn,
				 const struct tquic_path *path)
{
	return min(tquic_probe_due(conn, path),
		   tquic_probe_fails_at(conn, path));
}

static void tquic_probe_now(struct tquic_conn *conn, struct tquic_path *path,
			    tquic_time_t now)
{
	path->pending |= TQUIC_PATH_P_PROBE;
	tquic_probe_sent(&path->probe, &conn->config.probe, now);
}

/**
 * tquic_conn_probe - time has passed
 * @conn: connection
 * @path: path
 * @now: present time
 */
void tquic_conn_probe(struct tquic_conn *conn, struct tquic_path *path,
		      tquic_time_t now)
{
	if (tquic_probe_fails_at(conn, path) <= now) {
		path->failed = true;
		conn->events |= TQUIC_CONN_E_PATHS;
	}
	if (tquic_probe_due(conn, path) <= now)
		tquic_probe_now(conn, path, now);
}

/**
 * tquic_conn_probe_hint - something came from the peer on a path
 * @conn: connection
 * @path: path
 * @now: present time
 *
 * If it does not answer so far, it may do so now.
 */
void tquic_conn_probe_hint(struct tquic_conn *conn, struct tquic_path *path,
			   tquic_time_t now)
{
	if (tquic_probe_is_lost(&path->probe) &&
	    tquic_probe_matters(conn, path) &&
	    now >= path->probe.sent + TQUIC_PROBE_HINT)
		tquic_probe_now(conn, path, now);
}

static struct tquic_path *tquic_probe_find_path(const struct tquic_conn *conn,
						u32 id, int *err)
{
	struct tquic_path *path = tquic_conn_path(conn, id);

	*err = 0;
	if (conn->state != TQUIC_CONN_ESTABLISHED || !conn->confirmed)
		*err = -ENOTCONN;
	else if (!path || path->state == TQUIC_PATH_CLOSING)
		*err = -ENOENT;
	return path;
}

/**
 * tquic_conn_path_down - the link below a path is down
 * @conn: connection
 * @id: path ID
 * @now: present time
 *
 * Known, not guessed: nothing more is sent there, not even probes, and what is
 * on its way is offered to other paths at once.  Acknowledgments may have been
 * on their way, too: they go out again elsewhere, or the peer would repeat what
 * is here already, ahead of what is not.
 *
 * Return: 0; -ENOENT; -ENOTCONN before the handshake is confirmed and once the
 * connection ends.
 */
int tquic_conn_path_down(struct tquic_conn *conn, u32 id, tquic_time_t now)
{
	struct tquic_path *path;
	int err;

	path = tquic_probe_find_path(conn, id, &err);
	if (err || path->down)
		return err;
	path->down = true;
	path->suspect = true;
	path->pending &= ~TQUIC_PATH_P_PROBE;
	tquic_conn_suspect(conn, path, now);
	tquic_conn_offer(path);
	tquic_ackq_again(&path->space.ackq, now);
	return 0;
}

/**
 * tquic_conn_path_up - the link below a path is up, or has changed
 * @conn: connection
 * @id: path ID
 * @now: present time
 *
 * It is probed at once, and used as soon as it answers.
 *
 * Return: as tquic_conn_path_down().
 */
int tquic_conn_path_up(struct tquic_conn *conn, u32 id, tquic_time_t now)
{
	struct tquic_path *path;
	int err;

	path = tquic_probe_find_path(conn, id, &err);
	if (err)
		return err;
	path->down = false;
	if (!path->validated) {
		tquic_path_check_start(path, now);
		return 0;
	}
	/* however long it was away: it is as likely to answer as a new one */
	if (tquic_probe_is_lost(&path->probe)) {
		tquic_probe_find(&path->probe);
		tquic_probe_lose(&path->probe, now);
	}
	if (tquic_probe_possible(conn, path))
		tquic_probe_now(conn, path, now);
	return 0;
}
