// SPDX-License-Identifier: GPL-2.0
/*
 * The window of CUBIC in congestion avoidance (RFC 9438 section 4).
 *
 * Windows are bytes, times are ns, and there is no floating point: the cubic
 * is evaluated in microseconds over 128-bit products, and what a window grows
 * by is carried in 2^-16 bytes, so that a small share of a byte for each of
 * many acknowledgments is not lost.
 */
#include "cubic_curve.h"

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

#define TQUIC_CUBIC_FRAC_BITS		16
/* three hours; a cube of it, times a datagram, stays in 64 bits */
#define TQUIC_CUBIC_MAX_US		10000000000ULL
/* floor(cbrt(U64_MAX)) */
#define TQUIC_CUBIC_MAX_ROOT		2642245

void tquic_cubic_curve_init(struct tquic_cubic_curve *curve, tquic_time_t now)
{
	*curve = (struct tquic_cubic_curve){
		.epoch = TQUIC_TIME_NEVER,
		.last_ack = now,
	};
}

/* Section 5.8: a time without growth is none of the curve's. */
void tquic_cubic_curve_pause(struct tquic_cubic_curve *curve, tquic_time_t now)
{
	if (curve->epoch != TQUIC_TIME_NEVER)
		curve->epoch += now - curve->last_ack;
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

/**
 * tquic_cubic_curve_grow - grow with an acknowledgment
 * @cc: controller; its window is what limits sending
 * @curve: curve
 * @sample: acknowledgment
 */
void tquic_cubic_curve_grow(struct tquic_cc *cc,
			    struct tquic_cubic_curve *curve,
			    const struct tquic_cc_sample *sample)
{
	u64 acked = min(sample->acked_bytes, cc->cwnd);
	u64 t, target;

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

/**
 * tquic_cubic_curve_reduce - a congestion event: sections 4.6 and 4.7
 * @cc: controller
 * @curve: curve
 * @now: present time
 *
 * The floor is that of RFC 9002 section 7.2 instead of the one segment that
 * RFC 9438 section 4.6 allows TCP.
 */
void tquic_cubic_curve_reduce(struct tquic_cc *cc,
			      struct tquic_cubic_curve *curve,
			      tquic_time_t now)
{
	if (cc->cwnd < curve->w_max)
		curve->w_max = div_u64(cc->cwnd * TQUIC_CUBIC_CONVERGE_NUM,
				       TQUIC_CUBIC_CONVERGE_DEN);
	else
		curve->w_max = cc->cwnd;
	curve->cwnd_prior = cc->cwnd;
	curve->epoch = TQUIC_TIME_NEVER;
	curve->recovery_until = now + 1;
	cc->cwnd = div_u64(cc->cwnd * TQUIC_CUBIC_BETA_NUM,
			   TQUIC_CUBIC_BETA_DEN);
	cc->cwnd = max(cc->cwnd, tquic_cc_min_window(cc));
}
