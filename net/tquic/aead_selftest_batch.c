// SPDX-License-Identifier: GPL-2.0
/*
 * The part of the self-test that needs no vectors: batches of packets in memory
 * of awkward shape, buffers that may not be written, forged packets.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/random.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "aead_internal.h"
#include "aead_selftest.h"

#define TQUIC_ST_N		TQUIC_AEAD_BATCH_MAX
#define TQUIC_ST_HDR		13	/* first byte, 8 bytes of CID, number */
#define TQUIC_ST_PN_OFF		9
#define TQUIC_ST_OVERHEAD	(TQUIC_ST_HDR + TQUIC_AEAD_TAG_LEN)
#define TQUIC_ST_PN_BASE	0x123400000000ULL
#define TQUIC_ST_PATH		7
#define TQUIC_ST_INLINE		3
#define TQUIC_ST_LEN_MAX	200
#define TQUIC_ST_FRAG_LEN	300
#define TQUIC_ST_SKB_FRAGS	8

/**
 * struct tquic_st_train - packets one behind the other
 * @n: packets
 * @len: bytes on the wire
 * @off: where each begins, and where the last ends
 * @plain: what they carry, overhead included in the offsets
 * @wire: what they look like
 */
struct tquic_st_train {
	unsigned int n;
	unsigned int len;
	u16 off[TQUIC_ST_N + 1];
	u8 plain[TQUIC_ST_N * (TQUIC_ST_LEN_MAX + TQUIC_ST_OVERHEAD)];
	u8 wire[TQUIC_ST_N * (TQUIC_ST_LEN_MAX + TQUIC_ST_OVERHEAD)];
};

/* how a received buffer is laid out */
struct tquic_st_shape {
	const char *name;
	unsigned int linear;
	unsigned int piece;	/* 0: all linear */
	bool clone;
	bool shared_frag;
	bool copied;		/* what is expected */
};

static const struct tquic_st_shape tquic_st_shapes[] __initconst = {
	{ .name = "linear" },
	{ .name = "fragments", .linear = 40, .piece = 33 },
	{ .name = "tiny fragments", .linear = 11, .piece = 7, .copied = true },
	{ .name = "clone", .linear = 40, .piece = 61, .clone = true,
	  .copied = true },
	{ .name = "shared fragments", .linear = 1, .piece = 500,
	  .shared_frag = true, .copied = true },
};

static void __init tquic_st_header(u8 *hdr, u64 pn)
{
	hdr[0] = 0x43;
	memset(hdr + 1, 0xc1, TQUIC_ST_PN_OFF - 1);
	put_unaligned_be32(pn, hdr + TQUIC_ST_PN_OFF);
}

static unsigned int __init tquic_st_size(unsigned int i)
{
	return 1 + TQUIC_ST_INLINE + i * 37 % (TQUIC_ST_LEN_MAX - 8);
}

static int __init tquic_st_train_add(struct tquic_aead_batch *b,
				     struct tquic_st_train *t,
				     const struct tquic_st_keys *k,
				     unsigned int i)
{
	unsigned int n = tquic_st_size(i);
	u64 pn = TQUIC_ST_PN_BASE + i;
	u8 *hdr = t->wire + t->off[i];
	u8 *src = t->plain + t->off[i] + TQUIC_ST_HDR;
	u8 *p;
	int err;

	get_random_bytes(src, n);
	tquic_st_header(hdr, pn);
	err = tquic_seal_packet(b, k->key, k->hp, hdr, TQUIC_ST_HDR,
				TQUIC_ST_PN_OFF, TQUIC_ST_PATH, pn);
	if (err < 0)
		return err;
	p = tquic_seal_inline(b, TQUIC_ST_INLINE);
	if (!p)
		return -ENOSPC;
	memcpy(p, src, TQUIC_ST_INLINE);
	t->off[i + 1] = t->off[i] + n + TQUIC_ST_OVERHEAD;
	return tquic_seal_buf(b, src + TQUIC_ST_INLINE, n - TQUIC_ST_INLINE);
}

static int __init tquic_st_train_seal(struct tquic_st_train *t,
				      const struct tquic_st_keys *k, bool async)
{
	struct tquic_aead_batch *b;
	unsigned int i;
	int err = 0;

	b = tquic_aead_batch_alloc(GFP_KERNEL);
	if (!b)
		return -ENOMEM;
	t->n = TQUIC_ST_N;
	t->off[0] = 0;
	for (i = 0; i < t->n && !err; i++)
		err = tquic_st_train_add(b, t, k, i);
	if (!err)
		err = tquic_st_wait(b);
	if (!err && async && (b->stats.async != t->n || !b->stats.backlogged))
		err = -EALREADY;
	t->len = t->off[t->n];
	tquic_aead_batch_free(b);
	return err;
}

static struct sk_buff * __init tquic_st_skb_one(const u8 **data,
						unsigned int *len,
						const struct tquic_st_shape *s)
{
	unsigned int n = s->piece ? min(s->linear, *len) : *len;
	struct sk_buff *skb;
	struct page *page;
	unsigned int i;

	skb = alloc_skb(n, GFP_KERNEL);
	if (!skb)
		return NULL;
	skb_put_data(skb, *data, n);
	*data += n;
	*len -= n;
	for (i = 0; i < TQUIC_ST_SKB_FRAGS && *len; i++) {
		page = alloc_page(GFP_KERNEL);
		if (!page) {
			kfree_skb(skb);
			return NULL;
		}
		n = min(s->piece, *len);
		memcpy(page_address(page) + 5, *data, n);
		skb_add_rx_frag(skb, i, page, 5, n, PAGE_SIZE);
		*data += n;
		*len -= n;
	}
	if (s->shared_frag)
		skb_shinfo(skb)->flags |= SKBFL_SHARED_FRAG;
	return skb;
}

/* A received buffer of the shape given, with as many members as it takes. */
static struct sk_buff * __init tquic_st_skb(const u8 *data, unsigned int len,
					    const struct tquic_st_shape *s)
{
	struct sk_buff *root, *m, **tail;

	root = tquic_st_skb_one(&data, &len, s);
	if (!root)
		return NULL;
	tail = &skb_shinfo(root)->frag_list;
	while (len) {
		m = tquic_st_skb_one(&data, &len, s);
		if (!m) {
			kfree_skb(root);
			return NULL;
		}
		*tail = m;
		tail = &m->next;
		root->len += m->len;
		root->data_len += m->len;
		root->truesize += m->truesize;
	}
	return root;
}

/* Stage one and keys of a batch over the whole train. */
static int __init tquic_st_train_parse(struct tquic_aead_batch *b,
				       const struct tquic_st_train *t,
				       const struct tquic_st_keys *k)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < t->n && err >= 0; i++)
		err = tquic_open_packet(b, k->hp, t->off[i],
					t->off[i + 1] - t->off[i],
					TQUIC_ST_PN_OFF);
	if (err < 0)
		return err;
	err = tquic_open_unprotect(b);
	for (i = 0; i < t->n; i++)
		tquic_open_key(b, i, k->key, TQUIC_ST_PATH,
			       TQUIC_ST_PN_BASE | b->op[i].pn_trunc);
	return err;
}

static int __init tquic_st_train_check(struct tquic_aead_batch *b,
				       const struct tquic_st_train *t,
				       const char *name)
{
	u8 hdr[TQUIC_ST_HDR], plain[TQUIC_ST_LEN_MAX];
	const struct tquic_aead_op *op;
	unsigned int i;
	int err = 0;

	for (i = 0; i < t->n && !err; i++) {
		op = &b->op[i];
		tquic_st_header(hdr, TQUIC_ST_PN_BASE + i);
		err = op->err ?: tquic_st_equal(name, op->hdr, hdr,
						sizeof(hdr));
		if (!err)
			err = skb_copy_bits(b->skb[op->skb].skb,
					    tquic_open_payload_off(op), plain,
					    tquic_open_payload_len(op));
		if (!err)
			err = tquic_st_equal(name, plain, t->plain +
					     t->off[i] + TQUIC_ST_HDR,
					     tquic_open_payload_len(op));
	}
	return err;
}

/* What somebody else sees must be what was received. */
static int __init tquic_st_untouched(const struct tquic_st_train *t,
				     struct sk_buff *clone, const char *name)
{
	u8 *buf;
	int err;

	buf = kmalloc(t->len, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	err = skb_copy_bits(clone, 0, buf, t->len);
	if (!err)
		err = tquic_st_equal(name, buf, t->wire, t->len);
	kfree(buf);
	return err;
}

static int __init tquic_st_train_open(const struct tquic_st_train *t,
				      const struct tquic_st_keys *k,
				      const struct tquic_st_shape *s,
				      const char *name)
{
	struct sk_buff *skb, *clone = NULL;
	struct tquic_aead_batch *b;
	int err = -ENOMEM;

	b = tquic_aead_batch_alloc(GFP_KERNEL);
	skb = tquic_st_skb(t->wire, t->len, s);
	if (skb && s->clone)
		clone = skb_clone(skb, GFP_KERNEL);
	if (!b || !skb || (s->clone && !clone) || tquic_open_skb(b, skb)) {
		kfree_skb(skb);
		goto out;
	}
	err = tquic_st_train_parse(b, t, k) ?: tquic_st_wait(b);
	if (!err && (s->copied ? b->stats.copied : b->stats.in_place) != t->n)
		err = -EXDEV;
	if (!err)
		err = tquic_st_train_check(b, t, name);
	if (!err && clone)
		err = tquic_st_untouched(t, clone, name);
out:
	tquic_aead_batch_free(b);
	kfree_skb(clone);
	return err;
}

/* The same packet once per byte, each with another bit of it flipped. */
static int __init tquic_st_forge(struct tquic_st_train *t,
				 const struct tquic_st_keys *k)
{
	static const struct tquic_st_shape shape __initconst = { .piece = 0 };
	unsigned int len = t->off[1], i;
	struct tquic_aead_batch *b;
	struct sk_buff *skb;
	int err;

	/* one copy stays as it is */
	t->n = min_t(unsigned int, len + 1, TQUIC_ST_N);
	t->len = t->n * len;
	for (i = 1; i < t->n; i++) {
		memcpy(t->wire + i * len, t->wire, len);
		t->off[i + 1] = (i + 1) * len;
	}
	for (i = 1; i < t->n; i++)
		t->wire[i * len + i - 1] ^= 1 << i % 8;

	b = tquic_aead_batch_alloc(GFP_KERNEL);
	skb = tquic_st_skb(t->wire, t->len, &shape);
	if (!b || !skb || tquic_open_skb(b, skb)) {
		kfree_skb(skb);
		tquic_aead_batch_free(b);
		return -ENOMEM;
	}
	err = tquic_st_train_parse(b, t, k) ?: tquic_st_wait(b);
	if (!err)
		err = b->op[0].err;
	for (i = 1; i < t->n && !err; i++)
		if (b->op[i].err != -EBADMSG)
			err = -EKEYREJECTED;
	if (!err && b->stats.bad != t->n - 1)
		err = -ERANGE;
	tquic_aead_batch_free(b);
	return err;
}

/* Plaintext in pieces of @piece bytes that do not touch each other. */
static int __init tquic_st_pieces_seal(const struct tquic_st_keys *k, u8 *out,
				       u8 *src, unsigned int piece)
{
	unsigned int left = TQUIC_ST_FRAG_LEN, n = 0, i;
	struct tquic_aead_batch *b;
	int err;

	b = tquic_aead_batch_alloc(GFP_KERNEL);
	if (!b)
		return -ENOMEM;
	tquic_st_header(out, TQUIC_ST_PN_BASE);
	err = tquic_seal_packet(b, k->key, k->hp, out, TQUIC_ST_HDR,
				TQUIC_ST_PN_OFF, TQUIC_ST_PATH,
				TQUIC_ST_PN_BASE);
	for (i = 0; left && !err; i++) {
		n = i == TQUIC_AEAD_SG_MAX - 1 ? left : min(piece, left);
		memset(src, 0x5a, n);
		err = tquic_seal_buf(b, src, n);
		src += n + 1;
		left -= n;
	}
	if (!err)
		err = tquic_st_wait(b);
	tquic_aead_batch_free(b);
	return err;
}

static int __init tquic_st_pieces(const struct tquic_st_keys *k,
				  struct tquic_st_train *t, const char *name)
{
	static const u8 sizes[] __initconst = {
		1, 15, 16, 17, 31, 63, 64, 65, 127, 200
	};
	const unsigned int len = TQUIC_ST_FRAG_LEN + TQUIC_ST_OVERHEAD;
	u8 *want = t->wire;
	u8 *got = t->wire + len;
	unsigned int i;
	int err;

	err = tquic_st_pieces_seal(k, want, t->plain, TQUIC_ST_FRAG_LEN);
	for (i = 0; i < ARRAY_SIZE(sizes) && !err; i++) {
		err = tquic_st_pieces_seal(k, got, t->plain, sizes[i]);
		if (!err)
			err = tquic_st_equal(name, got, want, len);
	}
	return err;
}

static int __init tquic_st_named(const char *name, const char *what, int err)
{
	char buf[64];

	snprintf(buf, sizeof(buf), "%s, %s", name, what);
	return tquic_st_verdict(buf, err);
}

/* Everything that is checked with one suite, one way to run it. */
int __init tquic_st_batches(const struct tquic_st_keys *k, const char *name,
			    bool async)
{
	const struct tquic_st_shape *s;
	struct tquic_st_train *t;
	unsigned int i;
	int err;

	t = kmalloc_obj(*t, GFP_KERNEL);
	if (!t)
		return tquic_st_named(name, "memory", -ENOMEM);
	err = tquic_st_named(name, "pieces", tquic_st_pieces(k, t, name));
	if (!err)
		err = tquic_st_named(name, "train",
				     tquic_st_train_seal(t, k, async));
	for (i = 0; i < ARRAY_SIZE(tquic_st_shapes) && !err; i++) {
		s = &tquic_st_shapes[i];
		err = tquic_st_named(name, s->name,
				     tquic_st_train_open(t, k, s, name));
	}
	if (!err)
		err = tquic_st_named(name, "forgeries", tquic_st_forge(t, k));
	kfree(t);
	return err;
}
