/* SPDX-License-Identifier: GPL-2.0 */
/*
 * HyStart++ (RFC 9406): leaves slow start when round trips get longer, before
 * the queue overflows.
 */
#ifndef _TQUIC_CC_HYSTART_H
#define _TQUIC_CC_HYSTART_H

#include "../core/cc.h"

#define TQUIC_HYSTART_CSS_GROWTH_DIVISOR	4

/**
 * enum tquic_hystart_verdict - how slow start goes on after an acknowledgment
 * @TQUIC_HYSTART_GROW: by what was acknowledged
 * @TQUIC_HYSTART_CSS: conservatively, by a quarter of it
 * @TQUIC_HYSTART_EXIT: not at all, congestion avoidance begins
 */
enum tquic_hystart_verdict {
	TQUIC_HYSTART_GROW,
	TQUIC_HYSTART_CSS,
	TQUIC_HYSTART_EXIT,
};

/**
 * struct tquic_hystart - round-trip measurement during slow start
 * @round_end: bytes delivered at the start of the round; an acknowledgment of
 *	what was sent later ends it
 * @last_min: shortest RTT of the round before, ns; U64_MAX without a sample
 * @cur_min: shortest RTT of this round, ns; U64_MAX without a sample
 * @css_baseline: @cur_min when conservative slow start began, ns; U64_MAX
 *	outside of it
 * @samples: RTT samples in this round
 * @css_rounds: rounds of conservative slow start that have ended
 */
struct tquic_hystart {
	u64 round_end;
	u64 last_min;
	u64 cur_min;
	u64 css_baseline;
	u32 samples;
	u32 css_rounds;
};

/**
 * tquic_hystart_in_css - whether slow start is conservative at present
 * @hs: measurement
 */
static inline bool tquic_hystart_in_css(const struct tquic_hystart *hs)
{
	return hs->css_baseline != U64_MAX;
}

void tquic_hystart_reset(struct tquic_hystart *hs);
enum tquic_hystart_verdict
tquic_hystart_on_ack(struct tquic_hystart *hs,
		     const struct tquic_cc_sample *sample);

#endif /* _TQUIC_CC_HYSTART_H */
