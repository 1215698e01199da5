// SPDX-License-Identifier: GPL-2.0
/* Counters of both namespaces, and whether those named have moved. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "net.h"
#include "test.h"

static const char * const st_names[] = {
#define TQUIC_MIB_COUNTER(item, name) \
	[TQUIC_MIB_##item] = name,
#include "mib_list.h"
#undef TQUIC_MIB_COUNTER
};

static unsigned long st_before[TQUIC_MIB_MAX];

static unsigned long st_count(struct net *net, unsigned int item)
{
	struct tquic_mib __percpu *mib = tquic_net(net)->mib;
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu_ptr(mib, cpu)->item[item];
	return sum;
}

static unsigned long st_count_both(struct net *net, struct net *server_net,
				   unsigned int item)
{
	return st_count(net, item) +
	       (net == server_net ? 0 : st_count(server_net, item));
}

void st_count_start(struct net *net, struct net *server_net)
{
	unsigned int i;

	for (i = 0; i < TQUIC_MIB_MAX; i++)
		st_before[i] = st_count_both(net, server_net, i);
}

static int st_count_one(struct net *net, struct net *server_net,
			const char *name, size_t len)
{
	unsigned long moved;
	unsigned int i;

	for (i = 0; i < TQUIC_MIB_MAX; i++)
		if (strlen(st_names[i]) == len &&
		    !strncmp(st_names[i], name, len))
			break;
	if (i == TQUIC_MIB_MAX) {
		pr_err("no counter is called %.*s\n", (int)len, name);
		return -EINVAL;
	}
	moved = st_count_both(net, server_net, i) - st_before[i];
	pr_info("%s %lu\n", st_names[i], moved);
	return moved ? 0 : -ENODATA;
}

int st_count_judge(struct net *net, struct net *server_net,
		   const char *counts)
{
	int err = 0;
	size_t len;

	for (; *counts; counts += len + (counts[len] == ',')) {
		len = strcspn(counts, ",");
		err = st_count_one(net, server_net, counts, len) ?: err;
	}
	return err;
}
