// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of sent packets: acknowledged, lost, or offered to another path.
 */
#include "conn_priv.h"

/* Callbacks run under the lock of the connection, where nothing may sleep. */
#define TQUIC_CONN_GFP	GFP_ATOMIC

static void tquic_conn_ctl_lost(struct tquic_conn *conn,
				const struct tquic_sent_rec *rec)
{
	u32 id = rec->off >> 32, seq = rec->off;
	struct tquic_stream *s = rec->ptr;
	struct tquic_path *path;

	switch ((enum tquic_ctl)rec->arg) {
	case TQUIC_CTL_CONN:
		conn->control |= rec->off;
		break;
	case TQUIC_CTL_TOKEN:
		tquic_conn_token_lost(conn, rec->off);
		break;
	case TQUIC_CTL_STREAM:
		if (rec->off & TQUIC_STREAM_P_RESET)
			tquic_stream_reset_lost(s);
		else if (rec->off & TQUIC_STREAM_P_STOP)
			tquic_stream_stop_lost(s);
		else if (rec->off & TQUIC_STREAM_P_MAX_DATA &&
			 s->recv == TQUIC_STREAM_R_RECV && !s->stopped)
			s->pending |= TQUIC_STREAM_P_MAX_DATA;
		tquic_streams_wake(&conn->streams, s);
		break;
	case TQUIC_CTL_NEW_CID:
		tquic_cid_local_lost(&conn->cids, id, seq);
		break;
	case TQUIC_CTL_RETIRE_CID:
		tquic_cid_peer_retire_lost(&conn->cids, id, seq);
		break;
	case TQUIC_CTL_ABANDON:
		path = tquic_conn_path(conn, rec->off);
		if (path)
			path->pending |= TQUIC_PATH_P_ABANDON;
		break;
	case TQUIC_CTL_ACK_FREQ:
		tquic_conn_ask_lost(conn, rec->off);
		break;
	case TQUIC_CTL_STATUS:
		path = tquic_conn_path(conn, id);
		/* only the newest counts: multipath-21 section 4.3 */
		if (path && (u32)path->status_seq == seq &&
		    path->state != TQUIC_PATH_CLOSING)
			path->pending |= TQUIC_PATH_P_STATUS;
		break;
	}
}

static void tquic_conn_ctl_acked(struct tquic_conn *conn,
				 const struct tquic_sent_rec *rec)
{
	u32 id = rec->off >> 32, seq = rec->off;

	switch ((enum tquic_ctl)rec->arg) {
	case TQUIC_CTL_STREAM:
		if (rec->off & TQUIC_STREAM_P_RESET)
			tquic_stream_reset_acked(rec->ptr);
		break;
	case TQUIC_CTL_NEW_CID:
		tquic_cid_local_acked(&conn->cids, id, seq);
		break;
	case TQUIC_CTL_TOKEN:
		tquic_conn_token_acked(conn, rec->off);
		break;
	case TQUIC_CTL_RETIRE_CID:
		tquic_cid_peer_retire_acked(&conn->cids, id, seq);
		break;
	case TQUIC_CTL_ACK_FREQ:
		tquic_conn_ask_acked(conn, rec->off);
		break;
	case TQUIC_CTL_CONN:
	case TQUIC_CTL_ABANDON:
	case TQUIC_CTL_STATUS:
		break;
	}
}

static void tquic_conn_stream_acked(struct tquic_conn *conn,
				    const struct tquic_sent_rec *rec)
{
	struct tquic_stream *s = rec->ptr;
	u64 freed;

	freed = tquic_stream_acked(s, rec->off, rec->len, rec->flags,
				   TQUIC_CONN_GFP);
	conn->in_order += freed;
	if (freed)
		tquic_streams_tell(&conn->streams, s, TQUIC_STREAM_N_WRITABLE);
}

static void tquic_conn_stream_lost(struct tquic_conn *conn,
				   const struct tquic_sent_rec *rec)
{
	struct tquic_stream *s = rec->ptr;

	tquic_stream_lost(s, rec->off, rec->len, rec->flags, TQUIC_CONN_GFP);
	tquic_streams_hurry(&conn->streams, s);
}

/* Number of the 1-RTT space that an ACK record is about. */
static struct tquic_space *tquic_conn_ack_space(struct tquic_conn *conn,
						struct tquic_space *space,
						u32 path_id)
{
	struct tquic_path *path;

	if (space->type != TQUIC_PKT_1RTT)
		return space;
	path = tquic_conn_path(conn, path_id);
	return path ? &path->space : NULL;
}

static void tquic_conn_rec_acked(struct tquic_space *space,
				 const struct tquic_sent_rec *rec, bool late)
{
	struct tquic_conn *conn = space->conn;
	struct tquic_ackq_mark mark;
	struct tquic_space *about;

	switch ((enum tquic_sent_kind)rec->kind) {
	case TQUIC_SENT_STREAM:
		tquic_conn_stream_acked(conn, rec);
		break;
	case TQUIC_SENT_CRYPTO:
		tquic_sendq_acked(&conn->crypto[rec->arg].tx, rec->off,
				  rec->len, TQUIC_CONN_GFP);
		break;
	case TQUIC_SENT_ACK:
		about = tquic_conn_ack_space(conn, space, rec->arg);
		mark.end = rec->off;
		mark.serial = (uintptr_t)rec->ptr;
		if (about)
			tquic_ackq_acked(&about->ackq, &mark);
		break;
	case TQUIC_SENT_CTL:
		tquic_conn_ctl_acked(conn, rec);
		break;
	case TQUIC_SENT_DGRAM:
		tquic_dgram_acked(conn, rec, late);
		break;
	case TQUIC_SENT_PROBE:
		break;
	}
}

static void tquic_conn_rec_lost(struct tquic_space *space,
				const struct tquic_sent_rec *rec)
{
	struct tquic_conn *conn = space->conn;

	switch ((enum tquic_sent_kind)rec->kind) {
	case TQUIC_SENT_STREAM:
		tquic_conn_stream_lost(conn, rec);
		break;
	case TQUIC_SENT_CRYPTO:
		tquic_sendq_lost(&conn->crypto[rec->arg].tx, rec->off,
				 rec->len, TQUIC_CONN_GFP);
		break;
	case TQUIC_SENT_CTL:
		tquic_conn_ctl_lost(conn, rec);
		break;
	case TQUIC_SENT_DGRAM:
		tquic_dgram_offered(conn, space->path, rec);
		break;
	case TQUIC_SENT_ACK:
	case TQUIC_SENT_PROBE:
		break;
	}
}

/* Others may send what a packet carries, and maybe will. */
void tquic_conn_offer_pkt(struct tquic_space *space,
			  const struct tquic_sent_pkt *pkt)
{
	unsigned int i;

	for (i = 0; i < pkt->nrecs; i++)
		tquic_conn_rec_lost(space, &tquic_sent_recs(pkt)[i]);
}

static void tquic_conn_on_acked(void *owner, u64 pn,
				const struct tquic_sent_pkt *pkt)
{
	struct tquic_space *space = owner;
	unsigned int i;

	for (i = 0; i < pkt->nrecs; i++)
		tquic_conn_rec_acked(space, &tquic_sent_recs(pkt)[i], false);
	if (pkt->flags & TQUIC_SENT_IN_FLIGHT)
		space->path->in_flight -= pkt->size;
	tquic_conn_mtu_acked(space->path, pkt);
}

static void tquic_conn_on_lost(void *owner, u64 pn,
			       const struct tquic_sent_pkt *pkt)
{
	struct tquic_space *space = owner;
	unsigned int i;

	for (i = 0; i < pkt->nrecs; i++)
		if (tquic_sent_recs(pkt)[i].kind == TQUIC_SENT_DGRAM)
			tquic_dgram_lost(space->conn, space->path,
					 &tquic_sent_recs(pkt)[i]);
		else
			tquic_conn_rec_lost(space, &tquic_sent_recs(pkt)[i]);
	if (pkt->flags & TQUIC_SENT_IN_FLIGHT)
		space->path->in_flight -= pkt->size;
	space->path->lost_packets++;
	tquic_conn_mtu_lost(space->path, pkt);
}

/* It arrived after all: what is queued to be sent again need not be. */
static void tquic_conn_on_late(void *owner, u64 pn,
			       const struct tquic_sent_pkt *pkt)
{
	struct tquic_space *space = owner;
	unsigned int i;

	for (i = 0; i < pkt->nrecs; i++)
		tquic_conn_rec_acked(space, &tquic_sent_recs(pkt)[i], true);
}

/* A packet is forgotten: it holds no stream, no datagram any more. */
static void tquic_conn_on_gone(void *owner, const struct tquic_sent_pkt *pkt)
{
	const struct tquic_sent_rec *rec = tquic_sent_recs(pkt);
	struct tquic_stream *s;
	unsigned int i;

	for (i = 0; i < pkt->nrecs; i++) {
		if (rec[i].kind == TQUIC_SENT_DGRAM)
			tquic_dgram_gone(((struct tquic_space *)owner)->conn,
					 &rec[i]);
		if (rec[i].kind != TQUIC_SENT_STREAM &&
		    (rec[i].kind != TQUIC_SENT_CTL ||
		     rec[i].arg != TQUIC_CTL_STREAM))
			continue;
		s = rec[i].ptr;
		s->refs--;
		/* the set frees it when it is next looked at */
		if (!s->refs && s->released)
			tquic_streams_tell(&((struct tquic_space *)owner)->conn
					   ->streams, s,
					   TQUIC_STREAM_N_WRITABLE);
	}
}

const struct tquic_loss_ops tquic_conn_loss_ops = {
	.acked = tquic_conn_on_acked,
	.lost = tquic_conn_on_lost,
	.late = tquic_conn_on_late,
	.gone = tquic_conn_on_gone,
};

/**
 * tquic_conn_offer - let other paths send what is outstanding on this one
 * @path: path that went silent or is given up
 *
 * Nothing is declared lost by it: whichever copy arrives first counts.  What
 * was offered before is a matter of whoever took it.
 */
void tquic_conn_offer(struct tquic_path *path)
{
	struct tquic_sent *sent = &path->space.loss.sent;
	u64 pn;

	for (pn = tquic_sent_next_outstanding(sent, path->offered);
	     pn != TQUIC_SENT_NONE;
	     pn = tquic_sent_next_outstanding(sent, pn + 1))
		tquic_conn_offer_pkt(&path->space, tquic_sent_get(sent, pn));
	path->offered = sent->next;
}

/* Tells congestion control what was lost. */
static void tquic_conn_congestion(struct tquic_path *path,
				  const struct tquic_loss_lost *lost,
				  tquic_time_t now)
{
	struct tquic_cc *cc = path->cc;
	struct tquic_cc_loss loss = {
		.now = now,
		.bytes = lost->bytes,
		.largest_sent = lost->largest_sent,
		.in_flight = path->in_flight,
		.tx_in_flight = lost->tx_in_flight,
		.lost_since_tx = path->rate.lost - lost->lost_at_tx,
		.delivered = path->rate.delivered,
		.ranges = lost->ranges,
		.app_limited = lost->app_limited,
	};

	if (lost->congestion)
		cc->ops->on_loss(cc, &loss);
	if (!lost->persistent)
		return;
	cc->ops->on_persistent(cc, now);
	tquic_rtt_restart(&path->rtt);
}

/* Losses by threshold: after an acknowledgment, and when the timer says so. */
void tquic_conn_detect(struct tquic_conn *conn, struct tquic_space *space,
		       tquic_time_t now)
{
	struct tquic_path *path = space->path;
	struct tquic_loss_lost lost;

	tquic_loss_detect(&space->loss, &path->rtt, &path->rate, now,
			  tquic_conn_ack_delay(conn), &lost);
	if (!lost.packets)
		return;
	tquic_ecn_lost(&path->ecn, lost.ect);
	tquic_conn_congestion(path, &lost, now);
}

static void tquic_conn_rtt(struct tquic_conn *conn, struct tquic_space *space,
			   const struct tquic_frame *f, u64 sample,
			   tquic_time_t now)
{
	unsigned int exponent = conn->theirs.ack_delay_exponent;
	u64 delay = 0;

	if (space->type == TQUIC_PKT_1RTT)
		delay = tquic_frame_ack_delay_decode(f->ack.delay, exponent);
	if (conn->confirmed)
		delay = min(delay, tquic_conn_ack_delay(conn));
	tquic_rtt_sample(&space->path->rtt, now, sample, delay);
}

/* Returns how many marks are news. */
static u64 tquic_conn_ecn(struct tquic_space *space,
			  const struct tquic_frame *f,
			  const struct tquic_loss_ack *ack)
{
	struct tquic_path *path = space->path;
	struct tquic_ecn_counts counts = {
		.ect0 = f->ack.ect0,
		.ect1 = f->ack.ect1,
		.ce = f->ack.ce,
	};
	u64 ce;

	/* the early spaces are too short-lived to judge a path by */
	if (space->type != TQUIC_PKT_1RTT || !ack->advanced)
		return 0;
	ce = tquic_ecn_ack(&path->ecn, ack->ect,
			   tquic_frame_ack_has_ecn(f) ? &counts : NULL);
	if (ce)
		path->cc->ops->on_ecn(path->cc, ack->now, ack->newest_time);
	return ce;
}

static void tquic_conn_acked(struct tquic_path *path,
			     const struct tquic_loss_ack *ack, u64 sample,
			     u64 prior_in_flight, u64 lost, u64 ce)
{
	struct tquic_cc_sample s = {
		.now = ack->now,
		.acked_bytes = ack->bytes,
		.lost_bytes = lost,
		.prior_in_flight = prior_in_flight,
		.in_flight = path->in_flight,
		.largest_acked = ack->newest,
		.largest_acked_sent = ack->newest_time,
		.rtt = sample ? path->rtt.adjusted : 0,
		.owd = path->owd.told,
		.srtt = path->rtt.smoothed,
		.rttvar = path->rtt.var,
		.min_rtt = path->rtt.min,
		.ce_marks = ce,
	};

	path->cc->srtt = path->rtt.smoothed;
	path->cc->min_rtt = path->rtt.min ?: path->rtt.smoothed;
	tquic_rate_sample(&path->rate, &ack->pick, ack->now, path->rtt.min, &s);
	if (ack->bytes)
		path->cc->ops->on_ack(path->cc, &s);
	if (ack->spurious && path->cc->ops->on_spurious)
		path->cc->ops->on_spurious(path->cc, ack->now);
}

/* Pacing: 5/4 of a window per RTT unless the algorithm has its own rate. */
static void tquic_conn_pace(struct tquic_path *path, tquic_time_t now)
{
	u64 rate = path->cc->pacing_rate;

	if (!rate)
		rate = mul_u64_u64_div_u64(path->cc->cwnd,
					   TQUIC_NS_PER_SEC * 5 / 4,
					   max(path->rtt.smoothed, 1ULL));
	tquic_pacer_set_rate(&path->pacer, now, rate);
}

static int tquic_conn_ack_ranges(struct tquic_space *space,
				 const struct tquic_frame *f,
				 struct tquic_loss_ack *ack,
				 struct tquic_close *close)
{
	struct tquic_frame_ack_iter it;
	u64 first, last;

	tquic_frame_ack_first(&it, &f->ack);
	while (tquic_frame_ack_next(&it, &first, &last))
		if (!tquic_loss_ack_range(&space->loss, &space->path->rate,
					  ack, first, last))
			return tquic_close_set(close, TQUIC_PROTOCOL_VIOLATION,
					       f->type,
					       "number was skipped");
	return 0;
}

/*
 * RFC 9002 section 6.2.1: a server may take its time between acknowledging an
 * Initial packet and answering it, and a client that has nothing but that does
 * not know that it may: its probes come ever more rarely.
 */
static void tquic_ack_trust(struct tquic_conn *conn, struct tquic_path *path,
			    const struct tquic_space *space)
{
	u32 backoff = path->pto_count;

	tquic_conn_trust(conn, path);
	if (!conn->server && space->type == TQUIC_PKT_INITIAL)
		path->pto_count = backoff;
}

/**
 * tquic_conn_recv_ack - ACK or PATH_ACK was received
 * @conn: connection
 * @space: space that it is about
 * @via: path that it came on
 * @f: the frame
 * @now: present time
 * @close: filled on a protocol error
 *
 * Return: 0 or -EPROTO.
 */
int tquic_conn_recv_ack(struct tquic_conn *conn, struct tquic_space *space,
			const struct tquic_path *via,
			const struct tquic_frame *f, tquic_time_t now,
			struct tquic_close *close)
{
	struct tquic_path *path = space->path;
	u64 prior = path->in_flight, sample, lost, ce;
	struct tquic_loss_ack ack;

	if (!tquic_loss_ack_begin(&space->loss, &ack, now, f->ack.largest))
		return tquic_close_set(close, TQUIC_PROTOCOL_VIOLATION,
				       f->type, "number was never sent");
	if (tquic_conn_ack_ranges(space, f, &ack, close))
		return -EPROTO;
	sample = tquic_loss_ack_end(&space->loss, &ack);
	if (!ack.packets && !ack.late)
		return 0;
	if (!tquic_conn_reply_via(path, via->id, now))
		sample = 0;
	if (sample)
		tquic_conn_rtt(conn, space, f, sample, now);
	path->owd.told = 0;
	if (ack.newest == f->ack.largest)
		path->owd.told = tquic_conn_owd_sample(conn, path,
						       ack.newest_time, now);
	lost = path->rate.lost;
	tquic_conn_detect(conn, space, now);
	ce = tquic_conn_ecn(space, f, &ack);
	tquic_conn_acked(path, &ack, sample, prior, path->rate.lost - lost,
			 ce);
	tquic_conn_pace(path, now);
	if (ack.packets && space->type == TQUIC_PKT_1RTT)
		tquic_keys_acked(conn, path, ack.newest, now);
	if (ack.packets) {
		tquic_ack_trust(conn, path, space);
		space->probes = 0;
		tquic_conn_reply_heard(path, ack.newest_time);
		tquic_conn_ask(conn, now);
	}
	return 0;
}
