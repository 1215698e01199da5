/* SPDX-License-Identifier: GPL-2.0 */
/*
 * BBR version 3 (draft-ietf-ccwg-bbr): state and the parts that share it.
 *
 * bbr.c is the organisation and the control parameters (sections 5.2 and 5.6),
 * bbr_probe.c the state machine (5.3 and 5.4), bbr_model.c the model of the
 * path (5.5).  "Section" means the draft's throughout.
 */
#ifndef _TQUIC_CC_BBR_H
#define _TQUIC_CC_BBR_H

#include "../core/cc.h"

/* stands for the draft's "Infinity" */
#define TQUIC_BBR_INF			U64_MAX
/* bytes per second, ns: samples beyond are cut so that products fit */
#define TQUIC_BBR_MAX_BW		BIT_ULL(40)
#define TQUIC_BBR_MAX_RTT		BIT_ULL(37)

/* section 2.8, per cent where it is a share */
#define TQUIC_BBR_LOSS_THRESH		2
#define TQUIC_BBR_BETA			70
#define TQUIC_BBR_HEADROOM		15
#define TQUIC_BBR_MIN_PIPE		4	/* datagrams */
#define TQUIC_BBR_EXTRA_ACKED_LEN	10	/* rounds, section 2.12 */

/**
 * enum tquic_bbr_state - section 5.1.1
 * @TQUIC_BBR_STARTUP: doubles the rate each round until the pipe is full
 * @TQUIC_BBR_DRAIN: empties the queue that Startup left
 * @TQUIC_BBR_DOWN: ProbeBW_DOWN, sends slower than is delivered
 * @TQUIC_BBR_CRUISE: ProbeBW_CRUISE, sends at the estimated rate
 * @TQUIC_BBR_REFILL: ProbeBW_REFILL, fills the pipe before it is probed
 * @TQUIC_BBR_UP: ProbeBW_UP, probes for more
 * @TQUIC_BBR_PROBE_RTT: looks for the RTT of an empty queue
 * @TQUIC_BBR_STATES: their number
 */
enum tquic_bbr_state {
	TQUIC_BBR_STARTUP,
	TQUIC_BBR_DRAIN,
	TQUIC_BBR_DOWN,
	TQUIC_BBR_CRUISE,
	TQUIC_BBR_REFILL,
	TQUIC_BBR_UP,
	TQUIC_BBR_PROBE_RTT,
	TQUIC_BBR_STATES,
};

/**
 * enum tquic_bbr_ack_phase - what acknowledgments tell of, section 2.14
 * @TQUIC_BBR_ACKS_INIT: of no probe
 * @TQUIC_BBR_ACKS_REFILLING: of sending at the estimated rate
 * @TQUIC_BBR_ACKS_STARTING: not yet of the probe that began
 * @TQUIC_BBR_ACKS_FEEDBACK: of the probe
 * @TQUIC_BBR_ACKS_STOPPING: still of the probe that ended
 */
enum tquic_bbr_ack_phase {
	TQUIC_BBR_ACKS_INIT,
	TQUIC_BBR_ACKS_REFILLING,
	TQUIC_BBR_ACKS_STARTING,
	TQUIC_BBR_ACKS_FEEDBACK,
	TQUIC_BBR_ACKS_STOPPING,
};

/**
 * struct tquic_bbr - private state; bytes, ns, bytes per second
 * @max_bw: largest delivery rate of this bandwidth cycle and the one before
 * @bw_cycle: largest of the cycle before, and of this one
 * @bw_shortterm: bound on the rate since the last losses, TQUIC_BBR_INF
 *	without
 * @bw: min of @max_bw and @bw_shortterm
 * @bw_latest: largest delivery rate of this round trip
 * @inflight_latest: most delivered over one RTT in this round trip
 * @inflight_shortterm: bound on bytes in flight since the last losses
 * @inflight_longterm: bound found by probing
 * @min_rtt: smallest RTT in ten seconds, TQUIC_BBR_INF before the first
 * @min_rtt_stamp: when @min_rtt was measured
 * @probe_rtt_min_delay: smallest RTT in five seconds
 * @probe_rtt_min_stamp: when it was measured
 * @probe_rtt_done_stamp: when ProbeRTT may end, 0 until it is known
 * @limited_from: bytes delivered when ProbeRTT began to hold sending back
 * @limited_to: bytes delivered once all is that was sent meanwhile
 * @delivered: bytes delivered on the path, as last told
 * @round_count: packet-timed round trips so far
 * @next_round_delivered: bytes delivered when this round began
 * @loss_round_delivered: bytes delivered when this round of losses began
 * @rounds_since_probe_up: rounds since the last bandwidth probe
 * @drain_start_round: @round_count when Drain began
 * @full_bw: delivery rate that growth is measured against
 * @full_bw_count: rounds without growth
 * @extra_acked: most aggregation in the window of rounds
 * @extra_acked_start: when the present interval began
 * @extra_acked_delivered: bytes acknowledged in it
 * @extra_acked_round: most aggregation by round, a ring
 * @cycle_stamp: when this bandwidth cycle began
 * @bw_probe_wait: ns after which bandwidth is probed again at the latest
 * @probe_up_acked: bytes acknowledged since @inflight_longterm grew
 * @probe_up_acked_per_inc: bytes to be acknowledged before it grows, in UP
 * @probe_up_rounds: rounds of growth in this probe
 * @prior_cwnd: last window that neither ProbeRTT nor recovery had reduced
 * @undo_bw_shortterm: value when the losses began
 * @undo_inflight_shortterm: value when the losses began
 * @undo_inflight_longterm: value when the losses began
 * @recovery_until: recovery lasts until an acknowledgment of a packet sent at
 *	this time or later; 0 outside of it
 * @loss_ranges: discontiguous losses in this round of losses
 * @pacing_gain: per cent of @bw
 * @cwnd_gain: per cent of the BDP
 * @state: of the machine
 * @undo_state: state to return to when the losses prove spurious: Startup, UP
 *	or, for none, TQUIC_BBR_STATES
 * @ack_phase: what acknowledgments tell of
 * @round_start: this acknowledgment began a round
 * @loss_round_start: this acknowledgment ended a round of losses
 * @is_loss_in_round: packets were lost in this round of losses
 * @is_ecn_in_round: packets were marked in this round of losses
 * @undo_barred: marks prove what the losses of this recovery may only seem
 * @is_bw_probe_sample: acknowledgments tell of a bandwidth probe to which
 *	there was no response yet
 * @full_bw_now: the pipe has been filled in this probe
 * @full_bw_reached: it has ever been
 * @prev_probe_too_high: the last probe led to too much loss
 * @prev_probe_precautionary: the last probe stopped before it could
 * @probe_rtt_expired: @probe_rtt_min_delay is out of date
 * @probe_rtt_round_done: ProbeRTT has lasted for a round
 * @idle_restart: nothing was acknowledged since an idle period
 * @has_seen_rtt: there was an RTT sample
 * @cwnd_limited: the window was used up in this round
 * @cwnd_limited_before: it was in the round before
 * @started: something has been acknowledged or lost
 */
struct tquic_bbr {
	u64 max_bw;
	u64 bw_cycle[2];
	u64 bw_shortterm;
	u64 bw;
	u64 bw_latest;
	u64 inflight_latest;
	u64 inflight_shortterm;
	u64 inflight_longterm;
	u64 min_rtt;
	tquic_time_t min_rtt_stamp;
	u64 probe_rtt_min_delay;
	tquic_time_t probe_rtt_min_stamp;
	tquic_time_t probe_rtt_done_stamp;
	u64 limited_from;
	u64 limited_to;
	u64 delivered;
	u64 round_count;
	u64 next_round_delivered;
	u64 loss_round_delivered;
	u64 rounds_since_probe_up;
	u64 drain_start_round;
	u64 full_bw;
	u32 full_bw_count;
	u64 extra_acked;
	tquic_time_t extra_acked_start;
	u64 extra_acked_delivered;
	u64 extra_acked_round[TQUIC_BBR_EXTRA_ACKED_LEN];
	tquic_time_t cycle_stamp;
	u64 bw_probe_wait;
	u64 probe_up_acked;
	u64 probe_up_acked_per_inc;
	u32 probe_up_rounds;
	u64 prior_cwnd;
	u64 undo_bw_shortterm;
	u64 undo_inflight_shortterm;
	u64 undo_inflight_longterm;
	tquic_time_t recovery_until;
	u32 loss_ranges;
	u32 pacing_gain;
	u32 cwnd_gain;
	enum tquic_bbr_state state;
	enum tquic_bbr_state undo_state;
	enum tquic_bbr_ack_phase ack_phase;
	bool round_start;
	bool loss_round_start;
	bool is_loss_in_round;
	bool is_ecn_in_round;
	bool undo_barred;
	bool is_bw_probe_sample;
	bool full_bw_now;
	bool full_bw_reached;
	bool prev_probe_too_high;
	bool prev_probe_precautionary;
	bool probe_rtt_expired;
	bool probe_rtt_round_done;
	bool idle_restart;
	bool has_seen_rtt;
	bool cwnd_limited;
	bool cwnd_limited_before;
	bool started;
};

static inline struct tquic_bbr *tquic_bbr_priv(struct tquic_cc *cc)
{
	return (struct tquic_bbr *)cc->priv;
}

static inline u64 tquic_bbr_percent(u64 val, u32 percent)
{
	return div_u64(val * percent, 100);
}

static inline u64 tquic_bbr_min_pipe_cwnd(const struct tquic_cc *cc)
{
	return (u64)TQUIC_BBR_MIN_PIPE * cc->mds;
}

/* section 5.3.3.9, and "is_cwnd_limited" of section 2.2 */
static inline bool tquic_bbr_in_probe_bw(const struct tquic_bbr *bbr)
{
	return bbr->state >= TQUIC_BBR_DOWN && bbr->state <= TQUIC_BBR_UP;
}

static inline bool tquic_bbr_cwnd_limited(const struct tquic_bbr *bbr)
{
	return bbr->cwnd_limited || bbr->cwnd_limited_before;
}

/* section 5.5.1 */
static inline void tquic_bbr_start_round(struct tquic_bbr *bbr)
{
	bbr->next_round_delivered = bbr->delivered;
}

/*
 * Whether a sample tells of limited sending.  ProbeRTT limits it as well: the
 * draft has it mark the connection, here the marks are kept as the span of
 * "delivered" during which packets got one.
 */
static inline bool tquic_bbr_limited(const struct tquic_bbr *bbr,
				     const struct tquic_cc_sample *sample)
{
	return sample->app_limited ||
	       (sample->prior_delivered >= bbr->limited_from &&
		sample->prior_delivered <= bbr->limited_to);
}

/* bbr.c: control parameters */
u64 tquic_bbr_bdp(const struct tquic_cc *cc, u64 bw, u32 gain);
u64 tquic_bbr_inflight(const struct tquic_cc *cc, u64 bw, u32 gain);
u64 tquic_bbr_target_inflight(const struct tquic_cc *cc);
u64 tquic_bbr_inflight_with_headroom(const struct tquic_cc *cc);
u64 tquic_bbr_probe_rtt_cwnd(const struct tquic_cc *cc);
void tquic_bbr_save_cwnd(struct tquic_cc *cc);
void tquic_bbr_restore_cwnd(struct tquic_cc *cc);

/* bbr_model.c: the path */
void tquic_bbr_model_init(struct tquic_cc *cc, tquic_time_t now);
void tquic_bbr_model_on_ack(struct tquic_cc *cc,
			    const struct tquic_cc_sample *sample);
void tquic_bbr_model_end_ack(struct tquic_cc *cc,
			     const struct tquic_cc_sample *sample);
void tquic_bbr_update_min_rtt(struct tquic_cc *cc,
			      const struct tquic_cc_sample *sample);
void tquic_bbr_reset_short_term(struct tquic_bbr *bbr);
void tquic_bbr_reset_signals(struct tquic_bbr *bbr);
void tquic_bbr_reset_full_bw(struct tquic_bbr *bbr, u64 bw);
void tquic_bbr_advance_max_bw(struct tquic_bbr *bbr);
bool tquic_bbr_too_high(u64 lost, u64 tx_in_flight);
u64 tquic_bbr_inflight_at_loss(const struct tquic_cc_loss *loss);
void tquic_bbr_save_state(struct tquic_cc *cc);
void tquic_bbr_note_loss(struct tquic_cc *cc);

/* bbr_probe.c: the state machine */
void tquic_bbr_enter(struct tquic_cc *cc, enum tquic_bbr_state state);
void tquic_bbr_check_startup(struct tquic_cc *cc,
			     const struct tquic_cc_sample *sample);
void tquic_bbr_check_drain(struct tquic_cc *cc,
			   const struct tquic_cc_sample *sample);
void tquic_bbr_update_cycle(struct tquic_cc *cc,
			    const struct tquic_cc_sample *sample);
void tquic_bbr_check_probe_rtt(struct tquic_cc *cc,
			       const struct tquic_cc_sample *sample);
void tquic_bbr_probe_rtt_done(struct tquic_cc *cc, tquic_time_t now);
void tquic_bbr_inflight_too_high(struct tquic_cc *cc, tquic_time_t now,
				 u64 tx_in_flight, bool limited);
void tquic_bbr_undo(struct tquic_cc *cc);

#endif /* _TQUIC_CC_BBR_H */
