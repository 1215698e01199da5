/* SPDX-License-Identifier: GPL-2.0 */
/* User-space twin: cache lines. */
#ifndef _SHIM_LINUX_CACHE_H
#define _SHIM_LINUX_CACHE_H

#include <linux/compiler.h>

#define L1_CACHE_BYTES			64
#define SMP_CACHE_BYTES			L1_CACHE_BYTES
#define ____cacheline_aligned		__aligned(L1_CACHE_BYTES)
#define ____cacheline_aligned_in_smp	__aligned(L1_CACHE_BYTES)
#define __cacheline_group_begin(group)	struct {} group##_begin
#define __cacheline_group_end(group)	struct {} group##_end

#endif /* _SHIM_LINUX_CACHE_H */
