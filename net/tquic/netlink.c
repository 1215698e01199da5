// SPDX-License-Identifier: GPL-2.0
/* The netlink family itself, and whom its requests are about. */
#include <linux/netdevice.h>
#include <linux/xarray.h>

#include "netlink.h"
#include "sess.h"

/**
 * tquic_netlink_missing - refuse a request that lacks an attribute
 * @info: request
 * @attr: the attribute
 * @what: what it is called
 *
 * Return: -EINVAL.
 */
int tquic_netlink_missing(struct genl_info *info, int attr, const char *what)
{
	NL_SET_ERR_ATTR_MISS(info->extack, NULL, attr);
	NL_SET_ERR_MSG_FMT(info->extack, "%s is missing", what);
	return -EINVAL;
}

/**
 * tquic_netlink_sess - the connection that a request names
 * @info: request
 * @attr: attribute with its number
 *
 * Return: the session, with a reference; or ERR_PTR(), and the extended
 * acknowledgment tells why.
 */
struct tquic_sess *tquic_netlink_sess(struct genl_info *info, int attr)
{
	struct tquic_sess *sess;
	u32 id;

	if (!info->attrs[attr])
		return ERR_PTR(tquic_netlink_missing(info, attr,
						     "connection number"));
	id = nla_get_u32(info->attrs[attr]);
	sess = tquic_sess_find(genl_info_net(info), id);
	if (!sess) {
		NL_SET_BAD_ATTR(info->extack, info->attrs[attr]);
		NL_SET_ERR_MSG_FMT(info->extack, "there is no connection %u",
				   id);
		return ERR_PTR(-ENOENT);
	}
	return sess;
}

/**
 * tquic_netlink_has_dev - check a device that a request names
 * @info: request
 * @attr: attribute with its index
 *
 * One that is not there is told from a route that is not.
 *
 * Return: whether there is such a device, or none is named.
 */
bool tquic_netlink_has_dev(struct genl_info *info, int attr)
{
	struct nlattr *a = info->attrs[attr];
	struct net_device *found;

	if (!a || !nla_get_u32(a))
		return true;
	rcu_read_lock();
	found = dev_get_by_index_rcu(genl_info_net(info), nla_get_u32(a));
	rcu_read_unlock();
	if (found)
		return true;
	NL_SET_ERR_MSG_ATTR_FMT(info->extack, a,
				"there is no device with the index %u",
				nla_get_u32(a));
	return false;
}

/**
 * tquic_netlink_next - walk the connections of a namespace
 * @net: namespace
 * @id: number from which on to look; set to that of the result
 *
 * Numbers rise, so that a walk that is interrupted goes on where it was,
 * whatever came and went meanwhile.
 *
 * Return: the next one, with a reference, or NULL.
 */
struct tquic_sess *tquic_netlink_next(struct net *net, unsigned long *id)
{
	struct tquic_net *tn = tquic_net(net);
	struct tquic_sess *sess;

	rcu_read_lock();
	xa_for_each_start(&tn->by_id, *id, sess, *id)
		if (tquic_sess_get_maybe_zero(sess))
			break;
	rcu_read_unlock();
	return sess;
}

int __init tquic_netlink_init(void)
{
	tquic_netlink_event_init();
	tquic_netlink_tunnel_init();
	return genl_register_family(&tquic_nl_family);
}

void tquic_netlink_exit(void)
{
	genl_unregister_family(&tquic_nl_family);
}
