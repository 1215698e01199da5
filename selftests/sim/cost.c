// SPDX-License-Identifier: GPL-2.0
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "cost.h"

static int counter = -1;
static u64 begun;

static u64 now(void)
{
	struct timespec ts;
	u64 count;

	if (counter >= 0 &&
	    read(counter, &count, sizeof(count)) == sizeof(count))
		return count;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * SEC + ts.tv_nsec;
}

void cost_start(void)
{
	static struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_HW_INSTRUCTIONS,
		.exclude_kernel = 1,
		.exclude_hv = 1,
	};
	static pid_t whose;

	/* a counter is of one process */
	if (whose != getpid()) {
		whose = getpid();
		counter = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
	}
	begun = now();
}

u64 cost_stop(void)
{
	return now() - begun;
}
