// SPDX-License-Identifier: GPL-2.0
/*
 * Received packet headers of QUIC versions 1 and 2, and the walk through the
 * packets of a datagram (RFC 9000 sections 12.2 and 17).
 *
 * A packet whose end can be found never costs the packets behind it, however
 * wrong it is: first the end is located, then the packet is judged.
 */
#include "pkt.h"

#define PKT_RESERVED_LONG	0x0c
#define PKT_RESERVED_SHORT	0x18

/* what has to follow pn_off for a sample (RFC 9001 section 5.4.2) */
#define PKT_PROTECTED_MIN	(TQUIC_PN_LEN_MAX + TQUIC_PKT_SAMPLE_LEN)

static enum tquic_pkt_type long_type(u8 first, u32 version)
{
	return ((first >> 4) - (version == TQUIC_VERSION_2)) & 3;
}

/* Initial, 0-RTT, Handshake: finds the packet number and the packet's end */
static enum tquic_drop locate_numbered(struct tquic_rd *rd,
				       struct tquic_pkt *pkt)
{
	u64 length;

	if (pkt->type == TQUIC_PKT_INITIAL) {
		length = tquic_rd_varint(rd);
		pkt->token = tquic_rd_bytes(rd, length);
		if (!pkt->token)
			return TQUIC_DROP_SHORT;
		pkt->token_len = length;
	}
	length = tquic_rd_varint(rd);
	if (rd->err)
		return TQUIC_DROP_SHORT;
	if (length > tquic_rd_left(rd))
		return TQUIC_DROP_LENGTH;
	pkt->pn_off = rd->ptr - pkt->ptr;
	pkt->len = pkt->pn_off + length;
	return TQUIC_DROP_NONE;
}

static enum tquic_drop locate_retry(const struct tquic_inv *inv,
				    struct tquic_pkt *pkt)
{
	if (inv->data_len < TQUIC_PKT_TAG_LEN)
		return TQUIC_DROP_SHORT;
	if (inv->data_len == TQUIC_PKT_TAG_LEN)
		return TQUIC_DROP_RETRY_TOKEN;
	pkt->token = inv->data;
	pkt->token_len = inv->data_len - TQUIC_PKT_TAG_LEN;
	return TQUIC_DROP_NONE;
}

static enum tquic_drop locate(const struct tquic_inv *inv,
			      struct tquic_pkt *pkt)
{
	struct tquic_rd rd = tquic_rd_init(inv->data, inv->data_len);

	if (!inv->is_long) {
		pkt->type = TQUIC_PKT_1RTT;
		pkt->pn_off = inv->data - pkt->ptr;
		return TQUIC_DROP_NONE;
	}
	pkt->type = long_type(*pkt->ptr, inv->version);
	if (pkt->type == TQUIC_PKT_RETRY)
		return locate_retry(inv, pkt);
	return locate_numbered(&rd, pkt);
}

static enum tquic_drop judge(const struct tquic_pkt *pkt, bool greased)
{
	if (pkt->dcid_len > TQUIC_PKT_CID_MAX ||
	    pkt->scid_len > TQUIC_PKT_CID_MAX)
		return TQUIC_DROP_CID_LEN;
	if (!greased && !(*pkt->ptr & TQUIC_PKT_FIXED))
		return TQUIC_DROP_FIXED_BIT;
	if (pkt->pn_off && pkt->len - pkt->pn_off < PKT_PROTECTED_MIN)
		return TQUIC_DROP_SAMPLE;
	return TQUIC_DROP_NONE;
}

/**
 * tquic_pkt_parse - read the unprotected part of a packet
 * @buf: first byte of the packet
 * @len: bytes up to the end of the datagram
 * @short_dcid_len: length of this endpoint's own connection IDs
 * @greased: accept a clear fixed bit, as an endpoint does which has sent the
 *	grease_quic_bit transport parameter (RFC 9287)
 * @pkt: result; @len and, as far as they were reached, the version and the
 *	connection IDs are valid even when the packet is dropped
 *
 * Knows of no other packet in the datagram; tquic_pkt_next() does.
 *
 * Return: TQUIC_DROP_NONE, or the reason to ignore the packet.  A server may
 * answer TQUIC_DROP_VERSION, see tquic_vn_due().
 */
enum tquic_drop tquic_pkt_parse(const void *buf, size_t len,
				u8 short_dcid_len, bool greased,
				struct tquic_pkt *pkt)
{
	enum tquic_drop drop;
	struct tquic_inv inv;

	*pkt = (struct tquic_pkt){
		.ptr = buf,
		.len = len,
		.type = TQUIC_PKT_OTHER,
	};
	if (!tquic_inv_parse(buf, len, short_dcid_len, &inv))
		return TQUIC_DROP_SHORT;
	pkt->dcid = inv.dcid;
	pkt->dcid_len = inv.dcid_len;
	pkt->scid = inv.scid;
	pkt->scid_len = inv.scid_len;
	pkt->version = inv.version;
	if (tquic_inv_is_vn(&inv)) {
		pkt->type = TQUIC_PKT_VN;
		return tquic_inv_vn_count(&inv) ? TQUIC_DROP_NONE :
						  TQUIC_DROP_VN_LIST;
	}
	if (inv.is_long && !tquic_version_known(inv.version))
		return TQUIC_DROP_VERSION;
	drop = locate(&inv, pkt);
	return drop ? drop : judge(pkt, greased);
}

/**
 * tquic_pkt_walk_init - start at the first packet of a datagram
 * @walk: position
 * @buf: UDP payload; has to stay as long as @walk is used, header protection
 *	may be removed from the packets that were passed
 * @len: bytes at @buf, may be 0
 * @short_dcid_len: as for tquic_pkt_parse()
 * @greased: as for tquic_pkt_parse()
 */
void tquic_pkt_walk_init(struct tquic_pkt_walk *walk, const void *buf,
			 size_t len, u8 short_dcid_len, bool greased)
{
	*walk = (struct tquic_pkt_walk){
		.ptr = buf,
		.left = len,
		.short_dcid_len = short_dcid_len,
		.greased = greased,
	};
}

/* RFC 9000 section 12.2: what may come behind another packet */
static enum tquic_drop judge_follower(const struct tquic_pkt_walk *walk,
				      const struct tquic_pkt *pkt,
				      enum tquic_drop drop)
{
	if (drop == TQUIC_DROP_VERSION || pkt->type == TQUIC_PKT_VN ||
	    pkt->type == TQUIC_PKT_RETRY)
		return TQUIC_DROP_COALESCED;
	if (drop)
		return drop;
	if (!tquic_inv_cid_eq(walk->dcid, walk->dcid_len,
			      pkt->dcid, pkt->dcid_len))
		return TQUIC_DROP_DCID;
	return TQUIC_DROP_NONE;
}

/**
 * tquic_pkt_next - take the next packet of a datagram
 * @walk: position
 * @pkt: result, as from tquic_pkt_parse()
 * @drop: TQUIC_DROP_NONE, or why this packet has to be ignored; go on with
 *	the next one either way
 *
 * The packets that it yields cover the datagram without gap or overlap.  A
 * padding of zeros behind the last packet comes as a packet to drop.
 * TQUIC_DROP_VERSION is only ever said of the first packet, so that a datagram
 * cannot provoke two Version Negotiation packets.
 *
 * Return: false when nothing is left.
 */
bool tquic_pkt_next(struct tquic_pkt_walk *walk, struct tquic_pkt *pkt,
		    enum tquic_drop *drop)
{
	if (!walk->left)
		return false;
	*drop = tquic_pkt_parse(walk->ptr, walk->left, walk->short_dcid_len,
				walk->greased, pkt);
	if (walk->dcid) {
		*drop = judge_follower(walk, pkt, *drop);
	} else {
		walk->dcid = pkt->dcid;
		walk->dcid_len = pkt->dcid_len;
	}
	walk->ptr += pkt->len;
	walk->left -= pkt->len;
	return true;
}

/**
 * tquic_pkt_check_role - whether the peer's role allows a packet
 * @pkt: a packet that tquic_pkt_next() did not drop
 * @dgram_len: size of the whole datagram
 * @server: whether this endpoint is the server of the connection
 *
 * RFC 9000 sections 14.1 and 17.2; RFC 9368 section 2.1.
 *
 * Return: TQUIC_DROP_NONE, or the reason to ignore the packet.
 */
enum tquic_drop tquic_pkt_check_role(const struct tquic_pkt *pkt,
				     size_t dgram_len, bool server)
{
	switch (pkt->type) {
	case TQUIC_PKT_INITIAL:
		if (server && dgram_len < TQUIC_DGRAM_MIN)
			return TQUIC_DROP_INITIAL_SIZE;
		if (!server && pkt->token_len)
			return TQUIC_DROP_INITIAL_TOKEN;
		break;
	case TQUIC_PKT_0RTT:
		if (!server)
			return TQUIC_DROP_ROLE;
		break;
	case TQUIC_PKT_RETRY:
	case TQUIC_PKT_VN:
		if (server)
			return TQUIC_DROP_ROLE;
		break;
	default:
		break;
	}
	return TQUIC_DROP_NONE;
}

/**
 * tquic_pkt_check_opened - judge the header of an authentic packet
 * @first: first byte, header protection removed
 * @close: filled on failure
 *
 * To be called after the AEAD has accepted the packet and not before: a
 * reaction to forged bits would be an oracle for header protection (RFC 9001
 * section 9.5).  That the payload is not empty is for the frame parser to
 * check.
 *
 * Return: 0, or -EPROTO when reserved bits are set.
 */
int tquic_pkt_check_opened(u8 first, struct tquic_close *close)
{
	u8 reserved = first & TQUIC_INV_LONG ? PKT_RESERVED_LONG :
					       PKT_RESERVED_SHORT;

	if (first & reserved)
		return tquic_close_set(close, TQUIC_PROTOCOL_VIOLATION, 0,
				       "reserved header bits set");
	return 0;
}
