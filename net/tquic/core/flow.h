/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flow control credit: RFC 9000 section 4.
 *
 * The same account serves the connection, a stream, and the count of streams
 * of one kind.  Auto-tuning of the receive window needs only the time in which
 * a window is used up.
 */
#ifndef _TQUIC_CORE_FLOW_H
#define _TQUIC_CORE_FLOW_H

#include "core.h"

/**
 * struct tquic_flow_tx - credit that the peer granted
 * @limit: highest offset or count allowed
 * @used: offset or count reached
 * @told: limit at which the peer was last told that we are blocked, U64_MAX
 *	when it was not: one BLOCKED frame per limit (RFC 9000 section 4.1)
 */
struct tquic_flow_tx {
	u64 limit;
	u64 used;
	u64 told;
};

/*
 * Credit is advertised in pieces of a window.  Small pieces keep the window
 * open; each is a frame.
 */
#define TQUIC_FLOW_PIECES_LEAST	8
#define TQUIC_FLOW_PIECES_MOST	32
#define TQUIC_FLOW_PIECE	(32 << 10)

/**
 * struct tquic_flow_rx - credit that we granted
 * @limit: highest offset advertised; never falls
 * @received: highest offset received
 * @consumed: offset up to which the reader took the data
 * @window: credit kept ahead of @consumed
 * @window_max: memory budget, bound of auto-tuning
 * @share: what @window may be at present, since others need memory, too
 * @epoch: when the present measuring interval began
 * @epoch_consumed: @consumed at that time
 * @rate: bytes that the reader took per delay, as last measured
 */
struct tquic_flow_rx {
	u64 limit;
	u64 received;
	u64 consumed;
	u64 window;
	u64 window_max;
	u64 share;
	tquic_time_t epoch;
	u64 epoch_consumed;
	u64 rate;
};

/* bytes received that the reader did not take, holes before them included */
static inline u64 tquic_flow_rx_unread(const struct tquic_flow_rx *rx)
{
	return rx->received - rx->consumed;
}

void tquic_flow_tx_init(struct tquic_flow_tx *tx, u64 limit);
bool tquic_flow_tx_raise(struct tquic_flow_tx *tx, u64 limit);
bool tquic_flow_tx_tell(struct tquic_flow_tx *tx);

static inline u64 tquic_flow_tx_room(const struct tquic_flow_tx *tx)
{
	/* above the limit after early data was rejected */
	return tx->limit > tx->used ? tx->limit - tx->used : 0;
}

void tquic_flow_rx_init(struct tquic_flow_rx *rx, u64 window, u64 window_max,
			tquic_time_t now);
bool tquic_flow_rx_reach(struct tquic_flow_rx *rx, u64 offset);
void tquic_flow_rx_consume(struct tquic_flow_rx *rx, u64 bytes,
			   tquic_time_t now, u64 delay);
void tquic_flow_rx_widen(struct tquic_flow_rx *rx, u64 window);
bool tquic_flow_rx_due(const struct tquic_flow_rx *rx);
u64 tquic_flow_rx_grant(struct tquic_flow_rx *rx);

#endif /* _TQUIC_CORE_FLOW_H */
