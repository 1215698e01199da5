// SPDX-License-Identifier: GPL-2.0
/*
 * What a receiver of transport parameters must refuse, one test for each rule.
 */
#include "core/tparam.h"
#include "tap.h"

#define TOKEN	"000102030405060708090a0b0c0d0e0f"
#define CID20	"0102030405060708090a0b0c0d0e0f1011121314"
#define ADDR	"c0000201 01bb 20010db8000000000000000000000001 01bb"

static struct tquic_tparams parsed;

static void judge(const char *file, int line, const char *hex,
		  bool from_server, bool accept)
{
	struct tquic_close close = { .code = 0 };
	u8 buf[512];
	size_t len = tq_hex(hex, buf, sizeof(buf));
	int err = tquic_tparam_parse(&parsed, buf, len, from_server, &close);

	if (accept && (err || close.reason))
		tq_fail(file, line, "%s: %s", hex, close.reason);
	else if (!accept && (err != -EPROTO || close.frame_type ||
			     close.code != TQUIC_TRANSPORT_PARAMETER_ERROR ||
			     !close.reason))
		tq_fail(file, line, "%s: error %d, code %#llx", hex, err,
			(unsigned long long)close.code);
}

#define SERVER_OK(hex)	judge(__FILE__, __LINE__, hex, true, true)
#define SERVER_BAD(hex)	judge(__FILE__, __LINE__, hex, true, false)
#define CLIENT_OK(hex)	judge(__FILE__, __LINE__, hex, false, true)
#define CLIENT_BAD(hex)	judge(__FILE__, __LINE__, hex, false, false)
#define BOTH_OK(hex)	judge_both(__FILE__, __LINE__, hex, true)
#define BOTH_BAD(hex)	judge_both(__FILE__, __LINE__, hex, false)

static void judge_both(const char *file, int line, const char *hex,
		       bool accept)
{
	judge(file, line, hex, false, accept);
	judge(file, line, hex, true, accept);
}

TQ_TEST(rfc9000_7_4_duplicate)
{
	BOTH_BAD("01 01 05 01 01 05");
	BOTH_BAD("0c 00 04 01 00 0c 00");
	/* the same identifier, written differently */
	BOTH_BAD("01 01 05 4001 01 06");
	SERVER_BAD("02 10" TOKEN "02 10" TOKEN);
	BOTH_BAD("0f 00 0f 00");
	BOTH_OK("01 01 05 04 01 05");
}

TQ_TEST(rfc9000_7_4_duplicate_unknown)
{
	BOTH_BAD("1b 00 1b 00");
	BOTH_BAD("1b 00 04 01 01 401b 02 aabb");
	BOTH_BAD("c0000000deadbeef 01 aa c0000000deadbeef 01 aa");
	BOTH_OK("1b 00 1c 00 c0000001deadbeef 00 c0000000deadbeef 00");
}

/* the search is bounded; beyond it everything is still parsed */
TQ_TEST(rfc9000_7_4_many_unknown)
{
	struct tquic_close close;
	struct tquic_tparams tp;
	u8 buf[1024], last[3];
	unsigned int i, n;
	size_t len, known;

	for (n = 1; n < 100; n++) {
		for (len = 0, i = 0; i < n; i++, len += 3) {
			last[0] = 0x40;
			last[1] = 0x80 + i;
			last[2] = 0;
			memcpy(buf + len, last, 3);
		}
		known = len;
		tq_note("%u unknown parameters", n);
		TQ_EXPECT_EQ(tquic_tparam_parse(&tp, buf, len, true, &close),
			     0);
		/* the last one again: found if it is among the first 32 */
		memcpy(buf + len, last, 3);
		len += 3;
		TQ_EXPECT_EQ(tquic_tparam_parse(&tp, buf, len, true, &close),
			     n <= 32 ? -EPROTO : 0);
		memcpy(buf + known, buf, 3);
		TQ_EXPECT_EQ(tquic_tparam_parse(&tp, buf, len, true, &close),
			     -EPROTO);
		memcpy(buf + known, "\x01\x01\x05", 3);
		TQ_EXPECT_EQ(tquic_tparam_parse(&tp, buf, len, true, &close),
			     0);
		TQ_EXPECT_EQ(tp.max_idle_timeout, 5);
	}
}

TQ_TEST(rfc9000_18_1_reserved_are_ignored)
{
	BOTH_OK("1b 00");
	BOTH_OK("3a 05 0102030405 01 01 07");
	TQ_EXPECT_EQ(parsed.max_idle_timeout, 7);
	TQ_EXPECT_EQ(parsed.present, 1 << TQUIC_TPARAM_MAX_IDLE_TIMEOUT);
}

TQ_TEST(rfc9000_18_cut_short)
{
	BOTH_BAD("01");
	BOTH_BAD("40");
	BOTH_BAD("01 02 05");
	BOTH_BAD("01 40");
	BOTH_BAD("1b 02 05");
	BOTH_BAD("1b ffffffffffffffff 05");
	BOTH_BAD("04 ffffffffffffffff 05");
}

TQ_TEST(rfc9000_18_2_integer_of_wrong_length)
{
	BOTH_BAD("01 00");
	BOTH_BAD("01 02 05 05");
	BOTH_BAD("01 01 40");
	BOTH_BAD("01 03 400505");
	/* longer than needed is no error */
	BOTH_OK("01 02 4005");
	BOTH_OK("4001 4001 05");
	TQ_EXPECT_EQ(parsed.max_idle_timeout, 5);
}

TQ_TEST(rfc9000_18_2_server_only_from_client)
{
	CLIENT_BAD("00 01 aa");
	SERVER_OK("00 01 aa");
	CLIENT_BAD("02 10" TOKEN);
	SERVER_OK("02 10" TOKEN);
	CLIENT_BAD("0d 2a" ADDR "01 aa" TOKEN);
	SERVER_OK("0d 2a" ADDR "01 aa" TOKEN);
	CLIENT_BAD("10 01 aa");
	SERVER_OK("10 01 aa");
}

TQ_TEST(rfc9000_18_2_stateless_reset_token)
{
	SERVER_BAD("02 0f 0102030405060708090a0b0c0d0e0f");
	SERVER_BAD("02 11 00" TOKEN);
	SERVER_BAD("02 00");
	SERVER_OK("02 10" TOKEN);
	TQ_EXPECT_EQ(parsed.stateless_reset_token[15], 0x0f);
}

TQ_TEST(rfc9000_18_2_max_udp_payload_size)
{
	BOTH_BAD("03 02 44af");
	BOTH_OK("03 02 44b0");
	BOTH_OK("03 08 ffffffffffffffff");
	BOTH_BAD("03 01 00");
}

TQ_TEST(rfc9000_18_2_initial_max_streams)
{
	BOTH_OK("08 08 d000000000000000");
	BOTH_BAD("08 08 d000000000000001");
	BOTH_OK("09 08 d000000000000000");
	BOTH_BAD("09 08 d000000000000001");
}

TQ_TEST(rfc9000_18_2_ack_delay_exponent)
{
	BOTH_OK("0a 01 14");
	BOTH_BAD("0a 01 15");
	BOTH_BAD("0a 08 ffffffffffffffff");
}

TQ_TEST(rfc9000_18_2_max_ack_delay)
{
	BOTH_OK("0b 02 7fff");
	BOTH_BAD("0b 04 80004000");
}

TQ_TEST(rfc9000_18_2_disable_active_migration)
{
	BOTH_OK("0c 00");
	TQ_EXPECT(tquic_tparam_has(&parsed,
				   TQUIC_TPARAM_DISABLE_ACTIVE_MIGRATION));
	BOTH_BAD("0c 01 01");
	BOTH_BAD("0c 01 00");
}

TQ_TEST(rfc9000_18_2_preferred_address)
{
	SERVER_OK("0d 2a" ADDR "01 aa" TOKEN);
	TQ_EXPECT_EQ(parsed.preferred_address.ipv4[0], 0xc0);
	TQ_EXPECT_EQ(parsed.preferred_address.ipv4[3], 0x01);
	TQ_EXPECT_EQ(parsed.preferred_address.ipv4_port, 443);
	TQ_EXPECT_EQ(parsed.preferred_address.ipv6[0], 0x20);
	TQ_EXPECT_EQ(parsed.preferred_address.ipv6[15], 0x01);
	TQ_EXPECT_EQ(parsed.preferred_address.ipv6_port, 443);
	TQ_EXPECT_EQ(parsed.preferred_address.cid.len, 1);
	TQ_EXPECT_EQ(parsed.preferred_address.cid.id[0], 0xaa);
	TQ_EXPECT_EQ(parsed.preferred_address.token[15], 0x0f);
	SERVER_OK("0d 3d" ADDR "14" CID20 TOKEN);
	/* no connection ID, too long a one, something behind it */
	SERVER_BAD("0d 29" ADDR "00" TOKEN);
	SERVER_BAD("0d 3e" ADDR "15" CID20 "15" TOKEN);
	SERVER_BAD("0d 2b" ADDR "01 aa" TOKEN "00");
	SERVER_BAD("0d 2a" ADDR "02 aa" TOKEN);
	SERVER_BAD("0d 2a" ADDR "00 aa" TOKEN);
	SERVER_BAD("0d 00");
}

/* a server without connection IDs has no preferred address */
TQ_TEST(rfc9000_18_2_preferred_address_without_connection_id)
{
	SERVER_BAD("0f 00 0d 2a" ADDR "01 aa" TOKEN);
	SERVER_BAD("0d 2a" ADDR "01 aa" TOKEN "0f 00");
	SERVER_OK("0d 2a" ADDR "01 aa" TOKEN "0f 01 aa");
	SERVER_OK("0f 00");
}

TQ_TEST(rfc9000_18_2_active_connection_id_limit)
{
	BOTH_BAD("0e 01 01");
	BOTH_BAD("0e 01 00");
	BOTH_OK("0e 01 02");
	BOTH_OK("0e 08 ffffffffffffffff");
}

TQ_TEST(rfc9000_18_2_connection_id_above_20)
{
	SERVER_OK("00 14" CID20);
	SERVER_BAD("00 15" CID20 "15");
	BOTH_OK("0f 14" CID20);
	TQ_EXPECT_EQ(parsed.initial_scid.len, 20);
	TQ_EXPECT_EQ(parsed.initial_scid.id[19], 0x14);
	BOTH_BAD("0f 15" CID20 "15");
	SERVER_OK("10 14" CID20);
	SERVER_BAD("10 15" CID20 "15");
	BOTH_OK("0f 00");
	TQ_EXPECT_EQ(parsed.initial_scid.len, 0);
}

TQ_TEST(rfc9221_3_max_datagram_frame_size)
{
	BOTH_OK("20 04 8000ffff");
	TQ_EXPECT_EQ(parsed.max_datagram_frame_size, 65535);
	BOTH_OK("20 01 00");
	BOTH_OK("20 08 ffffffffffffffff");
}

TQ_TEST(rfc9287_3_grease_quic_bit)
{
	BOTH_OK("6ab2 00");
	TQ_EXPECT(tquic_tparam_has(&parsed, TQUIC_TPARAM_GREASE_QUIC_BIT));
	BOTH_BAD("6ab2 01 01");
	BOTH_BAD("6ab2 00 6ab2 00");
}

TQ_TEST(multipath_2_1_initial_max_path_id)
{
	BOTH_OK("3e 01 00");
	TQ_EXPECT(tquic_tparam_has(&parsed, TQUIC_TPARAM_INITIAL_MAX_PATH_ID));
	BOTH_OK("3e 08 c0000000ffffffff");
	TQ_EXPECT_EQ(parsed.initial_max_path_id, U32_MAX);
	BOTH_BAD("3e 08 c000000100000000");
}

TQ_TEST(rfc9368_4_malformed_version_information)
{
	BOTH_OK("11 08 00000001 00000001");
	BOTH_BAD("11 00");
	BOTH_BAD("11 03 000001");
	BOTH_BAD("11 07 00000001 000001");
	BOTH_BAD("11 09 00000001 00000001 00");
	BOTH_BAD("11 06 00000001 0001");
}

TQ_TEST(rfc9368_4_zero_version)
{
	BOTH_BAD("11 08 00000000 00000001");
	SERVER_BAD("11 04 00000000");
	BOTH_BAD("11 08 00000001 00000000");
	BOTH_BAD("11 0c 00000001 00000001 00000000");
	BOTH_BAD("11 0c 00000001 00000000 00000001");
}

TQ_TEST(rfc9368_4_chosen_not_available)
{
	CLIENT_BAD("11 08 00000001 6b3343cf");
	CLIENT_BAD("11 04 00000001");
	/* a server may be about to drop it */
	SERVER_OK("11 08 00000001 6b3343cf");
	SERVER_OK("11 04 00000001");
	CLIENT_OK("11 0c 00000001 6b3343cf 00000001");
	TQ_EXPECT_EQ(parsed.versions.chosen, 1);
	TQ_EXPECT_EQ(parsed.versions.count, 2);
	TQ_EXPECT_EQ(parsed.versions.available[0], 0x6b3343cf);
	TQ_EXPECT_EQ(parsed.versions.available[1], 1);
	CLIENT_BAD("11 08 1a2a3a4a 1a2a3a4a");
}

/* a client's list; what is kept of it is in @parsed */
static int list(u32 chosen, const u32 *versions, unsigned int count)
{
	u8 buf[3 + 4 + 4 * 40] = { 0x11, 0x40, 4 + 4 * count };
	struct tquic_close close;
	unsigned int i;

	put_unaligned_be32(chosen, buf + 3);
	for (i = 0; i < count; i++)
		put_unaligned_be32(versions[i], buf + 7 + 4 * i);
	return tquic_tparam_parse(&parsed, buf, 7 + 4 * count, false, &close);
}

TQ_TEST(rfc9368_3_long_lists)
{
	u32 versions[40];
	unsigned int i;

	for (i = 0; i < 40; i++)
		versions[i] = i + 1;
	/* of more than 16 the first are kept */
	TQ_EXPECT_EQ(list(1, versions, 16), 0);
	TQ_EXPECT_EQ(parsed.versions.count, 16);
	TQ_EXPECT_EQ(parsed.versions.available[15], 16);
	TQ_EXPECT_EQ(list(1, versions, 40), 0);
	TQ_EXPECT_EQ(parsed.versions.count, 16);
	TQ_EXPECT_EQ(parsed.versions.available[15], 16);
	/* and the chosen one wherever it is */
	TQ_EXPECT_EQ(list(39, versions, 40), 0);
	TQ_EXPECT_EQ(parsed.versions.count, 16);
	TQ_EXPECT_EQ(parsed.versions.available[0], 1);
	TQ_EXPECT_EQ(parsed.versions.available[14], 15);
	TQ_EXPECT_EQ(parsed.versions.available[15], 39);
	TQ_EXPECT_EQ(list(41, versions, 40), -EPROTO);
	/* a zero is found there as well */
	versions[39] = 0;
	TQ_EXPECT_EQ(list(1, versions, 40), -EPROTO);
	TQ_EXPECT_EQ(list(1, versions, 39), 0);
	/* greased versions take no room */
	versions[0] = 0x0a0a0a0a;
	versions[5] = 0x1a2a3a4a;
	TQ_EXPECT_EQ(list(2, versions, 18), 0);
	TQ_EXPECT_EQ(parsed.versions.count, 16);
	TQ_EXPECT_EQ(parsed.versions.available[0], 2);
	TQ_EXPECT_EQ(parsed.versions.available[15], 18);
}
