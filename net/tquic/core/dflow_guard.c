// SPDX-License-Identifier: GPL-2.0
/*
 * Flows of datagrams: what the legs are like, and whether one of them is so bad
 * that what cannot wait goes out on two.
 */
#include "dflow.h"

/* how often the legs are looked at */
#define TQUIC_DFLOW_LOOK	(5 * TQUIC_NS_PER_MS)
/* losses are judged over so many bytes delivered or lost, or over so long */
#define TQUIC_DFLOW_LOSS_BYTES	100000
#define TQUIC_DFLOW_LOSS_TIME	(2 * TQUIC_NS_PER_SEC)
/* per mille: copies begin above the one, and end below the other... */
#define TQUIC_DFLOW_LOSS_ON	10
#define TQUIC_DFLOW_LOSS_OFF	5
/* ...once that has been so for as long */
#define TQUIC_DFLOW_LOSS_CALM	(10 * TQUIC_NS_PER_SEC)

/* Losses of a leg, from counters that only grow. */
static void tquic_dflow_guard_count(struct tquic_dflow_guard *guard,
				    const struct tquic_sched_view *view,
				    tquic_time_t now)
{
	u64 lost = view->lost - guard->lost;
	u64 bytes = view->delivered - guard->delivered + lost;
	u32 share;

	if (guard->id != view->id || !guard->since) {
		*guard = (struct tquic_dflow_guard){ .id = view->id };
		bytes = 0;
	} else if (!bytes || (bytes < TQUIC_DFLOW_LOSS_BYTES &&
			      now - guard->since < TQUIC_DFLOW_LOSS_TIME)) {
		return;
	}
	if (bytes) {
		share = div64_u64(lost * 1000, bytes);
		/* quick to learn of trouble, slow to forget it */
		guard->share = share > guard->share ?
			       (guard->share + 3 * share) / 4 :
			       (3 * guard->share + share) / 4;
	}
	guard->lost = view->lost;
	guard->delivered = view->delivered;
	guard->since = now;
	if (guard->share > TQUIC_DFLOW_LOSS_ON)
		guard->copy = true;
	if (guard->share >= TQUIC_DFLOW_LOSS_OFF)
		guard->bad_at = now;
	if (now - guard->bad_at >= TQUIC_DFLOW_LOSS_CALM)
		guard->copy = false;
}

static void tquic_dflow_guard_leg(struct tquic_dplace_leg *leg,
				  const struct tquic_sched_view *view)
{
	leg->usable = true;
	leg->spare = !view->metered && !view->backup && !view->suspect;
	leg->owd = view->owd;
	leg->owd_min = view->owd_min;
	leg->srtt = view->srtt;
	leg->rate = view->rate;
}

/**
 * tquic_dflow_look - look at the legs, if that was not done just now
 * @set: flows
 * @now: present time
 *
 * What the last plan saw of the paths is new enough.
 */
void tquic_dflow_look(struct tquic_dflows *set, tquic_time_t now)
{
	const struct tquic_choice *choice = set->conn->choice;
	const struct tquic_path *path;
	unsigned int i;

	if (set->looked_at && now - set->looked_at < TQUIC_DFLOW_LOOK)
		return;
	set->looked_at = now;
	for (i = 0; i < TQUIC_DGRAM_LEGS; i++)
		set->place.legs[i].usable = false;
	set->spare = 0;
	for (i = 0; i < choice->count; i++) {
		/* it may be gone by now */
		path = tquic_conn_path(set->conn, choice->views[i].id);
		if (!path)
			continue;
		tquic_dflow_guard_leg(&set->place.legs[path->leg],
				      &choice->views[i]);
		tquic_dflow_guard_count(&set->guards[path->leg],
					&choice->views[i], now);
		set->spare += set->place.legs[path->leg].spare;
	}
}

/**
 * tquic_dflow_wants_copy - is real time to go out on two legs
 * @set: flows
 *
 * Return: whether its leg is known to lose, and there is another.
 */
bool tquic_dflow_wants_copy(const struct tquic_dflows *set)
{
	return set->spare > 1 && set->guards[set->conn->realtime].copy;
}
