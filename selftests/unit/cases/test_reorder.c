// SPDX-License-Identifier: GPL-2.0
#include "core/reorder.h"
#include "tap.h"

#define MS	TQUIC_NS_PER_MS
#define PKTS	4096

static struct tquic_reorder r;
static struct tquic_reorder_item items[PKTS];
static tquic_time_t now;
static u64 out[PKTS];
static unsigned int nout;

static void start(u64 hold)
{
	now = TQUIC_NS_PER_SEC;
	nout = 0;
	tquic_reorder_init(&r, 0, hold);
}

static void drain(struct list_head *list)
{
	struct tquic_reorder_item *item, *next;

	list_for_each_entry_safe(item, next, list, link) {
		list_del(&item->link);
		out[nout++] = item->seq;
	}
}

static bool push(u32 leg, u64 seq, u8 others)
{
	struct tquic_reorder_in in = {
		.now = now, .leg = leg, .others = others, .gfp = GFP_KERNEL,
	};
	LIST_HEAD(list);
	bool took;

	items[seq].seq = seq;
	took = tquic_reorder_push(&r, &items[seq], &in, &list);
	drain(&list);
	return took;
}

static bool push_again(u32 leg, u64 seq)
{
	struct tquic_reorder_in in = {
		.now = now, .leg = leg, .others = 1, .again = true,
		.gfp = GFP_KERNEL,
	};
	LIST_HEAD(list);
	bool took;

	items[seq].seq = seq;
	took = tquic_reorder_push(&r, &items[seq], &in, &list);
	drain(&list);
	return took;
}

static void pass(u64 ms)
{
	LIST_HEAD(list);

	now += ms * MS;
	tquic_reorder_timeout(&r, now, &list, GFP_KERNEL);
	drain(&list);
	TQ_EXPECT(tquic_reorder_deadline(&r) > now);
}

static void finish(void)
{
	LIST_HEAD(list);

	tquic_reorder_flush(&r, &list);
	drain(&list);
	TQ_EXPECT_EQ(r.count, 0);
	TQ_EXPECT_EQ(tquic_reorder_deadline(&r), TQUIC_TIME_NEVER);
	tquic_reorder_free(&r);
}

/* what was released is just this */
#define RELEASED(...)							\
	do {								\
		u64 want[] = { __VA_ARGS__ };				\
		unsigned int k;						\
									\
		TQ_EXPECT_EQ(nout, ARRAY_SIZE(want));			\
		for (k = 0; k < nout && k < ARRAY_SIZE(want); k++)	\
			TQ_EXPECT_EQ(out[k], want[k]);			\
		nout = 0;						\
	} while (0)

TQ_TEST(reorder_single_leg_is_never_held)
{
	start(600 * MS);
	push(0, 0, 0);
	push(0, 2, 0);
	push(0, 5, 0);
	RELEASED(0, 2, 5);
	TQ_EXPECT_EQ(r.lost, 3);
	/* overtaken on its way: late, but not thrown away */
	TQ_EXPECT(push(0, 1, 0));
	RELEASED(1);
	TQ_EXPECT_EQ(r.too_late, 1);
	/* once only */
	TQ_EXPECT(!push(0, 1, 0));
	TQ_EXPECT(!push(0, 5, 0));
	TQ_EXPECT_EQ(nout, 0);
	finish();
}

TQ_TEST(rfc1990_4_1_hole_is_lost_when_all_legs_went_past)
{
	start(600 * MS);
	push(0, 0, 1);
	push(0, 1, 1);
	RELEASED(0, 1);
	/* 2 is missing; leg 1 was not heard of yet */
	push(0, 3, 1);
	push(0, 4, 1);
	TQ_EXPECT_EQ(nout, 0);
	/* now both are beyond it */
	push(1, 5, 1);
	RELEASED(3, 4, 5);
	TQ_EXPECT_EQ(r.lost, 1);
	/* the other leg may still have it */
	push(0, 7, 1);
	push(0, 9, 1);
	TQ_EXPECT_EQ(nout, 0);
	push(1, 6, 1);
	RELEASED(6, 7);
	push(1, 8, 1);
	RELEASED(8, 9);
	TQ_EXPECT_EQ(r.lost, 1);
	finish();
}

TQ_TEST(reorder_a_leg_no_longer_used_is_not_waited_for)
{
	start(600 * MS);
	push(0, 0, 1);
	push(1, 1, 1);
	now += MS;
	/* from now on the flow is on leg 0 and a new one */
	push(0, 2, 1);
	push(2, 4, 1);
	TQ_EXPECT_EQ(nout, 3);
	nout = 0;
	push(0, 5, 1);
	RELEASED(4, 5);
	/* and at last on one */
	push(0, 7, 0);
	RELEASED(7);
	finish();
}

TQ_TEST(reorder_time_decides_when_a_leg_is_silent)
{
	unsigned int i;

	start(600 * MS);
	push(0, 0, 1);
	nout = 0;
	/* nothing measured yet: the bound of the flow */
	push(0, 2, 1);
	pass(599);
	TQ_EXPECT_EQ(nout, 0);
	pass(1);
	RELEASED(2);
	TQ_EXPECT_EQ(r.expired, 1);
	/* leg 1 is 20 ms later, each time */
	for (i = 3; i < 23; i += 2) {
		push(0, i + 1, 1);
		pass(20);
		push(1, i, 1);
	}
	nout = 0;
	TQ_EXPECT_EQ(tquic_reorder_wait(&r), 26 * MS);
	push(0, 24, 1);
	pass(25);
	TQ_EXPECT_EQ(nout, 0);
	pass(1);
	RELEASED(24);
	/* what comes after that teaches patience */
	pass(14);
	TQ_EXPECT(push(1, 23, 1));
	RELEASED(23);
	TQ_EXPECT_EQ(tquic_reorder_wait(&r), 51 * MS);
	/* which is forgotten in time */
	for (i = 25; i < 525; i += 2) {
		push(0, i + 1, 1);
		pass(20);
		push(1, i, 1);
	}
	TQ_EXPECT_EQ(tquic_reorder_wait(&r), 26 * MS);
	finish();
}

TQ_TEST(reorder_what_is_sent_again_teaches_nothing)
{
	unsigned int i;

	start(600 * MS);
	for (i = 0; i < 20; i += 2) {
		push(0, i + 1, 1);
		pass(10);
		push(1, i, 1);
	}
	TQ_EXPECT_EQ(tquic_reorder_wait(&r), 13500000);
	nout = 0;
	push(0, 21, 1);
	pass(13);
	TQ_EXPECT(push_again(1, 20));
	RELEASED(20, 21);
	push(0, 23, 1);
	pass(100);
	TQ_EXPECT(push_again(1, 22));
	RELEASED(23, 22);
	TQ_EXPECT_EQ(tquic_reorder_wait(&r), 13500000);
	/* nor does it say that its leg went past anything */
	push(0, 25, 1);
	TQ_EXPECT(push_again(1, 27));
	push(0, 26, 1);
	TQ_EXPECT_EQ(nout, 0);
	finish();
}

TQ_TEST(reorder_patient_flows_wait_for_repetitions)
{
	start(600 * MS);
	r.patient = true;
	push(0, 0, 0);
	RELEASED(0);
	/* nobody has ever repeated anything: not waited for */
	push(0, 2, 0);
	RELEASED(2);
	pass(40);
	TQ_EXPECT(push_again(1, 1));
	RELEASED(1);
	/* now it is known how long that takes */
	push(0, 4, 0);
	push(0, 5, 0);
	TQ_EXPECT_EQ(nout, 0);
	pass(30);
	push(0, 6, 0);
	TQ_EXPECT(push_again(1, 3));
	RELEASED(3, 4, 5, 6);
	/* and no longer, if it is lost again */
	push(0, 8, 0);
	pass(50);
	TQ_EXPECT_EQ(nout, 0);
	pass(1);
	RELEASED(8);
	TQ_EXPECT_EQ(r.expired, 1);
	/* on several legs, too: lost is lost after as long */
	push(1, 9, 1);
	push(0, 11, 1);
	RELEASED(9);
	push(1, 12, 1);
	pass(51);
	RELEASED(11, 12);
	/* after a while without repetitions nobody waits any more */
	pass(5000);
	push(0, 13, 0);
	RELEASED(13);
	push(0, 15, 0);
	RELEASED(15);
	finish();
}

TQ_TEST(reorder_never_holds_longer_than_allowed)
{
	unsigned int i;

	start(30 * MS);
	for (i = 0; i < 40; i += 2) {
		push(0, i + 1, 1);
		pass(200);
		push(1, i, 1);
	}
	TQ_EXPECT_EQ(tquic_reorder_wait(&r), 30 * MS);
	tquic_reorder_init(&r, 0, TQUIC_NS_PER_SEC);
	TQ_EXPECT_EQ(r.hold, 600 * MS);
	finish();
}

TQ_TEST(reorder_more_legs_than_it_knows)
{
	u64 i;

	start(600 * MS);
	for (i = 0; i < 40; i++) {
		now += MS;
		push(i % 12, i, 11);
	}
	TQ_EXPECT_EQ(r.nlegs, TQUIC_REORDER_LEGS);
	TQ_EXPECT_EQ(nout, 40);
	/* then only time helps */
	push(0, 41, 11);
	push(1, 42, 11);
	TQ_EXPECT_EQ(nout, 40);
	pass(600);
	TQ_EXPECT_EQ(nout, 42);
	finish();
}

/*
 * Two legs with delays of their own, each in order, some packets lost: all
 * that arrives is released once, in order unless it was given up, in time.
 */
TQ_TEST(reorder_against_a_model)
{
	static tquic_time_t at[2][PKTS];
	static u64 seq[2][PKTS];
	unsigned int round, i, leg, n[2], pos[2], arrived;
	tquic_time_t sent, last[2];

	for (round = 0; round < 50; round++) {
		start(600 * MS);
		memset(n, 0, sizeof(n));
		memset(pos, 0, sizeof(pos));
		memset(last, 0, sizeof(last));
		arrived = 0;
		for (i = 0; i < 1000; i++) {
			sent = now + i * MS / 4;
			leg = tq_rand_below(2);
			if (!tq_rand_below(50))
				continue;
			sent += (leg ? 30 : 5) * MS + tq_rand_below(4 * MS);
			last[leg] = max(last[leg], sent);
			at[leg][n[leg]] = last[leg];
			seq[leg][n[leg]++] = i;
		}
		while (pos[0] < n[0] || pos[1] < n[1]) {
			leg = pos[0] == n[0] ||
			      (pos[1] < n[1] &&
			       at[1][pos[1]] < at[0][pos[0]]);
			now = at[leg][pos[leg]];
			pass(0);
			TQ_EXPECT(push(leg, seq[leg][pos[leg]++], 1));
			arrived++;
		}
		pass(601);
		TQ_EXPECT_EQ(nout, arrived);
		for (i = 1; i < nout; i++)
			TQ_EXPECT(out[i] > out[i - 1]);
		/* nearly all holes are known to be lost without waiting */
		TQ_EXPECT(r.expired <= 2);
		TQ_EXPECT_EQ(r.too_late, 0);
		finish();
	}
}

TQ_OOM_TEST(reorder_oom)
{
	int err;

	start(600 * MS);
	push(0, 0, 0);
	push(0, 5, 0);
	RELEASED(0, 5);
	/* without memory it is forgotten that 1 to 4 are missing */
	err = push(0, 2, 0) ? 0 : -ENOMEM;
	TQ_EXPECT_EQ(nout, err ? 0 : 1);
	/* and what is released twice does no harm */
	push(0, 2, 0);
	finish();
	return tq_oom_hit() ? -ENOMEM : err;
}
