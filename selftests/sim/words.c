// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <stdarg.h>

#include "words.h"

struct unit_name {
	const char *name;
	u64 factor;
};

static const struct unit_name times[] = {
	{ "us", US }, { "ms", MS }, { "s", SEC }, {}
};

static const struct unit_name rates[] = {
	{ "k", 1000 }, { "m", 1000000 }, { "g", 1000000000 }, {}
};

static const struct unit_name sizes[] = {
	{ "b", 1 }, { "kB", 1000 }, { "MB", 1000000 }, { "GB", 1000000000 },
	{ "KiB", 1 << 10 }, { "MiB", 1 << 20 }, {}
};

static const struct unit_name shares[] = {
	{ "%", SURE / 100 }, {}
};

static const struct unit_name counts[] = {
	{ "", 1 }, {}
};

static const struct unit_name *const units[] = {
	[UNIT_TIME] = times, [UNIT_SPAN] = times, [UNIT_RATE] = rates,
	[UNIT_SIZE] = sizes, [UNIT_SHARE] = shares, [UNIT_COUNT] = counts,
};

static const char *const unit_text[] = {
	[UNIT_TIME] = "a time (us ms s)", [UNIT_SPAN] = "a time (us ms s)",
	[UNIT_RATE] = "a rate (k m g)", [UNIT_SHARE] = "a share (%)",
	[UNIT_SIZE] = "a size (b kB MB KiB MiB)", [UNIT_COUNT] = "a number",
};

void complain(const struct words *at, const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "%s:%d: ", at->file, at->line);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(2);
}

/* Digits with at most one point among them, times @factor; false if not. */
static bool decimal(const char *text, size_t len, u64 factor, u64 *value)
{
	u64 whole = 0, part = 0, scale = 1;
	bool point = false;
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] == '.' && !point && i) {
			point = true;
			continue;
		}
		if (!isdigit((u8)text[i]) || whole > 1000000000000ULL)
			return false;
		if (!point) {
			whole = whole * 10 + text[i] - '0';
		} else if (scale < 1000000000) {
			part = part * 10 + text[i] - '0';
			scale *= 10;
		}
	}
	*value = whole * factor + part * factor / scale;
	return len;
}

static bool with_unit(const char *text, const struct unit_name *unit,
		      u64 *value)
{
	size_t len = strspn(text, "0123456789.");

	for (; unit->name; unit++)
		if (!strcmp(text + len, unit->name))
			return decimal(text, len, unit->factor, value);
	return false;
}

u64 number(const struct words *at, const char *text, enum unit unit)
{
	bool minus = unit == UNIT_SPAN && *text == '-';
	u64 value;

	if (!with_unit(text + minus, units[unit], &value))
		complain(at, "'%s' is not %s", text, unit_text[unit]);
	return minus ? -value : value;
}

/* Does the text, with a unit, say this number of bytes? */
bool size_is(const char *text, u64 bytes)
{
	u64 value;

	return with_unit(text, sizes, &value) && value == bytes;
}

/* Is it a value, and which: seconds, bits per second, bytes, a share. */
bool is_quantity(const char *text, double *value)
{
	u64 whole;
	char *end;

	if (with_unit(text, times, &whole) || with_unit(text, shares, &whole)) {
		*value = whole / 1e9;
		return true;
	}
	if (with_unit(text, rates, &whole) || with_unit(text, sizes, &whole)) {
		*value = whole;
		return true;
	}
	if (*text != '-' && !isdigit((u8)*text))
		return false;
	*value = strtod(text, &end);
	return !*end;
}

/* What stands behind "KEY=", NULL when the word is not that. */
const char *value_of(const char *word, const char *key)
{
	size_t len = strlen(key);

	return strncmp(word, key, len) || word[len] != '=' ? NULL :
	       word + len + 1;
}

/* Which of @names it is. */
int pick(const struct words *at, const char *text, const char *const *names,
	 const char *what)
{
	int i;

	for (i = 0; names[i]; i++)
		if (!strcmp(text, names[i]))
			return i;
	complain(at, "'%s' is no %s", text, what);
}

const char *cut(const char *text, char mark, char *part, size_t room)
{
	const char *end = strchr(text, mark);
	size_t len = end ? (size_t)(end - text) : strlen(text);

	len = min(len, room - 1);
	memcpy(part, text, len);
	part[len] = 0;
	return end ? end + 1 : NULL;
}

void copy_name(const struct words *at, char *to, size_t room,
	       const char *text)
{
	if (!*text || strlen(text) >= room)
		complain(at, "'%s' is no name of 1 to %zu characters", text,
			 room - 1);
	strscpy(to, text, room);
}

/* Takes the word if it is one of @keys. */
bool take_key(const struct words *at, const char *word,
	      const struct key *keys, unsigned int count, void *to)
{
	const char *text;
	unsigned int i;
	u64 value;

	for (i = 0; i < count; i++) {
		text = value_of(word, keys[i].name);
		if (!text)
			continue;
		value = number(at, text, keys[i].unit);
		if (keys[i].small && value > U32_MAX)
			complain(at, "'%s' is too large", word);
		if (keys[i].small)
			*(u32 *)(to + keys[i].off) = value;
		else
			*(u64 *)(to + keys[i].off) = value;
		return true;
	}
	return false;
}
