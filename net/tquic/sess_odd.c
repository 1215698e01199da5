// SPDX-License-Identifier: GPL-2.0
/*
 * What is rare: packets before their keys, Retry, Version Negotiation, resets,
 * ICMP, packets that could not be sent.
 */
#include "sess_rx.h"

/**
 * tquic_sess_odd_keep - keep a packet until there are keys for it
 * @sess: session
 * @skb: buffer that it came in
 * @tuple: addresses
 * @pkt: packet
 * @len: bytes of it
 */
void tquic_sess_odd_keep(struct tquic_sess *sess, const struct sk_buff *skb,
			 const struct tquic_tuple *tuple, const u8 *pkt,
			 u32 len)
{
	struct tquic_rx_cb *cb;
	struct sk_buff *copy;

	TQUIC_MIB_INC(sess->tn, IN_EARLY);
	if (skb_queue_len(&sess->early) >= TQUIC_SESS_EARLY)
		return;
	copy = alloc_skb(sizeof(*tuple) + len, GFP_KERNEL);
	if (!copy)
		return;
	if (!tquic_net_charge(sess->tn, copy->truesize)) {
		kfree_skb(copy);
		return;
	}
	memcpy(copy->cb, skb->cb, sizeof(copy->cb));
	tquic_rx_own(sess->tn, copy);
	memcpy(copy->head, tuple, sizeof(*tuple));
	skb_reserve(copy, sizeof(*tuple));
	skb_put_data(copy, pkt, len);
	cb = tquic_rx_cb(copy);
	cb->kept = true;
	tquic_udp_get(cb->udp.udp);
	skb_queue_tail(&sess->early, copy);
}

/* The server wants to see our address proven: RFC 9001 section 5.8. */
void tquic_sess_odd_retry(struct tquic_sess *sess, const struct tquic_pkt *pkt,
			  u64 now)
{
	struct tquic_conn *core = sess->core;
	enum tquic_drop drop;

	drop = tquic_conn_retry_check(core, pkt);
	if (drop) {
		TQUIC_MIB_DROP(sess->tn, drop);
		return;
	}
	if (tquic_aead_retry_verify(pkt->version, core->odcid.id,
				    core->odcid.len, pkt->ptr, pkt->len)) {
		TQUIC_MIB_INC(sess->tn, IN_BAD);
		return;
	}
	drop = tquic_conn_retry(core, pkt, now, GFP_KERNEL);
	if (drop)
		TQUIC_MIB_DROP(sess->tn, drop);
}

void tquic_sess_odd_vn(struct tquic_sess *sess, const struct tquic_pkt *pkt)
{
	enum tquic_drop drop = tquic_conn_recv_vn(sess->core, pkt);

	if (drop)
		TQUIC_MIB_DROP(sess->tn, drop);
}

/* A packet that could not be opened may be a reset: RFC 9000 section 10.3.1. */
void tquic_sess_odd_reset(struct tquic_sess *sess, const u8 *token, u64 now)
{
	tquic_conn_recv_reset(sess->core, token, now);
}

/**
 * tquic_sess_failed - a packet was not sent
 * @sess: session
 * @path_id: path
 * @type: packet type
 * @pn: packet number
 *
 * When too many fail at once, or without memory, loss detection finds those
 * that are not noted.
 *
 * Context: any but hard interrupts.
 */
void tquic_sess_failed(struct tquic_sess *sess, u32 path_id,
		       enum tquic_pkt_type type, u64 pn)
{
	spin_lock_bh(&sess->odd_lock);
	if (!sess->failed)
		sess->failed = kmalloc_array(TQUIC_SESS_FAILED,
					     sizeof(*sess->failed),
					     GFP_ATOMIC);
	if (sess->failed && sess->nr_failed < TQUIC_SESS_FAILED)
		sess->failed[sess->nr_failed++] = (struct tquic_sess_fail){
			.path_id = path_id, .type = type, .pn = pn,
		};
	spin_unlock_bh(&sess->odd_lock);
	if (!test_and_set_bit(TQUIC_SESS_F_FAILED, &sess->flags))
		tquic_sess_kick(sess);
}

static void tquic_odd_take_failed(struct tquic_sess *sess)
{
	struct tquic_sess_fail failed[TQUIC_SESS_FAILED];
	u32 i, n;

	spin_lock_bh(&sess->odd_lock);
	n = sess->nr_failed;
	if (n)
		memcpy(failed, sess->failed, n * sizeof(*failed));
	sess->nr_failed = 0;
	spin_unlock_bh(&sess->odd_lock);
	for (i = 0; i < n; i++)
		tquic_conn_failed(sess->core, failed[i].path_id,
				  failed[i].type, failed[i].pn);
	TQUIC_MIB_ADD(sess->tn, OUT_FAILED, n);
}

/**
 * tquic_sess_icmp - an ICMP message about a packet of ours
 * @sess: session
 * @tuple: addresses, as we sent
 * @err: -errno
 * @mtu: with -EMSGSIZE: what the path carries, IP header included
 *
 * Context: softirq.
 */
void tquic_sess_icmp(struct tquic_sess *sess, const struct tquic_tuple *tuple,
		     int err, u32 mtu)
{
	spin_lock_bh(&sess->odd_lock);
	sess->icmp = (struct tquic_sess_icmp){
		.tuple = *tuple, .err = err, .mtu = mtu,
	};
	spin_unlock_bh(&sess->odd_lock);
	if (!test_and_set_bit(TQUIC_SESS_F_ICMP, &sess->flags))
		tquic_sess_kick(sess);
}

/*
 * Anybody can forge ICMP who sees a packet.  So a size is only a hint, which
 * the core checks against what has arrived, and the rest counts before anything
 * was heard of the server only, as for TCP.
 */
static void tquic_odd_take_icmp(struct tquic_sess *sess, u64 now)
{
	struct tquic_conn *core = sess->core;
	struct tquic_sess_icmp icmp;
	struct tquic_path *path;

	spin_lock_bh(&sess->odd_lock);
	icmp = sess->icmp;
	spin_unlock_bh(&sess->odd_lock);
	list_for_each_entry(path, &core->paths, node) {
		if (memcmp(path->tuple.remote, icmp.tuple.remote, 16) ||
		    path->tuple.remote_port != icmp.tuple.remote_port ||
		    path->tuple.local_port != icmp.tuple.local_port)
			continue;
		if (icmp.err == -EMSGSIZE)
			tquic_conn_path_ptb(core, path->id, icmp.mtu);
	}
	if (icmp.err == -EMSGSIZE || core->server || core->heard ||
	    core->state != TQUIC_CONN_HANDSHAKE)
		return;
	sess->err = icmp.err;
	tquic_conn_close(core, TQUIC_NO_ERROR, false, "unreachable", now);
}

/**
 * tquic_sess_reset - a stateless reset
 * @sess: session
 * @token: its token; that of another one is ignored
 *
 * It may be shorter than any packet that can be opened, so it does not go the
 * way of packets.
 *
 * Context: softirq.
 */
void tquic_sess_reset(struct tquic_sess *sess, const u8 *token)
{
	spin_lock_bh(&sess->odd_lock);
	memcpy(sess->token, token, sizeof(sess->token));
	spin_unlock_bh(&sess->odd_lock);
	if (!test_and_set_bit(TQUIC_SESS_F_RESET, &sess->flags))
		tquic_sess_kick(sess);
}

static void tquic_odd_take_reset(struct tquic_sess *sess, u64 now)
{
	u8 token[TQUIC_RESET_TOKEN_LEN];

	spin_lock_bh(&sess->odd_lock);
	memcpy(token, sess->token, sizeof(token));
	spin_unlock_bh(&sess->odd_lock);
	tquic_conn_recv_reset(sess->core, token, now);
}

/* Looks at what was noted since the last time. */
void tquic_sess_odd_news(struct tquic_sess *sess, u64 now)
{
	if (test_and_clear_bit(TQUIC_SESS_F_FAILED, &sess->flags))
		tquic_odd_take_failed(sess);
	if (test_and_clear_bit(TQUIC_SESS_F_ICMP, &sess->flags))
		tquic_odd_take_icmp(sess, now);
	if (test_and_clear_bit(TQUIC_SESS_F_RESET, &sess->flags))
		tquic_odd_take_reset(sess, now);
}
