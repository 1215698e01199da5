// SPDX-License-Identifier: GPL-2.0
/*
 * Sent packets of one packet number space.
 */
#include "sent.h"

#define TQUIC_SENT_RING_MIN	8

static u64 tquic_sent_chunk_no(u64 pn)
{
	return pn / TQUIC_SENT_CHUNK;
}

static u32 tquic_sent_slot(const struct tquic_sent *sent, u64 chunk)
{
	return chunk & (sent->size - 1);
}

static u32 tquic_sent_bit(u64 pn)
{
	return 1U << (pn % TQUIC_SENT_CHUNK);
}

/* One past the last chunk that has packets, or is about to. */
static u64 tquic_sent_end(const struct tquic_sent *sent)
{
	return tquic_sent_chunk_no(sent->next + TQUIC_SENT_CHUNK - 1);
}

void tquic_sent_init(struct tquic_sent *sent)
{
	*sent = (struct tquic_sent){};
}

static struct tquic_sent_chunk *tquic_sent_chunk(const struct tquic_sent *sent,
						 u64 pn)
{
	if (pn < sent->base || pn >= sent->next)
		return NULL;
	return sent->ring[tquic_sent_slot(sent, tquic_sent_chunk_no(pn))];
}

/* Forgets what a packet carried. */
void tquic_sent_clear(struct tquic_sent_pkt *pkt)
{
	if (pkt->nrecs > TQUIC_SENT_INLINE)
		kfree(pkt->more);
	pkt->nrecs = 0;
}

/**
 * tquic_sent_free - forget everything
 * @sent: space; records' objects are the caller's to release beforehand
 */
void tquic_sent_free(struct tquic_sent *sent)
{
	struct tquic_sent_chunk *chunk;
	unsigned int i;
	u32 slot;

	for (slot = 0; slot < sent->size; slot++) {
		chunk = sent->ring[slot];
		if (!chunk)
			continue;
		for (i = 0; i < TQUIC_SENT_CHUNK; i++)
			tquic_sent_clear(&chunk->pkts[i]);
		kfree(chunk);
	}
	kfree(sent->ring);
	kfree(sent->busy);
	kfree(sent->kept);
	tquic_sent_init(sent);
}

static void tquic_sent_move(struct tquic_sent *to,
			    const struct tquic_sent *from)
{
	u64 chunk = tquic_sent_chunk_no(from->base);
	u32 src, dst;

	if (!from->size)
		return;
	for (; chunk < tquic_sent_end(from); chunk++) {
		src = tquic_sent_slot(from, chunk);
		dst = tquic_sent_slot(to, chunk);
		to->ring[dst] = from->ring[src];
		if (test_bit(src, from->busy))
			__set_bit(dst, to->busy);
		if (test_bit(src, from->kept))
			__set_bit(dst, to->kept);
	}
}

static int tquic_sent_grow(struct tquic_sent *sent, gfp_t gfp)
{
	struct tquic_sent to = *sent;

	to.size = sent->size ? 2 * sent->size : TQUIC_SENT_RING_MIN;
	to.ring = kcalloc(to.size, sizeof(*to.ring), gfp);
	to.busy = kcalloc(BITS_TO_LONGS(to.size), sizeof(long), gfp);
	to.kept = kcalloc(BITS_TO_LONGS(to.size), sizeof(long), gfp);
	if (!to.ring || !to.busy || !to.kept) {
		kfree(to.ring);
		kfree(to.busy);
		kfree(to.kept);
		return -ENOMEM;
	}
	tquic_sent_move(&to, sent);
	kfree(sent->ring);
	kfree(sent->busy);
	kfree(sent->kept);
	*sent = to;
	return 0;
}

/**
 * tquic_sent_peek - entry of the packet to be sent next
 * @sent: space
 * @gfp: allocation flags
 *
 * The packet number @sent->next is not spent until tquic_sent_push(): a packet
 * that turns out empty leaves no trace but the zeroed entry.
 *
 * Return: the entry, without records; NULL without memory.
 */
struct tquic_sent_pkt *tquic_sent_peek(struct tquic_sent *sent, gfp_t gfp)
{
	u64 chunk = tquic_sent_chunk_no(sent->next);
	u64 first = tquic_sent_chunk_no(sent->base);
	struct tquic_sent_pkt *pkt;
	u32 slot;

	if (chunk - first >= sent->size && tquic_sent_grow(sent, gfp))
		return NULL;
	slot = tquic_sent_slot(sent, chunk);
	if (!sent->ring[slot]) {
		sent->ring[slot] = kzalloc_obj(*sent->ring[slot], gfp);
		if (!sent->ring[slot])
			return NULL;
	}
	pkt = &sent->ring[slot]->pkts[sent->next % TQUIC_SENT_CHUNK];
	tquic_sent_clear(pkt);
	*pkt = (struct tquic_sent_pkt){};
	return pkt;
}

/**
 * tquic_sent_push - spend the next packet number
 * @sent: space, after tquic_sent_peek()
 *
 * Return: the packet number; the entry is outstanding from now on.
 */
u64 tquic_sent_push(struct tquic_sent *sent)
{
	u32 slot = tquic_sent_slot(sent, tquic_sent_chunk_no(sent->next));

	sent->ring[slot]->outstanding |= tquic_sent_bit(sent->next);
	__set_bit(slot, sent->busy);
	sent->outstanding++;
	return sent->next++;
}

/**
 * tquic_sent_rec - add a record to a packet
 * @pkt: packet
 * @rec: copied
 * @gfp: allocation flags
 *
 * Return: 0, or -ENOMEM; -ENOSPC when the packet has as many as it can count.
 */
int tquic_sent_rec(struct tquic_sent_pkt *pkt,
		   const struct tquic_sent_rec *rec, gfp_t gfp)
{
	unsigned int n = pkt->nrecs;
	struct tquic_sent_rec *more;

	if (n < TQUIC_SENT_INLINE) {
		pkt->recs[pkt->nrecs++] = *rec;
		return 0;
	}
	if (n == U8_MAX)
		return -ENOSPC;
	/* grown at powers of two: the capacity needs no field of its own */
	if (n == TQUIC_SENT_INLINE || is_power_of_2(n)) {
		more = kmalloc_array(2 * n, sizeof(*more), gfp);
		if (!more)
			return -ENOMEM;
		memcpy(more, tquic_sent_recs(pkt), n * sizeof(*more));
		if (n > TQUIC_SENT_INLINE)
			kfree(pkt->more);
		pkt->more = more;
	}
	pkt->more[n] = *rec;
	pkt->nrecs++;
	return 0;
}

/**
 * tquic_sent_get - look a packet up
 * @sent: space
 * @pn: packet number
 *
 * Return: its entry while it is outstanding or remembered as lost, else NULL.
 */
struct tquic_sent_pkt *tquic_sent_get(const struct tquic_sent *sent, u64 pn)
{
	struct tquic_sent_chunk *chunk = tquic_sent_chunk(sent, pn);

	if (!chunk || !((chunk->outstanding | chunk->lost) &
			tquic_sent_bit(pn)))
		return NULL;
	return &chunk->pkts[pn % TQUIC_SENT_CHUNK];
}

bool tquic_sent_is_outstanding(const struct tquic_sent *sent, u64 pn)
{
	struct tquic_sent_chunk *chunk = tquic_sent_chunk(sent, pn);

	return chunk && chunk->outstanding & tquic_sent_bit(pn);
}

bool tquic_sent_is_lost(const struct tquic_sent *sent, u64 pn)
{
	struct tquic_sent_chunk *chunk = tquic_sent_chunk(sent, pn);

	return chunk && chunk->lost & tquic_sent_bit(pn);
}

/* Next chunk from @chunk on, and before @end, whose bit in @map is set. */
static u64 tquic_sent_seek(const struct tquic_sent *sent,
			   const unsigned long *map, u64 chunk, u64 end)
{
	u32 slot, hit, left;

	while (chunk < end) {
		slot = tquic_sent_slot(sent, chunk);
		left = min_t(u64, sent->size - slot, end - chunk);
		hit = find_next_bit(map, slot + left, slot);
		if (hit < slot + left)
			return chunk + hit - slot;
		chunk += left;
	}
	return TQUIC_SENT_NONE;
}

static u64 tquic_sent_find(const struct tquic_sent *sent, u64 from, bool lost)
{
	const unsigned long *map = lost ? sent->kept : sent->busy;
	struct tquic_sent_chunk *c;
	u64 chunk, end = lost ? sent->lost_end : sent->next;
	u32 mask;

	from = max(from, sent->base);
	if (from >= end || !(lost ? sent->remembered : sent->outstanding))
		return TQUIC_SENT_NONE;
	chunk = tquic_sent_chunk_no(from);
	c = sent->ring[tquic_sent_slot(sent, chunk)];
	mask = (lost ? c->lost : c->outstanding) & -tquic_sent_bit(from);
	if (!mask) {
		chunk = tquic_sent_seek(sent, map, chunk + 1,
					tquic_sent_chunk_no(end - 1) + 1);
		if (chunk == TQUIC_SENT_NONE)
			return TQUIC_SENT_NONE;
		c = sent->ring[tquic_sent_slot(sent, chunk)];
		mask = lost ? c->lost : c->outstanding;
	}
	return chunk * TQUIC_SENT_CHUNK + __ffs(mask);
}

/**
 * tquic_sent_next_outstanding - walk the outstanding packets upwards
 * @sent: space
 * @from: first packet number to look at
 *
 * Return: packet number, TQUIC_SENT_NONE when there is none.
 */
u64 tquic_sent_next_outstanding(const struct tquic_sent *sent, u64 from)
{
	return tquic_sent_find(sent, from, false);
}

/* likewise for lost packets that are remembered */
u64 tquic_sent_next_lost(const struct tquic_sent *sent, u64 from)
{
	return tquic_sent_find(sent, from, true);
}

/*
 * Whole chunks at the old end that nobody needs any more; and the one that is
 * not full, if it is of no use before the next packet.
 */
static void tquic_sent_trim(struct tquic_sent *sent)
{
	bool none = !sent->outstanding && !sent->remembered;
	struct tquic_sent_chunk *chunk;
	u32 slot;

	while (sent->base < sent->next) {
		slot = tquic_sent_slot(sent, tquic_sent_chunk_no(sent->base));
		chunk = sent->ring[slot];
		if (!none && (sent->base + TQUIC_SENT_CHUNK > sent->next ||
			      chunk->outstanding | chunk->lost))
			return;
		kfree(chunk);
		sent->ring[slot] = NULL;
		if (sent->base + TQUIC_SENT_CHUNK > sent->next)
			return;
		sent->base += TQUIC_SENT_CHUNK;
	}
}

/**
 * tquic_sent_lose - an outstanding packet was declared lost
 * @sent: space
 * @pn: packet number of an outstanding packet
 *
 * Its entry is remembered, records and all, until tquic_sent_drop().
 */
void tquic_sent_lose(struct tquic_sent *sent, u64 pn)
{
	u32 slot = tquic_sent_slot(sent, tquic_sent_chunk_no(pn));
	struct tquic_sent_chunk *chunk = sent->ring[slot];

	chunk->outstanding &= ~tquic_sent_bit(pn);
	chunk->lost |= tquic_sent_bit(pn);
	if (!chunk->outstanding)
		__clear_bit(slot, sent->busy);
	__set_bit(slot, sent->kept);
	sent->outstanding--;
	sent->remembered++;
	sent->lost_end = max(sent->lost_end, pn + 1);
}

/**
 * tquic_sent_drop - forget a packet
 * @sent: space
 * @pn: packet number of an outstanding or remembered packet
 */
void tquic_sent_drop(struct tquic_sent *sent, u64 pn)
{
	u32 slot = tquic_sent_slot(sent, tquic_sent_chunk_no(pn));
	struct tquic_sent_chunk *chunk = sent->ring[slot];
	u32 bit = tquic_sent_bit(pn);

	if (chunk->outstanding & bit)
		sent->outstanding--;
	else
		sent->remembered--;
	chunk->outstanding &= ~bit;
	chunk->lost &= ~bit;
	if (!chunk->outstanding)
		__clear_bit(slot, sent->busy);
	if (!chunk->lost)
		__clear_bit(slot, sent->kept);
	tquic_sent_clear(&chunk->pkts[pn % TQUIC_SENT_CHUNK]);
	tquic_sent_trim(sent);
}
