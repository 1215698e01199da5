/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What has to hold for any datagram whatsoever.  Shared by the unit tests and
 * the fuzz target; whoever includes it defines CHECK(condition) first.
 */
#ifndef _TEST_PKT_CHECK_H
#define _TEST_PKT_CHECK_H

#include <stdlib.h>

#include "core/pkt.h"

/**
 * struct check_opts - how a datagram is read
 * @short_dcid_len: length of the reader's own connection IDs
 * @greased: accept a clear fixed bit
 * @mask: header protection mask, any
 */
struct check_opts {
	u8 short_dcid_len;
	bool greased;
	u8 mask[TQUIC_PKT_MASK_LEN];
};

static inline void check_inside(const struct tquic_pkt *pkt, const u8 *p,
				size_t len)
{
	CHECK(p >= pkt->ptr && p <= pkt->ptr + pkt->len);
	CHECK(len <= (size_t)(pkt->ptr + pkt->len - p));
}

/* the invariants, parsed on their own, tell the same */
static inline void check_inv(const struct tquic_pkt *pkt, size_t left,
			     u8 short_dcid_len, enum tquic_drop drop)
{
	struct tquic_inv inv;

	if (!tquic_inv_parse(pkt->ptr, left, short_dcid_len, &inv)) {
		CHECK(drop == TQUIC_DROP_SHORT);
		CHECK(pkt->type == TQUIC_PKT_OTHER && pkt->len == left);
		CHECK(!pkt->dcid && !pkt->scid && !pkt->version);
		return;
	}
	CHECK(pkt->dcid == inv.dcid && pkt->dcid_len == inv.dcid_len);
	CHECK(pkt->scid == inv.scid && pkt->scid_len == inv.scid_len);
	CHECK(pkt->version == inv.version);
	CHECK(inv.is_long == !!pkt->scid);
	CHECK(inv.is_long == !!(*pkt->ptr & 0x80));
	CHECK(tquic_inv_is_vn(&inv) == (pkt->type == TQUIC_PKT_VN));
	CHECK(inv.is_long == (pkt->type != TQUIC_PKT_1RTT));
	CHECK(inv.data + inv.data_len == pkt->ptr + left);
	check_inside(pkt, pkt->dcid, pkt->dcid_len);
	if (pkt->scid)
		check_inside(pkt, pkt->scid, pkt->scid_len);
	if (pkt->token)
		check_inside(pkt, pkt->token, pkt->token_len);
}

/* what the packet says, as something to build */
static inline struct tquic_pkt_hdr
check_hdr(const struct tquic_pkt *pkt, const struct tquic_pkt_clear *clear)
{
	struct tquic_pkt_hdr hdr = {
		.type = pkt->type,
		.version = pkt->version,
		.dcid = pkt->dcid,
		.dcid_len = pkt->dcid_len,
		.scid = pkt->scid,
		.scid_len = pkt->scid_len,
		.token = pkt->token,
		.token_len = pkt->token_len,
		.pn = clear->pn,
		.pn_len = clear->pn_len,
		.spin = tquic_pkt_spin(clear->first),
		.key_phase = tquic_pkt_key_phase(clear->first),
		.greased = !(clear->first & TQUIC_PKT_FIXED),
	};
	const u8 *len = pkt->ptr + pkt->pn_off;

	if (pkt->token)
		hdr.len_size = len - (pkt->token + pkt->token_len);
	else if (pkt->scid)
		hdr.len_size = len - (pkt->scid + pkt->scid_len);
	return hdr;
}

/*
 * Built from what was parsed, the header is the same.  Not the reserved bits,
 * which are never sent, and not a token length in more bytes than it needs.
 */
static inline void check_rebuild(const struct tquic_pkt *pkt, const u8 *clear,
				 const struct tquic_pkt_clear *fields,
				 const u8 *mask)
{
	size_t hdr_len = pkt->pn_off + fields->pn_len;
	struct tquic_pkt_hdr hdr = check_hdr(pkt, fields);
	struct tquic_pkt_built built;
	struct tquic_wr wr;
	u8 *buf;

	if (pkt->type == TQUIC_PKT_INITIAL &&
	    pkt->token != pkt->scid + pkt->scid_len +
			  tquic_varint_len(pkt->token_len))
		return;
	buf = malloc(hdr_len);
	wr = tquic_wr_init(buf, hdr_len);
	CHECK(tquic_pkt_build(&wr, &hdr, &built));
	CHECK(built.hdr_len == hdr_len && wr.ptr == wr.end);
	CHECK(built.pn_off == pkt->pn_off);
	CHECK(tquic_pkt_set_length(&built, pkt->len - hdr_len));
	buf[0] |= fields->first & (pkt->scid ? 0x0c : 0x18);
	CHECK(!memcmp(buf, clear, hdr_len));
	tquic_pkt_hp_apply(buf, built.pn_off, mask);
	CHECK(!memcmp(buf, pkt->ptr, hdr_len));
	free(buf);
}

static inline void check_number(const struct tquic_pkt_clear *c)
{
	u64 expected = ((u64)c->pn << 31 ^ c->first) & TQUIC_PN_MAX;
	u64 pn = tquic_pkt_pn_decode(expected, c->pn, c->pn_len);
	u64 win = 1ULL << 8 * c->pn_len;

	CHECK(pn <= TQUIC_PN_MAX);
	CHECK((pn & (win - 1)) == c->pn);
	CHECK(pn + win > expected && pn < expected + win);
}

/* the second stage: under any mask it stays within the packet */
static inline void check_numbered(const struct tquic_pkt *pkt, const u8 *mask)
{
	size_t most = pkt->pn_off + TQUIC_PN_LEN_MAX;
	struct tquic_pkt_clear clear;
	struct tquic_close close;
	u8 *copy = malloc(most);
	u8 reserved;
	int ret;

	CHECK(pkt->pn_off && most + TQUIC_PKT_SAMPLE_LEN <= pkt->len);
	CHECK(tquic_pkt_sample(pkt) == pkt->ptr + most);
	memcpy(copy, pkt->ptr, most);
	tquic_pkt_hp_remove(copy, pkt->pn_off, mask, &clear);
	CHECK(clear.first == copy[0]);
	CHECK(clear.pn_len >= 1 && clear.pn_len <= 4);
	reserved = clear.first & (pkt->scid ? 0x0c : 0x18);
	ret = tquic_pkt_check_opened(clear.first, &close);
	CHECK(ret == (reserved ? -EPROTO : 0));
	check_number(&clear);
	check_rebuild(pkt, copy, &clear, mask);
	tquic_pkt_hp_apply(copy, pkt->pn_off, mask);
	CHECK(!memcmp(copy, pkt->ptr, most));
	free(copy);
}

static inline void check_retry(const struct tquic_pkt *pkt)
{
	size_t len = pkt->len - TQUIC_PKT_TAG_LEN;
	u8 odcid[21] = { 0 }, *buf = malloc(22 + len);
	struct tquic_wr wr = tquic_wr_init(buf, len);
	struct tquic_pkt initial = {
		.type = TQUIC_PKT_INITIAL,
		.version = pkt->version,
		.dcid = odcid,
		.dcid_len = pkt->scid_len + 1,
		.scid = pkt->dcid,
		.scid_len = pkt->dcid_len,
	};

	CHECK(pkt->token_len);
	CHECK(tquic_retry_tag(pkt) == pkt->ptr + len);
	CHECK(tquic_retry_build(&wr, &initial, pkt->scid, pkt->scid_len,
				pkt->token, pkt->token_len, *pkt->ptr));
	CHECK(wr.ptr == wr.end);
	CHECK(buf[0] == (*pkt->ptr | TQUIC_PKT_FIXED));
	CHECK(!memcmp(buf + 1, pkt->ptr + 1, len - 1));
	CHECK(!tquic_retry_check(pkt, odcid, pkt->scid_len + 1));
	CHECK(tquic_retry_check(pkt, pkt->scid, pkt->scid_len) ==
	      TQUIC_DROP_RETRY_CID);
	wr = tquic_wr_init(buf, pkt->scid_len + 2 + len);
	CHECK(tquic_retry_pseudo(&wr, odcid, pkt->scid_len + 1, pkt->ptr, len));
	CHECK(wr.ptr == wr.end);
	free(buf);
}

static inline void check_vn(const struct tquic_pkt *pkt)
{
	const u8 *list = pkt->scid + pkt->scid_len;
	size_t count = (pkt->ptr + pkt->len - list) / 4, i;
	u32 *versions = malloc(4 * count);
	u8 *buf = malloc(pkt->len);
	struct tquic_wr wr = tquic_wr_init(buf, pkt->len);
	struct tquic_pkt trigger = {
		.type = TQUIC_PKT_OTHER,
		.dcid = pkt->scid,
		.dcid_len = pkt->scid_len,
		.scid = pkt->dcid,
		.scid_len = pkt->dcid_len,
	};

	CHECK(count && list + 4 * count == pkt->ptr + pkt->len);
	for (i = 0; i < count; i++) {
		versions[i] = get_unaligned_be32(list + 4 * i);
		CHECK(tquic_vn_lists(pkt, versions[i]));
	}
	CHECK(!tquic_vn_due(pkt, TQUIC_DGRAM_MIN, versions, count));
	CHECK(tquic_vn_build(&wr, &trigger, versions, count, *pkt->ptr));
	CHECK(wr.ptr == wr.end);
	CHECK(buf[0] == (*pkt->ptr | TQUIC_PKT_FIXED));
	CHECK(!memcmp(buf + 1, pkt->ptr + 1, pkt->len - 1));
	free(buf);
	free(versions);
}

static inline void check_accepted(const struct tquic_pkt *pkt,
				  const struct check_opts *opts)
{
	if (pkt->type == TQUIC_PKT_VN) {
		check_vn(pkt);
		return;
	}
	CHECK(opts->greased || *pkt->ptr & 0x40);
	CHECK(pkt->dcid_len <= 20);
	CHECK(pkt->scid_len <= 20);
	if (pkt->type == TQUIC_PKT_RETRY) {
		check_retry(pkt);
		return;
	}
	CHECK(pkt->type != TQUIC_PKT_OTHER);
	check_numbered(pkt, opts->mask);
}

static inline void check_packet(const struct tquic_pkt *pkt,
				enum tquic_drop drop, size_t left,
				const struct check_opts *opts, bool first)
{
	static const u32 none[] = { TQUIC_VERSION_1, TQUIC_VERSION_2 };

	CHECK(pkt->len > 0 && pkt->len <= left);
	CHECK(pkt->pn_off <= pkt->len);
	check_inv(pkt, left, opts->short_dcid_len, drop);
	CHECK(!!pkt->token == !!pkt->token_len ||
	      pkt->type == TQUIC_PKT_INITIAL);
	if (first)
		CHECK(drop != TQUIC_DROP_DCID && drop != TQUIC_DROP_COALESCED);
	else
		CHECK(drop != TQUIC_DROP_VERSION);
	CHECK((drop == TQUIC_DROP_VERSION) <=
	      tquic_vn_due(pkt, TQUIC_DGRAM_MIN, none, 2));
	tquic_pkt_check_role(pkt, left, true);
	tquic_pkt_check_role(pkt, left, false);
	if (!drop)
		check_accepted(pkt, opts);
}

/**
 * check_datagram - walk a datagram and check all that can be checked
 * @data: bytes, copied into a buffer of exactly @len
 * @len: how many
 * @opts: how to read it
 */
static inline void check_datagram(const u8 *data, size_t len,
				  const struct check_opts *opts)
{
	u8 *buf = malloc(len ? len : 1);
	struct tquic_pkt_walk walk;
	const u8 *pos = buf, *dcid = NULL;
	enum tquic_drop drop;
	struct tquic_pkt pkt;
	u8 dcid_len = 0;

	memcpy(buf, data, len);
	tquic_pkt_walk_init(&walk, buf, len, opts->short_dcid_len,
			    opts->greased);
	while (tquic_pkt_next(&walk, &pkt, &drop)) {
		CHECK(pkt.ptr == pos);
		check_packet(&pkt, drop, buf + len - pos, opts, pos == buf);
		if (pos == buf) {
			dcid = pkt.dcid;
			dcid_len = pkt.dcid_len;
		} else if (!drop) {
			CHECK(pkt.dcid_len == dcid_len);
			CHECK(!memcmp(pkt.dcid, dcid, dcid_len));
		}
		pos += pkt.len;
	}
	CHECK(pos == buf + len);
	CHECK(!!tquic_reset_token(buf, len) == (len >= 21));
	free(buf);
}

#endif /* _TEST_PKT_CHECK_H */
