// SPDX-License-Identifier: GPL-2.0
/* udp_tunnel_xmit_skb(): with flags for IPCB, before that without. */
#include <net/udp_tunnel.h>

void tquic_probe(struct rtable *rt, struct sk_buff *skb);
void tquic_probe(struct rtable *rt, struct sk_buff *skb)
{
#ifdef TQUIC_PROBE_OLD
	udp_tunnel_xmit_skb(rt, NULL, skb, 0, 0, 0, 0, 0, 0, 0, false, false);
#else
	udp_tunnel_xmit_skb(rt, NULL, skb, 0, 0, 0, 0, 0, 0, 0, false, false,
			    0);
#endif
}
