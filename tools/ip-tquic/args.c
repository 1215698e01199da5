// SPDX-License-Identifier: GPL-2.0
/* Words of the command line. */
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ip-tquic.h"
#include "parse.h"

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

uint64_t arg_number(struct args *args, const char *what, uint64_t max)
{
	const char *word = arg_next(args, what);
	uint64_t val;

	if (tq_parse_number(word, max, &val))
		die(EXIT_USAGE,
		    "'%s' is not a valid %s: a number up to %llu", word, what,
		    (unsigned long long)max);
	return val;
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

/* What the library has to say against a word ends the program. */
void arg_check(const char *word, const char *complaint)
{
	if (complaint)
		die(EXIT_USAGE, "'%s': %s", word, complaint);
}

/* "A.B.C.D", "A.B.C.D:PORT", "X::Y", "[X::Y]:PORT" */
void arg_address(struct args *args, const char *what, uint8_t addr[16],
		 uint16_t *port)
{
	const char *word = arg_next(args, what);
	const char *complaint = tq_parse_address(word, addr, port);

	if (complaint)
		die(EXIT_USAGE, "'%s' is not a valid %s address: %s", word,
		    what, complaint);
}

uint32_t arg_device(struct args *args)
{
	const char *name = arg_next(args, "name of the device");
	uint32_t dev = if_nametoindex(name);

	if (!dev)
		die(EXIT_USAGE, "there is no device '%s'", name);
	return dev;
}
