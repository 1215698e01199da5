// SPDX-License-Identifier: GPL-2.0
/* ip-tquic show, close, stats, monitor. */
#include <errno.h>
#include <linux/genetlink.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ip-tquic.h"

/* between the words of a line */
#define BLANKS	" \x0a"

static json_t *paths_of(const json_t *paths, const json_t *conn)
{
	json_t *list = json_array(), *path;
	size_t i;

	json_array_foreach(paths, i, path)
		if (json_equal(json_object_get(path, "conn_id"),
			       json_object_get(conn, "conn_id")))
			json_array_append(list, path);
	return list;
}

/* Connections, each with its paths. */
static json_t *conns(bool one, uint32_t id)
{
	json_t *list = json_array(), *paths = json_array(), *conn;
	struct nlmsghdr *nlh;
	size_t i;

	nlh = genl_start(TQUIC_CMD_CONN_GET, !one);
	if (one)
		mnl_attr_put_u32(nlh, TQUIC_A_CONN_ID, id);
	genl_ask(nlh, tq_attr_conns, list);
	nlh = genl_start(TQUIC_CMD_PATH_GET, true);
	if (one)
		mnl_attr_put_u32(nlh, TQUIC_A_PATH_CONN_ID, id);
	genl_ask(nlh, tq_attr_paths, paths);
	json_array_foreach(list, i, conn)
		json_object_set_new(conn, "paths", paths_of(paths, conn));
	json_decref(paths);
	return list;
}

int cmd_show(struct args *args)
{
	json_t *list, *conn;
	bool one = false;
	uint32_t id = 0;
	size_t i;

	if (args->n) {
		if (!arg_conn_id(args, &id))
			id = arg_number(args, "connection number", UINT32_MAX);
		one = true;
	}
	arg_end(args);
	list = conns(one, id);
	if (opt.json) {
		out_json(list);
		return 0;
	}
	json_array_foreach(list, i, conn)
		out_conn(conn);
	json_decref(list);
	return 0;
}

int cmd_close(struct args *args)
{
	const char *reason = NULL;
	struct nlmsghdr *nlh;
	bool app = false;
	uint64_t code = 0;
	uint32_t id;

	if (!arg_conn_id(args, &id))
		id = arg_number(args, "connection number", UINT32_MAX);
	while (args->n) {
		if (arg_is(args, "code"))
			code = arg_number(args, "error code", UINT64_MAX);
		else if (arg_is(args, "app"))
			app = true;
		else if (arg_is(args, "reason"))
			reason = arg_next(args, "reason");
		else
			arg_end(args);
	}
	nlh = genl_start(TQUIC_CMD_CONN_CLOSE, false);
	mnl_attr_put_u32(nlh, TQUIC_A_CONN_ID, id);
	mnl_attr_put_u64(nlh, TQUIC_A_CONN_CLOSE_CODE, code);
	if (app)
		mnl_attr_put(nlh, TQUIC_A_CONN_CLOSE_APP, 0, NULL);
	if (reason && strlen(reason) > 63)
		die(EXIT_USAGE, "the reason has 63 bytes at most");
	if (reason)
		mnl_attr_put_strz(nlh, TQUIC_A_CONN_CLOSE_REASON, reason);
	genl_ask(nlh, NULL, NULL);
	return 0;
}

static void flush_tunnels(void)
{
	json_t *list = json_array(), *one;
	struct nlmsghdr *nlh;
	size_t i;

	genl_ask(genl_start(TQUIC_CMD_TUNNEL_GET, true), tq_attr_tunnels,
		 list);
	json_array_foreach(list, i, one) {
		nlh = genl_start(TQUIC_CMD_TUNNEL_DEL, false);
		mnl_attr_put_strz(nlh, TQUIC_A_TUNNEL_NAME,
				  json_string_value(json_object_get(one,
								    "name")));
		genl_ask(nlh, NULL, NULL);
	}
	json_decref(list);
}

static json_int_t connections(void)
{
	json_t *list = conns(false, 0);
	json_int_t n = json_array_size(list);

	json_decref(list);
	return n;
}

int cmd_flush(struct args *args)
{
	bool all = arg_is(args, "tunnels");
	struct nlmsghdr *nlh;
	json_int_t before;

	arg_end(args);
	before = connections();
	/* first, or they would dial again */
	if (all)
		flush_tunnels();
	nlh = genl_start(TQUIC_CMD_FLUSH, false);
	if (all)
		mnl_attr_put(nlh, TQUIC_A_CONN_TUNNELS, 0, NULL);
	genl_ask(nlh, NULL, NULL);
	if (opt.json)
		out_json(json_pack("{sI sI}", "connections", before, "left",
				   connections()));
	return 0;
}

/* Pairs of lines, of names and of values. */
static json_t *counters(FILE *file)
{
	char names[8192], values[8192], *name, *value, *a, *b;
	json_t *all = json_object();
	char key[128];

	while (fgets(names, sizeof(names), file) &&
	       fgets(values, sizeof(values), file)) {
		name = strtok_r(names, BLANKS, &a);
		value = strtok_r(values, BLANKS, &b);
		while (name && value) {
			name = strtok_r(NULL, BLANKS, &a);
			value = strtok_r(NULL, BLANKS, &b);
			if (!name || !value)
				break;
			snprintf(key, sizeof(key), "Tquic%s", name);
			json_object_set_new(all, key,
					    json_integer(strtoll(value, NULL,
								 10)));
		}
	}
	return all;
}

/* Counters of the namespace, and of each path. */
int cmd_stats(struct args *args)
{
	FILE *file = fopen("/proc/net/tquic/snmp", "r");
	json_t *all, *value, *list;
	const char *key;
	size_t i;

	arg_end(args);
	if (!file)
		die(EXIT_KERNEL, "/proc/net/tquic/snmp: %s", strerror(errno));
	all = counters(file);
	fclose(file);
	list = conns(false, 0);
	if (opt.json) {
		out_json(json_pack("{s:o,s:o}", "counters", all,
				   "connections", list));
		return 0;
	}
	json_object_foreach(all, key, value)
		if (opt.details || json_integer_value(value))
			printf("%-32s %lld\n", key,
			       (long long)json_integer_value(value));
	opt.stats = true;
	json_array_foreach(list, i, value)
		out_conn(value);
	json_decref(all);
	json_decref(list);
	return 0;
}

/**
 * struct event - a kind of events
 * @cmd: its command
 * @name: what it is called
 * @read: its message as JSON
 * @show: as text
 */
struct event {
	uint8_t cmd;
	const char *name;
	json_t *(*read)(const struct nlmsghdr *nlh);
	void (*show)(const json_t *what);
};

static void show_path(const json_t *path)
{
	out_path(path, true);
}

static const struct event events[] = {
	{ TQUIC_CMD_CONN_NEW, "CONN_NEW", tq_attr_conn, out_conn },
	{ TQUIC_CMD_CONN_CLOSED, "CONN_CLOSED", tq_attr_conn, out_conn },
	{ TQUIC_CMD_PATH_UP, "PATH_UP", tq_attr_path, show_path },
	{ TQUIC_CMD_PATH_DOWN, "PATH_DOWN", tq_attr_path, show_path },
	{ TQUIC_CMD_PATH_CHANGE, "PATH_CHANGE", tq_attr_path, show_path },
	{ TQUIC_CMD_TUNNEL_CHANGE, "TUNNEL_CHANGE", tq_attr_tunnel,
	  out_tunnel },
	{ TQUIC_CMD_CLIENT_CHANGE, "CLIENT_CHANGE", tq_attr_client,
	  out_client },
	{ }
};

static void event(const struct nlmsghdr *nlh, void *arg)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct event *kind;
	json_t *what;

	(void)arg;
	for (kind = events; kind->name; kind++)
		if (kind->cmd == genl->cmd)
			break;
	if (!kind->name)
		return;
	what = kind->read(nlh);
	if (opt.json) {
		json_object_set_new(what, "event", json_string(kind->name));
		out_json(what);
	} else {
		out_colored(COLOR_NAME, kind->name);
		putchar(' ');
		kind->show(what);
		json_decref(what);
	}
	fflush(stdout);
}

int cmd_monitor(struct args *args)
{
	arg_end(args);
	genl_listen(event, NULL);
}
