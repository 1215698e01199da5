/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where packets wait for their turn: a policer, a queue, and a server whose
 * rate may change with time.
 */
#ifndef _SIM_SERVER_H
#define _SIM_SERVER_H

#include "event.h"
#include "packet.h"
#include "scene.h"

#define SERVER_FLOWS	64

struct link;
struct server;
struct world;

/**
 * struct codel - state of CoDel, RFC 8289
 * @first_above: when the delay will have been too long for too long; 0 while
 *	it is not
 * @drop_next: when the next packet goes
 * @count: packets dropped since it began
 * @last_count: likewise when it last began
 * @dropping: it does
 */
struct codel {
	u64 first_above;
	u64 drop_next;
	u32 count;
	u32 last_count;
	bool dropping;
};

/**
 * struct lane - a flow of fq_codel, or all there is
 * @list: packets
 * @codel: state
 * @deficit: bytes that it may still send in its turn
 * @node: link among the new or the old flows
 * @listed: it is among them
 */
struct lane {
	struct pkt_list list;
	struct codel codel;
	s64 deficit;
	struct list_head node;
	bool listed;
};

/**
 * struct medium - what half-duplex links share
 * @name: its name
 * @busy: somebody sends
 * @turn: struct server air, whose turn it is first
 */
struct medium {
	char name[NAME_MAX_LEN];
	bool busy;
	struct list_head turn;
};

/**
 * struct server - a queue and who empties it
 * @w: world
 * @conf: what it is like now
 * @key: of its draws: the leg's, both directions have the same
 * @owner: link whose packets' waiting is measured, NULL for none
 * @live: what changes with time does so
 * @limit: bytes, or packets, that wait at most
 * @bytes: that wait
 * @count: packets that wait
 * @lane: flows; one only unless fair queueing is used
 * @fresh: lanes that are new, fq_codel
 * @old: the others
 * @tat: policer: when its bucket would be full again, GCRA
 * @opportunity: number of the trace's line in use, over all repetitions
 * @left: bytes that may still leave then
 * @serving: being sent
 * @done: end of that
 * @medium: shared with others, or NULL
 * @air: place among these
 * @step_at: when the rate last fell
 * @settle: longest time from there until packets waited little again, ns
 * @settling: that time is running
 */
struct server {
	struct world *w;
	const struct link_conf *conf;
	u64 key;
	struct link *owner;
	bool live;
	u64 limit;
	u64 bytes;
	u32 count;
	struct lane lane[SERVER_FLOWS];
	struct list_head fresh;
	struct list_head old;
	u64 tat;
	u64 opportunity;
	u32 left;
	struct pkt *serving;
	struct ev done;
	struct medium *medium;
	struct list_head air;
	u64 step_at;
	u64 settle;
	bool settling;
};

void server_init(struct server *s, struct world *w, u64 key,
		 struct link *owner);
void server_configure(struct server *s, const struct link_conf *conf,
		      u64 base, struct medium *medium);
void server_enter(struct server *s, struct pkt *p);
void server_purge(struct server *s);
void server_free(struct server *s);

/* qdisc.c */
void qdisc_init(struct server *s);
void qdisc_put(struct server *s, struct pkt *p);
struct pkt *qdisc_get(struct server *s);

/* vary.c: what changes with time; all times are the world's */
u64 vary_rate(const struct server *s, u64 now);
u64 vary_trace_done(struct server *s, u32 size);
u64 vary_hole_end(const struct link_conf *conf, u64 key, u64 t);
s64 vary_orbit_delay(const struct link_conf *conf, u64 key, u64 t);
u64 vary_thaw(const struct link_conf *conf, u64 key, u64 t);
u64 vary_jitter(const struct link_conf *conf, u64 key, u64 t);

/* what a draw is for, mixed into the key of a link or server */
enum draw {
	DRAW_LOSS = 1,
	DRAW_JITTER,
	DRAW_BURST,
	DRAW_REORDER,
	DRAW_FREEZE,
	DRAW_FREEZE_LEN,
	DRAW_ORBIT,
	DRAW_ORBIT_LEN,
	DRAW_COMMON,
};

static inline u64 draw_key(u64 key, enum draw purpose)
{
	return mix(key + purpose);
}

#endif /* _SIM_SERVER_H */
