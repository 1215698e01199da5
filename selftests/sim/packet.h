/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets on their way, and the buffers that the core names by handle.
 */
#ifndef _SIM_PACKET_H
#define _SIM_PACKET_H

#include "common.h"

/* Stream bytes come from one pattern that repeats; a prime length. */
#define PATTERN		16381
/* most bytes that one piece of it has */
#define PATTERN_RUN	65536

enum buf_kind {
	BUF_PATTERN,
	BUF_HEAP,
	BUF_PACKET,
};

/**
 * struct buf - what a handle of the core points to
 * @refs: references
 * @kind: enum buf_kind
 * @data: bytes
 */
struct buf {
	u32 refs;
	u8 kind;
	u8 *data;
};

struct link;
struct sink;

/**
 * struct pkt - a packet
 * @buf: its bytes, for those of the connection
 * @next: in a queue
 * @link: which it goes by
 * @sink: who takes it at the other end
 * @at: when it reaches the end of the stage that it is in
 * @entered: when it entered the link
 * @queued: when it entered the queue that it is in
 * @due: it cannot arrive before
 * @index: number on its link
 * @tag: for whoever sent it
 * @flow: tells flows apart for fair queueing
 * @size: bytes of layer 2
 * @len: bytes in @buf
 * @port: the client's, as the server sees it
 * @ecn: mark
 * @leg: which it goes by
 * @dir: UP or DOWN
 * @stage: bottlenecks entered
 * @bare: it has no bytes
 * @bytes: the packet
 */
struct pkt {
	struct buf buf;
	struct pkt *next;
	struct link *link;
	struct sink *sink;
	u64 at;
	u64 entered;
	u64 queued;
	u64 due;
	u64 index;
	u64 tag;
	u64 flow;
	u32 size;
	u32 len;
	u16 port;
	u8 ecn;
	u8 leg;
	u8 dir;
	u8 stage;
	bool bare;
	u8 bytes[];
};

/**
 * struct sink - who takes packets
 * @take: called when one arrives; owns it then
 */
struct sink {
	void (*take)(struct sink *sink, struct pkt *p);
};

/**
 * struct pkt_list - packets in order
 * @head: first
 * @tail: last
 * @count: how many
 * @bytes: sum of their sizes
 */
struct pkt_list {
	struct pkt *head;
	struct pkt *tail;
	u32 count;
	u64 bytes;
};

extern const struct tquic_buf_ops buf_ops;
extern struct buf pattern;
extern u64 pkt_live;

void pattern_init(void);
void pkt_room(u32 bytes);
struct pkt *pkt_new(void);
struct pkt *pkt_new_bare(void);
struct buf *buf_new(u32 len);
void buf_put(struct buf *buf);

static inline void pkt_put(struct pkt *p)
{
	buf_put(&p->buf);
}

static inline void pkt_append(struct pkt_list *list, struct pkt *p)
{
	p->next = NULL;
	if (list->tail)
		list->tail->next = p;
	else
		list->head = p;
	list->tail = p;
	list->count++;
	list->bytes += p->size;
}

static inline struct pkt *pkt_take(struct pkt_list *list)
{
	struct pkt *p = list->head;

	if (!p)
		return NULL;
	list->head = p->next;
	if (!list->head)
		list->tail = NULL;
	list->count--;
	list->bytes -= p->size;
	return p;
}

static inline void pkt_purge(struct pkt_list *list)
{
	struct pkt *p;

	while ((p = pkt_take(list)))
		pkt_put(p);
}

#endif /* _SIM_PACKET_H */
