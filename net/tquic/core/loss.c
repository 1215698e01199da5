// SPDX-License-Identifier: GPL-2.0
/*
 * Loss detection of one packet number space: RFC 9002 section 6.
 */
#include "loss.h"

void tquic_loss_init(struct tquic_loss *loss, const struct tquic_loss_ops *ops,
		     void *owner)
{
	*loss = (struct tquic_loss){
		.ops = ops,
		.owner = owner,
		.largest_acked = TQUIC_SENT_NONE,
		.loss_time = TQUIC_TIME_NEVER,
		.packet_threshold = TQUIC_LOSS_PACKET_THRESHOLD,
		.time_eighths = TQUIC_LOSS_TIME_EIGHTHS,
		.run_next = TQUIC_SENT_NONE,
	};
	tquic_sent_init(&loss->sent);
}

static void tquic_loss_drop(struct tquic_loss *loss, u64 pn)
{
	if (loss->ops->gone)
		loss->ops->gone(loss->owner, tquic_sent_get(&loss->sent, pn));
	tquic_sent_drop(&loss->sent, pn);
}

/**
 * tquic_loss_discard - end a space
 * @loss: space
 *
 * For keys that are discarded (RFC 9002 section 6.4) and paths that are gone.
 * What the packets carried must have been dealt with before.
 *
 * Return: bytes that were in flight.
 */
u64 tquic_loss_discard(struct tquic_loss *loss)
{
	u64 in_flight = loss->in_flight, pn;

	while ((pn = tquic_sent_next_outstanding(&loss->sent, 0)) !=
	       TQUIC_SENT_NONE)
		tquic_loss_drop(loss, pn);
	while ((pn = tquic_sent_next_lost(&loss->sent, 0)) != TQUIC_SENT_NONE)
		tquic_loss_drop(loss, pn);
	tquic_sent_free(&loss->sent);
	tquic_loss_init(loss, loss->ops, loss->owner);
	return in_flight;
}

/* A packet leaves the ranks of the outstanding ones. */
static void tquic_loss_retire(struct tquic_loss *loss,
			      const struct tquic_sent_pkt *pkt)
{
	if (pkt->flags & TQUIC_SENT_IN_FLIGHT)
		loss->in_flight -= pkt->size;
	if (pkt->flags & TQUIC_SENT_ELICITING)
		loss->eliciting--;
}

/**
 * tquic_loss_push - a packet is sent
 * @loss: space
 * @pkt: entry from tquic_sent_peek() with time, size and flags
 *
 * Return: its packet number.
 */
u64 tquic_loss_push(struct tquic_loss *loss, struct tquic_sent_pkt *pkt)
{
	if (pkt->flags & TQUIC_SENT_IN_FLIGHT)
		loss->in_flight += pkt->size;
	if (pkt->flags & TQUIC_SENT_ELICITING) {
		loss->eliciting++;
		loss->last_eliciting = pkt->time;
	}
	return tquic_sent_push(&loss->sent);
}

/**
 * tquic_loss_fail - a planned packet was not sent
 * @loss: space
 * @pn: its number, which stays spent
 *
 * What it carried is lost without being a sign of congestion.
 *
 * Return: bytes that are no longer in flight.
 */
u64 tquic_loss_fail(struct tquic_loss *loss, u64 pn)
{
	struct tquic_sent_pkt *pkt;
	u64 bytes;

	if (!tquic_sent_is_outstanding(&loss->sent, pn))
		return 0;
	pkt = tquic_sent_get(&loss->sent, pn);
	bytes = pkt->flags & TQUIC_SENT_IN_FLIGHT ? pkt->size : 0;
	tquic_loss_retire(loss, pkt);
	loss->ops->lost(loss->owner, pn, pkt);
	tquic_loss_drop(loss, pn);
	return bytes;
}

/**
 * tquic_loss_void - the peer took none of the outstanding packets
 * @loss: space
 *
 * What they carried is lost without being a sign of congestion; whoever
 * acknowledges one is lying, as for a number that was skipped.
 */
void tquic_loss_void(struct tquic_loss *loss)
{
	struct tquic_sent_pkt *pkt;
	u64 pn = 0;

	while ((pn = tquic_sent_next_outstanding(&loss->sent, pn)) !=
	       TQUIC_SENT_NONE) {
		pkt = tquic_sent_get(&loss->sent, pn);
		tquic_loss_retire(loss, pkt);
		loss->ops->lost(loss->owner, pn, pkt);
		if (loss->ops->gone)
			loss->ops->gone(loss->owner, pkt);
		tquic_sent_clear(pkt);
		pkt->flags = TQUIC_SENT_SKIPPED;
		pn++;
	}
}

/**
 * tquic_loss_ack_begin - an acknowledgment arrived
 * @loss: space
 * @ack: filled here and by tquic_loss_ack_range()
 * @now: present time
 * @largest: its largest packet number
 *
 * Return: false when it acknowledges what was never sent, a
 * PROTOCOL_VIOLATION (RFC 9000 section 13.1).
 */
bool tquic_loss_ack_begin(struct tquic_loss *loss, struct tquic_loss_ack *ack,
			  tquic_time_t now, u64 largest)
{
	*ack = (struct tquic_loss_ack){
		.now = now,
		.largest = largest,
		.newest = TQUIC_SENT_NONE,
	};
	return largest < loss->sent.next;
}

static void tquic_loss_acked(struct tquic_loss *loss, struct tquic_rate *rate,
			     struct tquic_loss_ack *ack, u64 pn)
{
	struct tquic_sent_pkt *pkt = tquic_sent_get(&loss->sent, pn);

	if (ack->newest == TQUIC_SENT_NONE || pn > ack->newest) {
		ack->newest = pn;
		ack->newest_time = pkt->time;
		ack->newest_eliciting = pkt->flags & TQUIC_SENT_ELICITING;
	}
	if (pkt->flags & TQUIC_SENT_ELICITING)
		ack->eliciting = true;
	if (pkt->flags & TQUIC_SENT_ECT)
		ack->ect++;
	if (pkt->flags & TQUIC_SENT_IN_FLIGHT) {
		ack->bytes += pkt->size;
		tquic_rate_acked(rate, &ack->pick, pkt, ack->now);
	}
	ack->packets++;
	tquic_loss_retire(loss, pkt);
	loss->ops->acked(loss->owner, pn, pkt);
	tquic_loss_drop(loss, pn);
}

/* The thresholds were too low by what this packet was late. */
static void tquic_loss_late(struct tquic_loss *loss,
			    struct tquic_loss_ack *ack, u64 pn)
{
	struct tquic_sent_pkt *pkt = tquic_sent_get(&loss->sent, pn);
	u64 distance = ack->largest - pn;

	if (loss->largest_acked != TQUIC_SENT_NONE &&
	    loss->largest_acked > ack->largest)
		distance = loss->largest_acked - pn;
	loss->packet_threshold = clamp_t(u64, distance + 1,
					 loss->packet_threshold,
					 TQUIC_LOSS_PACKET_THRESHOLD_MAX);
	if (loss->reordered_at != ack->now) {
		loss->time_eighths = min_t(u32, loss->time_eighths + 1,
					   TQUIC_LOSS_TIME_EIGHTHS_MAX);
		loss->reordered_at = ack->now;
	}
	/* since tquic_loss_declare(), the time of the verdict */
	if (pkt->delivered_at >= loss->episode && loss->undo && !--loss->undo)
		ack->spurious = true;
	ack->late++;
	loss->ops->late(loss->owner, pn, pkt);
	tquic_loss_drop(loss, pn);
}

/**
 * tquic_loss_ack_range - process one range of an acknowledgment
 * @loss: space
 * @rate: delivery state of the path
 * @ack: see tquic_loss_ack_begin()
 * @first: smallest packet number of the range
 * @last: largest one
 *
 * Costs as much as there is news in the range.
 *
 * Return: false when it acknowledges a number that was skipped on purpose: the
 * peer acknowledges what it has not seen (RFC 9000 section 21.4).
 */
bool tquic_loss_ack_range(struct tquic_loss *loss, struct tquic_rate *rate,
			  struct tquic_loss_ack *ack, u64 first, u64 last)
{
	u64 pn;

	for (pn = tquic_sent_next_outstanding(&loss->sent, first);
	     pn <= last && pn != TQUIC_SENT_NONE;
	     pn = tquic_sent_next_outstanding(&loss->sent, pn + 1)) {
		if (tquic_sent_get(&loss->sent, pn)->flags &
		    TQUIC_SENT_SKIPPED)
			return false;
		tquic_loss_acked(loss, rate, ack, pn);
	}
	for (pn = tquic_sent_next_lost(&loss->sent, first);
	     pn <= last && pn != TQUIC_SENT_NONE;
	     pn = tquic_sent_next_lost(&loss->sent, pn + 1))
		tquic_loss_late(loss, ack, pn);
	return true;
}

/**
 * tquic_loss_ack_end - all ranges were processed
 * @loss: space
 * @ack: the acknowledgment
 *
 * Return: RTT sample in ns, ack delay included, or 0 when it gives none: it
 * must newly acknowledge its largest packet, and something that elicits an
 * acknowledgment (RFC 9002 section 5.1).
 */
u64 tquic_loss_ack_end(struct tquic_loss *loss, struct tquic_loss_ack *ack)
{
	u64 gap;

	if (loss->largest_acked == TQUIC_SENT_NONE ||
	    ack->largest > loss->largest_acked) {
		loss->largest_acked = ack->largest;
		ack->advanced = true;
	}
	if (!ack->packets)
		return 0;
	if (loss->last_ack) {
		gap = ack->now - loss->last_ack;
		loss->ack_interval = loss->ack_interval ?
				     (7 * loss->ack_interval + gap) / 8 : gap;
	}
	loss->last_ack = ack->now;
	if (ack->newest != ack->largest || !ack->eliciting)
		return 0;
	return max(ack->now - ack->newest_time, 1ULL);
}

/* Time after which an older packet is lost once a newer one arrived. */
static u64 tquic_loss_delay(const struct tquic_loss *loss,
			    const struct tquic_rtt *rtt)
{
	u64 base = max(rtt->latest, rtt->smoothed);

	return max_t(u64, base * loss->time_eighths / 8,
		     TQUIC_RTT_GRANULARITY);
}

/*
 * RFC 9002 section 7.6.2: the period between two ack-eliciting packets that
 * were lost with all in between, both sent after the first RTT sample.
 */
static void tquic_loss_run(struct tquic_loss *loss, const struct tquic_rtt *rtt,
			   u64 pn, const struct tquic_sent_pkt *pkt,
			   u64 max_ack_delay, struct tquic_loss_lost *lost)
{
	if (pn != loss->run_next)
		loss->run_first = TQUIC_TIME_NEVER;
	if (pn != loss->run_next || !lost->ranges)
		lost->ranges++;
	loss->run_next = pn + 1;
	if (!(pkt->flags & TQUIC_SENT_ELICITING) ||
	    pkt->time < rtt->first_sample)
		return;
	if (loss->run_first == TQUIC_TIME_NEVER)
		loss->run_first = pkt->time;
	if (pkt->time - loss->run_first >
	    TQUIC_LOSS_PERSISTENT * tquic_rtt_pto(rtt, max_ack_delay))
		lost->persistent = true;
}

static void tquic_loss_declare(struct tquic_loss *loss,
			       struct tquic_rate *rate, tquic_time_t now,
			       u64 pn, struct tquic_loss_lost *lost)
{
	struct tquic_sent_pkt *pkt = tquic_sent_get(&loss->sent, pn);

	lost->packets++;
	if (pkt->flags & TQUIC_SENT_ECT)
		lost->ect++;
	if (pkt->flags & TQUIC_SENT_IN_FLIGHT) {
		lost->bytes += pkt->size;
		if (!(pkt->flags & TQUIC_SENT_MTU_PROBE)) {
			rate->lost += pkt->size;
			lost->congestion = true;
			lost->largest_sent = pkt->time;
			lost->tx_in_flight = pkt->tx_in_flight;
			lost->lost_at_tx = pkt->lost;
			lost->app_limited = pkt->flags &
					    TQUIC_SENT_APP_LIMITED;
		}
	}
	if (pkt->time > loss->episode) {
		loss->episode = now;
		loss->undo = 0;
	}
	loss->undo++;
	tquic_loss_retire(loss, pkt);
	loss->ops->lost(loss->owner, pn, pkt);
	pkt->delivered_at = now;
	tquic_sent_lose(&loss->sent, pn);
}

/* Packets lost so long ago that no acknowledgment is expected any more. */
static void tquic_loss_expire(struct tquic_loss *loss, tquic_time_t now,
			      u64 pto)
{
	u64 pn = tquic_sent_next_lost(&loss->sent, 0);

	while (pn != TQUIC_SENT_NONE &&
	       tquic_sent_get(&loss->sent, pn)->time + 3 * pto < now) {
		tquic_loss_drop(loss, pn);
		pn = tquic_sent_next_lost(&loss->sent, pn + 1);
	}
}

static void tquic_loss_forget(struct tquic_loss *loss, tquic_time_t now)
{
	if (loss->reordered_at &&
	    now - loss->reordered_at > TQUIC_LOSS_FORGET) {
		loss->packet_threshold = TQUIC_LOSS_PACKET_THRESHOLD;
		loss->time_eighths = TQUIC_LOSS_TIME_EIGHTHS;
		loss->reordered_at = 0;
	}
}

/**
 * tquic_loss_detect - find lost packets: RFC 9002 section 6.1
 * @loss: space
 * @rtt: of the path
 * @rate: delivery state of the path
 * @now: present time
 * @max_ack_delay: the peer's, ns
 * @lost: what was found
 *
 * To be called after an acknowledgment and at @loss->loss_time.  Send times
 * rise with packet numbers, so the first packet that neither threshold
 * declares lost ends the search.
 */
void tquic_loss_detect(struct tquic_loss *loss, const struct tquic_rtt *rtt,
		       struct tquic_rate *rate, tquic_time_t now,
		       u64 max_ack_delay, struct tquic_loss_lost *lost)
{
	u64 pn = tquic_sent_next_outstanding(&loss->sent, 0);
	u64 delay = tquic_loss_delay(loss, rtt);
	const struct tquic_sent_pkt *pkt;

	*lost = (struct tquic_loss_lost){};
	loss->loss_time = TQUIC_TIME_NEVER;
	tquic_loss_expire(loss, now, tquic_rtt_pto(rtt, max_ack_delay));
	tquic_loss_forget(loss, now);
	if (loss->largest_acked == TQUIC_SENT_NONE)
		return;
	while (pn < loss->largest_acked) {
		pkt = tquic_sent_get(&loss->sent, pn);
		if (loss->largest_acked - pn < loss->packet_threshold &&
		    pkt->time + delay > now) {
			loss->loss_time = pkt->time + delay;
			return;
		}
		if (pkt->flags & TQUIC_SENT_SKIPPED) {
			/* a run of losses goes on behind it */
			if (loss->run_next == pn)
				loss->run_next = pn + 1;
			tquic_loss_drop(loss, pn);
		} else {
			tquic_loss_run(loss, rtt, pn, pkt, max_ack_delay,
				       lost);
			tquic_loss_declare(loss, rate, now, pn, lost);
		}
		pn = tquic_sent_next_outstanding(&loss->sent, pn + 1);
	}
}

/**
 * tquic_loss_pto_at - when a probe is due: RFC 9002 section 6.2.1
 * @loss: space
 * @rtt: of the path
 * @max_ack_delay: the peer's, ns; 0 in the Initial and Handshake spaces
 * @count: probe timeouts of the path in a row so far
 *
 * Return: TQUIC_TIME_NEVER with nothing ack-eliciting outstanding.
 */
tquic_time_t tquic_loss_pto_at(const struct tquic_loss *loss,
			       const struct tquic_rtt *rtt, u64 max_ack_delay,
			       unsigned int count)
{
	u64 pto = tquic_rtt_pto(rtt, max_ack_delay);

	if (!loss->eliciting)
		return TQUIC_TIME_NEVER;
	return loss->last_eliciting +
	       (pto << min_t(u32, count, TQUIC_LOSS_BACKOFF_MAX));
}

/*
 * How late acknowledgments may be.  Their rhythm is the choice of the peer;
 * pauses of ours are in the average too, so it is believed within bounds.
 */
static u64 tquic_loss_slack(const struct tquic_loss *loss,
			    const struct tquic_rtt *rtt)
{
	u64 most = max_t(u64, rtt->smoothed / 2, 25 * TQUIC_NS_PER_MS);

	return clamp(3 * loss->ack_interval, 10 * TQUIC_NS_PER_MS, most);
}

/**
 * tquic_loss_silent_at - when silence becomes suspect
 * @loss: space
 * @rtt: of the path
 * @max_ack_delay: the peer's, ns
 * @from: first packet number that counts
 *
 * The age of the oldest outstanding packet is measured, not the time since the
 * last send, so a path that is still being fed cannot hide its silence.  A path
 * whose round trip grows is slow, not silent: acknowledgments go on coming, in
 * bunches where they share a long queue with others.
 * It comes about when the probe timeout does and declares nothing lost: the
 * data may be offered to other paths.
 *
 * Return: TQUIC_TIME_NEVER with nothing ack-eliciting outstanding.
 */
tquic_time_t tquic_loss_silent_at(const struct tquic_loss *loss,
				  const struct tquic_rtt *rtt,
				  u64 max_ack_delay, u64 from)
{
	u64 pto = tquic_rtt_pto(rtt, max_ack_delay);
	u64 slack = tquic_loss_slack(loss, rtt);
	u64 hush = max3(slack, TQUIC_LOSS_HUSH, rtt->smoothed / 4);
	u64 pn = tquic_sent_next_outstanding(&loss->sent, from);
	const struct tquic_sent_pkt *pkt;

	while (loss->eliciting && pn != TQUIC_SENT_NONE) {
		pkt = tquic_sent_get(&loss->sent, pn);
		if (pkt->flags & TQUIC_SENT_ELICITING)
			return max(pkt->time + min(pto, rtt->smoothed +
						   4 * rtt->var + slack),
				   loss->last_ack + hush);
		pn = tquic_sent_next_outstanding(&loss->sent, pn + 1);
	}
	return TQUIC_TIME_NEVER;
}
