// SPDX-License-Identifier: GPL-2.0
#include "core/range.h"
#include "tap.h"

/* "3-5 9-9": what is in the set, and that the set agrees with itself */
static void expect(const struct tquic_range_set *set, const u64 *want,
		   unsigned int n)
{
	struct tquic_range *r, *prev = NULL;
	unsigned int i = 0;

	tquic_range_for_each(r, set) {
		TQ_ASSERT(i < n);
		TQ_EXPECT_EQ(r->first, want[2 * i]);
		TQ_EXPECT_EQ(r->last, want[2 * i + 1]);
		TQ_EXPECT(tquic_range_prev(r) == prev);
		prev = r;
		i++;
	}
	TQ_EXPECT_EQ(i, n);
	TQ_EXPECT_EQ(set->count, n);
	TQ_EXPECT(set->top == prev);
	tquic_range_for_each_down(r, set) {
		i--;
		TQ_EXPECT_EQ(r->first, want[2 * i]);
	}
	TQ_EXPECT_EQ(i, 0);
}

#define EXPECT_SET(set, ...)						\
	do {								\
		static const u64 tq_want[] = { __VA_ARGS__ };		\
									\
		expect(set, tq_want, sizeof(tq_want) / sizeof(u64) / 2);\
	} while (0)

#define INS(first, last)						\
	TQ_EXPECT_EQ(tquic_range_insert(&set, first, last, GFP_KERNEL), 0)
#define REM(first, last)						\
	TQ_EXPECT_EQ(tquic_range_remove(&set, first, last, GFP_KERNEL), 0)

TQ_TEST(range_insert_merges_what_touches)
{
	struct tquic_range_set set;

	tquic_range_init(&set, TQUIC_RANGE_NO_LIMIT);
	EXPECT_SET(&set);
	INS(10, 12);
	INS(14, 14);
	EXPECT_SET(&set, 10, 12, 14, 14);
	INS(13, 13);
	EXPECT_SET(&set, 10, 14);
	INS(9, 9);
	EXPECT_SET(&set, 9, 14);
	INS(7, 7);
	INS(20, 22);
	INS(30, 30);
	EXPECT_SET(&set, 7, 7, 9, 14, 20, 22, 30, 30);
	INS(21, 28);
	EXPECT_SET(&set, 7, 7, 9, 14, 20, 28, 30, 30);
	INS(8, 29);
	EXPECT_SET(&set, 7, 30);
	INS(10, 12);
	EXPECT_SET(&set, 7, 30);
	INS(0, 0);
	INS(0, 0);
	EXPECT_SET(&set, 0, 0, 7, 30);
	INS(1, 40);
	EXPECT_SET(&set, 0, 40);
	tquic_range_free(&set);
	EXPECT_SET(&set);
}

/* the order in which ranges come must not matter to the tree */
TQ_TEST(range_insert_in_every_order)
{
	static const u8 order[][4] = {
		{ 0, 1, 2, 3 }, { 3, 2, 1, 0 }, { 0, 2, 1, 3 }, { 1, 3, 0, 2 },
		{ 2, 0, 3, 1 }, { 3, 0, 2, 1 }, { 1, 2, 3, 0 }, { 0, 3, 1, 2 },
	};
	struct tquic_range_set set;
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		tq_note("order %u", i);
		tquic_range_init(&set, TQUIC_RANGE_NO_LIMIT);
		for (k = 0; k < 4; k++)
			INS(order[i][k] * 10 + 5, order[i][k] * 10 + 7);
		EXPECT_SET(&set, 5, 7, 15, 17, 25, 27, 35, 37);
		tquic_range_free(&set);
	}
}

TQ_TEST(range_remove_cuts_splits_and_erases)
{
	struct tquic_range_set set;

	tquic_range_init(&set, TQUIC_RANGE_NO_LIMIT);
	REM(0, 100);
	INS(10, 20);
	INS(30, 40);
	INS(50, 60);
	REM(21, 29);
	EXPECT_SET(&set, 10, 20, 30, 40, 50, 60);
	REM(10, 10);
	REM(40, 40);
	REM(55, 55);
	EXPECT_SET(&set, 11, 20, 30, 39, 50, 54, 56, 60);
	REM(15, 52);
	EXPECT_SET(&set, 11, 14, 53, 54, 56, 60);
	REM(53, 54);
	EXPECT_SET(&set, 11, 14, 56, 60);
	REM(12, 13);
	EXPECT_SET(&set, 11, 11, 14, 14, 56, 60);
	REM(61, 70);
	REM(58, 70);
	EXPECT_SET(&set, 11, 11, 14, 14, 56, 57);
	REM(0, 14);
	EXPECT_SET(&set, 56, 57);
	REM(0, TQUIC_RANGE_MAX);
	EXPECT_SET(&set);
	TQ_EXPECT(!set.top);
	tquic_range_free(&set);
}

TQ_TEST(range_at_both_ends_of_u64)
{
	static const u64 top = TQUIC_RANGE_MAX;
	struct tquic_range_set set;

	tquic_range_init(&set, TQUIC_RANGE_NO_LIMIT);
	INS(top, top);
	INS(top - 2, top - 2);
	INS(0, 0);
	EXPECT_SET(&set, 0, 0, U64_MAX - 3, U64_MAX - 3, U64_MAX - 1,
		   U64_MAX - 1);
	INS(top - 1, top);
	EXPECT_SET(&set, 0, 0, U64_MAX - 3, U64_MAX - 1);
	TQ_EXPECT_EQ(tquic_range_gap(&set, top - 2), U64_MAX);
	TQ_EXPECT_EQ(tquic_range_gap(&set, 0), 1);
	INS(0, top);
	EXPECT_SET(&set, 0, U64_MAX - 1);
	TQ_EXPECT(tquic_range_contains(&set, 0, top));
	REM(1, top - 1);
	EXPECT_SET(&set, 0, 0, U64_MAX - 1, U64_MAX - 1);
	REM(top, top);
	REM(0, 0);
	EXPECT_SET(&set);
	tquic_range_free(&set);
}

TQ_TEST(range_lookups)
{
	struct tquic_range_set set;

	tquic_range_init(&set, TQUIC_RANGE_NO_LIMIT);
	TQ_EXPECT(!tquic_range_from(&set, 0));
	TQ_EXPECT(!tquic_range_lowest(&set));
	TQ_EXPECT(!tquic_range_contains(&set, 0, 0));
	TQ_EXPECT(!tquic_range_stale(&set, 0));
	TQ_EXPECT_EQ(tquic_range_gap(&set, 7), 7);
	INS(10, 19);
	INS(30, 39);
	TQ_EXPECT_EQ(tquic_range_lowest(&set)->first, 10);
	TQ_EXPECT_EQ(tquic_range_from(&set, 0)->first, 10);
	TQ_EXPECT_EQ(tquic_range_from(&set, 19)->first, 10);
	TQ_EXPECT_EQ(tquic_range_from(&set, 20)->first, 30);
	TQ_EXPECT_EQ(tquic_range_from(&set, 39)->first, 30);
	TQ_EXPECT(!tquic_range_from(&set, 40));
	TQ_EXPECT(tquic_range_contains(&set, 10, 19));
	TQ_EXPECT(tquic_range_contains(&set, 30, 39));
	TQ_EXPECT(!tquic_range_contains(&set, 9, 10));
	TQ_EXPECT(!tquic_range_contains(&set, 19, 20));
	TQ_EXPECT(!tquic_range_contains(&set, 29, 30));
	TQ_EXPECT(!tquic_range_contains(&set, 10, 39));
	TQ_EXPECT(!tquic_range_contains(&set, 39, 40));
	TQ_EXPECT(!tquic_range_contains(&set, 40, 40));
	TQ_EXPECT_EQ(tquic_range_gap(&set, 9), 9);
	TQ_EXPECT_EQ(tquic_range_gap(&set, 10), 20);
	TQ_EXPECT_EQ(tquic_range_gap(&set, 20), 20);
	TQ_EXPECT_EQ(tquic_range_gap(&set, 35), 40);
	TQ_EXPECT_EQ(tquic_range_gap(&set, 41), 41);
	TQ_EXPECT(tquic_range_stale(&set, 10));
	TQ_EXPECT(!tquic_range_stale(&set, 9));
	TQ_EXPECT(!tquic_range_stale(&set, 8));
	TQ_EXPECT(!tquic_range_stale(&set, 40));
	tquic_range_free(&set);
}

TQ_TEST(range_trim_is_for_good)
{
	struct tquic_range_set set;

	tquic_range_init(&set, TQUIC_RANGE_NO_LIMIT);
	INS(0, 3);
	INS(5, 9);
	INS(20, 29);
	tquic_range_trim(&set, 7);
	EXPECT_SET(&set, 7, 9, 20, 29);
	TQ_EXPECT_EQ(set.floor, 7);
	tquic_range_trim(&set, 4);
	TQ_EXPECT_EQ(set.floor, 7);
	INS(0, 6);
	EXPECT_SET(&set, 7, 9, 20, 29);
	INS(0, 7);
	EXPECT_SET(&set, 7, 9, 20, 29);
	TQ_EXPECT(tquic_range_stale(&set, 6));
	TQ_EXPECT(!tquic_range_contains(&set, 6, 6));
	tquic_range_trim(&set, 10);
	EXPECT_SET(&set, 20, 29);
	INS(3, 12);
	EXPECT_SET(&set, 10, 12, 20, 29);
	tquic_range_trim(&set, 20);
	EXPECT_SET(&set, 20, 29);
	tquic_range_trim(&set, 50);
	EXPECT_SET(&set);
	TQ_EXPECT(tquic_range_stale(&set, 49));
	TQ_EXPECT(!tquic_range_stale(&set, 50));
	INS(40, 60);
	EXPECT_SET(&set, 50, 60);
	tquic_range_free(&set);
	TQ_EXPECT_EQ(set.floor, 0);
}

TQ_TEST(range_limit_drops_the_lowest)
{
	struct tquic_range_set set;

	tquic_range_init(&set, 3);
	INS(10, 11);
	INS(20, 21);
	INS(30, 31);
	TQ_EXPECT_EQ(set.floor, 0);
	/* merging needs no room */
	INS(12, 12);
	INS(32, 32);
	TQ_EXPECT_EQ(set.floor, 0);
	TQ_EXPECT(!tquic_range_stale(&set, 9));
	TQ_EXPECT(tquic_range_stale(&set, 8));
	TQ_EXPECT(!tquic_range_stale(&set, 15));
	INS(40, 40);
	EXPECT_SET(&set, 20, 21, 30, 32, 40, 40);
	TQ_EXPECT_EQ(set.floor, 13);
	INS(25, 25);
	EXPECT_SET(&set, 25, 25, 30, 32, 40, 40);
	TQ_EXPECT_EQ(set.floor, 22);
	/* the newcomer is the lowest */
	INS(23, 23);
	EXPECT_SET(&set, 25, 25, 30, 32, 40, 40);
	TQ_EXPECT_EQ(set.floor, 24);
	INS(10, 24);
	EXPECT_SET(&set, 24, 25, 30, 32, 40, 40);
	/* a split takes room too */
	REM(31, 31);
	EXPECT_SET(&set, 30, 30, 32, 32, 40, 40);
	TQ_EXPECT_EQ(set.floor, 26);
	tquic_range_free(&set);
	TQ_EXPECT_EQ(set.limit, 3);
}

TQ_TEST(range_limit_of_one)
{
	struct tquic_range_set set;

	tquic_range_init(&set, 1);
	INS(10, 12);
	INS(20, 22);
	EXPECT_SET(&set, 20, 22);
	TQ_EXPECT_EQ(set.floor, 13);
	REM(21, 21);
	EXPECT_SET(&set, 22, 22);
	TQ_EXPECT_EQ(set.floor, 21);
	INS(21, 21);
	EXPECT_SET(&set, 21, 22);
	tquic_range_free(&set);
}

/* at the limit the node of what is dropped serves again */
TQ_TEST(range_limit_needs_no_memory)
{
	struct tquic_range_set set;
	struct tquic_range *lowest;

	tquic_range_init(&set, 2);
	INS(0, 0);
	INS(2, 2);
	lowest = tquic_range_lowest(&set);
	INS(4, 4);
	TQ_EXPECT(set.top == lowest);
	EXPECT_SET(&set, 2, 2, 4, 4);
	tquic_range_free(&set);
}

TQ_OOM_TEST(range_insert_enomem)
{
	struct tquic_range_set set;
	int err;

	tquic_range_init(&set, TQUIC_RANGE_NO_LIMIT);
	err = tquic_range_insert(&set, 5, 9, GFP_KERNEL);
	if (err) {
		EXPECT_SET(&set);
		goto out;
	}
	err = tquic_range_insert(&set, 20, 29, GFP_KERNEL);
	if (err) {
		EXPECT_SET(&set, 5, 9);
		goto out;
	}
	err = tquic_range_remove(&set, 23, 25, GFP_KERNEL);
	if (err)
		EXPECT_SET(&set, 5, 9, 20, 29);
	else
		EXPECT_SET(&set, 5, 9, 20, 22, 26, 29);
out:
	tquic_range_free(&set);
	return err;
}

TQ_OOM_TEST(range_reserve_makes_the_next_change_safe)
{
	struct tquic_range_set set;
	int err;

	tquic_range_init(&set, TQUIC_RANGE_NO_LIMIT);
	err = tquic_range_reserve(&set, 3, GFP_KERNEL);
	if (!err) {
		TQ_EXPECT_EQ(set.spares, 3);
		TQ_EXPECT_EQ(set.reserve, 3);
		TQ_EXPECT_EQ(tquic_range_reserve(&set, 2, GFP_KERNEL), 0);
		TQ_EXPECT_EQ(set.spares, 3);
		TQ_EXPECT_EQ(set.reserve, 2);
		INS(1, 1);
		INS(3, 9);
		REM(5, 5);
		TQ_EXPECT_EQ(set.spares, 0);
		EXPECT_SET(&set, 1, 1, 3, 4, 6, 9);
		/* freed nodes are kept up to the reserve */
		REM(1, 9);
		TQ_EXPECT_EQ(set.spares, 2);
	} else {
		TQ_EXPECT_EQ(set.reserve, 0);
	}
	tquic_range_free(&set);
	TQ_EXPECT_EQ(set.spares, 0);
	return err;
}

TQ_TEST(range_node_is_small)
{
	TQ_EXPECT(sizeof(struct tquic_range) <= 40);
}
