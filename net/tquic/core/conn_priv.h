/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between the files of a connection.
 */
#ifndef _TQUIC_CORE_CONN_PRIV_H
#define _TQUIC_CORE_CONN_PRIV_H

#include "conn.h"

/* Control frames, as arg of struct tquic_sent_rec; behind each its off. */
enum tquic_ctl {
	TQUIC_CTL_CONN,			/* TQUIC_CONN_C_* bit */
	TQUIC_CTL_STREAM,		/* TQUIC_STREAM_P_* bit; ptr: stream */
	TQUIC_CTL_NEW_CID,		/* path ID << 32 | sequence number */
	TQUIC_CTL_RETIRE_CID,		/* likewise */
	TQUIC_CTL_ABANDON,		/* path ID */
	TQUIC_CTL_STATUS,		/* path ID << 32 | sequence number */
	TQUIC_CTL_ACK_FREQ,		/* sequence number, plus 1 */
	TQUIC_CTL_TOKEN,		/* serial number */
};

/* Spaces of Initial and Handshake packets in struct tquic_conn early. */
static inline unsigned int tquic_conn_early(enum tquic_pkt_type type)
{
	return type == TQUIC_PKT_HANDSHAKE;
}

/* bytes of a full datagram to begin with: RFC 9000 section 18.2 */
static inline u32 tquic_conn_mds(const struct tquic_conn *conn)
{
	return min_t(u64, conn->config.mds, conn->theirs.max_udp_payload_size);
}

/* Place of a level in struct tquic_conn crypto. */
static inline unsigned int tquic_conn_level(enum tquic_pkt_type type)
{
	return type == TQUIC_PKT_INITIAL ? 0 :
	       type == TQUIC_PKT_HANDSHAKE ? 1 : 2;
}

static inline struct tquic_path *tquic_conn_first_path(const struct tquic_conn
						       *conn)
{
	return list_first_entry(&conn->paths, struct tquic_path, node);
}

/* the peer's max_ack_delay, ns; until it knows better, what it had before */
static inline u64 tquic_conn_ack_delay(const struct tquic_conn *conn)
{
	return conn->confirmed ? max(conn->ask.asked, conn->ask.granted) : 0;
}

/* the peer takes ACK_FREQUENCY and IMMEDIATE_ACK */
static inline bool tquic_conn_may_ask(const struct tquic_conn *conn)
{
	return tquic_tparam_has(&conn->theirs, TQUIC_TPARAM_MIN_ACK_DELAY);
}

extern const struct tquic_loss_ops tquic_conn_loss_ops;

void tquic_conn_fail(struct tquic_conn *conn, tquic_time_t now,
		     const struct tquic_close *close);
void tquic_conn_vanish(struct tquic_conn *conn, enum tquic_conn_why why);
int tquic_conn_set_token(struct tquic_conn *conn, const u8 *token, u32 len,
			 gfp_t gfp);
void tquic_conn_free_tokens(struct tquic_conn *conn);
void tquic_conn_token_acked(struct tquic_conn *conn, u64 serial);
void tquic_conn_token_lost(struct tquic_conn *conn, u64 serial);
int tquic_conn_in_token(struct tquic_conn *conn, const struct tquic_frame *f,
			gfp_t gfp);
void tquic_early_credit(struct tquic_conn *conn);
void tquic_early_drop_keys(struct tquic_conn *conn);
int tquic_early_tparams(struct tquic_conn *conn,
			const struct tquic_tparams *tp,
			struct tquic_close *close);
void tquic_early_end(struct tquic_conn *conn);
enum tquic_drop tquic_early_recv(struct tquic_conn *conn,
				 const struct tquic_rx *rx);
void tquic_version_init(struct tquic_conn *conn);
enum tquic_drop tquic_version_recv(struct tquic_conn *conn,
				   const struct tquic_rx *rx);
void tquic_version_crypto(struct tquic_conn *conn);
int tquic_version_negotiate(struct tquic_conn *conn,
			    const struct tquic_tparams *tp,
			    struct tquic_close *close);
void tquic_conn_closed_by_peer(struct tquic_conn *conn,
			       const struct tquic_frame *f, tquic_time_t now);
enum tquic_drop tquic_conn_recv_late(struct tquic_conn *conn,
				     const struct tquic_rx *rx);
void tquic_conn_frame_ctx(const struct tquic_conn *conn,
			  enum tquic_pkt_type type,
			  struct tquic_frame_ctx *ctx);
void tquic_conn_drop_keys(struct tquic_conn *conn, enum tquic_pkt_type type);
void tquic_keys_init(struct tquic_keys *keys);
void tquic_keys_watch(struct tquic_conn *conn, tquic_time_t now);
/* RFC 9001 section 6.6: not one packet more */
static inline bool tquic_keys_worn(const struct tquic_conn *conn)
{
	return conn->keys.sealed >= conn->keys.seal_max;
}

void tquic_keys_seal(struct tquic_conn *conn, struct tquic_path *path, u64 pn);
void tquic_keys_acked(struct tquic_conn *conn, const struct tquic_path *path,
		      u64 pn, tquic_time_t now);
bool tquic_keys_ack_is_stale(const struct tquic_conn *conn,
			     const struct tquic_path *path,
			     const struct tquic_rx *rx, u64 largest);
int tquic_keys_recv(struct tquic_conn *conn, struct tquic_path *path,
		    const struct tquic_rx *rx, struct tquic_close *close);
void tquic_keys_timeout(struct tquic_conn *conn, tquic_time_t now);
void tquic_conn_confirm(struct tquic_conn *conn);
void tquic_conn_shed(struct tquic_conn *conn);
u64 tquic_conn_random(struct tquic_conn *conn);
bool tquic_conn_draw(struct tquic_conn *conn, u8 *bytes, unsigned int len);
u64 tquic_conn_max_pto(const struct tquic_conn *conn);
u64 tquic_conn_delay(const struct tquic_conn *conn);
void tquic_conn_review_streams(struct tquic_conn *conn);
void tquic_conn_touch_idle(struct tquic_conn *conn, tquic_time_t now);
void tquic_conn_retire_path(struct tquic_conn *conn, struct tquic_path *path);
struct tquic_path *tquic_conn_add_path(struct tquic_conn *conn, u32 id,
				       const struct tquic_tuple *tuple,
				       bool validated, tquic_time_t now,
				       gfp_t gfp);
void tquic_conn_path_dead(struct tquic_conn *conn, struct tquic_path *path,
			  u64 code, tquic_time_t now, gfp_t gfp);
bool tquic_conn_eligible(const struct tquic_conn *conn,
			 const struct tquic_path *path);
bool tquic_conn_forbidden(const struct tquic_conn *conn,
			  const struct tquic_tuple *tuple);
void tquic_conn_take_dcid(struct tquic_conn *conn, struct tquic_path *path);
void tquic_conn_cids_blocked(struct tquic_conn *conn, u64 path_id);

u64 tquic_conn_owd_sample(struct tquic_conn *conn, struct tquic_path *path,
			  tquic_time_t sent, tquic_time_t now);

/* conn_sched.c: what the scheduler is asked */
int tquic_choice_grow(struct tquic_conn *conn, u32 paths, gfp_t gfp);

/* conn_reply.c: acknowledgments of what was received */
struct tquic_path *tquic_conn_ack_path(const struct tquic_conn *conn,
				       struct tquic_path *path);
void tquic_conn_reply(struct tquic_conn *conn, struct tquic_path *path,
		      tquic_time_t now);
void tquic_conn_reply_repeated(struct tquic_conn *conn,
			       const struct tquic_path *path,
			       tquic_time_t now);
void tquic_conn_reply_unheard(struct tquic_conn *conn, struct tquic_path *path,
			      tquic_time_t now);
void tquic_conn_reply_heard(struct tquic_path *path, tquic_time_t sent);
bool tquic_conn_reply_via(struct tquic_path *path, u32 via, tquic_time_t now);

/* conn_aside.c: packets to other addresses than the path's */
void tquic_aside_drop(struct tquic_conn *conn, struct tquic_path *path);
bool tquic_aside_at(struct tquic_conn *conn, struct tquic_path *path,
		    const struct tquic_rx *rx);
void tquic_aside_respond(struct tquic_conn *conn, struct tquic_path *path,
			 const struct tquic_rx *rx, const u8 *data);
void tquic_aside_check(struct tquic_path *path, tquic_time_t now);

/* conn_move.c: paths that move to other addresses */
bool tquic_move_dcid(struct tquic_conn *conn, struct tquic_path *path,
		     const struct tquic_rx *rx, struct tquic_path_dcid *dcid);
void tquic_move_retire(struct tquic_conn *conn, struct tquic_path *path,
		       struct tquic_path_dcid *dcid);
bool tquic_move_holds(const struct tquic_conn *conn,
		      const struct tquic_path *path,
		      const struct tquic_path_dcid *dcid);
void tquic_move_settled(struct tquic_conn *conn, struct tquic_path *path);
void tquic_move_seen(struct tquic_conn *conn, struct tquic_path *path,
		     const struct tquic_rx *rx);
bool tquic_move_answer(struct tquic_conn *conn, struct tquic_path *path,
		       const u8 *data, tquic_time_t now);
void tquic_move_timeout(struct tquic_conn *conn, struct tquic_path *path,
			tquic_time_t now);
bool tquic_move_revert(struct tquic_conn *conn, struct tquic_path *path);
int tquic_move_tparams(struct tquic_conn *conn, const struct tquic_tparams *tp,
		       gfp_t gfp, struct tquic_close *close);

/* conn_status.c: which paths the peer is asked to prefer */
void tquic_status_review(struct tquic_conn *conn);

/* conn_pmtu.c: the size of datagrams */
void tquic_conn_mtu_start(struct tquic_conn *conn, struct tquic_path *path);
void tquic_conn_mtu_acked(struct tquic_path *path,
			  const struct tquic_sent_pkt *pkt);
void tquic_conn_mtu_lost(struct tquic_path *path,
			 const struct tquic_sent_pkt *pkt);

/* conn_probe.c: whether paths still work */
void tquic_conn_suspect(struct tquic_conn *conn, struct tquic_path *path,
			tquic_time_t now);
void tquic_conn_trust(struct tquic_conn *conn, struct tquic_path *path);
tquic_time_t tquic_conn_probe_at(const struct tquic_conn *conn,
				 const struct tquic_path *path);
void tquic_conn_probe(struct tquic_conn *conn, struct tquic_path *path,
		      tquic_time_t now);
void tquic_conn_probe_hint(struct tquic_conn *conn, struct tquic_path *path,
			   tquic_time_t now);

/* conn_ask.c: how soon to acknowledge */
void tquic_conn_ask_init(struct tquic_conn *conn);
void tquic_conn_ask(struct tquic_conn *conn, tquic_time_t now);
void tquic_conn_ask_acked(struct tquic_conn *conn, u64 seq);
void tquic_conn_ask_lost(struct tquic_conn *conn, u64 seq);
int tquic_conn_recv_ask(struct tquic_conn *conn, const struct tquic_frame *f,
			struct tquic_close *close);

int tquic_conn_recv_ack(struct tquic_conn *conn, struct tquic_space *space,
			const struct tquic_path *via,
			const struct tquic_frame *f, tquic_time_t now,
			struct tquic_close *close);
void tquic_conn_detect(struct tquic_conn *conn, struct tquic_space *space,
		       tquic_time_t now);
void tquic_conn_offer(struct tquic_path *path);
void tquic_conn_offer_pkt(struct tquic_space *space,
			  const struct tquic_sent_pkt *pkt);
int tquic_conn_frame(struct tquic_conn *conn, struct tquic_path *path,
		     const struct tquic_rx *rx, const struct tquic_frame *f,
		     struct tquic_close *close, gfp_t gfp);

/* conn_credit.c */
void tquic_credit_received(struct tquic_conn *conn, struct tquic_stream *s,
			   tquic_time_t now);
void tquic_credit_took(struct tquic_conn *conn, u64 bytes, tquic_time_t now);
void tquic_credit_read(struct tquic_conn *conn, struct tquic_stream *s,
		       u64 bytes, tquic_time_t now);

/* conn_dgram.c */
void tquic_dgram_init(struct tquic_conn *conn);
void tquic_dgram_end(struct tquic_conn *conn);
void tquic_dgram_received(struct tquic_conn *conn,
			  const struct tquic_path *path,
			  const struct tquic_rx *rx,
			  const struct tquic_frame *f, gfp_t gfp);
void tquic_dgram_acked(struct tquic_conn *conn,
		       const struct tquic_sent_rec *rec, bool late);
void tquic_dgram_offered(struct tquic_conn *conn,
			 const struct tquic_path *path,
			 const struct tquic_sent_rec *rec);
void tquic_dgram_lost(struct tquic_conn *conn, const struct tquic_path *path,
		      const struct tquic_sent_rec *rec);
void tquic_dgram_gone(struct tquic_conn *conn,
		      const struct tquic_sent_rec *rec);
u8 tquic_dgram_waiting(const struct tquic_conn *conn);
bool tquic_dgram_waits_for(const struct tquic_conn *conn,
			   const struct tquic_path *path);

#endif /* _TQUIC_CORE_CONN_PRIV_H */
