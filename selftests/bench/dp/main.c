// SPDX-License-Identifier: GPL-2.0
/*
 * Benchmark of the data path: one byte stream, one direction, one path, fixed
 * secrets and no protocol above.
 *
 * Both ends are controlled through /proc/net/tquic_datapath of their network
 * namespace.  "rx name=value..." makes a receiver, "tx name=value..." starts a
 * sender to one, "stop" ends both; reading shows the state and the counters.
 * See opts.h for the options.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "aead.h"
#include "link.h"
#include "opts.h"
#include "rx.h"
#include "tx.h"

#define DP_PROC	"tquic_datapath"

static unsigned int dp_net_id __read_mostly;

/**
 * struct dp_net - the ends in one namespace
 * @lock: see below
 * @rx: the receiver, or NULL
 * @tx: the sender, or NULL
 */
struct dp_net {
	struct mutex lock;	/* protects @rx and @tx */
	struct dp_rx *rx;
	struct dp_tx *tx;
};

static const char *const dp_states[] = {
	[DP_WAITING] = "waiting",
	[DP_RUNNING] = "running",
	[DP_DONE] = "done",
	[DP_FAILED] = "failed",
};

static void dp_show_stage(struct seq_file *m, const char *name,
			  const struct dp_stage *stage)
{
	seq_printf(m, "%s_ns %llu\n%s_n %llu\n", name, stage->ns, name,
		   stage->n);
}

static void dp_show(struct seq_file *m, const struct dp_link *link)
{
	const struct dp_tx_stats *tx = &link->tx;
	const struct dp_rx_stats *rx = &link->rx;
	u64 ns = link->end_ns - link->start_ns;

	seq_printf(m, "state %s\n", dp_states[READ_ONCE(link->state)]);
	seq_printf(m, "ns %llu\n", link->end_ns ? ns : 0);
	seq_printf(m, "tx_bytes %llu\n", tx->bytes);
	seq_printf(m, "tx_packets %llu\n", tx->packets);
	seq_printf(m, "tx_trains %llu\n", tx->trains);
	seq_printf(m, "tx_skbs %llu\n", tx->skbs);
	seq_printf(m, "tx_async %llu\n", tx->async);
	seq_printf(m, "tx_waits %llu\n", tx->waits);
	seq_printf(m, "tx_failed %llu\n", tx->failed);
	seq_printf(m, "rx_bytes %llu\n", rx->bytes);
	seq_printf(m, "rx_packets %llu\n", rx->packets);
	seq_printf(m, "rx_skbs %llu\n", rx->skbs);
	seq_printf(m, "rx_batches %llu\n", rx->batches);
	seq_printf(m, "rx_polls %llu\n", rx->polls);
	seq_printf(m, "rx_lost %llu\n", rx->lost);
	seq_printf(m, "rx_late %llu\n", rx->late);
	seq_printf(m, "rx_bad %llu\n", rx->bad);
	seq_printf(m, "rx_in_place %llu\n", rx->in_place);
	seq_printf(m, "rx_copied %llu\n", rx->copied);
	seq_printf(m, "rx_async %llu\n", rx->async);
	seq_printf(m, "rx_verified %llu\n", rx->verified);
	seq_printf(m, "rx_differ %llu\n", rx->differ);
	dp_show_stage(m, "source", &tx->source);
	dp_show_stage(m, "plan", &tx->plan);
	dp_show_stage(m, "seal", &tx->seal);
	dp_show_stage(m, "send", &tx->send);
	dp_show_stage(m, "add", &rx->add);
	dp_show_stage(m, "unprotect", &rx->unprotect);
	dp_show_stage(m, "open", &rx->open);
	dp_show_stage(m, "consume", &rx->consume);
}

static int dp_proc_show(struct seq_file *m, void *v)
{
	struct dp_net *dn = net_generic(seq_file_single_net(m), dp_net_id);

	mutex_lock(&dn->lock);
	if (dn->tx)
		dp_show(m, dp_tx_link(dn->tx));
	else if (dn->rx)
		dp_show(m, dp_rx_link(dn->rx));
	mutex_unlock(&dn->lock);
	return 0;
}

static void dp_stop(struct dp_net *dn)
{
	lockdep_assert_held(&dn->lock);
	if (dn->tx)
		dp_tx_stop(dn->tx);
	dn->tx = NULL;
	if (dn->rx)
		dp_rx_stop(dn->rx);
	dn->rx = NULL;
}

static int dp_start_rx(struct dp_net *dn, struct net *net, char *words)
{
	struct dp_opts opts;
	struct dp_rx *rx;
	int err;

	err = dp_opts_parse(&opts, words);
	if (err)
		return err;
	if (dn->rx)
		return -EBUSY;
	rx = dp_rx_start(net, &opts);
	if (IS_ERR(rx))
		return PTR_ERR(rx);
	dn->rx = rx;
	return 0;
}

static int dp_start_tx(struct dp_net *dn, struct net *net, char *words)
{
	struct dp_opts opts;
	struct dp_tx *tx;
	int err;

	err = dp_opts_parse(&opts, words);
	if (err)
		return err;
	if (dn->tx)
		return -EBUSY;
	tx = dp_tx_start(net, &opts);
	if (IS_ERR(tx))
		return PTR_ERR(tx);
	dn->tx = tx;
	return 0;
}

static int dp_proc_write(struct file *file, char *buf, size_t size)
{
	struct net *net = seq_file_single_net(file->private_data);
	struct dp_net *dn = net_generic(net, dp_net_id);
	char *verb;
	int err = 0;

	verb = strsep(&buf, " \t\n");
	mutex_lock(&dn->lock);
	if (!strcmp(verb, "rx"))
		err = dp_start_rx(dn, net, buf);
	else if (!strcmp(verb, "tx"))
		err = dp_start_tx(dn, net, buf);
	else if (!strcmp(verb, "stop"))
		dp_stop(dn);
	else
		err = -EINVAL;
	mutex_unlock(&dn->lock);
	return err;
}

static int __net_init dp_net_init(struct net *net)
{
	struct dp_net *dn = net_generic(net, dp_net_id);

	mutex_init(&dn->lock);
	if (!proc_create_net_single_write(DP_PROC, 0600, net->proc_net,
					  dp_proc_show, dp_proc_write, NULL))
		return -ENOMEM;
	return 0;
}

/* Ends before the devices and the sockets of the namespace do. */
static void __net_exit dp_net_exit(struct net *net)
{
	struct dp_net *dn = net_generic(net, dp_net_id);

	/* nobody starts anything after this */
	remove_proc_entry(DP_PROC, net->proc_net);
	mutex_lock(&dn->lock);
	dp_stop(dn);
	mutex_unlock(&dn->lock);
}

static struct pernet_operations dp_net_ops = {
	.init = dp_net_init,
	.exit = dp_net_exit,
	.id = &dp_net_id,
	.size = sizeof(struct dp_net),
};

static int __init dp_init(void)
{
	int err;

	err = tquic_aead_init();
	if (err)
		return err;
	err = register_pernet_device(&dp_net_ops);
	if (err)
		tquic_aead_exit();
	return err;
}

static void __exit dp_exit(void)
{
	unregister_pernet_device(&dp_net_ops);
	/* a closed socket may still have a packet in encap_rcv */
	synchronize_rcu();
	tquic_aead_exit();
}

module_init(dp_init);
module_exit(dp_exit);

MODULE_DESCRIPTION("TQUIC data path benchmark");
MODULE_AUTHOR("TQUIC developers");
MODULE_LICENSE("GPL");
