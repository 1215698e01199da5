/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How often times of which length occur, to within a sixteenth.
 */
#ifndef _SIM_HISTOGRAM_H
#define _SIM_HISTOGRAM_H

#include "common.h"

#define HISTOGRAM_BITS	4
/* microseconds, up to 2^32 of them */
#define HISTOGRAM_BINS	((33 - HISTOGRAM_BITS) << HISTOGRAM_BITS)

/**
 * struct histogram - counts by length
 * @bin: counts; small values have one each, then 16 for each power of two
 * @count: their sum
 */
struct histogram {
	u32 bin[HISTOGRAM_BINS];
	u64 count;
};

static inline unsigned int histogram_bin(u64 us)
{
	unsigned int shift;

	us = min_t(u64, us, U32_MAX);
	if (us < 1 << HISTOGRAM_BITS)
		return us;
	shift = ilog2(us) - HISTOGRAM_BITS;
	return (shift << HISTOGRAM_BITS) + (us >> shift);
}

static inline void histogram_add(struct histogram *h, u64 ns)
{
	h->bin[histogram_bin(div_u64(ns, 1000))]++;
	h->count++;
}

/* In ns, the least of its bin; 0 without any. */
static inline u64 histogram_share(const struct histogram *h, u32 permille)
{
	u64 want = div_u64(h->count * permille + 999, 1000), sum = 0;
	unsigned int i, shift;

	if (!h->count)
		return 0;
	for (i = 0; i < HISTOGRAM_BINS; i++) {
		sum += h->bin[i];
		if (sum >= want)
			break;
	}
	if (i < 2 << HISTOGRAM_BITS)
		return i * US;
	shift = (i >> HISTOGRAM_BITS) - 1;
	return (u64)(i - (shift << HISTOGRAM_BITS)) * US << shift;
}

#endif /* _SIM_HISTOGRAM_H */
