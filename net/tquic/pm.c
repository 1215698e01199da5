// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's path manager: an uplink is a device by which a default route
 * leads to the server.  Each gets a path of its own, by its own address, so two
 * modems that hand out the same addresses are two paths.
 */
#include <linux/if_bridge.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <net/addrconf.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ip_fib.h>
#include <net/route.h>

#include "pm.h"
#include "sess_priv.h"

/**
 * struct tquic_pm_uplinks - uplinks of a namespace
 * @count: how many
 * @tuple: the path of each; without a port of ours
 */
struct tquic_pm_uplinks {
	unsigned int count;
	struct tquic_tuple tuple[TQUIC_CONN_PATHS_MAX];
};

/* Links that are parts of something else, or lead nowhere. */
static bool tquic_pm_skips(const struct net_device *dev)
{
	return dev->flags & IFF_LOOPBACK || !netif_running(dev) ||
	       !netif_carrier_ok(dev) || netif_is_bridge_port(dev) ||
	       netif_is_lag_port(dev) || netif_is_ovs_master(dev) ||
	       netif_is_ovs_port(dev);
}

/* Our address on a default route of the device; false without one. */
static bool tquic_pm_source4(struct net *net, struct tquic_tuple *tuple)
{
	__be32 remote = ((const struct in6_addr *)tuple->remote)->s6_addr32[3];
	struct flowi4 fl4 = { .flowi4_oif = tuple->dev, .daddr = remote };
	struct fib_result res;
	struct rtable *rt;
	bool found;

	if (fib_lookup(net, &fl4, &res, FIB_LOOKUP_NOREF) || res.prefixlen ||
	    res.type != RTN_UNICAST)
		return false;
	fl4 = (struct flowi4){ .flowi4_oif = tuple->dev, .daddr = remote };
	rt = ip_route_output_key(net, &fl4);
	if (IS_ERR(rt))
		return false;
	found = fl4.saddr && rt->dst.dev->ifindex == tuple->dev;
	ip_rt_put(rt);
	ipv6_addr_set_v4mapped(fl4.saddr, (struct in6_addr *)tuple->local);
	return found;
}

#if IS_ENABLED(CONFIG_IPV6)
static bool tquic_pm_default6(struct dst_entry *dst)
{
	const struct fib6_info *from;

	if (dst->error)
		return false;
	from = rcu_dereference(dst_rt6_info(dst)->from);
	return from && !from->fib6_dst.plen;
}

static bool tquic_pm_source6(struct net *net, struct net_device *dev,
			     struct tquic_tuple *tuple)
{
	struct in6_addr *saddr = (struct in6_addr *)tuple->local;
	struct flowi6 fl6 = {
		.flowi6_oif = tuple->dev,
		.daddr = *(struct in6_addr *)tuple->remote,
	};
	struct dst_entry *dst;
	bool found;

	dst = ip6_route_output(net, NULL, &fl6);
	found = tquic_pm_default6(dst) &&
		!ipv6_dev_get_saddr(net, dev, &fl6.daddr, 0, saddr) &&
		!(ipv6_addr_type(saddr) & IPV6_ADDR_LINKLOCAL);
	dst_release(dst);
	return found;
}
#endif

static bool tquic_pm_source(struct net *net, struct net_device *dev,
			    struct tquic_tuple *tuple)
{
	if (tquic_tuple_is_ipv4(tuple))
		return tquic_pm_source4(net, tuple);
#if IS_ENABLED(CONFIG_IPV6)
	return tquic_pm_source6(net, dev, tuple);
#else
	return false;
#endif
}

static void tquic_pm_find(struct net *net, const struct tquic_tuple *first,
			  struct tquic_pm_uplinks *up)
{
	struct net_device *dev;
	struct tquic_tuple *tuple;

	up->count = 0;
	rcu_read_lock();
	for_each_netdev_rcu(net, dev) {
		if (up->count == ARRAY_SIZE(up->tuple))
			break;
		if (tquic_pm_skips(dev))
			continue;
		tuple = &up->tuple[up->count];
		*tuple = (struct tquic_tuple){
			.remote_port = first->remote_port,
			.dev = dev->ifindex,
		};
		memcpy(tuple->remote, first->remote, sizeof(tuple->remote));
		if (tquic_pm_source(net, dev, tuple))
			up->count++;
	}
	rcu_read_unlock();
}

static u32 tquic_pm_device4(struct net *net, const struct tquic_tuple *tuple)
{
	struct flowi4 fl4 = {
		.saddr = ((const struct in6_addr *)tuple->local)->s6_addr32[3],
		.daddr = ((const struct in6_addr *)tuple->remote)->s6_addr32[3],
	};
	struct rtable *rt = ip_route_output_key(net, &fl4);
	u32 dev;

	if (IS_ERR(rt))
		return 0;
	dev = rt->dst.dev->ifindex;
	ip_rt_put(rt);
	return dev;
}

#if IS_ENABLED(CONFIG_IPV6)
static u32 tquic_pm_device6(struct net *net, const struct tquic_tuple *tuple)
{
	struct flowi6 fl6 = {
		.saddr = *(const struct in6_addr *)tuple->local,
		.daddr = *(const struct in6_addr *)tuple->remote,
	};
	struct dst_entry *dst = ip6_route_output(net, NULL, &fl6);
	u32 dev = dst->error ? 0 : dst->dev->ifindex;

	dst_release(dst);
	return dev;
}
#endif

/* Where packets of a path go that was not told a device; 0 for nowhere. */
static u32 tquic_pm_device(struct net *net, const struct tquic_tuple *tuple)
{
	if (tquic_tuple_is_ipv4(tuple))
		return tquic_pm_device4(net, tuple);
#if IS_ENABLED(CONFIG_IPV6)
	return tquic_pm_device6(net, tuple);
#else
	return 0;
#endif
}

/*
 * Path 0 follows the routing table unless it was told a device: of the uplinks
 * with its address it is the one that it goes by.
 */
static bool tquic_pm_is_on(struct net *net, const struct tquic_path *path,
			   const struct tquic_tuple *uplink)
{
	const struct tquic_tuple *tuple = &path->tuple;
	u32 dev;

	if (memcmp(tuple->local, uplink->local, sizeof(tuple->local)))
		return false;
	dev = tuple->dev ?: tquic_pm_device(net, tuple);
	return !dev || dev == uplink->dev;
}

static bool tquic_pm_has(const struct tquic_sess *sess,
			 const struct tquic_tuple *uplink)
{
	const struct tquic_conn *core = sess->core;
	const struct tquic_path *path;

	list_for_each_entry(path, &core->paths, node)
		if (path->state != TQUIC_PATH_CLOSING &&
		    tquic_pm_is_on(sess->tn->net, path, uplink))
			return true;
	return false;
}

static bool tquic_pm_has_addr4(struct net_device *dev, __be32 addr)
{
	const struct in_device *in_dev = __in_dev_get_rcu(dev);
	const struct in_ifaddr *ifa;

	if (!in_dev)
		return false;
	in_dev_for_each_ifa_rcu(ifa, in_dev)
		if (ifa->ifa_local == addr)
			return true;
	return false;
}

static bool tquic_pm_has_addr(struct net *net, struct net_device *dev,
			      const u8 *addr)
{
	const struct in6_addr *in6 = (const struct in6_addr *)addr;

	if (ipv6_addr_v4mapped(in6))
		return tquic_pm_has_addr4(dev, in6->s6_addr32[3]);
#if IS_ENABLED(CONFIG_IPV6)
	return ipv6_chk_addr(net, in6, dev, 1);
#else
	return false;
#endif
}

/* The address is not ours any more, or the device is gone: not just down. */
static bool tquic_pm_is_gone(struct net *net, const struct tquic_path *path)
{
	const struct tquic_tuple *tuple = &path->tuple;
	struct net_device *dev;
	bool gone;

	if (!tuple->dev)
		return false;
	rcu_read_lock();
	dev = dev_get_by_index_rcu(net, tuple->dev);
	gone = !dev || !tquic_pm_has_addr(net, dev, tuple->local);
	rcu_read_unlock();
	return gone;
}

static void tquic_pm_drop_gone(struct tquic_sess *sess)
{
	struct tquic_conn *core = sess->core;
	struct tquic_path *path, *next;

	list_for_each_entry_safe(path, next, &core->paths, node) {
		if (core->npaths < 2)
			return;
		if (path->state != TQUIC_PATH_CLOSING &&
		    tquic_pm_is_gone(sess->tn->net, path))
			tquic_sess_del_path(sess, path->id);
	}
}

/**
 * tquic_pm_review - have a path by each uplink, and none by what is gone
 * @sess: client's session with multipath; the lock is held
 *
 * To be called now and then: routes come and go without a word.  An uplink that
 * is only down keeps its path.
 */
void tquic_pm_review(struct tquic_sess *sess)
{
	struct tquic_conn *core = sess->core;
	struct tquic_pm_uplinks *up;
	struct tquic_path *first;
	unsigned int i;

	first = list_first_entry_or_null(&core->paths, struct tquic_path, node);
	if (sess->dead || !core->multipath || !core->confirmed || !first)
		return;
	up = kzalloc_obj(*up, GFP_KERNEL);
	if (!up)
		return;
	tquic_pm_find(sess->tn->net, &first->tuple, up);
	for (i = 0; i < up->count; i++)
		if (!tquic_pm_has(sess, &up->tuple[i]))
			tquic_sess_add_path(sess, &up->tuple[i]);
	tquic_pm_drop_gone(sess);
	kfree(up);
}
