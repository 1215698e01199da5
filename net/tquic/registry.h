/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Congestion controls and schedulers by name.  Modules called tquic_cong_NAME
 * and tquic_sched_NAME are loaded on demand, as for tcp_congestion_ops.
 */
#ifndef _TQUIC_REGISTRY_H
#define _TQUIC_REGISTRY_H

#include <linux/device/driver.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/module.h>

#include "core/cc.h"
#include "core/sched.h"

/* as in the names of modules, see above */
enum tquic_registry_kind {
	TQUIC_REGISTRY_CONG,
	TQUIC_REGISTRY_SCHED,
};

/**
 * struct tquic_registry_entry - an algorithm and the module that it lives in
 * @node: place in the list, RCU
 * @kind: what it is
 * @name: what it is asked for by, unique for a kind
 * @ops: struct tquic_cc_ops or struct tquic_sched_ops
 * @owner: its module, NULL for what comes with tquic.ko: nobody can unload that
 */
struct tquic_registry_entry {
	struct list_head node;
	enum tquic_registry_kind kind;
	const char *name;
	const void *ops;
	struct module *owner;
};

int tquic_registry_add(struct tquic_registry_entry *entry);
void tquic_registry_remove(struct tquic_registry_entry *entry);
const void *tquic_registry_find(enum tquic_registry_kind kind,
				const char *name);
void tquic_registry_get(const void *ops);
void tquic_registry_put(const void *ops);
size_t tquic_registry_names(enum tquic_registry_kind kind, char *buf,
			    size_t room);
int __init tquic_registry_init(void);

/* see tquic_registry_find() */
static inline const struct tquic_cc_ops *tquic_cc_find(const char *name)
{
	return tquic_registry_find(TQUIC_REGISTRY_CONG, name);
}

static inline void tquic_cc_get(const struct tquic_cc_ops *ops)
{
	tquic_registry_get(ops);
}

static inline void tquic_cc_put(const struct tquic_cc_ops *ops)
{
	tquic_registry_put(ops);
}

static inline size_t tquic_cc_names(char *buf, size_t room)
{
	return tquic_registry_names(TQUIC_REGISTRY_CONG, buf, room);
}

static inline const struct tquic_sched_ops *tquic_sched_find(const char *name)
{
	return tquic_registry_find(TQUIC_REGISTRY_SCHED, name);
}

static inline void tquic_sched_get(const struct tquic_sched_ops *ops)
{
	tquic_registry_get(ops);
}

static inline void tquic_sched_put(const struct tquic_sched_ops *ops)
{
	tquic_registry_put(ops);
}

static inline size_t tquic_sched_names(char *buf, size_t room)
{
	return tquic_registry_names(TQUIC_REGISTRY_SCHED, buf, room);
}

#define TQUIC_REGISTRY_ENTRY(__kind, __ops, __owner)			\
{									\
	.kind = (__kind),						\
	.name = (__ops).name,						\
	.ops = &(__ops),						\
	.owner = (__owner),						\
}

#define tquic_registry_module(__kind, __ops)				\
static struct tquic_registry_entry tquic_registry_this =		\
	TQUIC_REGISTRY_ENTRY(__kind, __ops, THIS_MODULE);		\
module_driver(tquic_registry_this, tquic_registry_add,			\
	      tquic_registry_remove)

/**
 * module_tquic_cc - all of a module that is nothing but a congestion control
 * @__ops: struct tquic_cc_ops
 */
#define module_tquic_cc(__ops)						\
	tquic_registry_module(TQUIC_REGISTRY_CONG, __ops)

/**
 * module_tquic_sched - all of a module that is nothing but a scheduler
 * @__ops: struct tquic_sched_ops
 */
#define module_tquic_sched(__ops)					\
	tquic_registry_module(TQUIC_REGISTRY_SCHED, __ops)

#endif /* _TQUIC_REGISTRY_H */
