// SPDX-License-Identifier: GPL-2.0
#include "core/sendq.h"
#include "shim.h"
#include "tap.h"

/* Handles are buffers with a count; byte n of the stream is n % 251 */
struct buf {
	int refs;
	u8 data[64];
};

static void buf_get(void *handle)
{
	struct buf *buf = handle;

	buf->refs++;
}

static void buf_put(void *handle)
{
	struct buf *buf = handle;

	TQ_EXPECT(buf->refs > 0);
	buf->refs--;
}

static const struct tquic_buf_ops ops = { .get = buf_get, .put = buf_put };

#define BUFS 400

static struct buf bufs[BUFS];

static u64 fill(struct tquic_sendq *q, unsigned int n)
{
	unsigned int i, j, len;
	u64 off = 0;

	memset(bufs, 0, sizeof(bufs));
	for (i = 0; i < n; i++) {
		len = 1 + tq_rand_below(64);
		for (j = 0; j < len; j++)
			bufs[i].data[j] = (off + j) % 251;
		TQ_ASSERT_EQ(tquic_sendq_append(q, &bufs[i], 0, len,
						GFP_KERNEL), 0);
		off += len;
	}
	return off;
}

static unsigned int held(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < BUFS; i++)
		n += bufs[i].refs;
	return n;
}

static void check_bytes(const struct tquic_sendq *q, u64 off, u32 len)
{
	struct tquic_sendq_chunk part;
	u32 i, n;

	while (len) {
		n = tquic_sendq_map(q, off, len, &part);
		TQ_ASSERT(n && n <= len && part.len == n && part.off == off);
		for (i = 0; i < n; i++)
			TQ_EXPECT_EQ(((struct buf *)part.handle)
				     ->data[part.pos + i], (off + i) % 251);
		off += n;
		len -= n;
	}
}

TQ_TEST(sendq_in_order)
{
	struct tquic_sendq_piece piece;
	struct tquic_sendq q;
	u64 end, sent = 0;

	tquic_sendq_init(&q, &ops);
	TQ_EXPECT(tquic_sendq_done(&q));
	TQ_EXPECT(!tquic_sendq_peek(&q, U64_MAX, 0, 100, &piece));
	end = fill(&q, 100);
	TQ_EXPECT_EQ(tquic_sendq_queued(&q), end);
	TQ_EXPECT_EQ(held(), 100);
	while (tquic_sendq_peek(&q, U64_MAX, 0, 37, &piece)) {
		TQ_EXPECT(!!piece.ahead);
		TQ_EXPECT_EQ(piece.off, sent);
		TQ_EXPECT_EQ(piece.len, min_t(u64, 37, end - sent));
		check_bytes(&q, piece.off, piece.len);
		TQ_EXPECT_EQ(tquic_sendq_take(&q, &piece, GFP_KERNEL), 0);
		sent += piece.len;
	}
	TQ_EXPECT_EQ(sent, end);
	TQ_EXPECT_EQ(tquic_sendq_acked(&q, 0, end - 1, GFP_KERNEL), end - 1);
	TQ_EXPECT_EQ(held(), 1);
	TQ_EXPECT(!tquic_sendq_done(&q));
	TQ_EXPECT_EQ(tquic_sendq_acked(&q, end - 1, 1, GFP_KERNEL), 1);
	TQ_EXPECT(tquic_sendq_done(&q));
	TQ_EXPECT_EQ(held(), 0);
	tquic_sendq_free(&q);
}

TQ_TEST(sendq_pieces_of_one_buffer_share_a_reference)
{
	struct tquic_sendq q;

	memset(bufs, 0, sizeof(bufs));
	tquic_sendq_init(&q, &ops);
	tquic_sendq_append(&q, &bufs[0], 3, 4, GFP_KERNEL);
	tquic_sendq_append(&q, &bufs[0], 7, 5, GFP_KERNEL);
	TQ_EXPECT_EQ(q.count, 1);
	TQ_EXPECT_EQ(bufs[0].refs, 1);
	TQ_EXPECT_EQ(q.ring[0].len, 9);
	tquic_sendq_append(&q, &bufs[0], 13, 1, GFP_KERNEL);
	tquic_sendq_append(&q, &bufs[1], 14, 1, GFP_KERNEL);
	TQ_EXPECT_EQ(q.count, 3);
	TQ_EXPECT_EQ(bufs[0].refs, 2);
	TQ_EXPECT_EQ(q.end, 11);
	tquic_sendq_free(&q);
	TQ_EXPECT_EQ(held(), 0);
}

TQ_TEST(rfc9000_4_1_sendq_stops_at_the_limit)
{
	struct tquic_sendq_piece piece;
	struct tquic_sendq q;

	tquic_sendq_init(&q, &ops);
	fill(&q, 20);
	TQ_EXPECT(!tquic_sendq_peek(&q, 0, 0, 100, &piece));
	TQ_EXPECT(!tquic_sendq_peek(&q, 10, 0, 0, &piece));
	TQ_EXPECT(tquic_sendq_peek(&q, 10, 0, 100, &piece));
	TQ_EXPECT_EQ(piece.len, 10);
	tquic_sendq_take(&q, &piece, GFP_KERNEL);
	TQ_EXPECT(!tquic_sendq_peek(&q, 10, 0, 100, &piece));
	/* what is lost was allowed before */
	tquic_sendq_lost(&q, 2, 3, GFP_KERNEL);
	TQ_EXPECT(tquic_sendq_peek(&q, 10, 0, 100, &piece));
	TQ_EXPECT(!piece.ahead);
	TQ_EXPECT_EQ(piece.off, 2);
	TQ_EXPECT_EQ(piece.len, 3);
	tquic_sendq_free(&q);
}

/*
 * Model: one state per byte.  A byte below @next is due when it was left out or
 * lost, and has neither been sent since nor arrived.
 */
#define SPACE 4000

static struct {
	u8 sent, acked, due;
} model[SPACE];

static u64 model_due(u64 below)
{
	u64 i, n = 0;

	for (i = 0; i < below; i++)
		n += model[i].due;
	return n;
}

static void model_check(const struct tquic_sendq *q)
{
	u64 skip = tq_rand_below(100), left, i, start = 0;
	struct tquic_sendq_piece piece;

	while (start < q->end && model[start].acked)
		start++;
	TQ_EXPECT_EQ(q->start, start);
	TQ_EXPECT_EQ(tquic_due_bytes(&q->due), model_due(q->next));
	left = model_due(q->next) + q->end - q->next;
	if (!tquic_sendq_peek(q, U64_MAX, skip, 1 + tq_rand_below(50),
			      &piece)) {
		TQ_EXPECT(left <= skip);
		return;
	}
	TQ_EXPECT(left > skip);
	TQ_EXPECT_EQ(piece.ahead, piece.off >= q->next);
	for (i = piece.off; i < piece.off + piece.len; i++) {
		TQ_EXPECT(!model[i].acked);
		TQ_EXPECT(piece.ahead || model[i].due);
	}
	left = model_due(min(piece.off, q->next));
	if (piece.ahead)
		left += piece.off - q->next;
	TQ_EXPECT_EQ(left, skip);
	check_bytes(q, piece.off, piece.len);
}

static void model_take(struct tquic_sendq *q)
{
	u64 skip = tq_rand_below(3) ? 0 : tq_rand_below(100), next = q->next, i;
	struct tquic_sendq_piece piece;

	if (!tquic_sendq_peek(q, U64_MAX, skip, 1 + tq_rand_below(50), &piece))
		return;
	TQ_EXPECT_EQ(tquic_sendq_take(q, &piece, GFP_KERNEL), 0);
	for (i = next; i < piece.off; i++)
		model[i].due = 1;
	for (i = piece.off; i < piece.off + piece.len; i++) {
		model[i].sent = 1;
		model[i].due = 0;
	}
}

static void model_step(struct tquic_sendq *q)
{
	u64 i, off = tq_rand_below(q->next + 1), len = tq_rand_below(60);
	bool lost = tq_rand_below(2);

	len = min(len, q->next - off);
	if (!tq_rand_below(3)) {
		model_take(q);
		return;
	}
	/* only what was sent is lost or arrives */
	for (i = off; i < off + len && model[i].sent; i++)
		;
	len = i - off;
	if (lost)
		tquic_sendq_lost(q, off, len, GFP_KERNEL);
	else
		tquic_sendq_acked(q, off, len, GFP_KERNEL);
	for (i = off; i < off + len; i++) {
		model[i].acked |= !lost;
		model[i].due = !model[i].acked;
	}
}

TQ_TEST(sendq_against_model)
{
	struct tquic_sendq q;
	unsigned int round;
	u64 end;

	for (round = 0; round < 20; round++) {
		tq_note("round %u", round);
		memset(model, 0, sizeof(model));
		tquic_sendq_init(&q, &ops);
		end = fill(&q, 50);
		TQ_ASSERT(end <= SPACE);
		while (!tquic_sendq_done(&q)) {
			model_step(&q);
			model_check(&q);
		}
		TQ_EXPECT_EQ(held(), 0);
		TQ_EXPECT_EQ(q.count, 0);
		tquic_sendq_free(&q);
	}
}

/* a queue that wraps round its ring for ever */
TQ_TEST(sendq_ring_wraps)
{
	struct tquic_sendq_piece piece;
	struct tquic_sendq q;
	unsigned int i;

	memset(bufs, 0, sizeof(bufs));
	tquic_sendq_init(&q, &ops);
	for (i = 0; i < 1000; i++) {
		tquic_sendq_append(&q, &bufs[i % 20], 0, 10, GFP_KERNEL);
		if (i < 5)
			continue;
		TQ_EXPECT(tquic_sendq_peek(&q, U64_MAX, 0, 10, &piece));
		tquic_sendq_take(&q, &piece, GFP_KERNEL);
		TQ_EXPECT_EQ(tquic_sendq_acked(&q, piece.off, 10, GFP_KERNEL),
			     10);
	}
	TQ_EXPECT_EQ(q.size, 8);
	TQ_EXPECT_EQ(q.count, 5);
	TQ_EXPECT_EQ(tquic_sendq_queued(&q), 50);
	tquic_sendq_free(&q);
	TQ_EXPECT_EQ(held(), 0);
}

/* Out of memory, bytes may be sent again but are never forgotten. */
TQ_OOM_TEST(sendq_oom_resends_rather_than_forgets)
{
	struct tquic_sendq_piece piece;
	struct tquic_sendq q;
	unsigned int i;
	int err = 0;

	memset(bufs, 0, sizeof(bufs));
	tquic_sendq_init(&q, &ops);
	for (i = 0; i < 20 && !err; i++)
		err = tquic_sendq_append(&q, &bufs[i], 0, 10, GFP_KERNEL);
	while (tquic_sendq_peek(&q, U64_MAX, 0, 10, &piece))
		tquic_sendq_take(&q, &piece, GFP_KERNEL);
	/* gaps, losses and losses split by acknowledgments */
	for (i = 1; i + 1 < 10; i += 2)
		tquic_sendq_acked(&q, 10 * i, 10, GFP_KERNEL);
	tquic_sendq_lost(&q, 0, q.next, GFP_KERNEL);
	tquic_sendq_acked(&q, 42, 2, GFP_KERNEL);
	TQ_EXPECT(tquic_due_bytes(&q.due) <= q.next);
	i = 0;
	while (tquic_sendq_peek(&q, U64_MAX, 0, 7, &piece) && i++ < 1000) {
		if (tquic_sendq_take(&q, &piece, GFP_KERNEL)) {
			err = -ENOMEM;
			continue;
		}
		tquic_sendq_acked(&q, piece.off, piece.len, GFP_KERNEL);
		tquic_sendq_acked(&q, piece.off, piece.len, GFP_KERNEL);
	}
	TQ_EXPECT(tquic_sendq_done(&q));
	TQ_EXPECT_EQ(tquic_due_bytes(&q.due), 0);
	TQ_EXPECT_EQ(held(), 0);
	tquic_sendq_free(&q);
	return tq_shim_has_failed() ? -ENOMEM : err;
}
