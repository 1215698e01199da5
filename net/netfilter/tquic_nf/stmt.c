// SPDX-License-Identifier: GPL-2.0
/* The statement "tquic tunnel": its rule's packets go into a tunnel. */
#include <net/netlink.h>

#include "capture.h"
#include "tquic_nf.h"

/* Before the routing decision of packets that come in, after that of others. */
#define TQUIC_NF_STMT_HOOKS \
	((1 << NF_INET_PRE_ROUTING) | (1 << NF_INET_LOCAL_OUT))

static void tquic_nf_stmt_eval(const struct nft_expr *expr,
			       struct nft_regs *regs,
			       const struct nft_pktinfo *pkt)
{
	const struct tquic_nf_target *target = nft_expr_priv(expr);

	regs->verdict.code = tquic_nf_capture(pkt, target);
}

/* A name that nobody has is a mistake, unless there is nobody to ask. */
static int tquic_nf_stmt_check_name(struct net *net, const char *name)
{
	const struct tquic_nf_ops *ops;
	int err = 0;

	rcu_read_lock();
	ops = rcu_dereference(tquic_nf_ops);
	if (ops && !ops->find(net, name))
		err = -ENOENT;
	rcu_read_unlock();
	return err;
}

static int tquic_nf_stmt_init(const struct nft_ctx *ctx,
			      const struct nft_expr *expr,
			      const struct nlattr * const tb[])
{
	struct tquic_nf_target *target = nft_expr_priv(expr);
	int err;

	target->class = TQUIC_NF_CLASS_ANY;
	if (tb[NFTA_TQUIC_CLASS])
		target->class = ntohl(nla_get_be32(tb[NFTA_TQUIC_CLASS]));
	if (tb[NFTA_TQUIC_TUNNEL]) {
		nla_strscpy(target->name, tb[NFTA_TQUIC_TUNNEL],
			    sizeof(target->name));
		if (!*target->name)
			return -EINVAL;
		err = tquic_nf_stmt_check_name(ctx->net, target->name);
		if (err)
			return err;
	}
	return tquic_nf_capture_get(ctx->net, ctx->family);
}

static void tquic_nf_stmt_destroy(const struct nft_ctx *ctx,
				  const struct nft_expr *expr)
{
	tquic_nf_capture_put(ctx->net, ctx->family);
}

static int tquic_nf_stmt_dump(struct sk_buff *skb, const struct nft_expr *expr,
			      bool reset)
{
	const struct tquic_nf_target *target = nft_expr_priv(expr);

	if (nla_put_be32(skb, NFTA_TQUIC_ACTION, htonl(NFT_TQUIC_CAPTURE)))
		return -EMSGSIZE;
	if (*target->name &&
	    nla_put_string(skb, NFTA_TQUIC_TUNNEL, target->name))
		return -EMSGSIZE;
	if (target->class != TQUIC_NF_CLASS_ANY &&
	    nla_put_be32(skb, NFTA_TQUIC_CLASS, htonl(target->class)))
		return -EMSGSIZE;
	return 0;
}

static int tquic_nf_stmt_validate(const struct nft_ctx *ctx,
				  const struct nft_expr *expr)
{
	return nft_chain_validate_hooks(ctx->chain, TQUIC_NF_STMT_HOOKS);
}

#ifndef TQUIC_HAVE_NFT_NO_REDUCE
static bool tquic_nf_stmt_reduce(struct nft_regs_track *track,
				 const struct nft_expr *expr)
{
	return false;
}
#endif

const struct nft_expr_ops tquic_nf_stmt_ops = {
	.type = &tquic_nf_expr_type,
	.size = NFT_EXPR_SIZE(sizeof(struct tquic_nf_target)),
	.eval = tquic_nf_stmt_eval,
	.init = tquic_nf_stmt_init,
	.destroy = tquic_nf_stmt_destroy,
	.dump = tquic_nf_stmt_dump,
	.validate = tquic_nf_stmt_validate,
#ifndef TQUIC_HAVE_NFT_NO_REDUCE
	.reduce = tquic_nf_stmt_reduce,
#endif
};
