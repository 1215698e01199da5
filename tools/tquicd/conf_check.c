// SPDX-License-Identifier: GPL-2.0
/* What does not go together, and what is missing. */
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "log.h"

static void tqd_conf_check_forward(struct tqd_conf *conf,
				   const struct tqd_client *client,
				   const struct tqd_forward *fwd)
{
	const struct tqd_forward *other;

	/* the port of a client without a range may be anybody's */
	if (!client->port_first || fwd->port < client->port_first ||
	    fwd->port > client->port_last) {
		tqd_error(&fwd->place,
			  "port %u is not in the port_range of the client '%s'",
			  fwd->port, client->identity);
		conf->errors++;
	}
	for (other = client->forwards; other != fwd; other = other->next) {
		if (other->port != fwd->port ||
		    other->protocol != fwd->protocol)
			continue;
		tqd_error(&fwd->place, "port %u is forwarded twice", fwd->port);
		conf->errors++;
		return;
	}
}

static void tqd_conf_check_client(struct tqd_conf *conf,
				  const struct tqd_client *client)
{
	const struct tqd_forward *fwd;

	if (!client->psk.len) {
		tqd_error(&client->place, "the client '%s' has no psk",
			  client->identity);
		conf->errors++;
	}
	for (fwd = client->forwards; fwd; fwd = fwd->next)
		tqd_conf_check_forward(conf, client, fwd);
}

static int tqd_conf_by_port(const void *a, const void *b)
{
	const struct tqd_client *one = *(struct tqd_client *const *)a;
	const struct tqd_client *two = *(struct tqd_client *const *)b;

	return one->port_first - two->port_first;
}

/* Sorted, a range overlaps one before it if it does the one that ends last. */
static void tqd_conf_check_ranges(struct tqd_conf *conf)
{
	const struct tqd_client *client, **all, *last = NULL;
	unsigned int n = 0, i;

	all = calloc(conf->nr_clients + 1, sizeof(*all));
	if (!all) {
		conf->errors++;
		return;
	}
	for (client = conf->clients; client; client = client->next)
		if (client->port_first)
			all[n++] = client;
	qsort(all, n, sizeof(*all), tqd_conf_by_port);
	for (i = 0; i < n; i++) {
		if (last && all[i]->port_first <= last->port_last) {
			tqd_error(&all[i]->ports,
				  "the port_range %u-%u of '%s' overlaps %u-%u of '%s' at %s:%u",
				  all[i]->port_first, all[i]->port_last,
				  all[i]->identity, last->port_first,
				  last->port_last, last->identity,
				  last->ports.file, last->ports.line);
			conf->errors++;
		}
		if (!last || all[i]->port_last > last->port_last)
			last = all[i];
	}
	free(all);
}

static void tqd_conf_check_server(struct tqd_conf *conf)
{
	const struct tqd_client *client;

	if (conf->nr_clients && !conf->listen_port) {
		tqd_error(&conf->clients->place,
			  "clients want a listen_port in [global]");
		conf->errors++;
	}
	for (client = conf->clients; client; client = client->next)
		tqd_conf_check_client(conf, client);
	tqd_conf_check_ranges(conf);
}

/* Two tunnels cannot take the same traffic: the second would get nothing. */
static void tqd_conf_check_capture(struct tqd_conf *conf,
				   const struct tqd_tunnel *tunnel)
{
	const struct tqd_tunnel *other;
	unsigned int i, j;

	for (other = conf->tunnels; other != tunnel; other = other->next)
		for (i = 0; i < tunnel->capture.nr; i++)
			for (j = 0; j < other->capture.nr; j++) {
				if (strcmp(tunnel->capture.name[i],
					   other->capture.name[j]))
					continue;
				tqd_error(&tunnel->place,
					  "what comes from %s goes into the tunnel '%s' already",
					  other->capture.name[j], other->name);
				conf->errors++;
			}
}

static void tqd_conf_check_uplinks(struct tqd_conf *conf,
				   const struct tqd_tunnel *tunnel)
{
	unsigned int i, j;

	for (i = 0; i < tunnel->capture.nr; i++)
		for (j = 0; j < tunnel->paths.nr; j++) {
			if (strcmp(tunnel->capture.name[i],
				   tunnel->paths.name[j]))
				continue;
			tqd_error(&tunnel->path_list,
				  "%s is an uplink and captured from at once",
				  tunnel->paths.name[j]);
			conf->errors++;
		}
	/* one path manager for all connections of the network namespace */
	if (!tunnel->paths.nr != !conf->tunnels->paths.nr) {
		tqd_error(&tunnel->place,
			  "paths are auto for all tunnels, or lists for all: the tunnel '%s' has it the other way",
			  conf->tunnels->name);
		conf->errors++;
	}
}

static void tqd_conf_check_tunnel(struct tqd_conf *conf,
				  const struct tqd_tunnel *tunnel)
{
	const struct tqd_tunnel *other;
	const struct tqd_client *client;
	const char *missing = NULL;

	if (!tunnel->port)
		missing = "server";
	else if (!*tunnel->identity)
		missing = "identity";
	else if (!tunnel->psk.len)
		missing = "psk";
	if (missing) {
		tqd_error(&tunnel->place, "the tunnel '%s' has no %s",
			  tunnel->name, missing);
		conf->errors++;
		return;
	}
	/* the agent finds a key by its identity */
	for (other = conf->tunnels; other != tunnel; other = other->next)
		if (!strcmp(other->identity, tunnel->identity) &&
		    (other->psk.len != tunnel->psk.len ||
		     memcmp(other->psk.key, tunnel->psk.key, other->psk.len)))
			break;
	for (client = conf->clients; client; client = client->next)
		if (!strcmp(client->identity, tunnel->identity) &&
		    (client->psk.len != tunnel->psk.len ||
		     memcmp(client->psk.key, tunnel->psk.key, client->psk.len)))
			break;
	if (other != tunnel || client) {
		tqd_error(&tunnel->place,
			  "the identity '%s' has another psk elsewhere",
			  tunnel->identity);
		conf->errors++;
	}
	if (tunnel->class[0] && !tunnel->capture.nr) {
		tqd_error(&tunnel->place,
			  "a class is for what is captured, and nothing is");
		conf->errors++;
	}
	tqd_conf_check_capture(conf, tunnel);
	tqd_conf_check_uplinks(conf, tunnel);
}

/**
 * tqd_conf_check - look at the whole
 * @conf: configuration, of which all files have been read
 */
void tqd_conf_check(struct tqd_conf *conf)
{
	const struct tqd_tunnel *tunnel;

	tqd_conf_check_server(conf);
	for (tunnel = conf->tunnels; tunnel; tunnel = tunnel->next)
		tqd_conf_check_tunnel(conf, tunnel);
}
