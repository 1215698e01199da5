// SPDX-License-Identifier: GPL-2.0
/*
 * Connection IDs: path IDs, their limits, opening, abandoning, deleting.
 */
#include "test_cid.h"

TQ_TEST(cid_starts_with_path_0_alone)
{
	u64 path_id = 77;

	tquic_cid_init(&cids, LIMIT);
	TQ_EXPECT(!path_of(0));
	TQ_EXPECT_EQ(cids.peer_limit, 2);
	TQ_EXPECT(tquic_cid_local_wanted(&cids, &path_id));
	TQ_EXPECT_EQ(path_id, 0);
	issue(0, true);
	TQ_EXPECT_EQ(cids.nr_paths, 1);
	/* the first is not used yet, hence spare */
	TQ_EXPECT(!tquic_cid_local_wanted(&cids, &path_id));
	TQ_EXPECT(!path_of(1));
	finish();
}

TQ_TEST(multipath_4_above_the_announced_maximum)
{
	struct tquic_frame f = {
		.type = TQUIC_FRAME_PATH_ABANDON, .path_id = 4,
	};

	start(8, 3);
	EXPECT_CLOSE(tquic_cid_path_check(&cids, &f, &cl),
		     TQUIC_PROTOCOL_VIOLATION, TQUIC_FRAME_PATH_ABANDON);
	f.path_id = 3;
	TQ_EXPECT_EQ(tquic_cid_path_check(&cids, &f, &cl), 1);
	EXPECT_CLOSE(recv_new(4, 0, 0, 1), TQUIC_PROTOCOL_VIOLATION,
		     TQUIC_FRAME_PATH_NEW_CONNECTION_ID);
	EXPECT_CLOSE(recv_retire(4, 0, NULL, 0), TQUIC_PROTOCOL_VIOLATION,
		     TQUIC_FRAME_PATH_RETIRE_CONNECTION_ID);
	EXPECT_CLOSE(recv_blocked(4, 0), TQUIC_PROTOCOL_VIOLATION,
		     TQUIC_FRAME_PATH_CIDS_BLOCKED);
	tquic_cid_raise_max_path(&cids, 4);
	TQ_EXPECT_EQ(recv_new(4, 0, 0, 1), 0);
	/* it never falls */
	tquic_cid_raise_max_path(&cids, 1);
	TQ_EXPECT_EQ(recv_new(4, 1, 0, 2), 0);
	finish();
}

TQ_TEST(multipath_4_without_the_extension_path_0_only)
{
	start(8, 0);
	TQ_EXPECT_EQ(recv_new(0, 1, 0, 1), 0);
	EXPECT_CLOSE(recv_new(1, 0, 0, 2), TQUIC_PROTOCOL_VIOLATION,
		     TQUIC_FRAME_PATH_NEW_CONNECTION_ID);
	finish();
}

TQ_TEST(multipath_4_deleted_paths_are_ignored)
{
	struct tquic_frame f = {
		.type = TQUIC_FRAME_PATH_ACK, .path_id = 1,
	};

	start(8, 2);
	supply();
	announce_all();
	TQ_EXPECT_EQ(recv_new(1, 0, 0, 1), 0);
	TQ_EXPECT_EQ(tquic_cid_path_abandon(&cids, 1, GFP_KERNEL), 0);
	/* late packets are still acknowledged */
	TQ_EXPECT_EQ(tquic_cid_path_check(&cids, &f, &cl), 1);
	TQ_EXPECT_EQ(recv_new(1, 1, 0, 2), 0);
	TQ_EXPECT_EQ(recv_retire(1, 0, NULL, 0), 0);
	TQ_EXPECT_EQ(recv_retire(1, 9, NULL, 0), 0);
	TQ_EXPECT_EQ(path_of(1)->nr_peer, 0);
	TQ_EXPECT_EQ(path_of(1)->nr_local, 1);
	tquic_cid_path_delete(&cids, 1);
	TQ_EXPECT(!path_of(1));
	TQ_EXPECT_EQ(tquic_cid_path_check(&cids, &f, &cl), 0);
	TQ_EXPECT_EQ(recv_new(1, 1, 0, 2), 0);
	TQ_EXPECT_EQ(recv_retire(1, 99, NULL, 0), 0);
	TQ_EXPECT_EQ(recv_blocked(1, 99), 0);
	TQ_EXPECT_EQ(tquic_cid_path_abandon(&cids, 1, GFP_KERNEL), 0);
	TQ_EXPECT(!path_of(1));
	tquic_cid_path_delete(&cids, 1);
	TQ_EXPECT(!path_of(1));
	tquic_cid_local_acked(&cids, 1, 0);
	tquic_cid_local_lost(&cids, 1, 0);
	tquic_cid_local_sent(&cids, 1, 0);
	tquic_cid_peer_retire_acked(&cids, 1, 0);
	tquic_cid_peer_retire_lost(&cids, 1, 0);
	tquic_cid_peer_retire_sent(&cids, 1, 0);
	TQ_EXPECT(!tquic_cid_peer_take(&cids, 1));
	finish();
}

TQ_TEST(multipath_3_4_abandon_retires_what_the_peer_issued)
{
	struct tquic_cid_peer *cid;
	struct tquic_frame f;
	u8 token[16];

	start(8, 2);
	supply();
	TQ_EXPECT_EQ(recv_new(1, 0, 0, 1), 0);
	TQ_EXPECT_EQ(recv_new(1, 1, 0, 2), 0);
	cid = tquic_cid_peer_take(&cids, 1);
	TQ_ASSERT(cid);
	memcpy(token, cid->token, sizeof(token));
	TQ_EXPECT(tquic_cid_peer_is_reset(&cids, token));
	TQ_EXPECT_EQ(tquic_cid_peer_retire(&cids, 1, 1), 0);
	TQ_EXPECT_EQ(tquic_cid_path_abandon(&cids, 1, GFP_KERNEL), 0);
	TQ_EXPECT(!tquic_cid_peer_take(&cids, 1));
	TQ_EXPECT(!tquic_cid_peer_find(&cids, 1, 0));
	/* not by frames, and its resets mean nothing any more */
	TQ_EXPECT(!tquic_cid_peer_retire_next(&cids, true, &f));
	TQ_EXPECT(!tquic_cid_peer_is_reset(&cids, token));
	TQ_EXPECT_EQ(path_of(1)->nr_retiring, 0);
	TQ_EXPECT_EQ(path_of(1)->nr_peer, 0);
	finish();
}

TQ_TEST(multipath_3_4_own_ones_stay_until_deletion)
{
	struct tquic_frame f;

	start(8, 1);
	supply();
	TQ_EXPECT(tquic_cid_local_announce(&cids, true, &f));
	TQ_EXPECT_EQ(tquic_cid_path_abandon(&cids, 1, GFP_KERNEL), 0);
	/* nothing to announce, to repeat or to issue for it */
	TQ_EXPECT(!tquic_cid_local_announce(&cids, true, &f));
	tquic_cid_local_lost(&cids, 1, 0);
	TQ_EXPECT(!tquic_cid_local_announce(&cids, true, &f));
	TQ_EXPECT_EQ(supply(), 0);
	TQ_EXPECT_EQ(reap(1ULL << 60), 0);
	TQ_EXPECT_EQ(tquic_cid_path_abandon(&cids, 1, GFP_KERNEL), 0);
	TQ_EXPECT_EQ(path_of(1)->nr_local, 1);
	tquic_cid_path_delete(&cids, 1);
	TQ_EXPECT_EQ(tquic_cid_local_deadline(&cids), 0);
	TQ_EXPECT_EQ(reap(0), 1);
	TQ_EXPECT_EQ(reap(TQUIC_TIME_NEVER), 0);
	finish();
}

/* a path in want of a connection ID is abandoned */
TQ_TEST(multipath_3_4_abandoned_path_wants_nothing)
{
	struct tquic_cid_local *cid;
	u64 path_id;

	start(8, 0);
	tquic_cid_raise_max_path(&cids, 1);
	cids.peer_max_path = 1;
	cid = issue(1, false);
	tquic_cid_local_use(&cids, cid);
	TQ_EXPECT(tquic_cid_local_wanted(&cids, &path_id));
	TQ_EXPECT_EQ(path_id, 1);
	TQ_EXPECT_EQ(tquic_cid_path_abandon(&cids, 1, GFP_KERNEL), 0);
	TQ_EXPECT(!tquic_cid_local_wanted(&cids, &path_id));
	finish();
}

TQ_TEST(multipath_3_4_unused_path_may_be_abandoned)
{
	u64 path_id;

	start(8, 0);
	tquic_cid_raise_max_path(&cids, 3);
	cids.peer_max_path = 3;
	/* 1 is deleted, 2 abandoned before anything was issued for them */
	TQ_EXPECT_EQ(tquic_cid_path_abandon(&cids, 1, GFP_KERNEL), 0);
	tquic_cid_path_delete(&cids, 1);
	TQ_EXPECT_EQ(tquic_cid_path_abandon(&cids, 2, GFP_KERNEL), 0);
	TQ_EXPECT(tquic_cid_local_wanted(&cids, &path_id));
	TQ_EXPECT_EQ(path_id, 3);
	TQ_EXPECT_EQ(supply(), 1);
	tquic_cid_path_delete(&cids, 2);
	/* forgotten in one run */
	TQ_EXPECT_EQ(cids.gone.count, 1);
	finish();
}

TQ_TEST(multipath_4_6_max_path_id)
{
	struct tquic_frame f = { .type = TQUIC_FRAME_MAX_PATH_ID };

	start(8, 2);
	f.path_id = 1;
	EXPECT_CLOSE(tquic_cid_recv_max_path(&cids, &f, &cl),
		     TQUIC_PROTOCOL_VIOLATION, TQUIC_FRAME_MAX_PATH_ID);
	f.path_id = 5;
	TQ_EXPECT_EQ(tquic_cid_recv_max_path(&cids, &f, &cl), 0);
	TQ_EXPECT_EQ(cids.peer_max_path, 5);
	/* old news */
	f.path_id = 2;
	TQ_EXPECT_EQ(tquic_cid_recv_max_path(&cids, &f, &cl), 0);
	TQ_EXPECT_EQ(cids.peer_max_path, 5);
	finish();
}

TQ_TEST(multipath_3_1_path_ready_needs_both_sides)
{
	struct tquic_cid_local *cid;
	u64 path_id = 0;

	start(8, 3);
	TQ_EXPECT(!tquic_cid_path_ready(&cids, &path_id));
	supply();
	TQ_EXPECT_EQ(recv_new(2, 0, 0, 2), 0);
	TQ_EXPECT_EQ(recv_new(3, 0, 0, 3), 0);
	/* the peer has to have been told */
	TQ_EXPECT(!tquic_cid_path_ready(&cids, &path_id));
	announce_all();
	TQ_EXPECT(tquic_cid_path_ready(&cids, &path_id));
	TQ_EXPECT_EQ(path_id, 2);
	TQ_EXPECT_EQ(recv_new(1, 0, 0, 1), 0);
	TQ_EXPECT(tquic_cid_path_ready(&cids, &path_id));
	TQ_EXPECT_EQ(path_id, 1);
	TQ_EXPECT(tquic_cid_peer_take(&cids, 1));
	TQ_EXPECT(tquic_cid_path_ready(&cids, &path_id));
	TQ_EXPECT_EQ(path_id, 2);
	TQ_EXPECT_EQ(tquic_cid_path_abandon(&cids, 2, GFP_KERNEL), 0);
	TQ_EXPECT(tquic_cid_path_ready(&cids, &path_id));
	TQ_EXPECT_EQ(path_id, 3);
	/* opened by the peer */
	cid = list_first_entry(&path_of(3)->local, struct tquic_cid_local,
			       node);
	tquic_cid_local_use(&cids, cid);
	TQ_EXPECT(!tquic_cid_path_ready(&cids, &path_id));
	finish();
}

/* the peer gave back the only one it had before the path was opened */
TQ_TEST(multipath_3_1_path_not_ready_without_own)
{
	u64 path_id;

	start(8, 1);
	supply();
	announce_all();
	TQ_EXPECT_EQ(recv_new(1, 0, 0, 1), 0);
	TQ_EXPECT(tquic_cid_path_ready(&cids, &path_id));
	TQ_EXPECT_EQ(recv_retire(1, 0, NULL, 9), 0);
	TQ_EXPECT(!tquic_cid_path_ready(&cids, &path_id));
	finish();
}

/* paths that come and go by the thousand leave nothing behind */
TQ_TEST(cid_many_paths_over_time)
{
	struct tquic_frame f = { .type = TQUIC_FRAME_MAX_PATH_ID };
	u64 id, max_path = 4;

	start(8, max_path);
	for (id = 1; id < 5000; id++) {
		supply();
		announce_all();
		TQ_ASSERT_EQ(recv_new(id, 0, 0, id), 0);
		TQ_ASSERT(tquic_cid_peer_take(&cids, id));
		TQ_ASSERT_EQ(tquic_cid_path_abandon(&cids, id, GFP_KERNEL), 0);
		/* not in the order in which they were opened */
		if (!(id & 1)) {
			tquic_cid_path_delete(&cids, id);
			tquic_cid_path_delete(&cids, id - 1);
		}
		reap(0);
		f.path_id = ++max_path;
		tquic_cid_raise_max_path(&cids, max_path);
		TQ_ASSERT_EQ(tquic_cid_recv_max_path(&cids, &f, &cl), 0);
		TQ_ASSERT(cids.nr_paths <= 7);
		TQ_ASSERT(cids.gone.count <= 6);
		TQ_ASSERT(cids.gone.spares <= 12);
	}
	finish();
}

/* to forget a path takes no memory, whichever and in whatever order */
TQ_OOM_TEST(cid_delete_never_fails)
{
	static const u8 order[] = { 5, 1, 3, 2, 6, 4 };
	unsigned int i;
	int err = 0;

	tquic_cid_init(&cids, LIMIT);
	tquic_cid_raise_max_path(&cids, 7);
	for (i = 1; i <= 7 && !err; i++)
		err = tquic_cid_path_abandon(&cids, i, GFP_KERNEL);
	/* one node for each path, and no more */
	if (!err)
		TQ_EXPECT_EQ(cids.gone.spares, 7);
	for (i = 0; i < 6; i++) {
		bool known = path_of(order[i]);

		tquic_cid_path_delete(&cids, order[i]);
		TQ_EXPECT(!path_of(order[i]));
		TQ_EXPECT_EQ(tquic_range_contains(&cids.gone, order[i],
						  order[i]), known);
	}
	if (!err) {
		TQ_EXPECT_EQ(cids.gone.count, 1);
		TQ_EXPECT_EQ(cids.nr_paths, 1);
		TQ_EXPECT_EQ(cids.gone.reserve, 1);
	}
	finish();
	return err;
}
