// SPDX-License-Identifier: GPL-2.0
#include "core/due.h"
#include "tap.h"

#define SPACE 600

static bool model[SPACE];

static u64 model_bytes(void)
{
	u64 i, n = 0;

	for (i = 0; i < SPACE; i++)
		n += model[i];
	return n;
}

/* Every byte is where it should be, and sums are right at every node. */
static void check(const struct tquic_due *due)
{
	u64 i, n = 0, end, sum, bytes = model_bytes();
	const struct tquic_due_range *r, *child;
	struct rb_node *node;

	TQ_EXPECT_EQ(tquic_due_bytes(due), bytes);
	for (i = 0; i < SPACE; i++) {
		if (!model[i])
			continue;
		TQ_EXPECT_EQ(tquic_due_at(due, n++, &end), i);
		TQ_EXPECT(end > i && (end == SPACE || !model[end]));
	}
	for (node = rb_first(&due->root); node; node = rb_next(node)) {
		r = rb_entry(node, struct tquic_due_range, node);
		sum = r->end - r->first;
		child = rb_entry_safe(node->rb_left, struct tquic_due_range,
				      node);
		sum += child ? child->sum : 0;
		child = rb_entry_safe(node->rb_right, struct tquic_due_range,
				      node);
		sum += child ? child->sum : 0;
		TQ_EXPECT_EQ(r->sum, sum);
	}
}

TQ_TEST(due_against_model)
{
	unsigned int round, step;
	struct tquic_due due;
	u64 first, end, i;
	bool add;

	for (round = 0; round < 30; round++) {
		tq_note("round %u", round);
		memset(model, 0, sizeof(model));
		tquic_due_init(&due);
		for (step = 0; step < 150; step++) {
			first = tq_rand_below(SPACE);
			end = first + 1 + tq_rand_below(round % 3 ? 12 : 80);
			end = min_t(u64, end, SPACE);
			add = tq_rand_below(round % 2 ? 2 : 4);
			for (i = first; i < end; i++)
				model[i] = add;
			TQ_EXPECT_EQ(add ? tquic_due_add(&due, first, end,
							 GFP_KERNEL) :
					   tquic_due_del(&due, first, end,
							 GFP_KERNEL), 0);
			check(&due);
		}
		tquic_due_del(&due, 0, U64_MAX, GFP_KERNEL);
		TQ_EXPECT_EQ(tquic_due_bytes(&due), 0);
		tquic_due_free(&due);
	}
}

/* Cutting the upper end off needs no memory; what needs some, fails whole. */
TQ_OOM_TEST(due_oom)
{
	struct tquic_due due;
	int err;

	tquic_due_init(&due);
	err = tquic_due_add(&due, 10, 20, GFP_KERNEL);
	if (!err)
		err = tquic_due_add(&due, 30, 40, GFP_KERNEL);
	if (!err) {
		err = tquic_due_del(&due, 33, 36, GFP_KERNEL);
		TQ_EXPECT_EQ(tquic_due_bytes(&due), err ? 20 : 17);
	}
	TQ_EXPECT_EQ(tquic_due_del(&due, 15, U64_MAX, GFP_KERNEL), 0);
	TQ_EXPECT_EQ(tquic_due_del(&due, 0, U64_MAX, GFP_KERNEL), 0);
	TQ_EXPECT(RB_EMPTY_ROOT(&due.root));
	tquic_due_free(&due);
	return err;
}
