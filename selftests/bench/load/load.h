/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One program that loads every transport in the same way, so that what is
 * compared is the transport: see main.c.
 */
#ifndef _TQUIC_LOAD_H
#define _TQUIC_LOAD_H

#include <linux/types.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

/* what is written and read at a time, as iperf3 does */
#define LOAD_BLOCK	(128 << 10)
#define LOAD_NS		1000000000ULL

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

enum load_kind {
	LOAD_TQUIC,
	LOAD_TCP,
	LOAD_UDP,
	LOAD_KTLS,
};

/**
 * struct load - what to do
 * @kind: transport
 * @cipher: TLS code point, 0 for any
 * @paths: of a connection
 * @hook: command that is run once there is a connection, with its number as
 *	the last word: it opens the other paths
 * @size: bytes of a message
 * @batch: messages handed over in one call
 * @jobs: processes that connect at the same time
 * @seconds: how long
 * @addr: where to
 */
struct load {
	enum load_kind kind;
	__u32 cipher;
	__u32 paths;
	const char *hook;
	__u32 size;
	__u32 batch;
	__u32 jobs;
	double seconds;
	struct sockaddr_in addr;
};

/* sock.c */
__u64 load_now(void);
int load_connect(const struct load *l, bool wait);
int load_listen(const struct load *l);
int load_accept(const struct load *l, int fd);

/* stream.c */
int load_send(const struct load *l);
int load_sink(const struct load *l);
int load_ping(const struct load *l);
int load_echo(const struct load *l);

/* message.c */
int load_messages(const struct load *l);
int load_count(const struct load *l);

/* conns.c */
int load_handshakes(const struct load *l);
int load_idle(const struct load *l);
int load_hold(const struct load *l);

#endif /* _TQUIC_LOAD_H */
