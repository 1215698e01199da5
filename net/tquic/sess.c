// SPDX-License-Identifier: GPL-2.0
/*
 * Life of a session: references, lock, events, and the one work item that
 * receives, reacts and sends.
 */
#include <linux/export.h>
#include <linux/module.h>
#include <linux/random.h>

#include "hs.h"
#include "listen.h"
#include "sess_priv.h"

/* who does handshakes: changed only while there is no session */
int (*tquic_sess_handshake)(struct tquic_sess *sess) = tquic_hs_start;
EXPORT_SYMBOL_GPL(tquic_sess_handshake);

struct tquic_sess *tquic_sess_get(struct tquic_sess *sess)
{
	refcount_inc(&sess->ref);
	return sess;
}
EXPORT_SYMBOL_GPL(tquic_sess_get);

/* For who found it under RCU, or in a list that holds no reference. */
bool tquic_sess_get_maybe_zero(struct tquic_sess *sess)
{
	return refcount_inc_not_zero(&sess->ref);
}

/**
 * tquic_sess_put - give a reference back
 * @sess: session
 *
 * Context: any but hard interrupts.
 */
void tquic_sess_put(struct tquic_sess *sess)
{
	if (refcount_dec_and_test(&sess->ref))
		queue_rcu_work(tquic_wq, &sess->free);
}
EXPORT_SYMBOL_GPL(tquic_sess_put);

/**
 * tquic_sess_kick - have the work look at the session
 * @sess: session, of which somebody has a reference, or which is alive
 *
 * Context: any but hard interrupts.
 */
void tquic_sess_kick(struct tquic_sess *sess)
{
	tquic_sess_get(sess);
	if (!queue_work(tquic_wq, &sess->work))
		tquic_sess_put(sess);
}

static void tquic_sess_entropy(struct tquic_sess *sess)
{
	u8 bytes[TQUIC_CONN_ENTROPY];

	get_random_bytes(bytes, sizeof(bytes));
	tquic_conn_add_entropy(sess->core, bytes, sizeof(bytes));
	memzero_explicit(bytes, sizeof(bytes));
}

/* Without memory it is tried again at the next occasion. */
static void tquic_sess_cids(struct tquic_sess *sess, u64 now)
{
	struct tquic_conn *core = sess->core;
	struct tquic_demux_cid *cid;
	u64 path_id;

	tquic_sess_reap(sess, now);
	if (!core->confirmed)
		return;
	while (tquic_cid_local_wanted(&core->cids, &path_id)) {
		cid = tquic_demux_issue(sess, GFP_KERNEL);
		if (!cid)
			return;
		if (tquic_cid_local_issue(&core->cids, path_id, &cid->local,
					  false, GFP_KERNEL)) {
			tquic_demux_drop(&sess->tn->demux, cid);
			return;
		}
	}
	core->events &= ~TQUIC_CONN_E_CIDS;
}

/* The handshake is confirmed: RFC 9001 section 4.1.2. */
static void tquic_sess_confirmed(struct tquic_sess *sess)
{
	struct tquic_conn *core = sess->core;
	u8 token[TQUIC_TOKEN_MAX];
	u32 len;

	if (core->server && !sess->gave_token) {
		sess->gave_token = true;
		len = tquic_listen_token(sess->tn, core, token);
		tquic_conn_send_token(core, token, len, GFP_KERNEL);
	}
	if (sess->hs)
		tquic_hs_wake(sess->hs);
	core->events &= ~TQUIC_CONN_E_CONFIRMED;
}

/*
 * Whether a server's user may have the session: the handshake is done, or early
 * data was accepted, which the user has said that it can deal with.  What is
 * said to the client then goes out in 1-RTT packets (RFC 9001 section 4.1).
 */
static bool tquic_sess_presentable(const struct tquic_sess *sess)
{
	const struct tquic_conn *core = sess->core;

	if (core->tls_done || !sess->config.eager)
		return core->tls_done;
	return core->early_data == TQUIC_EARLY_ACCEPTED && core->have_theirs &&
	       core->tx_keys & BIT(TQUIC_PKT_1RTT);
}

static void tquic_sess_serve_tls(struct tquic_sess *sess)
{
	struct tquic_conn *core = sess->core;

	if (core->events & TQUIC_CONN_E_CRYPTO) {
		core->events &= ~TQUIC_CONN_E_CRYPTO;
		if (sess->hs)
			tquic_hs_wake(sess->hs);
	}
	if (core->events & TQUIC_CONN_E_CONFIRMED)
		tquic_sess_confirmed(sess);
	if (core->tls_done && !sess->met) {
		sess->met = true;
		TQUIC_MIB_INC(sess->tn, ESTABLISHED);
		if (tquic_sess_watch)
			tquic_sess_watch->conn(sess, false);
		if (sess->ops && sess->ops->established)
			sess->ops->established(sess);
	}
	if (core->server && !sess->handed && tquic_sess_presentable(sess)) {
		sess->handed = true;
		set_bit(TQUIC_SESS_F_ACCEPT, &sess->flags);
		tquic_sess_kick(sess);
	}
}

/* What the user is interested in. */
static void tquic_sess_serve_user(struct tquic_sess *sess)
{
	const struct tquic_sess_ops *ops = sess->ops;
	struct tquic_conn *core = sess->core;
	u32 events = core->events;

	if (events & TQUIC_CONN_E_PATHS) {
		core->events &= ~TQUIC_CONN_E_PATHS;
		tquic_sess_routes_review(sess);
		if (tquic_sess_watch)
			tquic_sess_watch->paths(sess);
		if (ops && ops->paths)
			ops->paths(sess);
	}
	core->events &= ~(TQUIC_CONN_E_STREAMS | TQUIC_CONN_E_DGRAM |
			  TQUIC_CONN_E_FATES);
	if (!ops)
		return;
	if (ops->streams && (events & TQUIC_CONN_E_STREAMS ||
			     !list_empty(&core->streams.event)))
		ops->streams(sess);
	if (events & (TQUIC_CONN_E_DGRAM | TQUIC_CONN_E_FATES) && ops->dgrams)
		ops->dgrams(sess);
}

/**
 * tquic_sess_serve - deal with what the core has to say
 * @sess: session; the lock is held
 * @now: present time
 */
void tquic_sess_serve(struct tquic_sess *sess, u64 now)
{
	struct tquic_conn *core = sess->core;

	if (core->state > TQUIC_CONN_ESTABLISHED) {
		tquic_sess_tell_end(sess);
		return;
	}
	tquic_sess_serve_tls(sess);
	if (core->events & TQUIC_CONN_E_INITIAL)
		tquic_sess_keys_initial(sess);
	if (core->events & TQUIC_CONN_E_KEYS)
		tquic_sess_keys_dropped(sess);
	if (core->events & TQUIC_CONN_E_PHASE || sess->gens_due)
		tquic_sess_keys_review(sess);
	if (core->events & TQUIC_CONN_E_TOKEN)
		tquic_sess_keep_tokens(sess);
	if (core->events & TQUIC_CONN_E_ENTROPY)
		tquic_sess_entropy(sess);
	if (core->events & TQUIC_CONN_E_CIDS)
		tquic_sess_cids(sess, now);
	tquic_sess_resets_review(sess);
	tquic_sess_serve_user(sess);
	tquic_sess_check_bye(sess, now);
}

/**
 * tquic_sess_lock - begin to use the core
 * @sess: session
 *
 * Context: process context.
 */
void tquic_sess_lock(struct tquic_sess *sess)
{
	mutex_lock(&sess->lock);
}
EXPORT_SYMBOL_GPL(tquic_sess_lock);

/**
 * tquic_sess_unlock - react to what was done with the core, and send
 * @sess: session
 *
 * Sends in the caller's context, having dropped the lock, unless somebody else
 * is sending already.
 */
void tquic_sess_unlock(struct tquic_sess *sess)
{
	if (!sess->dead)
		tquic_sess_flush(sess);
	mutex_unlock(&sess->lock);
}
EXPORT_SYMBOL_GPL(tquic_sess_unlock);

/**
 * tquic_sess_unlock_more - what was done can wait: more of it follows
 * @sess: session
 *
 * If nothing follows after all, it is sent a little later.
 */
void tquic_sess_unlock_more(struct tquic_sess *sess)
{
	tquic_sess_defer(sess);
	mutex_unlock(&sess->lock);
}

/**
 * tquic_sess_unlock_quiet - nothing was done that has to be sent or told
 * @sess: session
 */
void tquic_sess_unlock_quiet(struct tquic_sess *sess)
{
	mutex_unlock(&sess->lock);
}

static void tquic_sess_turn(struct tquic_sess *sess)
{
	unsigned int i;
	bool more;
	u64 now;

	if (test_bit(TQUIC_SESS_F_ABORT, &sess->flags))
		tquic_conn_close(sess->core, TQUIC_NO_ERROR, false,
				 "shut down", ktime_get_ns());
	for (i = 0; i < TQUIC_SESS_BATCHES; i++) {
		more = tquic_sess_rx_some(sess) &&
		       tquic_sess_rx_waits(sess);
		if (sess->dead)
			return;
		now = ktime_get_ns();
		tquic_sess_odd_news(sess, now);
		if (test_and_clear_bit(TQUIC_SESS_F_LINKS, &sess->flags))
			tquic_sess_links(sess, now);
		if (sess->timer_at <= now) {
			sess->timer_at = TQUIC_TIME_NEVER;
			tquic_conn_timeout(sess->core, now, GFP_KERNEL);
		}
		tquic_sess_flush(sess);
		if (!more)
			return;
	}
	/* others have their turn */
	tquic_sess_kick(sess);
}

/* Nobody waits for late packets when the namespace goes. */
static bool tquic_sess_over(const struct tquic_sess *sess)
{
	return !sess->dead && !sess->flushing &&
	       (sess->core->state == TQUIC_CONN_CLOSED ||
		test_bit(TQUIC_SESS_F_ABORT, &sess->flags));
}

void tquic_sess_work(struct work_struct *work)
{
	struct tquic_sess *sess = container_of(work, struct tquic_sess, work);

	mutex_lock(&sess->lock);
	if (!sess->dead)
		tquic_sess_turn(sess);
	if (tquic_sess_over(sess)) {
		tquic_sess_tell_end(sess);
		TQUIC_MIB_INC(sess->tn, CLOSED);
		tquic_sess_finish(sess);
	}
	/* whoever put something there since has kicked this work again */
	if (sess->dead)
		tquic_sess_rx_purge(sess);
	mutex_unlock(&sess->lock);
	if (test_and_clear_bit(TQUIC_SESS_F_ACCEPT, &sess->flags))
		tquic_listen_accept(sess);
	tquic_sess_put(sess);
}

/**
 * tquic_sess_vanish - it does not even begin
 * @sess: new session, of which nothing was sent; the reference is given back
 */
void tquic_sess_vanish(struct tquic_sess *sess)
{
	mutex_lock(&sess->lock);
	sess->ops = NULL;
	sess->told = true;
	sess->core->state = TQUIC_CONN_CLOSED;
	mutex_unlock(&sess->lock);
	tquic_sess_kick(sess);
	tquic_sess_put(sess);
}

static int tquic_sess_source(struct tquic_net *tn, struct tquic_udp *bound,
			     struct tquic_sess_start *start)
{
	struct tquic_tuple *tuple = &start->tuple;
	struct tquic_udp_key key = {
		.port = tuple->local_port,
		.dev = tuple->dev,
		.v4 = tquic_tuple_is_ipv4(tuple),
	};
	int err;

	err = tquic_xmit_route(tn->net, tuple, &start->mtu);
	if (err)
		return err;
	memcpy(key.local, tuple->local, sizeof(key.local));
	start->udp = bound ? tquic_udp_get(bound) :
		     tquic_udp_open(tn->net, &key);
	if (IS_ERR(start->udp))
		return PTR_ERR(start->udp);
	tuple->local_port = start->udp->key.port;
	return 0;
}

/**
 * tquic_sess_connect - begin a connection
 * @net: namespace
 * @config: see there
 * @tuple: addresses; a local address or port of 0 is chosen
 *
 * Context: process context.
 * Return: a session with a reference for the caller, whose operations may run
 * before this returns; -EHOSTDOWN without an agent for the handshake, -ENOENT
 * for an unknown algorithm, and what opening a socket says.
 */
struct tquic_sess *tquic_sess_connect(struct net *net,
				      const struct tquic_sess_config *config,
				      const struct tquic_tuple *tuple)
{
	struct tquic_net *tn = tquic_net(net);
	struct tquic_sess_start start = {
		.version = config->version ?: TQUIC_VERSION_1,
		.tuple = *tuple,
		.odcid.len = TQUIC_CID_LEN,
	};
	struct tquic_kept *kept;
	struct tquic_sess *sess;
	int err;

	err = tquic_sess_source(tn, config->udp, &start);
	if (err)
		return ERR_PTR(err);
	get_random_bytes(start.odcid.id, start.odcid.len);
	kept = tquic_kept_take(tn, config->cred, start.version, &start.tuple);
	if (kept) {
		start.token = kept->data;
		start.token_len = kept->len;
	}
	sess = tquic_sess_new(tn, config, &start);
	kfree_sensitive(kept);
	tquic_udp_put(start.udp);
	if (IS_ERR(sess))
		return sess;
	TQUIC_MIB_INC(tn, ACTIVE_OPENS);
	err = tquic_sess_handshake(sess);
	if (err) {
		tquic_sess_vanish(sess);
		return ERR_PTR(err);
	}
	return sess;
}
EXPORT_SYMBOL_GPL(tquic_sess_connect);
