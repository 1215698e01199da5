// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams: a client numbers them and waits until all have come back.
 */
#include <stdio.h>
#include <stdlib.h>

#include "app.h"
#include "buf.h"
#include "link.h"
#include "log.h"

static int tn_dgram_send(struct tn_app *app, struct tn_buf *buf, u32 pos,
			 u32 len)
{
	struct tquic_dgram_req req = {
		.handle = buf,
		.pos = pos,
		.len = len,
		.deadline = TQUIC_TIME_NEVER,
	};

	return tquic_conn_dgram_send(app->link->core, NULL,
				     TQUIC_STREAM_INTERACTIVE, &req, app->now,
				     GFP_KERNEL);
}

/* A client begins: all of them wait in the core's queue. */
void tn_dgram_open(struct tn_app *app, struct tn_job *job)
{
	struct tn_buf *buf;
	char text[32];
	u64 i;
	int n, err = 0;

	for (i = 0; i < job->bytes && !err; i++) {
		n = snprintf(text, sizeof(text), "datagram %llu", i);
		buf = tn_buf_new(text, n);
		err = tn_dgram_send(app, buf, 0, n);
		tn_buf_put(buf);
	}
	if (err)
		tn_app_done(app, job, false, strerror(-err));
}

/* One came back. */
static void tn_dgram_count(struct tn_app *app, const u8 *data, u32 len)
{
	char text[32] = "";
	struct tn_job *job;
	unsigned int i;
	u64 n;

	memcpy(text, data, min_t(u32, len, sizeof(text) - 1));
	if (sscanf(text, "datagram %llu", &n) != 1 || n >= TN_DGRAMS_MAX)
		return;
	if (!test_bit(n, app->echoed))
		app->nechoed++;
	__set_bit(n, app->echoed);
	for (i = 0; i < app->opened; i++) {
		job = &app->config->jobs[i];
		if (job->kind == TN_JOB_DGRAM && app->nechoed == job->bytes)
			tn_app_done(app, job, true, NULL);
	}
}

/* A server sends back what comes. */
void tn_dgram_serve(struct tn_app *app)
{
	struct tquic_dgram_in in;
	struct tn_buf *buf;

	while (tquic_conn_dgram_next(app->link->core, &in)) {
		buf = in.handle;
		app->dgrams++;
		if (app->link->core->server)
			tn_dgram_send(app, buf, in.pos, in.len);
		else
			tn_dgram_count(app, buf->data + in.pos, in.len);
		tn_buf_put(buf);
	}
}
