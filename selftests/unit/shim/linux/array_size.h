/* SPDX-License-Identifier: GPL-2.0 */
/* User-space twin: the number of elements, of arrays only. */
#ifndef _SHIM_LINUX_ARRAY_SIZE_H
#define _SHIM_LINUX_ARRAY_SIZE_H

#include <linux/build_bug.h>

/* a pointer is of the type of &a[0], an array is not */
#define ARRAY_SIZE(arr)							\
	(sizeof(arr) / sizeof((arr)[0]) +				\
	 BUILD_BUG_ON_ZERO(__builtin_types_compatible_p(		\
		__typeof__(arr), __typeof__(&(arr)[0]))))

#endif /* _SHIM_LINUX_ARRAY_SIZE_H */
