// SPDX-License-Identifier: GPL-2.0
/*
 * Functions of the C library that this program defines itself: see hook.h.
 * The program is linked so that its symbols come first; nothing is preloaded,
 * and no other process is touched.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hook.h"
#include "wire.h"

#define EXPORT __attribute__((visibility("default")))
#define MAPS_MAX	4096	/* rules of a batch whose errors are led back */

bool (*nt_hook_file)(const char *path, const char **text, size_t *len);
int nt_hook_errno;
char nt_hook_message[256];

/**
 * struct inbox - what a socket has still to hand out
 * @next: list
 * @fd: socket
 * @buf: whole messages
 * @at: how far they have been handed out
 * @from: whom they came from
 */
struct inbox {
	struct inbox *next;
	int fd;
	struct nt_buf buf;
	size_t at;
	struct sockaddr_nl from;
};

static struct inbox *inboxes;
static struct nt_wire_map *maps;
static size_t nmaps;

int nt_hook_memfd(const char *text, size_t len)
{
	int fd = memfd_create("nft", MFD_CLOEXEC);
	size_t done = 0;
	ssize_t n;

	while (fd >= 0 && done < len) {
		n = write(fd, text + done, len - done);
		if (n < 0 && errno != EINTR) {
			close(fd);
			return -1;
		}
		done += n > 0 ? n : 0;
	}
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	return fd;
}

static bool is_netlink(int fd)
{
	struct sockaddr_nl addr;
	socklen_t len = sizeof(addr);
	int proto;

	if (getsockname(fd, (struct sockaddr *)&addr, &len) ||
	    addr.nl_family != AF_NETLINK)
		return false;
	len = sizeof(proto);
	return !getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &proto, &len) &&
	       proto == NETLINK_NETFILTER;
}

static struct nt_wire_map *new_map(uint32_t seq)
{
	struct nt_wire_map *map;

	if (nmaps == MAPS_MAX)
		return NULL;
	if (!maps)
		maps = nt_realloc(NULL, MAPS_MAX * sizeof(*maps));
	map = &maps[nmaps];
	map->seq = seq;
	map->n = 0;
	return map;
}

/* False if nothing is ours. */
static bool outgoing(struct nt_buf *out, const char *data, size_t len)
{
	const struct nlmsghdr *nlh = (const void *)data;
	struct nt_wire_map *map;
	bool changed = false;

	nmaps = 0;
	nt_hook_errno = 0;
	nt_hook_message[0] = '\0';
	while (len >= sizeof(*nlh) && nlh->nlmsg_len >= sizeof(*nlh) &&
	       nlh->nlmsg_len <= len) {
		map = new_map(nlh->nlmsg_seq);
		if (nt_wire_message(out, nlh, NT_IN, map)) {
			changed = true;
			nmaps += !!map;
		}
		if (NLMSG_ALIGN(nlh->nlmsg_len) >= len)
			break;
		len -= NLMSG_ALIGN(nlh->nlmsg_len);
		nlh = (const void *)((const char *)nlh +
				     NLMSG_ALIGN(nlh->nlmsg_len));
	}
	return changed;
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	struct nt_buf whole = {}, out = {};
	struct msghdr copy = *msg;
	struct iovec iov;
	ssize_t n;
	size_t i;

	if (!is_netlink(fd))
		return syscall(SYS_sendmsg, fd, msg, flags);
	for (i = 0; i < msg->msg_iovlen; i++)
		nt_buf_add(&whole, msg->msg_iov[i].iov_base,
			   msg->msg_iov[i].iov_len);
	if (outgoing(&out, whole.data, whole.len)) {
		iov.iov_base = out.data;
		iov.iov_len = out.len;
		copy.msg_iov = &iov;
		copy.msg_iovlen = 1;
	}
	n = syscall(SYS_sendmsg, fd, &copy, flags);
	if (n > 0)
		n = whole.len;
	free(whole.data);
	free(out.data);
	return n;
}

EXPORT ssize_t sendto(int fd, const void *data, size_t len, int flags,
		      const struct sockaddr *addr, socklen_t addr_len)
{
	struct iovec iov = { (void *)data, len };
	struct msghdr msg = {
		.msg_name = (void *)addr,
		.msg_namelen = addr_len,
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};

	return sendmsg(fd, &msg, flags);
}

/* Offsets in an error are those of what was sent. */
static void lead_back(struct nlmsghdr *nlh)
{
	struct nlmsgerr *err = NLMSG_DATA(nlh);
	struct nt_wire_map *map = NULL;
	uint32_t off, i, best;
	struct nlattr *nla;
	size_t at, len;

	if (nlh->nlmsg_len < NLMSG_LENGTH(sizeof(*err)))
		return;
	for (i = 0; i < nmaps; i++)
		if (maps[i].seq == err->msg.nlmsg_seq)
			map = &maps[i];
	/* found when the rule is validated, which names no expression */
	if (map && (err->error == -EOPNOTSUPP || err->error == -EAFNOSUPPORT))
		nt_hook_errno = -err->error;
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	at = NLMSG_LENGTH(sizeof(*err));
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		at += NLMSG_ALIGN(err->msg.nlmsg_len) - sizeof(err->msg);
	for (; at + NLA_HDRLEN <= nlh->nlmsg_len;
	     at += NLA_ALIGN(nla->nla_len)) {
		nla = (struct nlattr *)((char *)nlh + at);
		if (nla->nla_len < NLA_HDRLEN ||
		    at + nla->nla_len > nlh->nlmsg_len)
			return;
		len = nla->nla_len - NLA_HDRLEN;
		if (nla->nla_type == NLMSGERR_ATTR_MSG && map)
			snprintf(nt_hook_message, sizeof(nt_hook_message),
				 "%.*s", (int)len, (char *)nla + NLA_HDRLEN);
		if (nla->nla_type != NLMSGERR_ATTR_OFFS || len < 4 || !map)
			continue;
		memcpy(&off, (char *)nla + NLA_HDRLEN, 4);
		for (i = 0, best = 0; i < (uint32_t)map->n; i++)
			if (map->to[i] <= off)
				best = i;
		if (!map->n || map->to[best] > off)
			continue;
		if (map->native[best])
			nt_hook_errno = -err->error;
		off = map->from[best];
		memcpy((char *)nla + NLA_HDRLEN, &off, 4);
	}
}

static struct inbox *inbox_of(int fd, bool make)
{
	struct inbox *box;

	for (box = inboxes; box; box = box->next)
		if (box->fd == fd)
			return box;
	if (!make)
		return NULL;
	box = nt_realloc(NULL, sizeof(*box));
	memset(box, 0, sizeof(*box));
	box->fd = fd;
	box->next = inboxes;
	inboxes = box;
	return box;
}

static void incoming(struct inbox *box, char *data, size_t len)
{
	struct nlmsghdr *nlh = (void *)data;

	box->at = 0;
	box->buf.len = 0;
	while (len >= sizeof(*nlh) && nlh->nlmsg_len >= sizeof(*nlh) &&
	       nlh->nlmsg_len <= len) {
		if (nlh->nlmsg_type == NLMSG_ERROR)
			lead_back(nlh);
		nt_wire_message(&box->buf, nlh, NT_OUT, NULL);
		if (NLMSG_ALIGN(nlh->nlmsg_len) >= len)
			break;
		len -= NLMSG_ALIGN(nlh->nlmsg_len);
		nlh = (void *)((char *)nlh + NLMSG_ALIGN(nlh->nlmsg_len));
	}
}

/* As many whole messages as there is room for. */
static ssize_t hand_out(struct inbox *box, struct msghdr *msg)
{
	size_t room = msg->msg_iov[0].iov_len, n = 0, len;
	const struct nlmsghdr *nlh;

	while (box->at + n < box->buf.len) {
		nlh = (const void *)(box->buf.data + box->at + n);
		len = NLMSG_ALIGN(nlh->nlmsg_len);
		if (n + len > room)
			break;
		n += len;
	}
	if (!n) {
		msg->msg_flags |= MSG_TRUNC;
		box->at = box->buf.len;
		errno = ENOSPC;
		return -1;
	}
	memcpy(msg->msg_iov[0].iov_base, box->buf.data + box->at, n);
	box->at += n;
	msg->msg_flags = 0;
	if (msg->msg_name && msg->msg_namelen >= sizeof(box->from)) {
		memcpy(msg->msg_name, &box->from, sizeof(box->from));
		msg->msg_namelen = sizeof(box->from);
	}
	return n;
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	static char data[1 << 20];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr copy = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct inbox *box;
	ssize_t n;

	if (flags & MSG_PEEK || msg->msg_iovlen != 1 || !is_netlink(fd))
		return syscall(SYS_recvmsg, fd, msg, flags);
	box = inbox_of(fd, true);
	if (box->at < box->buf.len)
		return hand_out(box, msg);
	copy.msg_name = &box->from;
	copy.msg_namelen = sizeof(box->from);
	n = syscall(SYS_recvmsg, fd, &copy, flags);
	if (n <= 0)
		return n;
	incoming(box, data, n);
	return hand_out(box, msg);
}

EXPORT int close(int fd)
{
	struct inbox *box = inbox_of(fd, false);

	if (box)
		box->at = box->buf.len;
	return syscall(SYS_close, fd);
}

/* A socket with messages that wait here is ready, whatever the kernel says. */
EXPORT int select(int n, fd_set *r, fd_set *w, fd_set *e, struct timeval *tv)
{
	struct timespec ts = {}, *tsp = NULL;
	struct inbox *box;

	for (box = r ? inboxes : NULL; box; box = box->next) {
		if (box->fd < n && FD_ISSET(box->fd, r) &&
		    box->at < box->buf.len) {
			FD_ZERO(r);
			FD_SET(box->fd, r);
			if (w)
				FD_ZERO(w);
			if (e)
				FD_ZERO(e);
			return 1;
		}
	}
	if (tv) {
		ts.tv_sec = tv->tv_sec;
		ts.tv_nsec = 1000 * tv->tv_usec;
		tsp = &ts;
	}
	return pselect(n, r, w, e, tsp, NULL);
}

static FILE *open_text(const char *path, const char *mode)
{
	const char *text;
	size_t len;
	int fd;

	if (nt_hook_file && mode[0] == 'r' &&
	    nt_hook_file(path, &text, &len)) {
		fd = nt_hook_memfd(text, len);
		return fd < 0 ? NULL : fdopen(fd, mode);
	}
	fd = open(path, mode[0] == 'r' ? O_RDONLY | O_CLOEXEC :
		  O_WRONLY | O_CREAT | O_CLOEXEC |
		  (mode[0] == 'a' ? O_APPEND : O_TRUNC), 0666);
	return fd < 0 ? NULL : fdopen(fd, mode);
}

EXPORT FILE *fopen(const char *path, const char *mode)
{
	return open_text(path, mode);
}

EXPORT FILE *fopen64(const char *path, const char *mode)
{
	return open_text(path, mode);
}
