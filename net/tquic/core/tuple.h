/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The addresses that a path runs between.  The core compares them and hands
 * them back; it never resolves or routes one.
 */
#ifndef _TQUIC_CORE_TUPLE_H
#define _TQUIC_CORE_TUPLE_H

#include "core.h"

/**
 * struct tquic_tuple - local and remote address of a path
 * @local: IPv6 or IPv4-mapped address, network byte order
 * @remote: likewise
 * @local_port: host byte order
 * @remote_port: host byte order
 * @dev: index of the device that the path is bound to, 0 for any: two modems
 *	may have the same addresses
 */
struct tquic_tuple {
	u8 local[16];
	u8 remote[16];
	u16 local_port;
	u16 remote_port;
	u32 dev;
};

static inline bool tquic_tuple_eq(const struct tquic_tuple *a,
				  const struct tquic_tuple *b)
{
	return !memcmp(a->local, b->local, sizeof(a->local)) &&
	       !memcmp(a->remote, b->remote, sizeof(a->remote)) &&
	       a->local_port == b->local_port &&
	       a->remote_port == b->remote_port && a->dev == b->dev;
}

/* only the peer's port may differ: a NAT that forgot (RFC 9000 section 9.4) */
static inline bool tquic_tuple_same_hosts(const struct tquic_tuple *a,
					  const struct tquic_tuple *b)
{
	return !memcmp(a->local, b->local, sizeof(a->local)) &&
	       !memcmp(a->remote, b->remote, sizeof(a->remote)) &&
	       a->dev == b->dev;
}

/* own address and port */
static inline bool tquic_tuple_same_local(const struct tquic_tuple *a,
					  const struct tquic_tuple *b)
{
	return !memcmp(a->local, b->local, sizeof(a->local)) &&
	       a->local_port == b->local_port;
}

static inline bool tquic_tuple_is_ipv4(const struct tquic_tuple *tuple)
{
	static const u8 mapped[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(tuple->remote, mapped, sizeof(mapped));
}

#endif /* _TQUIC_CORE_TUPLE_H */
