/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Building one packet of a plan.
 */
#ifndef _TQUIC_CORE_CONN_BUILD_H
#define _TQUIC_CORE_CONN_BUILD_H

#include "conn_priv.h"

/**
 * struct tquic_build - a packet under construction
 * @conn: connection
 * @path: path that it goes out on
 * @space: its packet number space
 * @dcid: its destination
 * @plan: plan that it becomes part of
 * @pkt: its place in @plan
 * @sent: its entry among the sent packets, not spent yet
 * @built: parts of its header
 * @now: present time
 * @gfp: allocation flags
 * @room: bytes left for frames
 * @payload: bytes of frames so far
 * @window: bytes that may still count as in flight
 * @arena: bytes of the arena used before it, to return to
 * @flags: TQUIC_SENT_* of the frames so far
 * @full: nothing fits any more, or memory has run out
 * @grant: which data the scheduler lets it carry
 */
struct tquic_build {
	struct tquic_conn *conn;
	struct tquic_path *path;
	struct tquic_space *space;
	const struct tquic_cid *dcid;
	struct tquic_plan *plan;
	struct tquic_plan_pkt *pkt;
	struct tquic_sent_pkt *sent;
	struct tquic_pkt_built built;
	tquic_time_t now;
	gfp_t gfp;
	u32 room;
	u32 payload;
	u64 window;
	u32 arena;
	u8 flags;
	bool full;
	struct tquic_sched_grant grant;
};

/* conn_sched.c: questions to the scheduler */
void tquic_choice_init(struct tquic_conn *conn, tquic_time_t now);
void tquic_choice_class(struct tquic_conn *conn, u8 class, bool dgrams);
struct tquic_path *tquic_choice_next(struct tquic_conn *conn);
struct tquic_path *tquic_choice_control(const struct tquic_conn *conn);

bool tquic_build_begin(struct tquic_build *b, enum tquic_pkt_type type,
		       u32 room, bool joined);
bool tquic_build_frame(struct tquic_build *b, const struct tquic_frame *f,
		       const struct tquic_sent_rec *rec);
bool tquic_build_data(struct tquic_build *b, const struct tquic_frame *f,
		      const struct tquic_sendq *q, u64 off,
		      const struct tquic_sent_rec *rec);
bool tquic_build_payload(struct tquic_build *b, const struct tquic_frame *f,
			 const u8 *head, u32 head_len,
			 const struct tquic_plan_seg *payload,
			 const struct tquic_sent_rec *rec);
bool tquic_build_ack(struct tquic_build *b, struct tquic_space *about);
void tquic_build_pad(struct tquic_build *b, u32 bytes);
bool tquic_build_end(struct tquic_build *b);
void tquic_build_cancel(struct tquic_build *b);

/* frames that take part in congestion control may be added */
static inline bool tquic_build_open(const struct tquic_build *b)
{
	return !b->full && b->window && b->room > 1;
}

/* conn_plan.c */
/* conn_aside.c */
bool tquic_aside_plan(struct tquic_conn *conn, tquic_time_t now,
		      struct tquic_plan *plan, gfp_t gfp);

/* conn_tail.c */
bool tquic_tail_offer(struct tquic_conn *conn);

/* conn_pmtu.c */
bool tquic_mtu_plan(struct tquic_conn *conn, tquic_time_t now,
		    struct tquic_plan *plan, gfp_t gfp);

void tquic_plan_reset(struct tquic_plan *plan, const struct tquic_path *path);
void tquic_plan_builder(struct tquic_build *b, struct tquic_conn *conn,
			struct tquic_path *path, struct tquic_space *space,
			struct tquic_plan *plan, tquic_time_t now, gfp_t gfp);

void tquic_plan_crypto(struct tquic_build *b, enum tquic_pkt_type type);

/* conn_train.c */
bool tquic_train_plan(struct tquic_conn *conn, tquic_time_t now,
		      struct tquic_plan *plan, gfp_t gfp);

/* conn_close.c */
bool tquic_plan_close(struct tquic_conn *conn, tquic_time_t now,
		      struct tquic_plan *plan, gfp_t gfp);

/* conn_dgram.c */
bool tquic_dgram_put(struct tquic_build *b, u8 class);

/* conn_token.c */
void tquic_ctl_tokens(struct tquic_build *b);

/* conn_ctl.c: control frames that are due */
void tquic_ctl_path(struct tquic_build *b);
void tquic_ctl_conn(struct tquic_build *b);
void tquic_ctl_streams(struct tquic_build *b);
bool tquic_ctl_path_due(const struct tquic_path *path);
bool tquic_ctl_conn_due(const struct tquic_conn *conn);

#endif /* _TQUIC_CORE_CONN_BUILD_H */
