// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "cc/algos.h"
#include "lib_pair.h"
#include "sched/minrtt.h"
#include "tap.h"

#define LP_CID_LEN	8
#define LP_MDS		1200
#define LP_BUF		65536
#define LP_TLS_MAX	2048

/* A buffer; stream byte n is n % 251, so all streams can share one. */
struct lp_buf {
	unsigned int refs;
	u32 len;
	u8 data[];
};

static unsigned int live_bufs;
static size_t live_bytes;

static struct lp_buf *buf_new(u32 len)
{
	struct lp_buf *buf = malloc(sizeof(*buf) + len);

	TQ_ASSERT(buf);
	buf->refs = 1;
	buf->len = len;
	live_bufs++;
	live_bytes += len;
	return buf;
}

static void buf_get(void *handle)
{
	((struct lp_buf *)handle)->refs++;
}

static void buf_put(void *handle)
{
	struct lp_buf *buf = handle;

	TQ_ASSERT(buf->refs);
	if (--buf->refs)
		return;
	live_bufs--;
	live_bytes -= buf->len;
	free(buf);
}

const struct tquic_buf_ops lp_buf_ops = { .get = buf_get, .put = buf_put };

/* a buffer for the caller, with one reference */
void *lp_buf_new(u32 len)
{
	return buf_new(len);
}

u8 *lp_buf_data(void *handle)
{
	return ((struct lp_buf *)handle)->data;
}

unsigned int lp_bufs(void)
{
	return live_bufs;
}

size_t lp_buf_bytes(void)
{
	return live_bytes;
}

struct lp_dgram {
	struct lp_dgram *next;
	tquic_time_t at;
	unsigned int to;
	struct tquic_tuple tuple;
	enum tquic_ecn_mark ecn;
	struct lp_buf *buf;
};

void lp_tuple(const struct lp *lp, unsigned int end, unsigned int link,
	      struct tquic_tuple *tuple)
{
	*tuple = (struct tquic_tuple){};
	if (end == 0) {
		tuple->local[15] = 10 + link;
		tuple->local_port = 1000;
		tuple->remote[15] = 1;
		tuple->remote_port = 443;
		tuple->dev = link + 1;
	} else {
		tuple->local[15] = 1;
		tuple->local_port = 443;
		tuple->remote[15] = 10 + link;
		tuple->remote_port = lp->link[link].rebind ?: 1000;
	}
}

static unsigned int link_of(unsigned int end, const struct tquic_tuple *tuple)
{
	return (end ? tuple->remote[15] : tuple->local[15]) - 10;
}

static void enqueue(struct lp *lp, struct lp_dgram *d)
{
	struct lp_dgram **p = &lp->queue;

	while (*p && (*p)->at <= d->at)
		p = &(*p)->next;
	d->next = *p;
	*p = d;
}

/* What is left of a mark; false when the datagram is dropped for it. */
static bool pass_mark(struct lp_link *link, unsigned int from,
		      enum tquic_ecn_mark *ecn)
{
	if (*ecn == TQUIC_ECN_NOT_ECT)
		return true;
	link->marked[from]++;
	switch (link->ecn) {
	case LP_ECN_DROP:
		return false;
	case LP_ECN_BLEACH:
		*ecn = TQUIC_ECN_NOT_ECT;
		break;
	case LP_ECN_ECT1:
		*ecn = TQUIC_ECN_ECT1;
		break;
	case LP_ECN_CE:
		if (link->marked[from] % 10 == 0)
			*ecn = TQUIC_ECN_CE;
		break;
	case LP_ECN_PASS:
		break;
	}
	return true;
}

/* One datagram onto its link. */
static void transmit(struct lp *lp, unsigned int from,
		     const struct tquic_tuple *tuple, enum tquic_ecn_mark ecn,
		     struct lp_buf *buf)
{
	unsigned int n = link_of(from, tuple);
	struct lp_link *link = &lp->link[n];
	tquic_time_t start = max(lp->now, link->free_at[from]);
	struct lp_dgram *d;

	if (!pass_mark(link, from, &ecn) || link->down || link->mute[from] ||
	    (lp->preferred_down &&
	     (from ? tuple->local[15] : tuple->remote[15]) == LP_PREFERRED) ||
	    (link->mtu && buf->len > link->mtu) ||
	    tq_rand_below(1000) < link->loss ||
	    (from && tuple->remote_port != (link->rebind ?: 1000)) ||
	    (link->rate && (start - lp->now) * link->rate >
	     link->queue * TQUIC_NS_PER_SEC)) {
		link->dropped++;
		buf_put(buf);
		return;
	}
	if (link->rate)
		start += (u64)buf->len * TQUIC_NS_PER_SEC / link->rate;
	link->free_at[from] = start;
	link->carried[from] += buf->len;
	d = malloc(sizeof(*d));
	TQ_ASSERT(d);
	d->at = max(start + link->delay + (from ? link->back : 0),
		    link->frozen);
	d->to = !from;
	d->ecn = ecn;
	d->buf = buf;
	lp_tuple(lp, d->to, n, &d->tuple);
	/* the server may have another address */
	if (from) {
		memcpy(d->tuple.remote, tuple->local, sizeof(tuple->local));
		d->tuple.remote_port = tuple->local_port;
	} else {
		memcpy(d->tuple.local, tuple->remote, sizeof(tuple->remote));
		d->tuple.local_port = tuple->remote_port;
	}
	enqueue(lp, d);
}

/* A datagram of no connection. */
void lp_say(struct lp *lp, unsigned int from, const struct tquic_tuple *tuple,
	    const void *data, u32 len)
{
	struct lp_buf *buf = buf_new(len);

	memcpy(buf->data, data, len);
	transmit(lp, from, tuple, TQUIC_ECN_NOT_ECT, buf);
}

/* Says with which keys a packet was "sealed", as one end sees it. */
static void write_tag(const struct tquic_conn *conn, enum tquic_pkt_type type,
		      u32 version, u32 gen, u32 path_id, u64 pn, u8 *tag)
{
	u32 hash = 0, i;

	if (type == TQUIC_PKT_INITIAL)
		for (i = 0; i < conn->initial_dcid.len; i++)
			hash = hash * 31 + conn->initial_dcid.id[i];
	else
		version = type == TQUIC_PKT_0RTT ? conn->first_version :
						   conn->version;
	put_unaligned_be32(type << 24 | gen, tag);
	put_unaligned_be32(version, tag + 4);
	put_unaligned_be32(hash, tag + 8);
	put_unaligned_be32(pn ^ path_id << 24, tag + 12);
}

/* "Seals" a packet: header, payload, and the tag. */
static void seal(const struct tquic_conn *conn, const struct tquic_plan *plan,
		 const struct tquic_plan_pkt *pkt, u8 *out)
{
	u8 *p = out;
	u16 i;

	memcpy(p, plan->arena + pkt->hdr, pkt->hdr_len);
	p += pkt->hdr_len;
	for (i = pkt->seg; i < pkt->seg + pkt->nsegs; i++) {
		const struct tquic_plan_seg *seg = &plan->segs[i];
		const u8 *from = seg->handle ?
			((struct lp_buf *)seg->handle)->data : plan->arena;

		memcpy(p, from + seg->pos, seg->len);
		p += seg->len;
	}
	write_tag(conn, pkt->type, pkt->version, pkt->gen, plan->path_id,
		  pkt->pn, p);
	TQ_EXPECT_EQ(p + TQUIC_PKT_TAG_LEN - out, pkt->size);
}

/* RFC 9000 section 14.1: all of a client's, and of a server's those of TLS. */
static bool must_be_full(unsigned int from, const struct tquic_plan *plan,
			 const struct tquic_plan_pkt *pkt)
{
	u16 i;

	if (pkt->type != TQUIC_PKT_INITIAL)
		return false;
	for (i = pkt->seg; i < pkt->seg + pkt->nsegs; i++)
		if (plan->segs[i].handle)
			return true;
	return !from;
}

static void send_plan(struct lp *lp, unsigned int from, struct tquic_plan *plan)
{
	struct lp_buf *buf = NULL;
	u16 i, j;
	u32 len;

	for (i = 0; i < plan->npkts; i = j) {
		for (len = 0, j = i; j < plan->npkts; j++) {
			if (j > i && !plan->pkts[j].joined)
				break;
			len += plan->pkts[j].size;
		}
		TQ_EXPECT(len <= max_t(u32, LP_MDS,
				       lp->end[from].conn->config.mds_max));
		TQ_EXPECT(!must_be_full(from, plan, &plan->pkts[i]) ||
			  len == TQUIC_DGRAM_MIN);
		if (lp->fail_sends) {
			lp->fail_sends--;
			for (; i < j; i++)
				tquic_conn_failed(lp->end[from].conn,
						  plan->path_id,
						  plan->pkts[i].type,
						  plan->pkts[i].pn);
			continue;
		}
		buf = buf_new(len);
		for (len = 0; i < j; i++) {
			seal(lp->end[from].conn, plan, &plan->pkts[i],
			     buf->data + len);
			len += plan->pkts[i].size;
		}
		if (lp->mangle)
			lp->mangle(lp, from, buf->data, len);
		transmit(lp, from, &plan->tuple, plan->ecn, buf);
	}
	for (i = 0; i < plan->nsegs; i++)
		if (plan->segs[i].handle)
			buf_put(plan->segs[i].handle);
}

static struct tquic_cid_local *find_cid(const struct lp_end *end, const u8 *id)
{
	unsigned int i;

	for (i = 0; i < end->ncids; i++)
		if (end->cids[i] && !memcmp(end->cids[i]->cid.id, id,
					    LP_CID_LEN))
			return end->cids[i];
	return NULL;
}

static struct tquic_cid_local *new_cid(struct lp_end *end, unsigned int who)
{
	struct tquic_cid_local *cid = calloc(1, sizeof(*cid));
	unsigned int slot = 0;

	TQ_ASSERT(cid);
	while (slot < end->ncids && end->cids[slot])
		slot++;
	TQ_ASSERT(slot < LP_CIDS);
	end->ncids = max(end->ncids, slot + 1);
	cid->cid.len = LP_CID_LEN;
	tq_rand_bytes(cid->cid.id, LP_CID_LEN);
	cid->cid.id[0] = who;
	tq_rand_bytes(cid->token, sizeof(cid->token));
	end->cids[slot] = cid;
	return cid;
}

static void drop_cid(struct lp_end *end, struct tquic_cid_local *cid)
{
	unsigned int i;

	for (i = 0; i < end->ncids; i++)
		if (end->cids[i] == cid)
			end->cids[i] = NULL;
	free(cid);
}

static void tls_say(struct lp *lp, unsigned int who, enum tquic_pkt_type type,
		    char what, bool tparams)
{
	struct tquic_conn *conn = lp->end[who].conn;
	struct lp_buf *buf = buf_new(1024);
	struct tquic_wr wr = tquic_wr_init(buf->data, 1024);

	tquic_wr_u8(&wr, what);
	tquic_wr_u16(&wr, 0);
	if (tparams)
		TQ_EXPECT_EQ(tquic_tparam_build(&wr, &conn->ours, who), 0);
	put_unaligned_be16(wr.ptr - buf->data, buf->data + 1);
	TQ_EXPECT_EQ(tquic_conn_crypto_write(conn, type, buf, 0,
					     wr.ptr - buf->data, GFP_KERNEL),
		     0);
	buf_put(buf);
}

/* Anything but what the other end says: the network spoilt it. */
static bool tls_fails(struct lp *lp, unsigned int who)
{
	struct lp_end *end = &lp->end[who];

	TQ_EXPECT(lp->mangle);
	/* decode_error, RFC 8446 section 6 */
	tquic_conn_close(end->conn, TQUIC_CRYPTO_ERROR + 50, false, "TLS",
			 lp_now(lp, who));
	end->tls = UINT_MAX;
	return false;
}

/* Takes one whole message of a level, if it is there and as expected. */
static bool tls_hear(struct lp *lp, unsigned int who, enum tquic_pkt_type type,
		     char what, u8 *msg, u32 *len)
{
	struct tquic_reasm *in = tquic_conn_crypto_in(lp->end[who].conn, type);
	const struct tquic_reasm_seg *seg;
	u32 n;

	*len = 0;
	if (tquic_reasm_readable(in) < 3)
		return false;
	while (tquic_reasm_readable(in) && (seg = tquic_reasm_peek(in))) {
		n = seg->len;
		if (n > LP_TLS_MAX - *len)
			return tls_fails(lp, who);
		memcpy(msg + *len, ((struct lp_buf *)seg->handle)->data +
		       seg->pos, n);
		tquic_reasm_consume(in, n);
		*len += n;
	}
	if (msg[0] != what || *len != get_unaligned_be16(msg + 1))
		return tls_fails(lp, who);
	return true;
}

/* The transport parameters in a message. */
static bool tls_tparams(struct lp *lp, unsigned int who, const u8 *msg, u32 len)
{
	if (!tquic_conn_peer_tparams(lp->end[who].conn, msg + 3, len - 3,
				     lp_now(lp, who), GFP_KERNEL))
		return true;
	TQ_EXPECT(lp->mangle);
	lp->end[who].tls = UINT_MAX;
	return false;
}

static void tls_client(struct lp *lp)
{
	struct lp_end *end = &lp->end[0];
	u8 msg[LP_TLS_MAX];
	u32 len;

	if (end->tls == 0) {
		tls_say(lp, 0, TQUIC_PKT_INITIAL, 'C', true);
		if (lp->remembered) {
			TQ_EXPECT_EQ(tquic_conn_early_start(end->conn,
							    lp->remembered),
				     0);
			tquic_conn_keys(end->conn, TQUIC_PKT_0RTT);
		}
		end->tls++;
	}
	if (end->tls == 1 &&
	    tls_hear(lp, 0, TQUIC_PKT_INITIAL, 'S', msg, &len)) {
		tquic_conn_keys(end->conn, TQUIC_PKT_HANDSHAKE);
		end->rx_keys |= BIT(TQUIC_PKT_HANDSHAKE);
		end->tls++;
	}
	if (end->tls == 2 &&
	    tls_hear(lp, 0, TQUIC_PKT_HANDSHAKE, 'E', msg, &len)) {
		if (lp->remembered)
			tquic_conn_early_result(end->conn, lp->taken);
		if (!tls_tparams(lp, 0, msg, len))
			return;
		tls_say(lp, 0, TQUIC_PKT_HANDSHAKE, 'F', false);
		tquic_conn_keys(end->conn, TQUIC_PKT_1RTT);
		end->rx_keys |= BIT(TQUIC_PKT_1RTT);
		tquic_conn_tls_done(end->conn, lp_now(lp, 0));
		end->tls++;
	}
}

static void tls_server(struct lp *lp)
{
	struct lp_end *end = &lp->end[1];
	u8 msg[LP_TLS_MAX];
	u32 len;

	if (end->tls == 0 &&
	    tls_hear(lp, 1, TQUIC_PKT_INITIAL, 'C', msg, &len) &&
	    tls_tparams(lp, 1, msg, len)) {
		if (lp->remembered) {
			lp->taken = lp->takes &&
				    tquic_conn_early_fits(end->conn,
							  lp->remembered);
			tquic_conn_early_result(end->conn, lp->taken);
			if (lp->taken)
				end->rx_keys |= BIT(TQUIC_PKT_0RTT);
		}
		tls_say(lp, 1, TQUIC_PKT_INITIAL, 'S', false);
		tquic_conn_keys(end->conn, TQUIC_PKT_HANDSHAKE);
		end->rx_keys |= BIT(TQUIC_PKT_HANDSHAKE);
		tls_say(lp, 1, TQUIC_PKT_HANDSHAKE, 'E', true);
		tquic_conn_keys(end->conn, TQUIC_PKT_1RTT);
		end->tls++;
	}
	if (end->tls == 1 &&
	    tls_hear(lp, 1, TQUIC_PKT_HANDSHAKE, 'F', msg, &len)) {
		end->rx_keys |= BIT(TQUIC_PKT_1RTT);
		tquic_conn_tls_done(end->conn, lp_now(lp, 1));
		end->tls++;
	}
}

static void read_streams(struct lp *lp, unsigned int who)
{
	struct lp_end *end = &lp->end[who];
	const struct tquic_reasm_seg *seg;
	struct tquic_stream *s, *next;
	u32 i, len;

	list_for_each_entry_safe(s, next, &end->conn->streams.event, event) {
		if (s->released || (end->skip && s->id == end->skip))
			continue;
		while (end->greedy && (seg = tquic_reasm_peek(&s->in))) {
			len = seg->len;
			for (i = 0; i < len; i++)
				end->bad |= ((struct lp_buf *)seg->handle)
					->data[seg->pos + i] !=
					(s->in.read + i) % 251;
			end->received += len;
			tquic_conn_read(end->conn, s, len,
					lp_now(lp, who));
		}
		if (!end->greedy)
			continue;
		s->news = 0;
		list_del_init(&s->event);
		if (s->recv == TQUIC_STREAM_R_DATA_READ) {
			end->ended++;
			if (s->send == TQUIC_STREAM_S_READY)
				tquic_conn_write(end->conn, s, NULL, 0, 0,
						 true, GFP_KERNEL);
			tquic_conn_release(end->conn, s, lp_now(lp, who),
					   GFP_KERNEL);
		}
	}
}

static void serve_events(struct lp *lp, unsigned int who)
{
	struct lp_end *end = &lp->end[who];
	struct tquic_conn *conn = end->conn;
	struct tquic_cid_local *cid;
	u8 bytes[TQUIC_CONN_ENTROPY];
	u64 path_id;

	if (conn->state > TQUIC_CONN_ESTABLISHED)
		return;
	who ? tls_server(lp) : tls_client(lp);
	if (conn->events & TQUIC_CONN_E_ENTROPY) {
		tq_rand_bytes(bytes, sizeof(bytes));
		tquic_conn_add_entropy(conn, bytes, sizeof(bytes));
	}
	while (conn->confirmed &&
	       tquic_cid_local_wanted(&conn->cids, &path_id)) {
		cid = new_cid(end, who);
		TQ_ASSERT_EQ(tquic_cid_local_issue(&conn->cids, path_id, cid,
						   false, GFP_KERNEL), 0);
	}
	while ((cid = tquic_cid_local_reap(&conn->cids,
					   lp_now(lp, who))))
		drop_cid(end, cid);
	conn->events &= ~(TQUIC_CONN_E_CIDS | TQUIC_CONN_E_CRYPTO);
	read_streams(lp, who);
}

/* Which keys this end has to open packets with. */
static bool can_open(const struct lp_end *end, enum tquic_pkt_type type)
{
	return end->rx_keys & ~end->conn->dropped_keys & BIT(type);
}

/* What the header says, as far as it goes without keys. */
static void fill_rx(struct lp *lp, struct lp_end *end,
		    const struct tquic_pkt *pkt, const struct lp_dgram *d,
		    struct tquic_rx *rx)
{
	*rx = (struct tquic_rx){
		.now = lp_now(lp, d->to),
		.via = find_cid(end, pkt->dcid),
		.type = pkt->type,
		.version = pkt->version,
		.tuple = &d->tuple,
		.ecn = d->ecn,
		.dgram_len = d->buf->len,
		.handle = d->buf,
	};
	rx->path_id = rx->via ? rx->via->path_id : 0;
}

/* Takes the "protection" off; false when the keys do not fit. */
static bool open_pkt(const struct lp_end *end, const struct tquic_pkt *pkt,
		     const struct lp_dgram *d, struct tquic_rx *rx)
{
	static const u8 nomask[TQUIC_PKT_MASK_LEN];
	const struct tquic_conn *conn = end->conn;
	const struct tquic_path *path = tquic_conn_path(conn, rx->path_id);
	const struct tquic_space *space = path ? &path->space : NULL;
	struct tquic_pkt_clear clear;
	u8 tag[TQUIC_PKT_TAG_LEN];
	u32 hdr_len;

	if (pkt->type == TQUIC_PKT_INITIAL || pkt->type == TQUIC_PKT_HANDSHAKE)
		space = &conn->early[pkt->type == TQUIC_PKT_HANDSHAKE];
	tquic_pkt_hp_remove((u8 *)pkt->ptr, pkt->pn_off, nomask, &clear);
	rx->pn = tquic_pkt_pn_decode(space && space->live ?
				     tquic_ackq_next(&space->ackq) : 0,
				     clear.pn, clear.pn_len);
	if (pkt->type == TQUIC_PKT_1RTT)
		rx->gen = tquic_conn_rx_gen(conn, rx->path_id, rx->pn,
					    tquic_pkt_key_phase(clear.first));
	rx->spin = tquic_pkt_spin(clear.first);
	hdr_len = pkt->pn_off + clear.pn_len;
	rx->payload = pkt->ptr + hdr_len;
	rx->pos = rx->payload - d->buf->data;
	rx->len = pkt->len - hdr_len - TQUIC_PKT_TAG_LEN;
	write_tag(conn, pkt->type, pkt->version, rx->gen, rx->path_id, rx->pn,
		  tag);
	return !memcmp(rx->payload + rx->len, tag, sizeof(tag));
}

static void receive(struct lp *lp, struct lp_dgram *d)
{
	struct lp_end *end = &lp->end[d->to];
	struct tquic_pkt_walk walk;
	u32 left = d->buf->len;
	enum tquic_drop drop;
	struct tquic_cid scid;
	struct tquic_pkt pkt;
	struct tquic_rx rx;

	tquic_pkt_walk_init(&walk, d->buf->data, d->buf->len, LP_CID_LEN,
			    false);
	while (tquic_pkt_next(&walk, &pkt, &drop)) {
		if (lp->stateless &&
		    lp->stateless(lp, d->to, &pkt, drop, d->buf->len,
				  &d->tuple))
			break;
		if (drop || !end->conn)
			break;
		fill_rx(lp, end, &pkt, d, &rx);
		rx.dgram_len = left;
		if (!rx.via && pkt.type != TQUIC_PKT_INITIAL &&
		    pkt.type != TQUIC_PKT_0RTT)
			continue;
		left = 0;
		if (pkt.type != TQUIC_PKT_1RTT) {
			scid.len = pkt.scid_len;
			memcpy(scid.id, pkt.scid, scid.len);
			rx.scid = &scid;
		}
		if (!can_open(end, pkt.type)) {
			tquic_conn_unopened(end->conn, &rx, false);
			end->unopened++;
		} else if (!open_pkt(end, &pkt, d, &rx) && !lp->mangle) {
			tquic_conn_unopened(end->conn, &rx, true);
			end->forged++;
		} else {
			end->drops[tquic_conn_recv(end->conn, &rx,
						   GFP_KERNEL)]++;
		}
		serve_events(lp, d->to);
	}
	buf_put(d->buf);
	free(d);
}

static void work(struct lp *lp, unsigned int who)
{
	static struct tquic_plan plan;
	struct lp_end *end = &lp->end[who];
	unsigned int guard = 0;

	if (!end->conn)
		return;
	serve_events(lp, who);
	while (tquic_conn_plan(end->conn, lp_now(lp, who), &plan,
			       GFP_KERNEL)) {
		TQ_ASSERT(++guard < 100000);
		end->plans++;
		send_plan(lp, who, &plan);
		serve_events(lp, who);
	}
}

/* in virtual time, which may be past already */
static tquic_time_t deadline(const struct lp *lp, unsigned int who)
{
	const struct lp_end *end = &lp->end[who];
	tquic_time_t at = TQUIC_TIME_NEVER;

	if (end->conn)
		at = tquic_conn_deadline(end->conn, lp_now(lp, who));
	if (at == TQUIC_TIME_NEVER)
		return at;
	return at > end->offset ? at - end->offset : 0;
}

/* Runs until nothing is due within @ns. */
void lp_run(struct lp *lp, u64 ns)
{
	tquic_time_t until = lp->now + ns, at;
	struct lp_dgram *d;
	unsigned int i, still = 0;

	work(lp, 0);
	work(lp, 1);
	for (;;) {
		at = lp->queue ? lp->queue->at : TQUIC_TIME_NEVER;
		for (i = 0; i < 2; i++)
			at = min(at, deadline(lp, i));
		if (at > until)
			break;
		/* a deadline that is never dealt with would loop for ever */
		still = at > lp->now ? 0 : still + 1;
		TQ_ASSERT(still < 10000);
		lp->now = max(lp->now, at);
		while (lp->queue && lp->queue->at <= lp->now) {
			d = lp->queue;
			lp->queue = d->next;
			i = d->to;
			receive(lp, d);
			work(lp, i);
		}
		for (i = 0; i < 2; i++) {
			if (deadline(lp, i) <= lp->now)
				tquic_conn_timeout(lp->end[i].conn,
						   lp_now(lp, i), GFP_KERNEL);
			work(lp, i);
		}
	}
	lp->now = until;
}

bool lp_handshake(struct lp *lp)
{
	unsigned int i;

	for (i = 0; i < 1200; i++) {
		lp_run(lp, 50 * LP_MS);
		if (lp->end[1].conn && lp->end[0].conn->confirmed &&
		    lp->end[1].conn->confirmed)
			return true;
	}
	return false;
}

struct tquic_conn *lp_make(struct lp *lp, const struct lp_config *config,
			   unsigned int who, const struct tquic_cid *odcid)
{
	struct lp_end *end = &lp->end[who];
	struct tquic_conn_config c = {
		.server = who,
		.version = config->version ?: TQUIC_VERSION_1,
		.vn_reacted = config->vn_reacted,
		.odcid = odcid,
		.retry_scid = config->retry_scid,
		.validated = config->validated,
		.token = who ? NULL : config->token,
		.token_len = who ? 0 : config->token_len,
		.handshake_timeout = config->handshake_timeout,
		.spin = config->spin,
		.grease = config->grease,
		.scid = new_cid(end, who),
		.buf_ops = &lp_buf_ops,
		.cc_ops = config->cc ?: &tquic_cubic_ops,
		.sched_ops = &tquic_minrtt_ops,
		.initial_rtt = 333 * LP_MS,
		.mds = LP_MDS,
		.window_max = 16 << 20,
		.stream_window_max = 16 << 20,
		.ecn = config->ecn,
		.failover_timeout = who ? 0 : config->failover,
		.mds_max = config->mds_max,
		.seed = tq_rand(),
	};
	struct tquic_tparams tp;
	struct tquic_tuple tuple;
	u8 bytes[TQUIC_CONN_ENTROPY];

	tquic_tparam_init(&tp);
	tp.max_idle_timeout = config->idle ?: 30000;
	tp.initial_max_data = config->window;
	tp.initial_max_stream_data_bidi_local = config->window;
	tp.initial_max_stream_data_bidi_remote = config->window;
	tp.initial_max_stream_data_uni = config->window;
	tp.initial_max_streams_bidi = 100;
	tp.initial_max_streams_uni = 100;
	tp.active_cid_limit = 4;
	tp.initial_max_path_id = config->max_path_id;
	tp.present = BIT(TQUIC_TPARAM_MAX_IDLE_TIMEOUT) |
		     BIT(TQUIC_TPARAM_INITIAL_MAX_DATA) |
		     BIT(TQUIC_TPARAM_INITIAL_MAX_STREAM_DATA_BIDI_LOCAL) |
		     BIT(TQUIC_TPARAM_INITIAL_MAX_STREAM_DATA_BIDI_REMOTE) |
		     BIT(TQUIC_TPARAM_INITIAL_MAX_STREAM_DATA_UNI) |
		     BIT(TQUIC_TPARAM_INITIAL_MAX_STREAMS_BIDI) |
		     BIT(TQUIC_TPARAM_INITIAL_MAX_STREAMS_UNI) |
		     BIT(TQUIC_TPARAM_ACTIVE_CID_LIMIT);
	tp.max_datagram_frame_size = config->max_datagram;
	if (config->max_datagram)
		tp.present |= BIT(TQUIC_TPARAM_MAX_DATAGRAM_FRAME_SIZE);
	if (config->max_path_id != U64_MAX)
		tp.present |= BIT(TQUIC_TPARAM_INITIAL_MAX_PATH_ID);
	if (config->versions[who].count) {
		tp.versions = config->versions[who];
		tp.present |= BIT(TQUIC_TPARAM_VERSION_INFORMATION);
	}
	if (!who)
		c.probe = config->probe;
	if (who && config->preferred) {
		c.preferred_scid = new_cid(end, who);
		tp.preferred_address.ipv6[15] = LP_PREFERRED;
		tp.preferred_address.ipv6_port = 444;
	}
	lp_tuple(lp, who, 0, &tuple);
	c.tparams = &tp;
	c.tuple = &tuple;
	c.dcid = &lp->end[0].conn_scid;
	end->conn_scid = c.scid->cid;
	end->greedy = true;
	end->rx_keys = BIT(TQUIC_PKT_INITIAL);
	end->offset = who ? config->offset : 0;
	end->conn = tquic_conn_new(&c, lp_now(lp, who), GFP_KERNEL);
	if (!end->conn) {
		drop_cid(end, c.scid);
		if (c.preferred_scid)
			drop_cid(end, c.preferred_scid);
		return NULL;
	}
	tq_rand_bytes(bytes, sizeof(bytes));
	tquic_conn_add_entropy(end->conn, bytes, sizeof(bytes));
	return end->conn;
}

void lp_start(struct lp *lp, const struct lp_config *config)
{
	struct tquic_cid odcid = { .len = LP_CID_LEN };
	unsigned int i;

	*lp = (struct lp){ .now = TQUIC_NS_PER_SEC };
	for (i = 0; i < LP_LINKS; i++)
		lp->link[i] = (struct lp_link){
			.delay = 10 * LP_MS,
			.rate = 1250000,
			.queue = 50000,
		};
	tq_rand_bytes(odcid.id, LP_CID_LEN);
	odcid.id[0] = 77;
	TQ_ASSERT(lp_make(lp, config, 0, &odcid));
	if (!config->listen)
		TQ_ASSERT(lp_make(lp, config, 1, &odcid));
}

/* Takes one end's connection apart. */
void lp_unmake(struct lp *lp, unsigned int who)
{
	struct lp_end *end = &lp->end[who];
	struct tquic_cid_local *cid;

	if (!end->conn)
		return;
	tquic_conn_end(end->conn);
	while ((cid = tquic_cid_local_reap(&end->conn->cids,
					   TQUIC_TIME_NEVER)))
		drop_cid(end, cid);
	tquic_conn_free(end->conn);
	end->conn = NULL;
	end->tls = 0;
}

void lp_stop(struct lp *lp)
{
	struct lp_dgram *d;
	unsigned int i;

	while ((d = lp->queue)) {
		lp->queue = d->next;
		buf_put(d->buf);
		free(d);
	}
	for (i = 0; i < 2; i++)
		lp_unmake(lp, i);
	TQ_EXPECT_EQ(live_bufs, 0);
}

int lp_try(struct lp *lp, unsigned int end, struct tquic_stream *s, u64 bytes,
	   bool fin)
{
	struct lp_buf *buf;
	u32 len, i;
	int err;

	do {
		len = min_t(u64, bytes, LP_BUF);
		buf = buf_new(LP_BUF);
		for (i = 0; i < len; i++)
			buf->data[i] = (s->q.end + i) % 251;
		bytes -= len;
		err = tquic_conn_write(lp->end[end].conn, s, buf, 0, len,
				       fin && !bytes, GFP_KERNEL);
		buf_put(buf);
	} while (bytes && !err);
	return err;
}

void lp_more(struct lp *lp, unsigned int end, struct tquic_stream *s,
	     u64 bytes, bool fin)
{
	TQ_EXPECT_EQ(lp_try(lp, end, s, bytes, fin), 0);
}

struct tquic_stream *lp_send(struct lp *lp, unsigned int end, u64 bytes,
			     bool fin)
{
	struct tquic_stream *s = tquic_conn_open(lp->end[end].conn, false,
						 lp_now(lp, end), GFP_KERNEL);

	TQ_ASSERT(s);
	lp_more(lp, end, s, bytes, fin);
	return s;
}

int lp_open(struct lp *lp, unsigned int link)
{
	struct tquic_tuple tuple;

	lp_tuple(lp, 0, link, &tuple);
	return tquic_conn_open_path(lp->end[0].conn, &tuple, lp->now,
				    GFP_KERNEL);
}

/* the next packet injected is opened with the next keys */
bool lp_next_keys;
/* link that injected packets come by */
unsigned int lp_inject_link;

/* A packet as if it had just been opened; 1-RTT keys must be there. */
enum tquic_drop lp_inject_raw(struct lp *lp, unsigned int to,
			      const struct lp_raw *raw)
{
	struct lp_end *end = &lp->end[to];
	struct lp_buf *buf = buf_new(2048);
	struct tquic_tuple tuple;
	enum tquic_drop drop;
	struct tquic_rx rx;
	unsigned int i;

	TQ_ASSERT(raw->len <= buf->len);
	memcpy(buf->data, raw->payload, raw->len);
	lp_tuple(lp, to, raw->link, &tuple);
	rx = (struct tquic_rx){
		.now = lp_now(lp, to),
		.path_id = raw->path_id,
		.type = TQUIC_PKT_1RTT,
		.pn = raw->pn,
		.gen = end->conn->keys.rx + raw->next_keys,
		.tuple = &tuple,
		.dgram_len = 1200,
		.payload = buf->data,
		.len = raw->len,
		.handle = buf,
	};
	for (i = 0; i < end->ncids && !rx.via; i++)
		if (end->cids[i] && end->cids[i]->path_id == raw->path_id)
			rx.via = end->cids[i];
	drop = tquic_conn_recv(end->conn, &rx, GFP_KERNEL);
	buf_put(buf);
	return drop;
}

/* A packet that the peer could have sent, with any frames. */
enum tquic_drop lp_inject(struct lp *lp, unsigned int to, u32 path_id,
			  const struct tquic_frame *frames, unsigned int n)
{
	const struct tquic_path *path = tquic_conn_path(lp->end[to].conn,
							path_id);
	u8 payload[2048];
	struct tquic_wr wr = tquic_wr_init(payload, sizeof(payload));
	struct lp_raw raw = {
		.path_id = path_id,
		.link = lp_inject_link,
		.next_keys = lp_next_keys,
		.pn = path ? tquic_ackq_next(&path->space.ackq) : 0,
		.payload = payload,
	};
	unsigned int i;

	for (i = 0; i < n; i++)
		TQ_ASSERT_EQ(tquic_frame_encode(&wr, &frames[i]), 0);
	raw.len = wr.ptr - payload;
	lp_next_keys = false;
	return lp_inject_raw(lp, to, &raw);
}

/* A packet with any frames; what @rx does not say yet is filled in. */
enum tquic_drop lp_inject_rx(struct lp *lp, unsigned int to,
			     struct tquic_rx *rx,
			     const struct tquic_frame *frames, unsigned int n)
{
	struct lp_end *end = &lp->end[to];
	struct lp_buf *buf = buf_new(2048);
	struct tquic_wr wr = tquic_wr_init(buf->data, 2048);
	bool usual = !rx->tuple;
	struct tquic_tuple tuple;
	enum tquic_drop drop;
	unsigned int i;

	for (i = 0; i < n; i++)
		TQ_ASSERT_EQ(tquic_frame_encode(&wr, &frames[i]), 0);
	lp_tuple(lp, to, lp_inject_link, &tuple);
	rx->now = lp_now(lp, to);
	rx->version = end->conn->version;
	if (usual)
		rx->tuple = &tuple;
	rx->dgram_len = 1200;
	rx->payload = buf->data;
	rx->len = wr.ptr - buf->data;
	rx->handle = buf;
	for (i = 0; i < end->ncids && !rx->via; i++)
		if (end->cids[i] && end->cids[i]->path_id == rx->path_id)
			rx->via = end->cids[i];
	drop = tquic_conn_recv(end->conn, rx, GFP_KERNEL);
	if (usual)
		rx->tuple = NULL;
	buf_put(buf);
	return drop;
}
