/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The generic netlink family "tquic".  Operations and policies come from
 * Documentation/netlink/specs/tquic.yaml; the bodies stand in netlink_*.c.
 *
 * All operations run in process context, in parallel with each other; the lock
 * of a session is taken around what is done to it.  The namespace is that of
 * the caller's socket.
 */
#ifndef _TQUIC_NETLINK_H
#define _TQUIC_NETLINK_H

#include "netlink_gen.h"

struct tquic_path;
struct tquic_sess;

int tquic_netlink_init(void);
void tquic_netlink_exit(void);

/* netlink.c */
struct tquic_sess *tquic_netlink_sess(struct genl_info *info, int attr);
struct tquic_sess *tquic_netlink_next(struct net *net, unsigned long *id);
int tquic_netlink_missing(struct genl_info *info, int attr, const char *what);

/* netlink_conn.c; the session's lock is held */
int tquic_netlink_put_conn(struct sk_buff *msg, struct tquic_sess *sess);

/* netlink_path.c; the session's lock is held */
int tquic_netlink_put_path(struct sk_buff *msg, const struct tquic_sess *sess,
			   const struct tquic_path *path);

/* netlink_event.c */
void tquic_netlink_event_init(void);
/* a path was changed by management; the session's lock is held */
void tquic_netlink_event_paths(struct tquic_sess *sess);

#endif /* _TQUIC_NETLINK_H */
