// SPDX-License-Identifier: GPL-2.0
/* Keys: what a packet is to TQUIC, in a register; no match if it is nothing. */
#include <net/netlink.h>

#include "tquic_nf.h"

/**
 * struct tquic_nf_key - a key of a rule
 * @key: enum nft_tquic_keys
 * @dreg: register
 * @len: bytes that it fills
 */
struct tquic_nf_key {
	u8 key;
	u8 dreg;
	u8 len;
};

/* A number, if the packet has one of this kind. */
static bool tquic_nf_key_number(u8 key, bool outer,
				const struct tquic_nf_info *info, u32 *number)
{
	switch (key) {
	case NFT_TQUIC_STATE:
		*number = info->state;
		return outer;
	case NFT_TQUIC_ROLE:
		*number = outer ? NFT_TQUIC_ROLE_OUTER : NFT_TQUIC_ROLE_INNER;
		/* any datagram may look like a short header */
		return !outer || info->state != NFT_TQUIC_STATE_UNTRACKED;
	case NFT_TQUIC_CLASS:
		*number = info->class;
		return !outer;
	case NFT_TQUIC_PATH_ID:
		*number = info->path_id;
		return outer && info->path_count;
	case NFT_TQUIC_PATH_COUNT:
		*number = info->path_count;
		return info->path_count;
	}
	return false;
}

/* Whether a packet is an inner or an outer one, and whose. */
static bool tquic_nf_key_info(const struct nft_pktinfo *pkt, bool *outer,
			      struct tquic_nf_info *info)
{
	const struct tquic_nf_ops *ops = rcu_dereference(tquic_nf_ops);
	struct tquic_nf_flow flow;

	memset(info, 0, sizeof(*info));
	if (!tquic_nf_flow_get(pkt, &flow))
		return false;
	*outer = false;
	if (ops && ops->flow(nft_net(pkt), &flow, info))
		return true;
	*outer = true;
	return tquic_nf_outer(pkt, &flow, info);
}

static void tquic_nf_key_eval(const struct nft_expr *expr,
			      struct nft_regs *regs,
			      const struct nft_pktinfo *pkt)
{
	const struct tquic_nf_key *priv = nft_expr_priv(expr);
	u32 *dest = &regs->data[priv->dreg];
	struct tquic_nf_info info;
	u32 number;
	bool outer;

	if (!tquic_nf_key_info(pkt, &outer, &info))
		goto no_match;
	if (priv->key == NFT_TQUIC_TUNNEL) {
		if (!info.tunnel)
			goto no_match;
		memcpy(dest, info.name, NFT_TQUIC_NAME_MAX);
		return;
	}
	if (!tquic_nf_key_number(priv->key, outer, &info, &number))
		goto no_match;
	*dest = (__force u32)htonl(number);
	return;

no_match:
	regs->verdict.code = NFT_BREAK;
}

static int tquic_nf_key_init(const struct nft_ctx *ctx,
			     const struct nft_expr *expr,
			     const struct nlattr * const tb[])
{
	struct tquic_nf_key *priv = nft_expr_priv(expr);

	priv->key = ntohl(nla_get_be32(tb[NFTA_TQUIC_KEY]));
	priv->len = priv->key == NFT_TQUIC_TUNNEL ? NFT_TQUIC_NAME_MAX :
						    sizeof(u32);
	return nft_parse_register_store(ctx, tb[NFTA_TQUIC_DREG], &priv->dreg,
					NULL, NFT_DATA_VALUE, priv->len);
}

static int tquic_nf_key_dump(struct sk_buff *skb, const struct nft_expr *expr,
			     bool reset)
{
	const struct tquic_nf_key *priv = nft_expr_priv(expr);

	if (nla_put_be32(skb, NFTA_TQUIC_KEY, htonl(priv->key)) ||
	    nft_dump_register(skb, NFTA_TQUIC_DREG, priv->dreg))
		return -EMSGSIZE;
	return 0;
}

#ifndef TQUIC_HAVE_NFT_NO_REDUCE
/* The register has another content than before. */
static bool tquic_nf_key_reduce(struct nft_regs_track *track,
				const struct nft_expr *expr)
{
	const struct tquic_nf_key *priv = nft_expr_priv(expr);

	nft_reg_track_cancel(track, priv->dreg, priv->len);
	return false;
}
#endif

const struct nft_expr_ops tquic_nf_key_ops = {
	.type = &tquic_nf_expr_type,
	.size = NFT_EXPR_SIZE(sizeof(struct tquic_nf_key)),
	.eval = tquic_nf_key_eval,
	.init = tquic_nf_key_init,
	.dump = tquic_nf_key_dump,
#ifndef TQUIC_HAVE_NFT_NO_REDUCE
	.reduce = tquic_nf_key_reduce,
#endif
};
