/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Mappings of a server: the socket that belongs to a source address and port
 * behind a client, whoever it talks to (RFC 4787 section 4.1), and that takes
 * what anybody sends to it (section 5).
 *
 * Lookups run under RCU; entries come and go under @link->lock.  A mapping
 * lives as long as it has users: flows, and the forward that it was made for.
 * The last one takes it out of the tables and has its socket closed by a work
 * item; the struct goes after a grace period, since the callbacks of the socket
 * may look at it, and at the link, to which it holds a reference.
 */
#ifndef _TQUIC_TUNNEL_NAT_H
#define _TQUIC_TUNNEL_NAT_H

#include "tunnel_udp.h"

/* flows of a mapping that were opened from outside, unless it is a forward's */
#define TQUIC_TUN_NAT_STRANGERS	512

/**
 * struct tquic_tun_nat_src - who has a mapping
 * @addr: address behind the client
 * @port: its port
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @pad: 0
 */
struct tquic_tun_nat_src {
	union nf_inet_addr addr;
	__be16 port;
	u8 family;
	u8 pad;
};

/**
 * struct tquic_tun_nat_out - where a mapping is
 * @port: of the server
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @pad: 0
 */
struct tquic_tun_nat_out {
	__be16 port;
	u8 family;
	u8 pad;
};

/**
 * struct tquic_tun_nat - a mapping
 * @src_node: place in @by_src of its link
 * @out_node: place in @by_out of its link
 * @src: who has it; immutable
 * @out: where it is; immutable
 * @link: a reference; immutable
 * @sock: socket
 * @forward: it is one's; under @link->lock
 * @users: flows and forwards; under @link->lock
 * @strangers: flows that were opened from outside; under @link->lock
 * @close: the last user has gone
 * @rcu: for freeing
 */
struct tquic_tun_nat {
	struct rhash_head src_node;
	struct rhash_head out_node;
	struct tquic_tun_nat_src src;
	struct tquic_tun_nat_out out;
	struct tquic_tun_link *link;
	struct socket *sock;
	bool forward;
	u32 users;
	u32 strangers;
	struct work_struct close;
	struct rcu_head rcu;
};

/**
 * struct tquic_tun_nats - mappings of a link
 * @by_src: struct tquic_tun_nat
 * @by_out: struct tquic_tun_nat
 * @flows: struct tquic_tun_flow by addresses; a reference each
 * @strangers: flows that were opened from outside; under @link->lock
 * @open: mappings whose sockets are not closed yet
 */
struct tquic_tun_nats {
	struct rhashtable by_src;
	struct rhashtable by_out;
	struct rhashtable flows;
	u32 strangers;
	atomic_t open;
};

/* tunnel_nat.c; under RCU */
struct tquic_tun_nat *tquic_tun_nat_by_out(struct tquic_tun_link *link,
					   u8 family, __be16 port);
/* the flow of a mapping and a stranger, made if need be; takes a reference */
struct tquic_tun_flow *tquic_tun_nat_flow(struct tquic_tun_nat *nat,
					  const union nf_inet_addr *addr,
					  __be16 port, u8 dscp);
/* the same, if it is there */
struct tquic_tun_flow *tquic_tun_nat_find(struct tquic_tun_nat *nat,
					  const union nf_inet_addr *addr,
					  __be16 port);

/* tunnel_nat_sock.c; process context */
int tquic_tun_nat_sock_open(struct tquic_tun_nat *nat);
/* host byte order, 0 for any; fills @nat->out */
int tquic_tun_nat_sock_bind(struct tquic_tun_nat *nat, u16 port);
void tquic_tun_nat_sock_close(struct tquic_tun_nat *nat);
int tquic_tun_nat_sock_send(struct tquic_tun_flow *flow,
			    const struct tquic_dflow_pkt *pkt, u32 skip);

/* tunnel_nat_io.c */
bool tquic_tun_nat_police(struct tquic_tun_link *link,
			  struct tquic_tun_bucket *bucket, u32 len);
/* tells the LAN host why a payload could not be sent */
void tquic_tun_nat_failed(struct tquic_tun_flow *flow, int err);
/* under RCU, any context */
void tquic_tun_nat_arrived(struct tquic_tun_nat *nat, struct sk_buff *skb,
			   const union nf_inet_addr *addr, __be16 port,
			   u8 dscp);

#endif /* _TQUIC_TUNNEL_NAT_H */
