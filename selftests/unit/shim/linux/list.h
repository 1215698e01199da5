/* SPDX-License-Identifier: GPL-2.0 */
/*
 * User-space twin: doubly linked lists, with the kernel's CONFIG_DEBUG_LIST
 * always on: adding to or deleting from a broken list is reported.
 */
#ifndef _SHIM_LINUX_LIST_H
#define _SHIM_LINUX_LIST_H

#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/types.h>

#define LIST_POISON1		((void *)0x100)
#define LIST_POISON2		((void *)0x122)

#define LIST_HEAD_INIT(name)	{ &(name), &(name) }
#define LIST_HEAD(name)		struct list_head name = LIST_HEAD_INIT(name)

static inline void INIT_LIST_HEAD(struct list_head *head)
{
	head->next = head;
	head->prev = head;
}

/* makes @a and @b neighbours */
static inline void tq_list_join(struct list_head *a, struct list_head *b)
{
	a->next = b;
	b->prev = a;
}

static inline void tq_list_insert(struct list_head *entry,
				  struct list_head *prev,
				  struct list_head *next)
{
	WARN_ON(prev->next != next || next->prev != prev);
	WARN_ON(entry == prev || entry == next);
	tq_list_join(prev, entry);
	tq_list_join(entry, next);
}

static inline void list_add(struct list_head *entry, struct list_head *head)
{
	tq_list_insert(entry, head, head->next);
}

static inline void list_add_tail(struct list_head *entry,
				 struct list_head *head)
{
	tq_list_insert(entry, head->prev, head);
}

static inline void __list_del_entry(struct list_head *entry)
{
	/* without this check a second list_del() dies on the poison */
	if (WARN_ON(entry->next == LIST_POISON1))
		return;
	WARN_ON(entry->prev->next != entry || entry->next->prev != entry);
	tq_list_join(entry->prev, entry->next);
}

static inline void list_del(struct list_head *entry)
{
	__list_del_entry(entry);
	entry->next = LIST_POISON1;
	entry->prev = LIST_POISON2;
}

static inline void list_del_init(struct list_head *entry)
{
	__list_del_entry(entry);
	INIT_LIST_HEAD(entry);
}

static inline void list_replace(struct list_head *old, struct list_head *entry)
{
	tq_list_join(entry, old->next);
	tq_list_join(old->prev, entry);
}

static inline void list_replace_init(struct list_head *old,
				     struct list_head *entry)
{
	list_replace(old, entry);
	INIT_LIST_HEAD(old);
}

static inline void list_move(struct list_head *entry, struct list_head *head)
{
	__list_del_entry(entry);
	list_add(entry, head);
}

static inline void list_move_tail(struct list_head *entry,
				  struct list_head *head)
{
	__list_del_entry(entry);
	list_add_tail(entry, head);
}

/* @first to @last, neighbours in one list, to the end of another */
static inline void list_bulk_move_tail(struct list_head *head,
				       struct list_head *first,
				       struct list_head *last)
{
	tq_list_join(first->prev, last->next);
	tq_list_join(head->prev, first);
	tq_list_join(last, head);
}

static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

static inline bool list_is_head(const struct list_head *entry,
				const struct list_head *head)
{
	return entry == head;
}

static inline bool list_is_first(const struct list_head *entry,
				 const struct list_head *head)
{
	return entry->prev == head;
}

static inline bool list_is_last(const struct list_head *entry,
				const struct list_head *head)
{
	return entry->next == head;
}

static inline bool list_is_singular(const struct list_head *head)
{
	return !list_empty(head) && head->next == head->prev;
}

static inline size_t list_count_nodes(struct list_head *head)
{
	struct list_head *pos;
	size_t count = 0;

	for (pos = head->next; pos != head; pos = pos->next)
		count++;
	return count;
}

static inline void list_rotate_left(struct list_head *head)
{
	if (!list_empty(head))
		list_move_tail(head->next, head);
}

static inline void list_rotate_to_front(struct list_head *entry,
					struct list_head *head)
{
	list_move_tail(head, entry);
}

static inline void tq_list_splice(const struct list_head *list,
				  struct list_head *prev,
				  struct list_head *next)
{
	if (list_empty(list))
		return;
	tq_list_join(prev, list->next);
	tq_list_join(list->prev, next);
}

static inline void list_splice(const struct list_head *list,
			       struct list_head *head)
{
	tq_list_splice(list, head, head->next);
}

static inline void list_splice_tail(struct list_head *list,
				    struct list_head *head)
{
	tq_list_splice(list, head->prev, head);
}

static inline void list_splice_init(struct list_head *list,
				    struct list_head *head)
{
	list_splice(list, head);
	INIT_LIST_HEAD(list);
}

static inline void list_splice_tail_init(struct list_head *list,
					 struct list_head *head)
{
	list_splice_tail(list, head);
	INIT_LIST_HEAD(list);
}

/* @head up to and with @entry moves to @list, which loses what it had */
static inline void list_cut_position(struct list_head *list,
				     struct list_head *head,
				     struct list_head *entry)
{
	struct list_head *rest = entry->next;

	if (list_empty(head) || entry == head) {
		INIT_LIST_HEAD(list);
		return;
	}
	tq_list_join(list, head->next);
	tq_list_join(entry, list);
	tq_list_join(head, rest);
}

/* as list_cut_position(), but @entry stays */
static inline void list_cut_before(struct list_head *list,
				   struct list_head *head,
				   struct list_head *entry)
{
	list_cut_position(list, head,
			  head->next == entry ? head : entry->prev);
}

#define list_entry(ptr, type, member)	container_of(ptr, type, member)
#define list_first_entry(head, type, member)	\
	list_entry((head)->next, type, member)
#define list_last_entry(head, type, member)	\
	list_entry((head)->prev, type, member)
/* as strict as the kernel's: no head that is const */
#define list_first_entry_or_null(head, type, member) ({			\
	struct list_head *list_head_ = (head);				\
	list_head_->next == list_head_ ? NULL :				\
		list_entry(list_head_->next, type, member);		\
})
#define list_last_entry_or_null(head, type, member) ({			\
	struct list_head *list_head_ = (head);				\
	list_head_->prev == list_head_ ? NULL :				\
		list_entry(list_head_->prev, type, member);		\
})
#define list_next_entry(pos, member)	\
	list_entry((pos)->member.next, __typeof__(*(pos)), member)
#define list_prev_entry(pos, member)	\
	list_entry((pos)->member.prev, __typeof__(*(pos)), member)
#define list_entry_is_head(pos, head, member)	\
	list_is_head(&(pos)->member, (head))

#define list_for_each(pos, head)	\
	for (pos = (head)->next; !list_is_head(pos, (head)); pos = pos->next)
#define list_for_each_prev(pos, head)	\
	for (pos = (head)->prev; !list_is_head(pos, (head)); pos = pos->prev)
#define list_for_each_safe(pos, n, head)	\
	for (pos = (head)->next, n = pos->next;	\
	     !list_is_head(pos, (head)); pos = n, n = pos->next)

#define list_for_each_entry_from(pos, head, member)	\
	for (; !list_entry_is_head(pos, head, member);	\
	     pos = list_next_entry(pos, member))
#define list_for_each_entry_from_reverse(pos, head, member)	\
	for (; !list_entry_is_head(pos, head, member);		\
	     pos = list_prev_entry(pos, member))
#define list_for_each_entry(pos, head, member)				\
	for (pos = list_first_entry(head, __typeof__(*pos), member);	\
	     !list_entry_is_head(pos, head, member);			\
	     pos = list_next_entry(pos, member))
#define list_for_each_entry_reverse(pos, head, member)			\
	for (pos = list_last_entry(head, __typeof__(*pos), member);	\
	     !list_entry_is_head(pos, head, member);			\
	     pos = list_prev_entry(pos, member))
#define list_for_each_entry_continue(pos, head, member)	\
	for (pos = list_next_entry(pos, member);	\
	     !list_entry_is_head(pos, head, member);	\
	     pos = list_next_entry(pos, member))
#define list_for_each_entry_continue_reverse(pos, head, member)	\
	for (pos = list_prev_entry(pos, member);		\
	     !list_entry_is_head(pos, head, member);		\
	     pos = list_prev_entry(pos, member))
#define list_for_each_entry_safe(pos, n, head, member)			\
	for (pos = list_first_entry(head, __typeof__(*pos), member),	\
	     n = list_next_entry(pos, member);				\
	     !list_entry_is_head(pos, head, member);			\
	     pos = n, n = list_next_entry(n, member))
#define list_for_each_entry_safe_from(pos, n, head, member)	\
	for (n = list_next_entry(pos, member);			\
	     !list_entry_is_head(pos, head, member);		\
	     pos = n, n = list_next_entry(n, member))
#define list_for_each_entry_safe_continue(pos, n, head, member)	\
	for (pos = list_next_entry(pos, member),		\
	     n = list_next_entry(pos, member);			\
	     !list_entry_is_head(pos, head, member);		\
	     pos = n, n = list_next_entry(n, member))
#define list_for_each_entry_safe_reverse(pos, n, head, member)		\
	for (pos = list_last_entry(head, __typeof__(*pos), member),	\
	     n = list_prev_entry(pos, member);				\
	     !list_entry_is_head(pos, head, member);			\
	     pos = n, n = list_prev_entry(n, member))
#define list_prepare_entry(pos, head, member)	\
	((pos) ? (pos) : list_entry(head, __typeof__(*pos), member))
#define list_safe_reset_next(pos, n, member)	\
	(n = list_next_entry(pos, member))

/* lists with a head of one pointer, for hash tables */

#define HLIST_HEAD_INIT		{ .first = NULL }
#define HLIST_HEAD(name)	struct hlist_head name = HLIST_HEAD_INIT
#define INIT_HLIST_HEAD(head)	((head)->first = NULL)

static inline void INIT_HLIST_NODE(struct hlist_node *node)
{
	node->next = NULL;
	node->pprev = NULL;
}

static inline bool hlist_unhashed(const struct hlist_node *node)
{
	return !node->pprev;
}

static inline bool hlist_empty(const struct hlist_head *head)
{
	return !head->first;
}

/* into the place that *@pprev points to */
static inline void tq_hlist_insert(struct hlist_node *node,
				   struct hlist_node **pprev)
{
	node->next = *pprev;
	node->pprev = pprev;
	if (node->next)
		node->next->pprev = &node->next;
	*pprev = node;
}

static inline void hlist_add_head(struct hlist_node *node,
				  struct hlist_head *head)
{
	tq_hlist_insert(node, &head->first);
}

static inline void hlist_add_before(struct hlist_node *node,
				    struct hlist_node *next)
{
	tq_hlist_insert(node, next->pprev);
}

static inline void hlist_add_behind(struct hlist_node *node,
				    struct hlist_node *prev)
{
	tq_hlist_insert(node, &prev->next);
}

static inline void __hlist_del(struct hlist_node *node)
{
	if (WARN_ON(node->pprev == LIST_POISON2))
		return;
	WARN_ON(*node->pprev != node);
	*node->pprev = node->next;
	if (node->next)
		node->next->pprev = node->pprev;
}

static inline void hlist_del(struct hlist_node *node)
{
	__hlist_del(node);
	node->next = LIST_POISON1;
	node->pprev = LIST_POISON2;
}

static inline void hlist_del_init(struct hlist_node *node)
{
	if (hlist_unhashed(node))
		return;
	__hlist_del(node);
	INIT_HLIST_NODE(node);
}

static inline bool hlist_is_singular_node(struct hlist_node *node,
					  struct hlist_head *head)
{
	return !node->next && node->pprev == &head->first;
}

static inline void hlist_move_list(struct hlist_head *old,
				   struct hlist_head *head)
{
	head->first = old->first;
	if (head->first)
		head->first->pprev = &head->first;
	old->first = NULL;
}

#define hlist_entry(ptr, type, member)	container_of(ptr, type, member)
#define hlist_entry_safe(ptr, type, member)				\
({									\
	__typeof__(ptr) tq_ptr = (ptr);					\
									\
	tq_ptr ? hlist_entry(tq_ptr, type, member) : NULL;		\
})

#define hlist_for_each(pos, head)	\
	for (pos = (head)->first; pos; pos = pos->next)
#define hlist_for_each_safe(pos, n, head)	\
	for (pos = (head)->first; pos && ({ n = pos->next; 1; }); pos = n)
#define hlist_for_each_entry_from(pos, member)				\
	for (; pos;							\
	     pos = hlist_entry_safe((pos)->member.next,			\
				    __typeof__(*(pos)), member))
#define hlist_for_each_entry(pos, head, member)				\
	for (pos = hlist_entry_safe((head)->first, __typeof__(*(pos)),	\
				    member);				\
	     pos;							\
	     pos = hlist_entry_safe((pos)->member.next,			\
				    __typeof__(*(pos)), member))
#define hlist_for_each_entry_continue(pos, member)			\
	for (pos = hlist_entry_safe((pos)->member.next,			\
				    __typeof__(*(pos)), member);	\
	     pos;							\
	     pos = hlist_entry_safe((pos)->member.next,			\
				    __typeof__(*(pos)), member))
#define hlist_for_each_entry_safe(pos, n, head, member)			\
	for (pos = hlist_entry_safe((head)->first, __typeof__(*pos),	\
				    member);				\
	     pos && ({ n = pos->member.next; 1; });			\
	     pos = hlist_entry_safe(n, __typeof__(*pos), member))

#endif /* _SHIM_LINUX_LIST_H */
