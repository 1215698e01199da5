// SPDX-License-Identifier: GPL-2.0
/*
 * HyStart++ (RFC 9406).
 *
 * Rounds are counted in delivered bytes instead of sequence numbers: a round
 * ends when something is acknowledged that was sent after it began.  L, the
 * limit on growth per acknowledgment, is infinite because sending is paced.
 */
#include "hystart.h"

/* RFC 9406 section 4.3 */
#define TQUIC_HYSTART_MIN_RTT_THRESH	(4 * TQUIC_NS_PER_MS)
#define TQUIC_HYSTART_MAX_RTT_THRESH	(16 * TQUIC_NS_PER_MS)
#define TQUIC_HYSTART_MIN_RTT_DIVISOR	8
#define TQUIC_HYSTART_N_RTT_SAMPLE	8
#define TQUIC_HYSTART_CSS_ROUNDS	5

/**
 * tquic_hystart_reset - forget everything measured
 * @hs: measurement
 */
void tquic_hystart_reset(struct tquic_hystart *hs)
{
	hs->round_end = 0;
	hs->last_min = U64_MAX;
	hs->cur_min = U64_MAX;
	hs->css_baseline = U64_MAX;
	hs->samples = 0;
	hs->css_rounds = 0;
}

static void tquic_hystart_round(struct tquic_hystart *hs,
				const struct tquic_cc_sample *sample)
{
	hs->round_end = sample->delivered;
	hs->last_min = hs->cur_min;
	hs->cur_min = U64_MAX;
	hs->samples = 0;
	/* a round that began before conservative slow start counts */
	if (tquic_hystart_in_css(hs))
		hs->css_rounds++;
}

static void tquic_hystart_judge(struct tquic_hystart *hs)
{
	u64 thresh;

	/* the jitter that led here has passed: it was no queue */
	if (tquic_hystart_in_css(hs)) {
		if (hs->cur_min < hs->css_baseline)
			hs->css_baseline = U64_MAX;
		return;
	}
	if (hs->last_min == U64_MAX)
		return;
	thresh = clamp_t(u64,
			 div_u64(hs->last_min, TQUIC_HYSTART_MIN_RTT_DIVISOR),
			 TQUIC_HYSTART_MIN_RTT_THRESH,
			 TQUIC_HYSTART_MAX_RTT_THRESH);
	if (hs->cur_min >= hs->last_min + thresh) {
		hs->css_baseline = hs->cur_min;
		hs->css_rounds = 0;
	}
}

/**
 * tquic_hystart_on_ack - judge an acknowledgment in slow start
 * @hs: measurement
 * @sample: the acknowledgment
 *
 * Return: how the window goes on.
 */
enum tquic_hystart_verdict
tquic_hystart_on_ack(struct tquic_hystart *hs,
		     const struct tquic_cc_sample *sample)
{
	if (sample->prior_delivered >= hs->round_end)
		tquic_hystart_round(hs, sample);
	if (tquic_hystart_in_css(hs) &&
	    hs->css_rounds >= TQUIC_HYSTART_CSS_ROUNDS)
		return TQUIC_HYSTART_EXIT;
	if (sample->rtt) {
		hs->cur_min = min(hs->cur_min, sample->rtt);
		hs->samples++;
	}
	if (hs->samples >= TQUIC_HYSTART_N_RTT_SAMPLE)
		tquic_hystart_judge(hs);
	return tquic_hystart_in_css(hs) ? TQUIC_HYSTART_CSS :
					  TQUIC_HYSTART_GROW;
}
