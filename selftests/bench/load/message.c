// SPDX-License-Identifier: GPL-2.0
/*
 * Messages: datagrams of TQUIC, or UDP.  What counts is what arrives; the
 * receiver takes the time from the first to the last.
 */
#include <err.h>
#include <errno.h>
#include <linux/tquic.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

#define LOAD_BATCH	64
#define LOAD_MESSAGE	1200
#define LOAD_CONTROL	CMSG_SPACE(sizeof(struct tquic_datagram))
/* who hears nothing for as long has heard everything */
#define LOAD_SILENCE	500

/**
 * struct load_batch - messages of one call
 * @msg: for sendmmsg() and recvmmsg()
 * @iov: payload of each
 * @data: bytes
 * @control: says that it is a datagram
 */
struct load_batch {
	struct mmsghdr msg[LOAD_BATCH];
	struct iovec iov[LOAD_BATCH];
	unsigned char data[LOAD_BATCH][LOAD_MESSAGE];
	/* a multiple of the alignment, at a multiple of it */
	size_t control[LOAD_BATCH][LOAD_CONTROL / sizeof(size_t)];
};

static void load_batch(const struct load *l, struct load_batch *b, size_t size)
{
	/* of a class that waits for room; others drop what is old */
	const struct tquic_datagram dgram = { .class = TQUIC_CLASS_BULK };
	struct cmsghdr *cmsg;
	int i;

	for (i = 0; i < LOAD_BATCH; i++) {
		b->iov[i] = (struct iovec){ b->data[i], size };
		b->msg[i].msg_hdr = (struct msghdr){
			.msg_iov = &b->iov[i], .msg_iovlen = 1,
		};
		if (l->kind != LOAD_TQUIC)
			continue;
		b->msg[i].msg_hdr.msg_control = b->control[i];
		b->msg[i].msg_hdr.msg_controllen = LOAD_CONTROL;
		cmsg = CMSG_FIRSTHDR(&b->msg[i].msg_hdr);
		cmsg->cmsg_level = SOL_TQUIC;
		cmsg->cmsg_type = TQUIC_CMSG_DATAGRAM;
		cmsg->cmsg_len = CMSG_LEN(sizeof(dgram));
		memcpy(CMSG_DATA(cmsg), &dgram, sizeof(dgram));
	}
}

int load_messages(const struct load *l)
{
	static struct load_batch b;
	int fd = load_connect(l, true), n;
	__u64 sent = 0, start, end;

	if (l->size > LOAD_MESSAGE || l->batch > LOAD_BATCH || !l->batch)
		errx(2, "a message or a batch is too large");
	load_batch(l, &b, l->size);
	start = load_now();
	end = start + l->seconds * LOAD_NS;
	while (load_now() < end) {
		n = sendmmsg(fd, b.msg, l->batch, 0);
		if (n < 0 && errno != ENOBUFS)
			err(1, "sendmmsg");
		sent += n < 0 ? 0 : n;
	}
	printf("sent=%llu send_ns=%llu\n", (unsigned long long)sent,
	       (unsigned long long)(load_now() - start));
	/* what is on its way shall arrive before the end does */
	if (l->kind == LOAD_TQUIC)
		poll(NULL, 0, LOAD_SILENCE);
	return 0;
}

static void load_hear(const struct load *l, struct load_batch *b, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	__u64 n = 0, first = 0, last = 0;
	int got, i, on = 0;

	for (;;) {
		/* blocks for the first of a batch only */
		for (i = 0; i < LOAD_BATCH; i++)
			b->msg[i].msg_hdr.msg_controllen =
				l->kind == LOAD_TQUIC ? LOAD_CONTROL : 0;
		if (!on || poll(&p, 1, LOAD_SILENCE) > 0)
			got = recvmmsg(fd, b->msg, LOAD_BATCH, MSG_WAITFORONE,
				       NULL);
		else
			got = 0;
		if (got <= 0 || (l->kind == LOAD_TQUIC && !b->msg[0].msg_len))
			break;
		last = load_now();
		if (!on) {
			on = 1;
			first = last;
			/* the clock starts with them */
			continue;
		}
		n += got;
	}
	if (on)
		printf("n=%llu ns=%llu\n", (unsigned long long)n,
		       (unsigned long long)(last - first));
}

int load_count(const struct load *l)
{
	static struct load_batch b;
	int fd = load_listen(l), conn, size = 1 << 20;

	load_batch(l, &b, LOAD_MESSAGE);
	if (l->kind == LOAD_UDP)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	for (;;) {
		conn = l->kind == LOAD_UDP ? fd : load_accept(l, fd);
		load_hear(l, &b, conn);
		if (conn != fd)
			close(conn);
	}
}
