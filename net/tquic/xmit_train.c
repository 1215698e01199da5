// SPDX-License-Identifier: GPL-2.0
/*
 * Trains: from plan to packets.
 *
 * Packets are encrypted from where their bytes are into where they are sent
 * from: the linear part of a buffer when it takes one datagram, pages of a
 * buffer that takes many of one size and leaves as a whole, to be cut apart by
 * the device or right above it.
 *
 * A packet that cannot be sealed ends the train in front of it: what follows
 * has spent its packet numbers, and is reported.
 */
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/ip.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/udp.h>

#include "buf.h"
#include "net.h"
#include "scratch.h"
#include "sess.h"
#include "udp.h"
#include "xmit.h"
#include "xmit_train.h"

/* both versions of IP carry as much in one buffer */
#define TQUIC_TRAIN_MAX		(0xffff - sizeof(struct iphdr) - \
				 sizeof(struct udphdr) - \
				 sizeof(struct ipv6hdr))

static struct kmem_cache *tquic_train_cache;

/**
 * tquic_train_alloc - make an empty train
 * @gfp: how to allocate, now and for sealing
 *
 * Return: a train, of whose plan the counts are 0, or NULL.
 */
struct tquic_train *tquic_train_alloc(gfp_t gfp)
{
	struct tquic_train *t = kmem_cache_alloc(tquic_train_cache, gfp);

	if (!t)
		return NULL;
	/* not the plan, which is large and overwritten by the core */
	memset(t, 0, offsetof(struct tquic_train, plan));
	t->plan.npkts = 0;
	t->plan.nsegs = 0;
	t->gfp = gfp;
	__skb_queue_head_init(&t->skbs);
	return t;
}

static void tquic_train_put_segs(struct tquic_train *t)
{
	unsigned int i;

	for (i = 0; i < t->plan.nsegs; i++)
		if (t->plan.segs[i].handle)
			tquic_buf_put(t->plan.segs[i].handle);
	t->plan.nsegs = 0;
}

static void tquic_train_put_keys(struct tquic_train *t)
{
	unsigned int i;

	for (i = 0; i < t->plan.npkts; i++) {
		if (t->pkt[i].key)
			tquic_aead_key_put(t->pkt[i].key);
		if (t->pkt[i].hp)
			tquic_hp_key_put(t->pkt[i].hp);
	}
}

void tquic_train_free(struct tquic_train *t)
{
	tquic_train_put_segs(t);
	tquic_train_put_keys(t);
	__skb_queue_purge(&t->skbs);
	tquic_xmit_path_put(t->path);
	if (t->sess)
		tquic_sess_put(t->sess);
	kmem_cache_free(tquic_train_cache, t);
}

/* Tell the session of the packets that are not sent. */
static void tquic_train_report(struct tquic_train *t)
{
	const struct tquic_plan *plan = &t->plan;
	unsigned int i;

	if (t->ready < plan->npkts)
		TQUIC_MIB_ADD(tquic_net(t->path->udp->net), OUT_FAILED,
			      plan->npkts - t->ready);
	for (i = t->ready; i < plan->npkts; i++)
		tquic_sess_failed(t->sess, plan->path_id, plan->pkts[i].type,
				  plan->pkts[i].pn);
}

/* Return: one past the last packet of the datagram that begins at @i. */
static unsigned int tquic_train_datagram(const struct tquic_plan *plan,
					 unsigned int i, unsigned int *size)
{
	*size = 0;
	do {
		*size += plan->pkts[i++].size;
	} while (i < plan->npkts && plan->pkts[i].joined);
	return i;
}

/*
 * What begins at @first and can leave as one buffer: datagrams of one size,
 * the last perhaps shorter.
 */
static void tquic_train_run(const struct tquic_plan *plan, unsigned int first,
			    struct tquic_train_run *run)
{
	unsigned int i = first, next, size;

	*run = (struct tquic_train_run){ .first = first };
	while (i < plan->npkts) {
		next = tquic_train_datagram(plan, i, &size);
		if (run->n && (size > run->size ||
			       run->bytes + size > TQUIC_TRAIN_MAX))
			break;
		if (!run->n)
			run->size = size;
		run->n++;
		run->bytes += size;
		i = next;
		if (size < run->size)
			break;
	}
	run->end = i;
}

/* A buffer with all of @run's packets, not yet written. */
static struct sk_buff *tquic_train_skb(struct tquic_train *t,
				       struct tquic_train_run *run)
{
	unsigned int linear = run->n == 1 ? run->size : 0;
	struct sk_buff *skb;

	skb = alloc_skb(TQUIC_XMIT_HEADROOM + linear, t->gfp | __GFP_NOWARN);
	if (!skb)
		return NULL;
	skb_reserve(skb, TQUIC_XMIT_HEADROOM);
	if (linear) {
		run->out = skb_put(skb, linear);
		run->room = linear;
	}
	__skb_queue_tail(&t->skbs, skb);
	return skb;
}

/*
 * More room for packets: pages for all that is to come if there are as many in
 * a row, for as much as fits into one page otherwise.
 */
static int tquic_train_pages(struct tquic_train *t, struct sk_buff *skb,
			     struct tquic_train_run *run, unsigned int size)
{
	unsigned int least = get_order(size), order;
	gfp_t gfp = t->gfp | __GFP_COMP | __GFP_NOWARN;
	struct page *page = NULL;

	if (skb_shinfo(skb)->nr_frags == MAX_SKB_FRAGS)
		return -ENOBUFS;
	order = min_t(unsigned int, get_order(run->bytes - skb->len),
		      PAGE_ALLOC_COSTLY_ORDER);
	if (order > least)
		page = alloc_pages((gfp & ~__GFP_DIRECT_RECLAIM) |
				   __GFP_NORETRY, order);
	else
		order = least;
	if (!page) {
		order = least;
		page = alloc_pages(gfp, order);
	}
	if (!page)
		return -ENOMEM;
	skb_fill_page_desc(skb, skb_shinfo(skb)->nr_frags, page, 0, 0);
	skb->truesize += PAGE_SIZE << order;
	run->out = page_address(page);
	run->room = PAGE_SIZE << order;
	return 0;
}

/* Where the next packet of @size bytes goes, or ERR_PTR(). */
static u8 *tquic_train_out(struct tquic_train *t, struct sk_buff *skb,
			   struct tquic_train_run *run, unsigned int size)
{
	bool frags = run->n > 1;
	u8 *out;
	int err;

	if (size > run->room) {
		err = frags ? tquic_train_pages(t, skb, run, size) : -EINVAL;
		if (err)
			return ERR_PTR(err);
	}
	out = run->out;
	run->out += size;
	run->room -= size;
	if (frags) {
		struct skb_shared_info *shinfo = skb_shinfo(skb);

		skb_frag_size_add(&shinfo->frags[shinfo->nr_frags - 1], size);
		skb->len += size;
		skb->data_len += size;
	}
	return out;
}

/* Seal the packets of one buffer.  Return: 0, or -errno at @t->ready. */
static int tquic_train_fill(struct tquic_train *t, struct tquic_aead_batch *b,
			    struct tquic_train_run *run)
{
	struct sk_buff *skb = tquic_train_skb(t, run);
	unsigned int i;
	u8 *out;
	int err;

	if (!skb)
		return -ENOMEM;
	for (i = run->first; i < run->end; i++) {
		out = tquic_train_out(t, skb, run, t->plan.pkts[i].size);
		if (IS_ERR(out))
			return PTR_ERR(out);
		err = tquic_train_seal(t, b, i, out);
		if (err)
			return err;
		t->ready++;
	}
	return 0;
}

/* Return: bytes of packets that are ready, from @run's first on. */
static unsigned int tquic_train_ready(const struct tquic_train *t,
				      const struct tquic_train_run *run,
				      unsigned int *n)
{
	unsigned int i = run->first, next, size, bytes = 0;

	*n = 0;
	while (i < run->end) {
		next = tquic_train_datagram(&t->plan, i, &size);
		if (next > t->ready)
			break;
		bytes += size;
		++*n;
		i = next;
	}
	return bytes;
}

static void tquic_train_out_skb(struct tquic_train *t, struct sk_buff *skb,
				const struct tquic_train_run *run)
{
	struct tquic_net *tn = tquic_net(t->path->udp->net);
	unsigned int n, bytes;

	bytes = tquic_train_ready(t, run, &n);
	if (!n || pskb_trim(skb, bytes)) {
		kfree_skb(skb);
		return;
	}
	if (n > 1) {
		skb_shinfo(skb)->gso_type = SKB_GSO_UDP_L4;
		skb_shinfo(skb)->gso_size = run->size;
		skb_shinfo(skb)->gso_segs = n;
	}
	TQUIC_MIB_ADD(tn, OUT_DATAGRAMS, n);
	TQUIC_MIB_ADD(tn, OUT_BYTES, bytes);
	tquic_xmit_path_out(t->path, skb, t->plan.ecn);
}

static void tquic_train_out_all(struct tquic_train *t)
{
	struct tquic_train_run run = {};
	struct sk_buff *skb;

	local_bh_disable();
	TQUIC_MIB_ADD(tquic_net(t->path->udp->net), OUT_PACKETS, t->ready);
	while ((skb = __skb_dequeue(&t->skbs))) {
		tquic_train_run(&t->plan, run.end, &run);
		tquic_train_out_skb(t, skb, &run);
	}
	local_bh_enable();
}

static void tquic_train_done(struct tquic_aead_batch *b, void *arg)
{
	struct tquic_train *t = arg;
	unsigned int i;

	for (i = 0; i < t->ready; i++)
		if (b->op[i].err)
			break;
	/* a datagram is whole or it is not sent */
	while (i < t->ready && i && t->plan.pkts[i].joined)
		i--;
	t->ready = i;
	if (b->stats.async)
		TQUIC_MIB_ADD(tquic_net(t->path->udp->net), ASYNC_CRYPTO,
			      b->stats.async);
	tquic_aead_batch_free(b);
	/* the bytes are encrypted: whoever waits for theirs may have them */
	tquic_train_put_segs(t);
	tquic_train_out_all(t);
	tquic_train_report(t);
	tquic_train_free(t);
}

void tquic_train_send(struct tquic_train *t)
{
	struct tquic_train_run run = {};
	struct tquic_aead_batch *b;

	b = tquic_aead_batch_alloc(t->gfp);
	while (b && run.end < t->plan.npkts) {
		tquic_train_run(&t->plan, run.end, &run);
		if (tquic_train_fill(t, b, &run))
			break;
	}
	/* a datagram of which a packet failed is not sent at all */
	while (t->ready && t->ready < t->plan.npkts &&
	       t->plan.pkts[t->ready].joined) {
		tquic_seal_cancel(b);
		t->ready--;
	}
	if (t->ready) {
		tquic_seal_submit(b, tquic_train_done, t);
		return;
	}
	if (b)
		tquic_aead_batch_free(b);
	tquic_train_report(t);
	tquic_train_free(t);
}

int __init tquic_train_init(void)
{
	tquic_train_cache = tquic_scratch_cache("tquic_train",
						sizeof(struct tquic_train));
	return tquic_train_cache ? 0 : -ENOMEM;
}

void tquic_train_exit(void)
{
	kmem_cache_destroy(tquic_train_cache);
}
