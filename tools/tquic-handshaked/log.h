/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lines for the journal: priority as systemd reads it from standard error.
 */
#ifndef _TQUIC_HANDSHAKED_LOG_H
#define _TQUIC_HANDSHAKED_LOG_H

#include <stdbool.h>

#define __printf(a, b)	__attribute__((format(printf, a, b)))

extern bool th_log_verbose;

__printf(1, 2)
void th_error(const char *format, ...);
__printf(1, 2)
void th_info(const char *format, ...);
/* only with --verbose */
__printf(1, 2)
void th_debug(const char *format, ...);

#endif /* _TQUIC_HANDSHAKED_LOG_H */
