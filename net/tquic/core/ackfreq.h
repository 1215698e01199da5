/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many packets an acknowledgment may wait for.
 *
 * Bulk at 250 Mb/s acknowledged two packets at a time fills an uplink of
 * 10 Mb/s to two thirds.  Once a peer's rate is steady, its sender needs a few
 * acknowledgments in a round trip, not hundreds; while the rate still doubles
 * it needs more, to pace what follows and to see queues grow.
 *
 * RFC 9000 section 13.2.2 leaves the choice to the receiver, ack-frequency-11
 * lets the sender bound it.
 */
#ifndef _TQUIC_CORE_ACKFREQ_H
#define _TQUIC_CORE_ACKFREQ_H

#include "ackq.h"

/* most packets for one acknowledgment */
#define TQUIC_ACKFREQ_MAX	32
/* so many in a round trip, rate steady or growing, once they are frequent */
#define TQUIC_ACKFREQ_STEADY	8
#define TQUIC_ACKFREQ_GROWING	16
/* what makes acknowledgments of short round trips cheap enough */
#define TQUIC_ACKFREQ_CHEAP	12
#define TQUIC_ACKFREQ_LEAST	4
/* ns; what a lone packet may wait however short the round trip is */
#define TQUIC_ACKFREQ_DELAY	(5 * TQUIC_NS_PER_MS / 2)
/* rounds in a row without growth after which a rate is steady */
#define TQUIC_ACKFREQ_FLAT	3

/**
 * struct tquic_ackfreq - rate of the packets of one path, in round trips
 * @round_at: when the present round began
 * @packets: ack-eliciting packets in it so far
 * @last: as many were in a round trip of the last round
 * @full: the most in a round trip so far, or slowly forgotten since
 * @flat: rounds in a row without growth, up to TQUIC_ACKFREQ_FLAT
 */
struct tquic_ackfreq {
	tquic_time_t round_at;
	u32 packets;
	u32 last;
	u32 full;
	u8 flat;
};

/**
 * struct tquic_ackfreq_limits - what the peer asked for
 * @tolerance: packets at most for one acknowledgment
 * @reorder: see tquic_ackq_tune()
 * @delay: longest wait of a packet, ns
 */
struct tquic_ackfreq_limits {
	u32 tolerance;
	u32 reorder;
	u64 delay;
};

bool tquic_ackfreq_packet(struct tquic_ackfreq *f, tquic_time_t now, u64 rtt);
void tquic_ackfreq_tune(const struct tquic_ackfreq *f,
			const struct tquic_ackfreq_limits *limits, u64 rtt,
			struct tquic_ackq *q);

#endif /* _TQUIC_CORE_ACKFREQ_H */
