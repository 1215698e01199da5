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
		.share = U64_MAX,
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

static void tquic_flow_rx_restart(struct tquic_flow_rx *rx, tquic_time_t now)
{
	rx->epoch = now;
	rx->epoch_consumed = rx->consumed;
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
 * A window of which half is used within two delays is too small: a sender that
 * doubles its rate each round trip needs twice of what the last one took, and
 * as much again because holes keep the reader from what has arrived.  It grows
 * as soon as that is seen, since the next round trip needs it.
 */
void tquic_flow_rx_consume(struct tquic_flow_rx *rx, u64 bytes,
			   tquic_time_t now, u64 delay)
{
	u64 took, time = now - rx->epoch;

	rx->consumed += bytes;
	took = rx->consumed - rx->epoch_consumed;
	/* a reader that paused measured itself, not the sender */
	if (time > 3 * delay) {
		tquic_flow_rx_restart(rx, now);
		return;
	}
	if (time > delay)
		rx->rate = mul_u64_u64_div_u64(took, delay, time);
	if (took >= rx->window / 2)
		rx->window = clamp(2 * rx->window, rx->window, rx->window_max);
	else if (time < 2 * delay)
		return;
	tquic_flow_rx_restart(rx, now);
}

/**
 * tquic_flow_rx_widen - let a window be larger at once
 * @rx: account
 * @window: bytes, as far as the budget allows them
 */
void tquic_flow_rx_widen(struct tquic_flow_rx *rx, u64 window)
{
	rx->window = clamp(window, rx->window, rx->window_max);
}

/* What is kept ahead of the reader. */
static u64 tquic_flow_rx_ahead(const struct tquic_flow_rx *rx)
{
	return min(rx->window, rx->share);
}

/* The limit that could be advertised now. */
static u64 tquic_flow_rx_next(const struct tquic_flow_rx *rx)
{
	return min(rx->consumed + tquic_flow_rx_ahead(rx), TQUIC_VARINT_MAX);
}

/* How much is worth a frame. */
static u64 tquic_flow_rx_piece(const struct tquic_flow_rx *rx)
{
	u64 ahead = tquic_flow_rx_ahead(rx);

	return min(DIV_ROUND_UP_ULL(ahead, TQUIC_FLOW_PIECES_LEAST),
		   max_t(u64, ahead / TQUIC_FLOW_PIECES_MOST,
			 TQUIC_FLOW_PIECE));
}

/**
 * tquic_flow_rx_due - is it worth a frame to advertise more
 * @rx: account
 *
 * Return: true once a piece of the window is used up, or the window has grown
 * by as much.
 */
bool tquic_flow_rx_due(const struct tquic_flow_rx *rx)
{
	u64 next = tquic_flow_rx_next(rx);

	return next > rx->limit && next - rx->limit >= tquic_flow_rx_piece(rx);
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
