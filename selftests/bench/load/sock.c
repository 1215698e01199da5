// SPDX-License-Identifier: GPL-2.0
/* Sockets of each kind, ready to carry data. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/tls.h>
#include <linux/tquic.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

#ifndef SOL_TLS
#define SOL_TLS	282
#endif

__u64 load_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * LOAD_NS + ts.tv_nsec;
}

static void load_set(int fd, int name, __u32 value)
{
	if (setsockopt(fd, SOL_TQUIC, name, &value, sizeof(value)))
		err(1, "option %d of a TQUIC socket", name);
}

static int load_socket(const struct load *l, bool wait)
{
	int type = SOCK_STREAM, protocol = 0, fd;

	if (l->kind == LOAD_UDP)
		type = SOCK_DGRAM;
	if (l->kind == LOAD_TQUIC)
		protocol = IPPROTO_TQUIC;
	fd = socket(AF_INET, type | SOCK_CLOEXEC | (wait ? 0 : SOCK_NONBLOCK),
		    protocol);
	if (fd < 0)
		err(1, "socket");
	if (l->kind != LOAD_TQUIC)
		return fd;
	if (setsockopt(fd, SOL_TQUIC, TQUIC_ALPN, "\4load", 5) ||
	    setsockopt(fd, SOL_TQUIC, TQUIC_PSK_IDENTITY, "load", 4))
		err(1, "options of a TQUIC socket");
	load_set(fd, TQUIC_DATAGRAM, 1);
	load_set(fd, TQUIC_IDLE_TIMEOUT, 0);
	load_set(fd, TQUIC_MULTIPATH, l->paths);
	if (l->cipher)
		load_set(fd, TQUIC_CIPHER, l->cipher);
	return fd;
}

/* Keys that everybody knows, one for each way. */
static void load_ktls(const struct load *l, int fd, bool server)
{
	struct tls12_crypto_info_chacha20_poly1305 chacha = {
		.info = { TLS_1_3_VERSION, TLS_CIPHER_CHACHA20_POLY1305 },
	};
	struct tls12_crypto_info_aes_gcm_128 aes = {
		.info = { TLS_1_3_VERSION, TLS_CIPHER_AES_GCM_128 },
	};
	bool is_chacha = l->cipher == 0x1303;
	void *info = is_chacha ? (void *)&chacha : &aes;
	socklen_t len = is_chacha ? sizeof(chacha) : sizeof(aes);
	int way;

	if (setsockopt(fd, IPPROTO_TCP, TCP_ULP, "tls", sizeof("tls")))
		err(1, "kernel TLS");
	for (way = TLS_TX; way <= TLS_RX; way++) {
		memset(chacha.key, server == (way == TLS_TX),
		       sizeof(chacha.key));
		memset(aes.key, server == (way == TLS_TX), sizeof(aes.key));
		if (setsockopt(fd, SOL_TLS, way, info, len))
			err(1, "keys of kernel TLS");
	}
}

/* The other paths are there when all of them carry data. */
static void load_paths(const struct load *l, int fd)
{
	struct tquic_info info = {};
	socklen_t len = sizeof(info);
	__u64 end = load_now() + 20 * LOAD_NS;
	char command[512];

	if (getsockopt(fd, SOL_TQUIC, TQUIC_INFO, &info, &len))
		err(1, "TQUIC_INFO");
	snprintf(command, sizeof(command), "%s %u >&2", l->hook, info.conn_id);
	if (system(command))
		errx(1, "'%s' failed", command);
	while (info.paths_usable < l->paths) {
		if (load_now() > end)
			errx(1, "%u of %u paths are usable", info.paths_usable,
			     l->paths);
		poll(NULL, 0, 10);
		len = sizeof(info);
		if (getsockopt(fd, SOL_TQUIC, TQUIC_INFO, &info, &len))
			err(1, "TQUIC_INFO");
	}
}

/* With @wait the connection is ready; else it may still be on its way. */
int load_connect(const struct load *l, bool wait)
{
	int fd = load_socket(l, wait), one = 1;

	if (connect(fd, (const struct sockaddr *)&l->addr, sizeof(l->addr)) &&
	    (wait || errno != EINPROGRESS))
		err(1, "connect");
	if (l->kind == LOAD_TCP || l->kind == LOAD_KTLS)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (l->kind == LOAD_KTLS)
		load_ktls(l, fd, false);
	if (wait && l->kind == LOAD_TQUIC && l->hook)
		load_paths(l, fd);
	return fd;
}

int load_listen(const struct load *l)
{
	int fd = load_socket(l, true), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (const struct sockaddr *)&l->addr, sizeof(l->addr)))
		err(1, "bind");
	if (l->kind != LOAD_UDP && listen(fd, 1024))
		err(1, "listen");
	puts("ready");
	return fd;
}

int load_accept(const struct load *l, int fd)
{
	int one = 1, conn;

	do
		conn = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	while (conn < 0 && (errno == EINTR || errno == ECONNABORTED));
	if (conn < 0)
		err(1, "accept");
	if (l->kind == LOAD_TCP || l->kind == LOAD_KTLS)
		setsockopt(conn, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (l->kind == LOAD_KTLS)
		load_ktls(l, conn, true);
	return conn;
}
