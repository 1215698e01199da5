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
/* windows with too much of one until it is doubted */
#define TQUIC_POISE_HIGH	3
/* windows in which noise is averaged out */
#define TQUIC_POISE_AVERAGE	2
/* RTTs between probes; twice as many after each that fails */
#define TQUIC_POISE_PROBE_MIN	12U
#define TQUIC_POISE_PROBE_MAX	96U

/* Grow with every acknowledgment, by @gain 16ths of it. */
void tquic_poise_ramp(struct tquic_cc *cc, u32 gain)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	p->state = TQUIC_POISE_RAMP;
	p->probe_rounds = TQUIC_POISE_PROBE_MIN;
	p->gain = gain;
	p->round_end = p->delivered + cc->cwnd;
	p->bw_peak = 0;
	p->bw_round = 0;
	p->bw_before = 0;
	p->ramp_rtt = 0;
}

static void tquic_poise_probe_later(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 wait = p->probe_rounds * (p->base + p->queue);

	wait += tquic_poise_scale(wait / 2, tquic_cc_rand(cc) & U16_MAX,
				  U16_MAX);
	p->probe_at = now + wait;
}

/* Samples of packets sent earlier do not tell of the present window. */
static void tquic_poise_since(struct tquic_poise *p, tquic_time_t now)
{
	p->since = now;
	p->growing = false;
	tquic_poise_window_reset(p);
}

/* Keep the queue at its target from now on. */
void tquic_poise_hold(struct tquic_cc *cc, tquic_time_t now, u64 cwnd)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	p->state = TQUIC_POISE_HOLD;
	p->idle = 0;
	p->high_windows = 0;
	p->press_cwnd = 0;
	p->level = 0;
	p->prev_rtt = 0;
	if (p->first) {
		p->first = false;
		cc->ssthresh = cwnd;
	}
	tquic_poise_set_cwnd(cc, cwnd);
	tquic_poise_since(p, now);
}

static void tquic_poise_test(struct tquic_cc *cc, enum tquic_poise_state state,
			     tquic_time_t now, u64 rtt, u64 cwnd)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	p->state = state;
	p->saved_cwnd = cc->cwnd;
	p->saved_rtt = rtt;
	p->saved_bw = max(p->bw, p->bw_high - p->bw_high / 8);
	p->sum_rtt = 0;
	p->sum_count = 0;
	p->sum_acked = 0;
	p->sum_time = 0;
	tquic_poise_set_cwnd(cc, cwnd);
	tquic_poise_since(p, now);
}

static void tquic_poise_drain(struct tquic_cc *cc, tquic_time_t now, u64 rtt,
			      u64 cwnd)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	p->bw_peak = p->bw_latest;
	tquic_poise_test(cc, TQUIC_POISE_DRAIN, now, rtt, min(cwnd, cc->cwnd));
}

static void tquic_poise_probe(struct tquic_cc *cc, tquic_time_t now, u64 rtt)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 more = tquic_poise_scale(cc->cwnd, 3 * p->noise, rtt);

	more = clamp(more, cc->cwnd / 8, cc->cwnd / 4);
	more = max_t(u64, more, 2ULL * cc->mds);
	tquic_poise_test(cc, TQUIC_POISE_PROBE, now, rtt, cc->cwnd + more);
	p->growing = true;
}

static void tquic_poise_grow(struct tquic_cc *cc, u64 cwnd)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	tquic_poise_set_cwnd(cc, min(cwnd, max(cc->cwnd, p->ceiling)));
}

/* What is in flight within an RTT, and waits to be acknowledged. */
static u64 tquic_poise_pipe(const struct tquic_poise *p, u64 rtt)
{
	return tquic_poise_bytes(p->bw_peak, rtt + p->back) + p->ack_bytes / 2;
}

static void tquic_poise_ramp_end(struct tquic_cc *cc, tquic_time_t now,
				 u64 rtt)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 full = p->base + tquic_poise_target(cc);

	/* what is under way is too much, and not worth to be judged */
	p->judge_from = now;
	p->acked = 0;
	p->lost = 0;
	if (p->first)
		tquic_poise_drain(cc, now, rtt,
				  tquic_poise_bytes(p->bw_latest,
						    p->base + p->back) * 3 / 4);
	else
		tquic_poise_hold(cc, now,
				 min(cc->cwnd, tquic_poise_pipe(p, full)));
	tquic_poise_probe_later(cc, now);
}

/*
 * A round of RAMP is over.  Among noise, delay counts only when what is
 * delivered does not grow with what is sent.
 *
 * Returns whether the ramp is, too.
 */
static bool tquic_poise_ramp_round(struct tquic_cc *cc,
				   const struct tquic_cc_sample *sample)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 least = p->bw_before + p->bw_before / 64 * p->gain;

	if (p->ramp_rtt && p->bw_round < least) {
		tquic_poise_ramp_end(cc, sample->now, p->ramp_rtt);
		return true;
	}
	p->ramp_rtt = 0;
	p->bw_before = p->bw_round;
	p->bw_round = 0;
	p->gain = min_t(u32, 2 * p->gain, TQUIC_POISE_GAIN_MAX);
	p->round_end = sample->delivered + cc->cwnd;
	return false;
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
	u64 rtt = tquic_poise_recent(p, tquic_poise_samples(p)), rise;

	rise = clamp(div_u64(p->base, TQUIC_POISE_RISE_DIV),
		     TQUIC_POISE_RISE_MIN, TQUIC_POISE_TARGET_MAX);
	rise = max(rise, p->noise * 3 / 2);
	if (rtt != U64_MAX && rtt > p->base + rise) {
		p->ramp_rtt = rtt;
		if (!p->noisy || (!p->first && tquic_poise_beyond(cc))) {
			tquic_poise_ramp_end(cc, sample->now, rtt);
			return;
		}
	}
	if (sample->delivered >= p->round_end &&
	    tquic_poise_ramp_round(cc, sample))
		return;
	if (!sample->app_limited && sample->prior_in_flight >= cc->cwnd / 2)
		tquic_poise_grow(cc, cc->cwnd + sample->acked_bytes *
				 p->gain / TQUIC_POISE_GAIN_MAX);
}

/* The window that makes the present RTT another. */
static u64 tquic_poise_fit(const struct tquic_cc *cc, u64 rtt)
{
	const struct tquic_poise *p = (const struct tquic_poise *)cc->priv;

	return tquic_poise_scale(cc->cwnd, rtt + p->back,
				 p->win.rtt + p->back);
}

static void tquic_poise_on_drain(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 rtt, fall, target, old = p->base;

	p->sum_rtt += p->win.rtt;
	p->sum_count++;
	rtt = div_u64(p->sum_rtt, p->sum_count);
	/* were the queue ours, delay had fallen as the window has */
	fall = tquic_poise_foretell(p, p->saved_rtt, p->saved_cwnd, cc->cwnd);
	if (!p->first && rtt > old + tquic_poise_target(cc) &&
	    rtt < (fall + p->saved_rtt) / 2) {
		tquic_poise_set_cwnd(cc, tquic_poise_fit(cc, old) * 3 / 4);
		p->sum_rtt = 0;
		p->sum_count = 0;
		tquic_poise_since(p, now);
		return;
	}
	if (!p->first && p->press_cwnd &&
	    rtt > old + (p->saved_rtt - old) / 2 &&
	    tquic_poise_rival_foreign(cc, now, rtt))
		return;
	p->base = rtt;
	p->queue = 0;
	tquic_poise_base_seen(cc, now);
	tquic_poise_probe_later(cc, now);
	target = tquic_poise_target(cc);
	if (!p->first) {
		if (p->press_cwnd && rtt > old + (p->saved_rtt - old) / 2)
			p->saved_cwnd = max(p->saved_cwnd, p->press_cwnd);
		else if (p->saved_rtt > rtt + target)
			p->saved_cwnd = tquic_poise_scale(p->saved_cwnd,
							  rtt + target +
							  p->back,
							  p->saved_rtt +
							  p->back);
		tquic_poise_hold(cc, now, max(cc->cwnd, p->saved_cwnd));
	} else if (rtt > old + (p->saved_rtt - old) / 2) {
		/* what ended the ramp was no queue */
		tquic_poise_set_cwnd(cc, p->saved_cwnd);
		tquic_poise_ramp(cc, TQUIC_POISE_GAIN_MAX / 2);
	} else {
		tquic_poise_hold(cc, now,
				 tquic_poise_pipe(p, rtt + target / 2));
	}
}

/* More was sent: did more come, and not later? */
static bool tquic_poise_probe_won(const struct tquic_cc *cc)
{
	const struct tquic_poise *p = (const struct tquic_poise *)cc->priv;
	u64 more = cc->cwnd - p->saved_cwnd;
	u64 rtt = div_u64(p->sum_rtt, p->sum_count);
	u64 rate = tquic_poise_scale(p->sum_acked, TQUIC_NS_PER_SEC,
				     p->sum_time);

	return rtt < tquic_poise_foretell(p, p->saved_rtt, p->saved_cwnd,
					  p->saved_cwnd + more / 2) &&
	       rate > p->saved_bw +
		      tquic_poise_scale(p->saved_bw, more / 2, p->saved_cwnd);
}

static void tquic_poise_on_probe(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	if (p->growing) {
		if (now > p->probe_at + 4 * (p->base + p->queue)) {
			tquic_poise_probe_later(cc, now);
			tquic_poise_hold(cc, now, p->saved_cwnd);
		}
		return;
	}
	p->sum_rtt += p->win.rtt;
	p->sum_acked += p->win.acked;
	p->sum_time += tquic_poise_win_time(&p->win, now);
	if (++p->sum_count < TQUIC_POISE_AVERAGE)
		return;
	if (!tquic_poise_probe_won(cc)) {
		p->probe_rounds = min(2 * p->probe_rounds,
				      TQUIC_POISE_PROBE_MAX);
		tquic_poise_probe_later(cc, now);
		tquic_poise_hold(cc, now, p->saved_cwnd);
		return;
	}
	p->base = max(p->base, min(p->saved_rtt, p->win.rtt));
	p->queue = 0;
	tquic_poise_base_seen(cc, now);
	tquic_poise_ramp(cc, TQUIC_POISE_GAIN_MIN);
}

static void tquic_poise_base_fall(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 rtt = p->win.rtt;

	if (rtt + max(p->noise, TQUIC_NS_PER_MS / 2) < p->base)
		p->base = p->noisy ? (3 * p->base + rtt) / 4 : rtt;
	else if (rtt < p->base)
		p->base -= (p->base - rtt) / 16;
	p->queue = rtt > p->base ? rtt - p->base : 0;
	if (p->queue < tquic_poise_target(cc) / 4)
		tquic_poise_base_seen(cc, now);
}

/* Too much of a queue: send what the path delivers, and what it may hold. */
static void tquic_poise_cut(struct tquic_cc *cc, tquic_time_t now, u64 target)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 cwnd = tquic_poise_fit(cc, p->base + target);
	u64 rate, time = tquic_poise_win_time(&p->win, now);

	if (!p->noisy) {
		rate = tquic_poise_scale(p->win.acked, TQUIC_NS_PER_SEC, time);
		cwnd = min(cwnd, tquic_poise_bytes(rate, p->base + target +
						   p->back));
	}
	tquic_poise_set_cwnd(cc, max(cwnd, cc->cwnd / 8));
	tquic_poise_since(p, now);
}

/*
 * No queue at all, for the @p->idle-th time: a 16th more, an 8th, then RAMP if
 * the path delivers more than it did of late.  Where it only delivers as much
 * again, a ramp would find the queue at once.
 */
static void tquic_poise_spread(struct tquic_cc *cc)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	if (!p->idle)
		p->idle_bw = max(p->bw_latest,
				 p->bw_high - p->bw_high / 8);
	if (p->idle >= 2 && p->ceiling == U64_MAX &&
	    p->bw_latest > p->idle_bw + p->idle_bw / 8) {
		tquic_poise_ramp(cc, TQUIC_POISE_GAIN_MIN);
		return;
	}
	tquic_poise_grow(cc, cc->cwnd + (cc->cwnd >> (p->idle ? 3 : 4)));
	p->idle++;
	p->growing = true;
}

/*
 * The queue has been too long while the window lost a quarter, and delay did
 * not follow.
 */
static bool tquic_poise_in_vain(struct tquic_cc *cc)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 foretold;

	if (!p->press_cwnd || cc->cwnd > p->press_cwnd - p->press_cwnd / 4)
		return false;
	foretold = tquic_poise_foretell(p, p->press_rtt, p->press_cwnd,
					cc->cwnd);
	if (p->win.rtt > (foretold + p->press_rtt) / 2)
		return true;
	p->press_cwnd = cc->cwnd;
	p->press_rtt = p->win.rtt;
	return false;
}

static bool tquic_poise_doubt(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 rtt = p->win.rtt;

	if (p->high_windows > TQUIC_POISE_HIGH || tquic_poise_in_vain(cc) ||
	    now - p->base_at > p->base_wait) {
		tquic_poise_drain(cc, now, rtt,
				  tquic_poise_fit(cc, p->base) * 3 / 4);
		return true;
	}
	if (p->noisy && now > p->probe_at && p->limited) {
		tquic_poise_probe(cc, now, p->level);
		return true;
	}
	return false;
}

static void tquic_poise_on_hold(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 target, fit, rtt = p->win.rtt;

	tquic_poise_compare(cc);
	tquic_poise_base_fall(cc, now);
	target = tquic_poise_target(cc);
	p->level = p->level ? (7 * p->level + rtt) / 8 : rtt;
	if (p->queue <= target - target / 4) {
		p->press_cwnd = 0;
	} else if (p->queue > target && !p->press_cwnd) {
		p->press_cwnd = cc->cwnd;
		p->press_rtt = rtt;
	}
	p->high_windows = p->queue > target + target / 2 ?
			  p->high_windows + 1 : 0;
	if (tquic_poise_doubt(cc, now))
		return;
	if (p->high_windows) {
		p->idle = 0;
		tquic_poise_cut(cc, now, target);
		return;
	}
	fit = tquic_poise_fit(cc, p->base + target);
	fit = (fit + cc->cwnd) / 2;
	if (p->queue > target) {
		p->idle = 0;
		tquic_poise_set_cwnd(cc, fit);
		tquic_poise_since(p, now);
	} else if (p->limited && !p->growing) {
		if (p->queue <= target / 4) {
			tquic_poise_spread(cc);
			return;
		}
		p->idle = 0;
		tquic_poise_grow(cc, fit);
		p->growing = true;
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
	else if (p->state == TQUIC_POISE_RIVAL)
		tquic_poise_rival_on_window(cc, now);
	p->limited = false;
	tquic_poise_window_reset(p);
}

/**
 * tquic_poise_filled - the window was used up
 * @cc: controller
 * @now: present time
 */
void tquic_poise_filled(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	p->limited = true;
	if (p->growing)
		tquic_poise_since(p, now);
}
