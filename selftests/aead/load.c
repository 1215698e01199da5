// SPDX-License-Identifier: GPL-2.0
/* Many batches at once, from every CPU, several of each in flight. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "test.h"

#define TEST_LOAD_LANES		24	/* batches in flight per thread */
#define TEST_LOAD_ROUNDS	20
#define TEST_LOAD_PACKETS	592	/* all lanes of a thread, per round */

/**
 * struct test_load - shared by all threads
 * @keys: the same for all, as those of a connection are
 * @async: requests went asynchronous
 * @backlogged: of these, through the backlog
 * @packets: packets opened
 * @done: once per thread
 * @err: the first error
 */
struct test_load {
	struct test_keys keys;
	atomic_t async;
	atomic_t backlogged;
	atomic_t packets;
	struct completion done;
	int err;
};

/**
 * struct test_load_lane - one train on its way there and back
 * @load: shared
 * @t: the train
 * @b: the batch in flight
 * @done: completed
 */
struct test_load_lane {
	struct test_load *load;
	struct test_train t;
	struct tquic_aead_batch *b;
	struct completion done;
};

static void test_load_done(struct tquic_aead_batch *b, void *arg)
{
	struct test_load_lane *lane = arg;

	atomic_add(b->stats.async, &lane->load->async);
	atomic_add(b->stats.backlogged, &lane->load->backlogged);
	complete(&lane->done);
}

static int test_load_seal(struct test_load_lane *lane)
{
	/* as from a softirq in half of the cases */
	bool atomic = lane->t.n & 1;
	int err;

	lane->t.pn += lane->t.n;
	lane->b = tquic_aead_batch_alloc(atomic ? GFP_ATOMIC : GFP_KERNEL);
	if (!lane->b)
		return -ENOMEM;
	err = test_train_add(lane->b, &lane->t, &lane->load->keys);
	if (err) {
		tquic_aead_batch_free(lane->b);
		return err;
	}
	init_completion(&lane->done);
	if (atomic)
		local_bh_disable();
	tquic_seal_submit(lane->b, test_load_done, lane);
	if (atomic)
		local_bh_enable();
	return 0;
}

static int test_load_open(struct test_load_lane *lane)
{
	struct sk_buff *skb;
	int err;

	wait_for_completion(&lane->done);
	err = lane->b->stats.failed ? -EIO : 0;
	tquic_aead_batch_free(lane->b);
	if (err)
		return err;
	lane->b = tquic_aead_batch_alloc(GFP_KERNEL);
	skb = test_train_skb(&lane->t);
	if (!lane->b || !skb) {
		kfree_skb(skb);
		tquic_aead_batch_free(lane->b);
		return -ENOMEM;
	}
	err = test_train_parse(lane->b, &lane->t, &lane->load->keys, skb);
	if (err) {
		tquic_aead_batch_free(lane->b);
		return err;
	}
	init_completion(&lane->done);
	tquic_open_submit(lane->b, test_load_done, lane);
	return 0;
}

static int test_load_check(struct test_load_lane *lane)
{
	int err;

	wait_for_completion(&lane->done);
	err = test_train_check(lane->b, &lane->t);
	tquic_aead_batch_free(lane->b);
	atomic_add(lane->t.n, &lane->load->packets);
	return err;
}

/* Each stage runs to the end: what was submitted has to be waited for. */
static int test_load_round(struct test_load_lane *lanes)
{
	int (*const stage[])(struct test_load_lane *lane) = {
		test_load_seal, test_load_open, test_load_check,
	};
	int err[TEST_LOAD_LANES] = {};
	int first = 0;
	unsigned int s, i;

	for (s = 0; s < ARRAY_SIZE(stage); s++)
		for (i = 0; i < TEST_LOAD_LANES; i++)
			if (!err[i])
				err[i] = stage[s](&lanes[i]);
	for (i = 0; i < TEST_LOAD_LANES; i++)
		first = first ?: err[i];
	return first;
}

static int test_load_thread(void *arg)
{
	struct test_load_lane *lanes;
	struct test_load *load = arg;
	unsigned int i, n = 0;
	int err = 0;

	lanes = kcalloc(TEST_LOAD_LANES, sizeof(*lanes), GFP_KERNEL);
	if (!lanes)
		err = -ENOMEM;
	for (; !err && n < TEST_LOAD_LANES; n++) {
		lanes[n].load = load;
		err = test_train_alloc(&lanes[n].t, 1 + n * 29 % 44, 1 +
				       (n + 3) * 191 % 1400);
		if (err)
			break;
	}
	for (i = 0; i < TEST_LOAD_ROUNDS && !err; i++)
		err = test_load_round(lanes);
	while (n--)
		test_train_free(&lanes[n].t);
	kfree(lanes);
	if (err)
		WRITE_ONCE(load->err, err);
	complete(&load->done);
	while (!kthread_should_stop())
		msleep(20);
	return err;
}

static int test_load_run(struct test_load *load)
{
	struct task_struct *task[8] = {};
	unsigned int cpu, i, n = 0;

	init_completion(&load->done);
	for_each_online_cpu(cpu) {
		if (n == ARRAY_SIZE(task))
			break;
		task[n] = kthread_create(test_load_thread, load, "tquic_load");
		if (IS_ERR(task[n]))
			break;
		kthread_bind(task[n], cpu);
		wake_up_process(task[n++]);
	}
	/* a thread that is stopped before it has run would never run */
	for (i = 0; i < n; i++)
		wait_for_completion(&load->done);
	for (i = 0; i < n; i++)
		kthread_stop(task[i]);
	return READ_ONCE(load->err) ?:
	       TEST_EXPECT(atomic_read(&load->packets) == TEST_LOAD_ROUNDS *
			   TEST_LOAD_PACKETS * n && n);
}

int test_load(const char *alg, bool async)
{
	struct test_load *load;
	int err;

	load = kzalloc_obj(*load, GFP_KERNEL);
	if (!load)
		return -ENOMEM;
	err = test_keys_make(&load->keys, TQUIC_AES_128_GCM_SHA256, alg);
	if (!err) {
		err = test_load_run(load);
		test_keys_free(&load->keys);
	}
	pr_info("load: %d packets opened, %d asynchronous, %d backlogged\n",
		atomic_read(&load->packets), atomic_read(&load->async),
		atomic_read(&load->backlogged));
	if (!err && async)
		err = TEST_EXPECT(atomic_read(&load->async) > 0);
	kfree(load);
	return err;
}
