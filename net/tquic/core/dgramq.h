/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Datagrams on their way to the peer: RFC 9221.
 *
 * Datagrams belong to flows, flows to classes.  A flow keeps its datagrams in
 * order and may be bound to one leg, a path's place among the paths in use.
 * Flows that have something to send stand in lists by class and leg, so whose
 * turn it is on a path is known without looking at those who wait for another.
 *
 * A single datagram can be bound to a leg, too, ahead of its flow: a copy, or
 * one that is sent again since its first sending is lost.
 */
#ifndef _TQUIC_CORE_DGRAMQ_H
#define _TQUIC_CORE_DGRAMQ_H

#include "sendq.h"
#include "stream.h"

#define TQUIC_DGRAM_LEGS	16	/* paths at a time */
#define TQUIC_DGRAM_ANY		TQUIC_DGRAM_LEGS
/* bytes that a flow sends before the next of its class has its turn */
#define TQUIC_DGRAM_QUANTUM	3000
/* most bytes that an owner may put in front of the payload */
#define TQUIC_DGRAM_HEAD_MAX	16
/* a background flow has a turn at least after as many datagrams of others */
#define TQUIC_DGRAM_BACKGROUND_TURN	64

/* struct tquic_dgram flags: what its owner wants */
#define TQUIC_DGRAM_F_NOTIFY	BIT(0)	/* be told what becomes of it */
#define TQUIC_DGRAM_F_SPLIT	BIT(1)	/* may go out in pieces */
#define TQUIC_DGRAM_F_HEAD	BIT(2)	/* operations write a head */
#define TQUIC_DGRAM_F_AGAIN	BIT(3)	/* sent again when lost */
#define TQUIC_DGRAM_F_COPY	BIT(4)	/* sent on a second leg as well */
/* and what is known */
#define TQUIC_DGRAM_F_SENT	BIT(5)	/* all of it went out once */
#define TQUIC_DGRAM_F_LOST	BIT(6)	/* some of it was declared lost */
#define TQUIC_DGRAM_F_EXPIRED	BIT(7)	/* its deadline has passed */
#define TQUIC_DGRAM_F_ACKED	BIT(8)	/* all of it has arrived */
#define TQUIC_DGRAM_F_DROPPED	BIT(9)	/* too big, or its flow ended */

enum tquic_dgram_where {
	TQUIC_DGRAM_NOWHERE,		/* held by sent packets, if at all */
	TQUIC_DGRAM_QUEUED,		/* in its flow */
	TQUIC_DGRAM_BOUND,		/* in a leg's list */
	TQUIC_DGRAM_NEWS,		/* its owner is to be told */
};

/* why a datagram is bound to a leg */
enum tquic_dgram_why {
	TQUIC_DGRAM_FIRST,		/* its owner wants that */
	TQUIC_DGRAM_COPY,		/* it went out on another */
	TQUIC_DGRAM_AGAIN,		/* and seems not to have arrived */
};

struct tquic_dgram;

/**
 * struct tquic_dgram_ops - whoever owns the datagrams of a connection
 * @head: optional; writes what stands before bytes @d->from to @to of the
 *	payload of @d, which may go out on a leg, into @out, at most
 *	TQUIC_DGRAM_HEAD_MAX bytes, and returns how many
 * @recv: optional; a datagram was received on a path; takes references of its
 *	own.  Without it datagrams are queued, see tquic_conn_dgram_next().
 * @sent: optional; bytes @d->from to @to of @d go out on a leg
 * @gone: optional; @d is about to be freed and counts no more in its flow's
 *	references; a flow that has ended, and has none left, may be freed
 */
struct tquic_dgram_ops {
	u32 (*head)(void *owner, struct tquic_dgram *d, u32 to,
		    unsigned int leg, tquic_time_t now, u8 *out);
	void (*recv)(void *owner, u32 path_id, void *handle, u32 pos, u32 len,
		     const u8 *data, tquic_time_t now, gfp_t gfp);
	void (*sent)(void *owner, struct tquic_dgram *d, u32 to,
		     unsigned int leg, tquic_time_t now);
	void (*gone)(void *owner, struct tquic_dgram *d);
};

/**
 * struct tquic_dgram_flow - datagrams that belong together
 * @ready: link in the list of those who have something to send
 * @queue: struct tquic_dgram, in order
 * @bytes: payload in @queue that is to be sent
 * @held: memory that the datagrams in @queue take
 * @refs: datagrams of the flow, wherever they are: it has to outlive them
 * @deficit: bytes that it may still send in its turn
 * @class: enum tquic_stream_class
 * @leg: that it is bound to, or TQUIC_DGRAM_ANY
 * @legs: with TQUIC_DGRAM_ANY: those that it may use
 */
struct tquic_dgram_flow {
	struct list_head ready;
	struct list_head queue;
	u64 bytes;
	u64 held;
	u32 refs;
	s32 deficit;
	u8 class;
	u8 leg;
	u16 legs;
};

/**
 * struct tquic_dgram - one datagram
 * @node: link in its flow's queue, a leg's list, or the list of news
 * @flow: that it belongs to
 * @handle: buffer; one reference is held
 * @pos: where the payload begins in it
 * @len: bytes of payload
 * @from: while it waits: first byte to be sent
 * @to: likewise: one past the last byte to be sent
 * @got_from: of the bytes known to have arrived, the first
 * @got_to: one past the last of them: what arrives apart from the rest does
 *	not count, which errs on the safe side
 * @deadline: when it is of no use any more
 * @cookie: the owner's
 * @refs: sent packets with a record of it
 * @out: those of them that are neither acknowledged nor declared lost
 * @flags: TQUIC_DGRAM_F_*
 * @told: those of them that the owner knows
 * @where: enum tquic_dgram_where
 * @why: enum tquic_dgram_why, while bound
 * @leg: while bound: to which; else the last one that it was sent on
 * @class: enum tquic_stream_class
 */
struct tquic_dgram {
	struct list_head node;
	struct tquic_dgram_flow *flow;
	void *handle;
	u32 pos;
	u32 len;
	u32 from;
	u32 to;
	u32 got_from;
	u32 got_to;
	tquic_time_t deadline;
	u64 cookie;
	u16 refs;
	u16 out;
	u16 flags;
	u16 told;
	u8 where;
	u8 why;
	u8 leg;
	u8 class;
};

/**
 * struct tquic_dgram_stats - counters
 * @queued: datagrams accepted
 * @sent: datagrams of which all went out
 * @acked: that are known to have arrived
 * @lost: of which something was declared lost
 * @late: whose deadline had passed before they were queued
 * @expired: whose deadline passed while they waited
 * @full: that found no room
 * @too_big: that no path can carry any more
 * @copies: that went out on a second leg
 * @copied_bytes: payload of these
 * @resent: that went out again after a loss
 * @resent_bytes: payload of these
 */
struct tquic_dgram_stats {
	u64 queued;
	u64 sent;
	u64 acked;
	u64 lost;
	u64 late;
	u64 expired;
	u64 full;
	u64 too_big;
	u64 copies;
	u64 copied_bytes;
	u64 resent;
	u64 resent_bytes;
};

/**
 * struct tquic_dgram_lists - where datagrams wait
 * @ready: flows with something to send, by class and leg
 * @bound: datagrams bound to a leg, by class
 * @own: flows of datagrams that belong to none, by class
 *
 * It takes much room, and most connections never send a datagram.
 */
struct tquic_dgram_lists {
	struct list_head ready[TQUIC_STREAM_CLASSES][TQUIC_DGRAM_LEGS + 1];
	struct list_head bound[TQUIC_STREAM_CLASSES][TQUIC_DGRAM_LEGS];
	struct tquic_dgram_flow own[TQUIC_STREAM_CLASSES];
};

/**
 * struct tquic_dgramq - datagrams of a connection that are to be sent
 * @buf_ops: references to payload
 * @ops: the owner's operations, or NULL
 * @owner: first argument of @ops
 * @lists: where they wait; NULL before the first
 * @news: datagrams whose owner wants to know
 * @usable: bit per leg that may carry datagrams now; what is bound to another
 *	goes out on any
 * @waiting: entries in @lists, by class
 * @bytes: payload that waits to be sent
 * @held: memory that these datagrams take
 * @limit: of @held; flows of the lower two classes leave a part to the others,
 *	and no flow takes more than half
 * @crowded: a quarter of @limit was taken, and nobody knows that it is less
 * @turns: datagrams sent since the last of a background flow
 * @flip: whose turn it is, by class: flows bound to a leg, or others
 * @stats: counters
 */
struct tquic_dgramq {
	const struct tquic_buf_ops *buf_ops;
	const struct tquic_dgram_ops *ops;
	void *owner;
	struct tquic_dgram_lists *lists;
	struct list_head news;
	u16 usable;
	u32 waiting[TQUIC_STREAM_CLASSES];
	u64 bytes;
	u64 held;
	u64 limit;
	bool crowded;
	u32 turns;
	u8 flip[TQUIC_STREAM_CLASSES];
	struct tquic_dgram_stats stats;
};

/**
 * struct tquic_dgram_req - a datagram to be sent
 * @handle: buffer; a reference is taken
 * @pos: where the payload begins in it
 * @len: bytes of payload
 * @deadline: when it is of no use any more, TQUIC_TIME_NEVER for never
 * @cookie: the owner's
 * @flags: what the owner wants
 */
struct tquic_dgram_req {
	void *handle;
	u32 pos;
	u32 len;
	tquic_time_t deadline;
	u64 cookie;
	u16 flags;
};

/**
 * struct tquic_dgram_in - a datagram that was received
 * @node: link in the queue of those that wait for their reader
 * @handle: buffer; one reference is held
 * @pos: where the payload begins in it
 * @len: bytes of payload
 * @path_id: path that it came on
 * @time: when it arrived
 */
struct tquic_dgram_in {
	struct list_head node;
	void *handle;
	u32 pos;
	u32 len;
	u32 path_id;
	tquic_time_t time;
};

/**
 * struct tquic_dgram_rx - received datagrams that wait for their reader
 * @queue: struct tquic_dgram_in, oldest first
 * @held: memory that they take
 * @limit: of @held; what comes on top is dropped
 * @received: counter: datagrams received
 * @full: counter: datagrams dropped for want of room
 * @nomem: counter: datagrams dropped for want of memory
 */
struct tquic_dgram_rx {
	struct list_head queue;
	u64 held;
	u64 limit;
	u64 received;
	u64 full;
	u64 nomem;
};

void tquic_dgramq_init(struct tquic_dgramq *q,
		       const struct tquic_buf_ops *buf_ops, u64 limit);
void tquic_dgramq_free(struct tquic_dgramq *q);
struct tquic_dgram_flow *tquic_dgramq_own(struct tquic_dgramq *q,
					  enum tquic_stream_class class,
					  gfp_t gfp);

void tquic_dgram_flow_init(struct tquic_dgram_flow *flow,
			   enum tquic_stream_class class);
void tquic_dgram_flow_end(struct tquic_dgramq *q,
			  struct tquic_dgram_flow *flow);
void tquic_dgram_flow_set_class(struct tquic_dgramq *q,
				struct tquic_dgram_flow *flow,
				enum tquic_stream_class class);
void tquic_dgram_flow_bind(struct tquic_dgramq *q,
			   struct tquic_dgram_flow *flow, unsigned int leg,
			   u16 legs);

struct tquic_dgram *tquic_dgramq_add(struct tquic_dgramq *q,
				     struct tquic_dgram_flow *flow,
				     const struct tquic_dgram_req *req,
				     tquic_time_t now, int *err, gfp_t gfp);
void tquic_dgramq_bind(struct tquic_dgramq *q, struct tquic_dgram *d,
		       unsigned int leg, enum tquic_dgram_why why, u32 from,
		       u32 to);
struct tquic_dgram *tquic_dgramq_next(struct tquic_dgramq *q, unsigned int leg,
				      bool quick, unsigned int classes,
				      tquic_time_t now);
void tquic_dgramq_took(struct tquic_dgramq *q, struct tquic_dgram *d,
		       unsigned int leg, u32 bytes);
void tquic_dgramq_refuse(struct tquic_dgramq *q, struct tquic_dgram *d);
unsigned int tquic_dgramq_classes(const struct tquic_dgramq *q,
				  unsigned int leg, bool quick);

void tquic_dgramq_acked(struct tquic_dgramq *q, struct tquic_dgram *d,
			u32 from, u32 to);
void tquic_dgramq_lost(struct tquic_dgramq *q, struct tquic_dgram *d);
void tquic_dgramq_unref(struct tquic_dgramq *q, struct tquic_dgram *d);
bool tquic_dgramq_roomy(const struct tquic_dgramq *q);
bool tquic_dgramq_relieved(struct tquic_dgramq *q);
struct tquic_dgram *tquic_dgramq_news(struct tquic_dgramq *q);
void tquic_dgramq_told(struct tquic_dgramq *q, struct tquic_dgram *d);

#endif /* _TQUIC_CORE_DGRAMQ_H */
