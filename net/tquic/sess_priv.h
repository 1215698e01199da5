/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between the files of a session; the lock is held unless said otherwise.
 */
#ifndef _TQUIC_SESS_PRIV_H
#define _TQUIC_SESS_PRIV_H

#include <linux/rhashtable.h>

#include "core/token.h"
#include "sess.h"
#include "udp.h"

/* routes that a session keeps: of each path, where it is and where it was */
#define TQUIC_SESS_ROUTES	(2 * TQUIC_CONN_PATHS_MAX)
/* trains that are sent in one go before others have their turn */
#define TQUIC_SESS_TRAINS	64
/* batches that are received likewise */
#define TQUIC_SESS_BATCHES	32

struct tquic_peer;

/**
 * struct tquic_peer_key - addresses by which ICMP messages are attributed
 * @remote: the peer's address
 * @remote_port: host byte order
 * @local_port: host byte order
 */
struct tquic_peer_key {
	u8 remote[16];
	u16 remote_port;
	u16 local_port;
};

/**
 * struct tquic_route - how packets of a path leave, and who hears of ICMP
 *	messages about them
 * @node: place in @sess->routes, newest first, under the session's lock
 * @by_peer: place among those between the same addresses, RCU
 * @peer: these
 * @sess: session; holds no reference: the route is taken out before the session
 *	is let go, and freed after a grace period
 * @xmit: socket and destination, a reference
 * @path_id: path
 * @held: the path's pacer was put off since the local queue is full
 * @next: what the pacer said before
 * @rcu: for freeing
 */
struct tquic_route {
	struct list_head node;
	struct hlist_node by_peer;
	struct tquic_peer *peer;
	struct tquic_sess *sess;
	struct tquic_xmit_path *xmit;
	u32 path_id;
	bool held;
	u64 next;
	struct rcu_head rcu;
};

/**
 * struct tquic_rx_cb - in skb->cb while an skb waits for the work
 * @udp: as it came, with a reference of the socket from tquic_sess_rx() on
 * @tn: namespace that @charged is accounted to
 * @charged: bytes
 * @kept: came before its keys: a single packet, with its addresses at
 *	skb->head
 */
struct tquic_rx_cb {
	struct tquic_udp_cb udp;
	struct tquic_net *tn;
	u32 charged;
	bool kept;
};

static inline struct tquic_rx_cb *tquic_rx_cb(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct tquic_rx_cb) > sizeof(skb->cb));
	return (struct tquic_rx_cb *)skb->cb;
}

/**
 * struct tquic_sess_start - what a new connection knows
 * @server: which end
 * @version: of the first packet
 * @vn_reacted: the server asked for it
 * @tuple: addresses
 * @udp: socket
 * @mtu: of the device, bytes
 * @odcid: see struct tquic_conn_config
 * @retry_scid: likewise
 * @dcid: likewise
 * @alias: server: destination of the client's packet
 * @validated: server: the client's address was proven
 * @listener: server: who listens
 * @token: client: token of an earlier connection
 * @token_len: bytes of it
 */
struct tquic_sess_start {
	bool server;
	u32 version;
	bool vn_reacted;
	struct tquic_tuple tuple;
	struct tquic_udp *udp;
	u32 mtu;
	struct tquic_cid odcid;
	const struct tquic_cid *retry_scid;
	struct tquic_cid dcid;
	struct tquic_cid alias;
	bool validated;
	struct tquic_listener *listener;
	const u8 *token;
	u32 token_len;
};

static inline unsigned int tquic_sess_version_no(u32 version)
{
	return version == TQUIC_VERSION_2;
}

/* sess.c */
void tquic_sess_work(struct work_struct *work);
void tquic_sess_vanish(struct tquic_sess *sess);
void tquic_sess_serve(struct tquic_sess *sess, u64 now);

/* sess_setup.c */
struct tquic_sess *tquic_sess_new(struct tquic_net *tn,
				  const struct tquic_sess_config *config,
				  const struct tquic_sess_start *start);
void tquic_sess_finish(struct tquic_sess *sess);
void tquic_sess_reap(struct tquic_sess *sess, u64 now);

/* sess_token.c */
void tquic_sess_keep_tokens(struct tquic_sess *sess);

/* sess_end.c */
void tquic_sess_check_bye(struct tquic_sess *sess, u64 now);
void tquic_sess_tell_end(struct tquic_sess *sess);

/* sess_keys.c */
int tquic_sess_key_make(struct tquic_sess_key *key,
			const struct tquic_aead_secret *secret);
void tquic_sess_key_drop(struct tquic_sess_key *key);
struct tquic_sess_key *tquic_sess_key_at(struct tquic_sess *sess,
					 enum tquic_pkt_type type, bool tx);
void tquic_sess_keys_initial(struct tquic_sess *sess);
void tquic_sess_keys_review(struct tquic_sess *sess);
void tquic_sess_keys_dropped(struct tquic_sess *sess);
void tquic_sess_keys_free(struct tquic_sess *sess);
struct tquic_sess_key *tquic_sess_rx_hp(struct tquic_sess *sess,
					enum tquic_pkt_type type, u32 version);
struct tquic_sess_key *tquic_sess_rx_key(struct tquic_sess *sess,
					 enum tquic_pkt_type type, u32 version,
					 u32 gen);
void tquic_sess_tx_key(struct tquic_sess *sess,
		       const struct tquic_plan_pkt *pkt,
		       struct tquic_xmit_pkt *out);

/* sess_rx.c: drops the lock and takes it again; false when nothing waited */
bool tquic_sess_rx_some(struct tquic_sess *sess);
/* is there something for another batch */
bool tquic_sess_rx_waits(const struct tquic_sess *sess);
void tquic_sess_rx_purge(struct tquic_sess *sess);

/* sess_odd.c */
void tquic_sess_odd_retry(struct tquic_sess *sess, const struct tquic_pkt *pkt,
			  u64 now);
void tquic_sess_odd_vn(struct tquic_sess *sess, const struct tquic_pkt *pkt);
void tquic_sess_odd_reset(struct tquic_sess *sess, const u8 *token, u64 now);
void tquic_sess_odd_keep(struct tquic_sess *sess, const struct sk_buff *skb,
			 const struct tquic_tuple *tuple, const u8 *pkt,
			 u32 len);
void tquic_sess_odd_news(struct tquic_sess *sess, u64 now);

/* sess_reset.c */
extern const struct rhashtable_params tquic_reset_params;
void tquic_sess_resets_review(struct tquic_sess *sess);
void tquic_sess_resets_free(struct tquic_sess *sess);
struct tquic_sess *tquic_sess_by_reset(struct tquic_net *tn, const u8 *token);

/* sess_tx.c: drops the lock and takes it again */
void tquic_sess_flush(struct tquic_sess *sess);
/* sends a little later, unless it is sent before */
void tquic_sess_defer(struct tquic_sess *sess);

/* sess_route.c */
struct tquic_route *tquic_sess_route(struct tquic_sess *sess, u32 path_id,
				     const struct tquic_tuple *tuple);
struct tquic_route *tquic_sess_route_add(struct tquic_sess *sess, u32 path_id,
					 const struct tquic_tuple *tuple,
					 struct tquic_udp *udp);
struct tquic_route *tquic_sess_route_for(struct tquic_sess *sess,
					 const struct tquic_plan *plan);
void tquic_sess_routes_review(struct tquic_sess *sess);
void tquic_sess_routes_free(struct tquic_sess *sess);
void tquic_sess_routes_hold(struct tquic_sess *sess, u64 now);

/* sess_peer.c */
extern const struct rhashtable_params tquic_peer_params;
int tquic_peer_join(struct tquic_net *tn, struct tquic_route *route,
		    const struct tquic_tuple *tuple);
void tquic_peer_leave(struct tquic_net *tn, struct tquic_route *route);
void tquic_peer_each(struct tquic_net *tn, const struct tquic_tuple *tuple,
		     void (*fn)(struct tquic_sess *sess, void *arg),
		     void *arg);

/* sess_link.c */
void tquic_sess_links(struct tquic_sess *sess, u64 now);

#endif /* _TQUIC_SESS_PRIV_H */
