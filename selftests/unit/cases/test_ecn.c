// SPDX-License-Identifier: GPL-2.0
#include "core/ecn.h"
#include "tap.h"

static void send_n(struct tquic_ecn *ecn, unsigned int n,
		   enum tquic_ecn_mark want)
{
	while (n--) {
		TQ_EXPECT_EQ(tquic_ecn_mark(ecn), want);
		if (want != TQUIC_ECN_NOT_ECT)
			tquic_ecn_sent(ecn);
	}
}

TQ_TEST(ecn_off_marks_nothing)
{
	struct tquic_ecn_counts counts = { .ce = 5 };
	struct tquic_ecn ecn;

	tquic_ecn_init(&ecn, false);
	send_n(&ecn, 20, TQUIC_ECN_NOT_ECT);
	TQ_EXPECT_EQ(ecn.sent, 0);
	TQ_EXPECT_EQ(tquic_ecn_ack(&ecn, 0, &counts), 0);
	tquic_ecn_lost(&ecn, 20);
	TQ_EXPECT_EQ(ecn.state, TQUIC_ECN_OFF);
}

TQ_TEST(rfc9000_a4_tests_ten_packets_then_waits)
{
	struct tquic_ecn ecn;

	tquic_ecn_init(&ecn, true);
	send_n(&ecn, 9, TQUIC_ECN_ECT0);
	TQ_EXPECT_EQ(ecn.state, TQUIC_ECN_TESTING);
	send_n(&ecn, 1, TQUIC_ECN_ECT0);
	TQ_EXPECT_EQ(ecn.state, TQUIC_ECN_UNKNOWN);
	send_n(&ecn, 5, TQUIC_ECN_NOT_ECT);
	TQ_EXPECT_EQ(ecn.sent, 10);
}

TQ_TEST(rfc9000_13_4_2_capable_and_ce)
{
	struct tquic_ecn_counts counts = { .ect0 = 4 };
	struct tquic_ecn ecn;

	tquic_ecn_init(&ecn, true);
	send_n(&ecn, 10, TQUIC_ECN_ECT0);
	TQ_EXPECT_EQ(tquic_ecn_ack(&ecn, 4, &counts), 0);
	TQ_EXPECT_EQ(ecn.state, TQUIC_ECN_CAPABLE);
	send_n(&ecn, 3, TQUIC_ECN_ECT0);
	TQ_EXPECT_EQ(ecn.state, TQUIC_ECN_CAPABLE);
	counts = (struct tquic_ecn_counts){ .ect0 = 10, .ce = 3 };
	TQ_EXPECT_EQ(tquic_ecn_ack(&ecn, 9, &counts), 3);
	/* an acknowledgment of unmarked packets alone repeats the counts */
	TQ_EXPECT_EQ(tquic_ecn_ack(&ecn, 0, &counts), 0);
	TQ_EXPECT_EQ(ecn.state, TQUIC_ECN_CAPABLE);
}

TQ_TEST(ecn_no_verdict_without_newly_acked)
{
	struct tquic_ecn_counts counts = { 0 };
	struct tquic_ecn ecn;

	tquic_ecn_init(&ecn, true);
	send_n(&ecn, 1, TQUIC_ECN_ECT0);
	TQ_EXPECT_EQ(tquic_ecn_ack(&ecn, 0, &counts), 0);
	TQ_EXPECT_EQ(ecn.state, TQUIC_ECN_TESTING);
	TQ_EXPECT_EQ(tquic_ecn_ack(&ecn, 0, NULL), 0);
	TQ_EXPECT_EQ(ecn.state, TQUIC_ECN_TESTING);
}

TQ_TEST(rfc9000_13_4_2_1_ack_without_counts_fails)
{
	struct tquic_ecn ecn;

	tquic_ecn_init(&ecn, true);
	send_n(&ecn, 2, TQUIC_ECN_ECT0);
	TQ_EXPECT_EQ(tquic_ecn_ack(&ecn, 1, NULL), 0);
	TQ_EXPECT_EQ(ecn.state, TQUIC_ECN_FAILED);
	send_n(&ecn, 2, TQUIC_ECN_NOT_ECT);
	tquic_ecn_lost(&ecn, 1);
	TQ_EXPECT_EQ(tquic_ecn_ack(&ecn, 1, NULL), 0);
	TQ_EXPECT_EQ(ecn.state, TQUIC_ECN_FAILED);
}

static const struct {
	const char *what;
	u64 newly;
	struct tquic_ecn_counts counts;
	bool ok;
} judged[] = {
	{ "all as sent", 5, { 5, 0, 0 }, true },
	{ "CE counts for a mark", 5, { 3, 0, 2 }, true },
	{ "more than acked, as of packets whose ack was lost", 3,
	  { 8, 0, 0 }, true },
	{ "marks bleached", 5, { 4, 0, 0 }, false },
	{ "marks bleached, some CE", 5, { 3, 0, 1 }, false },
	{ "ECT(1) never sent", 5, { 5, 1, 0 }, false },
	{ "more ECT(0) than sent", 5, { 11, 0, 0 }, false },
	{ "more CE than sent", 5, { 0, 0, 11 }, false },
	{ "more in sum than sent", 5, { 6, 0, 5 }, false },
	{ "sum at the limit", 5, { 5, 0, 5 }, true },
	{ "huge", 5, { (1ULL << 62) - 1, 0, (1ULL << 62) - 1 }, false },
};

TQ_TEST(rfc9000_13_4_2_1_counts)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(judged); i++) {
		struct tquic_ecn ecn;

		tq_note("%s", judged[i].what);
		tquic_ecn_init(&ecn, true);
		send_n(&ecn, 10, TQUIC_ECN_ECT0);
		TQ_EXPECT_EQ(tquic_ecn_ack(&ecn, judged[i].newly,
					   &judged[i].counts),
			     judged[i].ok ? judged[i].counts.ce : 0);
		TQ_EXPECT_EQ(ecn.state, judged[i].ok ? TQUIC_ECN_CAPABLE :
						       TQUIC_ECN_FAILED);
	}
}

TQ_TEST(rfc9000_13_4_2_1_counts_never_fall)
{
	struct tquic_ecn_counts first = { .ect0 = 4, .ce = 2 };
	struct tquic_ecn_counts less_ect = { .ect0 = 3, .ce = 9 };
	struct tquic_ecn_counts less_ce = { .ect0 = 9, .ce = 1 };
	struct tquic_ecn ecn, copy;

	tquic_ecn_init(&ecn, true);
	send_n(&ecn, 10, TQUIC_ECN_ECT0);
	TQ_EXPECT_EQ(tquic_ecn_ack(&ecn, 6, &first), 2);
	copy = ecn;
	send_n(&copy, 10, TQUIC_ECN_ECT0);
	TQ_EXPECT_EQ(tquic_ecn_ack(&copy, 1, &less_ect), 0);
	TQ_EXPECT_EQ(copy.state, TQUIC_ECN_FAILED);
	copy = ecn;
	send_n(&copy, 10, TQUIC_ECN_ECT0);
	TQ_EXPECT_EQ(tquic_ecn_ack(&copy, 1, &less_ce), 0);
	TQ_EXPECT_EQ(copy.state, TQUIC_ECN_FAILED);
}

TQ_TEST(rfc9000_a4_all_test_packets_lost_fails)
{
	struct tquic_ecn_counts counts = { .ect0 = 1 };
	struct tquic_ecn ecn;

	tquic_ecn_init(&ecn, true);
	send_n(&ecn, 10, TQUIC_ECN_ECT0);
	tquic_ecn_lost(&ecn, 9);
	TQ_EXPECT_EQ(ecn.state, TQUIC_ECN_UNKNOWN);
	tquic_ecn_lost(&ecn, 1);
	TQ_EXPECT_EQ(ecn.state, TQUIC_ECN_FAILED);

	/* one that got through is proof enough */
	tquic_ecn_init(&ecn, true);
	send_n(&ecn, 5, TQUIC_ECN_ECT0);
	TQ_EXPECT_EQ(tquic_ecn_ack(&ecn, 1, &counts), 0);
	tquic_ecn_lost(&ecn, 50);
	TQ_EXPECT_EQ(ecn.state, TQUIC_ECN_CAPABLE);
}
