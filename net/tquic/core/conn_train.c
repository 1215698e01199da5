// SPDX-License-Identifier: GPL-2.0
/*
 * Trains of 1-RTT packets.
 *
 * In one plan's time a connection first sends what must not wait, then bulk on
 * every path that has a use for its slot, the one that lands first before the
 * others, then what is bound to a path, and control frames that found no data
 * to travel with.
 */
#include "conn_build.h"

/* struct tquic_train may */
#define TQUIC_TRAIN_CTL		BIT(0)	/* control frames of the connection */
#define TQUIC_TRAIN_DATA	BIT(1)	/* streams and datagrams */

/* bytes that datagrams or streams may be ahead of the other */
#define TQUIC_TRAIN_LEAD	65536

/**
 * struct tquic_train - packets for one path, under construction
 * @conn: connection
 * @path: path
 * @plan: plan that they fill
 * @type: TQUIC_PKT_1RTT, or TQUIC_PKT_0RTT before there are keys for that
 * @grant: which data the scheduler lets them carry
 * @may: TQUIC_TRAIN_*
 * @first: most urgent class that they carry
 * @last: least urgent one
 * @now: present time
 * @gfp: allocation flags
 */
struct tquic_train {
	struct tquic_conn *conn;
	struct tquic_path *path;
	struct tquic_plan *plan;
	enum tquic_pkt_type type;
	struct tquic_sched_grant grant;
	u8 may;
	u8 first;
	u8 last;
	tquic_time_t now;
	gfp_t gfp;
};

/* STREAM frames; whoever's turn it is. */
static void tquic_train_streams(struct tquic_build *b,
				const struct tquic_train *t, u8 last)
{
	struct tquic_sent_rec rec = { .kind = TQUIC_SENT_STREAM };
	struct tquic_streams_ask ask = {
		.skip = t->grant.skip,
		.first = t->first,
		.last = last,
	};
	struct tquic_streams *set = &b->conn->streams;
	struct tquic_stream_piece piece;
	struct tquic_stream *s;
	struct tquic_frame f;
	u64 fresh;

	while (tquic_build_open(b)) {
		ask.room = tquic_flow_tx_room(&b->conn->tx);
		ask.max = b->room;
		s = tquic_streams_next(set, &ask, &piece);
		if (!s)
			return;
		tquic_frame_set_stream(&f, s->id, piece.data.off,
				       piece.data.len, piece.fin, true);
		if (!tquic_frame_fit(&f, b->room))
			return;
		piece.data.len = f.len;
		piece.fin = f.type & TQUIC_FRAME_STREAM_FIN;
		rec.ptr = s;
		rec.off = piece.data.off;
		rec.len = f.len;
		rec.flags = piece.fin;
		if (!tquic_build_data(b, &f, &s->q, piece.data.off, &rec))
			return;
		s->refs++;
		if (tquic_stream_take(s, &piece, &fresh, b->gfp))
			return;
		b->conn->tx.used += fresh;
		tquic_streams_charge(set, s, f.len);
	}
}

/*
 * Streams and datagrams of a class have equal shares: who has sent less of late
 * goes first.
 */
static void tquic_train_data(struct tquic_build *b, const struct tquic_train *t)
{
	struct tquic_conn *conn = b->conn;
	u8 urgent = min_t(u8, t->last, TQUIC_STREAM_INTERACTIVE);
	u32 before;

	tquic_dgram_put(b, urgent);
	tquic_train_streams(b, t, urgent);
	if (t->last <= urgent)
		return;
	if (conn->dgram_lead <= 0) {
		before = b->payload;
		tquic_dgram_put(b, t->last);
		conn->dgram_lead += b->payload - before;
	}
	before = b->payload;
	tquic_train_streams(b, t, t->last);
	conn->dgram_lead -= b->payload - before;
	before = b->payload;
	tquic_dgram_put(b, t->last);
	conn->dgram_lead += b->payload - before;
	conn->dgram_lead = clamp(conn->dgram_lead, -TQUIC_TRAIN_LEAD,
				 TQUIC_TRAIN_LEAD);
}

/*
 * Who only receives sends nothing that is acknowledged, and would tell all
 * ranges for ever: RFC 9000 section 13.2.4.
 */
static void tquic_train_ack_ping(struct tquic_build *b,
				 const struct tquic_ackq *q)
{
	struct tquic_path_acks *acks = &b->path->acks;

	if (!tquic_ackq_wants_ping(q) || !tquic_build_open(b) ||
	    b->now - acks->ping_at < b->path->rtt.smoothed)
		return;
	b->path->pending |= TQUIC_PATH_P_PING;
	acks->ping_at = b->now;
}

/*
 * Where they seem not to be heard, acknowledgments go out elsewhere, and here
 * with each PING that asks whether that is true.
 */
static void tquic_train_acks(struct tquic_build *b)
{
	struct tquic_ackq *q = &b->space->ackq;
	struct tquic_conn *conn = b->conn;
	struct tquic_path *path;
	bool home, asks;

	home = tquic_conn_ack_path(conn, b->path) == b->path;
	asks = b->path->pending & TQUIC_PATH_P_PROBE ||
	       (b->path->pending & TQUIC_PATH_P_PING && tquic_build_open(b));
	if (q->pending && (home || asks) && tquic_build_ack(b, b->space)) {
		tquic_train_ack_ping(b, q);
		if (!home)
			tquic_ackq_again(q, b->now);
	}
	list_for_each_entry(path, &conn->paths, node)
		if (path != b->path && path->space.ackq.pending &&
		    tquic_conn_ack_path(conn, path) == b->path &&
		    tquic_build_ack(b, &path->space))
			tquic_train_ack_ping(b, &path->space.ackq);
}

/* What a probe timeout asks for: an acknowledgment, at once if possible. */
static void tquic_train_probe(struct tquic_build *b)
{
	struct tquic_frame f = {
		.type = tquic_conn_may_ask(b->conn) ?
			TQUIC_FRAME_IMMEDIATE_ACK : TQUIC_FRAME_PING,
	};

	tquic_build_frame(b, &f, NULL);
}

/* One 1-RTT packet; false when it would have been empty. */
static bool tquic_train_pkt(const struct tquic_train *t, u32 room)
{
	struct tquic_path *path = t->path;
	struct tquic_space *space = &path->space;
	bool validates, beyond;
	struct tquic_build b;

	tquic_plan_builder(&b, t->conn, path, space, t->plan, t->now, t->gfp);
	if (t->last == TQUIC_STREAM_REALTIME)
		b.window = max(b.window, tquic_path_urgent(path, t->now));
	b.grant = t->grant;
	validates = path->check.due || path->pending & TQUIC_PATH_P_RESPONSE;
	beyond = validates || path->pending & TQUIC_PATH_P_PROBE;
	if (!tquic_build_begin(&b, t->type, room, false))
		return false;
	/* an address in doubt may allow for this and nothing else */
	if (beyond)
		tquic_ctl_path(&b);
	if (t->type == TQUIC_PKT_1RTT)
		tquic_train_acks(&b);
	/* before data, which may fill the packet */
	if (space->probes)
		tquic_train_probe(&b);
	if (!beyond && tquic_build_open(&b))
		tquic_ctl_path(&b);
	if (t->may & TQUIC_TRAIN_CTL && tquic_build_open(&b)) {
		tquic_ctl_conn(&b);
		tquic_ctl_streams(&b);
		tquic_plan_crypto(&b, TQUIC_PKT_1RTT);
	}
	if (t->may & TQUIC_TRAIN_DATA && tquic_build_open(&b))
		tquic_train_data(&b, t);
	/* RFC 9000 section 8.2.1: the path must carry full datagrams */
	if (validates && b.payload &&
	    b.built.hdr_len + b.payload + TQUIC_PKT_TAG_LEN < TQUIC_DGRAM_MIN)
		tquic_build_pad(&b, min(b.room, TQUIC_DGRAM_MIN -
					b.built.hdr_len - b.payload -
					TQUIC_PKT_TAG_LEN));
	if (b.flags & TQUIC_SENT_ELICITING && space->probes)
		space->probes--;
	return tquic_build_end(&b);
}

/* Fills the plan with packets for one path. */
static bool tquic_train_run(const struct tquic_train *t)
{
	struct tquic_path *path = t->path;
	struct tquic_plan *plan = t->plan;
	u64 train = tquic_pacer_train(&path->pacer, path->mds), allowance;
	u64 in_flight = path->in_flight;
	u32 size = path->mds, before;

	tquic_plan_reset(plan, path);
	plan->ecn = tquic_ecn_mark(&path->ecn);
	for (;;) {
		before = plan->bytes;
		allowance = tquic_path_allowance(path);
		if (!tquic_train_pkt(t, min_t(u64, size, allowance)))
			break;
		/*
		 * A train is packets of one size, the last may be shorter.
		 * Datagrams of a flow are often alike, and smaller than could
		 * be.
		 */
		if (plan->npkts == 1 && tquic_dgram_waiting(t->conn))
			size = plan->bytes;
		if (plan->bytes - before < size ||
		    plan->bytes + size > train ||
		    tquic_path_window(path) < path->mds)
			break;
	}
	/* acknowledgments alone are no load that the pacer could spread */
	if (path->in_flight > in_flight)
		tquic_pacer_sent(&path->pacer, t->now,
				 path->in_flight - in_flight);
	if (t->last == TQUIC_STREAM_REALTIME)
		tquic_path_urge(path, t->now, plan->bytes);
	return plan->npkts;
}

/* Asks the scheduler until some path has something to send. */
static bool tquic_train_ask(struct tquic_train *t)
{
	struct tquic_conn *conn = t->conn;

	while ((t->path = tquic_choice_next(conn))) {
		if (t->last == TQUIC_STREAM_REALTIME)
			conn->realtime = t->path->leg;
		t->grant = conn->choice->grant;
		/* control frames wait for the path that lands first */
		t->may = TQUIC_TRAIN_DATA |
			 (t->grant.late ? 0 : TQUIC_TRAIN_CTL);
		if (tquic_train_run(t))
			return true;
	}
	return false;
}

/*
 * Real time goes on its own path only, but for datagrams that are bound to
 * another, as second copies are.
 */
static bool tquic_train_realtime(struct tquic_train *t, u8 dgrams)
{
	struct tquic_conn *conn = t->conn;
	unsigned int i;

	t->first = TQUIC_STREAM_REALTIME;
	t->last = TQUIC_STREAM_REALTIME;
	tquic_choice_class(conn, TQUIC_STREAM_REALTIME, dgrams);
	if (tquic_train_ask(t))
		return true;
	if (!(dgrams & BIT(TQUIC_STREAM_REALTIME)))
		return false;
	for (i = 0; i < conn->choice->count; i++) {
		t->path = conn->choice->paths[i];
		if (tquic_dgramq_classes(&conn->dgrams, t->path->leg, false) &
		    BIT(TQUIC_STREAM_REALTIME) && tquic_train_run(t))
			return true;
	}
	return false;
}

/* Real time first, then everybody else. */
static bool tquic_train_waiting(struct tquic_train *t)
{
	struct tquic_conn *conn = t->conn;
	u8 dgrams = tquic_dgram_waiting(conn);
	unsigned int class = tquic_streams_urgent(&conn->streams);

	if (dgrams)
		class = min_t(unsigned int, class, __ffs(dgrams));
	if (class == TQUIC_STREAM_CLASSES)
		return false;
	if (class == TQUIC_STREAM_REALTIME) {
		if (tquic_train_realtime(t, dgrams))
			return true;
		class = TQUIC_STREAM_INTERACTIVE;
	}
	t->first = TQUIC_STREAM_INTERACTIVE;
	t->last = TQUIC_STREAM_BACKGROUND;
	tquic_choice_class(conn, class, dgrams);
	return tquic_train_ask(t);
}

static bool tquic_train_is_bound(const struct tquic_conn *conn,
				 struct tquic_path *path, tquic_time_t now)
{
	struct tquic_path *other;

	if (!path->has_dcid || path->state == TQUIC_PATH_CLOSING ||
	    path->down || !tquic_path_allowance(path))
		return false;
	if (path->space.probes || tquic_ctl_path_due(path))
		return true;
	list_for_each_entry(other, &conn->paths, node)
		if (tquic_ackq_deadline(&other->space.ackq) <= now &&
		    tquic_conn_ack_path(conn, other) == path)
			return true;
	return false;
}

/* Acknowledgments, validation and probes. */
static bool tquic_train_bound(struct tquic_train *t)
{
	struct tquic_conn *conn = t->conn;

	t->grant = (struct tquic_sched_grant){};
	t->first = TQUIC_STREAM_REALTIME;
	t->last = TQUIC_STREAM_BACKGROUND;
	list_for_each_entry(t->path, &conn->paths, node) {
		if (!tquic_train_is_bound(conn, t->path, t->now))
			continue;
		/* RFC 9002 section 6.2.4: a probe carries data if there is */
		t->may = 0;
		if (t->path->space.probes && tquic_conn_eligible(conn, t->path))
			t->may = TQUIC_TRAIN_CTL | TQUIC_TRAIN_DATA;
		if (tquic_train_run(t))
			return true;
	}
	return false;
}

/* Control frames that found no data to travel with. */
static bool tquic_train_control(struct tquic_train *t)
{
	struct tquic_conn *conn = t->conn;
	struct tquic_sendq_piece piece;

	if (!tquic_ctl_conn_due(conn) &&
	    !tquic_sendq_peek(&conn->crypto[2].tx, U64_MAX, 0, 1, &piece))
		return false;
	t->path = tquic_choice_control(conn);
	t->may = TQUIC_TRAIN_CTL;
	return t->path && tquic_train_run(t);
}

/*
 * Something other than the window or the pacer holds paths back, as the
 * scheduler, the peer's credit, or having nothing to send: RFC 9002 section
 * 7.8.
 */
static void tquic_train_limited(struct tquic_conn *conn, tquic_time_t now)
{
	bool waits = tquic_streams_urgent(&conn->streams) <
		     TQUIC_STREAM_CLASSES;
	struct tquic_path *path;

	list_for_each_entry(path, &conn->paths, node)
		if (tquic_conn_eligible(conn, path) &&
		    tquic_path_window(path) >= path->mds &&
		    (tquic_pacer_ready(&path->pacer, now) ||
		     (!waits && !tquic_dgram_waits_for(conn, path))))
			tquic_rate_limited(&path->rate, path->in_flight);
}

/**
 * tquic_train_plan - what goes out next in 1-RTT packets
 * @conn: connection
 * @now: present time
 * @plan: filled
 * @gfp: allocation flags
 *
 * Return: whether there is anything.
 */
bool tquic_train_plan(struct tquic_conn *conn, tquic_time_t now,
		      struct tquic_plan *plan, gfp_t gfp)
{
	struct tquic_train t = {
		.conn = conn,
		.plan = plan,
		.type = conn->tx_keys & BIT(TQUIC_PKT_1RTT) ? TQUIC_PKT_1RTT :
							      TQUIC_PKT_0RTT,
		.now = now,
		.gfp = gfp,
	};

	conn->sched_wake = TQUIC_TIME_NEVER;
	tquic_status_review(conn);
	if (tquic_aside_plan(conn, now, plan, gfp) ||
	    tquic_mtu_plan(conn, now, plan, gfp))
		return true;
	tquic_choice_init(conn, now);
	if (tquic_train_waiting(&t) || tquic_train_bound(&t))
		return true;
	if (tquic_tail_offer(conn)) {
		tquic_choice_init(conn, now);
		if (tquic_train_waiting(&t))
			return true;
	}
	if (tquic_streams_starved(&conn->streams) &&
	    tquic_flow_tx_tell(&conn->tx))
		conn->control |= TQUIC_CONN_C_BLOCKED;
	if (tquic_train_control(&t))
		return true;
	tquic_train_limited(conn, now);
	conn->planned = now;
	return false;
}
