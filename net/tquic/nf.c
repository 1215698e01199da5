// SPDX-License-Identifier: GPL-2.0
/*
 * Where the tunnel and tquic_nf.ko meet: neither needs the other to be there.
 * The tunnel leaves its answers here, and tquic_nf.ko finds them.
 */
#include <linux/export.h>
#include <linux/mutex.h>

#include "nf.h"

static DEFINE_MUTEX(tquic_nf_lock);	/* protects changes of tquic_nf_ops */

/* Read under RCU. */
const struct tquic_nf_ops __rcu *tquic_nf_ops;
EXPORT_SYMBOL_GPL(tquic_nf_ops);

/**
 * tquic_nf_register - answer what tquic_nf.ko asks
 * @ops: answers; stay until tquic_nf_unregister()
 *
 * May sleep.
 * Return: 0, -EINVAL when one is missing, -EBUSY when somebody else answers.
 */
int tquic_nf_register(const struct tquic_nf_ops *ops)
{
	int err = 0;

	if (!ops->find || !ops->up || !ops->listener || !ops->is_outer ||
	    !ops->flow || !ops->claim || !ops->ping || !ops->outer)
		return -EINVAL;
	mutex_lock(&tquic_nf_lock);
	if (rcu_access_pointer(tquic_nf_ops))
		err = -EBUSY;
	else
		rcu_assign_pointer(tquic_nf_ops, ops);
	mutex_unlock(&tquic_nf_lock);
	return err;
}
EXPORT_SYMBOL_GPL(tquic_nf_register);

/**
 * tquic_nf_unregister - answer no more
 * @ops: as registered; nobody is in one of its functions afterwards
 *
 * May sleep.
 */
void tquic_nf_unregister(const struct tquic_nf_ops *ops)
{
	mutex_lock(&tquic_nf_lock);
	if (rcu_access_pointer(tquic_nf_ops) == ops)
		RCU_INIT_POINTER(tquic_nf_ops, NULL);
	mutex_unlock(&tquic_nf_lock);
	synchronize_rcu();
}
EXPORT_SYMBOL_GPL(tquic_nf_unregister);
