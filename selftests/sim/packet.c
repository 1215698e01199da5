// SPDX-License-Identifier: GPL-2.0
#include "packet.h"

static u8 pattern_bytes[PATTERN + PATTERN_RUN];
struct buf pattern = { .kind = BUF_PATTERN, .data = pattern_bytes };

static struct pkt *spare[2];
static u32 room = 2048;
u64 pkt_live;

void pattern_init(void)
{
	u32 i;

	for (i = 0; i < sizeof(pattern_bytes); i++)
		pattern_bytes[i] = draw(1, i % PATTERN) >> 56;
}

static void get(void *handle)
{
	struct buf *buf = handle;

	if (buf->kind != BUF_PATTERN)
		buf->refs++;
}

static void put(void *handle)
{
	buf_put(handle);
}

const struct tquic_buf_ops buf_ops = { .get = get, .put = put };

/* The largest packet that there will be; before the first one. */
void pkt_room(u32 bytes)
{
	if (bytes <= room)
		return;
	CHECK(!spare[0] && !pkt_live);
	room = bytes;
}

static struct pkt *make(bool bare)
{
	struct pkt *p = spare[bare];

	if (p)
		spare[bare] = p->next;
	else
		p = xalloc(sizeof(*p) + (bare ? 0 : room));
	p->buf = (struct buf){ .refs = 1, .kind = BUF_PACKET,
			       .data = p->bytes };
	p->bare = bare;
	p->index = 0;
	p->flow = 0;
	p->tag = 0;
	pkt_live++;
	return p;
}

struct pkt *pkt_new(void)
{
	return make(false);
}

struct pkt *pkt_new_bare(void)
{
	return make(true);
}

struct buf *buf_new(u32 len)
{
	struct buf *buf = xalloc(sizeof(*buf) + len);

	*buf = (struct buf){ .refs = 1, .kind = BUF_HEAP,
			     .data = (u8 *)(buf + 1) };
	pkt_live++;
	return buf;
}

void buf_put(struct buf *buf)
{
	struct pkt *p;

	if (buf->kind == BUF_PATTERN)
		return;
	CHECK(buf->refs);
	if (--buf->refs)
		return;
	pkt_live--;
	if (buf->kind == BUF_HEAP) {
		free(buf);
		return;
	}
	p = container_of(buf, struct pkt, buf);
	p->next = spare[p->bare];
	spare[p->bare] = p;
}
