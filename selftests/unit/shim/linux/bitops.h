/* SPDX-License-Identifier: GPL-2.0 */
/* User-space twin: single bits, and counting them. */
#ifndef _SHIM_LINUX_BITOPS_H
#define _SHIM_LINUX_BITOPS_H

#include <strings.h>		/* ffs() */
#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/types.h>

/* first and last set bit; those with underscores start at 0 and refuse 0 */

static __always_inline int fls(unsigned int x)
{
	return x ? 32 - __builtin_clz(x) : 0;
}

static __always_inline int fls64(u64 x)
{
	return x ? 64 - __builtin_clzll(x) : 0;
}

static __always_inline unsigned int fls_long(unsigned long x)
{
	return fls64(x);
}

static __always_inline unsigned long __ffs(unsigned long x)
{
	return __builtin_ctzl(x);
}

static __always_inline unsigned int __ffs64(u64 x)
{
	return __builtin_ctzll(x);
}

static __always_inline unsigned long __fls(unsigned long x)
{
	return BITS_PER_LONG - 1 - __builtin_clzl(x);
}

#define ffz(x)			__ffs(~(unsigned long)(x))

static __always_inline unsigned int hweight8(unsigned int x)
{
	return __builtin_popcount(x & 0xff);
}

static __always_inline unsigned int hweight16(unsigned int x)
{
	return __builtin_popcount(x & 0xffff);
}

static __always_inline unsigned int hweight32(unsigned int x)
{
	return __builtin_popcount(x);
}

static __always_inline unsigned int hweight64(u64 x)
{
	return __builtin_popcountll(x);
}

static __always_inline unsigned int hweight_long(unsigned long x)
{
	return __builtin_popcountl(x);
}

static inline u64 rol64(u64 x, unsigned int n)
{
	return (x << (n & 63)) | (x >> (-n & 63));
}

static inline u64 ror64(u64 x, unsigned int n)
{
	return rol64(x, -n);
}

static inline u32 rol32(u32 x, unsigned int n)
{
	return (x << (n & 31)) | (x >> (-n & 31));
}

static inline u32 ror32(u32 x, unsigned int n)
{
	return rol32(x, -n);
}

static inline u16 rol16(u16 x, unsigned int n)
{
	return (x << (n & 15)) | (x >> (-n & 15));
}

static inline u8 rol8(u8 x, unsigned int n)
{
	return (x << (n & 7)) | (x >> (-n & 7));
}

/* @bit is the one that holds the sign */
static inline s32 sign_extend32(u32 val, int bit)
{
	u32 sign = 1U << bit;

	val &= sign | (sign - 1);
	return (s32)((val ^ sign) - sign);
}

static inline s64 sign_extend64(u64 val, int bit)
{
	u64 sign = 1ULL << bit;

	val &= sign | (sign - 1);
	return (s64)((val ^ sign) - sign);
}

/* atomic, as in the kernel */

static inline void set_bit(long nr, unsigned long *addr)
{
	__atomic_fetch_or(addr + BIT_WORD(nr), BIT_MASK(nr), __ATOMIC_RELAXED);
}

static inline void clear_bit(long nr, unsigned long *addr)
{
	__atomic_fetch_and(addr + BIT_WORD(nr), ~BIT_MASK(nr),
			   __ATOMIC_RELAXED);
}

static inline void change_bit(long nr, unsigned long *addr)
{
	__atomic_fetch_xor(addr + BIT_WORD(nr), BIT_MASK(nr),
			   __ATOMIC_RELAXED);
}

static inline bool test_and_set_bit(long nr, unsigned long *addr)
{
	return __atomic_fetch_or(addr + BIT_WORD(nr), BIT_MASK(nr),
				 __ATOMIC_SEQ_CST) & BIT_MASK(nr);
}

static inline bool test_and_clear_bit(long nr, unsigned long *addr)
{
	return __atomic_fetch_and(addr + BIT_WORD(nr), ~BIT_MASK(nr),
				  __ATOMIC_SEQ_CST) & BIT_MASK(nr);
}

static inline bool test_and_change_bit(long nr, unsigned long *addr)
{
	return __atomic_fetch_xor(addr + BIT_WORD(nr), BIT_MASK(nr),
				  __ATOMIC_SEQ_CST) & BIT_MASK(nr);
}

static inline bool test_bit(unsigned long nr,
			    const unsigned long *addr)
{
	return addr[BIT_WORD(nr)] >> (nr % BITS_PER_LONG) & 1;
}

/* not atomic */

static inline void __set_bit(unsigned long nr, unsigned long *addr)
{
	addr[BIT_WORD(nr)] |= BIT_MASK(nr);
}

static inline void __clear_bit(unsigned long nr, unsigned long *addr)
{
	addr[BIT_WORD(nr)] &= ~BIT_MASK(nr);
}

static inline void __change_bit(unsigned long nr, unsigned long *addr)
{
	addr[BIT_WORD(nr)] ^= BIT_MASK(nr);
}

static inline bool __test_and_set_bit(unsigned long nr,
				      unsigned long *addr)
{
	bool old = test_bit(nr, addr);

	__set_bit(nr, addr);
	return old;
}

static inline bool __test_and_clear_bit(unsigned long nr,
					unsigned long *addr)
{
	bool old = test_bit(nr, addr);

	__clear_bit(nr, addr);
	return old;
}

static inline bool __test_and_change_bit(unsigned long nr,
					 unsigned long *addr)
{
	bool old = test_bit(nr, addr);

	__change_bit(nr, addr);
	return old;
}

static inline void assign_bit(long nr, unsigned long *addr, bool val)
{
	if (val)
		set_bit(nr, addr);
	else
		clear_bit(nr, addr);
}

static inline void __assign_bit(long nr, unsigned long *addr,
				bool val)
{
	if (val)
		__set_bit(nr, addr);
	else
		__clear_bit(nr, addr);
}

#include <linux/find.h>

#endif /* _SHIM_LINUX_BITOPS_H */
