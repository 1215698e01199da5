/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the core's opaque handles are in the kernel: a page (a folio's head, so
 * that positions may go beyond PAGE_SIZE) or an skb, told apart by the lowest
 * bit.  A position counts bytes from the start of the page, or from skb->data
 * through all of the skb's fragments.
 *
 * A reference is the page's or the skb's own; get and put run in any context
 * but hard interrupts.
 */
#ifndef _TQUIC_BUF_H
#define _TQUIC_BUF_H

#include <linux/mm_types.h>
#include <linux/skbuff.h>

struct iov_iter;
struct tquic_buf_ops;

#define TQUIC_BUF_SKB	1UL

static inline void *tquic_buf_page(struct page *page)
{
	return page;
}

static inline void *tquic_buf_skb(struct sk_buff *skb)
{
	return (void *)((unsigned long)skb | TQUIC_BUF_SKB);
}

static inline bool tquic_buf_is_skb(const void *handle)
{
	return (unsigned long)handle & TQUIC_BUF_SKB;
}

static inline struct sk_buff *tquic_buf_to_skb(const void *handle)
{
	return (struct sk_buff *)((unsigned long)handle & ~TQUIC_BUF_SKB);
}

static inline struct page *tquic_buf_to_page(const void *handle)
{
	return (struct page *)handle;
}

extern const struct tquic_buf_ops tquic_buf_ops;

void tquic_buf_get(void *handle);
void tquic_buf_put(void *handle);
int tquic_buf_read(void *handle, u32 pos, void *to, u32 len);
int tquic_buf_to_iter(void *handle, u32 pos, struct iov_iter *to, u32 len);
void *tquic_buf_copy(const void *data, u32 len, u32 *pos, gfp_t gfp);
const u8 *tquic_buf_linear(void *handle, u32 pos, u32 len);

#endif /* _TQUIC_BUF_H */
