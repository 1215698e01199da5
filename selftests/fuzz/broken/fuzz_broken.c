// SPDX-License-Identifier: GPL-2.0
/* A target with a crash that has to be found: see "make selftest". */
#include <linux/slab.h>
#include <linux/types.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u8 *copy = kmalloc(size, GFP_KERNEL);
	size_t i;

	for (i = 0; i < size; i++)
		copy[i] = data[i];
	if (size > 2 && copy[0] == 'b' && copy[1] == 'u' && copy[2] == 'g')
		copy[size] = 0;
	kfree(copy);
	return 0;
}
