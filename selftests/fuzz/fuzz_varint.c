// SPDX-License-Identifier: GPL-2.0
/*
 * Varints and cursors: the input is a program of reads.  Whatever was read is
 * written again, in the same length, and has to give the same bytes.
 */
#include "core/varint.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		__builtin_trap();
}

static void round_trip(const u8 *start, u64 val, bool minimal, size_t len)
{
	u8 buf[TQUIC_VARINT_LEN_MAX];
	struct tquic_wr wr = tquic_wr_init(buf, sizeof(buf));

	check(val <= TQUIC_VARINT_MAX);
	check(minimal == (tquic_varint_len(val) == len));
	tquic_wr_varint_len(&wr, val, len);
	check(!wr.err && wr.ptr == buf + len && !memcmp(buf, start, len));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct tquic_rd rd = tquic_rd_init(data, size);
	const u8 *start;
	bool minimal;
	u8 copy[64];
	u64 val;

	while (tquic_rd_left(&rd)) {
		u8 op = tquic_rd_u8(&rd);

		start = rd.ptr;
		switch (op & 3) {
		case 0:
			val = tquic_rd_varint_min(&rd, &minimal);
			if (!rd.err)
				round_trip(start, val, minimal,
					   rd.ptr - start);
			break;
		case 1:
			val = tquic_rd_varint(&rd);
			start = tquic_rd_bytes(&rd, val);
			check(!start == rd.err);
			check(!start || start + val == rd.ptr);
			break;
		case 2:
			if (tquic_rd_copy(&rd, copy, op >> 2))
				check(!memcmp(copy, start, op >> 2));
			break;
		case 3:
			tquic_rd_u32(&rd);
			tquic_rd_u16(&rd);
			break;
		}
		check(rd.ptr >= start || rd.err);
		check(rd.ptr <= data + size);
	}
	return 0;
}
