// SPDX-License-Identifier: GPL-2.0
/*
 * Copies files, each on a stream of its own: one that is lost on the way does
 * not hold the others up.
 *
 *   file-copy recv PORT DIRECTORY
 *   file-copy send ADDRESS PORT IDENTITY FILE...
 *
 * A stream carries the name, a 0, and the bytes, which sendfile() moves.
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <linux/tquic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

static void take(int stream, const char *dir)
{
	char name[256], path[4096], buf[65536];
	size_t i = 0;
	ssize_t n;
	int out;

	while (i < sizeof(name) && read(stream, &name[i], 1) == 1 && name[i])
		i++;
	if (!i || i == sizeof(name) || strchr(name, '/') || name[0] == '.')
		errx(1, "the peer wants to write where it may not");
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	out = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
	if (out < 0)
		err(1, "%s", path);
	while ((n = read(stream, buf, sizeof(buf))) > 0)
		if (write(out, buf, n) != n)
			err(1, "%s", path);
	if (n < 0)
		err(1, "%s: not all has come", path);
	close(out);
	close(stream);
}

static void give(int conn, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	int stream = ioctl(conn, TQUIC_NEW_STREAM, TQUIC_STREAM_F_UNI);
	int in = open(path, O_RDONLY);
	ssize_t n;

	if (stream < 0 || in < 0)
		err(1, "%s", path);
	if (write(stream, name, strlen(name) + 1) < 0)
		err(1, "%s", path);
	while ((n = sendfile(stream, in, NULL, 1 << 20)) > 0)
		;
	if (n < 0)
		err(1, "%s", path);
	/* the end of the file is the end of the stream */
	close(stream);
	close(in);
}

int main(int argc, char **argv)
{
	int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_TQUIC), stream, zero = 0;
	struct sockaddr_in addr = { .sin_family = AF_INET };
	int send = argc > 5 && !strcmp(argv[1], "send"), i;

	if (!send && (argc != 4 || strcmp(argv[1], "recv")))
		errx(1, "usage: file-copy recv PORT DIRECTORY | send ADDRESS PORT IDENTITY FILE...");
	addr.sin_port = htons(atoi(argv[send ? 3 : 2]));
	if (send && inet_pton(AF_INET, argv[2], &addr.sin_addr) != 1)
		errx(1, "'%s' is no IPv4 address", argv[2]);
	/* no stream but those that are asked for */
	if (setsockopt(fd, SOL_TQUIC, TQUIC_DEFAULT_STREAM, &zero, 4) ||
	    setsockopt(fd, SOL_TQUIC, TQUIC_ALPN, "\4copy", 5))
		err(1, "socket: is the module tquic loaded?");
	if (send) {
		setsockopt(fd, SOL_TQUIC, TQUIC_PSK_IDENTITY, argv[4],
			   strlen(argv[4]));
		if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
			err(1, "connect to %s", argv[2]);
		for (i = 5; i < argc; i++)
			give(fd, argv[i]);
		return 0;
	}
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 1))
		err(1, "port %s", argv[2]);
	fd = accept(fd, NULL, NULL);
	if (fd < 0 || listen(fd, 16))
		err(1, "accept");
	while ((stream = accept(fd, NULL, NULL)) >= 0)
		take(stream, argv[3]);
	return 0;
}
