// SPDX-License-Identifier: GPL-2.0
#include "world.h"

/* the most that a train of packets may add to backlogs before they are seen */
#define FRESH_MAX	(256 << 10)

static u64 own_draw(struct end *end)
{
	return draw(end->w->seed + end->who, end->serial++);
}

static void own_bytes(struct end *end, u8 *bytes, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < len; i++)
		bytes[i] = own_draw(end) >> 56;
}

/* What the core takes for the time at this end. */
u64 end_clock(const struct end *end)
{
	return host_clock(&end->w->host[end->who], end->w->q.now);
}

/* The number of a connection ID is in its bytes 1 to 4. */
static struct tquic_cid_local *find_cid(const struct end *end, const u8 *id)
{
	u32 i = get_unaligned_be32(id + 1);

	if (i >= end->ncids || !end->cids[i] ||
	    memcmp(end->cids[i]->cid.id, id, CID_LEN))
		return NULL;
	return end->cids[i];
}

static struct tquic_cid_local *new_cid(struct end *end)
{
	struct tquic_cid_local *cid = xalloc(sizeof(*cid));
	u32 i;

	for (i = end->free_cid; i < end->ncids && end->cids[i]; i++)
		;
	if (i == end->ncids) {
		end->ncids = end->ncids ? 2 * end->ncids : 64;
		end->cids = xgrow(end->cids,
				  end->ncids * sizeof(*end->cids));
		memset(end->cids + i, 0,
		       (end->ncids - i) * sizeof(*end->cids));
	}
	end->cids[i] = cid;
	end->free_cid = i + 1;
	cid->cid.len = CID_LEN;
	own_bytes(end, cid->cid.id, CID_LEN);
	cid->cid.id[0] = end->who;
	put_unaligned_be32(i, cid->cid.id + 1);
	own_bytes(end, cid->token, sizeof(cid->token));
	return cid;
}

static void drop_cid(struct end *end, struct tquic_cid_local *cid)
{
	u32 i = get_unaligned_be32(cid->cid.id + 1);

	end->cids[i] = NULL;
	end->free_cid = min(end->free_cid, i);
	free(cid);
}

/* Says with which keys a packet was "sealed", as one end sees it. */
static void write_tag(const struct tquic_conn *conn, enum tquic_pkt_type type,
		      u32 gen, u32 path_id, u64 pn, u8 *tag)
{
	put_unaligned_be32(type << 24 | gen, tag);
	put_unaligned_be32(conn->version, tag + 4);
	put_unaligned_be32(path_id, tag + 8);
	put_unaligned_be32(pn, tag + 12);
}

/* Header and payload, and the tag. */
static u32 seal(struct end *end, const struct tquic_plan *plan,
		const struct tquic_plan_pkt *pkt, u8 *out)
{
	u8 *p = out;
	u16 i;

	memcpy(p, plan->arena + pkt->hdr, pkt->hdr_len);
	p += pkt->hdr_len;
	for (i = pkt->seg; i < pkt->seg + pkt->nsegs; i++) {
		const struct tquic_plan_seg *seg = &plan->segs[i];
		const struct buf *buf = seg->handle;

		memcpy(p, (buf ? buf->data : plan->arena) + seg->pos,
		       seg->len);
		p += seg->len;
		if (buf && buf->kind == BUF_PATTERN)
			end->fresh += seg->len;
		if (buf)
			buf_put(seg->handle);
	}
	write_tag(end->conn, pkt->type, pkt->gen, plan->path_id, pkt->pn, p);
	CHECK(p + TQUIC_PKT_TAG_LEN - out == pkt->size);
	return pkt->size;
}

/* @behind: the byte behind the packet. */
static void tell_sent(struct end *end, const struct tquic_plan *plan,
		      const struct tquic_plan_pkt *pkt, const u8 *behind)
{
	if (qlog_wanted(&end->w->qlog, end) && pkt->type == TQUIC_PKT_1RTT)
		qlog_sent(end, plan->path_id, pkt->pn,
			  behind - pkt->size + pkt->hdr_len,
			  pkt->size - pkt->hdr_len - TQUIC_PKT_TAG_LEN,
			  pkt->size);
}

/* A packet that carries no payload exists for acknowledgments. */
static void note_acks(struct end *end, struct leg *leg,
		      const struct tquic_plan *plan,
		      const struct tquic_plan_pkt *pkt, u32 size)
{
	u16 i;

	if (!end->w->started)
		return;
	for (i = pkt->seg; i < pkt->seg + pkt->nsegs; i++)
		if (plan->segs[i].handle)
			return;
	end->w->result->leg[leg->id].acks[end->who] += size;
}

static void send_plan(struct end *end, struct tquic_plan *plan)
{
	struct leg *leg = leg_of(end->w, end->who, &plan->tuple);
	struct pkt *p;
	u16 i, j;

	CHECK(plan->npkts);
	for (i = 0; i < plan->npkts; i = j) {
		p = pkt_new();
		p->len = 0;
		for (j = i; j < plan->npkts; j++) {
			if (j > i && !plan->pkts[j].joined)
				break;
			p->len += seal(end, plan, &plan->pkts[j],
				       p->bytes + p->len);
			tell_sent(end, plan, &plan->pkts[j],
				  p->bytes + p->len);
		}
		p->size = p->len + scene_overhead(end->w->sc);
		p->ecn = plan->ecn;
		note_acks(end, leg, plan, &plan->pkts[i], p->size);
		p->port = end->who == UP ? 0 : plan->tuple.remote_port;
		end->packets++;
		host_send(&end->w->host[end->who], leg, p, i, plan->npkts);
	}
	end->plans++;
	log_plan(end->w, end, plan);
}

static void serve_events(struct end *end)
{
	struct tquic_conn *conn = end->conn;
	struct tquic_cid_local *cid;
	u8 bytes[TQUIC_CONN_ENTROPY];
	u64 path_id;

	if (conn->state > TQUIC_CONN_ESTABLISHED) {
		world_closed(end->w, end);
		return;
	}
	tls_work(end);
	if (conn->events & TQUIC_CONN_E_ENTROPY) {
		own_bytes(end, bytes, sizeof(bytes));
		tquic_conn_add_entropy(conn, bytes, sizeof(bytes));
	}
	while (conn->confirmed &&
	       tquic_cid_local_wanted(&conn->cids, &path_id)) {
		cid = new_cid(end);
		CHECK(!tquic_cid_local_issue(&conn->cids, path_id, cid, false,
					     GFP_KERNEL));
	}
	if (conn->events & TQUIC_CONN_E_CIDS)
		while ((cid = tquic_cid_local_reap(&conn->cids,
						   end_clock(end))))
			drop_cid(end, cid);
	if (conn->events & (TQUIC_CONN_E_PATHS | TQUIC_CONN_E_CIDS |
			    TQUIC_CONN_E_CONFIRMED))
		legs_review(end->w, end);
	conn->events &= ~(TQUIC_CONN_E_CIDS | TQUIC_CONN_E_CRYPTO |
			  TQUIC_CONN_E_PATHS | TQUIC_CONN_E_CONFIRMED);
	streams_read(end->w, end);
	datagrams_read(end->w, end);
}

/* Deals with news, sends what may be sent, and sets the timer. */
void end_work(struct end *end)
{
	static struct tquic_plan plan;
	struct host *host = &end->w->host[end->who];
	unsigned int guard = 0;
	u64 at;

	if (host_busy(host)) {
		ev_set(&end->w->q, &end->timer, host->busy);
		return;
	}
	serve_events(end);
	while (!host_busy(host) &&
	       tquic_conn_plan(end->conn, end_clock(end), &plan, GFP_KERNEL)) {
		CHECK(++guard < 100000);
		send_plan(end, &plan);
		if (end->fresh >= FRESH_MAX)
			streams_refill(end->w, end);
		if (end->conn->events)
			serve_events(end);
	}
	if (qlog_wanted(&end->w->qlog, end))
		qlog_metrics(end);
	at = min(tquic_conn_deadline(end->conn, end_clock(end)),
		 tquic_dflows_deadline(end->dflows));
	at = host_timer(host, host_world_time(host, at));
	/* it has more to say once the processor is free */
	if (host_busy(host))
		at = host->busy;
	ev_set(&end->w->q, &end->timer, at);
}

static void timeout(struct ev *ev)
{
	struct end *end = container_of(ev, struct end, timer);
	u64 now = end_clock(end);

	if (tquic_conn_deadline(end->conn, now) <= now)
		tquic_conn_timeout(end->conn, now, GFP_KERNEL);
	tquic_dflows_timeout(end->dflows, now);
	/* a deadline that is never dealt with would stop time */
	world_tick(end->w, end);
	end_work(end);
}

static void kicked(struct ev *ev)
{
	end_work(container_of(ev, struct end, kick));
}

/* The application did something: the core is asked soon. */
void end_kick(struct end *end)
{
	if (!end->kick.slot)
		ev_set(&end->w->q, &end->kick, end->w->q.now);
}

/* Takes the "protection" off. */
static void open_pkt(struct end *end, struct pkt *p, struct tquic_pkt *pkt,
		     struct tquic_rx *rx)
{
	static const u8 nomask[TQUIC_PKT_MASK_LEN];
	const struct tquic_space *space;
	const struct tquic_path *path;
	struct tquic_pkt_clear clear;
	u8 tag[TQUIC_PKT_TAG_LEN];
	u32 hdr_len;

	tquic_pkt_hp_remove((u8 *)pkt->ptr, pkt->pn_off, nomask, &clear);
	path = tquic_conn_path(end->conn, rx->path_id);
	space = pkt->type == TQUIC_PKT_1RTT ? (path ? &path->space : NULL) :
		&end->conn->early[pkt->type == TQUIC_PKT_HANDSHAKE];
	rx->pn = tquic_pkt_pn_decode(space && space->live ?
				     tquic_ackq_next(&space->ackq) : 0,
				     clear.pn, clear.pn_len);
	hdr_len = pkt->pn_off + clear.pn_len;
	rx->payload = pkt->ptr + hdr_len;
	rx->pos = rx->payload - p->bytes;
	rx->len = pkt->len - hdr_len - TQUIC_PKT_TAG_LEN;
	if (pkt->type == TQUIC_PKT_1RTT)
		rx->gen = tquic_conn_rx_gen(end->conn, rx->path_id, rx->pn,
					    tquic_pkt_key_phase(clear.first));
	write_tag(end->conn, pkt->type, rx->gen, rx->path_id, rx->pn, tag);
	CHECK(!memcmp(rx->payload + rx->len, tag, sizeof(tag)));
}

/* One packet of a datagram. */
static void take_pkt(struct end *end, struct pkt *p, struct tquic_pkt *pkt,
		     struct tquic_rx *rx)
{
	struct tquic_cid scid;

	rx->via = find_cid(end, pkt->dcid);
	if (!rx->via && pkt->type != TQUIC_PKT_INITIAL)
		return;
	rx->type = pkt->type;
	rx->version = pkt->version;
	rx->path_id = rx->via ? rx->via->path_id : 0;
	rx->gen = 0;
	rx->scid = NULL;
	if (pkt->type != TQUIC_PKT_1RTT) {
		scid.len = pkt->scid_len;
		memcpy(scid.id, pkt->scid, scid.len);
		rx->scid = &scid;
	}
	if (!(end->rx_keys & ~end->conn->dropped_keys & BIT(pkt->type))) {
		tquic_conn_unopened(end->conn, rx, false);
	} else {
		open_pkt(end, p, pkt, rx);
		if (qlog_wanted(&end->w->qlog, end) &&
		    pkt->type == TQUIC_PKT_1RTT)
			qlog_received(end, rx, pkt->len);
		end->drops[tquic_conn_recv(end->conn, rx, GFP_KERNEL)]++;
	}
	if (pkt->type != TQUIC_PKT_1RTT)
		serve_events(end);
}

/* A datagram arrives; to be followed by end_work(). */
void end_take(struct end *end, struct pkt *p)
{
	struct tquic_tuple tuple;
	struct tquic_pkt_walk walk;
	enum tquic_drop drop;
	struct tquic_pkt pkt;
	struct tquic_rx rx = {
		.now = end_clock(end),
		.tuple = &tuple,
		.ecn = p->ecn,
		.dgram_len = p->len,
		.handle = &p->buf,
	};

	leg_tuple(end->w, end->who, p, &tuple);
	tquic_pkt_walk_init(&walk, p->bytes, p->len, CID_LEN, false);
	while (tquic_pkt_next(&walk, &pkt, &drop)) {
		if (drop)
			break;
		take_pkt(end, p, &pkt, &rx);
		rx.dgram_len = 0;
	}
	pkt_put(p);
}

static void make_conn(struct end *end, const struct tquic_cid *odcid)
{
	struct world *w = end->w;
	const struct scene *sc = w->sc;
	struct tquic_conn_config c = {
		.server = end->who == DOWN,
		.version = TQUIC_VERSION_1,
		.odcid = odcid,
		.scid = new_cid(end),
		.buf_ops = &buf_ops,
		.cc_ops = algo_watch(algo_cc(sc->cc)),
		.sched_ops = algo_sched(sc->sched),
		.initial_rtt = 333 * MS,
		.mds = sc->mtu - scene_overhead(sc) + sc->header,
		.window_max = sc->window,
		.stream_window_max = sc->window,
		.ecn = true,
		.probe = { .first = SEC, .keepalive = 25 * SEC },
		.failover_timeout = 5 * SEC,
		.seed = own_draw(end),
	};
	struct tquic_tparams tp;
	struct tquic_tuple tuple;
	u8 bytes[TQUIC_CONN_ENTROPY];

	tquic_tparam_init(&tp);
	tquic_conn_set_credit(&tp, sc->window);
	tp.initial_max_streams_bidi = 2000;
	tp.initial_max_streams_uni = 2000;
	tp.max_datagram_frame_size = 65535;
	tp.active_cid_limit = 4;
	tp.initial_max_path_id = TQUIC_CONN_PATHS_MAX - 1;
	tp.present |= BIT(TQUIC_TPARAM_INITIAL_MAX_STREAMS_BIDI) |
		     BIT(TQUIC_TPARAM_INITIAL_MAX_STREAMS_UNI) |
		     BIT(TQUIC_TPARAM_ACTIVE_CID_LIMIT) |
		     BIT(TQUIC_TPARAM_MAX_DATAGRAM_FRAME_SIZE) |
		     BIT(TQUIC_TPARAM_INITIAL_MAX_PATH_ID);
	leg_first_tuple(w, end->who, &tuple);
	c.tparams = &tp;
	c.tuple = &tuple;
	c.dcid = &w->end[UP].cids[0]->cid;
	end->rx_keys = BIT(TQUIC_PKT_INITIAL);
	end->conn = tquic_conn_new(&c, end_clock(end), GFP_KERNEL);
	CHECK(end->conn);
	own_bytes(end, bytes, sizeof(bytes));
	tquic_conn_add_entropy(end->conn, bytes, sizeof(bytes));
	datagrams_init(end);
}

void end_start(struct world *w)
{
	struct tquic_cid odcid = { .len = CID_LEN };
	int i;

	for (i = 0; i < 2; i++) {
		w->end[i].w = w;
		w->end[i].who = i;
		w->end[i].timer.fn = timeout;
		w->end[i].kick.fn = kicked;
	}
	own_bytes(&w->end[UP], odcid.id, CID_LEN);
	odcid.id[0] = 77;
	make_conn(&w->end[UP], &odcid);
	make_conn(&w->end[DOWN], &odcid);
	end_kick(&w->end[UP]);
}

void end_free(struct end *end)
{
	struct tquic_cid_local *cid;

	if (!end->conn)
		return;
	tquic_conn_end(end->conn);
	datagrams_free(end);
	while ((cid = tquic_cid_local_reap(&end->conn->cids, NEVER)))
		drop_cid(end, cid);
	tquic_conn_free(end->conn);
	free(end->cids);
	ev_cancel(&end->w->q, &end->timer);
	ev_cancel(&end->w->q, &end->kick);
}
