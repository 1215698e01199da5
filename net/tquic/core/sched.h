/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packet schedulers: which path carries the next train, and which bytes.
 *
 * A scheduler sees snapshots of the paths by value, never the paths, and only
 * those that could send now or soon.  Congestion control and pacing decide when
 * a path may send; the scheduler decides what that slot is good for: the bytes
 * that are due when it lands, or nothing.
 *
 * The plan asks with everything that can send at present.  A path that was
 * granted a train, but had nothing to put into it, is marked in @tried and the
 * question repeated, so that a slot is lost only if no path has a use for it.
 */
#ifndef _TQUIC_CORE_SCHED_H
#define _TQUIC_CORE_SCHED_H

#include "core.h"

#define TQUIC_SCHED_NAME_MAX	16
#define TQUIC_SCHED_PATHS_MAX	16
#define TQUIC_SCHED_NONE	(-1)

/**
 * struct tquic_sched_view - a path as a scheduler sees it
 * @id: path ID
 * @srtt: smoothed RTT, ns
 * @rttvar: its variation, ns
 * @min_rtt: RTT without queues, ns
 * @owd: one-way delay of what is sent now, queues included, above a constant
 *	that all paths of the connection share: only differences mean something
 * @owd_min: likewise, without queues
 * @owd_p75: likewise, not exceeded by three packets of four
 * @owd_p90: likewise, by nine of ten
 * @rate: what it delivers while nothing but congestion control holds it back,
 *	bytes per second; 0 when not known yet
 * @delivered: counter: bytes acknowledged
 * @lost: counter: bytes declared lost
 * @window: bytes that congestion control allows now
 * @urgent: bytes of real time that may be sent whatever @window is
 * @cwnd: congestion window, bytes
 * @in_flight: bytes in flight
 * @ready_at: when the pacer lets the next train go
 * @mds: bytes of a full datagram
 * @backup: only if no other path works
 * @metered: each byte costs: nothing speculative
 * @suspect: acknowledgments are overdue
 * @limited: something other than congestion control held it back of late
 */
struct tquic_sched_view {
	u32 id;
	u64 srtt;
	u64 rttvar;
	u64 min_rtt;
	u64 owd;
	u64 owd_min;
	u64 owd_p75;
	u64 owd_p90;
	u64 rate;
	u64 delivered;
	u64 lost;
	u64 window;
	u64 urgent;
	u64 cwnd;
	u64 in_flight;
	tquic_time_t ready_at;
	u32 mds;
	bool backup;
	bool metered;
	bool suspect;
	bool limited;
};

/**
 * struct tquic_sched_req - what wants to be sent
 * @now: present time
 * @class: enum tquic_stream_class, the most urgent that waits.  Real time is
 *	asked for by itself, and may be sent by a path before its pacer lets
 *	it go.
 * @dgram: there are datagrams
 * @due: bytes of streams below the highest sent that wait: left out, or lost
 * @fresh: bytes above it that wait, within the credit of each stream
 * @open: that credit, written yet or not
 * @credit: what the peer allows above it on the connection
 * @written: counter: bytes that applications wrote
 * @since: when bytes began to wait that did not cease to since
 * @budget: all that the peer allows beyond what it has in order
 * @progress: counter: bytes that the peer has in order
 * @tried: bit per view: it was granted this train and has nothing to send
 */
struct tquic_sched_req {
	tquic_time_t now;
	u8 class;
	bool dgram;
	u64 due;
	u64 fresh;
	u64 open;
	u64 credit;
	u64 written;
	tquic_time_t since;
	u64 budget;
	u64 progress;
	u32 tried;
};

/**
 * struct tquic_sched_grant - what the chosen path's train may carry
 * @skip: bytes of streams, in the order they are due, that are left to paths
 *	which land them sooner; what comes behind them may go
 * @late: ns by which it lands later than on the path that lands first
 */
struct tquic_sched_grant {
	u64 skip;
	u64 late;
};

/**
 * struct tquic_sched_ops - a scheduler
 * @name: what users call it, unique
 * @priv_size: bytes of private state per connection, zeroed at the start
 * @select: index in @views of the path that sends now; TQUIC_SCHED_NONE to
 *	wait for one that is better than all that could.  @grant is zeroed
 *	before.  @wake is set to when to ask again, or left alone when an
 *	acknowledgment will tell.
 *
 * Called with the lock of the connection held; does not sleep.
 */
struct tquic_sched_ops {
	char name[TQUIC_SCHED_NAME_MAX];
	size_t priv_size;
	int (*select)(void *priv, const struct tquic_sched_view *views,
		      unsigned int count, const struct tquic_sched_req *req,
		      struct tquic_sched_grant *grant, tquic_time_t *wake);
};

/* could send a datagram right now */
static inline bool tquic_sched_open(const struct tquic_sched_view *view,
				    tquic_time_t now)
{
	return view->window >= view->mds && view->ready_at <= now;
}

/* was asked in this round before, without result */
static inline bool tquic_sched_tried(const struct tquic_sched_req *req,
				     unsigned int i)
{
	return req->tried & BIT(i);
}

#endif /* _TQUIC_CORE_SCHED_H */
