/* SPDX-License-Identifier: GPL-2.0 */
/* Which destinations are never captured, and routes to this host. */
#ifndef _TQUIC_NF_LOCAL_H
#define _TQUIC_NF_LOCAL_H

#include "tquic_nf.h"

bool tquic_nf_local_spares(struct net *net, const struct tquic_nf_flow *flow);
bool tquic_nf_local_input(const struct nft_pktinfo *pkt);
bool tquic_nf_local_loop(const struct nft_pktinfo *pkt);

#endif /* _TQUIC_NF_LOCAL_H */
