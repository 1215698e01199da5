// SPDX-License-Identifier: GPL-2.0
/* The server's end: it listens, and takes the clients that it was told of. */
#include <linux/netlink.h>

#include "tunnel_priv.h"

#define TQUIC_TUN_LISTEN_BACKLOG	1024

static int tquic_server_incoming(struct tquic_listener *l,
				 struct tquic_sess_config *config)
{
	tquic_tun_config(l->owner, config);
	return 0;
}

/*
 * A gateway that rebooted, or lost its session in any other way, comes back
 * while its old session is still held for it: who has proved the identity last
 * has it.
 */
static void tquic_server_replace(struct tquic_tun_client *client,
				 struct tquic_tun_link *link)
{
	struct tquic_tun_link *old = client->link;

	if (old) {
		client->link = NULL;
		tquic_tun_forwards_link(client);
		atomic_add(atomic_read(&old->refused),
			   &client->tunnel->refused);
		/* it has the ports until then */
		tquic_tun_link_end(old, TQUIC_TUN_E_RESET);
		tquic_tun_link_put(old);
	}
	client->link = link;
	tquic_tun_forwards_link(client);
}

static struct tquic_tun_link *
tquic_server_make(struct tquic_tun_client *client, struct tquic_sess *sess)
{
	struct tquic_tun_link *link = tquic_tun_link_new(client->tunnel, sess);

	if (IS_ERR(link))
		return link;
	link->allowed = client->config;
	tquic_tun_shape_set(link, client->config.rate);
	strscpy(link->identity, client->config.identity);
	return link;
}

/* Not under the tunnel's lock: tquic_listen_stop() waits for this. */
static int tquic_server_accept(struct tquic_listener *l,
			       struct tquic_sess *sess)
{
	struct tquic_tunnel *tunnel = l->owner;
	struct tquic_tun_client *client;
	struct tquic_tun_link *link;
	int err = 0;

	mutex_lock(&tunnel->lock);
	client = tquic_tun_client_find(tunnel, tquic_sess_identity(sess));
	if (!client || tunnel->dead) {
		atomic_inc(&tunnel->refused);
		err = -EACCES;
		goto out;
	}
	link = tquic_server_make(client, sess);
	if (IS_ERR(link)) {
		err = PTR_ERR(link);
		goto out;
	}
	tquic_server_replace(client, link);
	tquic_tun_link_begin(link);
out:
	mutex_unlock(&tunnel->lock);
	return err;
}

static const struct tquic_listen_ops tquic_server_ops = {
	.incoming = tquic_server_incoming,
	.accept = tquic_server_accept,
};

/**
 * tquic_tun_server_start - listen
 * @tunnel: server's; nobody else knows it yet
 * @extack: for the complaint
 *
 * Return: 0 or -errno.
 */
int tquic_tun_server_start(struct tquic_tunnel *tunnel,
			   struct netlink_ext_ack *extack)
{
	const struct tquic_tunnel_config *tc = &tunnel->config;
	struct tquic_udp_key key = {
		.port = tc->local_port,
		.dev = tc->dev,
		.v4 = ipv6_addr_v4mapped(&tc->local),
	};
	struct tquic_listener *l;
	int err;

	err = tquic_tun_pings_get(tunnel->tt);
	if (err) {
		NL_SET_ERR_MSG(extack, "no sockets for echo requests");
		return err;
	}
	memcpy(key.local, &tc->local, sizeof(key.local));
	l = tquic_listen_start(tunnel->net, &key, &tquic_server_ops, tunnel,
			       TQUIC_TUN_LISTEN_BACKLOG);
	if (IS_ERR(l)) {
		tquic_tun_pings_put(tunnel->tt);
		NL_SET_ERR_MSG(extack, "cannot listen there");
		return PTR_ERR(l);
	}
	tunnel->listener = l;
	WRITE_ONCE(tunnel->state, TQUIC_TUNNEL_UP);
	return 0;
}

/**
 * tquic_tun_server_stop - take no clients, and let go of those there are
 * @tunnel: server's; its lock is held, and dropped for a moment
 */
void tquic_tun_server_stop(struct tquic_tunnel *tunnel)
{
	struct tquic_listener *l = tunnel->listener;
	struct tquic_tun_client *client, *next;

	lockdep_assert_held(&tunnel->lock);
	tunnel->listener = NULL;
	mutex_unlock(&tunnel->lock);
	if (l)
		tquic_listen_stop(l);
	mutex_lock(&tunnel->lock);
	list_for_each_entry_safe(client, next, &tunnel->clients, list)
		tquic_tun_client_free(client);
	tquic_tun_pings_put(tunnel->tt);
	WRITE_ONCE(tunnel->state, TQUIC_TUNNEL_DOWN);
}

/**
 * tquic_tun_server_over - a client's session has ended by itself
 * @link: session of a server's tunnel, whose lock is held
 */
void tquic_tun_server_over(struct tquic_tun_link *link)
{
	struct tquic_tunnel *tunnel = link->tunnel;
	struct tquic_tun_client *client;

	lockdep_assert_held(&tunnel->lock);
	client = tquic_tun_client_find(tunnel, link->identity);
	/* another session may have taken its place */
	if (!client || client->link != link)
		return;
	client->link = NULL;
	tquic_tun_forwards_link(client);
	atomic_add(atomic_read(&link->refused), &tunnel->refused);
	tquic_tun_link_end(link, TQUIC_TUN_E_RESET);
	tquic_tun_link_put(link);
}
