/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sockets: connections and streams for applications.
 *
 *   fresh --listen()--> listener --accept()--> connection
 *     \----connect()----------------------------^  |
 *                  stream <--accept(), TQUIC_NEW_STREAM--/
 *
 * A connection is shared by its connection socket and those of its streams; it
 * lives as long as one of them does (struct tquic_sock_conn).
 *
 * Locks: the socket's own (lock_sock), then the session's.  Callbacks of a
 * session run with the session's lock and take no socket's: they publish what
 * has changed in struct tquic_sock and wake whoever waits.  What is published
 * is written under the session's lock only, and read by poll() without any.
 */
#ifndef _TQUIC_SOCK_H
#define _TQUIC_SOCK_H

#include <linux/ipv6.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <net/inet_sock.h>
#include <net/sock.h>
#include <linux/tquic.h>

#include "cred.h"
#include "listen.h"
#include "net.h"
#include "sess.h"
#include "udp.h"

/* streams that a peer may open at a time after listen(), whatever was asked */
#define TQUIC_SOCK_BACKLOG_MAX	4096
/* memory that a piece of a buffer costs besides its bytes */
#define TQUIC_SOCK_PIECE	sizeof(struct tquic_sendq_chunk)
/* close() without SO_LINGER: how long data may still go out, ns */
#define TQUIC_SOCK_LINGER	(60 * NSEC_PER_SEC)

enum tquic_sock_kind {
	TQUIC_SOCK_FRESH,
	TQUIC_SOCK_LISTENER,
	TQUIC_SOCK_CONN,
	TQUIC_SOCK_STREAM,
};

/* struct tquic_sock flags */
#define TQUIC_SOCK_F_STREAM	BIT(0)	/* there is a stream */
#define TQUIC_SOCK_F_END	BIT(1)	/* the peer's FIN is next to be read */
#define TQUIC_SOCK_F_RESET	BIT(2)	/* the peer reset the stream */
#define TQUIC_SOCK_F_NEW	BIT(3)	/* streams can be accepted */
#define TQUIC_SOCK_F_DGRAM	BIT(4)	/* datagrams can be read */
#define TQUIC_SOCK_F_CLOSED	BIT(5)	/* the connection is over */
#define TQUIC_SOCK_F_STOPPED	BIT(6)	/* the peer sent STOP_SENDING */
#define TQUIC_SOCK_F_ROOM	BIT(7)	/* only datagrams, for which is room */
#define TQUIC_SOCK_F_DEAF	BIT(8)	/* shutdown(): nothing is read here */

/**
 * struct tquic_sock_conn - a connection that sockets share
 * @ref: sockets
 * @sess: the session, with a reference that goes by tquic_sess_detach()
 * @main: connection socket, NULL once closed; session's lock
 * @socks: struct tquic_sock, all of them; session's lock
 * @pending: the peer's streams that nobody has accepted, by their @event link,
 *	which the core leaves alone while it is used; session's lock
 * @backlog: streams that the peer may have open, 0 before listen(); likewise
 * @wait: who waits for the peer to allow streams
 * @default_stream: the connection socket acts on a stream; immutable
 * @early: MSG_FASTOPEN: early data may be written; immutable
 * @close: code to close with
 * @accept: link in the listener's queue
 */
struct tquic_sock_conn {
	refcount_t ref;
	struct tquic_sess *sess;
	struct tquic_sock *main;
	struct list_head socks;
	struct list_head pending;
	u32 backlog;
	wait_queue_head_t wait;
	bool default_stream;
	bool early;
	struct tquic_close_code close;
	struct list_head accept;
};

/**
 * struct tquic_sock_opts - what connections are made with
 * @cred: credentials, NULL for the default ones
 * @scheduler: a reference, NULL for the namespace's
 * @congestion: likewise
 * @version: of QUIC, 0 for the best
 * @idle_timeout: ms, U32_MAX for the namespace's
 * @paths: at most
 * @retry: enum tquic_retry
 * @dgrams: datagrams are taken
 * @default_stream: read() and write() act on a stream of the connection
 * @streams: further ones of either kind that the peer may open before listen()
 */
struct tquic_sock_opts {
	struct tquic_cred *cred;
	const struct tquic_sched_ops *scheduler;
	const struct tquic_cc_ops *congestion;
	u32 version;
	u32 idle_timeout;
	u8 paths;
	u8 retry;
	bool dgrams;
	bool default_stream;
	u32 streams;
};

/**
 * struct tquic_sock - a socket
 * @inet: what all internet sockets have
 * @kind: enum tquic_sock_kind; socket lock
 * @opts: options; socket lock
 * @udp: bound: reserves the port; socket lock
 * @bind_node: bound: place in the table of ports, under its lock
 * @bind_key: what it is bound to, constant while in that table
 * @listener: listener
 * @accept_lock: protects @accept_q; taken under the session's lock
 * @accept_q: listener: struct tquic_sock_conn, those that have shaken hands
 * @conn: connection, also after it has failed; socket lock
 * @node: link in @conn->socks; session's lock
 * @stream: stream, NULL before there is one; session's lock
 * @cork: bytes kept back by MSG_MORE: where they begin in @cork_page
 * @cork_len: how many
 * @cork_page: page, a reference; socket lock
 * @cork_work: sends them though nothing follows
 * @flags: published: TQUIC_SOCK_F_*
 * @inq: published: bytes that can be read
 * @outq: published: bytes written that have not arrived
 * @charge: published: memory that these take
 * @limit: published: of @charge; what SO_SNDBUF says, or auto-tuned
 * @rcvbuf: SO_RCVBUF as last told to the connection; session's lock
 * @nospace: somebody waits for room to write
 */
struct tquic_sock {
	struct inet_sock inet;
	u8 kind;
	struct tquic_sock_opts opts;

	struct tquic_udp *udp;
	struct hlist_node bind_node;
	struct tquic_udp_key bind_key;

	struct tquic_listener *listener;
	/* of @accept_q */
	spinlock_t accept_lock;
	struct list_head accept_q;

	struct tquic_sock_conn *conn;
	struct list_head node;
	struct tquic_stream *stream;

	struct page *cork_page;
	u32 cork;
	u32 cork_len;
	struct delayed_work cork_work;

	u32 flags;
	u64 inq;
	u64 outq;
	u64 charge;
	u64 limit;
	u32 rcvbuf;
	bool nospace;
};

/**
 * struct tquic6_sock - an IPv6 socket
 * @tquic: socket
 * @inet6: what all IPv6 sockets have; found by proto->ipv6_pinfo_offset
 */
struct tquic6_sock {
	struct tquic_sock tquic;
	struct ipv6_pinfo inet6;
};

static inline struct tquic_sock *tquic_sk(const struct sock *sk)
{
	return container_of(sk, struct tquic_sock, inet.sk);
}

static inline struct sock *tquic_sock_sk(struct tquic_sock *tq)
{
	return &tq->inet.sk;
}

static inline u32 tquic_sock_flags(const struct tquic_sock *tq)
{
	return READ_ONCE(tq->flags);
}

/* room to write, bytes of memory; half of what waits has to go first */
static inline bool tquic_sock_writable(const struct tquic_sock *tq)
{
	u64 charge = READ_ONCE(tq->charge);

	if (READ_ONCE(tq->flags) & TQUIC_SOCK_F_ROOM)
		return true;
	return (READ_ONCE(tq->flags) & TQUIC_SOCK_F_STREAM) &&
	       charge + charge / 2 < READ_ONCE(tq->limit);
}

/* sock.c: registration, and sockets that come from others */
extern struct workqueue_struct *tquic_sock_wq;
int tquic_sock_register(void);
void tquic_sock_unregister(void);
struct sock *tquic_sock_child(struct sock *parent, struct socket *sock,
			      int kern);
void tquic_sock_names(struct tquic_sock *tq);

/* sockopt.c, sockopt_get.c */
int tquic_sock_setsockopt(struct sock *sk, int level, int optname,
			  sockptr_t optval, unsigned int optlen);
int tquic_sock_getsockopt(struct sock *sk, int level, int optname,
			  char __user *optval, int __user *optlen);

/* sock_bind.c: ports */
int tquic_sock_get_port(struct sock *sk, unsigned short snum);
void tquic_sock_put_port(struct sock *sk);
int tquic_sock_rebind(struct tquic_sock *tq);
bool tquic_sock_may_listen(struct tquic_sock *tq);
void tquic_sock_address(struct sock *sk, struct tquic_udp_key *key);

/* sock_conn.c: what sockets share, and what the session tells */
extern const struct tquic_sess_ops tquic_sock_sess_ops;
struct tquic_sock_conn *tquic_sock_conn_new(gfp_t gfp);
void tquic_sock_conn_join(struct tquic_sock_conn *conn, struct tquic_sock *tq,
			  struct tquic_stream *s);
void tquic_sock_conn_leave(struct tquic_sock *tq, u64 linger);
void tquic_sock_conn_drop(struct tquic_sock_conn *conn, u64 linger);
void tquic_sock_conn_open(struct tquic_sock_conn *conn);
void tquic_sock_conn_news(struct tquic_sock_conn *conn);
void tquic_sock_publish(struct tquic_sock *tq);
void tquic_sock_attach(struct tquic_sock *tq, struct tquic_stream *s);
void tquic_sock_refuse(struct tquic_sock_conn *conn, struct tquic_stream *s);

/* sock_connect.c */
int tquic_sock_fastopen(struct socket *sock, const struct msghdr *msg);
int tquic_sock_config(struct tquic_sock *tq, struct tquic_sess_config *config);

/* sock_send.c */
int tquic_sock_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
void tquic_sock_uncork(struct tquic_sock *tq);
void tquic_sock_cork_init(struct tquic_sock *tq);
void tquic_sock_cork_stop(struct tquic_sock *tq);

/* sock_recv.c */
int tquic_sock_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
		       int flags);

/* sock_dgram.c */
int tquic_sock_dgram_cmsg(struct msghdr *msg, struct tquic_datagram *dgram);
int tquic_sock_dgram_send(struct tquic_sock *tq, struct msghdr *msg,
			  size_t len, const struct tquic_datagram *dgram);
int tquic_sock_dgram_recv(struct tquic_sock *tq, struct msghdr *msg,
			  size_t len, int flags);

/* sock_listen.c */
int tquic_sock_listen(struct socket *sock, int backlog);
void tquic_sock_listen_end(struct tquic_sock *tq);
int tquic_sock_wait_accept(struct sock *sk, struct tquic_sock *tq,
			   bool (*there)(struct tquic_sock *tq), long *timeo);
int tquic_sock_accept(struct socket *sock, struct socket *newsock,
		      struct proto_accept_arg *arg);

/* sock_stream.c: streams with sockets of their own */
int tquic_sock_new_stream(struct socket *sock, unsigned long flags);
int tquic_sock_listen_streams(struct tquic_sock *tq, int backlog);
int tquic_sock_accept_stream(struct sock *sk, struct socket *newsock,
			     struct proto_accept_arg *arg);

/* sock_poll.c */
__poll_t tquic_sock_poll(struct file *file, struct socket *sock,
			 poll_table *wait);
int tquic_sock_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg);

/* sock_close.c */
int tquic_sock_shutdown(struct socket *sock, int how);
void tquic_sock_close(struct sock *sk, long timeout);

#endif /* _TQUIC_SOCK_H */
