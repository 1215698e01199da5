// SPDX-License-Identifier: GPL-2.0
/*
 * Destinations of a tunnel: what is parsed is written as it was, what is
 * written is parsed as it was, and nothing is read that is not there.
 */
#include "core/dest.h"
#include "core/stream.h"

#define CHECK(cond)			\
	do {				\
		if (!(cond))		\
			__builtin_trap(); \
	} while (0)

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void check_parsed(const u8 *data, size_t size, int used,
			 const struct tquic_dest *dest)
{
	u8 out[TQUIC_DEST_MAX], *exact;
	struct tquic_dest again;
	int n;

	CHECK((size_t)used <= size && (u32)used == tquic_dest_len(dest));
	CHECK(dest->class < TQUIC_STREAM_CLASSES && dest->dscp < 64);
	CHECK(tquic_dest_write(out, dest) == (u32)used);
	CHECK(!memcmp(out, data, used));
	/* a buffer of just as many bytes shows a read behind them */
	exact = kmalloc(used, GFP_KERNEL);
	if (!exact)
		return;
	memcpy(exact, data, used);
	CHECK(tquic_dest_parse(exact, used, &again) == used);
	CHECK(!memcmp(&again, dest, sizeof(again)));
	for (n = 0; n < used; n++)
		CHECK(!tquic_dest_parse(exact, n, &again));
	kfree(exact);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct tquic_dest dest;
	int used = tquic_dest_parse(data, size, &dest);

	if (used > 0) {
		check_parsed(data, size, used, &dest);
		return 0;
	}
	/* too short, or of another family */
	if (size && data[0] != 4 && data[0] != 6)
		CHECK(used == -EPROTO);
	else
		CHECK(!used && size < TQUIC_DEST_MAX);
	return 0;
}
