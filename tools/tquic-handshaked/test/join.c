// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "join.h"

static void join_text(char *to, size_t room, const void *data, size_t len)
{
	if (len >= room)
		len = room - 1;
	if (len)
		memcpy(to, data, len);
	to[len] = 0;
}

static void join_note(struct join_end *end, enum tquic_hs_type type,
		      enum tquic_hs_level level, const void *data, size_t len)
{
	const struct tquic_hs_secret *secret = data;
	const __u8 *byte = data;

	switch (type) {
	case TQUIC_HS_SECRET:
		end->secret[level][secret->dir] = *secret;
		break;
	case TQUIC_HS_TPARAMS:
		join_text(end->tparams, sizeof(end->tparams), data, len);
		break;
	case TQUIC_HS_REMEMBERED:
		join_text(end->remembered, sizeof(end->remembered), data, len);
		break;
	case TQUIC_HS_EARLY_RESULT:
		end->early = *byte;
		break;
	case TQUIC_HS_ALPN:
		join_text(end->alpn, sizeof(end->alpn), data, len);
		break;
	case TQUIC_HS_IDENTITY:
		join_text(end->identity, sizeof(end->identity), data, len);
		break;
	default:
		break;
	}
}

static void join_emit(void *arg, enum tquic_hs_type type,
		      enum tquic_hs_level level, const void *data, size_t len)
{
	struct join_end *end = arg;

	if (type == TQUIC_HS_CRYPTO) {
		if (len > sizeof(end->out[level]) - end->out_len[level])
			return;
		memcpy(end->out[level] + end->out_len[level], data, len);
		end->out_len[level] += len;
		return;
	}
	if (end->nr_events < JOIN_EVENTS)
		end->events[end->nr_events++] = type;
	join_note(end, type, level, data, len);
}

static int join_announce(void *arg, void *buf, size_t room)
{
	struct join_end *end = arg;

	end->announced = true;
	return snprintf(buf, room, "parameters of the %s",
			end->tls.request.server ? "server" : "client");
}

static void join_end_init(struct join_end *end, struct join_end *other)
{
	memset(end, 0, sizeof(*end));
	end->early = -1;
	end->other = other;
}

static const struct th_tls_ops join_ops = {
	.emit = join_emit,
	.announce = join_announce,
};

int join_event(const struct join_end *end, enum tquic_hs_type type)
{
	unsigned int i;

	for (i = 0; i < end->nr_events; i++)
		if (end->events[i] == (int)type)
			return i;
	return -1;
}

/* Hands bytes over; true when there were any. */
static bool join_move(struct join *join, struct join_end *from)
{
	static unsigned char bytes[65536];
	size_t len, i, n;
	bool any = false;
	int level;

	for (level = 0; level < 4; level++) {
		len = from->out_len[level];
		if (!len)
			continue;
		memcpy(bytes, from->out[level], len);
		from->out_len[level] = 0;
		for (i = 0; i < len; i += n) {
			n = join->chunk && join->chunk < len - i ?
			    join->chunk : len - i;
			th_tls_hear(&from->other->tls, level, bytes + i, n);
		}
		any = true;
	}
	return any;
}

bool join_run(struct join *join, struct th_conf *conf_client,
	      const struct th_request *client, struct th_conf *conf_server,
	      const struct th_request *server)
{
	bool ok;

	join_end_init(&join->client, &join->server);
	join_end_init(&join->server, &join->client);
	ok = th_tls_init(&join->client.tls, conf_client, client, &join_ops,
			 &join->client);
	ok = th_tls_init(&join->server.tls, conf_server, server, &join_ops,
			 &join->server) && ok;
	if (!ok)
		return false;
	th_tls_start(&join->client.tls);
	join->first_len = join->client.out_len[TQUIC_HS_INITIAL];
	memcpy(join->first, join->client.out[TQUIC_HS_INITIAL],
	       join->first_len);
	while (join_move(join, &join->client) | join_move(join, &join->server))
		;
	return join->client.tls.done && join->server.tls.done &&
	       !join->client.tls.failed && !join->server.tls.failed;
}

void join_replay(struct join *join, struct th_conf *conf,
		 const struct th_request *server)
{
	join_end_init(&join->client, &join->server);
	join_end_init(&join->server, &join->client);
	if (th_tls_init(&join->server.tls, conf, server, &join_ops,
			&join->server))
		th_tls_hear(&join->server.tls, TQUIC_HS_INITIAL, join->first,
			    join->first_len);
}

void join_exit(struct join *join)
{
	th_tls_exit(&join->client.tls);
	th_tls_exit(&join->server.tls);
}
