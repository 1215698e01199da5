// SPDX-License-Identifier: GPL-2.0
/*
 * A player: segments are fetched one after the other while the buffer has room,
 * and played once there is something.
 */
#include "world.h"

#define REQUEST		400
/* so much of the first segment is a picture, and after a stall again */
#define PICTURE		(500 * MS)

/**
 * struct player - state
 * @bits: received in order
 * @resumed: when playing began, or went on after a stall
 * @offset: how much had been played then, ns
 * @playing: it does
 * @begun: it ever did
 * @fetching: a segment is under way
 */
struct player {
	u64 bits;
	u64 resumed;
	u64 offset;
	bool playing;
	bool begun;
	bool fetching;
};

static u64 segment_bytes(const struct flow *f)
{
	return mul_u64_u64_div_u64(f->conf->rate, f->conf->segment, 8 * SEC);
}

/* How much has been received, ns of video. */
static u64 loaded(const struct flow *f)
{
	const struct player *p = f->state;

	return mul_u64_u64_div_u64(p->bits, SEC, f->conf->rate);
}

static u64 played(const struct flow *f)
{
	const struct player *p = f->state;

	return p->offset + (p->playing ? flow_now(f) - p->resumed : 0);
}

static void fetch(struct flow *f)
{
	struct end *client = &f->w->end[UP];
	struct player *p = f->state;
	struct stream *st = stream_open(f, client, false);

	if (!st)
		return;
	p->fetching = true;
	st->tag = message_sent(&f->res->messages, flow_now(f),
			       segment_bytes(f));
	stream_send(st, client, REQUEST, true);
}

/* Runs out, fetches the next segment, or sets the time to look again. */
static void look(struct flow *f)
{
	struct player *p = f->state;
	u64 ahead = loaded(f) - min(played(f), loaded(f));
	u64 room = f->conf->buffer - f->conf->segment;

	if (p->playing && played(f) >= loaded(f)) {
		p->playing = false;
		p->offset = loaded(f);
		f->res->stalls++;
	}
	if (!p->fetching && ahead <= room)
		fetch(f);
	if (!p->playing)
		return;
	/* when it runs out, and when there is room again */
	flow_after(f, p->fetching ? max(ahead, 1ULL) : ahead - room);
}

static void start(struct flow *f)
{
	look(f);
}

static void read(struct flow *f, struct stream *st, struct end *at, u32 bytes,
		 bool ended)
{
	struct player *p = f->state;
	bool last;

	if (at->who == DOWN) {
		if (ended)
			stream_send(st, at, segment_bytes(f), true);
		return;
	}
	flow_count(f, bytes);
	p->bits += 8ULL * bytes;
	last = ended;
	if (last) {
		message_got(&f->res->messages, st->tag, flow_now(f), U8_MAX);
		p->fetching = false;
	}
	if (!p->playing && loaded(f) - p->offset >= PICTURE) {
		p->playing = true;
		p->resumed = flow_now(f);
		if (!p->begun)
			f->res->first_at = flow_now(f) - f->began;
		p->begun = true;
	}
	if (f->running)
		look(f);
}

const struct flow_ops app_video = {
	.state_size = sizeof(struct player),
	.start = start,
	.tick = look,
	.read = read,
};
