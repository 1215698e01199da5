/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A session: a connection of the core with its body in the kernel: lock,
 * timer, keys, packets on their way in and out, handshake.
 *
 *   received aggregates --> rx queue --\
 *   hrtimer ---------------------------> work: open, recv, events, plan, send
 *   users (lock, change, unlock) -------/
 *
 * Lock: @lock is a mutex; everything here runs in process context except
 * tquic_sess_rx(), tquic_sess_kick() and the put.  Users call functions of the
 * core (core/conn.h) on @core between tquic_sess_lock() and
 * tquic_sess_unlock(), which deals with the events that this caused and sends
 * what there is to be sent.  Order: socket lock, then @lock, then the locks of
 * demux, udp and hs.  Packet protection runs without @lock.
 *
 * References: one for being alive, in the namespace's list; the user (socket,
 * tunnel) holds one until tquic_sess_detach(); the work item while it is
 * queued, trains and the handshake hold one each.  An end: the core says
 * CLOSED, or the user detaches and the core closes; then IDs are taken out of
 * the table, the timer is stopped, the list is left, and the last put frees
 * after a grace period, from a work item.  Streams stay readable until then.
 */
#ifndef _TQUIC_SESS_H
#define _TQUIC_SESS_H

#include <linux/hrtimer.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/skbuff.h>
#include <linux/workqueue.h>

#include "aead.h"
#include "aead_hp.h"
#include "buf.h"
#include "core/conn.h"
#include "cred.h"
#include "demux.h"
#include "net.h"
#include "xmit.h"

struct tquic_dflows;
struct tquic_hs;
struct tquic_listener;
struct tquic_sess;
struct tquic_sess_seen;

#define TQUIC_SESS_LEVELS	(TQUIC_PKT_1RTT + 1)
#define TQUIC_SESS_VERSIONS	2
#define TQUIC_SESS_GENS		3

/**
 * struct tquic_sess_ops - whoever uses a session; all optional
 * @socket: a program has it open, and will notice when management closes it;
 *	other users would begin anew
 * @early: client: early data may be written; server: nothing
 * @established: the handshake is done (client: TLS done; server: likewise)
 * @streams: streams have news: take them by tquic_streams_poll() of the core
 * @dgrams: datagrams can be read, or news of datagrams sent
 * @writable: data was acknowledged, room in the send buffer
 * @paths: a path came, went or changed
 * @closed: the end, once; @sess->err and the core's @why tell
 *
 * All of them run with the session's lock held and must not sleep for long,
 * take a socket lock, or call tquic_sess_lock().
 */
struct tquic_sess_ops {
	bool socket;
	void (*early)(struct tquic_sess *sess);
	void (*established)(struct tquic_sess *sess);
	void (*streams)(struct tquic_sess *sess);
	void (*dgrams)(struct tquic_sess *sess);
	void (*writable)(struct tquic_sess *sess);
	void (*paths)(struct tquic_sess *sess);
	void (*closed)(struct tquic_sess *sess);
};

/**
 * struct tquic_sess_watch - management, which hears of all sessions
 * @conn: the handshake is done, or it is the end
 * @paths: a path came, went or changed
 *
 * Called with the session's lock held; what goes for struct tquic_sess_ops goes
 * for them.
 */
struct tquic_sess_watch {
	void (*conn)(struct tquic_sess *sess, bool closed);
	void (*paths)(struct tquic_sess *sess);
};

/* set before there is any session, and never changed */
extern const struct tquic_sess_watch *tquic_sess_watch;

/**
 * struct tquic_sess_config - what a session starts from
 * @ops: user's operations
 * @owner: user's
 * @cred: who we are and whom we trust, ALPN; a reference is taken
 * @cc: congestion control, by name; "" for the namespace's default
 * @sched: scheduler, likewise
 * @version: of the first packet, 0 for the best
 * @wmem: bytes of stream data that may wait
 * @rmem: bound of the receive window
 * @idle_timeout: ms
 * @handshake_timeout: ms
 * @streams: bidirectional streams that the peer may open
 * @streams_uni: unidirectional ones
 * @paths: most paths, 0 or 1 for no multipath
 * @dgrams: datagrams are taken
 * @early: 0-RTT is allowed
 * @eager: server: the user takes sessions whose early data was accepted before
 *	the handshake is done
 * @udp: client: socket to begin with, NULL for one of its own; the session
 *	takes a reference
 */
struct tquic_sess_config {
	const struct tquic_sess_ops *ops;
	void *owner;
	struct tquic_cred *cred;
	char cc[16];
	char sched[16];
	u32 version;
	u64 wmem;
	u64 rmem;
	u32 idle_timeout;
	u32 handshake_timeout;
	u32 streams;
	u32 streams_uni;
	u8 paths;
	bool dgrams;
	bool early;
	bool eager;
	struct tquic_udp *udp;
};

/**
 * struct tquic_sess_key - one direction of one level
 * @secret: traffic secret, for updates
 * @key: packet key, NULL for none
 * @hp: header protection key
 */
struct tquic_sess_key {
	struct tquic_aead_secret secret;
	struct tquic_aead_key *key;
	struct tquic_hp_key *hp;
};

/**
 * struct tquic_sess_levels - keys of packets that the handshake needs
 * @initial_rx: keys of Initial packets, by version
 * @initial_tx: likewise
 * @rx: keys to open 0-RTT and Handshake packets, by packet type
 * @tx: keys to seal, likewise
 */
struct tquic_sess_levels {
	struct tquic_sess_key initial_rx[TQUIC_SESS_VERSIONS];
	struct tquic_sess_key initial_tx[TQUIC_SESS_VERSIONS];
	struct tquic_sess_key rx[TQUIC_PKT_HANDSHAKE + 1];
	struct tquic_sess_key tx[TQUIC_PKT_HANDSHAKE + 1];
};

/* packets that could not be sent, until the core hears of them */
#define TQUIC_SESS_FAILED	32
/* packets that came before their keys */
#define TQUIC_SESS_EARLY	32
/* bytes received, headers of skbs included, that wait for the work */
#define TQUIC_SESS_RXQ_MAX	(4 << 20)

/* struct tquic_sess flags: what the work is to look at */
#define TQUIC_SESS_F_REPLAY	0	/* keys for packets that came early */
#define TQUIC_SESS_F_LINKS	1	/* devices or addresses have changed */
#define TQUIC_SESS_F_ACCEPT	2	/* server: to be handed to its user */
#define TQUIC_SESS_F_ICMP	3	/* see @icmp */
#define TQUIC_SESS_F_FAILED	4	/* see @failed */
#define TQUIC_SESS_F_ABORT	5	/* the namespace goes */
#define TQUIC_SESS_F_RESET	7	/* see @token */
/* and what is known */
#define TQUIC_SESS_F_RESUMED	8	/* TLS resumed a session */

/**
 * struct tquic_sess_fail - a packet that could not be sent
 * @pn: packet number
 * @path_id: path
 * @type: packet type
 */
struct tquic_sess_fail {
	u64 pn;
	u32 path_id;
	u8 type;
};

/**
 * struct tquic_sess_icmp - the newest ICMP message
 * @tuple: addresses of what it is about
 * @err: -errno
 * @mtu: with -EMSGSIZE: of the path, the IP header included
 */
struct tquic_sess_icmp {
	struct tquic_tuple tuple;
	int err;
	u32 mtu;
};

/**
 * struct tquic_sess_bye - how it ends once nobody uses it
 * @set: nobody does
 * @app: @code is an application's
 * @code: error code
 * @at: when it is closed, whatever is outstanding then
 */
struct tquic_sess_bye {
	bool set;
	bool app;
	u64 code;
	u64 at;
};

/**
 * struct tquic_sess - a session
 * @ref: see above
 * @tn: namespace
 * @lock: protects all that is not said to be otherwise
 * @core: the connection; freed with the session
 * @dflows: flows of datagrams, a tunnel's, or NULL; freed with @core
 * @config: as created
 * @ops: user's operations, NULL once detached
 * @owner: user's
 * @cc_ops: congestion control, a reference
 * @sched_ops: scheduler, a reference
 * @id: number, for management; immutable
 * @node: place in @tn->sessions, under its lock
 * @err: 0 or -errno for the user, valid once closed
 * @dead: nothing is sent or received any more; also read without the lock
 * @told: the user was told of the end
 * @met: the user was told of the handshake's end
 * @handed: server: given to its user, or about to be
 * @flushing: somebody sends, having dropped the lock for it
 * @corked: nothing is to be sent at present
 * @bye: how it ends
 * @hs: handshake, NULL once it is over
 * @listener: server: who listens, a reference, until the handshake is over
 * @alias: server: the client's first destination; stays for as long as it
 *	lives, or a late copy of the first packet would begin another one
 * @levels: keys of the handshake; NULL when all of them were dropped
 * @rx: of 1-RTT packets received: header protection, of all generations
 * @tx: likewise of those sent
 * @rx_gens: 1-RTT keys by generation modulo TQUIC_SESS_GENS
 * @tx_gens: likewise
 * @rx_top: highest generation in @rx_gens
 * @tx_top: likewise
 * @gens_due: generations are missing for want of memory
 * @gave_token: server: a token for the next time was sent
 * @routes: struct tquic_route: sockets and routes of paths
 * @nr_routes: how many
 * @resets: struct tquic_reset: tokens by which the peer would reset us
 * @resets_at: the core's count of changes that @resets is up to date with
 * @rxq: skbs received, own lock; bounded by @rxq_bytes
 * @rxq_bytes: memory of those in @rxq
 * @early: skbs that came before their keys, at most TQUIC_SESS_EARLY; touched
 *	by the work only
 * @timer: next deadline of the core
 * @timer_at: what it is set to, TQUIC_TIME_NEVER when it is not running
 * @work: the one who receives, deals with events and sends
 * @flags: TQUIC_SESS_F_*, atomic
 * @odd_lock: protects @failed, @nr_failed, @icmp and @token
 * @failed: packets that could not be sent, room for TQUIC_SESS_FAILED; NULL
 *	before the first
 * @nr_failed: how many
 * @icmp: see there
 * @token: of a stateless reset that came
 * @seen: what management was told of its paths, or NULL
 * @farewell: why management closed it: the core keeps no copy
 * @alpn: chosen protocol
 * @identity: whom the peer proved to be, or NULL; see tquic_sess_identity()
 * @alert: TLS alert, with @error its text
 * @error: why the handshake failed
 * @free: after the last reference
 */
struct tquic_sess {
	refcount_t ref;
	struct tquic_net *tn;
	struct mutex lock;	/* see above */
	struct tquic_conn *core;
	struct tquic_dflows *dflows;
	struct tquic_sess_config config;
	const struct tquic_sess_ops *ops;
	void *owner;
	const struct tquic_cc_ops *cc_ops;
	const struct tquic_sched_ops *sched_ops;
	u32 id;
	struct list_head node;
	int err;
	bool dead;
	bool told;
	bool met;
	bool handed;
	bool flushing;
	bool corked;
	struct tquic_sess_bye bye;
	struct tquic_hs *hs;
	struct tquic_listener *listener;
	struct tquic_demux_cid *alias;
	struct tquic_sess_levels *levels;
	struct tquic_sess_key rx;
	struct tquic_sess_key tx;
	struct tquic_sess_key rx_gens[TQUIC_SESS_GENS];
	struct tquic_sess_key tx_gens[TQUIC_SESS_GENS];
	u32 rx_top;
	u32 tx_top;
	bool gens_due;
	bool gave_token;
	struct list_head routes;
	u32 nr_routes;
	struct list_head resets;
	u32 resets_at;
	struct sk_buff_head rxq;
	atomic_t rxq_bytes;
	struct sk_buff_head early;
	struct hrtimer timer;
	u64 timer_at;
	struct work_struct work;
	unsigned long flags;
	spinlock_t odd_lock;	/* see above */
	struct tquic_sess_fail *failed;
	u32 nr_failed;
	struct tquic_sess_icmp icmp;
	u8 token[TQUIC_RESET_TOKEN_LEN];
	struct tquic_sess_seen *seen;
	char farewell[64];
	char alpn[32];
	char *identity;
	u8 alert;
	char error[128];
	struct rcu_work free;
};

/* whom the peer proved to be, "" for nobody */
static inline const char *tquic_sess_identity(const struct tquic_sess *sess)
{
	return sess->identity ?: "";
}

/* life */
struct tquic_sess *tquic_sess_connect(struct net *net,
				      const struct tquic_sess_config *config,
				      const struct tquic_tuple *tuple);
struct tquic_sess *tquic_sess_get(struct tquic_sess *sess);
bool tquic_sess_get_maybe_zero(struct tquic_sess *sess) __must_check;
void tquic_sess_put(struct tquic_sess *sess);
/*
 * The user lets go, and of its reference, too: no callback runs any more when
 * this returns.  What was written still goes out; the connection closes with
 * @code when all of it has arrived, or after @linger ns, and lives on without a
 * user until then.
 */
void tquic_sess_detach(struct tquic_sess *sess, u64 code, bool app,
		       u64 linger);

/* lock, change, unlock; now is ktime_get_ns() */
void tquic_sess_lock(struct tquic_sess *sess);
void tquic_sess_unlock(struct tquic_sess *sess);
/* for who has more to do; and for who has only looked */
void tquic_sess_unlock_more(struct tquic_sess *sess);
void tquic_sess_unlock_quiet(struct tquic_sess *sess);
/* have the work look at the session; any context */
void tquic_sess_kick(struct tquic_sess *sess);

int tquic_sess_init(void);
void tquic_sess_exit(void);
int tquic_sess_rx_init(void);
void tquic_sess_rx_exit(void);
/* an aggregate for this session; consumes it; softirq or process context */
void tquic_sess_rx(struct tquic_sess *sess, struct sk_buff *skb);
/* ICMP, for the path with these addresses; softirq */
void tquic_sess_icmp(struct tquic_sess *sess, const struct tquic_tuple *tuple,
		     int err, u32 mtu);
/* a stateless reset with this token came; softirq */
void tquic_sess_reset(struct tquic_sess *sess, const u8 *token);
/* a packet of a train was not sent; any context */
void tquic_sess_failed(struct tquic_sess *sess, u32 path_id,
		       enum tquic_pkt_type type, u64 pn);

/* begins a handshake: as tquic_hs_start() */
extern int (*tquic_sess_handshake)(struct tquic_sess *sess);
/* the handshake, by hs.c; the lock is not held; -errno ends the handshake */
int tquic_sess_hs_crypto(struct tquic_sess *sess, enum tquic_pkt_type type,
			 const void *data, u32 len);
int tquic_sess_hs_secret(struct tquic_sess *sess, enum tquic_pkt_type type,
			 bool tx, u16 suite, const u8 *secret, u32 len);
int tquic_sess_hs_tparams(struct tquic_sess *sess, const void *data, u32 len);
int tquic_sess_hs_remembered(struct tquic_sess *sess, const void *data,
			     u32 len);
void tquic_sess_hs_early(struct tquic_sess *sess, bool accepted);
void tquic_sess_hs_finished(struct tquic_sess *sess);
/* nothing is sent until it is uncorked, so that bytes share datagrams */
void tquic_sess_hs_cork(struct tquic_sess *sess, bool on);
/* ends the handshake: err 0, or -errno with a TLS alert, 0 for none */
void tquic_sess_hs_end(struct tquic_sess *sess, int err, u8 alert,
		       const char *text);
/* our parameters, encoded; returns bytes or -errno */
int tquic_sess_hs_announce(struct tquic_sess *sess, u8 *buf, u32 room);
/* whom the peer proved to be; not terminated; the lock is not held */
int tquic_sess_hs_identity(struct tquic_sess *sess, const void *text, u32 len);
/* handshake bytes of a level that were received; returns bytes, 0 for none */
u32 tquic_sess_hs_read(struct tquic_sess *sess, enum tquic_pkt_type *type,
		       u8 *buf, u32 room);

/* paths; the lock is held; path ID or -errno */
int tquic_sess_add_path(struct tquic_sess *sess,
			const struct tquic_tuple *tuple);
int tquic_sess_del_path(struct tquic_sess *sess, u32 path_id);
int tquic_sess_migrate(struct tquic_sess *sess, u32 path_id,
		       const struct tquic_tuple *tuple);

/* by number, for management; takes a reference */
struct tquic_sess *tquic_sess_find(struct net *net, u32 id);

#endif /* _TQUIC_SESS_H */
