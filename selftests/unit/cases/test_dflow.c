// SPDX-License-Identifier: GPL-2.0
#include "cc/algos.h"
#include "core/dflow.h"
#include "lib_pair.h"
#include "tap.h"

static struct lp lp;
static struct tquic_dflows *sets[2];

static void start(unsigned int links)
{
	struct lp_config config = {
		.window = 1 << 20, .max_path_id = 3, .max_datagram = 65535,
	};
	unsigned int i;

	lp_inject_link = 0;
	lp_start(&lp, &config);
	TQ_ASSERT(lp_handshake(&lp));
	lp_run(&lp, 100 * LP_MS);
	for (i = 0; i < 2; i++) {
		sets[i] = tquic_dflows_new(lp.end[i].conn, i, GFP_KERNEL);
		TQ_ASSERT(sets[i]);
	}
	for (i = 1; i < links; i++) {
		TQ_ASSERT_EQ(lp_open(&lp, i), i);
		lp_run(&lp, 200 * LP_MS);
	}
}

static void stop(void)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		tquic_conn_end(lp.end[i].conn);
		tquic_dflows_free(sets[i]);
	}
	lp_stop(&lp);
}

/* Lets time pass, with the flows' timers kept. */
static void run(unsigned int ms)
{
	for (; ms; ms--) {
		lp_run(&lp, LP_MS);
		if (tquic_dflows_deadline(sets[1]) <= lp.now)
			tquic_dflows_timeout(sets[1], lp.now);
		TQ_EXPECT(tquic_dflows_deadline(sets[1]) > lp.now);
	}
}

/* byte @i of a payload with number @n */
static u8 byte_of(u32 n, u32 i)
{
	return i < 4 ? n >> (8 * i) : n * 7 + i;
}

static int send(struct tquic_dflow *flow, u32 n, u32 len)
{
	u8 *data;
	void *buf;
	int err;
	u32 i;

	buf = lp_buf_new(len + 5);
	data = lp_buf_data(buf) + 5;
	for (i = 0; i < len; i++)
		data[i] = byte_of(n, i);
	err = tquic_dflow_send(sets[0], flow, buf, 5, len, lp.now, GFP_KERNEL);
	lp_buf_ops.put(buf);
	return err;
}

/* Takes a payload: its number, -1 for none; checks every byte. */
static long take(u32 *len, u64 *id)
{
	struct tquic_dflow_pkt *pkt = tquic_dflows_next(sets[1]);
	const struct tquic_dflow_piece *p;
	static u8 data[65536];
	u32 n = 0, i, off = 0;

	if (!pkt)
		return -1;
	for (p = pkt->first; p; p = p->next) {
		TQ_EXPECT_EQ(p->off, off);
		memcpy(data + off, lp_buf_data(p->handle) + p->pos, p->len);
		off += p->len;
	}
	TQ_EXPECT_EQ(off, pkt->len);
	for (i = 0; i < 4 && i < off; i++)
		n |= (u32)data[i] << (8 * i);
	for (i = 0; i < off; i++)
		TQ_ASSERT_EQ(data[i], byte_of(n, i));
	if (len)
		*len = off;
	if (id)
		*id = pkt->flow->id;
	tquic_dflow_pkt_free(sets[1], pkt);
	return n;
}

TQ_TEST(dflow_header_round_trip)
{
	struct tquic_dflow_hdr in, out;
	u8 buf[TQUIC_DGRAM_HEAD_MAX + 4];
	struct tquic_rd rd;
	unsigned int i;
	u32 len, cut;

	for (i = 0; i < 20000; i++) {
		memset(&in, 0, sizeof(in));
		in.id = tq_rand() & TQUIC_VARINT_MAX;
		in.id >>= tq_rand_below(62);
		in.seq = tq_rand_below(1 << 24);
		in.class = tq_rand_below(4);
		in.others = tq_rand_below(16);
		in.again = tq_rand_below(2);
		in.split = tq_rand_below(2);
		if (in.split) {
			in.more = tq_rand_below(2);
			in.off = tq_rand_below(65530);
		}
		len = tquic_dflow_hdr_write(buf, &in);
		TQ_EXPECT(len >= 5 && len <= TQUIC_DGRAM_HEAD_MAX);
		rd = tquic_rd_init(buf, len + 4);
		TQ_EXPECT(tquic_dflow_hdr_parse(&rd, &out));
		TQ_EXPECT_EQ(tquic_rd_left(&rd), 4);
		TQ_EXPECT_EQ(in.id, out.id);
		TQ_EXPECT_EQ(in.seq, out.seq);
		TQ_EXPECT_EQ(in.class, out.class);
		TQ_EXPECT_EQ(in.others, out.others);
		TQ_EXPECT_EQ(in.again, out.again);
		TQ_EXPECT_EQ(in.split, out.split);
		TQ_EXPECT_EQ(in.more, out.more);
		TQ_EXPECT_EQ(in.off, out.off);
		for (cut = 0; cut < len; cut++) {
			rd = tquic_rd_init(buf, cut);
			TQ_EXPECT(!tquic_dflow_hdr_parse(&rd, &out));
		}
	}
}

TQ_TEST(dflow_header_that_makes_no_sense)
{
	struct tquic_dflow_hdr hdr = { .split = true, .off = 65530 };
	u8 buf[TQUIC_DGRAM_HEAD_MAX + 6] = {};
	struct tquic_rd rd;
	u32 len;

	/* a piece that ends beyond any payload, and one without bytes */
	len = tquic_dflow_hdr_write(buf, &hdr);
	rd = tquic_rd_init(buf, len + 6);
	TQ_EXPECT(!tquic_dflow_hdr_parse(&rd, &hdr));
	rd = tquic_rd_init(buf, len + 5);
	TQ_EXPECT(tquic_dflow_hdr_parse(&rd, &hdr));
	rd = tquic_rd_init(buf, len);
	TQ_EXPECT(!tquic_dflow_hdr_parse(&rd, &hdr));
	/* legs beyond what the field tells */
	hdr = (struct tquic_dflow_hdr){ .others = 200 };
	len = tquic_dflow_hdr_write(buf, &hdr);
	rd = tquic_rd_init(buf, len);
	TQ_EXPECT(tquic_dflow_hdr_parse(&rd, &hdr));
	TQ_EXPECT_EQ(hdr.others, TQUIC_DFLOW_LEGS_MAX);
}

TQ_TEST(dflow_payloads_of_every_size_arrive)
{
	struct tquic_dflow *flow;
	u32 i, n = 0, len, sizes[] = { 0, 1, 5, 1100, 1150, 1170, 1171, 1172,
		1173, 1174, 1175, 1180, 1200, 1500, 2400, 9000, 20000 };
	u64 id;

	start(1);
	flow = tquic_dflow_open(sets[0], 77, TQUIC_STREAM_BULK, GFP_KERNEL);
	TQ_ASSERT(flow);
	for (i = 0; i < ARRAY_SIZE(sizes); i++, n++) {
		tq_note("%u bytes", sizes[i]);
		TQ_EXPECT_EQ(send(flow, n, sizes[i]), 0);
		run(60);
		TQ_EXPECT_EQ(take(&len, &id), sizes[i] ? n : 0);
		TQ_EXPECT_EQ(len, sizes[i]);
		TQ_EXPECT_EQ(id, 77);
	}
	TQ_EXPECT_EQ(send(flow, 1, 65536), -EMSGSIZE);
	TQ_EXPECT_EQ(take(NULL, NULL), -1);
	TQ_EXPECT_EQ(sets[1]->held, 0);
	stop();
}

TQ_TEST(trap_10_order_holds_over_unlike_legs)
{
	struct tquic_dflow *flow;
	long n, last = -1, count = 0;
	u32 i;

	start(2);
	lp.link[1].delay = 24 * LP_MS;
	/* nothing is lost: what is lost, and sent again, comes too late */
	lp.link[0].queue = 1 << 20;
	lp.link[1].queue = 1 << 20;
	flow = tquic_dflow_open(sets[0], 1, TQUIC_STREAM_BULK, GFP_KERNEL);
	for (i = 0; i < 6000; i++) {
		send(flow, i, 500 + 10 * (i % 100));
		if (i % 7 == 0)
			run(4);
		while ((n = take(NULL, NULL)) >= 0) {
			TQ_EXPECT(n > last);
			last = n;
			count++;
		}
	}
	run(1000);
	while ((n = take(NULL, NULL)) >= 0) {
		TQ_EXPECT(n > last);
		last = n;
		count++;
	}
	TQ_EXPECT(lp.link[1].carried[0] > 100000);
	TQ_EXPECT(count > 4000);
	TQ_EXPECT_EQ(sets[1]->held, 0);
	stop();
}

TQ_TEST(dflow_loss_is_repaired_from_the_other_leg)
{
	struct tquic_dflow *flow;
	unsigned int i, seen[500] = {}, sum = 0;
	long n;

	start(2);
	/* what tunnels use: losses leave CUBIC no window for all of it */
	TQ_ASSERT_EQ(tquic_conn_set_cc(lp.end[0].conn, &tquic_poise_ops,
				       lp.now, GFP_KERNEL), 0);
	lp.link[0].loss = 50;
	lp.link[1].loss = 50;
	flow = tquic_dflow_open(sets[0], 1, TQUIC_STREAM_BULK, GFP_KERNEL);
	for (i = 0; i < 500; i++) {
		send(flow, i, 2000);
		run(10);
	}
	run(1000);
	while ((n = take(NULL, NULL)) >= 0)
		seen[n]++;
	for (i = 0; i < 500; i++) {
		TQ_EXPECT(seen[i] <= 1);
		sum += seen[i];
	}
	/* without repair about 60 would be missing */
	tq_note("%u of 500, %llu again", sum,
		lp.end[0].conn->dgrams.stats.resent);
	TQ_EXPECT(sum >= 495);
	TQ_EXPECT_EQ(sets[1]->held, 0);
	stop();
}

TQ_TEST(dflow_flows_open_close_and_are_bounded)
{
	struct tquic_dflow *flow, *other;
	u64 id;

	start(1);
	flow = tquic_dflow_open(sets[0], 5, TQUIC_DFLOW_AUTO, GFP_KERNEL);
	TQ_ASSERT(flow);
	TQ_EXPECT(!tquic_dflow_open(sets[0], 5, 0, GFP_KERNEL));
	TQ_EXPECT(tquic_dflow_find(sets[0], 5) == flow);
	TQ_EXPECT(!tquic_dflow_find(sets[0], 6));
	send(flow, 1, 100);
	run(50);
	/* the far end learns of it by its first packet */
	other = tquic_dflow_find(sets[1], 5);
	TQ_ASSERT(other);
	TQ_EXPECT(tquic_dflow_open(sets[1], 5, 0, GFP_KERNEL) == other);
	TQ_EXPECT(!tquic_dflow_open(sets[1], 5, 0, GFP_KERNEL));
	/* closed with a packet in the user's list and others under way */
	send(flow, 2, 100);
	tquic_dflow_close(sets[0], flow);
	tquic_dflow_close(sets[1], other);
	run(50);
	TQ_EXPECT_EQ(take(NULL, &id), 1);
	TQ_EXPECT_EQ(id, 5);
	/* not taken on any more, for want of room */
	sets[1]->max = 0;
	flow = tquic_dflow_open(sets[0], 6, TQUIC_DFLOW_AUTO, GFP_KERNEL);
	send(flow, 3, 100);
	run(50);
	TQ_EXPECT_EQ(sets[1]->stats.strange, 1);
	stop();
}

TQ_OOM_TEST(dflow_oom)
{
	struct tquic_dflow_hdr hdr = { .id = 3, .split = true, .more = true };
	static struct tquic_conn conn;
	struct tquic_dflows *set;
	struct tquic_dflow *flow;
	void *buf = lp_buf_new(40);
	u8 *data = lp_buf_data(buf);
	struct tquic_dflow_pkt *pkt;
	u32 len, i;

	conn = (struct tquic_conn){ .config = { .buf_ops = &lp_buf_ops } };
	set = tquic_dflows_new(&conn, true, GFP_KERNEL);
	if (!set) {
		lp_buf_ops.put(buf);
		return -ENOMEM;
	}
	flow = tquic_dflow_open(set, 9, TQUIC_STREAM_BULK, GFP_KERNEL);
	/* two pieces, then a payload with a hole before it */
	for (i = 0; i < 4; i++) {
		hdr.off = 10 * i;
		hdr.more = i < 1;
		hdr.split = i < 2;
		hdr.seq = i < 2 ? 0 : i + 3;
		len = tquic_dflow_hdr_write(data, &hdr);
		tquic_dflow_rx_recv(set, 0, buf, 0, len + 10, data, 1,
				    GFP_KERNEL);
	}
	for (i = 0; (pkt = tquic_dflows_next(set)); i++)
		tquic_dflow_pkt_free(set, pkt);
	TQ_EXPECT_EQ(i, set->stats.received);
	if (!tq_oom_hit())
		TQ_EXPECT_EQ(i, 3);
	else if (flow && set->stats.nomem)
		TQ_EXPECT(i < 3);
	tquic_dflows_free(set);
	lp_buf_ops.put(buf);
	TQ_EXPECT_EQ(lp_bufs(), 0);
	return tq_oom_hit() ? -ENOMEM : 0;
}

static struct tquic_dflows *lone(struct tquic_conn *conn)
{
	*conn = (struct tquic_conn){ .config = { .buf_ops = &lp_buf_ops } };
	return tquic_dflows_new(conn, true, GFP_KERNEL);
}

/* A datagram of @len bytes from nowhere. */
static void inject(struct tquic_dflows *set, struct tquic_dflow_hdr hdr,
		   u32 path, u32 len, tquic_time_t now)
{
	void *buf = lp_buf_new(TQUIC_DGRAM_HEAD_MAX + len);
	u32 head = tquic_dflow_hdr_write(lp_buf_data(buf), &hdr);

	tquic_dflow_rx_recv(set, path, buf, 0, head + len, lp_buf_data(buf),
			    now, GFP_KERNEL);
	lp_buf_ops.put(buf);
}

static unsigned int count(struct tquic_dflows *set)
{
	struct tquic_dflow_pkt *pkt;
	unsigned int n;

	for (n = 0; (pkt = tquic_dflows_next(set)); n++)
		tquic_dflow_pkt_free(set, pkt);
	return n;
}

TQ_TEST(dflow_each_flow_waits_for_itself)
{
	static struct tquic_conn conn;
	struct tquic_dflows *set = lone(&conn);
	struct tquic_dflow_hdr hdr = { .others = 1, .class = 2 };
	u64 i;

	for (i = 0; i < 4; i++) {
		hdr.id = i;
		hdr.seq = 0;
		inject(set, hdr, 0, 10, 1);
		hdr.seq = 2;
		/* out of order in time, so that the tree has something to do */
		inject(set, hdr, 0, 10, ((i * 2) % 5 + 1) * LP_MS);
	}
	TQ_EXPECT_EQ(count(set), 4);
	TQ_EXPECT_EQ(tquic_dflows_deadline(set), 601 * LP_MS);
	for (i = 1; i < 5; i++) {
		tquic_dflows_timeout(set, (600 + i) * LP_MS);
		TQ_EXPECT_EQ(count(set), i == 4 ? 0 : 1);
	}
	tquic_dflows_timeout(set, 605 * LP_MS);
	TQ_EXPECT_EQ(count(set), 1);
	TQ_EXPECT_EQ(tquic_dflows_deadline(set), TQUIC_TIME_NEVER);
	/* one that holds something is closed */
	hdr.seq = 9;
	inject(set, hdr, 0, 10, LP_MS);
	TQ_EXPECT(set->held);
	tquic_dflow_close(set, tquic_dflow_find(set, hdr.id));
	TQ_EXPECT_EQ(set->held, 0);
	tquic_dflows_free(set);
}

TQ_TEST(dflow_memory_is_bounded_over_all_flows)
{
	static struct tquic_conn conn;
	struct tquic_dflows *set = lone(&conn);
	struct tquic_dflow_hdr hdr = { .others = 1, .class = 2 };
	unsigned int i, n = 0;

	set->held_max = 100000;
	for (i = 0; i < 400; i++) {
		hdr.id = i % 4;
		hdr.seq = 2 * i;
		inject(set, hdr, 0, 1000, i + 1);
		TQ_EXPECT(set->held <= set->held_max);
		n += count(set);
	}
	TQ_EXPECT(set->stats.crowded > 0);
	TQ_EXPECT(n > 300);
	/* incomplete payloads, too, are let go, the oldest first */
	hdr.split = true;
	hdr.more = true;
	for (i = 0; i < 400; i++) {
		hdr.id = 5;
		hdr.seq = i;
		inject(set, hdr, 0, 1000, i + 1000);
		TQ_EXPECT(set->held <= set->held_max);
	}
	TQ_EXPECT(!list_empty(&set->parts));
	tquic_dflows_timeout(set, TQUIC_NS_PER_SEC);
	TQ_EXPECT(list_empty(&set->parts));
	TQ_EXPECT(set->stats.incomplete > 50);
	count(set);
	TQ_EXPECT_EQ(set->held, 0);
	tquic_dflows_free(set);
}

TQ_TEST(dflow_sequence_numbers_wrap)
{
	static struct tquic_conn conn;
	struct tquic_dflows *set = lone(&conn);
	struct tquic_dflow_hdr hdr = { .id = 1, .class = 2 };
	struct tquic_dflow *flow;
	u32 i;

	for (i = 0; i < 20; i++) {
		hdr.seq = (0xfffff6 + i) & 0xffffff;
		inject(set, hdr, 0, 10, i + 1);
		TQ_EXPECT_EQ(count(set), 1);
	}
	flow = tquic_dflow_find(set, 1);
	TQ_EXPECT_EQ(flow->rx.order.lost, 0);
	/* one from before the turn is a repetition */
	hdr.seq = 0xfffffe;
	inject(set, hdr, 0, 10, 50);
	TQ_EXPECT_EQ(count(set), 0);
	TQ_EXPECT_EQ(set->stats.duplicates, 1);
	/* and so is a piece of it */
	hdr.split = true;
	inject(set, hdr, 0, 10, 50);
	TQ_EXPECT_EQ(set->stats.duplicates, 2);
	tquic_dflows_free(set);
}

TQ_TEST(dflow_pieces_that_contradict_are_dropped)
{
	static struct tquic_conn conn;
	struct tquic_dflows *set = lone(&conn);
	struct tquic_dflow_hdr hdr = { .id = 1, .split = true, .more = true };
	struct tquic_dflow_pkt *pkt;

	inject(set, hdr, 0, 100, 1);
	/* the end lies before what is there */
	hdr.more = false;
	inject(set, hdr, 0, 50, 1);
	TQ_EXPECT_EQ(set->stats.malformed, 1);
	hdr.off = 150;
	inject(set, hdr, 0, 50, 1);
	/* another end; something behind the end; what is there already */
	hdr.off = 120;
	inject(set, hdr, 0, 20, 1);
	hdr.more = true;
	hdr.off = 190;
	inject(set, hdr, 0, 20, 1);
	TQ_EXPECT_EQ(set->stats.malformed, 3);
	hdr.off = 10;
	inject(set, hdr, 0, 20, 1);
	TQ_EXPECT_EQ(set->stats.duplicates, 1);
	/* the hole, and more than that */
	hdr.off = 50;
	inject(set, hdr, 0, 140, 1);
	pkt = tquic_dflows_next(set);
	TQ_ASSERT(pkt);
	TQ_EXPECT_EQ(pkt->len, 200);
	TQ_EXPECT_EQ(pkt->count, 3);
	tquic_dflow_pkt_free(set, pkt);
	inject(set, (struct tquic_dflow_hdr){ .id = 1, .split = true }, 0, 0,
	       1);
	TQ_EXPECT_EQ(set->stats.malformed, 4);
	tquic_dflows_free(set);
}
