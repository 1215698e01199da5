// SPDX-License-Identifier: GPL-2.0
/*
 * Packets that UDP sockets received: the destination connection ID of a
 * datagram's first packet says which session it is for.
 *
 * GRO goes by addresses and sizes, so an aggregate may hold datagrams of
 * several connections between the same two sockets.
 */
#include "demux.h"
#include "input.h"
#include "listen.h"
#include "sess_priv.h"

/* bytes that hold a connection ID of any length that we know */
#define TQUIC_INPUT_HEAD	(1 + 4 + 1 + TQUIC_PKT_CID_MAX)

/**
 * struct tquic_input_id - the connection ID of a datagram
 * @len: bytes of it
 * @id: connection ID
 */
struct tquic_input_id {
	u8 len;
	u8 id[TQUIC_PKT_CID_MAX];
};

/* The destination of the datagram at @off; false when it is too short. */
static bool tquic_input_read(const struct sk_buff *skb, u32 off,
			     struct tquic_input_id *id)
{
	u32 len = min_t(u32, skb->len - off, TQUIC_INPUT_HEAD);
	u8 buf[TQUIC_INPUT_HEAD];
	const u8 *p;

	p = skb_header_pointer(skb, off, len, buf);
	if (!p || !len)
		return false;
	if (!(*p & TQUIC_INV_LONG)) {
		id->len = TQUIC_CID_LEN;
		p += 1;
		len -= 1;
	} else {
		if (len < 6 || p[5] > TQUIC_PKT_CID_MAX)
			return false;
		id->len = p[5];
		p += 6;
		len -= 6;
	}
	if (len < id->len)
		return false;
	memcpy(id->id, p, id->len);
	return true;
}

static bool tquic_input_same(const struct tquic_input_id *a,
			     const struct tquic_input_id *b)
{
	return a->len == b->len && !memcmp(a->id, b->id, a->len);
}

static struct tquic_sess *tquic_input_find(struct tquic_net *tn,
					   const struct tquic_input_id *id)
{
	struct tquic_demux_cid *cid;

	return tquic_demux_find(&tn->demux, id->id, id->len, &cid);
}

/*
 * Whether it is a stateless reset, and then all is done.  Resets differ in what
 * looks like their connection ID, so none shares a buffer with another one.
 */
static bool tquic_input_reset(struct tquic_net *tn, const struct sk_buff *skb)
{
	u8 first, token[TQUIC_RESET_TOKEN_LEN];
	struct tquic_sess *sess;

	if (skb->len < TQUIC_RESET_MIN || skb_copy_bits(skb, 0, &first, 1) ||
	    first & TQUIC_INV_LONG ||
	    skb_copy_bits(skb, skb->len - sizeof(token), token, sizeof(token)))
		return false;
	sess = tquic_sess_by_reset(tn, token);
	if (!sess)
		return false;
	tquic_sess_reset(sess, token);
	tquic_sess_put(sess);
	return true;
}

/* For no connection ID of ours: a stateless reset, or from somebody new. */
static void tquic_input_stray(struct tquic_udp *udp, struct sk_buff *skb)
{
	if (tquic_input_reset(tquic_net(udp->net), skb))
		consume_skb(skb);
	else
		tquic_listen_rx(udp, skb);
}

/* One or more datagrams for the same connection ID; consumed. */
static void tquic_input_one(struct tquic_udp *udp, struct sk_buff *skb,
			    const struct tquic_input_id *id)
{
	struct tquic_sess *sess;

	sess = tquic_input_find(tquic_net(udp->net), id);
	if (!sess) {
		tquic_input_stray(udp, skb);
		return;
	}
	tquic_sess_rx(sess, skb);
	tquic_sess_put(sess);
}

/*
 * Where the run of datagrams from @off on ends that are for the same session:
 * it may have several connection IDs.
 */
static u32 tquic_input_run(struct tquic_net *tn, const struct sk_buff *skb,
			   u32 off, u32 size, const struct tquic_input_id *id)
{
	struct tquic_sess *sess = NULL, *other;
	struct tquic_input_id next;
	u32 end = off + size;

	for (; end < skb->len; end += size) {
		if (!tquic_input_read(skb, end, &next))
			break;
		if (tquic_input_same(id, &next))
			continue;
		if (!sess)
			sess = tquic_input_find(tn, id);
		other = sess ? tquic_input_find(tn, &next) : NULL;
		if (other)
			tquic_sess_put(other);
		if (!other || other != sess)
			break;
	}
	if (sess)
		tquic_sess_put(sess);
	return min(end, skb->len);
}

/*
 * Datagrams of an aggregate as a buffer of their own, with its headers and
 * nothing of the other datagrams: the peer decides how many parts there are.
 */
static struct sk_buff *tquic_input_cut(const struct sk_buff *skb, u32 off,
				       u32 len, u32 size)
{
	int network = -skb_network_offset(skb);
	struct sk_buff *part;

	part = alloc_skb(network + len, GFP_ATOMIC);
	if (!part)
		return NULL;
	skb_reset_network_header(part);
	skb_set_transport_header(part, skb_network_header_len(skb));
	skb_put_data(part, skb_network_header(skb), network);
	__skb_pull(part, network);
	if (skb_copy_bits(skb, off, skb_put(part, len), len)) {
		kfree_skb(part);
		return NULL;
	}
	part->protocol = skb->protocol;
	skb_shinfo(part)->gso_size = len > size ? size : 0;
	memcpy(part->cb, skb->cb, sizeof(part->cb));
	return part;
}

static void tquic_input_split(struct tquic_udp *udp, struct sk_buff *skb,
			      u32 size)
{
	struct tquic_net *tn = tquic_net(udp->net);
	struct tquic_input_id id;
	struct sk_buff *part;
	u32 off, end;

	for (off = 0; off < skb->len; off = end) {
		end = min(off + size, skb->len);
		if (!tquic_input_read(skb, off, &id)) {
			TQUIC_MIB_DROP(tn, TQUIC_DROP_SHORT);
			continue;
		}
		end = tquic_input_run(tn, skb, off, size, &id);
		if (!off && end == skb->len) {
			tquic_input_one(udp, skb, &id);
			return;
		}
		part = tquic_input_cut(skb, off, end - off, size);
		if (part)
			tquic_input_one(udp, part, &id);
		else
			TQUIC_MIB_INC(tn, IN_NO_MEM);
	}
	consume_skb(skb);
}

/**
 * tquic_input_rx - a UDP socket received something
 * @udp: socket
 * @skb: one datagram or an aggregate; consumed
 *
 * Context: softirq, or process context with bottom halves disabled.
 */
void tquic_input_rx(struct tquic_udp *udp, struct sk_buff *skb)
{
	u32 size = skb_shinfo(skb)->gso_size ?: skb->len;

	if (!skb->len) {
		kfree_skb(skb);
		return;
	}
	rcu_read_lock();
	tquic_input_split(udp, skb, size);
	rcu_read_unlock();
}

/**
 * struct tquic_input_error - an ICMP message
 * @tuple: addresses
 * @err: -errno
 * @mtu: with -EMSGSIZE
 */
struct tquic_input_error {
	const struct tquic_tuple *tuple;
	int err;
	u32 mtu;
};

static void tquic_input_tell(struct tquic_sess *sess, void *arg)
{
	const struct tquic_input_error *e = arg;

	tquic_sess_icmp(sess, e->tuple, e->err, e->mtu);
}

/**
 * tquic_input_icmp - an ICMP error for a packet of ours
 * @udp: socket
 * @tuple: addresses, as we sent
 * @err: -errno
 * @mtu: with -EMSGSIZE: what the path carries
 *
 * Context: softirq.
 */
void tquic_input_icmp(struct tquic_udp *udp, const struct tquic_tuple *tuple,
		      int err, u32 mtu)
{
	struct tquic_net *tn = tquic_net(udp->net);
	struct tquic_input_error e = {
		.tuple = tuple, .err = err, .mtu = mtu,
	};

	tquic_peer_each(tn, tuple, tquic_input_tell, &e);
}
