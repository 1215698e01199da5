// SPDX-License-Identifier: GPL-2.0
/*
 * The twins of the kernel's headers, against naive models of what the
 * kernel's do: a test of the core is worth no more than the ground under it.
 */
#include <asm/byteorder.h>
#include <crypto/utils.h>
#include <linux/bitmap.h>
#include <linux/list.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/rbtree_augmented.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include "shim/shim.h"
#include "tap.h"

struct item {
	struct rb_node node;
	struct list_head list;
	struct hlist_node hash;
	unsigned int key;
	unsigned int weight;
	unsigned int max;
	bool in;
};

static unsigned int own_weight(struct item *item)
{
	return item->weight;
}

RB_DECLARE_CALLBACKS_MAX(static, item_max, struct item, node, unsigned int,
			 max, own_weight)

static struct item *to_item(const struct rb_node *n)
{
	return n ? container_of(n, struct item, node) : NULL;
}

static bool less(struct rb_node *a, const struct rb_node *b)
{
	return to_item(a)->key < to_item(b)->key;
}

static int cmp_key(const void *key, const struct rb_node *n)
{
	unsigned int k = *(const unsigned int *)key;

	return k < to_item(n)->key ? -1 : k > to_item(n)->key;
}

static int cmp_node(struct rb_node *n, const struct rb_node *other)
{
	return cmp_key(&to_item(n)->key, other);
}

/* height in black nodes; every rule of red-black trees holds below */
static int check_tree(const struct rb_node *n, const struct rb_node *parent)
{
	unsigned int max;
	bool black;
	int left;

	if (!n)
		return 0;
	black = n->parent & 1;
	TQ_EXPECT(rb_parent(n) == parent);
	TQ_EXPECT(black || (parent && (parent->parent & 1)));
	left = check_tree(n->rb_left, n);
	TQ_EXPECT_EQ(left, check_tree(n->rb_right, n));
	max = to_item(n)->weight;
	if (n->rb_left) {
		TQ_EXPECT(to_item(n->rb_left)->key <= to_item(n)->key);
		max = max(max, to_item(n->rb_left)->max);
	}
	if (n->rb_right) {
		TQ_EXPECT(to_item(n->rb_right)->key >= to_item(n)->key);
		max = max(max, to_item(n->rb_right)->max);
	}
	TQ_EXPECT_EQ(to_item(n)->max, max);
	return left + black;
}

static void insert_augmented(struct item *item, struct rb_root_cached *root)
{
	struct rb_node **link = &root->rb_root.rb_node, *parent = NULL;
	bool leftmost = true;

	item->max = item->weight;
	while (*link) {
		parent = *link;
		if (to_item(parent)->max < item->weight)
			to_item(parent)->max = item->weight;
		if (item->key < to_item(parent)->key) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			leftmost = false;
		}
	}
	rb_link_node(&item->node, parent, link);
	rb_insert_augmented_cached(&item->node, root, leftmost, &item_max);
}

static void check_order(const struct item *items, unsigned int n,
			struct rb_root_cached *root)
{
	unsigned int i, count = 0, seen = 0;
	const struct rb_node *rb, *prev = NULL;

	for (i = 0; i < n; i++)
		count += items[i].in;
	for (rb = rb_first(&root->rb_root); rb; rb = rb_next(rb)) {
		TQ_EXPECT(rb_prev(rb) == prev);
		prev = rb;
		seen++;
	}
	TQ_EXPECT_EQ(seen, count);
	TQ_EXPECT(rb_last(&root->rb_root) == prev);
	TQ_EXPECT(rb_first_cached(root) == rb_first(&root->rb_root));
	TQ_EXPECT_EQ(RB_EMPTY_ROOT(&root->rb_root), !count);
	TQ_EXPECT(!root->rb_root.rb_node ||
		  (root->rb_root.rb_node->parent & 1));
	check_tree(root->rb_root.rb_node, NULL);
}

TQ_TEST(shim_rbtree_random)
{
	struct rb_root_cached root = RB_ROOT_CACHED;
	struct item items[60] = { };
	unsigned int round, i;

	for (round = 0; round < 4000; round++) {
		/* grows for a while, then shrinks for a while */
		bool add = tq_rand_below(10) < (round / 300 % 2 ? 3 : 7);

		i = tq_rand_below(ARRAY_SIZE(items));
		tq_note("round %u", round);
		if (add == items[i].in)
			continue;
		if (add) {
			items[i].key = tq_rand_below(40);
			items[i].weight = tq_rand_below(1000);
			insert_augmented(&items[i], &root);
		} else {
			rb_erase_augmented_cached(&items[i].node, &root,
						  &item_max);
		}
		items[i].in = add;
		check_order(items, ARRAY_SIZE(items), &root);
	}
}

TQ_TEST(shim_rbtree_plain_erase_in_every_order)
{
	unsigned int a, b, i;

	for (a = 0; a < 16; a++) {
		for (b = 0; b < 16; b++) {
			struct rb_root_cached root = RB_ROOT_CACHED;
			struct item items[16] = { };

			for (i = 0; i < 16; i++) {
				items[i].key = i * 7 % 16;
				rb_add_cached(&items[i].node, &root, less);
				items[i].in = true;
			}
			for (i = 0; i < 16; i++) {
				unsigned int k = (a + i * (2 * b + 1)) % 16;

				rb_erase_cached(&items[k].node, &root);
				items[k].in = false;
				check_order(items, 16, &root);
			}
		}
	}
}

TQ_TEST(shim_rbtree_search)
{
	struct item items[10] = { }, extra = { .key = 4 }, *pos, *n;
	unsigned int i, key = 4, none = 5, count = 0;
	struct rb_root root = RB_ROOT;
	struct rb_node *rb;

	TQ_EXPECT(!rb_find(&key, &root, cmp_key));
	for (i = 0; i < 10; i++) {
		items[i].key = i & ~1U;
		rb_add(&items[i].node, &root, less);
	}
	TQ_EXPECT_EQ(to_item(rb_find(&key, &root, cmp_key))->key, 4);
	TQ_EXPECT(!rb_find(&none, &root, cmp_key));
	TQ_EXPECT(rb_find_first(&key, &root, cmp_key) == &items[4].node);
	rb_for_each(rb, &key, &root, cmp_key)
		count++;
	TQ_EXPECT_EQ(count, 2);
	TQ_EXPECT(to_item(rb_find_add(&extra.node, &root, cmp_node))->key == 4);
	extra.key = 5;
	TQ_EXPECT(!rb_find_add(&extra.node, &root, cmp_node));
	TQ_EXPECT(rb_find(&none, &root, cmp_key) == &extra.node);
	count = 0;
	rbtree_postorder_for_each_entry_safe(pos, n, &root, node) {
		/* children are gone before their parent */
		TQ_EXPECT(!pos->node.rb_left || to_item(pos->node.rb_left)->in);
		TQ_EXPECT(!pos->node.rb_right ||
			  to_item(pos->node.rb_right)->in);
		pos->in = true;
		count++;
	}
	TQ_EXPECT_EQ(count, 11);
	RB_CLEAR_NODE(&extra.node);
	TQ_EXPECT(RB_EMPTY_NODE(&extra.node));
	TQ_EXPECT(!rb_next(&extra.node));
}

TQ_TEST(shim_rbtree_replace)
{
	struct rb_root_cached root = RB_ROOT_CACHED;
	struct item items[7] = { }, fresh;
	unsigned int i;

	for (i = 0; i < 7; i++) {
		items[i].key = i;
		items[i].in = true;
		rb_add_cached(&items[i].node, &root, less);
	}
	for (i = 0; i < 7; i++) {
		fresh = items[i];
		rb_replace_node_cached(&items[i].node, &fresh.node, &root);
		memset(&items[i].node, 0xff, sizeof(items[i].node));
		check_order(items, 7, &root);
		rb_replace_node_cached(&fresh.node, &items[i].node, &root);
	}
	check_order(items, 7, &root);
}

/* the keys of a list, as a number in decimal */
static u64 digits(struct list_head *head)
{
	struct item *item;
	u64 forth = 0, back = 0, scale = 1;

	list_for_each_entry(item, head, list)
		forth = forth * 10 + item->key;
	list_for_each_entry_reverse(item, head, list) {
		back += scale * item->key;
		scale *= 10;
	}
	TQ_EXPECT_EQ(forth, back);
	return forth;
}

static void fill(struct list_head *head, struct item *items, unsigned int from,
		 unsigned int n)
{
	INIT_LIST_HEAD(head);
	for (; n--; items++, from++) {
		items->key = from;
		list_add_tail(&items->list, head);
	}
}

TQ_TEST(shim_list)
{
	struct item a[5], b[3], c, *item, *tmp;
	LIST_HEAD(other);
	LIST_HEAD(head);

	TQ_EXPECT(list_empty(&head));
	TQ_EXPECT(!list_first_entry_or_null(&head, struct item, list));
	fill(&head, a, 1, 5);
	TQ_EXPECT_EQ(digits(&head), 12345);
	TQ_EXPECT_EQ(list_count_nodes(&head), 5);
	TQ_EXPECT(list_first_entry(&head, struct item, list) == &a[0]);
	TQ_EXPECT(list_last_entry(&head, struct item, list) == &a[4]);
	TQ_EXPECT(list_next_entry(&a[0], list) == &a[1]);
	TQ_EXPECT(list_prev_entry(&a[1], list) == &a[0]);
	TQ_EXPECT(list_is_first(&a[0].list, &head));
	TQ_EXPECT(list_is_last(&a[4].list, &head));
	list_move(&a[2].list, &head);
	TQ_EXPECT_EQ(digits(&head), 31245);
	list_move_tail(&a[2].list, &head);
	TQ_EXPECT_EQ(digits(&head), 12453);
	list_rotate_left(&head);
	TQ_EXPECT_EQ(digits(&head), 24531);
	list_rotate_to_front(&a[4].list, &head);
	TQ_EXPECT_EQ(digits(&head), 53124);
	c.key = 9;
	list_replace(&a[2].list, &c.list);
	TQ_EXPECT_EQ(digits(&head), 59124);
	list_for_each_entry_safe(item, tmp, &head, list) {
		if (item->key & 1)
			list_del(&item->list);
	}
	TQ_EXPECT_EQ(digits(&head), 24);
	list_del_init(&a[1].list);
	TQ_EXPECT(list_empty(&a[1].list) && list_is_singular(&head));

	fill(&head, a, 1, 5);
	fill(&other, b, 6, 3);
	list_splice_init(&other, &head);
	TQ_EXPECT_EQ(digits(&head), 67812345);
	TQ_EXPECT(list_empty(&other));
	list_splice_tail_init(&other, &head);
	TQ_EXPECT_EQ(digits(&head), 67812345);
	list_cut_position(&other, &head, &a[0].list);
	TQ_EXPECT_EQ(digits(&other), 6781);
	TQ_EXPECT_EQ(digits(&head), 2345);
	list_splice_tail(&other, &head);
	TQ_EXPECT_EQ(digits(&head), 23456781);
	list_cut_before(&other, &head, &a[3].list);
	TQ_EXPECT_EQ(digits(&other), 23);
	TQ_EXPECT_EQ(digits(&head), 456781);
	list_cut_before(&other, &head, &a[3].list);
	TQ_EXPECT(list_empty(&other));
	list_bulk_move_tail(&other, &a[4].list, &b[0].list);
	TQ_EXPECT_EQ(digits(&other), 56);
	TQ_EXPECT_EQ(digits(&head), 4781);
	item = &b[1];
	list_for_each_entry_continue(item, &head, list)
		TQ_EXPECT(item == &b[2] || item == &a[0]);
}

TQ_TEST(shim_hlist)
{
	HLIST_HEAD(head);
	HLIST_HEAD(other);
	struct hlist_node *tmp;
	struct item a[4] = { };
	struct item *item;
	unsigned int i, n = 0;

	TQ_EXPECT(hlist_empty(&head));
	for (i = 0; i < 4; i++)
		a[i].key = i;
	hlist_add_head(&a[1].hash, &head);
	TQ_EXPECT(hlist_is_singular_node(&a[1].hash, &head));
	hlist_add_before(&a[0].hash, &a[1].hash);
	hlist_add_behind(&a[3].hash, &a[1].hash);
	hlist_add_behind(&a[2].hash, &a[1].hash);
	hlist_for_each_entry(item, &head, hash)
		n = n * 10 + item->key;
	TQ_EXPECT_EQ(n, 123);
	hlist_move_list(&head, &other);
	TQ_EXPECT(hlist_empty(&head));
	n = 0;
	hlist_for_each_entry_safe(item, tmp, &other, hash) {
		hlist_del_init(&item->hash);
		TQ_EXPECT(hlist_unhashed(&item->hash));
		hlist_del_init(&item->hash);
		n++;
	}
	TQ_EXPECT_EQ(n, 4);
	TQ_EXPECT(hlist_empty(&other));
}

#define BITS	150

static bool naive_all(const bool *bits, unsigned int from, unsigned int n,
		      bool val)
{
	while (n--) {
		if (bits[from++] != val)
			return false;
	}
	return true;
}

TQ_TEST(shim_bitmap_against_bools)
{
	DECLARE_BITMAP(map, BITS);
	DECLARE_BITMAP(copy, BITS);
	DECLARE_BITMAP(both, BITS);
	unsigned int round, i, bit, from, n, count;
	bool bits[BITS] = { };

	bitmap_zero(map, BITS);
	for (round = 0; round < 300; round++) {
		from = tq_rand_below(BITS);
		n = tq_rand_below(min(BITS - from, 80U));
		if (round & 1)
			bitmap_set(map, from, n);
		else
			bitmap_clear(map, from, n);
		for (i = 0; i < n; i++)
			bits[from + i] = round & 1;

		count = 0;
		for (i = 0; i < BITS; i++) {
			TQ_EXPECT_EQ(test_bit(i, map), bits[i]);
			count += bits[i];
		}
		TQ_EXPECT_EQ(bitmap_weight(map, BITS), count);
		TQ_EXPECT_EQ(bitmap_empty(map, BITS), !count);
		TQ_EXPECT_EQ(bitmap_full(map, BITS), count == BITS);

		from = tq_rand_below(BITS + 1);
		bit = find_next_bit(map, BITS, from);
		TQ_EXPECT(bit >= from && bit <= BITS);
		TQ_EXPECT(naive_all(bits, from, bit - from, false));
		TQ_EXPECT(bit == BITS || bits[bit]);
		bit = find_next_zero_bit(map, BITS, from);
		TQ_EXPECT(naive_all(bits, from, bit - from, true));
		TQ_EXPECT(bit == BITS || !bits[bit]);
		bit = find_last_bit(map, BITS);
		TQ_EXPECT(bit == BITS ? !count :
			  bits[bit] && naive_all(bits, bit + 1,
						 BITS - bit - 1, false));

		bitmap_complement(copy, map, BITS);
		TQ_EXPECT_EQ(bitmap_weight(copy, BITS), BITS - count);
		TQ_EXPECT(!bitmap_intersects(copy, map, BITS));
		TQ_EXPECT(!bitmap_and(both, copy, map, BITS));
		bitmap_or(both, copy, map, BITS);
		TQ_EXPECT(bitmap_full(both, BITS));
		TQ_EXPECT(bitmap_subset(map, both, BITS));
		bitmap_xor(both, both, copy, BITS);
		TQ_EXPECT(bitmap_equal(both, map, BITS));
		TQ_EXPECT_EQ(bitmap_andnot(both, map, copy, BITS), count != 0);
		TQ_EXPECT(bitmap_equal(both, map, BITS));

		n = tq_rand_below(BITS + 10);
		bitmap_shift_left(copy, map, n, BITS);
		bitmap_copy(both, map, BITS);
		bitmap_shift_right(both, both, n, BITS);
		for (i = 0; i < BITS; i++) {
			TQ_EXPECT_EQ(test_bit(i, copy), i >= n && bits[i - n]);
			TQ_EXPECT_EQ(test_bit(i, both),
				     i + n < BITS && bits[i + n]);
		}
	}
}

TQ_TEST(shim_bitmap_zero_area)
{
	DECLARE_BITMAP(map, 128);

	bitmap_fill(map, 128);
	bitmap_clear(map, 61, 7);
	TQ_EXPECT_EQ(bitmap_find_next_zero_area(map, 128, 0, 7, 0), 61);
	TQ_EXPECT_EQ(bitmap_find_next_zero_area(map, 128, 0, 4, 3), 64);
	TQ_EXPECT(bitmap_find_next_zero_area(map, 128, 0, 8, 0) > 128);
}

TQ_TEST(shim_bits)
{
	unsigned long word = 0;
	unsigned int i;

	for (i = 0; i < 64; i++) {
		u64 x = BIT_ULL(i) | (BIT_ULL(i) - 1);

		tq_note("bit %u", i);
		TQ_EXPECT_EQ(fls64(x), i + 1);
		TQ_EXPECT_EQ(__ffs64(BIT_ULL(i) | BIT_ULL(63)), i);
		TQ_EXPECT_EQ(hweight64(x), i + 1);
		TQ_EXPECT_EQ(ilog2(x), i);
		TQ_EXPECT_EQ(GENMASK_ULL(i, 0), x);
		TQ_EXPECT_EQ(rol64(1, i), BIT_ULL(i));
		TQ_EXPECT_EQ(ror64(BIT_ULL(i), i), 1);
		TQ_EXPECT_EQ(sign_extend64(BIT_ULL(i), i),
			     (s64)(~0ULL << i));
	}
	TQ_EXPECT_EQ(fls64(0), 0);
	TQ_EXPECT_EQ(fls(0), 0);
	TQ_EXPECT_EQ(fls(0x80000000), 32);
	TQ_EXPECT_EQ(ffs(0), 0);
	TQ_EXPECT_EQ(ffs(8), 4);
	TQ_EXPECT_EQ(__fls(6), 2);
	TQ_EXPECT_EQ(ffz(7), 3);
	TQ_EXPECT_EQ(GENMASK(7, 4), 0xf0);
	TQ_EXPECT_EQ(rol32(0x80000001, 0), 0x80000001);
	TQ_EXPECT_EQ(ror32(1, 1), 0x80000000);
	TQ_EXPECT_EQ(sign_extend32(0xff, 7), -1);
	TQ_EXPECT(!test_and_set_bit(5, &word) && test_and_set_bit(5, &word));
	TQ_EXPECT(test_and_clear_bit(5, &word) && !word);
	__assign_bit(3, &word, true);
	change_bit(0, &word);
	TQ_EXPECT_EQ(word, 9);
	TQ_EXPECT(is_power_of_2(64) && !is_power_of_2(0) && !is_power_of_2(6));
	TQ_EXPECT_EQ(roundup_pow_of_two(65), 128);
	TQ_EXPECT_EQ(roundup_pow_of_two(64), 64);
	TQ_EXPECT_EQ(rounddown_pow_of_two(65), 64);
	TQ_EXPECT_EQ(order_base_2(65), 7);
	TQ_EXPECT_EQ(order_base_2(1), 0);
}

/* bit by bit; for values whose product stays within 96 bits */
static u64 naive_mul_div(u64 a, u32 b, u64 d)
{
	u64 q = 0, r = 0;
	int i;

	for (i = 31; i >= 0; i--) {
		/* q, r = divmod(2 * (q * d + r) + a * bit, d) */
		q = q * 2 + 2 * r / d;
		r = 2 * r % d;
		if (b >> i & 1) {
			q += a / d;
			r += a % d;
			q += r / d;
			r %= d;
		}
	}
	return q;
}

TQ_TEST(shim_division)
{
	unsigned int i;
	u64 n, rem;
	u32 rem32;

	for (i = 0; i < 5000; i++) {
		u64 a = tq_rand() >> (2 + tq_rand_below(60));
		u32 b = tq_rand() >> (32 + tq_rand_below(30));
		u64 d = (tq_rand() >> (2 + tq_rand_below(60))) + 1;

		/* the quotient must fit: a * b / 2^64 < d */
		if (mul_u64_u64_shr(a, b, 64) < d)
			TQ_EXPECT_EQ(mul_u64_u64_div_u64(a, b, d),
				     naive_mul_div(a, b, d));
		TQ_EXPECT_EQ(div64_u64_rem(a, d, &rem), a / d);
		TQ_EXPECT_EQ(rem, a % d);
		if (!b)
			continue;
		n = a;
		TQ_EXPECT_EQ(do_div(n, b), a % b);
		TQ_EXPECT_EQ(n, a / b);
		TQ_EXPECT_EQ(div_u64_rem(a, b, &rem32), a / b);
	}
	TQ_EXPECT_EQ(mul_u64_u64_div_u64(U64_MAX, U64_MAX, U64_MAX), U64_MAX);
	TQ_EXPECT_EQ(mul_u64_u64_div_u64(U64_MAX, U64_MAX - 1, U64_MAX),
		     U64_MAX - 1);
	TQ_EXPECT_EQ(mul_u64_u64_div_u64(1ULL << 63, 6, 1ULL << 62), 12);
	TQ_EXPECT_EQ(mul_u64_u64_shr(U64_MAX, U64_MAX, 64), U64_MAX - 1);
	TQ_EXPECT_EQ(mul_u64_u64_shr(U64_MAX, U64_MAX, 0), 1);
	TQ_EXPECT_EQ(mul_u64_u32_shr(1ULL << 60, 16, 32), 1ULL << 32);
	TQ_EXPECT_EQ(div_s64(-7, 2), -3);
	TQ_EXPECT_EQ(DIV64_U64_ROUND_UP(7ULL, 2), 4);
	TQ_EXPECT_EQ(DIV64_U64_ROUND_CLOSEST(5ULL, 2), 3);
	TQ_EXPECT_EQ(DIV_ROUND_UP(7, 2), 4);
	TQ_EXPECT_EQ(DIV_ROUND_CLOSEST(-7, 2), -4);
	TQ_EXPECT_EQ(roundup(13, 5), 15);
	TQ_EXPECT_EQ(rounddown(13, 5), 10);
	TQ_EXPECT_EQ(round_up(13, 8), 16);
	TQ_EXPECT_EQ(round_down(13, 8), 8);
	TQ_EXPECT_EQ(ALIGN(13, 4), 16);
	TQ_EXPECT_EQ(int_sqrt64(99), 9);
	TQ_EXPECT_EQ(int_sqrt64(100), 10);
	TQ_EXPECT_EQ(int_sqrt64(U64_MAX), U32_MAX);
}

TQ_TEST(shim_minmax)
{
	u8 small = 200;
	u64 big = U64_MAX;
	int a = 3, b = -5, calls = 0;

	TQ_EXPECT_EQ(min(a, b), -5);
	TQ_EXPECT_EQ(max(a, b), 3);
	TQ_EXPECT_EQ(min(a, small), 3);
	TQ_EXPECT_EQ(min(big, 7), 7);
	TQ_EXPECT_EQ(min_t(u8, 300, small), 44);
	TQ_EXPECT_EQ(min3(a, b, 0), -5);
	TQ_EXPECT_EQ(max3(a, b, 9), 9);
	TQ_EXPECT_EQ(clamp(10, a, 7), 7);
	TQ_EXPECT_EQ(clamp(b, a, 7), 3);
	TQ_EXPECT_EQ(clamp_t(u64, 5, 6, 7), 6);
	TQ_EXPECT_EQ(min_not_zero(0U, 4U), 4);
	TQ_EXPECT_EQ(min_not_zero(3U, 4U), 3);
	TQ_EXPECT_EQ(umin(big, 5), 5);
	TQ_EXPECT_EQ(min(calls++, 5), 0);
	TQ_EXPECT_EQ(calls, 1);
	TQ_EXPECT(in_range(5, 5, 1) && !in_range(6, 5, 1) &&
		  !in_range(4, 5, 9));
	swap(a, b);
	TQ_EXPECT(a == -5 && b == 3);
	TQ_EXPECT_EQ(abs(a), 5);
	TQ_EXPECT_EQ(abs_diff(3U, 5U), 2);
}

TQ_TEST(shim_overflow)
{
	struct flex {
		u64 head;
		u16 tail[];
	} *flex;
	u8 sum;
	int i;
	u64 x;

	TQ_EXPECT(check_add_overflow(200, 56, &sum));
	TQ_EXPECT(!check_add_overflow(200, 55, &sum) && sum == 255);
	TQ_EXPECT(check_sub_overflow(1, 2, &sum));
	TQ_EXPECT(check_mul_overflow(1ULL << 32, 1ULL << 32, &x));
	TQ_EXPECT(!check_shl_overflow(1, 30, &i) && i == 1 << 30);
	TQ_EXPECT(check_shl_overflow(1, 31, &i));
	TQ_EXPECT(check_shl_overflow(3, 63, &x));
	TQ_EXPECT(check_shl_overflow(1, 64, &x));
	TQ_EXPECT_EQ(size_add(SIZE_MAX, 1), SIZE_MAX);
	TQ_EXPECT_EQ(size_mul(SIZE_MAX / 2, 3), SIZE_MAX);
	TQ_EXPECT_EQ(size_sub(1, 2), SIZE_MAX);
	TQ_EXPECT_EQ(array3_size(2, 3, 4), 24);
	TQ_EXPECT_EQ(struct_size(flex, tail, 3), sizeof(*flex) + 6);
	TQ_EXPECT_EQ(struct_size(flex, tail, SIZE_MAX), SIZE_MAX);
	TQ_EXPECT_EQ(type_max(s8), 127);
	TQ_EXPECT_EQ(type_min(s8), -128);
	TQ_EXPECT(overflows_type(256, u8) && !overflows_type(255, u8));
	TQ_EXPECT_EQ(wrapping_add(u8, 255, 2), 1);
}

TQ_TEST(shim_unaligned)
{
	u8 buf[9] = { 0xff, 1, 2, 3, 4, 5, 6, 7, 8 }, out[9] = { 0xff };

	TQ_EXPECT_EQ(get_unaligned_be16(buf + 1), 0x0102);
	TQ_EXPECT_EQ(get_unaligned_be24(buf + 1), 0x010203);
	TQ_EXPECT_EQ(get_unaligned_be32(buf + 1), 0x01020304);
	TQ_EXPECT_EQ(get_unaligned_be48(buf + 1), 0x010203040506);
	TQ_EXPECT_EQ(get_unaligned_be64(buf + 1), 0x0102030405060708);
	TQ_EXPECT_EQ(get_unaligned_le16(buf + 1), 0x0201);
	TQ_EXPECT_EQ(get_unaligned_le24(buf + 1), 0x030201);
	TQ_EXPECT_EQ(get_unaligned_le32(buf + 1), 0x04030201);
	TQ_EXPECT_EQ(get_unaligned_le64(buf + 1), 0x0807060504030201);
	TQ_EXPECT_EQ(get_unaligned((__be16 *)(buf + 1)), cpu_to_be16(0x0102));
	put_unaligned_be64(0x0102030405060708, out + 1);
	TQ_EXPECT_MEM_EQ(out, buf, 9);
	put_unaligned_le64(0x0807060504030201, out + 1);
	TQ_EXPECT_MEM_EQ(out, buf, 9);
	put_unaligned_be24(0x010203, out + 1);
	put_unaligned_be48(0x030405060708, out + 3);
	put_unaligned(cpu_to_be16(0x0708), (__be16 *)(out + 7));
	TQ_EXPECT_MEM_EQ(out, buf, 9);
	TQ_EXPECT_EQ(be32_to_cpu(cpu_to_be32(5)), 5);
	TQ_EXPECT_EQ(le16_to_cpu(cpu_to_le16(5)), 5);
}

TQ_TEST(shim_string)
{
	u8 zero[20] = { };
	char buf[4];

	TQ_EXPECT_EQ(strscpy(buf, "abc"), 3);
	TQ_EXPECT_EQ(strscpy(buf, "abcd"), -E2BIG);
	TQ_EXPECT_EQ(strcmp(buf, "abc"), 0);
	TQ_EXPECT_EQ(strscpy(buf, "abc", 2), -E2BIG);
	TQ_EXPECT_EQ(strcmp(buf, "a"), 0);
	TQ_EXPECT_EQ(strscpy(buf, "", 0), -E2BIG);
	memset(buf, 'x', sizeof(buf));
	TQ_EXPECT_EQ(strscpy_pad(buf, "a"), 1);
	TQ_EXPECT_MEM_EQ(buf, "a\0\0", 4);
	TQ_EXPECT(mem_is_zero(zero, 20));
	zero[19] = 1;
	TQ_EXPECT(memchr_inv(zero, 0, 20) == &zero[19]);
	TQ_EXPECT(crypto_memneq("abc", "abd", 3));
	TQ_EXPECT(!crypto_memneq("abc", "abd", 2));
	TQ_EXPECT(IS_ERR(ERR_PTR(-ENOMEM)) && !IS_ERR(zero) && !IS_ERR(NULL));
	TQ_EXPECT_EQ(PTR_ERR(ERR_PTR(-ENOMEM)), -ENOMEM);
	memzero_explicit(buf, sizeof(buf));
	TQ_EXPECT(!buf[0]);
}

TQ_TEST(shim_slab)
{
	struct kmem_cache *cache;
	struct item *item;
	void *many[3000];
	u8 *p, *q;
	int i;

	p = kmalloc(0, GFP_KERNEL);
	TQ_EXPECT(p && ZERO_OR_NULL_PTR(p));
	kfree(p);
	kfree(NULL);
	TQ_EXPECT(!kmalloc_array(SIZE_MAX, 2, GFP_KERNEL));
	p = kcalloc(3, 5, GFP_KERNEL);
	TQ_EXPECT(mem_is_zero(p, 15));
	TQ_EXPECT_EQ(ksize(p), 15);
	p[14] = 7;
	q = krealloc(p, 100, GFP_KERNEL);
	TQ_EXPECT(q != p);
	TQ_EXPECT_EQ(q[14], 7);
	p = krealloc(q, 1, GFP_KERNEL);
	TQ_EXPECT_EQ(p[0], 0);
	kfree_sensitive(p);
	item = kzalloc_obj(*item, GFP_KERNEL);
	TQ_EXPECT(!item->in && ksize(item) == sizeof(*item));
	kfree(item);
	item = kmalloc_objs(struct item, 3, GFP_KERNEL);
	TQ_EXPECT_EQ(ksize(item), 3 * sizeof(*item));
	kfree(item);
	p = kmemdup("abc", 4, GFP_ATOMIC);
	TQ_EXPECT_MEM_EQ(p, "abc", 4);
	kfree(p);
	p = (u8 *)kstrndup("abc", 2, GFP_KERNEL);
	TQ_EXPECT_MEM_EQ(p, "ab", 3);
	kfree(p);

	cache = KMEM_CACHE(item, SLAB_HWCACHE_ALIGN);
	TQ_EXPECT_EQ(kmem_cache_size(cache), sizeof(*item));
	item = kmem_cache_zalloc(cache, GFP_KERNEL);
	TQ_EXPECT(!item->key);
	kmem_cache_free(cache, item);
	kmem_cache_destroy(cache);

	/* the books stay right while they grow and shrink */
	for (i = 0; i < 3000; i++)
		many[i] = kmalloc(1 + i % 50, GFP_KERNEL);
	TQ_EXPECT_EQ(tq_shim_outstanding(NULL), 3000);
	for (i = 0; i < 3000; i++)
		kfree(many[i * 7 % 3000]);
	TQ_EXPECT_EQ(tq_shim_outstanding(NULL), 0);
}

TQ_OOM_TEST(shim_every_allocator_can_fail)
{
	struct kmem_cache *cache = NULL;
	void *p = NULL, *q = NULL;
	int err = -ENOMEM;

	tq_shim_fail_test_code = true;
	p = kzalloc(8, GFP_KERNEL);
	if (!p)
		goto out;
	q = krealloc(p, 16, GFP_KERNEL);
	if (!q)
		goto out;
	p = q;
	q = kmemdup("ab", 3, GFP_KERNEL);
	if (!q)
		goto out;
	kfree(q);
	q = kstrdup("ab", GFP_KERNEL);
	if (!q)
		goto out;
	kfree(q);
	q = NULL;
	cache = KMEM_CACHE(item, 0);
	if (!cache)
		goto out;
	q = kmem_cache_alloc(cache, GFP_KERNEL);
	if (!q)
		goto out;
	kmem_cache_free(cache, q);
	q = kmalloc(1, GFP_KERNEL | __GFP_NOFAIL);
	TQ_EXPECT(q);
	kfree(q);
	q = NULL;
	err = 0;
out:
	kfree(p);
	kmem_cache_destroy(cache);
	return err;
}

TQ_TEST(shim_test_code_does_not_fail)
{
	void *p;

	tq_shim_fail_nth(1);
	p = kmalloc(1, GFP_KERNEL);
	TQ_EXPECT(p && !tq_shim_has_failed());
	kfree(p);
	tq_shim_fail_test_code = true;
	TQ_EXPECT(!kmalloc(1, GFP_KERNEL));
	TQ_EXPECT(tq_shim_has_failed());
	p = kmalloc(1, GFP_KERNEL);
	TQ_EXPECT(p);
	kfree(p);
	tq_shim_fail_nth(0);
}

TQ_TEST(shim_random_is_repeatable)
{
	u64 seen[3], i, n;

	for (i = 0; i < 1000; i++) {
		n = tq_rand_below(3);
		TQ_ASSERT(n < 3);
		seen[n] = i;
	}
	TQ_EXPECT(seen[0] > 900 && seen[1] > 900 && seen[2] > 900);
	/* the name of the test is part of the seed, --seed the other */
	TQ_EXPECT_EQ(tq_rand_below(1), 0);
}
