// SPDX-License-Identifier: GPL-2.0
/*
 * Streams from the application's side: what is written is a pattern, what is
 * read is compared with it.
 */
#include "world.h"

static struct stream_table *table_of(struct world *w, u64 id)
{
	return &w->streams[!!(id & TQUIC_STREAM_SERVER)]
			  [!!(id & TQUIC_STREAM_UNI)];
}

static void put(struct stream_table *t, struct stream *st)
{
	u64 i = st->id >> 2;

	if (i >= t->room) {
		t->room = max(2 * t->room, 64U);
		t->stream = xgrow(t->stream, t->room * sizeof(*t->stream));
	}
	CHECK(i == t->count);
	t->stream[t->count++] = st;
}

static struct stream *find(struct world *w, u64 id)
{
	struct stream_table *t = table_of(w, id);

	CHECK(id >> 2 < t->count);
	return t->stream[id >> 2];
}

/* NULL while the peer allows no more. */
struct stream *stream_open(struct flow *f, struct end *end, bool uni)
{
	struct tquic_stream *s;
	struct stream *st;

	s = tquic_conn_open(end->conn, uni, end_clock(end), GFP_KERNEL);
	if (!s)
		return NULL;
	if (f->conf->class >= 0)
		tquic_streams_set_class(&end->conn->streams, s,
					f->conf->class);
	st = xalloc(sizeof(*st));
	st->id = s->id;
	st->flow = f;
	st->salt = (s->id * 977) % PATTERN;
	st->s[end->who] = s;
	put(table_of(f->w, s->id), st);
	return st;
}

/*
 * Writes until @most bytes wait to be sent or @bytes are used up, and closes
 * the stream when its end is reached; answers whether it was.
 */
bool stream_write(struct stream *st, struct end *end, u64 most, u64 *bytes)
{
	struct tquic_stream *s = st->s[end->who];
	u32 len;

	while (*bytes && s->q.end - s->q.next < most) {
		len = min_t(u64, *bytes, PATTERN_RUN);
		CHECK(!tquic_conn_write(end->conn, s, &pattern,
					(s->q.end + st->salt) % PATTERN, len,
					false, GFP_KERNEL));
		*bytes -= len;
	}
	return !*bytes;
}

void stream_close(struct stream *st, struct end *end)
{
	CHECK(!tquic_conn_write(end->conn, st->s[end->who], NULL, 0, 0, true,
				GFP_KERNEL));
}

/* This end lets go of the stream. */
static void let_go(struct stream *st, struct end *end)
{
	struct tquic_stream *s = st->s[end->who];

	st->s[end->who] = NULL;
	tquic_conn_release(end->conn, s, end_clock(end), GFP_KERNEL);
}

static void verify(const struct stream *st, const struct tquic_stream *s,
		   const struct tquic_reasm_seg *seg, u32 len)
{
	const u8 *want = pattern.data + (s->in.read + st->salt) % PATTERN;
	const struct buf *buf = seg->handle;

	if (memcmp(buf->data + seg->pos, want, len))
		bug("stream %llu: wrong bytes at %llu", st->id, s->in.read);
}

static void read_stream(struct world *w, struct end *end,
			struct tquic_stream *s)
{
	struct stream *st = find(w, s->id);
	const struct tquic_reasm_seg *seg;
	bool ended;
	u32 len;

	st->s[end->who] = s;
	while ((seg = tquic_reasm_peek(&s->in))) {
		len = seg->len;
		CHECK(len <= PATTERN_RUN);
		verify(st, s, seg, len);
		tquic_conn_read(end->conn, s, len, end_clock(end));
		st->got[end->who] += len;
		st->flow->ops->read(st->flow, st, end, len, false);
	}
	s->news = 0;
	list_del_init(&s->event);
	ended = s->recv == TQUIC_STREAM_R_DATA_READ && !st->ended[end->who];
	if (ended) {
		st->ended[end->who] = true;
		st->flow->ops->read(st->flow, st, end, 0, true);
	}
	if (st->ended[end->who] && s->send != TQUIC_STREAM_S_READY &&
	    s->send != TQUIC_STREAM_S_SEND)
		let_go(st, end);
}

/* Reads what came at an end. */
void flows_read(struct world *w, struct end *end)
{
	struct tquic_stream *s, *next;

	list_for_each_entry_safe(s, next, &end->conn->streams.event, event)
		if (!s->released)
			read_stream(w, end, s);
}

void streams_free(struct world *w)
{
	struct stream_table *t;
	u32 i, j;

	for (i = 0; i < 4; i++) {
		t = &w->streams[i / 2][i % 2];
		for (j = 0; j < t->count; j++)
			free(t->stream[j]);
		free(t->stream);
	}
}
