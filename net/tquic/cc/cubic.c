// SPDX-License-Identifier: GPL-2.0
/*
 * CUBIC (RFC 9438) with HyStart++ (RFC 9406).
 *
 * A congestion event happens once per round trip (RFC 9002 section 7.3.2), and
 * the window grows only while it is what limits sending (RFC 9002 section 7.8,
 * RFC 9438 section 5.8).  That is also why the window, instead of the bytes in
 * flight, may be what is reduced (RFC 9438 section 4.6).
 *
 * The pacing rate is twice the window per smoothed RTT in slow start, for the
 * window to be able to double each round, and 1.25 times after it, so that
 * the window and not the pacer limits sending (RFC 9002 section 7.7).
 */
#include "algos.h"
#include "cubic_curve.h"
#include "hystart.h"

#define TQUIC_CUBIC_PACE_SLOW_START	200
#define TQUIC_CUBIC_PACE_AVOIDANCE	125

/**
 * struct tquic_cubic - private state
 * @curve: present
 * @undo: as it was before the last congestion event
 * @undo_cwnd: window before that event, bytes; 0 when nothing can be undone
 * @undo_ssthresh: threshold before that event, bytes
 * @hystart: first slow start
 * @started: the initial window has grown or was cut
 */
struct tquic_cubic {
	struct tquic_cubic_curve curve;
	struct tquic_cubic_curve undo;
	u64 undo_cwnd;
	u64 undo_ssthresh;
	struct tquic_hystart hystart;
	bool started;
};

static struct tquic_cubic *tquic_cubic_priv(struct tquic_cc *cc)
{
	return (struct tquic_cubic *)cc->priv;
}

static void tquic_cubic_avoidance(struct tquic_cc *cc,
				  const struct tquic_cc_sample *sample,
				  bool limited)
{
	struct tquic_cubic *cubic = tquic_cubic_priv(cc);

	if (limited)
		tquic_cubic_curve_pause(&cubic->curve, sample->now);
	else
		tquic_cubic_curve_grow(cc, &cubic->curve, sample);
}

static void tquic_cubic_slow_start(struct tquic_cc *cc,
				   const struct tquic_cc_sample *sample,
				   bool limited)
{
	enum tquic_hystart_verdict verdict = TQUIC_HYSTART_GROW;
	struct tquic_cubic *cubic = tquic_cubic_priv(cc);
	u64 grow = min(sample->acked_bytes, TQUIC_CC_MAX_WINDOW);

	/* RFC 9406 section 4.3: the first slow start only */
	if (cc->ssthresh == U64_MAX)
		verdict = tquic_hystart_on_ack(&cubic->hystart, sample);
	if (verdict == TQUIC_HYSTART_EXIT) {
		cc->ssthresh = cc->cwnd;
		cubic->curve.cwnd_prior = cc->cwnd;
		return;
	}
	if (limited)
		return;
	if (verdict == TQUIC_HYSTART_CSS)
		grow /= TQUIC_HYSTART_CSS_GROWTH_DIVISOR;
	cc->cwnd = min3(cc->cwnd + grow, cc->ssthresh, TQUIC_CC_MAX_WINDOW);
}

static void tquic_cubic_pace(struct tquic_cc *cc, u64 srtt)
{
	u32 gain = TQUIC_CUBIC_PACE_AVOIDANCE;

	if (cc->cwnd < cc->ssthresh)
		gain = TQUIC_CUBIC_PACE_SLOW_START;
	cc->pacing_rate = tquic_cc_pace(cc->cwnd, gain, srtt);
}

static void tquic_cubic_on_ack(struct tquic_cc *cc,
			       const struct tquic_cc_sample *sample)
{
	struct tquic_cubic *cubic = tquic_cubic_priv(cc);
	bool limited;

	/*
	 * In slow start the window doubles within the round trip that tells
	 * whether the one before was used.
	 */
	limited = sample->app_limited ||
		  sample->prior_in_flight < cc->cwnd / 2;
	cubic->started = true;
	if (sample->largest_acked_sent >= cubic->curve.recovery_until) {
		if (cc->cwnd < cc->ssthresh)
			tquic_cubic_slow_start(cc, sample, limited);
		else
			tquic_cubic_avoidance(cc, sample, limited);
	}
	cubic->curve.last_ack = sample->now;
	tquic_cubic_pace(cc, sample->srtt);
}

static void tquic_cubic_reduce(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_cubic *cubic = tquic_cubic_priv(cc);

	tquic_cubic_curve_reduce(cc, &cubic->curve, now);
	cubic->started = true;
	cc->ssthresh = cc->cwnd;
	tquic_cubic_pace(cc, cc->srtt);
}

static void tquic_cubic_on_loss(struct tquic_cc *cc,
				const struct tquic_cc_loss *loss)
{
	struct tquic_cubic *cubic = tquic_cubic_priv(cc);

	if (loss->largest_sent < cubic->curve.recovery_until)
		return;
	cubic->undo = cubic->curve;
	cubic->undo_cwnd = cc->cwnd;
	cubic->undo_ssthresh = cc->ssthresh;
	tquic_cubic_reduce(cc, loss->now);
}

static void tquic_cubic_on_ecn(struct tquic_cc *cc, tquic_time_t now,
			       tquic_time_t largest_sent)
{
	struct tquic_cubic *cubic = tquic_cubic_priv(cc);

	/* a mark proves the congestion that a loss may only have seemed */
	cubic->undo_cwnd = 0;
	if (largest_sent >= cubic->curve.recovery_until)
		tquic_cubic_reduce(cc, now);
}

/* Section 4.8; the loss that is part of it has set the threshold already. */
static void tquic_cubic_on_persistent(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_cubic_curve *curve = &tquic_cubic_priv(cc)->curve;

	curve->w_max = 0;
	curve->epoch = TQUIC_TIME_NEVER;
	curve->recovery_until = 0;
	cc->cwnd = tquic_cc_min_window(cc);
	tquic_cubic_pace(cc, cc->srtt);
}

/* Section 4.9.2; once the window has grown past the old one, it stays. */
static void tquic_cubic_on_spurious(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_cubic *cubic = tquic_cubic_priv(cc);

	if (cc->cwnd < cubic->undo_cwnd) {
		cubic->undo.last_ack = cubic->curve.last_ack;
		cubic->curve = cubic->undo;
		cc->cwnd = cubic->undo_cwnd;
		cc->ssthresh = cubic->undo_ssthresh;
		tquic_cubic_pace(cc, cc->srtt);
	}
	cubic->undo_cwnd = 0;
}

/*
 * RFC 9002 section 7.7 lets a paced sender keep its window over an idle
 * period; the time itself is none of the curve's (RFC 9438 section 5.8).
 */
static void tquic_cubic_on_idle_restart(struct tquic_cc *cc, tquic_time_t now,
					u64 idle)
{
	struct tquic_cubic *cubic = tquic_cubic_priv(cc);

	tquic_cubic_curve_pause(&cubic->curve, now);
	cubic->curve.last_ack = now;
	tquic_hystart_reset(&cubic->hystart);
}

/* RFC 9002 section 7.2: the initial window follows the datagram size. */
static void tquic_cubic_on_mds(struct tquic_cc *cc)
{
	if (!tquic_cubic_priv(cc)->started)
		cc->cwnd = tquic_cc_initial_window(cc->mds);
	cc->cwnd = max(cc->cwnd, tquic_cc_min_window(cc));
}

static int tquic_cubic_init(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_cubic *cubic = tquic_cubic_priv(cc);

	tquic_cubic_curve_init(&cubic->curve, now);
	tquic_hystart_reset(&cubic->hystart);
	return 0;
}

const struct tquic_cc_ops tquic_cubic_ops = {
	.name = "cubic",
	.priv_size = sizeof(struct tquic_cubic),
	.init = tquic_cubic_init,
	.on_ack = tquic_cubic_on_ack,
	.on_loss = tquic_cubic_on_loss,
	.on_ecn = tquic_cubic_on_ecn,
	.on_persistent = tquic_cubic_on_persistent,
	.on_spurious = tquic_cubic_on_spurious,
	.on_idle_restart = tquic_cubic_on_idle_restart,
	.on_mds = tquic_cubic_on_mds,
};
