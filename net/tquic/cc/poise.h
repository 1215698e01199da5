/* SPDX-License-Identifier: GPL-2.0 */
/*
 * poise: congestion control of tunnels.  State, and the parts that share it.
 *
 * poise.c is the organisation and the outputs, poise_delay.c what round-trip
 * times tell, poise_loss.c what losses and marks tell, poise_state.c who sends
 * how much when.  Documentation/networking/tquic-cc.rst says why.
 */
#ifndef _TQUIC_CC_POISE_H
#define _TQUIC_CC_POISE_H

#include "cubic_curve.h"

#define TQUIC_POISE_RECENT	16	/* samples */
/* samples that tell of a queue: where there is no noise, and otherwise */
#define TQUIC_POISE_FEW		4
#define TQUIC_POISE_MANY	16
/* samples beyond are cut so that sums of a few, and products, fit */
#define TQUIC_POISE_MAX_RTT	BIT_ULL(37)
/* queue that is aimed for: ns, and share of the base */
#define TQUIC_POISE_TARGET_MIN	(5 * TQUIC_NS_PER_MS)
#define TQUIC_POISE_TARGET_MAX	(20 * TQUIC_NS_PER_MS)
#define TQUIC_POISE_TARGET_DIV	10

/**
 * enum tquic_poise_state - who decides on the window
 * @TQUIC_POISE_RAMP: grows with every acknowledgment until delay rises
 * @TQUIC_POISE_HOLD: keeps the queue at its target
 * @TQUIC_POISE_PROBE: sends more, to see whether delay depends on it
 * @TQUIC_POISE_DRAIN: sends less, to see what delay is left
 * @TQUIC_POISE_RIVAL: somebody else fills the queue: takes part
 */
enum tquic_poise_state {
	TQUIC_POISE_RAMP,
	TQUIC_POISE_HOLD,
	TQUIC_POISE_PROBE,
	TQUIC_POISE_DRAIN,
	TQUIC_POISE_RIVAL,
};

/**
 * struct tquic_poise_window - samples of a quarter of a round trip
 * @least: smallest of them, ns
 * @sum: of them
 * @rtt: what they amount to: the smallest, or where it is noisy the mean
 * @back: mean of what the way back took longer than at best
 * @acked: bytes acknowledged since the first
 * @count: number of samples
 * @from: when the first was taken
 * @back_from: what the way back of the first took longer than at best
 * @back_to: likewise of the newest
 */
struct tquic_poise_window {
	u64 least;
	u64 sum;
	u64 rtt;
	u64 back;
	u64 acked;
	u32 count;
	tquic_time_t from;
	u64 back_from;
	u64 back_to;
};

/**
 * struct tquic_poise_swing - what goes up and comes down
 * @rises: mean of what values are above the one before, ns
 * @falls: mean of what they are below it
 *
 * What rises as much as it falls is noise, the rest is a trend.
 */
struct tquic_poise_swing {
	u64 rises;
	u64 falls;
};

/**
 * struct tquic_poise - private state; bytes, ns, bytes per second
 * @base: RTT of the path without a queue of our making; U64_MAX before the
 *	first sample
 * @base_at: when an RTT near it was last seen
 * @base_wait: after so long without, the base is looked for
 * @noise: mean change of RTTs for no reason, from sample to sample or from
 *	window to window, whichever is more
 * @per_sample: changes from sample to sample
 * @per_window: changes from window to window, other than by the congestion
 *	window
 * @rtts: number of samples
 * @noisy: a queue at its target can be mistaken for noise
 * @last_rtt: that one, 0 for none
 * @recent: samples of late, a ring
 * @recent_count: samples since it was emptied
 * @win: present window
 * @queue: delay above the base in the window before
 * @level: mean RTT of windows in HOLD
 * @prev_rtt: of the window before in HOLD, 0 for none
 * @prev_cwnd: congestion window then
 * @told_at: when a time of arrival was last told, 0 before
 * @offset: least RTT less what the peer told, of this half of a while and of
 *	the one before
 * @offset_at: when this half began
 * @back: what the way back takes longer than at best, of late
 * @last_ack: when the last acknowledgment came, 0 before
 * @last_acked_sent: when the newest packet acknowledged so far was sent
 * @ack_gap: mean time between acknowledgments
 * @gap_until: a silence ended; what it was shows until then; 0 for none
 * @gap_want: bytes that have to come until then, for it to be a freeze
 * @gap_got: bytes that did
 * @thawed: samples of packets sent before tell of a freeze
 * @ack_bytes: bytes that an acknowledgment brings, at most
 * @bw: mean delivery rate
 * @bw_high: largest of @bw, forgotten by and by
 * @bw_peak: largest delivery rate since the ramp ended
 * @bw_latest: newest delivery rate
 * @bw_round: largest of this round of RAMP
 * @bw_before: likewise of the round before
 * @ramp_rtt: RTT that looked like a queue in this round of RAMP, 0 for none
 * @state: enum tquic_poise_state
 * @first: the first ramp has not ended
 * @gain: growth in RAMP, 16ths of what is acknowledged
 * @since: samples of packets sent earlier tell of another window
 * @growing: the window was enlarged and has not been used up yet
 * @idle: windows in a row without a queue in HOLD
 * @idle_bw: delivery rate when they began
 * @high_windows: windows in a row with too much of a queue in HOLD
 * @press_cwnd: window when the queue exceeded its target, 0 while it does not
 * @press_rtt: RTT then
 * @probe_at: when to probe next, where delay is noisy
 * @probe_rounds: RTTs from one probe to the next
 * @limited: the window was used up
 * @round_end: bytes delivered that end the round of RAMP
 * @delivered: bytes delivered on the path, as last told
 * @saved_cwnd: window before PROBE or DRAIN
 * @saved_rtt: RTT then
 * @saved_bw: delivery rate then
 * @sum_rtt: of windows in PROBE or DRAIN
 * @sum_count: how many
 * @sum_acked: bytes acknowledged in them
 * @sum_time: their length
 * @acked: bytes delivered since losses were last judged
 * @lost: bytes lost since then
 * @judge_from: packets sent earlier do not count
 * @judge_at: not to be judged before
 * @tolerance: share of losses that is no reason to send less, 1/1024
 * @own_share: share of losses of late that was none, 1/65536
 * @last_share: share of losses that led to the last cut, 0 for none
 * @vain_cuts: cuts in a row that did not help
 * @loss_cwnd: window before the first of them
 * @ceiling: window above which the path lost too much; U64_MAX for none
 * @ceiling_until: when to try more
 * @ceiling_hold: how long to wait for it after the next cut
 * @ceiling_step: by how much then, 1/1024
 * @target_cap: bound on the queue that is aimed for, learnt from losses
 * @cap_at: when it was last changed
 * @recovery_until: marks on packets sent earlier were answered
 * @undo_cwnd: window before the last cut for losses, 0 for none
 * @undo_ceiling: ceiling then
 * @low: smallest base of late
 * @low_at: when @base was last as low
 * @foreign: times that a queue was not ours
 * @foreign_at: when the last of them was
 * @curve: window in RIVAL
 * @check_at: when to look in RIVAL whether there is still somebody
 * @check_wait: how long to wait until the time after that
 * @check_cwnd: window before the present look, 0 outside of one
 * @check_rtt: RTT before it
 * @check_bw: delivery rate before it
 * @started: something was acknowledged or lost
 */
struct tquic_poise {
	u64 base;
	tquic_time_t base_at;
	u64 base_wait;
	u64 noise;
	struct tquic_poise_swing per_sample;
	struct tquic_poise_swing per_window;
	u32 rtts;
	bool noisy;
	u64 last_rtt;
	u64 recent[TQUIC_POISE_RECENT];
	u32 recent_count;
	struct tquic_poise_window win;
	u64 queue;
	u64 level;
	u64 prev_rtt;
	u64 prev_cwnd;

	tquic_time_t told_at;
	s64 offset[2];
	tquic_time_t offset_at;
	u64 back;

	tquic_time_t last_ack;
	tquic_time_t last_acked_sent;
	u64 ack_gap;
	tquic_time_t gap_until;
	u64 gap_want;
	u64 gap_got;
	tquic_time_t thawed;

	u64 ack_bytes;
	u64 bw;
	u64 bw_high;
	u64 bw_peak;
	u64 bw_latest;
	u64 bw_round;
	u64 bw_before;
	u64 ramp_rtt;

	enum tquic_poise_state state;
	bool first;
	u32 gain;
	tquic_time_t since;
	bool growing;
	u32 idle;
	u64 idle_bw;
	u32 high_windows;
	u64 press_cwnd;
	u64 press_rtt;
	tquic_time_t probe_at;
	u32 probe_rounds;
	bool limited;
	u64 round_end;
	u64 delivered;
	u64 saved_cwnd;
	u64 saved_rtt;
	u64 saved_bw;
	u64 sum_rtt;
	u32 sum_count;
	u64 sum_acked;
	u64 sum_time;

	u64 acked;
	u64 lost;
	tquic_time_t judge_from;
	tquic_time_t judge_at;
	u32 tolerance;
	u32 own_share;
	u32 last_share;
	u32 vain_cuts;
	u64 loss_cwnd;
	u64 ceiling;
	tquic_time_t ceiling_until;
	u64 ceiling_hold;
	u32 ceiling_step;
	u64 target_cap;
	tquic_time_t cap_at;
	tquic_time_t recovery_until;
	u64 undo_cwnd;
	u64 undo_ceiling;

	u64 low;
	tquic_time_t low_at;
	u32 foreign;
	tquic_time_t foreign_at;
	struct tquic_cubic_curve curve;
	tquic_time_t check_at;
	u64 check_wait;
	u64 check_cwnd;
	u64 check_rtt;
	u64 check_bw;

	bool started;
};

static inline struct tquic_poise *tquic_poise_priv(struct tquic_cc *cc)
{
	return (struct tquic_poise *)cc->priv;
}

/* what a rate delivers in a time */
static inline u64 tquic_poise_bytes(u64 rate, u64 time)
{
	return mul_u64_u64_div_u64(rate, time, TQUIC_NS_PER_SEC);
}

static inline u64 tquic_poise_scale(u64 val, u64 num, u64 den)
{
	return mul_u64_u64_div_u64(val, num, max(den, 1ULL));
}

/*
 * What delay becomes when the window changes: with a queue, the whole of a
 * round trip changes as the window does.
 */
static inline u64 tquic_poise_foretell(const struct tquic_poise *p, u64 rtt,
				       u64 from, u64 to)
{
	u64 full = rtt + p->back, change;

	if (to >= from)
		return rtt + tquic_poise_scale(full, to - from, from);
	change = tquic_poise_scale(full, from - to, from);
	return rtt > change ? rtt - change : 0;
}

/*
 * How long a window took at the receiver: acknowledgments whose way back
 * becomes shorter come faster than what they are about.
 */
static inline u64 tquic_poise_win_time(const struct tquic_poise_window *win,
				       tquic_time_t now)
{
	u64 time = now - win->from;

	if (win->back_from > win->back_to)
		return time + win->back_from - win->back_to;
	return time - min(time / 2, win->back_to - win->back_from);
}

/* poise.c */
void tquic_poise_set_cwnd(struct tquic_cc *cc, u64 cwnd);

/* poise_delay.c */
void tquic_poise_delay_init(struct tquic_poise *p);
void tquic_poise_window_reset(struct tquic_poise *p);
bool tquic_poise_delay_on_ack(struct tquic_cc *cc,
			      const struct tquic_cc_sample *sample);
void tquic_poise_gap(struct tquic_poise *p,
		     const struct tquic_cc_sample *sample);
bool tquic_poise_frozen(const struct tquic_poise *p,
			const struct tquic_cc_sample *sample);
void tquic_poise_compare(struct tquic_cc *cc);
void tquic_poise_base_seen(struct tquic_cc *cc, tquic_time_t now);
u64 tquic_poise_recent(const struct tquic_poise *p, u32 n);
u32 tquic_poise_samples(const struct tquic_poise *p);
bool tquic_poise_beyond(const struct tquic_cc *cc);
u64 tquic_poise_target(const struct tquic_cc *cc);
u64 tquic_poise_full_target(const struct tquic_cc *cc);

/* poise_loss.c */
void tquic_poise_loss_init(struct tquic_poise *p);
bool tquic_poise_loss_judge(struct tquic_cc *cc, tquic_time_t now);
void tquic_poise_loss_learn(struct tquic_cc *cc, tquic_time_t now);

/* poise_state.c */
void tquic_poise_ramp(struct tquic_cc *cc, u32 gain);
void tquic_poise_hold(struct tquic_cc *cc, tquic_time_t now, u64 cwnd);
void tquic_poise_on_ramp(struct tquic_cc *cc,
			 const struct tquic_cc_sample *sample);
void tquic_poise_filled(struct tquic_cc *cc, tquic_time_t now);
void tquic_poise_on_window(struct tquic_cc *cc, tquic_time_t now);

/* poise_rival.c */
bool tquic_poise_rival_foreign(struct tquic_cc *cc, tquic_time_t now, u64 rtt);
void tquic_poise_rival_on_ack(struct tquic_cc *cc,
			      const struct tquic_cc_sample *sample);
void tquic_poise_rival_on_window(struct tquic_cc *cc, tquic_time_t now);
void tquic_poise_rival_on_loss(struct tquic_cc *cc, tquic_time_t now,
			       tquic_time_t largest_sent);

#endif /* _TQUIC_CC_POISE_H */
