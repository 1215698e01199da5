// SPDX-License-Identifier: GPL-2.0
/*
 * poise: congestion control of tunnels.  Organisation and outputs.
 */
#include "algos.h"
#include "poise.h"

/* Pacing in per cent of the window per RTT: room for the window to decide. */
#define TQUIC_POISE_PACE	112
#define TQUIC_POISE_PACE_RAMP	200
#define TQUIC_POISE_PACE_DRAIN	100
#define TQUIC_POISE_PACE_RIVAL	125
/* and of the highest rate of late, so that a window that opens is no burst */
#define TQUIC_POISE_PACE_HIGH	120
#define TQUIC_POISE_BW_SHIFT	4
#define TQUIC_POISE_BW_FORGET	64	/* windows */
#define TQUIC_POISE_CE_NUM	7
#define TQUIC_POISE_CE_DEN	8

void tquic_poise_set_cwnd(struct tquic_cc *cc, u64 cwnd)
{
	cc->cwnd = clamp_t(u64, cwnd, tquic_cc_min_window(cc),
			   TQUIC_CC_MAX_WINDOW);
}

static void tquic_poise_pace(struct tquic_cc *cc)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 rtt = p->base == U64_MAX ? cc->srtt :
				       p->base + p->queue + p->back;
	u32 gain = TQUIC_POISE_PACE;

	if (p->state == TQUIC_POISE_RAMP)
		gain += (TQUIC_POISE_PACE_RAMP - TQUIC_POISE_PACE) * p->gain /
			16;
	else if (p->state == TQUIC_POISE_PROBE)
		gain += 25;
	else if (p->state == TQUIC_POISE_RIVAL)
		gain = TQUIC_POISE_PACE_RIVAL;
	else if (p->state == TQUIC_POISE_DRAIN)
		gain = TQUIC_POISE_PACE_DRAIN;
	cc->pacing_rate = tquic_cc_pace(cc->cwnd, gain, rtt);
	if (p->state == TQUIC_POISE_HOLD && p->bw_high)
		cc->pacing_rate = min(cc->pacing_rate,
				      tquic_poise_scale(p->bw_high,
							TQUIC_POISE_PACE_HIGH,
							100));
	/* what drops without a queue drops the burst that a window allows */
	if (p->ceiling != U64_MAX && p->bw)
		cc->pacing_rate = min(cc->pacing_rate,
				      p->bw + p->bw / 1024 * p->ceiling_step);
	/*
	 * The least window may be sent in any case (RFC 9002 section 7.2).
	 * Rates of a path that carries but a few control frames would keep
	 * everything else away from it, and so never rise again.
	 */
	cc->pacing_rate = max(cc->pacing_rate,
			      tquic_cc_pace(tquic_cc_min_window(cc), 100, rtt));
}

static void tquic_poise_rate(struct tquic_poise *p,
			     const struct tquic_cc_sample *sample)
{
	u64 rate = sample->rate;

	if (!rate)
		return;
	p->bw_latest = rate;
	p->bw_peak = max(p->bw_peak, rate);
	p->bw_round = max(p->bw_round, rate);
	if (sample->app_limited)
		p->bw = max(p->bw, rate);
	else if (!p->bw || p->state == TQUIC_POISE_RAMP)
		p->bw = rate;
	else
		p->bw += (rate >> TQUIC_POISE_BW_SHIFT) -
			 (p->bw >> TQUIC_POISE_BW_SHIFT);
	p->bw_high = max(p->bw, p->bw_high);
}

static void tquic_poise_on_ack(struct tquic_cc *cc,
			       const struct tquic_cc_sample *sample)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	bool complete;

	p->started = true;
	p->delivered = sample->delivered;
	if (sample->largest_acked_sent >= p->judge_from)
		p->acked += sample->acked_bytes;
	p->ack_bytes = max(sample->acked_bytes,
			   p->ack_bytes - p->ack_bytes / 64);
	tquic_poise_gap(p, sample);
	if (!tquic_poise_frozen(p, sample))
		tquic_poise_rate(p, sample);
	if (sample->prior_in_flight + 3 * cc->mds >= cc->cwnd ||
	    sample->prior_in_flight >= cc->cwnd / 8 * 7)
		tquic_poise_filled(cc, sample->now);
	complete = tquic_poise_delay_on_ack(cc, sample);
	if (p->base == U64_MAX)
		return;
	if (complete)
		p->bw_high -= p->bw_high / TQUIC_POISE_BW_FORGET;
	if (p->state == TQUIC_POISE_RIVAL)
		tquic_poise_rival_on_ack(cc, sample);
	else if (tquic_poise_loss_judge(cc, sample->now))
		complete = false;
	if (p->state == TQUIC_POISE_RAMP)
		tquic_poise_on_ramp(cc, sample);
	else if (complete)
		tquic_poise_on_window(cc, sample->now);
	tquic_poise_pace(cc);
}

static void tquic_poise_on_loss(struct tquic_cc *cc,
				const struct tquic_cc_loss *loss)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	p->started = true;
	if (p->state == TQUIC_POISE_RIVAL)
		tquic_poise_rival_on_loss(cc, loss->now, loss->largest_sent);
	else if (loss->largest_sent >= p->judge_from)
		p->lost += loss->bytes;
}

static void tquic_poise_on_ecn(struct tquic_cc *cc, tquic_time_t now,
			       tquic_time_t largest_sent)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	p->started = true;
	p->undo_cwnd = 0;
	if (largest_sent < p->recovery_until)
		return;
	p->recovery_until = now + 1;
	if (p->state == TQUIC_POISE_RIVAL) {
		tquic_poise_rival_on_loss(cc, now, largest_sent);
		return;
	}
	tquic_poise_loss_learn(cc, now);
	tquic_poise_hold(cc, now, cc->cwnd * TQUIC_POISE_CE_NUM /
			 TQUIC_POISE_CE_DEN);
	tquic_poise_pace(cc);
}

static void tquic_poise_restart(struct tquic_cc *cc)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	tquic_poise_delay_init(p);
	tquic_poise_loss_init(p);
	p->bw = 0;
	p->bw_high = 0;
	p->queue = 0;
	p->noise = 0;
	p->back = 0;
	p->first = true;
	p->low = U64_MAX;
	p->foreign = 0;
	cc->ssthresh = U64_MAX;
	tquic_poise_ramp(cc, 16);
}

static void tquic_poise_on_persistent(struct tquic_cc *cc, tquic_time_t now)
{
	tquic_poise_set_cwnd(cc, tquic_cc_min_window(cc));
	tquic_poise_restart(cc);
	tquic_poise_pace(cc);
}

static void tquic_poise_on_spurious(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	if (p->undo_cwnd > cc->cwnd) {
		tquic_poise_set_cwnd(cc, p->undo_cwnd);
		p->ceiling = p->undo_ceiling;
		tquic_poise_pace(cc);
	}
	p->undo_cwnd = 0;
	p->lost = 0;
}

/* RFC 9002 section 7.2: the initial window follows the datagram size. */
static void tquic_poise_on_mds(struct tquic_cc *cc)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	tquic_poise_set_cwnd(cc, p->started ? cc->cwnd :
			     tquic_cc_initial_window(cc->mds));
}

static int tquic_poise_init(struct tquic_cc *cc, tquic_time_t now)
{
	tquic_poise_restart(cc);
	cc->pacing_rate = tquic_cc_pace(cc->cwnd, TQUIC_POISE_PACE_RAMP,
					cc->initial_rtt);
	return 0;
}

const struct tquic_cc_ops tquic_poise_ops = {
	.name = "poise",
	.priv_size = sizeof(struct tquic_poise),
	.init = tquic_poise_init,
	.on_ack = tquic_poise_on_ack,
	.on_loss = tquic_poise_on_loss,
	.on_ecn = tquic_poise_on_ecn,
	.on_persistent = tquic_poise_on_persistent,
	.on_spurious = tquic_poise_on_spurious,
	.on_mds = tquic_poise_on_mds,
};
