/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two ends of TLS in one process: what one emits the other hears, and what is
 * for the kernel is written down.
 */
#ifndef _TQUIC_HANDSHAKED_TEST_JOIN_H
#define _TQUIC_HANDSHAKED_TEST_JOIN_H

#include "tls.h"

#define JOIN_EVENTS	64

/**
 * struct join_end - one end
 * @tls: TLS
 * @other: where its bytes go
 * @events: types of messages for the kernel, in order
 * @nr_events: how many
 * @secret: by level and direction; its length is 0 for none
 * @tparams: the peer's, as the kernel is told
 * @remembered: parameters of the resumed session, likewise
 * @early: what the kernel is told of early data, -1 for nothing
 * @alpn: likewise
 * @identity: likewise
 * @announced: our parameters were asked for
 * @out: bytes on their way, by level
 * @out_len: how many
 */
struct join_end {
	struct th_tls tls;
	struct join_end *other;
	int events[JOIN_EVENTS];
	unsigned int nr_events;
	struct tquic_hs_secret secret[4][2];
	char tparams[64];
	char remembered[64];
	int early;
	char alpn[64];
	char identity[256];
	bool announced;
	unsigned char out[4][65536];
	size_t out_len[4];
};

/**
 * struct join - a handshake
 * @client: one end
 * @server: the other
 * @chunk: bytes that are handed over at once, 0 for all
 * @first: the client's first flight
 * @first_len: bytes of it
 */
struct join {
	struct join_end client;
	struct join_end server;
	size_t chunk;
	unsigned char first[65536];
	size_t first_len;
};

/* runs until nothing moves; true if both ends have finished */
bool join_run(struct join *join, struct th_conf *conf_client,
	      const struct th_request *client, struct th_conf *conf_server,
	      const struct th_request *server);
/* the first flight of the last run, at a server anew, by itself */
void join_replay(struct join *join, struct th_conf *conf,
		 const struct th_request *server);
void join_exit(struct join *join);
/* place of a message among those for the kernel, -1 if there is none */
int join_event(const struct join_end *end, enum tquic_hs_type type);

#endif /* _TQUIC_HANDSHAKED_TEST_JOIN_H */
