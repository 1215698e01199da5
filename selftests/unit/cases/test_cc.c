// SPDX-License-Identifier: GPL-2.0
/* the interface itself: lifetime, groups, helpers */
#include "lib_cc.h"
#include "tap.h"

static int fail_init(struct tquic_cc *cc, tquic_time_t now)
{
	return -EINVAL;
}

static unsigned int released;

static int count_init(struct tquic_cc *cc, tquic_time_t now)
{
	TQ_EXPECT_EQ(now, 77);
	TQ_EXPECT_EQ(cc->mds, 1350);
	TQ_EXPECT_EQ(cc->initial_rtt, 100);
	TQ_EXPECT_EQ(cc->srtt, 100);
	TQ_EXPECT_EQ(cc->min_rtt, 100);
	TQ_EXPECT_EQ(cc->ssthresh, U64_MAX);
	TQ_EXPECT_EQ(cc->cwnd, 13500);
	TQ_EXPECT_EQ(cc->pacing_rate, 0);
	TQ_EXPECT_EQ(cc->quantum, 0);
	TQ_EXPECT_EQ(cc->priv[2], 0);
	return 0;
}

static void count_release(struct tquic_cc *cc)
{
	released++;
}

static const struct tquic_cc_ops count_ops = {
	.name = "count", .priv_size = 24,
	.init = count_init, .release = count_release,
};

static struct tquic_cc *new_member(struct tquic_cc_group *group)
{
	struct tquic_cc_config config = {
		.mds = 1350, .initial_rtt = 100, .seed = 5, .group = group,
	};

	return tquic_cc_new(&count_ops, &config, 77, GFP_KERNEL);
}

TQ_TEST(cc_new_fills_the_common_part_and_free_releases)
{
	struct tquic_cc *cc = new_member(NULL);

	TQ_ASSERT(cc);
	TQ_EXPECT(cc->ops == &count_ops && !cc->group);
	TQ_EXPECT_EQ(cc->rng, 5);
	tquic_cc_free(cc);
	TQ_EXPECT_EQ(released, 1);
	tquic_cc_free(NULL);
	TQ_EXPECT_EQ(released, 1);
}

TQ_TEST(cc_new_refused_by_init)
{
	static const struct tquic_cc_ops ops = { .init = fail_init };
	struct tquic_cc_config config = { .mds = 1200 };

	TQ_EXPECT(!tquic_cc_new(&ops, &config, 0, GFP_KERNEL));
}

TQ_OOM_TEST(cc_new_without_memory)
{
	struct tquic_cc_config config = { .mds = 1200 };
	struct tquic_cc *cc = tquic_cc_new(&tquic_cubic_ops, &config, 0,
					   GFP_KERNEL);
	struct tquic_cc *other;

	if (!cc)
		return -ENOMEM;
	other = tquic_cc_new(&tquic_bbr_ops, &config, 0, GFP_KERNEL);
	tquic_cc_free(cc);
	if (!other)
		return -ENOMEM;
	tquic_cc_free(other);
	return 0;
}

TQ_TEST(cc_group_members_see_each_other_and_leave)
{
	struct tquic_cc_group group;
	struct tquic_cc *a, *b, *cc;
	unsigned int seen = 0;

	INIT_LIST_HEAD(&group.members);
	a = new_member(&group);
	b = new_member(&group);
	TQ_ASSERT(a && b);
	a->cwnd = 1000;
	b->cwnd = 2000;
	list_for_each_entry(cc, &a->group->members, group_node)
		seen += cc->cwnd;
	TQ_EXPECT_EQ(seen, 3000);
	TQ_EXPECT(b->group == &group);
	tquic_cc_free(a);
	TQ_EXPECT(list_is_singular(&group.members));
	tquic_cc_free(b);
	TQ_EXPECT(list_empty(&group.members));
}

TQ_TEST(cc_rfc9002_7_2_initial_and_minimum_window)
{
	struct tquic_cc cc = { .mds = 1200 };

	TQ_EXPECT_EQ(tquic_cc_initial_window(1200), 12000);
	TQ_EXPECT_EQ(tquic_cc_initial_window(1472), 14720);
	TQ_EXPECT_EQ(tquic_cc_initial_window(1473), 14720);
	TQ_EXPECT_EQ(tquic_cc_initial_window(7360), 14720);
	TQ_EXPECT_EQ(tquic_cc_initial_window(9000), 18000);
	TQ_EXPECT_EQ(tquic_cc_min_window(&cc), 2400);
}

TQ_TEST(cc_pace_spreads_a_window)
{
	TQ_EXPECT_EQ(tquic_cc_pace(12000, 100, 100 * TQUIC_NS_PER_MS), 120000);
	TQ_EXPECT_EQ(tquic_cc_pace(12000, 125, 100 * TQUIC_NS_PER_MS), 150000);
	TQ_EXPECT_EQ(tquic_cc_pace(12000, 100, 1000), 12000000000ULL);
	TQ_EXPECT_EQ(tquic_cc_pace(12000, 100, 1001), 11988011988ULL);
	TQ_EXPECT_EQ(tquic_cc_pace(12000, 100, 0), 12000000000ULL);
	TQ_EXPECT_EQ(tquic_cc_pace(TQUIC_CC_MAX_WINDOW, 399, 0),
		     4387051394826000000ULL);
}

/* splitmix64 with seed 1234567, as its authors publish it */
TQ_TEST(cc_rand_is_splitmix64)
{
	struct tquic_cc cc = { .rng = 1234567 };

	TQ_EXPECT_EQ(tquic_cc_rand(&cc), 6457827717110365317ULL);
	TQ_EXPECT_EQ(tquic_cc_rand(&cc), 3203168211198807973ULL);
	TQ_EXPECT_EQ(tquic_cc_rand(&cc), 9817491932198370423ULL);
}
