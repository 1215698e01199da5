// SPDX-License-Identifier: GPL-2.0
/*
 * A request of the client and an answer of the same size, over and over.
 */
#include "world.h"

static void start(struct flow *f)
{
	if (!f->conf->datagram && !f->stream) {
		f->stream = stream_open(f, &f->w->end[UP], false);
		CHECK(f->stream);
	}
	flow_after(f, draw_below(f->w->seed, f->number,
				 min_t(u64, f->conf->every, U32_MAX)));
}

static void tick(struct flow *f)
{
	struct end *client = &f->w->end[UP];
	u32 size = f->conf->size;
	struct stamp stamp = {
		.seq = message_sent(&f->res->messages, flow_now(f), size),
		.parts = 1,
	};

	flow_after(f, f->conf->every);
	if (f->conf->datagram)
		datagram_send(f, client, &stamp, size);
	else
		stream_send(f->stream, client, size, false);
}

static void read(struct flow *f, struct stream *st, struct end *at, u32 bytes,
		 bool ended)
{
	u64 got = st->got[at->who], size = f->conf->size, i;

	for (i = div64_u64(got - bytes, size); (i + 1) * size <= got; i++) {
		if (at->who == DOWN)
			stream_send(st, at, size, false);
		else
			message_got(&f->res->messages, i, flow_now(f), U8_MAX);
	}
	if (at->who == UP)
		flow_count(f, bytes);
}

static void datagram(struct flow *f, struct end *at, const struct stamp *stamp,
		     u32 len, u8 leg)
{
	if (at->who == DOWN)
		datagram_send(f, at, stamp, len);
	else if (message_got(&f->res->messages, stamp->seq, flow_now(f), leg))
		flow_count(f, len);
}

const struct flow_ops app_rpc = {
	.start = start,
	.tick = tick,
	.read = read,
	.datagram = datagram,
};
