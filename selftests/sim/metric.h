/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Metrics: what their names mean, and their values.
 */
#ifndef _SIM_METRIC_H
#define _SIM_METRIC_H

#include "result.h"

#define METRICS_MAX	64
/* stands for "never" where a time was asked for */
#define METRIC_NEVER	1e9

enum base {
	BASE_GOODPUT,
	BASE_STEADY,
	BASE_ALONE,
	BASE_FLOOR,
	BASE_WINDOW5,
	BASE_GAP,
	BASE_RISE,
	BASE_RESENT,
	BASE_DONE,
	BASE_SHARE,
	BASE_MEMORY,
	BASE_EVENTS,
	/* known to an independent program only */
	BASE_BOUND,
};

/* what a rate is divided by */
enum ratio {
	RATIO_NONE,
	RATIO_BEST,
	RATIO_SUM,
	RATIO_EBEN,
	RATIO_CEILING,
};

/**
 * struct metric - a metric of a scenario
 * @name: as it was written
 * @base: what is measured
 * @ratio: what it is divided by
 * @flow: of which flow
 * @dirs: of which of its directions, bits
 * @leg: of which leg
 * @at: after which event, ns; NEVER for the whole run
 */
struct metric {
	char name[80];
	enum base base;
	enum ratio ratio;
	int flow;
	u8 dirs;
	int leg;
	u64 at;
};

/**
 * struct values - the metrics of one run
 * @seed: seed
 * @digest: of its log
 * @failed: what went wrong
 * @value: by metric
 * @alone: the same of each leg alone, by metric and leg
 * @events: packets that entered or left links, alone runs included
 * @cpu: seconds of processor time that it took
 * @alone_failed: what went wrong there
 */
struct values {
	u64 seed;
	u64 digest;
	char failed[120];
	double value[METRICS_MAX];
	double alone[METRICS_MAX][LEGS_MAX];
	u64 events;
	double cpu;
	char alone_failed[120];
};

/**
 * struct metrics - all metrics of a scenario
 * @sc: scenario
 * @metric: metrics; those named by bars in their order, then the usual ones
 * @count: how many
 * @alone: runs of each leg alone are needed
 */
struct metrics {
	const struct scene *sc;
	struct metric metric[METRICS_MAX];
	int count;
	bool alone;
};

void metrics_of(const struct scene *sc, bool alone, struct metrics *m);
void metrics_measure(const struct metrics *m, const struct result *bond,
		     struct result *const *alone, struct values *v);
/* values that depend on the mean over all runs */
void metrics_relate(const struct metrics *m, struct values *v, int runs);
bool metric_more_is_better(const struct metric *m);

#endif /* _SIM_METRIC_H */
