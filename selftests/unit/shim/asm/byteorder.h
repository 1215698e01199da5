/* SPDX-License-Identifier: GPL-2.0 */
/* User-space twin: byte order. */
#ifndef _SHIM_ASM_BYTEORDER_H
#define _SHIM_ASM_BYTEORDER_H

#include_next <asm/byteorder.h>
#include <linux/types.h>

/* from or to the given order: the same thing either way */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define tq_be16(x)	__builtin_bswap16(x)
#define tq_be32(x)	__builtin_bswap32(x)
#define tq_be64(x)	((u64)__builtin_bswap64(x))
#define tq_le16(x)	((u16)(x))
#define tq_le32(x)	((u32)(x))
#define tq_le64(x)	((u64)(x))
#else
#define tq_be16(x)	((u16)(x))
#define tq_be32(x)	((u32)(x))
#define tq_be64(x)	((u64)(x))
#define tq_le16(x)	__builtin_bswap16(x)
#define tq_le32(x)	__builtin_bswap32(x)
#define tq_le64(x)	((u64)__builtin_bswap64(x))
#endif

#define swab16(x)	((u16)__builtin_bswap16(x))
#define swab32(x)	((u32)__builtin_bswap32(x))
#define swab64(x)	((u64)__builtin_bswap64(x))

#define cpu_to_be16(x)	((__be16)tq_be16(x))
#define cpu_to_be32(x)	((__be32)tq_be32(x))
#define cpu_to_be64(x)	((__be64)tq_be64(x))
#define cpu_to_le16(x)	((__le16)tq_le16(x))
#define cpu_to_le32(x)	((__le32)tq_le32(x))
#define cpu_to_le64(x)	((__le64)tq_le64(x))
#define be16_to_cpu(x)	((u16)tq_be16(x))
#define be32_to_cpu(x)	((u32)tq_be32(x))
#define be64_to_cpu(x)	((u64)tq_be64(x))
#define le16_to_cpu(x)	((u16)tq_le16(x))
#define le32_to_cpu(x)	((u32)tq_le32(x))
#define le64_to_cpu(x)	((u64)tq_le64(x))
#define be16_to_cpup(p)	be16_to_cpu(*(p))
#define be32_to_cpup(p)	be32_to_cpu(*(p))
#define be64_to_cpup(p)	be64_to_cpu(*(p))
#define le16_to_cpup(p)	le16_to_cpu(*(p))
#define le32_to_cpup(p)	le32_to_cpu(*(p))
#define le64_to_cpup(p)	le64_to_cpu(*(p))

#endif /* _SHIM_ASM_BYTEORDER_H */
