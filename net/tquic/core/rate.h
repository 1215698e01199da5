/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Delivery rate of a path: draft-ietf-ccwg-bbr section 4.1.
 */
#ifndef _TQUIC_CORE_RATE_H
#define _TQUIC_CORE_RATE_H

#include "cc.h"
#include "sent.h"

/**
 * struct tquic_rate - delivery state of a path
 * @delivered: bytes acknowledged since the start
 * @delivered_at: when the last of them was
 * @first_sent: when the flight began that is now being acknowledged
 * @limited_until: sum of @delivered and @lost up to which samples are
 *	app-limited, 0 when none is
 * @lost: bytes declared lost since the start
 * @recent: rate of the newest sample that tells what the path carries, bytes
 *	per second: not held back by the application, or faster all the same
 */
struct tquic_rate {
	u64 delivered;
	tquic_time_t delivered_at;
	tquic_time_t first_sent;
	u64 limited_until;
	u64 lost;
	u64 recent;
};

/**
 * struct tquic_rate_pick - the packet that a sample is taken from
 * @pkt: copy of the newest packet acknowledged, valid when @valid
 * @valid: something was acknowledged
 */
struct tquic_rate_pick {
	struct tquic_sent_pkt pkt;
	bool valid;
};

void tquic_rate_init(struct tquic_rate *rate, tquic_time_t now);
void tquic_rate_sent(struct tquic_rate *rate, struct tquic_sent_pkt *pkt,
		     u64 in_flight);
void tquic_rate_acked(struct tquic_rate *rate, struct tquic_rate_pick *pick,
		      const struct tquic_sent_pkt *pkt, tquic_time_t now);
void tquic_rate_limited(struct tquic_rate *rate, u64 in_flight);
void tquic_rate_sample(struct tquic_rate *rate,
		       const struct tquic_rate_pick *pick, tquic_time_t now,
		       u64 min_rtt, struct tquic_cc_sample *sample);

#endif /* _TQUIC_CORE_RATE_H */
