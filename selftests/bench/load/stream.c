// SPDX-License-Identifier: GPL-2.0
/* Bulk, and questions with answers, on a byte stream. */
#include <err.h>
#include <linux/tquic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

/* answers whose time is kept */
#define LOAD_SAMPLES	1000000

static void load_read(int fd, void *buf, size_t len)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = read(fd, (char *)buf + done, len - done);
		if (n <= 0)
			errx(1, "the other end is gone");
		done += n;
	}
}

/* How many bytes went by which path. */
static void load_shares(const struct load *l, int fd)
{
	struct tquic_path_info info = {};
	socklen_t len = sizeof(info);
	__u32 i;

	for (i = 0; l->kind == LOAD_TQUIC && i < l->paths; i++) {
		info.id = i;
		if (!getsockopt(fd, SOL_TQUIC, TQUIC_PATH_INFO, &info, &len))
			printf(" sent%u=%llu", i,
			       (unsigned long long)info.sent_bytes);
	}
}

/**
 * load_send - write for some time, and wait until all of it was read
 * @l: what to do
 *
 * The end is not the end of the stream, which kernel TLS has no notion of, but
 * a block whose first byte is not 0.
 */
int load_send(const struct load *l)
{
	static unsigned char block[LOAD_BLOCK];
	int fd = load_connect(l, true);
	__u64 start = load_now(), end = start + l->seconds * LOAD_NS;
	__u64 bytes = 0;
	ssize_t n, at;

	while (!block[0]) {
		/* the last */
		if (load_now() >= end)
			block[0] = 1;
		for (at = 0; at < LOAD_BLOCK; at += n) {
			n = write(fd, block + at, LOAD_BLOCK - at);
			if (n <= 0)
				err(1, "write");
		}
		bytes += LOAD_BLOCK;
	}
	load_read(fd, block, 1);
	printf("bytes=%llu ns=%llu", (unsigned long long)bytes,
	       (unsigned long long)(load_now() - start));
	load_shares(l, fd);
	putchar('\n');
	close(fd);
	return 0;
}

/* Reads all of one connection. */
static void load_drain(int fd)
{
	static unsigned char block[LOAD_BLOCK];
	__u64 bytes = 0, last = 0;
	bool end = false;
	ssize_t n;

	while (!end || bytes < last) {
		n = read(fd, block, LOAD_BLOCK - bytes % LOAD_BLOCK);
		if (n <= 0)
			err(1, "read");
		if (!(bytes % LOAD_BLOCK) && block[0]) {
			end = true;
			last = bytes + LOAD_BLOCK;
		}
		bytes += n;
	}
	if (write(fd, block, 1) != 1)
		err(1, "answer");
	/* whoever sent says goodbye */
	while (read(fd, block, LOAD_BLOCK) > 0)
		;
	close(fd);
}

int load_sink(const struct load *l)
{
	int fd = load_listen(l);

	for (;;)
		load_drain(load_accept(l, fd));
}

static int load_compare(const void *a, const void *b)
{
	__u32 x = *(const __u32 *)a, y = *(const __u32 *)b;

	return x < y ? -1 : x > y;
}

/* Ask, wait for the answer, ask again. */
int load_ping(const struct load *l)
{
	__u32 *sample = calloc(LOAD_SAMPLES, sizeof(*sample)), n = 0;
	unsigned char *message = calloc(1, l->size);
	int fd = load_connect(l, true);
	__u64 start, end, t;

	if (!sample || !message)
		errx(1, "no memory");
	start = load_now();
	end = start + l->seconds * LOAD_NS;
	for (t = start; t < end && n < LOAD_SAMPLES; n++) {
		__u64 before = t;

		if (write(fd, message, l->size) != l->size)
			err(1, "write");
		load_read(fd, message, l->size);
		t = load_now();
		sample[n] = t - before;
	}
	qsort(sample, n, sizeof(*sample), load_compare);
	printf("n=%u ns=%llu p50_us=%.1f p99_us=%.1f\n", n,
	       (unsigned long long)(t - start), sample[n / 2] / 1e3,
	       sample[(__u64)n * 99 / 100] / 1e3);
	return 0;
}

int load_echo(const struct load *l)
{
	static unsigned char buf[LOAD_BLOCK];
	int listener = load_listen(l), fd;
	ssize_t n;

	for (;;) {
		fd = load_accept(l, listener);
		while ((n = read(fd, buf, sizeof(buf))) > 0)
			if (write(fd, buf, n) != n)
				break;
		close(fd);
	}
}
