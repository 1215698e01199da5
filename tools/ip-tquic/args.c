// SPDX-License-Identifier: GPL-2.0
/* Words of the command line. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ip-tquic.h"

void die(int status, const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("ip-tquic: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(status);
}

/* Is the next word this one?  Then it is taken. */
bool arg_is(struct args *args, const char *word)
{
	if (!args->n || strcmp(args->v[0], word))
		return false;
	args->n--;
	args->v++;
	return true;
}

const char *arg_next(struct args *args, const char *what)
{
	if (!args->n)
		die(EXIT_USAGE, "%s is missing", what);
	args->n--;
	return *args->v++;
}

void arg_end(const struct args *args)
{
	if (args->n)
		die(EXIT_USAGE, "'%s' is not understood here; see --help",
		    args->v[0]);
}

static uint64_t to_number(const char *word, const char *what, uint64_t max)
{
	unsigned long long val;
	char *end;

	errno = 0;
	val = strtoull(word, &end, 0);
	if (errno || *end || end == word || *word == '-' || val > max)
		die(EXIT_USAGE,
		    "'%s' is not a valid %s: a number up to %llu", word, what,
		    (unsigned long long)max);
	return val;
}

uint64_t arg_number(struct args *args, const char *what, uint64_t max)
{
	return to_number(arg_next(args, what), what, max);
}

/* "conn_id N", or "conn N" */
bool arg_conn_id(struct args *args, uint32_t *id)
{
	if (!arg_is(args, "conn_id") && !arg_is(args, "conn"))
		return false;
	*id = arg_number(args, "connection number", UINT32_MAX);
	return true;
}

bool arg_switch(struct args *args, const char *what)
{
	if (arg_is(args, "on"))
		return true;
	if (arg_is(args, "off"))
		return false;
	die(EXIT_USAGE, "%s: 'on' or 'off'?", what);
}

/* "A.B.C.D", "A.B.C.D:PORT", "X::Y", "[X::Y]:PORT" */
void arg_address(struct args *args, const char *what, uint8_t addr[16],
		 uint16_t *port)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	const char *word = arg_next(args, what);
	char host[INET6_ADDRSTRLEN + 1];
	const char *end, *from = word;
	size_t len;

	if (*word == '[') {
		from = word + 1;
		end = strchr(from, ']');
		if (!end || (end[1] && end[1] != ':'))
			die(EXIT_USAGE, "'%s' is not a valid %s address", word,
			    what);
		len = end - from;
		end++;
	} else {
		end = strchr(word, ':');
		/* more than one colon: an IPv6 address without a port */
		if (!end || strchr(end + 1, ':'))
			end = word + strlen(word);
		len = end - from;
	}
	*port = *end ? to_number(end + 1, "port", UINT16_MAX) : 0;
	if (len < sizeof(host)) {
		memcpy(host, from, len);
		host[len] = 0;
		if (inet_pton(AF_INET6, host, addr) == 1)
			return;
		memcpy(addr, mapped, sizeof(mapped));
		if (inet_pton(AF_INET, host, addr + sizeof(mapped)) == 1)
			return;
	}
	die(EXIT_USAGE, "'%s' is not a valid %s address", word, what);
}

uint32_t arg_device(struct args *args)
{
	const char *name = arg_next(args, "name of the device");
	uint32_t dev = if_nametoindex(name);

	if (!dev)
		die(EXIT_USAGE, "there is no device '%s'", name);
	return dev;
}
