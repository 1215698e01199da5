/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a run costs: instructions, where the machine counts them, or ns.
 */
#ifndef _SIM_COST_H
#define _SIM_COST_H

#include "common.h"

void cost_start(void);
u64 cost_stop(void);

#endif /* _SIM_COST_H */
