/* SPDX-License-Identifier: GPL-2.0 */
/* User-space twin: loads and stores at any address, in either byte order. */
#ifndef _SHIM_LINUX_UNALIGNED_H
#define _SHIM_LINUX_UNALIGNED_H

#include <asm/byteorder.h>
#include <linux/compiler.h>
#include <linux/types.h>

#define get_unaligned(p)						\
({									\
	struct tq_unaligned {						\
		__typeof__(*(p)) val;					\
	} __packed;							\
									\
	((const struct tq_unaligned *)(p))->val;			\
})

#define put_unaligned(v, p)						\
	do {								\
		struct tq_unaligned {					\
			__typeof__(*(p)) val;				\
		} __packed;						\
									\
		((struct tq_unaligned *)(p))->val = (v);		\
	} while (0)

#define TQ_UNALIGNED(order, bits)					\
static inline u##bits get_unaligned_##order##bits(const void *p)	\
{									\
	u##bits val;							\
									\
	__builtin_memcpy(&val, p, sizeof(val));				\
	return tq_##order##bits(val);					\
}									\
									\
static inline void put_unaligned_##order##bits(u##bits val, void *p)	\
{									\
	val = tq_##order##bits(val);					\
	__builtin_memcpy(p, &val, sizeof(val));				\
}

TQ_UNALIGNED(be, 16)
TQ_UNALIGNED(be, 32)
TQ_UNALIGNED(be, 64)
TQ_UNALIGNED(le, 16)
TQ_UNALIGNED(le, 32)
TQ_UNALIGNED(le, 64)
#undef TQ_UNALIGNED

static inline u32 get_unaligned_be24(const void *p)
{
	const u8 *b = p;

	return b[0] << 16 | b[1] << 8 | b[2];
}

static inline void put_unaligned_be24(u32 val, void *p)
{
	u8 *b = p;

	b[0] = val >> 16;
	b[1] = val >> 8;
	b[2] = val;
}

static inline u32 get_unaligned_le24(const void *p)
{
	const u8 *b = p;

	return b[2] << 16 | b[1] << 8 | b[0];
}

static inline void put_unaligned_le24(u32 val, void *p)
{
	u8 *b = p;

	b[0] = val;
	b[1] = val >> 8;
	b[2] = val >> 16;
}

static inline u64 get_unaligned_be48(const void *p)
{
	return (u64)get_unaligned_be16(p) << 32 |
	       get_unaligned_be32((const u8 *)p + 2);
}

static inline void put_unaligned_be48(u64 val, void *p)
{
	put_unaligned_be16(val >> 32, p);
	put_unaligned_be32(val, (u8 *)p + 2);
}

#endif /* _SHIM_LINUX_UNALIGNED_H */
