// SPDX-License-Identifier: GPL-2.0
/* struct nft_expr_ops: without reduce(), before that with. */
#include <net/netfilter/nf_tables.h>

#ifdef TQUIC_PROBE_OLD
static bool reduce(struct nft_regs_track *track, const struct nft_expr *expr)
{
	nft_reg_track_cancel(track, 0, 4);
	return false;
}

const struct nft_expr_ops tquic_probe = { .reduce = reduce };
#else
#ifdef NFT_REDUCE_READONLY
#error "there is reduce()"
#endif
const struct nft_expr_ops tquic_probe = { };
#endif
