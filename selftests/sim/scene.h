/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A scenario as it was read: see Documentation/networking/tquic-sim.rst.
 */
#ifndef _SIM_SCENE_H
#define _SIM_SCENE_H

#include "common.h"

#define NAME_MAX_LEN	32
#define LEGS_MAX	12
#define SHARED_MAX	4
#define FLOWS_MAX	32
#define STEPS_MAX	8
#define SIZES_MAX	16

/**
 * struct limit - how much a queue holds
 * @unit: what @value counts: time in ns, packets, bytes, or thousandths of the
 *	product of rate and delay
 * @value: how many
 */
struct limit {
	enum { LIMIT_BDP, LIMIT_TIME, LIMIT_PACKETS, LIMIT_BYTES } unit;
	u64 value;
};

/**
 * struct link_conf - one direction of a leg
 * @rate: bits per second of layer 2, 0 for any
 * @delay: one way, ns
 * @queue: what waits at most
 * @loss: independent loss, ppb
 * @jitter: mean of what is added to @delay, ns
 * @mtu: bytes of an IP packet that pass at most
 */
struct link_conf {
	u64 rate;
	u64 delay;
	struct limit queue;
	u32 loss;
	u64 jitter;
	u32 mtu;
};

/**
 * struct leg_conf - an uplink
 * @name: what the file calls it
 * @link: by direction
 * @absent: it is not there in the beginning
 * @backup: both ends prefer others
 */
struct leg_conf {
	char name[NAME_MAX_LEN];
	struct link_conf link[2];
	bool absent;
	bool backup;
};

enum flow_kind {
	FLOW_BULK,
};

/**
 * struct flow_conf - traffic through the connection
 * @name: what the file calls it
 * @kind: enum flow_kind
 * @dirs: bit per direction
 * @class: of its streams; -1 when the connection is told nothing
 * @start: ns from the start of bulk
 * @stop: likewise, NEVER for the end of the run
 * @count: how many of the same kind
 * @size: bytes, 0 for no end
 */
struct flow_conf {
	char name[NAME_MAX_LEN];
	enum flow_kind kind;
	u8 dirs;
	int class;
	u64 start;
	u64 stop;
	u64 count;
	u64 size;
};

enum act {
	ACT_DOWN,
	ACT_UP,
	ACT_SILENT,
	ACT_HEAL,
	ACT_ADD,
	ACT_REMOVE,
	ACT_REBIND,
	ACT_SET,
	ACT_START,
	ACT_STOP,
};

/**
 * struct event_conf - something that is done to a leg or a flow
 * @next: the one after it in the file
 * @at: ns from the start of bulk
 * @every: repeated after that time, 0 for not
 * @act: enum act
 * @leg: which leg, -1 for none
 * @flow: which flow, -1 for none
 * @dirs: bit per direction
 * @words: ACT_SET: what to set
 * @count: how many words
 * @file: where it was read
 * @line: likewise
 */
struct event_conf {
	struct event_conf *next;
	u64 at;
	u64 every;
	enum act act;
	int leg;
	int flow;
	u8 dirs;
	char **words;
	int count;
	const char *file;
	int line;
};

enum which {
	WHICH_WORST,
	WHICH_MEDIAN,
	WHICH_P95,
	WHICH_P90,
	WHICH_MEAN,
	WHICHES,
};

/**
 * struct bar - a metric that is reported, or must not miss a value
 * @next: the one after it in the file
 * @text: the statement without its first word
 * @metric: name of the metric
 * @judged: there is a value
 * @at_least: else at most
 * @value: value
 * @which: of the runs
 * @file: where it was read
 * @line: likewise
 */
struct bar {
	struct bar *next;
	char *text;
	char *metric;
	bool judged;
	bool at_least;
	double value;
	enum which which;
	const char *file;
	int line;
};

/**
 * struct scene - a scenario
 * @next: the one after it
 * @name: its name
 * @text: what it is about
 * @file: where it was read
 * @line: likewise
 * @duration: ns that a run takes
 * @steady: when the steady window begins, ns
 * @runs: seeds
 * @window: receive budget of each end, bytes
 * @cc: congestion control
 * @sched: scheduler
 * @mtu: bytes of an IP packet at most
 * @header: bytes of layer 2 per packet
 * @ip: version
 * @class: of flows that say nothing
 * @dir: what {dir} stands for
 * @flip: directions are exchanged
 * @gate: bars count
 * @legs: uplinks
 * @nlegs: how many
 * @flows: traffic
 * @nflows: how many
 * @events: what is done
 * @last_event: end of that list
 * @bars: what is expected and reported
 * @last_bar: end of that list
 */
struct scene {
	struct scene *next;
	char name[NAME_MAX_LEN * 2];
	char text[200];
	const char *file;
	int line;
	u64 duration;
	u64 steady;
	u64 runs;
	u64 window;
	char cc[NAME_MAX_LEN];
	char sched[NAME_MAX_LEN];
	u64 mtu;
	u64 header;
	u64 ip;
	int class;
	int dir;
	bool flip;
	bool gate;
	struct leg_conf legs[LEGS_MAX];
	int nlegs;
	struct flow_conf flows[FLOWS_MAX];
	int nflows;
	struct event_conf *events;
	struct event_conf **last_event;
	struct bar *bars;
	struct bar **last_bar;
};

/**
 * struct overrides - what the command line changes in every scenario
 * @set: KEY=VALUE words
 * @nset: how many
 * @cc: congestion control, NULL to leave it
 * @sched: scheduler, NULL to leave it
 * @runs: seeds, 0 to leave it
 * @flip: exchange directions
 */
struct overrides {
	char **set;
	int nset;
	const char *cc;
	const char *sched;
	u64 runs;
	bool flip;
};

struct scene *scene_read(const char *file, const struct overrides *o);
void scene_change_leg(const struct scene *sc, struct leg_conf *leg,
		      const struct event_conf *e);

static inline u32 scene_overhead(const struct scene *sc)
{
	return sc->header + (sc->ip == 6 ? 40 : 20) + 8;
}

#endif /* _SIM_SCENE_H */
