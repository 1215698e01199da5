// SPDX-License-Identifier: GPL-2.0
/* behaviour of poise on a bottleneck */
#include <linux/array_size.h>

#include "cc/poise.h"
#include "lib_cc.h"
#include "tap.h"

#define MS TQUIC_NS_PER_MS
#define SEC TQUIC_NS_PER_SEC

/* Mb/s, ms; queue in ms */
static const struct {
	double rate;
	unsigned int rtt, queue;
} pipes[] = {
	{ 0.1, 40, 2000 }, { 1, 40, 500 }, { 10, 40, 40 }, { 50, 40, 500 },
	{ 100, 20, 20 }, { 300, 10, 500 }, { 300, 2, 500 }, { 20, 100, 25 },
};

TQ_TEST(poise_fills_the_pipe_and_keeps_the_queue_short)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pipes); i++) {
		struct ccsim sim = {
			.rate = pipes[i].rate * 125000,
			.rtt = pipes[i].rtt * MS,
			.ack_every = 8, .ack_delay = 25 * MS,
		};
		u64 limit;

		sim.queue = max_t(u64, pipes[i].queue * sim.rate / 1000, 6000);
		ccsim_add(&sim, &tquic_poise_ops, 0);
		ccsim_run(&sim, 10 * SEC);
		ccsim_queue_reset(&sim);
		tq_note("pipe %u", i);
		TQ_EXPECT(ccsim_use(&sim, 50 * SEC) >= 975);
		limit = max(10000ULL, pipes[i].rtt * 250ULL) +
			3 * CCSIM_MDS * 1000000ULL / sim.rate;
		TQ_EXPECT(ccsim_queue(&sim, 500) <= limit);
		ccsim_free(&sim);
	}
}

/* The state of the first sender of a bottleneck. */
static const struct tquic_poise *state_of(const struct ccsim *sim)
{
	return tquic_poise_priv(sim->flows[0].cc);
}

TQ_TEST(poise_starts_up_in_a_few_round_trips)
{
	unsigned int i;

	for (i = 1; i < ARRAY_SIZE(pipes); i++) {
		struct ccsim sim = {
			.rate = pipes[i].rate * 125000,
			.rtt = pipes[i].rtt * MS,
			.ack_every = 2, .ack_delay = 25 * MS,
		};
		u64 bdp = (double)sim.rate * sim.rtt / SEC, rtts = 4;

		sim.queue = 4 * bdp + sim.rate / 10 + 60000;
		ccsim_add(&sim, &tquic_poise_ops, 0);
		tq_note("pipe %u", i);
		for (; bdp > 12000; bdp /= 2)
			rtts++;
		ccsim_run(&sim, rtts * sim.rtt + 300 * MS);
		/* no more of a queue than a round of doubling leaves behind */
		TQ_EXPECT(sim.max_queue <= (double)sim.rate * sim.rtt / SEC +
			  sim.rate / 20 + 24000);
		TQ_EXPECT_EQ(sim.drops, 0);
		TQ_EXPECT(ccsim_use(&sim, SEC) >= 900);
		ccsim_free(&sim);
	}
}

TQ_TEST(poise_does_not_give_in_to_random_loss)
{
	static const u32 ppm[] = { 1000, 10000, 20000, 40000, 80000 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ppm); i++) {
		struct ccsim sim = {
			.rate = 2500000, .rtt = 60 * MS, .queue = 600000,
			.loss_ppm = ppm[i], .ack_every = 2,
			.ack_delay = 25 * MS,
		};

		tq_note("%u ppm", ppm[i]);
		ccsim_add(&sim, &tquic_poise_ops, 0);
		ccsim_run(&sim, 15 * SEC);
		ccsim_queue_reset(&sim);
		TQ_EXPECT(ccsim_use(&sim, 40 * SEC) >=
			  (1000 - ppm[i] / 1000) * 95 / 100);
		/* 10 ms, and no long queue in its place */
		TQ_EXPECT(ccsim_queue(&sim, 950) <= 20000);
		TQ_EXPECT_EQ(sim.drops, 0);
		ccsim_free(&sim);
	}
}

TQ_TEST(poise_gives_in_to_a_queue_that_overflows)
{
	/* a buffer of 2 ms at 40 ms, below what is aimed for */
	struct ccsim sim = {
		.rate = 6250000, .rtt = 40 * MS, .queue = 12500,
		.ack_every = 2, .ack_delay = 25 * MS,
	};
	u64 lost;

	ccsim_add(&sim, &tquic_poise_ops, 0);
	ccsim_run(&sim, 20 * SEC);
	lost = sim.drops;
	TQ_EXPECT(ccsim_use(&sim, 40 * SEC) >= 850);
	TQ_EXPECT((sim.drops - lost) * CCSIM_MDS * 100 < 3 * 40 * sim.rate);
	TQ_EXPECT(state_of(&sim)->target_cap < 5 * MS);
	ccsim_free(&sim);
}

TQ_TEST(poise_follows_steps_of_the_rate)
{
	static const struct ccsim_step steps[] = {
		{ 10 * SEC, 1125000 }, { 16 * SEC, 7500000 },
		{ TQUIC_TIME_NEVER, 0 },
	};
	struct ccsim sim = {
		.rate = 5625000, .rtt = 40 * MS, .queue = 3000000,
		.ack_every = 2, .ack_delay = 25 * MS, .steps = steps,
	};

	ccsim_add(&sim, &tquic_poise_ops, 0);
	ccsim_run(&sim, 10 * SEC);
	/* twice what the path held, and two round trips, to carry away */
	ccsim_run(&sim, 10 * SEC + 480 * MS);
	ccsim_queue_reset(&sim);
	TQ_EXPECT(ccsim_use(&sim, 5 * SEC) >= 950);
	TQ_EXPECT(ccsim_queue(&sim, 900) <= 20000);
	ccsim_run(&sim, 16 * SEC + 700 * MS);
	TQ_EXPECT(ccsim_use(&sim, 2 * SEC) >= 900);
	TQ_EXPECT_EQ(sim.drops, 0);
	ccsim_free(&sim);
}

TQ_TEST(poise_follows_a_longer_route)
{
	struct ccsim sim = {
		.rate = 2500000, .rtt = 30 * MS, .queue = 1000000,
		.ack_every = 2, .ack_delay = 25 * MS,
	};

	ccsim_add(&sim, &tquic_poise_ops, 0);
	ccsim_run(&sim, 10 * SEC);
	sim.rtt = 90 * MS;
	ccsim_run(&sim, 20 * SEC);
	ccsim_queue_reset(&sim);
	TQ_EXPECT(ccsim_use(&sim, 20 * SEC) >= 950);
	TQ_EXPECT(ccsim_queue(&sim, 500) <= 15000);
	TQ_EXPECT(state_of(&sim)->state != TQUIC_POISE_RIVAL);
	ccsim_free(&sim);
}

/* a queue of so many BDP, and the least share beside CUBIC, per mille */
static const struct {
	unsigned int quarters, share;
} rivals[] = {
	{ 1, 250 }, { 4, 250 }, { 16, 200 },
};

TQ_TEST(poise_holds_its_own_beside_cubic_and_forgets_it_afterwards)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rivals); i++) {
		struct ccsim sim = {
			.rate = 6250000, .rtt = 40 * MS,
			.queue = 62500ULL * rivals[i].quarters,
			.ack_every = 2, .ack_delay = 25 * MS,
		};
		u64 mine, all;

		tq_note("queue %u/4 BDP", rivals[i].quarters);
		ccsim_add(&sim, &tquic_poise_ops, 0);
		ccsim_add(&sim, &tquic_cubic_ops, 2 * SEC);
		ccsim_run(&sim, 20 * SEC);
		mine = sim.flows[0].delivered;
		all = ccsim_delivered(&sim);
		ccsim_run(&sim, 80 * SEC);
		mine = sim.flows[0].delivered - mine;
		all = ccsim_delivered(&sim) - all;
		TQ_EXPECT(mine * 1000 >= all * rivals[i].share);
		TQ_EXPECT(mine * 1000 <= all * 700);
		TQ_EXPECT(all >= 60 * sim.rate * 95 / 100);
		/* the neighbour ends */
		sim.flows[1].start = TQUIC_TIME_NEVER / 2;
		ccsim_run(&sim, 110 * SEC);
		ccsim_queue_reset(&sim);
		TQ_EXPECT(ccsim_use(&sim, 20 * SEC) >= 950);
		TQ_EXPECT(ccsim_queue(&sim, 500) <= 12000);
		TQ_EXPECT(state_of(&sim)->state != TQUIC_POISE_RIVAL);
		ccsim_free(&sim);
	}
}

TQ_TEST(poise_takes_jitter_for_no_queue)
{
	/* mean, ms; share from 12 s on; delay of the queue, ms */
	static const struct {
		unsigned int jitter, share, queue;
	} links[] = {
		{ 2, 960, 30 }, { 5, 950, 60 }, { 9, 900, 120 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(links); i++) {
		struct ccsim sim = {
			.rate = 5000000, .rtt = 56 * MS, .queue = 2500000,
			.jitter = links[i].jitter * MS, .ack_every = 2,
			.ack_delay = 25 * MS,
		};

		tq_note("jitter %u ms", links[i].jitter);
		ccsim_add(&sim, &tquic_poise_ops, 0);
		ccsim_run(&sim, 12 * SEC);
		ccsim_queue_reset(&sim);
		TQ_EXPECT(ccsim_use(&sim, 40 * SEC) >= links[i].share);
		TQ_EXPECT(ccsim_queue(&sim, 500) <= links[i].queue * 1000);
		ccsim_free(&sim);
	}
}

TQ_TEST(poise_keeps_its_window_while_the_application_has_little)
{
	struct ccsim sim = {
		.rate = 6250000, .rtt = 40 * MS, .queue = 1000000,
		.ack_every = 2, .ack_delay = 25 * MS,
	};
	struct ccsim_flow *flow = ccsim_add(&sim, &tquic_poise_ops, 0);
	u64 cwnd, bw;

	ccsim_run(&sim, 10 * SEC);
	cwnd = flow->cc->cwnd;
	bw = state_of(&sim)->bw;
	flow->pause_from = 10 * SEC;
	flow->pause_to = 15 * SEC;
	ccsim_run(&sim, 15 * SEC);
	/* a tenth of it, from now on */
	flow->start = 15 * SEC;
	flow->sent = 0;
	flow->app_rate = sim.rate / 10;
	ccsim_run(&sim, 30 * SEC);
	TQ_EXPECT(flow->cc->cwnd >= cwnd * 8 / 10);
	TQ_EXPECT(flow->cc->cwnd <= cwnd * 12 / 10);
	TQ_EXPECT(state_of(&sim)->bw >= bw * 9 / 10);
	flow->app_rate = 0;
	TQ_EXPECT(ccsim_use(&sim, SEC) >= 900);
	TQ_EXPECT_EQ(sim.drops, 0);
	ccsim_free(&sim);
}

TQ_TEST(poise_takes_a_freeze_for_no_queue)
{
	struct ccsim sim = {
		.rate = 2500000, .rtt = 50 * MS, .queue = 5000000,
		.freeze_every = 10 * SEC, .freeze_min = 200 * MS,
		.freeze_max = 800 * MS, .ack_every = 2, .ack_delay = 25 * MS,
	};

	ccsim_add(&sim, &tquic_poise_ops, 0);
	ccsim_run(&sim, 5 * SEC);
	/* a twentieth of the time it stands still */
	TQ_EXPECT(ccsim_use(&sim, 60 * SEC) >= 900);
	TQ_EXPECT(state_of(&sim)->state != TQUIC_POISE_RIVAL);
	TQ_EXPECT_EQ(sim.drops, 0);
	ccsim_free(&sim);
}

TQ_TEST(poise_takes_no_delay_on_the_way_back_for_a_queue)
{
	struct ccsim sim = {
		.rate = 2500000, .rtt = 40 * MS, .queue = 2000000,
		.ack_jitter = 4 * MS, .ack_every = 2, .ack_delay = 25 * MS,
	};

	ccsim_add(&sim, &tquic_poise_ops, 0);
	ccsim_run(&sim, 10 * SEC);
	ccsim_queue_reset(&sim);
	TQ_EXPECT(ccsim_use(&sim, 30 * SEC) >= 950);
	TQ_EXPECT(ccsim_queue(&sim, 500) <= 40000);
	ccsim_free(&sim);
}

TQ_TEST(poise_obeys_marks)
{
	struct ccsim sim = {
		.rate = 6250000, .rtt = 20 * MS, .queue = 600000,
		.ce_queue = 12000, .ack_every = 2, .ack_delay = 25 * MS,
	};

	ccsim_add(&sim, &tquic_poise_ops, 0);
	ccsim_run(&sim, 10 * SEC);
	sim.max_queue = 0;
	TQ_EXPECT(ccsim_use(&sim, 30 * SEC) >= 900);
	TQ_EXPECT(sim.max_queue <= 60000);
	TQ_EXPECT_EQ(sim.drops, 0);
	ccsim_free(&sim);
}

TQ_TEST(poise_lives_with_a_policer)
{
	struct ccsim sim = {
		.rate = 3125000, .rtt = 30 * MS, .bucket = 60000,
		.ack_every = 2, .ack_delay = 25 * MS,
	};
	u64 drops;

	ccsim_add(&sim, &tquic_poise_ops, 0);
	ccsim_run(&sim, 10 * SEC);
	drops = sim.drops;
	TQ_EXPECT(ccsim_use(&sim, 50 * SEC) >= 850);
	/* three packets of a hundred */
	TQ_EXPECT((sim.drops - drops) * CCSIM_MDS * 100 <=
		  3 * 50 * sim.rate);
	ccsim_free(&sim);
}

TQ_TEST(poise_survives_the_loss_of_all_that_was_under_way)
{
	struct ccsim sim = {
		.rate = 2500000, .rtt = 40 * MS, .queue = 500000,
		.ack_every = 2, .ack_delay = 25 * MS,
	};
	struct tquic_cc *cc = ccsim_add(&sim, &tquic_poise_ops, 0)->cc;
	struct tquic_cc_loss loss = { .bytes = 400 * CCSIM_MDS, .ranges = 1 };
	u64 before;

	ccsim_run(&sim, 10 * SEC);
	before = cc->cwnd;
	loss.now = sim.now;
	loss.largest_sent = sim.now;
	cc->ops->on_loss(cc, &loss);
	ccsim_run(&sim, 10 * SEC + 200 * MS);
	TQ_EXPECT(cc->cwnd <= before);
	TQ_EXPECT(cc->cwnd >= before / 8);
	ccsim_run(&sim, 14 * SEC);
	TQ_EXPECT(ccsim_use(&sim, 5 * SEC) >= 900);
	TQ_EXPECT(cc->cwnd <= 2 * before);
	ccsim_free(&sim);
}

TQ_TEST(poise_begins_anew_after_persistent_congestion)
{
	struct ccsim sim = {
		.rate = 2500000, .rtt = 40 * MS, .queue = 500000,
		.ack_every = 2, .ack_delay = 25 * MS,
	};
	struct tquic_cc *cc = ccsim_add(&sim, &tquic_poise_ops, 0)->cc;

	ccsim_run(&sim, 10 * SEC);
	cc->ops->on_persistent(cc, sim.now);
	TQ_EXPECT_EQ(cc->cwnd, 2 * CCSIM_MDS);
	TQ_EXPECT_EQ(cc->ssthresh, U64_MAX);
	TQ_EXPECT_EQ(state_of(&sim)->state, TQUIC_POISE_RAMP);
	ccsim_run(&sim, 11 * SEC);
	TQ_EXPECT(ccsim_use(&sim, 5 * SEC) >= 900);
	ccsim_free(&sim);
}

TQ_TEST(poise_initial_window_follows_the_datagram_size)
{
	struct tquic_cc *cc = ccsim_new(&tquic_poise_ops, SEC);
	struct tquic_cc_sample sample = {
		.now = SEC, .acked_bytes = CCSIM_MDS, .rtt = 10 * MS,
		.srtt = 10 * MS, .delivered = CCSIM_MDS,
	};
	u64 cwnd;

	/* RFC 9002 section 7.2 */
	TQ_EXPECT_EQ(cc->cwnd, 10 * CCSIM_MDS);
	cc->mds = 1400;
	cc->ops->on_mds(cc);
	TQ_EXPECT_EQ(cc->cwnd, 14000);
	cc->srtt = 10 * MS;
	cc->ops->on_ack(cc, &sample);
	cwnd = cc->cwnd;
	cc->mds = CCSIM_MDS;
	cc->ops->on_mds(cc);
	TQ_EXPECT_EQ(cc->cwnd, cwnd);
	tquic_cc_free(cc);
}

/*
 * A path that lost everything carries only control frames, which tell nothing
 * of what it could carry: a rate made of them would keep data away for ever.
 */
TQ_TEST(poise_paces_the_least_window_per_round_trip_at_least)
{
	struct tquic_cc *cc = ccsim_new(&tquic_poise_ops, SEC);
	struct tquic_cc_sample sample = {
		.rtt = 20 * MS, .srtt = 20 * MS, .rate = 500,
		.app_limited = true, .acked_bytes = 50,
	};
	unsigned int i;

	cc->ops->on_persistent(cc, SEC);
	for (i = 1; i <= 20; i++) {
		sample.now = (1 + i) * SEC;
		sample.largest_acked_sent = sample.now - 20 * MS;
		sample.delivered = 50 * i;
		cc->ops->on_ack(cc, &sample);
		if (i == 10)
			tquic_poise_hold(cc, sample.now, cc->cwnd);
	}
	TQ_EXPECT_EQ(tquic_poise_priv(cc)->state, TQUIC_POISE_HOLD);
	TQ_EXPECT(cc->pacing_rate >= 2 * CCSIM_MDS * 50);
	tquic_cc_free(cc);
}
