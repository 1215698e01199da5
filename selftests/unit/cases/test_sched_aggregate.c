// SPDX-License-Identifier: GPL-2.0
#include "core/sendq.h"
#include "core/stream.h"
#include "sched/aggregate.h"
#include "tap.h"

#define MS	TQUIC_NS_PER_MS
#define SEC	TQUIC_NS_PER_SEC
#define MDS	1200
#define LOTS	BIT_ULL(40)

static struct tquic_agg agg;

/* A path whose window is full of nothing: open, without a queue. */
static struct tquic_sched_view path(u32 id, u64 mbit, u64 owd_ms)
{
	u64 rate = mbit * 125000, srtt = 2 * owd_ms * MS;

	return (struct tquic_sched_view){
		.id = id,
		.srtt = srtt,
		.min_rtt = srtt,
		.owd = owd_ms * MS,
		.owd_min = owd_ms * MS,
		.owd_p75 = owd_ms * MS,
		.owd_p90 = owd_ms * MS,
		.rate = rate,
		.cwnd = max_t(u64, rate * srtt / SEC, 10 * MDS),
		.window = max_t(u64, rate * srtt / SEC, 10 * MDS),
		.mds = MDS,
	};
}

static void close_path(struct tquic_sched_view *v)
{
	v->in_flight = v->cwnd;
	v->window = 0;
}

static struct tquic_sched_req bulk(u64 fresh)
{
	return (struct tquic_sched_req){
		.now = 100 * SEC,
		.class = TQUIC_STREAM_BULK,
		.fresh = fresh,
		.open = LOTS,
		.credit = LOTS,
		.budget = LOTS,
	};
}

static int ask(const struct tquic_sched_view *views, unsigned int count,
	       const struct tquic_sched_req *req,
	       struct tquic_sched_grant *grant)
{
	tquic_time_t wake = TQUIC_TIME_NEVER;

	*grant = (struct tquic_sched_grant){};
	return tquic_aggregate_ops.select(&agg, views, count, req, grant,
					  &wake);
}

TQ_TEST(aggregate_first_path_takes_what_is_due_first)
{
	struct tquic_sched_view v[2] = { path(7, 10, 50), path(8, 50, 10) };
	struct tquic_sched_req req = bulk(LOTS);
	struct tquic_sched_grant grant;

	agg = (struct tquic_agg){};
	TQ_EXPECT_EQ(ask(v, 2, &req, &grant), 1);
	TQ_EXPECT_EQ(grant.skip, 0);
	TQ_EXPECT_EQ(grant.late, 0);
	req.tried = BIT(1);
	TQ_EXPECT_EQ(ask(v, 2, &req, &grant), 0);
	/* 50 Mb/s for the 40 ms, the band, and two packets at 10 Mb/s */
	TQ_EXPECT_EQ(grant.skip, 6250 * (41000 + 1920) / 1000);
	TQ_EXPECT_EQ(grant.late, 40 * MS + (1920 - 384) * TQUIC_NS_PER_US);
	req.tried |= BIT(0);
	TQ_EXPECT_EQ(ask(v, 2, &req, &grant), TQUIC_SCHED_NONE);
}

TQ_TEST(aggregate_skip_is_the_sum_over_faster_paths)
{
	struct tquic_sched_view v[3] = {
		path(0, 8, 100), path(1, 80, 10), path(2, 40, 30),
	};
	struct tquic_sched_req req = bulk(LOTS);
	struct tquic_sched_grant grant;

	agg = (struct tquic_agg){};
	req.tried = BIT(1) | BIT(2);
	TQ_EXPECT_EQ(ask(v, 3, &req, &grant), 0);
	TQ_EXPECT_EQ(grant.skip, 10 * (91000 + 2400) + 5 * (71000 + 2400));
	req.tried = BIT(1);
	TQ_EXPECT_EQ(ask(v, 3, &req, &grant), 2);
	TQ_EXPECT_EQ(grant.skip, 10 * (21000 + 480));
	/* a path that has to wait lands less until then */
	v[1].ready_at = req.now + 15 * MS;
	TQ_EXPECT_EQ(ask(v, 3, &req, &grant), 2);
	TQ_EXPECT_EQ(grant.skip, 10 * (6000 + 480));
	v[1].ready_at = 0;
	close_path(&v[1]);
	v[1].cwnd -= 100000 - MDS;
	TQ_EXPECT_EQ(ask(v, 3, &req, &grant), 2);
	TQ_EXPECT_EQ(grant.skip, 10 * (11000 + 480));
	/* longer than the difference: then the other is the first */
	v[1].rate /= 2;
	TQ_EXPECT_EQ(ask(v, 3, &req, &grant), 2);
	TQ_EXPECT_EQ(grant.skip, 0);
	TQ_EXPECT_EQ(grant.late, 0);
}

/* BLEST: what the fast path sends in an RTT of the slow one */
static bool blest_sends(const struct tquic_sched_view *f,
			const struct tquic_sched_view *s, u64 window)
{
	u64 rtts = max(s->srtt / f->srtt, 1ULL);
	u64 x = (f->cwnd + MDS * (rtts - 1) / 2) * rtts;

	return x <= window;
}

/* ECF, first inequality: all is sooner done by the fast path */
static bool ecf_waits(const struct tquic_sched_view *f,
		      const struct tquic_sched_view *s, u64 queued)
{
	u64 delta = max(f->rttvar, s->rttvar) + 4 * TQUIC_AGG_BAND;

	delta += mul_u64_u64_div_u64(2 * MDS, SEC, s->rate);
	return f->srtt + mul_u64_u64_div_u64(queued, f->srtt, f->cwnd) <=
	       s->srtt + delta;
}

TQ_TEST(aggregate_agrees_with_blest_and_ecf)
{
	unsigned int sends = 0, waits = 0, i;
	struct tquic_sched_view v[2];
	struct tquic_sched_grant grant;
	struct tquic_sched_req req;
	u64 queued;
	int got;

	agg = (struct tquic_agg){};
	for (i = 0; i < 20000; i++) {
		v[0] = path(0, 5 + tq_rand_below(200), 2 + tq_rand_below(50));
		v[1] = path(1, 5 + tq_rand_below(200),
			    v[0].owd / MS + 2 + tq_rand_below(300));
		queued = 1 + tq_rand_below(tq_rand_below(2) ? 100000 : 8000000);
		/* in the long run one rate lets in as much as the other */
		v[0].rate = mul_u64_u64_div_u64(v[0].cwnd, SEC, v[0].srtt);
		req = bulk(queued);
		req.tried = BIT(0);
		got = ask(v, 2, &req, &grant);
		if (got == 1) {
			sends++;
			TQ_EXPECT(grant.skip < queued);
		} else {
			waits++;
			TQ_EXPECT(ecf_waits(&v[0], &v[1], queued));
			TQ_EXPECT(!blest_sends(&v[0], &v[1], queued));
		}
	}
	TQ_EXPECT(sends > 2000 && waits > 2000);
}

TQ_TEST(aggregate_credit_that_faster_paths_need_is_theirs)
{
	struct tquic_sched_view v[2] = { path(0, 80, 10), path(1, 80, 60) };
	struct tquic_sched_req req = bulk(LOTS);
	struct tquic_sched_grant grant;

	agg = (struct tquic_agg){};
	req.tried = BIT(0);
	/* 51 ms of 10 MB/s, and two packets */
	req.credit = 512400;
	TQ_EXPECT_EQ(ask(v, 2, &req, &grant), TQUIC_SCHED_NONE);
	req.credit = 512401;
	TQ_EXPECT_EQ(ask(v, 2, &req, &grant), 1);
	/* what is due needs none */
	req.credit = 0;
	req.due = 512401;
	TQ_EXPECT_EQ(ask(v, 2, &req, &grant), 1);
	/* nor may an application's zeal make up for it */
	agg.supply.rate[0] = LOTS;
	agg.supply.rate[1] = LOTS;
	agg.supply.at = req.now;
	req.due = 0;
	req.credit = 512400;
	TQ_EXPECT_EQ(ask(v, 2, &req, &grant), TQUIC_SCHED_NONE);
}

TQ_TEST(aggregate_believes_who_keeps_writing)
{
	struct tquic_sched_view v[2] = { path(0, 80, 10), path(1, 80, 110) };
	struct tquic_sched_req req = bulk(500000);
	struct tquic_sched_grant grant;
	unsigned int i;

	agg = (struct tquic_agg){};
	req.tried = BIT(0);
	/* 101 ms of 10 MB/s are more than wait */
	for (i = 0; i < 100; i++) {
		TQ_EXPECT_EQ(ask(v, 2, &req, &grant), TQUIC_SCHED_NONE);
		req.now += 5 * MS;
	}
	/* somebody who writes as much as goes out */
	for (i = 0; i < 200; i++) {
		ask(v, 2, &req, &grant);
		req.now += 5 * MS;
		req.written += 50000;
	}
	TQ_EXPECT_EQ(ask(v, 2, &req, &grant), 1);
	TQ_EXPECT(grant.skip < req.fresh);
	/* and after a pause is not believed any more */
	req.since = req.now;
	TQ_EXPECT_EQ(ask(v, 2, &req, &grant), TQUIC_SCHED_NONE);
}

TQ_TEST(aggregate_queues_that_drained_are_forgotten)
{
	struct tquic_sched_view v[2] = { path(0, 80, 10), path(1, 80, 15) };
	struct tquic_sched_req req = bulk(LOTS);
	struct tquic_sched_grant grant;

	agg = (struct tquic_agg){};
	req.tried = BIT(0);
	/* bufferbloat when it was last used */
	v[1].owd += 800 * MS;
	v[1].owd_p75 += 800 * MS;
	v[1].in_flight = 20000;
	TQ_EXPECT_EQ(ask(v, 2, &req, &grant), 1);
	/* 20000 bytes are 2 ms */
	TQ_EXPECT_EQ(grant.skip, 10000 * (5 + 2 + 1) + 2400);
	/* and 8.2 MB 820 ms, of which 30 ms are on the way without a queue */
	v[1].in_flight = 8200000;
	ask(v, 2, &req, &grant);
	TQ_EXPECT_EQ(grant.skip, 10000 * (5 + 800 + 1) + 2400);
	/* what was sent since the last measurement counts, too */
	v[1].in_flight = 9300000;
	ask(v, 2, &req, &grant);
	TQ_EXPECT_EQ(grant.skip, 10000 * (5 + 900 + 1) + 2400);
}

TQ_TEST(aggregate_backup_only_alone)
{
	struct tquic_sched_view v[2] = { path(0, 80, 10), path(1, 80, 15) };
	struct tquic_sched_req req = bulk(LOTS);
	struct tquic_sched_grant grant;

	agg = (struct tquic_agg){};
	v[0].backup = true;
	TQ_EXPECT_EQ(ask(v, 2, &req, &grant), 1);
	TQ_EXPECT_EQ(grant.skip, 0);
	req.tried = BIT(1);
	TQ_EXPECT_EQ(ask(v, 2, &req, &grant), TQUIC_SCHED_NONE);
	TQ_EXPECT_EQ(ask(v, 1, &req, &grant), 0);
}

TQ_TEST(aggregate_metered_only_for_lasting_backlogs)
{
	struct tquic_sched_view v[2] = { path(0, 80, 10), path(1, 80, 10) };
	struct tquic_sched_req req = bulk(2000000);
	struct tquic_sched_grant grant;

	agg = (struct tquic_agg){};
	v[1].metered = true;
	req.tried = BIT(0);
	TQ_EXPECT_EQ(ask(v, 2, &req, &grant), TQUIC_SCHED_NONE);
	req.fresh = 3000000;
	TQ_EXPECT_EQ(ask(v, 2, &req, &grant), 1);
}

static struct tquic_sched_req realtime(void)
{
	struct tquic_sched_req req = bulk(100);

	req.class = TQUIC_STREAM_REALTIME;
	return req;
}

TQ_TEST(aggregate_realtime_on_the_lowest_delay)
{
	struct tquic_sched_view v[2] = { path(0, 80, 20), path(1, 8, 15) };
	struct tquic_sched_req req = realtime();
	struct tquic_sched_grant grant;

	agg = (struct tquic_agg){};
	TQ_EXPECT_EQ(ask(v, 2, &req, &grant), 1);
	/* the pacer's debt does not matter, the window does */
	v[1].ready_at = req.now + 10 * MS;
	TQ_EXPECT_EQ(ask(v, 2, &req, &grant), 1);
	v[1].ready_at = req.now + 30 * MS;
	TQ_EXPECT_EQ(ask(v, 2, &req, &grant), 0);
	v[1].ready_at = 0;
	close_path(&v[1]);
	TQ_EXPECT_EQ(ask(v, 2, &req, &grant), 0);
	/* a packet goes out once */
	req.tried = BIT(0);
	TQ_EXPECT_EQ(ask(v, 2, &req, &grant), TQUIC_SCHED_NONE);
}

TQ_TEST(aggregate_realtime_stays_where_it_is)
{
	struct tquic_sched_view v[2] = { path(0, 80, 20), path(1, 80, 21) };
	struct tquic_sched_req req = realtime();
	struct tquic_sched_grant grant;

	agg = (struct tquic_agg){};
	TQ_EXPECT_EQ(ask(v, 2, &req, &grant), 0);
	/* a fifth of 20 ms */
	v[0].owd_p90 = 25 * MS;
	TQ_EXPECT_EQ(ask(v, 2, &req, &grant), 0);
	v[0].owd_p90 = 25 * MS + 1;
	TQ_EXPECT_EQ(ask(v, 2, &req, &grant), 1);
	v[0].owd_p90 = 20 * MS;
	TQ_EXPECT_EQ(ask(v, 2, &req, &grant), 1);
	/* silence is reason enough */
	v[1].suspect = true;
	TQ_EXPECT_EQ(ask(v, 2, &req, &grant), 0);
}

/*
 * A toy: two pipes without loss, one stream, an in-order reader, credit that
 * comes back on the fast pipe, time in steps of one packet of the fast one.
 */
#define TOY_PKT		1250

struct toy_pipe {
	u64 delay;
	u64 slot;
	u64 next;
};

static u32 toy_arrival[1 << 19];

static u64 toy_in_order(u64 *edge, u64 now)
{
	while (toy_arrival[*edge] && toy_arrival[*edge] <= now)
		(*edge)++;
	return *edge;
}

static void toy_get(void *handle)
{
}

static const struct tquic_buf_ops toy_ops = { .get = toy_get, .put = toy_get };

/* Packets that the reader got in @steps; a pipe takes one in @slot steps. */
static u64 toy(u64 budget, struct toy_pipe *pipes, u64 steps)
{
	static u64 history[1 << 17];
	struct tquic_sched_view v[2];
	struct tquic_sendq_piece piece;
	struct tquic_sched_grant grant;
	struct tquic_sched_req req;
	struct tquic_sendq q;
	u64 now, got = 0, back = pipes[0].delay, limit, pkt;
	int i;

	agg = (struct tquic_agg){};
	memset(toy_arrival, 0, sizeof(toy_arrival));
	tquic_sendq_init(&q, &toy_ops);
	tquic_sendq_append(&q, &q, 0, 1 << 30, GFP_KERNEL);
	for (now = 1; now < steps; now++) {
		history[now] = toy_in_order(&got, now) * TOY_PKT;
		limit = budget + (now > back ? history[now - back] : 0);
		req = bulk(0);
		req.now = now * 200000;
		for (i = 0; i < 2; i++) {
			v[i] = path(i, 50 / pipes[i].slot,
				    pipes[i].delay / 5);
			v[i].mds = TOY_PKT;
			v[i].ready_at = pipes[i].next * 200000;
		}
		for (;;) {
			req.due = tquic_due_bytes(&q.due);
			req.credit = limit - q.next;
			req.open = req.credit;
			req.fresh = req.credit;
			i = ask(v, 2, &req, &grant);
			if (i == TQUIC_SCHED_NONE)
				break;
			req.tried |= BIT(i);
			grant.skip -= grant.skip % TOY_PKT;
			if (!tquic_sendq_peek(&q, limit, grant.skip, TOY_PKT,
					      &piece))
				continue;
			TQ_EXPECT_EQ(tquic_sendq_take(&q, &piece, GFP_KERNEL),
				     0);
			pkt = piece.off / TOY_PKT;
			toy_arrival[pkt] = now + pipes[i].delay;
			pipes[i].next = now + pipes[i].slot;
			v[i].ready_at = pipes[i].next * 200000;
		}
	}
	tquic_sendq_free(&q);
	return got;
}

/* 50 Mb/s each, 20 and 320 ms one way: a step is 0.2 ms */
TQ_TEST(aggregate_toy_reaches_what_the_budget_allows)
{
	static const struct { u64 budget, permille; } want[] = {
		/* the sum needs 12.5 MB/s for 340 ms: 4.05 MiB */
		{ 8 << 20, 985 }, { 4 << 20, 950 },
		/* the fast one alone, which needs 250 kB */
		{ 1 << 20, 500 }, { 512 << 10, 500 }, { 300 << 10, 500 },
	};
	struct toy_pipe pipes[2];
	u64 steps = 60000, fill, got, i;

	for (i = 0; i < ARRAY_SIZE(want); i++) {
		pipes[0] = (struct toy_pipe){ .delay = 100, .slot = 1 };
		pipes[1] = (struct toy_pipe){ .delay = 1600, .slot = 1 };
		got = toy(want[i].budget, pipes, steps);
		fill = 2 * (steps - 1600);
		tq_note("budget %llu: %llu of %llu",
			(unsigned long long)want[i].budget,
			(unsigned long long)got, (unsigned long long)fill);
		TQ_EXPECT(got >= fill * want[i].permille / 1000);
	}
}
