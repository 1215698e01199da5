// SPDX-License-Identifier: GPL-2.0
/*
 * Lifetime of a path's congestion controller.
 */
#include "cc.h"

/**
 * tquic_cc_new - make a controller for a path
 * @ops: algorithm; stays valid as long as the controller
 * @config: see struct tquic_cc_config
 * @now: present time
 * @gfp: allocation flags
 *
 * Return: the controller, or NULL without memory.
 */
struct tquic_cc *tquic_cc_new(const struct tquic_cc_ops *ops,
			      const struct tquic_cc_config *config,
			      tquic_time_t now, gfp_t gfp)
{
	struct tquic_cc *cc;

	cc = kzalloc(sizeof(*cc) + ops->priv_size, gfp);
	if (!cc)
		return NULL;
	cc->ops = ops;
	cc->mds = config->mds;
	cc->initial_rtt = config->initial_rtt;
	cc->srtt = config->initial_rtt;
	cc->min_rtt = config->initial_rtt;
	cc->rng = config->seed;
	cc->ssthresh = U64_MAX;
	cc->cwnd = tquic_cc_initial_window(config->mds);
	INIT_LIST_HEAD(&cc->group_node);
	if (ops->init(cc, now)) {
		kfree(cc);
		return NULL;
	}
	cc->group = config->group;
	if (cc->group)
		list_add_tail(&cc->group_node, &cc->group->members);
	return cc;
}

/**
 * tquic_cc_restart - the path leads elsewhere: forget what was learnt
 * @cc: controller; an algorithm that allocates keeps what it has learnt
 * @now: present time
 */
void tquic_cc_restart(struct tquic_cc *cc, tquic_time_t now)
{
	if (cc->ops->release)
		return;
	memset(cc->priv, 0, cc->ops->priv_size);
	cc->srtt = cc->initial_rtt;
	cc->min_rtt = cc->initial_rtt;
	cc->ssthresh = U64_MAX;
	cc->pacing_rate = 0;
	cc->quantum = 0;
	cc->cwnd = tquic_cc_initial_window(cc->mds);
	/* without memory to be had there is nothing that could fail */
	cc->ops->init(cc, now);
}

/**
 * tquic_cc_free - end a path's controller
 * @cc: controller, or NULL
 */
void tquic_cc_free(struct tquic_cc *cc)
{
	if (!cc)
		return;
	list_del(&cc->group_node);
	if (cc->ops->release)
		cc->ops->release(cc);
	kfree(cc);
}

/**
 * tquic_cc_rand - next draw of the controller's own generator
 * @cc: controller
 *
 * splitmix64 (Steele, Lea, Flood, OOPSLA 2014): good enough to spread probing
 * of different paths in time, which is all that algorithms use it for.
 *
 * Return: 64 random bits.
 */
u64 tquic_cc_rand(struct tquic_cc *cc)
{
	u64 z;

	cc->rng += 0x9e3779b97f4a7c15ULL;
	z = cc->rng;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}
