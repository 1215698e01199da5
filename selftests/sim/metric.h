/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Metrics: what their names mean, and their values.
 */
#ifndef _SIM_METRIC_H
#define _SIM_METRIC_H

#include "result.h"

#define METRICS_MAX	96
#define RUNS_MAX	1024
/* stands for "never" where a time was asked for */
#define METRIC_NEVER	1e9

enum base {
	/* bits per second */
	BASE_GOODPUT,
	BASE_STEADY,
	BASE_RATE,
	/* the more, the better, too */
	BASE_WINDOW5,
	BASE_DIP,
	BASE_SHARE,
	BASE_JAIN,
	BASE_OUTSIDE,
	/* the less, the better: of flows */
	BASE_GAP,
	BASE_RISE,
	BASE_RESENT,
	BASE_COPIES,
	BASE_EXTRA,
	BASE_DONE,
	BASE_FIRST,
	BASE_ADDED,
	BASE_DELAY,
	BASE_FRAME,
	BASE_IPDV,
	BASE_LOST,
	BASE_LOSTN,
	BASE_RUN,
	BASE_MOVES,
	BASE_DISORDER,
	BASE_DUPLICATES,
	BASE_FREEZES,
	BASE_REBUFFERS,
	BASE_MISMATCH,
	/* of legs */
	BASE_QUEUE,
	BASE_ACKS,
	BASE_BYTES,
	BASE_SETTLE,
	BASE_THAW,
	BASE_SRTT,
	/* of the whole */
	BASE_MEMORY,
	BASE_STATE,
	BASE_COST,
	BASE_COLLAPSES,
	BASE_EVENTS,
};

/* what a value is divided by, or compared with */
enum ratio {
	RATIO_NONE,
	RATIO_BEST,
	RATIO_SUM,
	RATIO_EBEN,
	RATIO_CEILING,
	RATIO_ALONE,
	RATIO_FLOOR,
	RATIO_OUTSIDE,
};

/* struct metric share: the mean, instead of a share of the values */
#define SHARE_MEAN	2000

/**
 * struct metric - a metric of a scenario
 * @name: as it was written
 * @base: what is measured
 * @ratio: what it is divided by
 * @flow: of which flow
 * @cross: of which of other people's flows, -1 for none
 * @dirs: of which of its directions, bits
 * @leg: of which leg, -1 for none
 * @size: of messages of this size only, 0 for all
 * @share: that share of the values is not worse, per thousand
 * @at: after which event, ns; NEVER for the whole run
 */
struct metric {
	char name[80];
	enum base base;
	enum ratio ratio;
	int flow;
	int cross;
	u8 dirs;
	int leg;
	u64 size;
	u32 share;
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

static inline bool metric_more_is_better(const struct metric *m)
{
	return m->base <= BASE_OUTSIDE;
}

/* measure_message.c */
double measure_messages(const struct metric *m, const struct result *r);
/* measure_leg.c */
double measure_leg(const struct metric *m, const struct result *r);

static inline bool metric_concerns(const struct metric *m,
				   const struct flow_result *f)
{
	return f->flow == m->flow && m->dirs & BIT(f->dir);
}

void metric_span(const struct metric *m, const struct result *r, u64 *from,
		 u64 *to);

#endif /* _SIM_METRIC_H */
