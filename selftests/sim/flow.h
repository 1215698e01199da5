/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Traffic: what applications write and read, and how it is checked.
 */
#ifndef _SIM_FLOW_H
#define _SIM_FLOW_H

#include "core/dflow.h"
#include "event.h"
#include "message.h"
#include "packet.h"
#include "scene.h"

struct end;
struct flow;
struct flow_result;
struct world;

/**
 * struct stream - a stream, as both ends know it
 * @id: stream ID
 * @flow: traffic that it belongs to
 * @salt: where in the pattern it begins
 * @tag: for the flow
 * @s: the core's stream at either end, NULL when let go of
 * @left: bytes to be written, U64_MAX for no end; by writer
 * @fin: nothing follows these
 * @hungry: link among those whose backlog is refilled, by writer
 * @got: bytes read in order, by reader
 * @ended: the end was read, by reader
 */
struct stream {
	u64 id;
	struct flow *flow;
	u32 salt;
	u32 tag;
	struct tquic_stream *s[2];
	u64 left[2];
	bool fin[2];
	struct list_head hungry[2];
	u64 got[2];
	bool ended[2];
};

/**
 * struct stream_table - streams of one kind by number
 * @stream: array
 * @count: entries
 * @room: size
 */
struct stream_table {
	struct stream **stream;
	u32 count;
	u32 room;
};

/**
 * struct flow_ops - a kind of traffic
 * @state_size: bytes of state per flow, zeroed
 * @start: begins
 * @stop: ends
 * @tick: its timer fires
 * @done: the run is over: frees what its state holds
 * @read: bytes came in order at an end, or the end of the stream did
 * @datagram: a datagram came at an end, by a leg
 */
struct flow_ops {
	size_t state_size;
	void (*start)(struct flow *f);
	void (*stop)(struct flow *f);
	void (*tick)(struct flow *f);
	void (*done)(struct flow *f);
	void (*read)(struct flow *f, struct stream *st, struct end *at,
		     u32 bytes, bool ended);
	void (*datagram)(struct flow *f, struct end *at,
			 const struct stamp *stamp, u32 len, u8 leg);
};

/**
 * struct flow - one direction of one of a flow's copies
 * @w: world
 * @conf: as it was read
 * @ops: what it does
 * @number: place among all
 * @dir: where its bytes go
 * @running: it has begun and not ended
 * @stream: stream in use
 * @dflow: at either end, for datagrams
 * @timer: its timer
 * @began: when it began
 * @last: when a byte came in order last
 * @res: what is measured
 * @state: the kind's own
 */
struct flow {
	struct world *w;
	const struct flow_conf *conf;
	const struct flow_ops *ops;
	u32 number;
	u8 dir;
	bool running;
	struct stream *stream;
	struct tquic_dflow *dflow[2];
	struct ev timer;
	u64 began;
	u64 last;
	struct flow_result *res;
	void *state;
};

void flows_init(struct world *w);
void flows_free(struct world *w);
void flows_finish(struct world *w);
void flow_start(struct flow *f);
void flow_stop(struct flow *f);
void flow_done(struct flow *f);
void flow_count(struct flow *f, u32 bytes);
void flow_after(struct flow *f, u64 ns);
u64 flow_now(const struct flow *f);
struct end *flow_sender(const struct flow *f);

/* stream.c */
void streams_init(struct world *w);
void streams_read(struct world *w, struct end *end);
void streams_refill(struct world *w, struct end *end);
struct stream *stream_open(struct flow *f, struct end *end, bool uni);
void stream_send(struct stream *st, struct end *end, u64 bytes, bool fin);
void stream_abort(struct stream *st, struct end *end);
void streams_free(struct world *w);

/* datagram.c */
void datagrams_init(struct end *end);
void datagrams_read(struct world *w, struct end *end);
void datagrams_free(struct end *end);
void datagram_open(struct flow *f);
bool datagram_send(struct flow *f, struct end *end, const struct stamp *stamp,
		   u32 len);

extern const struct flow_ops app_bulk;
extern const struct flow_ops app_cbr;
extern const struct flow_ops app_burst;
extern const struct flow_ops app_rpc;
extern const struct flow_ops app_web;
extern const struct flow_ops app_video;
extern const struct flow_ops app_rtp;
extern const struct flow_ops app_inner;

#endif /* _SIM_FLOW_H */
