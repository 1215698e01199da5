// SPDX-License-Identifier: GPL-2.0
/* Paths: shown, opened, abandoned, and used differently. */
#include <linux/ktime.h>

#include "netlink.h"
#include "sess.h"
#include "sess_info.h"

/**
 * tquic_netlink_put_path - write the attributes of a path
 * @msg: message
 * @sess: session; the lock is held
 * @path: path of it
 *
 * Return: 0, or -EMSGSIZE.
 */
int tquic_netlink_put_path(struct sk_buff *msg, const struct tquic_sess *sess,
			   const struct tquic_path *path)
{
	struct tquic_path_info i;

	tquic_sess_show_path(path, &i);
	if (nla_put_u32(msg, TQUIC_A_PATH_CONN_ID, sess->id) ||
	    nla_put_u32(msg, TQUIC_A_PATH_ID, i.id) ||
	    nla_put_u32(msg, TQUIC_A_PATH_STATE, i.state) ||
	    nla_put_u32(msg, TQUIC_A_PATH_FLAGS, i.flags) ||
	    nla_put_u32(msg, TQUIC_A_PATH_DEV, i.dev) ||
	    nla_put(msg, TQUIC_A_PATH_LOCAL, sizeof(i.local), i.local) ||
	    nla_put_u16(msg, TQUIC_A_PATH_LOCAL_PORT, i.local_port) ||
	    nla_put(msg, TQUIC_A_PATH_REMOTE, sizeof(i.remote), i.remote) ||
	    nla_put_u16(msg, TQUIC_A_PATH_REMOTE_PORT, i.remote_port) ||
	    nla_put_u32(msg, TQUIC_A_PATH_MTU, i.mtu) ||
	    nla_put_u32(msg, TQUIC_A_PATH_SRTT, i.srtt_us) ||
	    nla_put_u32(msg, TQUIC_A_PATH_MIN_RTT, i.min_rtt_us) ||
	    nla_put_u32(msg, TQUIC_A_PATH_RTTVAR, i.rttvar_us) ||
	    nla_put_uint(msg, TQUIC_A_PATH_CWND, i.cwnd) ||
	    nla_put_uint(msg, TQUIC_A_PATH_IN_FLIGHT, i.in_flight) ||
	    nla_put_uint(msg, TQUIC_A_PATH_PACING_RATE, i.pacing_rate) ||
	    nla_put_uint(msg, TQUIC_A_PATH_DELIVERY_RATE, i.delivery_rate) ||
	    nla_put_uint(msg, TQUIC_A_PATH_SENT_BYTES, i.sent_bytes) ||
	    nla_put_uint(msg, TQUIC_A_PATH_RECEIVED_BYTES, i.received_bytes) ||
	    nla_put_uint(msg, TQUIC_A_PATH_LOST_PACKETS, i.lost_packets))
		return -EMSGSIZE;
	return 0;
}

/* Message about one path; the session's lock is held. */
static int tquic_netlink_show_path(struct sk_buff *msg,
				   const struct genl_info *info,
				   const struct tquic_sess *sess,
				   const struct tquic_path *path)
{
	void *hdr = genlmsg_iput(msg, info);
	int err;

	if (!hdr)
		return -EMSGSIZE;
	err = tquic_netlink_put_path(msg, sess, path);
	if (err)
		genlmsg_cancel(msg, hdr);
	else
		genlmsg_end(msg, hdr);
	return err;
}

/* The path that a request names; the session's lock is held. */
static struct tquic_path *tquic_netlink_path(struct genl_info *info,
					     const struct tquic_sess *sess)
{
	struct nlattr *a = info->attrs[TQUIC_A_PATH_ID];
	struct tquic_path *path;

	if (!a)
		return ERR_PTR(tquic_netlink_missing(info, TQUIC_A_PATH_ID,
						     "path ID"));
	path = tquic_conn_path(sess->core, nla_get_u32(a));
	if (path)
		return path;
	NL_SET_BAD_ATTR(info->extack, a);
	NL_SET_ERR_MSG_FMT(info->extack, "connection %u has no path %u",
			   sess->id, nla_get_u32(a));
	return ERR_PTR(-ENOENT);
}

int tquic_nl_path_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct tquic_path *path;
	struct tquic_sess *sess;
	struct sk_buff *msg;
	int err = -ENOMEM;

	sess = tquic_netlink_sess(info, TQUIC_A_PATH_CONN_ID);
	if (IS_ERR(sess))
		return PTR_ERR(sess);
	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		goto out;
	tquic_sess_lock(sess);
	path = tquic_netlink_path(info, sess);
	err = IS_ERR(path) ? PTR_ERR(path) :
			     tquic_netlink_show_path(msg, info, sess, path);
	tquic_sess_unlock(sess);
out:
	tquic_sess_put(sess);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

/* The paths of a connection from the one on that was left out before. */
static int tquic_netlink_dump_paths(struct sk_buff *skb,
				    struct netlink_callback *cb,
				    struct tquic_sess *sess)
{
	const struct genl_info *info = genl_info_dump(cb);
	struct tquic_path *path;
	int err = 0;

	tquic_sess_lock(sess);
	list_for_each_entry(path, &sess->core->paths, node) {
		if (path->id < (unsigned long)cb->args[1])
			continue;
		err = tquic_netlink_show_path(skb, info, sess, path);
		if (err) {
			cb->args[1] = path->id;
			break;
		}
	}
	tquic_sess_unlock(sess);
	return err;
}

/* args: 0 connection, 1 path, 2 there is nothing more */
int tquic_nl_path_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct genl_info *info = genl_info_dump(cb);
	struct nlattr *only = info->attrs[TQUIC_A_PATH_CONN_ID];
	struct net *net = sock_net(cb->skb->sk);
	struct tquic_sess *sess;
	unsigned long id;
	int err;

	if (only && !cb->args[0])
		cb->args[0] = nla_get_u32(only);
	while (!cb->args[2]) {
		id = cb->args[0];
		sess = only ? tquic_sess_find(net, id) :
			      tquic_netlink_next(net, &id);
		if (!sess) {
			if (only && !cb->args[1])
				NL_SET_ERR_MSG_FMT(cb->extack,
						   "no connection %lu", id);
			return only && !cb->args[1] ? -ENOENT : skb->len;
		}
		if (id != cb->args[0])
			cb->args[1] = 0;
		cb->args[0] = id;
		err = tquic_netlink_dump_paths(skb, cb, sess);
		tquic_sess_put(sess);
		if (err)
			return skb->len ? skb->len : err;
		cb->args[0] = id + 1;
		cb->args[1] = 0;
		cb->args[2] = !!only;
	}
	return skb->len;
}

static void tquic_netlink_tuple(struct genl_info *info,
				struct tquic_tuple *tuple)
{
	struct nlattr **a = info->attrs;

	*tuple = (struct tquic_tuple){};
	if (a[TQUIC_A_PATH_DEV])
		tuple->dev = nla_get_u32(a[TQUIC_A_PATH_DEV]);
	if (a[TQUIC_A_PATH_LOCAL])
		nla_memcpy(tuple->local, a[TQUIC_A_PATH_LOCAL],
			   sizeof(tuple->local));
	if (a[TQUIC_A_PATH_REMOTE])
		nla_memcpy(tuple->remote, a[TQUIC_A_PATH_REMOTE],
			   sizeof(tuple->remote));
	if (a[TQUIC_A_PATH_LOCAL_PORT])
		tuple->local_port = nla_get_u16(a[TQUIC_A_PATH_LOCAL_PORT]);
	if (a[TQUIC_A_PATH_REMOTE_PORT])
		tuple->remote_port = nla_get_u16(a[TQUIC_A_PATH_REMOTE_PORT]);
}

/* What the numbers of tquic_sess_add_path() mean, for people. */
static const char *tquic_netlink_no_path(const struct tquic_conn *core,
					 int err)
{
	switch (err) {
	case -ENOTCONN:
		return "the handshake is not confirmed, or it closes";
	case -EOPNOTSUPP:
		return core->server ?
		       "only the client opens paths, and this is the server" :
		       "the peer did not agree to use several paths";
	case -EPERM:
		return "the server forbids paths to this address";
	case -ENOSPC:
		return "the connection has as many paths as it can";
	case -EBUSY:
		return "too many paths were opened lately: wait a moment";
	case -EAGAIN:
		return "the peer has not given connection IDs for another path";
	case -ENETUNREACH:
	case -EHOSTUNREACH:
		return "there is no route with these addresses and device";
	case -EADDRNOTAVAIL:
		return "the local address is not one of this host";
	case -EADDRINUSE:
		return "the local port is in use";
	case -ENODEV:
		return "there is no such device";
	case -EEXIST:
		return "there is a path with these addresses";
	case -EAFNOSUPPORT:
	case -EINVAL:
		return "local and remote address do not go together";
	case -ENOMEM:
	case -ENOBUFS:
		return "not enough memory for another path";
	default:
		return "the path could not be opened";
	}
}

/*
 * Attributes of a request that change how a path is used.  @up is NULL for a
 * request that cannot have it: then there is no room for it among the others.
 */
static int tquic_netlink_use_path(struct genl_info *info,
				  struct tquic_conn *core, u32 id,
				  const struct nlattr *up)
{
	struct nlattr **a = info->attrs;
	u64 now = ktime_get_ns();
	int err = 0;

	if (a[TQUIC_A_PATH_BACKUP])
		err = tquic_conn_set_backup(core, id,
					    nla_get_u8(a[TQUIC_A_PATH_BACKUP]));
	if (!err && a[TQUIC_A_PATH_METERED])
		err = tquic_conn_set_metered
			(core, id, nla_get_u8(a[TQUIC_A_PATH_METERED]));
	if (!err && up)
		err = nla_get_u8(up) ? tquic_conn_path_up(core, id, now) :
				       tquic_conn_path_down(core, id, now);
	if (err == -EOPNOTSUPP)
		NL_SET_ERR_MSG(info->extack,
			       "a connection without multipath has no backup");
	else if (err)
		NL_SET_ERR_MSG_FMT(info->extack, "path %u is being abandoned",
				   id);
	return err;
}

static int tquic_netlink_reply_path(struct genl_info *info, u32 conn_id,
				    u32 id)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *hdr;

	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_iput(msg, info);
	if (!hdr || nla_put_u32(msg, TQUIC_A_PATH_CONN_ID, conn_id) ||
	    nla_put_u32(msg, TQUIC_A_PATH_ID, id)) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

int tquic_nl_path_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct tquic_tuple tuple;
	struct tquic_sess *sess;
	u32 conn_id;
	int id;

	sess = tquic_netlink_sess(info, TQUIC_A_PATH_CONN_ID);
	if (IS_ERR(sess))
		return PTR_ERR(sess);
	conn_id = sess->id;
	tquic_netlink_tuple(info, &tuple);
	id = -ENODEV;
	if (!tquic_netlink_has_dev(info, TQUIC_A_PATH_DEV))
		goto out;
	tquic_sess_lock(sess);
	id = tquic_sess_add_path(sess, &tuple);
	if (id < 0)
		NL_SET_ERR_MSG_FMT(info->extack, "%s",
				   tquic_netlink_no_path(sess->core, id));
	else
		tquic_netlink_use_path(info, sess->core, id, NULL);
	tquic_sess_unlock(sess);
out:
	tquic_sess_put(sess);
	return id < 0 ? id : tquic_netlink_reply_path(info, conn_id, id);
}

static int tquic_netlink_del_path(struct genl_info *info,
				  struct tquic_sess *sess,
				  const struct tquic_path *path)
{
	struct nlattr *a = info->attrs[TQUIC_A_PATH_CLOSE_CODE];
	u64 code = a ? nla_get_uint(a) : 0;
	u32 id = path->id;
	int err;

	if (code > TQUIC_VARINT_MAX) {
		NL_SET_ERR_MSG_ATTR(info->extack, a,
				    "an error code has 62 bits at most");
		return -ERANGE;
	}
	err = tquic_conn_abandon_path(sess->core, id, code, ktime_get_ns(),
				      GFP_KERNEL);
	switch (err) {
	case -EBUSY:
		NL_SET_ERR_MSG(info->extack,
			       "it is the last path: close the connection");
		break;
	case -EOPNOTSUPP:
		NL_SET_ERR_MSG(info->extack,
			       "the connection has one path only");
		break;
	case -ENOENT:
		NL_SET_ERR_MSG_FMT(info->extack,
				   "path %u is being abandoned already", id);
		break;
	case -ENOMEM:
		NL_SET_ERR_MSG(info->extack, "out of memory");
	}
	return err;
}

int tquic_nl_path_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct tquic_path *path;
	struct tquic_sess *sess;
	int err;

	sess = tquic_netlink_sess(info, TQUIC_A_PATH_CONN_ID);
	if (IS_ERR(sess))
		return PTR_ERR(sess);
	tquic_sess_lock(sess);
	path = tquic_netlink_path(info, sess);
	err = IS_ERR(path) ? PTR_ERR(path) :
			     tquic_netlink_del_path(info, sess, path);
	tquic_sess_unlock(sess);
	tquic_sess_put(sess);
	return err;
}

int tquic_nl_path_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **a = info->attrs;
	struct tquic_path *path;
	struct tquic_sess *sess;
	int err;

	if (!a[TQUIC_A_PATH_BACKUP] && !a[TQUIC_A_PATH_METERED] &&
	    !a[TQUIC_A_PATH_UP]) {
		NL_SET_ERR_MSG(info->extack,
			       "nothing to set: no backup, metered or up");
		return -EINVAL;
	}
	sess = tquic_netlink_sess(info, TQUIC_A_PATH_CONN_ID);
	if (IS_ERR(sess))
		return PTR_ERR(sess);
	tquic_sess_lock(sess);
	path = tquic_netlink_path(info, sess);
	err = IS_ERR(path) ? PTR_ERR(path) :
			     tquic_netlink_use_path(info, sess->core, path->id,
						    a[TQUIC_A_PATH_UP]);
	if (!err)
		tquic_netlink_event_paths(sess);
	tquic_sess_unlock(sess);
	tquic_sess_put(sess);
	return err;
}
