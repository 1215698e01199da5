// SPDX-License-Identifier: GPL-2.0
/*
 * Sending on a path.
 *
 * A train of equal packets leaves as one buffer with SKB_GSO_UDP_L4: the
 * stack is walked once for all of them and they are cut apart by the device,
 * or right above it, or never when the receiver is on the same host.
 */
#include <linux/err.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/route.h>
#include <net/sock.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

#include "path.h"

/* room in front of the payload for everything that the stack may push */
#define DP_HEADROOM	(MAX_HEADER + sizeof(struct iphdr) + \
			 sizeof(struct udphdr))

int dp_path_open(struct dp_path *path, struct net *net, __be32 daddr,
		 u16 dport)
{
	struct udp_port_cfg cfg = {
		.family = AF_INET,
		.use_udp_checksums = true,
	};
	int err;

	path->daddr = daddr;
	path->dport = htons(dport);
	err = dst_cache_init(&path->dst, GFP_KERNEL);
	if (err)
		return err;
	err = udp_sock_create(net, &cfg, &path->sock);
	if (err) {
		dst_cache_destroy(&path->dst);
		return err;
	}
	path->sport = inet_sk(path->sock->sk)->inet_sport;
	return 0;
}

void dp_path_close(struct dp_path *path)
{
	kernel_sock_shutdown(path->sock, SHUT_RDWR);
	sock_release(path->sock);
	dst_cache_destroy(&path->dst);
}

/**
 * dp_path_alloc - make a buffer with room for the stack's headers
 * @len: bytes of payload in its linear part
 * @gfp: how to allocate
 *
 * Return: an empty buffer, or NULL.
 */
struct sk_buff *dp_path_alloc(unsigned int len, gfp_t gfp)
{
	struct sk_buff *skb = alloc_skb(DP_HEADROOM + len, gfp);

	if (skb)
		skb_reserve(skb, DP_HEADROOM);
	return skb;
}

/* Bottom halves are off: the cache is per CPU. */
static struct rtable *dp_path_route(struct dp_path *path, __be32 *saddr)
{
	struct sock *sk = path->sock->sk;
	struct flowi4 fl4 = {
		.flowi4_proto = IPPROTO_UDP,
		.daddr = path->daddr,
		.fl4_sport = path->sport,
		.fl4_dport = path->dport,
	};
	struct rtable *rt;

	rt = dst_cache_get_ip4(&path->dst, saddr);
	if (rt)
		return rt;

	rt = ip_route_output_flow(sock_net(sk), &fl4, sk);
	if (IS_ERR(rt))
		return rt;
	dst_cache_set_ip4(&path->dst, &rt->dst, fl4.saddr);
	*saddr = fl4.saddr;
	return rt;
}

/* udp_set_csum() writes the pseudo header's sum of a GSO buffer and leaves it
 * to us to say where the device completes it.
 */
static void dp_path_gso(struct sk_buff *skb, unsigned int n, unsigned int size)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);

	shinfo->gso_type = SKB_GSO_UDP_L4;
	shinfo->gso_size = size;
	shinfo->gso_segs = n;
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_headroom(skb) - sizeof(struct udphdr);
	skb->csum_offset = offsetof(struct udphdr, check);
}

/**
 * dp_path_send - send one buffer
 * @path: where to
 * @skb: @n packets, one after the other; from dp_path_alloc(); consumed
 * @n: number of packets
 * @size: bytes of every packet; the last one may be shorter
 *
 * What happens behind the route is the network's affair: a drop there is a
 * lost packet.
 *
 * Return: 0, or -errno when there is no route.
 */
int dp_path_send(struct dp_path *path, struct sk_buff *skb, unsigned int n,
		 unsigned int size)
{
	struct sock *sk = path->sock->sk;
	struct rtable *rt;
	__be32 saddr;

	if (n > 1)
		dp_path_gso(skb, n, size);
	/* what waits in the local qdisc is charged to the path */
	skb_set_owner_w(skb, sk);

	local_bh_disable();
	rt = dp_path_route(path, &saddr);
	if (IS_ERR(rt)) {
		local_bh_enable();
		kfree_skb(skb);
		return PTR_ERR(rt);
	}
	udp_tunnel_xmit_skb(rt, sk, skb, saddr, path->daddr, 0,
			    ip4_dst_hoplimit(&rt->dst), htons(IP_DF),
			    path->sport, path->dport, false, false, 0);
	local_bh_enable();
	return 0;
}
