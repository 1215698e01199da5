// SPDX-License-Identifier: GPL-2.0
/*
 * Where the packets of a path leave: sockets and routes, for each pair of
 * addresses that a path has, had, or is asked from.
 */
#include <linux/export.h>

#include "sess_priv.h"

/* The route of a path between two addresses, NULL when there is none. */
struct tquic_route *tquic_sess_route(struct tquic_sess *sess, u32 path_id,
				     const struct tquic_tuple *tuple)
{
	struct tquic_route *route;

	list_for_each_entry(route, &sess->routes, node)
		if (route->path_id == path_id &&
		    tquic_tuple_eq(&route->xmit->tuple, tuple))
			return route;
	return NULL;
}

static void tquic_route_drop(struct tquic_route *route)
{
	struct tquic_sess *sess = route->sess;

	list_del(&route->node);
	sess->nr_routes--;
	tquic_peer_leave(sess->tn, route);
	tquic_xmit_path_put(route->xmit);
	kfree_rcu(route, rcu);
}

static bool tquic_route_used(const struct tquic_route *route)
{
	const struct tquic_path *path;

	path = tquic_conn_path(route->sess->core, route->path_id);
	return path && tquic_tuple_eq(&path->tuple, &route->xmit->tuple);
}

/* A peer that is everywhere keeps no more routes than it has paths. */
static void tquic_route_make_room(struct tquic_sess *sess)
{
	struct tquic_route *route, *prev;

	list_for_each_entry_safe_reverse(route, prev, &sess->routes, node) {
		if (sess->nr_routes < TQUIC_SESS_ROUTES)
			return;
		if (!tquic_route_used(route))
			tquic_route_drop(route);
	}
}

/**
 * tquic_sess_route_add - another way out
 * @sess: session; the lock is held
 * @path_id: path
 * @tuple: addresses
 * @udp: socket; a reference is taken
 *
 * Return: the route, NULL without memory.
 */
struct tquic_route *tquic_sess_route_add(struct tquic_sess *sess, u32 path_id,
					 const struct tquic_tuple *tuple,
					 struct tquic_udp *udp)
{
	struct tquic_route *route;

	tquic_route_make_room(sess);
	route = kzalloc_obj(*route, GFP_KERNEL);
	if (!route)
		return NULL;
	route->sess = sess;
	route->path_id = path_id;
	route->xmit = tquic_xmit_path_new(sess, path_id, tuple, udp,
					  GFP_KERNEL);
	if (IS_ERR_OR_NULL(route->xmit))
		goto free;
	if (tquic_peer_join(sess->tn, route, tuple))
		goto put;
	list_add(&route->node, &sess->routes);
	sess->nr_routes++;
	return route;

put:
	tquic_xmit_path_put(route->xmit);
free:
	kfree(route);
	return NULL;
}

/* A socket that this session uses at a local address. */
static struct tquic_udp *tquic_route_socket(struct tquic_sess *sess,
					    const struct tquic_tuple *tuple)
{
	const struct tquic_tuple *have;
	struct tquic_route *route;

	list_for_each_entry(route, &sess->routes, node) {
		have = &route->xmit->tuple;
		if (!memcmp(have->local, tuple->local, sizeof(have->local)) &&
		    have->local_port == tuple->local_port &&
		    have->dev == tuple->dev)
			return route->xmit->udp;
	}
	return NULL;
}

/**
 * tquic_sess_route_for - how a plan leaves
 * @sess: session; the lock is held
 * @plan: plan
 *
 * Routes are there since packets came that way, or since we opened the path.  A
 * path that is new to an address of ours takes the socket that is there.
 *
 * Return: the route, NULL without memory or without a socket.
 */
struct tquic_route *tquic_sess_route_for(struct tquic_sess *sess,
					 const struct tquic_plan *plan)
{
	struct tquic_route *route;
	struct tquic_udp *udp;

	route = tquic_sess_route(sess, plan->path_id, &plan->tuple);
	if (route)
		return route;
	udp = tquic_route_socket(sess, &plan->tuple);
	return udp ? tquic_sess_route_add(sess, plan->path_id, &plan->tuple,
					  udp) : NULL;
}

/* Paths have come, gone or moved: what belongs to none that is left goes. */
void tquic_sess_routes_review(struct tquic_sess *sess)
{
	struct tquic_route *route, *next;

	list_for_each_entry_safe(route, next, &sess->routes, node)
		if (!tquic_conn_path(sess->core, route->path_id))
			tquic_route_drop(route);
}

void tquic_sess_routes_free(struct tquic_sess *sess)
{
	struct tquic_route *route, *next;

	list_for_each_entry_safe(route, next, &sess->routes, node)
		tquic_route_drop(route);
}

/* when a path whose local queue is full is asked at the latest */
#define TQUIC_ROUTE_HOLD	(10 * TQUIC_NS_PER_MS)

/*
 * Bytes that wait in the queue of a local device are kept few, as TCP does by
 * its small queues: meanwhile the path's pacer is not ready, and others have
 * their turn.  When the queue gets shorter the session is kicked.
 */
static void tquic_route_hold(struct tquic_sess *sess, struct tquic_route *route,
			     u64 now)
{
	struct tquic_path *path = tquic_conn_path(sess->core, route->path_id);
	bool full;

	if (!path)
		return;
	if (path->pacer.rate)
		tquic_xmit_rate(route->xmit, path->pacer.rate);
	full = tquic_xmit_full(route->xmit);
	if (full && path->pacer.next <= now) {
		if (!route->held)
			TQUIC_MIB_INC(sess->tn, OUT_QUEUE_LIMIT);
		route->held = true;
		route->next = path->pacer.next;
		path->pacer.next = now + TQUIC_ROUTE_HOLD;
	} else if (!full && route->held) {
		route->held = false;
		path->pacer.next = min(path->pacer.next, max(route->next, now));
	}
}

void tquic_sess_routes_hold(struct tquic_sess *sess, u64 now)
{
	struct tquic_route *route;

	list_for_each_entry(route, &sess->routes, node)
		tquic_route_hold(sess, route, now);
}

/* Opens the way for a path that we begin; completes @tuple. */
static struct tquic_udp *tquic_route_open(struct tquic_sess *sess,
					  struct tquic_tuple *tuple, u32 *mtu)
{
	struct tquic_udp_key key = {
		.dev = tuple->dev,
		.v4 = tquic_tuple_is_ipv4(tuple),
	};
	struct tquic_udp *udp;
	int err;

	err = tquic_xmit_route(sess->tn->net, tuple, mtu);
	if (err)
		return ERR_PTR(err);
	memcpy(key.local, tuple->local, sizeof(key.local));
	key.port = tuple->local_port;
	udp = tquic_udp_open(sess->tn->net, &key);
	if (!IS_ERR(udp))
		tuple->local_port = udp->key.port;
	return udp;
}

/* What is not said of the peer is as on the first path. */
static void tquic_route_peer(const struct tquic_sess *sess,
			     struct tquic_tuple *tuple)
{
	const struct tquic_path *first;

	first = list_first_entry_or_null(&sess->core->paths, struct tquic_path,
					 node);
	if (!first)
		return;
	if (ipv6_addr_any((const struct in6_addr *)tuple->remote))
		memcpy(tuple->remote, first->tuple.remote,
		       sizeof(tuple->remote));
	if (!tuple->remote_port)
		tuple->remote_port = first->tuple.remote_port;
}

/**
 * tquic_sess_add_path - open a path
 * @sess: session; the lock is held
 * @tuple: addresses; a local address or port of 0 is chosen, a remote port or
 *	address of 0 is that of path 0
 *
 * Context: process context.
 * Return: path ID; -EOPNOTSUPP and others of tquic_conn_open_path(), or what
 * opening a socket says.
 */
int tquic_sess_add_path(struct tquic_sess *sess,
			const struct tquic_tuple *tuple)
{
	struct tquic_tuple full = *tuple;
	struct tquic_udp *udp;
	u32 mtu = 0;
	int id;

	if (sess->dead)
		return -ENOTCONN;
	tquic_route_peer(sess, &full);
	udp = tquic_route_open(sess, &full, &mtu);
	if (IS_ERR(udp))
		return PTR_ERR(udp);
	id = tquic_conn_open_path(sess->core, &full, ktime_get_ns(),
				  GFP_KERNEL);
	if (id >= 0) {
		/* without memory it is tried again with the first plan */
		tquic_sess_route_add(sess, id, &full, udp);
		tquic_conn_path_mtu(sess->core, id, mtu);
	}
	tquic_udp_put(udp);
	return id;
}
EXPORT_SYMBOL_GPL(tquic_sess_add_path);

/**
 * tquic_sess_del_path - give a path up
 * @sess: session; the lock is held
 * @path_id: path
 *
 * Return: 0; -ENOENT, -EOPNOTSUPP, -EBUSY for the last one, -ENOMEM.
 */
int tquic_sess_del_path(struct tquic_sess *sess, u32 path_id)
{
	if (sess->dead)
		return -ENOTCONN;
	return tquic_conn_abandon_path(sess->core, path_id, 0, ktime_get_ns(),
				       GFP_KERNEL);
}
EXPORT_SYMBOL_GPL(tquic_sess_del_path);

/**
 * tquic_sess_migrate - move a path to another address of ours
 * @sess: session of a client; the lock is held
 * @path_id: path
 * @tuple: addresses; a local address or port of 0 is chosen
 *
 * Context: process context.
 * Return: 0; what tquic_conn_migrate() or opening a socket says.
 */
int tquic_sess_migrate(struct tquic_sess *sess, u32 path_id,
		       const struct tquic_tuple *tuple)
{
	struct tquic_tuple full = *tuple;
	struct tquic_udp *udp;
	u32 mtu = 0;
	int err;

	if (sess->dead)
		return -ENOTCONN;
	udp = tquic_route_open(sess, &full, &mtu);
	if (IS_ERR(udp))
		return PTR_ERR(udp);
	err = tquic_conn_migrate(sess->core, path_id, &full, ktime_get_ns());
	if (!err) {
		tquic_sess_route_add(sess, path_id, &full, udp);
		tquic_conn_path_mtu(sess->core, path_id, mtu);
	}
	tquic_udp_put(udp);
	return err;
}
EXPORT_SYMBOL_GPL(tquic_sess_migrate);
