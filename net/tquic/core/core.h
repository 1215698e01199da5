/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The door between the pure core and its surroundings.
 *
 * core/, cc/ and sched/ include no other <linux/...> header than the ones
 * listed here, so that the same files compile into tquic.ko and, over the
 * headers of selftests/unit/shim/, into user-space programs.  Nothing behind
 * this door knows of an skb, a socket, a clock, a lock or randomness: time
 * and random bytes are parameters, the caller owns the lock, and memory comes
 * through kmalloc-class calls with a gfp argument.
 */
#ifndef _TQUIC_CORE_H
#define _TQUIC_CORE_H

#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/rbtree.h>
#include <linux/rbtree_augmented.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/unaligned.h>

/**
 * typedef tquic_time_t - a point in time, or a span of it, in nanoseconds
 *
 * Monotonic; the origin is whatever the caller's clock has.
 */
typedef u64 tquic_time_t;

#define TQUIC_TIME_NEVER	U64_MAX
#define TQUIC_NS_PER_US		1000ULL
#define TQUIC_NS_PER_MS		1000000ULL
#define TQUIC_NS_PER_SEC	1000000000ULL

#endif /* _TQUIC_CORE_H */
