/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packet schedulers by name.  Modules called tquic_sched_NAME are loaded on
 * demand, as for tcp_congestion_ops.
 */
#ifndef _TQUIC_SCHED_REGISTRY_H
#define _TQUIC_SCHED_REGISTRY_H

#include <linux/device/driver.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/module.h>

#include "../core/sched.h"

/**
 * struct tquic_sched_module - a scheduler and the module that it lives in
 * @node: place in the list, RCU
 * @ops: the scheduler
 * @owner: its module, NULL for what comes with tquic.ko
 */
struct tquic_sched_module {
	struct list_head node;
	const struct tquic_sched_ops *ops;
	struct module *owner;
};

int tquic_sched_register(struct tquic_sched_module *m);
void tquic_sched_unregister(struct tquic_sched_module *m);
/* takes a reference of the module; may sleep; NULL when there is none */
const struct tquic_sched_ops *tquic_sched_find(const char *name);
void tquic_sched_get(const struct tquic_sched_ops *ops);
void tquic_sched_put(const struct tquic_sched_ops *ops);
int __init tquic_sched_init(void);
/* names, separated by blanks */
size_t tquic_sched_names(char *buf, size_t room);

/**
 * module_tquic_sched - all of a module that is nothing but a scheduler
 * @__ops: struct tquic_sched_ops
 */
#define module_tquic_sched(__ops)					\
static struct tquic_sched_module tquic_sched_this = {			\
	.ops = &(__ops),						\
	.owner = THIS_MODULE,						\
};									\
module_driver(tquic_sched_this, tquic_sched_register, tquic_sched_unregister)

#endif /* _TQUIC_SCHED_REGISTRY_H */
