// SPDX-License-Identifier: GPL-2.0
/* The core's opaque handles: references, and access to the bytes. */
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/uio.h>

#include "buf.h"
#include "core/sendq.h"

/* up to here bytes share a page with others of short life */
#define TQUIC_BUF_SMALL		(PAGE_SIZE / 2)

const struct tquic_buf_ops tquic_buf_ops = {
	.get = tquic_buf_get,
	.put = tquic_buf_put,
};

/**
 * tquic_buf_get - take a reference
 * @handle: page or skb
 *
 * Context: any but hard interrupts.
 */
void tquic_buf_get(void *handle)
{
	if (tquic_buf_is_skb(handle))
		skb_get(tquic_buf_to_skb(handle));
	else
		get_page(tquic_buf_to_page(handle));
}

/**
 * tquic_buf_put - give a reference back
 * @handle: page or skb
 *
 * Context: any but hard interrupts.
 */
void tquic_buf_put(void *handle)
{
	if (tquic_buf_is_skb(handle))
		consume_skb(tquic_buf_to_skb(handle));
	else
		put_page(tquic_buf_to_page(handle));
}

static void tquic_buf_read_page(struct page *page, u32 pos, u8 *to, u32 len)
{
	u32 n;

	page += pos >> PAGE_SHIFT;
	pos = offset_in_page(pos);
	while (len) {
		n = min_t(u32, len, PAGE_SIZE - pos);
		memcpy_from_page(to, page++, pos, n);
		to += n;
		len -= n;
		pos = 0;
	}
}

/**
 * tquic_buf_read - copy bytes out
 * @handle: page or skb
 * @pos: where they begin
 * @to: where to copy them
 * @len: how many
 *
 * Context: any but hard interrupts.
 * Return: 0, or -EFAULT when an skb has fewer bytes.
 */
int tquic_buf_read(void *handle, u32 pos, void *to, u32 len)
{
	if (tquic_buf_is_skb(handle))
		return skb_copy_bits(tquic_buf_to_skb(handle), pos, to, len);
	tquic_buf_read_page(tquic_buf_to_page(handle), pos, to, len);
	return 0;
}
EXPORT_SYMBOL_GPL(tquic_buf_read);

/**
 * tquic_buf_to_iter - copy bytes to a reader
 * @handle: page or skb
 * @pos: where they begin
 * @to: the reader's memory
 * @len: how many
 *
 * Context: process context; may sleep when @to is user memory.
 * Return: 0, or -EFAULT; @to has then not moved.
 */
int tquic_buf_to_iter(void *handle, u32 pos, struct iov_iter *to, u32 len)
{
	struct page *page = tquic_buf_to_page(handle);
	size_t done;

	if (tquic_buf_is_skb(handle))
		return skb_copy_datagram_iter(tquic_buf_to_skb(handle), pos, to,
					      len);
	page += pos >> PAGE_SHIFT;
	done = copy_page_to_iter(page, offset_in_page(pos), len, to);
	if (done == len)
		return 0;
	iov_iter_revert(to, done);
	return -EFAULT;
}

/**
 * tquic_buf_copy - make a buffer of bytes
 * @data: the bytes
 * @len: how many, not 0
 * @pos: answer: where they begin in the buffer
 * @gfp: how to allocate
 *
 * What is small shares a page with others, which is freed when all of them
 * are: it is for what lives as long as a round trip.
 *
 * Context: any but hard interrupts.
 * Return: a handle with one reference, or NULL.
 */
void *tquic_buf_copy(const void *data, u32 len, u32 *pos, gfp_t gfp)
{
	struct page *page;
	void *p;

	if (len <= TQUIC_BUF_SMALL) {
		p = netdev_alloc_frag(len);
		if (!p)
			return NULL;
		page = virt_to_head_page(p);
		*pos = p - page_address(page);
	} else {
		/* its address is needed, so no highmem */
		page = alloc_pages((gfp | __GFP_COMP | __GFP_NOWARN) &
				   ~__GFP_HIGHMEM, get_order(len));
		if (!page)
			return NULL;
		p = page_address(page);
		*pos = 0;
	}
	memcpy(p, data, len);
	return tquic_buf_page(page);
}

/* Bytes of an skb without a look at its frag_list; NULL if not in one piece. */
static const u8 *tquic_buf_linear_one(const struct sk_buff *skb, u32 pos,
				      u32 len)
{
	const skb_frag_t *frag;
	unsigned int i;

	if (pos < skb_headlen(skb))
		return len <= skb_headlen(skb) - pos ? skb->data + pos : NULL;
	pos -= skb_headlen(skb);
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		frag = &skb_shinfo(skb)->frags[i];
		if (pos >= skb_frag_size(frag)) {
			pos -= skb_frag_size(frag);
			continue;
		}
		if (len > skb_frag_size(frag) - pos ||
		    PageHighMem(skb_frag_page(frag)))
			return NULL;
		return (u8 *)skb_frag_address(frag) + pos;
	}
	return NULL;
}

static const u8 *tquic_buf_linear_skb(const struct sk_buff *skb, u32 pos,
				      u32 len)
{
	const struct sk_buff *m;
	u32 own = skb->len;

	if (pos > skb->len || len > skb->len - pos)
		return NULL;
	skb_walk_frags(skb, m)
		own -= m->len;
	if (pos < own)
		return tquic_buf_linear_one(skb, pos, len);
	pos -= own;
	skb_walk_frags(skb, m) {
		if (pos < m->len)
			return tquic_buf_linear_one(m, pos, len);
		pos -= m->len;
	}
	return NULL;
}

/**
 * tquic_buf_linear - look at bytes where they are
 * @handle: page or skb
 * @pos: where they begin
 * @len: how many, not 0
 *
 * An aggregate may have a packet in two fragments: then they have to be copied
 * by tquic_buf_read().
 *
 * Context: any.
 * Return: the bytes, valid as long as the handle; NULL if they are not in one
 * piece.
 */
const u8 *tquic_buf_linear(void *handle, u32 pos, u32 len)
{
	struct page *page = tquic_buf_to_page(handle);

	if (tquic_buf_is_skb(handle))
		return tquic_buf_linear_skb(tquic_buf_to_skb(handle), pos, len);
	return PageHighMem(page) ? NULL : (u8 *)page_address(page) + pos;
}
