// SPDX-License-Identifier: GPL-2.0
/*
 * Frames: round trips, exact lengths, truncation, and the table of types.
 */
#include <stdlib.h>

#include "lib_frame.h"

#define ROUNDS	300

static const enum tquic_pkt_type pkts[] = {
	TQUIC_PKT_INITIAL, TQUIC_PKT_HANDSHAKE, TQUIC_PKT_0RTT, TQUIC_PKT_1RTT,
};

static bool known(u64 type)
{
	unsigned int i;

	for (i = 0; i < lf_ntypes; i++)
		if (lf_types[i].type == type)
			return true;
	return false;
}

TQ_TEST(frame_encodes_to_the_byte)
{
	static struct lf_frame lf;
	unsigned int i, round;
	struct tquic_wr wr;
	u8 *out;

	for (i = 0; i < lf_ntypes; i++) {
		for (round = 0; round < ROUNDS; round++) {
			tq_note("type %#x", lf_types[i].type);
			lf_make(&lf, lf_types[i].type);
			TQ_ASSERT_EQ(tquic_frame_len(&lf.f), lf.len);
			TQ_ASSERT_EQ(tquic_frame_hdr_len(&lf.f), lf.hdr_len);
			out = malloc(lf.len);
			wr = tquic_wr_init(out, lf.len);
			TQ_ASSERT_EQ(tquic_frame_encode(&wr, &lf.f), 0);
			TQ_ASSERT(!wr.err && wr.ptr == out + lf.len);
			TQ_EXPECT_MEM_EQ(out, lf.bytes, lf.len);
			memset(out, 0xa5, lf.len);
			wr = tquic_wr_init(out, lf.hdr_len);
			TQ_ASSERT_EQ(tquic_frame_encode_hdr(&wr, &lf.f), 0);
			TQ_ASSERT(!wr.err && wr.ptr == out + lf.hdr_len);
			TQ_EXPECT_MEM_EQ(out, lf.bytes, lf.hdr_len);
			free(out);
		}
	}
}

/* what was decoded is written by the test's own writer again */
TQ_TEST(frame_decodes_every_type)
{
	static struct lf_frame lf;
	static u8 again[sizeof(lf.bytes)];
	struct tquic_close close;
	struct tquic_frame_ctx ctx;
	struct tquic_frame f;
	unsigned int i, round;
	size_t used;

	for (i = 0; i < lf_ntypes; i++) {
		for (round = 0; round < ROUNDS; round++) {
			lf_make(&lf, lf_types[i].type);
			ctx = lf_ctx(lf_types[i].type);
			tq_note("type %#x", lf_types[i].type);
			memset(&f, 0xa5, sizeof(f));
			TQ_ASSERT_EQ(lf_decode(lf.bytes, lf.len, &ctx, &f,
					       &close, &used), 0);
			TQ_ASSERT_EQ(used, lf.len);
			TQ_ASSERT_EQ(f.type, lf.f.type);
			TQ_ASSERT_EQ(f.len, lf.f.len);
			TQ_ASSERT_EQ(f.len_size, 0);
			TQ_ASSERT_EQ(f.path_id, lf.f.path_id);
			TQ_ASSERT_EQ(lf_write(&f, again, NULL), lf.len);
			TQ_EXPECT_MEM_EQ(again, lf.bytes, lf.len);
		}
	}
}

/* a frame ends where it ends, whatever follows in the packet */
TQ_TEST(frame_decode_leaves_the_rest)
{
	static struct lf_frame lf;
	static u8 buf[sizeof(lf.bytes) + 40];
	struct tquic_close close;
	struct tquic_frame_ctx ctx;
	struct tquic_frame f;
	unsigned int i, round;
	size_t used, more;

	for (i = 0; i < lf_ntypes; i++) {
		for (round = 0; round < 50; round++) {
			tq_note("type %#x", lf_types[i].type);
			/* more data must not exceed the largest offset */
			do
				lf_make(&lf, lf_types[i].type);
			while (lf_open_ended(lf.f.type) &&
			       lf.f.stream.offset > 1ULL << 61);
			ctx = lf_ctx(lf_types[i].type);
			tq_rand_bytes(buf, sizeof(buf));
			memcpy(buf, lf.bytes, lf.len);
			/* that would be more PADDING */
			buf[lf.len] |= 1;
			more = 1 + tq_rand_below(40);
			TQ_ASSERT_EQ(lf_decode(buf, lf.len + more, &ctx, &f,
					       &close, &used), 0);
			if (lf_open_ended(f.type)) {
				TQ_EXPECT_EQ(f.len, lf.f.len + more);
				TQ_EXPECT_EQ(used, lf.len + more);
			} else {
				TQ_EXPECT_EQ(f.len, lf.f.len);
				TQ_EXPECT_EQ(used, lf.len);
			}
		}
	}
}

static void check_cut(const struct lf_frame *lf, size_t cut)
{
	struct tquic_frame_ctx ctx = lf_ctx(lf->f.type);
	size_t type_len = lf->f.type < 64 ? 1 : 2;
	struct tquic_close close;
	struct tquic_frame f;
	size_t used;
	int err = lf_decode(lf->bytes, cut, &ctx, &f, &close, &used);

	tq_note("type %#x, %zu of %zu bytes", lf->f.type, cut, lf->len);
	if (lf->f.type == TQUIC_FRAME_PADDING && cut) {
		TQ_ASSERT(!err && f.len == cut);
	} else if (lf_open_ended(lf->f.type) && cut >= lf->hdr_len) {
		TQ_ASSERT(!err && f.len == cut - lf->hdr_len && used == cut);
	} else {
		TQ_ASSERT_EQ(err, -EPROTO);
		TQ_EXPECT_EQ(close.code, TQUIC_FRAME_ENCODING_ERROR);
		TQ_EXPECT_EQ(close.frame_type,
			     cut < type_len ? 0 : lf->f.type);
	}
}

TQ_TEST(frame_cut_at_every_length)
{
	static struct lf_frame lf;
	unsigned int i, round;
	size_t cut;

	for (i = 0; i < lf_ntypes; i++) {
		for (round = 0; round < 20; round++) {
			lf_make(&lf, lf_types[i].type);
			for (cut = 0; cut < lf.len; cut++)
				check_cut(&lf, cut);
		}
	}
}

TQ_TEST(frame_encode_into_too_little_room)
{
	static struct lf_frame lf;
	static u8 out[sizeof(lf.bytes)], old[sizeof(lf.bytes)];
	struct tquic_wr wr;
	unsigned int i;
	size_t room;

	memset(old, 0x5a, sizeof(old));
	for (i = 0; i < lf_ntypes; i++) {
		lf_make(&lf, lf_types[i].type);
		memcpy(out, old, sizeof(out));
		for (room = 0; room < lf.len; room++) {
			tq_note("type %#x, room %zu", lf_types[i].type, room);
			wr = tquic_wr_init(out, room);
			TQ_ASSERT_EQ(tquic_frame_encode(&wr, &lf.f), -ENOSPC);
			TQ_ASSERT(wr.ptr == out && !wr.err);
			if (room >= lf.hdr_len)
				continue;
			TQ_ASSERT_EQ(tquic_frame_encode_hdr(&wr, &lf.f),
				     -ENOSPC);
			TQ_ASSERT(wr.ptr == out && !wr.err);
		}
		TQ_EXPECT_MEM_EQ(out, old, sizeof(out));
	}
}

/* several frames of all kinds behind one another, as in a packet */
TQ_TEST(frame_packets_of_many_frames)
{
	static struct lf_frame lf;
	static u8 buf[16 * sizeof(lf.bytes)], again[sizeof(lf.bytes)];
	size_t len, at, ends[16], used;
	struct tquic_frame_ctx ctx;
	unsigned int round, n, i;
	struct tquic_close close;
	struct tquic_frame f;

	for (round = 0; round < 300; round++) {
		len = 0;
		for (n = 0; n < 15; n++) {
			do {
				i = tq_rand_below(lf_ntypes);
				lf_make(&lf, lf_types[i].type);
			} while (lf_open_ended(lf.f.type) || !lf.f.type ||
				 lf.f.type == 0x07 || lf.f.type == 0x1e);
			memcpy(buf + len, lf.bytes, lf.len);
			len += lf.len;
			ends[n] = len;
		}
		ctx = lf_ctx(0);
		for (at = 0, i = 0; i < n; i++) {
			TQ_ASSERT_EQ(lf_decode(buf + at, len - at, &ctx, &f,
					       &close, &used), 0);
			TQ_ASSERT_EQ(lf_write(&f, again, NULL), used);
			TQ_EXPECT_MEM_EQ(again, buf + at, used);
			at += used;
			TQ_ASSERT_EQ(at, ends[i]);
		}
	}
}

TQ_TEST(frame_padding_is_one_run)
{
	struct tquic_frame_ctx ctx = lf_ctx(0);
	static u8 buf[1500];
	struct tquic_close close;
	struct tquic_frame f;
	size_t len, used;

	for (len = 1; len < sizeof(buf); len++) {
		memset(buf, 0, sizeof(buf));
		TQ_ASSERT_EQ(lf_decode(buf, len, &ctx, &f, &close, &used), 0);
		TQ_ASSERT(f.len == len && used == len);
		buf[len] = 0x01;
		TQ_ASSERT_EQ(lf_decode(buf, len + 1, &ctx, &f, &close, &used),
			     0);
		TQ_ASSERT(f.len == len && used == len);
	}
}

/* RFC 9000 table 3, RFC 9221, multipath-21 against lib_frame.c */
TQ_TEST(frame_table_is_the_specifications)
{
	const struct tquic_frame_attr *attr;
	const struct lf_type *t;
	unsigned int i, pkt;

	for (i = 0; i < lf_ntypes; i++) {
		t = &lf_types[i];
		tq_note("type %#x", t->type);
		attr = tquic_frame_attr(t->type);
		TQ_ASSERT(attr);
		for (pkt = 0; pkt < 4; pkt++)
			TQ_EXPECT_EQ(!!(attr->pkts & 1 << pkts[pkt]),
				     t->pkts[pkt] != '_');
		TQ_EXPECT(!(attr->pkts & 1 << TQUIC_PKT_RETRY));
		TQ_EXPECT_EQ(!(attr->flags & TQUIC_FRAME_F_ELICITS),
			     !!strchr(t->spec, 'N'));
		TQ_EXPECT_EQ(!(attr->flags & TQUIC_FRAME_F_IN_FLIGHT),
			     !!strchr(t->spec, 'C'));
		TQ_EXPECT_EQ(!!(attr->flags & TQUIC_FRAME_F_PROBING),
			     !!strchr(t->spec, 'P'));
		TQ_EXPECT_EQ(!!(attr->flags & TQUIC_FRAME_F_FLOW),
			     !!strchr(t->spec, 'F'));
		TQ_EXPECT_EQ(!!(attr->flags & TQUIC_FRAME_F_MULTIPATH),
			     t->type >= 0x3e && t->type != 0xaf);
		TQ_EXPECT_EQ(!!(attr->flags & TQUIC_FRAME_F_PATH_ID),
			     t->type >= 0x3e && t->type != 0xaf &&
			     t->type != 0x3e7a && t->type != 0x3e7b);
		TQ_EXPECT_EQ(!!(attr->flags & TQUIC_FRAME_F_ACK_FREQ),
			     t->type == 0x1f || t->type == 0xaf);
		TQ_EXPECT_EQ(!!(attr->flags & TQUIC_FRAME_F_TIMES),
			     t->type == 0x2f9d);
		TQ_EXPECT_EQ(!!(attr->flags & TQUIC_FRAME_F_DATAGRAM),
			     t->type == 0x30 || t->type == 0x31);
		TQ_EXPECT_EQ(!!(attr->flags & TQUIC_FRAME_F_SERVER),
			     t->type == 0x07 || t->type == 0x1e);
		TQ_EXPECT_EQ(!!(attr->flags & TQUIC_FRAME_F_BOUND),
			     t->type == 0x1a || t->type == 0x1b);
		TQ_EXPECT_EQ(tquic_frame_is_stream(t->type),
			     t->type >= 0x08 && t->type <= 0x0f);
	}
}

/*
 * RFC 9000 section 13.3, RFC 9221 section 5.2, multipath-21 section 4,
 * ack-frequency-11 sections 4 and 5
 */
TQ_TEST(rfc9000_13_3_repair)
{
	static const u16 never[] = {
		0x00, 0x01, 0x02, 0x03, 0x1b, 0x1c, 0x1d, 0x1f, 0x30, 0x31,
		0x3e, 0x3f, 0x2f9d,
	};
	static const struct {
		u16 from, to;
		u8 repair;
	} rules[] = {
		{ 0x04, 0x05, TQUIC_FRAME_REPAIR_NEEDED },
		{ 0x06, 0x06, TQUIC_FRAME_REPAIR_CRYPTO },
		{ 0x07, 0x07, TQUIC_FRAME_REPAIR_AS_IS },
		{ 0x08, 0x0f, TQUIC_FRAME_REPAIR_STREAM },
		{ 0x10, 0x13, TQUIC_FRAME_REPAIR_LATEST },
		{ 0x14, 0x17, TQUIC_FRAME_REPAIR_BLOCKED },
		{ 0x18, 0x19, TQUIC_FRAME_REPAIR_AS_IS },
		{ 0x1a, 0x1a, TQUIC_FRAME_REPAIR_TIMER },
		{ 0x1e, 0x1e, TQUIC_FRAME_REPAIR_AS_IS },
		{ 0xaf, 0xaf, TQUIC_FRAME_REPAIR_LATEST },
		{ 0x3e75, 0x3e75, TQUIC_FRAME_REPAIR_AS_IS },
		{ 0x3e76, 0x3e77, TQUIC_FRAME_REPAIR_LATEST },
		{ 0x3e78, 0x3e79, TQUIC_FRAME_REPAIR_AS_IS },
		{ 0x3e7a, 0x3e7a, TQUIC_FRAME_REPAIR_LATEST },
		{ 0x3e7b, 0x3e7c, TQUIC_FRAME_REPAIR_BLOCKED },
	};
	unsigned int i, type, seen = 0;

	for (i = 0; i < LF_COUNT(never); i++, seen++) {
		tq_note("type %#x", never[i]);
		TQ_EXPECT_EQ(tquic_frame_attr(never[i])->repair,
			     TQUIC_FRAME_REPAIR_NONE);
	}
	for (i = 0; i < LF_COUNT(rules); i++) {
		for (type = rules[i].from; type <= rules[i].to; type++) {
			tq_note("type %#x", type);
			TQ_EXPECT_EQ(tquic_frame_attr(type)->repair,
				     rules[i].repair);
			seen++;
		}
	}
	TQ_EXPECT_EQ(seen, lf_ntypes);
}

TQ_TEST(frame_attr_of_unknown_types)
{
	u64 type;

	for (type = 0; type < 0x5000; type++) {
		tq_note("type %#llx", (unsigned long long)type);
		TQ_ASSERT_EQ(!!tquic_frame_attr(type), known(type));
	}
	TQ_EXPECT(!tquic_frame_attr(1ULL << 32));
	TQ_EXPECT(!tquic_frame_attr((1ULL << 32) + 1));
	TQ_EXPECT(!tquic_frame_attr((1ULL << 62) - 1));
	TQ_EXPECT(!tquic_frame_attr(U64_MAX));
}

TQ_TEST(frame_names)
{
	static const struct {
		u16 type;
		const char *name;
	} names[] = {
		{ 0x00, "PADDING" }, { 0x01, "PING" }, { 0x02, "ACK" },
		{ 0x03, "ACK" }, { 0x04, "RESET_STREAM" },
		{ 0x05, "STOP_SENDING" }, { 0x06, "CRYPTO" },
		{ 0x07, "NEW_TOKEN" }, { 0x08, "STREAM" }, { 0x09, "STREAM" },
		{ 0x0a, "STREAM" }, { 0x0b, "STREAM" }, { 0x0c, "STREAM" },
		{ 0x0d, "STREAM" }, { 0x0e, "STREAM" }, { 0x0f, "STREAM" },
		{ 0x10, "MAX_DATA" }, { 0x11, "MAX_STREAM_DATA" },
		{ 0x12, "MAX_STREAMS" }, { 0x13, "MAX_STREAMS" },
		{ 0x14, "DATA_BLOCKED" }, { 0x15, "STREAM_DATA_BLOCKED" },
		{ 0x16, "STREAMS_BLOCKED" }, { 0x17, "STREAMS_BLOCKED" },
		{ 0x18, "NEW_CONNECTION_ID" },
		{ 0x19, "RETIRE_CONNECTION_ID" }, { 0x1a, "PATH_CHALLENGE" },
		{ 0x1b, "PATH_RESPONSE" }, { 0x1c, "CONNECTION_CLOSE" },
		{ 0x1d, "CONNECTION_CLOSE" }, { 0x1e, "HANDSHAKE_DONE" },
		{ 0x30, "DATAGRAM" }, { 0x31, "DATAGRAM" },
		{ 0x1f, "IMMEDIATE_ACK" }, { 0xaf, "ACK_FREQUENCY" },
		{ 0x2f9d, "RECEIVE_TIME" },
		{ 0x3e, "PATH_ACK" }, { 0x3f, "PATH_ACK" },
		{ 0x3e75, "PATH_ABANDON" }, { 0x3e76, "PATH_STATUS_BACKUP" },
		{ 0x3e77, "PATH_STATUS_AVAILABLE" },
		{ 0x3e78, "PATH_NEW_CONNECTION_ID" },
		{ 0x3e79, "PATH_RETIRE_CONNECTION_ID" },
		{ 0x3e7a, "MAX_PATH_ID" }, { 0x3e7b, "PATHS_BLOCKED" },
		{ 0x3e7c, "PATH_CIDS_BLOCKED" },
	};
	unsigned int i;

	TQ_EXPECT_EQ(LF_COUNT(names), lf_ntypes);
	for (i = 0; i < LF_COUNT(names); i++)
		TQ_EXPECT(!strcmp(tquic_frame_attr(names[i].type)->name,
				  names[i].name));
}
