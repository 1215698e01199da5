// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of packets of no session: clients that come, with Retry when
 * too many are half open, Version Negotiation, stateless resets.
 */
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/tquic.h>

#include "hs.h"
#include "listen_priv.h"
#include "sess_priv.h"

/* packets taken in one go before others have their turn */
#define TQUIC_LISTEN_BATCH	32

static const u32 tquic_listen_versions[] = {
	TQUIC_VERSION_1, TQUIC_VERSION_2,
};

/**
 * struct tquic_listen_in - a packet of no session
 * @tn: namespace
 * @udp: socket
 * @skb: buffer
 * @tuple: addresses
 * @pkt: its first packet
 * @len: bytes of the first datagram
 */
struct tquic_listen_in {
	struct tquic_net *tn;
	struct tquic_udp *udp;
	struct sk_buff *skb;
	struct tquic_tuple tuple;
	struct tquic_pkt pkt;
	u32 len;
};

void tquic_listen_purge(struct sk_buff_head *queue)
{
	struct sk_buff *skb;

	while ((skb = skb_dequeue(queue))) {
		tquic_udp_put(tquic_rx_cb(skb)->udp.udp);
		kfree_skb(skb);
	}
}

static struct tquic_listener *tquic_listen_find(struct tquic_net *tn,
						const struct tquic_udp *udp)
{
	struct tquic_listener *l;

	rcu_read_lock();
	hlist_for_each_entry_rcu(l, &tn->listen.listeners, node)
		if (l->udp == udp && refcount_inc_not_zero(&l->ref))
			break;
	rcu_read_unlock();
	return l;
}

/* Answers without state are rationed. */
static bool tquic_listen_may_answer(struct tquic_listen_net *ln)
{
	u64 now = ktime_get_ns(), passed = now - ln->refilled;
	u64 more = mul_u64_u64_div_u64(passed, TQUIC_LISTEN_ANSWERS,
				       TQUIC_NS_PER_SEC);

	if (more) {
		ln->answers = min_t(u64, ln->answers + more,
				    TQUIC_LISTEN_ANSWERS);
		ln->refilled = now;
	}
	if (!ln->answers)
		return false;
	ln->answers--;
	return true;
}

static void tquic_listen_answer(const struct tquic_listen_in *in,
				const u8 *data, u32 len)
{
	tquic_xmit_plain(in->udp, &in->tuple, data, len);
}

static void tquic_listen_version(const struct tquic_listen_in *in)
{
	u8 out[TQUIC_LISTEN_OUT];
	struct tquic_wr wr = tquic_wr_init(out, sizeof(out));
	u8 unused = get_random_u8() & (TQUIC_PKT_FIXED - 1);

	if (!tquic_listen_may_answer(&in->tn->listen) ||
	    !tquic_vn_build(&wr, &in->pkt, tquic_listen_versions,
			    ARRAY_SIZE(tquic_listen_versions), unused))
		return;
	TQUIC_MIB_INC(in->tn, VERSION_SENT);
	tquic_listen_answer(in, out, wr.ptr - out);
}

/* A connection that we know nothing of any more: RFC 9000 section 10.3. */
static void tquic_listen_reset(const struct tquic_listen_in *in)
{
	u8 out[TQUIC_RESET_MAX], token[TQUIC_RESET_TOKEN_LEN];
	struct tquic_wr wr = tquic_wr_init(out, sizeof(out));
	u8 random[TQUIC_RESET_RANDOM];
	u32 len;

	if (!in->pkt.dcid || !tquic_listen_may_answer(&in->tn->listen))
		return;
	get_random_bytes(random, sizeof(random));
	tquic_demux_token(&in->tn->demux, in->pkt.dcid, in->pkt.dcid_len,
			  token);
	len = tquic_reset_build(&wr, in->len, random, token);
	if (!len)
		return;
	TQUIC_MIB_INC(in->tn, RESET_SENT);
	tquic_listen_answer(in, out, len);
}

static void tquic_listen_retry(const struct tquic_listen_in *in)
{
	u8 out[TQUIC_LISTEN_OUT];
	u32 len;

	len = tquic_token_retry(&in->tn->listen, &in->pkt, &in->tuple, out,
				sizeof(out));
	if (!len)
		return;
	TQUIC_MIB_INC(in->tn, RETRY_SENT);
	tquic_listen_answer(in, out, len);
}

/* Another Retry would not help: RFC 9000 section 8.1.2. */
static void tquic_listen_invalid(const struct tquic_listen_in *in)
{
	TQUIC_MIB_INC(in->tn, TOKEN_INVALID);
	if (tquic_listen_may_answer(&in->tn->listen))
		tquic_listen_refuse(in->udp, &in->tuple, &in->pkt);
}

static bool tquic_listen_wants_proof(const struct tquic_net *tn,
				     const struct tquic_listener *l)
{
	switch (READ_ONCE(l->retry)) {
	case TQUIC_RETRY_ALWAYS:
		return true;
	case TQUIC_RETRY_NEVER:
		return false;
	default:
		return atomic_read(&tn->listen.half_open) >=
		       READ_ONCE(tn->config.retry_threshold);
	}
}

static bool tquic_listen_room(struct tquic_net *tn,
			      const struct tquic_listener *l)
{
	if (atomic_read(&tn->listen.half_open) >=
	    READ_ONCE(tn->config.half_open_max)) {
		TQUIC_MIB_INC(tn, HALF_OPEN_FULL);
		return false;
	}
	if (atomic_read(&l->pending) >= READ_ONCE(l->backlog)) {
		TQUIC_MIB_INC(tn, BACKLOG_FULL);
		return false;
	}
	return true;
}

static void tquic_listen_start_of(const struct tquic_listen_in *in,
				  const struct tquic_token *token,
				  struct tquic_sess_start *start)
{
	const struct tquic_pkt *pkt = &in->pkt;

	*start = (struct tquic_sess_start){
		.server = true,
		.version = pkt->version,
		.tuple = in->tuple,
		.udp = in->udp,
		.odcid.len = pkt->dcid_len,
		.dcid.len = pkt->scid_len,
		.alias.len = pkt->dcid_len,
		.validated = token,
	};
	memcpy(start->odcid.id, pkt->dcid, pkt->dcid_len);
	memcpy(start->alias.id, pkt->dcid, pkt->dcid_len);
	memcpy(start->dcid.id, pkt->scid, pkt->scid_len);
	if (token && token->kind == TQUIC_TOKEN_RETRY) {
		start->odcid = token->odcid;
		start->retry_scid = &token->rscid;
	}
	tquic_xmit_route(in->tn->net, &start->tuple, &start->mtu);
	start->tuple = in->tuple;
}

/* A session of a client; the listener is locked, so that it cannot stop. */
static struct tquic_sess *tquic_listen_make(const struct tquic_listen_in *in,
					    struct tquic_listener *l,
					    const struct tquic_token *token)
{
	struct tquic_sess_config config = {};
	struct tquic_sess_start start;
	struct tquic_sess *sess;
	int err;

	if (l->dead)
		return ERR_PTR(-ECONNREFUSED);
	err = l->ops->incoming(l, &config);
	if (err)
		return ERR_PTR(err);
	tquic_listen_start_of(in, token, &start);
	start.listener = l;
	sess = tquic_sess_new(in->tn, &config, &start);
	if (IS_ERR(sess))
		return sess;
	TQUIC_MIB_INC(in->tn, PASSIVE_OPENS);
	err = tquic_sess_handshake(sess);
	if (!err)
		return sess;
	tquic_sess_vanish(sess);
	return ERR_PTR(err);
}

/* Somebody wants to connect; takes the buffer over when it answers true. */
static bool tquic_listen_client(struct tquic_listen_in *in,
				struct tquic_listener *l)
{
	enum tquic_token_verdict verdict;
	struct tquic_token token;
	struct tquic_sess *sess;

	/* nobody would shake hands: a flood is not to make sessions for that */
	if (tquic_sess_handshake == tquic_hs_start && tquic_hs_expect(in->tn))
		return false;
	verdict = tquic_token_judge(in->tn, &in->pkt, &in->tuple, &token);
	if (verdict == TQUIC_TOKEN_REFUSE) {
		tquic_listen_invalid(in);
		return false;
	}
	if (verdict == TQUIC_TOKEN_IGNORE &&
	    tquic_listen_wants_proof(in->tn, l)) {
		tquic_listen_retry(in);
		return false;
	}
	if (!tquic_listen_room(in->tn, l))
		return false;
	mutex_lock(&l->lock);
	sess = tquic_listen_make(in, l, verdict == TQUIC_TOKEN_VALID ? &token :
				 NULL);
	mutex_unlock(&l->lock);
	if (IS_ERR(sess))
		return false;
	tquic_sess_rx(sess, in->skb);
	tquic_sess_put(sess);
	return true;
}

static bool tquic_listen_long(struct tquic_listen_in *in,
			      struct tquic_listener *l, enum tquic_drop drop)
{
	const struct tquic_pkt *pkt = &in->pkt;

	if (tquic_vn_due(pkt, in->len, tquic_listen_versions,
			 ARRAY_SIZE(tquic_listen_versions))) {
		if (pkt->dcid && pkt->scid)
			tquic_listen_version(in);
		return false;
	}
	if (!drop)
		drop = tquic_pkt_check_role(pkt, in->len, true);
	if (!drop && pkt->type == TQUIC_PKT_INITIAL &&
	    pkt->dcid_len >= TQUIC_CONN_ODCID_MIN)
		return tquic_listen_client(in, l);
	if (drop)
		TQUIC_MIB_DROP(in->tn, drop);
	else
		TQUIC_MIB_INC(in->tn, IN_NO_CONN);
	return false;
}

/* The client's second packet may have waited while the first was served. */
static bool tquic_listen_known(struct tquic_listen_in *in)
{
	struct tquic_demux_cid *cid;
	struct tquic_sess *sess;

	if (!in->pkt.dcid)
		return false;
	rcu_read_lock();
	sess = tquic_demux_find(&in->tn->demux, in->pkt.dcid, in->pkt.dcid_len,
				&cid);
	rcu_read_unlock();
	if (!sess)
		return false;
	tquic_sess_rx(sess, in->skb);
	tquic_sess_put(sess);
	return true;
}

static void tquic_listen_packet(struct tquic_net *tn, struct sk_buff *skb)
{
	struct tquic_listen_in in = {
		.tn = tn,
		.udp = tquic_rx_cb(skb)->udp.udp,
		.skb = skb,
	};
	struct tquic_listener *l = NULL;
	enum tquic_drop drop;
	bool taken = false;

	atomic_sub(skb->truesize, &tn->listen.mem);
	if (skb_linearize(skb))
		goto out;
	tquic_udp_tuple(skb, &in.tuple);
	in.len = min_t(u32, skb_shinfo(skb)->gso_size ?: skb->len, skb->len);
	drop = tquic_pkt_parse(skb->data, in.len, TQUIC_CID_LEN, false,
			       &in.pkt);
	taken = tquic_listen_known(&in);
	if (taken)
		goto out;
	l = tquic_listen_find(tn, in.udp);
	if (!l)
		goto out;
	if (*skb->data & TQUIC_INV_LONG)
		taken = tquic_listen_long(&in, l, drop);
	else
		tquic_listen_reset(&in);
	tquic_listener_put(l);
out:
	tquic_udp_put(in.udp);
	if (!taken)
		kfree_skb(skb);
}

/* Each of the two has half of the time, for a token may be made up, too. */
static struct sk_buff *tquic_listen_next(struct tquic_listen_net *ln, bool odd)
{
	struct sk_buff *skb;

	if (odd)
		skb = skb_dequeue(&ln->queue) ?: skb_dequeue(&ln->tokens);
	else
		skb = skb_dequeue(&ln->tokens) ?: skb_dequeue(&ln->queue);
	return skb ?: skb_dequeue(&ln->strays);
}

/**
 * tquic_listen_work - see to packets of no session
 * @work: of the namespace
 */
void tquic_listen_work(struct work_struct *work)
{
	struct tquic_listen_net *ln = container_of(work,
						   struct tquic_listen_net,
						   work);
	struct tquic_net *tn = container_of(ln, struct tquic_net, listen);
	struct sk_buff *skb;
	unsigned int i;

	for (i = 0; i < TQUIC_LISTEN_BATCH; i++) {
		skb = tquic_listen_next(ln, i & 1);
		if (!skb)
			return;
		tquic_listen_packet(tn, skb);
	}
	queue_work(tquic_wq, work);
}
