/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory for a batch of packets: tens of kilobytes for as long as it takes to
 * seal or open them, of which counts say how much is valid.
 *
 * Distributions have the kernel clear whatever is allocated (init_on_alloc),
 * which for a lone packet costs more than protecting it.  Objects with a
 * constructor keep what they were, so the kernel does not clear them; nothing
 * is read of them that was not written in this life, and they never leave the
 * module.
 */
#ifndef _TQUIC_SCRATCH_H
#define _TQUIC_SCRATCH_H

#include <linux/slab.h>

static inline void tquic_scratch_ctor(void *object)
{
}

static inline struct kmem_cache *tquic_scratch_cache(const char *name,
						     unsigned int size)
{
	return kmem_cache_create(name, size, 0, 0, tquic_scratch_ctor);
}

#endif /* _TQUIC_SCRATCH_H */
