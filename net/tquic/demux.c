// SPDX-License-Identifier: GPL-2.0
/*
 * The table of connection IDs.
 *
 * A client chooses the ID of its first packets, so the hash is keyed with a
 * secret: nobody can make chains long.  What is looked up without success is
 * answered with a stateless reset, which proves that it comes from us by a
 * token that is derived from the ID.
 */
#include <linux/err.h>
#include <linux/once.h>
#include <linux/random.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "demux.h"
#include "net.h"
#include "sess.h"

/* random IDs collide about never */
#define TQUIC_DEMUX_TRIES	4

/**
 * struct tquic_demux_key - what is looked for
 * @id: connection ID
 * @len: its length
 */
struct tquic_demux_key {
	const u8 *id;
	unsigned int len;
};

static siphash_aligned_key_t tquic_demux_seed;

static u32 tquic_demux_hash(const u8 *id, unsigned int len, u32 seed)
{
	net_get_random_once(&tquic_demux_seed, sizeof(tquic_demux_seed));
	return siphash(id, len, &tquic_demux_seed) ^ seed;
}

static u32 tquic_demux_hash_key(const void *data, u32 len, u32 seed)
{
	const struct tquic_demux_key *key = data;

	return tquic_demux_hash(key->id, key->len, seed);
}

static u32 tquic_demux_hash_cid(const void *data, u32 len, u32 seed)
{
	const struct tquic_demux_cid *cid = data;

	return tquic_demux_hash(cid->local.cid.id, cid->local.cid.len, seed);
}

static int tquic_demux_cmp(struct rhashtable_compare_arg *arg, const void *data)
{
	const struct tquic_demux_key *key = arg->key;
	const struct tquic_demux_cid *cid = data;

	return cid->local.cid.len != key->len ||
	       memcmp(cid->local.cid.id, key->id, key->len);
}

static const struct rhashtable_params tquic_demux_params = {
	.head_offset = offsetof(struct tquic_demux_cid, node),
	.hashfn = tquic_demux_hash_key,
	.obj_hashfn = tquic_demux_hash_cid,
	.obj_cmpfn = tquic_demux_cmp,
	.automatic_shrinking = true,
};

/**
 * tquic_demux_init - make the table of a namespace
 * @d: table
 * @net: namespace
 *
 * Context: process context, may sleep.
 * Return: 0 or -errno.
 */
int tquic_demux_init(struct tquic_demux *d, const struct net *net)
{
	d->salt = net_eq(net, &init_net) ? 0 : net->net_cookie;
	return rhashtable_init(&d->table, &tquic_demux_params);
}

/**
 * tquic_demux_exit - free the table
 * @d: table, empty: all connections are gone
 *
 * Context: process context, may sleep.
 */
void tquic_demux_exit(struct tquic_demux *d)
{
	rhashtable_destroy(&d->table);
}

/**
 * tquic_demux_find - whom a connection ID leads to
 * @d: table
 * @id: connection ID
 * @len: its length
 * @cid: answer: the entry, valid under RCU
 *
 * Context: under RCU; any but hard interrupts.
 * Return: connection with a reference for the caller, or NULL.
 */
struct tquic_sess *tquic_demux_find(struct tquic_demux *d, const u8 *id,
				    unsigned int len,
				    struct tquic_demux_cid **cid)
{
	const struct tquic_demux_key key = { .id = id, .len = len };

	*cid = rhashtable_lookup(&d->table, &key, tquic_demux_params);
	if (!*cid || !tquic_sess_get_maybe_zero((*cid)->sess))
		return NULL;
	return (*cid)->sess;
}

static int tquic_demux_insert(struct tquic_demux_cid *cid)
{
	const struct tquic_demux_key key = {
		.id = cid->local.cid.id,
		.len = cid->local.cid.len,
	};

	return rhashtable_lookup_insert_key(&cid->sess->tn->demux.table, &key,
					    &cid->node, tquic_demux_params);
}

/**
 * tquic_demux_issue - make a connection ID
 * @sess: connection that it leads to
 * @gfp: how to allocate
 *
 * It is random, so that nobody can tell from two of them that they belong to
 * the same connection (RFC 9000 section 5.1).
 *
 * Context: any but hard interrupts.
 * Return: the entry with its stateless reset token, or NULL.
 */
struct tquic_demux_cid *tquic_demux_issue(struct tquic_sess *sess, gfp_t gfp)
{
	struct tquic_demux_cid *cid = kzalloc_obj(*cid, gfp);
	unsigned int i;

	if (!cid)
		return NULL;
	cid->sess = sess;
	cid->local.cid.len = TQUIC_CID_LEN;
	for (i = 0; i < TQUIC_DEMUX_TRIES; i++) {
		get_random_bytes(cid->local.cid.id, TQUIC_CID_LEN);
		tquic_demux_token(&sess->tn->demux, cid->local.cid.id,
				  TQUIC_CID_LEN, cid->local.token);
		switch (tquic_demux_insert(cid)) {
		case 0:
			return cid;
		case -EEXIST:
			continue;
		}
		break;
	}
	kfree_sensitive(cid);
	return NULL;
}

/**
 * tquic_demux_alias - let a client's first destination lead to its connection
 * @sess: connection
 * @cid: the client's choice
 * @gfp: how to allocate
 *
 * Context: any but hard interrupts.
 * Return: the entry; NULL without memory, or when the ID leads to somebody
 * already.
 */
struct tquic_demux_cid *tquic_demux_alias(struct tquic_sess *sess,
					  const struct tquic_cid *cid,
					  gfp_t gfp)
{
	struct tquic_demux_cid *alias = kzalloc_obj(*alias, gfp);

	if (!alias)
		return NULL;
	alias->sess = sess;
	alias->alias = true;
	alias->local.cid = *cid;
	if (tquic_demux_insert(alias)) {
		kfree(alias);
		return NULL;
	}
	return alias;
}

static void tquic_demux_free(struct rcu_head *rcu)
{
	/* with the token anybody could end the connection */
	kfree_sensitive(container_of(rcu, struct tquic_demux_cid, rcu));
}

/**
 * tquic_demux_drop - a connection ID leads nowhere any more
 * @d: table
 * @cid: entry; freed after a grace period
 *
 * Context: any but hard interrupts.
 */
void tquic_demux_drop(struct tquic_demux *d, struct tquic_demux_cid *cid)
{
	rhashtable_remove_fast(&d->table, &cid->node, tquic_demux_params);
	call_rcu(&cid->rcu, tquic_demux_free);
}
