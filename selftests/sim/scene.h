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
#define CROSS_MAX	8
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

enum qdisc { QDISC_FIFO, QDISC_FQ_CODEL, QDISC_CODEL };

/* what a link does to the marks of packets */
enum ecn { ECN_OFF, ECN_MARK, ECN_BLEACH, ECN_BLACKHOLE };

/**
 * struct trace - when packets may leave
 * @at: times, ns, rising
 * @count: how many
 * @period: after which it repeats, ns
 */
struct trace {
	u64 *at;
	u32 count;
	u64 period;
};

/**
 * struct link_conf - one direction of a leg
 * @rate: bits per second of layer 2, 0 for any
 * @delay: one way, ns
 * @queue: what waits at most
 * @qdisc: enum qdisc
 * @ecn: enum ecn
 * @loss: independent loss, ppb
 * @burst: mean loss of a Gilbert-Elliott channel, ppb
 * @burst_len: packets that it loses in a row, on average
 * @common: loss that all legs that have it share, ppb
 * @jitter: mean of what is added to @delay, ns
 * @reorder: share of packets that come late, ppb
 * @reorder_by: by that much, ns
 * @police: rate of a token bucket in front of the queue, 0 for none
 * @police_burst: its size in bytes
 * @steps: rates, in turn
 * @nsteps: how many, 0 for @rate
 * @step: how long each lasts, ns
 * @trace: when packets may leave, NULL for @rate
 * @freeze: how often nothing arrives for a while, ns, 0 for never
 * @freeze_min: shortest while
 * @freeze_max: longest while
 * @slot: packets leave at multiples of it only, ns
 * @orbit: how often the delay changes, ns, 0 for never
 * @orbit_step: by that much at most, ns
 * @orbit_min: for how long nothing passes then, at least
 * @orbit_max: likewise, at most
 * @air: name of the medium that it shares, empty for none
 * @via: name of the bottleneck behind it, empty for none
 * @mtu: bytes of an IP packet that pass at most
 * @nat: after which time of silence a mapping is forgotten, ns, 0 for never
 */
struct link_conf {
	u64 rate;
	u64 delay;
	struct limit queue;
	enum qdisc qdisc;
	enum ecn ecn;
	u32 loss;
	u32 burst;
	u32 burst_len;
	u32 common;
	u64 jitter;
	u32 reorder;
	u64 reorder_by;
	u64 police;
	u64 police_burst;
	u64 steps[STEPS_MAX];
	u32 nsteps;
	u64 step;
	const struct trace *trace;
	u64 freeze;
	u64 freeze_min;
	u64 freeze_max;
	u64 slot;
	u64 orbit;
	u64 orbit_step;
	u64 orbit_min;
	u64 orbit_max;
	char air[NAME_MAX_LEN];
	char via[NAME_MAX_LEN];
	u32 mtu;
	u64 nat;
};

/**
 * struct leg_conf - an uplink
 * @name: what the file calls it
 * @link: by direction
 * @absent: it is not there in the beginning
 * @backup: both ends prefer others
 * @metered: both ends are sparing with it
 */
struct leg_conf {
	char name[NAME_MAX_LEN];
	struct link_conf link[2];
	bool absent;
	bool backup;
	bool metered;
};

/**
 * struct host_conf - what a machine is like
 * @offset: of its clock, ns
 * @skew: of its clock, parts per million
 * @slack: timers are late by up to that, ns
 * @proc: delay of what is received, ns
 * @cpu: what a packet costs, ns
 * @gso: packets of a train that leave together
 * @gro: packets of a batch that is handed in
 * @gro_wait: for how long one is waited for, ns
 * @nic: rate of the local interface, 0 for any
 * @nic_queue: packets that wait for it
 * @reader: how fast the application reads, bits per second, 0 for at once
 * @burst: how often it does, ns, 0 for always
 */
struct host_conf {
	s64 offset;
	s64 skew;
	u64 slack;
	u64 proc;
	u64 cpu;
	u64 gso;
	u64 gro;
	u64 gro_wait;
	u64 nic;
	u64 nic_queue;
	u64 reader;
	u64 burst;
};

/**
 * struct shared_conf - a bottleneck that legs have in common
 * @name: what the file calls it
 * @link: by direction: rate, queue and what else a server has
 */
struct shared_conf {
	char name[NAME_MAX_LEN];
	struct link_conf link[2];
};

enum flow_kind {
	FLOW_BULK,
	FLOW_CBR,
	FLOW_BURST,
	FLOW_RPC,
	FLOW_WEB,
	FLOW_VIDEO,
	FLOW_RTP,
	FLOW_INNER,
};

/**
 * struct flow_conf - traffic through the connection
 * @name: what the file calls it
 * @kind: enum flow_kind
 * @dirs: bit per direction
 * @class: as the connection is told; -1 when it has to find out
 * @start: ns from the start of bulk
 * @stop: likewise, NEVER for the end of the run
 * @count: how many of the same kind
 * @datagram: in datagrams rather than on streams
 * @duplicate: the application asks for two legs
 * @bbr: the TCP inside has BBR, else CUBIC
 * @unread: nobody reads what arrives
 * @size: bytes: of all of it, 0 for no end; of each message
 * @sizes: of answers, in turn
 * @nsizes: how many
 * @rate: bits per second, or messages
 * @every: time between messages, requests or bursts, ns, 0 for none
 * @gap: time from the end of an answer to the next request, ns
 * @segment: of a video, ns
 * @buffer: of its player, ns
 * @min: least rate of an adaptive sender
 * @max: its highest
 */
struct flow_conf {
	char name[NAME_MAX_LEN];
	enum flow_kind kind;
	u8 dirs;
	int class;
	u64 start;
	u64 stop;
	u64 count;
	bool datagram;
	bool duplicate;
	bool bbr;
	bool unread;
	u64 size;
	u64 sizes[SIZES_MAX];
	u32 nsizes;
	u64 rate;
	u64 every;
	u64 gap;
	u64 segment;
	u64 buffer;
	u64 min;
	u64 max;
};

/* the first three are models of TCP */
enum cross_kind {
	CROSS_RENO,
	CROSS_CUBIC,
	CROSS_BBR,
	CROSS_CBR,
	CROSS_ONOFF,
};

/**
 * struct cross_conf - other people's traffic
 * @name: what the file calls it
 * @kind: enum cross_kind
 * @leg: which leg's queue it passes, -1 for none
 * @shared: which bottleneck, -1 for none
 * @dir: UP or DOWN
 * @rtt: round trip without queues, ns; 0 for the leg's
 * @rate: bits per second of layer 2, for those that do not adapt
 * @on: how long it sends, ns
 * @off: how long it does not
 * @count: how many of the same kind
 * @start: ns from the start of bulk
 * @stop: likewise, NEVER for the end of the run
 */
struct cross_conf {
	char name[NAME_MAX_LEN];
	enum cross_kind kind;
	int leg;
	int shared;
	int dir;
	u64 rtt;
	u64 rate;
	u64 on;
	u64 off;
	u64 count;
	u64 start;
	u64 stop;
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
 * struct term - a part of the sum that a bar names
 * @next: the one after it
 * @factor: number, or what the metric's value is multiplied with
 * @metric: of the same run, NULL for none
 * @elsewhere: it is of another scenario, which this program does not look at
 */
struct term {
	struct term *next;
	double factor;
	char *metric;
	bool elsewhere;
};

/**
 * struct bar - a metric that is reported, or must not miss a value
 * @next: the one after it in the file
 * @text: the statement without its first word
 * @metric: name of the metric
 * @terms: the value is their sum; NULL when it is only reported
 * @at_least: else at most
 * @which: of the runs
 * @file: where it was read
 * @line: likewise
 */
struct bar {
	struct bar *next;
	char *text;
	char *metric;
	struct term *terms;
	bool at_least;
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
 * @inner_mtu: bytes of the packets of a TCP inside
 * @class: of flows that say nothing
 * @dir: what {dir} stands for
 * @flip: directions are exchanged
 * @gate: bars count
 * @host: client and server
 * @legs: uplinks
 * @nlegs: how many
 * @shared: bottlenecks
 * @nshared: how many
 * @flows: traffic
 * @nflows: how many
 * @cross: other people's traffic
 * @ncross: how many
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
	u64 inner_mtu;
	int class;
	int dir;
	bool flip;
	bool gate;
	struct host_conf host[2];
	struct leg_conf legs[LEGS_MAX];
	int nlegs;
	struct shared_conf shared[SHARED_MAX];
	int nshared;
	struct flow_conf flows[FLOWS_MAX];
	int nflows;
	struct cross_conf cross[CROSS_MAX];
	int ncross;
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

/* of the kinds that go on unless they have a size */
static inline bool scene_endless(const struct flow_conf *flow)
{
	return flow->kind == FLOW_BULK || flow->kind == FLOW_INNER;
}

u64 scene_mean_rate(const struct scene *sc, const struct link_conf *conf);

static inline u32 scene_overhead(const struct scene *sc)
{
	return sc->header + (sc->ip == 6 ? 40 : 20) + 8;
}

#endif /* _SIM_SCENE_H */
