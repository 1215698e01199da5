/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is printed of a scenario's runs.
 */
#ifndef _SIM_REPORT_H
#define _SIM_REPORT_H

#include "metric.h"

/* answers whether all bars that count were met */
bool report(const struct metrics *m, const struct values *v, int runs,
	    const char *options, bool json);

#endif /* _SIM_REPORT_H */
