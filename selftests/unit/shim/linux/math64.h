/* SPDX-License-Identifier: GPL-2.0 */
/*
 * User-space twin: 64-bit division.
 *
 * On 32 bit nothing here divides inline, so that a plain "/" between 64-bit
 * operands, which does not link in a 32-bit kernel, shows up as a call of
 * libgcc in the object file (see "nodiv" in selftests/unit/Makefile).
 */
#ifndef _SHIM_LINUX_MATH64_H
#define _SHIM_LINUX_MATH64_H

#include <linux/math.h>
#include <linux/types.h>

#if BITS_PER_LONG == 64
static inline u64 div64_u64_rem(u64 n, u64 d, u64 *rem)
{
	*rem = n % d;
	return n / d;
}

static inline s64 div64_s64(s64 n, s64 d)
{
	return n / d;
}
#else
u64 div64_u64_rem(u64 n, u64 d, u64 *rem);
s64 div64_s64(s64 n, s64 d);
#endif

/* a * b / d with a product of 128 bits; the quotient has to fit */
u64 mul_u64_u64_div_u64(u64 a, u64 b, u64 d);
/* (a * b) >> shift with a product of 128 bits; shift < 128 */
u64 mul_u64_u64_shr(u64 a, u64 b, unsigned int shift);

static inline u64 div64_u64(u64 n, u64 d)
{
	u64 rem;

	return div64_u64_rem(n, d, &rem);
}

static inline u64 div_u64_rem(u64 n, u32 d, u32 *rem)
{
	u64 rem64, q = div64_u64_rem(n, d, &rem64);

	*rem = rem64;
	return q;
}

static inline u64 div_u64(u64 n, u32 d)
{
	return div64_u64(n, d);
}

static inline s64 div_s64(s64 n, s32 d)
{
	return div64_s64(n, d);
}

static inline s64 div_s64_rem(s64 n, s32 d, s32 *rem)
{
	s64 q = div64_s64(n, d);

	*rem = n - q * d;
	return q;
}

/* n becomes the quotient, the value is the remainder */
#define do_div(n, d)							\
({									\
	u32 tq_rem;							\
									\
	(n) = div_u64_rem(n, d, &tq_rem);				\
	tq_rem;								\
})

static inline u64 mul_u32_u32(u32 a, u32 b)
{
	return (u64)a * b;
}

static inline u64 mul_u64_u32_shr(u64 a, u32 mul, unsigned int shift)
{
	return mul_u64_u64_shr(a, mul, shift);
}

static inline u64 mul_u64_u32_div(u64 a, u32 mul, u32 d)
{
	return mul_u64_u64_div_u64(a, mul, d);
}

#define DIV64_U64_ROUND_UP(n, d)	\
	({ u64 tq_d64 = (d); div64_u64((n) + tq_d64 - 1, tq_d64); })
#define DIV_U64_ROUND_UP(n, d)		\
	({ u32 tq_d32 = (d); div_u64((n) + tq_d32 - 1, tq_d32); })
#define DIV64_U64_ROUND_CLOSEST(n, d)	\
	({ u64 tq_d64 = (d); div64_u64((n) + tq_d64 / 2, tq_d64); })
#define DIV_U64_ROUND_CLOSEST(n, d)	\
	({ u32 tq_d32 = (d); div_u64((n) + tq_d32 / 2, tq_d32); })

static inline u64 roundup_u64(u64 x, u32 y)
{
	return DIV_U64_ROUND_UP(x, y) * y;
}

#endif /* _SHIM_LINUX_MATH64_H */
