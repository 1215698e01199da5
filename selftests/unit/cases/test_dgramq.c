// SPDX-License-Identifier: GPL-2.0
#include "core/dgramq.h"
#include "tap.h"

static struct tquic_dgramq q;
static struct tquic_dgram_flow flows[4];
static unsigned int refs;

static void get(void *handle)
{
	refs++;
}

static void put(void *handle)
{
	refs--;
}

static const struct tquic_buf_ops ops = { .get = get, .put = put };

static void start(u64 limit)
{
	unsigned int i;

	tquic_dgramq_init(&q, &ops, limit);
	q.usable = 0x7;
	for (i = 0; i < 4; i++)
		tquic_dgram_flow_init(&flows[i], TQUIC_STREAM_BULK);
}

static void finish(void)
{
	tquic_dgramq_free(&q);
	TQ_EXPECT_EQ(q.held, 0);
	TQ_EXPECT_EQ(q.bytes, 0);
	TQ_EXPECT_EQ(refs, 0);
}

static struct tquic_dgram *add(unsigned int flow, u64 cookie, u32 len,
			       u16 flags)
{
	struct tquic_dgram_req req = {
		.handle = &q, .len = len, .cookie = cookie, .flags = flags,
		.deadline = 1000,
	};
	int err = 0;

	return tquic_dgramq_add(&q, &flows[flow], &req, 1, &err, GFP_KERNEL);
}

/* Takes all of the next for a leg: its cookie, -1 for none. */
static long take(unsigned int leg, unsigned int classes, tquic_time_t now)
{
	struct tquic_dgram *d = tquic_dgramq_next(&q, leg, true, classes, now);
	long cookie;

	if (!d)
		return -1;
	cookie = d->cookie;
	tquic_dgramq_took(&q, d, leg, d->to - d->from);
	return cookie;
}

TQ_TEST(dgramq_more_urgent_ones_go_first)
{
	unsigned int i;

	start(1 << 20);
	for (i = 0; i < 4; i++) {
		tquic_dgram_flow_set_class(&q, &flows[i], 3 - i);
		add(i, i, 100, 0);
	}
	TQ_EXPECT_EQ(tquic_dgramq_classes(&q, 0, true), 0xf);
	TQ_EXPECT_EQ(tquic_dgramq_classes(&q, 0, false), 0xc);
	/* those that cannot wait, not where it is slow */
	TQ_EXPECT(tquic_dgramq_next(&q, 0, false, 0xf, 1)->cookie == 1);
	TQ_EXPECT_EQ(take(0, 0x8, 1), 0);
	TQ_EXPECT_EQ(take(0, 0xf, 1), 3);
	TQ_EXPECT_EQ(take(0, 0xf, 1), 2);
	TQ_EXPECT_EQ(take(0, 0x1, 1), -1);
	TQ_EXPECT_EQ(take(0, 0xf, 1), 1);
	TQ_EXPECT_EQ(take(0, 0xf, 1), -1);
	/* a class that changes takes along what waits */
	add(0, 7, 100, 0);
	tquic_dgram_flow_set_class(&q, &flows[0], TQUIC_STREAM_REALTIME);
	TQ_EXPECT_EQ(tquic_dgramq_classes(&q, 0, true), 0x1);
	TQ_EXPECT_EQ(take(0, 0x1, 1), 7);
	finish();
}

TQ_TEST(dgramq_background_lives)
{
	unsigned int i;

	start(1 << 20);
	tquic_dgram_flow_set_class(&q, &flows[1], TQUIC_STREAM_BACKGROUND);
	add(1, 1, 100, 0);
	for (i = 0; i < 70; i++)
		add(0, 0, 100, 0);
	for (i = 0; i < TQUIC_DGRAM_BACKGROUND_TURN; i++)
		TQ_EXPECT_EQ(take(0, 0xf, 1), 0);
	TQ_EXPECT_EQ(take(0, 0xf, 1), 1);
	TQ_EXPECT_EQ(take(0, 0xf, 1), 0);
	finish();
}

TQ_TEST(dgramq_flows_of_a_class_share)
{
	u32 sent[2] = {};
	unsigned int i;
	long cookie;

	start(1 << 20);
	/* one sends large datagrams, the other small ones and more of them */
	for (i = 0; i < 100; i++)
		add(0, 0, 1200, 0);
	for (i = 0; i < 400; i++)
		add(1, 1, 100, 0);
	for (i = 0; i < 200; i++) {
		cookie = take(0, 0xf, 1);
		sent[cookie] += cookie ? 164 : 1264;
	}
	TQ_EXPECT(sent[0] < sent[1] + 5000 && sent[1] < sent[0] + 5000);
	finish();
}

TQ_TEST(dgramq_legs_keep_to_themselves)
{
	start(1 << 20);
	tquic_dgram_flow_bind(&q, &flows[0], 0, U16_MAX);
	tquic_dgram_flow_bind(&q, &flows[1], 1, U16_MAX);
	add(0, 10, 100, 0);
	add(1, 11, 100, 0);
	add(2, 12, 100, 0);
	TQ_EXPECT_EQ(take(2, 0xf, 1), 12);
	TQ_EXPECT_EQ(take(2, 0xf, 1), -1);
	TQ_EXPECT_EQ(tquic_dgramq_classes(&q, 2, true), 0);
	/* another leg: what waits moves along */
	tquic_dgram_flow_bind(&q, &flows[0], 2, U16_MAX);
	TQ_EXPECT_EQ(take(0, 0xf, 1), -1);
	TQ_EXPECT_EQ(take(2, 0xf, 1), 10);
	/* a leg that is of no use leaves what it had to others */
	q.usable = 0x5;
	TQ_EXPECT_EQ(take(0, 0xf, 1), 11);
	q.usable = 0x7;
	/* on some legs only, but for want of others */
	tquic_dgram_flow_bind(&q, &flows[3], TQUIC_DGRAM_ANY, 0x6);
	add(3, 13, 100, 0);
	TQ_EXPECT_EQ(take(0, 0xf, 1), -1);
	q.usable = 0x1;
	TQ_EXPECT_EQ(take(0, 0xf, 1), 13);
	finish();
}

TQ_TEST(dgramq_bound_and_unbound_flows_take_turns)
{
	unsigned int i, n[2] = {};

	start(1 << 20);
	tquic_dgram_flow_bind(&q, &flows[0], 1, U16_MAX);
	for (i = 0; i < 100; i++) {
		add(0, 0, 1200, 0);
		add(1, 1, 1200, 0);
	}
	for (i = 0; i < 60; i++)
		n[take(1, 0xf, 1)]++;
	TQ_EXPECT(n[0] >= 25 && n[1] >= 25);
	finish();
}

TQ_TEST(dgramq_single_datagrams_go_ahead)
{
	struct tquic_dgram *d;

	start(1 << 20);
	add(0, 1, 100, 0);
	d = add(0, 2, 100, 0);
	tquic_dgramq_bind(&q, d, 1, TQUIC_DGRAM_FIRST, 0, 100);
	TQ_EXPECT_EQ(flows[0].bytes, 100);
	TQ_EXPECT_EQ(take(1, 0xf, 1), 2);
	d = add(0, 3, 100, 0);
	tquic_dgramq_bind(&q, d, 2, TQUIC_DGRAM_FIRST, 0, 100);
	/* its leg fails */
	q.usable = 0x3;
	TQ_EXPECT_EQ(tquic_dgramq_classes(&q, 0, true), 0x4);
	TQ_EXPECT_EQ(take(0, 0xf, 1), 3);
	TQ_EXPECT_EQ(take(0, 0xf, 1), 1);
	finish();
}

TQ_TEST(dgramq_pieces_and_repetitions)
{
	struct tquic_dgram *d;

	start(1 << 20);
	d = add(0, 1, 3000, TQUIC_DGRAM_F_NOTIFY);
	d->refs = 3;
	tquic_dgramq_took(&q, d, 0, 1000);
	TQ_EXPECT_EQ(q.bytes, 2000);
	TQ_EXPECT_EQ(q.stats.sent, 0);
	/* the first piece is lost before the rest went out */
	tquic_dgramq_bind(&q, d, 1, TQUIC_DGRAM_AGAIN, 0, 1000);
	TQ_EXPECT_EQ(d->from, 0);
	TQ_EXPECT_EQ(q.bytes, 3000);
	TQ_EXPECT_EQ(flows[0].bytes, 3000);
	tquic_dgramq_took(&q, d, 0, 3000);
	TQ_EXPECT_EQ(q.stats.sent, 1);
	/* two pieces to be sent again: what lies between goes, too */
	tquic_dgramq_bind(&q, d, 1, TQUIC_DGRAM_AGAIN, 0, 1000);
	tquic_dgramq_bind(&q, d, 1, TQUIC_DGRAM_AGAIN, 2000, 3000);
	TQ_EXPECT_EQ(d->from, 0);
	TQ_EXPECT_EQ(d->to, 3000);
	TQ_EXPECT_EQ(q.bytes, 3000);
	tquic_dgramq_took(&q, d, 1, 3000);
	TQ_EXPECT_EQ(q.stats.resent, 1);
	TQ_EXPECT_EQ(q.stats.resent_bytes, 3000);
	/* they arrive: apart, and then together */
	tquic_dgramq_acked(&q, d, 0, 1000);
	tquic_dgramq_acked(&q, d, 2000, 3000);
	TQ_EXPECT_EQ(q.stats.acked, 0);
	tquic_dgramq_acked(&q, d, 1000, 2000);
	tquic_dgramq_acked(&q, d, 2000, 3000);
	tquic_dgramq_acked(&q, d, 2000, 3000);
	TQ_EXPECT_EQ(q.stats.acked, 1);
	TQ_EXPECT(tquic_dgramq_news(&q) == d);
	/* neither news nor what has arrived is sent again */
	tquic_dgramq_bind(&q, d, 1, TQUIC_DGRAM_AGAIN, 0, 10);
	TQ_EXPECT_EQ(q.bytes, 0);
	tquic_dgramq_told(&q, d);
	tquic_dgramq_bind(&q, d, 1, TQUIC_DGRAM_AGAIN, 0, 10);
	TQ_EXPECT_EQ(q.bytes, 0);
	tquic_dgramq_unref(&q, d);
	tquic_dgramq_unref(&q, d);
	TQ_EXPECT_EQ(refs, 1);
	tquic_dgramq_unref(&q, d);
	TQ_EXPECT_EQ(refs, 0);
	finish();
}

TQ_TEST(dgramq_what_arrived_is_not_sent_again)
{
	struct tquic_dgram *d;

	start(1 << 20);
	d = add(0, 1, 100, 0);
	d->refs = 1;
	tquic_dgramq_took(&q, d, 0, 100);
	tquic_dgramq_bind(&q, d, 1, TQUIC_DGRAM_COPY, 0, 100);
	tquic_dgramq_acked(&q, d, 0, 100);
	TQ_EXPECT_EQ(take(1, 0xf, 1), -1);
	TQ_EXPECT_EQ(q.bytes, 0);
	tquic_dgramq_unref(&q, d);
	finish();
}

TQ_TEST(dgramq_memory_is_bounded)
{
	u64 cost = sizeof(struct tquic_dgram), i, n = 0;

	start(100 * (1000 + cost));
	/* no flow takes more than half */
	while (add(0, 0, 1000, 0))
		n++;
	TQ_EXPECT_EQ(n, 50);
	/* bulk leaves a quarter to those who are in a hurry */
	while (add(1, 0, 1000, 0))
		n++;
	TQ_EXPECT_EQ(n, 75);
	TQ_EXPECT_EQ(q.stats.full, 2);
	tquic_dgram_flow_set_class(&q, &flows[2], TQUIC_STREAM_REALTIME);
	for (i = 0; i < 25; i++)
		TQ_EXPECT(add(2, i, 1000, 0));
	/* of these, the old ones make room for the new */
	TQ_EXPECT(add(2, 25, 1000, 0));
	TQ_EXPECT_EQ(take(0, 0x1, 1), 1);
	TQ_EXPECT(q.held <= q.limit);
	/* where there is nothing old, there is no room */
	tquic_dgram_flow_set_class(&q, &flows[3], TQUIC_STREAM_REALTIME);
	TQ_EXPECT(!add(3, 0, 3000, 0));
	tquic_dgram_flow_end(&q, &flows[2]);
	TQ_EXPECT_EQ(flows[2].refs, 0);
	TQ_EXPECT_EQ(take(0, 0x1, 1), -1);
	finish();
}

TQ_TEST(dgramq_late_and_expired_ones_are_told_apart)
{
	struct tquic_dgram_req req = { .handle = &q, .len = 1, .deadline = 5 };
	struct tquic_dgram *d;
	int err = 0;

	start(1 << 20);
	TQ_EXPECT(!tquic_dgramq_add(&q, &flows[0], &req, 5, &err, GFP_KERNEL));
	TQ_EXPECT_EQ(err, -ETIME);
	add(0, 1, 100, 0);
	d = add(0, 2, 100, 0);
	d->refs = 1;
	tquic_dgramq_took(&q, d, 0, 100);
	tquic_dgramq_bind(&q, d, 1, TQUIC_DGRAM_AGAIN, 0, 100);
	TQ_EXPECT_EQ(take(1, 0xf, 1000), -1);
	TQ_EXPECT_EQ(q.stats.late, 1);
	TQ_EXPECT_EQ(q.stats.expired, 1);
	/* sent in time, lost, and too late to be sent again */
	TQ_EXPECT_EQ(q.stats.lost, 1);
	tquic_dgramq_unref(&q, d);
	finish();
}

TQ_OOM_TEST(dgramq_oom)
{
	struct tquic_dgram_req req = { .handle = &q, .deadline = 5 };
	int err = 0;

	start(1 << 20);
	tquic_dgramq_add(&q, &flows[0], &req, 1, &err, GFP_KERNEL);
	TQ_EXPECT_EQ(refs, !err);
	finish();
	return err;
}
