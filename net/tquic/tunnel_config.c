// SPDX-License-Identifier: GPL-2.0
/* The clients of a server: who they are, what they may do. */
#include <linux/netlink.h>
#include <linux/slab.h>

#include "tunnel_priv.h"

/**
 * tquic_tun_client_find - a client by identity
 * @tunnel: server's; its lock is held
 * @identity: identity
 *
 * Return: it, or NULL.
 */
struct tquic_tun_client *
tquic_tun_client_find(const struct tquic_tunnel *tunnel, const char *identity)
{
	struct tquic_tun_client *client;

	lockdep_assert_held(&tunnel->lock);
	list_for_each_entry(client, &tunnel->clients, list)
		if (!strcmp(client->config.identity, identity))
			return client;
	return NULL;
}

/**
 * tquic_tun_client_free - a client may not come any more
 * @client: client; its tunnel's lock is held; its flows end
 */
void tquic_tun_client_free(struct tquic_tun_client *client)
{
	struct tquic_tunnel *tunnel = client->tunnel;

	lockdep_assert_held(&tunnel->lock);
	list_del(&client->list);
	tunnel->nr_clients--;
	tquic_tun_forwards_free(client);
	if (client->link) {
		atomic_add(atomic_read(&client->link->refused),
			   &tunnel->refused);
		tquic_tun_link_end(client->link, TQUIC_TUN_E_DENIED);
		tquic_tun_link_put(client->link);
	}
	kfree(client);
}

/* With its lock; -ENOENT, or -EOPNOTSUPP for a gateway's. */
static struct tquic_tunnel *tquic_config_server(struct net *net,
						const char *name,
						struct netlink_ext_ack *extack)
{
	struct tquic_tunnel *tunnel = tquic_tun_find(net, name, extack);
	int err = 0;

	if (IS_ERR(tunnel))
		return tunnel;
	mutex_lock(&tunnel->lock);
	if (!tunnel->config.server) {
		NL_SET_ERR_MSG(extack, "only a server has clients");
		err = -EOPNOTSUPP;
	} else if (tunnel->dead) {
		err = -ENOENT;
	}
	if (!err)
		return tunnel;
	mutex_unlock(&tunnel->lock);
	tquic_tun_put(tunnel);
	return ERR_PTR(err);
}

static void tquic_config_done(struct tquic_tunnel *tunnel)
{
	mutex_unlock(&tunnel->lock);
	tquic_tun_put(tunnel);
}

/* One client's ports are not another's. */
static int tquic_config_check(const struct tquic_tunnel *tunnel,
			      const struct tquic_tunnel_client *config,
			      struct netlink_ext_ack *extack)
{
	const struct tquic_tun_client *client;

	if (!*config->identity ||
	    strnlen(config->identity, TQUIC_TUNNEL_IDENTITY_MAX) ==
	    TQUIC_TUNNEL_IDENTITY_MAX) {
		NL_SET_ERR_MSG(extack, "identity: 1 to 63 bytes");
		return -EINVAL;
	}
	if (!config->port_last)
		return 0;
	if (!config->port_first || config->port_first > config->port_last) {
		NL_SET_ERR_MSG(extack, "the range of ports is empty");
		return -EINVAL;
	}
	list_for_each_entry(client, &tunnel->clients, list) {
		if (!client->config.port_last ||
		    !strcmp(client->config.identity, config->identity))
			continue;
		if (config->port_first <= client->config.port_last &&
		    config->port_last >= client->config.port_first) {
			NL_SET_ERR_MSG(extack, "another client has such ports");
			return -EADDRINUSE;
		}
	}
	return 0;
}

static struct tquic_tun_client *
tquic_config_new(struct tquic_tunnel *tunnel, struct netlink_ext_ack *extack)
{
	struct tquic_tun_client *client;

	if (tunnel->nr_clients >= TQUIC_TUNNEL_CLIENTS_MAX) {
		NL_SET_ERR_MSG(extack, "too many clients");
		return ERR_PTR(-ENOSPC);
	}
	client = kzalloc_obj(*client, GFP_KERNEL);
	if (!client)
		return ERR_PTR(-ENOMEM);
	client->tunnel = tunnel;
	INIT_LIST_HEAD(&client->forwards);
	list_add_tail(&client->list, &tunnel->clients);
	tunnel->nr_clients++;
	return client;
}

/* Its session goes on, by the new rules. */
static void tquic_config_apply(struct tquic_tun_link *link,
			       const struct tquic_tunnel_client *config)
{
	spin_lock_bh(&link->lock);
	link->allowed = *config;
	tquic_tun_shape_set(link, config->rate);
	spin_unlock_bh(&link->lock);
}

int tquic_tunnel_set_client(struct net *net, const char *name,
			    const struct tquic_tunnel_client *config,
			    struct netlink_ext_ack *extack)
{
	struct tquic_tunnel *tunnel = tquic_config_server(net, name, extack);
	struct tquic_tun_client *client;
	int err;

	if (IS_ERR(tunnel))
		return PTR_ERR(tunnel);
	err = tquic_config_check(tunnel, config, extack);
	if (err)
		goto out;
	client = tquic_tun_client_find(tunnel, config->identity);
	if (!client)
		client = tquic_config_new(tunnel, extack);
	if (IS_ERR(client)) {
		err = PTR_ERR(client);
		goto out;
	}
	client->config = *config;
	if (client->link)
		tquic_config_apply(client->link, config);
out:
	tquic_config_done(tunnel);
	return err;
}

int tquic_tunnel_del_client(struct net *net, const char *name,
			    const char *identity,
			    struct netlink_ext_ack *extack)
{
	struct tquic_tunnel *tunnel = tquic_config_server(net, name, extack);
	struct tquic_tun_client *client;

	if (IS_ERR(tunnel))
		return PTR_ERR(tunnel);
	client = tquic_tun_client_find(tunnel, identity);
	if (client)
		tquic_tun_client_free(client);
	else
		NL_SET_ERR_MSG(extack, "there is no client of this identity");
	tquic_config_done(tunnel);
	return client ? 0 : -ENOENT;
}

int tquic_tunnel_add_forward(struct net *net, const char *name,
			     const struct tquic_tunnel_forward *fwd,
			     struct netlink_ext_ack *extack)
{
	struct tquic_tunnel *tunnel = tquic_config_server(net, name, extack);
	struct tquic_tun_client *client;
	int err = -ENOENT;

	if (IS_ERR(tunnel))
		return PTR_ERR(tunnel);
	client = tquic_tun_client_find(tunnel, fwd->identity);
	if (client)
		err = tquic_tun_forward_add(client, fwd, extack);
	else
		NL_SET_ERR_MSG(extack, "there is no client of this identity");
	tquic_config_done(tunnel);
	return err;
}

int tquic_tunnel_del_forward(struct net *net, const char *name,
			     const struct tquic_tunnel_forward *fwd,
			     struct netlink_ext_ack *extack)
{
	struct tquic_tunnel *tunnel = tquic_config_server(net, name, extack);
	struct tquic_tun_client *client;
	int err = -ENOENT;

	if (IS_ERR(tunnel))
		return PTR_ERR(tunnel);
	client = tquic_tun_client_find(tunnel, fwd->identity);
	if (client)
		err = tquic_tun_forward_del(client, fwd);
	if (err)
		NL_SET_ERR_MSG(extack, "there is no such port of this client");
	tquic_config_done(tunnel);
	return err;
}
