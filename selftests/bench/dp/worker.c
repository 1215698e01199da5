// SPDX-License-Identifier: GPL-2.0
/*
 * The context that received packets are opened in.
 */
#include <linux/bitops.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sched/task.h>

#include "opts.h"
#include "worker.h"

static int dp_worker_thread(void *arg)
{
	struct dp_worker *w = arg;
	bool more = false;

	for (;;) {
		set_current_state(TASK_IDLE);
		if (kthread_should_stop())
			break;
		if (!test_and_clear_bit(0, &w->pending) && !more) {
			schedule();
			continue;
		}
		__set_current_state(TASK_RUNNING);
		more = w->poll(w->arg);
		cond_resched();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static void dp_worker_work(struct work_struct *work)
{
	struct dp_worker *w = container_of(work, struct dp_worker, work);

	if (!READ_ONCE(w->stopping) && w->poll(w->arg))
		dp_worker_kick(w);
}

/* Here and now; who comes meanwhile leaves it to the one who is at it. */
static void dp_worker_inline(struct dp_worker *w)
{
	int n;

	if (atomic_inc_return(&w->kicks) > 1)
		return;
	do {
		n = atomic_read(&w->kicks);
		while (!READ_ONCE(w->stopping) && w->poll(w->arg))
			;
	} while (atomic_sub_return(n, &w->kicks));
}

/**
 * dp_worker_kick - there is something to do
 * @w: worker
 *
 * Context: softirq or process.
 */
void dp_worker_kick(struct dp_worker *w)
{
	int cpu = w->cpu >= 0 ? w->cpu : WORK_CPU_UNBOUND;

	switch (w->context) {
	case DP_KTHREAD:
		if (!test_and_set_bit(0, &w->pending))
			wake_up_process(w->task);
		break;
	case DP_WORKQUEUE:
		queue_work_on(cpu, system_highpri_wq, &w->work);
		break;
	case DP_BH:
		/* where the packets come in: steer them, not the work */
		queue_work(system_bh_wq, &w->work);
		break;
	case DP_SOFTIRQ:
		local_bh_disable();
		dp_worker_inline(w);
		local_bh_enable();
		break;
	}
}

int dp_worker_start(struct dp_worker *w)
{
	struct task_struct *task;

	/* Two places, hence two classes for lockdep: work of the one kind runs
	 * with bottom halves disabled, of the other with them enabled.
	 */
	if (w->context == DP_BH)
		INIT_WORK(&w->work, dp_worker_work);
	else
		INIT_WORK(&w->work, dp_worker_work);
	if (w->context != DP_KTHREAD)
		return 0;
	task = kthread_create(dp_worker_thread, w, "tquic_dp_rx");
	if (IS_ERR(task))
		return PTR_ERR(task);
	if (w->cpu >= 0)
		kthread_bind(task, w->cpu);
	/* a late kick may come when the thread has ended */
	w->task = get_task_struct(task);
	wake_up_process(task);
	return 0;
}

/**
 * dp_worker_stop - stop polling
 * @w: worker
 *
 * @poll is not running when this returns, and will not run again.  Kicks are
 * still allowed until dp_worker_exit().
 */
void dp_worker_stop(struct dp_worker *w)
{
	WRITE_ONCE(w->stopping, true);
	if (w->task)
		kthread_stop(w->task);
	else
		cancel_work_sync(&w->work);
}

/* The last kick is over. */
void dp_worker_exit(struct dp_worker *w)
{
	if (w->task)
		put_task_struct(w->task);
	else
		cancel_work_sync(&w->work);
}
