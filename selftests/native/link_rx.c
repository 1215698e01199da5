// SPDX-License-Identifier: GPL-2.0
/*
 * Packets in: found by tn_demux, unprotected here, judged by the core.
 */
#include "end.h"
#include "link.h"
#include "log.h"

/* The packet number that is expected next, which short ones are told by. */
static u64 tn_rx_expected(const struct tn_link *link, u32 path_id,
			  enum tquic_pkt_type type)
{
	const struct tquic_conn *core = link->core;
	const struct tquic_path *path;
	const struct tquic_space *space;

	if (type == TQUIC_PKT_INITIAL || type == TQUIC_PKT_HANDSHAKE) {
		space = &core->early[type == TQUIC_PKT_HANDSHAKE];
	} else {
		path = tquic_conn_path(core, path_id);
		if (!path)
			return 0;
		space = &path->space;
	}
	return space->live ? tquic_ackq_next(&space->ackq) : 0;
}

static struct tn_key *tn_rx_key(struct tn_link *link,
				const struct tquic_pkt *pkt)
{
	return pkt->type == TQUIC_PKT_INITIAL ?
	       &link->initial_rx[tn_version_no(pkt->version)] :
	       &link->rx[pkt->type];
}

static bool tn_rx_open(struct tn_link *link, struct tquic_rx *rx,
		       const struct tquic_pkt *pkt,
		       const struct tquic_pkt_clear *clear)
{
	u32 hdr_len = pkt->pn_off + clear->pn_len;
	size_t len = pkt->len - hdr_len;
	struct tn_key *key = tn_rx_key(link, pkt);
	struct tn_buf *buf = rx->handle;

	if (len < TQUIC_PKT_TAG_LEN)
		return false;
	rx->pn = tquic_pkt_pn_decode(tn_rx_expected(link, rx->path_id,
						    pkt->type), clear->pn,
				     clear->pn_len);
	rx->payload = pkt->ptr + hdr_len;
	rx->pos = rx->payload - buf->data;
	rx->len = len - TQUIC_PKT_TAG_LEN;
	if (pkt->type == TQUIC_PKT_1RTT) {
		rx->gen = tquic_conn_rx_gen(link->core, rx->path_id, rx->pn,
					    tquic_pkt_key_phase(clear->first));
		key = tn_gens_get(&link->rx_gens, rx->gen);
	}
	return tn_key_open(key, rx->path_id, rx->pn, pkt->ptr, hdr_len,
			   buf->data + rx->pos, len);
}

/* Keeps a packet until there are keys for it. */
static void tn_rx_keep(struct tn_link *link, const struct tquic_pkt *pkt,
		       const struct tn_arrival *arrival)
{
	unsigned int i;

	if (link->core->dropped_keys & BIT(pkt->type))
		return;
	for (i = 0; i < TN_LINK_EARLY; i++) {
		struct tn_early *early = &link->early[i];

		if (early->buf)
			continue;
		early->arrival = *arrival;
		early->arrival.bytes = 0;
		early->type = pkt->type;
		early->buf = tn_buf_new(pkt->ptr, pkt->len);
		return;
	}
	link->stats.unopened++;
}

/* Where the packet belongs; false when not to this connection. */
static bool tn_rx_fill(struct tn_link *link, const struct tquic_pkt *pkt,
		       struct tn_buf *buf, const struct tn_arrival *arrival,
		       struct tquic_rx *rx)
{
	struct tn_cid *cid = tn_demux_find(&link->end->demux, pkt->dcid,
					   pkt->dcid_len);

	if (!cid || cid->link != link)
		return false;
	*rx = (struct tquic_rx){
		.now = arrival->now,
		.type = pkt->type,
		.version = pkt->version,
		.tuple = &arrival->tuple,
		.ecn = arrival->ecn,
		.dgram_len = arrival->bytes,
		.handle = buf,
	};
	if (!cid->alias) {
		rx->via = &cid->local;
		rx->path_id = cid->local.path_id;
	}
	return true;
}

static void tn_rx_packet(struct tn_link *link, struct tn_buf *buf,
			 struct tquic_pkt *pkt,
			 const struct tn_arrival *arrival)
{
	u8 mask[TQUIC_PKT_MASK_LEN];
	struct tquic_pkt_clear clear;
	struct tquic_close close;
	struct tquic_cid scid;
	enum tquic_drop drop;
	struct tquic_rx rx;

	if (!tn_rx_fill(link, pkt, buf, arrival, &rx))
		return;
	/* RFC 9001 section 5.7: no 1-RTT packets before TLS has finished */
	if (!tn_key_there(tn_rx_key(link, pkt)) ||
	    (pkt->type == TQUIC_PKT_1RTT && !link->core->tls_done)) {
		tquic_conn_unopened(link->core, &rx, false);
		tn_rx_keep(link, pkt, arrival);
		return;
	}
	if (pkt->type != TQUIC_PKT_1RTT) {
		scid.len = pkt->scid_len;
		memcpy(scid.id, pkt->scid, scid.len);
		rx.scid = &scid;
	}
	tn_key_mask(tn_rx_key(link, pkt), tquic_pkt_sample(pkt), mask);
	tquic_pkt_hp_remove((u8 *)pkt->ptr, pkt->pn_off, mask, &clear);
	if (!tn_rx_open(link, &rx, pkt, &clear)) {
		tquic_conn_unopened(link->core, &rx, true);
		link->stats.unopened++;
		return;
	}
	link->stats.received++;
	link->stats.zero_rtt += pkt->type == TQUIC_PKT_0RTT;
	tn_link_show(link, '<', rx.type, rx.path_id, rx.pn, rx.payload,
		     rx.len);
	if (tquic_pkt_check_opened(clear.first, &close)) {
		tquic_conn_close(link->core, close.code, false, close.reason,
				 arrival->now);
		return;
	}
	drop = tquic_conn_recv(link->core, &rx, GFP_KERNEL);
	link->stats.drops[drop]++;
	if (drop)
		tn_note("packet %llu of type %u dropped: reason %u",
			rx.pn, rx.type, drop);
	tn_link_serve(link, arrival->now);
}

/* The server wants to see our address proven. */
static void tn_rx_retry(struct tn_link *link, const struct tquic_pkt *pkt,
			tquic_time_t now)
{
	const struct tquic_cid *odcid = &link->core->odcid;
	u8 pseudo[TN_UDP_MAX], tag[TQUIC_PKT_TAG_LEN];
	struct tquic_wr wr = tquic_wr_init(pseudo, sizeof(pseudo));

	if (tquic_conn_retry_check(link->core, pkt) ||
	    !tquic_retry_pseudo(&wr, odcid->id, odcid->len, pkt->ptr,
				tquic_retry_tag(pkt) - pkt->ptr))
		return;
	tn_key_retry_tag(pkt->version, pseudo, wr.ptr - pseudo, tag);
	if (memcmp(tag, tquic_retry_tag(pkt), sizeof(tag)))
		return;
	tn_note("Retry with a token of %zu bytes", pkt->token_len);
	if (!tquic_conn_retry(link->core, pkt, now, GFP_KERNEL))
		tn_link_serve(link, now);
}

/**
 * tn_link_receive - packets came
 * @link: connection of the first of them
 * @buf: datagram, or one packet that was kept
 * @arrival: how it came
 */
void tn_link_receive(struct tn_link *link, struct tn_buf *buf,
		     const struct tn_arrival *arrival)
{
	u64 received = link->stats.received;
	struct tn_arrival how = *arrival;
	u8 token[TQUIC_RESET_TOKEN_LEN];
	bool reset;
	struct tquic_pkt_walk walk;
	enum tquic_drop drop;
	struct tquic_pkt pkt;

	/* opening a packet in vain spoils it */
	reset = arrival->bytes && tquic_reset_token(buf->data, buf->len);
	if (reset)
		memcpy(token, tquic_reset_token(buf->data, buf->len),
		       sizeof(token));
	tquic_pkt_walk_init(&walk, buf->data, buf->len, TN_CID_LEN, false);
	while (tquic_pkt_next(&walk, &pkt, &drop)) {
		if (!drop)
			drop = tquic_pkt_check_role(&pkt, buf->len,
						    link->core->server);
		if (!drop && pkt.type == TQUIC_PKT_RETRY)
			tn_rx_retry(link, &pkt, arrival->now);
		if (!drop && pkt.type == TQUIC_PKT_VN &&
		    !tquic_conn_recv_vn(link->core, &pkt))
			tn_note("the server wants version %08x",
				link->core->vn_version);
		if (drop || pkt.type >= TN_LINK_LEVELS ||
		    pkt.type == TQUIC_PKT_RETRY)
			continue;
		tn_rx_packet(link, buf, &pkt, &how);
		how.bytes = 0;
	}
	if (reset && link->stats.received == received &&
	    tquic_conn_recv_reset(link->core, token, arrival->now))
		tn_note("stateless reset");
}

/* There are keys now for packets that came early. */
void tn_link_release_early(struct tn_link *link, enum tquic_pkt_type type)
{
	struct tn_early early;
	unsigned int i;

	for (i = 0; i < TN_LINK_EARLY; i++) {
		if (!link->early[i].buf || link->early[i].type != type)
			continue;
		early = link->early[i];
		link->early[i].buf = NULL;
		tn_link_receive(link, early.buf, &early.arrival);
		tn_buf_put(early.buf);
	}
}
