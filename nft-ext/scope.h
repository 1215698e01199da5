/* SPDX-License-Identifier: GPL-2.0 */
/* What the text itself declares: variables, and the keys of sets. */
#ifndef NT_SCOPE_H
#define NT_SCOPE_H

#include <stdbool.h>
#include <stddef.h>

#define NT_CHAIN_MAX	16	/* parts of a concatenation */
#define NT_PLAIN	(-1)	/* a part that is no key of ours */

/**
 * struct nt_chain - parts of a concatenation
 * @n: how many
 * @key: each one's key, or NT_PLAIN
 */
struct nt_chain {
	int n;
	int key[NT_CHAIN_MAX];
};

/**
 * struct nt_set - a set or map
 * @next: list
 * @name: "family table set"
 * @key: of its elements
 * @data: what a map leads to
 */
struct nt_set {
	struct nt_set *next;
	char *name;
	struct nt_chain key;
	struct nt_chain data;
};

struct nt_var;

/**
 * struct nt_scope - what has been declared so far
 * @sets: sets
 * @vars: variables, the latest first
 * @depth: of braces
 * @ask: called for a set that is not in the text; NULL, or prints its
 *	declaration, for free()
 */
struct nt_scope {
	struct nt_set *sets;
	struct nt_var *vars;
	int depth;
	char *(*ask)(const char *family, const char *table, const char *set);
};

bool nt_chain_ours(const struct nt_chain *chain);
struct nt_set *nt_scope_set(struct nt_scope *scope, const char *name);
struct nt_set *nt_scope_find_set(struct nt_scope *scope, const char *name);
void nt_scope_define(struct nt_scope *scope, const char *name, size_t len,
		     const char *value, size_t value_len);
/* NULL if there is none */
const char *nt_scope_value(struct nt_scope *scope, const char *name,
			   size_t len);
void nt_scope_leave(struct nt_scope *scope);
void nt_scope_free(struct nt_scope *scope);

#endif /* NT_SCOPE_H */
