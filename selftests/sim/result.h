/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a run leaves behind, from which the metrics are computed.
 */
#ifndef _SIM_RESULT_H
#define _SIM_RESULT_H

#include "common.h"
#include "link.h"

/**
 * struct series - bytes over time
 * @bin: ns that one entry stands for
 * @count: entries
 * @bytes: bytes in each
 */
struct series {
	u64 bin;
	u32 count;
	u32 *bytes;
};

/**
 * struct flow_result - of one direction of one flow
 * @flow: which flow of the scenario
 * @dir: UP or DOWN
 * @bytes: bytes in order that the application got
 * @steady: of these, in the steady window
 * @series: over time
 * @gaps: longest time without one, by the event before its end
 * @done_at: when the last byte of it came, ns from its start; NEVER if not
 */
struct flow_result {
	int flow;
	u8 dir;
	u64 bytes;
	u64 steady;
	struct series series;
	u64 *gaps;
	u64 done_at;
};

/**
 * struct result - of a run
 * @sc: scenario
 * @seed: seed
 * @alone: the only leg, -1 for all
 * @failed: what went wrong, empty when nothing did
 * @digest: of the log
 * @events: packets that entered or left links
 * @flows: what flows did
 * @nflows: how many
 * @link: what legs did, by direction
 * @marks: times of events, from the start of bulk, rising; the first is 0
 * @nmarks: how many
 * @payload: stream bytes that the ends sent, by direction
 * @fresh: of these, for the first time
 * @memory: most bytes that the core held
 */
struct result {
	const struct scene *sc;
	u64 seed;
	int alone;
	char failed[120];
	u64 digest;
	u64 events;
	struct flow_result *flows;
	int nflows;
	struct link_stats link[LEGS_MAX][2];
	u64 *marks;
	int nmarks;
	u64 payload[2];
	u64 fresh[2];
	u64 memory;
};

void result_free(struct result *r);

#endif /* _SIM_RESULT_H */
