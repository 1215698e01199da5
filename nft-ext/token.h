/* SPDX-License-Identifier: GPL-2.0 */
/* Words, numbers, strings and signs, as nft's own scanner sees them. */
#ifndef NT_TOKEN_H
#define NT_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

enum nt_tok_type {
	NT_WORD,
	NT_NUM,		/* begins with a digit, or is an address */
	NT_STRING,	/* quoted; offset and length without the quotes */
	NT_PUNCT,
	NT_EOL,
	NT_END,
};

/**
 * struct nt_tok - a token
 * @type: kind
 * @off: where it begins, from the text's start
 * @len: bytes
 */
struct nt_tok {
	enum nt_tok_type type;
	size_t off;
	size_t len;
};

/* Ends with one of NT_END; *n does not count it.  For free(). */
struct nt_tok *nt_tokenize(const char *text, size_t len, size_t *n);

#endif /* NT_TOKEN_H */
