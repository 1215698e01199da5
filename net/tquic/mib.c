// SPDX-License-Identifier: GPL-2.0
/* Counters: their memory, and their sums. */
#include <linux/cpumask.h>
#include <linux/percpu.h>

#include "mib.h"

/**
 * tquic_mib_alloc - make the counters of a namespace
 *
 * Context: process context, may sleep.
 * Return: counters, all 0, or NULL without memory.
 */
struct tquic_mib __percpu *tquic_mib_alloc(void)
{
	return alloc_percpu(struct tquic_mib);
}

/**
 * tquic_mib_free - free counters
 * @mib: from tquic_mib_alloc(), or NULL; nobody counts any more
 */
void tquic_mib_free(struct tquic_mib __percpu *mib)
{
	free_percpu(mib);
}

/**
 * tquic_mib_sum - add up what the CPUs have counted
 * @mib: counters
 * @sum: the result; concurrent counts may or may not be in it
 *
 * Context: any.
 */
void tquic_mib_sum(struct tquic_mib __percpu *mib, struct tquic_mib *sum)
{
	const struct tquic_mib *one;
	unsigned int i;
	int cpu;

	*sum = (struct tquic_mib){};
	for_each_possible_cpu(cpu) {
		one = per_cpu_ptr(mib, cpu);
		for (i = 0; i < TQUIC_MIB_MAX; i++)
			sum->item[i] += READ_ONCE(one->item[i]);
		for (i = 0; i < TQUIC_DROP_MAX; i++)
			sum->drop[i] += READ_ONCE(one->drop[i]);
	}
}
