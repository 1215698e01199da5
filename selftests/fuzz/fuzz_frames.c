// SPDX-License-Identifier: GPL-2.0
/*
 * Frames: all of a payload are decoded, encoded and decoded again.
 *
 * The first byte of the input says who receives the payload and in what type
 * of packet, the second how much room a payload is later cut to.
 */
#include "core/frame.h"

#define CHECK(cond)			\
	do {				\
		if (!(cond))		\
			__builtin_trap(); \
	} while (0)

#define PREFIX	2
/* more frames in one input are slow and show nothing new */
#define FRAMES_MAX	40
#define SIZE_LIMIT	8192

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* used up to the end, behind which the sanitizer watches */
static u8 once[SIZE_LIMIT], twice[SIZE_LIMIT], pairs[SIZE_LIMIT];

static struct tquic_frame_ctx make_ctx(u8 how)
{
	static const enum tquic_pkt_type pkts[] = {
		TQUIC_PKT_1RTT, TQUIC_PKT_INITIAL, TQUIC_PKT_HANDSHAKE,
		TQUIC_PKT_0RTT,
	};
	static const u64 max_datagram[] = { 65535, 0, 16, 1200 };

	return (struct tquic_frame_ctx){
		.pkt = pkts[how & 3],
		.server = how & 4,
		.multipath = !(how & 8),
		.ack_frequency = !(how & 64),
		.receive_times = !(how & 128),
		.max_datagram = max_datagram[how >> 4 & 3],
	};
}

static void check_ack(const struct tquic_frame_ack *ack)
{
	u64 smallest, largest, prev = 0, n = 0;
	struct tquic_frame_ack_iter it;
	struct tquic_wr wr;

	wr = tquic_wr_init(pairs + SIZE_LIMIT - ack->ranges_len,
			   ack->ranges_len);
	tquic_frame_ack_first(&it, ack);
	for (; tquic_frame_ack_next(&it, &smallest, &largest); n++) {
		CHECK(smallest <= largest && largest <= TQUIC_VARINT_MAX);
		CHECK(n ? largest + 2 <= prev : largest == ack->largest);
		/* the shortest form is never longer */
		if (n)
			CHECK(tquic_frame_ack_put_range(&wr, prev, smallest,
							largest));
		prev = smallest;
	}
	CHECK(!it.err && !it.rd.err && !tquic_rd_left(&it.rd));
	CHECK(n == ack->range_count + 1);
}

static bool has_payload(u64 type)
{
	return tquic_frame_is_stream(type) || type == TQUIC_FRAME_CRYPTO ||
	       type == TQUIC_FRAME_NEW_TOKEN ||
	       type == TQUIC_FRAME_CONNECTION_CLOSE ||
	       type == TQUIC_FRAME_CONNECTION_CLOSE_APP ||
	       type == TQUIC_FRAME_DATAGRAM ||
	       type == TQUIC_FRAME_DATAGRAM_LEN;
}

static u8 *encode(const struct tquic_frame *f, u8 *room, size_t *len)
{
	struct tquic_wr wr;
	u8 *buf;

	*len = tquic_frame_len(f);
	CHECK(*len && *len <= SIZE_LIMIT);
	CHECK(*len == tquic_frame_hdr_len(f) +
	      (has_payload(f->type) ? f->len : 0));
	buf = room + SIZE_LIMIT - *len;
	wr = tquic_wr_init(buf, *len - 1);
	CHECK(tquic_frame_encode(&wr, f) == -ENOSPC && wr.ptr == buf);
	wr = tquic_wr_init(buf, *len);
	CHECK(!tquic_frame_encode(&wr, f) && wr.ptr == buf + *len);
	return buf;
}

static void check_again(const struct tquic_frame *f, size_t used,
			const struct tquic_frame_ctx *ctx)
{
	struct tquic_close close;
	struct tquic_frame g;
	struct tquic_rd rd;
	size_t len, again_len;
	u8 *buf, *again;

	buf = encode(f, once, &len);
	/* integers may have been longer than needed */
	CHECK(len <= used);
	rd = tquic_rd_init(buf, len);
	CHECK(!tquic_frame_decode(&rd, &g, ctx, &close));
	CHECK(rd.ptr == rd.end);
	CHECK(g.type == f->type && g.len == f->len && g.path_id == f->path_id);
	again = encode(&g, twice, &again_len);
	CHECK(again_len == len && !memcmp(again, buf, len));
}

static void check_fit(struct tquic_frame f, size_t room)
{
	u64 whole = tquic_frame_len(&f);
	u64 len = f.len;

	if (!has_payload(f.type) || f.type == TQUIC_FRAME_NEW_TOKEN)
		return;
	if (!tquic_frame_fit(&f, room)) {
		CHECK(whole > room && f.len == len);
		return;
	}
	CHECK(tquic_frame_len(&f) == (whole <= room ? whole : room));
	CHECK(whole <= room ? f.len == len : f.len < len);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct tquic_frame_ctx ctx;
	struct tquic_close close;
	struct tquic_frame f;
	unsigned int frames;
	struct tquic_rd rd;
	const u8 *start;

	if (size < PREFIX || size > SIZE_LIMIT)
		return 0;
	ctx = make_ctx(data[0]);
	rd = tquic_rd_init(data + PREFIX, size - PREFIX);
	if (tquic_frame_check_payload(&rd, &close))
		CHECK(size == PREFIX);
	for (frames = 0; tquic_rd_left(&rd) && frames < FRAMES_MAX; frames++) {
		start = rd.ptr;
		close = (struct tquic_close){ .code = 0 };
		if (tquic_frame_decode(&rd, &f, &ctx, &close)) {
			CHECK(close.reason);
			CHECK(close.code == TQUIC_FRAME_ENCODING_ERROR ||
			      close.code == TQUIC_PROTOCOL_VIOLATION);
			break;
		}
		CHECK(!close.reason && rd.ptr > start);
		CHECK(tquic_frame_attr(f.type)->pkts & 1 << ctx.pkt);
		if (tquic_frame_attr(f.type)->body == TQUIC_FRAME_BODY_ACK)
			check_ack(&f.ack);
		check_again(&f, rd.ptr - start, &ctx);
		check_fit(f, data[1]);
	}
	return 0;
}
