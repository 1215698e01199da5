// SPDX-License-Identifier: GPL-2.0
/*
 * Red-black trees, as in any textbook: the root is black, red nodes have
 * black children, every path to a leaf has as many black nodes.
 */
#include <linux/rbtree_augmented.h>

/* a new node is red: its parent is stored as it is */
#define BLACK	1UL

static bool is_black(const struct rb_node *n)
{
	return !n || (n->parent & BLACK);
}

static void set_black(struct rb_node *n, bool black)
{
	n->parent = (n->parent & ~BLACK) | black;
}

static void set_parent(struct rb_node *n, struct rb_node *parent)
{
	n->parent = (unsigned long)parent | (n->parent & BLACK);
}

static struct rb_node *child(const struct rb_node *n, bool right)
{
	return right ? n->rb_right : n->rb_left;
}

static void set_child(struct rb_node *n, bool right, struct rb_node *c)
{
	if (right)
		n->rb_right = c;
	else
		n->rb_left = c;
	if (c)
		set_parent(c, n);
}

/* @node, which may be NULL, takes the place of @old below old's parent */
static void transplant(struct rb_node *old, struct rb_node *node,
		       struct rb_root *root)
{
	struct rb_node *parent = rb_parent(old);

	if (node)
		set_parent(node, parent);
	if (!parent)
		root->rb_node = node;
	else if (parent->rb_left == old)
		parent->rb_left = node;
	else
		parent->rb_right = node;
}

/* the child opposite of @right comes up, @n goes down to the @right */
static void rotate(struct rb_node *n, bool right, struct rb_root *root,
		   const struct rb_augment_callbacks *augment)
{
	struct rb_node *up = child(n, !right);

	transplant(n, up, root);
	set_child(n, !right, child(up, right));
	set_child(up, right, n);
	if (augment)
		augment->rotate(n, up);
}

void rb_insert_augmented(struct rb_node *node, struct rb_root *root,
			 const struct rb_augment_callbacks *augment)
{
	struct rb_node *parent, *grand, *uncle;
	bool right;

	while ((parent = rb_parent(node)) && !is_black(parent)) {
		grand = rb_parent(parent);	/* red: not the root */
		right = grand->rb_right == parent;
		uncle = child(grand, !right);
		if (!is_black(uncle)) {
			set_black(parent, true);
			set_black(uncle, true);
			set_black(grand, false);
			node = grand;
			continue;
		}
		if (child(parent, !right) == node) {
			rotate(parent, right, root, augment);
			parent = node;
		}
		set_black(parent, true);
		set_black(grand, false);
		rotate(grand, !right, root, augment);
		break;
	}
	set_black(root->rb_node, true);
}

/* one black node is missing on the way down to @node, a child of @parent */
static void fix_missing_black(struct rb_node *node, struct rb_node *parent,
			      struct rb_root *root,
			      const struct rb_augment_callbacks *augment)
{
	struct rb_node *sibling;
	bool right;

	while (parent && is_black(node)) {
		right = parent->rb_right == node;
		sibling = child(parent, !right);
		if (!is_black(sibling)) {
			set_black(sibling, true);
			set_black(parent, false);
			rotate(parent, right, root, augment);
			sibling = child(parent, !right);
		}
		if (is_black(sibling->rb_left) && is_black(sibling->rb_right)) {
			set_black(sibling, false);
			node = parent;
			parent = rb_parent(node);
			continue;
		}
		if (is_black(child(sibling, !right))) {
			set_black(child(sibling, right), true);
			set_black(sibling, false);
			rotate(sibling, !right, root, augment);
			sibling = child(parent, !right);
		}
		set_black(sibling, !!is_black(parent));
		set_black(parent, true);
		set_black(child(sibling, !right), true);
		rotate(parent, right, root, augment);
		return;
	}
	if (node)
		set_black(node, true);
}

void rb_erase_augmented(struct rb_node *node, struct rb_root *root,
			const struct rb_augment_callbacks *augment)
{
	struct rb_node *heir, *orphan, *parent;
	bool lost_black;

	if (node->rb_left && node->rb_right) {
		/* the next node moves here, and leaves a gap where it was */
		heir = node->rb_right;
		while (heir->rb_left)
			heir = heir->rb_left;
		lost_black = is_black(heir);
		orphan = heir->rb_right;
		parent = rb_parent(heir);
		if (parent == node) {
			parent = heir;
		} else {
			transplant(heir, orphan, root);
			set_child(heir, true, node->rb_right);
		}
		transplant(node, heir, root);
		set_child(heir, false, node->rb_left);
		set_black(heir, is_black(node));
		if (augment) {
			augment->propagate(parent, heir);
			augment->copy(node, heir);
			augment->propagate(heir, NULL);
		}
	} else {
		lost_black = is_black(node);
		orphan = node->rb_left ? node->rb_left : node->rb_right;
		parent = rb_parent(node);
		transplant(node, orphan, root);
		if (augment)
			augment->propagate(parent, NULL);
	}
	if (lost_black)
		fix_missing_black(orphan, parent, root, augment);
}

void rb_insert_color(struct rb_node *node, struct rb_root *root)
{
	rb_insert_augmented(node, root, NULL);
}

void rb_erase(struct rb_node *node, struct rb_root *root)
{
	rb_erase_augmented(node, root, NULL);
}

void rb_replace_node(struct rb_node *victim, struct rb_node *node,
		     struct rb_root *root)
{
	*node = *victim;
	transplant(victim, node, root);
	set_child(node, false, node->rb_left);
	set_child(node, true, node->rb_right);
}

static struct rb_node *edge(struct rb_node *n, bool right)
{
	while (n && child(n, right))
		n = child(n, right);
	return n;
}

static struct rb_node *step(const struct rb_node *n, bool right)
{
	struct rb_node *parent;

	if (RB_EMPTY_NODE(n))
		return NULL;
	if (child(n, right))
		return edge(child(n, right), !right);
	while ((parent = rb_parent(n)) && child(parent, right) == n)
		n = parent;
	return parent;
}

struct rb_node *rb_next(const struct rb_node *node)
{
	return step(node, true);
}

struct rb_node *rb_prev(const struct rb_node *node)
{
	return step(node, false);
}

struct rb_node *rb_first(const struct rb_root *root)
{
	return edge(root->rb_node, false);
}

struct rb_node *rb_last(const struct rb_root *root)
{
	return edge(root->rb_node, true);
}

/* children before their parent: down to a leaf, left wherever possible */
static struct rb_node *deepest(struct rb_node *n)
{
	while (n && (n->rb_left || n->rb_right))
		n = n->rb_left ? n->rb_left : n->rb_right;
	return n;
}

struct rb_node *rb_first_postorder(const struct rb_root *root)
{
	return deepest(root->rb_node);
}

struct rb_node *rb_next_postorder(const struct rb_node *node)
{
	struct rb_node *parent = rb_parent(node);

	if (parent && parent->rb_left == node && parent->rb_right)
		return deepest(parent->rb_right);
	return parent;
}
