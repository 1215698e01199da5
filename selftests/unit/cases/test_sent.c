// SPDX-License-Identifier: GPL-2.0
#include "core/sent.h"
#include "tap.h"

enum { GONE, OUT, LOST };

#define MODEL 20000

static u8 model[MODEL];

static u64 push(struct tquic_sent *sent, u16 size)
{
	struct tquic_sent_pkt *pkt = tquic_sent_peek(sent, GFP_KERNEL);

	TQ_ASSERT(pkt);
	TQ_ASSERT(!pkt->nrecs && !pkt->size && !pkt->flags);
	pkt->size = size;
	return tquic_sent_push(sent);
}

static u64 model_next(u64 from, u64 end, u8 what)
{
	for (; from < end; from++)
		if (model[from] == what)
			return from;
	return TQUIC_SENT_NONE;
}

static void check(const struct tquic_sent *sent)
{
	u64 pn = tq_rand_below(sent->next + 3), out = 0, lost = 0, i;

	TQ_EXPECT_EQ(tquic_sent_next_outstanding(sent, pn),
		     model_next(pn, sent->next, OUT));
	TQ_EXPECT_EQ(tquic_sent_next_lost(sent, pn),
		     model_next(pn, sent->next, LOST));
	for (i = 0; i < sent->next; i++) {
		out += model[i] == OUT;
		lost += model[i] == LOST;
	}
	TQ_EXPECT_EQ(sent->outstanding, out);
	TQ_EXPECT_EQ(sent->remembered, lost);
	for (i = 0; i < 20; i++) {
		pn = tq_rand_below(sent->next + 3);
		TQ_EXPECT_EQ(tquic_sent_is_outstanding(sent, pn),
			     pn < sent->next && model[pn] == OUT);
		TQ_EXPECT_EQ(tquic_sent_is_lost(sent, pn),
			     pn < sent->next && model[pn] == LOST);
		TQ_EXPECT_EQ(!!tquic_sent_get(sent, pn),
			     pn < sent->next && model[pn] != GONE);
		if (tquic_sent_get(sent, pn))
			TQ_EXPECT_EQ(tquic_sent_get(sent, pn)->size,
				     (u16)pn);
	}
}

static void random_step(struct tquic_sent *sent, unsigned int window)
{
	u64 pn, n;

	switch (tq_rand_below(4)) {
	case 0:
		for (n = tq_rand_below(window); n; n--) {
			if (sent->next == MODEL)
				break;
			model[sent->next] = OUT;
			push(sent, sent->next);
		}
		break;
	case 1:
		pn = tquic_sent_next_outstanding(sent,
						 tq_rand_below(sent->next + 1));
		if (pn == TQUIC_SENT_NONE)
			break;
		tquic_sent_lose(sent, pn);
		model[pn] = LOST;
		break;
	default:
		pn = sent->base + tq_rand_below(sent->next - sent->base + 1);
		for (n = tq_rand_below(window); n; n--, pn++) {
			if (!tquic_sent_get(sent, pn))
				continue;
			tquic_sent_drop(sent, pn);
			model[pn] = GONE;
		}
	}
}

static void against_model(unsigned int window)
{
	struct tquic_sent sent;
	u32 slot;
	u64 pn;

	memset(model, GONE, sizeof(model));
	tquic_sent_init(&sent);
	TQ_EXPECT_EQ(tquic_sent_next_outstanding(&sent, 0), TQUIC_SENT_NONE);
	TQ_EXPECT(!tquic_sent_get(&sent, 0));
	while (sent.next < MODEL) {
		random_step(&sent, window);
		if (!tq_rand_below(8))
			check(&sent);
	}
	check(&sent);
	for (pn = 0; pn < MODEL; pn++)
		if (tquic_sent_get(&sent, pn))
			tquic_sent_drop(&sent, pn);
	TQ_EXPECT_EQ(sent.base, MODEL - MODEL % TQUIC_SENT_CHUNK);
	TQ_EXPECT_EQ(sent.outstanding + sent.remembered, 0);
	/* who has nothing to send keeps nothing */
	for (slot = 0; slot < sent.size; slot++)
		TQ_EXPECT(!sent.ring[slot]);
	tquic_sent_free(&sent);
}

TQ_TEST(sent_against_model_small_window)
{
	against_model(10);
}

TQ_TEST(sent_against_model_large_window)
{
	against_model(400);
}

/* the oldest packet stays: the ring grows again and again */
TQ_TEST(sent_grows_around_a_packet_that_stays)
{
	struct tquic_sent sent;
	u64 pn;

	tquic_sent_init(&sent);
	for (pn = 0; pn < 100000; pn++) {
		TQ_EXPECT_EQ(push(&sent, pn), pn);
		if (pn % 1000)
			tquic_sent_drop(&sent, pn);
	}
	TQ_EXPECT_EQ(sent.base, 0);
	TQ_EXPECT_EQ(sent.outstanding, 100);
	for (pn = 0; pn < 100000; pn += 1000) {
		TQ_EXPECT_EQ(tquic_sent_next_outstanding(&sent,
							 pn ? pn - 999 : 0),
			     pn);
		TQ_EXPECT_EQ(tquic_sent_get(&sent, pn)->size, (u16)pn);
	}
	TQ_EXPECT_EQ(tquic_sent_next_outstanding(&sent, 99001),
		     TQUIC_SENT_NONE);
	tquic_sent_drop(&sent, 0);
	TQ_EXPECT_EQ(sent.base, 1000 - 1000 % TQUIC_SENT_CHUNK);
	tquic_sent_free(&sent);
}

TQ_TEST(sent_number_is_spent_only_by_push)
{
	struct tquic_sent sent;

	tquic_sent_init(&sent);
	TQ_EXPECT(tquic_sent_peek(&sent, GFP_KERNEL));
	TQ_EXPECT_EQ(sent.next, 0);
	TQ_EXPECT(!tquic_sent_get(&sent, 0));
	TQ_EXPECT_EQ(push(&sent, 1), 0);
	TQ_EXPECT(tquic_sent_get(&sent, 0));
	tquic_sent_free(&sent);
}

TQ_TEST(sent_records_of_any_number)
{
	struct tquic_sent_pkt *pkt;
	struct tquic_sent sent;
	unsigned int n, i;

	tquic_sent_init(&sent);
	for (n = 0; n <= U8_MAX; n++) {
		pkt = tquic_sent_peek(&sent, GFP_KERNEL);
		for (i = 0; i < n; i++) {
			struct tquic_sent_rec rec = { .off = n * 1000 + i };

			TQ_ASSERT_EQ(tquic_sent_rec(pkt, &rec, GFP_KERNEL), 0);
		}
		tquic_sent_push(&sent);
	}
	TQ_EXPECT_EQ(tquic_sent_rec(pkt, &(struct tquic_sent_rec){ .off = 1 },
				    GFP_KERNEL), -ENOSPC);
	for (n = 0; n <= U8_MAX; n++) {
		pkt = tquic_sent_get(&sent, n);
		TQ_EXPECT_EQ(pkt->nrecs, n);
		for (i = 0; i < n; i++)
			TQ_EXPECT_EQ(tquic_sent_recs(pkt)[i].off,
				     n * 1000 + i);
		if (n & 1)
			tquic_sent_drop(&sent, n);
	}
	/* records of a packet that was given up are not leaked */
	pkt = tquic_sent_peek(&sent, GFP_KERNEL);
	for (i = 0; i < 5; i++)
		tquic_sent_rec(pkt, &(struct tquic_sent_rec){ .off = i },
			       GFP_KERNEL);
	pkt = tquic_sent_peek(&sent, GFP_KERNEL);
	TQ_EXPECT_EQ(pkt->nrecs, 0);
	tquic_sent_free(&sent);
}

TQ_TEST(sent_state_per_packet)
{
	TQ_EXPECT(sizeof(struct tquic_sent_chunk) <= TQUIC_SENT_CHUNK * 128);
}

TQ_OOM_TEST(sent_oom)
{
	struct tquic_sent_pkt *pkt;
	struct tquic_sent sent;
	unsigned int i, j;
	int err = 0;

	tquic_sent_init(&sent);
	for (i = 0; i < 3000 && !err; i++) {
		pkt = tquic_sent_peek(&sent, GFP_KERNEL);
		if (!pkt) {
			err = -ENOMEM;
			break;
		}
		for (j = 0; j < 6 && !err; j++)
			err = tquic_sent_rec(pkt, &(struct tquic_sent_rec){},
					     GFP_KERNEL);
		tquic_sent_push(&sent);
		if (i % 3 == 0)
			tquic_sent_lose(&sent, i);
		/* only the first chunks' allocations are worth failing */
		i += 31 * (i >= 64);
		while (sent.next <= i && !err) {
			if (!tquic_sent_peek(&sent, GFP_KERNEL)) {
				err = -ENOMEM;
				break;
			}
			tquic_sent_push(&sent);
		}
	}
	TQ_EXPECT_EQ(tquic_sent_next_outstanding(&sent, 0) == TQUIC_SENT_NONE,
		     !sent.outstanding);
	tquic_sent_free(&sent);
	return err;
}
