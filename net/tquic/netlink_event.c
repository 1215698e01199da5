// SPDX-License-Identifier: GPL-2.0
/*
 * Events: what happens to connections and paths, to whoever listens.
 *
 * The core says that something about paths has changed, not what.  So it is
 * compared with what was told last, which is kept per session whether anybody
 * listens or not: otherwise who begins to would be told old news as new.
 */
#include <linux/slab.h>

#include "netlink.h"
#include "sess.h"
#include "sess_info.h"

/**
 * struct tquic_seen_path - a path as it was told last
 * @id: path ID
 * @flags: TQUIC_PATH_F_*
 * @state: enum tquic_path_state
 * @up: it carried data
 * @there: scratch: it still exists
 * @tuple: addresses
 */
struct tquic_seen_path {
	u32 id;
	u32 flags;
	u32 state;
	bool up;
	bool there;
	struct tquic_tuple tuple;
};

/**
 * struct tquic_sess_seen - the paths of a session as they were told last
 * @room: how many there is room for
 * @n: how many
 * @path: the paths
 *
 * The session's lock protects it; it is freed with the session.
 */
struct tquic_sess_seen {
	unsigned int room;
	unsigned int n;
	struct tquic_seen_path path[] __counted_by(room);
};

/**
 * tquic_netlink_event_start - begin an event
 * @net: namespace
 * @cmd: which
 * @hdr: is set for tquic_netlink_event_send()
 *
 * Return: a message, NULL when nobody listens or without memory.
 */
struct sk_buff *tquic_netlink_event_start(struct net *net, u8 cmd, void **hdr)
{
	struct sk_buff *msg;

	if (!genl_has_listeners(&tquic_nl_family, net, TQUIC_NLGRP_EVENTS))
		return NULL;
	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return NULL;
	*hdr = genlmsg_put(msg, 0, 0, &tquic_nl_family, 0, cmd);
	if (*hdr)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

/**
 * tquic_netlink_event_send - tell whoever listens
 * @net: namespace
 * @msg: message, which is taken
 * @hdr: of tquic_netlink_event_start()
 * @err: what filling it came to; with an error there is no event
 */
void tquic_netlink_event_send(struct net *net, struct sk_buff *msg, void *hdr,
			      int err)
{
	if (err) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	/* who is too slow sees ENOBUFS and asks for all of it again */
	genlmsg_multicast_netns(&tquic_nl_family, net, msg, 0,
				TQUIC_NLGRP_EVENTS, GFP_KERNEL);
}

/* CONN_NEW comes before whatever there is to tell of the paths. */
static void tquic_event_conn(struct tquic_sess *sess, bool closed)
{
	struct sk_buff *msg;
	void *hdr;

	msg = tquic_netlink_event_start(sess->tn->net, closed ?
					TQUIC_CMD_CONN_CLOSED :
					TQUIC_CMD_CONN_NEW, &hdr);
	if (msg)
		tquic_netlink_event_send(sess->tn->net, msg, hdr,
					 tquic_netlink_put_conn(msg, sess));
	if (!closed)
		tquic_netlink_event_paths(sess);
}

static void tquic_event_path(struct tquic_sess *sess,
			     const struct tquic_path *path, u8 cmd)
{
	struct sk_buff *msg;
	void *hdr;

	msg = tquic_netlink_event_start(sess->tn->net, cmd, &hdr);
	if (msg)
		tquic_netlink_event_send(sess->tn->net, msg, hdr,
					 tquic_netlink_put_path(msg, sess,
								path));
}

/* A path that is not there any more: what is known of it. */
static void tquic_event_gone(struct tquic_sess *sess,
			     const struct tquic_seen_path *seen)
{
	struct sk_buff *msg;
	void *hdr;
	int err;

	msg = tquic_netlink_event_start(sess->tn->net, TQUIC_CMD_PATH_DOWN,
					&hdr);
	if (!msg)
		return;
	err = nla_put_u32(msg, TQUIC_A_PATH_CONN_ID, sess->id) ||
	      nla_put_u32(msg, TQUIC_A_PATH_ID, seen->id) ||
	      nla_put_u32(msg, TQUIC_A_PATH_STATE, TQUIC_PATH_STATE_CLOSING);
	tquic_netlink_event_send(sess->tn->net, msg, hdr, err);
}

/*
 * A path that is suspected for the length of a few probes is not down: data
 * goes elsewhere meanwhile, but nobody has to reconfigure anything.
 */
static bool tquic_event_is_up(const struct tquic_path *path)
{
	return path->state == TQUIC_PATH_ACTIVE && path->validated &&
	       !path->failed && !path->down;
}

static struct tquic_seen_path *tquic_event_seen(struct tquic_sess_seen *seen,
						u32 id)
{
	unsigned int i;

	for (i = 0; i < seen->n; i++)
		if (seen->path[i].id == id)
			return &seen->path[i];
	return NULL;
}

/* Compare a path with what it was, tell the difference, and remember. */
static void tquic_event_compare(struct tquic_sess *sess,
				struct tquic_sess_seen *seen,
				const struct tquic_path *path)
{
	struct tquic_seen_path *was = tquic_event_seen(seen, path->id);
	struct tquic_seen_path is = {
		.id = path->id, .state = path->state, .there = true,
		.up = tquic_event_is_up(path), .tuple = path->tuple,
	};
	struct tquic_path_info info;

	tquic_sess_show_path(path, &info);
	/* comes and goes with every few probes, and is nobody's to act on */
	is.flags = info.flags & ~TQUIC_PATH_F_SUSPECT;
	if (!was) {
		if (seen->n == seen->room)
			return;
		was = &seen->path[seen->n++];
		*was = (struct tquic_seen_path){};
		tquic_event_path(sess, path, is.up ? TQUIC_CMD_PATH_UP :
						     TQUIC_CMD_PATH_CHANGE);
	} else if (is.up != was->up) {
		tquic_event_path(sess, path, is.up ? TQUIC_CMD_PATH_UP :
						     TQUIC_CMD_PATH_DOWN);
	} else if (is.flags != was->flags || is.state != was->state ||
		   !tquic_tuple_eq(&is.tuple, &was->tuple)) {
		tquic_event_path(sess, path, TQUIC_CMD_PATH_CHANGE);
	}
	*was = is;
}

/* Room for all paths; most connections have one, and need little. */
static struct tquic_sess_seen *tquic_event_room(struct tquic_sess *sess)
{
	struct tquic_sess_seen *seen, *old = sess->seen;
	u32 n = sess->core->npaths;

	if (old && old->room >= n)
		return old;
	seen = krealloc(old, struct_size(seen, path, n), GFP_KERNEL);
	/* the next change tells it all */
	if (!seen)
		return NULL;
	if (!old)
		seen->n = 0;
	seen->room = n;
	sess->seen = seen;
	return seen;
}

/**
 * tquic_netlink_event_paths - tell what has changed about paths
 * @sess: session; the lock is held
 */
void tquic_netlink_event_paths(struct tquic_sess *sess)
{
	const struct tquic_path *path;
	struct tquic_sess_seen *seen;
	unsigned int i;

	/* nobody has heard of the connection so far */
	if (!sess->met)
		return;
	seen = tquic_event_room(sess);
	if (!seen)
		return;
	for (i = 0; i < seen->n; i++)
		seen->path[i].there = false;
	/* those that went make room for those that came */
	list_for_each_entry(path, &sess->core->paths, node)
		for (i = 0; i < seen->n; i++)
			if (seen->path[i].id == path->id)
				seen->path[i].there = true;
	for (i = 0; i < seen->n; )
		if (seen->path[i].there) {
			i++;
		} else {
			if (seen->path[i].up)
				tquic_event_gone(sess, &seen->path[i]);
			seen->path[i] = seen->path[--seen->n];
		}
	list_for_each_entry(path, &sess->core->paths, node)
		tquic_event_compare(sess, seen, path);
}

static const struct tquic_sess_watch tquic_event_watch = {
	.conn = tquic_event_conn,
	.paths = tquic_netlink_event_paths,
};

/* Before there is any session. */
void __init tquic_netlink_event_init(void)
{
	tquic_sess_watch = &tquic_event_watch;
}
