/* SPDX-License-Identifier: GPL-2.0 */
/* Text that grows. */
#ifndef _TQUICD_TEXT_H
#define _TQUICD_TEXT_H

#include <stddef.h>

#include "log.h"

/**
 * struct tqd_text - a text
 * @at: terminated; NULL when memory ran out
 * @len: without the end
 * @room: bytes at @at
 */
struct tqd_text {
	char *at;
	size_t len;
	size_t room;
};

void tqd_text_init(struct tqd_text *text);
__printf(2, 3)
void tqd_text_add(struct tqd_text *text, const char *format, ...);
/* what it had may have been secret */
void tqd_text_free(struct tqd_text *text);

#endif /* _TQUICD_TEXT_H */
