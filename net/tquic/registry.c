// SPDX-License-Identifier: GPL-2.0
/* Algorithms by name, as tcp_congestion_ops are. */
#include <linux/capability.h>
#include <linux/kmod.h>
#include <linux/rculist.h>
#include <linux/spinlock.h>

#include "cc/algos.h"
#include "registry.h"
#include "sched/aggregate.h"

static DEFINE_SPINLOCK(tquic_registry_lock);	/* protects the list */
static LIST_HEAD(tquic_registry_list);

static struct tquic_registry_entry tquic_registry_builtin[] = {
	TQUIC_REGISTRY_ENTRY(TQUIC_REGISTRY_CONG, tquic_cubic_ops, NULL),
	TQUIC_REGISTRY_ENTRY(TQUIC_REGISTRY_CONG, tquic_poise_ops, NULL),
	TQUIC_REGISTRY_ENTRY(TQUIC_REGISTRY_SCHED, tquic_aggregate_ops, NULL),
};

static struct tquic_registry_entry *
tquic_registry_lookup(enum tquic_registry_kind kind, const char *name)
{
	struct tquic_registry_entry *entry;

	list_for_each_entry_rcu(entry, &tquic_registry_list, node,
				lockdep_is_held(&tquic_registry_lock))
		if (entry->kind == kind && !strcmp(entry->name, name))
			return entry;
	return NULL;
}

/* What has no owner needs no reference. */
static struct module *tquic_registry_owner(const void *ops)
{
	struct tquic_registry_entry *entry;

	list_for_each_entry_rcu(entry, &tquic_registry_list, node)
		if (entry->ops == ops)
			return entry->owner;
	return NULL;
}

/**
 * tquic_registry_add - offer an algorithm
 * @entry: what is offered; stays until tquic_registry_remove()
 *
 * Context: process context.
 * Return: 0; -EINVAL without a name; -EEXIST when the name is taken.
 */
int tquic_registry_add(struct tquic_registry_entry *entry)
{
	int err = 0;

	if (!*entry->name)
		return -EINVAL;
	spin_lock(&tquic_registry_lock);
	if (tquic_registry_lookup(entry->kind, entry->name))
		err = -EEXIST;
	else
		list_add_tail_rcu(&entry->node, &tquic_registry_list);
	spin_unlock(&tquic_registry_lock);
	return err;
}
EXPORT_SYMBOL_GPL(tquic_registry_add);

/**
 * tquic_registry_remove - take an algorithm back
 * @entry: as added
 *
 * For the exit of the module that it lives in, which no connection keeps from
 * going then.
 *
 * Context: process context.
 */
void tquic_registry_remove(struct tquic_registry_entry *entry)
{
	spin_lock(&tquic_registry_lock);
	list_del_rcu(&entry->node);
	spin_unlock(&tquic_registry_lock);
	synchronize_rcu();
}
EXPORT_SYMBOL_GPL(tquic_registry_remove);

static const void *tquic_registry_try(enum tquic_registry_kind kind,
				      const char *name)
{
	struct tquic_registry_entry *entry;
	const void *ops = NULL;

	rcu_read_lock();
	entry = tquic_registry_lookup(kind, name);
	if (entry && try_module_get(entry->owner))
		ops = entry->ops;
	rcu_read_unlock();
	return ops;
}

/**
 * tquic_registry_find - look an algorithm up, and load the module if need be
 * @kind: what it is
 * @name: name
 *
 * A name that an unprivileged program made up loads nothing: the rule of
 * tcp_set_congestion_control().
 *
 * Context: process context; may sleep.  Not with the lock of a session, which
 * may be what the module would come over.
 * Return: operations, with a reference of their module, which
 * tquic_registry_put() gives back; NULL when there are none of that name.
 */
const void *tquic_registry_find(enum tquic_registry_kind kind,
				const char *name)
{
	const void *ops = tquic_registry_try(kind, name);

	if (ops || !*name || !capable(CAP_NET_ADMIN))
		return ops;
	request_module("tquic_%s_%s", kind == TQUIC_REGISTRY_CONG ? "cong" :
		       "sched", name);
	return tquic_registry_try(kind, name);
}

/**
 * tquic_registry_get - another reference
 * @ops: what tquic_registry_find() gave, or NULL
 *
 * Context: any.
 */
void tquic_registry_get(const void *ops)
{
	rcu_read_lock();
	__module_get(tquic_registry_owner(ops));
	rcu_read_unlock();
}

/**
 * tquic_registry_put - give a reference back
 * @ops: what tquic_registry_find() gave, or NULL
 *
 * Context: any.
 */
void tquic_registry_put(const void *ops)
{
	rcu_read_lock();
	module_put(tquic_registry_owner(ops));
	rcu_read_unlock();
}

/**
 * tquic_registry_names - what there is
 * @kind: of this kind
 * @buf: filled with names, separated by blanks, terminated
 * @room: bytes at @buf
 *
 * Return: bytes used, without the terminator.
 */
size_t tquic_registry_names(enum tquic_registry_kind kind, char *buf,
			    size_t room)
{
	struct tquic_registry_entry *entry;
	size_t len = 0;

	if (room)
		*buf = 0;
	rcu_read_lock();
	list_for_each_entry_rcu(entry, &tquic_registry_list, node)
		if (entry->kind == kind)
			len += scnprintf(buf + len, room - len, "%s%s",
					 len ? " " : "", entry->name);
	rcu_read_unlock();
	return len;
}

/* Those that come with the module. */
int __init tquic_registry_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(tquic_registry_builtin); i++) {
		err = tquic_registry_add(&tquic_registry_builtin[i]);
		if (err)
			return err;
	}
	return 0;
}
