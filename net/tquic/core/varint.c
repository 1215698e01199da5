// SPDX-License-Identifier: GPL-2.0
/*
 * Variable-length integers (RFC 9000 section 16) and bounded cursors.
 */
#include "varint.h"

/**
 * tquic_rd_bytes - take bytes out of the input without copying them
 * @rd: cursor
 * @len: how many; u64 so that a length just decoded needs no cast
 *
 * Return: the bytes, or NULL with the cursor in error when fewer are left.
 */
const u8 *tquic_rd_bytes(struct tquic_rd *rd, u64 len)
{
	const u8 *p = rd->ptr;

	if (rd->err || len > (size_t)(rd->end - p)) {
		rd->err = true;
		return NULL;
	}
	rd->ptr += len;
	return p;
}

/**
 * tquic_rd_copy - take bytes out of the input into a buffer
 * @rd: cursor
 * @dst: room for @len bytes; left alone on failure
 * @len: how many
 *
 * Return: whether there were enough.
 */
bool tquic_rd_copy(struct tquic_rd *rd, void *dst, size_t len)
{
	const u8 *p = tquic_rd_bytes(rd, len);

	if (!p)
		return false;
	memcpy(dst, p, len);
	return true;
}

u8 tquic_rd_u8(struct tquic_rd *rd)
{
	const u8 *p = tquic_rd_bytes(rd, 1);

	return p ? *p : 0;
}

u16 tquic_rd_u16(struct tquic_rd *rd)
{
	const u8 *p = tquic_rd_bytes(rd, 2);

	return p ? get_unaligned_be16(p) : 0;
}

u32 tquic_rd_u32(struct tquic_rd *rd)
{
	const u8 *p = tquic_rd_bytes(rd, 4);

	return p ? get_unaligned_be32(p) : 0;
}

/**
 * tquic_rd_varint - read a variable-length integer
 * @rd: cursor
 *
 * Return: the value, at most TQUIC_VARINT_MAX; 0 with the cursor in error when
 * the input ends within it.
 */
u64 tquic_rd_varint(struct tquic_rd *rd)
{
	const u8 *p = rd->ptr;

	if (rd->err || p == rd->end) {
		rd->err = true;
		return 0;
	}
	p = tquic_rd_bytes(rd, 1U << (*p >> 6));
	if (!p)
		return 0;
	switch (*p >> 6) {
	case 0:
		return *p;
	case 1:
		return get_unaligned_be16(p) & 0x3fff;
	case 2:
		return get_unaligned_be32(p) & 0x3fffffff;
	default:
		return get_unaligned_be64(p) & TQUIC_VARINT_MAX;
	}
}

/**
 * tquic_rd_varint_min - read a variable-length integer and judge its encoding
 * @rd: cursor
 * @minimal: set to whether the shortest possible encoding was used, which RFC
 *	9000 section 12.4 demands of frame types
 *
 * Return: as tquic_rd_varint().
 */
u64 tquic_rd_varint_min(struct tquic_rd *rd, bool *minimal)
{
	const u8 *start = rd->ptr;
	u64 val = tquic_rd_varint(rd);

	*minimal = !rd->err && rd->ptr - start == tquic_varint_len(val);
	return val;
}

/**
 * tquic_wr_reserve - claim room in the output
 * @wr: cursor
 * @len: how many bytes
 *
 * Return: the room, for the caller to fill, or NULL with the cursor in error.
 */
u8 *tquic_wr_reserve(struct tquic_wr *wr, size_t len)
{
	u8 *p = wr->ptr;

	if (wr->err || len > (size_t)(wr->end - p)) {
		wr->err = true;
		return NULL;
	}
	wr->ptr += len;
	return p;
}

void tquic_wr_bytes(struct tquic_wr *wr, const void *src, size_t len)
{
	u8 *p = tquic_wr_reserve(wr, len);

	if (p && len)
		memcpy(p, src, len);
}

void tquic_wr_u8(struct tquic_wr *wr, u8 val)
{
	u8 *p = tquic_wr_reserve(wr, 1);

	if (p)
		*p = val;
}

void tquic_wr_u16(struct tquic_wr *wr, u16 val)
{
	u8 *p = tquic_wr_reserve(wr, 2);

	if (p)
		put_unaligned_be16(val, p);
}

void tquic_wr_u32(struct tquic_wr *wr, u32 val)
{
	u8 *p = tquic_wr_reserve(wr, 4);

	if (p)
		put_unaligned_be32(val, p);
}

/**
 * tquic_wr_varint_len - write a variable-length integer in a given length
 * @wr: cursor
 * @val: value
 * @len: 1, 2, 4 or 8 bytes; a length that does not hold @val is an error.
 *	Longer than needed is legal, except for frame types, and is how a
 *	length is written before what it counts.
 */
void tquic_wr_varint_len(struct tquic_wr *wr, u64 val, unsigned int len)
{
	unsigned int need = tquic_varint_len(val);
	u8 *p;

	if (!need || len < need) {
		wr->err = true;
		return;
	}
	p = tquic_wr_reserve(wr, len);
	if (!p)
		return;
	switch (len) {
	case 1:
		*p = val;
		break;
	case 2:
		put_unaligned_be16(val | 1U << 14, p);
		break;
	case 4:
		put_unaligned_be32(val | 2U << 30, p);
		break;
	case 8:
		put_unaligned_be64(val | 3ULL << 62, p);
		break;
	default:
		wr->err = true;
	}
}

void tquic_wr_varint(struct tquic_wr *wr, u64 val)
{
	tquic_wr_varint_len(wr, val, tquic_varint_len(val));
}
