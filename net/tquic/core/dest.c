// SPDX-License-Identifier: GPL-2.0
/* Headers of the tunnel: Documentation/networking/tquic-tunnel.rst. */
#include "dest.h"
#include "stream.h"

/* IP versions, as the first byte says */
#define TQUIC_DEST_V4	4
#define TQUIC_DEST_V6	6
#define TQUIC_DEST_DSCP_SHIFT	2

/**
 * tquic_dest_write - encode
 * @out: room for TQUIC_DEST_MAX bytes
 * @dest: what
 *
 * Return: bytes written.
 */
u32 tquic_dest_write(u8 *out, const struct tquic_dest *dest)
{
	u32 n = dest->v6 ? 16 : 4;
	u8 *p = out;

	*p++ = dest->v6 ? TQUIC_DEST_V6 : TQUIC_DEST_V4;
	*p++ = dest->class | dest->dscp << TQUIC_DEST_DSCP_SHIFT;
	memcpy(p, dest->src, n);
	p += n;
	*p++ = dest->sport >> 8;
	*p++ = dest->sport;
	memcpy(p, dest->dst, n);
	p += n;
	*p++ = dest->dport >> 8;
	*p++ = dest->dport;
	return p - out;
}

/**
 * tquic_dest_parse - decode
 * @data: bytes
 * @len: how many there are
 * @dest: result
 *
 * Return: bytes used; 0 when there are too few; -EPROTO for another family.
 */
int tquic_dest_parse(const u8 *data, u32 len, struct tquic_dest *dest)
{
	const u8 *p = data;
	u32 n;

	if (!len)
		return 0;
	if (*p != TQUIC_DEST_V4 && *p != TQUIC_DEST_V6)
		return -EPROTO;
	*dest = (struct tquic_dest){ .v6 = *p == TQUIC_DEST_V6 };
	if (len < tquic_dest_len(dest))
		return 0;
	n = dest->v6 ? 16 : 4;
	p++;
	dest->class = *p & (TQUIC_STREAM_CLASSES - 1);
	dest->dscp = *p++ >> TQUIC_DEST_DSCP_SHIFT;
	memcpy(dest->src, p, n);
	p += n;
	dest->sport = p[0] << 8 | p[1];
	p += 2;
	memcpy(dest->dst, p, n);
	p += n;
	dest->dport = p[0] << 8 | p[1];
	return tquic_dest_len(dest);
}
