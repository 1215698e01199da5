// SPDX-License-Identifier: GPL-2.0
/*
 * A TCP flow: a socket here, a stream to the other end of the tunnel.
 *
 * Everything about a flow is done by its work, one at a time; callbacks of the
 * socket and news of the stream have it run.  A kernel socket has no timers
 * once it is released, so it is kept until TCP is through with it.
 */
#include <linux/net.h>
#include <net/inet_sock.h>
#include <net/tcp.h>

#include "tunnel_priv.h"

/* how often a socket that says goodbye is looked at, and how many times in
 * succession its peer may have acknowledged nothing
 */
#define TQUIC_TUN_GOODBYE	(60 * HZ)
#define TQUIC_TUN_GOODBYES	5
/* sockets of a namespace that say goodbye; more are reset */
#define TQUIC_TUN_ENDING_MAX	65536
/* s: a host that went without a word is missed after ten minutes and more */
#define TQUIC_TUN_KEEPIDLE	600
#define TQUIC_TUN_KEEPINTVL	60
#define TQUIC_TUN_KEEPCNT	5

void tquic_tun_tcp_kick(struct tquic_tun_flow *flow)
{
	tquic_tun_flow_get(flow);
	if (!queue_work(tquic_tun_wq, &flow->work))
		tquic_tun_flow_put(flow);
}

/**
 * tquic_tun_tcp_later - have its work run after a while
 * @flow: TCP flow
 * @delay: jiffies
 *
 * Context: any.
 */
void tquic_tun_tcp_later(struct tquic_tun_flow *flow, unsigned long delay)
{
	tquic_tun_flow_get(flow);
	if (mod_delayed_work(tquic_tun_wq, &flow->later, delay))
		tquic_tun_flow_put(flow);
}

/* flow->later */
void tquic_tun_tcp_on_later(struct work_struct *work)
{
	struct tquic_tun_flow *flow = container_of(to_delayed_work(work),
						   struct tquic_tun_flow,
						   later);

	tquic_tun_tcp_kick(flow);
	tquic_tun_flow_put(flow);
}

/**
 * tquic_tun_tcp_abort - reset both ends soon
 * @flow: TCP flow
 * @code: why
 *
 * Context: any.
 */
void tquic_tun_tcp_abort(struct tquic_tun_flow *flow, u64 code)
{
	if (!test_and_set_bit(TQUIC_TUN_F_CODE, &flow->flags))
		WRITE_ONCE(flow->code, code);
	/* who sees the flag sees the code */
	smp_mb__before_atomic();
	set_bit(TQUIC_TUN_F_ABORT, &flow->flags);
	tquic_tun_tcp_kick(flow);
}

/* Any callback of the socket: the work looks at everything. */
static void tquic_tcp_event(struct sock *sk)
{
	struct tquic_tun_flow *flow;

	read_lock_bh(&sk->sk_callback_lock);
	flow = rcu_dereference_sk_user_data(sk);
	if (flow)
		tquic_tun_tcp_kick(flow);
	read_unlock_bh(&sk->sk_callback_lock);
}

static void tquic_tcp_write_space(struct sock *sk)
{
	struct tquic_tun_flow *flow;

	read_lock_bh(&sk->sk_callback_lock);
	flow = rcu_dereference_sk_user_data(sk);
	if (flow && sk_stream_is_writeable(sk)) {
		clear_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
		tquic_tun_tcp_kick(flow);
	}
	read_unlock_bh(&sk->sk_callback_lock);
}

/**
 * tquic_tun_tcp_hook - a flow gets its socket
 * @flow: TCP flow; the socket's callbacks hold a reference
 * @sock: socket, which is the flow's from now on
 */
void tquic_tun_tcp_hook(struct tquic_tun_flow *flow, struct socket *sock)
{
	struct sock *sk = sock->sk;

	sock_set_keepalive(sk);
	tcp_sock_set_keepidle(sk, TQUIC_TUN_KEEPIDLE);
	tcp_sock_set_keepintvl(sk, TQUIC_TUN_KEEPINTVL);
	tcp_sock_set_keepcnt(sk, TQUIC_TUN_KEEPCNT);
	tcp_sock_set_nodelay(sk);
	flow->sock = sock;
	tquic_tun_flow_get(flow);
	write_lock_bh(&sk->sk_callback_lock);
	flow->data_ready = sk->sk_data_ready;
	flow->write_space = sk->sk_write_space;
	flow->state_change = sk->sk_state_change;
	sk->sk_data_ready = tquic_tcp_event;
	sk->sk_write_space = tquic_tcp_write_space;
	sk->sk_state_change = tquic_tcp_event;
	rcu_assign_sk_user_data(sk, flow);
	write_unlock_bh(&sk->sk_callback_lock);
}

static void tquic_tcp_unhook(struct tquic_tun_flow *flow)
{
	struct sock *sk = flow->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	sk->sk_data_ready = flow->data_ready;
	sk->sk_write_space = flow->write_space;
	sk->sk_state_change = flow->state_change;
	rcu_assign_sk_user_data(sk, NULL);
	write_unlock_bh(&sk->sk_callback_lock);
	tquic_tun_flow_put(flow);
}

/* Lets go of the socket, with a reset if TCP is not through with it. */
static void tquic_tcp_close(struct tquic_tun_flow *flow)
{
	struct socket *sock = flow->sock;

	if (!sock)
		return;
	tquic_tcp_unhook(flow);
	flow->sock = NULL;
	sock_no_linger(sock->sk);
	sock_release(sock);
}

/* Lets go of the stream; the session's lock is held. */
static void tquic_tcp_release(struct tquic_tun_flow *flow, bool reset)
{
	struct tquic_conn *core = flow->link->sess->core;
	struct tquic_stream *s = flow->stream;
	u64 now = ktime_get_ns();

	if (!s)
		return;
	if (reset) {
		tquic_conn_stop(core, s, READ_ONCE(flow->code), now);
		tquic_conn_reset(core, s, READ_ONCE(flow->code));
	}
	s->owner = NULL;
	flow->stream = NULL;
	tquic_conn_release(core, s, now, GFP_KERNEL);
	/* the stream's */
	tquic_tun_flow_put(flow);
}

/* The stream has had its end, in whatever way: it is not the link's any more */
static void tquic_tcp_part(struct tquic_tun_flow *flow, bool reset)
{
	struct tquic_sess *sess = flow->link->sess;

	tquic_sess_lock(sess);
	tquic_tcp_release(flow, reset);
	tquic_sess_unlock(sess);
	tquic_tun_pump_drop(flow);
	tquic_tun_shape_leave(flow);
	tquic_tun_flow_leave(flow);
}

/* False when too many do. */
static bool tquic_tcp_wait(struct tquic_tun_flow *flow)
{
	struct tquic_tun_net *tt = flow->tunnel->tt;
	bool ok;

	spin_lock_bh(&tt->ending_lock);
	ok = tt->nr_ending < TQUIC_TUN_ENDING_MAX;
	if (ok) {
		tt->nr_ending++;
		atomic_inc(&flow->link->ending);
		list_add_tail(&flow->list, &tt->ending);
		tquic_tun_flow_get(flow);
	}
	spin_unlock_bh(&tt->ending_lock);
	return ok;
}

static void tquic_tcp_wait_no_more(struct tquic_tun_flow *flow)
{
	struct tquic_tun_net *tt = flow->tunnel->tt;
	bool listed;

	spin_lock_bh(&tt->ending_lock);
	listed = !list_empty(&flow->list);
	if (listed) {
		tt->nr_ending--;
		atomic_dec(&flow->link->ending);
	}
	list_del_init(&flow->list);
	spin_unlock_bh(&tt->ending_lock);
	if (listed)
		tquic_tun_flow_put(flow);
}

/**
 * tquic_tun_tcp_hurry - reset the sockets that take their time
 * @tt: namespace that goes, without tunnels
 *
 * A flow that is on its way to the list comes to it within the work that runs
 * now, which is waited for.
 */
void tquic_tun_tcp_hurry(struct tquic_tun_net *tt)
{
	struct tquic_tun_flow *flow;

	flush_workqueue(tquic_tun_wq);
	spin_lock_bh(&tt->ending_lock);
	list_for_each_entry(flow, &tt->ending, list)
		tquic_tun_tcp_abort(flow, TQUIC_TUN_E_RESET);
	spin_unlock_bh(&tt->ending_lock);
}

/* Reset, both ways; the flow is over. */
static void tquic_tcp_end(struct tquic_tun_flow *flow)
{
	if (flow->stage == TQUIC_TUN_ENDING)
		tquic_tcp_wait_no_more(flow);
	else
		tquic_tcp_part(flow, true);
	flow->stage = TQUIC_TUN_OVER;
	/*
	 * First: the host may use the ports again at once, and what comes then
	 * is another flow.
	 */
	tquic_tun_flow_unhash(flow);
	tquic_tcp_close(flow);
}

/* Both directions of the stream are done: TCP may take its time. */
static void tquic_tcp_ending(struct tquic_tun_flow *flow)
{
	tquic_tcp_part(flow, false);
	/* the host may use the ports again before the socket is gone */
	tquic_tun_flow_unhash(flow);
	flow->stage = TQUIC_TUN_ENDING;
	if (!tquic_tcp_wait(flow)) {
		tquic_tcp_end(flow);
		return;
	}
	flow->look_at = jiffies + TQUIC_TUN_GOODBYE;
	tquic_tun_tcp_later(flow, TQUIC_TUN_GOODBYE);
}

static bool tquic_tcp_is_over(const struct sock *sk)
{
	return inet_sk_state_load(sk) == TCP_CLOSE;
}

/*
 * ENDING: a host that reads slowly gets all of it.  One that is gone, or holds
 * its window shut, is waited for as an orphan of the system's would be.
 */
static bool tquic_tcp_is_stuck(struct tquic_tun_flow *flow)
{
	u32 una = READ_ONCE(tcp_sk(flow->sock->sk)->snd_una);

	if (time_before(jiffies, flow->look_at))
		return false;
	if (una != flow->una)
		flow->looks = 0;
	flow->una = una;
	if (++flow->looks >= TQUIC_TUN_GOODBYES)
		return true;
	flow->look_at = jiffies + TQUIC_TUN_GOODBYE;
	tquic_tun_tcp_later(flow, TQUIC_TUN_GOODBYE);
	return false;
}

/* What the stream ends with when the socket has failed. */
u64 tquic_tun_tcp_code(int err)
{
	switch (err) {
	case ECONNREFUSED:
		return TQUIC_TUN_E_REFUSED;
	case EHOSTUNREACH:
	case ENETUNREACH:
	case ENETDOWN:
	case EHOSTDOWN:
	case ENONET:
	case ENOPROTOOPT:
		return TQUIC_TUN_E_UNREACHABLE;
	case ETIMEDOUT:
		return TQUIC_TUN_E_TIMEDOUT;
	case EADDRNOTAVAIL:
	case EADDRINUSE:
	case ENOMEM:
	case ENOBUFS:
		return TQUIC_TUN_E_NO_ROOM;
	default:
		return TQUIC_TUN_E_RESET;
	}
}

static void tquic_tcp_fail(struct tquic_tun_flow *flow, int err)
{
	if (!test_and_set_bit(TQUIC_TUN_F_CODE, &flow->flags))
		WRITE_ONCE(flow->code, tquic_tun_tcp_code(err));
	tquic_tcp_end(flow);
}

/* Far end: connecting; true when it is done. */
static bool tquic_tcp_connected(struct tquic_tun_flow *flow)
{
	struct sock *sk = flow->sock->sk;
	int state = inet_sk_state_load(sk);

	if (state == TCP_SYN_SENT) {
		/* the LAN host may not want it any more */
		if (tquic_tun_pump_is_gone(flow))
			tquic_tun_tcp_abort(flow, TQUIC_TUN_E_RESET);
		return false;
	}
	if (state == TCP_CLOSE) {
		tquic_tcp_fail(flow, READ_ONCE(sk->sk_err));
		return false;
	}
	flow->stage = TQUIC_TUN_OPEN;
	tquic_tun_dial_answer(flow);
	return true;
}

/* True when the work is to run again soon. */
static bool tquic_tcp_run(struct tquic_tun_flow *flow)
{
	bool more;

	if (test_bit(TQUIC_TUN_F_ABORT, &flow->flags)) {
		tquic_tcp_end(flow);
		return false;
	}
	if (flow->stage == TQUIC_TUN_OPENING && !flow->sock &&
	    !tquic_tun_dial(flow))
		return false;
	if (flow->stage == TQUIC_TUN_OPENING && !tquic_tcp_connected(flow))
		return false;
	more = tquic_tun_pump(flow);
	if (test_bit(TQUIC_TUN_F_ABORT, &flow->flags)) {
		tquic_tcp_end(flow);
		return false;
	}
	if (test_bit(TQUIC_TUN_F_EOF, &flow->flags) &&
	    test_bit(TQUIC_TUN_F_SHUT, &flow->flags)) {
		tquic_tcp_ending(flow);
		return false;
	}
	/* what had arrived before it failed was read above */
	if (!more && tquic_tcp_is_over(flow->sock->sk))
		tquic_tcp_fail(flow, READ_ONCE(flow->sock->sk->sk_err));
	return more;
}

/* flow->work */
void tquic_tun_tcp_work(struct work_struct *work)
{
	struct tquic_tun_flow *flow = container_of(work, struct tquic_tun_flow,
						   work);
	/* pairs with tquic_tcp_stage() */
	u8 stage = smp_load_acquire(&flow->stage);
	bool more = false;

	if (stage == TQUIC_TUN_CLAIMED)
		goto out;
	if (stage == TQUIC_TUN_OPENING || stage == TQUIC_TUN_OPEN)
		more = tquic_tcp_run(flow);
	if (flow->stage == TQUIC_TUN_ENDING &&
	    (test_bit(TQUIC_TUN_F_ABORT, &flow->flags) ||
	     tquic_tcp_is_over(flow->sock->sk) || tquic_tcp_is_stuck(flow)))
		tquic_tcp_end(flow);
	if (flow->stage == TQUIC_TUN_OVER && cancel_delayed_work(&flow->later))
		tquic_tun_flow_put(flow);
	if (more)
		tquic_tun_tcp_kick(flow);
out:
	tquic_tun_flow_put(flow);
}

static void tquic_tcp_key(const struct sock *sk, struct tquic_nf_flow *key)
{
	const struct inet_sock *inet = inet_sk(sk);

	/* and what is between the fields: it is hashed */
	memset(key, 0, sizeof(*key));
	key->sport = inet->inet_dport;
	key->dport = inet->inet_sport;
	key->family = NFPROTO_IPV4;
	key->protocol = IPPROTO_TCP;
#if IS_ENABLED(CONFIG_IPV6)
	/* a listener for both families has IPv4 ones, too */
	if (sk->sk_family == AF_INET6 &&
	    !ipv6_addr_v4mapped(&sk->sk_v6_daddr)) {
		key->family = NFPROTO_IPV6;
		key->saddr.in6 = sk->sk_v6_daddr;
		key->daddr.in6 = sk->sk_v6_rcv_saddr;
		return;
	}
#endif
	key->saddr.ip = inet->inet_daddr;
	key->daddr.ip = inet->inet_rcv_saddr;
}

/* The flow that the firewall has claimed for it, with a reference. */
static struct tquic_tun_flow *tquic_tcp_claimed(struct tquic_tun_net *tt,
						const struct sock *sk)
{
	struct tquic_tun_flow *flow;
	struct tquic_nf_flow key;

	tquic_tcp_key(sk, &key);
	rcu_read_lock();
	flow = tquic_tun_flow_find(tt, &key);
	if (flow && !refcount_inc_not_zero(&flow->ref))
		flow = NULL;
	rcu_read_unlock();
	return flow;
}

/* A stream for it, which begins with where it leads. */
static int tquic_tcp_open(struct tquic_tun_flow *flow)
{
	struct tquic_sess *sess = flow->link->sess;
	u8 head[1 + TQUIC_DEST_MAX] = { TQUIC_DEST_OPEN_TCP };
	struct tquic_dest dest;
	struct tquic_stream *s;
	int err = -ENOBUFS;
	void *handle;
	u32 pos, len;

	tquic_tun_flow_dest(flow, &dest);
	len = 1 + tquic_dest_write(head + 1, &dest);
	handle = tquic_buf_copy(head, len, &pos, GFP_KERNEL);
	if (!handle)
		return -ENOMEM;
	tquic_sess_lock(sess);
	s = tquic_conn_open(sess->core, false, ktime_get_ns(), GFP_KERNEL);
	if (s) {
		flow->stream = s;
		flow->id = s->id;
		s->owner = tquic_tun_flow_get(flow);
		tquic_streams_set_class(&sess->core->streams, s, dest.class);
		err = tquic_conn_write(sess->core, s, handle, pos, len, false,
				       GFP_KERNEL);
	}
	tquic_sess_unlock(sess);
	tquic_buf_put(handle);
	return err;
}

static void tquic_tcp_refuse(struct socket *sock)
{
	sock_no_linger(sock->sk);
	sock_release(sock);
}

/*
 * The work does nothing before it sees the stage, and everything that it needs
 * when it does.  Whatever had it run too early, an abort too, is looked at by
 * the run that is asked for here.
 */
static void tquic_tcp_stage(struct tquic_tun_flow *flow, u8 stage)
{
	/* pairs with tquic_tun_tcp_work() */
	smp_store_release(&flow->stage, stage);
	tquic_tun_tcp_kick(flow);
}

/* Of the packet that opened the connection. */
static u8 tquic_tcp_dscp(const struct sock *sk)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6 && !ipv6_addr_v4mapped(&sk->sk_v6_daddr))
		return ip6_tclass(inet6_sk(sk)->rcv_flowinfo) >> 2;
#endif
	return inet_sk(sk)->rcv_tos >> 2;
}

static void tquic_tcp_begin(struct tquic_tun_flow *flow, struct socket *sock)
{
	flow->dscp = tquic_tcp_dscp(sock->sk);
	tquic_tun_tcp_hook(flow, sock);
	if (tquic_tcp_open(flow)) {
		atomic_inc(&flow->link->refused);
		tquic_tun_tcp_abort(flow, TQUIC_TUN_E_NO_ROOM);
	}
	tquic_tcp_stage(flow, TQUIC_TUN_OPEN);
}

/**
 * tquic_tun_tcp_accepted - a connection that was captured
 * @tt: namespace
 * @sock: its socket; is the flow's, or is closed
 *
 * Nobody else attaches TCP flows: with the claim goes the right to begin it.
 * Without one it is the flow of a connection before, which goes.
 * Context: process; one at a time.
 */
void tquic_tun_tcp_accepted(struct tquic_tun_net *tt, struct socket *sock)
{
	struct tquic_tun_flow *flow = tquic_tcp_claimed(tt, sock->sk);

	sock->sk->sk_data_ready = tt->data_ready;
	if (flow && test_bit(TQUIC_TUN_F_CLAIM, &flow->flags) &&
	    tquic_tun_flow_attach(flow))
		tquic_tcp_begin(flow, sock);
	else
		tquic_tcp_refuse(sock);
	if (flow)
		tquic_tun_flow_put(flow);
}

/**
 * tquic_tun_tcp_inbound - a connection to a port that leads into a LAN
 * @link: the client's
 * @sock: its socket; is a flow's, or is closed
 * @to: LAN host, with its port; the source is filled in
 *
 * Context: process.
 */
void tquic_tun_tcp_inbound(struct tquic_tun_link *link, struct socket *sock,
			   const struct tquic_nf_flow *to)
{
	struct tquic_tun_flow *flow;
	struct tquic_nf_flow key;

	tquic_tcp_key(sock->sk, &key);
	/* the host's address is of use to the LAN only in the same family */
	if (key.family == to->family) {
		key.daddr = to->daddr;
		key.dport = to->dport;
	} else {
		key = *to;
	}
	flow = tquic_tun_flow_new(link->tunnel, &key, TQUIC_NF_CLASS_ANY,
				  GFP_KERNEL);
	if (flow && tquic_tun_link_take(link, flow))
		tquic_tcp_begin(flow, sock);
	else
		tquic_tcp_refuse(sock);
	if (flow)
		tquic_tun_flow_put(flow);
}

/**
 * tquic_tun_tcp_arrived - a stream that the peer has opened
 * @link: whose session it is of; the session's lock is held
 * @s: stream
 *
 * Where it leads is not known yet: tquic_tun_dial() reads that.
 */
void tquic_tun_tcp_arrived(struct tquic_tun_link *link,
			   struct tquic_stream *s)
{
	struct tquic_conn *core = link->sess->core;
	struct tquic_nf_flow none = { .protocol = IPPROTO_TCP };
	struct tquic_tun_flow *flow = NULL;
	u64 now = ktime_get_ns();

	if (!(s->id & TQUIC_STREAM_UNI))
		flow = tquic_tun_flow_new(link->tunnel, &none,
					  TQUIC_NF_CLASS_ANY, GFP_KERNEL);
	if (flow && tquic_tun_link_take(link, flow)) {
		flow->stream = s;
		flow->id = s->id;
		/* the stream has the reference that it was made with */
		s->owner = flow;
		tquic_tcp_stage(flow, TQUIC_TUN_OPENING);
		return;
	}
	if (flow)
		tquic_tun_flow_put(flow);
	tquic_conn_stop(core, s, TQUIC_TUN_E_NO_ROOM, now);
	tquic_conn_reset(core, s, TQUIC_TUN_E_NO_ROOM);
	tquic_conn_release(core, s, now, GFP_KERNEL);
}
