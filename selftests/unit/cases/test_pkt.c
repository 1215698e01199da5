// SPDX-License-Identifier: GPL-2.0
/*
 * Received packets: what the codec accepts, and what it drops and why.
 */
#include <linux/array_size.h>
#include <stdlib.h>

#include "core/pkt.h"
#include "tap.h"
#include "test_pkt_gen.h"

static const u32 versions[] = { GEN_V1, GEN_V2 };

static const enum tquic_pkt_type long_types[] = {
	TQUIC_PKT_INITIAL, TQUIC_PKT_0RTT, TQUIC_PKT_HANDSHAKE, TQUIC_PKT_RETRY,
};

static const enum tquic_pkt_type all_types[] = {
	TQUIC_PKT_INITIAL, TQUIC_PKT_0RTT, TQUIC_PKT_HANDSHAKE, TQUIC_PKT_RETRY,
	TQUIC_PKT_1RTT, TQUIC_PKT_VN,
};

/* parses a copy of exactly @len bytes, so that no read beyond goes unseen */
static enum tquic_drop parse(const u8 *buf, size_t len, u8 short_dcid_len,
			     struct tquic_pkt *pkt)
{
	u8 *copy = malloc(len ? len : 1);
	enum tquic_drop drop;

	memcpy(copy, buf, len);
	drop = tquic_pkt_parse(copy, len, short_dcid_len, false, pkt);
	TQ_EXPECT(pkt->ptr == copy);
	TQ_EXPECT(pkt->len <= len);
	pkt->ptr = buf;
	if (pkt->dcid)
		pkt->dcid = buf + (pkt->dcid - copy);
	if (pkt->scid)
		pkt->scid = buf + (pkt->scid - copy);
	if (pkt->token)
		pkt->token = buf + (pkt->token - copy);
	free(copy);
	return drop;
}

static void check_fields(const struct gen *g, const u8 *buf, size_t len,
			 const struct tquic_pkt *pkt)
{
	bool token = g->type == TQUIC_PKT_INITIAL || g->type == TQUIC_PKT_RETRY;

	TQ_EXPECT_EQ(pkt->type, g->type);
	TQ_EXPECT_EQ(pkt->version, g->version);
	TQ_EXPECT_EQ(pkt->len, len);
	TQ_EXPECT(pkt->dcid == buf + g->dcid_off);
	TQ_EXPECT_EQ(pkt->dcid_len, g->dcid_len);
	if (g->type == TQUIC_PKT_1RTT) {
		TQ_EXPECT(!pkt->scid && !pkt->scid_len);
	} else {
		TQ_EXPECT(pkt->scid == buf + g->scid_off);
		TQ_EXPECT_EQ(pkt->scid_len, g->scid_len);
	}
	if (token) {
		TQ_EXPECT(pkt->token == buf + g->token_off);
		TQ_EXPECT_EQ(pkt->token_len, g->token_len);
	} else {
		TQ_EXPECT(!pkt->token && !pkt->token_len);
	}
	TQ_EXPECT_EQ(pkt->pn_off, g->pn_off);
	if (g->pn_off)
		TQ_EXPECT(tquic_pkt_sample(pkt) == buf + g->pn_off + 4);
}

static void accept_random(enum tquic_pkt_type type, u32 version)
{
	struct gen g = gen_valid(type, version);
	struct tquic_pkt pkt;
	u8 buf[GEN_ROOM];
	size_t len;

	g.token_len_size = tq_rand_below(2) ? 1 << (1 + tq_rand_below(3)) : 0;
	g.len_size = 2 << tq_rand_below(3);
	len = gen_packet(&g, buf);
	TQ_EXPECT_EQ(parse(buf, len, g.dcid_len, &pkt), TQUIC_DROP_NONE);
	check_fields(&g, buf, len, &pkt);
}

TQ_TEST(pkt_accept_random_packets)
{
	unsigned int i, t, v;

	for (i = 0; i < 300; i++) {
		for (t = 0; t < ARRAY_SIZE(all_types); t++) {
			for (v = 0; v < ARRAY_SIZE(versions); v++)
				accept_random(all_types[t], versions[v]);
		}
	}
}

/* RFC 9000 section 17.2 and RFC 9369 section 3.2: all the type bits */
TQ_TEST(pkt_rfc9369_3_2_type_bits)
{
	static const struct {
		u8 first;
		enum tquic_pkt_type v1, v2;
	} t[] = {
		{ 0xc0, TQUIC_PKT_INITIAL, TQUIC_PKT_RETRY },
		{ 0xd0, TQUIC_PKT_0RTT, TQUIC_PKT_INITIAL },
		{ 0xe0, TQUIC_PKT_HANDSHAKE, TQUIC_PKT_0RTT },
		{ 0xf0, TQUIC_PKT_RETRY, TQUIC_PKT_HANDSHAKE },
	};
	unsigned int i, low;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		for (low = 0; low < 16; low++) {
			u8 buf[60] = { t[i].first | low, 0, 0, 0, 1 };
			struct tquic_pkt pkt;

			/* reads as: no IDs, no token, Length 32 */
			buf[8] = t[i].v1 == TQUIC_PKT_INITIAL ? 32 : 0;
			buf[7] = t[i].v1 == TQUIC_PKT_INITIAL ? 0 : 32;
			TQ_EXPECT_EQ(parse(buf, 60, 0, &pkt), TQUIC_DROP_NONE);
			TQ_EXPECT_EQ(pkt.type, t[i].v1);
			TQ_EXPECT_EQ(pkt.version, 1);
			memcpy(buf + 1, "\x6b\x33\x43\xcf", 4);
			buf[8] = t[i].v2 == TQUIC_PKT_INITIAL ? 32 : 0;
			buf[7] = t[i].v2 == TQUIC_PKT_INITIAL ? 0 : 32;
			TQ_EXPECT_EQ(parse(buf, 60, 0, &pkt), TQUIC_DROP_NONE);
			TQ_EXPECT_EQ(pkt.type, t[i].v2);
			TQ_EXPECT_EQ(pkt.version, 0x6b3343cf);
		}
	}
	for (i = 0; i < 4; i++) {
		TQ_EXPECT_EQ(tquic_pkt_type_bits(t[i].v1, GEN_V1),
			     t[i].first & 0x30);
		TQ_EXPECT_EQ(tquic_pkt_type_bits(t[i].v2, GEN_V2),
			     t[i].first & 0x30);
	}
}

/* why a packet cut to @cut bytes is dropped; @min: a header up to its end */
static enum tquic_drop cut_reason(const struct gen *g, size_t cut)
{
	size_t scid_end = g->scid_off + g->scid_len;

	switch (g->type) {
	case TQUIC_PKT_RETRY:
		return cut < scid_end + 16 ? TQUIC_DROP_SHORT :
		       cut == scid_end + 16 ? TQUIC_DROP_RETRY_TOKEN :
		       TQUIC_DROP_NONE;
	case TQUIC_PKT_VN:
		return cut < scid_end ? TQUIC_DROP_SHORT :
		       cut == scid_end || (cut - scid_end) % 4 ?
		       TQUIC_DROP_VN_LIST : TQUIC_DROP_NONE;
	case TQUIC_PKT_1RTT:
		return cut < g->pn_off ? TQUIC_DROP_SHORT :
		       cut < g->pn_off + 20 ? TQUIC_DROP_SAMPLE :
		       TQUIC_DROP_NONE;
	default:
		return cut < g->pn_off ? TQUIC_DROP_SHORT : TQUIC_DROP_LENGTH;
	}
}

static void truncate_at_every_length(enum tquic_pkt_type type, u32 version)
{
	struct gen g = gen_valid(type, version);
	struct tquic_pkt pkt;
	u8 buf[GEN_ROOM];
	size_t len, cut;

	g.len_size = 1 << tq_rand_below(4);
	g.protected_len = min_t(size_t, g.protected_len, 63);
	len = gen_packet(&g, buf);
	for (cut = 0; cut < len; cut++) {
		tq_note("type %u version %#x cut to %zu of %zu", type, version,
			cut, len);
		TQ_EXPECT_EQ(parse(buf, cut, g.dcid_len, &pkt),
			     cut_reason(&g, cut));
		TQ_EXPECT_EQ(pkt.len, cut);
	}
}

TQ_TEST(pkt_truncation_at_every_length)
{
	unsigned int i, t, v;

	for (i = 0; i < 20; i++) {
		for (t = 0; t < ARRAY_SIZE(all_types); t++) {
			for (v = 0; v < ARRAY_SIZE(versions); v++)
				truncate_at_every_length(all_types[t],
							 versions[v]);
		}
	}
}

TQ_TEST(pkt_nothing_at_all)
{
	struct tquic_pkt_walk walk;
	enum tquic_drop drop;
	struct tquic_pkt pkt;

	TQ_EXPECT_EQ(tquic_pkt_parse(NULL, 0, 0, false, &pkt),
		     TQUIC_DROP_SHORT);
	TQ_EXPECT_EQ(pkt.type, TQUIC_PKT_OTHER);
	tquic_pkt_walk_init(&walk, NULL, 0, 8, false);
	TQ_EXPECT(!tquic_pkt_next(&walk, &pkt, &drop));
}

/* both IDs of every long header: 20 is the most, 21 to 255 MUST be dropped */
TQ_TEST(pkt_rfc9000_17_2_cid_len_over_20)
{
	unsigned int t, v, n;
	struct tquic_pkt pkt;
	u8 buf[GEN_ROOM];

	for (n = 0; n <= 255; n++) {
		enum tquic_drop want = n > 20 ? TQUIC_DROP_CID_LEN :
						TQUIC_DROP_NONE;

		for (t = 0; t < 2 * ARRAY_SIZE(long_types); t++) {
			for (v = 0; v < ARRAY_SIZE(versions); v++) {
				struct gen g = gen_valid(long_types[t / 2],
							 versions[v]);
				size_t len;

				if (t & 1)
					g.dcid_len = n;
				else
					g.scid_len = n;
				len = gen_packet(&g, buf);
				TQ_EXPECT_EQ(parse(buf, len, 0, &pkt), want);
				check_fields(&g, buf, len, &pkt);
			}
		}
	}
}

/* SHOULD read longer IDs of other versions, and of Version Negotiation */
TQ_TEST(pkt_rfc9000_17_2_long_cids_of_other_versions)
{
	struct gen g = { .version = 0x1a2a3a4a, .protected_len = 5 };
	struct tquic_pkt pkt;
	u8 buf[GEN_ROOM];
	unsigned int n;
	size_t len;

	gen_cids(&g);
	for (n = 0; n <= 255; n++) {
		g.type = TQUIC_PKT_OTHER;
		g.version = 0x1a2a3a4a;
		g.clear_fixed = n & 1;
		g.dcid_len = n;
		g.scid_len = 255 - n;
		len = gen_packet(&g, buf);
		TQ_EXPECT_EQ(parse(buf, len, 0, &pkt), TQUIC_DROP_VERSION);
		check_fields(&g, buf, len, &pkt);
		g.type = TQUIC_PKT_VN;
		g.version = 0;
		g.token_len = 4;
		len = gen_packet(&g, buf);
		TQ_EXPECT_EQ(parse(buf, len, 0, &pkt), TQUIC_DROP_NONE);
		check_fields(&g, buf, len, &pkt);
	}
}

/* both header forms: a clear fixed bit MUST be discarded */
TQ_TEST(pkt_rfc9000_17_2_and_17_3_1_fixed_bit_clear)
{
	struct tquic_pkt pkt;
	unsigned int t, v;
	u8 buf[GEN_ROOM];

	for (t = 0; t < ARRAY_SIZE(all_types); t++) {
		for (v = 0; v < ARRAY_SIZE(versions); v++) {
			struct gen g = gen_valid(all_types[t], versions[v]);
			enum tquic_drop want = TQUIC_DROP_FIXED_BIT;
			size_t len;

			g.clear_fixed = true;
			if (g.type == TQUIC_PKT_VN)
				want = TQUIC_DROP_NONE;
			len = gen_packet(&g, buf);
			tq_note("type %u", all_types[t]);
			TQ_EXPECT_EQ(parse(buf, len, g.dcid_len, &pkt), want);
			check_fields(&g, buf, len, &pkt);
			/* RFC 9287 section 3: accepted once it was offered */
			TQ_EXPECT_EQ(tquic_pkt_parse(buf, len, g.dcid_len, true,
						     &pkt), TQUIC_DROP_NONE);
			check_fields(&g, buf, len, &pkt);
		}
	}
}

/* the unused bits of a Version Negotiation packet MUST be ignored */
TQ_TEST(pkt_rfc9000_17_2_1_unused_bits)
{
	struct gen g = gen_valid(TQUIC_PKT_VN, 0);
	struct tquic_pkt pkt;
	u8 buf[GEN_ROOM];
	size_t len = gen_packet(&g, buf);
	unsigned int first;

	for (first = 0x80; first <= 0xff; first++) {
		buf[0] = first;
		TQ_EXPECT_EQ(parse(buf, len, 0, &pkt), TQUIC_DROP_NONE);
		check_fields(&g, buf, len, &pkt);
	}
}

/* the unused bits of a Retry packet MUST be ignored */
TQ_TEST(pkt_rfc9000_17_2_5_unused_bits)
{
	struct tquic_pkt pkt;
	unsigned int low, v;
	u8 buf[GEN_ROOM];

	for (v = 0; v < ARRAY_SIZE(versions); v++) {
		struct gen g = gen_valid(TQUIC_PKT_RETRY, versions[v]);
		size_t len = gen_packet(&g, buf);

		for (low = 0; low < 16; low++) {
			buf[0] = (buf[0] & 0xf0) | low;
			TQ_EXPECT_EQ(parse(buf, len, 0, &pkt), TQUIC_DROP_NONE);
			check_fields(&g, buf, len, &pkt);
		}
	}
}

/* a client MUST discard a Retry with a zero-length token */
TQ_TEST(pkt_rfc9000_17_2_5_2_zero_length_token)
{
	unsigned int v;

	for (v = 0; v < ARRAY_SIZE(versions); v++) {
		struct gen g = gen_valid(TQUIC_PKT_RETRY, versions[v]);
		struct tquic_pkt pkt;
		u8 buf[GEN_ROOM];
		size_t len;

		g.token_len = 0;
		len = gen_packet(&g, buf);
		TQ_EXPECT_EQ(parse(buf, len, 0, &pkt), TQUIC_DROP_RETRY_TOKEN);
		TQ_EXPECT(!pkt.token && !pkt.token_len);
		g.token_len = 1;
		len = gen_packet(&g, buf);
		TQ_EXPECT_EQ(parse(buf, len, 0, &pkt), TQUIC_DROP_NONE);
		check_fields(&g, buf, len, &pkt);
	}
}

/* MUST discard what is too short for a complete sample */
TQ_TEST(pkt_rfc9001_5_4_2_sample)
{
	static const enum tquic_pkt_type types[] = {
		TQUIC_PKT_INITIAL, TQUIC_PKT_0RTT, TQUIC_PKT_HANDSHAKE,
		TQUIC_PKT_1RTT,
	};
	struct tquic_pkt pkt;
	unsigned int t, n;
	u8 buf[GEN_ROOM];

	for (t = 0; t < ARRAY_SIZE(types); t++) {
		for (n = 0; n <= 24; n++) {
			struct gen g = gen_valid(types[t], GEN_V1);
			size_t len;

			g.protected_len = n;
			len = gen_packet(&g, buf);
			tq_note("type %u with %u bytes", types[t], n);
			TQ_EXPECT_EQ(parse(buf, len, g.dcid_len, &pkt),
				     n < 20 ? TQUIC_DROP_SAMPLE :
				     TQUIC_DROP_NONE);
			check_fields(&g, buf, len, &pkt);
		}
	}
}

/* RFC 9000 section 10.3: below 21 bytes no short header packet is valid */
TQ_TEST(pkt_rfc9000_10_3_too_small_to_be_valid)
{
	struct tquic_pkt pkt;
	u8 buf[21] = { 0x40 };

	TQ_EXPECT_EQ(parse(buf, 20, 0, &pkt), TQUIC_DROP_SAMPLE);
	TQ_EXPECT_EQ(parse(buf, 21, 0, &pkt), TQUIC_DROP_NONE);
}

/* lengths of every size up to 2^62 - 1 that reach beyond the datagram */
TQ_TEST(pkt_length_fields_beyond_the_datagram)
{
	static const u64 big[] = {
		21, 63, 64, 0x3fff, 0x4000, 0x3fffffff, 0x40000000,
		0xffffffff, 1ULL << 32, TQUIC_VARINT_MAX - 20,
		TQUIC_VARINT_MAX,
	};
	struct tquic_pkt pkt;
	unsigned int i;
	u8 buf[64];

	for (i = 0; i < ARRAY_SIZE(big); i++) {
		u8 *p = buf;

		tq_note("length %llu", (unsigned long long)big[i]);
		memset(buf, 0, sizeof(buf));
		buf[0] = 0xe0;
		buf[4] = 1;
		p = gen_varint(buf + 7, big[i], 8);
		TQ_EXPECT_EQ(parse(buf, p - buf + 20, 0, &pkt),
			     TQUIC_DROP_LENGTH);
		TQ_EXPECT_EQ(pkt.len, p - buf + 20);
		TQ_EXPECT_EQ(pkt.pn_off, 0);
		/* the same as a token's length: ends within the header */
		buf[0] = 0xc0;
		TQ_EXPECT_EQ(parse(buf, p - buf + 20, 0, &pkt),
			     TQUIC_DROP_SHORT);
		TQ_EXPECT(!pkt.token && !pkt.token_len);
		TQ_EXPECT_EQ(pkt.len, p - buf + 20);
	}
}

/* how many of the packets that make up a datagram are yielded, and how */
struct yield {
	enum tquic_drop drop;
	enum tquic_pkt_type type;
	size_t len;
};

static unsigned int walk_all(const u8 *buf, size_t len, u8 short_dcid_len,
			     bool greased, struct yield *y, unsigned int max)
{
	u8 *copy = malloc(len ? len : 1);
	struct tquic_pkt_walk walk;
	struct tquic_pkt pkt;
	unsigned int n = 0;
	size_t sum = 0;

	memcpy(copy, buf, len);
	tquic_pkt_walk_init(&walk, copy, len, short_dcid_len, greased);
	for (; n < max && tquic_pkt_next(&walk, &pkt, &y[n].drop); n++) {
		TQ_EXPECT(pkt.ptr == copy + sum);
		TQ_EXPECT(pkt.len > 0);
		y[n].type = pkt.type;
		y[n].len = pkt.len;
		sum += pkt.len;
	}
	TQ_EXPECT_EQ(sum, len);
	free(copy);
	return n;
}

/* an Initial, a 0-RTT, a Handshake and a 1-RTT packet for one ID */
static size_t put_four(struct gen *g, size_t *lens, u8 *buf, u32 version)
{
	static const enum tquic_pkt_type types[] = {
		TQUIC_PKT_INITIAL, TQUIC_PKT_0RTT, TQUIC_PKT_HANDSHAKE,
		TQUIC_PKT_1RTT,
	};
	size_t len = 0;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		g[i] = gen_valid(types[i], version);
		if (i) {
			g[i].dcid_len = g[0].dcid_len;
			memcpy(g[i].dcid, g[0].dcid, sizeof(g[0].dcid));
		}
		lens[i] = gen_packet(&g[i], buf + len);
		len += lens[i];
	}
	return len;
}

/* receivers MUST process coalesced packets, each as if it were alone */
TQ_TEST(pkt_rfc9000_12_2_coalesced)
{
	unsigned int round, i, n;
	struct yield y[8];
	u8 buf[GEN_ROOM];
	struct gen g[4];
	size_t lens[4], len;

	for (round = 0; round < 200; round++) {
		len = put_four(g, lens, buf, versions[round & 1]);
		n = walk_all(buf, len, g[0].dcid_len, false, y, 8);
		TQ_ASSERT_EQ(n, 4);
		for (i = 0; i < 4; i++) {
			TQ_EXPECT_EQ(y[i].drop, TQUIC_DROP_NONE);
			TQ_EXPECT_EQ(y[i].type, g[i].type);
			TQ_EXPECT_EQ(y[i].len, lens[i]);
		}
	}
}

/* versions 1 and 2 meet in one datagram during compatible negotiation */
TQ_TEST(pkt_rfc9369_4_1_versions_mixed)
{
	struct gen a = gen_valid(TQUIC_PKT_INITIAL, GEN_V2);
	struct gen b = gen_valid(TQUIC_PKT_0RTT, GEN_V1);
	u8 buf[2 * GEN_ROOM];
	struct yield y[4];
	size_t len;

	b.dcid_len = a.dcid_len;
	memcpy(b.dcid, a.dcid, sizeof(a.dcid));
	len = gen_packet(&a, buf);
	len += gen_packet(&b, buf + len);
	TQ_ASSERT_EQ(walk_all(buf, len, 8, false, y, 4), 2);
	TQ_EXPECT_EQ(y[0].drop, TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(y[0].type, TQUIC_PKT_INITIAL);
	TQ_EXPECT_EQ(y[1].drop, TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(y[1].type, TQUIC_PKT_0RTT);
}

/* packets for another ID than the first one's SHOULD be ignored, only they */
TQ_TEST(pkt_rfc9000_12_2_other_dcid)
{
	unsigned int i, n, victim, how;
	struct yield y[8];
	u8 buf[GEN_ROOM];
	struct gen g[4];
	size_t lens[4], len;

	for (victim = 1; victim < 4; victim++) {
		for (how = 0; how < 3; how++) {
			do {
				put_four(g, lens, buf, GEN_V1);
			} while (g[0].dcid_len < 2 || g[0].dcid_len > 19);
			if (how == 0)
				g[victim].dcid[0] ^= 1;
			else if (how == 1)
				g[victim].dcid[g[0].dcid_len - 1] ^= 0x80;
			else if (victim < 3)
				g[victim].dcid_len++;
			else
				continue;
			for (len = 0, i = 0; i < 4; i++)
				len += gen_packet(&g[i], buf + len);
			n = walk_all(buf, len, g[0].dcid_len, false, y, 8);
			TQ_ASSERT_EQ(n, 4);
			for (i = 0; i < 4; i++) {
				TQ_EXPECT_EQ(y[i].drop, i == victim ?
					     TQUIC_DROP_DCID : TQUIC_DROP_NONE);
				TQ_EXPECT_EQ(y[i].type, g[i].type);
			}
		}
	}
}

/* the first packet decides, even if it is itself one to drop */
TQ_TEST(pkt_rfc9000_12_2_dcid_of_a_dropped_first_packet)
{
	struct gen a = gen_valid(TQUIC_PKT_HANDSHAKE, GEN_V1);
	struct gen b = gen_valid(TQUIC_PKT_HANDSHAKE, GEN_V1);
	struct yield y[4];
	u8 buf[GEN_ROOM];
	size_t len;

	a.dcid_len = 8;
	b.dcid_len = 8;
	a.clear_fixed = true;
	len = gen_packet(&a, buf);
	len += gen_packet(&b, buf + len);
	len += gen_packet(&a, buf + len);
	a.clear_fixed = false;
	len += gen_packet(&a, buf + len);
	TQ_ASSERT_EQ(walk_all(buf, len, 8, false, y, 4), 4);
	TQ_EXPECT_EQ(y[0].drop, TQUIC_DROP_FIXED_BIT);
	TQ_EXPECT_EQ(y[1].drop, TQUIC_DROP_DCID);
	TQ_EXPECT_EQ(y[2].drop, TQUIC_DROP_FIXED_BIT);
	TQ_EXPECT_EQ(y[3].drop, TQUIC_DROP_NONE);
}

/* whatever is wrong with a packet, the remaining ones MUST be processed */
TQ_TEST(pkt_rfc9000_12_2_bad_packet_does_not_cost_the_next)
{
	static const enum tquic_drop want[] = {
		TQUIC_DROP_FIXED_BIT, TQUIC_DROP_SAMPLE, TQUIC_DROP_CID_LEN,
	};
	unsigned int how;

	for (how = 0; how < 3; how++) {
		struct gen a = gen_valid(TQUIC_PKT_INITIAL, GEN_V2);
		struct gen b = gen_valid(TQUIC_PKT_HANDSHAKE, GEN_V2);
		struct yield y[4];
		u8 buf[GEN_ROOM];
		size_t len;

		b.dcid_len = a.dcid_len;
		memcpy(b.dcid, a.dcid, sizeof(a.dcid));
		a.clear_fixed = how == 0;
		if (how == 1)
			a.protected_len = 19;
		else if (how == 2)
			a.scid_len = 21;
		len = gen_packet(&a, buf);
		len += gen_packet(&b, buf + len);
		TQ_ASSERT_EQ(walk_all(buf, len, 8, false, y, 4), 2);
		TQ_EXPECT_EQ(y[0].drop, want[how]);
		TQ_EXPECT_EQ(y[1].drop, TQUIC_DROP_NONE);
		TQ_EXPECT_EQ(y[1].type, TQUIC_PKT_HANDSHAKE);
	}
}

/* no such packet comes behind another one, or in front of one */
TQ_TEST(pkt_rfc9000_12_2_retry_and_vn_are_alone)
{
	static const enum tquic_pkt_type types[] = {
		TQUIC_PKT_RETRY, TQUIC_PKT_VN, TQUIC_PKT_OTHER,
	};
	unsigned int t;

	for (t = 0; t < ARRAY_SIZE(types); t++) {
		struct gen a = gen_valid(TQUIC_PKT_INITIAL, GEN_V1);
		struct gen b = gen_valid(types[t], GEN_V1);
		u8 buf[2 * GEN_ROOM];
		struct yield y[4];
		size_t len, b_len;

		if (types[t] == TQUIC_PKT_OTHER)
			b.version = 0xbabababa;
		b.dcid_len = a.dcid_len;
		memcpy(b.dcid, a.dcid, sizeof(a.dcid));
		len = gen_packet(&a, buf);
		b_len = gen_packet(&b, buf + len);
		TQ_ASSERT_EQ(walk_all(buf, len + b_len, 8, false, y, 4), 2);
		TQ_EXPECT_EQ(y[0].drop, TQUIC_DROP_NONE);
		TQ_EXPECT_EQ(y[1].drop, TQUIC_DROP_COALESCED);
		TQ_EXPECT_EQ(y[1].type, types[t]);
		/* in front it takes the rest of the datagram */
		len = gen_packet(&b, buf);
		a.protected_len = 21 + (-gen_packet(&a, buf + len) & 3);
		len += gen_packet(&a, buf + len);
		TQ_ASSERT_EQ(walk_all(buf, len, 8, false, y, 4), 1);
		TQ_EXPECT_EQ(y[0].type, types[t]);
		TQ_EXPECT_EQ(y[0].len, len);
	}
}

/* a short header has no Length: it takes the rest of the datagram */
TQ_TEST(pkt_rfc9000_12_2_short_header_is_last)
{
	struct gen a = gen_valid(TQUIC_PKT_1RTT, 0);
	struct gen b = gen_valid(TQUIC_PKT_HANDSHAKE, GEN_V1);
	struct yield y[4];
	u8 buf[GEN_ROOM];
	size_t len;

	len = gen_packet(&a, buf);
	len += gen_packet(&b, buf + len);
	TQ_ASSERT_EQ(walk_all(buf, len, a.dcid_len, false, y, 4), 1);
	TQ_EXPECT_EQ(y[0].drop, TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(y[0].len, len);
}

/* RFC 9000 section 14.1: senders may fill up with what is no packet */
TQ_TEST(pkt_rfc9000_14_1_padding_behind_the_last_packet)
{
	unsigned int pad;

	for (pad = 1; pad < 60; pad++) {
		struct gen g = gen_valid(TQUIC_PKT_INITIAL, GEN_V1);
		u8 buf[GEN_ROOM] = { 0 };
		struct yield y[4];
		size_t len;

		g.dcid_len = 8;
		memset(g.dcid, 0xff, 8);
		len = gen_packet(&g, buf);
		TQ_ASSERT_EQ(walk_all(buf, len + pad, 8, false, y, 4), 2);
		TQ_EXPECT_EQ(y[0].drop, TQUIC_DROP_NONE);
		TQ_EXPECT_EQ(y[0].len, len);
		TQ_EXPECT_EQ(y[1].drop, pad < 9 ? TQUIC_DROP_SHORT :
			     TQUIC_DROP_FIXED_BIT);
		TQ_EXPECT_EQ(y[1].len, pad);
		/* with the fixed bit ignored it is for nobody's ID */
		TQ_ASSERT_EQ(walk_all(buf, len + pad, 8, true, y, 4), 2);
		TQ_EXPECT_EQ(y[0].drop, TQUIC_DROP_NONE);
		TQ_EXPECT_EQ(y[1].drop, pad < 9 ? TQUIC_DROP_SHORT :
			     pad < 29 ? TQUIC_DROP_SAMPLE : TQUIC_DROP_DCID);
	}
}

/* a server MUST discard an Initial in a datagram of less than 1200 bytes */
TQ_TEST(pkt_rfc9000_14_1_initial_size)
{
	struct tquic_pkt pkt = { .type = TQUIC_PKT_INITIAL };
	unsigned int t;

	TQ_EXPECT_EQ(TQUIC_DGRAM_MIN, 1200);
	TQ_EXPECT_EQ(tquic_pkt_check_role(&pkt, 1199, true),
		     TQUIC_DROP_INITIAL_SIZE);
	TQ_EXPECT_EQ(tquic_pkt_check_role(&pkt, 1200, true), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(tquic_pkt_check_role(&pkt, 9000, true), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(tquic_pkt_check_role(&pkt, 50, false), TQUIC_DROP_NONE);
	for (t = TQUIC_PKT_0RTT; t <= TQUIC_PKT_1RTT; t++) {
		if (t == TQUIC_PKT_RETRY)
			continue;
		pkt.type = t;
		TQ_EXPECT_EQ(tquic_pkt_check_role(&pkt, 50, true),
			     TQUIC_DROP_NONE);
	}
}

/* a client MUST discard an Initial with a token, or close */
TQ_TEST(pkt_rfc9000_17_2_2_token_from_server)
{
	struct tquic_pkt pkt = { .type = TQUIC_PKT_INITIAL, .token_len = 1 };

	TQ_EXPECT_EQ(tquic_pkt_check_role(&pkt, 1200, false),
		     TQUIC_DROP_INITIAL_TOKEN);
	TQ_EXPECT_EQ(tquic_pkt_check_role(&pkt, 1200, true), TQUIC_DROP_NONE);
	pkt.token_len = 0;
	TQ_EXPECT_EQ(tquic_pkt_check_role(&pkt, 1200, false), TQUIC_DROP_NONE);
}

/* 0-RTT only goes to a server, Retry and Version Negotiation to a client */
TQ_TEST(pkt_rfc9000_17_2_types_by_role)
{
	static const struct {
		enum tquic_pkt_type type;
		enum tquic_drop client, server;
	} t[] = {
		{ TQUIC_PKT_INITIAL, TQUIC_DROP_NONE, TQUIC_DROP_NONE },
		{ TQUIC_PKT_0RTT, TQUIC_DROP_ROLE, TQUIC_DROP_NONE },
		{ TQUIC_PKT_HANDSHAKE, TQUIC_DROP_NONE, TQUIC_DROP_NONE },
		{ TQUIC_PKT_RETRY, TQUIC_DROP_NONE, TQUIC_DROP_ROLE },
		{ TQUIC_PKT_1RTT, TQUIC_DROP_NONE, TQUIC_DROP_NONE },
		{ TQUIC_PKT_VN, TQUIC_DROP_NONE, TQUIC_DROP_ROLE },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		struct tquic_pkt pkt = { .type = t[i].type };

		if (t[i].type == TQUIC_PKT_RETRY)
			pkt.token_len = 9;
		TQ_EXPECT_EQ(tquic_pkt_check_role(&pkt, 1200, false),
			     t[i].client);
		TQ_EXPECT_EQ(tquic_pkt_check_role(&pkt, 1200, true),
			     t[i].server);
	}
}

static void check_reserved(u8 bits, u8 form)
{
	unsigned int first;

	for (first = form; first < form + 0x80U; first++) {
		struct tquic_close close = { .code = 77 };
		int ret = tquic_pkt_check_opened(first, &close);

		tq_note("first byte %#x", first);
		if (first & bits) {
			TQ_EXPECT_EQ(ret, -EPROTO);
			TQ_EXPECT_EQ(close.code, TQUIC_PROTOCOL_VIOLATION);
			TQ_EXPECT_EQ(close.frame_type, 0);
			TQ_EXPECT(close.reason);
		} else {
			TQ_EXPECT_EQ(ret, 0);
			TQ_EXPECT_EQ(close.code, 77);
		}
	}
}

/* reserved bits MUST close the connection, after the packet was opened */
TQ_TEST(pkt_rfc9000_17_2_reserved_bits)
{
	check_reserved(0x0c, 0x80);
}

TQ_TEST(pkt_rfc9000_17_3_1_reserved_bits)
{
	check_reserved(0x18, 0);
}

TQ_TEST(pkt_rfc9000_17_3_1_spin_and_key_phase)
{
	unsigned int first;

	for (first = 0; first <= 255; first++) {
		TQ_EXPECT_EQ(tquic_pkt_spin(first), !!(first & 0x20));
		TQ_EXPECT_EQ(tquic_pkt_key_phase(first), !!(first & 0x04));
	}
}

/* RFC 9001 section 5.4.2: 4 bytes of number and frames; and some frame */
TQ_TEST(pkt_rfc9001_5_4_2_payload_min)
{
	TQ_EXPECT_EQ(tquic_pkt_payload_min(1), 3);
	TQ_EXPECT_EQ(tquic_pkt_payload_min(2), 2);
	TQ_EXPECT_EQ(tquic_pkt_payload_min(3), 1);
	TQ_EXPECT_EQ(tquic_pkt_payload_min(4), 1);
}

/* sizes that the tests otherwise take from the header under test */
TQ_TEST(pkt_sizes)
{
	TQ_EXPECT_EQ(TQUIC_PKT_CID_MAX, 20);
	TQ_EXPECT_EQ(TQUIC_PKT_TAG_LEN, 16);
	TQ_EXPECT_EQ(TQUIC_PKT_SAMPLE_LEN, 16);
	TQ_EXPECT_EQ(TQUIC_PKT_MASK_LEN, 5);
	TQ_EXPECT_EQ(TQUIC_PN_LEN_MAX, 4);
	TQ_EXPECT_EQ(TQUIC_RESET_TOKEN_LEN, 16);
	TQ_EXPECT_EQ(TQUIC_RESET_MIN, 21);
	TQ_EXPECT_EQ(TQUIC_RESET_MAX, 73);
	TQ_EXPECT_EQ(TQUIC_RESET_RANDOM, 58);
}

TQ_TEST(pkt_drop_reasons_have_distinct_counters)
{
	static const char * const counters[] = {
#define TQUIC_DROP_REASON(name, counter)				\
		[TQUIC_DROP_##name] = counter,
#include "core/drop_list.h"
#undef TQUIC_DROP_REASON
	};
	unsigned int i, k;

	TQ_EXPECT_EQ(TQUIC_DROP_NONE, 0);
	TQ_ASSERT_EQ(ARRAY_SIZE(counters), TQUIC_DROP_MAX);
	for (i = 1; i < TQUIC_DROP_MAX; i++) {
		TQ_EXPECT(!strncmp(counters[i], "TquicDrop", 9));
		for (k = 1; k < i; k++)
			TQ_EXPECT(strcmp(counters[i], counters[k]));
	}
}
