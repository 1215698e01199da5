/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A model of a TCP sender and its receiver, counted in segments: selective
 * acknowledgments that lack nothing, loss detection by RACK, congestion control
 * as Linux has it.  How segments and acknowledgments travel is the caller's.
 */
#ifndef _SIM_TCP_H
#define _SIM_TCP_H

#include "event.h"

#define TCP_RING	32768U
/* most segments outstanding */
#define TCP_WINDOW	8192
/* the congestion window counts in these parts of a segment */
#define TCP_ONE		1024ULL

struct tcp;
struct world;

/**
 * struct tcp_rate - a sample of the delivery rate
 * @delivered: segments
 * @span: in that time, ns
 * @limited: the application had nothing to send
 * @rtt: of the newest segment, ns
 * @acked: segments that this acknowledgment brought
 * @prior: segments delivered when the newest was sent
 */
struct tcp_rate {
	u64 delivered;
	u64 span;
	bool limited;
	u64 rtt;
	u32 acked;
	u64 prior;
};

/**
 * struct tcp_cc - congestion control
 * @init: begins
 * @acked: segments were acknowledged
 * @loss: a loss, once per window; the caller has @undo
 * @timeout: the retransmission timer fired
 * @undo: the last reduction was for nothing; optional
 */
struct tcp_cc {
	void (*init)(struct tcp *t);
	void (*acked)(struct tcp *t, const struct tcp_rate *rate);
	void (*loss)(struct tcp *t);
	void (*timeout)(struct tcp *t);
	void (*undo)(struct tcp *t);
};

/**
 * struct tcp_seg - a segment
 * @tx: its newest transmission
 * @got: it has arrived
 * @acked: the sender knows
 * @lost: it was declared lost and not sent again yet
 * @again: it was sent more than once
 */
struct tcp_seg {
	u64 tx;
	bool got;
	bool acked;
	bool lost;
	bool again;
};

/**
 * struct tcp_tx - a transmission
 * @at: when
 * @seq: of which segment
 * @delivered: segments known to have arrived then
 * @delivered_at: since when
 * @first_at: when the first of its flight was sent
 * @limited: the application had nothing more
 */
struct tcp_tx {
	u64 at;
	u64 seq;
	u64 delivered;
	u64 delivered_at;
	u64 first_at;
	bool limited;
};

/**
 * struct cubic - state of RFC 9438
 * @epoch: when it began to grow after a loss, 0 for not yet
 * @origin: window that it grows back to
 * @k: time until it gets there, ms
 * @last_max: window before the last loss
 * @friendly: what Reno would have
 * @round_end: HyStart: transmission that ends the round
 * @round_rtt: least RTT of the round
 * @samples: how many there were
 * @base_rtt: least RTT of the round before
 */
struct cubic {
	u64 epoch;
	u64 origin;
	u64 k;
	u64 last_max;
	u64 friendly;
	u64 round_end;
	u64 round_rtt;
	u32 samples;
	u64 base_rtt;
};

#define BBR_ROUNDS	10

/**
 * struct bbr - state of BBR version 1
 * @state: what it is doing
 * @bw: best delivery rates of the last rounds, segments per 2^20 s
 * @round: number of the round
 * @round_end: segments delivered that end it
 * @full_bw: rate that start-up has reached
 * @full_count: rounds without growth
 * @full: start-up is over
 * @min_rtt: least RTT, ns
 * @min_at: when it was found
 * @phase: of the gain cycle
 * @phase_at: when it began
 * @probe_done: when the probe of the RTT ends, 0 while it drains
 * @gain: of the pacing rate, per cent
 */
struct bbr {
	enum { BBR_STARTUP, BBR_DRAIN, BBR_PROBE_BW, BBR_PROBE_RTT } state;
	u64 bw[BBR_ROUNDS];
	u64 round;
	u64 round_end;
	u64 full_bw;
	u32 full_count;
	bool full;
	u64 min_rtt;
	u64 min_at;
	u32 phase;
	u64 phase_at;
	u64 probe_done;
	u32 gain;
};

/**
 * struct tcp_ops - how packets travel
 * @data: sends a segment; @tx tells which transmission
 * @ack: sends an acknowledgment of tcp_acknowledges()
 * @in_order: segments came in order at the receiver
 */
struct tcp_ops {
	void (*data)(struct tcp *t, u64 tx);
	void (*ack)(struct tcp *t, u64 word);
	void (*in_order)(struct tcp *t, u64 segments);
};

/**
 * struct tcp - a connection
 * @w: world
 * @ops: how packets travel
 * @cc: congestion control
 * @limit: segments to be sent, U64_MAX for no end
 * @running: it may send
 * @cwnd: congestion window in parts of TCP_ONE
 * @ssthresh: slow start ends there
 * @pace: ns between segments, 0 for none
 * @pace_at: when the next may leave
 * @flight: segments on their way
 * @next: first that was never sent
 * @una: first that is not acknowledged
 * @txs: transmissions so far
 * @checked: transmissions below are acknowledged, lost or superseded
 * @highest: newest transmission that was acknowledged, plus 1
 * @lost: segments to be sent again
 * @lost_head: first of these
 * @lost_tail: one past the last
 * @recover: recovery lasts until this segment is acknowledged
 * @recovering: it lasts
 * @undo_cwnd: window before it
 * @undo_ssthresh: likewise
 * @undo_left: retransmissions in it that may have been needed
 * @reordered: segments were seen to overtake others
 * @patience: quarters of the RTT that are allowed for it
 * @srtt: smoothed RTT, ns
 * @var: its variation
 * @min_rtt: least
 * @backoff: timeouts in a row
 * @delivered: segments known to have arrived
 * @delivered_at: since when
 * @first_at: when the first of the present flight was sent
 * @seg: segments
 * @tx: transmissions
 * @order: receiver: transmissions in the order of their arrival
 * @got: receiver: how many arrived for the first time
 * @got_dup: receiver: how many arrived again
 * @seen: sender: how many of the former it knows of
 * @seen_dup: likewise of the latter
 * @rx_next: receiver: first segment that is missing
 * @unacked: receiver: segments since its last acknowledgment
 * @timer: retransmission, RACK
 * @pacer: the next segment may leave
 * @delack: receiver: acknowledgment that waits
 * @cubic: state
 * @bbr: state
 * @resent: segments that were sent again
 */
struct tcp {
	struct world *w;
	const struct tcp_ops *ops;
	const struct tcp_cc *cc;
	u64 limit;
	bool running;
	u64 cwnd;
	u64 ssthresh;
	u64 pace;
	u64 pace_at;
	u64 flight;
	u64 next;
	u64 una;
	u64 txs;
	u64 checked;
	u64 highest;
	u64 *lost;
	u64 lost_head;
	u64 lost_tail;
	u64 recover;
	bool recovering;
	u64 undo_cwnd;
	u64 undo_ssthresh;
	u64 undo_left;
	bool reordered;
	u32 patience;
	u64 srtt;
	u64 var;
	u64 min_rtt;
	u32 backoff;
	u64 delivered;
	u64 delivered_at;
	u64 first_at;
	struct tcp_seg *seg;
	struct tcp_tx *tx;
	u64 *order;
	u64 got;
	u64 got_dup;
	u64 seen;
	u64 seen_dup;
	u64 rx_next;
	u32 unacked;
	struct ev timer;
	struct ev pacer;
	struct ev delack;
	struct cubic cubic;
	struct bbr bbr;
	u64 resent;
};

enum tcp_kind { TCP_RENO, TCP_CUBIC, TCP_BBR };

void tcp_init(struct tcp *t, struct world *w, const struct tcp_ops *ops,
	      enum tcp_kind kind);
void tcp_start(struct tcp *t);
void tcp_stop(struct tcp *t);
void tcp_free(struct tcp *t);
/* a segment, or an acknowledgment, has arrived */
void tcp_take_data(struct tcp *t, u64 tx);
void tcp_take_ack(struct tcp *t, u64 word);

u64 tcp_now(const struct tcp *t);
u64 tcp_segments(const struct tcp *t);

extern const struct tcp_cc tcp_reno;
extern const struct tcp_cc tcp_cubic;
extern const struct tcp_cc tcp_bbr;

#endif /* _SIM_TCP_H */
