/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bytes of a stream that are due: never sent, or to be sent again.
 *
 * Disjoint ranges of offsets in a red-black tree whose nodes know how many
 * bytes their subtree has: the byte that has a given number of due bytes before
 * it is found in O(log n).  A path that lands its bytes later takes them from
 * further ahead, and the gap that it leaves is due until faster paths fill it.
 */
#ifndef _TQUIC_CORE_DUE_H
#define _TQUIC_CORE_DUE_H

#include "core.h"

/**
 * struct tquic_due_range - one range
 * @node: place in the tree, by offset
 * @first: lowest offset
 * @end: one past the highest
 * @sum: bytes in the subtree of @node
 */
struct tquic_due_range {
	struct rb_node node;
	u64 first;
	u64 end;
	u64 sum;
};

/**
 * struct tquic_due - ranges that are due, none touching another
 * @root: tree of struct tquic_due_range
 */
struct tquic_due {
	struct rb_root root;
};

void tquic_due_init(struct tquic_due *due);
void tquic_due_free(struct tquic_due *due);
int tquic_due_add(struct tquic_due *due, u64 first, u64 end, gfp_t gfp);
int tquic_due_del(struct tquic_due *due, u64 first, u64 end, gfp_t gfp);
u64 tquic_due_bytes(const struct tquic_due *due);
u64 tquic_due_at(const struct tquic_due *due, u64 skip, u64 *end);

#endif /* _TQUIC_CORE_DUE_H */
