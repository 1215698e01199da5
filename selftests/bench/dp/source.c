// SPDX-License-Identifier: GPL-2.0
/*
 * The byte stream that a benchmark run sends.
 */
#include <linux/gfp.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <net/sock.h>

#include "source.h"

/**
 * dp_pattern_alloc - make the pattern
 *
 * Return: DP_PATTERN_LEN bytes, or NULL.
 */
u8 *dp_pattern_alloc(void)
{
	u32 *word = alloc_pages_exact(DP_PATTERN_LEN, GFP_KERNEL);
	u32 x = 0x7e571e57;
	unsigned int i;

	if (!word)
		return NULL;
	/* any sequence without a short period will do (Numerical Recipes) */
	for (i = 0; i < DP_PATTERN_LEN / sizeof(*word); i++) {
		x = x * 1664525 + 1013904223;
		word[i] = x;
	}
	return (u8 *)word;
}

void dp_pattern_free(const u8 *pattern)
{
	if (pattern)
		free_pages_exact((void *)pattern, DP_PATTERN_LEN);
}

int dp_source_init(struct dp_source *src, bool copy)
{
	memset(src, 0, sizeof(*src));
	src->copy = copy;
	src->pattern = dp_pattern_alloc();
	return src->pattern ? 0 : -ENOMEM;
}

void dp_source_exit(struct dp_source *src)
{
	while (src->head != src->tail)
		put_page(src->ring[src->head++ % DP_RING].bv_page);
	if (src->frag.page)
		put_page(src->frag.page);
	dp_pattern_free(src->pattern);
	memset(src, 0, sizeof(*src));
}

/* Add a piece, or lengthen the last one.  Takes no reference. */
static bool dp_source_push(struct dp_source *src, struct page *page,
			   unsigned int off, unsigned int len)
{
	struct bio_vec *last = &src->ring[(src->tail - 1) % DP_RING];
	bool joined = src->head != src->tail && last->bv_page == page &&
		      last->bv_offset + last->bv_len == off;

	if (joined) {
		last->bv_len += len;
	} else {
		bvec_set_page(&src->ring[src->tail % DP_RING], page, len, off);
		src->tail++;
	}
	src->end += len;
	src->avail += len;
	return joined;
}

static int dp_source_push_copy(struct dp_source *src)
{
	unsigned int pos = src->end & (DP_PATTERN_LEN - 1);
	struct page_frag *frag = &src->frag;
	unsigned int len;

	if (!skb_page_frag_refill(1, frag, GFP_KERNEL))
		return -ENOMEM;
	len = min(frag->size - frag->offset, DP_PATTERN_LEN - pos);
	memcpy(page_address(frag->page) + frag->offset, src->pattern + pos,
	       len);
	if (!dp_source_push(src, frag->page, frag->offset, len))
		get_page(frag->page);
	frag->offset += len;
	return 0;
}

static void dp_source_push_page(struct dp_source *src)
{
	unsigned int pos = src->end & (DP_PATTERN_LEN - 1);
	struct page *page = virt_to_page(src->pattern + pos);

	get_page(page);
	dp_source_push(src, page, 0, PAGE_SIZE);
}

/**
 * dp_source_fill - have bytes ready
 * @src: the source
 * @need: bytes that have to be ready, at most half of DP_PATTERN_LEN
 *
 * When there are too few, as many as one write(2) of iperf3 are added.
 *
 * Return: 0 or -ENOMEM.
 */
int dp_source_fill(struct dp_source *src, unsigned int need)
{
	int err;

	if (src->avail >= need)
		return 0;
	while (src->avail < DP_PATTERN_LEN &&
	       src->tail - src->head < DP_RING) {
		if (!src->copy) {
			dp_source_push_page(src);
			continue;
		}
		err = dp_source_push_copy(src);
		if (err)
			return err;
	}
	return 0;
}

/**
 * dp_source_piece - take bytes that are contiguous in memory
 * @src: the source
 * @want: bytes wanted
 * @page: receives the page, with a reference for the caller
 * @off: receives the offset in it
 *
 * Return: bytes taken, from 1 to @want.
 */
unsigned int dp_source_piece(struct dp_source *src, unsigned int want,
			     struct page **page, unsigned int *off)
{
	struct bio_vec *bv = &src->ring[src->head % DP_RING];
	unsigned int len = min(want, bv->bv_len);

	*page = bv->bv_page;
	*off = bv->bv_offset;
	bv->bv_offset += len;
	bv->bv_len -= len;
	src->avail -= len;
	if (bv->bv_len)
		get_page(bv->bv_page);
	else
		src->head++;
	return len;
}
