/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SIM_SERIES_H
#define _SIM_SERIES_H

#include "common.h"

/**
 * struct series - bytes over time
 * @bin: ns that one entry stands for
 * @count: entries
 * @bytes: bytes in each
 */
struct series {
	u64 bin;
	u32 count;
	u32 *bytes;
};

void series_init(struct series *s, u64 duration);

static inline void series_add(struct series *s, u64 t, u32 bytes)
{
	u64 i = div64_u64(t, s->bin);

	if (i < s->count)
		s->bytes[i] += bytes;
}

#endif /* _SIM_SERIES_H */
