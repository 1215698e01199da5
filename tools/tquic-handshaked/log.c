// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>

#include "log.h"

bool th_log_verbose;

__printf(2, 0)
static void th_log(const char *priority, const char *format, va_list args)
{
	static const char journal[] = "JOURNAL_STREAM";
	char line[512];

	vsnprintf(line, sizeof(line), format, args);
	/* in one go, so that threads do not mix */
	fprintf(stderr, "%s%s\n", getenv(journal) ? priority : "", line);
}

void th_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	th_log(SD_ERR, format, args);
	va_end(args);
}

void th_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	th_log(SD_INFO, format, args);
	va_end(args);
}

void th_debug(const char *format, ...)
{
	va_list args;

	if (!th_log_verbose)
		return;
	va_start(args, format);
	th_log(SD_DEBUG, format, args);
	va_end(args);
}
