// SPDX-License-Identifier: GPL-2.0
/* A stream of bytes that tell where they belong. */
#include <linux/gfp.h>
#include <linux/slab.h>

#include "test.h"

/* bytes that wait to be sent at a time */
#define ST_WMEM		0x100000

static u8 st_byte(u64 off)
{
	return (off * 2654435761ULL) >> 13;
}

static int st_write_page(struct st_end *end, struct tquic_stream *s, u32 len,
			 bool fin)
{
	struct page *page = alloc_page(GFP_KERNEL);
	u8 *p;
	u32 i;
	int err;

	if (!page)
		return -ENOMEM;
	p = page_address(page);
	for (i = 0; i < len; i++)
		p[i] = st_byte(end->sent + i);
	err = tquic_conn_write(end->sess->core, s, tquic_buf_page(page), 0,
			       len, fin, GFP_KERNEL);
	put_page(page);
	if (!err)
		end->sent += len;
	return err;
}

/**
 * st_app_write - write as much as there is room for
 * @end: client
 * @bound: how far it may write now
 * @bytes: how many there are in all
 */
void st_app_write(struct st_end *end, u64 bound, u64 bytes)
{
	struct tquic_conn *core = end->sess->core;
	struct tquic_stream *s;
	u32 len;

	if (!end->done || end->finished || end->sess->told)
		return;
	tquic_sess_lock(end->sess);
	s = tquic_streams_find(&core->streams, 0) ?:
	    tquic_conn_open(core, false, ktime_get_ns(), GFP_KERNEL);
	while (s && !end->finished && end->sent < bound &&
	       tquic_sendq_queued(&s->q) < ST_WMEM) {
		len = min_t(u64, PAGE_SIZE, bound - end->sent);
		if (st_write_page(end, s, len, end->sent + len == bytes))
			break;
		end->finished = end->sent == bytes;
	}
	tquic_sess_unlock(end->sess);
}

static void st_read_stream(struct st_end *end, struct tquic_conn *core,
			   struct tquic_stream *s)
{
	const struct tquic_reasm_seg *seg;
	u8 buf[256];
	u32 i, len;

	while (tquic_reasm_readable(&s->in)) {
		seg = tquic_reasm_peek(&s->in);
		if (!seg)
			break;
		len = min_t(u32, seg->len, sizeof(buf));
		if (tquic_buf_read(seg->handle, seg->pos, buf, len))
			end->bad++;
		for (i = 0; i < len; i++)
			end->bad += buf[i] != st_byte(end->got + i);
		end->got += len;
		tquic_conn_read(core, s, len, ktime_get_ns());
	}
	if (tquic_stream_at_end(s)) {
		tquic_conn_read(core, s, 0, ktime_get_ns());
		end->eof = true;
	}
}

/* Operation of a session: reads whatever there is. */
void st_app_read(struct tquic_sess *sess)
{
	struct tquic_conn *core = sess->core;
	struct tquic_stream *s, *next;
	struct st_end *end = sess->owner;

	list_for_each_entry_safe(s, next, &core->streams.event, event) {
		list_del_init(&s->event);
		s->news = 0;
		if (end && end->server)
			st_read_stream(end, core, s);
	}
}
