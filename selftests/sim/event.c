// SPDX-License-Identifier: GPL-2.0
#include "event.h"

static bool before(const struct ev_key *a, const struct ev_key *b)
{
	return a->at != b->at ? a->at < b->at : a->serial < b->serial;
}

static void place(struct ev_queue *q, u32 i, const struct ev_key *key)
{
	q->heap[i] = *key;
	key->ev->slot = i + 1;
}

static void sift_up(struct ev_queue *q, u32 i, const struct ev_key *key)
{
	u32 parent;

	while (i) {
		parent = (i - 1) / 2;
		if (!before(key, &q->heap[parent]))
			break;
		place(q, i, &q->heap[parent]);
		i = parent;
	}
	place(q, i, key);
}

static void sift_down(struct ev_queue *q, u32 i, const struct ev_key *key)
{
	u32 child;

	while ((child = 2 * i + 1) < q->count) {
		if (child + 1 < q->count &&
		    before(&q->heap[child + 1], &q->heap[child]))
			child++;
		if (!before(&q->heap[child], key))
			break;
		place(q, i, &q->heap[child]);
		i = child;
	}
	place(q, i, key);
}

static void settle(struct ev_queue *q, u32 i, const struct ev_key *key)
{
	if (i && before(key, &q->heap[(i - 1) / 2]))
		sift_up(q, i, key);
	else
		sift_down(q, i, key);
}

/* Sets or moves an event; NEVER takes it back. */
void ev_set(struct ev_queue *q, struct ev *ev, u64 at)
{
	struct ev_key key = { .at = at, .serial = q->serial++, .ev = ev };

	if (at == NEVER) {
		ev_cancel(q, ev);
		return;
	}
	CHECK(at >= q->now);
	if (ev->slot) {
		settle(q, ev->slot - 1, &key);
		return;
	}
	if (q->count == q->room) {
		q->room = q->room ? 2 * q->room : 64;
		q->heap = xgrow(q->heap, q->room * sizeof(*q->heap));
	}
	sift_up(q, q->count++, &key);
}

void ev_cancel(struct ev_queue *q, struct ev *ev)
{
	u32 i = ev->slot;
	struct ev_key last;

	if (!i)
		return;
	ev->slot = 0;
	last = q->heap[--q->count];
	if (i - 1 < q->count)
		settle(q, i - 1, &last);
}

/* Lets the next event happen; false when there is none up to @until. */
bool ev_next(struct ev_queue *q, u64 until)
{
	struct ev *ev;

	if (!q->count || q->heap[0].at > until) {
		q->now = max(q->now, until);
		return false;
	}
	ev = q->heap[0].ev;
	q->now = q->heap[0].at;
	q->done++;
	ev_cancel(q, ev);
	ev->fn(ev);
	return true;
}

void ev_free(struct ev_queue *q)
{
	free(q->heap);
	*q = (struct ev_queue){};
}
