/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Loss detection of one packet number space: RFC 9002 section 6.
 *
 * The owner feeds acknowledgment ranges and asks what is lost; window, pacer
 * and RTT are the owner's.  Packets declared lost are remembered for a while,
 * so that an acknowledgment that comes after all raises the thresholds and
 * lets the congestion controller take its cut back.
 */
#ifndef _TQUIC_CORE_LOSS_H
#define _TQUIC_CORE_LOSS_H

#include "rate.h"
#include "rtt.h"
#include "sent.h"

/* RFC 9002 section 6.1.1 */
#define TQUIC_LOSS_PACKET_THRESHOLD	3
/* a path that reorders this far reorders by time, not by packets */
#define TQUIC_LOSS_PACKET_THRESHOLD_MAX	1024
/* RFC 9002 section 6.1.2, in eighths of an RTT: 9/8, raised up to twice */
#define TQUIC_LOSS_TIME_EIGHTHS		9
#define TQUIC_LOSS_TIME_EIGHTHS_MAX	16
/* acknowledgments that stay away for less are no silence */
#define TQUIC_LOSS_HUSH			(20 * TQUIC_NS_PER_MS)
/* thresholds raised by reordering return to their defaults after as long */
#define TQUIC_LOSS_FORGET		(30 * TQUIC_NS_PER_SEC)
/* RFC 9002 section 7.6.1 */
#define TQUIC_LOSS_PERSISTENT		3
/* back-off doubles at most so often; the owner declares a path dead earlier */
#define TQUIC_LOSS_BACKOFF_MAX		12

/**
 * struct tquic_loss_ops - what becomes of packets
 * @acked: acknowledged; the entry is dropped afterwards
 * @lost: declared lost, or not sent at all; what it carried has to be sent
 *	again
 * @late: acknowledged after it was declared lost: what it carried need not be
 *	sent again; the entry is dropped afterwards
 * @gone: optional; last call for a packet, before its entry is dropped for
 *	whatever reason
 *
 * None of them may change the space.
 */
struct tquic_loss_ops {
	void (*acked)(void *owner, u64 pn, const struct tquic_sent_pkt *pkt);
	void (*lost)(void *owner, u64 pn, const struct tquic_sent_pkt *pkt);
	void (*late)(void *owner, u64 pn, const struct tquic_sent_pkt *pkt);
	void (*gone)(void *owner, const struct tquic_sent_pkt *pkt);
};

/**
 * struct tquic_loss - loss detection of one space
 * @sent: packets of the space
 * @ops: see struct tquic_loss_ops
 * @owner: first argument of @ops
 * @largest_acked: largest packet number acknowledged, TQUIC_SENT_NONE before
 * @loss_time: when the time threshold declares the next packet lost,
 *	TQUIC_TIME_NEVER when none waits for it
 * @last_eliciting: when the newest ack-eliciting packet was sent
 * @last_ack: when an acknowledgment last brought news, 0 before
 * @ack_interval: average time between such acknowledgments, ns
 * @in_flight: bytes in flight of this space
 * @eliciting: ack-eliciting packets outstanding
 * @packet_threshold: present packet reordering threshold
 * @time_eighths: present time threshold in eighths of an RTT
 * @reordered_at: when a threshold was last found too low
 * @run_next: packet number that would continue the present run of losses
 * @run_first: when the oldest ack-eliciting packet of that run was sent
 * @episode: when the present run of congestion began
 * @undo: packets declared lost in it that have not been acknowledged late
 */
struct tquic_loss {
	struct tquic_sent sent;
	const struct tquic_loss_ops *ops;
	void *owner;
	u64 largest_acked;
	tquic_time_t loss_time;
	tquic_time_t last_eliciting;
	tquic_time_t last_ack;
	u64 ack_interval;
	u64 in_flight;
	u32 eliciting;
	u32 packet_threshold;
	u32 time_eighths;
	tquic_time_t reordered_at;
	u64 run_next;
	tquic_time_t run_first;
	tquic_time_t episode;
	u64 undo;
};

/**
 * struct tquic_loss_ack - what one acknowledgment said
 * @now: when it was processed
 * @largest: its largest packet number
 * @bytes: newly acknowledged bytes that were in flight
 * @packets: newly acknowledged packets
 * @ect: those of them that were sent with ECT(0)
 * @eliciting: whether one of them was ack-eliciting
 * @newest: largest newly acknowledged packet number, TQUIC_SENT_NONE if none
 * @newest_time: when that one was sent
 * @newest_eliciting: whether that one was ack-eliciting
 * @advanced: @largest was not acknowledged before by anything larger
 * @late: packets acknowledged after they had been declared lost
 * @spurious: with them, all losses of the present episode were spurious
 * @pick: packet for the rate sample
 */
struct tquic_loss_ack {
	tquic_time_t now;
	u64 largest;
	u64 bytes;
	u32 packets;
	u32 ect;
	bool eliciting;
	u64 newest;
	tquic_time_t newest_time;
	bool newest_eliciting;
	bool advanced;
	u32 late;
	bool spurious;
	struct tquic_rate_pick pick;
};

/**
 * struct tquic_loss_lost - what was found lost
 * @bytes: bytes of it that were in flight
 * @packets: number of packets
 * @congestion: some of it is a sign of congestion, as path MTU probes are not
 * @largest_sent: when the newest such packet was sent
 * @tx_in_flight: its stamp
 * @lost_at_tx: its stamp: bytes lost on the path when it was sent
 * @ect: packets that were sent with ECT(0)
 * @ranges: runs of consecutive packet numbers
 * @app_limited: the newest such packet was sent while limited
 * @persistent: persistent congestion (RFC 9002 section 7.6)
 */
struct tquic_loss_lost {
	u64 bytes;
	u32 packets;
	u32 ect;
	bool congestion;
	tquic_time_t largest_sent;
	u64 tx_in_flight;
	u64 lost_at_tx;
	u32 ranges;
	bool app_limited;
	bool persistent;
};

void tquic_loss_init(struct tquic_loss *loss, const struct tquic_loss_ops *ops,
		     void *owner);
u64 tquic_loss_discard(struct tquic_loss *loss);
u64 tquic_loss_push(struct tquic_loss *loss, struct tquic_sent_pkt *pkt);
u64 tquic_loss_fail(struct tquic_loss *loss, u64 pn);
void tquic_loss_void(struct tquic_loss *loss);

bool tquic_loss_ack_begin(struct tquic_loss *loss, struct tquic_loss_ack *ack,
			  tquic_time_t now, u64 largest);
bool tquic_loss_ack_range(struct tquic_loss *loss, struct tquic_rate *rate,
			  struct tquic_loss_ack *ack, u64 first, u64 last);
u64 tquic_loss_ack_end(struct tquic_loss *loss, struct tquic_loss_ack *ack);

void tquic_loss_detect(struct tquic_loss *loss, const struct tquic_rtt *rtt,
		       struct tquic_rate *rate, tquic_time_t now,
		       u64 max_ack_delay, struct tquic_loss_lost *lost);

tquic_time_t tquic_loss_pto_at(const struct tquic_loss *loss,
			       const struct tquic_rtt *rtt, u64 max_ack_delay,
			       unsigned int count);
tquic_time_t tquic_loss_silent_at(const struct tquic_loss *loss,
				  const struct tquic_rtt *rtt,
				  u64 max_ack_delay, u64 from);

#endif /* _TQUIC_CORE_LOSS_H */
