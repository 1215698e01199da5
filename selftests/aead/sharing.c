// SPDX-License-Identifier: GPL-2.0
/* Buffers that somebody else may see are not written. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/pagemap.h>
#include <linux/shmem_fs.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "test.h"

/* where a file is made of shmem pages on every machine */
#define TEST_SHARING_FILE	"/dev/tquic_aead_test"

/* Open @skb; it must have been done in place, or in a copy. */
static int test_sharing_open(const struct test_train *t,
			     const struct test_keys *k, struct sk_buff *skb,
			     bool copied)
{
	struct tquic_aead_batch *b;
	int err;

	b = tquic_aead_batch_alloc(GFP_KERNEL);
	if (!b) {
		kfree_skb(skb);
		return -ENOMEM;
	}
	err = test_train_parse(b, t, k, skb);
	if (!err) {
		test_wait(b);
		err = test_train_check(b, t) ?:
		      TEST_EXPECT(b->stats.copied == (copied ? t->n : 0)) ?:
		      TEST_EXPECT(b->stats.in_place == (copied ? 0 : t->n)) ?:
		      TEST_EXPECT((b->skb[0].skb == skb) == !copied);
	}
	tquic_aead_batch_free(b);
	return err;
}

static int test_sharing_unchanged(const struct test_train *t,
				  struct sk_buff *skb)
{
	unsigned int len = t->n * t->stride;
	u8 *buf;
	int err;

	buf = kvmalloc(len, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	err = skb_copy_bits(skb, 0, buf, len) ?:
	      TEST_EXPECT(!memcmp(buf, t->wire, len));
	kvfree(buf);
	return err;
}

/* A clone, as a packet tap has it. */
static int test_sharing_clone(const struct test_train *t,
			      const struct test_keys *k)
{
	struct sk_buff *skb = test_train_skb(t), *clone;
	int err;

	if (!skb)
		return -ENOMEM;
	clone = skb_clone(skb, GFP_KERNEL);
	if (!clone) {
		kfree_skb(skb);
		return -ENOMEM;
	}
	err = test_sharing_open(t, k, skb, true) ?:
	      test_sharing_unchanged(t, clone);
	kfree_skb(clone);
	return err;
}

/* Another reference to the same struct. */
static int test_sharing_ref(const struct test_train *t,
			    const struct test_keys *k)
{
	struct sk_buff *skb = test_train_skb(t);
	int err;

	if (!skb)
		return -ENOMEM;
	skb_get(skb);
	err = test_sharing_open(t, k, skb, true) ?:
	      test_sharing_unchanged(t, skb);
	kfree_skb(skb);
	return err;
}

/* A member of a frag_list that was cloned, or has a shared fragment. */
static int test_sharing_member(const struct test_train *t,
			       const struct test_keys *k, bool clone)
{
	struct sk_buff *skb, *m, *c = NULL;
	int err;

	m = test_train_skb(t);
	skb = alloc_skb(0, GFP_KERNEL);
	if (m && clone)
		c = skb_clone(m, GFP_KERNEL);
	if (!m || !skb || (clone && !c)) {
		kfree_skb(m);
		kfree_skb(skb);
		kfree_skb(c);
		return -ENOMEM;
	}
	if (!clone)
		skb_shinfo(m)->flags |= SKBFL_SHARED_FRAG;
	skb_shinfo(skb)->frag_list = m;
	skb->len = m->len;
	skb->data_len = m->len;
	err = test_sharing_open(t, k, skb, true);
	if (!err && c)
		err = test_sharing_unchanged(t, c);
	kfree_skb(c);
	return err;
}

/* A page of a file, spliced by a path that forgot to say so. */
static int test_sharing_file(const struct test_train *t,
			     const struct test_keys *k)
{
	struct sk_buff *skb;
	struct file *file;
	struct page *page;
	loff_t pos = 0;
	int err;

	file = filp_open(TEST_SHARING_FILE, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (IS_ERR(file))
		return PTR_ERR(file);
	err = kernel_write(file, t->wire, t->n * t->stride, &pos) < 0 ?
	      -EIO : 0;
	if (err) {
		fput(file);
		return err;
	}
	page = shmem_read_mapping_page(file->f_mapping, 0);
	if (IS_ERR(page)) {
		fput(file);
		return PTR_ERR(page);
	}
	skb = alloc_skb(0, GFP_KERNEL);
	if (!skb) {
		put_page(page);
		fput(file);
		return -ENOMEM;
	}
	get_page(page);
	skb_add_rx_frag(skb, 0, page, 0, t->n * t->stride, PAGE_SIZE);
	err = test_sharing_open(t, k, skb, true) ?:
	      TEST_EXPECT(!memcmp(page_address(page), t->wire,
				  t->n * t->stride));
	put_page(page);
	fput(file);
	return err;
}

static int test_sharing_suite(u16 suite)
{
	struct tquic_aead_batch *b;
	struct sk_buff *skb;
	struct test_train t;
	struct test_keys k;
	int err;

	err = test_keys_make(&k, suite, NULL);
	if (err)
		return err;
	err = test_train_alloc(&t, 3, 1200);
	if (err)
		goto out_keys;
	err = -ENOMEM;
	b = tquic_aead_batch_alloc(GFP_KERNEL);
	if (!b)
		goto out_train;
	err = test_train_add(b, &t, &k);
	if (!err) {
		test_wait(b);
		err = TEST_EXPECT(!b->stats.failed);
	}
	tquic_aead_batch_free(b);
	if (err)
		goto out_train;

	skb = test_train_skb(&t);
	err = skb ? test_sharing_open(&t, &k, skb, false) : -ENOMEM;
	err = err ?: test_sharing_clone(&t, &k) ?:
	      test_sharing_ref(&t, &k) ?:
	      test_sharing_member(&t, &k, true) ?:
	      test_sharing_member(&t, &k, false) ?:
	      test_sharing_file(&t, &k);
out_train:
	test_train_free(&t);
out_keys:
	test_keys_free(&k);
	return err;
}

int test_sharing(void)
{
	return test_sharing_suite(TQUIC_AES_128_GCM_SHA256) ?:
	       test_sharing_suite(TQUIC_AES_256_GCM_SHA384) ?:
	       test_sharing_suite(TQUIC_CHACHA20_POLY1305_SHA256);
}
