/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Words of a scenario file: numbers with units, keys with values, complaints
 * that name file and line.
 */
#ifndef _SIM_WORDS_H
#define _SIM_WORDS_H

#include "common.h"

#define WORDS_MAX	128

/**
 * struct words - a statement
 * @file: where it was read
 * @line: likewise
 * @word: its words
 * @count: how many
 */
struct words {
	const char *file;
	int line;
	char *word[WORDS_MAX];
	int count;
};

enum unit {
	UNIT_TIME,	/* ns */
	UNIT_SPAN,	/* ns, may be negative */
	UNIT_RATE,	/* bits per second */
	UNIT_SIZE,	/* bytes */
	UNIT_SHARE,	/* ppb */
	UNIT_COUNT,	/* a number alone */
};

void complain(const struct words *at, const char *fmt, ...)
	__printf(2, 3) __noreturn;
u64 number(const struct words *at, const char *text, enum unit unit);
bool is_quantity(const char *text, double *value);
bool size_is(const char *text, u64 bytes);
const char *value_of(const char *word, const char *key);
int pick(const struct words *at, const char *text, const char *const *names,
	 const char *what);
/* @text up to @mark into @part; the rest, or NULL when there is none */
const char *cut(const char *text, char mark, char *part, size_t room);
void copy_name(const struct words *at, char *to, size_t room,
	       const char *text);

/**
 * struct key - a KEY=VALUE that goes into a u64 or u32 field
 * @name: key
 * @unit: of its value
 * @off: where it goes in the structure
 * @small: it is a u32
 */
struct key {
	const char *name;
	enum unit unit;
	size_t off;
	bool small;
};

bool take_key(const struct words *at, const char *word,
	      const struct key *keys, unsigned int count, void *to);

#endif /* _SIM_WORDS_H */
