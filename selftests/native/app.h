/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a connection is used for: a client has jobs, a server does them.
 *
 * Everything that is transferred is the same text (buf.h), so whoever receives
 * it knows what it has to be.  How it is asked for is up to a protocol:
 * app_raw.c or app_h3.c.
 */
#ifndef _TQUIC_NATIVE_APP_H
#define _TQUIC_NATIVE_APP_H

#include "core/conn.h"

#define TN_JOBS_MAX	64
#define TN_APP_LINE	128
#define TN_DGRAMS_MAX	1024

struct tn_app;
struct tn_link;

enum tn_job_kind {
	TN_JOB_GET,
	TN_JOB_PUT,
	TN_JOB_RESET,
	TN_JOB_STOP,
	TN_JOB_UNI,
	TN_JOB_DGRAM,
};

/**
 * struct tn_job - something that a client wants
 * @kind: receive text; send text; be reset; be stopped; send a stream of one
 *	direction and receive one; send datagrams and get them back
 * @bytes: of text; number of datagrams
 * @code: error code expected
 * @done: it is over
 */
struct tn_job {
	enum tn_job_kind kind;
	u64 bytes;
	u64 code;
	bool done;
};

/**
 * struct tn_frame - where in an HTTP/3 frame a stream is
 * @head: bytes of type and length so far
 * @have: how many
 * @type: type of the frame in progress
 * @left: bytes of it to come
 * @inside: there is one
 * @status: what the head of the message said, 0 for anything but 200
 */
struct tn_frame {
	u8 head[16];
	u8 have;
	u64 type;
	u64 left;
	bool inside;
	u16 status;
};

/**
 * struct tn_stream - a stream in use
 * @node: place in the list of the connection's
 * @id: stream ID
 * @job: what it is for, at a client
 * @line: first line received
 * @line_len: bytes of it
 * @line_done: it is complete
 * @frame: HTTP/3
 * @got: bytes of text received
 * @bad: they were not the text
 * @left: bytes of text to be sent
 * @sent: bytes of text handed to the core
 * @arrived: bytes that the peer acknowledged
 * @fin: the stream ends behind them
 * @reset: it does so by a reset, once they have arrived
 * @reset_code: error code of that
 */
struct tn_stream {
	struct list_head node;
	u64 id;
	struct tn_job *job;
	char line[TN_APP_LINE];
	unsigned int line_len;
	bool line_done;
	struct tn_frame frame;
	u64 got;
	bool bad;
	u64 left;
	u64 sent;
	u64 arrived;
	bool fin;
	bool reset;
	u64 reset_code;
};

/**
 * struct tn_app_ops - a protocol
 * @alpn: its name
 * @code: error code for "all is well"
 * @start: the connection can be used
 * @open: a client begins a job
 * @data: bytes came
 * @end: the peer finished the stream
 * @reset: the peer reset it
 * @stopped: the peer does not want what we send
 */
struct tn_app_ops {
	const char *alpn;
	u64 code;
	void (*start)(struct tn_app *app);
	bool (*open)(struct tn_app *app, struct tn_job *job);
	void (*data)(struct tn_app *app, struct tn_stream *s, const u8 *data,
		     u32 len);
	void (*end)(struct tn_app *app, struct tn_stream *s);
	void (*reset)(struct tn_app *app, struct tn_stream *s, u64 code);
	void (*stopped)(struct tn_app *app, struct tn_stream *s, u64 code);
};

/**
 * struct tn_app_config - what an endpoint does with its connections
 * @ops: protocol
 * @jobs: a client's jobs
 * @njobs: how many
 * @size: bytes that a server answers a GET with, where the protocol's
 *	requests do not say
 */
struct tn_app_config {
	const struct tn_app_ops *ops;
	struct tn_job jobs[TN_JOBS_MAX];
	unsigned int njobs;
	u64 size;
};

/**
 * struct tn_app - the use of one connection
 * @link: connection
 * @config: what to do
 * @streams: struct tn_stream
 * @started: protocol was started
 * @opened: jobs begun
 * @done: jobs ended
 * @failed: how many of them badly
 * @received: bytes of text received
 * @bytes: and of all streams those that the peer acknowledged, on top
 * @echoed: datagrams that came back, by number
 * @nechoed: how many
 * @dgrams: datagrams received
 * @now: present time
 */
struct tn_app {
	struct tn_link *link;
	struct tn_app_config *config;
	struct list_head streams;
	bool started;
	unsigned int opened;
	unsigned int done;
	unsigned int failed;
	u64 received;
	u64 bytes;
	DECLARE_BITMAP(echoed, TN_DGRAMS_MAX);
	u64 nechoed;
	u64 dgrams;
	tquic_time_t now;
};

extern const struct tn_app_ops tn_raw_ops;
extern const struct tn_app_ops tn_h3_ops;

void tn_app_init(struct tn_app *app, struct tn_link *link,
		 struct tn_app_config *config);
void tn_app_exit(struct tn_app *app);
void tn_app_serve(struct tn_app *app, tquic_time_t now);
bool tn_app_idle(const struct tn_app *app);

/* app_dgram.c */
void tn_dgram_open(struct tn_app *app, struct tn_job *job);
void tn_dgram_serve(struct tn_app *app);

/* for protocols */
struct tn_stream *tn_app_open(struct tn_app *app, bool uni,
			      struct tn_job *job);
void tn_app_say(struct tn_app *app, struct tn_stream *s, const void *data,
		u32 len, bool fin);
void tn_app_text(struct tn_app *app, struct tn_stream *s, u64 bytes);
void tn_app_take(struct tn_app *app, struct tn_stream *s, const u8 *data,
		 u32 len);
void tn_app_done(struct tn_app *app, struct tn_job *job, bool good,
		 const char *why);
struct tquic_stream *tn_app_core(struct tn_app *app,
				 const struct tn_stream *s);

#endif /* _TQUIC_NATIVE_APP_H */
