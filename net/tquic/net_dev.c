// SPDX-License-Identifier: GPL-2.0
/*
 * Links and addresses that come and go: each connection of the namespace looks
 * at its own paths, by its work.  Such events are rare, and notifiers run with
 * RTNL held, so they do no more than kick.
 */
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/notifier.h>
#include <net/addrconf.h>

#include "sess_priv.h"

static void tquic_net_dev_review(struct net *net)
{
	struct tquic_net *tn = tquic_net(net);
	struct tquic_sess *sess;

	spin_lock_bh(&tn->lock);
	list_for_each_entry(sess, &tn->sessions, node) {
		set_bit(TQUIC_SESS_F_LINKS, &sess->flags);
		tquic_sess_kick(sess);
	}
	spin_unlock_bh(&tn->lock);
}

static int tquic_net_dev_event(struct notifier_block *nb, unsigned long event,
			       void *ptr)
{
	switch (event) {
	case NETDEV_UP:
	case NETDEV_GOING_DOWN:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
	case NETDEV_UNREGISTER:
		tquic_net_dev_review(dev_net(netdev_notifier_info_to_dev(ptr)));
	}
	return NOTIFY_DONE;
}

static int tquic_net_addr4_event(struct notifier_block *nb,
				 unsigned long event, void *ptr)
{
	const struct in_ifaddr *ifa = ptr;

	tquic_net_dev_review(dev_net(ifa->ifa_dev->dev));
	return NOTIFY_DONE;
}

static int tquic_net_addr6_event(struct notifier_block *nb,
				 unsigned long event, void *ptr)
{
	const struct inet6_ifaddr *ifa = ptr;

	tquic_net_dev_review(dev_net(ifa->idev->dev));
	return NOTIFY_DONE;
}

static struct notifier_block tquic_net_dev_nb = {
	.notifier_call = tquic_net_dev_event,
};

static struct notifier_block tquic_net_addr4_nb = {
	.notifier_call = tquic_net_addr4_event,
};

static struct notifier_block tquic_net_addr6_nb = {
	.notifier_call = tquic_net_addr6_event,
};

int __init tquic_net_dev_init(void)
{
	int err;

	err = register_netdevice_notifier(&tquic_net_dev_nb);
	if (err)
		return err;
	err = register_inetaddr_notifier(&tquic_net_addr4_nb);
	if (err)
		goto err_dev;
	err = register_inet6addr_notifier(&tquic_net_addr6_nb);
	if (err)
		goto err_addr4;
	return 0;

err_addr4:
	unregister_inetaddr_notifier(&tquic_net_addr4_nb);
err_dev:
	unregister_netdevice_notifier(&tquic_net_dev_nb);
	return err;
}

void tquic_net_dev_exit(void)
{
	unregister_inet6addr_notifier(&tquic_net_addr6_nb);
	unregister_inetaddr_notifier(&tquic_net_addr4_nb);
	unregister_netdevice_notifier(&tquic_net_dev_nb);
}
