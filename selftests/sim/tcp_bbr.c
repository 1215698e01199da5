// SPDX-License-Identifier: GPL-2.0
/*
 * BBR version 1 as a model: paced at the best delivery rate seen, twice what
 * the path holds in flight, a look at the RTT every ten seconds.
 */
#include "tcp.h"

#define HIGH_GAIN	289
#define MIN_RTT_SPAN	(10 * SEC)
#define PROBE_RTT	(200 * MS)
#define PROBE_CWND	(4 * TCP_ONE)

static const u32 gains[] = { 125, 75, 100, 100, 100, 100, 100, 100 };

static u64 best(const struct bbr *b)
{
	u64 bw = 0;
	int i;

	for (i = 0; i < BBR_ROUNDS; i++)
		bw = max(bw, b->bw[i]);
	return bw;
}

/* Segments that the path holds, times a gain, in parts of TCP_ONE. */
static u64 inflight(const struct tcp *t, u32 gain)
{
	const struct bbr *b = &t->bbr;

	if (b->min_rtt == NEVER || !best(b))
		return 10 * TCP_ONE;
	return mul_u64_u64_div_u64(best(b) * gain / 100, b->min_rtt,
				   SEC << 10);
}

static void set_rates(struct tcp *t)
{
	struct bbr *b = &t->bbr;
	u64 bw = best(b);

	if (bw)
		t->pace = mul_u64_u64_div_u64(SEC << 20, 100, bw * b->gain);
	if (b->state == BBR_PROBE_RTT)
		t->cwnd = PROBE_CWND;
	else
		t->cwnd = max(inflight(t, b->state == BBR_STARTUP ?
				       HIGH_GAIN : 200) + 3 * TCP_ONE,
			      PROBE_CWND);
	t->cwnd = min(t->cwnd, TCP_WINDOW * TCP_ONE);
}

static void enter_probe_bw(struct tcp *t)
{
	struct bbr *b = &t->bbr;

	b->state = BBR_PROBE_BW;
	b->phase = 2 + b->round % 6;
	b->phase_at = tcp_now(t);
	b->gain = gains[b->phase];
}

static void note_rate(struct tcp *t, const struct tcp_rate *rate)
{
	struct bbr *b = &t->bbr;
	u64 bw;

	if (rate->prior >= b->round_end) {
		b->round_end = t->delivered;
		b->round++;
		b->bw[b->round % BBR_ROUNDS] = 0;
	}
	if (!rate->span)
		return;
	bw = mul_u64_u64_div_u64(rate->delivered << 20, SEC, rate->span);
	if (!rate->limited || bw > best(b))
		b->bw[b->round % BBR_ROUNDS] =
			max(b->bw[b->round % BBR_ROUNDS], bw);
}

/* Start-up is over after three rounds without a quarter more. */
static void check_full(struct tcp *t, u64 round)
{
	struct bbr *b = &t->bbr;

	if (b->full || round == b->round)
		return;
	if (best(b) * 4 >= b->full_bw * 5) {
		b->full_bw = best(b);
		b->full_count = 0;
		return;
	}
	b->full = ++b->full_count >= 3;
}

static void check_cycle(struct tcp *t)
{
	struct bbr *b = &t->bbr;
	bool over = tcp_now(t) - b->phase_at > b->min_rtt;

	if (b->gain > 100)
		over = over && t->flight * TCP_ONE >= inflight(t, b->gain);
	else if (b->gain < 100)
		over = over || t->flight * TCP_ONE <= inflight(t, 100);
	if (!over)
		return;
	b->phase = (b->phase + 1) % ARRAY_SIZE(gains);
	b->phase_at = tcp_now(t);
	b->gain = gains[b->phase];
}

static void check_rtt(struct tcp *t, u64 rtt)
{
	struct bbr *b = &t->bbr;
	u64 now = tcp_now(t);
	bool expired = b->min_rtt != NEVER && now > b->min_at + MIN_RTT_SPAN;

	if (rtt && (rtt <= b->min_rtt || expired)) {
		b->min_rtt = rtt;
		b->min_at = now;
	}
	if (expired && b->state != BBR_PROBE_RTT) {
		b->state = BBR_PROBE_RTT;
		b->gain = 100;
		b->probe_done = 0;
	}
	if (b->state != BBR_PROBE_RTT)
		return;
	if (!b->probe_done && t->flight * TCP_ONE <= PROBE_CWND)
		b->probe_done = now + PROBE_RTT;
	if (!b->probe_done || now < b->probe_done)
		return;
	b->min_at = now;
	if (b->full) {
		enter_probe_bw(t);
	} else {
		b->state = BBR_STARTUP;
		b->gain = HIGH_GAIN;
	}
}

static void bbr_init(struct tcp *t)
{
	t->bbr = (struct bbr){ .gain = HIGH_GAIN, .min_rtt = NEVER };
}

static void bbr_acked(struct tcp *t, const struct tcp_rate *rate)
{
	struct bbr *b = &t->bbr;
	u64 round = b->round;

	note_rate(t, rate);
	check_full(t, round);
	if (b->state == BBR_STARTUP && b->full) {
		b->state = BBR_DRAIN;
		b->gain = 10000 / HIGH_GAIN;
	}
	if (b->state == BBR_DRAIN && t->flight * TCP_ONE <= inflight(t, 100))
		enter_probe_bw(t);
	if (b->state == BBR_PROBE_BW)
		check_cycle(t);
	check_rtt(t, rate->rtt);
	set_rates(t);
}

/* The model goes by rate and RTT, not by loss. */
static void bbr_loss(struct tcp *t)
{
}

static void bbr_timeout(struct tcp *t)
{
	t->cwnd = PROBE_CWND;
}

const struct tcp_cc tcp_bbr = {
	.init = bbr_init,
	.acked = bbr_acked,
	.loss = bbr_loss,
	.timeout = bbr_timeout,
};
