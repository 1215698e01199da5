// SPDX-License-Identifier: GPL-2.0
#include "core/conn_priv.h"
#include "lib_pair.h"
#include "tap.h"

static struct lp lp;

static void start(u64 max_datagram)
{
	struct lp_config config = {
		.window = 1 << 20, .max_path_id = 3,
		.max_datagram = max_datagram,
	};

	lp_inject_link = 0;
	lp_start(&lp, &config);
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, 100 * LP_MS);
}

static void start_two(void)
{
	start(65535);
	TQ_ASSERT_EQ(lp_open(&lp, 1), 1);
	lp_run(&lp, 200 * LP_MS);
}

/* Sends a datagram of @len bytes that begins with @tag. */
static int send_on(int path, enum tquic_stream_class class, u32 len, u8 tag,
		   u64 life, u16 flags)
{
	struct tquic_conn *conn = lp.end[0].conn;
	struct tquic_dgram_req req = {
		.len = len, .pos = 3, .cookie = tag, .flags = flags,
		.deadline = lp.now + life,
	};
	int err;

	req.handle = lp_buf_new(len + 3);
	memset(lp_buf_data(req.handle), tag, len + 3);
	err = path < 0 ?
	      tquic_conn_dgram_send(conn, NULL, class, &req, lp.now,
				    GFP_KERNEL) :
	      tquic_conn_dgram_send_on(conn, path, class, &req, lp.now,
				       GFP_KERNEL);
	lp_buf_ops.put(req.handle);
	return err;
}

static int send(u32 len, u8 tag)
{
	return send_on(-1, TQUIC_STREAM_BULK, len, tag, TQUIC_NS_PER_SEC, 0);
}

/* Reads one: its tag, or -1; @len and @path may be NULL. */
static int take(u32 *len, u32 *path)
{
	struct tquic_dgram_in in;
	u32 i;
	int tag = 0;

	if (!tquic_conn_dgram_next(lp.end[1].conn, &in))
		return -1;
	for (i = 0; i < in.len; i++) {
		tag = lp_buf_data(in.handle)[in.pos + i];
		TQ_EXPECT_EQ(tag, lp_buf_data(in.handle)[in.pos]);
	}
	if (len)
		*len = in.len;
	if (path)
		*path = in.path_id;
	lp_buf_ops.put(in.handle);
	return tag;
}

TQ_TEST(rfc9221_datagrams_arrive_whole)
{
	u32 max, len, path;
	unsigned int i;

	start(65535);
	max = tquic_conn_dgram_max(lp.end[0].conn);
	TQ_EXPECT(max > 1150 && max < 1200);
	TQ_EXPECT_EQ(take(NULL, NULL), -1);
	TQ_EXPECT_EQ(send(max, 1), 0);
	TQ_EXPECT_EQ(send(0, 2), 0);
	TQ_EXPECT_EQ(send(100, 3), 0);
	TQ_EXPECT_EQ(send(max + 1, 4), -EMSGSIZE);
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT(lp.end[1].conn->events & TQUIC_CONN_E_DGRAM);
	for (i = 1; i < 4; i++) {
		TQ_EXPECT_EQ(take(&len, &path), i == 2 ? 0 : i);
		TQ_EXPECT_EQ(len, i == 1 ? max : i == 2 ? 0 : 100);
		TQ_EXPECT_EQ(path, 0);
	}
	TQ_EXPECT_EQ(take(NULL, NULL), -1);
	TQ_EXPECT(!(lp.end[1].conn->events & TQUIC_CONN_E_DGRAM));
	lp_stop(&lp);
}

TQ_TEST(rfc9221_every_size_passes)
{
	u32 max, len, i;

	start(65535);
	max = tquic_conn_dgram_max(lp.end[0].conn);
	for (i = 0; i <= max; i++) {
		tq_note("%u bytes", i);
		TQ_EXPECT_EQ(send(i, i), 0);
		lp_run(&lp, 30 * LP_MS);
		TQ_EXPECT_EQ(take(&len, NULL), i ? (u8)i : 0);
		TQ_EXPECT_EQ(len, i);
	}
	lp_stop(&lp);
}

TQ_TEST(rfc9221_3_not_announced_is_not_sent)
{
	struct tquic_frame f = { .type = TQUIC_FRAME_DATAGRAM, .len = 4,
				 .data = (const u8 *)"abcd" };

	start(0);
	TQ_EXPECT_EQ(tquic_conn_dgram_max(lp.end[0].conn), 0);
	TQ_EXPECT_EQ(send(10, 1), -EOPNOTSUPP);
	TQ_EXPECT_EQ(send_on(0, TQUIC_STREAM_BULK, 1, 1, 1, 0), -EOPNOTSUPP);
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, &f, 1), TQUIC_DROP_PROTOCOL);
	TQ_EXPECT_EQ(lp.end[1].conn->close.code, TQUIC_PROTOCOL_VIOLATION);
	lp_stop(&lp);
}

TQ_TEST(rfc9221_3_larger_than_announced_closes)
{
	static const u8 zeros[200];
	struct tquic_frame f = { .type = TQUIC_FRAME_DATAGRAM, .len = 99,
				 .data = zeros };

	start(100);
	TQ_EXPECT_EQ(tquic_conn_dgram_max(lp.end[0].conn), 99);
	TQ_EXPECT_EQ(send(99, 7), 0);
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT_EQ(take(NULL, NULL), 7);
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, &f, 1), TQUIC_DROP_NONE);
	TQ_EXPECT_EQ(take(NULL, NULL), 0);
	f.len = 100;
	TQ_EXPECT_EQ(lp_inject(&lp, 1, 0, &f, 1), TQUIC_DROP_PROTOCOL);
	TQ_EXPECT_EQ(lp.end[1].conn->close.code, TQUIC_PROTOCOL_VIOLATION);
	lp_stop(&lp);
}

TQ_TEST(rfc9221_5_4_datagrams_are_congestion_controlled)
{
	struct tquic_path *path;
	unsigned int i;

	start(65535);
	path = tquic_conn_path(lp.end[0].conn, 0);
	for (i = 0; i < 1000; i++)
		TQ_EXPECT_EQ(send(1100, i), 0);
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT(path->in_flight <= path->cc->cwnd + path->mds);
	TQ_EXPECT(path->in_flight > path->cc->cwnd / 2);
	lp_run(&lp, 2 * TQUIC_NS_PER_SEC);
	/* acknowledged, and not flow controlled */
	TQ_EXPECT_EQ(path->in_flight, 0);
	TQ_EXPECT_EQ(lp.end[0].conn->tx.used, 0);
	TQ_EXPECT(lp.link[0].dropped);
	TQ_EXPECT_EQ(lp.end[1].conn->dgram_rx.received + lp.link[0].dropped +
		     lp.end[0].conn->dgrams.stats.expired, 1000);
	lp_stop(&lp);
}

TQ_TEST(dgram_late_ones_are_dropped_before_and_after_waiting)
{
	struct tquic_dgram_stats *stats;
	unsigned int i, n = 0;

	start(65535);
	stats = &lp.end[0].conn->dgrams.stats;
	TQ_EXPECT_EQ(send_on(-1, TQUIC_STREAM_BULK, 10, 1, 0, 0), -ETIME);
	TQ_EXPECT_EQ(stats->late, 1);
	for (i = 0; i < 500; i++)
		TQ_EXPECT_EQ(send_on(-1, TQUIC_STREAM_BULK, 1100, i,
				     50 * LP_MS, 0), 0);
	lp_run(&lp, TQUIC_NS_PER_SEC);
	while (take(NULL, NULL) >= 0)
		n++;
	TQ_EXPECT(n > 10 && n < 200);
	TQ_EXPECT_EQ(stats->expired, 500 - n);
	TQ_EXPECT_EQ(lp.end[0].conn->dgrams.held, 0);
	TQ_EXPECT_EQ(lp.end[0].conn->dgrams.bytes, 0);
	lp_stop(&lp);
}

/* News of one datagram: what the flags say, 0 for none. */
static unsigned int fate(u64 *cookie)
{
	unsigned int flags = 0;

	tquic_conn_dgram_fate(lp.end[0].conn, cookie, &flags);
	return flags;
}

TQ_TEST(rfc9221_5_2_owners_learn_of_fates)
{
	u64 cookie;

	start(65535);
	TQ_EXPECT_EQ(fate(&cookie), 0);
	TQ_EXPECT_EQ(send_on(-1, TQUIC_STREAM_BULK, 100, 5, LP_MS * 500,
			     TQUIC_DGRAM_F_NOTIFY), 0);
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT(lp.end[0].conn->events & TQUIC_CONN_E_FATES);
	TQ_EXPECT_EQ(fate(&cookie), TQUIC_DGRAM_F_ACKED);
	TQ_EXPECT_EQ(cookie, 5);
	TQ_EXPECT_EQ(fate(&cookie), 0);
	TQ_EXPECT(!(lp.end[0].conn->events & TQUIC_CONN_E_FATES));

	lp.link[0].down = true;
	TQ_EXPECT_EQ(send_on(-1, TQUIC_STREAM_BULK, 100, 6, LP_MS * 500,
			     TQUIC_DGRAM_F_NOTIFY), 0);
	lp_run(&lp, 1);
	lp.link[0].down = false;
	lp_run(&lp, 3 * TQUIC_NS_PER_SEC);
	TQ_EXPECT_EQ(fate(&cookie), TQUIC_DGRAM_F_LOST);
	TQ_EXPECT_EQ(cookie, 6);
	TQ_EXPECT_EQ(lp.end[0].conn->dgrams.stats.lost, 1);
	TQ_EXPECT_EQ(fate(&cookie), 0);
	/* one that the caller could not send is lost at once */
	lp.fail_sends = 1;
	TQ_EXPECT_EQ(send_on(-1, TQUIC_STREAM_BULK, 100, 7, LP_MS * 500,
			     TQUIC_DGRAM_F_NOTIFY), 0);
	lp_run(&lp, 1);
	TQ_EXPECT_EQ(fate(&cookie), TQUIC_DGRAM_F_LOST);
	TQ_EXPECT_EQ(cookie, 7);
	lp_stop(&lp);
}

TQ_TEST(rfc9221_5_2_lost_ones_may_have_arrived_late)
{
	unsigned int i;
	u64 cookie;

	start(65535);
	TQ_EXPECT_EQ(send_on(-1, TQUIC_STREAM_BULK, 100, 1, LP_MS * 500,
			     TQUIC_DGRAM_F_NOTIFY), 0);
	lp.link[0].delay = 60 * LP_MS;
	lp_run(&lp, 1);
	lp.link[0].delay = 10 * LP_MS;
	for (i = 0; i < 5; i++)
		send(10, i);
	lp_run(&lp, 45 * LP_MS);
	TQ_EXPECT_EQ(fate(&cookie), TQUIC_DGRAM_F_LOST);
	lp_run(&lp, 300 * LP_MS);
	TQ_EXPECT_EQ(fate(&cookie), TQUIC_DGRAM_F_LOST | TQUIC_DGRAM_F_ACKED);
	lp_stop(&lp);
}

TQ_TEST(dgram_goes_on_the_path_that_was_asked_for)
{
	u32 path;
	int i;

	start_two();
	TQ_EXPECT_EQ(send_on(7, TQUIC_STREAM_BULK, 100, 1, LP_MS * 500, 0),
		     -ENOENT);
	TQ_EXPECT_EQ(send_on(1, TQUIC_STREAM_BULK, 5000, 1, LP_MS * 500, 0),
		     -EMSGSIZE);
	for (i = 0; i < 20; i++) {
		TQ_EXPECT_EQ(send_on(i & 1, TQUIC_STREAM_BULK, 100, i,
				     LP_MS * 500, 0), 0);
		lp_run(&lp, 50 * LP_MS);
		TQ_EXPECT_EQ(take(NULL, &path), i);
		TQ_EXPECT_EQ(path, i & 1);
	}
	lp_stop(&lp);
}

TQ_TEST(dgram_realtime_takes_the_quick_path_ahead_of_bulk)
{
	unsigned int i, early = 0;
	u32 path;
	int tag;

	start_two();
	lp.link[1].delay = 40 * LP_MS;
	/* acquaint it with the delays */
	for (i = 0; i < 20; i++) {
		send_on(i & 1, TQUIC_STREAM_BULK, 100, 1, LP_MS * 500, 0);
		lp_run(&lp, 100 * LP_MS);
	}
	while (take(NULL, NULL) >= 0)
		;
	for (i = 0; i < 400; i++)
		send(1100, 1);
	lp_run(&lp, 100 * LP_MS);
	send_on(-1, TQUIC_STREAM_REALTIME, 200, 2, 200 * LP_MS, 0);
	lp_run(&lp, 20 * LP_MS);
	while ((tag = take(NULL, &path)) >= 0) {
		if (tag != 2)
			continue;
		early = 1;
		TQ_EXPECT_EQ(path, 0);
	}
	/* in spite of all that waits */
	TQ_EXPECT(early || lp.link[0].free_at[0] > lp.now);
	TQ_EXPECT(lp.end[0].conn->dgrams.bytes > 100000);
	lp_stop(&lp);
}

TQ_TEST(dgram_lost_ones_go_again_on_another_path)
{
	unsigned int i, seen[64] = {}, sum = 0;
	struct tquic_dgram_stats *stats;
	int tag;

	start_two();
	stats = &lp.end[0].conn->dgrams.stats;
	lp.link[0].loss = 300;
	for (i = 0; i < 64; i++) {
		TQ_EXPECT_EQ(send_on(0, TQUIC_STREAM_BULK, 600, i, LP_MS * 800,
				     TQUIC_DGRAM_F_AGAIN), 0);
		lp_run(&lp, 10 * LP_MS);
	}
	lp_run(&lp, TQUIC_NS_PER_SEC);
	while ((tag = take(NULL, NULL)) >= 0)
		seen[tag]++;
	for (i = 0; i < 64; i++)
		sum += !!seen[i];
	TQ_EXPECT_EQ(sum, 64);
	TQ_EXPECT(stats->resent >= 10 && stats->resent < 40);
	/* every one is forgotten at last */
	TQ_EXPECT_EQ(lp.end[0].conn->dgrams.held, 0);
	TQ_EXPECT_EQ(stats->lost, 0);
	lp_stop(&lp);
}

TQ_TEST(dgram_not_again_after_its_deadline)
{
	struct tquic_dgram_stats *stats;

	start_two();
	stats = &lp.end[0].conn->dgrams.stats;
	lp.link[0].down = true;
	TQ_EXPECT_EQ(send_on(0, TQUIC_STREAM_BULK, 600, 1, LP_MS,
			     TQUIC_DGRAM_F_AGAIN | TQUIC_DGRAM_F_NOTIFY), 0);
	lp_run(&lp, TQUIC_NS_PER_SEC);
	TQ_EXPECT_EQ(take(NULL, NULL), -1);
	TQ_EXPECT_EQ(stats->resent, 0);
	TQ_EXPECT_EQ(stats->lost, 1);
	lp_stop(&lp);
}

TQ_TEST(dgram_copies_go_on_a_second_path)
{
	struct tquic_dgram_stats *stats;
	unsigned int i;
	u32 path, paths = 0;

	start_two();
	stats = &lp.end[0].conn->dgrams.stats;
	for (i = 0; i < 10; i++) {
		TQ_EXPECT_EQ(send_on(0, TQUIC_STREAM_REALTIME, 160, 9,
				     LP_MS * 200, TQUIC_DGRAM_F_COPY), 0);
		lp_run(&lp, 20 * LP_MS);
	}
	lp_run(&lp, 200 * LP_MS);
	for (i = 0; i < 20; i++) {
		TQ_EXPECT_EQ(take(NULL, &path), 9);
		paths |= BIT(path);
	}
	TQ_EXPECT_EQ(take(NULL, NULL), -1);
	TQ_EXPECT_EQ(paths, 3);
	TQ_EXPECT_EQ(stats->copies, 10);
	TQ_EXPECT_EQ(stats->copied_bytes, 1600);
	TQ_EXPECT_EQ(stats->acked, 10);
	lp_stop(&lp);
}

TQ_TEST(dgram_reader_that_sleeps_loses_what_is_too_much)
{
	struct tquic_dgram_rx *rx;
	unsigned int i, n = 0;

	start(65535);
	rx = &lp.end[1].conn->dgram_rx;
	rx->limit = 100000;
	for (i = 0; i < 200; i++) {
		send(1000, i);
		lp_run(&lp, 5 * LP_MS);
	}
	lp_run(&lp, 100 * LP_MS);
	TQ_EXPECT(rx->held <= rx->limit);
	TQ_EXPECT(rx->full > 100);
	while (take(NULL, NULL) >= 0)
		n++;
	TQ_EXPECT_EQ(n + rx->full, 200);
	TQ_EXPECT_EQ(rx->held, 0);
	lp_stop(&lp);
}

TQ_TEST(dgram_shares_the_path_with_streams)
{
	unsigned int i;

	start(65535);
	for (i = 0; i < 400; i++)
		TQ_EXPECT_EQ(send(1000, 1), 0);
	lp_send(&lp, 0, 100000, true);
	lp_run(&lp, 2 * TQUIC_NS_PER_SEC);
	TQ_EXPECT_EQ(lp.end[1].received, 100000);
	TQ_EXPECT(lp.end[1].conn->dgram_rx.received > 300);
	lp_stop(&lp);
}

TQ_OOM_TEST(dgram_oom_while_sending_and_receiving)
{
	struct tquic_dgram_req req = { .len = 9, .deadline = 10 };
	struct tquic_frame f = { .len = 5 };
	static struct tquic_conn conn;
	struct tquic_rx rx = { .now = 1 };
	struct tquic_dgram_in in;
	struct tquic_dgram_flow *flow;
	struct tquic_path path = {};
	void *buf = lp_buf_new(20);
	int err = 0;

	conn = (struct tquic_conn){ .config = { .buf_ops = &lp_buf_ops } };
	tquic_dgram_init(&conn);
	req.handle = buf;
	rx.handle = buf;
	rx.payload = lp_buf_data(buf);
	f.data = lp_buf_data(buf);
	flow = tquic_dgramq_own(&conn.dgrams, 0, GFP_KERNEL);
	if (!flow)
		err = -ENOMEM;
	else if (!tquic_dgramq_add(&conn.dgrams, flow, &req, 1, &err,
				   GFP_KERNEL))
		TQ_EXPECT_EQ(err, -ENOMEM);
	tquic_dgram_received(&conn, &path, &rx, &f, GFP_KERNEL);
	TQ_EXPECT_EQ(conn.dgram_rx.received, 1);
	if (tquic_conn_dgram_next(&conn, &in)) {
		TQ_EXPECT_EQ(in.len, 5);
		lp_buf_ops.put(in.handle);
	} else {
		TQ_EXPECT_EQ(conn.dgram_rx.nomem, 1);
		err = -ENOMEM;
	}
	tquic_dgram_end(&conn);
	lp_buf_ops.put(buf);
	TQ_EXPECT_EQ(lp_bufs(), 0);
	return err;
}
