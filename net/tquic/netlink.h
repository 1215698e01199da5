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
struct tquic_tunnel_info;

/**
 * struct tquic_netlink_walk - a dump by one of the tunnel's walks
 * @msg: what is filled
 * @info: of the dump
 * @only: name of a tunnel, NULL for all
 * @n: entries that are done with; where the dump goes on
 */
struct tquic_netlink_walk {
	struct sk_buff *msg;
	const struct genl_info *info;
	const char *only;
	unsigned long n;
};

int tquic_netlink_init(void);
void tquic_netlink_exit(void);

/* netlink.c */
struct tquic_sess *tquic_netlink_sess(struct genl_info *info, int attr);
struct tquic_sess *tquic_netlink_next(struct net *net, unsigned long *id);
int tquic_netlink_missing(struct genl_info *info, int attr, const char *what);
bool tquic_netlink_has_dev(struct genl_info *info, int attr);

/* netlink_conn.c; the session's lock is held */
int tquic_netlink_put_conn(struct sk_buff *msg, struct tquic_sess *sess);

/* netlink_path.c; the session's lock is held */
int tquic_netlink_put_path(struct sk_buff *msg, const struct tquic_sess *sess,
			   const struct tquic_path *path);

/* netlink_event.c */
void tquic_netlink_event_init(void);
struct sk_buff *tquic_netlink_event_start(struct net *net, u8 cmd, void **hdr);
void tquic_netlink_event_send(struct net *net, struct sk_buff *msg, void *hdr,
			      int err);
/* a path was changed by management; the session's lock is held */
void tquic_netlink_event_paths(struct tquic_sess *sess);

/* netlink_tunnel.c */
void tquic_netlink_tunnel_init(void);
const char *tquic_netlink_tunnel(struct genl_info *info, int attr);
void tquic_netlink_walk_start(struct tquic_netlink_walk *walk,
			      struct sk_buff *skb, struct netlink_callback *cb,
			      int attr);
int tquic_netlink_walk_end(const struct tquic_netlink_walk *walk,
			   struct netlink_callback *cb, int err);

/* netlink_client.c */
int tquic_netlink_put_client(struct sk_buff *msg,
			     const struct tquic_tunnel_info *info);

#endif /* _TQUIC_NETLINK_H */
