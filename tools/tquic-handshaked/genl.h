/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The netlink family "tquic", as far as handshakes go.  A socket is used by one
 * thread: the one that listens, and one of each worker for HS_DONE.
 */
#ifndef _TQUIC_HANDSHAKED_GENL_H
#define _TQUIC_HANDSHAKED_GENL_H

#include <linux/types.h>
#include <stdbool.h>

struct mnl_socket;
struct th_request;

/**
 * struct th_genl - a socket
 * @nl: libmnl's
 * @seq: number of the last request
 * @family: number of the family
 * @group: number of the group "handshake"
 * @notified: a notification came while the last answer was waited for
 */
struct th_genl {
	struct mnl_socket *nl;
	__u32 seq;
	__u16 family;
	__u32 group;
	bool notified;
};

/* 0 or -errno, -ENOENT without the module */
int th_genl_open(struct th_genl *genl);
void th_genl_close(struct th_genl *genl);
int th_genl_fd(const struct th_genl *genl);
/* be the agent: HS_READY makes the socket readable from now on */
int th_genl_listen(struct th_genl *genl);
/* throw notifications away; that they came is enough */
void th_genl_drain(struct th_genl *genl);
/* the handshake that waits longest; -ENOENT when none does */
int th_genl_accept(struct th_genl *genl, struct th_request *request);
int th_genl_done(struct th_genl *genl, __u32 token, int status, __u8 alert,
		 const char *text, const char *identity);

#endif /* _TQUIC_HANDSHAKED_GENL_H */
