/* SPDX-License-Identifier: GPL-2.0 */
/* Memory that is there, or the end of the program. */
#ifndef NT_UTIL_H
#define NT_UTIL_H

#include <stddef.h>

/**
 * struct nt_buf - text or bytes that grow
 * @data: with a zero byte behind its end, NULL while empty
 * @len: bytes
 * @room: bytes allocated
 */
struct nt_buf {
	char *data;
	size_t len;
	size_t room;
};

void *nt_realloc(void *old, size_t size);
char *nt_strndup(const char *text, size_t len);
char *nt_printf(const char *format, ...)
	__attribute__((format(printf, 1, 2)));
void nt_buf_add(struct nt_buf *buf, const void *data, size_t len);
void nt_buf_puts(struct nt_buf *buf, const char *text);
/* The whole of a file; -1 and errno if it cannot be read. */
int nt_buf_read(struct nt_buf *buf, int fd);

#endif /* NT_UTIL_H */
