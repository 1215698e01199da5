// SPDX-License-Identifier: GPL-2.0
/* UDP flows: none are taken yet, and no socket for them is opened. */
#include "tunnel_priv.h"

int tquic_tun_udp_captured(struct sock *sk, struct sk_buff *skb)
{
	kfree_skb(skb);
	return 0;
}

bool tquic_tun_udp_run(struct tquic_tun_link *link)
{
	return false;
}

void tquic_tun_udp_end(struct tquic_tun_flow *flow, bool tell)
{
}

bool tquic_tun_udp_idle(const struct tquic_tun_flow *flow)
{
	return false;
}

void tquic_tun_nat_link_end(struct tquic_tun_link *link)
{
}
