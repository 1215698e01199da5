/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TQUIC_NATIVE_LOG_H
#define _TQUIC_NATIVE_LOG_H

#include <linux/compiler.h>
#include <linux/types.h>

extern bool tn_verbose;

/* a result, which whoever started the program may look for: to stdout */
void __printf(1, 2) tn_say(const char *fmt, ...);
/* what may explain it: to stderr, with --verbose */
void __printf(1, 2) tn_note(const char *fmt, ...);
/* the end, by exit status 2 */
void __printf(1, 2) __noreturn tn_die(const char *fmt, ...);

/* CLOCK_MONOTONIC, ns */
u64 tn_now(void);

#endif /* _TQUIC_NATIVE_LOG_H */
