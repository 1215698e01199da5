// SPDX-License-Identifier: GPL-2.0
/*
 * Flow control credit: RFC 9000 section 4.
 */
#include "flow.h"
#include "varint.h"

void tquic_flow_tx_init(struct tquic_flow_tx *tx, u64 limit)
{
	*tx = (struct tquic_flow_tx){ .limit = limit, .told = U64_MAX };
}

/**
 * tquic_flow_tx_raise - the peer advertised a limit
 * @tx: account
 * @limit: its value; a smaller one than before is old news and ignored
 *
 * Return: whether there is new credit.
 */
bool tquic_flow_tx_raise(struct tquic_flow_tx *tx, u64 limit)
{
	if (limit <= tx->limit)
		return false;
	tx->limit = limit;
	return true;
}

/**
 * tquic_flow_tx_tell - is a BLOCKED frame due
 * @tx: account, out of credit; the frame carries @tx->limit
 *
 * Return: true once for each limit that blocked.
 */
bool tquic_flow_tx_tell(struct tquic_flow_tx *tx)
{
	if (tx->used < tx->limit || tx->told == tx->limit)
		return false;
	tx->told = tx->limit;
	return true;
}

/**
 * tquic_flow_rx_init - open an account
 * @rx: account
 * @window: initial credit
 * @window_max: bound of auto-tuning, at least @window
 * @now: present time
 */
void tquic_flow_rx_init(struct tquic_flow_rx *rx, u64 window, u64 window_max,
			tquic_time_t now)
{
	*rx = (struct tquic_flow_rx){
		.limit = window,
		.window = window,
		.window_max = max(window, window_max),
		.epoch = now,
	};
}

/**
 * tquic_flow_rx_reach - data up to an offset was received
 * @rx: account
 * @offset: one past the last byte
 *
 * Return: false when the peer overstepped the limit, a FLOW_CONTROL_ERROR.
 */
bool tquic_flow_rx_reach(struct tquic_flow_rx *rx, u64 offset)
{
	if (offset > rx->limit)
		return false;
	rx->received = max(rx->received, offset);
	return true;
}

/**
 * tquic_flow_rx_consume - the reader took data
 * @rx: account
 * @bytes: how much
 * @now: present time
 * @delay: ns from granting credit until the data it allows has arrived in
 *	order, on idle links: queues that the sender fills itself must not
 *	count, or window and queue feed each other
 *
 * Auto-tuning as TCP's dynamic right-sizing: a sender that doubles its rate
 * each round trip needs twice of what the last round took, and as much again
 * because new credit is advertised only when half is used.
 */
void tquic_flow_rx_consume(struct tquic_flow_rx *rx, u64 bytes,
			   tquic_time_t now, u64 delay)
{
	u64 took;

	rx->consumed += bytes;
	if (now - rx->epoch < delay)
		return;
	took = rx->consumed - rx->epoch_consumed;
	/* a reader that paused measured itself, not the sender */
	if (now - rx->epoch < 2 * delay)
		rx->window = clamp(4 * took, rx->window, rx->window_max);
	rx->epoch = now;
	rx->epoch_consumed = rx->consumed;
}

/* The limit that could be advertised now. */
static u64 tquic_flow_rx_next(const struct tquic_flow_rx *rx)
{
	return min(rx->consumed + rx->window, TQUIC_VARINT_MAX);
}

/**
 * tquic_flow_rx_due - is it worth a frame to advertise more
 * @rx: account
 *
 * Return: true once half of the window is used up, or the window has grown by
 * as much.
 */
bool tquic_flow_rx_due(const struct tquic_flow_rx *rx)
{
	u64 next = tquic_flow_rx_next(rx);

	return next > rx->limit && next - rx->limit >= (rx->window + 1) / 2;
}

/**
 * tquic_flow_rx_grant - advertise all there is
 * @rx: account
 *
 * Return: the limit that the frame carries.
 */
u64 tquic_flow_rx_grant(struct tquic_flow_rx *rx)
{
	rx->limit = max(rx->limit, tquic_flow_rx_next(rx));
	return rx->limit;
}
