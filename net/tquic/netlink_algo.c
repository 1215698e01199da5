// SPDX-License-Identifier: GPL-2.0
/*
 * Scheduler and congestion control: of a connection, or of those to come.  Both
 * are asked for in the same way.
 */
#include "netlink.h"
#include "registry.h"
#include "sess.h"
#include "sess_info.h"

/* all names; each has less than 16 bytes */
#define TQUIC_NETLINK_NAMES	512

/**
 * struct tquic_algo_kind - a kind of algorithms
 * @what: what it is called
 * @names: all of the kind that are loaded
 * @of: name of a session's; the lock is held
 * @set: let a session have another, or the namespace without a session; loads
 *	the module
 * @fallback: name of the namespace's, 16 bytes
 */
struct tquic_algo_kind {
	const char *what;
	size_t (*names)(char *buf, size_t room);
	const char *(*of)(const struct tquic_sess *sess);
	int (*set)(struct tquic_net *tn, struct tquic_sess *sess,
		   const char *name);
	void (*fallback)(struct tquic_net *tn, char *name);
};

static const char *tquic_algo_sched_of(const struct tquic_sess *sess)
{
	return sess->core->config.sched_ops->name;
}

static int tquic_algo_sched_set(struct tquic_net *tn, struct tquic_sess *sess,
				const char *name)
{
	const struct tquic_sched_ops *ops;
	int err;

	if (!sess)
		return tquic_net_set_sched(tn, name);
	ops = tquic_sched_find(name);
	if (!ops)
		return -ENOENT;
	tquic_sess_lock(sess);
	err = tquic_sess_set_sched(sess, ops);
	tquic_sess_unlock(sess);
	tquic_sched_put(ops);
	return err;
}

static const char *tquic_algo_cc_of(const struct tquic_sess *sess)
{
	return sess->core->config.cc_ops->name;
}

static int tquic_algo_cc_set(struct tquic_net *tn, struct tquic_sess *sess,
			     const char *name)
{
	const struct tquic_cc_ops *ops;
	int err;

	if (!sess)
		return tquic_net_set_cc(tn, name);
	ops = tquic_cc_find(name);
	if (!ops)
		return -ENOENT;
	tquic_sess_lock(sess);
	err = tquic_sess_set_cc(sess, ops);
	tquic_sess_unlock(sess);
	tquic_cc_put(ops);
	return err;
}

static const struct tquic_algo_kind tquic_algo_sched = {
	.what = "scheduler",
	.names = tquic_sched_names,
	.of = tquic_algo_sched_of,
	.set = tquic_algo_sched_set,
	.fallback = tquic_net_sched_name,
};

static const struct tquic_algo_kind tquic_algo_cc = {
	.what = "congestion control",
	.names = tquic_cc_names,
	.of = tquic_algo_cc_of,
	.set = tquic_algo_cc_set,
	.fallback = tquic_net_cc_name,
};

static int tquic_algo_put(struct sk_buff *msg, struct genl_info *info,
			  const struct tquic_algo_kind *kind, const char *name)
{
	struct nlattr *of = info->attrs[TQUIC_A_ALGO_CONN_ID];
	void *hdr = genlmsg_iput(msg, info);
	char names[TQUIC_NETLINK_NAMES];

	if (!hdr)
		return -EMSGSIZE;
	kind->names(names, sizeof(names));
	if ((of && nla_put_u32(msg, TQUIC_A_ALGO_CONN_ID, nla_get_u32(of))) ||
	    nla_put_string(msg, TQUIC_A_ALGO_NAME, name) ||
	    nla_put_string(msg, TQUIC_A_ALGO_AVAILABLE, names))
		return -EMSGSIZE;
	genlmsg_end(msg, hdr);
	return 0;
}

static int tquic_algo_get(struct genl_info *info,
			  const struct tquic_algo_kind *kind)
{
	struct tquic_net *tn = tquic_net(genl_info_net(info));
	struct tquic_sess *sess;
	char name[TQUIC_NAME_MAX];
	struct sk_buff *msg;
	int err;

	if (info->attrs[TQUIC_A_ALGO_CONN_ID]) {
		sess = tquic_netlink_sess(info, TQUIC_A_ALGO_CONN_ID);
		if (IS_ERR(sess))
			return PTR_ERR(sess);
		tquic_sess_lock(sess);
		strscpy(name, kind->of(sess));
		tquic_sess_unlock(sess);
		tquic_sess_put(sess);
	} else {
		kind->fallback(tn, name);
	}
	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	err = tquic_algo_put(msg, info, kind, name);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

static int tquic_algo_set(struct genl_info *info,
			  const struct tquic_algo_kind *kind)
{
	struct tquic_net *tn = tquic_net(genl_info_net(info));
	struct nlattr *a = info->attrs[TQUIC_A_ALGO_NAME];
	struct tquic_sess *sess = NULL;
	int err;

	if (!a)
		return tquic_netlink_missing(info, TQUIC_A_ALGO_NAME,
					     "name of the algorithm");
	if (info->attrs[TQUIC_A_ALGO_CONN_ID]) {
		sess = tquic_netlink_sess(info, TQUIC_A_ALGO_CONN_ID);
		if (IS_ERR(sess))
			return PTR_ERR(sess);
	}
	err = kind->set(tn, sess, nla_data(a));
	if (err == -ENOENT) {
		NL_SET_BAD_ATTR(info->extack, a);
		NL_SET_ERR_MSG_FMT(info->extack, "there is no %s \"%s\"",
				   kind->what, (const char *)nla_data(a));
	}
	if (sess)
		tquic_sess_put(sess);
	return err;
}

int tquic_nl_sched_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return tquic_algo_get(info, &tquic_algo_sched);
}

int tquic_nl_sched_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return tquic_algo_set(info, &tquic_algo_sched);
}

int tquic_nl_cong_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return tquic_algo_get(info, &tquic_algo_cc);
}

int tquic_nl_cong_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return tquic_algo_set(info, &tquic_algo_cc);
}
