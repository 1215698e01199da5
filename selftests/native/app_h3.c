// SPDX-License-Identifier: GPL-2.0
/*
 * As much of HTTP/3 (RFC 9114) as a GET or a POST of text takes.
 *
 * Field sections go out as indexed and literal fields of the static table of
 * QPACK (RFC 9204).  Those that come in are not decoded: the settings allow no
 * dynamic table, requests are told apart by their body, and of a response it
 * is enough that it begins with ":status: 200" from the static table.
 */
#include <stdio.h>

#include "app.h"
#include "core/varint.h"
#include "link.h"
#include "log.h"

#define TN_H3_DATA	0x0
#define TN_H3_HEADERS	0x1
#define TN_H3_SETTINGS	0x4
#define TN_H3_CONTROL	0x0	/* stream type */
#define TN_H3_NO_ERROR	0x100

/* QPACK: indexed field of the static table, and literal with its name */
#define TN_QPACK_INDEXED	0xc0
#define TN_QPACK_LITERAL	0x50
#define TN_QPACK_AUTHORITY	0
#define TN_QPACK_PATH		1
#define TN_QPACK_GET		17
#define TN_QPACK_POST		20
#define TN_QPACK_HTTPS		23
#define TN_QPACK_200		25

static bool tn_h3_is_uni(const struct tn_stream *s)
{
	return s->id & TQUIC_STREAM_UNI;
}

static void tn_h3_literal(struct tquic_wr *wr, u8 index, const char *value)
{
	/* up to 126 bytes have a length of one byte */
	tquic_wr_u8(wr, TN_QPACK_LITERAL | index);
	tquic_wr_u8(wr, strlen(value));
	tquic_wr_bytes(wr, value, strlen(value));
}

/* A frame with a field section, and the head of the DATA frame behind it. */
static u32 tn_h3_message(u8 *out, u32 room, const u8 *fields, u32 len,
			 u64 bytes)
{
	struct tquic_wr wr = tquic_wr_init(out, room);

	tquic_wr_varint(&wr, TN_H3_HEADERS);
	tquic_wr_varint(&wr, 2 + len);
	/* no reference to a dynamic table */
	tquic_wr_u16(&wr, 0);
	tquic_wr_bytes(&wr, fields, len);
	if (bytes) {
		tquic_wr_varint(&wr, TN_H3_DATA);
		tquic_wr_varint(&wr, bytes);
	}
	return wr.ptr - out;
}

/* The control stream with empty SETTINGS: no table, no push, no extension. */
static void tn_h3_start(struct tn_app *app)
{
	static const u8 control[] = { TN_H3_CONTROL, TN_H3_SETTINGS, 0 };
	struct tn_stream *s = tn_app_open(app, true, NULL);

	if (s)
		tn_app_say(app, s, control, sizeof(control), false);
	else
		tn_note("no credit for the control stream");
}

static bool tn_h3_open(struct tn_app *app, struct tn_job *job)
{
	bool post = job->kind == TN_JOB_PUT;
	struct tquic_wr wr;
	struct tn_stream *s;
	u8 fields[128], out[160];
	char path[64];
	u32 len;

	if (job->kind != TN_JOB_GET && !post) {
		tn_app_done(app, job, false, "not to be had by HTTP/3");
		return true;
	}
	s = tn_app_open(app, false, job);
	if (!s)
		return false;
	/* gtlsserver takes a number for bytes to be made up */
	snprintf(path, sizeof(path), post ? "/1" : "/text-%llu",
		 job->bytes);
	wr = tquic_wr_init(fields, sizeof(fields));
	tquic_wr_u8(&wr, TN_QPACK_INDEXED |
		    (post ? TN_QPACK_POST : TN_QPACK_GET));
	tquic_wr_u8(&wr, TN_QPACK_INDEXED | TN_QPACK_HTTPS);
	tn_h3_literal(&wr, TN_QPACK_AUTHORITY, "localhost");
	tn_h3_literal(&wr, TN_QPACK_PATH, path);
	len = tn_h3_message(out, sizeof(out), fields, wr.ptr - fields,
			    post ? job->bytes : 0);
	tn_app_say(app, s, out, len, !post);
	if (post)
		tn_app_text(app, s, job->bytes);
	return true;
}

/* One more byte of a frame's head; true when it is complete. */
static bool tn_h3_head(struct tn_frame *f, u8 byte)
{
	struct tquic_rd rd;

	f->head[f->have++] = byte;
	rd = tquic_rd_init(f->head, f->have);
	f->type = tquic_rd_varint(&rd);
	f->left = tquic_rd_varint(&rd);
	if (rd.err)
		return false;
	f->have = 0;
	f->inside = f->left;
	return true;
}

static void tn_h3_data(struct tn_app *app, struct tn_stream *s, const u8 *data,
		       u32 len)
{
	struct tn_frame *f = &s->frame;
	u32 n;

	/* control and QPACK streams have nothing that is needed */
	if (tn_h3_is_uni(s))
		return;
	for (; len; data += n, len -= n) {
		n = 1;
		if (!f->inside) {
			tn_h3_head(f, *data);
			continue;
		}
		n = min_t(u64, len, f->left);
		if (f->type == TN_H3_DATA)
			tn_app_take(app, s, data, n);
		else if (f->type == TN_H3_HEADERS && s->line_len < 3)
			memcpy(s->line + s->line_len, data,
			       min(n, TN_APP_LINE - s->line_len));
		s->line_len = min(s->line_len + n, (u32)TN_APP_LINE);
		f->left -= n;
		f->inside = f->left;
	}
}

static void tn_h3_respond(struct tn_app *app, struct tn_stream *s)
{
	static const u8 ok[] = { TN_QPACK_INDEXED | TN_QPACK_200 };
	static const char word[] = "ok";
	bool get = !s->got;
	u8 out[64];
	u32 len;

	/* of what a client posts, nothing but the text will do */
	if (s->bad) {
		tquic_conn_reset(app->link->core, tn_app_core(app, s),
				 TN_H3_NO_ERROR);
		return;
	}
	len = tn_h3_message(out, sizeof(out), ok, sizeof(ok),
			    get ? app->config->size : sizeof(word) - 1);
	tn_app_say(app, s, out, len, false);
	if (get)
		tn_app_text(app, s, app->config->size);
	else
		tn_app_say(app, s, word, sizeof(word) - 1, true);
}

static void tn_h3_end(struct tn_app *app, struct tn_stream *s)
{
	bool ok = s->line_len > 2 &&
		  (u8)s->line[2] == (TN_QPACK_INDEXED | TN_QPACK_200);

	if (tn_h3_is_uni(s))
		return;
	if (app->link->core->server)
		tn_h3_respond(app, s);
	else if (s->job->kind == TN_JOB_GET)
		tn_app_done(app, s->job, ok && !s->bad &&
			    s->got == s->job->bytes,
			    "not the text that was asked for");
	else
		tn_app_done(app, s->job, ok, "the peer is not content");
}

static void tn_h3_reset(struct tn_app *app, struct tn_stream *s, u64 code)
{
	(void)code;
	tn_app_done(app, s->job, false, "the response was reset");
}

static void tn_h3_stopped(struct tn_app *app, struct tn_stream *s, u64 code)
{
	/* a server may answer without reading all: RFC 9114 section 4.1 */
	(void)app;
	tn_note("stream %llu stopped: %llx", s->id,
		code);
}

const struct tn_app_ops tn_h3_ops = {
	.alpn = "h3",
	.code = TN_H3_NO_ERROR,
	.start = tn_h3_start,
	.open = tn_h3_open,
	.data = tn_h3_data,
	.end = tn_h3_end,
	.reset = tn_h3_reset,
	.stopped = tn_h3_stopped,
};
