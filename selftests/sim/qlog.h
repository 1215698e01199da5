/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the sender of bulk sees, in the format of qlog.
 */
#ifndef _SIM_QLOG_H
#define _SIM_QLOG_H

#include "common.h"

struct end;
struct world;

/**
 * struct qlog - of a run
 * @file: where it goes, NULL without
 * @end: whose view it is
 * @next_at: when metrics are told again
 * @lost: by path, packets below were looked at for losses
 */
struct qlog {
	FILE *file;
	const struct end *end;
	u64 next_at;
	u64 lost[64];
};

void qlog_start(struct world *w, FILE *file);
void qlog_sent(struct end *end, u32 path_id, u64 pn, const u8 *payload,
	       u32 len, u32 size);
void qlog_received(struct end *end, const struct tquic_rx *rx, u32 size);
void qlog_metrics(struct end *end);

static inline bool qlog_wanted(const struct qlog *q, const struct end *end)
{
	return unlikely(q->file) && q->end == end;
}

#endif /* _SIM_QLOG_H */
