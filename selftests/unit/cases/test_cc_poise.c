// SPDX-License-Identifier: GPL-2.0
/* behaviour of poise on a bottleneck */
#include <linux/array_size.h>

#include "cc/poise.h"
#include "lib_cc.h"
#include "tap.h"

#define MS TQUIC_NS_PER_MS
#define SEC TQUIC_NS_PER_SEC

/* Mb/s, ms; queue in ms */
static const struct {
	double rate;
	unsigned int rtt, queue;
} pipes[] = {
	{ 0.1, 40, 2000 }, { 1, 40, 500 }, { 10, 40, 40 }, { 50, 40, 500 },
	{ 100, 20, 20 }, { 300, 10, 500 }, { 300, 2, 500 }, { 20, 100, 25 },
};

TQ_TEST(poise_fills_the_pipe_and_keeps_the_queue_short)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pipes); i++) {
		struct ccsim sim = {
			.rate = pipes[i].rate * 125000,
			.rtt = pipes[i].rtt * MS,
			.ack_every = 8, .ack_delay = 25 * MS,
		};
		u64 limit;

		sim.queue = max_t(u64, pipes[i].queue * sim.rate / 1000, 6000);
		ccsim_add(&sim, &tquic_poise_ops, 0);
		ccsim_run(&sim, 10 * SEC);
		ccsim_queue_reset(&sim);
		tq_note("pipe %u", i);
		TQ_EXPECT(ccsim_use(&sim, 50 * SEC) >= 975);
		limit = max(10000ULL, pipes[i].rtt * 250ULL) +
			3 * CCSIM_MDS * 1000000ULL / sim.rate;
		TQ_EXPECT(ccsim_queue(&sim, 500) <= limit);
		ccsim_free(&sim);
	}
}
