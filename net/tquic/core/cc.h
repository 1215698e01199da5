/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Congestion control: the operations that an algorithm in cc/ provides, and
 * what it is told.
 *
 * An algorithm sees one path.  It is told of sends, acknowledgments and
 * losses by value and answers with a window, a pacing rate and a quantum; it
 * never sees packets, paths or connections.  Coupled algorithms see their
 * siblings through the group and nothing else.
 */
#ifndef _TQUIC_CORE_CC_H
#define _TQUIC_CORE_CC_H

#include "core.h"

#define TQUIC_CC_NAME_MAX	16
#define TQUIC_CC_MIN_WINDOW	2	/* datagrams, RFC 9002 section 7.2 */
/* bytes; no window grows beyond it, so that products of two stay in 128 bits
 * and their quotients in 64
 */
#define TQUIC_CC_MAX_WINDOW	BIT_ULL(40)

struct tquic_cc;

/**
 * struct tquic_cc_sample - one acknowledgment event on a path
 * @now: when the acknowledgment was processed
 * @acked_bytes: newly acknowledged bytes that were in flight
 * @lost_bytes: bytes that this event declared lost
 * @prior_in_flight: bytes in flight before the event
 * @in_flight: bytes in flight after it
 * @largest_acked: largest packet number newly acknowledged
 * @largest_acked_sent: when that packet was sent
 * @rtt: round-trip sample of this event in ns, ack delay taken off; 0 when the
 *	event gave none (RFC 9002 section 5.1)
 * @owd: one-way delay of the newest acknowledged packet in ns, and a constant
 *	that is the same for all paths; 0 when the peer did not tell
 * @srtt: smoothed RTT after the event, ns
 * @rttvar: RTT variation after the event, ns
 * @min_rtt: minimum RTT of the path, ns
 * @delivered: bytes delivered on the path since its start
 * @prior_delivered: @delivered when the newest acknowledged packet was sent
 * @interval: ns over which @delivered - @prior_delivered arrived, the longer
 *	of the send and the ack interval; 0 when no valid rate sample exists
 * @rate: delivery rate in bytes per second; 0 when there is none
 * @tx_in_flight: bytes in flight just after the newest acknowledged packet was
 *	sent
 * @lost_since_tx: bytes declared lost since that packet was sent
 * @ce_marks: packets newly reported as congestion-experienced
 * @app_limited: the sample's sending was held back by something other than
 *	the window or the pacer: application, scheduler, credit, class.  Such a
 *	sample may raise an estimate, never lower it or age it out.
 * @ack_aggregated: the acknowledgment covers more than its ack-delay
 *	explains, as links that batch do
 */
struct tquic_cc_sample {
	tquic_time_t now;
	u64 acked_bytes;
	u64 lost_bytes;
	u64 prior_in_flight;
	u64 in_flight;
	u64 largest_acked;
	tquic_time_t largest_acked_sent;
	u64 rtt;
	u64 owd;
	u64 srtt;
	u64 rttvar;
	u64 min_rtt;
	u64 delivered;
	u64 prior_delivered;
	u64 interval;
	u64 rate;
	u64 tx_in_flight;
	u64 lost_since_tx;
	u32 ce_marks;
	bool app_limited;
	bool ack_aggregated;
};

/**
 * struct tquic_cc_loss - packets of a path declared lost together
 * @now: when they were declared lost
 * @bytes: their sum
 * @largest_sent: when the newest of them was sent; a loss of a packet that was
 *	sent before the present recovery period began is the same congestion
 *	event (RFC 9002 section 7.3.2)
 * @in_flight: bytes in flight without them
 * @tx_in_flight: bytes in flight just after the newest of them was sent
 * @lost_since_tx: bytes lost since then, these included
 * @delivered: bytes delivered on the path since its start
 * @ranges: runs of consecutive packet numbers that they form, at least one
 * @app_limited: the newest of them was sent while something other than the
 *	window or the pacer held the path back
 */
struct tquic_cc_loss {
	tquic_time_t now;
	u64 bytes;
	tquic_time_t largest_sent;
	u64 in_flight;
	u64 tx_in_flight;
	u64 lost_since_tx;
	u64 delivered;
	u32 ranges;
	bool app_limited;
};

/**
 * struct tquic_cc_ops - a congestion control algorithm
 * @name: what users call it, unique
 * @priv_size: bytes of private state behind struct tquic_cc
 * @init: required; sets cwnd and the rest of the outputs.  The common fields
 *	of struct tquic_cc are valid, private state is zeroed.
 * @release: optional; undoes what @init allocated
 * @on_sent: optional; @bytes were sent at @now, @in_flight counts them
 * @on_ack: required; called once per acknowledgment that newly acknowledges
 *	something, after @on_loss when the same event declared losses
 * @on_loss: required; packets were declared lost
 * @on_ecn: required; the peer reported CE marks on packets whose newest was
 *	sent at @largest_sent
 * @on_persistent: required; persistent congestion, RFC 9002 section 7.6
 * @on_spurious: optional; packets declared lost since the last congestion
 *	event have all been acknowledged after all: what they cut is undone
 * @on_idle_restart: optional; the path sends again after @idle ns of silence
 * @on_mds: optional; the datagram size changed, @cc->mds is the new one
 *
 * All are called with the lock held that owns the path; none sleeps.
 */
struct tquic_cc_ops {
	char name[TQUIC_CC_NAME_MAX];
	size_t priv_size;
	int (*init)(struct tquic_cc *cc, tquic_time_t now);
	void (*release)(struct tquic_cc *cc);
	void (*on_sent)(struct tquic_cc *cc, tquic_time_t now, u64 bytes,
			u64 in_flight);
	void (*on_ack)(struct tquic_cc *cc,
		       const struct tquic_cc_sample *sample);
	void (*on_loss)(struct tquic_cc *cc, const struct tquic_cc_loss *loss);
	void (*on_ecn)(struct tquic_cc *cc, tquic_time_t now,
		       tquic_time_t largest_sent);
	void (*on_persistent)(struct tquic_cc *cc, tquic_time_t now);
	void (*on_spurious)(struct tquic_cc *cc, tquic_time_t now);
	void (*on_idle_restart)(struct tquic_cc *cc, tquic_time_t now,
				u64 idle);
	void (*on_mds)(struct tquic_cc *cc);
};

/**
 * struct tquic_cc_group - paths whose windows are coupled
 * @members: struct tquic_cc by @group_node; the lock of the connection
 *	protects it, as everything here
 */
struct tquic_cc_group {
	struct list_head members;
};

/**
 * struct tquic_cc - congestion control of one path
 * @ops: the algorithm
 * @cwnd: output: bytes that may be in flight
 * @ssthresh: output: slow-start threshold in bytes, U64_MAX before the first
 *	congestion event
 * @pacing_rate: output: bytes per second; 0 = the pacer takes cwnd / srtt
 * @quantum: output: most bytes for one train; 0 = the pacer decides
 * @mds: input: bytes of a full datagram
 * @initial_rtt: input: RTT to assume before the first sample, ns
 * @srtt: input: kept up to date before every call, for siblings to read
 * @min_rtt: input: likewise
 * @rng: state of tquic_cc_rand(), seeded by the creator
 * @group: coupling group, NULL when uncoupled
 * @group_node: link in @group
 * @priv: private state of the algorithm
 */
struct tquic_cc {
	const struct tquic_cc_ops *ops;
	u64 cwnd;
	u64 ssthresh;
	u64 pacing_rate;
	u64 quantum;
	u32 mds;
	u64 initial_rtt;
	u64 srtt;
	u64 min_rtt;
	u64 rng;
	struct tquic_cc_group *group;
	struct list_head group_node;
	u64 priv[];
};

/**
 * struct tquic_cc_config - what a new controller starts from
 * @mds: bytes of a full datagram
 * @initial_rtt: ns
 * @seed: random bits for the algorithm's own draws
 * @group: coupling group to join, or NULL
 */
struct tquic_cc_config {
	u32 mds;
	u64 initial_rtt;
	u64 seed;
	struct tquic_cc_group *group;
};

struct tquic_cc *tquic_cc_new(const struct tquic_cc_ops *ops,
			      const struct tquic_cc_config *config,
			      tquic_time_t now, gfp_t gfp);
void tquic_cc_free(struct tquic_cc *cc);
void tquic_cc_restart(struct tquic_cc *cc, tquic_time_t now);
u64 tquic_cc_rand(struct tquic_cc *cc);

/**
 * tquic_cc_initial_window - RFC 9002 section 7.2
 * @mds: bytes of a full datagram
 *
 * Return: bytes.
 */
static inline u64 tquic_cc_initial_window(u32 mds)
{
	return min_t(u64, 10ULL * mds, max_t(u64, 14720, 2ULL * mds));
}

static inline u64 tquic_cc_min_window(const struct tquic_cc *cc)
{
	return (u64)TQUIC_CC_MIN_WINDOW * cc->mds;
}

/**
 * tquic_cc_pace - the rate that spreads a window over a round trip
 * @window: bytes, at most TQUIC_CC_MAX_WINDOW
 * @gain: per cent of that rate, below 400
 * @rtt: ns; less than a microsecond counts as one
 *
 * Return: bytes per second.
 */
static inline u64 tquic_cc_pace(u64 window, u32 gain, u64 rtt)
{
	return mul_u64_u64_div_u64(div_u64(window * gain, 100),
				   TQUIC_NS_PER_SEC,
				   max_t(u64, rtt, TQUIC_NS_PER_US));
}

#endif /* _TQUIC_CORE_CC_H */
