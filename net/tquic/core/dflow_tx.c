// SPDX-License-Identifier: GPL-2.0
/*
 * Flows of datagrams, sending: classes, legs, headers.
 */
#include "conn_priv.h"
#include "dflow.h"

/* how long a payload is of use, unless its flow knows better, ns */
static const u64 tquic_dflow_lives[TQUIC_STREAM_CLASSES] = {
	[TQUIC_STREAM_REALTIME] = 150 * TQUIC_NS_PER_MS,
	[TQUIC_STREAM_INTERACTIVE] = 300 * TQUIC_NS_PER_MS,
	[TQUIC_STREAM_BULK] = 400 * TQUIC_NS_PER_MS,
	[TQUIC_STREAM_BACKGROUND] = TQUIC_NS_PER_SEC,
};

/* header, frame, packet and tag around a payload, roughly */
#define TQUIC_DFLOW_AROUND	40

/* in struct tquic_dgram cookie: it has a sequence number */
#define TQUIC_DFLOW_NUMBERED	BIT_ULL(63)

/* Begins the sending part. */
void tquic_dflow_tx_init(struct tquic_dflow_tx *tx, unsigned int class)
{
	*tx = (struct tquic_dflow_tx){ .asked = class };
	tquic_dgram_flow_init(&tx->q, class == TQUIC_DFLOW_AUTO ?
			      TQUIC_STREAM_REALTIME : class);
	tquic_sparse_init(&tx->sparse);
	tquic_dplace_flow_init(&tx->place);
}

static struct tquic_dflow *tquic_dflow_by(struct tquic_dgram *d)
{
	return container_of(d->flow, struct tquic_dflow, tx.q);
}

/* What is sent on a leg now may still be under way at the time in question. */
static u64 tquic_dflow_linger(const struct tquic_path *path)
{
	return min_t(u64, path->rtt.smoothed + 4 * path->rtt.var +
		     10 * TQUIC_NS_PER_MS, TQUIC_REORDER_HOLD_MAX);
}

/* Other legs on which the flow sent something that may still be under way. */
static u8 tquic_dflow_others(const struct tquic_conn *conn,
			     struct tquic_dflow_tx *tx, unsigned int leg,
			     tquic_time_t now)
{
	const struct tquic_path *path;
	u8 others = 0;

	if (!(tx->legs & ~BIT(leg)))
		return 0;
	list_for_each_entry(path, &conn->paths, node) {
		if (path->leg == leg || !(tx->legs & BIT(path->leg)))
			continue;
		if (tquic_path_usable(path) &&
		    tx->last[path->leg] + tquic_dflow_linger(path) > now)
			others++;
		else
			tx->legs &= ~BIT(path->leg);
	}
	return others;
}

/* Writes the header of what is about to go out. */
u32 tquic_dflow_tx_head(void *owner, struct tquic_dgram *d, u32 to,
			unsigned int leg, tquic_time_t now, u8 *out)
{
	struct tquic_dflow *flow = tquic_dflow_by(d);
	struct tquic_dflows *set = owner;
	struct tquic_dflow_hdr hdr = {
		.id = flow->id,
		.class = flow->tx.q.class,
		.others = tquic_dflow_others(set->conn, &flow->tx, leg, now),
		.again = d->why == TQUIC_DGRAM_AGAIN,
		.split = d->from || to != d->len,
		.more = to != d->len,
		.off = d->from,
	};

	/* numbered when it goes out, so that what expires leaves no hole */
	if (!(d->cookie & TQUIC_DFLOW_NUMBERED))
		d->cookie = TQUIC_DFLOW_NUMBERED | flow->tx.seq++;
	hdr.seq = d->cookie & (BIT(TQUIC_DFLOW_SEQ_BITS) - 1);
	return tquic_dflow_hdr_write(out, &hdr);
}

static u64 tquic_dflow_life(const struct tquic_dflow_tx *tx, unsigned int class)
{
	return tx->life ?: tquic_dflow_lives[class];
}

/* Something went out. */
void tquic_dflow_tx_sent(void *owner, struct tquic_dgram *d, u32 to,
			 unsigned int leg, tquic_time_t now)
{
	struct tquic_dflow *flow = tquic_dflow_by(d);
	struct tquic_dflows *set = owner;
	tquic_time_t queued;

	flow->tx.last[leg] = now;
	flow->tx.legs |= BIT(leg);
	if (d->class <= TQUIC_STREAM_INTERACTIVE ||
	    d->where != TQUIC_DGRAM_QUEUED)
		return;
	queued = d->deadline - tquic_dflow_life(&flow->tx, d->class);
	tquic_dplace_sent(&set->place, &flow->tx.place, leg,
			  to - d->from + TQUIC_DFLOW_AROUND, now - queued);
}

/* How urgent a flow is, if it is to be told by its behaviour. */
static void tquic_dflow_judge(struct tquic_dflows *set,
			      struct tquic_dflow_tx *tx, u32 len,
			      tquic_time_t now)
{
	if (tx->asked != TQUIC_DFLOW_AUTO)
		return;
	tquic_dgram_flow_set_class(&set->conn->dgrams, &tx->q,
				   tquic_sparse_note(&tx->sparse, now, len) ?
				   TQUIC_STREAM_REALTIME : TQUIC_STREAM_BULK);
}

/* On which legs a flow goes: what is urgent is placed anew each time. */
static void tquic_dflow_place(struct tquic_dflows *set,
			      struct tquic_dflow_tx *tx, tquic_time_t now)
{
	struct tquic_dgramq *q = &set->conn->dgrams;

	if (tx->q.class <= TQUIC_STREAM_INTERACTIVE) {
		tquic_dgram_flow_bind(q, &tx->q, TQUIC_DGRAM_ANY, U16_MAX);
		return;
	}
	tquic_dplace_review(&set->place, &tx->place, now);
	if (tx->place.spread)
		tquic_dgram_flow_bind(q, &tx->q, TQUIC_DGRAM_ANY,
				      tx->place.spread);
	else
		tquic_dgram_flow_bind(q, &tx->q, tx->place.leg, U16_MAX);
}

/**
 * tquic_dflow_send - send a payload
 * @set: set
 * @flow: flow
 * @handle: buffer; a reference is taken
 * @pos: where the payload begins in it
 * @len: bytes, at most TQUIC_DFLOW_LEN_MAX
 * @now: present time
 * @gfp: allocation flags
 *
 * Return: 0; -EOPNOTSUPP when the peer takes no datagrams; -EMSGSIZE; -ENOBUFS;
 * -ENOMEM.
 */
int tquic_dflow_send(struct tquic_dflows *set, struct tquic_dflow *flow,
		     void *handle, u32 pos, u32 len, tquic_time_t now,
		     gfp_t gfp)
{
	struct tquic_dgram_flow *q = &flow->tx.q;
	struct tquic_dgram_req req = {
		.handle = handle,
		.pos = pos,
		.len = len,
		.flags = TQUIC_DGRAM_F_HEAD | TQUIC_DGRAM_F_SPLIT,
	};
	int err;

	if (len > TQUIC_DFLOW_LEN_MAX)
		return -EMSGSIZE;
	tquic_dflow_look(set, now);
	tquic_dflow_judge(set, &flow->tx, len, now);
	tquic_dflow_place(set, &flow->tx, now);
	req.deadline = now + tquic_dflow_life(&flow->tx, q->class);
	if (set->conn->npaths > 1)
		req.flags |= TQUIC_DGRAM_F_AGAIN;
	if (q->class == TQUIC_STREAM_REALTIME && tquic_dflow_wants_copy(set))
		req.flags |= TQUIC_DGRAM_F_COPY;
	err = tquic_conn_dgram_send(set->conn, q, q->class, &req, now, gfp);
	if (!err)
		set->stats.sent++;
	return err;
}
