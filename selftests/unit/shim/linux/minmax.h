/* SPDX-License-Identifier: GPL-2.0 */
/*
 * User-space twin: smaller and larger.  Operands of different signedness are
 * refused unless one of them is a constant that is not negative.
 */
#ifndef _SHIM_LINUX_MINMAX_H
#define _SHIM_LINUX_MINMAX_H

#include <linux/build_bug.h>
#include <linux/types.h>

/* after promotion, as in the comparison itself: a u8 counts as int */
#define tq_signed(x)	\
	((__typeof__((x) + 0))(-1) < (__typeof__((x) + 0))1)
#define tq_const_nonneg(x)	\
	(__builtin_choose_expr(__builtin_constant_p(x), (x), -1) >= 0)
#define tq_comparable(a, b)						\
	_Static_assert(tq_signed(a) == tq_signed(b) ||			\
		       (tq_signed(a) && tq_const_nonneg(a)) ||		\
		       (tq_signed(b) && tq_const_nonneg(b)),		\
		       "min() or max() of different signedness")

#define tq_cmp(a, op, b, ua, ub)					\
({									\
	__auto_type ua = (a);						\
	__auto_type ub = (b);						\
									\
	tq_comparable(a, b);						\
	ua op ub ? ua : ub;						\
})
#define tq_cmp_n(a, op, b, n)	tq_cmp_nn(a, op, b, n)
#define tq_cmp_nn(a, op, b, n)	tq_cmp(a, op, b, tq_a##n, tq_b##n)

#define min(a, b)		tq_cmp_n(a, <, b, __COUNTER__)
#define max(a, b)		tq_cmp_n(a, >, b, __COUNTER__)
#define min3(a, b, c)		min(min(a, b), c)
#define max3(a, b, c)		max(max(a, b), c)
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))
/* both are known not to be negative */
#define umin(a, b)		\
	min((a) + 0u + 0ul + 0ull, (b) + 0u + 0ul + 0ull)
#define umax(a, b)		\
	max((a) + 0u + 0ul + 0ull, (b) + 0u + 0ul + 0ull)
/* constant expressions */
#define MIN(a, b)		((a) < (b) ? (a) : (b))
#define MAX(a, b)		((a) > (b) ? (a) : (b))

#define min_not_zero(a, b)						\
({									\
	__typeof__(a) tq_x = (a);					\
	__typeof__(b) tq_y = (b);					\
									\
	tq_x == 0 ? tq_y : tq_y == 0 ? tq_x : min(tq_x, tq_y);		\
})

#define clamp(val, lo, hi)	min(max(val, lo), hi)
#define clamp_t(type, val, lo, hi)	\
	min_t(type, max_t(type, val, lo), hi)
#define clamp_val(val, lo, hi)	clamp_t(__typeof__(val), val, lo, hi)

/* start <= val < start + len, without overflow */
#define in_range(val, start, len)	\
	((u64)(val) - (u64)(start) < (u64)(len))

#define swap(a, b)							\
	do {								\
		__typeof__(a) tq_swap = (a);				\
									\
		(a) = (b);						\
		(b) = tq_swap;						\
	} while (0)

#endif /* _SHIM_LINUX_MINMAX_H */
