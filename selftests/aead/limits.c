// SPDX-License-Identifier: GPL-2.0
/* What a batch refuses, and that it leaves nothing behind. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "test.h"

static int test_limits_secret(void)
{
	struct tquic_aead_secret s;
	u8 raw[TQUIC_AEAD_SECRET_MAX] = {};

	return TEST_EXPECT(tquic_aead_secret_init(&s, 1, 0x1304, raw, 32) ==
			   -EOPNOTSUPP) ?:
	       TEST_EXPECT(tquic_aead_secret_init(&s, 2, 0x1301, raw, 32) ==
			   -EOPNOTSUPP) ?:
	       TEST_EXPECT(tquic_aead_secret_init(&s, 1, 0x1302, raw, 32) ==
			   -EINVAL) ?:
	       TEST_EXPECT(tquic_aead_secret_initial(&s, &s, 2, raw, 8) ==
			   -EOPNOTSUPP);
}

static int test_limits_suites(void)
{
	return TEST_EXPECT(tquic_aead_suite(0x1301)->seal_limit == 1 << 23) ?:
	       TEST_EXPECT(tquic_aead_suite(0x1302)->open_limit ==
			   1ULL << 52) ?:
	       TEST_EXPECT(tquic_aead_suite(0x1303)->seal_limit >=
			   1ULL << 62) ?:
	       TEST_EXPECT(tquic_aead_suite(0x1303)->open_limit ==
			   1ULL << 36) ?:
	       TEST_EXPECT(!tquic_aead_suite(0x1304));
}

static int test_limits_seal(const struct test_keys *k, u8 *buf)
{
	struct tquic_aead_batch *b;
	unsigned int i;
	int err;

	b = tquic_aead_batch_alloc(GFP_KERNEL);
	if (!b)
		return -ENOMEM;
	err = TEST_EXPECT(tquic_seal_packet(b, k->key, k->hp, buf, 10, 5, 0,
					    0) == -EINVAL) ?:
	      TEST_EXPECT(tquic_seal_packet(b, k->key, k->hp, buf, 10, 10, 0,
					    0) == -EINVAL) ?:
	      TEST_EXPECT(!tquic_seal_packet(b, k->key, k->hp, buf, 13, 12, 0,
					     0));
	for (i = 0; i < TQUIC_AEAD_SG_MAX && !err; i++)
		err = TEST_EXPECT(!tquic_seal_buf(b, buf + 2 * i, 1));
	if (!err)
		err = TEST_EXPECT(tquic_seal_buf(b, buf + 100, 1) ==
				  -EMSGSIZE) ?:
		      TEST_EXPECT(!tquic_seal_buf(b, buf + 2 * i - 1, 1)) ?:
		      TEST_EXPECT(!tquic_seal_inline(b, 1)) ?:
		      TEST_EXPECT(!tquic_seal_inline(b, 5000)) ?:
		      TEST_EXPECT(b->op[0].len == TQUIC_AEAD_SG_MAX + 1);
	tquic_seal_cancel(b);
	/* too little for a sample: one byte of number, two of payload */
	for (i = 0; i < TQUIC_AEAD_BATCH_MAX && !err; i++) {
		err = TEST_EXPECT(tquic_seal_packet(b, k->key, k->hp,
						    buf + 256 + 64 * i, 13,
						    12, 0, i) == i);
		if (!err)
			err = tquic_seal_buf(b, buf, i == 5 ? 2 : 3);
	}
	if (!err)
		err = TEST_EXPECT(tquic_seal_packet(b, k->key, k->hp, buf, 13,
						    12, 0, i) == -ENOSPC);
	if (!err) {
		test_wait(b);
		err = TEST_EXPECT(b->stats.failed == 1) ?:
		      TEST_EXPECT(b->op[5].err == -EINVAL) ?:
		      TEST_EXPECT(!b->op[4].err && !b->op[6].err);
	}
	tquic_aead_batch_free(b);
	return err;
}

static int test_limits_open(const struct test_keys *k)
{
	struct tquic_aead_batch *b;
	struct sk_buff *skb;
	int err;

	b = tquic_aead_batch_alloc(GFP_KERNEL);
	skb = alloc_skb(2000, GFP_KERNEL);
	if (!b || !skb || tquic_open_skb(b, skb)) {
		kfree_skb(skb);
		tquic_aead_batch_free(b);
		return -ENOMEM;
	}
	memset(skb_put(skb, 2000), 0x41, 2000);
	err = TEST_EXPECT(tquic_open_packet(b, k->hp, 0, 28, 9) == -EINVAL) ?:
	      TEST_EXPECT(tquic_open_packet(b, k->hp, 0, 29, 0) == -EINVAL) ?:
	      TEST_EXPECT(tquic_open_packet(b, k->hp, 1972, 29, 9) ==
			  -EINVAL) ?:
	      TEST_EXPECT(tquic_open_packet(b, k->hp, ~0U, 29, 9) ==
			  -EINVAL) ?:
	      TEST_EXPECT(tquic_open_packet(b, k->hp, 0, ~0U, 9) ==
			  -EINVAL) ?:
	      TEST_EXPECT(!tquic_open_packet(b, k->hp, 1971, 29, 9)) ?:
	      TEST_EXPECT(tquic_open_packet(b, k->hp, 0, 29, 9) == 1) ?:
	      TEST_EXPECT(!tquic_open_unprotect(b));
	if (!err) {
		tquic_open_key(b, 0, k->key, 0, 0);
		test_wait(b);
		err = TEST_EXPECT(b->op[0].err == -EBADMSG) ?:
		      TEST_EXPECT(b->op[1].err == -ENOKEY) ?:
		      TEST_EXPECT(b->stats.bad == 1) ?:
		      TEST_EXPECT(b->stats.failed == 1) ?:
		      TEST_EXPECT(tquic_open_take_skb(b, 0) == skb);
		if (!err)
			kfree_skb(skb);
	}
	tquic_aead_batch_free(b);
	return err;
}

int test_limits(void)
{
	struct test_keys k;
	int err;
	u8 *buf;

	err = test_limits_secret() ?: test_limits_suites();
	if (err)
		return err;
	err = test_keys_make(&k, TQUIC_CHACHA20_POLY1305_SHA256, NULL);
	if (err)
		return err;
	buf = kzalloc(8192, GFP_KERNEL);
	err = buf ? test_limits_seal(&k, buf) ?: test_limits_open(&k) :
		    -ENOMEM;
	/* nothing but our own references must be left */
	if (!err)
		err = TEST_EXPECT(refcount_read(&k.key->ref) == 1);
	kfree(buf);
	test_keys_free(&k);
	return err;
}
