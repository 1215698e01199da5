// SPDX-License-Identifier: GPL-2.0
/*
 * Packets out: planned under the lock, sealed and sent without it, by one at a
 * time, so that they leave in the order of their numbers.
 */
#include "listen.h"
#include "sess_priv.h"

/* when there was no memory to send with */
#define TQUIC_TX_AGAIN	TQUIC_NS_PER_MS
/* no timer for less */
#define TQUIC_TX_TICK	(10 * TQUIC_NS_PER_US)

/*
 * A timer that is too early costs a look in vain, one that is moved at each
 * acknowledgment costs more.
 */
static void tquic_tx_arm(struct tquic_sess *sess, u64 at, u64 now)
{
	if (sess->dead || at == TQUIC_TIME_NEVER || at >= sess->timer_at)
		return;
	at = max(at, now + TQUIC_TX_TICK);
	sess->timer_at = at;
	hrtimer_start(&sess->timer, ns_to_ktime(at), HRTIMER_MODE_ABS_SOFT);
}

/* What waits for more of its kind waits no longer than this. */
#define TQUIC_TX_DEFER	TQUIC_NS_PER_MS

void tquic_sess_defer(struct tquic_sess *sess)
{
	u64 now = ktime_get_ns();

	lockdep_assert_held(&sess->lock);
	tquic_tx_arm(sess, now + TQUIC_TX_DEFER, now);
}

static u64 tquic_tx_deadline(struct tquic_sess *sess, u64 now)
{
	u64 at = tquic_conn_deadline(sess->core, now);

	if (sess->bye.set && sess->core->state <= TQUIC_CONN_ESTABLISHED)
		at = min(at, sess->bye.at);
	/* what failed for want of memory */
	if (sess->gens_due || sess->core->events & TQUIC_CONN_E_INITIAL ||
	    !skb_queue_empty_lockless(&sess->rxq))
		at = min(at, now + TQUIC_TX_AGAIN);
	return at;
}

/* It cannot leave: what it carried is sent again. */
static void tquic_tx_refuse(struct tquic_sess *sess, struct tquic_train *t)
{
	const struct tquic_plan *plan = &t->plan;
	unsigned int i;

	for (i = 0; i < plan->npkts; i++)
		tquic_conn_failed(sess->core, plan->path_id,
				  plan->pkts[i].type, plan->pkts[i].pn);
	TQUIC_MIB_ADD(sess->tn, OUT_FAILED, plan->npkts);
}

/* Fills in what the train needs besides its plan. */
static bool tquic_tx_load(struct tquic_sess *sess, struct tquic_train *t)
{
	struct tquic_route *route = tquic_sess_route_for(sess, &t->plan);
	unsigned int i;

	if (!route)
		return false;
	t->sess = tquic_sess_get(sess);
	t->path = tquic_xmit_path_get(route->xmit);
	for (i = 0; i < t->plan.npkts; i++) {
		tquic_sess_tx_key(sess, &t->plan.pkts[i], &t->pkt[i]);
		if (!t->pkt[i].key)
			return false;
	}
	return true;
}

/* Plans and sends one train; false when there is nothing to be sent now. */
static bool tquic_tx_one(struct tquic_sess *sess, u64 now)
{
	struct tquic_train *t = tquic_train_alloc(GFP_KERNEL);

	if (!t) {
		tquic_tx_arm(sess, now + TQUIC_TX_AGAIN, now);
		return false;
	}
	if (!tquic_conn_plan(sess->core, now, &t->plan, GFP_KERNEL)) {
		tquic_train_free(t);
		return false;
	}
	if (!tquic_tx_load(sess, t)) {
		tquic_tx_refuse(sess, t);
		tquic_train_free(t);
		tquic_tx_arm(sess, now + TQUIC_TX_AGAIN, now);
		return false;
	}
	mutex_unlock(&sess->lock);
	tquic_train_send(t);
	mutex_lock(&sess->lock);
	return true;
}

/**
 * tquic_sess_flush - send what there is to be sent
 * @sess: session, not dead; the lock is held, dropped, and taken again
 *
 * Who comes while another sends leaves it to that one, who looks again after
 * each train.
 */
void tquic_sess_flush(struct tquic_sess *sess)
{
	unsigned int n = 0;
	u64 now;

	if (sess->flushing)
		return;
	sess->flushing = true;
	for (;;) {
		now = ktime_get_ns();
		tquic_sess_serve(sess, now);
		if (sess->corked || n++ == TQUIC_SESS_TRAINS)
			break;
		tquic_sess_routes_hold(sess, now);
		if (!tquic_tx_one(sess, now))
			break;
	}
	sess->flushing = false;
	/* the work, which ends sessions, waits for who is sending */
	if (n > TQUIC_SESS_TRAINS || sess->core->state == TQUIC_CONN_CLOSED ||
	    test_bit(TQUIC_SESS_F_ABORT, &sess->flags))
		tquic_sess_kick(sess);
	else if (!sess->corked)
		tquic_tx_arm(sess, tquic_tx_deadline(sess, now), now);
}
