// SPDX-License-Identifier: GPL-2.0
/*
 * The far end of the byte stream of a benchmark run.
 */
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/skbuff.h>
#include <linux/string.h>

#include "core/varint.h"
#include "link.h"
#include "sink.h"
#include "source.h"
#include "train.h"

/* STREAM frame: type without the OFF, LEN and FIN bits, and the OFF bit */
#define DP_FRAME_STREAM	0x08
#define DP_FRAME_OFF	0x04

int dp_sink_init(struct dp_sink *sink, struct dp_rx_stats *stats, bool copy,
		 bool verify)
{
	memset(sink, 0, sizeof(*sink));
	sink->stats = stats;
	sink->copy = copy;
	sink->verify = verify;
	sink->buf = alloc_pages_exact(DP_PATTERN_LEN, GFP_KERNEL);
	sink->pattern = dp_pattern_alloc();
	if (sink->buf && sink->pattern)
		return 0;
	dp_sink_exit(sink);
	return -ENOMEM;
}

void dp_sink_exit(struct dp_sink *sink)
{
	dp_pattern_free(sink->buf);
	dp_pattern_free(sink->pattern);
	sink->buf = NULL;
	sink->pattern = NULL;
}

/* Copy out what read(2) would copy, and see whether it is right. */
static int dp_sink_copy(struct dp_sink *sink, const struct sk_buff *skb,
			unsigned int off, unsigned int len)
{
	while (len) {
		unsigned int pos = sink->offset & (DP_PATTERN_LEN - 1);
		unsigned int n = min_t(unsigned int, len,
				       DP_PATTERN_LEN - pos);

		if (skb_copy_bits(skb, off, sink->buf + pos, n))
			return -EFAULT;
		if (sink->verify) {
			if (memcmp(sink->buf + pos, sink->pattern + pos, n))
				sink->stats->differ += n;
			else
				sink->stats->verified += n;
		}
		sink->offset += n;
		off += n;
		len -= n;
	}
	return 0;
}

/* Read the frame's header; the answer is its length, 0 if it is not right. */
static unsigned int dp_sink_frame(struct dp_sink *sink,
				  const struct sk_buff *skb, unsigned int off,
				  unsigned int len, u64 *offset)
{
	unsigned int want = min_t(unsigned int, len, DP_FRAME_MAX);
	u8 buf[DP_FRAME_MAX];
	struct tquic_rd rd;
	const u8 *p;

	p = skb_header_pointer(skb, off, want, buf);
	if (!p)
		return 0;
	rd = tquic_rd_init(p, want);
	if (tquic_rd_u8(&rd) != (DP_FRAME_STREAM | DP_FRAME_OFF) ||
	    tquic_rd_varint(&rd))
		return 0;
	*offset = tquic_rd_varint(&rd);
	return rd.err ? 0 : rd.ptr - p;
}

/**
 * dp_sink_packet - take the payload of an opened packet
 * @sink: the sink
 * @pn: its packet number
 * @skb: where its payload is
 * @off: offset of the payload
 * @len: bytes of payload
 *
 * Return: bytes of credit to give back, those of packets that were lost before
 * this one included.
 */
unsigned int dp_sink_packet(struct dp_sink *sink, u64 pn,
			    const struct sk_buff *skb, unsigned int off,
			    unsigned int len)
{
	struct dp_rx_stats *stats = sink->stats;
	unsigned int hdr, credit;
	u64 offset;

	stats->packets++;
	if (pn < sink->pn) {
		stats->late++;
		return 0;
	}
	stats->lost += pn - sink->pn;
	sink->pn = pn + 1;

	hdr = dp_sink_frame(sink, skb, off, len, &offset);
	if (!hdr || offset < sink->offset) {
		stats->bad++;
		return 0;
	}
	len -= hdr;
	credit = offset + len - sink->offset;
	stats->bytes += len;
	sink->offset = offset;
	if (!sink->copy && !sink->verify)
		sink->offset += len;
	else if (dp_sink_copy(sink, skb, off + hdr, len))
		stats->bad++;
	return credit;
}
