// SPDX-License-Identifier: GPL-2.0
/* What is said to the kernel, and what it refuses. */
#include <errno.h>
#include <linux/genetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ip-tquic.h"

static struct {
	struct mnl_socket *sock;
	uint16_t family;
	uint32_t events;
	uint32_t seq;
	char buf[32768];
} nl;

static void refused(const struct nlmsghdr *nlh)
{
	bool done = nlh->nlmsg_type == NLMSG_DONE;
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	int code = done ? *(const int *)err : err->error;
	const struct nlattr *attr;
	const char *text = NULL;
	unsigned int off;

	if (!code)
		return;
	off = done ? sizeof(int) : sizeof(*err);
	/* the request is not part of it: NETLINK_CAP_ACK */
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS)
		mnl_attr_for_each(attr, nlh, off)
			if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
				text = mnl_attr_get_str(attr);
	if (code == -EPERM && !text)
		text = "this needs CAP_NET_ADMIN: try as root";
	die(EXIT_KERNEL, "%s", text ? text : strerror(-code));
}

static void transact(struct nlmsghdr *nlh,
		     void (*cb)(const struct nlmsghdr *nlh, void *arg),
		     void *arg)
{
	bool over = false;
	ssize_t len;
	int left;

	nlh->nlmsg_seq = ++nl.seq;
	if (mnl_socket_sendto(nl.sock, nlh, nlh->nlmsg_len) < 0)
		die(EXIT_KERNEL, "netlink: %s", strerror(errno));
	while (!over) {
		len = mnl_socket_recvfrom(nl.sock, nl.buf, sizeof(nl.buf));
		if (len < 0)
			die(EXIT_KERNEL, "netlink: %s", strerror(errno));
		left = len;
		for (nlh = (void *)nl.buf; mnl_nlmsg_ok(nlh, left);
		     nlh = mnl_nlmsg_next(nlh, &left)) {
			if (nlh->nlmsg_seq != nl.seq)
				continue;
			over = nlh->nlmsg_type == NLMSG_ERROR ||
			       nlh->nlmsg_type == NLMSG_DONE;
			if (over)
				refused(nlh);
			else if (cb)
				cb(nlh, arg);
		}
	}
}

static void group(const struct nlattr *nest)
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
			nl.events = id;
	}
}

static void family(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *attr;

	(void)arg;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			nl.family = mnl_attr_get_u16(attr);
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GROUPS)
			group(attr);
	}
}

static struct nlmsghdr *start(uint16_t type, uint8_t cmd, uint16_t flags)
{
	/* requests are small: a few numbers, addresses and a phrase */
	static char buf[4096];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = 1;
	return nlh;
}

/* Find the family, or say what is missing. */
void genl_open(void)
{
	struct nlmsghdr *nlh;
	int on = 1;

	nl.sock = mnl_socket_open(NETLINK_GENERIC);
	if (!nl.sock || mnl_socket_bind(nl.sock, 0, MNL_SOCKET_AUTOPID) < 0)
		die(EXIT_KERNEL, "netlink: %s", strerror(errno));
	mnl_socket_setsockopt(nl.sock, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(nl.sock, NETLINK_CAP_ACK, &on, sizeof(on));
	/* a request to the controller by name fails without text */
	nlh = start(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_DUMP);
	nlh->nlmsg_flags &= ~NLM_F_DUMP;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, TQUIC_FAMILY_NAME);
	nlh->nlmsg_seq = ++nl.seq;
	if (mnl_socket_sendto(nl.sock, nlh, nlh->nlmsg_len) < 0)
		die(EXIT_KERNEL, "netlink: %s", strerror(errno));
	while (!nl.family) {
		ssize_t len = mnl_socket_recvfrom(nl.sock, nl.buf,
						  sizeof(nl.buf));

		nlh = (void *)nl.buf;
		if (len < (ssize_t)sizeof(*nlh) ||
		    nlh->nlmsg_type == NLMSG_ERROR)
			die(EXIT_KERNEL,
			    "the kernel module is not loaded: modprobe tquic");
		family(nlh, NULL);
	}
}

struct nlmsghdr *genl_start(uint8_t cmd, bool dump)
{
	return start(nl.family, cmd, dump ? NLM_F_DUMP : 0);
}

void genl_ask(struct nlmsghdr *nlh,
	      void (*cb)(const struct nlmsghdr *nlh, void *arg), void *arg)
{
	transact(nlh, cb, arg);
}

void genl_listen(void (*cb)(const struct nlmsghdr *nlh, void *arg), void *arg)
{
	const struct nlmsghdr *nlh;
	ssize_t len;
	int left;

	if (mnl_socket_setsockopt(nl.sock, NETLINK_ADD_MEMBERSHIP, &nl.events,
				  sizeof(nl.events)))
		die(EXIT_KERNEL, "events: %s", errno == EPERM ?
		    "this needs CAP_NET_ADMIN: try as root" : strerror(errno));
	for (;;) {
		len = mnl_socket_recvfrom(nl.sock, nl.buf, sizeof(nl.buf));
		if (len < 0 && errno == ENOBUFS) {
			fputs("ip-tquic: events were lost\n", stderr);
			continue;
		}
		if (len < 0)
			die(EXIT_KERNEL, "netlink: %s", strerror(errno));
		left = len;
		for (nlh = (void *)nl.buf; mnl_nlmsg_ok(nlh, left);
		     nlh = mnl_nlmsg_next(nlh, &left))
			if (nlh->nlmsg_type == nl.family)
				cb(nlh, arg);
	}
}
