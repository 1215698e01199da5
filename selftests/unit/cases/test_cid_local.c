// SPDX-License-Identifier: GPL-2.0
/*
 * Connection IDs issued to the peer.
 */
#include "test_cid.h"

TQ_TEST(rfc9000_5_1_1_sequence_numbers_count_up_per_path)
{
	struct tquic_frame f;
	unsigned int i;

	start(8, 2);
	TQ_EXPECT_EQ(issue(0, false)->seq, 1);
	TQ_EXPECT_EQ(issue(0, false)->seq, 2);
	TQ_EXPECT_EQ(supply(), 2);
	TQ_EXPECT_EQ(issue(1, false)->seq, 1);
	TQ_EXPECT_EQ(issue(2, false)->seq, 1);
	TQ_EXPECT_EQ(issue(2, false)->path_id, 2);
	TQ_EXPECT_EQ(issue(2, false)->expire, TQUIC_TIME_NEVER);
	for (i = 0; tquic_cid_local_announce(&cids, true, &f); i++)
		tquic_cid_local_sent(&cids, f.path_id, f.new_cid.seq);
	TQ_EXPECT_EQ(i, 8);
	finish();
}

TQ_TEST(rfc9000_5_1_1_never_above_the_peers_limit)
{
	struct tquic_cid_local *extra = local_new(1);
	u64 path_id;

	start(3, 1);
	issue(0, false);
	issue(0, false);
	TQ_EXPECT_EQ(tquic_cid_local_issue(&cids, 0, extra, false, GFP_KERNEL),
		     -ENOSPC);
	TQ_EXPECT_EQ(path_of(0)->nr_local, 3);
	/* the limit holds per path */
	TQ_EXPECT(tquic_cid_local_wanted(&cids, &path_id));
	TQ_EXPECT_EQ(path_id, 1);
	TQ_EXPECT_EQ(tquic_cid_local_issue(&cids, 1, extra, false, GFP_KERNEL),
		     0);
	finish();
}

TQ_TEST(cid_local_limit_is_bounded_whatever_the_peer_allows)
{
	struct tquic_cid_local *extra = local_new(1);
	unsigned int i;

	start(1ULL << 61, 0);
	TQ_EXPECT_EQ(cids.peer_limit, TQUIC_CID_ACTIVE_MAX);
	for (i = 1; i < TQUIC_CID_ACTIVE_MAX; i++)
		issue(0, false);
	TQ_EXPECT_EQ(tquic_cid_local_issue(&cids, 0, extra, false, GFP_KERNEL),
		     -ENOSPC);
	kfree(extra);
	finish();
}

/* one that was not used, for each path and each path ID to come */
TQ_TEST(multipath_3_2_1_supply_policy)
{
	struct tquic_cid_local *first, *second;
	struct tquic_cid_path *path;
	u64 id;

	first = start(8, 0);
	tquic_cid_raise_max_path(&cids, 3);
	/* the lower of both maxima */
	TQ_EXPECT_EQ(supply(), 0);
	tquic_cid_set_peer(&cids, 8, 2);
	TQ_EXPECT_EQ(supply(), 2);
	for (id = 0; id <= 2; id++)
		TQ_EXPECT_EQ(path_of(id)->nr_local, 1);
	TQ_EXPECT(!path_of(3));
	tquic_cid_local_use(&cids, first);
	TQ_EXPECT_EQ(supply(), 1);
	TQ_EXPECT_EQ(path_of(0)->nr_local, 2);
	/* again the same: nothing new */
	tquic_cid_local_use(&cids, first);
	TQ_EXPECT_EQ(supply(), 0);
	path = path_of(0);
	second = list_last_entry(&path->local, struct tquic_cid_local, node);
	TQ_EXPECT(second != first);
	tquic_cid_local_use(&cids, second);
	TQ_EXPECT_EQ(supply(), 1);
	tquic_cid_raise_max_path(&cids, 9);
	cids.peer_max_path = 4;
	TQ_EXPECT_EQ(supply(), 2);
	TQ_EXPECT(path_of(4) && !path_of(5));
	finish();
}

TQ_TEST(multipath_3_2_1_supply_ends_at_the_limit)
{
	struct tquic_cid_local *first = start(2, 0);
	struct tquic_cid_local *second;
	u64 path_id;

	tquic_cid_local_use(&cids, first);
	TQ_EXPECT_EQ(supply(), 1);
	second = list_last_entry(&path_of(0)->local, struct tquic_cid_local,
				 node);
	tquic_cid_local_use(&cids, second);
	TQ_EXPECT(!tquic_cid_local_wanted(&cids, &path_id));
	/* a higher limit is used at once */
	tquic_cid_set_peer(&cids, 3, 0);
	TQ_EXPECT(tquic_cid_local_wanted(&cids, &path_id));
	TQ_EXPECT_EQ(supply(), 1);
	finish();
}

TQ_TEST(multipath_3_2_1_no_discontinuity_in_path_ids)
{
	struct tquic_cid_local *cid = local_new(5);
	u64 path_id;

	start(8, 4);
	/* the peer began with path 3 */
	TQ_EXPECT_EQ(recv_new(3, 0, 0, 1), 0);
	TQ_EXPECT_EQ(tquic_cid_local_issue(&cids, 3, cid, false, GFP_KERNEL),
		     -EINVAL);
	TQ_EXPECT_EQ(tquic_cid_local_issue(&cids, 4, cid, false, GFP_KERNEL),
		     -EINVAL);
	TQ_EXPECT_EQ(tquic_cid_local_issue(&cids, 5, cid, false, GFP_KERNEL),
		     -EINVAL);
	kfree(cid);
	TQ_EXPECT(tquic_cid_local_wanted(&cids, &path_id));
	TQ_EXPECT_EQ(path_id, 1);
	TQ_EXPECT_EQ(supply(), 4);
	TQ_EXPECT_EQ(path_of(3)->nr_local, 1);
	finish();
}

TQ_TEST(rfc9000_5_1_1_empty_id_is_the_only_one)
{
	struct tquic_cid_local *cid = local_new(1), *other = local_new(2);
	struct tquic_frame f;
	u64 path_id;

	tquic_cid_init(&cids, LIMIT);
	cid->cid.len = 0;
	TQ_EXPECT_EQ(tquic_cid_local_issue(&cids, 0, cid, true, GFP_KERNEL), 0);
	tquic_cid_set_peer(&cids, 8, 0);
	tquic_cid_local_use(&cids, cid);
	TQ_EXPECT(!tquic_cid_local_wanted(&cids, &path_id));
	TQ_EXPECT_EQ(tquic_cid_local_issue(&cids, 0, other, false, GFP_KERNEL),
		     -EINVAL);
	TQ_EXPECT_EQ(tquic_cid_local_retire_prior(&cids, 0, 1), -EINVAL);
	TQ_EXPECT(!tquic_cid_local_announce(&cids, false, &f));
	/* RFC 9000 section 19.16 */
	EXPECT_CLOSE(recv_retire(0, 0, NULL, 0), TQUIC_PROTOCOL_VIOLATION,
		     TQUIC_FRAME_PATH_RETIRE_CONNECTION_ID);
	kfree(other);
	finish();
}

TQ_TEST(rfc9000_19_15_announcement)
{
	struct tquic_cid_local *cid;
	struct tquic_frame f;

	start(8, 1);
	TQ_EXPECT(!tquic_cid_local_announce(&cids, true, &f));
	cid = issue(0, false);
	TQ_EXPECT(tquic_cid_local_announce(&cids, false, &f));
	TQ_EXPECT_EQ(f.type, TQUIC_FRAME_NEW_CONNECTION_ID);
	TQ_EXPECT_EQ(f.new_cid.seq, 1);
	TQ_EXPECT_EQ(f.new_cid.cid_len, 8);
	TQ_EXPECT_EQ(f.new_cid.retire_prior_to, 0);
	TQ_EXPECT_MEM_EQ(f.new_cid.cid, cid->cid.id, 8);
	TQ_EXPECT_MEM_EQ(f.new_cid.token, cid->token, 16);
	tquic_cid_local_sent(&cids, 0, 1);
	TQ_EXPECT(!tquic_cid_local_announce(&cids, true, &f));
	supply();
	TQ_EXPECT(tquic_cid_local_announce(&cids, true, &f));
	TQ_EXPECT_EQ(f.type, TQUIC_FRAME_PATH_NEW_CONNECTION_ID);
	TQ_EXPECT_EQ(f.path_id, 1);
	TQ_EXPECT_EQ(f.new_cid.seq, 0);
	finish();
}

TQ_TEST(rfc9000_13_3_announcement_is_repeated_until_acknowledged)
{
	struct tquic_frame f;

	start(8, 0);
	issue(0, false);
	issue(0, false);
	tquic_cid_local_sent(&cids, 0, 1);
	tquic_cid_local_sent(&cids, 0, 2);
	tquic_cid_local_lost(&cids, 0, 1);
	tquic_cid_local_lost(&cids, 0, 1);
	TQ_EXPECT(tquic_cid_local_announce(&cids, true, &f));
	TQ_EXPECT_EQ(f.new_cid.seq, 1);
	tquic_cid_local_sent(&cids, 0, 1);
	TQ_EXPECT_EQ(path_of(0)->local_sent, 3);
	/* the second copy is lost, the first is acknowledged late */
	tquic_cid_local_lost(&cids, 0, 1);
	tquic_cid_local_acked(&cids, 0, 1);
	TQ_EXPECT(!tquic_cid_local_announce(&cids, true, &f));
	tquic_cid_local_lost(&cids, 0, 1);
	TQ_EXPECT(!tquic_cid_local_announce(&cids, true, &f));
	/* what is lost comes before what is new */
	issue(0, false);
	tquic_cid_local_lost(&cids, 0, 2);
	TQ_EXPECT(tquic_cid_local_announce(&cids, true, &f));
	TQ_EXPECT_EQ(f.new_cid.seq, 2);
	/* one from the handshake is never told */
	tquic_cid_local_lost(&cids, 0, 0);
	tquic_cid_local_sent(&cids, 0, 2);
	tquic_cid_local_sent(&cids, 0, 3);
	TQ_EXPECT(!tquic_cid_local_announce(&cids, true, &f));
	/* nor one that was never issued, or is no more */
	tquic_cid_local_lost(&cids, 0, 4);
	tquic_cid_local_acked(&cids, 0, 4);
	TQ_EXPECT_EQ(recv_retire(0, 3, NULL, 5), 0);
	tquic_cid_local_lost(&cids, 0, 3);
	TQ_EXPECT(!tquic_cid_local_announce(&cids, true, &f));
	finish();
}

TQ_TEST(rfc9000_19_16_beyond_what_was_issued)
{
	struct tquic_cid_local *first = start(8, 1);

	issue(0, false);
	/* the peer cannot know it before it was sent */
	EXPECT_CLOSE(recv_retire(0, 1, first, 5), TQUIC_PROTOCOL_VIOLATION,
		     TQUIC_FRAME_PATH_RETIRE_CONNECTION_ID);
	tquic_cid_local_sent(&cids, 0, 1);
	TQ_EXPECT_EQ(recv_retire(0, 1, first, 5), 0);
	EXPECT_CLOSE(recv_retire(0, 2, first, 5), TQUIC_PROTOCOL_VIOLATION,
		     TQUIC_FRAME_PATH_RETIRE_CONNECTION_ID);
	/* a path for which none was issued */
	EXPECT_CLOSE(recv_retire(1, 0, first, 5), TQUIC_PROTOCOL_VIOLATION,
		     TQUIC_FRAME_PATH_RETIRE_CONNECTION_ID);
	finish();
}

TQ_TEST(rfc9000_19_16_not_the_one_that_carries_the_frame)
{
	struct tquic_cid_local *first = start(8, 0);
	struct tquic_cid_local *second = issue(0, false);

	announce_all();
	EXPECT_CLOSE(recv_retire(0, 0, first, 5), TQUIC_PROTOCOL_VIOLATION,
		     TQUIC_FRAME_PATH_RETIRE_CONNECTION_ID);
	TQ_EXPECT_EQ(recv_retire(0, 0, second, 5), 0);
	finish();
}

TQ_TEST(rfc9000_5_1_2_retired_one_is_accepted_for_a_while)
{
	struct tquic_cid_local *first = start(8, 0);
	struct tquic_cid_local *second = issue(0, false);

	announce_all();
	tquic_cid_local_use(&cids, first);
	TQ_EXPECT_EQ(tquic_cid_local_deadline(&cids), TQUIC_TIME_NEVER);
	TQ_EXPECT_EQ(recv_retire(0, 0, second, 500), 0);
	TQ_EXPECT_EQ(path_of(0)->nr_local, 1);
	TQ_EXPECT_EQ(path_of(0)->nr_expiring, 1);
	TQ_EXPECT_EQ(tquic_cid_local_deadline(&cids), 500);
	/* once more: it does not live longer */
	TQ_EXPECT_EQ(recv_retire(0, 0, second, 900), 0);
	TQ_EXPECT_EQ(tquic_cid_local_deadline(&cids), 500);
	tquic_cid_local_use(&cids, first);
	TQ_EXPECT(!tquic_cid_local_reap(&cids, 499));
	TQ_EXPECT(tquic_cid_local_reap(&cids, 500) == first);
	TQ_EXPECT_EQ(path_of(0)->nr_expiring, 0);
	TQ_EXPECT(!tquic_cid_local_reap(&cids, TQUIC_TIME_NEVER));
	TQ_EXPECT_EQ(recv_retire(0, 0, second, 900), 0);
	kfree(first);
	finish();
}

TQ_TEST(cid_local_expire_in_order_of_time)
{
	static const tquic_time_t expire[] = { 30, 10, 20, 20, 40, 5 };
	tquic_time_t last = 0;
	unsigned int i;
	struct tquic_cid_local *cid;

	start(8, 0);
	for (i = 0; i < 6; i++)
		issue(0, false);
	announce_all();
	for (i = 0; i < 6; i++)
		TQ_EXPECT_EQ(recv_retire(0, i, NULL, expire[i]), 0);
	TQ_EXPECT_EQ(tquic_cid_local_deadline(&cids), 5);
	for (i = 0; (cid = tquic_cid_local_reap(&cids, 40)); i++) {
		TQ_EXPECT(cid->expire >= last);
		last = cid->expire;
		kfree(cid);
	}
	TQ_EXPECT_EQ(i, 6);
	finish();
}

TQ_TEST(rfc9000_5_1_1_retired_one_is_replaced)
{
	struct tquic_cid_local *first = start(2, 0);
	struct tquic_cid_local *second = issue(0, false);
	u64 path_id;

	announce_all();
	tquic_cid_local_use(&cids, first);
	tquic_cid_local_use(&cids, second);
	TQ_EXPECT_EQ(supply(), 0);
	TQ_EXPECT_EQ(recv_retire(0, 0, second, 5), 0);
	TQ_EXPECT(tquic_cid_local_wanted(&cids, &path_id));
	TQ_EXPECT_EQ(supply(), 1);
	TQ_EXPECT_EQ(path_of(0)->nr_local, 2);
	finish();
}

/* its path may be forgotten before the late packets are */
TQ_TEST(cid_local_outlives_its_path)
{
	struct tquic_cid_local *cid;

	start(8, 1);
	supply();
	cid = issue(1, false);
	announce_all();
	TQ_EXPECT_EQ(recv_retire(1, 1, NULL, 100), 0);
	tquic_cid_path_delete(&cids, 1);
	TQ_EXPECT_EQ(reap(99), 1);
	tquic_cid_local_use(&cids, cid);
	TQ_EXPECT(cid->used);
	TQ_EXPECT(tquic_cid_local_reap(&cids, 100) == cid);
	kfree(cid);
	finish();
}

/* a peer that retires faster than retired ones expire is not supplied */
TQ_TEST(cid_local_churn_is_bounded)
{
	unsigned int i, issued = 0;
	u64 seq = 0;

	start(8, 0);
	for (i = 0; i < 1000; i++) {
		issued += supply();
		announce_all();
		if (seq < path_of(0)->local_sent)
			TQ_ASSERT_EQ(recv_retire(0, seq++, NULL, 1000), 0);
		TQ_ASSERT(path_of(0)->nr_local + path_of(0)->nr_expiring <=
			  TQUIC_CID_LOCAL_MAX);
	}
	TQ_EXPECT_EQ(issued, TQUIC_CID_LOCAL_MAX - 1);
	TQ_EXPECT_EQ(reap(999), 0);
	TQ_EXPECT_EQ(reap(1000), TQUIC_CID_LOCAL_MAX);
	TQ_EXPECT_EQ(supply(), 1);
	finish();
}

TQ_TEST(rfc9000_5_1_2_retire_prior_to)
{
	struct tquic_cid_local *first = start(2, 0);
	struct tquic_cid_local *second = issue(0, false);
	struct tquic_frame f;

	tquic_cid_local_use(&cids, first);
	announce_all();
	TQ_EXPECT_EQ(supply(), 0);
	TQ_EXPECT_EQ(tquic_cid_local_retire_prior(&cids, 0, 3), -EINVAL);
	TQ_EXPECT_EQ(tquic_cid_local_retire_prior(&cids, 1, 0), -EINVAL);
	TQ_EXPECT_EQ(tquic_cid_local_retire_prior(&cids, 0, 0), 0);
	TQ_EXPECT_EQ(path_of(0)->local_prior, 0);
	TQ_EXPECT_EQ(supply(), 0);
	TQ_EXPECT_EQ(tquic_cid_local_retire_prior(&cids, 0, 2), 0);
	/* those asked back do not count against the limit, and stay valid */
	TQ_EXPECT_EQ(supply(), 1);
	TQ_EXPECT_EQ(path_of(0)->nr_local, 3);
	TQ_EXPECT(tquic_cid_local_announce(&cids, true, &f));
	TQ_EXPECT_EQ(f.new_cid.seq, 2);
	TQ_EXPECT_EQ(f.new_cid.retire_prior_to, 2);
	announce_all();
	/* an older one that was lost is told without contradiction */
	tquic_cid_local_lost(&cids, 0, 1);
	TQ_EXPECT(tquic_cid_local_announce(&cids, true, &f));
	TQ_EXPECT_EQ(f.new_cid.seq, 1);
	TQ_EXPECT_EQ(f.new_cid.retire_prior_to, 1);
	/* not again before the peer has obeyed */
	TQ_EXPECT_EQ(tquic_cid_local_retire_prior(&cids, 0, 3), -EBUSY);
	TQ_EXPECT_EQ(recv_retire(0, 0, NULL, 5), 0);
	TQ_EXPECT_EQ(tquic_cid_local_retire_prior(&cids, 0, 3), -EBUSY);
	TQ_EXPECT_EQ(recv_retire(0, 1, NULL, 5), 0);
	TQ_EXPECT(!tquic_cid_local_announce(&cids, true, &f));
	TQ_EXPECT_EQ(tquic_cid_local_retire_prior(&cids, 0, 2), 0);
	TQ_EXPECT_EQ(supply(), 0);
	TQ_EXPECT_EQ(tquic_cid_local_retire_prior(&cids, 0, 3), 0);
	TQ_EXPECT_EQ(supply(), 1);
	TQ_EXPECT(second->expire == 5);
	/* nothing for an abandoned path */
	TQ_EXPECT_EQ(tquic_cid_path_abandon(&cids, 0, GFP_KERNEL), 0);
	TQ_EXPECT_EQ(tquic_cid_local_retire_prior(&cids, 0, 4), -EINVAL);
	finish();
}

/* the request needs a frame even if the peer has spare ones */
TQ_TEST(rfc9000_5_1_2_retire_prior_to_makes_a_frame)
{
	struct tquic_frame f;

	start(8, 0);
	issue(0, false);
	issue(0, false);
	announce_all();
	TQ_EXPECT_EQ(supply(), 0);
	TQ_EXPECT_EQ(tquic_cid_local_retire_prior(&cids, 0, 1), 0);
	TQ_EXPECT_EQ(supply(), 1);
	TQ_EXPECT(tquic_cid_local_announce(&cids, true, &f));
	TQ_EXPECT_EQ(f.new_cid.retire_prior_to, 1);
	finish();
}

TQ_TEST(rfc9000_5_1_2_retire_prior_to_of_nothing)
{
	start(8, 0);
	issue(0, false);
	announce_all();
	TQ_EXPECT_EQ(recv_retire(0, 0, NULL, 5), 0);
	TQ_EXPECT_EQ(recv_retire(0, 1, NULL, 5), 0);
	TQ_EXPECT_EQ(tquic_cid_local_retire_prior(&cids, 0, 2), 0);
	TQ_EXPECT_EQ(path_of(0)->local_prior, 0);
	finish();
}

TQ_TEST(multipath_4_7_path_cids_blocked)
{
	start(3, 2);
	supply();
	/* not told of it yet */
	EXPECT_CLOSE(recv_blocked(1, 1), TQUIC_PROTOCOL_VIOLATION,
		     TQUIC_FRAME_PATH_CIDS_BLOCKED);
	TQ_EXPECT_EQ(recv_blocked(1, 0), 0);
	TQ_EXPECT_EQ(supply(), 0);
	announce_all();
	/* on its way already */
	TQ_EXPECT_EQ(recv_blocked(1, 0), 0);
	TQ_EXPECT_EQ(supply(), 0);
	TQ_EXPECT_EQ(recv_blocked(1, 1), 0);
	TQ_EXPECT_EQ(supply(), 1);
	announce_all();
	EXPECT_CLOSE(recv_blocked(1, 3), TQUIC_PROTOCOL_VIOLATION,
		     TQUIC_FRAME_PATH_CIDS_BLOCKED);
	TQ_EXPECT_EQ(recv_blocked(1, 2), 0);
	TQ_EXPECT_EQ(supply(), 1);
	announce_all();
	/* its own limit is reached */
	TQ_EXPECT_EQ(recv_blocked(1, 3), 0);
	TQ_EXPECT_EQ(supply(), 0);
	finish();
	/* a path without any */
	start(3, 2);
	TQ_EXPECT_EQ(recv_blocked(2, 0), 0);
	EXPECT_CLOSE(recv_blocked(2, 1), TQUIC_PROTOCOL_VIOLATION,
		     TQUIC_FRAME_PATH_CIDS_BLOCKED);
	finish();
}

TQ_OOM_TEST(cid_local_issue_enomem)
{
	struct tquic_cid_local *cid = local_new(1);
	u64 path_id;
	int err;

	tquic_cid_init(&cids, LIMIT);
	err = tquic_cid_local_issue(&cids, 0, cid, true, GFP_KERNEL);
	if (err) {
		TQ_EXPECT(!path_of(0));
		TQ_EXPECT(tquic_cid_local_wanted(&cids, &path_id));
		TQ_EXPECT_EQ(path_id, 0);
		kfree(cid);
	}
	finish();
	return err;
}
