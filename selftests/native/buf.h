/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Buffers that the core refers to, and the text that every transfer consists
 * of.
 */
#ifndef _TQUIC_NATIVE_BUF_H
#define _TQUIC_NATIVE_BUF_H

#include "core/sendq.h"

/* period of the text; prime, so that no packet size divides it */
#define TN_TEXT_PERIOD	4099

/**
 * struct tn_buf - bytes with a count of references
 * @refs: references
 * @len: bytes in @data
 * @data: the bytes
 */
struct tn_buf {
	unsigned int refs;
	u32 len;
	u8 data[];
};

extern const struct tquic_buf_ops tn_buf_ops;

struct tn_buf *tn_buf_new(const void *data, u32 len);
void tn_buf_put(struct tn_buf *buf);

struct tn_buf *tn_text_at(u64 off, u32 *pos, u32 *len);
bool tn_text_is(u64 off, const u8 *data, u32 len);
void tn_text_free(void);

#endif /* _TQUIC_NATIVE_BUF_H */
