/* SPDX-License-Identifier: GPL-2.0 */
/* Tests of packet protection that need a running kernel. */
#ifndef _TQUIC_AEAD_TEST_H
#define _TQUIC_AEAD_TEST_H

#include <linux/completion.h>
#include <linux/init.h>
#include <linux/printk.h>
#include <linux/types.h>

#include "aead_internal.h"

#define TEST_HDR	13	/* first byte, 8 bytes of CID, number */
#define TEST_PN_OFF	9
#define TEST_OVERHEAD	(TEST_HDR + TQUIC_AEAD_TAG_LEN)

/* Say which expectation failed. */
#define TEST_EXPECT(cond) \
	((cond) ? 0 : (pr_err("%s:%d: not so: %s\n", __func__, __LINE__, \
			      #cond), -EILSEQ))

/**
 * struct test_keys - the keys of one direction
 * @secret: what they are derived from
 * @key: packet key
 * @hp: header protection key
 */
struct test_keys {
	struct tquic_aead_secret secret;
	struct tquic_aead_key *key;
	struct tquic_hp_key *hp;
};

/**
 * struct test_train - packets one behind the other
 * @n: packets
 * @len: bytes of plaintext of each
 * @stride: bytes on the wire of each
 * @pn: number of the first
 * @plain: plaintext of all
 * @wire: physically contiguous
 */
struct test_train {
	unsigned int n;
	unsigned int len;
	unsigned int stride;
	u64 pn;
	u8 *plain;
	u8 *wire;
};

int test_keys_make(struct test_keys *k, u16 suite, const char *alg);
void test_keys_free(struct test_keys *k);
int test_train_alloc(struct test_train *t, unsigned int n, unsigned int len);
void test_train_free(struct test_train *t);
int test_train_add(struct tquic_aead_batch *b, struct test_train *t,
		   const struct test_keys *k);
int test_train_parse(struct tquic_aead_batch *b, const struct test_train *t,
		     const struct test_keys *k, struct sk_buff *skb);
int test_train_check(struct tquic_aead_batch *b, const struct test_train *t);
struct sk_buff *test_train_skb(const struct test_train *t);
void test_done(struct tquic_aead_batch *b, void *arg);
void test_wait(struct tquic_aead_batch *b);

int test_limits(void);
int test_sharing(void);
int test_zeroing(void);
int test_load(const char *alg, bool async);
int test_bench(u16 suite, const char *alg, unsigned int mb);
int test_bench_hp(void);

#endif /* _TQUIC_AEAD_TEST_H */
