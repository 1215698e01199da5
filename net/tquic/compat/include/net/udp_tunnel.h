/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TQUIC_COMPAT_NET_UDP_TUNNEL_H
#define _TQUIC_COMPAT_NET_UDP_TUNNEL_H

#include_next <net/udp_tunnel.h>
#include "tquic_config.h"

#ifndef TQUIC_HAVE_UDP_TUNNEL_XMIT
/* there were no flags for the IP control block */
static inline void
tquic_udp_tunnel_xmit_skb(struct rtable *rt, struct sock *sk,
			  struct sk_buff *skb, __be32 src, __be32 dst, __u8 tos,
			  __u8 ttl, __be16 df, __be16 src_port, __be16 dst_port,
			  bool xnet, bool nocheck, u16 ipcb_flags)
{
	udp_tunnel_xmit_skb(rt, sk, skb, src, dst, tos, ttl, df, src_port,
			    dst_port, xnet, nocheck);
}

#define udp_tunnel_xmit_skb	tquic_udp_tunnel_xmit_skb
#endif

#ifndef TQUIC_HAVE_UDP_TUNNEL_SOCK
/* it took the socket above the sock */
static inline void
tquic_setup_udp_tunnel_sock(struct net *net, struct sock *sk,
			    struct udp_tunnel_sock_cfg *cfg)
{
	setup_udp_tunnel_sock(net, sk->sk_socket, cfg);
}

#define setup_udp_tunnel_sock	tquic_setup_udp_tunnel_sock
#endif

#endif /* _TQUIC_COMPAT_NET_UDP_TUNNEL_H */
