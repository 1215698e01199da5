// SPDX-License-Identifier: GPL-2.0
/* Flows of tunnels: shown. */
#include <net/sock.h>

#include "netlink.h"
#include "tunnel.h"

static int tquic_netlink_put_flow(struct sk_buff *msg,
				  const struct tquic_tunnel_flow *f)
{
	if (nla_put_u32(msg, TQUIC_A_FLOW_TUNNEL_ID, f->tunnel) ||
	    nla_put_u32(msg, TQUIC_A_FLOW_CONN_ID, f->sess_id) ||
	    nla_put_uint(msg, TQUIC_A_FLOW_ID, f->id) ||
	    nla_put_u8(msg, TQUIC_A_FLOW_PROTOCOL, f->protocol) ||
	    nla_put_u32(msg, TQUIC_A_FLOW_CLASS, f->class) ||
	    nla_put_in6_addr(msg, TQUIC_A_FLOW_SRC, &f->src) ||
	    nla_put_u16(msg, TQUIC_A_FLOW_SPORT, f->sport) ||
	    nla_put_in6_addr(msg, TQUIC_A_FLOW_DST, &f->dst) ||
	    nla_put_u16(msg, TQUIC_A_FLOW_DPORT, f->dport) ||
	    (f->out_port && nla_put_u16(msg, TQUIC_A_FLOW_OUT_PORT,
					f->out_port)) ||
	    nla_put_uint(msg, TQUIC_A_FLOW_SENT_BYTES, f->tx_bytes) ||
	    nla_put_uint(msg, TQUIC_A_FLOW_RECEIVED_BYTES, f->rx_bytes))
		return -EMSGSIZE;
	return 0;
}

static int tquic_netlink_dump_flow(const struct tquic_tunnel_flow *flow,
				   void *arg)
{
	struct tquic_netlink_walk *walk = arg;
	void *hdr = genlmsg_iput(walk->msg, walk->info);
	int err;

	if (!hdr)
		return -EMSGSIZE;
	err = tquic_netlink_put_flow(walk->msg, flow);
	if (err) {
		genlmsg_cancel(walk->msg, hdr);
		return err;
	}
	genlmsg_end(walk->msg, hdr);
	walk->n++;
	return 0;
}

int tquic_nl_flow_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct tquic_netlink_walk walk;
	int err;

	tquic_netlink_walk_start(&walk, skb, cb, TQUIC_A_FLOW_TUNNEL);
	err = tquic_tunnel_each_flow(sock_net(cb->skb->sk), walk.only, walk.n,
				     tquic_netlink_dump_flow, &walk);
	return tquic_netlink_walk_end(&walk, cb, err);
}
