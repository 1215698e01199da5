// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <stdio.h>
#include <string.h>

#include "genl.h"

static int tq_genl_fail(struct tq_genl *genl, int err, const char *text)
{
	snprintf(genl->error, sizeof(genl->error), "%s", text);
	return err;
}

static int tq_genl_broken(struct tq_genl *genl)
{
	int err = errno;

	snprintf(genl->error, sizeof(genl->error), "netlink: %s",
		 strerror(err));
	return -err;
}

/* 0, or what the kernel refused the request with */
static int tq_genl_verdict(struct tq_genl *genl, const struct nlmsghdr *nlh)
{
	bool done = nlh->nlmsg_type == NLMSG_DONE;
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	int code = done ? *(const int *)err : err->error;
	const struct nlattr *attr;
	const char *text = NULL;
	unsigned int off;

	if (!code)
		return 0;
	off = done ? sizeof(int) : sizeof(*err);
	/* the request is not part of it: NETLINK_CAP_ACK */
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS)
		mnl_attr_for_each(attr, nlh, off)
			if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
				text = mnl_attr_get_str(attr);
	if (code == -EPERM && !text)
		text = "this needs CAP_NET_ADMIN: try as root";
	if (code == -EOPNOTSUPP && !text)
		text = "the kernel module is older than this program";
	return tq_genl_fail(genl, code, text ? text : strerror(-code));
}

int tq_genl_ask(struct tq_genl *genl, struct nlmsghdr *nlh, tq_genl_cb cb,
		void *arg)
{
	ssize_t len;
	int left;

	nlh->nlmsg_seq = ++genl->seq;
	/* it may have been begun before the number was known */
	if (!nlh->nlmsg_type)
		nlh->nlmsg_type = genl->family;
	if (mnl_socket_sendto(genl->nl, nlh, nlh->nlmsg_len) < 0)
		return tq_genl_broken(genl);
	for (;;) {
		len = mnl_socket_recvfrom(genl->nl, genl->buf,
					  sizeof(genl->buf));
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return tq_genl_broken(genl);
		left = len;
		for (nlh = (void *)genl->buf; mnl_nlmsg_ok(nlh, left);
		     nlh = mnl_nlmsg_next(nlh, &left)) {
			if (nlh->nlmsg_seq != genl->seq)
				continue;
			if (nlh->nlmsg_type == NLMSG_ERROR ||
			    nlh->nlmsg_type == NLMSG_DONE)
				return tq_genl_verdict(genl, nlh);
			if (cb)
				cb(nlh, arg);
		}
	}
}

static void tq_genl_group(struct tq_genl *genl, const struct nlattr *nest)
{
	const struct nlattr *attr, *in;
	const char *name;
	uint32_t id;

	mnl_attr_for_each_nested(attr, nest) {
		name = "";
		id = 0;
		mnl_attr_for_each_nested(in, attr) {
			if (mnl_attr_get_type(in) == CTRL_ATTR_MCAST_GRP_NAME)
				name = mnl_attr_get_str(in);
			if (mnl_attr_get_type(in) == CTRL_ATTR_MCAST_GRP_ID)
				id = mnl_attr_get_u32(in);
		}
		if (!strcmp(name, TQUIC_MCGRP_EVENTS))
			genl->events = id;
	}
}

static void tq_genl_family(const struct nlmsghdr *nlh, void *arg)
{
	struct tq_genl *genl = arg;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			genl->family = mnl_attr_get_u16(attr);
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GROUPS)
			tq_genl_group(genl, attr);
	}
}

static struct nlmsghdr *tq_genl_begin(char *buf, uint16_t type, uint8_t cmd,
				      uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *head;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	head = mnl_nlmsg_put_extra_header(nlh, sizeof(*head));
	head->cmd = cmd;
	head->version = 1;
	return nlh;
}

struct nlmsghdr *tq_genl_start(struct tq_genl *genl, uint8_t cmd, bool dump)
{
	return tq_genl_begin(genl->request, genl->family, cmd,
			     dump ? NLM_F_DUMP : 0);
}

static int tq_genl_resolve(struct tq_genl *genl)
{
	char buf[256];
	struct nlmsghdr *nlh;
	int err;

	nlh = tq_genl_begin(buf, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, TQUIC_FAMILY_NAME);
	err = tq_genl_ask(genl, nlh, tq_genl_family, genl);
	if (err == -ENOENT || (!err && !genl->family))
		return tq_genl_fail(genl, -ENOENT,
				    "the kernel module is not loaded: modprobe tquic");
	return err;
}

int tq_genl_open(struct tq_genl *genl)
{
	int on = 1, err;

	genl->family = 0;
	genl->seq = 0;
	genl->nl = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!genl->nl)
		return tq_genl_broken(genl);
	if (mnl_socket_bind(genl->nl, 0, MNL_SOCKET_AUTOPID) < 0)
		err = tq_genl_broken(genl);
	else
		err = 0;
	mnl_socket_setsockopt(genl->nl, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(genl->nl, NETLINK_CAP_ACK, &on, sizeof(on));
	if (!err)
		err = tq_genl_resolve(genl);
	if (err)
		tq_genl_close(genl);
	return err;
}

void tq_genl_close(struct tq_genl *genl)
{
	if (genl->nl)
		mnl_socket_close(genl->nl);
	genl->nl = NULL;
}

int tq_genl_fd(const struct tq_genl *genl)
{
	return mnl_socket_get_fd(genl->nl);
}

int tq_genl_join(struct tq_genl *genl, bool nonblock)
{
	int err;

	if (mnl_socket_setsockopt(genl->nl, NETLINK_ADD_MEMBERSHIP,
				  &genl->events, sizeof(genl->events))) {
		err = -errno;
		return tq_genl_fail(genl, err, err == -EPERM ?
				    "this needs CAP_NET_ADMIN: try as root" :
				    strerror(-err));
	}
	if (nonblock && fcntl(tq_genl_fd(genl), F_SETFL, O_NONBLOCK))
		return tq_genl_broken(genl);
	return 0;
}

int tq_genl_events(struct tq_genl *genl, tq_genl_cb cb, void *arg)
{
	const struct nlmsghdr *nlh;
	ssize_t len;
	int left;

	len = mnl_socket_recvfrom(genl->nl, genl->buf, sizeof(genl->buf));
	if (len < 0)
		return tq_genl_broken(genl);
	left = len;
	for (nlh = (void *)genl->buf; mnl_nlmsg_ok(nlh, left);
	     nlh = mnl_nlmsg_next(nlh, &left))
		if (nlh->nlmsg_type == genl->family)
			cb(nlh, arg);
	return 0;
}
