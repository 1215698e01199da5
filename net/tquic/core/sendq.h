/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ordered bytes on their way to the peer: a stream's, or a handshake level's.
 *
 * Bytes are named by opaque handle and never copied.  What was sent and is
 * neither acknowledged nor to be sent again is known to the sent packets, not
 * here, so the same bytes may travel twice, on two paths: the first
 * acknowledgment wins.
 */
#ifndef _TQUIC_CORE_SENDQ_H
#define _TQUIC_CORE_SENDQ_H

#include "due.h"
#include "range.h"

/**
 * struct tquic_buf_ops - references to the buffers of whoever owns the memory
 * @get: take one
 * @put: give one back; may free the buffer, must not call into the core
 */
struct tquic_buf_ops {
	void (*get)(void *handle);
	void (*put)(void *handle);
};

/**
 * struct tquic_sendq_chunk - a piece of a buffer
 * @off: offset in the stream
 * @handle: buffer; one reference is held
 * @pos: where the piece begins in the buffer
 * @len: bytes, never 0
 */
struct tquic_sendq_chunk {
	u64 off;
	void *handle;
	u32 pos;
	u32 len;
};

/**
 * struct tquic_sendq - send queue
 * @ops: references
 * @ring: chunks, contiguous in the stream
 * @size: slots in @ring, 0 or a power of two
 * @head: slot number of the oldest chunk; taken modulo @size
 * @count: chunks in @ring
 * @start: first byte that is not known to have arrived
 * @next: one past the highest byte ever sent
 * @end: one past the last byte queued
 * @acked: acknowledged bytes from @start on
 * @due: bytes before @next to be sent: lost ones, and those that a slow path
 *	left out because they are due before its own land
 */
struct tquic_sendq {
	const struct tquic_buf_ops *ops;
	struct tquic_sendq_chunk *ring;
	u32 size;
	u32 head;
	u32 count;
	u64 start;
	u64 next;
	u64 end;
	struct tquic_range_set acked;
	struct tquic_due due;
};

/**
 * struct tquic_sendq_piece - bytes that should go out next
 * @off: offset in the stream
 * @len: bytes
 * @ahead: they are beyond all that was ever sent
 */
struct tquic_sendq_piece {
	u64 off;
	u32 len;
	bool ahead;
};

void tquic_sendq_init(struct tquic_sendq *q, const struct tquic_buf_ops *ops);
void tquic_sendq_free(struct tquic_sendq *q);
int tquic_sendq_append(struct tquic_sendq *q, void *handle, u32 pos, u32 len,
		       gfp_t gfp);
bool tquic_sendq_peek(const struct tquic_sendq *q, u64 limit, u64 skip,
		      u32 max, struct tquic_sendq_piece *piece);
int tquic_sendq_take(struct tquic_sendq *q,
		     const struct tquic_sendq_piece *piece, gfp_t gfp);
void tquic_sendq_restart(struct tquic_sendq *q);
u32 tquic_sendq_map(const struct tquic_sendq *q, u64 off, u32 len,
		    struct tquic_sendq_chunk *part);
u64 tquic_sendq_acked(struct tquic_sendq *q, u64 off, u64 len, gfp_t gfp);
void tquic_sendq_lost(struct tquic_sendq *q, u64 off, u64 len, gfp_t gfp);

/* bytes queued and not known to have arrived: what a send buffer accounts */
static inline u64 tquic_sendq_queued(const struct tquic_sendq *q)
{
	return q->end - q->start;
}

/* everything that was queued has arrived */
static inline bool tquic_sendq_done(const struct tquic_sendq *q)
{
	return q->start == q->end;
}

#endif /* _TQUIC_CORE_SENDQ_H */
