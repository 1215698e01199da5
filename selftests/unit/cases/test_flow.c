// SPDX-License-Identifier: GPL-2.0
#include "core/flow.h"
#include "core/varint.h"
#include "tap.h"

#define MS TQUIC_NS_PER_MS

TQ_TEST(rfc9000_4_1_tx_limit_never_falls)
{
	struct tquic_flow_tx tx;

	tquic_flow_tx_init(&tx, 100);
	TQ_EXPECT_EQ(tquic_flow_tx_room(&tx), 100);
	tx.used = 40;
	TQ_EXPECT_EQ(tquic_flow_tx_room(&tx), 60);
	TQ_EXPECT(!tquic_flow_tx_raise(&tx, 100));
	TQ_EXPECT(!tquic_flow_tx_raise(&tx, 99));
	TQ_EXPECT_EQ(tx.limit, 100);
	TQ_EXPECT(tquic_flow_tx_raise(&tx, 101));
	TQ_EXPECT_EQ(tquic_flow_tx_room(&tx), 61);
}

TQ_TEST(rfc9000_4_1_one_blocked_frame_per_limit)
{
	struct tquic_flow_tx tx;

	tquic_flow_tx_init(&tx, 10);
	tx.used = 9;
	TQ_EXPECT(!tquic_flow_tx_tell(&tx));
	tx.used = 10;
	TQ_EXPECT(tquic_flow_tx_tell(&tx));
	TQ_EXPECT(!tquic_flow_tx_tell(&tx));
	tquic_flow_tx_raise(&tx, 20);
	TQ_EXPECT(!tquic_flow_tx_tell(&tx));
	tx.used = 20;
	TQ_EXPECT(tquic_flow_tx_tell(&tx));
	tquic_flow_tx_init(&tx, 0);
	TQ_EXPECT(tquic_flow_tx_tell(&tx));
	TQ_EXPECT(!tquic_flow_tx_tell(&tx));
}

TQ_TEST(rfc9000_4_1_rx_limit_is_enforced)
{
	struct tquic_flow_rx rx;

	tquic_flow_rx_init(&rx, 1000, 1000, 0);
	TQ_EXPECT(tquic_flow_rx_reach(&rx, 1000));
	TQ_EXPECT(tquic_flow_rx_reach(&rx, 5));
	TQ_EXPECT_EQ(rx.received, 1000);
	TQ_EXPECT(!tquic_flow_rx_reach(&rx, 1001));
	TQ_EXPECT_EQ(rx.received, 1000);
	tquic_flow_rx_consume(&rx, 1000, 0, MS);
	TQ_EXPECT_EQ(tquic_flow_rx_grant(&rx), 2000);
	TQ_EXPECT(tquic_flow_rx_reach(&rx, 2000));
	TQ_EXPECT(!tquic_flow_rx_reach(&rx, 2001));
}

TQ_TEST(rfc9000_4_2_credit_is_due_at_a_piece_of_the_window)
{
	struct tquic_flow_rx rx;

	tquic_flow_rx_init(&rx, 1001, 1001, 0);
	TQ_EXPECT(!tquic_flow_rx_due(&rx));
	tquic_flow_rx_consume(&rx, 125, 0, MS);
	TQ_EXPECT(!tquic_flow_rx_due(&rx));
	tquic_flow_rx_consume(&rx, 1, 0, MS);
	TQ_EXPECT(tquic_flow_rx_due(&rx));
	TQ_EXPECT_EQ(tquic_flow_rx_grant(&rx), 1127);
	TQ_EXPECT(!tquic_flow_rx_due(&rx));
}

TQ_TEST(flow_window_doubles_with_a_sender_in_slow_start)
{
	tquic_time_t now = 0, rtt = 50 * MS;
	struct tquic_flow_rx rx;
	u64 per_rtt = 10000;
	unsigned int i, j;

	tquic_flow_rx_init(&rx, 40000, 8 << 20, now);
	/* the sender is never held back: its window per RTT always fits */
	for (i = 0; i < 8; i++) {
		TQ_EXPECT(2 * per_rtt <= rx.window);
		for (j = 0; j < 10; j++) {
			now += rtt / 10;
			tquic_flow_rx_consume(&rx, per_rtt / 10, now, rtt);
		}
		per_rtt *= 2;
	}
	TQ_EXPECT(tquic_flow_rx_due(&rx));
	/* and does not grow for nothing */
	TQ_EXPECT(rx.window <= 8 * per_rtt);
	per_rtt = rx.window;
	for (i = 0; i < 80; i++) {
		now += rtt / 10;
		tquic_flow_rx_consume(&rx, 20000, now, rtt);
	}
	TQ_EXPECT_EQ(rx.window, per_rtt);
	TQ_EXPECT_EQ(rx.rate, 200000);
}

TQ_TEST(flow_window_stays_within_budget)
{
	struct tquic_flow_rx rx;

	tquic_flow_rx_init(&rx, 1000, 2500, 0);
	tquic_flow_rx_consume(&rx, 900, MS, MS);
	TQ_EXPECT_EQ(rx.window, 2000);
	tquic_flow_rx_consume(&rx, 1000, 2 * MS, MS);
	TQ_EXPECT_EQ(rx.window, 2500);
	tquic_flow_rx_init(&rx, 1000, 10, 0);
	TQ_EXPECT_EQ(rx.window_max, 1000);
	tquic_flow_rx_consume(&rx, 1000, MS, MS);
	TQ_EXPECT_EQ(rx.window, 1000);
	tquic_flow_rx_widen(&rx, 5000);
	TQ_EXPECT_EQ(rx.window, 1000);
	rx.window_max = 3000;
	tquic_flow_rx_widen(&rx, 2000);
	TQ_EXPECT_EQ(rx.window, 2000);
	tquic_flow_rx_widen(&rx, 1500);
	TQ_EXPECT_EQ(rx.window, 2000);
}

TQ_TEST(flow_share_bounds_what_is_granted)
{
	struct tquic_flow_rx rx;

	tquic_flow_rx_init(&rx, 1000, 1000, 0);
	rx.share = 400;
	tquic_flow_rx_reach(&rx, 900);
	TQ_EXPECT_EQ(tquic_flow_rx_unread(&rx), 900);
	tquic_flow_rx_consume(&rx, 600, 0, MS);
	TQ_EXPECT_EQ(tquic_flow_rx_unread(&rx), 300);
	TQ_EXPECT(!tquic_flow_rx_due(&rx));
	/* never less than was advertised before */
	TQ_EXPECT_EQ(tquic_flow_rx_grant(&rx), 1000);
	tquic_flow_rx_consume(&rx, 50, 0, MS);
	TQ_EXPECT(tquic_flow_rx_due(&rx));
	TQ_EXPECT_EQ(tquic_flow_rx_grant(&rx), 1050);
}

TQ_TEST(flow_epoch_shorter_than_delay_measures_nothing)
{
	struct tquic_flow_rx rx;

	tquic_flow_rx_init(&rx, 1000, 1 << 20, 5);
	tquic_flow_rx_consume(&rx, 400, 5 + MS, MS);
	TQ_EXPECT_EQ(rx.window, 1000);
	TQ_EXPECT_EQ(rx.rate, 0);
	TQ_EXPECT_EQ(rx.epoch, 5);
	tquic_flow_rx_consume(&rx, 50, 5 + 2 * MS, MS);
	TQ_EXPECT_EQ(rx.window, 1000);
	TQ_EXPECT_EQ(rx.rate, 225);
	TQ_EXPECT_EQ(rx.epoch, 5 + 2 * MS);
}

/* a burst read after a pause says nothing of the sender's rate */
TQ_TEST(flow_paused_reader_does_not_grow_the_window)
{
	struct tquic_flow_rx rx;

	tquic_flow_rx_init(&rx, 1000, 1 << 20, 0);
	tquic_flow_rx_consume(&rx, 1000, 3 * MS + 1, MS);
	TQ_EXPECT_EQ(rx.window, 1000);
	TQ_EXPECT_EQ(rx.epoch, 3 * MS + 1);
	TQ_EXPECT_EQ(rx.epoch_consumed, 1000);
	tquic_flow_rx_consume(&rx, 500, 6 * MS + 1, MS);
	TQ_EXPECT_EQ(rx.window, 2000);
}

TQ_TEST(flow_limit_ends_at_the_largest_varint)
{
	struct tquic_flow_rx rx;

	tquic_flow_rx_init(&rx, 1000, 1000, 0);
	rx.consumed = TQUIC_VARINT_MAX - 10;
	rx.limit = TQUIC_VARINT_MAX - 600;
	TQ_EXPECT(tquic_flow_rx_due(&rx));
	TQ_EXPECT_EQ(tquic_flow_rx_grant(&rx), TQUIC_VARINT_MAX);
	TQ_EXPECT(!tquic_flow_rx_due(&rx));
}
