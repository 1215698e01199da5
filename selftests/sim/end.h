/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An end of the connection: everything around the core that a kernel would be.
 */
#ifndef _SIM_END_H
#define _SIM_END_H

#include "core/dflow.h"
#include "event.h"
#include "packet.h"

#define CID_LEN		8

struct world;

/**
 * struct end - client or server
 * @w: world
 * @who: UP for the client, DOWN for the server: what it sends goes there
 * @conn: connection
 * @dflows: flows of datagrams
 * @cids: connection IDs issued, by the number in them
 * @ncids: size of @cids
 * @free_cid: a slot that may be free
 * @serial: connection IDs and random bytes drawn so far
 * @rx_keys: bit per type: packets can be opened
 * @tls: steps of the handshake done
 * @timer: when the core wants to be called
 * @kick: asks to be called at once
 * @fresh: stream bytes sent since backlogs were last looked at
 * @payload: stream bytes sent, again or not
 * @drops: packets without effect, by reason
 * @plans: trains sent
 * @packets: packets sent
 * @closed: the end of the connection was noted
 */
struct end {
	struct world *w;
	u8 who;
	struct tquic_conn *conn;
	struct tquic_dflows *dflows;
	struct tquic_cid_local **cids;
	u32 ncids;
	u32 free_cid;
	u64 serial;
	u8 rx_keys;
	unsigned int tls;
	struct ev timer;
	struct ev kick;
	u64 fresh;
	u64 payload;
	u64 drops[TQUIC_DROP_MAX];
	u64 plans;
	u64 packets;
	bool closed;
};

void end_start(struct world *w);
void end_free(struct end *end);
void end_take(struct end *end, struct pkt *p);
void end_work(struct end *end);
void end_kick(struct end *end);
u64 end_clock(const struct end *end);
bool end_ready(const struct world *w);

/* tls.c: a handshake that is a few bytes of text */
void tls_work(struct end *end);

#endif /* _SIM_END_H */
