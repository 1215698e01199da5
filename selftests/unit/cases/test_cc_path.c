// SPDX-License-Identifier: GPL-2.0
/* behaviour of cubic and bbr on a bottleneck */
#include <linux/array_size.h>

#include "cc/bbr.h"
#include "lib_cc.h"
#include "tap.h"

#define MS TQUIC_NS_PER_MS
#define SEC TQUIC_NS_PER_SEC

static u64 bdp_of(const struct ccsim *sim)
{
	return (double)sim->rate * sim->rtt / SEC;
}

/* per mille of the rate from @from to @to */
static unsigned int use_of(struct ccsim *sim, const struct tquic_cc_ops *ops,
			   u64 from, u64 to)
{
	unsigned int use;

	ccsim_add(sim, ops, 0);
	ccsim_run(sim, from);
	use = ccsim_use(sim, to - from);
	ccsim_free(sim);
	return use;
}

static const struct {
	u64 rate, rtt;
} pipes[] = {
	{ 125000, 100 * MS }, { 1250000, 40 * MS }, { 12500000, 20 * MS },
	{ 5000000, 150 * MS }, { 2500000, 600 * MS }, { 6000000, 1 * MS },
};

TQ_TEST(cubic_fills_the_pipe_with_one_bdp_of_queue)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pipes); i++) {
		struct ccsim sim = {
			.rate = pipes[i].rate, .rtt = pipes[i].rtt,
		};

		tq_note("pipe %u", i);
		sim.queue = max(bdp_of(&sim), 6000ULL);
		TQ_EXPECT(use_of(&sim, &tquic_cubic_ops, 20 * SEC,
				 60 * SEC) >= 980);
	}
}

/* ProbeRTT takes two round trips of five seconds: dear where they are long */
TQ_TEST(bbr_fills_the_pipe_with_little_queue)
{
	unsigned int i, least;

	for (i = 0; i < ARRAY_SIZE(pipes); i++) {
		struct ccsim sim = {
			.rate = pipes[i].rate, .rtt = pipes[i].rtt,
		};

		tq_note("pipe %u", i);
		sim.queue = max(bdp_of(&sim) / 2, 6000ULL);
		least = sim.rtt > 500 * MS ? 890 : 950;
		TQ_EXPECT(use_of(&sim, &tquic_bbr_ops, 20 * SEC,
				 60 * SEC) >= least);
	}
}

/*
 * With a loss in nearly each round the draft lets the rate decay between two
 * probes (section 5.3.3.8.3 reckons with (1 - p)^rounds, here 63 of them at
 * most), so 0.73 to 0.88 of the rate is what it has to give at 1 %.
 */
TQ_TEST(bbr_stands_random_loss)
{
	static const struct {
		u64 rate, rtt;
		u32 ppm;
		unsigned int least;
	} cases[] = {
		{ 1250000, 40 * MS, 1000, 915 },
		{ 1250000, 40 * MS, 10000, 700 },
		{ 12500000, 40 * MS, 1000, 840 },
		{ 12500000, 40 * MS, 10000, 690 },
		{ 125000, 200 * MS, 10000, 780 },
	};
	unsigned int i, use;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ccsim sim = {
			.rate = cases[i].rate, .rtt = cases[i].rtt,
			.loss_ppm = cases[i].ppm,
		};

		sim.queue = bdp_of(&sim);
		use = use_of(&sim, &tquic_bbr_ops, 5 * SEC, 60 * SEC);
		tq_note("case %u: %u", i, use);
		TQ_EXPECT(use >= cases[i].least);
	}
}

/* share of the first flow, per mille of the other's */
static unsigned int share(struct ccsim *sim, const struct tquic_cc_ops *a,
			  const struct tquic_cc_ops *b, u64 late)
{
	u64 first, second;
	unsigned int ratio;

	ccsim_add(sim, a, 0);
	ccsim_add(sim, b, late);
	ccsim_run(sim, 30 * SEC);
	first = sim->flows[0].delivered;
	second = sim->flows[1].delivered;
	ccsim_run(sim, 150 * SEC);
	first = sim->flows[0].delivered - first;
	second = sim->flows[1].delivered - second;
	ratio = (double)first * 1000 / second;
	ccsim_free(sim);
	return ratio;
}

TQ_TEST(cubic_shares_with_cubic)
{
	static const u64 late[] = { 0, 3 * SEC, 10 * SEC };
	unsigned int i, ratio;

	for (i = 0; i < 3; i++) {
		struct ccsim sim = {
			.rate = 2500000, .rtt = 40 * MS, .queue = 100000,
		};

		ratio = share(&sim, &tquic_cubic_ops, &tquic_cubic_ops,
			      late[i]);
		tq_note("late %u ratio %u", i, ratio);
		TQ_EXPECT(ratio >= 800 && ratio <= 1250);
	}
}

TQ_TEST(bbr_shares_with_bbr)
{
	struct ccsim sim = {
		.rate = 2500000, .rtt = 40 * MS, .queue = 100000,
	};
	unsigned int ratio;

	ratio = share(&sim, &tquic_bbr_ops, &tquic_bbr_ops, 5 * SEC);
	tq_note("ratio %u", ratio);
	TQ_EXPECT(ratio >= 700 && ratio <= 1430);
}

TQ_TEST(bbr_and_cubic_leave_each_other_alive)
{
	struct ccsim sim = {
		.rate = 2500000, .rtt = 40 * MS, .queue = 150000,
	};
	unsigned int ratio;

	ratio = share(&sim, &tquic_bbr_ops, &tquic_cubic_ops, SEC);
	tq_note("ratio %u", ratio);
	TQ_EXPECT(ratio >= 250 && ratio <= 4000);
}

/*
 * A queue is seen a round after it began, at 3.4 BDP, and five rounds at a
 * quarter of the growth make three times that of it.
 */
TQ_TEST(rfc9406_slow_start_ends_before_a_deep_queue_overflows)
{
	static const u64 rtts[] = { 20 * MS, 50 * MS, 150 * MS };
	unsigned int i;

	for (i = 0; i < 3; i++) {
		struct ccsim sim = { .rate = 2500000, .rtt = rtts[i] };
		struct ccsim_flow *flow;

		sim.queue = 11 * bdp_of(&sim);
		flow = ccsim_add(&sim, &tquic_cubic_ops, 0);
		while (flow->cc->ssthresh == U64_MAX && sim.now < 20 * SEC)
			ccsim_run(&sim, sim.now + 10 * MS);
		tq_note("rtt %u", i);
		TQ_EXPECT(flow->cc->ssthresh != U64_MAX);
		TQ_EXPECT_EQ(sim.drops, 0);
		TQ_EXPECT(flow->cc->cwnd >= bdp_of(&sim));
		ccsim_free(&sim);
	}
}

TQ_TEST(cubic_obeys_marks_without_loss)
{
	struct ccsim sim = {
		.rate = 2500000, .rtt = 40 * MS, .queue = 1000000,
		.ce_queue = 60000,
	};

	TQ_EXPECT(use_of(&sim, &tquic_cubic_ops, 10 * SEC, 60 * SEC) >= 970);
	TQ_EXPECT_EQ(sim.drops, 0);
	TQ_EXPECT(sim.max_queue < 400000);
}

/* draft section 3.7 */
TQ_TEST(bbr_draft_3_7_obeys_marks_without_loss)
{
	struct ccsim sim = {
		.rate = 2500000, .rtt = 40 * MS, .queue = 1000000,
		.ce_queue = 20000,
	};
	struct ccsim_flow *flow = ccsim_add(&sim, &tquic_bbr_ops, 0);

	ccsim_run(&sim, 5 * SEC);
	sim.max_queue = 0;
	TQ_EXPECT(ccsim_use(&sim, 40 * SEC) >= 930);
	TQ_EXPECT_EQ(sim.drops, 0);
	TQ_EXPECT(sim.max_queue < 60000);
	TQ_EXPECT(tquic_bbr_priv(flow->cc)->inflight_longterm < 150000);
	ccsim_free(&sim);
}

/**
 * struct walk - the states that a flow went through
 * @state: in order
 * @at: when each was entered, ns
 * @n: how many
 */
struct walk {
	enum tquic_bbr_state state[64];
	u64 at[64];
	unsigned int n;
};

static void note_states(struct ccsim_flow *flow,
			const struct tquic_cc_sample *sample)
{
	const struct tquic_bbr *bbr = tquic_bbr_priv(flow->cc);
	struct walk *walk = flow->arg;

	if (walk->n == 64 ||
	    (walk->n && walk->state[walk->n - 1] == bbr->state))
		return;
	walk->state[walk->n] = bbr->state;
	walk->at[walk->n++] = sample->now;
}

static bool walked(const struct walk *walk, enum tquic_bbr_state state)
{
	unsigned int i;

	for (i = 0; i < walk->n; i++)
		if (walk->state[i] == state)
			return true;
	return false;
}

TQ_TEST(bbr_draft_appendix_startup_plateau_drain_and_cycle)
{
	/* DOWN after Drain and ProbeRTT is over with the same acknowledgment */
	static const enum tquic_bbr_state want[] = {
		TQUIC_BBR_STARTUP, TQUIC_BBR_DRAIN, TQUIC_BBR_CRUISE,
		TQUIC_BBR_REFILL, TQUIC_BBR_UP, TQUIC_BBR_DOWN,
		TQUIC_BBR_CRUISE, TQUIC_BBR_PROBE_RTT, TQUIC_BBR_CRUISE,
	};
	struct ccsim sim = {
		.rate = 2500000, .rtt = 40 * MS, .queue = 400000,
	};
	struct ccsim_flow *flow = ccsim_add(&sim, &tquic_bbr_ops, 0);
	const struct tquic_bbr *bbr = tquic_bbr_priv(flow->cc);
	struct walk walk = { .n = 0 };
	unsigned int i;

	flow->on_ack = note_states;
	flow->arg = &walk;
	ccsim_run(&sim, 7 * SEC);
	TQ_ASSERT_EQ(walk.n, 9);
	for (i = 0; i < 9; i++)
		TQ_EXPECT_EQ(walk.state[i], want[i]);
	TQ_EXPECT(walk.at[1] < 600 * MS);
	TQ_EXPECT(walk.at[2] < walk.at[1] + 160 * MS);
	TQ_EXPECT(walk.at[3] > walk.at[2] + 1990 * MS);
	TQ_EXPECT(walk.at[3] < walk.at[2] + 3010 * MS);
	/* REFILL lasts a round, UP until three rounds show a plateau */
	TQ_EXPECT(walk.at[4] > walk.at[3] + 39 * MS);
	TQ_EXPECT(walk.at[4] < walk.at[3] + 60 * MS);
	TQ_EXPECT(walk.at[5] > walk.at[4] + 120 * MS);
	TQ_EXPECT(walk.at[5] < walk.at[4] + 300 * MS);
	/* DOWN drains what UP queued, a quarter of a BDP or more at 10 % */
	TQ_EXPECT(walk.at[6] > walk.at[5] + 100 * MS);
	TQ_EXPECT(walk.at[6] < walk.at[5] + 500 * MS);
	/* five seconds without a new minimum: for 200 ms and a round */
	TQ_EXPECT(walk.at[7] > 5 * SEC && walk.at[7] < 5100 * MS);
	TQ_EXPECT(walk.at[8] > walk.at[7] + 200 * MS);
	TQ_EXPECT(walk.at[8] < walk.at[7] + 300 * MS);
	/* within 2 % of the path */
	TQ_EXPECT(bbr->max_bw > 2450000 && bbr->max_bw < 2550000);
	TQ_EXPECT(bbr->min_rtt < 41 * MS);
	ccsim_free(&sim);
}

TQ_TEST(bbr_draft_appendix_idle_skips_probe_rtt)
{
	struct ccsim sim = {
		.rate = 2500000, .rtt = 40 * MS, .queue = 400000,
	};
	struct ccsim_flow *flow = ccsim_add(&sim, &tquic_bbr_ops, 0);
	struct walk walk = { .n = 0 };

	flow->on_ack = note_states;
	flow->arg = &walk;
	flow->pause_from = 4 * SEC;
	flow->pause_to = 11 * SEC;
	ccsim_run(&sim, 15 * SEC);
	TQ_EXPECT(!walked(&walk, TQUIC_BBR_PROBE_RTT));
	ccsim_run(&sim, 18 * SEC);
	TQ_EXPECT(walked(&walk, TQUIC_BBR_PROBE_RTT));
	ccsim_free(&sim);
}

TQ_TEST(bbr_draft_appendix_app_limited_startup_never_ends)
{
	struct ccsim sim = {
		.rate = 2500000, .rtt = 40 * MS, .queue = 400000,
	};
	struct ccsim_flow *flow = ccsim_add(&sim, &tquic_bbr_ops, 0);
	const struct tquic_bbr *bbr = tquic_bbr_priv(flow->cc);

	flow->app_rate = 300000;
	ccsim_run(&sim, 4 * SEC);
	TQ_EXPECT_EQ(bbr->state, TQUIC_BBR_STARTUP);
	flow->app_rate = 0;
	ccsim_run(&sim, 6 * SEC);
	TQ_EXPECT(bbr->full_bw_reached);
	TQ_EXPECT(bbr->max_bw > 2450000);
	ccsim_free(&sim);
}

/* section 5.5.4: limited sending neither lowers the estimate nor ages it */
TQ_TEST(bbr_draft_5_5_4_app_limited_keeps_the_estimate)
{
	struct ccsim sim = {
		.rate = 2500000, .rtt = 40 * MS, .queue = 400000,
	};
	struct ccsim_flow *flow = ccsim_add(&sim, &tquic_bbr_ops, 0);
	const struct tquic_bbr *bbr = tquic_bbr_priv(flow->cc);
	u64 before;

	ccsim_run(&sim, 4 * SEC);
	before = bbr->max_bw;
	/* from now on a twentieth of the rate */
	flow->app_rate = sim.rate / 20;
	flow->start = sim.now;
	flow->sent = 0;
	ccsim_run(&sim, 60 * SEC);
	TQ_EXPECT(bbr->max_bw >= before);
	ccsim_free(&sim);
}

TQ_TEST(bbr_draft_appendix_ten_times_the_rate)
{
	struct ccsim sim = {
		.rate = 1250000, .rtt = 40 * MS, .queue = 150000,
	};
	struct ccsim_flow *flow = ccsim_add(&sim, &tquic_bbr_ops, 0);
	const struct tquic_bbr *bbr = tquic_bbr_priv(flow->cc);

	ccsim_run(&sim, 6 * SEC);
	sim.rate *= 10;
	ccsim_run(&sim, 12 * SEC);
	TQ_EXPECT(bbr->max_bw > 12000000);
	/* ... and back: two cycles of the filter, and what they take */
	sim.rate /= 10;
	ccsim_run(&sim, 24 * SEC);
	TQ_EXPECT(bbr->max_bw < 1400000);
	TQ_EXPECT(ccsim_use(&sim, 20 * SEC) >= 930);
	ccsim_free(&sim);
}

TQ_TEST(bbr_draft_appendix_sub_packet_bdp)
{
	struct ccsim sim = {
		.rate = 12500, .rtt = 10 * MS, .queue = 20000,
	};
	struct ccsim_flow *flow = ccsim_add(&sim, &tquic_bbr_ops, 0);

	ccsim_run(&sim, 10 * SEC);
	TQ_EXPECT(ccsim_use(&sim, 20 * SEC) >= 950);
	TQ_EXPECT(flow->cc->cwnd >= 4 * CCSIM_MDS);
	ccsim_free(&sim);
}

/* acknowledgments that come in batches do not starve the sender */
TQ_TEST(bbr_draft_appendix_aggregation)
{
	struct ccsim sim = {
		.rate = 5000000, .rtt = 20 * MS, .queue = 400000,
		.ack_slot = 20 * MS,
	};
	struct ccsim_flow *flow = ccsim_add(&sim, &tquic_bbr_ops, 0);

	ccsim_run(&sim, 5 * SEC);
	TQ_EXPECT(ccsim_use(&sim, 20 * SEC) >= 930);
	TQ_EXPECT(tquic_bbr_priv(flow->cc)->extra_acked > 20000);
	ccsim_free(&sim);
}

TQ_TEST(rfc9002_7_7_cubic_restarts_from_idle_without_loss)
{
	struct ccsim sim = {
		.rate = 2500000, .rtt = 40 * MS, .queue = 100000,
	};
	struct ccsim_flow *flow = ccsim_add(&sim, &tquic_cubic_ops, 0);
	u64 cwnd, drops;

	flow->pause_from = 9900 * MS;
	flow->pause_to = 40 * SEC;
	ccsim_run(&sim, 39 * SEC);
	cwnd = flow->cc->cwnd;
	drops = sim.drops;
	ccsim_run(&sim, 40100 * MS);
	TQ_EXPECT(flow->cc->cwnd >= cwnd);
	TQ_EXPECT(flow->cc->cwnd <= cwnd + cwnd / 20);
	TQ_EXPECT_EQ(sim.drops, drops);
	TQ_EXPECT(ccsim_use(&sim, 10 * SEC) >= 970);
	ccsim_free(&sim);
}

TQ_TEST(cc_same_seed_gives_the_same_run)
{
	u64 delivered[2];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct ccsim sim = {
			.rate = 1250000, .rtt = 40 * MS, .queue = 50000,
		};

		ccsim_add(&sim, &tquic_bbr_ops, 0);
		sim.flows[0].cc->rng = 7;
		ccsim_add(&sim, &tquic_cubic_ops, 0);
		ccsim_run(&sim, 20 * SEC);
		delivered[i] = sim.flows[0].delivered;
		ccsim_free(&sim);
	}
	TQ_EXPECT_EQ(delivered[0], delivered[1]);
}
