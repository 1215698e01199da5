// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the registered tests, each in a child process, and speaks TAP.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "hooks.h"
#include "shim/shim.h"
#include "tap.h"

#define MAX_JOBS	64
/* per test; more of the same helps nobody */
#define MAX_FAILURES	20
#define MAX_LINES	200
/* allocations of one body; reached only by a body that never succeeds */
#define MAX_OOM_ROUNDS	100000
/* seconds of the clock for each of the processor */
#define SLEEP_FACTOR	5

/* what a child tells its parent; the note survives a crash */
struct shared {
	char note[256];
	unsigned int failures;
	unsigned int oom_round;
	unsigned int oom_failed;
};

struct job {
	const struct tq_test *test;
	pid_t pid;
	int out;
	struct timespec start;
};

static struct tq_test *tests;
static struct job jobs[MAX_JOBS];
static struct shared *shared;	/* one for each job */
static struct shared *me;	/* of this child; NULL in the parent */
static struct tq_site *sites;

static const char *first;
static unsigned int nr_jobs, timeout = 60;
static bool fail_fast, quiet;
static u64 seed = 1;
static unsigned int printed, passed, failed, skipped;

static bool use_lsan;

/* a report is a failure; print_legend: nobody needs to be told each time */
const char *__asan_default_options(void)
{
	return "detect_stack_use_after_return=1:handle_abort=1:print_legend=0";
}

const char *__ubsan_default_options(void)
{
	return "print_stacktrace=1";
}

/*
 * For tests
 */

void tq_register(struct tq_test *test)
{
	struct tq_test **link = &tests;

	/* by file, and as they stand in it */
	while (*link && strcmp((*link)->file, test->file) <= 0)
		link = &(*link)->next;
	test->next = *link;
	*link = test;
}

static void __noreturn leave(int status)
{
	fflush(stdout);
	fflush(stderr);
	if (__gcov_dump)
		__gcov_dump();
	_exit(status);
}

static void vfail(const char *file, int line, const char *fmt, va_list args)
{
	if (me->failures++ >= MAX_FAILURES)
		return;
	fprintf(stderr, "%s:%d: ", file, line);
	vfprintf(stderr, fmt, args);
	if (*me->note)
		fprintf(stderr, " [%s]", me->note);
	if (me->oom_round)
		fprintf(stderr, " [failing allocation %u]", me->oom_round);
	fputc('\n', stderr);
}

void tq_fail(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfail(file, line, fmt, args);
	va_end(args);
}

/* WARN_ON() and the like, and misuse of the allocator */
void tq_shim_report(const char *file, int line, const char *fmt, ...);
void tq_shim_report(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfail(file, line, fmt, args);
	va_end(args);
	/* a list or an allocation is named where it is handled, not who did */
	if (__sanitizer_print_stack_trace)
		__sanitizer_print_stack_trace();
}

void tq_abort(void)
{
	leave(1);
}

void tq_note(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(me->note, sizeof(me->note), fmt, args);
	va_end(args);
}

bool tq_oom_hit(void)
{
	return tq_shim_has_failed();
}

static u64 rand_state;

u64 tq_rand(void)
{
	u64 z = rand_state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

u64 tq_rand_below(u64 n)
{
	u64 val, limit = -n % n;	/* 2^64 mod n: the uneven rest */

	do {
		val = tq_rand();
	} while (val < limit);
	return val % n;
}

void tq_rand_bytes(void *buf, size_t len)
{
	unsigned char *p = buf;

	while (len--)
		*p++ = tq_rand();
}

size_t tq_hex(const char *hex, void *buf, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char *out = buf;
	size_t nibbles = 0;
	const char *d;

	for (; *hex; hex++) {
		if (strchr(" \t\n", *hex))
			continue;
		d = strchr(digits, *hex | 0x20);
		if (!d || nibbles / 2 >= size) {
			tq_fail(__FILE__, __LINE__, "%s: %s at \"%s\"",
				__func__, d ? "no room" : "not a digit", hex);
			tq_abort();
		}
		if (nibbles++ & 1)
			out[nibbles / 2 - 1] |= d - digits;
		else
			out[nibbles / 2] = (d - digits) << 4;
	}
	if (nibbles & 1) {
		tq_fail(__FILE__, __LINE__, "%s: half a byte", __func__);
		tq_abort();
	}
	return nibbles / 2;
}

void tq_expect_mem(const char *file, int line, const char *what,
		   const void *a, const void *b, size_t len)
{
	const unsigned char *pa = a, *pb = b;
	size_t i, from, to;

	for (i = 0; i < len && pa[i] == pb[i]; i++)
		;
	if (i == len)
		return;
	tq_fail(file, line, "%s: differ at %zu of %zu", what, i, len);
	from = i > 8 ? i - 8 : 0;
	to = len - i > 24 ? i + 24 : len;
	fprintf(stderr, "  from %zu:", from);
	for (i = from; i < to; i++)
		fprintf(stderr, " %02x", pa[i]);
	fprintf(stderr, "\n  and:");
	for (i = from; i < to; i++)
		fprintf(stderr, " %02x", pb[i]);
	fputc('\n', stderr);
}

/*
 * In the child
 */

static const struct tq_test *seeded;

static void reseed(const struct tq_test *test)
{
	const char *c;

	seeded = test;
	rand_state = seed;
	for (c = test->name; *c; c++)
		rand_state = (rand_state ^ *c) * 0x100000001b3ULL;
}

void tq_rand_again(void)
{
	reseed(seeded);
}

static void report_leak(const char *file, int line, size_t size)
{
	tq_fail(file, abs(line), "leak of %zu bytes allocated here", size);
}

static void check_leaks(void)
{
	if (tq_shim_outstanding(report_leak))
		leave(1);
}

/* one allocation after the other fails, until there are no more */
static void run_oom(const struct tq_test *test)
{
	unsigned int i;
	int err;

	for (i = 1; i < MAX_OOM_ROUNDS; i++) {
		reseed(test);
		me->oom_round = i;
		tq_shim_fail_nth(i);
		err = test->oom();
		if (!tq_shim_has_failed()) {
			tq_shim_fail_nth(0);
			me->oom_round = 0;
			if (err)
				tq_fail(test->file, 0,
					"%s = %d though no allocation failed",
					test->name, err);
			return;
		}
		me->oom_failed++;
		if (err != -ENOMEM)
			tq_fail(test->file, 0,
				"%s = %d, not -ENOMEM, though one failed",
				test->name, err);
		check_leaks();
		if (me->failures)
			return;
	}
	tq_fail(test->file, 0, "%s never succeeds", test->name);
}

/*
 * What counts is the time of the processor: how many others use this machine
 * is no property of a test.  One that sleeps is ended by the clock.  Nothing
 * is handled: the parent sees who killed it.
 */
static void limit_time(unsigned int seconds)
{
	struct itimerval cpu = { .it_value.tv_sec = seconds };

	signal(SIGPROF, SIG_DFL);
	signal(SIGALRM, SIG_DFL);
	setitimer(ITIMER_PROF, &cpu, NULL);
	alarm(SLEEP_FACTOR * seconds);
}

static void __noreturn run_child(struct job *job)
{
	const struct tq_test *test = job->test;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(job->out, STDOUT_FILENO);
	dup2(job->out, STDERR_FILENO);
	limit_time(timeout);

	me = &shared[job - jobs];
	reseed(test);
	if (test->oom)
		run_oom(test);
	else
		test->fn();
	check_leaks();
	limit_time(0);
	if (use_lsan && __lsan_do_recoverable_leak_check())
		leave(1);
	leave(me->failures ? 1 : 0);
}

/*
 * In the parent
 */

static void diagnose(int fd)
{
	unsigned int lines = 0;
	char *line = NULL;
	size_t size = 0;
	FILE *f;

	lseek(fd, 0, SEEK_SET);
	f = fdopen(fd, "r");
	while (getline(&line, &size, f) > 0 && lines++ < MAX_LINES) {
		line[strcspn(line, "\n")] = '\0';
		printf("# %s\n", line);
	}
	free(line);
	fclose(f);
}

static void result(bool ok, const char *name)
{
	if (ok)
		passed++;
	else
		failed++;
	printed++;
	if (!ok || !quiet)
		printf("%s %u - %s\n", ok ? "ok" : "not ok", printed, name);
}

static void finish(struct job *job, int status)
{
	struct shared *s = &shared[job - jobs];
	const struct tq_test *test = job->test;
	bool ok = WIFEXITED(status) && !WEXITSTATUS(status) && !s->failures;

	job->pid = 0;
	result(ok, test->name);
	if (ok) {
		close(job->out);
		return;
	}
	if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGPROF ||
				    WTERMSIG(status) == SIGALRM))
		printf("# timeout after %u s\n", timeout);
	else if (WIFSIGNALED(status))
		printf("# killed by signal %d, %s\n", WTERMSIG(status),
		       strsignal(WTERMSIG(status)));
	else if (!s->failures)
		printf("# exit status %d\n", WEXITSTATUS(status));
	if (s->failures > MAX_FAILURES)
		printf("# %u failures, the first %d shown\n", s->failures,
		       MAX_FAILURES);
	if (*s->note && !s->failures)
		printf("# last note: %s\n", s->note);
	if (s->oom_round && !s->failures)
		printf("# with allocation %u failing\n", s->oom_round);
	printf("# in %s, seed %llu\n", test->file, (unsigned long long)seed);
	diagnose(job->out);
}

/* waits for one child to end */
static void reap(void)
{
	unsigned int i;
	int status;
	pid_t pid;

	pid = wait(&status);
	for (i = 0; i < nr_jobs; i++) {
		if (pid > 0 && jobs[i].pid == pid)
			finish(&jobs[i], status);
	}
	fflush(stdout);
}

static void start(const struct tq_test *test)
{
	struct job *job = jobs;

	while (job->pid)
		job++;
	job->test = test;
	job->out = memfd_create("output", MFD_CLOEXEC);
	memset(&shared[job - jobs], 0, sizeof(*shared));
	fflush(stdout);
	job->pid = fork();
	if (job->pid < 0 || job->out < 0) {
		printf("Bail out! no process for %s: %m\n", test->name);
		exit(2);
	}
	if (!job->pid)
		run_child(job);
}

static void run_all(struct tq_test **order, size_t n)
{
	unsigned int running = 0;
	size_t i = 0;

	while (running || i < n) {
		if (fail_fast && failed)
			break;
		if (running == nr_jobs || i == n) {
			reap();
			running--;
		} else {
			start(order[i++]);
			running++;
		}
	}
	/* after a failure nobody is interested in the rest */
	for (i = 0; i < nr_jobs; i++) {
		if (jobs[i].pid)
			kill(jobs[i].pid, SIGKILL);
	}
}

/* an inline function's site is known once for each object file */
static bool failed_elsewhere(const struct tq_site *site)
{
	size_t i;

	for (i = 0; i < TQ_SITES; i++) {
		if (sites[i].file && sites[i].line == site->line &&
		    sites[i].failed && !strcmp(sites[i].file, site->file))
			return true;
	}
	return false;
}

/* every site of the code under test has to have failed once */
static void check_sites(bool all_ran)
{
	static const char name[] = "every allocation site was made to fail";
	unsigned int reached = 0, never = 0;
	struct tq_site *s;

	if (!all_ran) {
		skipped++;
		printf("ok %u - %s # SKIP not all tests ran\n", ++printed,
		       name);
		return;
	}
	for (s = sites; s < sites + TQ_SITES; s++) {
		if (!s->file || tq_shim_is_test_code(s->file))
			continue;
		reached++;
		if (!failed_elsewhere(s))
			never++;
	}
	result(!never, name);
	for (s = sites; never && s < sites + TQ_SITES; s++) {
		if (s->file && !tq_shim_is_test_code(s->file) &&
		    !failed_elsewhere(s))
			printf("# %s:%d no TQ_OOM_TEST makes this fail\n",
			       s->file, s->line);
	}
	printf("# %u allocation sites reached\n", reached);
}

/* the leak sanitizer wants ptrace(), which not every container grants */
static void probe_lsan(void)
{
	int status;
	pid_t pid;

	if (!__lsan_do_recoverable_leak_check)
		return;
	pid = fork();
	if (!pid) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(2);
		_exit(__lsan_do_recoverable_leak_check() ? 1 : 0);
	}
	if (pid > 0 && waitpid(pid, &status, 0) == pid)
		use_lsan = status == 0;
	if (!use_lsan)
		printf("# no leak sanitizer here; the allocator counts\n");
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool selected(const struct tq_test *test, char **filters, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		if (strstr(test->name, filters[i]) ||
		    strstr(base_name(test->file), filters[i]))
			return true;
	}
	return !n;
}

/* the selected tests, those of files called like --first in front */
static size_t arrange(struct tq_test **order, char **filters, int nr_filters)
{
	struct tq_test *t, *u;
	size_t n = 0;
	int pass;

	for (t = tests; t; t = t->next) {
		for (u = t->next; u; u = u->next) {
			if (!strcmp(t->name, u->name)) {
				printf("Bail out! %s is in %s and in %s\n",
				       t->name, t->file, u->file);
				exit(2);
			}
		}
	}
	for (pass = 0; pass < 2; pass++) {
		for (t = tests; t; t = t->next) {
			bool early = first &&
				     strstr(base_name(t->file), first);

			if (early == !pass && selected(t, filters, nr_filters))
				order[n++] = t;
		}
	}
	return n;
}

static void *map_shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return p;
}

static const char usage_text[] =
	"Usage: unit [OPTION]... [SUBSTRING]...\n"
	"Runs the tests whose name or file contains a SUBSTRING (without one: all),\n"
	"each in a process of its own, and prints TAP.\n"
	"  -j, --jobs=N      so many at a time (default: as there are CPUs)\n"
	"  -l, --list        print the names, run nothing\n"
	"  -f, --fail-fast   stop at the first failure\n"
	"  -q, --quiet       print failures only\n"
	"      --first=STR   begin with the tests of files whose name contains STR\n"
	"      --seed=N      seed of tq_rand() (default: 1)\n"
	"      --timeout=S   seconds of CPU time for a test (default: 60)\n"
	"  -h, --help        this text\n";

static const struct option options[] = {
	{ "jobs", required_argument, NULL, 'j' },
	{ "list", no_argument, NULL, 'l' },
	{ "fail-fast", no_argument, NULL, 'f' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "first", required_argument, NULL, 'F' },
	{ "seed", required_argument, NULL, 's' },
	{ "timeout", required_argument, NULL, 't' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

int main(int argc, char **argv)
{
	bool list = false, all_ran;
	/* static: reachable to the end, so no leak on any way out */
	static struct tq_test **order;
	struct tq_test *t;
	size_t n = 0, i;
	int opt;

	nr_jobs = sysconf(_SC_NPROCESSORS_ONLN);
	while ((opt = getopt_long(argc, argv, "j:lfqh", options, NULL)) != -1) {
		switch (opt) {
		case 'j':
			nr_jobs = strtoul(optarg, NULL, 0);
			break;
		case 'l':
			list = true;
			break;
		case 'f':
			fail_fast = true;
			break;
		case 'q':
			quiet = true;
			break;
		case 'F':
			first = optarg;
			break;
		case 's':
			seed = strtoull(optarg, NULL, 0);
			break;
		case 't':
			timeout = strtoul(optarg, NULL, 0);
			break;
		case 'h':
			fputs(usage_text, stdout);
			return 0;
		default:
			fputs(usage_text, stderr);
			return 2;
		}
	}
	if (nr_jobs < 1)
		nr_jobs = 1;
	if (nr_jobs > MAX_JOBS)
		nr_jobs = MAX_JOBS;

	for (t = tests; t; t = t->next)
		n++;
	order = calloc(n + 1, sizeof(*order));
	if (!order)
		return 2;
	n = arrange(order, argv + optind, argc - optind);
	if (list) {
		for (i = 0; i < n; i++)
			printf("%s\n", order[i]->name);
		return 0;
	}
	if (!n) {
		fprintf(stderr, "unit: no test is called like that\n");
		return 2;
	}

	shared = map_shared(MAX_JOBS * sizeof(*shared));
	sites = map_shared(TQ_SITES * sizeof(*sites));
	tq_shim_use_sites(sites);
	printf("TAP version 13\n1..%zu\n", n + 1);
	probe_lsan();
	run_all(order, n);
	all_ran = passed + failed == n && optind == argc;
	check_sites(all_ran);
	printf("%u passed, %u failed, %u skipped\n", passed, failed, skipped);
	return failed ? 1 : 0;
}
