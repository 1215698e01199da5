// SPDX-License-Identifier: GPL-2.0
/* Clients of a server's tunnel, and ports that lead into their LANs. */
#include <linux/ktime.h>
#include <net/ipv6.h>
#include <net/sock.h>

#include "netlink.h"
#include "tunnel.h"

static const char *tquic_netlink_identity(struct genl_info *info, int attr)
{
	struct nlattr *a = info->attrs[attr];

	if (!a)
		return ERR_PTR(tquic_netlink_missing(info, attr,
						     "identity of the client"));
	if (*(char *)nla_data(a))
		return nla_data(a);
	NL_SET_ERR_MSG_ATTR(info->extack, a, "an identity is not empty");
	return ERR_PTR(-EINVAL);
}

/* Both ends of a range, or neither. */
static int tquic_netlink_ports(struct genl_info *info,
			       struct tquic_tunnel_client *client)
{
	struct nlattr *first = info->attrs[TQUIC_A_CLIENT_PORT_FIRST];
	struct nlattr *last = info->attrs[TQUIC_A_CLIENT_PORT_LAST];

	if (!first && !last)
		return 0;
	if (!first)
		return tquic_netlink_missing(info, TQUIC_A_CLIENT_PORT_FIRST,
					     "first port of the range");
	if (!last)
		return tquic_netlink_missing(info, TQUIC_A_CLIENT_PORT_LAST,
					     "last port of the range");
	client->port_first = nla_get_u16(first);
	client->port_last = nla_get_u16(last);
	if (client->port_first <= client->port_last)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, last,
			    "the last port comes before the first");
	return -EINVAL;
}

int tquic_nl_client_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *inside = info->attrs[TQUIC_A_CLIENT_INSIDE];
	struct nlattr *rate = info->attrs[TQUIC_A_CLIENT_RATE];
	struct tquic_tunnel_client client = {};
	const char *name, *identity;
	int err;

	name = tquic_netlink_tunnel(info, TQUIC_A_CLIENT_TUNNEL);
	if (IS_ERR(name))
		return PTR_ERR(name);
	identity = tquic_netlink_identity(info, TQUIC_A_CLIENT_IDENTITY);
	if (IS_ERR(identity))
		return PTR_ERR(identity);
	strscpy(client.identity, identity);
	err = tquic_netlink_ports(info, &client);
	if (err)
		return err;
	if (rate)
		client.rate = nla_get_uint(rate);
	if (inside)
		client.inside = nla_get_u8(inside);
	return tquic_tunnel_set_client(genl_info_net(info), name, &client,
				       info->extack);
}

int tquic_nl_client_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	const char *name, *identity;

	name = tquic_netlink_tunnel(info, TQUIC_A_CLIENT_TUNNEL);
	if (IS_ERR(name))
		return PTR_ERR(name);
	identity = tquic_netlink_identity(info, TQUIC_A_CLIENT_IDENTITY);
	if (IS_ERR(identity))
		return PTR_ERR(identity);
	return tquic_tunnel_del_client(genl_info_net(info), name, identity,
				       info->extack);
}

static int tquic_netlink_put_client_status(struct sk_buff *msg,
					   const struct tquic_tunnel_info *i)
{
	if (nla_put_u32(msg, TQUIC_A_CLIENT_STATUS, i->state) ||
	    (i->sess_id && nla_put_u32(msg, TQUIC_A_CLIENT_CONN_ID,
				       i->sess_id)) ||
	    (i->up_since &&
	     nla_put_uint(msg, TQUIC_A_CLIENT_UP_MS,
			  div_u64(ktime_get_ns() - i->up_since,
				  NSEC_PER_MSEC))) ||
	    (i->err && nla_put_u32(msg, TQUIC_A_CLIENT_ERROR, -i->err)) ||
	    nla_put_u32(msg, TQUIC_A_CLIENT_TCP_FLOWS, i->tcp_flows) ||
	    nla_put_u32(msg, TQUIC_A_CLIENT_UDP_FLOWS, i->udp_flows) ||
	    nla_put_uint(msg, TQUIC_A_CLIENT_REFUSED, i->refused) ||
	    nla_put_uint(msg, TQUIC_A_CLIENT_SENT_BYTES, i->tx_bytes) ||
	    nla_put_uint(msg, TQUIC_A_CLIENT_RECEIVED_BYTES, i->rx_bytes))
		return -EMSGSIZE;
	return 0;
}

/**
 * tquic_netlink_put_client - write the attributes of a client
 * @msg: message
 * @i: entry of a client
 *
 * Return: 0, or -EMSGSIZE.
 */
int tquic_netlink_put_client(struct sk_buff *msg,
			     const struct tquic_tunnel_info *i)
{
	const struct tquic_tunnel_client *c = i->client;

	if (nla_put_string(msg, TQUIC_A_CLIENT_TUNNEL, i->name) ||
	    nla_put_string(msg, TQUIC_A_CLIENT_IDENTITY, c->identity) ||
	    (c->port_last &&
	     (nla_put_u16(msg, TQUIC_A_CLIENT_PORT_FIRST, c->port_first) ||
	      nla_put_u16(msg, TQUIC_A_CLIENT_PORT_LAST, c->port_last))) ||
	    nla_put_uint(msg, TQUIC_A_CLIENT_RATE, c->rate) ||
	    nla_put_u8(msg, TQUIC_A_CLIENT_INSIDE, c->inside))
		return -EMSGSIZE;
	return tquic_netlink_put_client_status(msg, i);
}

static int tquic_netlink_dump_client(const struct tquic_tunnel_info *i,
				     void *arg)
{
	struct tquic_netlink_walk *walk = arg;
	void *hdr;
	int err;

	if (!i->client || (walk->only && strcmp(i->name, walk->only))) {
		walk->n++;
		return 0;
	}
	hdr = genlmsg_iput(walk->msg, walk->info);
	if (!hdr)
		return -EMSGSIZE;
	err = tquic_netlink_put_client(walk->msg, i);
	if (err) {
		genlmsg_cancel(walk->msg, hdr);
		return err;
	}
	genlmsg_end(walk->msg, hdr);
	walk->n++;
	return 0;
}

int tquic_nl_client_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb)
{
	struct tquic_netlink_walk walk;
	int err;

	tquic_netlink_walk_start(&walk, skb, cb, TQUIC_A_CLIENT_TUNNEL);
	err = tquic_tunnel_each(sock_net(cb->skb->sk), walk.n,
				tquic_netlink_dump_client, &walk);
	return tquic_netlink_walk_end(&walk, cb, err);
}

/* What both adding and removing name. */
static const char *tquic_netlink_forward(struct genl_info *info,
					 struct tquic_tunnel_forward *fwd)
{
	struct nlattr **a = info->attrs;
	const char *name, *identity;

	name = tquic_netlink_tunnel(info, TQUIC_A_FORWARD_TUNNEL);
	if (IS_ERR(name))
		return name;
	identity = tquic_netlink_identity(info, TQUIC_A_FORWARD_IDENTITY);
	if (IS_ERR(identity))
		return identity;
	if (!a[TQUIC_A_FORWARD_PROTOCOL])
		return ERR_PTR(tquic_netlink_missing
			       (info, TQUIC_A_FORWARD_PROTOCOL, "protocol"));
	if (!a[TQUIC_A_FORWARD_PORT])
		return ERR_PTR(tquic_netlink_missing
			       (info, TQUIC_A_FORWARD_PORT, "port"));
	strscpy(fwd->identity, identity);
	fwd->protocol = nla_get_u8(a[TQUIC_A_FORWARD_PROTOCOL]);
	fwd->port = nla_get_u16(a[TQUIC_A_FORWARD_PORT]);
	if (fwd->protocol == IPPROTO_TCP || fwd->protocol == IPPROTO_UDP)
		return name;
	NL_SET_ERR_MSG_ATTR(info->extack, a[TQUIC_A_FORWARD_PROTOCOL],
			    "only ports of TCP and UDP can be forwarded");
	return ERR_PTR(-EINVAL);
}

int tquic_nl_forward_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct tquic_tunnel_forward fwd = {};
	struct nlattr **a = info->attrs;
	const char *name;

	name = tquic_netlink_forward(info, &fwd);
	if (IS_ERR(name))
		return PTR_ERR(name);
	if (!a[TQUIC_A_FORWARD_TO])
		return tquic_netlink_missing(info, TQUIC_A_FORWARD_TO,
					     "address of the LAN host");
	fwd.to = nla_get_in6_addr(a[TQUIC_A_FORWARD_TO]);
	fwd.to_port = a[TQUIC_A_FORWARD_TO_PORT] ?
		      nla_get_u16(a[TQUIC_A_FORWARD_TO_PORT]) : fwd.port;
	if (ipv6_addr_any(&fwd.to) || ipv6_addr_is_multicast(&fwd.to) ||
	    (ipv6_addr_v4mapped(&fwd.to) &&
	     (ipv4_is_zeronet(fwd.to.s6_addr32[3]) ||
	      ipv4_is_multicast(fwd.to.s6_addr32[3]) ||
	      ipv4_is_lbcast(fwd.to.s6_addr32[3])))) {
		NL_SET_ERR_MSG_ATTR(info->extack, a[TQUIC_A_FORWARD_TO],
				    "this is not the address of one host");
		return -EINVAL;
	}
	return tquic_tunnel_add_forward(genl_info_net(info), name, &fwd,
					info->extack);
}

int tquic_nl_forward_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct tquic_tunnel_forward fwd = {};
	const char *name = tquic_netlink_forward(info, &fwd);

	if (IS_ERR(name))
		return PTR_ERR(name);
	return tquic_tunnel_del_forward(genl_info_net(info), name, &fwd,
					info->extack);
}

static int tquic_netlink_dump_forward(const char *name,
				      const struct tquic_tunnel_forward *fwd,
				      void *arg)
{
	struct tquic_netlink_walk *walk = arg;
	struct sk_buff *msg = walk->msg;
	void *hdr = genlmsg_iput(msg, walk->info);

	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_string(msg, TQUIC_A_FORWARD_TUNNEL, name) ||
	    nla_put_string(msg, TQUIC_A_FORWARD_IDENTITY, fwd->identity) ||
	    nla_put_u8(msg, TQUIC_A_FORWARD_PROTOCOL, fwd->protocol) ||
	    nla_put_u16(msg, TQUIC_A_FORWARD_PORT, fwd->port) ||
	    nla_put_in6_addr(msg, TQUIC_A_FORWARD_TO, &fwd->to) ||
	    nla_put_u16(msg, TQUIC_A_FORWARD_TO_PORT, fwd->to_port)) {
		genlmsg_cancel(msg, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	walk->n++;
	return 0;
}

int tquic_nl_forward_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb)
{
	struct tquic_netlink_walk walk;
	int err;

	tquic_netlink_walk_start(&walk, skb, cb, TQUIC_A_FORWARD_TUNNEL);
	err = tquic_tunnel_each_forward(sock_net(cb->skb->sk), walk.only,
					walk.n, tquic_netlink_dump_forward,
					&walk);
	return tquic_netlink_walk_end(&walk, cb, err);
}
