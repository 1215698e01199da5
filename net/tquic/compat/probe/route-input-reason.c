// SPDX-License-Identifier: GPL-2.0
/* ip_route_input_noref(): takes a dscp_t, tells a reason; before, TOS, error */
#include <net/route.h>

#ifdef TQUIC_PROBE_OLD
int (*tquic_probe)(struct sk_buff *skb, __be32 dst, __be32 src, u8 tos,
		   struct net_device *dev) = ip_route_input_noref;
#else
enum skb_drop_reason (*tquic_probe)(struct sk_buff *skb, __be32 dst,
				    __be32 src, dscp_t dscp,
				    struct net_device *dev) =
	ip_route_input_noref;
#endif
