/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Congestion controls by name.  Modules called tquic_cong_NAME are loaded on
 * demand, as for tcp_congestion_ops.
 */
#ifndef _TQUIC_CC_REGISTRY_H
#define _TQUIC_CC_REGISTRY_H

#include <linux/device/driver.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/module.h>

#include "../core/cc.h"

/**
 * struct tquic_cc_module - an algorithm and the module that it lives in
 * @node: place in the list, RCU
 * @ops: the algorithm
 * @owner: its module, NULL for what comes with tquic.ko
 */
struct tquic_cc_module {
	struct list_head node;
	const struct tquic_cc_ops *ops;
	struct module *owner;
};

int tquic_cc_register(struct tquic_cc_module *m);
void tquic_cc_unregister(struct tquic_cc_module *m);
/* takes a reference of the module; may sleep; NULL when there is none */
const struct tquic_cc_ops *tquic_cc_find(const char *name);
void tquic_cc_get(const struct tquic_cc_ops *ops);
void tquic_cc_put(const struct tquic_cc_ops *ops);
int __init tquic_cc_init(void);
/* names, separated by blanks */
size_t tquic_cc_names(char *buf, size_t room);

/**
 * module_tquic_cc - all of a module that is nothing but an algorithm
 * @__ops: struct tquic_cc_ops
 */
#define module_tquic_cc(__ops)					\
static struct tquic_cc_module tquic_cc_this = {			\
	.ops = &(__ops),						\
	.owner = THIS_MODULE,						\
};									\
module_driver(tquic_cc_this, tquic_cc_register, tquic_cc_unregister)

#endif /* _TQUIC_CC_REGISTRY_H */
