// SPDX-License-Identifier: GPL-2.0
/*
 * What the frame encoder refuses, and payloads cut to the room there is.
 */
#include "lib_frame.h"

#define ROOM_MAX	1500
#define MAX62		((1ULL << 62) - 1)

static u8 zeros[20000];

static void expect_invalid(const char *file, int line,
			   const struct tquic_frame *f)
{
	static u8 buf[1000];
	struct tquic_wr wr = tquic_wr_init(buf, sizeof(buf));

	if (tquic_frame_len(f) || tquic_frame_hdr_len(f) ||
	    tquic_frame_encode(&wr, f) != -EINVAL ||
	    tquic_frame_encode_hdr(&wr, f) != -EINVAL ||
	    wr.err || wr.ptr != buf)
		tq_fail(file, line, "frame of type %#x is encoded", f->type);
}

static void expect_valid(const char *file, int line,
			 const struct tquic_frame *f)
{
	static u8 buf[1000];
	struct tquic_wr wr = tquic_wr_init(buf, sizeof(buf));

	if (tquic_frame_encode(&wr, f) || wr.ptr == buf ||
	    tquic_frame_len(f) != wr.ptr - buf)
		tq_fail(file, line, "frame of type %#x not encoded", f->type);
}

#define INVALID(...)							\
	expect_invalid(__FILE__, __LINE__,				\
		       &(struct tquic_frame){ __VA_ARGS__ })
#define VALID(...)							\
	expect_valid(__FILE__, __LINE__,				\
		     &(struct tquic_frame){ __VA_ARGS__ })

/* each integer of each frame in turn, one too large for the wire */
TQ_TEST(frame_encode_refuses_large_integers)
{
	static struct lf_frame lf;
	const struct tquic_frame_attr *attr;
	const u8 *at;
	unsigned int i;

	for (i = 0; i < lf_ntypes; i++) {
		attr = tquic_frame_attr(lf_types[i].type);
		for (at = attr->field; *at; at++) {
			tq_note("type %#x, field %zu", lf_types[i].type,
				(size_t)(at - attr->field));
			lf_make(&lf, lf_types[i].type);
			*(u64 *)((u8 *)&lf.f + *at) = 1ULL << 62;
			expect_invalid(__FILE__, __LINE__, &lf.f);
		}
	}
}

TQ_TEST(frame_encode_refuses_bad_values)
{
	static u8 cid[20], token[16];

	INVALID(.type = 0x20);
	INVALID(.type = 0x3e7d);
	INVALID(.type = 0x00);
	INVALID(.type = 0x00, .len = MAX62 + 1);
	VALID(.type = 0x00, .len = 1);
	INVALID(.type = 0x02, .ack = { .largest = 5, .first_range = 6 });
	VALID(.type = 0x02, .ack = { .largest = 5, .first_range = 5 });
	INVALID(.type = 0x3e, .ack = { .largest = 5, .first_range = 6 });
	INVALID(.type = 0x03, .ack = { .ect0 = MAX62 + 1 });
	INVALID(.type = 0x03, .ack = { .ect1 = MAX62 + 1 });
	INVALID(.type = 0x3f, .ack = { .ce = MAX62 + 1 });
	VALID(.type = 0x3f, .ack = { .ce = MAX62 });
	/* without ECN the counts do not matter */
	VALID(.type = 0x02, .ack = { .ect0 = MAX62 + 1 });
	VALID(.type = 0x3e, .ack = { .ce = MAX62 + 1 });
	INVALID(.type = 0x06, .crypto.offset = MAX62, .data = zeros, .len = 1);
	VALID(.type = 0x06, .crypto.offset = MAX62 - 1, .data = zeros,
	      .len = 1);
	INVALID(.type = 0x07);
	INVALID(.type = 0x08, .stream.offset = 1);
	INVALID(.type = 0x0b, .stream.offset = 1);
	VALID(.type = 0x0c, .stream.offset = 1);
	VALID(.type = 0x0f, .stream.offset = 1);
	VALID(.type = 0x0c);
	INVALID(.type = 0x0c, .stream.offset = MAX62, .data = zeros, .len = 1);
	INVALID(.type = 0x08, .len = MAX62 + 1);
	INVALID(.type = 0x30, .len = MAX62 + 1);
	INVALID(.type = 0x30, .len = U64_MAX);
	INVALID(.type = 0x12, .max_streams.max = (1ULL << 60) + 1);
	INVALID(.type = 0x17, .streams_blocked.limit = (1ULL << 60) + 1);
	INVALID(.type = 0x18, .new_cid = { 0, 0, cid, token, 0 });
	INVALID(.type = 0x18, .new_cid = { 0, 0, cid, token, 21 });
	INVALID(.type = 0x18, .new_cid = { 0, 1, cid, token, 1 });
	VALID(.type = 0x18, .new_cid = { 0, 0, cid, token, 20 });
	INVALID(.type = 0x3e75, .path_id = 1ULL << 32);
	VALID(.type = 0x3e75, .path_id = U32_MAX);
	INVALID(.type = 0x3e7a, .path_id = 1ULL << 32);
}

/* the longest of lengths are told, though nobody could write them */
TQ_TEST(frame_len_of_huge_payloads)
{
	struct tquic_frame f = { .type = 0x30, .len = MAX62 };

	TQ_EXPECT_EQ(tquic_frame_len(&f), MAX62 + 1);
	TQ_EXPECT_EQ(tquic_frame_hdr_len(&f), 1);
	f.type = 0x31;
	TQ_EXPECT_EQ(tquic_frame_len(&f), MAX62 + 9);
	f.len = 1ULL << 32;
	TQ_EXPECT_EQ(tquic_frame_len(&f), (1ULL << 32) + 9);
	f.type = 0x00;
	TQ_EXPECT_EQ(tquic_frame_len(&f), 1ULL << 32);
}

TQ_TEST(frame_judge_tells_why)
{
	struct tquic_frame f = { .type = 0x07 };
	const char *why = NULL;

	TQ_EXPECT_EQ(tquic_frame_judge(&f, &why), TQUIC_FRAME_ENCODING_ERROR);
	TQ_EXPECT(why);
	f.len = 1;
	TQ_EXPECT_EQ(tquic_frame_judge(&f, &why), 0);
	f = (struct tquic_frame){ .type = 0x3e75, .path_id = 1ULL << 32 };
	why = NULL;
	TQ_EXPECT_EQ(tquic_frame_judge(&f, &why), TQUIC_PROTOCOL_VIOLATION);
	TQ_EXPECT(why);
}

static const u16 with_length[] = { 0x06, 0x07, 0x0a, 0x0f, 0x1c, 0x1d, 0x31 };

TQ_TEST(frame_length_field_of_any_size)
{
	static const u64 lens[] = { 0, 1, 63, 64, 500 };
	static u8 want[1000], have[1000];
	struct tquic_frame_ctx ctx;
	struct tquic_close close;
	struct tquic_frame f, g;
	unsigned int i, j, size, need;
	struct tquic_wr wr;
	size_t len, hdr, used;

	for (i = 0; i < LF_COUNT(with_length); i++) {
		for (j = 0; j < LF_COUNT(lens); j++) {
			for (size = 1; size <= 16; size++) {
				tq_note("type %#x, %llu in %u",
					with_length[i],
					(unsigned long long)lens[j], size);
				if (with_length[i] == 0x07 && !lens[j])
					continue;
				f = (struct tquic_frame){
					.type = with_length[i], .data = zeros,
					.len = lens[j], .len_size = size,
				};
				need = lens[j] < 64 ? 1 : 2;
				if (size < need || size > 8 ||
				    (size & (size - 1))) {
					expect_invalid(__FILE__, __LINE__, &f);
					continue;
				}
				len = lf_write(&f, want, &hdr);
				TQ_EXPECT_EQ(tquic_frame_len(&f), len);
				TQ_EXPECT_EQ(tquic_frame_hdr_len(&f), hdr);
				wr = tquic_wr_init(have, len);
				TQ_EXPECT_EQ(tquic_frame_encode(&wr, &f), 0);
				TQ_EXPECT_MEM_EQ(have, want, len);
				ctx = lf_ctx(f.type);
				TQ_EXPECT_EQ(lf_decode(have, len, &ctx, &g,
						       &close, &used), 0);
				TQ_EXPECT(used == len && g.len == lens[j]);
			}
		}
	}
	/* where there is no Length field, its size does not matter */
	VALID(.type = 0x08, .data = zeros, .len = 100, .len_size = 1);
	VALID(.type = 0x30, .data = zeros, .len = 100, .len_size = 3);
	VALID(.type = 0x01, .len_size = 3);
}

/* the most bytes of payload that a frame of @room bytes can have, or -1 */
static long naive_most(const struct tquic_frame *f, size_t room)
{
	struct tquic_frame g = *f;
	unsigned int size;
	long best = -1;

	/* the payload takes what the header leaves: try each header */
	for (size = 1; size <= 8; size *= 2) {
		static u8 buf[100];
		size_t hdr;
		long len;

		g.len = 0;
		g.len_size = size;
		lf_write(&g, buf, &hdr);
		len = (long)room - (long)hdr;
		if (len < 0 || (size == 1 && len > 63 &&
				!lf_open_ended(f->type)))
			continue;
		if (len > best)
			best = len;
	}
	return best;
}

static void check_fit(const struct tquic_frame *f, size_t room)
{
	static u8 buf[ROOM_MAX];
	struct tquic_frame g = *f;
	struct tquic_wr wr = tquic_wr_init(buf, room);
	long most = naive_most(f, room);
	u64 whole = tquic_frame_len(f);
	bool fits = tquic_frame_fit(&g, room);

	TQ_ASSERT_EQ(fits, whole <= room || most >= 1);
	if (whole <= room || !fits) {
		TQ_EXPECT(!memcmp(&g, f, sizeof(g)));
	} else {
		TQ_ASSERT_EQ(tquic_frame_len(&g), room);
		/* with a Length field one byte may go to a longer one */
		TQ_ASSERT(g.len == most ||
			  (g.len == most - 1 && g.len_size));
		TQ_ASSERT(g.len < f->len);
		TQ_EXPECT_EQ(g.type, tquic_frame_is_stream(f->type) ?
			     (f->type & ~1) : f->type);
		TQ_EXPECT(g.data == f->data);
	}
	if (!fits)
		return;
	TQ_ASSERT_EQ(tquic_frame_encode(&wr, &g), 0);
	TQ_EXPECT(whole <= room || wr.ptr == buf + room);
}

/* in any room, and with any amount of data, a cut frame fills the room */
TQ_TEST(frame_fit_fills_every_room)
{
	static const u16 types[] = {
		0x06, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x30,
		0x31,
	};
	static const u64 lens[] = {
		0, 1, 2, 61, 62, 63, 64, 65, 66, 1000, 16383, 16384, 20000,
	};
	struct tquic_frame f;
	unsigned int i, j, room;

	for (i = 0; i < LF_COUNT(types); i++) {
		for (j = 0; j < LF_COUNT(lens); j++) {
			f = (struct tquic_frame){
				.type = types[i], .data = zeros,
				.len = lens[j],
			};
			if (types[i] == 0x06)
				f.crypto.offset = lf_num_max(1ULL << 61);
			else if (types[i] < 0x10)
				f.stream.id = lf_num();
			if (types[i] >= 0x0c && types[i] <= 0x0f)
				f.stream.offset = lf_num_max(1ULL << 61);
			for (room = 0; room <= ROOM_MAX; room++) {
				tq_note("type %#x, %llu bytes, room %u",
					types[i], (unsigned long long)lens[j],
					room);
				check_fit(&f, room);
			}
		}
	}
}

/* beyond a packet: where the Length field grows to four bytes */
TQ_TEST(frame_fit_around_long_lengths)
{
	struct tquic_frame f = { .type = 0x31, .data = zeros, .len = 20000 };
	struct tquic_frame g;
	unsigned int room;

	for (room = 16300; room < 16500; room++) {
		g = f;
		TQ_ASSERT(tquic_frame_fit(&g, room));
		TQ_ASSERT_EQ(tquic_frame_len(&g), room);
	}
}

/* a size of the Length field from an earlier attempt is forgotten */
TQ_TEST(frame_fit_starts_afresh)
{
	struct tquic_frame f = {
		.type = 0x0a, .data = zeros, .len = 63, .len_size = 8,
	};

	TQ_EXPECT(tquic_frame_fit(&f, 66));
	TQ_EXPECT(f.len == 63 && f.len_size == 0);
	f.len_size = 8;
	TQ_EXPECT(tquic_frame_fit(&f, 65));
	TQ_EXPECT_EQ(f.len, 62);
	TQ_EXPECT_EQ(f.len_size, 1);
	f.len = 100;
	f.len_size = 1;
	TQ_EXPECT(tquic_frame_fit(&f, 104));
	TQ_EXPECT(f.len == 100 && f.len_size == 0);
}

TQ_TEST(frame_fit_of_other_frames)
{
	struct tquic_frame f = { .type = 0x10, .max_data.max = 100 };
	struct tquic_frame pad = { .type = 0x00, .len = 10 };
	struct tquic_frame bad = { .type = 0x20 };
	struct tquic_frame end = { .type = 0x1d, .data = zeros, .len = 40 };

	TQ_EXPECT(tquic_frame_fit(&f, 3));
	TQ_EXPECT(!tquic_frame_fit(&f, 2));
	TQ_EXPECT(tquic_frame_fit(&pad, 10));
	TQ_EXPECT(!tquic_frame_fit(&pad, 9));
	TQ_EXPECT_EQ(pad.len, 10);
	TQ_EXPECT(!tquic_frame_fit(&bad, 100));
	/* a reason phrase may be cut, and its type has no FIN bit to lose */
	TQ_EXPECT(tquic_frame_fit(&end, 20));
	TQ_EXPECT(end.len == 17 && end.type == 0x1d);
}

TQ_TEST(frame_set_stream)
{
	struct tquic_frame f;
	unsigned int i;

	for (i = 0; i < 8; i++) {
		bool off = i & 4, len = i & 2, fin = i & 1;

		memset(&f, 0xa5, sizeof(f));
		tquic_frame_set_stream(&f, 9, off ? 7 : 0, 5, fin, len);
		TQ_EXPECT_EQ(f.type, 0x08 | i);
		TQ_EXPECT_EQ(f.stream.id, 9);
		TQ_EXPECT_EQ(f.stream.offset, off ? 7 : 0);
		TQ_EXPECT_EQ(f.len, 5);
		TQ_EXPECT(!f.data && !f.len_size && !f.path_id);
	}
}
