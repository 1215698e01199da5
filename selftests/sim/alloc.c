// SPDX-License-Identifier: GPL-2.0
/*
 * Memory for the core, instead of the watchful allocator of the unit tests:
 * freed blocks are kept by size, and all that is counted is their sum.
 */
#include "alloc.h"

#define STEP		32
#define SMALL		2048
#define CLASSES		(SMALL / STEP)

/* in front of each block; keeps what follows aligned */
struct head {
	union {
		size_t size;
		struct head *next;
		u64 align[2];
	};
};

static struct head *spare[CLASSES + 1];
u64 alloc_held;
u64 alloc_most;
bool tq_shim_fail_test_code;

void tq_shim_report(const char *file, int line, const char *fmt, ...)
{
	bug("%s:%d: %s", file, line, fmt);
}

static void *get(size_t size, bool zero)
{
	size_t class = (size + STEP - 1) / STEP;
	struct head *h;

	if (!size)
		return ZERO_SIZE_PTR;
	if (class <= CLASSES && spare[class]) {
		h = spare[class];
		spare[class] = h->next;
	} else {
		h = malloc(sizeof(*h) +
			   (class <= CLASSES ? class * STEP : size));
		if (!h)
			die("out of memory");
	}
	h->size = size;
	alloc_held += size;
	if (alloc_held > alloc_most)
		alloc_most = alloc_held;
	if (zero)
		memset(h + 1, 0, size);
	return h + 1;
}

void *tq_shim_alloc(const char *file, int line, size_t size, gfp_t gfp)
{
	(void)file;
	(void)line;
	return get(size, gfp & __GFP_ZERO);
}

void *tq_shim_realloc(const char *file, int line, const void *p, size_t size,
		      gfp_t gfp)
{
	void *fresh = tq_shim_alloc(file, line, size, gfp);

	if (!ZERO_OR_NULL_PTR(p)) {
		memcpy(fresh, p, min(size, ksize(p)));
		kfree(p);
	}
	return fresh;
}

void *tq_shim_memdup(const char *file, int line, const void *src, size_t len,
		     gfp_t gfp)
{
	void *p = tq_shim_alloc(file, line, len, gfp);

	if (len)
		memcpy(p, src, len);
	return p;
}

size_t ksize(const void *p)
{
	return ZERO_OR_NULL_PTR(p) ? 0 : ((const struct head *)p)[-1].size;
}

void kfree(const void *p)
{
	struct head *h;
	size_t class;

	if (ZERO_OR_NULL_PTR(p))
		return;
	h = (struct head *)p - 1;
	alloc_held -= h->size;
	class = (h->size + STEP - 1) / STEP;
	if (class > CLASSES) {
		free(h);
		return;
	}
	h->next = spare[class];
	spare[class] = h;
}

void kfree_sensitive(const void *p)
{
	kfree(p);
}

void alloc_restart(void)
{
	CHECK(!alloc_held);
	alloc_most = 0;
}
