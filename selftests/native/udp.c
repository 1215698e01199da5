// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "udp.h"

#define TN_UDP_BUFFER	(4 << 20)

static const u8 mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool tn_addr_is_v4(const struct tn_addr *addr)
{
	return !memcmp(addr->ip, mapped, sizeof(mapped));
}

/* "127.0.0.1:4433", "[::1]:4433", or without port */
bool tn_addr_parse(struct tn_addr *addr, const char *text)
{
	char host[64], *end, *colon;

	*addr = (struct tn_addr){};
	if (snprintf(host, sizeof(host), "%s", text) >= sizeof(host))
		return false;
	text = host;
	if (*host == '[') {
		text++;
		end = strchr(host, ']');
		if (!end)
			return false;
		*end = 0;
		colon = end[1] == ':' ? end + 1 : NULL;
	} else {
		colon = strchr(host, ':');
		/* several colons: an IPv6 address without port */
		if (colon && strchr(colon + 1, ':'))
			colon = NULL;
	}
	if (colon) {
		*colon = 0;
		addr->port = strtoul(colon + 1, &end, 10);
		if (*end || end == colon + 1)
			return false;
	}
	if (inet_pton(AF_INET6, text, addr->ip) == 1)
		return true;
	memcpy(addr->ip, mapped, sizeof(mapped));
	return inet_pton(AF_INET, text, addr->ip + sizeof(mapped)) == 1;
}

const char *tn_addr_text(const struct tn_addr *addr)
{
	static char text[4][INET6_ADDRSTRLEN + 16];
	char host[INET6_ADDRSTRLEN];
	static unsigned int next;
	char *out = text[next++ % 4];
	bool v4 = tn_addr_is_v4(addr);

	inet_ntop(v4 ? AF_INET : AF_INET6, addr->ip + (v4 ? 12 : 0), host,
		  sizeof(host));
	snprintf(out, sizeof(text[0]), v4 ? "%s:%u" : "[%s]:%u", host,
		 addr->port);
	return out;
}

static socklen_t tn_addr_to_sock(const struct tn_addr *addr,
				 struct sockaddr_storage *ss)
{
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *sin = (struct sockaddr_in *)ss;

	memset(ss, 0, sizeof(*ss));
	if (tn_addr_is_v4(addr)) {
		sin->sin_family = AF_INET;
		sin->sin_port = htons(addr->port);
		memcpy(&sin->sin_addr, addr->ip + 12, 4);
		return sizeof(*sin);
	}
	sin6->sin6_family = AF_INET6;
	sin6->sin6_port = htons(addr->port);
	memcpy(&sin6->sin6_addr, addr->ip, 16);
	return sizeof(*sin6);
}

static void tn_addr_from_sock(struct tn_addr *addr,
			      const struct sockaddr_storage *ss)
{
	const struct sockaddr_in6 *sin6 = (const void *)ss;
	const struct sockaddr_in *sin = (const void *)ss;

	if (ss->ss_family == AF_INET) {
		memcpy(addr->ip, mapped, sizeof(mapped));
		memcpy(addr->ip + 12, &sin->sin_addr, 4);
		addr->port = ntohs(sin->sin_port);
	} else {
		memcpy(addr->ip, &sin6->sin6_addr, 16);
		addr->port = ntohs(sin6->sin6_port);
	}
}

static void tn_udp_options(int fd, bool v4)
{
	int level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
	int one = 1, size = TN_UDP_BUFFER;
	/* DF, and no opinion of the kernel's about the path MTU */
	int probe = v4 ? IP_PMTUDISC_PROBE : IPV6_PMTUDISC_PROBE;

	setsockopt(fd, level, v4 ? IP_RECVTOS : IPV6_RECVTCLASS, &one,
		   sizeof(one));
	setsockopt(fd, level, v4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER,
		   &probe, sizeof(probe));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

static int tn_udp_socket(const struct tn_addr *local, struct tn_addr *bound)
{
	struct sockaddr_storage ss;
	socklen_t len = tn_addr_to_sock(local, &ss);
	int fd;

	fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
		    0);
	if (fd < 0)
		tn_die("socket: %s", strerror(errno));
	tn_udp_options(fd, tn_addr_is_v4(local));
	if (bind(fd, (struct sockaddr *)&ss, len))
		tn_die("bind to %s: %s", tn_addr_text(local),
		       strerror(errno));
	len = sizeof(ss);
	if (getsockname(fd, (struct sockaddr *)&ss, &len))
		tn_die("getsockname: %s", strerror(errno));
	tn_addr_from_sock(bound, &ss);
	return fd;
}

/* The local address that the kernel would send from. */
void tn_addr_towards(const struct tn_addr *remote, struct tn_addr *local)
{
	struct sockaddr_storage ss;
	socklen_t len = tn_addr_to_sock(remote, &ss);
	int fd;

	fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&ss, len))
		tn_die("no way to %s: %s", tn_addr_text(remote),
		       strerror(errno));
	len = sizeof(ss);
	if (getsockname(fd, (struct sockaddr *)&ss, &len))
		tn_die("getsockname: %s", strerror(errno));
	tn_addr_from_sock(local, &ss);
	local->port = 0;
	close(fd);
}

void tn_udp_open(struct tn_udp *udp, const struct tn_addr *local)
{
	udp->fd = tn_udp_socket(local, &udp->bound);
	tn_note("bound to %s", tn_addr_text(&udp->bound));
}

/* Another port of the same address, without the core's knowledge. */
void tn_udp_reopen(struct tn_udp *udp)
{
	struct tn_addr local = udp->bound, bound;
	int fd;

	local.port = 0;
	fd = tn_udp_socket(&local, &bound);
	close(udp->fd);
	udp->fd = fd;
	tn_note("%s is now seen as %s", tn_addr_text(&udp->bound),
		tn_addr_text(&bound));
}

void tn_udp_close(struct tn_udp *udp)
{
	if (udp->fd >= 0)
		close(udp->fd);
	udp->fd = -1;
}

static enum tquic_ecn_mark tn_udp_mark(struct msghdr *msg)
{
	struct cmsghdr *c;
	int tos = 0;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS)
			tos = *CMSG_DATA(c);
		if (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_TCLASS)
			memcpy(&tos, CMSG_DATA(c), sizeof(tos));
	}
	return tos & 3;
}

/* Takes one datagram, if there is any. */
bool tn_udp_recv(struct tn_udp *udp, struct tn_dgram *dgram)
{
	static u8 data[TN_UDP_MAX];
	union {
		char buf[64];
		struct cmsghdr align;
	} control;
	struct sockaddr_storage ss;
	struct iovec iov = { .iov_base = data, .iov_len = sizeof(data) };
	struct msghdr msg = {
		.msg_name = &ss,
		.msg_namelen = sizeof(ss),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t len = recvmsg(udp->fd, &msg, 0);

	if (len < 0) {
		if (errno != EAGAIN && errno != EINTR)
			tn_note("recvmsg: %s", strerror(errno));
		return false;
	}
	tn_addr_from_sock(&dgram->from, &ss);
	dgram->ecn = tn_udp_mark(&msg);
	dgram->data = data;
	dgram->len = len;
	return true;
}

bool tn_udp_send(struct tn_udp *udp, const struct tn_addr *to,
		 enum tquic_ecn_mark ecn, const u8 *data, u32 len)
{
	bool v4 = tn_addr_is_v4(to);
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr head;
	} control = {};
	struct sockaddr_storage ss;
	struct iovec iov = { .iov_base = (void *)data, .iov_len = len };
	struct msghdr msg = {
		.msg_name = &ss,
		.msg_namelen = tn_addr_to_sock(to, &ss),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	int tos = ecn;

	control.head.cmsg_level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
	control.head.cmsg_type = v4 ? IP_TOS : IPV6_TCLASS;
	control.head.cmsg_len = CMSG_LEN(sizeof(tos));
	memcpy(CMSG_DATA(&control.head), &tos, sizeof(tos));
	if (sendmsg(udp->fd, &msg, 0) == len)
		return true;
	tn_note("sendmsg of %u bytes to %s: %s", len, tn_addr_text(to),
		strerror(errno));
	return false;
}
