// SPDX-License-Identifier: GPL-2.0
/* The syntax in JSON: see json.h. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "text.h"
#include "util.h"

static bool failed;

bool nt_json_failed(void)
{
	return failed;
}

static void fail(char *what)
{
	if (!failed)
		fprintf(stderr, "nft-tquic: JSON: %s\n", what);
	failed = true;
	free(what);
}

/* "path id" and the like; -1 with a message */
static int key_named(const char *name)
{
	char buf[NT_VALUE_MAX];
	int key;

	for (key = 0; name && key < nt_nkeys; key++)
		if (!strcmp(nt_key_name(key, buf), name))
			return key;
	fail(nt_printf("unknown tquic key '%s'", name ? name : "(none)"));
	return -1;
}

/* The key that an expression is, in either form, or NT_PLAIN. */
static int key_of(json_t *expr)
{
	json_t *payload = json_object_get(expr, "payload");
	json_t *ours = json_object_get(expr, "tquic");
	const char *base;
	int key;

	if (ours && json_object_get(ours, "key")) {
		key = key_named(json_string_value(json_object_get(ours,
								  "key")));
		return key < 0 ? NT_PLAIN : key;
	}
	base = json_string_value(json_object_get(payload, "base"));
	if (!base || strcmp(base, "ih"))
		return NT_PLAIN;
	key = nt_key_of_offset(json_integer_value(json_object_get(payload,
								  "offset")));
	return key < 0 ? NT_PLAIN : key;
}

static void chain_of(json_t *expr, struct nt_chain *chain)
{
	json_t *list = json_object_get(expr, "concat"), *part;
	size_t i;

	chain->n = 0;
	if (!json_is_array(list)) {
		chain->key[chain->n++] = key_of(expr);
		return;
	}
	json_array_foreach(list, i, part)
		if (chain->n < NT_CHAIN_MAX)
			chain->key[chain->n++] = key_of(part);
}

static json_t *value_in(json_t *value, int key)
{
	const char *text = json_string_value(value);
	char buf[NT_VALUE_MAX], name[NT_VALUE_MAX];

	if (!text || text[0] == '@')
		return json_incref(value);
	if (!nt_value_in(key, text, strlen(text), false, buf)) {
		fail(nt_printf("tquic %s cannot be '%s'",
			       nt_key_name(key, name), text));
		return json_incref(value);
	}
	if (nt_keys[key].bits <= 32)
		return json_integer(strtoll(buf, NULL, 0));
	return json_string(buf);
}

static json_t *value_out(json_t *value, int key)
{
	char text[64], buf[NT_VALUE_MAX];

	if (json_is_integer(value))
		snprintf(text, sizeof(text), "%lld",
			 (long long)json_integer_value(value));
	else if (json_is_string(value))
		snprintf(text, sizeof(text), "%s", json_string_value(value));
	else
		return json_incref(value);
	if (!nt_value_out(key, text, strlen(text), buf))
		return json_incref(value);
	if (buf[0] == '"')
		return json_stringn(buf + 1, strlen(buf) - 2);
	if (nt_keys[key].symbol && (buf[0] < '0' || buf[0] > '9'))
		return json_string(buf);
	return json_integer(strtoll(buf, NULL, 10));
}

/* Names of values by their place; a new reference. */
static json_t *values(json_t *v, const struct nt_chain *chain, int pos,
		      enum nt_dir dir)
{
	static const char *const nests[] = {
		"set", "concat", "range", "elem", "val", NULL
	};
	int key = pos < chain->n ? chain->key[pos] : NT_PLAIN;
	json_t *copy, *part;
	const char *name;
	size_t i;
	int n;

	if (json_is_array(v)) {
		copy = json_array();
		json_array_foreach(v, i, part)
			json_array_append_new(copy, values(part, chain, pos,
							   dir));
		return copy;
	}
	if (!json_is_object(v)) {
		if (key == NT_PLAIN || json_is_boolean(v) || json_is_null(v))
			return json_incref(v);
		return dir == NT_IN ? value_in(v, key) : value_out(v, key);
	}
	copy = json_object();
	json_object_foreach(v, name, part) {
		for (n = 0; nests[n] && strcmp(nests[n], name); n++)
			;
		if (!strcmp(name, "concat") && json_is_array(part)) {
			json_t *list = json_array();
			json_t *p;

			json_array_foreach(part, i, p)
				json_array_append_new(list, values(p, chain, i,
								   dir));
			json_object_set_new(copy, name, list);
		} else if (nests[n]) {
			json_object_set_new(copy, name, values(part, chain, pos,
							       dir));
		} else {
			json_object_set(copy, name, part);
		}
	}
	return copy;
}

static json_t *exchange(json_t *v, struct nt_scope *scope, enum nt_dir dir);

/* [[key, data], ...] of a map, or elements of a set */
static json_t *elements(json_t *list, const struct nt_chain *key,
			const struct nt_chain *data, struct nt_scope *scope,
			enum nt_dir dir)
{
	json_t *copy, *part, *pair;
	size_t i;

	if (!json_is_array(list))
		return values(list, key, 0, dir);
	copy = json_array();
	json_array_foreach(list, i, part) {
		if (!json_is_array(part) || json_array_size(part) != 2) {
			json_array_append_new(copy, values(part, key, 0, dir));
			continue;
		}
		pair = json_array();
		json_array_append_new(pair, values(json_array_get(part, 0), key,
						   0, dir));
		part = json_array_get(part, 1);
		json_array_append_new(pair, data && data->n ?
				      values(part, data, 0, dir) :
				      exchange(part, scope, dir));
		json_array_append_new(copy, pair);
	}
	return copy;
}

static struct nt_set *set_of(json_t *v, const char *member,
			     struct nt_scope *scope)
{
	const char *family, *table, *set;
	char *name, *text;
	struct nt_text probe;
	struct nt_set *found;

	if (json_unpack(v, "{s:s,s:s,s:s}", "family", &family, "table", &table,
			member, &set))
		return NULL;
	name = nt_printf("%s %s %s", family, table, set);
	found = nt_scope_find_set(scope, name);
	if (!found) {
		/* Lets the text's way of finding out do it. */
		text = nt_printf("add element %s { }", name);
		nt_text_init(&probe, NULL, text, strlen(text), NT_OUT, scope);
		nt_text_run(&probe);
		nt_text_free(&probe);
		free(text);
		found = nt_scope_find_set(scope, name);
	}
	free(name);
	return found;
}

static json_t *typeof_chain(const struct nt_chain *chain, json_t *was)
{
	json_t *list = json_array(), *part;
	char name[NT_VALUE_MAX];
	int i;

	for (i = 0; i < chain->n; i++) {
		if (chain->key[i] == NT_PLAIN) {
			json_decref(list);
			return json_incref(was);
		}
		part = json_pack("{s:{s:s}}", "tquic", "key",
				 nt_key_name(chain->key[i], name));
		json_array_append_new(list, part);
	}
	if (chain->n == 1) {
		part = json_incref(json_array_get(list, 0));
		json_decref(list);
		return json_pack("{s:o}", "typeof", part);
	}
	return json_pack("{s:{s:o}}", "typeof", "concat", list);
}

/* A key of ours in the type of a map, or in what it leads to. */
static bool ours_within(json_t *map)
{
	struct nt_chain chain;

	chain_of(json_object_get(json_object_get(map, "type"), "typeof"),
		 &chain);
	if (nt_chain_ours(&chain))
		return true;
	chain_of(json_object_get(json_object_get(map, "map"), "typeof"),
		 &chain);
	return nt_chain_ours(&chain);
}

/* A declaration of a set or map. */
static json_t *declaration(json_t *v, struct nt_scope *scope, enum nt_dir dir)
{
	json_t *type = json_object_get(json_object_get(v, "type"), "typeof");
	json_t *copy, *part;
	const char *member;
	struct nt_set *set = NULL;
	char *name;

	if (dir == NT_IN && json_object_get(v, "map") && ours_within(v)) {
		fail(nt_printf("libnftables does not keep the type of such a map: declare it in text"));
		return json_incref(v);
	}
	if (dir == NT_IN && type) {
		name = nt_printf("%s %s %s",
				 json_string_value(json_object_get(v,
								   "family")),
				 json_string_value(json_object_get(v, "table")),
				 json_string_value(json_object_get(v, "name")));
		set = nt_scope_set(scope, name);
		chain_of(type, &set->key);
		chain_of(json_object_get(json_object_get(v, "map"), "typeof"),
			 &set->data);
		free(name);
	} else if (dir == NT_OUT) {
		set = set_of(v, "name", scope);
	}
	if (!set || (!nt_chain_ours(&set->key) && !nt_chain_ours(&set->data)))
		return json_incref(v);
	copy = json_object();
	json_object_foreach(v, member, part) {
		if (!strcmp(member, "elem"))
			json_object_set_new(copy, member,
					    elements(part, &set->key,
						     &set->data, scope, dir));
		else if (!strcmp(member, "type") && dir == NT_OUT && !type &&
			 nt_chain_ours(&set->key))
			json_object_set_new(copy, member,
					    typeof_chain(&set->key, part));
		else if (!strcmp(member, "map") && dir == NT_OUT &&
			 json_is_string(part) && nt_chain_ours(&set->data))
			json_object_set_new(copy, member,
					    typeof_chain(&set->data, part));
		else
			json_object_set_new(copy, member,
					    exchange(part, scope, dir));
	}
	return copy;
}

static json_t *statement_in(json_t *v)
{
	const char *to = json_string_value(json_object_get(v, "to"));
	const char *word = json_string_value(json_object_get(v, "class"));
	const char *action = json_string_value(json_object_get(v, "action"));
	int class = NT_NO_CLASS;
	char prefix[128];

	if (!action || strcmp(action, "tunnel"))
		fail(nt_printf("tquic needs \"key\" or \"action\": \"tunnel\""));
	if (to && !nt_name_valid(to, strlen(to)))
		fail(nt_printf("'%s' is no name of a tunnel", to));
	if (word) {
		class = nt_class_find(word, strlen(word));
		if (class < 0)
			fail(nt_printf("unknown class '%s'", word));
	}
	if (failed)
		return json_null();
	nt_stmt_prefix(to ? to : "", class, prefix);
	return json_pack("{s:{s:s}}", "log", "prefix", prefix);
}

static json_t *statement_out(json_t *log)
{
	const char *prefix = json_string_value(json_object_get(log, "prefix"));
	char name[NT_NAME_MAX];
	json_t *inner;
	int class;

	if (!prefix || !nt_stmt_parse(prefix, strlen(prefix), name, &class))
		return NULL;
	inner = json_pack("{s:s}", "action", "tunnel");
	if (*name)
		json_object_set_new(inner, "to", json_string(name));
	if (class >= 0)
		json_object_set_new(inner, "class",
				    json_string(nt_classes[class]));
	return json_pack("{s:o}", "tquic", inner);
}

/* An object with one member that is ours; NULL if it is not. */
static json_t *ours(json_t *v, enum nt_dir dir)
{
	char name[NT_VALUE_MAX];
	json_t *part;
	int key;

	if (dir == NT_IN) {
		part = json_object_get(v, "payload");
		if (nt_is_carrier_offset(json_integer_value(
				json_object_get(part, "offset"))))
			fail(nt_printf("the kernel takes no payload offset as large as this"));
		part = json_object_get(v, "tquic");
		if (!part)
			return NULL;
		if (!json_object_get(part, "key"))
			return statement_in(part);
		key = key_of(v);
		if (key == NT_PLAIN)
			return json_null();
		return json_pack("{s:{s:s,s:I,s:i}}", "payload", "base", "ih",
				 "offset", (json_int_t)nt_key_offset(key),
				 "len", nt_keys[key].bits);
	}
	part = json_object_get(v, "log");
	if (part)
		return statement_out(part);
	key = key_of(v);
	if (key == NT_PLAIN)
		return NULL;
	return json_pack("{s:{s:s}}", "tquic", "key", nt_key_name(key, name));
}

static json_t *match(json_t *v, struct nt_scope *scope, enum nt_dir dir)
{
	json_t *copy = json_object(), *part, *right;
	struct nt_chain chain;
	const char *member;

	chain_of(json_object_get(v, "left"), &chain);
	json_object_foreach(v, member, part) {
		if (!strcmp(member, "right") && nt_chain_ours(&chain)) {
			right = json_is_object(part) &&
				json_object_get(part, "set") ?
				json_pack("{s:o}", "set",
					  elements(json_object_get(part, "set"),
						   &chain, NULL, scope, dir)) :
				values(part, &chain, 0, dir);
			json_object_set_new(copy, member, right);
			continue;
		}
		json_object_set_new(copy, member, exchange(part, scope, dir));
	}
	return copy;
}

/* "map" and "vmap" in rules */
static json_t *mapping(json_t *v, struct nt_scope *scope, enum nt_dir dir)
{
	json_t *data = json_object_get(v, "data"), *set, *copy;
	struct nt_chain chain;

	chain_of(json_object_get(v, "key"), &chain);
	set = json_object_get(data, "set");
	copy = json_object();
	json_object_set_new(copy, "key",
			    exchange(json_object_get(v, "key"), scope, dir));
	json_object_set_new(copy, "data", set ?
			    json_pack("{s:o}", "set",
				      elements(set, &chain, NULL, scope, dir)) :
			    exchange(data, scope, dir));
	return copy;
}

static json_t *element(json_t *v, struct nt_scope *scope, enum nt_dir dir)
{
	struct nt_set *set = set_of(v, "name", scope);
	json_t *copy;

	if (!set)
		return json_incref(v);
	copy = json_copy(v);
	json_object_set_new(copy, "elem",
			    elements(json_object_get(v, "elem"), &set->key,
				     &set->data, scope, dir));
	return copy;
}

static json_t *member(const char *name, json_t *v, struct nt_scope *scope,
		      enum nt_dir dir)
{
	bool keyed = json_is_object(v) && json_object_get(v, "key");

	if (!json_is_object(v))
		return exchange(v, scope, dir);
	if (!strcmp(name, "match"))
		return match(v, scope, dir);
	if ((!strcmp(name, "map") || !strcmp(name, "vmap")) && keyed)
		return mapping(v, scope, dir);
	if ((!strcmp(name, "map") || !strcmp(name, "set")) &&
	    json_object_get(v, "name"))
		return declaration(v, scope, dir);
	if (!strcmp(name, "element"))
		return element(v, scope, dir);
	return exchange(v, scope, dir);
}

/* A new reference. */
static json_t *exchange(json_t *v, struct nt_scope *scope, enum nt_dir dir)
{
	json_t *copy, *part;
	const char *name;
	size_t i;

	if (json_is_array(v)) {
		copy = json_array();
		json_array_foreach(v, i, part)
			json_array_append_new(copy, exchange(part, scope, dir));
		return copy;
	}
	if (!json_is_object(v))
		return json_incref(v);
	copy = ours(v, dir);
	if (copy)
		return copy;
	copy = json_object();
	json_object_foreach(v, name, part)
		json_object_set_new(copy, name, member(name, part, scope, dir));
	return copy;
}

char *nt_json_in(const char *text, struct nt_scope *scope)
{
	json_t *v = json_loads(text, 0, NULL), *copy;
	char *out = NULL;

	if (!v)
		return NULL;
	copy = exchange(v, scope, NT_IN);
	if (!failed)
		out = json_dumps(copy, 0);
	json_decref(copy);
	json_decref(v);
	return out;
}

void nt_json_show(const char *text, struct nt_scope *scope)
{
	json_t *v = json_loads(text, 0, NULL), *copy;

	if (!v) {
		fputs(text, stdout);
		return;
	}
	copy = exchange(v, scope, NT_OUT);
	json_dumpf(copy, stdout, 0);
	if (text[strlen(text) - 1] == '\n')
		fputc('\n', stdout);
	json_decref(copy);
	json_decref(v);
}
