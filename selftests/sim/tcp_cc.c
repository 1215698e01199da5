// SPDX-License-Identifier: GPL-2.0
/*
 * Congestion control of the TCP models: NewReno (RFC 5681), CUBIC (RFC 9438)
 * with HyStart.
 */
#include "tcp.h"

#define MIN_CWND	(2 * TCP_ONE)
#define CUBIC_SAMPLES	8

static void reno_init(struct tcp *t)
{
}

/* Answers what is left over after slow start. */
static u64 slow_start(struct tcp *t, u64 acked)
{
	u64 room = t->ssthresh > t->cwnd ? t->ssthresh - t->cwnd : 0;
	u64 grow = min(acked * TCP_ONE, room);

	t->cwnd += grow;
	return acked - grow / TCP_ONE;
}

/* The window was used, or it means nothing. */
static bool used(const struct tcp *t, u32 acked)
{
	u64 before = t->flight + acked;

	return t->cwnd < t->ssthresh ? 2 * before >= tcp_segments(t) :
				       before + 3 >= tcp_segments(t);
}

static void reno_acked(struct tcp *t, const struct tcp_rate *rate)
{
	u64 left;

	if (t->recovering || !used(t, rate->acked))
		return;
	left = slow_start(t, rate->acked);
	t->cwnd += div64_u64(left * TCP_ONE * TCP_ONE, t->cwnd);
}

static void reno_loss(struct tcp *t)
{
	t->ssthresh = max(t->cwnd / 2, MIN_CWND);
	t->cwnd = t->ssthresh;
}

static void reno_timeout(struct tcp *t)
{
	t->ssthresh = max(t->cwnd / 2, MIN_CWND);
	t->cwnd = TCP_ONE;
}

const struct tcp_cc tcp_reno = {
	.init = reno_init,
	.acked = reno_acked,
	.loss = reno_loss,
	.timeout = reno_timeout,
};

static void cubic_init(struct tcp *t)
{
	t->cubic.round_rtt = NEVER;
}

/* A queue that builds up ends slow start before it overflows. */
static void hystart(struct tcp *t, const struct tcp_rate *rate)
{
	struct cubic *c = &t->cubic;
	u64 more;

	if (t->highest >= c->round_end) {
		c->round_end = t->txs;
		c->base_rtt = c->round_rtt;
		c->round_rtt = NEVER;
		c->samples = 0;
	}
	if (rate->rtt)
		c->round_rtt = min(c->round_rtt, rate->rtt);
	if (++c->samples < CUBIC_SAMPLES || !c->base_rtt ||
	    c->base_rtt == NEVER || tcp_segments(t) < 16)
		return;
	more = clamp(c->base_rtt / 8, 4 * MS, 16 * MS);
	if (c->round_rtt != NEVER && c->round_rtt >= c->base_rtt + more)
		t->ssthresh = t->cwnd;
}

/* Largest x with x^3 <= @n. */
static u64 cube_root(u64 n)
{
	u64 low = 0, high = 2642245, mid;

	while (low < high) {
		mid = (low + high + 1) / 2;
		if (mid * mid * mid <= n)
			low = mid;
		else
			high = mid - 1;
	}
	return low;
}

static void cubic_begin(struct tcp *t)
{
	struct cubic *c = &t->cubic;

	c->epoch = tcp_now(t);
	c->friendly = t->cwnd;
	if (t->cwnd < c->last_max) {
		/* (max - cwnd) / 0.4 in segments, as ms cubed */
		c->k = cube_root(div64_u64((c->last_max - t->cwnd) *
					   2500000000ULL, TCP_ONE));
		c->origin = c->last_max;
	} else {
		c->k = 0;
		c->origin = t->cwnd;
	}
}

/* The window that the cubic function has one RTT from now. */
static u64 cubic_target(struct tcp *t)
{
	struct cubic *c = &t->cubic;
	s64 ms = div_u64(tcp_now(t) - c->epoch + t->min_rtt, MS);
	s64 d = min(ms - (s64)c->k, 100000LL), grow;
	s64 cube = d * d * d;

	grow = cube < 0 ? -(s64)div_u64(-cube * 2 / 5, 1000000) :
			  (s64)div_u64(cube * 2 / 5, 1000000);
	grow = grow * (s64)TCP_ONE;
	grow = grow < 0 ? -(s64)div_u64(-grow, 1000) :
			  (s64)div_u64(grow, 1000);
	if (grow < 0 && (u64)-grow > c->origin)
		return MIN_CWND;
	return c->origin + grow;
}

static void cubic_acked(struct tcp *t, const struct tcp_rate *rate)
{
	struct cubic *c = &t->cubic;
	u64 left, target;

	if (t->cwnd < t->ssthresh)
		hystart(t, rate);
	if (t->recovering || !used(t, rate->acked))
		return;
	left = slow_start(t, rate->acked);
	if (!left)
		return;
	if (!c->epoch)
		cubic_begin(t);
	/* 3 (1 - beta) / (1 + beta) = 9/17 of a segment per RTT */
	c->friendly += div64_u64(left * TCP_ONE * TCP_ONE * 9, 17 * t->cwnd);
	target = clamp(cubic_target(t), t->cwnd, t->cwnd + t->cwnd / 2);
	if (target > t->cwnd)
		t->cwnd += div64_u64((target - t->cwnd) * left * TCP_ONE,
				     t->cwnd);
	t->cwnd = min(max(t->cwnd, c->friendly), TCP_WINDOW * TCP_ONE);
}

static void cubic_reduce(struct tcp *t)
{
	struct cubic *c = &t->cubic;

	/* fast convergence */
	c->last_max = t->cwnd < c->last_max ? t->cwnd * 17 / 20 : t->cwnd;
	c->epoch = 0;
	t->ssthresh = max(t->cwnd * 7 / 10, MIN_CWND);
}

static void cubic_loss(struct tcp *t)
{
	cubic_reduce(t);
	t->cwnd = t->ssthresh;
}

static void cubic_timeout(struct tcp *t)
{
	cubic_reduce(t);
	t->cwnd = TCP_ONE;
}

static void cubic_undo(struct tcp *t)
{
	t->cubic.last_max = max(t->cubic.last_max, t->cwnd);
}

const struct tcp_cc tcp_cubic = {
	.init = cubic_init,
	.acked = cubic_acked,
	.loss = cubic_loss,
	.timeout = cubic_timeout,
	.undo = cubic_undo,
};
