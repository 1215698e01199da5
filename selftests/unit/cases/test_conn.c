// SPDX-License-Identifier: GPL-2.0
#include "cc/algos.h"
#include "lib_pair.h"
#include "tap.h"

static const struct lp_config plain = {
	.window = 1 << 20, .max_path_id = U64_MAX,
};

static const struct lp_config multi = {
	.window = 1 << 20, .max_path_id = 3,
};

TQ_TEST(conn_handshake)
{
	static struct lp lp;
	unsigned int i;

	lp_start(&lp, &plain);
	TQ_ASSERT(lp_handshake(&lp));
	for (i = 0; i < 2; i++) {
		TQ_EXPECT_EQ(lp.end[i].conn->state, TQUIC_CONN_ESTABLISHED);
		TQ_EXPECT(!lp.end[i].conn->early[0].live);
		TQ_EXPECT(!lp.end[i].conn->early[1].live);
		TQ_EXPECT(!lp.end[i].conn->multipath);
		TQ_EXPECT(lp.end[i].conn->dropped_keys &
			  BIT(TQUIC_PKT_INITIAL));
	}
	lp_stop(&lp);
}

TQ_TEST(conn_handshake_with_loss)
{
	static struct lp lp;
	unsigned int i;

	for (i = 0; i < 40; i++) {
		tq_note("round %u", i);
		lp_start(&lp, &plain);
		lp.link[0].loss = 300;
		TQ_EXPECT(lp_handshake(&lp));
		lp_stop(&lp);
	}
}

TQ_TEST(conn_transfer_both_ways)
{
	static struct lp lp;

	lp_start(&lp, &plain);
	TQ_ASSERT(lp_handshake(&lp));
	lp_send(&lp, 0, 3 << 20, true);
	lp_send(&lp, 1, 2 << 20, true);
	lp_run(&lp, 6 * TQUIC_NS_PER_SEC);
	TQ_EXPECT_EQ(lp.end[1].received, 3 << 20);
	TQ_EXPECT_EQ(lp.end[0].received, 2 << 20);
	/* each stream ends both ways */
	TQ_EXPECT_EQ(lp.end[0].ended, 2);
	TQ_EXPECT_EQ(lp.end[1].ended, 2);
	TQ_EXPECT(!lp.end[0].bad && !lp.end[1].bad);
	TQ_EXPECT_EQ(lp.end[0].drops[TQUIC_DROP_PROTOCOL], 0);
	TQ_EXPECT_EQ(lp.end[1].drops[TQUIC_DROP_PROTOCOL], 0);
	lp_stop(&lp);
}

TQ_TEST(conn_transfer_with_loss_loses_nothing)
{
	static struct lp lp;
	unsigned int loss;

	for (loss = 5; loss <= 100; loss *= 4) {
		tq_note("loss %u per thousand", loss);
		lp_start(&lp, &plain);
		lp.link[0].loss = loss;
		TQ_ASSERT(lp_handshake(&lp));
		lp_send(&lp, 0, 1 << 20, true);
		lp_send(&lp, 1, 300000, true);
		lp_run(&lp, 60 * TQUIC_NS_PER_SEC);
		TQ_EXPECT_EQ(lp.end[1].received, 1 << 20);
		TQ_EXPECT_EQ(lp.end[0].received, 300000);
		TQ_EXPECT(!lp.end[0].bad && !lp.end[1].bad);
		TQ_EXPECT_EQ(lp.end[1].ended, 2);
		lp_stop(&lp);
	}
}

TQ_TEST(conn_failed_sends_are_repeated)
{
	static struct lp lp;

	lp_start(&lp, &plain);
	TQ_ASSERT(lp_handshake(&lp));
	lp_send(&lp, 0, 200000, true);
	lp.fail_sends = 20;
	lp_run(&lp, 3 * TQUIC_NS_PER_SEC);
	TQ_EXPECT_EQ(lp.end[1].received, 200000);
	TQ_EXPECT(!lp.end[1].bad);
	lp_stop(&lp);
}

TQ_TEST(conn_fills_the_link)
{
	static struct lp lp;

	lp_start(&lp, &plain);
	TQ_ASSERT(lp_handshake(&lp));
	lp_send(&lp, 0, 20 << 20, true);
	lp_run(&lp, 2 * TQUIC_NS_PER_SEC);
	/* 10 Mb/s for two seconds, less headers and slow start */
	TQ_EXPECT(lp.end[1].received > 2500000 * 90 / 100);
	lp_stop(&lp);
}

TQ_TEST(conn_many_streams)
{
	static struct lp lp;
	unsigned int i, total = 0;

	lp_start(&lp, &plain);
	TQ_ASSERT(lp_handshake(&lp));
	for (i = 0; i < 1000; i++) {
		if (!tquic_flow_tx_room(&lp.end[0].conn->streams.open[0])) {
			lp_run(&lp, 100 * LP_MS);
			TQ_ASSERT(tquic_flow_tx_room(&lp.end[0].conn->streams
						     .open[0]));
		}
		lp_send(&lp, 0, 500, true);
		total += 500;
	}
	lp_run(&lp, 5 * TQUIC_NS_PER_SEC);
	TQ_EXPECT_EQ(lp.end[1].received, total);
	TQ_EXPECT_EQ(lp.end[1].ended, 1000);
	TQ_EXPECT_EQ(lp.end[0].ended, 1000);
	TQ_EXPECT(!lp.end[1].bad);
	TQ_EXPECT_EQ(lp.end[1].conn->streams.count, 0);
	TQ_EXPECT_EQ(lp.end[0].conn->streams.count, 0);
	lp_stop(&lp);
}

TQ_TEST(conn_reader_that_stops_holds_the_sender)
{
	static struct lp lp;
	u64 held;

	lp_start(&lp, &plain);
	TQ_ASSERT(lp_handshake(&lp));
	lp.end[1].greedy = false;
	lp_send(&lp, 0, 4 << 20, true);
	lp_run(&lp, 5 * TQUIC_NS_PER_SEC);
	held = lp.end[0].conn->tx.used;
	TQ_EXPECT_EQ(held, 1 << 20);
	lp.end[1].greedy = true;
	lp_run(&lp, 6 * TQUIC_NS_PER_SEC);
	TQ_EXPECT_EQ(lp.end[1].received, 4 << 20);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_10_1_idle_timeout)
{
	struct lp_config config = plain;
	static struct lp lp;

	config.idle = 2000;
	lp_start(&lp, &config);
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, 1500 * LP_MS);
	TQ_EXPECT_EQ(lp.end[0].conn->state, TQUIC_CONN_ESTABLISHED);
	lp_run(&lp, 2500 * LP_MS);
	TQ_EXPECT_EQ(lp.end[0].conn->state, TQUIC_CONN_CLOSED);
	TQ_EXPECT_EQ(lp.end[1].conn->state, TQUIC_CONN_CLOSED);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_10_2_immediate_close)
{
	static struct lp lp;

	lp_start(&lp, &plain);
	TQ_ASSERT(lp_handshake(&lp));
	tquic_conn_close(lp.end[0].conn, 42, true, "enough", lp.now);
	TQ_EXPECT_EQ(lp.end[0].conn->state, TQUIC_CONN_CLOSING);
	lp_run(&lp, 20 * LP_MS);
	TQ_EXPECT_EQ(lp.end[1].conn->state, TQUIC_CONN_DRAINING);
	TQ_EXPECT_EQ(lp.end[1].conn->remote_close.code, 42);
	TQ_EXPECT(lp.end[1].conn->remote_app);
	lp_run(&lp, 5 * TQUIC_NS_PER_SEC);
	TQ_EXPECT_EQ(lp.end[0].conn->state, TQUIC_CONN_CLOSED);
	TQ_EXPECT_EQ(lp.end[1].conn->state, TQUIC_CONN_CLOSED);
	lp_stop(&lp);
}

TQ_TEST(conn_key_update)
{
	static struct lp lp;

	lp_start(&lp, &plain);
	TQ_EXPECT_EQ(tquic_conn_key_update(lp.end[0].conn, lp.now), -EAGAIN);
	TQ_ASSERT(lp_handshake(&lp));
	lp_send(&lp, 0, 1000, false);
	lp_run(&lp, 200 * LP_MS);
	TQ_EXPECT_EQ(tquic_conn_key_update(lp.end[0].conn, lp.now), 0);
	TQ_EXPECT_EQ(tquic_conn_key_update(lp.end[0].conn, lp.now), -EAGAIN);
	lp_stop(&lp);
}

TQ_TEST(trap_13_two_paths_open_and_share)
{
	static struct lp lp;
	u64 sum;
	int id;

	lp_start(&lp, &multi);
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT(lp.end[0].conn->multipath);
	id = lp_open(&lp, 1);
	TQ_ASSERT_EQ(id, 1);
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT_EQ(tquic_conn_path(lp.end[0].conn, 1)->state,
		     TQUIC_PATH_ACTIVE);
	TQ_EXPECT_EQ(tquic_conn_path(lp.end[1].conn, 1)->state,
		     TQUIC_PATH_ACTIVE);
	lp_send(&lp, 0, 20 << 20, true);
	lp_run(&lp, 4 * TQUIC_NS_PER_SEC);
	TQ_EXPECT(!lp.end[1].bad);
	sum = 2 * 1250000 * 4;
	TQ_EXPECT(lp.end[1].received > sum * 85 / 100);
	TQ_EXPECT(lp.link[0].carried[0] > sum / 3);
	TQ_EXPECT(lp.link[1].carried[0] > sum / 3);
	lp_stop(&lp);
}

TQ_TEST(mp21_silent_path_costs_no_byte)
{
	static struct lp lp;
	unsigned int dead;

	for (dead = 0; dead < 2; dead++) {
		tq_note("link %u", dead);
		lp_start(&lp, &multi);
		TQ_ASSERT(lp_handshake(&lp));
		lp_run(&lp, 100 * LP_MS);
		TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
		lp_run(&lp, 100 * LP_MS);
		lp_send(&lp, 0, 4 << 20, true);
		lp_run(&lp, 500 * LP_MS);
		lp.link[dead].down = true;
		lp_run(&lp, 10 * TQUIC_NS_PER_SEC);
		TQ_EXPECT_EQ(lp.end[1].received, 4 << 20);
		TQ_EXPECT(!lp.end[1].bad);
		TQ_EXPECT_EQ(lp.end[1].ended, 1);
		lp_stop(&lp);
	}
}

TQ_TEST(mp21_abandoned_path_is_forgotten_and_replaced)
{
	static struct lp lp;
	unsigned int i;
	int id;

	lp_start(&lp, &multi);
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT_EQ(tquic_conn_abandon_path(lp.end[0].conn, 0, 0, lp.now,
					     GFP_KERNEL), -EBUSY);
	for (i = 1; i < 30; i++) {
		tq_note("path %u", i);
		id = lp_open(&lp, 1);
		TQ_ASSERT_EQ(id, i);
		lp_send(&lp, 0, 100000, true);
		lp_run(&lp, 50 * LP_MS);
		TQ_EXPECT_EQ(tquic_conn_abandon_path(lp.end[i & 1].conn, id, 0,
						     lp.now, GFP_KERNEL), 0);
		lp_run(&lp, 3 * TQUIC_NS_PER_SEC);
		TQ_EXPECT_EQ(lp.end[0].conn->npaths, 1);
		TQ_EXPECT_EQ(lp.end[1].conn->npaths, 1);
		TQ_EXPECT_EQ(lp.end[1].received, i * 100000);
	}
	TQ_EXPECT(!lp.end[1].bad);
	lp_stop(&lp);
}

TQ_TEST(mp21_status_reaches_the_peer)
{
	static struct lp lp;

	lp_start(&lp, &multi);
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, 100 * LP_MS);
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT_EQ(tquic_conn_set_backup(lp.end[0].conn, 1, true), 0);
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT(tquic_conn_path(lp.end[1].conn, 1)->peer_backup);
	TQ_EXPECT_EQ(tquic_conn_set_backup(lp.end[0].conn, 1, false), 0);
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT(!tquic_conn_path(lp.end[1].conn, 1)->peer_backup);
	TQ_EXPECT_EQ(tquic_conn_set_backup(lp.end[0].conn, 7, true), -ENOENT);
	TQ_EXPECT_EQ(tquic_conn_set_metered(lp.end[0].conn, 7, true), -ENOENT);
	TQ_EXPECT_EQ(tquic_conn_set_metered(lp.end[0].conn, 1, true), 0);
	TQ_EXPECT(tquic_conn_path(lp.end[0].conn, 1)->metered);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_9_3_nat_rebinding_within_a_path)
{
	static struct lp lp;

	lp_start(&lp, &multi);
	TQ_ASSERT(lp_handshake(&lp));
	lp_send(&lp, 0, 4 << 20, true);
	lp_run(&lp, 500 * LP_MS);
	lp.link[0].rebind = 2000;
	lp_run(&lp, 10 * TQUIC_NS_PER_SEC);
	TQ_EXPECT_EQ(lp.end[1].received, 4 << 20);
	TQ_EXPECT_EQ(tquic_conn_path(lp.end[1].conn, 0)->tuple.remote_port,
		     2000);
	TQ_EXPECT(tquic_conn_path(lp.end[1].conn, 0)->validated);
	lp_stop(&lp);
}

/*
 * All that comes from the new port may be an acknowledgment: three times its
 * size has to do for a challenge, or a client that only reads is lost.
 */
TQ_TEST(rfc9000_8_2_1_challenge_within_a_small_allowance)
{
	static struct lp lp;
	struct tquic_path *path;

	lp_start(&lp, &plain);
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, TQUIC_NS_PER_SEC);
	lp.link[0].rebind = 2000;
	path = tquic_conn_path(lp.end[0].conn, 0);
	path->pending |= TQUIC_PATH_P_PING;
	/* one round trip for it and half of another; no probe timeout yet */
	lp_run(&lp, 35 * LP_MS);
	path = tquic_conn_path(lp.end[1].conn, 0);
	TQ_EXPECT_EQ(path->tuple.remote_port, 2000);
	TQ_EXPECT(path->validated);
	lp_stop(&lp);
}

TQ_TEST(conn_ecn_is_validated)
{
	struct lp_config config = plain;
	static struct lp lp;

	config.ecn = true;
	lp_start(&lp, &config);
	TQ_ASSERT(lp_handshake(&lp));
	lp_send(&lp, 0, 1 << 20, true);
	lp_run(&lp, 2 * TQUIC_NS_PER_SEC);
	TQ_EXPECT_EQ(tquic_conn_path(lp.end[0].conn, 0)->ecn.state,
		     TQUIC_ECN_CAPABLE);
	TQ_EXPECT_EQ(lp.end[1].received, 1 << 20);
	lp_stop(&lp);
}

TQ_OOM_TEST(conn_oom_while_it_is_made)
{
	struct tquic_cid odcid = { .len = 8 };
	static struct lp lp;
	struct tquic_tuple tuple;
	int err = -ENOMEM;

	lp = (struct lp){ .now = 1 };
	/* the client first: the server wants to know its connection ID */
	if (lp_make(&lp, &multi, 0, &odcid) &&
	    lp_make(&lp, &multi, 1, &odcid)) {
		err = 0;
		lp.end[0].conn->state = TQUIC_CONN_ESTABLISHED;
		lp.end[0].conn->confirmed = true;
		lp_tuple(&lp, 0, 1, &tuple);
		TQ_EXPECT_EQ(tquic_conn_open_path(lp.end[0].conn, &tuple, 1,
						  GFP_KERNEL), -EOPNOTSUPP);
	}
	lp_stop(&lp);
	return err;
}
