/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the twins offer to the program around them, beyond the kernel's names.
 *
 * The allocator keeps its books in plain static memory: one thread at a time.
 */
#ifndef _SHIM_SHIM_H
#define _SHIM_SHIM_H

#include <linux/types.h>

/**
 * struct tq_site - a place in the source that allocates
 * @file: as the compiler names it; NULL when the entry is free
 * @line: line
 * @reached: calls
 * @failed: calls that were made to fail
 */
struct tq_site {
	const char *file;
	int line;
	unsigned int reached;
	unsigned int failed;
};

#define TQ_SITES	4096

/* a table elsewhere, zeroed, TQ_SITES entries: shared between processes */
void tq_shim_use_sites(struct tq_site *table);
/* code whose sites are watched but never fail: tests may allocate too */
bool tq_shim_is_test_code(const char *file);
/* lets even test code fail */
extern bool tq_shim_fail_test_code;

/* the @nth allocation from now on fails, once; 0: none */
void tq_shim_fail_nth(unsigned int nth);
/* whether it has done so */
bool tq_shim_has_failed(void);

/* number of allocations that were not freed; @report sees each */
size_t tq_shim_outstanding(void (*report)(const char *file, int line,
					  size_t size));

#endif /* _SHIM_SHIM_H */
