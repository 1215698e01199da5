/* SPDX-License-Identifier: GPL-2.0 */
/*
 * User-space twin: a warning of the kernel is a failure of the running test.
 */
#ifndef _SHIM_LINUX_BUG_H
#define _SHIM_LINUX_BUG_H

#include <linux/build_bug.h>
#include <linux/compiler.h>

/*
 * The test runner fails the running test; without the runner (fuzz targets,
 * simulator) the program prints the text and aborts.
 */
void tq_shim_report(const char *file, int line, const char *fmt, ...)
	__printf(3, 4);

#define WARN(cond, ...)							\
({									\
	bool tq_warn = !!(cond);					\
									\
	if (unlikely(tq_warn))						\
		tq_shim_report(__FILE__, __LINE__, "WARN: " __VA_ARGS__);\
	unlikely(tq_warn);						\
})
#define WARN_ON(cond)			WARN(cond, "%s", #cond)
#define WARN_ON_ONCE(cond)		WARN_ON(cond)
#define WARN_ONCE(cond, ...)		WARN(cond, __VA_ARGS__)

#endif /* _SHIM_LINUX_BUG_H */
