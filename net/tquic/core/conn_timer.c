// SPDX-License-Identifier: GPL-2.0
/*
 * What time brings.
 */
#include "conn_build.h"

/* Packets that a probe timeout lets out: RFC 9002 section 6.2.4. */
#define TQUIC_TIMER_PROBES	2

/*
 * A client keeps probing until the server is known to have validated its
 * address, or both would wait for each other: RFC 9002 section 6.2.2.1.
 */
static tquic_time_t tquic_timer_client_probe(const struct tquic_conn *conn)
{
	const struct tquic_path *path = tquic_conn_first_path(conn);

	if (conn->server || conn->confirmed ||
	    conn->early[1].loss.largest_acked != TQUIC_SENT_NONE ||
	    conn->early[0].loss.eliciting || conn->early[1].loss.eliciting)
		return TQUIC_TIME_NEVER;
	return path->last_tx + (tquic_rtt_pto(&path->rtt, 0) <<
				min(path->pto_count, 12U));
}

/* The space of a path whose probe is due first, and when. */
static tquic_time_t tquic_timer_pto(const struct tquic_conn *conn,
				    const struct tquic_path *path,
				    const struct tquic_space **which)
{
	tquic_time_t at = TQUIC_TIME_NEVER, t;
	unsigned int i;

	*which = NULL;
	/* RFC 9002 section 6.2.2.1: nothing could be sent */
	if (!tquic_path_allowance(path) || path->down)
		return TQUIC_TIME_NEVER;
	for (i = 0; i < 2 && !path->id; i++) {
		if (!conn->early[i].live)
			continue;
		t = tquic_loss_pto_at(&conn->early[i].loss, &path->rtt, 0,
				      path->pto_count);
		if (t < at) {
			at = t;
			*which = &conn->early[i];
		}
	}
	/* RFC 9002 section 6.2.1: not before the handshake is confirmed */
	if (!conn->confirmed)
		return at;
	t = tquic_loss_pto_at(&path->space.loss, &path->rtt,
			      tquic_conn_ack_delay(conn), path->pto_count);
	if (t < at) {
		at = t;
		*which = &path->space;
	}
	return at;
}

/*
 * Silence matters while somebody else could carry the data.  A suspect path may
 * hold more than was offered when it became suspect: what was sent there while
 * no path was better.
 */
static tquic_time_t tquic_timer_silence(const struct tquic_conn *conn,
					const struct tquic_path *path)
{
	const struct tquic_path *other;

	if (path->state == TQUIC_PATH_CLOSING)
		return TQUIC_TIME_NEVER;
	list_for_each_entry(other, &conn->paths, node)
		if (other != path && tquic_path_usable(other))
			return tquic_loss_silent_at(&path->space.loss,
						    &path->rtt,
						    tquic_conn_ack_delay(conn),
						    path->suspect ?
						    path->offered : 0);
	return TQUIC_TIME_NEVER;
}

static tquic_time_t tquic_timer_path(const struct tquic_conn *conn,
				     const struct tquic_path *path, bool data,
				     tquic_time_t now)
{
	const struct tquic_space *which;
	tquic_time_t at;

	at = min(path->space.loss.loss_time,
		 tquic_timer_pto(conn, path, &which));
	at = min(at, tquic_timer_silence(conn, path));
	at = min(at, path->delete_at);
	at = min(at, tquic_conn_probe_at(conn, path));
	if (conn->tx_keys & BIT(TQUIC_PKT_1RTT) &&
	    tquic_conn_ack_path(conn, (struct tquic_path *)path))
		at = min(at, tquic_ackq_deadline(&path->space.ackq));
	if (path->state != TQUIC_PATH_CLOSING) {
		if (path->check.open && !path->down)
			at = min(at, path->check.next);
		if (path->aside.check.open)
			at = min(at, path->aside.check.next);
		/* who was ready then has nothing to send before some event */
		if (path->pacer.next > conn->planned &&
		    tquic_path_window(path) >= path->mds &&
		    tquic_conn_eligible(conn, path) &&
		    (data || tquic_dgram_waits_for(conn, path)))
			at = min(at, path->pacer.next);
	}
	return at;
}

/**
 * tquic_conn_deadline - when to call tquic_conn_timeout() and plan again
 * @conn: connection
 * @now: present time
 *
 * To be asked after tquic_conn_plan() has answered false at @now.
 *
 * Return: a time, TQUIC_TIME_NEVER when only an event can change anything.
 */
tquic_time_t tquic_conn_deadline(const struct tquic_conn *conn,
				 tquic_time_t now)
{
	bool data = tquic_streams_urgent(&conn->streams) <
		    TQUIC_STREAM_CLASSES;
	const struct tquic_path *path;
	tquic_time_t at;
	unsigned int i;

	if (conn->state == TQUIC_CONN_CLOSED)
		return TQUIC_TIME_NEVER;
	if (conn->state > TQUIC_CONN_ESTABLISHED)
		return conn->close_at;
	at = min3(conn->idle_at, conn->sched_wake, conn->handshake_at);
	at = min3(at, conn->keys.forget_at, conn->early_until);
	at = min(at, tquic_timer_client_probe(conn));
	at = min(at, tquic_cid_local_deadline((struct tquic_cids *)
					      &conn->cids));
	for (i = 0; i < 2; i++) {
		if (!conn->early[i].live)
			continue;
		at = min(at, conn->early[i].loss.loss_time);
		if (conn->tx_keys & BIT(conn->early[i].type) &&
		    tquic_path_allowance(tquic_conn_first_path(conn)))
			at = min(at,
				 tquic_ackq_deadline(&conn->early[i].ackq));
	}
	list_for_each_entry(path, &conn->paths, node)
		at = min(at, tquic_timer_path(conn, path, data, now));
	return at;
}

/* The oldest that is outstanding goes out again, as the probe. */
static void tquic_timer_requeue(struct tquic_space *space)
{
	struct tquic_sent *sent = &space->loss.sent;
	const struct tquic_sent_pkt *pkt;
	u64 pn = tquic_sent_next_outstanding(sent, 0);

	while (pn != TQUIC_SENT_NONE) {
		pkt = tquic_sent_get(sent, pn);
		if (pkt->flags & TQUIC_SENT_ELICITING) {
			tquic_conn_offer_pkt(space, pkt);
			return;
		}
		pn = tquic_sent_next_outstanding(sent, pn + 1);
	}
}

static void tquic_timer_fire_pto(struct tquic_conn *conn,
				 struct tquic_path *path, tquic_time_t now)
{
	const struct tquic_space *which;
	struct tquic_space *space;

	if (tquic_timer_pto(conn, path, &which) > now || !which)
		return;
	space = which == &path->space ? &path->space :
		&conn->early[which == &conn->early[1]];
	path->pto_count++;
	space->probes = TQUIC_TIMER_PROBES;
	tquic_timer_requeue(space);
	tquic_conn_suspect(conn, path, now);
}

static void tquic_timer_fire_client(struct tquic_conn *conn, tquic_time_t now)
{
	struct tquic_path *path = tquic_conn_first_path(conn);

	if (tquic_timer_client_probe(conn) > now)
		return;
	path->pto_count++;
	conn->early[!!(conn->tx_keys & BIT(TQUIC_PKT_HANDSHAKE))].probes = 1;
}

static bool tquic_timer_lone(const struct tquic_conn *conn,
			     const struct tquic_path *path)
{
	const struct tquic_path *other;

	list_for_each_entry(other, &conn->paths, node)
		if (other != path && other->state != TQUIC_PATH_CLOSING)
			return false;
	return true;
}

static void tquic_timer_fire_check(struct tquic_conn *conn,
				   struct tquic_path *path, tquic_time_t now,
				   gfp_t gfp)
{
	if (path->down || !tquic_path_check_timeout(path, now))
		return;
	conn->events |= TQUIC_CONN_E_PATHS;
	if (tquic_move_revert(conn, path))
		return;
	/* RFC 9000 section 9.3.2: nobody is left to be told */
	if (tquic_timer_lone(conn, path))
		tquic_conn_vanish(conn, TQUIC_CONN_WHY_PATH);
	else
		tquic_conn_path_dead(conn, path, TQUIC_PATH_UNSTABLE_OR_POOR,
				     now, gfp);
}

/* Returns false when the path is gone. */
static bool tquic_timer_fire_path(struct tquic_conn *conn,
				  struct tquic_path *path, tquic_time_t now,
				  gfp_t gfp)
{
	if (path->delete_at <= now) {
		tquic_conn_retire_path(conn, path);
		return false;
	}
	if (path->space.loss.loss_time <= now)
		tquic_conn_detect(conn, &path->space, now);
	if (tquic_timer_silence(conn, path) <= now) {
		tquic_conn_offer(path);
		if (!path->suspect)
			tquic_conn_suspect(conn, path, now);
		path->suspect = true;
	}
	tquic_timer_fire_pto(conn, path, now);
	tquic_conn_probe(conn, path, now);
	tquic_move_timeout(conn, path, now);
	tquic_timer_fire_check(conn, path, now, gfp);
	return true;
}

/**
 * tquic_conn_timeout - time has passed
 * @conn: connection
 * @now: present time
 * @gfp: allocation flags
 *
 * Harmless before tquic_conn_deadline(); to be followed by tquic_conn_plan().
 */
void tquic_conn_timeout(struct tquic_conn *conn, tquic_time_t now, gfp_t gfp)
{
	struct tquic_path *path, *next;
	unsigned int i;

	if (conn->state > TQUIC_CONN_ESTABLISHED) {
		if (conn->close_at <= now)
			conn->state = TQUIC_CONN_CLOSED;
		return;
	}
	if (conn->idle_at <= now) {
		/* in silence: RFC 9000 section 10.1 */
		tquic_conn_vanish(conn, TQUIC_CONN_WHY_IDLE);
		return;
	}
	if (conn->handshake_at <= now) {
		tquic_conn_vanish(conn, TQUIC_CONN_WHY_HANDSHAKE);
		return;
	}
	for (i = 0; i < 2; i++)
		if (conn->early[i].live &&
		    conn->early[i].loss.loss_time <= now)
			tquic_conn_detect(conn, &conn->early[i], now);
	tquic_keys_timeout(conn, now);
	if (conn->early_until <= now)
		tquic_early_drop_keys(conn);
	tquic_timer_fire_client(conn, now);
	list_for_each_entry_safe(path, next, &conn->paths, node)
		tquic_timer_fire_path(conn, path, now, gfp);
	tquic_conn_review_streams(conn);
	if (tquic_cid_local_deadline(&conn->cids) <= now)
		conn->events |= TQUIC_CONN_E_CIDS;
}
