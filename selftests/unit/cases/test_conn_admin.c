// SPDX-License-Identifier: GPL-2.0
/* Connections that are managed while they run. */
#include "cc/algos.h"
#include "core/conn_priv.h"
#include "lib_pair.h"
#include "sched/aggregate.h"
#include "sched/minrtt.h"
#include "shim.h"
#include "tap.h"

#define MS	TQUIC_NS_PER_MS

static struct lp lp;

static void start(void)
{
	const struct lp_config config = {
		.window = 8 << 20, .max_path_id = 3, .idle = 600000,
	};

	lp_start(&lp, &config);
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, 100 * MS);
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp_run(&lp, 100 * MS);
}

TQ_TEST(admin_another_scheduler_goes_on)
{
	struct tquic_conn *conn;

	start();
	conn = lp.end[0].conn;
	lp_send(&lp, 0, 1000000, false);
	lp_run(&lp, 20 * MS);
	TQ_EXPECT_EQ(tquic_conn_set_sched(conn, &tquic_aggregate_ops,
					  GFP_KERNEL), 0);
	TQ_EXPECT(conn->config.sched_ops == &tquic_aggregate_ops);
	lp_run(&lp, 20 * MS);
	TQ_EXPECT_EQ(tquic_conn_set_sched(conn, &tquic_minrtt_ops,
					  GFP_KERNEL), 0);
	lp_run(&lp, 2000 * MS);
	TQ_EXPECT_EQ(lp.end[1].received, 1000000);
	lp_stop(&lp);
}

TQ_TEST(admin_another_congestion_control_keeps_the_window)
{
	struct tquic_path *path;
	struct tquic_conn *conn;
	u64 cwnd, ssthresh;

	start();
	conn = lp.end[0].conn;
	lp_send(&lp, 0, 3000000, false);
	lp_run(&lp, 300 * MS);
	path = tquic_conn_path(conn, 0);
	cwnd = path->cc->cwnd;
	ssthresh = path->cc->ssthresh;
	TQ_EXPECT(cwnd > tquic_cc_initial_window(path->mds));
	TQ_EXPECT_EQ(tquic_conn_set_cc(conn, &tquic_bbr_ops, lp.now,
				       GFP_KERNEL), 0);
	TQ_EXPECT(conn->config.cc_ops == &tquic_bbr_ops);
	list_for_each_entry(path, &conn->paths, node)
		TQ_EXPECT(path->cc->ops == &tquic_bbr_ops);
	path = tquic_conn_path(conn, 0);
	TQ_EXPECT_EQ(path->cc->cwnd, cwnd);
	TQ_EXPECT_EQ(path->cc->ssthresh, ssthresh);
	lp_run(&lp, 3000 * MS);
	TQ_EXPECT_EQ(lp.end[1].received, 3000000);
	/* paths to come have it, too */
	TQ_ASSERT_EQ(lp_open(&lp, 2), 2);
	TQ_EXPECT(tquic_conn_path(conn, 2)->cc->ops == &tquic_bbr_ops);
	lp_stop(&lp);
}

/* the first, then the second of the two paths' controllers fails */
TQ_TEST(admin_without_memory_nothing_changes)
{
	const struct tquic_sched_ops *sched;
	const struct tquic_cc_ops *cc;
	struct tquic_conn *conn;
	struct tquic_path *path;
	unsigned int nth;

	start();
	conn = lp.end[0].conn;
	sched = conn->config.sched_ops;
	cc = conn->config.cc_ops;
	TQ_EXPECT(cc != &tquic_bbr_ops && sched != &tquic_aggregate_ops);
	for (nth = 1; nth <= 2; nth++) {
		tq_shim_fail_nth(nth);
		TQ_EXPECT_EQ(tquic_conn_set_cc(conn, &tquic_bbr_ops, lp.now,
					       GFP_KERNEL), -ENOMEM);
		TQ_EXPECT(conn->config.cc_ops == cc);
		list_for_each_entry(path, &conn->paths, node)
			TQ_EXPECT(path->cc->ops == cc);
	}
	tq_shim_fail_nth(1);
	TQ_EXPECT_EQ(tquic_conn_set_sched(conn, &tquic_aggregate_ops,
					  GFP_KERNEL), -ENOMEM);
	TQ_EXPECT(conn->config.sched_ops == sched);
	tq_shim_fail_nth(0);
	lp_send(&lp, 0, 100000, false);
	lp_run(&lp, 500 * MS);
	TQ_EXPECT_EQ(lp.end[1].received, 100000);
	lp_stop(&lp);
}

TQ_TEST(admin_totals_include_paths_that_are_gone)
{
	struct tquic_conn_totals before, after;
	struct tquic_conn *conn;

	start();
	conn = lp.end[0].conn;
	lp_send(&lp, 0, 200000, false);
	lp_run(&lp, 500 * MS);
	tquic_conn_totals(conn, &before);
	TQ_EXPECT(before.sent_bytes > 200000);
	TQ_EXPECT(before.sent_packets >= 200000 / 1200);
	TQ_EXPECT(before.recv_packets > 10);
	TQ_EXPECT(before.recv_bytes > before.recv_packets * 20);
	TQ_EXPECT_EQ(before.sent_bytes,
		     tquic_conn_path(conn, 0)->sent_bytes +
		     tquic_conn_path(conn, 1)->sent_bytes);
	TQ_EXPECT(tquic_conn_path(conn, 1)->sent_packets > 0);
	TQ_EXPECT_EQ(tquic_conn_abandon_path(conn, 1, 0, lp.now, GFP_KERNEL),
		     0);
	lp_run(&lp, 3000 * MS);
	TQ_EXPECT(!tquic_conn_path(conn, 1));
	tquic_conn_totals(conn, &after);
	TQ_EXPECT(tquic_conn_path(conn, 0)->rate.recent > 100000);
	TQ_EXPECT(after.sent_bytes > before.sent_bytes);
	TQ_EXPECT(after.recv_packets > before.recv_packets);
	TQ_EXPECT(after.sent_bytes > tquic_conn_path(conn, 0)->sent_bytes);
	lp_stop(&lp);
}
