// SPDX-License-Identifier: GPL-2.0
/* The gateway's end: it connects, and again when that fails. */
#include <linux/random.h>

#include "tunnel_priv.h"

/* jiffies between attempts, before they are spread */
#define TQUIC_TUN_BACKOFF_MIN	(HZ / 4)
#define TQUIC_TUN_BACKOFF_MAX	(30 * HZ)

/* The next attempt, after a while that grows; @tunnel->lock is held. */
static void tquic_client_later(struct tquic_tunnel *tunnel)
{
	unsigned long delay = tunnel->backoff;

	if (tunnel->off || tunnel->dead)
		return;
	/* many gateways must not come back at the same moment */
	delay = delay / 2 + get_random_u32_below(delay);
	tunnel->backoff = min_t(unsigned long, 2 * tunnel->backoff,
				TQUIC_TUN_BACKOFF_MAX);
	tunnel->retry_at = ktime_get_ns() + jiffies_to_nsecs(delay);
	mod_delayed_work(tquic_tun_wq, &tunnel->connect, delay);
}

static struct tquic_tun_link *tquic_client_connect(struct tquic_tunnel *tunnel)
{
	const struct tquic_tunnel_config *tc = &tunnel->config;
	struct tquic_tuple tuple = {
		.local_port = tc->local_port,
		.remote_port = tc->remote_port,
		.dev = tc->dev,
	};
	struct tquic_sess_config config;
	struct tquic_tun_link *link;
	struct tquic_sess *sess;

	memcpy(tuple.local, &tc->local, sizeof(tuple.local));
	memcpy(tuple.remote, &tc->remote, sizeof(tuple.remote));
	tquic_tun_config(tunnel, &config);
	sess = tquic_sess_connect(tunnel->net, &config, &tuple);
	if (IS_ERR(sess))
		return ERR_CAST(sess);
	link = tquic_tun_link_new(tunnel, sess);
	if (IS_ERR(link))
		tquic_sess_detach(sess, 0, true, 0);
	return link;
}

/* tunnel->connect */
void tquic_tun_client_work(struct work_struct *work)
{
	struct tquic_tunnel *tunnel = container_of(to_delayed_work(work),
						   struct tquic_tunnel,
						   connect);
	struct tquic_tun_link *link;

	mutex_lock(&tunnel->lock);
	tunnel->retry_at = 0;
	if (tunnel->off || tunnel->dead || rcu_access_pointer(tunnel->link))
		goto out;
	tquic_tun_set_state(tunnel, TQUIC_TUNNEL_CONNECTING, tunnel->err);
	link = tquic_client_connect(tunnel);
	if (IS_ERR(link)) {
		tquic_tun_set_state(tunnel, TQUIC_TUNNEL_DOWN, PTR_ERR(link));
		tquic_client_later(tunnel);
		goto out;
	}
	rcu_assign_pointer(tunnel->link, link);
	tquic_tun_link_begin(link);
out:
	mutex_unlock(&tunnel->lock);
}

/**
 * tquic_tun_client_start - connect, at once
 * @tunnel: gateway's; its lock is held
 */
void tquic_tun_client_start(struct tquic_tunnel *tunnel)
{
	lockdep_assert_held(&tunnel->lock);
	tunnel->backoff = TQUIC_TUN_BACKOFF_MIN;
	mod_delayed_work(tquic_tun_wq, &tunnel->connect, 0);
}

/* The session is not the tunnel's any more. */
static void tquic_client_let_go(struct tquic_tunnel *tunnel, int err)
{
	struct tquic_tun_link *link;

	link = rcu_replace_pointer(tunnel->link, NULL, true);
	if (!link)
		return;
	atomic_add(atomic_read(&link->refused), &tunnel->refused);
	tquic_tun_set_state(tunnel, TQUIC_TUNNEL_DOWN, err);
	tquic_tun_link_end(link, TQUIC_TUN_E_RESET);
	tquic_tun_link_put(link);
}

/**
 * tquic_tun_client_stop - disconnect; its flows end
 * @tunnel: gateway's; its lock is held
 */
void tquic_tun_client_stop(struct tquic_tunnel *tunnel)
{
	lockdep_assert_held(&tunnel->lock);
	cancel_delayed_work(&tunnel->connect);
	tunnel->retry_at = 0;
	tquic_client_let_go(tunnel, 0);
}

/**
 * tquic_tun_client_up - the handshake is done
 * @link: session of a gateway's tunnel, whose lock is held
 */
void tquic_tun_client_up(struct tquic_tun_link *link)
{
	struct tquic_tunnel *tunnel = link->tunnel;

	lockdep_assert_held(&tunnel->lock);
	if (rcu_access_pointer(tunnel->link) != link)
		return;
	tunnel->backoff = TQUIC_TUN_BACKOFF_MIN;
	tquic_tun_set_state(tunnel, TQUIC_TUNNEL_UP, 0);
}

/**
 * tquic_tun_client_over - the session has ended by itself
 * @link: session of a gateway's tunnel, whose lock is held
 */
void tquic_tun_client_over(struct tquic_tun_link *link)
{
	struct tquic_tunnel *tunnel = link->tunnel;

	lockdep_assert_held(&tunnel->lock);
	if (rcu_access_pointer(tunnel->link) != link)
		return;
	tquic_client_let_go(tunnel, link->err);
	tquic_client_later(tunnel);
}
