// SPDX-License-Identifier: GPL-2.0
/*
 * Bulk: something always waits to be sent, up to the size if there is one.
 */
#include "world.h"

static void start(struct flow *f)
{
	f->stream = stream_open(f, flow_sender(f), true);
	CHECK(f->stream);
	stream_send(f->stream, flow_sender(f), f->conf->size ?: U64_MAX, true);
}

static void stop(struct flow *f)
{
	stream_abort(f->stream, flow_sender(f));
}

static void read(struct flow *f, struct stream *st, struct end *at, u32 bytes,
		 bool ended)
{
	flow_count(f, bytes);
	if (ended && st->got[at->who] == f->conf->size)
		flow_done(f);
}

const struct flow_ops app_bulk = {
	.start = start,
	.stop = stop,
	.read = read,
};
