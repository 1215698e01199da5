/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One run: everything that there is, and how it goes on.
 */
#ifndef _SIM_WORLD_H
#define _SIM_WORLD_H

#include "cross.h"
#include "end.h"
#include "event.h"
#include "flow.h"
#include "host.h"
#include "leg.h"
#include "log.h"
#include "packet.h"
#include "qlog.h"
#include "result.h"
#include "sample.h"
#include "scene.h"

/**
 * struct world - a run
 * @sc: scenario
 * @seed: of all draws
 * @q: events, and the present time
 * @started: bulk has begun
 * @over: the run is over
 * @t0: when bulk began
 * @ends_at: when the run ends
 * @end: client and server
 * @host: the machines that they are
 * @leg: uplinks
 * @shared: bottlenecks that legs have in common
 * @medium: what half-duplex links share
 * @nmedia: how many
 * @cross: other people's traffic
 * @ncross: how many
 * @carried: bytes of layer 2 that reached an end, by direction
 * @events: packets that entered or left links
 * @flows: traffic
 * @nflows: how many
 * @hungry: flows whose backlog is refilled, by sender
 * @streams: what is known of streams, by end that opened them and kind
 * @acts: what is done and when
 * @nacts: how many
 * @begin: event: is everything ready?
 * @sample: event: what has to be looked at again and again
 * @held: bytes that the core held when bulk began
 * @log: log
 * @qlog: the same for other programs
 * @result: what is measured
 * @still: calls since time last went on, by end
 * @still_at: that time
 */
struct world {
	const struct scene *sc;
	u64 seed;
	struct ev_queue q;
	bool started;
	bool over;
	u64 t0;
	u64 ends_at;
	struct end end[2];
	struct host host[2];
	struct leg leg[LEGS_MAX];
	struct shared shared[SHARED_MAX];
	struct medium medium[2 * LEGS_MAX];
	int nmedia;
	struct cross *cross;
	int ncross;
	u64 carried[2];
	u64 events;
	struct flow *flows;
	int nflows;
	struct list_head hungry[2];
	struct stream_table streams[2][2];
	struct act_at *acts;
	int nacts;
	struct ev begin;
	struct ev sample;
	u64 held;
	struct log log;
	struct qlog qlog;
	struct result *result;
	u32 still[2];
	u64 still_at;
};

struct result *world_run(const struct scene *sc, u64 seed, int alone,
			 FILE *log, FILE *qlog);
void world_fail(struct world *w, const char *what, u64 at);
void world_closed(struct world *w, struct end *end);
void world_tick(struct world *w, struct end *end);
struct link *world_link(struct world *w, u32 id);

/* times that persistent congestion was found */
extern u64 algo_collapses;
const struct tquic_cc_ops *algo_cc(const char *name);
const struct tquic_cc_ops *algo_watch(const struct tquic_cc_ops *ops);
const struct tquic_sched_ops *algo_sched(const char *name);

static inline void log_packet(struct world *w, enum log_what what, u32 link,
			      const struct pkt *p)
{
	w->events++;
	log_mix(&w->log, w->q.now - w->t0);
	log_mix(&w->log, (u64)what << 56 | (u64)link << 48 |
		(u64)p->size << 32 | (u32)p->index);
	if (unlikely(w->log.file))
		log_line(w, what, link, p);
}

#endif /* _SIM_WORLD_H */
