// SPDX-License-Identifier: GPL-2.0
/*
 * What both ends of a benchmark run share.
 */
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "aead.h"
#include "aead_hp.h"
#include "link.h"

/* QUIC version 1: chooses the labels of the key derivation */
#define DP_VERSION	0x00000001

const u8 dp_cid[DP_CID_LEN] = {
	0xc0, 0x01, 0xd0, 0x0d, 0x7e, 0x57, 0xbe, 0xbc
};

static DEFINE_MUTEX(dp_links_lock);	/* protects dp_links and ->sender */
static LIST_HEAD(dp_links);

static struct dp_link *dp_link_find(u16 port)
{
	struct dp_link *link;

	lockdep_assert_held(&dp_links_lock);
	list_for_each_entry(link, &dp_links, node)
		if (link->port == port)
			return link;
	return NULL;
}

/**
 * dp_link_create - open a link, for its receiver
 * @opts: port, cipher suite and window
 *
 * Return: the link with one reference, or ERR_PTR().
 */
struct dp_link *dp_link_create(const struct dp_opts *opts)
{
	struct dp_link *link;

	link = kzalloc_obj(*link, GFP_KERNEL);
	if (!link)
		return ERR_PTR(-ENOMEM);

	refcount_set(&link->ref, 1);
	link->port = opts->port;
	link->suite = opts->suite;
	link->window = opts->window;
	init_waitqueue_head(&link->credit);

	mutex_lock(&dp_links_lock);
	if (dp_link_find(link->port)) {
		mutex_unlock(&dp_links_lock);
		kfree(link);
		return ERR_PTR(-EADDRINUSE);
	}
	list_add(&link->node, &dp_links);
	mutex_unlock(&dp_links_lock);
	return link;
}

/**
 * dp_link_join - take a link, for its only sender
 * @port: the receiver's port
 *
 * Return: the link with a reference more, or ERR_PTR().
 */
struct dp_link *dp_link_join(u16 port)
{
	struct dp_link *link;

	mutex_lock(&dp_links_lock);
	link = dp_link_find(port);
	if (!link) {
		link = ERR_PTR(-ENOTCONN);
	} else if (link->sender) {
		link = ERR_PTR(-EBUSY);
	} else {
		link->sender = true;
		refcount_inc(&link->ref);
	}
	mutex_unlock(&dp_links_lock);
	return link;
}

/* The sender did not come about: another one may take its place. */
void dp_link_unjoin(struct dp_link *link)
{
	mutex_lock(&dp_links_lock);
	link->sender = false;
	mutex_unlock(&dp_links_lock);
	dp_link_put(link);
}

/**
 * dp_link_close_rx - the receiver is gone
 * @link: the link; the reference stays with the caller
 *
 * The port is free again; a sender that waits for credit gives up.
 */
void dp_link_close_rx(struct dp_link *link)
{
	mutex_lock(&dp_links_lock);
	list_del(&link->node);
	mutex_unlock(&dp_links_lock);

	WRITE_ONCE(link->rx_gone, true);
	wake_up(&link->credit);
}

void dp_link_put(struct dp_link *link)
{
	if (refcount_dec_and_test(&link->ref))
		kfree(link);
}

/**
 * dp_link_credit - bytes that may be sent now
 * @link: the link; called by the sender's thread only
 *
 * Return: a number of bytes.
 */
u64 dp_link_credit(const struct dp_link *link)
{
	u64 underway = link->tx.bytes - atomic64_read(&link->consumed);

	return underway < link->window ? link->window - underway : 0;
}

/**
 * dp_link_return - give credit back
 * @link: the link
 * @bytes: bytes consumed, or lost
 *
 * The sender is woken only when half of the window is free: waking it for
 * every packet would make the two ends run in lock-step.
 */
void dp_link_return(struct dp_link *link, unsigned int bytes)
{
	u64 consumed = atomic64_add_return(bytes, &link->consumed);

	/* The add is a full barrier, as is the sender's on its way to sleep:
	 * either it sees the credit or it is seen here.  While it sleeps, its
	 * counter stands still.
	 */
	if (waitqueue_active(&link->credit) &&
	    READ_ONCE(link->tx.bytes) - consumed <= link->window / 2)
		wake_up(&link->credit);
}

/* Begin a step. */
void dp_clock_start(struct dp_clock *clock)
{
	clock->switches = current->nvcsw + current->nivcsw;
	clock->then = ktime_get_ns();
}

/* End a step, and begin the next one. */
void dp_clock_lap(struct dp_clock *clock, struct dp_stage *stage)
{
	struct dp_clock now;

	dp_clock_start(&now);
	if (now.switches == clock->switches) {
		stage->ns += now.then - clock->then;
		stage->n++;
	}
	*clock = now;
}

/**
 * dp_link_keys - derive the packet and header protection keys
 * @link: the link
 * @key: receives the packet key
 * @hp: receives the header protection key
 *
 * Return: 0 or -errno.
 */
int dp_link_keys(const struct dp_link *link, struct tquic_aead_key **key,
		 struct tquic_hp_key **hp)
{
	const struct tquic_aead_suite *suite = tquic_aead_suite(link->suite);
	struct tquic_aead_secret secret;
	u8 bytes[TQUIC_AEAD_SECRET_MAX];
	int err;

	if (!suite)
		return -EINVAL;
	memset(bytes, 0x5a, sizeof(bytes));
	err = tquic_aead_secret_init(&secret, DP_VERSION, link->suite, bytes,
				     suite->hash_len);
	if (err)
		return err;

	*key = tquic_aead_key_create(&secret);
	if (IS_ERR(*key)) {
		err = PTR_ERR(*key);
		goto out;
	}
	*hp = tquic_hp_key_create(&secret);
	if (IS_ERR(*hp)) {
		err = PTR_ERR(*hp);
		tquic_aead_key_put(*key);
	}
out:
	tquic_aead_secret_clear(&secret);
	return err;
}
