/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One direction of a leg, or the way of somebody else's packets: a server,
 * maybe a second one behind it, and a wire.
 */
#ifndef _SIM_LINK_H
#define _SIM_LINK_H

#include "event.h"
#include "histogram.h"
#include "packet.h"
#include "scene.h"
#include "series.h"
#include "server.h"

struct world;

/**
 * struct link_stats - what a link did since bulk began
 * @in: packets that came
 * @in_bytes: their sizes
 * @out: packets that arrived
 * @out_bytes: their sizes
 * @lost: packets that did not
 * @dropped: of these, what queues refused or dropped
 * @marked: packets that arrived with a mark of congestion
 * @leg_key: of draws that both directions of the leg have in common
 * @settle: longest time that a queue needed after the rate fell, ns
 * @wait: how long packets waited in the queue, in the steady window
 */
struct link_stats {
	u64 in;
	u64 in_bytes;
	u64 out;
	u64 out_bytes;
	u64 lost;
	u64 dropped;
	u64 marked;
	u64 leg_key;
	u64 settle;
	struct histogram wait;
};

/**
 * struct link - a way for packets
 * @w: world
 * @conf: what it is like now
 * @name: for the log
 * @id: for the log, unique
 * @dir: UP or DOWN
 * @key: of its draws
 * @leg_key: of those that both directions have in common
 * @live: bulk has begun: what is random or changes with time does so
 * @down: no carrier
 * @silent: packets vanish
 * @server: first bottleneck, NULL for none
 * @via: second one, NULL for none
 * @bad: the channel with bursts of loss is in its bad state
 * @wired_at: when a packet last went onto the wire
 * @flight: what is on the wire, by arrival
 * @arrive: first arrival
 * @late: what others overtake, by arrival
 * @late_arrive: first arrival of these
 * @last_at: when the last one of @flight arrives
 * @index: packets that went onto the wire
 * @inside: packets in queues and on the wire
 * @carried: what arrives over time, NULL when nobody asks
 * @stats: counters
 */
struct link {
	struct world *w;
	const struct link_conf *conf;
	const char *name;
	u32 id;
	u8 dir;
	u64 key;
	u64 leg_key;
	bool live;
	bool down;
	bool silent;
	struct server *server;
	struct server *via;
	bool bad;
	u64 wired_at;
	struct pkt_list flight;
	struct ev arrive;
	struct pkt_list late;
	struct ev late_arrive;
	u64 last_at;
	u64 index;
	u64 inside;
	struct series *carried;
	struct link_stats stats;
};

enum log_what;

void link_init(struct link *link, struct world *w, const char *name, u32 id,
	       u8 dir, u64 key);
void link_live(struct link *link);
void link_enter(struct link *link, struct pkt *p);
void link_served(struct pkt *p);
void link_lose(struct pkt *p, enum log_what what);
void link_note_wait(struct link *link, u64 wait);
void link_audit(const struct link *link);
void link_free(struct link *link);

#endif /* _SIM_LINK_H */
