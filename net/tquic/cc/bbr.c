// SPDX-License-Identifier: GPL-2.0
/*
 * BBR version 3 (draft-ietf-ccwg-bbr): organisation and control parameters.
 *
 * The draft is followed also where its rules are known to hurt, so that "bbr"
 * is what its users expect: on a thin link one lost packet is more than 2 % of
 * a round trip's, so random loss ends every bandwidth probe at once and keeps
 * the rate far below the link's (section 5.5.10.2); and all paths of a
 * connection probe for the RTT at the standard interval, even when they have
 * just seen it (section 5.3.4.2).
 *
 * Where the draft leaves ECN open (section 3.7), a mark counts as a loss: it
 * ends Startup, it ends a bandwidth probe at the inflight that was marked, and
 * outside of a probe it lowers the short-term bounds.
 */
#include "algos.h"
#include "bbr.h"

/* sections 2.5 and 5.6.3 */
#define TQUIC_BBR_STARTUP_GAIN		277
#define TQUIC_BBR_PACING_MARGIN		1
#define TQUIC_BBR_MAX_QUANTUM		(64 * 1024)

/* BDPMultiple() of section 5.6.4.2. */
u64 tquic_bbr_bdp(const struct tquic_cc *cc, u64 bw, u32 gain)
{
	const struct tquic_bbr *bbr = (const struct tquic_bbr *)cc->priv;

	if (bbr->min_rtt == TQUIC_BBR_INF)
		return tquic_cc_initial_window(cc->mds);
	return tquic_bbr_percent(mul_u64_u64_div_u64(bw, bbr->min_rtt,
						     TQUIC_NS_PER_SEC), gain);
}

/* QuantizationBudget() of section 5.6.4.2 with section 5.5.8.2. */
static u64 tquic_bbr_quantize(const struct tquic_cc *cc, u64 inflight)
{
	const struct tquic_bbr *bbr = (const struct tquic_bbr *)cc->priv;

	inflight = max3(inflight, cc->quantum, tquic_bbr_min_pipe_cwnd(cc));
	if (bbr->state == TQUIC_BBR_UP)
		inflight += 2 * cc->mds;
	return inflight;
}

u64 tquic_bbr_inflight(const struct tquic_cc *cc, u64 bw, u32 gain)
{
	return tquic_bbr_quantize(cc, tquic_bbr_bdp(cc, bw, gain));
}

/* Section 5.3.3.8. */
u64 tquic_bbr_target_inflight(const struct tquic_cc *cc)
{
	const struct tquic_bbr *bbr = (const struct tquic_bbr *)cc->priv;

	return min(tquic_bbr_bdp(cc, bbr->bw, 100), cc->cwnd);
}

/* Section 5.3.3.9. */
u64 tquic_bbr_inflight_with_headroom(const struct tquic_cc *cc)
{
	const struct tquic_bbr *bbr = (const struct tquic_bbr *)cc->priv;
	u64 headroom;

	if (bbr->inflight_longterm == TQUIC_BBR_INF)
		return TQUIC_BBR_INF;
	headroom = max_t(u64, cc->mds,
			 tquic_bbr_percent(bbr->inflight_longterm,
					   TQUIC_BBR_HEADROOM));
	if (bbr->inflight_longterm < headroom)
		return tquic_bbr_min_pipe_cwnd(cc);
	return max(bbr->inflight_longterm - headroom,
		   tquic_bbr_min_pipe_cwnd(cc));
}

/* Section 5.6.4.5. */
u64 tquic_bbr_probe_rtt_cwnd(const struct tquic_cc *cc)
{
	const struct tquic_bbr *bbr = (const struct tquic_bbr *)cc->priv;

	return max(tquic_bbr_bdp(cc, bbr->bw, bbr->cwnd_gain),
		   tquic_bbr_min_pipe_cwnd(cc));
}

/* Section 5.6.4.4. */
void tquic_bbr_save_cwnd(struct tquic_cc *cc)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	if (!bbr->recovery_until && bbr->state != TQUIC_BBR_PROBE_RTT)
		bbr->prior_cwnd = cc->cwnd;
	else
		bbr->prior_cwnd = max(bbr->prior_cwnd, cc->cwnd);
}

void tquic_bbr_restore_cwnd(struct tquic_cc *cc)
{
	cc->cwnd = max(cc->cwnd, tquic_bbr_priv(cc)->prior_cwnd);
}

/* Section 5.6.2: a first guess, from the RTT once there is one. */
static void tquic_bbr_init_pacing_rate(struct tquic_cc *cc, u64 rtt)
{
	cc->pacing_rate = tquic_cc_pace(tquic_cc_initial_window(cc->mds),
					TQUIC_BBR_STARTUP_GAIN, rtt);
}

static void tquic_bbr_set_pacing_rate(struct tquic_cc *cc, u32 gain)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);
	u64 rate = div_u64(bbr->bw * gain * (100 - TQUIC_BBR_PACING_MARGIN),
			   100 * 100);

	if (bbr->full_bw_reached || rate > cc->pacing_rate)
		cc->pacing_rate = rate;
}

/* Section 5.6.3. */
static void tquic_bbr_set_quantum(struct tquic_cc *cc)
{
	cc->quantum = clamp_t(u64, div_u64(cc->pacing_rate, 1000),
			      2 * cc->mds, TQUIC_BBR_MAX_QUANTUM);
}

/* BoundCwndForModel() of section 5.6.4.7. */
static u64 tquic_bbr_cwnd_cap(const struct tquic_cc *cc)
{
	const struct tquic_bbr *bbr = (const struct tquic_bbr *)cc->priv;
	u64 cap = TQUIC_CC_MAX_WINDOW;

	if (bbr->state == TQUIC_BBR_PROBE_RTT ||
	    bbr->state == TQUIC_BBR_CRUISE)
		cap = min(cap, tquic_bbr_inflight_with_headroom(cc));
	else if (tquic_bbr_in_probe_bw(bbr))
		cap = min(cap, bbr->inflight_longterm);
	cap = min(cap, bbr->inflight_shortterm);
	return max(cap, tquic_bbr_min_pipe_cwnd(cc));
}

/* Section 5.6.4.6. */
static void tquic_bbr_set_cwnd(struct tquic_cc *cc,
			       const struct tquic_cc_sample *sample)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);
	u64 max_inflight;

	max_inflight = tquic_bbr_bdp(cc, bbr->bw, bbr->cwnd_gain);
	max_inflight = tquic_bbr_quantize(cc, max_inflight + bbr->extra_acked);
	if (bbr->full_bw_reached)
		cc->cwnd = min(cc->cwnd + sample->acked_bytes, max_inflight);
	else if (cc->cwnd < max_inflight ||
		 sample->delivered < tquic_cc_initial_window(cc->mds))
		cc->cwnd += sample->acked_bytes;
	cc->cwnd = max(cc->cwnd, tquic_bbr_min_pipe_cwnd(cc));
	if (bbr->state == TQUIC_BBR_PROBE_RTT)
		cc->cwnd = min(cc->cwnd, tquic_bbr_probe_rtt_cwnd(cc));
	cc->cwnd = min(cc->cwnd, tquic_bbr_cwnd_cap(cc));
}

static void tquic_bbr_end_recovery(struct tquic_cc *cc,
				   const struct tquic_cc_sample *sample)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	if (!bbr->recovery_until ||
	    sample->largest_acked_sent < bbr->recovery_until)
		return;
	bbr->recovery_until = 0;
	tquic_bbr_restore_cwnd(cc);
}

/* UpdateOnACK() of section 5.2.3. */
static void tquic_bbr_on_ack(struct tquic_cc *cc,
			     const struct tquic_cc_sample *sample)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	bbr->started = true;
	bbr->delivered = sample->delivered;
	if (sample->rtt && !bbr->has_seen_rtt) {
		bbr->has_seen_rtt = true;
		tquic_bbr_init_pacing_rate(cc, sample->srtt);
	}
	if (sample->ce_marks && bbr->is_bw_probe_sample)
		tquic_bbr_inflight_too_high(cc, sample->now,
					    sample->tx_in_flight,
					    sample->app_limited);
	tquic_bbr_model_on_ack(cc, sample);
	tquic_bbr_check_startup(cc, sample);
	tquic_bbr_check_drain(cc, sample);
	tquic_bbr_update_cycle(cc, sample);
	tquic_bbr_update_min_rtt(cc, sample);
	tquic_bbr_check_probe_rtt(cc, sample);
	tquic_bbr_model_end_ack(cc, sample);

	tquic_bbr_end_recovery(cc, sample);
	tquic_bbr_set_pacing_rate(cc, bbr->pacing_gain);
	tquic_bbr_set_quantum(cc);
	tquic_bbr_set_cwnd(cc, sample);
}

/* C.is_cwnd_limited of section 2.2. */
static void tquic_bbr_on_sent(struct tquic_cc *cc, tquic_time_t now,
			      u64 bytes, u64 in_flight)
{
	if (in_flight + cc->mds > cc->cwnd)
		tquic_bbr_priv(cc)->cwnd_limited = true;
}

/* Section 5.5.10.2; packets that were lost together are its offload burst. */
static void tquic_bbr_on_loss(struct tquic_cc *cc,
			      const struct tquic_cc_loss *loss)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	bbr->started = true;
	bbr->delivered = loss->delivered;
	if (!bbr->recovery_until)
		tquic_bbr_save_state(cc);
	bbr->recovery_until = loss->now + 1;
	tquic_bbr_note_loss(cc);
	bbr->loss_ranges += loss->ranges;
	if (bbr->is_bw_probe_sample &&
	    tquic_bbr_too_high(loss->lost_since_tx, loss->tx_in_flight))
		tquic_bbr_inflight_too_high(cc, loss->now,
					    tquic_bbr_inflight_at_loss(loss),
					    loss->app_limited);
}

static void tquic_bbr_on_ecn(struct tquic_cc *cc, tquic_time_t now,
			     tquic_time_t largest_sent)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	tquic_bbr_note_loss(cc);
	bbr->is_ecn_in_round = true;
	bbr->undo_barred = true;
}

/*
 * The draft's retransmission timeout (section 5.6.4.4).  The loss that belongs
 * to it has saved the state already.
 */
static void tquic_bbr_on_persistent(struct tquic_cc *cc, tquic_time_t now)
{
	tquic_bbr_save_cwnd(cc);
	tquic_bbr_priv(cc)->recovery_until = now + 1;
	cc->cwnd = tquic_cc_min_window(cc);
}

static void tquic_bbr_on_spurious(struct tquic_cc *cc, tquic_time_t now)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	if (!bbr->undo_barred)
		tquic_bbr_undo(cc);
}

/* Section 5.4.1. */
static void tquic_bbr_on_idle_restart(struct tquic_cc *cc, tquic_time_t now,
				      u64 idle)
{
	struct tquic_bbr *bbr = tquic_bbr_priv(cc);

	bbr->idle_restart = true;
	bbr->extra_acked_start = now;
	if (tquic_bbr_in_probe_bw(bbr))
		tquic_bbr_set_pacing_rate(cc, 100);
	else if (bbr->state == TQUIC_BBR_PROBE_RTT)
		tquic_bbr_probe_rtt_done(cc, now);
}

/* RFC 9002 section 7.2: the initial window follows the datagram size. */
static void tquic_bbr_on_mds(struct tquic_cc *cc)
{
	if (!tquic_bbr_priv(cc)->started)
		cc->cwnd = tquic_cc_initial_window(cc->mds);
	cc->cwnd = max(cc->cwnd, tquic_cc_min_window(cc));
	tquic_bbr_set_quantum(cc);
}

/* Section 5.2.1; the window is the initial one (5.6.4.1) already. */
static int tquic_bbr_init(struct tquic_cc *cc, tquic_time_t now)
{
	tquic_bbr_model_init(cc, now);
	tquic_bbr_init_pacing_rate(cc, TQUIC_NS_PER_MS);
	tquic_bbr_set_quantum(cc);
	tquic_bbr_enter(cc, TQUIC_BBR_STARTUP);
	return 0;
}

const struct tquic_cc_ops tquic_bbr_ops = {
	.name = "bbr",
	.priv_size = sizeof(struct tquic_bbr),
	.init = tquic_bbr_init,
	.on_sent = tquic_bbr_on_sent,
	.on_ack = tquic_bbr_on_ack,
	.on_loss = tquic_bbr_on_loss,
	.on_ecn = tquic_bbr_on_ecn,
	.on_persistent = tquic_bbr_on_persistent,
	.on_spurious = tquic_bbr_on_spurious,
	.on_idle_restart = tquic_bbr_on_idle_restart,
	.on_mds = tquic_bbr_on_mds,
};
