// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/tquic.yaml */
/* YNL-GEN kernel source */
/* To regenerate run: make gen */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink_gen.h"

#include <linux/tquic_genl.h>
#include <linux/err.h>
#include <linux/tquic.h>
#include <linux/netfilter/nf_tables_tquic.h>

/* Integer value ranges */
static const struct netlink_range_validation tquic_a_path_dev_range = {
	.max	= S32_MAX,
};

static const struct netlink_range_validation tquic_a_tunnel_dev_range = {
	.max	= S32_MAX,
};

/* TQUIC_CMD_CONN_GET - do */
static const struct nla_policy tquic_conn_get_nl_policy[TQUIC_A_CONN_ID + 1] = {
	[TQUIC_A_CONN_ID] = { .type = NLA_U32, },
};

/* TQUIC_CMD_CONN_CLOSE - do */
static const struct nla_policy tquic_conn_close_nl_policy[TQUIC_A_CONN_CLOSE_REASON + 1] = {
	[TQUIC_A_CONN_ID] = { .type = NLA_U32, },
	[TQUIC_A_CONN_CLOSE_CODE] = { .type = NLA_UINT, },
	[TQUIC_A_CONN_CLOSE_APP] = { .type = NLA_FLAG, },
	[TQUIC_A_CONN_CLOSE_REASON] = { .type = NLA_NUL_STRING, .len = 63, },
};

/* TQUIC_CMD_PATH_GET - do */
static const struct nla_policy tquic_path_get_do_nl_policy[TQUIC_A_PATH_ID + 1] = {
	[TQUIC_A_PATH_CONN_ID] = { .type = NLA_U32, },
	[TQUIC_A_PATH_ID] = { .type = NLA_U32, },
};

/* TQUIC_CMD_PATH_GET - dump */
static const struct nla_policy tquic_path_get_dump_nl_policy[TQUIC_A_PATH_CONN_ID + 1] = {
	[TQUIC_A_PATH_CONN_ID] = { .type = NLA_U32, },
};

/* TQUIC_CMD_PATH_ADD - do */
static const struct nla_policy tquic_path_add_nl_policy[TQUIC_A_PATH_METERED + 1] = {
	[TQUIC_A_PATH_CONN_ID] = { .type = NLA_U32, },
	[TQUIC_A_PATH_DEV] = NLA_POLICY_FULL_RANGE(NLA_U32, &tquic_a_path_dev_range),
	[TQUIC_A_PATH_LOCAL] = NLA_POLICY_EXACT_LEN(16),
	[TQUIC_A_PATH_LOCAL_PORT] = { .type = NLA_U16, },
	[TQUIC_A_PATH_REMOTE] = NLA_POLICY_EXACT_LEN(16),
	[TQUIC_A_PATH_REMOTE_PORT] = { .type = NLA_U16, },
	[TQUIC_A_PATH_BACKUP] = NLA_POLICY_MAX(NLA_U8, 1),
	[TQUIC_A_PATH_METERED] = NLA_POLICY_MAX(NLA_U8, 1),
};

/* TQUIC_CMD_PATH_DEL - do */
static const struct nla_policy tquic_path_del_nl_policy[TQUIC_A_PATH_CLOSE_CODE + 1] = {
	[TQUIC_A_PATH_CONN_ID] = { .type = NLA_U32, },
	[TQUIC_A_PATH_ID] = { .type = NLA_U32, },
	[TQUIC_A_PATH_CLOSE_CODE] = { .type = NLA_UINT, },
};

/* TQUIC_CMD_PATH_SET - do */
static const struct nla_policy tquic_path_set_nl_policy[TQUIC_A_PATH_UP + 1] = {
	[TQUIC_A_PATH_CONN_ID] = { .type = NLA_U32, },
	[TQUIC_A_PATH_ID] = { .type = NLA_U32, },
	[TQUIC_A_PATH_BACKUP] = NLA_POLICY_MAX(NLA_U8, 1),
	[TQUIC_A_PATH_METERED] = NLA_POLICY_MAX(NLA_U8, 1),
	[TQUIC_A_PATH_UP] = NLA_POLICY_MAX(NLA_U8, 1),
};

/* TQUIC_CMD_SCHED_GET - do */
static const struct nla_policy tquic_sched_get_nl_policy[TQUIC_A_ALGO_CONN_ID + 1] = {
	[TQUIC_A_ALGO_CONN_ID] = { .type = NLA_U32, },
};

/* TQUIC_CMD_SCHED_SET - do */
static const struct nla_policy tquic_sched_set_nl_policy[TQUIC_A_ALGO_NAME + 1] = {
	[TQUIC_A_ALGO_CONN_ID] = { .type = NLA_U32, },
	[TQUIC_A_ALGO_NAME] = { .type = NLA_NUL_STRING, .len = 15, },
};

/* TQUIC_CMD_CONG_GET - do */
static const struct nla_policy tquic_cong_get_nl_policy[TQUIC_A_ALGO_CONN_ID + 1] = {
	[TQUIC_A_ALGO_CONN_ID] = { .type = NLA_U32, },
};

/* TQUIC_CMD_CONG_SET - do */
static const struct nla_policy tquic_cong_set_nl_policy[TQUIC_A_ALGO_NAME + 1] = {
	[TQUIC_A_ALGO_CONN_ID] = { .type = NLA_U32, },
	[TQUIC_A_ALGO_NAME] = { .type = NLA_NUL_STRING, .len = 15, },
};

/* TQUIC_CMD_HS_ACCEPT - do */
static const struct nla_policy tquic_hs_accept_nl_policy[TQUIC_A_HS_TOKEN + 1] = {
	[TQUIC_A_HS_TOKEN] = { .type = NLA_UINT, },
};

/* TQUIC_CMD_HS_DONE - do */
static const struct nla_policy tquic_hs_done_nl_policy[TQUIC_A_HS_TEXT + 1] = {
	[TQUIC_A_HS_TOKEN] = { .type = NLA_UINT, },
	[TQUIC_A_HS_STATUS] = NLA_POLICY_MAX(NLA_U32, MAX_ERRNO),
	[TQUIC_A_HS_ALERT] = NLA_POLICY_MAX(NLA_U32, 255),
	[TQUIC_A_HS_TEXT] = { .type = NLA_NUL_STRING, .len = 127, },
	[TQUIC_A_HS_IDENTITY] = { .type = NLA_NUL_STRING, .len = 255, },
};

/* TQUIC_CMD_TUNNEL_ADD - do */
static const struct nla_policy tquic_tunnel_add_nl_policy[TQUIC_A_TUNNEL_FLOWS_MAX + 1] = {
	[TQUIC_A_TUNNEL_NAME] = { .type = NLA_NUL_STRING, .len = 15, },
	[TQUIC_A_TUNNEL_ROLE] = NLA_POLICY_MAX(NLA_U32, 1),
	[TQUIC_A_TUNNEL_LOCAL] = NLA_POLICY_EXACT_LEN(16),
	[TQUIC_A_TUNNEL_LOCAL_PORT] = { .type = NLA_U16, },
	[TQUIC_A_TUNNEL_REMOTE] = NLA_POLICY_EXACT_LEN(16),
	[TQUIC_A_TUNNEL_REMOTE_PORT] = { .type = NLA_U16, },
	[TQUIC_A_TUNNEL_DEV] = NLA_POLICY_FULL_RANGE(NLA_U32, &tquic_a_tunnel_dev_range),
	[TQUIC_A_TUNNEL_AUTH] = NLA_POLICY_MAX(NLA_U32, 4),
	[TQUIC_A_TUNNEL_IDENTITY] = { .type = NLA_NUL_STRING, .len = 63, },
	[TQUIC_A_TUNNEL_PSK_KEY] = NLA_POLICY_MIN(NLA_S32, 1),
	[TQUIC_A_TUNNEL_PEERNAME] = { .type = NLA_NUL_STRING, .len = 255, },
	[TQUIC_A_TUNNEL_PROFILE] = { .type = NLA_NUL_STRING, .len = 63, },
	[TQUIC_A_TUNNEL_CIPHER] = { .type = NLA_U32, },
	[TQUIC_A_TUNNEL_SCHEDULER] = { .type = NLA_NUL_STRING, .len = 15, },
	[TQUIC_A_TUNNEL_CONGESTION] = { .type = NLA_NUL_STRING, .len = 15, },
	[TQUIC_A_TUNNEL_PATHS_MAX] = NLA_POLICY_MIN(NLA_U8, 1),
	[TQUIC_A_TUNNEL_SESSION_TTL] = NLA_POLICY_MIN(NLA_U32, 1000),
	[TQUIC_A_TUNNEL_FLOWS_MAX] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* TQUIC_CMD_TUNNEL_DEL - do */
static const struct nla_policy tquic_tunnel_del_nl_policy[TQUIC_A_TUNNEL_NAME + 1] = {
	[TQUIC_A_TUNNEL_NAME] = { .type = NLA_NUL_STRING, .len = 15, },
};

/* TQUIC_CMD_TUNNEL_SET - do */
static const struct nla_policy tquic_tunnel_set_nl_policy[TQUIC_A_TUNNEL_UP + 1] = {
	[TQUIC_A_TUNNEL_NAME] = { .type = NLA_NUL_STRING, .len = 15, },
	[TQUIC_A_TUNNEL_UP] = NLA_POLICY_MAX(NLA_U8, 1),
};

/* TQUIC_CMD_TUNNEL_GET - do */
static const struct nla_policy tquic_tunnel_get_nl_policy[TQUIC_A_TUNNEL_NAME + 1] = {
	[TQUIC_A_TUNNEL_NAME] = { .type = NLA_NUL_STRING, .len = 15, },
};

/* TQUIC_CMD_CLIENT_SET - do */
static const struct nla_policy tquic_client_set_nl_policy[TQUIC_A_CLIENT_INSIDE + 1] = {
	[TQUIC_A_CLIENT_TUNNEL] = { .type = NLA_NUL_STRING, .len = 15, },
	[TQUIC_A_CLIENT_IDENTITY] = { .type = NLA_NUL_STRING, .len = 63, },
	[TQUIC_A_CLIENT_PORT_FIRST] = NLA_POLICY_MIN(NLA_U16, 1),
	[TQUIC_A_CLIENT_PORT_LAST] = NLA_POLICY_MIN(NLA_U16, 1),
	[TQUIC_A_CLIENT_RATE] = { .type = NLA_UINT, },
	[TQUIC_A_CLIENT_INSIDE] = NLA_POLICY_MAX(NLA_U8, 1),
};

/* TQUIC_CMD_CLIENT_DEL - do */
static const struct nla_policy tquic_client_del_nl_policy[TQUIC_A_CLIENT_IDENTITY + 1] = {
	[TQUIC_A_CLIENT_TUNNEL] = { .type = NLA_NUL_STRING, .len = 15, },
	[TQUIC_A_CLIENT_IDENTITY] = { .type = NLA_NUL_STRING, .len = 63, },
};

/* TQUIC_CMD_CLIENT_GET - dump */
static const struct nla_policy tquic_client_get_nl_policy[TQUIC_A_CLIENT_TUNNEL + 1] = {
	[TQUIC_A_CLIENT_TUNNEL] = { .type = NLA_NUL_STRING, .len = 15, },
};

/* TQUIC_CMD_FORWARD_ADD - do */
static const struct nla_policy tquic_forward_add_nl_policy[TQUIC_A_FORWARD_TO_PORT + 1] = {
	[TQUIC_A_FORWARD_TUNNEL] = { .type = NLA_NUL_STRING, .len = 15, },
	[TQUIC_A_FORWARD_IDENTITY] = { .type = NLA_NUL_STRING, .len = 63, },
	[TQUIC_A_FORWARD_PROTOCOL] = { .type = NLA_U8, },
	[TQUIC_A_FORWARD_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[TQUIC_A_FORWARD_TO] = NLA_POLICY_EXACT_LEN(16),
	[TQUIC_A_FORWARD_TO_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
};

/* TQUIC_CMD_FORWARD_DEL - do */
static const struct nla_policy tquic_forward_del_nl_policy[TQUIC_A_FORWARD_PORT + 1] = {
	[TQUIC_A_FORWARD_TUNNEL] = { .type = NLA_NUL_STRING, .len = 15, },
	[TQUIC_A_FORWARD_IDENTITY] = { .type = NLA_NUL_STRING, .len = 63, },
	[TQUIC_A_FORWARD_PROTOCOL] = { .type = NLA_U8, },
	[TQUIC_A_FORWARD_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
};

/* TQUIC_CMD_FORWARD_GET - dump */
static const struct nla_policy tquic_forward_get_nl_policy[TQUIC_A_FORWARD_TUNNEL + 1] = {
	[TQUIC_A_FORWARD_TUNNEL] = { .type = NLA_NUL_STRING, .len = 15, },
};

/* TQUIC_CMD_FLOW_GET - dump */
static const struct nla_policy tquic_flow_get_nl_policy[TQUIC_A_FLOW_TUNNEL + 1] = {
	[TQUIC_A_FLOW_TUNNEL] = { .type = NLA_NUL_STRING, .len = 15, },
};

/* TQUIC_CMD_FLUSH - do */
static const struct nla_policy tquic_flush_nl_policy[TQUIC_A_CONN_TUNNELS + 1] = {
	[TQUIC_A_CONN_TUNNELS] = { .type = NLA_FLAG, },
};

/* Ops table for tquic */
static const struct genl_split_ops tquic_nl_ops[] = {
	{
		.cmd		= TQUIC_CMD_CONN_GET,
		.doit		= tquic_nl_conn_get_doit,
		.policy		= tquic_conn_get_nl_policy,
		.maxattr	= TQUIC_A_CONN_ID,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= TQUIC_CMD_CONN_GET,
		.dumpit	= tquic_nl_conn_get_dumpit,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= TQUIC_CMD_CONN_CLOSE,
		.doit		= tquic_nl_conn_close_doit,
		.policy		= tquic_conn_close_nl_policy,
		.maxattr	= TQUIC_A_CONN_CLOSE_REASON,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= TQUIC_CMD_PATH_GET,
		.doit		= tquic_nl_path_get_doit,
		.policy		= tquic_path_get_do_nl_policy,
		.maxattr	= TQUIC_A_PATH_ID,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= TQUIC_CMD_PATH_GET,
		.dumpit		= tquic_nl_path_get_dumpit,
		.policy		= tquic_path_get_dump_nl_policy,
		.maxattr	= TQUIC_A_PATH_CONN_ID,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= TQUIC_CMD_PATH_ADD,
		.doit		= tquic_nl_path_add_doit,
		.policy		= tquic_path_add_nl_policy,
		.maxattr	= TQUIC_A_PATH_METERED,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= TQUIC_CMD_PATH_DEL,
		.doit		= tquic_nl_path_del_doit,
		.policy		= tquic_path_del_nl_policy,
		.maxattr	= TQUIC_A_PATH_CLOSE_CODE,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= TQUIC_CMD_PATH_SET,
		.doit		= tquic_nl_path_set_doit,
		.policy		= tquic_path_set_nl_policy,
		.maxattr	= TQUIC_A_PATH_UP,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= TQUIC_CMD_SCHED_GET,
		.doit		= tquic_nl_sched_get_doit,
		.policy		= tquic_sched_get_nl_policy,
		.maxattr	= TQUIC_A_ALGO_CONN_ID,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= TQUIC_CMD_SCHED_SET,
		.doit		= tquic_nl_sched_set_doit,
		.policy		= tquic_sched_set_nl_policy,
		.maxattr	= TQUIC_A_ALGO_NAME,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= TQUIC_CMD_CONG_GET,
		.doit		= tquic_nl_cong_get_doit,
		.policy		= tquic_cong_get_nl_policy,
		.maxattr	= TQUIC_A_ALGO_CONN_ID,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= TQUIC_CMD_CONG_SET,
		.doit		= tquic_nl_cong_set_doit,
		.policy		= tquic_cong_set_nl_policy,
		.maxattr	= TQUIC_A_ALGO_NAME,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= TQUIC_CMD_HS_ACCEPT,
		.doit		= tquic_nl_hs_accept_doit,
		.policy		= tquic_hs_accept_nl_policy,
		.maxattr	= TQUIC_A_HS_TOKEN,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= TQUIC_CMD_HS_DONE,
		.doit		= tquic_nl_hs_done_doit,
		.policy		= tquic_hs_done_nl_policy,
		.maxattr	= TQUIC_A_HS_TEXT,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= TQUIC_CMD_TUNNEL_ADD,
		.doit		= tquic_nl_tunnel_add_doit,
		.policy		= tquic_tunnel_add_nl_policy,
		.maxattr	= TQUIC_A_TUNNEL_FLOWS_MAX,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= TQUIC_CMD_TUNNEL_DEL,
		.doit		= tquic_nl_tunnel_del_doit,
		.policy		= tquic_tunnel_del_nl_policy,
		.maxattr	= TQUIC_A_TUNNEL_NAME,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= TQUIC_CMD_TUNNEL_SET,
		.doit		= tquic_nl_tunnel_set_doit,
		.policy		= tquic_tunnel_set_nl_policy,
		.maxattr	= TQUIC_A_TUNNEL_UP,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= TQUIC_CMD_TUNNEL_GET,
		.doit		= tquic_nl_tunnel_get_doit,
		.policy		= tquic_tunnel_get_nl_policy,
		.maxattr	= TQUIC_A_TUNNEL_NAME,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= TQUIC_CMD_TUNNEL_GET,
		.dumpit	= tquic_nl_tunnel_get_dumpit,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= TQUIC_CMD_CLIENT_SET,
		.doit		= tquic_nl_client_set_doit,
		.policy		= tquic_client_set_nl_policy,
		.maxattr	= TQUIC_A_CLIENT_INSIDE,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= TQUIC_CMD_CLIENT_DEL,
		.doit		= tquic_nl_client_del_doit,
		.policy		= tquic_client_del_nl_policy,
		.maxattr	= TQUIC_A_CLIENT_IDENTITY,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= TQUIC_CMD_CLIENT_GET,
		.dumpit		= tquic_nl_client_get_dumpit,
		.policy		= tquic_client_get_nl_policy,
		.maxattr	= TQUIC_A_CLIENT_TUNNEL,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= TQUIC_CMD_FORWARD_ADD,
		.doit		= tquic_nl_forward_add_doit,
		.policy		= tquic_forward_add_nl_policy,
		.maxattr	= TQUIC_A_FORWARD_TO_PORT,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= TQUIC_CMD_FORWARD_DEL,
		.doit		= tquic_nl_forward_del_doit,
		.policy		= tquic_forward_del_nl_policy,
		.maxattr	= TQUIC_A_FORWARD_PORT,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= TQUIC_CMD_FORWARD_GET,
		.dumpit		= tquic_nl_forward_get_dumpit,
		.policy		= tquic_forward_get_nl_policy,
		.maxattr	= TQUIC_A_FORWARD_TUNNEL,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= TQUIC_CMD_FLOW_GET,
		.dumpit		= tquic_nl_flow_get_dumpit,
		.policy		= tquic_flow_get_nl_policy,
		.maxattr	= TQUIC_A_FLOW_TUNNEL,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= TQUIC_CMD_FLUSH,
		.doit		= tquic_nl_flush_doit,
		.policy		= tquic_flush_nl_policy,
		.maxattr	= TQUIC_A_CONN_TUNNELS,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
};

static const struct genl_multicast_group tquic_nl_mcgrps[] = {
	[TQUIC_NLGRP_EVENTS] = { "events", GENL_MCAST_CAP_NET_ADMIN },
	[TQUIC_NLGRP_HANDSHAKE] = { "handshake", GENL_MCAST_CAP_NET_ADMIN },
};

struct genl_family tquic_nl_family __ro_after_init = {
	.name		= TQUIC_FAMILY_NAME,
	.version	= TQUIC_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.split_ops	= tquic_nl_ops,
	.n_split_ops	= ARRAY_SIZE(tquic_nl_ops),
	.mcgrps		= tquic_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(tquic_nl_mcgrps),
};
