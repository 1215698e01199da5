// SPDX-License-Identifier: GPL-2.0
/*
 * Requests on streams of their own: small ones with large answers, or uploads.
 */
#include "world.h"

#define SMALL		400

static void request(struct flow *f)
{
	const struct flow_conf *c = f->conf;
	struct messages *ms = &f->res->messages;
	struct end *client = &f->w->end[UP];
	u64 size = c->sizes[ms->count % c->nsizes];
	struct stream *st = stream_open(f, client, false);

	/* the peer allows no more at present */
	if (!st) {
		flow_after(f, 10 * MS);
		return;
	}
	st->tag = message_sent(ms, flow_now(f), size);
	stream_send(st, client, f->dir == DOWN ? SMALL : size, true);
	if (c->every)
		flow_after(f, c->every);
}

static void start(struct flow *f)
{
	const struct flow_conf *c = f->conf;
	u64 apart = c->every ?: c->gap;

	/* copies of a flow begin at different times */
	flow_after(f, c->count > 1 ?
		   draw_span(f->w->seed, f->number, 0, apart) : 0);
}

static void read(struct flow *f, struct stream *st, struct end *at, u32 bytes,
		 bool ended)
{
	struct messages *ms = &f->res->messages;
	struct message *m = &ms->msg[st->tag];

	if (bytes && at->who != f->dir)
		flow_count(f, bytes);
	if (at->who == DOWN) {
		if (ended)
			stream_send(st, at, f->dir == DOWN ? m->size : SMALL,
				    true);
		return;
	}
	m->first = min(m->first, flow_now(f));
	if (!ended)
		return;
	CHECK(st->got[UP] == (f->dir == DOWN ? m->size : SMALL));
	message_got(ms, st->tag, flow_now(f), U8_MAX);
	if (f->running && !f->conf->every)
		flow_after(f, f->conf->gap);
}

const struct flow_ops app_web = {
	.start = start,
	.tick = request,
	.read = read,
};
