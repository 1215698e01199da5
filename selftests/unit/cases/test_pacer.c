// SPDX-License-Identifier: GPL-2.0
#include "core/pacer.h"
#include "tap.h"

#define MS TQUIC_NS_PER_MS

TQ_TEST(pacer_spaces_trains_by_rate)
{
	tquic_time_t now = 5 * TQUIC_NS_PER_SEC;
	struct tquic_pacer pacer;
	u64 sent = 0;

	tquic_pacer_init(&pacer, now);
	TQ_EXPECT(tquic_pacer_ready(&pacer, now));
	tquic_pacer_set_rate(&pacer, now, 1000 * 1000);
	while (now < 6 * TQUIC_NS_PER_SEC) {
		tquic_pacer_sent(&pacer, now, 2000);
		sent += 2000;
		TQ_EXPECT_EQ(pacer.next, now + 2 * MS);
		TQ_EXPECT(!tquic_pacer_ready(&pacer, pacer.next - 1));
		TQ_EXPECT(tquic_pacer_ready(&pacer, pacer.next));
		now = pacer.next;
	}
	TQ_EXPECT_EQ(sent, 1000 * 1000);
}

TQ_TEST(pacer_makes_up_for_late_timers_within_slack)
{
	struct tquic_pacer pacer;

	tquic_pacer_init(&pacer, 100 * MS);
	tquic_pacer_set_rate(&pacer, 100 * MS, 1000 * 1000);
	tquic_pacer_sent(&pacer, 100 * MS, 2000);
	/* 1 ms late: the next gap is 1 ms shorter */
	tquic_pacer_sent(&pacer, 103 * MS, 2000);
	TQ_EXPECT_EQ(pacer.next, 104 * MS);
	/* an idle second is not saved up */
	tquic_pacer_sent(&pacer, 1104 * MS, 3000);
	TQ_EXPECT_EQ(pacer.next, 1104 * MS - TQUIC_PACER_SLACK + 3 * MS);
}

TQ_TEST(pacer_near_time_zero)
{
	struct tquic_pacer pacer;

	tquic_pacer_init(&pacer, 0);
	tquic_pacer_set_rate(&pacer, 0, 1000 * 1000);
	tquic_pacer_sent(&pacer, 0, 1000);
	TQ_EXPECT_EQ(pacer.next, 1 * MS);
}

TQ_TEST(pacer_rate_change_converts_debt)
{
	struct tquic_pacer pacer;

	tquic_pacer_init(&pacer, 0);
	tquic_pacer_set_rate(&pacer, 0, 1000 * 1000);
	tquic_pacer_sent(&pacer, 0, 10000);
	TQ_EXPECT_EQ(pacer.next, 10 * MS);
	tquic_pacer_set_rate(&pacer, 2 * MS, 4000 * 1000);
	TQ_EXPECT_EQ(pacer.next, 4 * MS);
	tquic_pacer_set_rate(&pacer, 2 * MS, 2000 * 1000);
	TQ_EXPECT_EQ(pacer.next, 6 * MS);
	/* paid off: nothing to convert */
	tquic_pacer_set_rate(&pacer, 7 * MS, 1000);
	TQ_EXPECT_EQ(pacer.next, 6 * MS);
	tquic_pacer_sent(&pacer, 7 * MS, 1);
	tquic_pacer_set_rate(&pacer, 7 * MS, 0);
	TQ_EXPECT_EQ(pacer.next, 7 * MS);
}

TQ_TEST(pacer_unpaced)
{
	struct tquic_pacer pacer;

	tquic_pacer_init(&pacer, 3);
	tquic_pacer_sent(&pacer, 10, 1 << 20);
	TQ_EXPECT(tquic_pacer_ready(&pacer, 10));
	TQ_EXPECT_EQ(tquic_pacer_train(&pacer, 1200), TQUIC_PACER_TRAIN_MAX);
	tquic_pacer_set_rate(&pacer, 10, 1000);
	TQ_EXPECT(tquic_pacer_ready(&pacer, 10));
}

TQ_TEST(pacer_train_is_a_millisecond_within_bounds)
{
	struct tquic_pacer pacer;

	tquic_pacer_init(&pacer, 0);
	tquic_pacer_set_rate(&pacer, 0, 10 * 1000 * 1000);
	TQ_EXPECT_EQ(tquic_pacer_train(&pacer, 1200), 10000);
	tquic_pacer_set_rate(&pacer, 0, 1000);
	TQ_EXPECT_EQ(tquic_pacer_train(&pacer, 1200), 2400);
	tquic_pacer_set_rate(&pacer, 0, 1000 * 1000 * 1000);
	TQ_EXPECT_EQ(tquic_pacer_train(&pacer, 1200), TQUIC_PACER_TRAIN_MAX);
}

TQ_TEST(pacer_extreme_rates_do_not_overflow)
{
	struct tquic_pacer pacer;

	tquic_pacer_init(&pacer, 0);
	tquic_pacer_set_rate(&pacer, 0, 1ULL << 40);
	tquic_pacer_sent(&pacer, 0, 1ULL << 40);
	TQ_EXPECT_EQ(pacer.next, TQUIC_NS_PER_SEC);
	tquic_pacer_set_rate(&pacer, 0, 1ULL << 41);
	TQ_EXPECT_EQ(pacer.next, TQUIC_NS_PER_SEC / 2);
}
