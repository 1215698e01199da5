// SPDX-License-Identifier: GPL-2.0
/*
 * The frames against a plain record of what came and what the peer knows.
 */
#include "core/ackq.h"
#include "tap.h"

#define SPAN	600	/* packet numbers in the universe */
#define FRAMES	24	/* of which the fate is open */
#define ROOM	1200

struct frame {
	bool has[SPAN];
	struct tquic_ackq_mark mark;
	bool open;
};

static struct model {
	bool got[SPAN];		/* received */
	bool told[SPAN];	/* the peer knows it */
	struct frame frames[FRAMES];
	u64 base;
	u32 limit;
	u64 ecn[4];
} m;

static struct tquic_ackq q;

/* a decoder that shares nothing with the code under test */
static u64 take(const u8 **p, const u8 *end)
{
	unsigned int len, i;
	u64 val;

	TQ_ASSERT(*p < end);
	len = 1 << (**p >> 6);
	val = *(*p)++ & 0x3f;
	for (i = 1; i < len; i++) {
		TQ_ASSERT(*p < end);
		val = val << 8 | *(*p)++;
	}
	return val;
}

static void mark_range(struct frame *f, u64 first, u64 last)
{
	u64 i;

	TQ_ASSERT(first <= last && first >= m.base && last - m.base < SPAN);
	for (i = first; i <= last; i++)
		f->has[i - m.base] = true;
}

/* returns the number of ranges */
static unsigned int decode(const u8 *p, const u8 *end, struct frame *f,
			   u64 path_id)
{
	u64 type = take(&p, end), largest, low, count, i;

	memset(f->has, 0, sizeof(f->has));
	if (path_id == TQUIC_ACKQ_NO_PATH) {
		TQ_ASSERT(type == 2 || type == 3);
	} else {
		TQ_ASSERT(type == 0x3e || type == 0x3f);
		TQ_ASSERT_EQ(take(&p, end), path_id);
	}
	largest = take(&p, end);
	TQ_ASSERT_EQ(take(&p, end), 0);
	count = take(&p, end);
	low = largest - take(&p, end);
	mark_range(f, low, largest);
	for (i = 0; i < count; i++) {
		largest = low - take(&p, end) - 2;
		low = largest - take(&p, end);
		mark_range(f, low, largest);
	}
	TQ_ASSERT_EQ(type & 1, m.ecn[1] || m.ecn[2] || m.ecn[3]);
	if (type & 1) {
		TQ_ASSERT_EQ(take(&p, end), m.ecn[2]);
		TQ_ASSERT_EQ(take(&p, end), m.ecn[1]);
		TQ_ASSERT_EQ(take(&p, end), m.ecn[3]);
	}
	TQ_ASSERT(p == end);
	return count + 1;
}

static unsigned int runs(const bool *in)
{
	unsigned int i, n = 0;

	for (i = 0; i < SPAN; i++)
		n += in[i] && (!i || !in[i - 1]);
	return n;
}

static unsigned int lowest(void)
{
	unsigned int i = 0;

	while (i < SPAN && !m.got[i])
		i++;
	return i;
}

static unsigned int next_pn(void)
{
	unsigned int i = SPAN;

	while (i && !m.got[i - 1])
		i--;
	return i;
}

static bool refuse(unsigned int i, unsigned int floor)
{
	return m.got[i] || i < floor ||
	       (runs(m.got) == m.limit && i + 1 < lowest());
}

static unsigned int floor_of(void)
{
	return q.seen.floor > m.base ? q.seen.floor - m.base : 0;
}

static void receive(unsigned int i)
{
	enum tquic_ecn_mark ecn = tq_rand_below(8) ? 0 : tq_rand_below(4);
	unsigned int flags = tq_rand_below(4) ? TQUIC_ACKQ_ELICITING : 0;
	bool no = refuse(i, floor_of());

	TQ_ASSERT_EQ(tquic_ackq_check(&q, m.base + i, GFP_KERNEL),
		     no ? -EEXIST : 0);
	if (no)
		return;
	TQ_ASSERT_EQ(tquic_ackq_record(&q, m.base + i, 1, ecn, flags), 0);
	m.got[i] = true;
	m.ecn[ecn]++;
	if (runs(m.got) > m.limit) {
		i = lowest();
		while (m.got[i])
			m.got[i++] = false;
		TQ_ASSERT_EQ(q.seen.floor, m.base + i);
	}
}

/*
 * Nothing but what came; from the largest down without a hole in what the peer
 * does not know; all of that, unless ranges had to be left out.
 */
static void judge(const struct frame *f, unsigned int ranges, bool roomy)
{
	unsigned int i = next_pn();
	bool missing = false;

	TQ_ASSERT(f->has[i - 1]);
	while (i--) {
		if (f->has[i]) {
			TQ_ASSERT(m.got[i]);
			TQ_ASSERT(!missing);
		} else if (m.got[i] && !m.told[i]) {
			missing = true;
		}
	}
	if (missing) {
		TQ_ASSERT_EQ(f->mark.end, 0);
		TQ_ASSERT(!roomy || ranges == TQUIC_ACKQ_FRAME_RANGES);
	}
	if (roomy && ranges < TQUIC_ACKQ_FRAME_RANGES)
		TQ_ASSERT_EQ(f->mark.end, m.base + next_pn());
}

static void write_frame(struct frame *f)
{
	u64 path_id = tq_rand_below(3) ? tq_rand_below(1000) :
				       TQUIC_ACKQ_NO_PATH;
	bool roomy = tq_rand_below(3);
	size_t room = roomy ? ROOM : tq_rand_below(60);
	u8 buf[ROOM];
	struct tquic_wr wr = tquic_wr_init(buf, room);
	u32 pending = q.pending;
	unsigned int ranges;

	f->open = tquic_ackq_write(&q, &wr, path_id, 1, &f->mark);
	TQ_ASSERT(!wr.err);
	TQ_ASSERT(wr.end == buf + room);
	if (!f->open) {
		TQ_ASSERT(!roomy || !next_pn());
		TQ_ASSERT(wr.ptr == buf);
		TQ_ASSERT_EQ(q.pending, pending);
		return;
	}
	ranges = decode(buf, wr.ptr, f, path_id);
	TQ_ASSERT_EQ(q.frame_ranges, ranges);
	TQ_ASSERT_EQ(q.pending, 0);
	judge(f, ranges, roomy);
}

static void deliver(struct frame *f)
{
	unsigned int i;

	if (!f->open)
		return;
	for (i = 0; i < SPAN; i++)
		m.told[i] |= f->has[i];
	tquic_ackq_acked(&q, &f->mark);
	f->open = tq_rand_below(8) == 0;
}

/* ahead with holes, back into the holes, or anywhere */
static unsigned int pick(unsigned int window)
{
	unsigned int next = next_pn(), what = tq_rand_below(10);

	if (what < 5)
		next += tq_rand_below(10) ? 0 : tq_rand_below(4);
	else if (what < 9)
		next -= min(next, 1 + (unsigned int)tq_rand_below(window));
	else
		next = tq_rand_below(SPAN);
	return min(next, SPAN - 1u);
}

static void run_model(u64 base, u32 limit, unsigned int window)
{
	unsigned int i, steps = 2 * SPAN;

	memset(&m, 0, sizeof(m));
	m.base = base;
	m.limit = limit;
	tquic_ackq_init(&q, limit, 0, 3);
	/* numbers below the universe are of no interest */
	tquic_range_trim(&q.seen, base);
	for (i = 0; i < steps; i++) {
		tq_note("base %llx limit %u window %u step %u", base, limit,
			window, i);
		receive(pick(window));
		TQ_ASSERT_EQ(tquic_ackq_next(&q),
			     next_pn() ? base + next_pn() : 0);
		if (!tq_rand_below(5))
			write_frame(&m.frames[tq_rand_below(FRAMES)]);
		if (!tq_rand_below(8))
			deliver(&m.frames[tq_rand_below(FRAMES)]);
	}
	tquic_ackq_free(&q);
}

TQ_TEST(ackq_model_dense)
{
	unsigned int i;

	for (i = 0; i < 30; i++) {
		run_model(0, TQUIC_ACKQ_RANGES, 10);
		run_model(0, TQUIC_ACKQ_RANGES, 100);
	}
}

TQ_TEST(ackq_model_huge_numbers)
{
	unsigned int i;

	for (i = 0; i < 20; i++) {
		run_model(TQUIC_VARINT_MAX + 1 - SPAN, TQUIC_ACKQ_RANGES, 20);
		run_model((1ULL << 30) - SPAN / 2, TQUIC_ACKQ_RANGES, 20);
	}
}

TQ_TEST(ackq_model_few_ranges)
{
	unsigned int limit;

	for (limit = 1; limit < 24; limit++)
		run_model(0, limit, 12);
}

static void put(u8 **p, u64 val)
{
	unsigned int len = val < 64 ? 1 : val < 16384 ? 2 : val < 1 << 30 ? 4 :
			   8, i;

	for (i = 0; i < len; i++)
		(*p)[i] = val >> 8 * (len - 1 - i);
	**p |= (len == 1 ? 0 : len == 2 ? 1 : len == 4 ? 2 : 3) << 6;
	*p += len;
}

/* every received number, in n ranges at most; returns the length */
static size_t encode(u8 *buf, unsigned int n, u64 path_id)
{
	u64 first[SPAN], last[SPAN];
	unsigned int i, count = 0;
	u8 *p = buf;

	for (i = next_pn(); i--; ) {
		if (!m.got[i])
			continue;
		last[count] = m.base + i;
		while (i && m.got[i - 1])
			i--;
		first[count++] = m.base + i;
	}
	count = min(count, n);
	put(&p, 0x3e + (m.ecn[2] > 0));
	put(&p, path_id);
	put(&p, last[0]);
	put(&p, 0);
	put(&p, count - 1);
	put(&p, last[0] - first[0]);
	for (i = 1; i < count; i++) {
		put(&p, first[i - 1] - last[i] - 2);
		put(&p, last[i] - first[i]);
	}
	if (m.ecn[2]) {
		put(&p, m.ecn[2]);
		put(&p, 0);
		put(&p, 0);
	}
	return p - buf;
}

/* the longest frame that fits, byte for byte, whatever the room */
static void every_room(u64 base, u64 ecn, unsigned int gap)
{
	unsigned int i, n, room, all;
	struct tquic_ackq_mark mark;
	u8 want[ROOM], buf[ROOM];
	struct tquic_wr wr;
	size_t len;

	memset(&m, 0, sizeof(m));
	m.base = base;
	m.ecn[2] = ecn;
	tquic_ackq_init(&q, TQUIC_ACKQ_RANGES, 0, 3);
	for (i = 0; i < SPAN; i += 1 + tq_rand_below(2) * tq_rand_below(gap)) {
		m.got[i] = true;
		TQ_ASSERT_EQ(tquic_ackq_record(&q, base + i, 1, 0, 1), 0);
	}
	q.ecn.ect0 = ecn;
	all = min(runs(m.got), TQUIC_ACKQ_FRAME_RANGES + 0u);
	for (room = 0; room < 400; room++) {
		tq_note("base %llx room %u", base, room);
		for (n = all; n; n--) {
			len = encode(want, n, 77);
			if (len <= room)
				break;
		}
		memset(buf, 0x5a, sizeof(buf));
		wr = tquic_wr_init(buf, room);
		TQ_ASSERT_EQ(tquic_ackq_write(&q, &wr, 77, 1, &mark), n > 0);
		if (!n)
			len = 0;
		TQ_ASSERT_EQ(wr.ptr - buf, len);
		TQ_EXPECT_MEM_EQ(buf, want, len);
		TQ_ASSERT_EQ(buf[room], 0x5a);
		if (n)
			TQ_ASSERT_EQ(mark.end != 0, n == runs(m.got));
	}
	tquic_ackq_free(&q);
}

TQ_TEST(rfc9000_13_2_3_oldest_ranges_are_left_out)
{
	every_room(0, 0, 40);
	every_room(0, 0, 4);
	every_room(0, 1, 60);
	every_room(TQUIC_VARINT_MAX + 1 - SPAN, TQUIC_VARINT_MAX, 100);
	every_room(1 << 20, 20000, 300);
}

/* the largest possible frame stays far below a packet of minimal size */
TQ_TEST(ackq_frame_is_bounded)
{
	struct tquic_ackq_mark mark;
	u8 buf[ROOM];
	struct tquic_wr wr = tquic_wr_init(buf, sizeof(buf));
	u64 pn;

	tquic_ackq_init(&q, TQUIC_ACKQ_RANGES, 0, 3);
	for (pn = 0; pn < 10000; pn++)
		TQ_ASSERT_EQ(tquic_ackq_record(&q, 2 * pn, 1, 0, 1), 0);
	TQ_EXPECT_EQ(q.seen.count, TQUIC_ACKQ_RANGES);
	TQ_EXPECT(tquic_ackq_write(&q, &wr, 0, 1, &mark));
	TQ_EXPECT_EQ(q.frame_ranges, TQUIC_ACKQ_FRAME_RANGES);
	TQ_EXPECT_EQ(wr.ptr - buf, 1 + 1 + 4 + 1 + 1 + 1 + 63 * 2);
	TQ_EXPECT_EQ(mark.end, 0);
	tquic_ackq_free(&q);
}
