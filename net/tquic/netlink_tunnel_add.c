// SPDX-License-Identifier: GPL-2.0
/* A new tunnel: what the request says, and what goes without saying. */
#include <net/ipv6.h>

#include "cred.h"
#include "netlink.h"
#include "registry.h"
#include "sess.h"
#include "tunnel.h"

/* a gateway may lose all uplinks for that long */
#define TQUIC_NETLINK_TTL	120000
#define TQUIC_NETLINK_FLOWS	16384

static int tquic_netlink_refuse(struct genl_info *info, int attr,
				const char *why)
{
	NL_SET_BAD_ATTR(info->extack, info->attrs[attr]);
	NL_SET_ERR_MSG_FMT(info->extack, "%s", why);
	return -EINVAL;
}

static u16 tquic_netlink_u16(struct genl_info *info, int attr)
{
	return info->attrs[attr] ? nla_get_u16(info->attrs[attr]) : 0;
}

static u32 tquic_netlink_u32(struct genl_info *info, int attr, u32 fallback)
{
	return info->attrs[attr] ? nla_get_u32(info->attrs[attr]) : fallback;
}

/* One of those that say something to the other role only, or 0. */
static int tquic_netlink_misplaced(struct genl_info *info, bool server)
{
	static const int of_clients[] = {
		TQUIC_A_TUNNEL_REMOTE, TQUIC_A_TUNNEL_REMOTE_PORT,
		TQUIC_A_TUNNEL_DEV, TQUIC_A_TUNNEL_IDENTITY,
		TQUIC_A_TUNNEL_PEERNAME,
	};
	unsigned int i;

	if (!server)
		return info->attrs[TQUIC_A_TUNNEL_SESSION_TTL] ?
		       TQUIC_A_TUNNEL_SESSION_TTL : 0;
	for (i = 0; i < ARRAY_SIZE(of_clients); i++)
		if (info->attrs[of_clients[i]])
			return of_clients[i];
	return 0;
}

static int tquic_netlink_role(struct genl_info *info,
			      struct tquic_tunnel_config *config)
{
	u32 role = tquic_netlink_u32(info, TQUIC_A_TUNNEL_ROLE,
				     TQUIC_ROLE_CLIENT);
	int attr;

	config->server = role == TQUIC_ROLE_SERVER;
	attr = tquic_netlink_misplaced(info, config->server);
	if (!attr)
		return 0;
	return tquic_netlink_refuse(info, attr, config->server ?
		"a server has no remote, device, identity, or peer name" :
		"the session TTL is a server's to set");
}

static int tquic_netlink_remote(struct genl_info *info,
				struct tquic_tunnel_config *config)
{
	int type;

	if (!info->attrs[TQUIC_A_TUNNEL_REMOTE])
		return tquic_netlink_missing(info, TQUIC_A_TUNNEL_REMOTE,
					     "address of the server");
	if (!config->remote_port)
		return tquic_netlink_missing(info, TQUIC_A_TUNNEL_REMOTE_PORT,
					     "port of the server");
	config->remote = nla_get_in6_addr(info->attrs[TQUIC_A_TUNNEL_REMOTE]);
	type = ipv6_addr_type(&config->remote);
	/* the types of an IPv4 address are not those of the mapped one */
	if (type == IPV6_ADDR_ANY || type & IPV6_ADDR_MULTICAST ||
	    (type & IPV6_ADDR_MAPPED &&
	     (ipv4_is_zeronet(config->remote.s6_addr32[3]) ||
	      ipv4_is_multicast(config->remote.s6_addr32[3]) ||
	      ipv4_is_lbcast(config->remote.s6_addr32[3]))))
		return tquic_netlink_refuse(info, TQUIC_A_TUNNEL_REMOTE,
			"this is not the address of one host");
	return 0;
}

static int tquic_netlink_addresses(struct genl_info *info,
				   struct tquic_tunnel_config *config)
{
	struct nlattr *local = info->attrs[TQUIC_A_TUNNEL_LOCAL];
	int err;

	config->local_port = tquic_netlink_u16(info, TQUIC_A_TUNNEL_LOCAL_PORT);
	config->remote_port = tquic_netlink_u16(info,
						TQUIC_A_TUNNEL_REMOTE_PORT);
	if (local)
		config->local = nla_get_in6_addr(local);
	if (config->server)
		return config->local_port ? 0 :
		       tquic_netlink_missing(info, TQUIC_A_TUNNEL_LOCAL_PORT,
					     "port of the server");
	err = tquic_netlink_remote(info, config);
	if (err)
		return err;
	if (ipv6_addr_any(&config->local) ||
	    ipv6_addr_v4mapped(&config->local) ==
	    ipv6_addr_v4mapped(&config->remote))
		return 0;
	return tquic_netlink_refuse(info, TQUIC_A_TUNNEL_LOCAL,
		"local and remote address are not of the same family");
}

static int tquic_netlink_algos(struct genl_info *info,
			       struct tquic_tunnel_config *config)
{
	struct nlattr *sched = info->attrs[TQUIC_A_TUNNEL_SCHEDULER];
	struct nlattr *cong = info->attrs[TQUIC_A_TUNNEL_CONGESTION];
	const struct tquic_sched_ops *sched_ops;
	const struct tquic_cc_ops *cc_ops;

	if (sched) {
		nla_strscpy(config->scheduler, sched,
			    sizeof(config->scheduler));
		sched_ops = tquic_sched_find(config->scheduler);
		if (!sched_ops)
			return tquic_netlink_refuse(info,
						    TQUIC_A_TUNNEL_SCHEDULER,
						    "no such scheduler");
		tquic_sched_put(sched_ops);
	}
	if (cong) {
		nla_strscpy(config->congestion, cong,
			    sizeof(config->congestion));
		cc_ops = tquic_cc_find(config->congestion);
		if (!cc_ops)
			return tquic_netlink_refuse(info,
						    TQUIC_A_TUNNEL_CONGESTION,
						    "no such congestion control");
		tquic_cc_put(cc_ops);
	}
	return 0;
}

static int tquic_netlink_limits(struct genl_info *info,
				struct tquic_tunnel_config *config)
{
	struct nlattr *paths = info->attrs[TQUIC_A_TUNNEL_PATHS_MAX];
	struct tquic_net *tn = tquic_net(genl_info_net(info));

	config->paths = paths ? nla_get_u8(paths) :
				READ_ONCE(tn->config.max_paths);
	config->flows = tquic_netlink_u32(info, TQUIC_A_TUNNEL_FLOWS_MAX,
					  TQUIC_NETLINK_FLOWS);
	if (config->server)
		config->session_ttl =
			tquic_netlink_u32(info, TQUIC_A_TUNNEL_SESSION_TTL,
					  TQUIC_NETLINK_TTL);
	if (config->paths <= TQUIC_CONN_PATHS_MAX)
		return 0;
	NL_SET_ERR_MSG_ATTR_FMT(info->extack, paths,
				"a connection has %u paths at most",
				TQUIC_CONN_PATHS_MAX);
	return -EINVAL;
}

static int tquic_netlink_check_cred(struct genl_info *info,
				    const struct tquic_tunnel_config *config)
{
	const struct tquic_cred *cred = config->cred;

	/* clients are told from each other by who they prove to be */
	if (cred->auth > TQUIC_AUTH_RAW_KEY)
		return tquic_netlink_refuse(info, TQUIC_A_TUNNEL_AUTH,
			"a tunnel's ends have to prove who they are");
	/* TLS_AES_128_GCM_SHA256 to TLS_CHACHA20_POLY1305_SHA256: RFC 8446 */
	if (cred->cipher && (cred->cipher < 0x1301 || cred->cipher > 0x1303))
		return tquic_netlink_refuse(info, TQUIC_A_TUNNEL_CIPHER,
			"not a cipher of QUIC's: 0x1301, 0x1302, 0x1303");
	if (!config->server && cred->auth == TQUIC_AUTH_PSK &&
	    !*cred->identity)
		return tquic_netlink_missing(info, TQUIC_A_TUNNEL_IDENTITY,
					     "PSK identity of the client");
	return 0;
}

static void tquic_netlink_string(struct genl_info *info, int attr, char *to,
				 size_t room)
{
	if (info->attrs[attr])
		nla_strscpy(to, info->attrs[attr], room);
}

/* As a socket's options would say it. */
static int tquic_netlink_cred(struct genl_info *info,
			      struct tquic_tunnel_config *config)
{
	struct nlattr *psk = info->attrs[TQUIC_A_TUNNEL_PSK_KEY];
	struct tquic_cred *cred = tquic_cred_new(GFP_KERNEL);

	if (!cred)
		return -ENOMEM;
	config->cred = cred;
	cred->uid = current_uid();
	cred->auth = tquic_netlink_u32(info, TQUIC_A_TUNNEL_AUTH,
				       TQUIC_AUTH_PSK);
	cred->cipher = min(tquic_netlink_u32(info, TQUIC_A_TUNNEL_CIPHER, 0),
			   U16_MAX);
	if (psk)
		cred->psk_key = nla_get_s32(psk);
	cred->alpn_len = sizeof(TQUIC_TUNNEL_ALPN);
	cred->alpn[0] = sizeof(TQUIC_TUNNEL_ALPN) - 1;
	memcpy(&cred->alpn[1], TQUIC_TUNNEL_ALPN,
	       sizeof(TQUIC_TUNNEL_ALPN) - 1);
	tquic_netlink_string(info, TQUIC_A_TUNNEL_IDENTITY, cred->identity,
			     sizeof(cred->identity));
	tquic_netlink_string(info, TQUIC_A_TUNNEL_PEERNAME, cred->peername,
			     sizeof(cred->peername));
	tquic_netlink_string(info, TQUIC_A_TUNNEL_PROFILE, cred->profile,
			     sizeof(cred->profile));
	return tquic_netlink_check_cred(info, config);
}

int tquic_nl_tunnel_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	const char *name = tquic_netlink_tunnel(info, TQUIC_A_TUNNEL_NAME);
	struct tquic_tunnel_config config = {};
	int err;

	if (IS_ERR(name))
		return PTR_ERR(name);
	strscpy(config.name, name);
	err = tquic_netlink_role(info, &config) ?:
	      tquic_netlink_addresses(info, &config) ?:
	      tquic_netlink_algos(info, &config) ?:
	      tquic_netlink_limits(info, &config);
	if (err)
		return err;
	if (!tquic_netlink_has_dev(info, TQUIC_A_TUNNEL_DEV))
		return -ENODEV;
	config.dev = tquic_netlink_u32(info, TQUIC_A_TUNNEL_DEV, 0);
	err = tquic_netlink_cred(info, &config) ?:
	      tquic_tunnel_add(genl_info_net(info), &config, info->extack);
	tquic_cred_put(config.cred);
	return err;
}
