// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "daemon.h"
#include "kernel.h"
#include "log.h"
#include "policy.h"
#include "psk.h"
#include "run.h"

#define TQD_DAEMON_OWNED	"tunnels"
/* ms between looks at what is not as it should be, and at what is */
#define TQD_DAEMON_SOON		5000
#define TQD_DAEMON_LATER	30000
/*
 * s that a tunnel is down until its server is looked for again, and at most;
 * likewise for what was refused
 */
#define TQD_DAEMON_WAIT		15
#define TQD_DAEMON_WAIT_MAX	600

bool tqd_daemon_open(struct tqd_daemon *d)
{
	int err = tq_genl_open(&d->genl);
	char *text;

	if (err) {
		tqd_error(NULL, "%s", d->genl.error);
		return false;
	}
	err = tq_genl_open(&d->events);
	if (!err)
		err = tq_genl_join(&d->events, true);
	if (err) {
		tqd_error(NULL, "%s", d->events.error);
		return false;
	}
	text = tqd_run_read(d->run, TQD_DAEMON_OWNED);
	d->owned = text ? json_loads(text, 0, NULL) : NULL;
	free(text);
	/* nothing there, or nothing that this program has written */
	if (!json_is_object(d->owned)) {
		json_decref(d->owned);
		d->owned = json_object();
	}
	return true;
}

void tqd_daemon_close(struct tqd_daemon *d)
{
	tq_genl_close(&d->genl);
	tq_genl_close(&d->events);
	json_decref(d->owned);
	d->owned = NULL;
}

static const struct tqd_tunnel *tqd_daemon_find(const struct tqd_conf *conf,
						const char *name)
{
	const struct tqd_tunnel *tunnel;

	for (tunnel = conf->tunnels; tunnel; tunnel = tunnel->next)
		if (!strcmp(tunnel->name, name))
			return tunnel;
	return NULL;
}

/* Written down before they are made: a tunnel too few does no harm. */
static void tqd_daemon_own(struct tqd_daemon *d, bool done)
{
	const struct tqd_tunnel *tunnel;
	struct tqd_place place = { .file = d->run };
	json_t *owned = done ? json_object() : json_copy(d->owned);
	char *text;
	int err;

	for (tunnel = d->conf->tunnels; tunnel; tunnel = tunnel->next)
		if (done || !json_object_get(owned, tunnel->name))
			json_object_set_new(owned, tunnel->name,
					    json_string(tunnel->host));
	if (tqd_conf_is_server(d->conf))
		json_object_set_new(owned, TQD_CONF_SERVER, json_string(""));
	text = json_dumps(owned, JSON_INDENT(1) | JSON_SORT_KEYS);
	err = text ? tqd_run_write(d->run, TQD_DAEMON_OWNED, text, NULL) :
		     -ENOMEM;
	if (err)
		tqd_error(&place, "%s", strerror(-err));
	free(text);
	json_decref(d->owned);
	d->owned = owned;
}

/* Tunnels of an earlier configuration; those made by hand are not ours. */
static bool tqd_daemon_prune(struct tqd_daemon *d, struct tqd_state *state)
{
	bool server, ok = true;
	const char *name;
	json_t *tunnel;
	size_t i;

	json_array_foreach(state->tunnels, i, tunnel) {
		name = tqd_kernel_str(tunnel, "name");
		server = !strcmp(name, TQD_CONF_SERVER) &&
			 tqd_conf_is_server(d->conf);
		if (server || tqd_daemon_find(d->conf, name))
			continue;
		if (json_object_get(d->owned, name))
			ok &= tqd_kernel_del(&d->genl, name);
		else
			tqd_debug("tunnel %s: not of the configuration, left alone",
				  name);
	}
	return ok;
}

static bool tqd_daemon_tunnels(struct tqd_daemon *d, struct tqd_state *state)
{
	const struct tqd_tunnel *tunnel;
	bool ok = true;

	if (tqd_conf_is_server(d->conf))
		ok = tqd_server_apply(&d->genl, d->conf, state);
	for (tunnel = d->conf->tunnels; tunnel; tunnel = tunnel->next)
		ok &= tqd_gateway_apply(&d->genl, tunnel, state,
					tqd_kernel_str(d->owned,
						       tunnel->name));
	return ok;
}

/* A rule names a tunnel that is there, so the rules come and go in between. */
void tqd_daemon_apply(struct tqd_daemon *d)
{
	bool ours = json_object_size(d->owned) > 0;
	struct tqd_state state;
	bool ok;

	d->incomplete = true;
	ok = tqd_psk_write(d->conf, d->run);
	if (!tqd_kernel_load(&d->genl, &state))
		return;
	ok &= tqd_paths_manager(d->conf);
	tqd_daemon_own(d, false);
	ok &= tqd_daemon_tunnels(d, &state);
	ok &= tqd_policy_apply(d->conf, d->nft, ours);
	if (tqd_daemon_prune(d, &state))
		tqd_daemon_own(d, true);
	else
		ok = false;
	tqd_kernel_free(&state);
	d->incomplete = !ok;
}

static time_t tqd_daemon_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* Whether it is time to look for its server again. */
static bool tqd_daemon_is_due(struct tqd_watch *watch, const char *name)
{
	time_t now = tqd_daemon_now();

	if (strcmp(watch->name, name)) {
		strcpy(watch->name, name);
		watch->wait = TQD_DAEMON_WAIT;
		watch->again = now + watch->wait;
	}
	if (now < watch->again)
		return false;
	watch->wait *= 2;
	if (watch->wait > TQD_DAEMON_WAIT_MAX)
		watch->wait = TQD_DAEMON_WAIT_MAX;
	watch->again = now + watch->wait;
	return true;
}

/* One that was taken down by hand does not wait for another attempt. */
static bool tqd_daemon_is_lost(const json_t *now)
{
	return !now || !strcmp(tqd_kernel_str(now, "state"), "connecting") ||
	       json_object_get(now, "retry_ms");
}

static bool tqd_daemon_tend_one(struct tqd_daemon *d,
				const struct tqd_tunnel *tunnel,
				struct tqd_watch *watch,
				const struct tqd_state *state)
{
	const json_t *now = tqd_kernel_tunnel(state, tunnel->name);

	if (!tqd_daemon_is_lost(now)) {
		watch->name[0] = 0;
		return tqd_paths_ensure(&d->genl, tunnel, now);
	}
	if (tqd_daemon_is_due(watch, tunnel->name))
		tqd_gateway_retry(&d->genl, tunnel, state);
	return false;
}

int tqd_daemon_tend(struct tqd_daemon *d)
{
	const struct tqd_tunnel *tunnel;
	struct tqd_state state;
	unsigned int i = 0;
	bool ok = true;

	if (!d->incomplete)
		d->whole.name[0] = 0;
	else if (tqd_daemon_is_due(&d->whole, "*"))
		tqd_daemon_apply(d);
	if (!d->conf->tunnels || !tqd_kernel_load(&d->genl, &state))
		return d->incomplete ? TQD_DAEMON_SOON : TQD_DAEMON_LATER;
	for (tunnel = d->conf->tunnels; tunnel; tunnel = tunnel->next)
		ok &= tqd_daemon_tend_one(d, tunnel, &d->watch[i++], &state);
	tqd_kernel_free(&state);
	return ok && !d->incomplete ? TQD_DAEMON_LATER : TQD_DAEMON_SOON;
}

static void tqd_daemon_event(const struct nlmsghdr *nlh, void *arg)
{
	const struct genlmsghdr *head = mnl_nlmsg_get_payload(nlh);
	bool *interesting = arg;
	json_t *what = NULL;

	if (head->cmd == TQUIC_CMD_TUNNEL_CHANGE)
		what = tq_attr_tunnel(nlh);
	else if (head->cmd == TQUIC_CMD_CLIENT_CHANGE)
		what = tq_attr_client(nlh);
	if (what)
		tqd_info("%s %s: %s",
			 head->cmd == TQUIC_CMD_TUNNEL_CHANGE ? "tunnel" :
								"client",
			 head->cmd == TQUIC_CMD_TUNNEL_CHANGE ?
			 tqd_kernel_str(what, "name") :
			 tqd_kernel_str(what, "identity"),
			 tqd_kernel_str(what, "state"));
	json_decref(what);
	*interesting |= head->cmd == TQUIC_CMD_TUNNEL_CHANGE ||
			head->cmd == TQUIC_CMD_PATH_UP ||
			head->cmd == TQUIC_CMD_PATH_DOWN;
}

bool tqd_daemon_hear(struct tqd_daemon *d)
{
	bool interesting = false;
	int err;

	do {
		err = tq_genl_events(&d->events, tqd_daemon_event,
				     &interesting);
		/* what was lost may have been anything */
		interesting |= err == -ENOBUFS;
	} while (!err || err == -ENOBUFS || err == -EINTR);
	return interesting;
}
