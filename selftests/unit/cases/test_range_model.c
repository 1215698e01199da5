// SPDX-License-Identifier: GPL-2.0
/*
 * The set against an array with one flag per value.
 */
#include <stdlib.h>
#include <time.h>
#include "core/range.h"
#include "core/varint.h"
#include "tap.h"

#define SPAN	192	/* values in the universe */

struct model {
	bool in[SPAN];
	u64 base;
	unsigned int floor;	/* as @in, relative to base */
	u32 limit;
};

static unsigned int runs(const struct model *m)
{
	unsigned int i, n = 0;

	for (i = 0; i < SPAN; i++)
		n += m->in[i] && (!i || !m->in[i - 1]);
	return n;
}

static void keep_limit(struct model *m)
{
	unsigned int i = 0;

	if (runs(m) <= m->limit)
		return;
	while (!m->in[i])
		i++;
	while (m->in[i])
		m->in[i++] = false;
	m->floor = i;
}

static void model_set(struct model *m, unsigned int first, unsigned int last,
		      bool in)
{
	unsigned int i;

	for (i = first; i <= last; i++)
		if (i >= m->floor)
			m->in[i] = in;
	keep_limit(m);
}

static void model_trim(struct model *m, unsigned int floor)
{
	unsigned int i;

	if (floor <= m->floor)
		return;
	m->floor = floor;
	for (i = 0; i < floor; i++)
		m->in[i] = false;
}

static unsigned int model_gap(const struct model *m, unsigned int i)
{
	while (i < SPAN && m->in[i])
		i++;
	return i;
}

/* whether inserting would change nothing, found by trying */
static bool model_stale(const struct model *m, unsigned int i)
{
	struct model copy = *m;

	model_set(&copy, i, i, true);
	return m->in[i] || !copy.in[i];
}

static void compare(const struct tquic_range_set *set, const struct model *m)
{
	const struct tquic_range *r = tquic_range_lowest(set);
	unsigned int i = 0, end, n = 0;

	for (;;) {
		while (i < SPAN && !m->in[i])
			i++;
		if (i == SPAN)
			break;
		end = model_gap(m, i);
		TQ_ASSERT(r);
		TQ_ASSERT_EQ(r->first, m->base + i);
		TQ_ASSERT_EQ(r->last, m->base + end - 1);
		i = end;
		n++;
		if (!tquic_range_next(r))
			TQ_ASSERT(r == set->top);
		r = tquic_range_next(r);
	}
	TQ_ASSERT(!r);
	TQ_ASSERT_EQ(set->count, n);
	TQ_ASSERT(!set->top == !n);
	if (m->floor)
		TQ_ASSERT_EQ(set->floor, m->base + m->floor);
}

static void compare_lookups(const struct tquic_range_set *set,
			    const struct model *m)
{
	unsigned int i = tq_rand_below(SPAN - 1), k;
	u64 val = m->base + i;
	struct tquic_range *r;

	TQ_ASSERT_EQ(tquic_range_stale(set, val), model_stale(m, i));
	TQ_ASSERT_EQ(tquic_range_contains(set, val, val), m->in[i]);
	TQ_ASSERT_EQ(tquic_range_gap(set, val), m->base + model_gap(m, i));
	k = i + tq_rand_below(min(SPAN - i, 12u));
	TQ_ASSERT_EQ(tquic_range_contains(set, val, m->base + k),
		     model_gap(m, i) > k);
	r = tquic_range_from(set, val);
	for (k = i; k < SPAN && !m->in[k]; k++)
		;
	TQ_ASSERT_EQ(!r, k == SPAN);
	if (r)
		TQ_ASSERT_EQ(max(r->first, val), m->base + k);
}

static void run_model(u64 base, u32 limit, unsigned int width,
		      unsigned int steps)
{
	struct model m = { .base = base, .limit = limit };
	unsigned int i, first, last, what;
	struct tquic_range_set set;

	tquic_range_init(&set, limit);
	for (i = 0; i < steps; i++) {
		tq_note("base %llx limit %u width %u step %u", base, limit,
			width, i);
		first = tq_rand_below(SPAN - 1);
		last = min(first + (unsigned int)tq_rand_below(width),
			   SPAN - 2u);
		what = tq_rand_below(400);
		if (what < 240) {
			model_set(&m, first, last, true);
			TQ_ASSERT_EQ(tquic_range_insert(&set, base + first,
							base + last,
							GFP_KERNEL), 0);
		} else if (what < 394) {
			model_set(&m, first, last, false);
			TQ_ASSERT_EQ(tquic_range_remove(&set, base + first,
							base + last,
							GFP_KERNEL), 0);
		} else if (what < 397) {
			model_trim(&m, first / 3);
			tquic_range_trim(&set, base + first / 3);
		} else if (what == 397) {
			TQ_ASSERT_EQ(tquic_range_reserve(&set, first / 64,
							 GFP_KERNEL), 0);
		} else if (what == 398) {
			memset(m.in, 0, sizeof(m.in));
			m.floor = 0;
			tquic_range_free(&set);
		}
		compare(&set, &m);
		compare_lookups(&set, &m);
	}
	tquic_range_free(&set);
}

TQ_TEST(range_model_dense)
{
	run_model(0, TQUIC_RANGE_NO_LIMIT, 6, 30000);
	run_model(0, TQUIC_RANGE_NO_LIMIT, 40, 15000);
	run_model(0, TQUIC_RANGE_NO_LIMIT, 1, 15000);
}

TQ_TEST(range_model_huge_values)
{
	run_model(TQUIC_VARINT_MAX - SPAN / 2, TQUIC_RANGE_NO_LIMIT, 6, 15000);
	run_model(TQUIC_RANGE_MAX - (SPAN - 2), TQUIC_RANGE_NO_LIMIT, 6, 15000);
	run_model((1ULL << 32) - SPAN / 2, TQUIC_RANGE_NO_LIMIT, 6, 15000);
}

TQ_TEST(range_model_limits)
{
	u32 limit;

	for (limit = 1; limit <= 12; limit++) {
		run_model(0, limit, 4, 6000);
		run_model(TQUIC_VARINT_MAX - SPAN / 2, limit, 4, 3000);
	}
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* seconds for 20000 random insertions and look-ups among n ranges */
static double cost(unsigned int n)
{
	struct tquic_range_set set;
	unsigned int i;
	double start;

	tquic_range_init(&set, TQUIC_RANGE_NO_LIMIT);
	for (i = 0; i < n; i++)
		TQ_ASSERT_EQ(tquic_range_insert(&set, 4 * i, 4 * i,
						GFP_KERNEL), 0);
	TQ_EXPECT_EQ(set.count, n);
	start = seconds();
	for (i = 0; i < 20000; i++) {
		u64 val = 4 * tq_rand_below(n) + 2;

		TQ_EXPECT(!tquic_range_contains(&set, val, val));
		TQ_ASSERT_EQ(tquic_range_insert(&set, val, val, GFP_KERNEL), 0);
		TQ_ASSERT_EQ(tquic_range_remove(&set, val, val, GFP_KERNEL), 0);
	}
	start = seconds() - start;
	TQ_EXPECT_EQ(set.count, n);
	tquic_range_free(&set);
	return start;
}

/* a hundred times the ranges: 1.7 times the depth, cold caches, no walk */
TQ_TEST(range_cost_is_logarithmic)
{
	double few = cost(1000), many = cost(100000);

	tq_note("%f s among 10^3 ranges, %f s among 10^5", few, many);
	TQ_EXPECT(many < 20 * few + 0.01);
}

/* the usual order of arrival: no allocation, no descent */
TQ_TEST(range_in_order_needs_one_node)
{
	struct tquic_range_set set;
	u64 i;

	tquic_range_init(&set, TQUIC_RANGE_NO_LIMIT);
	for (i = 0; i < 100000; i++)
		TQ_ASSERT_EQ(tquic_range_insert(&set, i, i, GFP_KERNEL), 0);
	TQ_EXPECT_EQ(set.count, 1);
	TQ_EXPECT_EQ(set.spares, 0);
	tquic_range_free(&set);
}
