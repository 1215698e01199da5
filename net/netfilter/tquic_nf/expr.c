// SPDX-License-Identifier: GPL-2.0
/*
 * The expression "tquic": one name, and its attributes tell whether it is a
 * key, which fills a register, or a statement, which acts on the packet.
 */
#include <linux/module.h>
#include <net/netlink.h>

#include "tquic_nf.h"

static const struct nla_policy tquic_nf_policy[NFTA_TQUIC_MAX + 1] = {
	[NFTA_TQUIC_KEY] = NLA_POLICY_MAX(NLA_BE32, NFT_TQUIC_KEY_MAX),
	[NFTA_TQUIC_DREG] = { .type = NLA_U32 },
	[NFTA_TQUIC_ACTION] = NLA_POLICY_MAX(NLA_BE32, NFT_TQUIC_ACTION_MAX),
	[NFTA_TQUIC_TUNNEL] = { .type = NLA_NUL_STRING,
				.len = NFT_TQUIC_NAME_MAX - 1 },
	[NFTA_TQUIC_CLASS] = NLA_POLICY_MAX(NLA_BE32, NFT_TQUIC_CLASS_MAX),
};

static const struct nft_expr_ops *
tquic_nf_select_ops(const struct nft_ctx *ctx, const struct nlattr * const tb[])
{
	if (!tquic_nf_family(ctx->family))
		return ERR_PTR(-EAFNOSUPPORT);
	if (tb[NFTA_TQUIC_KEY]) {
		if (!tb[NFTA_TQUIC_DREG] || tb[NFTA_TQUIC_ACTION] ||
		    tb[NFTA_TQUIC_TUNNEL] || tb[NFTA_TQUIC_CLASS])
			return ERR_PTR(-EINVAL);
		return &tquic_nf_key_ops;
	}
	if (!tb[NFTA_TQUIC_ACTION] || tb[NFTA_TQUIC_DREG])
		return ERR_PTR(-EINVAL);
	return &tquic_nf_stmt_ops;
}

struct nft_expr_type tquic_nf_expr_type __read_mostly = {
	.name = "tquic",
	.select_ops = tquic_nf_select_ops,
	.policy = tquic_nf_policy,
	.maxattr = NFTA_TQUIC_MAX,
	.owner = THIS_MODULE,
};
