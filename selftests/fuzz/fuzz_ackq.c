// SPDX-License-Identifier: GPL-2.0
/*
 * Received packets and their acknowledgment: packet numbers at the peer's
 * choice, rooms at the sender's, fates at the network's.
 *
 * The first two bytes of the input say where the packet numbers begin and how
 * many runs are remembered; each further pair is a packet or an event.
 */
#include "core/ackq.h"
#include "core/frame.h"

#define CHECK(cond)			\
	do {				\
		if (!(cond))		\
			__builtin_trap(); \
	} while (0)

#define MARKS	8
#define ROOM	1200

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* a frame is legal, fits, and tells nothing but what was received */
static void check_frame(const struct tquic_ackq *q, const u8 *buf, size_t len)
{
	struct tquic_frame_ctx ctx = {
		.pkt = TQUIC_PKT_1RTT, .multipath = true,
	};
	struct tquic_rd rd = tquic_rd_init(buf, len);
	struct tquic_frame_ack_iter it;
	struct tquic_close close;
	u64 smallest, largest;
	struct tquic_frame f;
	unsigned int n = 0;

	CHECK(!tquic_frame_decode(&rd, &f, &ctx, &close));
	CHECK(!tquic_rd_left(&rd));
	CHECK(f.ack.largest + 1 == tquic_ackq_next(q));
	CHECK(tquic_frame_ack_has_ecn(&f) ==
	      (q->ecn.ect0 || q->ecn.ect1 || q->ecn.ce));
	tquic_frame_ack_first(&it, &f.ack);
	for (; tquic_frame_ack_next(&it, &smallest, &largest); n++)
		CHECK(tquic_range_contains(&q->seen, smallest, largest));
	CHECK(n == q->frame_ranges && n <= TQUIC_ACKQ_FRAME_RANGES);
}

static void write_frame(struct tquic_ackq *q, size_t room,
			struct tquic_ackq_mark *mark, tquic_time_t now)
{
	u8 buf[ROOM];
	struct tquic_wr wr = tquic_wr_init(buf, room);

	if (!tquic_ackq_write(q, &wr, room & 1 ? room : TQUIC_ACKQ_NO_PATH, now,
			      mark)) {
		CHECK(wr.ptr == buf && !wr.err);
		return;
	}
	CHECK(!wr.err && wr.ptr <= buf + room);
	CHECK(tquic_ackq_deadline(q) == TQUIC_TIME_NEVER);
	check_frame(q, buf, wr.ptr - buf);
}

static void receive(struct tquic_ackq *q, u64 pn, u8 how, tquic_time_t now)
{
	int err = tquic_ackq_check(q, pn, GFP_KERNEL);

	CHECK(!err || err == -EEXIST);
	if (err)
		return;
	CHECK(!tquic_ackq_record(q, pn, now, how & 3, how >> 2 & 3));
	CHECK(tquic_ackq_check(q, pn, GFP_KERNEL) == -EEXIST);
	CHECK(q->seen.count && q->seen.count <= q->seen.limit);
	CHECK(!(how & 4) || tquic_ackq_deadline(q) <= now + q->delay);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const u64 bases[] = {
		0, 1 << 14, 1ULL << 32, TQUIC_VARINT_MAX - (1 << 17),
	};
	struct tquic_ackq_mark marks[MARKS] = { 0 };
	tquic_time_t now = 0;
	struct tquic_ackq q;
	u64 pn;

	if (size < 2)
		return 0;
	pn = bases[data[0] & 3];
	tquic_ackq_init(&q, 1 + data[1] % 32, 25 * TQUIC_NS_PER_MS, 3);
	for (data += 2, size -= 2; size >= 2; data += 2, size -= 2) {
		u8 what = data[0], arg = data[1];

		now += TQUIC_NS_PER_MS;
		if (what < 128)
			receive(&q, pn++, arg, now);
		else if (what < 160)
			receive(&q, pn += what & 31, arg, now);
		else if (what < 208)
			receive(&q, pn - min(pn, 1ULL + (what & 31)), arg, now);
		else if (what < 232)
			write_frame(&q, what & 1 ? arg : ROOM,
				    &marks[arg % MARKS], now);
		else if (what < 250)
			tquic_ackq_acked(&q, &marks[arg % MARKS]);
		else if (what < 253)
			tquic_ackq_tune(&q, arg & 31, arg >> 5, now);
		else
			tquic_ackq_again(&q, now);
	}
	tquic_ackq_free(&q);
	return 0;
}
