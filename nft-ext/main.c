// SPDX-License-Identifier: GPL-2.0
/* nft-tquic: nft with words for TQUIC. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"
#include "util.h"

#ifndef NT_VERSION
#define NT_VERSION "unknown"
#endif

static const struct option options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'v' },
	{ "file", required_argument, NULL, 'f' },
	{ "define", required_argument, NULL, 'D' },
	{ "interactive", no_argument, NULL, 'i' },
	{ "includepath", required_argument, NULL, 'I' },
	{ "check", no_argument, NULL, 'c' },
	{ "optimize", no_argument, NULL, 'o' },
	{ "handle", no_argument, NULL, 'a' },
	{ "stateless", no_argument, NULL, 's' },
	{ "terse", no_argument, NULL, 't' },
	{ "service", no_argument, NULL, 'S' },
	{ "reversedns", no_argument, NULL, 'N' },
	{ "guid", no_argument, NULL, 'u' },
	{ "numeric", no_argument, NULL, 'n' },
	{ "numeric-priority", no_argument, NULL, 'y' },
	{ "numeric-protocol", no_argument, NULL, 'p' },
	{ "numeric-time", no_argument, NULL, 'T' },
	{ "json", no_argument, NULL, 'j' },
	{ "echo", no_argument, NULL, 'e' },
	{ }
};

static void usage(FILE *to)
{
	fputs("Usage: nft-tquic [ options ] [ cmds... ]\n"
	      "\n"
	      "nft, with the words of TQUIC in rules, sets and maps:\n"
	      "  tquic tunnel [to NAME] [class CLASS]    lead a flow into a tunnel\n"
	      "  tquic { state | role | tunnel | class | path id | path count }\n"
	      "\n"
	      "Options (general):\n"
	      "  -h, --help                Show this help\n"
	      "  -v, --version             Show version information\n"
	      "Options (input):\n"
	      "  -f, --file <filename>     Read input from <filename>, - for stdin\n"
	      "  -D, --define <name=value> Define variable, e.g. --define foo=1.2.3.4\n"
	      "  -i, --interactive         Read commands line by line\n"
	      "  -I, --includepath <dir>   Add <dir> to the paths searched for include\n"
	      "  -c, --check               Check commands without applying changes\n"
	      "  -o, --optimize            Optimize ruleset\n"
	      "Options (listing):\n"
	      "  -a, --handle              Output rule handle\n"
	      "  -s, --stateless           Omit stateful information\n"
	      "  -t, --terse               Omit contents of sets\n"
	      "  -S, --service             Translate ports to service names\n"
	      "  -N, --reversedns          Translate IP addresses to names\n"
	      "  -u, --guid                Print UID and GID as in the system's files\n"
	      "  -n, --numeric             Print fully numerical output\n"
	      "  -y, --numeric-priority    Print chain priority numerically\n"
	      "  -p, --numeric-protocol    Print layer 4 protocols numerically\n"
	      "  -T, --numeric-time        Print time values numerically\n"
	      "Options (command output format):\n"
	      "  -e, --echo                Echo what has been added, inserted or replaced\n"
	      "  -j, --json                Format output in JSON\n"
	      "\n"
	      "See nft-tquic(8) for the words, nft(8) for everything else.\n", to);
}

/* What an option says about the output, 0 if nothing. */
static unsigned int output_flag(int option)
{
	switch (option) {
	case 'a': return NFT_CTX_OUTPUT_HANDLE;
	case 's': return NFT_CTX_OUTPUT_STATELESS;
	case 't': return NFT_CTX_OUTPUT_TERSE;
	case 'S': return NFT_CTX_OUTPUT_SERVICE;
	case 'N': return NFT_CTX_OUTPUT_REVERSEDNS;
	case 'u': return NFT_CTX_OUTPUT_GUID;
	case 'n': return NFT_CTX_OUTPUT_NUMERIC_ALL;
	case 'y': return NFT_CTX_OUTPUT_NUMERIC_PRIO;
	case 'p': return NFT_CTX_OUTPUT_NUMERIC_PROTO;
	case 'T': return NFT_CTX_OUTPUT_NUMERIC_TIME;
	case 'j': return NFT_CTX_OUTPUT_JSON;
	case 'e': return NFT_CTX_OUTPUT_ECHO;
	}
	return 0;
}

static int interactive(struct nt_run *run)
{
	char *line = NULL;
	size_t room = 0;
	int status = 0;

	for (;;) {
		if (isatty(STDIN_FILENO))
			fputs("nft> ", stderr);
		if (getline(&line, &room, stdin) < 0 || !strcmp(line, "quit\n"))
			break;
		if (nt_run_buffer(run, line))
			status = 1;
	}
	free(line);
	return status;
}

static char *joined(char **words, int n)
{
	struct nt_buf buf = {};
	int i;

	for (i = 0; i < n; i++) {
		nt_buf_puts(&buf, i ? " " : "");
		nt_buf_puts(&buf, words[i]);
	}
	return buf.data;
}

/**
 * struct settings - what the command line says
 * @file: to read, or NULL
 * @flags: of the output
 * @check: do not apply
 * @optimize: let libnftables merge rules
 * @interactive: read lines
 */
struct settings {
	const char *file;
	unsigned int flags;
	bool check;
	bool optimize;
	bool interactive;
};

/* Includes and variables are set when there is a context, in a second pass. */
static void parse(int argc, char **argv, struct nt_run *run,
		  struct settings *set)
{
	int c;

	optind = 1;
	opterr = !run;
	while ((c = getopt_long(argc, argv, "+hvf:D:iI:coastSNunypTje",
				options, NULL)) != -1) {
		if (c == 'h' || c == '?') {
			usage(c == 'h' ? stdout : stderr);
			exit(c == '?');
		}
		if (c == 'v') {
			puts("nft-tquic " NT_VERSION);
			exit(0);
		}
		if (c == 'f')
			set->file = optarg;
		set->flags |= output_flag(c);
		set->check |= c == 'c';
		set->optimize |= c == 'o';
		set->interactive |= c == 'i';
		if (run && c == 'I')
			nt_run_include_path(run, optarg);
		if (run && c == 'D' && !nt_run_define(run, optarg)) {
			fprintf(stderr, "nft-tquic: '%s' is not NAME=VALUE\n",
				optarg);
			exit(1);
		}
	}
}

static int run_words(struct nt_run *run, char **words, int n)
{
	char *text = joined(words, n);
	FILE *stream = NULL;
	int status;

	/* This one ends when it is interrupted, so it cannot wait. */
	if (!strcmp(words[0], "monitor")) {
		nft_ctx_unbuffer_output(run->ctx);
		stream = nt_run_stream(run);
		nft_ctx_set_output(run->ctx, stream);
	}
	status = nt_run_buffer(run, text);
	free(text);
	return status;
}

int main(int argc, char **argv)
{
	struct settings set = {};
	struct nt_run run;
	int status;

	parse(argc, argv, NULL, &set);
	nt_run_init(&run, set.flags & NFT_CTX_OUTPUT_JSON);
	parse(argc, argv, &run, &set);
	nft_ctx_output_set_flags(run.ctx, set.flags);
	nft_ctx_set_dry_run(run.ctx, set.check);
	if (set.optimize)
		nft_ctx_set_optimize(run.ctx, NFT_OPTIMIZE_ENABLED);
	nft_ctx_buffer_output(run.ctx);
	nft_ctx_buffer_error(run.ctx);

	if (set.file) {
		status = nt_run_file(&run, set.file);
	} else if (set.interactive) {
		status = interactive(&run);
	} else if (optind < argc) {
		status = run_words(&run, argv + optind, argc - optind);
	} else {
		usage(stderr);
		status = 1;
	}
	if (fflush(stdout) || ferror(stdout)) {
		perror("nft-tquic: standard output");
		status = 1;
	}
	nt_run_exit(&run);
	return status ? 1 : 0;
}
