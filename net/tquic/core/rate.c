// SPDX-License-Identifier: GPL-2.0
/*
 * Delivery rate of a path: draft-ietf-ccwg-bbr section 4.1.
 */
#include "rate.h"

void tquic_rate_init(struct tquic_rate *rate, tquic_time_t now)
{
	*rate = (struct tquic_rate){
		.delivered_at = now,
		.first_sent = now,
	};
}

/**
 * tquic_rate_sent - stamp a packet
 * @rate: path's delivery state
 * @pkt: packet about to be sent, with time and size
 * @in_flight: bytes in flight on the path without it
 */
void tquic_rate_sent(struct tquic_rate *rate, struct tquic_sent_pkt *pkt,
		     u64 in_flight)
{
	/* an idle path starts a new flight: silence is not a slow delivery */
	if (!in_flight) {
		rate->first_sent = pkt->time;
		rate->delivered_at = pkt->time;
	}
	pkt->delivered = rate->delivered;
	pkt->delivered_at = rate->delivered_at;
	pkt->first_sent = rate->first_sent;
	pkt->tx_in_flight = in_flight + pkt->size;
	pkt->lost = rate->lost;
	if (rate->limited_until)
		pkt->flags |= TQUIC_SENT_APP_LIMITED;
}

/**
 * tquic_rate_acked - a packet was acknowledged
 * @rate: path's delivery state
 * @pick: choice of the acknowledgment that is being processed
 * @pkt: the packet
 * @now: present time
 */
void tquic_rate_acked(struct tquic_rate *rate, struct tquic_rate_pick *pick,
		      const struct tquic_sent_pkt *pkt, tquic_time_t now)
{
	rate->delivered += pkt->size;
	rate->delivered_at = now;
	if (pick->valid && (pkt->delivered < pick->pkt.delivered ||
			    (pkt->delivered == pick->pkt.delivered &&
			     pkt->time < pick->pkt.time)))
		return;
	pick->pkt = *pkt;
	pick->valid = true;
	rate->first_sent = pkt->time;
}

/* What was in flight and is not any more. */
static u64 tquic_rate_settled(const struct tquic_rate *rate)
{
	return rate->delivered + rate->lost;
}

/**
 * tquic_rate_limited - something other than window and pacer held sending back
 * @rate: path's delivery state
 * @in_flight: bytes in flight on the path
 *
 * Samples are marked until all that is in flight now has been delivered, or was
 * lost: to wait for as much to be delivered instead would take a path that lost
 * a large window, and has the least one left, minutes.
 */
void tquic_rate_limited(struct tquic_rate *rate, u64 in_flight)
{
	rate->limited_until = max(tquic_rate_settled(rate) + in_flight, 1ULL);
}

/**
 * tquic_rate_sample - fill the rate part of a sample
 * @rate: path's delivery state
 * @pick: choice of this acknowledgment
 * @now: present time
 * @min_rtt: of the path, ns
 * @sample: fields delivered, prior_delivered, interval, rate, tx_in_flight,
 *	lost_since_tx and app_limited are set
 */
void tquic_rate_sample(struct tquic_rate *rate,
		       const struct tquic_rate_pick *pick, tquic_time_t now,
		       u64 min_rtt, struct tquic_cc_sample *sample)
{
	const struct tquic_sent_pkt *pkt = &pick->pkt;

	if (rate->limited_until &&
	    tquic_rate_settled(rate) > rate->limited_until)
		rate->limited_until = 0;
	sample->delivered = rate->delivered;
	sample->interval = 0;
	sample->rate = 0;
	if (!pick->valid)
		return;
	sample->prior_delivered = pkt->delivered;
	sample->tx_in_flight = pkt->tx_in_flight;
	sample->lost_since_tx = rate->lost - pkt->lost;
	sample->app_limited = pkt->flags & TQUIC_SENT_APP_LIMITED;
	sample->interval = max(pkt->time - pkt->first_sent,
			       now - pkt->delivered_at);
	/*
	 * Faster than the path can be: acknowledgments that were held up
	 * somewhere and arrive in a bunch.
	 */
	if (sample->interval < min_rtt || !sample->interval) {
		sample->interval = 0;
		return;
	}
	sample->rate = mul_u64_u64_div_u64(rate->delivered - pkt->delivered,
					   TQUIC_NS_PER_SEC, sample->interval);
	if (!sample->app_limited || sample->rate > rate->recent)
		rate->recent = sample->rate;
}
