// SPDX-License-Identifier: GPL-2.0
/*
 * The receiving end: take buffers from the socket, open them, consume them.
 */
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/skbuff.h>

#include "aead.h"
#include "aead_hp.h"
#include "link.h"
#include "opener.h"
#include "rx.h"
#include "rxsock.h"
#include "sink.h"
#include "worker.h"

/* buffers taken before somebody else gets a turn */
#define DP_BUDGET	64

/**
 * struct dp_rx - a receiver
 * @link: shared with the sender
 * @rs: where packets come in
 * @worker: where they are opened
 * @opener: opens them
 * @sink: consumes them
 */
struct dp_rx {
	struct dp_link *link;
	struct dp_rxsock rs;
	struct dp_worker worker;
	struct dp_opener opener;
	struct dp_sink sink;
};

static bool dp_rx_poll(void *arg)
{
	unsigned int budget = DP_BUDGET;
	struct dp_rx *rx = arg;
	struct sk_buff *skb;

	rx->link->rx.polls++;
	dp_clock_start(&rx->opener.clock);
	while (budget && (skb = dp_rxsock_next(&rx->rs))) {
		dp_opener_add(&rx->opener, skb);
		budget--;
	}
	dp_opener_flush(&rx->opener);
	return !budget;
}

static void dp_rx_kick(void *arg)
{
	struct dp_rx *rx = arg;

	dp_worker_kick(&rx->worker);
}

static int dp_rx_setup(struct dp_rx *rx, struct net *net,
		       const struct dp_opts *opts)
{
	struct dp_opener *op = &rx->opener;
	bool sleeps = opts->context == DP_KTHREAD ||
		      opts->context == DP_WORKQUEUE;
	int err;

	err = dp_link_keys(rx->link, &op->key, &op->hp);
	if (err)
		return err;
	err = dp_sink_init(&rx->sink, &rx->link->rx, opts->copy,
			   opts->verify);
	if (err)
		goto err_keys;

	op->link = rx->link;
	op->sink = &rx->sink;
	op->gfp = sleeps ? GFP_KERNEL : GFP_ATOMIC;
	op->unshare = opts->unshare;
	op->kick = dp_rx_kick;
	op->arg = rx;
	INIT_LIST_HEAD(&op->jobs);

	rx->worker.context = opts->context;
	rx->worker.cpu = opts->cpu;
	rx->worker.poll = dp_rx_poll;
	rx->worker.arg = rx;
	err = dp_worker_start(&rx->worker);
	if (err)
		goto err_sink;

	rx->rs.kick = dp_rx_kick;
	rx->rs.arg = rx;
	err = dp_rxsock_open(&rx->rs, net, opts->port, opts->mode,
			     opts->window);
	if (err)
		goto err_worker;
	return 0;

err_worker:
	dp_worker_stop(&rx->worker);
	dp_worker_exit(&rx->worker);
err_sink:
	dp_sink_exit(&rx->sink);
err_keys:
	tquic_hp_key_put(op->hp);
	tquic_aead_key_put(op->key);
	return err;
}

/**
 * dp_rx_start - start to receive
 * @net: namespace to receive in
 * @opts: options
 *
 * Return: the receiver, or ERR_PTR().
 */
struct dp_rx *dp_rx_start(struct net *net, const struct dp_opts *opts)
{
	struct dp_rx *rx;
	int err;

	rx = kzalloc_obj(*rx, GFP_KERNEL);
	if (!rx)
		return ERR_PTR(-ENOMEM);
	rx->link = dp_link_create(opts);
	if (IS_ERR(rx->link)) {
		err = PTR_ERR(rx->link);
		goto err_free;
	}
	err = dp_rx_setup(rx, net, opts);
	if (err)
		goto err_link;
	return rx;

err_link:
	dp_link_close_rx(rx->link);
	dp_link_put(rx->link);
err_free:
	kfree(rx);
	return ERR_PTR(err);
}

/**
 * dp_rx_stop - stop receiving, and free the receiver
 * @rx: the receiver
 *
 * Who kicks the worker goes first: the socket, then, once the worker submits
 * no more, the crypto layer.
 */
void dp_rx_stop(struct dp_rx *rx)
{
	dp_link_close_rx(rx->link);
	dp_rxsock_quiet(&rx->rs);
	dp_worker_stop(&rx->worker);
	dp_opener_exit(&rx->opener);
	dp_worker_exit(&rx->worker);
	dp_rxsock_close(&rx->rs);
	dp_sink_exit(&rx->sink);
	tquic_hp_key_put(rx->opener.hp);
	tquic_aead_key_put(rx->opener.key);
	dp_link_put(rx->link);
	kfree(rx);
}

const struct dp_link *dp_rx_link(const struct dp_rx *rx)
{
	return rx->link;
}
