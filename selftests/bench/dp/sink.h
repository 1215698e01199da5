/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The far end of the byte stream: puts in order, checks, consumes.
 */
#ifndef _TQUIC_DP_SINK_H
#define _TQUIC_DP_SINK_H

#include <linux/types.h>

struct dp_rx_stats;
struct sk_buff;

/**
 * struct dp_sink - where the stream ends
 * @stats: counters of the receiver
 * @copy: copy every byte once, as read(2) does
 * @verify: compare every byte with the source
 * @pn: packet number that comes next
 * @offset: byte of the stream that comes next
 * @buf: where bytes are copied to, DP_PATTERN_LEN
 * @pattern: what the stream consists of
 */
struct dp_sink {
	struct dp_rx_stats *stats;
	bool copy;
	bool verify;
	u64 pn;
	u64 offset;
	u8 *buf;
	const u8 *pattern;
};

int dp_sink_init(struct dp_sink *sink, struct dp_rx_stats *stats, bool copy,
		 bool verify);
void dp_sink_exit(struct dp_sink *sink);
unsigned int dp_sink_packet(struct dp_sink *sink, u64 pn,
			    const struct sk_buff *skb, unsigned int off,
			    unsigned int len);

#endif /* _TQUIC_DP_SINK_H */
