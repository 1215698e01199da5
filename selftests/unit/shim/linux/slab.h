/* SPDX-License-Identifier: GPL-2.0 */
/*
 * User-space twin: memory.
 *
 * Every call knows its place in the source.  Fresh memory is filled with
 * noise, freeing what was not allocated here is reported, what is outstanding
 * can be asked for (leaks), and the n-th allocation can be made to fail, but
 * for those in selftests/unit/cases/.
 */
#ifndef _SHIM_LINUX_SLAB_H
#define _SHIM_LINUX_SLAB_H

#include <linux/bug.h>
#include <linux/cache.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/types.h>

#define TQ_HERE			__FILE__, __LINE__

/* what an allocation of no bytes answers: not NULL, not to be touched */
#define ZERO_SIZE_PTR		((void *)16)
#define ZERO_OR_NULL_PTR(p)	((unsigned long)(p) <= 16)

#define ARCH_KMALLOC_MINALIGN	8
#define KMALLOC_MAX_SIZE	((size_t)4 << 20)

#define SLAB_HWCACHE_ALIGN	((slab_flags_t)0x2000)
#define SLAB_PANIC		((slab_flags_t)0x40000)
#define SLAB_TYPESAFE_BY_RCU	((slab_flags_t)0x80000)
#define SLAB_ACCOUNT		((slab_flags_t)0x4000000)
#define SLAB_RECLAIM_ACCOUNT	((slab_flags_t)0x20000)

struct kmem_cache;

void *tq_shim_alloc(const char *file, int line, size_t size, gfp_t gfp)
	__must_check;
void *tq_shim_realloc(const char *file, int line, const void *p, size_t size,
		      gfp_t gfp) __must_check;
void *tq_shim_memdup(const char *file, int line, const void *src, size_t len,
		     gfp_t gfp) __must_check;
char *tq_shim_strdup(const char *file, int line, const char *s, size_t max,
		     gfp_t gfp) __must_check;
struct kmem_cache *tq_shim_cache_create(const char *file, int line,
					const char *name, unsigned int size,
					unsigned int align,
					slab_flags_t flags,
					void (*ctor)(void *));
void *tq_shim_cache_alloc(const char *file, int line, struct kmem_cache *c,
			  gfp_t gfp) __must_check;

#define kmalloc(size, gfp)	tq_shim_alloc(TQ_HERE, size, gfp)
#define kzalloc(size, gfp)	kmalloc(size, (gfp) | __GFP_ZERO)
#define kmalloc_array(n, size, gfp)	kmalloc(size_mul(n, size), gfp)
#define kcalloc(n, size, gfp)	kzalloc(size_mul(n, size), gfp)
/* by type, or by a variable of that type */
#define kmalloc_obj(p, gfp)	\
	((__typeof__(p) *)tq_shim_alloc(TQ_HERE, sizeof(__typeof__(p)), gfp))
#define kzalloc_obj(p, gfp)	kmalloc_obj(p, (gfp) | __GFP_ZERO)
#define kmalloc_objs(p, n, gfp)					\
	((__typeof__(p) *)tq_shim_alloc(TQ_HERE,			\
		size_mul(n, sizeof(__typeof__(p))), gfp))
#define kzalloc_objs(p, n, gfp)	kmalloc_objs(p, n, (gfp) | __GFP_ZERO)
#define kmalloc_flex(p, member, n, gfp)				\
	((__typeof__(p) *)tq_shim_alloc(TQ_HERE,			\
		struct_size_t(__typeof__(p), member, n), gfp))
#define kzalloc_flex(p, member, n, gfp)	\
	kmalloc_flex(p, member, n, (gfp) | __GFP_ZERO)
#define krealloc(p, size, gfp)	tq_shim_realloc(TQ_HERE, p, size, gfp)
#define krealloc_array(p, n, size, gfp)	krealloc(p, size_mul(n, size), gfp)
#define kmemdup(src, len, gfp)	tq_shim_memdup(TQ_HERE, src, len, gfp)
#define kmemdup_array(src, n, size, gfp)	\
	kmemdup(src, size_mul(n, size), gfp)
#define kstrdup(s, gfp)		\
	tq_shim_strdup(TQ_HERE, s, SIZE_MAX, gfp)
#define kstrndup(s, max, gfp)	tq_shim_strdup(TQ_HERE, s, max, gfp)
#define kvmalloc(size, gfp)	kmalloc(size, gfp)
#define kvzalloc(size, gfp)	kzalloc(size, gfp)
#define kvmalloc_array(n, size, gfp)	kmalloc_array(n, size, gfp)
#define kvcalloc(n, size, gfp)	kcalloc(n, size, gfp)

void kfree(const void *p);
/* zeroes first */
void kfree_sensitive(const void *p);
/* the bytes asked for: using more than that is an error anywhere */
size_t ksize(const void *p);
size_t kmalloc_size_roundup(size_t size);

static inline void kvfree(const void *p)
{
	kfree(p);
}

static inline void kvfree_sensitive(const void *p, size_t len)
{
	(void)len;
	kfree_sensitive(p);
}

#define kmem_cache_create(name, size, align, flags, ctor)	\
	tq_shim_cache_create(TQ_HERE, name, size, align, flags, ctor)
#define KMEM_CACHE(name, flags)						\
	kmem_cache_create(#name, sizeof(struct name),			\
			  __alignof__(struct name), flags, NULL)
#define kmem_cache_alloc(c, gfp)	tq_shim_cache_alloc(TQ_HERE, c, gfp)
#define kmem_cache_zalloc(c, gfp)	\
	kmem_cache_alloc(c, (gfp) | __GFP_ZERO)

void kmem_cache_free(struct kmem_cache *c, void *p);
void kmem_cache_destroy(struct kmem_cache *c);
unsigned int kmem_cache_size(struct kmem_cache *c);

#endif /* _SHIM_LINUX_SLAB_H */
