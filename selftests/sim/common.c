// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>

#include "common.h"

char bug_context[256];

void die(const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	fputs("sim: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(2);
}

void bug(const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	fputs("sim: BUG: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, " (%s)\n", bug_context);
	exit(3);
}

void *xalloc(size_t size)
{
	void *p = calloc(1, size ?: 1);

	if (!p)
		die("out of memory");
	return p;
}

void *xgrow(void *p, size_t size)
{
	p = realloc(p, size);
	if (!p)
		die("out of memory");
	return p;
}

void *keep(size_t size)
{
	static void *kept;
	void **p = xalloc(sizeof(*p) + size);

	*p = kept;
	kept = p;
	return p + 1;
}

char *keep_text(const char *text)
{
	size_t len = strlen(text) + 1;

	return memcpy(keep(len), text, len);
}

u64 hash_text(const char *text)
{
	u64 h = 0xcbf29ce484222325ULL;

	while (*text)
		h = (h ^ (u8)*text++) * 0x100000001b3ULL;
	return mix(h);
}
