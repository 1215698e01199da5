// SPDX-License-Identifier: GPL-2.0
/* Many connections: one after the other, or all at once and idle. */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "load.h"

/* handshakes that are under way when many connections are made */
#define LOAD_WINDOW	16

static void load_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static __u64 load_shake(const struct load *l)
{
	__u64 end = load_now() + l->seconds * LOAD_NS, n = 0;

	while (load_now() < end) {
		close(load_connect(l, true));
		n++;
	}
	return n;
}

int load_handshakes(const struct load *l)
{
	__u64 start = load_now(), n = 0, one;
	__u32 i;
	int fds[2];

	if (pipe(fds))
		err(1, "pipe");
	for (i = 0; i < l->jobs; i++) {
		if (fork())
			continue;
		n = load_shake(l);
		_exit(write(fds[1], &n, sizeof(n)) != sizeof(n));
	}
	close(fds[1]);
	for (i = 0; i < l->jobs; i++) {
		if (read(fds[0], &one, sizeof(one)) != sizeof(one))
			errx(1, "a process has failed");
		n += one;
	}
	while (wait(NULL) > 0)
		;
	printf("n=%llu ns=%llu\n", (unsigned long long)n,
	       (unsigned long long)(load_now() - start));
	return 0;
}

static void load_established(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int error = 0;

	if (poll(&p, 1, 60000) != 1)
		errx(1, "a handshake hangs");
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) || error) {
		errno = error;
		err(1, "a handshake failed");
	}
}

/* Makes connections, and keeps them until its input ends. */
int load_idle(const struct load *l)
{
	int *fd = calloc(l->jobs, sizeof(*fd));
	__u64 start = load_now();
	__u32 i;
	char c;

	if (!fd)
		errx(1, "no memory");
	load_files();
	for (i = 0; i < l->jobs; i++) {
		fd[i] = load_connect(l, false);
		if (i >= LOAD_WINDOW)
			load_established(fd[i - LOAD_WINDOW]);
	}
	for (i = l->jobs > LOAD_WINDOW ? l->jobs - LOAD_WINDOW : 0;
	     i < l->jobs; i++)
		load_established(fd[i]);
	printf("n=%u ns=%llu\n", l->jobs,
	       (unsigned long long)(load_now() - start));
	return read(0, &c, 1) < 0;
}

/* Accepts, and keeps what it has accepted until the other end closes. */
int load_hold(const struct load *l)
{
	struct epoll_event event = { .events = EPOLLIN }, events[64];
	int epoll = epoll_create1(EPOLL_CLOEXEC), listener, i, n;
	char c;

	load_files();
	listener = load_listen(l);
	event.data.fd = listener;
	if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event))
		err(1, "epoll");
	for (;;) {
		n = epoll_wait(epoll, events, 64, -1);
		for (i = 0; i < n; i++) {
			if (events[i].data.fd != listener) {
				if (!recv(events[i].data.fd, &c, 1,
					  MSG_DONTWAIT) || errno != EAGAIN)
					close(events[i].data.fd);
				continue;
			}
			event.data.fd = load_accept(l, listener);
			if (epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd,
				      &event))
				err(1, "epoll");
		}
	}
}
