// SPDX-License-Identifier: GPL-2.0
#include "core/conn_priv.h"
#include "lib_pair.h"
#include "tap.h"

static struct lp lp;

static void start(u64 window)
{
	struct lp_config config = { .window = window, .max_path_id = U64_MAX };

	lp_start(&lp, &config);
	lp.link[0].rate = 12500000;
	lp.link[0].queue = 500000;
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, 100 * LP_MS);
}

TQ_TEST(credit_announced_suits_the_budget)
{
	struct tquic_tparams tp = {};

	tquic_conn_set_credit(&tp, 16 << 20);
	TQ_EXPECT_EQ(tp.initial_max_data, 4 << 20);
	TQ_EXPECT_EQ(tp.initial_max_stream_data_uni, 1 << 20);
	TQ_EXPECT_EQ(tp.initial_max_stream_data_bidi_local, 1 << 20);
	TQ_EXPECT_EQ(tp.initial_max_stream_data_bidi_remote, 1 << 20);
	tquic_conn_set_credit(&tp, 512 << 10);
	TQ_EXPECT_EQ(tp.initial_max_data, 512 << 10);
	TQ_EXPECT_EQ(tp.initial_max_stream_data_uni, 256 << 10);
	tquic_conn_set_credit(&tp, 1000);
	TQ_EXPECT_EQ(tp.initial_max_data, 1000);
	TQ_EXPECT_EQ(tp.initial_max_stream_data_uni, 500);
}

/* 100 Mb/s over 20 ms: a quarter of a megabyte is on its way */
TQ_TEST(trap_11_credit_of_a_lone_stream_grows_in_time)
{
	struct tquic_stream *s;
	struct tquic_conn *to;
	unsigned int i;

	start(64 << 10);
	to = lp.end[1].conn;
	s = lp_send(&lp, 0, 64 << 20, false);
	for (i = 0; i < 4000; i++) {
		lp_run(&lp, LP_MS);
		/* what is promised stays within the budget */
		TQ_EXPECT(to->rx.limit - to->rx.consumed <= to->rx.window_max);
	}
	/* after the start nothing but the link held it back */
	TQ_EXPECT(lp.end[1].received > 4 * 12500000ULL * 90 / 100);
	TQ_EXPECT(s->tx.limit - s->tx.used > 0);
	lp_stop(&lp);
}

TQ_TEST(credit_stopped_reader_leaves_room_for_others)
{
	struct tquic_stream *stopped, *s;
	struct tquic_conn *to;
	u64 before;

	start(1 << 20);
	to = lp.end[1].conn;
	to->rx.window_max = 4 << 20;
	to->streams.window_max = 4 << 20;
	lp_send(&lp, 0, 40 << 20, false);
	lp_run(&lp, 500 * LP_MS);
	TQ_EXPECT(to->rx.window > 1 << 20);
	/* from now on one is not read, and then a third comes */
	stopped = lp_send(&lp, 0, 40 << 20, false);
	lp_run(&lp, 1);
	lp.end[1].skip = stopped->id;
	lp_run(&lp, 500 * LP_MS);
	s = tquic_streams_find(&to->streams, stopped->id);
	TQ_ASSERT(s);
	TQ_EXPECT(tquic_flow_rx_unread(&s->rx) > 100 << 10);
	TQ_EXPECT(tquic_flow_rx_unread(&s->rx) <= 5 << 19);
	before = lp.end[1].received;
	lp_run(&lp, TQUIC_NS_PER_SEC);
	TQ_EXPECT(lp.end[1].received - before > 12500000ULL * 85 / 100);
	TQ_EXPECT(to->rx.limit - to->rx.consumed <= 4 << 20);
	lp_stop(&lp);
}

TQ_TEST(credit_new_stream_is_quick_on_a_quick_connection)
{
	struct tquic_stream *s;
	unsigned int i;

	start(64 << 10);
	s = lp_send(&lp, 0, 40 << 20, false);
	lp_run(&lp, 2 * TQUIC_NS_PER_SEC);
	tquic_conn_reset(lp.end[0].conn, s, 0);
	s = lp_send(&lp, 0, 40 << 20, false);
	/* its first window is what the parameters say; the second is enough */
	for (i = 0; i < 3; i++)
		lp_run(&lp, 20 * LP_MS);
	TQ_EXPECT(s->tx.limit > 400 << 10);
	lp_stop(&lp);
}

TQ_TEST(credit_share_of_the_lone_and_of_the_many)
{
	struct tquic_stream a = { .id = 0, .recv = TQUIC_STREAM_R_RECV };
	struct tquic_stream b = { .id = 4, .recv = TQUIC_STREAM_R_RECV };
	static struct tquic_conn conn;

	conn = (struct tquic_conn){ .streams = { .busy_no = 1 } };
	INIT_LIST_HEAD(&conn.paths);
	INIT_LIST_HEAD(&conn.streams.control);
	tquic_flow_rx_init(&conn.rx, 16000, 16000, 0);
	tquic_flow_rx_init(&a.rx, 20000, 20000, 0);
	tquic_flow_rx_init(&b.rx, 20000, 20000, 0);
	INIT_LIST_HEAD(&a.control);
	INIT_LIST_HEAD(&b.control);
	a.send = TQUIC_STREAM_S_NONE;
	b.send = TQUIC_STREAM_S_NONE;
	tquic_credit_received(&conn, &a, 1);
	TQ_EXPECT_EQ(a.rx.share, 15000);
	/* its own unread data does not count against it */
	conn.rx.received = 4000;
	a.rx.received = 4000;
	tquic_credit_received(&conn, &a, 2);
	TQ_EXPECT_EQ(a.rx.share, 15000);
	/* a second one: half of what others leave */
	tquic_credit_received(&conn, &b, 3);
	TQ_EXPECT_EQ(b.rx.share, 6000);
	tquic_credit_received(&conn, &a, 4);
	TQ_EXPECT_EQ(a.rx.share, 8000);
	/* both are remembered for an interval... */
	tquic_credit_received(&conn, &a, 300 * LP_MS);
	TQ_EXPECT_EQ(a.rx.share, 8000);
	/* ...and not for two */
	tquic_credit_received(&conn, &a, 600 * LP_MS);
	tquic_credit_received(&conn, &a, 900 * LP_MS);
	TQ_EXPECT_EQ(a.rx.share, 15000);
	/* others hold more than there is: nothing is left */
	conn.rx.received = 90000;
	tquic_credit_received(&conn, &b, 901 * LP_MS);
	TQ_EXPECT_EQ(b.rx.share, 0);
}

/*
 * A reader looks at what is there, lets the lock go to copy it, and finds that
 * the stream was stopped or reset meanwhile: nothing is counted twice.
 */
TQ_TEST(credit_bytes_count_once_though_a_stream_ends_under_its_reader)
{
	const struct tquic_reasm_seg *seg;
	struct tquic_stream *s, *peer;
	struct tquic_conn *to;
	unsigned int how;

	for (how = 0; how < 2; how++) {
		tq_note("%s", how ? "reset" : "stopped");
		start(64 << 10);
		to = lp.end[1].conn;
		lp.end[1].greedy = false;
		s = lp_send(&lp, 0, 20000, false);
		lp_run(&lp, 100 * LP_MS);
		peer = tquic_streams_find(&to->streams, s->id);
		TQ_ASSERT(peer);
		seg = tquic_reasm_peek(&peer->in);
		TQ_ASSERT(seg && seg->len);
		if (how) {
			tquic_conn_reset(lp.end[0].conn, s, 5);
			lp_run(&lp, 100 * LP_MS);
			TQ_ASSERT_EQ(peer->recv, TQUIC_STREAM_R_RESET_RECVD);
		} else {
			tquic_conn_stop(to, peer, 5, lp.now);
		}
		TQ_EXPECT_EQ(to->rx.consumed, 20000);
		tquic_conn_read(to, peer, 1000, lp.now);
		TQ_EXPECT_EQ(to->rx.consumed, to->rx.received);
		TQ_EXPECT_EQ(peer->rx.consumed, peer->rx.received);
		TQ_EXPECT_EQ(peer->in.read, 0);
		lp_run(&lp, 100 * LP_MS);
		TQ_EXPECT_EQ(to->rx.consumed, to->rx.received);
		TQ_EXPECT_EQ(to->state, TQUIC_CONN_ESTABLISHED);
		lp_stop(&lp);
	}
}

/* A server that speaks first needs to know where. */
TQ_TEST(credit_greeted_stream_is_known)
{
	struct tquic_stream *s, *seen;

	start(1 << 20);
	s = tquic_conn_open(lp.end[0].conn, false, lp.now, GFP_KERNEL);
	TQ_ASSERT(s);
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT(!tquic_streams_find(&lp.end[1].conn->streams, s->id));
	tquic_conn_greet(lp.end[0].conn, s);
	lp.link[0].down = true;
	lp_run(&lp, 10 * LP_MS);
	lp.link[0].down = false;
	lp_run(&lp, TQUIC_NS_PER_SEC);
	seen = tquic_streams_find(&lp.end[1].conn->streams, s->id);
	TQ_ASSERT(seen);
	TQ_EXPECT(!seen->rx.received);
	lp_stop(&lp);
}

/* More streams than announced, when the application asks for them. */
TQ_TEST(credit_of_streams_is_raised)
{
	struct tquic_conn *to;
	struct tquic_streams *set;
	u64 limit;

	start(1 << 20);
	to = lp.end[1].conn;
	set = &lp.end[0].conn->streams;
	limit = set->open[1].limit;
	tquic_conn_allow(to, true, limit + 50);
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT_EQ(set->open[1].limit, limit + 50);
	TQ_EXPECT(lp.end[0].conn->events & TQUIC_CONN_E_STREAMS);
	/* what was allowed stays allowed */
	tquic_conn_allow(to, true, 1);
	TQ_EXPECT_EQ(to->streams.grant[1].window, limit + 50);
	lp_stop(&lp);
}
