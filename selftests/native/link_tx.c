// SPDX-License-Identifier: GPL-2.0
/*
 * Packets out: planned by the core, sealed and sent here.
 */
#include "end.h"
#include "link.h"
#include "log.h"

/* Writes a packet, sealed. */
static void tn_tx_seal(struct tn_link *link, const struct tquic_plan *plan,
		       const struct tquic_plan_pkt *pkt, u8 *out)
{
	struct tn_key *hp = pkt->type == TQUIC_PKT_INITIAL ?
			    &link->initial_tx[tn_version_no(pkt->version)] :
			    &link->tx[pkt->type];
	struct tn_key *key = pkt->type == TQUIC_PKT_1RTT ?
			     tn_gens_get(&link->tx_gens, pkt->gen) : hp;
	u8 *p = out + pkt->hdr_len;
	u8 mask[TQUIC_PKT_MASK_LEN];
	u16 i;

	memcpy(out, plan->arena + pkt->hdr, pkt->hdr_len);
	for (i = pkt->seg; i < pkt->seg + pkt->nsegs; i++) {
		const struct tquic_plan_seg *seg = &plan->segs[i];
		const u8 *from = seg->handle ?
			((struct tn_buf *)seg->handle)->data : plan->arena;

		memcpy(p, from + seg->pos, seg->len);
		p += seg->len;
	}
	if (p + TQUIC_PKT_TAG_LEN != out + pkt->size)
		tn_die("packet %llu is not as long as announced", pkt->pn);
	tn_link_show(link, '>', pkt->type, plan->path_id, pkt->pn,
		     out + pkt->hdr_len, p - out - pkt->hdr_len);
	tn_key_seal(key, plan->path_id, pkt->pn, out, pkt->hdr_len,
		    out + pkt->hdr_len, p - out - pkt->hdr_len);
	tn_key_mask(hp, out + pkt->pn_off + TQUIC_PN_LEN_MAX, mask);
	tquic_pkt_hp_apply(out, pkt->pn_off, mask);
	link->stats.sent++;
	link->stats.zero_rtt += pkt->type == TQUIC_PKT_0RTT;
}

/* Sends a datagram of the plan: packets from @i on; returns the next. */
static u16 tn_tx_dgram(struct tn_link *link, const struct tquic_plan *plan,
		       u16 i)
{
	static u8 out[TN_UDP_MAX];
	u16 first = i;
	u32 len = 0;

	do {
		tn_tx_seal(link, plan, &plan->pkts[i], out + len);
		len += plan->pkts[i++].size;
	} while (i < plan->npkts && plan->pkts[i].joined);
	if (tn_end_send(link->end, &plan->tuple, plan->ecn, out, len))
		return i;
	while (first < i) {
		tquic_conn_failed(link->core, plan->path_id,
				  plan->pkts[first].type,
				  plan->pkts[first].pn);
		first++;
	}
	return i;
}

/* Sends all that may go out now. */
void tn_link_send(struct tn_link *link, tquic_time_t now)
{
	static struct tquic_plan plan;
	u16 i;

	while (tquic_conn_plan(link->core, now, &plan, GFP_KERNEL)) {
		for (i = 0; i < plan.npkts;)
			i = tn_tx_dgram(link, &plan, i);
		for (i = 0; i < plan.nsegs; i++)
			if (plan.segs[i].handle)
				tn_buf_put(plan.segs[i].handle);
		/* the send buffer may have got shorter */
		tn_link_serve(link, now);
	}
}
