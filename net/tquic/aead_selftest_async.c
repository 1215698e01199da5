// SPDX-License-Identifier: GPL-2.0
/*
 * An AEAD that finishes every request later, from a work item, and puts one in
 * four on its backlog first: AES-GCM as an engine would do it.
 *
 * The kernel has templates that do the same, cryptd() and pcrypt().  A module
 * must not use them for a test: the instance stays, under the name and above
 * the priority of what it wraps, so that from then on the whole system would
 * get it for "gcm(aes)".  This one is internal: nobody else can find it.
 */
#include <crypto/internal/aead.h>
#include <linux/bottom_half.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "aead_internal.h"
#include "aead_selftest.h"

#define TQUIC_ST_ASYNC_ALG	"tquic-selftest"

struct tquic_st_async_ctx {
	struct crypto_aead *child;
};

struct tquic_st_async_req {
	struct list_head list;
	struct aead_request *parent;
	bool backlogged;
	bool encrypt;
	struct aead_request child;
};

static struct {
	spinlock_t lock;	/* protects list and nr */
	struct list_head list;
	unsigned int nr;
	struct work_struct work;
} tquic_st_queue __initdata;

static struct tquic_st_async_req * __init tquic_st_async_pop(void)
{
	struct tquic_st_async_req *r;

	spin_lock_bh(&tquic_st_queue.lock);
	r = list_first_entry_or_null(&tquic_st_queue.list,
				     struct tquic_st_async_req, list);
	if (r)
		list_del(&r->list);
	spin_unlock_bh(&tquic_st_queue.lock);
	return r;
}

static void __init tquic_st_async_work(struct work_struct *work)
{
	struct tquic_st_async_req *r;
	int err;

	while ((r = tquic_st_async_pop())) {
		local_bh_disable();
		if (r->backlogged)
			aead_request_complete(r->parent, -EINPROGRESS);
		err = r->encrypt ? crypto_aead_encrypt(&r->child) :
				   crypto_aead_decrypt(&r->child);
		aead_request_complete(r->parent, err);
		local_bh_enable();
	}
}

static int __init tquic_st_async_queue(struct aead_request *req, bool encrypt)
{
	struct crypto_aead *tfm = crypto_aead_reqtfm(req);
	struct tquic_st_async_ctx *ctx = crypto_aead_ctx(tfm);
	struct tquic_st_async_req *r = aead_request_ctx(req);
	bool backlogged;

	r->parent = req;
	r->encrypt = encrypt;
	aead_request_set_tfm(&r->child, ctx->child);
	aead_request_set_callback(&r->child, 0, NULL, NULL);
	aead_request_set_crypt(&r->child, req->src, req->dst, req->cryptlen,
			       req->iv);
	aead_request_set_ad(&r->child, req->assoclen);

	spin_lock_bh(&tquic_st_queue.lock);
	backlogged = tquic_st_queue.nr++ % 4 == 3;
	r->backlogged = backlogged;
	list_add_tail(&r->list, &tquic_st_queue.list);
	spin_unlock_bh(&tquic_st_queue.lock);
	schedule_work(&tquic_st_queue.work);
	/* @r may be gone already */
	return backlogged ? -EBUSY : -EINPROGRESS;
}

static int __init tquic_st_async_encrypt(struct aead_request *req)
{
	return tquic_st_async_queue(req, true);
}

static int __init tquic_st_async_decrypt(struct aead_request *req)
{
	return tquic_st_async_queue(req, false);
}

static int __init tquic_st_async_setkey(struct crypto_aead *tfm, const u8 *key,
					unsigned int len)
{
	struct tquic_st_async_ctx *ctx = crypto_aead_ctx(tfm);

	return crypto_aead_setkey(ctx->child, key, len);
}

static int __init tquic_st_async_setauthsize(struct crypto_aead *tfm,
					     unsigned int len)
{
	struct tquic_st_async_ctx *ctx = crypto_aead_ctx(tfm);

	return crypto_aead_setauthsize(ctx->child, len);
}

static int __init tquic_st_async_init(struct crypto_aead *tfm)
{
	struct tquic_st_async_ctx *ctx = crypto_aead_ctx(tfm);
	struct crypto_aead *child;

	child = crypto_alloc_aead("gcm(aes)", 0, CRYPTO_ALG_ASYNC);
	if (IS_ERR(child))
		return PTR_ERR(child);
	ctx->child = child;
	crypto_aead_set_reqsize(tfm, sizeof(struct tquic_st_async_req) +
				crypto_aead_reqsize(child));
	return 0;
}

static void __init tquic_st_async_exit(struct crypto_aead *tfm)
{
	struct tquic_st_async_ctx *ctx = crypto_aead_ctx(tfm);

	crypto_free_aead(ctx->child);
}

static struct aead_alg tquic_st_async_alg __initdata = {
	.setkey = tquic_st_async_setkey,
	.setauthsize = tquic_st_async_setauthsize,
	.encrypt = tquic_st_async_encrypt,
	.decrypt = tquic_st_async_decrypt,
	.init = tquic_st_async_init,
	.exit = tquic_st_async_exit,
	.ivsize = TQUIC_AEAD_IV_LEN,
	.maxauthsize = TQUIC_AEAD_TAG_LEN,
	.chunksize = 16,
	.base = {
		.cra_name = TQUIC_ST_ASYNC_ALG,
		.cra_driver_name = TQUIC_ST_ASYNC_ALG "-async",
		.cra_priority = 1,
		.cra_flags = CRYPTO_ALG_ASYNC | CRYPTO_ALG_INTERNAL,
		.cra_blocksize = 1,
		.cra_ctxsize = sizeof(struct tquic_st_async_ctx),
		.cra_module = THIS_MODULE,
	},
};

/* It lives as long as the self-test runs, so all of it may be __init. */
int __init tquic_st_async_register(void)
{
	spin_lock_init(&tquic_st_queue.lock);
	INIT_LIST_HEAD(&tquic_st_queue.list);
	INIT_WORK(&tquic_st_queue.work, tquic_st_async_work);
	return crypto_register_aead(&tquic_st_async_alg);
}

/* Put it in the place of a key's AEAD. */
int __init tquic_st_async_use(struct tquic_st_keys *k)
{
	unsigned int len = k->secret.suite->key_len;
	struct crypto_aead *tfm;
	const char *label = "quic key";
	u8 raw[TQUIC_AEAD_KEY_MAX];
	u8 *out = raw;
	int err;

	tfm = crypto_alloc_aead(TQUIC_ST_ASYNC_ALG, CRYPTO_ALG_INTERNAL,
				CRYPTO_ALG_INTERNAL);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	crypto_free_aead(k->key->tfm);
	k->key->tfm = tfm;
	err = tquic_aead_secret_expand(&k->secret, 1, &label, &out, &len);
	if (!err)
		err = crypto_aead_setauthsize(tfm, TQUIC_AEAD_TAG_LEN);
	if (!err)
		err = crypto_aead_setkey(tfm, raw, len);
	return err;
}

void __init tquic_st_async_unregister(void)
{
	flush_work(&tquic_st_queue.work);
	crypto_unregister_aead(&tquic_st_async_alg);
}
