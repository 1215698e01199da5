/* SPDX-License-Identifier: GPL-2.0 */
/* User-space twin: from a member to the structure around it. */
#ifndef _SHIM_LINUX_CONTAINER_OF_H
#define _SHIM_LINUX_CONTAINER_OF_H

#include <linux/build_bug.h>
#include <linux/stddef.h>

#define container_of(ptr, type, member)					\
({									\
	void *tq_member = (void *)(ptr);				\
									\
	_Static_assert(__builtin_types_compatible_p(__typeof__(*(ptr)),	\
			__typeof__(((type *)0)->member)) ||		\
		       __builtin_types_compatible_p(__typeof__(*(ptr)),	\
			void),						\
		       "pointer is not to this member");		\
	((type *)((char *)tq_member - offsetof(type, member)));		\
})

#endif /* _SHIM_LINUX_CONTAINER_OF_H */
