// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes of a stream that are due.
 */
#include "due.h"

static struct tquic_due_range *tquic_due_entry(struct rb_node *node)
{
	return rb_entry_safe(node, struct tquic_due_range, node);
}

static u64 tquic_due_sum(struct rb_node *node)
{
	return node ? tquic_due_entry(node)->sum : 0;
}

static bool tquic_due_compute(struct tquic_due_range *r, bool exit)
{
	u64 sum = r->end - r->first + tquic_due_sum(r->node.rb_left) +
		  tquic_due_sum(r->node.rb_right);

	if (exit && r->sum == sum)
		return true;
	r->sum = sum;
	return false;
}

RB_DECLARE_CALLBACKS(static, tquic_due_callbacks, struct tquic_due_range, node,
		     sum, tquic_due_compute)

/* A range has got other bounds. */
static void tquic_due_resized(struct tquic_due_range *r)
{
	tquic_due_callbacks.propagate(&r->node, NULL);
}

void tquic_due_init(struct tquic_due *due)
{
	due->root = RB_ROOT;
}

/**
 * tquic_due_free - nothing is due any more
 * @due: ranges; empty afterwards
 */
void tquic_due_free(struct tquic_due *due)
{
	struct tquic_due_range *r, *next;

	rbtree_postorder_for_each_entry_safe(r, next, &due->root, node)
		kfree(r);
	tquic_due_init(due);
}

/* The first range that ends above @off. */
static struct tquic_due_range *tquic_due_from(const struct tquic_due *due,
					      u64 off)
{
	struct rb_node *node = due->root.rb_node;
	struct tquic_due_range *r, *found = NULL;

	while (node) {
		r = tquic_due_entry(node);
		if (off < r->end) {
			found = r;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found;
}

static void tquic_due_erase(struct tquic_due *due, struct tquic_due_range *r)
{
	rb_erase_augmented(&r->node, &due->root, &tquic_due_callbacks);
	kfree(r);
}

/* Puts in a range that touches no other. */
static int tquic_due_link(struct tquic_due *due, u64 first, u64 end, gfp_t gfp)
{
	struct rb_node **link = &due->root.rb_node, *parent = NULL;
	struct tquic_due_range *r = kmalloc_obj(*r, gfp), *other;

	if (!r)
		return -ENOMEM;
	while (*link) {
		parent = *link;
		other = tquic_due_entry(parent);
		other->sum += end - first;
		link = first < other->first ? &parent->rb_left :
					      &parent->rb_right;
	}
	r->first = first;
	r->end = end;
	r->sum = end - first;
	rb_link_node(&r->node, parent, link);
	rb_insert_augmented(&r->node, &due->root, &tquic_due_callbacks);
	return 0;
}

/**
 * tquic_due_add - bytes are due, whether or not they were before
 * @due: ranges
 * @first: lowest offset
 * @end: one past the highest, above @first
 * @gfp: how to allocate, which happens when no range is there to be extended
 *
 * Return: 0, or -ENOMEM with everything as it was.
 */
int tquic_due_add(struct tquic_due *due, u64 first, u64 end, gfp_t gfp)
{
	struct tquic_due_range *r = tquic_due_from(due, first ? first - 1 : 0);
	struct tquic_due_range *next;

	if (!r || r->first > end)
		return tquic_due_link(due, first, end, gfp);
	r->first = min(r->first, first);
	while (r->end < end) {
		next = tquic_due_entry(rb_next(&r->node));
		if (!next || next->first > end) {
			r->end = end;
			break;
		}
		r->end = next->end;
		tquic_due_erase(due, next);
	}
	tquic_due_resized(r);
	return 0;
}

/**
 * tquic_due_del - bytes are not due any more
 * @due: ranges
 * @first: lowest offset
 * @end: one past the highest, above @first
 * @gfp: how to allocate, which happens when one range becomes two
 *
 * Return: 0, or -ENOMEM with everything as it was.
 */
int tquic_due_del(struct tquic_due *due, u64 first, u64 end, gfp_t gfp)
{
	struct tquic_due_range *r = tquic_due_from(due, first);
	u64 top;

	if (r && r->first < first) {
		top = r->end;
		r->end = first;
		tquic_due_resized(r);
		if (top > end && tquic_due_link(due, end, top, gfp)) {
			r->end = top;
			tquic_due_resized(r);
			return -ENOMEM;
		}
		r = tquic_due_entry(rb_next(&r->node));
	}
	while (r && r->end <= end) {
		tquic_due_erase(due, r);
		r = tquic_due_from(due, first);
	}
	if (r && r->first < end) {
		r->first = end;
		tquic_due_resized(r);
	}
	return 0;
}

/* How many bytes are due. */
u64 tquic_due_bytes(const struct tquic_due *due)
{
	return tquic_due_sum(due->root.rb_node);
}

/**
 * tquic_due_at - find a byte by what is due before it
 * @due: ranges
 * @skip: bytes, fewer than tquic_due_bytes()
 * @end: where the range that holds it ends
 *
 * Return: the offset of the byte that has @skip due ones before it.
 */
u64 tquic_due_at(const struct tquic_due *due, u64 skip, u64 *end)
{
	struct tquic_due_range *r = tquic_due_entry(due->root.rb_node);
	u64 left;

	for (;;) {
		left = tquic_due_sum(r->node.rb_left);
		if (skip < left) {
			r = tquic_due_entry(r->node.rb_left);
			continue;
		}
		skip -= left;
		if (skip < r->end - r->first)
			break;
		skip -= r->end - r->first;
		r = tquic_due_entry(r->node.rb_right);
	}
	*end = r->end;
	return r->first + skip;
}
