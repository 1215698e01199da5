// SPDX-License-Identifier: GPL-2.0
/* A text in nft's language, from the user's words to carriers or back. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "util.h"

/* What a pair of braces belongs to. */
enum block {
	BLOCK_TOP,
	BLOCK_TABLE,
	BLOCK_CHAIN,
	BLOCK_SET,
	BLOCK_OTHER,
};

#define DEPTH_MAX	64
#define NAME_MAX_LEN	600

/**
 * struct walk - on the way through a text
 * @block: of each brace that is open
 * @depth: how many are open
 * @opens: what the next brace begins
 * @table: "family table"
 * @set: set that is declared, or NULL
 */
struct walk {
	enum block block[DEPTH_MAX];
	int depth;
	enum block opens;
	char table[NAME_MAX_LEN];
	struct nt_set *set;
};

static const char *const families[] = {
	"ip", "ip6", "inet", "arp", "bridge", "netdev", NULL
};

static const char *const verbs[] = {
	"add", "create", "insert", "replace", "delete", "destroy", "get",
	"list", "flush", "reset", "rename", NULL
};

static const char *const objects[] = {
	"table", "chain", "rule", "set", "map", "element", "flowtable",
	"counter", "quota", "limit", "secmark", "synproxy", "tables", "chains",
	"rules", "sets", "maps", "ruleset", "meter", "meters", "counters",
	"quotas", "limits", "flowtables", "ct", NULL
};

void nt_text_init(struct nt_text *text, const char *name, const char *src,
		  size_t len, enum nt_dir dir, struct nt_scope *scope)
{
	*text = (struct nt_text){ .name = name, .len = len, .dir = dir,
				  .scope = scope };
	text->src = nt_strndup(src, len);
}

void nt_text_free(struct nt_text *text)
{
	size_t i;

	for (i = 0; i < text->nedit; i++)
		free(text->edit[i].with);
	free(text->edit);
	free(text->tok);
	free(text->src);
	free(text->error);
	free(text->out);
}

void nt_text_edit(struct nt_text *text, size_t start, size_t end, char *with)
{
	if (!(text->nedit & (text->nedit + 1)) || !text->edit)
		text->edit = nt_realloc(text->edit, 2 * (text->nedit + 1) *
					sizeof(*text->edit));
	text->edit[text->nedit++] = (struct nt_edit){ start, end, with };
}

void nt_text_fail(struct nt_text *text, size_t start, size_t end, char *what)
{
	if (text->error) {
		free(what);
		return;
	}
	text->error = what;
	text->error_start = start;
	text->error_end = end;
}

bool nt_text_is(const struct nt_text *text, size_t i, const char *word)
{
	const struct nt_tok *t;

	if (i >= text->ntok)
		return false;
	t = &text->tok[i];
	return (t->type == NT_WORD || t->type == NT_PUNCT) &&
	       strlen(word) == t->len && !memcmp(word, text->src + t->off,
						 t->len);
}

static bool any_of(const struct nt_text *text, size_t i,
		   const char *const *words)
{
	for (; *words; words++)
		if (nt_text_is(text, i, *words))
			return true;
	return false;
}

static const struct nt_tok *at(const struct nt_text *text, size_t i)
{
	return &text->tok[i < text->ntok ? i : text->ntok];
}

static uint64_t token_number(const struct nt_text *text, size_t i)
{
	char buf[32];

	if (at(text, i)->type != NT_NUM || at(text, i)->len >= sizeof(buf))
		return 0;
	memcpy(buf, text->src + at(text, i)->off, at(text, i)->len);
	buf[at(text, i)->len] = '\0';
	return strtoull(buf, NULL, 0);
}

/* "@ih,OFFSET,LENGTH" with an offset that the kernel would refuse */
static bool is_payload(const struct nt_text *text, size_t i)
{
	return nt_text_is(text, i, "@") && nt_text_is(text, i + 1, "ih") &&
	       nt_text_is(text, i + 2, ",") && nt_text_is(text, i + 4, ",") &&
	       nt_is_carrier_offset(token_number(text, i + 3));
}

/* The key that stands at a token, and its tokens; -1 if there is none. */
int nt_text_key(const struct nt_text *text, size_t i, size_t *n)
{
	const struct nt_tok *a = at(text, i + 1), *b = at(text, i + 2);
	int key, words;

	if (text->dir == NT_OUT) {
		if (!is_payload(text, i))
			return -1;
		key = nt_key_of_offset(token_number(text, i + 3));
		*n = 6;
		return key >= 0 && token_number(text, i + 5) ==
		       nt_keys[key].bits ? key : -1;
	}
	if (!nt_text_is(text, i, "tquic") || a->type != NT_WORD)
		return -1;
	key = nt_key_find(text->src + a->off, a->len,
			  b->type == NT_WORD ? text->src + b->off : NULL,
			  b->len, &words);
	*n = 1 + words;
	return key;
}

/* From the user's words, each with an edit of its own: lines stay. */
static void replace_words(struct nt_text *text, size_t i, size_t n, char *with)
{
	const struct nt_tok *t;
	size_t j;

	for (j = i; j < i + n; j++) {
		t = at(text, j);
		nt_text_edit(text, t->off - (t->type == NT_STRING),
			     t->off + t->len + (t->type == NT_STRING),
			     j > i ? nt_strndup("", 0) : with);
	}
}

static void edit_key(struct nt_text *text, size_t i, size_t n, int key)
{
	char name[NT_VALUE_MAX];

	if (text->dir == NT_IN)
		replace_words(text, i, n,
			      nt_printf("@ih,%u,%u", nt_key_offset(key),
					nt_keys[key].bits));
	else
		nt_text_edit(text, at(text, i)->off,
			     at(text, i + n - 1)->off + at(text, i + n - 1)->len,
			     nt_printf("tquic %s", nt_key_name(key, name)));
}

/* "tquic tunnel" is a key where something is compared with it. */
static bool is_statement(const struct nt_text *text, size_t i, int braces)
{
	static const char *const compared[] = {
		"==", "!=", "<", ">", "<=", ">=", "eq", "ne", "lt", "gt", "le",
		"ge", "{", "@", "$", "&", "|", "^", ".", "map", "vmap", NULL
	};
	static const char *const before[] = { ".", "set", "typeof", NULL };

	if (!nt_text_is(text, i + 1, "tunnel") || braces ||
	    any_of(text, i + 2, compared) ||
	    at(text, i + 2)->type == NT_STRING ||
	    at(text, i + 2)->type == NT_NUM)
		return false;
	return !i || !any_of(text, i - 1, before);
}

/* A word, a string or a variable's value; its tokens, 0 for nothing. */
static size_t argument(const struct nt_text *text, size_t i, char *buf,
		       size_t size)
{
	const struct nt_tok *t = at(text, i);
	const char *value = text->src + t->off;
	size_t len = t->len, n = 1;

	if (nt_text_is(text, i, "$")) {
		t = at(text, i + 1);
		value = nt_scope_value(text->scope, text->src + t->off, t->len);
		if (!value)
			return 0;
		len = strlen(value);
		if (len > 1 && value[0] == '"') {
			value++;
			len -= 2;
		}
		n = 2;
	} else if (t->type != NT_WORD && t->type != NT_STRING &&
		   t->type != NT_NUM) {
		return 0;
	}
	if (len >= size)
		len = size - 1;
	memcpy(buf, value, len);
	buf[len] = '\0';
	return n;
}

/* "tquic tunnel [to NAME] [class CLASS]" */
static void statement_in(struct nt_text *text, size_t i)
{
	int class = NT_NO_CLASS;
	char name[64] = "", word[64], prefix[128];
	size_t j = i + 2, n;

	if (nt_text_is(text, j, "to")) {
		n = argument(text, j + 1, name, sizeof(name));
		if (!n || !nt_name_valid(name, strlen(name))) {
			n = at(text, j + 1)->len ? j + 1 : j;
			nt_text_fail(text, at(text, n)->off, at(text, n)->off +
				     at(text, n)->len,
				     nt_printf("expected a tunnel's name of 1 to 15 characters after 'to'"));
			return;
		}
		j += 1 + n;
	}
	if (nt_text_is(text, j, "class")) {
		n = argument(text, j + 1, word, sizeof(word));
		class = n ? nt_class_find(word, strlen(word)) : -1;
		if (class < 0) {
			n = n ? j + 1 : j;
			nt_text_fail(text, at(text, n)->off, at(text, n)->off +
				     at(text, n)->len,
				     nt_printf("unknown class, expected realtime, interactive, bulk or background"));
			return;
		}
		j += 1 + n;
	}
	nt_stmt_prefix(name, class, prefix);
	replace_words(text, i, j - i, nt_printf("log prefix \"%s\"", prefix));
}

static void statement_out(struct nt_text *text, size_t i)
{
	const struct nt_tok *t = at(text, i + 2);
	char name[NT_NAME_MAX];
	int class;

	if (!nt_stmt_parse(text->src + t->off, t->len, name, &class))
		return;
	nt_text_edit(text, at(text, i)->off, t->off + t->len + 1,
		     nt_printf("tquic tunnel%s%s%s%s%s", *name ? " to \"" : "",
			       name, *name ? "\"" : "",
			       class >= 0 ? " class " : "",
			       class >= 0 ? nt_classes[class] : ""));
}

/* A name which somebody has given to something else. */
static bool is_name(const struct nt_text *text, size_t i)
{
	static const char *const before[] = {
		"jump", "goto", "@", "$", "name", "chain", "table", "helper",
		"timeout", "expectation", "comment", NULL
	};

	return i && any_of(text, i - 1, before);
}

/* A key or statement at a token; returns the token to go on with. */
static size_t ours(struct nt_text *text, size_t i, int braces)
{
	struct nt_chain chain = {};
	size_t n, end;
	int key, j;

	if (text->dir == NT_OUT && nt_text_is(text, i, "log") &&
	    nt_text_is(text, i + 1, "prefix") &&
	    at(text, i + 2)->type == NT_STRING) {
		statement_out(text, i);
		return i + 1;
	}
	if (text->dir == NT_IN && is_payload(text, i)) {
		nt_text_fail(text, at(text, i)->off,
			     at(text, i + 3)->off + at(text, i + 3)->len,
			     nt_printf("the kernel takes no payload offset as large as this"));
		return i + 1;
	}
	key = nt_text_key(text, i, &n);
	if (key < 0 || (text->dir == NT_IN && is_name(text, i)))
		return i + 1;
	if (text->dir == NT_IN && is_statement(text, i, braces)) {
		statement_in(text, i);
		return i + 2;
	}
	edit_key(text, i, n, key);
	/* The first one of a concatenation sees to all of its values. */
	for (j = nt_values_before(text, i); j > 0; j--)
		chain.key[chain.n++] = NT_PLAIN;
	end = nt_values_chain(text, i, &chain);
	nt_values_rhs(text, end, &chain);
	return i + n;
}

/* The tokens of one statement up to its end, none of which is ours. */
static size_t to_end(const struct nt_text *text, size_t i)
{
	while (at(text, i)->type != NT_END && at(text, i)->type != NT_EOL &&
	       !nt_text_is(text, i, ";") && !nt_text_is(text, i, "}"))
		i++;
	return i;
}

static size_t define(struct nt_text *text, size_t i)
{
	const struct nt_tok *name = at(text, i + 1);
	size_t j, start;
	int depth = 0;

	if (name->type != NT_WORD || !nt_text_is(text, i + 2, "="))
		return i + 1;
	start = at(text, i + 3)->off - (at(text, i + 3)->type == NT_STRING);
	for (j = i + 3; at(text, j)->type != NT_END; j++) {
		if (nt_text_is(text, j, "{"))
			depth++;
		else if (nt_text_is(text, j, "}"))
			depth--;
		else if (!depth && (at(text, j)->type == NT_EOL ||
				    nt_text_is(text, j, ";")))
			break;
	}
	nt_scope_define(text->scope, text->src + name->off, name->len,
			text->src + start, at(text, j - 1)->off +
			at(text, j - 1)->len - start +
			(at(text, j - 1)->type == NT_STRING));
	return j;
}

static void join(char *buf, const struct nt_text *text, size_t i)
{
	size_t len = strlen(buf);

	snprintf(buf + len, NAME_MAX_LEN - len, "%s%.*s", len ? " " : "",
		 (int)at(text, i)->len, text->src + at(text, i)->off);
}

/* "family table" at a token; returns the token behind it. */
static size_t table_name(const struct nt_text *text, size_t i, char *buf)
{
	*buf = '\0';
	if (any_of(text, i, families))
		join(buf, text, i++);
	else
		strcpy(buf, "ip");
	join(buf, text, i);
	return i + 1;
}

static struct nt_set *set_in_kernel(struct nt_text *text, const char *name)
{
	char family[16], table[300], set[300];
	struct nt_scope scope = {};
	struct nt_text decl;
	struct nt_set *found;
	char *answer;

	if (!text->scope->ask ||
	    sscanf(name, "%15s %299s %299s", family, table, set) != 3)
		return NULL;
	answer = text->scope->ask(family, table, set);
	found = nt_scope_set(text->scope, name);
	if (!answer)
		return found;
	nt_text_init(&decl, NULL, answer, strlen(answer), NT_OUT, &scope);
	nt_text_run(&decl);
	if (scope.sets) {
		found->key = scope.sets->key;
		found->data = scope.sets->data;
	}
	nt_text_free(&decl);
	nt_scope_free(&scope);
	free(answer);
	return found;
}

/* "element family table set { ... }" from the family on */
static size_t elements(struct nt_text *text, size_t i)
{
	char name[NAME_MAX_LEN];
	struct nt_set *set;

	i = table_name(text, i, name);
	join(name, text, i++);
	if (nt_text_is(text, i, "="))
		i++;
	if (!nt_text_is(text, i, "{"))
		return i;
	set = nt_scope_find_set(text->scope, name);
	if (!set)
		set = set_in_kernel(text, name);
	if (!set)
		return i;
	return nt_values_elements(text, i + 1, &set->key, &set->data) + 1;
}

/* A set's name is behind its table's; its block is to follow. */
static size_t set_begins(struct nt_text *text, size_t i, struct walk *walk)
{
	char name[NAME_MAX_LEN];

	snprintf(name, sizeof(name), "%s", walk->table);
	join(name, text, i);
	if (nt_text_is(text, i + 1, "{")) {
		walk->set = nt_scope_set(text->scope, name);
		walk->opens = BLOCK_SET;
	}
	return i + 1;
}

/* After "add rule" or the like: names up to where the rule begins. */
static size_t rule_begins(const struct nt_text *text, size_t i)
{
	static const char *const place[] = {
		"handle", "position", "index", NULL
	};
	char name[NAME_MAX_LEN];

	i = table_name(text, i, name) + 1;
	if (any_of(text, i, place))
		i += 2;
	return i;
}

/* A statement outside of chains: what it names, and what it opens. */
static size_t command(struct nt_text *text, size_t i, struct walk *walk)
{
	static const char *const sets[] = { "set", "map", NULL };
	bool verb = walk->block[walk->depth] == BLOCK_TOP &&
		    any_of(text, i, verbs);
	bool has_table = walk->block[walk->depth] == BLOCK_TABLE;

	i += verb;
	if (verb && !any_of(text, i, objects))
		return rule_begins(text, i);
	if (nt_text_is(text, i, "rule"))
		return rule_begins(text, i + 1);
	if (nt_text_is(text, i, "element"))
		return elements(text, i + 1);
	if (nt_text_is(text, i, "table")) {
		walk->opens = BLOCK_TABLE;
		return table_name(text, i + 1, walk->table);
	}
	if (nt_text_is(text, i, "chain")) {
		walk->opens = BLOCK_CHAIN;
		return has_table ? i + 2 :
		       table_name(text, i + 1, walk->table) + 1;
	}
	if (any_of(text, i, sets)) {
		i = has_table ? i + 1 : table_name(text, i + 1, walk->table);
		return set_begins(text, i, walk);
	}
	/* listings hold more than commands */
	if (text->dir == NT_OUT)
		return i;
	return to_end(text, i) == i ? i + 1 : to_end(text, i);
}

/* "type integer", as libnftables says when it has not looked at the set. */
static size_t set_type(struct nt_text *text, size_t i, struct walk *walk)
{
	struct nt_set *set;
	char name[NT_VALUE_MAX], *key;

	if (text->dir == NT_IN || walk->set->key.n)
		return to_end(text, i);
	key = nt_strndup(walk->set->name, strlen(walk->set->name));
	set = set_in_kernel(text, key);
	free(key);
	if (!set || !nt_chain_ours(&set->key))
		return to_end(text, i);
	walk->set = set;
	if (set->key.n == 1 && nt_text_is(text, i + 1, "integer"))
		nt_text_edit(text, at(text, i)->off, at(text, i + 1)->off +
			     at(text, i + 1)->len,
			     nt_printf("typeof tquic %s",
				       nt_key_name(set->key.key[0], name)));
	return to_end(text, i);
}

/* "typeof KEY [: DATA]" and "elements = { ... }" of a set. */
static size_t set_property(struct nt_text *text, size_t i, struct walk *walk)
{
	size_t j, n;
	int key;

	if (nt_text_is(text, i, "elements") && nt_text_is(text, i + 1, "=") &&
	    nt_text_is(text, i + 2, "{"))
		return nt_values_elements(text, i + 3, &walk->set->key,
					  &walk->set->data) + 1;
	if (nt_text_is(text, i, "elements") && nt_text_is(text, i + 2, "$")) {
		nt_values_rhs(text, i + 2, &walk->set->key);
		return i + 4;
	}
	if (nt_text_is(text, i, "type"))
		return set_type(text, i, walk);
	if (!nt_text_is(text, i, "typeof"))
		return to_end(text, i);
	j = nt_values_chain(text, i + 1, &walk->set->key);
	if (nt_text_is(text, j, ":")) {
		if (nt_text_is(text, j + 1, "interval"))
			j++;
		nt_values_chain(text, j + 1, &walk->set->data);
	}
	for (j = i + 1; j < to_end(text, i);) {
		key = nt_text_key(text, j, &n);
		if (key >= 0)
			edit_key(text, j, n, key);
		j += key >= 0 ? n : 1;
	}
	return j;
}

static void open_brace(struct nt_text *text, struct walk *walk)
{
	if (walk->depth + 1 < DEPTH_MAX)
		walk->depth++;
	walk->block[walk->depth] = walk->opens;
	walk->opens = BLOCK_OTHER;
	text->scope->depth++;
}

static void close_brace(struct nt_text *text, struct walk *walk)
{
	if (walk->depth)
		walk->depth--;
	nt_scope_leave(text->scope);
}

/* The first token of a statement. */
static size_t begin(struct nt_text *text, size_t i, struct walk *walk)
{
	const struct nt_tok *t = at(text, i + 1);

	if (nt_text_is(text, i, "include") && t->type == NT_STRING) {
		if (text->include)
			text->include(text, text->src + t->off, t->len);
		return i + 2;
	}
	if (nt_text_is(text, i, "define") || nt_text_is(text, i, "redefine"))
		return define(text, i);
	switch (walk->block[walk->depth]) {
	case BLOCK_TOP:
	case BLOCK_TABLE:
		return command(text, i, walk);
	case BLOCK_SET:
		return set_property(text, i, walk);
	default:
		return i;
	}
}

static void walk_text(struct nt_text *text)
{
	struct walk walk = { .opens = BLOCK_OTHER };
	bool first = true;
	size_t next, i = 0;
	int braces;

	while (at(text, i)->type != NT_END && !text->error) {
		if (at(text, i)->type == NT_EOL || nt_text_is(text, i, ";")) {
			first = true;
			i++;
			continue;
		}
		if (nt_text_is(text, i, "}")) {
			close_brace(text, &walk);
			first = true;
			i++;
			continue;
		}
		if (nt_text_is(text, i, "{")) {
			open_brace(text, &walk);
			first = walk.block[walk.depth] != BLOCK_OTHER;
			i++;
			continue;
		}
		next = first ? begin(text, i, &walk) : i;
		first = false;
		braces = walk.block[walk.depth] == BLOCK_OTHER;
		i = next > i ? next : ours(text, i, braces);
	}
}

static int by_place(const void *a, const void *b)
{
	const struct nt_edit *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->end < y->end ? -1 : x->end > y->end;
}

/* A value may have been seen twice, in a concatenation. */
static void drop_doubles(struct nt_text *text)
{
	size_t i, n = 0;

	for (i = 0; i < text->nedit; i++) {
		if (n && text->edit[i].start < text->edit[n - 1].end) {
			free(text->edit[i].with);
			continue;
		}
		text->edit[n++] = text->edit[i];
	}
	text->nedit = n;
}

static void apply(struct nt_text *text)
{
	struct nt_buf out = {};
	size_t i, from = 0;

	nt_buf_add(&out, "", 0);
	for (i = 0; i < text->nedit; i++) {
		nt_buf_add(&out, text->src + from, text->edit[i].start - from);
		nt_buf_puts(&out, text->edit[i].with);
		from = text->edit[i].end;
	}
	nt_buf_add(&out, text->src + from, text->len - from);
	text->out = out.data;
	text->out_len = out.len;
}

bool nt_text_run(struct nt_text *text)
{
	if (!text->nedit) {
		text->tok = nt_tokenize(text->src, text->len, &text->ntok);
		walk_text(text);
	}
	if (text->nedit)
		qsort(text->edit, text->nedit, sizeof(*text->edit), by_place);
	drop_doubles(text);
	apply(text);
	return !text->error;
}

size_t nt_text_origin(const struct nt_text *text, size_t off, bool last)
{
	size_t i, from = 0, out = 0, len;

	for (i = 0; i < text->nedit; i++) {
		const struct nt_edit *e = &text->edit[i];

		if (off < out + e->start - from)
			break;
		out += e->start - from;
		from = e->end;
		len = strlen(e->with);
		if (off < out + len)
			return last && e->end > e->start ? e->end - 1 :
							   e->start;
		out += len;
	}
	return from + (off - out);
}
