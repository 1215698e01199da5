/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A text in nft's language, from the user's words to carriers or back.
 *
 * What is not ours stays byte for byte, and lines stay lines, so a place in
 * the result has its place in the source.
 */
#ifndef NT_TEXT_H
#define NT_TEXT_H

#include "scope.h"
#include "token.h"
#include "words.h"

/**
 * struct nt_edit - a change
 * @start: offset in the source
 * @end: of what is replaced
 * @with: replacement
 */
struct nt_edit {
	size_t start;
	size_t end;
	char *with;
};

/**
 * struct nt_text - a text under way
 * @name: file, for messages; NULL for the command line
 * @src: source
 * @len: its bytes
 * @dir: from words to carriers or back
 * @scope: declarations, shared by the texts of a run
 * @tok: tokens of the source
 * @ntok: how many
 * @edit: changes, in order once nt_text_run() has returned
 * @nedit: how many
 * @error: what is wrong with the source, NULL for nothing
 * @error_start: where
 * @error_end: to where
 * @include: called for an include, or NULL
 * @out: result
 * @out_len: its bytes
 */
struct nt_text {
	const char *name;
	char *src;
	size_t len;
	enum nt_dir dir;
	struct nt_scope *scope;
	struct nt_tok *tok;
	size_t ntok;
	struct nt_edit *edit;
	size_t nedit;
	char *error;
	size_t error_start;
	size_t error_end;
	bool (*include)(struct nt_text *text, const char *path, size_t len);
	char *out;
	size_t out_len;
};

/* Takes over nothing: src is copied. */
void nt_text_init(struct nt_text *text, const char *name, const char *src,
		  size_t len, enum nt_dir dir, struct nt_scope *scope);
/* False if there is an error. */
bool nt_text_run(struct nt_text *text);
void nt_text_free(struct nt_text *text);
/* Where an offset of the result is in the source: the first, the last byte. */
size_t nt_text_origin(const struct nt_text *text, size_t off, bool last);

/* For values.c */
void nt_text_edit(struct nt_text *text, size_t start, size_t end, char *with);
void nt_text_fail(struct nt_text *text, size_t start, size_t end, char *what);
bool nt_text_is(const struct nt_text *text, size_t i, const char *word);
int nt_text_key(const struct nt_text *text, size_t i, size_t *n);

/* Parts of a concatenation from token i on; returns the token behind it. */
size_t nt_values_chain(struct nt_text *text, size_t i, struct nt_chain *chain);
/* How many parts stand before token i. */
int nt_values_before(const struct nt_text *text, size_t i);
/* What a key or concatenation is compared with, from token i on. */
void nt_values_rhs(struct nt_text *text, size_t i,
		   const struct nt_chain *chain);
/* Elements from the token behind "{" on; returns that of "}" */
size_t nt_values_elements(struct nt_text *text, size_t i,
			  const struct nt_chain *key,
			  const struct nt_chain *data);

#endif /* NT_TEXT_H */
