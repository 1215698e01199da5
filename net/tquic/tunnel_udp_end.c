// SPDX-License-Identifier: GPL-2.0
/*
 * UDP flows: how they end.
 *
 * Nobody says goodbye in UDP, so a flow ends by being idle: RFC 4787 section
 * 4.3 asks for two minutes at least, once there was an answer; what has had
 * none is likely a scan.  Both directions keep it alive.
 */
#include "tunnel_udp.h"

#define TQUIC_TUN_UDP_DNS	53

/* in place of a flow: a flow of datagrams that the next sweep closes */
static char tquic_tun_udp_stale;

struct tquic_tun_flow *tquic_tun_udp_flow(const struct tquic_dflow *dflow)
{
	return dflow->user == &tquic_tun_udp_stale ? NULL : dflow->user;
}

/**
 * tquic_tun_udp_part - a flow has no flow of datagrams any more
 * @flow: flow; it need not have one
 * @tell: tell the peer that the number is not known any more
 * @now: present time
 *
 * Context: the session's lock is held.
 */
void tquic_tun_udp_part(struct tquic_tun_flow *flow, bool tell, u64 now)
{
	static const u8 gone = TQUIC_DEST_GONE;
	struct tquic_dflow *dflow = flow->dflow;
	struct tquic_tun_link *link = flow->link;

	lockdep_assert_held(&link->sess->lock);
	if (!dflow)
		return;
	flow->dflow = NULL;
	dflow->user = NULL;
	/* the session may be over, and have closed it */
	if (link->dflows) {
		if (tell)
			tquic_tun_udp_bye(link, dflow, &gone, 1, now);
		else
			tquic_dflow_close(link->dflows, dflow);
	}
	tquic_tun_flow_put(flow);
}

/**
 * tquic_tun_udp_bye - answer what is of no use, and close it in a while
 * @link: link
 * @dflow: flow of datagrams without a flow
 * @data: payload that tells the peer, its kind first
 * @len: bytes
 * @now: present time
 *
 * What a closed one has queued would be dropped, so the sweep closes it; until
 * then nothing more is said, which bounds how often it is.
 *
 * Context: the session's lock is held.
 */
void tquic_tun_udp_bye(struct tquic_tun_link *link, struct tquic_dflow *dflow,
		       const u8 *data, u32 len, u64 now)
{
	lockdep_assert_held(&link->sess->lock);
	if (link->told >= TQUIC_TUN_UDP_TOLD) {
		tquic_dflow_close(link->dflows, dflow);
		return;
	}
	if (dflow->fresh)
		tquic_dflow_open(link->dflows, dflow->id, TQUIC_DFLOW_AUTO,
				 GFP_KERNEL);
	link->told++;
	tquic_tun_udp_tell(link, dflow, data, len, now);
}

/**
 * tquic_tun_udp_end - the end of a flow
 * @flow: flow with a link
 * @tell: tell the peer
 *
 * Context: process, no lock but the tunnel's; of a server's flow the link's
 * work, or after it.
 */
void tquic_tun_udp_end(struct tquic_tun_flow *flow, bool tell)
{
	struct tquic_tun_link *link = flow->link;
	bool first;

	tquic_sess_lock(link->sess);
	first = flow->stage != TQUIC_TUN_OVER;
	WRITE_ONCE(flow->stage, TQUIC_TUN_OVER);
	tquic_tun_udp_part(flow, tell, ktime_get_ns());
	tquic_sess_unlock(link->sess);
	if (!first)
		return;
	tquic_tun_flow_unhash(flow);
	/* who finds it among the link's may look at its mapping */
	tquic_tun_flow_leave(flow);
	if (!link->server)
		return;
	if (tquic_nf_flow_is_ping(&flow->key))
		tquic_tun_ping_release(flow);
	else
		tquic_tun_nat_release(flow);
}

/**
 * tquic_tun_udp_idle - was nothing heard of a flow for too long
 * @flow: flow
 *
 * Context: any.
 * Return: whether it is to end.
 */
bool tquic_tun_udp_idle(const struct tquic_tun_flow *flow)
{
	const struct tquic_net_config *config =
		&tquic_net(flow->tunnel->net)->config;
	u32 life = READ_ONCE(config->udp_timeout_stream);

	if (!READ_ONCE(flow->tx_bytes) || !READ_ONCE(flow->rx_bytes) ||
	    tquic_nf_flow_is_ping(&flow->key))
		life = min(life, READ_ONCE(config->udp_timeout));
	else if (flow->key.dport == htons(TQUIC_TUN_UDP_DNS))
		life = min(life, READ_ONCE(config->udp_timeout) / 3);
	return time_after(jiffies, READ_ONCE(flow->seen) +
			  msecs_to_jiffies(life));
}

/*
 * What has no flow is closed at the second look, so that the rest of a payload
 * has time to come, and what was told to leave.
 */
static void tquic_tun_udp_sweep_strange(struct tquic_tun_link *link,
					struct tquic_dflow *dflow)
{
	if (!dflow->user) {
		dflow->user = &tquic_tun_udp_stale;
		return;
	}
	if (!dflow->fresh)
		link->told--;
	tquic_dflow_close(link->dflows, dflow);
}

/* The session's lock is held.  Return: flows in @idle, with a reference. */
static u32 tquic_tun_udp_sweep_find(struct tquic_tun_link *link,
				    struct tquic_tun_flow **idle)
{
	struct rb_node *node, *next;
	struct tquic_tun_flow *flow;
	struct tquic_dflow *dflow;
	u32 n = 0;

	for (node = rb_first(&link->dflows->root); node; node = next) {
		next = rb_next(node);
		dflow = rb_entry(node, struct tquic_dflow, node);
		flow = tquic_tun_udp_flow(dflow);
		if (!flow)
			tquic_tun_udp_sweep_strange(link, dflow);
		else if (n < TQUIC_TUN_UDP_ENDS && tquic_tun_udp_idle(flow))
			idle[n++] = tquic_tun_flow_get(flow);
	}
	return n;
}

/**
 * tquic_tun_udp_sweep - end what is idle
 * @link: link
 *
 * Context: the link's work, no lock is held.
 */
void tquic_tun_udp_sweep(struct tquic_tun_link *link)
{
	struct tquic_tun_flow *idle[TQUIC_TUN_UDP_ENDS];
	u32 n, i;

	tquic_sess_lock(link->sess);
	n = tquic_tun_udp_sweep_find(link, idle);
	/* the next look is at once when there were more than that */
	link->sweep_at = n == TQUIC_TUN_UDP_ENDS ? ktime_get_ns() : 0;
	tquic_sess_unlock(link->sess);
	for (i = 0; i < n; i++) {
		tquic_tun_udp_end(idle[i], true);
		tquic_tun_flow_put(idle[i]);
	}
	if (link->server)
		tquic_tun_nat_sweep(link);
}
