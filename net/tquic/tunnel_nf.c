// SPDX-License-Identifier: GPL-2.0
/* What the firewall asks of the tunnels. */
#include <linux/xarray.h>

#include "core/inv.h"
#include "sess_priv.h"
#include "tunnel_priv.h"
#include "udp.h"

static struct tquic_tunnel *tquic_tun_nf_tunnel(struct net *net, u32 id)
{
	return xa_load(&tquic_tun_net(net)->by_id, id);
}

static bool tquic_tun_nf_named(const struct tquic_tunnel *tunnel,
			       const char *name)
{
	return !tunnel->config.server &&
	       (!name || !strcmp(tunnel->config.name, name));
}

static u32 tquic_tun_nf_find(struct net *net, const char *name)
{
	struct tquic_tun_net *tt = tquic_tun_net(net);
	struct tquic_tunnel *tunnel;
	unsigned long id;

	/* there are few of them, TQUIC_TUNNEL_MAX at most */
	xa_for_each(&tt->by_id, id, tunnel)
		if (tquic_tun_nf_named(tunnel, name))
			return id;
	return 0;
}

static bool tquic_tun_nf_up(struct net *net, u32 id)
{
	struct tquic_tunnel *tunnel = tquic_tun_nf_tunnel(net, id);

	return tunnel && READ_ONCE(tunnel->state) == TQUIC_TUNNEL_UP;
}

static struct sock *tquic_tun_nf_listener(struct net *net, u32 id, u8 family,
					  u8 protocol)
{
	struct tquic_tun_net *tt = tquic_tun_net(net);
	unsigned int kind = family == NFPROTO_IPV6 ? TQUIC_TUN_TCP6 :
						     TQUIC_TUN_TCP4;

	if (protocol == IPPROTO_UDP)
		kind++;
	return rcu_dereference(tt->sks[kind]);
}

static_assert(TQUIC_TUN_UDP4 - TQUIC_TUN_TCP4 == 1);
static_assert(TQUIC_TUN_UDP6 - TQUIC_TUN_TCP6 == 1);

static bool tquic_tun_nf_is_outer(const struct sock *sk)
{
	return sk_fullsock(sk) && sk->sk_protocol == IPPROTO_UDP &&
	       (tquic_udp_is_outer(sk) || tquic_xmit_is_outer(sk));
}

/* Paths that carry data; a snapshot without the session's lock. */
static u32 tquic_tun_nf_paths(const struct tquic_sess *sess)
{
	return READ_ONCE(sess->core->npaths);
}

static bool tquic_tun_nf_flow(struct net *net, const struct tquic_nf_flow *key,
			      struct tquic_nf_info *info)
{
	const struct tquic_tun_flow *flow;
	const struct tquic_tun_link *link;

	flow = tquic_tun_flow_find(tquic_tun_net(net), key);
	if (!flow)
		return false;
	/* pairs with tquic_tun_link_take() */
	link = smp_load_acquire(&flow->link);
	info->tunnel = flow->tunnel->id;
	info->class = tquic_tun_flow_class(flow);
	info->path_count = link ? tquic_tun_nf_paths(link->sess) : 0;
	strscpy_pad(info->name, flow->tunnel->config.name);
	return true;
}

static int tquic_tun_nf_claim(struct net *net, const struct tquic_nf_flow *key,
			      u32 id, int class)
{
	struct tquic_tunnel *tunnel = tquic_tun_nf_tunnel(net, id);

	return tunnel ? tquic_tun_flow_claim(tunnel, key, class) : -ENOENT;
}

/* The tunnel of a session, if it is a gateway's or a server's. */
static void tquic_tun_nf_describe(struct tquic_sess *sess,
				  struct tquic_nf_info *info)
{
	const struct tquic_tun_link *link;

	info->path_count = tquic_tun_nf_paths(sess);
	if (READ_ONCE(sess->ops) != &tquic_tun_sess_ops)
		return;
	link = READ_ONCE(sess->owner);
	if (!link)
		return;
	info->tunnel = link->tunnel->id;
	strscpy_pad(info->name, link->tunnel->config.name);
}

static void tquic_tun_nf_addr(const struct tquic_nf_flow *key,
			      const union nf_inet_addr *addr, u8 *out)
{
	if (key->family == NFPROTO_IPV6)
		memcpy(out, &addr->in6, 16);
	else
		ipv6_addr_set_v4mapped(addr->ip, (struct in6_addr *)out);
}

/**
 * struct tquic_tun_nf_seen - a walk over the sessions between two addresses
 * @info: what to fill in
 * @found: there was one
 */
struct tquic_tun_nf_seen {
	struct tquic_nf_info *info;
	bool found;
};

static void tquic_tun_nf_saw(struct tquic_sess *sess, void *arg)
{
	struct tquic_tun_nf_seen *seen = arg;

	tquic_tun_nf_describe(sess, seen->info);
	seen->found = true;
}

/* What goes out has a connection ID of the peer's: go by addresses. */
static bool tquic_tun_nf_out(struct tquic_net *tn,
			     const struct tquic_nf_flow *key,
			     struct tquic_nf_info *info)
{
	struct tquic_tun_nf_seen seen = { .info = info };
	struct tquic_tuple tuple = {
		.local_port = ntohs(key->sport),
		.remote_port = ntohs(key->dport),
	};

	tquic_tun_nf_addr(key, &key->saddr, tuple.local);
	tquic_tun_nf_addr(key, &key->daddr, tuple.remote);
	tquic_peer_each(tn, &tuple, tquic_tun_nf_saw, &seen);
	return seen.found;
}

static bool tquic_tun_nf_in(struct tquic_net *tn, const u8 *data,
			    unsigned int len, struct tquic_nf_info *info)
{
	struct tquic_demux_cid *cid;
	struct tquic_sess *sess;
	struct tquic_inv inv;

	if (!tquic_inv_parse(data, len, TQUIC_CID_LEN, &inv))
		return false;
	sess = tquic_demux_find(&tn->demux, inv.dcid, inv.dcid_len, &cid);
	if (!sess)
		return false;
	info->path_id = cid->local.path_id;
	tquic_tun_nf_describe(sess, info);
	tquic_sess_put(sess);
	return true;
}

static bool tquic_tun_nf_outer(struct net *net,
			       const struct tquic_nf_flow *key,
			       const u8 *data, unsigned int len, bool in,
			       struct tquic_nf_info *info)
{
	struct tquic_net *tn = tquic_net(net);

	/* a long header tells more by itself */
	if (!len || data[0] & 0x80)
		return false;
	info->state = NFT_TQUIC_STATE_ESTABLISHED;
	return in ? tquic_tun_nf_in(tn, data, len, info) :
		    tquic_tun_nf_out(tn, key, info);
}

const struct tquic_nf_ops tquic_tun_nf_ops = {
	.owner = THIS_MODULE,
	.find = tquic_tun_nf_find,
	.up = tquic_tun_nf_up,
	.listener = tquic_tun_nf_listener,
	.is_outer = tquic_tun_nf_is_outer,
	.flow = tquic_tun_nf_flow,
	.claim = tquic_tun_nf_claim,
	.ping = tquic_tun_ping_captured,
	.outer = tquic_tun_nf_outer,
};
