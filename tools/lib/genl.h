/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The netlink family of the kernel module, for programs that manage it: ask,
 * and listen to events.  One thread.
 */
#ifndef _TQUIC_LIB_GENL_H
#define _TQUIC_LIB_GENL_H

#include <libmnl/libmnl.h>
#include <linux/tquic_genl.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * struct tq_genl - a socket to the family
 * @nl: socket
 * @family: number of the family
 * @events: number of the multicast group with events
 * @seq: of the last request
 * @error: what went wrong last, for people
 * @request: the request that is being made
 * @buf: what was received
 */
struct tq_genl {
	struct mnl_socket *nl;
	uint16_t family;
	uint32_t events;
	uint32_t seq;
	char error[256];
	char request[4096];
	char buf[32768];
};

typedef void (*tq_genl_cb)(const struct nlmsghdr *nlh, void *arg);

/* all: 0, or -errno with an error text */
int tq_genl_open(struct tq_genl *genl);
void tq_genl_close(struct tq_genl *genl);
/*
 * A request, to which attributes are added: requests are small.  It may be made
 * before the socket is open.
 */
struct nlmsghdr *tq_genl_start(struct tq_genl *genl, uint8_t cmd, bool dump);
/* @cb sees each answer, and may be NULL */
int tq_genl_ask(struct tq_genl *genl, struct nlmsghdr *nlh, tq_genl_cb cb,
		void *arg);

/*
 * A socket that has joined hears events and nothing else: ask by another one.
 * -ENOBUFS says that events were lost, -EAGAIN that there is none.
 */
int tq_genl_join(struct tq_genl *genl, bool nonblock);
int tq_genl_events(struct tq_genl *genl, tq_genl_cb cb, void *arg);
int tq_genl_fd(const struct tq_genl *genl);

#endif /* _TQUIC_LIB_GENL_H */
