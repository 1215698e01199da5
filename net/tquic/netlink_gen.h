/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/tquic.yaml */
/* YNL-GEN kernel header */
/* To regenerate run: make gen */

#ifndef _LINUX_TQUIC_GEN_H
#define _LINUX_TQUIC_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <linux/tquic_genl.h>
#include <linux/err.h>
#include <linux/tquic.h>
#include <linux/netfilter/nf_tables_tquic.h>

int tquic_nl_conn_get_doit(struct sk_buff *skb, struct genl_info *info);
int tquic_nl_conn_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int tquic_nl_conn_close_doit(struct sk_buff *skb, struct genl_info *info);
int tquic_nl_path_get_doit(struct sk_buff *skb, struct genl_info *info);
int tquic_nl_path_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int tquic_nl_path_add_doit(struct sk_buff *skb, struct genl_info *info);
int tquic_nl_path_del_doit(struct sk_buff *skb, struct genl_info *info);
int tquic_nl_path_set_doit(struct sk_buff *skb, struct genl_info *info);
int tquic_nl_sched_get_doit(struct sk_buff *skb, struct genl_info *info);
int tquic_nl_sched_set_doit(struct sk_buff *skb, struct genl_info *info);
int tquic_nl_cong_get_doit(struct sk_buff *skb, struct genl_info *info);
int tquic_nl_cong_set_doit(struct sk_buff *skb, struct genl_info *info);
int tquic_nl_hs_accept_doit(struct sk_buff *skb, struct genl_info *info);
int tquic_nl_hs_done_doit(struct sk_buff *skb, struct genl_info *info);
int tquic_nl_tunnel_add_doit(struct sk_buff *skb, struct genl_info *info);
int tquic_nl_tunnel_del_doit(struct sk_buff *skb, struct genl_info *info);
int tquic_nl_tunnel_set_doit(struct sk_buff *skb, struct genl_info *info);
int tquic_nl_tunnel_get_doit(struct sk_buff *skb, struct genl_info *info);
int tquic_nl_tunnel_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb);
int tquic_nl_client_set_doit(struct sk_buff *skb, struct genl_info *info);
int tquic_nl_client_del_doit(struct sk_buff *skb, struct genl_info *info);
int tquic_nl_client_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb);
int tquic_nl_forward_add_doit(struct sk_buff *skb, struct genl_info *info);
int tquic_nl_forward_del_doit(struct sk_buff *skb, struct genl_info *info);
int tquic_nl_forward_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb);
int tquic_nl_flow_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int tquic_nl_flush_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	TQUIC_NLGRP_EVENTS,
	TQUIC_NLGRP_HANDSHAKE,
};

extern struct genl_family tquic_nl_family;

#endif /* _LINUX_TQUIC_GEN_H */
