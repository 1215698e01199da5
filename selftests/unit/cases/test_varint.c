// SPDX-License-Identifier: GPL-2.0
#include "core/varint.h"
#include "tap.h"

static const struct {
	const char *hex;
	u64 val;
} rfc9000_a1[] = {
	{ "c2197c5eff14e88c", 151288809941952652ULL },
	{ "9d7f3e7d", 494878333 },
	{ "7bbd", 15293 },
	{ "25", 37 },
};

TQ_TEST(varint_rfc9000_a1_samples)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rfc9000_a1); i++) {
		u8 in[8], out[8];
		size_t len = tq_hex(rfc9000_a1[i].hex, in, sizeof(in));
		struct tquic_rd rd = tquic_rd_init(in, len);
		struct tquic_wr wr = tquic_wr_init(out, sizeof(out));

		TQ_EXPECT_EQ(tquic_rd_varint(&rd), rfc9000_a1[i].val);
		TQ_EXPECT(!rd.err && rd.ptr == in + len);
		tquic_wr_varint(&wr, rfc9000_a1[i].val);
		TQ_EXPECT_EQ(wr.ptr - out, len);
		TQ_EXPECT_MEM_EQ(in, out, len);
	}
}

/* RFC 9000 appendix A.1: 0x4025 is a legal, longer encoding of 37 */
TQ_TEST(varint_not_minimal)
{
	static const u8 in[] = { 0x40, 0x25 };
	struct tquic_rd rd = tquic_rd_init(in, sizeof(in));
	bool minimal = true;

	TQ_EXPECT_EQ(tquic_rd_varint_min(&rd, &minimal), 37);
	TQ_EXPECT(!rd.err && !minimal);
	rd = tquic_rd_init(in + 1, 1);
	TQ_EXPECT_EQ(tquic_rd_varint_min(&rd, &minimal), 0x25);
	TQ_EXPECT(!rd.err && minimal);
	TQ_EXPECT_EQ(tquic_rd_varint_min(&rd, &minimal), 0);
	TQ_EXPECT(rd.err && !minimal);
}

static const u64 edges[] = {
	0, 1, 63, 64, 16383, 16384, (1 << 30) - 1, 1 << 30,
	TQUIC_VARINT_MAX - 1, TQUIC_VARINT_MAX,
};

static unsigned int naive_len(u64 val)
{
	return val <= 63 ? 1 : val <= 16383 ? 2 : val <= 1073741823 ? 4 : 8;
}

TQ_TEST(varint_round_trip_edges_and_truncation)
{
	unsigned int i, len, cut;
	struct tquic_rd rd;
	struct tquic_wr wr;
	u8 buf[8];

	for (i = 0; i < ARRAY_SIZE(edges); i++) {
		tq_note("value %llu", (unsigned long long)edges[i]);
		TQ_EXPECT_EQ(tquic_varint_len(edges[i]), naive_len(edges[i]));
		for (len = naive_len(edges[i]); len <= 8; len *= 2) {
			wr = tquic_wr_init(buf, sizeof(buf));
			tquic_wr_varint_len(&wr, edges[i], len);
			TQ_EXPECT(!wr.err && wr.ptr == buf + len);
			rd = tquic_rd_init(buf, len);
			TQ_EXPECT_EQ(tquic_rd_varint(&rd), edges[i]);
			TQ_EXPECT(!rd.err && !tquic_rd_left(&rd));
			for (cut = 0; cut < len; cut++) {
				rd = tquic_rd_init(buf, cut);
				TQ_EXPECT_EQ(tquic_rd_varint(&rd), 0);
				TQ_EXPECT(rd.err);
				wr = tquic_wr_init(buf, cut);
				tquic_wr_varint_len(&wr, edges[i], len);
				TQ_EXPECT(wr.err && wr.ptr == buf);
			}
			wr = tquic_wr_init(buf, sizeof(buf));
			tquic_wr_varint_len(&wr, edges[i], len);
		}
	}
}

TQ_TEST(varint_refuses_what_does_not_fit)
{
	struct tquic_wr wr;
	u8 buf[8];

	TQ_EXPECT_EQ(tquic_varint_len(TQUIC_VARINT_MAX + 1), 0);
	TQ_EXPECT_EQ(tquic_varint_len(U64_MAX), 0);
	wr = tquic_wr_init(buf, sizeof(buf));
	tquic_wr_varint(&wr, TQUIC_VARINT_MAX + 1);
	TQ_EXPECT(wr.err && wr.ptr == buf);
	wr = tquic_wr_init(buf, sizeof(buf));
	tquic_wr_varint_len(&wr, 64, 1);
	TQ_EXPECT(wr.err && wr.ptr == buf);
	wr = tquic_wr_init(buf, sizeof(buf));
	tquic_wr_varint_len(&wr, 1, 3);
	TQ_EXPECT(wr.err);
}

TQ_TEST(rd_error_is_sticky)
{
	static const u8 in[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct tquic_rd rd = tquic_rd_init(in, sizeof(in));
	u8 out[8] = { 0 };

	TQ_EXPECT_EQ(tquic_rd_u8(&rd), 0x01);
	TQ_EXPECT_EQ(tquic_rd_u16(&rd), 0x0203);
	TQ_EXPECT_EQ(tquic_rd_u32(&rd), 0x04050607);
	TQ_EXPECT_EQ(tquic_rd_left(&rd), 1);
	TQ_EXPECT(!tquic_rd_copy(&rd, out, 2));
	TQ_EXPECT_EQ(out[0], 0);
	TQ_EXPECT(rd.err);
	TQ_EXPECT_EQ(tquic_rd_left(&rd), 0);
	TQ_EXPECT_EQ(tquic_rd_u8(&rd), 0);
	TQ_EXPECT_EQ(tquic_rd_u16(&rd), 0);
	TQ_EXPECT_EQ(tquic_rd_u32(&rd), 0);
	TQ_EXPECT_EQ(tquic_rd_varint(&rd), 0);
	TQ_EXPECT(!tquic_rd_bytes(&rd, 0));
	TQ_EXPECT(rd.ptr == in + 7);
}

TQ_TEST(rd_length_beyond_any_buffer)
{
	static const u8 in[4] = { 0 };
	struct tquic_rd rd = tquic_rd_init(in, sizeof(in));

	TQ_EXPECT(!tquic_rd_bytes(&rd, TQUIC_VARINT_MAX));
	TQ_EXPECT(rd.err);
	rd = tquic_rd_init(in, sizeof(in));
	TQ_EXPECT(!tquic_rd_bytes(&rd, 1ULL << 32));
	TQ_EXPECT(rd.err);
	rd = tquic_rd_init(in, sizeof(in));
	TQ_EXPECT(tquic_rd_bytes(&rd, 4) == in);
	TQ_EXPECT(!rd.err);
}

TQ_TEST(wr_error_is_sticky)
{
	u8 buf[7], want[] = { 1, 2, 3, 4, 5, 6, 7 };
	struct tquic_wr wr = tquic_wr_init(buf, sizeof(buf));

	tquic_wr_u32(&wr, 0x01020304);
	tquic_wr_u16(&wr, 0x0506);
	TQ_EXPECT_EQ(tquic_wr_room(&wr), 1);
	tquic_wr_u8(&wr, 7);
	TQ_EXPECT(!wr.err && !tquic_wr_room(&wr));
	TQ_EXPECT_MEM_EQ(buf, want, 7);
	tquic_wr_u8(&wr, 8);
	TQ_EXPECT(wr.err && wr.ptr == buf + 7);
	wr = tquic_wr_init(buf, 3);
	tquic_wr_u32(&wr, 0xffffffff);
	TQ_EXPECT(wr.err && wr.ptr == buf);
	tquic_wr_u8(&wr, 0xff);
	tquic_wr_u16(&wr, 0xffff);
	tquic_wr_varint(&wr, 1);
	tquic_wr_bytes(&wr, want, 1);
	TQ_EXPECT(!tquic_wr_reserve(&wr, 1));
	TQ_EXPECT_EQ(tquic_wr_room(&wr), 0);
	TQ_EXPECT_MEM_EQ(buf, want, 7);
}
