/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all files of the simulator share: units, ways to give up, draws.
 */
#ifndef _SIM_COMMON_H
#define _SIM_COMMON_H

#include <stdio.h>
#include <stdlib.h>

#include "core/conn.h"

#define US		TQUIC_NS_PER_US
#define MS		TQUIC_NS_PER_MS
#define SEC		TQUIC_NS_PER_SEC
#define NEVER		TQUIC_TIME_NEVER

/* chances are counted in parts per billion */
#define SURE		1000000000U

/* The directions of a leg are named by the end that sends: client, server. */
#define UP		0
#define DOWN		1

/* Somebody used the program wrongly, or a file has an error: status 2. */
void die(const char *fmt, ...) __printf(1, 2) __noreturn;

/* The simulation broke a law of nature, or the core its contract: status 3. */
void bug(const char *fmt, ...) __printf(1, 2) __noreturn;
/* printed by bug(): how to get there again */
extern char bug_context[256];

#define CHECK(cond)							\
	do {								\
		if (unlikely(!(cond)))					\
			bug("%s:%d: %s", __FILE__, __LINE__, #cond);	\
	} while (0)

void *xalloc(size_t size);
void *xgrow(void *p, size_t size);
/* zeroed, and there until the program ends */
void *keep(size_t size);
char *keep_text(const char *text);

/*
 * Draws are functions of what they are for, not of their order: the same packet
 * of the same link has the same fate whatever else happens.
 */
static inline u64 mix(u64 x)
{
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93ULL;
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93ULL;
	x ^= x >> 32;
	return x;
}

static inline u64 draw(u64 key, u64 index)
{
	return mix(key + index * 0x9e3779b97f4a7c15ULL);
}

/* uniform in [0, @below); @below less than 2^32 */
static inline u64 draw_below(u64 key, u64 index, u32 below)
{
	return (draw(key, index) >> 32) * below >> 32;
}

/* uniform in [@from, @to], for spans of time */
static inline u64 draw_span(u64 key, u64 index, u64 from, u64 to)
{
	return from + mul_u64_u64_shr(draw(key, index), to - from + 1, 64);
}

static inline bool draw_chance(u64 key, u64 index, u32 ppb)
{
	return ppb && draw_below(key, index, SURE) < ppb;
}

u64 hash_text(const char *text);

#endif /* _SIM_COMMON_H */
