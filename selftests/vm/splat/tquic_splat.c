// SPDX-License-Identifier: GPL-2.0
/*
 * A module that misbehaves on demand, so that the test bench can be seen to
 * notice: modprobe tquic_splat fault=NAME
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/string.h>

static char *fault = "none";
module_param(fault, charp, 0);
MODULE_PARM_DESC(fault, "none, warn, bug, leak, ref, locks, rcu, oob, uaf, shift, atomic, oops or hang");

static DEFINE_MUTEX(splat_first);
static DEFINE_MUTEX(splat_second);
static LIST_HEAD(splat_list);

struct splat_entry {
	struct list_head list;
};

/* The value is loaded at run time, so that no compiler sees the fault. */
static int splat_size = 24;
module_param(splat_size, int, 0);

static void splat_warn(void)
{
	WARN(1, "tquic_splat: a warning\n");
}

static void splat_bug(void)
{
	BUG();
}

static void splat_leak(void)
{
	void *lost = kmalloc(1000 + splat_size, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(lost);
	/* Nothing that kmemleak scans may keep the address by chance. */
	lost = NULL;
	OPTIMIZER_HIDE_VAR(lost);
}

static void splat_ref(void)
{
	__module_get(THIS_MODULE);
}

static void splat_locks(void)
{
	mutex_lock(&splat_first);
	mutex_lock(&splat_second);
	mutex_unlock(&splat_second);
	mutex_unlock(&splat_first);

	mutex_lock(&splat_second);
	mutex_lock(&splat_first);
	mutex_unlock(&splat_first);
	mutex_unlock(&splat_second);
}

static void splat_rcu(void)
{
	struct splat_entry *entry;

	list_for_each_entry_rcu(entry, &splat_list, list)
		OPTIMIZER_HIDE_VAR(entry);
}

static void splat_oob(void)
{
	char *buf = kmalloc(splat_size, GFP_KERNEL);
	int past = splat_size;

	if (!buf)
		return;
	OPTIMIZER_HIDE_VAR(past);
	WRITE_ONCE(buf[past], 1);
	kfree(buf);
}

static void splat_uaf(void)
{
	char *buf = kmalloc(splat_size, GFP_KERNEL);

	if (!buf)
		return;
	kfree(buf);
	OPTIMIZER_HIDE_VAR(buf);
	(void)READ_ONCE(*buf);
}

static void splat_shift(void)
{
	int by = splat_size + 16;
	int value = 1;

	OPTIMIZER_HIDE_VAR(by);
	value <<= by;
	OPTIMIZER_HIDE_VAR(value);
}

static void splat_atomic(void)
{
	preempt_disable();
	might_sleep();
	preempt_enable();
}

static void splat_oops(void)
{
	int *nowhere = NULL;

	OPTIMIZER_HIDE_VAR(nowhere);
	WRITE_ONCE(*nowhere, 1);
}

static int splat_sleeper(void *unused)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule();
	return 0;
}

static void splat_hang(void)
{
	struct task_struct *task = kthread_run(splat_sleeper, NULL, "splat");

	if (!IS_ERR(task))
		msleep(20);
}

static const struct {
	const char *name;
	void (*fn)(void);
} splats[] = {
	{ "warn", splat_warn },
	{ "bug", splat_bug },
	{ "leak", splat_leak },
	{ "ref", splat_ref },
	{ "locks", splat_locks },
	{ "rcu", splat_rcu },
	{ "oob", splat_oob },
	{ "uaf", splat_uaf },
	{ "shift", splat_shift },
	{ "atomic", splat_atomic },
	{ "oops", splat_oops },
	{ "hang", splat_hang },
};

static int __init splat_init(void)
{
	unsigned int i;

	if (!strcmp(fault, "none"))
		return 0;
	for (i = 0; i < ARRAY_SIZE(splats); i++) {
		if (!strcmp(fault, splats[i].name)) {
			splats[i].fn();
			return 0;
		}
	}
	return -EINVAL;
}

static void __exit splat_exit(void)
{
}

module_init(splat_init);
module_exit(splat_exit);

MODULE_DESCRIPTION("Faults on demand, to test the test bench");
MODULE_LICENSE("GPL");
