/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TQUIC_COMPAT_LINUX_SLAB_H
#define _TQUIC_COMPAT_LINUX_SLAB_H

#include_next <linux/slab.h>
#include "tquic_config.h"

#ifndef TQUIC_HAVE_KMALLOC_OBJ
/* allocation by type; here the flags have to be given */
#define kmalloc_obj(P, GFP)	kmalloc(sizeof(typeof(P)), GFP)
#define kzalloc_obj(P, GFP)	kzalloc(sizeof(typeof(P)), GFP)
#endif

#endif /* _TQUIC_COMPAT_LINUX_SLAB_H */
