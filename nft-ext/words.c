// SPDX-License-Identifier: GPL-2.0
/* The words of the syntax, and what carries them: see words.h. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "words.h"

static const char *const nt_states[] = {
	"new", "handshake", "established", "invalid", "untracked", NULL
};

static const char *const nt_roles[] = { "outer", "inner", NULL };

const char *const nt_classes[] = {
	"realtime", "interactive", "bulk", "background", NULL
};

const struct nt_key nt_keys[] = {
	{ "state", NULL, 32, nt_states },
	{ "role", NULL, 32, nt_roles },
	{ "tunnel", NULL, 8 * NT_NAME_MAX, NULL },
	{ "class", NULL, 32, nt_classes },
	{ "path", "id", 32, NULL },
	{ "path", "count", 32, NULL },
};

const int nt_nkeys = sizeof(nt_keys) / sizeof(nt_keys[0]);

char nt_nonce[48];

static bool same(const char *word, const char *text, size_t len)
{
	return strlen(word) == len && !memcmp(word, text, len);
}

const char *nt_key_name(int key, char *buf)
{
	const struct nt_key *k = &nt_keys[key];

	snprintf(buf, NT_VALUE_MAX, "%s%s%s", k->word, k->second ? " " : "",
		 k->second ? k->second : "");
	return buf;
}

int nt_key_find(const char *first, size_t first_len, const char *second,
		size_t second_len, int *words)
{
	int i;

	for (i = 0; i < nt_nkeys; i++) {
		const struct nt_key *k = &nt_keys[i];

		if (!same(k->word, first, first_len))
			continue;
		if (k->second &&
		    (!second || !same(k->second, second, second_len)))
			continue;
		*words = k->second ? 2 : 1;
		return i;
	}
	return -1;
}

bool nt_is_carrier_offset(uint64_t bits)
{
	return bits >= NT_CARRIER_BASE && bits < NT_CARRIER_BASE + 0x10000;
}

int nt_key_of_offset(uint64_t bits)
{
	uint64_t key = (bits - NT_CARRIER_BASE) / NT_CARRIER_STEP;

	if (!nt_is_carrier_offset(bits) || bits % NT_CARRIER_STEP ||
	    key >= (uint64_t)nt_nkeys)
		return -1;
	return key;
}

uint32_t nt_key_offset(int key)
{
	return NT_CARRIER_BASE + key * NT_CARRIER_STEP;
}

/* Any number that libnftables prints: hexadecimal or decimal, 128 bits. */
static bool number(const char *text, size_t len, unsigned __int128 *value)
{
	unsigned int base = 10, digit;
	size_t i = 0;

	if (len > 2 && text[0] == '0' && tolower((unsigned char)text[1]) == 'x') {
		base = 16;
		i = 2;
	}
	if (i == len)
		return false;
	for (*value = 0; i < len; i++) {
		unsigned char c = tolower((unsigned char)text[i]);

		digit = isdigit(c) ? c - '0' : c - 'a' + 10;
		if (!isalnum(c) || digit >= base ||
		    *value > (~(unsigned __int128)0 - digit) / base)
			return false;
		*value = *value * base + digit;
	}
	return true;
}

bool nt_name_valid(const char *text, size_t len)
{
	size_t i;

	if (!len || len >= NT_NAME_MAX)
		return false;
	for (i = 0; i < len; i++)
		if (!isgraph((unsigned char)text[i]) || text[i] == '"' ||
		    text[i] == '\\')
			return false;
	return true;
}

static void name_in(const char *text, size_t len, char *buf)
{
	size_t i;

	strcpy(buf, "0x");
	for (i = 0; i < NT_NAME_MAX; i++)
		sprintf(buf + 2 + 2 * i, "%02x",
			i < len ? (unsigned char)text[i] : 0);
}

static bool name_out(unsigned __int128 value, char *buf)
{
	char name[NT_NAME_MAX];
	size_t len;
	int i;

	for (i = NT_NAME_MAX; i-- > 0; value >>= 8)
		name[i] = (unsigned char)value;
	len = strnlen(name, sizeof(name));
	if (!nt_name_valid(name, len))
		return false;
	for (i = len; i < NT_NAME_MAX; i++)
		if (name[i])
			return false;
	snprintf(buf, NT_VALUE_MAX, "\"%s\"", name);
	return true;
}

bool nt_value_in(int key, const char *text, size_t len, bool quoted,
		 char *buf)
{
	const char *const *symbol = nt_keys[key].symbol;
	unsigned __int128 value;
	int i;

	if (!quoted && number(text, len, &value)) {
		if (nt_keys[key].bits < 128 && value >> nt_keys[key].bits)
			return false;
		snprintf(buf, NT_VALUE_MAX, "%.*s", (int)len, text);
		return true;
	}
	if (nt_keys[key].bits == 8 * NT_NAME_MAX) {
		if (!nt_name_valid(text, len))
			return false;
		name_in(text, len, buf);
		return true;
	}
	for (i = 0; symbol && symbol[i]; i++)
		if (same(symbol[i], text, len)) {
			snprintf(buf, NT_VALUE_MAX, "%d", i);
			return true;
		}
	return false;
}

bool nt_value_out(int key, const char *text, size_t len, char *buf)
{
	const char *const *symbol = nt_keys[key].symbol;
	unsigned __int128 value;
	int i;

	if (!number(text, len, &value))
		return false;
	if (nt_keys[key].bits == 8 * NT_NAME_MAX)
		return name_out(value, buf);
	for (i = 0; symbol && symbol[i]; i++)
		if (value == (unsigned int)i) {
			snprintf(buf, NT_VALUE_MAX, "%s", symbol[i]);
			return true;
		}
	if (value >> 32)
		return false;
	snprintf(buf, NT_VALUE_MAX, "%u", (unsigned int)value);
	return true;
}

int nt_class_find(const char *text, size_t len)
{
	char buf[NT_VALUE_MAX];
	int class;

	if (!nt_value_in(3, text, len, false, buf))
		return -1;
	class = strtol(buf, NULL, 0);
	return class >= 0 && class < 4 ? class : -1;
}

void nt_nonce_init(void)
{
	unsigned char random[16];
	size_t i;

	if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
		perror("nft-tquic: getrandom");
		exit(1);
	}
	strcpy(nt_nonce, "tquic-");
	for (i = 0; i < sizeof(random); i++)
		sprintf(nt_nonce + 6 + 2 * i, "%02x", random[i]);
}

void nt_stmt_prefix(const char *name, int class, char *buf)
{
	snprintf(buf, 128, "%s %d %s", nt_nonce, class, name);
}

bool nt_stmt_parse(const char *prefix, size_t len, char *name, int *class)
{
	size_t n = strlen(nt_nonce);
	char *end;

	if (len <= n || memcmp(prefix, nt_nonce, n) || prefix[n] != ' ')
		return false;
	*class = strtol(prefix + n + 1, &end, 10);
	if (*end != ' ')
		return false;
	end++;
	len -= end - prefix;
	if (len >= NT_NAME_MAX)
		return false;
	memcpy(name, end, len);
	name[len] = '\0';
	return true;
}
