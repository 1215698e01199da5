// SPDX-License-Identifier: GPL-2.0
/* Tunnels: shown, taken down and up, removed; and how dumps of them go on. */
#include <linux/ctype.h>
#include <linux/ktime.h>
#include <net/sock.h>

#include "cred.h"
#include "netlink.h"
#include "tunnel.h"

static_assert((int)TQUIC_TUNNEL_STATUS_DOWN == (int)TQUIC_TUNNEL_DOWN);
static_assert((int)TQUIC_TUNNEL_STATUS_CONNECTING ==
	      (int)TQUIC_TUNNEL_CONNECTING);
static_assert((int)TQUIC_TUNNEL_STATUS_UP == (int)TQUIC_TUNNEL_UP);

/**
 * struct tquic_netlink_find - looking for a tunnel
 * @name: its name
 * @walk: where it is written to, NULL for nowhere
 * @found: it is there
 */
struct tquic_netlink_find {
	const char *name;
	struct tquic_netlink_walk *walk;
	bool found;
};

static int tquic_netlink_put_cred(struct sk_buff *msg,
				  const struct tquic_cred *cred)
{
	if (nla_put_u32(msg, TQUIC_A_TUNNEL_AUTH, cred->auth) ||
	    (*cred->identity && nla_put_string(msg, TQUIC_A_TUNNEL_IDENTITY,
					       cred->identity)) ||
	    (cred->psk_key && nla_put_s32(msg, TQUIC_A_TUNNEL_PSK_KEY,
					  cred->psk_key)) ||
	    (*cred->peername && nla_put_string(msg, TQUIC_A_TUNNEL_PEERNAME,
					       cred->peername)) ||
	    (*cred->profile && nla_put_string(msg, TQUIC_A_TUNNEL_PROFILE,
					      cred->profile)) ||
	    (cred->cipher && nla_put_u32(msg, TQUIC_A_TUNNEL_CIPHER,
					 cred->cipher)))
		return -EMSGSIZE;
	return 0;
}

/* What the tunnel is made of, as it was set. */
static int tquic_netlink_put_config(struct sk_buff *msg,
				    const struct tquic_tunnel_config *c)
{
	if (nla_put_in6_addr(msg, TQUIC_A_TUNNEL_LOCAL, &c->local) ||
	    nla_put_u16(msg, TQUIC_A_TUNNEL_LOCAL_PORT, c->local_port) ||
	    (!c->server &&
	     (nla_put_in6_addr(msg, TQUIC_A_TUNNEL_REMOTE, &c->remote) ||
	      nla_put_u16(msg, TQUIC_A_TUNNEL_REMOTE_PORT, c->remote_port))) ||
	    (c->dev && nla_put_u32(msg, TQUIC_A_TUNNEL_DEV, c->dev)) ||
	    (*c->scheduler && nla_put_string(msg, TQUIC_A_TUNNEL_SCHEDULER,
					     c->scheduler)) ||
	    (*c->congestion && nla_put_string(msg, TQUIC_A_TUNNEL_CONGESTION,
					      c->congestion)) ||
	    nla_put_u8(msg, TQUIC_A_TUNNEL_PATHS_MAX, c->paths) ||
	    (c->server && nla_put_u32(msg, TQUIC_A_TUNNEL_SESSION_TTL,
				      c->session_ttl)) ||
	    nla_put_u32(msg, TQUIC_A_TUNNEL_FLOWS_MAX, c->flows))
		return -EMSGSIZE;
	return tquic_netlink_put_cred(msg, c->cred);
}

static int tquic_netlink_put_status(struct sk_buff *msg,
				    const struct tquic_tunnel_info *i)
{
	u64 now = ktime_get_ns();

	if (nla_put_u32(msg, TQUIC_A_TUNNEL_STATUS, i->state) ||
	    (i->sess_id && nla_put_u32(msg, TQUIC_A_TUNNEL_CONN_ID,
				       i->sess_id)) ||
	    (i->up_since &&
	     nla_put_uint(msg, TQUIC_A_TUNNEL_UP_MS,
			  div_u64(now - i->up_since, NSEC_PER_MSEC))) ||
	    (i->retry_at &&
	     nla_put_uint(msg, TQUIC_A_TUNNEL_RETRY_MS, i->retry_at > now ?
			  div_u64(i->retry_at - now, NSEC_PER_MSEC) : 0)) ||
	    (i->err && nla_put_u32(msg, TQUIC_A_TUNNEL_ERROR, -i->err)) ||
	    nla_put_u32(msg, TQUIC_A_TUNNEL_TCP_FLOWS, i->tcp_flows) ||
	    nla_put_u32(msg, TQUIC_A_TUNNEL_UDP_FLOWS, i->udp_flows) ||
	    nla_put_uint(msg, TQUIC_A_TUNNEL_REFUSED, i->refused) ||
	    nla_put_uint(msg, TQUIC_A_TUNNEL_SENT_BYTES, i->tx_bytes) ||
	    nla_put_uint(msg, TQUIC_A_TUNNEL_RECEIVED_BYTES, i->rx_bytes))
		return -EMSGSIZE;
	return 0;
}

static int tquic_netlink_put_tunnel(struct sk_buff *msg,
				    const struct tquic_tunnel_info *i)
{
	if (nla_put_u32(msg, TQUIC_A_TUNNEL_ID, i->id) ||
	    nla_put_string(msg, TQUIC_A_TUNNEL_NAME, i->name) ||
	    nla_put_u32(msg, TQUIC_A_TUNNEL_ROLE, i->server ?
			TQUIC_ROLE_SERVER : TQUIC_ROLE_CLIENT) ||
	    (i->config && tquic_netlink_put_config(msg, i->config)))
		return -EMSGSIZE;
	return tquic_netlink_put_status(msg, i);
}

static int tquic_netlink_show_tunnel(const struct tquic_netlink_walk *walk,
				     const struct tquic_tunnel_info *i)
{
	void *hdr = genlmsg_iput(walk->msg, walk->info);
	int err;

	if (!hdr)
		return -EMSGSIZE;
	err = tquic_netlink_put_tunnel(walk->msg, i);
	if (err)
		genlmsg_cancel(walk->msg, hdr);
	else
		genlmsg_end(walk->msg, hdr);
	return err;
}

static int tquic_netlink_match(const struct tquic_tunnel_info *i, void *arg)
{
	struct tquic_netlink_find *find = arg;

	if (find->found || i->client || strcmp(i->name, find->name))
		return 0;
	find->found = true;
	return find->walk ? tquic_netlink_show_tunnel(find->walk, i) : 0;
}

static int tquic_netlink_no_tunnel(struct netlink_ext_ack *extack,
				   const char *name)
{
	NL_SET_ERR_MSG_FMT(extack, "there is no tunnel \"%s\"", name);
	return -ENOENT;
}

/**
 * tquic_netlink_tunnel - the name of a tunnel in a request
 * @info: request
 * @attr: attribute with it
 *
 * Return: the name, which need not be that of one that exists; ERR_PTR() if
 * none can be called that, and the extended acknowledgment tells why.
 */
const char *tquic_netlink_tunnel(struct genl_info *info, int attr)
{
	struct nlattr *a = info->attrs[attr];
	const char *name, *c;

	if (!a)
		return ERR_PTR(tquic_netlink_missing(info, attr,
						     "name of the tunnel"));
	name = nla_data(a);
	for (c = name; *c; c++)
		if (!isascii(*c) || (!isalnum(*c) && !strchr("-_.", *c)))
			break;
	if (*name && !*c)
		return name;
	NL_SET_ERR_MSG_ATTR(info->extack, a,
			    "a tunnel's name has letters, digits, - _ .");
	return ERR_PTR(-EINVAL);
}

int tquic_nl_tunnel_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	const char *name = tquic_netlink_tunnel(info, TQUIC_A_TUNNEL_NAME);

	if (IS_ERR(name))
		return PTR_ERR(name);
	return tquic_tunnel_del(genl_info_net(info), name, info->extack);
}

int tquic_nl_tunnel_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	const char *name = tquic_netlink_tunnel(info, TQUIC_A_TUNNEL_NAME);
	struct nlattr *up = info->attrs[TQUIC_A_TUNNEL_UP];

	if (IS_ERR(name))
		return PTR_ERR(name);
	if (!up)
		return tquic_netlink_missing(info, TQUIC_A_TUNNEL_UP,
					     "up or down");
	return tquic_tunnel_set(genl_info_net(info), name, nla_get_u8(up),
				info->extack);
}

int tquic_nl_tunnel_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct tquic_netlink_walk walk = { .info = info };
	struct tquic_netlink_find find = { .walk = &walk };
	int err;

	find.name = tquic_netlink_tunnel(info, TQUIC_A_TUNNEL_NAME);
	if (IS_ERR(find.name))
		return PTR_ERR(find.name);
	walk.msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!walk.msg)
		return -ENOMEM;
	err = tquic_tunnel_each(genl_info_net(info), 0, tquic_netlink_match,
				&find);
	if (!err && !find.found)
		err = tquic_netlink_no_tunnel(info->extack, find.name);
	if (err) {
		nlmsg_free(walk.msg);
		return err;
	}
	return genlmsg_reply(walk.msg, info);
}

/**
 * tquic_netlink_walk_start - begin a part of a dump, or go on with it
 * @walk: is filled
 * @skb: part
 * @cb: dump
 * @attr: attribute with the name of the tunnel that it is about, 0 for none
 */
void tquic_netlink_walk_start(struct tquic_netlink_walk *walk,
			      struct sk_buff *skb, struct netlink_callback *cb,
			      int attr)
{
	const struct genl_info *info = genl_info_dump(cb);

	*walk = (struct tquic_netlink_walk){
		.msg = skb,
		.info = info,
		.n = cb->args[0],
	};
	if (attr && info->attrs[attr])
		walk->only = nla_data(info->attrs[attr]);
}

/* No entry of a tunnel: that may be one too few. */
static int tquic_netlink_walk_empty(const struct tquic_netlink_walk *walk,
				    struct netlink_callback *cb)
{
	struct tquic_netlink_find find = { .name = walk->only };

	tquic_tunnel_each(sock_net(cb->skb->sk), 0, tquic_netlink_match, &find);
	return find.found ? 0 : tquic_netlink_no_tunnel(cb->extack, find.name);
}

/**
 * tquic_netlink_walk_end - a part of a dump is full, or all is told
 * @walk: walk
 * @cb: dump
 * @err: what the walk came to
 *
 * Return: what the dump's callback has to.
 */
int tquic_netlink_walk_end(const struct tquic_netlink_walk *walk,
			   struct netlink_callback *cb, int err)
{
	bool first = !cb->args[0];

	cb->args[0] = walk->n;
	if (walk->msg->len)
		return walk->msg->len;
	/* a tunnel that went while it was being told has no more to tell */
	if (err == -ENOENT)
		err = 0;
	return err || !first || !walk->only ? err :
	       tquic_netlink_walk_empty(walk, cb);
}

static int tquic_netlink_dump_tunnel(const struct tquic_tunnel_info *i,
				     void *arg)
{
	struct tquic_netlink_walk *walk = arg;
	int err = i->client ? 0 : tquic_netlink_show_tunnel(walk, i);

	if (!err)
		walk->n++;
	return err;
}

int tquic_nl_tunnel_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb)
{
	struct tquic_netlink_walk walk;
	int err;

	tquic_netlink_walk_start(&walk, skb, cb, 0);
	err = tquic_tunnel_each(sock_net(cb->skb->sk), walk.n,
				tquic_netlink_dump_tunnel, &walk);
	return tquic_netlink_walk_end(&walk, cb, err);
}

/* The tunnel's lock is held. */
static void tquic_netlink_tunnel_event(struct net *net,
				       const struct tquic_tunnel_info *i)
{
	struct sk_buff *msg;
	void *hdr;

	msg = tquic_netlink_event_start(net, i->client ?
					TQUIC_CMD_CLIENT_CHANGE :
					TQUIC_CMD_TUNNEL_CHANGE, &hdr);
	if (msg)
		tquic_netlink_event_send(net, msg, hdr, i->client ?
					 tquic_netlink_put_client(msg, i) :
					 tquic_netlink_put_tunnel(msg, i));
}

/* Before there is any tunnel. */
void __init tquic_netlink_tunnel_init(void)
{
	tquic_tunnel_event = tquic_netlink_tunnel_event;
}
