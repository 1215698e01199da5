/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A bottleneck in virtual time for tests of congestion control: packets of
 * several senders pass one FIFO queue with a rate and a limit in bytes, a fixed
 * delay and a receiver that acknowledges each, and come back as the samples
 * that core/cc.h defines (delivery rate as draft-ietf-ccwg-bbr section 4.1).
 */
#ifndef _TQUIC_LIB_CC_H
#define _TQUIC_LIB_CC_H

#include "cc/algos.h"

#define CCSIM_FLOWS	4
#define CCSIM_MDS	1200
#define CCSIM_PKTS	65536	/* per flow, outstanding at most */
#define CCSIM_HIST	8192

/**
 * struct ccsim_pkt - a packet, with what its sender noted when it left
 * @sent: ns
 * @ack_at: when the sender hears of it; TQUIC_TIME_NEVER when dropped
 * @delivered: bytes of the flow delivered by then
 * @delivered_at: when the last of them was
 * @first_sent: start of the send interval
 * @tx_in_flight: bytes in flight, this packet included
 * @lost: bytes of the flow lost by then
 * @held: ns for which the receiver held its acknowledgment back
 * @app_limited: the flow had nothing more to send
 * @ce: marked by the queue
 * @done: acknowledged or lost
 */
struct ccsim_pkt {
	u64 sent;
	u64 ack_at;
	u64 delivered;
	u64 delivered_at;
	u64 first_sent;
	u64 tx_in_flight;
	u64 lost;
	u64 held;
	bool app_limited;
	bool ce;
	bool done;
};

/**
 * struct ccsim_flow - a sender
 * @cc: its controller
 * @start: when it begins to send, ns
 * @app_rate: bytes per second that it has to send, 0 = no end of them
 * @pause_from: it has nothing to send from here, ns
 * @pause_to: up to here
 * @on_ack: called after each acknowledgment, for tests to look at
 * @arg: for @on_ack
 * @delivered: bytes acknowledged
 * @lost: bytes declared lost
 * @sent: bytes sent
 * @in_flight: bytes
 * @srtt: ns, 0 before the first sample
 * @rttvar: ns
 * @min_rtt: ns
 * @rtt: latest sample, ns
 * @next_pn: of the next packet
 * @next_ack: first packet that no acknowledgment event has passed
 * @oldest: first packet that is neither acknowledged nor lost
 * @largest_acked: packet number; U64_MAX before
 * @next_send: earliest time that the pacer allows
 * @delivered_at: when @delivered changed last
 * @first_sent: start of the send interval
 * @app_limited: @delivered that ends the limited phase, 0 outside of it
 * @last_sent: ns
 * @ack_first: first packet of those that the next acknowledgment waits for
 * @ack_first_at: when it arrived
 * @ack_count: how many they are
 * @ack_last: when it arrives, ns
 * @ack_floor: when the one before it does, ns
 * @ack_draw: its jitter, ns
 * @pkts: ring by packet number
 */
struct ccsim_flow {
	struct tquic_cc *cc;
	u64 start;
	u64 app_rate;
	u64 pause_from;
	u64 pause_to;
	void (*on_ack)(struct ccsim_flow *flow,
		       const struct tquic_cc_sample *sample);
	void *arg;
	u64 delivered;
	u64 lost;
	u64 sent;
	u64 in_flight;
	u64 srtt;
	u64 rttvar;
	u64 min_rtt;
	u64 rtt;
	u64 next_pn;
	u64 next_ack;
	u64 oldest;
	u64 largest_acked;
	u64 next_send;
	u64 delivered_at;
	u64 first_sent;
	u64 app_limited;
	u64 last_sent;
	u64 ack_first;
	u64 ack_first_at;
	unsigned int ack_count;
	u64 ack_last;
	u64 ack_floor;
	u64 ack_draw;
	struct ccsim_pkt *pkts;
};

/**
 * struct ccsim_step - a change of the bottleneck's rate
 * @at: when, ns
 * @rate: from then on, bytes per second
 */
struct ccsim_step {
	u64 at;
	u64 rate;
};

/**
 * struct ccsim - the network
 * @rate: of the bottleneck, bytes per second
 * @rtt: without queueing, ns
 * @queue: its limit in bytes
 * @loss_ppm: random loss behind the queue, per million
 * @ce_queue: bytes queued from which packets are marked, 0 = never
 * @ack_slot: acknowledgments arrive at multiples of this, ns; 0 = at once
 * @jitter: packets take from 0 to twice as long longer, in order, ns
 * @ack_jitter: likewise of acknowledgments, ns
 * @slot: packets leave the bottleneck at multiples of this, ns; 0 = at once
 * @freeze_every: the bottleneck stands still once in so long, ns; 0 = never
 * @freeze_min: for that long at least, ns
 * @freeze_max: for that long at most, ns
 * @bucket: bytes of a token bucket that stands instead of the queue; 0 = queue
 * @ack_every: packets that an acknowledgment waits for; 0 = none
 * @ack_delay: ns that it waits for them at most
 * @steps: changes of @rate, in order, up to one at TQUIC_TIME_NEVER
 * @now: ns
 * @free_at: when the bottleneck has sent all that is queued
 * @max_queue: most bytes queued since the test cleared it
 * @drops: packets dropped by the queue
 * @last_exit: when the newest packet that was not lost is at the receiver
 * @freeze_from: next or present time of standing still
 * @freeze_to: its end
 * @tokens: in the bucket
 * @tokens_at: when they were counted
 * @sampled: the queue was sampled up to here, ns
 * @hist: samples of the queue, one per ms, by its delay in units of 0.25 ms
 * @flows: the senders
 * @n: how many
 */
struct ccsim {
	u64 rate;
	u64 rtt;
	u64 queue;
	u32 loss_ppm;
	u64 ce_queue;
	u64 ack_slot;
	u64 jitter;
	u64 ack_jitter;
	u64 slot;
	u64 freeze_every;
	u64 freeze_min;
	u64 freeze_max;
	u64 bucket;
	unsigned int ack_every;
	u64 ack_delay;
	const struct ccsim_step *steps;
	u64 now;
	u64 free_at;
	u64 max_queue;
	u64 drops;
	u64 last_exit;
	u64 freeze_from;
	u64 freeze_to;
	u64 tokens;
	u64 tokens_at;
	u64 sampled;
	u32 hist[CCSIM_HIST];
	struct ccsim_flow flows[CCSIM_FLOWS];
	unsigned int n;
};

struct ccsim_flow *ccsim_add(struct ccsim *sim, const struct tquic_cc_ops *ops,
			     u64 start);
void ccsim_run(struct ccsim *sim, u64 until);
void ccsim_free(struct ccsim *sim);
/* bytes delivered by all flows up to now */
u64 ccsim_delivered(const struct ccsim *sim);
/* share of the rate that was delivered in the next @time ns, per mille */
unsigned int ccsim_use(struct ccsim *sim, u64 time);

/* delay that the queue had at so many per mille of the time, us */
u64 ccsim_queue(const struct ccsim *sim, unsigned int permille);
/* begins the samples of ccsim_queue() anew */
void ccsim_queue_reset(struct ccsim *sim);

struct tquic_cc *ccsim_new(const struct tquic_cc_ops *ops, u64 now);

#endif /* _TQUIC_LIB_CC_H */
