// SPDX-License-Identifier: GPL-2.0
/* Congestion controls by name, as tcp_congestion_ops are. */
#include <linux/capability.h>
#include <linux/kmod.h>
#include <linux/rculist.h>
#include <linux/spinlock.h>

#include "algos.h"
#include "registry.h"

static DEFINE_SPINLOCK(tquic_cc_lock);
static LIST_HEAD(tquic_cc_list);

/* What is always there is nobody's to unload: it has no owner. */
static struct tquic_cc_module tquic_cc_builtin[] = {
	{ .ops = &tquic_cubic_ops },
	{ .ops = &tquic_poise_ops },
};

static struct tquic_cc_module *tquic_cc_lookup(const char *name)
{
	struct tquic_cc_module *m;

	list_for_each_entry_rcu(m, &tquic_cc_list, node,
				lockdep_is_held(&tquic_cc_lock))
		if (!strcmp(m->ops->name, name))
			return m;
	return NULL;
}

/**
 * tquic_cc_register - offer an algorithm
 * @m: algorithm and owner; stays until tquic_cc_unregister()
 *
 * Context: process context.
 * Return: 0; -EINVAL without a name; -EEXIST when the name is taken.
 */
int tquic_cc_register(struct tquic_cc_module *m)
{
	int err = 0;

	if (!m->ops->name[0])
		return -EINVAL;
	spin_lock(&tquic_cc_lock);
	if (tquic_cc_lookup(m->ops->name))
		err = -EEXIST;
	else
		list_add_tail_rcu(&m->node, &tquic_cc_list);
	spin_unlock(&tquic_cc_lock);
	return err;
}
EXPORT_SYMBOL_GPL(tquic_cc_register);

/**
 * tquic_cc_unregister - take an algorithm back
 * @m: as registered
 *
 * For the exit of the module that it lives in, which no connection keeps from
 * going then.
 *
 * Context: process context.
 */
void tquic_cc_unregister(struct tquic_cc_module *m)
{
	spin_lock(&tquic_cc_lock);
	list_del_rcu(&m->node);
	spin_unlock(&tquic_cc_lock);
	synchronize_rcu();
}
EXPORT_SYMBOL_GPL(tquic_cc_unregister);

static const struct tquic_cc_ops *tquic_cc_try(const char *name)
{
	const struct tquic_cc_ops *ops = NULL;
	struct tquic_cc_module *m;

	rcu_read_lock();
	m = tquic_cc_lookup(name);
	if (m && try_module_get(m->owner))
		ops = m->ops;
	rcu_read_unlock();
	return ops;
}

/**
 * tquic_cc_find - look an algorithm up, and load the module if need be
 * @name: name
 *
 * A name that an unprivileged program made up loads nothing: the rule of
 * tcp_set_congestion_control().
 *
 * Context: process context; may sleep.  Not with the lock of a session, which
 * may be what the module would come over.
 * Return: operations, with a reference of their module, which
 * tquic_cc_put() gives back; NULL when there are none of that name.
 */
const struct tquic_cc_ops *tquic_cc_find(const char *name)
{
	const struct tquic_cc_ops *ops = tquic_cc_try(name);

	if (ops || !*name || !capable(CAP_NET_ADMIN))
		return ops;
	request_module("tquic_cong_%s", name);
	return tquic_cc_try(name);
}

/**
 * tquic_cc_get - another reference
 * @ops: what tquic_cc_find() gave, or NULL
 *
 * Context: any.
 */
void tquic_cc_get(const struct tquic_cc_ops *ops)
{
	struct tquic_cc_module *m;

	if (!ops)
		return;
	rcu_read_lock();
	m = tquic_cc_lookup(ops->name);
	if (m)
		__module_get(m->owner);
	rcu_read_unlock();
}

/* Gives back what tquic_cc_find() gave; any context. */
void tquic_cc_put(const struct tquic_cc_ops *ops)
{
	struct tquic_cc_module *m;

	if (!ops)
		return;
	rcu_read_lock();
	m = tquic_cc_lookup(ops->name);
	if (m)
		module_put(m->owner);
	rcu_read_unlock();
}

/**
 * tquic_cc_names - what there is
 * @buf: filled with names, separated by blanks, terminated
 * @room: bytes at @buf
 *
 * Return: bytes used, without the terminator.
 */
size_t tquic_cc_names(char *buf, size_t room)
{
	struct tquic_cc_module *m;
	size_t len = 0;

	if (room)
		*buf = 0;
	rcu_read_lock();
	list_for_each_entry_rcu(m, &tquic_cc_list, node)
		len += scnprintf(buf + len, room - len, "%s%s",
				 len ? " " : "", m->ops->name);
	rcu_read_unlock();
	return len;
}

/* Those that come with the module. */
int __init tquic_cc_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(tquic_cc_builtin); i++) {
		err = tquic_cc_register(&tquic_cc_builtin[i]);
		if (err)
			return err;
	}
	return 0;
}
