// SPDX-License-Identifier: GPL-2.0
/* ip-tquic flows: what tunnels carry, joined with the paths of their bond. */
#include <string.h>

#include "ip-tquic.h"
#include "parse.h"

static bool has(const json_t *path, const char *flag)
{
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(path, "flags"), i, item)
		if (!strcmp(json_string_value(item), flag))
			return true;
	return false;
}

static bool usable(const json_t *path)
{
	return !strcmp(out_str(path, "state"), "active") &&
	       has(path, "validated") && !has(path, "failed") &&
	       !has(path, "down");
}

/* Connection number, as text, to its paths: there may be many flows. */
static json_t *by_conn(const json_t *paths)
{
	json_t *all = json_object(), *path, *list;
	char key[24];
	size_t i;

	json_array_foreach(paths, i, path) {
		snprintf(key, sizeof(key), "%lld", out_num(path, "conn_id"));
		list = json_object_get(all, key);
		if (!list) {
			list = json_array();
			json_object_set_new(all, key, list);
		}
		json_array_append(list, path);
	}
	return all;
}

static json_t *name_of(const json_t *tunnels, long long id)
{
	json_t *tunnel;
	size_t i;

	json_array_foreach(tunnels, i, tunnel)
		if (out_num(tunnel, "tunnel_id") == id)
			return json_object_get(tunnel, "name");
	return NULL;
}

static void join(json_t *flow, const json_t *tunnels, const json_t *conns)
{
	json_t *name = name_of(tunnels, out_num(flow, "tunnel_id"));
	json_t *paths, *path;
	char key[24];
	int n = 0;
	size_t i;

	if (name)
		json_object_set(flow, "tunnel", name);
	snprintf(key, sizeof(key), "%lld", out_num(flow, "conn_id"));
	paths = json_object_get(conns, key);
	json_array_foreach(paths, i, path)
		n += usable(path);
	json_object_set_new(flow, "paths_usable", json_integer(n));
	if (paths)
		json_object_set(flow, "paths", paths);
	else
		json_object_set_new(flow, "paths", json_array());
}

static json_t *dump(uint8_t cmd, tq_genl_cb collect, uint16_t attr,
		    const char *name)
{
	struct nlmsghdr *nlh = genl_start(cmd, true);
	json_t *list = json_array();

	if (name)
		mnl_attr_put_strz(nlh, attr, name);
	genl_ask(nlh, collect, list);
	return list;
}

int cmd_flows(struct args *args)
{
	json_t *flows, *tunnels, *paths, *conns, *flow;
	const char *name = NULL;
	size_t i;

	if (arg_is(args, "tunnel") || args->n) {
		name = arg_next(args, "name of the tunnel");
		arg_check(name, tq_parse_name(name));
	}
	arg_end(args);
	flows = dump(TQUIC_CMD_FLOW_GET, tq_attr_flows, TQUIC_A_FLOW_TUNNEL,
		     name);
	tunnels = dump(TQUIC_CMD_TUNNEL_GET, tq_attr_tunnels, 0, NULL);
	paths = dump(TQUIC_CMD_PATH_GET, tq_attr_paths, 0, NULL);
	conns = by_conn(paths);
	json_array_foreach(flows, i, flow)
		join(flow, tunnels, conns);
	if (opt.json)
		out_json(json_incref(flows));
	else
		json_array_foreach(flows, i, flow)
			out_flow(flow);
	json_decref(conns);
	json_decref(paths);
	json_decref(tunnels);
	json_decref(flows);
	return 0;
}
