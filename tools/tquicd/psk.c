// SPDX-License-Identifier: GPL-2.0
/*
 * The agent looks at the file again when it has changed, so that nobody has to
 * be told.  Established connections do not care.
 */
#include <errno.h>
#include <string.h>

#include "psk.h"
#include "run.h"
#include "text.h"

static void tqd_psk_add(struct tqd_text *text, const char *identity,
			const struct tqd_psk *psk)
{
	unsigned int i;

	tqd_text_add(text, "%s:", identity);
	for (i = 0; i < psk->len; i++)
		tqd_text_add(text, "%02x", psk->key[i]);
	tqd_text_add(text, "\n");
}

/* Several tunnels may share an identity, with the same key. */
static bool tqd_psk_is_first(const struct tqd_conf *conf,
			     const struct tqd_tunnel *tunnel)
{
	const struct tqd_client *client;
	const struct tqd_tunnel *other;

	for (client = conf->clients; client; client = client->next)
		if (!strcmp(client->identity, tunnel->identity))
			return false;
	for (other = conf->tunnels; other != tunnel; other = other->next)
		if (!strcmp(other->identity, tunnel->identity))
			return false;
	return true;
}

bool tqd_psk_write(const struct tqd_conf *conf, const char *dir)
{
	struct tqd_place place = { .file = dir };
	const struct tqd_client *client;
	const struct tqd_tunnel *tunnel;
	struct tqd_text text;
	int err = -ENOMEM;

	tqd_text_init(&text);
	tqd_text_add(&text, "# made by tquicd\n");
	for (client = conf->clients; client; client = client->next)
		tqd_psk_add(&text, client->identity, &client->psk);
	for (tunnel = conf->tunnels; tunnel; tunnel = tunnel->next)
		if (tqd_psk_is_first(conf, tunnel))
			tqd_psk_add(&text, tunnel->identity, &tunnel->psk);
	if (text.at)
		err = tqd_run_write(dir, TQD_PSK_FILE, text.at, NULL);
	tqd_text_free(&text);
	if (err)
		tqd_error(&place, "keys: %s", strerror(-err));
	return !err;
}
