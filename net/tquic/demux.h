/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which connection a packet belongs to: a table of the connection IDs of this
 * namespace, looked up under RCU by whoever received a packet.
 */
#ifndef _TQUIC_DEMUX_H
#define _TQUIC_DEMUX_H

#include <linux/rcupdate.h>
#include <linux/rhashtable-types.h>
#include <linux/siphash.h>

#include "core/cid.h"

struct net;
struct tquic_sess;

/* bytes of the connection IDs that we issue */
#define TQUIC_CID_LEN		8
#define TQUIC_DEMUX_KEY_LEN	32
#define TQUIC_DEMUX_SECRET_LEN	16

/**
 * struct tquic_demux_cid - a connection ID that leads to a connection
 * @local: the core's books; of @alias ones only the ID is used
 * @rcu: for freeing: in the place of @local's link, which the core is done with
 *	by then, and which no reader of the table looks at
 * @node: place in the table, RCU
 * @sess: connection; holds no reference: an entry is taken out before the
 *	connection is let go, and freed after a grace period
 * @alias: the client's first destination
 *
 * There are several for each connection: 128 bytes are enough.
 */
struct tquic_demux_cid {
	union {
		struct tquic_cid_local local;
		struct rcu_head rcu;
	};
	struct rhash_head node;
	struct tquic_sess *sess;
	bool alias;
};

static_assert(offsetof(struct tquic_cid_local, node) == 0);
static_assert(sizeof(struct rcu_head) <= sizeof(struct list_head));

/**
 * struct tquic_demux - the table of a namespace
 * @table: struct tquic_demux_cid; grows and shrinks by itself
 * @salt: 0 in the initial namespace; of another one tells its tokens from
 *	those of its neighbours
 */
struct tquic_demux {
	struct rhashtable table;
	u64 salt;
};

int tquic_demux_init(struct tquic_demux *d, const struct net *net);
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

/* What is derived from the machine's key. */
void tquic_demux_token(const struct tquic_demux *d, const u8 *id,
		       unsigned int len, u8 *token);
void tquic_demux_secret(const struct tquic_demux *d, const char *label,
			u8 *secret);
void tquic_demux_set_key(const u8 *key);

#endif /* _TQUIC_DEMUX_H */
