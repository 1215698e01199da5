// SPDX-License-Identifier: GPL-2.0
/* ECN over whole connections: RFC 9000 section 13.4.2. */
#include "core/conn_priv.h"
#include "lib_pair.h"
#include "tap.h"

#define MS	TQUIC_NS_PER_MS
#define SEC	TQUIC_NS_PER_SEC
#define BYTES	(2 << 20)

static struct lp lp;

static struct tquic_path *path_of(unsigned int who, u32 id)
{
	return tquic_conn_path(lp.end[who].conn, id);
}

static void start(enum lp_ecn ecn)
{
	const struct lp_config config = {
		.window = 8 << 20, .max_path_id = 3, .ecn = true,
	};

	lp_start(&lp, &config);
	lp.link[0].queue = 1 << 20;
	lp.link[0].ecn = ecn;
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, 100 * MS);
}

/* both ways, and until both know what has arrived */
static void transfer(void)
{
	u64 before[2] = { lp.end[0].received, lp.end[1].received };

	lp_send(&lp, 0, BYTES, false);
	lp_send(&lp, 1, BYTES, false);
	lp_run(&lp, 8 * SEC);
	TQ_EXPECT_EQ(lp.end[0].received - before[0], BYTES);
	TQ_EXPECT_EQ(lp.end[1].received - before[1], BYTES);
	TQ_EXPECT(!lp.end[0].bad && !lp.end[1].bad);
}

TQ_TEST(rfc9000_13_4_2_marks_that_pass_are_kept)
{
	const struct tquic_ecn *ecn;
	unsigned int who;

	start(LP_ECN_PASS);
	transfer();
	for (who = 0; who < 2; who++) {
		ecn = &path_of(who, 0)->ecn;
		TQ_EXPECT_EQ(ecn->state, TQUIC_ECN_CAPABLE);
		/* each that was sent is known to have been seen */
		TQ_EXPECT(ecn->sent > BYTES / 1200);
		TQ_EXPECT(ecn->acked + 20 > ecn->sent);
		TQ_EXPECT_EQ(ecn->seen.ect0, ecn->acked);
		TQ_EXPECT_EQ(ecn->seen.ce + ecn->seen.ect1, 0);
		TQ_EXPECT(path_of(!who, 0)->space.ackq.ecn.ect0 >=
			  ecn->seen.ect0);
	}
	lp_stop(&lp);
}

/* after the first marks that are not confirmed there are no more */
TQ_TEST(rfc9000_13_4_2_bleached_marks_end_it)
{
	unsigned int who;

	start(LP_ECN_BLEACH);
	transfer();
	for (who = 0; who < 2; who++) {
		TQ_EXPECT_EQ(path_of(who, 0)->ecn.state, TQUIC_ECN_FAILED);
		TQ_EXPECT(lp.link[0].marked[who]);
		TQ_EXPECT(lp.link[0].marked[who] <= TQUIC_ECN_TEST_PACKETS);
		TQ_EXPECT_EQ(path_of(who, 0)->space.ackq.ecn.ect0, 0);
	}
	lp_stop(&lp);
}

TQ_TEST(rfc9000_13_4_2_remarked_packets_end_it)
{
	unsigned int who;

	start(LP_ECN_ECT1);
	transfer();
	for (who = 0; who < 2; who++) {
		TQ_EXPECT_EQ(path_of(who, 0)->ecn.state, TQUIC_ECN_FAILED);
		TQ_EXPECT(lp.link[0].marked[who] <= TQUIC_ECN_TEST_PACKETS);
		TQ_EXPECT(path_of(who, 0)->space.ackq.ecn.ect1);
	}
	lp_stop(&lp);
}

/* whoever drops marked packets drops the test packets, and no other */
TQ_TEST(rfc9000_13_4_2_dropped_marks_end_it)
{
	unsigned int who;

	start(LP_ECN_DROP);
	transfer();
	for (who = 0; who < 2; who++) {
		TQ_EXPECT_EQ(path_of(who, 0)->ecn.state, TQUIC_ECN_FAILED);
		TQ_EXPECT_EQ(lp.link[0].marked[who], TQUIC_ECN_TEST_PACKETS);
	}
	TQ_EXPECT_EQ(lp.end[0].conn->state, TQUIC_CONN_ESTABLISHED);
	lp_stop(&lp);
}

/* the route changes in the middle of the connection */
TQ_TEST(rfc9000_13_4_2_marks_bleached_later_end_it)
{
	static const enum lp_ecn how[] = { LP_ECN_BLEACH, LP_ECN_ECT1 };
	u64 marked[2];
	unsigned int i, who;

	for (i = 0; i < ARRAY_SIZE(how); i++) {
		start(LP_ECN_PASS);
		transfer();
		marked[0] = lp.link[0].marked[0];
		marked[1] = lp.link[0].marked[1];
		lp.link[0].ecn = how[i];
		transfer();
		for (who = 0; who < 2; who++) {
			TQ_EXPECT_EQ(path_of(who, 0)->ecn.state,
				     TQUIC_ECN_FAILED);
			/* a round trip or two of them */
			TQ_EXPECT(lp.link[0].marked[who] - marked[who] <
				  BYTES / 1200 / 4);
		}
		lp_stop(&lp);
	}
}

/* CE marks are congestion, without any loss */
TQ_TEST(rfc9000_13_4_2_ce_marks_are_congestion)
{
	struct tquic_path *path;
	u64 widest, marked;

	start(LP_ECN_PASS);
	transfer();
	path = path_of(0, 0);
	widest = path->cc->cwnd;
	lp.link[0].ecn = LP_ECN_CE;
	marked = lp.link[0].marked[0];
	lp_send(&lp, 0, 500000, false);
	lp_run(&lp, 8 * SEC);
	TQ_EXPECT_EQ(lp.end[1].received, BYTES + 500000);
	marked = lp.link[0].marked[0] - marked;
	TQ_EXPECT_EQ(path->ecn.state, TQUIC_ECN_CAPABLE);
	TQ_EXPECT(marked > 400);
	TQ_EXPECT(path->ecn.seen.ce >= marked / 10);
	TQ_EXPECT(path->ecn.seen.ce <= marked / 10 + 1);
	TQ_EXPECT_EQ(path->ecn.seen.ect0 + path->ecn.seen.ce,
		     path->ecn.acked);
	TQ_EXPECT(path->cc->cwnd < widest / 2);
	TQ_EXPECT_EQ(path->lost_packets, 0);
	lp_stop(&lp);
}

/* multipath-21 section 4.1: each path is judged by its own counts */
TQ_TEST(mp21_each_path_has_its_own_ecn)
{
	start(LP_ECN_BLEACH);
	lp.link[1].queue = 1 << 20;
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp_run(&lp, 300 * MS);
	transfer();
	TQ_EXPECT_EQ(path_of(0, 0)->ecn.state, TQUIC_ECN_FAILED);
	TQ_EXPECT_EQ(path_of(0, 1)->ecn.state, TQUIC_ECN_CAPABLE);
	TQ_EXPECT(lp.link[1].marked[0] > 300);
	lp_stop(&lp);
}
