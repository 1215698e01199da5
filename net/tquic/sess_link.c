// SPDX-License-Identifier: GPL-2.0
/* What devices and addresses of this host mean for the paths of a session. */
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <net/addrconf.h>

#include "sess_priv.h"

static bool tquic_link_is_v4(const u8 *addr)
{
	return ipv6_addr_v4mapped((const struct in6_addr *)addr);
}

/* The device with an address of ours; under RCU. */
static struct net_device *tquic_link_by_addr(struct net *net, const u8 *addr)
{
	__be32 v4;

	if (tquic_link_is_v4(addr)) {
		memcpy(&v4, addr + 12, sizeof(v4));
		return __ip_dev_find(net, v4, false);
	}
#if IS_ENABLED(CONFIG_IPV6)
	return ipv6_dev_find(net, (const struct in6_addr *)addr, NULL);
#else
	return NULL;
#endif
}

/* Whether packets can leave from there. */
static bool tquic_link_works(struct net *net, const struct tquic_tuple *tuple)
{
	struct net_device *dev;
	bool up;

	rcu_read_lock();
	dev = tquic_link_by_addr(net, tuple->local);
	if (dev && tuple->dev && dev->ifindex != tuple->dev)
		dev = dev_get_by_index_rcu(net, tuple->dev);
	up = dev && netif_running(dev) && netif_carrier_ok(dev);
	rcu_read_unlock();
	return up;
}

/**
 * tquic_sess_links - links or addresses of this host have changed
 * @sess: session; the lock is held
 * @now: present time
 *
 * What is known is not guessed: a path without a link is not used from now on,
 * and one whose link is back is tried at once.
 */
void tquic_sess_links(struct tquic_sess *sess, u64 now)
{
	struct tquic_conn *core = sess->core;
	struct tquic_path *path;
	bool up;

	list_for_each_entry(path, &core->paths, node) {
		if (path->state == TQUIC_PATH_CLOSING)
			continue;
		up = tquic_link_works(sess->tn->net, &path->tuple);
		if (up && path->down)
			tquic_conn_path_up(core, path->id, now);
		else if (!up && !path->down)
			tquic_conn_path_down(core, path->id, now);
	}
}
