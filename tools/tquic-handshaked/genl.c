// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/tquic_genl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "genl.h"
#include "log.h"
#include "tls.h"

#define TH_GENL_ROOM	8192
/* room for notifications; when it overflows, none is missed: see drain */
#define TH_GENL_RCVBUF	(1024 * 1024)

/* libmnl's limit of attributes that are looked at here */
#define TH_GENL_ATTRS	64

struct th_genl_attrs {
	const struct nlattr *at[TH_GENL_ATTRS];
};

static int th_genl_on_attr(const struct nlattr *attr, void *data)
{
	struct th_genl_attrs *attrs = data;

	if (mnl_attr_get_type(attr) < TH_GENL_ATTRS)
		attrs->at[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

static struct nlmsghdr *th_genl_begin(struct th_genl *genl, char *buf,
				      __u16 family, __u8 command)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *head;

	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	nlh->nlmsg_seq = ++genl->seq;
	head = mnl_nlmsg_put_extra_header(nlh, sizeof(*head));
	head->cmd = command;
	head->version = 1;
	return nlh;
}

/*
 * Ask and hear the answer.  Notifications that come between are dropped, but
 * not that there were some: what they are about may not have waited yet when
 * the kernel looked.
 */
static int th_genl_ask(struct th_genl *genl, struct nlmsghdr *nlh,
		       mnl_cb_t callback, void *data)
{
	char buf[TH_GENL_ROOM];
	ssize_t len;
	int run;

	genl->notified = false;
	if (mnl_socket_sendto(genl->nl, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	for (;;) {
		len = mnl_socket_recvfrom(genl->nl, buf, sizeof(buf));
		if (len < 0 && errno != EINTR && errno != ENOBUFS)
			return -errno;
		if (len < 0 ||
		    ((struct nlmsghdr *)buf)->nlmsg_seq != genl->seq) {
			genl->notified |= len >= 0 || errno == ENOBUFS;
			continue;
		}
		run = mnl_cb_run(buf, len, genl->seq,
				 mnl_socket_get_portid(genl->nl), callback,
				 data);
		if (run < 0)
			return -errno;
		if (run == MNL_CB_STOP)
			return 0;
	}
}

static int th_genl_on_group(const struct nlattr *entry, struct th_genl *genl)
{
	struct th_genl_attrs attrs = {};
	const struct nlattr *name, *id;

	mnl_attr_parse_nested(entry, th_genl_on_attr, &attrs);
	name = attrs.at[CTRL_ATTR_MCAST_GRP_NAME];
	id = attrs.at[CTRL_ATTR_MCAST_GRP_ID];
	if (name && id &&
	    !strcmp(mnl_attr_get_str(name), TQUIC_MCGRP_HANDSHAKE))
		genl->group = mnl_attr_get_u32(id);
	return 0;
}

static int th_genl_on_family(const struct nlmsghdr *nlh, void *data)
{
	struct th_genl_attrs attrs = {};
	struct th_genl *genl = data;
	const struct nlattr *entry;

	mnl_attr_parse(nlh, sizeof(struct genlmsghdr), th_genl_on_attr, &attrs);
	if (attrs.at[CTRL_ATTR_FAMILY_ID])
		genl->family = mnl_attr_get_u16(attrs.at[CTRL_ATTR_FAMILY_ID]);
	if (attrs.at[CTRL_ATTR_MCAST_GROUPS])
		mnl_attr_for_each_nested(entry,
					 attrs.at[CTRL_ATTR_MCAST_GROUPS])
			th_genl_on_group(entry, genl);
	return MNL_CB_OK;
}

static int th_genl_resolve(struct th_genl *genl)
{
	char buf[TH_GENL_ROOM];
	struct nlmsghdr *nlh;
	int err;

	nlh = th_genl_begin(genl, buf, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, TQUIC_FAMILY_NAME);
	err = th_genl_ask(genl, nlh, th_genl_on_family, genl);
	return err ?: genl->family && genl->group ? 0 : -ENOENT;
}

int th_genl_open(struct th_genl *genl)
{
	int err;

	*genl = (struct th_genl){};
	genl->nl = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!genl->nl)
		return -errno;
	if (mnl_socket_bind(genl->nl, 0, MNL_SOCKET_AUTOPID) < 0)
		err = -errno;
	else
		err = th_genl_resolve(genl);
	if (err)
		th_genl_close(genl);
	return err;
}

void th_genl_close(struct th_genl *genl)
{
	if (genl->nl)
		mnl_socket_close(genl->nl);
	genl->nl = NULL;
}

int th_genl_fd(const struct th_genl *genl)
{
	return mnl_socket_get_fd(genl->nl);
}

int th_genl_listen(struct th_genl *genl)
{
	int size = TH_GENL_RCVBUF;

	setsockopt(th_genl_fd(genl), SOL_SOCKET, SO_RCVBUF, &size,
		   sizeof(size));
	if (mnl_socket_setsockopt(genl->nl, NETLINK_ADD_MEMBERSHIP,
				  &genl->group, sizeof(genl->group)) < 0)
		return -errno;
	return 0;
}

void th_genl_drain(struct th_genl *genl)
{
	char buf[TH_GENL_ROOM];

	/* ENOBUFS is one of the things to be drained */
	while (recv(th_genl_fd(genl), buf, sizeof(buf), MSG_DONTWAIT) >= 0 ||
	       errno == ENOBUFS)
		;
}

static void th_genl_string(char *to, size_t room, const struct nlattr *attr)
{
	size_t len;

	if (!attr)
		return;
	len = strnlen(mnl_attr_get_payload(attr),
		      mnl_attr_get_payload_len(attr));
	if (len >= room)
		len = room - 1;
	memcpy(to, mnl_attr_get_payload(attr), len);
}

static __u32 th_genl_u32(const struct nlattr *attr)
{
	return attr && mnl_attr_get_payload_len(attr) >= sizeof(__u32) ?
	       mnl_attr_get_u32(attr) : 0;
}

/* Bytes, or as many of them as there is room for. */
static size_t th_genl_bytes(void *to, size_t room, const struct nlattr *attr)
{
	size_t len = attr ? mnl_attr_get_payload_len(attr) : 0;

	if (len > room)
		len = room;
	if (len)
		memcpy(to, mnl_attr_get_payload(attr), len);
	return len;
}

static int th_genl_on_accept(const struct nlmsghdr *nlh, void *data)
{
	struct th_request *r = data;
	struct th_genl_attrs attrs = {};
	const struct nlattr **at = attrs.at;

	mnl_attr_parse(nlh, sizeof(struct genlmsghdr), th_genl_on_attr, &attrs);
	if (!at[TQUIC_A_HS_FD])
		return MNL_CB_OK;
	r->fd = th_genl_u32(at[TQUIC_A_HS_FD]);
	r->token = th_genl_u32(at[TQUIC_A_HS_TOKEN]);
	r->server = th_genl_u32(at[TQUIC_A_HS_ROLE]);
	r->early = at[TQUIC_A_HS_EARLY];
	r->foreign = at[TQUIC_A_HS_NETNS];
	r->auth = th_genl_u32(at[TQUIC_A_HS_AUTH]);
	r->cipher = th_genl_u32(at[TQUIC_A_HS_CIPHER]);
	r->version = th_genl_u32(at[TQUIC_A_HS_VERSION]);
	r->timeout = th_genl_u32(at[TQUIC_A_HS_TIMEOUT]);
	r->uid = th_genl_u32(at[TQUIC_A_HS_UID]);
	r->psk_key = th_genl_u32(at[TQUIC_A_HS_PSK_KEY]);
	r->certificate = th_genl_u32(at[TQUIC_A_HS_CERTIFICATE]);
	r->private_key = th_genl_u32(at[TQUIC_A_HS_PRIVATE_KEY]);
	th_genl_bytes(r->remote, sizeof(r->remote), at[TQUIC_A_HS_REMOTE]);
	if (at[TQUIC_A_HS_REMOTE_PORT])
		r->remote_port = mnl_attr_get_u16(at[TQUIC_A_HS_REMOTE_PORT]);
	r->alpn_len = th_genl_bytes(r->alpn, sizeof(r->alpn),
				    at[TQUIC_A_HS_ALPN]);
	th_genl_string(r->peername, sizeof(r->peername),
		       at[TQUIC_A_HS_PEERNAME]);
	th_genl_string(r->identity, sizeof(r->identity),
		       at[TQUIC_A_HS_IDENTITY]);
	th_genl_string(r->profile, sizeof(r->profile), at[TQUIC_A_HS_PROFILE]);
	return MNL_CB_OK;
}

static int th_genl_accept_once(struct th_genl *genl, struct th_request *request)
{
	char buf[TH_GENL_ROOM];
	struct nlmsghdr *nlh;
	int err;

	*request = (struct th_request){ .fd = -1 };
	nlh = th_genl_begin(genl, buf, genl->family, TQUIC_CMD_HS_ACCEPT);
	err = th_genl_ask(genl, nlh, th_genl_on_accept, request);
	if (err && request->fd >= 0)
		close(request->fd);
	return err ?: request->fd >= 0 ? 0 : -EPROTO;
}

int th_genl_accept(struct th_genl *genl, struct th_request *request)
{
	int err;

	/* a notification between question and answer is nowhere else */
	do {
		err = th_genl_accept_once(genl, request);
	} while (err == -ENOENT && genl->notified);
	return err;
}

int th_genl_done(struct th_genl *genl, __u32 token, int status, __u8 alert,
		 const char *text, const char *identity)
{
	char buf[TH_GENL_ROOM];
	struct nlmsghdr *nlh;

	nlh = th_genl_begin(genl, buf, genl->family, TQUIC_CMD_HS_DONE);
	mnl_attr_put_u32(nlh, TQUIC_A_HS_TOKEN, token);
	mnl_attr_put_u32(nlh, TQUIC_A_HS_STATUS, status);
	if (alert)
		mnl_attr_put_u32(nlh, TQUIC_A_HS_ALERT, alert);
	if (text && *text)
		mnl_attr_put_strz(nlh, TQUIC_A_HS_TEXT, text);
	if (identity && *identity)
		mnl_attr_put_strz(nlh, TQUIC_A_HS_IDENTITY, identity);
	return th_genl_ask(genl, nlh, NULL, NULL);
}
