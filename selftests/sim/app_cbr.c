// SPDX-License-Identifier: GPL-2.0
/*
 * Messages at a constant rate, and bursts: the same, but larger and rarer.
 */
#include "world.h"

static u64 period(const struct flow *f)
{
	return f->conf->kind == FLOW_BURST ? f->conf->every :
	       div64_u64(SEC, f->conf->rate);
}

static void start(struct flow *f)
{
	if (!f->conf->datagram && !f->stream) {
		f->stream = stream_open(f, flow_sender(f), true);
		CHECK(f->stream);
	}
	/* not all at the same time */
	flow_after(f, f->conf->kind == FLOW_BURST ? 0 :
		   draw_below(f->w->seed, f->number, period(f)));
}

static void tick(struct flow *f)
{
	u32 size = f->conf->size, i;
	struct stamp stamp = { .parts = 1 };

	flow_after(f, period(f));
	i = message_sent(&f->res->messages, flow_now(f), size);
	if (!f->conf->datagram) {
		stream_send(f->stream, flow_sender(f), size, false);
		return;
	}
	stamp.seq = i;
	datagram_send(f, flow_sender(f), &stamp, size);
}

/* Messages follow each other on the stream: which have come in full? */
static void read(struct flow *f, struct stream *st, struct end *at, u32 bytes,
		 bool ended)
{
	u64 got = st->got[at->who], i;

	for (i = div64_u64(got - bytes, f->conf->size);
	     (i + 1) * f->conf->size <= got; i++)
		message_got(&f->res->messages, i, flow_now(f), U8_MAX);
	flow_count(f, bytes);
}

static void datagram(struct flow *f, struct end *at, const struct stamp *stamp,
		     u32 len, u8 leg)
{
	if (message_got(&f->res->messages, stamp->seq, flow_now(f), leg))
		flow_count(f, len);
}

const struct flow_ops app_cbr = {
	.start = start,
	.tick = tick,
	.read = read,
	.datagram = datagram,
};

const struct flow_ops app_burst = {
	.start = start,
	.tick = tick,
	.read = read,
	.datagram = datagram,
};
