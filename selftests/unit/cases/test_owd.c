// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "core/owd.h"
#include "lib_pair.h"
#include "tap.h"

#define US	TQUIC_NS_PER_US
#define MS	TQUIC_NS_PER_MS
#define SEC	TQUIC_NS_PER_SEC

/*
 * The two ends of a wire.  The receiver's clock is ahead by @offset ns and runs
 * fast by @ppm.
 */
struct wire {
	struct tquic_owd_clock tx;
	struct tquic_owd_clock rx;
	s64 offset;
	s64 ppm;
};

static u64 rx_time(const struct wire *w, u64 at)
{
	return at + (u64)w->offset + (u64)((s64)(at / 1000000) * w->ppm);
}

static void wire_init(struct wire *w, u64 now, s64 offset, s64 ppm)
{
	w->offset = offset;
	w->ppm = ppm;
	tquic_owd_clock_init(&w->tx, now);
	tquic_owd_clock_init(&w->rx, rx_time(w, now));
}

/* A packet that is sent at @now and takes @delay; heard of at once. */
static bool wire_send(struct wire *w, struct tquic_owd *owd, u64 now,
		      u64 delay, u64 srtt)
{
	u32 stamp = tquic_owd_stamp(&w->rx, rx_time(w, now + delay));
	bool usual;
	s64 diff;

	usual = tquic_owd_unwrap(&w->tx, now, stamp, &diff);
	if (!usual)
		tquic_owd_init(owd);
	tquic_owd_sample(owd, now + delay, diff, srtt);
	return usual;
}

TQ_TEST(owd_stamp_counts_from_the_beginning)
{
	struct tquic_owd_clock clock;

	tquic_owd_clock_init(&clock, 5 * SEC);
	TQ_EXPECT_EQ(tquic_owd_stamp(&clock, 5 * SEC), 0);
	TQ_EXPECT_EQ(tquic_owd_stamp(&clock, 4 * SEC), 0);
	TQ_EXPECT_EQ(tquic_owd_stamp(&clock, 5 * SEC + 1999), 1);
	TQ_EXPECT_EQ(tquic_owd_stamp(&clock, 5 * SEC + (1ULL << 30) * US - 1),
		     (1 << 30) - 1);
	TQ_EXPECT_EQ(tquic_owd_stamp(&clock, 5 * SEC + (1ULL << 30) * US), 0);
}

TQ_TEST(owd_difference_of_two_paths_is_right_whatever_the_offset)
{
	static const s64 offsets[] = {
		0, 1, 999, -999, 3600LL * SEC + 77, -3600LL * SEC, 1LL << 60,
	};
	struct tquic_owd_est fast, slow;
	struct tquic_owd a, b;
	unsigned int i, n;
	struct wire w;
	u64 now;

	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		tq_note("offset %lld", (long long)offsets[i]);
		wire_init(&w, 7000 * SEC, offsets[i], 0);
		tquic_owd_init(&a);
		tquic_owd_init(&b);
		now = 7000 * SEC;
		/* across several wraps of 18 minutes */
		for (n = 0; n < 9000; n++, now += 500 * MS) {
			TQ_ASSERT(wire_send(&w, &a, now, 5 * MS, 100 * MS));
			TQ_ASSERT(wire_send(&w, &b, now, 95 * MS, 100 * MS));
		}
		w.tx.zero = tquic_owd_min(&a);
		tquic_owd_read(&a, &w.tx, &fast);
		tquic_owd_read(&b, &w.tx, &slow);
		TQ_EXPECT_EQ(fast.min, 0);
		TQ_EXPECT_EQ(slow.min, 90 * MS);
		TQ_EXPECT_EQ(slow.smoothed - fast.smoothed, 90 * MS);
		TQ_EXPECT_EQ(slow.p75 - fast.p75, 90 * MS);
		TQ_EXPECT_EQ(slow.p90 - fast.p90, 90 * MS);
	}
}

/* RFC 5905 reckons with clocks of 15 ppm; cheap crystals reach 100 */
TQ_TEST(owd_drifting_clocks_do_not_matter)
{
	struct tquic_owd_est fast, slow;
	struct tquic_owd a, b;
	struct wire w;
	s64 ppm;
	u64 now;

	for (ppm = -100; ppm <= 100; ppm += 50) {
		tq_note("%lld ppm", (long long)ppm);
		wire_init(&w, SEC, 5000, ppm);
		tquic_owd_init(&a);
		tquic_owd_init(&b);
		/* a day, one path used now and then only */
		for (now = SEC; now < 86400 * SEC; now += 2 * SEC) {
			TQ_ASSERT(wire_send(&w, &a, now, 20 * MS, 40 * MS));
			if (now / SEC % 25 == 0)
				TQ_ASSERT(wire_send(&w, &b, now, 40 * MS,
						    80 * MS));
			if (now < 60 * SEC)
				continue;
			w.tx.zero = tquic_owd_min(&a) - 1000000;
			tquic_owd_read(&a, &w.tx, &fast);
			tquic_owd_read(&b, &w.tx, &slow);
			TQ_ASSERT(slow.min - fast.min > 15 * MS &&
				  slow.min - fast.min < 25 * MS);
		}
	}
}

TQ_TEST(owd_minimum_is_that_of_the_last_seconds)
{
	struct tquic_owd_est est;
	struct tquic_owd a;
	struct wire w;
	u64 now, i;

	wire_init(&w, 0, 0, 0);
	tquic_owd_init(&a);
	for (now = SEC; now < 60 * SEC; now += 100 * MS) {
		i = now / (20 * SEC);
		TQ_ASSERT(wire_send(&w, &a, now, (10 + 10 * i) * MS, 0));
		tquic_owd_read(&a, &w.tx, &est);
		/* never later than after 10 s, never sooner than after 5 */
		if (now % (20 * SEC) < 5 * SEC)
			TQ_EXPECT(est.min <= (i ? 10 * i : 10) * MS);
		if (now % (20 * SEC) > 10 * SEC + 100 * MS)
			TQ_EXPECT_EQ(est.min, (10 + 10 * i) * MS);
	}
	/* after a pause of a whole window only what is new counts */
	now += 12 * SEC;
	TQ_ASSERT(wire_send(&w, &a, now, 50 * MS, 0));
	tquic_owd_read(&a, &w.tx, &est);
	TQ_EXPECT_EQ(est.min, 50 * MS);
}

static int by_size(const void *a, const void *b)
{
	s64 x = *(const s64 *)a, y = *(const s64 *)b;

	return x < y ? -1 : x > y;
}

/* against a plain sort of the last samples that were far enough apart */
TQ_TEST(owd_quantiles)
{
	s64 all[500], last[TQUIC_OWD_SAMPLES];
	struct tquic_owd_clock clock = {};
	struct tquic_owd_est est;
	unsigned int n, count;
	struct tquic_owd a;
	u64 now = SEC;

	tquic_owd_init(&a);
	for (n = 0; n < 500; n++) {
		all[n] = tq_rand_below(n & 64 ? 50 : 50000);
		tquic_owd_sample(&a, now, all[n], 800 * MS);
		/* in between: ignored for the quantiles */
		tquic_owd_sample(&a, now + 99 * MS, 1000000, 800 * MS);
		now += 100 * MS;
		count = min(n + 1, TQUIC_OWD_SAMPLES);
		memcpy(last, all + n + 1 - count, count * sizeof(last[0]));
		qsort(last, count, sizeof(last[0]), by_size);
		tquic_owd_read(&a, &clock, &est);
		TQ_ASSERT_EQ(est.p75, last[(3 * (count - 1) + 2) / 4] * US);
		TQ_ASSERT_EQ(est.p90, last[(9 * (count - 1) + 5) / 10] * US);
	}
	/* of 32: the 24th and the 29th */
	TQ_EXPECT_EQ(est.p75, last[23] * US);
	TQ_EXPECT_EQ(est.p90, last[28] * US);
}

TQ_TEST(owd_average_follows)
{
	struct tquic_owd_clock clock = {};
	struct tquic_owd_est est;
	struct tquic_owd a;
	unsigned int n;

	tquic_owd_init(&a);
	tquic_owd_sample(&a, SEC, 10000, 0);
	tquic_owd_read(&a, &clock, &est);
	TQ_EXPECT_EQ(est.smoothed, 10 * MS);
	tquic_owd_sample(&a, SEC, 18000, 0);
	tquic_owd_read(&a, &clock, &est);
	TQ_EXPECT_EQ(est.smoothed, 11 * MS);
	for (n = 0; n < 60; n++)
		tquic_owd_sample(&a, SEC, 30000, 0);
	tquic_owd_read(&a, &clock, &est);
	TQ_EXPECT(est.smoothed > 29 * MS && est.smoothed <= 30 * MS);
	TQ_EXPECT_EQ(est.min, 10 * MS);
}

/* a host that slept: what was measured before says nothing */
TQ_TEST(owd_step_of_a_clock_is_noticed)
{
	struct tquic_owd a;
	struct wire w;
	s64 diff;

	wire_init(&w, SEC, 0, 0);
	tquic_owd_init(&a);
	TQ_EXPECT(wire_send(&w, &a, 2 * SEC, 10 * MS, 0));
	w.offset = 59 * SEC;
	TQ_EXPECT(wire_send(&w, &a, 3 * SEC, 10 * MS, 0));
	w.offset = -10LL * SEC;
	TQ_EXPECT(!wire_send(&w, &a, 4 * SEC, 10 * MS, 0));
	TQ_EXPECT_EQ(a.count, 1);
	TQ_EXPECT(wire_send(&w, &a, 5 * SEC, 10 * MS, 0));
	w.offset = 1000LL * SEC;
	TQ_EXPECT(!wire_send(&w, &a, 6 * SEC, 10 * MS, 0));
	/* a clock that is pushed on for ever reaches no limit of ours */
	w.tx.last = (1LL << 40) - 5;
	TQ_EXPECT(tquic_owd_unwrap(&w.tx, SEC, 1073741824 - 5, &diff));
	TQ_EXPECT(!tquic_owd_unwrap(&w.tx, SEC, 10, &diff));
	TQ_EXPECT_EQ(diff, 0);
	w.tx.last = -(1LL << 40) + 5;
	TQ_EXPECT(!tquic_owd_unwrap(&w.tx, SEC, 1073741824 - 10, &diff));
	TQ_EXPECT_EQ(diff, 0);
}

TQ_TEST(owd_grows_stale)
{
	struct tquic_owd a;

	tquic_owd_init(&a);
	TQ_EXPECT(!tquic_owd_fresh(&a, 0));
	tquic_owd_sample(&a, SEC, 5, 0);
	TQ_EXPECT(tquic_owd_fresh(&a, 31 * SEC - 1));
	TQ_EXPECT(!tquic_owd_fresh(&a, 31 * SEC));
	/* and is then begun anew */
	tquic_owd_sample(&a, 40 * SEC, 500, 0);
	TQ_EXPECT_EQ(tquic_owd_min(&a), 500);
	TQ_EXPECT_EQ(a.count, 1);
}

/* 5 ms there and 95 ms back, against 50 and 50: RTT/2 is the same */
static void asymmetric(struct lp *lp, u64 offset, struct tquic_owd_est *est)
{
	const struct lp_config config = {
		.window = 1 << 20, .max_path_id = 3, .offset = offset,
	};
	unsigned int who, id;

	lp_start(lp, &config);
	lp->link[0].delay = 50 * MS;
	lp->link[1].delay = 5 * MS;
	lp->link[1].back = 90 * MS;
	TQ_ASSERT(lp_handshake(lp));
	lp_run(lp, 200 * MS);
	TQ_ASSERT_EQ(lp_open(lp, 1), 1);
	lp_run(lp, 500 * MS);
	lp_send(lp, 0, 1 << 20, true);
	lp_send(lp, 1, 1 << 20, true);
	lp_run(lp, 4 * SEC);
	TQ_EXPECT_EQ(lp->end[1].received, 1 << 20);
	for (who = 0; who < 2; who++)
		for (id = 0; id < 2; id++)
			tquic_conn_owd(lp->end[who].conn,
				       tquic_conn_path(lp->end[who].conn, id),
				       lp_now(lp, who), &est[2 * who + id]);
}

TQ_TEST(owd_of_asymmetric_paths)
{
	struct tquic_owd_est est[4], other[4];
	static struct lp lp;
	u64 plans;

	asymmetric(&lp, 0, est);
	TQ_EXPECT(lp.end[0].conn->times && lp.end[1].conn->times);
	/* to the server the second path is faster by 45 ms, back slower */
	TQ_EXPECT(est[0].min - est[1].min > 44 * MS &&
		  est[0].min - est[1].min < 46 * MS);
	TQ_EXPECT(est[3].min - est[2].min > 44 * MS &&
		  est[3].min - est[2].min < 46 * MS);
	TQ_EXPECT(est[0].smoothed > est[1].smoothed);
	TQ_EXPECT(est[3].smoothed > est[2].smoothed);
	TQ_EXPECT(est[0].p90 >= est[0].p75 && est[0].p75 >= est[0].min);
	plans = lp.end[0].plans;
	lp_stop(&lp);

	/* the server's clock may show what it likes */
	tq_rand_again();
	asymmetric(&lp, 86400 * SEC + 12345, other);
	TQ_EXPECT_MEM_EQ(other, est, sizeof(est));
	TQ_EXPECT_EQ(lp.end[0].plans, plans);
	lp_stop(&lp);
}

TQ_TEST(owd_falls_back_to_half_the_rtt)
{
	struct tquic_frame f = {
		.type = TQUIC_FRAME_RECEIVE_TIME, .receive_time = { 12345 },
	};
	const struct lp_config config = {
		.window = 1 << 20, .max_path_id = U64_MAX,
	};
	struct tquic_owd_est est;
	struct tquic_path *path;
	static struct lp lp;

	lp_start(&lp, &config);
	TQ_ASSERT(lp_handshake(&lp));
	lp_send(&lp, 0, 100000, true);
	lp_run(&lp, SEC);
	path = tquic_conn_path(lp.end[0].conn, 0);
	TQ_EXPECT(!lp.end[0].conn->times);
	TQ_EXPECT(!tquic_owd_fresh(&path->owd, lp.now));
	tquic_conn_owd(lp.end[0].conn, path, lp.now, &est);
	TQ_EXPECT_EQ(est.smoothed - est.min,
		     path->rtt.smoothed - path->rtt.min);
	TQ_EXPECT_EQ(est.min, path->rtt.min / 2);
	TQ_EXPECT(est.p75 > est.smoothed && est.p90 > est.p75);
	/* who was not asked must not tell */
	TQ_EXPECT_EQ(lp_inject(&lp, 0, 0, &f, 1), TQUIC_DROP_PROTOCOL);
	TQ_EXPECT_EQ(lp.end[0].conn->close.code, TQUIC_FRAME_ENCODING_ERROR);
	lp_stop(&lp);
}

TQ_TEST(owd_strange_times_do_no_harm)
{
	const struct lp_config config = {
		.window = 1 << 20, .max_path_id = 3,
	};
	struct tquic_frame f[2] = {
		{ .type = TQUIC_FRAME_RECEIVE_TIME },
		{ .type = TQUIC_FRAME_PATH_ACK },
	};
	struct tquic_conn *conn;
	struct tquic_path *path;
	static struct lp lp;
	s64 before;

	lp_start(&lp, &config);
	TQ_ASSERT(lp_handshake(&lp));
	lp_send(&lp, 0, 100000, true);
	lp_run(&lp, SEC);
	conn = lp.end[0].conn;
	path = tquic_conn_path(conn, 0);
	TQ_EXPECT(tquic_owd_fresh(&path->owd, lp.now));
	TQ_EXPECT(path->owd.told);
	/* of a packet that was acknowledged before, and of none */
	before = conn->clock.last;
	TQ_EXPECT_EQ(lp_inject(&lp, 0, 0, f, 2), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(lp_inject(&lp, 0, 0, f, 1), TQUIC_DROP_NONE);
	f[0].path_id = 2;
	TQ_EXPECT_EQ(lp_inject(&lp, 0, 0, f, 1), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(conn->clock.last, before);
	f[0].path_id = 9;
	TQ_EXPECT_EQ(lp_inject(&lp, 0, 0, f, 1), TQUIC_DROP_PROTOCOL);
	lp_stop(&lp);
}
