// SPDX-License-Identifier: GPL-2.0
/*
 * tquic-h3: an HTTP/3 client and server on TQUIC sockets, for meeting others.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netdb.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/tquic.h>

#include "h3.h"

#define H3_TIMEOUT	15000	/* ms */
#define H3_NO_ERROR	0x100

static const char h3_usage[] =
	"usage: tquic-h3 [OPTION...] HOST PORT PATH...	fetch files\n"
	"       tquic-h3 --serve DIR [OPTION...] ADDRESS PORT\n"
	"\n"
	"  --to DIR       where fetched files go; without it they are counted\n"
	"  --profile P    section of the handshake agent's configuration\n"
	"  --name NAME    whom the server's certificate names (HOST)\n"
	"  --alpn NAME    protocol (h3)\n"
	"  --version N    QUIC version of the first packet, hexadecimal\n"
	"  --cipher N     TLS cipher suite, hexadecimal\n"
	"  --early        let data go out before the handshake is done\n"
	"  --retry        server: have every address proven\n"
	"  --update       client: change keys after the first file\n"
	"  --migrate      client: move to another port after the first file\n"
	"  --conns N      server: end after N connections\n";

struct h3_opts {
	const char *serve, *to, *profile, *name, *alpn;
	unsigned int version, cipher, conns;
	bool early, retry, update, migrate;
};

static void h3_die(const char *what)
{
	fprintf(stderr, "tquic-h3: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void h3_set(int fd, int opt, const void *value, socklen_t len,
		   const char *what)
{
	if (setsockopt(fd, SOL_TQUIC, opt, value, len))
		h3_die(what);
}

static void h3_set_u32(int fd, int opt, unsigned int value, const char *what)
{
	if (value)
		h3_set(fd, opt, &value, sizeof(value), what);
}

static int h3_socket(const struct h3_opts *o, int family)
{
	int fd = socket(family, SOCK_STREAM, IPPROTO_TQUIC);
	char alpn[TQUIC_ALPN_MAX + 1];
	int len;

	if (fd < 0)
		h3_die("socket (is tquic.ko loaded?)");
	len = snprintf(alpn, sizeof(alpn), "%c%s", (int)strlen(o->alpn),
		       o->alpn);
	h3_set(fd, TQUIC_ALPN, alpn, len, "TQUIC_ALPN");
	if (o->profile)
		h3_set(fd, TQUIC_PROFILE, o->profile, strlen(o->profile),
		       "TQUIC_PROFILE");
	/* RFC 9114 section 6.2: a peer needs three of its own at once */
	h3_set_u32(fd, TQUIC_STREAMS, H3_STREAMS / 2, "TQUIC_STREAMS");
	h3_set_u32(fd, TQUIC_AUTH, TQUIC_AUTH_X509, "TQUIC_AUTH");
	h3_set_u32(fd, TQUIC_VERSION, o->version, "TQUIC_VERSION");
	h3_set_u32(fd, TQUIC_CIPHER, o->cipher, "TQUIC_CIPHER");
	h3_set_u32(fd, TQUIC_EARLY_DATA, o->early, "TQUIC_EARLY_DATA");
	if (o->retry)
		h3_set_u32(fd, TQUIC_RETRY, TQUIC_RETRY_ALWAYS, "TQUIC_RETRY");
	return fd;
}

static struct addrinfo *h3_resolve(const char *host, const char *port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *ai;
	int err = getaddrinfo(host, port, &hints, &ai);

	if (err) {
		fprintf(stderr, "tquic-h3: %s: %s\n", host, gai_strerror(err));
		exit(1);
	}
	return ai;
}

static void h3_nonblock(int fd)
{
	if (fcntl(fd, F_SETFL, O_NONBLOCK))
		h3_die("O_NONBLOCK");
}

static void h3_goodbye(struct h3 *h)
{
	struct tquic_close_code close = { .code = H3_NO_ERROR, .app = 1 };

	setsockopt(h->fd, SOL_TQUIC, TQUIC_CLOSE_CODE, &close, sizeof(close));
	h3_close(h);
}

static FILE *h3_file(const struct h3_opts *o, const char *path)
{
	const char *base = strrchr(path, '/');
	char name[1024];
	FILE *f;

	if (!o->to)
		return NULL;
	snprintf(name, sizeof(name), "%s/%s", o->to, base ? base + 1 : path);
	f = fopen(name, "we");
	if (!f)
		h3_die(name);
	return f;
}

/* Fetch one file; returns whether it came whole. */
static bool h3_fetch(struct h3 *h, const struct h3_opts *o, const char *host,
		     const char *path, bool first)
{
	struct h3_stream *s;
	FILE *to = h3_file(o, path);

	s = first ? h3_find(h, 0) : h3_new_stream(h, false);
	if (!s)
		return false;
	fcntl(s->fd, F_SETFL, O_NONBLOCK);
	if (h3_request(h, s, host, path, to))
		return false;
	while (!s->done && !h3_turn(h, H3_TIMEOUT))
		;
	if (to)
		fclose(to);
	printf("%s: status %d, %llu bytes\n", path, s->status,
	       (unsigned long long)s->got);
	return s->done && s->status == 200;
}

static void h3_show_end(int fd)
{
	struct tquic_close_code close = {};
	socklen_t len = sizeof(close);

	if (getsockopt(fd, SOL_TQUIC, TQUIC_CLOSE_CODE, &close, &len))
		h3_die("TQUIC_CLOSE_CODE");
	printf("closed code %llx app %u remote %u %s\n",
	       (unsigned long long)close.code, close.app, close.remote,
	       close.reason);
}

static void h3_show(int fd)
{
	struct tquic_info info = {};
	socklen_t len = sizeof(info);

	if (getsockopt(fd, SOL_TQUIC, TQUIC_INFO, &info, &len))
		h3_die("TQUIC_INFO");
	printf("version %08x cipher %04x ", info.version, info.cipher);
	printf("resumed %d early %d retried %d alpn %s\n",
	       !!(info.flags & TQUIC_INFO_F_RESUMED),
	       !!(info.flags & TQUIC_INFO_F_EARLY),
	       !!(info.flags & TQUIC_INFO_F_RETRIED), info.alpn);
}

static int h3_client(const struct h3_opts *o, char **args)
{
	struct addrinfo *ai = h3_resolve(args[0], args[1]);
	int fd = h3_socket(o, ai->ai_family);
	const char *name = o->name ? o->name : args[0];
	struct h3 h = {};
	bool good = true;
	char **path;

	h3_set(fd, TQUIC_PEERNAME, name, strlen(name), "TQUIC_PEERNAME");
	if (connect(fd, ai->ai_addr, ai->ai_addrlen))
		h3_die("connect");
	freeaddrinfo(ai);
	h3_nonblock(fd);
	if (h3_open(&h, fd, false))
		return 1;
	for (path = args + 2; good && *path; path++) {
		good = h3_fetch(&h, o, name, *path, path == args + 2);
		if (path != args + 2)
			continue;
		if (o->update)
			h3_set(fd, TQUIC_KEY_UPDATE, NULL, 0,
			       "TQUIC_KEY_UPDATE");
		if (o->migrate)
			h3_set(fd, TQUIC_MIGRATE, NULL, 0, "TQUIC_MIGRATE");
	}
	h3_show(fd);
	h3_goodbye(&h);
	return !good;
}

/* A connection, in a process of its own. */
static int h3_serve_one(const struct h3_opts *o, int fd)
{
	struct h3 h = { .root = o->serve };

	h3_nonblock(fd);
	if (h3_open(&h, fd, true))
		return 1;
	while (!h3_turn(&h, -1))
		;
	printf("answered %u\n", h.requests);
	h3_show(fd);
	h3_show_end(fd);
	h3_close(&h);
	return 0;
}

static int h3_serve(const struct h3_opts *o, char **args)
{
	struct addrinfo *ai = h3_resolve(args[0], args[1]);
	int conn, fd = h3_socket(o, ai->ai_family);
	unsigned int n;

	if (bind(fd, ai->ai_addr, ai->ai_addrlen))
		h3_die("bind");
	if (listen(fd, 64))
		h3_die("listen");
	freeaddrinfo(ai);
	for (n = 0; !o->conns || n < o->conns; n++) {
		conn = accept(fd, NULL, NULL);
		if (conn < 0)
			h3_die("accept");
		fflush(stdout);
		if (!fork()) {
			close(fd);
			exit(h3_serve_one(o, conn));
		}
		close(conn);
	}
	while (wait(NULL) > 0)
		;
	return 0;
}

static const struct option h3_options[] = {
	{ "serve", required_argument, NULL, 's' },
	{ "to", required_argument, NULL, 't' },
	{ "profile", required_argument, NULL, 'p' },
	{ "name", required_argument, NULL, 'n' },
	{ "alpn", required_argument, NULL, 'a' },
	{ "version", required_argument, NULL, 'v' },
	{ "cipher", required_argument, NULL, 'c' },
	{ "early", no_argument, NULL, 'e' },
	{ "retry", no_argument, NULL, 'r' },
	{ "update", no_argument, NULL, 'u' },
	{ "migrate", no_argument, NULL, 'm' },
	{ "conns", required_argument, NULL, 'N' },
	{ "help", no_argument, NULL, 'h' },
	{}
};

static void h3_parse(struct h3_opts *o, int argc, char **argv)
{
	int opt;

	while ((opt = getopt_long(argc, argv, "h", h3_options, NULL)) != -1) {
		switch (opt) {
		case 's':
			o->serve = optarg;
			break;
		case 't':
			o->to = optarg;
			break;
		case 'p':
			o->profile = optarg;
			break;
		case 'n':
			o->name = optarg;
			break;
		case 'a':
			o->alpn = optarg;
			break;
		case 'v':
			o->version = strtoul(optarg, NULL, 16);
			break;
		case 'c':
			o->cipher = strtoul(optarg, NULL, 16);
			break;
		case 'e':
			o->early = true;
			break;
		case 'r':
			o->retry = true;
			break;
		case 'u':
			o->update = true;
			break;
		case 'm':
			o->migrate = true;
			break;
		case 'N':
			o->conns = strtoul(optarg, NULL, 10);
			break;
		case 'h':
			fputs(h3_usage, stdout);
			exit(0);
		default:
			fputs(h3_usage, stderr);
			exit(2);
		}
	}
}

int main(int argc, char **argv)
{
	struct h3_opts o = { .alpn = "h3" };

	setvbuf(stdout, NULL, _IOLBF, 0);
	h3_parse(&o, argc, argv);
	if (argc - optind < (o.serve ? 2 : 3)) {
		fputs(h3_usage, stderr);
		return 2;
	}
	return o.serve ? h3_serve(&o, argv + optind) :
			 h3_client(&o, argv + optind);
}
