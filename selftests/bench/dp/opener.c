// SPDX-License-Identifier: GPL-2.0
/*
 * Opening what was received.
 *
 * An aggregate's packets go through each step together: header protection is
 * removed from all, numbers are expanded, all are decrypted in place.  Batches
 * may come back from the crypto layer late and from another CPU; the worker
 * takes them from the head of its list, so that the sink sees them in order.
 */
#include <linux/math.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/wait_bit.h>

#include "aead_batch.h"
#include "core/pkt.h"
#include "link.h"
#include "opener.h"
#include "sink.h"

/**
 * struct dp_open_job - a batch and what became of it
 * @node: in dp_opener.jobs
 * @op: whose it is
 * @batch: the packets
 * @done: opened; written with release
 */
struct dp_open_job {
	struct list_head node;
	struct dp_opener *op;
	struct tquic_aead_batch *batch;
	bool done;
};

static struct dp_open_job *dp_open_job_get(struct dp_opener *op)
{
	struct dp_open_job *job = op->job;

	if (job)
		return job;
	job = kzalloc_obj(*job, op->gfp);
	if (!job)
		return NULL;
	job->batch = tquic_aead_batch_alloc(op->gfp);
	if (!job->batch) {
		kfree(job);
		return NULL;
	}
	job->op = op;
	op->job = job;
	return job;
}

static void dp_open_job_free(struct dp_open_job *job)
{
	tquic_aead_batch_free(job->batch);
	kfree(job);
}

/* Hand a batch on; runs in the worker. */
static void dp_open_job_consume(struct dp_opener *op,
				const struct tquic_aead_batch *b)
{
	struct dp_rx_stats *stats = &op->link->rx;
	const struct tquic_aead_op *p;
	unsigned int credit = 0;

	for (p = b->op; p < b->op + b->n; p++) {
		if (p->err) {
			stats->bad++;
			continue;
		}
		credit += dp_sink_packet(op->sink, p->pn, b->skb[p->skb].skb,
					 tquic_open_payload_off(p),
					 tquic_open_payload_len(p));
	}
	stats->batches++;
	stats->in_place += b->stats.in_place;
	stats->copied += b->stats.copied;
	stats->async += b->stats.async;
	dp_link_return(op->link, credit);
}

static void dp_opener_reap(struct dp_opener *op)
{
	struct dp_open_job *job;

	while ((job = list_first_entry_or_null(&op->jobs, struct dp_open_job,
					       node))) {
		/* pairs with the release in dp_open_job_done() */
		if (!smp_load_acquire(&job->done))
			return;
		list_del(&job->node);
		dp_clock_start(&op->clock);
		dp_open_job_consume(op, job->batch);
		dp_open_job_free(job);
		dp_clock_lap(&op->clock, &op->link->rx.consume);
	}
}

static void dp_open_job_done(struct tquic_aead_batch *b, void *arg)
{
	struct dp_open_job *job = arg;
	struct dp_opener *op = job->op;
	bool async = b->stats.async;

	/* the worker may free the batch as soon as it sees the flag */
	smp_store_release(&job->done, true);
	if (async)
		op->kick(op->arg);
	/* whoever waits for this to become zero frees @op */
	if (atomic_dec_and_test(&op->inflight))
		wake_up_var(&op->inflight);
}

static void dp_open_job_submit(struct dp_opener *op)
{
	struct dp_rx_stats *stats = &op->link->rx;
	struct dp_open_job *job = op->job;
	struct tquic_aead_batch *b;
	struct tquic_aead_op *p;
	unsigned int i;

	if (!job)
		return;
	op->job = NULL;
	b = job->batch;
	dp_clock_lap(&op->clock, &stats->add);
	tquic_open_unprotect(b);
	dp_clock_lap(&op->clock, &stats->unprotect);
	for (i = 0; i < b->n; i++) {
		p = &b->op[i];
		/* the connection ID would lead to the connection */
		if (p->err || memcmp(p->hdr + 1, dp_cid, DP_CID_LEN))
			continue;
		tquic_open_key(b, i, op->key, 0,
			       tquic_pkt_pn_decode(op->expected, p->pn_trunc,
						   p->pn_len));
		op->expected = max(op->expected, p->pn + 1);
	}
	list_add_tail(&job->node, &op->jobs);
	atomic_inc(&op->inflight);
	tquic_open_submit(b, dp_open_job_done, job);
	dp_clock_lap(&op->clock, &stats->open);
}

static void dp_open_packets(struct dp_opener *op, struct tquic_aead_batch *b,
			    const struct sk_buff *skb, unsigned int size)
{
	unsigned int off, len;

	for (off = 0; off < skb->len; off += len) {
		len = min(size, skb->len - off);
		if (tquic_open_packet(b, op->hp, off, len, DP_PN_OFF) < 0)
			op->link->rx.bad++;
	}
}

/**
 * dp_opener_add - open what is in a buffer
 * @op: opener
 * @skb: one UDP payload, or an aggregate of them; consumed
 */
void dp_opener_add(struct dp_opener *op, struct sk_buff *skb)
{
	struct dp_open_job *job = op->job;
	unsigned int size = skb->len;
	unsigned int n = 1;

	op->link->rx.skbs++;
	if (skb_is_gso(skb)) {
		size = skb_shinfo(skb)->gso_size;
		n = DIV_ROUND_UP(skb->len, size);
	}
	if (!skb->len || n > TQUIC_AEAD_BATCH_MAX)
		goto bad;
	if (job && job->batch->n + n > TQUIC_AEAD_BATCH_MAX)
		dp_open_job_submit(op);
	job = dp_open_job_get(op);
	if (!job)
		goto bad;
	if (op->unshare)
		skb_shinfo(skb)->flags |= SKBFL_SHARED_FRAG;
	if (tquic_open_skb(job->batch, skb) < 0)
		goto bad;
	dp_open_packets(op, job->batch, skb, size);
	/* the sender waits for the credit of a whole aggregate: do not sit on
	 * it
	 */
	if (job->batch->n > TQUIC_AEAD_BATCH_MAX / 2) {
		dp_open_job_submit(op);
		dp_opener_reap(op);
		dp_clock_start(&op->clock);
	}
	return;
bad:
	op->link->rx.bad++;
	kfree_skb(skb);
}

/**
 * dp_opener_flush - open what was added and hand on what is opened
 * @op: opener
 */
void dp_opener_flush(struct dp_opener *op)
{
	dp_open_job_submit(op);
	dp_opener_reap(op);
}

/**
 * dp_opener_exit - wait for the crypto layer and free everything
 * @op: opener; the worker has stopped, kicks may still come until this returns
 */
void dp_opener_exit(struct dp_opener *op)
{
	struct dp_open_job *job, *next;

	wait_var_event(&op->inflight, !atomic_read(&op->inflight));
	if (op->job)
		dp_open_job_free(op->job);
	list_for_each_entry_safe(job, next, &op->jobs, node)
		dp_open_job_free(job);
}
