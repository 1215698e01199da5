// SPDX-License-Identifier: GPL-2.0
/* Tunnels, clients, forwarded ports and flows as text for people. */
#include <stdio.h>
#include <string.h>

#include "ip-tquic.h"

/* "1h2m", "3m4s", "5.6s" */
static void age(const json_t *object, const char *key, const char *label)
{
	long long ms = out_num(object, key), s = ms / 1000;

	if (!json_object_get(object, key))
		return;
	if (s >= 3600)
		printf(" %s %lldh%lldm", label, s / 3600, s / 60 % 60);
	else if (s >= 60)
		printf(" %s %lldm%llds", label, s / 60, s % 60);
	else
		printf(" %s %lld.%llds", label, s, ms % 1000 / 100);
}

static void status(const json_t *object)
{
	const char *text = out_str(object, "state");

	putchar(' ');
	out_colored(strcmp(text, "up") ? COLOR_BAD : COLOR_GOOD, text);
	age(object, "up_ms", "for");
	age(object, "retry_ms", "retry in");
	if (json_object_get(object, "conn_id"))
		printf(" conn %lld", out_num(object, "conn_id"));
	out_word(object, "error", "last error");
}

static void numbers(const json_t *object)
{
	printf("\n    flows tcp %lld udp %lld", out_num(object, "tcp_flows"),
	       out_num(object, "udp_flows"));
	if (opt.stats)
		printf(" refused %lld sent %lld bytes received %lld bytes",
		       out_num(object, "refused"),
		       out_num(object, "sent_bytes"),
		       out_num(object, "received_bytes"));
	putchar('\n');
}

static void details(const json_t *tunnel)
{
	printf("\n    paths_max %lld flows_max %lld",
	       out_num(tunnel, "paths_max"), out_num(tunnel, "flows_max"));
	if (json_object_get(tunnel, "session_ttl_ms"))
		printf(" ttl %llds", out_num(tunnel, "session_ttl_ms") / 1000);
	out_word(tunnel, "scheduler", "scheduler");
	out_word(tunnel, "congestion", "congestion");
	out_word(tunnel, "auth", "auth");
	out_word(tunnel, "peername", "peername");
	out_word(tunnel, "profile", "profile");
	out_word(tunnel, "cipher", "cipher");
	if (json_object_get(tunnel, "psk_key"))
		printf(" psk_key %lld", out_num(tunnel, "psk_key"));
}

void out_tunnel(const json_t *tunnel)
{
	bool server = !strcmp(out_str(tunnel, "role"), "server");

	printf("tunnel ");
	out_colored(COLOR_NAME, out_str(tunnel, "name"));
	printf(" %s", out_str(tunnel, "role"));
	/* a server has no session of its own, its clients have */
	if (!server)
		status(tunnel);
	if (*out_str(tunnel, "local") &&
	    (server || strcmp(out_str(tunnel, "local"), "::")))
		out_endpoint(tunnel, "local", "local", "local_port");
	if (*out_str(tunnel, "remote"))
		out_endpoint(tunnel, "remote", "remote", "remote_port");
	out_word(tunnel, "dev", "dev");
	out_word(tunnel, "identity", "identity");
	if (opt.details && json_object_get(tunnel, "flows_max"))
		details(tunnel);
	numbers(tunnel);
}

void out_client(const json_t *client)
{
	printf("client ");
	out_colored(COLOR_NAME, out_str(client, "identity"));
	printf(" of %s", out_str(client, "tunnel"));
	status(client);
	if (json_object_get(client, "port_last"))
		printf(" ports %lld-%lld", out_num(client, "port_first"),
		       out_num(client, "port_last"));
	if (out_num(client, "rate"))
		printf(" rate %lldkbit", out_num(client, "rate") / 125);
	if (out_num(client, "inside"))
		printf(" inside on");
	numbers(client);
}

void out_forward(const json_t *forward)
{
	printf("forward %s %s %s %lld", out_str(forward, "tunnel"),
	       out_str(forward, "identity"), out_str(forward, "protocol"),
	       out_num(forward, "port"));
	out_endpoint(forward, "to", "to", "to_port");
	putchar('\n');
}

static void flow_paths(const json_t *flow)
{
	json_t *path, *flag;
	size_t i, j;

	json_array_foreach(json_object_get(flow, "paths"), i, path) {
		printf("\n    path %lld %s", out_num(path, "path_id"),
		       out_str(path, "state"));
		out_word(path, "dev", "dev");
		json_array_foreach(json_object_get(path, "flags"), j, flag)
			if (strcmp(json_string_value(flag), "validated"))
				printf(" %s", json_string_value(flag));
	}
}

void out_flow(const json_t *flow)
{
	printf("%s", out_str(flow, "protocol"));
	out_endpoint(flow, "", "src", "sport");
	printf(" >");
	out_endpoint(flow, "", "dst", "dport");
	printf(" tunnel ");
	out_colored(COLOR_NAME, out_str(flow, "tunnel"));
	printf(" %s conn %lld flow %lld", out_str(flow, "class"),
	       out_num(flow, "conn_id"), out_num(flow, "flow_id"));
	if (json_object_get(flow, "out_port"))
		printf(" out_port %lld", out_num(flow, "out_port"));
	printf(" paths %lld/%lld", out_num(flow, "paths_usable"),
	       (long long)json_array_size(json_object_get(flow, "paths")));
	if (opt.stats)
		printf(" sent %lld bytes received %lld bytes",
		       out_num(flow, "sent_bytes"),
		       out_num(flow, "received_bytes"));
	if (opt.details)
		flow_paths(flow);
	putchar('\n');
}
