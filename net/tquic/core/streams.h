/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The streams of a connection: limits, lookup, and whose turn it is.
 */
#ifndef _TQUIC_CORE_STREAMS_H
#define _TQUIC_CORE_STREAMS_H

#include "stream.h"

/* bytes that a stream sends before the next of its class has its turn */
#define TQUIC_STREAMS_QUANTUM	8192
/* a background stream has a turn at least after as many of bulk streams */
#define TQUIC_STREAMS_BACKGROUND_TURN	16
/* streams that are looked at for bytes which a slow path may carry */
#define TQUIC_STREAMS_TRIES	16
/* ranges of closed streams remembered; see struct tquic_streams */
#define TQUIC_STREAMS_GONE_MAX	1024

/* struct tquic_stream news */
#define TQUIC_STREAM_N_READABLE	BIT(0)	/* data, end or reset to be read */
#define TQUIC_STREAM_N_WRITABLE	BIT(1)	/* the send buffer got shorter */
#define TQUIC_STREAM_N_STOPPED	BIT(2)	/* the peer does not want the rest */
#define TQUIC_STREAM_N_NEW	BIT(3)	/* opened by the peer */

/**
 * struct tquic_streams_credit - initial limits, one direction
 * @bidi_local: credit on bidirectional streams opened by whoever announces it
 * @bidi_remote: credit on bidirectional streams opened by the other side
 * @uni: credit on unidirectional streams opened by the other side
 */
struct tquic_streams_credit {
	u64 bidi_local;
	u64 bidi_remote;
	u64 uni;
};

/**
 * struct tquic_streams_turn - streams of a class that want to send
 * @ready: in order of their turns
 * @starved: those that wait for credit of the connection
 * @count: how many are in @ready or @starved
 * @due: bytes of theirs that need no such credit
 * @fresh: bytes of theirs that were never sent, within each one's own credit
 * @open: that credit, whether there are bytes for it or not
 */
struct tquic_streams_turn {
	struct list_head ready;
	struct list_head starved;
	u32 count;
	u64 due;
	u64 fresh;
	u64 open;
};

/**
 * struct tquic_streams_sum - what waits in all classes
 * @due: as in struct tquic_streams_turn
 * @fresh: likewise
 * @open: likewise
 */
struct tquic_streams_sum {
	u64 due;
	u64 fresh;
	u64 open;
};

/**
 * struct tquic_streams - streams of a connection
 * @ops: references to payload
 * @server: which end this is
 * @root: struct tquic_stream by id
 * @count: streams in @root
 * @open: streams that we may open, [0] bidirectional, [1] unidirectional
 * @grant: streams that the peer may open, likewise
 * @gone: of these, numbers of those that were closed and freed.  A number that
 *	is in neither set nor tree was opened only by a higher one so far.  The
 *	number of ranges is bounded by the streams that are open, and by its
 *	limit: beyond it the lowest numbers count as closed.
 * @ours: credit that we announce
 * @theirs: credit that the peer announced
 * @window_max: bound of auto-tuning, per stream
 * @turn: streams with something to send, by class
 * @control: streams with control frames to be written
 * @event: streams with news for the application
 * @turns: turns of bulk streams since the last of a background stream
 * @busy: streams that received something in the present interval
 * @busy_before: likewise in the one before
 * @busy_no: number of the present interval
 * @busy_since: when it began
 */
struct tquic_streams {
	const struct tquic_buf_ops *ops;
	bool server;
	struct rb_root root;
	u32 count;
	struct tquic_flow_tx open[2];
	struct tquic_flow_rx grant[2];
	struct tquic_range_set gone[2];
	struct tquic_streams_credit ours;
	struct tquic_streams_credit theirs;
	u64 window_max;
	struct tquic_streams_turn turn[TQUIC_STREAM_CLASSES];
	struct list_head control;
	struct list_head event;
	u32 turns;
	u32 busy;
	u32 busy_before;
	u32 busy_no;
	tquic_time_t busy_since;
};

/**
 * struct tquic_streams_ask - what a packet has room for
 * @room: credit of the connection
 * @skip: bytes, in the order of turns, that are left to paths which land them
 *	sooner
 * @max: most bytes of data
 * @first: most urgent class that may send
 * @last: least urgent one
 */
struct tquic_streams_ask {
	u64 room;
	u64 skip;
	u32 max;
	u8 first;
	u8 last;
};

void tquic_streams_init(struct tquic_streams *set,
			const struct tquic_buf_ops *ops, bool server,
			const struct tquic_streams_credit *ours,
			u64 window_max);
void tquic_streams_free(struct tquic_streams *set);
void tquic_streams_grant(struct tquic_streams *set, bool uni, u64 count,
			 tquic_time_t now);
void tquic_streams_peer(struct tquic_streams *set,
			const struct tquic_streams_credit *theirs,
			u64 max_bidi, u64 max_uni);

void tquic_streams_restart(struct tquic_streams *set);
void tquic_streams_allow(struct tquic_streams *set, bool uni, u64 max);

struct tquic_stream *tquic_streams_find(const struct tquic_streams *set,
					u64 id);
struct tquic_stream *tquic_streams_open(struct tquic_streams *set, bool uni,
					tquic_time_t now, gfp_t gfp);
int tquic_streams_lookup(struct tquic_streams *set, u64 id, bool peer_sends,
			 u64 frame_type, tquic_time_t now,
			 struct tquic_stream **stream,
			 struct tquic_close *close, gfp_t gfp);
void tquic_streams_settle(struct tquic_streams *set, struct tquic_stream *s,
			  tquic_time_t now, gfp_t gfp);

/* streams_turn.c: whose turn it is */
void tquic_streams_wake(struct tquic_streams *set, struct tquic_stream *s);
void tquic_streams_hurry(struct tquic_streams *set, struct tquic_stream *s);
void tquic_streams_idle(struct tquic_streams *set, struct tquic_stream *s);
void tquic_streams_feed(struct tquic_streams *set);
void tquic_streams_set_class(struct tquic_streams *set, struct tquic_stream *s,
			     enum tquic_stream_class class);
int tquic_streams_urgent(const struct tquic_streams *set);
void tquic_streams_sum(const struct tquic_streams *set,
		       struct tquic_streams_sum *sum);
bool tquic_streams_starved(const struct tquic_streams *set);
struct tquic_stream *tquic_streams_next(struct tquic_streams *set,
					const struct tquic_streams_ask *ask,
					struct tquic_stream_piece *piece);
void tquic_streams_charge(struct tquic_streams *set, struct tquic_stream *s,
			  u32 bytes);

void tquic_streams_tell(struct tquic_streams *set, struct tquic_stream *s,
			unsigned int news);

/* is this the ID of a stream that we opened, or would open */
static inline bool tquic_streams_is_ours(const struct tquic_streams *set,
					 u64 id)
{
	return !(id & TQUIC_STREAM_SERVER) == !set->server;
}

/* ID of a stream that we open */
static inline u64 tquic_streams_id(const struct tquic_streams *set, bool uni,
				   u64 number)
{
	return number << 2 | (uni ? TQUIC_STREAM_UNI : 0) |
	       (set->server ? TQUIC_STREAM_SERVER : 0);
}

/* may the stream be used; one of early data may be beyond a later limit */
static inline bool tquic_streams_allowed(const struct tquic_streams *set,
					 const struct tquic_stream *s)
{
	return !tquic_streams_is_ours(set, s->id) ||
	       s->id >> 2 < set->open[!!(s->id & TQUIC_STREAM_UNI)].limit;
}

#endif /* _TQUIC_CORE_STREAMS_H */
