/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's, plus what older ones lack. */
#ifndef _TQUIC_COMPAT_NET_ROUTE_H
#define _TQUIC_COMPAT_NET_ROUTE_H

#include_next <net/route.h>

#include "tquic_config.h"

#ifndef TQUIC_HAVE_ROUTE_INPUT_REASON
static inline enum skb_drop_reason
tquic_compat_route_input_noref(struct sk_buff *skb, __be32 dst, __be32 src,
			       dscp_t dscp, struct net_device *dev)
{
	return ip_route_input_noref(skb, dst, src, inet_dscp_to_dsfield(dscp),
				    dev) ? SKB_DROP_REASON_NOT_SPECIFIED :
					   SKB_NOT_DROPPED_YET;
}

#define ip_route_input_noref tquic_compat_route_input_noref
#endif

#endif /* _TQUIC_COMPAT_NET_ROUTE_H */
