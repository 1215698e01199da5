// SPDX-License-Identifier: GPL-2.0
/*
 * The pure core as a program: QUIC over UDP sockets, to meet other people's
 * implementations.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "buf.h"
#include "cert.h"
#include "end.h"
#include "log.h"
#include "relay.h"

static const char usage_text[] =
"usage: tquic-native client [OPTION]... SERVER\n"
"       tquic-native server [OPTION]... ADDRESS...\n"
"       tquic-native relay [OPTION]... ADDRESS SERVER\n"
"       tquic-native cert CERT KEY\n"
"       tquic-native text BYTES\n"
"\n"
"Addresses are like 127.0.0.1:4433 or [::1]:4433. Amounts of bytes may end\n"
"with K or M. Whatever is transferred is the same text, which \"text\" prints.\n"
"SSLKEYLOGFILE in the environment names a file that secrets are written to.\n"
"\n"
"Both ends:\n"
"  --alpn NAME        tquic-test (default) or h3\n"
"  --cert FILE        certificate; of a client, the one to trust\n"
"  --ciphers LIST     as in a GnuTLS priority string, +CHACHA20-POLY1305 say\n"
"  --versions LIST    QUIC versions spoken, best first: 1,2 by default; others\n"
"                     are hexadecimal like 0x1a2a3a4a\n"
"  --window BYTES     credit to begin with, 1M by default\n"
"  --idle MS          idle timeout, 10000 by default\n"
"  --mtu BYTES        largest datagrams that are tried, 1452 by default; of a\n"
"                     relay, those that pass\n"
"  --paths N          offer multipath with path IDs up to N\n"
"  --ecn              mark packets ECN-capable\n"
"  --bbr              BBR instead of CUBIC\n"
"  --early            offer early data (with --session), or accept it\n"
"  --at BYTES:ACTION  once so much text was transferred: update (the keys),\n"
"                     rebind (our port changes), path=ADDRESS, abandon=PATH,\n"
"                     die (leave without a word)\n"
"  -v, --verbose      say more, to stderr\n"
"Clients:\n"
"  --local ADDRESS    address to send from\n"
"  --name NAME        name of the server, localhost by default\n"
"  --begin VERSION    version of the first packet, 1 by default\n"
"  --session FILE     remember the session; resume the one remembered\n"
"  --get BYTES        receive text\n"
"  --put BYTES        send text\n"
"  --reset BYTES:CODE be sent text, then a reset with that code\n"
"  --stop CODE        send until stopped with that code\n"
"  --uni BYTES        be sent text on a stream of one direction\n"
"  --datagrams N      send datagrams, want them back\n"
"Servers:\n"
"  --key FILE         the certificate's key\n"
"  --size BYTES       how much a GET of HTTP/3 gets\n"
"  --conns N          end after N connections\n"
"  --retry            want addresses proven\n"
"  --secret TEXT      what stateless reset tokens depend on\n"
"Relays:\n"
"  --seed N           of all draws\n"
"  --loss N, --reorder N, --duplicate N, --corrupt N\n"
"                     that many of a thousand datagrams\n"
"  --delay US         of every datagram\n"
"  --late US          of one out of order, on top; 5000 by default\n"
"  --rebind N         another port towards the server every N datagrams\n"
"\n"
"Exit status: 0 when all went well, 1 when not, 2 when it could not start.\n";

enum {
	OPT_ALPN = 256, OPT_CERT, OPT_CIPHERS, OPT_WINDOW, OPT_IDLE, OPT_MTU,
	OPT_PATHS, OPT_ECN, OPT_BBR, OPT_AT, OPT_LOCAL, OPT_NAME, OPT_BEGIN,
	OPT_GET, OPT_PUT, OPT_RESET, OPT_STOP, OPT_UNI, OPT_KEY, OPT_SIZE,
	OPT_CONNS, OPT_SECRET, OPT_SEED, OPT_LOSS, OPT_REORDER,
	OPT_DUPLICATE, OPT_CORRUPT, OPT_DELAY, OPT_LATE, OPT_REBIND,
	OPT_VERSIONS, OPT_SESSION, OPT_RETRY, OPT_EARLY, OPT_DATAGRAMS,
};

static const struct option options[] = {
	{ "alpn", required_argument, NULL, OPT_ALPN },
	{ "cert", required_argument, NULL, OPT_CERT },
	{ "ciphers", required_argument, NULL, OPT_CIPHERS },
	{ "window", required_argument, NULL, OPT_WINDOW },
	{ "idle", required_argument, NULL, OPT_IDLE },
	{ "mtu", required_argument, NULL, OPT_MTU },
	{ "paths", required_argument, NULL, OPT_PATHS },
	{ "ecn", no_argument, NULL, OPT_ECN },
	{ "bbr", no_argument, NULL, OPT_BBR },
	{ "at", required_argument, NULL, OPT_AT },
	{ "local", required_argument, NULL, OPT_LOCAL },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "begin", required_argument, NULL, OPT_BEGIN },
	{ "versions", required_argument, NULL, OPT_VERSIONS },
	{ "session", required_argument, NULL, OPT_SESSION },
	{ "early", no_argument, NULL, OPT_EARLY },
	{ "retry", no_argument, NULL, OPT_RETRY },
	{ "get", required_argument, NULL, OPT_GET },
	{ "put", required_argument, NULL, OPT_PUT },
	{ "reset", required_argument, NULL, OPT_RESET },
	{ "stop", required_argument, NULL, OPT_STOP },
	{ "datagrams", required_argument, NULL, OPT_DATAGRAMS },
	{ "uni", required_argument, NULL, OPT_UNI },
	{ "key", required_argument, NULL, OPT_KEY },
	{ "size", required_argument, NULL, OPT_SIZE },
	{ "conns", required_argument, NULL, OPT_CONNS },
	{ "secret", required_argument, NULL, OPT_SECRET },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "loss", required_argument, NULL, OPT_LOSS },
	{ "reorder", required_argument, NULL, OPT_REORDER },
	{ "duplicate", required_argument, NULL, OPT_DUPLICATE },
	{ "corrupt", required_argument, NULL, OPT_CORRUPT },
	{ "delay", required_argument, NULL, OPT_DELAY },
	{ "late", required_argument, NULL, OPT_LATE },
	{ "rebind", required_argument, NULL, OPT_REBIND },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{}
};

/**
 * struct tn_args - what the command line says
 * @end: for a client or a server
 * @app: likewise
 * @tls: likewise
 * @local: a client's address
 * @relay: for a relay
 */
struct tn_args {
	struct tn_end_config end;
	struct tn_app_config app;
	struct tn_tls_config tls;
	struct tn_addr local;
	struct tn_relay_config relay;
};

static u64 tn_number(const char *text)
{
	char *end;
	u64 n;

	if (!tn_bytes_parse(&n, text, &end) || *end)
		tn_die("'%s' is no number", text);
	return n;
}

static void tn_address(struct tn_addr *addr, const char *text)
{
	if (!tn_addr_parse(addr, text))
		tn_die("'%s' is no address like 127.0.0.1:4433", text);
}

static void tn_job(struct tn_args *args, enum tn_job_kind kind,
		   const char *text)
{
	struct tn_job *job = &args->app.jobs[args->app.njobs];
	char *end = (char *)text;

	if (args->app.njobs++ == TN_JOBS_MAX)
		tn_die("more than %d jobs", TN_JOBS_MAX);
	job->kind = kind;
	if (kind == TN_JOB_STOP) {
		job->code = tn_number(text);
		return;
	}
	if (!tn_bytes_parse(&job->bytes, text, &end))
		tn_die("'%s' is no number", text);
	if (kind == TN_JOB_RESET && *end == ':')
		job->code = tn_number(end + 1);
	else if (*end)
		tn_die("'%s' is no number", text);
}

static void tn_alpn(struct tn_args *args, const char *name)
{
	static const struct tn_app_ops *const all[] = {
		&tn_raw_ops, &tn_h3_ops,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		if (!strcmp(all[i]->alpn, name))
			args->app.ops = all[i];
	if (strcmp(args->app.ops->alpn, name))
		tn_die("--alpn: '%s' is neither tquic-test nor h3", name);
}

/* Options of a relay; false for any other. */
static bool tn_relay_option(struct tn_relay_config *relay, int option,
			    const char *arg)
{
	switch (option) {
	case OPT_SEED:
		relay->seed = tn_number(arg);
		return true;
	case OPT_LOSS:
		relay->loss = tn_number(arg);
		return true;
	case OPT_REORDER:
		relay->reorder = tn_number(arg);
		return true;
	case OPT_DUPLICATE:
		relay->duplicate = tn_number(arg);
		return true;
	case OPT_CORRUPT:
		relay->corrupt = tn_number(arg);
		return true;
	case OPT_DELAY:
		relay->delay = tn_number(arg) * 1000;
		return true;
	case OPT_LATE:
		relay->late = tn_number(arg) * 1000;
		return true;
	case OPT_REBIND:
		relay->rebind = tn_number(arg);
		return true;
	default:
		return false;
	}
}

/* A client's jobs; false for any other option. */
static bool tn_job_option(struct tn_args *args, int option, const char *arg)
{
	switch (option) {
	case OPT_GET:
		tn_job(args, TN_JOB_GET, arg);
		return true;
	case OPT_PUT:
		tn_job(args, TN_JOB_PUT, arg);
		return true;
	case OPT_RESET:
		tn_job(args, TN_JOB_RESET, arg);
		return true;
	case OPT_STOP:
		tn_job(args, TN_JOB_STOP, arg);
		return true;
	case OPT_UNI:
		tn_job(args, TN_JOB_UNI, arg);
		return true;
	case OPT_DATAGRAMS:
		tn_job(args, TN_JOB_DGRAM, arg);
		if (tn_number(arg) > TN_DGRAMS_MAX)
			tn_die("more than %d datagrams", TN_DGRAMS_MAX);
		return true;
	default:
		return false;
	}
}

static void tn_act_option(struct tn_end_config *end, const char *arg)
{
	if (end->nacts == TN_ACTS_MAX)
		tn_die("more than %d actions", TN_ACTS_MAX);
	if (!tn_act_parse(&end->acts[end->nacts++], arg))
		tn_die("--at: '%s' is no BYTES:ACTION", arg);
}

/* A version at the beginning of a list. */
static u32 tn_version(const char **text)
{
	char *end;
	u32 version = strtoul(*text, &end, 0);

	if (end == *text || (*end && *end != ','))
		tn_die("'%s' is no list of versions", *text);
	*text = *end ? end + 1 : end;
	return version == 2 ? TQUIC_VERSION_2 : version;
}

static void tn_versions(struct tn_end_config *end, const char *text)
{
	for (end->nversions = 0; *text; end->nversions++) {
		if (end->nversions == ARRAY_SIZE(end->versions))
			tn_die("more than %d versions", end->nversions);
		end->versions[end->nversions] = tn_version(&text);
	}
}

static void tn_option(struct tn_args *args, int option, const char *arg)
{
	struct tn_end_config *end = &args->end;

	switch (option) {
	case OPT_ALPN:
		tn_alpn(args, arg);
		break;
	case OPT_CERT:
		args->tls.cert = arg;
		break;
	case OPT_CIPHERS:
		args->tls.ciphers = arg;
		break;
	case OPT_WINDOW:
		end->window = tn_number(arg);
		break;
	case OPT_IDLE:
		end->idle = tn_number(arg);
		break;
	case OPT_MTU:
		end->mtu = tn_number(arg);
		args->relay.mtu = end->mtu;
		break;
	case OPT_PATHS:
		end->paths = tn_number(arg);
		break;
	case OPT_ECN:
		end->ecn = true;
		break;
	case OPT_BBR:
		end->bbr = true;
		break;
	case OPT_AT:
		tn_act_option(end, arg);
		break;
	case OPT_LOCAL:
		tn_address(&args->local, arg);
		break;
	case OPT_NAME:
		args->tls.name = arg;
		break;
	case OPT_BEGIN:
		end->version = tn_version(&arg);
		break;
	case OPT_VERSIONS:
		tn_versions(end, arg);
		break;
	case OPT_SESSION:
		end->session = arg;
		break;
	case OPT_EARLY:
		args->tls.early = true;
		break;
	case OPT_RETRY:
		end->retry = true;
		break;
	case OPT_KEY:
		args->tls.key = arg;
		break;
	case OPT_SIZE:
		args->app.size = tn_number(arg);
		break;
	case OPT_CONNS:
		end->conns = tn_number(arg);
		break;
	case OPT_SECRET:
		end->secret = arg;
		break;
	case 'v':
		tn_verbose = true;
		break;
	case 'h':
		fputs(usage_text, stdout);
		exit(0);
	default:
		fputs("tquic-native: try --help\n", stderr);
		exit(2);
	}
}

static int tn_client(struct tn_args *args, int count, char **names)
{
	static struct tn_end end;
	struct tn_addr server;
	int status;

	if (count != 1)
		tn_die("client: one SERVER is wanted, see --help");
	tn_address(&server, names[0]);
	if (!memchr_inv(args->local.ip, 0, sizeof(args->local.ip)))
		tn_addr_towards(&server, &args->local);
	args->tls.alpn = args->app.ops->alpn;
	tn_end_init(&end, &args->end, &args->app, &args->tls);
	tn_end_bind(&end, &args->local);
	tn_end_connect(&end, &server);
	status = tn_end_run(&end);
	tn_end_exit(&end);
	return status;
}

static int tn_server(struct tn_args *args, int count, char **names)
{
	static struct tn_end end;
	struct tn_addr local;
	int i, status;

	if (!count || !args->tls.cert || !args->tls.key)
		tn_die("server: no ADDRESS, --cert or --key, see --help");
	args->end.server = true;
	args->tls.server = true;
	args->tls.alpn = args->app.ops->alpn;
	tn_end_init(&end, &args->end, &args->app, &args->tls);
	for (i = 0; i < count; i++) {
		tn_address(&local, names[i]);
		tn_end_bind(&end, &local);
	}
	tn_say("ready");
	status = tn_end_run(&end);
	tn_end_exit(&end);
	return status;
}

static int tn_relay(struct tn_args *args, int count, char **names)
{
	if (count != 2)
		tn_die("relay: ADDRESS and SERVER are wanted, see --help");
	tn_address(&args->relay.listen, names[0]);
	tn_address(&args->relay.server, names[1]);
	return tn_relay_run(&args->relay);
}

static int tn_text(u64 bytes)
{
	struct tn_buf *buf;
	u32 pos, len;
	u64 off;

	for (off = 0; off < bytes; off += len) {
		len = min_t(u64, bytes - off, U32_MAX);
		buf = tn_text_at(off, &pos, &len);
		if (fwrite(buf->data + pos, len, 1, stdout) != 1)
			tn_die("cannot write");
	}
	tn_text_free();
	return 0;
}

int main(int argc, char **argv)
{
	static struct tn_args args = {
		.end = {
			.version = TQUIC_VERSION_1,
			.versions = { TQUIC_VERSION_1, TQUIC_VERSION_2 },
			.nversions = 2,
			.window = 1 << 20,
			.idle = 10000,
			.mtu = 1452,
			.paths = U64_MAX,
		},
		.app = { .ops = &tn_raw_ops },
		.tls = { .name = "localhost" },
		.relay = { .late = 5 * TQUIC_NS_PER_MS, .mtu = TN_UDP_MAX },
	};
	const char *mode;
	int option;

	while ((option = getopt_long(argc, argv, "hv", options, NULL)) != -1)
		if (!tn_relay_option(&args.relay, option, optarg) &&
		    !tn_job_option(&args, option, optarg))
			tn_option(&args, option, optarg);
	argc -= optind + 1;
	argv += optind;
	if (argc < 0)
		tn_die("what to do? See --help");
	mode = *argv++;
	if (!strcmp(mode, "client"))
		return tn_client(&args, argc, argv);
	if (!strcmp(mode, "server"))
		return tn_server(&args, argc, argv);
	if (!strcmp(mode, "relay"))
		return tn_relay(&args, argc, argv);
	if (!strcmp(mode, "text") && argc == 1)
		return tn_text(tn_number(argv[0]));
	if (strcmp(mode, "cert") || argc != 2)
		tn_die("'%s' with %d arguments: see --help", mode, argc);
	tn_cert_make(argv[0], argv[1]);
	return 0;
}
