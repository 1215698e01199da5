// SPDX-License-Identifier: GPL-2.0
/*
 * Control frames that are due.
 */
#include "conn_build.h"

static struct tquic_sent_rec tquic_ctl_rec(enum tquic_ctl what, u64 arg,
					   void *ptr)
{
	return (struct tquic_sent_rec){
		.kind = TQUIC_SENT_CTL,
		.arg = what,
		.off = arg,
		.ptr = ptr,
	};
}

static u64 tquic_ctl_pair(u64 path_id, u64 seq)
{
	return path_id << 32 | (u32)seq;
}

static void tquic_ctl_response(struct tquic_build *b)
{
	struct tquic_frame f = { .type = TQUIC_FRAME_PATH_RESPONSE };

	memcpy(f.probe, b->path->response, TQUIC_PATH_PROBE_LEN);
	if (tquic_build_frame(b, &f, NULL))
		b->path->pending &= ~TQUIC_PATH_P_RESPONSE;
}

static void tquic_ctl_challenge(struct tquic_build *b)
{
	struct tquic_path_check *check = &b->path->check;
	struct tquic_frame f = { .type = TQUIC_FRAME_PATH_CHALLENGE };
	u8 data[TQUIC_PATH_PROBE_LEN];

	/* every challenge has bytes of its own: RFC 9000 section 8.2.1 */
	if (b->room < 1 + sizeof(data) ||
	    !tquic_conn_draw(b->conn, data, sizeof(data)))
		return;
	memcpy(f.probe, data, sizeof(data));
	if (!tquic_build_frame(b, &f, NULL))
		return;
	memcpy(check->data, data, sizeof(data));
	check->full = b->built.hdr_len + b->payload + b->room +
		      TQUIC_PKT_TAG_LEN >= TQUIC_DGRAM_MIN;
	tquic_path_check_sent(b->path, b->now);
}

static void tquic_ctl_status(struct tquic_build *b, struct tquic_path *path)
{
	struct tquic_frame f = {
		.type = path->told_backup ?
			TQUIC_FRAME_PATH_STATUS_BACKUP :
			TQUIC_FRAME_PATH_STATUS_AVAILABLE,
		.path_id = path->id,
		.path_status = { .seq = path->status_seq },
	};
	struct tquic_sent_rec rec = tquic_ctl_rec(TQUIC_CTL_STATUS,
			tquic_ctl_pair(path->id, path->status_seq), NULL);

	if (tquic_build_frame(b, &f, &rec))
		path->pending &= ~TQUIC_PATH_P_STATUS;
}

static void tquic_ctl_abandon(struct tquic_build *b, struct tquic_path *path)
{
	struct tquic_frame f = {
		.type = TQUIC_FRAME_PATH_ABANDON,
		.path_id = path->id,
		.path_abandon = { .code = path->abandon_code },
	};
	struct tquic_sent_rec rec = tquic_ctl_rec(TQUIC_CTL_ABANDON, path->id,
						  NULL);

	if (!tquic_build_frame(b, &f, &rec))
		return;
	path->pending &= ~TQUIC_PATH_P_ABANDON;
	path->abandon_sent = true;
	if (path->abandon_recv && path->delete_at == TQUIC_TIME_NEVER)
		path->delete_at = b->now + 3 * tquic_conn_max_pto(b->conn);
}

/**
 * tquic_ctl_path - frames bound to the path of the packet
 * @b: packet
 */
void tquic_ctl_path(struct tquic_build *b)
{
	struct tquic_frame ping = { .type = TQUIC_FRAME_PING };
	struct tquic_path *path = b->path;

	/* what it does not answer may be on its way, and the answer be lost */
	if (tquic_probe_is_lost(&path->probe) && tquic_conn_may_ask(b->conn))
		ping.type = TQUIC_FRAME_IMMEDIATE_ACK;
	if (path->pending & TQUIC_PATH_P_RESPONSE)
		tquic_ctl_response(b);
	if (path->check.due)
		tquic_ctl_challenge(b);
	if (path->pending & (TQUIC_PATH_P_PING | TQUIC_PATH_P_PROBE) &&
	    tquic_build_frame(b, &ping, NULL))
		path->pending &= ~(TQUIC_PATH_P_PING | TQUIC_PATH_P_PROBE);
}

/* What a TQUIC_CONN_C_* bit stands for. */
static void tquic_ctl_frame(const struct tquic_conn *conn, u32 bit,
			    struct tquic_frame *f)
{
	const struct tquic_streams *set = &conn->streams;

	*f = (struct tquic_frame){};
	switch (bit) {
	case TQUIC_CONN_C_DONE:
		f->type = TQUIC_FRAME_HANDSHAKE_DONE;
		break;
	case TQUIC_CONN_C_MAX_DATA:
		f->type = TQUIC_FRAME_MAX_DATA;
		f->max_data.max = conn->rx.limit;
		break;
	case TQUIC_CONN_C_MAX_STREAMS_BIDI:
		f->type = TQUIC_FRAME_MAX_STREAMS_BIDI;
		f->max_streams.max = set->grant[0].limit;
		break;
	case TQUIC_CONN_C_MAX_STREAMS_UNI:
		f->type = TQUIC_FRAME_MAX_STREAMS_UNI;
		f->max_streams.max = set->grant[1].limit;
		break;
	case TQUIC_CONN_C_BLOCKED:
		f->type = TQUIC_FRAME_DATA_BLOCKED;
		f->data_blocked.limit = conn->tx.limit;
		break;
	case TQUIC_CONN_C_BLOCKED_BIDI:
		f->type = TQUIC_FRAME_STREAMS_BLOCKED_BIDI;
		f->streams_blocked.limit = set->open[0].limit;
		break;
	case TQUIC_CONN_C_BLOCKED_UNI:
		f->type = TQUIC_FRAME_STREAMS_BLOCKED_UNI;
		f->streams_blocked.limit = set->open[1].limit;
		break;
	case TQUIC_CONN_C_MAX_PATH_ID:
		f->type = TQUIC_FRAME_MAX_PATH_ID;
		f->path_id = conn->cids.local_max_path;
		break;
	case TQUIC_CONN_C_PATHS_BLOCKED:
		f->type = TQUIC_FRAME_PATHS_BLOCKED;
		f->path_id = conn->cids.peer_max_path;
		break;
	case TQUIC_CONN_C_CIDS_BLOCKED:
		tquic_cid_peer_blocked(&conn->cids, conn->blocked.path_id, f);
		break;
	}
}

/* BLOCKED frames are repeated only while they are true: RFC 9000 13.3. */
static bool tquic_ctl_moot(const struct tquic_conn *conn, u32 bit)
{
	struct tquic_frame f;

	switch (bit) {
	case TQUIC_CONN_C_BLOCKED:
		return tquic_flow_tx_room(&conn->tx);
	case TQUIC_CONN_C_BLOCKED_BIDI:
		return tquic_flow_tx_room(&conn->streams.open[0]);
	case TQUIC_CONN_C_BLOCKED_UNI:
		return tquic_flow_tx_room(&conn->streams.open[1]);
	case TQUIC_CONN_C_PATHS_BLOCKED:
	case TQUIC_CONN_C_MAX_PATH_ID:
		return !conn->multipath;
	case TQUIC_CONN_C_CIDS_BLOCKED:
		return !tquic_cid_peer_blocked(&conn->cids,
					       conn->blocked.path_id, &f);
	default:
		return false;
	}
}

static void tquic_ctl_ask(struct tquic_build *b)
{
	const struct tquic_conn_ask *ask = &b->conn->ask;
	struct tquic_frame f = {
		.type = TQUIC_FRAME_ACK_FREQUENCY,
		.ack_frequency = {
			.seq = ask->seq - 1,
			.threshold = TQUIC_ACKFREQ_MAX - 1,
			.max_delay = div_u64(ask->asked, TQUIC_NS_PER_US),
			.reorder = ask->reorder,
		},
	};
	struct tquic_sent_rec rec = tquic_ctl_rec(TQUIC_CTL_ACK_FREQ, ask->seq,
						  NULL);

	if (tquic_build_frame(b, &f, &rec))
		b->conn->ask.due = false;
}

static void tquic_ctl_bits(struct tquic_build *b)
{
	struct tquic_conn *conn = b->conn;
	struct tquic_sent_rec rec;
	struct tquic_frame f;
	u32 left, bit;

	/* limits go out with their newest values */
	if (conn->control & TQUIC_CONN_C_MAX_DATA)
		tquic_flow_rx_grant(&conn->rx);
	if (conn->control & TQUIC_CONN_C_MAX_STREAMS_BIDI)
		tquic_flow_rx_grant(&conn->streams.grant[0]);
	if (conn->control & TQUIC_CONN_C_MAX_STREAMS_UNI)
		tquic_flow_rx_grant(&conn->streams.grant[1]);
	for (left = conn->control & ~TQUIC_CONN_C_TOKEN; left;
	     left &= left - 1) {
		bit = left & -left;
		if (tquic_ctl_moot(conn, bit)) {
			conn->control &= ~bit;
			continue;
		}
		tquic_ctl_frame(conn, bit, &f);
		rec = tquic_ctl_rec(TQUIC_CTL_CONN, bit, NULL);
		if (tquic_build_frame(b, &f, &rec))
			conn->control &= ~bit;
	}
}

static void tquic_ctl_cids(struct tquic_build *b)
{
	struct tquic_conn *conn = b->conn;
	struct tquic_sent_rec rec;
	struct tquic_frame f;

	while (tquic_cid_local_announce(&conn->cids, conn->multipath, &f)) {
		rec = tquic_ctl_rec(TQUIC_CTL_NEW_CID,
				    tquic_ctl_pair(f.path_id, f.new_cid.seq),
				    NULL);
		if (!tquic_build_frame(b, &f, &rec))
			return;
		tquic_cid_local_sent(&conn->cids, f.path_id, f.new_cid.seq);
	}
	while (tquic_cid_peer_retire_next(&conn->cids, conn->multipath, &f)) {
		rec = tquic_ctl_rec(TQUIC_CTL_RETIRE_CID,
				    tquic_ctl_pair(f.path_id,
						   f.retire_cid.seq), NULL);
		if (!tquic_build_frame(b, &f, &rec))
			return;
		tquic_cid_peer_retire_sent(&conn->cids, f.path_id,
					   f.retire_cid.seq);
	}
}

/**
 * tquic_ctl_conn - frames that may go out on any path
 * @b: packet
 */
void tquic_ctl_conn(struct tquic_build *b)
{
	struct tquic_path *path;

	list_for_each_entry(path, &b->conn->paths, node) {
		if (path->pending & TQUIC_PATH_P_ABANDON)
			tquic_ctl_abandon(b, path);
		if (path->pending & TQUIC_PATH_P_STATUS)
			tquic_ctl_status(b, path);
	}
	if (b->conn->ask.due)
		tquic_ctl_ask(b);
	tquic_ctl_bits(b);
	tquic_ctl_cids(b);
	tquic_ctl_tokens(b);
}

static void tquic_ctl_stream_frame(struct tquic_stream *s, u8 bit,
				   struct tquic_frame *f)
{
	*f = (struct tquic_frame){};
	switch (bit) {
	case TQUIC_STREAM_P_RESET:
		f->type = TQUIC_FRAME_RESET_STREAM;
		f->reset_stream.id = s->id;
		f->reset_stream.code = s->reset_code;
		f->reset_stream.final_size = s->tx.used;
		break;
	case TQUIC_STREAM_P_STOP:
		f->type = TQUIC_FRAME_STOP_SENDING;
		f->stop_sending.id = s->id;
		f->stop_sending.code = s->stop_code;
		break;
	case TQUIC_STREAM_P_MAX_DATA:
		f->type = TQUIC_FRAME_MAX_STREAM_DATA;
		f->max_stream_data.id = s->id;
		f->max_stream_data.max = tquic_flow_rx_grant(&s->rx);
		break;
	default:
		f->type = TQUIC_FRAME_STREAM_DATA_BLOCKED;
		f->stream_data_blocked.id = s->id;
		f->stream_data_blocked.limit = s->tx.limit;
	}
}

/* Frames about one stream; false when the packet is full. */
static bool tquic_ctl_stream(struct tquic_build *b, struct tquic_stream *s)
{
	struct tquic_sent_rec rec;
	struct tquic_frame f;
	u8 left, bit;

	for (left = s->pending; left; left &= left - 1) {
		bit = left & -left;
		tquic_ctl_stream_frame(s, bit, &f);
		rec = tquic_ctl_rec(TQUIC_CTL_STREAM, bit, s);
		if (!tquic_build_frame(b, &f, &rec))
			return false;
		s->refs++;
		s->pending &= ~bit;
	}
	return true;
}

/**
 * tquic_ctl_streams - frames about streams
 * @b: packet
 */
void tquic_ctl_streams(struct tquic_build *b)
{
	struct tquic_stream *s, *next;

	list_for_each_entry_safe(s, next, &b->conn->streams.control, control) {
		if (!tquic_ctl_stream(b, s))
			return;
		list_del_init(&s->control);
	}
}

/* Is there a control frame bound to the path. */
bool tquic_ctl_path_due(const struct tquic_path *path)
{
	/* a PING has to wait for the window, as validation has not */
	return path->pending & (TQUIC_PATH_P_RESPONSE | TQUIC_PATH_P_PROBE) ||
	       path->check.due ||
	       (path->pending & TQUIC_PATH_P_PING && tquic_path_window(path));
}

/* Is there a control frame that any path may carry. */
bool tquic_ctl_conn_due(const struct tquic_conn *conn)
{
	const struct tquic_path *path;

	list_for_each_entry(path, &conn->paths, node)
		if (path->pending & (TQUIC_PATH_P_ABANDON |
				     TQUIC_PATH_P_STATUS))
			return true;
	return conn->control || conn->ask.due ||
	       !list_empty(&conn->streams.control) ||
	       !list_empty(&conn->cids.announce) ||
	       !list_empty(&conn->cids.retire);
}
