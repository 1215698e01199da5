/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Traffic: what applications write and read, and how it is checked.
 */
#ifndef _SIM_FLOW_H
#define _SIM_FLOW_H

#include "event.h"
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
 * @s: the core's stream at either end, NULL when let go of
 * @end: bytes to be written, U64_MAX for no end; by writer
 * @got: bytes read in order, by reader
 * @ended: the end was read, by reader
 */
struct stream {
	u64 id;
	struct flow *flow;
	u32 salt;
	struct tquic_stream *s[2];
	u64 end[2];
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
 * @start: begins
 * @stop: ends
 * @refill: bytes were sent, its backlog may have run low
 * @read: bytes came in order at an end, or the end of the stream did
 */
struct flow_ops {
	void (*start)(struct flow *f);
	void (*stop)(struct flow *f);
	void (*refill)(struct flow *f);
	void (*read)(struct flow *f, struct stream *st, struct end *at,
		     u32 bytes, bool ended);
};

/**
 * struct flow - one direction of one of a flow's copies
 * @w: world
 * @conf: as it was read
 * @ops: what it does
 * @dir: where its bytes go
 * @running: it has begun and not ended
 * @stream: stream in use
 * @hungry: link among those whose backlog is refilled, at the sender
 * @began: when it began
 * @last: when a byte came in order last
 * @res: what is measured
 */
struct flow {
	struct world *w;
	const struct flow_conf *conf;
	const struct flow_ops *ops;
	u8 dir;
	bool running;
	struct stream *stream;
	struct list_head hungry;
	u64 began;
	u64 last;
	struct flow_result *res;
};

void flows_init(struct world *w);
void flows_free(struct world *w);
void flows_finish(struct world *w);
void flows_read(struct world *w, struct end *end);
void flows_refill(struct world *w, struct end *end);
void flow_start(struct flow *f);
void flow_stop(struct flow *f);
void flow_count(struct flow *f, u32 bytes);

struct stream *stream_open(struct flow *f, struct end *end, bool uni);
bool stream_write(struct stream *st, struct end *end, u64 most, u64 *bytes);
void stream_close(struct stream *st, struct end *end);
void streams_free(struct world *w);

extern const struct flow_ops app_bulk;

#endif /* _SIM_FLOW_H */
