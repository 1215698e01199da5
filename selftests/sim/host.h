/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the machine around an end adds: a clock of its own, late timers, the
 * cost of packets, batches in and trains out, a local interface, and readers
 * that take their time.
 */
#ifndef _SIM_HOST_H
#define _SIM_HOST_H

#include "event.h"
#include "packet.h"
#include "server.h"

struct end;
struct leg;
struct world;

/**
 * struct host - a machine
 * @w: world
 * @conf: as it was read
 * @who: UP for the client, DOWN for the server
 * @gather: received packets of a batch that is not complete
 * @give_up: the batch is complete by time
 * @ready: received packets on their way to the end
 * @run: the first of them is due
 * @leave: packets that wait for the processor to send them
 * @go: the first of them is due
 * @busy: until then the processor is
 * @nic: local interfaces: the client's by leg, the server's first
 * @nic_conf: what they are like
 * @read_at: when the reader last looked, or does next
 * @credit: bytes that it may read
 * @reader: it looks again
 */
struct host {
	struct world *w;
	const struct host_conf *conf;
	u8 who;
	struct pkt_list gather;
	struct ev give_up;
	struct pkt_list ready;
	struct ev run;
	struct pkt_list leave;
	struct ev go;
	u64 busy;
	struct server nic[LEGS_MAX];
	struct link_conf nic_conf;
	u64 read_at;
	u64 credit;
	struct ev reader;
};

void host_init(struct world *w, unsigned int who);
void host_free(struct host *h);
u64 host_clock(const struct host *h, u64 t);
u64 host_world_time(const struct host *h, u64 local);
u64 host_timer(const struct host *h, u64 at);
bool host_busy(struct host *h);
void host_receive(struct host *h, struct pkt *p);
void host_send(struct host *h, struct leg *leg, struct pkt *p, u32 i, u32 n);
u64 host_may_read(struct host *h);
void host_did_read(struct host *h, u64 bytes, bool more);

#endif /* _SIM_HOST_H */
