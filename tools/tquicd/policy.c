// SPDX-License-Identifier: GPL-2.0
/*
 * A table of its own, replaced in one transaction and only when it is another:
 * its comment tells.  A flow that is in a tunnel stays there whatever the rules
 * become, so that a new policy drops nothing.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy.h"
#include "run.h"

static void tqd_policy_devices(const struct tqd_devices *devices,
			       struct tqd_text *text)
{
	unsigned int i;

	tqd_text_add(text, "iifname { ");
	for (i = 0; i < devices->nr; i++)
		tqd_text_add(text, "%s\"%s\"", i ? ", " : "",
			     devices->name[i]);
	tqd_text_add(text, " }");
}

static bool tqd_policy_covers(const struct tqd_prefix *wide,
			      const struct tqd_prefix *narrow)
{
	unsigned int i;

	if (wide->v6 != narrow->v6 || wide->bits > narrow->bits)
		return false;
	for (i = 0; i < wide->bits; i++)
		if ((wide->addr[i / 8] ^ narrow->addr[i / 8]) & 0x80 >> i % 8)
			return false;
	return true;
}

/* nft refuses sets in which prefixes overlap. */
static bool tqd_policy_is_new(const struct tqd_tunnel *tunnel,
			      const struct tqd_prefix *prefix)
{
	const struct tqd_prefix *other;
	bool before = true;

	for (other = tunnel->bypass; other; other = other->next) {
		if (other == prefix)
			before = false;
		else if (tqd_policy_covers(other, prefix) &&
			 (before || !tqd_policy_covers(prefix, other)))
			return false;
	}
	return true;
}

static void tqd_policy_bypass(const struct tqd_tunnel *tunnel, bool v6,
			      struct tqd_text *text)
{
	const struct tqd_prefix *prefix;
	char addr[INET6_ADDRSTRLEN];
	unsigned int n = 0;

	for (prefix = tunnel->bypass; prefix; prefix = prefix->next) {
		if (prefix->v6 != v6 || !tqd_policy_is_new(tunnel, prefix))
			continue;
		if (!n++)
			tqd_text_add(text, "\t\t%s daddr { ",
				     v6 ? "ip6" : "ip");
		inet_ntop(v6 ? AF_INET6 : AF_INET, prefix->addr, addr,
			  sizeof(addr));
		tqd_text_add(text, "%s%s/%u", n > 1 ? ", " : "", addr,
			     prefix->bits);
	}
	if (n)
		tqd_text_add(text, " } return\n");
}

/*
 * The statement breaks where it must not take a packet, and while the tunnel
 * is down.  What it breaks for in the first case must not be dropped.
 */
static void tqd_policy_drop(const struct tqd_tunnel *tunnel,
			    struct tqd_text *text)
{
	tqd_text_add(text, "\t\tfib daddr type != unicast return\n"
		     "\t\tip daddr 169.254.0.0/16 return\n"
		     "\t\tip6 daddr fe80::/10 return\n"
		     "\t\tmeta l4proto { tcp, udp } counter drop comment \"%s is down\"\n",
		     tunnel->name);
}

static void tqd_policy_chain(const struct tqd_tunnel *tunnel,
			     struct tqd_text *text)
{
	tqd_text_add(text, "\tchain to-%s {\n", tunnel->name);
	tqd_policy_bypass(tunnel, false, text);
	tqd_policy_bypass(tunnel, true, text);
	tqd_text_add(text, "\t\tmeta l4proto { tcp, udp } tquic tunnel to \"%s\"",
		     tunnel->name);
	if (*tunnel->class)
		tqd_text_add(text, " class %s", tunnel->class);
	tqd_text_add(text, " accept\n");
	if (tunnel->drop)
		tqd_policy_drop(tunnel, text);
	tqd_text_add(text, "\t}\n");
}

void tqd_policy_text(const struct tqd_conf *conf, struct tqd_text *text)
{
	const struct tqd_tunnel *tunnel;
	bool any = false;

	for (tunnel = conf->tunnels; tunnel; tunnel = tunnel->next)
		if (tunnel->capture.nr) {
			tqd_policy_chain(tunnel, text);
			any = true;
		}
	if (!any)
		return;
	tqd_text_add(text, "\tchain prerouting {\n"
		     "\t\ttype filter hook prerouting priority mangle; policy accept;\n");
	for (tunnel = conf->tunnels; tunnel; tunnel = tunnel->next) {
		if (!tunnel->capture.nr)
			continue;
		tqd_text_add(text, "\t\t");
		tqd_policy_devices(&tunnel->capture, text);
		tqd_text_add(text, " jump to-%s\n", tunnel->name);
	}
	tqd_text_add(text, "\t}\n");
}

/* FNV-1a: equal or not is all that it is asked */
static uint64_t tqd_policy_hash(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3ULL;
	return hash;
}

static bool tqd_policy_in_force(const char *nft, const char *comment)
{
	const char *const argv[] = { nft, "list", "table", "inet",
				     TQD_POLICY_TABLE, NULL };
	char *output;
	int status;
	bool same;

	output = tqd_run(argv, "", &status);
	same = output && !status && strstr(output, comment);
	free(output);
	return same;
}

static bool tqd_policy_run(const char *nft, const char *script)
{
	const char *const argv[] = { nft, "-f", "-", NULL };
	char *output;
	int status;

	output = tqd_run(argv, script, &status);
	if (!output)
		tqd_error(NULL, "policy: %s: %s", nft, strerror(errno));
	else if (status)
		tqd_error(NULL, "policy: %s refuses it: %s", nft, output);
	free(output);
	return output && !status;
}

bool tqd_policy_apply(const struct tqd_conf *conf, const char *nft,
		      bool owned)
{
	struct tqd_text rules, script;
	char comment[64];
	bool ok;

	tqd_text_init(&rules);
	tqd_text_init(&script);
	tqd_policy_text(conf, &rules);
	/* so that there is one to delete */
	tqd_text_add(&script, "table inet %s\ndelete table inet %s\n",
		     TQD_POLICY_TABLE, TQD_POLICY_TABLE);
	if (rules.at && *rules.at) {
		snprintf(comment, sizeof(comment), "comment \"tquicd %016llx\"",
			 (unsigned long long)tqd_policy_hash(rules.at));
		tqd_text_add(&script, "table inet %s {\n\t%s\n%s}\n",
			     TQD_POLICY_TABLE, comment, rules.at);
		ok = tqd_policy_in_force(nft, comment) ||
		     (script.at && tqd_policy_run(nft, script.at));
	} else {
		ok = rules.at && (!owned || tqd_policy_run(nft, script.at));
	}
	tqd_text_free(&rules);
	tqd_text_free(&script);
	return ok;
}
