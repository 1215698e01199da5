// SPDX-License-Identifier: GPL-2.0
/*
 * Version Negotiation packets (RFC 9000 sections 6 and 17.2.1).
 */
#include "pkt.h"

static bool lists(const u32 *versions, unsigned int count, u32 version)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (versions[i] == version)
			return true;
	}
	return false;
}

/**
 * tquic_vn_due - whether a server answers with a Version Negotiation packet
 * @pkt: the first packet of a datagram that fits no connection, dropped or not
 * @dgram_len: size of the whole datagram
 * @versions: what the server accepts
 * @count: entries of @versions
 *
 * Only invariant fields decide: the length of the connection IDs, say, must
 * not matter.
 *
 * Return: true for a version that the server does not accept, in a datagram
 * large enough to open a connection.
 */
bool tquic_vn_due(const struct tquic_pkt *pkt, size_t dgram_len,
		  const u32 *versions, unsigned int count)
{
	return pkt->version != TQUIC_VERSION_NEGOTIATION &&
	       dgram_len >= TQUIC_DGRAM_MIN &&
	       !lists(versions, count, pkt->version);
}

/**
 * tquic_vn_build - write a Version Negotiation packet
 * @wr: where to; the packet is a datagram of its own
 * @trigger: packet for which tquic_vn_due() holds
 * @versions: what the server offers, reserved versions included if it wants
 *	to grease
 * @count: entries of @versions, at least 1
 * @unused: random; its lower six bits are sent and mean nothing
 *
 * Return: false, with @wr in error, when there is no room or no version.
 */
bool tquic_vn_build(struct tquic_wr *wr, const struct tquic_pkt *trigger,
		    const u32 *versions, unsigned int count, u8 unused)
{
	unsigned int i;

	if (!count)
		wr->err = true;
	/* the fixed bit is not defined here, but demultiplexers look at it */
	tquic_wr_u8(wr, TQUIC_INV_LONG | TQUIC_PKT_FIXED | unused);
	tquic_wr_u32(wr, TQUIC_VERSION_NEGOTIATION);
	tquic_wr_u8(wr, trigger->scid_len);
	tquic_wr_bytes(wr, trigger->scid, trigger->scid_len);
	tquic_wr_u8(wr, trigger->dcid_len);
	tquic_wr_bytes(wr, trigger->dcid, trigger->dcid_len);
	for (i = 0; i < count; i++)
		tquic_wr_u32(wr, versions[i]);
	return !wr->err;
}

/**
 * tquic_vn_lists - whether a Version Negotiation packet offers a version
 * @pkt: a TQUIC_PKT_VN that was not dropped
 * @version: what to look for
 *
 * A client ignores a packet that offers the version it has tried (RFC 9000
 * section 6.2).
 *
 * Return: true when @version is in the list.
 */
bool tquic_vn_lists(const struct tquic_pkt *pkt, u32 version)
{
	const u8 *p = pkt->scid + pkt->scid_len;
	const u8 *end = pkt->ptr + pkt->len;

	for (; p < end; p += 4) {
		if (get_unaligned_be32(p) == version)
			return true;
	}
	return false;
}
