// SPDX-License-Identifier: GPL-2.0
/*
 * Checks packet protection when the module is loaded: a compiler, an AES driver
 * or a kernel that computes something else must not carry anybody's traffic.
 *
 * To see a failure, build with TQUIC_SELFTEST_BREAK=NAME, the name of a check
 * as it is printed; no other build has code for this.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <crypto/aead.h>
#include <crypto/hash.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "aead_internal.h"
#include "aead_selftest.h"
#include "aead_selftest_vectors.h"
#include "aead_version.h"
#include "core/version.h"

#define TQUIC_ST_BUF		128

const u8 tquic_st_dcid[TQUIC_ST_DCID_LEN] __initconst = {
	0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08,
};

const u8 tquic_st_chacha_secret[32] __initconst = {
	0x9a, 0xc3, 0x12, 0xa7, 0xf8, 0x77, 0x46, 0x8e, 0xbe, 0x69, 0x42, 0x27,
	0x48, 0xad, 0x00, 0xa1, 0x54, 0x43, 0xf1, 0x82, 0x03, 0xa0, 0x7d, 0x60,
	0x60, 0xf6, 0x88, 0xf3, 0x0f, 0x21, 0x63, 0x2b,
};

const u8 tquic_st_secret[TQUIC_AEAD_SECRET_MAX] __initconst = {
	0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab,
	0xac, 0xad, 0xae, 0xaf, 0xb0, 0xb1, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7,
	0xb8, 0xb9, 0xba, 0xbb, 0xbc, 0xbd, 0xbe, 0xbf, 0xc0, 0xc1, 0xc2, 0xc3,
	0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf,
};

static unsigned int tquic_st_passed __initdata;

#ifdef TQUIC_SELFTEST_BREAK
static bool __init tquic_st_broken(const char *name)
{
	return !strcmp(name, TQUIC_SELFTEST_BREAK);
}
#else
static bool __init tquic_st_broken(const char *name)
{
	return false;
}
#endif

/* Note the outcome of one check. */
int __init tquic_st_verdict(const char *name, int err)
{
	if (!err && tquic_st_broken(name))
		err = -EINVAL;
	if (err) {
		pr_err("self-tests: %s: failed (%d)\n", name, err);
		return -ENOTRECOVERABLE;
	}
	tquic_st_passed++;
	return 0;
}

int __init tquic_st_equal(const char *name, const void *got, const void *want,
			  unsigned int len)
{
	if (!memcmp(got, want, len))
		return 0;
	pr_err("self-tests: %s: wrong bytes\n", name);
	return -EILSEQ;
}

int __init tquic_st_keys_make(struct tquic_st_keys *k)
{
	k->key = tquic_aead_key_create(&k->secret);
	if (IS_ERR(k->key))
		return PTR_ERR(k->key);
	k->hp = tquic_hp_key_create(&k->secret);
	if (IS_ERR(k->hp)) {
		tquic_aead_key_free(k->key);
		return PTR_ERR(k->hp);
	}
	return 0;
}

/* At once: an unregistered AEAD must not be in use any more. */
void __init tquic_st_keys_free(struct tquic_st_keys *k)
{
	tquic_aead_key_free(k->key);
	tquic_hp_key_free(k->hp);
	tquic_aead_secret_clear(&k->secret);
}

static void __init tquic_st_done(struct tquic_aead_batch *b, void *arg)
{
	complete(arg);
}

/* Submit and wait. */
int __init tquic_st_wait(struct tquic_aead_batch *b)
{
	DECLARE_COMPLETION_ONSTACK(done);

	if (b->open)
		tquic_open_submit(b, tquic_st_done, &done);
	else
		tquic_seal_submit(b, tquic_st_done, &done);
	wait_for_completion(&done);
	return b->stats.failed ? -EIO : 0;
}

static int __init tquic_st_initial(const char *name, u32 version,
				   const u8 *client, const u8 *server)
{
	struct tquic_aead_secret c, s;
	int err;

	err = tquic_aead_secret_initial(&c, &s, version, tquic_st_dcid,
					sizeof(tquic_st_dcid));
	if (!err)
		err = tquic_st_equal(name, c.bytes, client, 32);
	if (!err)
		err = tquic_st_equal(name, s.bytes, server, 32);
	return tquic_st_verdict(name, err);
}

static int __init tquic_st_update(const char *name, u32 version, u16 suite,
				  const u8 *secret, const u8 *next)
{
	const struct tquic_aead_suite *s = tquic_aead_suite(suite);
	struct tquic_aead_secret k;
	int err;

	err = tquic_aead_secret_init(&k, version, suite, secret, s->hash_len);
	if (!err)
		err = tquic_aead_secret_update(&k);
	if (!err)
		err = tquic_st_equal(name, k.bytes, next, s->hash_len);
	return tquic_st_verdict(name, err);
}

static int __init tquic_st_retry(const char *name, u32 version,
				 const u8 *retry, unsigned int len)
{
	u8 tag[TQUIC_AEAD_TAG_LEN];
	u8 pkt[64];
	int err;

	memcpy(pkt, retry, len);
	err = tquic_aead_retry_tag(version, tquic_st_dcid,
				   sizeof(tquic_st_dcid), pkt,
				   len - sizeof(tag), tag);
	if (!err)
		err = tquic_st_equal(name, tag, pkt + len - sizeof(tag),
				     sizeof(tag));
	if (!err)
		err = tquic_aead_retry_verify(version, tquic_st_dcid,
					      sizeof(tquic_st_dcid), pkt, len);
	if (!err) {
		pkt[len / 2] ^= 0x10;
		if (tquic_aead_retry_verify(version, tquic_st_dcid,
					    sizeof(tquic_st_dcid), pkt,
					    len) != -EBADMSG)
			err = -EKEYREJECTED;
	}
	return tquic_st_verdict(name, err);
}

/* multipath-21 section 2.4, and RFC 9001 section 5.3 for path 0 */
static int __init tquic_st_nonce(void)
{
	static const u8 want[2][TQUIC_AEAD_IV_LEN] __initconst = {
		{ 0x6b, 0x26, 0x11, 0x48, 0x9c, 0xba,
		  0x2b, 0x63, 0xa9, 0xe8, 0x09, 0x7e },
		{ 0x6b, 0x26, 0x11, 0x4b, 0x9c, 0xba,
		  0x2b, 0x63, 0xa9, 0xe8, 0x09, 0x7e },
	};
	struct tquic_aead_key key = {
		.iv = { 0x6b, 0x26, 0x11, 0x4b, 0x9c, 0xba,
			0x2b, 0x63, 0xa9, 0xe8, 0xdd, 0x4f },
	};
	const char *name = "multipath nonce";
	u8 nonce[TQUIC_AEAD_IV_LEN];
	int err;

	tquic_aead_nonce(&key, 3, 54321, nonce);
	err = tquic_st_equal(name, nonce, want[0], sizeof(nonce));
	if (!err) {
		tquic_aead_nonce(&key, 0, 54321, nonce);
		err = tquic_st_equal(name, nonce, want[1], sizeof(nonce));
	}
	return tquic_st_verdict(name, err);
}

static int __init tquic_st_gcm_run(struct tquic_st_keys *k, u8 *buf)
{
	const unsigned int hdr_len = sizeof(tquic_st_gcm_aad);
	struct tquic_aead_batch *b;
	int err;

	/* another key and IV than those derived */
	memcpy(k->key->iv, tquic_st_gcm_iv, sizeof(tquic_st_gcm_iv));
	err = crypto_aead_setkey(k->key->tfm, tquic_st_gcm_key,
				 sizeof(tquic_st_gcm_key));
	if (err)
		return err;

	b = tquic_aead_batch_alloc(GFP_KERNEL);
	if (!b)
		return -ENOMEM;
	memcpy(buf, tquic_st_gcm_aad, hdr_len);
	memcpy(buf + TQUIC_ST_BUF, tquic_st_gcm_plain,
	       sizeof(tquic_st_gcm_plain));
	err = tquic_seal_packet(b, k->key, k->hp, buf, hdr_len, hdr_len - 1, 0,
				0);
	if (!err)
		err = tquic_seal_buf(b, buf + TQUIC_ST_BUF,
				     sizeof(tquic_st_gcm_plain));
	if (!err)
		err = tquic_st_wait(b);
	if (!err)
		err = tquic_st_equal("AES-256-GCM", buf + hdr_len,
				     tquic_st_gcm_cipher,
				     sizeof(tquic_st_gcm_cipher));
	tquic_aead_batch_free(b);
	return err;
}

static int __init tquic_st_gcm(void)
{
	struct tquic_st_keys k = {};
	int err = -ENOMEM;
	u8 *buf;

	buf = kcalloc(2, TQUIC_ST_BUF, GFP_KERNEL);
	if (!buf)
		goto out;
	k.secret.suite = tquic_aead_suite(TQUIC_AES_256_GCM_SHA384);
	k.secret.version = TQUIC_VERSION_1;
	err = tquic_st_keys_make(&k);
	if (!err) {
		err = tquic_st_gcm_run(&k, buf);
		tquic_st_keys_free(&k);
	}
	kfree(buf);
out:
	return tquic_st_verdict("AES-256-GCM", err);
}

static int __init tquic_st_derivation(void)
{
	return tquic_st_initial("RFC 9001 A.1 Initial secrets", TQUIC_VERSION_1,
				tquic_st_initial_v1_client,
				tquic_st_initial_v1_server) ?:
	       tquic_st_initial("RFC 9369 A.1 Initial secrets", TQUIC_VERSION_2,
				tquic_st_initial_v2_client,
				tquic_st_initial_v2_server) ?:
	       tquic_st_update("RFC 9001 A.5 key update", TQUIC_VERSION_1,
			       TQUIC_CHACHA20_POLY1305_SHA256,
			       tquic_st_chacha_secret, tquic_st_chacha_ku_v1) ?:
	       tquic_st_update("RFC 9369 A.5 key update", TQUIC_VERSION_2,
			       TQUIC_CHACHA20_POLY1305_SHA256,
			       tquic_st_chacha_secret, tquic_st_chacha_ku_v2) ?:
	       tquic_st_update("key update SHA-256", TQUIC_VERSION_1,
			       TQUIC_AES_128_GCM_SHA256, tquic_st_secret,
			       tquic_st_ku_sha256) ?:
	       tquic_st_update("key update SHA-384", TQUIC_VERSION_1,
			       TQUIC_AES_256_GCM_SHA384, tquic_st_secret,
			       tquic_st_ku_sha384) ?:
	       tquic_st_retry("RFC 9001 A.4 Retry", TQUIC_VERSION_1,
			      tquic_st_retry_v1, sizeof(tquic_st_retry_v1)) ?:
	       tquic_st_retry("RFC 9369 A.4 Retry", TQUIC_VERSION_2,
			      tquic_st_retry_v2, sizeof(tquic_st_retry_v2)) ?:
	       tquic_st_nonce() ?:
	       tquic_st_gcm();
}

static int __init tquic_st_suite(const char *name, u16 suite, bool async)
{
	struct tquic_st_keys k;
	int err;

	err = tquic_aead_secret_init(&k.secret, TQUIC_VERSION_1, suite,
				     tquic_st_secret,
				     tquic_aead_suite(suite)->hash_len);
	if (!err)
		err = tquic_st_keys_make(&k);
	if (err)
		return tquic_st_verdict(name, err);
	if (async)
		err = tquic_st_verdict(name, tquic_st_async_use(&k));
	if (!err)
		err = tquic_st_batches(&k, name, async);
	tquic_st_keys_free(&k);
	return err;
}

static int __init tquic_st_async(void)
{
	const char *name = "asynchronous AES-128-GCM";
	int err;

	err = tquic_st_async_register();
	if (err)
		return tquic_st_verdict(name, err);
	err = tquic_st_suite(name, TQUIC_AES_128_GCM_SHA256, true);
	tquic_st_async_unregister();
	return err;
}

/**
 * tquic_aead_selftest - check packet protection
 *
 * Context: process context, after tquic_aead_init(); sleeps.
 * Return: 0, or -ENOTRECOVERABLE with the failed check's name in the log: no
 * second attempt on this machine will fare better.
 */
int __init tquic_aead_selftest(void)
{
	int err;

	err = tquic_st_derivation() ?: tquic_st_packets_run();
	if (!err)
		err = tquic_st_suite("AES-128-GCM", TQUIC_AES_128_GCM_SHA256,
				     false);
	if (!err)
		err = tquic_st_suite("ChaCha20-Poly1305",
				     TQUIC_CHACHA20_POLY1305_SHA256, false);
	if (!err)
		err = tquic_st_async();
	if (err)
		return err;
	pr_info("self-tests: pass (%u vectors)\n", tquic_st_passed);
	return 0;
}
