/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between the files of the tunnel.
 *
 *   tunnel.c         tunnels of a namespace: by name and number, up and down
 *   tunnel_client.c  gateway: connects, and again when that fails
 *   tunnel_server.c  server: listens, and whom it takes
 *   tunnel_config.c  server: clients, what they may do, forwards
 *   tunnel_link.c    a session and its flows; news of the core
 *   tunnel_flow.c    flows by addresses, claims of the firewall
 *   tunnel_listen.c  gateway: transparent sockets that captured flows come to
 *   tunnel_tcp.c     a TCP flow: begin, end, callbacks of its socket
 *   tunnel_dial.c    the far end of a TCP flow: where to, and a socket
 *   tunnel_pump.c    bytes from socket to stream and back
 *   tunnel_udp.c     UDP flows; see tunnel_udp.h
 *   tunnel_ping.c    echo requests, which are flows of this kind; see
 *                    tunnel_ping.h
 *   tunnel_policy.c  server: where clients may go, how fast
 *   tunnel_shape.c   server: a client's flows keep to its rate, and share it
 *   tunnel_forward.c server: ports that lead into a client's LAN
 *   tunnel_dump.c    what there is, for management
 *   tunnel_nf.c      answers to the firewall
 *
 * Locks, outermost first:
 *
 *   tt->lock (mutex)   configuration, one tunnel at a time
 *   lock_sock()        of a flow's socket
 *   sess->lock         streams, flows of datagrams, @flow->stream
 *   link->lock (spin)  lists of a link, mappings; bottom halves off
 *
 * Under link->in.lock, the lock of its queue, nothing is taken.
 *
 * References: a tunnel is held by its namespace's table, by its links and by
 * flows that were claimed and have no link yet.  A link is held by its tunnel
 * while it is the tunnel's, by its flows, by queued work and by its session as
 * owner (until tquic_sess_detach() has returned).  A flow is held by the table
 * while it is hashed, by its socket's callbacks, by its stream or its flow of
 * datagrams, and by queued work.
 *
 * The end of a link: it is taken from its tunnel, its flows are told (sockets
 * are reset, flows unhashed), work is flushed, a server's mappings are closed,
 * the session detached.  The close of a mapping is waited for under the
 * tunnel's lock, so it runs on a workqueue where nothing takes that.  The end
 * of a flow: unhash, restore the callbacks of its socket, release the stream
 * under the session's lock, release the socket, put.
 */
#ifndef _TQUIC_TUNNEL_PRIV_H
#define _TQUIC_TUNNEL_PRIV_H

#include <linux/netfilter/nf_tables_tquic.h>
#include <linux/refcount.h>
#include <linux/rhashtable.h>
#include <linux/workqueue.h>
#include <net/sock.h>

#include "core/dest.h"
#include "core/dflow.h"
#include "nf.h"
#include "sess.h"
#include "tunnel.h"

struct tquic_tunnel;
struct tquic_tun_flow;
struct tquic_tun_link;
struct tquic_tun_nat;
struct tquic_tun_nats;
struct tquic_tun_pings;

/* what a flow's stream ends with, see tquic-tunnel.rst */
#define TQUIC_TUN_E_RESET	0x100
#define TQUIC_TUN_E_REFUSED	0x101
#define TQUIC_TUN_E_UNREACHABLE	0x102
#define TQUIC_TUN_E_TIMEDOUT	0x103
#define TQUIC_TUN_E_DENIED	0x104
#define TQUIC_TUN_E_NO_ROOM	0x105
#define TQUIC_TUN_E_MALFORMED	0x106

/* a claimed flow of which nothing came yet is forgotten, and how often idle
 * flows are looked for
 */
#define TQUIC_TUN_CLAIM_TIME	(10 * HZ)
#define TQUIC_TUN_GC		(5 * HZ)
/* datagrams from LAN hosts, or to clients, that wait for a link's work */
#define TQUIC_TUN_BACKLOG	4096

/**
 * enum tquic_tun_stage - how far a flow is
 * @TQUIC_TUN_CLAIMED: by the firewall; its socket has not been seen
 * @TQUIC_TUN_OPENING: TCP: its far end is being made, the stream header read
 * @TQUIC_TUN_OPEN: data goes both ways
 * @TQUIC_TUN_ENDING: TCP: only the socket's own goodbye is missing
 * @TQUIC_TUN_OVER: to be put
 */
enum tquic_tun_stage {
	TQUIC_TUN_CLAIMED,
	TQUIC_TUN_OPENING,
	TQUIC_TUN_OPEN,
	TQUIC_TUN_ENDING,
	TQUIC_TUN_OVER,
};

/* towards a client's destinations, and towards the client */
enum tquic_tun_way {
	TQUIC_TUN_UP,
	TQUIC_TUN_DOWN,
	TQUIC_TUN_WAYS,
};

/**
 * struct tquic_tun_turn - a flow that has to wait for its client's rate
 * @node: place in the link's queue, empty unless it waits; link's lock
 * @granted: bytes that it was given since, and did not move yet; likewise
 */
struct tquic_tun_turn {
	struct list_head node;
	u32 granted;
};

/**
 * struct tquic_tun_queue - flows of a client that wait, in one direction
 * @turns: struct tquic_tun_turn, who is next first; link's lock
 * @datagrams: bytes of datagrams that may pass although flows wait; likewise
 */
struct tquic_tun_queue {
	struct list_head turns;
	u32 datagrams;
};

/* struct tquic_tun_flow flags, atomic */
#define TQUIC_TUN_F_HASHED	0	/* in the namespace's table */
/* in its tunnel's count, without a link */
#define TQUIC_TUN_F_CLAIM	1
/* TCP: socket's FIN went to the stream, the stream's to the socket */
#define TQUIC_TUN_F_EOF		2
#define TQUIC_TUN_F_SHUT	3
#define TQUIC_TUN_F_ABORT	4	/* TCP: to be reset, see @code */
/* TCP: the status byte was sent, or read */
#define TQUIC_TUN_F_ANSWERED	5
/* UDP: the peer knows the flow; is to be told that we do */
#define TQUIC_TUN_F_KNOWN	6
#define TQUIC_TUN_F_CONFIRM	7
#define TQUIC_TUN_F_CODE	8	/* TCP: @code is set */
/* UDP, server: leads back to its own client; can be found by its mapping; was
 * opened from outside
 */
#define TQUIC_TUN_F_HAIRPIN	9
#define TQUIC_TUN_F_NATTED	10
#define TQUIC_TUN_F_STRANGER	11

/**
 * struct tquic_tun_flow - a flow
 * @node: place in a table by @key, RCU: gateway's flows in the namespace's;
 *	server: UDP flows in the link's
 * @key: addresses as the LAN host sees them
 * @ref: see above
 * @tunnel: its tunnel, a reference
 * @link: its link, a reference; NULL while claimed only; set once, under
 *	@tunnel->lock or before it is hashed
 * @list: place in @link->flows, under @link->lock; of an ENDING one in the
 *	namespace's @ending, under its @ending_lock
 * @flags: TQUIC_TUN_F_*
 * @stage: enum tquic_tun_stage; TCP: written by @work, out of CLAIMED by
 *	whoever has made all that @work needs; UDP: session's lock
 * @class: enum nft_tquic_classes, NFT_TQUIC_CLASS_* ; or TQUIC_NF_CLASS_ANY
 * @dscp: of the first packet
 * @out_port: server: port that it leaves from, or identifier of its echo
 *	requests, host byte order, 0 if not known
 * @id: of the stream or the flow of datagrams, for management
 * @seen: jiffies of the last packet or byte
 * @code: why it is reset
 * @tx_bytes: towards the peer of the tunnel
 * @rx_bytes: from it
 * @rcu: for freeing
 * @work: TCP: moves bytes; holds a reference while queued
 * @sock: TCP: socket; from OPENING on; owned by @work
 * @stream: TCP: stream, NULL before and after; session's lock
 * @data_ready: TCP: callback of the socket as it was, likewise @write_space and
 *	@state_change
 * @write_space: see @data_ready
 * @state_change: see @data_ready
 * @queued: TCP: bytes given to the stream that have not arrived
 * @unread: TCP: bytes that the socket took from the stream, of which the core
 *	was not told yet; @work only
 * @turn: TCP: by enum tquic_tun_way; leaves its queues with its link
 * @later: TCP: has @work run; holds a reference while queued
 * @look_at: TCP: when an ENDING socket is looked at next, jiffies; @work only,
 *	likewise @una and @looks
 * @una: TCP: what had been acknowledged at the last look
 * @looks: TCP: looks since anything was
 * @dflow: UDP: flow of datagrams, NULL before and after; session's lock
 * @nat: UDP, server: mapping it leaves by, of which it is a user; written
 *	once
 */
struct tquic_tun_flow {
	struct rhash_head node;
	struct tquic_nf_flow key;
	refcount_t ref;
	struct tquic_tunnel *tunnel;
	struct tquic_tun_link *link;
	struct list_head list;
	unsigned long flags;
	u8 stage;
	s8 class;
	u8 dscp;
	u16 out_port;
	u64 id;
	unsigned long seen;
	u64 code;
	u64 tx_bytes;
	u64 rx_bytes;
	struct rcu_head rcu;
	union {
		struct {
			struct work_struct work;
			struct socket *sock;
			struct tquic_stream *stream;
			void (*data_ready)(struct sock *sk);
			void (*write_space)(struct sock *sk);
			void (*state_change)(struct sock *sk);
			u64 queued;
			u32 unread;
			struct tquic_tun_turn turn[TQUIC_TUN_WAYS];
			struct delayed_work later;
			unsigned long look_at;
			u32 una;
			u8 looks;
		};
		struct {
			struct tquic_dflow *dflow;
			struct tquic_tun_nat *nat;
		};
	};
};

/**
 * struct tquic_tun_bucket - a rate, in bytes a second
 * @rate: 0 for no limit
 * @tokens: bytes that may go now; below 0 after one that was too big
 * @at: when @tokens was last raised, ns
 */
struct tquic_tun_bucket {
	u64 rate;
	s64 tokens;
	u64 at;
};

/**
 * struct tquic_tun_client - a client of a server
 * @list: place in @tunnel->clients, under @tunnel->lock
 * @tunnel: the server; holds no reference: it goes with the tunnel
 * @config: what it may do; @tunnel->lock, read anywhere else by READ_ONCE()
 * @forwards: struct tquic_tun_fwd, likewise
 * @link: its session, a reference, or NULL; @tunnel->lock
 */
struct tquic_tun_client {
	struct list_head list;
	struct tquic_tunnel *tunnel;
	struct tquic_tunnel_client config;
	struct list_head forwards;
	struct tquic_tun_link *link;
};

/**
 * struct tquic_tun_fwd - a port that leads into a client's LAN
 * @list: place in @client->forwards, under @tunnel->lock
 * @config: what was asked for
 * @client: whose it is
 * @sock: TCP: listening socket; UDP: NULL, a mapping of @link serves
 * @data_ready: callback of @sock as it was
 * @work: accepts; does not take @tunnel->lock, under which it is waited for
 * @lock: protects @link
 * @link: the client's session, a reference, or NULL
 */
struct tquic_tun_fwd {
	struct list_head list;
	struct tquic_tunnel_forward config;
	struct tquic_tun_client *client;
	struct socket *sock;
	void (*data_ready)(struct sock *sk);
	struct work_struct work;
	spinlock_t lock;	/* see above */
	struct tquic_tun_link *link;
};

/**
 * struct tquic_tun_link - a session and its flows
 * @ref: see above
 * @tunnel: a reference
 * @sess: session, a reference until detached; immutable
 * @server: which end this is
 * @allowed: server: what the client may do, a copy taken when it came and
 *	whenever it is set anew; under @lock
 * @identity: server: of the client
 * @next_port: server: where the next search for a port begins
 * @lock: protects @flows, @allowed, mappings and what is said to be
 * @flows: struct tquic_tun_flow
 * @tcp_flows: how many, atomic
 * @udp_flows: likewise
 * @ending: flows whose sockets have not said goodbye, atomic; they count
 * @refused: flows not taken, atomic
 * @max: flows
 * @nats: server: mappings
 * @pings: server: flows with an identifier; @work, or after it
 * @ping: server: bucket of echo requests, under @lock
 * @in: datagrams for the session: struct tquic_tun_cb in skb->cb; own lock
 * @in_bytes: their memory; lock of @in
 * @dflows: @sess->dflows, NULL at the end; session's lock
 * @next_id: of the next flow of datagrams that we open; session's lock
 * @told: numbers of flows of datagrams that the peer was told not to use;
 *	session's lock
 * @sweep_at: when idle flows are looked for, ns, 0 for not; session's lock
 * @cpu: where @work runs: packets that this host hands to itself, and those of
 *	devices with a queue for each CPU, keep their order only if they are
 *	sent from the same one
 * @work: datagrams both ways, timers of @dflows
 * @timer: runs @work
 * @paths: client: looks for uplinks; holds a reference while queued
 * @news: tells its tunnel that it is established, or over
 * @up_now: it is established; written once, session's lock
 * @over: it is over, for @err; likewise
 * @err: -errno or 0
 * @up: bucket towards the client's destinations; under @lock
 * @down: bucket towards the client; likewise
 * @queue: who waits for them, by enum tquic_tun_way; likewise
 * @refill: gives those who wait their turns; holds a reference while queued
 * @queued: bytes of all flows in streams that have not arrived, atomic
 * @window: what a flow may have of that, as the paths are
 * @gone: it is at its end: no new flows; written once, under @lock
 * @up_since: ktime_get_ns()
 * @tx_bytes: payload, of flows that are over, too; atomic
 * @rx_bytes: likewise
 * @free: after the last reference
 */
struct tquic_tun_link {
	refcount_t ref;
	struct tquic_tunnel *tunnel;
	struct tquic_sess *sess;
	bool server;
	struct tquic_tunnel_client allowed;
	char identity[TQUIC_TUNNEL_IDENTITY_MAX];
	atomic_t next_port;
	spinlock_t lock;	/* see above */
	struct list_head flows;
	atomic_t tcp_flows;
	atomic_t udp_flows;
	atomic_t ending;
	atomic_t refused;
	u32 max;
	struct tquic_tun_nats *nats;
	u32 pings;
	struct tquic_tun_bucket ping;
	struct sk_buff_head in;
	u32 in_bytes;
	struct tquic_dflows *dflows;
	u64 next_id;
	u32 told;
	u64 sweep_at;
	unsigned int cpu;
	struct work_struct work;
	struct delayed_work timer;
	struct delayed_work paths;
	struct work_struct news;
	bool up_now;
	bool over;
	int err;
	struct tquic_tun_bucket up;
	struct tquic_tun_bucket down;
	struct tquic_tun_queue queue[TQUIC_TUN_WAYS];
	struct delayed_work refill;
	atomic64_t queued;
	u64 window;
	bool gone;
	u64 up_since;
	atomic64_t tx_bytes;
	atomic64_t rx_bytes;
	struct rcu_work free;
};

/**
 * struct tquic_tun_cb - in skb->cb while a datagram waits for a link's work
 * @flow: its flow, a reference
 * @kind: of the payload, see core/dest.h
 */
struct tquic_tun_cb {
	struct tquic_tun_flow *flow;
	u8 kind;
};

/**
 * struct tquic_tunnel - a tunnel
 * @list: place in the namespace's list, under its lock
 * @ref: see above
 * @net: namespace; the tunnel goes before it
 * @tt: what the namespace has of tunnels
 * @id: number, immutable
 * @config: as added
 * @lock: protects @state and what is said to be; see above
 * @state: enum tquic_tunnel_state; written under @lock
 * @off: set down by the administrator
 * @dead: it is being removed
 * @err: why the last connection ended
 * @link: client: its session, a reference, or NULL; written under @lock, RCU
 * @connect: client: attempts to connect
 * @backoff: client: jiffies until the next one
 * @retry_at: client: when that is, ns
 * @listener: server
 * @clients: server: struct tquic_tun_client
 * @nr_clients: how many
 * @claimed: client: claimed flows without a link, atomic
 * @refused: flows that were not taken, of links that are over, too
 * @rcu: for freeing
 */
struct tquic_tunnel {
	struct list_head list;
	refcount_t ref;
	struct net *net;
	struct tquic_tun_net *tt;
	u32 id;
	struct tquic_tunnel_config config;
	struct mutex lock;	/* see above */
	u8 state;
	bool off;
	bool dead;
	int err;
	struct tquic_tun_link __rcu *link;
	struct delayed_work connect;
	unsigned long backoff;
	u64 retry_at;
	struct tquic_listener *listener;
	struct list_head clients;
	u32 nr_clients;
	atomic_t claimed;
	atomic_t refused;
	struct rcu_head rcu;
};

/* kinds of transparent sockets */
enum tquic_tun_sock {
	TQUIC_TUN_TCP4,
	TQUIC_TUN_UDP4,
	TQUIC_TUN_TCP6,
	TQUIC_TUN_UDP6,
	TQUIC_TUN_SOCKS,
};

/**
 * struct tquic_tun_net - the tunnels of a namespace
 * @net: namespace
 * @lock: protects @tunnels, @next_id, @users and @socks; mutex
 * @tunnels: struct tquic_tunnel, in the order of adding
 * @by_id: the same, RCU
 * @count: how many
 * @next_id: number of the next
 * @flows: struct tquic_tun_flow of gateways, by addresses
 * @users: client tunnels, which need @socks
 * @socks: transparent sockets, RCU by @sks
 * @sks: their socks, for the packet path
 * @accept: takes connections from them
 * @data_ready: callback of the TCP ones as it was
 * @pings: of servers, NULL without one
 * @gc: looks for idle flows
 * @ending_lock: protects @ending and @nr_ending
 * @nr_ending: how many
 * @ending: flows whose sockets have not said goodbye; each entry is a reference
 * @live: tunnels, links and flows that are not freed yet
 */
struct tquic_tun_net {
	struct net *net;
	struct mutex lock;	/* see above */
	struct list_head tunnels;
	struct xarray by_id;
	u32 count;
	u32 next_id;
	struct rhashtable flows;
	u32 users;
	struct socket *socks[TQUIC_TUN_SOCKS];
	struct sock __rcu *sks[TQUIC_TUN_SOCKS];
	struct work_struct accept;
	void (*data_ready)(struct sock *sk);
	struct tquic_tun_pings *pings;
	struct delayed_work gc;
	spinlock_t ending_lock;	/* see above */
	u32 nr_ending;
	struct list_head ending;
	atomic_t live;
};

extern struct workqueue_struct *tquic_tun_wq;
/* work of links, by CPU, and what never takes a tunnel's lock */
extern struct workqueue_struct *tquic_tun_link_wq;
extern unsigned int tquic_tun_net_id;

static inline struct tquic_tun_net *tquic_tun_net(const struct net *net)
{
	return net_generic(net, tquic_tun_net_id);
}

/* tunnel.c */
struct tquic_tunnel *tquic_tun_get(struct tquic_tunnel *tunnel);
/* by name, with a reference; its lock is not taken */
struct tquic_tunnel *tquic_tun_find(struct net *net, const char *name,
				    struct netlink_ext_ack *extack);
void tquic_tun_put(struct tquic_tunnel *tunnel);
/* @tunnel->lock is held */
void tquic_tun_set_state(struct tquic_tunnel *tunnel, u8 state, int err);
void tquic_tun_info(struct tquic_tunnel *tunnel,
		    const struct tquic_tun_client *client,
		    struct tquic_tunnel_info *info);

/* how sessions of a tunnel are made */
void tquic_tun_config(const struct tquic_tunnel *tunnel,
		      struct tquic_sess_config *config);

/* tunnel_client.c; @tunnel->lock is held but for the first */
void tquic_tun_client_work(struct work_struct *work);
void tquic_tun_client_start(struct tquic_tunnel *tunnel);
void tquic_tun_client_stop(struct tquic_tunnel *tunnel);
void tquic_tun_client_up(struct tquic_tun_link *link);
void tquic_tun_client_over(struct tquic_tun_link *link);

/* tunnel_server.c; @tunnel->lock is held */
int tquic_tun_server_start(struct tquic_tunnel *tunnel,
			   struct netlink_ext_ack *extack);
void tquic_tun_server_stop(struct tquic_tunnel *tunnel);
void tquic_tun_server_over(struct tquic_tun_link *link);

/* tunnel_config.c; @tunnel->lock is held */
struct tquic_tun_client *
tquic_tun_client_find(const struct tquic_tunnel *tunnel, const char *identity);
void tquic_tun_client_free(struct tquic_tun_client *client);

/* tunnel_forward.c; the tunnel's lock is held */
int tquic_tun_forward_add(struct tquic_tun_client *client,
			  const struct tquic_tunnel_forward *config,
			  struct netlink_ext_ack *extack);
int tquic_tun_forward_del(struct tquic_tun_client *client,
			  const struct tquic_tunnel_forward *config);
void tquic_tun_forwards_free(struct tquic_tun_client *client);
void tquic_tun_forwards_link(struct tquic_tun_client *client);

/* tunnel_link.c */
extern const struct tquic_sess_ops tquic_tun_sess_ops;
struct tquic_tun_link *tquic_tun_link_new(struct tquic_tunnel *tunnel,
					  struct tquic_sess *sess);
void tquic_tun_link_begin(struct tquic_tun_link *link);
void tquic_tun_link_wake_at(struct tquic_tun_link *link, u64 at, u64 now);
struct tquic_tun_link *tquic_tun_link_get(struct tquic_tun_link *link);
void tquic_tun_link_put(struct tquic_tun_link *link);
/* ends it, with all of its flows; process context, no lock but the tunnel's */
void tquic_tun_link_end(struct tquic_tun_link *link, u64 code);
/* have its work look at datagrams; any context */
void tquic_tun_link_kick(struct tquic_tun_link *link);
bool tquic_tun_link_take(struct tquic_tun_link *link,
			 struct tquic_tun_flow *flow);

/* tunnel_flow.c */
int tquic_tun_flows_init(struct tquic_tun_net *tt);
void tquic_tun_flows_exit(struct tquic_tun_net *tt);
struct tquic_tun_flow *tquic_tun_flow_new(struct tquic_tunnel *tunnel,
					  const struct tquic_nf_flow *key,
					  int class, gfp_t gfp);
struct tquic_tun_flow *tquic_tun_flow_get(struct tquic_tun_flow *flow);
void tquic_tun_flow_put(struct tquic_tun_flow *flow);
/* under RCU; takes no reference */
struct tquic_tun_flow *tquic_tun_flow_find(struct tquic_tun_net *tt,
					   const struct tquic_nf_flow *key);
/* the table has a reference from then on; -EEXIST, -ENOMEM */
int tquic_tun_flow_hash(struct tquic_tun_flow *flow);
void tquic_tun_flow_unhash(struct tquic_tun_flow *flow);
int tquic_tun_flow_claim(struct tquic_tunnel *tunnel,
			 const struct tquic_nf_flow *key, int class);
bool tquic_tun_flow_attach(struct tquic_tun_flow *flow);
void tquic_tun_flows_start(struct tquic_tun_net *tt);
void tquic_tun_flows_stop(struct tquic_tun_net *tt);
void tquic_tun_flows_forget(struct tquic_tunnel *tunnel);
/* from its link's list and count; once */
void tquic_tun_flow_leave(struct tquic_tun_flow *flow);
enum tquic_stream_class tquic_tun_flow_class(const struct tquic_tun_flow *f);
void tquic_tun_flow_dest(const struct tquic_tun_flow *flow,
			 struct tquic_dest *dest);
void tquic_tun_flow_key(const struct tquic_dest *dest, u8 protocol,
			struct tquic_nf_flow *key);

/* tunnel_listen.c; tt->lock is held */
int tquic_tun_listen_get(struct tquic_tun_net *tt);
void tquic_tun_listen_put(struct tquic_tun_net *tt);

/* tunnel_tcp.c */
/* a connection that was captured; takes over @sock */
void tquic_tun_tcp_accepted(struct tquic_tun_net *tt, struct socket *sock);
void tquic_tun_tcp_inbound(struct tquic_tun_link *link, struct socket *sock,
			   const struct tquic_nf_flow *to);
/* a stream that the peer has opened; session's lock is held */
void tquic_tun_tcp_arrived(struct tquic_tun_link *link,
			   struct tquic_stream *s);
void tquic_tun_tcp_kick(struct tquic_tun_flow *flow);
/* reset both ends soon; any context */
void tquic_tun_tcp_abort(struct tquic_tun_flow *flow, u64 code);
void tquic_tun_tcp_work(struct work_struct *work);
void tquic_tun_tcp_later(struct tquic_tun_flow *flow, unsigned long delay);
void tquic_tun_tcp_on_later(struct work_struct *work);
/* the namespace goes: no socket may take its time */
void tquic_tun_tcp_hurry(struct tquic_tun_net *tt);
void tquic_tun_tcp_hook(struct tquic_tun_flow *flow, struct socket *sock);
/* what a stream ends with when its socket failed with @err, positive */
u64 tquic_tun_tcp_code(int err);

/* tunnel_dial.c: reads where a stream leads, and connects; true when it does */
bool tquic_tun_dial(struct tquic_tun_flow *flow);
/* the socket is connected: the answer in front of what it says */
void tquic_tun_dial_answer(struct tquic_tun_flow *flow);

/* tunnel_pump.c; called by the flow's work, no lock held */
bool tquic_tun_pump(struct tquic_tun_flow *flow);
/* the peer of the tunnel has reset the stream */
bool tquic_tun_pump_is_gone(struct tquic_tun_flow *flow);
void tquic_tun_pump_drop(struct tquic_tun_flow *flow);

/* tunnel_udp.c */
/* encap_rcv of the transparent sockets: a datagram of a LAN host */
int tquic_tun_udp_captured(struct sock *sk, struct sk_buff *skb);
/*
 * Gives a datagram to its link's work, or frees it; @skb->data is its payload;
 * takes over the reference of @flow.  Any context.
 */
void tquic_tun_udp_give(struct tquic_tun_link *link,
			struct tquic_tun_flow *flow, struct sk_buff *skb,
			u8 kind);
/* link's work, no lock: both ways; true when there is more to do */
bool tquic_tun_udp_run(struct tquic_tun_link *link);
/* the flow ends; @tell the peer; process context, no lock */
void tquic_tun_udp_end(struct tquic_tun_flow *flow, bool tell);
/* UDP flows that were idle for too long; gc's work */
bool tquic_tun_udp_idle(const struct tquic_tun_flow *flow);

/* tunnel_emit.c, tunnel_icmp.c: to a LAN host, as if from flow->key.daddr */
bool tquic_tun_emit_allowed(struct net *net, const struct tquic_nf_flow *key);
void tquic_tun_emit(struct tquic_tun_flow *flow,
		    const struct tquic_dflow_pkt *pkt, u32 skip);
void tquic_tun_emit_icmp(struct tquic_tun_flow *flow, u8 type, u8 code,
			 u16 mtu);

/* tunnel_ping.c */
/* consumes @skb; packet path */
void tquic_tun_ping_captured(struct net *net, const struct tquic_nf_flow *key,
			     struct sk_buff *skb, unsigned int thoff);
void tquic_tun_ping_head(struct sk_buff *skb, const struct tquic_nf_flow *key);

/* tunnel_ping_nat.c; tt->lock is held by get and put */
int tquic_tun_pings_get(struct tquic_tun_net *tt);
void tquic_tun_pings_put(struct tquic_tun_net *tt);
void tquic_tun_ping_send(struct tquic_tun_flow *flow,
			 const struct tquic_dflow_pkt *pkt, u32 skip);
void tquic_tun_ping_release(struct tquic_tun_flow *flow);

/* tunnel_nat.c */
/* with a server's link, before anything else; -ENOMEM */
int tquic_tun_nat_link_init(struct tquic_tun_link *link);
void tquic_tun_nat_link_free(struct tquic_tun_link *link);
/* a port that leads to a LAN host; process context */
int tquic_tun_nat_forward(struct tquic_tun_link *link,
			  const struct tquic_tunnel_forward *fwd);
void tquic_tun_nat_unforward(struct tquic_tun_link *link,
			     const struct tquic_tunnel_forward *fwd);
bool tquic_tun_nat_is_hairpin(struct tquic_tun_link *link,
			      const struct tquic_nf_flow *key);
void tquic_tun_nat_sweep(struct tquic_tun_link *link);
/* the mapping of a flow's source address; -errno; process context */
int tquic_tun_nat_bind(struct tquic_tun_flow *flow);
void tquic_tun_nat_release(struct tquic_tun_flow *flow);
void tquic_tun_nat_send(struct tquic_tun_flow *flow,
			const struct tquic_dflow_pkt *pkt, u32 skip);
void tquic_tun_nat_link_end(struct tquic_tun_link *link);

/* tunnel_policy.c */
/* whether a link's client may go there; 0 or a TQUIC_TUN_E_* */
u64 tquic_tun_policy_check(struct tquic_tun_link *link,
			   const struct tquic_nf_flow *key);
/* a port of the client's range to try next, 0 for any; host byte order */
u16 tquic_tun_policy_port(struct tquic_tun_link *link);
void tquic_tun_bucket_set(struct tquic_tun_bucket *b, u64 rate, u64 now);
/* bytes that may go now; 0: none */
u64 tquic_tun_bucket_room(struct tquic_tun_bucket *b, u64 now);
void tquic_tun_bucket_take(struct tquic_tun_bucket *b, u64 bytes);

/* tunnel_shape.c */
void tquic_tun_shape_init(struct tquic_tun_link *link);
void tquic_tun_shape_exit(struct tquic_tun_link *link);
void tquic_tun_shape_set(struct tquic_tun_link *link, u64 rate);
u32 tquic_tun_shape_ask(struct tquic_tun_flow *flow, unsigned int way,
			u32 want);
void tquic_tun_shape_used(struct tquic_tun_flow *flow, unsigned int way,
			  u32 granted, u32 used);
void tquic_tun_shape_leave(struct tquic_tun_flow *flow);
bool tquic_tun_shape_police(struct tquic_tun_link *link,
			    struct tquic_tun_bucket *b, u32 len);

/* tunnel_nf.c */
extern const struct tquic_nf_ops tquic_tun_nf_ops;

#endif /* _TQUIC_TUNNEL_PRIV_H */
