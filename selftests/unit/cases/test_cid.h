/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of connection IDs share: an endpoint that plays the caller,
 * and frames by hand.
 */
#ifndef _TEST_CID_H
#define _TEST_CID_H

#include "core/cid.h"
#include "tap.h"

#define LIMIT	4	/* active_connection_id_limit of the endpoint */

/* one endpoint, as a rule seen from its own side */
static struct tquic_cids cids;
static struct tquic_close cl;

/* bytes of a connection ID and a token that follow from a number */
static inline void test_bytes(u8 *dst, size_t len, u64 nr)
{
	size_t i;

	for (i = 0; i < len; i++)
		dst[i] = nr >> 8 * (i & 7) ^ i;
}

static inline struct tquic_cid_local *local_new(u64 nr)
{
	struct tquic_cid_local *cid = kzalloc(sizeof(*cid), GFP_KERNEL);

	TQ_ASSERT(cid);
	cid->cid.len = 8;
	test_bytes(cid->cid.id, 8, nr);
	test_bytes(cid->token, sizeof(cid->token), ~nr);
	return cid;
}

static inline struct tquic_cid_local *issue(u64 path_id, bool known)
{
	struct tquic_cid_local *cid = local_new(tq_rand());

	TQ_ASSERT_EQ(tquic_cid_local_issue(&cids, path_id, cid, known,
					   GFP_KERNEL), 0);
	return cid;
}

/* whatever the policy wants; returns how many */
static inline unsigned int supply(void)
{
	unsigned int n;
	u64 path_id;

	for (n = 0; tquic_cid_local_wanted(&cids, &path_id); n++)
		issue(path_id, false);
	return n;
}

/* tell the peer all there is to tell; returns how many */
static inline unsigned int announce_all(void)
{
	struct tquic_frame f;
	unsigned int n;

	for (n = 0; tquic_cid_local_announce(&cids, true, &f); n++)
		tquic_cid_local_sent(&cids, f.path_id, f.new_cid.seq);
	return n;
}

static inline unsigned int reap(tquic_time_t now)
{
	struct tquic_cid_local *cid;
	unsigned int n;

	for (n = 0; (cid = tquic_cid_local_reap(&cids, now)); n++)
		kfree(cid);
	return n;
}

static inline void finish(void)
{
	tquic_cid_exit(&cids);
	reap(TQUIC_TIME_NEVER);
	TQ_EXPECT(RB_EMPTY_ROOT(&cids.by_cid));
	TQ_EXPECT(list_empty(&cids.announce));
	TQ_EXPECT(list_empty(&cids.expiring));
	TQ_EXPECT(list_empty(&cids.retire));
	TQ_EXPECT(list_empty(&cids.in_use));
	TQ_EXPECT(list_empty(&cids.wanting));
	TQ_EXPECT_EQ(cids.nr_paths, 0);
}

/* both ends know their first connection IDs; paths up to max_path */
static inline struct tquic_cid_local *start(u64 peer_limit, u64 max_path)
{
	struct tquic_cid_local *first;
	u8 id[8];

	tquic_cid_init(&cids, LIMIT);
	first = issue(0, true);
	test_bytes(id, sizeof(id), 0);
	TQ_ASSERT_EQ(tquic_cid_peer_init(&cids, id, sizeof(id), GFP_KERNEL), 0);
	tquic_cid_set_peer(&cids, peer_limit, max_path);
	tquic_cid_raise_max_path(&cids, max_path);
	return first;
}

/* a frame of the peer: connection ID number nr */
static inline struct tquic_frame new_cid(u64 path_id, u64 seq, u64 prior,
					 u64 nr)
{
	static u8 bytes[8][24];
	static unsigned int slot;
	u8 *b = bytes[slot++ % 8];

	test_bytes(b, 8, nr);
	test_bytes(b + 8, 16, ~nr);
	return (struct tquic_frame){
		.type = TQUIC_FRAME_PATH_NEW_CONNECTION_ID,
		.path_id = path_id,
		.new_cid = {
			.seq = seq,
			.retire_prior_to = prior,
			.cid = b,
			.cid_len = 8,
			.token = b + 8,
		},
	};
}

static inline int recv_new(u64 path_id, u64 seq, u64 prior, u64 nr)
{
	struct tquic_frame f = new_cid(path_id, seq, prior, nr);

	cl = (struct tquic_close){ 0 };
	return tquic_cid_peer_recv(&cids, &f, GFP_KERNEL, &cl);
}

static inline int recv_retire(u64 path_id, u64 seq,
			      const struct tquic_cid_local *via,
			      tquic_time_t expire)
{
	struct tquic_frame f = {
		.type = TQUIC_FRAME_PATH_RETIRE_CONNECTION_ID,
		.path_id = path_id,
		.retire_cid.seq = seq,
	};

	cl = (struct tquic_close){ 0 };
	return tquic_cid_local_recv_retire(&cids, &f, via, expire, &cl);
}

static inline int recv_blocked(u64 path_id, u64 next_seq)
{
	struct tquic_frame f = {
		.type = TQUIC_FRAME_PATH_CIDS_BLOCKED,
		.path_id = path_id,
		.path_cids_blocked.next_seq = next_seq,
	};

	cl = (struct tquic_close){ 0 };
	return tquic_cid_local_recv_blocked(&cids, &f, &cl);
}

/* an error of the peer, with the code and the frame type that it calls for */
#define EXPECT_CLOSE(call, error, frame)				\
	do {								\
		TQ_EXPECT_EQ(call, -EPROTO);				\
		TQ_EXPECT_EQ(cl.code, error);				\
		TQ_EXPECT_EQ(cl.frame_type, frame);			\
		TQ_EXPECT(cl.reason);					\
	} while (0)

static inline struct tquic_cid_path *path_of(u64 path_id)
{
	return tquic_cid_path_find(&cids, path_id);
}

#endif /* _TEST_CID_H */
