/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packet schedulers: which path carries the next train of new data.
 *
 * A scheduler sees snapshots of the paths by value, never the paths, and only
 * those that could send now or soon.  Congestion control and pacing decide when
 * a path may send; the scheduler decides whether it should.
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
 * @rate: what it delivers, bytes per second; 0 when not known yet
 * @window: bytes that congestion control allows now
 * @cwnd: congestion window, bytes
 * @in_flight: bytes in flight
 * @ready_at: when the pacer lets the next train go
 * @mds: bytes of a full datagram
 * @backup: only if no other path works
 */
struct tquic_sched_view {
	u32 id;
	u64 srtt;
	u64 rttvar;
	u64 min_rtt;
	u64 rate;
	u64 window;
	u64 cwnd;
	u64 in_flight;
	tquic_time_t ready_at;
	u32 mds;
	bool backup;
};

/**
 * struct tquic_sched_req - what wants to be sent
 * @now: present time
 * @queued: bytes waiting, as far as flow control allows them
 * @class: enum tquic_stream_class of the first of them
 * @again: the first of them were sent before
 */
struct tquic_sched_req {
	tquic_time_t now;
	u64 queued;
	u8 class;
	bool again;
};

/**
 * struct tquic_sched_ops - a scheduler
 * @name: what users call it, unique
 * @priv_size: bytes of private state per connection, zeroed at the start
 * @select: index in @views of the path that sends now; TQUIC_SCHED_NONE to
 *	wait for one that is better than all that could.  @wake is then set to
 *	when to ask again, or left alone when an acknowledgment will tell.
 *
 * Called with the lock of the connection held; does not sleep.
 */
struct tquic_sched_ops {
	char name[TQUIC_SCHED_NAME_MAX];
	size_t priv_size;
	int (*select)(void *priv, const struct tquic_sched_view *views,
		      unsigned int count, const struct tquic_sched_req *req,
		      tquic_time_t *wake);
};

/* could send a datagram right now */
static inline bool tquic_sched_open(const struct tquic_sched_view *view,
				    tquic_time_t now)
{
	return view->window >= view->mds && view->ready_at <= now;
}

#endif /* _TQUIC_CORE_SCHED_H */
