/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What both ends of a benchmark run share: the credit window that stands in
 * for flow control, the keys' secret and the counters.
 */
#ifndef _TQUIC_DP_LINK_H
#define _TQUIC_DP_LINK_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "opts.h"

struct tquic_aead_key;
struct tquic_hp_key;

/* form of every packet: first byte, DCID, packet number, STREAM frame */
#define DP_CID_LEN	8
#define DP_PN_LEN	2
#define DP_PN_OFF	(1 + DP_CID_LEN)
#define DP_HDR_LEN	(DP_PN_OFF + DP_PN_LEN)

extern const u8 dp_cid[DP_CID_LEN];

/**
 * struct dp_stage - time that one step of the data path takes
 * @ns: all measurements together
 * @n: number of measurements, one for each train
 */
struct dp_stage {
	u64 ns;
	u64 n;
};

/**
 * struct dp_clock - measures the steps of one thread
 * @then: when the step began
 * @switches: context switches of the thread until then
 *
 * A step that was interrupted by another thread does not count.  With one CPU
 * that counts instructions, the others are exact.
 */
struct dp_clock {
	u64 then;
	unsigned long switches;
};

void dp_clock_start(struct dp_clock *clock);
void dp_clock_lap(struct dp_clock *clock, struct dp_stage *stage);

/**
 * struct dp_tx_stats - what the sender did; written by its thread only
 * @bytes: bytes of the stream handed to the network
 * @packets: packets that carried them
 * @trains: trains that they were planned and sealed in
 * @skbs: buffers that carried the packets
 * @async: packets that were sealed asynchronously
 * @waits: times the sender slept for credit
 * @failed: packets that could not be sealed or sent
 * @source: fetch what is to be sent, with one copy
 * @plan: plan a train and write its headers
 * @seal: seal it, as far as it was done at once
 * @send: send it, which on veth includes the way up to the receiver's socket
 */
struct dp_tx_stats {
	u64 bytes;
	u64 packets;
	u64 trains;
	u64 skbs;
	u64 async;
	u64 waits;
	u64 failed;
	struct dp_stage source;
	struct dp_stage plan;
	struct dp_stage seal;
	struct dp_stage send;
};

/**
 * struct dp_rx_stats - what the receiver saw; written by its worker only
 * @bytes: bytes of the stream consumed, in order
 * @packets: packets opened
 * @skbs: buffers that carried them
 * @batches: batches that they were opened in
 * @polls: runs of the worker
 * @lost: packet numbers that were missing when a later one came
 * @late: packets with a number that was not expected any more
 * @bad: packets that were not authentic or not well-formed
 * @in_place: packets opened in the buffer that they came in
 * @copied: packets opened into new pages
 * @async: packets opened asynchronously
 * @verified: bytes compared with the source and found the same
 * @differ: bytes compared with the source and found different
 * @add: find the packets in what the socket has
 * @unprotect: remove header protection
 * @open: open a batch, as far as it was done at once
 * @consume: put in order and consume, with one copy
 */
struct dp_rx_stats {
	u64 bytes;
	u64 packets;
	u64 skbs;
	u64 batches;
	u64 polls;
	u64 lost;
	u64 late;
	u64 bad;
	u64 in_place;
	u64 copied;
	u64 async;
	u64 verified;
	u64 differ;
	struct dp_stage add;
	struct dp_stage unprotect;
	struct dp_stage open;
	struct dp_stage consume;
};

enum dp_state {
	DP_WAITING,	/* receiver ready, no sender yet */
	DP_RUNNING,
	DP_DONE,	/* every byte sent was consumed */
	DP_FAILED,
};

/**
 * struct dp_link - one run, from its receiver's start to the end of both ends
 * @node: in the list of links, protected by its lock
 * @ref: one for each end
 * @port: the receiver's UDP port, by which the sender finds the link
 * @suite: cipher suite of both ends
 * @window: bytes that may be under way
 * @sender: a sender has taken the link
 * @rx_gone: nobody will return credit any more
 * @state: enum dp_state, written by the sender's thread
 * @start_ns: when the first byte was planned
 * @end_ns: when the last byte was consumed
 * @tx: sender's counters
 * @rx: receiver's counters
 * @consumed: bytes that the receiver is done with, lost ones included
 * @credit: where the sender sleeps
 */
struct dp_link {
	struct list_head node;
	refcount_t ref;
	u16 port;
	u16 suite;
	u32 window;
	bool sender;
	bool rx_gone;
	int state;
	u64 start_ns;
	u64 end_ns;
	struct dp_tx_stats tx;

	struct dp_rx_stats rx ____cacheline_aligned_in_smp;
	atomic64_t consumed;
	wait_queue_head_t credit;
};

struct dp_link *dp_link_create(const struct dp_opts *opts);
struct dp_link *dp_link_join(u16 port);
void dp_link_unjoin(struct dp_link *link);
void dp_link_close_rx(struct dp_link *link);
void dp_link_put(struct dp_link *link);

void dp_link_return(struct dp_link *link, unsigned int bytes);
u64 dp_link_credit(const struct dp_link *link);

int dp_link_keys(const struct dp_link *link, struct tquic_aead_key **key,
		 struct tquic_hp_key **hp);

#endif /* _TQUIC_DP_LINK_H */
