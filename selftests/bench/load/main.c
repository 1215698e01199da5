// SPDX-License-Identifier: GPL-2.0
/*
 * Loads a transport: sockets of TQUIC, TCP, TCP with kernel TLS, or UDP.
 *
 *	tquic-load [OPTIONS] send ADDRESS PORT		<->  sink ADDRESS PORT
 *	tquic-load [OPTIONS] ping ADDRESS PORT		<->  echo ADDRESS PORT
 *	tquic-load [OPTIONS] messages ADDRESS PORT	<->  count ADDRESS PORT
 *	tquic-load [OPTIONS] handshakes ADDRESS PORT	<->  hold ADDRESS PORT
 *	tquic-load [OPTIONS] idle ADDRESS PORT		<->  hold ADDRESS PORT
 *
 *	-k tquic|tcp|udp|ktls	transport
 *	-t SECONDS		how long
 *	-c CIPHER		TLS code point, 0x1301 or 0x1303
 *	-p PATHS -x COMMAND	COMMAND NUMBER opens the others of them
 *	-s BYTES -b N		a message, and how many go in one call
 *	-j N			connections at a time; idle: how many
 *
 * Those on the right print "ready" and serve until they are killed.  Each
 * measurement prints one line of name=value words.
 */
#include <arpa/inet.h>
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load.h"

static const struct {
	const char *name;
	int (*run)(const struct load *l);
} load_commands[] = {
	{ "send", load_send },
	{ "sink", load_sink },
	{ "ping", load_ping },
	{ "echo", load_echo },
	{ "messages", load_messages },
	{ "count", load_count },
	{ "handshakes", load_handshakes },
	{ "idle", load_idle },
	{ "hold", load_hold },
};

static enum load_kind load_kind(const char *name)
{
	static const char * const names[] = { "tquic", "tcp", "udp", "ktls" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return i;
	errx(2, "there is no transport '%s'", name);
}

static void load_options(struct load *l, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "k:t:c:p:x:s:b:j:")) != -1) {
		switch (c) {
		case 'k':
			l->kind = load_kind(optarg);
			break;
		case 't':
			l->seconds = atof(optarg);
			break;
		case 'c':
			l->cipher = strtoul(optarg, NULL, 0);
			break;
		case 'p':
			l->paths = atoi(optarg);
			break;
		case 'x':
			l->hook = optarg;
			break;
		case 's':
			l->size = atoi(optarg);
			break;
		case 'b':
			l->batch = atoi(optarg);
			break;
		case 'j':
			l->jobs = atoi(optarg);
			break;
		default:
			exit(2);
		}
	}
}

int main(int argc, char **argv)
{
	struct load l = {
		.paths = 1, .size = 160, .batch = 1, .jobs = 1, .seconds = 1,
		.addr.sin_family = AF_INET,
	};
	unsigned int i;

	load_options(&l, argc, argv);
	if (argc - optind != 3)
		errx(2, "usage: %s [OPTIONS] COMMAND ADDRESS PORT", argv[0]);
	if (inet_pton(AF_INET, argv[optind + 1], &l.addr.sin_addr) != 1)
		errx(2, "'%s' is no IPv4 address", argv[optind + 1]);
	l.addr.sin_port = htons(atoi(argv[optind + 2]));
	signal(SIGPIPE, SIG_IGN);
	setlinebuf(stdout);
	for (i = 0; i < ARRAY_SIZE(load_commands); i++)
		if (!strcmp(argv[optind], load_commands[i].name))
			return load_commands[i].run(&l);
	errx(2, "there is no command '%s'", argv[optind]);
}
