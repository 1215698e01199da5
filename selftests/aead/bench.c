// SPDX-License-Identifier: GPL-2.0
/* Throughput of sealing and opening, and of ways to make masks. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <crypto/aes.h>
#include <crypto/skcipher.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/random.h>
#include <linux/scatterlist.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "test.h"

#define TEST_BENCH_N	44	/* packets of a GSO train */
#define TEST_BENCH_LEN	1400	/* plaintext of a packet */
#define TEST_BENCH_MASKS	20000

/* Without an allocation per round: what is measured is the cryptography. */
static int test_bench_seal(struct test_train *t, const struct test_keys *k,
			   unsigned int rounds, u64 *ns)
{
	struct tquic_aead_batch *b;
	u64 start = ktime_get_ns();
	int err = 0;

	while (rounds-- && !err) {
		b = tquic_aead_batch_alloc(GFP_KERNEL);
		if (!b)
			return -ENOMEM;
		err = test_train_add(b, t, k);
		if (!err) {
			test_wait(b);
			err = b->stats.failed ? -EIO : 0;
		}
		tquic_aead_batch_free(b);
	}
	*ns = ktime_get_ns() - start;
	return err;
}

static int test_bench_open(struct test_train *t, const struct test_keys *k,
			   unsigned int rounds, bool copy, u64 *ns)
{
	struct tquic_aead_batch *b;
	struct sk_buff *skb;
	u64 start;
	int err = 0;

	*ns = 0;
	while (rounds-- && !err) {
		skb = test_train_skb(t);
		if (!skb)
			return -ENOMEM;
		if (copy)
			skb_shinfo(skb)->flags |= SKBFL_SHARED_FRAG;
		start = ktime_get_ns();
		b = tquic_aead_batch_alloc(GFP_KERNEL);
		if (!b) {
			kfree_skb(skb);
			return -ENOMEM;
		}
		err = test_train_parse(b, t, k, skb);
		if (!err) {
			test_wait(b);
			err = b->stats.bad || b->stats.failed ? -EIO : 0;
		}
		tquic_aead_batch_free(b);
		*ns += ktime_get_ns() - start;
	}
	return err;
}

static void test_bench_print(const char *what, const struct test_keys *k,
			     const char *alg, unsigned int rounds, u64 ns)
{
	u64 packets = (u64)rounds * TEST_BENCH_N;

	pr_info("bench: 0x%x %s %s: %llu MB/s, %llu ns per packet\n",
		k->secret.suite->id, alg, what,
		div64_u64(packets * TEST_BENCH_LEN * 1000, ns ?: 1),
		div64_u64(ns, packets));
}

int test_bench(u16 suite, const char *alg, unsigned int mb)
{
	unsigned int rounds = mb * 1000000 / (TEST_BENCH_N * TEST_BENCH_LEN);
	struct test_train t;
	struct test_keys k;
	const char *name;
	u64 ns;
	int err;

	err = test_keys_make(&k, suite, alg);
	if (err)
		return err;
	name = k.key->tfm ? crypto_tfm_alg_driver_name(&k.key->tfm->base) :
			    "library";
	err = test_train_alloc(&t, TEST_BENCH_N, TEST_BENCH_LEN);
	if (err)
		goto out;
	/* the first round is for the caches */
	err = test_bench_seal(&t, &k, 1, &ns) ?:
	      test_bench_seal(&t, &k, rounds, &ns);
	if (!err)
		test_bench_print("seal", &k, name, rounds, ns);
	err = err ?: test_bench_open(&t, &k, rounds, false, &ns);
	if (!err)
		test_bench_print("open in place", &k, name, rounds, ns);
	err = err ?: test_bench_open(&t, &k, rounds, true, &ns);
	if (!err)
		test_bench_print("open into a copy", &k, name, rounds, ns);
	test_train_free(&t);
out:
	test_keys_free(&k);
	return err;
}

static void test_bench_masks_print(const char *what, unsigned int n, u64 start)
{
	pr_info("bench: masks, %s, %u at once: %llu ns each\n", what, n,
		div_u64(ktime_get_ns() - start, TEST_BENCH_MASKS));
}

static int test_bench_masks(const char *what, u16 suite, u8 *blocks,
			    unsigned int n)
{
	struct test_keys k;
	unsigned int i;
	u64 start;
	int err;

	err = test_keys_make(&k, suite, NULL);
	if (err)
		return err;
	start = ktime_get_ns();
	for (i = 0; i < TEST_BENCH_MASKS && !err; i += n)
		err = tquic_hp_masks(k.hp, blocks, n);
	test_bench_masks_print(what, n, start);
	test_keys_free(&k);
	return err;
}

/* The same by a cipher of the crypto API. */
static int test_bench_masks_api(const char *alg, u32 mask, u8 *blocks,
				unsigned int n)
{
	struct crypto_skcipher *tfm;
	struct skcipher_request *req;
	struct scatterlist sg;
	unsigned int i;
	u64 start;
	int err;

	tfm = crypto_alloc_skcipher(alg, 0, mask);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	err = crypto_skcipher_setkey(tfm, blocks, 16);
	req = skcipher_request_alloc(tfm, GFP_KERNEL);
	if (!req)
		err = -ENOMEM;
	start = ktime_get_ns();
	for (i = 0; i < TEST_BENCH_MASKS && !err; i += n) {
		sg_init_one(&sg, blocks, 16 * n);
		skcipher_request_set_callback(req, 0, NULL, NULL);
		skcipher_request_set_crypt(req, &sg, &sg, 16 * n, NULL);
		err = crypto_skcipher_encrypt(req);
	}
	test_bench_masks_print(crypto_tfm_alg_driver_name(&tfm->base), n,
			       start);
	skcipher_request_free(req);
	crypto_free_skcipher(tfm);
	return err;
}

int test_bench_hp(void)
{
	static const unsigned int n[] = { 1, 44 };
	unsigned int i;
	u8 *blocks;
	int err = 0;

	blocks = kzalloc(1024, GFP_KERNEL);
	if (!blocks)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(n) && !err; i++)
		err = test_bench_masks("AES-128 as built in",
				       TQUIC_AES_128_GCM_SHA256, blocks,
				       n[i]) ?:
		      test_bench_masks("ChaCha20",
				       TQUIC_CHACHA20_POLY1305_SHA256, blocks,
				       n[i]) ?:
		      test_bench_masks_api("ecb(aes)", CRYPTO_ALG_ASYNC,
					   blocks, n[i]) ?:
		      test_bench_masks_api("ecb(aes)", 0, blocks, n[i]);
	kfree(blocks);
	return err;
}
