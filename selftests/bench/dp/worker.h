/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The context that received packets are opened in; see enum dp_context.
 */
#ifndef _TQUIC_DP_WORKER_H
#define _TQUIC_DP_WORKER_H

#include <linux/atomic.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct task_struct;

/**
 * struct dp_worker - runs @poll, once at a time, after each kick
 * @context: enum dp_context
 * @cpu: where to run; -1 for anywhere
 * @poll: does a bounded piece of work; true when there is more
 * @arg: passed to @poll
 * @stopping: do no more
 * @pending: bit 0: kicked since @task last looked
 * @kicks: kicks since DP_SOFTIRQ began to poll
 * @task: with DP_KTHREAD
 * @work: with DP_WORKQUEUE and DP_BH
 */
struct dp_worker {
	unsigned int context;
	int cpu;
	bool (*poll)(void *arg);
	void *arg;
	bool stopping;
	unsigned long pending;
	atomic_t kicks;
	struct task_struct *task;
	struct work_struct work;
};

int dp_worker_start(struct dp_worker *w);
void dp_worker_kick(struct dp_worker *w);
void dp_worker_stop(struct dp_worker *w);
void dp_worker_exit(struct dp_worker *w);

#endif /* _TQUIC_DP_WORKER_H */
