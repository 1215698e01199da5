// SPDX-License-Identifier: GPL-2.0
#include "core/dplace.h"
#include "tap.h"

#define MS TQUIC_NS_PER_MS

static struct tquic_dplace place;
static tquic_time_t now;

static void leg(unsigned int i, u64 owd, u64 rate)
{
	place.legs[i] = (struct tquic_dplace_leg){
		.usable = true, .spare = true, .owd = owd * MS,
		.owd_min = owd * MS, .srtt = 2 * owd * MS, .rate = rate,
	};
}

static void start(struct tquic_dplace_flow *flow)
{
	place = (struct tquic_dplace){};
	now = TQUIC_NS_PER_SEC;
	tquic_dplace_flow_init(flow);
}

/* @ms of time, in which the flow sends so many bytes a second. */
static bool run(struct tquic_dplace_flow *flow, unsigned int ms, u64 rate,
		u64 wait)
{
	bool changed = false;

	for (; ms; ms--) {
		now += MS;
		changed |= tquic_dplace_review(&place, flow, now);
		tquic_dplace_sent(&place, flow, flow->leg, rate / 1000, wait);
	}
	return changed;
}

TQ_TEST(dplace_begins_where_it_lands_first)
{
	struct tquic_dplace_flow flow;

	start(&flow);
	TQ_EXPECT(tquic_dplace_review(&place, &flow, now));
	TQ_EXPECT_EQ(flow.leg, TQUIC_DPLACE_NONE);
	leg(1, 30, 1000000);
	leg(4, 20, 1000000);
	TQ_EXPECT(tquic_dplace_review(&place, &flow, now));
	TQ_EXPECT_EQ(flow.leg, 4);
	/* unless that is full */
	tquic_dplace_flow_init(&flow);
	place.legs[4].full = true;
	TQ_EXPECT(tquic_dplace_review(&place, &flow, now));
	TQ_EXPECT_EQ(flow.leg, 1);
	/* all are full: the first again */
	tquic_dplace_flow_init(&flow);
	place.legs[1].full = true;
	TQ_EXPECT(tquic_dplace_review(&place, &flow, now));
	TQ_EXPECT_EQ(flow.leg, 4);
	/* its leg is gone; it pauses */
	place.legs[4].usable = false;
	TQ_EXPECT(tquic_dplace_review(&place, &flow, now));
	TQ_EXPECT_EQ(flow.leg, 1);
	place.legs[4].usable = true;
	TQ_EXPECT(!tquic_dplace_review(&place, &flow, now + 999 * MS));
	TQ_EXPECT(tquic_dplace_review(&place, &flow, now + 1999 * MS));
	TQ_EXPECT_EQ(flow.leg, 4);
}

TQ_TEST(dplace_spreads_over_near_legs_after_a_second)
{
	struct tquic_dplace_flow flow;

	start(&flow);
	leg(0, 10, 1000000);
	leg(1, 25, 500000);
	leg(2, 27, 500000);	/* too far from the first */
	leg(3, 10, 500000);
	place.legs[3].spare = false;
	run(&flow, 950, 940000, 0);
	TQ_EXPECT_EQ(flow.leg, 0);
	TQ_EXPECT(!flow.spread);
	TQ_EXPECT(run(&flow, 200, 940000, 0));
	TQ_EXPECT_EQ(flow.spread, 0x3);
	TQ_EXPECT_EQ(flow.leg, 0);
	/* it stays so while that is of use */
	TQ_EXPECT(!run(&flow, 3000, 1400000, 0));
	/* a leg moves away */
	place.legs[1].owd_min = 30 * MS;
	TQ_EXPECT(!run(&flow, 750, 1400000, 0));
	TQ_EXPECT(run(&flow, 400, 1400000, 0));
	TQ_EXPECT(!flow.spread);
	/* it returns, another comes nearer */
	place.legs[1].owd_min = 20 * MS;
	place.legs[2].owd_min = 22 * MS;
	TQ_EXPECT(run(&flow, 1500, 1400000, 0));
	TQ_EXPECT_EQ(flow.spread, 0x7);
	place.legs[2].owd_min = 40 * MS;
	TQ_EXPECT(run(&flow, 1500, 1400000, 0));
	TQ_EXPECT_EQ(flow.spread, 0x3);
	/* and less than the best leg has is enough */
	TQ_EXPECT(run(&flow, 1500, 600000, 0));
	TQ_EXPECT(!flow.spread);
	TQ_EXPECT(!run(&flow, 3000, 600000, 0));
}

TQ_TEST(dplace_waiting_tells_of_a_full_leg_too)
{
	struct tquic_dplace_flow flow;

	start(&flow);
	/* the rate is estimated too high */
	leg(0, 10, 2000000);
	leg(1, 11, 2000000);
	TQ_EXPECT(run(&flow, 300, 900000, 4 * MS));
	TQ_EXPECT(!run(&flow, 3000, 900000, 4 * MS));
	TQ_EXPECT(run(&flow, 1500, 900000, 6 * MS));
	TQ_EXPECT_EQ(flow.spread, 0x3);
	TQ_EXPECT(!run(&flow, 3000, 900000, 6 * MS));
}

TQ_TEST(dplace_far_legs_never_share_a_flow)
{
	struct tquic_dplace_flow flow;

	start(&flow);
	leg(0, 10, 1000000);
	leg(1, 80, 1000000);
	TQ_EXPECT(tquic_dplace_near(&place, 0, 0));
	TQ_EXPECT(!tquic_dplace_near(&place, 0, 1));
	TQ_EXPECT(!tquic_dplace_near(&place, 1, 0));
	run(&flow, 1, 0, 0);
	TQ_EXPECT(!run(&flow, 5000, 990000, 50 * MS));
	TQ_EXPECT(!flow.spread);
}

TQ_TEST(dplace_moves_flows_that_share_a_full_leg)
{
	struct tquic_dplace_flow a, b, c = {};
	unsigned int i;

	start(&a);
	tquic_dplace_flow_init(&b);
	leg(0, 10, 1000000);
	leg(1, 30, 1000000);
	for (i = 0; i < 3000; i++) {
		run(&a, 1, 480000, 0);
		now -= MS;
		run(&b, 1, 480000, 0);
	}
	/* one has moved, and one only */
	TQ_EXPECT_EQ(a.leg + b.leg, 1);
	TQ_EXPECT(!a.spread && !b.spread);
	/* there is no room anywhere: all stay */
	start(&a);
	tquic_dplace_flow_init(&b);
	leg(0, 10, 1000000);
	leg(1, 30, 500000);
	for (i = 0; i < 3000; i++) {
		run(&a, 1, 480000, 0);
		now -= MS;
		run(&b, 1, 480000, 0);
		tquic_dplace_sent(&place, &c, 1, 500, 10 * MS);
	}
	TQ_EXPECT_EQ(a.leg + b.leg, 0);
}
