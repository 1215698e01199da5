// SPDX-License-Identifier: GPL-2.0
/* What the text itself declares: see scope.h. */
#include <stdlib.h>
#include <string.h>

#include "scope.h"
#include "util.h"

/**
 * struct nt_var - a variable
 * @next: list
 * @name: without "$"
 * @value: text
 * @depth: of braces where it was defined; it ends with them
 */
struct nt_var {
	struct nt_var *next;
	char *name;
	char *value;
	int depth;
};

bool nt_chain_ours(const struct nt_chain *chain)
{
	int i;

	for (i = 0; i < chain->n; i++)
		if (chain->key[i] != NT_PLAIN)
			return true;
	return false;
}

struct nt_set *nt_scope_find_set(struct nt_scope *scope, const char *name)
{
	struct nt_set *set;

	for (set = scope->sets; set; set = set->next)
		if (!strcmp(set->name, name))
			return set;
	return NULL;
}

/* A declaration; what is known of an older one does not hold any more. */
struct nt_set *nt_scope_set(struct nt_scope *scope, const char *name)
{
	struct nt_set *set = nt_scope_find_set(scope, name);

	if (!set) {
		set = nt_realloc(NULL, sizeof(*set));
		set->name = nt_strndup(name, strlen(name));
		set->next = scope->sets;
		scope->sets = set;
	}
	set->key.n = 0;
	set->data.n = 0;
	return set;
}

void nt_scope_define(struct nt_scope *scope, const char *name, size_t len,
		     const char *value, size_t value_len)
{
	struct nt_var *var = nt_realloc(NULL, sizeof(*var));

	var->name = nt_strndup(name, len);
	var->value = nt_strndup(value, value_len);
	var->depth = scope->depth;
	var->next = scope->vars;
	scope->vars = var;
}

const char *nt_scope_value(struct nt_scope *scope, const char *name, size_t len)
{
	struct nt_var *var;

	for (var = scope->vars; var; var = var->next)
		if (strlen(var->name) == len && !memcmp(var->name, name, len))
			return var->value;
	return NULL;
}

static void drop_vars(struct nt_scope *scope, int depth)
{
	struct nt_var *var;

	while (scope->vars && scope->vars->depth > depth) {
		var = scope->vars;
		scope->vars = var->next;
		free(var->name);
		free(var->value);
		free(var);
	}
}

/* A closing brace. */
void nt_scope_leave(struct nt_scope *scope)
{
	if (scope->depth > 0)
		scope->depth--;
	drop_vars(scope, scope->depth);
}

void nt_scope_free(struct nt_scope *scope)
{
	struct nt_set *set;

	drop_vars(scope, -1);
	while (scope->sets) {
		set = scope->sets;
		scope->sets = set->next;
		free(set->name);
		free(set);
	}
}
