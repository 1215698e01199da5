// SPDX-License-Identifier: GPL-2.0
/*
 * Which session a stateless reset is for: a table of the tokens by which peers
 * would reset connections, RFC 9000 section 10.3.1.
 *
 * A token is looked for as a pseudorandom function makes it under a secret key,
 * as that section suggests: what a look-up takes tells nothing about the token,
 * and nobody can make chains long.  So a packet that belongs to no connection
 * costs one look-up, however many there are with its sender.
 */
#include <linux/once.h>
#include <linux/random.h>
#include <linux/siphash.h>

#include "sess_priv.h"

/**
 * struct tquic_reset - a token that resets a session
 * @hash: place in the namespace's table, RCU
 * @tag: what the token is made into
 * @node: place in @sess->resets, under the session's lock
 * @sess: session; holds no reference: the entry is taken out before the session
 *	is let go, and freed after a grace period
 * @kept: the core still has it; under the session's lock
 * @rcu: for freeing
 */
struct tquic_reset {
	struct rhash_head hash;
	u64 tag[2];
	struct list_head node;
	struct tquic_sess *sess;
	bool kept;
	struct rcu_head rcu;
};

const struct rhashtable_params tquic_reset_params = {
	.head_offset = offsetof(struct tquic_reset, hash),
	.key_offset = offsetof(struct tquic_reset, tag),
	.key_len = sizeof_field(struct tquic_reset, tag),
	.automatic_shrinking = true,
};

static siphash_aligned_key_t tquic_reset_key[2];

static void tquic_reset_tag(const u8 *token, u64 *tag)
{
	net_get_random_once(&tquic_reset_key, sizeof(tquic_reset_key));
	tag[0] = siphash(token, TQUIC_RESET_TOKEN_LEN, &tquic_reset_key[0]);
	tag[1] = siphash(token, TQUIC_RESET_TOKEN_LEN, &tquic_reset_key[1]);
}

static void tquic_reset_drop(struct tquic_reset *reset)
{
	struct tquic_sess *sess = reset->sess;

	list_del(&reset->node);
	rhashtable_remove_fast(&sess->tn->resets, &reset->hash,
			       tquic_reset_params);
	kfree_rcu(reset, rcu);
}

static struct tquic_reset *tquic_reset_have(struct tquic_sess *sess,
					    const u64 *tag)
{
	struct tquic_reset *reset;

	list_for_each_entry(reset, &sess->resets, node)
		if (!memcmp(reset->tag, tag, sizeof(reset->tag)))
			return reset;
	return NULL;
}

/* A peer that gives two connections one token is understood for the first. */
static int tquic_reset_add(struct tquic_sess *sess, const u64 *tag)
{
	struct tquic_reset *reset = kzalloc_obj(*reset, GFP_KERNEL);
	int err;

	if (!reset)
		return -ENOMEM;
	memcpy(reset->tag, tag, sizeof(reset->tag));
	reset->sess = sess;
	reset->kept = true;
	err = rhashtable_insert_fast(&sess->tn->resets, &reset->hash,
				     tquic_reset_params);
	if (err) {
		kfree(reset);
		return err == -EEXIST ? 0 : err;
	}
	list_add(&reset->node, &sess->resets);
	return 0;
}

static int tquic_reset_keep(struct tquic_sess *sess, const u8 *token)
{
	struct tquic_reset *reset;
	u64 tag[2];

	tquic_reset_tag(token, tag);
	reset = tquic_reset_have(sess, tag);
	if (!reset)
		return tquic_reset_add(sess, tag);
	reset->kept = true;
	return 0;
}

/**
 * tquic_sess_resets_review - put the tokens in use into the table
 * @sess: session; the lock is held
 *
 * Of tokens there are as many as of connection IDs of the peer's that are in
 * use, a few per path.  Without memory it is tried again at the next occasion.
 */
void tquic_sess_resets_review(struct tquic_sess *sess)
{
	const struct tquic_cids *cids = &sess->core->cids;
	const struct tquic_cid_peer *cid;
	struct tquic_reset *reset, *next;
	int err = 0;

	lockdep_assert_held(&sess->lock);
	if (sess->resets_at == cids->turnover)
		return;
	list_for_each_entry(reset, &sess->resets, node)
		reset->kept = false;
	list_for_each_entry(cid, &cids->in_use, link)
		if (cid->has_token)
			err = tquic_reset_keep(sess, cid->token) ?: err;
	list_for_each_entry_safe(reset, next, &sess->resets, node)
		if (!reset->kept)
			tquic_reset_drop(reset);
	if (!err)
		sess->resets_at = cids->turnover;
}

void tquic_sess_resets_free(struct tquic_sess *sess)
{
	struct tquic_reset *reset, *next;

	lockdep_assert_held(&sess->lock);
	list_for_each_entry_safe(reset, next, &sess->resets, node)
		tquic_reset_drop(reset);
}

/**
 * tquic_sess_by_reset - the session that a packet is the reset of
 * @tn: namespace
 * @token: the last bytes of the packet
 *
 * Context: any but hard interrupts.
 * Return: the session with a reference for the caller, or NULL.
 */
struct tquic_sess *tquic_sess_by_reset(struct tquic_net *tn, const u8 *token)
{
	struct tquic_sess *sess = NULL;
	struct tquic_reset *reset;
	u64 tag[2];

	tquic_reset_tag(token, tag);
	rcu_read_lock();
	reset = rhashtable_lookup(&tn->resets, tag, tquic_reset_params);
	if (reset && tquic_sess_get_maybe_zero(reset->sess))
		sess = reset->sess;
	rcu_read_unlock();
	return sess;
}
