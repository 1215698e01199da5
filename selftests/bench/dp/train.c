// SPDX-License-Identifier: GPL-2.0
/*
 * Making and sealing trains.
 *
 * The plan comes first: packet numbers and ranges of the stream are given
 * away.  Then each packet's header is written to where the packet will be, its
 * plaintext is named by page, and one pass encrypts from there to here.
 */
#include <linux/gfp.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <net/sock.h>

#include "aead_batch.h"
#include "core/varint.h"
#include "path.h"
#include "source.h"
#include "train.h"

/* STREAM frame with an offset, without length: it fills the packet */
#define DP_FRAME_STREAM	0x0c

static unsigned int dp_frame_len(u64 offset)
{
	return 1 + 1 + tquic_varint_len(offset);
}

/* Bytes of the stream in the next packet. */
unsigned int dp_train_payload(const struct dp_trainer *tr)
{
	return tr->size - DP_HDR_LEN - dp_frame_len(tr->offset) -
	       TQUIC_AEAD_TAG_LEN;
}

/* Find room for a packet in the train's only buffer. */
static u8 *dp_out_frag(struct dp_trainer *tr, struct sk_buff *skb)
{
	struct page_frag *out = &tr->out;
	int last = skb_shinfo(skb)->nr_frags - 1;
	u8 *pkt;

	if (!skb_page_frag_refill(tr->size, out, GFP_KERNEL))
		return NULL;
	if (skb_can_coalesce(skb, last + 1, out->page, out->offset)) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[last], tr->size);
	} else {
		if (last + 1 == MAX_SKB_FRAGS)
			return NULL;
		get_page(out->page);
		skb_fill_page_desc(skb, last + 1, out->page, out->offset,
				   tr->size);
	}
	skb->len += tr->size;
	skb->data_len += tr->size;
	skb->truesize += tr->size;
	pkt = page_address(out->page) + out->offset;
	out->offset += tr->size;
	return pkt;
}

/* Find room for the next packet. */
static u8 *dp_out(struct dp_trainer *tr, struct dp_train *train)
{
	struct sk_buff *skb = skb_peek_tail(&train->skbs);

	if (!skb || tr->single) {
		skb = dp_path_alloc(tr->single ? tr->size : 0, GFP_KERNEL);
		if (!skb)
			return NULL;
		__skb_queue_tail(&train->skbs, skb);
	}
	return tr->single ? skb_put(skb, tr->size) : dp_out_frag(tr, skb);
}

static int dp_packet_plaintext(struct dp_trainer *tr, struct dp_train *train)
{
	unsigned int frame_len = dp_frame_len(tr->offset);
	unsigned int left = dp_train_payload(tr);
	struct tquic_wr wr;
	int err;
	u8 *p;

	p = tquic_seal_inline(train->batch, frame_len);
	if (!p)
		return -ENOSPC;
	wr = tquic_wr_init(p, frame_len);
	tquic_wr_u8(&wr, DP_FRAME_STREAM);
	tquic_wr_varint(&wr, 0);
	tquic_wr_varint(&wr, tr->offset);

	tr->offset += left;
	train->bytes += left;
	while (left) {
		struct page *page;
		unsigned int off, len;

		if (train->nr_pages == DP_TRAIN_FRAGS)
			return -ENOSPC;
		len = dp_source_piece(tr->src, left, &page, &off);
		train->pages[train->nr_pages++] = page;
		err = tquic_seal_page(train->batch, page, off, len);
		if (err)
			return err;
		left -= len;
	}
	return 0;
}

static int dp_packet_build(struct dp_trainer *tr, struct dp_train *train)
{
	u64 pn = tr->pn;
	int err;
	u8 *pkt;

	pkt = dp_out(tr, train);
	if (!pkt)
		return -ENOMEM;
	pkt[0] = 0x40 | (DP_PN_LEN - 1);
	memcpy(pkt + 1, dp_cid, DP_CID_LEN);
	put_unaligned_be16(pn, pkt + DP_PN_OFF);

	err = tquic_seal_packet(train->batch, tr->key, tr->hp, pkt, DP_HDR_LEN,
				DP_PN_OFF, 0, pn);
	if (err < 0)
		return err;
	/* from here on the number is spent */
	tr->pn++;
	err = dp_packet_plaintext(tr, train);
	if (err)
		return err;
	train->n++;
	return 0;
}

/**
 * dp_train_build - plan a train and write its headers
 * @tr: what to make it from; the source has bytes ready
 * @n: packets, at most
 * @bytes: bytes of the stream, at most; less than a packet takes is padded
 *	with what follows, as all packets have one size
 *
 * Return: the train, or NULL without memory.
 */
struct dp_train *dp_train_build(struct dp_trainer *tr, unsigned int n,
				u64 bytes)
{
	struct dp_train *train;

	train = kmalloc_obj(*train, GFP_KERNEL);
	if (!train)
		return NULL;
	/* not the array behind: it is larger than all the rest */
	memset(train, 0, offsetof(struct dp_train, pages));
	__skb_queue_head_init(&train->skbs);
	train->batch = tquic_aead_batch_alloc(GFP_KERNEL);
	if (!train->batch)
		goto err;

	while (train->n < n && train->bytes < bytes)
		if (dp_packet_build(tr, train))
			goto err;
	return train;
err:
	dp_train_free(train);
	return NULL;
}

static void dp_train_sealed(struct tquic_aead_batch *b, void *arg)
{
	struct dp_train *train = arg;
	wait_queue_head_t *wake;
	unsigned int i;

	for (i = 0; i < b->n; i++)
		if (b->op[i].err)
			train->failed++;
	train->async = b->stats.async;
	train->batch = NULL;
	tquic_aead_batch_free(b);

	for (i = 0; i < train->nr_pages; i++)
		put_page(train->pages[i]);
	train->nr_pages = 0;

	/* With the flag set the sender may free the train; it does not go
	 * away itself before it has seen every train come back.
	 */
	rcu_read_lock();
	wake = train->wake;
	/* pairs with the acquire in dp_tx_sealed() */
	smp_store_release(&train->done, true);
	if (wq_has_sleeper(wake))
		wake_up(wake);
	rcu_read_unlock();
}

/**
 * dp_train_seal - encrypt a train
 * @train: the train; belongs to the crypto layer until its @done is set
 * @wake: woken when it is; lives for a grace period after that
 */
void dp_train_seal(struct dp_train *train, wait_queue_head_t *wake)
{
	train->wake = wake;
	tquic_seal_submit(train->batch, dp_train_sealed, train);
}

void dp_train_free(struct dp_train *train)
{
	unsigned int i;

	if (train->batch)
		tquic_aead_batch_free(train->batch);
	for (i = 0; i < train->nr_pages; i++)
		put_page(train->pages[i]);
	__skb_queue_purge(&train->skbs);
	kfree(train);
}
