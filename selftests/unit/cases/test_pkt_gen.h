/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets for tests, put together byte by byte without help from the code
 * under test.
 */
#ifndef _TEST_PKT_GEN_H
#define _TEST_PKT_GEN_H

#include "core/pkt.h"
#include "tap.h"

#define GEN_ROOM	4096
#define GEN_V1		0x00000001U
#define GEN_V2		0x6b3343cfU

/*
 * struct gen - a packet and what it was made of
 * @type: kind; TQUIC_PKT_OTHER for a long header of any version
 * @version: of a long header
 * @first: lower four bits of the first byte, or five of a short header
 * @dcid_len: at most 255
 * @scid_len: at most 255
 * @token_len: Initial, Retry (without tag), Version Negotiation (bytes)
 * @token_len_size: bytes in which the length is written, 0 for the shortest
 * @len_size: bytes of the Length field, 0 for 2
 * @protected_len: bytes behind the header, the packet number included
 * @clear_fixed: leave the fixed bit 0
 * @dcid: filled at random
 * @scid: filled at random
 * @dcid_off: where it was put; likewise the next three
 * @pn_off: where Length ends, or a short header's connection ID
 */
struct gen {
	enum tquic_pkt_type type;
	u32 version;
	u8 first;
	unsigned int dcid_len;
	unsigned int scid_len;
	size_t token_len;
	unsigned int token_len_size;
	unsigned int len_size;
	size_t protected_len;
	bool clear_fixed;
	u8 dcid[255];
	u8 scid[255];
	size_t dcid_off;
	size_t scid_off;
	size_t token_off;
	size_t pn_off;
};

/* first byte without its lower four bits: [version 2?][type] */
static const u8 gen_long_first[2][4] = {
	{ 0xc0, 0xd0, 0xe0, 0xf0 },
	{ 0xd0, 0xe0, 0xf0, 0xc0 },
};

static inline u8 *gen_varint(u8 *p, u64 val, unsigned int size)
{
	unsigned int i, bits = size == 8 ? 3 : size == 4 ? 2 : size - 1;

	for (i = 0; i < size; i++)
		p[i] = val >> 8 * (size - 1 - i);
	p[0] |= bits << 6;
	return p + size;
}

static inline u8 *gen_random(u8 *p, size_t len)
{
	tq_rand_bytes(p, len);
	return p + len;
}

static inline u8 gen_first(const struct gen *g)
{
	u8 first;

	switch (g->type) {
	case TQUIC_PKT_1RTT:
		first = 0x40 | (g->first & 0x3f);
		break;
	case TQUIC_PKT_VN:
	case TQUIC_PKT_OTHER:
		first = 0xc0 | (g->first & 0x0f);
		break;
	default:
		first = gen_long_first[g->version == GEN_V2][g->type] |
			(g->first & 0x0f);
	}
	return g->clear_fixed ? first & ~0x40 : first;
}

/* writes the packet for @g, at most GEN_ROOM bytes; returns its length */
static inline size_t gen_packet(struct gen *g, u8 *buf)
{
	unsigned int size = g->token_len_size;
	u8 *p = buf;

	*p++ = gen_first(g);
	if (g->type != TQUIC_PKT_1RTT) {
		*p++ = g->version >> 24;
		*p++ = g->version >> 16;
		*p++ = g->version >> 8;
		*p++ = g->version;
		*p++ = g->dcid_len;
	}
	g->dcid_off = p - buf;
	memcpy(p, g->dcid, g->dcid_len);
	p += g->dcid_len;
	if (g->type == TQUIC_PKT_1RTT)
		goto number;
	*p++ = g->scid_len;
	g->scid_off = p - buf;
	memcpy(p, g->scid, g->scid_len);
	p += g->scid_len;
	if (g->type == TQUIC_PKT_INITIAL)
		p = gen_varint(p, g->token_len, size ? size :
			       g->token_len < 64 ? 1 : 2);
	g->token_off = p - buf;
	if (g->type == TQUIC_PKT_INITIAL || g->type == TQUIC_PKT_RETRY ||
	    g->type == TQUIC_PKT_VN)
		p = gen_random(p, g->token_len);
	if (g->type > TQUIC_PKT_HANDSHAKE)
		return gen_random(p, g->type == TQUIC_PKT_VN ? 0 :
				  g->protected_len) - buf;
	p = gen_varint(p, g->protected_len, g->len_size ? g->len_size : 2);
number:
	g->pn_off = p - buf;
	return gen_random(p, g->protected_len) - buf;
}

static inline void gen_cids(struct gen *g)
{
	tq_rand_bytes(g->dcid, sizeof(g->dcid));
	tq_rand_bytes(g->scid, sizeof(g->scid));
}

/* a valid packet of a type, other things at random */
static inline struct gen gen_valid(enum tquic_pkt_type type, u32 version)
{
	struct gen g = {
		.type = type,
		.version = version,
		.first = tq_rand(),
		.dcid_len = tq_rand_below(21),
		.scid_len = tq_rand_below(21),
		.protected_len = 20 + tq_rand_below(100),
	};

	gen_cids(&g);
	switch (type) {
	case TQUIC_PKT_INITIAL:
		g.token_len = tq_rand_below(3) ? tq_rand_below(100) : 0;
		break;
	case TQUIC_PKT_RETRY:
		g.token_len = 1 + tq_rand_below(100);
		g.protected_len = 16;
		break;
	case TQUIC_PKT_VN:
		g.version = 0;
		g.token_len = 4 * (1 + tq_rand_below(10));
		break;
	case TQUIC_PKT_1RTT:
		g.version = 0;
		break;
	default:
		break;
	}
	return g;
}

#endif /* _TEST_PKT_GEN_H */
