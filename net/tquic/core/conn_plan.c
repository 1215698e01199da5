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

/*
 * What the window leaves for a packet of a space.  Application data cannot be
 * found lost before the handshake is confirmed (RFC 9002 section 6.2.1), so it
 * must not keep the handshake from getting there.
 */
static u64 tquic_plan_window(const struct tquic_path *path,
			     const struct tquic_space *space)
{
	u64 others = space->type == TQUIC_PKT_1RTT ? 0 :
		     path->space.loss.in_flight;

	return path->cc->cwnd + others > path->in_flight ?
	       path->cc->cwnd + others - path->in_flight : 0;
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
		.dcid = &path->dcid,
		.plan = plan,
		.now = now,
		.gfp = gfp,
		.window = tquic_plan_window(path, space),
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
void tquic_plan_crypto(struct tquic_build *b, enum tquic_pkt_type type)
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
	if (tquic_plan_ack_due(&space->ackq, now) || space->probes)
		return true;
	/* with a closed window nothing would come of it but ACK frames */
	return tquic_plan_window(tquic_conn_first_path(conn), space) &&
	       tquic_sendq_peek(q, U64_MAX, 0, 1, &piece);
}

/*
 * A packet of an early level, at the end of the datagram so far.
 *
 * RFC 9000 section 14.1: a datagram with a client's Initial, or a server's that
 * elicits an answer, is filled up; inside its last packet, since padding
 * outside packets is not authenticated.  @fill goes from one to the other.
 */
static bool tquic_plan_early_pkt(struct tquic_conn *conn, unsigned int i,
				 struct tquic_plan *plan, u32 room, bool *fill,
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
	/* a server that may not send as much waits for the client */
	if (i || room >= TQUIC_DGRAM_MIN) {
		tquic_plan_crypto(&b, space->type);
		if (space->probes && !(b.flags & TQUIC_SENT_ELICITING))
			tquic_build_frame(&b, &ping, NULL);
	}
	used = b.built.hdr_len + b.payload + TQUIC_PKT_TAG_LEN + plan->bytes;
	if (b.payload && space->type == TQUIC_PKT_INITIAL)
		*fill = !conn->server || b.flags & TQUIC_SENT_ELICITING;
	if (*fill && used < TQUIC_DGRAM_MIN &&
	    (i || b.room < TQUIC_PATH_LEAST ||
	     !tquic_plan_early_wants(conn, 1, now)))
		tquic_build_pad(&b, min(TQUIC_DGRAM_MIN - used, b.room));
	if (b.flags & TQUIC_SENT_ELICITING && space->probes)
		space->probes--;
	return tquic_build_end(&b);
}

static bool tquic_plan_handshake(struct tquic_conn *conn, tquic_time_t now,
				 struct tquic_plan *plan, gfp_t gfp)
{
	struct tquic_path *path = tquic_conn_first_path(conn);
	u64 allowance = tquic_path_allowance(path);
	u32 room = min_t(u64, path->mds, allowance);
	bool sent_handshake = false, fill = false;
	unsigned int i;

	tquic_plan_reset(plan, path);
	for (i = 0; i < 2; i++) {
		if (!tquic_plan_early_wants(conn, i, now))
			continue;
		if (tquic_plan_early_pkt(conn, i, plan, room - plan->bytes,
					 &fill, now, gfp) && i)
			sent_handshake = true;
	}
	/* RFC 9001 section 4.9.1 */
	if (sent_handshake && !conn->server)
		tquic_conn_drop_keys(conn, TQUIC_PKT_INITIAL);
	return plan->npkts;
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
	if (conn->early[0].live || conn->early[1].live) {
		if (tquic_plan_handshake(conn, now, plan, gfp))
			return true;
	} else {
		tquic_conn_shed(conn);
	}
	if (!(conn->tx_keys & (BIT(TQUIC_PKT_1RTT) | BIT(TQUIC_PKT_0RTT))))
		return false;
	return tquic_train_plan(conn, now, plan, gfp);
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
	space = type == TQUIC_PKT_1RTT || type == TQUIC_PKT_0RTT ?
		&path->space : &conn->early[tquic_conn_early(type)];
	/* bytes in flight are given back by the callback */
	if (space->live)
		tquic_loss_fail(&space->loss, pn);
}
