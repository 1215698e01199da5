// SPDX-License-Identifier: GPL-2.0
/* CUBIC by hand-made acknowledgments; see test_cc_path.c for a bottleneck */
#include <linux/array_size.h>

#include "lib_cc.h"
#include "tap.h"

#define MS TQUIC_NS_PER_MS
#define SEC TQUIC_NS_PER_SEC
#define MDS ((u64)CCSIM_MDS)

/**
 * struct drive - a controller and the clock of its path
 * @cc: controller
 * @now: ns
 * @rtt: ns
 * @delivered: bytes
 * @app_limited: of the samples to come
 */
struct drive {
	struct tquic_cc *cc;
	u64 now;
	u64 rtt;
	u64 delivered;
	bool app_limited;
};

static void drive_init(struct drive *drive, u64 rtt)
{
	*drive = (struct drive){ .now = 10 * SEC, .rtt = rtt };
	drive->cc = ccsim_new(&tquic_cubic_ops, drive->now);
	drive->cc->srtt = rtt;
}

static struct tquic_cc_sample sample_of(struct drive *drive, u64 bytes)
{
	u64 prior = drive->delivered;

	drive->delivered += bytes;
	return (struct tquic_cc_sample){
		.now = drive->now,
		.acked_bytes = bytes,
		.prior_in_flight = drive->cc->cwnd,
		.largest_acked_sent = drive->now - drive->rtt,
		.rtt = drive->rtt,
		.srtt = drive->rtt,
		.min_rtt = drive->rtt,
		.delivered = drive->delivered,
		.prior_delivered = prior > drive->cc->cwnd ?
				   prior - drive->cc->cwnd : 0,
		.app_limited = drive->app_limited,
	};
}

static void ack(struct drive *drive, u64 bytes)
{
	struct tquic_cc_sample sample = sample_of(drive, bytes);

	drive->cc->ops->on_ack(drive->cc, &sample);
}

static void loss_of(struct drive *drive, u64 sent)
{
	struct tquic_cc_loss loss = {
		.now = drive->now, .bytes = MDS, .largest_sent = sent,
		.ranges = 1,
	};

	drive->cc->ops->on_loss(drive->cc, &loss);
}

static void loss(struct drive *drive)
{
	loss_of(drive, drive->now);
}

/* slow start up to a window, and one loss out of it */
static void drive_to(struct drive *drive, u64 window)
{
	while (drive->cc->cwnd < window)
		ack(drive, min(drive->cc->cwnd, window - drive->cc->cwnd));
	TQ_ASSERT_EQ(drive->cc->cwnd, window);
	loss(drive);
	drive->now += drive->rtt + 1;
}

/**
 * struct model - RFC 9438 in segments and seconds
 * @cwnd: congestion window
 * @w_max: W_max, 0 when undefined
 * @prior: cwnd_prior
 * @w_est: W_est
 * @k: K
 * @epoch: start of congestion avoidance, below 0 outside of it
 */
struct model {
	double cwnd, w_max, prior, w_est, k, epoch;
};

static double cube_root(double val)
{
	double root = val > 1 ? val : 1;
	int i;

	for (i = 0; i < 200; i++)
		root = (2 * root + val / (root * root)) / 3;
	return val > 0 ? root : 0;
}

static double model_cubic(const struct model *model, double t)
{
	double d = t - model->k;

	return 0.4 * d * d * d + model->w_max;
}

static void model_ack(struct model *model, double now, double rtt,
		      double segments)
{
	double alpha = 3 * (1 - 0.7) / (1 + 0.7), t, target;

	if (model->epoch < 0) {
		model->epoch = now;
		model->w_est = model->cwnd;
		if (model->w_max < model->cwnd)
			model->w_max = model->cwnd;
		model->k = cube_root((model->w_max - model->cwnd) / 0.4);
	}
	t = now - model->epoch;
	if (model->w_est >= model->prior)
		alpha = 1;
	model->w_est += alpha * segments / model->cwnd;
	if (model_cubic(model, t) < model->w_est) {
		if (model->cwnd < model->w_est)
			model->cwnd = model->w_est;
		return;
	}
	target = model_cubic(model, t + rtt);
	if (target < model->cwnd)
		target = model->cwnd;
	if (target > 1.5 * model->cwnd)
		target = 1.5 * model->cwnd;
	model->cwnd += (target - model->cwnd) / model->cwnd * segments;
}

static void model_loss(struct model *model)
{
	model->prior = model->cwnd;
	model->w_max = model->cwnd < model->w_max ?
		       model->cwnd * (1 + 0.7) / 2 : model->cwnd;
	model->cwnd = model->cwnd * 0.7 > 2 ? model->cwnd * 0.7 : 2;
	model->epoch = -1;
}

static void expect_close(const char *what, double is, double want,
			 double part)
{
	double diff = is > want ? is - want : want - is;

	if (diff > want * part)
		tq_fail(__FILE__, __LINE__, "%s is %.4f, want %.4f", what, is,
			want);
}

/* drives both for @time ns with @per acknowledgments per round trip */
static void compare(struct drive *drive, struct model *model, u64 time,
		    unsigned int per)
{
	u64 end = drive->now + time;

	while (drive->now < end) {
		u64 bytes = max(drive->cc->cwnd / per, 1ULL);

		drive->now += drive->rtt / per;
		ack(drive, bytes);
		model_ack(model, drive->now / 1e9, drive->rtt / 1e9,
			  bytes / (double)MDS);
		expect_close("cwnd", drive->cc->cwnd / (double)MDS,
			     model->cwnd, 0.002);
	}
}

static const struct {
	u64 window, rtt, time;
} curves[] = {
	{ 100 * MDS, 20 * MS, 30 * SEC },
	{ 40 * MDS, 5 * MS, 4 * SEC },
	{ 1000 * MDS, 100 * MS, 40 * SEC },
	{ 20 * MDS, 200 * MS, 60 * SEC },
	{ 30000 * MDS, 50 * MS, 60 * SEC },
	{ 5000000 * MDS, 600 * MS, 300 * SEC },
	{ 500 * MDS, 1 * MS, SEC },
};

/* concave, plateau, convex, Reno-friendly; fast convergence; several losses */
TQ_TEST(rfc9438_4_2_and_4_3_curve_follows_the_model)
{
	unsigned int i, round;

	for (i = 0; i < ARRAY_SIZE(curves); i++) {
		struct model model = { 0 };
		struct drive drive;

		drive_init(&drive, curves[i].rtt);
		drive_to(&drive, curves[i].window);
		model.cwnd = curves[i].window / MDS;
		model_loss(&model);
		for (round = 0; round < 4; round++) {
			tq_note("curve %u round %u", i, round);
			compare(&drive, &model,
				curves[i].time / (round + 1), 7 + round);
			loss(&drive);
			model_loss(&model);
			drive.now += drive.rtt + 1;
		}
		tquic_cc_free(drive.cc);
	}
}

/* small shares of a byte add up: thousands of acknowledgments per round */
TQ_TEST(rfc9438_4_2_growth_does_not_depend_on_ack_rate)
{
	struct model model = { .cwnd = 20000 };
	struct drive drive;

	drive_init(&drive, 100 * MS);
	drive_to(&drive, 20000 * MDS);
	model_loss(&model);
	compare(&drive, &model, 10 * SEC, 14000);
	tquic_cc_free(drive.cc);
}

/* K is where the curve is at W_max again: 0.3 W_max = C K^3 */
TQ_TEST(rfc9438_4_2_back_at_w_max_after_k)
{
	struct drive drive;
	u64 k = cube_root(0.3 * 1000 / 0.4) * 1e9, start;

	drive_init(&drive, 100 * MS);
	drive_to(&drive, 1000 * MDS);
	TQ_EXPECT_EQ(drive.cc->cwnd, 700 * MDS);
	start = drive.now;
	while (drive.now < start + k) {
		ack(&drive, drive.cc->cwnd);
		TQ_EXPECT(drive.cc->cwnd < 1001 * MDS);
		drive.now += drive.rtt;
	}
	expect_close("window at K", drive.cc->cwnd, 1000 * MDS, 0.001);
	tquic_cc_free(drive.cc);
}

/* however far the curve ran ahead, one round grows by half at most */
TQ_TEST(rfc9438_4_2_target_is_at_most_half_more)
{
	struct drive drive;
	u64 before;

	drive_init(&drive, 10 * MS);
	drive_to(&drive, 100 * MDS);
	ack(&drive, MDS);
	before = drive.cc->cwnd;
	drive.now += 600 * SEC;
	ack(&drive, before);
	TQ_EXPECT_EQ(drive.cc->cwnd, before + before / 2);
	before = drive.cc->cwnd;
	ack(&drive, before / 2);
	TQ_EXPECT_EQ(drive.cc->cwnd, before + (before / 2 - 1) / 2);
	/* more than a window cannot have been acknowledged */
	before = drive.cc->cwnd;
	ack(&drive, 5 * before);
	TQ_EXPECT_EQ(drive.cc->cwnd, before + before / 2);
	tquic_cc_free(drive.cc);
}

/* section 4.3: 9/17 of a datagram per round, and one beyond cwnd_prior */
TQ_TEST(rfc9438_4_3_reno_friendly_slope)
{
	struct drive drive;
	unsigned int i;
	u64 before;

	drive_init(&drive, MS / 10);
	drive_to(&drive, 100 * MDS);
	for (i = 0; i < 20; i++)
		ack(&drive, drive.cc->cwnd);
	expect_close("window", drive.cc->cwnd, (70 + 20 * 9 / 17.0) * MDS,
		     0.0005);
	while (drive.cc->cwnd < 101 * MDS)
		ack(&drive, drive.cc->cwnd);
	before = drive.cc->cwnd;
	for (i = 0; i < 10; i++)
		ack(&drive, drive.cc->cwnd);
	TQ_EXPECT_EQ(drive.cc->cwnd, before + 10 * MDS);
	tquic_cc_free(drive.cc);
}

TQ_TEST(rfc9438_4_6_multiplicative_decrease)
{
	struct drive drive;

	drive_init(&drive, 10 * MS);
	drive_to(&drive, 100 * MDS);
	TQ_EXPECT_EQ(drive.cc->cwnd, 70 * MDS);
	TQ_EXPECT_EQ(drive.cc->ssthresh, 70 * MDS);
	loss(&drive);
	TQ_EXPECT_EQ(drive.cc->cwnd, 49 * MDS);
	TQ_EXPECT_EQ(drive.cc->ssthresh, 49 * MDS);
	tquic_cc_free(drive.cc);
}

TQ_TEST(rfc9002_7_2_window_never_below_two_datagrams)
{
	struct drive drive;
	unsigned int i;

	drive_init(&drive, 10 * MS);
	for (i = 0; i < 30; i++) {
		drive.now += drive.rtt;
		if (i % 2)
			loss(&drive);
		else
			drive.cc->ops->on_ecn(drive.cc, drive.now, drive.now);
		TQ_EXPECT(drive.cc->cwnd >= 2 * MDS);
	}
	TQ_EXPECT_EQ(drive.cc->cwnd, 2 * MDS);
	TQ_EXPECT_EQ(drive.cc->ssthresh, 2 * MDS);
	drive.cc->mds = 1500;
	drive.cc->ops->on_mds(drive.cc);
	TQ_EXPECT_EQ(drive.cc->cwnd, 3000);
	tquic_cc_free(drive.cc);
}

TQ_TEST(rfc9002_7_2_initial_window_follows_the_datagram_size)
{
	struct drive drive;

	drive_init(&drive, 10 * MS);
	TQ_EXPECT_EQ(drive.cc->cwnd, 12000);
	drive.cc->mds = 1400;
	drive.cc->ops->on_mds(drive.cc);
	TQ_EXPECT_EQ(drive.cc->cwnd, 14000);
	ack(&drive, 100);
	drive.cc->mds = 1200;
	drive.cc->ops->on_mds(drive.cc);
	TQ_EXPECT_EQ(drive.cc->cwnd, 14100);
	tquic_cc_free(drive.cc);
}

TQ_TEST(rfc9002_7_3_2_one_event_per_round)
{
	struct drive drive;
	u64 start;

	drive_init(&drive, 10 * MS);
	drive_to(&drive, 100 * MDS);
	start = drive.now - drive.rtt - 1;
	loss_of(&drive, start - 1);
	loss_of(&drive, start);
	drive.cc->ops->on_ecn(drive.cc, drive.now, start);
	TQ_EXPECT_EQ(drive.cc->cwnd, 70 * MDS);
	loss_of(&drive, start + 1);
	TQ_EXPECT_EQ(drive.cc->cwnd, 49 * MDS);
	start = drive.now;
	drive.now += MS;
	drive.cc->ops->on_ecn(drive.cc, drive.now, start);
	TQ_EXPECT_EQ(drive.cc->cwnd, 49 * MDS);
	drive.cc->ops->on_ecn(drive.cc, drive.now, start + 1);
	TQ_EXPECT_EQ(drive.cc->cwnd, 49 * MDS * 7 / 10);
	tquic_cc_free(drive.cc);
}

TQ_TEST(rfc9002_7_3_2_no_growth_in_recovery)
{
	struct drive drive;

	drive_init(&drive, 10 * MS);
	drive_to(&drive, 100 * MDS);
	drive.now -= 1;
	ack(&drive, 10 * MDS);
	TQ_EXPECT_EQ(drive.cc->cwnd, 70 * MDS);
	drive.now += 1;
	ack(&drive, 10 * MDS);
	TQ_EXPECT(drive.cc->cwnd > 70 * MDS);
	tquic_cc_free(drive.cc);
}

TQ_TEST(rfc9002_7_8_unused_window_does_not_grow)
{
	struct tquic_cc_sample sample;
	struct drive drive;
	unsigned int i;
	u64 before;

	drive_init(&drive, 10 * MS);
	/* in slow start, then in avoidance */
	for (i = 0; i < 2; i++) {
		before = drive.cc->cwnd;
		sample = sample_of(&drive, 5 * MDS);
		sample.prior_in_flight = before / 2 - 1;
		drive.cc->ops->on_ack(drive.cc, &sample);
		TQ_EXPECT_EQ(drive.cc->cwnd, before);
		drive.app_limited = true;
		ack(&drive, 5 * MDS);
		TQ_EXPECT_EQ(drive.cc->cwnd, before);
		drive.app_limited = false;
		sample.prior_in_flight = before / 2;
		drive.cc->ops->on_ack(drive.cc, &sample);
		TQ_EXPECT(drive.cc->cwnd > before);
		drive_to(&drive, 200 * MDS);
		ack(&drive, 50 * MDS);
		drive.now += SEC;
	}
	tquic_cc_free(drive.cc);
}

/* the same acknowledgments to both give the same windows */
static void same_from_here(struct drive *a, struct drive *b, unsigned int n)
{
	TQ_EXPECT_EQ(a->cc->cwnd, b->cc->cwnd);
	TQ_EXPECT_EQ(a->cc->ssthresh, b->cc->ssthresh);
	while (n--) {
		a->now += a->rtt / 5;
		b->now += b->rtt / 5;
		ack(a, a->cc->cwnd / 5);
		ack(b, b->cc->cwnd / 5);
		TQ_EXPECT_EQ(a->cc->cwnd, b->cc->cwnd);
		TQ_EXPECT_EQ(a->cc->pacing_rate, b->cc->pacing_rate);
	}
	loss(a);
	loss(b);
	TQ_EXPECT_EQ(a->cc->cwnd, b->cc->cwnd);
}

static void twins(struct drive *a, struct drive *b, u64 window)
{
	unsigned int i;

	drive_init(a, 50 * MS);
	drive_init(b, 50 * MS);
	if (!window)
		return;
	drive_to(a, window);
	drive_to(b, window);
	for (i = 0; i < 50; i++) {
		a->now += a->rtt / 5;
		b->now += b->rtt / 5;
		ack(a, a->cc->cwnd / 5 + i);
		ack(b, b->cc->cwnd / 5 + i);
	}
}

static void free_twins(struct drive *a, struct drive *b)
{
	tquic_cc_free(a->cc);
	tquic_cc_free(b->cc);
}

TQ_TEST(rfc9438_5_8_limited_time_is_not_on_the_curve)
{
	struct drive a, b;
	unsigned int i;

	twins(&a, &b, 500 * MDS);
	b.app_limited = true;
	for (i = 0; i < 40; i++) {
		b.now += SEC;
		ack(&b, MDS);
	}
	b.app_limited = false;
	same_from_here(&a, &b, 300);
	free_twins(&a, &b);
}

TQ_TEST(rfc9438_5_8_idle_time_is_not_on_the_curve)
{
	struct drive a, b;

	twins(&a, &b, 500 * MDS);
	b.now += 40 * SEC;
	b.cc->ops->on_idle_restart(b.cc, b.now, 40 * SEC);
	same_from_here(&a, &b, 300);
	/* nothing to move before congestion avoidance begins */
	b.now += 40 * SEC;
	a.now += a.rtt + 1;
	b.now += b.rtt + 1;
	b.cc->ops->on_idle_restart(b.cc, b.now, 40 * SEC);
	b.app_limited = true;
	ack(&b, MDS);
	b.app_limited = false;
	same_from_here(&a, &b, 300);
	free_twins(&a, &b);
}

TQ_TEST(rfc9438_4_9_2_spurious_loss_restores_everything)
{
	static const u64 windows[] = { 0, 500 * MDS };
	struct drive a, b;
	unsigned int i, again;

	for (i = 0; i < 2; i++) {
		for (again = 0; again < 2; again++) {
			tq_note("window %u, persistent %u", i, again);
			twins(&a, &b, windows[i]);
			loss(&b);
			TQ_EXPECT(b.cc->cwnd < a.cc->cwnd);
			if (again)
				b.cc->ops->on_persistent(b.cc, b.now);
			b.cc->ops->on_spurious(b.cc, b.now);
			TQ_EXPECT_EQ(a.cc->ssthresh, b.cc->ssthresh);
			if (i)
				TQ_EXPECT_EQ(a.cc->pacing_rate,
					     b.cc->pacing_rate);
			same_from_here(&a, &b, i ? 300 : 10);
			free_twins(&a, &b);
		}
	}
}

TQ_TEST(rfc9438_4_9_2_undo_only_once_and_only_of_the_last_event)
{
	struct drive drive;
	u64 first, second;

	drive_init(&drive, 10 * MS);
	drive_to(&drive, 1000 * MDS);
	first = drive.cc->cwnd;
	loss(&drive);
	second = drive.cc->cwnd;
	drive.cc->ops->on_spurious(drive.cc, drive.now);
	TQ_EXPECT_EQ(drive.cc->cwnd, first);
	drive.cc->ops->on_spurious(drive.cc, drive.now);
	TQ_EXPECT_EQ(drive.cc->cwnd, first);
	/* a loss that the restored recovery period does not cover */
	loss(&drive);
	TQ_EXPECT_EQ(drive.cc->cwnd, second);
	tquic_cc_free(drive.cc);
}

TQ_TEST(rfc9438_4_9_2_no_undo_once_the_window_has_grown_past)
{
	struct drive drive;
	u64 now;

	drive_init(&drive, 10 * MS);
	drive_to(&drive, 100 * MDS);
	while (drive.cc->cwnd < 100 * MDS) {
		ack(&drive, drive.cc->cwnd);
		drive.now += drive.rtt;
	}
	now = drive.cc->cwnd;
	drive.cc->ops->on_spurious(drive.cc, drive.now);
	TQ_EXPECT_EQ(drive.cc->cwnd, now);
	TQ_EXPECT_EQ(drive.cc->ssthresh, 70 * MDS);
	tquic_cc_free(drive.cc);
}

TQ_TEST(cubic_marks_bar_the_undo)
{
	struct drive drive;

	drive_init(&drive, 10 * MS);
	drive_to(&drive, 100 * MDS);
	drive.cc->ops->on_ecn(drive.cc, drive.now, 0);
	drive.cc->ops->on_spurious(drive.cc, drive.now);
	TQ_EXPECT_EQ(drive.cc->cwnd, 70 * MDS);
	drive.cc->ops->on_ecn(drive.cc, drive.now, drive.now);
	drive.cc->ops->on_spurious(drive.cc, drive.now);
	TQ_EXPECT_EQ(drive.cc->cwnd, 49 * MDS);
	tquic_cc_free(drive.cc);
}

TQ_TEST(rfc9438_4_8_persistent_congestion)
{
	struct model model = { .epoch = -1 };
	struct drive drive;

	drive_init(&drive, 50 * MS);
	drive_to(&drive, 1000 * MDS);
	drive.cc->ops->on_persistent(drive.cc, drive.now);
	TQ_EXPECT_EQ(drive.cc->cwnd, 2 * MDS);
	TQ_EXPECT_EQ(drive.cc->ssthresh, 700 * MDS);
	TQ_EXPECT_EQ(drive.cc->pacing_rate, 2 * 2 * MDS * 20);
	/* recovery is over: what was sent before may grow the window */
	drive.now -= drive.rtt;
	while (drive.cc->cwnd < 700 * MDS) {
		u64 before = drive.cc->cwnd;

		ack(&drive, 100 * MDS);
		TQ_EXPECT_EQ(drive.cc->cwnd, min(before + 100 * MDS,
						 700 * MDS));
	}
	/* K = 0 and W_max = the window at the start */
	model.cwnd = 700;
	model.prior = 1000;
	compare(&drive, &model, 10 * SEC, 8);
	tquic_cc_free(drive.cc);
}

/* a loss is a new event, its W_max without fast convergence */
TQ_TEST(rfc9438_4_8_loss_after_persistent_congestion)
{
	struct drive drive;
	struct model model = { 0 };

	drive_init(&drive, 50 * MS);
	drive_to(&drive, 1000 * MDS);
	drive.cc->ops->on_persistent(drive.cc, drive.now);
	while (drive.cc->cwnd < 100 * MDS)
		ack(&drive, 10 * MDS);
	model.cwnd = drive.cc->cwnd / (double)MDS;
	model_loss(&model);
	loss_of(&drive, 1);
	drive.now += drive.rtt + 1;
	compare(&drive, &model, 10 * SEC, 8);
	tquic_cc_free(drive.cc);
}

static void round_of(struct drive *drive, u64 rtt, unsigned int n)
{
	struct tquic_cc_sample sample;
	u64 start = drive->delivered;
	unsigned int i;

	for (i = 0; i < n; i++) {
		sample = sample_of(drive, MDS);
		sample.rtt = rtt;
		sample.prior_delivered = i ? 0 : start;
		drive->cc->ops->on_ack(drive->cc, &sample);
	}
}

TQ_TEST(rfc9438_4_10_slow_start_ends_by_hystart)
{
	struct model model = { .epoch = -1 };
	struct drive drive;
	unsigned int i;
	u64 before;

	drive_init(&drive, 50 * MS);
	round_of(&drive, 50 * MS, 10);
	TQ_EXPECT_EQ(drive.cc->cwnd, 20 * MDS);
	TQ_EXPECT_EQ(drive.cc->pacing_rate, 2 * 20 * MDS * 20);
	round_of(&drive, 57 * MS, 8);
	before = 27 * MDS + MDS / 4;
	TQ_EXPECT_EQ(drive.cc->cwnd, before);
	for (i = 0; i < 4; i++)
		round_of(&drive, 57 * MS, 8);
	before += 32 * MDS / 4;
	TQ_EXPECT_EQ(drive.cc->cwnd, before);
	TQ_EXPECT_EQ(drive.cc->ssthresh, U64_MAX);
	round_of(&drive, 57 * MS, 1);
	TQ_EXPECT_EQ(drive.cc->cwnd, before);
	TQ_EXPECT_EQ(drive.cc->ssthresh, before);
	TQ_EXPECT_EQ(drive.cc->pacing_rate, 5 * before / 4 * 20);
	/* K = 0, W_max and cwnd_prior the window: alpha is 1 at once */
	model.cwnd = before / (double)MDS;
	model.prior = model.cwnd;
	compare(&drive, &model, 5 * SEC, 8);
	tquic_cc_free(drive.cc);
}

TQ_TEST(rfc9406_4_3_only_in_the_first_slow_start)
{
	struct drive drive;
	unsigned int i;

	drive_init(&drive, 50 * MS);
	drive_to(&drive, 1000 * MDS);
	drive.cc->ops->on_persistent(drive.cc, drive.now);
	round_of(&drive, 50 * MS, 10);
	for (i = 0; i < 10; i++)
		round_of(&drive, 300 * MS, 10);
	TQ_EXPECT_EQ(drive.cc->cwnd, 112 * MDS);
	TQ_EXPECT_EQ(drive.cc->ssthresh, 700 * MDS);
	tquic_cc_free(drive.cc);
}

/* an idle period starts the comparison anew */
TQ_TEST(rfc9406_4_2_idle_restart_in_slow_start)
{
	struct drive drive;

	drive_init(&drive, 50 * MS);
	round_of(&drive, 50 * MS, 10);
	drive.cc->ops->on_idle_restart(drive.cc, drive.now + SEC, SEC);
	round_of(&drive, 90 * MS, 10);
	TQ_EXPECT_EQ(drive.cc->cwnd, 30 * MDS);
	round_of(&drive, 110 * MS, 8);
	TQ_EXPECT_EQ(drive.cc->cwnd, 37 * MDS + MDS / 4);
	tquic_cc_free(drive.cc);
}

TQ_TEST(rfc9002_7_7_pacing_rate)
{
	struct drive drive;

	drive_init(&drive, 50 * MS);
	TQ_EXPECT_EQ(drive.cc->pacing_rate, 0);
	ack(&drive, 2 * MDS);
	TQ_EXPECT_EQ(drive.cc->pacing_rate, 2 * 12 * MDS * 20);
	drive_to(&drive, 100 * MDS);
	TQ_EXPECT_EQ(drive.cc->pacing_rate, 70 * MDS * 25);
	/* by the RTT of the sample */
	drive.rtt = 100 * MS;
	drive.app_limited = true;
	ack(&drive, 1);
	TQ_EXPECT_EQ(drive.cc->pacing_rate, 70 * MDS * 25 / 2);
	tquic_cc_free(drive.cc);
}

TQ_TEST(cubic_u64_edges)
{
	static const u64 rtts[] = { 1, 1000, 60 * SEC };
	unsigned int i, j;

	for (i = 0; i < 3; i++) {
		struct drive drive;

		drive_init(&drive, rtts[i]);
		for (j = 0; j < 60; j++)
			ack(&drive, 1ULL << j);
		TQ_EXPECT_EQ(drive.cc->cwnd, TQUIC_CC_MAX_WINDOW);
		TQ_EXPECT_EQ(drive.cc->ssthresh, U64_MAX);
		loss(&drive);
		drive.now += drive.rtt + 1;
		for (j = 0; j < 60; j++) {
			drive.now += 1ULL << j / 2;
			ack(&drive, U64_MAX);
			TQ_EXPECT(drive.cc->cwnd <= TQUIC_CC_MAX_WINDOW);
		}
		drive.now += 1ULL << 50;
		for (j = 0; j < 60; j++)
			ack(&drive, drive.cc->cwnd);
		TQ_EXPECT_EQ(drive.cc->cwnd, TQUIC_CC_MAX_WINDOW);
		drive.cc->ops->on_persistent(drive.cc, drive.now);
		TQ_EXPECT_EQ(drive.cc->cwnd, 2 * MDS);
		drive.cc->ops->on_spurious(drive.cc, drive.now);
		TQ_EXPECT_EQ(drive.cc->cwnd, TQUIC_CC_MAX_WINDOW);
		tquic_cc_free(drive.cc);
	}
}
