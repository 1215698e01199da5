// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams that nobody meant to send.
 */
#include <linux/array_size.h>

#include "core/pkt.h"
#include "tap.h"

#define CHECK(cond)	TQ_ASSERT(cond)

#include "test_pkt_check.h"
#include "test_pkt_gen.h"

static struct check_opts random_opts(void)
{
	struct check_opts opts = {
		.short_dcid_len = tq_rand_below(21),
		.greased = tq_rand_below(2),
	};

	tq_rand_bytes(opts.mask, sizeof(opts.mask));
	return opts;
}

TQ_TEST(pkt_junk_random_bytes)
{
	static const u32 versions[] = { GEN_V1, GEN_V2, 0, 0x1a2a3a4a };
	unsigned int i;
	u8 buf[400];

	for (i = 0; i < 100000; i++) {
		struct check_opts opts = random_opts();
		size_t len = tq_rand_below(sizeof(buf) + 1);
		u32 version = versions[tq_rand_below(4)];

		tq_rand_bytes(buf, sizeof(buf));
		/* mostly with a version and IDs that lead somewhere */
		if (tq_rand_below(8)) {
			buf[0] |= 0xc0;
			put_unaligned_be32(version, buf + 1);
			buf[5] = tq_rand_below(22);
			buf[6 + buf[5]] = tq_rand_below(22);
		}
		check_datagram(buf, len, &opts);
	}
}

/* one valid packet after the other, for one ID */
static size_t put_valid(u8 *buf, u8 short_dcid_len)
{
	static const enum tquic_pkt_type types[] = {
		TQUIC_PKT_INITIAL, TQUIC_PKT_0RTT, TQUIC_PKT_HANDSHAKE,
		TQUIC_PKT_RETRY, TQUIC_PKT_1RTT, TQUIC_PKT_VN,
	};
	unsigned int n = 1 + tq_rand_below(4);
	size_t len = 0;
	u8 dcid[255];

	tq_rand_bytes(dcid, sizeof(dcid));
	while (n--) {
		enum tquic_pkt_type type = types[tq_rand_below(6)];
		struct gen g = gen_valid(type, tq_rand() & 1 ? GEN_V1 : GEN_V2);

		memcpy(g.dcid, dcid, sizeof(dcid));
		g.dcid_len = short_dcid_len;
		len += gen_packet(&g, buf + len);
	}
	return len;
}

TQ_TEST(pkt_junk_valid_datagrams)
{
	u8 buf[2 * GEN_ROOM];
	unsigned int i;

	for (i = 0; i < 20000; i++) {
		struct check_opts opts = random_opts();

		check_datagram(buf, put_valid(buf, opts.short_dcid_len), &opts);
	}
}

TQ_TEST(pkt_junk_valid_datagrams_damaged)
{
	u8 buf[2 * GEN_ROOM];
	unsigned int i;

	for (i = 0; i < 100000; i++) {
		struct check_opts opts = random_opts();
		size_t len = put_valid(buf, opts.short_dcid_len);
		unsigned int hits = tq_rand_below(4);

		while (hits--)
			buf[tq_rand_below(len)] ^= 1 << tq_rand_below(8);
		if (!tq_rand_below(4))
			buf[tq_rand_below(len)] = tq_rand();
		if (!tq_rand_below(4))
			len = tq_rand_below(len + 1);
		check_datagram(buf, len, &opts);
	}
}
