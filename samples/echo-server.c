// SPDX-License-Identifier: GPL-2.0
/*
 * Sends back what it receives, one process per connection.
 *
 *   echo-server PORT
 *
 * Whom it believes is a matter of the handshake agent: accept() returns only
 * connections whose peer has proven who it is.
 */
#include <arpa/inet.h>
#include <err.h>
#include <linux/tquic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void serve(int fd)
{
	struct tquic_info info;
	socklen_t len = sizeof(info);
	char buf[65536];
	ssize_t n;

	if (!getsockopt(fd, SOL_TQUIC, TQUIC_INFO, &info, &len))
		fprintf(stderr, "'%s' is here\n", info.identity);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		if (write(fd, buf, n) != n)
			err(1, "write");
	if (n < 0)
		err(1, "read");
	close(fd);
}

int main(int argc, char **argv)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	static const char alpn[] = "\4echo";
	int listener, fd;

	if (argc != 2)
		errx(1, "usage: echo-server PORT");
	addr.sin_port = htons(atoi(argv[1]));
	listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TQUIC);
	if (listener < 0)
		err(1, "socket: is the module tquic loaded?");
	if (setsockopt(listener, SOL_TQUIC, TQUIC_ALPN, alpn,
		       sizeof(alpn) - 1))
		err(1, "setsockopt");
	if (bind(listener, (struct sockaddr *)&addr, sizeof(addr)))
		err(1, "bind to port %s", argv[1]);
	if (listen(listener, 64))
		err(1, "listen");
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		fd = accept(listener, NULL, NULL);
		if (fd < 0)
			err(1, "accept");
		if (!fork()) {
			close(listener);
			serve(fd);
			return 0;
		}
		close(fd);
	}
}
