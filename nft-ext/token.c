// SPDX-License-Identifier: GPL-2.0
/*
 * Words, numbers, strings and signs, as nft's own scanner sees them, as far as
 * it matters here: comments and line continuations are blanks.
 */
#include <ctype.h>
#include <string.h>

#include "token.h"
#include "util.h"

static bool word_start(char c)
{
	return isalpha((unsigned char)c) || c == '_';
}

static bool word_char(char c)
{
	return isalnum((unsigned char)c) || strchr("_-./", c);
}

/* Length of an IPv6 or hardware address: two colons or more. */
static size_t address(const char *p, const char *end)
{
	const char *q = p;
	int colons = 0;

	while (q < end && (isxdigit((unsigned char)*q) || *q == ':' ||
			   *q == '.'))
		colons += *q++ == ':';
	if (colons < 2 || (q < end && word_start(*q)))
		return 0;
	/* "a::" is followed by a colon of a map only after a blank */
	return q - p;
}

static size_t number_len(const char *p, const char *end)
{
	const char *q = p;

	while (q < end && (isalnum((unsigned char)*q) || *q == '.'))
		q++;
	return q - p;
}

static size_t word_len(const char *p, const char *end)
{
	const char *q = p;

	while (q < end && *q && word_char(*q))
		q++;
	return q - p;
}

static size_t punct_len(const char *p, const char *end)
{
	static const char *const pairs[] = {
		"==", "!=", "<=", ">=", "<<", ">>", "&&", NULL
	};
	int i;

	for (i = 0; end - p > 1 && pairs[i]; i++)
		if (!memcmp(p, pairs[i], 2))
			return 2;
	return 1;
}

/* What means nothing: blanks, comments, a newline that is escaped. */
static size_t blank(const char *p, const char *end)
{
	const char *q = p;

	if (*p == ' ' || *p == '\t' || *p == '\r')
		return 1;
	if (*p == '\\') {
		for (q++; q < end && (*q == ' ' || *q == '\t' || *q == '\r');)
			q++;
		return q < end && *q == '\n' ? q + 1 - p : 0;
	}
	if (*p != '#')
		return 0;
	while (q < end && *q != '\n')
		q++;
	return q - p;
}

static size_t next(const char *p, const char *end, struct nt_tok *tok)
{
	const char *q;

	tok->len = address(p, end);
	if (tok->len) {
		tok->type = NT_NUM;
		return tok->len;
	}
	if (*p == '"') {
		q = memchr(p + 1, '"', end - p - 1);
		tok->type = NT_STRING;
		tok->off++;
		tok->len = q ? q - p - 1 : end - p - 1;
		return tok->len + 1 + !!q;
	}
	if (isdigit((unsigned char)*p)) {
		tok->type = NT_NUM;
		tok->len = number_len(p, end);
	} else if (word_start(*p) ||
		   (*p == '.' && end - p > 1 && word_start(p[1]))) {
		tok->type = NT_WORD;
		tok->len = word_len(p, end);
	} else {
		tok->type = *p == '\n' ? NT_EOL : NT_PUNCT;
		tok->len = punct_len(p, end);
	}
	return tok->len;
}

struct nt_tok *nt_tokenize(const char *text, size_t len, size_t *n)
{
	const char *end = text + len, *p = text;
	struct nt_tok *toks = NULL;
	size_t room = 0, skip;

	for (*n = 0;; (*n)++) {
		if (*n == room) {
			room = room ? 2 * room : 64;
			toks = nt_realloc(toks, room * sizeof(*toks));
		}
		while (p < end) {
			skip = blank(p, end);
			if (!skip)
				break;
			p += skip;
		}
		toks[*n] = (struct nt_tok){ NT_END, p - text, 0 };
		if (p == end)
			return toks;
		p += next(p, end, &toks[*n]);
	}
}
