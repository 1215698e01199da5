// SPDX-License-Identifier: GPL-2.0
/*
 * Lets a program that knows nothing of TQUIC use it: its TCP sockets are made
 * with protocol 263, and nothing else of its calls is changed.
 *
 *   LD_PRELOAD=as-tquic.so iperf3 ...
 */
#include <dlfcn.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <linux/tquic.h>

#define AS_TYPES	(SOCK_CLOEXEC | SOCK_NONBLOCK)

int socket(int family, int type, int protocol)
{
	static int (*next)(int family, int type, int protocol);

	if (!next)
		next = (int (*)(int, int, int))dlsym(RTLD_NEXT, "socket");
	if ((family != AF_INET && family != AF_INET6) ||
	    (type & ~AS_TYPES) != SOCK_STREAM ||
	    (protocol && protocol != IPPROTO_TCP))
		return next(family, type, protocol);
	return next(family, type, IPPROTO_TQUIC);
}
