/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TQUIC_COMPAT_LINUX_HRTIMER_H
#define _TQUIC_COMPAT_LINUX_HRTIMER_H

#include_next <linux/hrtimer.h>
#include "tquic_config.h"

#ifndef TQUIC_HAVE_HRTIMER_SETUP
/* before, the function was set by hand */
static inline void
hrtimer_setup(struct hrtimer *timer,
	      enum hrtimer_restart (*function)(struct hrtimer *),
	      clockid_t clock_id, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock_id, mode);
	timer->function = function;
}
#endif

#endif /* _TQUIC_COMPAT_LINUX_HRTIMER_H */
