/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ordered sets of disjoint ranges of u64: packet numbers, stream offsets,
 * path IDs.
 *
 * A red-black tree that knows its highest range.  Whatever comes in order
 * extends that range in O(1) without an allocation; everything else is
 * O(log n) in the number of ranges, plus the ranges that a call swallows, each
 * of which some earlier call put in.  A peer that controls the values can so
 * neither force a linear walk nor, with a limit, unbounded memory.
 */
#ifndef _TQUIC_CORE_RANGE_H
#define _TQUIC_CORE_RANGE_H

#include "core.h"

#define TQUIC_RANGE_MAX		(U64_MAX - 1)	/* largest value in a set */
#define TQUIC_RANGE_NO_LIMIT	U32_MAX

/**
 * struct tquic_range - one range of a set
 * @node: place in the set, or in the chain of its spare nodes
 * @first: lowest value
 * @last: highest value, inclusive; between two ranges of a set at least one
 *	value is missing
 */
struct tquic_range {
	struct rb_node node;
	u64 first;
	u64 last;
};

/**
 * struct tquic_range_set - disjoint ranges in ascending order
 * @root: tree of struct tquic_range
 * @top: highest range, NULL when the set is empty
 * @pool: spare nodes, chained through rb_right
 * @floor: the set holds nothing below this value and takes nothing below it;
 *	raised when a range is dropped to keep @limit
 * @count: ranges in the set
 * @limit: most ranges that the set may have, at least 1
 * @spares: nodes in @pool
 * @reserve: how many freed nodes @pool keeps
 */
struct tquic_range_set {
	struct rb_root root;
	struct tquic_range *top;
	struct tquic_range *pool;
	u64 floor;
	u32 count;
	u32 limit;
	u32 spares;
	u32 reserve;
};

void tquic_range_init(struct tquic_range_set *set, u32 limit);
void tquic_range_free(struct tquic_range_set *set);
int tquic_range_reserve(struct tquic_range_set *set, u32 nodes, gfp_t gfp);

int tquic_range_insert(struct tquic_range_set *set, u64 first, u64 last,
		       gfp_t gfp);
int tquic_range_remove(struct tquic_range_set *set, u64 first, u64 last,
		       gfp_t gfp);
void tquic_range_trim(struct tquic_range_set *set, u64 floor);

struct tquic_range *tquic_range_from(const struct tquic_range_set *set,
				     u64 val);
bool tquic_range_contains(const struct tquic_range_set *set, u64 first,
			  u64 last);
bool tquic_range_stale(const struct tquic_range_set *set, u64 val);
u64 tquic_range_gap(const struct tquic_range_set *set, u64 val);

static inline struct tquic_range *
tquic_range_lowest(const struct tquic_range_set *set)
{
	struct rb_node *node = rb_first(&set->root);

	return node ? rb_entry(node, struct tquic_range, node) : NULL;
}

static inline struct tquic_range *tquic_range_next(const struct tquic_range *r)
{
	struct rb_node *node = rb_next(&r->node);

	return node ? rb_entry(node, struct tquic_range, node) : NULL;
}

static inline struct tquic_range *tquic_range_prev(const struct tquic_range *r)
{
	struct rb_node *node = rb_prev(&r->node);

	return node ? rb_entry(node, struct tquic_range, node) : NULL;
}

/* the set must not change during the walk */
#define tquic_range_for_each(r, set)					\
	for ((r) = tquic_range_lowest(set); (r); (r) = tquic_range_next(r))

#define tquic_range_for_each_down(r, set)				\
	for ((r) = (set)->top; (r); (r) = tquic_range_prev(r))

#endif /* _TQUIC_CORE_RANGE_H */
