// SPDX-License-Identifier: GPL-2.0
/* Memory that is there, or the end of the program. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

void *nt_realloc(void *old, size_t size)
{
	void *p = realloc(old, size ? size : 1);

	if (!p) {
		fprintf(stderr, "nft-tquic: out of memory\n");
		exit(1);
	}
	return p;
}

char *nt_strndup(const char *text, size_t len)
{
	char *copy = nt_realloc(NULL, len + 1);

	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *nt_printf(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = nt_strndup("", 0);
	va_end(args);
	return text;
}

void nt_buf_add(struct nt_buf *buf, const void *data, size_t len)
{
	if (buf->len + len + 1 > buf->room) {
		buf->room = 2 * buf->room + len + 64;
		buf->data = nt_realloc(buf->data, buf->room);
	}
	if (len)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void nt_buf_puts(struct nt_buf *buf, const char *text)
{
	nt_buf_add(buf, text, strlen(text));
}

int nt_buf_read(struct nt_buf *buf, int fd)
{
	char chunk[65536];
	ssize_t n;

	nt_buf_add(buf, "", 0);
	for (;;) {
		n = read(fd, chunk, sizeof(chunk));
		if (n > 0)
			nt_buf_add(buf, chunk, n);
		else if (!n)
			return 0;
		else if (errno != EINTR)
			return -1;
	}
}
