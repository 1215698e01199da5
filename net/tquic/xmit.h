/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trains of packets on their way out: sealed into fresh pages outside the
 * connection's lock, sent as one buffer with UDP_L4 segmentation.
 */
#ifndef _TQUIC_XMIT_H
#define _TQUIC_XMIT_H

#include <linux/ipv6.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/skbuff.h>
#include <net/dst_cache.h>
#include <net/flow.h>

#include "aead_batch.h"
#include "core/plan.h"

struct net;
struct rtable;
struct sock;
struct tquic_sess;
struct tquic_udp;

/* room in front of the payload for everything that the stack may push */
#define TQUIC_XMIT_HEADROOM	(MAX_HEADER + sizeof(struct ipv6hdr) + \
				 sizeof(struct udphdr))

/**
 * struct tquic_xmit_path - what sending on a path needs
 * @path_id: path
 * @tuple: addresses that it is made for; another one makes another
 * @sess: connection, without a reference: it puts its paths before its own
 *	grace period
 * @udp: socket, of which it holds a reference
 * @sk: what waits in the local queue discipline is charged to it.  It is in no
 *	table and receives nothing
 * @write_space: what sk_write_space of @sk was before
 * @dst: cached route
 * @label: IPv6 flow label
 * @limit: bytes (of memory) that may wait in the local queue discipline
 * @flags: TQUIC_XMIT_F_*
 * @drops: counter: buffers that the queue discipline dropped
 * @ref: the session's, and one per train
 * @rcu: @sk finds the path under RCU
 *
 * Immutable but for @limit, @flags, @drops and the cache.
 */
struct tquic_xmit_path {
	u32 path_id;
	struct tquic_tuple tuple;
	struct tquic_sess *sess;
	struct tquic_udp *udp;
	struct sock *sk;
	void (*write_space)(struct sock *sk);
	struct dst_cache dst;
	__be32 label;
	u32 limit;
	unsigned long flags;
	atomic_t drops;
	refcount_t ref;
	struct rcu_head rcu;
};

/* somebody waits until less waits in the local queue */
#define TQUIC_XMIT_F_FULL	0

/**
 * struct tquic_xmit_pkt - how a packet is sealed
 * @key: packet key, a reference; without one the packet fails
 * @hp: header protection, likewise
 */
struct tquic_xmit_pkt {
	struct tquic_aead_key *key;
	struct tquic_hp_key *hp;
};

/**
 * struct tquic_train - a plan on its way
 * @sess: connection, a reference
 * @path: where it goes, a reference
 * @skbs: buffers, filled while the train is sealed
 * @gfp: how to allocate
 * @ready: packets of the plan that are, or are being, sealed: all before the
 *	first that failed
 * @pkt: keys, per packet of the plan
 * @plan: from the core
 */
struct tquic_train {
	struct tquic_sess *sess;
	struct tquic_xmit_path *path;
	struct sk_buff_head skbs;
	gfp_t gfp;
	u16 ready;
	struct tquic_xmit_pkt pkt[TQUIC_PLAN_PKTS];
	struct tquic_plan plan;
};

int tquic_train_init(void);
void tquic_train_exit(void);
struct tquic_train *tquic_train_alloc(gfp_t gfp);
/* gives back whatever the train holds; for one that is not sent */
void tquic_train_free(struct tquic_train *t);
/*
 * Seal and send; consumes the train, its references and those of the plan's
 * segments.  Packets that could not be sealed are reported by
 * tquic_sess_failed(), perhaps later; what the network under us drops is lost
 * as if it had been dropped further away.  Nobody holds the session's lock.
 */
void tquic_train_send(struct tquic_train *t);

struct tquic_xmit_path *tquic_xmit_path_new(struct tquic_sess *sess,
					    u32 path_id,
					    const struct tquic_tuple *tuple,
					    struct tquic_udp *udp, gfp_t gfp);
struct tquic_xmit_path *tquic_xmit_path_get(struct tquic_xmit_path *p);
void tquic_xmit_path_put(struct tquic_xmit_path *p);
/* how fast the path is, bytes per second: sets how much may wait */
void tquic_xmit_rate(struct tquic_xmit_path *p, u64 rate);
/* too much waits; the session is kicked when that is over */
bool tquic_xmit_full(struct tquic_xmit_path *p);

/* a datagram of no connection: Retry, Version Negotiation, stateless reset */
int tquic_xmit_plain(struct tquic_udp *udp, const struct tquic_tuple *tuple,
		     const void *data, unsigned int len);
/* the source address that a route has, and the device's MTU */
int tquic_xmit_route(struct net *net, struct tquic_tuple *tuple, u32 *mtu);

/* between the files of this set */
struct rtable *tquic_xmit_route4(struct net *net,
				 const struct tquic_tuple *tuple,
				 struct flowi4 *fl4);
struct dst_entry *tquic_xmit_route6(struct net *net,
				    const struct tquic_tuple *tuple,
				    struct flowi6 *fl6);
int tquic_xmit_out4(struct sk_buff *skb, struct rtable *rt, __be32 saddr,
		    const struct tquic_tuple *tuple, u8 ecn);
int tquic_xmit_out6(struct sk_buff *skb, struct dst_entry *dst,
		    const struct in6_addr *saddr,
		    const struct tquic_tuple *tuple, u8 ecn, __be32 label);
int tquic_xmit_path_out(struct tquic_xmit_path *p, struct sk_buff *skb, u8 ecn);

/* a packet with this sk was sent on a path; any context */
bool tquic_xmit_is_outer(const struct sock *sk);

#endif /* _TQUIC_XMIT_H */
