/* SPDX-License-Identifier: GPL-2.0 */
/* User-space twin: assertions at compile time. */
#ifndef _SHIM_LINUX_BUILD_BUG_H
#define _SHIM_LINUX_BUILD_BUG_H

#include <linux/compiler.h>

#undef static_assert
#define static_assert(expr, ...)	\
	tq_static_assert(expr, ##__VA_ARGS__, #expr)
#define tq_static_assert(expr, msg, ...)	_Static_assert(expr, msg)

/*
 * Stricter than the kernel's, which also takes what only the optimiser finds
 * to be constant: this one works the same at every -O level.
 */
#define BUILD_BUG_ON_MSG(cond, msg)	\
	((void)({ _Static_assert(!(cond), msg); }))
#define BUILD_BUG_ON(cond)		BUILD_BUG_ON_MSG(cond, #cond)
#define BUILD_BUG_ON_NOT_POWER_OF_2(n)	\
	BUILD_BUG_ON((n) == 0 || ((n) & ((n) - 1)) != 0)
#define BUILD_BUG_ON_ZERO(e)		\
	((int)sizeof(struct { char tq_fits[1 - 2 * !!(e)]; }) - 1)

#endif /* _SHIM_LINUX_BUILD_BUG_H */
