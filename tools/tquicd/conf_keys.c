// SPDX-License-Identifier: GPL-2.0
/* What can be set. */
#include <arpa/inet.h>
#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"

/**
 * struct tqd_key - a setting
 * @name: in the file
 * @set: takes the value at @offset; NULL or a complaint
 * @offset: of what is set
 * @place: offset of where to remember its place, 0 for nowhere
 * @often: it may be there more than once
 */
struct tqd_key {
	const char *name;
	const char *(*set)(void *at, const char *value,
			   const struct tqd_place *place);
	size_t offset;
	size_t place;
	bool often;
};

#define TQD_SETTER(name)						\
	static const char *tqd_conf_##name(void *at, const char *value,	\
					   const struct tqd_place *place)

TQD_SETTER(port)
{
	(void)place;
	return tq_parse_port(value, at);
}

TQD_SETTER(ttl)
{
	unsigned int *ttl = at;
	uint64_t val;

	(void)place;
	if (tq_parse_number(value, 86400, &val) || !val)
		return "it is a number of seconds from 1 to 86400";
	*ttl = val;
	return NULL;
}

static int tqd_conf_base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* RFC 4648 section 4, with its padding. */
TQD_SETTER(psk)
{
	size_t len = strlen(value), pad = 0, i;
	struct tqd_psk *psk = at;
	uint32_t bits = 0;
	int digit;

	(void)place;
	psk->len = 0;
	while (pad < 2 && pad < len && value[len - pad - 1] == '=')
		pad++;
	if (!len || len % 4)
		return "it is not base64";
	if (len / 4 * 3 - pad < TQD_CONF_PSK_MIN ||
	    len / 4 * 3 - pad > TQD_CONF_PSK_MAX)
		return "a key has 16 to 64 bytes";
	for (i = 0; i < len - pad; i++) {
		digit = tqd_conf_base64_digit(value[i]);
		if (digit < 0)
			return "it is not base64";
		bits = bits << 6 | digit;
		if (i % 4)
			psk->key[psk->len++] = bits >> (6 - i % 4 * 2);
	}
	return NULL;
}

TQD_SETTER(ports)
{
	struct tqd_client *client = at;

	(void)place;
	return tq_parse_ports(value, &client->port_first, &client->port_last);
}

TQD_SETTER(rate)
{
	(void)place;
	return tq_parse_rate(value, at);
}

TQD_SETTER(bool)
{
	(void)place;
	return tq_parse_bool(value, at);
}

/* "tcp 10022 to 192.168.1.5:22" */
TQD_SETTER(forward)
{
	char protocol[8], port[8], to[64], rest[2];
	struct tqd_client *client = at;
	struct tqd_forward *fwd, **last = &client->forwards;
	const char *problem;

	if (sscanf(value, "%7s %7s to %63s %1s", protocol, port, to,
		   rest) != 3)
		return "a forward is, say, tcp 10022 to 192.168.1.5:22";
	if (client->nr_forwards == TQD_CONF_FORWARDS_MAX)
		return "there are too many forwards";
	fwd = calloc(1, sizeof(*fwd));
	if (!fwd)
		return "out of memory";
	fwd->place = *place;
	problem = tq_parse_protocol(protocol, &fwd->protocol);
	if (!problem)
		problem = tq_parse_port(port, &fwd->port);
	if (!problem)
		problem = tq_parse_address(to, fwd->to, &fwd->to_port);
	if (problem) {
		free(fwd);
		return problem;
	}
	if (!fwd->to_port)
		fwd->to_port = fwd->port;
	while (*last)
		last = &(*last)->next;
	*last = fwd;
	client->nr_forwards++;
	return NULL;
}

TQD_SETTER(server)
{
	struct tqd_tunnel *tunnel = at;
	char *copy = strdup(value);
	const char *problem, *host;

	(void)place;
	if (!copy)
		return "out of memory";
	problem = tq_parse_host(copy, &host, &tunnel->port);
	if (!problem)
		strcpy(tunnel->host, host);
	free(copy);
	return problem;
}

TQD_SETTER(identity)
{
	const char *problem = tq_parse_identity(value);

	(void)place;
	if (!problem && strchr(value, ':'))
		problem = "an identity has no ':' here";
	if (!problem)
		strcpy(at, value);
	return problem;
}

/* As the kernel would take it; and nft's quotes have no escapes. */
static bool tqd_conf_device_ok(const char *name)
{
	const char *c;

	if (strlen(name) >= IFNAMSIZ || !strcmp(name, ".") ||
	    !strcmp(name, ".."))
		return false;
	for (c = name; *c; c++)
		if (!isgraph((unsigned char)*c) || strchr("/:\"*\\", *c))
			return false;
	return true;
}

TQD_SETTER(devices)
{
	struct tqd_devices *devices = at;
	const char *problem = NULL;
	char *copy = strdup(value);
	char *word, *rest;
	unsigned int i;

	(void)place;
	if (!copy)
		return "out of memory";
	for (word = strtok_r(copy, ", \t", &rest); word && !problem;
	     word = strtok_r(NULL, ", \t", &rest)) {
		for (i = 0; i < devices->nr; i++)
			if (!strcmp(devices->name[i], word))
				problem = "a device is there twice";
		if (!tqd_conf_device_ok(word))
			problem = "that is not a list of devices' names";
		else if (devices->nr == TQD_CONF_DEVICES_MAX)
			problem = "there are more than 8 devices";
		if (!problem)
			strcpy(devices->name[devices->nr++], word);
	}
	free(copy);
	return !problem && !devices->nr ? "a value is missing" : problem;
}

TQD_SETTER(paths)
{
	return strcmp(value, "auto") ? tqd_conf_devices(at, value, place) :
				       NULL;
}

TQD_SETTER(class)
{
	static const char *const names[] = {
		"realtime", "interactive", "bulk", "background", NULL
	};
	unsigned int i;

	(void)place;
	for (i = 0; names[i]; i++) {
		if (strcmp(value, names[i]))
			continue;
		strcpy(at, value);
		return NULL;
	}
	return "a class is realtime, interactive, bulk or background";
}

static const char *tqd_conf_prefix(struct tqd_prefix *prefix, char *word)
{
	char *slash = strchr(word, '/');
	unsigned int i;
	uint64_t bits;

	if (slash)
		*slash++ = 0;
	prefix->v6 = inet_pton(AF_INET6, word, prefix->addr) == 1;
	if (!prefix->v6 && inet_pton(AF_INET, word, prefix->addr) != 1)
		return "a prefix is ADDRESS or ADDRESS/BITS";
	bits = prefix->v6 ? 128 : 32;
	if (slash && tq_parse_number(slash, bits, &bits))
		return "a prefix has up to 32 bits, or 128 with IPv6";
	prefix->bits = bits;
	for (i = bits; i < 128; i++)
		prefix->addr[i / 8] &= ~(0x80 >> i % 8);
	return NULL;
}

TQD_SETTER(bypass)
{
	struct tqd_tunnel *tunnel = at;
	struct tqd_prefix *prefix, **last = &tunnel->bypass;
	const char *problem = NULL;
	char *copy = strdup(value);
	char *word, *rest;

	(void)place;
	while (*last)
		last = &(*last)->next;
	if (!copy)
		return "out of memory";
	word = strtok_r(copy, ", \t", &rest);
	if (!word)
		problem = "a value is missing";
	for (; word && !problem; word = strtok_r(NULL, ", \t", &rest)) {
		prefix = calloc(1, sizeof(*prefix));
		if (!prefix)
			problem = "out of memory";
		else if (tunnel->nr_bypass == TQD_CONF_PREFIXES_MAX)
			problem = "there are more than 256 prefixes";
		else
			problem = tqd_conf_prefix(prefix, word);
		if (problem) {
			free(prefix);
			continue;
		}
		*last = prefix;
		last = &prefix->next;
		tunnel->nr_bypass++;
	}
	free(copy);
	return problem;
}

TQD_SETTER(down)
{
	bool *drop = at;

	(void)place;
	*drop = !strcmp(value, "drop");
	return *drop || !strcmp(value, "route") ? NULL :
						  "it is either route or drop";
}

TQD_SETTER(algo)
{
	(void)place;
	if (!*value || strlen(value) > 15 ||
	    strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789_-") !=
	    strlen(value))
		return "that is not the name of an algorithm";
	strcpy(at, value);
	return NULL;
}

#define TQD_GLOBAL(name, set, member, place) \
	{ name, set, offsetof(struct tqd_conf, member), place, false }
static const struct tqd_key tqd_conf_global_keys[] = {
	TQD_GLOBAL("listen_port", tqd_conf_port, listen_port,
		   offsetof(struct tqd_conf, listen)),
	TQD_GLOBAL("metrics_port", tqd_conf_port, metrics_port,
		   offsetof(struct tqd_conf, metrics)),
	TQD_GLOBAL("dashboard_port", tqd_conf_port, dashboard_port,
		   offsetof(struct tqd_conf, dashboard)),
	TQD_GLOBAL("session_ttl", tqd_conf_ttl, session_ttl, 0),
	{}
};

#define TQD_CLIENT(name, set, member) \
	{ name, set, offsetof(struct tqd_client, member), 0, false }
static const struct tqd_key tqd_conf_client_keys[] = {
	TQD_CLIENT("psk", tqd_conf_psk, psk),
	{ "port_range", tqd_conf_ports, 0, offsetof(struct tqd_client, ports),
	  false },
	TQD_CLIENT("bandwidth_limit", tqd_conf_rate, rate),
	TQD_CLIENT("inside", tqd_conf_bool, inside),
	{ "forward", tqd_conf_forward, 0, 0, true },
	{}
};

#define TQD_TUNNEL(name, set, member) \
	{ name, set, offsetof(struct tqd_tunnel, member), 0, false }
static const struct tqd_key tqd_conf_tunnel_keys[] = {
	{ "server", tqd_conf_server, 0, offsetof(struct tqd_tunnel, server),
	  false },
	TQD_TUNNEL("identity", tqd_conf_identity, identity),
	TQD_TUNNEL("psk", tqd_conf_psk, psk),
	{ "paths", tqd_conf_paths, offsetof(struct tqd_tunnel, paths),
	  offsetof(struct tqd_tunnel, path_list), false },
	TQD_TUNNEL("capture", tqd_conf_devices, capture),
	TQD_TUNNEL("class", tqd_conf_class, class),
	{ "bypass", tqd_conf_bypass, 0, 0, true },
	TQD_TUNNEL("down", tqd_conf_down, drop),
	TQD_TUNNEL("scheduler", tqd_conf_algo, scheduler),
	TQD_TUNNEL("congestion", tqd_conf_algo, congestion),
	{}
};

static const char *tqd_conf_apply(const struct tqd_key *keys, void *base,
				  unsigned int *seen,
				  const struct tqd_place *place,
				  const char *name, const char *value)
{
	const struct tqd_key *key;
	unsigned int bit;

	for (key = keys; key->name; key++)
		if (!strcmp(key->name, name))
			break;
	if (!key->name)
		return "there is no such setting in this section";
	bit = 1U << (key - keys);
	if (*seen & bit && !key->often)
		return "it is there twice";
	*seen |= bit;
	if (key->place)
		*(struct tqd_place *)((char *)base + key->place) = *place;
	if (!*value)
		return "a value is missing";
	return key->set((char *)base + key->offset, value, place);
}

/**
 * tqd_conf_set - take a setting
 * @conf: configuration
 * @section: where it stands
 * @place: likewise
 * @name: what is set
 * @value: to what
 *
 * Return: NULL, or a complaint.
 */
const char *tqd_conf_set(struct tqd_conf *conf, struct tqd_section *section,
			 const struct tqd_place *place, const char *name,
			 const char *value)
{
	switch (section->kind) {
	case TQD_SECTION_GLOBAL:
		return tqd_conf_apply(tqd_conf_global_keys, conf, &conf->seen,
				      place, name, value);
	case TQD_SECTION_CLIENT:
		return tqd_conf_apply(tqd_conf_client_keys, section->client,
				      &section->client->seen, place, name,
				      value);
	case TQD_SECTION_TUNNEL:
		return tqd_conf_apply(tqd_conf_tunnel_keys, section->tunnel,
				      &section->tunnel->seen, place, name,
				      value);
	case TQD_SECTION_BAD:
		return NULL;
	default:
		return "it stands before the first [section]";
	}
}
