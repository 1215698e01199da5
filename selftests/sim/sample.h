/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is looked at from time to time, and just before events.
 */
#ifndef _SIM_SAMPLE_H
#define _SIM_SAMPLE_H

struct leg;
struct world;

void sample_start(struct world *w);
void sample_mark(struct world *w);

#endif /* _SIM_SAMPLE_H */
