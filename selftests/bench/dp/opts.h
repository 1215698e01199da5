/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Options of a benchmark run, written as "name=value" words.
 */
#ifndef _TQUIC_DP_OPTS_H
#define _TQUIC_DP_OPTS_H

#include <linux/types.h>

enum dp_mode {
	DP_GSO,		/* sender: a train is one buffer; receiver: UDP_GRO */
	DP_ENCAP,	/* receiver: encap_rcv, which cuts aggregates apart */
	DP_SINGLE,	/* one packet in each buffer, UDP_GRO off */
};

/* where packets are opened */
enum dp_context {
	DP_KTHREAD,
	DP_WORKQUEUE,
	DP_BH,		/* BH workqueue */
	DP_SOFTIRQ,	/* at once, where the packet came in */
};

/**
 * struct dp_opts - options of one end
 * @daddr: where to send to
 * @port: UDP port of the receiver
 * @suite: TLS 1.3 code point of the cipher suite (receiver)
 * @mode: enum dp_mode
 * @context: enum dp_context (receiver)
 * @copy: copy every byte once, as write(2) and read(2) do; else pages move by
 *	reference
 * @unshare: open into new pages even where in place is possible (receiver)
 * @verify: compare every byte with the source (receiver)
 * @cpu: where to run; -1 for anywhere
 * @train: packets in a train, at most (sender)
 * @size: UDP payload of a packet (sender)
 * @window: bytes that may be under way (receiver)
 * @bytes: how much to send; 0 for until time is up (sender)
 * @ms: how long to send; 0 for until all bytes are sent (sender)
 */
struct dp_opts {
	__be32 daddr;
	u32 port;
	u32 suite;
	u32 mode;
	u32 context;
	u32 copy;
	u32 unshare;
	u32 verify;
	int cpu;
	u32 train;
	u32 size;
	u32 window;
	u64 bytes;
	u32 ms;
};

int dp_opts_parse(struct dp_opts *opts, char *words);

#endif /* _TQUIC_DP_OPTS_H */
