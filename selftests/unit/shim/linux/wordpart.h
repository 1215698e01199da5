/* SPDX-License-Identifier: GPL-2.0 */
/* User-space twin: halves of words. */
#ifndef _SHIM_LINUX_WORDPART_H
#define _SHIM_LINUX_WORDPART_H

#include <linux/types.h>

#define upper_32_bits(n)	((u32)(((u64)(n)) >> 32))
#define lower_32_bits(n)	((u32)((n) & 0xffffffff))
#define upper_16_bits(n)	((u16)((n) >> 16))
#define lower_16_bits(n)	((u16)((n) & 0xffff))

#endif /* _SHIM_LINUX_WORDPART_H */
