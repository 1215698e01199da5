// SPDX-License-Identifier: GPL-2.0
/*
 * Which sessions have a path between two addresses: who hears of an ICMP
 * message.
 *
 * A peer may have as many sessions as it likes between the same addresses, so
 * they are in a list of their own, where one comes and goes at the same cost
 * however many there are.
 */
#include <linux/rculist.h>

#include "sess_priv.h"

/*
 * Sessions with the same addresses that hear of a message, the newest ones.
 * The others find out by what is lost.
 */
#define TQUIC_PEER_EACH	16

/**
 * struct tquic_peer - the routes between two addresses
 * @hash: place in the namespace's table, RCU
 * @key: what the table goes by
 * @routes: struct tquic_route, not empty while in the table; changed under the
 *	namespace's @peers_lock, read under RCU
 * @rcu: for freeing
 */
struct tquic_peer {
	struct rhash_head hash;
	struct tquic_peer_key key;
	struct hlist_head routes;
	struct rcu_head rcu;
};

const struct rhashtable_params tquic_peer_params = {
	.head_offset = offsetof(struct tquic_peer, hash),
	.key_offset = offsetof(struct tquic_peer, key),
	.key_len = sizeof(struct tquic_peer_key),
	.automatic_shrinking = true,
};

static void tquic_peer_key(const struct tquic_tuple *tuple,
			   struct tquic_peer_key *key)
{
	BUILD_BUG_ON(sizeof(*key) != 20);
	memcpy(key->remote, tuple->remote, sizeof(key->remote));
	key->remote_port = tuple->remote_port;
	key->local_port = tuple->local_port;
}

/* Under the lock. */
static struct tquic_peer *tquic_peer_get(struct tquic_net *tn,
					 const struct tquic_peer_key *key)
{
	struct tquic_peer *peer;

	lockdep_assert_held(&tn->peers_lock);
	peer = rhashtable_lookup_fast(&tn->peers, key, tquic_peer_params);
	if (peer)
		return peer;
	peer = kzalloc_obj(*peer, GFP_ATOMIC);
	if (!peer)
		return NULL;
	peer->key = *key;
	if (rhashtable_insert_fast(&tn->peers, &peer->hash,
				   tquic_peer_params)) {
		kfree(peer);
		return NULL;
	}
	return peer;
}

/**
 * tquic_peer_join - a route is to be found by its addresses
 * @tn: namespace
 * @route: new route
 * @tuple: its addresses
 *
 * Context: process context.
 * Return: 0 or -ENOMEM.
 */
int tquic_peer_join(struct tquic_net *tn, struct tquic_route *route,
		    const struct tquic_tuple *tuple)
{
	struct tquic_peer_key key;
	struct tquic_peer *peer;

	tquic_peer_key(tuple, &key);
	spin_lock(&tn->peers_lock);
	peer = tquic_peer_get(tn, &key);
	route->peer = peer;
	if (peer)
		hlist_add_head_rcu(&route->by_peer, &peer->routes);
	spin_unlock(&tn->peers_lock);
	return peer ? 0 : -ENOMEM;
}

/**
 * tquic_peer_leave - a route is not to be found any more
 * @tn: namespace
 * @route: route, which is freed after a grace period
 */
void tquic_peer_leave(struct tquic_net *tn, struct tquic_route *route)
{
	struct tquic_peer *peer = route->peer;

	spin_lock(&tn->peers_lock);
	hlist_del_rcu(&route->by_peer);
	if (hlist_empty(&peer->routes)) {
		rhashtable_remove_fast(&tn->peers, &peer->hash,
				       tquic_peer_params);
		kfree_rcu(peer, rcu);
	}
	spin_unlock(&tn->peers_lock);
}

/**
 * tquic_peer_each - the sessions with a path between two addresses
 * @tn: namespace
 * @tuple: addresses
 * @fn: called with each, a few at most, under RCU
 * @arg: passed to @fn
 *
 * Context: any but hard interrupts.
 */
void tquic_peer_each(struct tquic_net *tn, const struct tquic_tuple *tuple,
		     void (*fn)(struct tquic_sess *sess, void *arg), void *arg)
{
	struct tquic_peer_key key;
	struct tquic_route *route;
	struct tquic_peer *peer;
	unsigned int n = 0;

	tquic_peer_key(tuple, &key);
	rcu_read_lock();
	peer = rhashtable_lookup(&tn->peers, &key, tquic_peer_params);
	if (!peer)
		goto unlock;
	hlist_for_each_entry_rcu(route, &peer->routes, by_peer) {
		if (n++ == TQUIC_PEER_EACH)
			break;
		if (!tquic_sess_get_maybe_zero(route->sess))
			continue;
		fn(route->sess, arg);
		tquic_sess_put(route->sess);
	}
unlock:
	rcu_read_unlock();
}
