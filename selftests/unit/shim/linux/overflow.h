/* SPDX-License-Identifier: GPL-2.0 */
/* User-space twin: arithmetic that tells when it does not fit. */
#ifndef _SHIM_LINUX_OVERFLOW_H
#define _SHIM_LINUX_OVERFLOW_H

#include <linux/compiler.h>
#include <linux/limits.h>
#include <linux/stddef.h>

#define is_signed_type(type)	(((type)(-1)) < (type)1)
#define tq_type_half_max(type)	\
	((type)1 << (8 * sizeof(type) - 1 - is_signed_type(type)))
#define type_max(type)		\
	((type)((tq_type_half_max(type) - 1) + tq_type_half_max(type)))
#define type_min(type)		((type)(~(type)0 - type_max(type)))

static inline bool __must_check tq_must_check_overflow(bool overflow)
{
	return unlikely(overflow);
}

#define check_add_overflow(a, b, d)	\
	tq_must_check_overflow(__builtin_add_overflow(a, b, d))
#define check_sub_overflow(a, b, d)	\
	tq_must_check_overflow(__builtin_sub_overflow(a, b, d))
#define check_mul_overflow(a, b, d)	\
	tq_must_check_overflow(__builtin_mul_overflow(a, b, d))

/* *d = a << s; overflow when bits are lost, the sign changes or s is odd */
#define check_shl_overflow(a, s, d)					\
tq_must_check_overflow(({						\
	__typeof__(a) tq_a = (a);					\
	__typeof__(s) tq_s = (s);					\
	__typeof__(d) tq_d = (d);					\
	bool tq_ok = tq_s >= 0 &&					\
		     (u64)tq_s < 8 * sizeof(*tq_d) && tq_a >= 0;	\
									\
	*tq_d = tq_ok ? (u64)tq_a << tq_s : 0;				\
	!tq_ok || *tq_d < 0 ||						\
		(u64)(*tq_d) >> tq_s != (u64)tq_a;			\
}))

#define wrapping_add(type, a, b)	\
	({ type tq_w; (void)__builtin_add_overflow(a, b, &tq_w); tq_w; })
#define wrapping_sub(type, a, b)	\
	({ type tq_w; (void)__builtin_sub_overflow(a, b, &tq_w); tq_w; })
#define wrapping_mul(type, a, b)	\
	({ type tq_w; (void)__builtin_mul_overflow(a, b, &tq_w); tq_w; })

#define overflows_type(n, T)		\
	({ __typeof__(T) tq_t = 0; __builtin_add_overflow(n, 0, &tq_t); })

/* sizes that stay at SIZE_MAX once they overflowed; no allocation has that */

static inline size_t __must_check size_mul(size_t a, size_t b)
{
	size_t size;

	return __builtin_mul_overflow(a, b, &size) ? SIZE_MAX : size;
}

static inline size_t __must_check size_add(size_t a, size_t b)
{
	size_t size;

	return __builtin_add_overflow(a, b, &size) ? SIZE_MAX : size;
}

static inline size_t __must_check size_sub(size_t a, size_t b)
{
	size_t size;

	if (a == SIZE_MAX || b == SIZE_MAX ||
	    __builtin_sub_overflow(a, b, &size))
		return SIZE_MAX;
	return size;
}

#define array_size(a, b)	size_mul(a, b)
#define array3_size(a, b, c)	size_mul(size_mul(a, b), c)

#define flex_array_size(p, member, count)	\
	size_mul(count, sizeof(*(p)->member))
#define struct_size(p, member, count)		\
	size_add(sizeof(*(p)), flex_array_size(p, member, count))
#define struct_size_t(type, member, count)	\
	struct_size((type *)NULL, member, count)

#endif /* _SHIM_LINUX_OVERFLOW_H */
