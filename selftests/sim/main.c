// SPDX-License-Identifier: GPL-2.0
#include <getopt.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "report.h"
#include "world.h"

#define SET_MAX		64

static const char usage[] =
	"usage: sim FILE... [--only NAME] [--seed N] [--runs N]\n"
	"           [--sched NAME] [--cc NAME] [--set KEY=VALUE]... [--flip]\n"
	"           [--alone] [--json] [--qlog FILE] [--log FILE] [--list]\n"
	"           [--check] [-j N]\n"
	"see Documentation/networking/tquic-sim.rst\n";

static char *set_words[SET_MAX];

/**
 * struct options - the command line
 * @over: what it changes in scenarios
 * @only: name of the only scenario wanted
 * @seed: of the first run
 * @alone: run each leg alone, too
 * @json: print JSON
 * @list: print names only
 * @check: read only
 * @jobs: processes
 * @qlog: where the qlog of the first run goes
 * @log: where the log goes
 * @replay: options that replaying a run needs
 */
struct options {
	struct overrides over;
	const char *only;
	u64 seed;
	bool alone;
	bool json;
	bool list;
	bool check;
	int jobs;
	FILE *qlog;
	FILE *log;
	char replay[512];
};

static struct options opt = { .seed = 1, .jobs = 1, .over.set = set_words };

static u64 integer(const char *text)
{
	char *end;
	u64 value = strtoull(text, &end, 10);

	if (!*text || *end || *text == '-')
		die("'%s' is no number", text);
	return value;
}

static void remember(const char *option, const char *value)
{
	size_t len = strlen(opt.replay);

	snprintf(opt.replay + len, sizeof(opt.replay) - len, " %s%s%s", option,
		 value ? " " : "", value ?: "");
}

enum {
	OPT_ONLY = 256, OPT_SEED, OPT_RUNS, OPT_SCHED, OPT_CC, OPT_SET,
	OPT_FLIP, OPT_ALONE, OPT_JSON, OPT_LOG, OPT_QLOG, OPT_LIST, OPT_CHECK,
};

static const struct option longs[] = {
	{ "only", required_argument, NULL, OPT_ONLY },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "runs", required_argument, NULL, OPT_RUNS },
	{ "sched", required_argument, NULL, OPT_SCHED },
	{ "cc", required_argument, NULL, OPT_CC },
	{ "set", required_argument, NULL, OPT_SET },
	{ "flip", no_argument, NULL, OPT_FLIP },
	{ "alone", no_argument, NULL, OPT_ALONE },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "log", required_argument, NULL, OPT_LOG },
	{ "qlog", required_argument, NULL, OPT_QLOG },
	{ "list", no_argument, NULL, OPT_LIST },
	{ "check", no_argument, NULL, OPT_CHECK },
	{ "help", no_argument, NULL, 'h' },
	{}
};

static FILE *open_file(const char *name)
{
	FILE *file = fopen(name, "w");

	if (!file)
		die("%s: %m", name);
	return file;
}

static void take_change(int c)
{
	switch (c) {
	case OPT_SCHED:
		opt.over.sched = optarg;
		algo_sched(optarg);
		remember("--sched", optarg);
		break;
	case OPT_CC:
		opt.over.cc = optarg;
		algo_cc(optarg);
		remember("--cc", optarg);
		break;
	case OPT_SET:
		if (opt.over.nset == SET_MAX)
			die("more than %d --set", SET_MAX);
		set_words[opt.over.nset++] = optarg;
		remember("--set", optarg);
		break;
	default:
		opt.over.flip = true;
		remember("--flip", NULL);
	}
}

static void take_option(int c)
{
	switch (c) {
	case OPT_ONLY:
		opt.only = optarg;
		break;
	case OPT_SEED:
		opt.seed = integer(optarg);
		break;
	case OPT_RUNS:
		opt.over.runs = integer(optarg);
		break;
	case OPT_ALONE:
		opt.alone = true;
		remember("--alone", NULL);
		break;
	case OPT_JSON:
		opt.json = true;
		break;
	case OPT_LOG:
		opt.log = strcmp(optarg, "-") ? open_file(optarg) : stdout;
		break;
	case OPT_QLOG:
		opt.qlog = open_file(optarg);
		break;
	case OPT_LIST:
		opt.list = true;
		break;
	case OPT_CHECK:
		opt.check = true;
		break;
	case 'j':
		opt.jobs = integer(optarg);
		break;
	case 'h':
		fputs(usage, stdout);
		exit(0);
	case '?':
		fputs(usage, stderr);
		exit(2);
	default:
		take_change(c);
	}
}

static void run_one(const struct metrics *m, u64 seed, struct values *v)
{
	struct result *alone[LEGS_MAX] = {}, *bond;
	clock_t begun = clock();
	int i;

	bond = world_run(m->sc, seed, -1, opt.log, opt.qlog);
	/* one file is of one run */
	if (opt.qlog)
		fclose(opt.qlog);
	opt.qlog = NULL;
	for (i = 0; m->alone && i < m->sc->nlegs; i++)
		alone[i] = world_run(m->sc, seed, i, NULL, NULL);
	metrics_measure(m, bond, m->alone ? alone : NULL, v);
	v->cpu = (double)(clock() - begun) / CLOCKS_PER_SEC;
	result_free(bond);
	for (i = 0; m->alone && i < m->sc->nlegs; i++)
		result_free(alone[i]);
}

/* Every @jobs-th run, into the pipe. */
static void work(const struct metrics *m, int job, int jobs, int runs, int fd)
{
	static struct values v;
	FILE *out = fdopen(fd, "w");
	int i;

	for (i = job; i < runs; i += jobs) {
		run_one(m, opt.seed + i, &v);
		if (fwrite(&v, sizeof(v), 1, out) != 1)
			die("a worker cannot answer");
	}
	fclose(out);
	exit(0);
}

static void run_all(const struct metrics *m, struct values *v, int runs)
{
	int jobs = min(opt.jobs, runs), i, fd[2], status, bad = 0;
	FILE *from[RUNS_MAX];

	if (jobs <= 1) {
		for (i = 0; i < runs; i++)
			run_one(m, opt.seed + i, &v[i]);
		return;
	}
	fflush(stdout);
	for (i = 0; i < jobs; i++) {
		if (pipe(fd))
			die("pipe: %m");
		if (!fork()) {
			close(fd[0]);
			work(m, i, jobs, runs, fd[1]);
		}
		close(fd[1]);
		from[i] = fdopen(fd[0], "r");
	}
	for (i = 0; i < runs; i++)
		bad |= fread(&v[i], sizeof(v[i]), 1, from[i % jobs]) != 1;
	for (i = 0; i < jobs; i++) {
		fclose(from[i]);
		wait(&status);
		bad |= status;
	}
	if (bad)
		exit(3);
}

static bool run_scene(const struct scene *sc)
{
	static struct metrics m;
	struct values *v;
	bool ok;

	if (sc->runs > RUNS_MAX)
		die("more than %d runs", RUNS_MAX);
	metrics_of(sc, opt.alone, &m);
	if (opt.check)
		return true;
	pkt_room(sc->mtu);
	v = xalloc(sc->runs * sizeof(*v));
	run_all(&m, v, sc->runs);
	metrics_relate(&m, v, sc->runs);
	ok = report(&m, v, sc->runs, opt.replay, opt.json);
	free(v);
	return ok;
}

static bool run_file(const char *file, bool *found)
{
	const struct scene *sc;
	bool ok = true;

	for (sc = scene_read(file, &opt.over); sc; sc = sc->next) {
		if (opt.only && strcmp(opt.only, sc->name))
			continue;
		*found = true;
		if (opt.list)
			printf("%s\t%s\t%s\n", sc->name, file, sc->text);
		else
			ok &= run_scene(sc);
	}
	return ok;
}

int main(int argc, char **argv)
{
	bool ok = true, found = false;
	int c;

	while ((c = getopt_long(argc, argv, "hj:", longs, NULL)) >= 0)
		take_option(c);
	if (optind == argc) {
		fputs(usage, stderr);
		return 2;
	}
	if ((opt.log || opt.qlog) && (opt.jobs > 1 || opt.list))
		die("a log is of runs one after the other");
	pattern_init();
	for (; optind < argc; optind++)
		ok &= run_file(argv[optind], &found);
	if (!found)
		die("there is no scenario '%s'", opt.only);
	if (opt.log)
		fclose(opt.log);
	return ok ? 0 : 1;
}
