/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parts of tquic_nf.ko.
 *
 *   main.c     loads and unloads
 *   expr.c     the expression: a key or a statement, by its attributes
 *   key.c      "tquic state" and the like
 *   stmt.c     "tquic tunnel"
 *   outer.c    what an outer packet tells
 *   capture.c  gives a packet to the tunnel's socket
 */
#ifndef _TQUIC_NF_TQUIC_NF_H
#define _TQUIC_NF_TQUIC_NF_H

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_tquic.h>
#include <net/netfilter/nf_tables.h>

#include "../../tquic/nf.h"

extern const struct nft_expr_ops tquic_nf_key_ops;
extern const struct nft_expr_ops tquic_nf_stmt_ops;
extern struct nft_expr_type tquic_nf_expr_type;

/* The families which the expression is for; netdev and bridge have no socket */
static inline bool tquic_nf_family(u8 family)
{
	return family == NFPROTO_IPV4 || family == NFPROTO_IPV6 ||
	       family == NFPROTO_INET;
}

bool tquic_nf_flow_get(const struct nft_pktinfo *pkt,
		       struct tquic_nf_flow *flow);
bool tquic_nf_outer(const struct nft_pktinfo *pkt,
		    const struct tquic_nf_flow *flow,
		    struct tquic_nf_info *info);

#endif /* _TQUIC_NF_TQUIC_NF_H */
