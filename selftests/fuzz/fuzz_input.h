/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fuzzer input that is read as a program, and the test runner's services for
 * code that is shared with the unit tests.
 */
#ifndef _TQUIC_FUZZ_INPUT_H
#define _TQUIC_FUZZ_INPUT_H

#include <linux/types.h>

#define CHECK(cond)			\
	do {				\
		if (!(cond))		\
			__builtin_trap(); \
	} while (0)

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

void in_begin(const u8 *data, size_t size);
size_t in_left(void);
/* 0 once the input has ended */
u8 in_u8(void);
u16 in_u16(void);
u32 in_u32(void);
/* points to @len bytes of input, or to what is left of it */
size_t in_bytes(const u8 **bytes, size_t len);

#endif /* _TQUIC_FUZZ_INPUT_H */
