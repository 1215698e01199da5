/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Listeners: whom packets of no connection are for.  Initial packets make
 * sessions, with Retry when too many are half open; other versions get Version
 * Negotiation, unknown connection IDs a stateless reset.
 */
#ifndef _TQUIC_LISTEN_H
#define _TQUIC_LISTEN_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>

#include "core/tuple.h"

struct net;
struct tquic_listener;
struct tquic_sess;
struct tquic_sess_config;
struct tquic_udp;
struct tquic_udp_key;

/**
 * struct tquic_listen_ops - whoever listens
 * @incoming: a client has come; fill in what its session starts from (ops,
 *	owner, credentials); softirq-free process context; -errno to refuse
 * @accept: the handshake is done: the session is the listener's user's, with a
 *	reference; -errno closes it
 */
struct tquic_listen_ops {
	int (*incoming)(struct tquic_listener *l,
			struct tquic_sess_config *config);
	int (*accept)(struct tquic_listener *l, struct tquic_sess *sess);
};

/**
 * struct tquic_listener - a listener
 * @node: place in the namespace's list, RCU
 * @ref: users
 * @net: namespace
 * @udp: socket
 * @ops: its user
 * @owner: its user's
 * @retry: enum tquic_retry
 * @half_open: handshakes under way
 * @pending: sessions that were not accepted yet
 * @backlog: most of these
 * @dead: no more clients
 */
struct tquic_listener {
	struct hlist_node node;
	refcount_t ref;
	struct net *net;
	struct tquic_udp *udp;
	const struct tquic_listen_ops *ops;
	void *owner;
	u8 retry;
	atomic_t half_open;
	atomic_t pending;
	u32 backlog;
	bool dead;
	struct rcu_head rcu;
};

/**
 * struct tquic_listen_net - the listeners of a namespace
 * @lock: protects changes of @listeners
 * @listeners: struct tquic_listener, RCU
 * @half_open: over all listeners
 */
struct tquic_listen_net {
	spinlock_t lock;
	struct hlist_head listeners;
	atomic_t half_open;
};

void tquic_listen_net_init(struct tquic_listen_net *ln);
void tquic_listen_net_exit(struct tquic_listen_net *ln);
struct tquic_listener *tquic_listen_start(struct net *net,
					  const struct tquic_udp_key *key,
					  const struct tquic_listen_ops *ops,
					  void *owner, u32 backlog);
/* no callback runs any more when this returns */
void tquic_listen_stop(struct tquic_listener *l);
/* a packet of no session; consumes it; called by udp's receive path */
void tquic_listen_rx(struct tquic_udp *udp, struct sk_buff *skb);

#endif /* _TQUIC_LISTEN_H */
