/* SPDX-License-Identifier: GPL-2.0 */
/* User-space twin: rounding and dividing integers. */
#ifndef _SHIM_LINUX_MATH_H
#define _SHIM_LINUX_MATH_H

#include <stdlib.h>		/* before abs() becomes a macro */
#include <linux/types.h>

/* to powers of two */
#define round_up(x, y)		\
	((((x) - 1) | ((__typeof__(x))((y) - 1))) + 1)
#define round_down(x, y)	((x) & ~((__typeof__(x))((y) - 1)))

/* to any multiple */
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define DIV_ROUND_DOWN_ULL(n, d)	\
	({ u64 tq_n = (n); tq_n / (u32)(d); })
#define DIV_ROUND_UP_ULL(n, d)		\
	DIV_ROUND_DOWN_ULL((u64)(n) + (d) - 1, (d))
#define roundup(x, y)							\
({									\
	__typeof__(y) tq_y = (y);					\
									\
	(((x) + (tq_y - 1)) / tq_y) * tq_y;				\
})
#define rounddown(x, y)							\
({									\
	__typeof__(x) tq_x = (x);					\
									\
	tq_x - (tq_x % (y));						\
})

#define DIV_ROUND_CLOSEST(n, d)						\
({									\
	__typeof__(n) tq_n = (n);					\
	__typeof__(d) tq_d = (d);					\
									\
	((tq_n < 1 && tq_n != 0) != (tq_d < 1)) ?			\
		(tq_n - tq_d / 2) / tq_d : (tq_n + tq_d / 2) / tq_d;	\
})

#define mult_frac(x, n, d)						\
({									\
	__typeof__(x) tq_x = (x);					\
	__typeof__(n) tq_n = (n);					\
	__typeof__(d) tq_d = (d);					\
									\
	tq_x / tq_d * tq_n + tq_x % tq_d * tq_n / tq_d;			\
})

#define abs(x)								\
({									\
	__typeof__(x) tq_x = (x);					\
									\
	tq_x < 0 ? -tq_x : tq_x;					\
})
#define abs_diff(a, b)							\
({									\
	__typeof__(a) tq_a = (a);					\
	__typeof__(b) tq_b = (b);					\
									\
	tq_a > tq_b ? tq_a - tq_b : tq_b - tq_a;			\
})

unsigned long int_sqrt(unsigned long x);
u32 int_sqrt64(u64 x);

#endif /* _SHIM_LINUX_MATH_H */
