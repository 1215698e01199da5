/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bytes that arrive in any order and are read in one: a stream's, or a
 * handshake level's (RFC 9000 section 2.2).
 */
#ifndef _TQUIC_CORE_REASM_H
#define _TQUIC_CORE_REASM_H

#include "sendq.h"

/**
 * struct tquic_reasm_seg - received bytes
 * @node: place in the tree, by @off
 * @off: offset in the stream of the first byte
 * @len: bytes, never 0
 * @pos: where they begin in the buffer
 * @handle: buffer; one reference is held
 *
 * Segments do not overlap.
 */
struct tquic_reasm_seg {
	struct rb_node node;
	u64 off;
	u32 len;
	u32 pos;
	void *handle;
};

/**
 * struct tquic_reasm - reassembly queue
 * @ops: references
 * @segs: segments by offset
 * @last: the highest of them, NULL without any
 * @read: first byte that was not read
 * @ready: one past the last byte that can be read: all below it has arrived
 * @held: bytes in @segs
 * @count: segments in @segs
 */
struct tquic_reasm {
	const struct tquic_buf_ops *ops;
	struct rb_root segs;
	struct tquic_reasm_seg *last;
	u64 read;
	u64 ready;
	u64 held;
	u32 count;
};

void tquic_reasm_init(struct tquic_reasm *q, const struct tquic_buf_ops *ops);
void tquic_reasm_free(struct tquic_reasm *q);
int tquic_reasm_insert(struct tquic_reasm *q, u64 off, void *handle, u32 pos,
		       u32 len, gfp_t gfp);
const struct tquic_reasm_seg *tquic_reasm_peek(const struct tquic_reasm *q);
void tquic_reasm_consume(struct tquic_reasm *q, u64 len);

/* bytes that can be read now */
static inline u64 tquic_reasm_readable(const struct tquic_reasm *q)
{
	return q->ready - q->read;
}

#endif /* _TQUIC_CORE_REASM_H */
