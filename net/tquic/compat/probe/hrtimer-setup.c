// SPDX-License-Identifier: GPL-2.0
/* a timer and its function are initialised together */
#include <linux/hrtimer.h>

void probe(struct hrtimer *timer,
	   enum hrtimer_restart (*function)(struct hrtimer *));

void probe(struct hrtimer *timer,
	   enum hrtimer_restart (*function)(struct hrtimer *))
{
#ifdef TQUIC_PROBE_OLD
	hrtimer_init(timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	timer->function = function;
#else
	hrtimer_setup(timer, function, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
#endif
}
