// SPDX-License-Identifier: GPL-2.0
/*
 * tquicd's configuration: whatever a file has, either it is complained about
 * or what comes of it keeps its promises.
 */
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "log.h"
#include "policy.h"

#define CHECK(cond)			\
	do {				\
		if (!(cond))		\
			__builtin_trap(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_psk(const struct tqd_psk *psk)
{
	CHECK(psk->len >= TQD_CONF_PSK_MIN && psk->len <= TQD_CONF_PSK_MAX);
}

static void check_client(const struct tqd_client *client)
{
	const struct tqd_forward *fwd;

	CHECK(!tq_parse_identity(client->identity));
	CHECK(!strchr(client->identity, ':'));
	CHECK(client->port_first <= client->port_last);
	check_psk(&client->psk);
	for (fwd = client->forwards; fwd; fwd = fwd->next) {
		CHECK(fwd->port >= client->port_first);
		CHECK(fwd->port <= client->port_last);
		CHECK(fwd->to_port);
	}
}

static void check_tunnel(const struct tqd_tunnel *tunnel)
{
	CHECK(!tq_parse_name(tunnel->name));
	CHECK(!tq_parse_identity(tunnel->identity));
	CHECK(*tunnel->host && tunnel->port);
	check_psk(&tunnel->psk);
}

/* What came from a file must not become another rule. */
static void check_policy(const struct tqd_conf *conf)
{
	unsigned int quotes = 0, lines = 0, most = 3;
	const struct tqd_tunnel *tunnel;
	struct tqd_text text;
	const char *c;

	for (tunnel = conf->tunnels; tunnel; tunnel = tunnel->next)
		most += 10;
	tqd_text_init(&text);
	tqd_policy_text(conf, &text);
	CHECK(text.at);
	for (c = text.at; *c; c++) {
		quotes += *c == '"';
		lines += *c == '\n';
	}
	CHECK(quotes % 2 == 0 && lines <= most);
	tqd_text_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tqd_conf *conf = tqd_conf_new();
	const struct tqd_client *client;
	const struct tqd_tunnel *tunnel;

	tqd_log_quiet = true;
	CHECK(conf);
	tqd_conf_parse(conf, "file", (const char *)data, size);
	if (!conf->errors)
		tqd_conf_check(conf);
	for (client = conf->clients; client && !conf->errors;
	     client = client->next)
		check_client(client);
	for (tunnel = conf->tunnels; tunnel && !conf->errors;
	     tunnel = tunnel->next)
		check_tunnel(tunnel);
	if (!conf->errors)
		check_policy(conf);
	tqd_conf_free(conf);
	return 0;
}
