/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a run leaves behind, from which the metrics are computed.
 */
#ifndef _SIM_RESULT_H
#define _SIM_RESULT_H

#include "common.h"
#include "link.h"
#include "message.h"

/**
 * struct flow_result - of one direction of one flow
 * @flow: which flow of the scenario
 * @dir: UP or DOWN
 * @bytes: bytes in order that the application got
 * @steady: of these, in the steady window
 * @series: over time
 * @gaps: longest time without one, by the event before its end
 * @messages: what was sent one by one
 * @stalls: times that a player ran out, or a picture stood still for long
 * @first_at: when a player began, ns from its start; NEVER if not
 * @offered: bytes that an adaptive sender chose to send
 * @done_at: when the last byte of it came, ns from its start; NEVER if not
 */
struct flow_result {
	int flow;
	u8 dir;
	u64 bytes;
	u64 steady;
	struct series series;
	u64 *gaps;
	struct messages messages;
	u32 stalls;
	u64 first_at;
	u64 offered;
	u64 done_at;
};

/**
 * struct leg_result - of a leg
 * @link: by direction
 * @acks: bytes of layer 2 in packets without payload, by direction sent
 * @srtt_sum: of samples of the bulk sender's smoothed RTT, ns
 * @srtt_count: how many
 * @srtt: the same just before each event, by number of the event
 * @carried: bytes that arrived in the direction of bulk over time; for legs
 *	that freeze
 */
struct leg_result {
	struct link_stats link[2];
	u64 acks[2];
	u64 srtt_sum;
	u32 srtt_count;
	u64 *srtt;
	struct series carried;
};

/**
 * struct cross_result - of other people's traffic
 * @bytes: bytes of layer 2 that arrived, or payload in order of TCP models
 * @steady: of these, in the steady window
 */
struct cross_result {
	u64 bytes;
	u64 steady;
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
 * @leg: what legs did
 * @cross: what others did
 * @marks: times of events, from the start of bulk, rising; the first is 0
 * @nmarks: how many
 * @payload: stream bytes that the ends sent, by direction
 * @fresh: of these, for the first time
 * @copies: of the others, in advance of a loss
 * @memory: most bytes that the core held
 * @outstanding: most packets that were outstanding
 * @state: bytes that the core held then beyond those it held at the start
 * @packets: packets that the ends sent
 * @cost: instructions that the run took, or nanoseconds
 * @collapses: persistent congestion
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
	struct leg_result leg[LEGS_MAX];
	struct cross_result cross[CROSS_MAX];
	u64 *marks;
	int nmarks;
	u64 payload[2];
	u64 fresh[2];
	u64 copies[2];
	u64 memory;
	u64 outstanding;
	u64 state;
	u64 packets;
	u64 cost;
	u64 collapses;
};

void result_free(struct result *r);

#endif /* _SIM_RESULT_H */
