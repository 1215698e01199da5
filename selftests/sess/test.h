/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TQUIC_SESS_TEST_H
#define _TQUIC_SESS_TEST_H

#include "sess.h"

/**
 * struct st_end - one end of a connection
 * @node: place in the test's list
 * @sess: session, a reference
 * @owned: the user's reference is ours, too
 * @server: which end
 * @level: how far the handshake is
 * @failed: it went wrong
 * @done: TLS has finished
 * @sent: client: bytes written
 * @got: bytes read
 * @bad: bytes that were not as they should be
 * @eof: the other end has said that this was all
 * @finished: client: all was written
 * @detached: we let go of it
 * @ended: the session said so
 * @extra: paths that were opened besides the first
 * @updates: key updates that were begun
 */
struct st_end {
	struct list_head node;
	struct tquic_sess *sess;
	bool owned;
	bool server;
	int level;
	bool failed;
	bool done;
	u64 sent;
	u64 got;
	u64 bad;
	bool eof;
	bool finished;
	bool detached;
	bool ended;
	unsigned int extra;
	unsigned int updates;
};

/* fake.c */
void st_fake_turn(struct st_end *end);

/* app.c */
void st_app_write(struct st_end *end, u64 bound, u64 bytes);
void st_app_read(struct tquic_sess *sess);

/* count.c */
void st_count_start(struct net *net, struct net *server_net);
int st_count_judge(struct net *net, struct net *server_net,
		   const char *counts);

/* fault.c */
int st_fault_start(unsigned int every);
void st_fault_stop(void);

#endif /* _TQUIC_SESS_TEST_H */
