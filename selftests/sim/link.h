/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One direction of a leg: a queue, a server, a wire.
 */
#ifndef _SIM_LINK_H
#define _SIM_LINK_H

#include "event.h"
#include "packet.h"
#include "scene.h"

struct world;

/**
 * struct link_stats - what a link did since bulk began
 * @in: packets that came
 * @in_bytes: their sizes
 * @out: packets that arrived
 * @out_bytes: their sizes
 * @lost: packets that did not
 * @dropped: of these, what the queue refused
 */
struct link_stats {
	u64 in;
	u64 in_bytes;
	u64 out;
	u64 out_bytes;
	u64 lost;
	u64 dropped;
};

/**
 * struct link - one direction of a leg
 * @w: world
 * @conf: what it is like now
 * @name: for the log
 * @id: for the log, unique
 * @dir: UP or DOWN
 * @key: of its draws
 * @base: delay of both directions together, ns
 * @live: bulk has begun: what is random or changes with time does so
 * @down: no carrier
 * @silent: packets vanish
 * @limit: bytes that wait at most, or packets
 * @queue: what waits
 * @serving: what is being sent
 * @sent: end of that
 * @flight: what is on the wire, by arrival
 * @arrive: first arrival
 * @last_at: when the last one arrives
 * @index: packets that went onto the wire
 * @inside: packets in the queue and on the wire
 * @stats: counters
 */
struct link {
	struct world *w;
	const struct link_conf *conf;
	const char *name;
	u32 id;
	u8 dir;
	u64 key;
	u64 base;
	bool live;
	bool down;
	bool silent;
	u64 limit;
	struct pkt_list queue;
	struct pkt *serving;
	struct ev sent;
	struct pkt_list flight;
	struct ev arrive;
	u64 last_at;
	u64 index;
	u64 inside;
	struct link_stats stats;
};

void link_init(struct link *link, struct world *w, const char *name, u32 id,
	       u8 dir, u64 key);
void link_configure(struct link *link, const struct link_conf *conf, u64 base);
void link_live(struct link *link);
void link_enter(struct link *link, struct pkt *p);
void link_cut(struct link *link);
void link_free(struct link *link);

#endif /* _SIM_LINK_H */
