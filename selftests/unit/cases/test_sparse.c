// SPDX-License-Identifier: GPL-2.0
#include "core/sparse.h"
#include "tap.h"

#define MS TQUIC_NS_PER_MS

static tquic_time_t now;

/* Packets of @bytes every @gap ms; whether the flow is sparse at the end. */
static bool feed(struct tquic_sparse *sp, unsigned int n, u64 gap, u32 bytes)
{
	bool sparse = false;

	while (n--) {
		now += gap * MS;
		sparse = tquic_sparse_note(sp, now, bytes);
	}
	return sparse;
}

TQ_TEST(sparse_flows_are_recognised)
{
	struct tquic_sparse sp;

	now = 5;
	tquic_sparse_init(&sp);
	TQ_EXPECT(feed(&sp, 1, 0, 1400));
	/* a call, a game, ping, a lookup */
	TQ_EXPECT(feed(&sp, 500, 20, 200));
	tquic_sparse_init(&sp);
	TQ_EXPECT(feed(&sp, 500, 16, 120));
	tquic_sparse_init(&sp);
	TQ_EXPECT(feed(&sp, 50, 1000, 84));
	/* the network pushed some packets of it together */
	TQ_EXPECT(feed(&sp, 4, 0, 84));
	TQ_EXPECT(feed(&sp, 50, 20, 84));
}

TQ_TEST(sparse_is_not_what_comes_fast_or_thick)
{
	struct tquic_sparse sp;

	now = 5;
	/* 300 kb/s is the limit, 400 is too much */
	tquic_sparse_init(&sp);
	TQ_EXPECT(feed(&sp, 500, 20, 740));
	tquic_sparse_init(&sp);
	TQ_EXPECT(!feed(&sp, 500, 20, 1000));
	/* small packets close together, as acknowledgments are */
	tquic_sparse_init(&sp);
	TQ_EXPECT(!feed(&sp, 6, 1, 52));
	/* a first flight */
	tquic_sparse_init(&sp);
	TQ_EXPECT(!feed(&sp, 4, 0, 1400));
}

TQ_TEST(sparse_again_after_a_second_of_good_behaviour)
{
	struct tquic_sparse sp;

	now = 5;
	tquic_sparse_init(&sp);
	TQ_EXPECT(!feed(&sp, 20, 1, 1400));
	TQ_EXPECT(!feed(&sp, 30, 20, 100));
	TQ_EXPECT(feed(&sp, 60, 20, 100));
	/* a pause of any length does no harm */
	TQ_EXPECT(feed(&sp, 1, 10000000, 100));
}
