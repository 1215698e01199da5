// SPDX-License-Identifier: GPL-2.0
/*
 * What a packet of a plan is made of, named to the batch that seals it: frames
 * in the plan's arena, payload in pages and in fragments of received buffers.
 *
 * A batch takes so many pieces, and a packet takes so many.  One slot per
 * packet that is to come is kept back, so that a packet in too many pieces can
 * always be put together in memory of its own instead.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/skbuff.h>

#include "buf.h"
#include "xmit.h"
#include "xmit_train.h"

/* Bytes of an skb without its frag_list; moves @pos and @len on. */
static int tquic_seal_skb_one(struct tquic_aead_batch *b,
			      const struct sk_buff *skb, u32 *pos, u32 *len)
{
	const skb_frag_t *frag;
	unsigned int i;
	u32 n;
	int err;

	if (*pos < skb_headlen(skb)) {
		n = min(*len, skb_headlen(skb) - *pos);
		err = tquic_seal_buf(b, skb->data + *pos, n);
		if (err)
			return err;
		*pos += n;
		*len -= n;
	}
	*pos -= skb_headlen(skb);
	for (i = 0; *len && i < skb_shinfo(skb)->nr_frags; i++) {
		frag = &skb_shinfo(skb)->frags[i];
		if (*pos < skb_frag_size(frag)) {
			n = min(*len, skb_frag_size(frag) - *pos);
			err = tquic_seal_page(b, skb_frag_page(frag),
					      skb_frag_off(frag) + *pos, n);
			if (err)
				return err;
			*pos += n;
			*len -= n;
		}
		*pos -= skb_frag_size(frag);
	}
	return 0;
}

static int tquic_seal_skb(struct tquic_aead_batch *b, const struct sk_buff *skb,
			  u32 pos, u32 len)
{
	const struct sk_buff *m;
	int err;

	err = tquic_seal_skb_one(b, skb, &pos, &len);
	if (err || !len)
		return err;
	skb_walk_frags(skb, m) {
		if (pos >= m->len) {
			pos -= m->len;
			continue;
		}
		err = tquic_seal_skb_one(b, m, &pos, &len);
		if (err || !len)
			return err;
	}
	return -EFAULT;
}

static int tquic_seal_seg(struct tquic_train *t, struct tquic_aead_batch *b,
			  const struct tquic_plan_seg *seg)
{
	if (!seg->len)
		return 0;
	if (!seg->handle)
		return tquic_seal_buf(b, t->plan.arena + seg->pos, seg->len);
	if (tquic_buf_is_skb(seg->handle))
		return tquic_seal_skb(b, tquic_buf_to_skb(seg->handle),
				      seg->pos, seg->len);
	return tquic_seal_page(b, tquic_buf_to_page(seg->handle), seg->pos,
			       seg->len);
}

static int tquic_seal_segs(struct tquic_train *t, struct tquic_aead_batch *b,
			   const struct tquic_plan_pkt *p)
{
	unsigned int i;
	int err;

	for (i = p->seg; i < p->seg + p->nsegs; i++) {
		err = tquic_seal_seg(t, b, &t->plan.segs[i]);
		if (err)
			return err;
	}
	return 0;
}

/* Put a packet's payload into one buffer, in its first segment's place. */
static int tquic_seal_flatten(struct tquic_train *t, struct tquic_plan_pkt *p)
{
	struct tquic_plan_seg *seg = &t->plan.segs[p->seg];
	unsigned int i, at = 0;
	struct page *page;
	int err = 0;

	/* its address is needed, so no highmem */
	page = alloc_pages((t->gfp | __GFP_COMP | __GFP_NOWARN) &
			   ~__GFP_HIGHMEM, get_order(p->size));
	if (!page)
		return -ENOMEM;
	for (i = 0; i < p->nsegs && !err; i++) {
		if (seg[i].handle)
			err = tquic_buf_read(seg[i].handle, seg[i].pos,
					     page_address(page) + at,
					     seg[i].len);
		else
			memcpy(page_address(page) + at,
			       t->plan.arena + seg[i].pos, seg[i].len);
		at += seg[i].len;
	}
	if (err) {
		put_page(page);
		return err;
	}
	if (seg->handle)
		tquic_buf_put(seg->handle);
	*seg = (struct tquic_plan_seg){
		.handle = tquic_buf_page(page),
		.len = at,
	};
	/* the others are put with the train */
	p->nsegs = 1;
	return 0;
}

static int tquic_seal_begin(struct tquic_train *t, struct tquic_aead_batch *b,
			    unsigned int i, u8 *out)
{
	const struct tquic_plan_pkt *p = &t->plan.pkts[i];

	return tquic_seal_packet(b, t->pkt[i].key, t->pkt[i].hp, out,
				 p->hdr_len, p->pn_off, t->plan.path_id, p->pn);
}

/**
 * tquic_train_seal - add a packet of the plan to the batch
 * @t: train
 * @b: batch, which has the packets before
 * @i: which packet
 * @out: where it is to be written
 *
 * Return: 0; or -errno, with the batch as it was.
 */
int tquic_train_seal(struct tquic_train *t, struct tquic_aead_batch *b,
		     unsigned int i, u8 *out)
{
	unsigned int keep = t->plan.npkts - i - 1;
	struct tquic_plan_pkt *p = &t->plan.pkts[i];
	int err;

	if (!t->pkt[i].key || !t->pkt[i].hp)
		return -ENOKEY;
	memcpy(out, t->plan.arena + p->hdr, p->hdr_len);
	err = tquic_seal_begin(t, b, i, out);
	if (err < 0)
		return err;
	err = tquic_seal_segs(t, b, p);
	if (!err && b->nr_frags + keep <= TQUIC_AEAD_FRAGS_MAX)
		return 0;
	tquic_seal_cancel(b);
	if (err && err != -EMSGSIZE && err != -ENOSPC)
		return err;

	/* nothing was sealed with this number yet */
	err = tquic_seal_flatten(t, p);
	if (err)
		return err;
	err = tquic_seal_begin(t, b, i, out);
	if (err < 0)
		return err;
	err = tquic_seal_segs(t, b, p);
	if (err)
		tquic_seal_cancel(b);
	return err;
}
