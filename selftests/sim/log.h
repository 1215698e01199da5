/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The log of a run, a line per packet that enters or leaves a link and per
 * plan, and the digest of the same.
 */
#ifndef _SIM_LOG_H
#define _SIM_LOG_H

#include "common.h"

struct world;
struct end;
struct pkt;

enum log_what {
	LOG_ENTER,
	LOG_LEAVE,
	/* why a packet is lost */
	LOG_LOSS,
	LOG_FULL,
	LOG_MTU,
	LOG_DOWN,
	LOG_SILENT,
	LOG_NAT,
	LOG_POLICED,
	LOG_AQM,
	LOG_ECN,
};

/**
 * struct log - what a run leaves behind
 * @digest: hash of all records
 * @file: where lines go, NULL without
 */
struct log {
	u64 digest;
	FILE *file;
};

void log_line(struct world *w, enum log_what what, u32 link,
	      const struct pkt *p);
void log_plan(struct world *w, const struct end *end,
	      const struct tquic_plan *plan);
void log_note(struct world *w, const char *fmt, ...) __printf(2, 3);

static inline void log_mix(struct log *log, u64 record)
{
	log->digest = (log->digest ^ record) * 0x9e3779b97f4a7c15ULL;
	log->digest ^= log->digest >> 29;
}

#endif /* _SIM_LOG_H */
