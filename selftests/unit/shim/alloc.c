// SPDX-License-Identifier: GPL-2.0
/*
 * kmalloc() and its family: watched for leaks and foreign pointers, and able
 * to fail on demand.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "shim.h"

/* recognisable in a dump, and no valid pointer */
#define NOISE_FRESH	0xa5
#define NOISE_FREED	0x6b

struct kmem_cache {
	unsigned int size;
	unsigned int align;
	unsigned int objects;
	void (*ctor)(void *obj);
};

/* one outstanding allocation; beside the memory, so as to shadow no redzone */
struct block {
	void *p;
	size_t size;
	const char *file;
	int line;
	struct kmem_cache *cache;
};

static struct block *blocks;
static size_t nr_blocks, room;

static struct tq_site own_sites[TQ_SITES];
static struct tq_site *sites = own_sites;

bool tq_shim_fail_test_code;
static unsigned int countdown;
static bool has_failed;

/* without a test runner, which has its own */
__weak void tq_shim_report(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: ", file, line);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

void tq_shim_use_sites(struct tq_site *table)
{
	sites = table;
}

bool tq_shim_is_test_code(const char *file)
{
	static const char cases[] = "selftests/unit/cases/";

	return !strncmp(file, cases, sizeof(cases) - 1);
}

void tq_shim_fail_nth(unsigned int nth)
{
	countdown = nth;
	has_failed = false;
}

bool tq_shim_has_failed(void)
{
	return has_failed;
}

/* the entry of a site; other processes may look for the same at this moment */
static struct tq_site *site_of(const char *file, int line)
{
	size_t i = ((uintptr_t)file * 31 + line) % TQ_SITES;
	struct tq_site *site;
	const char *none;
	int unset;

	for (;; i = (i + 1) % TQ_SITES) {
		site = &sites[i];
		none = NULL;
		if (!__atomic_compare_exchange_n(&site->file, &none, file,
						 false, __ATOMIC_SEQ_CST,
						 __ATOMIC_SEQ_CST) &&
		    none != file)
			continue;
		unset = 0;
		if (__atomic_compare_exchange_n(&site->line, &unset, line,
						false, __ATOMIC_SEQ_CST,
						__ATOMIC_SEQ_CST) ||
		    unset == line)
			return site;
	}
}

/* whether this call has to fail */
static bool refuse(const char *file, int line, size_t size, gfp_t gfp)
{
	bool test_code = tq_shim_is_test_code(file);
	struct tq_site *site = site_of(file, line);

	__atomic_fetch_add(&site->reached, 1, __ATOMIC_RELAXED);
	if (size > INT_MAX)
		return true;
	if ((gfp & __GFP_NOFAIL) || (test_code && !tq_shim_fail_test_code))
		return false;
	if (!countdown || --countdown)
		return false;
	__atomic_fetch_add(&site->failed, 1, __ATOMIC_RELAXED);
	has_failed = true;
	return true;
}

static struct block *slot_of(const void *p)
{
	size_t i = ((uintptr_t)p >> 4) * 2654435761U;

	for (;; i++) {
		struct block *b = &blocks[i & (room - 1)];

		if (!b->p || b->p == p)
			return b;
	}
}

static void grow(void)
{
	struct block *old = blocks;
	size_t i, n = room;

	room = n ? n * 2 : 1024;
	blocks = calloc(room, sizeof(*blocks));
	if (!blocks)
		abort();
	for (i = 0; i < n; i++) {
		if (old[i].p)
			*slot_of(old[i].p) = old[i];
	}
	free(old);
}

static void note_block(void *p, size_t size, const char *file, int line,
		       struct kmem_cache *cache)
{
	if (nr_blocks * 2 >= room)
		grow();
	nr_blocks++;
	*slot_of(p) = (struct block){ p, size, file, line, cache };
}

static void forget_block(struct block *b)
{
	struct block moved;

	nr_blocks--;
	b->p = NULL;
	/* what collided with it may be found no longer: settle it again */
	for (;;) {
		b = &blocks[(b - blocks + 1) & (room - 1)];
		if (!b->p)
			return;
		moved = *b;
		b->p = NULL;
		*slot_of(moved.p) = moved;
	}
}

static void *get_block(const char *file, int line, size_t size, size_t align,
		       gfp_t gfp, struct kmem_cache *cache)
{
	void *p;

	if (refuse(file, line, size, gfp))
		return NULL;
	if (!size)
		return ZERO_SIZE_PTR;
	if (align > 16)
		p = aligned_alloc(align, (size + align - 1) / align * align);
	else
		p = malloc(size);
	if (!p)
		abort();
	memset(p, (gfp & __GFP_ZERO) ? 0 : NOISE_FRESH, size);
	note_block(p, size, file, line, cache);
	return p;
}

static struct block *find_block(const void *p, const char *who,
				struct kmem_cache *cache)
{
	struct block *b = room ? slot_of(p) : NULL;

	if (!b || !b->p) {
		tq_shim_report(__FILE__, __LINE__,
			       "%s of a pointer that is not allocated", who);
		return NULL;
	}
	if (b->cache != cache) {
		tq_shim_report(b->file, abs(b->line),
			       "%s of memory that came from elsewhere", who);
		return NULL;
	}
	return b;
}

static void put_block(const void *p, const char *who, struct kmem_cache *cache)
{
	struct block *b = find_block(p, who, cache);

	if (!b)
		return;
	memset(b->p, NOISE_FREED, b->size);
	forget_block(b);
	free((void *)p);
}

size_t tq_shim_outstanding(void (*report)(const char *file, int line,
					  size_t size))
{
	size_t i;

	for (i = 0; report && i < room; i++) {
		if (blocks[i].p)
			report(blocks[i].file, blocks[i].line, blocks[i].size);
	}
	return nr_blocks;
}

void *tq_shim_alloc(const char *file, int line, size_t size, gfp_t gfp)
{
	return get_block(file, line, size, 0, gfp, NULL);
}

void *tq_shim_realloc(const char *file, int line, const void *p, size_t size,
		      gfp_t gfp)
{
	struct block *b = NULL;
	size_t keep = 0;
	void *fresh;

	if (!ZERO_OR_NULL_PTR(p)) {
		b = find_block(p, "krealloc", NULL);
		if (!b)
			return NULL;
		keep = b->size < size ? b->size : size;
	}
	/* always moves, so that a stale pointer is found out */
	fresh = get_block(file, line, size, 0, gfp, NULL);
	if (!fresh)
		return NULL;
	if (keep)
		memcpy(fresh, p, keep);
	kfree(p);
	return fresh;
}

void *tq_shim_memdup(const char *file, int line, const void *src, size_t len,
		     gfp_t gfp)
{
	void *p = get_block(file, line, len, 0, gfp, NULL);

	if (p && len)
		memcpy(p, src, len);
	return p;
}

char *tq_shim_strdup(const char *file, int line, const char *s, size_t max,
		     gfp_t gfp)
{
	size_t len;
	char *p;

	if (!s)
		return NULL;
	len = strnlen(s, max);
	p = get_block(file, line, len + 1, 0, gfp, NULL);
	if (!p)
		return NULL;
	memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

void kfree(const void *p)
{
	if (!ZERO_OR_NULL_PTR(p))
		put_block(p, "kfree", NULL);
}

void kfree_sensitive(const void *p)
{
	/* freed memory is overwritten anyway */
	kfree(p);
}

size_t ksize(const void *p)
{
	struct block *b = ZERO_OR_NULL_PTR(p) ? NULL :
			  find_block(p, "ksize", NULL);

	return b ? b->size : 0;
}

size_t kmalloc_size_roundup(size_t size)
{
	size_t up = 8;

	if (!size || size > KMALLOC_MAX_SIZE)
		return size;
	while (up < size)
		up <<= 1;
	return up;
}

struct kmem_cache *tq_shim_cache_create(const char *file, int line,
					const char *name, unsigned int size,
					unsigned int align,
					slab_flags_t flags,
					void (*ctor)(void *))
{
	struct kmem_cache *c;

	WARN_ON(!name || !size);
	c = get_block(file, line, sizeof(*c), 0, GFP_KERNEL, NULL);
	if (c)
		*c = (struct kmem_cache){ size, align, 0, ctor };
	return c;
}

void *tq_shim_cache_alloc(const char *file, int line, struct kmem_cache *c,
			  gfp_t gfp)
{
	void *p = get_block(file, line, c->size, c->align, gfp, c);

	if (!p)
		return NULL;
	if (c->ctor)
		c->ctor(p);
	c->objects++;
	return p;
}

void kmem_cache_free(struct kmem_cache *c, void *p)
{
	if (!p)
		return;
	c->objects--;
	put_block(p, "kmem_cache_free", c);
}

void kmem_cache_destroy(struct kmem_cache *c)
{
	if (!c)
		return;
	WARN(c->objects, "cache destroyed with %u objects", c->objects);
	kfree(c);
}

unsigned int kmem_cache_size(struct kmem_cache *c)
{
	return c->size;
}
