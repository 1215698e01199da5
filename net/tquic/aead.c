// SPDX-License-Identifier: GPL-2.0
/* Suites, traffic secrets, packet keys. */
#include <crypto/aead.h>
#include <crypto/hash.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "aead.h"
#include "aead_batch.h"
#include "aead_internal.h"
#include "aead_version.h"
#include "hkdf.h"

/* RFC 9001 section 6.6 */
static const struct tquic_aead_suite tquic_aead_suites[] = {
	{
		.id = TQUIC_AES_128_GCM_SHA256,
		.key_len = 16,
		.hash_len = 32,
		.hmac = "hmac(sha256)",
		.aead = "gcm(aes)",
		.seal_limit = 1ULL << 23,
		.open_limit = 1ULL << 52,
	}, {
		.id = TQUIC_AES_256_GCM_SHA384,
		.key_len = 32,
		.hash_len = 48,
		.hmac = "hmac(sha384)",
		.aead = "gcm(aes)",
		.seal_limit = 1ULL << 23,
		.open_limit = 1ULL << 52,
	}, {
		.id = TQUIC_CHACHA20_POLY1305_SHA256,
		.key_len = 32,
		.hash_len = 32,
		.hmac = "hmac(sha256)",
		/* more than there are packet numbers */
		.seal_limit = U64_MAX,
		.open_limit = 1ULL << 36,
	},
};

static struct workqueue_struct *tquic_aead_wq;

/**
 * tquic_aead_suite - find a cipher suite
 * @id: TLS 1.3 code point
 *
 * Return: NULL for a suite that is not supported.
 */
const struct tquic_aead_suite *tquic_aead_suite(u16 id)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tquic_aead_suites); i++)
		if (tquic_aead_suites[i].id == id)
			return &tquic_aead_suites[i];
	return NULL;
}

/**
 * tquic_aead_secret_init - take over a traffic secret from TLS
 * @secret: result
 * @version: QUIC version that the secret is for
 * @suite: TLS 1.3 code point of the cipher suite
 * @bytes: the secret
 * @len: bytes of it, which must be what the suite's hash gives
 *
 * Context: any.
 * Return: 0, -EOPNOTSUPP for an unknown version or suite, -EINVAL for a wrong
 * length.
 */
int tquic_aead_secret_init(struct tquic_aead_secret *secret, u32 version,
			   u16 suite, const u8 *bytes, unsigned int len)
{
	const struct tquic_aead_suite *s = tquic_aead_suite(suite);

	if (!s || !tquic_aead_version(version))
		return -EOPNOTSUPP;
	if (len != s->hash_len)
		return -EINVAL;
	secret->suite = s;
	secret->version = version;
	memcpy(secret->bytes, bytes, len);
	return 0;
}

/**
 * tquic_aead_secret_initial - both directions' secrets of Initial packets
 * @client: secret that the client seals with
 * @server: secret that the server seals with
 * @version: QUIC version
 * @dcid: destination connection ID of the client's first Initial packet
 * @dcid_len: bytes of @dcid
 *
 * RFC 9001 section 5.2: always AEAD_AES_128_GCM and SHA-256.
 *
 * Context: process context; sleeps.
 * Return: 0, -EOPNOTSUPP for an unknown version, or what the crypto layer
 * answered.
 */
int tquic_aead_secret_initial(struct tquic_aead_secret *client,
			      struct tquic_aead_secret *server, u32 version,
			      const u8 *dcid, unsigned int dcid_len)
{
	const struct tquic_aead_version *ver = tquic_aead_version(version);
	const struct tquic_aead_suite *suite = &tquic_aead_suites[0];
	u8 initial[TQUIC_AEAD_SECRET_MAX];
	struct crypto_shash *hmac;
	int err;

	if (!ver)
		return -EOPNOTSUPP;
	hmac = crypto_alloc_shash(suite->hmac, 0, 0);
	if (IS_ERR(hmac))
		return PTR_ERR(hmac);

	client->suite = suite;
	client->version = version;
	server->suite = suite;
	server->version = version;
	err = tquic_hkdf_extract(hmac, ver->salt, sizeof(ver->salt), dcid,
				 dcid_len, initial);
	if (!err)
		err = tquic_hkdf_expand_label(hmac, initial, suite->hash_len,
					      "client in", client->bytes,
					      suite->hash_len);
	if (!err)
		err = tquic_hkdf_expand_label(hmac, initial, suite->hash_len,
					      "server in", server->bytes,
					      suite->hash_len);
	memzero_explicit(initial, sizeof(initial));
	crypto_free_shash(hmac);
	if (err) {
		tquic_aead_secret_clear(client);
		tquic_aead_secret_clear(server);
	}
	return err;
}

/**
 * tquic_aead_secret_expand - derive from a traffic secret
 * @secret: the secret
 * @n: number of values wanted
 * @label: label of each
 * @out: where each goes
 * @len: bytes of each
 *
 * Context: process context; sleeps.
 * Return: 0 or what the crypto layer answered.
 */
int tquic_aead_secret_expand(const struct tquic_aead_secret *secret,
			     unsigned int n, const char *const label[],
			     u8 *const out[], const unsigned int len[])
{
	const struct tquic_aead_suite *suite = secret->suite;
	struct crypto_shash *hmac;
	unsigned int i;
	int err = 0;

	hmac = crypto_alloc_shash(suite->hmac, 0, 0);
	if (IS_ERR(hmac))
		return PTR_ERR(hmac);
	for (i = 0; i < n && !err; i++)
		err = tquic_hkdf_expand_label(hmac, secret->bytes,
					      suite->hash_len, label[i],
					      out[i], len[i]);
	/* the tfm holds the key's HMAC state; freeing zeroes it */
	crypto_free_shash(hmac);
	return err;
}

/**
 * tquic_aead_secret_update - step to the next generation (RFC 9001 section 6.1)
 * @secret: replaced; unchanged on failure
 *
 * Packet keys change with it, the header protection key does not.
 *
 * Context: process context; sleeps.
 * Return: 0 or what the crypto layer answered.
 */
int tquic_aead_secret_update(struct tquic_aead_secret *secret)
{
	const char *label = tquic_aead_version(secret->version)->ku;
	unsigned int len = secret->suite->hash_len;
	u8 next[TQUIC_AEAD_SECRET_MAX];
	u8 *out = next;
	int err;

	err = tquic_aead_secret_expand(secret, 1, &label, &out, &len);
	if (!err)
		memcpy(secret->bytes, next, len);
	memzero_explicit(next, sizeof(next));
	return err;
}

/**
 * tquic_aead_secret_clear - forget a secret
 * @secret: zeroed
 *
 * Context: any.
 */
void tquic_aead_secret_clear(struct tquic_aead_secret *secret)
{
	memzero_explicit(secret, sizeof(*secret));
}

/**
 * tquic_aead_key_free - free a key at once
 * @key: nobody has seen it, or nobody can see it any more
 *
 * Context: process context; sleeps.
 */
void tquic_aead_key_free(struct tquic_aead_key *key)
{
	/* zeroes the key schedule */
	crypto_free_aead(key->tfm);
	kfree_sensitive(key);
}

/*
 * In process context because freeing a tfm may sleep (pcrypt's does), after a
 * grace period because readers find keys under RCU.
 */
static void tquic_aead_key_work(struct work_struct *work)
{
	tquic_aead_key_free(container_of(to_rcu_work(work),
					 struct tquic_aead_key, rwork));
}

static int tquic_aead_key_set(struct tquic_aead_key *key, const u8 *raw,
			      const char *alg)
{
	unsigned int i;
	int err;

	if (!alg) {
		for (i = 0; i < ARRAY_SIZE(key->chacha); i++)
			key->chacha[i] = get_unaligned_le32(raw + 4 * i);
		return 0;
	}

	/*
	 * Engines behind a bus are passed over: a packet is too small to be
	 * worth the trip, and the scatterlists name memory that shares cache
	 * lines with its neighbours, which only coherent access forgives.
	 * Nor may sealing depend on an allocation inside the engine.
	 */
	key->tfm = crypto_alloc_aead(alg, 0, CRYPTO_ALG_KERN_DRIVER_ONLY |
				     CRYPTO_ALG_ALLOCATES_MEMORY);
	if (IS_ERR(key->tfm)) {
		err = PTR_ERR(key->tfm);
		key->tfm = NULL;
		return err;
	}
	err = crypto_aead_setauthsize(key->tfm, TQUIC_AEAD_TAG_LEN);
	if (err)
		return err;
	return crypto_aead_setkey(key->tfm, raw, key->suite->key_len);
}

/**
 * tquic_aead_key_create_alg - make a packet key with a chosen implementation
 * @secret: traffic secret
 * @alg: name of an AEAD of the kernel's crypto API, or NULL for the library
 *
 * For tests and benchmarks; tquic_aead_key_create() chooses itself.
 *
 * Context: process context; sleeps.
 * Return: a key with one reference, or an ERR_PTR().
 */
struct tquic_aead_key *
tquic_aead_key_create_alg(const struct tquic_aead_secret *secret,
			  const char *alg)
{
	const struct tquic_aead_version *ver;
	struct tquic_aead_key *key;
	u8 raw[TQUIC_AEAD_KEY_MAX];
	const char *label[2];
	unsigned int len[2];
	u8 *out[2];
	int err;

	key = kzalloc_obj(*key, GFP_KERNEL);
	if (!key)
		return ERR_PTR(-ENOMEM);
	refcount_set(&key->ref, 1);
	INIT_RCU_WORK(&key->rwork, tquic_aead_key_work);
	key->suite = secret->suite;

	ver = tquic_aead_version(secret->version);
	label[0] = ver->key;
	out[0] = raw;
	len[0] = key->suite->key_len;
	label[1] = ver->iv;
	out[1] = key->iv;
	len[1] = TQUIC_AEAD_IV_LEN;
	err = tquic_aead_secret_expand(secret, 2, label, out, len);
	if (!err)
		err = tquic_aead_key_set(key, raw, alg);
	memzero_explicit(raw, sizeof(raw));
	if (err) {
		tquic_aead_key_free(key);
		return ERR_PTR(err);
	}
	return key;
}

/**
 * tquic_aead_key_create - make the packet key of a traffic secret
 * @secret: traffic secret
 *
 * Context: process context; sleeps, and may load a module.
 * Return: a key with one reference, or an ERR_PTR().
 */
struct tquic_aead_key *
tquic_aead_key_create(const struct tquic_aead_secret *secret)
{
	return tquic_aead_key_create_alg(secret, secret->suite->aead);
}

/**
 * tquic_aead_key_get - take a further reference
 * @key: the caller holds a reference already
 *
 * Context: any.
 * Return: @key.
 */
struct tquic_aead_key *tquic_aead_key_get(struct tquic_aead_key *key)
{
	refcount_inc(&key->ref);
	return key;
}

/**
 * tquic_aead_key_get_maybe_zero - take a reference of a key found under RCU
 * @key: published by RCU
 *
 * Context: any, inside rcu_read_lock().
 * Return: false when the key's last reference is gone.
 */
bool tquic_aead_key_get_maybe_zero(struct tquic_aead_key *key)
{
	return refcount_inc_not_zero(&key->ref);
}

/**
 * tquic_aead_key_put - give a reference back
 * @key: NULL is allowed
 *
 * The last one zeroes and frees the key after a grace period.
 *
 * Context: any.
 */
void tquic_aead_key_put(struct tquic_aead_key *key)
{
	if (key && refcount_dec_and_test(&key->ref))
		queue_rcu_work(tquic_aead_wq, &key->rwork);
}

/**
 * tquic_aead_free_work - free something like a key is freed
 * @rwork: initialised; runs in process context after a grace period
 *
 * Context: any.
 */
void tquic_aead_free_work(struct rcu_work *rwork)
{
	queue_rcu_work(tquic_aead_wq, rwork);
}

/**
 * tquic_aead_nonce - the nonce of one packet
 * @key: packet key
 * @path_id: path ID, 0 without multipath
 * @pn: full packet number, below 2^62
 * @nonce: result
 *
 * multipath-21 section 2.4: the 32-bit path ID, two zero bits and the 62-bit
 * packet number, all in network byte order, XORed with the IV.  For path 0 this
 * is RFC 9001 section 5.3.
 *
 * Context: any.
 */
void tquic_aead_nonce(const struct tquic_aead_key *key, u32 path_id, u64 pn,
		      u8 nonce[TQUIC_AEAD_IV_LEN])
{
	put_unaligned_be32(get_unaligned_be32(key->iv) ^ path_id, nonce);
	put_unaligned_be64(get_unaligned_be64(key->iv + 4) ^ pn, nonce + 4);
}

/**
 * tquic_aead_init - set packet protection up
 *
 * Return: 0 or a negative error, with nothing left behind.
 */
int __init tquic_aead_init(void)
{
	int err;

	tquic_chacha_init();
	tquic_aead_wq = alloc_workqueue("tquic_aead", WQ_UNBOUND, 0);
	if (!tquic_aead_wq)
		return -ENOMEM;
	err = tquic_aead_batch_init();
	if (err)
		goto err_wq;
	err = tquic_aead_retry_init();
	if (err)
		goto err_retry;
	return 0;

err_retry:
	tquic_aead_retry_exit();
	tquic_aead_batch_exit();
err_wq:
	destroy_workqueue(tquic_aead_wq);
	return err;
}

/**
 * tquic_aead_flush - wait until keys put so far are freed
 *
 * Context: process context; sleeps.
 */
void tquic_aead_flush(void)
{
	/* grace periods, then the work that they queue */
	rcu_barrier();
	flush_workqueue(tquic_aead_wq);
}

/**
 * tquic_aead_exit - tear packet protection down
 *
 * The caller has put all its keys; batches still in flight are waited for.
 *
 * Context: process context; sleeps.
 */
void tquic_aead_exit(void)
{
	tquic_aead_batch_exit();
	tquic_aead_retry_exit();
	tquic_aead_flush();
	destroy_workqueue(tquic_aead_wq);
}
