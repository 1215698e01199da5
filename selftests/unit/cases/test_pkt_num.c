// SPDX-License-Identifier: GPL-2.0
/*
 * Packet numbers on the wire and header protection.
 */
#include <linux/array_size.h>

#include "core/pkt.h"
#include "tap.h"

TQ_TEST(pkt_num_rfc9000_a2_samples)
{
	TQ_EXPECT_EQ(tquic_pkt_pn_len(0xac5c02, 0xabe8b3), 2);
	TQ_EXPECT_EQ(tquic_pkt_pn_len(0xace8fe, 0xabe8b3), 3);
}

TQ_TEST(pkt_num_rfc9000_a3_sample)
{
	TQ_EXPECT_EQ(tquic_pkt_pn_decode(0xa82f30eb, 0x9b32, 2), 0xa82f9b32);
}

/*
 * MUST represent more than twice the range between the largest acknowledged
 * packet number and the new one
 */
TQ_TEST(pkt_num_rfc9000_17_1_more_than_twice_the_range)
{
	static const struct {
		u64 diff;
		unsigned int len;
	} t[] = {
		{ 1, 1 }, { 127, 1 }, { 128, 2 }, { 129, 2 },
		{ 0x7fff, 2 }, { 0x8000, 3 }, { 0x7fffff, 3 },
		{ 0x800000, 4 }, { 0x7fffffff, 4 }, { 0x80000000, 0 },
		{ 1ULL << 40, 0 },
	};
	static const u64 acked[] = { 0, 1, 99, 0xabe8b3, 1ULL << 61 };
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		for (k = 0; k < ARRAY_SIZE(acked); k++) {
			tq_note("difference %llu",
				(unsigned long long)t[i].diff);
			TQ_EXPECT_EQ(tquic_pkt_pn_len(acked[k] + t[i].diff,
						      acked[k]), t[i].len);
		}
	}
}

/* MUST include the full number before anything is acknowledged */
TQ_TEST(pkt_num_rfc9000_17_1_full_before_first_ack)
{
	static const struct {
		u64 pn;
		unsigned int len;
	} t[] = {
		{ 0, 1 }, { 1, 1 }, { 126, 1 }, { 127, 2 }, { 255, 2 },
		{ 0x7ffe, 2 }, { 0x7fff, 3 }, { 0x7ffffe, 3 },
		{ 0x7fffff, 4 }, { 0x7ffffffe, 4 }, { 0x7fffffff, 0 },
		{ TQUIC_PN_MAX, 0 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		tq_note("packet number %llu", (unsigned long long)t[i].pn);
		TQ_EXPECT_EQ(tquic_pkt_pn_len(t[i].pn, TQUIC_PN_NONE),
			     t[i].len);
		if (t[i].len)
			TQ_EXPECT(t[i].pn < 1ULL << 8 * t[i].len);
	}
}

/* RFC 9000 section 12.3: packet numbers end at 2^62 - 1 */
TQ_TEST(pkt_num_rfc9000_12_3_range)
{
	TQ_EXPECT_EQ(TQUIC_PN_MAX, 4611686018427387903LL);
	TQ_EXPECT_EQ(tquic_pkt_pn_len(TQUIC_PN_MAX, TQUIC_PN_MAX - 1), 1);
	TQ_EXPECT_EQ(tquic_pkt_pn_len(TQUIC_PN_MAX + 1, TQUIC_PN_MAX), 0);
	TQ_EXPECT_EQ(tquic_pkt_pn_len(U64_MAX, TQUIC_PN_NONE), 0);
	TQ_EXPECT_EQ(tquic_pkt_pn_len(5, 6), 0);
}

static u64 distance(u64 a, u64 b)
{
	return a > b ? a - b : b - a;
}

/* the definition: closest to what is expected, the larger one in a tie */
static u64 naive_decode(u64 expected, u32 pn, unsigned int pn_len)
{
	u64 win = 1ULL << 8 * pn_len;
	u64 base = expected - expected % win;
	u64 best = U64_MAX;
	int k;

	for (k = -2; k <= 2; k++) {
		u64 cand = base + k * win + pn;

		/* an underflow shows as a number beyond all packet numbers */
		if (cand > TQUIC_PN_MAX)
			continue;
		if (best == U64_MAX ||
		    distance(cand, expected) <= distance(best, expected))
			best = cand;
	}
	return best;
}

static void check_decode(u64 expected, u32 pn, unsigned int pn_len)
{
	tq_note("expected %#llx, %#x in %u", (unsigned long long)expected, pn,
		pn_len);
	TQ_EXPECT_EQ(tquic_pkt_pn_decode(expected, pn, pn_len),
		     naive_decode(expected, pn, pn_len));
}

TQ_TEST(pkt_num_decode_one_byte_exhaustively_near_both_ends)
{
	u64 i;
	u32 pn;

	for (i = 0; i <= 1024; i++) {
		for (pn = 0; pn < 256; pn++) {
			check_decode(i, pn, 1);
			check_decode((1ULL << 40) + i, pn, 1);
			check_decode(TQUIC_PN_MAX + 1 - i, pn, 1);
		}
	}
}

/* expected numbers and truncated ones around all corners of the window */
TQ_TEST(pkt_num_decode_corners)
{
	static const u64 base[] = {
		0, 1ULL << 31, 1ULL << 32, 1ULL << 33, 1ULL << 61,
		TQUIC_PN_MAX + 1 - (1ULL << 33), TQUIC_PN_MAX + 1,
	};
	unsigned int len, b, q;
	int i, k;

	for (len = 1; len <= 4; len++) {
		u64 win = 1ULL << 8 * len;

		for (b = 0; b < ARRAY_SIZE(base); b++) {
			for (q = 0; q < 9 * 7 * 4; q++) {
				u64 exp = base[b] + (q % 4) * (win / 4);

				i = q / 4 % 7 - 3;
				k = q / 28 - 4;
				exp += i;
				if (exp > TQUIC_PN_MAX + 1)
					continue;
				check_decode(exp, k & (win - 1), len);
				check_decode(exp, (win / 2 + k) & (win - 1),
					     len);
				check_decode(exp, (exp + win / 2 + k) &
					     (win - 1), len);
				check_decode(exp, (exp + k) & (win - 1), len);
			}
		}
	}
}

TQ_TEST(pkt_num_decode_random)
{
	unsigned int i;

	for (i = 0; i < 200000; i++) {
		unsigned int len = 1 + tq_rand_below(4);
		u64 exp = tq_rand() >> (2 + tq_rand_below(62));

		if (i & 1)
			exp = TQUIC_PN_MAX + 1 - exp;
		check_decode(exp, tq_rand() >> (64 - 8 * len), len);
	}
}

/* whatever the receiver has seen since it has acknowledged, it understands */
TQ_TEST(pkt_num_round_trip_within_window)
{
	unsigned int i;

	for (i = 0; i < 200000; i++) {
		u64 acked = tq_rand() >> (2 + tq_rand_below(62));
		u64 pn = acked + 1 + (tq_rand() >> (33 + tq_rand_below(31)));
		unsigned int len;
		u64 half, exp;

		if (pn > TQUIC_PN_MAX)
			continue;
		if (!tq_rand_below(8)) {
			pn -= acked + 1;
			acked = TQUIC_PN_NONE;
		}
		len = tquic_pkt_pn_len(pn, acked);
		if (!len)
			continue;
		half = 1ULL << (8 * len - 1);
		/* anything between acknowledged and reordering by half */
		exp = acked + 1 + tq_rand_below(pn - acked + half - 1);
		exp = min_t(u64, exp, TQUIC_PN_MAX + 1);
		tq_note("pn %llu acked %llu expected %llu",
			(unsigned long long)pn, (unsigned long long)acked,
			(unsigned long long)exp);
		TQ_EXPECT_EQ(tquic_pkt_pn_decode(exp, pn &
						 ((1ULL << 8 * len) - 1), len),
			     pn);
	}
}

/* RFC 9001 section 5.4.1: four bits of a long header, five of a short one */
TQ_TEST(pkt_num_hp_first_byte)
{
	u8 mask[5] = { 0xff }, hdr[5] = { 0 };
	struct tquic_pkt_clear clear;
	unsigned int first;

	for (first = 0; first <= 255; first++) {
		u8 bits = first & 0x80 ? 0x0f : 0x1f;

		hdr[0] = first;
		tquic_pkt_hp_apply(hdr, 1, mask);
		TQ_EXPECT_EQ(hdr[0], first ^ bits);
		tquic_pkt_hp_remove(hdr, 1, mask, &clear);
		TQ_EXPECT_EQ(hdr[0], first);
		TQ_EXPECT_EQ(clear.first, first);
		TQ_EXPECT_EQ(clear.pn_len, (first & 3) + 1);
		TQ_EXPECT_EQ(clear.pn, 0);
	}
}

TQ_TEST(pkt_num_hp_number)
{
	struct tquic_pkt_clear clear;
	u8 orig[40], hdr[40], mask[5];
	unsigned int i, k;

	for (i = 0; i < 20000; i++) {
		unsigned int off = 1 + tq_rand_below(sizeof(hdr) - 4);
		unsigned int len;
		u32 pn = 0;

		tq_rand_bytes(orig, sizeof(orig));
		tq_rand_bytes(mask, sizeof(mask));
		memcpy(hdr, orig, sizeof(hdr));
		len = (orig[0] & 3) + 1;
		tquic_pkt_hp_apply(hdr, off, mask);
		for (k = 1; k < sizeof(hdr); k++) {
			u8 m = k >= off && k < off + len ? mask[1 + k - off] :
							   0;

			TQ_EXPECT_EQ(hdr[k], orig[k] ^ m);
		}
		for (k = 0; k < len; k++)
			pn = pn << 8 | orig[off + k];
		tquic_pkt_hp_remove(hdr, off, mask, &clear);
		TQ_EXPECT_MEM_EQ(hdr, orig, sizeof(hdr));
		TQ_EXPECT_EQ(clear.pn, pn);
		TQ_EXPECT_EQ(clear.pn_len, len);
		TQ_EXPECT_EQ(clear.first, orig[0]);
	}
}
