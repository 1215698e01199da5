// SPDX-License-Identifier: GPL-2.0
/*
 * What sending on a path needs: a route, and the knowledge of how much waits in
 * the local queue discipline.
 *
 * That is bounded, as it is for TCP: what waits there can be neither
 * rescheduled nor overtaken.  Buffers are charged to a sock of the path's own
 * by sock_wfree(), because that is the owner that the kernel hands on to the
 * packets when it cuts a train in front of the queue, as cake and tbf do.  It
 * is a UDP sock so that nothing of this module is referred to by what still
 * waits when the path, or the module, is gone.
 */
#include <linux/err.h>
#include <linux/jhash.h>
#include <linux/slab.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/sock.h>
#include <net/udp.h>

#include "net.h"
#include "sess.h"
#include "xmit.h"

/* what may wait: 2 ms at the path's rate, in these bounds */
#define TQUIC_XMIT_LIMIT_SHIFT	9
#define TQUIC_XMIT_LIMIT_MIN	(16 << 10)
#define TQUIC_XMIT_LIMIT_MAX	(4 << 20)
#define TQUIC_XMIT_LIMIT	(128 << 10)

static void tquic_xmit_space(struct sock *sk)
{
	struct tquic_xmit_path *p;

	rcu_read_lock();
	p = rcu_dereference_sk_user_data(sk);
	if (p && test_bit(TQUIC_XMIT_F_FULL, &p->flags) &&
	    sk_wmem_alloc_get(sk) <= READ_ONCE(p->limit) / 2 &&
	    test_and_clear_bit(TQUIC_XMIT_F_FULL, &p->flags) &&
	    tquic_sess_get_maybe_zero(p->sess)) {
		tquic_sess_kick(p->sess);
		tquic_sess_put(p->sess);
	}
	rcu_read_unlock();
}

/**
 * tquic_xmit_is_outer - whether packets of a sock are the engine's own
 * @sk: sock
 *
 * Context: any.
 * Return: true for the sock of a path that is in use.
 */
bool tquic_xmit_is_outer(const struct sock *sk)
{
	return READ_ONCE(sk->sk_write_space) == tquic_xmit_space;
}

static struct sock *tquic_xmit_sock(struct tquic_xmit_path *p, struct net *net,
				    gfp_t gfp)
{
	struct sock *sk = sk_alloc(net, PF_INET, gfp, &udp_prot, 1);

	if (!sk)
		return NULL;
	sock_init_data(NULL, sk);
	sk->sk_protocol = IPPROTO_UDP;
	sk->sk_type = SOCK_DGRAM;
	/* IPv4 asks the sock by what to measure: the device, not by what
	 * anybody claims the path's MTU to be
	 */
	inet_sk(sk)->pmtudisc = IP_PMTUDISC_PROBE;
	p->write_space = sk->sk_write_space;
	sk->sk_write_space = tquic_xmit_space;
	rcu_assign_sk_user_data(sk, p);
	return sk;
}

/* The same for all packets of the path, so that routers keep their order. */
static __be32 tquic_xmit_label(const struct net *net,
			       const struct tquic_tuple *tuple)
{
#if IS_ENABLED(CONFIG_IPV6)
	u32 label = jhash(tuple, sizeof(*tuple), net_hash_mix(net));

	if (tquic_tuple_is_ipv4(tuple) ||
	    !ip6_default_np_autolabel((struct net *)net))
		return 0;
	return (htonl(label) & IPV6_FLOWLABEL_MASK) |
	       IPV6_FLOWLABEL_STATELESS_FLAG;
#else
	return 0;
#endif
}

/**
 * tquic_xmit_path_new - make what sending on a path needs
 * @sess: connection
 * @path_id: path
 * @tuple: its addresses, from our side
 * @udp: socket; the path takes a reference of its own
 * @gfp: how to allocate
 *
 * Context: process context or softirq.
 * Return: the path with one reference, or NULL without memory.
 */
struct tquic_xmit_path *tquic_xmit_path_new(struct tquic_sess *sess,
					    u32 path_id,
					    const struct tquic_tuple *tuple,
					    struct tquic_udp *udp, gfp_t gfp)
{
	struct tquic_xmit_path *p = kzalloc_obj(*p, gfp);

	if (!p)
		return NULL;
	if (dst_cache_init(&p->dst, gfp))
		goto err_free;
	p->path_id = path_id;
	p->tuple = *tuple;
	p->sess = sess;
	p->limit = TQUIC_XMIT_LIMIT;
	p->label = tquic_xmit_label(udp->net, tuple);
	refcount_set(&p->ref, 1);
	p->sk = tquic_xmit_sock(p, udp->net, gfp);
	if (!p->sk)
		goto err_dst;
	p->udp = tquic_udp_get(udp);
	return p;

err_dst:
	dst_cache_destroy(&p->dst);
err_free:
	kfree(p);
	return NULL;
}

struct tquic_xmit_path *tquic_xmit_path_get(struct tquic_xmit_path *p)
{
	refcount_inc(&p->ref);
	return p;
}

/**
 * tquic_xmit_path_put - give a reference back
 * @p: path, or NULL
 *
 * The sock stays until the last of its packets is sent, and knows no one then.
 *
 * Context: process context or softirq.
 */
void tquic_xmit_path_put(struct tquic_xmit_path *p)
{
	if (!p || !refcount_dec_and_test(&p->ref))
		return;
	WRITE_ONCE(p->sk->sk_write_space, p->write_space);
	rcu_assign_sk_user_data(p->sk, NULL);
	sk_free(p->sk);
	dst_cache_destroy(&p->dst);
	tquic_udp_put(p->udp);
	kfree_rcu(p, rcu);
}

/**
 * tquic_xmit_rate - say how fast a path is
 * @p: path
 * @rate: bytes per second
 *
 * Context: any.
 */
void tquic_xmit_rate(struct tquic_xmit_path *p, u64 rate)
{
	WRITE_ONCE(p->limit, clamp_t(u64, rate >> TQUIC_XMIT_LIMIT_SHIFT,
				     TQUIC_XMIT_LIMIT_MIN,
				     TQUIC_XMIT_LIMIT_MAX));
}

/**
 * tquic_xmit_full - look whether too much waits in the local queue
 * @p: path
 *
 * Context: any.
 * Return: true if nothing should be sent on the path; the session is kicked
 * when that changes.
 */
bool tquic_xmit_full(struct tquic_xmit_path *p)
{
	u32 limit = READ_ONCE(p->limit);

	if (sk_wmem_alloc_get(p->sk) <= limit)
		return false;
	set_bit(TQUIC_XMIT_F_FULL, &p->flags);
	/* pairs with the atomic subtraction in front of tquic_xmit_space():
	 * either it sees the flag or this sees that there is room
	 */
	smp_mb__after_atomic();
	if (sk_wmem_alloc_get(p->sk) > limit / 2)
		return true;
	clear_bit(TQUIC_XMIT_F_FULL, &p->flags);
	return false;
}

static int tquic_xmit_path_out4(struct tquic_xmit_path *p, struct sk_buff *skb,
				u8 ecn)
{
	struct flowi4 fl4;
	struct rtable *rt;
	__be32 saddr;

	rt = dst_cache_get_ip4(&p->dst, &saddr);
	if (!rt) {
		rt = tquic_xmit_route4(p->udp->net, &p->tuple, &fl4);
		if (IS_ERR(rt)) {
			kfree_skb(skb);
			return PTR_ERR(rt);
		}
		saddr = fl4.saddr;
		dst_cache_set_ip4(&p->dst, &rt->dst, saddr);
	}
	return tquic_xmit_out4(skb, rt, saddr, &p->tuple, ecn);
}

static int tquic_xmit_path_out6(struct tquic_xmit_path *p, struct sk_buff *skb,
				u8 ecn)
{
#if IS_ENABLED(CONFIG_IPV6)
	struct dst_entry *dst;
	struct in6_addr saddr;
	struct flowi6 fl6;

	dst = dst_cache_get_ip6(&p->dst, &saddr);
	if (!dst) {
		dst = tquic_xmit_route6(p->udp->net, &p->tuple, &fl6);
		if (IS_ERR(dst)) {
			kfree_skb(skb);
			return PTR_ERR(dst);
		}
		saddr = fl6.saddr;
		dst_cache_set_ip6(&p->dst, dst, &saddr);
	}
	return tquic_xmit_out6(skb, dst, &saddr, &p->tuple, ecn, p->label);
#else
	kfree_skb(skb);
	return -EAFNOSUPPORT;
#endif
}

/*
 * What the stack below says about a packet.  It is lost in any case, and loss
 * detection finds that out; sending it again at once would only be refused
 * again.  But the connection learns what it can do about it.
 */
static void tquic_xmit_refused(struct tquic_xmit_path *p, int err)
{
	struct tquic_net *tn = tquic_net(p->udp->net);
	u32 mtu = 0;

	switch (err) {
	case NET_XMIT_DROP:
	case NET_XMIT_CN:
	case -ENOBUFS:
		atomic_inc(&p->drops);
		TQUIC_MIB_INC(tn, OUT_QUEUE_DROP);
		return;
	case -EMSGSIZE:
		TQUIC_MIB_INC(tn, OUT_TOO_BIG);
		break;
	case -ENETUNREACH:
	case -EHOSTUNREACH:
	case -ENETDOWN:
	case -EINVAL:
	case -EADDRNOTAVAIL:
		TQUIC_MIB_INC(tn, OUT_NO_ROUTE);
		break;
	default:
		TQUIC_MIB_INC(tn, OUT_FAILED);
		return;
	}
	if (err == -EMSGSIZE) {
		struct tquic_tuple tuple = p->tuple;

		if (tquic_xmit_route(p->udp->net, &tuple, &mtu))
			return;
	}
	tquic_sess_icmp(p->sess, &p->tuple, err, mtu);
}

/**
 * tquic_xmit_path_out - send a UDP payload, or a train of them, on a path
 * @p: path; the caller holds a reference of its session, too
 * @skb: with TQUIC_XMIT_HEADROOM; consumed
 * @ecn: mark
 *
 * Context: with bottom halves disabled.
 * Return: 0; NET_XMIT_* or -errno when it was dropped below.
 */
int tquic_xmit_path_out(struct tquic_xmit_path *p, struct sk_buff *skb, u8 ecn)
{
	int err;

	skb_set_owner_w(skb, p->sk);
	if (tquic_tuple_is_ipv4(&p->tuple))
		err = tquic_xmit_path_out4(p, skb, ecn);
	else
		err = tquic_xmit_path_out6(p, skb, ecn);
	if (unlikely(err))
		tquic_xmit_refused(p, err);
	return err;
}
