/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Other people's traffic through a leg's queue, or through a bottleneck.
 */
#ifndef _SIM_CROSS_H
#define _SIM_CROSS_H

#include "link.h"
#include "tcp.h"

/**
 * struct cross - one sender
 * @w: world
 * @conf: as it was read
 * @number: place of @conf in the scenario
 * @way: of its delays
 * @data: to the receiver
 * @acks: back, past all queues
 * @sink: takes what arrives, data and acknowledgments
 * @tcp: of those that adapt
 * @timer: of the others: next packet; and when to begin
 * @begun: it has
 * @until: when it stops for now
 */
struct cross {
	struct world *w;
	const struct cross_conf *conf;
	int number;
	struct link_conf way;
	struct link data;
	struct link acks;
	struct sink sink[2];
	struct tcp tcp;
	struct ev timer;
	bool begun;
	u64 until;
};

void cross_init(struct world *w);
void cross_start(struct world *w);
void cross_audit(struct world *w);
void cross_free(struct world *w);
struct link *cross_link(struct world *w, u32 id);

#endif /* _SIM_CROSS_H */
