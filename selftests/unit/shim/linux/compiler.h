/* SPDX-License-Identifier: GPL-2.0 */
/* User-space twin: what the kernel asks of a compiler. */
#ifndef _SHIM_LINUX_COMPILER_H
#define _SHIM_LINUX_COMPILER_H

#include <linux/types.h>

#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)

#undef __always_inline
#define __always_inline		inline __attribute__((always_inline))
#define noinline		__attribute__((noinline))
#undef __must_check
#define __must_check		__attribute__((warn_unused_result))
#define __maybe_unused		__attribute__((unused))
#define __always_unused		__attribute__((unused))
#define __used			__attribute__((used))
#undef __packed
#define __packed		__attribute__((packed))
#undef __aligned
#define __aligned(x)		__attribute__((aligned(x)))
#define __cold			__attribute__((cold))
#define __pure			__attribute__((pure))
#undef __attribute_const__
#define __attribute_const__	__attribute__((const))
#define __noreturn		__attribute__((noreturn))
#define __weak			__attribute__((weak))
#define __section(name)		__attribute__((section(name)))
#define __printf(a, b)		__attribute__((format(printf, a, b)))
#define fallthrough		__attribute__((fallthrough))
/* knowledge for compilers newer than Debian 12's */
#define __counted_by(member)
#define __nonstring

/* marks for sparse */
#define __force
#define __rcu
#define __user
#define __must_hold(x)
#define __acquires(x)
#define __releases(x)

#define __init
#define __exit
#define __read_mostly
#define __ro_after_init

#define barrier()		__asm__ __volatile__("" : : : "memory")
#define OPTIMIZER_HIDE_VAR(v)	__asm__("" : "+r" (v))
#define barrier_data(p)		__asm__ __volatile__("" : : "r" (p) : "memory")
#ifndef unreachable
#define unreachable()		__builtin_unreachable()
#endif

#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, val)	\
	((void)(*(volatile __typeof__(x) *)&(x) = (val)))

#endif /* _SHIM_LINUX_COMPILER_H */
