// SPDX-License-Identifier: GPL-2.0
/*
 * Ordered bytes on their way to the peer.
 */
#include "sendq.h"

#define TQUIC_SENDQ_RING_MIN	8

void tquic_sendq_init(struct tquic_sendq *q, const struct tquic_buf_ops *ops)
{
	*q = (struct tquic_sendq){ .ops = ops };
	tquic_range_init(&q->acked, TQUIC_RANGE_NO_LIMIT);
	tquic_due_init(&q->due);
}

static struct tquic_sendq_chunk *tquic_sendq_at(const struct tquic_sendq *q,
						u32 index)
{
	return &q->ring[(q->head + index) & (q->size - 1)];
}

/**
 * tquic_sendq_free - put all buffers
 * @q: queue; empty afterwards
 */
void tquic_sendq_free(struct tquic_sendq *q)
{
	u32 i;

	for (i = 0; i < q->count; i++)
		q->ops->put(tquic_sendq_at(q, i)->handle);
	kfree(q->ring);
	tquic_range_free(&q->acked);
	tquic_due_free(&q->due);
	tquic_sendq_init(q, q->ops);
}

static int tquic_sendq_grow(struct tquic_sendq *q, gfp_t gfp)
{
	u32 size = q->size ? 2 * q->size : TQUIC_SENDQ_RING_MIN;
	struct tquic_sendq_chunk *ring;
	u32 i;

	ring = kmalloc_array(size, sizeof(*ring), gfp);
	if (!ring)
		return -ENOMEM;
	for (i = 0; i < q->count; i++)
		ring[i] = *tquic_sendq_at(q, i);
	kfree(q->ring);
	q->ring = ring;
	q->size = size;
	q->head = 0;
	return 0;
}

/**
 * tquic_sendq_append - queue bytes
 * @q: queue
 * @handle: buffer that holds them; a reference is taken unless the bytes
 *	continue the last piece of the same buffer
 * @pos: where in the buffer
 * @len: how many, at least 1
 * @gfp: allocation flags
 *
 * Return: 0 or -ENOMEM.
 */
int tquic_sendq_append(struct tquic_sendq *q, void *handle, u32 pos, u32 len,
		       gfp_t gfp)
{
	struct tquic_sendq_chunk *last;

	if (q->count) {
		last = tquic_sendq_at(q, q->count - 1);
		if (last->handle == handle && last->pos + last->len == pos) {
			last->len += len;
			q->end += len;
			return 0;
		}
	}
	if (q->count == q->size && tquic_sendq_grow(q, gfp))
		return -ENOMEM;
	q->ops->get(handle);
	*tquic_sendq_at(q, q->count++) = (struct tquic_sendq_chunk){
		.off = q->end,
		.handle = handle,
		.pos = pos,
		.len = len,
	};
	q->end += len;
	return 0;
}

/**
 * tquic_sendq_peek - what should go out next
 * @q: queue
 * @limit: flow control: no byte at or above this offset
 * @skip: leave out this many bytes that others will have sent by the time these
 *	would land
 * @max: at most as many bytes
 * @piece: answer
 *
 * What is due comes lowest first, whether it was lost or left out before: it
 * holds the reader up.
 *
 * Return: whether there is anything.
 */
bool tquic_sendq_peek(const struct tquic_sendq *q, u64 limit, u64 skip,
		      u32 max, struct tquic_sendq_piece *piece)
{
	u64 due = tquic_due_bytes(&q->due), end = min(q->end, limit), from;
	struct tquic_range *arrived;

	if (!max)
		return false;
	if (skip < due) {
		piece->off = tquic_due_at(&q->due, skip, &end);
		piece->len = min_t(u64, end - piece->off, max);
		piece->ahead = false;
		return true;
	}
	if (end <= q->next || skip - due >= end - q->next)
		return false;
	/* arrived ones are up there only after tquic_sendq_rewind() */
	from = tquic_range_gap(&q->acked, q->next + (skip - due));
	if (from >= end)
		return false;
	arrived = tquic_range_from(&q->acked, from);
	if (arrived)
		end = min(end, arrived->first);
	piece->off = from;
	piece->len = min_t(u64, end - from, max);
	piece->ahead = true;
	return true;
}

/*
 * Without memory for a list of gaps, sending goes back to the first of them:
 * slow, but nothing is lost and nobody waits for ever.  Cutting the upper end
 * off a set needs no memory.
 */
static void tquic_sendq_rewind(struct tquic_sendq *q, u64 off, gfp_t gfp)
{
	q->next = min(q->next, off);
	tquic_due_del(&q->due, q->next, U64_MAX, gfp);
}

/* Of the bytes from @first to before @end, those not arrived are due. */
static int tquic_sendq_owe(struct tquic_sendq *q, u64 first, u64 end, gfp_t gfp)
{
	struct tquic_range *r;
	u64 from, to;

	for (from = first; from < end; from = to) {
		from = tquic_range_gap(&q->acked, from);
		if (from >= end)
			break;
		r = tquic_range_from(&q->acked, from);
		to = r ? min(r->first, end) : end;
		if (tquic_due_add(&q->due, from, to, gfp))
			return -ENOMEM;
	}
	return 0;
}

/**
 * tquic_sendq_take - bytes were put into a packet
 * @q: queue
 * @piece: from tquic_sendq_peek(), possibly shortened
 * @gfp: allocation flags
 *
 * Return: 0; -ENOMEM when what is due cannot be described any more: the bytes
 * are still queued then and must not be counted as sent.
 */
int tquic_sendq_take(struct tquic_sendq *q,
		     const struct tquic_sendq_piece *piece, gfp_t gfp)
{
	int err;

	if (!piece->ahead)
		return tquic_due_del(&q->due, piece->off,
				     piece->off + piece->len, gfp);
	err = tquic_sendq_owe(q, q->next, piece->off, gfp);
	if (err)
		tquic_sendq_rewind(q, q->next, gfp);
	else
		q->next = piece->off + piece->len;
	return err;
}

/* All of it has to be sent again; nothing has arrived. */
void tquic_sendq_restart(struct tquic_sendq *q)
{
	tquic_due_free(&q->due);
	q->next = 0;
}

/* Index of the chunk that holds the byte at @off, which is queued. */
static u32 tquic_sendq_find(const struct tquic_sendq *q, u64 off)
{
	u32 lo = 0, hi = q->count - 1, mid;

	while (lo < hi) {
		mid = lo + (hi - lo + 1) / 2;
		if (tquic_sendq_at(q, mid)->off <= off)
			lo = mid;
		else
			hi = mid - 1;
	}
	return lo;
}

/**
 * tquic_sendq_map - find the memory of queued bytes
 * @q: queue
 * @off: offset of the first byte, at or above @q->start
 * @len: how many bytes, all queued
 * @part: answer: the first bytes of the piece, as far as one chunk reaches; no
 *	reference is taken
 *
 * Return: bytes in @part; to be called again for the rest.
 */
u32 tquic_sendq_map(const struct tquic_sendq *q, u64 off, u32 len,
		    struct tquic_sendq_chunk *part)
{
	const struct tquic_sendq_chunk *chunk;
	u32 skip;

	chunk = tquic_sendq_at(q, tquic_sendq_find(q, off));
	skip = off - chunk->off;
	part->off = off;
	part->handle = chunk->handle;
	part->pos = chunk->pos + skip;
	part->len = min(chunk->len - skip, len);
	return part->len;
}

/* Put what is wholly below @start. */
static void tquic_sendq_release(struct tquic_sendq *q)
{
	struct tquic_sendq_chunk *chunk;

	while (q->count) {
		chunk = tquic_sendq_at(q, 0);
		if (chunk->off + chunk->len > q->start)
			return;
		q->ops->put(chunk->handle);
		q->head = (q->head + 1) & (q->size - 1);
		q->count--;
	}
}

static u64 tquic_sendq_advance(struct tquic_sendq *q, u64 start)
{
	u64 freed = start - q->start;

	q->start = start;
	q->next = max(q->next, start);
	tquic_range_trim(&q->acked, start);
	tquic_sendq_release(q);
	return freed;
}

/**
 * tquic_sendq_acked - bytes have arrived
 * @q: queue
 * @off: offset of the first
 * @len: how many
 * @gfp: allocation flags
 *
 * Return: bytes by which the send buffer got shorter.
 */
u64 tquic_sendq_acked(struct tquic_sendq *q, u64 off, u64 len, gfp_t gfp)
{
	u64 first = max(off, q->start), last = off + len - 1;

	if (!len || last < q->start)
		return 0;
	if (tquic_due_del(&q->due, first, last + 1, gfp)) {
		tquic_sendq_rewind(q, first, gfp);
		return 0;
	}
	if (first == q->start)
		return tquic_sendq_advance(q, tquic_range_gap(&q->acked,
							      last + 1));
	if (tquic_range_insert(&q->acked, first, last, gfp))
		tquic_sendq_lost(q, first, last - first + 1, gfp);
	return 0;
}

/**
 * tquic_sendq_lost - bytes have to be sent again
 * @q: queue
 * @off: offset of the first
 * @len: how many
 * @gfp: allocation flags
 *
 * Of them, those that arrived on another way meanwhile are left out.
 */
void tquic_sendq_lost(struct tquic_sendq *q, u64 off, u64 len, gfp_t gfp)
{
	u64 first = max(off, q->start), end = min(off + len, q->next);

	if (first < end && tquic_sendq_owe(q, first, end, gfp))
		tquic_sendq_rewind(q, first, gfp);
}
