/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sending on a path: a UDP port, a cached route, and trains of packets.
 */
#ifndef _TQUIC_DP_PATH_H
#define _TQUIC_DP_PATH_H

#include <linux/skbuff.h>
#include <linux/types.h>
#include <net/dst_cache.h>

struct net;
struct socket;

/**
 * struct dp_path - where packets go
 * @sock: holds the local port
 * @dst: cached route and source address
 * @daddr: peer's address
 * @sport: local port
 * @dport: peer's port
 */
struct dp_path {
	struct socket *sock;
	struct dst_cache dst;
	__be32 daddr;
	__be16 sport;
	__be16 dport;
};

int dp_path_open(struct dp_path *path, struct net *net, __be32 daddr,
		 u16 dport);
void dp_path_close(struct dp_path *path);
struct sk_buff *dp_path_alloc(unsigned int len, gfp_t gfp);
int dp_path_send(struct dp_path *path, struct sk_buff *skb, unsigned int n,
		 unsigned int size);

#endif /* _TQUIC_DP_PATH_H */
