// SPDX-License-Identifier: GPL-2.0
/*
 * Bulk: something always waits to be sent, up to the size if there is one.
 */
#include "world.h"

#define BACKLOG		(2 << 20)

static void refill(struct flow *f)
{
	struct end *end = &f->w->end[f->dir];
	struct stream *st = f->stream;
	u64 *left = &st->end[end->who];

	if (stream_write(st, end, BACKLOG, left)) {
		list_del_init(&f->hungry);
		stream_close(st, end);
	}
}

static void start(struct flow *f)
{
	struct end *end = &f->w->end[f->dir];

	f->stream = stream_open(f, end, true);
	CHECK(f->stream);
	f->stream->end[end->who] = f->conf->size ?: U64_MAX;
	list_add_tail(&f->hungry, &f->w->hungry[end->who]);
	refill(f);
}

static void stop(struct flow *f)
{
	struct end *end = &f->w->end[f->dir];
	struct tquic_stream *s = f->stream->s[end->who];

	if (s && !s->fin)
		tquic_conn_reset(end->conn, s, 0);
}

static void read(struct flow *f, struct stream *st, struct end *at, u32 bytes,
		 bool ended)
{
	if (at->who == f->dir)
		return;
	flow_count(f, bytes);
	if (ended && st->got[at->who] == f->conf->size)
		f->res->done_at = f->w->q.now - f->w->t0 - f->began;
}

const struct flow_ops app_bulk = {
	.start = start,
	.stop = stop,
	.refill = refill,
	.read = read,
};
