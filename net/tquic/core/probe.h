/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When to send a PING on a path from which nothing was heard.
 *
 * An idle path is asked from time to time whether it still works, ever more
 * rarely, until only a NAT's memory counts.  A path that was lost a moment ago
 * is asked often, since it most likely returns soon or never: each PING is less
 * than 80 bytes.
 */
#ifndef _TQUIC_CORE_PROBE_H
#define _TQUIC_CORE_PROBE_H

#include "core.h"

/* of a lost path: 8 PINGs until now, one every 100 ms to 200 ms ... */
#define TQUIC_PROBE_SHARE	8
#define TQUIC_PROBE_FAST	(100 * TQUIC_NS_PER_MS)
#define TQUIC_PROBE_QUICK	(200 * TQUIC_NS_PER_MS)
/* ... for as long, then up to one in a second ... */
#define TQUIC_PROBE_HOPE	(75 * TQUIC_NS_PER_SEC)
#define TQUIC_PROBE_SLOW	TQUIC_NS_PER_SEC
/* ... for as long, then as rarely as of an idle one */
#define TQUIC_PROBE_WAIT	(600 * TQUIC_NS_PER_SEC)
/* of a path that is to be kept although nobody said how */
#define TQUIC_PROBE_RARE	(25 * TQUIC_NS_PER_SEC)

/**
 * struct tquic_probe_config - how paths are probed
 * @first: ns after the last packet that an idle path is asked first
 * @keepalive: most ns that an idle path is left alone: what NATs remember; 0
 *	for never asking an idle path
 */
struct tquic_probe_config {
	u64 first;
	u64 keepalive;
};

/**
 * struct tquic_probe - probing of one path
 * @sent: when a PING was last sent, or wanted
 * @interval: ns that the path is to be idle before the next, 0 for the first
 * @lost_at: since when answers are missing, TQUIC_TIME_NEVER while they are not
 */
struct tquic_probe {
	tquic_time_t sent;
	u64 interval;
	tquic_time_t lost_at;
};

void tquic_probe_init(struct tquic_probe *probe, tquic_time_t now);
void tquic_probe_lose(struct tquic_probe *probe, tquic_time_t now);
void tquic_probe_find(struct tquic_probe *probe);
tquic_time_t tquic_probe_at(const struct tquic_probe *probe,
			    const struct tquic_probe_config *config,
			    tquic_time_t heard);
void tquic_probe_sent(struct tquic_probe *probe,
		      const struct tquic_probe_config *config,
		      tquic_time_t now);

static inline bool tquic_probe_is_lost(const struct tquic_probe *probe)
{
	return probe->lost_at != TQUIC_TIME_NEVER;
}

/* the path carried something else than PINGs */
static inline void tquic_probe_busy(struct tquic_probe *probe)
{
	probe->interval = 0;
}

#endif /* _TQUIC_CORE_PROBE_H */
