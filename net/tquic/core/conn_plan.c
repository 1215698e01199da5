// SPDX-License-Identifier: GPL-2.0
/*
 * What goes out next.
 */
#include "conn_build.h"

/* Begins a plan for a path. */
void tquic_plan_reset(struct tquic_plan *plan,
		      const struct tquic_path *path)
{
	plan->path_id = path->id;
	plan->tuple = path->tuple;
	plan->ecn = TQUIC_ECN_NOT_ECT;
	plan->bytes = 0;
	plan->npkts = 0;
	plan->nsegs = 0;
	plan->used = 0;
}

/* For a packet of a plan. */
void tquic_plan_builder(struct tquic_build *b, struct tquic_conn *conn,
			struct tquic_path *path, struct tquic_space *space,
			struct tquic_plan *plan, tquic_time_t now, gfp_t gfp)
{
	*b = (struct tquic_build){
		.conn = conn,
		.path = path,
		.space = space,
		.plan = plan,
		.now = now,
		.gfp = gfp,
		.window = tquic_path_window(path),
	};
	/* RFC 9002 section 7.5: probes are not held back by the window */
	if (space->probes && b->window < path->mds)
		b->window = path->mds;
}

static bool tquic_plan_ack_due(const struct tquic_ackq *q, tquic_time_t now)
{
	return tquic_ackq_deadline(q) <= now;
}

/* Handshake bytes of a level. */
static void tquic_plan_crypto(struct tquic_build *b, enum tquic_pkt_type type)
{
	unsigned int level = tquic_conn_level(type);
	struct tquic_sendq *q = &b->conn->crypto[level].tx;
	struct tquic_sent_rec rec = { .kind = TQUIC_SENT_CRYPTO };
	struct tquic_sendq_piece piece;
	struct tquic_frame f = { .type = TQUIC_FRAME_CRYPTO };

	while (tquic_build_open(b) &&
	       tquic_sendq_peek(q, U64_MAX, 0, b->room, &piece)) {
		f.crypto.offset = piece.off;
		f.len = piece.len;
		f.len_size = 0;
		if (!tquic_frame_fit(&f, b->room))
			return;
		piece.len = f.len;
		rec.arg = level;
		rec.off = piece.off;
		rec.len = piece.len;
		if (!tquic_build_data(b, &f, q, piece.off, &rec))
			return;
		/* sent twice then, which costs no more than bytes */
		if (tquic_sendq_take(q, &piece, b->gfp))
			return;
	}
}

static bool tquic_plan_early_wants(const struct tquic_conn *conn,
				   unsigned int i, tquic_time_t now)
{
	const struct tquic_space *space = &conn->early[i];
	const struct tquic_sendq *q = &conn->crypto[i].tx;
	struct tquic_sendq_piece piece;

	if (!space->live || !(conn->tx_keys & BIT(space->type)))
		return false;
	return tquic_plan_ack_due(&space->ackq, now) || space->probes ||
	       tquic_sendq_peek(q, U64_MAX, 0, 1, &piece);
}

/* A packet of an early level, at the end of the datagram so far. */
static bool tquic_plan_early_pkt(struct tquic_conn *conn, unsigned int i,
				 struct tquic_plan *plan, u32 room,
				 tquic_time_t now, gfp_t gfp)
{
	struct tquic_path *path = tquic_conn_first_path(conn);
	struct tquic_frame ping = { .type = TQUIC_FRAME_PING };
	struct tquic_space *space = &conn->early[i];
	struct tquic_build b;
	u32 used;

	tquic_plan_builder(&b, conn, path, space, plan, now, gfp);
	if (!tquic_build_begin(&b, space->type, room, plan->npkts))
		return false;
	tquic_build_ack(&b, space);
	tquic_plan_crypto(&b, space->type);
	if (space->probes && !(b.flags & TQUIC_SENT_ELICITING))
		tquic_build_frame(&b, &ping, NULL);
	/*
	 * RFC 9000 section 14.1: a datagram with a client's Initial, or a
	 * server's that elicits an answer, is filled up.
	 */
	used = b.built.hdr_len + b.payload + TQUIC_PKT_TAG_LEN + plan->bytes;
	if (b.payload && space->type == TQUIC_PKT_INITIAL &&
	    (!conn->server || b.flags & TQUIC_SENT_ELICITING) &&
	    used < TQUIC_DGRAM_MIN &&
	    !tquic_plan_early_wants(conn, 1, now))
		tquic_build_pad(&b, min(TQUIC_DGRAM_MIN - used, b.room));
	if (b.flags & TQUIC_SENT_ELICITING && space->probes)
		space->probes--;
	return tquic_build_end(&b);
}

/*
 * The last packet of a datagram that began with an Initial is an Handshake one:
 * it carries the padding, since padding outside packets is not authenticated.
 */
static bool tquic_plan_handshake(struct tquic_conn *conn, tquic_time_t now,
				 struct tquic_plan *plan, gfp_t gfp)
{
	struct tquic_path *path = tquic_conn_first_path(conn);
	u64 allowance = tquic_path_allowance(path);
	u32 room = min_t(u64, path->mds, allowance);
	bool sent_handshake = false;
	unsigned int i;

	tquic_plan_reset(plan, path);
	for (i = 0; i < 2; i++) {
		if (!tquic_plan_early_wants(conn, i, now))
			continue;
		if (tquic_plan_early_pkt(conn, i, plan, room - plan->bytes,
					 now, gfp) && i)
			sent_handshake = true;
	}
	/* RFC 9001 section 4.9.1 */
	if (sent_handshake && !conn->server)
		tquic_conn_drop_keys(conn, TQUIC_PKT_INITIAL);
	return plan->npkts;
}

/* STREAM frames; whoever's turn it is. */
static void tquic_plan_streams(struct tquic_build *b)
{
	struct tquic_sent_rec rec = { .kind = TQUIC_SENT_STREAM };
	struct tquic_streams *set = &b->conn->streams;
	struct tquic_stream_piece piece;
	struct tquic_stream *s;
	struct tquic_frame f;
	u64 fresh;

	while (tquic_build_open(b)) {
		s = tquic_streams_next(set, tquic_flow_tx_room(&b->conn->tx),
				       b->grant.skip, b->room, &piece);
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

/* Is there data, or a level's handshake bytes, for the 1-RTT space. */
static bool tquic_plan_data_waits(const struct tquic_conn *conn)
{
	struct tquic_sendq_piece piece;

	return tquic_sendq_peek(&conn->crypto[2].tx, U64_MAX, 0, 1, &piece) ||
	       tquic_streams_urgent(&conn->streams) < TQUIC_STREAM_CLASSES ||
	       tquic_dgram_waiting(conn);
}

/* One 1-RTT packet; false when it would have been empty. */
static bool tquic_plan_app_pkt(struct tquic_conn *conn, struct tquic_path *path,
			       struct tquic_plan *plan, u32 room, bool data,
			       const struct tquic_sched_grant *grant,
			       tquic_time_t now, gfp_t gfp)
{
	struct tquic_frame ping = { .type = TQUIC_FRAME_PING };
	struct tquic_space *space = &path->space;
	struct tquic_path *other;
	struct tquic_build b;
	bool validates;

	tquic_plan_builder(&b, conn, path, space, plan, now, gfp);
	if (grant)
		b.grant = *grant;
	validates = path->check.due || path->pending & TQUIC_PATH_P_RESPONSE;
	if (!tquic_build_begin(&b, TQUIC_PKT_1RTT, room, false))
		return false;
	if (space->ackq.pending)
		tquic_build_ack(&b, space);
	list_for_each_entry(other, &conn->paths, node)
		if (other != path && other->space.ackq.pending &&
		    tquic_conn_ack_path(conn, other) == path)
			tquic_build_ack(&b, &other->space);
	if (tquic_build_open(&b) || validates)
		tquic_ctl_path(&b);
	if (data && tquic_build_open(&b)) {
		tquic_ctl_conn(&b);
		tquic_ctl_streams(&b);
		tquic_plan_crypto(&b, TQUIC_PKT_1RTT);
		tquic_dgram_put(&b, TQUIC_STREAM_BACKGROUND);
		tquic_plan_streams(&b);
	}
	if (space->probes && !(b.flags & TQUIC_SENT_ELICITING))
		tquic_build_frame(&b, &ping, NULL);
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
static bool tquic_plan_train(struct tquic_conn *conn, struct tquic_path *path,
			     struct tquic_plan *plan, bool data,
			     const struct tquic_sched_grant *grant,
			     tquic_time_t now, gfp_t gfp)
{
	u64 train = tquic_pacer_train(&path->pacer, path->mds), allowance;
	u32 before;

	tquic_plan_reset(plan, path);
	plan->ecn = tquic_ecn_mark(&path->ecn);
	for (;;) {
		before = plan->bytes;
		allowance = tquic_path_allowance(path);
		if (!tquic_plan_app_pkt(conn, path, plan,
					min_t(u64, path->mds, allowance), data,
					grant, now, gfp))
			break;
		/* a train is packets of one size, the last may be shorter */
		if (plan->bytes - before < path->mds ||
		    plan->bytes + path->mds > train ||
		    tquic_path_window(path) < path->mds)
			break;
	}
	if (plan->npkts)
		tquic_pacer_sent(&path->pacer, now, plan->bytes);
	return plan->npkts;
}

static bool tquic_plan_bound_work(const struct tquic_conn *conn,
				  struct tquic_path *path, tquic_time_t now)
{
	struct tquic_path *other;

	if (!path->has_dcid || path->state == TQUIC_PATH_CLOSING ||
	    !tquic_path_allowance(path))
		return false;
	if (path->space.probes || tquic_ctl_due(conn, path))
		return true;
	list_for_each_entry(other, &conn->paths, node)
		if (tquic_plan_ack_due(&other->space.ackq, now) &&
		    tquic_conn_ack_path(conn, other) == path)
			return true;
	return false;
}

/* Nothing to send where sending was possible: RFC 9002 section 7.8. */
static void tquic_plan_limited(struct tquic_conn *conn)
{
	struct tquic_path *path;

	if (tquic_flow_tx_tell(&conn->tx) &&
	    tquic_streams_starved(&conn->streams))
		conn->control |= TQUIC_CONN_C_BLOCKED;
	list_for_each_entry(path, &conn->paths, node)
		if (tquic_conn_eligible(conn, path) &&
		    tquic_path_window(path) >= path->mds)
			tquic_rate_limited(&path->rate, path->in_flight);
}

static bool tquic_plan_app(struct tquic_conn *conn, tquic_time_t now,
			   struct tquic_plan *plan, gfp_t gfp)
{
	struct tquic_path *path;

	conn->sched_wake = TQUIC_TIME_NEVER;
	list_for_each_entry(path, &conn->paths, node)
		if (tquic_plan_bound_work(conn, path, now) &&
		    tquic_plan_train(conn, path, plan,
				     tquic_conn_eligible(conn, path) &&
				     tquic_pacer_ready(&path->pacer, now),
				     NULL, now, gfp))
			return true;
	if (!tquic_plan_data_waits(conn)) {
		tquic_plan_limited(conn);
		return false;
	}
	tquic_choice_init(conn, now);
	while ((path = tquic_choice_next(conn)))
		if (tquic_plan_train(conn, path, plan, true,
				     &conn->choice.grant, now, gfp))
			return true;
	return false;
}

/**
 * tquic_conn_plan - what goes out next
 * @conn: connection
 * @now: present time
 * @plan: filled: one train for one path, or one datagram of the handshake
 * @gfp: allocation flags
 *
 * To be called until it answers false: then nothing can be sent before the next
 * event or tquic_conn_deadline().
 *
 * Return: whether there is anything.
 */
bool tquic_conn_plan(struct tquic_conn *conn, tquic_time_t now,
		     struct tquic_plan *plan, gfp_t gfp)
{
	tquic_keys_watch(conn, now);
	if (conn->state == TQUIC_CONN_CLOSING)
		return conn->close_due &&
		       tquic_plan_close(conn, now, plan, gfp);
	if (conn->state > TQUIC_CONN_CLOSING)
		return false;
	if (tquic_plan_handshake(conn, now, plan, gfp))
		return true;
	if (!(conn->tx_keys & BIT(TQUIC_PKT_1RTT)))
		return false;
	return tquic_plan_app(conn, now, plan, gfp);
}

/**
 * tquic_conn_failed - a planned packet could not be sealed or sent
 * @conn: connection
 * @path_id: path of the plan
 * @type: packet type
 * @pn: packet number, which stays spent
 *
 * What it carried is sent again; congestion control does not learn of it.
 */
void tquic_conn_failed(struct tquic_conn *conn, u32 path_id,
		       enum tquic_pkt_type type, u64 pn)
{
	struct tquic_path *path = tquic_conn_path(conn, path_id);
	struct tquic_space *space;

	if (!path)
		return;
	space = type == TQUIC_PKT_1RTT ? &path->space :
		&conn->early[tquic_conn_early(type)];
	/* bytes in flight are given back by the callback */
	if (space->live)
		tquic_loss_fail(&space->loss, pn);
}
