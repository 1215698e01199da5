// SPDX-License-Identifier: GPL-2.0
/*
 * Congestion control and schedulers by name; the first of each is the default.
 */
#include "world.h"

#include "cc/algos.h"
#include "sched/aggregate.h"
#include "sched/minrtt.h"

static const struct tquic_cc_ops *const ccs[] = {
	&tquic_poise_ops,
	&tquic_cubic_ops,
	&tquic_bbr_ops,
};

static const struct tquic_sched_ops *const scheds[] = {
	&tquic_aggregate_ops,
	&tquic_minrtt_ops,
};

u64 algo_collapses;
static const struct tquic_cc_ops *watched;

static void count_collapse(struct tquic_cc *cc, tquic_time_t now)
{
	algo_collapses++;
	watched->on_persistent(cc, now);
}

/* The same, but persistent congestion is counted. */
const struct tquic_cc_ops *algo_watch(const struct tquic_cc_ops *ops)
{
	static struct tquic_cc_ops copy;

	watched = ops;
	copy = *ops;
	copy.on_persistent = count_collapse;
	return &copy;
}

const struct tquic_cc_ops *algo_cc(const char *name)
{
	size_t i;

	if (!strcmp(name, "default"))
		return ccs[0];
	for (i = 0; i < ARRAY_SIZE(ccs); i++)
		if (!strcmp(ccs[i]->name, name))
			return ccs[i];
	die("there is no congestion control '%s'", name);
}

const struct tquic_sched_ops *algo_sched(const char *name)
{
	size_t i;

	if (!strcmp(name, "default"))
		return scheds[0];
	for (i = 0; i < ARRAY_SIZE(scheds); i++)
		if (!strcmp(scheds[i]->name, name))
			return scheds[i];
	die("there is no scheduler '%s'", name);
}
