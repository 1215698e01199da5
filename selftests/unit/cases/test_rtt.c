// SPDX-License-Identifier: GPL-2.0
#include "core/rtt.h"
#include "tap.h"

#define MS TQUIC_NS_PER_MS

TQ_TEST(rfc9002_5_3_first_sample)
{
	struct tquic_rtt rtt;

	tquic_rtt_init(&rtt, 333 * MS);
	TQ_EXPECT(!tquic_rtt_valid(&rtt));
	TQ_EXPECT_EQ(rtt.smoothed, 333 * MS);
	TQ_EXPECT_EQ(rtt.var, 333 * MS / 2);
	TQ_EXPECT_EQ(rtt.min, 0);
	/* the ack delay of the first sample is not taken off */
	tquic_rtt_sample(&rtt, 7, 100 * MS, 50 * MS);
	TQ_EXPECT(tquic_rtt_valid(&rtt));
	TQ_EXPECT_EQ(rtt.first_sample, 7);
	TQ_EXPECT_EQ(rtt.latest, 100 * MS);
	TQ_EXPECT_EQ(rtt.adjusted, 100 * MS);
	TQ_EXPECT_EQ(rtt.min, 100 * MS);
	TQ_EXPECT_EQ(rtt.smoothed, 100 * MS);
	TQ_EXPECT_EQ(rtt.var, 50 * MS);
}

TQ_TEST(rfc9002_5_3_later_samples)
{
	struct tquic_rtt rtt;

	tquic_rtt_init(&rtt, 333 * MS);
	tquic_rtt_sample(&rtt, 1, 100 * MS, 0);
	tquic_rtt_sample(&rtt, 2, 140 * MS, 20 * MS);
	TQ_EXPECT_EQ(rtt.first_sample, 1);
	TQ_EXPECT_EQ(rtt.latest, 140 * MS);
	TQ_EXPECT_EQ(rtt.adjusted, 120 * MS);
	/* adjusted 120: var (3 * 50 + 20) / 4, smoothed (7 * 100 + 120) / 8 */
	TQ_EXPECT_EQ(rtt.var, 42500 * 1000);
	TQ_EXPECT_EQ(rtt.smoothed, 102500 * 1000);
	/* below the average: the deviation is its absolute value */
	tquic_rtt_sample(&rtt, 3, 92500 * 1000, 0);
	TQ_EXPECT_EQ(rtt.min, 92500 * 1000);
	TQ_EXPECT_EQ(rtt.var, (3 * 42500 + 10000) / 4 * 1000);
	TQ_EXPECT_EQ(rtt.smoothed, 101250 * 1000);
}

/* RFC 9002 section 5.3: an ack delay never takes a sample below the minimum */
TQ_TEST(rfc9002_5_3_ack_delay_bounded_by_min)
{
	struct tquic_rtt rtt;

	tquic_rtt_init(&rtt, 333 * MS);
	tquic_rtt_sample(&rtt, 1, 100 * MS, 0);
	tquic_rtt_sample(&rtt, 2, 110 * MS, 11 * MS);
	TQ_EXPECT_EQ(rtt.smoothed, (7 * 100 + 110) * MS / 8);
	tquic_rtt_init(&rtt, 333 * MS);
	tquic_rtt_sample(&rtt, 1, 100 * MS, 0);
	tquic_rtt_sample(&rtt, 2, 110 * MS, 10 * MS);
	TQ_EXPECT_EQ(rtt.smoothed, 100 * MS);
	/* and a delay longer than the sample is a lie */
	tquic_rtt_init(&rtt, 333 * MS);
	tquic_rtt_sample(&rtt, 1, 100 * MS, 0);
	tquic_rtt_sample(&rtt, 2, 110 * MS, U64_MAX);
	TQ_EXPECT_EQ(rtt.smoothed, (7 * 100 + 110) * MS / 8);
}

TQ_TEST(rfc9002_5_2_restart_takes_newest_as_min)
{
	struct tquic_rtt rtt;

	tquic_rtt_init(&rtt, 333 * MS);
	tquic_rtt_sample(&rtt, 1, 10 * MS, 0);
	tquic_rtt_sample(&rtt, 2, 30 * MS, 0);
	TQ_EXPECT_EQ(rtt.min, 10 * MS);
	tquic_rtt_restart(&rtt);
	tquic_rtt_sample(&rtt, 3, 40 * MS, 0);
	TQ_EXPECT_EQ(rtt.min, 40 * MS);
	tquic_rtt_sample(&rtt, 4, 20 * MS, 0);
	TQ_EXPECT_EQ(rtt.min, 20 * MS);
}

TQ_TEST(rfc9002_6_2_1_pto)
{
	struct tquic_rtt rtt;

	tquic_rtt_init(&rtt, 100 * MS);
	TQ_EXPECT_EQ(tquic_rtt_pto(&rtt, 0), 300 * MS);
	tquic_rtt_sample(&rtt, 1, 80 * MS, 0);
	TQ_EXPECT_EQ(tquic_rtt_pto(&rtt, 25 * MS), (80 + 160 + 25) * MS);
	rtt.var = 0;
	TQ_EXPECT_EQ(tquic_rtt_pto(&rtt, 25 * MS), (80 + 1 + 25) * MS);
}

TQ_TEST(rtt_extreme_samples_stay_bounded)
{
	struct tquic_rtt rtt;
	unsigned int i;

	tquic_rtt_init(&rtt, 333 * MS);
	for (i = 0; i < 1000; i++)
		tquic_rtt_sample(&rtt, i, i & 1 ? U64_MAX : 0, tq_rand());
	TQ_EXPECT_EQ(rtt.min, 1);
	TQ_EXPECT(rtt.smoothed <= 60 * TQUIC_NS_PER_SEC);
	TQ_EXPECT(tquic_rtt_pto(&rtt, 0) <= 300 * TQUIC_NS_PER_SEC);
	TQ_EXPECT_EQ(rtt.latest, 60 * TQUIC_NS_PER_SEC);
}
