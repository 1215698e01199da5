/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Handshakes: what goes between a session and the agent in user space, over
 * netlink (hs_netlink.c) and an anonymous file (hs_file.c); the messages are
 * in uapi/linux/tquic_hs.h.
 *
 *   WAITING --HS_ACCEPT--> TAKEN --HS_DONE, release, time-out--> over
 *
 * The file outlives the handshake: NewSessionTicket goes through it.
 */
#ifndef _TQUIC_HS_H
#define _TQUIC_HS_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct net;
struct tquic_hs;
struct tquic_sess;

/**
 * struct tquic_hs_net - handshakes of a namespace
 * @lock: protects @waiting
 * @waiting: struct tquic_hs that no agent has taken yet, oldest first
 * @nr_waiting: how many
 */
struct tquic_hs_net {
	spinlock_t lock;
	struct list_head waiting;
	u32 nr_waiting;
};

void tquic_hs_net_init(struct tquic_hs_net *hn);
void tquic_hs_net_exit(struct tquic_hs_net *hn);

/* somebody with CAP_NET_ADMIN listens, here or, if allowed, in init_net */
bool tquic_hs_agent_there(struct net *net);
/*
 * Make a handshake and announce it.  Process context, session not locked.
 * 0, -EHOSTDOWN without an agent, -EAGAIN when too many wait.  Sets sess->hs,
 * which holds a reference of the session until the file is released.
 */
int tquic_hs_start(struct tquic_sess *sess);
/* handshake bytes came, or the connection is confirmed or closed; lock held */
void tquic_hs_wake(struct tquic_hs *hs);
/* the session has no use for it any more */
void tquic_hs_drop(struct tquic_hs *hs);

#endif /* _TQUIC_HS_H */
