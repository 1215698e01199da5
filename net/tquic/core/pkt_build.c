// SPDX-License-Identifier: GPL-2.0
/*
 * Building packet headers (RFC 9000 section 17).
 */
#include "pkt.h"

static void put_cid(struct tquic_wr *wr, const u8 *cid, u8 len)
{
	if (len > TQUIC_PKT_CID_MAX)
		wr->err = true;
	tquic_wr_bytes(wr, cid, len);
}

static void put_pn(struct tquic_wr *wr, const struct tquic_pkt_hdr *hdr)
{
	unsigned int i;

	if (!hdr->pn_len || hdr->pn_len > TQUIC_PN_LEN_MAX) {
		wr->err = true;
		return;
	}
	for (i = hdr->pn_len; i; i--)
		tquic_wr_u8(wr, hdr->pn >> (8 * (i - 1)));
}

static u8 first_byte(const struct tquic_pkt_hdr *hdr)
{
	u8 first = hdr->greased ? 0 : TQUIC_PKT_FIXED;

	first |= (hdr->pn_len - 1) & TQUIC_PKT_PN_LEN;
	if (hdr->type == TQUIC_PKT_1RTT) {
		if (hdr->spin)
			first |= TQUIC_PKT_SPIN;
		if (hdr->key_phase)
			first |= TQUIC_PKT_KEY_PHASE;
		return first;
	}
	return first | TQUIC_INV_LONG |
	       tquic_pkt_type_bits(hdr->type, hdr->version);
}

static void put_long(struct tquic_wr *wr, const struct tquic_pkt_hdr *hdr,
		     struct tquic_pkt_built *built)
{
	if (hdr->type > TQUIC_PKT_HANDSHAKE ||
	    !tquic_version_known(hdr->version))
		wr->err = true;
	tquic_wr_u32(wr, hdr->version);
	tquic_wr_u8(wr, hdr->dcid_len);
	put_cid(wr, hdr->dcid, hdr->dcid_len);
	tquic_wr_u8(wr, hdr->scid_len);
	put_cid(wr, hdr->scid, hdr->scid_len);
	if (hdr->type == TQUIC_PKT_INITIAL) {
		tquic_wr_varint(wr, hdr->token_len);
		tquic_wr_bytes(wr, hdr->token, hdr->token_len);
	}
	built->len_off = wr->ptr - built->ptr;
	tquic_wr_varint_len(wr, 0, hdr->len_size);
}

/**
 * tquic_pkt_build - write a header, the packet number included
 * @wr: where to
 * @hdr: what
 * @built: where its parts are; for tquic_pkt_set_length() and
 *	tquic_pkt_hp_apply()
 *
 * The Length field of a long header is 0 until tquic_pkt_set_length().
 *
 * Return: false, with @wr in error, when there is no room or @hdr asks for
 * what the version does not have.
 */
bool tquic_pkt_build(struct tquic_wr *wr, const struct tquic_pkt_hdr *hdr,
		     struct tquic_pkt_built *built)
{
	*built = (struct tquic_pkt_built){ .ptr = wr->ptr };
	if (hdr->token_len && hdr->type != TQUIC_PKT_INITIAL)
		wr->err = true;
	tquic_wr_u8(wr, first_byte(hdr));
	if (hdr->type == TQUIC_PKT_1RTT)
		put_cid(wr, hdr->dcid, hdr->dcid_len);
	else
		put_long(wr, hdr, built);
	built->pn_off = wr->ptr - built->ptr;
	put_pn(wr, hdr);
	built->hdr_len = wr->ptr - built->ptr;
	return !wr->err;
}

/**
 * tquic_pkt_set_length - fill in the Length field
 * @built: header, not yet protected
 * @payload_len: bytes that follow the header, the AEAD's tag included
 *
 * Does nothing to a short header, which has no such field.
 *
 * Return: false when the field that was reserved is too small.
 */
bool tquic_pkt_set_length(const struct tquic_pkt_built *built,
			  size_t payload_len)
{
	size_t size = built->pn_off - built->len_off;
	struct tquic_wr wr;

	if (!built->len_off)
		return true;
	wr = tquic_wr_init(built->ptr + built->len_off, size);
	tquic_wr_varint_len(&wr, built->hdr_len - built->pn_off + payload_len,
			    size);
	return !wr.err;
}
