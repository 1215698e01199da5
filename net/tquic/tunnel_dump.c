// SPDX-License-Identifier: GPL-2.0
/* What there is of tunnels, clients, forwarded ports and flows. */
#include "tunnel_priv.h"

/**
 * struct tquic_dump - a walk that goes on where it stopped
 * @skip: entries to leave out
 * @arg: of the callback
 */
struct tquic_dump {
	u32 skip;
	void *arg;
};

static bool tquic_dump_skips(struct tquic_dump *d)
{
	if (!d->skip)
		return false;
	d->skip--;
	return true;
}

/* With tunnels of @name, or all; -ENOENT when there is none of that name. */
static int tquic_dump_tunnels(struct net *net, const char *name,
			      int (*fn)(struct tquic_tunnel *tunnel,
					void *arg), void *arg)
{
	struct tquic_tun_net *tt = tquic_tun_net(net);
	int err = name ? -ENOENT : 0;
	struct tquic_tunnel *tunnel;

	mutex_lock(&tt->lock);
	list_for_each_entry(tunnel, &tt->tunnels, list) {
		if (name && strcmp(tunnel->config.name, name))
			continue;
		mutex_lock(&tunnel->lock);
		err = fn(tunnel, arg);
		mutex_unlock(&tunnel->lock);
		if (err)
			break;
	}
	mutex_unlock(&tt->lock);
	return err;
}

/**
 * struct tquic_dump_infos - a dump of tunnels
 * @d: how far
 * @fn: whom to tell
 */
struct tquic_dump_infos {
	struct tquic_dump d;
	int (*fn)(const struct tquic_tunnel_info *info, void *arg);
};

static int tquic_dump_info(struct tquic_dump_infos *di,
			   struct tquic_tunnel *tunnel,
			   const struct tquic_tun_client *client)
{
	struct tquic_tunnel_info info;

	if (tquic_dump_skips(&di->d))
		return 0;
	tquic_tun_info(tunnel, client, &info);
	return di->fn(&info, di->d.arg);
}

static int tquic_dump_tunnel(struct tquic_tunnel *tunnel, void *arg)
{
	const struct tquic_tun_client *client;
	struct tquic_dump_infos *di = arg;
	int err;

	err = tquic_dump_info(di, tunnel, NULL);
	list_for_each_entry(client, &tunnel->clients, list) {
		if (err)
			break;
		err = tquic_dump_info(di, tunnel, client);
	}
	return err;
}

int tquic_tunnel_each(struct net *net, u32 skip,
		      int (*fn)(const struct tquic_tunnel_info *info,
				void *arg), void *arg)
{
	struct tquic_dump_infos di = { { skip, arg }, fn };

	return tquic_dump_tunnels(net, NULL, tquic_dump_tunnel, &di);
}

/**
 * struct tquic_dump_forwards - a dump of ports
 * @d: how far
 * @fn: whom to tell
 */
struct tquic_dump_forwards {
	struct tquic_dump d;
	int (*fn)(const char *name, const struct tquic_tunnel_forward *fwd,
		  void *arg);
};

static int tquic_dump_forward(struct tquic_tunnel *tunnel, void *arg)
{
	const struct tquic_tun_client *client;
	struct tquic_dump_forwards *df = arg;
	const struct tquic_tun_fwd *fwd;
	int err;

	list_for_each_entry(client, &tunnel->clients, list) {
		list_for_each_entry(fwd, &client->forwards, list) {
			if (tquic_dump_skips(&df->d))
				continue;
			err = df->fn(tunnel->config.name, &fwd->config,
				     df->d.arg);
			if (err)
				return err;
		}
	}
	return 0;
}

int tquic_tunnel_each_forward(struct net *net, const char *name, u32 skip,
			      int (*fn)(const char *name,
					const struct tquic_tunnel_forward *fwd,
					void *arg), void *arg)
{
	struct tquic_dump_forwards df = { { skip, arg }, fn };

	return tquic_dump_tunnels(net, name, tquic_dump_forward, &df);
}

/**
 * struct tquic_dump_flows - a dump of flows
 * @d: how far
 * @fn: whom to tell
 */
struct tquic_dump_flows {
	struct tquic_dump d;
	int (*fn)(const struct tquic_tunnel_flow *flow, void *arg);
};

static void tquic_dump_addr(const struct tquic_nf_flow *key,
			    const union nf_inet_addr *addr,
			    struct in6_addr *out)
{
	if (key->family == NFPROTO_IPV6)
		*out = addr->in6;
	else
		ipv6_addr_set_v4mapped(addr->ip, out);
}

static int tquic_dump_flow(struct tquic_dump_flows *df,
			   const struct tquic_tun_flow *flow)
{
	struct tquic_tunnel_flow out = {
		.tunnel = flow->tunnel->id,
		.sess_id = flow->link->sess->id,
		.id = READ_ONCE(flow->id),
		.protocol = flow->key.protocol,
		.class = tquic_tun_flow_class(flow),
		.sport = ntohs(flow->key.sport),
		.dport = ntohs(flow->key.dport),
		.out_port = READ_ONCE(flow->out_port),
		.tx_bytes = READ_ONCE(flow->tx_bytes),
		.rx_bytes = READ_ONCE(flow->rx_bytes),
	};

	/* a stream of which the beginning has not come */
	if (!flow->key.family)
		return 0;
	if (tquic_dump_skips(&df->d))
		return 0;
	tquic_dump_addr(&flow->key, &flow->key.saddr, &out.src);
	tquic_dump_addr(&flow->key, &flow->key.daddr, &out.dst);
	return df->fn(&out, df->d.arg);
}

static int tquic_dump_link(struct tquic_dump_flows *df,
			   struct tquic_tun_link *link)
{
	const struct tquic_tun_flow *flow;
	int err = 0;

	if (!link)
		return 0;
	spin_lock_bh(&link->lock);
	list_for_each_entry(flow, &link->flows, list) {
		err = tquic_dump_flow(df, flow);
		if (err)
			break;
	}
	spin_unlock_bh(&link->lock);
	return err;
}

static int tquic_dump_links(struct tquic_tunnel *tunnel, void *arg)
{
	const struct tquic_tun_client *client;
	int err;

	err = tquic_dump_link(arg, rcu_dereference_protected(tunnel->link, 1));
	list_for_each_entry(client, &tunnel->clients, list) {
		if (err)
			break;
		err = tquic_dump_link(arg, client->link);
	}
	return err;
}

int tquic_tunnel_each_flow(struct net *net, const char *name, u32 skip,
			   int (*fn)(const struct tquic_tunnel_flow *flow,
				     void *arg), void *arg)
{
	struct tquic_dump_flows df = { { skip, arg }, fn };

	return tquic_dump_tunnels(net, name, tquic_dump_links, &df);
}
