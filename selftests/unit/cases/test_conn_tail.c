// SPDX-License-Identifier: GPL-2.0
/* copies of the tail, between two endpoints on a quick and a slow link */
#include "core/conn_priv.h"
#include "lib_pair.h"
#include "tap.h"

#define BYTES	BIT(20)

static struct lp lp;

/* what may be copied at most */
static u64 budget(void)
{
	return 16384 + lp.end[0].conn->written / 64;
}

static void start(u64 window)
{
	const struct lp_config config = {
		.window = window, .max_path_id = 3, .ecn = true,
	};

	lp_start(&lp, &config);
	lp.link[0].delay = 5 * LP_MS;
	lp.link[1].delay = 80 * LP_MS;
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, 100 * LP_MS);
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp_run(&lp, 600 * LP_MS);
	lp.link[0].rate = 1250000;
	lp.link[1].rate = 1250000;
	lp.link[0].queue = 200000;
	lp.link[1].queue = 200000;
}

/* ns until all of a transfer has arrived */
static u64 takes(u64 bytes)
{
	u64 from = lp.now, before = lp.end[1].received;

	lp_send(&lp, 0, bytes, true);
	while (lp.end[1].received < before + bytes &&
	       lp.now < from + 20 * TQUIC_NS_PER_SEC)
		lp_run(&lp, LP_MS);
	TQ_EXPECT_EQ(lp.end[1].received, before + bytes);
	TQ_EXPECT(!lp.end[1].bad);
	return lp.now - from;
}

TQ_TEST(tail_of_a_lossy_path_is_copied_within_a_budget)
{
	struct tquic_conn *conn;
	unsigned int i;

	start(8 << 20);
	conn = lp.end[0].conn;
	takes(4 * BYTES);
	lp.link[1].loss = 30;
	for (i = 0; i < 6; i++) {
		takes(BYTES);
		lp_run(&lp, 500 * LP_MS);
		TQ_EXPECT(conn->copied <= budget());
	}
	TQ_EXPECT(conn->copied > 0);
	lp_stop(&lp);
}

TQ_TEST(tail_is_not_copied_while_data_waits)
{
	struct tquic_stream *s;
	unsigned int i;

	start(8 << 20);
	s = lp_send(&lp, 0, 4 * BYTES, false);
	for (i = 0; i < 20; i++) {
		lp_run(&lp, 50 * LP_MS);
		lp_more(&lp, 0, s, BYTES / 8, false);
		TQ_EXPECT_EQ(lp.end[0].conn->copied, 0);
	}
	lp_stop(&lp);
}

TQ_TEST(tail_is_not_copied_on_metered_paths)
{
	unsigned int i;

	start(8 << 20);
	TQ_EXPECT_EQ(tquic_conn_set_metered(lp.end[0].conn, 0, true), 0);
	lp.link[0].loss = 30;
	lp.link[1].loss = 30;
	for (i = 0; i < 4; i++) {
		takes(BYTES);
		lp_run(&lp, 500 * LP_MS);
	}
	/* the other one copies what the metered one may have lost */
	TQ_EXPECT(lp.end[0].conn->copied <= budget());
	TQ_EXPECT_EQ(tquic_conn_set_metered(lp.end[0].conn, 1, true), 0);
	lp_run(&lp, 500 * LP_MS);
	lp.end[0].conn->copied = 0;
	takes(BYTES);
	TQ_EXPECT_EQ(lp.end[0].conn->copied, 0);
	lp_stop(&lp);
}

TQ_TEST(tail_needs_another_path)
{
	const struct lp_config config = {
		.window = 8 << 20, .max_path_id = 3, .ecn = true,
	};

	lp_start(&lp, &config);
	TQ_ASSERT(lp_handshake(&lp));
	lp.link[0].rate = 1250000;
	lp.link[0].loss = 30;
	takes(BYTES);
	TQ_EXPECT_EQ(lp.end[0].conn->copied, 0);
	lp_stop(&lp);
}
