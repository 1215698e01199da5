/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trains of packets on their way out: sealed into fresh pages outside the
 * connection's lock, sent as one buffer with UDP_L4 segmentation.
 */
#ifndef _TQUIC_XMIT_H
#define _TQUIC_XMIT_H

#include <linux/skbuff.h>
#include <net/dst_cache.h>

#include "aead_batch.h"
#include "core/plan.h"

struct tquic_sess;
struct tquic_udp;

/**
 * struct tquic_xmit_path - what sending on a path needs
 * @node: place in the session's list
 * @path_id: path
 * @tuple: addresses that it is made for; another one makes another
 * @udp: socket, of which it holds a reference
 * @dst: cached route
 * @queued: bytes that wait in the local queue discipline, bounded like TCP
 *	small queues: struct tquic_sess is kicked when it falls
 */
struct tquic_xmit_path {
	struct list_head node;
	u32 path_id;
	struct tquic_tuple tuple;
	struct tquic_udp *udp;
	struct dst_cache dst;
	atomic_t queued;
	refcount_t ref;
	struct rcu_head rcu;
};

/**
 * struct tquic_xmit_pkt - how a packet is sealed
 * @key: packet key, a reference
 * @hp: header protection, a reference
 */
struct tquic_xmit_pkt {
	struct tquic_aead_key *key;
	struct tquic_hp_key *hp;
};

/**
 * struct tquic_train - a plan on its way
 * @plan: from the core
 * @sess: connection, a reference
 * @path: where it goes, a reference
 * @pkt: keys, per packet of the plan
 */
struct tquic_train {
	struct tquic_plan plan;
	struct tquic_sess *sess;
	struct tquic_xmit_path *path;
	struct tquic_xmit_pkt pkt[TQUIC_PLAN_PKTS];
};

struct tquic_train *tquic_train_alloc(gfp_t gfp);
void tquic_train_free(struct tquic_train *t);
/*
 * Seal and send; consumes the train, its references and those of the plan's
 * segments.  Packets that could not be sealed or sent are reported by
 * tquic_sess_failed(), perhaps later.  Nobody holds the session's lock.
 */
void tquic_train_send(struct tquic_train *t);

struct tquic_xmit_path *tquic_xmit_path_new(struct tquic_sess *sess,
					    u32 path_id,
					    const struct tquic_tuple *tuple,
					    struct tquic_udp *udp, gfp_t gfp);
void tquic_xmit_path_put(struct tquic_xmit_path *p);
/* a datagram of no connection: Retry, Version Negotiation, stateless reset */
int tquic_xmit_plain(struct tquic_udp *udp, const struct tquic_tuple *tuple,
		     const void *data, unsigned int len);
/* the source address that a route has, and the device's MTU */
int tquic_xmit_route(struct net *net, struct tquic_tuple *tuple, u32 *mtu);

#endif /* _TQUIC_XMIT_H */
