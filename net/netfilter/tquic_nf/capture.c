// SPDX-License-Identifier: GPL-2.0
/*
 * Capture: the packets of a flow are given to the tunnel's transparent socket,
 * and delivered to this host.
 *
 * The verdict is per flow: one that the tunnel owns stays captured, also while
 * all uplinks are gone; a new one is taken only while the session is up, and
 * otherwise goes to the next rule.  The first packet of a TCP flow is a SYN:
 * what has begun elsewhere is left there.
 *
 * A packet that comes in gets socket and route where the rule stands.  One of
 * this host's own gets a route by which it comes back over the loopback device,
 * which takes its socket away; the hook below gives it the tunnel's, when it
 * comes in there.
 *
 * There is no socket that would get an echo request before this host answers
 * it: the tunnel takes these away where the rule stands.
 */
#include <linux/module.h>
#include <linux/netfilter_bridge.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/netfilter/ipv4/nf_defrag_ipv4.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>
#include <net/dst_metadata.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_tables_ipv4.h>
#include <net/netfilter/nf_tables_ipv6.h>
#include <net/netfilter/nf_tproxy.h>
#include <net/netns/generic.h>

#include "capture.h"
#include "local.h"

/**
 * struct tquic_nf_net - a namespace
 * @rules: rules with the statement; protected by tquic_nf_capture_lock, because
 *	nf_tables destroys rules outside its own mutex
 */
struct tquic_nf_net {
	unsigned int rules;
};

static unsigned int tquic_nf_net_id;
/* inside nf_tables' commit mutex, outside that of the hooks */
static DEFINE_MUTEX(tquic_nf_capture_lock);

/* The established or closing socket of a TCP flow, if it is transparent. */
static struct sock *tquic_nf_capture_tcp(struct net *net, struct sk_buff *skb,
					 unsigned int thoff,
					 const struct tquic_nf_flow *flow,
					 const struct net_device *in)
{
	struct sock *sk;

	if (flow->family == NFPROTO_IPV4)
		sk = nf_tproxy_get_sock_v4(net, skb, IPPROTO_TCP,
					   flow->saddr.ip, flow->daddr.ip,
					   flow->sport, flow->dport, in,
					   NF_TPROXY_LOOKUP_ESTABLISHED);
	else
		sk = nf_tproxy_get_sock_v6(net, skb, thoff, IPPROTO_TCP,
					   &flow->saddr.in6, &flow->daddr.in6,
					   flow->sport, flow->dport, in,
					   NF_TPROXY_LOOKUP_ESTABLISHED);
	if (!sk || !nf_tproxy_sk_is_transparent(sk))
		return NULL;
	return sk;
}

/* Takes a reference, as skb->sk needs one. */
static struct sock *tquic_nf_capture_listener(const struct tquic_nf_ops *ops,
					      struct net *net, u32 tunnel,
					      const struct tquic_nf_flow *flow)
{
	struct sock *sk;

	sk = ops->listener(net, tunnel, flow->family, flow->protocol);
	if (!sk || !inet_sk_transparent(sk) ||
	    !refcount_inc_not_zero(&sk->sk_refcnt))
		return NULL;
	return sk;
}

/* A flow begins with this packet. */
static bool tquic_nf_capture_begins(const struct sk_buff *skb,
				    unsigned int thoff,
				    const struct tquic_nf_flow *flow)
{
	struct tcphdr _th, *th;

	if (flow->protocol != IPPROTO_TCP)
		return true;
	th = skb_header_pointer(skb, thoff, sizeof(_th), &_th);
	return th && th->syn && !th->ack && !th->rst && !th->fin;
}

/* The tunnel that takes a new flow, 0 for none. */
static u32 tquic_nf_capture_claim(const struct tquic_nf_ops *ops,
				  struct net *net,
				  const struct tquic_nf_flow *flow,
				  const struct tquic_nf_target *target)
{
	u32 tunnel = ops->find(net, *target->name ? target->name : NULL);

	if (!tunnel || !ops->up(net, tunnel) ||
	    ops->claim(net, flow, tunnel, target->class))
		return 0;
	return tunnel;
}

/*
 * The socket of a packet, with a reference.  @target is NULL where only flows
 * are wanted that have been claimed.
 */
static struct sock *tquic_nf_capture_sock(const struct tquic_nf_ops *ops,
					  struct net *net, struct sk_buff *skb,
					  unsigned int thoff,
					  const struct tquic_nf_flow *flow,
					  const struct net_device *in,
					  const struct tquic_nf_target *target)
{
	bool begins = tquic_nf_capture_begins(skb, thoff, flow);
	struct tquic_nf_info info = {};
	struct sock *sk;

	if (flow->protocol == IPPROTO_TCP) {
		sk = tquic_nf_capture_tcp(net, skb, thoff, flow, in);
		if (sk && (sk->sk_state != TCP_TIME_WAIT || !begins))
			return sk;
		/* the ports are used again */
		if (sk)
			nf_tproxy_twsk_deschedule_put(inet_twsk(sk));
		if (!begins)
			return NULL;
	}
	if (!ops->flow(net, flow, &info)) {
		if (!target)
			return NULL;
		info.tunnel = tquic_nf_capture_claim(ops, net, flow, target);
	}
	if (!info.tunnel)
		return NULL;
	return tquic_nf_capture_listener(ops, net, info.tunnel, flow);
}

static bool tquic_nf_capture_input(const struct tquic_nf_ops *ops,
				   const struct nft_pktinfo *pkt,
				   const struct tquic_nf_flow *flow,
				   const struct tquic_nf_target *target)
{
	struct sk_buff *skb = pkt->skb;
	struct sock *sk;

	/* On a bridge: it is received once more, and loses its socket there. */
	if (nf_bridge_in_prerouting(skb))
		return false;
	/* One of this host's own has been seen on its way out. */
	if (nft_in(pkt)->flags & IFF_LOOPBACK)
		return false;
	sk = tquic_nf_capture_sock(ops, nft_net(pkt), skb, nft_thoff(pkt),
				   flow, nft_in(pkt), target);
	if (!sk)
		return false;
	if (!tquic_nf_local_input(pkt)) {
		sock_gen_put(sk);
		return false;
	}
	nf_tproxy_assign_sock(skb, sk);
	return true;
}

static bool tquic_nf_capture_output(const struct tquic_nf_ops *ops,
				    const struct nft_pktinfo *pkt,
				    const struct tquic_nf_flow *flow,
				    const struct tquic_nf_target *target)
{
	const struct sock *sk = skb_to_full_sk(pkt->skb);
	struct tquic_nf_info info = {};
	struct net *net = nft_net(pkt);

	/* The engine's own, and the tunnel's answers. */
	if (sk && (ops->is_outer(sk) || inet_test_bit(TRANSPARENT, sk)))
		return false;
	if (!ops->flow(net, flow, &info) &&
	    (!tquic_nf_capture_begins(pkt->skb, nft_thoff(pkt), flow) ||
	     !tquic_nf_capture_claim(ops, net, flow, target)))
		return false;
	return tquic_nf_local_loop(pkt);
}

/*
 * The packet does not get as far as the hook that has conntrack keep what it
 * knows of it, by which the answer is one.
 */
static void tquic_nf_capture_confirm(struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_NF_CONNTRACK)
	const struct nf_ct_hook *hook = rcu_dereference(nf_ct_hook);
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (hook && ct && !nf_ct_is_confirmed(ct))
		hook->confirm(skb);
#endif
}

/* Return: whether the packet is the tunnel's now, and gone. */
static bool tquic_nf_capture_ping(const struct tquic_nf_ops *ops,
				  const struct nft_pktinfo *pkt,
				  const struct tquic_nf_flow *flow,
				  const struct tquic_nf_target *target)
{
	bool out = nft_hook(pkt) == NF_INET_LOCAL_OUT;
	struct tquic_nf_info info = {};
	struct sk_buff *skb = pkt->skb;
	struct net *net = nft_net(pkt);

	if (!out && (nf_bridge_in_prerouting(skb) ||
		     nft_in(pkt)->flags & IFF_LOOPBACK))
		return false;
	/* another checksum is made at the far end */
	if (nf_checksum(skb, nft_hook(pkt), nft_thoff(pkt), flow->protocol,
			flow->family))
		return false;
	if (!ops->flow(net, flow, &info) &&
	    !tquic_nf_capture_claim(ops, net, flow, target))
		return false;
	if (!out && !tquic_nf_local_input(pkt))
		return false;
	tquic_nf_capture_confirm(skb);
	ops->ping(net, flow, skb, nft_thoff(pkt));
	return true;
}

/**
 * tquic_nf_capture - give a packet to a tunnel
 * @pkt: packet
 * @target: where to
 *
 * Context: packet path, under RCU.
 * Return: verdict: NFT_CONTINUE when it is captured; NF_STOLEN when it is, and
 * gone; NFT_BREAK if it is not for a tunnel: the packet is as before, except
 * that it may have lost a route.
 */
u32 tquic_nf_capture(const struct nft_pktinfo *pkt,
		     const struct tquic_nf_target *target)
{
	const struct tquic_nf_ops *ops = rcu_dereference(tquic_nf_ops);
	struct tquic_nf_flow flow;
	bool ok;

	if (!ops || !tquic_nf_flow_get(pkt, &flow) ||
	    tquic_nf_local_spares(nft_net(pkt), &flow))
		return NFT_BREAK;
	if (tquic_nf_flow_is_ping(&flow))
		return tquic_nf_capture_ping(ops, pkt, &flow, target) ?
		       NF_STOLEN : NFT_BREAK;
	if (nft_hook(pkt) == NF_INET_LOCAL_OUT)
		ok = tquic_nf_capture_output(ops, pkt, &flow, target);
	else
		ok = tquic_nf_capture_input(ops, pkt, &flow, target);
	return ok ? NFT_CONTINUE : NFT_BREAK;
}

/* A packet has come in by the loopback device, with a route. */
static unsigned int tquic_nf_capture_hook(void *priv, struct sk_buff *skb,
					  const struct nf_hook_state *state)
{
	const struct tquic_nf_ops *ops = rcu_dereference(tquic_nf_ops);
	struct nft_pktinfo pkt = {};
	struct tquic_nf_flow flow;
	struct sock *sk;

	if (!ops || !(state->in->flags & IFF_LOOPBACK) || !skb_valid_dst(skb))
		return NF_ACCEPT;
	nft_set_pktinfo(&pkt, skb, state);
	if (state->pf == NFPROTO_IPV4)
		nft_set_pktinfo_ipv4(&pkt);
	else
		nft_set_pktinfo_ipv6(&pkt);
	if (!tquic_nf_flow_get(&pkt, &flow) || tquic_nf_flow_is_ping(&flow) ||
	    tquic_nf_local_spares(state->net, &flow))
		return NF_ACCEPT;
	sk = tquic_nf_capture_sock(ops, state->net, skb, nft_thoff(&pkt),
				   &flow, state->in, NULL);
	if (sk)
		nf_tproxy_assign_sock(skb, sk);
	return NF_ACCEPT;
}

static const struct nf_hook_ops tquic_nf_capture_hooks[] = {
	{
		.hook = tquic_nf_capture_hook,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_MANGLE,
	},
#if IS_ENABLED(CONFIG_IPV6)
	{
		.hook = tquic_nf_capture_hook,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP6_PRI_MANGLE,
	},
#endif
};

static void tquic_nf_capture_undefrag(struct net *net, u8 family)
{
	if (family != NFPROTO_IPV6)
		nf_defrag_ipv4_disable(net);
#if IS_ENABLED(CONFIG_IPV6)
	if (family != NFPROTO_IPV4)
		nf_defrag_ipv6_disable(net);
#endif
}

static int tquic_nf_capture_defrag(struct net *net, u8 family)
{
	int err = 0;

	if (family != NFPROTO_IPV6)
		err = nf_defrag_ipv4_enable(net);
#if IS_ENABLED(CONFIG_IPV6)
	if (!err && family != NFPROTO_IPV4) {
		err = nf_defrag_ipv6_enable(net);
		if (err && family == NFPROTO_INET)
			nf_defrag_ipv4_disable(net);
	}
#endif
	return err;
}

/**
 * tquic_nf_capture_get - a rule with the statement appears
 * @net: namespace
 * @family: of its table
 *
 * Context: process; may sleep.
 * Return: 0 or an error.
 */
int tquic_nf_capture_get(struct net *net, u8 family)
{
	struct tquic_nf_net *tn = net_generic(net, tquic_nf_net_id);
	int err;

	err = tquic_nf_capture_defrag(net, family);
	if (err)
		return err;
	mutex_lock(&tquic_nf_capture_lock);
	if (!tn->rules)
		err = nf_register_net_hooks(net, tquic_nf_capture_hooks,
					    ARRAY_SIZE(tquic_nf_capture_hooks));
	if (!err)
		tn->rules++;
	mutex_unlock(&tquic_nf_capture_lock);
	if (err)
		tquic_nf_capture_undefrag(net, family);
	return err;
}

/**
 * tquic_nf_capture_put - a rule with the statement is gone
 * @net: namespace
 * @family: of its table
 *
 * Context: process; may sleep.
 */
void tquic_nf_capture_put(struct net *net, u8 family)
{
	struct tquic_nf_net *tn = net_generic(net, tquic_nf_net_id);

	mutex_lock(&tquic_nf_capture_lock);
	if (!--tn->rules)
		nf_unregister_net_hooks(net, tquic_nf_capture_hooks,
					ARRAY_SIZE(tquic_nf_capture_hooks));
	mutex_unlock(&tquic_nf_capture_lock);
	tquic_nf_capture_undefrag(net, family);
}

/* nf_tables takes its rules down later than this is, but before it is freed. */
static struct pernet_operations tquic_nf_net_ops = {
	.id = &tquic_nf_net_id,
	.size = sizeof(struct tquic_nf_net),
};

int __init tquic_nf_capture_init(void)
{
	return register_pernet_subsys(&tquic_nf_net_ops);
}

void tquic_nf_capture_exit(void)
{
	unregister_pernet_subsys(&tquic_nf_net_ops);
}
