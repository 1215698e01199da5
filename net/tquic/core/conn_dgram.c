// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams of a connection: RFC 9221.
 *
 * They are congestion controlled, never flow controlled; whether one that is
 * lost goes out again is its owner's choice.
 */
#include "conn_build.h"

/* A DATAGRAM frame without length. */
#define TQUIC_DGRAM_FRAME_MIN	1
/* pieces of a datagram are not made smaller than this */
#define TQUIC_DGRAM_PIECE_MIN	128
/* what a received datagram takes besides its payload, roughly */
#define TQUIC_DGRAM_IN_COST	256

/* Connection is made: no datagrams yet. */
void tquic_dgram_init(struct tquic_conn *conn)
{
	const struct tquic_conn_config *config = &conn->config;

	tquic_dgramq_init(&conn->dgrams, config->buf_ops,
			  config->dgram_tx_max ?: TQUIC_CONN_DGRAM_TX);
	conn->dgram_rx = (struct tquic_dgram_rx){
		.limit = config->dgram_rx_max ?: TQUIC_CONN_DGRAM_RX,
	};
	INIT_LIST_HEAD(&conn->dgram_rx.queue);
}

/* Connection ends; its sent packets are gone. */
void tquic_dgram_end(struct tquic_conn *conn)
{
	struct tquic_dgram_in in;

	tquic_dgramq_free(&conn->dgrams);
	while (tquic_conn_dgram_next(conn, &in))
		conn->config.buf_ops->put(in.handle);
}

/**
 * tquic_conn_dgram_own - take charge of a connection's datagrams
 * @conn: connection, without datagrams so far
 * @ops: see struct tquic_dgram_ops
 * @owner: first argument of @ops; must live until tquic_conn_end()
 */
void tquic_conn_dgram_own(struct tquic_conn *conn,
			  const struct tquic_dgram_ops *ops, void *owner)
{
	conn->dgrams.ops = ops;
	conn->dgrams.owner = owner;
}

/**
 * tquic_conn_dgram_max_on - payload of the largest datagram for a path
 * @conn: connection
 * @path: path
 *
 * Return: bytes; 0 when the peer takes no datagrams.
 */
u32 tquic_conn_dgram_max_on(const struct tquic_conn *conn,
			    const struct tquic_path *path)
{
	u32 room = path->mds - 1 - path->dcid.len - TQUIC_PN_LEN_MAX -
		   TQUIC_PKT_TAG_LEN;
	u64 max = min_t(u64, conn->theirs.max_datagram_frame_size, room);

	return max > TQUIC_DGRAM_FRAME_MIN ? max - TQUIC_DGRAM_FRAME_MIN : 0;
}

/**
 * tquic_conn_dgram_max - payload of the largest datagram for any path
 * @conn: connection
 *
 * That may change with the paths and what is learnt of them.
 *
 * Return: bytes, the least of all paths that can be used; 0 when the peer takes
 * no datagrams.
 */
u32 tquic_conn_dgram_max(const struct tquic_conn *conn)
{
	const struct tquic_path *path = tquic_conn_first_path(conn);
	u32 max = tquic_conn_dgram_max_on(conn, path);
	bool any = false;

	list_for_each_entry(path, &conn->paths, node) {
		if (!tquic_conn_eligible(conn, path))
			continue;
		if (!any)
			max = tquic_conn_dgram_max_on(conn, path);
		any = true;
		max = min(max, tquic_conn_dgram_max_on(conn, path));
	}
	return max;
}

/**
 * tquic_conn_dgram_send - send a datagram
 * @conn: connection
 * @flow: flow that it belongs to; NULL for those of the class that belong to
 *	none
 * @class: how urgent it is, without @flow
 * @req: the datagram
 * @now: present time
 * @gfp: allocation flags
 *
 * Return: 0; -EOPNOTSUPP when the peer takes no datagrams; -EMSGSIZE when it is
 * too large for some path and may not be split; -ETIME when its deadline has
 * passed; -ENOBUFS; -ENOMEM.
 */
int tquic_conn_dgram_send(struct tquic_conn *conn,
			  struct tquic_dgram_flow *flow,
			  enum tquic_stream_class class,
			  const struct tquic_dgram_req *req, tquic_time_t now,
			  gfp_t gfp)
{
	u32 max = tquic_conn_dgram_max(conn);
	int err = 0;

	if (!max)
		return -EOPNOTSUPP;
	if (req->len > max && !(req->flags & TQUIC_DGRAM_F_SPLIT))
		return -EMSGSIZE;
	if (!flow)
		flow = tquic_dgramq_own(&conn->dgrams, class, gfp);
	if (!flow)
		return -ENOMEM;
	tquic_dgramq_add(&conn->dgrams, flow, req, now, &err, gfp);
	return err;
}

/**
 * tquic_conn_dgram_send_on - send a datagram on a path
 * @conn: connection
 * @path_id: path; another carries it if that one fails meanwhile
 * @class: how urgent it is
 * @req: the datagram
 * @now: present time
 * @gfp: allocation flags
 *
 * Return: as tquic_conn_dgram_send(); -ENOENT when there is no such path.
 */
int tquic_conn_dgram_send_on(struct tquic_conn *conn, u32 path_id,
			     enum tquic_stream_class class,
			     const struct tquic_dgram_req *req,
			     tquic_time_t now, gfp_t gfp)
{
	const struct tquic_path *path = tquic_conn_path(conn, path_id);
	struct tquic_dgram_flow *flow;
	struct tquic_dgram *d;
	int err = 0;
	u32 max;

	if (!path)
		return -ENOENT;
	max = tquic_conn_dgram_max_on(conn, path);
	if (!max)
		return -EOPNOTSUPP;
	if (req->len > max)
		return -EMSGSIZE;
	flow = tquic_dgramq_own(&conn->dgrams, class, gfp);
	if (!flow)
		return -ENOMEM;
	d = tquic_dgramq_add(&conn->dgrams, flow, req, now, &err, gfp);
	if (d)
		tquic_dgramq_bind(&conn->dgrams, d, path->leg,
				  TQUIC_DGRAM_FIRST, 0, d->len);
	return err;
}

/**
 * tquic_conn_dgram_next - take a datagram that was received
 * @conn: connection without an owner of its datagrams
 * @in: filled; the reference to its handle goes to the caller
 *
 * Return: whether there was one.
 */
bool tquic_conn_dgram_next(struct tquic_conn *conn, struct tquic_dgram_in *in)
{
	struct tquic_dgram_rx *rx = &conn->dgram_rx;
	struct tquic_dgram_in *first;

	first = list_first_entry_or_null(&rx->queue, struct tquic_dgram_in,
					 node);
	if (!first) {
		conn->events &= ~TQUIC_CONN_E_DGRAM;
		return false;
	}
	list_del(&first->node);
	rx->held -= first->len + TQUIC_DGRAM_IN_COST;
	*in = *first;
	kfree(first);
	return true;
}

/**
 * tquic_conn_dgram_fate - learn what became of a datagram
 * @conn: connection
 * @cookie: filled: that of the datagram
 * @flags: filled: TQUIC_DGRAM_F_LOST, _ACKED, _EXPIRED, _DROPPED; one that was
 *	lost may be found to have arrived later (RFC 9221 section 5.2)
 *
 * Return: whether there was news.
 */
bool tquic_conn_dgram_fate(struct tquic_conn *conn, u64 *cookie,
			   unsigned int *flags)
{
	struct tquic_dgram *d = tquic_dgramq_news(&conn->dgrams);

	if (!d) {
		conn->events &= ~TQUIC_CONN_E_FATES;
		return false;
	}
	*cookie = d->cookie;
	*flags = d->flags & (TQUIC_DGRAM_F_LOST | TQUIC_DGRAM_F_ACKED |
			     TQUIC_DGRAM_F_EXPIRED | TQUIC_DGRAM_F_DROPPED);
	tquic_dgramq_told(&conn->dgrams, d);
	return true;
}

static void tquic_dgram_tell(struct tquic_conn *conn)
{
	if (tquic_dgramq_news(&conn->dgrams) ||
	    tquic_dgramq_relieved(&conn->dgrams))
		conn->events |= TQUIC_CONN_E_FATES;
}

/* A DATAGRAM frame; one that finds no room or memory is dropped. */
void tquic_dgram_received(struct tquic_conn *conn,
			  const struct tquic_path *path,
			  const struct tquic_rx *rx,
			  const struct tquic_frame *f, gfp_t gfp)
{
	u32 pos = rx->pos + (u32)(f->data - rx->payload);
	struct tquic_dgramq *q = &conn->dgrams;
	struct tquic_dgram_rx *in = &conn->dgram_rx;
	u64 cost = f->len + TQUIC_DGRAM_IN_COST;
	struct tquic_dgram_in *d;

	in->received++;
	if (q->ops && q->ops->recv) {
		q->ops->recv(q->owner, path->id, rx->handle, pos, f->len,
			     f->data, rx->now, gfp);
		/* the owner may have something to deliver now */
		conn->events |= TQUIC_CONN_E_DGRAM;
		return;
	}
	if (in->held + cost > in->limit) {
		in->full++;
		return;
	}
	d = kmalloc_obj(*d, gfp);
	if (!d) {
		in->nomem++;
		return;
	}
	d->handle = rx->handle;
	d->pos = pos;
	d->len = f->len;
	d->path_id = path->id;
	d->time = rx->now;
	conn->config.buf_ops->get(d->handle);
	list_add_tail(&d->node, &in->queue);
	in->held += cost;
	conn->events |= TQUIC_CONN_E_DGRAM;
}

/* Which legs there are; those kept in reserve count if there is nothing else */
static void tquic_dgram_legs(struct tquic_conn *conn)
{
	struct tquic_dgramq *q = &conn->dgrams;
	const struct tquic_path *path;
	u16 backup = 0;

	q->usable = 0;
	list_for_each_entry(path, &conn->paths, node) {
		if (!tquic_conn_eligible(conn, path))
			continue;
		if (path->backup || path->peer_backup)
			backup |= BIT(path->leg);
		else
			q->usable |= BIT(path->leg);
	}
	if (!q->usable)
		q->usable = backup;
}

/* Another leg for a datagram that was sent on one, or that one. */
static unsigned int tquic_dgram_other(const struct tquic_conn *conn,
				      const struct tquic_path *not)
{
	const struct tquic_path *path, *best = NULL;

	list_for_each_entry(path, &conn->paths, node)
		if (path != not && conn->dgrams.usable & BIT(path->leg) &&
		    tquic_path_usable(path) &&
		    (!best || path->rtt.smoothed < best->rtt.smoothed))
			best = path;
	return best ? best->leg : not->leg;
}

/**
 * tquic_dgram_waiting - is there anything to be sent
 * @conn: connection
 *
 * Return: bit per class with datagrams that wait for some path.
 */
u8 tquic_dgram_waiting(const struct tquic_conn *conn)
{
	unsigned int class;
	u8 classes = 0;

	for (class = 0; class < TQUIC_STREAM_CLASSES; class++)
		if (conn->dgrams.waiting[class])
			classes |= BIT(class);
	return classes;
}

/* Is there a datagram that waits for this path. */
bool tquic_dgram_waits_for(const struct tquic_conn *conn,
			   const struct tquic_path *path)
{
	return conn->dgrams.usable & BIT(path->leg) &&
	       tquic_dgramq_classes(&conn->dgrams, path->leg, true);
}

/**
 * struct tquic_dgram_cut - what of a datagram goes into a packet
 * @to: one past the last byte of payload
 * @head: what the owner puts in front
 * @head_len: bytes of it
 * @type: TQUIC_FRAME_DATAGRAM, or with TQUIC_FRAME_DATAGRAM_LEN
 */
struct tquic_dgram_cut {
	u32 to;
	u8 head[TQUIC_DGRAM_HEAD_MAX];
	u32 head_len;
	u16 type;
};

static void tquic_dgram_head(const struct tquic_build *b,
			     struct tquic_dgram *d,
			     struct tquic_dgram_cut *cut)
{
	const struct tquic_dgramq *q = &b->conn->dgrams;

	cut->head_len = 0;
	if (d->flags & TQUIC_DGRAM_F_HEAD)
		cut->head_len = q->ops->head(q->owner, d, cut->to,
					     b->path->leg, b->now, cut->head);
}

/*
 * Does a frame of so many bytes of data fit.  Without a length it fills the
 * packet, whatever is left.
 */
static bool tquic_dgram_fits(const struct tquic_build *b, u32 data, u16 *type)
{
	u64 max = b->conn->theirs.max_datagram_frame_size;
	u32 len = 1 + tquic_varint_len(data) + data;

	*type = TQUIC_FRAME_DATAGRAM_LEN;
	if (len <= b->room && len <= max)
		return true;
	*type = TQUIC_FRAME_DATAGRAM;
	return data + 1 <= b->room && data + 1 <= max;
}

/* The most that fits, when all is too much. */
static bool tquic_dgram_split(const struct tquic_build *b,
			      struct tquic_dgram *d,
			      struct tquic_dgram_cut *cut)
{
	u64 max = b->conn->theirs.max_datagram_frame_size;
	u32 room = min_t(u64, b->room, max);

	cut->to = d->to - 1;
	tquic_dgram_head(b, d, cut);
	if (room < TQUIC_DGRAM_FRAME_MIN + cut->head_len +
		   TQUIC_DGRAM_PIECE_MIN)
		return false;
	cut->to = d->from + room - TQUIC_DGRAM_FRAME_MIN - cut->head_len;
	cut->type = TQUIC_FRAME_DATAGRAM;
	if (room < b->room) {
		cut->to -= tquic_varint_len(room);
		cut->type = TQUIC_FRAME_DATAGRAM_LEN;
	}
	tquic_dgram_head(b, d, cut);
	return true;
}

/* Could a packet of its own hold it whole. */
static bool tquic_dgram_fits_alone(const struct tquic_build *b, u32 data)
{
	u32 room = b->path->mds - b->built.hdr_len - TQUIC_PKT_TAG_LEN;

	return data + 1 <= min_t(u64, room,
				 b->conn->theirs.max_datagram_frame_size);
}

/*
 * What of a datagram goes into this packet.  It is cut up only if it is too
 * large for any packet of the path, and then fills each to the last byte.
 */
static bool tquic_dgram_plan(struct tquic_build *b, struct tquic_dgram *d,
			     struct tquic_dgram_cut *cut)
{
	u32 len = d->to - d->from;

	cut->to = d->to;
	tquic_dgram_head(b, d, cut);
	if (tquic_dgram_fits(b, cut->head_len + len, &cut->type))
		return true;
	if (tquic_dgram_fits_alone(b, cut->head_len + len))
		return false;
	if (d->flags & TQUIC_DGRAM_F_SPLIT)
		return tquic_dgram_split(b, d, cut);
	/* the paths have become narrower since it was accepted */
	tquic_dgramq_refuse(&b->conn->dgrams, d);
	tquic_dgram_tell(b->conn);
	return false;
}

/* Puts one frame; false when the packet is full. */
static bool tquic_dgram_frame(struct tquic_build *b, struct tquic_dgram *d,
			      const struct tquic_dgram_cut *cut)
{
	struct tquic_sent_rec rec = {
		.kind = TQUIC_SENT_DGRAM,
		.ptr = d,
		.off = d->from,
		.len = cut->to - d->from,
	};
	struct tquic_frame f = {
		.type = cut->type,
		.len = cut->head_len + cut->to - d->from,
	};
	bool record = d->flags & (TQUIC_DGRAM_F_NOTIFY | TQUIC_DGRAM_F_AGAIN |
				  TQUIC_DGRAM_F_COPY);
	struct tquic_plan_seg seg = {
		.handle = d->handle,
		.pos = d->pos + d->from,
		.len = cut->to - d->from,
	};

	if (!tquic_build_payload(b, &f, cut->head, cut->head_len, &seg,
				 record ? &rec : NULL))
		return false;
	if (record) {
		d->refs++;
		d->out++;
	}
	/* all that follows would be taken for its data */
	if (cut->type == TQUIC_FRAME_DATAGRAM) {
		b->full = true;
		b->room = 0;
	}
	return true;
}

/* A datagram has gone out; a copy of it may have to follow on another leg. */
static void tquic_dgram_went(struct tquic_build *b, struct tquic_dgram *d,
			     u32 to)
{
	struct tquic_dgramq *q = &b->conn->dgrams;
	unsigned int leg = b->path->leg, other;
	bool copy = d->flags & TQUIC_DGRAM_F_COPY && to == d->to;
	bool rest = to < d->to && d->where == TQUIC_DGRAM_QUEUED;

	if (q->ops && q->ops->sent)
		q->ops->sent(q->owner, d, to, leg, b->now);
	if (copy)
		d->flags &= ~TQUIC_DGRAM_F_COPY;
	tquic_dgramq_took(q, d, leg, to - d->from);
	/* the rest follows on the same leg: sooner there than anywhere else */
	if (rest)
		tquic_dgramq_bind(q, d, leg, TQUIC_DGRAM_FIRST, d->from,
				  d->to);
	if (!copy)
		return;
	other = tquic_dgram_other(b->conn, b->path);
	if (other != leg)
		tquic_dgramq_bind(q, d, other, TQUIC_DGRAM_COPY, 0, d->len);
}

/**
 * tquic_dgram_put - add DATAGRAM frames to a packet
 * @b: packet
 * @class: least urgent class that may go
 *
 * Return: whether any was added.
 */
bool tquic_dgram_put(struct tquic_build *b, u8 class)
{
	struct tquic_dgramq *q = &b->conn->dgrams;
	struct tquic_dgram_cut cut;
	bool any = false, quick;
	struct tquic_dgram *d;

	if (!tquic_dgram_waiting(b->conn))
		return false;
	tquic_dgram_legs(b->conn);
	/* the scheduler has a leg for real time, or says which is first */
	quick = class == TQUIC_STREAM_REALTIME ?
		b->path->leg == b->conn->realtime : !b->grant.late;
	while (tquic_build_open(b)) {
		d = tquic_dgramq_next(q, b->path->leg, quick,
				      BIT(class + 1) - 1, b->now);
		if (!d || !tquic_dgram_plan(b, d, &cut) ||
		    !tquic_dgram_frame(b, d, &cut))
			break;
		tquic_dgram_went(b, d, cut.to);
		any = true;
	}
	tquic_dgram_tell(b->conn);
	return any;
}

/* A packet with a record of a datagram was acknowledged, maybe late. */
void tquic_dgram_acked(struct tquic_conn *conn,
		       const struct tquic_sent_rec *rec, bool late)
{
	struct tquic_dgram *d = rec->ptr;

	if (!late)
		d->out--;
	tquic_dgramq_acked(&conn->dgrams, d, rec->off, rec->off + rec->len);
	tquic_dgram_tell(conn);
}

/*
 * It may not have arrived: another path is to carry it if its owner wants that,
 * and no copy of it is on its way.
 */
void tquic_dgram_offered(struct tquic_conn *conn, const struct tquic_path *path,
			 const struct tquic_sent_rec *rec)
{
	struct tquic_dgram *d = rec->ptr;
	unsigned int leg;

	if (!(d->flags & TQUIC_DGRAM_F_AGAIN) ||
	    (d->out > 1 && rec->len == d->len))
		return;
	tquic_dgram_legs(conn);
	leg = tquic_dgram_other(conn, path);
	if (leg != path->leg)
		tquic_dgramq_bind(&conn->dgrams, d, leg, TQUIC_DGRAM_AGAIN,
				  rec->off, rec->off + rec->len);
}

/* A packet with a record of a datagram was declared lost. */
void tquic_dgram_lost(struct tquic_conn *conn, const struct tquic_path *path,
		      const struct tquic_sent_rec *rec)
{
	struct tquic_dgram *d = rec->ptr;

	d->out--;
	if (d->flags & TQUIC_DGRAM_F_AGAIN &&
	    (!d->out || rec->len != d->len)) {
		tquic_dgram_legs(conn);
		tquic_dgramq_bind(&conn->dgrams, d,
				  tquic_dgram_other(conn, path),
				  TQUIC_DGRAM_AGAIN, rec->off,
				  rec->off + rec->len);
	}
	if (!d->out && d->where == TQUIC_DGRAM_NOWHERE)
		tquic_dgramq_lost(&conn->dgrams, d);
	tquic_dgram_tell(conn);
}

/* A packet with a record of a datagram is forgotten. */
void tquic_dgram_gone(struct tquic_conn *conn, const struct tquic_sent_rec *rec)
{
	tquic_dgramq_unref(&conn->dgrams, rec->ptr);
	tquic_dgram_tell(conn);
}
