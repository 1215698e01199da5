// SPDX-License-Identifier: GPL-2.0
/*
 * Rules of multipath that take two endpoints to show.
 */
#include "core/conn_priv.h"
#include "lib_pair.h"
#include "tap.h"

static struct lp lp;

/* the server sent data on a path that it had not validated */
static bool early_data;

static u32 path_of_dgram(const u8 *data)
{
	unsigned int i;

	for (i = 0; i < lp.end[0].ncids; i++)
		if (lp.end[0].cids[i] &&
		    !memcmp(lp.end[0].cids[i]->cid.id, data + 1, 8))
			return lp.end[0].cids[i]->path_id;
	return U32_MAX;
}

static void look(struct lp *pair, unsigned int from, u8 *data, u32 len)
{
	const struct tquic_path *path;
	struct tquic_frame_ctx ctx = {
		.pkt = TQUIC_PKT_1RTT, .multipath = true,
		.receive_times = true, .ack_frequency = true,
	};
	struct tquic_close close;
	struct tquic_frame f;
	struct tquic_rd rd;
	u32 hdr = 9 + (data[0] & 3) + 1;

	if (!from || data[0] & 0x80)
		return;
	path = tquic_conn_path(pair->end[1].conn, path_of_dgram(data));
	if (!path || path->validated)
		return;
	rd = tquic_rd_init(data + hdr, len - hdr - TQUIC_PKT_TAG_LEN);
	while (tquic_rd_left(&rd) && !tquic_frame_decode(&rd, &f, &ctx, &close))
		early_data |= tquic_frame_is_stream(f.type);
}

static void start(void)
{
	const struct lp_config config = {
		.window = 1 << 20, .max_path_id = 3, .ecn = true,
	};

	early_data = false;
	lp_inject_link = 0;
	lp_start(&lp, &config);
	lp.mangle = look;
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, 100 * LP_MS);
}

static void start_two(void)
{
	start();
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp_run(&lp, 200 * LP_MS);
	TQ_ASSERT(tquic_conn_path(lp.end[1].conn, 1)->validated);
}

TQ_TEST(mp21_4_1_plain_ack_is_about_path_0)
{
	struct tquic_frame ack = { .type = TQUIC_FRAME_ACK };
	struct tquic_path *first, *second;

	start_two();
	first = tquic_conn_path(lp.end[0].conn, 0);
	second = tquic_conn_path(lp.end[0].conn, 1);
	lp.link[0].down = true;
	lp.link[1].down = true;
	first->pending |= TQUIC_PATH_P_PING;
	second->pending |= TQUIC_PATH_P_PING;
	lp_run(&lp, LP_MS);
	TQ_ASSERT(first->space.loss.eliciting && second->space.loss.eliciting);
	/* even when it comes on another path */
	ack.ack.largest = first->space.loss.sent.next - 1;
	lp_inject_link = 1;
	TQ_EXPECT_EQ(lp_inject(&lp, 0, 1, &ack, 1), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(first->space.loss.largest_acked, ack.ack.largest);
	TQ_EXPECT_EQ(first->space.loss.eliciting, 0);
	TQ_EXPECT(second->space.loss.eliciting);
	lp_stop(&lp);
}

TQ_TEST(mp21_3_1_response_on_the_same_path)
{
	struct tquic_frame challenge = {
		.type = TQUIC_FRAME_PATH_CHALLENGE, .probe = "12345678",
	};
	static struct tquic_plan plan;
	struct tquic_conn *conn;
	unsigned int id, i;

	for (id = 0; id < 2; id++) {
		start_two();
		conn = lp.end[1].conn;
		lp_inject_link = id;
		TQ_EXPECT_EQ(lp_inject(&lp, 1, id, &challenge, 1),
			     TQUIC_DROP_NONE);
		TQ_EXPECT(tquic_conn_path(conn, id)->pending &
			  TQUIC_PATH_P_RESPONSE);
		TQ_EXPECT(!(tquic_conn_path(conn, !id)->pending &
			    TQUIC_PATH_P_RESPONSE));
		for (i = 0; i < 3; i++) {
			if (!(tquic_conn_path(conn, id)->pending &
			      TQUIC_PATH_P_RESPONSE))
				break;
			TQ_ASSERT(tquic_conn_plan(conn, lp.now, &plan,
						  GFP_KERNEL));
		}
		TQ_EXPECT_EQ(plan.path_id, id);
		TQ_EXPECT(plan.bytes >= 1200);
		lp_stop(&lp);
	}
}

TQ_TEST(mp21_3_1_server_validates_before_data)
{
	const struct tquic_path *path;

	start();
	lp_send(&lp, 1, 4 << 20, true);
	lp_run(&lp, 100 * LP_MS);
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	/* the server hears of the path, its challenge is still on its way */
	lp_run(&lp, 15 * LP_MS);
	path = tquic_conn_path(lp.end[1].conn, 1);
	TQ_ASSERT(path && !path->validated);
	lp_run(&lp, TQUIC_NS_PER_SEC);
	TQ_EXPECT(path->validated);
	TQ_EXPECT(!early_data);
	/* and data went there afterwards */
	TQ_EXPECT(path->sent_bytes > 100000);
	lp_stop(&lp);
}

TQ_TEST(trap_05_abandoned_path_loses_no_byte)
{
	struct tquic_path *path;

	start_two();
	lp_send(&lp, 0, 3 << 20, true);
	lp_run(&lp, 500 * LP_MS);
	path = tquic_conn_path(lp.end[0].conn, 1);
	lp.link[1].down = true;
	lp_run(&lp, 5 * LP_MS);
	TQ_ASSERT(path->in_flight);
	TQ_EXPECT_EQ(tquic_conn_abandon_path(lp.end[0].conn, 1, 0, lp.now,
					     GFP_KERNEL), 0);
	lp_run(&lp, 6 * TQUIC_NS_PER_SEC);
	TQ_EXPECT(!tquic_conn_path(lp.end[0].conn, 1));
	TQ_EXPECT_EQ(lp.end[1].received, 3 << 20);
	TQ_EXPECT(!lp.end[1].bad);
	lp_stop(&lp);
}

TQ_TEST(mp21_4_3_status_numbers_grow)
{
	struct tquic_path *path;
	u64 seq;
	unsigned int i;

	start_two();
	path = tquic_conn_path(lp.end[0].conn, 1);
	seq = path->status_seq;
	/* of both types alike */
	for (i = 0; i < 4; i++) {
		TQ_EXPECT_EQ(tquic_conn_set_backup(lp.end[0].conn, 1, !(i & 1)),
			     0);
		TQ_EXPECT_EQ(path->status_seq, ++seq);
		lp_run(&lp, 50 * LP_MS);
		TQ_EXPECT_EQ(tquic_conn_path(lp.end[1].conn, 1)->peer_backup,
			     !(i & 1));
	}
	lp_stop(&lp);
}

TQ_TEST(rfc9000_13_4_2_1_reordered_acks_do_not_fail)
{
	struct tquic_frame ack = { .type = TQUIC_FRAME_PATH_ACK_ECN };
	struct tquic_path *path;

	start();
	lp_send(&lp, 0, 200000, true);
	lp_run(&lp, 500 * LP_MS);
	path = tquic_conn_path(lp.end[0].conn, 0);
	TQ_ASSERT_EQ(path->ecn.state, TQUIC_ECN_CAPABLE);
	/* an old one, with counts that fall behind */
	ack.ack.largest = path->space.loss.largest_acked - 5;
	TQ_EXPECT_EQ(lp_inject(&lp, 0, 0, &ack, 1), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(path->ecn.state, TQUIC_ECN_CAPABLE);
	/* the newest one with the same counts is a lie */
	lp.link[0].down = true;
	path->pending |= TQUIC_PATH_P_PING;
	lp_run(&lp, LP_MS);
	ack.ack.largest = path->space.loss.sent.next - 1;
	TQ_EXPECT_EQ(lp_inject(&lp, 0, 0, &ack, 1), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(path->ecn.state, TQUIC_ECN_FAILED);
	lp_stop(&lp);
}

TQ_TEST(mp21_3_4_last_path_abandoned_by_the_peer_closes)
{
	struct tquic_frame f = {
		.type = TQUIC_FRAME_PATH_ABANDON,
		.path_abandon = { .code = TQUIC_APPLICATION_ABANDON_PATH },
	};
	struct tquic_conn *conn;

	start_two();
	conn = lp.end[1].conn;
	f.path_id = 1;
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, &f, 1), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(conn->state, TQUIC_CONN_ESTABLISHED);
	TQ_EXPECT_EQ(tquic_conn_path(conn, 1)->state, TQUIC_PATH_CLOSING);
	/* nothing that the peer issued for it can be sent with any more */
	TQ_EXPECT(tquic_cid_path_find(&conn->cids, 1)->abandoned);
	TQ_EXPECT(!tquic_cid_peer_take(&conn->cids, 1));
	TQ_EXPECT(!tquic_conn_path(conn, 1)->has_dcid);
	f.path_id = 0;
	lp_inject(&lp, 1, 0, &f, 1);
	TQ_EXPECT_EQ(conn->state, TQUIC_CONN_CLOSING);
	TQ_EXPECT_EQ(conn->close.code, TQUIC_NO_VIABLE_PATH);
	lp_stop(&lp);
}

/* where its own path does not carry them, by the fastest of the others */
TQ_TEST(mp21_4_1_acks_take_the_fastest_other_way)
{
	struct tquic_path *path[3];
	struct tquic_conn *conn;
	unsigned int i;

	start();
	lp.link[1].delay = 60 * LP_MS;
	lp.link[2].delay = 30 * LP_MS;
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	TQ_ASSERT_EQ(lp_open(&lp, 2), 2);
	lp_run(&lp, TQUIC_NS_PER_SEC);
	conn = lp.end[1].conn;
	for (i = 0; i < 3; i++)
		path[i] = tquic_conn_path(conn, i);
	TQ_EXPECT(path[2]->rtt.smoothed < path[1]->rtt.smoothed);
	path[0]->suspect = true;
	TQ_EXPECT(tquic_conn_ack_path(conn, path[0]) == path[2]);
	path[1]->rtt.smoothed = path[2]->rtt.smoothed - 1;
	TQ_EXPECT(tquic_conn_ack_path(conn, path[0]) == path[1]);
	path[0]->suspect = false;
	lp_stop(&lp);
}

TQ_TEST(conn_counts_what_each_path_carried)
{
	unsigned int who, id;

	start_two();
	lp.link[0].queue = 1 << 20;
	lp.link[1].queue = 1 << 20;
	lp_send(&lp, 0, 1 << 20, false);
	lp_send(&lp, 1, 1 << 20, false);
	lp_run(&lp, 5 * TQUIC_NS_PER_SEC);
	for (who = 0; who < 2; who++)
		for (id = 0; id < 2; id++) {
			tq_note("end %u path %u", who, id);
			TQ_EXPECT_EQ(tquic_conn_path(lp.end[who].conn,
						     id)->recv_bytes,
				     lp.link[id].carried[!who]);
			TQ_EXPECT_EQ(tquic_conn_path(lp.end[who].conn,
						     id)->sent_bytes,
				     lp.link[id].carried[who]);
		}
	lp_stop(&lp);
}

/* what the peer acknowledged is not told again, whatever is lost later */
TQ_TEST(rfc9000_13_3_acknowledged_connection_ids_are_known)
{
	const struct tquic_cid_local *cid;
	unsigned int who, i;

	start_two();
	lp_run(&lp, TQUIC_NS_PER_SEC);
	for (who = 0; who < 2; who++) {
		TQ_EXPECT(lp.end[who].ncids > 2);
		for (i = 0; i < lp.end[who].ncids; i++) {
			cid = lp.end[who].cids[i];
			TQ_EXPECT(!cid || cid->known);
		}
	}
	lp_stop(&lp);
}
