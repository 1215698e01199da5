// SPDX-License-Identifier: GPL-2.0
/*
 * An agent that answers every handshake at once, without TLS: for tests of
 * thousands of connections.  Both ends have to be served by one of these.
 * Nothing is secret, nobody is refused.
 *
 * Where TLS would have messages there is one record per flight: length, ALPN,
 * transport parameters.
 *
 *   client                          server
 *   INITIAL: record       --->
 *                         <---      INITIAL: empty record
 *                                   HANDSHAKE: record
 *   HANDSHAKE: empty record --->
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "genl.h"
#include "tls.h"

#define FAKE_SUITE	0x1301
#define FAKE_SECRET	32
#define FAKE_ROOM	8192
#define FAKE_EVENTS	256

/**
 * struct fake_hs - a handshake
 * @fd: its file
 * @server: which end
 * @request: what the kernel wants
 * @in: bytes of the record of a level that has not come as a whole
 * @in_len: how many
 * @out: messages to the kernel
 * @out_len: bytes of these
 */
struct fake_hs {
	int fd;
	bool server;
	struct th_request request;
	unsigned char in[4][FAKE_ROOM];
	size_t in_len[4];
	unsigned char out[FAKE_ROOM];
	size_t out_len;
};

static void fake_put(struct fake_hs *hs, enum tquic_hs_type type,
		     enum tquic_hs_level level, const void *data, size_t len)
{
	struct tquic_hs_msg msg = { .type = type, .level = level, .len = len };

	if (sizeof(hs->out) - hs->out_len < sizeof(msg) + len) {
		fprintf(stderr, "fake-agent: no room\n");
		exit(1);
	}
	memcpy(hs->out + hs->out_len, &msg, sizeof(msg));
	if (len)
		memcpy(hs->out + hs->out_len + sizeof(msg), data, len);
	hs->out_len += sizeof(msg) + len;
}

static bool fake_flush(struct fake_hs *hs)
{
	ssize_t len = hs->out_len;

	hs->out_len = 0;
	return !len || write(hs->fd, hs->out, len) == len;
}

/* What the client seals with, the server opens with. */
static void fake_secret(struct fake_hs *hs, enum tquic_hs_level level,
			enum tquic_hs_dir dir)
{
	struct tquic_hs_secret secret = {
		.suite = FAKE_SUITE,
		.dir = dir,
		.len = FAKE_SECRET,
	};
	bool client = hs->server == (dir == TQUIC_HS_RX);

	memset(secret.secret, 16 * level + client, FAKE_SECRET);
	fake_put(hs, TQUIC_HS_SECRET, level, &secret, sizeof(secret));
}

static void fake_secrets(struct fake_hs *hs, enum tquic_hs_level level)
{
	fake_secret(hs, level, TQUIC_HS_RX);
	fake_secret(hs, level, TQUIC_HS_TX);
}

static void fake_empty(struct fake_hs *hs, enum tquic_hs_level level)
{
	static const __u16 nothing;

	fake_put(hs, TQUIC_HS_CRYPTO, level, &nothing, sizeof(nothing));
}

/* Our record: u16 length of the rest, u8 length of ALPN, ALPN, parameters. */
static bool fake_record(struct fake_hs *hs, enum tquic_hs_level level,
			const unsigned char *alpn)
{
	unsigned char record[FAKE_ROOM / 2];
	struct tquic_hs_tparams tp = {};
	size_t at = 3 + alpn[0];
	__u16 len;

	memcpy(record + 2, alpn, 1 + alpn[0]);
	tp.buf = (__u64)(unsigned long)(record + at);
	tp.len = sizeof(record) - at;
	if (ioctl(hs->fd, TQUIC_HS_GET_TPARAMS, &tp))
		return false;
	len = at + tp.len - sizeof(len);
	memcpy(record, &len, sizeof(len));
	fake_put(hs, TQUIC_HS_CRYPTO, level, record, at + tp.len);
	return true;
}

static void fake_finish(struct fake_hs *hs, const unsigned char *alpn)
{
	static const char name[] = "fake";

	fake_put(hs, TQUIC_HS_ALPN, TQUIC_HS_APPLICATION, alpn + 1, alpn[0]);
	fake_put(hs, TQUIC_HS_IDENTITY, TQUIC_HS_APPLICATION, name,
		 strlen(name));
	fake_put(hs, TQUIC_HS_FINISHED, TQUIC_HS_APPLICATION, NULL, 0);
}

/* A record has come; false when there is nothing more to be done. */
static bool fake_server(struct fake_hs *hs, enum tquic_hs_level level,
			const unsigned char *alpn, size_t len)
{
	if (level == TQUIC_HS_HANDSHAKE) {
		fake_finish(hs, hs->request.alpn);
		fake_flush(hs);
		return false;
	}
	if (!len)
		return false;
	memcpy(hs->request.alpn, alpn, 1 + alpn[0]);
	fake_put(hs, TQUIC_HS_TPARAMS, TQUIC_HS_INITIAL, alpn + 1 + alpn[0],
		 len - 1 - alpn[0]);
	if (!fake_flush(hs))
		return false;
	fake_empty(hs, TQUIC_HS_INITIAL);
	fake_secrets(hs, TQUIC_HS_HANDSHAKE);
	if (!fake_record(hs, TQUIC_HS_HANDSHAKE, alpn))
		return false;
	fake_secrets(hs, TQUIC_HS_APPLICATION);
	return fake_flush(hs);
}

static bool fake_client(struct fake_hs *hs, enum tquic_hs_level level,
			const unsigned char *alpn, size_t len)
{
	static const __u8 rejected;

	if (level == TQUIC_HS_INITIAL) {
		fake_secrets(hs, TQUIC_HS_HANDSHAKE);
		return fake_flush(hs);
	}
	if (!len)
		return false;
	fake_put(hs, TQUIC_HS_EARLY_RESULT, TQUIC_HS_INITIAL, &rejected, 1);
	fake_put(hs, TQUIC_HS_TPARAMS, TQUIC_HS_INITIAL, alpn + 1 + alpn[0],
		 len - 1 - alpn[0]);
	fake_empty(hs, TQUIC_HS_HANDSHAKE);
	fake_secrets(hs, TQUIC_HS_APPLICATION);
	fake_finish(hs, alpn);
	fake_flush(hs);
	return false;
}

/* Bytes of CRYPTO frames; false when there is nothing more to be done. */
static bool fake_hear(struct fake_hs *hs, enum tquic_hs_level level,
		      const void *data, size_t len)
{
	unsigned char *in = hs->in[level];
	__u16 size;

	if (len > FAKE_ROOM - hs->in_len[level])
		return false;
	memcpy(in + hs->in_len[level], data, len);
	hs->in_len[level] += len;
	if (hs->in_len[level] < sizeof(size))
		return true;
	memcpy(&size, in, sizeof(size));
	if (hs->in_len[level] < sizeof(size) + size)
		return true;
	/* who sends a record with a wrong length in it is no test of ours */
	if (size && size < 1 + in[2])
		return false;
	return hs->server ? fake_server(hs, level, in + 2, size) :
			    fake_client(hs, level, in + 2, size);
}

static bool fake_readable(struct fake_hs *hs)
{
	unsigned char buf[FAKE_ROOM];
	struct tquic_hs_msg msg;
	ssize_t n;

	for (;;) {
		n = read(hs->fd, buf, sizeof(buf));
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n < (ssize_t)sizeof(msg))
			return false;
		memcpy(&msg, buf, sizeof(msg));
		if (msg.type == TQUIC_HS_CRYPTO &&
		    !fake_hear(hs, msg.level, buf + sizeof(msg), msg.len))
			return false;
	}
}

static void fake_free(struct fake_hs *hs)
{
	close(hs->fd);
	free(hs);
}

/*
 * A client whose identity is "alert N" has its handshake ended by that alert,
 * one with "gone" is left alone; false for others.
 */
static bool fake_refuses(struct fake_hs *hs)
{
	int alert;

	if (hs->server)
		return false;
	if (!strcmp(hs->request.identity, "gone"))
		return true;
	if (sscanf(hs->request.identity, "alert %d", &alert) != 1)
		return false;
	fake_put(hs, TQUIC_HS_ALERT, TQUIC_HS_INITIAL,
		 (unsigned char[]){ alert }, 1);
	fake_flush(hs);
	return true;
}

static void fake_begin(int epoll, const struct th_request *request)
{
	struct fake_hs *hs = calloc(1, sizeof(*hs));
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = hs };

	if (!hs)
		exit(1);
	hs->fd = request->fd;
	hs->server = request->server;
	hs->request = *request;
	if (fake_refuses(hs) ||
	    (!hs->server &&
	     (!fake_record(hs, TQUIC_HS_INITIAL, request->alpn) ||
	      !fake_flush(hs))) ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, hs->fd, &event)) {
		fake_free(hs);
	}
}

static void fake_accept(struct th_genl *genl, int epoll)
{
	struct th_request request;

	th_genl_drain(genl);
	while (!th_genl_accept(genl, &request))
		fake_begin(epoll, &request);
}

static void fake_loop(struct th_genl *genl, int epoll)
{
	struct epoll_event events[FAKE_EVENTS];
	int i, n;

	for (;;) {
		fake_accept(genl, epoll);
		n = epoll_wait(epoll, events, FAKE_EVENTS, -1);
		for (i = 0; i < n; i++) {
			struct fake_hs *hs = events[i].data.ptr;

			if (hs && !fake_readable(hs))
				fake_free(hs);
		}
	}
}

int main(int argc, char **argv)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct th_genl genl;
	struct rlimit limit;
	int err;

	if (argc > 1) {
		fprintf(stderr, "usage: %s\n"
			"Answers every handshake of this network namespace,\n"
			"without TLS. Prints 'ready', and runs until killed.\n"
			"A client with the identity 'alert N' is refused by\n"
			"that alert, and left alone with the identity 'gone'.\n",
			argv[0]);
		return 2;
	}
	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	err = th_genl_open(&genl);
	if (!err)
		err = th_genl_listen(&genl);
	if (!err && epoll_ctl(epoll, EPOLL_CTL_ADD, th_genl_fd(&genl), &event))
		err = -errno;
	if (err) {
		fprintf(stderr, "fake-agent: %s\n", strerror(-err));
		return 1;
	}
	printf("ready\n");
	fflush(stdout);
	fake_loop(&genl, epoll);
	return 0;
}
