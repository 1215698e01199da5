// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "core/inv.h"
#include "core/version.h"
#include "tap.h"

/* exactly sized, so that the sanitizer sees every read beyond the end */
static bool parse(const u8 *buf, size_t len, u8 short_dcid_len,
		  struct tquic_inv *inv)
{
	u8 *copy = malloc(len ? len : 1);
	bool ok;

	memcpy(copy, buf, len);
	ok = tquic_inv_parse(copy, len, short_dcid_len, inv);
	if (ok) {
		TQ_EXPECT(inv->dcid >= copy);
		TQ_EXPECT(inv->data >= inv->dcid + inv->dcid_len);
		TQ_EXPECT(inv->data + inv->data_len == copy + len);
		inv->dcid = buf + (inv->dcid - copy);
		inv->data = buf + (inv->data - copy);
		if (inv->scid)
			inv->scid = buf + (inv->scid - copy);
	}
	free(copy);
	return ok;
}

static size_t put_long(u8 *buf, unsigned int dcid_len, unsigned int scid_len)
{
	tq_rand_bytes(buf, 7 + dcid_len + scid_len);
	buf[0] |= 0x80;
	buf[5] = dcid_len;
	buf[6 + dcid_len] = scid_len;
	return 7 + dcid_len + scid_len;
}

static void check_long(const u8 *buf, size_t len, unsigned int dcid_len,
		       unsigned int scid_len)
{
	struct tquic_inv inv;

	TQ_ASSERT(parse(buf, len, 3, &inv));
	TQ_EXPECT(inv.is_long);
	TQ_EXPECT_EQ(inv.version, (u32)buf[1] << 24 | buf[2] << 16 |
				  buf[3] << 8 | buf[4]);
	TQ_EXPECT(inv.dcid == buf + 6);
	TQ_EXPECT_EQ(inv.dcid_len, dcid_len);
	TQ_EXPECT(inv.scid == buf + 7 + dcid_len);
	TQ_EXPECT_EQ(inv.scid_len, scid_len);
	TQ_EXPECT(inv.data == buf + 7 + dcid_len + scid_len);
	TQ_EXPECT_EQ(inv.data_len, len - 7 - dcid_len - scid_len);
}

TQ_TEST(inv_rfc8999_5_1_long_header_all_cid_lengths)
{
	unsigned int d, s;
	u8 buf[600] = { 0 };

	for (d = 0; d <= 255; d++) {
		for (s = 0; s <= 255; s += d % 5 ? 51 : 1) {
			size_t len = put_long(buf, d, s);

			tq_note("dcid %u scid %u", d, s);
			check_long(buf, len, d, s);
			check_long(buf, len + 9, d, s);
		}
	}
}

TQ_TEST(inv_long_header_truncated)
{
	static const u8 lens[] = { 0, 1, 8, 20, 21, 255 };
	struct tquic_inv inv;
	unsigned int d, s;
	u8 buf[600];
	size_t cut;

	for (d = 0; d < sizeof(lens); d++) {
		for (s = 0; s < sizeof(lens); s++) {
			size_t len = put_long(buf, lens[d], lens[s]);

			for (cut = 0; cut < len; cut++) {
				tq_note("%u %u cut %zu", lens[d], lens[s], cut);
				TQ_EXPECT(!parse(buf, cut, 0, &inv));
			}
			TQ_EXPECT(parse(buf, len, 255, &inv));
		}
	}
}

TQ_TEST(inv_rfc8999_5_2_short_header)
{
	unsigned int dcid_len;
	struct tquic_inv inv;
	u8 buf[300];
	size_t len;

	tq_rand_bytes(buf, sizeof(buf));
	buf[0] &= 0x7f;
	for (dcid_len = 0; dcid_len <= 255; dcid_len++) {
		for (len = 0; len <= dcid_len; len++)
			TQ_EXPECT(!parse(buf, len, dcid_len, &inv));
		for (; len < dcid_len + 3; len++) {
			TQ_ASSERT(parse(buf, len, dcid_len, &inv));
			TQ_EXPECT(!inv.is_long);
			TQ_EXPECT_EQ(inv.version, 0);
			TQ_EXPECT(inv.dcid == buf + 1);
			TQ_EXPECT_EQ(inv.dcid_len, dcid_len);
			TQ_EXPECT(!inv.scid && !inv.scid_len);
			TQ_EXPECT(inv.data == buf + 1 + dcid_len);
			TQ_EXPECT_EQ(inv.data_len, len - 1 - dcid_len);
		}
	}
}

TQ_TEST(inv_nothing_at_all)
{
	struct tquic_inv inv;

	TQ_EXPECT(!tquic_inv_parse(NULL, 0, 0, &inv));
}

TQ_TEST(inv_hdr_max_always_suffices)
{
	struct tquic_inv inv;
	u8 buf[600];
	size_t len;

	len = put_long(buf, 255, 255);
	TQ_EXPECT_EQ(len, TQUIC_INV_HDR_MAX);
	TQ_EXPECT(parse(buf, TQUIC_INV_HDR_MAX, 0, &inv));
}

/* only the header form and the version make a Version Negotiation packet */
TQ_TEST(inv_rfc8999_6_vn_is_told_by_version)
{
	struct tquic_inv inv;
	unsigned int first, bit;
	u8 buf[7] = { 0 };

	for (first = 0; first <= 255; first++) {
		buf[0] = first;
		TQ_ASSERT(parse(buf, sizeof(buf), 0, &inv));
		TQ_EXPECT_EQ(tquic_inv_is_vn(&inv), first >= 0x80);
	}
	buf[0] = 0x80;
	for (bit = 0; bit < 32; bit++) {
		memset(buf + 1, 0, 4);
		buf[1 + bit / 8] = 1 << bit % 8;
		TQ_ASSERT(parse(buf, sizeof(buf), 0, &inv));
		TQ_EXPECT(!tquic_inv_is_vn(&inv));
	}
}

/* MUST ignore without any version, or with a truncated one */
TQ_TEST(inv_rfc8999_6_vn_list)
{
	struct tquic_inv inv;
	u8 buf[7 + 41];
	size_t len, i;

	for (len = 0; len <= 41; len++) {
		tq_rand_bytes(buf, sizeof(buf));
		memset(buf, 0, 7);
		buf[0] = 0x80;
		TQ_ASSERT(parse(buf, 7 + len, 0, &inv));
		TQ_EXPECT_EQ(tquic_inv_vn_count(&inv), len % 4 ? 0 : len / 4);
		for (i = 0; i < tquic_inv_vn_count(&inv); i++) {
			const u8 *p = buf + 7 + 4 * i;

			TQ_EXPECT_EQ(tquic_inv_vn_version(&inv, i),
				     (u32)p[0] << 24 | p[1] << 16 |
				     p[2] << 8 | p[3]);
		}
	}
}

TQ_TEST(inv_cid_eq)
{
	static const u8 a[] = { 1, 2, 3, 4 }, b[] = { 1, 2, 3, 5 };
	static const u8 c[] = { 9, 2, 3, 4 };

	TQ_EXPECT(tquic_inv_cid_eq(a, 4, a, 4));
	TQ_EXPECT(!tquic_inv_cid_eq(a, 4, b, 4));
	TQ_EXPECT(!tquic_inv_cid_eq(a, 4, c, 4));
	TQ_EXPECT(tquic_inv_cid_eq(a, 3, b, 3));
	TQ_EXPECT(!tquic_inv_cid_eq(a, 3, b, 4));
	TQ_EXPECT(!tquic_inv_cid_eq(a, 4, b, 3));
	TQ_EXPECT(!tquic_inv_cid_eq(a, 1, c, 1));
	TQ_EXPECT(tquic_inv_cid_eq(a, 0, c, 0));
	TQ_EXPECT(tquic_inv_cid_eq(NULL, 0, c, 0));
	TQ_EXPECT(!tquic_inv_cid_eq(NULL, 0, c, 1));
}

TQ_TEST(version_known)
{
	TQ_EXPECT(tquic_version_known(0x00000001));
	TQ_EXPECT(tquic_version_known(0x6b3343cf));
	TQ_EXPECT(!tquic_version_known(0));
	TQ_EXPECT(!tquic_version_known(2));
	TQ_EXPECT(!tquic_version_known(0x709a50c4));
	TQ_EXPECT(!tquic_version_known(0xff00001d));
}

/* RFC 9000 section 15: the pattern 0x?a?a?a?a */
TQ_TEST(version_rfc9000_15_reserved)
{
	unsigned int i;

	TQ_EXPECT(tquic_version_reserved(0x0a0a0a0a));
	TQ_EXPECT(tquic_version_reserved(0xfa1a2aba));
	for (i = 0; i < 16; i++) {
		u32 flip = 1U << (i / 4 * 8 + i % 4);

		TQ_EXPECT(!tquic_version_reserved(0x5a5a5a5a ^ flip));
		TQ_EXPECT(tquic_version_reserved(0x5a5a5a5a ^ flip << 4));
	}
	TQ_EXPECT_EQ(tquic_version_grease(0), 0x0a0a0a0a);
	TQ_EXPECT_EQ(tquic_version_grease(U32_MAX), 0xfafafafa);
	TQ_EXPECT_EQ(tquic_version_grease(0x12345678), 0x1a3a5a7a);
}
