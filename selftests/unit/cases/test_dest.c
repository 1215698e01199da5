// SPDX-License-Identifier: GPL-2.0
/* Headers of the tunnel: Documentation/networking/tquic-tunnel.rst */
#include "core/dest.h"
#include "core/stream.h"
#include "tap.h"

#define V6 "0602fd0000000000000000000000000000021234" \
	"20010db800000000000000000000000701bb"

static const struct {
	const char *hex;
	struct tquic_dest dest;
} samples[] = {
	{ "04b9c0a80102c000cb0071070050",
	  { .class = TQUIC_STREAM_INTERACTIVE, .dscp = 46,
	    .src = { 192, 168, 1, 2 }, .sport = 0xc000,
	    .dst = { 203, 0, 113, 7 }, .dport = 80 } },
	{ V6,
	  { .v6 = true, .class = TQUIC_STREAM_BULK,
	    .src = { 0xfd, [15] = 2 }, .sport = 0x1234,
	    .dst = { 0x20, 0x01, 0x0d, 0xb8, [15] = 7 }, .dport = 443 } },
};

TQ_TEST(dest_samples)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(samples); i++) {
		u8 in[TQUIC_DEST_MAX], out[TQUIC_DEST_MAX];
		size_t len = tq_hex(samples[i].hex, in, sizeof(in));
		struct tquic_dest dest;

		TQ_EXPECT_EQ(tquic_dest_parse(in, len, &dest), (int)len);
		TQ_EXPECT_MEM_EQ(&dest, &samples[i].dest, sizeof(dest));
		TQ_EXPECT_EQ(tquic_dest_write(out, &samples[i].dest), len);
		TQ_EXPECT_MEM_EQ(in, out, len);
	}
}

TQ_TEST(dest_waits_for_the_rest)
{
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(samples); i++) {
		u8 in[TQUIC_DEST_MAX];
		size_t len = tq_hex(samples[i].hex, in, sizeof(in));
		struct tquic_dest dest;

		for (n = 0; n < len; n++)
			TQ_EXPECT_EQ(tquic_dest_parse(in, n, &dest), 0);
	}
}

TQ_TEST(dest_other_family)
{
	u8 in[TQUIC_DEST_MAX] = { 5 };
	struct tquic_dest dest;

	TQ_EXPECT_EQ(tquic_dest_parse(in, 1, &dest), -EPROTO);
	in[0] = 0x45;
	TQ_EXPECT_EQ(tquic_dest_parse(in, sizeof(in), &dest), -EPROTO);
}
