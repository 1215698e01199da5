// SPDX-License-Identifier: GPL-2.0
/* Memory that is not there: some batches of packets cannot be allocated. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/kprobes.h>
#include <linux/minmax.h>
#include <linux/printk.h>
#include <linux/ptrace.h>
#include <linux/slab.h>

#include "aead_batch.h"
#include "test.h"

/* then it ends: the goodbye is sent once, and must arrive */
#define ST_FAULTS	8

#ifdef CONFIG_KRETPROBES
static unsigned int st_every;
static atomic_t st_calls;
static atomic_t st_faults;

static int st_fault(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct tquic_aead_batch *b = (void *)regs_return_value(regs);

	if (!b || atomic_inc_return(&st_calls) % st_every ||
	    atomic_inc_return(&st_faults) > ST_FAULTS)
		return 0;
	/* it is new, so this is all that there is to free */
	kfree(b);
	regs_set_return_value(regs, 0);
	return 0;
}

static struct kretprobe st_probe = {
	.kp.symbol_name = "tquic_aead_batch_alloc",
	.handler = st_fault,
	.maxactive = 64,
};

int st_fault_start(unsigned int every)
{
	st_every = every;
	return register_kretprobe(&st_probe);
}

void st_fault_stop(void)
{
	unregister_kretprobe(&st_probe);
	pr_info("%d batches were refused\n",
		min(atomic_read(&st_faults), ST_FAULTS));
}
#else
int st_fault_start(unsigned int every)
{
	pr_err("no kretprobes here\n");
	return -EOPNOTSUPP;
}

void st_fault_stop(void)
{
}
#endif
