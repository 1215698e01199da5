/* SPDX-License-Identifier: GPL-2.0 */
/* User-space twin: powers of two. */
#ifndef _SHIM_LINUX_LOG2_H
#define _SHIM_LINUX_LOG2_H

#include <linux/bitops.h>

/* usable in constant expressions; the logarithm of 0 is undefined */
#define ilog2(n)		(63 - __builtin_clzll(n))

static inline __attribute_const__ bool is_power_of_2(unsigned long n)
{
	return n != 0 && (n & (n - 1)) == 0;
}

/* for 0 both are undefined in the kernel; the shift is caught by UBSan */
#define roundup_pow_of_two(n)	\
	(1UL << fls_long((unsigned long)(n) - 1))
#define rounddown_pow_of_two(n)	\
	(1UL << (fls_long((unsigned long)(n)) - 1))

static inline __attribute_const__ int order_base_2(unsigned long n)
{
	return n > 1 ? (int)fls_long(n - 1) : 0;
}

#endif /* _SHIM_LINUX_LOG2_H */
