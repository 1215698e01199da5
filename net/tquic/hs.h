/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Handshakes: what goes between a session and the agent in user space, over
 * netlink (hs_netlink.c) and an anonymous file (hs_file.c); the messages are
 * in uapi/linux/tquic_hs.h, and what they do in hs_msg.c.
 *
 *   waiting --HS_ACCEPT--> taken --FINISHED--> finished
 *      \                      \                    \
 *       `--- time-out, HS_DONE with an error, release of the file, end of the
 *            session ---> detached
 *
 * Waiting and taken are a mark in the table of the namespace, finished is a
 * flag, detached is @sess being NULL.  Who detaches is the one who tells the
 * session how it ended.  The file outlives the handshake: NewSessionTicket
 * goes through it.
 *
 * References of struct tquic_hs: the session's until tquic_hs_drop(), the
 * file's until it is released, the timer's while it is pending, and short ones.
 * The table holds none: to detach takes an entry out of it.
 *
 * A handshake holds a reference of the session while it is attached, and so
 * does each operation of the file while it runs.  With it in hand the namespace
 * is there, whose end waits for its sessions.
 *
 * Locks: @io of the handshake, then the session's, then @lock or the table's.
 */
#ifndef _TQUIC_HS_H
#define _TQUIC_HS_H

#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

struct file;
struct genl_info;
struct net;
struct sk_buff;
struct tquic_hs_msg;
struct tquic_net;
struct tquic_sess;

/* handshakes that wait in a namespace, at most */
#define TQUIC_HS_WAITING_MAX	4096
#define TQUIC_HS_WAITING	XA_MARK_1

/**
 * struct tquic_hs_net - handshakes that the agent of a namespace has to do
 * @all: struct tquic_hs by token, marked TQUIC_HS_WAITING until it is taken;
 *	its lock protects what follows
 * @next: where the search for the next token begins
 * @nr_waiting: how many have the mark
 */
struct tquic_hs_net {
	struct xarray all;
	u32 next;
	u32 nr_waiting;
};

enum tquic_hs_flag {
	TQUIC_HS_F_NEWS,	/* there may be something to be read */
	TQUIC_HS_F_FINISHED,	/* TLS has finished */
	TQUIC_HS_F_CONFIRMED,	/* the agent knows of the confirmation */
};

/**
 * struct tquic_hs - a handshake
 * @ref: see above
 * @token: name in netlink; immutable
 * @agent: namespace whose agent does it; valid while attached
 * @sess: session, with a reference; NULL once detached; under @lock
 * @lock: protects @sess
 * @io: one operation of the file at a time
 * @flags: enum tquic_hs_flag, atomic
 * @wq: readers and pollers of the file
 * @deadline: in jiffies
 * @timer: time-out
 */
struct tquic_hs {
	refcount_t ref;
	u32 token;
	struct net *agent;
	struct tquic_sess *sess;
	spinlock_t lock; /* see above */
	struct mutex io; /* see above */
	unsigned long flags;
	wait_queue_head_t wq;
	unsigned long deadline;
	struct delayed_work timer;
};

int tquic_hs_init(void);
void tquic_hs_exit(void);
void tquic_hs_net_init(struct tquic_hs_net *hn);
void tquic_hs_net_exit(struct tquic_hs_net *hn);

/* somebody with CAP_NET_ADMIN listens, here or, if allowed, in init_net */
bool tquic_hs_agent_there(struct net *net);
/* as well; counts and says that nobody does: 0 or -EHOSTDOWN */
int tquic_hs_expect(struct tquic_net *tn);
/*
 * Make a handshake and announce it.  Process context, session not locked.
 * 0, -EHOSTDOWN without an agent, -EAGAIN when too many wait, -ENOMEM.  Sets
 * sess->hs, a reference that tquic_hs_drop() gives back; on an error it is
 * not set.
 */
int tquic_hs_start(struct tquic_sess *sess);
/* handshake bytes came, or the connection is confirmed or closed; lock held */
void tquic_hs_wake(struct tquic_hs *hs);
/*
 * The session has no use for it any more, with or without its lock held; the
 * caller has a reference of the session of his own.
 */
void tquic_hs_drop(struct tquic_hs *hs);
/* somebody will read what comes; lock held */
bool tquic_hs_listens(const struct tquic_hs *hs);
/* what a TLS alert, sent or received, is to the user: -errno */
int tquic_hs_errno(u8 alert);

/* among the files of this part */
void tquic_hs_get(struct tquic_hs *hs);
void tquic_hs_put(struct tquic_hs *hs);
struct tquic_sess *tquic_hs_sess(struct tquic_hs *hs);
bool tquic_hs_fail(struct tquic_hs *hs, int err, u8 alert, const char *text);
void tquic_hs_finish(struct tquic_hs *hs);
void tquic_hs_release(struct tquic_hs *hs);
struct tquic_hs *tquic_hs_take(struct net *agent, u32 token);
void tquic_hs_give_back(struct tquic_hs *hs);
struct tquic_hs *tquic_hs_find_taken(struct net *agent, u32 token);
void tquic_hs_text(char *to, size_t size, const void *from, size_t len);
int tquic_hs_msg_act(struct tquic_hs *hs, struct tquic_sess *sess,
		     const struct tquic_hs_msg *msg, const void *data);
struct file *tquic_hs_file_new(struct tquic_hs *hs);

/* the back end: netlink */
bool tquic_hs_netlink_heard(struct net *agent);
int tquic_hs_netlink_ready(struct net *agent, u32 token);
int tquic_nl_hs_accept_doit(struct sk_buff *skb, struct genl_info *info);
int tquic_nl_hs_done_doit(struct sk_buff *skb, struct genl_info *info);

#endif /* _TQUIC_HS_H */
