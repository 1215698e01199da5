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

long long out_num(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

const char *out_str(const json_t *object, const char *key)
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
void out_word(const json_t *object, const char *key, const char *label)
{
	if (*out_str(object, key))
		printf(" %s %s", label, out_str(object, key));
}

static void ms(const json_t *object, const char *key, const char *label)
{
	if (out_num(object, key))
		printf(" %s %.3fms", label, out_num(object, key) / 1000.0);
}

void out_endpoint(const json_t *object, const char *label, const char *addr,
		  const char *port)
{
	const char *text = out_str(object, addr);
	char both[80];

	snprintf(both, sizeof(both), strchr(text, ':') ? "[%s]:%lld" :
		 "%s:%lld", text, out_num(object, port));
	printf(" %s%s", label, *label ? " " : "");
	out_colored(COLOR_ADDRESS, both);
}

static void path_numbers(const json_t *path)
{
	if (opt.details)
		printf("\n        mtu %lld cwnd %lld in_flight %lld"
		       " pacing_rate %lldbit delivery_rate %lldbit",
		       out_num(path, "mtu"), out_num(path, "cwnd"),
		       out_num(path, "in_flight"),
		       8 * out_num(path, "pacing_rate"),
		       8 * out_num(path, "delivery_rate"));
	if (opt.details) {
		ms(path, "min_rtt_us", "min_rtt");
		ms(path, "rttvar_us", "rttvar");
	}
	if (opt.stats)
		printf("\n        sent %lld bytes received %lld bytes"
		       " lost %lld packets",
		       out_num(path, "sent_bytes"),
		       out_num(path, "received_bytes"),
		       out_num(path, "lost_packets"));
}

void out_path(const json_t *path, bool alone)
{
	bool good = !strcmp(out_str(path, "state"), "active") &&
		    !has(path, "flags", "failed") &&
		    !has(path, "flags", "down");
	json_t *flag;
	size_t i;

	if (alone)
		printf("conn %lld ", out_num(path, "conn_id"));
	else
		printf("    ");
	printf("path %lld ", out_num(path, "path_id"));
	out_colored(good ? COLOR_GOOD : COLOR_BAD, out_str(path, "state"));
	json_array_foreach(json_object_get(path, "flags"), i, flag)
		if (strcmp(json_string_value(flag), "validated"))
			printf(" %s", json_string_value(flag));
	if (*out_str(path, "dev")) {
		printf(" dev ");
		out_colored(COLOR_NAME, out_str(path, "dev"));
	}
	if (*out_str(path, "local")) {
		out_endpoint(path, "local", "local", "local_port");
		out_endpoint(path, "remote", "remote", "remote_port");
	}
	ms(path, "srtt_us", "srtt");
	path_numbers(path);
	putchar('\n');
}

static void conn_end(const json_t *conn)
{
	out_word(conn, "error", "error");
	out_word(conn, "why", "ended");
	if (json_object_get(conn, "close_code"))
		printf(" code %lld%s", out_num(conn, "close_code"),
		       json_object_get(conn, "close_app") ?
		       " (application)" : "");
	out_word(conn, "close_reason", "reason");
}

void out_conn(const json_t *conn)
{
	json_t *path;
	size_t i;

	printf("conn ");
	printf("%lld ", out_num(conn, "conn_id"));
	out_colored(strcmp(out_str(conn, "state"), "established") ? COLOR_BAD :
		    COLOR_GOOD, out_str(conn, "state"));
	printf(" %s", has(conn, "flags", "server") ? "server" : "client");
	out_word(conn, "alpn", "alpn");
	out_word(conn, "identity", "identity");
	conn_end(conn);
	printf("\n    scheduler %s congestion %s"
	       " paths %lld/%lld streams %lld",
	       out_str(conn, "scheduler"), out_str(conn, "congestion"),
	       out_num(conn, "paths_usable"), out_num(conn, "nr_paths"),
	       out_num(conn, "streams"));
	ms(conn, "srtt_us", "srtt");
	if (opt.details) {
		printf("\n    version %s cipher %s flags",
		       out_str(conn, "version"), out_str(conn, "cipher"));
		json_array_foreach(json_object_get(conn, "flags"), i, path)
			printf(" %s", json_string_value(path));
	}
	if (opt.stats)
		printf("\n    sent %lld bytes %lld packets"
		       " received %lld bytes %lld packets"
		       " lost %lld packets delivered %lld bytes",
		       out_num(conn, "sent_bytes"),
		       out_num(conn, "sent_packets"),
		       out_num(conn, "received_bytes"),
		       out_num(conn, "received_packets"),
		       out_num(conn, "lost_packets"),
		       out_num(conn, "delivered_bytes"));
	putchar('\n');
	json_array_foreach(json_object_get(conn, "paths"), i, path)
		out_path(path, false);
}
