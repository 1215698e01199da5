// SPDX-License-Identifier: GPL-2.0
/*
 * Sample packets of RFC 9001 appendix A and RFC 9369 appendix A: headers,
 * protected and not.
 */
#include <linux/array_size.h>

#include "core/pkt.h"
#include "tap.h"

#define CLIENT_DCID	"8394c8f03e515708"
#define SERVER_SCID	"f067a5502a4262b5"

/*
 * struct sample - one packet of an appendix
 * @what: shown on failure
 * @hdr: what the header is made of, IDs apart
 * @dcid: destination connection ID
 * @scid: source connection ID
 * @payload_len: frames and tag
 * @clear: header before protection
 * @sample: sample of the payload
 * @mask: what the header protection key makes of it
 * @protected: header after it
 * @payload: start of the payload; the rest does not matter
 */
static const struct sample {
	const char *what;
	struct tquic_pkt_hdr hdr;
	const char *dcid;
	const char *scid;
	size_t payload_len;
	const char *clear;
	const char *sample;
	const char *mask;
	const char *protected;
	const char *payload;
} samples[] = {
	{
		.what = "RFC 9001 A.2",
		.hdr = { .type = TQUIC_PKT_INITIAL, .version = TQUIC_VERSION_1,
			 .pn = 2, .pn_len = 4, .len_size = 2 },
		.dcid = CLIENT_DCID, .scid = "",
		.payload_len = 1162 + 16,
		.clear = "c300000001088394c8f03e5157080000449e00000002",
		.sample = "d1b1c98dd7689fb8ec11d242b123dc9b",
		.mask = "437b9aec36",
		.protected = "c000000001088394c8f03e5157080000449e7b9aec34",
		.payload = "d1b1c98dd7689fb8ec11d242b123dc9b",
	}, {
		.what = "RFC 9001 A.3",
		.hdr = { .type = TQUIC_PKT_INITIAL, .version = TQUIC_VERSION_1,
			 .pn = 1, .pn_len = 2, .len_size = 2 },
		.dcid = "", .scid = SERVER_SCID,
		.payload_len = 99 + 16,
		.clear = "c1000000010008f067a5502a4262b50040750001",
		.sample = "2cd0991cd25b0aac406a5816b6394100",
		.mask = "2ec0d8356a",
		.protected = "cf000000010008f067a5502a4262b5004075c0d9",
		.payload = "5a482cd0991cd25b0aac406a5816b6394100",
	}, {
		.what = "RFC 9001 A.5",
		.hdr = { .type = TQUIC_PKT_1RTT, .pn = 654360564, .pn_len = 3 },
		.dcid = "",
		.payload_len = 1 + 16,
		.clear = "4200bff4",
		.sample = "5e5cd55c41f69080575d7999c25a5bfb",
		.mask = "aefefe7d03",
		.protected = "4cfe4189",
		.payload = "655e5cd55c41f69080575d7999c25a5bfb",
	}, {
		.what = "RFC 9369 A.2",
		.hdr = { .type = TQUIC_PKT_INITIAL, .version = TQUIC_VERSION_2,
			 .pn = 2, .pn_len = 4, .len_size = 2 },
		.dcid = CLIENT_DCID, .scid = "",
		.payload_len = 1162 + 16,
		.clear = "d36b3343cf088394c8f03e5157080000449e00000002",
		.sample = "ffe67b6abcdb4298b485dd04de806071",
		.mask = "94a0c95e80",
		.protected = "d76b3343cf088394c8f03e5157080000449ea0c95e82",
		.payload = "ffe67b6abcdb4298b485dd04de806071",
	}, {
		.what = "RFC 9369 A.3",
		.hdr = { .type = TQUIC_PKT_INITIAL, .version = TQUIC_VERSION_2,
			 .pn = 1, .pn_len = 2, .len_size = 2 },
		.dcid = "", .scid = SERVER_SCID,
		.payload_len = 99 + 16,
		.clear = "d16b3343cf0008f067a5502a4262b50040750001",
		.sample = "6f05d8a4398c47089698baeea26b91eb",
		.mask = "4dd92e91ea",
		.protected = "dc6b3343cf0008f067a5502a4262b5004075d92f",
		.payload = "aaf16f05d8a4398c47089698baeea26b91eb",
	}, {
		.what = "RFC 9369 A.5",
		.hdr = { .type = TQUIC_PKT_1RTT, .pn = 654360564, .pn_len = 3 },
		.dcid = "",
		.payload_len = 1 + 16,
		.clear = "4200bff4",
		.sample = "e7b6b932bc27d786f4bc2bb20f2162ba",
		.mask = "97580e32bf",
		.protected = "5558b1c6",
		.payload = "0ae7b6b932bc27d786f4bc2bb20f2162ba",
	},
};

TQ_TEST(pkt_vectors_build_and_protect)
{
	u8 dcid[20], scid[20], want[64], mask[5], buf[64];
	struct tquic_pkt_built built;
	struct tquic_wr wr;
	unsigned int i;
	size_t len;

	for (i = 0; i < ARRAY_SIZE(samples); i++) {
		const struct sample *s = &samples[i];
		struct tquic_pkt_hdr hdr = s->hdr;

		tq_note("%s", s->what);
		hdr.dcid = dcid;
		hdr.dcid_len = tq_hex(s->dcid, dcid, sizeof(dcid));
		hdr.scid = scid;
		if (s->scid)
			hdr.scid_len = tq_hex(s->scid, scid, sizeof(scid));
		len = tq_hex(s->clear, want, sizeof(want));
		wr = tquic_wr_init(buf, sizeof(buf));
		TQ_ASSERT(tquic_pkt_build(&wr, &hdr, &built));
		TQ_EXPECT(tquic_pkt_set_length(&built, s->payload_len));
		TQ_ASSERT_EQ(wr.ptr - buf, len);
		TQ_EXPECT_EQ(built.hdr_len, len);
		TQ_EXPECT_MEM_EQ(buf, want, len);
		tq_hex(s->mask, mask, sizeof(mask));
		tquic_pkt_hp_apply(buf, built.pn_off, mask);
		TQ_ASSERT_EQ(tq_hex(s->protected, want, sizeof(want)), len);
		TQ_EXPECT_MEM_EQ(buf, want, len);
	}
}

TQ_TEST(pkt_vectors_parse_and_unprotect)
{
	u8 id[20], want[64], mask[5], buf[1300];
	struct tquic_pkt_clear clear;
	struct tquic_close close;
	struct tquic_pkt pkt;
	unsigned int i;
	size_t len;

	for (i = 0; i < ARRAY_SIZE(samples); i++) {
		const struct sample *s = &samples[i];

		tq_note("%s", s->what);
		memset(buf, 0, sizeof(buf));
		len = tq_hex(s->protected, buf, sizeof(buf));
		tq_hex(s->payload, buf + len, sizeof(buf) - len);
		tq_hex(s->clear, want, sizeof(want));
		TQ_EXPECT_EQ(tquic_pkt_parse(buf, len + s->payload_len, 0,
					     false, &pkt), TQUIC_DROP_NONE);
		TQ_EXPECT_EQ(pkt.type, s->hdr.type);
		TQ_EXPECT_EQ(pkt.version, s->hdr.version);
		TQ_EXPECT_EQ(pkt.len, len + s->payload_len);
		TQ_EXPECT_EQ(pkt.dcid_len, tq_hex(s->dcid, id, sizeof(id)));
		TQ_EXPECT_MEM_EQ(pkt.dcid, id, pkt.dcid_len);
		if (s->scid) {
			TQ_EXPECT_EQ(pkt.scid_len,
				     tq_hex(s->scid, id, sizeof(id)));
			TQ_EXPECT_MEM_EQ(pkt.scid, id, pkt.scid_len);
		}
		tq_hex(s->sample, id, sizeof(id));
		TQ_EXPECT_MEM_EQ(tquic_pkt_sample(&pkt), id, 16);
		tq_hex(s->mask, mask, sizeof(mask));
		tquic_pkt_hp_remove(buf, pkt.pn_off, mask, &clear);
		TQ_EXPECT_MEM_EQ(buf, want, len);
		TQ_EXPECT_EQ(clear.first, want[0]);
		TQ_EXPECT_EQ(clear.pn_len, s->hdr.pn_len);
		TQ_EXPECT_EQ(pkt.pn_off + clear.pn_len, len);
		TQ_EXPECT_EQ(tquic_pkt_pn_decode(s->hdr.pn - 3, clear.pn,
						 clear.pn_len), s->hdr.pn);
		TQ_EXPECT_EQ(tquic_pkt_check_opened(clear.first, &close), 0);
	}
}

/* sections A.4 of both: a Retry for the client's Initial of A.2 */
static const struct {
	const char *pkt;
	const char *tag;
} retries[] = {
	{
		"ff000000010008f067a5502a4262b5746f6b656e",
		"04a265ba2eff4d829058fb3f0f2496ba",
	}, {
		"cf6b3343cf0008f067a5502a4262b5746f6b656e",
		"c8646ce8bfe33952d955543665dcc7b6",
	},
};

TQ_TEST(pkt_vectors_retry)
{
	u8 wire[64], tag[16], buf[64], scid[8], odcid[8], pseudo[64];
	struct tquic_pkt initial, pkt;
	struct tquic_wr wr;
	unsigned int i;
	u8 first[1300];
	size_t len;

	tq_hex(CLIENT_DCID, odcid, sizeof(odcid));
	tq_hex(SERVER_SCID, scid, sizeof(scid));
	for (i = 0; i < 2; i++) {
		memset(first, 0, sizeof(first));
		tq_hex(samples[3 * i].protected, first, sizeof(first));
		TQ_ASSERT_EQ(tquic_pkt_parse(first, 1200, 0, false, &initial),
			     TQUIC_DROP_NONE);
		len = tq_hex(retries[i].pkt, wire, sizeof(wire));
		len += tq_hex(retries[i].tag, wire + len, 16);
		tq_hex(retries[i].tag, tag, sizeof(tag));
		TQ_ASSERT_EQ(tquic_pkt_parse(wire, len, 0, false, &pkt),
			     TQUIC_DROP_NONE);
		TQ_EXPECT_EQ(pkt.type, TQUIC_PKT_RETRY);
		TQ_EXPECT_EQ(pkt.token_len, 5);
		TQ_EXPECT_MEM_EQ(pkt.token, "token", 5);
		TQ_EXPECT_MEM_EQ(tquic_retry_tag(&pkt), tag, 16);
		TQ_EXPECT_EQ(tquic_retry_check(&pkt, odcid, 8),
			     TQUIC_DROP_NONE);
		wr = tquic_wr_init(buf, sizeof(buf));
		TQ_EXPECT(tquic_retry_build(&wr, &initial, scid, 8,
					    (const u8 *)"token", 5, 0x0f));
		tquic_wr_bytes(&wr, tag, 16);
		TQ_EXPECT_EQ(wr.ptr - buf, len);
		TQ_EXPECT_MEM_EQ(buf, wire, len);
		wr = tquic_wr_init(pseudo, sizeof(pseudo));
		TQ_EXPECT(tquic_retry_pseudo(&wr, odcid, 8, wire, len - 16));
		TQ_EXPECT_EQ(wr.ptr - pseudo, 9 + len - 16);
		TQ_EXPECT_EQ(pseudo[0], 8);
		TQ_EXPECT_MEM_EQ(pseudo + 1, odcid, 8);
		TQ_EXPECT_MEM_EQ(pseudo + 9, wire, len - 16);
	}
}
