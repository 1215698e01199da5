/* SPDX-License-Identifier: GPL-2.0 */
/* User-space twin: strings and memory. */
#ifndef _SHIM_LINUX_STRING_H
#define _SHIM_LINUX_STRING_H

#include <string.h>
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/types.h>

static inline void memzero_explicit(void *p, size_t len)
{
	memset(p, 0, len);
	barrier_data(p);
}

/* number of bytes copied without the NUL, or -E2BIG when @src was cut */
ssize_t tq_strscpy(char *dst, const char *src, size_t size);
ssize_t tq_strscpy_pad(char *dst, const char *src, size_t size);
/* the first byte that is not @c, or NULL */
void *memchr_inv(const void *p, int c, size_t len);

/* the size may be left out when the destination is an array */
#define tq_strscpy2(dst, src)		tq_strscpy(dst, src, sizeof(dst))
#define tq_strscpy3(dst, src, size)	tq_strscpy(dst, src, size)
#define tq_strscpy_pad2(dst, src)	tq_strscpy_pad(dst, src, sizeof(dst))
#define tq_strscpy_pad3(dst, src, size)	tq_strscpy_pad(dst, src, size)
#define tq_3rd(a, b, c, name, ...)	name
#define strscpy(...)			\
	tq_3rd(__VA_ARGS__, tq_strscpy3, tq_strscpy2, 0)(__VA_ARGS__)
#define strscpy_pad(...)		\
	tq_3rd(__VA_ARGS__, tq_strscpy_pad3, tq_strscpy_pad2, 0)(__VA_ARGS__)

static inline bool mem_is_zero(const void *p, size_t len)
{
	return !memchr_inv(p, 0, len);
}

#define memset_after(obj, v, member)					\
({									\
	__typeof__(obj) tq_obj = (obj);					\
									\
	memset((char *)tq_obj + offsetofend(__typeof__(*tq_obj), member), v, \
	       sizeof(*tq_obj) - offsetofend(__typeof__(*tq_obj), member)); \
})
#define memset_startat(obj, v, member)					\
({									\
	__typeof__(obj) tq_obj = (obj);					\
									\
	memset((char *)tq_obj + offsetof(__typeof__(*tq_obj), member), v, \
	       sizeof(*tq_obj) - offsetof(__typeof__(*tq_obj), member)); \
})

#include <linux/stddef.h>
/* kmemdup() and friends; in the kernel they are declared here */
#include <linux/slab.h>

#endif /* _SHIM_LINUX_STRING_H */
