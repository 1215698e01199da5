/* SPDX-License-Identifier: GPL-2.0 */
/* User-space twin: comparison in constant time. */
#ifndef _SHIM_CRYPTO_UTILS_H
#define _SHIM_CRYPTO_UTILS_H

#include <linux/compiler.h>

static inline unsigned long crypto_memneq(const void *a, const void *b,
					  size_t size)
{
	const u8 *pa = a, *pb = b;
	unsigned long diff = 0;

	while (size--) {
		diff |= *pa++ ^ *pb++;
		OPTIMIZER_HIDE_VAR(diff);
	}
	return diff;
}

#endif /* _SHIM_CRYPTO_UTILS_H */
