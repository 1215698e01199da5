// SPDX-License-Identifier: GPL-2.0
/* ip-tquic path. */
#include <linux/genetlink.h>
#include <stdio.h>
#include <string.h>

#include "ip-tquic.h"

static json_t *all_paths(bool one, uint32_t conn_id)
{
	struct nlmsghdr *nlh = genl_start(TQUIC_CMD_PATH_GET, true);
	json_t *list = json_array();

	if (one)
		mnl_attr_put_u32(nlh, TQUIC_A_PATH_CONN_ID, conn_id);
	genl_ask(nlh, tq_attr_paths, list);
	return list;
}

static int path_show(struct args *args)
{
	uint32_t conn_id = 0;
	json_t *list, *path;
	bool one;
	size_t i;

	one = arg_conn_id(args, &conn_id);
	arg_end(args);
	list = all_paths(one, conn_id);
	if (opt.json) {
		out_json(list);
		return 0;
	}
	json_array_foreach(list, i, path)
		out_path(path, true);
	json_decref(list);
	return 0;
}

/* The connection that has the path, when it is not said and only one has. */
static uint32_t conn_with(uint32_t path_id)
{
	json_t *list = all_paths(false, 0), *path;
	json_int_t conn_id = -1;
	size_t i;

	json_array_foreach(list, i, path) {
		if (json_integer_value(json_object_get(path, "path_id")) !=
		    path_id)
			continue;
		if (conn_id >= 0)
			die(EXIT_USAGE,
			    "several connections have a path %u: say conn_id",
			    path_id);
		conn_id = json_integer_value(json_object_get(path, "conn_id"));
	}
	json_decref(list);
	if (conn_id < 0)
		die(EXIT_KERNEL, "no connection has a path %u", path_id);
	return conn_id;
}

static void added(const struct nlmsghdr *nlh, void *arg)
{
	json_t *path = tq_attr_path(nlh);

	(void)arg;
	if (opt.json) {
		out_json(path);
		return;
	}
	printf("path_id %lld\n", (long long)
	       json_integer_value(json_object_get(path, "path_id")));
	json_decref(path);
}

static void put_address(struct nlmsghdr *nlh, struct args *args,
			const char *what, uint16_t attr, uint16_t port_attr)
{
	uint8_t addr[16];
	uint16_t port;

	arg_address(args, what, addr, &port);
	mnl_attr_put(nlh, attr, sizeof(addr), addr);
	mnl_attr_put_u16(nlh, port_attr, port);
}

static int path_add(struct args *args)
{
	struct nlmsghdr *nlh = genl_start(TQUIC_CMD_PATH_ADD, false);
	bool which = false;
	uint32_t conn_id;

	while (args->n) {
		if (arg_conn_id(args, &conn_id)) {
			mnl_attr_put_u32(nlh, TQUIC_A_PATH_CONN_ID, conn_id);
			which = true;
		} else if (arg_is(args, "dev")) {
			mnl_attr_put_u32(nlh, TQUIC_A_PATH_DEV,
					 arg_device(args));
		} else if (arg_is(args, "local")) {
			put_address(nlh, args, "local", TQUIC_A_PATH_LOCAL,
				    TQUIC_A_PATH_LOCAL_PORT);
		} else if (arg_is(args, "remote")) {
			put_address(nlh, args, "remote", TQUIC_A_PATH_REMOTE,
				    TQUIC_A_PATH_REMOTE_PORT);
		} else if (arg_is(args, "backup")) {
			mnl_attr_put_u8(nlh, TQUIC_A_PATH_BACKUP, 1);
		} else if (arg_is(args, "metered")) {
			mnl_attr_put_u8(nlh, TQUIC_A_PATH_METERED, 1);
		} else {
			arg_end(args);
		}
	}
	if (!which)
		die(EXIT_USAGE, "conn_id is missing");
	genl_ask(nlh, added, NULL);
	return 0;
}

/* "path_id N [conn_id M]", in any order, then what is said about it */
static int path_change(struct args *args, bool del)
{
	struct { bool conn, path; uint32_t conn_id, path_id; } which = { };
	int backup = -1, metered = -1, up = -1;
	struct nlmsghdr *nlh;
	uint64_t code = 0;

	while (args->n) {
		if (arg_conn_id(args, &which.conn_id)) {
			which.conn = true;
		} else if (arg_is(args, "path_id") || arg_is(args, "path")) {
			which.path_id = arg_number(args, "path ID", UINT32_MAX);
			which.path = true;
		} else if (del && arg_is(args, "code")) {
			code = arg_number(args, "error code", UINT64_MAX);
		} else if (!del && arg_is(args, "backup")) {
			backup = arg_switch(args, "backup");
		} else if (!del && arg_is(args, "metered")) {
			metered = arg_switch(args, "metered");
		} else if (!del && arg_is(args, "up")) {
			up = 1;
		} else if (!del && arg_is(args, "down")) {
			up = 0;
		} else {
			arg_end(args);
		}
	}
	if (!which.path)
		die(EXIT_USAGE, "path_id is missing");
	if (!which.conn)
		which.conn_id = conn_with(which.path_id);
	nlh = genl_start(del ? TQUIC_CMD_PATH_DEL : TQUIC_CMD_PATH_SET, false);
	mnl_attr_put_u32(nlh, TQUIC_A_PATH_CONN_ID, which.conn_id);
	mnl_attr_put_u32(nlh, TQUIC_A_PATH_ID, which.path_id);
	if (del && code)
		mnl_attr_put_u64(nlh, TQUIC_A_PATH_CLOSE_CODE, code);
	if (backup >= 0)
		mnl_attr_put_u8(nlh, TQUIC_A_PATH_BACKUP, backup);
	if (metered >= 0)
		mnl_attr_put_u8(nlh, TQUIC_A_PATH_METERED, metered);
	if (up >= 0)
		mnl_attr_put_u8(nlh, TQUIC_A_PATH_UP, up);
	genl_ask(nlh, NULL, NULL);
	return 0;
}

int cmd_path(struct args *args)
{
	if (!args->n || arg_is(args, "show") || arg_is(args, "list"))
		return path_show(args);
	if (arg_is(args, "add"))
		return path_add(args);
	if (arg_is(args, "del") || arg_is(args, "delete"))
		return path_change(args, true);
	if (arg_is(args, "set"))
		return path_change(args, false);
	die(EXIT_USAGE, "path: '%s' is not show, add, del or set", args->v[0]);
}
