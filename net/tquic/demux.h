/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which connection a packet belongs to: a table of the connection IDs of this
 * namespace, looked up under RCU by whoever received a packet.
 */
#ifndef _TQUIC_DEMUX_H
#define _TQUIC_DEMUX_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>

#include "core/cid.h"

struct tquic_sess;

/* bytes of the connection IDs that we issue */
#define TQUIC_CID_LEN		8
#define TQUIC_DEMUX_KEY_LEN	32

/**
 * struct tquic_demux_cid - a connection ID that leads to a connection
 * @local: the core's books; not used by @alias ones
 * @node: place in the table, RCU
 * @sess: connection; holds no reference: an entry is taken out before the
 *	connection is let go, and freed after a grace period
 * @alias: the client's first destination
 * @rcu: for freeing
 */
struct tquic_demux_cid {
	struct tquic_cid_local local;
	struct hlist_node node;
	struct tquic_sess *sess;
	bool alias;
	struct rcu_head rcu;
};

/**
 * struct tquic_demux - the table of a namespace
 * @lock: protects changes of @slots
 * @slots: chains; grows with the number of entries
 * @bits: log2 of their number
 * @seed: of the hash: peers choose the IDs of the first packets
 * @count: entries
 */
struct tquic_demux {
	spinlock_t lock;
	struct hlist_head __rcu *slots;
	unsigned int bits;
	u64 seed[2];
	u32 count;
};

int tquic_demux_init(struct tquic_demux *d);
void tquic_demux_exit(struct tquic_demux *d);

/* Under RCU; takes a reference of the session. */
struct tquic_sess *tquic_demux_find(struct tquic_demux *d, const u8 *id,
				    unsigned int len,
				    struct tquic_demux_cid **cid);
struct tquic_demux_cid *tquic_demux_issue(struct tquic_sess *sess, gfp_t gfp);
struct tquic_demux_cid *tquic_demux_alias(struct tquic_sess *sess,
					  const struct tquic_cid *cid,
					  gfp_t gfp);
void tquic_demux_drop(struct tquic_demux *d, struct tquic_demux_cid *cid);
/* The stateless reset token of an ID; the key outlives the module's reload. */
void tquic_demux_token(const u8 *id, unsigned int len, u8 *token);

#endif /* _TQUIC_DEMUX_H */
