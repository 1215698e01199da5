// SPDX-License-Identifier: GPL-2.0
/*
 * The sending end: plan, seal, send, as long as there is credit.
 *
 * One thread does all of it without a lock.  Trains that are sealed
 * asynchronously are sent in order as they come back.
 */
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "aead.h"
#include "aead_hp.h"
#include "link.h"
#include "path.h"
#include "source.h"
#include "train.h"
#include "tx.h"

/* longest that the last bytes may take to arrive */
#define DP_DRAIN	(5 * HZ)

/**
 * struct dp_tx - a sender
 * @opts: its options
 * @link: shared with the receiver
 * @path: where to send to
 * @src: what to send
 * @tr: makes trains
 * @trains: trains being sealed, oldest first
 * @task: the thread
 */
struct dp_tx {
	struct dp_opts opts;
	struct dp_link *link;
	struct dp_path path;
	struct dp_source src;
	struct dp_trainer tr;
	struct list_head trains;
	struct task_struct *task;
};

static bool dp_tx_quit(const struct dp_tx *tx)
{
	return kthread_should_stop() || READ_ONCE(tx->link->rx_gone);
}

static struct dp_train *dp_tx_sealed(struct dp_tx *tx)
{
	struct dp_train *train;

	train = list_first_entry_or_null(&tx->trains, struct dp_train, node);
	/* pairs with the release in dp_train_sealed() */
	return train && smp_load_acquire(&train->done) ? train : NULL;
}

static void dp_tx_send(struct dp_tx *tx, struct dp_train *train)
{
	struct dp_tx_stats *stats = &tx->link->tx;
	unsigned int n = tx->tr.single ? 1 : train->n;
	struct sk_buff *skb;

	stats->async += train->async;
	if (train->failed) {
		stats->failed += train->n;
		return;
	}
	stats->trains++;
	stats->packets += train->n;
	while ((skb = __skb_dequeue(&train->skbs))) {
		stats->skbs++;
		if (dp_path_send(&tx->path, skb, n, tx->opts.size))
			stats->failed += n;
	}
}

static void dp_tx_reap(struct dp_tx *tx)
{
	struct dp_train *train;
	struct dp_clock clock;

	while ((train = dp_tx_sealed(tx))) {
		dp_clock_start(&clock);
		list_del(&train->node);
		dp_tx_send(tx, train);
		dp_train_free(train);
		dp_clock_lap(&clock, &tx->link->tx.send);
	}
}

/* Sleep until half of the window is free, or a train is sealed. */
static void dp_tx_wait(struct dp_tx *tx)
{
	struct dp_link *link = tx->link;

	link->tx.waits++;
	wait_event_idle(link->credit, dp_tx_quit(tx) || dp_tx_sealed(tx) ||
			dp_link_credit(link) >= link->window / 2);
}

static bool dp_tx_more(const struct dp_tx *tx, u64 deadline)
{
	if (dp_tx_quit(tx) || tx->link->tx.failed)
		return false;
	if (tx->opts.bytes && tx->tr.offset >= tx->opts.bytes)
		return false;
	return !deadline || ktime_get_ns() < deadline;
}

static int dp_tx_run(struct dp_tx *tx)
{
	u64 deadline = 0, left = U64_MAX;
	struct dp_link *link = tx->link;
	struct dp_train *train;
	unsigned int need;
	struct dp_clock clock;
	int err;

	need = tx->opts.train * tx->opts.size;
	if (tx->opts.ms)
		deadline = link->start_ns + (u64)tx->opts.ms * NSEC_PER_MSEC;

	while (dp_tx_more(tx, deadline)) {
		dp_tx_reap(tx);
		if (dp_link_credit(link) < need) {
			dp_tx_wait(tx);
			continue;
		}
		if (tx->opts.bytes)
			left = tx->opts.bytes - tx->tr.offset;
		dp_clock_start(&clock);
		err = dp_source_fill(&tx->src, need);
		if (err)
			return err;
		dp_clock_lap(&clock, &link->tx.source);
		train = dp_train_build(&tx->tr, tx->opts.train, left);
		if (!train)
			return -ENOMEM;
		dp_clock_lap(&clock, &link->tx.plan);
		WRITE_ONCE(link->tx.bytes, link->tx.bytes + train->bytes);
		list_add_tail(&train->node, &tx->trains);
		dp_train_seal(train, &link->credit);
		dp_clock_lap(&clock, &link->tx.seal);
		cond_resched();
	}
	return 0;
}

/* Every train has to come back, even when the sender is told to stop. */
static void dp_tx_flush(struct dp_tx *tx)
{
	while (!list_empty(&tx->trains)) {
		wait_event_idle(tx->link->credit, dp_tx_sealed(tx));
		dp_tx_reap(tx);
	}
}

static int dp_tx_thread(void *arg)
{
	struct dp_tx *tx = arg;
	struct dp_link *link = tx->link;
	int err;

	link->start_ns = ktime_get_ns();
	WRITE_ONCE(link->state, DP_RUNNING);
	err = dp_tx_run(tx);
	dp_tx_flush(tx);
	wait_event_idle_timeout(link->credit, dp_tx_quit(tx) ||
				dp_link_credit(link) == link->window,
				DP_DRAIN);
	link->end_ns = ktime_get_ns();
	if (err || link->tx.failed || dp_link_credit(link) != link->window)
		WRITE_ONCE(link->state, DP_FAILED);
	else
		WRITE_ONCE(link->state, DP_DONE);

	/* somebody will stop this thread, and it has to be there then */
	while (!kthread_should_stop()) {
		set_current_state(TASK_IDLE);
		if (!kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 0;
}

static int dp_tx_setup(struct dp_tx *tx, struct net *net)
{
	int err;

	err = dp_link_keys(tx->link, &tx->tr.key, &tx->tr.hp);
	if (err)
		return err;
	err = dp_source_init(&tx->src, tx->opts.copy);
	if (err)
		goto err_keys;
	err = dp_path_open(&tx->path, net, tx->opts.daddr, tx->opts.port);
	if (err)
		goto err_source;

	tx->task = kthread_create(dp_tx_thread, tx, "tquic_dp_tx");
	if (IS_ERR(tx->task)) {
		err = PTR_ERR(tx->task);
		goto err_path;
	}
	return 0;

err_path:
	dp_path_close(&tx->path);
err_source:
	dp_source_exit(&tx->src);
err_keys:
	tquic_hp_key_put(tx->tr.hp);
	tquic_aead_key_put(tx->tr.key);
	return err;
}

/**
 * dp_tx_start - start to send
 * @net: namespace to send from
 * @opts: options
 *
 * Return: the sender, or ERR_PTR(): -ENOTCONN when there is no receiver.
 */
struct dp_tx *dp_tx_start(struct net *net, const struct dp_opts *opts)
{
	struct dp_tx *tx;
	int err;

	if (!opts->daddr || (!opts->bytes && !opts->ms))
		return ERR_PTR(-EINVAL);
	tx = kzalloc_obj(*tx, GFP_KERNEL);
	if (!tx)
		return ERR_PTR(-ENOMEM);

	tx->opts = *opts;
	/* what IPv4 carries in one buffer */
	tx->opts.train = min(opts->train, (0xffff - 28) / opts->size);
	tx->tr.size = opts->size;
	tx->tr.single = opts->mode == DP_SINGLE;
	tx->tr.src = &tx->src;
	INIT_LIST_HEAD(&tx->trains);

	tx->link = dp_link_join(opts->port);
	if (IS_ERR(tx->link)) {
		err = PTR_ERR(tx->link);
		goto err_free;
	}
	err = dp_tx_setup(tx, net);
	if (err)
		goto err_link;
	if (opts->cpu >= 0)
		kthread_bind(tx->task, opts->cpu);
	wake_up_process(tx->task);
	return tx;

err_link:
	dp_link_unjoin(tx->link);
err_free:
	kfree(tx);
	return ERR_PTR(err);
}

/**
 * dp_tx_stop - stop sending, and free the sender
 * @tx: the sender
 *
 * Packets that were sealed are sent, as their numbers are spent.
 */
void dp_tx_stop(struct dp_tx *tx)
{
	kthread_stop(tx->task);
	/* the thread saw every train come back; the one who brought the last
	 * may still be at the link's wait queue
	 */
	synchronize_rcu();
	dp_path_close(&tx->path);
	if (tx->tr.out.page)
		put_page(tx->tr.out.page);
	dp_source_exit(&tx->src);
	tquic_hp_key_put(tx->tr.hp);
	tquic_aead_key_put(tx->tr.key);
	dp_link_put(tx->link);
	kfree(tx);
}

const struct dp_link *dp_tx_link(const struct dp_tx *tx)
{
	return tx->link;
}
