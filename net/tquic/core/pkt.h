/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packet headers of QUIC versions 1 and 2 (RFC 9000 section 17, RFC 9369).
 *
 * A received datagram takes four steps.  tquic_pkt_next() finds its packets
 * and reads what is not protected.  tquic_pkt_check_role() is due once the
 * connection, and with it the role of this endpoint, is known.
 * tquic_pkt_hp_remove() takes header protection off.  Only when the AEAD has
 * confirmed the packet may tquic_pkt_check_opened() blame the peer for what
 * the header says.  Until then a bad packet is dropped in silence, for a
 * reason of enum tquic_drop.
 *
 * Sending is tquic_pkt_build(), tquic_pkt_set_length() once the size of the
 * payload is known, the AEAD, then tquic_pkt_hp_apply().
 *
 * Nothing here allocates or touches the payload.
 */
#ifndef _TQUIC_CORE_PKT_H
#define _TQUIC_CORE_PKT_H

#include "core.h"
#include "drop.h"
#include "error.h"
#include "inv.h"
#include "varint.h"
#include "version.h"

#define TQUIC_PKT_FIXED		0x40	/* first byte, every form */
#define TQUIC_PKT_SPIN		0x20	/* first byte, short header */
#define TQUIC_PKT_KEY_PHASE	0x04	/* first byte, short header */
#define TQUIC_PKT_PN_LEN	0x03	/* first byte: length minus one */

#define TQUIC_PKT_CID_MAX	20	/* versions 1 and 2 */
#define TQUIC_PKT_TAG_LEN	16	/* of every AEAD, and of a Retry */
#define TQUIC_PKT_SAMPLE_LEN	16
#define TQUIC_PKT_MASK_LEN	5

#define TQUIC_PN_MAX		((1ULL << 62) - 1)
#define TQUIC_PN_NONE		U64_MAX
#define TQUIC_PN_LEN_MAX	4

/* RFC 9000 section 14: every path carries a UDP payload of this size */
#define TQUIC_DGRAM_MIN		1200

#define TQUIC_RESET_TOKEN_LEN	16
#define TQUIC_RESET_MIN		21	/* RFC 9000 section 10.3 */
#define TQUIC_RESET_MAX		73
#define TQUIC_RESET_RANDOM	(TQUIC_RESET_MAX - TQUIC_RESET_TOKEN_LEN + 1)

/**
 * enum tquic_pkt_type - what kind of packet it is, in any version
 * @TQUIC_PKT_INITIAL: long header, first flight
 * @TQUIC_PKT_0RTT: long header, early data
 * @TQUIC_PKT_HANDSHAKE: long header, handshake keys
 * @TQUIC_PKT_RETRY: long header, address validation
 * @TQUIC_PKT_1RTT: short header
 * @TQUIC_PKT_VN: Version Negotiation
 * @TQUIC_PKT_OTHER: long header of a version that is not known, or no packet
 *
 * The first four are in the order of version 1's type bits.
 */
enum tquic_pkt_type {
	TQUIC_PKT_INITIAL,
	TQUIC_PKT_0RTT,
	TQUIC_PKT_HANDSHAKE,
	TQUIC_PKT_RETRY,
	TQUIC_PKT_1RTT,
	TQUIC_PKT_VN,
	TQUIC_PKT_OTHER,
};

/**
 * struct tquic_pkt - a received packet, still protected
 * @ptr: first byte
 * @len: bytes up to the end of this packet; up to the end of the datagram
 *	when the end cannot be told
 * @pn_off: offset of the packet number; 0 when there is none
 * @token: of an Initial or Retry packet, else NULL
 * @token_len: bytes at @token
 * @dcid: destination connection ID
 * @scid: source connection ID; NULL in a short header
 * @version: 0 in Version Negotiation packets and short headers
 * @type: kind
 * @dcid_len: bytes at @dcid; above TQUIC_PKT_CID_MAX only with
 *	TQUIC_PKT_VN, TQUIC_PKT_OTHER or a drop
 * @scid_len: bytes at @scid; likewise
 *
 * The pointers point into the datagram.
 */
struct tquic_pkt {
	const u8 *ptr;
	size_t len;
	size_t pn_off;
	const u8 *token;
	size_t token_len;
	const u8 *dcid;
	const u8 *scid;
	u32 version;
	enum tquic_pkt_type type;
	u8 dcid_len;
	u8 scid_len;
};

/**
 * struct tquic_pkt_walk - position within a datagram
 * @ptr: next packet
 * @left: bytes at @ptr
 * @dcid: destination connection ID of the first packet, NULL before it
 * @dcid_len: bytes at @dcid
 * @short_dcid_len: length of this endpoint's own connection IDs
 * @greased: whether a clear fixed bit is accepted
 */
struct tquic_pkt_walk {
	const u8 *ptr;
	size_t left;
	const u8 *dcid;
	u8 dcid_len;
	u8 short_dcid_len;
	bool greased;
};

/**
 * struct tquic_pkt_clear - what header protection had hidden
 * @pn: truncated packet number
 * @first: first byte; its reserved bits mean nothing until the packet is
 *	opened, see tquic_pkt_check_opened()
 * @pn_len: bytes of the packet number, 1 to 4
 */
struct tquic_pkt_clear {
	u32 pn;
	u8 first;
	u8 pn_len;
};

/**
 * struct tquic_pkt_hdr - a header to be built
 * @dcid: destination connection ID
 * @scid: source connection ID, long header only
 * @token: for an Initial packet
 * @token_len: bytes at @token; 0 for any other type
 * @pn: packet number, whole
 * @version: TQUIC_VERSION_1 or TQUIC_VERSION_2, long header only
 * @type: Initial, 0-RTT, Handshake or 1-RTT
 * @dcid_len: at most TQUIC_PKT_CID_MAX
 * @scid_len: at most TQUIC_PKT_CID_MAX
 * @pn_len: 1 to 4, see tquic_pkt_pn_len()
 * @len_size: bytes of the Length field, long header only: 2, which does for
 *	packets below 16384 bytes, or 1, 4 or 8
 * @spin: latency spin bit, short header only
 * @key_phase: short header only
 * @greased: clear the fixed bit; only for a peer that has offered to accept
 *	it (RFC 9287)
 */
struct tquic_pkt_hdr {
	const u8 *dcid;
	const u8 *scid;
	const u8 *token;
	size_t token_len;
	u64 pn;
	u32 version;
	enum tquic_pkt_type type;
	u8 dcid_len;
	u8 scid_len;
	u8 pn_len;
	u8 len_size;
	bool spin;
	bool key_phase;
	bool greased;
};

/**
 * struct tquic_pkt_built - where things are in a header that was built
 * @ptr: first byte
 * @len_off: offset of the Length field; 0 in a short header
 * @pn_off: offset of the packet number
 * @hdr_len: offset of the payload; the AEAD authenticates all before it
 */
struct tquic_pkt_built {
	u8 *ptr;
	size_t len_off;
	size_t pn_off;
	size_t hdr_len;
};

/**
 * tquic_pkt_type_bits - type bits of a long header's first byte
 * @type: Initial, 0-RTT, Handshake or Retry
 * @version: TQUIC_VERSION_1 or TQUIC_VERSION_2
 *
 * Return: the two bits in place, the others 0.
 */
static inline u8 tquic_pkt_type_bits(enum tquic_pkt_type type, u32 version)
{
	return ((type + (version == TQUIC_VERSION_2)) & 3) << 4;
}

static inline bool tquic_pkt_key_phase(u8 first)
{
	return first & TQUIC_PKT_KEY_PHASE;
}

static inline bool tquic_pkt_spin(u8 first)
{
	return first & TQUIC_PKT_SPIN;
}

/**
 * tquic_pkt_sample - where header protection takes its sample
 * @pkt: packet with a packet number
 *
 * Return: TQUIC_PKT_SAMPLE_LEN bytes within the packet.
 */
static inline const u8 *tquic_pkt_sample(const struct tquic_pkt *pkt)
{
	return pkt->ptr + pkt->pn_off + TQUIC_PN_LEN_MAX;
}

/**
 * tquic_pkt_payload_min - least size of the frames in a packet
 * @pn_len: bytes of the packet number, 1 to 4
 *
 * Return: bytes, enough for the peer to find its sample (RFC 9001 section
 * 5.4.2) and never 0 (RFC 9000 section 12.4).
 */
static inline unsigned int tquic_pkt_payload_min(unsigned int pn_len)
{
	return pn_len < TQUIC_PN_LEN_MAX ? TQUIC_PN_LEN_MAX - pn_len : 1;
}

/* pkt.c */
enum tquic_drop tquic_pkt_parse(const void *buf, size_t len,
				u8 short_dcid_len, bool greased,
				struct tquic_pkt *pkt);
void tquic_pkt_walk_init(struct tquic_pkt_walk *walk, const void *buf,
			 size_t len, u8 short_dcid_len, bool greased);
bool tquic_pkt_next(struct tquic_pkt_walk *walk, struct tquic_pkt *pkt,
		    enum tquic_drop *drop);
enum tquic_drop tquic_pkt_check_role(const struct tquic_pkt *pkt,
				     size_t dgram_len, bool server);
int tquic_pkt_check_opened(u8 first, struct tquic_close *close);

/* pkt_num.c */
unsigned int tquic_pkt_pn_len(u64 pn, u64 largest_acked);
u64 tquic_pkt_pn_decode(u64 expected, u32 pn, unsigned int pn_len);
void tquic_pkt_hp_apply(u8 *hdr, size_t pn_off, const u8 *mask);
void tquic_pkt_hp_remove(u8 *hdr, size_t pn_off, const u8 *mask,
			 struct tquic_pkt_clear *clear);

/* pkt_build.c */
bool tquic_pkt_build(struct tquic_wr *wr, const struct tquic_pkt_hdr *hdr,
		     struct tquic_pkt_built *built);
bool tquic_pkt_set_length(const struct tquic_pkt_built *built,
			  size_t payload_len);

/* vn.c */
bool tquic_vn_due(const struct tquic_pkt *pkt, size_t dgram_len,
		  const u32 *versions, unsigned int count);
bool tquic_vn_build(struct tquic_wr *wr, const struct tquic_pkt *trigger,
		    const u32 *versions, unsigned int count, u8 unused);
bool tquic_vn_lists(const struct tquic_pkt *pkt, u32 version);

/* retry.c */
bool tquic_retry_build(struct tquic_wr *wr, const struct tquic_pkt *trigger,
		       const u8 *scid, u8 scid_len, const u8 *token,
		       size_t token_len, u8 unused);
bool tquic_retry_pseudo(struct tquic_wr *wr, const u8 *odcid, u8 odcid_len,
			const u8 *retry, size_t len);
const u8 *tquic_retry_tag(const struct tquic_pkt *pkt);
enum tquic_drop tquic_retry_check(const struct tquic_pkt *pkt,
				  const u8 *odcid, u8 odcid_len);

/* reset.c */
size_t tquic_reset_build(struct tquic_wr *wr, size_t trigger_len,
			 const u8 *random, const u8 *token);
const u8 *tquic_reset_token(const void *buf, size_t len);

#endif /* _TQUIC_CORE_PKT_H */
