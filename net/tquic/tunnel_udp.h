/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UDP flows of a tunnel, between the files that deal with them.
 *
 *   tunnel_udp.c      datagrams into the session; a link's work
 *   tunnel_udp_rx.c   payloads of the peer: what they are
 *   tunnel_udp_end.c  ends: idle, told by the peer, or with the link
 *   tunnel_nat.c      server: mappings: a socket for each source address
 *   tunnel_nat_io.c   server: what goes through these sockets, and hairpins
 *   tunnel_emit.c     gateway: datagrams to LAN hosts
 *   tunnel_icmp.c     gateway: ICMP errors to LAN hosts
 *
 * A flow and its flow of datagrams (struct tquic_dflow) refer to each other,
 * under the session's lock; the latter's reference is counted.  A flow of
 * datagrams without a flow is one that the peer has just begun, or one whose
 * number we have told the peer not to know, or could not use; the sweep closes
 * it.  Numbers are never used again, so who hears that a number is not known
 * opens the flow under a new one.
 */
#ifndef _TQUIC_TUNNEL_UDP_H
#define _TQUIC_TUNNEL_UDP_H

#include "mib.h"
#include "net.h"
#include "tunnel_priv.h"

/* in front of a payload: kind and Destination */
#define TQUIC_TUN_UDP_HEAD	(1 + TQUIC_DEST_MAX)
/* ICMP type, code and MTU */
#define TQUIC_TUN_UDP_ICMP	4
/* UDP payload, in either family */
#define TQUIC_TUN_UDP_MAX	(65535 - (int)sizeof(struct udphdr))
/* datagrams that one turn of a link's work takes, each way */
#define TQUIC_TUN_UDP_OUT	256
#define TQUIC_TUN_UDP_IN	64
/* memory of datagrams that wait for a link's work */
#define TQUIC_TUN_UDP_BYTES	(8 << 20)
/* numbers that were answered and not closed yet */
#define TQUIC_TUN_UDP_TOLD	256
/* how often flows of a link are looked at, ns */
#define TQUIC_TUN_UDP_SWEEP	(5 * NSEC_PER_SEC)
/* flows that one look ends */
#define TQUIC_TUN_UDP_ENDS	64

/**
 * struct tquic_tun_udp_got - a payload on its way from the session to a socket
 * @pkt: payload; freed under the session's lock
 * @flow: its flow, a reference
 */
struct tquic_tun_udp_got {
	struct tquic_dflow_pkt *pkt;
	struct tquic_tun_flow *flow;
};

static inline bool tquic_tun_opens(u8 kind)
{
	return kind == TQUIC_DEST_OPEN || kind == TQUIC_DEST_PING;
}

#define TQUIC_TUN_INC(tunnel, name) \
	TQUIC_MIB_INC(tquic_net((tunnel)->net), name)

/* tunnel_udp.c */
void tquic_tun_udp_key(const struct sk_buff *skb, struct tquic_nf_flow *key);
u8 tquic_tun_udp_dscp(const struct sk_buff *skb);
/* what is left of a packet at its payload is that */
void tquic_tun_udp_strip(struct sk_buff *skb);
/* a claimed flow has its link; @skb is its first, at its IP header */
bool tquic_tun_udp_attach(struct tquic_tun_flow *flow,
			  const struct sk_buff *skb);
/* takes a reference */
struct tquic_tun_flow *tquic_tun_udp_get(struct tquic_tun_flow *flow);
void tquic_tun_udp_join(struct tquic_tun_flow *flow, struct tquic_dflow *dflow);
unsigned int tquic_tun_udp_class(const struct tquic_tun_flow *flow);
/* a payload without data of a LAN host's; the session's lock is held */
int tquic_tun_udp_tell(struct tquic_tun_link *link, struct tquic_dflow *dflow,
		       const u8 *data, u32 len, u64 now);
/* becomes a payload of kind 3; any context */
void tquic_tun_udp_give_icmp(struct tquic_tun_flow *flow, u8 type, u8 code,
			     u32 mtu);

/* tunnel_udp_rx.c */
/*
 * The session's lock is held.  Return: the flow, with a reference, if the
 * payload is to be delivered.
 */
struct tquic_tun_flow *tquic_tun_udp_receive(struct tquic_tun_link *link,
					     struct tquic_dflow_pkt *pkt,
					     u64 now);
/* no lock is held; takes over the reference */
void tquic_tun_udp_deliver(const struct tquic_tun_udp_got *got);
/* bytes of a payload, from @skip on, into memory; -EFAULT */
int tquic_tun_udp_copy(const struct tquic_dflow_pkt *pkt, u32 skip, void *to);

/* tunnel_udp_end.c */
/* the flow of a flow of datagrams, or NULL; the session's lock is held */
struct tquic_tun_flow *tquic_tun_udp_flow(const struct tquic_dflow *dflow);
/* they do not belong together any more; the session's lock is held */
void tquic_tun_udp_part(struct tquic_tun_flow *flow, bool tell, u64 now);
/* tells the peer that a number is of no use; the session's lock is held */
void tquic_tun_udp_bye(struct tquic_tun_link *link, struct tquic_dflow *dflow,
		       const u8 *data, u32 len, u64 now);
/* link's work, no lock is held: idle flows, and what peers left behind */
void tquic_tun_udp_sweep(struct tquic_tun_link *link);

#endif /* _TQUIC_TUNNEL_UDP_H */
