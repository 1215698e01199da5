// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/tquic/snmp: counters in the format of /proc/net/snmp, a line of
 * names and a line of values under one prefix, so that what reads that file
 * reads this one:
 *
 *	PROC_NET_SNMP=/proc/net/tquic/snmp nstat -a
 */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <net/net_namespace.h>

#include "mib.h"
#include "net.h"
#include "proc.h"

/* the prefix of all names, which the format has once a line */
#define TQUIC_PROC_PREFIX	"Tquic"

static const char *const tquic_proc_items[] = {
#define TQUIC_MIB_COUNTER(name, text) text,
#include "mib_list.h"
#undef TQUIC_MIB_COUNTER
};

static const char *const tquic_proc_drops[] = {
	NULL,	/* TQUIC_DROP_NONE is not counted */
#define TQUIC_DROP_REASON(name, text) text,
#include "core/drop_list.h"
#undef TQUIC_DROP_REASON
};

static_assert(ARRAY_SIZE(tquic_proc_items) == TQUIC_MIB_MAX);
static_assert(ARRAY_SIZE(tquic_proc_drops) == TQUIC_DROP_MAX);

/* Two lines; readers have room for 4096 bytes each, so there are two pairs. */
static void tquic_proc_lines(struct seq_file *seq, const char *const *names,
			     const unsigned long *values, unsigned int first,
			     unsigned int n)
{
	unsigned int i;

	seq_puts(seq, TQUIC_PROC_PREFIX ":");
	for (i = first; i < n; i++)
		seq_printf(seq, " %s",
			   names[i] + sizeof(TQUIC_PROC_PREFIX) - 1);
	seq_puts(seq, "\n" TQUIC_PROC_PREFIX ":");
	for (i = first; i < n; i++)
		seq_printf(seq, " %lu", values[i]);
	seq_putc(seq, '\n');
}

static int tquic_proc_snmp(struct seq_file *seq, void *v)
{
	struct tquic_net *tn = tquic_net(seq_file_single_net(seq));
	struct tquic_mib sum;

	tquic_mib_sum(tn->mib, &sum);
	tquic_proc_lines(seq, tquic_proc_items, sum.item, 0, TQUIC_MIB_MAX);
	tquic_proc_lines(seq, tquic_proc_drops, sum.drop, TQUIC_DROP_NONE + 1,
			 TQUIC_DROP_MAX);
	return 0;
}

/**
 * tquic_proc_init - show a namespace
 * @tn: namespace
 *
 * Return: 0, or -ENOMEM.
 */
int tquic_proc_init(struct tquic_net *tn)
{
	struct proc_dir_entry *dir;

	dir = proc_net_mkdir(tn->net, "tquic", tn->net->proc_net);
	if (!dir)
		return -ENOMEM;
	if (proc_create_net_single("snmp", 0444, dir, tquic_proc_snmp, NULL))
		return 0;
	tquic_proc_exit(tn);
	return -ENOMEM;
}

/**
 * tquic_proc_exit - the namespace goes
 * @tn: namespace
 */
void tquic_proc_exit(struct tquic_net *tn)
{
	remove_proc_subtree("tquic", tn->net->proc_net);
}
