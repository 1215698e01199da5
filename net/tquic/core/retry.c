// SPDX-License-Identifier: GPL-2.0
/*
 * Retry packets (RFC 9000 section 17.2.5, RFC 9001 section 5.8).
 */
#include "pkt.h"

/**
 * tquic_retry_build - write a Retry packet up to its integrity tag
 * @wr: where to; the packet is a datagram of its own, the caller appends the
 *	tag of TQUIC_PKT_TAG_LEN bytes
 * @trigger: the client's Initial or 0-RTT packet
 * @scid: new connection ID of the server, other than the one in @trigger
 * @scid_len: bytes at @scid, at most TQUIC_PKT_CID_MAX
 * @token: what the client has to bring back
 * @token_len: bytes at @token, at least 1
 * @unused: random; its lower four bits are sent and mean nothing
 *
 * Return: false, with @wr in error, when there is no room or the client would
 * have to ignore the packet.
 */
bool tquic_retry_build(struct tquic_wr *wr, const struct tquic_pkt *trigger,
		       const u8 *scid, u8 scid_len, const u8 *token,
		       size_t token_len, u8 unused)
{
	if ((trigger->type != TQUIC_PKT_INITIAL &&
	     trigger->type != TQUIC_PKT_0RTT) ||
	    scid_len > TQUIC_PKT_CID_MAX || !token_len ||
	    tquic_inv_cid_eq(scid, scid_len, trigger->dcid, trigger->dcid_len))
		wr->err = true;
	tquic_wr_u8(wr, TQUIC_INV_LONG | TQUIC_PKT_FIXED | (unused & 0x0f) |
		    tquic_pkt_type_bits(TQUIC_PKT_RETRY, trigger->version));
	tquic_wr_u32(wr, trigger->version);
	tquic_wr_u8(wr, trigger->scid_len);
	tquic_wr_bytes(wr, trigger->scid, trigger->scid_len);
	tquic_wr_u8(wr, scid_len);
	tquic_wr_bytes(wr, scid, scid_len);
	tquic_wr_bytes(wr, token, token_len);
	return !wr->err;
}

/**
 * tquic_retry_pseudo - write what the integrity tag of a Retry authenticates
 * @wr: where to
 * @odcid: destination connection ID of the client's first Initial
 * @odcid_len: bytes at @odcid
 * @retry: Retry packet without its tag
 * @len: bytes at @retry
 *
 * Return: false, with @wr in error, when there is no room.
 */
bool tquic_retry_pseudo(struct tquic_wr *wr, const u8 *odcid, u8 odcid_len,
			const u8 *retry, size_t len)
{
	tquic_wr_u8(wr, odcid_len);
	tquic_wr_bytes(wr, odcid, odcid_len);
	tquic_wr_bytes(wr, retry, len);
	return !wr->err;
}

/**
 * tquic_retry_tag - the integrity tag of a Retry packet
 * @pkt: a TQUIC_PKT_RETRY that was not dropped
 *
 * Return: TQUIC_PKT_TAG_LEN bytes; all of the packet before them goes into
 * tquic_retry_pseudo().
 */
const u8 *tquic_retry_tag(const struct tquic_pkt *pkt)
{
	return pkt->token + pkt->token_len;
}

/**
 * tquic_retry_check - whether a Retry packet could be meant for a client
 * @pkt: a TQUIC_PKT_RETRY that was not dropped
 * @odcid: destination connection ID of the client's Initial
 * @odcid_len: bytes at @odcid
 *
 * The integrity tag is for the caller to verify.
 *
 * Return: TQUIC_DROP_NONE, or the reason to ignore the packet.
 */
enum tquic_drop tquic_retry_check(const struct tquic_pkt *pkt,
				  const u8 *odcid, u8 odcid_len)
{
	if (tquic_inv_cid_eq(pkt->scid, pkt->scid_len, odcid, odcid_len))
		return TQUIC_DROP_RETRY_CID;
	return TQUIC_DROP_NONE;
}
