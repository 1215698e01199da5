// SPDX-License-Identifier: GPL-2.0
/*
 * When to send a PING on a path from which nothing was heard.
 */
#include "probe.h"

/**
 * tquic_probe_init - begin a path
 * @probe: its probing
 * @now: present time
 */
void tquic_probe_init(struct tquic_probe *probe, tquic_time_t now)
{
	*probe = (struct tquic_probe){
		.sent = now,
		.lost_at = TQUIC_TIME_NEVER,
	};
}

/**
 * tquic_probe_lose - an answer is overdue
 * @probe: probing of the path
 * @now: present time
 */
void tquic_probe_lose(struct tquic_probe *probe, tquic_time_t now)
{
	if (tquic_probe_is_lost(probe))
		return;
	probe->lost_at = now;
	probe->sent = now;
}

/**
 * tquic_probe_find - the path answers
 * @probe: its probing
 */
void tquic_probe_find(struct tquic_probe *probe)
{
	probe->lost_at = TQUIC_TIME_NEVER;
	probe->interval = 0;
}

static u64 tquic_probe_patience(const struct tquic_probe *probe,
				const struct tquic_probe_config *config)
{
	u64 passed = probe->sent - probe->lost_at;

	if (passed < TQUIC_PROBE_HOPE)
		return clamp(passed / TQUIC_PROBE_SHARE, TQUIC_PROBE_FAST,
			     TQUIC_PROBE_QUICK);
	if (passed < TQUIC_PROBE_WAIT)
		return TQUIC_PROBE_SLOW;
	return config->keepalive ?: TQUIC_PROBE_RARE;
}

/**
 * tquic_probe_at - when to ask the path
 * @probe: its probing
 * @config: how
 * @heard: when a packet last went out or came in, whichever was longer ago
 *
 * Return: TQUIC_TIME_NEVER for not at all.
 */
tquic_time_t tquic_probe_at(const struct tquic_probe *probe,
			    const struct tquic_probe_config *config,
			    tquic_time_t heard)
{
	u64 interval = probe->interval ?: config->first;

	if (tquic_probe_is_lost(probe))
		return probe->sent + tquic_probe_patience(probe, config);
	if (!config->keepalive)
		return TQUIC_TIME_NEVER;
	return max(probe->sent, heard) + min(interval, config->keepalive);
}

/**
 * tquic_probe_sent - the path is asked
 * @probe: its probing
 * @config: how
 * @now: present time
 */
void tquic_probe_sent(struct tquic_probe *probe,
		      const struct tquic_probe_config *config,
		      tquic_time_t now)
{
	u64 interval = probe->interval ?: config->first;

	probe->sent = now;
	if (!tquic_probe_is_lost(probe))
		probe->interval = min(2 * interval, config->keepalive);
}
