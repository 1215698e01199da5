/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SIM_ALLOC_H
#define _SIM_ALLOC_H

#include "common.h"

/* bytes that the core holds, and the most that it held */
extern u64 alloc_held;
extern u64 alloc_most;

/* before a run: nothing may be left of the last one */
void alloc_restart(void);

#endif /* _SIM_ALLOC_H */
