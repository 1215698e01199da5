/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TQUIC_COMPAT_LINUX_WORKQUEUE_H
#define _TQUIC_COMPAT_LINUX_WORKQUEUE_H

#include_next <linux/workqueue.h>
#include "tquic_config.h"

#ifndef TQUIC_HAVE_WQ_PERCPU
/* before, it went without saying */
#define WQ_PERCPU	0
#endif

#endif /* _TQUIC_COMPAT_LINUX_WORKQUEUE_H */
