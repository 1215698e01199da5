// SPDX-License-Identifier: GPL-2.0
/*
 * Transport parameters: what parses is built and parsed again.
 *
 * The first byte of the input says who sent the rest.
 */
#include <stdlib.h>

#include "core/tparam.h"

#define CHECK(cond)			\
	do {				\
		if (!(cond))		\
			__builtin_trap(); \
	} while (0)

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void check_again(const struct tquic_tparams *tp, bool from_server,
			size_t size)
{
	struct tquic_close close;
	struct tquic_tparams again;
	struct tquic_wr wr;
	int len = tquic_tparam_len(tp, from_server);
	u8 *buf;

	/* integers may have been longer than needed */
	CHECK(len >= 0 && len <= size);
	buf = malloc(len + 1);
	wr = tquic_wr_init(buf, len);
	CHECK(!tquic_tparam_build(&wr, tp, from_server));
	CHECK(!wr.err && wr.ptr == buf + len);
	CHECK(!tquic_tparam_parse(&again, buf, len, from_server, &close));
	CHECK(!memcmp(&again, tp, sizeof(again)));
	free(buf);
}

static void check_0rtt(const struct tquic_tparams *tp)
{
	struct tquic_tparams kept, again;
	struct tquic_close close;

	tquic_tparam_remember(&kept, tp);
	CHECK(!(kept.present & ~tp->present));
	CHECK(!tquic_tparam_check_0rtt(&kept, tp, &close));
	check_again(&kept, true, SIZE_MAX);
	tquic_tparam_remember(&again, &kept);
	CHECK(!memcmp(&again, &kept, sizeof(again)));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct tquic_close close = { .code = 0 };
	struct tquic_tparams tp;
	bool from_server;

	if (!size)
		return 0;
	from_server = data[0] & 1;
	if (tquic_tparam_parse(&tp, data + 1, size - 1, from_server, &close)) {
		CHECK(close.code == TQUIC_TRANSPORT_PARAMETER_ERROR);
		CHECK(close.reason);
		return 0;
	}
	CHECK(!close.reason);
	check_again(&tp, from_server, size - 1);
	check_0rtt(&tp);
	return 0;
}
