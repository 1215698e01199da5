// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "resolve.h"

static void tqd_resolve_add(struct tqd_addrs *addrs,
			    const struct addrinfo *info)
{
	uint8_t *to = addrs->addr[addrs->nr];

	if (addrs->nr == TQD_RESOLVE_MAX)
		return;
	if (info->ai_family == AF_INET6) {
		memcpy(to, &((struct sockaddr_in6 *)info->ai_addr)->sin6_addr,
		       16);
	} else if (info->ai_family == AF_INET) {
		memset(to, 0, 10);
		memset(to + 10, 0xff, 2);
		memcpy(to + 12,
		       &((struct sockaddr_in *)info->ai_addr)->sin_addr, 4);
	} else {
		return;
	}
	addrs->nr++;
}

/* Blocks as long as the system's resolver does: flows do not wait for it. */
const char *tqd_resolve(const char *host, struct tqd_addrs *addrs)
{
	static const struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_DGRAM,
	};
	struct addrinfo *list, *info;
	int err;

	addrs->nr = 0;
	err = getaddrinfo(host, NULL, &hints, &list);
	if (err)
		return err == EAI_SYSTEM ? strerror(errno) : gai_strerror(err);
	for (info = list; info; info = info->ai_next)
		tqd_resolve_add(addrs, info);
	freeaddrinfo(list);
	return addrs->nr ? NULL : "there is no address";
}
