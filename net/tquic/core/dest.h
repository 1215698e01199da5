/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Headers of the tunnel: where a flow comes from and goes to.
 * Documentation/networking/tquic-tunnel.rst.
 */
#ifndef _TQUIC_CORE_DEST_H
#define _TQUIC_CORE_DEST_H

#include "core.h"
#include "varint.h"

/* first byte of a stream */
#define TQUIC_DEST_OPEN_TCP	1

/* bytes of a Destination, by family, and of the longest */
#define TQUIC_DEST_LEN4		14
#define TQUIC_DEST_LEN6		38
#define TQUIC_DEST_MAX		TQUIC_DEST_LEN6

/**
 * enum tquic_dest_kind - first byte of a payload of a flow of datagrams
 * @TQUIC_DEST_DATA: data
 * @TQUIC_DEST_OPEN: Destination and data
 * @TQUIC_DEST_KNOWN: the flow is known, Destination need not be repeated
 * @TQUIC_DEST_ICMP: what became of an earlier payload
 * @TQUIC_DEST_GONE: the flow is not known any more
 * @TQUIC_DEST_PING: the same as OPEN, of echo requests
 * @TQUIC_DEST_KINDS: how many there are
 */
enum tquic_dest_kind {
	TQUIC_DEST_DATA,
	TQUIC_DEST_OPEN,
	TQUIC_DEST_KNOWN,
	TQUIC_DEST_ICMP,
	TQUIC_DEST_GONE,
	TQUIC_DEST_PING,
	TQUIC_DEST_KINDS,
};

/**
 * struct tquic_dest - Destination
 * @v6: family
 * @class: enum tquic_stream_class
 * @dscp: of the first packet
 * @src: LAN host; of IPv4 the first four bytes
 * @dst: whom it talks to
 * @sport: host byte order
 * @dport: likewise
 */
struct tquic_dest {
	bool v6;
	u8 class;
	u8 dscp;
	u8 src[16];
	u8 dst[16];
	u16 sport;
	u16 dport;
};

static inline u32 tquic_dest_len(const struct tquic_dest *dest)
{
	return dest->v6 ? TQUIC_DEST_LEN6 : TQUIC_DEST_LEN4;
}

u32 tquic_dest_write(u8 *out, const struct tquic_dest *dest);
/*
 * Bytes of it, 0 when @len is too few for what there is, -EPROTO when it makes
 * no sense.
 */
int tquic_dest_parse(const u8 *data, u32 len, struct tquic_dest *dest);

#endif /* _TQUIC_CORE_DEST_H */
