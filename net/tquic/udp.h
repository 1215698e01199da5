/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UDP sockets: one per local address, port and device, shared by all
 * connections that use it.  They are plain kernel sockets with UDP_GRO, whose
 * sk_data_ready() takes aggregates of packets and hands them on.
 */
#ifndef _TQUIC_UDP_H
#define _TQUIC_UDP_H

#include <linux/atomic.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/skbuff.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "core/ecn.h"
#include "core/tuple.h"

struct net;
struct sock;
struct socket;

/**
 * struct tquic_udp_key - what makes a socket
 * @local: IPv6 or IPv4-mapped address, all 0 for any (of both families unless
 *	@v6only)
 * @port: host byte order, 0 for any free one: such a socket is a new one
 * @dev: device that it is bound to, 0 for none
 * @v4: an IPv4 socket
 * @v6only: an IPv6 socket that takes no IPv4
 */
struct tquic_udp_key {
	u8 local[16];
	u16 port;
	u32 dev;
	bool v4;
	bool v6only;
};

/**
 * struct tquic_udp - a UDP socket
 * @node: place in the namespace's list, under its lock
 * @ref: users; the last put closes the socket from a work item
 * @un: the namespace's sockets
 * @net: namespace, of which the socket holds no reference
 * @key: as bound, with the port that it has got
 * @sock: kernel socket; set before the first user and until the last one
 * @data_ready: what sk_data_ready was before
 * @error_report: what sk_error_report was before
 * @more: receives what one softirq was not to receive; a reference while queued
 * @close: the last reference may be dropped where nobody may sleep
 * @rcu: the callbacks of the socket find this struct under RCU
 */
struct tquic_udp {
	struct list_head node;
	refcount_t ref;
	struct tquic_udp_net *un;
	struct net *net;
	struct tquic_udp_key key;
	struct socket *sock;
	void (*data_ready)(struct sock *sk);
	void (*error_report)(struct sock *sk);
	struct work_struct more;
	struct work_struct close;
	struct rcu_head rcu;
};

/**
 * struct tquic_udp_net - the sockets of a namespace
 * @lock: protects @sockets; sleeps
 * @sockets: struct tquic_udp; those without a reference are being closed
 * @nr: how many there are, these included
 * @rx: takes what was received, with bottom halves disabled, and consumes it:
 *	no route, no device, no socket and no destructor belong to it
 * @icmp: an ICMP error for packets of ours, with bottom halves disabled;
 *	addresses as we sent them; @mtu is 0 unless @err is -EMSGSIZE, and then
 *	counts the IP header
 *
 * @rx and @icmp are set after tquic_udp_net_init(), before the first socket.
 */
struct tquic_udp_net {
	struct mutex lock;	/* see above */
	struct list_head sockets;
	atomic_t nr;
	void (*rx)(struct tquic_udp *udp, struct sk_buff *skb);
	void (*icmp)(struct tquic_udp *udp, const struct tquic_tuple *tuple,
		     int err, u32 mtu);
};

/**
 * struct tquic_udp_cb - in skb->cb of what was received
 * @arrived: when, ns of ktime_get_ns()
 * @udp: socket that it came in by, no reference: whoever keeps the skb beyond
 *	the callback takes one
 * @dev: device, see struct tquic_tuple
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
	u32 dev;
	u8 ecn;
};

int __init tquic_udp_init(void);
void tquic_udp_exit(void);
struct tquic_udp *tquic_udp_open(struct net *net,
				 const struct tquic_udp_key *key);
struct tquic_udp *tquic_udp_get(struct tquic_udp *udp);
void tquic_udp_put(struct tquic_udp *udp);
void tquic_udp_tuple(const struct sk_buff *skb, struct tquic_tuple *tuple);
void tquic_udp_net_init(struct tquic_udp_net *un);
void tquic_udp_net_exit(struct tquic_udp_net *un);

/* between the files of this set */
extern struct workqueue_struct *tquic_udp_wq;
void tquic_udp_hook(struct tquic_udp *udp);
void tquic_udp_unhook(struct tquic_udp *udp);

/* connections run over this sk; any context */
bool tquic_udp_is_outer(const struct sock *sk);

#endif /* _TQUIC_UDP_H */
