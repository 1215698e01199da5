// SPDX-License-Identifier: GPL-2.0
/*
 * Flows of datagrams from the application's side.
 */
#include "world.h"

void datagrams_init(struct end *end)
{
	end->dflows = tquic_dflows_new(end->conn, true, GFP_KERNEL);
	CHECK(end->dflows);
}

void datagrams_free(struct end *end)
{
	tquic_dflows_free(end->dflows);
}

/* Both ends know of the flow from its start. */
void datagram_open(struct flow *f)
{
	unsigned int class = f->conf->class < 0 ? TQUIC_DFLOW_AUTO :
						  f->conf->class;
	int i;

	for (i = 0; i < 2; i++) {
		if (f->dflow[i])
			continue;
		f->dflow[i] = tquic_dflow_open(f->w->end[i].dflows,
					       f->number + 1, class,
					       GFP_KERNEL);
		CHECK(f->dflow[i]);
		f->dflow[i]->user = f;
	}
}

/* Answers whether it was taken; what is not is lost. */
bool datagram_send(struct flow *f, struct end *end, const struct stamp *stamp,
		   u32 len)
{
	struct buf *buf = buf_new(len);
	int err;

	stamp_write(buf->data, len, stamp);
	err = tquic_dflow_send(end->dflows, f->dflow[end->who], buf, 0, len,
			       end_clock(end), GFP_KERNEL);
	buf_put(buf);
	CHECK(!err || err == -ENOBUFS);
	end_kick(end);
	return !err;
}

/* The whole payload in one piece. */
static const u8 *linear(const struct tquic_dflow_pkt *pkt, u8 *room)
{
	const struct tquic_dflow_piece *piece = pkt->first;
	u32 off = 0;

	if (!piece->next)
		return ((struct buf *)piece->handle)->data + piece->pos;
	for (; piece; piece = piece->next) {
		CHECK(piece->off == off);
		memcpy(room + off,
		       ((struct buf *)piece->handle)->data + piece->pos,
		       piece->len);
		off += piece->len;
	}
	CHECK(off == pkt->len);
	return room;
}

static u8 leg_by_path(struct end *end, u32 path_id)
{
	const struct tquic_path *path = tquic_conn_path(end->conn, path_id);

	return path ? leg_of(end->w, end->who, &path->tuple)->id : U8_MAX;
}

/* Reads what came at an end. */
void datagrams_read(struct world *w, struct end *end)
{
	static u8 room[TQUIC_DFLOW_LEN_MAX];
	struct tquic_dflow_pkt *pkt;
	struct stamp stamp;
	struct flow *f;

	while ((pkt = tquic_dflows_next(end->dflows))) {
		f = pkt->flow->user;
		CHECK(f);
		if (!stamp_read(linear(pkt, room), pkt->len, &stamp))
			bug("datagram of flow %u: wrong bytes", f->number);
		f->ops->datagram(f, end, &stamp, pkt->len,
				 leg_by_path(end, pkt->path_id));
		tquic_dflow_pkt_free(end->dflows, pkt);
	}
}
