// SPDX-License-Identifier: GPL-2.0
/*
 * Packets without protection, sent without a connection: Version Negotiation,
 * Retry, stateless reset.
 */
#include <stdlib.h>

#include "core/pkt.h"
#include "tap.h"
#include "test_pkt_gen.h"

static const u32 offered[] = { GEN_V2, GEN_V1, 0xdadadada };

/* a server answers a version it does not speak, and nothing else */
TQ_TEST(pkt_vn_rfc9000_6_1_when_due)
{
	struct gen g = { .type = TQUIC_PKT_OTHER, .version = 0x1a2a3a4a,
			 .protected_len = 2000 };
	struct tquic_pkt pkt;
	u8 buf[GEN_ROOM];
	size_t len;

	len = gen_packet(&g, buf);
	tquic_pkt_parse(buf, len, 0, false, &pkt);
	TQ_EXPECT(tquic_vn_due(&pkt, 1200, offered, 3));
	TQ_EXPECT(tquic_vn_due(&pkt, 9000, offered, 3));
	/* a server with fewer versions than the codec has */
	g.version = GEN_V1;
	g.type = TQUIC_PKT_HANDSHAKE;
	gen_packet(&g, buf);
	tquic_pkt_parse(buf, len, 0, false, &pkt);
	TQ_EXPECT(tquic_vn_due(&pkt, 1200, offered, 1));
	TQ_EXPECT(!tquic_vn_due(&pkt, 1200, offered, 2));
	TQ_EXPECT(!tquic_vn_due(&pkt, 1200, offered + 1, 1));
	TQ_EXPECT(tquic_vn_due(&pkt, 1200, NULL, 0));
}

/* MUST NOT answer Version Negotiation, nor what has no version */
TQ_TEST(pkt_vn_rfc9000_6_1_not_in_response_to_vn)
{
	struct gen vn = gen_valid(TQUIC_PKT_VN, 0);
	struct gen one = gen_valid(TQUIC_PKT_1RTT, 0);
	struct tquic_pkt pkt;
	u8 buf[GEN_ROOM];

	tquic_pkt_parse(buf, gen_packet(&vn, buf), 0, false, &pkt);
	TQ_EXPECT(!tquic_vn_due(&pkt, 1200, offered, 3));
	tquic_pkt_parse(buf, gen_packet(&one, buf), 0, false, &pkt);
	TQ_EXPECT(!tquic_vn_due(&pkt, 1200, offered, 3));
	/* what ends before its version is known */
	buf[0] = 0xc0;
	tquic_pkt_parse(buf, 4, 0, false, &pkt);
	TQ_EXPECT(!tquic_vn_due(&pkt, 1200, offered, 3));
}

/* MUST drop a smaller datagram with an unsupported version */
TQ_TEST(pkt_vn_rfc9000_5_2_2_small_datagram)
{
	struct tquic_pkt pkt = { .type = TQUIC_PKT_OTHER, .version = 77 };

	TQ_EXPECT(!tquic_vn_due(&pkt, 0, offered, 3));
	TQ_EXPECT(!tquic_vn_due(&pkt, 1199, offered, 3));
	TQ_EXPECT(tquic_vn_due(&pkt, 1200, offered, 3));
}

/* the length of connection IDs MUST NOT influence it */
TQ_TEST(pkt_vn_rfc9000_17_2_1_any_cid_length)
{
	struct gen g = { .type = TQUIC_PKT_OTHER, .version = 99,
			 .protected_len = 1200 };
	unsigned int n;

	for (n = 0; n <= 255; n++) {
		u8 buf[GEN_ROOM], out[600];
		struct tquic_wr wr = tquic_wr_init(out, sizeof(out));
		struct tquic_pkt pkt, vn;

		gen_cids(&g);
		g.dcid_len = n;
		g.scid_len = 255 - n;
		tquic_pkt_parse(buf, gen_packet(&g, buf), 0, false, &pkt);
		TQ_EXPECT(tquic_vn_due(&pkt, 1200, offered, 3));
		TQ_ASSERT(tquic_vn_build(&wr, &pkt, offered, 3, tq_rand()));
		TQ_EXPECT_EQ(wr.ptr - out, 7 + 255 + 12);
		/* what the client gets: its own IDs, the other way round */
		TQ_EXPECT_EQ(tquic_pkt_parse(out, wr.ptr - out, 0, false, &vn),
			     TQUIC_DROP_NONE);
		TQ_EXPECT_EQ(vn.type, TQUIC_PKT_VN);
		TQ_EXPECT_EQ(vn.dcid_len, 255 - n);
		TQ_EXPECT_MEM_EQ(vn.dcid, g.scid, 255 - n);
		TQ_EXPECT_EQ(vn.scid_len, n);
		TQ_EXPECT_MEM_EQ(vn.scid, g.dcid, n);
	}
}

/* version 0, the IDs swapped, the fixed bit SHOULD be set, the list in order */
TQ_TEST(pkt_vn_rfc9000_17_2_1_bytes)
{
	static const u8 dcid[] = { 1, 2, 3 }, scid[] = { 4, 5 };
	static const u8 want[] = {
		0, 0, 0, 0, 0, 2, 4, 5, 3, 1, 2, 3, 0x6b, 0x33, 0x43, 0xcf,
		0, 0, 0, 1, 0xda, 0xda, 0xda, 0xda,
	};
	struct tquic_pkt pkt = {
		.type = TQUIC_PKT_OTHER, .version = 99, .dcid = dcid,
		.dcid_len = 3, .scid = scid, .scid_len = 2,
	};
	unsigned int unused, room;
	struct tquic_wr wr;
	u8 out[64];

	for (unused = 0; unused <= 255; unused++) {
		wr = tquic_wr_init(out, sizeof(out));
		TQ_EXPECT(tquic_vn_build(&wr, &pkt, offered, 3, unused));
		TQ_EXPECT_EQ(wr.ptr - out, sizeof(want));
		TQ_EXPECT_EQ(out[0], 0xc0 | (unused & 0x3f));
		TQ_EXPECT_MEM_EQ(out + 1, want + 1, sizeof(want) - 1);
	}
	for (room = 0; room < sizeof(want); room++) {
		wr = tquic_wr_init(out, room);
		TQ_EXPECT(!tquic_vn_build(&wr, &pkt, offered, 3, 0));
		TQ_EXPECT(wr.err);
	}
	wr = tquic_wr_init(out, sizeof(out));
	TQ_EXPECT(!tquic_vn_build(&wr, &pkt, offered, 0, 0));
	TQ_EXPECT(wr.err);
}

/* a client MUST discard one that lists the version it has selected */
TQ_TEST(pkt_vn_rfc9000_6_2_lists)
{
	struct gen g = gen_valid(TQUIC_PKT_VN, 0);
	struct tquic_pkt pkt;
	u8 buf[GEN_ROOM];
	unsigned int i;
	size_t len;

	g.token_len = 4 * 5;
	len = gen_packet(&g, buf);
	for (i = 0; i < 5; i++) {
		u8 *copy = malloc(len);

		memset(buf + g.token_off, 0, 20);
		memcpy(buf + g.token_off + 4 * i, "\x6b\x33\x43\xcf", 4);
		memcpy(copy, buf, len);
		TQ_EXPECT_EQ(tquic_pkt_parse(copy, len, 0, false, &pkt),
			     TQUIC_DROP_NONE);
		TQ_EXPECT(tquic_vn_lists(&pkt, GEN_V2));
		TQ_EXPECT(!tquic_vn_lists(&pkt, GEN_V1));
		/* not across two entries */
		TQ_EXPECT(!tquic_vn_lists(&pkt, 0x3343cf00));
		free(copy);
	}
}

static struct tquic_pkt trigger_of(struct gen *g, u8 *buf)
{
	struct tquic_pkt pkt;

	TQ_ASSERT_EQ(tquic_pkt_parse(buf, gen_packet(g, buf), g->dcid_len,
				     false, &pkt), TQUIC_DROP_NONE);
	return pkt;
}

TQ_TEST(pkt_retry_rfc9000_17_2_5_bytes)
{
	static const enum tquic_pkt_type types[] = {
		TQUIC_PKT_INITIAL, TQUIC_PKT_0RTT,
	};
	unsigned int i, v;

	for (i = 0; i < 200; i++) {
		u8 buf[GEN_ROOM], out[GEN_ROOM], scid[21], token[300], *p = out;
		size_t token_len = 1 + tq_rand_below(300), len, room;
		u8 scid_len = tq_rand_below(21), unused = tq_rand();
		struct tquic_pkt pkt, retry;
		struct tquic_wr wr;
		struct gen g;

		v = i & 1;
		g = gen_valid(types[i / 2 & 1], v ? GEN_V2 : GEN_V1);
		g.dcid_len = 20 - scid_len;
		tq_rand_bytes(scid, sizeof(scid));
		tq_rand_bytes(token, sizeof(token));
		/* 10 against 10 bytes are different but for a miracle */
		pkt = trigger_of(&g, buf);
		wr = tquic_wr_init(out, sizeof(out));
		TQ_ASSERT(tquic_retry_build(&wr, &pkt, scid, scid_len, token,
					    token_len, unused));
		len = wr.ptr - out;
		TQ_EXPECT_EQ(len, 7 + g.scid_len + scid_len + token_len);
		TQ_EXPECT_EQ(*p++, gen_long_first[v][TQUIC_PKT_RETRY] |
				   (unused & 0x0f));
		TQ_EXPECT_MEM_EQ(p, buf + 1, 4);
		tq_rand_bytes(wr.ptr, 16);
		TQ_EXPECT_EQ(tquic_pkt_parse(out, len + 16, 0, false, &retry),
			     TQUIC_DROP_NONE);
		TQ_EXPECT_EQ(retry.type, TQUIC_PKT_RETRY);
		TQ_EXPECT_EQ(retry.version, g.version);
		TQ_EXPECT_EQ(retry.dcid_len, g.scid_len);
		TQ_EXPECT_MEM_EQ(retry.dcid, g.scid, g.scid_len);
		TQ_EXPECT_EQ(retry.scid_len, scid_len);
		TQ_EXPECT_MEM_EQ(retry.scid, scid, scid_len);
		TQ_EXPECT_EQ(retry.token_len, token_len);
		TQ_EXPECT_MEM_EQ(retry.token, token, token_len);
		TQ_EXPECT(tquic_retry_tag(&retry) == out + len);
		for (room = 0; room < len; room++) {
			wr = tquic_wr_init(out, room);
			TQ_EXPECT(!tquic_retry_build(&wr, &pkt, scid, scid_len,
						     token, token_len, 0));
		}
	}
}

/* the new ID MUST NOT be the one that the client has sent */
TQ_TEST(pkt_retry_rfc9000_17_2_5_1_server_changes_cid)
{
	struct gen g = gen_valid(TQUIC_PKT_INITIAL, GEN_V1);
	u8 buf[GEN_ROOM], out[GEN_ROOM], scid[20];
	struct tquic_pkt pkt;
	struct tquic_wr wr;

	g.dcid_len = 8;
	pkt = trigger_of(&g, buf);
	memcpy(scid, g.dcid, 20);
	wr = tquic_wr_init(out, sizeof(out));
	TQ_EXPECT(!tquic_retry_build(&wr, &pkt, scid, 8, scid, 1, 0));
	TQ_EXPECT(wr.err);
	wr = tquic_wr_init(out, sizeof(out));
	TQ_EXPECT(tquic_retry_build(&wr, &pkt, scid, 9, scid, 1, 0));
	scid[7] ^= 1;
	wr = tquic_wr_init(out, sizeof(out));
	TQ_EXPECT(tquic_retry_build(&wr, &pkt, scid, 8, scid, 1, 0));
}

/* a client MUST discard a Retry that does not change it */
TQ_TEST(pkt_retry_rfc9000_17_2_5_1_client_checks_cid)
{
	struct gen g = gen_valid(TQUIC_PKT_RETRY, GEN_V2);
	struct tquic_pkt pkt;
	u8 buf[GEN_ROOM];

	g.scid_len = 8;
	pkt = trigger_of(&g, buf);
	TQ_EXPECT_EQ(tquic_retry_check(&pkt, g.scid, 8),
		     TQUIC_DROP_RETRY_CID);
	TQ_EXPECT_EQ(tquic_retry_check(&pkt, g.scid, 9), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(tquic_retry_check(&pkt, g.scid, 7), TQUIC_DROP_NONE);
	g.scid[0] ^= 1;
	TQ_EXPECT_EQ(tquic_retry_check(&pkt, g.scid, 8), TQUIC_DROP_NONE);
}

/* only Initial and 0-RTT may be answered; a token there MUST be */
TQ_TEST(pkt_retry_rfc9000_17_2_5_refused)
{
	u8 buf[GEN_ROOM], out[GEN_ROOM], id[255] = { 0 };
	struct tquic_wr wr;
	unsigned int t, n;

	for (t = TQUIC_PKT_INITIAL; t <= TQUIC_PKT_VN; t++) {
		struct gen g = gen_valid(t, GEN_V1);
		struct tquic_pkt pkt;
		bool ok = t == TQUIC_PKT_INITIAL || t == TQUIC_PKT_0RTT;

		g.dcid_len = 8;
		pkt = trigger_of(&g, buf);
		tq_note("type %u", t);
		wr = tquic_wr_init(out, sizeof(out));
		TQ_EXPECT_EQ(tquic_retry_build(&wr, &pkt, id, 5, id, 1, 0), ok);
		wr = tquic_wr_init(out, sizeof(out));
		TQ_EXPECT(!tquic_retry_build(&wr, &pkt, id, 5, id, 0, 0));
		for (n = 0; n <= 255; n++) {
			wr = tquic_wr_init(out, sizeof(out));
			TQ_EXPECT_EQ(tquic_retry_build(&wr, &pkt, id, n, id, 1,
						       0), ok && n <= 20);
		}
	}
}

TQ_TEST(pkt_retry_rfc9001_5_8_pseudo_packet)
{
	u8 retry[100], odcid[20], out[200];
	struct tquic_wr wr;
	unsigned int n;
	size_t room;

	tq_rand_bytes(retry, sizeof(retry));
	tq_rand_bytes(odcid, sizeof(odcid));
	for (n = 0; n <= 20; n++) {
		wr = tquic_wr_init(out, sizeof(out));
		TQ_EXPECT(tquic_retry_pseudo(&wr, odcid, n, retry, 100));
		TQ_EXPECT_EQ(wr.ptr - out, 101 + n);
		TQ_EXPECT_EQ(out[0], n);
		TQ_EXPECT_MEM_EQ(out + 1, odcid, n);
		TQ_EXPECT_MEM_EQ(out + 1 + n, retry, 100);
		for (room = 0; room < 101 + n; room++) {
			wr = tquic_wr_init(out, room);
			TQ_EXPECT(!tquic_retry_pseudo(&wr, odcid, n, retry,
						      100));
		}
	}
}

/*
 * A reset MUST look like a short header packet, MUST be smaller than what it
 * answers, one byte smaller for 43 bytes or less, and is never below 21.
 */
TQ_TEST(pkt_reset_rfc9000_10_3_sizes)
{
	u8 random[TQUIC_RESET_RANDOM], token[16], out[TQUIC_RESET_MAX];
	bool seen[TQUIC_RESET_MAX + 1] = { 0 };
	struct tquic_pkt pkt;
	struct tquic_wr wr;
	unsigned int i, n;
	size_t len;

	tq_rand_bytes(token, sizeof(token));
	for (n = 0; n <= 100; n++) {
		for (i = 0; i < 300; i++) {
			tq_rand_bytes(random, sizeof(random));
			wr = tquic_wr_init(out, sizeof(out));
			len = tquic_reset_build(&wr, n, random, token);
			tq_note("trigger %u, reset %zu", n, len);
			TQ_EXPECT_EQ(wr.ptr - out, len);
			TQ_EXPECT(!wr.err);
			if (n <= 21) {
				TQ_EXPECT_EQ(len, 0);
				continue;
			}
			TQ_EXPECT(len >= 21 && len < n);
			TQ_EXPECT(n <= 43 ? len == n - 1 : len >= 42);
			TQ_EXPECT_EQ(out[0] & 0xc0, 0x40);
			TQ_EXPECT_EQ(out[0] & 0x3f, random[1] & 0x3f);
			TQ_EXPECT_MEM_EQ(out + 1, random + 2, len - 17);
			TQ_EXPECT_MEM_EQ(out + len - 16, token, 16);
			TQ_EXPECT_EQ(tquic_pkt_parse(out, len, 0, false, &pkt),
				     TQUIC_DROP_NONE);
			TQ_EXPECT_EQ(pkt.type, TQUIC_PKT_1RTT);
			TQ_EXPECT(tquic_reset_token(out, len) ==
				  out + len - 16);
			seen[len] = n == 100 || seen[len];
		}
	}
	/* all sizes that hide what it is, and no other, occur */
	for (n = 42; n <= 73; n++)
		TQ_EXPECT(seen[n]);
}

TQ_TEST(pkt_reset_without_room)
{
	u8 random[TQUIC_RESET_RANDOM] = { 0 }, token[16] = { 0 };
	u8 out[TQUIC_RESET_MAX];
	struct tquic_wr wr;
	size_t room;

	for (room = 0; room < 42; room++) {
		wr = tquic_wr_init(out, room);
		TQ_EXPECT_EQ(tquic_reset_build(&wr, 1200, random, token), 0);
		TQ_EXPECT(wr.err);
	}
	wr = tquic_wr_init(out, room);
	TQ_EXPECT_EQ(tquic_reset_build(&wr, 1200, random, token), 42);
}

/* any datagram that ends in a token MUST be taken as a reset, if of 21 bytes */
TQ_TEST(pkt_reset_rfc9000_10_3_1_detection)
{
	u8 buf[1500];
	size_t len;

	TQ_EXPECT(!tquic_reset_token(NULL, 0));
	for (len = 0; len < sizeof(buf); len++) {
		const u8 *token = tquic_reset_token(buf, len);

		TQ_EXPECT(token == (len < 21 ? NULL : buf + len - 16));
	}
}
