// SPDX-License-Identifier: GPL-2.0
/* kmalloc_obj(), kzalloc_obj(): allocation by type. */
#include <linux/slab.h>

void *tquic_probe(void);
void *tquic_probe(void)
{
#ifdef TQUIC_PROBE_OLD
	return kzalloc(sizeof(struct list_head), GFP_KERNEL);
#else
	return kzalloc_obj(struct list_head, GFP_KERNEL);
#endif
}
