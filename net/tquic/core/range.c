// SPDX-License-Identifier: GPL-2.0
/*
 * Ordered sets of disjoint ranges of u64.
 */
#include "range.h"

/**
 * tquic_range_init - make an empty set
 * @set: the set
 * @limit: most ranges that it may have, at least 1, or TQUIC_RANGE_NO_LIMIT.
 *	When one more is needed, the lowest is dropped and @set->floor raised
 *	above it: what is oldest is worth least.
 */
void tquic_range_init(struct tquic_range_set *set, u32 limit)
{
	*set = (struct tquic_range_set){ .root = RB_ROOT, .limit = limit };
}

static void pool_put(struct tquic_range_set *set, struct tquic_range *r)
{
	r->node.rb_right = set->pool ? &set->pool->node : NULL;
	set->pool = r;
	set->spares++;
}

static struct tquic_range *pool_get(struct tquic_range_set *set)
{
	struct tquic_range *r = set->pool;
	struct rb_node *next;

	if (!r)
		return NULL;
	next = r->node.rb_right;
	set->pool = next ? rb_entry(next, struct tquic_range, node) : NULL;
	set->spares--;
	return r;
}

/**
 * tquic_range_free - forget everything and give the memory back
 * @set: the set; empty and without a floor afterwards, the limit stays
 */
void tquic_range_free(struct tquic_range_set *set)
{
	struct tquic_range *r, *tmp;

	rbtree_postorder_for_each_entry_safe(r, tmp, &set->root, node)
		kfree(r);
	while ((r = pool_get(set)))
		kfree(r);
	tquic_range_init(set, set->limit);
}

/**
 * tquic_range_reserve - allocate ahead, for a change that must not fail
 * @set: the set
 * @nodes: how many new ranges to be ready for; one insertion or removal needs
 *	one at most.  The set holds on to freed nodes up to this number.
 * @gfp: how to allocate
 *
 * Return: 0, or -ENOMEM with the set as it was.
 */
int tquic_range_reserve(struct tquic_range_set *set, u32 nodes, gfp_t gfp)
{
	struct tquic_range *r;

	while (set->spares < nodes) {
		r = kmalloc_obj(*r, gfp);
		if (!r)
			return -ENOMEM;
		pool_put(set, r);
	}
	set->reserve = nodes;
	return 0;
}

static void unlink_range(struct tquic_range_set *set, struct tquic_range *r)
{
	if (r == set->top)
		set->top = tquic_range_prev(r);
	rb_erase(&r->node, &set->root);
	set->count--;
}

static void erase(struct tquic_range_set *set, struct tquic_range *r)
{
	unlink_range(set, r);
	if (set->spares < set->reserve)
		pool_put(set, r);
	else
		kfree(r);
}

/* @next: the range that will follow, NULL for the end of the set */
static void link_before(struct tquic_range_set *set, struct tquic_range *r,
			struct tquic_range *next)
{
	struct rb_node *parent = NULL, **link = &set->root.rb_node;

	if (next && !next->node.rb_left) {
		parent = &next->node;
		link = &parent->rb_left;
	} else if (next) {
		parent = rb_prev(&next->node);
		link = &parent->rb_right;
	} else if (set->top) {
		parent = &set->top->node;
		link = &parent->rb_right;
	}
	rb_link_node(&r->node, parent, link);
	rb_insert_color(&r->node, &set->root);
	if (!next)
		set->top = r;
	set->count++;
}

/*
 * Put in a range that touches no other.  At the limit the lowest range makes
 * room and gives its node, so that nothing can fail; that may be the new one.
 */
static int add(struct tquic_range_set *set, u64 first, u64 last,
	       struct tquic_range *next, gfp_t gfp)
{
	struct tquic_range *r;

	if (set->count == set->limit) {
		r = tquic_range_lowest(set);
		if (r == next) {
			set->floor = last + 1;
			return 0;
		}
		set->floor = r->last + 1;
		unlink_range(set, r);
	} else {
		r = pool_get(set);
		if (!r)
			r = kmalloc_obj(*r, gfp);
		if (!r)
			return -ENOMEM;
	}
	r->first = first;
	r->last = last;
	link_before(set, r, next);
	return 0;
}

/* as tquic_range_from(), quick where most accesses are */
static struct tquic_range *seek(const struct tquic_range_set *set, u64 val)
{
	if (!set->top || val > set->top->last)
		return NULL;
	if (val >= set->top->first)
		return set->top;
	return tquic_range_from(set, val);
}

/**
 * tquic_range_insert - add all values from @first to @last
 * @set: the set
 * @first: lowest value; values below @set->floor are left out
 * @last: highest value, at least @first and at most TQUIC_RANGE_MAX
 * @gfp: how to allocate, which happens when no range is there to be extended
 *
 * Return: 0, or -ENOMEM with the set as it was.
 */
int tquic_range_insert(struct tquic_range_set *set, u64 first, u64 last,
		       gfp_t gfp)
{
	struct tquic_range *r, *next;

	first = max(first, set->floor);
	if (first > last)
		return 0;
	r = seek(set, first ? first - 1 : 0);
	if (!r || r->first > last + 1)
		return add(set, first, last, r, gfp);
	r->first = min(r->first, first);
	if (last <= r->last)
		return 0;
	r->last = last;
	while ((next = tquic_range_next(r)) && next->first <= r->last + 1) {
		r->last = max(r->last, next->last);
		erase(set, next);
	}
	return 0;
}

/* take the middle out of a range */
static int split(struct tquic_range_set *set, struct tquic_range *r, u64 first,
		 u64 last, gfp_t gfp)
{
	u64 end = r->last;
	int err;

	r->last = first - 1;
	err = add(set, last + 1, end, tquic_range_next(r), gfp);
	if (err)
		r->last = end;
	return err;
}

/**
 * tquic_range_remove - take out all values from @first to @last
 * @set: the set
 * @first: lowest value
 * @last: highest value, at least @first
 * @gfp: how to allocate, which happens when one range becomes two
 *
 * Return: 0, or -ENOMEM with the set as it was.
 */
int tquic_range_remove(struct tquic_range_set *set, u64 first, u64 last,
		       gfp_t gfp)
{
	struct tquic_range *r = seek(set, first), *next;

	if (r && r->first < first) {
		if (r->last > last)
			return split(set, r, first, last, gfp);
		r->last = first - 1;
		r = tquic_range_next(r);
	}
	while (r && r->last <= last) {
		next = tquic_range_next(r);
		erase(set, r);
		r = next;
	}
	if (r && r->first <= last)
		r->first = last + 1;
	return 0;
}

/**
 * tquic_range_trim - forget all values below a floor, for good
 * @set: the set
 * @floor: new @set->floor, unless it is lower than the present one
 */
void tquic_range_trim(struct tquic_range_set *set, u64 floor)
{
	struct tquic_range *r;

	if (floor <= set->floor)
		return;
	set->floor = floor;
	while ((r = tquic_range_lowest(set)) && r->last < floor)
		erase(set, r);
	if (r && r->first < floor)
		r->first = floor;
}

/**
 * tquic_range_from - the first range at or above a value
 * @set: the set
 * @val: the value
 *
 * Return: the range that holds @val, else the next higher one, else NULL.
 */
struct tquic_range *tquic_range_from(const struct tquic_range_set *set,
				     u64 val)
{
	struct rb_node *node = set->root.rb_node;
	struct tquic_range *r, *found = NULL;

	while (node) {
		r = rb_entry(node, struct tquic_range, node);
		if (val <= r->last) {
			found = r;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found;
}

/**
 * tquic_range_contains - whether all values from @first to @last are there
 * @set: the set
 * @first: lowest value
 * @last: highest value, at least @first
 *
 * Return: true if none of them is missing.
 */
bool tquic_range_contains(const struct tquic_range_set *set, u64 first,
			  u64 last)
{
	const struct tquic_range *r = seek(set, first);

	return r && r->first <= first && last <= r->last;
}

/**
 * tquic_range_stale - whether inserting a value would be in vain
 * @set: the set
 * @val: the value
 *
 * Return: true if @val is there, or is so low that the set forgot whether it
 * was, or would have to forget it at once.
 */
bool tquic_range_stale(const struct tquic_range_set *set, u64 val)
{
	const struct tquic_range *r = seek(set, val);

	if (val < set->floor)
		return true;
	if (!r)
		return false;
	if (r->first <= val)
		return true;
	return set->count == set->limit && val + 1 < r->first &&
	       !tquic_range_prev(r);
}

/**
 * tquic_range_gap - the first value that is missing
 * @set: the set
 * @val: where to begin
 *
 * Return: the lowest value at or above @val that is not there.
 */
u64 tquic_range_gap(const struct tquic_range_set *set, u64 val)
{
	const struct tquic_range *r = seek(set, val);

	return r && r->first <= val ? r->last + 1 : val;
}
