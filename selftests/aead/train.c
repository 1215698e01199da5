// SPDX-License-Identifier: GPL-2.0
/* Trains of packets of one size. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "core/version.h"
#include "test.h"

int test_keys_make(struct test_keys *k, u16 suite, const char *alg)
{
	u8 raw[TQUIC_AEAD_SECRET_MAX];
	int err;

	get_random_bytes(raw, sizeof(raw));
	err = tquic_aead_secret_init(&k->secret, TQUIC_VERSION_1, suite, raw,
				     tquic_aead_suite(suite)->hash_len);
	if (err)
		return err;
	if (alg)
		k->key = tquic_aead_key_create_alg(&k->secret, alg);
	else
		k->key = tquic_aead_key_create(&k->secret);
	if (IS_ERR(k->key))
		return PTR_ERR(k->key);
	k->hp = tquic_hp_key_create(&k->secret);
	if (IS_ERR(k->hp)) {
		tquic_aead_key_put(k->key);
		return PTR_ERR(k->hp);
	}
	return 0;
}

void test_keys_free(struct test_keys *k)
{
	tquic_aead_key_put(k->key);
	tquic_hp_key_put(k->hp);
	tquic_aead_secret_clear(&k->secret);
}

int test_train_alloc(struct test_train *t, unsigned int n, unsigned int len)
{
	t->n = n;
	t->len = len;
	t->stride = len + TEST_OVERHEAD;
	get_random_bytes(&t->pn, sizeof(t->pn));
	t->pn >>= 8;
	t->plain = (void *)__get_free_pages(GFP_KERNEL, get_order(n * len));
	t->wire = (void *)__get_free_pages(GFP_KERNEL,
					   get_order(n * t->stride));
	if (!t->plain || !t->wire) {
		test_train_free(t);
		return -ENOMEM;
	}
	get_random_bytes(t->plain, n * len);
	return 0;
}

void test_train_free(struct test_train *t)
{
	free_pages((unsigned long)t->plain, get_order(t->n * t->len));
	free_pages((unsigned long)t->wire, get_order(t->n * t->stride));
}

/* Add the whole train to a sealing batch. */
int test_train_add(struct tquic_aead_batch *b, struct test_train *t,
		   const struct test_keys *k)
{
	unsigned int i;
	u8 *hdr;
	int err;

	for (i = 0; i < t->n; i++) {
		hdr = t->wire + i * t->stride;
		hdr[0] = 0x43;
		memset(hdr + 1, 0xc1, TEST_PN_OFF - 1);
		put_unaligned_be32(t->pn + i, hdr + TEST_PN_OFF);
		err = tquic_seal_packet(b, k->key, k->hp, hdr, TEST_HDR,
					TEST_PN_OFF, 1, t->pn + i);
		if (err < 0)
			return err;
		err = tquic_seal_buf(b, t->plain + i * t->len, t->len);
		if (err)
			return err;
	}
	return 0;
}

/* Add a received train to an opening batch, which then owns @skb. */
int test_train_parse(struct tquic_aead_batch *b, const struct test_train *t,
		     const struct test_keys *k, struct sk_buff *skb)
{
	unsigned int i;
	int err;

	err = tquic_open_skb(b, skb);
	if (err < 0) {
		kfree_skb(skb);
		return err;
	}
	for (i = 0; i < t->n; i++) {
		err = tquic_open_packet(b, k->hp, i * t->stride, t->stride,
					TEST_PN_OFF);
		if (err < 0)
			return err;
	}
	err = tquic_open_unprotect(b);
	for (i = 0; i < t->n; i++)
		tquic_open_key(b, i, k->key, 1, t->pn + i);
	return err;
}

int test_train_check(struct tquic_aead_batch *b, const struct test_train *t)
{
	const struct tquic_aead_op *op;
	struct skb_seq_state st;
	const u8 *p, *want;
	unsigned int i, n, done;
	int err = 0;

	for (i = 0; i < t->n && !err; i++) {
		op = &b->op[i];
		if (op->err)
			return op->err;
		want = t->plain + i * t->len;
		n = tquic_open_payload_off(op);
		skb_prepare_seq_read(b->skb[0].skb, n, n + t->len, &st);
		for (done = 0; done < t->len && !err; done += n) {
			n = skb_seq_read(done, &p, &st);
			n = min(n, t->len - done);
			err = TEST_EXPECT(n && !memcmp(p, want + done, n));
		}
		skb_abort_seq_read(&st);
	}
	return err;
}

/* The train as it would be received, in pages of its own. */
struct sk_buff *test_train_skb(const struct test_train *t)
{
	unsigned int len = t->n * t->stride;
	struct sk_buff *skb;
	int err;

	skb = alloc_skb_with_frags(0, len, PAGE_ALLOC_COSTLY_ORDER, &err,
				   GFP_KERNEL);
	if (!skb)
		return NULL;
	skb->len = len;
	skb->data_len = len;
	skb_store_bits(skb, 0, t->wire, len);
	return skb;
}

void test_done(struct tquic_aead_batch *b, void *arg)
{
	complete(arg);
}

/* Submit and wait. */
void test_wait(struct tquic_aead_batch *b)
{
	DECLARE_COMPLETION_ONSTACK(done);

	if (b->open)
		tquic_open_submit(b, test_done, &done);
	else
		tquic_seal_submit(b, test_done, &done);
	wait_for_completion(&done);
}
