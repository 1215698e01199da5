// SPDX-License-Identifier: GPL-2.0
/*
 * What a frame decoder must refuse, one test for each rule, and the nearest
 * frame that it must accept.
 */
#include "lib_frame.h"

#define ENCODING	TQUIC_FRAME_ENCODING_ERROR
#define VIOLATION	TQUIC_PROTOCOL_VIOLATION

static const struct tquic_frame_ctx client = {
	.max_datagram = 1200, .pkt = TQUIC_PKT_1RTT, .multipath = true,
	.ack_frequency = true, .receive_times = true,
};

static const struct tquic_frame_ctx server = {
	.max_datagram = 1200, .pkt = TQUIC_PKT_1RTT, .multipath = true,
	.ack_frequency = true, .receive_times = true,
	.server = true,
};

static struct tquic_frame_ctx in(enum tquic_pkt_type pkt)
{
	struct tquic_frame_ctx ctx = server;

	ctx.pkt = pkt;
	return ctx;
}

TQ_TEST(rfc9000_12_4_packet_without_frames)
{
	struct tquic_close close = { .code = 0 };
	u8 byte = 0x01;
	struct tquic_rd rd = tquic_rd_init(&byte, 0);

	TQ_EXPECT_EQ(tquic_frame_check_payload(&rd, &close), -EPROTO);
	TQ_EXPECT_EQ(close.code, VIOLATION);
	TQ_EXPECT_EQ(close.frame_type, 0);
	TQ_EXPECT(close.reason);
	close = (struct tquic_close){ .code = 0 };
	rd = tquic_rd_init(&byte, 1);
	TQ_EXPECT_EQ(tquic_frame_check_payload(&rd, &close), 0);
	TQ_EXPECT(!close.reason && rd.ptr == &byte);
}

TQ_TEST(rfc9000_12_4_unknown_frame_type)
{
	struct tquic_close close;
	struct tquic_frame f;
	u64 type;
	u8 buf[40];
	size_t len;

	for (type = 0; type < 0x5000; type++) {
		if (tquic_frame_attr(type))
			continue;
		tq_rand_bytes(buf, sizeof(buf));
		len = lf_put(buf, type, 0);
		TQ_ASSERT_EQ(lf_decode(buf, sizeof(buf), &client, &f, &close,
				       NULL), -EPROTO);
		TQ_ASSERT_EQ(close.code, ENCODING);
		TQ_ASSERT_EQ(close.frame_type, type);
		TQ_ASSERT_EQ(lf_decode(buf, len, &client, &f, &close, NULL),
			     -EPROTO);
		TQ_ASSERT_EQ(close.code, ENCODING);
	}
	/* 2^32 + 1 is no PING */
	LF_REFUSED("c000000100000001", client, ENCODING, 0x100000001ULL);
	LF_REFUSED("ffffffffffffffff", client, ENCODING, (1ULL << 62) - 1);
}

TQ_TEST(rfc9000_12_4_frame_type_not_shortest)
{
	unsigned int i, len, shortest;
	struct tquic_close close;
	struct tquic_frame f;
	u8 buf[40] = { 0 };

	for (i = 0; i < lf_ntypes; i++) {
		shortest = lf_types[i].type < 64 ? 1 : 2;
		for (len = shortest * 2; len <= 8; len *= 2) {
			tq_note("type %#x in %u bytes", lf_types[i].type, len);
			lf_put(buf, lf_types[i].type, len);
			TQ_EXPECT_EQ(lf_decode(buf, sizeof(buf), &client, &f,
					       &close, NULL), -EPROTO);
			TQ_EXPECT_EQ(close.code, VIOLATION);
			TQ_EXPECT_EQ(close.frame_type, lf_types[i].type);
		}
	}
}

/* every other integer may be longer than needed */
TQ_TEST(rfc9000_16_longer_integers_are_legal)
{
	LF_ACCEPTED("104005", client);
	LF_ACCEPTED("0a c000000000000004 80000003 010203", client);
	LF_ACCEPTED("7e75 4001 80000000", client);
}

TQ_TEST(rfc9000_12_4_frame_in_wrong_packet_type)
{
	static const enum tquic_pkt_type pkts[] = {
		TQUIC_PKT_INITIAL, TQUIC_PKT_HANDSHAKE, TQUIC_PKT_0RTT,
		TQUIC_PKT_1RTT,
	};
	static struct lf_frame lf;
	struct tquic_frame_ctx ctx;
	struct tquic_close close;
	struct tquic_frame f;
	unsigned int i, pkt;
	int err;

	for (i = 0; i < lf_ntypes; i++) {
		for (pkt = 0; pkt < 4; pkt++) {
			tq_note("type %#x in %c", lf_types[i].type,
				"IH01"[pkt]);
			lf_make(&lf, lf_types[i].type);
			ctx = lf_ctx(lf_types[i].type);
			ctx.pkt = pkts[pkt];
			err = lf_decode(lf.bytes, lf.len, &ctx, &f, &close,
					NULL);
			if (lf_types[i].pkts[pkt] != '_') {
				TQ_EXPECT_EQ(err, 0);
				continue;
			}
			TQ_EXPECT_EQ(err, -EPROTO);
			TQ_EXPECT_EQ(close.code, VIOLATION);
			TQ_EXPECT_EQ(close.frame_type, lf_types[i].type);
		}
		ctx.pkt = TQUIC_PKT_RETRY;
		TQ_EXPECT_EQ(lf_decode(lf.bytes, lf.len, &ctx, &f, &close,
				       NULL), -EPROTO);
	}
}

TQ_TEST(rfc9000_12_5_not_in_0rtt)
{
	struct tquic_frame_ctx early = in(TQUIC_PKT_0RTT);

	LF_REFUSED("02 05 00 00 00", early, VIOLATION, 0x02);
	LF_REFUSED("06 00 01 aa", early, VIOLATION, 0x06);
	LF_REFUSED("1e", early, VIOLATION, 0x1e);
	LF_REFUSED("07 01 aa", early, VIOLATION, 0x07);
	LF_REFUSED("1b 0001020304050607", early, VIOLATION, 0x1b);
	LF_REFUSED("19 00", early, VIOLATION, 0x19);
	LF_ACCEPTED("1a 0001020304050607", early);
}

TQ_TEST(rfc9000_12_5_application_close_only_in_application_space)
{
	LF_REFUSED("1d 00 00", in(TQUIC_PKT_INITIAL), VIOLATION, 0x1d);
	LF_REFUSED("1d 00 00", in(TQUIC_PKT_HANDSHAKE), VIOLATION, 0x1d);
	LF_ACCEPTED("1d 00 00", in(TQUIC_PKT_0RTT));
	LF_ACCEPTED("1d 00 00", in(TQUIC_PKT_1RTT));
	LF_ACCEPTED("1c 00 00 00", in(TQUIC_PKT_INITIAL));
	LF_ACCEPTED("1c 00 00 00", in(TQUIC_PKT_HANDSHAKE));
}

TQ_TEST(rfc9000_19_3_first_range_below_zero)
{
	LF_REFUSED("02 05 00 00 06", server, ENCODING, 0x02);
	LF_REFUSED("03 00 00 00 01 000000", server, ENCODING, 0x03);
	LF_ACCEPTED("02 05 00 00 05", server);
	LF_ACCEPTED("02 00 00 00 00", server);
}

TQ_TEST(rfc9000_19_3_1_gap_below_zero)
{
	/* from 4 down: 4 - gap - 2 */
	LF_REFUSED("02 05 00 01 01 03 00", server, ENCODING, 0x02);
	LF_ACCEPTED("02 05 00 01 01 02 00", server);
	LF_REFUSED("02 01 00 01 00 00 00", server, ENCODING, 0x02);
	LF_ACCEPTED("02 02 00 01 00 00 00", server);
	LF_REFUSED("02 05 00 01 01 ffffffffffffffff 00", server, ENCODING,
		   0x02);
}

TQ_TEST(rfc9000_19_3_1_range_below_zero)
{
	/* 4 - 1 - 2 is packet 1 */
	LF_REFUSED("02 05 00 01 01 01 02", server, ENCODING, 0x02);
	LF_ACCEPTED("02 05 00 01 01 01 01", server);
	LF_REFUSED("02 0a 00 02 00 00 00 00 07", server, ENCODING, 0x02);
	LF_ACCEPTED("02 0a 00 02 00 00 00 00 06", server);
	LF_REFUSED("02 05 00 01 01 01 ffffffffffffffff", server, ENCODING,
		   0x02);
}

TQ_TEST(rfc9000_19_3_1_more_ranges_than_the_packet_holds)
{
	LF_REFUSED("02 3f 00 ffffffffffffffff 00 0000 0000", server, ENCODING,
		   0x02);
	LF_REFUSED("02 3f 00 03 00 0000 0000", server, ENCODING, 0x02);
	LF_REFUSED("02 3f 00 01 00 00", server, ENCODING, 0x02);
	LF_ACCEPTED("02 3f 00 02 00 0000 0000", server);
}

TQ_TEST(rfc9000_19_3_2_ecn_counts_missing)
{
	LF_REFUSED("03 05 00 00 05", server, ENCODING, 0x03);
	LF_REFUSED("03 05 00 00 05 00 00", server, ENCODING, 0x03);
	LF_ACCEPTED("03 05 00 00 05 00 00 00", server);
}

TQ_TEST(rfc9000_19_6_crypto_beyond_largest_offset)
{
	LF_REFUSED("06 ffffffffffffffff 01 aa", server, ENCODING, 0x06);
	LF_REFUSED("06 fffffffffffffffe 02 aaaa", server, ENCODING, 0x06);
	LF_ACCEPTED("06 fffffffffffffffe 01 aa", server);
	LF_ACCEPTED("06 ffffffffffffffff 00", server);
}

TQ_TEST(rfc9000_19_6_length_beyond_packet)
{
	LF_REFUSED("06 00 02 aa", server, ENCODING, 0x06);
	LF_REFUSED("06 00 ffffffffffffffff aa", server, ENCODING, 0x06);
}

TQ_TEST(rfc9000_19_7_empty_token)
{
	LF_REFUSED("07 00", client, ENCODING, 0x07);
	LF_ACCEPTED("07 01 aa", client);
}

TQ_TEST(rfc9000_19_7_token_from_client)
{
	LF_REFUSED("07 01 aa", server, VIOLATION, 0x07);
	/* the role is wrong before the content is */
	LF_REFUSED("07 00", server, VIOLATION, 0x07);
	LF_REFUSED("07", server, VIOLATION, 0x07);
}

TQ_TEST(rfc9000_19_8_stream_beyond_largest_offset)
{
	LF_REFUSED("0c 00 ffffffffffffffff aa", server, ENCODING, 0x0c);
	LF_REFUSED("0d 00 fffffffffffffffe aaaa", server, ENCODING, 0x0d);
	LF_REFUSED("0e 00 ffffffffffffffff 01 aa", server, ENCODING, 0x0e);
	LF_REFUSED("0f 00 fffffffffffffffe 02 aaaa", server, ENCODING, 0x0f);
	LF_ACCEPTED("0c 00 fffffffffffffffe aa", server);
	LF_ACCEPTED("0e 00 fffffffffffffffe 01 aa", server);
	LF_ACCEPTED("0f 00 ffffffffffffffff 00", server);
}

TQ_TEST(rfc9000_19_8_length_beyond_packet)
{
	LF_REFUSED("0a 00 02 aa", server, ENCODING, 0x0a);
	LF_REFUSED("0b 00 ffffffffffffffff aa", server, ENCODING, 0x0b);
	LF_ACCEPTED("0a 00 01 aa", server);
	LF_ACCEPTED("08 00", server);
}

TQ_TEST(rfc9000_19_11_max_streams_above_2_60)
{
	LF_REFUSED("12 d000000000000001", server, ENCODING, 0x12);
	LF_REFUSED("13 d000000000000001", server, ENCODING, 0x13);
	LF_REFUSED("13 ffffffffffffffff", server, ENCODING, 0x13);
	LF_ACCEPTED("12 d000000000000000", server);
	LF_ACCEPTED("13 d000000000000000", server);
}

TQ_TEST(rfc9000_19_14_streams_blocked_above_2_60)
{
	LF_REFUSED("16 d000000000000001", server, ENCODING, 0x16);
	LF_REFUSED("17 d000000000000001", server, ENCODING, 0x17);
	LF_REFUSED("16 ffffffffffffffff", server, ENCODING, 0x16);
	LF_ACCEPTED("16 d000000000000000", server);
	LF_ACCEPTED("17 d000000000000000", server);
}

#define TOKEN	"000102030405060708090a0b0c0d0e0f"
#define CID20	"0102030405060708090a0b0c0d0e0f1011121314"

TQ_TEST(rfc9000_19_15_connection_id_length_0)
{
	LF_REFUSED("18 00 00 00" TOKEN, server, ENCODING, 0x18);
	LF_ACCEPTED("18 00 00 01 aa" TOKEN, server);
}

TQ_TEST(rfc9000_19_15_connection_id_length_above_20)
{
	LF_REFUSED("18 00 00 15" CID20 "15" TOKEN, server, ENCODING, 0x18);
	LF_REFUSED("18 00 00 ff" TOKEN TOKEN TOKEN TOKEN TOKEN TOKEN
		   TOKEN TOKEN TOKEN TOKEN TOKEN TOKEN TOKEN,
		   server, ENCODING, 0x18);
	LF_ACCEPTED("18 00 00 14" CID20 TOKEN, server);
}

TQ_TEST(rfc9000_19_15_retire_prior_to_above_seq)
{
	LF_REFUSED("18 04 05 01 aa" TOKEN, server, ENCODING, 0x18);
	LF_ACCEPTED("18 05 05 01 aa" TOKEN, server);
	LF_ACCEPTED("18 05 04 01 aa" TOKEN, server);
}

TQ_TEST(rfc9000_19_19_reason_beyond_packet)
{
	LF_REFUSED("1c 01 00 02 61", server, ENCODING, 0x1c);
	LF_REFUSED("1d 01 ffffffffffffffff 61", server, ENCODING, 0x1d);
	LF_ACCEPTED("1c 01 00 01 61", server);
	LF_ACCEPTED("1d 01 01 61", server);
}

TQ_TEST(rfc9000_19_20_handshake_done_from_client)
{
	LF_REFUSED("1e", server, VIOLATION, 0x1e);
	LF_ACCEPTED("1e", client);
}

TQ_TEST(rfc9221_3_datagram_not_negotiated)
{
	struct tquic_frame_ctx ctx = server;

	ctx.max_datagram = 0;
	LF_REFUSED("30 aa", ctx, VIOLATION, 0x30);
	LF_REFUSED("31 01 aa", ctx, VIOLATION, 0x31);
	LF_REFUSED("30", ctx, VIOLATION, 0x30);
	/* nothing else minds */
	LF_ACCEPTED("01", ctx);
	LF_ACCEPTED("08 00 aa", ctx);
}

/* the limit is on the whole frame, type and length included */
TQ_TEST(rfc9221_3_datagram_too_large)
{
	struct tquic_frame_ctx ctx = server;

	ctx.max_datagram = 4;
	LF_ACCEPTED("30 aabbcc", ctx);
	LF_REFUSED("30 aabbccdd", ctx, VIOLATION, 0x30);
	LF_ACCEPTED("31 02 aabb", ctx);
	LF_REFUSED("31 03 aabbcc", ctx, VIOLATION, 0x31);
	LF_REFUSED("31 4002 aabb", ctx, VIOLATION, 0x31);
	ctx.max_datagram = 1;
	LF_ACCEPTED("30", ctx);
	LF_REFUSED("31 00", ctx, VIOLATION, 0x31);
	/* the limit is for datagrams only */
	LF_ACCEPTED("08 00 aabbccddeeff", ctx);
}

TQ_TEST(rfc9221_4_length_beyond_packet)
{
	LF_REFUSED("31 02 aa", server, ENCODING, 0x31);
	LF_REFUSED("31 ffffffffffffffff aa", server, ENCODING, 0x31);
	LF_ACCEPTED("31 00", server);
}

TQ_TEST(rfc9221_5_datagram_needs_application_keys)
{
	LF_REFUSED("30 aa", in(TQUIC_PKT_INITIAL), VIOLATION, 0x30);
	LF_REFUSED("31 01 aa", in(TQUIC_PKT_HANDSHAKE), VIOLATION, 0x31);
	LF_ACCEPTED("30 aa", in(TQUIC_PKT_0RTT));
}

TQ_TEST(multipath_2_frames_not_negotiated)
{
	static struct lf_frame lf;
	struct tquic_frame_ctx ctx;
	struct tquic_close close;
	struct tquic_frame f;
	unsigned int i;
	int err;

	for (i = 0; i < lf_ntypes; i++) {
		tq_note("type %#x", lf_types[i].type);
		lf_make(&lf, lf_types[i].type);
		ctx = lf_ctx(lf_types[i].type);
		ctx.multipath = false;
		err = lf_decode(lf.bytes, lf.len, &ctx, &f, &close, NULL);
		if (lf_types[i].type < 0x3e || lf_types[i].type == 0xaf) {
			TQ_EXPECT_EQ(err, 0);
			continue;
		}
		TQ_EXPECT_EQ(err, -EPROTO);
		TQ_EXPECT_EQ(close.code, ENCODING);
		TQ_EXPECT_EQ(close.frame_type, lf_types[i].type);
	}
}

TQ_TEST(multipath_4_frames_only_in_1rtt)
{
	static const enum tquic_pkt_type pkts[] = {
		TQUIC_PKT_INITIAL, TQUIC_PKT_HANDSHAKE, TQUIC_PKT_0RTT,
	};
	struct tquic_frame_ctx ctx;
	unsigned int i;

	for (i = 0; i < LF_COUNT(pkts); i++) {
		ctx = in(pkts[i]);
		LF_REFUSED("3e 00 05 00 00 00", ctx, VIOLATION, 0x3e);
		LF_REFUSED("7e75 00 00", ctx, VIOLATION, 0x3e75);
		LF_REFUSED("7e7a 05", ctx, VIOLATION, 0x3e7a);
		/* whether or not it is agreed upon by then */
		ctx.multipath = false;
		LF_REFUSED("7e7a 05", ctx, VIOLATION, 0x3e7a);
	}
}

TQ_TEST(multipath_4_path_id_above_32_bits)
{
	static struct lf_frame lf;
	struct tquic_close close;
	struct tquic_frame f;
	unsigned int i;

	for (i = 0; i < lf_ntypes; i++) {
		if (lf_types[i].type < 0x3e || lf_types[i].type == 0xaf)
			continue;
		tq_note("type %#x", lf_types[i].type);
		lf_make(&lf, lf_types[i].type);
		lf.f.path_id = 1ULL << 32;
		lf.len = lf_write(&lf.f, lf.bytes, NULL);
		TQ_EXPECT_EQ(lf_decode(lf.bytes, lf.len, &client, &f, &close,
				       NULL), -EPROTO);
		TQ_EXPECT_EQ(close.code, VIOLATION);
		TQ_EXPECT_EQ(close.frame_type, lf_types[i].type);
		lf.f.path_id = U32_MAX;
		lf.len = lf_write(&lf.f, lf.bytes, NULL);
		TQ_EXPECT_EQ(lf_decode(lf.bytes, lf.len, &client, &f, &close,
				       NULL), 0);
		TQ_EXPECT_EQ(f.path_id, U32_MAX);
	}
}

TQ_TEST(ack_frequency_3_frames_not_announced)
{
	struct tquic_frame_ctx ctx = server;

	LF_ACCEPTED("1f", ctx);
	LF_ACCEPTED("40af 00 01 7fff 03", ctx);
	ctx.ack_frequency = false;
	LF_REFUSED("1f", ctx, ENCODING, 0x1f);
	LF_REFUSED("40af 00 01 7fff 03", ctx, ENCODING, 0xaf);
}

TQ_TEST(tquic_wire_receive_time)
{
	struct tquic_frame_ctx ctx = server;

	LF_ACCEPTED("6f9d 00 bfffffff", ctx);
	LF_REFUSED("6f9d 00 c000000040000000", ctx, ENCODING, 0x2f9d);
	ctx.receive_times = false;
	LF_REFUSED("6f9d 00 01", ctx, ENCODING, 0x2f9d);
	ctx.receive_times = true;
	ctx.multipath = false;
	LF_REFUSED("6f9d 00 01", ctx, ENCODING, 0x2f9d);
}

TQ_TEST(multipath_4_6_max_path_id_above_32_bits)
{
	LF_REFUSED("7e7a c000000100000000", server, VIOLATION, 0x3e7a);
	LF_ACCEPTED("7e7a c0000000ffffffff", server);
}

TQ_TEST(multipath_4_1_path_ack_below_zero)
{
	LF_REFUSED("3e 03 05 00 00 06", server, ENCODING, 0x3e);
	LF_REFUSED("3f 03 05 00 01 01 01 02 000000", server, ENCODING, 0x3f);
	LF_ACCEPTED("3e 03 05 00 00 05", server);
	LF_ACCEPTED("3f 03 05 00 01 01 01 01 000000", server);
}

TQ_TEST(multipath_4_4_new_connection_id)
{
	LF_REFUSED("7e78 07 00 00 00" TOKEN, server, ENCODING, 0x3e78);
	LF_REFUSED("7e78 07 00 00 15" CID20 "15" TOKEN, server, ENCODING,
		   0x3e78);
	LF_REFUSED("7e78 07 04 05 01 aa" TOKEN, server, ENCODING, 0x3e78);
	LF_ACCEPTED("7e78 07 05 05 01 aa" TOKEN, server);
	LF_ACCEPTED("7e78 07 05 05 14" CID20 TOKEN, server);
}
