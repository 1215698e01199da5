// SPDX-License-Identifier: GPL-2.0
/* Server: ports of a client's that lead into its LAN. */
#include <linux/net.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "mib.h"
#include "net.h"
#include "tunnel_priv.h"

#define TQUIC_FORWARD_BACKLOG	128
#define TQUIC_FORWARD_BATCH	64

static void tquic_forward_ready(struct sock *sk)
{
	struct tquic_tun_fwd *fwd;

	read_lock_bh(&sk->sk_callback_lock);
	fwd = __rcu_dereference_sk_user_data_with_flags(sk, 0);
	if (sk->sk_state == TCP_LISTEN && fwd)
		queue_work(tquic_tun_wq, &fwd->work);
	read_unlock_bh(&sk->sk_callback_lock);
}

static struct tquic_tun_link *tquic_forward_link(struct tquic_tun_fwd *fwd)
{
	struct tquic_tun_link *link;

	spin_lock_bh(&fwd->lock);
	link = fwd->link ? tquic_tun_link_get(fwd->link) : NULL;
	spin_unlock_bh(&fwd->lock);
	return link;
}

static void tquic_forward_set_link(struct tquic_tun_fwd *fwd,
				   struct tquic_tun_link *link)
{
	struct tquic_tun_link *old;

	spin_lock_bh(&fwd->lock);
	old = fwd->link;
	fwd->link = link ? tquic_tun_link_get(link) : NULL;
	spin_unlock_bh(&fwd->lock);
	if (old)
		tquic_tun_link_put(old);
}

/* The client has another session, or none; -errno for UDP. */
static int tquic_forward_move(struct tquic_tun_fwd *fwd,
			      struct tquic_tun_link *link)
{
	int err = 0;

	if (fwd->config.protocol == IPPROTO_UDP) {
		if (fwd->link)
			tquic_tun_nat_unforward(fwd->link, &fwd->config);
		if (link)
			err = tquic_tun_nat_forward(link, &fwd->config);
		if (err)
			link = NULL;
	}
	tquic_forward_set_link(fwd, link);
	return err;
}

static void tquic_forward_one(struct tquic_tun_fwd *fwd, struct socket *sock)
{
	struct tquic_tun_link *link = tquic_forward_link(fwd);
	struct tquic_nf_flow to = {
		.dport = htons(fwd->config.to_port),
		.family = NFPROTO_IPV6,
		.protocol = IPPROTO_TCP,
	};

	if (ipv6_addr_v4mapped(&fwd->config.to)) {
		to.family = NFPROTO_IPV4;
		to.daddr.ip = fwd->config.to.s6_addr32[3];
	} else {
		to.daddr.in6 = fwd->config.to;
	}
	sock->sk->sk_data_ready = fwd->data_ready;
	if (link) {
		tquic_tun_tcp_inbound(link, sock, &to);
		tquic_tun_link_put(link);
		return;
	}
	/* the client is not there */
	sock_no_linger(sock->sk);
	sock_release(sock);
}

static void tquic_forward_work(struct work_struct *work)
{
	struct tquic_tun_fwd *fwd = container_of(work, struct tquic_tun_fwd,
						 work);
	unsigned int budget = TQUIC_FORWARD_BATCH;
	struct socket *sock;

	while (budget && !kernel_accept(fwd->sock, &sock, O_NONBLOCK)) {
		tquic_forward_one(fwd, sock);
		budget--;
	}
	if (!budget)
		queue_work(tquic_tun_wq, &fwd->work);
}

static int tquic_forward_bind(struct tquic_tun_fwd *fwd)
{
	struct sockaddr_in6 sin6 = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(fwd->config.port),
	};
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(fwd->config.port),
	};

	if (fwd->sock->sk->sk_family == AF_INET6)
		return kernel_bind(fwd->sock, (void *)&sin6, sizeof(sin6));
	return kernel_bind(fwd->sock, (void *)&sin, sizeof(sin));
}

/* A listener for both families, or for IPv4 where there is no IPv6. */
static int tquic_forward_listen(struct tquic_tun_fwd *fwd)
{
	struct net *net = fwd->client->tunnel->net;
	struct sock *sk;
	int err;

	err = sock_create_kern(net, AF_INET6, SOCK_STREAM, IPPROTO_TCP,
			       &fwd->sock);
	if (err)
		err = sock_create_kern(net, AF_INET, SOCK_STREAM, IPPROTO_TCP,
				       &fwd->sock);
	if (err)
		return err;
	sk = fwd->sock->sk;
	/* whatever net.ipv6.bindv6only says */
	sk->sk_ipv6only = 0;
	sock_set_reuseaddr(sk);
	err = tquic_forward_bind(fwd);
	if (err)
		goto err_release;
	write_lock_bh(&sk->sk_callback_lock);
	fwd->data_ready = sk->sk_data_ready;
	sk->sk_data_ready = tquic_forward_ready;
	__rcu_assign_sk_user_data_with_flags(sk, fwd, SK_USER_DATA_NOCOPY);
	write_unlock_bh(&sk->sk_callback_lock);
	err = kernel_listen(fwd->sock, TQUIC_FORWARD_BACKLOG);
	if (!err)
		return 0;

err_release:
	sock_release(fwd->sock);
	return err;
}

static void tquic_forward_deafen(struct tquic_tun_fwd *fwd)
{
	struct sock *sk = fwd->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	sk->sk_data_ready = fwd->data_ready;
	rcu_assign_sk_user_data(sk, NULL);
	write_unlock_bh(&sk->sk_callback_lock);
	cancel_work_sync(&fwd->work);
	sock_release(fwd->sock);
}

static void tquic_forward_free(struct tquic_tun_fwd *fwd)
{
	list_del(&fwd->list);
	if (fwd->sock)
		tquic_forward_deafen(fwd);
	tquic_forward_move(fwd, NULL);
	kfree(fwd);
}

static struct tquic_tun_fwd *
tquic_forward_find(struct tquic_tun_client *client,
		   const struct tquic_tunnel_forward *config)
{
	struct tquic_tun_fwd *fwd;

	list_for_each_entry(fwd, &client->forwards, list)
		if (fwd->config.protocol == config->protocol &&
		    fwd->config.port == config->port)
			return fwd;
	return NULL;
}

static int tquic_forward_check(struct tquic_tun_client *client,
			       const struct tquic_tunnel_forward *config,
			       struct netlink_ext_ack *extack)
{
	if (config->protocol != IPPROTO_TCP &&
	    config->protocol != IPPROTO_UDP) {
		NL_SET_ERR_MSG(extack, "only TCP and UDP have ports");
		return -EOPNOTSUPP;
	}
	if (!config->port || !config->to_port ||
	    ipv6_addr_any(&config->to)) {
		NL_SET_ERR_MSG(extack, "port, host or its port missing");
		return -EINVAL;
	}
	if (client->config.port_last &&
	    (config->port < client->config.port_first ||
	     config->port > client->config.port_last)) {
		NL_SET_ERR_MSG(extack, "the port is not one of the client's");
		return -ERANGE;
	}
	if (tquic_forward_find(client, config)) {
		NL_SET_ERR_MSG(extack, "the port is forwarded already");
		return -EEXIST;
	}
	return 0;
}

/**
 * tquic_tun_forward_add - forward a port
 * @client: client; its tunnel's lock is held
 * @config: port and where it leads
 * @extack: for the complaint
 *
 * Return: 0 or -errno.
 */
int tquic_tun_forward_add(struct tquic_tun_client *client,
			  const struct tquic_tunnel_forward *config,
			  struct netlink_ext_ack *extack)
{
	struct tquic_tun_fwd *fwd;
	int err;

	err = tquic_forward_check(client, config, extack);
	if (err)
		return err;
	fwd = kzalloc_obj(*fwd, GFP_KERNEL);
	if (!fwd)
		return -ENOMEM;
	fwd->config = *config;
	fwd->client = client;
	spin_lock_init(&fwd->lock);
	INIT_WORK(&fwd->work, tquic_forward_work);
	if (config->protocol == IPPROTO_TCP)
		err = tquic_forward_listen(fwd);
	if (!err)
		err = tquic_forward_move(fwd, client->link);
	if (err) {
		NL_SET_ERR_MSG(extack, "cannot listen on this port");
		kfree(fwd);
		return err;
	}
	list_add_tail(&fwd->list, &client->forwards);
	return 0;
}

int tquic_tun_forward_del(struct tquic_tun_client *client,
			  const struct tquic_tunnel_forward *config)
{
	struct tquic_tun_fwd *fwd = tquic_forward_find(client, config);

	if (!fwd)
		return -ENOENT;
	tquic_forward_free(fwd);
	return 0;
}

void tquic_tun_forwards_free(struct tquic_tun_client *client)
{
	struct tquic_tun_fwd *fwd, *next;

	list_for_each_entry_safe(fwd, next, &client->forwards, list)
		tquic_forward_free(fwd);
}

/**
 * tquic_tun_forwards_link - a client has another session, or none
 * @client: client; its tunnel's lock is held
 */
void tquic_tun_forwards_link(struct tquic_tun_client *client)
{
	struct tquic_tun_fwd *fwd;

	list_for_each_entry(fwd, &client->forwards, list)
		if (tquic_forward_move(fwd, client->link))
			TQUIC_MIB_INC(tquic_net(client->tunnel->net),
				      TUN_NO_PORT);
}
