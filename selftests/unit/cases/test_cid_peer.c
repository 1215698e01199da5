// SPDX-License-Identifier: GPL-2.0
/*
 * Connection IDs that the peer issued.
 */
#include "test_cid.h"

#define NEW	TQUIC_FRAME_PATH_NEW_CONNECTION_ID

/* what has to be told to the peer next; -1 for nothing */
static s64 next_retired(u64 *path_id)
{
	struct tquic_frame f;

	if (!tquic_cid_peer_retire_next(&cids, true, &f))
		return -1;
	TQ_EXPECT_EQ(f.type, TQUIC_FRAME_PATH_RETIRE_CONNECTION_ID);
	*path_id = f.path_id;
	tquic_cid_peer_retire_sent(&cids, f.path_id, f.retire_cid.seq);
	return f.retire_cid.seq;
}

TQ_TEST(cid_peer_first_is_in_use)
{
	struct tquic_cid_peer *cid;

	start(8, 0);
	cid = tquic_cid_peer_find(&cids, 0, 0);
	TQ_ASSERT(cid);
	TQ_EXPECT(cid->used);
	TQ_EXPECT_EQ(cid->cid.len, 8);
	TQ_EXPECT(path_of(0)->used);
	TQ_EXPECT(!tquic_cid_peer_take(&cids, 0));
	TQ_EXPECT(!tquic_cid_peer_find(&cids, 0, 1));
	TQ_EXPECT(!tquic_cid_peer_find(&cids, 1, 0));
	finish();
}

TQ_TEST(rfc9000_5_1_2_take_a_fresh_one)
{
	struct tquic_cid_peer *cid;

	start(8, 2);
	TQ_EXPECT(!tquic_cid_peer_take(&cids, 1));
	TQ_EXPECT_EQ(recv_new(0, 3, 0, 3), 0);
	TQ_EXPECT_EQ(recv_new(0, 1, 0, 1), 0);
	TQ_EXPECT_EQ(recv_new(0, 2, 0, 2), 0);
	TQ_EXPECT_EQ(recv_new(2, 0, 0, 4), 0);
	cid = tquic_cid_peer_take(&cids, 0);
	TQ_ASSERT(cid);
	TQ_EXPECT_EQ(cid->seq, 1);
	TQ_EXPECT_EQ(cid->path_id, 0);
	TQ_EXPECT(tquic_cid_peer_find(&cids, 0, 1) == cid);
	TQ_EXPECT_EQ(tquic_cid_peer_take(&cids, 0)->seq, 2);
	TQ_EXPECT_EQ(tquic_cid_peer_take(&cids, 0)->seq, 3);
	TQ_EXPECT(!tquic_cid_peer_take(&cids, 0));
	TQ_EXPECT(!path_of(2)->used);
	TQ_EXPECT_EQ(tquic_cid_peer_take(&cids, 2)->path_id, 2);
	TQ_EXPECT(path_of(2)->used);
	finish();
}

TQ_TEST(rfc9000_19_15_same_frame_again)
{
	start(8, 1);
	TQ_EXPECT_EQ(recv_new(0, 1, 0, 7), 0);
	TQ_EXPECT_EQ(recv_new(0, 1, 0, 7), 0);
	TQ_EXPECT_EQ(path_of(0)->nr_peer, 2);
	/* after it was retired, and after that was acknowledged */
	TQ_EXPECT_EQ(tquic_cid_peer_retire(&cids, 0, 1), 0);
	TQ_EXPECT_EQ(recv_new(0, 1, 0, 7), 0);
	TQ_EXPECT_EQ(path_of(0)->nr_peer, 1);
	TQ_EXPECT_EQ(path_of(0)->nr_retiring, 1);
	tquic_cid_peer_retire_acked(&cids, 0, 1);
	TQ_EXPECT_EQ(recv_new(0, 1, 0, 7), 0);
	TQ_EXPECT_EQ(path_of(0)->nr_peer, 1);
	TQ_EXPECT_EQ(path_of(0)->nr_retiring, 0);
	/* the one from the handshake, which came without a token */
	TQ_EXPECT_EQ(recv_new(0, 0, 0, 0), 0);
	TQ_EXPECT_EQ(path_of(0)->nr_peer, 1);
	finish();
}

TQ_TEST(rfc9000_19_15_contradictions)
{
	struct tquic_frame f;
	u8 token[16] = { 1 };

	start(8, 1);
	TQ_EXPECT_EQ(recv_new(0, 1, 0, 7), 0);
	/* other bytes for the number */
	EXPECT_CLOSE(recv_new(0, 1, 0, 8), TQUIC_PROTOCOL_VIOLATION, NEW);
	/* other number for the bytes */
	EXPECT_CLOSE(recv_new(0, 2, 0, 7), TQUIC_PROTOCOL_VIOLATION, NEW);
	/* other token */
	f = new_cid(0, 1, 0, 7);
	f.new_cid.token = token;
	EXPECT_CLOSE(tquic_cid_peer_recv(&cids, &f, GFP_KERNEL, &cl),
		     TQUIC_PROTOCOL_VIOLATION, NEW);
	/* same beginning, other length: just another one */
	f = new_cid(0, 2, 0, 7);
	f.new_cid.cid_len = 7;
	TQ_EXPECT_EQ(tquic_cid_peer_recv(&cids, &f, GFP_KERNEL, &cl), 0);
	/* retired, yet still known */
	TQ_EXPECT_EQ(tquic_cid_peer_retire(&cids, 0, 1), 0);
	EXPECT_CLOSE(recv_new(0, 1, 0, 8), TQUIC_PROTOCOL_VIOLATION, NEW);
	EXPECT_CLOSE(recv_new(0, 3, 0, 7), TQUIC_PROTOCOL_VIOLATION, NEW);
	TQ_EXPECT_EQ(path_of(0)->nr_peer, 2);
	finish();
}

/* multipath-21 section 3.2.1: unique over the connection */
TQ_TEST(multipath_3_2_1_unique_over_all_paths)
{
	start(8, 2);
	TQ_EXPECT_EQ(recv_new(1, 0, 0, 7), 0);
	TQ_EXPECT_EQ(recv_new(2, 0, 0, 8), 0);
	EXPECT_CLOSE(recv_new(2, 1, 0, 7), TQUIC_PROTOCOL_VIOLATION, NEW);
	EXPECT_CLOSE(recv_new(2, 0, 0, 7), TQUIC_PROTOCOL_VIOLATION, NEW);
	/* the same number on two paths means two connection IDs */
	EXPECT_CLOSE(recv_new(0, 1, 0, 8), TQUIC_PROTOCOL_VIOLATION, NEW);
	TQ_EXPECT(!path_of(0)->known.top->last);
	finish();
}

TQ_TEST(rfc9000_5_1_1_limit)
{
	u64 seq;

	start(8, 1);
	for (seq = 1; seq < LIMIT; seq++)
		TQ_EXPECT_EQ(recv_new(0, seq, 0, seq), 0);
	EXPECT_CLOSE(recv_new(0, LIMIT, 0, LIMIT),
		     TQUIC_CONNECTION_ID_LIMIT_ERROR, NEW);
	TQ_EXPECT_EQ(path_of(0)->nr_peer, LIMIT);
	/* per path; room is made by retiring in the same frame */
	TQ_EXPECT_EQ(recv_new(1, 0, 0, 100), 0);
	TQ_EXPECT_EQ(recv_new(0, LIMIT, 1, LIMIT), 1);
	TQ_EXPECT_EQ(path_of(0)->nr_peer, LIMIT);
	/* those that were given back do not count */
	TQ_EXPECT_EQ(tquic_cid_peer_retire(&cids, 0, 1), 0);
	TQ_EXPECT_EQ(recv_new(0, 5, 0, 5), 0);
	EXPECT_CLOSE(recv_new(0, 6, 0, 6), TQUIC_CONNECTION_ID_LIMIT_ERROR,
		     NEW);
	finish();
}

TQ_TEST(rfc9000_5_1_2_retire_prior_to_is_obeyed)
{
	u64 path_id;

	start(8, 1);
	TQ_EXPECT_EQ(recv_new(0, 1, 0, 1), 0);
	TQ_EXPECT_EQ(recv_new(1, 0, 0, 10), 0);
	/* the first is in use, the second is not */
	TQ_EXPECT_EQ(recv_new(0, 2, 2, 2), 1);
	TQ_EXPECT(!tquic_cid_peer_find(&cids, 0, 0));
	TQ_EXPECT(!tquic_cid_peer_find(&cids, 0, 1));
	TQ_EXPECT_EQ(path_of(0)->nr_peer, 1);
	TQ_EXPECT_EQ(next_retired(&path_id), 0);
	TQ_EXPECT_EQ(path_id, 0);
	TQ_EXPECT_EQ(next_retired(&path_id), 1);
	TQ_EXPECT_EQ(next_retired(&path_id), -1);
	/* a lower value has no effect, nor has it on other paths */
	TQ_EXPECT_EQ(recv_new(0, 3, 1, 3), 0);
	TQ_EXPECT_EQ(path_of(0)->peer_prior, 2);
	TQ_EXPECT_EQ(path_of(1)->nr_peer, 1);
	/* unused ones go silently; the frame may be a repetition */
	TQ_EXPECT_EQ(recv_new(0, 3, 3, 3), 0);
	TQ_EXPECT_EQ(next_retired(&path_id), 2);
	finish();
}

TQ_TEST(rfc9000_19_15_late_one_is_retired_at_once)
{
	u64 path_id;

	start(8, 0);
	TQ_EXPECT_EQ(recv_new(0, 3, 3, 3), 1);
	TQ_EXPECT_EQ(next_retired(&path_id), 0);
	TQ_EXPECT_EQ(recv_new(0, 2, 0, 2), 0);
	TQ_EXPECT(!tquic_cid_peer_find(&cids, 0, 2));
	TQ_EXPECT_EQ(path_of(0)->nr_peer, 1);
	TQ_EXPECT_EQ(next_retired(&path_id), 2);
	tquic_cid_peer_retire_acked(&cids, 0, 2);
	/* unless that was done */
	TQ_EXPECT_EQ(recv_new(0, 2, 0, 2), 0);
	TQ_EXPECT_EQ(next_retired(&path_id), -1);
	TQ_EXPECT_EQ(path_of(0)->nr_retiring, 1);
	finish();
}

TQ_TEST(rfc9000_5_1_2_too_many_to_retire)
{
	u64 seq;

	start(8, 0);
	/* each retires the one before; nothing is acknowledged */
	for (seq = 1; seq <= 2 * LIMIT; seq++)
		TQ_EXPECT_EQ(recv_new(0, seq, seq, seq), seq == 1);
	TQ_EXPECT_EQ(path_of(0)->nr_retiring, 2 * LIMIT);
	EXPECT_CLOSE(recv_new(0, seq, seq, seq),
		     TQUIC_CONNECTION_ID_LIMIT_ERROR, NEW);
	TQ_EXPECT_EQ(path_of(0)->nr_peer, 1);
	/* one that is retired on arrival counts too */
	tquic_cid_peer_retire_acked(&cids, 0, 3);
	TQ_EXPECT_EQ(recv_new(0, seq, seq, seq), 0);
	tquic_cid_peer_retire_acked(&cids, 0, 4);
	TQ_EXPECT_EQ(recv_new(0, 20, 20, 20), 0);
	EXPECT_CLOSE(recv_new(0, 19, 0, 19), TQUIC_CONNECTION_ID_LIMIT_ERROR,
		     NEW);
	finish();
}

TQ_TEST(rfc9000_5_1_2_retire_by_own_wish)
{
	u64 seq, path_id;
	struct tquic_frame f;

	start(8, 1);
	TQ_EXPECT_EQ(tquic_cid_peer_retire(&cids, 0, 1), -ENOENT);
	TQ_EXPECT_EQ(tquic_cid_peer_retire(&cids, 1, 0), -ENOENT);
	for (seq = 1; seq <= LIMIT; seq++) {
		TQ_EXPECT_EQ(recv_new(0, seq, 0, seq), 0);
		TQ_EXPECT_EQ(tquic_cid_peer_retire(&cids, 0, seq - 1), 0);
	}
	/* not without end while nothing is acknowledged */
	TQ_EXPECT_EQ(recv_new(0, seq, 0, seq), 0);
	TQ_EXPECT_EQ(tquic_cid_peer_retire(&cids, 0, seq - 1), -EBUSY);
	TQ_EXPECT(tquic_cid_peer_find(&cids, 0, seq - 1));
	/* in the order in which they were given back */
	TQ_EXPECT(tquic_cid_peer_retire_next(&cids, false, &f));
	TQ_EXPECT_EQ(f.type, TQUIC_FRAME_RETIRE_CONNECTION_ID);
	for (seq = 0; seq < LIMIT; seq++)
		TQ_EXPECT_EQ(next_retired(&path_id), seq);
	TQ_EXPECT_EQ(next_retired(&path_id), -1);
	tquic_cid_peer_retire_acked(&cids, 0, 2);
	TQ_EXPECT_EQ(path_of(0)->nr_retiring, LIMIT - 1);
	TQ_EXPECT_EQ(tquic_cid_peer_retire(&cids, 0, LIMIT), 0);
	finish();
}

TQ_TEST(rfc9000_13_3_retirement_is_repeated_until_acknowledged)
{
	u64 path_id;

	start(8, 1);
	TQ_EXPECT_EQ(recv_new(1, 0, 0, 1), 0);
	TQ_EXPECT_EQ(recv_new(1, 1, 1, 2), 0);
	TQ_EXPECT_EQ(tquic_cid_peer_retire(&cids, 1, 1), 0);
	TQ_EXPECT_EQ(next_retired(&path_id), 0);
	TQ_EXPECT_EQ(path_id, 1);
	/* what is lost comes first */
	tquic_cid_peer_retire_lost(&cids, 1, 0);
	tquic_cid_peer_retire_lost(&cids, 1, 0);
	TQ_EXPECT_EQ(next_retired(&path_id), 0);
	TQ_EXPECT_EQ(next_retired(&path_id), 1);
	TQ_EXPECT_EQ(next_retired(&path_id), -1);
	tquic_cid_peer_retire_lost(&cids, 1, 0);
	tquic_cid_peer_retire_acked(&cids, 1, 0);
	TQ_EXPECT_EQ(next_retired(&path_id), -1);
	tquic_cid_peer_retire_lost(&cids, 1, 0);
	tquic_cid_peer_retire_acked(&cids, 1, 0);
	TQ_EXPECT_EQ(next_retired(&path_id), -1);
	TQ_EXPECT_EQ(path_of(1)->nr_retiring, 1);
	/* an active one cannot be confused with a retired one */
	TQ_EXPECT_EQ(recv_new(1, 2, 0, 3), 0);
	tquic_cid_peer_retire_lost(&cids, 1, 2);
	tquic_cid_peer_retire_acked(&cids, 1, 2);
	tquic_cid_peer_retire_sent(&cids, 1, 2);
	TQ_EXPECT_EQ(next_retired(&path_id), -1);
	TQ_EXPECT(tquic_cid_peer_find(&cids, 1, 2));
	finish();
}

TQ_TEST(rfc9000_19_15_beside_an_empty_one)
{
	struct tquic_cid_peer *cid;
	struct tquic_frame f;
	u8 none;

	tquic_cid_init(&cids, LIMIT);
	issue(0, true);
	TQ_EXPECT_EQ(tquic_cid_peer_init(&cids, &none, 0, GFP_KERNEL), 0);
	EXPECT_CLOSE(recv_new(0, 1, 0, 1), TQUIC_PROTOCOL_VIOLATION, NEW);
	/* for as many addresses as there are */
	cid = tquic_cid_peer_take(&cids, 0);
	TQ_ASSERT(cid);
	TQ_EXPECT_EQ(cid->cid.len, 0);
	TQ_EXPECT(tquic_cid_peer_take(&cids, 0) == cid);
	TQ_EXPECT_EQ(tquic_cid_peer_retire(&cids, 0, 0), -EINVAL);
	TQ_EXPECT(!tquic_cid_peer_blocked(&cids, 0, &f));
	finish();
}

TQ_TEST(multipath_4_7_when_blocked)
{
	struct tquic_frame f;

	start(8, 2);
	TQ_EXPECT(tquic_cid_peer_blocked(&cids, 0, &f));
	TQ_EXPECT_EQ(f.type, TQUIC_FRAME_PATH_CIDS_BLOCKED);
	TQ_EXPECT_EQ(f.path_id, 0);
	TQ_EXPECT_EQ(f.path_cids_blocked.next_seq, 1);
	TQ_EXPECT(tquic_cid_peer_blocked(&cids, 2, &f));
	TQ_EXPECT_EQ(f.path_id, 2);
	TQ_EXPECT_EQ(f.path_cids_blocked.next_seq, 0);
	TQ_EXPECT_EQ(recv_new(2, 3, 0, 1), 0);
	TQ_EXPECT(!tquic_cid_peer_blocked(&cids, 2, &f));
	TQ_EXPECT(tquic_cid_peer_take(&cids, 2));
	TQ_EXPECT(tquic_cid_peer_blocked(&cids, 2, &f));
	TQ_EXPECT_EQ(f.path_cids_blocked.next_seq, 4);
	/* never for a path that nobody may use */
	TQ_EXPECT(!tquic_cid_peer_blocked(&cids, 3, &f));
	tquic_cid_raise_max_path(&cids, 3);
	TQ_EXPECT(!tquic_cid_peer_blocked(&cids, 3, &f));
	cids.peer_max_path = 9;
	TQ_EXPECT(tquic_cid_peer_blocked(&cids, 3, &f));
	TQ_EXPECT(!tquic_cid_peer_blocked(&cids, 4, &f));
	TQ_EXPECT_EQ(tquic_cid_path_abandon(&cids, 2, GFP_KERNEL), 0);
	TQ_EXPECT(!tquic_cid_peer_blocked(&cids, 2, &f));
	tquic_cid_path_delete(&cids, 2);
	TQ_EXPECT(!tquic_cid_peer_blocked(&cids, 2, &f));
	finish();
}

TQ_TEST(rfc9000_10_3_1_tokens_in_use_only)
{
	u8 token[16], other[16];
	struct tquic_frame f = new_cid(0, 1, 0, 5);
	unsigned int i;
	u32 before;

	memcpy(token, f.new_cid.token, sizeof(token));
	start(8, 0);
	memset(other, 0, sizeof(other));
	/* that of the handshake has none */
	TQ_EXPECT(!tquic_cid_peer_is_reset(&cids, other));
	TQ_EXPECT_EQ(tquic_cid_peer_recv(&cids, &f, GFP_KERNEL, &cl), 0);
	TQ_EXPECT(!tquic_cid_peer_is_reset(&cids, token));
	before = cids.turnover;
	TQ_ASSERT(tquic_cid_peer_take(&cids, 0));
	TQ_EXPECT(cids.turnover != before);
	TQ_EXPECT(tquic_cid_peer_is_reset(&cids, token));
	for (i = 0; i < 16; i++) {
		memcpy(other, token, sizeof(other));
		other[i] ^= 1 << (i & 7);
		TQ_EXPECT(!tquic_cid_peer_is_reset(&cids, other));
	}
	before = cids.turnover;
	TQ_EXPECT_EQ(tquic_cid_peer_retire(&cids, 0, 1), 0);
	TQ_EXPECT(cids.turnover != before);
	TQ_EXPECT(!tquic_cid_peer_is_reset(&cids, token));
	memset(other, 0x5a, sizeof(other));
	memset(token, 0x5a, sizeof(token));
	before = cids.turnover;
	tquic_cid_peer_set_token(&cids, token);
	TQ_EXPECT(cids.turnover != before);
	TQ_EXPECT(tquic_cid_peer_is_reset(&cids, other));
	/* told once more in a frame, it has to be the same */
	f = new_cid(0, 0, 0, 0);
	EXPECT_CLOSE(tquic_cid_peer_recv(&cids, &f, GFP_KERNEL, &cl),
		     TQUIC_PROTOCOL_VIOLATION, NEW);
	finish();
	tquic_cid_init(&cids, LIMIT);
	tquic_cid_peer_set_token(&cids, other);
	finish();
}

/* holes without end are forgotten from below, not kept */
TQ_TEST(cid_peer_sequence_holes_are_bounded)
{
	u64 path_id, seq;

	start(8, 0);
	for (seq = 2; seq < 2000; seq += 2) {
		TQ_ASSERT_EQ(recv_new(0, seq, seq, seq), seq == 2);
		TQ_ASSERT_EQ(next_retired(&path_id), seq - 2);
		tquic_cid_peer_retire_acked(&cids, 0, seq - 2);
		TQ_ASSERT(path_of(0)->known.count <= TQUIC_CID_KNOWN_RANGES);
	}
	/* too old to be told from a repetition */
	TQ_EXPECT_EQ(recv_new(0, 1, 0, 1), 0);
	TQ_EXPECT_EQ(next_retired(&path_id), -1);
	/* young enough: new, and retired on arrival */
	TQ_EXPECT_EQ(recv_new(0, seq - 5, 0, 3), 0);
	TQ_EXPECT_EQ(next_retired(&path_id), seq - 5);
	finish();
}

TQ_OOM_TEST(cid_peer_recv_enomem)
{
	struct tquic_frame f = new_cid(1, 0, 0, 1);
	int err;

	tquic_cid_init(&cids, LIMIT);
	tquic_cid_raise_max_path(&cids, 1);
	err = tquic_cid_peer_recv(&cids, &f, GFP_KERNEL, &cl);
	if (err) {
		TQ_EXPECT_EQ(err, -ENOMEM);
		TQ_EXPECT(!tquic_cid_peer_find(&cids, 1, 0));
		TQ_EXPECT(RB_EMPTY_ROOT(&cids.by_cid));
		TQ_EXPECT(!path_of(1) || !path_of(1)->known.count);
		finish();
		return err;
	}
	f = new_cid(1, 2, 1, 2);
	err = tquic_cid_peer_recv(&cids, &f, GFP_KERNEL, &cl);
	if (err) {
		/* not even the retirement */
		TQ_EXPECT(tquic_cid_peer_find(&cids, 1, 0));
		TQ_EXPECT_EQ(path_of(1)->peer_prior, 0);
		TQ_EXPECT_EQ(path_of(1)->known.count, 1);
	} else {
		TQ_EXPECT_EQ(path_of(1)->nr_retiring, 1);
	}
	finish();
	return err;
}

TQ_OOM_TEST(cid_peer_init_enomem)
{
	u8 id[4] = { 1, 2, 3, 4 };
	int err;

	tquic_cid_init(&cids, LIMIT);
	err = tquic_cid_peer_init(&cids, id, sizeof(id), GFP_KERNEL);
	TQ_EXPECT_EQ(!tquic_cid_peer_find(&cids, 0, 0), !!err);
	finish();
	return err;
}

/* a refused frame leaves no memory behind */
TQ_OOM_TEST(cid_peer_refused_enomem)
{
	u64 seq;
	int err;

	tquic_cid_init(&cids, 2);
	for (seq = 0; seq < 3; seq++) {
		err = recv_new(0, seq, 0, seq);
		if (err == -ENOMEM)
			break;
		TQ_EXPECT_EQ(err, seq < 2 ? 0 : -EPROTO);
	}
	finish();
	return err == -ENOMEM ? err : 0;
}
