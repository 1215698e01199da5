// SPDX-License-Identifier: GPL-2.0
/*
 * What connections of a namespace are made with when nobody says otherwise.  A
 * reference is kept of the module of either, so that a default cannot go.
 */
#include "net.h"
#include "registry.h"

/**
 * tquic_net_algo_init - the defaults of a new namespace
 * @tn: namespace
 *
 * Both live in tquic.ko and need no reference.
 */
void tquic_net_algo_init(struct tquic_net *tn)
{
	tn->sched_ops = tquic_sched_find("aggregate");
	tn->cc_ops = tquic_cc_find("cubic");
}

void tquic_net_algo_exit(struct tquic_net *tn)
{
	tquic_sched_put(tn->sched_ops);
	tquic_cc_put(tn->cc_ops);
}

/**
 * tquic_net_sched - the scheduler of connections that ask for none
 * @tn: namespace
 *
 * Context: process context.
 * Return: scheduler, with a reference for the caller.
 */
const struct tquic_sched_ops *tquic_net_sched(struct tquic_net *tn)
{
	const struct tquic_sched_ops *ops;

	spin_lock_bh(&tn->lock);
	ops = tn->sched_ops;
	tquic_sched_get(ops);
	spin_unlock_bh(&tn->lock);
	return ops;
}

/* as tquic_net_sched() */
const struct tquic_cc_ops *tquic_net_cc(struct tquic_net *tn)
{
	const struct tquic_cc_ops *ops;

	spin_lock_bh(&tn->lock);
	ops = tn->cc_ops;
	tquic_cc_get(ops);
	spin_unlock_bh(&tn->lock);
	return ops;
}

/**
 * tquic_net_set_sched - have another default
 * @tn: namespace
 * @name: scheduler, whose module is loaded on demand
 *
 * Context: process context, may sleep.
 * Return: 0, or -ENOENT.
 */
int tquic_net_set_sched(struct tquic_net *tn, const char *name)
{
	const struct tquic_sched_ops *ops = tquic_sched_find(name);

	if (!ops)
		return -ENOENT;
	spin_lock_bh(&tn->lock);
	swap(tn->sched_ops, ops);
	spin_unlock_bh(&tn->lock);
	tquic_sched_put(ops);
	return 0;
}

/* as tquic_net_set_sched() */
int tquic_net_set_cc(struct tquic_net *tn, const char *name)
{
	const struct tquic_cc_ops *ops = tquic_cc_find(name);

	if (!ops)
		return -ENOENT;
	spin_lock_bh(&tn->lock);
	swap(tn->cc_ops, ops);
	spin_unlock_bh(&tn->lock);
	tquic_cc_put(ops);
	return 0;
}

/**
 * tquic_net_sched_name - name of the default
 * @tn: namespace
 * @name: answer, TQUIC_SCHED_NAME_MAX bytes
 *
 * Context: process context.
 */
void tquic_net_sched_name(struct tquic_net *tn, char *name)
{
	spin_lock_bh(&tn->lock);
	memcpy(name, tn->sched_ops->name, TQUIC_SCHED_NAME_MAX);
	spin_unlock_bh(&tn->lock);
}

/* as tquic_net_sched_name(), TQUIC_CC_NAME_MAX bytes */
void tquic_net_cc_name(struct tquic_net *tn, char *name)
{
	spin_lock_bh(&tn->lock);
	memcpy(name, tn->cc_ops->name, TQUIC_CC_NAME_MAX);
	spin_unlock_bh(&tn->lock);
}
