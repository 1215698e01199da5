/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The window of CUBIC in congestion avoidance (RFC 9438 section 4), for cubic
 * itself and for those that compete with it.
 */
#ifndef _TQUIC_CC_CUBIC_CURVE_H
#define _TQUIC_CC_CUBIC_CURVE_H

#include "../core/cc.h"

/**
 * struct tquic_cubic_curve - what a congestion event changes and an undo
 *	restores
 * @w_max: W_max, bytes; 0 while undefined
 * @cwnd_prior: window before the last reduction, or at the exit from the first
 *	slow start, bytes
 * @k: K, ns
 * @epoch: t_epoch, moved on over times without growth; TQUIC_TIME_NEVER until
 *	congestion avoidance begins
 * @w_est: W_est, bytes
 * @cwnd_frac: share of a byte that the window has yet to grow by, 2^-16
 * @est_frac: the same for @w_est
 * @last_ack: when the last acknowledgment came
 * @recovery_until: packets sent before this time belong to the last congestion
 *	event
 */
struct tquic_cubic_curve {
	u64 w_max;
	u64 cwnd_prior;
	u64 k;
	tquic_time_t epoch;
	u64 w_est;
	u64 cwnd_frac;
	u64 est_frac;
	tquic_time_t last_ack;
	tquic_time_t recovery_until;
};

void tquic_cubic_curve_init(struct tquic_cubic_curve *curve, tquic_time_t now);
void tquic_cubic_curve_pause(struct tquic_cubic_curve *curve,
			     tquic_time_t now);
void tquic_cubic_curve_grow(struct tquic_cc *cc,
			    struct tquic_cubic_curve *curve,
			    const struct tquic_cc_sample *sample);
void tquic_cubic_curve_reduce(struct tquic_cc *cc,
			      struct tquic_cubic_curve *curve,
			      tquic_time_t now);

#endif /* _TQUIC_CC_CUBIC_CURVE_H */
