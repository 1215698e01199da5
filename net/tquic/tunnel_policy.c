// SPDX-License-Identifier: GPL-2.0
/* Server: where clients may go, from which ports, and how fast. */
#include <linux/inetdevice.h>
#include <linux/math64.h>
#include <net/addrconf.h>
#include <net/route.h>

#include "tunnel_priv.h"

/* what a client may save up, ns of its rate; and at least, bytes */
#define TQUIC_BUCKET_DEPTH	(100 * NSEC_PER_MSEC)
#define TQUIC_BUCKET_LEAST	(64 << 10)

/* Not for the Internet: RFC 6890, RFC 1918, RFC 6598 and the like. */
static const struct {
	u32 addr;
	u8 len;
} tquic_policy_private4[] = {
	{ 0x00000000, 8 },	/* 0.0.0.0/8 */
	{ 0x0a000000, 8 },	/* 10.0.0.0/8 */
	{ 0x64400000, 10 },	/* 100.64.0.0/10 */
	{ 0xac100000, 12 },	/* 172.16.0.0/12 */
	{ 0xc0000000, 24 },	/* 192.0.0.0/24 */
	{ 0xc0a80000, 16 },	/* 192.168.0.0/16 */
	{ 0xc6120000, 15 },	/* 198.18.0.0/15 */
	{ 0xf0000000, 4 },	/* 240.0.0.0/4 */
};

static bool tquic_policy_is_private4(__be32 addr)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tquic_policy_private4); i++)
		if (!((ntohl(addr) ^ tquic_policy_private4[i].addr) >>
		      (32 - tquic_policy_private4[i].len)))
			return true;
	return false;
}

/* Never, whatever the administrator allows: the host itself, and its links. */
static bool tquic_policy_is_own4(struct net *net, __be32 addr)
{
	return ipv4_is_multicast(addr) || ipv4_is_lbcast(addr) ||
	       ipv4_is_zeronet(addr) || ipv4_is_loopback(addr) ||
	       ipv4_is_linklocal_169(addr) ||
	       inet_addr_type(net, addr) != RTN_UNICAST;
}

static bool tquic_policy_is_private6(const struct in6_addr *addr)
{
	/* RFC 4193; beyond 2000::/3 nothing is assigned (RFC 4291 2.4) */
	return (addr->s6_addr[0] & 0xe0) != 0x20;
}

static bool tquic_policy_is_own6(struct net *net, const struct in6_addr *addr)
{
	int type = ipv6_addr_type(addr);

	return !(type & IPV6_ADDR_UNICAST) ||
	       type & (IPV6_ADDR_LOOPBACK | IPV6_ADDR_LINKLOCAL |
		       IPV6_ADDR_MAPPED) ||
	       ipv6_chk_addr(net, addr, NULL, 0);
}

/*
 * IPv6 addresses that contain one of IPv4, which a translator would reach: RFC
 * 6052, RFC 3056.
 */
static bool tquic_policy_embeds(const struct in6_addr *addr, __be32 *v4)
{
	if (addr->s6_addr32[0] == htonl(0x0064ff9b) &&
	    !addr->s6_addr32[1] && !addr->s6_addr32[2]) {
		*v4 = addr->s6_addr32[3];
		return true;
	}
	if (addr->s6_addr16[0] == htons(0x2002)) {
		memcpy(v4, addr->s6_addr + 2, sizeof(*v4));
		return true;
	}
	return false;
}

static bool tquic_policy_allows6(struct net *net, const struct in6_addr *addr,
				 bool inside)
{
	__be32 v4;

	if (tquic_policy_is_own6(net, addr))
		return false;
	if (tquic_policy_embeds(addr, &v4))
		return !tquic_policy_is_own4(net, v4) &&
		       (inside || !tquic_policy_is_private4(v4));
	return inside || !tquic_policy_is_private6(addr);
}

/**
 * tquic_tun_policy_check - whether a client may go somewhere
 * @link: client's; or a gateway's: where its server may go
 * @key: addresses of the flow
 *
 * Return: 0, or TQUIC_TUN_E_DENIED.
 */
u64 tquic_tun_policy_check(struct tquic_tun_link *link,
			   const struct tquic_nf_flow *key)
{
	struct net *net = link->tunnel->net;
	/* a server forwards ports into the LAN, but not to the gateway */
	bool ok, inside = !link->server || READ_ONCE(link->allowed.inside);

	if (key->family == NFPROTO_IPV6)
		ok = tquic_policy_allows6(net, &key->daddr.in6, inside);
	else
		ok = !tquic_policy_is_own4(net, key->daddr.ip) &&
		     (inside || !tquic_policy_is_private4(key->daddr.ip));
	return ok && key->dport ? 0 : TQUIC_TUN_E_DENIED;
}

/**
 * tquic_tun_policy_port - the next port of a client's to try
 * @link: client's
 *
 * Return: host byte order; 0 for any port of the system's.
 */
u16 tquic_tun_policy_port(struct tquic_tun_link *link)
{
	u32 first = READ_ONCE(link->allowed.port_first);
	u32 last = READ_ONCE(link->allowed.port_last);

	if (!link->server || !last || last < first)
		return 0;
	return first + (u32)atomic_inc_return(&link->next_port) %
		       (last - first + 1);
}

void tquic_tun_bucket_set(struct tquic_tun_bucket *b, u64 rate, u64 now)
{
	*b = (struct tquic_tun_bucket){ .rate = rate, .at = now };
}

/**
 * tquic_tun_bucket_room - what may go now
 * @b: bucket
 * @now: ns
 *
 * Return: bytes; U64_MAX without a limit.
 */
u64 tquic_tun_bucket_room(struct tquic_tun_bucket *b, u64 now)
{
	u64 depth, spent = now - b->at;

	if (!b->rate)
		return U64_MAX;
	depth = max_t(u64, mul_u64_u64_div_u64(b->rate, TQUIC_BUCKET_DEPTH,
					       NSEC_PER_SEC),
		      TQUIC_BUCKET_LEAST);
	/* an idle second fills any bucket */
	spent = min_t(u64, spent, NSEC_PER_SEC);
	b->tokens += mul_u64_u64_div_u64(b->rate, spent, NSEC_PER_SEC);
	b->tokens = min_t(s64, b->tokens, depth);
	b->at = now;
	return b->tokens > 0 ? b->tokens : 0;
}

void tquic_tun_bucket_take(struct tquic_tun_bucket *b, u64 bytes)
{
	if (b->rate)
		b->tokens -= bytes;
}
