/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Opening what was received, in batches, and handing it on in order.
 */
#ifndef _TQUIC_DP_OPENER_H
#define _TQUIC_DP_OPENER_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/types.h>

#include "link.h"

struct dp_open_job;
struct dp_sink;
struct sk_buff;
struct tquic_aead_key;
struct tquic_hp_key;

/**
 * struct dp_opener - opens packets; driven by one worker at a time
 * @link: for its counters and credit
 * @sink: where plaintext goes
 * @key: packet key
 * @hp: header protection key
 * @gfp: how to allocate where the worker runs
 * @unshare: open into new pages
 * @expected: packet number that comes next, as far as is known
 * @job: the batch being filled
 * @jobs: batches being opened, oldest first
 * @inflight: batches that the crypto layer has
 * @clock: measures the worker's steps
 * @kick: have the worker run again
 * @arg: passed to @kick
 */
struct dp_opener {
	struct dp_link *link;
	struct dp_sink *sink;
	struct tquic_aead_key *key;
	struct tquic_hp_key *hp;
	gfp_t gfp;
	bool unshare;
	u64 expected;
	struct dp_open_job *job;
	struct list_head jobs;
	atomic_t inflight;
	struct dp_clock clock;
	void (*kick)(void *arg);
	void *arg;
};

void dp_opener_add(struct dp_opener *op, struct sk_buff *skb);
void dp_opener_flush(struct dp_opener *op);
void dp_opener_exit(struct dp_opener *op);

#endif /* _TQUIC_DP_OPENER_H */
