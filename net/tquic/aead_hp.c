// SPDX-License-Identifier: GPL-2.0
/* Header protection: RFC 9001 section 5.4. */
#include <crypto/skcipher.h>
#include <linux/err.h>
#include <linux/refcount.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "aead_hp.h"
#include "aead_internal.h"
#include "aead_version.h"

/**
 * struct tquic_hp_key - header protection key of one direction
 * @tfm: AES; NULL for ChaCha20
 * @chacha: key words of ChaCha20
 * @ref: see tquic_hp_key_get()
 * @rwork: frees the key after a grace period, in process context
 */
struct tquic_hp_key {
	struct crypto_sync_skcipher *tfm;
	u32 chacha[TQUIC_AEAD_KEY_MAX / sizeof(u32)];
	refcount_t ref ____cacheline_aligned_in_smp;
	struct rcu_work rwork;
};

/**
 * tquic_hp_key_free - free a key at once
 * @hp: nobody has seen it, or nobody can see it any more
 *
 * Context: process context; sleeps.
 */
void tquic_hp_key_free(struct tquic_hp_key *hp)
{
	if (hp->tfm)
		crypto_free_sync_skcipher(hp->tfm);
	kfree_sensitive(hp);
}

static void tquic_hp_key_work(struct work_struct *work)
{
	tquic_hp_key_free(container_of(to_rcu_work(work), struct tquic_hp_key,
				       rwork));
}

static int tquic_hp_key_set(struct tquic_hp_key *hp, const u8 *raw,
			    const struct tquic_aead_suite *suite)
{
	unsigned int i;
	int err;

	if (!suite->aead) {
		for (i = 0; i < ARRAY_SIZE(hp->chacha); i++)
			hp->chacha[i] = get_unaligned_le32(raw + 4 * i);
		return 0;
	}

	hp->tfm = crypto_alloc_sync_skcipher("ecb(aes)", 0, 0);
	if (IS_ERR(hp->tfm)) {
		err = PTR_ERR(hp->tfm);
		hp->tfm = NULL;
		return err;
	}
	return crypto_sync_skcipher_setkey(hp->tfm, raw, suite->key_len);
}

/**
 * tquic_hp_key_create - make the header protection key of a traffic secret
 * @secret: the first generation's secret of this direction
 *
 * Context: process context; sleeps, and may load a module.
 * Return: a key with one reference, or an ERR_PTR().
 */
struct tquic_hp_key *tquic_hp_key_create(const struct tquic_aead_secret *secret)
{
	const char *label = tquic_aead_version(secret->version)->hp;
	unsigned int len = secret->suite->key_len;
	u8 raw[TQUIC_AEAD_KEY_MAX];
	struct tquic_hp_key *hp;
	u8 *out = raw;
	int err;

	hp = kzalloc_obj(*hp, GFP_KERNEL);
	if (!hp)
		return ERR_PTR(-ENOMEM);
	refcount_set(&hp->ref, 1);
	INIT_RCU_WORK(&hp->rwork, tquic_hp_key_work);

	err = tquic_aead_secret_expand(secret, 1, &label, &out, &len);
	if (!err)
		err = tquic_hp_key_set(hp, raw, secret->suite);
	memzero_explicit(raw, sizeof(raw));
	if (err) {
		tquic_hp_key_free(hp);
		return ERR_PTR(err);
	}
	return hp;
}

/**
 * tquic_hp_key_get - take a further reference
 * @hp: the caller holds a reference already
 *
 * Context: any.
 * Return: @hp.
 */
struct tquic_hp_key *tquic_hp_key_get(struct tquic_hp_key *hp)
{
	refcount_inc(&hp->ref);
	return hp;
}

/**
 * tquic_hp_key_get_maybe_zero - take a reference of a key found under RCU
 * @hp: published by RCU
 *
 * Context: any, inside rcu_read_lock().
 * Return: false when the key's last reference is gone.
 */
bool tquic_hp_key_get_maybe_zero(struct tquic_hp_key *hp)
{
	return refcount_inc_not_zero(&hp->ref);
}

/**
 * tquic_hp_key_put - give a reference back
 * @hp: NULL is allowed
 *
 * The last one zeroes and frees the key after a grace period.
 *
 * Context: any.
 */
void tquic_hp_key_put(struct tquic_hp_key *hp)
{
	if (hp && refcount_dec_and_test(&hp->ref))
		tquic_aead_free_work(&hp->rwork);
}

/**
 * tquic_hp_masks - turn samples into masks
 * @hp: key
 * @blocks: @n samples of 16 bytes, replaced by masks of which the first 5
 *	bytes count; lowmem of the page or slab allocator
 * @n: number of samples
 *
 * Context: process context or softirq; does not sleep.
 * Return: 0 or what the crypto layer answered.
 */
int tquic_hp_masks(const struct tquic_hp_key *hp, u8 *blocks, unsigned int n)
{
	unsigned int len = n * TQUIC_HP_SAMPLE_LEN;
	struct scatterlist sg;
	unsigned int i;
	int err;

	if (!hp->tfm) {
		for (i = 0; i < n; i++)
			tquic_chacha_mask(hp->chacha,
					  blocks + i * TQUIC_HP_SAMPLE_LEN);
		return 0;
	}

	SYNC_SKCIPHER_REQUEST_ON_STACK(req, hp->tfm);

	sg_init_one(&sg, blocks, len);
	skcipher_request_set_sync_tfm(req, hp->tfm);
	skcipher_request_set_callback(req, 0, NULL, NULL);
	skcipher_request_set_crypt(req, &sg, &sg, len, NULL);
	err = crypto_skcipher_encrypt(req);
	skcipher_request_zero(req);
	return err;
}

static void tquic_hp_xor_pn(u8 *pn, unsigned int pn_len, const u8 *mask)
{
	unsigned int i;

	for (i = 0; i < pn_len; i++)
		pn[i] ^= mask[1 + i];
}

static u8 tquic_hp_first_bits(u8 first)
{
	/* the form bit is not protected: the same before and after */
	return first & 0x80 ? 0x0f : 0x1f;
}

/**
 * tquic_hp_apply - protect a header
 * @first: first byte of the packet
 * @pn: packet number field
 * @pn_len: its length
 * @mask: from tquic_hp_masks()
 */
void tquic_hp_apply(u8 *first, u8 *pn, unsigned int pn_len, const u8 *mask)
{
	*first ^= mask[0] & tquic_hp_first_bits(*first);
	tquic_hp_xor_pn(pn, pn_len, mask);
}

/**
 * tquic_hp_remove - remove protection from a header
 * @first: first byte of the packet
 * @pn: packet number field; what lies behind its length stays untouched
 * @mask: from tquic_hp_masks()
 *
 * Return: length of the packet number.
 */
unsigned int tquic_hp_remove(u8 *first, u8 *pn, const u8 *mask)
{
	unsigned int pn_len;

	*first ^= mask[0] & tquic_hp_first_bits(*first);
	pn_len = (*first & 0x03) + 1;
	tquic_hp_xor_pn(pn, pn_len, mask);
	return pn_len;
}
