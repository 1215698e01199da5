/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The byte stream: a pattern that repeats, so that the receiver can tell every
 * byte from its offset alone.
 */
#ifndef _TQUIC_DP_SOURCE_H
#define _TQUIC_DP_SOURCE_H

#include <linux/bvec.h>
#include <linux/mm_types.h>
#include <linux/types.h>

/* as large as the buffer of iperf3; a power of two */
#define DP_PATTERN_LEN	(128 << 10)
/* pieces that hold DP_PATTERN_LEN bytes in single pages, begun and ended
 * anywhere, and as much again that waits
 */
#define DP_RING		128

/**
 * struct dp_source - bytes that wait to be sent, in page fragments
 * @pattern: DP_PATTERN_LEN bytes in single pages that follow each other
 * @copy: fragments are fresh memory filled from @pattern; else they are the
 *	pages of @pattern
 * @frag: where the next copy goes
 * @end: stream offset behind the last byte that waits
 * @avail: bytes that wait
 * @head: first piece that waits, counted without end
 * @tail: behind the last one
 * @ring: the pieces, each with a reference on its page
 */
struct dp_source {
	const u8 *pattern;
	bool copy;
	struct page_frag frag;
	u64 end;
	u32 avail;
	unsigned int head;
	unsigned int tail;
	struct bio_vec ring[DP_RING];
};

int dp_source_init(struct dp_source *src, bool copy);
void dp_source_exit(struct dp_source *src);
int dp_source_fill(struct dp_source *src, unsigned int need);
unsigned int dp_source_piece(struct dp_source *src, unsigned int want,
			     struct page **page, unsigned int *off);

u8 *dp_pattern_alloc(void);
void dp_pattern_free(const u8 *pattern);

#endif /* _TQUIC_DP_SOURCE_H */
