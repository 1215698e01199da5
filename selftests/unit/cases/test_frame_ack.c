// SPDX-License-Identifier: GPL-2.0
/*
 * ACK ranges against a bitmap, and the ACK Delay field.
 */
#include "lib_frame.h"

#define PNS	160

/* makes the fields of an ACK from a bitmap, without help from the core */
static void naive_ack(const bool *got, struct tquic_frame_ack *ack, u8 *bytes)
{
	int pn = PNS - 1, top, low = 0;
	bool first = true;

	memset(ack, 0, sizeof(*ack));
	ack->ranges = bytes;
	while (pn >= 0) {
		if (!got[pn]) {
			pn--;
			continue;
		}
		top = pn;
		while (pn >= 0 && got[pn])
			pn--;
		if (first) {
			ack->largest = top;
			ack->first_range = top - (pn + 1);
			first = false;
		} else {
			ack->ranges_len += lf_put(bytes + ack->ranges_len,
						  low - top - 2, 0);
			ack->ranges_len += lf_put(bytes + ack->ranges_len,
						  top - (pn + 1), 0);
			ack->range_count++;
		}
		low = pn + 1;
	}
}

static void check_walk(const bool *got, const struct tquic_frame_ack *ack)
{
	struct tquic_frame_ack_iter it;
	u64 smallest, largest, prev = U64_MAX, pn, ranges = 0;
	bool seen[PNS] = { false };

	tquic_frame_ack_first(&it, ack);
	while (tquic_frame_ack_next(&it, &smallest, &largest)) {
		TQ_ASSERT(smallest <= largest && largest < PNS);
		TQ_ASSERT(prev == U64_MAX || largest + 2 <= prev);
		for (pn = smallest; pn <= largest; pn++)
			seen[pn] = true;
		prev = smallest;
		ranges++;
	}
	TQ_EXPECT(!it.err && !it.rd.err && !it.left);
	TQ_EXPECT_EQ(ranges, ack->range_count + 1);
	TQ_EXPECT(!memcmp(seen, got, PNS * sizeof(*seen)));
	/* the end is the end */
	TQ_EXPECT(!tquic_frame_ack_next(&it, &smallest, &largest));
}

TQ_TEST(frame_ack_walk_is_the_bitmap)
{
	struct tquic_frame_ack ack;
	bool got[PNS];
	u8 bytes[PNS * 2];
	unsigned int round, i, density;

	for (round = 0; round < 3000; round++) {
		density = 1 + tq_rand_below(20);
		for (i = 0; i < PNS; i++)
			got[i] = i && got[i - 1] ? tq_rand_below(density) != 0 :
						   !tq_rand_below(density);
		got[tq_rand_below(PNS)] = true;
		naive_ack(got, &ack, bytes);
		check_walk(got, &ack);
	}
}

/* put_range() makes the same bytes as the model */
TQ_TEST(frame_ack_put_range_is_the_bitmap)
{
	struct tquic_frame_ack ack;
	struct tquic_frame_ack_iter it;
	u64 smallest, largest, prev = 0;
	u8 want[PNS * 2], have[PNS * 2];
	struct tquic_wr wr;
	unsigned int round, i;
	bool got[PNS];

	for (round = 0; round < 1000; round++) {
		for (i = 0; i < PNS; i++)
			got[i] = !tq_rand_below(3);
		got[tq_rand_below(PNS)] = true;
		naive_ack(got, &ack, want);
		wr = tquic_wr_init(have, ack.ranges_len);
		tquic_frame_ack_first(&it, &ack);
		for (i = 0; tquic_frame_ack_next(&it, &smallest, &largest);
		     i++) {
			if (i)
				TQ_ASSERT(tquic_frame_ack_put_range(&wr, prev,
								    smallest,
								    largest));
			prev = smallest;
		}
		TQ_EXPECT(!wr.err && wr.ptr == have + ack.ranges_len);
		TQ_EXPECT_MEM_EQ(have, want, ack.ranges_len);
	}
}

TQ_TEST(frame_ack_put_range_edges)
{
	const u64 max = (1ULL << 62) - 1;
	struct tquic_wr wr;
	u8 buf[16];

	wr = tquic_wr_init(buf, 16);
	/* touching, overlapping and upside down are no ranges */
	TQ_EXPECT(!tquic_frame_ack_put_range(&wr, 10, 9, 9));
	TQ_EXPECT(!tquic_frame_ack_put_range(&wr, 10, 10, 10));
	TQ_EXPECT(!tquic_frame_ack_put_range(&wr, 10, 11, 12));
	TQ_EXPECT(!tquic_frame_ack_put_range(&wr, 10, 8, 7));
	TQ_EXPECT(!tquic_frame_ack_put_range(&wr, 1, 0, 0));
	TQ_EXPECT(!tquic_frame_ack_put_range(&wr, 0, max, max));
	TQ_EXPECT(!wr.err && wr.ptr == buf);
	TQ_EXPECT(tquic_frame_ack_put_range(&wr, 10, 8, 8));
	TQ_EXPECT(wr.ptr == buf + 2 && !buf[0] && !buf[1]);
	TQ_EXPECT(tquic_frame_ack_put_range(&wr, 2, 0, 0));
	TQ_EXPECT(wr.ptr == buf + 4);

	/* a gap and a length of eight bytes each */
	wr = tquic_wr_init(buf, 16);
	TQ_EXPECT(tquic_frame_ack_put_range(&wr, max, 0, max >> 1));
	TQ_EXPECT(wr.ptr == buf + 16);
	wr = tquic_wr_init(buf, 15);
	TQ_EXPECT(!tquic_frame_ack_put_range(&wr, max, 0, max >> 1));
	TQ_EXPECT(!wr.err && wr.ptr == buf);
	wr = tquic_wr_init(buf, 1);
	TQ_EXPECT(!tquic_frame_ack_put_range(&wr, 10, 8, 8));
	TQ_EXPECT(!wr.err && wr.ptr == buf);
	wr = tquic_wr_init(buf, 2);
	TQ_EXPECT(tquic_frame_ack_put_range(&wr, 10, 8, 8));
}

/* a walk that the decoder has not approved ends, and says why */
TQ_TEST(frame_ack_walk_of_nonsense)
{
	static const u8 low[] = { 0x03, 0x00 }, deep[] = { 0x00, 0x03 };
	static const u8 cut[] = { 0x00, 0x01, 0x00 };
	struct tquic_frame_ack ack = {
		.largest = 5, .first_range = 6, .ranges = low,
	};
	struct tquic_frame_ack_iter it;
	u64 smallest, largest;

	tquic_frame_ack_first(&it, &ack);
	TQ_EXPECT(it.err);
	TQ_EXPECT(!tquic_frame_ack_next(&it, &smallest, &largest));

	/* nothing comes of a bad first range, whatever follows it */
	ack.ranges_len = 2;
	ack.range_count = 1;
	tquic_frame_ack_first(&it, &ack);
	TQ_EXPECT(!tquic_frame_ack_next(&it, &smallest, &largest));

	ack.first_range = 1;
	ack.ranges = low;
	tquic_frame_ack_first(&it, &ack);
	TQ_EXPECT(tquic_frame_ack_next(&it, &smallest, &largest));
	TQ_EXPECT(smallest == 4 && largest == 5);
	TQ_EXPECT(!tquic_frame_ack_next(&it, &smallest, &largest));
	TQ_EXPECT(it.err && !it.rd.err);
	TQ_EXPECT(!tquic_frame_ack_next(&it, &smallest, &largest));

	ack.ranges = deep;
	tquic_frame_ack_first(&it, &ack);
	TQ_EXPECT(tquic_frame_ack_next(&it, &smallest, &largest));
	TQ_EXPECT(!tquic_frame_ack_next(&it, &smallest, &largest));
	TQ_EXPECT(it.err && !it.rd.err);

	ack.ranges = cut;
	ack.ranges_len = sizeof(cut);
	ack.range_count = 2;
	tquic_frame_ack_first(&it, &ack);
	TQ_EXPECT(tquic_frame_ack_next(&it, &smallest, &largest));
	TQ_EXPECT(tquic_frame_ack_next(&it, &smallest, &largest));
	TQ_EXPECT(smallest == 1 && largest == 2);
	TQ_EXPECT(!tquic_frame_ack_next(&it, &smallest, &largest));
	TQ_EXPECT(!it.err && it.rd.err);
}

TQ_TEST(frame_ack_largest_numbers)
{
	const u64 max = (1ULL << 62) - 1;
	struct tquic_frame_ack_iter it;
	struct tquic_frame_ack ack = { .largest = max };
	u64 smallest, largest;
	u8 bytes[16];

	ack.ranges = bytes;
	ack.ranges_len = lf_put(bytes, max - 2, 0);
	ack.ranges_len += lf_put(bytes + ack.ranges_len, 0, 0);
	ack.range_count = 1;
	tquic_frame_ack_first(&it, &ack);
	TQ_EXPECT(tquic_frame_ack_next(&it, &smallest, &largest));
	TQ_EXPECT(smallest == max && largest == max);
	TQ_EXPECT(tquic_frame_ack_next(&it, &smallest, &largest));
	TQ_EXPECT(smallest == 0 && largest == 0);
	TQ_EXPECT(!tquic_frame_ack_next(&it, &smallest, &largest));
	TQ_EXPECT(!it.err && !it.rd.err);
}

/* what the decoder hands over: the ranges, and nothing behind them */
TQ_TEST(frame_ack_decoded_fields)
{
	struct tquic_frame_ctx ctx = { .pkt = TQUIC_PKT_1RTT,
				       .multipath = true };
	struct tquic_close close;
	struct tquic_frame f;
	u8 buf[64];
	size_t len, used;

	len = tq_hex("3f 07 4064 05 02 03 01 02 00 04 09 0a 0b 01", buf,
		     sizeof(buf));
	TQ_ASSERT_EQ(lf_decode(buf, len, &ctx, &f, &close, &used), 0);
	TQ_EXPECT_EQ(used, len - 1);
	TQ_EXPECT_EQ(f.path_id, 7);
	TQ_EXPECT_EQ(f.ack.largest, 100);
	TQ_EXPECT_EQ(f.ack.delay, 5);
	TQ_EXPECT_EQ(f.ack.range_count, 2);
	TQ_EXPECT_EQ(f.ack.first_range, 3);
	TQ_EXPECT_EQ(f.ack.ranges_len, 4);
	TQ_EXPECT_MEM_EQ(f.ack.ranges, buf + 7, 4);
	TQ_EXPECT_EQ(f.ack.ect0, 9);
	TQ_EXPECT_EQ(f.ack.ect1, 10);
	TQ_EXPECT_EQ(f.ack.ce, 11);
	TQ_EXPECT(tquic_frame_ack_has_ecn(&f));
	buf[0] = 0x3e;
	TQ_ASSERT_EQ(lf_decode(buf, len, &ctx, &f, &close, &used), 0);
	TQ_EXPECT_EQ(used, len - 4);
	TQ_EXPECT(!f.ack.ect0 && !f.ack.ect1 && !f.ack.ce);
	TQ_EXPECT(!tquic_frame_ack_has_ecn(&f));
}

TQ_TEST(rfc9000_19_3_ack_delay)
{
	const u64 never = ~0ULL;
	u64 most;

	TQ_EXPECT_EQ(tquic_frame_ack_delay_decode(0, 3), 0);
	TQ_EXPECT_EQ(tquic_frame_ack_delay_decode(1, 0), 1000);
	TQ_EXPECT_EQ(tquic_frame_ack_delay_decode(5, 3), 40000);
	TQ_EXPECT_EQ(tquic_frame_ack_delay_decode(1, 20), 1048576000);
	TQ_EXPECT_EQ(tquic_frame_ack_delay_encode(0, 3), 0);
	TQ_EXPECT_EQ(tquic_frame_ack_delay_encode(999, 0), 0);
	TQ_EXPECT_EQ(tquic_frame_ack_delay_encode(1000, 0), 1);
	TQ_EXPECT_EQ(tquic_frame_ack_delay_encode(47999, 3), 5);
	TQ_EXPECT_EQ(tquic_frame_ack_delay_encode(48000, 3), 6);

	/* 18446744073709551 us are the most that ns can count */
	most = 18446744073709551ULL;
	TQ_EXPECT_EQ(tquic_frame_ack_delay_decode(most, 0), most * 1000);
	TQ_EXPECT_EQ(tquic_frame_ack_delay_decode(most + 1, 0), never);
	TQ_EXPECT_EQ(tquic_frame_ack_delay_decode(most >> 3, 3),
		     (most >> 3 << 3) * 1000);
	TQ_EXPECT_EQ(tquic_frame_ack_delay_decode((most >> 3) + 1, 3), never);
	TQ_EXPECT_EQ(tquic_frame_ack_delay_decode((most >> 20) + 1, 20),
		     never);
	TQ_EXPECT_EQ(tquic_frame_ack_delay_decode((1ULL << 62) - 1, 0), never);
	TQ_EXPECT_EQ(tquic_frame_ack_delay_decode((1ULL << 62) - 1, 20),
		     never);
	TQ_EXPECT_EQ(tquic_frame_ack_delay_encode(never, 0), most);
}
