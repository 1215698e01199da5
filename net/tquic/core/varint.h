/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Variable-length integers (RFC 9000 section 16) and the bounded cursors that
 * every codec in the core reads from and writes to.
 */
#ifndef _TQUIC_CORE_VARINT_H
#define _TQUIC_CORE_VARINT_H

#include "core.h"

#define TQUIC_VARINT_MAX	((1ULL << 62) - 1)
#define TQUIC_VARINT_LEN_MAX	8

/**
 * struct tquic_rd - bounded read cursor
 * @ptr: next byte to read
 * @end: one past the last byte
 * @err: sticky: once set, every read answers 0 or NULL and moves nothing
 *
 * A decoder reads a whole structure and looks at @err once, at its end.
 */
struct tquic_rd {
	const u8 *ptr;
	const u8 *end;
	bool err;
};

/**
 * struct tquic_wr - bounded write cursor
 * @ptr: next byte to write
 * @end: one past the last byte of room
 * @err: sticky: once set, every write is dropped
 */
struct tquic_wr {
	u8 *ptr;
	u8 *end;
	bool err;
};

static inline struct tquic_rd tquic_rd_init(const void *buf, size_t len)
{
	return (struct tquic_rd){ .ptr = buf, .end = (const u8 *)buf + len };
}

static inline struct tquic_wr tquic_wr_init(void *buf, size_t len)
{
	return (struct tquic_wr){ .ptr = buf, .end = (u8 *)buf + len };
}

static inline size_t tquic_rd_left(const struct tquic_rd *rd)
{
	return rd->err ? 0 : rd->end - rd->ptr;
}

static inline size_t tquic_wr_room(const struct tquic_wr *wr)
{
	return wr->err ? 0 : wr->end - wr->ptr;
}

/**
 * tquic_varint_len - bytes of the shortest encoding
 * @val: value, at most TQUIC_VARINT_MAX
 *
 * Return: 1, 2, 4 or 8; 0 when @val cannot be encoded.
 */
static inline unsigned int tquic_varint_len(u64 val)
{
	if (val < 1ULL << 6)
		return 1;
	if (val < 1ULL << 14)
		return 2;
	if (val < 1ULL << 30)
		return 4;
	return val <= TQUIC_VARINT_MAX ? 8 : 0;
}

u8 tquic_rd_u8(struct tquic_rd *rd);
u16 tquic_rd_u16(struct tquic_rd *rd);
u32 tquic_rd_u32(struct tquic_rd *rd);
u64 tquic_rd_varint(struct tquic_rd *rd);
u64 tquic_rd_varint_min(struct tquic_rd *rd, bool *minimal);
const u8 *tquic_rd_bytes(struct tquic_rd *rd, u64 len);
bool tquic_rd_copy(struct tquic_rd *rd, void *dst, size_t len);

void tquic_wr_u8(struct tquic_wr *wr, u8 val);
void tquic_wr_u16(struct tquic_wr *wr, u16 val);
void tquic_wr_u32(struct tquic_wr *wr, u32 val);
void tquic_wr_varint(struct tquic_wr *wr, u64 val);
void tquic_wr_varint_len(struct tquic_wr *wr, u64 val, unsigned int len);
u8 *tquic_wr_reserve(struct tquic_wr *wr, size_t len);
void tquic_wr_bytes(struct tquic_wr *wr, const void *src, size_t len);

#endif /* _TQUIC_CORE_VARINT_H */
