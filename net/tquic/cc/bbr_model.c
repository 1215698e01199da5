// SPDX-License-Identifier: GPL-2.0
/*
 * BBR's model of the path (draft-ietf-ccwg-bbr section 5.5): rounds, filters,
 * and the bounds that losses put on it.
 */
#include "bbr.h"

/* section 2.16 */
#define TQUIC_BBR_MIN_RTT_LEN		(10 * TQUIC_NS_PER_SEC)
#define TQUIC_BBR_PROBE_RTT_INTERVAL	(5 * TQUIC_NS_PER_SEC)
/* section 5.3.1.2 */
#define TQUIC_BBR_FULL_BW_GROWTH	125
#define TQUIC_BBR_FULL_BW_ROUNDS	3

/* The part of section 5.2.1 that is the model's. */
void tquic_bbr_model_init(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	bbr->min_rtt = TQUIC_BBR_INF;
	bbr->min_rtt_stamp = now;
	bbr->probe_rtt_min_delay = TQUIC_BBR_INF;
	bbr->probe_rtt_min_stamp = now;
	bbr->limited_from = TQUIC_BBR_INF;
	bbr->extra_acked_start = now;
	bbr->inflight_longterm = TQUIC_BBR_INF;
	bbr->undo_state = TQUIC_BBR_STATES;
	tquic_bbr_reset_short_term(bbr);
}

void tquic_bbr_reset_short_term(struct tquic_bbr *bbr)
{
	bbr->bw_shortterm = TQUIC_BBR_INF;
	bbr->inflight_shortterm = TQUIC_BBR_INF;
}

void tquic_bbr_reset_signals(struct tquic_bbr *bbr)
{
	bbr->is_loss_in_round = false;
	bbr->bw_latest = 0;
	bbr->inflight_latest = 0;
}

/* Section 5.3.1.2; growth is looked for beyond @bw. */
void tquic_bbr_reset_full_bw(struct tquic_bbr *bbr, u64 bw)
{
	bbr->full_bw = bw;
	bbr->full_bw_count = 0;
	bbr->full_bw_now = false;
}

/*
 * Section 5.5.6.  A cycle without a sample that counts leaves the filter
 * alone: limited sending does not age an estimate out.
 */
void tquic_bbr_advance_max_bw(struct tquic_bbr *bbr)
{
	if (!bbr->bw_cycle[1])
		return;
	bbr->bw_cycle[0] = bbr->bw_cycle[1];
	bbr->bw_cycle[1] = 0;
	bbr->max_bw = bbr->bw_cycle[0];
}

static u64 tquic_bbr_rate(const struct tquic_cc_sample *sample)
{
	return min(sample->rate, TQUIC_BBR_MAX_BW);
}

/* UpdateLatestDeliverySignals() of section 5.5.10.3. */
static void tquic_bbr_update_latest(struct tquic_bbr *bbr,
				    const struct tquic_cc_sample *sample)
{
	bbr->bw_latest = max(bbr->bw_latest, tquic_bbr_rate(sample));
	bbr->inflight_latest = max(bbr->inflight_latest,
				   sample->delivered - sample->prior_delivered);
	bbr->loss_round_start =
		sample->prior_delivered >= bbr->loss_round_delivered;
	if (bbr->loss_round_start)
		bbr->loss_round_delivered = sample->delivered;
}

/* Section 5.5.1. */
static void tquic_bbr_update_round(struct tquic_bbr *bbr,
				   const struct tquic_cc_sample *sample)
{
	bbr->round_start =
		sample->prior_delivered >= bbr->next_round_delivered;
	if (!bbr->round_start)
		return;
	tquic_bbr_start_round(bbr);
	bbr->round_count++;
	bbr->rounds_since_probe_up++;
	bbr->cwnd_limited_before = bbr->cwnd_limited;
	bbr->cwnd_limited = false;
}

/* Section 5.5.5. */
static void tquic_bbr_update_max_bw(struct tquic_bbr *bbr,
				    const struct tquic_cc_sample *sample)
{
	u64 rate = tquic_bbr_rate(sample);

	if (rate < bbr->max_bw && tquic_bbr_limited(bbr, sample))
		return;
	bbr->bw_cycle[1] = max(bbr->bw_cycle[1], rate);
	bbr->max_bw = max(bbr->bw_cycle[0], bbr->bw_cycle[1]);
}

/* AdaptLowerBoundsFromCongestion() of section 5.5.10.3. */
static void tquic_bbr_adapt_lower_bounds(struct tquic_cc *cc)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	if (!bbr->is_loss_in_round || bbr->state == TQUIC_BBR_STARTUP ||
	    bbr->state == TQUIC_BBR_REFILL || bbr->state == TQUIC_BBR_UP)
		return;
	if (bbr->bw_shortterm == TQUIC_BBR_INF)
		bbr->bw_shortterm = bbr->max_bw;
	if (bbr->inflight_shortterm == TQUIC_BBR_INF)
		bbr->inflight_shortterm = cc->cwnd;
	bbr->bw_shortterm = max(bbr->bw_latest,
				tquic_bbr_percent(bbr->bw_shortterm,
						  TQUIC_BBR_BETA));
	bbr->inflight_shortterm =
		max(bbr->inflight_latest,
		    tquic_bbr_percent(bbr->inflight_shortterm,
				      TQUIC_BBR_BETA));
}

/*
 * A ring of the last rounds' maxima instead of the three samples that the
 * draft's filter keeps: exact, and cheap enough for ten rounds.
 */
static void tquic_bbr_filter_extra_acked(struct tquic_bbr *bbr, u64 extra)
{
	u32 len = bbr->full_bw_reached ? TQUIC_BBR_EXTRA_ACKED_LEN : 1;
	u32 slot, i;

	div_u64_rem(bbr->round_count, TQUIC_BBR_EXTRA_ACKED_LEN, &slot);
	if (bbr->round_start)
		bbr->extra_acked_round[slot] = 0;
	bbr->extra_acked_round[slot] = max(bbr->extra_acked_round[slot],
					   extra);
	bbr->extra_acked = 0;
	for (i = 0; i < len; i++) {
		bbr->extra_acked = max(bbr->extra_acked,
				       bbr->extra_acked_round[slot]);
		slot = slot ? slot - 1 : TQUIC_BBR_EXTRA_ACKED_LEN - 1;
	}
}

/* Section 5.5.9. */
static void tquic_bbr_update_aggregation(struct tquic_cc *cc,
					 const struct tquic_cc_sample *sample)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);
	u64 interval, expected;

	interval = min(sample->now - bbr->extra_acked_start,
		       TQUIC_BBR_MAX_RTT);
	expected = mul_u64_u64_div_u64(bbr->bw, interval, TQUIC_NS_PER_SEC);
	if (bbr->extra_acked_delivered <= expected) {
		bbr->extra_acked_delivered = 0;
		bbr->extra_acked_start = sample->now;
		expected = 0;
	}
	bbr->extra_acked_delivered += sample->acked_bytes;
	tquic_bbr_filter_extra_acked(bbr, min(bbr->extra_acked_delivered -
					      expected, cc->cwnd));
}

/*
 * CheckFullBWReached() of section 5.3.1.2.  A round whose acknowledgment gave
 * no rate shows no plateau.
 */
static void tquic_bbr_check_full_bw(struct tquic_bbr *bbr,
				    const struct tquic_cc_sample *sample)
{
	u64 rate = tquic_bbr_rate(sample);

	if (bbr->full_bw_now || !bbr->round_start || !rate ||
	    tquic_bbr_limited(bbr, sample))
		return;
	if (rate * 100 >= bbr->full_bw * TQUIC_BBR_FULL_BW_GROWTH) {
		tquic_bbr_reset_full_bw(bbr, rate);
		return;
	}
	bbr->full_bw_count++;
	bbr->full_bw_now = bbr->full_bw_count >= TQUIC_BBR_FULL_BW_ROUNDS;
	if (bbr->full_bw_now)
		bbr->full_bw_reached = true;
}

/* The model's steps of section 5.2.3 that come before the state machine's. */
void tquic_bbr_model_on_ack(struct tquic_cc *cc,
			    const struct tquic_cc_sample *sample)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	tquic_bbr_update_latest(bbr, sample);
	tquic_bbr_update_round(bbr, sample);
	tquic_bbr_update_max_bw(bbr, sample);
	if (bbr->loss_round_start) {
		tquic_bbr_adapt_lower_bounds(cc);
		bbr->is_loss_in_round = false;
	}
	tquic_bbr_update_aggregation(cc, sample);
	tquic_bbr_check_full_bw(bbr, sample);
}

/* ... and those that come after. */
void tquic_bbr_model_end_ack(struct tquic_cc *cc,
			     const struct tquic_cc_sample *sample)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	if (bbr->loss_round_start) {
		bbr->bw_latest = tquic_bbr_rate(sample);
		bbr->inflight_latest =
			sample->delivered - sample->prior_delivered;
		bbr->loss_ranges = 0;
		bbr->is_ecn_in_round = false;
	}
	bbr->bw = min(bbr->max_bw, bbr->bw_shortterm);
}

/* Section 5.3.4.3. */
void tquic_bbr_update_min_rtt(struct tquic_cc *cc,
			      const struct tquic_cc_sample *sample)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);
	u64 rtt = min(sample->rtt, TQUIC_BBR_MAX_RTT);

	bbr->probe_rtt_expired = sample->now > bbr->probe_rtt_min_stamp +
					       TQUIC_BBR_PROBE_RTT_INTERVAL;
	if (rtt && (rtt < bbr->probe_rtt_min_delay ||
		    bbr->probe_rtt_expired)) {
		bbr->probe_rtt_min_delay = rtt;
		bbr->probe_rtt_min_stamp = sample->now;
	}
	if (bbr->probe_rtt_min_delay < bbr->min_rtt ||
	    sample->now > bbr->min_rtt_stamp + TQUIC_BBR_MIN_RTT_LEN) {
		bbr->min_rtt = bbr->probe_rtt_min_delay;
		bbr->min_rtt_stamp = bbr->probe_rtt_min_stamp;
	}
}

/* IsInflightTooHigh() of section 5.5.10.2. */
bool tquic_bbr_too_high(u64 lost, u64 tx_in_flight)
{
	return lost * 100 > tx_in_flight * TQUIC_BBR_LOSS_THRESH;
}

/* InflightAtLoss() of section 5.5.10.2; the prefix is not below zero. */
u64 tquic_bbr_inflight_at_loss(const struct tquic_cc_loss *loss)
{
	u64 inflight_prev, lost_prev, budget, prefix = 0;

	if (loss->tx_in_flight < loss->bytes)
		return 0;
	inflight_prev = loss->tx_in_flight - loss->bytes;
	lost_prev = loss->lost_since_tx - min(loss->lost_since_tx, loss->bytes);
	budget = inflight_prev * TQUIC_BBR_LOSS_THRESH;
	if (budget > lost_prev * 100)
		prefix = div_u64(budget - lost_prev * 100,
				 100 - TQUIC_BBR_LOSS_THRESH);
	return inflight_prev + prefix;
}

/* Section 5.5.11.1. */
void tquic_bbr_save_state(struct tquic_cc *cc)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	tquic_bbr_save_cwnd(cc);
	bbr->undo_state = TQUIC_BBR_STATES;
	bbr->undo_bw_shortterm = bbr->bw_shortterm;
	bbr->undo_inflight_shortterm = bbr->inflight_shortterm;
	bbr->undo_inflight_longterm = bbr->inflight_longterm;
	bbr->undo_barred = bbr->is_ecn_in_round;
}

/* Section 5.5.10.2. */
void tquic_bbr_note_loss(struct tquic_cc *cc)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	if (!bbr->is_loss_in_round) {
		bbr->loss_round_delivered = bbr->delivered;
		tquic_bbr_save_state(cc);
	}
	bbr->is_loss_in_round = true;
}
