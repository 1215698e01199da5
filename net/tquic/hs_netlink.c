// SPDX-License-Identifier: GPL-2.0
/*
 * Handshakes over generic netlink: HS_READY tells whoever listens that there is
 * one, HS_ACCEPT gives it away, HS_DONE says how it went.
 *
 * Only somebody with CAP_NET_ADMIN in the namespace's user namespace may listen
 * or ask: a listener is an agent.
 */
#include <linux/file.h>
#include <linux/slab.h>
#include <linux/tquic_genl.h>
#include <net/genetlink.h>

#include "netlink_gen.h"
#include "sess.h"

/* statuses from here on are the kernel's own and no user's business */
#define TQUIC_HS_STATUS_MAX	511

bool tquic_hs_netlink_heard(struct net *agent)
{
	return genl_has_listeners(&tquic_nl_family, agent,
				  TQUIC_NLGRP_HANDSHAKE);
}

int tquic_hs_netlink_ready(struct net *agent, u32 token)
{
	struct sk_buff *skb = genlmsg_new(nla_total_size_64bit(sizeof(u64)),
					  GFP_KERNEL);
	void *head;

	if (!skb)
		return -ENOMEM;
	head = genlmsg_put(skb, 0, 0, &tquic_nl_family, 0,
			   TQUIC_CMD_HS_READY);
	if (!head || nla_put_uint(skb, TQUIC_A_HS_TOKEN, token)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return genlmsg_multicast_netns(&tquic_nl_family, agent, skb, 0,
				       TQUIC_NLGRP_HANDSHAKE, GFP_KERNEL);
}

static u32 tquic_hs_netlink_left(const struct tquic_hs *hs)
{
	return jiffies_to_msecs(max_t(long, hs->deadline - jiffies, 1));
}

static int tquic_hs_netlink_put_cred(struct sk_buff *skb,
				     const struct tquic_cred *cred)
{
	if (nla_put_u32(skb, TQUIC_A_HS_AUTH, cred->auth) ||
	    nla_put_u32(skb, TQUIC_A_HS_CIPHER, cred->cipher) ||
	    nla_put_u32(skb, TQUIC_A_HS_UID,
			from_kuid_munged(&init_user_ns, cred->uid)) ||
	    nla_put(skb, TQUIC_A_HS_ALPN, cred->alpn_len, cred->alpn) ||
	    nla_put_string(skb, TQUIC_A_HS_PEERNAME, cred->peername) ||
	    nla_put_string(skb, TQUIC_A_HS_IDENTITY, cred->identity) ||
	    nla_put_string(skb, TQUIC_A_HS_PROFILE, cred->profile) ||
	    nla_put_s32(skb, TQUIC_A_HS_PSK_KEY, cred->psk_key) ||
	    nla_put_s32(skb, TQUIC_A_HS_CERTIFICATE, cred->certificate) ||
	    nla_put_s32(skb, TQUIC_A_HS_PRIVATE_KEY, cred->private_key))
		return -EMSGSIZE;
	return 0;
}

/* What the agent needs to know of the connection; its lock is held. */
static int tquic_hs_netlink_put_conn(struct sk_buff *skb,
				     const struct tquic_sess *sess)
{
	struct tquic_conn *core = sess->core;
	const struct tquic_path *path;

	path = list_first_entry_or_null(&core->paths, struct tquic_path, node);
	if (path && (nla_put(skb, TQUIC_A_HS_REMOTE, sizeof(path->tuple.remote),
			     path->tuple.remote) ||
		     nla_put_u16(skb, TQUIC_A_HS_REMOTE_PORT,
				 path->tuple.remote_port)))
		return -EMSGSIZE;
	if (nla_put_u32(skb, TQUIC_A_HS_ROLE, core->server) ||
	    nla_put_u32(skb, TQUIC_A_HS_VERSION, core->version))
		return -EMSGSIZE;
	if (sess->config.early && sess->config.cred->early &&
	    nla_put_flag(skb, TQUIC_A_HS_EARLY))
		return -EMSGSIZE;
	return 0;
}

static int tquic_hs_netlink_put(struct sk_buff *skb, const struct tquic_hs *hs,
				struct tquic_sess *sess, int fd)
{
	int err;

	if (nla_put_uint(skb, TQUIC_A_HS_TOKEN, hs->token) ||
	    nla_put_s32(skb, TQUIC_A_HS_FD, fd) ||
	    nla_put_u32(skb, TQUIC_A_HS_TIMEOUT, tquic_hs_netlink_left(hs)))
		return -EMSGSIZE;
	if (sess->tn->net != hs->agent &&
	    nla_put_uint(skb, TQUIC_A_HS_NETNS, sess->tn->net->net_cookie))
		return -EMSGSIZE;
	tquic_sess_lock(sess);
	err = tquic_hs_netlink_put_conn(skb, sess);
	tquic_sess_unlock(sess);
	return err ?: tquic_hs_netlink_put_cred(skb, sess->config.cred);
}

/* The answer, with everything in it but the file behind @fd. */
static struct sk_buff *tquic_hs_netlink_answer(struct tquic_hs *hs, int fd,
					       struct genl_info *info)
{
	struct tquic_sess *sess = tquic_hs_sess(hs);
	struct sk_buff *skb;
	void *head;
	int err;

	if (!sess)
		return ERR_PTR(-ENOENT);
	err = -ENOMEM;
	skb = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!skb)
		goto out;
	err = -EMSGSIZE;
	head = genlmsg_put_reply(skb, info, &tquic_nl_family, 0,
				 TQUIC_CMD_HS_ACCEPT);
	if (head)
		err = tquic_hs_netlink_put(skb, hs, sess, fd);
	if (err)
		nlmsg_free(skb);
	else
		genlmsg_end(skb, head);
out:
	tquic_sess_put(sess);
	return err ? ERR_PTR(err) : skb;
}

/*
 * Hand a handshake to the process that asked.  The file is there before the
 * answer can be read but for the few instructions between the two calls at the
 * end: once it is installed, nothing must fail.
 */
static int tquic_hs_netlink_give(struct tquic_hs *hs, struct genl_info *info)
{
	struct sk_buff *skb;
	struct file *file;
	int fd, err;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		NL_SET_ERR_MSG(info->extack, "no file descriptor is left");
		tquic_hs_give_back(hs);
		return fd;
	}
	skb = tquic_hs_netlink_answer(hs, fd, info);
	if (IS_ERR(skb)) {
		err = PTR_ERR(skb);
		goto err_fd;
	}
	file = tquic_hs_file_new(hs);
	if (IS_ERR(file)) {
		nlmsg_free(skb);
		err = PTR_ERR(file);
		goto err_fd;
	}
	err = genlmsg_reply(skb, info);
	if (err) {
		/* the handshake fails with its file */
		put_unused_fd(fd);
		fput(file);
		return err;
	}
	fd_install(fd, file);
	return 0;

err_fd:
	put_unused_fd(fd);
	tquic_hs_give_back(hs);
	return err;
}

/* a token of a request; 0 without, U32_MAX for one that nobody has */
static u32 tquic_hs_netlink_token(const struct genl_info *info)
{
	u64 token;

	if (!info->attrs[TQUIC_A_HS_TOKEN])
		return 0;
	token = nla_get_uint(info->attrs[TQUIC_A_HS_TOKEN]);
	return !token || token > U32_MAX ? U32_MAX : token;
}

int tquic_nl_hs_accept_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct tquic_hs *hs;

	hs = tquic_hs_take(genl_info_net(info), tquic_hs_netlink_token(info));
	if (!hs) {
		NL_SET_ERR_MSG(info->extack, "no such handshake waits");
		return -ENOENT;
	}
	return tquic_hs_netlink_give(hs, info);
}

static int tquic_hs_netlink_succeeded(struct tquic_hs *hs,
				      struct genl_info *info)
{
	const struct nlattr *identity = info->attrs[TQUIC_A_HS_IDENTITY];
	struct tquic_sess *sess;
	int err = 0;

	if (!test_bit(TQUIC_HS_F_FINISHED, &hs->flags)) {
		NL_SET_ERR_MSG(info->extack,
			       "TLS has not finished: status 0 comes after");
		return -EINVAL;
	}
	sess = tquic_hs_sess(hs);
	if (!sess)
		return -ENOENT;
	if (identity)
		err = tquic_sess_hs_identity(sess, nla_data(identity),
					     strnlen(nla_data(identity),
						     nla_len(identity)));
	if (!err)
		tquic_sess_hs_end(sess, 0, 0, "");
	tquic_sess_put(sess);
	return err;
}

static int tquic_hs_netlink_failed(struct tquic_hs *hs, u32 status,
				   struct genl_info *info)
{
	const struct nlattr *words = info->attrs[TQUIC_A_HS_TEXT];
	char text[sizeof_field(struct tquic_sess, error)] = "";
	u8 alert = 0;

	if (status > TQUIC_HS_STATUS_MAX) {
		NL_SET_ERR_MSG(info->extack, "the status is no errno");
		return -EINVAL;
	}
	if (test_bit(TQUIC_HS_F_FINISHED, &hs->flags)) {
		NL_SET_ERR_MSG(info->extack, "TLS has finished already");
		return -EALREADY;
	}
	if (info->attrs[TQUIC_A_HS_ALERT])
		alert = nla_get_u32(info->attrs[TQUIC_A_HS_ALERT]);
	if (words)
		tquic_hs_text(text, sizeof(text), nla_data(words),
			      strnlen(nla_data(words), nla_len(words)));
	return tquic_hs_fail(hs, -(int)status, alert, text) ? 0 : -ENOENT;
}

int tquic_nl_hs_done_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct tquic_hs *hs;
	u32 status = 0;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, TQUIC_A_HS_TOKEN))
		return -EINVAL;
	if (info->attrs[TQUIC_A_HS_STATUS])
		status = nla_get_u32(info->attrs[TQUIC_A_HS_STATUS]);
	hs = tquic_hs_find_taken(genl_info_net(info),
				 tquic_hs_netlink_token(info));
	if (!hs) {
		NL_SET_ERR_MSG(info->extack,
			       "no handshake with this token is under way");
		return -ENOENT;
	}
	err = status ? tquic_hs_netlink_failed(hs, status, info) :
		       tquic_hs_netlink_succeeded(hs, info);
	tquic_hs_put(hs);
	return err;
}
