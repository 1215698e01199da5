// SPDX-License-Identifier: GPL-2.0
/* ip-tquic: look at multipath QUIC in the kernel, and manage it. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ip-tquic.h"

struct options opt = { .color = 0 };

/**
 * struct command - a command
 * @name: what it is called
 * @run: does it
 * @help: how it is used
 */
struct command {
	const char *name;
	int (*run)(struct args *args);
	const char *help;
};

static const struct command commands[] = {
	{ "show", cmd_show,
	  "ip-tquic show [[conn_id] N]\n"
	  "  connections and their paths\n" },
	{ "path", cmd_path,
	  "ip-tquic path show [conn_id N]\n"
	  "ip-tquic path add conn_id N [dev DEVICE] [local ADDRESS[:PORT]]\n"
	  "                  [remote ADDRESS[:PORT]] [backup] [metered]\n"
	  "ip-tquic path del path_id ID [conn_id N] [code CODE]\n"
	  "ip-tquic path set path_id ID [conn_id N] [backup on|off]\n"
	  "                  [metered on|off] [up|down]\n"
	  "  An IPv6 address with a port is [ADDRESS]:PORT. Without conn_id,\n"
	  "  the connection that has such a path, if it is the only one.\n" },
	{ "scheduler", cmd_scheduler,
	  "ip-tquic scheduler get [conn_id N]\n"
	  "ip-tquic scheduler set NAME [conn_id N]\n"
	  "  of a connection; without conn_id, of those to come\n" },
	{ "congestion", cmd_congestion,
	  "ip-tquic congestion get [conn_id N]\n"
	  "ip-tquic congestion set NAME [conn_id N]\n"
	  "  of a connection; without conn_id, of those to come\n" },
	{ "tunnel", cmd_tunnel,
	  "ip-tquic tunnel show [NAME]\n"
	  "ip-tquic tunnel add NAME remote ADDRESS:PORT identity ID\n"
	  "                    [local ADDRESS[:PORT]] [dev DEVICE] [OPTIONS]\n"
	  "ip-tquic tunnel add NAME server port PORT [local ADDRESS]\n"
	  "                    [ttl SECONDS] [OPTIONS]\n"
	  "ip-tquic tunnel up|down|del NAME\n"
	  "  OPTIONS: [scheduler NAME] [congestion NAME] [paths N] [flows N]\n"
	  "           [auth default|psk|x509|raw-key] [psk_key SERIAL]\n"
	  "           [peername NAME] [profile NAME] [cipher CODE-POINT]\n"
	  "  A client connects, and again, by itself. A key without serial is\n"
	  "  looked for by the handshake agent, by its identity.\n" },
	{ "client", cmd_client,
	  "ip-tquic client show [TUNNEL]\n"
	  "ip-tquic client set TUNNEL IDENTITY [ports FIRST-LAST] [rate RATE]\n"
	  "                    [inside on|off]\n"
	  "ip-tquic client del TUNNEL IDENTITY\n"
	  "  what a client of a server may do; what is not said is not limited,\n"
	  "  but private addresses are out of its reach without 'inside'.\n"
	  "  RATE is as for tc: 500mbit, 60mbps\n" },
	{ "forward", cmd_forward,
	  "ip-tquic forward show [TUNNEL]\n"
	  "ip-tquic forward add TUNNEL IDENTITY tcp|udp PORT to ADDRESS[:PORT]\n"
	  "ip-tquic forward del TUNNEL IDENTITY tcp|udp PORT\n"
	  "  ports of a server that lead to a host in a client's LAN\n" },
	{ "flows", cmd_flows,
	  "ip-tquic flows [[tunnel] NAME]\n"
	  "  what tunnels carry, with the paths that it may take\n" },
	{ "stats", cmd_stats,
	  "ip-tquic stats\n"
	  "  counters that are not 0 (-d: all), and those of connections\n" },
	{ "monitor", cmd_monitor,
	  "ip-tquic monitor\n"
	  "  events as they come: CONN_NEW, CONN_CLOSED, PATH_UP, PATH_DOWN,\n"
	  "  PATH_CHANGE, TUNNEL_CHANGE, CLIENT_CHANGE; with -j one object\n"
	  "  a line\n" },
	{ "close", cmd_close,
	  "ip-tquic close [conn_id] N [code CODE] [app] [reason TEXT]\n"
	  "  close a connection; the code is the transport's unless 'app'\n" },
	{ "flush", cmd_flush,
	  "ip-tquic flush [tunnels]\n"
	  "  close all connections of sockets, and stop those that listen; with\n"
	  "  'tunnels' delete all tunnels, too\n" },
	{ }
};

static void synopsis(FILE *to)
{
	fputs("usage: ip-tquic [OPTIONS] COMMAND ...\n"
	      "\n"
	      "COMMAND: show | path | scheduler | congestion | stats | monitor | close |\n"
	      "         flush | tunnel | client | forward | flows\n"
	      "         'ip-tquic COMMAND --help' tells more\n"
	      "OPTIONS: -j JSON, -p with line breaks, -s counters, -d details,\n"
	      "         -c[olor][=always|auto|never], -n NETNS, -h help\n"
	      "\n"
	      "Exit status: 0, 1 for a wrong command line, 2 when the kernel refuses.\n",
	      to);
}

static void enter(const char *name)
{
	char file[256];
	int fd;

	snprintf(file, sizeof(file), "%s%s",
		 strchr(name, '/') ? "" : "/run/netns/", name);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die(EXIT_KERNEL, "network namespace '%s': %s", name,
		    strerror(errno));
	close(fd);
}

static bool color_option(const char *word)
{
	if (!strcmp(word, "-c") || !strcmp(word, "-color") ||
	    !strcmp(word, "-c=always") || !strcmp(word, "-color=always"))
		opt.color = 2;
	else if (!strcmp(word, "-c=auto") || !strcmp(word, "-color=auto"))
		opt.color = 1;
	else if (!strcmp(word, "-c=never") || !strcmp(word, "-color=never"))
		opt.color = 0;
	else
		return false;
	return true;
}

static void take_option(struct args *args, const char *word)
{
	/* as ip does, with one dash or two */
	if (word[0] == '-' && word[1] == '-')
		word++;
	if (!strcmp(word, "-j") || !strcmp(word, "-json"))
		opt.json = true;
	else if (!strcmp(word, "-p") || !strcmp(word, "-pretty"))
		opt.pretty = true;
	else if (!strcmp(word, "-s") || !strcmp(word, "-stats"))
		opt.stats = true;
	else if (!strcmp(word, "-d") || !strcmp(word, "-details"))
		opt.details = true;
	else if (!strcmp(word, "-n") || !strcmp(word, "-netns"))
		enter(arg_next(args, "name of the network namespace"));
	else if (!color_option(word))
		die(EXIT_USAGE, "unknown option '%s'; see --help", word);
}

static bool wants_help(const struct args *args)
{
	return args->n && (!strcmp(args->v[0], "-h") ||
			   !strcmp(args->v[0], "-help") ||
			   !strcmp(args->v[0], "--help") ||
			   !strcmp(args->v[0], "help"));
}

static int run(const struct command *command, struct args *args)
{
	if (wants_help(args)) {
		fputs(command->help, stdout);
		return 0;
	}
	return command->run(args);
}

int main(int argc, char **argv)
{
	struct args args = { .n = argc - 1, .v = argv + 1 };
	const char *word;
	unsigned int i;

	while (args.n && args.v[0][0] == '-' && !wants_help(&args)) {
		word = arg_next(&args, "option");
		take_option(&args, word);
	}
	if (wants_help(&args)) {
		synopsis(stdout);
		return 0;
	}
	if (!args.n) {
		synopsis(stderr);
		return EXIT_USAGE;
	}
	word = arg_next(&args, "command");
	for (i = 0; commands[i].name; i++)
		if (!strcmp(commands[i].name, word))
			return run(&commands[i], &args);
	die(EXIT_USAGE, "unknown command '%s'; see --help", word);
}
