/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The congestion control algorithms that come with the core.
 */
#ifndef _TQUIC_CC_ALGOS_H
#define _TQUIC_CC_ALGOS_H

#include "../core/cc.h"

extern const struct tquic_cc_ops tquic_cubic_ops;
extern const struct tquic_cc_ops tquic_bbr_ops;
extern const struct tquic_cc_ops tquic_poise_ops;

#endif /* _TQUIC_CC_ALGOS_H */
