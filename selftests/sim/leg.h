/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An uplink of the client: two links, and what the hosts know of it.
 */
#ifndef _SIM_LEG_H
#define _SIM_LEG_H

#include "link.h"

struct end;

/**
 * struct leg - an uplink
 * @w: world
 * @id: place in the world
 * @conf: what it is like now
 * @link: by direction
 * @server: likewise
 * @sink: takes what arrives, by direction
 * @busy: when a packet last passed its NAT
 * @used: part of this run
 * @up: as far as the client knows
 * @removed: it is to be used no more
 * @port: the client's, as the server sees it
 * @path_id: path that uses it, valid with @opened
 * @opened: there is such a path, or was
 * @retry: when a path is opened again
 */
struct leg {
	struct world *w;
	u8 id;
	struct leg_conf conf;
	struct link link[2];
	struct server server[2];
	struct sink sink[2];
	u64 busy;
	bool used;
	bool up;
	bool removed;
	u16 port;
	u32 path_id;
	bool opened;
	struct ev retry;
};

/**
 * struct shared - a bottleneck that legs have in common
 * @server: by direction
 */
struct shared {
	struct server server[2];
};

void legs_init(struct world *w, int alone);
void shared_init(struct world *w);
struct shared *shared_named(struct world *w, const char *name);
void legs_live(struct world *w);
void legs_review(struct world *w, struct end *end);
bool legs_ready(const struct world *w);
bool legs_work(const struct world *w);
void legs_free(struct world *w);
void leg_down(struct leg *leg);
void leg_up(struct leg *leg);
void leg_remove(struct leg *leg);
void leg_changed(struct leg *leg);
struct leg *leg_of(struct world *w, unsigned int who,
		   const struct tquic_tuple *tuple);
void leg_send(struct leg *leg, unsigned int who, struct pkt *p);
void leg_tuple(const struct world *w, unsigned int who, const struct pkt *p,
	       struct tquic_tuple *tuple);
void leg_first_tuple(const struct world *w, unsigned int who,
		     struct tquic_tuple *tuple);

#endif /* _SIM_LEG_H */
