// SPDX-License-Identifier: GPL-2.0
/*
 * "tquic-test": a line of text says what the other side is to do with the
 * stream.
 *
 *   get N		send N bytes of the text
 *   put N		there are N bytes of it behind the line; says "ok"
 *   reset N CODE	send N bytes, then reset the stream with that code
 *   stop CODE		ask with that code that the sender stops; says "ok" once
 *			it did, with the same code
 *   uni N		on a stream of one direction: answer by another one with
 *			N bytes
 */
#include <stdio.h>

#include "app.h"
#include "link.h"
#include "log.h"

static void tn_raw_start(struct tn_app *app)
{
	(void)app;
}

static bool tn_raw_open(struct tn_app *app, struct tn_job *job)
{
	static const char *const words[] = {
		[TN_JOB_GET] = "get", [TN_JOB_PUT] = "put",
		[TN_JOB_RESET] = "reset", [TN_JOB_STOP] = "stop",
		[TN_JOB_UNI] = "uni",
	};
	bool text = job->kind == TN_JOB_PUT || job->kind == TN_JOB_STOP;
	struct tn_stream *s;
	char line[64];
	int n;

	s = tn_app_open(app, job->kind == TN_JOB_UNI, job);
	if (!s)
		return false;
	n = snprintf(line, sizeof(line), "%s ", words[job->kind]);
	if (job->kind != TN_JOB_STOP)
		n += snprintf(line + n, sizeof(line) - n, "%llu ",
			      job->bytes);
	if (job->kind == TN_JOB_RESET || job->kind == TN_JOB_STOP)
		n += snprintf(line + n, sizeof(line) - n, "%llu ",
			      job->code);
	line[n - 1] = '\n';
	tn_app_say(app, s, line, n, !text);
	if (text)
		tn_app_text(app, s, job->kind == TN_JOB_PUT ? job->bytes :
							      U64_MAX);
	return true;
}

static void tn_raw_answer(struct tn_app *app, struct tn_stream *s, bool good)
{
	const char *word = good ? "ok\n" : "bad\n";

	tn_app_say(app, s, word, strlen(word), true);
}

/* A stream of one direction asks for another. */
static void tn_raw_uni(struct tn_app *app, u64 bytes)
{
	struct tn_stream *s = tn_app_open(app, true, NULL);

	if (s)
		tn_app_text(app, s, bytes);
	else
		tn_note("no credit for a stream of one direction");
}

/* A server was told what to do. */
static void tn_raw_command(struct tn_app *app, struct tn_stream *s)
{
	struct tquic_stream *core = tn_app_core(app, s);
	unsigned long long n = 0, code = 0;

	tn_note("stream %llu: %s", s->id, s->line);
	if (sscanf(s->line, "get %llu", &n) == 1) {
		tn_app_text(app, s, n);
	} else if (sscanf(s->line, "reset %llu %llu", &n, &code) == 2) {
		s->reset = true;
		s->reset_code = code;
		tn_app_text(app, s, n);
	} else if (sscanf(s->line, "stop %llu", &code) == 1) {
		/* the rest is not read, but its end is waited for */
		tquic_conn_stop(app->link->core, core, code, app->now);
	} else if (sscanf(s->line, "uni %llu", &n) == 1) {
		tn_raw_uni(app, n);
	} else if (sscanf(s->line, "put %llu", &n) != 1) {
		tn_raw_answer(app, s, false);
	}
}

static void tn_raw_data(struct tn_app *app, struct tn_stream *s, const u8 *data,
			u32 len)
{
	/* what a server sends on its own has no line */
	bool text = !app->link->core->server &&
		    (!s->job || s->job->kind == TN_JOB_GET ||
		     s->job->kind == TN_JOB_RESET);

	for (; len && !text && !s->line_done; data++, len--) {
		if (*data != '\n') {
			if (s->line_len < TN_APP_LINE - 1)
				s->line[s->line_len++] = *data;
			continue;
		}
		s->line_done = true;
		if (app->link->core->server)
			tn_raw_command(app, s);
	}
	if (len)
		tn_app_take(app, s, data, len);
}

static struct tn_job *tn_raw_uni_job(struct tn_app *app)
{
	unsigned int i;

	for (i = 0; i < app->opened; i++)
		if (app->config->jobs[i].kind == TN_JOB_UNI &&
		    !app->config->jobs[i].done)
			return &app->config->jobs[i];
	return NULL;
}

static void tn_raw_end(struct tn_app *app, struct tn_stream *s)
{
	unsigned long long n;
	struct tn_job *job;

	if (app->link->core->server) {
		if (sscanf(s->line, "put %llu", &n) == 1)
			tn_raw_answer(app, s, !s->bad && s->got == n);
		return;
	}
	job = s->job ?: tn_raw_uni_job(app);
	if (!job)
		return;
	switch (job->kind) {
	case TN_JOB_GET:
	case TN_JOB_UNI:
		tn_app_done(app, job, !s->bad && s->got == job->bytes,
			    "not the text that was asked for");
		break;
	case TN_JOB_PUT:
	case TN_JOB_STOP:
		tn_app_done(app, job, !strcmp(s->line, "ok"),
			    "the peer is not content");
		break;
	default:
		tn_app_done(app, job, false, "the stream was not reset");
		break;
	}
}

static void tn_raw_reset(struct tn_app *app, struct tn_stream *s, u64 code)
{
	unsigned long long stop;

	if (app->link->core->server) {
		if (sscanf(s->line, "stop %llu", &stop) == 1)
			tn_raw_answer(app, s, code == stop);
		return;
	}
	tn_app_done(app, s->job, s->job && s->job->kind == TN_JOB_RESET &&
		    s->job->code == code, "reset");
}

static void tn_raw_stopped(struct tn_app *app, struct tn_stream *s, u64 code)
{
	if (s->job && (s->job->kind != TN_JOB_STOP || s->job->code != code))
		tn_app_done(app, s->job, false, "stopped");
}

const struct tn_app_ops tn_raw_ops = {
	.alpn = "tquic-test",
	.start = tn_raw_start,
	.open = tn_raw_open,
	.data = tn_raw_data,
	.end = tn_raw_end,
	.reset = tn_raw_reset,
	.stopped = tn_raw_stopped,
};
