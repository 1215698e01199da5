// SPDX-License-Identifier: GPL-2.0
/* BBR by hand-made events: exact edges; section numbers are the draft's */
#include <linux/array_size.h>

#include "cc/bbr.h"
#include "lib_cc.h"
#include "tap.h"

#define MS TQUIC_NS_PER_MS
#define SEC TQUIC_NS_PER_SEC
#define MDS ((u64)CCSIM_MDS)
#define RATE 1000000ULL
#define RTT (100 * MS)

/**
 * struct drive - a controller on a path that is always the same
 * @cc: controller
 * @bbr: its state
 * @now: ns
 * @rtt: of the samples to come, ns
 * @rate: of the samples to come, bytes per second
 * @delivered: bytes
 * @in_flight: of the samples to come, bytes
 * @limited: of the samples to come
 */
struct drive {
	struct tquic_cc *cc;
	struct tquic_bbr *bbr;
	u64 now;
	u64 rtt;
	u64 rate;
	u64 delivered;
	u64 in_flight;
	bool limited;
};

static struct drive drive_new(void)
{
	struct drive drive = {
		.now = SEC, .rtt = RTT, .rate = RATE, .in_flight = 100000,
	};

	drive.cc = ccsim_new(&tquic_bbr_ops, drive.now);
	drive.bbr = tquic_bbr_priv(drive.cc);
	return drive;
}

/* one acknowledgment that ends a round, an RTT after the one before */
static struct tquic_cc_sample next(struct drive *drive, u64 bytes)
{
	u64 prior = drive->delivered;

	drive->now += drive->rtt ? drive->rtt : MS;
	drive->delivered += bytes;
	return (struct tquic_cc_sample){
		.now = drive->now,
		.acked_bytes = bytes,
		.prior_in_flight = drive->in_flight + bytes,
		.in_flight = drive->in_flight,
		.largest_acked_sent = drive->now - drive->rtt,
		.rtt = drive->rtt,
		.srtt = drive->rtt,
		.delivered = drive->delivered,
		.prior_delivered = prior,
		.rate = drive->rate,
		.tx_in_flight = drive->in_flight,
		.app_limited = drive->limited,
	};
}

static void ack(struct drive *drive, u64 bytes)
{
	struct tquic_cc_sample sample = next(drive, bytes);

	drive->cc->ops->on_ack(drive->cc, &sample);
}

static void lose(struct drive *drive, u64 bytes, u32 ranges)
{
	struct tquic_cc_loss loss = {
		.now = drive->now, .bytes = bytes,
		.largest_sent = drive->now - drive->rtt,
		.in_flight = drive->in_flight,
		.tx_in_flight = drive->in_flight, .lost_since_tx = bytes,
		.delivered = drive->delivered, .ranges = ranges,
	};

	drive->cc->ops->on_loss(drive->cc, &loss);
}

static void drive_to(struct drive *drive, enum tquic_bbr_state state)
{
	unsigned int i;

	for (i = 0; i < 200 && drive->bbr->state != state; i++)
		ack(drive, 100000);
	TQ_ASSERT_EQ(drive->bbr->state, state);
}

TQ_TEST(bbr_draft_5_6_2_initial_pacing_rate)
{
	struct drive drive = drive_new();

	/* 2.77 times the initial window in a millisecond, later in an RTT */
	TQ_EXPECT_EQ(drive.cc->pacing_rate, 33240000);
	TQ_EXPECT_EQ(drive.cc->quantum, 33240);
	TQ_EXPECT_EQ(drive.cc->cwnd, 12000);
	drive.rate = 100;
	drive.rtt = 0;
	ack(&drive, MDS);
	TQ_EXPECT_EQ(drive.cc->pacing_rate, 33240000);
	drive.rtt = RTT;
	ack(&drive, MDS);
	TQ_EXPECT_EQ(drive.cc->pacing_rate, 332400);
	drive.rtt = 10 * MS;
	ack(&drive, MDS);
	TQ_EXPECT_EQ(drive.cc->pacing_rate, 332400);
	tquic_cc_free(drive.cc);
}

TQ_TEST(bbr_draft_5_6_3_quantum)
{
	static const struct {
		u64 rate, quantum;
	} cases[] = {
		{ 100000000, 65536 }, { 10000000, 9900 }, { 1000, 2 * MDS },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct drive drive = drive_new();

		drive.rate = cases[i].rate;
		drive.in_flight = 0;
		drive_to(&drive, TQUIC_BBR_CRUISE);
		TQ_EXPECT_EQ(drive.cc->pacing_rate, cases[i].rate * 99 / 100);
		TQ_EXPECT_EQ(drive.cc->quantum, cases[i].quantum);
		tquic_cc_free(drive.cc);
	}
}

/* the gains of each state, as they reach the outputs */
TQ_TEST(bbr_draft_5_6_1_gains)
{
	static const struct {
		enum tquic_bbr_state state;
		u64 in_flight, pacing, cwnd;
		u32 gain;
	} cases[] = {
		{ TQUIC_BBR_DRAIN, 130000, 495000, 200000, 200 },
		{ TQUIC_BBR_CRUISE, 100000, 990000, 200000, 200 },
		{ TQUIC_BBR_REFILL, 130000, 990000, 200000, 200 },
		{ TQUIC_BBR_UP, 130000, 1237500, 225000 + 2 * MDS, 225 },
		{ TQUIC_BBR_DOWN, 130000, 891000, 200000, 200 },
		{ TQUIC_BBR_PROBE_RTT, 130000, 990000, 50000, 50 },
	};
	struct drive drive = drive_new();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		drive.in_flight = cases[i].in_flight;
		tq_note("state %u", cases[i].state);
		drive_to(&drive, cases[i].state);
		TQ_EXPECT_EQ(drive.cc->pacing_rate, cases[i].pacing);
		TQ_EXPECT(drive.cc->cwnd >= cases[i].cwnd);
		TQ_EXPECT(drive.cc->cwnd <= cases[i].cwnd + 100000);
		TQ_EXPECT_EQ(drive.bbr->cwnd_gain, cases[i].gain);
	}
	tquic_cc_free(drive.cc);
}

/* three rounds without a quarter more, and the exact quarter is growth */
TQ_TEST(bbr_draft_5_3_1_2_full_pipe)
{
	struct drive drive = drive_new();
	unsigned int i;

	drive.rate = 1 << 20;
	for (i = 0; i < 10; i++) {
		ack(&drive, 100000);
		drive.rate = drive.rate * 5 / 4;
		TQ_EXPECT_EQ(drive.bbr->full_bw_count, 0);
	}
	drive.rate = drive.bbr->full_bw * 5 / 4 - 1;
	for (i = 1; i < 3; i++) {
		ack(&drive, 100000);
		TQ_EXPECT_EQ(drive.bbr->full_bw_count, i);
		TQ_EXPECT_EQ(drive.bbr->state, TQUIC_BBR_STARTUP);
	}
	/* neither limited rounds nor rounds without a rate count */
	drive.limited = true;
	ack(&drive, 100000);
	drive.limited = false;
	drive.rate = 0;
	ack(&drive, 100000);
	TQ_EXPECT_EQ(drive.bbr->state, TQUIC_BBR_STARTUP);
	drive.rate = RATE;
	ack(&drive, 100000);
	TQ_EXPECT(drive.bbr->full_bw_reached);
	TQ_EXPECT(drive.bbr->state != TQUIC_BBR_STARTUP);
	tquic_cc_free(drive.cc);
}

/* six ranges and more than 2 % over a full round; not one less of either */
TQ_TEST(bbr_draft_5_3_1_3_startup_ends_by_loss)
{
	static const struct {
		u32 ranges;
		u64 lost;
		bool ends;
	} cases[] = {
		{ 6, 2001, true }, { 6, 2000, false }, { 5, 2001, false },
		{ 9, 50000, true },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct drive drive = drive_new();
		struct tquic_cc_sample sample;

		drive.limited = true;
		ack(&drive, 100000);
		lose(&drive, 4 * MDS, cases[i].ranges - 3);
		lose(&drive, 4 * MDS, 3);
		sample = next(&drive, 10000);
		sample.prior_delivered -= 1;
		sample.lost_since_tx = cases[i].lost;
		drive.cc->ops->on_ack(drive.cc, &sample);
		TQ_EXPECT_EQ(drive.bbr->state, TQUIC_BBR_STARTUP);
		sample = next(&drive, 100000);
		sample.prior_delivered -= 10000;
		sample.lost_since_tx = cases[i].lost;
		sample.tx_in_flight = 100000;
		drive.cc->ops->on_ack(drive.cc, &sample);
		tq_note("case %u", i);
		TQ_EXPECT_EQ(drive.bbr->full_bw_reached, cases[i].ends);
		if (!cases[i].ends) {
			TQ_EXPECT_EQ(drive.bbr->inflight_longterm,
				     TQUIC_BBR_INF);
			tquic_cc_free(drive.cc);
			continue;
		}
		TQ_EXPECT_EQ(drive.bbr->undo_state, TQUIC_BBR_STARTUP);
		/* the BDP, or what was delivered in a round if that is more */
		TQ_EXPECT_EQ(drive.bbr->inflight_longterm, 110000);
		drive.cc->ops->on_spurious(drive.cc, drive.now);
		TQ_EXPECT_EQ(drive.bbr->state, TQUIC_BBR_STARTUP);
		TQ_EXPECT(!drive.bbr->full_bw_reached);
		tquic_cc_free(drive.cc);
	}
}

TQ_TEST(bbr_draft_5_5_6_filter_spans_two_cycles)
{
	struct tquic_bbr bbr = { .bw_cycle = { 0, 700 }, .max_bw = 700 };

	tquic_bbr_advance_max_bw(&bbr);
	TQ_EXPECT_EQ(bbr.max_bw, 700);
	/* a cycle without a sample ages nothing */
	tquic_bbr_advance_max_bw(&bbr);
	TQ_EXPECT_EQ(bbr.max_bw, 700);
	bbr.bw_cycle[1] = 500;
	tquic_bbr_advance_max_bw(&bbr);
	TQ_EXPECT_EQ(bbr.max_bw, 500);
	TQ_EXPECT_EQ(bbr.bw_cycle[1], 0);
}

TQ_TEST(bbr_draft_5_3_4_3_min_rtt_windows)
{
	struct drive drive = drive_new();
	struct tquic_bbr *bbr = drive.bbr;
	struct tquic_cc_sample sample = { .now = SEC, .rtt = 50 * MS };

	tquic_bbr_update_min_rtt(drive.cc, &sample);
	TQ_EXPECT_EQ(bbr->min_rtt, 50 * MS);
	sample.rtt = 60 * MS;
	sample.now = 6 * SEC;
	tquic_bbr_update_min_rtt(drive.cc, &sample);
	TQ_EXPECT(!bbr->probe_rtt_expired);
	TQ_EXPECT_EQ(bbr->probe_rtt_min_delay, 50 * MS);
	sample.now = 6 * SEC + 1;
	sample.rtt = 0;
	tquic_bbr_update_min_rtt(drive.cc, &sample);
	TQ_EXPECT(bbr->probe_rtt_expired);
	TQ_EXPECT_EQ(bbr->probe_rtt_min_delay, 50 * MS);
	sample.rtt = 60 * MS;
	tquic_bbr_update_min_rtt(drive.cc, &sample);
	TQ_EXPECT_EQ(bbr->probe_rtt_min_delay, 60 * MS);
	TQ_EXPECT_EQ(bbr->min_rtt, 50 * MS);
	sample.now = 11 * SEC;
	tquic_bbr_update_min_rtt(drive.cc, &sample);
	TQ_EXPECT_EQ(bbr->min_rtt, 50 * MS);
	sample.now = 11 * SEC + 1;
	tquic_bbr_update_min_rtt(drive.cc, &sample);
	TQ_EXPECT_EQ(bbr->min_rtt, 60 * MS);
	sample.rtt = 40 * MS;
	tquic_bbr_update_min_rtt(drive.cc, &sample);
	TQ_EXPECT_EQ(bbr->min_rtt, 40 * MS);
	TQ_EXPECT_EQ(bbr->min_rtt_stamp, sample.now);
	tquic_cc_free(drive.cc);
}

TQ_TEST(bbr_draft_5_5_10_2_inflight_at_loss)
{
	static const struct {
		u64 tx, bytes, since, at;
	} cases[] = {
		/* lost_prefix = (0.02 * 98000 - 0) / 0.98 = 2000 */
		{ 100000, 2000, 2000, 100000 },
		{ 100000, 51000, 51000, 50000 },
		/* (0.02 * 98000 - 980) / 0.98 = 1000 */
		{ 100000, 2000, 2980, 99000 },
		{ 100000, 2000, 3960, 98000 },
		{ 100000, 2000, 9000, 98000 },
		{ 1000, 1000, 1000, 0 }, { 999, 1000, 1000, 0 },
		{ 100000, 2000, 1000, 100000 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct tquic_cc_loss loss = {
			.tx_in_flight = cases[i].tx, .bytes = cases[i].bytes,
			.lost_since_tx = cases[i].since,
		};

		tq_note("case %u", i);
		TQ_EXPECT_EQ(tquic_bbr_inflight_at_loss(&loss), cases[i].at);
	}
	TQ_EXPECT(!tquic_bbr_too_high(2000, 100000));
	TQ_EXPECT(tquic_bbr_too_high(2001, 100000));
	TQ_EXPECT(!tquic_bbr_too_high(0, 0));
}

/* loss in a probe: long-term bound, DOWN at once; spurious: a new probe */
TQ_TEST(bbr_draft_5_5_10_2_and_5_5_11_2_loss_in_up)
{
	struct drive drive = drive_new();

	drive_to(&drive, TQUIC_BBR_CRUISE);
	drive.in_flight = 120000;
	drive_to(&drive, TQUIC_BBR_UP);
	lose(&drive, 2 * MDS, 1);
	TQ_EXPECT_EQ(drive.bbr->state, TQUIC_BBR_UP);
	lose(&drive, 3 * MDS, 1);
	TQ_EXPECT_EQ(drive.bbr->state, TQUIC_BBR_DOWN);
	TQ_EXPECT_EQ(drive.bbr->inflight_longterm,
		     (120000 - 3600) + (120000 - 3600) / 49);
	TQ_EXPECT(drive.bbr->prev_probe_too_high);
	drive.cc->ops->on_spurious(drive.cc, drive.now);
	TQ_EXPECT_EQ(drive.bbr->inflight_longterm, TQUIC_BBR_INF);
	TQ_EXPECT_EQ(drive.bbr->state, TQUIC_BBR_REFILL);
	/* only one response per probe */
	drive_to(&drive, TQUIC_BBR_UP);
	lose(&drive, 5 * MDS, 1);
	TQ_EXPECT_EQ(drive.bbr->state, TQUIC_BBR_DOWN);
	lose(&drive, 30 * MDS, 1);
	TQ_EXPECT(drive.bbr->inflight_longterm > 114000);
	tquic_cc_free(drive.cc);
}

TQ_TEST(bbr_draft_3_7_marks_bar_the_undo)
{
	struct drive drive = drive_new();
	u64 bound;

	drive_to(&drive, TQUIC_BBR_CRUISE);
	drive.in_flight = 120000;
	drive_to(&drive, TQUIC_BBR_UP);
	lose(&drive, 3 * MDS, 1);
	bound = drive.bbr->inflight_longterm;
	drive.cc->ops->on_ecn(drive.cc, drive.now, drive.now);
	drive.cc->ops->on_spurious(drive.cc, drive.now);
	TQ_EXPECT_EQ(drive.bbr->inflight_longterm, bound);
	tquic_cc_free(drive.cc);
}

/* recovery ends with what was sent after the last loss, and not before */
TQ_TEST(bbr_draft_5_6_4_4_recovery)
{
	struct tquic_cc_sample sample;
	struct drive drive = drive_new();
	u64 cwnd, lost_at;

	ack(&drive, 100000);
	cwnd = drive.cc->cwnd;
	lose(&drive, MDS, 1);
	lost_at = drive.now;
	drive.cc->ops->on_persistent(drive.cc, drive.now);
	TQ_EXPECT_EQ(drive.cc->cwnd, 2 * MDS);
	sample = next(&drive, MDS);
	sample.largest_acked_sent = lost_at;
	drive.cc->ops->on_ack(drive.cc, &sample);
	TQ_EXPECT_EQ(drive.cc->cwnd, 4 * MDS);
	sample = next(&drive, MDS);
	sample.largest_acked_sent = lost_at + 1;
	drive.cc->ops->on_ack(drive.cc, &sample);
	TQ_EXPECT(drive.cc->cwnd >= cwnd);
	TQ_EXPECT_EQ(drive.bbr->recovery_until, 0);
	tquic_cc_free(drive.cc);
}

TQ_TEST(bbr_rfc9002_7_2_initial_window_follows_the_datagram_size)
{
	struct drive drive = drive_new();

	drive.cc->mds = 1400;
	drive.cc->ops->on_mds(drive.cc);
	TQ_EXPECT_EQ(drive.cc->cwnd, 14000);
	drive.cc->mds = 1200;
	drive.cc->ops->on_mds(drive.cc);
	TQ_EXPECT_EQ(drive.cc->cwnd, 12000);
	lose(&drive, MDS, 1);
	drive.cc->mds = 1300;
	drive.cc->ops->on_mds(drive.cc);
	TQ_EXPECT_EQ(drive.cc->cwnd, 12000);
	drive.cc->ops->on_persistent(drive.cc, drive.now);
	drive.cc->mds = 1500;
	drive.cc->ops->on_mds(drive.cc);
	TQ_EXPECT_EQ(drive.cc->cwnd, 3000);
	tquic_cc_free(drive.cc);
}

TQ_TEST(bbr_rfc9002_7_2_acks_bring_the_window_out_of_reset)
{
	struct drive drive = drive_new();

	drive.cc->pacing_rate = 0;
	drive.cc->mds = 9000;
	drive.cc->ops->on_mds(drive.cc);
	TQ_EXPECT_EQ(drive.cc->cwnd, 18000);
	TQ_EXPECT_EQ(drive.cc->quantum, 18000);
	ack(&drive, 1);
	TQ_EXPECT_EQ(drive.cc->cwnd, 36000);
	tquic_cc_free(drive.cc);
}

TQ_TEST(bbr_u64_edges)
{
	static const u64 rtts[] = { 1, 1000, 60 * SEC, 1ULL << 50 };
	static const u64 rates[] = { 1, RATE, 1ULL << 40, 1ULL << 63, U64_MAX };
	unsigned int i, j, k;

	for (i = 0; i < ARRAY_SIZE(rtts); i++) {
		for (j = 0; j < ARRAY_SIZE(rates); j++) {
			struct drive drive = drive_new();

			drive.rtt = rtts[i];
			drive.rate = rates[j];
			drive.in_flight = 1ULL << 41;
			for (k = 0; k < 60; k++) {
				ack(&drive, 1ULL << k % 41);
				if (k % 5 == 4)
					lose(&drive, 1ULL << k % 41, 7);
				if (k % 20 == 19)
					drive.cc->ops->on_spurious(drive.cc,
								   drive.now);
				TQ_EXPECT(drive.cc->cwnd <=
					  TQUIC_CC_MAX_WINDOW);
				TQ_EXPECT(drive.cc->cwnd >= 4 * MDS);
				TQ_EXPECT(drive.cc->quantum <= 65536);
			}
			tquic_cc_free(drive.cc);
		}
	}
}
