// SPDX-License-Identifier: GPL-2.0
/*
 * What other implementations of multipath stumbled over, where no other test
 * of that subject looks at it.  selftests/unit/traps takes the remedies away,
 * one by one, and demands that these tests notice.
 */
#include "cc/algos.h"
#include "core/conn_priv.h"
#include "lib_pair.h"
#include "tap.h"

#define MS	TQUIC_NS_PER_MS
#define SEC	TQUIC_NS_PER_SEC

static struct lp lp;

static struct tquic_path *path_of(unsigned int who, u32 id)
{
	return tquic_conn_path(lp.end[who].conn, id);
}

static void start_two(const struct lp_config *config)
{
	lp_inject_link = 0;
	lp_start(&lp, config);
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, 100 * MS);
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp_run(&lp, 300 * MS);
}

static const struct lp_config multi = {
	.window = 8 << 20, .max_path_id = 3,
};

/* What is on its way on a dead path stops the stream for less than a second. */
TQ_TEST(trap_02_silent_path_does_not_stall_others)
{
	u64 before, stalled = 0;
	unsigned int dead, i;

	for (dead = 0; dead < 2; dead++) {
		tq_note("link %u", dead);
		start_two(&multi);
		lp_send(&lp, 0, 16 << 20, false);
		lp_run(&lp, SEC);
		lp.link[dead].down = true;
		for (i = 0; i < 122; i++) {
			before = lp.end[1].received;
			lp_run(&lp, 10 * MS);
			stalled = lp.end[1].received > before ?
				  0 : stalled + 10;
			TQ_EXPECT(stalled < 400);
		}
		lp_stop(&lp);
	}
}

/*
 * Packets that were on their way when a path was abandoned are still known, so
 * that no stateless reset answers them; what comes later than that is ignored.
 */
TQ_TEST(trap_07_abandoned_path_is_known_for_three_ptos)
{
	struct tquic_frame frames[] = {
		{ .type = TQUIC_FRAME_PATH_STATUS_BACKUP, .path_id = 1 },
		{ .type = TQUIC_FRAME_PATH_ABANDON, .path_id = 1 },
		{ .type = TQUIC_FRAME_PATH_CIDS_BLOCKED, .path_id = 1 },
		{ .type = TQUIC_FRAME_PATH_ACK, .path_id = 1 },
	};
	const struct tquic_cids *cids;
	struct tquic_path *path;
	u64 heard;

	start_two(&multi);
	cids = &lp.end[1].conn->cids;
	lp_send(&lp, 0, 4 << 20, false);
	lp_run(&lp, 200 * MS);
	/* a long way, full of packets */
	lp.link[1].delay = 100 * MS;
	lp_run(&lp, 20 * MS);
	TQ_EXPECT_EQ(tquic_conn_abandon_path(lp.end[1].conn, 1, 0, lp.now,
					     GFP_KERNEL), 0);
	lp_run(&lp, 75 * MS);
	path = path_of(1, 1);
	TQ_ASSERT(path && path->abandon_sent && path->abandon_recv);
	heard = path->recv_bytes;
	lp_run(&lp, 50 * MS);
	path = path_of(1, 1);
	TQ_EXPECT(path && path->recv_bytes > heard);
	TQ_EXPECT(tquic_cid_path_find(cids, 1));
	TQ_EXPECT_EQ(lp.end[1].drops[TQUIC_DROP_PATH], 0);
	lp_run(&lp, 5 * SEC);
	TQ_EXPECT(!path_of(1, 1) && !tquic_cid_path_find(cids, 1));
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, frames, ARRAY_SIZE(frames)),
		     TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(lp.end[1].conn->state, TQUIC_CONN_ESTABLISHED);
	lp_stop(&lp);
}

/* a path that was quiet while the keys were updated knows what is meant */
TQ_TEST(trap_08_idle_path_survives_key_updates)
{
	unsigned int i;
	u64 late;

	start_two(&multi);
	TQ_EXPECT_EQ(tquic_conn_set_backup(lp.end[0].conn, 1, true), 0);
	/* path 0 has the higher numbers by far */
	lp_send(&lp, 0, 1 << 20, false);
	lp_run(&lp, 2 * SEC);
	for (i = 0; i < 3; i++) {
		TQ_EXPECT_EQ(tquic_conn_key_update(lp.end[0].conn, lp.now), 0);
		lp_send(&lp, 0, 20000, false);
		lp_run(&lp, 3 * SEC);
		path_of(0, 1)->pending |= TQUIC_PATH_P_PING;
		lp_run(&lp, 500 * MS);
	}
	TQ_EXPECT_EQ(lp.end[1].conn->keys.rx, 3);
	TQ_EXPECT_EQ(lp.end[1].forged, 0);
	late = tquic_ackq_next(&path_of(1, 1)->space.ackq);
	/* sent with old keys, and overtaken by new ones on the other path */
	lp.link[1].delay = 100 * MS;
	path_of(0, 1)->pending |= TQUIC_PATH_P_PING;
	lp_run(&lp, MS);
	TQ_EXPECT_EQ(tquic_conn_key_update(lp.end[0].conn, lp.now), 0);
	lp_send(&lp, 0, 20000, false);
	lp_run(&lp, 50 * MS);
	TQ_EXPECT_EQ(lp.end[1].conn->keys.rx, 4);
	TQ_EXPECT_EQ(tquic_ackq_next(&path_of(1, 1)->space.ackq), late);
	lp_run(&lp, 3 * SEC);
	TQ_EXPECT(tquic_ackq_next(&path_of(1, 1)->space.ackq) > late);
	TQ_EXPECT_EQ(lp.end[1].forged, 0);
	TQ_EXPECT_EQ(lp.end[0].conn->state, TQUIC_CONN_ESTABLISHED);
	TQ_EXPECT_EQ(lp.end[1].conn->state, TQUIC_CONN_ESTABLISHED);
	lp_stop(&lp);
}

/* Little is written for a minute: what the path carried is still known. */
TQ_TEST(trap_12_starved_path_keeps_its_estimate)
{
	const struct lp_config config = {
		.window = 8 << 20, .max_path_id = 3, .cc = &tquic_bbr_ops,
	};
	struct tquic_stream *s;
	struct tquic_path *path;
	unsigned int i;
	u64 before;

	lp_start(&lp, &config);
	TQ_ASSERT(lp_handshake(&lp));
	s = lp_send(&lp, 0, 3 << 20, false);
	lp_run(&lp, 4 * SEC);
	path = path_of(0, 0);
	before = path->cc->pacing_rate;
	TQ_EXPECT(before > 1000000);
	for (i = 0; i < 1200; i++) {
		lp_more(&lp, 0, s, 2000, false);
		lp_run(&lp, 50 * MS);
	}
	tq_note("%llu, then %llu", (unsigned long long)before,
		(unsigned long long)path->cc->pacing_rate);
	TQ_EXPECT(path->cc->pacing_rate >= before / 2);
	lp_stop(&lp);
}

/*
 * One path falls silent while the other has a hole of its own: what waits goes
 * by the dead one once both are suspect.  When the other is back it also takes
 * that.
 */
static u64 hole_beside_death(unsigned int dead, u64 before, u64 hole)
{
	static const struct lp_config config = {
		.window = 256 << 10, .max_path_id = 3,
	};
	unsigned int i;
	u64 begin;

	start_two(&config);
	for (i = 0; i < 2; i++) {
		lp.link[i].rate = 625000;
		lp.link[i].queue = 64000;
	}
	lp_send(&lp, 0, 2 << 20, true);
	lp_run(&lp, 444 * MS);
	lp.link[!dead].frozen = lp.now + hole;
	lp_run(&lp, before);
	lp.link[dead].down = true;
	begin = lp.now;
	while (!lp.end[1].ended && lp.now - begin < 60 * SEC)
		lp_run(&lp, 50 * MS);
	lp_stop(&lp);
	return lp.now - begin;
}

TQ_TEST(conn_path_that_returns_takes_what_the_dead_one_holds)
{
	u64 before, hole;
	unsigned int dead;

	for (dead = 0; dead < 2; dead++)
		for (hole = 149; hole < 400; hole += 20)
			for (before = 55; before <= 155; before += 20) {
				tq_note("%u: %llu ms of %llu", dead, before,
					hole);
				TQ_EXPECT(hole_beside_death(dead, before * MS,
							    hole * MS) <
					  6 * SEC);
			}
}
