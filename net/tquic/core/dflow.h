/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flows of datagrams in a tunnel: what stands in front of their payload, and
 * what becomes of it on several paths.
 *
 * A flow is a UDP conversation, or whatever else belongs together.  Its packets
 * go out on the leg that suits it; one that is larger than the datagrams of its
 * path is split and joined again; at the far end they come out in the order
 * they went in, as far as waiting is worth it.  The header is described in
 * Documentation/networking/tquic-tunnel.rst.
 */
#ifndef _TQUIC_CORE_DFLOW_H
#define _TQUIC_CORE_DFLOW_H

#include "conn.h"
#include "dplace.h"
#include "reorder.h"
#include "sparse.h"

#define TQUIC_DFLOW_SEQ_BITS	24
/* of the legs in a header; more are told as so many */
#define TQUIC_DFLOW_LEGS_MAX	15
/* flows of a connection */
#define TQUIC_DFLOW_MAX		16384
/* payload: what an IP packet may have */
#define TQUIC_DFLOW_LEN_MAX	65535
/* pieces that a payload is joined of */
#define TQUIC_DFLOW_PIECES_MAX	128
/* memory of packets that are held back or incomplete, all flows */
#define TQUIC_DFLOW_HELD_MAX	(16 << 20)
/* how long the rest of a split payload is waited for */
#define TQUIC_DFLOW_JOIN	TQUIC_REORDER_HOLD_MAX
/* the class is told by how the flow behaves */
#define TQUIC_DFLOW_AUTO	TQUIC_STREAM_CLASSES

/**
 * struct tquic_dflow_hdr - what stands in front of the payload
 * @id: flow
 * @seq: sequence number of the payload, modulo 2^24
 * @class: enum tquic_stream_class
 * @others: legs besides this one that may still carry earlier payloads
 * @again: it was sent before and seems not to have arrived
 * @split: this is a piece; @off and @more are valid
 * @more: it is not the last
 * @off: where in the payload it begins
 */
struct tquic_dflow_hdr {
	u64 id;
	u32 seq;
	u8 class;
	u8 others;
	bool again;
	bool split;
	bool more;
	u32 off;
};

u32 tquic_dflow_hdr_write(u8 *out, const struct tquic_dflow_hdr *hdr);
bool tquic_dflow_hdr_parse(struct tquic_rd *rd, struct tquic_dflow_hdr *hdr);

/**
 * struct tquic_dflow_piece - a part of a received payload
 * @next: the one behind it
 * @handle: buffer; one reference is held
 * @pos: where in the buffer
 * @len: bytes
 * @off: where in the payload
 */
struct tquic_dflow_piece {
	struct tquic_dflow_piece *next;
	void *handle;
	u32 pos;
	u32 len;
	u32 off;
};

/**
 * struct tquic_dflow_pkt - a received payload
 * @item: its place in its flow's order; @item.link is the list of payloads that
 *	are ready to be delivered afterwards
 * @part: while pieces are missing: place among those of its flow
 * @age: likewise: among those of all flows
 * @flow: that it belongs to
 * @len: bytes; 0 until the last piece is there
 * @got: bytes of the pieces
 * @count: pieces
 * @first: its pieces, by offset, none overlaps another
 * @piece: one of them, maybe the only one
 * @path_id: path that its last piece came on
 * @class: see struct tquic_dflow_hdr
 * @others: likewise
 * @again: likewise
 */
struct tquic_dflow_pkt {
	struct tquic_reorder_item item;
	struct rb_node part;
	struct list_head age;
	struct tquic_dflow *flow;
	u32 len;
	u32 got;
	u32 count;
	struct tquic_dflow_piece *first;
	struct tquic_dflow_piece piece;
	u32 path_id;
	u8 class;
	u8 others;
	bool again;
};

/**
 * struct tquic_dflow_tx - sending part of a flow
 * @q: what it has queued
 * @asked: class that it was opened with, or TQUIC_DFLOW_AUTO
 * @life: ns that a payload is of use after it was queued; 0: by class
 * @sparse: with TQUIC_DFLOW_AUTO: how it behaves
 * @place: of a bulk flow: where it is
 * @seq: sequence number of the next payload
 * @last: when something was last sent, by leg
 * @legs: bit per leg with @last set
 */
struct tquic_dflow_tx {
	struct tquic_dgram_flow q;
	u8 asked;
	u64 life;
	struct tquic_sparse sparse;
	struct tquic_dplace_flow place;
	u64 seq;
	tquic_time_t last[TQUIC_DGRAM_LEGS];
	u16 legs;
};

/**
 * struct tquic_dflow_rx - receiving part of a flow
 * @order: puts packets into order
 * @parts: payloads with pieces missing, by sequence number
 * @started: something was received
 */
struct tquic_dflow_rx {
	struct tquic_reorder order;
	struct rb_root parts;
	bool started;
};

/**
 * struct tquic_dflow - a flow
 * @node: place in the set, by @id
 * @id: number, the same in both directions
 * @closed: its user let go of it; it lives on as long as datagrams refer to it
 * @fresh: opened by the peer, and its user did not ask for it yet
 * @due: place among the flows that hold packets back, by @due_at
 * @due_at: when the next of them has to go, TQUIC_TIME_NEVER for none
 * @ready: packets that wait to be delivered
 * @tx: sending part
 * @rx: receiving part
 * @user: whatever its user wants
 */
struct tquic_dflow {
	struct rb_node node;
	u64 id;
	bool closed;
	bool fresh;
	struct rb_node due;
	tquic_time_t due_at;
	u32 ready;
	struct tquic_dflow_tx tx;
	struct tquic_dflow_rx rx;
	void *user;
};

/**
 * struct tquic_dflow_stats - counters
 * @sent: payloads handed in and accepted
 * @received: payloads delivered
 * @malformed: datagrams with a header that makes no sense
 * @strange: datagrams of flows that are not known
 * @duplicates: payloads, or pieces, that had arrived before
 * @incomplete: payloads of which a piece did not come in time
 * @crowded: payloads let go early for want of memory
 * @nomem: datagrams dropped because an allocation failed
 */
struct tquic_dflow_stats {
	u64 sent;
	u64 received;
	u64 malformed;
	u64 strange;
	u64 duplicates;
	u64 incomplete;
	u64 crowded;
	u64 nomem;
};

/**
 * struct tquic_dflow_guard - losses of a leg
 * @id: path that has it
 * @delivered: bytes delivered when the present measurement began
 * @lost: likewise: bytes lost
 * @since: when it began, 0 for never
 * @bad_at: when it last lost more than it should
 * @share: lost, per mille
 * @copy: real time on it goes out on another leg, too
 */
struct tquic_dflow_guard {
	u32 id;
	u64 delivered;
	u64 lost;
	tquic_time_t since;
	tquic_time_t bad_at;
	u32 share;
	bool copy;
};

/**
 * struct tquic_dflows - flows of a connection
 * @conn: connection
 * @root: struct tquic_dflow by ID
 * @count: flows in @root
 * @max: of @count
 * @accept: the peer may open flows
 * @due: flows that hold packets back, by time
 * @parts: incomplete payloads of all flows, oldest first
 * @out: payloads ready to be delivered
 * @held: memory of what is held back or incomplete
 * @held_max: of @held
 * @place: legs, for the placement of bulk flows
 * @guards: their losses
 * @spare: legs that may carry copies
 * @looked_at: when the legs were last looked at, 0 for never
 * @stats: counters
 */
struct tquic_dflows {
	struct tquic_conn *conn;
	struct rb_root root;
	u32 count;
	u32 max;
	bool accept;
	struct rb_root_cached due;
	struct list_head parts;
	struct list_head out;
	u64 held;
	u64 held_max;
	struct tquic_dplace place;
	struct tquic_dflow_guard guards[TQUIC_DGRAM_LEGS];
	unsigned int spare;
	tquic_time_t looked_at;
	struct tquic_dflow_stats stats;
};

struct tquic_dflows *tquic_dflows_new(struct tquic_conn *conn, bool accept,
				      gfp_t gfp);
void tquic_dflows_free(struct tquic_dflows *set);
void tquic_dflows_timeout(struct tquic_dflows *set, tquic_time_t now);
tquic_time_t tquic_dflows_deadline(const struct tquic_dflows *set);

struct tquic_dflow *tquic_dflow_open(struct tquic_dflows *set, u64 id,
				     unsigned int class, gfp_t gfp);
struct tquic_dflow *tquic_dflow_find(const struct tquic_dflows *set, u64 id);
void tquic_dflow_close(struct tquic_dflows *set, struct tquic_dflow *flow);
int tquic_dflow_send(struct tquic_dflows *set, struct tquic_dflow *flow,
		     void *handle, u32 pos, u32 len, tquic_time_t now,
		     gfp_t gfp);
struct tquic_dflow_pkt *tquic_dflows_next(struct tquic_dflows *set);
void tquic_dflow_pkt_free(struct tquic_dflows *set,
			  struct tquic_dflow_pkt *pkt);

/* between the files of this layer */
void tquic_dflow_tx_init(struct tquic_dflow_tx *tx, unsigned int class);
u32 tquic_dflow_tx_head(void *owner, struct tquic_dgram *d, u32 to,
			unsigned int leg, tquic_time_t now, u8 *out);
void tquic_dflow_tx_sent(void *owner, struct tquic_dgram *d, u32 to,
			 unsigned int leg, tquic_time_t now);
void tquic_dflow_look(struct tquic_dflows *set, tquic_time_t now);
bool tquic_dflow_wants_copy(const struct tquic_dflows *set);
void tquic_dflow_rx_init(struct tquic_dflow_rx *rx);
void tquic_dflow_rx_end(struct tquic_dflows *set, struct tquic_dflow *flow);
void tquic_dflow_rx_recv(void *owner, u32 path_id, void *handle, u32 pos,
			 u32 len, const u8 *data, tquic_time_t now, gfp_t gfp);
void tquic_dflow_rx_timeout(struct tquic_dflows *set, tquic_time_t now);
struct tquic_dflow *tquic_dflow_make(struct tquic_dflows *set, u64 id,
				     unsigned int class, gfp_t gfp);
void tquic_dflow_release(struct tquic_dflows *set, struct tquic_dflow *flow);

#endif /* _TQUIC_CORE_DFLOW_H */
