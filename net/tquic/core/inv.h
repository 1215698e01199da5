/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all versions of QUIC have in common (RFC 8999).
 *
 * An observer may rely on this and on nothing else.  The engine and the
 * netfilter module share the file, so it needs nothing but core.h.
 */
#ifndef _TQUIC_CORE_INV_H
#define _TQUIC_CORE_INV_H

#include "core.h"

#define TQUIC_INV_LONG		0x80	/* first byte: header form */
#define TQUIC_INV_CID_MAX	255
/* first byte, version, two connection IDs with their length bytes */
#define TQUIC_INV_HDR_MAX	(1 + 4 + 2 * (1 + TQUIC_INV_CID_MAX))

/**
 * struct tquic_inv - version-independent fields of the first packet
 * @dcid: destination connection ID; not NULL even when empty
 * @scid: source connection ID; NULL in a short header
 * @data: version-specific rest
 * @data_len: bytes at @data, up to the end of what was parsed
 * @version: 0 in a Version Negotiation packet and in a short header
 * @dcid_len: bytes at @dcid, 0 to TQUIC_INV_CID_MAX
 * @scid_len: bytes at @scid, 0 to TQUIC_INV_CID_MAX
 * @is_long: header form
 *
 * The pointers point into the buffer that was parsed.
 */
struct tquic_inv {
	const u8 *dcid;
	const u8 *scid;
	const u8 *data;
	size_t data_len;
	u32 version;
	u8 dcid_len;
	u8 scid_len;
	bool is_long;
};

/**
 * tquic_inv_cid_eq - whether two connection IDs are the same
 * @a: one
 * @a_len: its length
 * @b: the other
 * @b_len: its length
 *
 * Return: true if so; two empty ones are.
 */
static inline bool tquic_inv_cid_eq(const u8 *a, size_t a_len,
				    const u8 *b, size_t b_len)
{
	return a_len == b_len && (!a_len || !memcmp(a, b, a_len));
}

/* takes a length byte and that many bytes; NULL, also for NULL, when short */
static inline const u8 *tquic_inv_cid(const u8 *p, const u8 *end,
				      const u8 **cid, u8 *cid_len)
{
	if (!p || p == end || end - p - 1 < *p)
		return NULL;
	*cid_len = *p;
	*cid = p + 1;
	return *cid + *cid_len;
}

/**
 * tquic_inv_parse - read the version-independent header
 * @buf: start of a UDP payload, or of as much of it as is at hand
 * @len: bytes at @buf; TQUIC_INV_HDR_MAX always suffice
 * @short_dcid_len: length of the connection IDs that this endpoint hands out,
 *	which a short header does not tell
 * @inv: result, meaningless on failure
 *
 * Return: false when @buf ends within the header.
 */
static inline bool tquic_inv_parse(const void *buf, size_t len,
				   u8 short_dcid_len, struct tquic_inv *inv)
{
	const u8 *p = buf;
	const u8 *end;

	*inv = (struct tquic_inv){ .dcid_len = short_dcid_len };
	if (!len)
		return false;
	end = p + len;
	inv->is_long = *p++ & TQUIC_INV_LONG;
	if (inv->is_long) {
		if (end - p < 4)
			return false;
		inv->version = get_unaligned_be32(p);
		p = tquic_inv_cid(p + 4, end, &inv->dcid, &inv->dcid_len);
		p = tquic_inv_cid(p, end, &inv->scid, &inv->scid_len);
		if (!p)
			return false;
	} else {
		if (end - p < short_dcid_len)
			return false;
		inv->dcid = p;
		p += short_dcid_len;
	}
	inv->data = p;
	inv->data_len = end - p;
	return true;
}

/**
 * tquic_inv_is_vn - whether a packet is a Version Negotiation packet
 * @inv: parsed header
 *
 * Return: true if so, whatever version it negotiates.
 */
static inline bool tquic_inv_is_vn(const struct tquic_inv *inv)
{
	return inv->is_long && !inv->version;
}

/**
 * tquic_inv_vn_count - number of versions that a Version Negotiation lists
 * @inv: a header for which tquic_inv_is_vn() holds, parsed from a whole
 *	datagram
 *
 * Return: 0 when the packet has to be ignored, because the list is empty or
 * its last entry is cut (RFC 8999 section 6).
 */
static inline size_t tquic_inv_vn_count(const struct tquic_inv *inv)
{
	return inv->data_len & 3 ? 0 : inv->data_len >> 2;
}

/**
 * tquic_inv_vn_version - one entry of a Version Negotiation packet
 * @inv: as for tquic_inv_vn_count()
 * @i: index, less than tquic_inv_vn_count()
 *
 * Return: the version.
 */
static inline u32 tquic_inv_vn_version(const struct tquic_inv *inv, size_t i)
{
	return get_unaligned_be32(inv->data + 4 * i);
}

#endif /* _TQUIC_CORE_INV_H */
