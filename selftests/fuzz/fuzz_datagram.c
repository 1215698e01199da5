// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams: all packets of one are parsed, unprotected and built again.
 *
 * The first six bytes of the input say how it is read: the length of the
 * reader's connection IDs, whether a clear fixed bit is accepted, and the
 * header protection mask.
 */
#include "core/pkt.h"

#define CHECK(cond)			\
	do {				\
		if (!(cond))		\
			__builtin_trap(); \
	} while (0)

#include "cases/test_pkt_check.h"

#define PREFIX	(1 + TQUIC_PKT_MASK_LEN)

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct check_opts opts;

	if (size < PREFIX)
		return 0;
	opts.short_dcid_len = data[0] & 0x1f;
	opts.greased = data[0] & 0x80;
	memcpy(opts.mask, data + 1, TQUIC_PKT_MASK_LEN);
	check_datagram(data + PREFIX, size - PREFIX, &opts);
	return 0;
}
