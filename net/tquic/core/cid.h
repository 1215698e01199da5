/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connection IDs of a connection, per path ID and in both directions: those
 * issued to the peer (cid_local.c) and those that the peer issued
 * (cid_peer.c).  Bookkeeping only: the table that finds a connection by its ID
 * belongs to the caller.
 *
 * RFC 9000 sections 5.1, 10.3, 19.15 and 19.16, multipath-21 sections 3.2, 3.4
 * and 4.4 to 4.7.
 *
 * Path IDs come from windows: at most as many paths exist as this endpoint
 * announced beyond those that it deleted.  A path has a bounded number of
 * connection IDs of either kind, so a peer can make a connection hold a
 * bounded amount only; within a path, lists that short are searched.
 */
#ifndef _TQUIC_CORE_CID_H
#define _TQUIC_CORE_CID_H

#include "error.h"
#include "frame.h"
#include "pkt.h"
#include "range.h"

/* never more active connection IDs per path and direction than this */
#define TQUIC_CID_ACTIVE_MAX	8

/*
 * Issued connection IDs of a path that are active, or retired and still
 * accepted.  A peer that retires faster than they expire gets no new ones.
 */
#define TQUIC_CID_LOCAL_MAX	16

/* least active_connection_id_limit, RFC 9000 section 18.2 */
#define TQUIC_CID_LIMIT_MIN	2

/*
 * Runs of sequence numbers that the peer used, per path.  A well-behaved peer
 * counts up by one, so that holes come from reordering only.
 */
#define TQUIC_CID_KNOWN_RANGES	16

/**
 * struct tquic_cid - a connection ID
 * @len: bytes in @id, 0 to TQUIC_PKT_CID_MAX
 * @id: the bytes
 */
struct tquic_cid {
	u8 len;
	u8 id[TQUIC_PKT_CID_MAX];
};

/**
 * struct tquic_cid_local - a connection ID issued to the peer
 * @node: place among the active ones of the path, then in @expiring of the
 *	connection
 * @tx: place in @announce of the connection while a frame has to be sent
 * @cid: the connection ID, by the caller
 * @token: its stateless reset token, by the caller
 * @path_id: path that it belongs to
 * @seq: its sequence number on that path
 * @expire: when to stop accepting it, ns; TQUIC_TIME_NEVER while active
 * @used: a packet came with it
 * @known: the peer acknowledged it, or has it from the handshake
 *
 * Part of the caller's entry in its table, and the caller's memory.
 */
struct tquic_cid_local {
	struct list_head node;
	struct list_head tx;
	struct tquic_cid cid;
	u8 token[TQUIC_RESET_TOKEN_LEN];
	u64 path_id;
	u64 seq;
	tquic_time_t expire;
	bool used;
	bool known;
};

/**
 * struct tquic_cid_peer - a connection ID that the peer issued
 * @by_cid: place in @by_cid of the connection
 * @node: place in @peer or @retiring of the path
 * @link: place in @in_use of the connection while in use, in @retire while the
 *	frame that retires it has to be sent
 * @cid: the connection ID
 * @token: its stateless reset token
 * @path_id: path that it belongs to
 * @seq: its sequence number on that path
 * @has_token: false for the one from the handshake, until @token is told
 * @used: packets are sent with it, or were
 */
struct tquic_cid_peer {
	struct rb_node by_cid;
	struct list_head node;
	struct list_head link;
	struct tquic_cid cid;
	u8 token[TQUIC_RESET_TOKEN_LEN];
	u64 path_id;
	u64 seq;
	bool has_token;
	bool used;
};

/**
 * struct tquic_cid_path - connection IDs of one path ID
 * @node: place in @paths of the connection
 * @want: place in @wanting of the connection while one should be issued
 * @id: path ID
 * @local: active ones issued to the peer, by sequence number
 * @local_next: sequence number of the next to be issued
 * @local_sent: one above the highest that the peer was told
 * @local_prior: those issued below this number have to be retired by the peer
 * @peer: active ones that the peer issued, by sequence number
 * @retiring: those that have been retired, until the peer acknowledged that
 * @known: sequence numbers that the peer used
 * @peer_prior: the peer wants those below this number retired
 * @nr_local: how many in @local
 * @nr_expiring: how many retired ones are still accepted
 * @nr_peer: how many in @peer
 * @nr_retiring: how many in @retiring
 * @asked: one more should be issued than the supply policy demands
 * @used: packets were sent or received on the path
 * @abandoned: nothing but late packets of the peer belongs to the path
 */
struct tquic_cid_path {
	struct rb_node node;
	struct list_head want;
	u64 id;
	struct list_head local;
	u64 local_next;
	u64 local_sent;
	u64 local_prior;
	struct list_head peer;
	struct list_head retiring;
	struct tquic_range_set known;
	u64 peer_prior;
	u8 nr_local;
	u8 nr_expiring;
	u8 nr_peer;
	u8 nr_retiring;
	bool asked;
	bool used;
	bool abandoned;
};

/**
 * struct tquic_cids - connection IDs of a connection
 * @paths: struct tquic_cid_path by path ID
 * @by_cid: struct tquic_cid_peer by connection ID
 * @gone: path IDs of deleted paths; between them lie only live or unused ones
 * @wanting: paths for which connection IDs should be issued
 * @announce: struct tquic_cid_local, to be told to the peer
 * @expiring: struct tquic_cid_local, retired, by rising @expire
 * @retire: struct tquic_cid_peer, of which the retirement has to be sent
 * @in_use: struct tquic_cid_peer, whose tokens make a stateless reset
 * @turnover: counts the changes of @in_use and of the tokens in it
 * @local_max_path: highest path ID that the peer may use
 * @peer_max_path: highest path ID that the peer allows
 * @peer_first_max: what the peer's transport parameter allowed
 * @next_path: lowest path ID for which none was ever issued
 * @nr_paths: how many in @paths
 * @local_limit: how many active ones per path the peer may issue
 * @peer_limit: how many active ones per path the peer takes
 * @local_empty: the peer sends without a connection ID
 * @peer_empty: packets are sent to the peer without a connection ID
 */
struct tquic_cids {
	struct rb_root paths;
	struct rb_root by_cid;
	struct tquic_range_set gone;
	struct list_head wanting;
	struct list_head announce;
	struct list_head expiring;
	struct list_head retire;
	struct list_head in_use;
	u32 turnover;
	u64 local_max_path;
	u64 peer_max_path;
	u64 peer_first_max;
	u64 next_path;
	u32 nr_paths;
	u8 local_limit;
	u8 peer_limit;
	bool local_empty;
	bool peer_empty;
};

/* the set, its paths and their limits */
void tquic_cid_init(struct tquic_cids *cids, u8 local_limit);
void tquic_cid_exit(struct tquic_cids *cids);
void tquic_cid_set_peer(struct tquic_cids *cids, u64 limit, u64 max_path);
void tquic_cid_raise_max_path(struct tquic_cids *cids, u64 max_path);
int tquic_cid_recv_max_path(struct tquic_cids *cids,
			    const struct tquic_frame *f,
			    struct tquic_close *close);
int tquic_cid_path_check(const struct tquic_cids *cids,
			 const struct tquic_frame *f,
			 struct tquic_close *close);
bool tquic_cid_path_ready(const struct tquic_cids *cids, u64 *path_id);
u64 tquic_cid_path_unused(const struct tquic_cids *cids);
int tquic_cid_path_abandon(struct tquic_cids *cids, u64 path_id, gfp_t gfp);
void tquic_cid_path_delete(struct tquic_cids *cids, u64 path_id);

/* issued to the peer */
bool tquic_cid_local_wanted(struct tquic_cids *cids, u64 *path_id);
int tquic_cid_local_issue(struct tquic_cids *cids, u64 path_id,
			  struct tquic_cid_local *cid, bool known, gfp_t gfp);
void tquic_cid_local_use(struct tquic_cids *cids, struct tquic_cid_local *cid);
bool tquic_cid_local_announce(struct tquic_cids *cids, bool multipath,
			      struct tquic_frame *f);
void tquic_cid_local_sent(struct tquic_cids *cids, u64 path_id, u64 seq);
void tquic_cid_local_acked(struct tquic_cids *cids, u64 path_id, u64 seq);
void tquic_cid_local_lost(struct tquic_cids *cids, u64 path_id, u64 seq);
int tquic_cid_local_retire_prior(struct tquic_cids *cids, u64 path_id,
				 u64 prior);
int tquic_cid_local_recv_retire(struct tquic_cids *cids,
				const struct tquic_frame *f,
				const struct tquic_cid_local *via,
				tquic_time_t expire, struct tquic_close *close);
int tquic_cid_local_recv_blocked(struct tquic_cids *cids,
				 const struct tquic_frame *f,
				 struct tquic_close *close);
struct tquic_cid_local *tquic_cid_local_reap(struct tquic_cids *cids,
					     tquic_time_t now);
tquic_time_t tquic_cid_local_deadline(struct tquic_cids *cids);

/* issued by the peer */
int tquic_cid_peer_init(struct tquic_cids *cids, const u8 *id, u8 len,
			gfp_t gfp);
void tquic_cid_peer_set_token(struct tquic_cids *cids, const u8 *token);
int tquic_cid_peer_recv(struct tquic_cids *cids, const struct tquic_frame *f,
			gfp_t gfp, struct tquic_close *close);
struct tquic_cid_peer *tquic_cid_peer_take(struct tquic_cids *cids,
					   u64 path_id);
struct tquic_cid_peer *tquic_cid_peer_find(const struct tquic_cids *cids,
					   u64 path_id, u64 seq);
bool tquic_cid_peer_blocked(const struct tquic_cids *cids, u64 path_id,
			    struct tquic_frame *f);
int tquic_cid_peer_retire(struct tquic_cids *cids, u64 path_id, u64 seq);
bool tquic_cid_peer_retire_next(struct tquic_cids *cids, bool multipath,
				struct tquic_frame *f);
void tquic_cid_peer_retire_sent(struct tquic_cids *cids, u64 path_id, u64 seq);
void tquic_cid_peer_retire_acked(struct tquic_cids *cids, u64 path_id,
				 u64 seq);
void tquic_cid_peer_retire_lost(struct tquic_cids *cids, u64 path_id, u64 seq);
bool tquic_cid_peer_is_reset(const struct tquic_cids *cids, const u8 *token);

/* between the files of this set */
struct tquic_cid_path *tquic_cid_path_find(const struct tquic_cids *cids,
					   u64 path_id);
struct tquic_cid_path *tquic_cid_path_get(struct tquic_cids *cids, u64 path_id,
					  gfp_t gfp);
void tquic_cid_local_review(struct tquic_cids *cids,
			    struct tquic_cid_path *path);
void tquic_cid_local_drop_all(struct tquic_cids *cids,
			      struct tquic_cid_path *path);
void tquic_cid_peer_drop_all(struct tquic_cids *cids,
			     struct tquic_cid_path *path);

#endif /* _TQUIC_CORE_CID_H */
