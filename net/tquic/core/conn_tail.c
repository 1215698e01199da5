// SPDX-License-Identifier: GPL-2.0
/*
 * Copies of the tail: what to do with a slot when nothing waits.
 *
 * A transfer is complete when its last byte is there, and that may be on a
 * slow path, or lost on one that loses.  When all has been sent and a quick
 * path has nothing to do, it sends again what others land later than it can,
 * or would, if they lost it (Raiciu et al., NSDI 2012, section 4.2; XLINK,
 * SIGCOMM 2021, section 5).  Copies never go ahead of data that waits, nor out
 * on metered paths, and are a small share of what is written.
 */
#include "conn_build.h"

/* copies may be so much at first, and then 1/64 of what is written */
#define TQUIC_TAIL_FIRST	16384
#define TQUIC_TAIL_SHIFT	6
/* landing earlier by less is not worth a copy */
#define TQUIC_TAIL_GAIN		(2 * TQUIC_NS_PER_MS)
/* one packet of so many lost: a copy may be of use */
#define TQUIC_TAIL_LOSSY	1000

/* The path that lands first of those with nothing to do. */
static int tquic_tail_via(const struct tquic_choice *choice)
{
	int best = TQUIC_SCHED_NONE;
	unsigned int i;

	for (i = 0; i < choice->count; i++) {
		const struct tquic_sched_view *view = &choice->views[i];

		if (view->metered || view->backup || view->suspect ||
		    !tquic_sched_open(view, choice->req.now))
			continue;
		if (best == TQUIC_SCHED_NONE ||
		    view->owd < choice->views[best].owd)
			best = i;
	}
	return best;
}

/* When a packet lands, its path's queue as it was then included. */
static tquic_time_t tquic_tail_lands(const struct tquic_sched_view *view,
				     const struct tquic_sent_pkt *pkt)
{
	u64 owd = max(view->owd, view->owd_p75), held;

	if (view->rate) {
		held = mul_u64_u64_div_u64(pkt->tx_in_flight, TQUIC_NS_PER_SEC,
					   view->rate);
		if (held > view->min_rtt)
			owd = max(owd, view->owd_min + held - view->min_rtt);
	}
	return pkt->time + owd;
}

/* Stream data that a copy would bring sooner than its path, maybe. */
static bool tquic_tail_worth(const struct tquic_sched_view *view,
			     const struct tquic_sent_pkt *pkt, tquic_time_t at)
{
	bool lossy = view->lost * TQUIC_TAIL_LOSSY > view->delivered;
	unsigned int i;

	for (i = 0; i < pkt->nrecs; i++)
		if (tquic_sent_recs(pkt)[i].kind == TQUIC_SENT_DGRAM)
			return false;
	if (!pkt->nrecs || tquic_sent_recs(pkt)[0].kind != TQUIC_SENT_STREAM)
		return false;
	return tquic_tail_lands(view, pkt) > at ||
	       (lossy && pkt->time + view->srtt + view->srtt / 8 > at);
}

/* What a path has under way, from where the last look at it ended. */
static u64 tquic_tail_path(struct tquic_path *path,
			   const struct tquic_sched_view *view,
			   tquic_time_t at, u64 room)
{
	struct tquic_sent *sent = &path->space.loss.sent;
	const struct tquic_sent_pkt *pkt;
	u64 copied = 0, pn;

	for (pn = tquic_sent_next_outstanding(sent, path->tail);
	     pn != TQUIC_SENT_NONE;
	     pn = tquic_sent_next_outstanding(sent, pn + 1)) {
		pkt = tquic_sent_get(sent, pn);
		if (tquic_tail_worth(view, pkt, at)) {
			if (copied + pkt->size > room)
				break;
			tquic_conn_offer_pkt(&path->space, pkt);
			copied += pkt->size;
		}
		path->tail = pn + 1;
	}
	return copied;
}

/**
 * tquic_tail_offer - let an idle path copy what others have under way
 * @conn: connection, that tquic_choice_init() has looked at and that has
 *	nothing to send
 *
 * Each packet is offered once.
 *
 * Return: whether there is something to be sent now.
 */
bool tquic_tail_offer(struct tquic_conn *conn)
{
	struct tquic_choice *choice = conn->choice;
	const struct tquic_sched_req *req = &choice->req;
	u64 budget = TQUIC_TAIL_FIRST + (conn->written >> TQUIC_TAIL_SHIFT);
	u64 room, copied = 0;
	tquic_time_t at;
	unsigned int i;
	int via;

	if (choice->count < 2 || req->due ||
	    min3(req->fresh, req->open, req->credit) || conn->copied >= budget)
		return false;
	via = tquic_tail_via(choice);
	if (via == TQUIC_SCHED_NONE)
		return false;
	at = req->now + choice->views[via].owd + TQUIC_TAIL_GAIN;
	room = min(choice->views[via].window, budget - conn->copied);
	for (i = 0; i < choice->count; i++)
		if (i != via && choice->views[i].in_flight)
			copied += tquic_tail_path(choice->paths[i],
						  &choice->views[i], at,
						  room - copied);
	conn->copied += copied;
	return copied;
}
