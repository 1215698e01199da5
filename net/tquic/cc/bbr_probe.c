// SPDX-License-Identifier: GPL-2.0
/*
 * BBR's state machine (draft-ietf-ccwg-bbr sections 5.3 and 5.4).
 */
#include "bbr.h"

/* section 5.3.1.3 */
#define TQUIC_BBR_STARTUP_LOSS_RANGES	6
/* section 5.3.2 */
#define TQUIC_BBR_DRAIN_ROUNDS		3
/* section 5.3.3.8.2 */
#define TQUIC_BBR_RENO_ROUNDS		63
#define TQUIC_BBR_PROBE_WAIT		(2 * TQUIC_NS_PER_SEC)
#define TQUIC_BBR_PROBE_WAIT_RANGE	TQUIC_NS_PER_SEC
/* section 5.3.3.9 */
#define TQUIC_BBR_MAX_UP_ROUNDS		30
/* section 2.16.2 */
#define TQUIC_BBR_PROBE_RTT_DURATION	(200 * TQUIC_NS_PER_MS)

/* Section 5.6.1, per cent. */
static const struct {
	u16 pacing;
	u16 cwnd;
} tquic_bbr_gain[TQUIC_BBR_STATES] = {
	[TQUIC_BBR_STARTUP] = { 277, 200 },
	[TQUIC_BBR_DRAIN] = { 50, 200 },
	[TQUIC_BBR_DOWN] = { 90, 200 },
	[TQUIC_BBR_CRUISE] = { 100, 200 },
	[TQUIC_BBR_REFILL] = { 100, 200 },
	[TQUIC_BBR_UP] = { 125, 225 },
	[TQUIC_BBR_PROBE_RTT] = { 100, 50 },
};

void tquic_bbr_enter(struct tquic_cc *cc, enum tquic_bbr_state state)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	bbr->state = state;
	bbr->pacing_gain = tquic_bbr_gain[state].pacing;
	bbr->cwnd_gain = tquic_bbr_gain[state].cwnd;
}

/* Section 5.3.1.3, and marks in place of losses. */
static bool tquic_bbr_startup_congested(const struct tquic_bbr *bbr,
					const struct tquic_cc_sample *sample)
{
	if (!bbr->loss_round_start)
		return false;
	if (bbr->is_ecn_in_round)
		return true;
	return bbr->loss_ranges >= TQUIC_BBR_STARTUP_LOSS_RANGES &&
	       tquic_bbr_too_high(sample->lost_since_tx,
				  sample->tx_in_flight);
}

/* Sections 5.3.1.1 and 5.3.1.3. */
void tquic_bbr_check_startup(struct tquic_cc *cc,
			     const struct tquic_cc_sample *sample)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	if (bbr->state != TQUIC_BBR_STARTUP)
		return;
	if (!bbr->full_bw_reached && tquic_bbr_startup_congested(bbr, sample)) {
		bbr->undo_state = TQUIC_BBR_STARTUP;
		bbr->full_bw_now = true;
		bbr->full_bw_reached = true;
		bbr->inflight_longterm = max(tquic_bbr_bdp(cc, bbr->max_bw,
							   100),
					     bbr->inflight_latest);
	}
	if (bbr->full_bw_reached) {
		tquic_bbr_enter(cc, TQUIC_BBR_DRAIN);
		bbr->drain_start_round = bbr->round_count;
	}
}

/* Sections 5.3.3.8 and 5.3.3.9. */
static void tquic_bbr_start_down(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);
	u64 draw = tquic_cc_rand(cc);

	tquic_bbr_reset_signals(bbr);
	bbr->rounds_since_probe_up = draw & 1;
	bbr->bw_probe_wait = TQUIC_BBR_PROBE_WAIT +
			     mul_u64_u64_shr(draw, TQUIC_BBR_PROBE_WAIT_RANGE,
					     64);
	bbr->cycle_stamp = now;
	bbr->ack_phase = TQUIC_BBR_ACKS_STOPPING;
	tquic_bbr_start_round(bbr);
	tquic_bbr_enter(cc, TQUIC_BBR_DOWN);
}

static void tquic_bbr_start_refill(struct tquic_cc *cc)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	tquic_bbr_reset_short_term(bbr);
	bbr->probe_up_rounds = 0;
	bbr->probe_up_acked = 0;
	bbr->prev_probe_precautionary = false;
	bbr->ack_phase = TQUIC_BBR_ACKS_REFILLING;
	tquic_bbr_start_round(bbr);
	tquic_bbr_enter(cc, TQUIC_BBR_REFILL);
}

/* RaiseInflightLongtermSlope(): growth doubles with each round. */
static void tquic_bbr_raise_slope(struct tquic_cc *cc)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	bbr->probe_up_acked_per_inc = max_t(u64, cc->mds,
					    cc->cwnd >> bbr->probe_up_rounds);
	bbr->probe_up_rounds = min_t(u32, bbr->probe_up_rounds + 1,
				     TQUIC_BBR_MAX_UP_ROUNDS);
}

static void tquic_bbr_start_up(struct tquic_cc *cc,
			       const struct tquic_cc_sample *sample)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	bbr->is_bw_probe_sample = true;
	bbr->ack_phase = TQUIC_BBR_ACKS_STARTING;
	tquic_bbr_start_round(bbr);
	tquic_bbr_reset_full_bw(bbr, min(sample->rate, TQUIC_BBR_MAX_BW));
	tquic_bbr_enter(cc, TQUIC_BBR_UP);
	tquic_bbr_raise_slope(cc);
}

/* Section 5.3.2. */
void tquic_bbr_check_drain(struct tquic_cc *cc,
			   const struct tquic_cc_sample *sample)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	if (bbr->state != TQUIC_BBR_DRAIN)
		return;
	if (sample->in_flight <= tquic_bbr_inflight(cc, bbr->bw, 100) ||
	    bbr->round_count > bbr->drain_start_round + TQUIC_BBR_DRAIN_ROUNDS)
		tquic_bbr_start_down(cc, sample->now);
}

/* Section 5.3.3.8, IsTimeToProbeBW(). */
static bool tquic_bbr_time_to_probe(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);
	u64 reno_rounds = div_u64(tquic_bbr_target_inflight(cc), cc->mds);

	return now > bbr->cycle_stamp + bbr->bw_probe_wait ||
	       bbr->rounds_since_probe_up >=
	       min_t(u64, reno_rounds, TQUIC_BBR_RENO_ROUNDS);
}

static bool tquic_bbr_time_to_cruise(const struct tquic_cc *cc, u64 max_bw,
				     u64 in_flight)
{
	return in_flight <= tquic_bbr_inflight_with_headroom(cc) &&
	       in_flight <= tquic_bbr_inflight(cc, max_bw, 100);
}

static bool tquic_bbr_time_to_go_down(struct tquic_cc *cc,
				      const struct tquic_cc_sample *sample)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	/* section 5.3.3.6: no second time where the last probe went too far */
	if (bbr->prev_probe_too_high &&
	    sample->in_flight >= bbr->inflight_longterm) {
		bbr->prev_probe_precautionary = true;
		return true;
	}
	if (tquic_bbr_cwnd_limited(bbr) && cc->cwnd >= bbr->inflight_longterm) {
		tquic_bbr_reset_full_bw(bbr, min(sample->rate,
						 TQUIC_BBR_MAX_BW));
		return false;
	}
	return bbr->full_bw_now;
}

/* ProbeInflightLongtermUpward() of section 5.3.3.9. */
static void tquic_bbr_probe_upward(struct tquic_cc *cc,
				   const struct tquic_cc_sample *sample)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);
	u64 delta;

	if (!tquic_bbr_cwnd_limited(bbr) || cc->cwnd < bbr->inflight_longterm)
		return;
	bbr->probe_up_acked += sample->acked_bytes;
	delta = div64_u64(bbr->probe_up_acked, bbr->probe_up_acked_per_inc);
	bbr->probe_up_acked -= delta * bbr->probe_up_acked_per_inc;
	bbr->inflight_longterm = min(bbr->inflight_longterm + delta * cc->mds,
				     TQUIC_CC_MAX_WINDOW);
	if (bbr->round_start)
		tquic_bbr_raise_slope(cc);
}

/* The end of the acknowledgments of a probe; true when another one begins. */
static bool tquic_bbr_end_probe(struct tquic_cc *cc,
				const struct tquic_cc_sample *sample)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	bbr->is_bw_probe_sample = false;
	bbr->ack_phase = TQUIC_BBR_ACKS_INIT;
	if (!tquic_bbr_in_probe_bw(bbr))
		return false;
	if (!tquic_bbr_limited(bbr, sample))
		tquic_bbr_advance_max_bw(bbr);
	if (!bbr->prev_probe_precautionary || bbr->prev_probe_too_high)
		return false;
	tquic_bbr_start_refill(cc);
	return true;
}

/* AdaptLongTermModel() of section 5.3.3.9. */
static bool tquic_bbr_adapt_long_term(struct tquic_cc *cc,
				      const struct tquic_cc_sample *sample)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	if (bbr->round_start && bbr->ack_phase == TQUIC_BBR_ACKS_STARTING)
		bbr->ack_phase = TQUIC_BBR_ACKS_FEEDBACK;
	if (bbr->round_start && bbr->ack_phase == TQUIC_BBR_ACKS_STOPPING &&
	    tquic_bbr_end_probe(cc, sample))
		return true;
	if (sample->ce_marks || bbr->inflight_longterm == TQUIC_BBR_INF ||
	    tquic_bbr_too_high(sample->lost_since_tx, sample->tx_in_flight))
		return false;
	bbr->inflight_longterm = max(bbr->inflight_longterm,
				     sample->tx_in_flight);
	if (bbr->state == TQUIC_BBR_UP)
		tquic_bbr_probe_upward(cc, sample);
	return false;
}

/* UpdateProbeBWCyclePhase() of section 5.3.3.9. */
void tquic_bbr_update_cycle(struct tquic_cc *cc,
			    const struct tquic_cc_sample *sample)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	if (!bbr->full_bw_reached || tquic_bbr_adapt_long_term(cc, sample))
		return;
	switch (bbr->state) {
	case TQUIC_BBR_DOWN:
	case TQUIC_BBR_CRUISE:
		if (tquic_bbr_time_to_probe(cc, sample->now))
			tquic_bbr_start_refill(cc);
		else if (tquic_bbr_time_to_cruise(cc, bbr->max_bw,
						  sample->in_flight))
			tquic_bbr_enter(cc, TQUIC_BBR_CRUISE);
		break;
	case TQUIC_BBR_REFILL:
		if (bbr->round_start)
			tquic_bbr_start_up(cc, sample);
		break;
	case TQUIC_BBR_UP:
		if (tquic_bbr_time_to_go_down(cc, sample)) {
			bbr->prev_probe_too_high = false;
			tquic_bbr_start_down(cc, sample->now);
		}
		break;
	default:
		break;
	}
}

/* HandleInflightTooHigh() of section 5.5.10.2. */
void tquic_bbr_inflight_too_high(struct tquic_cc *cc, tquic_time_t now,
				 u64 tx_in_flight, bool limited)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);
	u64 target = tquic_bbr_target_inflight(cc);

	bbr->prev_probe_too_high = true;
	bbr->is_bw_probe_sample = false;
	if (!limited)
		bbr->inflight_longterm =
			max(tx_in_flight,
			    tquic_bbr_percent(target, TQUIC_BBR_BETA));
	if (bbr->state == TQUIC_BBR_UP) {
		bbr->undo_state = TQUIC_BBR_UP;
		tquic_bbr_start_down(cc, now);
	}
}

/* Section 5.3.4.4; sending less has emptied the queue, so DOWN is over. */
static void tquic_bbr_exit_probe_rtt(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	tquic_bbr_reset_short_term(bbr);
	if (bbr->full_bw_reached) {
		tquic_bbr_start_down(cc, now);
		tquic_bbr_enter(cc, TQUIC_BBR_CRUISE);
	} else {
		tquic_bbr_enter(cc, TQUIC_BBR_STARTUP);
	}
}

/* CheckProbeRTTDone() of section 5.3.4.3. */
void tquic_bbr_probe_rtt_done(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	if (!bbr->probe_rtt_done_stamp || now <= bbr->probe_rtt_done_stamp)
		return;
	bbr->probe_rtt_min_stamp = now;
	tquic_bbr_restore_cwnd(cc);
	tquic_bbr_exit_probe_rtt(cc, now);
}

/* HandleProbeRTT() of section 5.3.4.3. */
static void tquic_bbr_handle_probe_rtt(struct tquic_cc *cc,
				       const struct tquic_cc_sample *sample)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	bbr->limited_to = bbr->delivered + sample->in_flight;
	if (bbr->probe_rtt_done_stamp) {
		if (bbr->round_start)
			bbr->probe_rtt_round_done = true;
		if (bbr->probe_rtt_round_done)
			tquic_bbr_probe_rtt_done(cc, sample->now);
	} else if (sample->in_flight <= tquic_bbr_probe_rtt_cwnd(cc)) {
		bbr->probe_rtt_done_stamp =
			sample->now + TQUIC_BBR_PROBE_RTT_DURATION;
		bbr->probe_rtt_round_done = false;
		tquic_bbr_start_round(bbr);
	}
}

/* CheckProbeRTT() of section 5.3.4.3. */
void tquic_bbr_check_probe_rtt(struct tquic_cc *cc,
			       const struct tquic_cc_sample *sample)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	if (bbr->state != TQUIC_BBR_PROBE_RTT && bbr->probe_rtt_expired &&
	    !bbr->idle_restart) {
		tquic_bbr_enter(cc, TQUIC_BBR_PROBE_RTT);
		tquic_bbr_save_cwnd(cc);
		if (bbr->delivered > bbr->limited_to)
			bbr->limited_from = bbr->delivered;
		bbr->probe_rtt_done_stamp = 0;
		bbr->ack_phase = TQUIC_BBR_ACKS_STOPPING;
		tquic_bbr_start_round(bbr);
	}
	if (bbr->state == TQUIC_BBR_PROBE_RTT)
		tquic_bbr_handle_probe_rtt(cc, sample);
	if (sample->delivered > sample->prior_delivered)
		bbr->idle_restart = false;
}

/* Section 5.5.11.2. */
void tquic_bbr_undo(struct tquic_cc *cc)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);
	enum tquic_bbr_state undo_state = bbr->undo_state;

	tquic_bbr_restore_cwnd(cc);
	bbr->is_loss_in_round = false;
	bbr->undo_state = TQUIC_BBR_STATES;
	tquic_bbr_reset_full_bw(bbr, 0);
	bbr->bw_shortterm = max(bbr->bw_shortterm, bbr->undo_bw_shortterm);
	bbr->inflight_shortterm = max(bbr->inflight_shortterm,
				      bbr->undo_inflight_shortterm);
	bbr->inflight_longterm = max(bbr->inflight_longterm,
				     bbr->undo_inflight_longterm);
	if (undo_state == TQUIC_BBR_STARTUP)
		bbr->full_bw_reached = false;
	if (bbr->state == undo_state || bbr->state == TQUIC_BBR_PROBE_RTT)
		return;
	if (undo_state == TQUIC_BBR_STARTUP)
		tquic_bbr_enter(cc, TQUIC_BBR_STARTUP);
	else if (undo_state == TQUIC_BBR_UP)
		tquic_bbr_start_refill(cc);
}
