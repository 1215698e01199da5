// SPDX-License-Identifier: GPL-2.0
#include <math.h>

#include "report.h"
#include "world.h"

static const char *const which_names[] = {
	[WHICH_WORST] = "worst", [WHICH_MEDIAN] = "median",
	[WHICH_P95] = "p95", [WHICH_P90] = "p90", [WHICH_MEAN] = "mean",
};

/**
 * struct summary - a metric over all runs
 * @sorted: values, the best first
 * @of: by enum which
 * @worst: run that it is of
 */
struct summary {
	double sorted[RUNS_MAX];
	double of[WHICHES];
	int worst;
};

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* As sorted, so that a share of the runs is at least as good. */
static double at_share(const double *sorted, int runs, int percent)
{
	return sorted[(runs * percent + 99) / 100 - 1];
}

static void summarize(const struct values *v, int runs, int metric, bool up,
		      struct summary *s)
{
	double sum = 0, x;
	int i;

	s->worst = 0;
	for (i = 0; i < runs; i++) {
		x = v[i].value[metric];
		s->sorted[i] = up ? -x : x;
		sum += x;
		if (up ? x < v[s->worst].value[metric] :
			 x > v[s->worst].value[metric])
			s->worst = i;
	}
	qsort(s->sorted, runs, sizeof(double), compare);
	for (i = 0; i < runs && up; i++)
		s->sorted[i] = -s->sorted[i];
	s->of[WHICH_WORST] = s->sorted[runs - 1];
	s->of[WHICH_MEDIAN] = (s->sorted[runs / 2] +
			       s->sorted[(runs - 1) / 2]) / 2;
	s->of[WHICH_P95] = at_share(s->sorted, runs, 95);
	s->of[WHICH_P90] = at_share(s->sorted, runs, 90);
	s->of[WHICH_MEAN] = sum / runs;
}

static int metric_of(const struct metrics *m, const char *name)
{
	int i;

	for (i = 0; strcmp(m->metric[i].name, name); i++)
		;
	return i;
}

/* What the bar asks of a run; not a number when it is not for us to judge. */
static double wanted(const struct metrics *m, const struct bar *bar,
		     const struct values *v)
{
	const struct term *t;
	double sum = 0;

	for (t = bar->terms; t; t = t->next) {
		if (t->elsewhere)
			return NAN;
		sum += t->factor * (t->metric ?
				    v->value[metric_of(m, t->metric)] : 1);
	}
	return sum;
}

/**
 * struct verdict - on a bar
 * @judged: it is for us to judge
 * @ok: it holds
 * @value: of the run that decides
 * @worst: the worst run
 */
struct verdict {
	bool judged;
	bool ok;
	double value;
	int worst;
};

/*
 * By how much each run exceeds what is asked; the run that decides is the one
 * that is chosen from these.
 */
static void judge(const struct metrics *m, const struct bar *bar,
		  const struct values *v, int runs, struct verdict *verdict)
{
	static struct values margin[RUNS_MAX];
	int metric = metric_of(m, bar->metric), i;
	static struct summary s;
	double value, right, decides;

	*verdict = (struct verdict){ .ok = true };
	for (i = 0; i < runs; i++) {
		value = v[i].value[metric];
		right = wanted(m, bar, &v[i]);
		if (isnan(value) || isnan(right))
			return;
		margin[i].value[0] = bar->at_least ? value - right :
						     right - value;
	}
	summarize(margin, runs, 0, true, &s);
	decides = s.of[bar->which];
	for (i = 0; i < runs - 1; i++)
		if (margin[i].value[0] == decides)
			break;
	verdict->judged = true;
	verdict->ok = decides >= 0;
	verdict->value = wanted(m, bar, &v[i]) +
			 (bar->at_least ? decides : -decides);
	verdict->worst = s.worst;
}

static void print_number(double x)
{
	if (isnan(x) || isinf(x))
		printf("null");
	else
		printf("%.9g", x);
}

static void print_text(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		if ((u8)*text >= ' ')
			putchar(*text);
	}
	putchar('"');
}

static void json_metrics(const struct metrics *m, const struct values *v,
			 int runs)
{
	static struct summary s;
	int i, k;

	printf("\"metrics\":{");
	for (i = 0; i < m->count; i++) {
		summarize(v, runs, i, metric_more_is_better(&m->metric[i]),
			  &s);
		printf("%s", i ? "," : "");
		print_text(m->metric[i].name);
		printf(":{");
		for (k = 0; k < WHICHES; k++) {
			printf("\"%s\":", which_names[k]);
			print_number(s.of[k]);
			putchar(',');
		}
		printf("\"runs\":[");
		for (k = 0; k < runs; k++) {
			printf("%s", k ? "," : "");
			print_number(v[k].value[i]);
		}
		printf("]}");
	}
	printf("},");
}

static void replay(const struct metrics *m, const struct values *v,
		   const char *options, char *text, size_t room)
{
	snprintf(text, room, "%s %s --only %s --seed %llu --runs 1%s",
		 "selftests/sim/sim", m->sc->file, m->sc->name, v->seed,
		 options);
}

static void json_head(const struct metrics *m, const struct values *v,
		      int runs)
{
	double cpu = 0;
	u64 events = 0;
	int i;

	printf("{\"name\":");
	print_text(m->sc->name);
	printf(",\"text\":");
	print_text(m->sc->text);
	printf(",\"sched\":\"%s\",\"cc\":\"%s\",\"seeds\":[",
	       algo_sched(m->sc->sched)->name, algo_cc(m->sc->cc)->name);
	for (i = 0; i < runs; i++)
		printf("%s%llu", i ? "," : "", v[i].seed);
	for (i = 0; i < runs; i++) {
		events += v[i].events;
		cpu += v[i].cpu;
	}
	printf("],\"events\":%llu,\"cpu\":%.3f,\"digest\":[", events, cpu);
	for (i = 0; i < runs; i++)
		printf("%s\"%016llx\"", i ? "," : "", v[i].digest);
	printf("],\"failed\":[");
	for (i = 0; i < runs; i++) {
		if (i)
			putchar(',');
		print_text(*v[i].failed ? v[i].failed : v[i].alone_failed);
	}
	printf("],");
}

static bool json_bars(const struct metrics *m, const struct values *v,
		      int runs, int *worst)
{
	struct verdict verdict;
	const struct bar *bar;
	bool all = true, any = false;

	printf("\"bars\":[");
	for (bar = m->sc->bars; bar; bar = bar->next) {
		if (!bar->terms)
			continue;
		judge(m, bar, v, runs, &verdict);
		printf("%s{\"bar\":", any ? "," : "");
		any = true;
		print_text(bar->text);
		printf(",\"value\":");
		print_number(verdict.judged ? verdict.value : NAN);
		printf(",\"gate\":%s,\"ok\":%s}",
		       m->sc->gate ? "true" : "false", !verdict.judged ?
		       "null" : verdict.ok ? "true" : "false");
		if (*worst < 0 || (all && !verdict.ok))
			*worst = verdict.worst;
		all &= verdict.ok;
	}
	printf("],");
	return all;
}

static bool json(const struct metrics *m, const struct values *v, int runs,
		 const char *options)
{
	char text[1024];
	int worst = -1;
	bool ok;

	json_head(m, v, runs);
	json_metrics(m, v, runs);
	ok = json_bars(m, v, runs, &worst);
	replay(m, &v[max(worst, 0)], options, text, sizeof(text));
	printf("\"ok\":%s,\"replay\":", ok ? "true" : "false");
	print_text(text);
	printf("}\n");
	fflush(stdout);
	return ok;
}

static void print_failures(const struct values *v, int runs)
{
	int i;

	for (i = 0; i < runs; i++) {
		if (*v[i].failed)
			printf("  seed %llu FAILED: %s\n", v[i].seed,
			       v[i].failed);
		if (*v[i].alone_failed)
			printf("  seed %llu FAILED: %s\n", v[i].seed,
			       v[i].alone_failed);
	}
}

static void print_metrics(const struct metrics *m, const struct values *v,
			  int runs, int *worst)
{
	static struct summary s;
	int i;

	printf("  %-24s %12s %12s %12s\n", "", "worst", "median", "mean");
	for (i = 0; i < m->count; i++) {
		summarize(v, runs, i, metric_more_is_better(&m->metric[i]),
			  &s);
		printf("  %-24s %12.5g %12.5g %12.5g\n", m->metric[i].name,
		       s.of[WHICH_WORST], s.of[WHICH_MEDIAN],
		       s.of[WHICH_MEAN]);
		if (!i)
			*worst = s.worst;
	}
}

static bool plain(const struct metrics *m, const struct values *v, int runs,
		  const char *options)
{
	struct verdict verdict;
	const struct bar *bar;
	char text[1024];
	bool all = true;
	int worst = 0;

	printf("%s: %s%s%s + %s, %d run%s\n", m->sc->name, m->sc->text,
	       *m->sc->text ? ": " : "", algo_sched(m->sc->sched)->name,
	       algo_cc(m->sc->cc)->name, runs, runs > 1 ? "s" : "");
	print_failures(v, runs);
	print_metrics(m, v, runs, &worst);
	for (bar = m->sc->bars; bar; bar = bar->next) {
		if (!bar->terms)
			continue;
		judge(m, bar, v, runs, &verdict);
		if (!verdict.judged) {
			printf("  left %s\n", bar->text);
			continue;
		}
		printf("  %s %s: %.5g\n", verdict.ok ? "ok  " :
		       m->sc->gate ? "MISS" : "miss", bar->text,
		       verdict.value);
		if (all && !verdict.ok)
			worst = verdict.worst;
		all &= verdict.ok;
	}
	replay(m, &v[worst], options, text, sizeof(text));
	printf("  digest %016llx, worst: %s\n", v[worst].digest, text);
	fflush(stdout);
	return all;
}

bool report(const struct metrics *m, const struct values *v, int runs,
	    const char *options, bool as_json)
{
	bool ok = as_json ? json(m, v, runs, options) :
			    plain(m, v, runs, options);

	return ok || !m->sc->gate;
}
