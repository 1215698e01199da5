/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters of a namespace, shown in /proc/net/tquic/snmp.  A reason to drop a
 * packet is enum tquic_drop of the core, and has a counter of its own.  The
 * others are in mib_list.h.
 */
#ifndef _TQUIC_MIB_H
#define _TQUIC_MIB_H

#include <linux/percpu.h>
#include <linux/types.h>

#include "core/drop.h"

enum tquic_mib_item {
#define TQUIC_MIB_COUNTER(name, ...) TQUIC_MIB_##name,
#include "mib_list.h"
#undef TQUIC_MIB_COUNTER
	TQUIC_MIB_MAX
};

/**
 * struct tquic_mib - the counters, per CPU
 * @item: by enum tquic_mib_item
 * @drop: by enum tquic_drop
 */
struct tquic_mib {
	unsigned long item[TQUIC_MIB_MAX];
	unsigned long drop[TQUIC_DROP_MAX];
};

struct tquic_mib __percpu *tquic_mib_alloc(void);
void tquic_mib_free(struct tquic_mib __percpu *mib);
void tquic_mib_sum(struct tquic_mib __percpu *mib, struct tquic_mib *sum);

#define TQUIC_MIB_INC(tn, name) \
	this_cpu_inc((tn)->mib->item[TQUIC_MIB_##name])
#define TQUIC_MIB_ADD(tn, name, n) \
	this_cpu_add((tn)->mib->item[TQUIC_MIB_##name], n)
#define TQUIC_MIB_DROP(tn, reason) \
	this_cpu_inc((tn)->mib->drop[reason])

#endif /* _TQUIC_MIB_H */
