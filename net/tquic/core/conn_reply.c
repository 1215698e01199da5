// SPDX-License-Identifier: GPL-2.0
/*
 * Acknowledgments: which way they go, and how often.
 */
#include "conn_priv.h"

/* repeated packets in a row that show that acknowledgments are not heard */
#define TQUIC_REPLY_REPEATS	2
/* acknowledgments that long on another path have settled there */
#define TQUIC_REPLY_SETTLED	TQUIC_NS_PER_SEC

/* a path that nothing came from for so long may have fallen silent */
#define TQUIC_REPLY_QUIET	(20 * TQUIC_NS_PER_MS)

/* Something can be sent on a path, if only acknowledgments. */
static bool tquic_reply_carries(const struct tquic_path *path)
{
	return path->state != TQUIC_PATH_CLOSING && !path->down &&
	       path->has_dcid &&
	       tquic_path_allowance(path);
}

/*
 * Nothing speaks against it that what is sent on a path arrives.  Of the few
 * packets that a receiver of data sends it may just have lost one: as long as
 * its peer goes on sending there, the peer has no doubts, or will say so.
 */
static bool tquic_reply_sound(const struct tquic_path *path)
{
	bool doubted = path->suspect || path->pto_count >= TQUIC_PATH_SUSPECT;

	return !path->acks.away &&
	       (!doubted || path->last_rx > path->probe.lost_at);
}

/* The fastest of the others, those in doubt only if there is no better one. */
static struct tquic_path *tquic_reply_other(const struct tquic_conn *conn,
					    const struct tquic_path *path)
{
	struct tquic_path *other, *best = NULL;

	list_for_each_entry(other, &conn->paths, node) {
		if (other == path || !tquic_conn_eligible(conn, other) ||
		    !tquic_path_allowance(other))
			continue;
		if (!best || tquic_reply_sound(other) >
			     tquic_reply_sound(best) ||
		    (tquic_reply_sound(other) == tquic_reply_sound(best) &&
		     other->rtt.smoothed < best->rtt.smoothed))
			best = other;
	}
	return best;
}

/**
 * tquic_conn_ack_path - the path that acknowledgments of a path go out on
 * @conn: connection
 * @path: path whose packets they are about
 *
 * That is the path itself, so that its peer measures its own round trip;
 * another when it cannot be sent on, looks dead, or the peer does not seem to
 * hear what is sent there (multipath-21 section 4.1 allows any).
 *
 * Return: a path; NULL when there is none at the moment.
 */
struct tquic_path *tquic_conn_ack_path(const struct tquic_conn *conn,
				       struct tquic_path *path)
{
	bool carries = tquic_reply_carries(path);
	struct tquic_path *other;

	if (carries && tquic_reply_sound(path))
		return path;
	other = tquic_reply_other(conn, path);
	if (other && (!carries || tquic_reply_sound(other)))
		return other;
	return carries ? path : NULL;
}

/**
 * tquic_conn_reply_unheard - the peer misses acknowledgments of a path
 * @conn: connection
 * @path: path that it sends on
 * @now: present time
 *
 * They go out at once, on another path from now on if there is one, and on
 * their own this once, with a PING: its acknowledgment would show that the way
 * back is good after all.
 */
void tquic_conn_reply_unheard(struct tquic_conn *conn, struct tquic_path *path,
			      tquic_time_t now)
{
	tquic_ackq_again(&path->space.ackq, now);
	if (path->acks.away || !tquic_reply_other(conn, path))
		return;
	path->acks.away = true;
	path->acks.away_at = now;
	path->pending |= TQUIC_PATH_P_PING;
}

/**
 * tquic_conn_reply_repeated - data came again that was there already
 * @conn: connection
 * @path: path that it came on
 * @now: present time
 *
 * It was sent on another path before, and if nothing comes from there any more,
 * neither do our acknowledgments get through, as far as anybody knows.  They
 * spare the peer the rest of what it would repeat.  A peer that cannot ask for
 * acknowledgments repeats for other reasons; see tquic_conn_reply().
 */
void tquic_conn_reply_repeated(struct tquic_conn *conn,
			       const struct tquic_path *path,
			       tquic_time_t now)
{
	struct tquic_path *other;
	u64 quiet;

	if (!tquic_conn_may_ask(conn))
		return;
	list_for_each_entry(other, &conn->paths, node) {
		quiet = now - min(other->last_rx, now);
		if (other != path && !other->acks.away &&
		    quiet > max(TQUIC_REPLY_QUIET, other->rtt.smoothed / 2) &&
		    quiet < TQUIC_REPLY_SETTLED + 2 * other->rtt.smoothed)
			tquic_conn_reply_unheard(conn, other, now);
	}
}

/**
 * tquic_conn_reply - a packet came that has to be acknowledged
 * @conn: connection
 * @path: its path
 * @now: when it arrived
 */
void tquic_conn_reply(struct tquic_conn *conn, struct tquic_path *path,
		      tquic_time_t now)
{
	struct tquic_ackq *q = &path->space.ackq;
	u64 rtt = path->rtt.smoothed;

	if (tquic_ackfreq_packet(&path->acks.freq, now, rtt))
		tquic_ackfreq_tune(&path->acks.freq, &conn->ask.limits, rtt, q);
	/* who can ask for acknowledgments does; repetition may be foresight */
	if (q->repeats >= TQUIC_REPLY_REPEATS && !tquic_conn_may_ask(conn)) {
		q->repeats = 0;
		tquic_conn_reply_unheard(conn, path, now);
	}
}

/**
 * tquic_conn_reply_heard - packets of ours were acknowledged
 * @path: path that they were sent on
 * @sent: when the newest of them was sent
 */
void tquic_conn_reply_heard(struct tquic_path *path, tquic_time_t sent)
{
	if (path->acks.away && sent >= path->acks.away_at)
		path->acks.away = false;
}

/**
 * tquic_conn_reply_via - an acknowledgment of the peer's came
 * @path: path that it is about
 * @via: path that it came on
 * @now: present time
 *
 * The time until it came is an RTT of @path only if it came there.  Once the
 * peer has settled on another path the round trip of both is what counts, and
 * the shortest one seen is forgotten.  The time in which nothing came at all
 * settles nothing: after an outage the peer returns to @path at once.
 *
 * Return: whether it gives an RTT sample.
 */
bool tquic_conn_reply_via(struct tquic_path *path, u32 via, tquic_time_t now)
{
	struct tquic_path_acks *acks = &path->acks;
	bool cross = via != path->id;

	if (acks->via != via || path->failed) {
		acks->via = via;
		acks->via_at = now;
	}
	if (cross && now - acks->via_at < TQUIC_REPLY_SETTLED)
		return false;
	if (cross != acks->cross)
		tquic_rtt_restart(&path->rtt);
	acks->cross = cross;
	return true;
}
