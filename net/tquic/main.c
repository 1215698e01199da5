// SPDX-License-Identifier: GPL-2.0
/* The module: what is set up when it is loaded, and in what order. */
#include <linux/init.h>
#include <linux/module.h>

#include "aead.h"
#include "hs.h"
#include "input.h"
#include "net.h"
#include "netlink.h"
#include "proc.h"
#include "proto263.h"
#include "registry.h"
#include "sock.h"
#include "sysctl.h"
#include "tunnel.h"

/*
 * A namespace.  What uses another part comes after it, and goes before it.
 * Connections are closed while the devices are still there, which is why this
 * is registered like a device, so that they can say goodbye.
 */
static int __net_init tquic_main_net_init(struct net *net)
{
	struct tquic_net *tn = tquic_net(net);
	int err;

	tn->net = net;
	tn->mib = tquic_mib_alloc();
	if (!tn->mib)
		return -ENOMEM;
	err = tquic_net_init(tn);
	if (err)
		goto err_mib;
	err = tquic_demux_init(&tn->demux, net);
	if (err)
		goto err_net;
	tquic_hs_net_init(&tn->hs);
	tquic_listen_net_init(&tn->listen);
	tquic_udp_net_init(&tn->udp);
	tn->udp.rx = tquic_input_rx;
	tn->udp.icmp = tquic_input_icmp;
	err = tquic_proc_init(tn);
	if (err)
		goto err_listen;
	err = tquic_sysctl_init(tn);
	if (err)
		goto err_proc;
	return 0;

err_proc:
	tquic_proc_exit(tn);
err_listen:
	tquic_listen_net_exit(&tn->listen);
	tquic_udp_net_exit(&tn->udp);
	tquic_hs_net_exit(&tn->hs);
	tquic_demux_exit(&tn->demux);
err_net:
	tquic_net_exit(tn);
err_mib:
	tquic_mib_free(tn->mib);
	return err;
}

/*
 * In this order, each step by what was done before:
 * - Nobody listens: who does has a reference of the namespace, or of the module
 *   when that is unloaded.  A grace period has passed since the last listener
 *   left the list, so nothing is put into the listeners' queues any more.
 * - Sessions end, and let go of listeners, handshakes and sockets.
 * - The listeners' work, which could have made another session until then, is
 *   stopped; packets in their queues let go of sockets.
 * - Sockets are waited for: they have no users now.
 */
static void __net_exit tquic_main_net_exit(struct net *net)
{
	struct tquic_net *tn = tquic_net(net);

	tquic_sysctl_exit(tn);
	tquic_proc_exit(tn);
	tquic_net_exit(tn);
	tquic_listen_net_exit(&tn->listen);
	tquic_udp_net_exit(&tn->udp);
	tquic_hs_net_exit(&tn->hs);
	tquic_demux_exit(&tn->demux);
	tquic_mib_free(tn->mib);
}

static struct pernet_operations tquic_main_net_ops = {
	.init = tquic_main_net_init,
	.exit = tquic_main_net_exit,
	.id = &tquic_net_id,
	.size = sizeof(struct tquic_net),
};

/**
 * struct tquic_main_step - a part of the module
 * @init: sets it up; 0 or -errno
 * @exit: takes it down, or NULL
 */
struct tquic_main_step {
	int (*init)(void);
	void (*exit)(void);
};

static int __init tquic_main_wq_init(void)
{
	tquic_wq = alloc_workqueue("tquic", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	return tquic_wq ? 0 : -ENOMEM;
}

static void tquic_main_wq_exit(void)
{
	/* sessions are freed by work that waits for grace periods */
	rcu_barrier();
	destroy_workqueue(tquic_wq);
}

static int __init tquic_main_pernet_init(void)
{
	return register_pernet_device(&tquic_main_net_ops);
}

static void tquic_main_pernet_exit(void)
{
	unregister_pernet_device(&tquic_main_net_ops);
}

/* in this order at load, in the opposite one at unload */
static const struct tquic_main_step tquic_main_steps[] = {
	{ tquic_aead_init, tquic_aead_exit },
	{ tquic_aead_selftest },
	{ tquic_registry_init },
	{ tquic_train_init, tquic_train_exit },
	{ tquic_sess_init, tquic_sess_exit },
	{ tquic_sess_rx_init, tquic_sess_rx_exit },
	{ tquic_main_wq_init, tquic_main_wq_exit },
	{ tquic_udp_init, tquic_udp_exit },
	{ tquic_hs_init, tquic_hs_exit },
	{ tquic_main_pernet_init, tquic_main_pernet_exit },
	{ tquic_net_dev_init, tquic_net_dev_exit },
	{ tquic_tunnel_init, tquic_tunnel_exit },
	{ tquic_netlink_init, tquic_netlink_exit },
	{ tquic_sock_register, tquic_sock_unregister },
	{ tquic_proto263_init, tquic_proto263_exit },
};

static void tquic_main_down(unsigned int n)
{
	while (n--)
		if (tquic_main_steps[n].exit)
			tquic_main_steps[n].exit();
}

static int __init tquic_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(tquic_main_steps); i++) {
		err = tquic_main_steps[i].init();
		if (err) {
			tquic_main_down(i);
			return err;
		}
	}
	return 0;
}

static void __exit tquic_exit(void)
{
	tquic_main_down(ARRAY_SIZE(tquic_main_steps));
}

module_init(tquic_init);
module_exit(tquic_exit);

/*
 * "gcm(aes)" alone loads the template, over AES in C.  What uses the
 * processor's instructions stands behind this alias and has to be there first.
 */
MODULE_SOFTDEP("pre: crypto-aes");

MODULE_DESCRIPTION("Multipath QUIC");
MODULE_AUTHOR("TQUIC developers");
MODULE_LICENSE("GPL");
