// SPDX-License-Identifier: GPL-2.0
/* Text for people, made from JSON; or the JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ip-tquic.h"

/* Takes the value. */
void out_json(json_t *value)
{
	json_dumpf(value, stdout,
		   opt.pretty ? JSON_INDENT(4) : JSON_COMPACT);
	putchar('\n');
	json_decref(value);
}

void out_colored(enum color color, const char *text)
{
	static const char *const codes[] = {
		[COLOR_NAME] = "\033[36m", [COLOR_ADDRESS] = "\033[35m",
		[COLOR_GOOD] = "\033[32m", [COLOR_BAD] = "\033[31m",
	};

	if (opt.color == 2 || (opt.color == 1 && isatty(STDOUT_FILENO)))
		printf("%s%s\033[0m", codes[color], text);
	else
		fputs(text, stdout);
}

static long long num(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static const char *str(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static bool has(const json_t *object, const char *list, const char *what)
{
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(object, list), i, item)
		if (!strcmp(json_string_value(item), what))
			return true;
	return false;
}

/* " word text" if there is one */
static void word(const json_t *object, const char *key, const char *label)
{
	if (*str(object, key))
		printf(" %s %s", label, str(object, key));
}

static void ms(const json_t *object, const char *key, const char *label)
{
	if (num(object, key))
		printf(" %s %.3fms", label, num(object, key) / 1000.0);
}

static void endpoint(const json_t *path, const char *addr, const char *port)
{
	const char *text = str(path, addr);
	char both[80];

	snprintf(both, sizeof(both), strchr(text, ':') ? "[%s]:%lld" :
		 "%s:%lld", text, num(path, port));
	printf(" %s ", addr);
	out_colored(COLOR_ADDRESS, both);
}

static void path_numbers(const json_t *path)
{
	if (opt.details)
		printf("\n        mtu %lld cwnd %lld in_flight %lld"
		       " pacing_rate %lldbit delivery_rate %lldbit",
		       num(path, "mtu"), num(path, "cwnd"),
		       num(path, "in_flight"), 8 * num(path, "pacing_rate"),
		       8 * num(path, "delivery_rate"));
	if (opt.details) {
		ms(path, "min_rtt_us", "min_rtt");
		ms(path, "rttvar_us", "rttvar");
	}
	if (opt.stats)
		printf("\n        sent %lld bytes received %lld bytes"
		       " lost %lld packets",
		       num(path, "sent_bytes"), num(path, "received_bytes"),
		       num(path, "lost_packets"));
}

void out_path(const json_t *path, bool alone)
{
	bool good = !strcmp(str(path, "state"), "active") &&
		    !has(path, "flags", "failed") &&
		    !has(path, "flags", "down");
	json_t *flag;
	size_t i;

	if (alone)
		printf("conn %lld ", num(path, "conn_id"));
	else
		printf("    ");
	printf("path %lld ", num(path, "path_id"));
	out_colored(good ? COLOR_GOOD : COLOR_BAD, str(path, "state"));
	json_array_foreach(json_object_get(path, "flags"), i, flag)
		if (strcmp(json_string_value(flag), "validated"))
			printf(" %s", json_string_value(flag));
	if (*str(path, "dev")) {
		printf(" dev ");
		out_colored(COLOR_NAME, str(path, "dev"));
	}
	if (*str(path, "local")) {
		endpoint(path, "local", "local_port");
		endpoint(path, "remote", "remote_port");
	}
	ms(path, "srtt_us", "srtt");
	path_numbers(path);
	putchar('\n');
}

static void conn_end(const json_t *conn)
{
	word(conn, "error", "error");
	word(conn, "why", "ended");
	if (json_object_get(conn, "close_code"))
		printf(" code %lld%s", num(conn, "close_code"),
		       json_object_get(conn, "close_app") ?
		       " (application)" : "");
	word(conn, "close_reason", "reason");
}

void out_conn(const json_t *conn)
{
	json_t *path;
	size_t i;

	printf("conn ");
	printf("%lld ", num(conn, "conn_id"));
	out_colored(strcmp(str(conn, "state"), "established") ? COLOR_BAD :
		    COLOR_GOOD, str(conn, "state"));
	printf(" %s", has(conn, "flags", "server") ? "server" : "client");
	word(conn, "alpn", "alpn");
	word(conn, "identity", "identity");
	conn_end(conn);
	printf("\n    scheduler %s congestion %s"
	       " paths %lld/%lld streams %lld",
	       str(conn, "scheduler"), str(conn, "congestion"),
	       num(conn, "paths_usable"), num(conn, "nr_paths"),
	       num(conn, "streams"));
	ms(conn, "srtt_us", "srtt");
	if (opt.details) {
		printf("\n    version %s cipher %s flags",
		       str(conn, "version"), str(conn, "cipher"));
		json_array_foreach(json_object_get(conn, "flags"), i, path)
			printf(" %s", json_string_value(path));
	}
	if (opt.stats)
		printf("\n    sent %lld bytes %lld packets"
		       " received %lld bytes %lld packets"
		       " lost %lld packets delivered %lld bytes",
		       num(conn, "sent_bytes"), num(conn, "sent_packets"),
		       num(conn, "received_bytes"),
		       num(conn, "received_packets"),
		       num(conn, "lost_packets"), num(conn, "delivered_bytes"));
	putchar('\n');
	json_array_foreach(json_object_get(conn, "paths"), i, path)
		out_path(path, false);
}
