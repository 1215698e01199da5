// SPDX-License-Identifier: GPL-2.0
/*
 * Tests that have to fail: see selftests/unit/bench-selftest for what the
 * runner has to say about each.
 */
#include <stdlib.h>
#include <unistd.h>
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/slab.h>
#include "tap.h"

/* the compiler must not see through what is done here */
static void *volatile sink;
static volatile int one = 1;

TQ_TEST(fine)
{
	void *p = kmalloc(one, GFP_KERNEL | __GFP_NOFAIL);

	TQ_EXPECT(p);
	kfree(p);
}

TQ_TEST(expectation)
{
	tq_note("the note");
	TQ_EXPECT_EQ(one + 1, 3);
}

TQ_TEST(assertion)
{
	TQ_ASSERT(one == 2);
	abort();
}

TQ_TEST(memory_differs)
{
	TQ_EXPECT_MEM_EQ("abc", "abd", 3);
}

TQ_TEST(leak)
{
	sink = kmalloc(10, GFP_KERNEL);
	sink = NULL;
}

TQ_TEST(leak_of_malloc)
{
	sink = malloc(10);
	sink = NULL;
}

TQ_TEST(overflow_of_heap)
{
	char *p = kmalloc(10, GFP_KERNEL);

	p[9 + one] = 0;
	kfree(p);
}

TQ_TEST(use_after_free)
{
	int *p = kmalloc(sizeof(*p), GFP_KERNEL);

	sink = p;
	kfree(p);
	one = *(int *)sink;
}

TQ_TEST(double_free)
{
	sink = kmalloc(1, GFP_KERNEL);
	kfree(sink);
	kfree(sink);
}

TQ_TEST(overflow_of_int)
{
	one = 0x7fffffff + one;
}

TQ_TEST(shift_too_far)
{
	one = 1 << (31 + one);
}

TQ_TEST(null_pointer)
{
	sink = NULL;
	*(volatile int *)sink = 1;
}

TQ_TEST(warning)
{
	WARN_ON_ONCE(one);
}

TQ_TEST(list_deleted_twice)
{
	struct list_head entry;
	LIST_HEAD(head);

	list_add(&entry, &head);
	list_del(&entry);
	list_del(&entry);
}

TQ_TEST(endless)
{
	tq_note("round and round");
	while (one)
		;
}

TQ_TEST(asleep)
{
	while (one)
		usleep(1000);
}

TQ_TEST(exits)
{
	_exit(3);
}

TQ_OOM_TEST(oom_good)
{
	void *p = kmalloc(1, GFP_KERNEL);
	void *q = p ? kmalloc(1, GFP_KERNEL) : NULL;

	kfree(p);
	kfree(q);
	return q ? 0 : -ENOMEM;
}

TQ_OOM_TEST(oom_leak)
{
	void *p = kmalloc(1, GFP_KERNEL), *q;

	if (!p)
		return -ENOMEM;
	q = kmalloc(1, GFP_KERNEL);
	if (!q)
		return -ENOMEM;
	kfree(p);
	kfree(q);
	return 0;
}

TQ_OOM_TEST(oom_ignored)
{
	kfree(kmalloc(1, GFP_KERNEL));
	return 0;
}

TQ_OOM_TEST(oom_crash)
{
	char *p = kmalloc(1, GFP_KERNEL);

	*p = 0;
	kfree(p);
	return 0;
}

TQ_OOM_TEST(oom_other_error)
{
	return -EINVAL;
}
