// SPDX-License-Identifier: GPL-2.0
/*
 * Sends a line to samples/echo-server.c and prints what comes back.
 *
 *   echo-client ADDRESS PORT IDENTITY TEXT
 *
 * IDENTITY names a key that the handshake agent has.  Apart from it this is
 * what a program for TCP looks like.
 */
#include <arpa/inet.h>
#include <err.h>
#include <linux/tquic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	static const char alpn[] = "\4echo";
	char buf[4096];
	ssize_t n;
	int fd;

	if (argc != 5)
		errx(1, "usage: echo-client ADDRESS PORT IDENTITY TEXT");
	to.sin_port = htons(atoi(argv[2]));
	if (inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
		errx(1, "'%s' is no IPv4 address", argv[1]);

	fd = socket(AF_INET, SOCK_STREAM, IPPROTO_TQUIC);
	if (fd < 0)
		err(1, "socket: is the module tquic loaded?");
	if (setsockopt(fd, SOL_TQUIC, TQUIC_ALPN, alpn, sizeof(alpn) - 1) ||
	    setsockopt(fd, SOL_TQUIC, TQUIC_PSK_IDENTITY, argv[3],
		       strlen(argv[3])))
		err(1, "setsockopt");
	/* the handshake is part of this */
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "connect to %s", argv[1]);

	if (write(fd, argv[4], strlen(argv[4])) < 0)
		err(1, "write");
	/* no more from us: the server sees the end, and ends, too */
	shutdown(fd, SHUT_WR);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		if (write(1, buf, n) != n)
			err(1, "standard output");
	if (n < 0)
		err(1, "read");
	close(fd);
	return 0;
}
