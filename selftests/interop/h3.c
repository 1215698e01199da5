// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/tquic.h>

#include "h3.h"

#define H3_CHUNK	65536
#define H3_VECS		16

static ssize_t h3_read_body(nghttp3_conn *conn, int64_t id, nghttp3_vec *vec,
			    size_t count, uint32_t *flags, void *arg,
			    void *stream_arg)
{
	static uint8_t buf[H3_STREAMS][2][H3_CHUNK];
	struct h3_stream *s = stream_arg;
	struct h3 *h = arg;
	uint8_t *piece;
	size_t n;

	/*
	 * A piece has to stay until it is written.  The next is asked for when
	 * almost all of one is, so that two places are enough.
	 */
	piece = buf[s - h->stream][s->sent / H3_CHUNK % 2];
	n = fread(piece, 1, H3_CHUNK, s->body);
	s->sent += n;
	if (n < H3_CHUNK)
		*flags |= NGHTTP3_DATA_FLAG_EOF;
	vec->base = piece;
	vec->len = n;
	return n ? 1 : 0;
}

static int h3_on_data(nghttp3_conn *conn, int64_t id, const uint8_t *data,
		      size_t len, void *arg, void *stream_arg)
{
	struct h3 *h = arg;
	struct h3_stream *s = h3_find(h, id);

	if (!s)
		return NGHTTP3_ERR_CALLBACK_FAILURE;
	s->got += len;
	h->bytes += len;
	if (s->body && fwrite(data, 1, len, s->body) != len)
		return NGHTTP3_ERR_CALLBACK_FAILURE;
	return 0;
}

static int h3_on_header(nghttp3_conn *conn, int64_t id, int32_t token,
			nghttp3_rcbuf *name, nghttp3_rcbuf *value,
			uint8_t flags, void *arg, void *stream_arg)
{
	struct h3_stream *s = h3_find(arg, id);
	nghttp3_vec v = nghttp3_rcbuf_get_buf(value);

	if (!s)
		return NGHTTP3_ERR_CALLBACK_FAILURE;
	if (token == NGHTTP3_QPACK_TOKEN__PATH)
		snprintf(s->path, sizeof(s->path), "%.*s", (int)v.len,
			 (const char *)v.base);
	else if (token == NGHTTP3_QPACK_TOKEN__METHOD)
		snprintf(s->method, sizeof(s->method), "%.*s", (int)v.len,
			 (const char *)v.base);
	else if (token == NGHTTP3_QPACK_TOKEN__STATUS && v.len == 3)
		s->status = (v.base[0] - '0') * 100 + (v.base[1] - '0') * 10 +
			    v.base[2] - '0';
	return 0;
}

static int h3_on_end(nghttp3_conn *conn, int64_t id, void *arg,
		     void *stream_arg)
{
	struct h3 *h = arg;
	struct h3_stream *s = h3_find(h, id);

	if (!s)
		return NGHTTP3_ERR_CALLBACK_FAILURE;
	if (h->server)
		return h3_respond(h, s) ? NGHTTP3_ERR_CALLBACK_FAILURE : 0;
	s->done = true;
	h->requests++;
	return 0;
}

static const nghttp3_callbacks h3_callbacks = {
	.recv_data = h3_on_data,
	.recv_header = h3_on_header,
	.end_stream = h3_on_end,
};

struct h3_stream *h3_find(struct h3 *h, int64_t id)
{
	unsigned int i;

	for (i = 0; i < H3_STREAMS; i++)
		if (h->stream[i].fd >= 0 && h->stream[i].id == id)
			return &h->stream[i];
	return NULL;
}

static struct h3_stream *h3_adopt(struct h3 *h, int fd)
{
	struct tquic_stream_info info = {};
	socklen_t len = sizeof(info);
	struct h3_stream *s;
	unsigned int i;

	/* the first request has not come yet when a server begins */
	if ((fd != h->fd || !h->server) &&
	    getsockopt(fd, SOL_TQUIC, TQUIC_STREAM_INFO, &info,
		       &len)) {
		perror("TQUIC_STREAM_INFO");
		return NULL;
	}
	for (i = 0; i < H3_STREAMS; i++) {
		s = &h->stream[i];
		if (s->fd >= 0)
			continue;
		*s = (struct h3_stream){ .fd = fd, .id = info.id };
		s->sends = !(info.flags & TQUIC_STREAM_I_UNI) ||
			   info.flags & TQUIC_STREAM_I_LOCAL;
		s->ended = info.flags & TQUIC_STREAM_I_UNI &&
			   info.flags & TQUIC_STREAM_I_LOCAL;
		return s;
	}
	fprintf(stderr, "more than %d streams\n", H3_STREAMS);
	return NULL;
}

/* Open a stream: NULL when the kernel or the peer refuses. */
struct h3_stream *h3_new_stream(struct h3 *h, bool uni)
{
	int fd = ioctl(h->fd, TQUIC_NEW_STREAM, uni ? TQUIC_STREAM_F_UNI : 0);

	if (fd < 0) {
		perror("TQUIC_NEW_STREAM");
		return NULL;
	}
	return h3_adopt(h, fd);
}

static int h3_bind(struct h3 *h)
{
	struct h3_stream *control = h3_new_stream(h, true);
	struct h3_stream *enc = h3_new_stream(h, true);
	struct h3_stream *dec = h3_new_stream(h, true);

	if (!control || !enc || !dec)
		return -1;
	return nghttp3_conn_bind_control_stream(h->conn, control->id) ||
	       nghttp3_conn_bind_qpack_streams(h->conn, enc->id, dec->id);
}

/* Start HTTP/3 on a connection that is established. */
int h3_open(struct h3 *h, int fd, bool server)
{
	nghttp3_settings settings;
	unsigned int i;
	int err;

	h->fd = fd;
	h->server = server;
	for (i = 0; i < H3_STREAMS; i++)
		h->stream[i].fd = -1;
	nghttp3_settings_default(&settings);
	if (server)
		err = nghttp3_conn_server_new(&h->conn, &h3_callbacks,
					      &settings, NULL, h);
	else
		err = nghttp3_conn_client_new(&h->conn, &h3_callbacks,
					      &settings, NULL, h);
	if (err)
		return err;
	if (server)
		nghttp3_conn_set_max_client_streams_bidi(h->conn, H3_STREAMS);
	if (!h3_adopt(h, fd))
		return -1;
	return h3_bind(h);
}

void h3_close(struct h3 *h)
{
	unsigned int i;

	for (i = 0; i < H3_STREAMS; i++)
		if (h->stream[i].fd >= 0 && h->stream[i].fd != h->fd)
			close(h->stream[i].fd);
	nghttp3_conn_del(h->conn);
	close(h->fd);
}

static nghttp3_nv h3_nv(const char *name, const char *value)
{
	return (nghttp3_nv){
		(uint8_t *)name, (uint8_t *)value, strlen(name),
		strlen(value), NGHTTP3_NV_FLAG_NONE,
	};
}

/* Ask for a path; the body goes to a file. */
int h3_request(struct h3 *h, struct h3_stream *s, const char *host,
	       const char *path, FILE *to)
{
	nghttp3_nv nv[] = {
		h3_nv(":method", "GET"), h3_nv(":scheme", "https"),
		h3_nv(":authority", host), h3_nv(":path", path),
		h3_nv("user-agent", "tquic-h3"),
	};

	s->body = to;
	return nghttp3_conn_submit_request(h->conn, s->id, nv,
					   sizeof(nv) / sizeof(nv[0]), NULL,
					   s);
}

int h3_submit_response(struct h3 *h, struct h3_stream *s, const char *status,
		       const char *length)
{
	const nghttp3_data_reader reader = { .read_data = h3_read_body };
	nghttp3_nv nv[] = {
		h3_nv(":status", status), h3_nv("server", "tquic-h3"),
		h3_nv("content-length", length),
	};

	nghttp3_conn_set_stream_user_data(h->conn, s->id, s);
	return nghttp3_conn_submit_response(h->conn, s->id, nv,
					    sizeof(nv) / sizeof(nv[0]),
					    s->body ? &reader : NULL);
}

/* Write what HTTP/3 has for streams that take it. */
static int h3_write(struct h3 *h)
{
	struct iovec iov[H3_VECS];
	nghttp3_vec vec[H3_VECS];
	struct h3_stream *s;
	nghttp3_ssize n;
	int64_t id;
	ssize_t put;
	int i, fin;

	for (;;) {
		n = nghttp3_conn_writev_stream(h->conn, &id, &fin, vec,
					       H3_VECS);
		if (n < 0 || id < 0)
			return n;
		s = h3_find(h, id);
		if (!s)
			return -1;
		for (i = 0; i < n; i++)
			iov[i] = (struct iovec){ vec[i].base, vec[i].len };
		put = n ? writev(s->fd, iov, n) : 0;
		if (put < 0 && errno != EAGAIN)
			return -1;
		if (put < 0) {
			nghttp3_conn_block_stream(h->conn, id);
			s->blocked = true;
			continue;
		}
		nghttp3_conn_add_write_offset(h->conn, id, put);
		/* the kernel has a copy */
		nghttp3_conn_add_ack_offset(h->conn, id, put);
		if (fin && put == (ssize_t)nghttp3_vec_len(vec, n)) {
			shutdown(s->fd, SHUT_WR);
			if (h->server && s->body)
				h->requests++;
		}
	}
}

static int h3_read(struct h3 *h, struct h3_stream *s)
{
	static uint8_t buf[H3_CHUNK];
	nghttp3_ssize used;
	ssize_t n;

	for (;;) {
		n = read(s->fd, buf, sizeof(buf));
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0)
			return -1;
		used = nghttp3_conn_read_stream(h->conn, s->id, buf, n, !n);
		if (used < 0) {
			fprintf(stderr, "stream %lld: %s\n", (long long)s->id,
				nghttp3_strerror(used));
			return -1;
		}
		if (!n) {
			s->ended = true;
			return 0;
		}
	}
}

static int h3_accept(struct h3 *h)
{
	int fd;

	while ((fd = accept4(h->fd, NULL, NULL, SOCK_NONBLOCK)) >= 0)
		if (!h3_adopt(h, fd))
			return -1;
	return errno == EAGAIN ? 0 : -1;
}

/* One round: 0, or -1 when the connection has ended. */
int h3_turn(struct h3 *h, int timeout)
{
	struct pollfd fds[H3_STREAMS];
	struct h3_stream *s;
	unsigned int i;

	if (h3_write(h))
		return -1;
	for (i = 0; i < H3_STREAMS; i++) {
		s = &h->stream[i];
		fds[i] = (struct pollfd){ s->fd, 0, 0 };
		if (s->fd >= 0 && !s->ended)
			fds[i].events |= POLLIN;
		if (s->fd >= 0 && s->blocked)
			fds[i].events |= POLLOUT;
		if (s->fd == h->fd)
			fds[i].events |= POLLRDBAND;
		else if (!fds[i].events)
			fds[i].fd = -1;
	}
	if (poll(fds, H3_STREAMS, timeout) <= 0)
		return -1;
	for (i = 0; i < H3_STREAMS; i++) {
		s = &h->stream[i];
		if (fds[i].revents & POLLRDBAND && h3_accept(h))
			return -1;
		if (fds[i].revents & (POLLIN | POLLHUP | POLLERR) &&
		    !s->ended && h3_read(h, s))
			return -1;
		if (fds[i].revents & POLLOUT) {
			s->blocked = false;
			nghttp3_conn_unblock_stream(h->conn, s->id);
		}
	}
	return 0;
}
