/* SPDX-License-Identifier: GPL-2.0 */
/*
 * HTTP/3 over TQUIC sockets: libnghttp3 reads and writes frames, the kernel
 * carries streams, and this is what lies between.
 */
#ifndef _TQUIC_INTEROP_H3_H
#define _TQUIC_INTEROP_H3_H

#include <linux/types.h>
#include <nghttp3/nghttp3.h>
#include <stdbool.h>
#include <stdio.h>

#define H3_STREAMS	64
#define H3_NAME_MAX	512

/**
 * struct h3_stream - a stream of a connection
 * @fd: its socket, -1 for a free slot
 * @id: stream ID
 * @sends: may be written to
 * @blocked: the kernel takes no more at the moment
 * @ended: the peer's part was read to its end
 * @body: what is sent as body, or where to what is received goes
 * @sent: bytes of @body that were handed on
 * @got: bytes of the body that came
 * @path: what a request asked for
 * @method: how
 * @status: of a response
 * @done: nothing more is expected
 */
struct h3_stream {
	int fd;
	int64_t id;
	bool sends;
	bool blocked;
	bool ended;
	FILE *body;
	uint64_t sent;
	uint64_t got;
	char path[H3_NAME_MAX];
	char method[16];
	int status;
	bool done;
};

/**
 * struct h3 - a connection
 * @fd: connection socket, which is the first request's stream, too
 * @server: which end
 * @conn: state of HTTP/3
 * @stream: streams
 * @root: server: folder of what is served
 * @requests: requests that were answered, to their last byte
 * @bytes: of bodies, of all streams
 */
struct h3 {
	int fd;
	bool server;
	nghttp3_conn *conn;
	struct h3_stream stream[H3_STREAMS];
	const char *root;
	unsigned int requests;
	uint64_t bytes;
};

int h3_open(struct h3 *h, int fd, bool server);
void h3_close(struct h3 *h);
struct h3_stream *h3_new_stream(struct h3 *h, bool uni);
struct h3_stream *h3_find(struct h3 *h, int64_t id);
int h3_request(struct h3 *h, struct h3_stream *s, const char *host,
	       const char *path, FILE *to);
int h3_submit_response(struct h3 *h, struct h3_stream *s, const char *status,
		       const char *length);
int h3_turn(struct h3 *h, int timeout);

/* server.c */
int h3_respond(struct h3 *h, struct h3_stream *s);

#endif /* _TQUIC_INTEROP_H3_H */
