// SPDX-License-Identifier: GPL-2.0
/*
 * The far end of a TCP flow: reads where a stream leads, asks whether that is
 * allowed, and connects.
 */
#include <linux/net.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "tunnel_priv.h"

/* ports that are tried, each with the destination: another flow may have it */
#define TQUIC_DIAL_TRIES	64

/* The first bytes that can be read; how many, which may be fewer than @len. */
static u32 tquic_dial_peek(const struct tquic_stream *s, u8 *out, u32 len)
{
	const struct tquic_reasm_seg *seg = tquic_reasm_peek(&s->in);
	struct rb_node *node = seg ? (struct rb_node *)&seg->node : NULL;
	u32 done = 0, n;

	for (; node && done < len; node = rb_next(node)) {
		seg = rb_entry(node, struct tquic_reasm_seg, node);
		if (seg->off >= s->in.ready)
			break;
		n = min(len - done, seg->len);
		if (tquic_buf_read(seg->handle, seg->pos, out + done, n))
			break;
		done += n;
	}
	return done;
}

/* Bytes of the header, 0 when some are missing, -EPROTO. */
static int tquic_dial_read(struct tquic_tun_flow *flow,
			   struct tquic_dest *dest)
{
	struct tquic_sess *sess = flow->link->sess;
	struct tquic_stream *s = flow->stream;
	u8 head[1 + TQUIC_DEST_MAX];
	u32 len;
	int n;

	tquic_sess_lock(sess);
	len = tquic_dial_peek(s, head, sizeof(head));
	n = 0;
	if (len && head[0] != TQUIC_DEST_OPEN_TCP)
		n = -EPROTO;
	else if (len)
		n = tquic_dest_parse(head + 1, len - 1, dest);
	if (n > 0) {
		tquic_conn_read(sess->core, s, 1 + n, ktime_get_ns());
		tquic_streams_set_class(&sess->core->streams, s, dest->class);
	} else if (!n && s->recv != TQUIC_STREAM_R_RECV &&
		   s->recv != TQUIC_STREAM_R_SIZE_KNOWN) {
		n = -EPROTO;
	}
	tquic_sess_unlock(sess);
	return n;
}

static int tquic_dial_bind(struct socket *sock, bool v6, u16 port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
	};
	struct sockaddr_in6 sin6 = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(port),
	};

	if (v6)
		return kernel_bind(sock, (void *)&sin6, sizeof(sin6));
	return kernel_bind(sock, (void *)&sin, sizeof(sin));
}

static int tquic_dial_connect(struct socket *sock,
			      const struct tquic_nf_flow *key)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = key->dport,
		.sin_addr.s_addr = key->daddr.ip,
	};
	struct sockaddr_in6 sin6 = {
		.sin6_family = AF_INET6,
		.sin6_port = key->dport,
		.sin6_addr = key->daddr.in6,
	};

	if (key->family == NFPROTO_IPV6)
		return kernel_connect(sock, (void *)&sin6, sizeof(sin6),
				      O_NONBLOCK);
	return kernel_connect(sock, (void *)&sin, sizeof(sin), O_NONBLOCK);
}

/* The DSCP that the LAN host had given its packets. */
static void tquic_dial_mark(struct sock *sk, u8 dscp)
{
	ip_sock_set_tos(sk, dscp << 2);
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6)
		inet6_sk(sk)->tclass = dscp << 2;
#endif
}

static int tquic_dial_socket(struct tquic_tun_flow *flow, u16 port,
			     struct socket **res)
{
	bool v6 = flow->key.family == NFPROTO_IPV6;
	struct socket *sock;
	int err;

	err = sock_create_kern(flow->tunnel->net, v6 ? AF_INET6 : AF_INET,
			       SOCK_STREAM, IPPROTO_TCP, &sock);
	if (err)
		return err;
	/* flows to different destinations share ports of the client's */
	sock_set_reuseaddr(sock->sk);
	tquic_dial_mark(sock->sk, flow->dscp);
	if (port)
		err = tquic_dial_bind(sock, v6, port);
	if (!err)
		err = tquic_dial_connect(sock, &flow->key);
	if (err && err != -EINPROGRESS) {
		sock_release(sock);
		return err;
	}
	*res = sock;
	return 0;
}

/* A socket that connects, from one of the client's ports. */
static int tquic_dial_out(struct tquic_tun_flow *flow)
{
	struct socket *sock = NULL;
	unsigned int tries;
	int err = -EADDRINUSE;
	u16 port;

	for (tries = 0; tries < TQUIC_DIAL_TRIES; tries++) {
		port = tquic_tun_policy_port(flow->link);
		err = tquic_dial_socket(flow, port, &sock);
		if (!port || (err != -EADDRINUSE && err != -EADDRNOTAVAIL))
			break;
	}
	if (err)
		return err;
	WRITE_ONCE(flow->out_port, ntohs(inet_sk(sock->sk)->inet_sport));
	tquic_tun_tcp_hook(flow, sock);
	return 0;
}

static void tquic_dial_fail(struct tquic_tun_flow *flow, u64 code)
{
	atomic_inc(&flow->link->refused);
	tquic_tun_tcp_abort(flow, code);
}

/**
 * tquic_tun_dial - begin the far end of a TCP flow
 * @flow: flow, OPENING and without a socket; called by its work
 *
 * Return: true when there is a socket now, that is connecting; otherwise it
 * waits for the rest of the header, or was aborted.
 */
bool tquic_tun_dial(struct tquic_tun_flow *flow)
{
	struct tquic_dest dest;
	int n = tquic_dial_read(flow, &dest);
	u64 code;

	if (!n)
		return false;
	if (n < 0) {
		tquic_dial_fail(flow, TQUIC_TUN_E_MALFORMED);
		return false;
	}
	spin_lock_bh(&flow->link->lock);
	tquic_tun_flow_key(&dest, IPPROTO_TCP, &flow->key);
	flow->class = dest.class;
	flow->dscp = dest.dscp;
	spin_unlock_bh(&flow->link->lock);
	code = tquic_tun_policy_check(flow->link, &flow->key);
	if (code) {
		tquic_dial_fail(flow, code);
		return false;
	}
	n = tquic_dial_out(flow);
	if (n) {
		tquic_dial_fail(flow, tquic_tun_tcp_code(-n));
		return false;
	}
	return true;
}

/**
 * tquic_tun_dial_answer - tell the other end that the far end is there
 * @flow: flow, whose socket is connected; called by its work
 */
void tquic_tun_dial_answer(struct tquic_tun_flow *flow)
{
	struct tquic_sess *sess = flow->link->sess;
	static const u8 status;
	void *handle;
	u32 pos;
	int err = -ENOMEM;

	handle = tquic_buf_copy(&status, 1, &pos, GFP_KERNEL);
	if (handle) {
		tquic_sess_lock(sess);
		err = tquic_conn_write(sess->core, flow->stream, handle, pos,
				       1, false, GFP_KERNEL);
		tquic_sess_unlock(sess);
		tquic_buf_put(handle);
	}
	/* what comes in the stream is data from now on */
	set_bit(TQUIC_TUN_F_ANSWERED, &flow->flags);
	if (err)
		tquic_tun_tcp_abort(flow, TQUIC_TUN_E_NO_ROOM);
}
