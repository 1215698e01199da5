/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happens when: a heap of events, those of the same time in the order in
 * which they were set.
 */
#ifndef _SIM_EVENT_H
#define _SIM_EVENT_H

#include "common.h"

/**
 * struct ev - something that happens once at a time
 * @fn: called when it does
 * @slot: place in the heap plus 1, 0 while not set
 */
struct ev {
	void (*fn)(struct ev *ev);
	u32 slot;
};

/**
 * struct ev_key - an event in the heap
 * @at: when
 * @serial: order among those of the same time
 * @ev: the event
 */
struct ev_key {
	u64 at;
	u64 serial;
	struct ev *ev;
};

/**
 * struct ev_queue - events to come
 * @now: present time
 * @heap: binary heap
 * @count: events in it
 * @room: size of @heap
 * @serial: number of the next
 * @done: how many happened
 */
struct ev_queue {
	u64 now;
	struct ev_key *heap;
	u32 count;
	u32 room;
	u64 serial;
	u64 done;
};

void ev_set(struct ev_queue *q, struct ev *ev, u64 at);
void ev_cancel(struct ev_queue *q, struct ev *ev);
bool ev_next(struct ev_queue *q, u64 until);
void ev_free(struct ev_queue *q);

static inline u64 ev_when(const struct ev_queue *q, const struct ev *ev)
{
	return ev->slot ? q->heap[ev->slot - 1].at : NEVER;
}

#endif /* _SIM_EVENT_H */
