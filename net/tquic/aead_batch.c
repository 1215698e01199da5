// SPDX-License-Identifier: GPL-2.0
/*
 * Batches: allocation, requests, completion.
 *
 * Requests ("slots") belong to their batch.  A slot whose operation finished
 * synchronously serves the next operation, so that the common case touches one
 * slot for a whole train and keeps it in cache.  A slot whose operation went
 * asynchronous is never used again in its batch: nobody has to know when
 * exactly the crypto layer lets go of it, and a request cannot be reused in
 * flight.
 */
#include <crypto/aead.h>
#include <linux/err.h>
#include <linux/interrupt.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/wait_bit.h>
#include <net/net_debug.h>

#include "aead_batch.h"
#include "aead_internal.h"
#include "scratch.h"

/* slots taken at once when operations do go asynchronous */
#define TQUIC_AEAD_SLOT_CHUNK	8

/**
 * struct tquic_aead_slots - a chunk of slots
 * @next: the chunk before
 * @stride: bytes from one slot to the next
 * @nr: slots in this chunk
 * @used: slots that went asynchronous; the next one is free
 * @mem: the slots
 */
struct tquic_aead_slots {
	struct tquic_aead_slots *next;
	unsigned int stride;
	unsigned int nr;
	unsigned int used;
	u8 mem[] CRYPTO_MINALIGN_ATTR;
};

static struct kmem_cache *tquic_aead_batch_cache;
/* batches with operations in flight; only these count */
static atomic_t tquic_aead_inflight = ATOMIC_INIT(0);

/**
 * tquic_aead_batch_alloc - get an empty batch
 * @gfp: for this and for everything that is allocated on its behalf
 *
 * Context: process context or softirq; sleeps if @gfp does.
 * Return: NULL when there is no memory.
 */
struct tquic_aead_batch *tquic_aead_batch_alloc(gfp_t gfp)
{
	struct tquic_aead_batch *b;

	b = kmem_cache_alloc(tquic_aead_batch_cache, gfp);
	if (!b)
		return NULL;
	/* arrays are valid as far as the counts say */
	memset(b, 0, offsetof(struct tquic_aead_batch, op));
	b->gfp = gfp;
	return b;
}

/**
 * tquic_aead_batch_free - give a batch back
 * @b: not in flight: never submitted, or completed; NULL is allowed
 *
 * Puts the references that the batch holds and frees skbs not taken.
 *
 * Context: process context or softirq.
 */
void tquic_aead_batch_free(struct tquic_aead_batch *b)
{
	struct tquic_aead_slots *s;
	unsigned int i;

	if (!b)
		return;
	DEBUG_NET_WARN_ON_ONCE(atomic_read(&b->pending));
	for (i = 0; i < b->n; i++) {
		if (b->op[i].flags & TQUIC_OP_KEY_REF)
			tquic_aead_key_put(b->op[i].key);
		if (b->op[i].flags & TQUIC_OP_HP_REF)
			tquic_hp_key_put(b->op[i].hp);
	}
	if (b->open)
		tquic_open_release(b);
	while ((s = b->slots)) {
		b->slots = s->next;
		kfree(s);
	}
	kmem_cache_free(tquic_aead_batch_cache, b);
}

/**
 * tquic_aead_batch_add - begin a packet
 * @b: batch
 *
 * Return: index of the new operation, zeroed, or -ENOSPC.
 */
int tquic_aead_batch_add(struct tquic_aead_batch *b)
{
	if (b->n == TQUIC_AEAD_BATCH_MAX)
		return -ENOSPC;
	memset(&b->op[b->n], 0, sizeof(b->op[0]));
	return b->n++;
}

/*
 * Keys are shared by all CPUs that serve a connection, so the batch takes one
 * reference for a run of packets instead of one for each.
 */
void tquic_aead_batch_use_key(struct tquic_aead_batch *b, unsigned int i,
			      struct tquic_aead_key *key)
{
	struct tquic_aead_op *op = &b->op[i];

	op->key = key;
	if (i && b->op[i - 1].key == key)
		return;
	tquic_aead_key_get(key);
	op->flags |= TQUIC_OP_KEY_REF;
}

/* As tquic_aead_batch_use_key(). */
void tquic_aead_batch_use_hp(struct tquic_aead_batch *b, unsigned int i,
			     struct tquic_hp_key *hp)
{
	struct tquic_aead_op *op = &b->op[i];

	op->hp = hp;
	if (i && b->op[i - 1].hp == hp)
		return;
	tquic_hp_key_get(hp);
	op->flags |= TQUIC_OP_HP_REF;
}

/**
 * tquic_aead_batch_scratch - memory that lives as long as the batch
 * @b: batch
 * @len: bytes wanted
 *
 * Return: NULL when the batch has no more.
 */
u8 *tquic_aead_batch_scratch(struct tquic_aead_batch *b, unsigned int len)
{
	u8 *p = b->scratch + b->scratch_len;

	if (len > sizeof(b->scratch) - b->scratch_len)
		return NULL;
	b->scratch_len += len;
	return p;
}

/**
 * tquic_aead_batch_masks - turn @b->sample into masks
 * @b: batch; the samples of operations without error are filled in
 *
 * Runs of packets with the same key are done in one call.
 */
void tquic_aead_batch_masks(struct tquic_aead_batch *b)
{
	unsigned int i, j;
	int err;

	for (i = 0; i < b->n; i = j) {
		for (j = i + 1; j < b->n && b->op[j].hp == b->op[i].hp; j++)
			;
		err = tquic_hp_masks(b->op[i].hp, b->sample[i], j - i);
		if (likely(!err))
			continue;
		for (; i < j; i++)
			if (!b->op[i].err)
				b->op[i].err = err;
	}
}

static void tquic_aead_batch_count(struct tquic_aead_batch *b)
{
	const struct tquic_aead_op *op;

	for (op = b->op; op < b->op + b->n; op++) {
		if (op->err == -EBADMSG)
			b->stats.bad++;
		else if (op->err)
			b->stats.failed++;
		if (op->flags & TQUIC_OP_ASYNC)
			b->stats.async++;
		if (op->flags & TQUIC_OP_BACKLOG)
			b->stats.backlogged++;
	}
}

/* All operations are done; runs once, on whatever CPU finished last. */
static void tquic_aead_batch_finish(struct tquic_aead_batch *b)
{
	/* @b is gone when done() returns */
	bool async = b->async;

	if (b->open)
		tquic_open_finish(b);
	else
		tquic_seal_finish(b);
	tquic_aead_batch_count(b);
	b->done(b, b->arg);
	if (async && atomic_dec_and_test(&tquic_aead_inflight))
		wake_up_var(&tquic_aead_inflight);
}

static void tquic_aead_batch_complete(void *data, int err)
{
	struct tquic_aead_slot *slot = data;
	struct tquic_aead_batch *b = slot->b;

	/* taken up from the backlog; the completion proper follows */
	if (err == -EINPROGRESS)
		return;
	b->op[slot->op].err = err;
	/* orders the results of other CPUs before what the last one does */
	if (atomic_dec_and_test(&b->pending))
		tquic_aead_batch_finish(b);
}

static struct tquic_aead_slots *
tquic_aead_slots_alloc(struct tquic_aead_batch *b, unsigned int stride,
		       unsigned int nr)
{
	struct tquic_aead_slots *s;

	s = kmalloc(sizeof(*s) + (size_t)nr * stride, b->gfp | __GFP_NOWARN);
	if (!s && nr > 1) {
		nr = 1;
		s = kmalloc(sizeof(*s) + stride, b->gfp);
	}
	if (!s)
		return NULL;
	s->stride = stride;
	s->nr = nr;
	s->used = 0;
	s->next = b->slots;
	b->slots = s;
	return s;
}

static struct tquic_aead_slot *
tquic_aead_slot_get(struct tquic_aead_batch *b, unsigned int i)
{
	const struct tquic_aead_key *key = b->op[i].key;
	unsigned int stride = sizeof(struct tquic_aead_slot);
	struct tquic_aead_slots *s = b->slots;
	struct tquic_aead_slot *slot;
	unsigned int nr = 1;

	if (key->tfm)
		stride += crypto_aead_reqsize(key->tfm);
	stride = ALIGN(stride, CRYPTO_MINALIGN);
	if (!s || s->used == s->nr || s->stride < stride) {
		if (b->async)
			nr = min_t(unsigned int, b->n - i,
				   TQUIC_AEAD_SLOT_CHUNK);
		s = tquic_aead_slots_alloc(b, stride, nr);
		if (!s)
			return NULL;
	}
	slot = (void *)(s->mem + s->used * s->stride);
	slot->b = b;
	slot->op = i;
	return slot;
}

/*
 * In flight from here on.  Counted while submit still holds its share of
 * @pending, so that the batch cannot complete before it is counted.
 */
static void tquic_aead_batch_went_async(struct tquic_aead_batch *b,
					struct tquic_aead_op *op, int err)
{
	b->slots->used++;
	op->flags |= TQUIC_OP_ASYNC;
	if (err == -EBUSY)
		op->flags |= TQUIC_OP_BACKLOG;
	if (!b->async) {
		b->async = true;
		atomic_inc(&tquic_aead_inflight);
	}
}

static int tquic_aead_batch_crypt(struct tquic_aead_batch *b,
				  const struct tquic_aead_op *op,
				  struct tquic_aead_slot *slot,
				  const struct tquic_aead_work *w)
{
	const struct tquic_aead_key *key = op->key;
	struct aead_request *req = &slot->req;

	tquic_aead_nonce(key, op->path_id, op->pn, slot->iv);
	if (!key->tfm) {
		if (b->open)
			return tquic_chacha_open(key, slot->iv, op->hdr,
						 op->hdr_len, w->src + 1,
						 w->dst + 1, w->len);
		return tquic_chacha_seal(key, slot->iv, op->hdr, op->hdr_len,
					 w->src + 1, w->dst + 1, w->len);
	}

	aead_request_set_tfm(req, key->tfm);
	aead_request_set_callback(req, CRYPTO_TFM_REQ_MAY_BACKLOG,
				  tquic_aead_batch_complete, slot);
	aead_request_set_crypt(req, w->src, w->dst, w->len, slot->iv);
	aead_request_set_ad(req, op->hdr_len);
	if (b->open)
		return crypto_aead_decrypt(req);
	return crypto_aead_encrypt(req);
}

/* Return: true when operation @i is finished. */
static bool tquic_aead_batch_one(struct tquic_aead_batch *b, unsigned int i,
				 tquic_aead_prep_t prep)
{
	struct tquic_aead_op *op = &b->op[i];
	struct tquic_aead_slot *slot;
	struct tquic_aead_work w;
	int err;

	if (op->err)
		return true;
	if (!op->key) {
		op->err = -ENOKEY;
		return true;
	}
	slot = tquic_aead_slot_get(b, i);
	if (!slot) {
		op->err = -ENOMEM;
		return true;
	}
	err = prep(b, op, slot, &w);
	if (!err)
		err = tquic_aead_batch_crypt(b, op, slot, &w);
	if (err == -EINPROGRESS || err == -EBUSY) {
		/* op->err now belongs to the completion */
		tquic_aead_batch_went_async(b, op, err);
		return false;
	}
	op->err = err;
	return true;
}

/**
 * tquic_aead_batch_run - run all operations of a batch
 * @b: batch
 * @prep: builds the scatterlists of one operation
 * @done: see aead_batch.h
 * @arg: passed to @done
 */
void tquic_aead_batch_run(struct tquic_aead_batch *b, tquic_aead_prep_t prep,
			  tquic_aead_done_t done, void *arg)
{
	unsigned int finished = 0;
	unsigned int i;

	b->done = done;
	b->arg = arg;
	atomic_set(&b->pending, b->n + 1);
	for (i = 0; i < b->n; i++)
		finished += tquic_aead_batch_one(b, i, prep);
	if (atomic_sub_and_test(finished + 1, &b->pending))
		tquic_aead_batch_finish(b);
}

/**
 * tquic_aead_batch_init - make the pool that batches come from
 *
 * Return: 0 or -ENOMEM.
 */
int __init tquic_aead_batch_init(void)
{
	tquic_aead_batch_cache =
		tquic_scratch_cache("tquic_aead_batch",
				    sizeof(struct tquic_aead_batch));
	return tquic_aead_batch_cache ? 0 : -ENOMEM;
}

/**
 * tquic_aead_batch_exit - wait for batches in flight, give the pool back
 *
 * Context: process context; sleeps.
 */
void tquic_aead_batch_exit(void)
{
	wait_var_event(&tquic_aead_inflight,
		       !atomic_read(&tquic_aead_inflight));
	/*
	 * The last completion may still be on its way out of this module's
	 * text; completions run with bottom halves disabled, which a grace
	 * period waits for.
	 */
	synchronize_rcu();
	kmem_cache_destroy(tquic_aead_batch_cache);
}
