// SPDX-License-Identifier: GPL-2.0
/*
 * Headers that are built: against the bytes they have to be, and back through
 * the parser.
 */
#include <linux/array_size.h>

#include "core/pkt.h"
#include "tap.h"
#include "test_pkt_gen.h"

static const enum tquic_pkt_type types[] = {
	TQUIC_PKT_INITIAL, TQUIC_PKT_0RTT, TQUIC_PKT_HANDSHAKE, TQUIC_PKT_1RTT,
};

/**
 * struct job - a header to build, and the bytes it points to
 * @hdr: the header
 * @payload_len: what follows it
 * @ids: connection IDs
 * @token: token
 */
struct job {
	struct tquic_pkt_hdr hdr;
	size_t payload_len;
	u8 ids[40];
	u8 token[70];
};

static void fill_job(struct job *job, enum tquic_pkt_type type, u32 version)
{
	struct tquic_pkt_hdr *hdr = &job->hdr;

	memset(job, 0, sizeof(*job));
	tq_rand_bytes(job->ids, sizeof(job->ids));
	tq_rand_bytes(job->token, sizeof(job->token));
	hdr->type = type;
	hdr->version = version;
	hdr->dcid = job->ids;
	hdr->dcid_len = tq_rand_below(21);
	hdr->scid = job->ids + 20;
	hdr->scid_len = tq_rand_below(21);
	hdr->token = job->token;
	if (type == TQUIC_PKT_INITIAL)
		hdr->token_len = tq_rand_below(sizeof(job->token) + 1);
	hdr->pn = tq_rand() & TQUIC_PN_MAX;
	hdr->pn_len = 1 + tq_rand_below(4);
	hdr->len_size = tq_rand_below(2) ? 2 : 4;
	hdr->spin = tq_rand_below(2);
	hdr->key_phase = tq_rand_below(2);
	hdr->greased = !tq_rand_below(4);
	job->payload_len = 19 + tq_rand_below(1000);
}

/* the header as it has to be, written without the code under test */
static size_t naive_build(const struct job *job, u8 *buf)
{
	const struct tquic_pkt_hdr *hdr = &job->hdr;
	u8 *p = buf;
	unsigned int i;

	if (hdr->type == TQUIC_PKT_1RTT) {
		*p = 0x40 + 0x20 * hdr->spin + 0x04 * hdr->key_phase;
		*p++ += hdr->pn_len - 1;
		memcpy(p, hdr->dcid, hdr->dcid_len);
		p += hdr->dcid_len;
	} else {
		*p++ = gen_long_first[hdr->version == GEN_V2][hdr->type] +
		       hdr->pn_len - 1;
		for (i = 0; i < 4; i++)
			*p++ = hdr->version >> (24 - 8 * i);
		*p++ = hdr->dcid_len;
		memcpy(p, hdr->dcid, hdr->dcid_len);
		p += hdr->dcid_len;
		*p++ = hdr->scid_len;
		memcpy(p, hdr->scid, hdr->scid_len);
		p += hdr->scid_len;
		if (hdr->type == TQUIC_PKT_INITIAL) {
			p = gen_varint(p, hdr->token_len,
				       hdr->token_len < 64 ? 1 : 2);
			memcpy(p, hdr->token, hdr->token_len);
			p += hdr->token_len;
		}
		p = gen_varint(p, hdr->pn_len + job->payload_len,
			       hdr->len_size);
	}
	for (i = 0; i < hdr->pn_len; i++)
		*p++ = hdr->pn >> 8 * (hdr->pn_len - 1 - i);
	if (hdr->greased)
		buf[0] -= 0x40;
	return p - buf;
}

static void check_parsed(const struct job *job, const struct tquic_pkt *pkt,
			 size_t len)
{
	const struct tquic_pkt_hdr *hdr = &job->hdr;
	bool is_short = hdr->type == TQUIC_PKT_1RTT;

	TQ_EXPECT_EQ(pkt->type, hdr->type);
	TQ_EXPECT_EQ(pkt->len, len);
	TQ_EXPECT_EQ(pkt->dcid_len, hdr->dcid_len);
	TQ_EXPECT_MEM_EQ(pkt->dcid, hdr->dcid, hdr->dcid_len);
	TQ_EXPECT_EQ(pkt->version, is_short ? 0 : hdr->version);
	TQ_EXPECT_EQ(pkt->scid_len, is_short ? 0 : hdr->scid_len);
	if (!is_short)
		TQ_EXPECT_MEM_EQ(pkt->scid, hdr->scid, hdr->scid_len);
	TQ_EXPECT_EQ(pkt->token_len, hdr->token_len);
	if (hdr->token_len)
		TQ_EXPECT_MEM_EQ(pkt->token, hdr->token, hdr->token_len);
}

static void round_trip(enum tquic_pkt_type type, u32 version)
{
	u8 want[GEN_ROOM], buf[GEN_ROOM] = { 0 }, mask[5];
	struct tquic_pkt_built built;
	struct tquic_pkt_clear clear;
	struct tquic_close close;
	struct tquic_pkt pkt;
	struct tquic_wr wr;
	struct job job;
	size_t len;

	fill_job(&job, type, version);
	len = naive_build(&job, want);
	wr = tquic_wr_init(buf, sizeof(buf));
	TQ_ASSERT(tquic_pkt_build(&wr, &job.hdr, &built));
	TQ_EXPECT(wr.ptr == buf + len);
	TQ_EXPECT(built.ptr == buf);
	TQ_EXPECT_EQ(built.hdr_len, len);
	TQ_EXPECT_EQ(built.pn_off, len - job.hdr.pn_len);
	TQ_EXPECT_EQ(built.len_off, type == TQUIC_PKT_1RTT ? 0 :
		     built.pn_off - job.hdr.len_size);
	TQ_EXPECT(tquic_pkt_set_length(&built, job.payload_len));
	TQ_EXPECT_MEM_EQ(buf, want, len);
	tq_rand_bytes(mask, 5);
	tquic_pkt_hp_apply(buf, built.pn_off, mask);
	TQ_EXPECT_EQ(tquic_pkt_parse(buf, len + job.payload_len,
				     job.hdr.dcid_len, job.hdr.greased, &pkt),
		     TQUIC_DROP_NONE);
	check_parsed(&job, &pkt, len + job.payload_len);
	TQ_EXPECT_EQ(pkt.pn_off, built.pn_off);
	tquic_pkt_hp_remove(buf, pkt.pn_off, mask, &clear);
	TQ_EXPECT_MEM_EQ(buf, want, len);
	TQ_EXPECT_EQ(tquic_pkt_check_opened(clear.first, &close), 0);
	TQ_EXPECT_EQ(tquic_pkt_pn_decode(job.hdr.pn, clear.pn, clear.pn_len),
		     job.hdr.pn);
	if (type == TQUIC_PKT_1RTT) {
		TQ_EXPECT_EQ(tquic_pkt_spin(clear.first), job.hdr.spin);
		TQ_EXPECT_EQ(tquic_pkt_key_phase(clear.first),
			     job.hdr.key_phase);
	}
}

TQ_TEST(pkt_build_round_trip_random)
{
	unsigned int i, t;

	for (i = 0; i < 1000; i++) {
		for (t = 0; t < ARRAY_SIZE(types); t++) {
			round_trip(types[t], GEN_V1);
			round_trip(types[t], GEN_V2);
		}
	}
}

/* the header goes where the cursor is, behind another packet say */
TQ_TEST(pkt_build_behind_another_packet)
{
	struct tquic_pkt_built built;
	u8 buf[600], want[600];
	struct tquic_wr wr;
	unsigned int t;
	struct job job;
	size_t len;

	for (t = 0; t < ARRAY_SIZE(types); t++) {
		fill_job(&job, types[t], GEN_V2);
		len = naive_build(&job, want);
		wr = tquic_wr_init(buf, sizeof(buf));
		tquic_wr_reserve(&wr, 99);
		TQ_ASSERT(tquic_pkt_build(&wr, &job.hdr, &built));
		TQ_EXPECT(built.ptr == buf + 99);
		TQ_EXPECT_EQ(built.hdr_len, len);
		TQ_EXPECT(tquic_pkt_set_length(&built, job.payload_len));
		TQ_EXPECT_MEM_EQ(buf + 99, want, len);
	}
}

TQ_TEST(pkt_build_without_room)
{
	struct tquic_pkt_built built;
	u8 buf[GEN_ROOM];
	struct tquic_wr wr;
	size_t len, room;
	unsigned int t;
	struct job job;

	for (t = 0; t < ARRAY_SIZE(types); t++) {
		fill_job(&job, types[t], GEN_V1);
		len = naive_build(&job, buf);
		for (room = 0; room < len; room++) {
			memset(buf, 0xa5, sizeof(buf));
			wr = tquic_wr_init(buf, room);
			TQ_EXPECT(!tquic_pkt_build(&wr, &job.hdr, &built));
			TQ_EXPECT(wr.err);
			TQ_EXPECT_EQ(buf[room], 0xa5);
		}
		wr = tquic_wr_init(buf, len);
		TQ_EXPECT(tquic_pkt_build(&wr, &job.hdr, &built));
	}
}

static bool builds(const struct tquic_pkt_hdr *hdr)
{
	struct tquic_pkt_built built;
	u8 buf[GEN_ROOM];
	struct tquic_wr wr = tquic_wr_init(buf, sizeof(buf));
	bool ok = tquic_pkt_build(&wr, hdr, &built);

	TQ_EXPECT_EQ(ok, !wr.err);
	return ok;
}

/* RFC 9000 section 17.2: an ID MUST NOT exceed 20 bytes */
TQ_TEST(pkt_build_rfc9000_17_2_cid_len_over_20)
{
	static const u8 id[255];
	unsigned int t, n;
	struct job job;

	for (t = 0; t < ARRAY_SIZE(types); t++) {
		for (n = 0; n <= 255; n++) {
			fill_job(&job, types[t], GEN_V1);
			job.hdr.dcid = id;
			job.hdr.dcid_len = n;
			TQ_EXPECT_EQ(builds(&job.hdr), n <= 20);
			fill_job(&job, types[t], GEN_V2);
			job.hdr.scid = id;
			job.hdr.scid_len = n;
			TQ_EXPECT_EQ(builds(&job.hdr), n <= 20 ||
				     types[t] == TQUIC_PKT_1RTT);
		}
	}
}

TQ_TEST(pkt_build_refuses_what_does_not_exist)
{
	static const enum tquic_pkt_type bad[] = {
		TQUIC_PKT_RETRY, TQUIC_PKT_VN, TQUIC_PKT_OTHER,
	};
	unsigned int t, n;
	struct job job;

	for (t = 0; t < ARRAY_SIZE(types); t++) {
		for (n = 0; n < 256; n++) {
			fill_job(&job, types[t], GEN_V1);
			job.hdr.pn_len = n;
			tq_note("%u bytes of packet number", n);
			TQ_EXPECT_EQ(builds(&job.hdr), n >= 1 && n <= 4);
		}
		fill_job(&job, types[t], GEN_V1);
		job.hdr.token_len = 1;
		TQ_EXPECT_EQ(builds(&job.hdr), types[t] == TQUIC_PKT_INITIAL);
		fill_job(&job, types[t], 0x709a50c4);
		TQ_EXPECT_EQ(builds(&job.hdr), types[t] == TQUIC_PKT_1RTT);
		fill_job(&job, types[t], GEN_V1);
		job.hdr.len_size = 0;
		TQ_EXPECT_EQ(builds(&job.hdr), types[t] == TQUIC_PKT_1RTT);
		job.hdr.len_size = 3;
		TQ_EXPECT_EQ(builds(&job.hdr), types[t] == TQUIC_PKT_1RTT);
	}
	for (t = 0; t < ARRAY_SIZE(bad); t++) {
		fill_job(&job, bad[t], GEN_V1);
		TQ_EXPECT(!builds(&job.hdr));
	}
}

/* Length counts the packet number, and has to fit what was reserved */
TQ_TEST(pkt_build_rfc9000_17_2_length)
{
	static const struct {
		unsigned int size;
		size_t max;
	} t[] = { { 1, 63 }, { 2, 16383 }, { 4, 0x3fffffff } };
	struct tquic_pkt_built built;
	struct tquic_wr wr;
	struct job job;
	unsigned int i;
	u8 buf[300];

	for (i = 0; i < 3; i++) {
		struct tquic_rd rd;
		size_t fits;

		fill_job(&job, TQUIC_PKT_HANDSHAKE, GEN_V1);
		job.hdr.len_size = t[i].size;
		fits = t[i].max - job.hdr.pn_len;
		wr = tquic_wr_init(buf, sizeof(buf));
		TQ_ASSERT(tquic_pkt_build(&wr, &job.hdr, &built));
		rd = tquic_rd_init(buf + built.len_off, t[i].size);
		TQ_EXPECT_EQ(tquic_rd_varint(&rd), 0);
		TQ_EXPECT(!tquic_rd_left(&rd));
		TQ_EXPECT(!tquic_pkt_set_length(&built, fits + 1));
		TQ_EXPECT(tquic_pkt_set_length(&built, fits));
		rd = tquic_rd_init(buf + built.len_off, t[i].size);
		TQ_EXPECT_EQ(tquic_rd_varint(&rd), t[i].max);
		TQ_EXPECT(!rd.err && !tquic_rd_left(&rd));
	}
	fill_job(&job, TQUIC_PKT_1RTT, GEN_V1);
	wr = tquic_wr_init(buf, sizeof(buf));
	TQ_ASSERT(tquic_pkt_build(&wr, &job.hdr, &built));
	TQ_EXPECT(tquic_pkt_set_length(&built, SIZE_MAX / 2));
}
