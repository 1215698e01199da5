// SPDX-License-Identifier: GPL-2.0
/* Out-of-line parts of the twins: bitmaps, strings, division. */
#include <linux/bitmap.h>
#include <linux/bug.h>
#include <linux/math64.h>
#include <linux/string.h>

/* bitmaps */

unsigned long tq_find_next(const unsigned long *a, unsigned long flip,
			   const unsigned long *b, unsigned long flipb,
			   unsigned long size, unsigned long off)
{
	unsigned long word;

	while (off < size) {
		word = (a[BIT_WORD(off)] ^ flip) & (b[BIT_WORD(off)] ^ flipb);
		word >>= off % BITS_PER_LONG;
		if (word) {
			off += __ffs(word);
			break;
		}
		off = (BIT_WORD(off) + 1) * BITS_PER_LONG;
	}
	return off < size ? off : size;
}

unsigned long find_last_bit(const unsigned long *addr, unsigned long size)
{
	unsigned long bit = size;

	while (bit--) {
		if (test_bit(bit, addr))
			return bit;
	}
	return size;
}

void bitmap_set(unsigned long *map, unsigned int start, unsigned int nbits)
{
	while (nbits--)
		__set_bit(start++, map);
}

void bitmap_clear(unsigned long *map, unsigned int start, unsigned int nbits)
{
	while (nbits--)
		__clear_bit(start++, map);
}

bool bitmap_and(unsigned long *dst, const unsigned long *a,
		const unsigned long *b, unsigned int nbits)
{
	unsigned int i;

	for (i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = a[i] & b[i];
	return !bitmap_empty(dst, nbits);
}

bool bitmap_andnot(unsigned long *dst, const unsigned long *a,
		   const unsigned long *b, unsigned int nbits)
{
	unsigned int i;

	for (i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = a[i] & ~b[i];
	return !bitmap_empty(dst, nbits);
}

void bitmap_or(unsigned long *dst, const unsigned long *a,
	       const unsigned long *b, unsigned int nbits)
{
	unsigned int i;

	for (i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = a[i] | b[i];
}

void bitmap_xor(unsigned long *dst, const unsigned long *a,
		const unsigned long *b, unsigned int nbits)
{
	unsigned int i;

	for (i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = a[i] ^ b[i];
}

void bitmap_complement(unsigned long *dst, const unsigned long *src,
		       unsigned int nbits)
{
	unsigned int i;

	for (i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = ~src[i];
}

/* bit by bit, in the order which allows @dst to be @src */
void bitmap_shift_left(unsigned long *dst, const unsigned long *src,
		       unsigned int shift, unsigned int nbits)
{
	unsigned int bit = nbits;

	while (bit--)
		__assign_bit(bit, dst,
			     bit >= shift && test_bit(bit - shift, src));
}

void bitmap_shift_right(unsigned long *dst, const unsigned long *src,
			unsigned int shift, unsigned int nbits)
{
	unsigned int bit;

	for (bit = 0; bit < nbits; bit++)
		__assign_bit(bit, dst,
			     shift < nbits - bit && test_bit(bit + shift, src));
}

unsigned int bitmap_weight(const unsigned long *map, unsigned int nbits)
{
	unsigned int bit, weight = 0;

	for_each_set_bit(bit, map, nbits)
		weight++;
	return weight;
}

unsigned long bitmap_find_next_zero_area(unsigned long *map,
					 unsigned long size,
					 unsigned long start, unsigned int nr,
					 unsigned long align_mask)
{
	unsigned long end, bit;

	for (;; start = bit + 1) {
		start = find_next_zero_bit(map, size, start);
		start = (start + align_mask) & ~align_mask;
		end = start + nr;
		if (end > size)
			return end;
		bit = find_next_bit(map, end, start);
		if (bit >= end)
			return start;
	}
}

/* strings */

ssize_t tq_strscpy(char *dst, const char *src, size_t size)
{
	size_t i;

	if (!size)
		return -E2BIG;
	for (i = 0; i < size; i++) {
		dst[i] = src[i];
		if (!src[i])
			return i;
	}
	dst[size - 1] = '\0';
	return -E2BIG;
}

ssize_t tq_strscpy_pad(char *dst, const char *src, size_t size)
{
	ssize_t len = tq_strscpy(dst, src, size);

	if (len >= 0)
		memset(dst + len, 0, size - len);
	return len;
}

void *memchr_inv(const void *p, int c, size_t len)
{
	const u8 *b = p;

	for (; len; len--, b++) {
		if (*b != (u8)c)
			return (void *)b;
	}
	return NULL;
}

/* arithmetic */

#if BITS_PER_LONG == 32
u64 div64_u64_rem(u64 n, u64 d, u64 *rem)
{
	*rem = n % d;
	return n / d;
}

s64 div64_s64(s64 n, s64 d)
{
	return n / d;
}
#endif

/* without a 128-bit type, which 32-bit compilers lack */
static u64 mul128(u64 a, u64 b, u64 *low)
{
	u64 ll = (u64)(u32)a * (u32)b;
	u64 lh = (u64)(u32)a * (b >> 32);
	u64 hl = (a >> 32) * (u32)b;
	u64 mid = (ll >> 32) + (u32)lh + (u32)hl;

	*low = mid << 32 | (u32)ll;
	return (a >> 32) * (b >> 32) + (lh >> 32) + (hl >> 32) + (mid >> 32);
}

u64 mul_u64_u64_div_u64(u64 a, u64 b, u64 d)
{
	u64 low, rem = mul128(a, b, &low), quot = 0;
	bool carry;
	int i;

	/* traps on x86: neither a value nor a warning may be relied on */
	if (WARN(rem >= d, "%llu * %llu / %llu overflows", a, b, d))
		return U64_MAX;
	if (!rem)
		return div64_u64(low, d);
	/* long division in base 2; @rem is always less than @d */
	for (i = 0; i < 64; i++) {
		carry = rem >> 63;
		rem = rem << 1 | low >> 63;
		low <<= 1;
		quot <<= 1;
		if (carry || rem >= d) {
			rem -= d;
			quot |= 1;
		}
	}
	return quot;
}

u64 mul_u64_u64_shr(u64 a, u64 b, unsigned int shift)
{
	u64 low, high = mul128(a, b, &low);

	if (shift >= 64)
		return high >> (shift - 64);
	return shift ? low >> shift | high << (64 - shift) : low;
}

unsigned long int_sqrt(unsigned long x)
{
	return int_sqrt64(x);
}

u32 int_sqrt64(u64 x)
{
	u64 root = 0, bit;

	for (bit = 1ULL << 31; bit; bit >>= 1) {
		if ((root | bit) * (root | bit) <= x)
			root |= bit;
	}
	return root;
}
