// SPDX-License-Identifier: GPL-2.0
/*
 * Who decides on the window: RAMP, HOLD, PROBE, DRAIN.
 */
#include "poise.h"

/* RAMP ends when delay rises by as much */
#define TQUIC_POISE_RISE_MIN	(4 * TQUIC_NS_PER_MS)
#define TQUIC_POISE_RISE_DIV	8
/* 16ths */
#define TQUIC_POISE_GAIN_MIN	4
#define TQUIC_POISE_GAIN_MAX	16
/* windows without a queue until HOLD turns into RAMP */
#define TQUIC_POISE_IDLE	8
/* windows with too much of one until it is doubted */
#define TQUIC_POISE_HIGH	8
/* windows in which noise is averaged out */
#define TQUIC_POISE_AVERAGE	4
#define TQUIC_POISE_PROBE_ROUNDS	12

/* Grow with every acknowledgment, by @gain 16ths of it. */
void tquic_poise_ramp(struct tquic_cc *cc, u32 gain)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	p->state = TQUIC_POISE_RAMP;
	p->gain = gain;
	p->round_end = p->delivered + cc->cwnd;
	p->recent_count = 0;
}

static void tquic_poise_probe_later(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 wait = TQUIC_POISE_PROBE_ROUNDS * (p->base + p->queue);

	wait += tquic_poise_scale(wait / 2, tquic_cc_rand(cc) & U16_MAX,
				  U16_MAX);
	p->probe_at = now + wait;
}

/* Keep the queue at its target from now on. */
void tquic_poise_hold(struct tquic_cc *cc, u64 cwnd)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	p->state = TQUIC_POISE_HOLD;
	p->idle_windows = 0;
	p->high_windows = 0;
	p->level = 0;
	if (p->first) {
		p->first = false;
		cc->ssthresh = cwnd;
	}
	tquic_poise_set_cwnd(cc, cwnd);
	tquic_poise_window_reset(p);
}

static void tquic_poise_test(struct tquic_cc *cc, enum tquic_poise_state state,
			     u64 rtt, u64 cwnd)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	p->state = state;
	p->saved_cwnd = cc->cwnd;
	p->saved_rtt = rtt;
	p->sum_rtt = 0;
	p->sum_count = 0;
	tquic_poise_set_cwnd(cc, cwnd);
	tquic_poise_window_reset(p);
}

static void tquic_poise_drain(struct tquic_cc *cc, u64 rtt, u64 cwnd)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	p->bw_peak = p->bw_latest;
	tquic_poise_test(cc, TQUIC_POISE_DRAIN, rtt, cwnd);
	p->wait_from = cc->cwnd + cc->mds;
}

static void tquic_poise_probe(struct tquic_cc *cc, u64 rtt)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 more = tquic_poise_scale(cc->cwnd, 3 * p->noise, rtt);

	more = clamp(more, cc->cwnd / 16, cc->cwnd / 4);
	more = max_t(u64, more, 2ULL * cc->mds);
	p->wait_from = cc->cwnd + more / 2;
	tquic_poise_test(cc, TQUIC_POISE_PROBE, rtt, cc->cwnd + more);
}

static void tquic_poise_grow(struct tquic_cc *cc, u64 cwnd)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	tquic_poise_set_cwnd(cc, min(cwnd, max(cc->cwnd, p->ceiling)));
}

/**
 * tquic_poise_on_ramp - an acknowledgment in RAMP
 * @cc: controller
 * @sample: acknowledgment
 */
void tquic_poise_on_ramp(struct tquic_cc *cc,
			 const struct tquic_cc_sample *sample)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 rtt = tquic_poise_recent(p), rise;

	rise = clamp(div_u64(p->base, TQUIC_POISE_RISE_DIV),
		     TQUIC_POISE_RISE_MIN, TQUIC_POISE_TARGET_MAX);
	rise = max(rise, p->noise * 3 / 2);
	if (rtt != U64_MAX && rtt > p->base + rise) {
		if (p->first)
			tquic_poise_drain(cc, rtt,
					  tquic_poise_bytes(p->bw_latest,
							    p->base) * 3 / 4);
		else
			tquic_poise_hold(cc, tquic_poise_bytes(p->bw_latest,
					p->base + tquic_poise_target(cc)));
		return;
	}
	if (sample->delivered >= p->round_end) {
		p->gain = min_t(u32, 2 * p->gain, TQUIC_POISE_GAIN_MAX);
		p->round_end = sample->delivered + cc->cwnd;
	}
	if (!sample->app_limited && sample->prior_in_flight >= cc->cwnd / 2)
		tquic_poise_grow(cc, cc->cwnd + sample->acked_bytes *
				 p->gain / TQUIC_POISE_GAIN_MAX);
}

/* The window that makes the queue what it should be. */
static u64 tquic_poise_fit(const struct tquic_poise *p, u64 target)
{
	return tquic_poise_scale(p->win.flight, p->base + target, p->win.rtt);
}

static void tquic_poise_on_drain(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 rtt, fall, target, old = p->base;

	if (p->win.flight > p->wait_from)
		return;
	p->sum_rtt += p->win.rtt;
	if (++p->sum_count < TQUIC_POISE_AVERAGE && tquic_poise_noisy(cc))
		return;
	rtt = div_u64(p->sum_rtt, p->sum_count);
	/* were the queue ours, delay had fallen as the window has */
	fall = tquic_poise_scale(p->saved_rtt, cc->cwnd, p->saved_cwnd);
	if (!p->first && rtt > old + tquic_poise_target(cc) &&
	    rtt < (fall + p->saved_rtt) / 2) {
		tquic_poise_drain(cc, rtt, tquic_poise_scale(cc->cwnd, old,
							     rtt) * 3 / 4);
		return;
	}
	p->base = rtt;
	p->queue = 0;
	tquic_poise_base_seen(cc, now);
	tquic_poise_probe_later(cc, now);
	target = tquic_poise_target(cc);
	if (!p->first) {
		if (p->saved_rtt > rtt + target)
			p->saved_cwnd = tquic_poise_scale(p->saved_cwnd,
							  rtt + target,
							  p->saved_rtt);
		tquic_poise_hold(cc, max(cc->cwnd, p->saved_cwnd));
	} else if (rtt > old + (p->saved_rtt - old) / 2) {
		/* what ended the ramp was no queue */
		tquic_poise_set_cwnd(cc, p->saved_cwnd);
		tquic_poise_ramp(cc, TQUIC_POISE_GAIN_MAX / 2);
	} else {
		tquic_poise_hold(cc, tquic_poise_bytes(p->bw_peak,
						       rtt + target / 2));
	}
}

static void tquic_poise_on_probe(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 rtt, rise;

	if (p->win.flight < p->wait_from) {
		if (now > p->probe_at + 4 * (p->base + p->queue)) {
			tquic_poise_probe_later(cc, now);
			tquic_poise_hold(cc, p->saved_cwnd);
		}
		return;
	}
	p->sum_rtt += p->win.rtt;
	if (++p->sum_count < TQUIC_POISE_AVERAGE)
		return;
	rtt = div_u64(p->sum_rtt, p->sum_count);
	rise = tquic_poise_scale(p->saved_rtt, cc->cwnd - p->saved_cwnd,
				 p->saved_cwnd);
	tquic_poise_probe_later(cc, now);
	if (rtt > p->saved_rtt + rise / 2) {
		tquic_poise_hold(cc, p->saved_cwnd);
		return;
	}
	p->base = max(p->base, min(p->saved_rtt, rtt));
	p->queue = 0;
	tquic_poise_base_seen(cc, now);
	tquic_poise_ramp(cc, TQUIC_POISE_GAIN_MIN);
}

static void tquic_poise_base_fall(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 rtt = p->win.rtt;

	if (rtt + max(p->noise, TQUIC_NS_PER_MS / 2) < p->base)
		p->base = rtt;
	else if (rtt < p->base)
		p->base -= (p->base - rtt) / 16;
	p->queue = rtt > p->base ? rtt - p->base : 0;
	if (p->queue < tquic_poise_target(cc) / 4)
		tquic_poise_base_seen(cc, now);
}

static void tquic_poise_on_hold(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 target, fit, rtt = p->win.rtt;

	tquic_poise_base_fall(cc, now);
	target = tquic_poise_target(cc);
	fit = tquic_poise_fit(p, target);
	p->level = p->level ? (7 * p->level + rtt) / 8 : rtt;
	p->idle_windows = p->queue <= target / 4 && p->limited ?
			  p->idle_windows + 1 : 0;
	p->high_windows = p->queue > target + target / 2 ?
			  p->high_windows + 1 : 0;
	if (p->high_windows > TQUIC_POISE_HIGH ||
	    now - p->base_at > p->base_wait) {
		tquic_poise_drain(cc, rtt, min(cc->cwnd,
					       tquic_poise_fit(p, 0)) * 3 / 4);
		return;
	}
	if (p->idle_windows > TQUIC_POISE_IDLE && cc->cwnd < p->ceiling) {
		tquic_poise_ramp(cc, TQUIC_POISE_GAIN_MIN);
		return;
	}
	if (tquic_poise_noisy(cc) && now > p->probe_at && p->limited) {
		tquic_poise_probe(cc, p->level);
		return;
	}
	if (p->queue > target) {
		if (fit < cc->cwnd)
			tquic_poise_set_cwnd(cc, p->high_windows ? fit :
					     (fit + cc->cwnd) / 2);
	} else if (p->limited) {
		fit = max(fit, cc->cwnd);
		if (p->queue > target / 2)
			fit = (fit + cc->cwnd) / 2;
		tquic_poise_grow(cc, fit);
	}
}

/**
 * tquic_poise_on_window - a window of samples is complete
 * @cc: controller
 * @now: present time
 */
void tquic_poise_on_window(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	if (p->state == TQUIC_POISE_DRAIN)
		tquic_poise_on_drain(cc, now);
	else if (p->state == TQUIC_POISE_PROBE)
		tquic_poise_on_probe(cc, now);
	else if (p->state == TQUIC_POISE_HOLD)
		tquic_poise_on_hold(cc, now);
	p->limited = false;
	tquic_poise_window_reset(p);
}
