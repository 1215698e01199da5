// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

void tqd_text_init(struct tqd_text *text)
{
	text->len = 0;
	text->room = 1024;
	text->at = calloc(1, text->room);
}

/* Not realloc(), which would leave a copy behind. */
static void tqd_text_grow(struct tqd_text *text, size_t more)
{
	size_t room = 2 * (text->len + more + 1);
	char *at = calloc(1, room);

	if (at)
		memcpy(at, text->at, text->len);
	explicit_bzero(text->at, text->room);
	free(text->at);
	text->at = at;
	text->room = room;
}

void tqd_text_add(struct tqd_text *text, const char *format, ...)
{
	va_list args;
	int more;

	if (!text->at)
		return;
	va_start(args, format);
	more = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (text->len + more + 1 > text->room)
		tqd_text_grow(text, more);
	if (!text->at)
		return;
	va_start(args, format);
	vsnprintf(text->at + text->len, text->room - text->len, format, args);
	va_end(args);
	text->len += more;
}

void tqd_text_free(struct tqd_text *text)
{
	if (text->at)
		explicit_bzero(text->at, text->room);
	free(text->at);
	text->at = NULL;
}
