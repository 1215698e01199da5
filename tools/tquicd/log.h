/* SPDX-License-Identifier: GPL-2.0 */
/* Lines for the journal: priority as systemd reads it from standard error. */
#ifndef _TQUICD_LOG_H
#define _TQUICD_LOG_H

#include <stdbool.h>

#define __printf(a, b)	__attribute__((format(printf, a, b)))

struct tqd_place;

extern bool tqd_log_verbose;
extern bool tqd_log_quiet;

/* @place: where in a file the reason is, NULL for nowhere */
__printf(2, 3)
void tqd_error(const struct tqd_place *place, const char *format, ...);
__printf(2, 3)
void tqd_warning(const struct tqd_place *place, const char *format, ...);
__printf(1, 2)
void tqd_info(const char *format, ...);
/* only with --verbose */
__printf(1, 2)
void tqd_debug(const char *format, ...);

#endif /* _TQUICD_LOG_H */
