// SPDX-License-Identifier: GPL-2.0
/*
 * Streams from the application's side: what is written is a pattern, what is
 * read is compared with it.
 */
#include "world.h"

/* bytes that wait to be sent while there are any more */
#define BACKLOG		(2 << 20)

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

static void set_class(const struct flow *f, struct end *end,
		      struct tquic_stream *s)
{
	if (f->conf->class >= 0)
		tquic_streams_set_class(&end->conn->streams, s,
					f->conf->class);
}

/* NULL while the peer allows no more. */
struct stream *stream_open(struct flow *f, struct end *end, bool uni)
{
	struct tquic_stream *s;
	struct stream *st;

	s = tquic_conn_open(end->conn, uni, end_clock(end), GFP_KERNEL);
	if (!s)
		return NULL;
	set_class(f, end, s);
	st = xalloc(sizeof(*st));
	st->id = s->id;
	st->flow = f;
	st->salt = (s->id * 977) % PATTERN;
	st->s[end->who] = s;
	INIT_LIST_HEAD(&st->hungry[UP]);
	INIT_LIST_HEAD(&st->hungry[DOWN]);
	put(table_of(f->w, s->id), st);
	return st;
}

/* This end lets go of the stream. */
static void let_go(struct stream *st, struct end *end)
{
	struct tquic_stream *s = st->s[end->who];

	st->s[end->who] = NULL;
	list_del_init(&st->hungry[end->who]);
	tquic_conn_release(end->conn, s, end_clock(end), GFP_KERNEL);
}

/* Writes until enough waits to be sent, and closes it behind the last byte. */
static void refill(struct stream *st, struct end *end)
{
	struct tquic_stream *s = st->s[end->who];
	u64 *left = &st->left[end->who];
	u32 len;

	while (*left && s->q.end - s->q.next < BACKLOG) {
		len = min_t(u64, *left, PATTERN_RUN);
		CHECK(!tquic_conn_write(end->conn, s, &pattern,
					(s->q.end + st->salt) % PATTERN, len,
					false, GFP_KERNEL));
		*left -= *left == U64_MAX ? 0 : len;
	}
	if (*left)
		return;
	list_del_init(&st->hungry[end->who]);
	if (!st->fin[end->who])
		return;
	CHECK(!tquic_conn_write(end->conn, s, NULL, 0, 0, true, GFP_KERNEL));
	if (s->recv == TQUIC_STREAM_R_NONE)
		let_go(st, end);
}

/* @bytes more, U64_MAX for no end, and then maybe nothing. */
void stream_send(struct stream *st, struct end *end, u64 bytes, bool fin)
{
	if (bytes == U64_MAX)
		st->left[end->who] = bytes;
	else
		st->left[end->who] += bytes;
	st->fin[end->who] = fin;
	if (list_empty(&st->hungry[end->who]))
		list_add_tail(&st->hungry[end->who],
			      &end->w->hungry[end->who]);
	refill(st, end);
	end_kick(end);
}

/* Gives up what it was sending. */
void stream_abort(struct stream *st, struct end *end)
{
	struct tquic_stream *s = st->s[end->who];

	list_del_init(&st->hungry[end->who]);
	st->left[end->who] = 0;
	if (!s)
		return;
	tquic_conn_reset(end->conn, s, 0);
	let_go(st, end);
}

/* Bytes were sent: backlogs may have run low. */
void streams_refill(struct world *w, struct end *end)
{
	struct stream *st, *next;

	end->payload += end->fresh;
	end->fresh = 0;
	list_for_each_entry_safe(st, next, &w->hungry[end->who],
				 hungry[end->who])
		refill(st, end);
}

static void verify(const struct stream *st, const struct tquic_stream *s,
		   const struct tquic_reasm_seg *seg, u32 len)
{
	const u8 *want = pattern.data + (s->in.read + st->salt) % PATTERN;
	const struct buf *buf = seg->handle;

	if (memcmp(buf->data + seg->pos, want, len))
		bug("stream %llu: wrong bytes at %llu", st->id, s->in.read);
}

static void end_stream(struct stream *st, struct end *end,
		       struct tquic_stream *s)
{
	if (s->recv == TQUIC_STREAM_R_DATA_READ && !st->ended[end->who]) {
		st->ended[end->who] = true;
		st->flow->ops->read(st->flow, st, end, 0, true);
	}
	if (s->recv == TQUIC_STREAM_R_RESET_RECVD) {
		tquic_stream_read_reset(s);
		st->ended[end->who] = true;
	}
	if (st->ended[end->who] && st->s[end->who] &&
	    (s->send == TQUIC_STREAM_S_NONE ||
	     (st->fin[end->who] && !st->left[end->who])))
		let_go(st, end);
}

/* Reads up to so many bytes, and leaves the stream in the list if more wait. */
static u64 read_stream(struct world *w, struct end *end,
		       struct tquic_stream *s, u64 most)
{
	struct stream *st = find(w, s->id);
	struct flow *f = st->flow;
	const struct tquic_reasm_seg *seg;
	u64 sum = 0;
	u32 len;

	if (!st->s[end->who]) {
		st->s[end->who] = s;
		set_class(f, end, s);
	}
	while (!f->conf->unread && sum < most &&
	       (seg = tquic_reasm_peek(&s->in))) {
		len = min_t(u64, seg->len, most - sum);
		CHECK(len <= PATTERN_RUN);
		verify(st, s, seg, len);
		tquic_conn_read(end->conn, s, len, end_clock(end));
		st->got[end->who] += len;
		sum += len;
		f->ops->read(f, st, end, len, false);
	}
	if (!f->conf->unread && tquic_reasm_readable(&s->in))
		return sum;
	s->news = 0;
	list_del_init(&s->event);
	end_stream(st, end, s);
	return sum;
}

/* Reads what came at an end, as fast as its host does. */
void streams_read(struct world *w, struct end *end)
{
	struct host *host = &w->host[end->who];
	struct tquic_stream *s, *next;
	u64 most, sum = 0;

	if (list_empty(&end->conn->streams.event))
		return;
	most = host_may_read(host);
	list_for_each_entry_safe(s, next, &end->conn->streams.event, event)
		if (!s->released)
			sum += read_stream(w, end, s, most - sum);
	host_did_read(host, sum, !list_empty(&end->conn->streams.event));
}

void streams_init(struct world *w)
{
	INIT_LIST_HEAD(&w->hungry[UP]);
	INIT_LIST_HEAD(&w->hungry[DOWN]);
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
