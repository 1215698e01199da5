// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "app.h"
#include "buf.h"
#include "link.h"
#include "log.h"

/* bytes of a stream that wait in the core's send queue */
#define TN_APP_QUEUE	BIT(20)

void tn_app_init(struct tn_app *app, struct tn_link *link,
		 struct tn_app_config *config)
{
	*app = (struct tn_app){ .link = link, .config = config };
	INIT_LIST_HEAD(&app->streams);
}

void tn_app_exit(struct tn_app *app)
{
	struct tn_stream *s, *next;

	list_for_each_entry_safe(s, next, &app->streams, node)
		free(s);
}

static struct tn_stream *tn_app_add(struct tn_app *app, u64 id,
				    struct tn_job *job)
{
	struct tn_stream *s = calloc(1, sizeof(*s));

	if (!s)
		tn_die("out of memory");
	s->id = id;
	s->job = job;
	list_add_tail(&s->node, &app->streams);
	return s;
}

static struct tn_stream *tn_app_find(struct tn_app *app, u64 id)
{
	struct tn_stream *s;

	list_for_each_entry(s, &app->streams, node)
		if (s->id == id)
			return s;
	return NULL;
}

/* The core's side of a stream; NULL once it is gone. */
struct tquic_stream *tn_app_core(struct tn_app *app, const struct tn_stream *s)
{
	return tquic_streams_find(&app->link->core->streams, s->id);
}

/* A stream of ours; NULL while the peer allows none. */
struct tn_stream *tn_app_open(struct tn_app *app, bool uni, struct tn_job *job)
{
	struct tquic_stream *core = tquic_conn_open(app->link->core, uni,
						    app->now, GFP_KERNEL);

	return core ? tn_app_add(app, core->id, job) : NULL;
}

/* Sends bytes other than text. */
void tn_app_say(struct tn_app *app, struct tn_stream *s, const void *data,
		u32 len, bool fin)
{
	struct tquic_stream *core = tn_app_core(app, s);
	struct tn_buf *buf = tn_buf_new(data, len);
	int err = -EPIPE;

	if (core)
		err = tquic_conn_write(app->link->core, core, buf, 0, len, fin,
				       GFP_KERNEL);
	if (err)
		tn_note("stream %llu: write: %s", s->id,
			strerror(-err));
	tn_buf_put(buf);
}

/* Sends text, as it can be sent, and ends the stream behind it. */
void tn_app_text(struct tn_app *app, struct tn_stream *s, u64 bytes)
{
	s->left = bytes;
	s->fin = true;
	(void)app;
}

/* Compares what came with the text. */
void tn_app_take(struct tn_app *app, struct tn_stream *s, const u8 *data,
		 u32 len)
{
	s->bad |= !tn_text_is(s->got, data, len);
	s->got += len;
	app->received += len;
	app->bytes += len;
}

/* A job has ended. */
void tn_app_done(struct tn_app *app, struct tn_job *job, bool good,
		 const char *why)
{
	if (!job || job->done)
		return;
	job->done = true;
	app->done++;
	app->failed += !good;
	if (!good)
		tn_say("job %td failed: %s", job - app->config->jobs, why);
	else
		tn_note("job %td done", job - app->config->jobs);
}

/* Nothing more to be read or written: let the core have it back. */
static void tn_app_retire(struct tn_app *app, struct tn_stream *s,
			  struct tquic_stream *core)
{
	bool sends = core->send == TQUIC_STREAM_S_READY ||
		     core->send == TQUIC_STREAM_S_SEND ||
		     core->send == TQUIC_STREAM_S_DATA_SENT;
	bool reads = core->recv == TQUIC_STREAM_R_RECV ||
		     core->recv == TQUIC_STREAM_R_SIZE_KNOWN ||
		     core->recv == TQUIC_STREAM_R_DATA_RECVD;

	if (sends || reads)
		return;
	list_del(&s->node);
	free(s);
	tquic_conn_release(app->link->core, core, app->now, GFP_KERNEL);
}

static void tn_app_refill(struct tn_app *app, struct tn_stream *s,
			  struct tquic_stream *core)
{
	struct tn_buf *buf;
	u32 pos, len;

	app->bytes += core->q.start - s->arrived;
	s->arrived = core->q.start;
	while (s->fin && tquic_sendq_queued(&core->q) < TN_APP_QUEUE) {
		if (s->reset && !s->left) {
			if (!tquic_sendq_done(&core->q))
				return;
			s->fin = false;
			tquic_conn_reset(app->link->core, core, s->reset_code);
			return;
		}
		len = min_t(u64, s->left, U32_MAX);
		buf = tn_text_at(s->sent, &pos, &len);
		s->fin = s->left > len || s->reset;
		if (tquic_conn_write(app->link->core, core, buf, pos, len,
				     !s->fin, GFP_KERNEL)) {
			s->fin = false;
			return;
		}
		s->left -= len;
		s->sent += len;
	}
}

/* Hands a stream's data to the protocol. */
static void tn_app_read(struct tn_app *app, struct tn_stream *s,
			struct tquic_stream *core)
{
	const struct tquic_reasm_seg *seg;
	struct tn_buf *buf;
	u32 pos, len;

	if (core->recv == TQUIC_STREAM_R_RESET_RECVD) {
		tquic_stream_read_reset(core);
		app->config->ops->reset(app, s, core->peer_code);
		return;
	}
	/* read before it is used, since its use may be to stop the stream */
	while ((seg = tquic_reasm_peek(&core->in))) {
		buf = seg->handle;
		pos = seg->pos;
		len = seg->len;
		tn_buf_ops.get(buf);
		tquic_conn_read(app->link->core, core, len, app->now);
		app->config->ops->data(app, s, buf->data + pos, len);
		tn_buf_put(buf);
	}
	tquic_conn_read(app->link->core, core, 0, app->now);
	if (core->recv == TQUIC_STREAM_R_DATA_READ)
		app->config->ops->end(app, s);
}

static void tn_app_news(struct tn_app *app, struct tquic_stream *core)
{
	unsigned int news = core->news;
	struct tn_stream *s;

	core->news = 0;
	list_del_init(&core->event);
	s = tn_app_find(app, core->id);
	if (!s)
		s = tn_app_add(app, core->id, NULL);
	if (news & TQUIC_STREAM_N_STOPPED) {
		s->fin = false;
		app->config->ops->stopped(app, s, core->reset_code);
	}
	if (news & TQUIC_STREAM_N_READABLE)
		tn_app_read(app, s, core);
}

static void tn_app_jobs(struct tn_app *app)
{
	struct tn_app_config *config = app->config;

	struct tn_job *job;

	for (; app->opened < config->njobs; app->opened++) {
		job = &config->jobs[app->opened];
		if (job->kind == TN_JOB_DGRAM)
			tn_dgram_open(app, job);
		else if (!config->ops->open(app, job))
			return;
	}
}

/**
 * tn_app_serve - do whatever can be done
 * @app: application
 * @now: present time
 */
void tn_app_serve(struct tn_app *app, tquic_time_t now)
{
	struct tquic_conn *core = app->link->core;
	struct tquic_stream *stream, *tmp;
	struct tn_stream *s, *next;

	app->now = now;
	/* what the peer allows has to be known, or remembered */
	if (core->state > TQUIC_CONN_ESTABLISHED ||
	    !(core->tx_keys & (BIT(TQUIC_PKT_0RTT) | BIT(TQUIC_PKT_1RTT))) ||
	    !(core->have_theirs || core->early_data == TQUIC_EARLY_OFFERED))
		return;
	if (!app->started) {
		app->started = true;
		app->config->ops->start(app);
	}
	list_for_each_entry_safe(stream, tmp, &core->streams.event, event)
		if (!stream->released)
			tn_app_news(app, stream);
	tn_app_jobs(app);
	tn_dgram_serve(app);
	list_for_each_entry_safe(s, next, &app->streams, node) {
		stream = tn_app_core(app, s);
		tn_app_refill(app, s, stream);
		tn_app_retire(app, s, stream);
	}
}

/* A client has nothing left to do. */
bool tn_app_idle(const struct tn_app *app)
{
	return app->started && app->done == app->config->njobs;
}
