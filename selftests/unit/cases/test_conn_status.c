// SPDX-License-Identifier: GPL-2.0
/* Which paths two ends prefer, and how often they open new ones. */
#include "core/conn_priv.h"
#include "lib_pair.h"
#include "tap.h"

#define MS	TQUIC_NS_PER_MS
#define SEC	TQUIC_NS_PER_SEC

static struct lp lp;

/* frames of a type that an end sent */
static struct {
	u64 type;
	unsigned int from;
	unsigned int n;
	struct tquic_frame last;
} seen;

static void look(struct lp *pair, unsigned int from, u8 *data, u32 len)
{
	struct tquic_frame_ctx ctx = {
		.pkt = TQUIC_PKT_1RTT, .multipath = true, .server = !from,
		.receive_times = true, .ack_frequency = true,
	};
	u32 hdr = 9 + (data[0] & 3) + 1;
	struct tquic_close close;
	struct tquic_frame f;
	struct tquic_rd rd;

	if (from != seen.from || data[0] & 0x80)
		return;
	rd = tquic_rd_init(data + hdr, len - hdr - TQUIC_PKT_TAG_LEN);
	while (tquic_rd_left(&rd) && !tquic_frame_decode(&rd, &f, &ctx, &close))
		if (f.type == seen.type) {
			seen.n++;
			seen.last = f;
		}
}

static void watch(unsigned int from, u64 type)
{
	seen.from = from;
	seen.type = type;
	seen.n = 0;
}

static struct tquic_path *path_of(unsigned int who, u32 id)
{
	return tquic_conn_path(lp.end[who].conn, id);
}

static void start(u64 max_path_id)
{
	const struct lp_config config = {
		.window = 8 << 20, .max_path_id = max_path_id, .idle = 600000,
	};

	lp_inject_link = 0;
	watch(2, 0);
	lp_start(&lp, &config);
	lp.mangle = look;
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, 100 * MS);
}

/* path 1 is the client's backup */
static void start_with_backup(void)
{
	start(3);
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	TQ_EXPECT_EQ(tquic_conn_set_backup(lp.end[0].conn, 1, true), 0);
	lp_run(&lp, 300 * MS);
	TQ_EXPECT(path_of(1, 1)->peer_backup);
	TQ_EXPECT(!path_of(1, 0)->peer_backup);
}

/*
 * Trap 3: the server hears well on path 0 what the client says, which is
 * acknowledgments at most, and the client does not hear the server.  Or nobody
 * hears anybody.
 */
TQ_TEST(trap_03_backup_in_use_is_announced)
{
	unsigned int how;

	for (how = 0; how < 2; how++) {
		tq_note("%s", how ? "both ways" : "from the client only");
		start_with_backup();
		lp.link[0].mute[0] = true;
		lp.link[0].mute[1] = how;
		lp_send(&lp, 0, 100000, false);
		lp_run(&lp, 500 * MS);
		TQ_EXPECT_EQ(lp.end[1].received, 100000);
		TQ_EXPECT(!path_of(1, 1)->peer_backup);
		TQ_EXPECT(path_of(1, 0)->peer_backup);
		/* so the server uses what works, at once */
		lp_send(&lp, 1, 200000, false);
		lp_run(&lp, 500 * MS);
		TQ_EXPECT_EQ(lp.end[0].received, 200000);
		TQ_EXPECT(lp.link[1].carried[1] > 200000);
		lp_stop(&lp);
	}
}

TQ_TEST(trap_03_backup_no_longer_in_use_is_announced)
{
	u64 before;

	start_with_backup();
	lp.link[0].down = true;
	lp_send(&lp, 0, 100000, false);
	lp_run(&lp, 500 * MS);
	TQ_EXPECT(!path_of(1, 1)->peer_backup && path_of(1, 0)->peer_backup);
	lp.link[0].down = false;
	lp_run(&lp, 3 * SEC);
	TQ_EXPECT(path_of(1, 1)->peer_backup && !path_of(1, 0)->peer_backup);
	lp_run(&lp, SEC);
	before = lp.link[1].carried[1];
	lp_send(&lp, 1, 200000, false);
	lp_run(&lp, SEC);
	TQ_EXPECT_EQ(lp.end[0].received, 200000);
	TQ_EXPECT(lp.link[1].carried[1] < before + 20000);
	lp_stop(&lp);
}

/* the other end has no backup of its own, but knows the peer's */
TQ_TEST(trap_03_server_announces_the_clients_backup)
{
	start_with_backup();
	lp.link[0].down = true;
	lp_send(&lp, 1, 100000, false);
	lp_run(&lp, 800 * MS);
	TQ_EXPECT_EQ(lp.end[0].received, 100000);
	TQ_EXPECT(path_of(1, 1)->status_seq && !path_of(1, 1)->told_backup);
	TQ_EXPECT(path_of(1, 0)->told_backup);
	TQ_EXPECT(path_of(0, 0)->peer_backup && !path_of(0, 1)->peer_backup);
	lp.link[0].down = false;
	lp_run(&lp, 3 * SEC);
	TQ_EXPECT(!path_of(0, 0)->peer_backup && !path_of(0, 1)->peer_backup);
	/* it is still the client's */
	TQ_EXPECT(path_of(1, 1)->peer_backup);
	lp_stop(&lp);
}

/* both see it: they do not swap roles for ever */
TQ_TEST(mp21_3_3_status_settles)
{
	u64 seq[4];
	unsigned int i;

	start_with_backup();
	lp.link[0].down = true;
	lp_send(&lp, 0, 100000, false);
	lp_send(&lp, 1, 100000, false);
	lp_run(&lp, 2 * SEC);
	for (i = 0; i < 4; i++)
		seq[i] = path_of(i & 1, i >> 1)->status_seq;
	lp_run(&lp, 20 * SEC);
	for (i = 0; i < 4; i++) {
		TQ_EXPECT_EQ(path_of(i & 1, i >> 1)->status_seq, seq[i]);
		TQ_EXPECT(seq[i] <= 3);
	}
	/* nothing works: nothing is known to be better than before */
	lp.link[1].down = true;
	lp_send(&lp, 0, 1000, false);
	lp_send(&lp, 1, 1000, false);
	lp_run(&lp, 10 * SEC);
	for (i = 0; i < 4; i++)
		TQ_EXPECT_EQ(path_of(i & 1, i >> 1)->status_seq, seq[i]);
	lp_stop(&lp);
}

TQ_TEST(mp21_3_3_nothing_is_said_without_need)
{
	unsigned int i;

	start(3);
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp_run(&lp, 300 * MS);
	lp.link[0].down = true;
	lp_send(&lp, 0, 100000, false);
	lp_run(&lp, SEC);
	/* a path fails, and none is a backup */
	for (i = 0; i < 4; i++)
		TQ_EXPECT_EQ(path_of(i & 1, i >> 1)->status_seq, 0);
	lp_stop(&lp);

	/* a lone path is what its owner calls it */
	start(3);
	TQ_EXPECT_EQ(tquic_conn_set_backup(lp.end[0].conn, 0, true), 0);
	lp_run(&lp, 300 * MS);
	TQ_EXPECT(path_of(1, 0)->peer_backup);
	TQ_EXPECT_EQ(path_of(1, 0)->status_seq, 0);
	lp_stop(&lp);
}

/* Trap 6: a loop that opens a path and gives it up */
TQ_TEST(trap_06_reopening_is_held_back)
{
	unsigned int i, opened = 0;
	int id, refused = 0;

	start(60);
	for (i = 0; i < 1000; i++) {
		id = lp_open(&lp, 1);
		if (id > 0) {
			opened++;
			TQ_EXPECT_EQ(tquic_conn_abandon_path(lp.end[0].conn, id,
							     0, lp.now,
							     GFP_KERNEL), 0);
		} else if (id == -EBUSY) {
			refused++;
		}
		lp_run(&lp, 10 * MS);
	}
	TQ_EXPECT(opened >= TQUIC_CONN_OPENS);
	TQ_EXPECT(opened <= TQUIC_CONN_OPENS + 10);
	TQ_EXPECT(refused > 500);
	/* and nothing is left of it */
	lp_run(&lp, 20 * SEC);
	TQ_EXPECT_EQ(lp.end[0].conn->npaths, 1);
	TQ_EXPECT_EQ(lp.end[1].conn->npaths, 1);
	TQ_EXPECT(lp_open(&lp, 1) > 0);
	lp_run(&lp, SEC);
	TQ_EXPECT_EQ(lp.end[1].conn->npaths, 2);
	lp_stop(&lp);
}

/* the peer allows for the path, but issued nothing for it */
TQ_TEST(mp21_4_7_missing_connection_ids_are_told)
{
	struct tquic_conn *conn;
	struct tquic_cids *cids;
	u64 id;

	start(2);
	conn = lp.end[0].conn;
	cids = &conn->cids;
	for (id = 1; id <= 2; id++)
		tquic_cid_peer_drop_all(cids, tquic_cid_path_find(cids, id));
	watch(0, TQUIC_FRAME_PATH_CIDS_BLOCKED);
	TQ_EXPECT_EQ(lp_open(&lp, 1), -EAGAIN);
	TQ_EXPECT(conn->control & TQUIC_CONN_C_CIDS_BLOCKED);
	TQ_EXPECT(!(conn->control & TQUIC_CONN_C_PATHS_BLOCKED));
	lp_run(&lp, 50 * MS);
	TQ_EXPECT_EQ(seen.n, 1);
	TQ_EXPECT_EQ(seen.last.path_id, 1);
	TQ_EXPECT_EQ(seen.last.path_cids_blocked.next_seq, 0);
	TQ_EXPECT_EQ(conn->control, 0);
	/* once is enough */
	TQ_EXPECT_EQ(lp_open(&lp, 1), -EAGAIN);
	lp_run(&lp, 50 * MS);
	TQ_EXPECT_EQ(seen.n, 1);
	TQ_EXPECT_EQ(lp.end[1].conn->state, TQUIC_CONN_ESTABLISHED);
	lp_stop(&lp);

	/* lost, and moot by the time that it would go again */
	start(2);
	conn = lp.end[0].conn;
	cids = &conn->cids;
	for (id = 1; id <= 2; id++)
		tquic_cid_peer_drop_all(cids, tquic_cid_path_find(cids, id));
	watch(0, TQUIC_FRAME_PATH_CIDS_BLOCKED);
	lp.link[0].down = true;
	TQ_EXPECT_EQ(lp_open(&lp, 1), -EAGAIN);
	lp_run(&lp, MS);
	TQ_EXPECT_EQ(seen.n, 1);
	lp_run(&lp, 2 * SEC);
	TQ_EXPECT(seen.n > 1);
	TQ_EXPECT_EQ(tquic_cid_path_abandon(cids, 1, GFP_KERNEL), 0);
	seen.n = 0;
	lp_run(&lp, 2 * SEC);
	TQ_EXPECT_EQ(seen.n, 0);
	TQ_EXPECT(!(conn->control & TQUIC_CONN_C_CIDS_BLOCKED));
	lp_stop(&lp);
}

/* the limit is what is missing, not a connection ID */
TQ_TEST(mp21_3_2_1_missing_path_ids_are_told)
{
	start(1);
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp_run(&lp, 100 * MS);
	watch(0, TQUIC_FRAME_PATHS_BLOCKED);
	TQ_EXPECT_EQ(lp_open(&lp, 2), -EAGAIN);
	lp_run(&lp, 50 * MS);
	TQ_EXPECT_EQ(seen.n, 1);
	TQ_EXPECT_EQ(seen.last.path_id, 1);
	TQ_EXPECT_EQ(lp.end[0].conn->control, 0);
	lp_stop(&lp);
}
