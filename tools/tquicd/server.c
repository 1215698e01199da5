// SPDX-License-Identifier: GPL-2.0
/* The server's tunnel, its clients and their ports. */
#include <arpa/inet.h>
#include <string.h>

#include "kernel.h"
#include "log.h"
#include "psk.h"

/**
 * struct tqd_server - at work
 * @genl: kernel
 * @conf: what there is to be
 * @state: what there is, nothing of a tunnel that was made just now
 * @ok: nothing was refused
 */
struct tqd_server {
	struct tq_genl *genl;
	const struct tqd_conf *conf;
	const struct tqd_state *state;
	bool ok;
};

static bool tqd_server_add(struct tqd_server *s)
{
	struct nlmsghdr *nlh;

	nlh = tq_genl_start(s->genl, TQUIC_CMD_TUNNEL_ADD, false);
	mnl_attr_put_strz(nlh, TQUIC_A_TUNNEL_NAME, TQD_CONF_SERVER);
	mnl_attr_put_u32(nlh, TQUIC_A_TUNNEL_ROLE, TQUIC_ROLE_SERVER);
	mnl_attr_put_u16(nlh, TQUIC_A_TUNNEL_LOCAL_PORT, s->conf->listen_port);
	mnl_attr_put_u32(nlh, TQUIC_A_TUNNEL_SESSION_TTL,
			 1000 * s->conf->session_ttl);
	mnl_attr_put_strz(nlh, TQUIC_A_TUNNEL_PROFILE, TQD_PSK_PROFILE);
	if (!tqd_kernel_ask(s->genl, nlh, &s->conf->listen, "server"))
		return false;
	tqd_info("server: takes clients on port %u", s->conf->listen_port);
	return true;
}

/* Another port means that all clients have to come anew; nothing else does. */
static bool tqd_server_tunnel(struct tqd_server *s, bool *fresh)
{
	const json_t *now = tqd_kernel_tunnel(s->state, TQD_CONF_SERVER);

	*fresh = !now;
	if (now && (strcmp(tqd_kernel_str(now, "role"), "server") ||
		    tqd_kernel_num(now, "local_port") !=
		    s->conf->listen_port)) {
		*fresh = true;
		if (!tqd_kernel_del(s->genl, TQD_CONF_SERVER))
			return false;
	}
	if (*fresh)
		return tqd_server_add(s);
	if (tqd_kernel_num(now, "session_ttl_ms") !=
	    1000LL * s->conf->session_ttl)
		tqd_warning(&s->conf->global,
			    "session_ttl: sessions would end if it was changed now: it will be when the server is made anew (ip-tquic tunnel del %s)",
			    TQD_CONF_SERVER);
	return true;
}

static const struct tqd_client *tqd_server_find(const struct tqd_conf *conf,
						const char *identity)
{
	const struct tqd_client *client;

	for (client = conf->clients; client; client = client->next)
		if (!strcmp(client->identity, identity))
			return client;
	return NULL;
}

static bool tqd_server_same_forward(const struct tqd_forward *fwd,
				    const json_t *now)
{
	char to[INET6_ADDRSTRLEN];
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	bool v4 = !memcmp(fwd->to, mapped, sizeof(mapped));

	inet_ntop(v4 ? AF_INET : AF_INET6, fwd->to + (v4 ? 12 : 0), to,
		  sizeof(to));
	return fwd->port == tqd_kernel_num(now, "port") &&
	       fwd->to_port == tqd_kernel_num(now, "to_port") &&
	       !strcmp(tqd_kernel_str(now, "protocol"),
		       fwd->protocol == IPPROTO_TCP ? "tcp" : "udp") &&
	       !strcmp(tqd_kernel_str(now, "to"), to);
}

static bool tqd_server_wants(const struct tqd_conf *conf, const json_t *now)
{
	const struct tqd_client *client;
	const struct tqd_forward *fwd;

	client = tqd_server_find(conf, tqd_kernel_str(now, "identity"));
	for (fwd = client ? client->forwards : NULL; fwd; fwd = fwd->next)
		if (tqd_server_same_forward(fwd, now))
			return true;
	return false;
}

static void tqd_server_del_forward(struct tqd_server *s, const json_t *now)
{
	bool tcp = !strcmp(tqd_kernel_str(now, "protocol"), "tcp");
	struct nlmsghdr *nlh;

	nlh = tq_genl_start(s->genl, TQUIC_CMD_FORWARD_DEL, false);
	mnl_attr_put_strz(nlh, TQUIC_A_FORWARD_TUNNEL, TQD_CONF_SERVER);
	mnl_attr_put_strz(nlh, TQUIC_A_FORWARD_IDENTITY,
			  tqd_kernel_str(now, "identity"));
	mnl_attr_put_u8(nlh, TQUIC_A_FORWARD_PROTOCOL,
			tcp ? IPPROTO_TCP : IPPROTO_UDP);
	mnl_attr_put_u16(nlh, TQUIC_A_FORWARD_PORT,
			 tqd_kernel_num(now, "port"));
	s->ok &= tqd_kernel_ask(s->genl, nlh, NULL, "forward");
}

static void tqd_server_del_client(struct tqd_server *s, const char *identity)
{
	struct nlmsghdr *nlh;

	nlh = tq_genl_start(s->genl, TQUIC_CMD_CLIENT_DEL, false);
	mnl_attr_put_strz(nlh, TQUIC_A_CLIENT_TUNNEL, TQD_CONF_SERVER);
	mnl_attr_put_strz(nlh, TQUIC_A_CLIENT_IDENTITY, identity);
	s->ok &= tqd_kernel_ask(s->genl, nlh, NULL, identity);
	tqd_info("client %s: removed", identity);
}

/* What is too much goes first: it may be in the way of what comes. */
static void tqd_server_prune(struct tqd_server *s)
{
	const char *identity;
	json_t *now;
	size_t i;

	json_array_foreach(s->state->forwards, i, now)
		if (!strcmp(tqd_kernel_str(now, "tunnel"), TQD_CONF_SERVER) &&
		    !tqd_server_wants(s->conf, now))
			tqd_server_del_forward(s, now);
	json_array_foreach(s->state->clients, i, now) {
		identity = tqd_kernel_str(now, "identity");
		if (!strcmp(tqd_kernel_str(now, "tunnel"), TQD_CONF_SERVER) &&
		    !tqd_server_find(s->conf, identity))
			tqd_server_del_client(s, identity);
	}
}

static json_t *tqd_server_client_now(struct tqd_server *s,
				     const struct tqd_client *client)
{
	json_t *now;
	size_t i;

	json_array_foreach(s->state->clients, i, now)
		if (!strcmp(tqd_kernel_str(now, "tunnel"), TQD_CONF_SERVER) &&
		    !strcmp(tqd_kernel_str(now, "identity"), client->identity))
			return now;
	return NULL;
}

static bool tqd_server_same_client(const struct tqd_client *client,
				   const json_t *now)
{
	return now &&
	       client->port_first == tqd_kernel_num(now, "port_first") &&
	       client->port_last == tqd_kernel_num(now, "port_last") &&
	       client->rate == (uint64_t)tqd_kernel_num(now, "rate") &&
	       client->inside == !!tqd_kernel_num(now, "inside");
}

static int tqd_server_set_client(struct tqd_server *s,
				 const struct tqd_client *client)
{
	struct nlmsghdr *nlh;

	nlh = tq_genl_start(s->genl, TQUIC_CMD_CLIENT_SET, false);
	mnl_attr_put_strz(nlh, TQUIC_A_CLIENT_TUNNEL, TQD_CONF_SERVER);
	mnl_attr_put_strz(nlh, TQUIC_A_CLIENT_IDENTITY, client->identity);
	if (client->port_first) {
		mnl_attr_put_u16(nlh, TQUIC_A_CLIENT_PORT_FIRST,
				 client->port_first);
		mnl_attr_put_u16(nlh, TQUIC_A_CLIENT_PORT_LAST,
				 client->port_last);
	}
	mnl_attr_put_u64(nlh, TQUIC_A_CLIENT_RATE, client->rate);
	mnl_attr_put_u8(nlh, TQUIC_A_CLIENT_INSIDE, client->inside);
	return tq_genl_ask(s->genl, nlh, NULL, NULL);
}

/*
 * Two clients may have exchanged their ranges of ports: what is refused first
 * is tried again when all others have theirs.
 */
static void tqd_server_clients(struct tqd_server *s, bool fresh, bool last)
{
	const struct tqd_client *client;
	bool again = false;
	json_t *now;

	for (client = s->conf->clients; client; client = client->next) {
		now = fresh ? NULL : tqd_server_client_now(s, client);
		if (tqd_server_same_client(client, now))
			continue;
		if (!tqd_server_set_client(s, client))
			continue;
		again = true;
		if (!last)
			continue;
		tqd_error(&client->place, "client %s: %s", client->identity,
			  s->genl->error);
		s->ok = false;
	}
	if (again && !last)
		tqd_server_clients(s, fresh, true);
}

static bool tqd_server_has(struct tqd_server *s,
			   const struct tqd_client *client,
			   const struct tqd_forward *fwd)
{
	json_t *now;
	size_t i;

	json_array_foreach(s->state->forwards, i, now)
		if (!strcmp(tqd_kernel_str(now, "tunnel"), TQD_CONF_SERVER) &&
		    !strcmp(tqd_kernel_str(now, "identity"),
			    client->identity) &&
		    tqd_server_same_forward(fwd, now))
			return true;
	return false;
}

static void tqd_server_forwards(struct tqd_server *s, bool fresh)
{
	const struct tqd_client *client;
	const struct tqd_forward *fwd;
	struct nlmsghdr *nlh;

	for (client = s->conf->clients; client; client = client->next)
		for (fwd = client->forwards; fwd; fwd = fwd->next) {
			if (!fresh && tqd_server_has(s, client, fwd))
				continue;
			nlh = tq_genl_start(s->genl, TQUIC_CMD_FORWARD_ADD,
					    false);
			mnl_attr_put_strz(nlh, TQUIC_A_FORWARD_TUNNEL,
					  TQD_CONF_SERVER);
			mnl_attr_put_strz(nlh, TQUIC_A_FORWARD_IDENTITY,
					  client->identity);
			mnl_attr_put_u8(nlh, TQUIC_A_FORWARD_PROTOCOL,
					fwd->protocol);
			mnl_attr_put_u16(nlh, TQUIC_A_FORWARD_PORT, fwd->port);
			mnl_attr_put(nlh, TQUIC_A_FORWARD_TO, 16, fwd->to);
			mnl_attr_put_u16(nlh, TQUIC_A_FORWARD_TO_PORT,
					 fwd->to_port);
			s->ok &= tqd_kernel_ask(s->genl, nlh, &fwd->place,
						"forward");
		}
}

/**
 * tqd_server_apply - bring the server's tunnel into its wanted shape
 * @genl: kernel
 * @conf: what there is to be
 * @state: what there is
 *
 * Return: whether nothing was refused; what was, is logged.
 */
bool tqd_server_apply(struct tq_genl *genl, const struct tqd_conf *conf,
		      const struct tqd_state *state)
{
	struct tqd_server s = {
		.genl = genl, .conf = conf, .state = state, .ok = true,
	};
	bool fresh;

	if (!tqd_server_tunnel(&s, &fresh))
		return false;
	if (!fresh)
		tqd_server_prune(&s);
	tqd_server_clients(&s, fresh, false);
	tqd_server_forwards(&s, fresh);
	return s.ok;
}
