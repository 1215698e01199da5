/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UDP sockets: one per local address, port and device, shared by all
 * connections that use it.  They are plain kernel sockets with UDP_GRO, whose
 * sk_data_ready() takes aggregates of packets and hands them on.
 */
#ifndef _TQUIC_UDP_H
#define _TQUIC_UDP_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/skbuff.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "core/ecn.h"
#include "core/tuple.h"

struct net;
struct socket;

/**
 * struct tquic_udp_key - what makes a socket
 * @local: IPv6 or IPv4-mapped address, all 0 for any (of both families unless
 *	@v6only)
 * @port: host byte order, 0 for any free one
 * @dev: device that it is bound to, 0 for none
 * @v4: an IPv4 socket
 */
struct tquic_udp_key {
	u8 local[16];
	u16 port;
	u32 dev;
	bool v4;
};

/**
 * struct tquic_udp - a UDP socket
 * @node: place in the namespace's list, under its lock
 * @ref: users; the last put closes the socket from a work item
 * @net: namespace, of which the socket holds no reference
 * @key: as bound, with the port that it has got
 * @sock: kernel socket
 * @data_ready: what sk_data_ready was before
 * @close: the last reference may be dropped where nobody may sleep
 */
struct tquic_udp {
	struct list_head node;
	refcount_t ref;
	struct net *net;
	struct tquic_udp_key key;
	struct socket *sock;
	void (*data_ready)(struct sock *sk);
	struct work_struct close;
};

/**
 * struct tquic_udp_net - the sockets of a namespace
 * @lock: protects @sockets; sleeps
 * @sockets: struct tquic_udp
 * @rx: takes what was received, in softirq, and consumes it
 * @icmp: an ICMP error for packets of ours, in softirq; addresses as we sent
 */
struct tquic_udp_net {
	struct mutex lock;
	struct list_head sockets;
	void (*rx)(struct tquic_udp *udp, struct sk_buff *skb);
	void (*icmp)(struct tquic_udp *udp, const struct tquic_tuple *tuple,
		     int err, u32 mtu);
};

/**
 * struct tquic_udp_cb - in skb->cb of what was received
 * @arrived: when, ns of ktime_get_ns()
 * @udp: socket that it came in by, no reference: whoever keeps the skb beyond
 *	the callback takes one
 * @ecn: mark
 *
 * Addresses are read from the headers, which stay in front of the payload.
 *
 * The payload begins at skb->data.  An aggregate has its packets one after the
 * other, skb_shinfo(skb)->gso_size bytes each but for the last.
 */
struct tquic_udp_cb {
	u64 arrived;
	struct tquic_udp *udp;
	u8 ecn;
};

struct tquic_udp *tquic_udp_open(struct net *net,
				 const struct tquic_udp_key *key);
struct tquic_udp *tquic_udp_get(struct tquic_udp *udp);
void tquic_udp_put(struct tquic_udp *udp);
void tquic_udp_tuple(const struct sk_buff *skb, struct tquic_tuple *tuple);
void tquic_udp_net_init(struct tquic_udp_net *un);
void tquic_udp_net_exit(struct tquic_udp_net *un);

#endif /* _TQUIC_UDP_H */
