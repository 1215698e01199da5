// SPDX-License-Identifier: GPL-2.0
/*
 * Somebody else fills the queue.
 *
 * Who keeps a short queue beside a flow that fills it gets next to nothing, so
 * while there is one, poise does as CUBIC does (RFC 9438).  That it is there
 * shows when sending less leaves delay as it was, twice: once is a longer
 * route.  That it is gone shows when the queue runs dry, or when sending less
 * takes nothing away from what is delivered but from delay.
 */
#include "poise.h"

/* a queue that is worth the trouble, in targets, and in noise */
#define TQUIC_POISE_RIVAL_TARGETS	4
#define TQUIC_POISE_RIVAL_NOISE		3
/* times that a queue was not ours within so long, or so many RTTs */
#define TQUIC_POISE_RIVAL_TIMES		2
#define TQUIC_POISE_RIVAL_TIME		(5 * TQUIC_NS_PER_SEC)
#define TQUIC_POISE_RIVAL_ROUNDS	40
/* a base that is not seen again for so long is out of date */
#define TQUIC_POISE_RIVAL_LOW		(30 * TQUIC_NS_PER_SEC)
#define TQUIC_POISE_CHECK_MIN		(4 * TQUIC_NS_PER_SEC)
#define TQUIC_POISE_CHECK_MAX		(16 * TQUIC_NS_PER_SEC)

static void tquic_poise_rival_enter(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	p->state = TQUIC_POISE_RIVAL;
	p->base = p->low;
	p->foreign = 0;
	p->ceiling = U64_MAX;
	tquic_cubic_curve_init(&p->curve, now);
	p->check_cwnd = 0;
	p->check_wait = TQUIC_POISE_CHECK_MIN;
	p->check_at = now + p->check_wait;
	tquic_poise_set_cwnd(cc, max(cc->cwnd, p->press_cwnd));
}

/**
 * tquic_poise_rival_foreign - a queue turned out not to be ours
 * @cc: controller
 * @now: present time
 * @rtt: RTT with it
 *
 * Return: whether somebody else fills it: RIVAL begins.
 */
bool tquic_poise_rival_foreign(struct tquic_cc *cc, tquic_time_t now, u64 rtt)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 most = max(TQUIC_POISE_RIVAL_TIME,
		       TQUIC_POISE_RIVAL_ROUNDS * rtt);
	u64 target;

	if (p->base <= p->low || now - p->low_at > TQUIC_POISE_RIVAL_LOW) {
		p->low = p->base;
		p->low_at = now;
	}
	target = clamp(div_u64(p->low, TQUIC_POISE_TARGET_DIV),
		       TQUIC_POISE_TARGET_MIN, TQUIC_POISE_TARGET_MAX);
	if (p->foreign && now - p->foreign_at > most)
		p->foreign = 0;
	p->foreign_at = now;
	if (rtt < p->low + max(TQUIC_POISE_RIVAL_TARGETS * target,
			       TQUIC_POISE_RIVAL_NOISE * p->noise) ||
	    ++p->foreign < TQUIC_POISE_RIVAL_TIMES)
		return false;
	tquic_poise_rival_enter(cc, now);
	return true;
}

/* Back to a short queue. */
static void tquic_poise_rival_leave(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 full = p->base + tquic_poise_target(cc);

	/* who comes back is known */
	p->foreign = TQUIC_POISE_RIVAL_TIMES - 1;
	p->foreign_at = now;
	tquic_poise_base_seen(cc, now);
	tquic_poise_hold(cc, now,
			 min(cc->cwnd, tquic_poise_bytes(p->bw,
							 full + p->back)));
}

/**
 * tquic_poise_rival_on_ack - an acknowledgment in RIVAL
 * @cc: controller
 * @sample: acknowledgment
 */
void tquic_poise_rival_on_ack(struct tquic_cc *cc,
			      const struct tquic_cc_sample *sample)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	if (sample->app_limited || sample->prior_in_flight < cc->cwnd / 2 ||
	    p->check_cwnd)
		tquic_cubic_curve_pause(&p->curve, sample->now);
	else if (sample->largest_acked_sent >= p->curve.recovery_until)
		tquic_cubic_curve_grow(cc, &p->curve, sample);
	p->curve.last_ack = sample->now;
}

static void tquic_poise_rival_check(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	p->check_cwnd = cc->cwnd;
	p->check_rtt = p->win.rtt;
	p->check_bw = p->bw;
	tquic_poise_set_cwnd(cc, cc->cwnd / 10 * 7);
	p->since = now;
	p->sum_acked = 0;
	p->sum_time = 0;
}

/* The window was cut by three tenths an RTT ago: what did that change? */
static void tquic_poise_rival_answer(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);
	u64 rate;

	p->sum_acked += p->win.acked;
	p->sum_time += tquic_poise_win_time(&p->win, now);
	if (p->sum_time < p->win.rtt)
		return;
	rate = tquic_poise_scale(p->sum_acked, TQUIC_NS_PER_SEC, p->sum_time);
	if (p->win.rtt < p->check_rtt - p->check_rtt / 5 &&
	    rate > p->check_bw - p->check_bw / 16) {
		tquic_poise_rival_leave(cc, now);
		return;
	}
	tquic_poise_set_cwnd(cc, p->check_cwnd);
	p->check_cwnd = 0;
	p->check_at = now + p->check_wait;
	p->check_wait = min(2 * p->check_wait, TQUIC_POISE_CHECK_MAX);
}

/**
 * tquic_poise_rival_on_window - a window of samples is complete in RIVAL
 * @cc: controller
 * @now: present time
 */
void tquic_poise_rival_on_window(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	p->base = min(p->base, p->win.rtt);
	p->queue = p->win.rtt - p->base;
	if (p->queue <= tquic_poise_target(cc))
		tquic_poise_rival_leave(cc, now);
	else if (p->check_cwnd)
		tquic_poise_rival_answer(cc, now);
	else if (now >= p->check_at)
		tquic_poise_rival_check(cc, now);
}

/**
 * tquic_poise_rival_on_loss - something was lost or marked in RIVAL
 * @cc: controller
 * @now: present time
 * @largest_sent: when the newest such packet was sent
 */
void tquic_poise_rival_on_loss(struct tquic_cc *cc, tquic_time_t now,
			       tquic_time_t largest_sent)
{
	struct tquic_poise *p = tquic_poise_priv(cc);

	if (largest_sent < p->curve.recovery_until)
		return;
	if (p->check_cwnd)
		tquic_poise_set_cwnd(cc, p->check_cwnd);
	p->check_cwnd = 0;
	tquic_cubic_curve_reduce(cc, &p->curve, now);
}
