/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Listeners: whom packets of no connection are for.  Initial packets make
 * sessions, with Retry when too many are half open; other versions get Version
 * Negotiation, unknown connection IDs a stateless reset.
 */
#ifndef _TQUIC_LISTEN_H
#define _TQUIC_LISTEN_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "core/tuple.h"

struct net;
struct tquic_conn;
struct tquic_listener;
struct tquic_net;
struct tquic_sess;
struct tquic_sess_config;
struct tquic_udp;
struct tquic_udp_key;

/**
 * struct tquic_listen_ops - whoever listens
 * @incoming: a client has come; fill in what its session starts from (ops,
 *	owner, credentials); process context; -errno to refuse
 * @accept: the handshake is done: the session is the listener's user's, with a
 *	reference; -errno closes it
 * @flushed: optional: management has stopped it; nobody else comes.  Without
 *	it a listener is not stopped, as its user would not notice
 *
 * All of them run under a mutex of the listener, which tquic_listen_stop()
 * takes: they must not wait for a lock that is held by who calls that.
 */
struct tquic_listen_ops {
	int (*incoming)(struct tquic_listener *l,
			struct tquic_sess_config *config);
	int (*accept)(struct tquic_listener *l, struct tquic_sess *sess);
	void (*flushed)(struct tquic_listener *l);
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
 * @lock: held while the user's operations run, and to set @dead
 * @dead: no more clients
 * @rcu: for freeing
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
	struct mutex lock;	/* see above */
	bool dead;
	struct rcu_head rcu;
};

/* packets that may wait for the work: clients' first ones, and others */
#define TQUIC_LISTEN_QUEUE	1024
#define TQUIC_LISTEN_STRAYS	64
/* and their memory, with whatever GRO has added to them */
#define TQUIC_LISTEN_MEM	(8 << 20)
/* stateless answers in a second: Version Negotiation, resets */
#define TQUIC_LISTEN_ANSWERS	1000

#define TQUIC_LISTEN_KEY	32

/**
 * struct tquic_listen_once - which tokens were used, see listen_once.c
 * @used: Bloom filter
 * @before: the one before
 * @count: tokens in @used
 * @began: when @used began, real time, ns
 * @floor: when @before did: older tokens are not taken
 *
 * The listeners' work alone touches it.
 */
struct tquic_listen_once {
	unsigned long *used;
	unsigned long *before;
	u32 count;
	u64 began;
	u64 floor;
};

/**
 * struct tquic_listen_net - the listeners of a namespace
 * @lock: protects changes of @listeners
 * @listeners: struct tquic_listener, RCU
 * @half_open: over all listeners
 * @tokens: clients' first packets that bring a token: who has answered a Retry
 *	does not stand in line again with those who made their addresses up;
 *	bounded, own lock
 * @queue: clients' other first packets, likewise
 * @strays: packets that may deserve a stateless answer, bounded; own lock
 * @mem: bytes of memory in all of them
 * @work: takes from them
 * @token_key: that tokens are sealed with
 * @once: those of NEW_TOKEN frames that were used
 * @answers: stateless answers that may be given now
 * @refilled: when @answers was last raised; both are the work's alone
 */
struct tquic_listen_net {
	spinlock_t lock;	/* see above */
	struct hlist_head listeners;
	atomic_t half_open;
	struct sk_buff_head tokens;
	struct sk_buff_head queue;
	struct sk_buff_head strays;
	atomic_t mem;
	struct work_struct work;
	u8 token_key[TQUIC_LISTEN_KEY];
	struct tquic_listen_once once;
	u32 answers;
	u64 refilled;
};

void tquic_listen_net_init(struct tquic_listen_net *ln);
void tquic_listen_net_exit(struct tquic_listen_net *ln);
struct tquic_listener *tquic_listen_start(struct net *net,
					  const struct tquic_udp_key *key,
					  const struct tquic_listen_ops *ops,
					  void *owner, u32 backlog);
/* how many sessions may wait to be accepted, in the namespace's bounds */
void tquic_listen_set_backlog(struct tquic_listener *l, u32 backlog);
/* all of sockets; their users are told */
void tquic_listen_flush(struct tquic_net *tn);
/* no callback runs any more when this returns */
void tquic_listen_stop(struct tquic_listener *l);
struct tquic_listener *tquic_listener_get(struct tquic_listener *l);
void tquic_listener_put(struct tquic_listener *l);
/* a packet of no session; consumes it; called by udp's receive path */
void tquic_listen_rx(struct tquic_udp *udp, struct sk_buff *skb);
/* the handshake of a session is over: hand it on; the lock is not held */
void tquic_listen_accept(struct tquic_sess *sess);
/* its handshake is over in whatever way; once */
void tquic_listen_over(struct tquic_sess *sess);
/* a token for a client's next connection; returns bytes of it */
u32 tquic_listen_token(struct tquic_net *tn, const struct tquic_conn *core,
		       u8 *out);

#endif /* _TQUIC_LISTEN_H */
