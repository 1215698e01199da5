// SPDX-License-Identifier: GPL-2.0
/*
 * Asking the peer to acknowledge in time, and being asked: ack-frequency-11.
 */
#include "conn_priv.h"

/* so many acknowledgments in the shortest round trip at least */
#define TQUIC_ASK_SHARE		4
/* how much the wish has to change before it is worth a frame, per cent */
#define TQUIC_ASK_CHANGE	25
#define TQUIC_ASK_INTERVAL	TQUIC_NS_PER_SEC

/**
 * tquic_conn_ask_init - the peer's transport parameters are known
 * @conn: connection
 */
void tquic_conn_ask_init(struct tquic_conn *conn)
{
	conn->ask = (struct tquic_conn_ask){
		.granted = conn->theirs.max_ack_delay * TQUIC_NS_PER_MS,
		.limits = {
			.tolerance = TQUIC_ACKFREQ_MAX,
			.reorder = TQUIC_ACKQ_REORDER,
			.delay = conn->ours.max_ack_delay * TQUIC_NS_PER_MS,
		},
	};
}

/* What the shortest path needs, and the one that reorders least. */
static u64 tquic_ask_wish(const struct tquic_conn *conn, u32 *reorder)
{
	const struct tquic_tparams *theirs = &conn->theirs;
	const struct tquic_path *path;
	u64 rtt = U64_MAX;

	*reorder = U32_MAX;
	list_for_each_entry(path, &conn->paths, node) {
		if (!tquic_rtt_valid(&path->rtt) || !path->validated)
			continue;
		rtt = min(rtt, path->rtt.smoothed);
		*reorder = min(*reorder, path->space.loss.packet_threshold);
	}
	return clamp_t(u64, rtt / TQUIC_ASK_SHARE,
		       theirs->min_ack_delay * TQUIC_NS_PER_US,
		       theirs->max_ack_delay * TQUIC_NS_PER_MS);
}

/**
 * tquic_conn_ask - is it time to ask for something else
 * @conn: connection
 * @now: present time
 *
 * Probe timeouts wait for the longest delay that the peer may take its time
 * for, so it is asked for less than the 25 ms that it has by default.
 */
void tquic_conn_ask(struct tquic_conn *conn, tquic_time_t now)
{
	struct tquic_conn_ask *ask = &conn->ask;
	u64 old = ask->seq ? ask->asked : ask->granted, wish, change;
	u32 reorder;

	if (!conn->confirmed || !tquic_conn_may_ask(conn) || ask->due ||
	    (ask->seq && now - ask->at < TQUIC_ASK_INTERVAL))
		return;
	wish = tquic_ask_wish(conn, &reorder);
	change = wish > old ? wish - old : old - wish;
	if (ask->seq && reorder == ask->reorder &&
	    change * 100 <= old * TQUIC_ASK_CHANGE)
		return;
	/* what may still be in force meanwhile */
	ask->granted = max(ask->granted, old);
	ask->asked = wish;
	ask->reorder = reorder;
	ask->seq++;
	ask->due = true;
	ask->at = now;
}

/* A request arrived. */
void tquic_conn_ask_acked(struct tquic_conn *conn, u64 seq)
{
	if (seq == conn->ask.seq)
		conn->ask.granted = conn->ask.asked;
}

/* A request was lost: only the newest is worth repeating. */
void tquic_conn_ask_lost(struct tquic_conn *conn, u64 seq)
{
	if (seq == conn->ask.seq)
		conn->ask.due = true;
}

/**
 * tquic_conn_recv_ask - ACK_FREQUENCY was received
 * @conn: connection
 * @f: the frame
 * @close: filled on a protocol error
 *
 * It bounds from one side what is decided here: who acknowledges more often is
 * still within what was asked for.
 *
 * Return: 0 or -EPROTO.
 */
int tquic_conn_recv_ask(struct tquic_conn *conn, const struct tquic_frame *f,
			struct tquic_close *close)
{
	struct tquic_ackfreq_limits *limits = &conn->ask.limits;
	u64 us = min(f->ack_frequency.max_delay, conn->ours.max_ack_delay *
					       1000);
	struct tquic_path *path;

	if (f->ack_frequency.max_delay < conn->ours.min_ack_delay)
		return tquic_close_set(close, TQUIC_PROTOCOL_VIOLATION, f->type,
				       "delay below min_ack_delay");
	if (f->ack_frequency.seq < conn->ask.heard)
		return 0;
	conn->ask.heard = f->ack_frequency.seq + 1;
	limits->tolerance = min_t(u64, f->ack_frequency.threshold,
				  TQUIC_ACKFREQ_MAX - 1) + 1;
	limits->reorder = min_t(u64, f->ack_frequency.reorder, U32_MAX);
	limits->delay = us * TQUIC_NS_PER_US;
	list_for_each_entry(path, &conn->paths, node)
		tquic_ackfreq_tune(&path->acks.freq, limits,
				   path->rtt.smoothed, &path->space.ackq);
	return 0;
}
