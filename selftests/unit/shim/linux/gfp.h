/* SPDX-License-Identifier: GPL-2.0 */
/* User-space twin: allocation flags. */
#ifndef _SHIM_LINUX_GFP_H
#define _SHIM_LINUX_GFP_H

#include <linux/types.h>

#define __GFP_HIGH		((gfp_t)0x0020)
#define __GFP_IO		((gfp_t)0x0040)
#define __GFP_FS		((gfp_t)0x0080)
#define __GFP_ZERO		((gfp_t)0x0100)
#define __GFP_DIRECT_RECLAIM	((gfp_t)0x0400)
#define __GFP_KSWAPD_RECLAIM	((gfp_t)0x0800)
#define __GFP_NOWARN		((gfp_t)0x2000)
#define __GFP_NOFAIL		((gfp_t)0x8000)
#define __GFP_NORETRY		((gfp_t)0x10000)
#define __GFP_RETRY_MAYFAIL	((gfp_t)0x4000)
#define __GFP_ACCOUNT		((gfp_t)0x400000)
#define __GFP_RECLAIM		(__GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM)

#define GFP_ATOMIC		(__GFP_HIGH | __GFP_KSWAPD_RECLAIM)
#define GFP_KERNEL		(__GFP_RECLAIM | __GFP_IO | __GFP_FS)
#define GFP_KERNEL_ACCOUNT	(GFP_KERNEL | __GFP_ACCOUNT)
#define GFP_NOWAIT		(__GFP_KSWAPD_RECLAIM | __GFP_NOWARN)
#define GFP_NOIO		__GFP_RECLAIM
#define GFP_NOFS		(__GFP_RECLAIM | __GFP_IO)

static inline bool gfpflags_allow_blocking(gfp_t gfp)
{
	return gfp & __GFP_DIRECT_RECLAIM;
}

#endif /* _SHIM_LINUX_GFP_H */
