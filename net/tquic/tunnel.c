// SPDX-License-Identifier: GPL-2.0
/*
 * The tunnels of a namespace: by name for management, by number for the packet
 * path.
 */
#include <linux/ctype.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "tunnel_priv.h"

#define TQUIC_TUN_PATHS		8
#define TQUIC_TUN_FLOWS		16384
#define TQUIC_TUN_TTL		120000
#define TQUIC_TUN_CC		"poise"
/* links that are served at a time, by a CPU */
#define TQUIC_TUN_LINK_WORKERS	16

struct workqueue_struct *tquic_tun_wq;
struct workqueue_struct *tquic_tun_link_wq;
unsigned int tquic_tun_net_id;

/* all namespaces' tunnels, for which the firewall is answered */
static DEFINE_MUTEX(tquic_tun_nf_lock);	/* protects tquic_tun_nf_users */
static unsigned int tquic_tun_nf_users;

void (*tquic_tunnel_event)(struct net *net,
			   const struct tquic_tunnel_info *info);

struct tquic_tunnel *tquic_tun_get(struct tquic_tunnel *tunnel)
{
	refcount_inc(&tunnel->ref);
	return tunnel;
}

/**
 * tquic_tun_put - let go of a tunnel
 * @tunnel: tunnel
 *
 * Context: any; who waits for the namespace to be empty is woken.
 */
void tquic_tun_put(struct tquic_tunnel *tunnel)
{
	struct tquic_tun_net *tt = tunnel->tt;

	if (!refcount_dec_and_test(&tunnel->ref))
		return;
	tquic_cred_put(tunnel->config.cred);
	kfree_rcu(tunnel, rcu);
	if (atomic_dec_and_test(&tt->live))
		wake_up_var(&tt->live);
}

/**
 * tquic_tun_info - how a tunnel is, or one of its clients
 * @tunnel: tunnel; its lock is held
 * @client: client of a server, or NULL
 * @info: to fill in
 */
void tquic_tun_info(struct tquic_tunnel *tunnel,
		    const struct tquic_tun_client *client,
		    struct tquic_tunnel_info *info)
{
	struct tquic_tun_link *link;

	lockdep_assert_held(&tunnel->lock);
	link = client ? client->link :
	       rcu_dereference_protected(tunnel->link, 1);
	*info = (struct tquic_tunnel_info){
		.id = tunnel->id,
		.server = tunnel->config.server,
		.state = tunnel->state,
		.retry_at = tunnel->retry_at,
		.err = tunnel->err,
		.refused = atomic_read(&tunnel->refused),
		.config = client ? NULL : &tunnel->config,
		.client = client ? &client->config : NULL,
	};
	strscpy(info->name, tunnel->config.name);
	if (client) {
		info->state = link ? TQUIC_TUNNEL_UP : TQUIC_TUNNEL_DOWN;
		info->refused = 0;
		strscpy(info->identity, client->config.identity);
	}
	if (!link)
		return;
	info->sess_id = link->sess->id;
	info->up_since = READ_ONCE(link->up_since);
	info->tcp_flows = atomic_read(&link->tcp_flows);
	info->udp_flows = atomic_read(&link->udp_flows);
	info->refused += atomic_read(&link->refused);
	info->tx_bytes = atomic64_read(&link->tx_bytes);
	info->rx_bytes = atomic64_read(&link->rx_bytes);
}

/**
 * tquic_tun_set_state - a tunnel goes up or down
 * @tunnel: tunnel; its lock is held
 * @state: enum tquic_tunnel_state
 * @err: why, -errno or 0
 */
void tquic_tun_set_state(struct tquic_tunnel *tunnel, u8 state, int err)
{
	struct tquic_tunnel_info info;

	lockdep_assert_held(&tunnel->lock);
	tunnel->err = err;
	if (tunnel->state == state)
		return;
	WRITE_ONCE(tunnel->state, state);
	if (!tquic_tunnel_event)
		return;
	tquic_tun_info(tunnel, NULL, &info);
	info.config = NULL;
	tquic_tunnel_event(tunnel->net, &info);
}

/**
 * tquic_tun_config - how sessions of a tunnel are made
 * @tunnel: tunnel
 * @config: to fill in
 */
void tquic_tun_config(const struct tquic_tunnel *tunnel,
		      struct tquic_sess_config *config)
{
	struct tquic_net *tn = tquic_net(tunnel->net);
	const struct tquic_tunnel_config *tc = &tunnel->config;

	*config = (struct tquic_sess_config){
		.ops = &tquic_tun_sess_ops,
		.cred = tc->cred,
		.wmem = READ_ONCE(tn->config.wmem_max),
		.rmem = READ_ONCE(tn->config.rmem_max),
		/* the server says how long all uplinks may be gone */
		.idle_timeout = tc->server ? tc->session_ttl : 0,
		.handshake_timeout = READ_ONCE(tn->config.handshake_timeout),
		.paths = tc->paths,
		.streams = tc->flows,
		.dgrams = true,
	};
	strscpy(config->cc, tc->congestion);
	strscpy(config->sched, tc->scheduler);
}

static struct tquic_tunnel *tquic_tun_lookup(struct tquic_tun_net *tt,
					     const char *name)
{
	struct tquic_tunnel *tunnel;

	lockdep_assert_held(&tt->lock);
	list_for_each_entry(tunnel, &tt->tunnels, list)
		if (!strcmp(tunnel->config.name, name))
			return tunnel;
	return NULL;
}

/**
 * tquic_tun_find - a tunnel by name
 * @net: namespace
 * @name: name
 * @extack: for the complaint
 *
 * Return: it, with a reference, or ERR_PTR(-ENOENT).
 */
struct tquic_tunnel *tquic_tun_find(struct net *net, const char *name,
				    struct netlink_ext_ack *extack)
{
	struct tquic_tun_net *tt = tquic_tun_net(net);
	struct tquic_tunnel *tunnel;

	mutex_lock(&tt->lock);
	tunnel = tquic_tun_lookup(tt, name);
	if (tunnel)
		tquic_tun_get(tunnel);
	mutex_unlock(&tt->lock);
	if (tunnel)
		return tunnel;
	NL_SET_ERR_MSG(extack, "there is no tunnel of this name");
	return ERR_PTR(-ENOENT);
}

static bool tquic_tun_name_ok(const char *name)
{
	size_t i, len = strnlen(name, TQUIC_TUNNEL_NAME_MAX);

	for (i = 0; i < len; i++)
		if (!isalnum(name[i]) && !strchr("-_.", name[i]))
			return false;
	return len && len < TQUIC_TUNNEL_NAME_MAX;
}

static int tquic_tun_check(const struct tquic_tunnel_config *config,
			   struct netlink_ext_ack *extack)
{
	if (!tquic_tun_name_ok(config->name)) {
		NL_SET_ERR_MSG(extack, "name: up to 15 of A-Z a-z 0-9 - _ .");
		return -EINVAL;
	}
	if (!config->cred) {
		NL_SET_ERR_MSG(extack, "a tunnel needs credentials");
		return -EINVAL;
	}
	if (!config->server && (ipv6_addr_any(&config->remote) ||
				!config->remote_port)) {
		NL_SET_ERR_MSG(extack, "server's address or port missing");
		return -EDESTADDRREQ;
	}
	if (config->server && !config->local_port) {
		NL_SET_ERR_MSG(extack, "a server needs a port to listen on");
		return -EINVAL;
	}
	return 0;
}

/* ALPN as in TLS; the rest is as the administrator said. */
static struct tquic_cred *tquic_tun_cred(const struct tquic_cred *from)
{
	static const char alpn[] = TQUIC_TUNNEL_ALPN;
	struct tquic_cred *cred = tquic_cred_copy(from, GFP_KERNEL);

	if (!cred)
		return NULL;
	cred->alpn[0] = sizeof(alpn) - 1;
	memcpy(cred->alpn + 1, alpn, sizeof(alpn) - 1);
	cred->alpn_len = sizeof(alpn);
	/* nothing in a tunnel bears being replayed */
	cred->early = false;
	return cred;
}

static struct tquic_tunnel *
tquic_tun_make(struct tquic_tun_net *tt,
	       const struct tquic_tunnel_config *config)
{
	struct tquic_tunnel *tunnel = kzalloc_obj(*tunnel, GFP_KERNEL);

	if (!tunnel)
		return NULL;
	tunnel->config = *config;
	tunnel->config.cred = tquic_tun_cred(config->cred);
	if (!tunnel->config.cred) {
		kfree(tunnel);
		return NULL;
	}
	if (!config->paths)
		tunnel->config.paths = TQUIC_TUN_PATHS;
	if (!config->flows)
		tunnel->config.flows = TQUIC_TUN_FLOWS;
	tunnel->config.flows = min_t(u32, tunnel->config.flows,
				     TQUIC_DFLOW_MAX);
	if (!config->session_ttl)
		tunnel->config.session_ttl = TQUIC_TUN_TTL;
	if (!*config->congestion)
		strscpy(tunnel->config.congestion, TQUIC_TUN_CC);
	refcount_set(&tunnel->ref, 1);
	tunnel->net = tt->net;
	tunnel->tt = tt;
	mutex_init(&tunnel->lock);
	INIT_DELAYED_WORK(&tunnel->connect, tquic_tun_client_work);
	INIT_LIST_HEAD(&tunnel->clients);
	atomic_inc(&tt->live);
	return tunnel;
}

/* Two servers on a port would share their clients out between them. */
static struct tquic_tunnel *
tquic_tun_same_port(const struct tquic_tun_net *tt,
		    const struct tquic_tunnel_config *config)
{
	struct tquic_tunnel *other;

	lockdep_assert_held(&tt->lock);
	list_for_each_entry(other, &tt->tunnels, list)
		if (config->server && other->config.server &&
		    other->config.local_port == config->local_port &&
		    (ipv6_addr_any(&other->config.local) ||
		     ipv6_addr_any(&config->local) ||
		     ipv6_addr_equal(&other->config.local, &config->local)))
			return other;
	return NULL;
}

/* Into the tables, which must have room; tt->lock is held. */
static int tquic_tun_enter(struct tquic_tun_net *tt,
			   struct tquic_tunnel *tunnel,
			   struct netlink_ext_ack *extack)
{
	struct xa_limit limit = XA_LIMIT(1, U16_MAX);
	struct tquic_tunnel *other;
	int err;

	if (tquic_tun_lookup(tt, tunnel->config.name)) {
		NL_SET_ERR_MSG(extack, "there is a tunnel of this name");
		return -EEXIST;
	}
	other = tquic_tun_same_port(tt, &tunnel->config);
	if (other) {
		NL_SET_ERR_MSG_FMT(extack, "the tunnel \"%s\" listens there",
				   other->config.name);
		return -EADDRINUSE;
	}
	if (tt->count >= TQUIC_TUNNEL_MAX) {
		NL_SET_ERR_MSG(extack, "too many tunnels");
		return -ENOSPC;
	}
	err = xa_alloc_cyclic(&tt->by_id, &tunnel->id, tunnel, limit,
			      &tt->next_id, GFP_KERNEL);
	if (err < 0)
		return err;
	list_add_tail(&tunnel->list, &tt->tunnels);
	tt->count++;
	return 0;
}

static void tquic_tun_leave(struct tquic_tun_net *tt,
			    struct tquic_tunnel *tunnel)
{
	xa_erase(&tt->by_id, tunnel->id);
	list_del(&tunnel->list);
	tt->count--;
}

static int tquic_tun_nf_get(void)
{
	int err = 0;

	mutex_lock(&tquic_tun_nf_lock);
	if (!tquic_tun_nf_users)
		err = tquic_nf_register(&tquic_tun_nf_ops);
	if (!err)
		tquic_tun_nf_users++;
	mutex_unlock(&tquic_tun_nf_lock);
	return err;
}

static void tquic_tun_nf_put(void)
{
	mutex_lock(&tquic_tun_nf_lock);
	if (!--tquic_tun_nf_users)
		tquic_nf_unregister(&tquic_tun_nf_ops);
	mutex_unlock(&tquic_tun_nf_lock);
}

static int tquic_tun_start(struct tquic_tunnel *tunnel,
			   struct netlink_ext_ack *extack)
{
	int err;

	if (tunnel->config.server)
		return tquic_tun_server_start(tunnel, extack);
	err = tquic_tun_listen_get(tunnel->tt);
	if (err) {
		NL_SET_ERR_MSG(extack, "no sockets for captured flows");
		return err;
	}
	err = tquic_tun_nf_get();
	if (err) {
		NL_SET_ERR_MSG(extack, "somebody else answers the firewall");
		tquic_tun_listen_put(tunnel->tt);
		return err;
	}
	tquic_tun_client_start(tunnel);
	return 0;
}

static void tquic_tun_stop(struct tquic_tunnel *tunnel)
{
	if (tunnel->config.server)
		tquic_tun_server_stop(tunnel);
	else
		tquic_tun_client_stop(tunnel);
}

int tquic_tunnel_add(struct net *net, const struct tquic_tunnel_config *config,
		     struct netlink_ext_ack *extack)
{
	struct tquic_tun_net *tt = tquic_tun_net(net);
	struct tquic_tunnel *tunnel;
	int err;

	err = tquic_tun_check(config, extack);
	if (err)
		return err;
	tunnel = tquic_tun_make(tt, config);
	if (!tunnel)
		return -ENOMEM;
	mutex_lock(&tt->lock);
	err = tquic_tun_enter(tt, tunnel, extack);
	if (!err) {
		mutex_lock(&tunnel->lock);
		err = tquic_tun_start(tunnel, extack);
		mutex_unlock(&tunnel->lock);
		if (err)
			tquic_tun_leave(tt, tunnel);
	}
	mutex_unlock(&tt->lock);
	if (err)
		tquic_tun_put(tunnel);
	else
		__module_get(THIS_MODULE);
	return err;
}

/* tt->lock is held; the tunnel is in the tables. */
static void tquic_tun_remove(struct tquic_tun_net *tt,
			     struct tquic_tunnel *tunnel)
{
	tquic_tun_leave(tt, tunnel);
	mutex_lock(&tunnel->lock);
	tunnel->dead = true;
	tquic_tun_stop(tunnel);
	mutex_unlock(&tunnel->lock);
	if (!tunnel->config.server) {
		cancel_delayed_work_sync(&tunnel->connect);
		tquic_tun_nf_put();
		/* a packet may have found the tunnel, and claim a flow yet */
		synchronize_net();
		tquic_tun_flows_forget(tunnel);
		tquic_tun_listen_put(tt);
	}
	tquic_tun_put(tunnel);
	module_put(THIS_MODULE);
}

int tquic_tunnel_del(struct net *net, const char *name,
		     struct netlink_ext_ack *extack)
{
	struct tquic_tun_net *tt = tquic_tun_net(net);
	struct tquic_tunnel *tunnel;

	mutex_lock(&tt->lock);
	tunnel = tquic_tun_lookup(tt, name);
	if (tunnel)
		tquic_tun_remove(tt, tunnel);
	mutex_unlock(&tt->lock);
	if (tunnel)
		return 0;
	NL_SET_ERR_MSG(extack, "there is no tunnel of this name");
	return -ENOENT;
}

int tquic_tunnel_set(struct net *net, const char *name, bool up,
		     struct netlink_ext_ack *extack)
{
	struct tquic_tunnel *tunnel = tquic_tun_find(net, name, extack);
	int err = 0;

	if (IS_ERR(tunnel))
		return PTR_ERR(tunnel);
	mutex_lock(&tunnel->lock);
	if (tunnel->dead) {
		err = -ENOENT;
	} else if (tunnel->config.server) {
		NL_SET_ERR_MSG(extack, "a server is always up");
		err = -EOPNOTSUPP;
	} else if (up) {
		tunnel->off = false;
		tquic_tun_client_start(tunnel);
	} else {
		tunnel->off = true;
		tquic_tun_client_stop(tunnel);
	}
	mutex_unlock(&tunnel->lock);
	tquic_tun_put(tunnel);
	return err;
}

static int __net_init tquic_tun_net_init(struct net *net)
{
	struct tquic_tun_net *tt = tquic_tun_net(net);

	tt->net = net;
	mutex_init(&tt->lock);
	INIT_LIST_HEAD(&tt->tunnels);
	xa_init_flags(&tt->by_id, XA_FLAGS_ALLOC1);
	tt->next_id = 1;
	spin_lock_init(&tt->ending_lock);
	INIT_LIST_HEAD(&tt->ending);
	return tquic_tun_flows_init(tt);
}

/*
 * Sockets of a tunnel hold no reference of the namespace: none of them may be
 * left when this returns.
 */
static void __net_exit tquic_tun_net_exit(struct net *net)
{
	struct tquic_tun_net *tt = tquic_tun_net(net);
	struct tquic_tunnel *tunnel, *next;

	mutex_lock(&tt->lock);
	list_for_each_entry_safe(tunnel, next, &tt->tunnels, list)
		tquic_tun_remove(tt, tunnel);
	mutex_unlock(&tt->lock);
	tquic_tun_tcp_hurry(tt);
	wait_var_event(&tt->live, !atomic_read(&tt->live));
	tquic_tun_flows_exit(tt);
	xa_destroy(&tt->by_id);
}

static struct pernet_operations tquic_tun_net_ops = {
	.init = tquic_tun_net_init,
	.exit = tquic_tun_net_exit,
	.id = &tquic_tun_net_id,
	.size = sizeof(struct tquic_tun_net),
};

/* After the engine's own: namespaces lose their tunnels first. */
int __init tquic_tunnel_init(void)
{
	int err = -ENOMEM;

	tquic_tun_wq = alloc_workqueue("tquic_tun", WQ_UNBOUND, 0);
	if (!tquic_tun_wq)
		return err;
	/* a batch may take long, and must not keep others of its CPU waiting */
	tquic_tun_link_wq = alloc_workqueue("tquic_link",
					    WQ_PERCPU | WQ_CPU_INTENSIVE,
					    TQUIC_TUN_LINK_WORKERS);
	if (!tquic_tun_link_wq)
		goto err_wq;
	err = register_pernet_device(&tquic_tun_net_ops);
	if (!err)
		return 0;
	destroy_workqueue(tquic_tun_link_wq);
err_wq:
	destroy_workqueue(tquic_tun_wq);
	return err;
}

void tquic_tunnel_exit(void)
{
	unregister_pernet_device(&tquic_tun_net_ops);
	destroy_workqueue(tquic_tun_link_wq);
	destroy_workqueue(tquic_tun_wq);
	/* flows and links are freed by RCU callbacks */
	rcu_barrier();
}
