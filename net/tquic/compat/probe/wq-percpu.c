// SPDX-License-Identifier: GPL-2.0
/* WQ_PERCPU: what is not said to be unbound is to be said to be by CPU */
#include <linux/workqueue.h>

struct workqueue_struct *tquic_probe(void);
struct workqueue_struct *tquic_probe(void)
{
#ifdef TQUIC_PROBE_OLD
	return alloc_workqueue("probe", WQ_CPU_INTENSIVE, 0);
#else
	return alloc_workqueue("probe", WQ_CPU_INTENSIVE | WQ_PERCPU, 0);
#endif
}
