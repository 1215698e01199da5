// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <unistd.h>

#include "act.h"
#include "end.h"
#include "link.h"
#include "log.h"

bool tn_bytes_parse(u64 *bytes, const char *text, char **end)
{
	*bytes = strtoull(text, end, 10);
	if (*end == text)
		return false;
	if (**end == 'K')
		*bytes <<= 10;
	else if (**end == 'M')
		*bytes <<= 20;
	else
		return true;
	++*end;
	return true;
}

/* "BYTES:ACTION", some with "=ARGUMENT" */
bool tn_act_parse(struct tn_act *act, const char *text)
{
	char *rest;

	*act = (struct tn_act){};
	if (!tn_bytes_parse(&act->at, text, &rest) || *rest++ != ':')
		return false;
	if (!strcmp(rest, "update")) {
		act->kind = TN_ACT_UPDATE;
		return true;
	}
	if (!strcmp(rest, "rebind")) {
		act->kind = TN_ACT_REBIND;
		return true;
	}
	if (!strcmp(rest, "die")) {
		act->kind = TN_ACT_DIE;
		return true;
	}
	if (!strncmp(rest, "path=", 5)) {
		act->kind = TN_ACT_PATH;
		return tn_addr_parse(&act->addr, rest + 5);
	}
	if (!strncmp(rest, "abandon=", 8)) {
		act->kind = TN_ACT_ABANDON;
		act->id = strtoul(rest + 8, &rest, 10);
		return !*rest;
	}
	return false;
}

static struct tquic_path *tn_act_first(const struct tn_link *link)
{
	return list_first_entry(&link->core->paths, struct tquic_path, node);
}

/* From a further local address to where path 0 goes. */
static int tn_act_path(struct tn_link *link, const struct tn_addr *local,
		       tquic_time_t now)
{
	struct tquic_path *first = tn_act_first(link);
	struct tn_addr remote = { .port = first->tuple.remote_port };
	struct tquic_tuple tuple;
	struct tn_udp *udp;
	unsigned int i;
	int id;

	for (i = 0; i < link->end->nudp; i++)
		if (!memcmp(link->end->udp[i].bound.ip, local->ip,
			    sizeof(local->ip)))
			break;
	udp = i < link->end->nudp ? &link->end->udp[i] :
				    tn_end_bind(link->end, local);
	memcpy(remote.ip, first->tuple.remote, sizeof(remote.ip));
	tn_end_tuple(udp, &remote, &tuple);
	id = tquic_conn_open_path(link->core, &tuple, now, GFP_KERNEL);
	if (id > 0)
		tn_note("path %d opens from %s", id, tn_addr_text(local));
	return id;
}

/*
 * The peer learns of some by the next packet of ours, so there has to be one.
 *
 * Returns -EAGAIN for what has to be tried again later.
 */
static int tn_act_do(struct tn_link *link, const struct tn_act *act,
		     tquic_time_t now)
{
	struct tquic_path *first = tn_act_first(link);
	int err;

	switch (act->kind) {
	case TN_ACT_UPDATE:
		err = tquic_conn_key_update(link->core, now);
		if (!err)
			first->pending |= TQUIC_PATH_P_PING;
		return err;
	case TN_ACT_REBIND:
		tn_udp_reopen(tn_end_socket(link->end, &first->tuple));
		first->pending |= TQUIC_PATH_P_PING;
		return 0;
	case TN_ACT_PATH:
		return tn_act_path(link, &act->addr, now);
	case TN_ACT_ABANDON:
		return tquic_conn_abandon_path(link->core, act->id,
					       TQUIC_APPLICATION_ABANDON_PATH,
					       now, GFP_KERNEL);
	case TN_ACT_DIE:
		_exit(0);
	}
	return 0;
}

/* Lets happen what is due. */
void tn_act_serve(struct tn_link *link, tquic_time_t now)
{
	struct tn_end_config *config = &link->end->config;
	unsigned int i;
	int err;

	/* nothing of this is allowed earlier: RFC 9000 section 9 */
	if (!link->core->confirmed)
		return;
	for (i = 0; i < config->nacts; i++) {
		struct tn_act *act = &config->acts[i];

		if (act->done || link->app.bytes < act->at)
			continue;
		err = tn_act_do(link, act, now);
		if (err == -EAGAIN || err == -ENOTCONN)
			continue;
		act->done = true;
		if (err < 0)
			tn_say("action %u failed: %s", i, strerror(-err));
	}
}

/* Is nothing due that could not be done yet, or has not shown an effect? */
bool tn_act_idle(const struct tn_link *link)
{
	const struct tn_end_config *config = &link->end->config;
	unsigned int i;

	for (i = 0; i < config->nacts; i++)
		if (!config->acts[i].done &&
		    link->app.bytes >= config->acts[i].at)
			return false;
	return link->core->keys.tx == link->core->keys.rx;
}
