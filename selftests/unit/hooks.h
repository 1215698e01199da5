/* SPDX-License-Identifier: GPL-2.0 */
/* What sanitizers and gcov offer: weak, as they are in some builds only. */
#ifndef _TQUIC_HOOKS_H
#define _TQUIC_HOOKS_H

#include <linux/compiler.h>

int __weak __lsan_do_recoverable_leak_check(void);
void __weak __gcov_dump(void);
void __weak __sanitizer_print_stack_trace(void);

/* these are asked for by the sanitizers */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

#endif /* _TQUIC_HOOKS_H */
