/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What tquic_nf.ko asks the tunnel.  The tunnel registers its answers; until
 * it does, rules load, and break when they are evaluated.
 */
#ifndef _TQUIC_NF_H
#define _TQUIC_NF_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netfilter.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

struct module;
struct net;
struct sk_buff;
struct sock;

#define TQUIC_NF_NAME_MAX	16
/* the tunnel decides on the class */
#define TQUIC_NF_CLASS_ANY	(-1)

/**
 * struct tquic_nf_flow - a flow, as its first packet was sent
 * @saddr: source
 * @daddr: original destination
 * @sport: source port; of an echo request its identifier
 * @dport: original destination port; of an echo request its type and code
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @protocol: IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP or IPPROTO_ICMPV6
 */
struct tquic_nf_flow {
	union nf_inet_addr saddr;
	union nf_inet_addr daddr;
	__be16 sport;
	__be16 dport;
	u8 family;
	u8 protocol;
};

static inline bool tquic_nf_flow_is_ping(const struct tquic_nf_flow *flow)
{
	return flow->protocol == IPPROTO_ICMP ||
	       flow->protocol == IPPROTO_ICMPV6;
}

/**
 * struct tquic_nf_info - what a packet belongs to
 * @tunnel: number of the tunnel, 0 for a connection without one
 * @path_id: of an outer packet
 * @path_count: paths of the connection that carry data
 * @state: of an outer packet, enum nft_tquic_states
 * @class: of an inner flow, enum nft_tquic_classes
 * @name: of the tunnel, zero-padded
 */
struct tquic_nf_info {
	u32 tunnel;
	u32 path_id;
	u32 path_count;
	u8 state;
	u8 class;
	char name[TQUIC_NF_NAME_MAX];
};

/**
 * struct tquic_nf_ops - the tunnel's answers
 * @owner: module
 * @find: number of a tunnel by name, or of the first one for NULL; 0 if there
 *	is none
 * @up: its session carries data, or will when an uplink is back
 * @listener: transparent socket which flows of NFPROTO_ @family and IPPROTO_
 *	@protocol are given to; NULL if there is none.  Valid under RCU
 * @is_outer: a UDP socket of the engine's own, over which connections run
 * @flow: whether a tunnel owns a flow; fills @info
 * @claim: a new flow goes into @tunnel, with a class or TQUIC_NF_CLASS_ANY;
 *	0, or an error that leaves the flow to the next rule
 * @ping: an echo request of a flow that a tunnel owns; @skb is at its IP
 *	header, @thoff bytes before that of ICMP, and its checksum is right;
 *	consumed
 * @outer: whether a connection of this host has a packet, by the connection
 *	ID in the @len bytes at @data, the beginning of its UDP payload; fills
 *	@info.  @in tells if the packet comes in or goes out
 *
 * All but @find are called under rcu_read_lock_bh() from the packet path, @find
 * also from process context under rcu_read_lock(); none sleeps.  All are
 * required.
 */
struct tquic_nf_ops {
	struct module *owner;
	u32 (*find)(struct net *net, const char *name);
	bool (*up)(struct net *net, u32 tunnel);
	struct sock *(*listener)(struct net *net, u32 tunnel, u8 family,
				 u8 protocol);
	bool (*is_outer)(const struct sock *sk);
	bool (*flow)(struct net *net, const struct tquic_nf_flow *flow,
		     struct tquic_nf_info *info);
	int (*claim)(struct net *net, const struct tquic_nf_flow *flow,
		     u32 tunnel, int class);
	void (*ping)(struct net *net, const struct tquic_nf_flow *flow,
		     struct sk_buff *skb, unsigned int thoff);
	bool (*outer)(struct net *net, const struct tquic_nf_flow *flow,
		      const u8 *data, unsigned int len, bool in,
		      struct tquic_nf_info *info);
};

extern const struct tquic_nf_ops __rcu *tquic_nf_ops;

int tquic_nf_register(const struct tquic_nf_ops *ops);
void tquic_nf_unregister(const struct tquic_nf_ops *ops);

#endif /* _TQUIC_NF_H */
