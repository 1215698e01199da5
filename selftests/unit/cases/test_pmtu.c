// SPDX-License-Identifier: GPL-2.0
#include "core/pmtu.h"
#include "lib_pair.h"
#include "tap.h"

#define MS	TQUIC_NS_PER_MS
#define SEC	TQUIC_NS_PER_SEC

/* Searches on a link that carries @mtu; returns the probes that it took. */
static unsigned int search(struct tquic_pmtu *pmtu, u32 mtu, u64 now)
{
	unsigned int n = 0;
	u32 size;

	while ((size = tquic_pmtu_due(pmtu, now))) {
		TQ_ASSERT(++n < 100);
		TQ_ASSERT(size > pmtu->size && size <= pmtu->limit);
		pmtu->probe = size;
		TQ_EXPECT_EQ(tquic_pmtu_due(pmtu, now), 0);
		if (size <= mtu)
			TQ_EXPECT(tquic_pmtu_acked(pmtu, size, true));
		else
			TQ_EXPECT(!tquic_pmtu_lost(pmtu, size, true));
	}
	return n;
}

TQ_TEST(rfc8899_5_search_finds_what_passes)
{
	struct tquic_pmtu pmtu;
	u32 mtu;

	for (mtu = 1200; mtu <= 9152; mtu += 13) {
		tq_note("%u", mtu);
		tquic_pmtu_init(&pmtu, 1200);
		TQ_EXPECT_EQ(tquic_pmtu_due(&pmtu, 0), 0);
		tquic_pmtu_start(&pmtu, 9152);
		/* the limit, then halves: each three times if it is lost */
		TQ_EXPECT(search(&pmtu, mtu, SEC) <= 3 * 10);
		TQ_EXPECT(pmtu.size <= mtu &&
			  pmtu.size + TQUIC_PMTU_STEP > mtu);
	}
	/* a link that carries what it claims: one probe */
	tquic_pmtu_init(&pmtu, 1200);
	tquic_pmtu_start(&pmtu, 1472);
	TQ_EXPECT_EQ(search(&pmtu, 1500, SEC), 1);
	TQ_EXPECT_EQ(pmtu.size, 1472);
}

TQ_TEST(rfc8899_5_1_1_raise_timer)
{
	struct tquic_pmtu pmtu;

	tquic_pmtu_init(&pmtu, 1200);
	tquic_pmtu_start(&pmtu, 1472);
	search(&pmtu, 1400, SEC);
	TQ_EXPECT(pmtu.size > 1380 && pmtu.size <= 1400);
	TQ_EXPECT_EQ(tquic_pmtu_due(&pmtu, 600 * SEC), 0);
	TQ_EXPECT_EQ(tquic_pmtu_due(&pmtu, 601 * SEC), 1472);
	TQ_EXPECT_EQ(search(&pmtu, 1472, 601 * SEC), 1);
	TQ_EXPECT_EQ(pmtu.size, 1472);
	/* there is nothing more to be won */
	TQ_EXPECT_EQ(tquic_pmtu_due(&pmtu, 9999 * SEC), 0);
}

TQ_TEST(rfc8899_4_3_black_hole)
{
	struct tquic_pmtu pmtu;
	unsigned int i;

	tquic_pmtu_init(&pmtu, 1200);
	tquic_pmtu_start(&pmtu, 1472);
	search(&pmtu, 1472, SEC);
	/* losses between which something large arrives are losses */
	for (i = 0; i < 50; i++) {
		TQ_EXPECT(!tquic_pmtu_lost(&pmtu, 1472, false));
		if (i % 5 == 4)
			tquic_pmtu_acked(&pmtu, 1472, false);
	}
	tquic_pmtu_acked(&pmtu, 1472, false);
	for (i = 0; i < TQUIC_PMTU_BLACK - 1; i++) {
		TQ_EXPECT(!tquic_pmtu_lost(&pmtu, 1400, false));
		/* what is small proves nothing either way */
		TQ_EXPECT(!tquic_pmtu_lost(&pmtu, 1200, false));
		TQ_EXPECT(!tquic_pmtu_acked(&pmtu, 100, false));
	}
	TQ_EXPECT(tquic_pmtu_lost(&pmtu, 1201, false));
	TQ_EXPECT_EQ(pmtu.size, 1200);
	/* it may have been an outage: what was good is tried first */
	TQ_EXPECT_EQ(tquic_pmtu_due(&pmtu, SEC), 1472);
	search(&pmtu, 1300, SEC);
	TQ_EXPECT(pmtu.size > 1280 && pmtu.size <= 1300);
	/* who does not search stays where he is */
	tquic_pmtu_init(&pmtu, 1452);
	for (i = 0; i < 100; i++)
		TQ_EXPECT(!tquic_pmtu_lost(&pmtu, 1452, false));
	TQ_EXPECT_EQ(pmtu.size, 1452);
}

TQ_TEST(rfc9000_14_2_1_icmp_below_the_minimum_is_ignored)
{
	struct tquic_pmtu pmtu;

	tquic_pmtu_init(&pmtu, 1200);
	tquic_pmtu_start(&pmtu, 1472);
	search(&pmtu, 1472, SEC);
	TQ_EXPECT(!tquic_pmtu_told(&pmtu, 1199));
	TQ_EXPECT(!tquic_pmtu_told(&pmtu, 0));
	TQ_EXPECT_EQ(pmtu.size, 1472);
	TQ_EXPECT_EQ(pmtu.high, 1472);
}

TQ_TEST(rfc9000_14_2_1_icmp_does_not_raise)
{
	struct tquic_pmtu pmtu;

	tquic_pmtu_init(&pmtu, 1200);
	TQ_EXPECT(!tquic_pmtu_told(&pmtu, 1300));
	tquic_pmtu_start(&pmtu, 1472);
	TQ_EXPECT(!tquic_pmtu_told(&pmtu, 9000));
	TQ_EXPECT_EQ(pmtu.high, 1472);
	/* a bound for the search, to be shown by a probe */
	TQ_EXPECT(!tquic_pmtu_told(&pmtu, 1400));
	TQ_EXPECT_EQ(pmtu.size, 1200);
	TQ_EXPECT_EQ(tquic_pmtu_due(&pmtu, SEC), 1400);
	search(&pmtu, 1472, SEC);
	TQ_EXPECT_EQ(pmtu.size, 1400);
	/* lower than what is in use: back to the base, and prove it */
	TQ_EXPECT(tquic_pmtu_told(&pmtu, 1350));
	TQ_EXPECT_EQ(pmtu.size, 1200);
	TQ_EXPECT_EQ(tquic_pmtu_due(&pmtu, SEC), 1350);
}

TQ_TEST(pmtu_late_answers_do_no_harm)
{
	struct tquic_pmtu pmtu;

	tquic_pmtu_init(&pmtu, 1200);
	tquic_pmtu_start(&pmtu, 1472);
	pmtu.probe = 1472;
	tquic_pmtu_told(&pmtu, 1300);
	/* of probes that were given up */
	TQ_EXPECT(!tquic_pmtu_acked(&pmtu, 1472, true));
	TQ_EXPECT(!tquic_pmtu_lost(&pmtu, 1472, true));
	TQ_EXPECT_EQ(pmtu.size, 1200);
	TQ_EXPECT_EQ(pmtu.lost, 0);
	TQ_EXPECT_EQ(tquic_pmtu_due(&pmtu, 0), 1300);
	/* a limit below what is in use counts at once */
	search(&pmtu, 1300, 0);
	tquic_pmtu_start(&pmtu, 1250);
	TQ_EXPECT_EQ(pmtu.size, 1250);
	tquic_pmtu_start(&pmtu, 100);
	TQ_EXPECT_EQ(pmtu.size, 1200);
	tquic_pmtu_start(&pmtu, 100000);
	TQ_EXPECT_EQ(pmtu.limit, TQUIC_PMTU_MAX);
}

TQ_TEST(pmtu_payload_of_a_link)
{
	TQ_EXPECT_EQ(tquic_pmtu_payload(1500, true), 1472);
	TQ_EXPECT_EQ(tquic_pmtu_payload(1500, false), 1452);
	TQ_EXPECT_EQ(tquic_pmtu_payload(48, false), 0);
	TQ_EXPECT_EQ(tquic_pmtu_payload(20, true), 0);
}

static struct lp lp;

static const struct lp_config config = {
	.window = 8 << 20, .max_path_id = 3, .mds_max = 1472,
};

static struct tquic_path *path_of(unsigned int who, u32 id)
{
	return tquic_conn_path(lp.end[who].conn, id);
}

/* rfc9000 section 14.3: per path, and no sign of congestion */
TQ_TEST(rfc9000_14_3_each_path_finds_its_size)
{
	unsigned int who;

	lp_start(&lp, &config);
	lp.link[0].mtu = 1472;
	lp.link[1].mtu = 1352;
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, 200 * MS);
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp_send(&lp, 0, 2 << 20, true);
	lp_send(&lp, 1, 2 << 20, true);
	lp_run(&lp, 5 * SEC);
	for (who = 0; who < 2; who++) {
		TQ_EXPECT_EQ(path_of(who, 0)->mds, 1472);
		TQ_EXPECT_EQ(path_of(who, 0)->cc->mds, 1472);
		TQ_EXPECT(path_of(who, 1)->mds > 1332 &&
			  path_of(who, 1)->mds <= 1352);
		TQ_EXPECT(!path_of(who, 1)->pmtu.probe);
	}
	TQ_EXPECT_EQ(lp.end[1].received, 2 << 20);
	TQ_EXPECT(!lp.end[1].bad && !lp.end[0].bad);
	lp_stop(&lp);
}

TQ_TEST(rfc9000_14_4_lost_probes_do_not_cut_the_window)
{
	lp_start(&lp, &config);
	lp.link[0].mtu = 1250;
	lp.link[0].rate = 0;
	TQ_ASSERT(lp_handshake(&lp));
	lp_send(&lp, 0, 100000, true);
	lp_run(&lp, 5 * SEC);
	TQ_EXPECT(path_of(0, 0)->lost_packets >= 6);
	TQ_EXPECT_EQ(path_of(0, 0)->cc->ssthresh, U64_MAX);
	TQ_EXPECT(path_of(0, 0)->mds > 1230 && path_of(0, 0)->mds <= 1250);
	lp_stop(&lp);
}

TQ_TEST(rfc8899_4_3_black_hole_under_load)
{
	lp_start(&lp, &config);
	TQ_ASSERT(lp_handshake(&lp));
	lp_send(&lp, 0, 20 << 20, true);
	lp_run(&lp, SEC);
	TQ_EXPECT_EQ(path_of(0, 0)->mds, 1472);
	lp.link[0].mtu = 1300;
	lp_run(&lp, 10 * SEC);
	TQ_EXPECT(path_of(0, 0)->mds > 1280 && path_of(0, 0)->mds <= 1300);
	lp_run(&lp, 20 * SEC);
	TQ_EXPECT_EQ(lp.end[1].received, 20 << 20);
	TQ_EXPECT(!lp.end[1].bad);
	lp_stop(&lp);
}

TQ_TEST(conn_path_mtu_and_ptb)
{
	struct tquic_conn *conn;

	lp_start(&lp, &config);
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, SEC);
	conn = lp.end[0].conn;
	TQ_EXPECT_EQ(path_of(0, 0)->mds, 1472);
	/* IPv6 here: 48 bytes of headers */
	TQ_EXPECT_EQ(tquic_conn_path_mtu(conn, 0, 1400), 0);
	TQ_EXPECT_EQ(path_of(0, 0)->mds, 1352);
	TQ_EXPECT_EQ(tquic_conn_path_ptb(conn, 0, 1380), 0);
	TQ_EXPECT_EQ(path_of(0, 0)->mds, 1200);
	lp_run(&lp, SEC);
	TQ_EXPECT_EQ(path_of(0, 0)->mds, 1332);
	TQ_EXPECT_EQ(tquic_conn_path_ptb(conn, 0, 1280), 0);
	lp_run(&lp, SEC);
	TQ_EXPECT_EQ(path_of(0, 0)->mds, 1232);
	TQ_EXPECT_EQ(tquic_conn_path_mtu(conn, 0, 9000), 0);
	lp_run(&lp, SEC);
	TQ_EXPECT_EQ(path_of(0, 0)->mds, 1472);
	TQ_EXPECT_EQ(tquic_conn_path_mtu(conn, 5, 9000), -ENOENT);
	TQ_EXPECT_EQ(tquic_conn_path_ptb(conn, 5, 9000), -ENOENT);
	lp_stop(&lp);
}

/* RFC 9000 section 18.2: what the peer does not take is not sent */
TQ_TEST(rfc9000_18_2_peers_max_udp_payload_size_is_the_limit)
{
	lp_start(&lp, &config);
	TQ_ASSERT(lp_handshake(&lp));
	lp.end[0].conn->theirs.max_udp_payload_size = 1300;
	TQ_EXPECT_EQ(tquic_conn_path_mtu(lp.end[0].conn, 0, 1500), 0);
	lp_send(&lp, 0, 100000, true);
	lp_run(&lp, SEC);
	TQ_EXPECT_EQ(path_of(0, 0)->mds, 1300);
	lp_stop(&lp);
}

/* RFC 9000 section 14: 1200 bytes are what every path has to carry */
TQ_TEST(rfc9000_14_path_that_is_too_small_is_given_up)
{
	lp_start(&lp, &config);
	lp.link[1].mtu = 1199;
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, 200 * MS);
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp_run(&lp, 10 * SEC);
	TQ_EXPECT(!path_of(0, 1) ||
		  path_of(0, 1)->state == TQUIC_PATH_CLOSING);
	TQ_EXPECT_EQ(lp.end[0].conn->state, TQUIC_CONN_ESTABLISHED);
	lp_stop(&lp);
}
