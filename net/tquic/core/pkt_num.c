// SPDX-License-Identifier: GPL-2.0
/*
 * Packet numbers on the wire: truncation (RFC 9000 section 17.1) and header
 * protection given its mask (RFC 9001 section 5.4.1).
 */
#include "pkt.h"

#define HP_BITS_LONG	0x0f
#define HP_BITS_SHORT	0x1f

/**
 * tquic_pkt_pn_len - bytes in which a packet number has to be sent
 * @pn: packet number
 * @largest_acked: largest one of its space that the peer has acknowledged,
 *	less than @pn, or TQUIC_PN_NONE
 *
 * Return: 1 to 4; 0 when so many packets are unacknowledged that @pn would be
 * ambiguous, or when @pn is no packet number.  No packet can be sent then.
 */
unsigned int tquic_pkt_pn_len(u64 pn, u64 largest_acked)
{
	/* TQUIC_PN_NONE acts as -1: from 0 on, all is unacknowledged */
	u64 unacked = pn - largest_acked;
	unsigned int len;

	if (pn > TQUIC_PN_MAX)
		return 0;
	for (len = 1; len <= TQUIC_PN_LEN_MAX; len++) {
		if (unacked < 1ULL << (8 * len - 1))
			return len;
	}
	return 0;
}

/**
 * tquic_pkt_pn_decode - restore a truncated packet number
 * @expected: one more than the largest packet number received in this space,
 *	0 when there was none; at most TQUIC_PN_MAX + 1
 * @pn: truncated packet number
 * @pn_len: its bytes, 1 to 4
 *
 * Return: of the valid packet numbers that end in @pn, the one closest to
 * @expected, and the larger of two equally close ones.
 */
u64 tquic_pkt_pn_decode(u64 expected, u32 pn, unsigned int pn_len)
{
	u64 win = 1ULL << (8 * pn_len);
	u64 cand = (expected & ~(win - 1)) | pn;
	u64 half = win >> 1;

	if (cand + half <= expected && cand + win <= TQUIC_PN_MAX)
		return cand + win;
	/* the second case is due to @expected itself being out of range */
	if ((cand > expected + half && cand >= win) || cand > TQUIC_PN_MAX)
		return cand - win;
	return cand;
}

static unsigned int mask_first(u8 *hdr, u8 mask)
{
	u8 bits = *hdr & TQUIC_INV_LONG ? HP_BITS_LONG : HP_BITS_SHORT;

	*hdr ^= mask & bits;
	return (*hdr & TQUIC_PKT_PN_LEN) + 1;
}

/**
 * tquic_pkt_hp_apply - protect a header
 * @hdr: first byte of the packet, which is encrypted already
 * @pn_off: offset of the packet number
 * @mask: TQUIC_PKT_MASK_LEN bytes, made from the packet's sample
 */
void tquic_pkt_hp_apply(u8 *hdr, size_t pn_off, const u8 *mask)
{
	unsigned int pn_len = (*hdr & TQUIC_PKT_PN_LEN) + 1;
	unsigned int i;

	mask_first(hdr, mask[0]);
	for (i = 0; i < pn_len; i++)
		hdr[pn_off + i] ^= mask[1 + i];
}

/**
 * tquic_pkt_hp_remove - take the protection off a header
 * @hdr: first byte of the packet, or of a copy of its first @pn_off + 4 bytes
 * @pn_off: offset of the packet number
 * @mask: TQUIC_PKT_MASK_LEN bytes, made from the packet's sample
 * @clear: what was hidden; the header of the packet, which the AEAD
 *	authenticates, ends at @pn_off + @clear->pn_len
 *
 * Nothing of it may be believed before the packet is opened.
 */
void tquic_pkt_hp_remove(u8 *hdr, size_t pn_off, const u8 *mask,
			 struct tquic_pkt_clear *clear)
{
	unsigned int i;

	clear->pn_len = mask_first(hdr, mask[0]);
	clear->first = *hdr;
	clear->pn = 0;
	for (i = 0; i < clear->pn_len; i++) {
		hdr[pn_off + i] ^= mask[1 + i];
		clear->pn = clear->pn << 8 | hdr[pn_off + i];
	}
}
