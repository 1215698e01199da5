// SPDX-License-Identifier: GPL-2.0
/*
 * Life of a handshake: who waits for the agent, for how long, and how it ends.
 */
#include <linux/jiffies.h>
#include <linux/net.h>
#include <linux/slab.h>

#include "sess.h"

/* ms, for a namespace and a session that name none */
#define TQUIC_HS_TIMEOUT_DEFAULT	10000

static struct workqueue_struct *tquic_hs_wq;

static struct tquic_hs_net *tquic_hs_net_of(struct net *net)
{
	return &tquic_net(net)->hs;
}

void tquic_hs_get(struct tquic_hs *hs)
{
	refcount_inc(&hs->ref);
}

void tquic_hs_put(struct tquic_hs *hs)
{
	if (!refcount_dec_and_test(&hs->ref))
		return;
	mutex_destroy(&hs->io);
	kfree(hs);
}

/**
 * tquic_hs_sess - the session of a handshake
 * @hs: handshake
 *
 * Return: the session with a reference for the caller, or NULL once there is
 * nothing to be done for it.
 */
struct tquic_sess *tquic_hs_sess(struct tquic_hs *hs)
{
	struct tquic_sess *sess;

	spin_lock(&hs->lock);
	sess = hs->sess;
	if (sess)
		tquic_sess_get(sess);
	spin_unlock(&hs->lock);
	return sess;
}

/* Out of the table; the mark is the table's and goes with the entry. */
static void tquic_hs_unlist(struct tquic_hs *hs)
{
	struct tquic_hs_net *hn = tquic_hs_net_of(hs->agent);

	xa_lock(&hn->all);
	if (xa_get_mark(&hn->all, hs->token, TQUIC_HS_WAITING))
		hn->nr_waiting--;
	__xa_erase(&hn->all, hs->token);
	xa_unlock(&hn->all);
}

/*
 * Part a handshake from its session, once: returns the session with the
 * reference that the handshake had, or NULL if somebody else has done it.
 */
static struct tquic_sess *tquic_hs_detach(struct tquic_hs *hs)
{
	struct tquic_sess *sess;

	spin_lock(&hs->lock);
	sess = hs->sess;
	hs->sess = NULL;
	spin_unlock(&hs->lock);
	if (!sess)
		return NULL;
	tquic_hs_unlist(hs);
	if (cancel_delayed_work(&hs->timer))
		tquic_hs_put(hs);
	wake_up_interruptible_all(&hs->wq);
	return sess;
}

/**
 * tquic_hs_fail - end a handshake that did not succeed
 * @hs: handshake
 * @err: -errno for the user
 * @alert: TLS alert to be sent to the peer, 0 for none
 * @text: reason, for the log and TQUIC_INFO
 *
 * Context: process, nothing of the session locked.
 * Return: whether it was still under way.
 */
bool tquic_hs_fail(struct tquic_hs *hs, int err, u8 alert, const char *text)
{
	struct tquic_sess *sess = tquic_hs_detach(hs);

	if (!sess)
		return false;
	tquic_sess_hs_end(sess, err, alert, text);
	tquic_sess_put(sess);
	return true;
}

static void tquic_hs_timeout(struct work_struct *work)
{
	struct tquic_hs *hs = container_of(to_delayed_work(work),
					   struct tquic_hs, timer);
	struct tquic_sess *sess = tquic_hs_sess(hs);
	bool waiting;

	if (sess && !test_bit(TQUIC_HS_F_FINISHED, &hs->flags)) {
		waiting = xa_get_mark(&tquic_hs_net_of(hs->agent)->all,
				      hs->token, TQUIC_HS_WAITING);
		if (tquic_hs_fail(hs, -ETIMEDOUT, 0, waiting ?
				  "the handshake agent did not take it" :
				  "the handshake took too long"))
			TQUIC_MIB_INC(sess->tn, HS_TIMEOUT);
	}
	if (sess)
		tquic_sess_put(sess);
	tquic_hs_put(hs);
}

/* TLS has finished: from here on the time is the connection's matter. */
void tquic_hs_finish(struct tquic_hs *hs)
{
	set_bit(TQUIC_HS_F_FINISHED, &hs->flags);
	if (cancel_delayed_work(&hs->timer))
		tquic_hs_put(hs);
}

/* The agent let go of the file. */
void tquic_hs_release(struct tquic_hs *hs)
{
	struct tquic_sess *sess = tquic_hs_detach(hs);

	if (sess && !test_bit(TQUIC_HS_F_FINISHED, &hs->flags)) {
		TQUIC_MIB_INC(sess->tn, HS_GONE);
		tquic_sess_hs_end(sess, -ECONNABORTED, 0,
				  "the handshake agent gave it up");
	}
	if (sess)
		tquic_sess_put(sess);
	tquic_hs_put(hs);
}

void tquic_hs_wake(struct tquic_hs *hs)
{
	set_bit(TQUIC_HS_F_NEWS, &hs->flags);
	wake_up_interruptible_all(&hs->wq);
}

void tquic_hs_drop(struct tquic_hs *hs)
{
	struct tquic_sess *sess = tquic_hs_detach(hs);

	if (sess)
		tquic_sess_put(sess);
	tquic_hs_put(hs);
}

bool tquic_hs_listens(const struct tquic_hs *hs)
{
	return READ_ONCE(hs->sess);
}

/* Whose agent does the handshakes of a namespace; NULL for nobody's. */
static struct net *tquic_hs_agent(struct net *net)
{
	if (tquic_hs_netlink_heard(net))
		return net;
	if (READ_ONCE(tquic_net(net)->config.handshake_agent_init) &&
	    tquic_hs_netlink_heard(&init_net))
		return &init_net;
	return NULL;
}

bool tquic_hs_agent_there(struct net *net)
{
	return tquic_hs_agent(net);
}

static int tquic_hs_no_agent(struct tquic_net *tn)
{
	TQUIC_MIB_INC(tn, NO_AGENT);
	net_notice_ratelimited("tquic: no handshake agent listens in this network namespace: is tquic-handshaked running?\n");
	return -EHOSTDOWN;
}

/* Says so before there is a session, too: 0 or -EHOSTDOWN. */
int tquic_hs_expect(struct tquic_net *tn)
{
	return tquic_hs_agent(tn->net) ? 0 : tquic_hs_no_agent(tn);
}

/* Into the table, as one that waits. */
static int tquic_hs_list(struct tquic_hs *hs, struct tquic_sess *sess)
{
	struct tquic_hs_net *hn = tquic_hs_net_of(hs->agent);
	int err = -EAGAIN;

	xa_lock(&hn->all);
	if (hn->nr_waiting < TQUIC_HS_WAITING_MAX) {
		err = __xa_alloc_cyclic(&hn->all, &hs->token, hs,
					XA_LIMIT(1, U32_MAX), &hn->next,
					GFP_KERNEL);
		if (err >= 0) {
			__xa_set_mark(&hn->all, hs->token, TQUIC_HS_WAITING);
			hn->nr_waiting++;
		}
	} else {
		TQUIC_MIB_INC(sess->tn, HS_WAITING_FULL);
	}
	xa_unlock(&hn->all);
	/* 1 says that the numbers have begun anew */
	return min(err, 0);
}

static struct tquic_hs *tquic_hs_new(struct tquic_sess *sess, struct net *agent)
{
	struct tquic_hs *hs = kzalloc_obj(*hs, GFP_KERNEL_ACCOUNT);
	u32 ms = sess->config.handshake_timeout ?:
		 READ_ONCE(sess->tn->config.handshake_timeout) ?:
		 TQUIC_HS_TIMEOUT_DEFAULT;

	if (!hs)
		return NULL;
	refcount_set(&hs->ref, 1);
	hs->agent = agent;
	spin_lock_init(&hs->lock);
	mutex_init(&hs->io);
	init_waitqueue_head(&hs->wq);
	INIT_DELAYED_WORK(&hs->timer, tquic_hs_timeout);
	hs->deadline = jiffies + msecs_to_jiffies(ms);
	hs->sess = tquic_sess_get(sess);
	set_bit(TQUIC_HS_F_NEWS, &hs->flags);
	return hs;
}

/*
 * The agent may be at it already, so it is woken for what came meanwhile.  A
 * session that has ended meanwhile has not dropped what it did not know.
 */
static int tquic_hs_attach(struct tquic_sess *sess, struct tquic_hs *hs)
{
	int err = -ECONNABORTED;

	tquic_sess_lock(sess);
	if (!sess->dead) {
		sess->hs = hs;
		tquic_hs_wake(hs);
		err = 0;
	}
	tquic_sess_unlock(sess);
	return err;
}

/* Whether the session's reference is ours again. */
static bool tquic_hs_unattach(struct tquic_sess *sess, struct tquic_hs *hs)
{
	bool was;

	tquic_sess_lock(sess);
	was = sess->hs == hs;
	if (was)
		sess->hs = NULL;
	tquic_sess_unlock(sess);
	return was;
}

int tquic_hs_start(struct tquic_sess *sess)
{
	struct net *agent = tquic_hs_agent(sess->tn->net);
	struct tquic_hs *hs;
	u32 token;
	int err;

	if (!agent)
		return tquic_hs_no_agent(sess->tn);
	hs = tquic_hs_new(sess, agent);
	if (!hs)
		return -ENOMEM;
	/* from here on an agent may take it; the session knows it later */
	err = tquic_hs_list(hs, sess);
	if (err)
		goto err_drop;
	token = hs->token;
	tquic_hs_get(hs);
	queue_delayed_work(tquic_hs_wq, &hs->timer,
			   max_t(long, hs->deadline - jiffies, 0));
	err = tquic_hs_attach(sess, hs);
	if (err)
		goto err_drop;
	/*
	 * An agent whose socket overflows is told so, and asks: only one that
	 * has gone meanwhile is a reason to give up.
	 */
	err = tquic_hs_netlink_ready(agent, token);
	if (err != -ESRCH || tquic_hs_agent_there(sess->tn->net))
		return 0;
	err = tquic_hs_no_agent(sess->tn);
	/* the session may have ended meanwhile, and dropped it */
	if (!tquic_hs_unattach(sess, hs))
		return err;

err_drop:
	tquic_hs_drop(hs);
	return err;
}

/**
 * tquic_hs_take - give a handshake to the agent
 * @agent: namespace of the agent
 * @token: which one, 0 for the one that waits longest
 *
 * Return: the handshake, with a reference that becomes the file's, or NULL.
 */
struct tquic_hs *tquic_hs_take(struct net *agent, u32 token)
{
	struct tquic_hs_net *hn = tquic_hs_net_of(agent);
	unsigned long index = token;
	struct tquic_hs *hs;

	xa_lock(&hn->all);
	hs = xa_find(&hn->all, &index, token ?: U32_MAX, TQUIC_HS_WAITING);
	if (hs) {
		/* in the table it is attached, so somebody has a reference */
		tquic_hs_get(hs);
		__xa_clear_mark(&hn->all, index, TQUIC_HS_WAITING);
		hn->nr_waiting--;
	}
	xa_unlock(&hn->all);
	return hs;
}

/* It could not be handed over: the next one may try. */
void tquic_hs_give_back(struct tquic_hs *hs)
{
	struct tquic_sess *sess = tquic_hs_sess(hs);
	struct tquic_hs_net *hn;

	if (sess) {
		hn = tquic_hs_net_of(hs->agent);
		xa_lock(&hn->all);
		if (xa_load(&hn->all, hs->token) == hs) {
			__xa_set_mark(&hn->all, hs->token, TQUIC_HS_WAITING);
			hn->nr_waiting++;
		}
		xa_unlock(&hn->all);
		tquic_sess_put(sess);
	}
	tquic_hs_put(hs);
}

/* A handshake that was taken, by its token, with a reference, or NULL. */
struct tquic_hs *tquic_hs_find_taken(struct net *agent, u32 token)
{
	struct tquic_hs_net *hn = tquic_hs_net_of(agent);
	struct tquic_hs *hs;

	xa_lock(&hn->all);
	hs = xa_load(&hn->all, token);
	if (hs && xa_get_mark(&hn->all, token, TQUIC_HS_WAITING))
		hs = NULL;
	if (hs)
		tquic_hs_get(hs);
	xa_unlock(&hn->all);
	return hs;
}

void tquic_hs_net_init(struct tquic_hs_net *hn)
{
	xa_init_flags(&hn->all, XA_FLAGS_ALLOC1);
}

/* The sessions are gone by now, and took their handshakes with them. */
void tquic_hs_net_exit(struct tquic_hs_net *hn)
{
	WARN_ON_ONCE(!xa_empty(&hn->all));
	xa_destroy(&hn->all);
}

int tquic_hs_init(void)
{
	tquic_hs_wq = alloc_workqueue("tquic_hs", WQ_UNBOUND, 0);
	return tquic_hs_wq ? 0 : -ENOMEM;
}

void tquic_hs_exit(void)
{
	destroy_workqueue(tquic_hs_wq);
}
