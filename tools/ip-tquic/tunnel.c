// SPDX-License-Identifier: GPL-2.0
/* ip-tquic tunnel. */
#include <stdio.h>
#include <string.h>

#include "ip-tquic.h"
#include "parse.h"

/* A list from the kernel, as it came or as text. */
static void show(json_t *list, void (*one)(const json_t *item))
{
	json_t *item;
	size_t i;

	if (opt.json) {
		out_json(list);
		return;
	}
	json_array_foreach(list, i, item)
		one(item);
	json_decref(list);
}

static const char *arg_tunnel(struct args *args)
{
	const char *name = arg_next(args, "name of the tunnel");

	arg_check(name, tq_parse_name(name));
	return name;
}

static const char *arg_identity(struct args *args)
{
	const char *identity = arg_next(args, "identity of the client");

	arg_check(identity, tq_parse_identity(identity));
	return identity;
}

static int tunnel_show(struct args *args)
{
	const char *name = args->n ? arg_tunnel(args) : NULL;
	json_t *list = json_array();
	struct nlmsghdr *nlh;

	arg_end(args);
	nlh = genl_start(TQUIC_CMD_TUNNEL_GET, !name);
	if (name)
		mnl_attr_put_strz(nlh, TQUIC_A_TUNNEL_NAME, name);
	genl_ask(nlh, tq_attr_tunnels, list);
	show(list, out_tunnel);
	return 0;
}

static void put_string(struct nlmsghdr *nlh, uint16_t attr, struct args *args,
		       const char *what, size_t max)
{
	const char *word = arg_next(args, what);

	if (!*word || strlen(word) > max)
		die(EXIT_USAGE, "'%s': a %s has 1 to %zu characters", word,
		    what, max);
	mnl_attr_put_strz(nlh, attr, word);
}

static uint32_t arg_auth(struct args *args)
{
	const char *word = arg_next(args, "way of authentication");

	if (!strcmp(word, "default"))
		return TQUIC_AUTH_DEFAULT;
	if (!strcmp(word, "psk"))
		return TQUIC_AUTH_PSK;
	if (!strcmp(word, "x509"))
		return TQUIC_AUTH_X509;
	if (!strcmp(word, "raw-key"))
		return TQUIC_AUTH_RAW_KEY;
	die(EXIT_USAGE, "'%s' is not default, psk, x509 or raw-key", word);
}

/* What both roles have. */
static bool add_option(struct nlmsghdr *nlh, struct args *args)
{
	if (arg_is(args, "scheduler"))
		put_string(nlh, TQUIC_A_TUNNEL_SCHEDULER, args, "scheduler",
			   15);
	else if (arg_is(args, "congestion"))
		put_string(nlh, TQUIC_A_TUNNEL_CONGESTION, args,
			   "congestion control", 15);
	else if (arg_is(args, "paths"))
		mnl_attr_put_u8(nlh, TQUIC_A_TUNNEL_PATHS_MAX,
				arg_number(args, "number of paths", UINT8_MAX));
	else if (arg_is(args, "flows"))
		mnl_attr_put_u32(nlh, TQUIC_A_TUNNEL_FLOWS_MAX,
				 arg_number(args, "number of flows",
					    UINT32_MAX));
	else if (arg_is(args, "auth"))
		mnl_attr_put_u32(nlh, TQUIC_A_TUNNEL_AUTH, arg_auth(args));
	else if (arg_is(args, "psk_key"))
		mnl_attr_put_u32(nlh, TQUIC_A_TUNNEL_PSK_KEY,
				 arg_number(args, "serial of a key",
					    INT32_MAX));
	else if (arg_is(args, "peername"))
		put_string(nlh, TQUIC_A_TUNNEL_PEERNAME, args, "peer name",
			   255);
	else if (arg_is(args, "profile"))
		put_string(nlh, TQUIC_A_TUNNEL_PROFILE, args, "profile", 63);
	else if (arg_is(args, "cipher"))
		mnl_attr_put_u32(nlh, TQUIC_A_TUNNEL_CIPHER,
				 arg_number(args, "code point of a cipher",
					    UINT16_MAX));
	else
		return false;
	return true;
}

static void put_address(struct nlmsghdr *nlh, struct args *args,
			const char *what, uint16_t attr, uint16_t port_attr)
{
	uint8_t addr[16];
	uint16_t port;

	arg_address(args, what, addr, &port);
	mnl_attr_put(nlh, attr, sizeof(addr), addr);
	if (port)
		mnl_attr_put_u16(nlh, port_attr, port);
}

static void add_server(struct nlmsghdr *nlh, struct args *args)
{
	mnl_attr_put_u32(nlh, TQUIC_A_TUNNEL_ROLE, TQUIC_ROLE_SERVER);
	while (args->n) {
		if (arg_is(args, "port"))
			mnl_attr_put_u16(nlh, TQUIC_A_TUNNEL_LOCAL_PORT,
					 arg_number(args, "port", UINT16_MAX));
		else if (arg_is(args, "local"))
			put_address(nlh, args, "local", TQUIC_A_TUNNEL_LOCAL,
				    TQUIC_A_TUNNEL_LOCAL_PORT);
		else if (arg_is(args, "ttl"))
			mnl_attr_put_u32(nlh, TQUIC_A_TUNNEL_SESSION_TTL,
					 1000 * arg_number(args, "time to live",
							   UINT32_MAX / 1000));
		else if (!add_option(nlh, args))
			arg_end(args);
	}
}

static void add_client(struct nlmsghdr *nlh, struct args *args)
{
	while (args->n) {
		if (arg_is(args, "remote"))
			put_address(nlh, args, "remote", TQUIC_A_TUNNEL_REMOTE,
				    TQUIC_A_TUNNEL_REMOTE_PORT);
		else if (arg_is(args, "local"))
			put_address(nlh, args, "local", TQUIC_A_TUNNEL_LOCAL,
				    TQUIC_A_TUNNEL_LOCAL_PORT);
		else if (arg_is(args, "dev"))
			mnl_attr_put_u32(nlh, TQUIC_A_TUNNEL_DEV,
					 arg_device(args));
		else if (arg_is(args, "identity"))
			mnl_attr_put_strz(nlh, TQUIC_A_TUNNEL_IDENTITY,
					  arg_identity(args));
		else if (!add_option(nlh, args))
			arg_end(args);
	}
}

static int tunnel_add(struct args *args)
{
	const char *name = arg_tunnel(args);
	struct nlmsghdr *nlh = genl_start(TQUIC_CMD_TUNNEL_ADD, false);

	mnl_attr_put_strz(nlh, TQUIC_A_TUNNEL_NAME, name);
	if (arg_is(args, "server"))
		add_server(nlh, args);
	else
		add_client(nlh, args);
	genl_ask(nlh, NULL, NULL);
	return 0;
}

static int tunnel_set(struct args *args, uint8_t cmd, bool up)
{
	const char *name = arg_tunnel(args);
	struct nlmsghdr *nlh = genl_start(cmd, false);

	arg_end(args);
	mnl_attr_put_strz(nlh, TQUIC_A_TUNNEL_NAME, name);
	if (cmd == TQUIC_CMD_TUNNEL_SET)
		mnl_attr_put_u8(nlh, TQUIC_A_TUNNEL_UP, up);
	genl_ask(nlh, NULL, NULL);
	return 0;
}

int cmd_tunnel(struct args *args)
{
	if (!args->n || arg_is(args, "show") || arg_is(args, "list"))
		return tunnel_show(args);
	if (arg_is(args, "add"))
		return tunnel_add(args);
	if (arg_is(args, "del") || arg_is(args, "delete"))
		return tunnel_set(args, TQUIC_CMD_TUNNEL_DEL, false);
	if (arg_is(args, "up"))
		return tunnel_set(args, TQUIC_CMD_TUNNEL_SET, true);
	if (arg_is(args, "down"))
		return tunnel_set(args, TQUIC_CMD_TUNNEL_SET, false);
	die(EXIT_USAGE, "tunnel: '%s' is not show, add, del, up or down",
	    args->v[0]);
}

/* Clients or forwarded ports, of one tunnel or of all. */
static int show_of(struct args *args, uint8_t cmd, uint16_t attr,
		   tq_genl_cb collect, void (*one)(const json_t *item))
{
	const char *name = args->n ? arg_tunnel(args) : NULL;
	struct nlmsghdr *nlh = genl_start(cmd, true);
	json_t *list = json_array();

	arg_end(args);
	if (name)
		mnl_attr_put_strz(nlh, attr, name);
	genl_ask(nlh, collect, list);
	show(list, one);
	return 0;
}

static int client_change(struct args *args, bool set)
{
	struct nlmsghdr *nlh = genl_start(set ? TQUIC_CMD_CLIENT_SET :
					  TQUIC_CMD_CLIENT_DEL, false);
	uint16_t first, last;
	const char *word;
	uint64_t rate;

	mnl_attr_put_strz(nlh, TQUIC_A_CLIENT_TUNNEL, arg_tunnel(args));
	mnl_attr_put_strz(nlh, TQUIC_A_CLIENT_IDENTITY, arg_identity(args));
	while (args->n) {
		if (set && arg_is(args, "ports")) {
			word = arg_next(args, "range of ports");
			arg_check(word, tq_parse_ports(word, &first, &last));
			mnl_attr_put_u16(nlh, TQUIC_A_CLIENT_PORT_FIRST, first);
			mnl_attr_put_u16(nlh, TQUIC_A_CLIENT_PORT_LAST, last);
		} else if (set && arg_is(args, "rate")) {
			word = arg_next(args, "rate");
			arg_check(word, tq_parse_rate(word, &rate));
			mnl_attr_put_u64(nlh, TQUIC_A_CLIENT_RATE, rate);
		} else if (set && arg_is(args, "inside")) {
			mnl_attr_put_u8(nlh, TQUIC_A_CLIENT_INSIDE,
					arg_switch(args, "inside"));
		} else {
			arg_end(args);
		}
	}
	genl_ask(nlh, NULL, NULL);
	return 0;
}

int cmd_client(struct args *args)
{
	if (!args->n || arg_is(args, "show") || arg_is(args, "list"))
		return show_of(args, TQUIC_CMD_CLIENT_GET,
			       TQUIC_A_CLIENT_TUNNEL, tq_attr_clients,
			       out_client);
	if (arg_is(args, "set"))
		return client_change(args, true);
	if (arg_is(args, "del") || arg_is(args, "delete"))
		return client_change(args, false);
	die(EXIT_USAGE, "client: '%s' is not show, set or del", args->v[0]);
}

static int forward_change(struct args *args, bool add)
{
	struct nlmsghdr *nlh = genl_start(add ? TQUIC_CMD_FORWARD_ADD :
					  TQUIC_CMD_FORWARD_DEL, false);
	const char *word;
	uint8_t protocol;
	uint16_t port;

	mnl_attr_put_strz(nlh, TQUIC_A_FORWARD_TUNNEL, arg_tunnel(args));
	mnl_attr_put_strz(nlh, TQUIC_A_FORWARD_IDENTITY, arg_identity(args));
	word = arg_next(args, "protocol");
	arg_check(word, tq_parse_protocol(word, &protocol));
	mnl_attr_put_u8(nlh, TQUIC_A_FORWARD_PROTOCOL, protocol);
	word = arg_next(args, "port");
	arg_check(word, tq_parse_port(word, &port));
	mnl_attr_put_u16(nlh, TQUIC_A_FORWARD_PORT, port);
	if (add) {
		if (!arg_is(args, "to"))
			die(EXIT_USAGE, "'to' and an address are missing");
		put_address(nlh, args, "LAN host's", TQUIC_A_FORWARD_TO,
			    TQUIC_A_FORWARD_TO_PORT);
	}
	arg_end(args);
	genl_ask(nlh, NULL, NULL);
	return 0;
}

int cmd_forward(struct args *args)
{
	if (!args->n || arg_is(args, "show") || arg_is(args, "list"))
		return show_of(args, TQUIC_CMD_FORWARD_GET,
			       TQUIC_A_FORWARD_TUNNEL, tq_attr_forwards,
			       out_forward);
	if (arg_is(args, "add"))
		return forward_change(args, true);
	if (arg_is(args, "del") || arg_is(args, "delete"))
		return forward_change(args, false);
	die(EXIT_USAGE, "forward: '%s' is not show, add or del", args->v[0]);
}
