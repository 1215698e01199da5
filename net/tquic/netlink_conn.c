// SPDX-License-Identifier: GPL-2.0
/* Connections: shown and closed. */
#include <linux/ctype.h>
#include <linux/ktime.h>

#include "netlink.h"
#include "sess.h"
#include "sess_info.h"

static_assert((int)TQUIC_CONN_WHY_NONE == (int)TQUIC_WHY_NONE);
static_assert((int)TQUIC_CONN_WHY_RESET == (int)TQUIC_WHY_RESET);
static_assert((int)TQUIC_CONN_WHY_VERSION == (int)TQUIC_WHY_VERSION);

static int tquic_netlink_put_sums(struct sk_buff *msg,
				  const struct tquic_info *info)
{
	if (nla_put_uint(msg, TQUIC_A_CONN_SENT_BYTES, info->sent_bytes) ||
	    nla_put_uint(msg, TQUIC_A_CONN_RECEIVED_BYTES,
			 info->received_bytes) ||
	    nla_put_uint(msg, TQUIC_A_CONN_SENT_PACKETS, info->sent_packets) ||
	    nla_put_uint(msg, TQUIC_A_CONN_RECEIVED_PACKETS,
			 info->received_packets) ||
	    nla_put_uint(msg, TQUIC_A_CONN_LOST_PACKETS, info->lost_packets) ||
	    nla_put_uint(msg, TQUIC_A_CONN_DELIVERED_BYTES,
			 info->delivered_bytes))
		return -EMSGSIZE;
	return 0;
}

static int tquic_netlink_put_names(struct sk_buff *msg,
				   const struct tquic_info *info)
{
	if ((*info->alpn && nla_put_string(msg, TQUIC_A_CONN_ALPN,
					   info->alpn)) ||
	    (*info->identity && nla_put_string(msg, TQUIC_A_CONN_IDENTITY,
					       info->identity)) ||
	    nla_put_string(msg, TQUIC_A_CONN_SCHEDULER, info->scheduler) ||
	    nla_put_string(msg, TQUIC_A_CONN_CONGESTION, info->congestion) ||
	    (info->alert && nla_put_u32(msg, TQUIC_A_CONN_ALERT,
					info->alert)) ||
	    (*info->error && nla_put_string(msg, TQUIC_A_CONN_ERROR,
					    info->error)))
		return -EMSGSIZE;
	return 0;
}

/* The peer's phrase comes from the network: what it is made of is anything. */
static int tquic_netlink_put_phrase(struct sk_buff *msg,
				    const struct tquic_conn *core)
{
	char text[TQUIC_CONN_REASON + 1];
	unsigned int i;

	for (i = 0; i < core->remote_reason_len; i++)
		text[i] = isprint(core->remote_reason[i]) &&
			  isascii(core->remote_reason[i]) ?
			  core->remote_reason[i] : '?';
	text[i] = 0;
	return *text ? nla_put_string(msg, TQUIC_A_CONN_CLOSE_REASON, text) : 0;
}

/* How it ended, or nothing. */
static int tquic_netlink_put_why(struct sk_buff *msg,
				 const struct tquic_conn *core)
{
	bool remote = core->why == TQUIC_CONN_WHY_REMOTE;
	u64 code = remote ? core->remote_close.code : core->close.code;
	bool app = remote ? core->remote_app : core->close_app;

	if (core->state <= TQUIC_CONN_ESTABLISHED)
		return 0;
	if (nla_put_u32(msg, TQUIC_A_CONN_WHY, core->why))
		return -EMSGSIZE;
	if (!remote && core->why != TQUIC_CONN_WHY_LOCAL)
		return 0;
	if (nla_put_uint(msg, TQUIC_A_CONN_CLOSE_CODE, code) ||
	    (app && nla_put_flag(msg, TQUIC_A_CONN_CLOSE_APP)) ||
	    (remote && tquic_netlink_put_phrase(msg, core)))
		return -EMSGSIZE;
	return 0;
}

/**
 * tquic_netlink_put_conn - write the attributes of a connection
 * @msg: message
 * @sess: session; the lock is held
 *
 * Return: 0, or -EMSGSIZE.
 */
int tquic_netlink_put_conn(struct sk_buff *msg, struct tquic_sess *sess)
{
	struct tquic_info info;

	tquic_sess_fill_info(sess, &info);
	if (nla_put_u32(msg, TQUIC_A_CONN_ID, info.conn_id) ||
	    nla_put_u32(msg, TQUIC_A_CONN_STATE, info.state) ||
	    nla_put_u32(msg, TQUIC_A_CONN_FLAGS, info.flags) ||
	    nla_put_u32(msg, TQUIC_A_CONN_VERSION, info.version) ||
	    nla_put_u32(msg, TQUIC_A_CONN_CIPHER, info.cipher) ||
	    nla_put_u32(msg, TQUIC_A_CONN_PATHS, info.paths) ||
	    nla_put_u32(msg, TQUIC_A_CONN_PATHS_USABLE, info.paths_usable) ||
	    nla_put_u32(msg, TQUIC_A_CONN_STREAMS, info.streams) ||
	    nla_put_u32(msg, TQUIC_A_CONN_SRTT, info.srtt_us) ||
	    tquic_netlink_put_sums(msg, &info) ||
	    tquic_netlink_put_names(msg, &info) ||
	    tquic_netlink_put_why(msg, sess->core))
		return -EMSGSIZE;
	return 0;
}

static int tquic_netlink_show_conn(struct sk_buff *msg,
				   const struct genl_info *info,
				   struct tquic_sess *sess)
{
	void *hdr = genlmsg_iput(msg, info);
	int err;

	if (!hdr)
		return -EMSGSIZE;
	tquic_sess_lock(sess);
	err = tquic_netlink_put_conn(msg, sess);
	tquic_sess_unlock(sess);
	if (err)
		genlmsg_cancel(msg, hdr);
	else
		genlmsg_end(msg, hdr);
	return err;
}

int tquic_nl_conn_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct tquic_sess *sess = tquic_netlink_sess(info, TQUIC_A_CONN_ID);
	struct sk_buff *msg;
	int err = -ENOMEM;

	if (IS_ERR(sess))
		return PTR_ERR(sess);
	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (msg)
		err = tquic_netlink_show_conn(msg, info, sess);
	tquic_sess_put(sess);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

int tquic_nl_conn_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct genl_info *info = genl_info_dump(cb);
	struct net *net = sock_net(cb->skb->sk);
	struct tquic_sess *sess;
	unsigned long id;
	int err;

	for (id = cb->args[0]; ; id++) {
		sess = tquic_netlink_next(net, &id);
		if (!sess)
			return skb->len;
		cb->args[0] = id;
		err = tquic_netlink_show_conn(skb, info, sess);
		tquic_sess_put(sess);
		if (err)
			return skb->len ? skb->len : err;
		cb->args[0] = id + 1;
	}
}

/* Whether a flush is about it: tunnels would dial again. */
static bool tquic_flush_wants(struct tquic_sess *sess, bool tunnels)
{
	bool wants;

	tquic_sess_lock(sess);
	wants = tunnels || !sess->ops || sess->ops->socket;
	tquic_sess_unlock_quiet(sess);
	return wants;
}

/*
 * Everybody's connections end as with the namespace: the peer is told, and no
 * late packet is waited for.  When this has answered nothing is left of those
 * that nobody has open.
 */
int tquic_nl_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	bool tunnels = nla_get_flag(info->attrs[TQUIC_A_CONN_TUNNELS]);
	struct net *net = genl_info_net(info);
	struct tquic_sess *sess;
	unsigned long id;

	/* nobody comes any more before those that are there go */
	tquic_listen_flush(tquic_net(net));
	for (id = 0; (sess = tquic_netlink_next(net, &id)); id++) {
		if (tquic_flush_wants(sess, tunnels)) {
			set_bit(TQUIC_SESS_F_ABORT, &sess->flags);
			tquic_sess_kick(sess);
		}
		tquic_sess_put(sess);
	}
	flush_workqueue(tquic_wq);
	rcu_barrier();
	flush_workqueue(tquic_wq);
	return 0;
}

int tquic_nl_conn_close_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **a = info->attrs;
	struct tquic_sess *sess;
	int err = 0;
	u64 code = 0;

	sess = tquic_netlink_sess(info, TQUIC_A_CONN_ID);
	if (IS_ERR(sess))
		return PTR_ERR(sess);
	if (a[TQUIC_A_CONN_CLOSE_CODE])
		code = nla_get_uint(a[TQUIC_A_CONN_CLOSE_CODE]);
	tquic_sess_lock(sess);
	if (code > TQUIC_VARINT_MAX) {
		NL_SET_ERR_MSG_ATTR(info->extack, a[TQUIC_A_CONN_CLOSE_CODE],
				    "an error code has 62 bits at most");
		err = -ERANGE;
	} else if (sess->dead || sess->core->state > TQUIC_CONN_ESTABLISHED) {
		NL_SET_ERR_MSG_FMT(info->extack,
				   "connection %u is being closed already",
				   sess->id);
		err = -EALREADY;
	} else {
		if (a[TQUIC_A_CONN_CLOSE_REASON])
			nla_strscpy(sess->farewell,
				    a[TQUIC_A_CONN_CLOSE_REASON],
				    sizeof(sess->farewell));
		tquic_conn_close(sess->core, code,
				 nla_get_flag(a[TQUIC_A_CONN_CLOSE_APP]),
				 sess->farewell, ktime_get_ns());
	}
	tquic_sess_unlock(sess);
	tquic_sess_put(sess);
	return err;
}
