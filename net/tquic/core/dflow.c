// SPDX-License-Identifier: GPL-2.0
/*
 * The flows of datagrams of a connection.
 */
#include "dflow.h"

static void tquic_dflow_gone(void *owner, struct tquic_dgram *d)
{
	struct tquic_dflow *flow = container_of(d->flow, struct tquic_dflow,
						tx.q);

	tquic_dflow_release(owner, flow);
}

static const struct tquic_dgram_ops tquic_dflow_ops = {
	.head = tquic_dflow_tx_head,
	.sent = tquic_dflow_tx_sent,
	.recv = tquic_dflow_rx_recv,
	.gone = tquic_dflow_gone,
};

/**
 * tquic_dflows_new - take charge of the datagrams of a connection
 * @conn: connection
 * @accept: the peer may open flows
 * @gfp: allocation flags
 *
 * Return: the set of flows, empty; NULL without memory.
 */
struct tquic_dflows *tquic_dflows_new(struct tquic_conn *conn, bool accept,
				      gfp_t gfp)
{
	struct tquic_dflows *set = kzalloc_obj(*set, gfp);

	if (!set)
		return NULL;
	set->conn = conn;
	set->root = RB_ROOT;
	set->due = RB_ROOT_CACHED;
	set->max = TQUIC_DFLOW_MAX;
	set->held_max = TQUIC_DFLOW_HELD_MAX;
	set->accept = accept;
	INIT_LIST_HEAD(&set->parts);
	INIT_LIST_HEAD(&set->out);
	tquic_conn_dgram_own(conn, &tquic_dflow_ops, set);
	return set;
}

/**
 * tquic_dflows_free - let go of all flows
 * @set: set; to be called between tquic_conn_end() and tquic_conn_free(), when
 *	no packet is in its user's hands any more
 */
void tquic_dflows_free(struct tquic_dflows *set)
{
	struct tquic_dflow_pkt *pkt;
	struct rb_node *node;

	while ((pkt = tquic_dflows_next(set)))
		tquic_dflow_pkt_free(set, pkt);
	while ((node = rb_first(&set->root)))
		tquic_dflow_close(set, rb_entry(node, struct tquic_dflow,
						node));
	tquic_conn_dgram_own(set->conn, NULL, NULL);
	kfree(set);
}

/**
 * tquic_dflow_find - look a flow up
 * @set: set
 * @id: number
 *
 * Return: the flow, NULL when there is none.
 */
struct tquic_dflow *tquic_dflow_find(const struct tquic_dflows *set, u64 id)
{
	struct rb_node *node = set->root.rb_node;
	struct tquic_dflow *flow;

	while (node) {
		flow = rb_entry(node, struct tquic_dflow, node);
		if (flow->id == id)
			return flow;
		node = id < flow->id ? node->rb_left : node->rb_right;
	}
	return NULL;
}

static void tquic_dflow_link(struct tquic_dflows *set, struct tquic_dflow *flow)
{
	struct rb_node **link = &set->root.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = flow->id < rb_entry(parent, struct tquic_dflow,
					   node)->id ?
		       &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&flow->node, parent, link);
	rb_insert_color(&flow->node, &set->root);
	set->count++;
}

/* Makes a flow that is not there yet; NULL without memory, or with too many. */
struct tquic_dflow *tquic_dflow_make(struct tquic_dflows *set, u64 id,
				     unsigned int class, gfp_t gfp)
{
	struct tquic_dflow *flow;

	if (set->count >= set->max)
		return NULL;
	flow = kzalloc_obj(*flow, gfp);
	if (!flow)
		return NULL;
	flow->id = id;
	flow->due_at = TQUIC_TIME_NEVER;
	tquic_dflow_tx_init(&flow->tx, class);
	tquic_dflow_rx_init(&flow->rx);
	tquic_dflow_link(set, flow);
	return flow;
}

/**
 * tquic_dflow_open - open a flow, or take one over that the peer opened
 * @set: set
 * @id: number, the same at both ends
 * @class: enum tquic_stream_class of what is sent, or TQUIC_DFLOW_AUTO
 * @gfp: allocation flags
 *
 * Return: the flow; NULL when it is open, there are too many, or without
 * memory.
 */
struct tquic_dflow *tquic_dflow_open(struct tquic_dflows *set, u64 id,
				     unsigned int class, gfp_t gfp)
{
	struct tquic_dflow *flow = tquic_dflow_find(set, id);

	if (!flow)
		return tquic_dflow_make(set, id, class, gfp);
	if (!flow->fresh)
		return NULL;
	flow->fresh = false;
	tquic_dflow_tx_init(&flow->tx, class);
	return flow;
}

/* Frees a flow that is closed, and that nothing refers to any more. */
void tquic_dflow_release(struct tquic_dflows *set, struct tquic_dflow *flow)
{
	if (flow->closed && !flow->ready && !flow->tx.q.refs)
		kfree(flow);
}

/**
 * tquic_dflow_close - close a flow
 * @set: set
 * @flow: flow; must not be used any more
 *
 * What it still had to send, and what it held back, is dropped.
 */
void tquic_dflow_close(struct tquic_dflows *set, struct tquic_dflow *flow)
{
	tquic_dgram_flow_end(&set->conn->dgrams, &flow->tx.q);
	tquic_dflow_rx_end(set, flow);
	rb_erase(&flow->node, &set->root);
	set->count--;
	flow->closed = true;
	tquic_dflow_release(set, flow);
}

/**
 * tquic_dflows_next - take a payload that is to be delivered
 * @set: set
 *
 * Return: the oldest, in its flow's order; to be given back by
 * tquic_dflow_pkt_free().  NULL for none.
 */
struct tquic_dflow_pkt *tquic_dflows_next(struct tquic_dflows *set)
{
	struct tquic_dflow_pkt *pkt;

	pkt = list_first_entry_or_null(&set->out, struct tquic_dflow_pkt,
				       item.link);
	if (pkt)
		list_del(&pkt->item.link);
	return pkt;
}

/**
 * tquic_dflow_pkt_free - a payload was delivered
 * @set: set
 * @pkt: from tquic_dflows_next()
 */
void tquic_dflow_pkt_free(struct tquic_dflows *set, struct tquic_dflow_pkt *pkt)
{
	const struct tquic_buf_ops *ops = set->conn->config.buf_ops;
	struct tquic_dflow_piece *piece, *next;

	for (piece = pkt->first; piece; piece = next) {
		next = piece->next;
		ops->put(piece->handle);
		if (piece != &pkt->piece)
			kfree(piece);
	}
	pkt->flow->ready--;
	tquic_dflow_release(set, pkt->flow);
	kfree(pkt);
}

/**
 * tquic_dflows_timeout - time has passed
 * @set: set
 * @now: present time
 *
 * Harmless before tquic_dflows_deadline(); afterwards there may be payloads to
 * be delivered.
 */
void tquic_dflows_timeout(struct tquic_dflows *set, tquic_time_t now)
{
	tquic_dflow_rx_timeout(set, now);
}

/**
 * tquic_dflows_deadline - when to call tquic_dflows_timeout()
 * @set: set
 *
 * Return: a time, TQUIC_TIME_NEVER for not at all.
 */
tquic_time_t tquic_dflows_deadline(const struct tquic_dflows *set)
{
	const struct rb_node *node = rb_first_cached(&set->due);
	tquic_time_t at = TQUIC_TIME_NEVER;
	const struct tquic_dflow_pkt *part;

	if (node)
		at = rb_entry(node, struct tquic_dflow, due)->due_at;
	if (list_empty(&set->parts))
		return at;
	part = list_first_entry(&set->parts, struct tquic_dflow_pkt, age);
	return min(at, part->item.time + TQUIC_DFLOW_JOIN);
}
