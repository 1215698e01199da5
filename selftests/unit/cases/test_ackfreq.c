// SPDX-License-Identifier: GPL-2.0
#include "core/ackfreq.h"
#include "tap.h"

#define MS	TQUIC_NS_PER_MS

static const struct tquic_ackfreq_limits unlimited = {
	.tolerance = U32_MAX, .reorder = 1, .delay = U64_MAX,
};

static struct tquic_ackfreq f;
static struct tquic_ackq q;
static u64 now;

static void begin(void)
{
	f = (struct tquic_ackfreq){};
	now = 1000 * MS;
	f.round_at = now;
	tquic_ackq_init(&q, 4, 25 * MS, 3);
}

/* @n packets in each of @rounds round trips, evenly */
static void receive(u64 rtt, unsigned int n, unsigned int rounds)
{
	u64 start = now;
	unsigned int i;

	for (i = 1; i <= n * rounds; i++) {
		now = start + rtt * i / n;
		if (tquic_ackfreq_packet(&f, now, rtt))
			tquic_ackfreq_tune(&f, &unlimited, rtt, &q);
	}
}

TQ_TEST(ackfreq_two_at_the_start)
{
	begin();
	TQ_EXPECT_EQ(q.tolerance, 2);
	receive(50 * MS, 10, 1);
	TQ_EXPECT_EQ(q.tolerance, 2);
	TQ_EXPECT(q.delay >= 50 * MS / 8);
}

/* enough acknowledgments in each round trip while the rate doubles */
TQ_TEST(ackfreq_growing_rate)
{
	unsigned int n;

	begin();
	for (n = 10; n <= 20000; n *= 2) {
		receive(50 * MS, n, 1);
		TQ_EXPECT_EQ(q.tolerance, clamp_t(u32, n / 16, 2, 32));
	}
}

TQ_TEST(ackfreq_steady_rate)
{
	static const struct {
		u64 rtt;
		unsigned int n, tolerance;
	} cases[] = {
		/* few packets: two, or when two had time to come */
		{ 50 * MS, 4, 2 },
		/* an eighth of a round trip */
		{ 50 * MS, 208, 26 },
		{ 50 * MS, 120, 15 },
		/* not more than 32 packets */
		{ 50 * MS, 1000, 32 },
		/* short: 12 packets, but four in a round trip */
		{ 10 * MS, 50, 12 },
		{ 10 * MS, 30, 7 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		tq_note("case %u", i);
		begin();
		receive(cases[i].rtt, cases[i].n, 8);
		TQ_EXPECT_EQ(f.flat, TQUIC_ACKFREQ_FLAT);
		TQ_EXPECT(f.last + 1 >= cases[i].n && f.last <= cases[i].n);
		TQ_EXPECT(q.tolerance + 1 >= cases[i].tolerance &&
			  q.tolerance <= cases[i].tolerance);
	}
}

TQ_TEST(ackfreq_delay)
{
	begin();
	receive(80 * MS, 400, 6);
	TQ_EXPECT_EQ(q.delay, 10 * MS);
	/* never more than what the peer was told */
	begin();
	receive(600 * MS, 4000, 6);
	TQ_EXPECT_EQ(q.delay, 25 * MS);
	/* two packets, if they come that slowly */
	begin();
	receive(40 * MS, 4, 6);
	TQ_EXPECT(q.delay >= 20 * MS && q.delay <= 25 * MS);
	/* a quarter of a short round trip */
	begin();
	receive(8 * MS, 100, 12);
	TQ_EXPECT_EQ(q.delay, 2 * MS);
	begin();
	receive(16 * MS, 400, 12);
	TQ_EXPECT_EQ(q.delay, 5 * MS / 2);
}

TQ_TEST(ackfreq_ripple_is_steady_doubling_is_not)
{
	unsigned int i;

	begin();
	receive(50 * MS, 400, 6);
	for (i = 0; i < 10; i++) {
		receive(50 * MS, i & 1 ? 300 : 500, 1);
		TQ_EXPECT_EQ(f.flat, TQUIC_ACKFREQ_FLAT);
	}
	/* slower: still steady; then three times faster: growing again */
	receive(50 * MS, 100, 30);
	TQ_EXPECT_EQ(f.flat, TQUIC_ACKFREQ_FLAT);
	TQ_EXPECT_EQ(f.full, f.last);
	receive(50 * MS, 300, 1);
	TQ_EXPECT_EQ(f.flat, 0);
	TQ_EXPECT_EQ(q.tolerance, 300 / 16);
}

TQ_TEST(ackfreq_begins_anew_after_silence)
{
	begin();
	receive(50 * MS, 800, 6);
	TQ_EXPECT_EQ(q.tolerance, 32);
	now += 2000 * MS;
	receive(50 * MS, 10, 1);
	TQ_EXPECT_EQ(f.flat, 0);
	TQ_EXPECT_EQ(q.tolerance, 2);
}

TQ_TEST(ackfreq_late_stamps_do_no_harm)
{
	begin();
	receive(50 * MS, 100, 4);
	TQ_EXPECT(!tquic_ackfreq_packet(&f, f.round_at - 30 * MS, 50 * MS));
	receive(50 * MS, 100, 4);
	TQ_EXPECT_EQ(f.flat, TQUIC_ACKFREQ_FLAT);
}

TQ_TEST(ackfreq_obeys_limits)
{
	struct tquic_ackfreq_limits limits = {
		.tolerance = 5, .reorder = 3, .delay = 3 * MS,
	};

	begin();
	receive(80 * MS, 4000, 6);
	tquic_ackfreq_tune(&f, &limits, 80 * MS, &q);
	TQ_EXPECT_EQ(q.tolerance, 5);
	TQ_EXPECT_EQ(q.reorder, 3);
	TQ_EXPECT_EQ(q.delay, 3 * MS);
}
