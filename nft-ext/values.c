// SPDX-License-Identifier: GPL-2.0
/*
 * Values: what stands to the right of a key, and elements of sets.  Names
 * become numbers on the way in and numbers names on the way out, each by the
 * key that stands at its place in the concatenation.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "util.h"

static const struct nt_tok *tok(const struct nt_text *text, size_t i)
{
	return &text->tok[i < text->ntok ? i : text->ntok];
}

static bool any_of(const struct nt_text *text, size_t i,
		   const char *const *words)
{
	for (; *words; words++)
		if (nt_text_is(text, i, *words))
			return true;
	return false;
}

static bool is_eol(const struct nt_text *text, size_t i)
{
	return tok(text, i)->type == NT_EOL;
}

static size_t skip_eol(const struct nt_text *text, size_t i)
{
	while (is_eol(text, i))
		i++;
	return i;
}

static void unknown_value(struct nt_text *text, const struct nt_tok *t, int key)
{
	const char *const *symbol = nt_keys[key].symbol;
	char name[NT_VALUE_MAX];
	struct nt_buf list = {};

	for (; symbol && *symbol; symbol++) {
		nt_buf_puts(&list, list.len ? ", " : "");
		nt_buf_puts(&list, *symbol);
	}
	if (!list.len)
		nt_buf_puts(&list, nt_keys[key].bits > 32 ?
			    "a tunnel's name of 1 to 15 characters" :
			    "a number");
	nt_text_fail(text, t->off, t->off + t->len,
		     nt_printf("tquic %s cannot be '%.*s', expected %s",
			       nt_key_name(key, name), (int)t->len,
			       text->src + t->off, list.data));
	free(list.data);
}

/* One value at a place of ours; plain: leave numbers as they are. */
static void value(struct nt_text *text, size_t i, int key, bool plain)
{
	const struct nt_tok *t = tok(text, i);
	bool quoted = t->type == NT_STRING;
	char buf[NT_VALUE_MAX];

	if (text->dir == NT_IN) {
		if (!nt_value_in(key, text->src + t->off, t->len, quoted,
				 buf)) {
			unknown_value(text, t, key);
			return;
		}
	} else {
		if (plain && (nt_keys[key].symbol || nt_keys[key].bits > 32))
			return;
		if (!nt_value_out(key, text->src + t->off, t->len, buf))
			return;
	}
	nt_text_edit(text, t->off - quoted, t->off + t->len + quoted,
		     nt_strndup(buf, strlen(buf)));
}

/* A variable where values of a chain are expected: its text, translated. */
static void variable(struct nt_text *text, size_t i,
		     const struct nt_chain *chain)
{
	const struct nt_tok *t = tok(text, i + 1);
	struct nt_text inner;
	const char *def;

	if (text->dir == NT_OUT || t->type != NT_WORD)
		return;
	def = nt_scope_value(text->scope, text->src + t->off, t->len);
	if (!def)
		return;
	/* Its own name is not to be seen within, or this would not end. */
	if (strlen(def) > 1 && def[0] == '$' && strlen(def) == t->len + 1 &&
	    !memcmp(def + 1, text->src + t->off, t->len))
		return;
	nt_text_init(&inner, text->name, def, strlen(def), NT_IN, text->scope);
	inner.tok = nt_tokenize(inner.src, inner.len, &inner.ntok);
	nt_values_rhs(&inner, 0, chain);
	if (inner.error) {
		nt_text_fail(text, tok(text, i)->off, t->off + t->len,
			     inner.error);
		inner.error = NULL;
	}
	if (inner.nedit) {
		free(inner.tok);
		inner.tok = NULL;
		nt_text_run(&inner);
		nt_text_edit(text, tok(text, i)->off, t->off + t->len,
			     nt_strndup(inner.out, inner.out_len));
	}
	nt_text_free(&inner);
}

/* A range has two values, which have no names on the way out. */
static size_t component(struct nt_text *text, size_t i, int key,
			const struct nt_chain *one)
{
	bool range = nt_text_is(text, i + 1, "-");

	if (nt_text_is(text, i, "$")) {
		if (key != NT_PLAIN)
			variable(text, i, one);
		return i + 2;
	}
	if (tok(text, i)->type == NT_PUNCT || tok(text, i)->type == NT_END ||
	    nt_text_is(text, i, "*"))
		return i;
	if (key != NT_PLAIN)
		value(text, i, key, range);
	if (!range)
		return i + 1;
	if (key != NT_PLAIN)
		value(text, i + 2, key, true);
	return i + 3;
}

/* Values of one element, joined by ".". */
static size_t element(struct nt_text *text, size_t i,
		      const struct nt_chain *chain, bool braces)
{
	struct nt_chain one = { .n = 1 };
	int pos = 0;

	for (;;) {
		if (braces)
			i = skip_eol(text, i);
		one.key[0] = pos < chain->n ? chain->key[pos] : NT_PLAIN;
		if (one.key[0] != NT_PLAIN) {
			i = component(text, i, one.key[0], &one);
		} else {
			/* What is not ours may have any form. */
			while (tok(text, i)->type != NT_END &&
			       (braces || !is_eol(text, i)) &&
			       !nt_text_is(text, i, ".") &&
			       !nt_text_is(text, i, ",") &&
			       !nt_text_is(text, i, ":") &&
			       !nt_text_is(text, i, "}") &&
			       !nt_text_is(text, i, ";")) {
				i++;
				if (!braces && chain->n > 1 &&
				    pos + 1 == chain->n)
					break;
			}
		}
		if (!nt_text_is(text, i, ".") || ++pos == chain->n)
			return i;
		i++;
	}
}

/* To the comma, colon or brace that ends what this token is part of. */
static size_t rest(const struct nt_text *text, size_t i, bool colon)
{
	int depth = 0;

	for (; tok(text, i)->type != NT_END; i++) {
		if (nt_text_is(text, i, "{"))
			depth++;
		if (!depth && (nt_text_is(text, i, ",") ||
			       nt_text_is(text, i, "}") ||
			       (colon && nt_text_is(text, i, ":"))))
			break;
		if (nt_text_is(text, i, "}"))
			depth--;
	}
	return i;
}

size_t nt_values_elements(struct nt_text *text, size_t i,
			  const struct nt_chain *key,
			  const struct nt_chain *data)
{
	for (;;) {
		i = skip_eol(text, i);
		if (tok(text, i)->type == NT_END || nt_text_is(text, i, "}"))
			return i;
		if (nt_text_is(text, i, "$") && key->n > 1) {
			variable(text, i, key);
			i += 2;
		} else if (nt_chain_ours(key)) {
			i = element(text, i, key, true);
		}
		i = rest(text, i, true);
		if (nt_text_is(text, i, ":")) {
			i = skip_eol(text, i + 1);
			if (data && nt_chain_ours(data))
				i = element(text, i, data, true);
			i = rest(text, i, false);
		}
		if (nt_text_is(text, i, ","))
			i++;
	}
}

/* "new, established": nft has lists for bits only, so it becomes a set. */
static void list(struct nt_text *text, size_t i, const struct nt_chain *chain,
		 bool may_wrap)
{
	size_t start = tok(text, i)->off -
		       (tok(text, i)->type == NT_STRING);
	size_t last;

	i = element(text, i, chain, false);
	if (!nt_text_is(text, i, ",") || !may_wrap)
		return;
	while (nt_text_is(text, i, ","))
		i = element(text, i + 1, chain, false);
	last = i - 1;
	nt_text_edit(text, start, start, nt_strndup("{ ", 2));
	start = tok(text, last)->off + tok(text, last)->len +
		(tok(text, last)->type == NT_STRING);
	nt_text_edit(text, start, start, nt_strndup(" }", 2));
}

/* "& 0xff ==": the mask and what is compared with it stay numbers. */
static size_t operators(struct nt_text *text, size_t i, bool *mask, bool *eq)
{
	static const char *const compare[] = {
		"==", "!=", "<", ">", "<=", ">=", "eq", "ne", "lt", "gt", "le",
		"ge", "in", "vmap", "map", NULL
	};
	static const char *const equal[] = { "==", "!=", "eq", "ne", NULL };
	static const char *const bits[] = {
		"&", "|", "^", "<<", ">>", "and", "or", "xor", "lshift",
		"rshift", NULL
	};

	*mask = false;
	while (any_of(text, i, bits)) {
		*mask = true;
		i += 2;
	}
	*eq = true;
	if (any_of(text, i, compare)) {
		*eq = any_of(text, i, equal);
		i++;
	}
	return i;
}

/* Whether a token can be a value of a key, and not the next statement. */
static bool starts_value(const struct nt_text *text, size_t i, int key,
			 bool explicit)
{
	const struct nt_tok *t = tok(text, i);
	char buf[NT_VALUE_MAX];

	if (key == NT_PLAIN)
		return t->type != NT_EOL && t->type != NT_END &&
		       !nt_text_is(text, i, ";") && !nt_text_is(text, i, "}");
	if (t->type == NT_STRING || t->type == NT_NUM ||
	    nt_text_is(text, i, "$"))
		return true;
	if (t->type != NT_WORD)
		return false;
	return explicit || (nt_keys[key].symbol &&
			    nt_value_in(key, text->src + t->off, t->len, false,
					buf));
}

/* A word which can only be meant as a value, but is none. */
static void suspect(struct nt_text *text, size_t i, int key)
{
	static const char *const next[] = {
		"accept", "drop", "counter", "log", "jump", "goto", "return",
		"continue", "queue", "reject", "limit", "quota", "meta", "ct",
		"mark", "notrack", "tproxy", "redirect", "snat", "dnat",
		"masquerade", "set", "add", "update", "delete", "dup", "fwd",
		"ip", "ip6", "tcp", "udp", "th", "tquic", "iif", "oif",
		"iifname", "oifname", "comment", "synproxy", "flow", "last",
		"socket", "fib", "rt", "ether", "vlan", "icmp", "icmpv6",
		"timeout", "expires", "or", "and", "xor", "reset", "numgen",
		"jhash", "symhash", "pkttype", "priority", "random", "nftrace",
		"sctp", "dccp", "udplite", "esp", "ah", "comp", "igmp", "frag",
		"exthdr", "hbh", "dst", "mh", "srh", "skuid", "skgid", "cgroup",
		"secmark", "cpu", "time", "day", "hour", "protocol", "l4proto",
		"nfproto", "osf", "ipsec", "meter", "destroy", "gre", "vxlan",
		"geneve", "gretap", "xt", "arp", "rtclassid", "iifgroup",
		"oifgroup", "iiftype", "oiftype", "length", "ibrname",
		"obrname", "iifkind", "oifkind", "ibrpvid", "ibrvproto", NULL
	};
	const struct nt_tok *t = tok(text, i);

	if (text->dir == NT_IN && t->type == NT_WORD && !any_of(text, i, next))
		unknown_value(text, t, key);
}

void nt_values_rhs(struct nt_text *text, size_t i, const struct nt_chain *chain)
{
	bool mask, eq, explicit;
	size_t start = i;

	i = operators(text, i, &mask, &eq);
	explicit = i > start;
	if (mask)
		return;
	if (nt_text_is(text, i, "{")) {
		nt_values_elements(text, i + 1, chain, NULL);
		return;
	}
	if (nt_text_is(text, i, "@"))
		return;
	if (nt_text_is(text, i, "$") &&
	    !nt_text_is(text, i + 2, ".") && !nt_text_is(text, i + 2, ",")) {
		variable(text, i, chain);
		return;
	}
	if (starts_value(text, i, chain->key[0], explicit || text->ntok < 4))
		list(text, i, chain, eq && chain->n == 1 && text->dir == NT_IN);
	else if (chain->n == 1 && nt_keys[chain->key[0]].symbol)
		suspect(text, i, chain->key[0]);
}

/* Words of a selector that is not ours. */
static size_t selector(const struct nt_text *text, size_t i)
{
	static const char *const single[] = {
		"iif", "oif", "iifname", "oifname", "mark", "skuid", "skgid",
		"cpu", "iifgroup", "oifgroup", "iiftype", "oiftype", "cgroup",
		"nftrace", "rtclassid", "pkttype", "ibrname", "obrname", NULL
	};
	static const char *const hash[] = {
		"numgen", "jhash", "symhash", NULL
	};
	static const char *const way[] = { "original", "reply", NULL };

	if (nt_text_is(text, i, "@"))
		return i + 6;	/* @base,offset,length */
	if (any_of(text, i, single))
		return i + 1;
	if (any_of(text, i, hash)) {
		while (tok(text, i)->type != NT_END &&
		       !nt_text_is(text, i, ".") && !nt_text_is(text, i, "{") &&
		       !nt_text_is(text, i, "@") && !is_eol(text, i))
			i++;
		return i;
	}
	if (nt_text_is(text, i, "ct") && any_of(text, i + 1, way))
		return nt_text_is(text, i + 2, "ip") ||
		       nt_text_is(text, i + 2, "ip6") ? i + 4 : i + 3;
	if (nt_text_is(text, i, "tcp") && nt_text_is(text, i + 1, "option"))
		return i + 4;
	return i + 2;
}

size_t nt_values_chain(struct nt_text *text, size_t i, struct nt_chain *chain)
{
	size_t n;
	int key;

	for (;;) {
		key = nt_text_key(text, i, &n);
		i = key >= 0 ? i + n : selector(text, i);
		if (chain->n < NT_CHAIN_MAX)
			chain->key[chain->n++] = key >= 0 ? key : NT_PLAIN;
		if (!nt_text_is(text, i, "."))
			return i;
		i++;
	}
}

int nt_values_before(const struct nt_text *text, size_t i)
{
	static const char *const starts[] = {
		"ip", "ip6", "tcp", "udp", "th", "meta", "ct", "ether", "vlan",
		"arp", "icmp", "icmpv6", "igmp", "rt", "socket", "fib", "osf",
		"ipsec", "numgen", "jhash", "symhash", "exthdr", "frag", "hbh",
		"dst", "mh", "srh", "comp", "ah", "esp", "gre", "vxlan",
		"sctp", "dccp", "udplite", "tquic", "@", "iif", "oif",
		"iifname", "oifname", "mark", "skuid", "skgid", "cpu",
		"iifgroup", "oifgroup", "iiftype", "oiftype", "cgroup",
		"rtclassid", "pkttype", "ibrname", "obrname", NULL
	};
	int before = 0;
	size_t j;

	while (i && nt_text_is(text, i - 1, ".")) {
		before++;
		for (j = i - 1; j && i - j < 9; j--)
			if (any_of(text, j - 1, starts))
				break;
		if (!j || i - j >= 9)
			break;
		j--;
		/* a word of one that has a word before it */
		if (j && nt_text_is(text, j - 1, "meta"))
			j--;
		else if (j > 1 && nt_text_is(text, j - 2, "ct"))
			j -= 2;
		i = j;
	}
	return before;
}
