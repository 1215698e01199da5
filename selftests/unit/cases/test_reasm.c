// SPDX-License-Identifier: GPL-2.0
#include "core/reasm.h"
#include "shim.h"
#include "tap.h"

/* Byte n of the stream is n % 251, wherever it lies. */
struct buf {
	int refs;
	u8 data[256];
};

static void buf_get(void *handle)
{
	((struct buf *)handle)->refs++;
}

static void buf_put(void *handle)
{
	struct buf *buf = handle;

	if (!--buf->refs)
		kfree(buf);
}

static const struct tquic_buf_ops ops = { .get = buf_get, .put = buf_put };

static int insert(struct tquic_reasm *q, u64 off, u32 len)
{
	struct buf *buf = kzalloc(sizeof(*buf), GFP_KERNEL | __GFP_NOFAIL);
	u32 pos = tq_rand_below(256 - len), i;
	int err;

	TQ_ASSERT(buf);
	buf->refs = 1;
	for (i = 0; i < len; i++)
		buf->data[pos + i] = (off + i) % 251;
	err = tquic_reasm_insert(q, off, buf, pos, len, GFP_KERNEL);
	buf_put(buf);
	return err;
}

/* Reads up to @max bytes; answers how many there were. */
static u64 read_some(struct tquic_reasm *q, u64 max)
{
	const struct tquic_reasm_seg *seg;
	u64 n = 0, i, len;

	while (n < max && (seg = tquic_reasm_peek(q))) {
		len = min_t(u64, seg->len, max - n);
		for (i = 0; i < len; i++)
			TQ_EXPECT_EQ(((struct buf *)seg->handle)
				     ->data[seg->pos + i],
				     (q->read + i) % 251);
		tquic_reasm_consume(q, len);
		n += len;
	}
	return n;
}

TQ_TEST(reasm_in_order)
{
	struct tquic_reasm q;
	u64 off = 0;

	tquic_reasm_init(&q, &ops);
	TQ_EXPECT(!tquic_reasm_peek(&q));
	while (off < 10000) {
		TQ_EXPECT_EQ(insert(&q, off, 100), 0);
		off += 100;
		TQ_EXPECT_EQ(q.ready, off);
	}
	TQ_EXPECT_EQ(q.count, 100);
	TQ_EXPECT_EQ(tquic_reasm_readable(&q), 10000);
	TQ_EXPECT_EQ(read_some(&q, 150), 150);
	TQ_EXPECT_EQ(q.held, 9850);
	TQ_EXPECT_EQ(q.count, 99);
	TQ_EXPECT_EQ(read_some(&q, U64_MAX), 9850);
	TQ_EXPECT_EQ(q.held + q.count, 0);
	TQ_EXPECT(!q.last);
	tquic_reasm_free(&q);
}

TQ_TEST(reasm_gap_holds_the_reader)
{
	struct tquic_reasm q;

	tquic_reasm_init(&q, &ops);
	insert(&q, 10, 10);
	insert(&q, 30, 10);
	TQ_EXPECT(!tquic_reasm_peek(&q));
	TQ_EXPECT_EQ(tquic_reasm_readable(&q), 0);
	insert(&q, 0, 10);
	TQ_EXPECT_EQ(tquic_reasm_readable(&q), 20);
	TQ_EXPECT_EQ(read_some(&q, U64_MAX), 20);
	insert(&q, 20, 10);
	TQ_EXPECT_EQ(tquic_reasm_readable(&q), 20);
	TQ_EXPECT_EQ(read_some(&q, U64_MAX), 20);
	tquic_reasm_free(&q);
}

/* one insert over many small ones fills exactly the holes */
TQ_TEST(reasm_insert_over_many)
{
	struct tquic_reasm q;
	u64 i;

	tquic_reasm_init(&q, &ops);
	for (i = 1; i < 20; i += 2)
		insert(&q, 10 * i, 10);
	TQ_EXPECT_EQ(q.held, 100);
	insert(&q, 0, 205);
	TQ_EXPECT_EQ(q.held, 205);
	TQ_EXPECT_EQ(q.count, 21);
	TQ_EXPECT_EQ(q.ready, 205);
	TQ_EXPECT_EQ(read_some(&q, U64_MAX), 205);
	tquic_reasm_free(&q);
}

/* RFC 9000 section 2.2: what was received once does not change */
TQ_TEST(rfc9000_2_2_first_copy_wins)
{
	struct buf *buf = kzalloc(sizeof(*buf), GFP_KERNEL);
	struct tquic_reasm q;

	tquic_reasm_init(&q, &ops);
	insert(&q, 5, 20);
	buf->refs = 1;
	memset(buf->data, 0xff, sizeof(buf->data));
	TQ_EXPECT_EQ(tquic_reasm_insert(&q, 5, buf, 0, 20, GFP_KERNEL), 0);
	TQ_EXPECT_EQ(tquic_reasm_insert(&q, 7, buf, 0, 3, GFP_KERNEL), 0);
	TQ_EXPECT_EQ(tquic_reasm_insert(&q, 9, buf, 0, 0, GFP_KERNEL), 0);
	TQ_EXPECT_EQ(buf->refs, 1);
	buf_put(buf);
	insert(&q, 0, 5);
	TQ_EXPECT_EQ(read_some(&q, U64_MAX), 25);
	/* nor does what was read already come back */
	insert(&q, 0, 25);
	TQ_EXPECT_EQ(q.count, 0);
	insert(&q, 20, 10);
	TQ_EXPECT_EQ(read_some(&q, U64_MAX), 5);
	tquic_reasm_free(&q);
}

TQ_TEST(reasm_pieces_of_one_buffer_are_one)
{
	struct buf *buf = kzalloc(sizeof(*buf), GFP_KERNEL);
	struct tquic_reasm q;
	unsigned int i;

	tquic_reasm_init(&q, &ops);
	buf->refs = 1;
	for (i = 0; i < 200; i++)
		buf->data[i] = i;
	tquic_reasm_insert(&q, 0, buf, 0, 100, GFP_KERNEL);
	tquic_reasm_insert(&q, 100, buf, 100, 50, GFP_KERNEL);
	TQ_EXPECT_EQ(q.count, 1);
	TQ_EXPECT_EQ(buf->refs, 2);
	TQ_EXPECT_EQ(q.ready, 150);
	/* a hole in the buffer, or in the stream, begins another */
	tquic_reasm_insert(&q, 150, buf, 151, 1, GFP_KERNEL);
	TQ_EXPECT_EQ(q.count, 2);
	tquic_reasm_insert(&q, 160, buf, 152, 1, GFP_KERNEL);
	TQ_EXPECT_EQ(q.count, 3);
	TQ_EXPECT_EQ(read_some(&q, 150), 150);
	tquic_reasm_free(&q);
	TQ_EXPECT_EQ(buf->refs, 1);
	buf_put(buf);
}

#define SPACE 3000

TQ_TEST(reasm_against_model)
{
	static u8 have[SPACE];
	struct tquic_reasm q;
	u64 off, len, ready, held, i;
	unsigned int round;

	for (round = 0; round < 30; round++) {
		tq_note("round %u", round);
		memset(have, 0, sizeof(have));
		tquic_reasm_init(&q, &ops);
		while (q.read < SPACE) {
			off = tq_rand_below(SPACE);
			if (tq_rand_below(2))
				off = min_t(u64, q.ready + tq_rand_below(20),
					    SPACE - 1);
			len = min_t(u64, tq_rand_below(80), SPACE - off);
			TQ_ASSERT_EQ(insert(&q, off, len), 0);
			memset(have + off, 1, len);
			for (ready = 0; ready < SPACE && have[ready]; ready++)
				;
			TQ_EXPECT_EQ(q.ready, ready);
			if (!tq_rand_below(4)) {
				len = tq_rand_below(60);
				len = min(len, ready - q.read);
				TQ_EXPECT_EQ(read_some(&q, len), len);
			}
			for (held = 0, i = q.read; i < SPACE; i++)
				held += have[i];
			TQ_EXPECT_EQ(q.held, held);
			if (ready == SPACE)
				read_some(&q, U64_MAX);
		}
		TQ_EXPECT_EQ(q.count, 0);
		tquic_reasm_free(&q);
	}
}

TQ_TEST(reasm_near_the_largest_offset)
{
	struct tquic_reasm q;
	u64 top = (1ULL << 62) - 1;

	tquic_reasm_init(&q, &ops);
	TQ_EXPECT_EQ(insert(&q, top - 10, 10), 0);
	TQ_EXPECT_EQ(insert(&q, top - 20, 15), 0);
	TQ_EXPECT_EQ(q.held, 20);
	TQ_EXPECT_EQ(q.ready, 0);
	tquic_reasm_free(&q);
}

TQ_OOM_TEST(reasm_oom_leaves_a_valid_queue)
{
	struct buf a = { .refs = 1000 }, b = { .refs = 1000 };
	struct tquic_reasm q;
	unsigned int i;
	int err = 0;

	for (i = 0; i < 256; i++) {
		a.data[i] = i % 251;
		b.data[i] = i % 251;
	}
	tquic_reasm_init(&q, &ops);
	for (i = 10; i < 100 && !err; i += 20)
		err = tquic_reasm_insert(&q, i, &a, i, 10, GFP_KERNEL);
	/* as the retransmission of a packet that was not acknowledged */
	if (tquic_reasm_insert(&q, 0, &b, 0, 100, GFP_KERNEL)) {
		err = -ENOMEM;
		TQ_EXPECT_EQ(tquic_reasm_insert(&q, 0, &b, 0, 100,
						GFP_KERNEL), 0);
	}
	TQ_EXPECT_EQ(q.ready, 100);
	TQ_EXPECT_EQ(read_some(&q, 100), 100);
	TQ_EXPECT_EQ(a.refs, 1000);
	TQ_EXPECT_EQ(b.refs, 1000);
	tquic_reasm_free(&q);
	return err;
}
