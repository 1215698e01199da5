// SPDX-License-Identifier: GPL-2.0
/*
 * CUBIC (RFC 9438) with HyStart++ (RFC 9406).
 *
 * Windows are bytes, times are ns, and there is no floating point: the cubic
 * is evaluated in microseconds over 128-bit products, and what a window grows
 * by is carried in 2^-16 bytes, so that a small share of a byte for each of
 * many acknowledgments is not lost.
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
#include "hystart.h"

/* RFC 9438 sections 4.1, 4.6 and 5: C in segments per cubic second */
#define TQUIC_CUBIC_C_NUM		4
#define TQUIC_CUBIC_C_DEN		10
#define TQUIC_CUBIC_BETA_NUM		7
#define TQUIC_CUBIC_BETA_DEN		10
/* section 4.3: 3 (1 - beta) / (1 + beta) */
#define TQUIC_CUBIC_ALPHA_NUM		9
#define TQUIC_CUBIC_ALPHA_DEN		17
/* section 4.7: (1 + beta) / 2 */
#define TQUIC_CUBIC_CONVERGE_NUM	17
#define TQUIC_CUBIC_CONVERGE_DEN	20

#define TQUIC_CUBIC_PACE_SLOW_START	200
#define TQUIC_CUBIC_PACE_AVOIDANCE	125

#define TQUIC_CUBIC_FRAC_BITS		16
/* three hours; a cube of it, times a datagram, stays in 64 bits */
#define TQUIC_CUBIC_MAX_US		10000000000ULL
/* floor(cbrt(U64_MAX)) */
#define TQUIC_CUBIC_MAX_ROOT		2642245

/**
 * struct tquic_cubic_curve - what a congestion event changes and an undo
 *	restores
 * @w_max: W_max, bytes; 0 while undefined
 * @cwnd_prior: window before the last reduction, or at the exit from the first
 *	slow start, bytes
 * @k: K, ns
 * @epoch: t_epoch, moved on over times without growth; TQUIC_TIME_NEVER until
 *	congestion avoidance begins
 * @w_est: W_est, bytes
 * @cwnd_frac: share of a byte that the window has yet to grow by, 2^-16
 * @est_frac: the same for @w_est
 * @recovery_until: packets sent before this time belong to the last congestion
 *	event
 */
struct tquic_cubic_curve {
	u64 w_max;
	u64 cwnd_prior;
	u64 k;
	tquic_time_t epoch;
	u64 w_est;
	u64 cwnd_frac;
	u64 est_frac;
	tquic_time_t recovery_until;
};

/**
 * struct tquic_cubic - private state
 * @curve: present
 * @undo: as it was before the last congestion event
 * @undo_cwnd: window before that event, bytes; 0 when nothing can be undone
 * @undo_ssthresh: threshold before that event, bytes
 * @last_ack: when the last acknowledgment came
 * @hystart: first slow start
 * @started: the initial window has grown or was cut
 */
struct tquic_cubic {
	struct tquic_cubic_curve curve;
	struct tquic_cubic_curve undo;
	u64 undo_cwnd;
	u64 undo_ssthresh;
	tquic_time_t last_ack;
	struct tquic_hystart hystart;
	bool started;
};

static struct tquic_cubic *tquic_cubic_priv(struct tquic_cc *cc)
{
	return (struct tquic_cubic *)cc->priv;
}

static u64 tquic_cubic_root(u64 val)
{
	u64 root = 0, bit, next;

	for (bit = 1ULL << 21; bit; bit >>= 1) {
		next = root | bit;
		if (next <= TQUIC_CUBIC_MAX_ROOT && next * next * next <= val)
			root = next;
	}
	return root;
}

/* K of section 4.2, figure 2, to the millisecond. */
static u64 tquic_cubic_k(u64 rise, u32 mds)
{
	/* rise / mds / C seconds^3 are 10^9 times as many ms^3 */
	u64 cube = mul_u64_u64_div_u64(rise, TQUIC_NS_PER_SEC *
				       TQUIC_CUBIC_C_DEN,
				       (u64)mds * TQUIC_CUBIC_C_NUM);

	return tquic_cubic_root(cube) * TQUIC_NS_PER_MS;
}

/* W_cubic(t) of section 4.2, figure 1. */
static u64 tquic_cubic_window(const struct tquic_cubic_curve *curve, u32 mds,
			      u64 t)
{
	u64 dist = t > curve->k ? t - curve->k : curve->k - t;
	u64 us = min(div_u64(dist, TQUIC_NS_PER_US), TQUIC_CUBIC_MAX_US);
	u64 cube, change;

	cube = mul_u64_u64_div_u64(us, us, 1000000);
	cube = mul_u64_u64_div_u64(cube, us, 1000000);
	/* cube is in 10^-6 s^3 */
	change = mul_u64_u64_div_u64(cube, (u64)mds * TQUIC_CUBIC_C_NUM,
				     1000000ULL * TQUIC_CUBIC_C_DEN);
	if (t > curve->k)
		return curve->w_max + change;
	return curve->w_max > change ? curve->w_max - change : 0;
}

/* The whole bytes of acked * num / den; the rest waits in *frac. */
static u64 tquic_cubic_grow(u64 *frac, u64 acked, u64 num, u64 den)
{
	u64 whole;

	*frac += mul_u64_u64_div_u64(acked << TQUIC_CUBIC_FRAC_BITS, num, den);
	whole = *frac >> TQUIC_CUBIC_FRAC_BITS;
	*frac &= (1ULL << TQUIC_CUBIC_FRAC_BITS) - 1;
	return whole;
}

static void tquic_cubic_begin_epoch(struct tquic_cc *cc,
				    struct tquic_cubic_curve *curve,
				    tquic_time_t now)
{
	curve->epoch = now;
	curve->w_est = cc->cwnd;
	curve->cwnd_frac = 0;
	curve->est_frac = 0;
	/* K = 0, also when W_max is undefined: sections 4.8 and 4.10 */
	curve->w_max = max(curve->w_max, cc->cwnd);
	curve->k = tquic_cubic_k(curve->w_max - cc->cwnd, cc->mds);
}

/* Section 4.3: the window that Reno would have. */
static void tquic_cubic_estimate(struct tquic_cc *cc,
				 struct tquic_cubic_curve *curve, u64 acked)
{
	u64 num = cc->mds, den = cc->cwnd;

	if (curve->w_est < curve->cwnd_prior) {
		num *= TQUIC_CUBIC_ALPHA_NUM;
		den *= TQUIC_CUBIC_ALPHA_DEN;
	}
	curve->w_est += tquic_cubic_grow(&curve->est_frac, acked, num, den);
	curve->w_est = min(curve->w_est, TQUIC_CC_MAX_WINDOW);
}

static void tquic_cubic_avoidance(struct tquic_cc *cc,
				  const struct tquic_cc_sample *sample,
				  bool limited)
{
	struct tquic_cubic *cubic = tquic_cubic_priv(cc);
	struct tquic_cubic_curve *curve = &cubic->curve;
	u64 acked = min(sample->acked_bytes, cc->cwnd);
	u64 t, target;

	if (limited) {
		if (curve->epoch != TQUIC_TIME_NEVER)
			curve->epoch += sample->now - cubic->last_ack;
		return;
	}
	if (curve->epoch == TQUIC_TIME_NEVER)
		tquic_cubic_begin_epoch(cc, curve, sample->now);
	t = sample->now - curve->epoch;
	tquic_cubic_estimate(cc, curve, acked);
	if (tquic_cubic_window(curve, cc->mds, t) < curve->w_est) {
		cc->cwnd = max(cc->cwnd, curve->w_est);
		return;
	}
	target = clamp(tquic_cubic_window(curve, cc->mds, t + sample->srtt),
		       cc->cwnd, cc->cwnd + cc->cwnd / 2);
	cc->cwnd += tquic_cubic_grow(&curve->cwnd_frac, acked,
				     target - cc->cwnd, cc->cwnd);
	cc->cwnd = min(cc->cwnd, TQUIC_CC_MAX_WINDOW);
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
	cubic->last_ack = sample->now;
	tquic_cubic_pace(cc, sample->srtt);
}

/* Sections 4.6 and 4.7. */
static void tquic_cubic_reduce(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_cubic_curve *curve = &tquic_cubic_priv(cc)->curve;

	if (cc->cwnd < curve->w_max)
		curve->w_max = div_u64(cc->cwnd * TQUIC_CUBIC_CONVERGE_NUM,
				       TQUIC_CUBIC_CONVERGE_DEN);
	else
		curve->w_max = cc->cwnd;
	curve->cwnd_prior = cc->cwnd;
	curve->epoch = TQUIC_TIME_NEVER;
	curve->recovery_until = now + 1;
	tquic_cubic_priv(cc)->started = true;
	cc->cwnd = div_u64(cc->cwnd * TQUIC_CUBIC_BETA_NUM,
			   TQUIC_CUBIC_BETA_DEN);
	cc->cwnd = max(cc->cwnd, tquic_cc_min_window(cc));
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

/*
 * The floor is that of RFC 9002 section 7.2 instead of the one segment that
 * RFC 9438 section 4.6 allows TCP.
 */
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

	if (cubic->curve.epoch != TQUIC_TIME_NEVER)
		cubic->curve.epoch += now - cubic->last_ack;
	cubic->last_ack = now;
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

	cubic->curve.epoch = TQUIC_TIME_NEVER;
	cubic->last_ack = now;
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
