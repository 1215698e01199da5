// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"

/* 1 Tbit/s: what is more is a slip */
#define TQ_PARSE_RATE_MAX	125000000000ULL

const char *tq_parse_number(const char *text, uint64_t max, uint64_t *val)
{
	bool hex = text[0] == '0' && (text[1] | 0x20) == 'x';
	unsigned long long number;
	char *end;

	if (!isdigit((unsigned char)*text))
		return "a number is wanted";
	errno = 0;
	number = strtoull(text, &end, hex ? 16 : 10);
	if (*end)
		return "a number is wanted";
	if (errno || number > max)
		return "the number is too large";
	*val = number;
	return NULL;
}

const char *tq_parse_port(const char *text, uint16_t *port)
{
	uint64_t val;

	if (tq_parse_number(text, UINT16_MAX, &val) || !val)
		return "a port is a number from 1 to 65535";
	*port = val;
	return NULL;
}

const char *tq_parse_ports(const char *text, uint16_t *first, uint16_t *last)
{
	const char *dash = strchr(text, '-');
	char low[8] = "";

	if (!dash || dash - text >= (long)sizeof(low))
		return "a range of ports is FIRST-LAST";
	memcpy(low, text, dash - text);
	if (tq_parse_port(low, first) || tq_parse_port(dash + 1, last))
		return "a port is a number from 1 to 65535";
	return *first > *last ? "the last port comes before the first" : NULL;
}

const char *tq_parse_rate(const char *text, uint64_t *rate)
{
	static const struct {
		const char *name;
		uint64_t bits;
	} units[] = {
		{ "bit", 1 }, { "kbit", 1000 }, { "mbit", 1000000 },
		{ "gbit", 1000000000 }, { "bps", 8 }, { "kbps", 8000 },
		{ "mbps", 8000000 }, { "gbps", 8000000000 },
	};
	size_t digits = strspn(text, "0123456789.");
	unsigned int i;
	double val;
	char *end;

	val = strtod(text, &end);
	if (!digits || end != text + digits)
		return "a rate is a number with a unit, as in 500mbit";
	for (i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (strcasecmp(end, units[i].name))
			continue;
		val = val * units[i].bits / 8;
		if (val < 1 || val > TQ_PARSE_RATE_MAX)
			return "the rate has to be from 8bit to 1000gbit";
		*rate = val;
		return NULL;
	}
	return "its unit has to be bit, kbit, mbit, gbit or bps to gbps";
}

static bool tq_parse_ip(const char *host, uint8_t addr[16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (inet_pton(AF_INET6, host, addr) == 1)
		return true;
	memcpy(addr, mapped, sizeof(mapped));
	return inet_pton(AF_INET, host, addr + sizeof(mapped)) == 1;
}

const char *tq_parse_address(const char *text, uint8_t addr[16],
			     uint16_t *port)
{
	char host[INET6_ADDRSTRLEN + 1] = "";
	const char *from = text, *end;

	if (*text == '[') {
		from = text + 1;
		end = strchr(from, ']');
		if (!end || (end[1] && end[1] != ':'))
			return "it is not an address";
	} else {
		end = strchr(text, ':');
		/* more than one colon: an IPv6 address without a port */
		if (!end || strchr(end + 1, ':'))
			end = text + strlen(text);
	}
	if (end - from >= (long)sizeof(host))
		return "it is not an address";
	memcpy(host, from, end - from);
	*port = 0;
	end += *end == ']';
	/* port 0 says that any will do */
	if (*end && strcmp(end, ":0") && tq_parse_port(end + 1, port))
		return "its port is not a number from 0 to 65535";
	return tq_parse_ip(host, addr) ? NULL : "it is not an address";
}

const char *tq_parse_host(char *text, const char **host, uint16_t *port)
{
	char *colon = strrchr(text, ':'), *end = colon;
	const char *c;

	if (!colon || colon == text)
		return "a server is HOST:PORT";
	if (*text == '[') {
		end = colon - 1;
		if (*end != ']')
			return "with an IPv6 address it is [ADDRESS]:PORT";
		text++;
	} else if (strchr(text, ':') != colon) {
		return "with an IPv6 address it is [ADDRESS]:PORT";
	}
	*end = 0;
	for (c = text; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-_.:%", *c))
			break;
	if (*c || end == text || end - text > 253)
		return "its host is neither a name nor an address";
	*host = text;
	return tq_parse_port(colon + 1, port);
}

const char *tq_parse_protocol(const char *text, uint8_t *protocol)
{
	*protocol = strcmp(text, "tcp") ? IPPROTO_UDP : IPPROTO_TCP;
	if (*protocol == IPPROTO_TCP || !strcmp(text, "udp"))
		return NULL;
	return "the protocol is tcp or udp";
}

const char *tq_parse_name(const char *text)
{
	const char *c;

	for (c = text; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-_.", *c))
			return "a name has letters, digits, '-', '_' and '.'";
	if (c == text || c - text > TQ_NAME_MAX)
		return "a name has 1 to 15 characters";
	return NULL;
}

/*
 * The agent's file has one a line, in front of a colon; and what is not shown
 * as it is cannot be told from another.
 */
const char *tq_parse_identity(const char *text)
{
	const char *c;

	for (c = text; *c; c++)
		if (!isgraph((unsigned char)*c) || *c == '#')
			return "an identity has no blanks, no '#', just ASCII";
	if (c == text || c - text > TQ_IDENTITY_MAX)
		return "an identity has 1 to 63 characters";
	return NULL;
}

const char *tq_parse_bool(const char *text, bool *val)
{
	*val = !strcmp(text, "yes") || !strcmp(text, "on");
	if (*val || !strcmp(text, "no") || !strcmp(text, "off"))
		return NULL;
	return "it is either yes or no";
}
