/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Echo requests of LAN hosts, as flows of datagrams.
 *
 *   tunnel_ping.c       gateway: takes requests, answers them
 *   tunnel_ping_nat.c   server: identifiers of its own, and whose they are
 *   tunnel_ping_sock.c  server: raw sockets, which see all ICMP of the host
 *
 * A flow is what a host sends to another with one identifier, which stands in
 * the place of the source port; type and code are in that of the destination
 * port, as conntrack has them.  Payloads begin with the sequence number: what
 * stands before it, type, code, checksum and identifier, is made anew.
 */
#ifndef _TQUIC_TUNNEL_PING_H
#define _TQUIC_TUNNEL_PING_H

#include "tunnel_udp.h"

/* type, code, checksum, identifier */
#define TQUIC_TUN_PING_HEAD	6
/* the sequence number */
#define TQUIC_TUN_PING_MIN	2
/* flows of a client's */
#define TQUIC_TUN_PINGS		512
/* what a client may send, bytes a second, and what each counts at least */
#define TQUIC_TUN_PING_RATE	(128 << 10)
#define TQUIC_TUN_PING_LEAST	128

/**
 * struct tquic_tun_pings - what the servers of a namespace have of echo flows
 * @users: tunnels; under lock of the namespace's tunnels
 * @flows: struct tquic_tun_flow by identifier, a reference each; RCU
 * @next: where the search for the next identifier begins; lock of @flows
 * @socks: IPv4, IPv6; NULL where there is no IPv6
 */
struct tquic_tun_pings {
	u32 users;
	struct xarray flows;
	u32 next;
	struct socket *socks[2];
};

/**
 * struct tquic_tun_ping_got - ICMP that came to the host
 * @peer: who was asked
 * @id: identifier that it was asked with
 * @reply: it is the answer; otherwise an error
 * @type: of an error
 * @code: of an error
 * @mtu: of an error
 * @off: of an answer: where the sequence number is
 */
struct tquic_tun_ping_got {
	union nf_inet_addr peer;
	__be16 id;
	bool reply;
	u8 type;
	u8 code;
	u16 mtu;
	u32 off;
};

/* tunnel_ping_nat.c */
/* softirq; consumes @skb */
void tquic_tun_ping_arrived(struct tquic_tun_pings *pings, struct sk_buff *skb,
			    u8 family, const struct tquic_tun_ping_got *got);

/* tunnel_ping_sock.c */
int tquic_tun_ping_socks_open(struct tquic_tun_pings *pings, struct net *net);
void tquic_tun_ping_socks_close(struct tquic_tun_pings *pings);
int tquic_tun_ping_sock_send(struct tquic_tun_pings *pings,
			     const struct tquic_tun_flow *flow,
			     const struct tquic_dflow_pkt *pkt, u32 skip);

#endif /* _TQUIC_TUNNEL_PING_H */
