// SPDX-License-Identifier: GPL-2.0
/* A peer that breaks the rules, and rules that are rarely needed. */
#include "core/conn_priv.h"
#include "lib_pair.h"
#include "tap.h"

static struct lp lp;

static void start(u64 max_path_id, u64 window)
{
	struct lp_config config = {
		.window = window, .max_path_id = max_path_id,
	};

	lp_inject_link = 0;
	lp_start(&lp, &config);
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, 100 * LP_MS);
}

/* A frame that must close the server's connection with a code. */
static void closes(const struct tquic_frame *f, u64 code)
{
	const struct tquic_conn *conn;

	start(3, 1 << 20);
	conn = lp.end[1].conn;
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, f, 1), TQUIC_DROP_PROTOCOL);
	TQ_EXPECT_EQ(conn->state, TQUIC_CONN_CLOSING);
	TQ_EXPECT_EQ(conn->close.code, code);
	TQ_EXPECT_EQ(conn->close.frame_type, f->type);
	/* the peer learns of it, and only of that */
	lp_run(&lp, 20 * LP_MS);
	TQ_EXPECT_EQ(lp.end[0].conn->state, TQUIC_CONN_DRAINING);
	TQ_EXPECT_EQ(lp.end[0].conn->remote_close.code, code);
	TQ_EXPECT(!lp.end[0].conn->remote_app);
	TQ_EXPECT(lp.end[0].conn->events & TQUIC_CONN_E_CLOSED);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_13_1_ack_of_unsent_closes)
{
	struct tquic_frame f = {
		.type = TQUIC_FRAME_PATH_ACK, .ack = { .largest = 5000 },
	};

	closes(&f, TQUIC_PROTOCOL_VIOLATION);
	f.type = TQUIC_FRAME_ACK;
	closes(&f, TQUIC_PROTOCOL_VIOLATION);
}

TQ_TEST(mp21_4_1_ack_for_a_path_never_used_closes)
{
	struct tquic_frame f = { .type = TQUIC_FRAME_PATH_ACK, .path_id = 2 };

	closes(&f, TQUIC_PROTOCOL_VIOLATION);
	f.path_id = 4;
	closes(&f, TQUIC_PROTOCOL_VIOLATION);
}

TQ_TEST(rfc9000_7_5_crypto_too_far_ahead_closes)
{
	static const u8 byte[1];
	struct tquic_frame f = {
		.type = TQUIC_FRAME_CRYPTO, .data = byte, .len = 1,
		.crypto = { .offset = TQUIC_CONN_CRYPTO_MAX },
	};

	closes(&f, TQUIC_CRYPTO_BUFFER_EXCEEDED);
}

TQ_TEST(rfc9000_4_1_beyond_the_connections_limit_closes)
{
	static const u8 byte[1];
	struct tquic_frame f = {
		.type = TQUIC_FRAME_STREAM | TQUIC_FRAME_STREAM_OFF |
			TQUIC_FRAME_STREAM_LEN,
		.data = byte, .len = 1,
		.stream = { .id = 0, .offset = (1 << 20) - 1 },
	};
	const struct tquic_conn *conn;

	start(3, 1 << 20);
	conn = lp.end[1].conn;
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, &f, 1), TQUIC_DROP_NONE);
	f.stream.id = 4;
	f.stream.offset = 0;
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, &f, 1), TQUIC_DROP_PROTOCOL);
	TQ_EXPECT_EQ(conn->close.code, TQUIC_FLOW_CONTROL_ERROR);
	lp_stop(&lp);

	/* a reset counts up to its final size as well */
	start(3, 1 << 20);
	f.stream.id = 0;
	f.stream.offset = (1 << 20) - 1;
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, &f, 1), TQUIC_DROP_NONE);
	f = (struct tquic_frame){ .type = TQUIC_FRAME_RESET_STREAM };
	f.reset_stream.id = 4;
	f.reset_stream.final_size = 1;
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, &f, 1), TQUIC_DROP_PROTOCOL);
	TQ_EXPECT_EQ(lp.end[1].conn->close.code, TQUIC_FLOW_CONTROL_ERROR);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_19_frames_for_wrong_streams_close)
{
	static const u8 byte[1];
	struct tquic_frame f = {
		.type = TQUIC_FRAME_STREAM | TQUIC_FRAME_STREAM_LEN,
		.data = byte, .len = 1, .stream = { .id = 1 },
	};

	closes(&f, TQUIC_STREAM_STATE_ERROR);
	f = (struct tquic_frame){ .type = TQUIC_FRAME_RESET_STREAM };
	f.reset_stream.id = 3;
	closes(&f, TQUIC_STREAM_STATE_ERROR);
	f = (struct tquic_frame){ .type = TQUIC_FRAME_STOP_SENDING };
	f.stop_sending.id = 2;
	closes(&f, TQUIC_STREAM_STATE_ERROR);
	f = (struct tquic_frame){ .type = TQUIC_FRAME_MAX_STREAM_DATA };
	f.max_stream_data.id = 1;
	closes(&f, TQUIC_STREAM_STATE_ERROR);
	f = (struct tquic_frame){ .type = TQUIC_FRAME_STREAM_DATA_BLOCKED };
	f.stream_data_blocked.id = 4000;
	closes(&f, TQUIC_STREAM_LIMIT_ERROR);
}

TQ_TEST(mp21_path_frames_above_the_limit_close)
{
	static const u16 types[] = {
		TQUIC_FRAME_PATH_ABANDON, TQUIC_FRAME_PATH_STATUS_BACKUP,
		TQUIC_FRAME_PATH_RETIRE_CONNECTION_ID,
		TQUIC_FRAME_PATHS_BLOCKED, TQUIC_FRAME_PATH_CIDS_BLOCKED,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		struct tquic_frame f = { .type = types[i], .path_id = 4 };

		tq_note("type %x", types[i]);
		closes(&f, TQUIC_PROTOCOL_VIOLATION);
	}
}

TQ_TEST(mp21_4_6_max_path_id_below_the_parameter_closes)
{
	struct tquic_frame f = {
		.type = TQUIC_FRAME_MAX_PATH_ID, .path_id = 2,
	};

	closes(&f, TQUIC_PROTOCOL_VIOLATION);
}

TQ_TEST(rfc9000_19_16_retirement_of_what_was_not_issued_closes)
{
	struct tquic_frame f = {
		.type = TQUIC_FRAME_RETIRE_CONNECTION_ID,
		.retire_cid = { .seq = 99 },
	};

	closes(&f, TQUIC_PROTOCOL_VIOLATION);
}

TQ_TEST(rfc9000_12_4_undecodable_frame_closes)
{
	struct tquic_frame f = { .type = TQUIC_FRAME_HANDSHAKE_DONE };

	/* only a server sends it */
	closes(&f, TQUIC_PROTOCOL_VIOLATION);
}

TQ_TEST(conn_drops_what_it_cannot_use)
{
	struct tquic_frame ping = { .type = TQUIC_FRAME_PING };
	struct tquic_rx rx = { .type = TQUIC_PKT_HANDSHAKE };
	struct tquic_tuple tuple;
	struct tquic_cid scid = { .len = 3 };
	static const u8 payload[1] = { TQUIC_FRAME_PING };

	start(3, 1 << 20);
	/* keys that are gone, paths that do not exist */
	lp_tuple(&lp, 0, 0, &tuple);
	rx.now = lp.now;
	rx.tuple = &tuple;
	rx.version = TQUIC_VERSION_1;
	rx.payload = payload;
	rx.len = 1;
	TQ_EXPECT_EQ(tquic_conn_recv(lp.end[0].conn, &rx, GFP_KERNEL),
		     TQUIC_DROP_SPACE);
	rx.scid = &scid;
	TQ_EXPECT_EQ(tquic_conn_recv(lp.end[0].conn, &rx, GFP_KERNEL),
		     TQUIC_DROP_SCID);
	TQ_EXPECT_EQ(lp_inject(&lp, 0, 9, &ping, 1), TQUIC_DROP_PATH);
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 9, &ping, 1), TQUIC_DROP_PATH);
	/* a client knows where its server is */
	lp_inject_link = 2;
	TQ_EXPECT_EQ(lp_inject(&lp, 0, 0, &ping, 1), TQUIC_DROP_ADDRESS);
	lp_inject_link = 0;
	/* the same number twice */
	rx.type = TQUIC_PKT_1RTT;
	rx.scid = NULL;
	rx.pn = 1000;
	TQ_EXPECT_EQ(tquic_conn_recv(lp.end[0].conn, &rx, GFP_KERNEL),
		     TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(tquic_conn_recv(lp.end[0].conn, &rx, GFP_KERNEL),
		     TQUIC_DROP_DUPLICATE);
	lp_stop(&lp);
}

/* RFC 9000 section 10.2.1: ever fewer answers to a peer that goes on */
TQ_TEST(rfc9000_10_2_1_closing_answers_rarely)
{
	struct tquic_frame ping = { .type = TQUIC_FRAME_PING };
	static struct tquic_plan plan;
	unsigned int i, answers = 0;

	start(3, 1 << 20);
	tquic_conn_close(lp.end[1].conn, 7, true, NULL, lp.now);
	TQ_EXPECT(tquic_conn_plan(lp.end[1].conn, lp.now, &plan, GFP_KERNEL));
	for (i = 0; i < 100; i++) {
		TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, &ping, 1),
			     TQUIC_DROP_CLOSED);
		if (tquic_conn_plan(lp.end[1].conn, lp.now, &plan,
				    GFP_KERNEL)) {
			TQ_EXPECT_EQ(plan.npkts, 1);
			answers++;
		}
	}
	TQ_EXPECT_EQ(answers, 7);
	/* nothing changes it any more */
	tquic_conn_close(lp.end[1].conn, 8, true, NULL, lp.now);
	TQ_EXPECT_EQ(lp.end[1].conn->close.code, 7);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_10_2_2_draining_says_nothing)
{
	struct tquic_frame close = { .type = TQUIC_FRAME_CONNECTION_CLOSE };
	static struct tquic_plan plan;

	start(3, 1 << 20);
	close.close.code = TQUIC_INTERNAL_ERROR;
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, &close, 1), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(lp.end[1].conn->state, TQUIC_CONN_DRAINING);
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, &close, 1), TQUIC_DROP_CLOSED);
	TQ_EXPECT(!tquic_conn_plan(lp.end[1].conn, lp.now, &plan, GFP_KERNEL));
	TQ_EXPECT_EQ(tquic_conn_deadline(lp.end[1].conn, lp.now),
		     lp.end[1].conn->close_at);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_10_2_3_close_during_the_handshake)
{
	struct lp_config config = { .window = 1000, .max_path_id = U64_MAX };
	static struct tquic_plan plan;

	lp_start(&lp, &config);
	tquic_conn_close(lp.end[0].conn, 99, true, "secret", lp.now);
	TQ_EXPECT(tquic_conn_plan(lp.end[0].conn, lp.now, &plan, GFP_KERNEL));
	TQ_EXPECT_EQ(plan.npkts, 1);
	TQ_EXPECT_EQ(plan.pkts[0].type, TQUIC_PKT_INITIAL);
	TQ_EXPECT_EQ(plan.bytes, 1200);
	/* the application's code and words are for an authenticated peer */
	TQ_EXPECT_EQ(plan.arena[plan.segs[0].pos],
		     TQUIC_FRAME_CONNECTION_CLOSE);
	TQ_EXPECT_EQ(plan.arena[plan.segs[0].pos + 1], TQUIC_APPLICATION_ERROR);
	lp_stop(&lp);
}

TQ_TEST(rfc9001_6_peer_updates_keys)
{
	struct tquic_frame ping = { .type = TQUIC_FRAME_PING };
	struct tquic_conn *conn;

	start(3, 1 << 20);
	conn = lp.end[1].conn;
	lp_next_keys = true;
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, &ping, 1), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(conn->keys.tx, 1);
	TQ_EXPECT(!conn->keys.acked);
	TQ_EXPECT(conn->events & TQUIC_CONN_E_PHASE);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_3_reset_and_stop_cross_the_wire)
{
	struct tquic_stream *s, *peer;

	start(3, 1 << 20);
	lp.end[1].greedy = false;
	s = lp_send(&lp, 0, 400000, false);
	lp_run(&lp, 100 * LP_MS);
	peer = tquic_streams_find(&lp.end[1].conn->streams, s->id);
	TQ_ASSERT(peer);
	tquic_conn_stop(lp.end[1].conn, peer, 5, lp.now);
	lp_run(&lp, 200 * LP_MS);
	TQ_EXPECT_EQ(s->send, TQUIC_STREAM_S_RESET_RECVD);
	TQ_EXPECT_EQ(s->reset_code, 5);
	TQ_EXPECT_EQ(peer->recv, TQUIC_STREAM_R_RESET_RECVD);
	TQ_EXPECT_EQ(peer->peer_code, 5);
	/* the credit of what nobody read is free again */
	TQ_EXPECT_EQ(lp.end[1].conn->rx.consumed, lp.end[1].conn->rx.received);

	s = lp_send(&lp, 0, 300000, false);
	lp_run(&lp, 50 * LP_MS);
	tquic_conn_reset(lp.end[0].conn, s, 6);
	lp_run(&lp, 200 * LP_MS);
	peer = tquic_streams_find(&lp.end[1].conn->streams, s->id);
	TQ_ASSERT(peer);
	TQ_EXPECT_EQ(peer->recv, TQUIC_STREAM_R_RESET_RECVD);
	TQ_EXPECT_EQ(peer->peer_code, 6);
	TQ_EXPECT_EQ(s->send, TQUIC_STREAM_S_RESET_RECVD);
	lp_stop(&lp);
}

/* each repeated frame is lost now and then, and sent again */
TQ_TEST(rfc9000_13_3_control_frames_survive_loss)
{
	struct tquic_stream *s, *peer;
	unsigned int round;

	for (round = 0; round < 15; round++) {
		tq_note("round %u", round);
		start(3, 30000);
		lp.link[0].loss = 250;
		lp.end[1].greedy = false;
		s = lp_send(&lp, 0, 40000, false);
		lp_run(&lp, 3 * TQUIC_NS_PER_SEC);
		peer = tquic_streams_find(&lp.end[1].conn->streams, s->id);
		TQ_ASSERT(peer);
		tquic_conn_stop(lp.end[1].conn, peer, 5, lp.now);
		tquic_conn_set_backup(lp.end[0].conn, 0, true);
		lp_run(&lp, 20 * TQUIC_NS_PER_SEC);
		TQ_EXPECT_EQ(s->send, TQUIC_STREAM_S_RESET_RECVD);
		TQ_EXPECT_EQ(peer->recv, TQUIC_STREAM_R_RESET_RECVD);
		TQ_EXPECT(tquic_conn_path(lp.end[1].conn, 0)->peer_backup);
		/* all that is owed has been told */
		TQ_EXPECT_EQ(lp.end[0].conn->control, 0);
		TQ_EXPECT_EQ(lp.end[1].conn->control, 0);
		TQ_EXPECT(list_empty(&lp.end[1].conn->cids.announce));
		lp_stop(&lp);
	}
}

TQ_TEST(rfc9000_4_1_blocked_senders_say_so)
{
	struct tquic_stream *s;
	unsigned int i;

	start(U64_MAX, 5000);
	lp.end[1].greedy = false;
	s = lp_send(&lp, 0, 20000, true);
	lp_run(&lp, 300 * LP_MS);
	TQ_EXPECT_EQ(s->tx.used, 5000);
	TQ_EXPECT_EQ(s->tx.told, 5000);
	lp_send(&lp, 0, 100, true);
	lp_run(&lp, 300 * LP_MS);
	TQ_EXPECT_EQ(lp.end[0].conn->tx.told, 5000);
	for (i = 0; i < 98; i++)
		TQ_EXPECT(tquic_conn_open(lp.end[0].conn, false, lp.now,
					  GFP_KERNEL));
	TQ_EXPECT(!tquic_conn_open(lp.end[0].conn, false, lp.now, GFP_KERNEL));
	TQ_EXPECT(lp.end[0].conn->control & TQUIC_CONN_C_BLOCKED_BIDI);
	for (i = 0; i < 100; i++)
		tquic_conn_open(lp.end[0].conn, true, lp.now, GFP_KERNEL);
	TQ_EXPECT(!tquic_conn_open(lp.end[0].conn, true, lp.now, GFP_KERNEL));
	TQ_EXPECT(lp.end[0].conn->control & TQUIC_CONN_C_BLOCKED_UNI);
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT_EQ(lp.end[0].conn->control, 0);
	lp.end[1].greedy = true;
	lp_run(&lp, TQUIC_NS_PER_SEC);
	TQ_EXPECT_EQ(lp.end[1].received, 20100);
	lp_stop(&lp);
}

TQ_TEST(mp21_3_1_unanswered_path_is_given_up)
{
	start(3, 1 << 20);
	lp.link[1].down = true;
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp_run(&lp, 60 * TQUIC_NS_PER_SEC);
	/* abandoned by challenge, told over the other path, and forgotten */
	TQ_EXPECT_EQ(lp.end[0].conn->npaths, 1);
	TQ_EXPECT_EQ(lp.end[1].conn->npaths, 1);
	TQ_EXPECT_EQ(lp.end[0].conn->state, TQUIC_CONN_CLOSED);
	lp_stop(&lp);
}

TQ_TEST(conn_open_path_says_why_not)
{
	struct tquic_tuple tuple;
	unsigned int i;

	start(U64_MAX, 1000);
	lp_tuple(&lp, 0, 1, &tuple);
	TQ_EXPECT_EQ(tquic_conn_open_path(lp.end[0].conn, &tuple, lp.now,
					  GFP_KERNEL), -EOPNOTSUPP);
	TQ_EXPECT_EQ(tquic_conn_abandon_path(lp.end[0].conn, 0, 0, lp.now,
					     GFP_KERNEL), -EOPNOTSUPP);
	TQ_EXPECT_EQ(tquic_conn_set_backup(lp.end[0].conn, 0, true),
		     -EOPNOTSUPP);
	lp_stop(&lp);

	start(30, 1000);
	TQ_EXPECT_EQ(tquic_conn_open_path(lp.end[1].conn, &tuple, lp.now,
					  GFP_KERNEL), -EOPNOTSUPP);
	TQ_EXPECT_EQ(tquic_conn_abandon_path(lp.end[0].conn, 5, 0, lp.now,
					     GFP_KERNEL), -ENOENT);
	for (i = 1; i < TQUIC_CONN_PATHS_MAX; i++)
		TQ_EXPECT_EQ(lp_open(&lp, 1 + i % 3), (int)i);
	TQ_EXPECT_EQ(lp_open(&lp, 1), -ENOSPC);
	tquic_conn_close(lp.end[0].conn, 0, true, NULL, lp.now);
	TQ_EXPECT_EQ(lp_open(&lp, 1), -ENOTCONN);
	lp_stop(&lp);

	start(1, 1000);
	TQ_EXPECT_EQ(lp_open(&lp, 1), 1);
	TQ_EXPECT_EQ(lp_open(&lp, 2), -EAGAIN);
	TQ_EXPECT(lp.end[0].conn->control & TQUIC_CONN_C_PATHS_BLOCKED);
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT_EQ(lp.end[0].conn->control, 0);
	TQ_EXPECT_EQ(lp.end[1].conn->state, TQUIC_CONN_ESTABLISHED);
	lp_stop(&lp);
}

/* RFC 9000 section 9.3.2: an attacker who repeats a packet from elsewhere */
TQ_TEST(rfc9000_9_3_2_spurious_migration_is_undone)
{
	struct tquic_frame ping = { .type = TQUIC_FRAME_PING };
	struct tquic_path *path;

	start(3, 1 << 20);
	path = tquic_conn_path(lp.end[1].conn, 0);
	lp.link[2].down = true;
	lp_inject_link = 2;
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, &ping, 1), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(path->tuple.remote[15], 12);
	TQ_EXPECT(!path->validated && path->migrating);
	TQ_EXPECT(tquic_path_allowance(path) <= 3600);
	lp_inject_link = 0;
	/* hardly any bytes go to whoever it is, and the path comes back */
	lp_run(&lp, 2 * TQUIC_NS_PER_SEC);
	TQ_EXPECT(path->tx_bytes && path->tx_bytes <= 3600);
	lp_run(&lp, 8 * TQUIC_NS_PER_SEC);
	TQ_EXPECT(path->validated && !path->migrating);
	TQ_EXPECT_EQ(path->tuple.remote[15], 10);
	lp_stop(&lp);
}

/* probing packets do not move a path, nor do old ones */
TQ_TEST(rfc9000_9_1_probing_does_not_migrate)
{
	struct tquic_frame probe = { .type = TQUIC_FRAME_PATH_CHALLENGE };
	struct tquic_path *path;

	start(3, 1 << 20);
	path = tquic_conn_path(lp.end[1].conn, 0);
	lp_inject_link = 2;
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, &probe, 1), TQUIC_DROP_NONE);
	TQ_EXPECT(path->validated);
	TQ_EXPECT_EQ(path->tuple.remote[15], 10);
	lp_stop(&lp);
}

TQ_TEST(mp21_4_3_old_status_is_ignored)
{
	struct tquic_frame f = {
		.type = TQUIC_FRAME_PATH_STATUS_BACKUP,
		.path_status = { .seq = 5 },
	};
	struct tquic_path *path;

	start(3, 1 << 20);
	path = tquic_conn_path(lp.end[1].conn, 0);
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, &f, 1), TQUIC_DROP_NONE);
	TQ_EXPECT(path->peer_backup);
	f.type = TQUIC_FRAME_PATH_STATUS_AVAILABLE;
	f.path_status.seq = 4;
	lp_inject(&lp, 1, 0, &f, 1);
	TQ_EXPECT(path->peer_backup);
	f.path_status.seq = 5;
	lp_inject(&lp, 1, 0, &f, 1);
	TQ_EXPECT(path->peer_backup);
	f.path_status.seq = 6;
	lp_inject(&lp, 1, 0, &f, 1);
	TQ_EXPECT(!path->peer_backup);
	/* for a path that is not there yet: no error, and no memory of it */
	f.path_id = 2;
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, &f, 1), TQUIC_DROP_NONE);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_5_1_2_retired_destination_is_replaced)
{
	static const u8 id[8] = { 9, 9, 9 };
	static const u8 token[TQUIC_RESET_TOKEN_LEN] = { 3 };
	struct tquic_frame f = {
		.type = TQUIC_FRAME_PATH_NEW_CONNECTION_ID,
		.new_cid = {
			.seq = 9, .retire_prior_to = 9, .cid = id,
			.cid_len = 8, .token = token,
		},
	};
	struct tquic_path *path;

	start(3, 1 << 20);
	path = tquic_conn_path(lp.end[1].conn, 0);
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, &f, 1), TQUIC_DROP_NONE);
	TQ_EXPECT(path->has_dcid);
	TQ_EXPECT_EQ(path->dcid_seq, 9);
	TQ_EXPECT_MEM_EQ(path->dcid.id, id, 8);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_8_2_3_stray_path_response_is_ignored)
{
	struct tquic_frame f = { .type = TQUIC_FRAME_PATH_RESPONSE };

	start(3, 1 << 20);
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, &f, 1), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(lp.end[1].conn->state, TQUIC_CONN_ESTABLISHED);
	lp_stop(&lp);
}

TQ_TEST(conn_refuses_bad_parameters)
{
	struct lp_config config = { .window = 1000, .max_path_id = U64_MAX };
	static const u8 bad[] = { 0x03, 0x01, 0x10 };
	struct tquic_conn *conn;

	lp_start(&lp, &config);
	conn = lp.end[1].conn;
	TQ_EXPECT_EQ(tquic_conn_peer_tparams(conn, bad, sizeof(bad), lp.now,
					     GFP_KERNEL), -EPROTO);
	TQ_EXPECT_EQ(conn->state, TQUIC_CONN_CLOSING);
	TQ_EXPECT_EQ(conn->close.code, TQUIC_TRANSPORT_PARAMETER_ERROR);
	TQ_EXPECT_EQ(tquic_conn_key_update(conn, lp.now), -EAGAIN);
	lp_stop(&lp);
}

/* RFC 9000 section 8.1: from elsewhere, and too little to be answered */
TQ_TEST(conn_rests_while_it_may_send_nothing)
{
	struct lp_config config = { .window = 1 << 20, .max_path_id = 3 };

	lp_start(&lp, &config);
	lp.link[0].rebind = 2000;
	/* a deadline that is never dealt with fails the run */
	lp_run(&lp, 10 * TQUIC_NS_PER_SEC);
	TQ_EXPECT_EQ(tquic_conn_first_path(lp.end[1].conn)->tx_bytes, 0);
	TQ_EXPECT_EQ(tquic_conn_first_path(lp.end[1].conn)->pto_count, 0);
	lp_stop(&lp);
}

TQ_TEST(mp21_4_1_acks_go_where_they_can)
{
	struct tquic_path *first, *second;
	struct tquic_conn *conn;

	start(3, 1 << 20);
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp_run(&lp, TQUIC_NS_PER_SEC);
	conn = lp.end[1].conn;
	first = tquic_conn_path(conn, 0);
	second = tquic_conn_path(conn, 1);
	TQ_ASSERT(first && second && second->validated);
	TQ_EXPECT(tquic_conn_ack_path(conn, second) == second);
	second->has_dcid = false;
	TQ_EXPECT(tquic_conn_ack_path(conn, second) == first);
	second->has_dcid = true;
	second->suspect = true;
	TQ_EXPECT(tquic_conn_ack_path(conn, second) == first);
	/* nothing better: the own path, dead or not */
	first->has_dcid = false;
	TQ_EXPECT(tquic_conn_ack_path(conn, second) == second);
	TQ_EXPECT(tquic_conn_ack_path(conn, first) == second);
	second->has_dcid = false;
	TQ_EXPECT(!tquic_conn_ack_path(conn, second));
	first->has_dcid = true;
	second->has_dcid = true;
	lp_stop(&lp);
}

/* what is left of a packet then is an acknowledgment that nobody needs */
TQ_TEST(rfc9002_7_handshake_bytes_wait_for_the_window)
{
	struct lp_config config = { .window = 1 << 20, .max_path_id = 3 };
	static struct tquic_plan plan;
	struct tquic_path *path;
	struct tquic_conn *conn;
	void *buf;

	lp_start(&lp, &config);
	lp_run(&lp, 30 * LP_MS);
	conn = lp.end[0].conn;
	path = tquic_conn_first_path(conn);
	TQ_ASSERT(!conn->confirmed && conn->early[1].live);
	buf = lp_buf_new(3);
	memcpy(lp_buf_data(buf), "F\0\3", 3);
	TQ_EXPECT_EQ(tquic_conn_crypto_write(conn, TQUIC_PKT_HANDSHAKE, buf, 0,
					     3, GFP_KERNEL), 0);
	lp_buf_ops.put(buf);
	path->in_flight += 1 << 20;
	TQ_EXPECT(!tquic_conn_plan(conn, lp.now, &plan, GFP_KERNEL));
	path->in_flight -= 1 << 20;
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT(lp.end[1].conn->confirmed);
	lp_stop(&lp);
}

TQ_TEST(rfc9002_7_ping_waits_for_the_window)
{
	static struct tquic_plan plan;
	struct tquic_path *path;
	struct tquic_conn *conn;

	start(3, 1 << 20);
	lp_run(&lp, TQUIC_NS_PER_SEC);
	conn = lp.end[0].conn;
	path = tquic_conn_first_path(conn);
	path->pending |= TQUIC_PATH_P_PING;
	/* an acknowledgment that is not due yet */
	path->space.ackq.pending = 1;
	path->space.ackq.since = lp.now;
	path->in_flight += 1 << 30;
	TQ_EXPECT(!tquic_conn_plan(conn, lp.now, &plan, GFP_KERNEL));
	path->in_flight -= 1 << 30;
	TQ_EXPECT(tquic_conn_plan(conn, lp.now, &plan, GFP_KERNEL));
	TQ_EXPECT(!(path->pending & TQUIC_PATH_P_PING));
	lp_stop(&lp);
}

/* one side retires whatever the other issues: it costs both, but no more */
TQ_TEST(conn_endless_retirement_is_bounded)
{
	static const u8 id[8] = { 9, 9, 9 };
	static const u8 token[TQUIC_RESET_TOKEN_LEN] = { 3 };
	struct tquic_frame f = {
		.type = TQUIC_FRAME_PATH_NEW_CONNECTION_ID,
		.new_cid = {
			.seq = 1 << 30, .retire_prior_to = 1 << 30, .cid = id,
			.cid_len = 8, .token = token,
		},
	};
	const struct tquic_cid_path *path;
	unsigned int i;

	start(3, 1 << 20);
	/* the frames go by a path that still has good ones */
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, &f, 1), TQUIC_DROP_NONE);
	path = tquic_cid_path_find(&lp.end[0].conn->cids, 0);
	for (i = 0; i < 1000; i++) {
		lp_run(&lp, 10 * LP_MS);
		TQ_ASSERT(path->nr_local + path->nr_expiring <=
			  TQUIC_CID_LOCAL_MAX);
	}
	TQ_EXPECT(path->local_next > LP_CIDS / 2);
	TQ_EXPECT_EQ(lp.end[0].conn->state, TQUIC_CONN_ESTABLISHED);
	TQ_EXPECT_EQ(lp.end[1].conn->state, TQUIC_CONN_ESTABLISHED);
	lp_stop(&lp);
}
