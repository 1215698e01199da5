// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>

#include "conf.h"
#include "log.h"

bool tqd_log_verbose;
bool tqd_log_quiet;

__printf(3, 0)
static void tqd_log(const char *priority, const struct tqd_place *place,
		    const char *format, va_list args)
{
	static const char journal[] = "JOURNAL_STREAM";
	char where[300] = "", line[512];

	if (tqd_log_quiet)
		return;
	vsnprintf(line, sizeof(line), format, args);
	if (place && place->line)
		snprintf(where, sizeof(where), "%s:%u: ", place->file,
			 place->line);
	else if (place && place->file)
		snprintf(where, sizeof(where), "%s: ", place->file);
	fprintf(stderr, "%s%s%s\n", getenv(journal) ? priority : "", where,
		line);
}

void tqd_error(const struct tqd_place *place, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tqd_log(SD_ERR, place, format, args);
	va_end(args);
}

void tqd_warning(const struct tqd_place *place, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tqd_log(SD_WARNING, place, format, args);
	va_end(args);
}

void tqd_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tqd_log(SD_INFO, NULL, format, args);
	va_end(args);
}

void tqd_debug(const char *format, ...)
{
	va_list args;

	if (!tqd_log_verbose)
		return;
	va_start(args, format);
	tqd_log(SD_DEBUG, NULL, format, args);
	va_end(args);
}
