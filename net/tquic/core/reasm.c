// SPDX-License-Identifier: GPL-2.0
/*
 * Reassembly of bytes that arrive in any order.
 */
#include "reasm.h"

void tquic_reasm_init(struct tquic_reasm *q, const struct tquic_buf_ops *ops)
{
	*q = (struct tquic_reasm){ .ops = ops, .segs = RB_ROOT };
}

static struct tquic_reasm_seg *tquic_reasm_seg(struct rb_node *node)
{
	return rb_entry_safe(node, struct tquic_reasm_seg, node);
}

static u64 tquic_reasm_end(const struct tquic_reasm_seg *seg)
{
	return seg->off + seg->len;
}

static void tquic_reasm_drop(struct tquic_reasm *q, struct tquic_reasm_seg *seg)
{
	if (seg == q->last)
		q->last = tquic_reasm_seg(rb_prev(&seg->node));
	rb_erase(&seg->node, &q->segs);
	q->held -= seg->len;
	q->count--;
	q->ops->put(seg->handle);
	kfree(seg);
}

/**
 * tquic_reasm_free - put all buffers
 * @q: queue; empty afterwards
 */
void tquic_reasm_free(struct tquic_reasm *q)
{
	struct rb_node *node;

	while ((node = rb_first(&q->segs)))
		tquic_reasm_drop(q, tquic_reasm_seg(node));
	tquic_reasm_init(q, q->ops);
}

/* The segment with the highest offset at or below @off. */
static struct tquic_reasm_seg *tquic_reasm_floor(const struct tquic_reasm *q,
						 u64 off)
{
	struct rb_node *node = q->segs.rb_node;
	struct tquic_reasm_seg *seg, *found = NULL;

	/* in order, as most of it comes */
	if (q->last && q->last->off <= off)
		return q->last;
	while (node) {
		seg = tquic_reasm_seg(node);
		if (seg->off <= off) {
			found = seg;
			node = node->rb_right;
		} else {
			node = node->rb_left;
		}
	}
	return found;
}

static void tquic_reasm_link(struct tquic_reasm *q, struct tquic_reasm_seg *seg,
			     struct tquic_reasm_seg *prev)
{
	struct rb_node **link, *parent;

	/* right of its predecessor there is room, or left of what follows */
	if (!prev) {
		parent = rb_first(&q->segs);
		link = parent ? &parent->rb_left : &q->segs.rb_node;
	} else if (!prev->node.rb_right) {
		parent = &prev->node;
		link = &parent->rb_right;
	} else {
		parent = rb_next(&prev->node);
		link = &parent->rb_left;
	}
	rb_link_node(&seg->node, parent, link);
	rb_insert_color(&seg->node, &q->segs);
	if (prev == q->last)
		q->last = seg;
	q->held += seg->len;
	q->count++;
}

/* One piece that overlaps nothing, behind @prev. */
static struct tquic_reasm_seg *
tquic_reasm_add(struct tquic_reasm *q, struct tquic_reasm_seg *prev, u64 off,
		void *handle, u32 pos, u32 len, gfp_t gfp)
{
	struct tquic_reasm_seg *seg;

	/* the next bytes of the same buffer, as of packets received together */
	if (prev && prev->handle == handle && tquic_reasm_end(prev) == off &&
	    prev->pos + prev->len == pos) {
		prev->len += len;
		q->held += len;
		return prev;
	}
	seg = kmalloc_obj(*seg, gfp);
	if (!seg)
		return NULL;
	seg->off = off;
	seg->len = len;
	seg->pos = pos;
	seg->handle = handle;
	q->ops->get(handle);
	tquic_reasm_link(q, seg, prev);
	return seg;
}

/* The first gap may be closed: what can be read now reaches further. */
static void tquic_reasm_advance(struct tquic_reasm *q,
				struct tquic_reasm_seg *seg)
{
	while (seg && seg->off <= q->ready) {
		q->ready = max(q->ready, tquic_reasm_end(seg));
		seg = tquic_reasm_seg(rb_next(&seg->node));
	}
}

/**
 * tquic_reasm_insert - bytes arrived
 * @q: queue
 * @off: offset in the stream
 * @handle: buffer; a reference is taken for every piece that is kept
 * @pos: where they begin in the buffer
 * @len: how many
 * @gfp: allocation flags
 *
 * Bytes that are there already are left out, so that a peer cannot change what
 * it once sent (RFC 9000 section 2.2), and the walk over a range costs no more
 * than the segments that were put into it.
 *
 * Return: 0; -ENOMEM with some of the bytes taken and others not, in which case
 * the packet must not be acknowledged.
 */
int tquic_reasm_insert(struct tquic_reasm *q, u64 off, void *handle, u32 pos,
		       u32 len, gfp_t gfp)
{
	struct tquic_reasm_seg *prev, *next, *first = NULL;
	u64 end = off + len, from, to;
	int err = 0;

	from = max(off, q->read);
	prev = tquic_reasm_floor(q, from);
	while (from < end) {
		if (prev && tquic_reasm_end(prev) > from)
			from = tquic_reasm_end(prev);
		next = tquic_reasm_seg(prev ? rb_next(&prev->node) :
					      rb_first(&q->segs));
		to = next ? min(next->off, end) : end;
		if (from < to) {
			prev = tquic_reasm_add(q, prev, from, handle,
					       pos + (u32)(from - off),
					       to - from, gfp);
			if (!prev) {
				err = -ENOMEM;
				break;
			}
			if (prev->off <= q->ready && !first)
				first = prev;
			from = to;
		}
		if (from < end)
			prev = next;
	}
	tquic_reasm_advance(q, first);
	return err;
}

/**
 * tquic_reasm_peek - next bytes to read
 * @q: queue
 *
 * Return: the segment that begins with byte @q->read, NULL when that byte has
 * not arrived.  Where part of a segment was read, its beginning was cut off.
 */
const struct tquic_reasm_seg *tquic_reasm_peek(const struct tquic_reasm *q)
{
	struct tquic_reasm_seg *seg = tquic_reasm_seg(rb_first(&q->segs));

	return seg && seg->off == q->read ? seg : NULL;
}

/**
 * tquic_reasm_consume - bytes were read
 * @q: queue
 * @len: how many, at most tquic_reasm_readable()
 */
void tquic_reasm_consume(struct tquic_reasm *q, u64 len)
{
	struct tquic_reasm_seg *seg;

	q->read += len;
	while ((seg = tquic_reasm_seg(rb_first(&q->segs))) &&
	       seg->off < q->read) {
		if (tquic_reasm_end(seg) > q->read) {
			u32 cut = q->read - seg->off;

			seg->off += cut;
			seg->pos += cut;
			seg->len -= cut;
			q->held -= cut;
			return;
		}
		tquic_reasm_drop(q, seg);
	}
}
