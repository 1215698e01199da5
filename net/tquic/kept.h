/* SPDX-License-Identifier: GPL-2.0 */
/* Tokens of earlier connections that clients keep. */
#ifndef _TQUIC_KEPT_H
#define _TQUIC_KEPT_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct tquic_cred;
struct tquic_net;
struct tquic_tuple;

/**
 * struct tquic_kept - a token
 * @node: place in the namespace's list, oldest first
 * @expires: when it is of no use any more, on the clock of boot time, ns
 * @who: hash of whom it was given to, and of the server's name
 * @version: QUIC version of the connection that it is from
 * @port: the server's
 * @addr: the server's
 * @len: bytes of @data
 * @data: token
 */
struct tquic_kept {
	struct list_head node;
	u64 expires;
	u64 who;
	u32 version;
	u16 port;
	u8 addr[16];
	u32 len;
	u8 data[];
};

/**
 * struct tquic_kept_net - those of a namespace
 * @lock: protects the rest
 * @list: struct tquic_kept
 * @count: how many, bounded
 */
struct tquic_kept_net {
	spinlock_t lock;	/* see above */
	struct list_head list;
	u32 count;
};

struct tquic_kept *tquic_kept_take(struct tquic_net *tn,
				   const struct tquic_cred *cred, u32 version,
				   const struct tquic_tuple *tuple);
void tquic_kept_init(struct tquic_kept_net *kn);
void tquic_kept_exit(struct tquic_kept_net *kn);

#endif /* _TQUIC_KEPT_H */
