/* SPDX-License-Identifier: GPL-2.0 */
/* User-space twin: searching bitmaps.  All answer the size for "none". */
#ifndef _SHIM_LINUX_FIND_H
#define _SHIM_LINUX_FIND_H

#include <linux/bitops.h>

/* first bit >= @off that is set in (@a ^ @flip) & (@b ^ @flipb) */
unsigned long tq_find_next(const unsigned long *a, unsigned long flip,
			   const unsigned long *b, unsigned long flipb,
			   unsigned long size, unsigned long off);
unsigned long find_last_bit(const unsigned long *addr, unsigned long size);

static inline unsigned long find_next_bit(const unsigned long *addr,
					  unsigned long size,
					  unsigned long off)
{
	return tq_find_next(addr, 0, addr, 0, size, off);
}

static inline unsigned long find_next_zero_bit(const unsigned long *addr,
					       unsigned long size,
					       unsigned long off)
{
	return tq_find_next(addr, ~0UL, addr, ~0UL, size, off);
}

static inline unsigned long find_next_and_bit(const unsigned long *a,
					      const unsigned long *b,
					      unsigned long size,
					      unsigned long off)
{
	return tq_find_next(a, 0, b, 0, size, off);
}

static inline unsigned long find_next_andnot_bit(const unsigned long *a,
						 const unsigned long *b,
						 unsigned long size,
						 unsigned long off)
{
	return tq_find_next(a, 0, b, ~0UL, size, off);
}

static inline unsigned long find_first_bit(const unsigned long *addr,
					   unsigned long size)
{
	return find_next_bit(addr, size, 0);
}

static inline unsigned long find_first_zero_bit(const unsigned long *addr,
						unsigned long size)
{
	return find_next_zero_bit(addr, size, 0);
}

static inline unsigned long find_first_and_bit(const unsigned long *a,
					       const unsigned long *b,
					       unsigned long size)
{
	return find_next_and_bit(a, b, size, 0);
}

#define for_each_set_bit_from(bit, addr, size)				\
	for ((bit) = find_next_bit((addr), (size), (bit));		\
	     (bit) < (size);						\
	     (bit) = find_next_bit((addr), (size), (bit) + 1))

#define for_each_set_bit(bit, addr, size)				\
	for ((bit) = find_first_bit((addr), (size));			\
	     (bit) < (size);						\
	     (bit) = find_next_bit((addr), (size), (bit) + 1))

#define for_each_clear_bit_from(bit, addr, size)			\
	for ((bit) = find_next_zero_bit((addr), (size), (bit));		\
	     (bit) < (size);						\
	     (bit) = find_next_zero_bit((addr), (size), (bit) + 1))

#define for_each_clear_bit(bit, addr, size)				\
	for ((bit) = find_first_zero_bit((addr), (size));		\
	     (bit) < (size);						\
	     (bit) = find_next_zero_bit((addr), (size), (bit) + 1))

#define for_each_and_bit(bit, a, b, size)				\
	for ((bit) = find_first_and_bit((a), (b), (size));		\
	     (bit) < (size);						\
	     (bit) = find_next_and_bit((a), (b), (size), (bit) + 1))

#endif /* _SHIM_LINUX_FIND_H */
