/* SPDX-License-Identifier: GPL-2.0 */
/* User-space twin: red-black trees whose nodes know about their subtrees. */
#ifndef _SHIM_LINUX_RBTREE_AUGMENTED_H
#define _SHIM_LINUX_RBTREE_AUGMENTED_H

#include <linux/rbtree.h>

/*
 * propagate: recompute from @node up to, without, @stop
 * copy: @node takes the place of @old, which keeps its subtree's value
 * rotate: @node takes the value of @old, whose own is recomputed
 */
struct rb_augment_callbacks {
	void (*propagate)(struct rb_node *node, struct rb_node *stop);
	void (*copy)(struct rb_node *old, struct rb_node *node);
	void (*rotate)(struct rb_node *old, struct rb_node *node);
};

/* the caller has updated the augmented values above @node beforehand */
void rb_insert_augmented(struct rb_node *node, struct rb_root *root,
			 const struct rb_augment_callbacks *augment);
void rb_erase_augmented(struct rb_node *node, struct rb_root *root,
			const struct rb_augment_callbacks *augment);

static inline void
rb_insert_augmented_cached(struct rb_node *node, struct rb_root_cached *root,
			   bool leftmost,
			   const struct rb_augment_callbacks *augment)
{
	if (leftmost)
		root->rb_leftmost = node;
	rb_insert_augmented(node, &root->rb_root, augment);
}

static inline void
rb_erase_augmented_cached(struct rb_node *node, struct rb_root_cached *root,
			  const struct rb_augment_callbacks *augment)
{
	if (root->rb_leftmost == node)
		root->rb_leftmost = rb_next(node);
	rb_erase_augmented(node, &root->rb_root, augment);
}

/*
 * @compute(entry, exit) recomputes an entry's value from its own and its
 * children's; with @exit it answers whether the value was right already.
 */
#define RB_DECLARE_CALLBACKS(scope, name, type, field, value, compute)	\
static inline void name ## _propagate(struct rb_node *rb,		\
				      struct rb_node *stop)		\
{									\
	while (rb != stop) {						\
		type *node = rb_entry(rb, type, field);			\
									\
		if (compute(node, true))				\
			break;						\
		rb = rb_parent(rb);					\
	}								\
}									\
									\
static inline void name ## _copy(struct rb_node *rb_old,		\
				 struct rb_node *rb_new)		\
{									\
	rb_entry(rb_new, type, field)->value =				\
		rb_entry(rb_old, type, field)->value;			\
}									\
									\
static void name ## _rotate(struct rb_node *rb_old,			\
			    struct rb_node *rb_new)			\
{									\
	name ## _copy(rb_old, rb_new);					\
	compute(rb_entry(rb_old, type, field), false);			\
}									\
									\
scope const struct rb_augment_callbacks name = {			\
	.propagate = name ## _propagate,				\
	.copy = name ## _copy,						\
	.rotate = name ## _rotate,					\
};

/* the value is the maximum of @own(entry) over the subtree */
#define RB_DECLARE_CALLBACKS_MAX(scope, name, type, field, num, value, own) \
static inline bool name ## _compute_max(type *node, bool exit)		\
{									\
	num max = own(node);						\
	type *child;							\
									\
	child = rb_entry_safe(node->field.rb_left, type, field);	\
	if (child && child->value > max)				\
		max = child->value;					\
	child = rb_entry_safe(node->field.rb_right, type, field);	\
	if (child && child->value > max)				\
		max = child->value;					\
	if (exit && node->value == max)					\
		return true;						\
	node->value = max;						\
	return false;							\
}									\
									\
RB_DECLARE_CALLBACKS(scope, name, type, field, value, name ## _compute_max)

#endif /* _SHIM_LINUX_RBTREE_AUGMENTED_H */
