/* SPDX-License-Identifier: GPL-2.0 */
/* User-space twin: CONFIG_DEBUG_NET is on in every test. */
#ifndef _SHIM_NET_NET_DEBUG_H
#define _SHIM_NET_NET_DEBUG_H

#include <linux/bug.h>

#define DEBUG_NET_WARN_ON_ONCE(cond)	((void)WARN_ON_ONCE(cond))
#define DEBUG_NET_WARN_ONCE(cond, ...)	((void)WARN_ONCE(cond, __VA_ARGS__))

#endif /* _SHIM_NET_NET_DEBUG_H */
